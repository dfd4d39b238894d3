import Foundation
import SiamLanguage
import SiamLessons
import SiamTensor
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

/// `step` through a net of three layers shows the numbers that NumPy has, forwards and backwards.
@Suite struct WalkTests {
    struct Fixture: Decodable {
        struct Weights: Decodable {
            let w: [[Double]]
            let b: [Double]
        }
        struct Stage: Decodable {
            let name: String
            let x, y, dx, dy: [[Double]]
            let w, dw: [[Double]]?
            let db: [Double]?
        }
        let x, target: [[Double]]
        let loss: Double
        let weights: [Weights]
        let stages: [Stage]
    }

    private func fixture() throws -> Fixture {
        let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("Fixtures/walk/net.json")
        return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: path))
    }

    private func session(_ f: Fixture, _ output: CapturedOutput) throws -> Session {
        let session = SiamTrainingTests.session(output)
        try session.siam(
            """
            net = dense(5) >> relu >> dense(3) >> tanh >> dense(2)
            x = tensor(\(f.x))
            target = tensor(\(f.target))
            net(x);
            \(f.weights.enumerated().map { "net.dense\($0 + 1).w = \($1.w)\nnet.dense\($0 + 1).b = \($1.b)" }.joined(separator: "\n"))
            """)
        return session
    }

    /// The numbers of a line such as `y   3x5  [1  2  ...] [3  4  ...] ...`, without what is cut off.
    private func numbers(_ lines: [String], _ name: String) -> [[Double]] {
        guard let line = lines.first(where: { $0.prefix { $0 != " " } == name }) else { return [] }
        return line.split(separator: "[").dropFirst().map { row in
            row.prefix { $0 != "]" }.split(separator: " ").compactMap { Double($0) }
        }
    }

    private func agree(_ lines: [String], _ name: String, _ wanted: [[Double]], _ stage: String) {
        let shown = numbers(lines, name)
        #expect(shown.count == min(2, wanted.count), "\(stage) shows no \(name): \(lines)")
        for (row, theirs) in zip(shown, wanted) {
            #expect(row.count == min(6, theirs.count))
            for (a, b) in zip(row, theirs) {
                // Four figures are shown, of numbers in 32 bits.
                #expect(abs(a - b) <= 6e-4 * abs(b) + 2e-7, "\(stage) \(name): \(a) is shown, NumPy has \(b)")
            }
        }
    }

    @Test func forwardsAndBackwardsAtThePrompt() throws {
        let f = try fixture()
        let output = CapturedOutput()
        let session = try session(f, output)
        let words =
            ["n", "", "n", "n", "n", "g"] + Array(repeating: "n", count: 5) + [
                "b", "3", "g", "b", "mean(x)", "dy", "q",
            ]
        var said: [(word: String, lines: [String])] = []
        var left = words[...]
        session.ask = { _ in
            said.append((words[safe: said.count - 1] ?? "first", output.take()))
            return left.popFirst()
        }
        try session.siam("step(net(x), loss = y -> mean((y - target)^2))")
        #expect(left.isEmpty)
        func forward(_ k: Int, _ lines: [String]) {
            let s = f.stages[k]
            #expect(lines.first?.hasPrefix("\(k + 1) of 5  \(s.name) ") == true)
            agree(lines, "x", s.x, s.name)
            agree(lines, "y", s.y, s.name)
            if let w = s.w { agree(lines, "w", w, s.name) }
        }
        func backward(_ k: Int, _ lines: [String]) {
            let s = f.stages[k]
            #expect(lines.first?.hasPrefix("\(k + 1) of 5  \(s.name) ") == true)
            agree(lines, "dy", s.dy, s.name)
            if k > 0 { agree(lines, "dx", s.dx, s.name) }
            if let dw = s.dw { agree(lines, "dw", dw, s.name) }
            if let db = s.db { agree(lines, "db", [db], s.name) }
        }
        for k in 0..<5 { forward(k, said[k].lines) }
        #expect(said[5].lines == ["this is the last stage; g goes back with gradients, q leaves"] || said.count > 5)
        let turn = try #require(said.firstIndex { $0.word == "g" })
        for k in 0..<5 { backward(4 - k, said[turn + k].lines) }
        #expect(said[turn + 5].lines == ["this is the first stage; q leaves"])
        backward(1, said[turn + 6].lines)
        backward(2, said[turn + 7].lines)
        forward(2, said[turn + 8].lines)
        forward(1, said[turn + 9].lines)
        let mean = f.stages[1].x.flatMap { $0 }.reduce(0, +) / 15
        #expect(abs((Double(said[turn + 10].lines.first ?? "") ?? .nan) - mean) < 1e-6)
        #expect(said[turn + 11].lines.first == "tensor 3x5")
    }

    @Test func inOrderWithoutATerminal() throws {
        let f = try fixture()
        let output = CapturedOutput()
        let session = try session(f, output)
        try session.siam("step(net(x), loss = y -> mean((y - target)^2))")
        let lines = output.take()
        let turn = try #require(lines.firstIndex(of: "backward, from the loss:"))
        func part(_ lines: ArraySlice<String>, _ k: Int) -> [String] {
            let start = lines.firstIndex { $0.hasPrefix("\(k + 1) of 5") } ?? lines.endIndex
            let rest = lines[start...].dropFirst()
            return Array(lines[start..<(rest.firstIndex { $0.contains(" of 5  ") } ?? lines.endIndex)])
        }
        for (k, s) in f.stages.enumerated() {
            agree(part(lines[..<turn], k), "y", s.y, s.name)
            agree(part(lines[turn...], k), "dy", s.dy, s.name)
        }
    }
}
