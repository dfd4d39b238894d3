import CKernels
import SiamTensor

/// Softmax, normalisation of rows, layers and batches, dropout.
extension Operators {
    static let normalisations: [Operator] = [softmax, logSoftmax, l2norm, layerNorm, batchNorm, dropout]

    private static func soft(_ name: String, log: Bool, _ help: String, _ result: String) -> Operator {
        Operator(
            name, family: "normalisation",
            [OperatorParameter("x", .tensor), OperatorParameter("axis", .integer, "-1")],
            help: help, examples: [("\(name)([0, 0])", result)], seeAlso: ["logsumexp", "cross_entropy"],
            shape: { s, a in
                _ = try s[0].axis(try a.integer(0, name), name)
                return [s[0]]
            },
            forward: { x, a in
                let axis = try x[0].shape.axis(try a.integer(0, name), name)
                return .init([
                    try alongLast(x[0], axis) { t, n in
                        try Kernel.softmax(t, rows: n == 0 ? 0 : t.count / n, n, log: log)
                    }
                ])
            },
            backward: { f in
                let (g, y) = (f.gradient, f.output)
                let axis = try y.shape.axis(try f.attributes.integer(0, name), name)
                let over: [Attribute] = [.integer(axis), .flag(true)]
                if !Recording.isOn, axis == y.rank - 1, y.shape[-1] > 0 {
                    try f.send(0, try Kernel.softmaxGradient(g, y, rows: y.count / y.shape[-1], y.shape[-1], log: log))
                } else if log {
                    try f.send(0, try subtract(g, try multiply(try exp(y), try sum.apply([g], over))))
                } else {
                    try f.send(0, try multiply(y, try subtract(g, try sum.apply([try multiply(g, y)], over))))
                }
            })
    }
    /// Works on rows of the given axis, moved last and back.
    static func alongLast(_ x: Tensor, _ axis: Int, _ body: (Tensor, Int) throws -> Tensor) throws -> Tensor {
        if axis == x.rank - 1 { return try body(x, x.shape[axis]) }
        var order = [Int](0..<x.rank)
        order.swapAt(axis, x.rank - 1)
        let moved = try Movement.permuted(x, order)
        return try Movement.permuted(try body(moved, x.shape[axis]), order)
    }
    public static let softmax: Operator = soft(
        "softmax", log: false, "e ^ x / sum(e ^ x) along an axis, computed without overflow.", "[0.5, 0.5]")
    public static let logSoftmax: Operator = soft(
        "log_softmax", log: true, "x - log(sum(e ^ x)) along an axis.", "[-0.6931472, -0.6931472]")

    public static let l2norm: Operator = Operator(
        "l2norm", family: "normalisation",
        [
            OperatorParameter("x", .tensor), OperatorParameter("axis", .integer, "-1"),
            OperatorParameter("eps", .number, "1e-12"),
        ],
        help:
            "x / max(|x|, eps) along an axis: vectors of length one. Its gradient is 0 where |x| <= eps, not 1 / eps.",
        examples: [("l2norm([3, 4])", "[0.6, 0.8]")],
        seeAlso: ["norm", "layer_norm"],
        shape: { s, a in
            _ = try s[0].axis(try a.integer(0, "l2norm"), "l2norm")
            return [s[0]]
        },
        forward: { x, a in
            let axis = try x[0].shape.axis(try a.integer(0, "l2norm"), "l2norm")
            let eps = try a.number(1, "l2norm")
            return .init([
                try alongLast(x[0], axis) { t, n in try Kernel.l2norm(t, rows: n == 0 ? 0 : t.count / n, n, eps: eps) }
            ])
        },
        backward: { f in
            let (g, x, unit) = (f.gradient, try f.input(0), f.output)
            let axis = try f.attributes.integer(0, "l2norm")
            // A vector of no length has no direction to be turned from: 1 / eps would throw a dead tower out of its range.
            if !Recording.isOn, axis == -1 || axis == x.rank - 1, x.shape[-1] > 0, x.precision == g.precision {
                let n = x.shape[-1]
                let eps = try f.attributes.number(1, "l2norm")
                try f.send(0, try Kernel.l2normGradient(x, unit, g, rows: x.count / n, n, eps: eps))
                return
            }
            let over: [Attribute] = [.integer(axis), .flag(true)]
            let length = try norm.apply([x], over)
            let floor = try x.number(try f.attributes.number(1, "l2norm"))
            let moves = try greater(length, floor)
            let d = try maximum(length, floor)
            let y = Recording.isOn ? try divide(x, d) : unit
            let along = try multiply(y, try sum.apply([try multiply(g, y)], over))
            try f.send(0, try multiply(moves, try divide(try subtract(g, along), d)))
        })

    /// (x - mean) / sqrt(var + eps) over axes, in recorded operators.
    private static func standardised(_ x: Tensor, _ axes: [Int], _ eps: Double) throws -> (
        y: Tensor, mean: Tensor, variance: Tensor
    ) {
        let m = try mean.apply([x], [.integers(axes), .flag(true)])
        let c = try subtract(x, m)
        let v = try mean.apply([try square(c)], [.integers(axes), .flag(true)])
        return (try divide(c, try sqrt(try add(v, try x.number(eps)))), m, v)
    }
    private static let affineOfNorm = [
        OperatorParameter("x", .tensor), OperatorParameter("scale", .tensor), OperatorParameter("shift", .tensor),
    ]
    private static func checkWidth(_ s: [Shape], _ name: String) throws {
        let width = s[0].rank > 0 ? s[0][-1] : 0
        for part in s.dropFirst() where part.count != 1 && part != .vector(width) {
            throw EngineError(
                code: "\(name).width",
                message: "\(name) needs scale and shift of \(width), the last axis of \(s[0]), and got \(part)",
                dims: s.map(\.dims))
        }
    }
    public static let layerNorm: Operator = Operator(
        "layer_norm", family: "normalisation", affineOfNorm + [OperatorParameter("eps", .number, "1e-5")],
        help: "scale (x - mean) / sqrt(var + eps) + shift over the last axis (Ba, Kiros and Hinton, 2016).",
        examples: [("layer_norm([1, 3], 1, 0)", "[-0.999995, 0.999995]")], seeAlso: ["batch_norm", "l2norm"],
        shape: { s, _ in
            try checkWidth(s, "layer_norm")
            return [s[0]]
        },
        forward: { t, a in
            try checkWidth(t.map(\.shape), "layer_norm")
            let (y, _, _) = try standardised(t[0], [-1], try a.number(0, "layer_norm"))
            return .init([try add(try multiply(y, t[1]), t[2])])
        }, backward: nil, isComposite: true)
    public static let batchNorm: Operator = Operator(
        "batch_norm", family: "normalisation",
        affineOfNorm + [
            OperatorParameter("mean", .optionalTensor, "none"), OperatorParameter("variance", .optionalTensor, "none"),
            OperatorParameter("eps", .number, "1e-5"),
        ],
        help:
            "scale (x - mean) / sqrt(variance + eps) + shift, channel by channel (Ioffe and Szegedy, 2015). Without mean and variance those of the batch are used and returned too: [y, mean, variance].",
        examples: [("batch_norm([[1], [3]], [1], [0], [2], [1])", "[[-0.999995], [0.999995]]")],
        seeAlso: ["layer_norm"],
        shape: { s, _ in
            try checkWidth(s, "batch_norm")
            return s.count > 3 ? [s[0]] : [s[0], .vector(s[0][-1]), .vector(s[0][-1])]
        },
        forward: { t, a in
            try checkWidth(t.map(\.shape), "batch_norm")
            let (x, eps) = (t[0], try a.number(0, "batch_norm"))
            if t.count > 4 {
                let k = try divide(t[1], try sqrt(try add(t[4], try x.number(eps))))
                return .init([try add(try multiply(try subtract(x, t[3]), k), t[2])])
            }
            let channels = Shape.vector(x.shape[-1])
            let (y, m, v) = try standardised(x, [Int](0..<Swift.max(x.rank - 1, 0)), eps)
            return .init([
                try add(try multiply(y, t[1]), t[2]), try Movement.reshape(m.detached(), channels),
                try Movement.reshape(v.detached(), channels),
            ])
        }, backward: nil, isComposite: true)
    public static let dropout: Operator = Operator(
        "dropout_mask", family: "normalisation",
        [OperatorParameter("x", .tensor), OperatorParameter("mask", .tensor), OperatorParameter("keep", .number)],
        help:
            "x mask / keep: the elements that a mask of 0 and 1 keeps, enlarged so that the mean stays (Srivastava and others, 2014).",
        examples: [("dropout_mask([1, 2], [0, 1], 0.5)", "[0, 4]")], seeAlso: ["multiply"],
        shape: { s, _ in [try Shape.broadcast(s[0], s[1], "dropout_mask")] },
        forward: { t, a in
            .init([try multiply(t[0], try multiply(t[1], try t[1].number(1 / (try a.number(0, "keep")))))])
        },
        backward: nil, isComposite: true)
}
