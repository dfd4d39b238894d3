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

    /// `scripts/python/siam/pygments_lexer.py`, a lexer for pages that Pygments colours, notebooks among them.
    public static var pygments: String {
        func words(_ all: [Words.Word]) -> String {
            var lines = ["   "]
            for word in all {
                if lines[lines.count - 1].count + word.text.count > 100 { lines.append("   ") }
                lines[lines.count - 1] += " \"\(word.text)\","
            }
            return lines.joined(separator: "\n")
        }
        return """
            \"\"\"Colours of siam for Pygments. Made from the words of the language.\"\"\"
            from pygments.lexer import RegexLexer, include, words
            from pygments.token import Comment, Keyword, Name, Number, Operator, Punctuation, String, Text

            HARD = (
            \(words(Words.hard))
            )
            SOFT = (
            \(words(Words.soft))
            )


            class SiamLexer(RegexLexer):
                name = "siam"
                aliases = ["siam"]
                filenames = ["*.siam"]
                mimetypes = ["text/x-siam"]
                tokens = {
                    "root": [include("code"), (r"[{}]", Punctuation)],
                    "code": [
                        (r"\\s+", Text),
                        (r"##.*$", Comment.Special),
                        (r"#.*$", Comment.Single),
                        (r"^:[a-z].*$", Comment.Preproc),
                        (r'"', String, "text"),
                        (r"\\b(fn|layer|loss)(\\s+)(\\w+)", lambda self, m: iter([
                            (m.start(1), Keyword.Declaration, m.group(1)), (m.start(2), Text, m.group(2)),
                            (m.start(3), Name.Function, m.group(3))])),
                        (words(HARD, prefix=r"(?<!\\.)\\b", suffix=r"\\b"), Keyword),
                        (words(SOFT, prefix=r"(?<![.,(])\\b", suffix=r'\\b(?=\\s*[\\w"{])'), Keyword.Pseudo),
                        (r"\\d[\\d_]*(\\.\\d[\\d_]*)?([eE][+-]?\\d+)?", Number),
                        (r"\\w+(?=\\()", Name.Function),
                        (r"\\w+", Name),
                        (r">>|\\|>|->|\\.\\.|==|!=|<=|>=|[-+*/%@^<>=]", Operator),
                        (r"[\\[\\](),;:.?]", Punctuation),
                    ],
                    "text": [
                        (r"\\\\(u\\{[0-9A-Fa-f]+\\}|.)", String.Escape),
                        (r"\\{", String.Interpol, "value"),
                        (r'"|$', String, "#pop"),
                        (r'[^\\\\{"\\n]+', String),
                    ],
                    "value": [(r"\\}|$", String.Interpol, "#pop"), include("code"), (r"\\{", Punctuation)],
                }

            """
    }

    /// `scripts/editors/kate/siam.xml`.
    public static var kate: String {
        func items(_ all: [Words.Word]) -> String {
            all.map { "      <item>\($0.text)</item>" }.joined(separator: "\n")
        }
        return """
            <?xml version="1.0" encoding="UTF-8"?>
            <!DOCTYPE language>
            <language name="siam" section="Sources" version="1" kateversion="5.0" extensions="*.siam" mimetype="text/x-siam">
              <highlighting>
                <list name="hard">
            \(items(Words.hard))
                </list>
                <list name="soft">
            \(items(Words.soft))
                </list>
                <contexts>
                  <context name="code" attribute="plain" lineEndContext="#stay">
                    <StringDetect String="##" attribute="help" context="help"/>
                    <DetectChar char="#" attribute="comment" context="comment"/>
                    <DetectChar char="&quot;" attribute="text" context="text"/>
                    <keyword String="hard" attribute="hard"/>
                    <keyword String="soft" attribute="soft"/>
                    <RegExpr String="\\b[0-9][0-9_]*(\\.[0-9][0-9_]*)?([eE][-+]?[0-9]+)?\\b" attribute="number"/>
                    <RegExpr String="\\b\\w+(?=\\()" attribute="call"/>
                    <DetectChar char="{" attribute="sign" beginRegion="block"/>
                    <DetectChar char="}" attribute="sign" endRegion="block"/>
                    <AnyChar String="-+*/%@^&lt;&gt;=|" attribute="sign"/>
                  </context>
                  <context name="comment" attribute="comment" lineEndContext="#pop"/>
                  <context name="help" attribute="help" lineEndContext="#pop"/>
                  <context name="text" attribute="text" lineEndContext="#pop">
                    <RegExpr String="\\\\(u\\{[0-9A-Fa-f]+\\}|.)" attribute="escape"/>
                    <DetectChar char="&quot;" attribute="text" context="#pop"/>
                  </context>
                </contexts>
                <itemDatas>
                  <itemData name="plain" defStyleNum="dsNormal"/>
                  <itemData name="hard" defStyleNum="dsKeyword"/>
                  <itemData name="soft" defStyleNum="dsControlFlow"/>
                  <itemData name="number" defStyleNum="dsFloat"/>
                  <itemData name="text" defStyleNum="dsString"/>
                  <itemData name="escape" defStyleNum="dsSpecialChar"/>
                  <itemData name="call" defStyleNum="dsFunction"/>
                  <itemData name="sign" defStyleNum="dsOperator"/>
                  <itemData name="comment" defStyleNum="dsComment"/>
                  <itemData name="help" defStyleNum="dsDocumentation"/>
                </itemDatas>
              </highlighting>
              <general>
                <comments><comment name="singleLine" start="#"/></comments>
                <keywords casesensitive="1"/>
              </general>
            </language>

            """
    }
}
