import SiamInterpreter
import SiamRuntime
import SiamTensor

/// Reduces a long series to what a drawing can show: of each of some thousand pieces, more than any drawing has columns, the first,
/// the least, the greatest and the last number.
enum Downsampling {
    /// So many numbers are drawn as they are.
    static let most = 1 << 15
    private static let pieces = 4096

    /// The curve of a series over its places, of those around `within` alone where the axis has ends.
    /// - Parameter log: the axes that are logarithmic, as plot has it: numbers that have no place there are lost.
    static func curve(
        _ name: String, _ t: Tensor, log: String, within: (Double, Double)?
    ) throws -> Mark.Curve {
        let (first, last) = (
            max(within?.0 ?? 0, 0).rounded(.down), min(within?.1 ?? .infinity, Double(t.count - 1))
        )
        guard t.count > 0, first <= last else { return Mark.Curve(name: name, y: []) }
        let (from, end) = (Int(first), min(t.count, Int(last.rounded(.up)) + 1))
        let part = try t.reshaped(to: .vector(t.count)).rows(from..<end)
        if part.count <= most {
            return Mark.Curve(name: name, x: (from..<end).map(Double.init), y: part.doubles)
        }
        let isPositive = log.contains("y")
        let found = try NumberStatistics.with(part) {
            try NumberStatistics.pieces($0, of: (part.count + pieces - 1) / pieces, positive: isPositive)
        }
        var (x, y): ([Double], [Double]) = ([], [])
        var lost = 0
        for piece in found {
            for point in piece.points {
                x.append(Double(from + point.place))
                y.append(point.value)
            }
            lost += piece.lost
            // What is not finite breaks the curve: the piece's last point is not joined to the next piece's first.
            if piece.lost > 0, !(isPositive && piece.points.isEmpty && x.isEmpty) {
                x.append(x.last ?? Double(from))
                y.append(.nan)
            }
        }
        // A logarithm has no place 0.
        if log.contains("x"), from == 0, part[0].isFinite, !isPositive || part[0] > 0 { lost += 1 }
        var curve = Mark.Curve(name: name, x: x, y: y)
        curve.whole = Mark.Curve.Whole(count: part.count, lost: lost)
        return curve
    }
}
