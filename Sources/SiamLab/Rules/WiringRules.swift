import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of how the program is put together.
    static var wiring: [Rule] {
        [
            Rule(
                1, "unshared towers", seen: "Training is slower and ends worse; one image has two embeddings.",
                why:
                    "A constructor was called twice, so the two sides of a pair go through different weights. The distance between their embeddings then compares two unrelated spaces.",
                repair: "use one tower on both sides",
                picture: { .bars([("one image, two towers", $0.evidence.towerGap ?? 0), ("two images", 1)]) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    guard let gap = e.evidence.towerGap, gap > 0.01 else { return nil }
                    return
                        "the two towers give the same image embeddings that are \(short(gap)) of the mean distance apart; a shared tower gives 0"
                }, changes: shareTowers,
                // Rows of one kind on both sides, of which a row lies as far from itself as from others.
                isConclusive: { v in
                    (v.towerGap ?? 0) > 0.5 && !v.isGood && v.facts?.sidesAlike == true
                }),
            Rule(
                99, "sides prepared differently",
                seen: "Pairs of the same class are as far apart as others, although the loss falls.",
                why:
                    "The two sides of a pair share their weights, but their inputs were scaled or shifted in different ways. The same row then has two embeddings, one on each side.",
                repair: "prepare both sides in the same way",
                traits: [.shownByStep],
                picture: {
                    .bars([("scales of the two sides", $0.evidence.facts?.sidesApart?.scale ?? 1), ("equal", 1)])
                },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    // Sides of two kinds, each with batch statistics of its own, are another fault.
                    guard let apart = e.evidence.facts?.sidesApart, apart.isMuch, !e.evidence.isGood,
                        e.evidence.kinds == nil || !e.wiring.stages.contains(where: { $0.name == "batchnorm" })
                    else { return nil }
                    return
                        "the inputs of the two sides differ by a factor of \(short(apart.scale)), and their means by \(short(apart.shift)) standard deviations"
                }, isPlain: { _ in true }, isConclusive: { !$0.isGood && $0.facts?.sidesApart?.isMuch == true }),
            Rule(
                2, "swapped labels",
                seen:
                    "The loss stays at p(1 - p)m^2, where p is the share of positive pairs, and pair accuracy is one half.",
                why:
                    "Label 1 was used for \"different\". Items of the same class are pushed apart, and items of different classes are pulled together.",
                repair: "same is 1 for a positive pair",
                traits: [.toldByOutcome],
                picture: {
                    .bars([("AUC, untrained", $0.evidence.untrained.auc), ("trained", $0.evidence.score.auc)])
                },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    // Without negative pairs the other label only pushes everything apart.
                    if e.evidence.hasNoNegatives { return nil }
                    // A minus before the loss turns all of it round, and is another fault.
                    // The loss of likelihoods has one by its formula, and is above 0.
                    guard withoutMinus(e).isEmpty || e.evidence.firstLoss > 0 && e.evidence.lastLoss > 0 else {
                        return nil
                    }
                    if let p = e.evidence.facts?.push, isTurned(p), e.evidence.isFinite {
                        return "moving positive pairs apart lowers the loss, and moving negative pairs apart raises it"
                    }
                    guard
                        e.wiring.source.call?.name == "pairs" || e.evidence.sameShare != nil || !flipLabels(e).isEmpty,
                        e.evidence.isFinite,
                        e.evidence.own.auc < e.evidence.untrainedOwn.auc - 0.03
                            || e.evidence.score.auc < e.evidence.untrained.auc - 0.05
                    else { return nil }
                    return
                        "AUC fell during training, from \(short(e.evidence.untrained.auc)) untrained to \(short(e.evidence.score.auc))"
                }, changes: flipLabels),
            Rule(
                3, "wrong sign", seen: "The loss falls or rises without bound.",
                why:
                    "The negative of a loss is minimized, so the loss itself is maximized. Every step makes the net worse.",
                repair: "minimize the loss itself",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    let away = abs(e.evidence.lastLoss) > 3 * abs(e.evidence.firstLoss)
                    let worse =
                        e.evidence.isJudgedByTask
                        ? e.evidence.worth < e.evidence.startWorth - 0.05
                        : e.evidence.score.mapAtR < e.evidence.untrained.mapAtR - 0.05
                    let signs = Set(e.wiring.assignedSteps.map { "\($0.sign)" })
                    if signs.count > 1 { return "some updates are added to the weights, and others are subtracted" }
                    if signs == ["\(BinaryOperator.add)"], e.evidence.worth < e.evidence.startWorth + 0.05 {
                        return
                            "every update is added to the weights, and the score is no better than before the training"
                    }
                    let isLost = !e.evidence.isFinite || worse
                    // What is minimized does not rise by itself: such steps throw it there.
                    let isThrown = e.evidence.earlyUpdate > 0.2 || e.evidence.momentum > 0.95
                    if e.evidence.lastLoss > 0, isThrown, withoutMinus(e).isEmpty { return nil }
                    guard away && e.evidence.isFinite || e.evidence.lastLoss < 0 || isLost && !withoutMinus(e).isEmpty
                    else { return nil }
                    return "the loss went from \(short(e.evidence.firstLoss)) to \(short(e.evidence.lastLoss))"
                }, changes: withoutMinus),
            Rule(
                4, "no hinge",
                seen:
                    "The loss goes to minus infinity, or negative pairs that are far enough apart are pulled together.",
                why:
                    "The term of the negative pairs does not become 0 at a margin. It outweighs the pull of the positive pairs for ever, or pulls what is farther apart back to the margin.",
                repair: "push only within the margin:  relu(margin - d)^2",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    let lowest = e.evidence.loss.min().map(Double.init) ?? 0
                    // Where what is compared with a label is no distance of its pair, or a product without a bound.
                    if let f = e.evidence.facts, f.pairsAreOne || f.mixesPairs || f.products != nil { return nil }
                    // A likelihood of numbers may be below 0.
                    guard e.evidence.facts.map({ $0.task == .metric || $0.task == .verification }) ?? true else {
                        return nil
                    }
                    if lowest >= 0, e.evidence.isFinite, e.evidence.facts?.broadcasts == nil,
                        let end = e.evidence.facts?.push?.pulledBeyond,
                        !hingeOfSquare(e).isEmpty
                    {
                        return "the loss pulls negative pairs together that are more than \(short(end)) apart"
                    }
                    guard lowest < 0 || !e.evidence.isFinite && !addHinge(e).isEmpty else { return nil }
                    return
                        "the loss went from \(short(e.evidence.firstLoss)) to \(short(e.evidence.lastLoss)), at its lowest \(short(lowest)), and nothing bounds it"
                }, changes: { addHinge($0) + hingeOfSquare($0) + wholeLoss($0) },
                isConclusive: { v in
                    let lowest = v.loss.min().map(Double.init) ?? 0
                    return lowest < -100 * max(abs(v.firstLoss), 0.01)
                }),
            Rule(
                101, "rounded before the loss", .measured,
                seen: "The loss stands still, although every parameter is given to the optimizer.",
                why:
                    "round, floor, ceil and sign are flat between their steps, and their gradient is 0 everywhere. Nothing of the loss's gradient reaches the weights behind them.",
                repair: "minimize a loss of the values before they are rounded, and round in the evaluation only",
                traits: [.shownByStep],
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    guard let name = e.evidence.facts?.flat, e.evidence.movesNoWeight else { return nil }
                    return
                        "the outputs pass through \(name) on their way to the loss, and no update changed a weight in \(e.evidence.steps) steps"
                }, isPlain: { _ in true }, isConclusive: { _ in true }),
            Rule(
                5, "parameters not trained", seen: "The net learns less than it could, or nothing at all.",
                why:
                    "A part of the net is frozen, is not given to train, or has no path to the loss. It keeps its initial weights, and the other parts have to compensate.",
                repair: "give all parameters to the optimizer",
                traits: [.shownByStep, .onlyByNames],
                picture: {
                    .bars([
                        ("changed", Double(max(0, $0.evidence.parameters - $0.evidence.untouched.count))),
                        ("unchanged", Double($0.evidence.untouched.count)),
                    ])
                },
                firstSymptom: { e in e.evidence.untouched.first.map { "at the first step, in \($0)" } },
                sign: { e in
                    if let state = e.wiring.idleStates.first(where: { !$0.isOfEvaluation }), !e.evidence.isGood {
                        return
                            "layer \(state.layer) declares \(state.name) as a state: the optimizer never updates it, and its forward never changes it"
                    }
                    if let unused = e.wiring.unusedParameters.first, !e.evidence.isGood {
                        return
                            "layer \(unused.layer) declares the parameter \(unused.name), and its forward never uses it"
                    }
                    if unmade(e) != nil || e.evidence.facts?.flat != nil && e.evidence.movesNoWeight { return nil }
                    let idle = e.evidence.idleWeights
                    // Where no gradient is finite no weight moves, and where no net is kept none is the one that was looked at.
                    // Behind units that are dead from the start no gradient comes through either.
                    // What is frozen on purpose is no fault where the rest learns.
                    let v = e.evidence
                    let floor = max(v.startWorth, v.constantWorth)
                    if v.frozen > 0, idle.count <= v.frozen, v.isJudged, v.worth > floor + 0.5 * (1 - floor),
                        !v.isBehindReference || v.worth > floor + 0.8 * (1 - floor)
                    {
                        return nil
                    }
                    guard e.evidence.isFinite, e.evidence.deadUnits < 0.95, !v.areLabelsDistinct || v.task != .unknown,
                        e.evidence.items == 0 || e.evidence.firstSpread > 0,
                        e.evidence.netsInTurn < 2 || e.evidence.facts?.unreached.isEmpty == false
                    else { return nil }
                    if let f = e.evidence.facts, !f.unreached.isEmpty, f.unreached.count >= e.evidence.parameters {
                        return "the loss depends on none of the parameters that are updated"
                    }
                    let unseen = unseenNets(e) + halfTrained(e).map { "the rest of \($0)" }
                    if let f = e.evidence.facts, f.foreignWeights > 0, unseen.isEmpty, idle.isEmpty, !e.evidence.isGood
                    {
                        return
                            "the loss depends on \(f.foreignWeights) weight matrices that nothing updates"
                    }
                    guard !idle.isEmpty && e.evidence.unitCosine < 0.99 || !unseen.isEmpty else { return nil }
                    if !unseen.isEmpty { return "no optimizer updates \(unseen.joined(separator: ", "))" }
                    return "no update changed \(idle.prefix(4).joined(separator: ", ")) in \(e.evidence.steps) steps"
                }, changes: { asParameters($0) + usedParameters($0) + letTrain($0) }, isPlain: { $0.items == 0 },
                isConclusive: { v in
                    // A part of the weights: where none moves at all, what is minimized is at fault.
                    !v.isGood && v.isJudged && !v.idleWeights.isEmpty
                        && (v.idleWeights.count < v.weights && v.idleWeights.count > v.frozen || v.frozen == v.weights)
                }),
            Rule(
                8, "nan at zero distance", seen: "The loss is NaN from one step to the next.",
                why:
                    "The gradient of the square root is infinite at 0, and infinity times 0 is NaN. One pair with equal embeddings is enough.",
                repair: "add an epsilon inside the square root",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: { "at step \($0.evidence.steps)" },
                sign: { e in
                    guard !e.evidence.isFinite, !guardRoots(e).isEmpty else { return nil }
                    return
                        "the loss is not finite after step \(e.evidence.steps), and a distance uses sqrt without an epsilon"
                }, changes: guardRoots, isPlain: { !$0.isFinite }),
            Rule(
                64, "infinite gradient", seen: "The loss is NaN from one step to the next, or at once.",
                why:
                    "acos and asin have an infinite gradient at -1 and 1, a logarithm and a division at 0, and a logarithm has no value below 0. One such number makes the loss or every gradient of the step infinite or NaN.",
                repair:
                    "keep the value away from the end of its range, as clamp(c, -0.99999, 0.99999) does, or let the net end in softplus where a logarithm is taken of its outputs",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: { "at step \($0.evidence.steps)" },
                sign: { e in
                    // What the doctor is told of rows that hold such values is another fault.
                    if let f = e.evidence.facts?.notFinite, e.evidence.notFinite == nil {
                        let what =
                            f.op.map { "\($0) gave" } ?? "what is computed of the batch before it meets the net has"
                        return
                            "the loss is not finite at the first step, before any update: \(what) \(f.bad) of \(f.of) numbers that are not finite"
                    }
                    guard !e.evidence.isFinite, let first = guardedEnds(e).first else { return nil }
                    return
                        "the loss is not finite after step \(e.evidence.steps), and the loss lacks \(first.label)"
                }, changes: { guardedEnds($0) + positiveOutputs($0) }, isPlain: { $0.facts?.notFinite != nil },
                isConclusive: { $0.facts?.notFinite != nil && $0.notFinite == nil }),
            Rule(
                23, "dropout on the embedding", seen: "Distances are noise while training; the loss stays high.",
                why:
                    "Dropout after the last dense layer sets parts of the embedding itself to 0. Two passes of one image give two embeddings, and their distance is noise.",
                repair: "move dropout before the last dense layer",
                picture: { .bars([("difference, training / evaluation", $0.evidence.modeGap), ("healthy", 0)]) },
                firstSymptom: { _ in "at the first step, in the last dropout" },
                sign: { e in
                    if e.evidence.facts?.isMaskedAtEnd == true, dropoutBehind(e.wiring) == nil {
                        return
                            "a random mask is applied to the embedding after its last layer; embeddings in training and evaluation mode differ by \(short(e.evidence.modeGap)) of their length"
                    }
                    guard let stage = dropoutBehind(e.wiring), let rate = rate(of: stage, e.wiring), rate > 0.05 else {
                        return nil
                    }
                    return
                        "dropout(\(short(rate))) is after the last dense layer; embeddings in training and evaluation mode differ by \(short(e.evidence.modeGap)) of their length"
                }, changes: moveDropout),
            Rule(
                6, "activation after the embedding", seen: "The loss stays higher than it should.",
                why:
                    "The last activation limits embeddings to a part of the space. Distances cannot reach the margin there, the activation saturates first, or numbers of the embedding become 0 for most inputs.",
                repair: "end the tower with its last dense layer",
                picture: {
                    .bars([
                        ("reach", reach(lastActivation($0) ?? "", $0.evidence.width) ?? 0),
                        ("margin", $0.margin),
                    ])
                },
                firstSymptom: { e in
                    lastActivation(e).map { "before the first step, in \($0)" }
                        ?? reluAtEnd(e).map { _ in "before the first step, in relu" }
                },
                sign: { e in
                    let v = e.evidence
                    if reluAtEnd(e) != nil {
                        let part = v.width < 10 ? ", one part in \(1 << max(0, v.width)) of the space" : ""
                        return
                            "the tower ends in relu: no number of an embedding is below 0\(part), and cosines of two embeddings are not below 0 either"
                    }
                    guard e.evidence.task == .metric || e.evidence.task == .verification || e.evidence.facts == nil,
                        let last = lastActivation(e), let reach = reach(last, e.evidence.width),
                        // Embeddings at random corners of the range are 0.7 of its largest distance apart.
                        last == "softmax" || e.margin > 0.7 * reach && !isFarBeyond(e, reach)
                    else { return nil }
                    return
                        "the tower ends in \(last), so that distances are at most \(short(reach)), with margin \(short(e.margin))"
                },
                changes: { e in
                    if let relu = reluAtEnd(e) {
                        return [Change(label: "the tower without relu at its end", edits: e.wiring.removing(relu))]
                    }
                    guard let name = lastActivation(e) else { return [] }
                    let last = e.wiring.stages.last.flatMap { $0.name == name ? $0 : nil }
                    var edits = last.map(e.wiring.removing) ?? []
                    // `forward x = softmax(body(x))`
                    for spot in e.wiring.forwards where edits.isEmpty {
                        guard case .call(let f, let arguments, _) = spot.expression.kind, case .name(name) = f.kind,
                            let inner = arguments.first?.value
                        else { continue }
                        edits = [spot.replaced(by: e.wiring.text(spot.with(inner)))]
                    }
                    return edits.isEmpty ? [] : [Change(label: "the tower without \(name) at its end", edits: edits)]
                }),
        ]
    }

    /// The bounded activation that a tower ends in, as it is written or, in a layer of the program's own, as the step shows it.
    static func lastActivation(_ e: Examination) -> String? {
        [e.wiring.stages.last?.name, e.evidence.facts?.end.last].compactMap { $0 }
            .first { reach($0, e.evidence.width) != nil }
    }

    /// The relu that is the last stage of a tower but for a norm, in a run that learnt less than it could and has no other
    /// reason to be all 0.
    static func reluAtEnd(_ e: Examination) -> TrainingModel.Stage? {
        let v = e.evidence
        guard v.facts?.task == .metric, v.items > 0, v.isFinite, !v.isGood, !v.isCollapsed, v.deadUnits < 0.95,
            let last = e.wiring.stages.last(where: { $0.name != "l2norm" }), last.name == "relu",
            e.wiring.stages.contains(where: { $0.name == "dense" }), !e.wiring.removing(last).isEmpty
        else { return nil }
        return last
    }

    /// A margin so far beyond a bound that embeddings without the bound would not get there either.
    static func isFarBeyond(_ e: Examination, _ reach: Double) -> Bool { e.hasMargin && e.margin > 6 * reach }

    /// The largest distance of two embeddings that a last stage leaves.
    static func reach(_ stage: String, _ width: Int) -> Double? {
        switch stage {
        case "softmax": 1.4143
        case "sigmoid": Double(width).squareRoot()
        case "tanh": 2 * Double(width).squareRoot()
        default: nil
        }
    }
}
