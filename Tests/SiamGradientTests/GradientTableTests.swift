import SiamTensor
import Testing

@testable import SiamGradient

/// Inputs and attributes at which an operator's gradient is compared with central differences.
struct Case {
    var inputs: [Tensor]
    var attributes: [Attribute] = []
    /// Which inputs are differentiated; the others are places, labels, masks.
    var at: [Int]
}

/// Random inputs for every operator that has a gradient; an operator without an entry here gets two tensors that broadcast.
struct Cases {
    var stream: RandomStream
    mutating func draw(_ dims: [Int], _ low: Double = -1.5, _ high: Double = 1.5) throws -> Tensor {
        try Draw.uniform(try Shape(dims), from: low, to: high, &stream, .double)
    }
    func whole(_ values: [Double]) throws -> Tensor { try Tensor(.vector(values.count), doubles: values) }

    mutating func make(_ op: Operator) throws -> [Case] {
        func one(_ x: Tensor, _ a: [Attribute] = []) -> Case { Case(inputs: [x], attributes: a, at: [0]) }
        switch op.name {
        case "sqrt", "log", "reciprocal": return [one(try draw([3, 4], 0.3, 2))]
        case "log1p": return [one(try draw([3, 4], -0.5, 2))]
        case "asin", "acos": return [one(try draw([3, 4], -0.8, 0.8))]
        case "power":
            return [
                Case(inputs: [try draw([3, 4], 0.4, 2), try draw([4])], at: [0, 1]),
                Case(inputs: [try draw([5]), try whole([2])], at: [0]),
                Case(inputs: [try draw([5]), try whole([3])], at: [0]),
            ]
        case "divide", "atan2": return [Case(inputs: [try draw([3, 4]), try draw([3, 1], 0.5, 2)], at: [0, 1])]
        case "remainder":
            return [Case(inputs: [try whole([5.3, -4.2, 3.1]), try whole([2.2, 1.7, 0.9])], at: [0, 1])]
        case "where": return [Case(inputs: [try whole([1, 0, 1]), try draw([2, 3]), try draw([3])], at: [1, 2])]
        case "clamp": return [one(try draw([3, 4]), [.number(-0.7), .number(0.6)])]
        case "leaky_relu": return [one(try draw([3, 4]), [.number(0.1)])]
        case "matmul":
            return [
                Case(inputs: [try draw([3, 4]), try draw([4, 2])], at: [0, 1]),
                Case(inputs: [try draw([4]), try draw([4, 2])], at: [0, 1]),
                Case(inputs: [try draw([3, 4]), try draw([4])], at: [0, 1]),
                Case(inputs: [try draw([4]), try draw([4])], at: [0, 1]),
                Case(inputs: [try draw([2, 3, 4]), try draw([4, 2])], at: [0, 1]),
                Case(inputs: [try draw([2, 1, 3, 4]), try draw([3, 4, 2])], at: [0, 1]),
                Case(
                    inputs: [try draw([4, 3]), try draw([2, 4])], attributes: [.flag(true), .flag(true)], at: [0, 1]),
                Case(
                    inputs: [try draw([2, 4, 3]), try draw([2, 4, 2])], attributes: [.flag(true), .flag(false)],
                    at: [0, 1]),
            ]
        case "affine":
            return try ["none", "relu", "tanh", "sigmoid"].map { a in
                Case(
                    inputs: [try draw([2, 3, 4]), try draw([4, 2]), try draw([2])], attributes: [.text(a)],
                    at: [0, 1, 2])
            }
        case "einsum":
            return [
                Case(inputs: [try draw([3, 4]), try draw([4, 2])], attributes: [.text("ij,jk->ik")], at: [0, 1]),
                Case(inputs: [try draw([3, 3])], attributes: [.text("ii->i")], at: [0]),
                Case(
                    inputs: [try draw([2, 3]), try draw([3, 4]), try draw([4, 2])], attributes: [.text("ab,bc,ca->")],
                    at: [0, 1, 2]),
                Case(
                    inputs: [try draw([2, 3, 4]), try draw([2, 4])], attributes: [.text("bij,bj->bi")], at: [0, 1]),
            ]
        case "outer": return [Case(inputs: [try draw([3]), try draw([4])], at: [0, 1])]
        case "quantile": return [one(try draw([3, 5]), [.number(0.3), .integer(1), .flag(false)])]
        case "var", "std": return [one(try draw([3, 5]), [.integer(1), .integer(0)]), one(try draw([3, 5]))]
        case "sum_to": return [one(try draw([3, 4]), [.integers([1, 4])])]
        case "sum", "mean", "min", "max", "prod", "norm", "logsumexp", "median":
            return [
                one(try draw([3, 4])), one(try draw([3, 4, 2]), [.integers([0, 2]), .flag(true)]),
                one(try draw([3, 4]), [.integer(1)]),
                one(try draw([3, 4, 2]), [.integer(1)]),
            ]
        case "cumprod": return [one(try draw([2, 4], 0.3, 1.5)), one(try draw([3, 4], 0.3, 1.5), [.integer(0)])]
        case "reshape": return [one(try draw([3, 4]), [.integers([2, -1])])]
        case "transpose": return [one(try draw([2, 3, 4])), one(try draw([2, 3, 4]), [.integers([1, 2, 0])])]
        case "expand": return [one(try draw([3, 4]), [.integer(1)])]
        case "squeeze": return [one(try draw([3, 1, 4]))]
        case "broadcast_to": return [one(try draw([3, 1]), [.integers([2, 3, 4])])]
        case "concatenate":
            return [
                Case(
                    inputs: [try draw([2, 3]), try draw([2, 1]), try draw([2, 4]), try draw([2, 2])],
                    attributes: [.integer(1)], at: [0, 1, 2, 3])
            ]
        case "stack":
            return [Case(inputs: [try draw([2, 3]), try draw([2, 3])], attributes: [.integer(-1)], at: [0, 1])]
        case "split": return [one(try draw([2, 6]), [.integer(3), .integer(1)])]
        case "tile": return [one(try draw([2, 3]), [.integers([2, 3])]), one(try draw([3]), [.integer(2)])]
        case "repeat": return [one(try draw([2, 3]), [.integer(3), .integer(1)])]
        case "pad": return [one(try draw([2, 3]), [.integers([1, 0, 2, 1])])]
        case "roll": return [one(try draw([2, 5]), [.integer(2), .integer(1)])]
        case "diag": return [one(try draw([4])), one(try draw([3, 4]))]
        case "tril", "triu": return [one(try draw([3, 4]), [.integer(1)])]
        case "index":
            return [
                one(try draw([4, 5]), [.integers([0, 1])]),
                one(try draw([4, 5]), [.integers([1, 1, 3, 1]), .integers([1, 0, 5, 2])]),
                Case(
                    inputs: [try draw([4, 5]), try whole([3, 0, 0, -1])], attributes: [.integers([3, 1])], at: [0]),
                Case(
                    inputs: [try draw([4, 5]), try whole([3, 0, 0]), try whole([1, 1, 4])],
                    attributes: [.integers([3, 1]), .integers([3, 2])], at: [0]),
                Case(
                    inputs: [try draw([4, 5]), try whole([1, 0, 1, 1, 0])],
                    attributes: [.integers([2]), .integers([4, 1])], at: [0]),
            ]
        case "index_spread":
            return [
                Case(
                    inputs: [try draw([4]), try whole([2, 0, 2, 1])], attributes: [.integers([3]), .integers([3, 1])],
                    at: [0])
            ]
        case "assign_index":
            return [Case(inputs: [try draw([4, 3]), try draw([3])], attributes: [.integers([0, 1])], at: [0, 1])]
        case "gather":
            return [Case(inputs: [try draw([4, 3]), try whole([2, 0, 2])], attributes: [.integer(0)], at: [0])]
        case "scatter_add":
            return [
                Case(
                    inputs: [try draw([4, 3]), try whole([2, 0]), try draw([2, 3])], attributes: [.integer(0)],
                    at: [0, 2])
            ]
        case "conv2d":
            return [
                Case(inputs: [try draw([2, 5, 4, 2]), try draw([3, 3, 2, 3]), try draw([3])], at: [0, 1, 2]),
                Case(
                    inputs: [try draw([2, 6, 7, 2]), try draw([2, 3, 2, 3])],
                    attributes: [.integers([2, 1]), .text("valid"), .integers([1, 2])], at: [0, 1]),
            ]
        case "conv2d_input_gradient":
            return [
                Case(
                    inputs: [try draw([2, 5, 4, 3]), try draw([3, 3, 2, 3])],
                    attributes: [.integer(1), .text("same"), .integer(1), .integers([2, 5, 4, 2])], at: [0, 1])
            ]
        case "conv2d_weight_gradient":
            return [
                Case(
                    inputs: [try draw([2, 5, 4, 2]), try draw([2, 5, 4, 3])],
                    attributes: [.integer(1), .text("same"), .integer(1), .integers([3, 3, 2, 3])], at: [0, 1])
            ]
        case "maxpool2d", "avgpool2d":
            return [
                one(try draw([2, 4, 6, 3])), one(try draw([2, 5, 5, 2]), [.integer(3), .integer(2), .text("same")]),
            ]
        case "global_maxpool", "global_avgpool": return [one(try draw([2, 3, 4, 2]))]
        case "layer_norm": return [Case(inputs: [try draw([3, 4]), try draw([4]), try draw([4])], at: [0, 1, 2])]
        case "batch_norm":
            return [
                Case(inputs: [try draw([2, 3, 4]), try draw([4]), try draw([4])], at: [0, 1, 2]),
                Case(
                    inputs: [try draw([3, 4]), try draw([4]), try draw([4]), try draw([4]), try draw([4], 0.5, 1)],
                    at: [0, 1, 2, 3, 4]),
            ]
        case "dropout_mask":
            return [Case(inputs: [try draw([4]), try whole([1, 0, 1, 1])], attributes: [.number(0.5)], at: [0])]
        case "softmax", "log_softmax": return [one(try draw([3, 4])), one(try draw([3, 4]), [.integer(0)])]
        case "l2norm": return [one(try draw([3, 4])), one(try draw([3, 4]), [.integer(0)])]
        case "euclidean":
            return [
                Case(inputs: [try draw([3, 4]), try draw([3, 4])], at: [0, 1]),
                Case(inputs: [try draw([3, 4]), try draw([4])], at: [0, 1]),
            ]
        case "pairwise_squared", "pairwise_euclidean":
            return [Case(inputs: [try draw([3, 4]), try draw([5, 4])], at: [0, 1])]
        case "cross_entropy": return [Case(inputs: [try draw([3, 4]), try whole([0, 3, 1])], at: [0])]
        case "bce_with_logits": return [Case(inputs: [try draw([5]), try whole([0, 1, 1, 0, 0.5])], at: [0])]
        case "sort": return [one(try draw([3, 5])), one(try draw([3, 5]), [.integer(0), .flag(true)])]
        case "topk":
            return [
                one(try draw([3, 5]), [.integer(2)]), one(try draw([3, 5]), [.integer(2), .integer(0), .flag(false)]),
            ]
        case "solve":
            return [
                Case(
                    inputs: [
                        try Operators.add(
                            try draw([3, 3]), try Tensor(.init([3, 3]), doubles: [3, 0, 0, 0, 3, 0, 0, 0, 3])),
                        try draw([3, 2]),
                    ], at: [0, 1])
            ]
        case "cumsum", "flip": return [one(try draw([2, 4])), one(try draw([3, 4]), [.integer(0)])]
        default:
            let tensors = op.parameters.filter { $0.kind.isTensor }.count
            if tensors == 1 { return [one(try draw([3, 4]))] }
            return [
                Case(inputs: [try draw([3, 4]), try draw([4])], at: [0, 1]),
                Case(inputs: [try draw([2, 1, 3]), try draw([4, 1])], at: [0, 1]),
                Case(inputs: [try draw([]), try draw([3, 2])], at: [0, 1]),
            ]
        }
    }
}

/// A weighted sum of all outputs, so that every entry of the gradient is felt and no two alike.
func weighted(_ outputs: [Tensor]) throws -> Tensor {
    var total = try Tensor(scalar: 0, .double)
    for y in outputs {
        let w = try Operators.add(
            try Operators.sin(try Tensor.iota(y.count, from: 1, .double).reshaped(to: y.shape)),
            try Tensor(scalar: 0.3, .double))
        total = try Operators.add(total, try Operators.sum(try Operators.multiply(y, w)))
    }
    return total
}

private let withGradient = Operators.all.filter { $0.hasGradient && !["svd", "eigh", "qr"].contains($0.name) }

@Test(arguments: withGradient.map(\.name))
func gradientAgreesWithDifferences(_ name: String) throws {
    let op = try #require(Operators.named(name))
    for seed in 1...2 {
        var cases = Cases(stream: RandomStream(seed: UInt64(seed) &* 77 &+ 5))
        for c in try cases.make(op) {
            for i in c.at {
                let check = try checkGradient(at: c.inputs[i], step: 1e-6) { x in
                    var inputs = c.inputs
                    inputs[i] = x
                    let outputs = try op.applyAll(inputs, c.attributes)
                    return try weighted(
                        op.name == "topk" || op.name == "batch_norm" ? Array(outputs.prefix(1)) : outputs)
                }
                #expect(
                    check.worst < 1e-6,
                    "\(name) at input \(i) of \(c.inputs.map(\.shape)): gradient \(check.gradient), quotient \(check.quotient)"
                )
            }
        }
    }
}

/// Operators that are smooth at the cases' inputs: their gradient, recorded, is differentiated again.
private let bent: Set<String> = ["cumprod", "median", "quantile", "sort", "topk", "remainder"]
@Test(arguments: withGradient.map(\.name).filter { !bent.contains($0) })
func gradientsOfGradientsAgree(_ name: String) throws {
    let op = try #require(Operators.named(name))
    var cases = Cases(stream: RandomStream(seed: 11))
    for c in try cases.make(op).prefix(2) {
        let i = c.at[0]
        let check = try checkGradient(at: c.inputs[i], step: 1e-5) { x in
            let leaf = x.isTracked ? x : x.tracked()
            return try Recording.set(true) {
                var inputs = c.inputs
                inputs[i] = leaf
                let outputs = try op.applyAll(inputs, c.attributes)
                let y = try weighted(op.name == "batch_norm" ? Array(outputs.prefix(1)) : outputs)
                let g = try gradients(of: y, at: [leaf], keepingGraph: true)[0]
                return try weighted([try Operators.square(try g ?? Tensor.zeros(leaf.shape, .double))])
            }
        }
        #expect(check.worst < 2e-5, "\(name): second gradient \(check.gradient), quotient \(check.quotient)")
    }
}

@Test func longChainsAreReleased() throws {
    var x = try Tensor(scalar: 1, .double).tracked()
    let leaf = x
    for _ in 0..<200_000 { x = try Operators.add(x, leaf) }
    let g = try gradients(of: x, at: [leaf])[0]
    #expect(g?.item == 200_001)
}

@Test func noPathIsNil() throws {
    let a = try Tensor(scalar: 1).tracked()
    let b = try Tensor(scalar: 2).tracked()
    let y = try Operators.square(a)
    let g = try gradients(of: y, at: [b, a])
    #expect(g[0] == nil)
    #expect(g[1]?.item == 2)
    #expect(try gradients(of: y, at: [y])[0]?.item == 1)
}

@Test func distanceAtZeroHasGradientZero() throws {
    let a = try Tensor(.matrix(1, 2), [1, 2]).tracked()
    let y = try Operators.sum(try Operators.euclidean(a, a.detached()))
    #expect(try gradients(of: y, at: [a])[0]?.doubles == [0, 0])
}

@Test func shapeRuleAgreesWithResult() throws {
    for op in withGradient
    where op.name != "index" && op.name != "assign_index" && op.name != "unique" && op.name != "index_spread" {
        var cases = Cases(stream: RandomStream(seed: 3))
        for c in try cases.make(op) {
            let all = try op.complete(c.attributes)
            let shapes = try op.shape(c.inputs.map(\.shape), all)
            #expect(shapes == (try op.applyAll(c.inputs, c.attributes)).map(\.shape), "\(op.name)")
        }
    }
}
