/// Names, values and what is done with them.
extension Why {
    static let names: [Why] =
        family(
            """
            A name has a value after something is assigned to it, in the function or file that assigns it.
            Names are letters, digits and _; upper and lower case differ; functions can read the names of the file.
            :vars lists yours, Tab completes all.
            """,
            [
                Case("name.unknown", "margin = 1\nmargn + 1", "margin = 1\nmargin + 1"),
                Case(
                    "name.unbound", "fn f(c) {\n  if c { a = 1 }\n  a\n}\nf(false)",
                    "fn f(c) {\n  a = 0\n  if c { a = 1 }\n  a\n}\nf(false)"),
                Case(
                    "name.many",
                    told: "a session holds 65,536 names; more are made by a program that writes names by the thousand"),
                Case(
                    "result.unused", "fn f(xs) {\n  xs.push(1)\n  xs\n}\nf([0])",
                    "fn f(xs) {\n  xs = xs.push(1)\n  xs\n}\nf([0])"),
                Case("name.unused", "fn f(x) {\n  y = 2 * x\n  x\n}", "fn f(x) {\n  y = 2 * x\n  y\n}\nf(1)"),
            ])
        + family(
            """
            A field follows a point: the names of a record, the stages and parameters of a net, the series of a run. If there is
            no such field, the word is called as a function: x.abs() is abs(x). Tab after the point lists the fields.
            """,
            [
                Case("field.unknown", "net = dense(2) >> relu\nnet.dens1", "net = dense(2) >> relu\nnet.dense1"),
                Case("field.set", "x = 3\nx.a = 1", "x = {a: 3}\nx.a = 1"),
            ])
        + family(
            """
            A call has arguments by position first, then by name. Arguments with a default may be left out, each is given once.
            ?name lists them; Tab inside the parentheses completes their names.
            """,
            [
                Case("argument.unknown", "contrastive(1, 2, 1, marign = 2)", "contrastive([1], [2], [1], margin = 2)"),
                Case("argument.missing", "dense()", "dense(3)"),
                Case("argument.many", "dense(1, zeros, true, 4)", "dense(1, zeros, true)"),
                Case("argument.doubled", "dense(3, units = 4)", "dense(3)"),
                Case("argument.word", "dense(in = 3)", "dense(3)"),
                Case("call.unknown", "fn f(a, k = 2) = k * a\nf(1, z = 3)", "fn f(a, k = 2) = k * a\nf(1, k = 3)"),
                Case("call.missing", "fn f(a, b) = a + b\nf(1)", "fn f(a, b) = a + b\nf(1, 2)"),
                Case("call.many", "fn f(a) = a\nf(1, 2)", "fn f(a) = a\nf(1)"),
                Case("call.doubled", "fn f(a, b = 1) = a + b\nf(1, a = 2)", "fn f(a, b = 1) = a + b\nf(1, b = 2)"),
                Case("call.named", "net = dense(2)\nnet(x = ones(1, 3))", "net = dense(2)\nnet(ones(1, 3))"),
                Case("call.kind", "x = 3\nx(4)", "x = 3\nx * 4"),
                Case(
                    "call.depth", "fn f(n) = f(n + 1) + 1\nf(0)", "fn f(n) = if n > 9 { n } else { f(n + 1) + 1 }\nf(0)"
                ),
                Case("call.long", "max(\((0..<300).map(String.init).joined(separator: ", ")))", "max([1, 2, 3])"),
                Case("argument.kind", "sqrt(\"4\")", "sqrt(number(\"4\"))"),
                Case("argument.whole", "seed 1.5", "seed 1"),
                Case("argument.small", "choice([1, 2], -1)", "choice([1, 2], 1)"),
            ])
        + family(
            """
            A declaration may say what a parameter takes: margin : number >= 0 = 1, same : flags of a, rate : number >= 0 < 1.
            ?name lists it. Calls are checked against it before anything runs, also by siam check; rows are tensors N x width.
            """,
            [
                Case("argument.range", "dense(-3)", "dense(3)"),
                Case("argument.unusual", "sgd(0)", "sgd(0.1)"),
                Case(
                    "argument.rows", "contrastive(ones(2, 4, 4, 1), zeros(2, 4, 4, 1), [1, 0])",
                    "contrastive(flatten(ones(2, 4, 4, 1)), flatten(zeros(2, 4, 4, 1)), [1, 0])"),
            ])

    static let values: [Why] =
        family(
            """
            + - * / work on numbers and tensors; + also joins two texts or two lists. Nothing is converted
            implicitly: number("3") and text(3) convert, and "x is {x}" puts a value into a text.
            """,
            [
                Case("operand.kind", "\"a\" + 1", "\"a{1}\""),
                Case("join.order", "join(\", \", [\"a\", \"b\"])", "join([\"a\", \"b\"], \", \")"),
                Case("number.text", "number(\"three\")", "number(\"3\")"),
                Case("number.many", "number([1, 2])", "number([1, 2][0])"),
                Case("number.whole", "x = ones(3)\nx[[0.5]]", "x = ones(3)\nx[[0]]"),
                Case("tensor.kind", "tensor([\"a\", 1])", "tensor([0, 1])"),
                Case("sort.kind", "sort([\"a\", 1])", "sort([2, 1])"),
                Case("format.unknown", "format(3, \"zz\")", "format(3, \".2\")"),
                Case("format.kind", "format(none, \".2\")", "format(3, \".2\")"),
                Case("compose.kind", "dense(2) >> 3", "dense(2) >> relu"),
                Case("range.kind", "for i in 0..\"c\" { i }", "for i in 0..3 { i }"),
                Case("range.step", "range(0, 5, 0)", "range(0, 5, 1)"), Case("range.long", "range(1e10)", "range(10)"),
                Case("choice.empty", "choice([])", "choice([1, 2])"),
                Case("choice.many", "choice([1, 2], 3, replace = false)", "choice([1, 2], 2, replace = false)"),
                Case("choice.count", told: "without replacement at most as many elements can be drawn as there are"),
                Case("close.shape", "close([1, 2], [1, 2, 3])", "close([1, 2], [1, 2])"),
                Case("source.none", "net = dense(1) >> relu\nsource(net)", "layer net = dense(1) >> relu\nsource(net)"),
                Case("series.empty", "[].last", "[1].last"),
                Case("interrupt", told: "^C stops what runs; names bound before keep their values"),
                Case(
                    "internal",
                    told:
                        "a fault of siam itself: the message is worth a report, with the program that brought it about"),
                Case("syntax.missing", told: "a gap that the parser left where something could not be read"),
                Case(
                    "syntax.long", told: "one file or function has more parts than can be numbered; cut it into several"
                ),
            ])

    static let control: [Why] =
        family(
            """
            A condition is true or false. A number or a tensor with one element counts too: 0 is false. For a tensor with more
            elements write all(x > 0) or any(x > 0).
            """,
            [
                Case("condition.kind", "if \"yes\" { 1 }", "if true { 1 }"),
                Case("condition.many", "if [1, 0] { 1 }", "if any([1, 0]) { 1 }"),
                Case("expect.kind", "expect \"yes\"", "expect true"),
                Case("expect.fails", "expect 1 + 1 == 3", "expect 1 + 1 == 2"),
                Case("expect_error.kind", "expect_error 3 { nosuch }", "expect_error \"nothing named\" { nosuch }"),
                Case(
                    "expect_error.none", "expect_error \"nothing named\" { 3 }",
                    "expect_error \"nothing named\" { nosuch }"),
                Case(
                    "expect_error.other", "expect_error \"wide\" { nosuch }",
                    "expect_error \"nothing named\" { nosuch }"),
            ])
        + family(
            """
            for iterates over a list, the first axis of a tensor, the characters of a text, a range, the names and values of a
            record, a data set, or a batch source. A range needs an end, 0..10.
            """,
            [
                Case("loop.kind", "for i in 3 { i }", "for i in 0..3 { i }"),
                Case("compare.kind", "type(3) == \"int\"", "type(3) == \"number\""),
                Case("loop.endless", "len(2..)", "len(2..5)"),
                Case("loop.long", "list(0..1_000_000_000)", "list(0..10)"),
                Case("import.missing", told: "import \"layers.siam\" reads that file, beside the file that names it"),
                Case("import.kind", "name = 3\nimport name", "3"),
                Case("import.package", "import torch\nzeros(3)", "zeros(3)"),
            ])

    static let indexing: [Why] =
        family(
            """
            Elements count from 0, and from the end with -1, -2. The range 1..3 selects 1 and 2, .. a whole axis.
            An axis of length n has the indices 0 to n - 1. A tensor of 0 and 1 as long as the axis is a mask; other tensors of
            whole numbers are indices.
            """,
            [
                Case("index.range", "[5, 6, 7][3]", "[5, 6, 7][2]"),
                Case("index.count", "ones(2, 3)[0, 0, 0]", "ones(2, 3)[0, 0]"),
                Case("index.kind", "3[0]", "[3][0]"),
                Case("index.whole", told: "an index is a whole number: floor(i) makes one"),
                Case("index.rank", "ones(3)[ones(2, 2)]", "ones(3)[[1, 1, 0]]"),
                Case("index.mask", told: "a mask must have as many elements as the axis"),
                Case("index.lengths", "ones(3, 3)[[0, 1, 2], [0, 1]]", "ones(3, 3)[[0, 1], [0, 1]]"),
                Case("index.assign", "x = ones(2, 3)\nx[0] = [1, 2]", "x = ones(2, 3)\nx[0] = [1, 2, 3]"),
                Case("assign.kind", "x = ones(3)\nx[0] = \"a\"", "x = ones(3)\nx[0] = 2"),
                Case("assign.index", "x = [\"a\", \"b\"]\nx[0..2] = 3", "x = [\"a\", \"b\"]\nx[0] = 3"),
                Case("index.step", told: "the step of a range cannot be 0"),
                Case("index.input", told: "the index needs a tensor that the call did not give"),
                Case("index.selector", told: "an index is a number, a range or a tensor"),
            ])
}
