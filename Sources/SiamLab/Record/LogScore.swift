import Glibc

/// What the probabilities of a classifier are worth. A net can put the right class first in nearly every row and still give
/// it little of the probability: accuracy does not see that, and the loss does.
struct LogScore {
    /// The mean negative log probability of the right class, in nats.
    let loss: Double
    /// The same with all scores times `factor`, the best one for these rows (Guo et al., 2017, call 1 / factor the temperature).
    let best: Double
    let factor: Double
    /// That of an answer that gives each class its share of the rows.
    let constant: Double

    /// Nil without rows, of scores that are not finite, and where one class is all that there is.
    /// - Parameter areProbabilities: whether the outputs are shares already, and no scores that softmax or sigmoid makes
    ///   shares of.
    init?(_ o: Outputs, areProbabilities: Bool) {
        let wanted = TaskScore.wanted(o)
        let classes = max(2, o.width)
        guard o.rows > 7, wanted.count == o.rows, !o.hasSeveralLabels, o.values.allSatisfy(\.isFinite),
            wanted.allSatisfy({ 0 <= $0 && $0 < classes })
        else { return nil }
        func logarithm(_ p: Double) -> Double { log(max(p, 1e-12)) }
        let scores = (0..<o.rows).map { r -> [Double] in
            let row = Array(o.row(r))
            if row.count > 1 { return areProbabilities ? row.map(logarithm) : row }
            return areProbabilities ? [logarithm(1 - row[0]), logarithm(row[0])] : [0, row[0]]
        }
        let n = Double(o.rows)
        func mean(_ factor: Double) -> Double {
            var sum = 0.0
            for (row, y) in zip(scores, wanted) {
                let top = factor * (row.max() ?? 0)
                sum += top + log(row.reduce(0) { $0 + exp(factor * $1 - top) }) - factor * row[y]
            }
            return sum / n
        }
        var counts: [Int: Double] = [:]
        for y in wanted { counts[y, default: 0] += 1 }
        constant = counts.values.reduce(0) { $0 - $1 / n * log($1 / n) }
        guard constant > 0 else { return nil }
        loss = mean(1)
        // The loss is convex in the factor, and so has one minimum in its logarithm too.
        var (low, high) = (-3.0, 7.0)
        for _ in 0..<40 {
            let (a, b) = (low + (high - low) / 3, high - (high - low) / 3)
            if mean(exp(a)) < mean(exp(b)) { high = b } else { low = a }
        }
        let found = exp((low + high) / 2)
        (factor, best) = mean(found) < loss ? (found, mean(found)) : (1, loss)
    }

    /// McFadden's R^2: 1 less the loss over that of the classes' shares.
    var reduction: Double { max(-1, 1 - loss / constant) }
    static let measure = "McFadden R^2"
    /// Whether the scores order the classes well and are so small that most of the loss is still there.
    var isUnderconfident: Bool { loss > 0.5 * constant && best < 0.4 * loss && factor > 2.5 }
}
