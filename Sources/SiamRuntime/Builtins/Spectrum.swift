import Glibc
import SiamGradient
import SiamLanguage
import SiamTensor

/// What singular values say of a cloud of points.
public enum Spectrum {
    /// Singular values of the rows, centred unless said otherwise, greatest first.
    public static func singularValues(_ z: Tensor, centred isCentred: Bool = true) throws -> [Double] {
        let n = z.shape[0]
        let dim = z.count / max(n, 1)
        guard n > (isCentred ? 1 : 0), dim > 0 else { return [] }
        var c = z.doubles
        for k in 0..<(isCentred ? dim : 0) {
            var mean = 0.0
            for r in 0..<n { mean += c[r * dim + k] }
            mean /= Double(n)
            for r in 0..<n { c[r * dim + k] -= mean }
        }
        let centred = try Tensor(try Shape([n, dim]), doubles: c)
        return try Operators.svd.applyAll([centred])[1].doubles
    }

    public static func effectiveRank(_ z: Tensor) throws -> Double {
        guard z.rank >= 2 else {
            throw Diagnostic(
                code: "rank.shape", "effective_rank wants rows of embeddings, and got a tensor of \(z.shape)")
        }
        guard z.doubles.allSatisfy(\.isFinite) else { return .nan }
        let s = try singularValues(z)
        let total = s.reduce(0, +)
        // The rank of rounding noise is no rank: spread is tested first.
        let scale = z.doubles.reduce(0) { max($0, abs($1)) }
        guard total > 0, (s.first ?? 0) > 1e-5 * scale * Double(max(z.shape[0], 1)).squareRoot() else { return 0 }
        return exp(
            -s.reduce(0.0) { sum, x in
                let p = x / total
                return p > 0 ? sum + p * log(p) : sum
            })
    }
}
