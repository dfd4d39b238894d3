import Glibc
import SiamInterpreter

/// Outputs of a net with their true classes or targets, row by row: the input of the measures of a task.
public struct TaskOutputs: Sendable {
    /// n x width: scores or probabilities of classes, one score, a class number, or numbers that were to be predicted.
    public var values: [Double]
    public var width: Int
    /// The class of each row; empty of a regression.
    public var classes: [Int]
    /// n x width, of a regression.
    public var targets: [Double]
    public var targetWidth: Int
    /// Names of the classes, where they have some.
    public var names: [String]

    public init(
        values: [Double], width: Int, classes: [Int] = [], targets: [Double] = [], targetWidth: Int = 1,
        names: [String] = []
    ) {
        self.values = values
        self.width = max(1, width)
        self.classes = classes
        self.targets = targets
        self.targetWidth = max(1, targetWidth)
        self.names = names
    }

    public var rows: Int { values.count / width }
    public func row(_ r: Int) -> ArraySlice<Double> { values[r * width..<(r + 1) * width] }

    // MARK: Classes

    /// How many classes there are to tell apart.
    public var classCount: Int {
        max(names.count, width > 1 ? width : 2, (classes.max() ?? -1) + 1, width == 1 && isNumbered ? (highest + 1) : 0)
    }
    private var highest: Int { Int(min(1e6, max(-1, values.max() ?? -1))) }

    /// Whether the outputs are class numbers and no scores.
    public var isNumbered: Bool {
        width == 1 && values.allSatisfy { $0 >= 0 && $0 == $0.rounded() && $0 < 1e6 }
    }
    /// Whether the outputs are probabilities: from 0 to 1, and of several classes 1 together.
    public var isProbable: Bool {
        guard values.allSatisfy({ $0 >= 0 && $0 <= 1 }) else { return false }
        return width == 1 || (0..<rows).allSatisfy { abs(row($0).reduce(0, +) - 1) < 1e-3 }
    }

    /// The classes that the outputs stand for: the largest score; of one score the side of `threshold` it lies on, by
    /// default 0.5 of a probability and 0 of any other.
    public func predicted(threshold: Double? = nil) -> [Int] {
        if width > 1 {
            return (0..<rows).map { r in
                var best = 0
                for c in 0..<width where values[r * width + c] > values[r * width + best] { best = c }
                return best
            }
        }
        if threshold == nil, isNumbered { return values.map { Int($0) } }
        let at = threshold ?? (isProbable ? 0.5 : 0)
        return values.map { $0 > at ? 1 : 0 }
    }

    /// A probability for each class: what is one already, the softmax or the sigmoid of what is none.
    public func probabilities() -> TaskOutputs {
        var result = self
        if width == 1 {
            let p = isProbable ? values : values.map { $0 >= 0 ? 1 / (1 + exp(-$0)) : exp($0) / (1 + exp($0)) }
            result.width = 2
            result.values = p.flatMap { [1 - $0, $0] }
            return result
        }
        guard !isProbable else { return self }
        for r in 0..<rows {
            let high = row(r).max() ?? 0
            var sum = 0.0
            for c in 0..<width {
                let e = exp(values[r * width + c] - high)
                result.values[r * width + c] = e
                sum += e
            }
            for c in 0..<width { result.values[r * width + c] /= sum }
        }
        return result
    }

    /// A score for each row that it is of class `of`, and whether it is.
    public func scores(of wanted: Int) -> (scores: [Double], isOwn: [Bool]) {
        let own = classes.map { $0 == wanted }
        if width == 1 { return (wanted == 0 ? values.map { -$0 } : values, own) }
        if width == 2, !isProbable {
            // The order of the differences is that of the probabilities.
            return ((0..<rows).map { values[2 * $0 + wanted] - values[2 * $0 + 1 - wanted] }, own)
        }
        let p = probabilities()
        return ((0..<rows).map { p.values[$0 * width + min(wanted, width - 1)] }, own)
    }

    /// What the best constant would give for every row: the classes' shares, or the targets' means.
    public var constant: TaskOutputs {
        var result = self
        if classes.isEmpty {
            result.width = targetWidth
            let n = Double(max(1, targets.count / targetWidth))
            var means = [Double](repeating: 0, count: targetWidth)
            for (k, t) in targets.enumerated() { means[k % targetWidth] += t / n }
            result.values = (0..<targets.count).map { means[$0 % targetWidth] }
            return result
        }
        let count = classCount
        var shares = [Double](repeating: 0, count: count)
        for c in classes { shares[c] += 1 / Double(classes.count) }
        result.width = count
        result.values = classes.flatMap { _ in shares }
        return result
    }
}
