import Testing

@testable import SiamLanguage

/// Enough of the library for the programs of the design: names alone, and a few with their arguments.
private let library: [KnownName] =
    """
    split digits train_set pair_accuracy plot diagnose show inspect map_at_r trace randn batches adam mse sum max abs count \
    summary mean relu split_classes triplets batch_hard balanced print sgd explain grad check_grad update rings pairs \
    push number len tensor idx data one_shot_runs one_shot sweep recall_at effective_rank euclidean siamese conv maxpool flatten \
    l2norm batchnorm tanh sigmoid glorot zeros training seed ones sqrt freeze
    """.split(separator: " ").map {
        KnownName(name: String($0), parameters: nil, isPure: ["push", "len", "sum", "sqrt"].contains($0))
    } + [
        KnownName(
            name: "dense", parameters: [.init("units"), .init("init", hasDefault: true, defaultValue: "glorot")]),
        KnownName(name: "dropout", parameters: [.init("rate", hasDefault: true, defaultValue: "0.5")]),
        KnownName(
            name: "contrastive",
            parameters: [.init("a"), .init("b"), .init("same"), .init("margin", hasDefault: true, defaultValue: "1")]),
    ]

private func findings(_ text: String) -> [Diagnostic] {
    let (program, diagnostics) = Parser.parse(source(text))
    #expect(diagnostics.isEmpty, "\(diagnostics.map(\.message))")
    return check(program, known: library)
}

/// What is more than worth knowing.
private func faults(_ text: String) -> [Diagnostic] { findings(text).filter { $0.severity != .note } }

@Suite struct CheckTests {
    @Test func noFalseAlarmOnTheProgramsOfTheDesign() throws {
        for file in repositoryFiles("Tests/Fixtures/language/programs", ending: ".siam") {
            let text = try #require(readFile(file))
            let codes = findings(text).filter { $0.severity != .note }.map { "\($0.code): \($0.message)" }
            if file.hasSuffix("unshared-towers.siam") {
                #expect(codes.count == 1 && codes[0].hasPrefix("towers.unshared"), "\(codes)")
            } else {
                #expect(codes == [], "\(file)")
            }
        }
    }

    @Test(arguments: [
        ("x = margn\nmargin = 2", "name.unknown"), ("l = contrastive(1, 2, 3, marign = 2)", "argument.unknown"),
        ("l = contrastive(1, 2)", "argument.missing"), ("l = dense(1, 2, 3)", "argument.many"),
        ("l = dense(1, units = 3)", "argument.doubled"), ("fn f(a) = a\nf()", "argument.missing"),
        (
            "net = dense(3)\ntrain net on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize contrastive(net(a), net(b), s)\n every epoch { minimize 3 } }",
            "place.minimize"
        ),
        (
            "net = dense(3)\ntrain net on pairs(digits(), 3) as a, b, s using adam(net.params, 0.001) { minimize contrastive(net(a), net(b), s) }",
            "train.optimizer"
        ),
        ("minimize 3", "place.minimize"), ("break", "place.break"), ("return 2", "place.return"),
        ("report a = 2", "place.report"),
        ("for i in 0..3 { every epoch { } }", "place.every"), ("fn f(a) = a + b", "name.unknown"),
        ("fn d(a, b) = sqrt(sum((a - b)^2, axis = -1))", "distance.root"),
        (
            "loss l(a, b, same, margin = 1) { d = euclidean(a, b)\n mean(same * relu(margin - d)^2 + (1 - same) * d^2) }",
            "labels.swapped"
        ),
        (
            "net = dense(3) >> dropout(0.5)\ntrain net on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize contrastive(net(a), net(b), s) }",
            "embedding.dropout"
        ),
        (
            "net = dense(3)\nhead = dense(1) >> relu\ntrain net on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize mse(head(net(a)), s) }",
            "train.unseen"
        ),
        (
            "net = dense(3) >> l2norm\ntrain net on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize contrastive(net(a), net(b), s, margin = 3) }",
            "margin.reach"
        ),
        (
            "layer t(d) = dense(d)\nl, r = [t(2), t(2)]\ntrain l, r on pairs(digits(), 3) as a, b, s using adam(0.1) { p = l(a)\n q = r(b)\n minimize contrastive(p, q, s) }",
            "towers.unshared"
        ),
        (
            "l = dense(2) >> relu\nr = dense(2) >> relu\ntrain l, r on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize contrastive(l(a), r(b), s) }",
            "towers.unshared"
        ),
        (
            "layer t(d) = dense(d)\nn = t(1)\ntrain n on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize contrastive(t(2)(a), t(2)(b), s) + 0 * sum(n(a)) }",
            "towers.unshared"
        ),
        (
            "net = dense(3)\nhead = dense(1)\nl = sum(head(net(ones(1, 2))))\nupdate(sgd(1), net, grad(l, net))",
            "train.unseen"
        ),
        ("fn d(a, b) {\n q = sum((a - b)^2)\n q^0.5\n}", "distance.root"),
        (
            "net = dense(3)\ntrain net on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize contrastive(net(a), net(b), 1 - s) }",
            "labels.swapped"
        ),
        (
            "net = dense(3)\nfn f(a, b, y) = mean(y * relu(1 - a)^2 + (1 - y) * b^2)\ntrain net on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize f(net(a), net(b), s) }",
            "labels.swapped"
        ),
        (
            "layer l(units) {\n param w : [in, units] = ones\n param g : [in] = ones\n forward x = x @ w\n}",
            "param.unused"
        ),
        ("fn f(a) {\n b = 2 * a\n a\n}", "name.unused"), ("x = [1, 2]\nprint (x + 1).mean()", "field.unknown"),
        ("x = [1, 2]\nprint (x + 1).shape", "field.unknown"),
    ]) func faultsAreFound(_ text: String, _ code: String) { #expect(faults(text).map(\.code) == [code]) }

    @Test(arguments: [
        "fn f(a) = g(a)\nfn g(b) = b", "fn f(a, b = 2 * a) = a + b", "expect_error \"named\" { nosuch }",
        "fn f(_a, b) = b", "fn f(a) {\n p, q = a\n p\n}", "fn f(a) {\n b = a\n for i in 0..3 { b = b + i }\n b\n}",
        "left = dense(2)\nright = dense(3)\ntrain left, right on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize contrastive(left(a), right(b), s) }",
        "net = dense(3)\nfor i in 0..3 { l = sum(net(ones(1, 2)))\n update(sgd(1), net, grad(l, net)) }",
        "import \"x.siam\"\ny = unknown_thing", "x = [i for i in 0..3]",
        "f = x -> x + 1; f(2)",
        "fn f(n) { for i in 0..n { if i > 2 { break } }; return n }", "fn d(a, b) = sqrt(sum((a - b)^2) + 1e-12)",
        "fn dense(a, b, c) = a + b + c\ndense(1, 2, 3)", "t = sweep k in [1, 2] { report l = k }",
        "layer l { param w : [in] = ones; forward x = x * w }",
        "base = flatten >> dense(8)\nl = base >> relu\nr = base >> relu\ntrain l, r on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize contrastive(l(a), r(b), s) }",
        "net = dense(2)\nhead = dense(1)\nfreeze(head)\ntrain net on pairs(digits(), 3) as a, b, s using adam(0.1) { minimize mse(head(net(a)), s) }",
    ]) func nothingIsFound(_ text: String) { #expect(faults(text).map(\.message) == []) }

    @Test func judgingByWhatWasTrainedOnIsNoted() {
        let run = "net = flatten >> dense(10)\ntrain net on batches(d, 8) as x, y for 1 epochs using adam(0.1) "
        let labelled = run + "{ minimize cross_entropy(net(x), y) }\n"
        func isNoted(_ text: String) -> Bool {
            findings(text).contains { $0.code == "data.seen" && $0.severity == .note }
        }
        #expect(isNoted("d = digits()\n" + labelled + "print(accuracy(net, d))"))
        #expect(!isNoted("d, held = split(digits(), 0.8)\n" + labelled + "print(accuracy(net, d))"))
        #expect(!isNoted("d = digits().sample(16)\n" + labelled + "print(accuracy(net, d))"))
        #expect(!isNoted("d = blobs(30)\n" + labelled + "print(accuracy(net, d))"))
        #expect(!isNoted("d = digits()\n" + run + "{ minimize mean(net(x)^2) }\nprint(map_at_r(net, d))"))
    }

    @Test func whatIsUnusedIsNoted() {
        #expect(findings("fn f(a, k = 2) = a").map(\.message) == ["f never uses its parameter k"])
        #expect(findings("x = 3").map(\.message) == ["nothing in this file uses x"])
        #expect(findings("x = 3\nprint x").isEmpty)
    }

    @Test func gradientsThatNothingAppliesAreSaid() {
        let loop = "net = dense(3)\nfor x, y in batches(blobs(9), 3) { g = grad(cross_entropy(net(x), y), net) }"
        let bare = findings(loop).first { $0.message.hasPrefix("the gradients g are computed and never applied") }
        #expect(bare?.repair?.contains("opt = adam(0.001)") == true)
        let repairs = findings("rule = sgd(0.1)\n" + loop).map(\.repair)
        #expect(repairs.contains("after this line  update(rule, net, g)"))
    }

    @Test(
        arguments: [
            (
                "fn f(xs) {\n  xs.push(1)\n  xs\n}", "xs.push(1)",
                "methods do not change a value in place:  xs = xs.push(1)"
            ),
            ("for i in 0..3 { i == 2 }", "i == 2", "to give a name a value, write ="),
            ("fn f(a) { if a > 1 { a + 1 }; a }", "a + 1", nil), ("while true { [1, 2] }", "[1, 2]", nil),
        ] as [(String, String, String?)]) func aValueThatNothingUses(_ text: String, _ place: String, _ repair: String?)
    {
        let found = faults(text)
        #expect(found.map(\.code) == ["result.unused"])
        #expect(found.first?.repair == repair)
        #expect(found.first?.labels.first.map { $0.place.source.text($0.place.span) } == place)
    }

    @Test(arguments: [
        "fn f(a) { a + 1 }", "fn f(a) { if a > 1 { a } else { -a } }", "for i in 0..3 { print(i) }", "x = 3\nx == 3",
        "fn push(xs) { print(xs) }\nfor i in 0..3 { push([i]) }", "for i in 0..3 { [print(i)] }",
        "y = if true { 3 } else { 4 }\nprint y",
    ]) func noValueIsDropped(_ text: String) { #expect(!faults(text).contains { $0.code == "result.unused" }) }

    @Test(arguments: [
        "f = k -> {\n  a, b = [k, 2]\n  a + b\n}\nprint f(1)", "fn f(x) = if x > 1 { y = x; y } else { 0 }\nprint f(3)",
        "g = x -> if x > 1 { z = x; z } else { 0 }\nprint g(3)",
        "f = k -> {\n  run = train k on k as a, b for 1 step using sgd(1) { minimize sum(a * b) }\n  run\n}\nprint f(1)",
        "fn h(x) { [u for u in [1, x]].map(v -> { w = v; w }) }\nprint h(2)".replacing("map", with: "sort"),
    ]) func blocksInAFunctionBindNamesOfItsOwn(_ text: String) {
        #expect(!faults(text).contains { $0.code == "name.unknown" }, "\(faults(text).map(\.message))")
    }

    @Test func namesOfALambdaStayInside() {
        #expect(faults("f = k -> { inner = k; inner }\nprint f(1), inner").map(\.code) == ["name.unknown"])
    }

    @Test func messagesSayWhatIsMeant() {
        let found = faults("l = contrastive(1, 2, 3, marign = 2)")
        #expect(found.first?.repair == "it takes a, b, same, margin = 1. Did you mean margin?")
        #expect(faults("x = contrastve").first?.repair == "Did you mean contrastive?")
    }
}
