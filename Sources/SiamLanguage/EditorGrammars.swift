/// Grammars for editors, made from the list of words.
public enum EditorGrammars {
    /// `scripts/editors/siam.tmLanguage.json`.
    public static var textMate: String {
        let hard = Words.hard.map(\.text).joined(separator: "|")
        let soft = Words.soft.map(\.text).joined(separator: "|")
        return """
            {
              "name": "siam",
              "scopeName": "source.siam",
              "fileTypes": ["siam"],
              "firstLineMatch": "^#!.*\\\\bsiam\\\\b",
              "patterns": [{ "include": "#code" }],
              "repository": {
                "code": {
                  "patterns": [
                    { "name": "comment.line.documentation.siam", "match": "##.*$" },
                    { "name": "comment.line.number-sign.siam", "match": "#.*$" },
                    {
                      "name": "string.quoted.double.siam", "begin": "\\"", "end": "\\"|$",
                      "patterns": [
                        { "name": "constant.character.escape.siam", "match": "\\\\\\\\(u\\\\{[0-9A-Fa-f]+\\\\}|.)" },
                        {
                          "name": "meta.interpolation.siam", "begin": "\\\\{", "end": "\\\\}|$",
                          "patterns": [{ "include": "#code" }]
                        }
                      ]
                    },
                    {
                      "match": "\\\\b(fn|layer|loss)\\\\s+([\\\\p{L}_][\\\\p{L}\\\\p{N}_]*)",
                      "captures": {
                        "1": { "name": "keyword.declaration.siam" },
                        "2": { "name": "entity.name.function.siam" }
                      }
                    },
                    { "name": "keyword.control.siam", "match": "(?<!\\\\.)\\\\b(\(hard))\\\\b" },
                    { "name": "keyword.other.siam", "match": "(?<![.,(])\\\\b(\(soft))\\\\b(?=\\\\s*[\\\\p{L}_0-9\\"{])" },
                    { "name": "constant.numeric.siam", "match": "\\\\b[0-9][0-9_]*(\\\\.[0-9][0-9_]*)?([eE][+-]?[0-9]+)?\\\\b" },
                    { "name": "entity.name.function.call.siam", "match": "[\\\\p{L}_][\\\\p{L}\\\\p{N}_]*(?=\\\\()" },
                    { "name": "keyword.operator.siam", "match": ">>|\\\\|>|->|\\\\.\\\\.|==|!=|<=|>=|[-+*/%@^<>=]" }
                  ]
                }
              }
            }

            """
    }

    /// `scripts/editors/siam.vim`.
    public static var vim: String {
        """
        " Syntax of siam.
        if exists("b:current_syntax")
          finish
        endif
        syn keyword siamHard \(Words.hard.map(\.text).joined(separator: " "))
        syn keyword siamSoft \(Words.soft.map(\.text).joined(separator: " "))
        syn match siamNumber "\\<[0-9][0-9_]*\\(\\.[0-9][0-9_]*\\)\\?\\([eE][-+]\\?[0-9]\\+\\)\\?\\>"
        syn match siamSign ">>\\||>\\|->\\|\\.\\.\\|[-+*/%@^<>=]"
        syn match siamComment "#.*$"
        syn match siamHelp "##.*$"
        syn match siamEscape contained "\\\\\\(u{[0-9A-Fa-f]\\+}\\|.\\)"
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

        """
    }
}
