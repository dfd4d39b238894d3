import Foundation
import Testing

/// How long a user waits, measured where SIAM_LATENCY is set, to a binary's path or anything else: a time says nothing on a machine that does other things too.
@Suite(.serialized, .enabled(if: ProcessInfo.processInfo.environment["SIAM_LATENCY"] != nil)) struct LatencyTests {
    private func milliseconds(_ body: () throws -> Void) rethrows -> Double {
        let start = DispatchTime.now().uptimeNanoseconds
        try body()
        return Double(DispatchTime.now().uptimeNanoseconds - start) / 1e6
    }

    @Test("23: from start to prompt") func start() throws {
        var times: [Double] = []
        for _ in 0..<5 { times.append(try milliseconds { _ = try PseudoTerminal() }) }
        let best = times.min() ?? 0
        print("start to prompt: \((best * 10).rounded() / 10) ms")
        #expect(best < 5000)
    }

    @Test("23: from key to screen in an input of 5 000 characters") func key() throws {
        let t = try PseudoTerminal(columns: 200, rows: 50)
        let text = String((0..<400).map { "x\($0 % 90 + 10) = (\($0 % 9) + 1)" }.joined(separator: "; ").prefix(5000))
        t.paste(text)
        try t.wait("the text") { $0.text.replacing("\n", with: "").hasSuffix(String(text.suffix(40))) }
        var times: [Double] = []
        for k in 0..<30 {
            let column = t.screen.column
            times.append(
                try milliseconds {
                    t.send(k % 2 == 0 ? "7" : Key.backspace)
                    try t.wait("the key's effect") { $0.column != column }
                })
        }
        times.sort()
        print("key to screen: \((times[times.count / 2] * 10).rounded() / 10) ms, the middle of \(times.count)")
        #expect(times[times.count / 2] < 2000)
    }
}
