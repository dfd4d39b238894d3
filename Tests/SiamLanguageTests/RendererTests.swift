import Testing

@testable import SiamLanguage

/// A label under the n-th occurrence of a text.
private func label(_ source: Source, _ part: String, _ text: String = "", occurrence: Int = 0) -> Diagnostic.Label {
    let bytes = Array(part.utf8)
    var seen = 0
    for start in 0...max(0, source.bytes.count - bytes.count) where source.bytes[start...].starts(with: bytes) {
        if seen == occurrence { return .init(Place(source, Span(start, start + bytes.count)), text) }
        seen += 1
    }
    Issue.record("no \(part)")
    return .init(Place(source, .none))
}

private func lines(_ count: Int, _ last: String) -> String { String(repeating: "\n", count: count - 1) + last }

@Suite struct RendererTests {
    let renderer = DiagnosticRenderer()

    @Test func shapeErrorOfTheDesign() {
        let source = source(lines(14, "loss = mse(net(image), target)"), "digits.siam")
        let diagnostic = Diagnostic(
            code: "shape", "dense1 expects inputs that are 784 wide, and got 28",
            at: [label(source, "net(image)", "image is 32x28x28x1")],
            notes: ["dense1 has w : [784, 128], made at digits.siam:9 from an input of 64x784"],
            repair: "put flatten before dense1:  flatten >> dense(128)")
        #expect(
            renderer.render(diagnostic) == """
                error: dense1 expects inputs that are 784 wide, and got 28
                  --> digits.siam:14:12
                   |
                14 | loss = mse(net(image), target)
                   |            ^^^^^^^^^^ image is 32x28x28x1
                   |
                   = dense1 has w : [784, 128], made at digits.siam:9 from an input of 64x784
                   = put flatten before dense1:  flatten >> dense(128)
                """)
    }

    @Test func stagesUpToTheBreak() {
        let source = source(lines(9, "  minimize contrastive(net(a), net(b), same)"), "tower.siam")
        let diagnostic = Diagnostic(
            code: "shape", "dense2 expects inputs that are 128 wide, and got 64",
            at: [label(source, "net(a)", "a is 32x28x28x1")],
            notes: [
                "stage by stage:  flatten 32x784, dense1 32x64, relu1 32x64, dense2 expects 32x128",
                "dense2 has w : [128, 32], made at tower.siam:5 when dense1 was 128 wide",
            ], repair: "a net keeps its shapes; construct a new net after changing a layer:  net = tower(32)")
        #expect(
            renderer.render(diagnostic) == """
                error: dense2 expects inputs that are 128 wide, and got 64
                  --> tower.siam:9:24
                   |
                 9 |   minimize contrastive(net(a), net(b), same)
                   |                        ^^^^^^ a is 32x28x28x1
                   |
                   = stage by stage:  flatten 32x784, dense1 32x64, relu1 32x64, dense2 expects 32x128
                   = dense2 has w : [128, 32], made at tower.siam:5 when dense1 was 128 wide
                   = a net keeps its shapes; construct a new net after changing a layer:  net = tower(32)
                """)
    }

    @Test func twoLabelsOnALine() {
        let source = Source(name: "prompt 7", kind: .prompt(7), text: "h = x @ w")
        let diagnostic = Diagnostic(
            code: "shape", "@ needs as many columns on the left as rows on the right, and got 128 and 784",
            at: [label(source, "x", "32x128, made at prompt 6"), label(source, "w", "784x128, made at prompt 3")],
            repair: "transposed it fits and gives 32x784:  x @ w.transpose()")
        #expect(
            renderer.render(diagnostic) == """
                error: @ needs as many columns on the left as rows on the right, and got 128 and 784
                  --> prompt 7:1:5
                   |
                 7 | h = x @ w
                   |     ^   ^ 784x128, made at prompt 3
                   |     32x128, made at prompt 6
                   |
                   = transposed it fits and gives 32x784:  x @ w.transpose()
                """)
    }

    @Test func unknownArgument() {
        let source = Source(
            name: "prompt 4", kind: .prompt(4), text: "l = contrastive(net(a), net(b), same, marign = 2)")
        let diagnostic = Diagnostic(
            code: "argument.unknown", "contrastive has no argument marign", at: [label(source, "marign")],
            repair: "it takes a, b, same, margin = 1. Did you mean margin?")
        #expect(
            renderer.render(diagnostic) == """
                error: contrastive has no argument marign
                  --> prompt 4:1:39
                   |
                 4 | l = contrastive(net(a), net(b), same, marign = 2)
                   |                                       ^^^^^^
                   |
                   = it takes a, b, same, margin = 1. Did you mean margin?
                """)
    }

    /// From the parser itself.
    @Test func neverClosed() throws {
        let source = source(lines(3, "net = tower(64\n\nrun = train net on pairs(seen, 32) ..."), "tower.siam")
        let first = try #require(Parser.parse(source).diagnostics.first)
        #expect(
            renderer.render(first) == """
                error: this ( is never closed
                  --> tower.siam:3:12
                   |
                 3 | net = tower(64
                   |            ^ opened here
                 5 | run = train net on pairs(seen, 32) ...
                   | ^^^ a new statement seems to begin here
                """)
    }

    @Test func wrongLabels() {
        let source = source(lines(6, "l = contrastive(net(a), net(b), y)"), "mine.siam")
        let diagnostic = Diagnostic(
            code: "labels", "same must be 0 or 1 for each pair, and got 7",
            at: [label(source, "y", "class numbers, 32 of them, 0 to 9")],
            repair: "pairs(...) gives same ready made; of class numbers:  same = ya == yb")
        #expect(
            renderer.render(diagnostic) == """
                error: same must be 0 or 1 for each pair, and got 7
                  --> mine.siam:6:33
                   |
                 6 | l = contrastive(net(a), net(b), y)
                   |                                 ^ class numbers, 32 of them, 0 to 9
                   |
                   = pairs(...) gives same ready made; of class numbers:  same = ya == yb
                """)
    }

    @Test func warningOfABroadcast() {
        let source = source(lines(8, "  minimize mse(score(a), same)"), "mine.siam")
        let diagnostic = Diagnostic(
            .warning, code: "broadcast", "mse compares 64 with 64x1, which broadcasts to 64x64",
            at: [label(source, "score(a)", "64x1")],
            repair: "the mean is then over 4096 numbers instead of 64. One shape for both:  mse(score(a)[.., 0], same)")
        #expect(
            renderer.render(diagnostic) == """
                warning: mse compares 64 with 64x1, which broadcasts to 64x64
                  --> mine.siam:8:16
                   |
                 8 |   minimize mse(score(a), same)
                   |                ^^^^^^^^ 64x1
                   |
                   = the mean is then over 4096 numbers instead of 64. One shape for both:  mse(score(a)[.., 0], same)
                """)
    }

    @Test func lossNotFinite() {
        let source = source(lines(2, "fn dist(a, b) = sqrt(sum((a - b)^2, axis = -1))"), "mine.siam")
        let diagnostic = Diagnostic(
            code: "loss.finite", "loss is not finite at step 41; weights and run are kept as of step 40",
            at: [label(source, "sqrt", "3 of 32 pairs have distance 0, where the slope of sqrt is infinite")],
            repair: "add an epsilon:  sqrt(sum((a - b)^2, axis = -1) + 1e-12), or euclidean(a, b), which does")
        #expect(
            renderer.render(diagnostic) == """
                error: loss is not finite at step 41; weights and run are kept as of step 40
                  --> mine.siam:2:17
                   |
                 2 | fn dist(a, b) = sqrt(sum((a - b)^2, axis = -1))
                   |                 ^^^^ 3 of 32 pairs have distance 0, where the slope of sqrt is infinite
                   |
                   = add an epsilon:  sqrt(sum((a - b)^2, axis = -1) + 1e-12), or euclidean(a, b), which does
                """)
    }

    @Test func withoutAPlace() {
        #expect(
            renderer.render(
                Diagnostic(
                    .warning, code: "margin.reach",
                    "margin = 3 cannot be reached: net ends in l2norm, and distances then lie between 0 and 2"))
                == "warning: margin = 3 cannot be reached: net ends in l2norm, and distances then lie between 0 and 2")
        #expect(
            renderer.render(
                Diagnostic(
                    .warning, code: "plateau",
                    "step 212: the loss has stood at the margin squared, divided by 2, for 50 steps, and the mean distance is 0.0003",
                    repair:
                        "all inputs land on one point (collapse).  inspect(net, seen) shows it, diagnose(run) looks for the cause"
                ))
                    == """
                    warning: step 212: the loss has stood at the margin squared, divided by 2, for 50 steps, and the mean distance is 0.0003
                       = all inputs land on one point (collapse).  inspect(net, seen) shows it, diagnose(run) looks for the cause
                    """)
        #expect(
            renderer.render(
                Diagnostic(
                    code: "file", "cannot read \"tower.siam\": no such file",
                    repair: "looked in ~/siamese. There is towers.siam: did you mean that?"))
                    == """
                    error: cannot read "tower.siam": no such file
                       = looked in ~/siamese. There is towers.siam: did you mean that?
                    """)
    }

    @Test func wideCharactersAndTabs() {
        let source = source("\tx = f(\"漢字é\", y)")
        let text = renderer.render(Diagnostic(code: "a", "b", at: [label(source, "y", "here")]))
        #expect(text.hasSuffix(" 1 |     x = f(\"漢字é\", y)\n   |                    ^ here"))
        #expect(displayWidth("漢字é\u{301}") == 5)
    }

    @Test func longLinesAreCut() {
        let source = source(
            "x = [" + String(repeating: "1234, ", count: 100) + "oops, " + String(repeating: "5, ", count: 50) + "]")
        let text = renderer.render(Diagnostic(code: "a", "b", at: [label(source, "oops", "here")]))
        let rows = text.split(separator: "\n")
        #expect(rows.allSatisfy { $0.count <= 100 })
        let line = Array(rows[3])
        let marks = Array(rows[4])
        let column = marks.firstIndex(of: "^") ?? 0
        #expect(String(line[column..<(column + 4)]) == "oops")
    }

    @Test func atMostFourteenLines() {
        let source = source((1...20).map { "a\($0) = 1" }.joined(separator: "\n"))
        let labels = (1...20).map { label(source, "a\($0) ", "here") }
        let text = renderer.render(
            Diagnostic(code: "a", "b", at: labels, notes: (1...20).map { "note \($0)" }, repair: "mend it"))
        #expect(text.split(separator: "\n").count == 14)
        #expect(text.hasSuffix("= mend it"))
    }

    @Test func spansOverLines() {
        let source = source("x = [1,\n 2]")
        let text = renderer.render(Diagnostic(code: "a", "b", at: [.init(Place(source, Span(4, 11)), "all of it")]))
        #expect(text.hasSuffix(" 1 | x = [1,\n   |     ^^^... all of it"))
    }

    @Test func threeLabels() {
        let source = source("a + b + c")
        let text = renderer.render(
            Diagnostic(
                code: "a", "b", at: [label(source, "a", "one"), label(source, "b", "two"), label(source, "c", "three")])
        )
        #expect(text.hasSuffix(" 1 | a + b + c\n   | ^   ^   ^ three\n   | |   two\n   | one"))
    }

    @Test func colorIsOnlyPaint() {
        let source = source("a + b")
        let diagnostic = Diagnostic(code: "a", "b", at: [label(source, "b", "two")], notes: ["n"])
        var plain = DiagnosticRenderer(isColored: true).render(diagnostic)
        #expect(plain.contains("\u{1B}[1;31m"))
        while let start = plain.firstIndex(of: "\u{1B}"), let end = plain[start...].firstIndex(of: "m") {
            plain.removeSubrange(start...end)
        }
        #expect(plain == renderer.render(diagnostic))
    }

    @Test(arguments: [
        ("marign", "margin"), ("contrastve", "contrastive"), ("Dense", "dense"), ("RELU", "relu"), ("den", nil),
        ("x", nil),
        ("qwertz", nil), ("fro", "for"), ("dnse", "dense"), ("desne", "dense"),
    ]) func didYouMean(_ name: String, _ meant: String?) {
        #expect(closest(to: name, in: ["margin", "contrastive", "dense", "relu", "for", "y", "a"]) == meant)
    }
}
