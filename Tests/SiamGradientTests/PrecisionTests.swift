import SiamTensor
import Testing

@testable import SiamGradient

/// The 32-bit kernels (oneDNN's among them) against the plain loops in 64 bits.
private func compare(_ name: String, _ dims: [[Int]], _ attributes: [Attribute] = [], tolerance: Double = 2e-5) throws {
    let op = try #require(Operators.named(name))
    var stream = RandomStream(seed: 4)
    let wide = try dims.map { try Draw.normal(try Shape($0), &stream, .double) }
    let narrow = try wide.map { try $0.converted(to: .single).tracked() }
    let leaves = wide.map { $0.tracked() }
    func loss(_ x: [Tensor]) throws -> (Tensor, [Tensor?]) {
        let y = try op.apply(x, attributes)
        let l = try Operators.mean(try Operators.square(y))
        return (y, try gradients(of: l, at: x))
    }
    let (expected, slopes) = try loss(leaves)
    var first: [[Float]]?
    for threads in [1, 2, 3] {
        Threads.count = threads
        let (y, g) = try loss(narrow)
        for (a, b) in zip([y] + g.compactMap { $0 }, [expected] + slopes.compactMap { $0 }) {
            let scale = b.doubles.reduce(1e-30) { max($0, abs($1)) }
            var worst = 0.0
            for i in 0..<a.count { worst = max(worst, abs(a[i] - b[i]) / scale) }
            #expect(worst < tolerance, "\(name) \(dims): \(worst)")
        }
        let bits = ([y] + g.compactMap { $0 }).map(\.floats)
        if let first { #expect(first == bits, "\(name) differs with \(threads) threads") } else { first = bits }
    }
}

@Suite(.serialized) struct SinglePrecision {
    @Test func products() throws {
        try compare("matmul", [[64, 3136], [3136, 128]])
        try compare("matmul", [[257, 190], [190, 515]])
        try compare("matmul", [[3, 40, 50], [3, 50, 60]])
        try compare("affine", [[64, 784], [784, 256], [256]], [.text("relu")])
        try compare("affine", [[16, 2], [2, 16], [16]], [.text("tanh")])
        try compare("affine", [[200, 300], [300, 64], [64]])
    }
    @Test func convolutions() throws {
        try compare("conv2d", [[64, 28, 28, 1], [3, 3, 1, 32], [32]])
        try compare("conv2d", [[64, 14, 14, 32], [3, 3, 32, 64], [64]])
        try compare(
            "conv2d", [[5, 13, 9, 3], [3, 2, 3, 7]], [.integers([2, 1]), .text("valid"), .integers([1, 2])])
        try compare("conv2d", [[2, 9, 9, 4], [3, 3, 4, 5]], [.integer(2), .text("same"), .integer(2)])
    }
    @Test func reductionsAndFunctions() throws {
        try compare("sum", [[300, 700]], [.integer(0)])
        try compare("sum", [[300, 700]])
        try compare("mean", [[30, 70, 50]], [.integers([0, 2])])
        for name in ["exp", "tanh", "sigmoid", "softplus", "gelu", "erf", "relu", "square", "sin"] {
            try compare(name, [[300, 700]])
        }
        try compare("softmax", [[300, 70]])
        try compare("maxpool2d", [[64, 28, 28, 32]])
        try compare("euclidean", [[300, 64], [300, 64]])
        try compare("pairwise_euclidean", [[256, 64], [128, 64]], tolerance: 1e-4)
        try compare("add", [[300, 700], [700]])
        try compare("multiply", [[300, 700], [300, 1]])
    }
    @Test func logarithmsToTheLastDigits() throws {
        let x: [Float] = [1e-30, 0.1, 0.5, 0.70, 0.71, 0.999, 1, 1.001, 2, 10, 1e30]
        let y = try Operators.log(try Tensor(.vector(x.count), x)).doubles
        let z = try Operators.log(try Tensor(.vector(x.count), x).converted(to: .double)).doubles
        for i in x.indices { #expect(abs(y[i] - z[i]) <= 2e-7 * max(1, abs(z[i]))) }
        let special = try Operators.log(try Tensor(.vector(4), [0, -1, .infinity, .nan])).doubles
        #expect(special[0] == -.infinity && special[1].isNaN && special[2] == .infinity && special[3].isNaN)
        let e = try Operators.exp(try Tensor(.vector(5), [-.infinity, .infinity, .nan, 88.5, -100])).doubles
        #expect(e[0] == 0 && e[1] == .infinity && e[2].isNaN)
        #expect(abs(e[3] / 2.7231e38 - 1) < 1e-3 && abs(e[4] / 3.72e-44 - 1) < 0.05)
    }
}
