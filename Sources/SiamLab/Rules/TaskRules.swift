import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of fully connected nets in general: ends and losses that do not fit the task, scales, lengths of runs.
    static var tasks: [Rule] { endsOfNets + lossesForTasks + dataOfTasks }

    private static var endsOfNets: [Rule] {
        [
            Rule(
                39, "softmax applied twice", seen: "The loss falls slowly and stops far above 0.",
                why:
                    "The loss takes logits and applies softmax itself. Outputs that are already probabilities differ by at most 1, so no class can get a probability near 1.",
                repair: "end the net with its last dense layer", traits: [.shownByStep],
                picture: { .bars([("largest output", $0.evidence.outputHigh), ("healthy logits reach", 5)]) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    if e.evidence.facts?.sigmoidTwice == true {
                        return "the score ends in sigmoid, and the loss applies sigmoid again"
                    }
                    guard e.evidence.facts?.softmaxTwice == true else { return nil }
                    return "the net ends in softmax, and the loss applies softmax again"
                }, changes: { withoutEnd($0, $0.evidence.facts?.sigmoidTwice == true ? ["sigmoid"] : ["softmax"]) },
                isPlain: { $0.facts?.sigmoidTwice == true && (!$0.isGood || $0.contradiction != nil) },
                isConclusive: { $0.facts?.sigmoidTwice == true || $0.facts?.softmaxTwice == true }),
            Rule(
                40, "outputs cannot reach the targets",
                seen: "The loss stays far above 0; outputs stick to a bound.",
                why:
                    "The last activation limits the range of the outputs, and some targets lie outside it. Near the limit the gradient is almost 0 as well.",
                repair: "no activation at the end of the net, or one whose range contains the targets",
                picture: {
                    .bars([
                        ("outputs up to", $0.evidence.outputHigh),
                        ("targets up to", $0.evidence.facts?.targetHigh ?? 0),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    if let norm = normOfOne(e) {
                        return "\(norm) over a single unit gives the same value for every input"
                    }
                    guard let f = e.evidence.facts, !f.broadcastsAlone, let range = range(of: f) else { return nil }
                    let isBeyond = isBeyond(range, f, 0.02)
                    let isOneUnit =
                        f.end.last { !StepFacts.shaping.contains($0) } == "softmax" && f.widthBeforeShaping == 1
                    if e.evidence.task == .classification, f.outputWidth > 1, range.name != "softmax",
                        f.readers.contains(where: { ["cross_entropy", "log_softmax", "softmax"].contains($0) })
                    {
                        return
                            "the class scores end in \(range.name), which keeps them between \(short(range.low)) and \(short(range.high)); softmax needs scores of any size"
                    }
                    if f.targetWidth > 1, f.end.last(where: { $0 != "clamp" }) == "softmax", let o = f.firstOutputs,
                        o.hasSeveralLabels
                    {
                        return
                            "the net ends in softmax, whose outputs sum to 1, and several targets of a row can be 1"
                    }
                    guard isBeyond || isOneUnit,
                        e.evidence.task == .regression || e.evidence.task == .reconstruction || isOneUnit
                            || e.evidence.task == .classification && f.targetKinds == 2
                    else { return nil }
                    if isOneUnit { return "softmax over a single unit is 1 for every input" }
                    return
                        "the net ends in \(range.name), so that outputs lie between \(short(range.low)) and \(short(range.high)), and targets between \(short(f.targetLow)) and \(short(f.targetHigh))"
                },
                changes: { e in
                    if let norm = normOfOne(e) { return withoutEnd(e, [norm]) }
                    guard let f = e.evidence.facts, let last = f.end.last(where: { !StepFacts.shaping.contains($0) })
                    else { return [] }
                    if last == "softmax",
                        f.widthBeforeShaping == 1 ? f.targetKinds == 2 : f.targetLow >= 0 && f.targetHigh <= 1
                    {
                        return replacingEnd(e, "softmax", "sigmoid")
                    }
                    return withoutEnd(e, Set(f.end).subtracting(StepFacts.shaping))
                },
                isPlain: { v in
                    v.task == .classification && v.facts?.end.last { !StepFacts.shaping.contains($0) } == "relu"
                        // Numbers above a range may be the weights of rows, which are read as targets here.
                        || v.task == .regression && !v.isGood
                            && v.facts.map { f in
                                range(of: f).map { f.targetLow < $0.low - 0.2 * (f.targetHigh - f.targetLow) } ?? false
                            } ?? false
                }),
            Rule(
                41, "no nonlinearity between layers", seen: "A deep net does no better than a single layer.",
                why:
                    "Linear layers without an activation between them are one linear map. More of such layers do not let the net compute more functions.",
                repair: "an activation after each hidden layer",
                traits: [.onlyByNames],
                picture: {
                    .bars([
                        ("layers", Double($0.evidence.facts?.layers ?? 0)),
                        ("without activation", Double($0.evidence.facts?.linearNeighbours ?? 0)),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    guard let f = e.evidence.facts,
                        !e.evidence.isGood || f.linearNeighbours > 0 && e.evidence.worth < 0.9
                    else { return nil }
                    if f.headIsLinear {
                        return
                            "the score of a pair is linear in both embeddings: each adds its own part, and nothing compares the two"
                    }
                    if f.layers == 1, e.evidence.isBehindReference, let r = e.evidence.reference, r.net == .plain {
                        return
                            "the network is one linear layer, and a plain network with one hidden layer reaches \(e.evidence.measure) \(short(r.worth))"
                    }
                    guard f.linearNeighbours > 0 else { return nil }
                    return
                        "\(f.linearNeighbours) of \(f.layers) layers are followed by another layer with no activation between them"
                }, changes: activationsBetween, isPlain: { $0.facts?.headIsLinear == true }),
        ]
    }

    private static var lossesForTasks: [Rule] {
        [
            Rule(
                42, "loss does not fit the task", seen: "The loss falls, and the score of interest does not improve.",
                why:
                    "A squared error treats class numbers as amounts, and a cross-entropy has no meaning for outputs that are not probabilities. The minimum of such a loss is not a solution of the task.",
                repair: "cross_entropy of logits for classes, bce_with_logits for yes or no, mse for numbers",
                picture: {
                    .bars([
                        ("output width", Double($0.evidence.facts?.outputWidth ?? 0)),
                        ("distinct target values", Double($0.evidence.facts?.targetKinds ?? 0)),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    guard let f = e.evidence.facts, e.evidence.taskScore != nil || f.clampedBeforeLog > 0.1 else {
                        return nil
                    }
                    // Numbers that are rounded to classes, nearly all of them to the right one.
                    if e.evidence.isGood, e.evidence.task == .regression,
                        e.evidence.figures.contains(where: {
                            $0.isComparable && $0.worth > 0.9 && $0.trainedShare < 0.05
                        })
                    {
                        return nil
                    }
                    return misfit(e, f)
                }, changes: otherLosses,
                isPlain: { v in
                    v.task == .regression && v.heldClasses > 2 && v.facts?.targetsAreWhole == true && !v.isGood
                }, isConclusive: { $0.comparesClassNumbers || $0.facts?.idleLabel != nil && !$0.isGood }),
            noBias,
            Rule(
                104, "softmax over the batch", seen: "The loss falls slowly, and accuracy is lower than it could be.",
                why:
                    "The softmax of the class scores runs over axis 0, the rows of the batch. The classes of a row then do not compete, and each row's probabilities depend on the other rows.",
                repair: "softmax along the classes:  softmax(scores), or axis = -1", traits: [.shownByStep],
                picture: {
                    .bars([
                        ("rows of a batch", Double($0.evidence.facts?.rows ?? 0)),
                        ("classes", Double($0.evidence.facts?.outputWidth ?? 0)),
                    ])
                },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    guard e.evidence.facts?.softmaxOverRows == true else { return nil }
                    return
                        "the column of each class sums to 1 over the rows of the batch, instead of each row over the classes"
                }, changes: softmaxAlongClasses, isPlain: { _ in true },
                isConclusive: { $0.facts?.softmaxOverRows == true }),
            Rule(
                43, "targets unscaled", seen: "The initial loss is huge; outputs stay near one constant.",
                why:
                    "Gradients grow with the size of the targets. Large steps saturate the net, or it needs very many steps until its outputs reach the size of the targets.",
                repair: "train on (y - mean) / standard deviation, and convert predictions back",
                picture: { .bars([("targets", $0.evidence.facts?.targetScale ?? 0), ("healthy", 1)]) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    if let f = e.evidence.facts, e.evidence.task == .regression, f.targetColumnRatio > 30 {
                        return
                            "the standard deviations of the target's columns differ by a factor of \(short(f.targetColumnRatio)): the largest column makes nearly all of the loss"
                    }
                    guard let f = e.evidence.facts, e.evidence.task == .regression,
                        f.targetScale > 8 || f.targetScale < 0.02,
                        f.targetScale > 0
                    else { return nil }
                    return "targets have root mean square \(short(f.targetScale))"
                }, changes: scaleTargets),
            Rule(
                44, "labels broadcast against outputs",
                seen: "The net predicts the mean of the targets for every input.",
                why:
                    "N x 1 outputs minus N targets broadcast to N x N differences. Every output is compared with every target, and the loss is lowest where every output is the mean.",
                repair: "give both the same shape:  squeeze(net(x), 1)", traits: [.shownByStep],
                picture: {
                    .bars([("standard deviation, outputs / targets", $0.evidence.outputSpread), ("healthy", 1)])
                },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    e.evidence.facts?.broadcasts.map { "shapes \($0) are broadcast against each other in the loss" }
                }, changes: squeezeOutputs, isPlain: { $0.facts?.broadcasts != nil }),
        ]
    }

    /// Tried where nothing more specific is shown to be the cause.
    static var amountsOfTraining: [Rule] {
        [
            Rule(
                74, "training stopped too early", seen: "The run stops after a small part of its steps.",
                why:
                    "The run has early stopping, and it stops while the net still learns. Its patience is too short, its smallest improvement too large, or it watches a number that should move the other way.",
                repair: "more patience and a smaller least improvement, or no early stopping",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.end,
                sign: { e in
                    let v = e.evidence
                    if let b = v.brokenOff, !v.isGood || v.isBehindReference {
                        return "a break ended the loop after \(b.done) of \(b.planned) iterations"
                    }
                    guard v.stopped == .broken, !v.isGood || v.isBehindReference, !ruleOfStop(e.wiring).isEmpty else {
                        return nil
                    }
                    return "the run stopped early, after \(v.steps) steps"
                },
                changes: { e in
                    ruleOfStop(e.wiring).map { change in
                        guard let b = e.evidence.brokenOff else { return change }
                        var longer = change
                        longer.lengthens = min(40, Double(b.planned) / Double(max(1, b.done)))
                        return longer
                    }
                }),
            Rule(
                47, "too few steps", seen: "The loss is still falling when the run ends.",
                why: "The run ends before the net has converged. More of the same steps help.",
                repair: "more steps or epochs",
                traits: [.lastResort, .namesLength],
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.end,
                sign: { e in
                    let v = e.evidence
                    guard v.isFinite, v.isJudged, case let floor = max(v.startWorth, v.constantWorth),
                        v.worth < floor + 0.3 * (1 - floor) || v.isBehindReference, v.loss.count > 1,
                        // Where a standard training does no better, what is left is the task's.
                        v.reference.map({ v.worth < $0.worth }) ?? true || v.worth < floor + 0.05,
                        let fall = v.fallAtEnd,
                        fall > 0.04 || v.loss.count < 200, !v.isCollapsed,
                        v.lastLoss < 1.05 * v.firstLoss
                    else { return nil }
                    return "the loss fell by \(short(100 * fall)) % over the last quarter of \(v.steps) steps"
                }, changes: longerRuns, eases: { $1.worth > $0.worth }),
            Rule(
                48, "batch too large or too small", seen: "Few updates per epoch, or updates that are mostly noise.",
                why:
                    "A batch of all data gives one step per epoch. Batches of one row give noisy steps that partly cancel.",
                repair: "16 to 64 rows per batch",
                traits: [.lastResort],
                picture: { .bars([("rows of a batch", Double($0.evidence.batch)), ("usual", 32)]) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    let rows = e.evidence.batch
                    guard e.evidence.isJudgedByTask || e.evidence.isWeak, !e.evidence.isGood, rows > 0,
                        rows <= 2 || rows >= 256
                    else {
                        return nil
                    }
                    return "batches of \(rows) \(rows == 1 ? "row" : "rows")"
                }, changes: otherBatches),
            Rule(
                49, "optimizer does not fit",
                seen: "The loss hardly falls with plain SGD at any stable learning rate.",
                why:
                    "Gradients of different layers differ by orders of magnitude. One learning rate for all is too high for some and too low for others.",
                repair: "adam(0.001)",
                traits: [.lastResort],
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    let v = e.evidence
                    guard v.isJudgedByTask, v.isFinite, !v.isGood, e.wiring.optimizerKind?.scalesSteps != true,
                        v.worth < max(v.startWorth, v.constantWorth) + 0.3
                    else { return nil }
                    return
                        "the loss fell to \(short(v.lastLoss / max(v.firstLoss, 1e-12))) of its initial value with steps that are proportional to the gradients"
                },
                changes: { e in
                    guard e.wiring.optimizer.call != nil else { return [] }
                    return [
                        Change(
                            label: "adam(0.001)", edits: [e.wiring.optimizer.replaced(by: "adam(0.001)")],
                            isGeneric: true)
                    ]
                }, eases: { $1.worth > $0.worth }),
            Rule(
                50, "saturated activations", seen: "The weights of the first layers hardly change.",
                why:
                    "Each sigmoid passes on at most a quarter of the gradient. Through several of them almost none of it reaches the first layers.",
                repair: "relu in the hidden layers",
                picture: { .bars([("saturated at the start", $0.evidence.saturated), ("healthy", 0)]) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    let names = e.wiring.stages.dropLast().map(\.name).filter {
                        $0 == "sigmoid" || $0 == "tanh" || $0 == "softmax"
                    }
                    guard e.evidence.isJudgedByTask, !e.evidence.isGood,
                        names.count >= 2 || names.contains("softmax") || e.evidence.saturated > 0.5 && !names.isEmpty,
                        // Two layers of tanh that are not saturated train well.
                        names.count > 3 || !names.allSatisfy({ $0 == "tanh" }) || e.evidence.saturated > 0.1
                    else { return nil }
                    return "\(names.count) hidden layers end in \(Set(names).sorted().joined(separator: " or "))"
                },
                changes: { e in
                    let hidden = e.wiring.stages.dropLast().filter { ["sigmoid", "tanh", "softmax"].contains($0.name) }
                    let edits = hidden.map { $0.spot.replaced(by: "relu") }
                    return edits.isEmpty ? [] : [Change(label: "relu in the hidden layers", edits: unique(edits))]
                }),
        ]
    }

    /// The norm over the numbers of a row at the end of a net that has one output.
    private static func normOfOne(_ e: Examination) -> String? {
        guard e.evidence.facts?.outputWidth == 1, !e.evidence.isGood else { return nil }
        let ends = e.wiring.train.nets.compactMap { e.wiring.stages(ofNet: $0).last?.name }
        return ends.first { ["layernorm", "l2norm"].contains($0) }
    }

    /// Whether targets lie outside of a range by more than a share of their own.
    private static func isBeyond(_ range: (name: String, low: Double, high: Double), _ f: StepFacts, _ share: Double)
        -> Bool
    {
        let width = max(f.targetHigh - f.targetLow, 1e-9)
        return f.targetLow < range.low - share * width || f.targetHigh > range.high + share * width
    }

    /// What a last activation leaves of the numbers.
    private static func range(of f: StepFacts) -> (name: String, low: Double, high: Double)? {
        for name in f.end.reversed() {
            switch name {
            case "sigmoid": return (name, 0, 1)
            case "softmax": return (name, 0, 1)
            case "tanh", "l2norm": return (name, -1, 1)
            case "relu", "softplus", "abs", "exp": return (name, 0, .infinity)
            default:
                if StepFacts.shaping.contains(name) { continue }
                return nil
            }
        }
        return nil
    }

    /// Why the loss is not one for what it is given; nil where it is.
    private static func misfit(_ e: Examination, _ f: StepFacts) -> String? {
        let name = e.wiring.lossName
        let isSquared = !f.isLogarithmic && !["hinge"].contains(name)
        if let label = f.idleLabel {
            return
                "rows of label \(label) have no effect on the loss, whatever the net predicts: the loss lacks their term, or expects labels -1 and 1"
        }
        if f.targetWidth > 1, f.targetWidth == f.outputWidth, f.isLogarithmic, let o = f.firstOutputs,
            f.readers.contains(where: { ["cross_entropy", "log_softmax", "softmax", "logsumexp"].contains($0) }),
            o.targets.allSatisfy({ $0 == 0 || $0 == 1 }), o.rowsOfOne < o.rows * 9 / 10
        {
            return
                "softmax outputs sum to 1 over the classes, and \(short(100 * Double(o.rows - o.rowsOfOne) / Double(o.rows))) % of the rows have several labels or none"
        }
        if f.targetsAreWhole, f.targetWidth == 1, f.outputWidth == 1, f.targetKinds > 2, f.targetKinds <= 30,
            f.targetLow >= 0,
            isSquared, e.evidence.isFinite
        {
            return "a single output is compared with \(f.targetKinds) different class numbers as if they were amounts"
        }
        if f.targetKinds > 2, ["bce", "bce_with_logits", "hinge"].contains(name), f.outputWidth == 1 {
            return "\(name) expects targets 0 and 1, and got \(f.targetKinds) different values"
        }
        if !f.targetsAreWhole, name == "cross_entropy" || name == "bce" || name == "bce_with_logits",
            e.evidence.task == .regression
        {
            return
                "\(name) is a loss for classes, and the targets are numbers from \(short(f.targetLow)) to \(short(f.targetHigh))"
        }
        if name == "bce", f.clamped > 0.05 {
            return
                "bce expects probabilities, and \(short(100 * f.clamped)) % of the outputs are outside 0 to 1 and get clamped"
        }
        if name != "bce", f.clampedBeforeLog > 0.1 {
            return
                "the loss takes the logarithm of a probability, and \(short(100 * f.clampedBeforeLog)) % of the values that it is given are outside 0 to 1 and get clamped"
        }
        if name == "bce", let o = f.firstOutputs, o.values.contains(where: { $0 < 0 || $0 > 1 }) {
            return
                "bce expects probabilities, and the outputs lie between \(short(o.values.min() ?? 0)) and \(short(o.values.max() ?? 0))"
        }
        if f.targetWidth == 1, f.targetsAreWhole, f.targetKinds > 2, f.outputWidth > 1, isSquared, f.broadcasts == nil,
            f.targetKinds <= f.outputWidth
        {
            return "\(f.outputWidth) outputs per row are compared with one class number"
        }
        return nil
    }
}

extension StepFacts {
    /// Whether shapes that broadcast explain what is seen.
    var broadcastsAlone: Bool { broadcasts != nil }
}

extension Evidence {
    /// By how much of itself the loss fell over the last quarter of the run.
    var fallAtEnd: Double? {
        // Of a handful of steps it is what they did altogether.
        if (3..<8).contains(loss.count), let first = loss.first, let last = loss.last, first > 0, last.isFinite {
            return Double((first - last) / first)
        }
        guard loss.count >= 8 else { return nil }
        let quarter = max(2, loss.count / 4)
        func mean(_ part: ArraySlice<Float>) -> Double {
            part.reduce(0) { $0 + Double($1) } / Double(max(1, part.count))
        }
        let last = loss.suffix(quarter)
        let (first, second) = (mean(last.prefix(quarter / 2)), mean(last.suffix(quarter / 2)))
        guard first > 0, first.isFinite, second.isFinite else { return nil }
        return (first - second) / first
    }
}
