import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of fully connected nets in general: ends and losses that do not fit the task, scales, lengths of runs.
    static var tasks: [Rule] { endsOfNets + lossesForTasks }

    private static var endsOfNets: [Rule] {
        [
            Rule(
                39, "softmax applied twice", seen: "The loss falls slowly and stops far above 0.",
                why:
                    "The loss takes scores and applies softmax itself. Scores that are probabilities already differ by at most 1, so that no class can get nearly all of the probability.",
                repair: "end the net in its last dense layer",
                picture: { .bars([("largest output", $0.evidence.outputHigh), ("healthy scores reach", 5)]) },
                onset: Onset.start,
                sign: { e in
                    guard let f = e.evidence.facts, let first = f.end.firstIndex(of: "softmax"), f.outputWidth > 1,
                        f.end[(first + 1)...].contains(where: { $0.hasSuffix("softmax") })
                            || f.readers.contains(where: {
                                ["cross_entropy", "softmax", "log_softmax", "logsumexp"].contains($0)
                            })
                    else { return nil }
                    return "the net ends in softmax, and the loss takes softmax of its outputs again"
                }, changes: { withoutEnd($0, ["softmax"]) }),
            Rule(
                40, "outputs cannot reach the targets",
                seen: "The loss stands still far from 0; outputs stick to a bound.",
                why:
                    "The last activation bounds the outputs, and targets lie beyond the bound. Past it there is no gradient either.",
                repair: "no activation at the end of the net, or one whose range holds the targets",
                picture: {
                    .bars([
                        ("outputs up to", $0.evidence.outputHigh),
                        ("targets up to", $0.evidence.facts?.targetHigh ?? 0),
                    ])
                },
                onset: Onset.start,
                sign: { e in
                    guard let f = e.evidence.facts, !f.broadcastsAlone, let range = range(of: f) else { return nil }
                    let width = max(f.targetHigh - f.targetLow, 1e-9)
                    let isBeyond = f.targetLow < range.low - 0.02 * width || f.targetHigh > range.high + 0.02 * width
                    let isOneUnit =
                        f.end.last { !StepFacts.shaping.contains($0) } == "softmax" && f.widthBeforeShaping == 1
                    if e.evidence.task == .classification, f.outputWidth > 1, range.name != "softmax",
                        f.readers.contains(where: { ["cross_entropy", "log_softmax", "softmax"].contains($0) })
                    {
                        return
                            "the scores of classes end in \(range.name), which keeps them between \(short(range.low)) and \(short(range.high)); softmax needs scores of any size"
                    }
                    if f.targetWidth > 1, f.end.last(where: { $0 != "clamp" }) == "softmax", let o = f.firstOutputs,
                        o.hasSeveralLabels
                    {
                        return
                            "the net ends in softmax, which shares 1 among the outputs, and several targets of a row can be 1"
                    }
                    guard isBeyond || isOneUnit,
                        e.evidence.task == .regression || e.evidence.task == .reconstruction || isOneUnit
                            || e.evidence.task == .classification && f.targetKinds == 2
                    else { return nil }
                    if isOneUnit { return "softmax over a single unit is 1 whatever the input" }
                    return
                        "the net ends in \(range.name), so that outputs lie between \(short(range.low)) and \(short(range.high)), and targets between \(short(f.targetLow)) and \(short(f.targetHigh))"
                },
                changes: { e in
                    guard let f = e.evidence.facts, let last = f.end.last(where: { !StepFacts.shaping.contains($0) })
                    else { return [] }
                    if last == "softmax",
                        f.widthBeforeShaping == 1 ? f.targetKinds == 2 : f.targetLow >= 0 && f.targetHigh <= 1
                    {
                        return replacingEnd(e, "softmax", "sigmoid")
                    }
                    return withoutEnd(e, Set(f.end))
                }),
            Rule(
                41, "no nonlinearity between layers", seen: "A deep net does no better than a single layer.",
                why:
                    "Layers with nothing but weights between them are one linear map. Adding such layers adds no functions that the net can compute.",
                repair: "an activation behind each hidden layer",
                picture: {
                    .bars([
                        ("layers", Double($0.evidence.facts?.layers ?? 0)),
                        ("joined to the next", Double($0.evidence.facts?.linearNeighbours ?? 0)),
                    ])
                },
                onset: Onset.start,
                sign: { e in
                    guard let f = e.evidence.facts, !e.evidence.isGood else { return nil }
                    if f.headIsLinear {
                        return
                            "the score of a pair is linear in both embeddings: each adds its own part, and nothing compares them"
                    }
                    guard f.linearNeighbours > 0 else { return nil }
                    return
                        "\(f.linearNeighbours) of \(f.layers) layers are followed by another layer with no activation between them"
                }, changes: activationsBetween),
        ]
    }

    private static var lossesForTasks: [Rule] {
        [
            Rule(
                42, "loss does not fit the task", seen: "The loss falls, and the measure that counts does not improve.",
                why:
                    "A squared error treats class numbers as amounts, and a cross-entropy of outputs that are no probabilities has no meaning. The minimum of such a loss is not what is wanted.",
                repair: "cross_entropy of class scores for classes, bce_with_logits for yes or no, mse for numbers",
                picture: {
                    .bars([
                        ("output width", Double($0.evidence.facts?.outputWidth ?? 0)),
                        ("kinds of targets", Double($0.evidence.facts?.targetKinds ?? 0)),
                    ])
                },
                onset: Onset.start,
                sign: { e in
                    guard let f = e.evidence.facts, e.evidence.taskScore != nil else { return nil }
                    return misfit(e, f)
                }, changes: otherLosses),
            Rule(
                43, "targets unscaled", seen: "The loss begins huge; outputs stay near one constant.",
                why:
                    "Gradients are as large as the targets. Steps throw the net into a corner, or it needs very many of them to reach the targets' size.",
                repair: "train on (y - mean) / deviation, and turn predictions back",
                picture: { .bars([("targets", $0.evidence.facts?.targetScale ?? 0), ("healthy", 1)]) },
                onset: Onset.start,
                sign: { e in
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
                    "N x 1 outputs against N targets make an N x N difference. Every output is compared with every target, and the best answer to that is the mean.",
                repair: "one shape for both:  squeeze(net(x), 1)",
                picture: { .bars([("deviation of outputs to targets", $0.evidence.outputSpread), ("healthy", 1)]) },
                onset: Onset.firstStep,
                sign: { e in
                    e.evidence.facts?.broadcasts.map { "shapes \($0) meet in the loss and become a square" }
                }, changes: squeezeOutputs, isPlain: { $0.facts?.broadcasts != nil }),
            Rule(
                45, "class imbalance", seen: "The net answers the most frequent class for every input.",
                why:
                    "Nearly all examples are of one class, and answering it always costs little. The rest gives little gradient.",
                repair: "batches with as many examples of each class:  balanced(data, classes, each)",
                picture: {
                    .shares([
                        ("largest class", $0.evidence.facts?.largestShare ?? 0),
                        ("others", 1 - ($0.evidence.facts?.largestShare ?? 0)),
                    ])
                },
                onset: { _ in "in the first batch" },
                sign: { e in
                    guard let f = e.evidence.facts, e.evidence.task == .classification, f.largestShare > 0.85,
                        f.rows > 7,
                        let s = e.evidence.taskScore,
                        s.worth < s.constant + 0.03 || s.isBalanced && (e.evidence.isWeak || s.worth < 0.75)
                    else { return nil }
                    return s.isBalanced
                        ? "\(short(100 * f.largestShare)) % of the first batch are of one class, and balanced accuracy is \(short(s.worth))"
                        : "\(short(100 * f.largestShare)) % of the first batch are of one class, and the net answers it as often as that class occurs"
                }, isPlain: { _ in true }),
            Rule(
                57, "label leaks as an input column", .measured,
                seen: "Scores are nearly perfect from the first epochs.",
                why:
                    "One column of the inputs is the target itself. New rows will not have it, and the net has learnt nothing else.",
                repair: "leave the column out of the inputs",
                picture: {
                    .bars([
                        ("correlation with the target", $0.evidence.facts?.leakingColumn?.correlation ?? 0),
                        ("of 1", 1),
                    ])
                },
                onset: Onset.start,
                sign: { e in
                    if let column = e.evidence.numbering {
                        return
                            "column \(column) of the inputs numbers the rows, which stand in the order of their classes"
                    }
                    guard let leak = e.evidence.facts?.leakingColumn, leak.correlation > 0.9999,
                        e.evidence.task == .classification || e.evidence.task == .regression,
                        (e.evidence.facts?.layers ?? 0) > 1
                    else { return nil }
                    return
                        "column \(leak.column) of the inputs and the target are in a straight line: correlation \(short(leak.correlation))"
                }),
            Rule(
                68, "outliers in the data",
                seen: "The loss is huge or stands still, and errors of most rows are large.",
                why:
                    "A few cells are far outside of all others, as typing errors or codes for missing values are. They decide what the scaling and the squared error look at.",
                repair:
                    "drop or mend these cells, mark missing values as such, or take a loss that bounds them, as huber does",
                traits: [.toldByOutcome],
                picture: {
                    .bars([
                        ("furthest value", abs($0.evidence.outlier?.value ?? 0)),
                        (
                            "usual",
                            max(abs($0.evidence.outlier?.usual.low ?? 0), abs($0.evidence.outlier?.usual.high ?? 0))
                        ),
                    ])
                },
                onset: Onset.start,
                sign: { e in
                    guard let o = e.evidence.outlier, e.evidence.isWeak else { return nil }
                    let place = o.column.map { "column \($0) of the inputs" } ?? "the targets"
                    return
                        "\(short(100 * o.share)) % of \(place) lie far outside, as \(short(o.value)) does; the middle half lies between \(short(o.usual.low)) and \(short(o.usual.high))"
                }, changes: huberForSquares, isPlain: { _ in true }),
            Rule(
                70, "vanishing gradients", seen: "The loss stands still from the start; the first layers hardly move.",
                why:
                    "Each sigmoid or tanh on the way back shrinks the gradient. Behind several of them the first layers get next to none of it.",
                repair: "relu in the hidden layers, with weights that begin as he draws them",
                traits: [.shownByStep],
                picture: {
                    .bars([
                        ("gradient of the first layer, of the last", $0.evidence.gradientRatio ?? 0),
                        ("healthy from", 0.01),
                    ])
                },
                onset: Onset.firstStep,
                sign: { e in
                    guard let ratio = e.evidence.gradientRatio, ratio < 0.001, e.evidence.isWeak, e.evidence.isFinite
                    else { return nil }
                    return
                        "at the first step the gradient of the first weights is \(short(ratio)) of that of the last ones, each against the size of its weights"
                }, changes: hiddenRelu, isConclusive: { $0.isWeak && $0.gradientRatio ?? 1 < 0.001 }),
            Rule(
                69, "classes missing from the training", .measured,
                seen: "Held-out accuracy is low for some classes and right for the others.",
                why:
                    "Training examples of some classes were filtered or cut away. The net never saw them and answers one of the others.",
                repair: "train on examples of every class:  split(data, 0.8) shuffles before it cuts",
                picture: { .bars([("classes missing", Double($0.evidence.missingClasses.count)), ("healthy", 0)]) },
                onset: Onset.start,
                sign: { e in
                    let missing = e.evidence.missingClasses
                    guard !missing.isEmpty, missing.count * 4 >= e.evidence.heldClasses,
                        e.evidence.task == .classification || e.evidence.isWeak
                    else { return nil }
                    let names = missing.prefix(6).map(String.init).joined(separator: ", ")
                    return
                        "\(missing.count) of the held-out classes have no training example: \(names)\(missing.count > 6 ? ", ..." : "")"
                }),
            Rule(
                58, "targets do not belong to the inputs",
                seen: "Training rows are learnt no better than held-out rows.",
                why:
                    "Inputs and targets were drawn or shuffled apart, or what would tell the target was cut off before the net. A row's input says nothing about its target.",
                repair: "shuffle inputs and targets by one and the same permutation",
                picture: {
                    .bars([
                        ("told by near rows, beyond a constant", max($0.evidence.neighbourGain ?? 0, 0)),
                        ("useful from", 0.2),
                    ])
                },
                onset: Onset.start,
                sign: { e in
                    let v = e.evidence
                    guard v.isJudgedByTask, v.taskScore?.isBalanced != true, let gain = v.neighbourGain, gain < 0.05,
                        let s = v.taskScore, v.isFinite,
                        s.worth < s.constant + 0.1, (v.taskOwn?.worth ?? s.worth) < s.constant + 0.25
                    else { return nil }
                    return "the five nearest rows tell a row's target no better than a constant does"
                }, isPlain: { _ in true }),
            Rule(
                59, "batches sorted by class",
                seen: "The loss of each batch falls, and rises again with the next class.",
                why: "Each batch holds one class. The net unlearns every other class while it learns this one.",
                repair: "draw batches in random order:  batches(data, 32)",
                traits: [.shownByStep],
                picture: { .shares([("largest class of the first batch", $0.evidence.facts?.largestShare ?? 0)]) },
                onset: { _ in "in the first batch" },
                sign: { e in
                    guard let f = e.evidence.facts, e.evidence.task == .classification, f.rows >= 8, f.outputWidth > 2,
                        let o = f.firstOutputs, Set(TaskScore.wanted(o)).count == 1
                    else { return nil }
                    return "all \(f.rows) rows of the first batch have one class"
                }, isPlain: { _ in true }, isConclusive: { !$0.isGood }),
            Rule(
                65, "evaluation does not fit the training", .measured,
                seen: "The loss falls as it should, and the figure at the end is no better than chance.",
                why:
                    "The figure is taken of something else than what was trained. It may be an untrained copy, inputs that are scaled or laid out in another way, another distance, or a comparison that is turned round.",
                repair:
                    "measure the trained net, on inputs prepared as in training, by the distance that the loss compares",
                traits: [.ofTheEvaluation],
                picture: {
                    let f = $0.evidence.strangeFigure
                    return .bars([("own figure, trained", f?.trained ?? 0), ("untrained", f?.untrained ?? 0)])
                },
                onset: { _ in "behind the training" },
                sign: { e in
                    let v = e.evidence
                    // Rows that were trained on say nothing of others, unless these reach the net in another size.
                    guard v.isFinite, let f = v.strangeFigure,
                        v.isOfOtherSize(f) || !v.isJudgedOnTraining && v.taskScore?.isBalanced != true
                    else {
                        return nil
                    }
                    let net =
                        "\(v.measure) of the net on \(v.isJudgedOnTraining ? "training" : "held-out") rows is \(short(v.standing))"
                    if f.trained == f.untrained {
                        return
                            "\(f.text) is \(short(f.trained)), the very same with untrained weights: it does not measure the trained net; \(net)"
                    }
                    if v.isOfOtherSize(f) {
                        return
                            "\(f.text) is \(short(f.trained)), \(short(f.untrained)) with untrained weights: there the first weights are given inputs of size \(f.inputScales.map(short).joined(separator: " and ")), in training \(short(v.facts?.inputScale ?? 0)); \(net)"
                    }
                    return
                        "\(f.text) is \(short(f.trained)), \(short(f.untrained)) with untrained weights; \(net)"
                }),
            Rule(
                46, "labels of other rows", seen: "Outputs are good by the training labels and wrong by the data's.",
                why:
                    "The class numbers that the loss is given are not those that the data has for these rows. The net learns the wrong answer for each of them.",
                repair: "give the loss the data's own class numbers",
                picture: {
                    .shares([
                        ("changed labels", $0.evidence.relabelled), ("as in the data", 1 - $0.evidence.relabelled),
                    ])
                },
                onset: Onset.start,
                sign: { e in
                    let v = e.evidence
                    guard v.relabelled > 0.2 else { return nil }
                    let what = v.facts?.sides ?? 1 > 1 ? "pairs" : "rows"
                    return
                        "\(short(100 * v.relabelled)) % of the \(what) reach the loss with another label than the data has for them"
                }, changes: ownLabels, isPlain: { $0.relabelled > 0.2 },
                isConclusive: { $0.relabelled > 0.2 && $0.task == .classification }),
        ]
    }

    /// Tried where nothing more specific is shown to be the cause.
    static var amountsOfTraining: [Rule] {
        [
            Rule(
                47, "too few steps", seen: "The loss is still falling when the run ends.",
                why: "The run ends before the net has learnt what it could. More of the same steps help.",
                repair: "more steps or epochs",
                traits: [.lastResort],
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                onset: Onset.end,
                sign: { e in
                    let v = e.evidence
                    guard v.isFinite, v.isJudged, case let floor = max(v.startWorth, v.constantWorth),
                        v.worth < floor + 0.3 * (1 - floor) || v.isBehindReference, v.loss.count > 1,
                        let fall = v.fallAtEnd,
                        fall > 0.04 || v.loss.count < 200, !v.isCollapsed,
                        v.lastLoss < 1.05 * v.firstLoss
                    else { return nil }
                    return "the loss fell by \(short(100 * fall)) % over the last quarter of \(v.steps) steps"
                }, changes: longerRuns, eases: { $1.worth > $0.worth }),
            Rule(
                48, "batch too large or too small", seen: "Few updates an epoch, or updates that are mostly noise.",
                why:
                    "A batch of all data makes one step an epoch. A batch of one row makes steps that undo one another.",
                repair: "16 to 64 rows a batch",
                traits: [.lastResort],
                picture: { .bars([("rows of a batch", Double($0.evidence.batch)), ("usual", 32)]) },
                onset: Onset.firstStep,
                sign: { e in
                    let rows = e.evidence.batch
                    guard e.evidence.isJudgedByTask, !e.evidence.isGood, rows > 0, rows <= 2 || rows >= 256 else {
                        return nil
                    }
                    return "batches of \(rows) \(rows == 1 ? "row" : "rows")"
                }, changes: otherBatches),
            Rule(
                49, "optimizer does not fit",
                seen: "The loss hardly falls with plain descent at any rate that is stable.",
                why:
                    "Gradients of different layers differ by decades in size. One rate for all is too high for some and too low for others.",
                repair: "adam(0.001)",
                traits: [.lastResort],
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                onset: Onset.firstStep,
                sign: { e in
                    let v = e.evidence
                    guard v.isJudgedByTask, v.isFinite, !v.isGood, e.wiring.optimizerKind?.scalesSteps != true,
                        v.worth < max(v.startWorth, v.constantWorth) + 0.3
                    else { return nil }
                    return
                        "the loss fell to \(short(v.lastLoss / max(v.firstLoss, 1e-12))) of its start with steps that are proportional to the gradients"
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
                50, "saturated activations", seen: "The first layers hardly change.",
                why:
                    "Each sigmoid passes at most a quarter of the gradient on. Behind several of them the first layers are given next to none.",
                repair: "relu in the hidden layers",
                picture: { .bars([("saturated at the start", $0.evidence.saturated), ("healthy", 0)]) },
                onset: Onset.start,
                sign: { e in
                    let names = e.wiring.stages.dropLast().map(\.name).filter {
                        $0 == "sigmoid" || $0 == "tanh" || $0 == "softmax"
                    }
                    guard e.evidence.isJudgedByTask, !e.evidence.isGood,
                        names.count >= 2 || names.contains("softmax") || e.evidence.saturated > 0.5 && !names.isEmpty
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

    /// What a last activation leaves of the numbers.
    private static func range(of f: StepFacts) -> (name: String, low: Double, high: Double)? {
        for name in f.end.reversed() {
            switch name {
            case "sigmoid": return (name, 0, 1)
            case "softmax": return (name, 0, 1)
            case "tanh": return (name, -1, 1)
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
                "rows of label \(label) have no effect on the loss, whatever the net answers there: it wants labels -1 and 1"
        }
        if f.targetWidth > 1, f.targetWidth == f.outputWidth, f.isLogarithmic, let o = f.firstOutputs,
            f.readers.contains(where: { ["cross_entropy", "log_softmax", "softmax", "logsumexp"].contains($0) }),
            o.targets.allSatisfy({ $0 == 0 || $0 == 1 }), o.rowsOfOne < o.rows * 9 / 10
        {
            return
                "softmax shares one probability among the classes, and \(short(100 * Double(o.rows - o.rowsOfOne) / Double(o.rows))) % of the rows have several labels or none"
        }
        if f.targetsAreWhole, f.targetWidth == 1, f.outputWidth == 1, f.targetKinds > 2, f.targetKinds <= 30,
            f.targetLow >= 0,
            isSquared, e.evidence.isFinite
        {
            return "outputs of one number are compared with \(f.targetKinds) class numbers as if these were amounts"
        }
        if f.targetKinds > 2, ["bce", "bce_with_logits", "hinge"].contains(name), f.outputWidth == 1 {
            return "\(name) takes targets of 0 and 1, and got \(f.targetKinds) different ones"
        }
        if !f.targetsAreWhole, name == "cross_entropy" || name == "bce" || name == "bce_with_logits",
            e.evidence.task == .regression
        {
            return
                "\(name) is a loss for classes, and the targets are numbers from \(short(f.targetLow)) to \(short(f.targetHigh))"
        }
        if name == "bce", f.clamped > 0.05 {
            return
                "bce takes probabilities, and \(short(100 * f.clamped)) % of the outputs are outside of 0 to 1 and cut off"
        }
        if name == "bce", let o = f.firstOutputs, o.values.contains(where: { $0 < 0 || $0 > 1 }) {
            return
                "bce takes probabilities, and the outputs lie between \(short(o.values.min() ?? 0)) and \(short(o.values.max() ?? 0))"
        }
        if f.targetWidth == 1, f.targetsAreWhole, f.targetKinds > 2, f.outputWidth > 1, isSquared, f.broadcasts == nil,
            f.targetKinds <= f.outputWidth
        {
            return "\(f.outputWidth) outputs a row are compared with one class number"
        }
        return nil
    }
}

extension StepFacts {
    /// Whether shapes that broadcast explain what is seen.
    var broadcastsAlone: Bool { broadcasts != nil }
}

extension Evidence {
    /// A measure that the program prints and that does not see what the net has learnt, by what it is on held-out rows.
    var strangeFigure: OwnFigure? {
        figures.first { f in
            let chance = f.isError ? 1 - f.untrained : f.untrained
            let own = f.isError ? 1 - f.trained : f.trained
            let isBlind = isGood && f.gain < 0.025 && own < standing - 0.25 && chance < 0.9
            let isTurned = f.gain < -0.1 && worth > startWorth + 0.05 && own < standing - 0.1
            // The same rows, judged in the same measure, and a worse score.
            let isOther =
                heldOutName.map(f.names.contains) == true && isGood && isJudgedByTask
                && (task == .classification || task == .regression) && own < standing - 0.12
            return isBlind || isTurned || isOther || isGood && isOfOtherSize(f) && own < 0.9
        }
    }
    /// Whether the net's inputs have another size where a figure is worked out than in training.
    func isOfOtherSize(_ f: OwnFigure) -> Bool {
        let scale = facts?.inputScale ?? 0
        return scale > 0 && (f.inputScales.max() ?? scale > 5 * scale || f.inputScales.min() ?? scale < scale / 5)
    }

    /// By how much of itself the loss fell over the last quarter of the run.
    var fallAtEnd: Double? {
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
