import Glibc
import SiamInterpreter

/// Measures of outputs that predict classes.
public enum ClassMeasures {
    public static func accuracy(_ j: TaskOutputs, threshold: Double? = nil) -> Double {
        let found = j.predicted(threshold: threshold)
        return Double(zip(found, j.classes).count { $0 == $1 }) / Double(max(1, found.count))
    }

    /// More classes than this make no matrix that anyone looks at.
    public static let mostClasses = 2000

    /// The confusion matrix: how often rows of class r (the first axis) were predicted as class c.
    public static func confusion(_ j: TaskOutputs, threshold: Double? = nil) -> [[Int]] {
        let n = j.classCount
        var counts = [[Int]](repeating: [Int](repeating: 0, count: n), count: n)
        for (found, own) in zip(j.predicted(threshold: threshold), j.classes) where found < n && own < n {
            counts[own][found] += 1
        }
        return counts
    }

    public enum Kind: Sendable { case precision, recall, f1 }

    /// Precision tp / (tp + fp), recall tp / (tp + fn) or their harmonic mean of one class, or the mean over the classes
    /// that are there or were found; 0 where nothing was found, or is there.
    public static func share(_ kind: Kind, _ j: TaskOutputs, of wanted: Int?, threshold: Double? = nil) -> Double {
        let n = j.classCount
        var (right, taken, there) = (
            [Int](repeating: 0, count: n), [Int](repeating: 0, count: n), [Int](repeating: 0, count: n)
        )
        for (found, own) in zip(j.predicted(threshold: threshold), j.classes) where found < n && own < n {
            if found == own { right[own] += 1 }
            taken[found] += 1
            there[own] += 1
        }
        func one(_ c: Int) -> Double {
            guard right.indices.contains(c) else { return 0 }
            let (hits, found, own) = (Double(right[c]), Double(taken[c]), Double(there[c]))
            switch kind {
            case .precision: return found > 0 ? hits / found : 0
            case .recall: return own > 0 ? hits / own : 0
            case .f1: return found + own > 0 ? 2 * hits / (found + own) : 0
            }
        }
        if let wanted { return one(wanted) }
        let some = right.indices.filter { taken[$0] > 0 || there[$0] > 0 }
        if some.allSatisfy({ $0 < 2 }), n <= 2 { return one(1) }
        return some.map(one).reduce(0, +) / Double(max(1, some.count))
    }

    /// Why a share of one class cannot be told: no row was taken for it, or is of it. Nil where it can be, and of a mean over
    /// classes.
    static func nothing(_ kind: Kind, _ j: TaskOutputs, of wanted: Int?, threshold: Double?) -> String? {
        let found = j.predicted(threshold: threshold)
        guard wanted != nil || j.classCount <= 2 else { return nil }
        let c = wanted ?? 1
        let name = c < j.names.count ? j.names[c] : "\(c)"
        let (taken, there) = (found.contains(c), j.classes.contains(c))
        switch kind {
        case .precision where !taken: return "no row was predicted as class \(name)"
        case .recall where !there: return "no row is of class \(name)"
        case .f1 where !taken && !there: return "no row is of class \(name) or was predicted as it"
        default: return nil
        }
    }

    /// The mean of -log p of the right class, p kept 1e-15 away from 0.
    public static func logLoss(_ j: TaskOutputs) -> Double {
        let p = j.probabilities()
        var sum = 0.0
        for (r, c) in j.classes.enumerated() {
            let own = c < p.width ? p.values[r * p.width + c] : 0
            sum -= log(min(1, max(1e-15, own)))
        }
        return sum / Double(max(1, j.classes.count))
    }

    /// Probabilities in equal intervals: what was said in each, and how often it was so.
    public struct Calibration: Sendable {
        public var said: [Double] = []
        public var found: [Double] = []
        public var counts: [Int] = []
        /// The mean distance of the two, weighted by the counts (expected calibration error; Naeini 2015).
        public var error = 0.0
    }
    /// Of two classes the probability of the second; of more the probability of the class that was chosen.
    public static func calibration(_ j: TaskOutputs, bins: Int) -> Calibration {
        let p = j.probabilities()
        let isBinary = p.width == 2
        let found = p.predicted()
        var sums = [(said: Double, right: Double, count: Int)](repeating: (0, 0, 0), count: bins)
        for r in 0..<p.rows {
            let chosen = isBinary ? 1 : found[r]
            let said = p.values[r * p.width + chosen]
            // An interval holds its upper end, as the first holds 0.
            let bin = min(bins - 1, max(0, Int((said * Double(bins)).rounded(.down))))
            sums[bin].said += said
            sums[bin].right += j.classes[r] == chosen ? 1 : 0
            sums[bin].count += 1
        }
        var result = Calibration()
        for one in sums where one.count > 0 {
            let n = Double(one.count)
            result.said.append(one.said / n)
            result.found.append(one.right / n)
            result.counts.append(one.count)
            result.error += abs(one.said - one.right) / Double(max(1, p.rows))
        }
        return result
    }
}

/// Ways to part two classes by a score, threshold by threshold, from the strictest on. Equal scores go together.
public struct ScoreCurve: Sendable {
    public struct Point: Sendable {
        /// What a score must reach.
        public var threshold: Double
        /// Rows of the class, and others, that reach it.
        public var hits: Double
        public var misses: Double
    }
    public let points: [Point]
    public let own: Double
    public let others: Double

    public init(_ scores: [Double], _ isOwn: [Bool]) {
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        var points = [Point(threshold: .infinity, hits: 0, misses: 0)]
        var (hits, misses) = (0.0, 0.0)
        for (k, i) in order.enumerated() {
            if isOwn[i] { hits += 1 } else { misses += 1 }
            if k + 1 < order.count, scores[order[k + 1]] == scores[i] { continue }
            points.append(Point(threshold: scores[i], hits: hits, misses: misses))
        }
        self.points = points
        (own, others) = (hits, misses)
    }

    /// The area under the rate of hits over the rate of false alarms.
    public var area: Double {
        guard own > 0, others > 0 else { return .nan }
        var sum = 0.0
        for (a, b) in zip(points, points.dropFirst()) { sum += (b.misses - a.misses) * (a.hits + b.hits) / 2 }
        return sum / (own * others)
    }

    /// sum (R_k - R_(k-1)) P_k over the thresholds.
    public var averagePrecision: Double {
        guard own > 0 else { return 0 }
        var sum = 0.0
        for (a, b) in zip(points, points.dropFirst()) { sum += (b.hits - a.hits) / own * b.hits / (b.hits + b.misses) }
        return sum
    }

    /// Where as large a share of the others is taken as of the class is refused, and the threshold there.
    public var equalError: (rate: Double, threshold: Double) {
        guard own > 0, others > 0 else { return (.nan, .nan) }
        for (a, b) in zip(points, points.dropFirst()) {
            let after = (far: b.misses / others, frr: 1 - b.hits / own)
            guard after.far >= after.frr else { continue }
            let before = (far: a.misses / others, frr: 1 - a.hits / own)
            let (gap, next) = (before.frr - before.far, after.frr - after.far)
            let share = gap == next ? 0 : gap / (gap - next)
            return (before.far + share * (after.far - before.far), b.threshold)
        }
        return (0.5, points.last?.threshold ?? .nan)
    }
}

/// Measures of numbers that were to be predicted.
public enum NumberMeasures {
    /// Of each column 1 - sum e^2 / sum (t - mean)^2, their mean. A column that does not vary counts 1 where it is met
    /// exactly, else 0.
    public static func r2(_ j: TaskOutputs) -> Double {
        var sum = 0.0
        for c in 0..<j.width {
            let (errors, total) = squares(j, c)
            sum += total > 0 ? 1 - errors / total : errors == 0 ? 1 : 0
        }
        return sum / Double(j.width)
    }

    /// The root of the mean squared error of each column, their mean.
    public static func rmse(_ j: TaskOutputs) -> Double {
        (0..<j.width).reduce(0.0) { $0 + (squares(j, $1).errors / Double(max(1, j.rows))).squareRoot() }
            / Double(j.width)
    }

    public static func mae(_ j: TaskOutputs) -> Double {
        zip(j.values, j.targets).reduce(0.0) { $0 + abs($1.0 - $1.1) } / Double(max(1, j.values.count))
    }

    private static func squares(_ j: TaskOutputs, _ c: Int) -> (errors: Double, total: Double) {
        let n = j.rows
        var mean = 0.0
        for r in 0..<n { mean += j.targets[r * j.width + c] }
        mean /= Double(max(1, n))
        var (errors, total) = (0.0, 0.0)
        for r in 0..<n {
            let t = j.targets[r * j.width + c]
            let e = t - j.values[r * j.width + c]
            errors += e * e
            total += (t - mean) * (t - mean)
        }
        return (errors, total)
    }
}
