" Syntax of siam.
if exists("b:current_syntax")
  finish
endif
syn keyword siamHard fn if else for in while break continue return true false none and or not
syn keyword siamSoft layer loss param state forward train on as using epochs epoch steps minimize report every stop pause sweep time import expect expect_error
syn match siamNumber "\<[0-9][0-9_]*\(\.[0-9][0-9_]*\)\?\([eE][-+]\?[0-9]\+\)\?\>"
syn match siamSign ">>\||>\|->\|\.\.\|[-+*/%@^<>=]"
syn match siamComment "#.*$"
syn match siamHelp "##.*$"
syn match siamEscape contained "\\\(u{[0-9A-Fa-f]\+}\|.\)"
syn region siamText start=+"+ end=+"+ end=+$+ oneline contains=siamEscape,siamValue
syn region siamValue contained start="{" end="}" oneline contains=siamNumber,siamSign,siamText
hi def link siamHard Statement
hi def link siamSoft Keyword
hi def link siamNumber Number
hi def link siamSign Operator
hi def link siamComment Comment
hi def link siamHelp SpecialComment
hi def link siamText String
hi def link siamEscape SpecialChar
let b:current_syntax = "siam"
