import SiamTensor

/// What can be seen in rows of inputs beside their targets, without any net.
struct InputFacts {
    /// A value far outside of the others of its column, and how many rows have such a one.
    struct Outlier {
        /// Nil of the targets.
        var column: Int?
        var value: Double
        var usual: (low: Double, high: Double)
        var share: Double
        /// Whether it is one and the same value each time, as a code for what is missing is.
        var isCode = false
    }
    var outlier: Outlier?
    /// The column whose values number the rows, all different and evenly spaced, and whose order gives the classes away.
    var numbering: Int?

    /// The column that tells two classes apart by one threshold in nearly all rows, where no other comes near: the shares of
    /// the rows that it and the next one tell.
    var telling: (column: Int, share: Double, next: Double)?

    private static let mostColumns = 200
    private static let leastRows = 40

    init(_ inputs: [Double], _ o: Outputs, _ task: Task) {
        let n = o.rows
        guard n >= InputFacts.leastRows, inputs.count % n == 0 else { return }
        let width = inputs.count / n
        if task == .regression {
            for c in 0..<min(o.targetWidth, InputFacts.mostColumns) {
                note(InputFacts.outlier((0..<n).map { o.targets[$0 * o.targetWidth + c] }, nil, beyond: 30))
            }
        }
        guard width <= InputFacts.mostColumns else { return }
        // What nearly all cells are smaller than: of pictures single pixels may vary little and be no outliers.
        let sizes = inputs.map { abs($0) }.sorted()
        let size = sizes[sizes.count * 19 / 20]
        let classes = task == .classification && !o.hasSeveralLabels ? TaskScore.wanted(o) : []
        var told: [(column: Int, share: Double)] = []
        for c in 0..<width {
            let values = (0..<n).map { inputs[$0 * width + c] }
            note(InputFacts.outlier(values, c, beyond: 50, size))
            if !classes.isEmpty, numbering == nil, InputFacts.numbers(values, classes) { numbering = c }
            if Set(classes).count == 2 { told.append((c, InputFacts.toldByOneThreshold(values, classes))) }
        }
        told.sort { $0.share > $1.share }
        if told.count > 2, told[0].share > 0.98, told[1].share < told[0].share - 0.15 {
            telling = (told[0].column, told[0].share, told[1].share)
        }
    }

    /// The share of rows of two classes that the best threshold on one column tells.
    private static func toldByOneThreshold(_ values: [Double], _ classes: [Int]) -> Double {
        guard values.count == classes.count, let one = classes.first, values.allSatisfy(\.isFinite) else { return 0 }
        let order = values.indices.sorted { values[$0] < values[$1] }
        let total = classes.count { $0 == one }
        var (below, most) = (0, max(total, classes.count - total))
        for (k, r) in order.enumerated() {
            if classes[r] == one { below += 1 }
            // Equal values are on one side.
            if k + 1 < order.count, values[order[k + 1]] == values[r] { continue }
            let right = below + (classes.count - k - 1) - (total - below)
            most = max(most, right, classes.count - right)
        }
        return Double(most) / Double(classes.count)
    }

    /// The columns whose whole numbers may name kinds, and the inputs with one column for each kind in place of these; nil where
    /// there is no such column.
    static func oneUnitAKind(_ inputs: [Double], _ rows: Int) -> (columns: [Int], inputs: [Double])? {
        guard rows >= leastRows, inputs.count % rows == 0, case let width = inputs.count / rows, width <= 40 else {
            return nil
        }
        var kinds: [Int: [Double: Int]] = [:]
        for c in 0..<width {
            // The program may have scaled them: evenly spaced values are enough.
            let values = Set((0..<rows).map { inputs[$0 * width + c] }).sorted()
            guard (5...64).contains(values.count), values.count * 5 <= rows,
                case let gaps = zip(values, values.dropFirst()).map({ $1 - $0 }), let step = gaps.min(), step > 0,
                gaps.allSatisfy({ abs($0 / step - ($0 / step).rounded()) < 0.01 })
            else { continue }
            kinds[c] = Dictionary(uniqueKeysWithValues: values.enumerated().map { ($1, $0) })
        }
        guard !kinds.isEmpty, kinds.count <= 4 else { return nil }
        var wide: [Double] = []
        for r in 0..<rows {
            for c in 0..<width {
                let x = inputs[r * width + c]
                guard let own = kinds[c] else {
                    wide.append(x)
                    continue
                }
                var unit = [Double](repeating: 0, count: own.count)
                if let k = own[x] { unit[k] = 1 }
                wide += unit
            }
        }
        return (kinds.keys.sorted(), wide)
    }

    private mutating func note(_ found: Outlier?) {
        if let found, found.share > outlier?.share ?? 0 { outlier = found }
    }

    /// A value that lies further from the middle half of its column than so many times the length of that half.
    private static func outlier(_ values: [Double], _ column: Int?, beyond times: Double, _ size: Double = 0)
        -> Outlier?
    {
        let sorted = values.filter(\.isFinite).sorted()
        guard sorted.count >= leastRows else { return nil }
        // One value at an end, further from all others than five times their whole range: a code for what is missing.
        if let first = sorted.first, let last = sorted.last {
            for end in [first, last] {
                let rest = sorted.filter { $0 != end }
                let count = sorted.count - rest.count
                guard let a = rest.first, let b = rest.last, b > a, count * 2 < sorted.count,
                    rest.count >= leastRows / 2,
                    min(abs(end - a), abs(end - b)) > 5 * (b - a),
                    // In a column that is nearly always 0, any other value would count as an outlier.
                    InputFacts.mostFrequent(rest) * 3 < rest.count
                else { continue }
                return Outlier(
                    column: column, value: end, usual: (a, b), share: Double(count) / Double(sorted.count),
                    isCode: count > 2)
            }
        }
        let (low, high) = (sorted[sorted.count / 4], sorted[sorted.count * 3 / 4])
        let reach = times * (high - low)
        guard reach > 0 else { return nil }
        let far = sorted.filter { ($0 < low - reach || $0 > high + reach) && abs($0) > 20 * size }
        guard let worst = far.max(by: { abs($0 - low) < abs($1 - low) }), far.count * 5 < sorted.count else {
            return nil
        }
        return Outlier(
            column: column, value: worst, usual: (low, high), share: Double(far.count) / Double(sorted.count))
    }

    /// How often the most frequent of sorted values occurs.
    private static func mostFrequent(_ sorted: [Double]) -> Int {
        var (most, run) = (0, 0)
        for k in sorted.indices {
            run = k > 0 && sorted[k] == sorted[k - 1] ? run + 1 : 1
            most = max(most, run)
        }
        return most
    }

    /// Whether values are all different, at whole multiples of one step, and sorted by them the rows of each class are contiguous.
    private static func numbers(_ values: [Double], _ classes: [Int]) -> Bool {
        guard values.count == classes.count, Set(classes).count > 1, values.allSatisfy(\.isFinite) else { return false }
        let order = values.indices.sorted { values[$0] < values[$1] }
        let gaps = zip(order, order.dropFirst()).map { values[$1] - values[$0] }
        guard let step = gaps.min(), step > 0,
            gaps.allSatisfy({ abs($0 / step - ($0 / step).rounded()) < 0.02 && $0 / step < 1e6 })
        else { return false }
        return zip(order, order.dropFirst()).count { classes[$0] != classes[$1] } == Set(classes).count - 1
    }
}
