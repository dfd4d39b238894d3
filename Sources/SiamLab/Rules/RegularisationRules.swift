import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Faults of dropout and weight decay, and overfitting.
extension Rule {
    static var dropoutTooStrong: Rule {
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
            })
    }

    static var decayTooStrong: Rule {
        Rule(
            20, "weight decay too strong", seen: "Weights shrink and embeddings with them.",
            why:
                "The gradient of the weight decay is as large as that of the data. Weights shrink until the two balance, and distances shrink with them.",
            repair: "no weight decay, or a hundredth of it",
            traits: [.triedWithoutSign],
            picture: { .series("decay to data", $0.evidence.decayShares) },
            sign: { e in
                if let penalty = penalties(e.wiring).first {
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
                let penalties = penalties(e.wiring)
                if let first = penalties.first {
                    return [
                        Change(
                            label: "a penalty of \(tidy(first.factor / 100))",
                            edits: unique(penalties.map { $0.spot.replaced(by: tidy($0.factor / 100)) }))
                    ]
                }
                guard let decay = decay(e) else { return [] }
                return [0, decay / 100].compactMap { value in
                    let edits = e.wiring.setting("decay", of: e.wiring.optimizer, to: tidy(value))
                    return edits.isEmpty ? nil : Change(label: "decay = \(tidy(value))", edits: edits)
                }
            },
            eases: { before, after in after.spread > 1.2 * before.spread })
    }

    static var overfit: Rule {
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
                    own.worth > v.worth + 0.1,
                    // Rows that the replays withhold say nothing of a program that asks for no others, or has asked itself.
                    !v.isOfKeptRows || v.measuresNewRows && !v.isGoodOnNewRows(like: own.worth)
                {
                    return
                        "\(v.measure) is \(short(own.worth)) on training rows and \(short(v.worth)) on held-out rows"
                }
                // What tells nearly all held-out pairs apart has learnt what holds for others.
                guard v.items > 0, v.own.accuracy > 0.96, v.own.accuracy > v.score.accuracy + 0.03,
                    v.score.auc < 0.95, v.lastLoss < 0.1 * v.firstLoss
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
            })
    }

    static func dropouts(_ w: TrainingModel) -> [(TrainingModel.Stage, Double)] {
        w.stages.compactMap { s in rate(of: s, w).map { (s, $0) } }
    }

    /// As it is written, else as the run had it.
    private static func decay(_ e: Examination) -> Double? {
        e.wiring.argument("decay", of: e.wiring.optimizer).map { e.wiring.number($0)?.value ?? e.evidence.decay }
    }

    /// Factors of the terms of the loss that pull the weights: `loss + 0.01 * sum(net.dense1.w^2)`.
    private static func penalties(_ w: TrainingModel) -> [(factor: Double, spot: ExpressionReference)] {
        let nets = Set(w.train.nets.map { w.text($0, w.trainDocument) })
        func reads(_ e: Expression) -> Bool {
            guard case .field(let owner, let name) = e.kind, name.text == "w" || name.text == "parameters" else {
                return false
            }
            var isOfNet = false
            owner.walk { if case .name(let n) = $0.kind, nets.contains(n) { isOfNet = true } }
            return isOfNet
        }
        func isOfWeights(_ e: Expression, in loss: ExpressionReference, _ depth: Int = 0) -> Bool {
            var (hasWeight, hasData) = (false, false)
            e.walk { x in
                if reads(x) { hasWeight = true }
                // A function of the program that is given the net itself, or reads its weights.
                if case .call(let f, let arguments, _) = x.kind, case .name(let own) = f.kind,
                    let (definition, _) = w.functions[own]
                {
                    for a in arguments { if case .name(let n) = a.value.kind, nets.contains(n) { hasWeight = true } }
                    definition.body.walk { if reads($0) { hasWeight = true } }
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
        func terms(_ sum: ExpressionReference) -> [ExpressionReference] {
            guard case .binary(.add, let l, let r, _) = sum.expression.kind else { return [sum] }
            return [l, r].flatMap { terms(w.lossValue(sum.with($0))) }
        }
        return w.losses.map(w.lossValue).flatMap { loss in
            let all = terms(loss)
            return all.count < 2
                ? []
                : all.filter { isOfWeights($0.expression, in: loss) }.compactMap { term in
                    TrainingModel.factors(term.expression).lazy.compactMap { w.number(term.with($0)) }
                        .first { $0.value > 0 }.map { ($0.value, $0.spot) }
                }
        }
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
