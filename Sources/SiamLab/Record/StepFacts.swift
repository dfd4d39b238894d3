import SiamGradient
import SiamTensor

/// What the record of the first step tells, in numbers: kept when the record itself has been let go of.
struct StepFacts {
    var task = Task.unknown
    /// How many inputs are compared: 2 of pairs, 3 of triplets, 1 of a batch or of a plain net.
    var sides = 0
    /// Operators after the last weights of the first side.
    var end: [String] = []
    /// Layers with weights on the path, and how many adjacent pairs of them have no activation between them.
    var layers = 0
    /// Root mean square of the first inputs less the targets, where a net is to give back its inputs without noise.
    var noise = 0.0
    /// Whether the target of a reconstruction is the input with its noise, and not the rows that the noise was added to.
    var keepsNoise = false
    /// Units a row of the layer with weights that has the fewest; 0 where that is not known.
    var narrowest = 0
    var linearNeighbours = 0
    /// Operators that read the end of the first side.
    var readers: [String] = []
    var outputWidth = 0
    /// Numbers a row before what only changes the shape.
    var widthBeforeShaping = 0
    /// Of what the first weights are given: root mean square, and the largest column's over the smallest's.
    var inputScale = 1.0
    var columnRatio = 1.0
    var inputOffset = 0.0
    /// Of the targets as the loss uses them.
    var targetLow = 0.0
    var targetHigh = 0.0
    var targetScale = 1.0
    var targetMean = 0.0
    var targetDeviation = 1.0
    var targetsAreWhole = false
    /// Of a few numbers a row: mean and standard deviation of each.
    var targetColumns: [(mean: Double, deviation: Double)] = []
    /// By how much the largest deviation of the target's columns is above the smallest; 1 of one column.
    var targetColumnRatio: Double {
        let all = targetColumns.map(\.deviation).filter { $0 > 0 }
        return all.count > 1 && all.count == targetColumns.count ? (all.max() ?? 1) / (all.min() ?? 1) : 1
    }
    var targetWidth = 1
    /// Share of the most frequent value of the targets, and how many values there are.
    var largestShare = 0.0
    var targetKinds = 0
    /// Whether an output and a target of N and N x 1 were broadcast to N x N.
    var broadcasts: String?
    /// Places among the run's parameters that nothing minimized depends on.
    var unreached: [Int] = []
    var push: PushAndPull?
    /// Rows of a batch.
    var rows = 0
    var firstOutputs: Outputs?
    /// Share of outputs that a clamp after the weights cuts off.
    var clamped = 0.0
    /// Share of numbers that a clamp to 0 to 1, or to a part of it, cuts off before their logarithm is taken.
    var clampedBeforeLog = 0.0
    /// The largest share of zeros among random masks on the way.
    var dropped = 0.0
    /// Whether a random mask with zeros multiplies the embedding after the last weights.
    var isMaskedAtEnd = false
    /// Whether embeddings are subtracted from themselves on the way to the loss.
    var comparesWithItself = false
    /// Whether the rows of a batch pass the weights twice, with the very same outputs.
    var viewsAreEqual = false
    /// Whether operators after the last weights make the output of a row depend on other rows.
    var mixesInside = false
    /// Whether one pair's distance depends on other pairs of the batch.
    var mixesPairs = false
    /// How differently the inputs of two sides lie that pass through the same weights; nil where there are no such sides.
    var sidesApart: SidesApart?
    /// Share of positive pairs among the rows, by their labels.
    var sameShare: Double?
    /// Where rows of a batch are compared with one another: the share of them that have another row of their class.
    var withPartner: Double?
    /// Whether the loss takes the sigmoid of what is a sigmoid already.
    var sigmoidTwice = false
    /// Weights on the way to the loss that are not among those that are updated.
    var foreignWeights = 0
    /// The label, 0 or 1, whose rows have no effect on what is minimized.
    var idleLabel: Int?
    /// The one column that a cross-entropy of all rows against all others calls right for every row.
    var oneTarget: Int?
    /// Of the smallest numbers of the rows of a matrix of rows against rows: the share that stand on its diagonal and are far
    /// below all others of their row, as the distance of a row to itself is.
    var nearestIsItself = 0.0
    /// Whether a head makes its score of two embeddings with nothing but weights and sums.
    var headIsLinear = false
    /// Whether the loss of two views is least where all rows are one point.
    var prefersOnePoint = false
    /// Where rows of a batch are compared with one another: whether all are of one class.
    var hasOneClass = false
    /// Whether most rows have nothing that they are to be near to.
    var lacksPositives: Bool { (withPartner ?? 1) < 0.3 }
    /// Whether the loss takes a logarithm after the outputs, as likelihoods do.
    var isLogarithmic = false
    /// Of two sides without labels: whether smaller embeddings always make a smaller loss, down to 0.
    var shrinksToNothing = false
    /// Parts of the batch that nothing minimized depends on.
    var unusedParts: [Int] = []
    /// The column of the inputs that gives the target by itself, and how closely.
    var leakingColumn: (column: Int, correlation: Double, next: Double)?
    /// How much better than the best constant the five nearest rows' targets tell a row's own: 0 where inputs say nothing.
    var neighbourGain: Double?

    /// Mean and standard deviation of each column of the targets, where they are few.
    fileprivate static func columns(_ o: Outputs) -> [(mean: Double, deviation: Double)] {
        guard (2...8).contains(o.targetWidth), o.targets.allSatisfy(\.isFinite) else { return [] }
        return (0..<o.targetWidth).map { c in
            let values = stride(from: c, to: o.targets.count, by: o.targetWidth).map { o.targets[$0] }
            return (values.reduce(0, +) / Double(max(1, values.count)), Replay.deviation(values))
        }
    }

    static let nonlinear: Set<String> = [
        "relu", "leaky_relu", "elu", "selu", "gelu", "sigmoid", "tanh", "softplus", "softmax", "log_softmax", "exp",
        "maximum",
        "clamp", "abs", "maxpool2d", "square", "sin", "cos", "where", "l2norm", "conv_pool", "swish", "silu",
    ]
    /// What changes the shape or cuts values off, and makes no others.
    static let shaping: Set<String> = ["squeeze", "reshape", "flatten", "detach", "index", "clamp", "expand", "gather"]
    static let logarithmic: Set<String> = [
        "log", "log_softmax", "cross_entropy", "softplus", "logsumexp", "bce_with_logits", "log_sigmoid", "bce",
    ]
    /// What takes scores of any size.
    static let ofScores: Set<String> = [
        "cross_entropy", "softmax", "log_softmax", "logsumexp", "bce_with_logits", "softplus", "log_sigmoid", "sigmoid",
    ]
    static let linear: Set<String> = [
        "matmul", "affine", "add", "subtract", "concatenate", "stack", "reshape", "squeeze", "index", "negate",
        "transpose",
    ]
    /// Operators that are 0 where their two inputs are equal.
    static let differing: Set<String> = ["subtract", "euclidean", "squared", "squared_rows", "manhattan"]
    static let weighted: Set<String> = ["matmul", "affine", "conv2d", "conv_pool", "einsum"]
}

extension StepGraph {
    /// Whether two values that the net made are one and the same, row by row, where one is subtracted from the other, though
    /// the rows differ.
    private var comparesWithItself: Bool {
        vertices.contains { v in
            guard let name = v.op?.name, StepFacts.differing.contains(name), v.inputs.count >= 2,
                case let a = vertices[v.inputs[0]],
                case let b = vertices[v.inputs[1]], a.isProcessed, b.isProcessed, a.tensor.rank >= 2, a.rows > 3,
                a.tensor.shape == b.tensor.shape, case let x = a.tensor.floats, x == b.tensor.floats
            else { return false }
            let width = x.count / a.rows
            return width > 0 && x.prefix(width) != x.suffix(width)
        }
    }

    /// Whether two passes through the same weights give the same outputs, where rows are only compared with one another.
    private var viewsAreEqual: Bool {
        let ends = Array(Set(passes.map(\.end))).sorted()
        // Without anything to be like, as the distances of another net: masks and places alone.
        guard ends.count == 2, targets.allSatisfy({ vertices[$0].tensor.floats.allSatisfy { $0 == $0.rounded() } }),
            case let (a, b) = (vertices[ends[0]], vertices[ends[1]]), a.rows > 3, a.tensor.rank >= 2,
            case let x = a.tensor.floats, x == b.tensor.floats
        else { return false }
        let width = x.count / a.rows
        return x.prefix(width) != x.suffix(width)
    }

    func facts(batch: [Tensor], parameters: Int) -> StepFacts {
        var f = StepFacts()
        let (task, outputs) = task(batch: batch)
        f.task = task
        f.sides = sides.count
        f.firstOutputs = outputs
        f.unreached = Array(Set(0..<parameters).subtracting(reachedParameters)).sorted()
        guard let side = sides.first else { return f }
        f.end = stagesBehindWeights(side)
        f.readers = consumers[side.end].compactMap { vertices[$0].op?.name }
        // The loss's own, whether it is one operator or several.
        if f.end.last == "log_softmax" {
            f.end.removeLast()
            f.readers = ["log_softmax"]
        }
        f.foreignWeights = vertices.count { v in
            v.op == nil && v.dependsOnParameters && v.parameter == nil && v.tensor.rank >= 2
        }
        if task == .classification, f.outputWidth == 1 || outputs?.width == 1 { f.idleLabel = idleLabel(side, outputs) }
        let end = vertices[side.end].tensor
        f.rows = end.shape.dims.first ?? 0
        f.outputWidth = f.rows > 0 ? end.count / f.rows : 0
        let shaped =
            side.path.last { vertices[$0].op.map { !StepFacts.shaping.contains($0.name) } ?? false } ?? side.end
        f.widthBeforeShaping = vertices[shaped].rows > 0 ? vertices[shaped].tensor.count / vertices[shaped].rows : 0
        f.comparesWithItself = comparesWithItself
        f.viewsAreEqual = sides.count == 1 && mixesRows && viewsAreEqual
        var isLinear = false
        for k in side.path {
            guard let name = vertices[k].op?.name else { continue }
            let meetsWeights = vertices[k].inputs.contains {
                !vertices[$0].dependsOnData && vertices[$0].dependsOnParameters && vertices[$0].tensor.rank >= 2
            }
            if StepFacts.weighted.contains(name), meetsWeights {
                f.layers += 1
                let v = vertices[k]
                if v.rows == f.rows, f.rows > 0 {
                    let width = v.tensor.count / f.rows
                    f.narrowest = f.narrowest == 0 ? width : min(f.narrowest, width)
                }
                if isLinear { f.linearNeighbours += 1 }
                isLinear = true
            }
            if StepFacts.nonlinear.contains(name) || name.contains("norm") { isLinear = false }
        }
        // Places to pick rows from have no scale.
        let isPicked = consumers[side.birth].allSatisfy { ["gather", "index"].contains(vertices[$0].op?.name ?? "") }
        if !isPicked { lookAtInputs(firstInput(side), &f) }
        if task == .reconstruction, let o = outputs, case let x = firstInput(side).doubles, x.count == o.targets.count {
            let squares = zip(x, o.targets).reduce(0.0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
            f.noise = (squares / Double(max(1, x.count))).squareRoot()
            if f.noise < 1e-6,
                let clean = batch.first(where: { $0.count == x.count && $0.floats != o.targets.map(Float.init) })
            {
                f.keepsNoise = RowNoise.isAdded(to: clean.doubles, in: x, rows: f.rows)
            }
        }
        if let o = outputs, !o.targets.isEmpty {
            let finite = o.targets.filter(\.isFinite)
            f.targetLow = finite.min() ?? 0
            f.targetHigh = finite.max() ?? 0
            f.targetScale = (finite.reduce(0) { $0 + $1 * $1 } / Double(max(1, finite.count))).squareRoot()
            f.targetMean = finite.reduce(0, +) / Double(max(1, finite.count))
            f.targetDeviation = Replay.deviation(finite)
            f.targetColumns = StepFacts.columns(o)
            f.targetsAreWhole = finite.allSatisfy { $0 == $0.rounded() }
            f.targetWidth = o.targetWidth
            let kinds = o.asNumbers(task)
            if kinds.targetWidth == 1 {
                var counts: [Double: Int] = [:]
                for t in kinds.targets where t.isFinite { counts[t, default: 0] += 1 }
                f.targetKinds = counts.count
                f.largestShare = Double(counts.values.max() ?? 0) / Double(max(1, kinds.targets.count))
            }
        }
        for k in side.path where vertices[k].op?.name == "clamp" {
            guard let input = vertices[k].inputs.first else { continue }
            let (before, after) = (vertices[input].tensor.doubles, vertices[k].tensor.doubles)
            guard before.count == after.count else { continue }
            f.clamped = max(
                f.clamped, Double(zip(before, after).count { abs($0 - $1) > 1e-6 }) / Double(max(1, before.count)))
        }
        f.clampedBeforeLog = vertices.indices.map(clampedBeforeLog).max() ?? 0
        f.isMaskedAtEnd = isMasked(side)
        f.dropped = side.path.map { maskedShare($0) }.max() ?? 0
        f.mixesPairs = pairsMix()
        f.mixesInside = mixesInside(side)
        f.headIsLinear = isHeadLinear()
        f.sigmoidTwice = vertices.contains { v in
            guard v.isProcessed, let name = v.op?.name, name == "bce_with_logits" || name == "softplus" else {
                return false
            }
            return v.inputs.contains { made(by: "sigmoid", $0) }
        }
        f.isLogarithmic = vertices[(side.end + 1)...].contains {
            $0.isProcessed && StepFacts.logarithmic.contains($0.op?.name ?? "")
        }
        f.oneTarget = oneTarget()
        f.sidesApart = sides.count == 2 ? SidesApart(self, sides[0], sides[1]) : nil
        f.nearestIsItself = nearestIsItself()
        f.shrinksToNothing = shrinksToNothing()
        f.prefersOnePoint = prefersOnePoint()
        f.unusedParts = batch.indices.filter { k in !vertices.contains { $0.part == k } }
        if let o = outputs?.asNumbers(task), o.rows > 7, o.targetWidth == 1 {
            f.leakingColumn = StepGraph.leak(firstInput(side), o)
        }
        // N x 1 against N: a square of the batch where there was a column.
        let n = f.rows
        if n > 1, f.sides <= 1 || hasHead, !mixesRows || f.outputWidth == 1 || hasHead {
            for v in vertices[(side.end + 1)...]
            where v.isProcessed && v.tensor.rank == 2 && v.tensor.shape[0] == n && v.tensor.shape[1] == n {
                let shapes = v.inputs.map { vertices[$0].tensor.shape }
                if shapes.contains(where: { $0.count == n }), v.inputs.contains(where: { vertices[$0].isPlain }),
                    f.outputWidth == 1 || hasHead
                {
                    f.broadcasts = shapes.map { "\($0)" }.joined(separator: " and ")
                }
            }
        }
        if n > 1, f.sides == 2, !hasHead {
            for v in vertices[(side.end + 1)...]
            where v.isProcessed && v.tensor.rank == 2 && v.tensor.shape[0] == n && v.tensor.shape[1] == n
                && v.inputs.count == 2
            {
                let shapes = v.inputs.map { vertices[$0].tensor.shape.dims }
                // A column of distances and a row of labels.
                let isColumn = zip(v.inputs, shapes).contains { vertices[$0].isProcessed && $1 == [n, 1] }
                let isRow = zip(v.inputs, shapes).contains { vertices[$0].isPlain && $1 == [n] }
                if isColumn, isRow {
                    f.broadcasts = v.inputs.map { "\(vertices[$0].tensor.shape)" }.joined(separator: " and ")
                }
            }
        }
        return f
    }

    /// Of a clamp that makes probabilities of anything, and whose logarithm is taken: the share of numbers that it cuts off.
    private func clampedBeforeLog(_ k: Int) -> Double {
        guard vertices[k].op?.name == "clamp", vertices[k].isProcessed, let from = vertices[k].inputs.first else {
            return 0
        }
        let (before, after) = (vertices[from].tensor.doubles, vertices[k].tensor.doubles)
        guard before.count == after.count, after.count > 3, after.allSatisfy({ (0...1).contains($0) }) else { return 0 }
        var near = [k]
        for _ in 0..<4 {
            near = near.flatMap { consumers[$0] }
            if near.contains(where: { vertices[$0].op?.name == "log" }) {
                return Double(before.count { $0 < -0.01 || $0 > 1.01 }) / Double(before.count)
            }
        }
        return 0
    }

    /// Whether a mask with zeros multiplies the side after its last weights.
    private func isMasked(_ side: Side) -> Bool {
        guard let last = lastWeight(side) else { return false }
        return side.path.contains { $0 > last && maskedShare($0) > 0 }
    }

    /// The share of zeros of the random mask that a vertex multiplies by; 0 of every other vertex.
    private func maskedShare(_ k: Int) -> Double {
        guard vertices[k].op?.name == "multiply" else { return 0 }
        for i in vertices[k].inputs {
            let mask = vertices[i]
            guard mask.isPlain, mask.part == nil, mask.tensor.rank == 2, mask.tensor.shape == vertices[k].tensor.shape
            else {
                continue
            }
            let values = mask.tensor.floats
            let zeros = values.count { $0 == 0 }
            if zeros > 0, zeros < values.count, Set(values).count <= 3 { return Double(zeros) / Double(values.count) }
        }
        return 0
    }

    /// The same column for all rows, where each has a column of its own: a cross-entropy multiplies what it makes of the
    /// scores with 1 in the row's column and 0 elsewhere.
    private func oneTarget() -> Int? {
        guard sides.count >= 2, !hasHead else { return nil }
        for v in vertices where v.op?.name == "multiply" && v.inputs.count == 2 {
            let two = v.inputs.map { vertices[$0] }
            guard let scores = two.first(where: \.isProcessed), let wanted = two.first(where: \.isPlain),
                scores.op?.name == "log_softmax", case let n = scores.rows, n > 3,
                scores.tensor.shape.dims == [n, n], wanted.tensor.shape.dims == [n, n],
                case let all = wanted.tensor.doubles, let column = all.prefix(n).firstIndex(of: 1),
                (0..<n).allSatisfy({ r in (0..<n).allSatisfy { all[r * n + $0] == ($0 == column ? 1 : 0) } })
            else { continue }
            return column
        }
        return nil
    }

    /// A row of a batch that is compared with all of them is nearest to itself, unless the program leaves it out.
    private func nearestIsItself() -> Double {
        guard mixesRows else { return 0 }
        var most = 0.0
        for v in vertices where v.isProcessed && v.op?.name == "min" {
            guard let from = v.inputs.first.map({ vertices[$0] }), case let n = from.rows, n > 5,
                from.tensor.shape.dims == [n, n], v.tensor.count == n
            else { continue }
            let values = from.tensor.doubles
            let own = (0..<n).count { r in
                let diagonal = values[r * n + r]
                let next = (0..<n).filter { $0 != r }.map { values[r * n + $0] }.min() ?? 0
                return diagonal.isFinite && abs(diagonal) < 0.01 * next
            }
            most = max(most, Double(own) / Double(n))
        }
        return most
    }

    /// Whether the loss of two sides that meet no label goes to 0 with the embeddings' size.
    private func shrinksToNothing() -> Bool {
        guard sides.count == 2, !hasHead,
            !targets.contains(where: { vertices[$0].rows == vertices[sides[0].end].rows }),
            let now = vertices[loss].tensor.doubles.first, now > 0
        else { return false }
        var replaced: [Int: Tensor] = [:]
        for side in sides {
            guard let scale = try? Tensor(scalar: 1e-3),
                let z = try? Recording.paused({ try Operators.multiply(vertices[side.end].tensor.detached(), scale) })
            else { return false }
            replaced[side.end] = z.detached()
        }
        guard let y = try? Recording.paused({ try recomputed(replaced) }), let then = y.doubles.first else {
            return false
        }
        return then < 0.01 * now
    }

    /// Whether two views, which meet no label, cost no more where all rows are one point than where each row equals its other
    /// view and the rows stay apart.
    private func prefersOnePoint() -> Bool {
        guard sides.count == 2, !hasHead,
            !targets.contains(where: { vertices[$0].rows == vertices[sides[0].end].rows }),
            case let (a, b) = (vertices[sides[0].end].tensor, vertices[sides[1].end].tensor), a.shape == b.shape,
            a.rank == 2, a.shape[0] > 3
        else { return false }
        let (n, width, values) = (a.shape[0], a.shape[1], a.floats)
        let row = Array(values[0..<width])
        guard let one = try? Tensor(dims: [n, width], (0..<n).flatMap { _ in row }),
            (1..<n).contains(where: { r in (0..<width).contains { abs(values[r * width + $0] - row[$0]) > 1e-4 } }),
            let apart = try? Recording.paused({
                try recomputed([sides[0].end: a.detached(), sides[1].end: a.detached()])
            }).doubles.first,
            let together = try? Recording.paused({ try recomputed([sides[0].end: one, sides[1].end: one]) }).doubles
                .first,
            let now = vertices[loss].tensor.doubles.first
        else { return false }
        return together.isFinite && apart < now && abs(together - apart) < 1e-3 * abs(now - apart)
    }

    /// Of one output a row against labels of two kinds: the label at whose rows the loss has no slope anywhere.
    private func idleLabel(_ side: Side, _ o: Outputs?) -> Int? {
        guard let o, o.targetWidth == 1, Set(o.targets) == [0, 1], vertices[side.end].rows == o.rows,
            vertices[side.end].tensor.count == o.rows
        else { return nil }
        let outer = Recording.isOn
        defer { Recording.isOn = outer }
        Recording.isOn = true
        let leaf = vertices[side.end].tensor.detached().tracked()
        guard let y = try? recomputed([side.end: leaf]), y.count == 1,
            let slope = try? gradients(of: y, at: [leaf])[0]?.doubles, slope.count == o.rows
        else { return nil }
        for label in [0, 1] {
            let own = o.targets.indices.filter { Int(o.targets[$0]) == label }
            if own.count > 3, own.allSatisfy({ slope[$0] == 0 }),
                o.targets.indices.contains(where: { Int(o.targets[$0]) != label && slope[$0] != 0 })
            {
                return label
            }
        }
        return nil
    }

    /// Whether a vertex is the output of an operator, apart from changes of shape.
    private func made(by name: String, _ k: Int) -> Bool {
        var at = k
        while let op = vertices[at].op?.name, StepFacts.shaping.contains(op) || op == "negate",
            let first = vertices[at].inputs.first
        { at = first }
        return vertices[at].op?.name == name
    }

    /// Whether the score of two sides is computed by linear operators alone, up to the first that is combined with a label.
    private func isHeadLinear() -> Bool {
        guard hasHead, sides.count == 2, let first = sides.map(\.end).max() else { return false }
        var weights = 0
        for k in (first + 1)..<vertices.count where vertices[k].isProcessed {
            guard let name = vertices[k].op?.name else { continue }
            if StepFacts.weighted.contains(name) { weights += 1 }
            if StepFacts.linear.contains(name) { continue }
            // What makes a probability or a loss of the score.
            let isEnd = [
                "sigmoid", "softplus", "multiply", "bce_with_logits", "cross_entropy", "softmax", "log_softmax", "bce",
            ].contains(name)
            return isEnd && weights > 0
        }
        return false
    }

    /// Whether other rows of the end of a side change if one row is changed after the last weights.
    private func mixesInside(_ side: Side) -> Bool {
        guard let last = lastWeight(side), last < side.end, case let z = vertices[last].tensor, z.rank == 2,
            case let n = z.shape[0], n > 3, vertices[side.end].rows == n,
            let moved = try? z.detached().copied()
        else { return false }
        for c in 0..<z.shape[1] { moved.set(c, z[c] * 3 + 1) }
        guard let after = try? Recording.paused({ try recomputed([last: moved], to: side.end) }),
            after.count == vertices[side.end].tensor.count
        else { return false }
        let (old, new, width) = (vertices[side.end].tensor.doubles, after.doubles, after.count / n)
        // Columns that are centred over the batch are meant so, as by losses of covariances.
        let centred = (0..<width).count { c in
            let column = (0..<n).map { old[$0 * width + c] }
            return abs(column.reduce(0, +)) < 1e-3 * column.reduce(0) { $0 + abs($1) }
        }
        if centred * 2 > width { return false }
        let changed = (1..<n).count { r in
            (0..<width).contains {
                abs(old[r * width + $0] - new[r * width + $0]) > 1e-3 * max(abs(old[r * width + $0]), 1e-6)
            }
        }
        return changed * 2 > n
    }

    /// Of pairs: whether the number that meets a pair's label changes with the embedding of another pair.
    private func pairsMix() -> Bool {
        guard sides.count == 2, !mixesRows, let n = sides.first.map({ vertices[$0.end].rows }), n > 2 else {
            return false
        }
        guard let label = targets.first(where: { vertices[$0].tensor.count == n }),
            let meeting = consumers[label].first(where: { vertices[$0].isProcessed }),
            let distance = vertices[meeting].inputs.first(where: {
                vertices[$0].isProcessed && vertices[$0].tensor.count == n
            })
        else { return false }
        let z = vertices[sides[0].end].tensor
        guard z.rank == 2, z.shape[0] == n, let moved = try? z.detached().copied() else { return false }
        for c in 0..<z.shape[1] { moved.set(c, z[c] * 1.5 + 0.5) }
        guard let after = try? Recording.paused({ try recomputed([sides[0].end: moved], to: distance) }),
            after.count == n
        else {
            return false
        }
        let (old, new) = (vertices[distance].tensor.doubles, after.doubles)
        let changed = old.indices.filter { abs(old[$0] - new[$0]) > 1e-6 * max(abs(old[$0]), 1e-6) }
        return changed.count > 1 && changed.count * 2 > n
    }

    /// The column of the inputs that is a linear function of the targets.
    private static func leak(_ x: Tensor, _ o: Outputs) -> (column: Int, correlation: Double, next: Double)? {
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
    private static func markedClasses(_ x: Tensor, _ o: Outputs) -> Int? {
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

    private func lookAtInputs(_ x: Tensor, _ f: inout StepFacts) {
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
}
