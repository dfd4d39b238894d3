import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Tensors out of numbers, and drawn at random.
extension Builtins {
    static let tensors: [Builtin] = [
        Builtin(
            "number", "x", family: "tensors",
            "The one element of a tensor, a bool, or the digits of a text, as a number.",
            examples: [("number([3])", "3"), ("number(\"2.5\")", "2.5")]
        ) { i, a in
            if case .text(let t) = a[0] {
                guard let x = Double(t.string) else {
                    throw Diagnostic(code: "number.text", "\(Show.quote(t.string)) is not a number")
                }
                return .number(x)
            }
            guard let t = Interpreter.tensor(a[0]) else { throw a.wrong(0, "a number") }
            guard t.count == 1 else {
                throw Diagnostic(code: "number.many", "number expects one element, and got a tensor of \(t.shape)")
            }
            return .number(t.item)
        },
        Builtin(
            "tensor", "x", family: "tensors", "A tensor of the numbers of a list, a range, a tensor or a number.",
            examples: [("tensor(0..3)", "tensor 3\n[0  1  2]\nmin 0  max 2  mean 1  sd 0.8165")]
        ) { i, a in
            if let t = Interpreter.tensor(a[0]) { return .tensor(t) }
            let items = try i.items(a[0])
            if items.isEmpty { return .tensor(try Tensor(Shape.vector(0), [Float]())) }
            let v = try i.bracket(items)
            guard case .tensor = v else {
                throw Diagnostic(
                    code: "tensor.kind", "tensor expects numbers or tensors of one shape, and got \(i.brief(a[0]))")
            }
            return v
        },
        Builtin(
            "shape", "x", family: "tensors", "The lengths of the axes of a tensor.",
            examples: [("shape([[1, 2, 3]])", "tensor 2\n[1  3]\nmin 1  max 3  mean 2  sd 1")]
        ) { i, a in
            let t = try a.tensor(0)
            return .tensor(try Tensor(Shape.vector(t.rank), t.shape.dims.map { Float($0) }))
        },
        filled("zeros", 0), filled("ones", 1),
        Builtin(
            "full", "shape, value", family: "tensors", "A tensor of the given shape, filled with one value.",
            examples: [("full([2], 7)", "tensor 2\n[7  7]\nmin 7  max 7  mean 7  sd 0")]
        ) { i, a in .tensor(try Tensor.full(try i.shape([a[0]]), try a.number(1))) },
        Builtin(
            "randn", "shape...", family: "random", "Normal random numbers, mean 0, standard deviation 1.",
            examples: [("randn(2, 3).shape", "")],
            seeAlso: ["rand", "seed"], traits: .draws
        ) { i, a in
            let shape = try i.shape(try a.list(0))
            warnOfNone(i, a, shape)
            return .tensor(try Draw.normal(shape, &i.session.stream))
        },
        Builtin(
            "rand", "shape...", family: "random", "Uniform random numbers in 0 .. 1.",
            examples: [("rand(2, 3).shape", "")], seeAlso: ["randn", "seed"], traits: .draws
        ) {
            i, a in
            let shape = try i.shape(try a.list(0))
            warnOfNone(i, a, shape)
            return .tensor(try Draw.uniform(shape, &i.session.stream))
        },
        Builtin(
            "keep_mask", "x : tensor, rate : number >= 0 < 1", family: "random",
            "A dropout mask for x: each element is 0 with probability `rate`, else 1 / (1 - rate).",
            examples: [("unique(keep_mask(ones(1000), 0.5))", "")], traits: .draws
        ) { i, a in
            let x = try a.tensor(0)
            let rate = try a.number(1)
            return .tensor(try Draw.keepMask(x.shape, rate, &i.session.stream))
        },
        Builtin(
            "permutation", "n : whole >= 0", family: "random", "0, 1, ... n - 1 in random order.",
            examples: [("sort(permutation(4))", "")], traits: .draws
        ) { i, a in
            let places = try Draw.permutation(try a.integer(0, atLeast: 0), &i.session.stream)
            places.label = PlacesLabel.shared
            return .tensor(places)
        },
        Builtin(
            "choice", "xs, n : whole = 1, replace : bool = true", family: "random",
            "n elements drawn at random, with or without replacement.",
            examples: [("len(choice([\"a\", \"b\"], 3))", "")], traits: .draws
        ) { i, a in
            if case .number(let x) = a[0] {
                throw Diagnostic(
                    code: "argument.kind", "choice draws from a list, a range or a tensor, and got a number",
                    repair: x >= 1 && x == x.rounded() && x < 1e9
                        ? "of the numbers 0 to \(formatNumber(x - 1)):  choice(0..\(formatNumber(x)), \(i.inline(a[1])))"
                        : nil)
            }
            let items = try i.items(a[0])
            let n = try a.integer(1, atLeast: 0)
            guard !items.isEmpty || n == 0 else {
                throw Diagnostic(code: "choice.empty", "choice cannot draw from an empty collection")
            }
            try Memory.ask(n, of: MemoryLayout<Value>.stride + 4, for: "a list")
            if try a.flag(2) {
                return try i.bracket(
                    try (0..<n).map { k in
                        if k & 0xFFFFF == 0 { try i.checkInterrupt() }
                        return items[i.session.stream.below(items.count)]
                    })
            }
            guard n <= items.count else {
                throw Diagnostic(
                    code: "choice.many",
                    "choice can draw at most \(items.count) without replacement, and \(n) were asked for")
            }
            let order = try i.session.stream.permutation(items.count) { try i.checkInterrupt() }
            return try i.bracket(order.prefix(n).map { items[$0] })
        },
    ]

    /// `randn(0, 1, 100)`: mean and spread of other tools, here lengths of axes, and no number at all.
    private static func warnOfNone(_ i: Interpreter, _ a: Arguments, _ shape: Shape) {
        guard shape.rank > 1, shape[0] == 0, let last = shape.dims.last, last > 0, let who = i.calledName else {
            return
        }
        i.session.warn(
            Diagnostic(
                .warning, code: "argument.unusual",
                "\(who) expects the lengths of the axes, and \(shape) is not a number",
                at: i.userPlace().map { [.init($0)] } ?? [], repair: "with a length:  \(who)(\(last))"))
    }
    private static func filled(_ name: String, _ value: Double) -> Builtin {
        Builtin(
            name, "shape...", family: "tensors",
            "A tensor of \(name); the lengths as arguments or as a list. Without a shape it is an initialiser, to be passed as init.",
            examples: [
                (
                    "\(name)(2, 2)",
                    "tensor 2x2\n[\(Int(value))  \(Int(value))]\n[\(Int(value))  \(Int(value))]\nmin \(Int(value))  max \(Int(value))  mean \(Int(value))  sd 0"
                )
            ]
        ) { i, a in .tensor(try Tensor.full(try i.shape(try a.list(0)), value)) }
    }
}
