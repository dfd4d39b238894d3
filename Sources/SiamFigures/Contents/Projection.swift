import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Embeddings in the few directions of most spread.
package enum Projection {
    package struct Principal {
        /// Rows of coordinates, `dim` each.
        package var scores: [Double]
        package var dim: Int
        /// Each direction's share of the whole variance.
        package var shares: [Double]
    }

    /// Principal components (Pearson 1901): rows less their mean, times the eigenvectors of their covariance with the greatest
    /// eigenvalues. Each direction points to where its greatest weight is positive, so that the picture does not flip.
    package static func principal(_ z: Tensor, dim: Int) throws -> Principal {
        let z = z.detached()
        return try InterruptibleWork.run(size: z.count) { try found(z, dim) }
    }

    private static func found(_ z: Tensor, _ dim: Int) throws -> Principal {
        let rows = z.shape[0]
        let width = z.count / max(rows, 1)
        guard z.rank >= 2, rows > 0, width > 0 else {
            throw Diagnostic(code: "pca.shape", "pca expects rows of embeddings, and got a tensor of \(z.shape)")
        }
        let kept = min(dim, width)
        guard dim >= 1, kept == dim else {
            throw Diagnostic(
                code: "pca.dim",
                "pca can give at most as many components as there are dimensions, \(width), and \(dim) were asked for")
        }
        guard try NumberStatistics.extent(z).finite == z.count else {
            throw Diagnostic(code: "pca.finite", "pca expects finite numbers, and some of these are not")
        }
        let centred = try NumberStatistics.rows(z, rows, width, centred: true)
        let covariance =
            try NumberStatistics.gram(centred)
            ?? Operators.matmul.apply([centred, centred], [.flag(true), .flag(false)])
        let parts = try Operators.eigh.applyAll([covariance])
        let (values, vectors) = (parts[0].doubles, parts[1].doubles)
        let total = values.reduce(0) { $0 + max(0, $1) }
        var axes: [[Double]] = []
        var shares: [Double] = []
        for d in 0..<dim {
            let column = width - 1 - d
            let direction = (0..<width).map { vectors[$0 * width + column] }
            let greatest = direction.max { abs($0) < abs($1) } ?? 0
            axes.append(greatest < 0 ? direction.map { -$0 } : direction)
            shares.append(total > 0 ? max(0, values[column]) / total : 0)
        }
        return Principal(scores: try NumberStatistics.projected(centred, axes), dim: dim, shares: shares)
    }
}
