import CKernels
import SiamTensor

/// Several operators of the language in one pass. Programs do not name them: the runtime takes them where a program's
/// own operators follow one another, and what they give is the same.
extension Operators {
    public static let fused: [Operator] = [convPool, contrastivePairs, squaredRows]

    /// The windows of a convolution and of the pooling of its result.
    private static func windows(_ x: Shape, _ w: Shape, _ a: [Attribute]) throws -> (Kernel.Window, Kernel.Window) {
        let s = try Windows.conv(x, w, a)
        return (s, try Windows.pool(try Windows.result(s), Array(a.dropFirst(3)), "maxpool2d"))
    }

    /// Attributes: stride, padding and dilation of conv2d; size, stride and padding of maxpool2d; whether a relu is
    /// applied between.
    public static let convPool: Operator = Operator(
        "conv_pool", family: "image",
        [
            OperatorParameter("x", .tensor), OperatorParameter("w", .tensor), OperatorParameter("b", .optionalTensor),
            OperatorParameter("stride", .lengths, "1"), OperatorParameter("padding", .text, "same"),
            OperatorParameter("dilation", .lengths, "1"), OperatorParameter("size", .lengths, "2"),
            OperatorParameter("pool_stride", .lengths, "none"), OperatorParameter("pool_padding", .text, "valid"),
            OperatorParameter("relu", .flag, "true"),
        ],
        help:
            "maxpool2d(relu(conv2d(x, w, b))) in one pass. relu and the maximum are swapped, which changes no value.",
        seeAlso: ["conv2d", "maxpool2d"],
        shape: { s, a in [try Windows.result(try windows(s[0], s[1], a).1)] },
        forward: { t, a in
            let p = t.reduce(t[0].precision) { Precision.wider($0, $1.precision) }
            let parts = try t.map { try $0.converted(to: p) }
            let (s, pool) = try windows(parts[0].shape, parts[1].shape, a)
            if parts.count > 2, parts[2].shape != .vector(Int(s.filters)) {
                throw EngineError(
                    code: "conv.bias",
                    message: "conv2d needs a bias of \(s.filters), one per filter, and got \(parts[2].shape)",
                    dims: parts.map(\.shape.dims))
            }
            let shape = try Windows.result(pool)
            let isTracked = Recording.isOn && t.contains { $0.isTracked }
            let places = isTracked ? try Tensor(uninitialized: shape) : nil
            let y = try Kernel.convPool(
                s, pool, parts[0], parts[1], parts.count > 2 ? parts[2] : nil, relu: a.flag(6), into: shape,
                places: places)
            return .init([y], kept: places)
        },
        backward: { f in
            let (x, w, y, a) = (try f.input(0), try f.input(1), f.output, f.attributes)
            var g = f.gradient
            let (s, pool) = try windows(x.shape, w.shape, a)
            guard let places = f.node.kept else {
                throw EngineError(code: "maxpool.places", message: "conv_pool kept no places of its maxima")
            }
            if !Recording.isOn, x.precision == w.precision, x.precision == g.precision {
                let (gx, gw, gb) = try Kernel.convPoolGradient(
                    s, pool, x, w, y: y, places: places, g, relu: a.flag(6), toX: f.wants(0), toW: f.wants(1),
                    toB: f.many > 2 && f.wants(2))
                if let gx { try f.send(0, gx) }
                if let gw { try f.send(1, gw) }
                if let gb { try f.send(2, gb) }
                return
            }
            if a.flag(6) { g = try multiply(g, try greater(y, try y.number(0))) }
            let wide = try poolSpread(places, Array(a[3..<6]), try Windows.result(s)).apply([g])
            let window = Array(a[0..<3])
            try f.send(0, try convInputGradient.apply([wide, w], window + [.integers(x.shape.dims)]))
            try f.send(1, try convWeightGradient.apply([x, wide], window + [.integers(w.shape.dims)]))
            if f.many > 2 { try f.sendSummed(2, wide) }
        })

    /// [batch, ...] as [batch, width], in the same memory.
    public static func flattened(_ x: Tensor) throws -> Tensor {
        guard x.rank > 2 else { return x }
        let rows = x.shape[0]
        var width = 1
        for i in 1..<x.rank { width *= x.shape[i] }
        return try Movement.reshape(x, .matrix(rows, width))
    }

    /// activation(x w + b), recorded as `affine` is.
    public static func affine(_ x: Tensor, _ w: Tensor, _ b: Tensor, _ activation: [Attribute]) throws -> Tensor {
        guard x.rank == 2, x.precision == w.precision, b.precision == w.precision, b.shape == .vector(w.shape[1]),
            x.shape[1] == w.shape[0], case .text(let word)? = activation.first
        else { return try affine.apply([x, w, b], activation) }
        let (m, k, n) = (x.shape[0], w.shape[0], w.shape[1])
        let y = try Tensor(uninitialized: .matrix(m, n), x.precision)
        let code = word == "relu" ? 1 : word == "tanh" ? 2 : word == "sigmoid" ? 3 : 0
        try Kernel.affine(x, w, b, activation: code, m: m, n: n, k: k, into: y)
        if Recording.isOn, x.origin != nil || w.origin != nil || b.origin != nil {
            y.origin = Node(affine, [x, w, b], activation, output: 0, kept: nil)
        }
        return y
    }

    /// sum((a - b)^2) over the last axis of two tensors of one shape, with the bits of the operators one by one.
    public static let squaredRows: Operator = Operator(
        "squared_rows", family: "distance", [OperatorParameter("a", .tensor), OperatorParameter("b", .tensor)],
        help: "sum((a - b)^2) over the last axis in one pass, of tensors of one shape and at most 4096 wide.",
        seeAlso: ["euclidean", "sum"],
        shape: { s, _ in [try Shape(Array(s[0].dims.dropLast()))] }, binary: { a, b in try squaredOfRows(a, b) },
        forward: { x, _ in .init([try squaredOfRows(x[0], x[1])]) },
        backward: { f in
            let (g, a, b) = (f.gradient, try f.input(0), try f.input(1))
            if !Recording.isOn, a.precision == g.precision {
                let (ga, gb) = try Kernel.rowSquaresGradient(
                    a, b, g, rows: g.count, a.shape[-1], toA: f.wants(0), toB: f.wants(1))
                if let ga { try f.send(0, ga) }
                if let gb { try f.send(1, gb) }
                return
            }
            let d = try subtract(a, b)
            let slope = try multiply(try expand.apply([g], [.integer(-1)]), try add(d, d))
            try f.send(0, slope)
            try f.send(1, try negate(slope))
        })
    private static func squaredOfRows(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        guard a.shape == b.shape, a.precision == b.precision, a.rank > 0,
            (1...Kernel.widestSquares).contains(a.shape[-1])
        else {
            throw EngineError(
                code: "squared.shape",
                message: "squared_rows compares rows of one shape, and got \(a.shape) and \(b.shape)",
                dims: [a.shape.dims, b.shape.dims])
        }
        let out = try Shape(Array(a.shape.dims.dropLast()))
        return try Kernel.rowSquares(a, b, rows: out.count, a.shape[-1], into: out)
    }

    /// From distances d and marks same: mean(same d^2 + (1 - same) max(0, margin - d)^2) (Hadsell, Chopra and LeCun, 2006).
    public static let contrastivePairs: Operator = Operator(
        "contrastive_pairs", family: "distance",
        [
            OperatorParameter("d", .tensor), OperatorParameter("same", .tensor),
            OperatorParameter("margin", .number, "1"),
        ],
        help: "mean(same d^2 + (1 - same) max(0, margin - d)^2) in one pass, of distances and marks of one shape.",
        seeAlso: ["euclidean"],
        shape: { _, _ in [.scalar] },
        forward: { t, a in
            guard t[0].shape == t[1].shape, t[0].count > 0 else {
                throw EngineError(
                    code: "contrastive.shape",
                    message: "contrastive needs a mark for each distance, and got \(t[0].shape) and \(t[1].shape)",
                    dims: t.map(\.shape.dims))
            }
            let p = Precision.wider(t[0].precision, t[1].precision)
            return .init([
                try Kernel.contrastive(
                    try t[0].converted(to: p), try t[1].converted(to: p), margin: try a.number(0, "contrastive"))
            ])
        },
        backward: { f in
            let (g, d, same) = (f.gradient, try f.input(0), try f.input(1))
            let margin = try f.attributes.number(0, "contrastive")
            if !Recording.isOn, !f.wants(1), d.precision == g.precision, same.precision == d.precision {
                try f.send(0, try Kernel.contrastiveGradient(d, same, margin: margin, g.item))
                return
            }
            let k = try multiply(g, try g.number(1 / Double(d.count)))
            let r = try relu(try subtract(try d.number(margin), d))
            let other = try subtract(try d.number(1), same)
            let slope = try subtract(try multiply(same, try add(d, d)), try multiply(other, try add(r, r)))
            try f.send(0, try multiply(k, slope))
            try f.send(1, try multiply(k, try subtract(try square(d), try square(r))))
        })
}
