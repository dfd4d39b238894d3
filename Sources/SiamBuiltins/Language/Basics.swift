import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Showing, comparing and examining values of any kind.
extension Builtins {
    static let language: [Builtin] = [
        Builtin(
            "print", "values...",
            "Prints its arguments on one line, separated by spaces. A text may contain values: `print \"loss {l:.3}\"`.",
            examples: [("print(\"a\", 1, [2, 3])", "a 1 [2, 3]")], seeAlso: ["show", "format"], traits: .shows
        ) { i, a in
            i.session.print(try a.list(0).map { i.inline($0) }.joined(separator: " "))
            return .none
        },
        Builtin(
            "show", "x, all = false, net = none",
            "Prints a value as the prompt does; with `all = true` all of it. Pairs of images, from a batch source or one batch of it, are drawn side by side, labelled same or different, and with their distance if a net is given: `show(pairs(digits(), 8), net = net)`. A drawing is returned as a figure, so that `save(show(pairs(digits(), 8)), \"pairs.svg\")` writes it.",
            examples: [("show([1, 2])", "")],
            seeAlso: ["print", "image"], traits: .shows
        ) { i, a in
            var page = i.session.output.page
            page.all = try a.flag(1)
            let picture = try i.session.pictureOf?(a[0], a[2], i)
            let value = picture.map { Value.thing($0) } ?? a[0]
            i.session.show(value, as: i.session.display(value, page))
            guard case .thing(let t) = value, t is FigureThing else { return .none }
            i.session.shown = t
            return value
        },
        Builtin(
            "seed", "n", "Sets the one random stream: the same seed and program give the same result to the last bit.",
            examples: [("seed(7); rand(2) == rand(2)", "tensor 2\n[0  0]\nmin 0  max 0  mean 0  sd 0")],
            seeAlso: ["rand", "randn"], traits: .draws
        ) { i, a in
            let n = try a.integer(0)
            let shift = i.session.interventions?.seedShift ?? 0
            i.session.stream = RandomStream(seed: UInt64(bitPattern: Int64(n)) &+ shift)
            return .none
        },
        Builtin(
            "close", "a, b, tol = 1e-5",
            "|a - b| <= tol * max(1, |a|, |b|) for every element: approximate equality of computed numbers.",
            examples: [("close(0.1 + 0.2, 0.3)", "true")], seeAlso: ["expect"]
        ) { i, a in
            let x = try a.tensor(0)
            let y = try a.tensor(1)
            let tol = try a.number(2)
            guard x.shape == y.shape || x.count == 1 || y.count == 1 else {
                throw EngineError(
                    code: "close.shape",
                    message: "close compares tensors of one shape, and got \(x.shape) and \(y.shape)",
                    dims: [x.shape.dims, y.shape.dims])
            }
            return try InterruptibleWork.run(size: max(x.count, y.count)) {
                let (xs, ys) = (x.doubles, y.doubles)
                for k in 0..<(xs.count == 1 ? ys.count : xs.count) {
                    let p = xs.count == 1 ? xs[0] : xs[k]
                    let q = ys.count == 1 ? ys[0] : ys[k]
                    if p == q { continue }
                    if !(abs(p - q) <= tol * max(1, abs(p), abs(q))) { return .bool(false) }
                }
                return .bool(true)
            }
        },
        Builtin("type", "x", "What kind of value this is, as a text.", examples: [("type([1, 2])", "\"tensor\"")]) {
            i, a in
            switch a[0] {
            case .number: return Value("number")
            case .bool: return Value("bool")
            case .tensor: return Value("tensor")
            case .text: return Value("text")
            case .list: return Value("list")
            case .record: return Value("record")
            case .range: return Value("range")
            case .function(let f): return Value(f.code.role == .layer ? "layer constructor" : "function")
            case .builtin: return Value("function")
            case .layer: return Value("layer")
            case .thing(let t):
                return Value(String(t.kindName.split(separator: " ").dropFirst().joined(separator: " ")))
            default: return Value("none")
            }
        },
        Builtin(
            "source", "x", "The siam text that defines a function, layer or loss, as it was written.",
            examples: [("source(manhattan)", "")],
            seeAlso: ["print"], traits: .shows
        ) { i, a in
            let code: Code?
            switch a[0] {
            case .function(let f): code = f.code
            case .layer(let l): code = l.constructor
            case .builtin(let b):
                i.session.print("\(b.signature) is a primitive, written in Swift.\n\(b.help)")
                return .none
            default: throw a.wrong(0, "a function, a layer or a loss")
            }
            guard let code else {
                throw Diagnostic(code: "source.none", "this net was composed with >>, and has no text of its own")
            }
            i.session.print(code.sourceText)
            return .none
        },
        Builtin("__both", "a, b", "Whether both are true, for chained comparisons.") { i, a in
            if case .bool(let x) = a[0], case .bool(let y) = a[1] { return .bool(x && y) }
            return .tensor(try Operators.multiply(try a.tensor(0), try a.tensor(1)))
        },
        Builtin(
            "memory", "", "Bytes that tensors take now, and the most so far: a record of live and peak.",
            examples: [("memory().peak >= memory().live", "true")]
        ) {
            i, a in
            .record(Record([("live", .number(Double(Memory.live))), ("peak", .number(Double(Memory.peak)))]))
        },
        Builtin(
            "clock", "", "Seconds since a fixed moment, for measuring time. `time { ... }` is shorter.",
            examples: [("clock() > 0", "")]
        ) {
            _, _ in
            .number(Clock.now())
        },
    ]
}
