import SiamData
import SiamTensor

/// Held-out rows that are all but a training row: copies with a little noise, made before the rows were split.
struct NearCopies {
    /// Share of the held-out rows whose nearest training rows of the same class, at most five, are less than half as far away
    /// as the next one, and the median of that ratio among them.
    let share: Double
    let ratio: Double
    /// Whether so many say that rows were copied before the split. Of few columns the nearest rows differ more by chance.
    let areMany: Bool

    /// Each column of a table is divided by its standard deviation first; the pixels of a picture share one scale. Without
    /// copies such a ratio was seen for at most 2 of 100 rows of the usual tables with eight columns or more, and for up to 24
    /// of 100 rows with four columns.
    ///
    /// - Returns: nil where there are too few rows or columns to tell, or too many to look at.
    init?(of held: Dataset, in source: Dataset) {
        guard held.count >= 24, source.count >= 40, source.x.count < NearCopies.most else { return nil }
        let width = source.x.count / source.count
        guard width >= 4, held.x.count / held.count == width else { return nil }
        let looked = min(held.count, 100, NearCopies.work / source.x.count)
        guard looked >= 24 else { return nil }
        let (given, asked) = (source.x.floats, held.x.floats)
        var scale = [Float](repeating: 1, count: width)
        for j in 0..<width where source.itemDims.count < 2 {
            var (sum, square) = (0.0, 0.0)
            for r in 0..<source.count {
                let x = Double(given[r * width + j])
                sum += x
                square += x * x
            }
            let mean = sum / Double(source.count)
            let deviation = max(0, square / Double(source.count) - mean * mean).squareRoot()
            scale[j] = deviation > 1e-9 ? Float(1 / deviation) : 0
        }
        let usesClasses = held.targets == nil && source.targets == nil
        var jumps: [Double] = []
        var told = 0
        for k in 0..<looked {
            let row = k * held.count / looked
            var near: [Float] = []
            for r in 0..<source.count where !usesClasses || source.y[r] == held.y[row] {
                var sum: Float = 0
                for j in 0..<width {
                    let d = (given[r * width + j] - asked[row * width + j]) * scale[j]
                    sum += d * d
                }
                near.append(sum)
            }
            near.sort()
            // The same row is another fault.
            guard near.count >= 8, near[0] > 0 else { continue }
            told += 1
            var most: Double = 1
            for k in 1..<6 { most = max(most, Double((near[k] / near[k - 1]).squareRoot())) }
            if most > 2 { jumps.append(most) }
        }
        guard told >= 20 else { return nil }
        jumps.sort()
        share = Double(jumps.count) / Double(told)
        ratio = jumps.isEmpty ? 1 : jumps[jumps.count / 2]
        areMany = share > (width < 8 ? 0.5 : 0.3)
    }
    private static let most = 40_000_000
    /// Differences that are taken.
    private static let work = 300_000_000
}
