import SiamTensor

/// Several tensors into one, and one into several.
extension Operators {
    private static func joined(_ shapes: [Shape], _ axis: Int, _ name: String) throws -> Shape {
        guard let first = shapes.first else {
            throw EngineError(code: "\(name).empty", message: "\(name) needs at least one tensor")
        }
        var total = 0
        for (k, s) in shapes.enumerated() {
            guard s.rank == first.rank, (0..<s.rank).allSatisfy({ $0 == axis || s[$0] == first[$0] }) else {
                throw EngineError(
                    code: "concatenate.shapes",
                    message: "\(name) needs shapes that are equal except along axis \(axis), and got \(first) and \(s)",
                    dims: [first.dims, s.dims], guilty: k > 1 ? k : nil)
            }
            total += s[axis]
        }
        var dims = first.dims
        dims[axis] = total
        return try Shape(dims)
    }
    /// The elements start ..< start + length of an axis, recorded.
    static func section(_ x: Tensor, _ axis: Int, from start: Int, length: Int) throws -> Tensor {
        var selectors: [Attribute] = []
        for _ in 0..<axis { selectors.append(.integers([2])) }
        selectors.append(.integers([1, start, start + length, 1]))
        return try index.apply([x], selectors)
    }
    public static let concatenate: Operator = Operator(
        "concatenate", family: "shape",
        [OperatorParameter("parts", .tensors), OperatorParameter("axis", .integer, "0")],
        help: "Joins tensors along an existing axis; also a list of them, concatenate([a, b]).",
        examples: [("concatenate([[1, 2], [3]])", "[1, 2, 3]")],
        seeAlso: ["stack", "split"],
        shape: { s, a in
            guard let first = s.first else {
                throw EngineError(code: "concatenate.empty", message: "concatenate needs at least one tensor")
            }
            return [try joined(s, try first.axis(try a.integer(0, "concatenate"), "concatenate"), "concatenate")]
        },
        forward: { x, a in
            guard let first = x.first else {
                throw EngineError(code: "concatenate.empty", message: "concatenate needs at least one tensor")
            }
            let axis = try first.shape.axis(try a.integer(0, "concatenate"), "concatenate")
            let shape = try joined(x.map(\.shape), axis, "concatenate")
            let p = x.reduce(first.precision) { Precision.wider($0, $1.precision) }
            let y = try Tensor(uninitialized: shape, p)
            let outer = shape.dims[..<axis].reduce(1, *)
            let row = shape.dims[axis...].reduce(1, *) * p.width
            var at = 0
            for part in x {
                let source = try part.converted(to: p)
                let piece = part.shape.dims[axis...].reduce(1, *) * p.width
                for o in 0..<outer {
                    if o & 0xFFF == 0xFFF { try Interrupt.poll() }
                    try Kernel.copy(source.address + o * piece, to: y.address + o * row + at, bytes: piece)
                }
                at += piece
            }
            return .init([y])
        },
        backward: { f in
            let g = f.gradient
            let axis = try g.shape.axis(try f.attributes.integer(0, "concatenate"), "concatenate")
            var at = 0
            for i in 0..<f.many {
                let length = try f.input(i).shape[axis]
                let start = at
                try f.send(i, try section(g, axis, from: start, length: length))
                at += length
            }
        })
    fileprivate static let joining: Set<String> = ["concatenate", "stack"]
    private static func sameShapes(_ s: [Shape]) throws {
        for (k, other) in s.enumerated() where other != s[0] {
            throw EngineError(
                code: "stack.shapes", message: "stack needs parts of one shape, and got \(s[0]) and \(other)",
                dims: [s[0].dims, other.dims], guilty: k > 1 ? k : nil)
        }
    }
    public static let stack: Operator = Operator(
        "stack", family: "shape", [OperatorParameter("parts", .tensors), OperatorParameter("axis", .integer, "0")],
        help: "Joins tensors of one shape along a new axis; also a list of them, stack([a, b]).",
        examples: [("stack([1, 2], [3, 4])", "[[1, 2], [3, 4]]")],
        seeAlso: ["concatenate"],
        shape: { s, a in
            guard let first = s.first else {
                throw EngineError(code: "stack.empty", message: "stack needs at least one tensor")
            }
            let one = try expand.shape([first], a)[0]
            var dims = one.dims
            let axis = try one.axis(try a.integer(0, "stack"), "stack")
            try sameShapes(s)
            dims[axis] = s.count
            return [try Shape(dims)]
        },
        forward: { x, a in
            guard !x.isEmpty else { throw EngineError(code: "stack.empty", message: "stack needs at least one tensor") }
            try sameShapes(x.map(\.shape))
            let parts = try x.map { try $0.reshaped(to: try expand.shape([$0.shape], a)[0]) }
            return try concatenate.forward(parts, a)
        },
        backward: { f in
            let g = f.gradient
            let axis = try g.shape.axis(try f.attributes.integer(0, "stack"), "stack")
            for i in 0..<f.many {
                let s = try f.input(i).shape
                try f.send(i, try Movement.reshape(try section(g, axis, from: i, length: 1), s))
            }
        })
    /// The gradient of a part: the part in a tensor of zeros.
    private static func padded(_ g: Tensor, _ axis: Int, before: Int, after: Int) throws -> Tensor {
        var pairs = [Int](repeating: 0, count: g.rank * 2)
        pairs[axis * 2] = before
        pairs[axis * 2 + 1] = after
        return try pad.apply([g], [.integers(pairs), .number(0)])
    }
    public static let split: Operator = Operator(
        "split", family: "shape",
        [
            OperatorParameter("x", .tensor), OperatorParameter("parts", .integer),
            OperatorParameter("axis", .integer, "0"),
        ],
        help: "x split into equal parts along an axis.", examples: [("split([1, 2, 3, 4], 2)", "[[1, 2], [3, 4]]")],
        seeAlso: ["concatenate"],
        shape: { s, a in
            let (n, axis) = (try a.integer(0, "split"), try s[0].axis(try a.integer(1, "split"), "split"))
            guard n > 0, s[0][axis] % n == 0 else {
                throw EngineError(
                    code: "split.parts", message: "split cannot divide axis \(axis) of \(s[0]) into \(n) equal parts",
                    dims: [s[0].dims])
            }
            return [Shape](repeating: s[0].replacing(axis, with: s[0][axis] / n), count: n)
        },
        forward: { x, a in
            let shapes = try split.shape([x[0].shape], a)
            let axis = try x[0].shape.axis(try a.integer(1, "split"), "split")
            let own = Movement.strides(x[0].shape)
            return .init(
                try shapes.enumerated().map { i, s in
                    try Kernel.strided(x[0], shape: s, strides: own, from: i * s[axis] * own[axis])
                })
        },
        backward: { f in
            let (g, s) = (f.gradient, try f.input(0).shape)
            let axis = try s.axis(try f.attributes.integer(1, "split"), "split")
            let before = f.node.output * g.shape[axis]
            try f.send(0, try padded(g, axis, before: before, after: s[axis] - before - g.shape[axis]))
        })
}

extension Operator {
    /// Whether it makes one tensor of several, so that of one alone its rows are meant.
    public var joinsParts: Bool { Operators.joining.contains(name) }
}
