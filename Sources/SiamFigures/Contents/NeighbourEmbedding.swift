import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// The gradient of t-distributed stochastic neighbour embedding (van der Maaten and Hinton 2008), which keeps neighbours close in
/// the plane. Distances between far groups have no meaning.
protocol PlaneEmbedding {
    var count: Int { get }
    /// 4 sum_j (p_ij - q_ij) w_ij (y_i - y_j), w_ij = 1 / (1 + |y_i - y_j|^2), q = w / sum w; p times `exaggeration`.
    func gradient(_ y: [Double], exaggeration: Double) throws -> [Double]
}

extension PlaneEmbedding {
    /// Gradient descent with momentum and a gain for each coordinate, early exaggeration 12 for a quarter of the
    /// steps, from the given start. `check` may throw to stop it.
    func embedded(from start: [Double], steps: Int, check: () throws -> Void) throws -> [Double] {
        var y = start
        var speed = [Double](repeating: 0, count: 2 * count)
        var gains = [Double](repeating: 1, count: 2 * count)
        let rate = max(Double(count) / 48, 50)
        for step in 0..<steps {
            try check()
            let isEarly = step < steps / 4
            let g = try gradient(y, exaggeration: isEarly ? 12 : 1)
            PlaneForces.move(&y, &speed, &gains, along: g, rate: rate, momentum: isEarly ? 0.5 : 0.8)
        }
        return y
    }
}

/// Of many points: probabilities of each one's nearest alone, far points pushed by groups (Barnes and Hut 1986; van der
/// Maaten 2014).
struct GroupedEmbedding: PlaneEmbedding {
    let count: Int
    let near: PlaneForces.Near

    /// - Parameter x: rows, of which three times the perplexity count as near.
    init(_ x: Tensor, perplexity: Double) throws {
        count = x.shape[0]
        let k = max(1, min(count - 1, Int(min(3 * perplexity, 1e9))))
        let (places, squares) = try Neighbours.places(of: x, in: x, k, own: 0)
        try Memory.ask(count, of: 40 * k, for: "near pairs")
        near = try PlaneForces.Near(
            places, try PlaneForces.widths(squares.map(Double.init), count, min(perplexity, Double(k))), count: count)
    }
    func gradient(_ y: [Double], exaggeration: Double) throws -> [Double] {
        try PlaneForces.grouped(near, y, exaggeration)
    }
}

/// Of few points: all pairs, exactly.
struct NeighbourEmbedding: PlaneEmbedding {
    let count: Int
    /// Joint probabilities, symmetric, of sum 1.
    let joint: [Double]

    /// More points than this are too many for one picture.
    static let most = 1_000_000
    /// Up to this many points all pairs are computed exactly.
    static let exactly = 1000

    /// - Parameters:
    ///   - distances: squared distances, `count` x `count`.
    ///   - perplexity: the number of neighbours that count, 2 to the entropy of each row.
    init(distances: [Double], count: Int, perplexity: Double) throws {
        self.count = count
        // A row without the point itself.
        let wide = count - 1
        var others = [Double](repeating: 0, count: count * max(wide, 0))
        for r in 0..<count {
            for c in 0..<wide { others[r * wide + c] = distances[r * count + (c < r ? c : c + 1)] }
        }
        let p = try PlaneForces.widths(others, count, perplexity)
        func chance(_ r: Int, _ c: Int) -> Double { r == c ? 0 : p[r * wide + (c < r ? c : c - 1)] }
        var joint = [Double](repeating: 0, count: count * count)
        for r in 0..<count {
            for c in 0..<count {
                joint[r * count + c] = max(1e-12, (chance(r, c) + chance(c, r)) / Double(2 * count))
            }
        }
        self.joint = joint
    }

    func gradient(_ y: [Double], exaggeration: Double) throws -> [Double] {
        try PlaneForces.exact(joint, y, exaggeration)
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

    /// The rows of z in two dimensions. From the principal components, so that the same data gives the same picture.
    static func embed(_ z: Tensor, perplexity: Double, steps: Int, check: () throws -> Void) throws -> [Double] {
        let rows = z.shape[0]
        let width = z.count / max(rows, 1)
        guard z.rank >= 2, rows >= 4, width >= 1 else {
            throw Diagnostic(
                code: "tsne.shape", "tsne expects at least 4 rows of embeddings, and got a tensor of \(z.shape)")
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
        let flat = try z.detached().reshaped(to: try Shape([rows, width])).converted(to: .single)
        let pull: any PlaneEmbedding
        if rows > exactly, try Neighbours.canMeasure(flat) {
            pull = try GroupedEmbedding(flat, perplexity: perplexity)
        } else {
            pull = try NeighbourEmbedding(
                distances: try PlaneForces.squares(z.doubles, rows), count: rows, perplexity: perplexity)
        }
        return try pull.embedded(from: start, steps: steps, check: check)
    }
}
