import SiamTensor

/// What the inputs and targets of the first step are like, and whether a column of them gives the target away.
extension StepGraph {
    func lookAtInputs(_ x: Tensor, _ f: inout StepFacts) {
        guard x.rank >= 1, let n = x.shape.dims.first, n > 0 else { return }
        let width = x.count / n
        let values = x.doubles
        var (mean, square) = (0.0, 0.0)
        for v in values where v.isFinite { (mean, square) = (mean + v, square + v * v) }
        let count = Double(max(1, values.count))
        (mean, square) = (mean / count, square / count)
        f.inputScale = square.squareRoot()
        f.inputOffset = abs(mean) / max(max(square - mean * mean, 0).squareRoot(), 1e-12)
        guard x.rank == 2, width > 1, width <= 512 else { return }
        var scales: [Double] = []
        for c in 0..<width {
            var s = 0.0
            for r in 0..<n { s += values[r * width + c] * values[r * width + c] }
            scales.append((s / Double(n)).squareRoot())
        }
        // Columns that are all but empty, as borders of pictures are, say nothing.
        let used = scales.filter { $0 > 0 }.sorted()
        if used.count > 1, used[0] > 0 { f.columnRatio = used[used.count - 1] / used[used.count / 10] }
    }

    /// The column of the inputs that is a linear function of the targets.
    static func leak(_ x: Tensor, _ o: Outputs) -> (column: Int, correlation: Double, next: Double)? {
        guard x.rank == 2, x.shape[0] == o.rows, x.shape[1] > 1, x.shape[1] <= 512 else { return nil }
        let (n, width, values) = (o.rows, x.shape[1], x.doubles)
        let mean = o.targets.reduce(0, +) / Double(n)
        var best: (column: Int, correlation: Double)?
        var second = 0.0
        for c in 0..<width {
            var middle = 0.0
            for r in 0..<n { middle += values[r * width + c] / Double(n) }
            var (xy, xx, yy) = (0.0, 0.0, 0.0)
            for r in 0..<n {
                let (a, b) = (values[r * width + c] - middle, o.targets[r] - mean)
                (xy, xx, yy) = (xy + a * b, xx + a * a, yy + b * b)
            }
            guard xx > 0, yy > 0 else { continue }
            let r = abs(xy) / (xx * yy).squareRoot()
            if r > best?.correlation ?? 0 {
                (best, second) = ((c, r), best?.correlation ?? 0)
            } else {
                second = max(second, r)
            }
        }
        if let o = markedClasses(x, o), best?.correlation ?? 0 < 0.9999 { return (o, 1, second) }
        // A column that all but gives one of two targets away, where no other comes near.
        if let b = best, b.correlation > 0.99, b.correlation < 0.9999, second < 0.75, n >= 24, Set(o.targets).count == 2
        {
            return (b.column, 1, second)
        }
        return best.map { ($0.column, $0.correlation, second) }
    }

    /// The first of some columns that each have one value for a class and another for all others, for half of the classes or more.
    static func markedClasses(_ x: Tensor, _ o: Outputs) -> Int? {
        let (n, width, values) = (o.rows, x.shape[1], x.doubles)
        let classes = Set(o.targets)
        guard classes.count > 2, classes.count <= 64, n >= 2 * classes.count else { return nil }
        var marked: [Double: Int] = [:]
        for c in 0..<width {
            var inside: [Double: Set<Double>] = [:]
            for r in 0..<n where (inside[values[r * width + c]]?.count ?? 0) <= classes.count {
                inside[values[r * width + c], default: []].insert(o.targets[r])
                if inside.count > 2 { break }
            }
            guard inside.count == 2, let one = inside.values.first(where: { $0.count == 1 })?.first,
                inside.values.allSatisfy({ $0 == [one] || !$0.contains(one) })
            else { continue }
            marked[one] = min(marked[one] ?? c, c)
        }
        return marked.count * 2 >= classes.count && marked.count > 1 ? marked.values.min() : nil
    }

    /// The column that has one value for each class, and another one for each, where most columns do not.
    static func columnOfClasses(_ x: Tensor, _ classes: [Int]) -> Int? {
        guard x.rank == 2, x.shape[0] == classes.count, x.shape[1] > 2, x.shape[1] <= 512,
            case let kinds = Set(classes).count, kinds > 1, classes.count >= 6 * kinds
        else { return nil }
        let (width, values) = (x.shape[1], x.doubles)
        let telling = (0..<width).filter { c in
            var given: [Double: Int] = [:]
            for (r, y) in classes.enumerated() {
                let v = values[r * width + c]
                if given[v, default: y] != y || given.count > kinds { return false }
                given[v] = y
            }
            return given.count == kinds
        }
        // Where all columns tell, rows of a class are alike, which is another thing.
        return telling.count * 2 <= width ? telling.first : nil
    }

    /// Where a net is to give its inputs back: the noise on them, and whether the target has it too.
    func lookForNoise(_ x: [Double], _ o: Outputs, _ batch: [Tensor], _ f: inout StepFacts) {
        guard x.count == o.targets.count else { return }
        let squares = zip(x, o.targets).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        f.noise = (squares / Double(max(1, x.count))).squareRoot()
        if f.noise < 1e-6,
            let clean = batch.first(where: { $0.count == x.count && $0.floats != o.targets.map(Float.init) })
        {
            f.keepsNoise = RowNoise.isAdded(to: clean.doubles, in: x, rows: f.rows)
        }
    }

    /// The range, scale and kinds of the targets.
    func lookAtTargets(_ o: Outputs, _ f: inout StepFacts) {
        let finite = o.targets.filter(\.isFinite)
        f.targetLow = finite.min() ?? 0
        f.targetHigh = finite.max() ?? 0
        f.targetScale = (finite.reduce(0) { $0 + $1 * $1 } / Double(max(1, finite.count))).squareRoot()
        f.targetMean = finite.reduce(0, +) / Double(max(1, finite.count))
        f.targetDeviation = Replay.deviation(finite)
        f.targetColumns = StepGraph.columns(o)
        f.targetsAreWhole = finite.allSatisfy { $0 == $0.rounded() }
        f.targetWidth = o.targetWidth
        let kinds = o.asNumbers(f.task)
        if kinds.targetWidth == 1 {
            var counts: [Double: Int] = [:]
            for t in kinds.targets where t.isFinite { counts[t, default: 0] += 1 }
            f.targetKinds = counts.count
            f.largestShare = Double(counts.values.max() ?? 0) / Double(max(1, kinds.targets.count))
        }
    }

    /// Mean and standard deviation of each column of the targets, where they are few.
    private static func columns(_ o: Outputs) -> [(mean: Double, deviation: Double)] {
        guard (2...8).contains(o.targetWidth), o.targets.allSatisfy(\.isFinite) else { return [] }
        return (0..<o.targetWidth).map { c in
            let values = stride(from: c, to: o.targets.count, by: o.targetWidth).map { o.targets[$0] }
            return (values.reduce(0, +) / Double(max(1, values.count)), Replay.deviation(values))
        }
    }
}
