import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Pair verification: distances of drawn pairs.
public enum PairScore {
    public struct Pairs {
        public var distance: [Float]
        public var same: [Bool]
        public init(distance: [Float], same: [Bool]) {
            self.distance = distance
            self.same = same
        }
    }

    /// Pairs of rows, half of them of one class; the second side is of `other` where one is given, row for row of the same items.
    public static func draw(
        _ z: Tensor, _ y: [Int], _ n: Int, _ stream: inout RandomStream, other: Tensor? = nil
    ) throws -> Pairs {
        var rows: [Int: [Int]] = [:]
        for (k, c) in y.enumerated() { rows[c, default: []].append(k) }
        let several = rows.keys.sorted().filter { (rows[$0]?.count ?? 0) > 1 }
        guard !several.isEmpty, rows.count > 1 else {
            throw Diagnostic(code: "pairs.classes", "pairs need at least two classes, one of them with two examples")
        }
        let dim = z.shape[1]
        let values = z.floats
        let others = other.map(\.floats) ?? values
        func distance(_ p: Int, _ q: Int) -> Float {
            var s: Float = 0
            for k in 0..<dim {
                let d = values[p * dim + k] - others[q * dim + k]
                s += d * d
            }
            return s.squareRoot()
        }
        var pairs = Pairs(distance: [], same: [])
        let weights = several.map { rows[$0]?.count ?? 0 }
        let totalRows = weights.reduce(0, +)
        for k in 0..<n {
            if k & 0x3FFF == 0x3FFF { try Interrupt.poll() }
            if k % 2 == 0 {
                var pick = stream.below(totalRows)
                var c = 0
                while pick >= weights[c] {
                    pick -= weights[c]
                    c += 1
                }
                let own = rows[several[c]] ?? []
                let p = stream.below(own.count)
                var q = stream.below(own.count - 1)
                if q >= p { q += 1 }
                pairs.distance.append(distance(own[p], own[q]))
                pairs.same.append(true)
            } else {
                var p = 0
                var q = 0
                repeat {
                    p = stream.below(y.count)
                    q = stream.below(y.count)
                } while y[p] == y[q]
                pairs.distance.append(distance(p, q))
                pairs.same.append(false)
            }
        }
        return pairs
    }

    /// The threshold that is right most often: midpoints between neighbouring distinct distances, all-same and all-different too.
    public static func bestThreshold(_ distance: [Float], _ same: [Bool]) -> Float {
        let order = distance.indices.filter { distance[$0].isFinite }.sorted { distance[$0] < distance[$1] }
        guard let first = order.first else { return 0 }
        var right = same.count { !$0 }
        var best = right
        var threshold = distance[first] - 1
        for (k, i) in order.enumerated() {
            right += same[i] ? 1 : -1
            let isLast = k + 1 == order.count
            if !isLast, distance[order[k + 1]] == distance[i] { continue }
            if right > best {
                best = right
                threshold = isLast ? distance[i] + 1 : (distance[i] + distance[order[k + 1]]) / 2
            }
        }
        return threshold
    }

    /// The threshold of each half judged on the other. Each half holds the first or the last half of the same pairs and of the
    /// different pairs, whatever order they stand in.
    public static func accuracy(_ p: Pairs) -> Double {
        let same = p.same.indices.filter { p.same[$0] }
        let different = p.same.indices.filter { !p.same[$0] }
        let first = Array(same.prefix(same.count / 2)) + Array(different.prefix(different.count / 2))
        let last = Array(same.dropFirst(same.count / 2)) + Array(different.dropFirst(different.count / 2))
        var right = 0
        for (choose, judge) in [(first, last), (last, first)] {
            let t = bestThreshold(choose.map { p.distance[$0] }, choose.map { p.same[$0] })
            right += judge.count { (p.distance[$0] <= t) == p.same[$0] }
        }
        return Double(right) / Double(p.distance.count)
    }

    /// Share of negatives with d <= t (FAR) and of positives with d <= t (TAR), at every distinct distance, ascending.
    private static func operatingPoints(_ p: Pairs) -> [(far: Double, tar: Double)] {
        let order = p.distance.indices.sorted { p.distance[$0] < p.distance[$1] }
        let negatives = Double(p.same.count { !$0 })
        let positives = Double(p.same.count) - negatives
        guard negatives > 0, positives > 0 else { return [] }
        var (accepted, wrongly) = (0.0, 0.0)
        var points = [(far: 0.0, tar: 0.0)]
        for (k, i) in order.enumerated() {
            if p.same[i] { accepted += 1 } else { wrongly += 1 }
            if k + 1 < order.count, p.distance[order[k + 1]] == p.distance[i] { continue }
            points.append((wrongly / negatives, accepted / positives))
        }
        return points
    }

    /// Where FAR and FRR = 1 - TAR are equal, between two thresholds by interpolation; 0.5 without pairs of both kinds.
    public static func equalErrorRate(_ p: Pairs) -> Double {
        let points = operatingPoints(p)
        for k in points.indices.dropFirst() where points[k].far >= 1 - points[k].tar {
            let (before, after) = (points[k - 1], points[k])
            let gapBefore = 1 - before.tar - before.far
            let gapAfter = 1 - after.tar - after.far
            let share = gapBefore == gapAfter ? 0 : gapBefore / (gapBefore - gapAfter)
            return before.far + share * (after.far - before.far)
        }
        return 0.5
    }

    /// The largest TAR among thresholds whose FAR is at most `far`.
    public static func acceptance(_ p: Pairs, far: Double) -> Double {
        operatingPoints(p).filter { $0.far <= far }.map(\.tar).max() ?? 0
    }

    public static func auc(_ p: Pairs) -> Double {
        let order = p.distance.indices.sorted { p.distance[$0] < p.distance[$1] }
        var rankSum = 0.0
        var k = 0
        while k < order.count {
            var end = k
            while end + 1 < order.count, p.distance[order[end + 1]] == p.distance[order[k]] { end += 1 }
            let rank = Double(k + end) / 2 + 1
            for m in k...end where !p.same[order[m]] { rankSum += rank }
            k = end + 1
        }
        let negatives = Double(p.same.count { !$0 })
        let positives = Double(p.same.count) - negatives
        guard negatives > 0, positives > 0 else { return 0.5 }
        return (rankSum - negatives * (negatives + 1) / 2) / (negatives * positives)
    }
}
