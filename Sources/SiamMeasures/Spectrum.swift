import Glibc
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// What singular values say of a cloud of points.
public enum Spectrum {
    /// Singular values of the rows, centred unless said otherwise, greatest first. Where one side is much the shorter they
    /// are roots of the eigenvalues of its products in 64 bits: what is below some 1e-8 of the greatest is rounding then,
    /// as it is in numbers of 32 bits anyhow.
    public static func singularValues(_ z: Tensor, centred isCentred: Bool = true) throws -> [Double] {
        let n = z.shape[0]
        let dim = z.count / max(n, 1)
        guard n > (isCentred ? 1 : 0), dim > 0 else { return [] }
        let centred = try NumberStatistics.rows(z, n, dim, centred: isCentred)
        let (short, long) = (min(n, dim), max(n, dim))
        if short * 8 <= long, n * dim >= 1 << 18, let squares = try products(centred) {
            return try Operators.eigh.applyAll([squares])[0].doubles.reversed().map { max(0, $0).squareRoot() }
        }
        return try Operators.svd.applyAll([centred])[1].doubles
    }

    /// The products of all pairs along the shorter side.
    private static func products(_ x: Tensor) throws -> Tensor? {
        let isTall = x.shape[0] >= x.shape[1]
        if isTall, let gram = try NumberStatistics.gram(x) { return gram }
        return try Operators.matmul.apply([x, x], [.flag(isTall), .flag(!isTall)])
    }

    public static func effectiveRank(_ z: Tensor) throws -> Double {
        guard z.rank >= 2 else {
            throw Diagnostic(
                code: "rank.shape", "effective_rank expects rows of embeddings, and got a tensor of \(z.shape)")
        }
        let extent = try NumberStatistics.extent(z)
        guard extent.finite == z.count else { return .nan }
        let s = try singularValues(z)
        let total = s.reduce(0, +)
        // The rank of rounding noise is no rank: spread is tested first.
        let scale = z.count > 0 ? max(abs(extent.low), abs(extent.high)) : 0
        guard total > 0, (s.first ?? 0) > 1e-5 * scale * Double(max(z.shape[0], 1)).squareRoot() else { return 0 }
        return exp(
            -s.reduce(0.0) { sum, x in
                let p = x / total
                return p > 0 ? sum + p * log(p) : sum
            })
    }
}
