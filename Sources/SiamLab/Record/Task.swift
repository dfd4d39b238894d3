import SiamGradient
import SiamInterpreter
import SiamMeasures
import SiamRuntime
import SiamTensor

/// What a program trains its net for, inferred from the computation graph of a step.
enum Task: String {
    /// Embeddings that are compared with one another.
    case metric
    /// A probability for a pair.
    case verification
    /// Scores of classes.
    case classification
    /// Numbers.
    case regression
    /// The input itself.
    case reconstruction
    case unknown

    /// What the measure that decides is called.
    var measure: String {
        switch self {
        case .metric, .verification: "AUC"
        case .classification: "accuracy"
        case .regression, .reconstruction: "R^2"
        case .unknown: "loss"
        }
    }
}

/// Outputs of a net beside what they were to be, row by row.
struct Outputs {
    /// n x width.
    var values: [Double] = []
    var width = 1
    var rows: Int { width > 0 ? values.count / width : 0 }
    /// Targets as the loss used them, n x targetWidth.
    var targets: [Double] = []
    var targetWidth = 1
    /// Class numbers as the data has them, where they are known.
    var classes: [Int]?

    mutating func append(_ other: Outputs) {
        guard rows == 0 || other.width == width && other.targetWidth == targetWidth else { return }
        (width, targetWidth) = (other.width, other.targetWidth)
        values += other.values
        targets += other.targets
        if let more = other.classes { classes = (classes ?? []) + more } else { classes = nil }
    }
    /// Whether labels were -1 and 1, so that the sign tells.
    var isSigned = false
    /// Whether each row has any number of labels, 0 or 1 each, and not just one.
    var hasSeveralLabels: Bool {
        targetWidth > 1 && rows > 0 && targets.allSatisfy { $0 == 0 || $0 == 1 } && rowsOfOne * 10 < rows * 9
    }
    /// Rows whose targets add up to 1.
    var rowsOfOne: Int {
        targetWidth > 0
            ? (0..<rows).count { targets[$0 * targetWidth..<($0 + 1) * targetWidth].reduce(0, +) == 1 } : 0
    }
    /// The same if values are shares of classes or labels.
    var asShares: Outputs {
        var other = self
        (other.isSigned, other.classes) = (false, nil)
        return other
    }
    /// The same with one class number a row in place of shares of classes.
    func asNumbers(_ task: Task) -> Outputs {
        guard task == .classification, targetWidth > 1, !hasSeveralLabels else { return self }
        var other = self
        (other.targets, other.targetWidth) = (TaskScore.wanted(self).map(Double.init), 1)
        return other
    }
    /// The first rows alone.
    func first(_ n: Int) -> Outputs {
        var few = self
        few.values = Array(values.prefix(n * width))
        few.targets = Array(targets.prefix(n * targetWidth))
        few.classes = classes.map { Array($0.prefix(n)) }
        return few
    }
    func row(_ r: Int) -> ArraySlice<Double> { values[r * width..<(r + 1) * width] }
}

extension StepGraph {
    /// What the step trains for, and its outputs and targets where it has some.
    func task(batch: [Tensor]) -> (task: Task, outputs: Outputs?) {
        if sides.count >= 2 {
            // One probability or score per pair, computed by parameters after the comparison, against labels.
            // So is the difference of two scores, where each side gives one number a row.
            let isRanked =
                sides.count == 2 && sides.allSatisfy { vertices[$0.end].tensor.count == vertices[$0.end].rows }
            if hasHead || isRanked, let found = scoreOfPairs() { return (.verification, found) }
            // Several calls on numbers of the step's own, each with one number a row and no label: an equation, no embedding.
            if batch.isEmpty, targets.isEmpty,
                sides.allSatisfy({ vertices[$0.end].tensor.count <= vertices[$0.end].rows })
            {
                return (.unknown, nil)
            }
            return (.metric, nil)
        }
        guard let side = sides.first else { return (.unknown, nil) }
        let end = vertices[side.end].tensor
        guard end.rank >= 1, end.shape[0] > 0 else { return (.unknown, nil) }
        if mixesRows { return (.metric, nil) }
        let n = end.shape[0]
        let fitting = targets.filter { vertices[$0].rows == n || vertices[$0].tensor.count == n }
        // A part of the batch before a mask that the loss made; of masks and targets the one that meets the outputs first.
        guard
            let target = fitting.first(where: comesFromBatch)
                ?? fitting.min(by: { (consumers[$0].first ?? 0) < (consumers[$1].first ?? 0) })
        else { return (.unknown, nil) }
        var out = Outputs()
        out.values = end.doubles
        out.width = max(1, end.count / n)
        let t = labels(behind: target, rows: n) ?? vertices[target].tensor
        out.targets = t.doubles
        out.targetWidth = max(1, t.count / n)
        guard out.targets.count == n * out.targetWidth else { return (.unknown, nil) }
        // If a penalty uses a hidden layer, the outputs are what is combined with the target after it.
        if t.count > n, !consumers[target].contains(where: { vertices[$0].inputs.contains(side.end) }),
            let made = outputs(meeting: target, n, behind: side.end)
        {
            (out.values, out.width) = (made.doubles, out.targetWidth)
        }
        // Of several heads on one trunk the one that meets this target.
        if let other = heads(fitting, n, behind: side.end) { return (.classification, other) }
        // Two classes of rows, decided by the sign of one number.
        if out.targetWidth == 1, out.width == 1, Set(out.targets) == [-1, 1] {
            out.targets = out.targets.map { $0 > 0 ? 1 : 0 }
            out.isSigned = true
            return (.classification, out)
        }
        let input = firstInput(side)
        if t.count == input.count, t.count > n, zip(t.floats, input.floats).allSatisfy({ abs($0 - $1) <= 1e-6 }) {
            return (.reconstruction, out)
        }
        // The parts of the batch themselves, where the net sees them changed.
        for b in batch where b.count == t.count && b.count > n && b.floats == t.floats {
            if b.floats.count == input.floats.count, batch.first === b { return (.reconstruction, out) }
        }
        let isWhole = out.targets.allSatisfy { $0 == $0.rounded() }
        if out.targetWidth == 1, isWhole {
            let kinds = Set(out.targets)
            if kinds.count <= max(2, min(1000, n / 2)), kinds.allSatisfy({ $0 >= 0 && $0 < 1e5 }) {
                if out.width > 1 || kinds.isSubset(of: [0, 1]) { return (.classification, out) }
                if isCrossEntropy(side.end) { return (.classification, out) }
            }
        }
        if out.targetWidth > 1, out.targetWidth == out.width, isWhole, isOneHot(out) || out.hasSeveralLabels {
            return (.classification, out)
        }
        // Smoothed labels, or what another net answers: shares of the classes.
        if out.targetWidth > 2, out.targetWidth == out.width, isOfShares(side.end),
            (0..<out.rows).allSatisfy({ r in
                let row = out.targets[r * out.targetWidth..<(r + 1) * out.targetWidth]
                return row.allSatisfy { $0 >= -1e-6 } && abs(row.reduce(0, +) - 1) < 1e-3
            })
        {
            return (.classification, out)
        }
        // Means and spreads side by side, or any other outputs that are not one for each target.
        if out.width != out.targetWidth, out.width > 1 { return (.unknown, nil) }
        // A likelihood whose outputs are logarithms or spreads is no amount to be compared with the targets.
        let isLikelihood = consumers[side.end].contains { ["exp", "log"].contains(vertices[$0].op?.name ?? "") }
        if isLikelihood, out.targets.contains(where: { $0 < 0 || $0 > 1 }) { return (.unknown, nil) }
        if isOfQuantile(side.end) { return (.unknown, nil) }
        return (.regression, out)
    }

    /// The output after a side's end that has the target's size and is combined with the target.
    private func outputs(meeting target: Int, _ n: Int, behind end: Int) -> Tensor? {
        let wanted = vertices[target].tensor.count
        let meeting = consumers[target].lazy.filter { self.vertices[$0].isProcessed }.compactMap { meeting in
            self.vertices[meeting].inputs.first {
                self.vertices[$0].isProcessed && self.vertices[$0].rows == n && $0 > end
                    && self.vertices[$0].tensor.count == wanted
            }
        }.first
        guard let meeting else { return nil }
        let at = made(meeting, behind: end)
        return at == end ? nil : vertices[at].tensor
    }

    /// What the net gives where a loss goes on with it: before the logarithm of a cross-entropy, and before a divergence
    /// subtracts it from the target's own logarithm.
    private func made(_ k: Int, behind end: Int) -> Int {
        var at = k
        while at > end, let from = vertices[at].inputs.first(where: { vertices[$0].isProcessed }) {
            let isLogarithm = ["log", "clamp", "maximum", "minimum"].contains(vertices[at].op?.name ?? "")
            let size = vertices[at].tensor.count
            let meetsData = vertices[at].inputs.contains { vertices[$0].isPlain && vertices[$0].tensor.count == size }
            guard isLogarithm || meetsData && vertices[from].tensor.count == size else { break }
            at = from
        }
        return at
    }

    /// Whether the loss wants a quantile: its slopes have one size for outputs that are too small, and another for those that
    /// are too large (Koenker and Bassett, 1978).
    private func isOfQuantile(_ end: Int) -> Bool {
        guard vertices[end].tensor.count > 7,
            let slope = try? gradients(of: vertices[loss].tensor, at: [vertices[end].tensor]),
            case let all = (slope[0]?.doubles ?? []).filter({ $0 != 0 }), all.count > 7
        else { return false }
        let (up, down) = (all.filter { $0 > 0 }, all.filter { $0 < 0 }.map { -$0 })
        func size(_ x: [Double]) -> Double? {
            guard let least = x.min(), let most = x.max(), most < 1.001 * least else { return nil }
            return most
        }
        guard let a = size(up), let b = size(down) else { return false }
        return max(a, b) > 1.25 * min(a, b)
    }

    /// The batch's own 0 and 1 behind a target that a weight was made of: one number for each of the two, and other numbers.
    private func labels(behind target: Int, rows n: Int) -> Tensor? {
        let used = vertices[target].tensor
        guard vertices[target].part == nil, used.count == n else { return nil }
        var open = [target]
        var parts = Set<Int>()
        while let k = open.popLast() {
            if vertices[k].part != nil { parts.insert(k) }
            open += vertices[k].inputs
            if parts.count > 1 { return nil }
        }
        guard let part = parts.first, vertices[part].tensor.count == n,
            case let own = vertices[part].tensor.doubles, Set(own) == [0, 1], case let made = used.doubles,
            Set(made).count == 2, Set(zip(own, made).map { [$0, $1] }).count == 2
        else { return nil }
        return vertices[part].tensor
    }

    /// If weights are used after the side's end, as in a head: the outputs that are combined with class numbers or shares of classes.
    private func heads(_ targets: [Int], _ n: Int, behind end: Int) -> Outputs? {
        for target in targets {
            guard let meeting = consumers[target].first(where: { vertices[$0].isProcessed }),
                let met = vertices[meeting].inputs.first(where: {
                    vertices[$0].isProcessed && vertices[$0].rows == n && vertices[$0].tensor.rank == 2 && $0 > end
                }), case let made = made(met, behind: end), made > end
            else { continue }
            var out = Outputs()
            out.values = vertices[made].tensor.doubles
            out.width = vertices[made].tensor.shape[1]
            out.targets = vertices[target].tensor.doubles
            out.targetWidth = max(1, out.targets.count / n)
            guard out.width > 1, out.targets.allSatisfy({ $0 >= 0 && $0 == $0.rounded() && $0 < 1e5 }) else { continue }
            let isNumbers =
                out.targetWidth == 1 && Set(out.targets).count > 1 && (out.targets.max() ?? 0) < Double(out.width)
            if isNumbers || out.targetWidth == out.width && isOneHot(out) { return out }
        }
        return nil
    }

    private func isOneHot(_ o: Outputs) -> Bool {
        (0..<o.rows).allSatisfy { r in
            let row = o.targets[r * o.targetWidth..<(r + 1) * o.targetWidth]
            return row.allSatisfy { $0 == 0 || $0 == 1 } && row.reduce(0, +) == 1
        }
    }

    /// Whether outputs become shares of one probability.
    private func isOfShares(_ end: Int) -> Bool {
        ([end] + consumers[end]).contains {
            ["cross_entropy", "log_softmax", "softmax", "logsumexp"].contains(vertices[$0].op?.name ?? "")
        }
    }
    private func isCrossEntropy(_ end: Int) -> Bool {
        consumers[end].contains { ["cross_entropy", "bce_with_logits"].contains(vertices[$0].op?.name ?? "") }
    }

    /// The last vertex after the comparison that holds one number per pair and is not combined with a label yet.
    private func scoreOfPairs() -> Outputs? {
        guard let n = sides.first.map({ vertices[$0.end].rows }), n > 1 else { return nil }
        var touched = [Bool](repeating: false, count: vertices.count)
        var label: Int?
        for (k, v) in vertices.enumerated() where v.isProcessed {
            let meets = v.inputs.first { i in
                vertices[i].isPlain && vertices[i].tensor.count == n && targets.contains(i)
            }
            touched[k] = meets != nil || v.inputs.contains { touched[$0] }
            if label == nil, let meets { label = meets }
        }
        // The last one that every way from the sides to the loss passes.
        var open = -1
        var last: Int?
        for (k, v) in vertices.enumerated() where v.isProcessed && !touched[k] {
            if open <= k, v.tensor.count == n, sides.allSatisfy({ $0.end < k }) { last = k }
            for c in consumers[k] { open = max(open, touched[c] ? Int.max : c) }
        }
        guard let last, let label else { return nil }
        var out = Outputs()
        out.values = vertices[last].tensor.doubles
        out.targets = vertices[label].tensor.doubles
        return out
    }
}

/// How good outputs are, in their task's own measure, and what the best constant would score.
struct TaskScore {
    var worth = 0.0
    /// Of the best constant output: the share of the largest class, AUC 0.5, R^2 0.
    var constant = 0.0
    /// Mean negative log probability of the right class, mean squared error over the targets' variance, ...
    var loss = 0.0
    /// Whether it is the mean over the classes of the share that is right, since one class makes up most of the rows.
    var isBalanced = false

    init(worth: Double = 0, constant: Double = 0, loss: Double = 0) {
        (self.worth, self.constant, self.loss) = (worth, constant, loss)
    }

    init(_ o: Outputs, _ task: Task) {
        switch task {
        case .classification: self = TaskScore.classification(o)
        case .verification, .metric: self = TaskScore.verification(o)
        case .regression where o.width > 1 && o.width <= TaskScore.mostTargets: self = TaskScore.targets(o)
        default: self = TaskScore.numbers(o)
        }
    }

    /// Beyond this share of one class accuracy says little.
    static let mostOfOneClass = 0.8

    /// The classes that outputs predict: the largest score, or the side of the threshold of a single number.
    static func predicted(_ o: Outputs) -> [Int] {
        if o.width > 1 {
            return (0..<o.rows).map { r in
                let row = Array(o.row(r))
                var best = 0
                for c in row.indices where row[c] > row[best] || !row[best].isFinite { best = c }
                return best
            }
        }
        // A number from 0 to 1 is a probability, any other a logit.
        let isProbability = !o.isSigned && o.values.allSatisfy { $0 >= 0 && $0 <= 1 }
        return o.values.map { $0 > (isProbability ? 0.5 : 0) ? 1 : 0 }
    }

    static func wanted(_ o: Outputs) -> [Int] {
        if let known = o.classes, known.count == o.rows { return known }
        if o.targetWidth > 1 {
            return (0..<o.rows).map { r in
                let row = Array(o.targets[r * o.targetWidth..<(r + 1) * o.targetWidth])
                return row.indices.max { row[$0] < row[$1] } ?? 0
            }
        }
        return o.targets.map { $0.isFinite && abs($0) < 1e9 ? Int($0) : -1 }
    }

    private static func classification(_ o: Outputs) -> TaskScore {
        if o.hasSeveralLabels, o.width == o.targetWidth { return labels(o) }
        let (found, wanted) = (predicted(o), wanted(o))
        let n = Double(max(1, found.count))
        var counts: [Int: Double] = [:]
        for w in wanted { counts[w, default: 0] += 1 }
        if counts.count > 1, (counts.values.max() ?? 0) > TaskScore.mostOfOneClass * n {
            var rightOf: [Int: Double] = [:]
            for (f, w) in zip(found, wanted) where f == w { rightOf[w, default: 0] += 1 }
            let mean = counts.reduce(0.0) { $0 + (rightOf[$1.key] ?? 0) / $1.value } / Double(counts.count)
            var score = TaskScore(worth: mean, constant: 1 / Double(counts.count))
            score.isBalanced = true
            return score
        }
        let right = Double(zip(found, wanted).count { $0 == $1 })
        return TaskScore(worth: right / n, constant: (counts.values.max() ?? 0) / n)
    }

    /// For several labels per row: the share of all labels that is predicted correctly.
    private static func labels(_ o: Outputs) -> TaskScore {
        let cut = o.values.allSatisfy { $0 >= 0 && $0 <= 1 } ? 0.5 : 0
        let right = zip(o.values, o.targets).count { ($0 > cut) == ($1 > 0.5) }
        var constant = 0.0
        for c in 0..<o.targetWidth {
            let ones = Double((0..<o.rows).count { o.targets[$0 * o.targetWidth + c] > 0.5 })
            constant += max(ones, Double(o.rows) - ones) / Double(max(1, o.rows * o.targetWidth))
        }
        return TaskScore(worth: Double(right) / Double(max(1, o.values.count)), constant: constant)
    }

    private static func verification(_ o: Outputs) -> TaskScore {
        guard o.values.allSatisfy(\.isFinite) else { return TaskScore(worth: 0.5, constant: 0.5) }
        let area = ScoreCurve(o.values, o.targets.map { $0 > 0.5 }).area
        return TaskScore(worth: area.isNaN ? 0.5 : area, constant: 0.5)
    }

    /// Targets that count alike, whatever their size; beyond so many a column may hardly vary.
    private static let mostTargets = 8

    /// The mean of the columns' R^2, each clipped at -1.
    private static func targets(_ o: Outputs) -> TaskScore {
        guard o.rows > 1, o.width == o.targetWidth else { return TaskScore(worth: -1) }
        let each = (0..<o.width).map { c -> TaskScore in
            var one = Outputs()
            one.values = (0..<o.rows).map { o.values[$0 * o.width + c] }
            one.targets = (0..<o.rows).map { o.targets[$0 * o.width + c] }
            return numbers(one)
        }
        let n = Double(each.count)
        return TaskScore(
            worth: each.reduce(0) { $0 + $1.worth } / n, loss: each.reduce(0) { $0 + $1.loss } / n)
    }

    /// R^2 over all columns: 1 less the squared errors over the squared distances from the columns' means.
    private static func numbers(_ o: Outputs) -> TaskScore {
        guard o.rows > 1, o.width == o.targetWidth, o.values.allSatisfy(\.isFinite) else { return TaskScore(worth: -1) }
        var (errors, total) = (0.0, 0.0)
        for c in 0..<o.width {
            var mean = 0.0
            for r in 0..<o.rows { mean += o.targets[r * o.width + c] }
            mean /= Double(o.rows)
            for r in 0..<o.rows {
                let t = o.targets[r * o.width + c]
                errors += (t - o.values[r * o.width + c]) * (t - o.values[r * o.width + c])
                total += (t - mean) * (t - mean)
            }
        }
        return TaskScore(worth: total > 0 ? max(-1, 1 - errors / total) : 0, loss: errors / max(total, 1e-300))
    }
}
