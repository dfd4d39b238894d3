import CKernels
import SiamTensor

/// What `x[i, 1..3, ..]` selects: places along each axis, and the shape of the result.
///
/// A selector is `.integers`: [0, i] one place (the axis goes), [1, from, to, step] a range, [2] all, [3, k] the whole numbers
/// of input k, [4, k] the places where input k is unlike 0. Axes beyond the selectors are taken whole. Several selectors of
/// kind 3 or 4 go together, element by element, as in NumPy.
struct Selection {
    var tables: [[Int64]] = []
    var dims: [Int] = []
    var base = 0
    /// Set where the result is a window into x.
    var window: Int?

    init(_ s: Shape, _ selectors: [Attribute], _ inputs: [Tensor]) throws {
        guard selectors.count <= s.rank else {
            throw EngineError(
                code: "index.rank", message: "an index with \(selectors.count) parts needs as many axes, and got \(s)",
                dims: [s.dims])
        }
        let strides = Movement.strides(s)
        var gathered: Int?
        var gatheredShape: [Int] = []
        var isWindow = true
        var seenRange = false
        for axis in 0..<s.rank {
            let n = s[axis]
            let selector = axis < selectors.count ? try selectors.integers(axis, "an index") : [2]
            switch selector.first {
            case 0 where selector.count == 2:
                let i = selector[1] < 0 ? selector[1] &+ n : selector[1]
                guard i >= 0, i < n else { throw Selection.outside(selector[1], axis, n, s) }
                base += i * strides[axis]
                if seenRange { isWindow = false }
            case 1 where selector.count == 4:
                let (from, to, step) = (selector[1], selector[2], selector[3])
                guard step != 0 else {
                    throw EngineError(code: "index.step", message: "a range cannot have step 0")
                }
                guard from >= 0, to >= 0, from <= n, to <= n else {
                    throw Selection.outside(Swift.max(from, to), axis, n, s)
                }
                let places = Array(stride(from: from, to: to, by: step))
                if let last = places.last, last >= n || from >= n { throw Selection.outside(from, axis, n, s) }
                isWindow = isWindow && step == 1 && (!seenRange || places.count == n)
                if isWindow, !seenRange {
                    base += from * strides[axis]
                    tables.append(places.map { Int64(($0 - from) * strides[axis]) })
                } else {
                    tables.append(places.map { Int64($0 * strides[axis]) })
                }
                dims.append(places.count)
                seenRange = true
            case 2:
                tables.append((0..<n).map { Int64($0 * strides[axis]) })
                dims.append(n)
                seenRange = true
            case 3 where selector.count == 2, 4 where selector.count == 2:
                guard selector[1] > 0, selector[1] < inputs.count else {
                    throw EngineError(code: "index.input", message: "an index names a tensor that is not there")
                }
                let chosen = inputs[selector[1]]
                isWindow = false
                seenRange = true
                var places: [Int64] = []
                var shape = chosen.shape.dims
                if selector[0] == 4 {
                    guard chosen.count == n, chosen.rank == 1 else {
                        throw EngineError(
                            code: "index.mask",
                            message:
                                "a mask must be as long as the axis that it selects from, and got \(chosen.shape) for axis \(axis) of \(s)",
                            dims: [s.dims, chosen.shape.dims], guilty: selector[1])
                    }
                    for i in 0..<n where chosen[i] != 0 { places.append(Int64(i * strides[axis])) }
                    shape = [places.count]
                } else {
                    places.reserveCapacity(chosen.count)
                    for k in 0..<chosen.count {
                        let v = chosen[k]
                        guard v == v.rounded(), Swift.abs(v) < 1e15 else {
                            throw EngineError(
                                code: "index.whole", message: "an index is a whole number, and got \(plain(Double(v)))",
                                guilty: selector[1])
                        }
                        let i = v < 0 ? Int(v) + n : Int(v)
                        guard i >= 0, i < n else { throw Selection.outside(Int(v), axis, n, s) }
                        places.append(Int64(i * strides[axis]))
                    }
                }
                if let at = gathered {
                    let count = tables[at].count
                    guard places.count == count || places.count == 1 || count == 1 else {
                        throw EngineError(
                            code: "index.lengths",
                            message:
                                "indices that are used together must have the same length, and got \(count) and \(places.count)"
                        )
                    }
                    if count == 1, places.count != 1 {
                        tables[at] = places.map { $0 + tables[at][0] }
                        gatheredShape = shape
                    } else {
                        for k in 0..<count { tables[at][k] += places[places.count == 1 ? 0 : k] }
                    }
                } else {
                    gathered = tables.count
                    gatheredShape = shape
                    tables.append(places)
                    dims.append(-1)
                }
            default: throw EngineError(code: "index.selector", message: "an index is a number, a range or a tensor")
            }
        }
        if let at = gathered, let place = dims.firstIndex(of: -1) {
            _ = at
            dims.replaceSubrange(place...place, with: gatheredShape)
        }
        if isWindow { window = base }
        if tables.isEmpty { tables = [[0]] }
        for i in tables[0].indices { tables[0][i] += Int64(base) }
    }

    private static func outside(_ i: Int, _ axis: Int, _ n: Int, _ s: Shape) -> EngineError {
        EngineError(
            code: "index.range", message: "\(i) is outside axis \(axis), which is \(n) long", dims: [s.dims],
            notes: ["the tensor is \(s)"]
                + (i == n && n > 0 ? ["elements are counted from 0, so the last is at \(n - 1)"] : []))
    }
}

extension Operators {
    static let indexing: [Operator] = [index, indexSpread, assignIndex, gather, scatterAdd, oneHot]

    /// The tensor that names the rows, where whole rows of a matrix are chosen by one: the most frequent choice has a short way.
    private static func rowPlaces(_ s: Shape, _ selectors: [Attribute], _ inputs: [Tensor]) -> Tensor? {
        guard s.rank == 2, selectors.count == 1, case .integers(let one) = selectors[0], one.count == 2, one[0] == 3,
            one[1] > 0, one[1] < inputs.count, inputs[one[1]].rank == 1, inputs[one[1]].count > 0, s[1] > 0
        else { return nil }
        return inputs[one[1]]
    }

    /// Inputs: x, then the tensors that selectors name; attributes: a selector an axis (see `Selection`).
    public static let index: Operator = Operator(
        "index", family: "indexing", [OperatorParameter("x", .tensors)],
        help:
            "x[i, 1..3, ..]: the elements at the given indices of each axis, counted from 0; negative indices count from the end.",
        examples: [("[1, 2, 3][-1]", "3")], seeAlso: ["gather"],
        shape: { s, a in
            guard let first = s.first else {
                throw EngineError(code: "index.input", message: "an index needs a tensor")
            }
            return [try Shape(try Selection(first, a, []).dims)]
        },
        forward: { x, a in
            guard let first = x.first else {
                throw EngineError(code: "index.input", message: "an index needs a tensor")
            }
            if let places = rowPlaces(first.shape, a, x) {
                let y = try Tensor(uninitialized: .matrix(places.count, first.shape[1]), first.precision)
                if try Kernel.rows(first, at: places, into: y, adding: false) { return .init([y]) }
            }
            let chosen = try Selection(first.shape, a, x)
            let shape = try Shape(chosen.dims)
            if let at = chosen.window {
                return .init([
                    Tensor(shape: shape, storage: first.storage, offset: first.offset + (shape.count == 0 ? 0 : at))
                ])
            }
            let y = try Tensor(uninitialized: shape, first.precision)
            try Kernel.move(.gather, tables: chosen.tables, packed: y, wide: first)
            return .init([y])
        },
        backward: { f in
            let (g, x) = (f.gradient, try f.input(0))
            var others: [Tensor] = []
            for i in 1..<Swift.max(f.many, 1) { others.append(try f.input(i)) }
            let selectors = f.attributes
            try f.send(0, try indexSpread.apply([g] + others, [.integers(x.shape.dims)] + selectors))
        })
    /// The reverse of `index`: the parts of g added up at their places in zeros of a shape.
    static let indexSpread: Operator = Operator(
        "index_spread", family: "indexing", [OperatorParameter("g", .tensors), OperatorParameter("shape", .lengths)],
        help: "Zeros of a shape, with g added at the elements that an index selects.",
        seeAlso: ["index", "scatter_add"],
        shape: { _, a in [try Shape(try a.integers(0, "index_spread"))] },
        forward: { x, a in
            guard let g = x.first else {
                throw EngineError(code: "index.input", message: "index_spread needs a tensor")
            }
            let shape = try Shape(try a.integers(0, "index_spread"))
            let y = try Tensor.zeros(shape, g.precision)
            if let places = rowPlaces(shape, Array(a.dropFirst()), x), g.shape == .matrix(places.count, shape[1]),
                try Kernel.rows(g, at: places, into: y, adding: true)
            {
                return .init([y])
            }
            let chosen = try Selection(shape, Array(a.dropFirst()), x)
            let from = try Movement.broadcast(g, to: try Shape(chosen.dims))
            try Kernel.move(.add, tables: chosen.tables, packed: from, wide: y)
            return .init([y])
        },
        backward: { f in
            let g = f.gradient
            var others: [Tensor] = []
            for i in 1..<Swift.max(f.many, 1) { others.append(try f.input(i)) }
            let selectors = Array(f.attributes.dropFirst())
            try f.sendSummed(0, try index.apply([g] + others, selectors))
        })
    /// Inputs: x, the value, then the tensors that selectors name (numbered from 2); attributes as for `index`.
    public static let assignIndex: Operator = Operator(
        "assign_index", family: "indexing", [OperatorParameter("x", .tensors)],
        help: "x with the elements that an index selects replaced by a value: `x[0] = v`, as a new tensor.",
        seeAlso: ["index"],
        shape: { s, _ in
            guard let first = s.first else {
                throw EngineError(code: "index.input", message: "an assignment needs a tensor")
            }
            return [first]
        },
        forward: { x, a in
            guard x.count > 1 else {
                throw EngineError(code: "index.input", message: "an assignment needs a tensor and a value")
            }
            let chosen = try Selection(x[0].shape, a, x)
            let shape = try Shape(chosen.dims)
            guard (try? Shape.broadcast(x[1].shape, shape, "=")) == shape else {
                throw EngineError(
                    code: "index.assign", message: "the selected part is \(shape), and the value \(x[1].shape)",
                    dims: [shape.dims, x[1].shape.dims])
            }
            let y = try x[0].copied()
            try Kernel.move(
                .put, tables: chosen.tables,
                packed: try Movement.broadcast(try x[1].converted(to: y.precision), to: shape), wide: y)
            return .init([y])
        },
        backward: { f in
            let (g, v, a) = (f.gradient, try f.input(1), f.attributes)
            var others: [Tensor] = []
            for i in 2..<Swift.max(f.many, 2) { others.append(try f.input(i)) }
            try f.send(0, try assignIndex.apply([g, try Tensor.zeros(.scalar, g.precision)] + others, a))
            try f.send(1, try Reduction.sum(try index.apply([g, v.detached()] + others, a), to: v.shape))
        })
    private static func places(_ s: Shape, _ picks: Tensor, _ a: [Attribute], _ name: String) throws -> (
        axis: Int, selectors: [Attribute]
    ) {
        let axis = try s.axis(try a.integer(0, name), name)
        return (axis, (0..<axis).map { _ in .integers([2]) } + [.integers([3, 1])])
    }
    public static let gather: Operator = Operator(
        "gather", family: "indexing",
        [
            OperatorParameter("x", .tensor), OperatorParameter("places", .tensor),
            OperatorParameter("axis", .integer, "0"),
        ],
        help: "The elements of x at the given indices of an axis.",
        examples: [("gather([10, 20, 30], [2, 0])", "[30, 10]")], seeAlso: ["index", "scatter_add"],
        shape: { s, a in
            let axis = try s[0].axis(try a.integer(0, "gather"), "gather")
            var dims = s[0].dims
            dims.replaceSubrange(axis...axis, with: s[1].dims)
            return [try Shape(dims)]
        },
        forward: { x, a in .init([try index.apply(x, try places(x[0].shape, x[1], a, "gather").selectors)]) },
        backward: nil, isComposite: true)
    public static let scatterAdd: Operator = Operator(
        "scatter_add", family: "indexing",
        [
            OperatorParameter("x", .tensor), OperatorParameter("places", .tensor), OperatorParameter("values", .tensor),
            OperatorParameter("axis", .integer, "0"),
        ],
        help: "x with the values added at the given indices of an axis; indices may repeat.",
        examples: [("scatter_add([0, 0], [1, 1], [3, 4])", "[0, 7]")], seeAlso: ["gather"],
        shape: { s, _ in [s[0]] },
        forward: { x, a in
            let selectors = try places(x[0].shape, x[1], a, "scatter_add").selectors
            return .init([try add(x[0], try indexSpread.apply([x[2], x[1]], [.integers(x[0].shape.dims)] + selectors))])
        }, backward: nil, isComposite: true)
    public static let oneHot: Operator = Operator(
        "one_hot", family: "indexing", [OperatorParameter("labels", .tensor), OperatorParameter("classes", .integer)],
        help: "One-hot encoding: 1 at the index of each label, 0 elsewhere, along a new last axis.",
        examples: [("one_hot([0, 2], 3)", "[[1, 0, 0], [0, 0, 1]]")], seeAlso: ["cross_entropy"],
        shape: { s, a in [try Shape(s[0].dims + [try a.integer(0, "one_hot")])] },
        forward: { x, a in
            let n = try a.integer(0, "one_hot")
            let y = try Tensor.zeros(try Shape(x[0].shape.dims + [n]), x[0].precision)
            for i in 0..<x[0].count {
                let v = x[0][i]
                guard v == v.rounded(), v >= 0, v < Double(n) else {
                    let all = x[0].doubles
                    let (low, high) = (all.min() ?? 0, all.max() ?? 0)
                    throw EngineError(
                        code: "one_hot.label",
                        message: "a label is a whole number from 0 to \(n - 1), and got \(plain(Double(v)))",
                        notes: low != high && low.isFinite && high.isFinite
                            ? ["the labels go from \(plain(low)) to \(plain(high))"] : [], guilty: 0)
                }
                y.set(i * n + Int(v), 1)
            }
            return .init([y])
        }, backward: nil)
}
