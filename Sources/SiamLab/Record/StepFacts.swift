import SiamGradient
import SiamTensor

/// Figures read from the record of the first step, kept when the record itself has been released.
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
    /// Whether the outputs are probabilities of a softmax, and what reads them applies softmax again.
    var softmaxTwice: Bool {
        guard let first = end.firstIndex(of: "softmax"), outputWidth > 1 else { return false }
        return end[(first + 1)...].contains { $0.hasSuffix("softmax") }
            || readers.contains { ["cross_entropy", "softmax", "log_softmax", "logsumexp"].contains($0) }
    }
    /// Whether operators after the last weights make the output of a row depend on other rows.
    var mixesInside = false
    /// Whether a softmax of class scores sums to 1 over the rows of the batch instead of over the classes of a row.
    var softmaxOverRows = false
    /// Whether one pair's distance depends on other pairs of the batch.
    var mixesPairs = false
    /// Whether one distance is made of all pairs of the batch.
    var pairsAreOne = false
    /// Of embeddings of several lengths that are multiplied with one another: the largest length over the smallest, and the
    /// largest itself.
    var products: (lengths: Double, largest: Double)?
    /// Whether a net that is to give back its input is given it again behind its narrowest layer.
    var inputPassesCode = false
    /// Of a first loss that is not finite: the operator that made the first such number of finite ones, and how many of how
    /// many; without an operator a value that enters the step so.
    var notFinite: (op: String?, bad: Int, of: Int)?
    /// How differently the inputs of two sides lie that pass through the same weights; nil where there are no such sides.
    var sidesApart: SidesApart?
    /// Whether the inputs of two sides lie alike, whatever weights they pass through.
    var sidesAlike = false
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
    /// An operator between the net and the loss whose gradient is 0 everywhere.
    var flat: String?
    /// Parts of the batch that nothing minimized depends on.
    var unusedParts: [Int] = []
    /// The column of the inputs that gives the target by itself, and how closely.
    var leakingColumn: (column: Int, correlation: Double, next: Double)?
    /// How much better than the best constant the five nearest rows' targets tell a row's own: 0 where inputs say nothing.
    var neighbourGain: Double?

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
    static let flat: Set<String> = ["round", "floor", "ceil", "sign"]
    static let weighted: Set<String> = ["matmul", "affine", "conv2d", "conv_pool", "einsum"]
}

extension StepGraph {

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
        if task == .classification, outputs?.width == 1 { f.idleLabel = idleLabel(side, outputs) }
        let end = vertices[side.end].tensor
        f.rows = end.shape.dims.first ?? 0
        f.outputWidth = f.rows > 0 ? end.count / f.rows : 0
        let shaped =
            side.path.last { vertices[$0].op.map { !StepFacts.shaping.contains($0.name) } ?? false } ?? side.end
        f.widthBeforeShaping = vertices[shaped].rows > 0 ? vertices[shaped].tensor.count / vertices[shaped].rows : 0
        f.comparesWithItself = comparesWithItself
        f.viewsAreEqual = sides.count == 1 && mixesRows && viewsAreEqual
        lookAtLayers(side, &f)
        // Places to pick rows from have no scale.
        let isPicked = consumers[side.birth].allSatisfy { ["gather", "index"].contains(vertices[$0].op?.name ?? "") }
        if !isPicked { lookAtInputs(firstInput(side), &f) }
        if task == .reconstruction, let outputs { lookForNoise(firstInput(side).doubles, outputs, batch, &f) }
        if let outputs, !outputs.targets.isEmpty { lookAtTargets(outputs, &f) }
        f.clamped = side.path.map(clampedShare).max() ?? 0
        f.clampedBeforeLog = vertices.indices.map(clampedBeforeLog).max() ?? 0
        f.isMaskedAtEnd = isMasked(side)
        f.dropped = side.path.map { maskedShare($0) }.max() ?? 0
        f.mixesPairs = pairsMix()
        f.mixesInside = mixesInside(side)
        f.pairsAreOne = labelsMeetOneNumber()
        if task == .metric { f.products = products() }
        f.inputPassesCode = inputPassesCode()
        f.notFinite = firstNotFinite()
        f.headIsLinear = isHeadLinear()
        f.sigmoidTwice = takesSigmoidTwice
        f.softmaxOverRows = task == .classification && !mixesRows && takesSoftmaxOverRows
        f.isLogarithmic = vertices[(side.end + 1)...].contains {
            $0.isProcessed && StepFacts.logarithmic.contains($0.op?.name ?? "")
        }
        f.flat = vertices.first { $0.isProcessed && StepFacts.flat.contains($0.op?.name ?? "") }?.op?.name
        f.oneTarget = oneTarget()
        if sides.count == 2, let apart = SidesApart(self, sides[0], sides[1]) {
            f.sidesAlike = apart.scale < 1.5 && apart.shift < 0.5
            let weights = self.parameters(of: sides[0])
            if !weights.isEmpty, weights == self.parameters(of: sides[1]) { f.sidesApart = apart }
        }
        f.nearestIsItself = nearestIsItself()
        f.shrinksToNothing = shrinksToNothing()
        f.prefersOnePoint = prefersOnePoint()
        f.unusedParts = batch.indices.filter { k in !vertices.contains { $0.part == k } }
        if let o = outputs?.asNumbers(task), o.rows > 7, o.targetWidth == 1 {
            f.leakingColumn = StepGraph.leak(firstInput(side), o)
        }
        f.broadcasts = broadcast(side, f)
        return f
    }

    /// Layers with weights on the way, the narrowest of them, and those without an activation between.
    private func lookAtLayers(_ side: Side, _ f: inout StepFacts) {
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
    }
}
