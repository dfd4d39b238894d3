import SiamExchange
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Each of siam's operators as nodes of ONNX.
extension OnnxExport {
    private static let unary = [
        "relu": "Relu", "sigmoid": "Sigmoid", "tanh": "Tanh", "exp": "Exp", "log": "Log", "sqrt": "Sqrt", "abs": "Abs",
        "erf": "Erf", "negate": "Neg", "reciprocal": "Reciprocal", "softplus": "Softplus", "sin": "Sin", "cos": "Cos",
        "gelu": "Gelu", "sign": "Sign", "floor": "Floor", "ceil": "Ceil", "round": "Round",
    ]
    private static let binary = [
        "add": "Add", "subtract": "Sub", "multiply": "Mul", "divide": "Div", "power": "Pow", "maximum": "Max",
        "minimum": "Min",
    ]
    /// Those whose results are truths in the file, and 0 and 1 here.
    private static let truths = [
        "equal": "Equal", "less": "Less", "less_equal": "LessOrEqual", "greater": "Greater",
        "greater_equal": "GreaterOrEqual", "logical_and": "And", "logical_or": "Or", "is_nan": "IsNaN",
        "logical_not": "Not", "unequal": "Equal",
    ]
    private static let reductions = [
        "sum": "ReduceSum", "mean": "ReduceMean", "max": "ReduceMax", "min": "ReduceMin", "prod": "ReduceProd",
        "norm": "ReduceL2", "logsumexp": "ReduceLogSumExp",
    ]

    func write(_ p: Pair, _ x: [Form]) throws -> Form {
        func node(_ op: String, _ inputs: [String], _ attributes: [(String, OnnxWriter.Attribute)] = []) -> String {
            let name = writer.name(stage.isEmpty ? op : stage)
            writer.node(op, inputs, [name], name: "\(name)/\(op)", attributes)
            return name
        }
        func made(_ name: String) -> Form { Form(plain: name, first: nil, shapes: p.shapes) }
        func image(_ name: String) -> Form { Form(plain: nil, first: name, shapes: p.shapes) }
        func numbers(_ l: [Int], isScalar: Bool = false) -> String {
            let name = writer.name("numbers")
            writer.constant(name, wholes: l, isScalar: isScalar)
            return name
        }
        func number(_ v: Double) throws -> String {
            let name = writer.name("number")
            writer.constant(name, try Tensor(scalar: v))
            return name
        }
        guard let a = x.first else { throw OnnxExport.refused("\(p.op) has no input") }
        let isFirst = a.plain == nil
        /// Of one value, wherever its channels are.
        func each(_ op: String, _ attributes: [(String, OnnxWriter.Attribute)] = [], more: [String] = []) throws -> Form
        {
            isFirst
                ? image(node(op, [try first(a)] + more, attributes)) : made(node(op, [try plain(a)] + more, attributes))
        }
        if let op = OnnxExport.unary[p.op] { return try each(op) }
        if let op = OnnxExport.binary[p.op], x.count == 2 { return try joined(op, p, x, node, made, image) }
        if let op = OnnxExport.truths[p.op] {
            let takesTruths = ["And", "Or", "Not"].contains(op)
            var given = takesTruths ? try x.map { node("Cast", [try plain($0)], [("to", .integer(9))]) } : []
            var isImage = false
            if !takesTruths, x.count == 1 {
                given = [isFirst ? try first(a) : try plain(a)]
                isImage = isFirst
            } else if !takesTruths {
                let held = try joined(
                    op, p, x,
                    { _, inputs, _ in
                        given = inputs; return ""
                    }, made, image)
                isImage = held.plain == nil
            }
            var truth = node(op, given)
            if p.op == "unequal" { truth = node("Not", [truth]) }
            let name = node("Cast", [truth], [("to", .integer(1))])
            return isImage ? image(name) : made(name)
        }
        if let op = OnnxExport.reductions[p.op] {
            let axes = p.integers(0) ?? Array(0..<a.rank)
            let keeps = p.flag(1)
            let attributes: [(String, OnnxWriter.Attribute)] = [("keepdims", .integer(keeps ? 1 : 0))]
            let places = axes.map { $0 < 0 ? $0 + a.rank : $0 }.sorted()
            if isFirst, places == [1, 2] {
                let name = node(op, [try first(a), numbers([2, 3])], attributes)
                return keeps ? image(name) : made(name)
            }
            return made(node(op, [try plain(a), numbers(places)], attributes))
        }
        switch p.op {
        case "square":
            return isFirst
                ? image(node("Mul", [try first(a), try first(a)])) : made(node("Mul", [try plain(a), try plain(a)]))
        case "log1p": return made(node("Log", [node("Add", [try plain(a), try number(1)])]))
        case "expm1": return made(node("Sub", [node("Exp", [try plain(a)]), try number(1)]))
        case "leaky_relu": return try each("LeakyRelu", [("alpha", .float(p.number(0, 0.01)))])
        case "elu": return try each("Elu", [("alpha", .float(p.number(0, 1)))])
        case "clamp": return try each("Clip", more: [try number(p.number(0, 0)), try number(p.number(1, 1))])
        case "softmax": return made(node("Softmax", [try plain(a)], [("axis", .integer(p.integer(0, -1)))]))
        case "log_softmax": return made(node("LogSoftmax", [try plain(a)], [("axis", .integer(p.integer(0, -1)))]))
        case "l2norm":
            let v = try plain(a)
            let length = node("ReduceL2", [v, numbers([p.integer(0, -1)])], [("keepdims", .integer(1))])
            return made(node("Div", [v, node("Max", [length, try number(p.number(1, 1e-12))])]))
        case "var":
            guard p.integer(0, 0) == 0 else { throw OnnxExport.refused("var with a correction has no operator") }
            let v = try plain(a)
            let axes = numbers(p.integers(1) ?? Array(0..<a.rank))
            let d = node("Sub", [v, node("ReduceMean", [v, axes], [("keepdims", .integer(1))])])
            return made(node("ReduceMean", [node("Mul", [d, d]), axes], [("keepdims", .integer(p.flag(2) ? 1 : 0))]))
        case "layer_norm":
            guard x.count == 3, let scale = constant(x[1]), let shift = constant(x[2]), scale.rank == 1, shift.rank == 1
            else { throw OnnxExport.refused("the scale of layer_norm is computed") }
            return made(
                node(
                    "LayerNormalization", [try plain(a), try plain(x[1]), try plain(x[2])],
                    [("axis", .integer(-1)), ("epsilon", .float(p.number(0, 1e-5)))]))
        case "batch_norm":
            guard x.count == 5 else { throw OnnxExport.refused("batch_norm uses the batch's own mean here") }
            let inputs = try x.dropFirst().map { try plain($0) }
            let attributes: [(String, OnnxWriter.Attribute)] = [("epsilon", .float(p.number(0, 1e-5)))]
            if a.rank == 4 { return image(node("BatchNormalization", [try first(a)] + inputs, attributes)) }
            guard a.rank == 2 else { throw OnnxExport.refused("batch_norm of \(a.rank) axes is not written") }
            return made(node("BatchNormalization", [try plain(a)] + inputs, attributes))
        case "matmul":
            func side(_ f: Form, _ turned: Bool) throws -> String {
                let name = try plain(f)
                guard turned, f.rank > 1 else { return name }
                return node(
                    "Transpose", [name], [("perm", .integers(Array(0..<f.rank - 2) + [f.rank - 1, f.rank - 2]))])
            }
            return made(node("MatMul", [try side(a, p.flag(0)), try side(x[1], p.flag(1))]))
        case "affine": return try affine(p, x, node, made)
        case "conv2d": return try convolution(p, x, node, image)
        case "maxpool2d", "avgpool2d":
            let size = p.pair(0, 2)
            let stride = p.integers(1) == nil ? size : p.pair(1, 2)
            let pads = margins(a.shapes.0, p.shapes.0, size, stride, [1, 1], p.text(2, "valid"))
            var attributes: [(String, OnnxWriter.Attribute)] = [
                ("kernel_shape", .integers(size)), ("strides", .integers(stride)), ("pads", .integers(pads)),
            ]
            if p.op == "avgpool2d" { attributes.append(("count_include_pad", .integer(0))) }
            return image(node(p.op == "maxpool2d" ? "MaxPool" : "AveragePool", [try first(a)], attributes))
        case "euclidean":
            let d = node("Sub", [try plain(a), try plain(x[1])])
            return made(node("ReduceL2", [d, numbers([-1])], [("keepdims", .integer(0))]))
        case "reshape", "expand", "squeeze":
            return made(node("Reshape", [try plain(a), numbers(try lengths(p, a))]))
        case "transpose":
            let order = p.integers(0)?.map { $0 < 0 ? $0 + a.rank : $0 } ?? Array((0..<a.rank).reversed())
            if isFirst, order == [0, 3, 1, 2] { return made(try first(a)) }
            return made(node("Transpose", [try plain(a)], [("perm", .integers(order))]))
        case "concatenate":
            let axis = p.integer(0, 0)
            if x.allSatisfy({ $0.plain == nil }), axis == 3 || axis == -1 {
                return image(node("Concat", try x.map { try first($0) }, [("axis", .integer(1))]))
            }
            return made(node("Concat", try x.map { try plain($0) }, [("axis", .integer(axis))]))
        case "stack":
            let axis = p.integer(0, 0)
            let places = numbers([axis])
            return made(
                node("Concat", try x.map { node("Unsqueeze", [try plain($0), places]) }, [("axis", .integer(axis))]))
        case "pad":
            guard let widths = p.integers(0) else { throw OnnxExport.refused("the widths of pad are not known") }
            let all = widths.count == 1 ? [Int](repeating: widths[0], count: 2 * a.rank) : widths
            guard all.count == 2 * a.rank else { throw OnnxExport.refused("the widths of pad are not known") }
            var order = Array(0..<a.rank)
            if isFirst { order = [0, 3, 1, 2] }
            let sides = order.map { all[2 * $0] } + order.map { all[2 * $0 + 1] }
            let inputs = [isFirst ? try first(a) : try plain(a), numbers(sides), try number(p.number(1, 0))]
            let name = node("Pad", inputs)
            return isFirst ? image(name) : made(name)
        case "gather":
            let places = node("Cast", [try plain(x[1])], [("to", .integer(7))])
            return made(node("Gather", [try plain(a), places], [("axis", .integer(p.integer(0, 0)))]))
        case "where":
            guard x.count == 3 else { break }
            let condition = node("Cast", [try plain(a)], [("to", .integer(9))])
            return made(node("Where", [condition, try plain(x[1]), try plain(x[2])]))
        case "index": return try picked(p, x, node, made, numbers)
        case "global_avgpool", "global_maxpool": break
        default: break
        }
        throw OnnxExport.refused("\(p.op), in \(stage.isEmpty ? "the net" : stage), has no operator that siam writes")
    }

    typealias Make = (String, [String], [(String, OnnxWriter.Attribute)]) -> String

    /// Two values: images stay with their channels first where the other side can follow.
    private func joined(
        _ op: String, _ p: Pair, _ x: [Form], _ node: Make, _ made: (String) -> Form, _ image: (String) -> Form
    ) throws -> Form {
        let isImage = x.contains { $0.plain == nil }
        if isImage, p.rank == 4 {
            var names: [String] = []
            for f in x {
                if f.plain == nil {
                    names.append(try first(f))
                } else if f.shapes.0.count == 1, f.rank <= 4 {
                    names.append(try plain(f))
                } else if let t = constant(f), f.rank == 1 {
                    let name = writer.name("\(f.plain ?? "constant")_first")
                    writer.constant(name, try t.reshaped(to: Shape([t.count, 1, 1])))
                    names.append(name)
                } else if f.rank == 4 {
                    names.append(try first(f))
                } else {
                    break
                }
            }
            if names.count == 2 { return image(node(op, names, [])) }
        }
        return made(node(op, try x.map { try plain($0) }, []))
    }

    private func affine(_ p: Pair, _ x: [Form], _ node: Make, _ made: (String) -> Form) throws -> Form {
        let hasBias = x.count > 2
        var name: String
        if x[0].rank == 2, hasBias {
            name = node("Gemm", try x.map { try plain($0) }, [])
        } else {
            name = node("MatMul", [try plain(x[0]), try plain(x[1])], [])
            if hasBias { name = node("Add", [name, try plain(x[2])], []) }
        }
        switch p.text(0, "none") {
        case "relu": name = node("Relu", [name], [])
        case "tanh": name = node("Tanh", [name], [])
        case "sigmoid": name = node("Sigmoid", [name], [])
        default: break
        }
        return made(name)
    }

    /// Margins top, left, bottom, right.
    private func margins(_ x: Shape, _ y: Shape, _ size: [Int], _ stride: [Int], _ dilation: [Int], _ padding: String)
        -> [Int]
    {
        guard padding == "same" else { return [0, 0, 0, 0] }
        var (before, after) = ([0, 0], [0, 0])
        for k in 0..<2 {
            let total = max(0, (y[k + 1] - 1) * stride[k] + (size[k] - 1) * dilation[k] + 1 - x[k + 1])
            before[k] = total / 2
            after[k] = total - total / 2
        }
        return before + after
    }

    private func convolution(_ p: Pair, _ x: [Form], _ node: Make, _ image: (String) -> Form) throws -> Form {
        guard x.count >= 2, let w = constant(x[1]), w.rank == 4 else {
            throw OnnxExport.refused("the kernel of conv2d is computed")
        }
        let d = w.shape.dims
        let (stride, dilation) = (p.pair(0, 1), p.pair(2, 1))
        let pads = margins(x[0].shapes.0, p.shapes.0, [d[0], d[1]], stride, dilation, p.text(1, "same"))
        var attributes: [(String, OnnxWriter.Attribute)] = [
            ("kernel_shape", .integers([d[0], d[1]])), ("strides", .integers(stride)),
            ("dilations", .integers(dilation)),
            ("pads", .integers(pads)),
        ]
        // height, width, in, out of siam are out, in, height, width of the file; a kernel that is 0 between channels is one a
        // channel.
        let kernel: Tensor
        if let alone = try OnnxExport.depthwise(w) {
            kernel = alone
            attributes.append(("group", .integer(d[2])))
        } else {
            kernel = try OnnxExport.turned(w.floats, d, [3, 2, 0, 1])
        }
        let name = writer.name("\(x[1].plain ?? "kernel")")
        let key = "kernel \(x[1].plain ?? "")"
        let held = kernels[key] ?? name
        if kernels[key] == nil {
            writer.constant(name, kernel)
            kernels[key] = name
        }
        var inputs = [try first(x[0]), held]
        if x.count > 2 { inputs.append(try plain(x[2])) }
        return image(node("Conv", inputs, attributes))
    }

    static func turned(_ source: [Float], _ from: [Int], _ order: [Int]) throws -> Tensor {
        let to = order.map { from[$0] }
        var strides = [Int](repeating: 1, count: from.count)
        for k in from.indices.dropLast().reversed() { strides[k] = strides[k + 1] * from[k + 1] }
        var out = [Float](repeating: 0, count: source.count)
        for k in out.indices {
            var (rest, at) = (k, 0)
            for axis in to.indices.reversed() {
                at += rest % to[axis] * strides[order[axis]]
                rest /= to[axis]
            }
            out[k] = source[at]
        }
        return try Tensor(dims: to, out)
    }

    private static func depthwise(_ w: Tensor) throws -> Tensor? {
        let d = w.shape.dims
        guard d[2] > 1, d[3] % d[2] == 0 else { return nil }
        let many = d[3] / d[2]
        let all = w.floats
        var own = [Float](repeating: 0, count: d[3] * d[0] * d[1])
        for place in 0..<d[0] * d[1] {
            for c in 0..<d[2] {
                for f in 0..<d[3] {
                    let value = all[(place * d[2] + c) * d[3] + f]
                    if f / many == c { own[f * d[0] * d[1] + place] = value } else if value != 0 { return nil }
                }
            }
        }
        return try Tensor(dims: [d[3], 1, d[0], d[1]], own)
    }

    /// The new shape of a reshape: what grows with the number of examples is taken over, or left to be worked out.
    private func lengths(_ p: Pair, _ x: Form) throws -> [Int] {
        let (s, t) = (p.shapes.0.dims, p.shapes.1.dims)
        var dims: [Int] = []
        for k in s.indices {
            if s[k] == t[k] {
                dims.append(s[k])
            } else if k < x.rank, x.shapes.0[k] == s[k], x.shapes.1[k] == t[k] {
                dims.append(0)
            } else {
                dims.append(-1)
            }
        }
        guard dims.filter({ $0 == -1 }).count <= 1 else {
            throw OnnxExport.refused("a shape in \(stage) has two open lengths")
        }
        return dims
    }

    private func picked(
        _ p: Pair, _ x: [Form], _ node: Make, _ made: (String) -> Form, _ numbers: ([Int], Bool) -> String
    ) throws -> Form {
        var name = try plain(x[0])
        for k in p.one.indices.reversed() {
            guard case .integers(let l) = p.one[k], case .integers(let m) = p.two[k], let kind = l.first else {
                continue
            }
            switch kind {
            case 0 where l == m && l.count == 2:
                name = node("Gather", [name, numbers([l[1]], true)], [("axis", .integer(k))])
            case 1 where l.count == 4 && m.count == 4:
                let isToEnd = l[2] == x[0].shapes.0[k] && m[2] == x[0].shapes.1[k]
                guard l[1] == m[1], l[3] == m[3], isToEnd || l[2] == m[2] else {
                    throw OnnxExport.refused("an index in \(stage) depends on the number of examples")
                }
                let end = isToEnd ? Int(Int32.max) : l[2]
                name = node(
                    "Slice",
                    [name, numbers([l[1]], false), numbers([end], false), numbers([k], false), numbers([l[3]], false)],
                    [])
            case 2: continue
            case 3 where l == m && l.count == 2 && l[1] < x.count:
                let places = node("Cast", [try plain(x[l[1]])], [("to", .integer(7))])
                name = node("Gather", [name, places], [("axis", .integer(k))])
            default: throw OnnxExport.refused("an index in \(stage) is none that siam writes")
            }
        }
        if name == x[0].plain { name = node("Identity", [name], []) }
        return made(name)
    }
}
