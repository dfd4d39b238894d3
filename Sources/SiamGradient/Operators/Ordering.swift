import SiamTensor

/// Sorting, the largest elements, different elements.
extension Operators {
    static let ordering: [Operator] = [sort, argsort, topk, unique]

    /// Values and places along an axis as far as they are wanted, of the first `first` alone where that is given. Numbers
    /// in 32 bits go by their bits, fewer than all by selection: both zeros are one, NaN comes last in either direction, and
    /// equals keep their order, as of old and as a stable argsort of NumPy has it.
    private static func sorted(
        _ x: Tensor, _ axis: Int, descending: Bool, first: Int? = nil, values wantsValues: Bool = true,
        places wantsPlaces: Bool = true
    ) throws -> (Tensor?, Tensor?) {
        var order = [Int](0..<x.rank)
        order.swapAt(axis, x.rank - 1)
        let moved = try Movement.permuted(x, order)
        let n = x.shape[axis]
        let shape = moved.shape.replacing(x.rank - 1, with: first ?? n)
        let values = wantsValues ? try Tensor(uninitialized: shape, x.precision) : nil
        let places = wantsPlaces ? try Tensor(uninitialized: shape, x.precision) : nil
        try Kernel.sort(
            moved, descending: descending, rows: n == 0 ? 0 : x.count / n, n, first: first, values: values,
            order: places)
        return (
            try values.map { try Movement.permuted($0, order) }, try places.map { try Movement.permuted($0, order) }
        )
    }
    /// Whether the places are kept for a gradient.
    private static func isRecorded(_ x: Tensor) -> Bool { Recording.isOn && x.origin != nil }
    /// The gradient at values that were chosen from places of an axis.
    private static func toPlaces(_ f: inout Flow, _ axis: Int, _ places: Tensor) throws {
        guard f.node.output == 0 else { return }
        let (g, x) = (f.gradient, try f.input(0))
        // Every line of the axis on its own: flat places in x.
        let strides = Movement.strides(x.shape)
        let flat = try Tensor(uninitialized: places.shape, .double)
        let own = Movement.strides(places.shape)
        for i in 0..<places.count {
            var (rest, at) = (i, 0)
            for d in 0..<places.rank {
                let here = rest / own[d]
                rest %= own[d]
                at += (d == axis ? Int(places[i]) : here) * strides[d]
            }
            flat.set(i, Double(at))
        }
        let spread = try indexSpread.apply(
            [try Movement.reshape(g, .vector(g.count)), try flat.reshaped(to: .vector(flat.count))],
            [.integers([x.count]), .integers([3, 1])])
        try f.send(0, try Movement.reshape(spread, x.shape))
    }
    private static let along = [
        OperatorParameter("axis", .integer, "-1"), OperatorParameter("descending", .flag, "false"),
    ]
    public static let sort: Operator = Operator(
        "sort", family: "order", [OperatorParameter("x", .tensor)] + along,
        help: "x in ascending order along an axis, or in descending; equal elements keep their order, NaN comes last.",
        examples: [("sort([3, 1, 2])", "[1, 2, 3]")],
        seeAlso: ["argsort", "topk", "unique"], shape: { s, _ in [s[0]] },
        forward: { x, a in
            let (values, places) = try sorted(
                x[0], try x[0].shape.axis(try a.integer(0, "sort"), "sort"), descending: a.flag(1),
                places: isRecorded(x[0]))
            return .init([values].compactMap { $0 }, kept: places)
        },
        backward: { f in
            guard let places = f.node.kept else { return }
            try toPlaces(&f, try f.output.shape.axis(try f.attributes.integer(0, "sort"), "sort"), places)
        })
    public static let argsort: Operator = Operator(
        "argsort", family: "order", [OperatorParameter("x", .tensor)] + along,
        help: "The indices that sort x along an axis in ascending order, or in descending.",
        examples: [("argsort([3, 1, 2])", "[1, 2, 0]")], seeAlso: ["sort"], shape: { s, _ in [s[0]] },
        forward: { x, a in
            let axis = try x[0].shape.axis(try a.integer(0, "argsort"), "argsort")
            return .init([try sorted(x[0], axis, descending: a.flag(1), values: false).1].compactMap { $0 })
        }, backward: nil)
    public static let topk: Operator = Operator(
        "topk", family: "order",
        [
            OperatorParameter("x", .tensor), OperatorParameter("k", .integer),
            OperatorParameter("axis", .integer, "-1"), OperatorParameter("largest", .flag, "true"),
        ],
        help: "The k largest (or smallest) elements of x along an axis, in order, and their indices.",
        examples: [("topk([3, 1, 2], 2)", "[[3, 2], [0, 2]]")], seeAlso: ["sort", "max"],
        shape: { s, a in
            let (k, axis) = (try a.integer(0, "topk"), try s[0].axis(try a.integer(1, "topk"), "topk"))
            guard k >= 0, k <= s[0][axis] else {
                throw EngineError(
                    code: "topk.many",
                    message: "topk is asked for \(k) elements of axis \(axis), which has \(s[0][axis])",
                    dims: [s[0].dims])
            }
            return [s[0].replacing(axis, with: k), s[0].replacing(axis, with: k)]
        },
        forward: { x, a in
            let k = try topk.shape([x[0].shape], a).isEmpty ? 0 : try a.integer(0, "topk")
            let axis = try x[0].shape.axis(try a.integer(1, "topk"), "topk")
            let (values, places) = try sorted(x[0], axis, descending: a.flag(2), first: k)
            return .init([values, places].compactMap { $0 }, kept: places)
        },
        backward: { f in
            guard let places = f.node.kept else { return }
            try toPlaces(&f, try f.output.shape.axis(try f.attributes.integer(1, "topk"), "topk"), places)
        })
    public static let unique: Operator = Operator(
        "unique", family: "order", [OperatorParameter("x", .tensor)],
        help: "The different elements of x, ascending.",
        examples: [("unique([2, 1, 2])", "[1, 2]")], seeAlso: ["sort"],
        shape: { s, _ in [.vector(s[0].count)] },
        forward: { x, _ in
            let flat = try x[0].reshaped(to: .vector(x[0].count))
            guard let values = try sorted(flat, 0, descending: false, places: false).0 else { return .init([]) }
            let (kept, counts) = try Kernel.runs(values)
            return .init([kept, counts])
        }, backward: nil)
}
