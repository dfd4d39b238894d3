import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of what pairs are shown, and of the labels.
    static var pairs: [Rule] {
        [
            Rule(
                28, "pair imbalance", seen: "The loss is small at once and retrieval stays poor.",
                why: "Nearly all pairs are same, so everything is pulled together and little pushes apart.",
                repair: "half of the pairs same",
                sign: { e in
                    guard let share = e.evidence.sameShare, share > 0.85 else { return nil }
                    return "\(short(100 * share)) % of the pairs are same"
                },
                changes: { e in
                    guard e.wiring.source.call?.name == "pairs" else { return [] }
                    let edits = e.wiring.setting("same", of: e.wiring.source, to: "0.5")
                    return edits.isEmpty ? [] : [Change(label: "same = 0.5", edits: edits)]
                }),
            Rule(
                27, "hard-mining collapse", seen: "The loss settles at the margin (0.69 with a soft one).",
                why:
                    "The hardest negative is a mislabelled or a nearly identical item; pulling everything together is the way out.",
                repair: "semi-hard or all triplets instead of the hardest",
                sign: { e in
                    guard e.wiring.lossName.contains("hard"), e.evidence.isCollapsed else { return nil }
                    return
                        "batch-hard mining, and the spread fell to \(short(e.evidence.spread)) from \(short(e.evidence.firstSpread))"
                },
                changes: { e in
                    guard let call = e.wiring.lossCall, call.call?.name == "batch_hard",
                        case .call(let f, _, _) = call.expression.kind
                    else { return [] }
                    return ["semi_hard", "batch_all"].filter { Prelude.definition($0) != nil }.map {
                        Change(label: "\($0) instead of batch_hard", edits: [call.with(f).replaced(by: $0)])
                    }
                }),
            Rule(
                29, "self pairs", .measured, seen: "Same pairs cost nothing.",
                why: "The same row stands on both sides of a pair: its distance is 0 by itself and teaches nothing.",
                repair: "draw the two sides of a same pair from different rows, as pairs(data, n) does",
                sign: { e in
                    guard e.evidence.selfShare > 0.02 else { return nil }
                    return "\(short(100 * e.evidence.selfShare)) % of the same pairs have one row on both sides"
                }),
            Rule(
                31, "nothing to learn", .measured, seen: "The loss stands at its plateau whatever is tried.",
                why: "The labels say nothing about the inputs: they are random, or the inputs are.",
                repair: "look at the labels: they do not fit the inputs",
                sign: { e in
                    let v = e.evidence
                    guard v.items > 0, v.isFinite, !v.isCollapsed, abs(v.raw.auc - 0.5) < 0.04,
                        abs(v.untrained.auc - 0.5) < 0.04, abs(v.score.auc - 0.5) < 0.05
                    else { return nil }
                    return
                        "held-out AUC is \(short(v.score.auc)), of the raw inputs \(short(v.raw.auc)), of an untrained copy \(short(v.untrained.auc)): chance"
                }),
            Rule(
                30, "label noise", seen: "The loss settles high, and neighbours disagree with the labels.",
                why: "A part of the labels is wrong; pairs of them pull and push the wrong way.",
                repair: "look at the items whose neighbours disagree with their class, and correct or drop them",
                sign: { e in
                    guard e.evidence.strangeLabels > 0.08, e.evidence.raw.auc > 0.55, e.evidence.score.auc > 0.55 else {
                        return nil
                    }
                    return
                        "\(short(100 * e.evidence.strangeLabels)) % of the training items have another class than most of their five nearest neighbours"
                },
                changes: { e in
                    guard let first = sourceData(e.wiring) else { return [] }
                    return [
                        Change(
                            label: "the labels of the five nearest neighbours",
                            edits: [first.inserting("__relabel(", before: true), first.inserting(")")],
                            isExperiment: true)
                    ]
                }),
            Rule(
                32, "train/test leak", .measured, seen: "Held-out scores are better than on new data.",
                why:
                    "Rows of the training data are in the held-out data too: what was learnt by heart counts as understood.",
                repair: "split the items first, then make pairs of each part",
                sign: { e in
                    guard e.evidence.leak > 0.01, e.evidence.leak < 0.999, e.evidence.items > 0 else { return nil }
                    return "\(short(100 * e.evidence.leak)) % of the held-out items are training items too"
                }),
        ]
    }

    /// The data set that the run's source draws from, as written.
    static func sourceData(_ w: Wiring) -> Spot? {
        guard let (name, arguments) = w.source.call, ["pairs", "triplets", "balanced", "batches"].contains(name),
            let first = arguments.first(where: { $0.name == nil })
        else { return nil }
        return w.source.with(first.value)
    }
}
