import SiamTensor
import Testing

@testable import SiamGradient

/// Large products and convolutions in 32 bits go their own ways: they give what the plain loops give in 64 bits, on one, two
/// and three threads to the last bit, and each image or row the same whatever stands beside it.
@Suite(.serialized) struct ProductWaysTests {
    private func onThreads<T: Equatable>(_ work: () throws -> T) throws -> T {
        let before = Threads.count
        defer { Threads.count = before }
        Threads.count = 1
        let alone = try work()
        for count in [2, 3] {
            Threads.count = count
            #expect(try work() == alone, "on \(count) threads")
        }
        return alone
    }
    private func near(_ a: Tensor?, _ b: Tensor?, _ tolerance: Double, _ what: String) throws {
        let (a, b) = (try #require(a), try #require(b))
        #expect(a.shape == b.shape)
        let worst = zip(a.doubles, b.doubles).map { abs($0 - $1) / max(1, abs($1)) }.max() ?? 0
        #expect(worst < tolerance, "\(what) is off by \(worst)")
    }

    /// Few channels, 3 x 3 by fewer multiplications (whole and in bands), and what goes neither way.
    @Test(arguments: [
        (1, 32, 28, 3, 1, true), (3, 32, 9, 3, 1, true), (2, 32, 11, 5, 2, true), (32, 64, 14, 3, 1, true),
        (16, 32, 13, 3, 1, false), (32, 32, 40, 3, 1, true), (16, 32, 5, 3, 1, true), (16, 32, 9, 3, 2, true),
        (64, 128, 6, 3, 1, true),
    ])
    func convolutions(_ channels: Int, _ filters: Int, _ side: Int, _ kernel: Int, _ stride: Int, _ same: Bool) throws {
        var stream = RandomStream(seed: 5)
        let attributes: [Attribute] = [.integers([stride]), .text(same ? "same" : "valid"), .integers([1])]
        func all(_ x: Tensor, _ w: Tensor, _ b: Tensor) throws -> [Tensor] {
            let (x, w, b) = (x.tracked(), w.tracked(), b.tracked())
            let y = try Operators.conv2d.apply([x, w, b], attributes)
            let c = try Draw.uniform(y.shape, from: -1, to: 1, &stream, .single).converted(to: y.precision)
            let loss = try Operators.sum(try Operators.multiply(y, c))
            return [y.detached()] + (try gradients(of: loss, at: [x, w, b]).compactMap { $0 })
        }
        let x = try Draw.uniform(try Shape([3, side, side, channels]), from: -1, to: 1, &stream)
        let w = try Draw.uniform(try Shape([kernel, kernel, channels, filters]), from: -1, to: 1, &stream)
        let b = try Draw.uniform(.vector(filters), from: -1, to: 1, &stream)
        let start = stream
        let bits = try onThreads {
            stream = start
            return try all(x, w, b).map(\.floats)
        }
        stream = start
        let ours = try all(x, w, b)
        stream = start
        let plain = try all(
            try x.converted(to: .double), try w.converted(to: .double), try b.converted(to: .double))
        for (k, what) in ["the result", "the gradient at x", "at w", "at b"].enumerated() {
            try near(ours[k], plain[k], 2e-4, what)
        }
        let one = try Tensor(try Shape([1, side, side, channels]), Array(x.floats.prefix(side * side * channels)))
        let single = try Operators.conv2d.apply([one, w, b], attributes)
        #expect(single.floats == Array(bits[0].prefix(single.count)), "an image alone")
    }

    /// Products of all layouts, of few and of many rows, of columns that fill no panel and of sums longer than a pass.
    @Test(arguments: [
        (1, 64, 200), (20, 96, 300), (25, 33, 90), (130, 100, 70), (67, 129, 40), (300, 256, 64), (40, 48, 2100),
    ])
    func products(_ m: Int, _ n: Int, _ k: Int) throws {
        var stream = RandomStream(seed: 8)
        let (a, b) = (
            try Draw.uniform(.matrix(m, k), from: -1, to: 1, &stream),
            try Draw.uniform(.matrix(k, n), from: -1, to: 1, &stream)
        )
        let bias = try Draw.uniform(.vector(n), from: -1, to: 1, &stream)
        let (at, bt) = (try Movement.transposed(a).copied(), try Movement.transposed(b).copied())
        func all(_ precision: Precision) throws -> [Tensor] {
            let t = try [a, b, at, bt, bias].map { try $0.converted(to: precision) }
            return [
                try Operators.product(t[0], t[1], false, false), try Operators.product(t[2], t[1], true, false),
                try Operators.product(t[0], t[3], false, true),
                try Operators.affine.apply([t[0], t[1], t[4]], [.text("relu")]),
            ]
        }
        _ = try onThreads { try all(.single).map(\.floats) }
        for (k, (ours, plain)) in zip(try all(.single), try all(.double)).enumerated() {
            try near(ours, plain, 1e-4, "product \(k)")
        }
        // A row is the same whatever stands beside it, where the weights are read the same way.
        let (most, w) = (try all(.single)[3], b.tracked())
        #expect(
            try Operators.affine.apply([a, w, bias], [.text("relu")]).floats == most.floats, "of weights packed once")
    }

    /// Of matrices large enough the vectors are made on threads.
    @Test func eigenvectors() throws {
        var stream = RandomStream(seed: 9)
        let n = 300
        let m = try Draw.uniform(.matrix(n, n), from: -1, to: 1, &stream, .double)
        let s = try Operators.add(m, try Movement.transposed(m))
        let parts = try onThreads { try Operators.eigh.applyAll([s], []).map(\.doubles) }
        let (w, v) = (try Tensor(.vector(n), doubles: parts[0]), try Tensor(.matrix(n, n), doubles: parts[1]))
        try near(
            try Operators.product(s, v, false, false), try Operators.multiply(v, w), 1e-11, "s v = v w")
        let one = try Tensor.zeros(.matrix(n, n), .double)
        for i in 0..<n { one.set(i * n + i, 1) }
        try near(try Operators.product(v, v, true, false), one, 1e-12, "v' v")
        // What is too small or too large to be squared.
        for factor in [1e-200, 1e200] {
            let by = try s.number(factor)
            let w2 = try Operators.eigh.applyAll([try Operators.multiply(s, by)], [])[0]
            try near(try Operators.divide(w2, by), w, 1e-11, "w times \(factor)")
        }
    }

    /// Rows without a gradient are left out; the rest comes out as if they were not.
    @Test(arguments: [0, 20, 64, 96], ["none", "relu", "tanh"])
    func rowsWithoutGradient(_ zeros: Int, _ activation: String) throws {
        var stream = RandomStream(seed: 6)
        let (rows, k, n) = (96, 150, 100)
        let x = try Draw.uniform(.matrix(rows, k), from: -1, to: 1, &stream)
        let w = try Draw.uniform(.matrix(k, n), from: -0.1, to: 0.1, &stream)
        let b = try Draw.uniform(.vector(n), from: -1, to: 1, &stream)
        let c = try Draw.uniform(.matrix(rows, n), from: -1, to: 1, &stream)
        for r in 0..<zeros { for j in 0..<n { c.set((r * 37) % rows * n + j, 0) } }
        // Of a first layer nobody wants the gradient at x.
        func all(_ precision: Precision, toX: Bool) throws -> [Tensor] {
            var leaves = try [x, w, b].map { try $0.converted(to: precision).copied().tracked() }
            if !toX { leaves[0] = leaves[0].detached() }
            // Used twice: the second gradient is added to the first.
            let y = try Operators.affine.apply(leaves, [.text(activation)])
            let z = try Operators.affine.apply(leaves, [.text("none")])
            let loss = try Operators.sum(
                try Operators.multiply(try Operators.add(y, z), try c.converted(to: precision)))
            return try gradients(of: loss, at: Array(leaves.dropFirst(toX ? 0 : 1))).map { try #require($0) }
        }
        for toX in [true, false] {
            _ = try onThreads { try all(.single, toX: toX).map(\.floats) }
            for (k, (ours, plain)) in zip(try all(.single, toX: toX), try all(.double, toX: toX)).enumerated() {
                try near(ours, plain, 2e-5, "gradient \(k)")
            }
        }
    }

    /// 0 times infinity is no number, and is not left out.
    @Test func whatIsNotFiniteStaysVisible() throws {
        var stream = RandomStream(seed: 7)
        let (rows, k, n) = (64, 256, 128)
        let x = try Draw.uniform(.matrix(rows, k), from: -1, to: 1, &stream)
        x.set(5 * k, .infinity)
        let w = try Draw.uniform(.matrix(k, n), from: -1, to: 1, &stream).tracked()
        let c = try Tensor.zeros(.matrix(rows, n), .single)
        for j in 0..<n { c.set(7 * n + j, 1) }
        let y = try Operators.affine.apply([x, w], [.text("none")])
        let g = try gradients(of: try Operators.sum(try Operators.multiply(y, c)), at: [w])[0]
        #expect(try #require(g).floats.contains { $0.isNaN })
    }
}
