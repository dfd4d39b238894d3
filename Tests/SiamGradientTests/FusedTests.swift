import SiamTensor
import Testing

@testable import SiamGradient

/// Fused passes give what their parts give one by one, gradients too, in 64 bits and differentiated twice.
@Suite struct FusedTests {
    private func parts(_ x: Tensor, _ w: Tensor, _ b: Tensor, same: Bool) throws -> Tensor {
        let y = try Operators.conv2d.apply(
            [x, w, b], [.integers([1]), .text(same ? "same" : "valid"), .integers([1])])
        return try Operators.maxpool2d.apply([try Operators.relu(y)], [.integers([2]), .none, .text("valid")])
    }
    private func joined(_ x: Tensor, _ w: Tensor, _ b: Tensor, same: Bool) throws -> Tensor {
        try Operators.convPool.apply(
            [x, w, b],
            [
                .integers([1]), .text(same ? "same" : "valid"), .integers([1]), .integers([2]), .none, .text("valid"),
                .flag(true),
            ])
    }

    @Test(arguments: [
        (1, 8, 8, 3, true), (1, 16, 9, 3, true), (3, 8, 7, 3, false), (8, 16, 10, 5, true), (1, 8, 28, 3, false),
    ])
    func convolutionAndPoolingInOnePass(_ channels: Int, _ filters: Int, _ side: Int, _ kernel: Int, _ same: Bool)
        throws
    {
        var stream = RandomStream(seed: 3)
        for precision in [Precision.single, .double] {
            let x = try Draw.uniform(try Shape([21, side, side, channels]), from: -1, to: 1, &stream, precision)
                .tracked()
            let w = try Draw.uniform(
                try Shape([kernel, kernel, channels, filters]), from: -1, to: 1, &stream, precision
            )
            .tracked()
            let b = try Draw.uniform(.vector(filters), from: -1, to: 1, &stream, precision).tracked()
            let tolerance = precision == .single ? 1e-3 : 1e-9
            let (p, q) = (try parts(x, w, b, same: same), try joined(x, w, b, same: same))
            #expect(p.shape == q.shape)
            let c = try Draw.uniform(p.shape, from: -1, to: 1, &stream, precision)
            let gp = try gradients(of: try Operators.sum(try Operators.multiply(p, c)), at: [x, w, b])
            for keeping in [false, true] {
                let gq = try gradients(
                    of: try Operators.sum(try Operators.multiply(q, c)), at: [x, w, b], keepingGraph: keeping)
                for (l, r) in zip(gp, gq) {
                    let (l, r) = (try #require(l), try #require(r))
                    #expect(l.shape == r.shape)
                    for k in 0..<l.count where Swift.abs(l[k] - r[k]) > tolerance * max(1, Swift.abs(l[k])) {
                        Issue.record("element \(k): \(l[k]) and \(r[k])")
                        break
                    }
                }
            }
            for k in 0..<p.count where Swift.abs(p[k] - q[k]) > tolerance * max(1, Swift.abs(p[k])) {
                Issue.record("value \(k): \(p[k]) and \(q[k])")
                break
            }
        }
    }

    @Test func fusedGradientsAgreeWithDifferences() throws {
        var stream = RandomStream(seed: 4)
        let x = try Draw.uniform(try Shape([2, 5, 5, 2]), from: -1, to: 1, &stream, .double)
        let w = try Draw.uniform(try Shape([3, 3, 2, 3]), from: -1, to: 1, &stream, .double)
        let b = try Draw.uniform(.vector(3), from: -1, to: 1, &stream, .double)
        #expect(try checkGradient(at: w) { try Operators.sum(try joined(x, $0, b, same: true)) }.worst < 1e-6)
        #expect(try checkGradient(at: x) { try Operators.sum(try joined($0, w, b, same: true)) }.worst < 1e-6)
        #expect(try checkGradient(at: b) { try Operators.sum(try joined(x, w, $0, same: true)) }.worst < 1e-6)
        let d = try Draw.uniform(.vector(12), from: 0, to: 1.8, &stream, .double)
        let same = try Tensor(.vector(12), doubles: (0..<12).map { Double($0 % 2) })
        #expect(
            try checkGradient(at: d) { try Operators.contrastivePairs.apply([$0, same], [.number(1)]) }.worst < 1e-6)
        let z = try Draw.uniform(try Shape([4, 6]), from: -1, to: 1, &stream, .double)
        let c = try Draw.uniform(try Shape([4, 6]), from: -1, to: 1, &stream, .double)
        #expect(
            try checkGradient(at: z) { try Operators.sum(try Operators.multiply(try Operators.l2norm.apply([$0]), c)) }
                .worst < 1e-6)
    }

    /// One, two and three threads give the same bits, forwards and backwards, on sizes that are cut into tiles.
    @Test func threadsChangeNoBit() throws {
        func run() throws -> [[Float]] {
            var stream = RandomStream(seed: 5)
            let x = try Draw.uniform(try Shape([64, 28, 28, 1]), from: -1, to: 1, &stream)
            let w1 = try Draw.uniform(try Shape([3, 3, 1, 32]), from: -1, to: 1, &stream).tracked()
            let b1 = try Draw.uniform(.vector(32), from: -1, to: 1, &stream).tracked()
            let w2 = try Draw.uniform(try Shape([3, 3, 32, 64]), from: -0.1, to: 0.1, &stream).tracked()
            let b2 = try Draw.uniform(.vector(64), from: -1, to: 1, &stream).tracked()
            let w3 = try Draw.uniform(try Shape([3136, 128]), from: -0.1, to: 0.1, &stream).tracked()
            let y = try joined(try joined(x, w1, b1, same: true), w2, b2, same: true)
            let z = try Operators.relu(try Operators.matmul(try Operators.flattened(y), w3))
            let loss = try Operators.mean(try Operators.square(z))
            let all = try gradients(of: loss, at: [w1, b1, w2, b2, w3])
            return [z.floats, loss.floats] + all.map { $0?.floats ?? [] }
        }
        let before = Threads.count
        defer { Threads.count = before }
        Threads.count = 1
        let one = try run()
        for n in [2, 3] {
            Threads.count = n
            #expect(try run() == one, "\(n) threads")
        }
    }
}
