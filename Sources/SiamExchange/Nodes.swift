import SiamData
import SiamTensor

/// One node after another: which stage or which text it is in siam.
extension Translator {
    func translate(_ node: OnnxNode) throws {
        guard node.domain.isEmpty else { return try foreign(node) }
        switch node.op {
        case "Constant": break
        case "ConstantOfShape": try constantOfShape(node)
        case "Identity", "Dropout": try passing(node)
        case "Cast", "CastLike": try cast(node)
        case "Gemm": try gemm(node)
        case "MatMul": try matmul(node)
        case "Conv": try conv(node)
        case "MaxPool", "AveragePool": try pool(node)
        case "GlobalAveragePool", "GlobalMaxPool": try globalPool(node)
        case "BatchNormalization": try batchNorm(node)
        case "LayerNormalization": try layerNorm(node)
        case "InstanceNormalization": try instanceNorm(node)
        case "LpNormalization": try lpNorm(node)
        case "Add", "Sub", "Mul", "Div", "Pow", "Max", "Min", "Equal", "Greater", "Less", "GreaterOrEqual",
            "LessOrEqual",
            "And", "Or":
            try binary(node)
        case "Where": try choose(node)
        case "Flatten": try flatten(node)
        case "Reshape": try reshape(node)
        case "Transpose": try transpose(node)
        case "Squeeze": try squeeze(node)
        case "Unsqueeze": try unsqueeze(node)
        case "Expand": try expand(node)
        case "Concat": try concat(node)
        case "Slice": try slice(node)
        case "Split": try split(node)
        case "Gather", "GatherElements": try gather(node)
        case "Pad": try pad(node)
        case "Shape": try shape(node)
        case "Size": try size(node)
        case "ReduceMean", "ReduceSum", "ReduceMax", "ReduceMin", "ReduceProd", "ReduceL2", "ReduceL1",
            "ReduceSumSquare",
            "ReduceLogSumExp":
            try reduce(node)
        case "ArgMax", "ArgMin": try argument(node)
        case "Softmax", "LogSoftmax": try softmax(node)
        case "Clip": try clip(node)
        default:
            guard let (kind, text) = try elementwise(node) else {
                throw DataError(
                    code: "onnx.operator", message: "\(node.title) is an operator that siam does not read", path: path)
            }
            let v = try value(node, 0)
            set(node, stage(node, kind, text, v, v.dims, v.layout))
        }
    }

    /// The elementwise functions of one value: the kind of stage and what makes it.
    private func elementwise(_ node: OnnxNode) throws -> (String, String)? {
        func x(_ text: String) -> String { "(x -> \(text))" }
        func a(_ name: String, _ defaultValue: Float) -> String { written(node.float(name, defaultValue)) }
        switch node.op {
        case "Relu": return ("relu", "relu")
        case "Sigmoid": return ("sigmoid", "sigmoid")
        case "Tanh": return ("tanh", "tanh")
        case "Softplus": return ("softplus", "softplus")
        case "Exp": return ("exp", "exp")
        case "Log": return ("log", "log")
        case "Sqrt": return ("sqrt", "sqrt")
        case "Abs": return ("abs", "abs")
        case "Erf": return ("erf", "erf")
        case "Sin": return ("sin", "sin")
        case "Cos": return ("cos", "cos")
        case "Sign": return ("sign", "sign")
        case "Floor": return ("floor", "floor")
        case "Ceil": return ("ceil", "ceil")
        case "Round": return ("round", "round")
        case "Reciprocal": return ("reciprocal", "reciprocal")
        case "Neg": return ("negate", x("-x"))
        case "Not": return ("not", x("1 - x"))
        case "LeakyRelu": return ("leaky_relu", x("leaky_relu(x, \(a("alpha", 0.01)))"))
        case "ThresholdedRelu": return ("relu", x("where(x > \(a("alpha", 1)), x, 0)"))
        case "Elu": return ("elu", x("elu(x, \(a("alpha", 1)))"))
        case "Celu":
            return ("celu", x("maximum(x, 0) + minimum(\(a("alpha", 1)) * (exp(x / \(a("alpha", 1))) - 1), 0)"))
        case "Selu":
            return ("selu", x("\(a("gamma", 1.0507009873554805)) * elu(x, \(a("alpha", 1.6732632423543772)))"))
        case "Gelu":
            guard node.text("approximate", "none") == "tanh" else { return ("gelu", "gelu") }
            return ("gelu", x("0.5 * x * (1 + tanh(0.7978845608028654 * (x + 0.044715 * x * x * x)))"))
        case "HardSigmoid": return ("hard_sigmoid", x("clamp(\(a("alpha", 0.2)) * x + \(a("beta", 0.5)), 0, 1)"))
        case "HardSwish": return ("hard_swish", x("x * clamp(x / 6 + 0.5, 0, 1)"))
        case "Swish": return ("swish", x("x * sigmoid(\(a("alpha", 1)) * x)"))
        case "Softsign": return ("softsign", x("x / (1 + abs(x))"))
        case "Mish": return ("mish", x("x * tanh(softplus(x))"))
        default: return nil
        }
    }

    /// Operators of other sets: those of scikit-learn's files that a net needs.
    private func foreign(_ node: OnnxNode) throws {
        switch (node.domain, node.op) {
        case ("com.microsoft", "Gelu"):
            let v = try value(node, 0)
            set(node, stage(node, "gelu", "gelu", v, v.dims, v.layout))
        case ("ai.onnx.ml", "Scaler"):
            let v = plain(try value(node, 0))
            guard let offset = node.floats("offset"), let factor = node.floats("scale") else {
                throw refused(node, "it has no offset or no scale")
            }
            let held = try [(offset, "offset"), (factor, "factor")].map { values, word in
                let c = Constant(OnnxTensor(), isInitial: false, constants)
                return own(node, c, try Tensor(dims: [values.count], values), word)
            }
            set(node, emit("($0 - %0) * %1", [v], v.dims, owns: held, name: names.stage(node, kind: "scaler")))
        case ("ai.onnx.ml", "Normalizer"):
            let v = plain(try value(node, 0))
            switch node.text("norm", "MAX") {
            case "L2": set(node, stage(node, "l2norm", "l2norm", v, v.dims, .plain))
            case "L1":
                set(node, stage(node, "l1norm", "(x -> x / sum(abs(x), axis = -1, keep = true))", v, v.dims, .plain))
            default: set(node, stage(node, "maxnorm", "(x -> x / max(x, axis = -1, keep = true))", v, v.dims, .plain))
            }
        default:
            throw DataError(
                code: "onnx.operator",
                message: "\(node.title) is an operator of \(node.domain) that siam does not read", path: path)
        }
    }

    // MARK: Constants and what passes

    func constantNode(_ node: OnnxNode) throws {
        func made(_ dims: [Int], floats: [Float] = [], integers: [Int] = []) -> Item {
            var t = OnnxTensor()
            t.name = node.outputs.first ?? ""
            t.dims = dims
            t.element = floats.isEmpty ? 7 : 1
            t.floats = floats
            t.integers = integers
            return .constant(Constant(t, isInitial: false, constants))
        }
        if case .tensor(var t)? = node.attributes["value"] {
            if t.name.isEmpty { t.name = node.outputs.first ?? "" }
            set(node, .constant(Constant(t, isInitial: false, constants)))
        } else if case .float(let x)? = node.attributes["value_float"] {
            set(node, made([], floats: [x]))
        } else if case .integer(let i)? = node.attributes["value_int"] {
            set(node, made([], integers: [i]))
        } else if let l = node.floats("value_floats") {
            set(node, made([l.count], floats: l))
        } else if let l = node.integers("value_ints") {
            set(node, made([l.count], integers: l))
        } else {
            throw refused(node, "it has no tensor of numbers")
        }
    }

    private func constantOfShape(_ node: OnnxNode) throws {
        var x: Float = 0
        var isWhole = false
        if case .tensor(let t)? = node.attributes["value"] {
            x = try constants.tensor(t).floats.first ?? 0
            isWhole = t.isWhole
        }
        if isWhole, let (shape, _) = try lengths(node, 0), shape.count == 1, let n = shape[0].known,
            (0..<4096).contains(n)
        {
            return set(node, .lengths([Length](repeating: .n(Int(x)), count: n), isScalar: false))
        }
        switch try item(node, 0) {
        case .lengths(let l, _) where l.allSatisfy({ $0.known != nil }):
            set(node, emit("full([\(l.map { "\($0.known ?? 1)" }.joined(separator: ", "))], \(written(x)))", [], l))
        case .lengths(let l, _) where broadcastsAnyway(node):
            let ones = l.map { $0.known ?? 1 }
            set(
                node,
                emit("full([\(ones.map(String.init).joined(separator: ", "))], \(written(x)))", [], ones.map { .n($0) })
            )
        case .constant(let c):
            let l = try c.wholes() ?? []
            guard try Shape(l).count <= 1 << 24 else { throw refused(node, "its result would have the shape \(l)") }
            set(
                node, emit("full([\(l.map(String.init).joined(separator: ", "))], \(written(x)))", [], l.map { .n($0) })
            )
        default: throw refused(node, "its shape is known only when the net is applied")
        }
    }

    private func passing(_ node: OnnxNode) throws {
        let given = try item(node, 0)
        guard node.op == "Dropout", case .value(let v) = given else { return set(node, given) }
        let rate = try number(node, 1, or: "ratio") ?? 0.5
        guard rate > 0, rate < 1 else { return set(node, given) }
        set(node, stage(node, "dropout", "dropout(\(written(rate)))", v, v.dims, v.layout))
    }

    private func cast(_ node: OnnxNode) throws {
        let given = try item(node, 0)
        let wholes: Set<Int> = [2, 3, 4, 5, 6, 7, 12, 13]
        let target = node.integer("to", 1)
        guard target != 8 else { throw refused(node, "it converts numbers to texts") }
        guard case .value(let v) = given, wholes.contains(target), !v.isWhole else { return set(node, given) }
        var held = stage(node, "cast", "(x -> sign(x) * floor(abs(x)))", v, v.dims, v.layout)
        held.isWhole = true
        set(node, held)
    }

    // MARK: Two values

    private static let signs = [
        "Add": "+", "Sub": "-", "Mul": "*", "Div": "/", "Pow": "^", "Equal": "==", "Greater": ">", "Less": "<",
        "GreaterOrEqual": ">=", "LessOrEqual": "<=",
    ]

    private func binary(_ node: OnnxNode) throws {
        if let known = try lengthsOf(node) { return set(node, known) }
        guard node.inputs.count == 2 else { return try many(node) }
        let word = node.op.lowercased()
        // A number is written into the text.
        for (k, other) in [(0, 1), (1, 0)] {
            guard case .value(let v) = try item(node, k) else { continue }
            let scalar: Float?
            switch try item(node, other) {
            case .constant(let c) where c.dims.count <= v.rank: scalar = try c.scalar()
            case .lengths(let l, _) where l.count == 1: scalar = l[0].known.map { Float($0) }
            default: scalar = nil
            }
            guard let scalar else { continue }
            let (l, r) = k == 0 ? ("$0", written(scalar)) : (written(scalar), "$0")
            var text = joined(node.op, l, r)
            if node.op == "Div", v.isWhole { text = "floor(\(text))" }
            let name = names.stage(node, kind: word)
            return set(node, emit(text, [v], v.dims, v.layout, name: name, isWhole: v.isWhole))
        }
        let (a, b) = try aligned(node)
        let text = joined(node.op, "$0", "$1")
        set(node, emit(text, [a, b], broadcast(a.dims, b.dims), a.layout, isWhole: a.isWhole && b.isWhole))
    }

    private func joined(_ op: String, _ l: String, _ r: String) -> String {
        switch op {
        case "Max": "maximum(\(l), \(r))"
        case "Min": "minimum(\(l), \(r))"
        case "And": "(\(l) * \(r))"
        case "Or": "maximum(\(l), \(r))"
        case "Pow" where r == "2": "\(l)^2"
        default: "\(l) \(Translator.signs[op] ?? "+") \(r)"
        }
    }

    /// Max and Min of more than two, or of one.
    private func many(_ node: OnnxNode) throws {
        guard node.op == "Max" || node.op == "Min", !node.inputs.isEmpty else {
            throw refused(node, "it expects two inputs, and has \(node.inputs.count)")
        }
        var held = plain(try value(node, 0))
        for k in node.inputs.indices.dropFirst() {
            let next = plain(try value(node, k))
            held = emit(joined(node.op, "$0", "$1"), [held, next], broadcast(held.dims, next.dims))
        }
        set(node, held)
    }

    /// Two inputs held alike, so that they broadcast as in the file.
    private func aligned(_ node: OnnxNode) throws -> (ImportedValue, ImportedValue) {
        let items = [try item(node, 0), try item(node, 1)]
        let layouts = items.compactMap { if case .value(let v) = $0 { v.layout } else { nil } }
        let isImage = layouts.contains(.channelsLast)
        let isSame = layouts.count == 2 && layouts[0] == layouts[1]
        var held: [ImportedValue] = []
        for k in 0..<2 {
            guard case .constant(let c) = items[k] else {
                let v = try value(node, k)
                if isSame, v.layout != .plain {
                    held.append(v)
                } else if isImage {
                    held.append(image(v))
                } else {
                    held.append(plain(v))
                }
                continue
            }
            guard isImage, c.dims.count <= 4 else {
                held.append(try value(node, k))
                continue
            }
            // A constant of channels x 1 x 1 turns with the image.
            let full = [Int](repeating: 1, count: 4 - c.dims.count) + c.dims
            let turned = try c.tensor().reshaped(to: Shape(full)).turned([0, 2, 3, 1])
            let own = self.own(node, c, try turned.reshaped(to: Shape(turned.shape.dims.trimmed)))
            held.append(emit("%0", [], full.map { .n($0) }, .channelsLast, owns: [own]))
        }
        if !isImage, isSame, layouts[0] != .plain, broadcast(held[0].dims, held[1].dims) == held[0].dims {
            return (held[0], held[1])
        }
        if isImage { return (held[0], held[1]) }
        return (plain(held[0]), plain(held[1]))
    }

    /// A value that is broadcast with an image: its axes are aligned from the right.
    private func image(_ v: ImportedValue) -> ImportedValue {
        if v.rank == 4 { return channelsLast(v) }
        let v = plain(v)
        guard v.rank < 4, v.rank > 0 else { return v }
        let ones = String(repeating: "1, ", count: 4 - v.rank)
        let lengths = (0..<v.rank).map { text(v.dims[$0], v, $0) }.joined(separator: ", ")
        let dims = [Length](repeating: .n(1), count: 4 - v.rank) + v.dims
        return channelsLast(emit("reshape($0, [\(ones)\(lengths)])", [v], dims))
    }

    private func choose(_ node: OnnxNode) throws {
        let given = try (0..<3).map { try value(node, $0) }
        // Images stay as they are held.
        let isAlike = given.allSatisfy { $0.layout == given[0].layout && $0.rank == given[0].rank }
        let parts = isAlike ? given : given.map { plain($0) }
        let dims = broadcast(broadcast(parts[0].dims, parts[1].dims), parts[2].dims)
        set(node, emit("where($0, $1, $2)", parts, dims, isAlike ? given[0].layout : .plain))
    }

    // MARK: Functions with an axis

    private func softmax(_ node: OnnxNode) throws {
        let v = try value(node, 0)
        let word = node.op == "Softmax" ? "softmax" : "log_softmax"
        let isOld = model.opset < 13
        let given = try axis(node, node.integer("axis", isOld ? 1 : -1), v.rank)
        if isOld, given < v.rank - 1 {
            // Up to opset 12 everything from the axis on is one.
            let v = plain(v)
            guard given > 0, let rest = product(v.dims[given...])?.known else {
                throw refused(node, "its axes are flattened, and their lengths are not known")
            }
            let back = v.dims.indices.map { self.text(v.dims[$0], v, $0) }.joined(separator: ", ")
            let form = "reshape(\(word)(reshape($0, [-1, \(rest)])), [\(back)])"
            return set(node, emit(form, [v], v.dims, name: names.stage(node, kind: word)))
        }
        let held = v.layout == .squeezed && given > 1 ? plain(v) : v
        let k = axis(given, of: held)
        let isLast = k == held.rank - 1 || held.layout == .squeezed
        let text = isLast ? word : "(x -> \(word)(x, axis = \(k)))"
        set(node, stage(node, word, text, held, held.dims, held.layout))
    }

    private func clip(_ node: OnnxNode) throws {
        let v = try value(node, 0)
        let low = try number(node, 1, or: "min")
        let high = try number(node, 2, or: "max")
        let text: String
        switch (low, high) {
        case (nil, nil): return set(node, v)
        case (let low?, nil): text = "(x -> maximum(x, \(written(low))))"
        case (nil, let high?): text = "(x -> minimum(x, \(written(high))))"
        case (let low?, let high?): text = "(x -> clamp(x, \(written(low)), \(written(high))))"
        }
        set(node, stage(node, "clip", text, v, v.dims, v.layout))
    }

    private func lpNorm(_ node: OnnxNode) throws {
        let v = try value(node, 0)
        let k = try axis(node, node.integer("axis", -1), v.rank)
        let held = v.layout == .squeezed && k > 1 ? plain(v) : v
        let place = axis(k, of: held)
        if node.integer("p", 2) == 2 {
            let isLast = place == held.rank - 1 || held.layout == .squeezed
            let text = isLast ? "l2norm" : "(x -> l2norm(x, axis = \(place)))"
            return set(node, stage(node, "l2norm", text, held, held.dims, held.layout))
        }
        let text = "(x -> x / maximum(sum(abs(x), axis = \(place), keep = true), 1e-12))"
        set(node, stage(node, "l1norm", text, held, held.dims, held.layout))
    }
}

extension [Int] {
    /// Leading ones left away, so that a constant keeps no more axes than it needs.
    fileprivate var trimmed: [Int] { contains { $0 != 1 } ? Array(drop { $0 == 1 }) : [1] }
}
