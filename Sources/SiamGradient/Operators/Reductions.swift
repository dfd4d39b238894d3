import CKernels
import SiamTensor

/// Reductions over axes, as groups of neighbouring axes: each group is one pass of a kernel.
enum Reduction {
    static func shape(_ s: Shape, _ axes: [Int], keep: Bool) throws -> Shape {
        var dims: [Int] = []
        for i in 0..<s.rank {
            if axes.contains(i) { if keep { dims.append(1) } } else { dims.append(s[i]) }
        }
        return try Shape(dims)
    }

    static func reduce(_ kind: siam_reduce_kind, _ x: Tensor, _ axes: [Int], keep: Bool) throws -> Tensor {
        var y = x
        let out = try shape(x.shape, axes, keep: keep)
        var dims = x.shape.dims
        var i = axes.count - 1
        var isFirst = true
        while i >= 0 {
            var from = axes[i]
            let to = axes[i]
            while i > 0, axes[i - 1] == from - 1 {
                i -= 1
                from -= 1
            }
            i -= 1
            let outer = dims[..<from].reduce(1, *)
            let r = dims[from...to].reduce(1, *)
            let inner = dims[(to + 1)...].reduce(1, *)
            for a in from...to { dims[a] = 1 }
            // The squares are summed once; later groups add them up.
            let k = kind == SIAM_SUMSQ && !isFirst ? SIAM_SUM : kind
            y = try Kernel.reduce(k, y, outer: outer, r, inner: inner, into: try Shape(dims))
            isFirst = false
        }
        return try y.reshaped(to: out)
    }

    static func sum(_ x: Tensor, _ axes: [Int], keep: Bool) throws -> Tensor {
        if axes.count == x.rank {
            let out = keep ? try shape(x.shape, axes, keep: true) : .scalar
            return try Kernel.reduce(SIAM_SUM, x, outer: 1, x.count, inner: 1, into: out)
        }
        return try reduce(SIAM_SUM, x, axes, keep: keep)
    }

    /// The gradient of broadcasting: sums the axes along which `shape` was repeated.
    @inline(__always)
    static func sum(_ x: Tensor, to shape: Shape) throws -> Tensor {
        if x.shape == shape { return x }
        return try sumSlowly(x, to: shape)
    }
    @inline(never)
    private static func sumSlowly(_ x: Tensor, to shape: Shape) throws -> Tensor {
        if Recording.isOn, x.origin != nil { return try Operators.sumTo.apply([x], [.integers(shape.dims)]) }
        return try sumPlainly(x, to: shape)
    }
    static func sumPlainly(_ x: Tensor, to shape: Shape) throws -> Tensor {
        if shape.count == 1 { return try Kernel.reduce(SIAM_SUM, x, outer: 1, x.count, inner: 1, into: shape) }
        let lead = x.rank - shape.rank
        var axes = [Int](0..<max(lead, 0))
        for i in 0..<shape.rank where shape[i] == 1 && x.shape[i + lead] != 1 { axes.append(i + lead) }
        if axes.isEmpty { return try x.reshaped(to: shape) }
        return try reduce(SIAM_SUM, x, axes, keep: true).reshaped(to: shape)
    }

    static func refuseEmpty(_ x: Shape, _ axes: [Int], _ name: String) throws {
        if axes.contains(where: { x[$0] == 0 }) || (axes.isEmpty && x.count == 0) {
            throw EngineError(
                code: "reduce.empty", message: "\(name) of an empty tensor has no value, and \(name) got \(x)",
                dims: [x.dims])
        }
    }
    static func count(_ s: Shape, _ axes: [Int]) -> Int { axes.reduce(1) { $0 * s[$1] } }
}

private typealias ReductionForward =
    @Sendable (_ x: Tensor, _ axes: [Int], _ keep: Bool, _ a: [Attribute]) throws -> Tensor
/// The gradient g and the output y come with the reduced axes kept, so that they broadcast against x.
private typealias ReductionBackward =
    @Sendable (
        _ f: inout Flow, _ x: Tensor, _ axes: [Int], _ g: Tensor, _ y: Tensor
    ) throws -> Void

/// Declares a reduction with `axis = none, keep = false`.
private func reduction(
    _ name: String, _ help: String, _ examples: [(code: String, result: String)], seeAlso: [String] = [],
    empty: Bool = true,
    extra: [OperatorParameter] = [],
    forward: @escaping ReductionForward, backward: ReductionBackward?
) -> Operator {
    let at = extra.count
    var parameters = [OperatorParameter("x", .tensor)]
    parameters += extra
    parameters += [OperatorParameter("axis", .axes, "none"), OperatorParameter("keep", .flag, "false")]
    var rule: Operator.Backward?
    if let backward {
        rule = { (f: inout Flow) throws -> Void in
            let x = try f.input(0)
            let axes = try f.attributes.axes(at, of: x.shape, name)
            let kept = try Reduction.shape(x.shape, axes, keep: true)
            let g = try Movement.reshape(f.gradient, kept)
            let y = try Movement.reshape(f.output, kept)
            try backward(&f, x, axes, g, y)
        }
    }
    return Operator(
        name, family: "reduction", parameters, help: help, examples: examples, seeAlso: seeAlso,
        shape: { (s: [Shape], a: [Attribute]) throws -> [Shape] in
            [try Reduction.shape(s[0], try a.axes(at, of: s[0], name), keep: a.flag(at + 1))]
        },
        forward: { (x: [Tensor], a: [Attribute]) throws -> Operator.Result in
            let axes = try a.axes(at, of: x[0].shape, name)
            if !empty { try Reduction.refuseEmpty(x[0].shape, axes, name) }
            return .init([try forward(x[0], axes, a.flag(at + 1), a)])
        }, backward: rule)
}

extension Operators {
    static let reductions: [Operator] = [
        sum, mean, variance, std, min, max, prod, any, allTrue, argmin, argmax, norm, logsumexp, cumsum, cumprod,
        median,
        quantile,
        sumTo,
    ]
    public static let sum: Operator = reduction(
        "sum", "The sum of x over the given axes (all of them if none is given).",
        [("sum([1, 2, 3])", "6"), ("sum([[1, 2], [3, 4]], axis = 0)", "[4, 6]")],
        seeAlso: ["mean", "cumsum"],
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in try Reduction.sum(x, axes, keep: keep) },
        backward: { (f: inout Flow, x: Tensor, _: [Int], g: Tensor, _: Tensor) in
            try f.send(0, try Movement.expand(g, x.shape))
        })
    public static let mean: Operator = reduction(
        "mean", "The mean of x over the given axes: sum / count.", [("mean([1, 2, 3])", "2")],
        seeAlso: ["sum", "median", "var"],
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in
            let s = try Reduction.sum(x, axes, keep: keep)
            return try Kernel.unary(SIAM_SCALE, s, 1 / Double(Reduction.count(x.shape, axes)))
        },
        backward: { (f: inout Flow, x: Tensor, axes: [Int], g: Tensor, _: Tensor) in
            let k = 1 / Double(Reduction.count(x.shape, axes))
            try f.send(0, try Movement.expand(try multiply(g, try g.number(k)), x.shape))
        })
    /// The sum of squared deviations over axes, moved together and last.
    private static func deviations(_ x: Tensor, _ axes: [Int], keep: Bool) throws -> Tensor {
        let rest = (0..<x.rank).filter { !axes.contains($0) }
        let moved = try Movement.permuted(x, rest + axes)
        let r = Reduction.count(x.shape, axes)
        let out = try Reduction.shape(x.shape, axes, keep: keep)
        return try Kernel.reduce(SIAM_SUMDEV, moved, outer: out.count, r, inner: 1, into: out)
    }
    private static let correction = [OperatorParameter("correction", .integer, "0")]
    private static func deviationGradient(_ f: inout Flow, _ x: Tensor, _ axes: [Int], _ g: Tensor, over: Tensor? = nil)
        throws
    {
        let n = Double(Reduction.count(x.shape, axes)) - Double(try f.attributes.integer(0, "var"))
        let m = try mean.apply([x], [.integers(axes), .flag(true)])
        let k = try multiply(g, try g.number(2 / n))
        let scaled = try over.map { try divide(k, try add($0, $0)) } ?? k
        try f.send(0, try multiply(scaled, try subtract(x, axes.isEmpty ? x : m)))
    }
    public static let variance: Operator = reduction(
        "var", "mean((x - mean(x))^2) over the given axes; `correction = 1` divides by count - 1.",
        [("var([1, 2, 3, 4])", "1.25")],
        seeAlso: ["std", "mean"], extra: correction,
        forward: { (x: Tensor, axes: [Int], keep: Bool, a: [Attribute]) in
            let n = Double(Reduction.count(x.shape, axes)) - Double(try a.integer(0, "var"))
            return try Kernel.unary(SIAM_SCALE, try deviations(x, axes, keep: keep), 1 / n)
        },
        backward: { (f: inout Flow, x: Tensor, axes: [Int], g: Tensor, _: Tensor) in
            try deviationGradient(&f, x, axes, g)
        })
    public static let std: Operator = reduction(
        "std", "sqrt(var(x)): the standard deviation over the given axes; `correction = 1` divides by count - 1.",
        [("std([1, 3])", "1")],
        seeAlso: ["var", "mean"], extra: correction,
        forward: { (x: Tensor, axes: [Int], keep: Bool, a: [Attribute]) in
            let n = Double(Reduction.count(x.shape, axes)) - Double(try a.integer(0, "std"))
            return try Kernel.unary(SIAM_SQRT, try Kernel.unary(SIAM_SCALE, try deviations(x, axes, keep: keep), 1 / n))
        },
        backward: { (f: inout Flow, x: Tensor, axes: [Int], g: Tensor, y: Tensor) in
            try deviationGradient(&f, x, axes, g, over: y)
        })

    /// To the places that hold the extreme, in equal shares.
    private static func toExtremes(_ f: inout Flow, _ x: Tensor, _ axes: [Int], _ g: Tensor, _ y: Tensor) throws {
        let hit = try equal(x, y)
        let share = try divide(hit, try sum.apply([hit], [.integers(axes), .flag(true)]))
        try f.send(0, try multiply(share, g))
    }
    public static let min: Operator = reduction(
        "min", "The smallest element of x over the given axes; NaN if there is one.", [("min([3, 1, 2])", "1")],
        seeAlso: ["max", "argmin", "minimum"],
        empty: false,
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in
            try Reduction.reduce(SIAM_RMIN, x, axes, keep: keep)
        }, backward: toExtremes)
    public static let max: Operator = reduction(
        "max", "The largest element of x over the given axes; NaN if there is one.", [("max([3, 1, 2])", "3")],
        seeAlso: ["min", "argmax", "maximum"],
        empty: false,
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in
            try Reduction.reduce(SIAM_RMAX, x, axes, keep: keep)
        }, backward: toExtremes)
    public static let prod: Operator = reduction(
        "prod", "The product of x over the given axes.", [("prod([2, 3, 4])", "24")], seeAlso: ["sum", "cumprod"],
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in
            try Reduction.reduce(SIAM_PROD, x, axes, keep: keep)
        },
        backward: { (f: inout Flow, x: Tensor, axes: [Int], g: Tensor, y: Tensor) in
            // Without a zero y / x; with one zero only its own place feels the product of the others; with two nothing does.
            let zero = try equal(x, try x.number(0))
            let zeros = try sum.apply([zero], [.integers(axes), .flag(true)])
            let safe = try whereSelect(zero, try x.number(1), x)
            let others = try prod.apply([safe], [.integers(axes), .flag(true)])
            let single = try multiply(zero, try equal(zeros, try x.number(1)))
            let none = try equal(zeros, try x.number(0))
            let slope = try whereSelect(none, try divide(others, safe), try multiply(single, others))
            try f.send(0, try multiply(g, slope))
        })
    private static func truth(_ x: Tensor) throws -> Tensor { try Kernel.binary(SIAM_NE, x, try x.number(0), "any") }
    public static let any: Operator = reduction(
        "any", "1 where any element of x over the given axes is not 0.", [("any([0, 2])", "1")], seeAlso: ["all"],
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in
            let s = try Reduction.sum(try truth(x), axes, keep: keep)
            return try Kernel.binary(SIAM_GT, s, try s.number(0), "any")
        }, backward: nil)
    static let allTrue: Operator = reduction(
        "all", "1 where all elements of x over the given axes are not 0.", [("all([1, 0])", "0")], seeAlso: ["any"],
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in
            let s = try Reduction.sum(try Kernel.unary(SIAM_NOT, x), axes, keep: keep)
            return try Kernel.unary(SIAM_NOT, s)
        }, backward: nil)
    private static func place(_ name: String, _ kind: siam_reduce_kind, _ example: String) -> Operator {
        reduction(
            name,
            "The index of the \(name == "argmin" ? "smallest" : "largest") element of x along the axis (over all of x if none is given), the first if several are equal.",
            [(example, "1")], seeAlso: [String(name.dropFirst(3))], empty: false,
            forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in
                if axes.count == x.rank {
                    let shape = try Reduction.shape(x.shape, axes, keep: keep)
                    return try Kernel.reduce(kind, x, outer: 1, x.count, inner: 1, into: shape)
                }
                guard axes.count == 1 else {
                    throw EngineError(
                        code: "axis.one",
                        message: "\(name) works along one axis or over all, and got \(axes.count) axes")
                }
                return try Reduction.reduce(kind, x, axes, keep: keep)
            }, backward: nil)
    }
    public static let argmin: Operator = place("argmin", SIAM_ARGMIN, "argmin([3, 1, 2])")
    public static let argmax: Operator = place("argmax", SIAM_ARGMAX, "argmax([1, 3, 2])")
    public static let norm: Operator = reduction(
        "norm", "sqrt(sum(x^2)) over the given axes: the Euclidean length. Its gradient at 0 is 0.",
        [("norm([3, 4])", "5")], seeAlso: ["l2norm", "euclidean"],
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in
            try Kernel.unary(SIAM_SQRT, try Reduction.reduce(SIAM_SUMSQ, x, axes, keep: keep))
        },
        backward: { (f: inout Flow, x: Tensor, _: [Int], g: Tensor, y: Tensor) in
            let zero = try equal(y, try y.number(0))
            let safe = try whereSelect(zero, try y.number(1), y)
            try f.send(0, try multiply(x, try whereSelect(zero, try g.number(0), try divide(g, safe))))
        })
    public static let logsumexp: Operator = reduction(
        "logsumexp", "log(sum(e ^ x)) over the given axes, computed without overflow.",
        [("logsumexp([0, 0])", "0.6931472")], seeAlso: ["softmax"],
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in
            let rest = (0..<x.rank).filter { !axes.contains($0) }
            let out = try Reduction.shape(x.shape, axes, keep: keep)
            return try Kernel.logsumexp(
                try Movement.permuted(x, rest + axes), rows: out.count, Reduction.count(x.shape, axes), into: out)
        },
        backward: { (f: inout Flow, x: Tensor, _: [Int], g: Tensor, y: Tensor) in
            try f.send(0, try multiply(g, try exp(try subtract(x, y))))
        })

    private static func running(
        _ name: String, _ kind: siam_reduce_kind, _ help: String, _ result: String, _ back: @escaping Operator.Backward
    ) -> Operator {
        Operator(
            name, family: "reduction", [OperatorParameter("x", .tensor), OperatorParameter("axis", .integer, "-1")],
            help: help, examples: [("\(name)([1, 2, 3])", result)], seeAlso: [String(name.dropFirst(3))],
            shape: { s, _ in [s[0]] },
            forward: { x, a in
                let axis = try x[0].shape.axis(try a.integer(0, name), name)
                let d = x[0].shape.dims
                return .init([
                    try Kernel.reduce(
                        kind, x[0], outer: d[..<axis].reduce(1, *), d[axis], inner: d[(axis + 1)...].reduce(1, *),
                        into: x[0].shape)
                ])
            }, backward: back)
    }
    public static let cumsum: Operator = running(
        "cumsum", SIAM_CUMSUM, "The running sum of x along an axis.", "[1, 3, 6]"
    ) { f in
        let (g, a) = (f.gradient, [f.attributes[given: 0]])
        try f.send(0, try flip.apply([try cumsum.apply([try flip.apply([g], a)], a)], a))
    }
    public static let cumprod: Operator = running(
        "cumprod", SIAM_CUMPROD, "The running product of x along an axis.", "[1, 2, 6]"
    ) { f in
        let (g, x, y, a) = (f.gradient, try f.input(0), f.output, [f.attributes[given: 0]])
        let tail = try flip.apply([try cumsum.apply([try flip.apply([try multiply(g, y)], a)], a)], a)
        if try Recording.paused({ try any.apply([try equal(x, try x.number(0))]).item }) != 0 {
            throw EngineError(
                code: "cumprod.zero", message: "the gradient of cumprod does not exist in this form where x has a 0")
        }
        try f.send(0, try divide(tail, x))
    }
    /// The ranks between which the share q of n sorted elements lies, and how far from the first to the second.
    private static func ranks(_ q: Double, _ n: Int) -> (low: Int, high: Int, part: Double) {
        let at = q * Double(n - 1)
        let low = Int(at.rounded(.down))
        return (low, Swift.min(low + 1, n - 1), at - Double(low))
    }
    /// The value at the share q, between neighbours in proportion, found by selection: NaN where there is one among the
    /// elements, as in NumPy.
    private static func quantile(_ x: Tensor, _ axes: [Int], _ q: Double, keep: Bool) throws -> Tensor {
        guard q >= 0, q <= 1 else {
            throw EngineError(
                code: "quantile.share", message: "quantile needs a share from 0 to 1, and got \(plain(q))")
        }
        let out = try Reduction.shape(x.shape, axes, keep: keep)
        let n = Reduction.count(x.shape, axes)
        let y = try Tensor(uninitialized: out, x.precision)
        let rest = (0..<x.rank).filter { !axes.contains($0) }
        let (low, _, part) = ranks(q, n)
        let found = try Kernel.ranked(try Movement.permuted(x, rest + axes), rows: out.count, n, rank: low)
        for r in 0..<out.count {
            let (a, b) = (found.low[r], found.next[r])
            y.set(r, found.nans[r] > 0 ? .nan : part == 0 ? a : a + (b - a) * part)
        }
        return y
    }
    private static func quantileGradient(_ f: inout Flow, _ x: Tensor, _ axes: [Int], _ g: Tensor, _ q: Double) throws {
        let rest = (0..<x.rank).filter { !axes.contains($0) }
        let n = Reduction.count(x.shape, axes)
        let rows = n == 0 ? 0 : x.count / n
        let (low, high, part) = ranks(q, n)
        let wide = try Movement.permuted(x, rest + axes)
        let order = try Tensor(uninitialized: wide.shape, .double)
        try Kernel.sort(wide, descending: false, rows: rows, n, values: nil, order: order)
        let moved = try Tensor.zeros(try Shape((rest + axes).map { x.shape[$0] }), x.precision)
        for r in 0..<rows {
            let (i, j) = (r * n + Int(order[r * n + low]), r * n + Int(order[r * n + high]))
            moved.set(i, moved[i] + 1 - part)
            moved.set(j, moved[j] + part)
        }
        var back = [Int](repeating: 0, count: x.rank)
        for (to, from) in (rest + axes).enumerated() { back[from] = to }
        try f.send(0, try multiply(try Movement.permuted(moved, back), g))
    }
    public static let median: Operator = reduction(
        "median",
        "The median of x over the given axes; the mean of the two middle elements if their number is even.",
        [("median([3, 1, 2])", "2")], seeAlso: ["quantile", "mean"], empty: false,
        forward: { (x: Tensor, axes: [Int], keep: Bool, _: [Attribute]) in try quantile(x, axes, 0.5, keep: keep) },
        backward: { (f: inout Flow, x: Tensor, axes: [Int], g: Tensor, _: Tensor) in
            try quantileGradient(&f, x, axes, g, 0.5)
        })
    public static let quantile: Operator = reduction(
        "quantile", "The q-quantile of x: the value below which a share q of x lies, with linear interpolation.",
        [("quantile([0, 1, 2, 3], 0.5)", "1.5")],
        seeAlso: ["median"], empty: false, extra: [OperatorParameter("q", .number)],
        forward: { (x: Tensor, axes: [Int], keep: Bool, a: [Attribute]) in
            try quantile(x, axes, try a.number(0, "quantile"), keep: keep)
        },
        backward: { (f: inout Flow, x: Tensor, axes: [Int], g: Tensor, _: Tensor) in
            try quantileGradient(&f, x, axes, g, try f.attributes.number(0, "quantile"))
        })
    static let sumTo: Operator = Operator(
        "sum_to", family: "reduction", [OperatorParameter("x", .tensor), OperatorParameter("shape", .lengths)],
        help: "x summed over the axes along which `shape` would broadcast to it.",
        examples: [("sum_to([[1, 2], [3, 4]], [2])", "[4, 6]")],
        seeAlso: ["sum"],
        shape: { s, a in
            let to = try Shape(try a.integers(0, "sum_to"))
            guard try Shape.broadcast(to, s[0], "sum_to") == s[0] else {
                throw EngineError(
                    code: "sum_to", message: "sum_to needs a shape that broadcasts to \(s[0]), and got \(to)",
                    dims: [s[0].dims, to.dims])
            }
            return [to]
        },
        forward: { x, a in
            let to = try Shape(try a.integers(0, "sum_to"))
            guard try Shape.broadcast(to, x[0].shape, "sum_to") == x[0].shape else {
                throw EngineError(
                    code: "sum_to", message: "sum_to needs a shape that broadcasts to \(x[0].shape), and got \(to)",
                    dims: [x[0].shape.dims, to.dims])
            }
            return .init([try Reduction.sumPlainly(x[0], to: to)])
        },
        backward: { f in
            let (g, shape) = (f.gradient, try f.input(0).shape)
            try f.send(0, try Movement.expand(g, shape))
        })
}

extension Flow {
    /// Like `send`, of a gradient that broadcasting may have made larger than the input.
    public mutating func sendSummed(_ i: Int, _ gradient: @autoclosure () throws -> Tensor) throws {
        guard wants(i) else { return }
        let shape = try input(i).shape
        try send(i, try Reduction.sum(try gradient(), to: shape))
    }
}
