import Foundation
import Testing

/// How long a user waits, measured where SIAM_LATENCY is set, to a binary's path or anything else: a time says nothing on
/// a machine that does other things too.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SIAM_LATENCY"] != nil)) struct LatencyTests {
    private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        try body()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
    }

    /// The bars are those of a release binary that is named to be measured; the one beside the tests has none.
    private func bar(_ milliseconds: Double) -> Double {
        ProcessInfo.processInfo.environment["SIAM_LATENCY"]?.hasPrefix("/") == true ? milliseconds : .infinity
    }

    private func report(_ what: String, _ times: [Double]) -> Double {
        let sorted = times.sorted()
        let middle = sorted[sorted.count / 2]
        func text(_ x: Double) -> String { "\((x * 10).rounded() / 10)" }
        print(
            "\(what): \(text(middle)) ms, the middle of \(sorted.count); \(text(sorted[0])) to \(text(sorted.last ?? 0))"
        )
        return middle
    }

    @Test("23: from start to prompt") func start() throws {
        var times: [Double] = []
        for _ in 0..<9 { times.append(try milliseconds { _ = try PseudoTerminal() }) }
        #expect(report("start to prompt", times) < bar(60))
    }

    @Test("23: from key to screen in an input of 5 000 characters") func key() throws {
        let t = try PseudoTerminal(columns: 200, rows: 50)
        let text = String((0..<400).map { "x\($0 % 90 + 10) = (\($0 % 9) + 1)" }.joined(separator: "; ").prefix(5000))
        // The empty line is painted too: that has to be over, or it would be taken for the text's.
        try t.wait("the empty line, painted") { _ in t.paintings > 0 }
        let start = t.paintings
        t.paste(text)
        try t.wait("the text, painted") { s in
            t.paintings > start && s.text.replacing("\n", with: "").hasSuffix(String(text.suffix(40)))
        }
        let end = ("siam> ".count + text.count) % t.screen.columns
        #expect(t.screen.column == end)
        var times: [Double] = []
        for k in 0..<30 {
            // Each key is sent when nothing of the one before is on its way any more: else two would be drawn as one, and
            // what the second waits for would have passed already.
            let paintings = t.paintings
            times.append(
                try milliseconds {
                    t.send(k % 2 == 0 ? "7" : Key.backspace)
                    try t.wait("the key's effect, painted") { s in
                        t.paintings > paintings && s.column == end + (k % 2 == 0 ? 1 : 0)
                    }
                })
        }
        #expect(report("key to screen", times) < bar(10))
    }

    @Test("9: a paste of 5 000 lines") func paste() throws {
        let t = try PseudoTerminal()
        let text = (0..<5000).map { "x\($0 % 10) = \($0)" }.joined(separator: "\n")
        var times: [Double] = []
        for _ in 0..<5 {
            times.append(
                try milliseconds {
                    t.paste(text)
                    try t.line("siam> [pasted 5000 lines]")
                })
            t.send(Key.backspace)
            try t.line("siam>")
        }
        #expect(report("a paste of 5 000 lines, \(text.utf8.count / 1000) kB", times) < bar(1000))
    }
}
