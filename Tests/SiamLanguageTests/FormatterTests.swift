import Testing

@testable import SiamLanguage

func format(_ text: String) -> String { Formatter.format(parse(text)) }

@Suite struct FormatterTests {
    @Test func programsKeepTheirMeaningAndComments() throws {
        for file in repositoryFiles("Tests/Fixtures/language/programs", ending: ".siam") {
            let text = try #require(readFile(file))
            let program = parse(text)
            let once = Formatter.format(program)
            #expect(messages(once) == [], "\(file)\n\(once)")
            #expect(parse(once) == program, "\(file)\n\(once)")
            #expect(format(once) == once, "\(file)")
            #expect(parse(once).comments.map(\.text) == program.comments.map(\.text), "\(file)")
        }
    }

    @Test(arguments: [
        ("x=1+2*3", "x = 1 + 2 * 3\n"), ("f( a,b ,k=1 )", "f(a, b, k = 1)\n"), ("(a+b)*c", "(a + b) * c\n"),
        ("-(2^2)", "-2^2\n"), ("(-2)^2", "(-2)^2\n"), ("2^(-x)", "2^-x\n"), ("x->x^2", "x -> x^2\n"),
        ("(x)->x", "x -> x\n"),
        ("plot   run.loss", "plot run.loss\n"), ("a;b;", "a\nb;\n"), ("\n\n\na\n\n\n\nb\n\n", "a\n\nb\n"),
        ("if a{b}else{c}", "if a { b } else { c }\n"),
        ("if a {\nb}else if c {d\n}", "if a {\n  b\n} else if c {\n  d\n}\n"),
        ("# c\nx = 1 # d\n", "# c\nx = 1  # d\n"), ("f(a, # one\n b)", "# one\nf(a, b)\n"),
        ("x[1 .. , ..]", "x[1.., ..]\n"), ("print 1 .. + 2, 3", "print((1..) + 2, 3)\n"), ("print 1 ..", "print 1..\n"),
        ("print 1 .. == 2", "print((1..) == 2)\n"),
        ("##   help\nfn f( ) = 1", "##   help\nfn f() = 1\n"), ("f {a:1}", ""),
        ("x = {a:1 , b : \"c\"}", "x = {a: 1, b: \"c\"}\n"),
        ("train n using o for 1 epochs on d { minimize x }", "train n on d for 1 epoch using o { minimize x }\n"),
        ("layer f( d )=\n  a>>b\n  >>c", "layer f(d) =\n    a >> b\n    >> c\n"),
        ("fn f(x) { # note\n x }", "fn f(x) {\n  # note\n  x\n}\n"),
        (
            "layer l { param w:[in]=ones # w\n\n forward x=x }",
            "layer l {\n  param w : [in] = ones  # w\n\n  forward x = x\n}\n"
        ),
        ("(x not in xs)", "not x in xs\n"), ("\"a{x:.3}\\n\"", "\"a{x:.3}\\n\"\n"), ("", ""), ("# only", "# only\n"),
        ("for i in 0..3 {\n}", "for i in 0..3 {\n}\n"),
        ("x = [a for a in (2..) if a]", "x = [a for a in (2..) if a]\n"),
    ]) func canonical(_ text: String, _ wanted: String) {
        guard !wanted.isEmpty || text.isEmpty else { return }
        #expect(format(text) == wanted)
        #expect(format(wanted) == wanted)
        #expect(parse(text) == parse(wanted))
    }

    @Test func longLinesAreBroken() {
        let stages = (1...12).map { "dense(\($0)00) >> relu" }.joined(separator: " >> ")
        for text in [
            "net = \(stages)", "x = f(\((1...40).map { "argument\($0)" }.joined(separator: ", ")))",
            "x = \((1...40).map { "value\($0)" }.joined(separator: " + "))",
            "x = \((1...40).map { "value\($0)" }.joined(separator: " and "))",
            "x = [\((1...60).map { "\($0)" }.joined(separator: ", "))]",
            "train net on pairs(some_long_data_set_name, 32) as first, second, same for 1000 steps using adam(0.001, clip = 1) { minimize x }",
        ] {
            let once = format(text)
            #expect(once.split(separator: "\n").allSatisfy { $0.count <= 100 }, "\(once)")
            #expect(once.split(separator: "\n").count > 1)
            #expect(parse(once) == parse(text))
            #expect(messages(once) == [])
            #expect(format(once) == once)
        }
    }
}
