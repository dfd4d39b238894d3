/// How a program is written: brackets, signs, texts, numbers, statements.
extension Why {
    static let syntax: [Why] =
        family(
            """
            Every ( [ { is closed by its partner, the innermost first.
            Inside ( ) and [ ] line breaks are ignored; { } contain statements, one per line.
            At the prompt an open bracket keeps the input open; in a file the next statement then looks wrong.
            """,
            [
                Case("bracket.unclosed", "x = (1 + 2\ny = 3", "x = (1 + 2)\ny = 3"),
                Case("bracket.stray", "x = 1 + 2)", "x = (1 + 2)"),
                Case("bracket.mismatch", "x = (1 + 2] * 3)", "x = (1 + 2) * 3"),
                Case("bracket.expected", "x = [1, 2 -> 3]", "x = [1, 2, 3]"),
                Case("paren.tuple", "x = (1, 2)", "x = [1, 2]"),
                Case("paren.empty", "x = 3 * ()", "x = 3 * (1 + 1)"),
                Case("comma.missing", "x = [1 2]", "x = [1, 2]"),
                Case("comma.stray", "1, 2", "[1, 2]"),
                Case(
                    "nesting", "x = \(String(repeating: "(", count: 300))1\(String(repeating: ")", count: 300))",
                    "x = ((1))"),
            ])
        + family(
            """
            An operator such as + needs a value on both sides; - and not may stand before one value.
            A line that ends with an operator continues in the next line.
            """,
            [
                Case("operand.missing", "x = 3 * / 4", "x = 3 * 4"),
                Case("operand.plus", "x = +3", "x = 3"),
                Case("operator.unknown", "x = 3 === 4", "x = 3 == 4"),
                Case("operator.floor", "x = 7 // 2", "x = floor(7 / 2)"),
                Case("operator.transpose", "x = rand(2, 3)\ny = x'", "x = rand(2, 3)\ny = x.transpose()"),
                Case("operator.dotted", "x = [1, 2] .* 2", "x = [1, 2] * 2"),
                Case("range.chain", "x = 0..5..10", "x = range(0, 10, 5)"),
                Case("value.missing", "x = [1, , 2]", "x = [1, 2]"),
                Case("value.statement", "x = [for i in 0..3]", "x = [i for i in 0..3]"),
                Case("line.dot", "x = [1, 2]\n.sum()", "x = [1, 2].\nsum()"),
                Case("field.number", "r = {a: 1}\nr.0", "r = {a: 1}\nr.a"),
                Case("field.missing", "r = {a: 1}\nr.[0]", "r = {a: 1}\nr.a"),
                Case("slice.step", "x = [1, 2, 3]\nx[0:3:2]", "x = [1, 2, 3]\nx[range(0, 3, 2)]"),
                Case("index.empty", "x = [1, 2]\nx[]", "x = [1, 2]\nx[..]"),
            ])
        + family(
            """
            Siam has letters, digits, the characters + - * / % @ ^ = < > . , : ; ( ) [ ] { } " # and operators made of them.
            A comment begins with #. For and, or, not and power siam has its own words and operators.
            """,
            [
                Case("character", "x = 3 $ 4", "x = 3 + 4"), Case("character.meant", "x = 2 ** 3", "x = 2 ^ 3"),
                Case("comment.sign", "// a comment\nx = 3", "# a comment\nx = 3"),
                Case("number.tail", "x = 3px", "x = 3"), Case("number.underscore", "x = 1__0", "x = 1_0"),
                Case("number.comma", "x = adam(0,001)", "x = adam(0.001)"),
                Case("number.percent", "x = 50%\n", "x = 0.5\n"),
                Case("number.point", "x = .5", "x = 0.5"), Case("number.large", "x = 1e999", "x = 1e99"),
            ])
        + family(
            """
            A text is written in double quotes on one line. \\n is a new line, \\t a tab, \\" a quote, \\u{2713} a character.
            {x} in a text is replaced by the value of x, {x:.3} with three decimals; a brace is written \\{.
            """,
            [
                Case("text.unclosed", "x = \"abc", "x = \"abc\""), Case("text.quote", "x = 'abc'", "x = \"abc\""),
                Case("text.prefix", "l = 3\nf\"loss {l}\"", "l = 3\n\"loss {l}\""),
                Case("text.long", "x = \"\"\"abc\"\"\"", "x = \"abc\""),
                Case("text.escape", "x = \"a\\qb\"", "x = \"a\\\\qb\""),
                Case("text.unicode", "x = \"\\u2713\"", "x = \"\\u{2713}\""),
                Case("text.brace", "x = \"{1 + 2\"", "x = \"{1 + 2}\""),
                Case("text.empty", "x = \"a {} b\"", "x = \"a \\{} b\""),
                Case("text.value", "x = \"{1 2}\"", "x = \"{1} {2}\""),
            ])

    static let words: [Why] =
        family(
            """
            A statement is on a line of its own, or separated from the next by ;
            name = value gives a value a name; a call has its arguments in parentheses.
            A call that is a whole statement may leave them out: plot run.loss.
            """,
            [
                Case("statement.end", "x = 3 4", "x = 3; 4"),
                Case("command.place", "x = sum [1, 2]; y = abs x", "x = sum([1, 2]); y = abs(x)"),
                Case("command.parens", "print (1 + 2) / 2, 3", "print((1 + 2) / 2, 3)"),
                Case("command.bracket", "print [i for i in 0..3]", "print([i for i in 0..3])"),
                Case("colon.stray", "x = (3): 4", "x = {a: 4}"), Case("word.foreign", "def f(x): x", "fn f(x) = x"),
            ])
        + family(
            """
            = gives a value to a name, a field or an element, once in a statement. To compare, write ==.
            a, b = [1, 2] unpacks the parts of a list, a record or a tensor.
            """,
            [
                Case("assign.target", "3 = x", "x = 3"), Case("assign.compound", "x = 1\nx += 2", "x = 1\nx = x + 2"),
                Case("assign.chain", "a = b = 3", "a = 3; b = a"),
                Case("assign.values", "a, b = 1, 2", "a, b = [1, 2]"),
                Case("assign.names", "a, = [1]", "a = [1]"),
                Case("assign.missing", "a = 1; b = 2\na, b", "a = 1; b = 2\n[a, b]"),
                Case("assign.command", "x = [1, 2]\nprint x[0] = 3", "x = [1, 2]\nx[0] = 3; print x[0]"),
                Case("assign.inside", "x = (y = 3)", "y = 3; x = y"),
                Case("assign.count", "a, b = [1, 2, 3]", "a, b, c = [1, 2, 3]"),
                Case(
                    "assign.places", "m, idx = max([[1, 5], [7, 2]], axis = 1)",
                    "m = max([[1, 5], [7, 2]], axis = 1); idx = argmax([[1, 5], [7, 2]], axis = 1)"),
                Case("assign.parts", "a, b = 3", "a, b = [3, 3]"),
            ])
        + family(
            """
            if and while are followed by a condition, for by names and values, and then a block { ... }.
            A condition is true, false or one element; else follows the block of its if. An if also has a value.
            """,
            [
                Case("block.missing", "for i in 0..3 print i", "for i in 0..3 { print i }"),
                Case("block.stray", "x = 3 { 4 }", "x = { 4 }"),
                Case("else.stray", "else { 3 }", "if false { 2 } else { 3 }"),
                Case("if.behind", "x = 3 if true else 4", "x = if true { 3 } else { 4 }"),
                Case("condition.missing", "if { 3 }", "if true { 3 }"),
                Case("condition.assign", "x = 3\nif x = 3 { 4 }", "x = 3\nif x == 3 { 4 }"),
                Case("for.in", "for i of [1, 2] { i }", "for i in [1, 2] { i }"),
                Case("for.names", "for (i = 0; i < 3) { i }", "for i in 0..3 { i }"),
                Case("clause.if", "[i for i in 0..9 if i > 2 if i < 5]", "[i for i in 0..9 if i > 2 and i < 5]"),
                Case("expect_error.message", "expect_error { nosuch }", "expect_error \"nothing named\" { nosuch }"),
                Case(
                    "unit.missing", "train dense(1) on blobs(9) for 5 rounds using sgd(0.1) { }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 epochs using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
            ])
        + family(
            """
            A record has names with values, {lr: 0.1, name: "a"}; each name occurs once and is followed by a colon.
            {} is an empty record where a value is expected, and an empty block after if, for and so on.
            """,
            [
                Case("record.colon", "r = {a: 1, b}", "r = {a: 1, b: 2}"),
                Case("record.doubled", "r = {a: 1, a: 2}", "r = {a: 1, b: 2}"),
                Case("record.name", "x = 3\nr = {\"a{x}\": 1}", "r = {\"a3\": 1}"),
            ])

    static let definitions: [Why] =
        family(
            """
            A function is fn f(x, k = 2) = k * x, or fn f(x, k = 2) { ... } with a block whose last value is the result.
            Parameters with a default come last; there are no types. As a value a function is x -> x^2 or (a, b) -> a + b.
            """,
            [
                Case("definition.parameters", "fn f = 3", "fn f() = 3"),
                Case("definition.body", "fn f(x)", "fn f(x) = x"),
                Case("definition.call", "loss mine(f(1), 2)", "loss mine(a, b) = mean((a - b)^2)"),
                Case("parameter.kind", "fn f(x : int) = x", "fn f(x : whole) = x"),
                Case("parameter.type", "x: int = 3", "x = 3"),
                Case("parameter.order", "fn f(a = 1, b) = a + b", "fn f(b, a = 1) = a + b"),
                Case("parameter.doubled", "fn f(a, a) = a", "fn f(a, b) = a + b"),
                Case("lambda.head", "f = 3 -> x", "f = x -> 3 * x"),
                Case("function.anonymous", "f = fn(x) = x", "f = x -> x"),
                Case("name.missing", "fn if(x) = x", "fn choose(x) = x"),
                Case("return.outside", "return 3", "fn f() { return 3 }\nf()"),
                Case("argument.order", "round(decimals = 1, 2.55)", "round(2.55)"),
            ])
        + family(
            """
            A layer is a pipeline, layer head(dim) = dense(128) >> relu >> dense(dim), or a block of members:
            param w : [in, units] = glorot is trained, state m : [in] = zeros is a buffer, body = dense(8) is a part, and
            forward x = ... computes the output. `in` is the width of the first input.
            """,
            [
                Case("member.end", "layer l { forward x = x 3 }", "layer l { forward x = 3 * x }\nl"),
                Case("member.unknown", "layer l { print 3 }", "layer l { forward x = x }\nl"),
                Case(
                    "param.call", "layer l(n) { w = param([in, n])\nforward x = x @ w }",
                    "layer l(n) { param w : [in, n] = glorot\nforward x = x @ w }"),
                Case(
                    "forward.none", "layer l(n) { f = dense(n)\nforward x { y = f(x) } }",
                    "layer l(n) { f = dense(n)\nforward x { y = f(x)\ny } }"),
                Case(
                    "param.shape", "layer l { param w = 3 }",
                    "layer l {\n  param w : [in] = ones\n  forward x = w * x\n}\nl"),
                Case(
                    "param.initialiser", "layer l { param w : [in] }",
                    "layer l {\n  param w : [in] = ones\n  forward x = w * x\n}\nl"),
                Case(
                    "layer.forward", "layer l {\n  part = dense(2)\n}\nl",
                    "layer l {\n  part = dense(2)\n  forward x = part(x)\n}\nl"),
                Case(
                    "train.name",
                    told:
                        "a batch's parts and a sweep's axes are names of the function that trains; an outer one cannot be used for them"
                ),
            ])
        + family(
            """
            train NET on SOURCE as NAMES for N epochs using OPTIMIZER { body } runs the body for each batch.
            The clauses may come in any order, each once; SOURCE and OPTIMIZER are required.
            sweep NAME in VALUES, ... { body } runs a block for every combination.
            """,
            [
                Case(
                    "train.net", "train dense(1), * on blobs(9) using sgd(0.1) { }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "train.source", "train dense(1) using sgd(0.1) { }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "train.optimizer", "net = dense(1)\ntrain net on batches(blobs(9), 3) { minimize mean(net(x)^2) }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "train.doubled", "train dense(1) on blobs(9) on blobs(9) using sgd(0.1) { }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "train.clause", "train dense(1) on blobs(9) using sgd(0.1) with 3 { }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "sweep.doubled", "sweep a in [1], a in [2] { report b = a }",
                    "sweep a in [1], c in [2] { report b = a + c }"),
            ])
        + family(
            """
            Some statements are only allowed in one place: minimize, every, pause and report in the body of train (report also in
            sweep), break and continue in a loop (break also in train), return in a function.
            """,
            [
                Case(
                    "minimize.outside", "minimize 3",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case("report.outside", "report a = 3", "a = 3"), Case("every.outside", "every epoch { 3 }", "3"),
                Case("loop.none", "break", "while true { break }"),
                Case("pause.outside", "pause", "3"),
                Case("place.minimize", "fn f(l) { minimize l }", "fn f(l) { l }\nf(1)"),
                Case("place.report", "fn f(l) { report a = l }", "fn f(l) { l }\nf(1)"),
                Case("place.every", "fn f(l) { every epoch { l } }", "fn f(l) { l }\nf(1)"),
                Case("place.pause", "fn f(l) { pause; l }", "fn f(l) { l }\nf(1)"),
                Case("place.break", "fn f(l) { break; l }", "fn f(l) { l }\nf(1)"),
                Case("place.continue", "fn f(l) { continue; l }", "fn f(l) { l }\nf(1)"),
                Case("place.return", "return 3", "fn f(l) { return l }\nf(1)"),
            ])
}
