import Glibc
import SiamTensor

/// Draws from the normal and from a uniform distribution.
extension RandomStream {
    /// A draw from the standard normal law (Box and Muller, 1958; one of the two is used, so that a draw is always two
    /// steps of the stream).
    mutating func normal() -> Double {
        let radius = (-2 * log(1 - uniform())).squareRoot()
        return radius * cos(2 * Double.pi * uniform())
    }

    /// Uniform in low ..< high.
    mutating func uniform(_ low: Double, _ high: Double) -> Double { low + (high - low) * uniform() }
}
