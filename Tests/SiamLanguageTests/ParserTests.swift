import Testing

@testable import SiamLanguage

@Suite struct ParserTests {
    @Test func programsOfTheDesignParse() throws {
        let files = repositoryFiles("Tests/Fixtures/language/programs", ending: ".siam")
        #expect(files.count >= 10)
        for file in files {
            let text = try #require(readFile(file))
            #expect(messages(text) == [], "\(file)")
        }
    }

    /// Two writings of one program.
    @Test(arguments: [
        ("-2^2", "-(2^2)"), ("2^3^2", "2^(3^2)"), ("2^-x * 3", "(2^(-x)) * 3"), ("a - b - c", "(a - b) - c"),
        ("a + b * c @ d", "a + ((b * c) @ d)"), ("a >> b >> c |> f", "((a >> b) >> c) |> f"),
        ("not a == b and c", "(not (a == b)) and c"), ("a or b and c", "a or (b and c)"), ("1..n + 1", "1..(n + 1)"),
        ("a in b..c", "a in (b..c)"), ("x -> y -> x + y", "x -> (y -> (x + y))"),
        ("a |> x -> x + 1", "a |> (x -> (x + 1))"),
        ("-x.abs()", "-(x.abs())"), ("x not in xs", "not (x in xs)"), ("f(x)\n", "f(x)"), ("a +\n b", "a + b"),
        ("a\n>> b\n\n  # c\n >> c", "a >> b >> c"), ("x\n|> f", "x |> f"), ("f(a,\n  b\n)", "f(a, b)"),
        ("[1,\n2,\n]", "[1, 2]"),
        ("sum(x^2 for x in xs)", "sum([x^2 for x in xs])"), ("a; b", "a\nb"), ("{\na: 1,\n b: 2\n}", "{a: 1, b: 2}"),
        ("if a { 1 }\nelse { 2 }", "if a { 1 } else { 2 }"), ("1_000", "1_000"),
        ("f = (a, b = 2) -> a", "f = (a, b=2) -> (a)"),
        ("train net on d using o { }", "train net using o on d { }"), ("layer f(d) =\n a >> b", "layer f(d) = a >> b"),
        ("fn f(x) = {a: x}", "fn f(x) = ({a: x})"), ("import(\"f\")", "import \"f\""),
        ("{\"a b\": 1}", "{\"a b\": 1,}"),
        ("x = if a { b } else if c { d } else { e }", "x = if a { b } else { if c { d } else { e } }"),
        ("x ≤ y", "x <= y"), ("a && b", "a and b"), ("a ** 2", "a^2"), ("not not a", "not (not a)"),
        ("for (i, x) in e { }", "for i, x in e { }"), ("x[1..]", "x[(1..)]"), ("x[..]", "x[(..)]"),
        ("x[-20..]", "x[(-20)..]"),
    ]) func sameTree(_ one: String, _ other: String) { #expect(parse(one) == parse(other)) }

    @Test(arguments: [
        ("a - b - c", "a - (b - c)"), ("2^3^2", "(2^3)^2"), ("-2^2", "(-2)^2"), ("f x", "f(x)"), ("a; ", "a"),
        ("1.0", "1"),
        ("0 < x < 1", "(0 < x) < 1"), ("x[1]", "x(1)"), ("a\n-b", "a - b"), ("a\n(b)", "a(b)"),
        ("fn f(x) = 1", "loss f(x) = 1"),
    ]) func otherTree(_ one: String, _ other: String) { #expect(parse(one) != parse(other)) }

    /// Words of the grammar are ordinary names where no statement of their form begins.
    @Test(arguments: [
        "train, test = split(data)", "loss = mse(a, b)", "loss.last", "report(x)", "state = 3", "train = 3", "train(x)",
        "train[0]", "layer = 3; layer", "step net(x)", "trace run", "learn", "time = 2", "time(x)", "on = as + using",
        "every = 3", "every(3)", "pause = 1", "minimize(f, x)", "import = 2", "sweep = 1", "epochs * steps",
        "expect = 3",
        "fn f(train, loss, layer) = train + loss", "for step in steps { step }", "x.train.loss.report", "param = state",
        "forward(x)", "f(loss = 3, on = 2)", "plot run.loss", "show table.sort(\"recall\")", "diagnose run", "seed 7",
        "print \"hello\", 3, k = 2", "show true", "print not x", "report recall = r", "loss",
        "[x for x in xs if x > 1 for y in x]",
        "every (a + b) steps { }", "every 2 * n steps { }", "train net on d for 3 steps as a using o { pause }",
        "train (net) on d using o { minimize (a + b) / 2 }", "train [a, b][0] on d using o { }",
        "layer tiny = dense(2)",
        "x.in", "x.for", "table = sweep dim in [2, 8], lr in [1e-4] { report l = 2 }", "time { x = 2 }", "\"{x:.3}\"",
        "\"{f(\"a {b} c\")}\"", "\"{ {a: 1}.a }\"", "\"\\{\\}\"", "λ = 3; é = λ", "x => y", "a = none", "x[.., 0] = 3",
        "a.b.c = 2", "break", "return", "fn f() { return }", "fn f() {}", "{}", "() -> 3", "#! /usr/bin/siam\n1", "",
        "layer l(d) { state m : [in * 2, d] = normal(1 / in)\n forward(a, b) = a }", "loss l(a) { a }",
        "expect \"a\" in xs",
        "layer l { forward x, y { x }; part = dense(2) }", "expect_error \"m\" { f(x) }", "expect (a + b) / 2 == c",
        "while x < 3 { x = x + 1; continue }", "if a { b } else if c { d }", "\u{FEFF}x = 1", "x = 1\r\ny = 2\r\n",
    ]) func readsWithoutError(_ text: String) {
        let found = messages(text).filter { !$0.hasPrefix("siam writes") }
        #expect(found == [])
    }

    @Test func softWordsOpenTheirForms() {
        func kind(_ text: String) -> Statement.Kind? { parse(text).statements.first?.kind }
        if case .report(let name, _)? = kind("report recall = r") {
            #expect(name.text == "recall")
        } else {
            Issue.record()
        }
        if case .expression(let e)? = kind("seed 7"), case .call(_, let arguments, isCommand: true) = e.kind {
            #expect(arguments.count == 1)
        } else {
            Issue.record()
        }
        if case .pause? = kind("pause") {} else { Issue.record() }
        if case .every(nil, .epochs, _)? = kind("every epoch { }") {} else { Issue.record() }
        if case .every(.some, .steps, _)? = kind("every 10 steps { }") {} else { Issue.record() }
        if case .importFile? = kind("import \"x\"") {} else { Issue.record() }
        if case .assign(let targets, _)? = kind("train, test = split(data)") {
            #expect(targets.count == 2)
        } else {
            Issue.record()
        }
        if case .expectError? = kind("expect_error \"a\" { b }") {} else { Issue.record() }
        if case .expression(let e)? = kind("{ a }"), case .block = e.kind {} else { Issue.record() }
        if case .expression(let e)? = kind("{ a: 1 }"), case .record = e.kind {} else { Issue.record() }
    }

    @Test func trailingSemicolonSilences() {
        #expect(parse("a;").statements.map(\.isSilenced) == [true])
        #expect(parse("a; b").statements.map(\.isSilenced) == [false, false])
        #expect(parse("a; b; # c\n d").statements.map(\.isSilenced) == [false, true, false])
    }

    @Test func helpBelongsToTheDefinitionBelow() {
        func help(_ text: String) -> String? {
            switch parse(text).statements.last?.kind {
            case .function(let definition)?: definition.help
            case .layer(let definition)?: definition.help
            default: nil
            }
        }
        #expect(help("## One.\n##  two\nfn f(x) = x") == "One.\n two")
        #expect(help("## One.\n\nfn f(x) = x") == nil)
        #expect(help("# One.\nfn f(x) = x") == nil)
        #expect(help("x = 1 ## no\nfn f(x) = x") == nil)
        #expect(help("## yes\nlayer f = dense(2)") == "yes")
    }

    @Test(
        arguments: [
            "f(", "[1, 2", "x = {", "fn f(x) {", "a +", "a,", "x =", "x ->", "a >>", "if c {", "f(a, # c\n", "not",
            "a and",
            "x = # c\n", "for x in", "{ a: 1", "train net on d using o {", "\"{f(\" +", "if c { a } else",
            "layer f(d) =", "## help",
            "x.", "layer f {",
        ].filter { $0 != "\"{f(\" +" }) func unfinished(_ text: String)
    { #expect(Parser.isUnfinished(text)) }

    @Test(arguments: [
        "", "a", "f(x)", "dense(3)", "x = 2", "if c { a }", "x = \"a", "a )", "f(]", "1 2", "# comment", "## help\n",
        "2..",
        "a = b c (", "fn f(x) = x", "}", "seed 7",
    ]) func finished(_ text: String) { #expect(!Parser.isUnfinished(text)) }

    @Test func readsOnAfterAnError() {
        let text = "a = (1 +\nb = 2\nc = )\nfn f(x) { y = * 3\n z = 2 }\nd = f(1 2)\ne = 5"
        let (program, diagnostics) = Parser.parse(source(text))
        #expect(diagnostics.count == 3, "\(diagnostics.map(\.message))")
        let assigned = program.statements.compactMap { statement -> String? in
            guard case .assign(let targets, _) = statement.kind, case .name(let name)? = targets.first?.kind else {
                return nil
            }
            return name
        }
        #expect(assigned.contains("e"))
    }

    @Test(arguments: [
        ("", "(", 10_000, ""), ("", "[", 10_000, ""), ("", "{", 10_000, ""), ("", "f(", 10_000, ""),
        ("", "-", 10_000, "1"),
        ("", "not ", 10_000, "1"), ("", "x -> ", 10_000, "1"), ("", "2^", 10_000, "1"), ("", "a + ", 100_000, "a"),
        ("", "a >> ", 100_000, "a"), ("", "a and ", 100_000, "a"), ("", "if a { b } else ", 100_000, "{ c }"),
        ("a", ".b", 100_000, ""), ("a", "(b)", 100_000, ""), ("", "if a { ", 10_000, ""), ("", "\"{", 10_000, ""),
        ("", "fn f() { ", 10_000, ""), ("", "a..", 10_000, ""), ("", "{a: ", 10_000, ""),
        ("", "train n on ", 10_000, ""),
        ("", "layer f { forward x = { ", 10_000, ""), ("", "if ", 10_000, ""), ("", "[x for x in ", 10_000, ""),
    ]) func deepTextEndsInAnError(_ head: String, _ part: String, _ count: Int, _ tail: String) {
        let text = head + String(repeating: part, count: count) + tail
        let (program, diagnostics) = Parser.parse(source(text))
        #expect(!diagnostics.isEmpty)
        #expect(program == program)
        _ = Parser.isUnfinished(text)
    }

    @Test func longButFlatTextIsFine() {
        #expect(messages("[" + String(repeating: "1, ", count: 100_000) + "]") == [])
        #expect(messages(String(repeating: "a < ", count: 100_000) + "a") == [])
        #expect(messages(String(repeating: "a = 1\n", count: 100_000)) == [])
        #expect(messages(String(repeating: "a + ", count: 400) + "a") == [])
        #expect(messages(String(repeating: "(", count: 90) + "a" + String(repeating: ")", count: 90)) == [])
    }
}
