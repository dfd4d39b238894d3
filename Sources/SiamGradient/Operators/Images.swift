import CKernels
import SiamTensor

/// Windows over images: batch x height x width x channels; kernels are height x width x in x out.
enum Windows {
    static func pair(_ a: [Attribute], _ i: Int, _ what: String) throws -> (Int, Int) {
        let v = try a.integers(i, what)
        guard v.count == 1 || v.count == 2, v.allSatisfy({ $0 > 0 && $0 < 1 << 20 }) else {
            throw EngineError(
                code: "conv.numbers", message: "\(what) must be one number above 0, or two: down and across")
        }
        return (v[0], v.count == 2 ? v[1] : v[0])
    }
    /// The lengths of the result and the margin before, along one axis.
    static func along(_ n: Int, _ kernel: Int, _ stride: Int, _ dilation: Int, same: Bool) -> (out: Int, before: Int) {
        let reach = (kernel - 1) * dilation + 1
        if same {
            let out = (n + stride - 1) / stride
            return (out, max(0, (out - 1) * stride + reach - n) / 2)
        }
        return (n < reach ? 0 : (n - reach) / stride + 1, 0)
    }
    static func image(_ s: Shape, _ name: String) throws {
        guard s.rank == 4 else {
            throw EngineError(
                code: "conv.rank", message: "\(name) takes images as batch x height x width x channels, and got \(s)",
                dims: [s.dims])
        }
    }
    static func make(
        _ s: Shape, kernel: (Int, Int), filters: Int, stride: (Int, Int), dilation: (Int, Int) = (1, 1), same: Bool,
        _ name: String
    ) throws -> Kernel.Window {
        let (oh, top) = along(s[1], kernel.0, stride.0, dilation.0, same: same)
        let (ow, left) = along(s[2], kernel.1, stride.1, dilation.1, same: same)
        guard oh > 0, ow > 0 || s.count == 0 else {
            throw EngineError(
                code: "conv.small",
                message:
                    "\(name) has a window of \(kernel.0)x\(kernel.1), larger than the images of \(s[1])x\(s[2])",
                dims: [s.dims])
        }
        var w = Kernel.Window()
        (w.batch, w.height, w.width, w.channels) = (Int64(s[0]), Int64(s[1]), Int64(s[2]), Int64(s[3]))
        (w.kernel_height, w.kernel_width, w.filters) = (Int64(kernel.0), Int64(kernel.1), Int64(filters))
        (w.out_height, w.out_width) = (Int64(oh), Int64(ow))
        (w.stride_height, w.stride_width) = (Int64(stride.0), Int64(stride.1))
        (w.dilation_height, w.dilation_width) = (Int64(dilation.0), Int64(dilation.1))
        (w.pad_top, w.pad_left) = (Int64(top), Int64(left))
        return w
    }
    static func result(_ w: Kernel.Window) throws -> Shape {
        try Shape([Int(w.batch), Int(w.out_height), Int(w.out_width), Int(w.filters)])
    }
    /// Attributes: stride, padding, dilation.
    static func conv(_ x: Shape, _ w: Shape, _ a: [Attribute]) throws -> Kernel.Window {
        try image(x, "conv2d")
        guard w.rank == 4, w[2] == x[3] else {
            throw EngineError(
                code: "conv.channels",
                message:
                    "conv2d needs a kernel of height x width x \(x[3]) x filters for images of \(x[3]) channels, and got \(x) and \(w)",
                dims: [x.dims, w.dims])
        }
        let same = try a.text(1, "padding", among: ["same", "valid"]) == "same"
        return try make(
            x, kernel: (w[0], w[1]), filters: w[3], stride: try pair(a, 0, "stride"),
            dilation: try pair(a, 2, "dilation"), same: same, "conv2d")
    }
    /// Attributes: size, stride, padding.
    static func pool(_ x: Shape, _ a: [Attribute], _ name: String) throws -> Kernel.Window {
        try image(x, name)
        let size = try pair(a, 0, "size")
        let stride = a[given: 1] == Attribute.none ? size : try pair(a, 1, "stride")
        let same = try a.text(2, "padding", among: ["same", "valid"]) == "same"
        return try make(x, kernel: size, filters: x[3], stride: stride, same: same, name)
    }
}

private let convolution = [
    OperatorParameter("stride", .lengths, "1"), OperatorParameter("padding", .text, "same"),
    OperatorParameter("dilation", .lengths, "1"),
]
private let pooling = [
    OperatorParameter("size", .lengths, "2"), OperatorParameter("stride", .lengths, "none"),
    OperatorParameter("padding", .text, "valid"),
]

extension Operators {
    static let images: [Operator] = [
        conv2d, convInputGradient, convWeightGradient, maxpool2d, avgpool2d, globalMaxpool, globalAvgpool,
    ]

    public static let conv2d: Operator = Operator(
        "conv2d", family: "image",
        [
            OperatorParameter("x", .tensor), OperatorParameter("w", .tensor),
            OperatorParameter("b", .optionalTensor, "none"),
        ] + convolution,
        help:
            "y[n, i, j, f] = b[f] + the sum over p, q, c of x[n, i s + p d, j s + q d, c] w[p, q, c, f], s the stride, d the dilation. Images are batch x height x width x channels, kernels height x width x in x out; padding is \"same\" or \"valid\".",
        examples: [("conv2d(ones(1, 3, 3, 1), ones(2, 2, 1, 1), padding = \"valid\").sum()", "16")],
        seeAlso: ["maxpool2d", "avgpool2d"],
        shape: { s, a in [try Windows.result(try Windows.conv(s[0], s[1], a))] },
        forward: { t, a in
            let p = t.reduce(t[0].precision) { Precision.wider($0, $1.precision) }
            let parts = try t.map { try $0.converted(to: p) }
            let s = try Windows.conv(parts[0].shape, parts[1].shape, a)
            if parts.count > 2, parts[2].shape != .vector(Int(s.filters)) {
                throw EngineError(
                    code: "conv.bias",
                    message: "conv2d needs a bias of \(s.filters), one per filter, and got \(parts[2].shape)",
                    dims: parts.map(\.shape.dims))
            }
            return .init([
                try Kernel.conv(
                    s, parts[0], parts[1], parts.count > 2 ? parts[2] : nil, relu: false, into: try Windows.result(s))
            ])
        },
        backward: { f in
            let (g, x, w, a) = (f.gradient, try f.input(0), try f.input(1), f.attributes)
            try f.send(0, try convInputGradient.apply([g, w], a + [.integers(x.shape.dims)]))
            try f.send(1, try convWeightGradient.apply([x, g], a + [.integers(w.shape.dims)]))
            if f.many > 2 { try f.sendSummed(2, g) }
        })
    static let convInputGradient: Operator = Operator(
        "conv2d_input_gradient", family: "image",
        [OperatorParameter("g", .tensor), OperatorParameter("w", .tensor)] + convolution + [
            OperatorParameter("shape", .lengths)
        ],
        help: "The gradient of conv2d at its images, from the gradient g at its result: the transposed convolution.",
        seeAlso: ["conv2d"],
        shape: { _, a in [try Shape(try a.integers(3, "shape"))] },
        forward: { t, a in
            let shape = try Shape(try a.integers(3, "shape"))
            let s = try Windows.conv(shape, t[1].shape, a)
            guard try Windows.result(s) == t[0].shape else {
                throw EngineError(
                    code: "conv.gradient",
                    message: "the gradient is \(t[0].shape), and the result \(try Windows.result(s))")
            }
            return .init([try Kernel.convInputGradient(s, t[0], try t[1].converted(to: t[0].precision), into: shape)])
        },
        backward: { f in
            let (h, g, w) = (f.gradient, try f.input(0), try f.input(1))
            let a = Array(f.attributes.prefix(3))
            try f.send(0, try conv2d.apply([h, w], a))
            try f.send(1, try convWeightGradient.apply([h, g], a + [.integers(w.shape.dims)]))
        })
    static let convWeightGradient: Operator = Operator(
        "conv2d_weight_gradient", family: "image",
        [OperatorParameter("x", .tensor), OperatorParameter("g", .tensor)] + convolution + [
            OperatorParameter("shape", .lengths)
        ],
        help: "The gradient of conv2d at its kernel, from the gradient g at its result.", seeAlso: ["conv2d"],
        shape: { _, a in [try Shape(try a.integers(3, "shape"))] },
        forward: { t, a in
            let shape = try Shape(try a.integers(3, "shape"))
            let s = try Windows.conv(t[0].shape, shape, a)
            guard try Windows.result(s) == t[1].shape else {
                throw EngineError(
                    code: "conv.gradient",
                    message: "the gradient is \(t[1].shape), and the result \(try Windows.result(s))")
            }
            return .init([try Kernel.convWeightGradient(s, try t[0].converted(to: t[1].precision), t[1], into: shape)])
        },
        backward: { f in
            let (h, x, g) = (f.gradient, try f.input(0), try f.input(1))
            let a = Array(f.attributes.prefix(3))
            try f.send(0, try convInputGradient.apply([g, h], a + [.integers(x.shape.dims)]))
            try f.send(1, try conv2d.apply([x, h], a))
        })

    public static let maxpool2d: Operator = Operator(
        "maxpool2d", family: "image", [OperatorParameter("x", .tensor)] + pooling,
        help: "The maximum of each window of size x size, channel by channel; the default stride is the size.",
        examples: [("maxpool2d(reshape([1, 2, 3, 4], [1, 2, 2, 1])).sum()", "4")], seeAlso: ["avgpool2d", "conv2d"],
        shape: { s, a in [try Windows.result(try Windows.pool(s[0], a, "maxpool2d"))] },
        forward: { t, a in
            let s = try Windows.pool(t[0].shape, a, "maxpool2d")
            let shape = try Windows.result(s)
            let places = Recording.isOn && t[0].origin != nil ? try Tensor(uninitialized: shape) : nil
            return .init([try Kernel.maxpool(s, t[0], into: shape, places: places)], kept: places)
        },
        backward: { f in
            guard let places = f.node.kept else { return }
            let (g, x, a) = (f.gradient, try f.input(0), f.attributes)
            try f.send(0, try poolSpread(places, a, x.shape).apply([g]))
        })
    /// The linear map that puts pooled gradients back where the maxima were, and its transpose.
    static func poolSpread(_ places: Tensor, _ a: [Attribute], _ shape: Shape) -> Operator {
        let kept = places
        return Operator(
            "maxpool2d_gradient", family: "image", [OperatorParameter("g", .tensor)],
            help: "The gradient of maxpool2d.", shape: { _, _ in [shape] },
            forward: { t, _ in
                .init([
                    try Kernel.maxpoolSpread(try Windows.pool(shape, a, "maxpool2d"), t[0], places: kept, into: shape)
                ])
            },
            backward: { f in
                let h = f.gradient
                try f.send(0, try poolPick(kept, a, shape).apply([h]))
            })
    }
    private static func poolPick(_ places: Tensor, _ a: [Attribute], _ shape: Shape) -> Operator {
        Operator(
            "maxpool2d_pick", family: "image", [OperatorParameter("x", .tensor)],
            help: "The elements that maxpool2d chose.", shape: { _, _ in [places.shape] },
            forward: { t, _ in
                .init([
                    try Kernel.maxpoolPick(
                        try Windows.pool(shape, a, "maxpool2d"), t[0], places: places, into: places.shape)
                ])
            },
            backward: { f in
                let h = f.gradient
                try f.send(0, try poolSpread(places, a, shape).apply([h]))
            })
    }
    public static let avgpool2d: Operator = Operator(
        "avgpool2d", family: "image", [OperatorParameter("x", .tensor)] + pooling,
        help: "The mean of each window of size x size over what lies inside the image, channel by channel.",
        examples: [("avgpool2d(reshape([1, 2, 3, 4], [1, 2, 2, 1])).sum()", "2.5")], seeAlso: ["maxpool2d"],
        shape: { s, a in [try Windows.result(try Windows.pool(s[0], a, "avgpool2d"))] },
        forward: { t, a in
            let s = try Windows.pool(t[0].shape, a, "avgpool2d")
            return .init([try Kernel.avgpool(s, t[0], into: try Windows.result(s), spread: false)])
        },
        backward: { f in
            let (g, x, a) = (f.gradient, try f.input(0), f.attributes)
            try f.send(0, try averageSpread(a, x.shape).apply([g]))
        })
    private static func averageSpread(_ a: [Attribute], _ shape: Shape) -> Operator {
        Operator(
            "avgpool2d_gradient", family: "image", [OperatorParameter("g", .tensor)],
            help: "The gradient of avgpool2d.", shape: { _, _ in [shape] },
            forward: { t, _ in
                .init([try Kernel.avgpool(try Windows.pool(shape, a, "avgpool2d"), t[0], into: shape, spread: true)])
            },
            backward: { f in
                let h = f.gradient
                try f.send(0, try avgpool2d.apply([h], a))
            })
    }
    private static func global(_ name: String, _ word: String, _ op: @escaping @Sendable () -> Operator) -> Operator {
        Operator(
            name, family: "image", [OperatorParameter("x", .tensor)],
            help: "The \(word) of each channel over the whole image.",
            examples: [("\(name)(ones(1, 2, 2, 1))", "[[1]]")], seeAlso: ["\(name.dropFirst(7))2d"],
            shape: { s, _ in
                try Windows.image(s[0], name)
                return [try Shape([s[0][0], s[0][3]])]
            },
            forward: { t, _ in
                try Windows.image(t[0].shape, name)
                return .init([try op().apply([t[0]], [.integers([1, 2]), .flag(false)])])
            },
            backward: nil, isComposite: true)
    }
    public static let globalMaxpool: Operator = global("global_maxpool", "largest") { max }
    public static let globalAvgpool: Operator = global("global_avgpool", "mean") { mean }
}
