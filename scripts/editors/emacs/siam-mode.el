;;; siam-mode.el --- siam in Emacs  -*- lexical-binding: t -*-

;; Put this file on the load path and (require 'siam-mode) into the init file. With eglot, which Emacs 29 has and Debian's
;; elpa-eglot gives to 28, `M-x eglot' asks the language server; siam-mode does so by itself where eglot is there.

;;; Code:

(require 'compile)

(defgroup siam nil "The language siam." :group 'languages)
(defcustom siam-command "siam" "The program." :type 'string :group 'siam)

(defvar siam-mode-syntax-table
  (let ((table (make-syntax-table)))
    (modify-syntax-entry ?# "<" table)
    (modify-syntax-entry ?\n ">" table)
    (modify-syntax-entry ?_ "w" table)
    table))

(defvar siam-font-lock
  `((,(regexp-opt '("fn" "if" "else" "for" "in" "while" "break" "continue" "return" "and" "or" "not") 'words)
     . font-lock-keyword-face)
    (,(regexp-opt '("true" "false" "none") 'words) . font-lock-constant-face)
    ("\\_<\\(fn\\|layer\\|loss\\)\\s-+\\(\\sw+\\)" (1 font-lock-keyword-face) (2 font-lock-function-name-face))
    ("^\\s-*\\(param\\|state\\|forward\\|minimize\\|report\\|every\\|pause\\|import\\|expect\\|expect_error\\)\\_>"
     1 font-lock-keyword-face)
    ("\\_<\\(train\\|sweep\\|time\\|on\\|as\\|using\\|epochs\\|epoch\\|steps\\)\\_>\\s-" 1 font-lock-keyword-face)))

;;;###autoload
(define-derived-mode siam-mode prog-mode "siam"
  "For programs of siam."
  (setq-local comment-start "# " comment-end "" indent-tabs-mode nil tab-width 2)
  (setq-local font-lock-defaults '(siam-font-lock))
  (setq-local compile-command (concat siam-command " check " (shell-quote-argument (or (buffer-file-name) ""))))
  (when (and (fboundp 'eglot-ensure) (executable-find siam-command)) (eglot-ensure)))

;;;###autoload
(add-to-list 'auto-mode-alist '("\\.siam\\'" . siam-mode))
(with-eval-after-load 'eglot
  (defvar eglot-server-programs)
  (add-to-list 'eglot-server-programs `(siam-mode . (,siam-command "lsp"))))
;; `  --> tower.siam:9:24', as errors name their place.
(add-to-list 'compilation-error-regexp-alist-alist '(siam "^ *--> \\([^:\n]+\\):\\([0-9]+\\):\\([0-9]+\\)$" 1 2 3))
(add-to-list 'compilation-error-regexp-alist 'siam)

(provide 'siam-mode)
;;; siam-mode.el ends here
