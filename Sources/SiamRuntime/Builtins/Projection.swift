import Glibc
import SiamGradient
import SiamLanguage
import SiamTensor

/// Pictures of embeddings in few dimensions.
extension Builtins {
    static let projections: [Builtin] = [
        Builtin(
            "pca", "z, dims = 2", family: "looking",
            "The rows along their principal axes: the centred embeddings times the first right singular vectors (Pearson, 1901; Hotelling, 1933), each axis turned so that its largest coefficient is positive.",
            examples: [("pca([[0, 0], [2, 0]], 1)", "tensor 2x1\n[[-1]\n [ 1]]\nmin -1  max 1  mean 0  sd 1")],
            seeAlso: ["tsne", "scatter"]
        ) { _, a in
            let z = try points(a)
            let dims = try a.integer(1, atLeast: 1)
            let (n, width) = (z.shape[0], z.shape[1])
            guard dims <= min(n, width) else {
                throw Diagnostic(
                    code: "pca.dims",
                    "\(n) rows of \(width) have \(min(n, width)) principal axes, and \(dims) were asked for")
            }
            return .tensor(try Projection.principal(z, dims))
        },
        Builtin(
            "tsne", "z, dims = 2, perplexity = 30, steps = 500", family: "looking",
            "The rows in few dimensions with near ones kept near (van der Maaten and Hinton, 2008), exact, from the first principal axes; the gradient is taken over all pairs, so some thousands of rows are the most.",
            examples: [("tsne(blobs(20).x, perplexity = 5).shape", "")],
            seeAlso: ["pca", "scatter"]
        ) { i, a in
            let z = try points(a)
            guard z.shape[0] <= 5000 else {
                throw Diagnostic(
                    code: "tsne.large", "tsne takes up to 5000 rows, and got \(z.shape[0])", repair: "d.sample(2000)")
            }
            let dims = try a.integer(1, atLeast: 1)
            guard dims <= z.shape[1], dims <= 3 else {
                throw Diagnostic(
                    code: "tsne.dims",
                    "tsne makes 1 to \(min(3, z.shape[1])) dimensions of these, and \(dims) were asked for")
            }
            return .tensor(
                try Projection.neighbours(
                    z, dims, perplexity: try a.number(2), steps: min(try a.integer(3, atLeast: 1), 100_000)
                ) { if i.interrupt.pointee != 0 { try i.interrupted() } })
        },
    ]

    private static func points(_ a: Arguments) throws -> Tensor {
        var z: Tensor
        if case .thing(let d as DatasetThing) = a[0] { z = d.dataset.x } else { z = try a.tensor(0).detached() }
        guard z.rank >= 2, z.shape[0] > 1 else {
            throw Diagnostic(
                code: "projection.rows", "\(a.builtin.name) wants rows of numbers, and got a tensor of \(z.shape)")
        }
        z = try flat(z)
        guard z.doubles.allSatisfy(\.isFinite) else {
            throw Diagnostic(code: "projection.finite", "\(a.builtin.name) wants finite numbers, and some are not")
        }
        return z
    }
}

enum Projection {
    /// n x dims.
    static func principal(_ z: Tensor, _ dims: Int) throws -> Tensor {
        let (n, width) = (z.shape[0], z.shape[1])
        var c = z.doubles
        for k in 0..<width {
            var mean = 0.0
            for r in 0..<n { mean += c[r * width + k] }
            mean /= Double(n)
            for r in 0..<n { c[r * width + k] -= mean }
        }
        let vt = try Operators.svd.applyAll([try Tensor(try Shape([n, width]), doubles: c)])[2]
        var out = [Double](repeating: 0, count: n * dims)
        for k in 0..<dims {
            var axis = (0..<width).map { vt[k * width + $0] }
            let largest = axis.max { abs($0) < abs($1) } ?? 1
            if largest < 0 { axis = axis.map { -$0 } }
            for r in 0..<n {
                var sum = 0.0
                for j in 0..<width { sum += c[r * width + j] * axis[j] }
                out[r * dims + k] = sum
            }
        }
        return try Tensor(try Shape([n, dims]), doubles: out, z.precision)
    }

    /// Exact t-SNE; `poll` is asked each step and may throw.
    static func neighbours(
        _ z: Tensor, _ dims: Int, perplexity: Double, steps: Int, poll: () throws -> Void
    ) throws -> Tensor {
        let n = z.shape[0]
        let d = try Operators.pairwiseSquared.apply([try z.converted(to: .single), try z.converted(to: .single)])
            .doubles
        let target = log(min(max(perplexity, 1.01), Double(max(n - 1, 2)) * 0.99))
        var p = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            var (beta, low, high) = (1.0, 0.0, Double.infinity)
            let near = (0..<n).reduce(Double.infinity) { $1 == i ? $0 : min($0, d[i * n + $1]) }
            for _ in 0..<64 {
                var (sum, weighted) = (0.0, 0.0)
                for j in 0..<n where j != i {
                    let e = exp(-beta * (d[i * n + j] - near))
                    p[i * n + j] = e
                    sum += e
                    weighted += e * (d[i * n + j] - near)
                }
                let entropy = log(sum) + beta * weighted / sum
                for j in 0..<n where j != i { p[i * n + j] /= sum }
                if abs(entropy - target) < 1e-5 { break }
                if entropy > target {
                    low = beta
                    beta = high.isFinite ? (beta + high) / 2 : beta * 2
                } else {
                    high = beta
                    beta = (beta + low) / 2
                }
            }
        }
        for i in 0..<n {
            for j in (i + 1)..<max(n, i + 1) {
                let both = max((p[i * n + j] + p[j * n + i]) / Double(2 * n), 1e-12)
                p[i * n + j] = both
                p[j * n + i] = both
            }
        }
        var y = try principal(z, dims).doubles
        let first = (0..<n).map { y[$0 * dims] }
        let sd = (first.reduce(0) { $0 + $1 * $1 } / Double(n)).squareRoot()
        y = y.map { sd > 0 ? $0 / sd * 1e-4 : 0 }
        let rate = max(Double(n) / 12 / 4, 50)
        var velocity = [Double](repeating: 0, count: n * dims)
        var gains = [Double](repeating: 1, count: n * dims)
        var q = [Double](repeating: 0, count: n * n)
        var force = [Double](repeating: 0, count: n * dims)
        for step in 0..<steps {
            try poll()
            let early = step < min(250, steps / 2)
            let (push, momentum) = (early ? 12.0 : 1.0, early ? 0.5 : 0.8)
            var total = 0.0
            for i in 0..<n {
                for j in (i + 1)..<max(n, i + 1) {
                    var s = 1.0
                    for k in 0..<dims {
                        let x = y[i * dims + k] - y[j * dims + k]
                        s += x * x
                    }
                    q[i * n + j] = 1 / s
                    total += 2 / s
                }
            }
            for k in force.indices { force[k] = 0 }
            for i in 0..<n {
                for j in (i + 1)..<max(n, i + 1) {
                    let w = q[i * n + j]
                    let pull = 4 * (push * p[i * n + j] - w / total) * w
                    for k in 0..<dims {
                        let x = pull * (y[i * dims + k] - y[j * dims + k])
                        force[i * dims + k] += x
                        force[j * dims + k] -= x
                    }
                }
            }
            for k in y.indices {
                gains[k] = max(0.01, (force[k] > 0) == (velocity[k] > 0) ? gains[k] * 0.8 : gains[k] + 0.2)
                velocity[k] = momentum * velocity[k] - rate * gains[k] * force[k]
                y[k] += velocity[k]
            }
        }
        return try Tensor(try Shape([n, dims]), doubles: y, .single)
    }
}
