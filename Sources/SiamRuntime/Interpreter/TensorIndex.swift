import SiamGradient
import SiamLanguage
import SiamTensor

/// `x[i, 1..3, ..]`: one selector an axis, from the first; axes without one are taken whole.
public enum TensorIndex {
    public enum Selector {
        case at(Int)
        case range(Int?, Int?)
        /// Whole numbers that gather, or, when they are 0 and 1 and as many as the axis is long, a mask.
        case vector([Int])
    }

    static func isMask(_ v: [Int], _ length: Int) -> Bool { v.count == length && v.allSatisfy { $0 == 0 || $0 == 1 } }

    /// The range as it lies within an axis; negative ends count from the end.
    static func clamped(_ low: Int?, _ high: Int?, _ length: Int) -> (Int, Int) {
        func place(_ i: Int) -> Int { min(max(i < 0 ? i + length : i, 0), length) }
        let a = place(low ?? 0)
        return (a, max(a, high.map(place) ?? length))
    }

    static func read(_ t: Tensor, _ selectors: [Selector]) throws -> Tensor { t }
    static func write(_ t: Tensor, _ selectors: [Selector], _ value: Tensor) throws -> Tensor { t }
}
