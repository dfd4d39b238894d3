import Glibc
import SiamLanguage
import SiamRuntime
import SiamTensor

/// t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008), exact: points so that neighbours stay
/// neighbours. Distances between far groups mean nothing.
struct NeighbourEmbedding {
    let count: Int
    /// Joint probabilities, symmetric, of sum 1.
    let joint: [Double]

    /// More points than this take minutes.
    static let most = 3000

    /// - Parameters:
    ///   - distances: squared distances, `count` x `count`.
    ///   - perplexity: the number of neighbours that count, 2 to the entropy of each row.
    init(distances: [Double], count: Int, perplexity: Double, check: () throws -> Void = {}) rethrows {
        self.count = count
        var p = [Double](repeating: 0, count: count * count)
        let wanted = log(perplexity)
        for r in 0..<count {
            if r % 16 == 0 { try check() }
            var low = 0.0
            var high = Double.infinity
            var beta = 1.0
            // The nearest neighbour's distance taken out, so that no row is 0 throughout.
            let nearest = (0..<count).reduce(Double.infinity) { $1 == r ? $0 : min($0, distances[r * count + $1]) }
            for _ in 0..<100 {
                var sum = 0.0
                var weighted = 0.0
                for c in 0..<count where c != r {
                    let d = distances[r * count + c] - nearest
                    let e = exp(-d * beta)
                    p[r * count + c] = e
                    sum += e
                    weighted += d * e
                }
                let entropy = log(sum) + beta * weighted / sum
                for c in 0..<count where c != r { p[r * count + c] /= sum }
                if abs(entropy - wanted) < 1e-7 { break }
                if entropy > wanted {
                    low = beta
                    beta = high.isFinite ? (beta + high) / 2 : beta * 2
                } else {
                    high = beta
                    beta = (beta + low) / 2
                }
                if !(beta > 1e-200 && beta < 1e200) { break }
            }
        }
        var joint = p
        for r in 0..<count {
            for c in 0..<count {
                joint[r * count + c] = max(1e-12, (p[r * count + c] + p[c * count + r]) / Double(2 * count))
            }
        }
        self.joint = joint
    }

    /// The Kullback-Leibler divergence of the picture from the data: sum p log(p / q).
    func divergence(_ y: [Double]) -> Double {
        var total = 0.0
        var weights = [Double](repeating: 0, count: count * count)
        for r in 0..<count {
            for c in 0..<count where c != r {
                let (dx, dy) = (y[2 * r] - y[2 * c], y[2 * r + 1] - y[2 * c + 1])
                weights[r * count + c] = 1 / (1 + dx * dx + dy * dy)
                total += weights[r * count + c]
            }
        }
        var sum = 0.0
        for k in joint.indices where weights[k] > 0 {
            sum += joint[k] * log(joint[k] / max(weights[k] / total, 1e-300))
        }
        return sum
    }

    /// 4 sum_j (p_ij - q_ij) w_ij (y_i - y_j), w_ij = 1 / (1 + |y_i - y_j|^2), q = w / sum w; p times `exaggeration`.
    func gradient(_ y: [Double], exaggeration: Double, _ weights: inout [Double]) -> [Double] {
        var gradient = [Double](repeating: 0, count: 2 * count)
        let n = count
        y.withUnsafeBufferPointer { y in
            joint.withUnsafeBufferPointer { p in
                weights.withUnsafeMutableBufferPointer { w in
                    gradient.withUnsafeMutableBufferPointer { g in
                        var total = 0.0
                        for r in 0..<n {
                            for c in 0..<r {
                                let dx = y[2 * r] - y[2 * c]
                                let dy = y[2 * r + 1] - y[2 * c + 1]
                                let q = 1 / (1 + dx * dx + dy * dy)
                                w[r * n + c] = q
                                total += 2 * q
                            }
                        }
                        let scale = total > 0 ? 1 / total : 0
                        for r in 0..<n {
                            for c in 0..<r {
                                let q = w[r * n + c]
                                let force = 4 * (exaggeration * p[r * n + c] - q * scale) * q
                                let dx = force * (y[2 * r] - y[2 * c])
                                let dy = force * (y[2 * r + 1] - y[2 * c + 1])
                                g[2 * r] += dx
                                g[2 * r + 1] += dy
                                g[2 * c] -= dx
                                g[2 * c + 1] -= dy
                            }
                        }
                    }
                }
            }
        }
        return gradient
    }

    /// Gradient descent with momentum and a step of its own for each coordinate, early exaggeration 12 for a quarter of the
    /// steps, from the given start. `check` may throw to stop it.
    func embedded(from start: [Double], steps: Int, check: () throws -> Void) rethrows -> [Double] {
        var y = start
        var speed = [Double](repeating: 0, count: 2 * count)
        var gains = [Double](repeating: 1, count: 2 * count)
        var weights = [Double](repeating: 0, count: count * count)
        let rate = max(Double(count) / 48, 50)
        for step in 0..<steps {
            try check()
            let isEarly = step < steps / 4
            let g = gradient(y, exaggeration: isEarly ? 12 : 1, &weights)
            let momentum = isEarly ? 0.5 : 0.8
            for k in y.indices {
                gains[k] = max(0.01, (g[k] > 0) != (speed[k] > 0) ? gains[k] + 0.2 : gains[k] * 0.8)
                speed[k] = momentum * speed[k] - rate * gains[k] * g[k]
                y[k] += speed[k]
            }
        }
        return y
    }

    /// The rows of z in two dimensions. From the principal components, so that the same data gives the same picture.
    static func embed(_ z: Tensor, perplexity: Double, steps: Int, check: () throws -> Void) throws -> [Double] {
        let rows = z.shape[0]
        let width = z.count / max(rows, 1)
        guard z.rank >= 2, rows >= 4, width >= 1 else {
            throw Diagnostic(
                code: "tsne.shape", "tsne wants at least 4 rows of embeddings, and got a tensor of \(z.shape)")
        }
        guard rows <= most else {
            throw Diagnostic(
                code: "tsne.large", "tsne takes at most \(most) rows, and got \(rows)",
                repair: "a part of them:  x[0..\(most)]")
        }
        guard perplexity >= 1, perplexity < Double(rows) else {
            throw Diagnostic(
                code: "tsne.perplexity",
                "tsne's perplexity is between 1 and the number of rows, \(rows), and got \(formatNumber(perplexity))")
        }
        let principal = try Projection.principal(z, dim: min(2, width))
        var start = (0..<rows).flatMap { r in
            (0..<2).map { d in d < principal.dim ? principal.scores[r * principal.dim + d] : 0 }
        }
        let spread = (start.reduce(0) { $0 + $1 * $1 } / Double(rows)).squareRoot()
        // Points at one place are moved apart a little, each its own way, or they would stay together for ever.
        var stream = RandomStream(seed: 17)
        for k in start.indices {
            start[k] = (spread > 0 ? start[k] / spread : 0) * 1e-2 + (stream.uniform() - 0.5) * 1e-4
        }
        let x = z.doubles
        var distances = [Double](repeating: 0, count: rows * rows)
        var largest = 0.0
        for r in 0..<rows {
            if r % 64 == 0 { try check() }
            for c in 0..<r {
                var sum = 0.0
                for k in 0..<width {
                    let d = x[r * width + k] - x[c * width + k]
                    sum += d * d
                }
                distances[r * rows + c] = sum
                distances[c * rows + r] = sum
                largest = max(largest, sum)
            }
        }
        // The search for each row's width begins at 1: distances of about that size are found soonest.
        if largest > 0, largest.isFinite { for k in distances.indices { distances[k] /= largest / 10 } }
        return try NeighbourEmbedding(distances: distances, count: rows, perplexity: perplexity, check: check).embedded(
            from: start, steps: steps, check: check)
    }
}
