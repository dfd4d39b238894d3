import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of the step size and of regularisation.
    static var stepSize: [Rule] {
        [
            Rule(
                22, "dropout too strong", seen: "The loss falls slowly and retrieval stays low.",
                why:
                    "So many units are dropped that two passes of the same image give embeddings far apart. Little of the signal is left to learn from.",
                repair: "a dropout rate of 0.2, or no dropout",
                picture: { .bars([("dropped", dropouts($0.wiring).map(\.1).max() ?? 0), ("useful up to", 0.5)]) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    if dropouts(e.wiring).isEmpty, let dropped = e.evidence.facts?.dropped, dropped > 0.6 {
                        return "a random mask sets \(short(100 * dropped)) % of a layer to 0 in training"
                    }
                    guard let worst = dropouts(e.wiring).map(\.1).max(), worst > 0.6 else { return nil }
                    return "dropout(\(short(worst))) in the tower"
                },
                changes: { e in
                    if dropouts(e.wiring).isEmpty {
                        let edits = noDropout(e.wiring).flatMap(\.edits)
                        return edits.isEmpty ? [] : [Change(label: "no dropout", edits: unique(edits))]
                    }
                    return ["0.2", "0"].compactMap { rate in
                        var edits: [TextEdit] = []
                        for (stage, value) in dropouts(e.wiring) where value > 0.6 {
                            edits += e.wiring.setting("rate", of: stage.spot, to: rate)
                        }
                        return edits.isEmpty ? nil : Change(label: "dropout rate \(rate)", edits: unique(edits))
                    }
                }),
            Rule(
                20, "weight decay too strong", seen: "Weights shrink and embeddings with them.",
                why:
                    "The gradient of the weight decay is as large as that of the data. Weights shrink until the two balance, and distances shrink with them.",
                repair: "no weight decay, or a hundredth of it",
                traits: [.triedWithoutSign],
                picture: { .series("decay to data", $0.evidence.decayShares) },
                sign: { e in
                    if let penalty = penalty(e.wiring) {
                        return "the loss has a penalty of \(short(penalty.factor)) times the squared weights"
                    }
                    guard let decay = decay(e), decay > 0 else { return nil }
                    let isApart = e.wiring.optimizer.call?.name == "adamw"
                    let v = e.evidence
                    // Half of the data's pull is much; a tenth is where the embedding is seen to shrink under it.
                    let shrinks = e.hasMargin && v.negativeDistance < 0.75 * e.margin && v.decayShare > 0.1
                    let isPoor = v.decayShare > 0.1 && v.items > 0 && v.score.mapAtR < v.raw.mapAtR - 0.05
                    let isUnusual = !isApart && decay >= 0.05 && !v.isGood
                    guard v.decayShare > 0.5 || shrinks || isPoor || isApart && decay >= 1 || isUnusual else {
                        return nil
                    }
                    return
                        "the gradient of the weight decay is \(short(v.decayShare)) times that of the data\(shrinks ? ", and negative pairs lie at distance \(short(v.negativeDistance)) with a margin of \(short(e.margin))" : "")"
                },
                changes: { e in
                    if let penalty = penalty(e.wiring) {
                        let value = tidy(penalty.factor / 100)
                        return [Change(label: "a penalty of \(value)", edits: [penalty.spot.replaced(by: value)])]
                    }
                    guard let decay = decay(e) else { return [] }
                    return [0, decay / 100].compactMap { value in
                        let edits = e.wiring.setting("decay", of: e.wiring.optimizer, to: tidy(value))
                        return edits.isEmpty ? nil : Change(label: "decay = \(tidy(value))", edits: edits)
                    }
                },
                eases: { before, after in after.spread > 1.2 * before.spread }),
            Rule(
                98, "momentum too high", seen: "The loss swings up and down in long waves, or is not finite.",
                why:
                    "With momentum m a gradient goes on moving the weights for about 1 / (1 - m) steps. Where that is as long as much of the training, the weights overshoot again and again.",
                repair: "a momentum of 0.9",
                traits: [.toldByOutcome],
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: { $0.evidence.thrownOnset },
                sign: { e in
                    let v = e.evidence
                    guard v.momentum > 0.95, v.momentum < 1, !v.isGood || v.isWeak else { return nil }
                    return
                        "with momentum \(short(v.momentum)) each gradient acts for about \(short(1 / (1 - v.momentum))) steps, and the run has \(v.steps)"
                },
                changes: { e in
                    let edits = e.wiring.setting("momentum", of: e.wiring.optimizer, to: "0.9")
                    return edits.isEmpty ? [] : [Change(label: "momentum = 0.9", edits: edits)]
                }, eases: { $1.isFinite && $1.worth > $0.worth }),
            Rule(
                18, "learning rate too high", seen: "The loss jumps, collapses to a constant or is not finite.",
                why: "The update is too large relative to the weights. The gradient is only valid for small steps.",
                repair: "a tenth of the learning rate, or less",
                traits: [.toldByOutcome, .triedWithoutSign],
                picture: { .series("updates", $0.evidence.updates.map(\.ratio)) },
                firstSymptom: { $0.evidence.thrownOnset },
                sign: { e in
                    let v = e.evidence
                    if let (low, high) = growing(e) {
                        return
                            "with this schedule a step of the second half changes the weights by up to \(short(high)) of their size, at the start by \(short(low))"
                    }
                    let early = Double(v.loss.prefix(20).max() ?? 0)
                    let isTiny = v.smallestWeightScale < 0.1
                    // What never moved was not thrown there.
                    let isThrown = v.isCollapsed && (v.earlyUpdate > 0 || v.updates.isEmpty)
                    guard !v.isFinite || isThrown || !isTiny && v.earlyUpdate > 0.2 || early > 3 * abs(v.firstLoss)
                    else { return nil }
                    let loss =
                        v.loss.isEmpty
                        ? "" : ", the loss \(short(early / max(abs(v.firstLoss), 1e-12))) times its start"
                    return
                        "in the first 20 steps updates reach \(short(v.earlyUpdate)) times the size of the weights (healthy up to 0.07)\(loss)"
                }, changes: { (growing($0) == nil ? [] : withoutSchedule($0)) + rates($0, [0.1, 0.01, 0.001]) },
                eases: { before, after in
                    // A loss with a large scale makes long first steps at every rate that is of use.
                    after.isFinite && !after.isCollapsed && after.earlyUpdate < 0.1 * before.earlyUpdate
                },
                isPlain: { $0.earlyUpdate > 0.5 || !$0.isFinite }),
            Rule(
                19, "learning rate too low", seen: "Nothing happens for the whole run.",
                why:
                    "Updates are too small relative to the weights. The run ends with nearly the weights that it started with.",
                repair: "ten times the learning rate, or more",
                traits: [.toldByOutcome, .triedWithoutSign],
                picture: { .series("updates", $0.evidence.updates.map(\.ratio)) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    let v = e.evidence
                    let moved = v.updates.contains { $0.ratio > 0 }
                    if v.brokenOff != nil || growing(e) != nil { return nil }
                    if let every = unmade(e) {
                        return "accumulate = \(every) makes one update every \(every) steps, and the run has \(v.steps)"
                    }
                    if let most = warmUp(e), most > v.steps, v.isFinite, !v.isGood {
                        return
                            "the warm-up takes \(most) steps, and the run has \(v.steps): the learning rate stays near 0"
                    }
                    // A few dozen steps that are not that small are too few rather than too small.
                    if v.steps < 60, v.medianUpdate > 1e-4, !longerRuns(e).isEmpty { return nil }
                    // A schedule that all but ends the training before its time.
                    let (early, late) = (
                        v.earlyUpdate, v.updates.suffix((v.updates.count + 1) / 2).map(\.ratio).max() ?? 0
                    )
                    if v.isFinite, !v.isGood, late < 1e-3 * early, !withoutSchedule(e).isEmpty {
                        return
                            "with this schedule a step of the second half changes the weights by at most \(short(late)) of their size, at the start by \(short(early))"
                    }
                    // A net that has learnt next to nothing has taken next to no steps at larger updates, too.
                    let isStill = v.lastLoss > 0.8 * v.firstLoss && v.worth < v.startWorth + 0.03
                    guard v.isFinite, moved, v.medianUpdate < (isStill ? 6e-4 : 1.5e-4),
                        v.loss.isEmpty || v.lastLoss > 0.5 * v.firstLoss,
                        v.worth < v.startWorth + 0.1
                    else { return nil }
                    return "a step changes the weights by \(short(v.medianUpdate)) of their size (healthy 3e-4 to 4e-3)"
                },
                changes: { e in
                    if growing(e) != nil { return [] }
                    return withoutSchedule(e) + withoutSmallSteps(e) + rates(e, [10, 100, 1000])
                }),
            Rule(
                71, "gradients never reset", seen: "The loss falls at first, then oscillates more and more.",
                why:
                    "The gradients of each step are added to those of all earlier steps and never reset to 0. The updates then follow gradients from steps long ago.",
                repair: "use only the gradients of the current step in each update",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                sign: { e in
                    guard let first = e.wiring.pileUps.first else { return nil }
                    return "\(first.name) accumulates the gradients of every step, and is never reset"
                },
                changes: { e in
                    let edits = e.wiring.pileUps.map(\.edit)
                    return edits.isEmpty ? [] : [Change(label: "only the gradients of the current step", edits: edits)]
                }, isConclusive: { !$0.isKept }),
            Rule(
                78, "gradients and updates in different loops", seen: "The loss hardly falls, or grows without bound.",
                why:
                    "Each update needs the gradients at the current weights. Gradients that are computed once are valid for one step only, and if the update comes after the loop, the gradients of all batches but the last are lost.",
                repair: "compute the gradients and update in the same loop", traits: [.shownByStep],
                picture: { .bars([("steps", Double($0.evidence.steps))]) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    guard let apart = e.wiring.gradientsApart else { return nil }
                    return apart.isInside
                        ? "the update comes after the loop that computes the gradients, and uses only the last of them"
                        : "the gradients are computed before the loop with the updates, and all \(e.evidence.steps) steps use the same gradients"
                },
                changes: { e in
                    e.wiring.gradientsApart.map {
                        var change = Change(label: "gradients and update in one loop", edits: $0.edits)
                        let drawn = Double(e.evidence.batchesDrawn ?? 0) / Double(max(1, e.evidence.steps))
                        if $0.isInside { change.lengthens = max(1, 0.9 * drawn) }
                        return [change]
                    } ?? []
                }, isPlain: { _ in true }, isConclusive: { !$0.isKept }),
            Rule(
                73, "optimizer recreated in each step", .measured, seen: "The loss oscillates and does not settle.",
                why:
                    "The optimizer is constructed inside the loop, so it loses its averages of the gradients in every step. Adam then changes each weight by the full learning rate, whatever the size of the gradient.",
                repair: "construct the optimizer once, before the loop",
                picture: { .bars([("optimizers", Double($0.evidence.optimizersMade)), ("meant", 1)]) },
                firstSymptom: { _ in "at the second step" },
                sign: { e in
                    let v = e.evidence
                    guard v.steps > 20, v.optimizersMade * 10 > v.steps * 9, e.wiring.train.nets.count < 2,
                        v.netsInTurn < 2,
                        // Without averages there is nothing to lose.
                        e.wiring.optimizerKind?.scalesSteps == true || v.momentum > 0
                    else { return nil }
                    return "\(v.optimizersMade) optimizers were constructed for \(v.steps) steps"
                }),
            Rule(
                21, "overfit", seen: "High training accuracy, low held-out accuracy.",
                why:
                    "The net is large for so few examples and memorises them. Nothing makes it learn features that hold for other examples.",
                repair: "more data, augmentation, a little dropout or a smaller net",
                traits: [.namesNoNumber],
                picture: { e in
                    let v = e.evidence
                    if v.isJudgedByTask {
                        return .bars([
                            ("\(v.measure), training rows", v.taskOwn?.worth ?? v.standing),
                            ("other rows", v.worseOnNewRows?.worth ?? v.standing),
                        ])
                    }
                    return .shares([
                        ("training pair accuracy", v.own.accuracy), ("held-out", v.score.accuracy),
                    ])
                },
                firstSymptom: FirstSymptom.end,
                sign: { e in
                    let v = e.evidence
                    // Where nothing else is measured than rows that were trained on, that is what misleads.
                    if v.measuredOnTraining != nil || v.insideTraining != nil { return nil }
                    if let f = v.worseOnNewRows {
                        return
                            "\(v.measure) is \(short(v.standing)) on the training rows, and of rows that were not trained on \(f.words)"
                    }
                    if v.isOverconfident, let log = v.logScore {
                        return
                            "the loss fell to \(short(v.lastLoss)) on the training rows and is \(short(log.loss)) on held-out rows, where always predicting the class frequencies has \(short(log.constant))"
                    }
                    // What compresses its own rows is not meant for others, where the program has no others.
                    if v.task == .reconstruction, v.isOfKeptRows { return nil }
                    if v.isJudgedByTask, !v.isJudgedOnTraining, let own = v.taskOwn, own.worth > 0.9,
                        own.worth > v.worth + 0.1
                    {
                        return
                            "\(v.measure) is \(short(own.worth)) on training rows and \(short(v.worth)) on held-out rows"
                    }
                    guard v.items > 0, v.own.accuracy > 0.96, v.own.accuracy > v.score.accuracy + 0.03,
                        v.lastLoss < 0.1 * v.firstLoss
                    else { return nil }
                    return
                        "\(short(100 * v.own.accuracy)) % pair accuracy on training data and \(short(100 * v.score.accuracy)) % on held-out pairs; the loss fell to \(short(v.lastLoss / max(v.firstLoss, 1e-12))) of its start"
                }, changes: againstOverfit,
                eases: { before, after in
                    let (first, then) = (
                        before.own.accuracy - before.score.accuracy, after.own.accuracy - after.score.accuracy
                    )
                    return then < 0.8 * first
                },
                isPlain: { v in
                    v.own.accuracy - v.score.accuracy > 0.15
                        || v.isJudgedByTask && (v.taskOwn?.worth ?? 0) > v.worth + 0.15
                },
                isConclusive: {
                    $0.isJudgedByTask && ($0.taskOwn?.worth ?? 0) > $0.worth + 0.2 || $0.isOverconfident
                        || $0.worseOnNewRows != nil
                }),
        ]
    }

    static func dropouts(_ w: TrainingModel) -> [(TrainingModel.Stage, Double)] {
        w.stages.compactMap { s in rate(of: s, w).map { (s, $0) } }
    }

    /// As it is written, else as the run had it.
    private static func decay(_ e: Examination) -> Double? {
        e.wiring.argument("decay", of: e.wiring.optimizer).map { e.wiring.number($0)?.value ?? e.evidence.decay }
    }

    /// The rates of steps that are written out, `w = w - 0.1 * g`: each number that multiplies what a weight is changed by.
    private static func assignedRates(_ w: TrainingModel, _ factors: [Double]) -> [Change] {
        let numbers = w.assignedRates
        guard let first = numbers.first(where: { $0.value != 0 }) else { return [] }
        return factors.map { factor in
            Change(
                label: "a learning rate of \(tidy(first.value * factor)) instead of \(tidy(first.value))",
                edits: unique(numbers.map { $0.spot.replaced(by: tidy($0.value * factor)) }), trainsLess: factor < 1)
        }
    }

    static func rates(_ e: Examination, _ factors: [Double]) -> [Change] {
        let w = e.wiring
        var call = w.optimizer
        guard call.call != nil, !w.updatesByAssignment else { return assignedRates(w, factors) }
        var parameter = "lr"
        var current: Double
        if let given = w.argument("lr", of: call) {
            if let (value, _) = w.number(given) {
                current = value
            } else {
                // A schedule: its own first number.
                let schedule = w.followed(given)
                guard let inner = schedule.call?.name, let first = w.parameters(of: inner).first,
                    let value = w.argument(first, of: schedule).flatMap({ w.number($0)?.value })
                else {
                    // A name that only the run knows: a parameter, the variable of a loop or a sweep.
                    if case .lambda(_, let body) = schedule.expression.kind {
                        return factors.map { factor in
                            let text = "\(tidy(factor)) * (\(w.text(schedule.with(body))))"
                            return Change(
                                label: "\(tidy(factor)) times the learning rate",
                                edits: [schedule.with(body).replaced(by: text)], trainsLess: factor < 1)
                        }
                    }
                    guard case .name = given.expression.kind else { return [] }
                    if w.ownSchedule(schedule) != nil {
                        return factors.map { factor in
                            Change(
                                label: "\(tidy(factor)) times the learning rate",
                                edits: [given.replaced(by: "step -> \(tidy(factor)) * \(w.text(given))(step)")],
                                trainsLess: factor < 1)
                        }
                    }
                    return factors.map { factor in
                        let text = "\(tidy(factor)) * \(w.text(given))"
                        return Change(
                            label: "lr = \(text)", edits: [given.replaced(by: text)], trainsLess: factor < 1)
                    }
                }
                (call, parameter, current) = (schedule, first, value)
            }
        } else {
            current = w.optimizerKind?.parameters.first { $0.name == "lr" }?.defaultValue ?? 0.01
        }
        return factors.compactMap { factor in
            let value = tidy(current * factor)
            let edits = w.setting(parameter, of: call, to: value)
            return edits.isEmpty
                ? nil
                : Change(
                    label: "lr = \(value) instead of \(tidy(current))", edits: edits, trainsLess: factor < 1)
        }
    }

    /// A term of the loss that pulls the weights: `loss + 0.01 * sum(net.dense1.w^2)`.
    private static func penalty(_ w: TrainingModel) -> (factor: Double, spot: ExpressionReference)? {
        let nets = Set(w.train.nets.map { w.text($0, w.trainDocument) })
        func isOfWeights(_ e: Expression, in loss: ExpressionReference, _ depth: Int = 0) -> Bool {
            var (hasWeight, hasData) = (false, false)
            e.walk { x in
                if case .field(let owner, let name) = x.kind, name.text == "w" || name.text == "parameters" {
                    owner.walk { if case .name(let n) = $0.kind, nets.contains(n) { hasWeight = true } }
                }
                // A function of the program that is given the net itself.
                if case .call(let f, let arguments, _) = x.kind, case .name(let own) = f.kind, w.functions[own] != nil {
                    for a in arguments { if case .name(let n) = a.value.kind, nets.contains(n) { hasWeight = true } }
                }
                if case .name(let n) = x.kind, w.train.names.contains(where: { $0.text == n }) { hasData = true }
                // A penalty that was given a name.
                if case .name = x.kind, depth < 3, case let value = w.lossValue(loss.with(x)),
                    !value.isAt(loss.with(x)), isOfWeights(value.expression, in: loss, depth + 1)
                {
                    hasWeight = true
                }
            }
            return hasWeight && !hasData
        }
        for loss in w.losses.map(w.lossValue) {
            guard case .binary(.add, let l, let r, _) = loss.expression.kind else { continue }
            for term in [l, r].map({ w.lossValue(loss.with($0)) }) where isOfWeights(term.expression, in: loss) {
                for factor in TrainingModel.factors(term.expression) {
                    if let found = w.number(term.with(factor)), found.value > 0 { return (found.value, found.spot) }
                }
            }
        }
        return nil
    }

    /// The first number of a schedule for the whole run.
    /// Gradients cut to a length that no step of use comes from.
    /// The steps of which an optimizer makes one update, where they are more than the run has.
    static func unmade(_ e: Examination) -> Int? {
        guard let given = e.wiring.argument("accumulate", of: e.wiring.optimizer),
            let every = e.wiring.number(given)?.value, every > Double(e.evidence.steps), e.evidence.steps > 0
        else { return nil }
        return Int(exactly: every)
    }

    /// The steps of a warm-up that the rate is given by.
    private static func warmUp(_ e: Examination) -> Int? {
        let w = e.wiring
        guard let schedule = w.argument("lr", of: w.optimizer).map({ w.followed($0) }), schedule.call?.name == "warmup",
            let given = w.argument("steps", of: schedule), let most = w.number(given)?.value
        else { return nil }
        return Int(exactly: most)
    }

    /// How far a step of a schedule goes that grows without end: at the beginning, and in the second half.
    private static func growing(_ e: Examination) -> (low: Double, high: Double)? {
        let ratios = e.evidence.updates.map(\.ratio).filter(\.isFinite)
        guard ratios.count > 4, let first = ratios.first(where: { $0 > 0 }), !withoutSchedule(e).isEmpty,
            let late = ratios.suffix((ratios.count + 1) / 2).max(), late > 0.05, late > 20 * first,
            !e.evidence.isFinite || e.evidence.lastLoss > 3 * abs(e.evidence.firstLoss)
        else { return nil }
        return (first, late)
    }

    private static func withoutSmallSteps(_ e: Examination) -> [Change] {
        let w = e.wiring
        if let every = unmade(e), let given = w.argument("accumulate", of: w.optimizer), let (_, spot) = w.number(given)
        {
            return [
                Change(
                    label: "an update at every step instead of every \(every) steps", edits: [spot.replaced(by: "1")])
            ]
        }
        // A factor below `low` or above `high` makes the steps small at any learning rate.
        let settings: [(name: String, low: Double, high: Double, usual: String)] = [
            ("clip", 0.1, .infinity, "1"), ("clip_value", 0.01, .infinity, "1"), ("eps", 0, 1e-3, "1e-8"),
        ]
        return settings.compactMap { s in
            guard let given = w.argument(s.name, of: w.optimizer), let (value, spot) = w.number(given), value > 0,
                value < s.low || value > s.high
            else { return nil }
            return Change(
                label: "\(s.name) = \(s.usual) instead of \(tidy(value))", edits: [spot.replaced(by: s.usual)])
        }
    }

    private static func withoutSchedule(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard let given = w.argument("lr", of: w.optimizer), w.number(given) == nil else { return [] }
        let schedule = w.followed(given)
        if let own = w.ownSchedule(schedule) {
            return [
                Change(
                    label: "the learning rate of the first step throughout",
                    edits: [given.replaced(by: "(\(w.text(own)))(0)")])
            ]
        }
        guard let inner = schedule.call?.name, let first = w.parameters(of: inner).first,
            let value = w.argument(first, of: schedule).flatMap({ w.number($0)?.value })
        else { return [] }
        return [
            Change(
                label: "lr = \(tidy(value)) throughout instead of \(w.text(schedule))",
                edits: [given.replaced(by: tidy(value))])
        ]
    }

    private static func againstOverfit(_ e: Examination) -> [Change] {
        let w = e.wiring
        var changes: [Change] = []
        // More data, where a small share was split off.
        for (statement, k) in w.statements {
            guard case .assign(let targets, let value) = statement.kind, targets.count == 2,
                case .call(let f, _, _) = value.kind, case .name("split") = f.kind,
                let data = sourceData(w), case .name(let name) = targets[0].kind, w.text(data) == name
            else { continue }
            let call = ExpressionReference(document: k, expression: value)
            if let share = w.argument("share", of: call).flatMap({ w.number($0)?.value }), share <= 0.3 {
                for factor in [2.0, 4.0] {
                    changes.append(
                        Change(
                            label: "\(tidy(100 * share * factor)) % of the data instead of \(tidy(100 * share)) %",
                            edits: w.setting("share", of: call, to: tidy(share * factor))))
                }
            }
        }
        // The whole of what a part was cut from.
        for spot in [sourceData(w)].compactMap({ $0 }).map({ w.followed($0) }) {
            if case .index(let whole, let selectors) = spot.expression.kind, selectors.count == 1 {
                let text = w.text(spot.with(whole))
                changes.append(Change(label: "all of \(text)", edits: [spot.replaced(by: text)]))
            }
        }
        // Dropout after the hidden activations.
        var edits: [TextEdit] = []
        let own = dropouts(w)
        if own.isEmpty {
            for stage in w.stages.dropLast() where ["relu", "tanh", "gelu", "elu", "leaky_relu"].contains(stage.name) {
                edits.append(stage.spot.inserting(" >> dropout(0.2)"))
            }
        } else {
            for (stage, value) in own where value == 0 { edits += w.setting("rate", of: stage.spot, to: "0.2") }
        }
        if !edits.isEmpty { changes.append(Change(label: "dropout 0.2", edits: unique(edits), isGeneric: true)) }
        return changes
    }
}
