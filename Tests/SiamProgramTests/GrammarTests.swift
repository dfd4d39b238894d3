import Foundation
import SiamLanguage
import SiamLessons
import Testing

/// How many cases; SIAM_CASES=n asks for others than the suite's, SIAM_SEED=n for other ones.
func caseCount(_ defaultValue: Int) -> Int {
    Int(ProcessInfo.processInfo.environment["SIAM_CASES"] ?? "") ?? defaultValue
}
func firstSeed(_ defaultValue: UInt64) -> UInt64 {
    UInt64(ProcessInfo.processInfo.environment["SIAM_SEED"] ?? "") ?? defaultValue
}

private func source(_ text: String) -> Source { Source(name: "mine.siam", kind: .file, text: text) }

@Suite struct GrammarTests {
    @Test func sentencesParseAndFormatKeepsTheirTree() {
        var used = 0
        let first = firstSeed(1)
        for seed in first..<first + UInt64(caseCount(5000)) {
            let text = RandomPrograms.program(seed: seed)
            // Behind `..` a brace opens a block: `for i in 2.. { }`.
            if text.contains(".. {") { continue }
            // An empty block and an empty record look alike: where a condition is due, it is a block.
            if ["if", "while", "expect", "minimize"].contains(where: { text.contains("\($0) { }") }) { continue }
            let (program, diagnostics) = Parser.parse(source(text))
            guard diagnostics.isEmpty else {
                Issue.record("\(seed): \(text)\n\(DiagnosticRenderer().render(diagnostics[0]))")
                if used > 5 { return }
                used += 1
                continue
            }
            let once = Formatter.format(program)
            let (again, errors) = Parser.parse(source(once))
            if !errors.isEmpty || again != program || Formatter.format(again) != once {
                Issue.record(
                    "\(seed):\n\(text)\n----\n\(once)\n\(errors.first.map { DiagnosticRenderer().render($0) } ?? "")\n\(Formatter.format(again))"
                )
                used += 1
                if used > 3 { return }
            }
        }
    }

    /// Any text ends in a tree and errors; what has no errors formats to the same tree.
    @Test func mutatedTextNeverTraps() throws {
        var dice = SeededGenerator(seed: firstSeed(4711))
        let programs = try files(below: "Fixtures/language/programs", ending: ".siam").map {
            try String(
                contentsOf: testsFolder.appendingPathComponent("Fixtures/language/programs").appendingPathComponent($0),
                encoding: .utf8)
        }
        #expect(programs.count >= 10)
        let signs = [
            "(", ")", "[", "]", "{", "}", "\"", ",", "=", "->", ">>", "|>", "..", "\n", ";", "in", "for", "if", "else",
            "fn",
            "layer ", "train ", "#", "##", "-", "^", ":", ".", "é", "\\", "1e", "@", "not ", "\"{", "}\"", "every ",
            "\0", "\u{1F600}",
        ]
        let renderer = DiagnosticRenderer()
        for _ in 0..<caseCount(4000) {
            let text = programs[dice.below(programs.count)]
            var bytes = Array(text.utf8)
            let length = 20 + dice.below(400)
            let start = dice.below(max(1, bytes.count - length))
            bytes = Array(bytes[start..<min(bytes.count, start + length)])
            for _ in 0..<(1 + dice.below(4)) {
                let at = dice.below(bytes.count + 1)
                switch dice.below(3) {
                case 0: bytes.insert(contentsOf: Array(signs[dice.below(signs.count)].utf8), at: at)
                case 1: if at < bytes.count { bytes.remove(at: at) }
                default:
                    let end = min(bytes.count, at + dice.below(12))
                    bytes.removeSubrange(at..<end)
                }
            }
            let mutated = String(decoding: bytes, as: UTF8.self)
            let (program, diagnostics) = Parser.parse(source(mutated))
            _ = Parser.isUnfinished(mutated)
            _ = program == program
            for diagnostic in diagnostics.prefix(2) { _ = renderer.render(diagnostic) }
            let once = Formatter.format(program)
            if diagnostics.isEmpty {
                let again = Parser.parse(source(once))
                if !again.diagnostics.isEmpty || again.program != program || Formatter.format(again.program) != once {
                    Issue.record("\(mutated)\n----\n\(once)\n----\n\(Formatter.format(again.program))")
                    return
                }
                if program.comments.count != again.program.comments.count {
                    Issue.record("a comment was lost:\n\(mutated)\n---\n\(once)")
                }
            }
        }
    }

    /// Stretches never overlap and stay within the text, whatever it is.
    @Test func highlightingTakesAnyText() {
        for seed in 1...60 {
            let text = RandomPrograms.program(seed: UInt64(seed))
            let cut = String(text.prefix(text.count / 2))
            var last = 0
            for stretch in Highlighter.stretches(cut) {
                #expect(stretch.start >= last && stretch.end <= cut.utf8.count)
                last = stretch.end
            }
        }
    }
}
