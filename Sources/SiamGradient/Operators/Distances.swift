import CKernels
import SiamTensor

/// Distances between rows, and losses of scores.
extension Operators {
    static let distances: [Operator] = [euclidean, pairwiseSquared, pairwiseEuclidean, crossEntropy, bceWithLogits]

    public static let euclidean: Operator = Operator(
        "euclidean", family: "distance", [OperatorParameter("a", .tensor), OperatorParameter("b", .tensor)],
        help: "sqrt(sum((a - b)^2)) over the last axis. Its gradient is (a - b) / d, and 0 where d = 0.",
        examples: [("euclidean([0, 0], [3, 4])", "5")], seeAlso: ["pairwise_euclidean", "norm"],
        shape: { s, _ in [try distanceShape(try rows(s[0], s[1]))] },
        binary: { a, b in try distance(a, b) }, forward: { x, _ in .init([try distance(x[0], x[1])]) },
        backward: { f in
            let (g, a, b, d) = (f.gradient, try f.input(0), try f.input(1), f.output)
            if !Recording.isOn, a.shape == b.shape, a.precision == b.precision, a.rank > 0, a.shape[-1] > 0 {
                let (ga, gb) = try Kernel.rowDistanceGradient(
                    a, b, d, g, rows: a.count / a.shape[-1], a.shape[-1], toA: f.wants(0), toB: f.wants(1))
                if let ga { try f.send(0, ga) }
                if let gb { try f.send(1, gb) }
                return
            }
            let zero = try equal(d, try d.number(0))
            let k = try whereSelect(zero, try g.number(0), try divide(g, try whereSelect(zero, try d.number(1), d)))
            let delta = try multiply(try subtract(a, b), try expand.apply([k], [.integer(-1)]))
            try f.sendSummed(0, delta)
            try f.sendSummed(1, try negate(delta))
        })
    private static func distanceShape(_ s: Shape) throws -> Shape {
        guard s.rank > 0 else {
            throw EngineError(
                code: "euclidean.rank", message: "euclidean works along the last axis, and got two numbers")
        }
        return try Shape(Array(s.dims.dropLast()))
    }
    /// The shape of both together: rows of one width, and of one of them as many as of the other, or one.
    private static func rows(_ a: Shape, _ b: Shape) throws -> Shape {
        if a.rank > 0, b.rank > 0, a[-1] != b[-1] {
            throw EngineError(
                code: "euclidean.width", message: "euclidean compares rows of one width, and got \(a) and \(b)",
                dims: [a.dims, b.dims])
        }
        return try Shape.broadcast(a, b, "euclidean")
    }
    private static func distance(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        if a.precision != b.precision { return try distance(a.converted(to: .double), b.converted(to: .double)) }
        let whole = try rows(a.shape, b.shape)
        let out = try distanceShape(whole)
        return try Kernel.rowDistance(
            try Movement.broadcast(a, to: whole), try Movement.broadcast(b, to: whole), root: true, rows: out.count,
            whole[-1], into: out)
    }

    private static func pairwiseShape(_ a: Shape, _ b: Shape, _ name: String) throws -> Shape {
        guard a.rank == 2, b.rank == 2, a[1] == b[1] else {
            throw EngineError(
                code: "pairwise.width", message: "\(name) needs two matrices of one width, and got \(a) and \(b)",
                dims: [a.dims, b.dims])
        }
        return try Shape([a[0], b[0]])
    }
    private static func pairwise(_ name: String, root: Bool, _ help: String, _ result: String) -> Operator {
        Operator(
            name, family: "distance", [OperatorParameter("a", .tensor), OperatorParameter("b", .tensor)], help: help,
            examples: [("\(name)([[0, 0]], [[3, 4], [0, 0]])", result)], seeAlso: ["euclidean"],
            shape: { s, _ in [try pairwiseShape(s[0], s[1], name)] },
            forward: { x, _ in
                let p = Precision.wider(x[0].precision, x[1].precision)
                let (a, b) = (try x[0].converted(to: p), try x[1].converted(to: p))
                let out = try pairwiseShape(a.shape, b.shape, name)
                return .init([try Kernel.pairwise(a, b, root: root, m: out[0], n: out[1], d: a.shape[1], into: out)])
            },
            backward: { f in
                // With k the gradient at the squares: ga = 2 (rowsum(k) a - k b), gb = 2 (colsum(k) b - k^T a).
                let (g, a, b, d) = (f.gradient, try f.input(0), try f.input(1), f.output)
                var k = try add(g, g)
                if root {
                    let zero = try equal(d, try d.number(0))
                    k = try whereSelect(zero, try g.number(0), try divide(g, try whereSelect(zero, try d.number(1), d)))
                }
                if f.wants(0) {
                    let total = try sum.apply([k], [.integer(1), .flag(true)])
                    try f.send(0, try subtract(try multiply(total, a), try product(k, b, false, false)))
                }
                if f.wants(1) {
                    let total = try Movement.reshape(
                        try sum.apply([k], [.integer(0), .flag(false)]), .matrix(b.shape[0], 1))
                    try f.send(1, try subtract(try multiply(total, b), try product(k, a, true, false)))
                }
            })
    }
    public static let pairwiseSquared: Operator = pairwise(
        "pairwise_squared", root: false,
        "sum((a[i] - b[j])^2) for every i and j, as |a|^2 + |b|^2 - 2 a b, from the coordinates where that cancels.",
        "[[25, 0]]")
    public static let pairwiseEuclidean: Operator = pairwise(
        "pairwise_euclidean", root: true,
        "sqrt(sum((a[i] - b[j])^2)) for every i and j; its gradient is 0 where the distance is.", "[[5, 0]]")

    public static let crossEntropy: Operator = Operator(
        "cross_entropy", family: "distance",
        [
            OperatorParameter("logits", .tensor, takes: "logits"),
            OperatorParameter("labels", .tensor, takes: "columns of logits or like logits >= 0 <= 1"),
            OperatorParameter("weights", .optionalTensor, "none", takes: "tensor >= 0 or none"),
        ],
        help:
            "mean(-log_softmax(logits)[label]); labels are class numbers, one per row, or probabilities in the shape of the logits. With `weights`, one per row: sum w l / sum w; for class weights, weights = gather(w, y) with w = class_weights(seen).",
        examples: [("cross_entropy([[0, 0]], [1])", "0.6931472")], seeAlso: ["log_softmax", "bce_with_logits"],
        shape: { _, _ in [.scalar] },
        forward: { t, _ in
            let (x, y) = (t[0], t[1])
            guard x.rank == 2, y.shape == x.shape || y.count == x.shape[0] else {
                throw EngineError(
                    code: "cross_entropy.labels",
                    message:
                        "cross_entropy needs a label for each row of the logits, and got \(x.shape) and \(y.shape)",
                    dims: [x.shape.dims, y.shape.dims])
            }
            let shares =
                y.shape == x.shape
                ? y : try oneHot.apply([try y.reshaped(to: .vector(y.count))], [.integer(x.shape[1])])
            if x.shape[0] == 0 { return .init([try x.number(0)]) }
            let terms = try multiply(shares, try logSoftmax.apply([x], [.integer(-1)]))
            if let each = try weighted(t, rows: x.shape[0], "cross_entropy") {
                let losses = try subtract(try x.number(0), try sum.apply([terms], [.integer(1), .flag(false)]))
                return .init([try divide(try sum(try multiply(each, losses)), try sum(each))])
            }
            let total = try sum(terms)
            return .init([try multiply(total, try x.number(-1 / Double(x.shape[0])))])
        }, backward: nil, isComposite: true)
    public static let bceWithLogits: Operator = Operator(
        "bce_with_logits", family: "distance",
        [
            OperatorParameter("logits", .tensor, takes: "logits"),
            OperatorParameter("target", .tensor, takes: "matching logits >= 0 <= 1"),
            OperatorParameter("weights", .optionalTensor, "none", takes: "tensor >= 0 or none"),
        ],
        help:
            "mean(softplus(x) - target x) = -mean(target log p + (1 - target) log(1 - p)), p = sigmoid(x). With `weights`, one per example: sum w l / sum w.",
        examples: [("bce_with_logits([0, 0], [0, 1])", "0.6931472")], seeAlso: ["sigmoid", "cross_entropy"],
        shape: { s, _ in
            _ = try Shape.broadcast(s[0], s[1], "bce_with_logits")
            return [.scalar]
        },
        forward: { t, _ in
            let terms = try subtract(try softplus(t[0]), try multiply(t[1], t[0]))
            let rows = terms.rank > 0 ? terms.shape[0] : 1
            guard let each = try weighted(t, rows: rows, "bce_with_logits") else { return .init([try mean(terms)]) }
            var losses = terms
            if terms.rank > 1 {
                losses = try terms.reshaped(to: .matrix(rows, terms.count / Swift.max(1, rows)))
                losses = try mean.apply([losses], [.integer(1), .flag(false)])
            }
            return .init([try divide(try sum(try multiply(each, losses)), try sum(each))])
        },
        backward: nil, isComposite: true)

    /// The weights of a loss, where some are given: one a row.
    private static func weighted(_ t: [Tensor], rows: Int, _ who: String) throws -> Tensor? {
        guard t.count > 2 else { return nil }
        guard t[2].count == rows else {
            throw EngineError(
                code: "loss.weights",
                message: "\(who) expects a weight for each of \(rows) rows, and got \(t[2].shape)",
                notes: ["for class weights w, the weights of the rows are gather(w, y)"])
        }
        return try t[2].reshaped(to: .vector(rows))
    }
}
