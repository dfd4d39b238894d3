import Testing

@testable import SiamLanguage

/// What comes from outside is seen, and never obeyed.
@Suite struct VisibleTextTests {
    @Test func controlsAreWrittenOut() {
        #expect(visibleText("cat\u{1B}]0;owned\u{07}") == "cat^[]0;owned^G")
        #expect(visibleText("a\u{9B}2Jb\u{7F}\r") == "a\\u{9b}2Jb^?^M")
        #expect(visibleText("evil\u{202E}gpj.exe") == "evil\\u{202e}gpj.exe")
        for harmless in ["", "plain", "a\tb\nc", "äß€ 日本 — “x” 😀 e\u{301}"] {
            #expect(visibleText(harmless) == harmless)
        }
    }

    @Test func coloursPassAndNothingElse() {
        let colored = "\u{1B}[1;31mred\u{1B}[0m \u{1B}[38;2;1;2;3mx\u{1B}[0m"
        #expect(terminalText(colored) == colored)
        #expect(terminalText("\u{1B}[2Jx\u{1B}[0m") == "^[[2Jx\u{1B}[0m")
        #expect(terminalText("\u{1B}]0;t\u{07}") == "^[]0;t^G")
        #expect(terminalText("end\u{1B}") == "end^[" && terminalText("end\u{1B}[3") == "end^[[3")
    }

    @Test func picturesPassWhereTheyAreDrawn() {
        let kitty = "\u{1B}_Gf=100,a=T,m=0;QUJD\u{1B}\\"
        let sixel = "\u{1B}P0;1q\"1;1;4;4#0~\u{1B}\\"
        for picture in [kitty, sixel] {
            #expect(terminalText(picture, pictures: true) == picture)
            #expect(terminalText(picture) != picture)
        }
        // A picture that names a file for the terminal to read is none of siam's.
        #expect(!terminalText("\u{1B}_Ga=T,t=f;L2V0Yw==\u{1B}\\", pictures: true).contains("\u{1B}"))
        #expect(!terminalText("\u{1B}Px\u{1B}\\\u{1B}]52;c;eA==\u{07}", pictures: true).contains("\u{1B}"))
    }

    @Test func messagesHoldNone() {
        let source = Source(name: "a\u{1B}[2J.siam", kind: .file, text: "x = \u{9B}1")
        let d = Diagnostic(
            code: "x", "no class \u{1B}]0;t\u{07}", at: [.init(Place(source, Span(4, 6)), "is \u{1B}c")],
            notes: ["it has \u{1B}[5n"], repair: "write \u{8}")
        let text = DiagnosticRenderer().render(d)
        #expect(!text.unicodeScalars.contains { $0.value < 32 && $0 != "\n" || (0x7F...0x9F).contains($0.value) })
    }
}
