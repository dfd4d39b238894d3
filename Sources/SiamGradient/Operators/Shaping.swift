import CKernels
import SiamTensor

/// Rearranges elements without changing them, for the other families.
enum Movement {
    static func strides(_ s: Shape) -> [Int] {
        var strides = [Int](repeating: 1, count: s.rank)
        for i in stride(from: s.rank - 2, through: 0, by: -1) { strides[i] = strides[i + 1] * s[i + 1] }
        return strides
    }
    /// Untracked: x repeated to a shape it broadcasts to.
    static func broadcast(_ x: Tensor, to shape: Shape) throws -> Tensor {
        if x.shape == shape { return x }
        if x.count == 1 { return try Tensor.full(shape, x.item, x.precision) }
        let own = strides(x.shape)
        let lead = shape.rank - x.rank
        let repeated = (0..<shape.rank).map { i in i < lead || x.shape[i - lead] == 1 ? 0 : own[i - lead] }
        return try Kernel.strided(x, shape: shape, strides: repeated)
    }
    /// Untracked: axes in another order.
    static func permuted(_ x: Tensor, _ axes: [Int]) throws -> Tensor {
        if axes == [Int](0..<x.rank) { return x }
        let own = strides(x.shape)
        return try Kernel.strided(x, shape: try Shape(axes.map { x.shape[$0] }), strides: axes.map { own[$0] })
    }
    @inline(__always)
    static func reshape(_ x: Tensor, _ shape: Shape) throws -> Tensor {
        if x.shape == shape { return x }
        let y = try x.reshaped(to: shape)
        if Recording.isOn, x.origin != nil { y.origin = Node(Operators.reshape, x, nil) }
        return y
    }
    static func expand(_ x: Tensor, _ shape: Shape) throws -> Tensor {
        if x.shape == shape { return x }
        if !Recording.isOn || x.origin == nil { return try broadcast(x, to: shape) }
        return try Operators.broadcastTo.apply([x], [.integers(shape.dims)])
    }
    static func transposed(_ x: Tensor) throws -> Tensor {
        var axes = [Int](0..<x.rank)
        if x.rank >= 2 { axes.swapAt(x.rank - 1, x.rank - 2) }
        return try Operators.transpose.apply([x], [.integers(axes)])
    }
}

private func reshaping(
    _ name: String, _ parameters: [OperatorParameter], _ help: String, _ examples: [(code: String, result: String)],
    seeAlso: [String] = [], shape: @escaping @Sendable (Shape, [Attribute]) throws -> Shape,
    _ forward: @escaping @Sendable (Tensor, Shape, [Attribute]) throws -> Tensor,
    _ backward: @escaping Operator.Backward
) -> Operator {
    Operator(
        name, family: "shape", [OperatorParameter("x", .tensor)] + parameters, help: help, examples: examples,
        seeAlso: seeAlso,
        shape: { s, a in [try shape(s[0], a)] },
        forward: { x, a in .init([try forward(x[0], try shape(x[0].shape, a), a)]) }, backward: backward)
}

extension Operators {
    static let shaping: [Operator] = [
        reshape, transpose, expand, squeeze, broadcastTo, concatenate, stack, split, tile, repeated, pad, flip, roll,
        diag, tril,
        triu,
    ]
    private static func backToInput(_ f: inout Flow) throws {
        let (g, s) = (f.gradient, try f.input(0).shape)
        try f.send(0, try Movement.reshape(g, s))
    }
    public static let reshape: Operator = reshaping(
        "reshape", [OperatorParameter("shape", .lengths)],
        "The same elements, row by row, in another shape; one length may be -1, and is inferred.",
        [("reshape([1, 2, 3, 4], [2, 2])", "[[1, 2], [3, 4]]")], seeAlso: ["transpose", "expand", "squeeze"],
        shape: { s, a in
            var dims = try a.integers(0, "reshape")
            let open = dims.indices.filter { dims[$0] == -1 }
            if open.count == 1 {
                dims[open[0]] = 1
                let rest = try Shape(dims).count
                dims[open[0]] = rest == 0 ? 0 : s.count / rest
            }
            guard open.count <= 1, !dims.contains(where: { $0 < 0 }), let new = try? Shape(dims), new.count == s.count
            else {
                let asked = try a.integers(0, "reshape").map(String.init).joined(separator: "x")
                throw EngineError(
                    code: "reshape.count", message: "reshape keeps the number of elements, and got \(s) and \(asked)",
                    dims: [s.dims])
            }
            return new
        }, { x, new, _ in try x.reshaped(to: new) }, backToInput)
    static func permutation(_ s: Shape, _ a: [Attribute]) throws -> [Int] {
        if case .none = a[given: 0] { return (0..<s.rank).reversed() }
        let axes = try a.integers(0, "transpose").map { try s.axis($0, "transpose") }
        guard axes.count == s.rank, Set(axes).count == s.rank else {
            throw EngineError(
                code: "transpose.axes",
                message: "transpose needs every axis exactly once, and got \(axes.count) for \(s)",
                dims: [s.dims])
        }
        return axes
    }
    public static let transpose: Operator = reshaping(
        "transpose", [OperatorParameter("axes", .axes, "none")],
        "x with its axes in another order, reversed if none is given.",
        [("transpose([[1, 2], [3, 4]])", "[[1, 3], [2, 4]]")], seeAlso: ["reshape"],
        shape: { s, a in try Shape(try permutation(s, a).map { s[$0] }) },
        { x, _, a in try Movement.permuted(x, try permutation(x.shape, a)) },
        { f in
            let axes = try permutation(try f.input(0).shape, f.attributes)
            var back = axes
            for (to, from) in axes.enumerated() { back[from] = to }
            let g = f.gradient
            try f.send(0, try transpose.apply([g], [.integers(back)]))
        })
    public static let expand: Operator = reshaping(
        "expand", [OperatorParameter("axis", .integer)], "x with a new axis of length 1 at the given position.",
        [("expand([1, 2], 0)", "[[1, 2]]")],
        seeAlso: ["squeeze", "reshape"],
        shape: { s, a in
            let axis = try a.integer(0, "expand")
            let i = axis < 0 ? axis + s.rank + 1 : axis
            guard i >= 0, i <= s.rank else {
                throw EngineError(
                    code: "axis.range", message: "expand expects axis \(axis), and got \(s)", dims: [s.dims])
            }
            var dims = s.dims
            dims.insert(1, at: i)
            return try Shape(dims)
        }, { x, new, _ in try x.reshaped(to: new) }, backToInput)
    public static let squeeze: Operator = reshaping(
        "squeeze", [OperatorParameter("axis", .axes, "none")],
        "x without its axes of length 1, or without the given ones.", [("squeeze([[1, 2]])", "[1, 2]")],
        seeAlso: ["expand"],
        shape: { s, a in
            var axes = try a.axes(0, of: s, "squeeze")
            if case .none = a[given: 0] { axes = axes.filter { s[$0] == 1 } }
            if let wrong = axes.first(where: { s[$0] != 1 }) {
                throw EngineError(
                    code: "squeeze.length",
                    message: "squeeze removes axes of length 1, and axis \(wrong) of \(s) has length \(s[wrong])",
                    dims: [s.dims])
            }
            return try Shape((0..<s.rank).filter { !axes.contains($0) }.map { s[$0] })
        }, { x, new, _ in try x.reshaped(to: new) }, backToInput)
    public static let broadcastTo: Operator = reshaping(
        "broadcast_to", [OperatorParameter("shape", .lengths)],
        "x repeated along axes of length 1 until it has the given shape.",
        [("broadcast_to([1, 2], [2, 2])", "[[1, 2], [1, 2]]")], seeAlso: ["tile"],
        shape: { s, a in
            let to = try Shape(try a.integers(0, "broadcast_to"))
            guard try Shape.broadcast(s, to, "broadcast_to") == to else {
                throw EngineError(
                    code: "broadcast", message: "broadcast_to cannot make \(to) of \(s)", dims: [s.dims, to.dims])
            }
            return to
        }, { x, to, _ in try Movement.broadcast(x, to: to) },
        { f in
            let g = f.gradient
            try f.sendSummed(0, g)
        })

    public static let tile: Operator = reshaping(
        "tile", [OperatorParameter("times", .lengths)],
        "x repeated as a whole, the given number of times along each axis.",
        [("tile([1, 2], 2)", "[1, 2, 1, 2]")], seeAlso: ["repeat", "broadcast_to"],
        shape: { s, a in
            let times = try a.integers(0, "tile")
            guard times.count <= Swift.max(s.rank, 1), !times.contains(where: { $0 < 0 }) else {
                throw EngineError(
                    code: "tile.times", message: "tile takes one number for each axis of \(s), and got \(times.count)",
                    dims: [s.dims])
            }
            var dims = s.rank == 0 ? [1] : s.dims
            for (i, t) in times.reversed().enumerated() {
                dims[dims.count - 1 - i] = try Shape([dims[dims.count - 1 - i], t]).count
            }
            return try Shape(dims)
        },
        { x, to, a in
            let s = x.rank == 0 ? [1] : x.shape.dims
            var double: [Int] = []
            for (i, l) in s.enumerated() { double += [l == 0 ? 1 : to[i] / l, l] }
            let own = Movement.strides(try Shape(s))
            let strides = own.flatMap { [0, $0] }
            guard double.count <= Shape.maximumRank else {
                throw EngineError(code: "tensor.rank", message: "tile works on at most 4 axes, and got \(x.shape)")
            }
            return try Kernel.strided(x, shape: try Shape(double), strides: strides).reshaped(to: to)
        },
        { f in
            let (g, s) = (f.gradient, try f.input(0).shape)
            var double: [Int] = []
            for (i, l) in (s.rank == 0 ? [1] : s.dims).enumerated() { double += [l == 0 ? 1 : g.shape[i] / l, l] }
            let axes = stride(from: 0, to: double.count, by: 2).map { $0 }
            try f.send(
                0,
                try Movement.reshape(
                    try sum.apply([try Movement.reshape(g, try Shape(double))], [.integers(axes), .flag(false)]), s))
        })
    static let repeated: Operator = reshaping(
        "repeat", [OperatorParameter("times", .integer), OperatorParameter("axis", .integer, "0")],
        "Each element of an axis repeated the given number of times.",
        [("repeat([1, 2], 2)", "[1, 1, 2, 2]")], seeAlso: ["tile"],
        shape: { s, a in
            let (n, axis) = (try a.integer(0, "repeat"), try s.axis(try a.integer(1, "repeat"), "repeat"))
            var dims = s.dims
            dims[axis] = try Shape([dims[axis], n]).count
            return try Shape(dims)
        },
        { x, to, a in
            let (n, axis) = (try a.integer(0, "repeat"), try x.shape.axis(try a.integer(1, "repeat"), "repeat"))
            var (dims, strides) = (x.shape.dims, Movement.strides(x.shape))
            dims.insert(n, at: axis + 1)
            strides.insert(0, at: axis + 1)
            return try Kernel.strided(x, shape: try Shape(dims), strides: strides).reshaped(to: to)
        },
        { f in
            let (g, s) = (f.gradient, try f.input(0).shape)
            let (n, axis) = (
                try f.attributes.integer(0, "repeat"), try s.axis(try f.attributes.integer(1, "repeat"), "repeat")
            )
            var dims = s.dims
            dims.insert(n, at: axis + 1)
            try f.send(
                0, try sum.apply([try Movement.reshape(g, try Shape(dims))], [.integer(axis + 1), .flag(false)]))
        })
    /// before and after for each axis; one number is for both ends of all.
    private static func margins(_ s: Shape, _ a: [Attribute]) throws -> [Int] {
        let given = try a.integers(0, "pad")
        let all = given.count == 1 ? [Int](repeating: given[0], count: s.rank * 2) : given
        guard all.count == s.rank * 2, !all.contains(where: { $0 < 0 }) else {
            throw EngineError(
                code: "pad.widths", message: "pad takes one width, or two for each axis of \(s), none below 0",
                dims: [s.dims])
        }
        return all
    }
    public static let pad: Operator = reshaping(
        "pad", [OperatorParameter("widths", .lengths), OperatorParameter("value", .number, "0")],
        "x padded with `value`: one width for all sides, or [before, after] for each axis in turn.",
        [("pad([1, 2], 1)", "[0, 1, 2, 0]")], seeAlso: ["roll"],
        shape: { s, a in
            let m = try margins(s, a)
            return try Shape(
                (0..<s.rank).map { i in
                    let (sum, over) = s[i].addingReportingOverflow(m[i * 2] &+ m[i * 2 + 1])
                    return over ? Int.max : sum
                })
        },
        { x, to, a in
            let m = try margins(x.shape, a)
            let y = try Tensor.full(to, try a.number(1, "pad"), x.precision)
            let strides = Movement.strides(to)
            let tables = (0..<x.rank).map { i in (0..<x.shape[i]).map { Int64(($0 + m[i * 2]) * strides[i]) } }
            try Kernel.move(.put, tables: tables, packed: x, wide: y)
            return y
        },
        { f in
            let (g, s) = (f.gradient, try f.input(0).shape)
            let m = try margins(s, f.attributes)
            let inside: [Attribute] = (0..<s.rank).map { (i: Int) -> Attribute in
                .integers([1, m[i * 2], m[i * 2] + s[i], 1])
            }
            try f.send(0, try index.apply([g], inside))
        })
    public static let flip: Operator = reshaping(
        "flip", [OperatorParameter("axis", .axes, "none")],
        "x with the order of its elements reversed along the given axes.", [("flip([1, 2, 3])", "[3, 2, 1]")],
        seeAlso: ["roll"], shape: { s, _ in s },
        { x, s, a in
            var strides = Movement.strides(s)
            var start = 0
            for axis in try a.axes(0, of: s, "flip") where s[axis] > 0 {
                start += (s[axis] - 1) * strides[axis]
                strides[axis] = -strides[axis]
            }
            return try Kernel.strided(x, shape: s, strides: strides, from: start)
        },
        { f in
            let (g, a) = (f.gradient, f.attributes)
            try f.send(0, try flip.apply([g], a))
        })
    public static let roll: Operator = reshaping(
        "roll", [OperatorParameter("by", .integer), OperatorParameter("axis", .integer, "-1")],
        "x shifted along an axis; elements that leave at the end come in at the start.",
        [("roll([1, 2, 3], 1)", "[3, 1, 2]")], seeAlso: ["flip"], shape: { s, _ in s },
        { x, s, a in
            let axis = try s.axis(try a.integer(1, "roll"), "roll")
            let n = s[axis]
            let by = n == 0 ? 0 : ((try a.integer(0, "roll") % n) + n) % n
            let strides = Movement.strides(s)
            let y = try Tensor(uninitialized: s, x.precision)
            let tables = (0..<s.rank).map { i in
                (0..<s[i]).map { Int64((i == axis ? ($0 + n - by) % n : $0) * strides[i]) }
            }
            try Kernel.move(.gather, tables: tables, packed: y, wide: x)
            return y
        },
        { f in
            let (g, by, axis) = (f.gradient, try f.attributes.integer(0, "roll"), f.attributes[given: 1])
            try f.send(0, try roll.apply([g], [.integer(0 &- by), axis]))
        })
    public static let diag: Operator = reshaping(
        "diag", [], "The diagonal of a matrix; of a vector, the matrix with it on the diagonal.",
        [("diag([[1, 2], [3, 4]])", "[1, 4]")], seeAlso: ["tril", "triu"],
        shape: { s, _ in
            guard s.rank == 1 || s.rank == 2 else {
                throw EngineError(
                    code: "diag.rank", message: "diag takes a matrix or a vector, and got \(s)", dims: [s.dims])
            }
            return s.rank == 1 ? try Shape([s[0], s[0]]) : .vector(Swift.min(s[0], s[1]))
        },
        { x, to, _ in
            if x.rank == 2 { return try Kernel.strided(x, shape: to, strides: [x.shape[1] + 1]) }
            let y = try Tensor.zeros(to, x.precision)
            try Kernel.move(.put, tables: [(0..<x.count).map { Int64($0 * (x.count + 1)) }], packed: x, wide: y)
            return y
        },
        { f in
            let (g, s) = (f.gradient, try f.input(0).shape)
            if s.rank == 1 { return try f.send(0, try diag.apply([g])) }
            let square = try diag.apply([g])
            try f.send(0, try pad.apply([square], [.integers([0, s[0] - g.count, 0, s[1] - g.count]), .number(0)]))
        })
    private static func triangle(_ name: String, _ word: String, _ lower: Bool, _ result: String) -> Operator {
        reshaping(
            name, [OperatorParameter("offset", .integer, "0")],
            "x with zeros \(word) the diagonal (shifted right by offset) of its last two axes.",
            [("\(name)([[1, 2], [3, 4]])", result)], seeAlso: ["diag"],
            shape: { s, _ in
                guard s.rank >= 2 else {
                    throw EngineError(
                        code: "triangle.rank", message: "\(name) takes a matrix, and got \(s)", dims: [s.dims])
                }
                return s
            },
            { x, s, a in
                let k = try a.integer(0, name)
                let y = try x.copied()
                let (m, n) = (s[-2], s[-1])
                for i in 0..<y.count {
                    let (r, c) = (i / n % m, i % n)
                    if lower ? c > r &+ k : c < r &+ k { y.set(i, 0) }
                }
                return y
            },
            { f in
                let (g, a) = (f.gradient, f.attributes)
                try f.send(0, try (lower ? tril : triu).apply([g], a))
            })
    }
    public static let tril: Operator = triangle("tril", "above", true, "[[1, 0], [3, 4]]")
    public static let triu: Operator = triangle("triu", "below", false, "[[1, 2], [0, 4]]")
}
