import Glibc
import Testing

@testable import SiamLanguage

@Suite struct HighlighterTests {
    private func classes(_ text: String) -> [String] {
        let bytes = Array(text.utf8)
        return Highlighter.stretches(text).map {
            "\(String(decoding: bytes[$0.start..<$0.end], as: UTF8.self)):\($0.kind.rawValue)"
        }
    }

    @Test(arguments: [
        ("fn f(x) = 1 # c", ["fn:hardWord", "f:definition", "=:sign", "1:number", "# c:comment"]),
        ("train, test = split(d)", ["=:sign", "split:call"]),
        ("loss = mse(a)", ["loss:definition", "=:sign", "mse:call"]),
        ("layer t = dense", ["layer:softWord", "t:definition", "=:sign"]), ("x)", ["):fault"]),
        ("seed 7", ["seed:call", "7:number"]),
        (
            "train net on d for 3 epochs using o {",
            ["train:softWord", "on:softWord", "for:hardWord", "3:number", "epochs:softWord", "using:softWord"]
        ), ("\"a {x + 1} b\"", ["\"a {:text", "+:sign", "1:number", "} b\":text"]), ("\"open", ["\"open:text"]),
        ("x.loss", []), ("minimize l", ["minimize:softWord"]),
    ]) func colors(_ text: String, _ wanted: [String]) { #expect(classes(text) == wanted) }

    @Test func brackets() throws {
        let found = try #require(Highlighter.matchingBracket("f(a, [b])", at: 1))
        #expect(found == (1, 8))
        #expect(try #require(Highlighter.matchingBracket("f(a)", at: 4)) == (3, 1))
        #expect(Highlighter.matchingBracket("f(a", at: 1) == nil)
    }

    @Test(arguments: [
        ("siam.tmLanguage.json", EditorGrammars.textMate), ("siam.vim", EditorGrammars.vim),
        ("vscode/syntaxes/siam.tmLanguage.json", EditorGrammars.textMate),
        ("../python/siam/pygments_lexer.py", EditorGrammars.pygments), ("kate/siam.xml", EditorGrammars.kate),
    ])
    func editorsAgreeWithTheWords(_ name: String, _ text: String) {
        if getenv("SIAM_RECORD") != nil { writeFile(repositoryPath("scripts/editors/\(name)"), text) }
        #expect(repositoryFile("scripts/editors/\(name)") == text, "record again with SIAM_RECORD=1")
    }

    @Test func hardWordsAreTheLexers() {
        for word in Words.hard {
            let tokens = Lexer.lex(source(word.text)).tokens
            #expect(tokens.first?.kind != .name, "\(word.text)")
            #expect(messages(word.form) == [], "\(word.form)")
        }
        for word in Words.soft { #expect(Lexer.lex(source(word.text)).tokens.first?.kind == .name) }
    }
}
