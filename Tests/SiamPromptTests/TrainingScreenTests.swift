import Foundation
import Testing

/// What a user sees while a net trains and when it is looked into: expectations 6, 24 to 26, in a terminal.
@Suite struct TrainingScreenTests {
    struct Sick: Sendable, CustomTestStringConvertible {
        let name: String
        let net: String
        let train: String
        let says: String
        var testDescription: String { name }
    }

    private static func pairs(_ steps: Int, _ optimizer: String, _ loss: String = "contrastive(net(a), net(b), same)")
        -> String
    {
        "train net on pairs(seen, 16) as a, b, same for \(steps) steps using \(optimizer) { minimize \(loss) }"
    }

    static let sick = [
        Sick(
            name: "collapse of pairs", net: "net = flatten >> dense(8, init = zeros) >> dense(4, init = zeros)",
            train: pairs(120, "adam(0.001)", "contrastive(net(a), net(b), same, margin = 3)"),
            says: "step 50: the loss has stayed at 4.5, its value when all embeddings are equal"),
        Sick(
            name: "collapse of triplets", net: "net = flatten >> dense(8) >> relu >> dense(4, init = constant(1e-9))",
            train: "train net on triplets(seen, 16) as a, p, n for 120 steps using sgd(0.0001) "
                + "{ minimize triplet(net(a), net(p), net(n), margin = 0.3) }",
            says: "the loss has stayed at 0.3, its value when all embeddings are equal"),
        Sick(
            name: "no pair beyond the margin", net: "net = flatten >> dense(8) >> relu >> dense(4) >> l2norm",
            train: pairs(300, "adam(0.001)", "contrastive(net(a), net(b), same, margin = 4)"),
            says: "no negative pair has exceeded the margin, 4, for 100 steps"),
        Sick(
            name: "a dead layer",
            net: "net = flatten >> dense(8) >> relu >> dense(4); net(seen.x[0..2]); net.dense1.b = constant(-100)(8)",
            train: pairs(60, "sgd(0.001)"), says: "step 20: every unit of relu1 gives 0 for the whole batch"),
        Sick(
            name: "gradients of 0",
            net: "net = flatten >> dense(8, init = zeros) >> relu >> dense(4, init = zeros)",
            train: pairs(40, "adam(0.001)"), says: "step 10: the gradient has been 0 for 10 steps"),
    ]

    /// Text as it was before it was folded to the window.
    private func unfolded(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    @Test("25: training says in time what is wrong, once, with the step", arguments: sick)
    func sickRuns(_ sick: Sick) throws {
        let t = try PseudoTerminal(columns: 110, rows: 50)
        try t.enter("seed 3")
        try t.enter("seen = digits().sample(300)")
        try t.enter(sick.net)
        try t.enter("run = " + sick.train)
        let said = unfolded(t.screen.text)
        #expect(said.contains("warning: step "), "\(said)")
        #expect(said.contains(sick.says), "\(said)")
        // Once: what follows the step's number would be the same at any other step.
        let sentence = sick.says.components(separatedBy: ": ").last ?? sick.says
        #expect(said.components(separatedBy: sentence).count == 2, "\(said)")
        // What was said can be asked for again, and the run that went on is whole.
        t.send("\u{C}")
        try t.wait("a clear screen") { $0.row == 0 }
        try t.enter(":warnings")
        #expect(unfolded(t.screen.text).contains(sick.says))
        try t.enter("len(run.loss) == run.steps and run.stopped == none")
        try t.see("\ntrue\n")
    }

    @Test("25: a gradient that is not finite ends the run before it spoils the weights") func notFinite() throws {
        let t = try PseudoTerminal(columns: 110, rows: 50)
        try t.enter("fn distance(a, b) = sqrt(sum((a - b)^2, axis = -1))")
        try t.enter("net = flatten >> dense(4); at = 0")
        try t.enter(
            "run = train net on pairs(digits(), 8) as a, b, same for 20 steps using adam(0.01) { at = at + 1; "
                + "d = distance(net(a), net(if at < 7 { b } else { a })); "
                + "minimize mean(same * d^2 + (1 - same) * relu(1 - d)^2) }")
        let said = unfolded(t.screen.text)
        #expect(said.contains("the gradient is not finite at step 7; weights and run are kept as of step 6"), "\(said)")
        #expect(said.contains("the gradient of sqrt is not finite"), "\(said)")
        try t.enter("run.steps == 6 and all(abs(net.dense1.w) < 1e9)")
        try t.see("\ntrue\n")
    }

    @Test("25: a run that is well says nothing") func healthy() throws {
        let home = try Home()
        try home.write(SessionTests.tower, to: "tower.siam")
        let t = try PseudoTerminal(columns: 110, rows: 50, home: home)
        try t.enter(":load tower.siam")
        try t.enter(SessionTests.longRun.replacing("100000", with: "300"))
        #expect(!t.screen.text.contains("warning"))
        try t.enter(":warnings")
        try t.see("no warnings")
    }

    @Test("26: summary of a broken net prints every stage up to the break, marks it, then gives the error")
    func summaryOfABrokenNet() throws {
        let t = try PseudoTerminal(columns: 100, rows: 40)
        try t.enter("first = dense(16)")
        try t.enter("first(ones(2, 32));")
        try t.enter("net = flatten >> dense(24) >> relu >> first >> l2norm")
        t.send("\u{C}")
        try t.wait("a clear screen") { $0.row == 0 }
        try t.enter("summary(net, ones(5, 4, 7, 1))")
        let lines = t.screen.lines
        let stages = ["siam> summary", "stage ", "flatten1", "dense1", "relu1", "dense2", "1224 parameters", "error: "]
        for (k, beginning) in stages.enumerated() {
            #expect(lines.count > k && lines[k].hasPrefix(beginning), "\(beginning): \(t.screen.text)")
        }
        #expect(lines[2].contains("5x4x7x1") && lines[2].contains("5x28"))
        #expect(lines[3].contains("5x28") && lines[3].contains("5x24"))
        #expect(lines[5].contains("<- the forward pass fails here"))
        #expect(lines[7].contains("dense2 expects inputs that are 32 wide, and got 24"))
        #expect(!lines[0..<7].contains { $0.contains("l2norm") })
        #expect(t.screen.text.contains("stage by stage:"))
        // The net is as it was.
        try t.enter("len(first(ones(2, 32))) == 2 and count(net) == 1224")
        try t.see("\ntrue\n")
    }

    @Test("6: nets, runs and data sets are noted in one line, other assignments not at all") func notes() throws {
        let t = try PseudoTerminal(columns: 70)
        func said(_ input: String) throws -> [String] {
            t.send("\u{C}")
            try t.wait("a clear screen") { $0.row == 0 && $0.current == "siam>" }
            try t.enter(input)
            let lines = t.screen.lines
            let end = (input.count + 6) / 70 + 1
            return Array(lines[end..<max(end, lines.count - 1)])
        }
        #expect(try said("data = digits().sample(200)").map { $0.hasPrefix("digits: 200 examples of 8x8x1") } == [true])
        #expect(try said("data = digits();") == [])
        #expect(try said("net = flatten >> dense(4)") == ["flatten >> dense(4)"])
        let train =
            "train net on pairs(data, 8) as a, b, same for 3 steps using sgd(0.1) "
            + "{ minimize contrastive(net(a), net(b), same) }"
        let noted = try said("run = " + train)
        #expect(noted.count == 1 && noted[0].hasPrefix("run: 3 steps, loss "), "\(noted)")
        #expect(try said("run = " + train + ";") == [])
        #expect(try said("w = net.dense1.w") == [])
        #expect(
            try said("deep = " + (1...12).map { "dense(\($0))" }.joined(separator: ">>")).map { $0.count <= 70 }
                == [true])
    }
}
