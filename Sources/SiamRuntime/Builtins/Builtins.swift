import SiamGradient
import SiamLanguage
import SiamTensor

/// The table of all built-ins: the sum of the families' lists.
public enum Builtins {
    public static let core: [Builtin] =
        language + following + lists + texts + tensors + nets + learning + data + dataSets + tables + files + runLists
        + words
        + augmentations + metrics
        + miners + lossTools + widened + exchange
    /// Built-ins whose first argument is looked at as a call rather than evaluated before.
    static let lazyArguments: Set<String> = ["step", "watch"]
    private static let ofOperators: [String: Builtin] = Dictionary(
        Operators.all.map { ($0.name, Builtin($0)) }, uniquingKeysWith: { a, _ in a })
    public static func of(_ op: Operator) -> Builtin { ofOperators[op.name] ?? Builtin(op) }

    // MARK: Language

    static let language: [Builtin] = [
        Builtin(
            "print", "values...",
            "Prints its arguments on one line, separated by spaces. A text may hold values: `print \"loss {l:.3}\"`.",
            examples: [("print(\"a\", 1, [2, 3])", "a 1 [2, 3]")], seeAlso: ["show", "format"]
        ) { i, a in
            i.session.print(try a.list(0).map { i.inline($0) }.joined(separator: " "))
            return .none
        },
        Builtin(
            "show", "x, all = false, net = none",
            "Prints a value as the prompt does; with `all = true` the whole of it. Pairs of images, a source or one of its batches, are drawn side by side with same or different, and with their distance where a net is given: `show(pairs(digits(), 8), net = net)`. What it draws it gives as a figure, so that `save(show(pairs(digits(), 8)), \"pairs.svg\")` writes it.",
            examples: [("show([1, 2])", "")],
            seeAlso: ["print", "image"]
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
            seeAlso: ["rand", "randn"]
        ) { i, a in
            let n = try a.integer(0)
            let shift = i.session.interventions?.seedShift ?? 0
            i.session.stream = RandomStream(seed: UInt64(bitPattern: Int64(n)) &+ shift)
            return .none
        },
        Builtin(
            "close", "a, b, tol = 1e-5",
            "|a - b| <= tol * max(1, |a|, |b|) for every element: equality of numbers that were computed.",
            examples: [("close(0.1 + 0.2, 0.3)", "true")], seeAlso: ["expect"]
        ) { i, a in
            let x = try a.tensor(0)
            let y = try a.tensor(1)
            let tol = try a.number(2)
            let xs = x.doubles
            let ys = y.doubles
            guard x.shape == y.shape || x.count == 1 || y.count == 1 else {
                throw EngineError(
                    code: "close.shape",
                    message: "close compares tensors of one shape, and got \(x.shape) and \(y.shape)",
                    dims: [x.shape.dims, y.shape.dims])
            }
            for k in 0..<(xs.count == 1 ? ys.count : xs.count) {
                let p = xs.count == 1 ? xs[0] : xs[k]
                let q = ys.count == 1 ? ys[0] : ys[k]
                if p == q { continue }
                if !(abs(p - q) <= tol * max(1, abs(p), abs(q))) { return .bool(false) }
            }
            return .bool(true)
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
            seeAlso: ["print"]
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
                throw Diagnostic(code: "source.none", "this net was made by >>, and has no text of its own")
            }
            i.session.print(code.sourceText)
            return .none
        },
        Builtin("__both", "a, b", "Both hold: how a chain of comparisons is joined.") { i, a in
            if case .bool(let x) = a[0], case .bool(let y) = a[1] { return .bool(x && y) }
            return .tensor(try Operators.multiply(try a.tensor(0), try a.tensor(1)))
        },
        Builtin(
            "memory", "", "Bytes that live tensors hold, and the most they ever held: a record of live and peak.",
            examples: [("memory().peak >= memory().live", "true")]
        ) {
            i, a in
            .record(Record([("live", .number(Double(Memory.live))), ("peak", .number(Double(Memory.peak)))]))
        },
        Builtin(
            "clock", "", "Seconds since some fixed moment, for timing by hand. `time { ... }` is shorter.",
            examples: [("clock() > 0", "")]
        ) {
            _, _ in
            .number(Clock.now())
        },
    ]
}

extension Code {
    /// The definition's text with its help, or the program's own words for a lambda.
    public var sourceText: String {
        var text = source.text(span)
        if let help, !text.hasPrefix("##") {
            text =
                help.split(separator: "\n", omittingEmptySubsequences: false).map { "## \($0)" }.joined(separator: "\n")
                + "\n" + text
        }
        return text
    }
}

/// The repairs and long words that belong to the engine's errors.
enum EngineRepairs {
    static func describe(_ e: EngineError, _ interpreter: Interpreter) -> Diagnostic {
        var d = Diagnostic(code: e.code, e.message, notes: e.notes)
        guard interpreter.frameCount > 0 else { return d }
        let frame = interpreter.currentFrame
        let code = frame.code.takeUnretainedValue()
        if e.code == "conv.rank", let dims = e.dims.first {
            let lengths = dims.map(String.init).joined(separator: ", ")
            switch dims.count {
            case 3 where dims[2] == 1 || dims[2] == 3:
                d.repair = "one picture is a batch of one:  reshape(x, 1, \(lengths)), or expand(x, 0)"
            case 3: d.repair = "images of one channel have an axis for it:  reshape(x, \(lengths), 1)"
            case 2: d.repair = "what looks at images stands before flatten:  maxpool(2) >> flatten >> dense(8)"
            default: break
            }
        }
        if e.code == "cross_entropy.labels", let dims = e.dims.first, dims.count > 2 {
            d.repair = "scores are rows, one an example, at the net's end:  flatten >> dense(\(dims.last ?? 10))"
        }
        guard let site = code.site(frame.pc - 1), case .binary(let op, let l, let r, _) = site.kind, e.dims.count == 2
        else { return d }
        let (a, b) = (e.dims[0], e.dims[1])
        let left = code.source.text(l.span)
        let right = code.source.text(r.span)
        func shape(_ dims: [Int]) -> String { dims.map(String.init).joined(separator: "x") }
        if op == .matmul, a.count == 2, b.count == 2 {
            if a[1] == b[1] {
                d.repair =
                    "the other way round it fits, and gives \(shape([a[0], b[0]])):  \(left) @ \(right).transpose()"
                d.edits = [.init(Place(code.source, site.span), "\(left) @ \(right).transpose()")]
            } else if a[0] == b[0] {
                d.repair =
                    "the other way round it fits, and gives \(shape([a[1], b[1]])):  \(left).transpose() @ \(right)"
                d.edits = [.init(Place(code.source, site.span), "\(left).transpose() @ \(right)")]
            } else if a[0] == b[1] {
                d.repair = "in the other order it fits, and gives \(shape([b[0], a[1]])):  \(right) @ \(left)"
                d.edits = [.init(Place(code.source, site.span), "\(right) @ \(left)")]
            }
        } else if op == .multiply, a.count == 2, b.count == 2, a[1] == b[0] {
            d.repair = "the matrix product fits, and gives \(shape([a[0], b[1]])):  \(left) @ \(right)"
            d.edits = [.init(Place(code.source, site.span), "\(left) @ \(right)")]
        } else if a.count == b.count, a.count == 2, a == b.reversed() {
            d.repair = "transposed they have one shape:  \(right).transpose()"
        }
        return d
    }
}
