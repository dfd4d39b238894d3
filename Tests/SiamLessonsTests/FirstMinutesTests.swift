import Foundation
import SiamLanguage
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamLessons

/// Everything that is said, in the order in which it is said.
private final class SaidInOrder: Output {
    private(set) var lines: [String] = []
    let page = Page(columns: 80, rows: 24, unicode: true)
    let isInteractive = true
    func print(_ text: String) { lines.append(text) }
    func message(_ text: String) { lines.append(text) }
    func diagnostic(_ d: Diagnostic) { lines.append(DiagnosticRenderer().render(d)) }
    func progress(_ text: String?) {}
}

/// A new user's first ten minutes, whole: what is typed and what is answered. `SIAM_RECORD=1` writes them anew.
@Suite("The first ten minutes") struct FirstMinutesTests {
    /// Right and wrong, curious and lost, as people are.
    static let typed = [
        "", "", "help", "3", "2", "", "h = w @ x", "h = (x @ w)[0]", ":hint", "h = x @ w", "y = x @ w", "y = x @ w + b",
        "zeros?", "", "ys = batch @ w + b", "", "net.w", "net.w = w", "net.b = b", "", ":play", "net.w[2, 0] = 9",
        "net(x)", ":task", "net.w[2, 0] = 0", "net.w[2, 0] = -0.5", ":back", ":next", "n = 784 * 64", ":skip", ":list",
    ]

    @Test("lesson 1 says what it said when it was last read") func transcript() throws {
        let said = SaidInOrder()
        let lesson = try #require(LessonSource.shipped.first { $0.number == 1 })
        let player = LessonPlayer(lesson, output: said, session: ProgramTest.session)
        player.open()
        var transcript = said.lines
        for text in FirstMinutesTests.typed {
            let before = said.lines.count
            transcript.append(player.prompt + text)
            if text.hasPrefix(":") { player.command(String(text.dropFirst())) } else { player.enter(text) }
            transcript += said.lines[before...]
        }
        let text = transcript.joined(separator: "\n") + "\n"
        let path = tutorials + "/../Tests/Fixtures/lessons/first-ten-minutes.txt"
        if ProcessInfo.processInfo.environment["SIAM_RECORD"] != nil {
            try text.write(toFile: path, atomically: true, encoding: .utf8)
        }
        let kept = try String(contentsOfFile: path, encoding: .utf8)
        let difference = zip(text.split(separator: "\n"), kept.split(separator: "\n")).first { $0 != $1 }
        #expect(text == kept, "first difference: \(difference.map { "\($0.0) | \($0.1)" } ?? "the length")")
    }
}
