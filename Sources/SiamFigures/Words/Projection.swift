import SiamGradient
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Embeddings in the few directions of most spread.
enum Projection {
    struct Principal {
        /// Rows of coordinates, `dim` each.
        var scores: [Double]
        var dim: Int
        /// Each direction's share of the whole variance.
        var shares: [Double]
    }

    /// Principal components (Pearson 1901): rows less their mean, times the eigenvectors of their covariance with the greatest
    /// eigenvalues. Each direction points to where its greatest weight is positive, so that the picture does not flip.
    static func principal(_ z: Tensor, dim: Int) throws -> Principal {
        let rows = z.shape[0]
        let width = z.count / max(rows, 1)
        guard z.rank >= 2, rows > 0, width > 0 else {
            throw Diagnostic(code: "pca.shape", "pca wants rows of embeddings, and got a tensor of \(z.shape)")
        }
        let kept = min(dim, width)
        guard dim >= 1, kept == dim else {
            throw Diagnostic(
                code: "pca.dim",
                "pca gives at most as many directions as there are, \(width), and \(dim) were asked for")
        }
        var c = z.doubles
        guard c.allSatisfy(\.isFinite) else {
            throw Diagnostic(code: "pca.finite", "pca wants finite numbers, and some of these are not")
        }
        for k in 0..<width {
            var mean = 0.0
            for r in 0..<rows { mean += c[r * width + k] }
            mean /= Double(rows)
            for r in 0..<rows { c[r * width + k] -= mean }
        }
        let centred = try Tensor(try Shape([rows, width]), doubles: c)
        let covariance = try Operators.matmul.apply([centred, centred], [.flag(true), .flag(false)])
        let parts = try Operators.eigh.applyAll([covariance])
        let (values, vectors) = (parts[0].doubles, parts[1].doubles)
        let total = values.reduce(0) { $0 + max(0, $1) }
        var axes = [Double](repeating: 0, count: width * dim)
        var shares: [Double] = []
        for d in 0..<dim {
            let column = width - 1 - d
            let direction = (0..<width).map { vectors[$0 * width + column] }
            let greatest = direction.max { abs($0) < abs($1) } ?? 0
            for k in 0..<width { axes[k * dim + d] = greatest < 0 ? -direction[k] : direction[k] }
            shares.append(total > 0 ? max(0, values[column]) / total : 0)
        }
        let scores = try Operators.matmul(centred, try Tensor(try Shape([width, dim]), doubles: axes))
        return Principal(scores: scores.doubles, dim: dim, shares: shares)
    }
}
