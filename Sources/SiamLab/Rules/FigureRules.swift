import SiamInterpreter
import SiamLanguage

/// Faults of how a program measures its net, seen at the figures that it prints.
extension Rule {
    static var figures: [Rule] { [ownNeighbours, threshold, trainedClasses, otherCodes, evaluation] }

    static var ownNeighbours: Rule {
        Rule(
            90, "query among its own neighbours", .measured,
            seen: "Retrieval is perfect, even with untrained weights.",
            why:
                "The queries are among the rows that are searched. Each finds itself at distance 0, whatever the net has learnt.",
            repair:
                "exclude each query from its own search: take the second nearest, or search rows that are not queries;  recall_at(1, net, data) does so",
            traits: [.ofTheEvaluation], picture: ownFigure, firstSymptom: { _ in "after the training" },
            sign: { e in
                guard e.evidence.isFinite, let f = e.evidence.strangeFigure, e.evidence.isOfItself(f) else {
                    return nil
                }
                return
                    "\(f.text) is \(short(f.trained)) with both trained and untrained weights, which is what one gets when each row is its own nearest neighbour; \(standing(e.evidence))"
            }, isConclusive: { _ in true })
    }

    static var threshold: Rule {
        Rule(
            91, "threshold outside the score range", .measured,
            seen: "Every pair, or every row, gets the same prediction.",
            why:
                "The threshold lies outside the range of the scores or distances. Every comparison then has the same result, and the score says nothing about the net.",
            repair:
                "choose the threshold on held-out positive and negative pairs, between the scores of the two groups",
            traits: [.ofTheEvaluation], picture: ownFigure, firstSymptom: { _ in "after the training" },
            sign: { e in
                let v = e.evidence
                guard v.isFinite, let f = v.strangeFigure ?? v.contradiction, let one = v.oneSided else { return nil }
                // Where hardly a pair is positive, scores that call every pair different are what the loss asks for.
                if v.isTaughtOneSide { return nil }
                return "\(one.words); \(f.text) is \(short(f.trained)), and \(standing(v))"
            })
    }

    static var trainedClasses: Rule {
        Rule(
            93, "trained classes measured as new", .measured,
            seen: "The scores for new classes are nearly as good as for trained ones, and in use they are worse.",
            why:
                "The split is by row, so each class has rows in both parts. New rows of known classes are much easier than rows of new classes.",
            repair: "split by class, not by row:  seen, unseen = split_classes(data, 0.8)",
            traits: [.ofTheEvaluation],
            picture: {
                .shares([
                    ("of trained classes", $0.evidence.ofTrainedClasses),
                    ("of new ones", 1 - $0.evidence.ofTrainedClasses),
                ])
            },
            firstSymptom: { _ in "at the split" },
            sign: { e in
                let v = e.evidence
                guard let claim = v.claimOfNewClasses, v.ofTrainedClasses > 0.15, let held = v.heldOutName,
                    v.task == .metric || v.task == .verification
                else { return nil }
                return
                    "the program says that its score is for new classes (\(claim)), and \(short(100 * v.ofTrainedClasses)) % of the rows of \(held) belong to classes that were trained on"
            })
    }

    static var otherCodes: Rule {
        Rule(
            94, "class codes that differ", .measured,
            seen: "The share of correct rows is near chance, and the loss falls as it should.",
            why:
                "Predictions and labels number the classes in different ways, such as 0 and 1 against -1 and 1. Rows of some classes then never count as correct, whatever the net predicts.",
            repair: "number the classes alike on both sides of the comparison",
            traits: [.ofTheEvaluation], picture: ownFigure, firstSymptom: { _ in "after the training" },
            sign: { $0.evidence.isFinite ? $0.evidence.otherCodes?.words : nil }, isConclusive: { _ in true })
    }

    private static func ownFigure(_ e: Examination) -> Picture {
        let v = e.evidence
        let f = v.strangeFigure ?? v.contradiction ?? v.figures.first { $0.text == v.otherCodes?.figure }
        return .bars([("own figure, trained", f?.trained ?? 0), ("untrained", f?.untrained ?? 0)])
    }
    private static func standing(_ v: Evidence) -> String {
        "\(v.measure) of the net on \(v.isJudgedOnTraining ? "training" : "held-out") rows is \(short(v.standing))"
    }

    /// The program's own figure against what its net does.
    static var evaluation: Rule {
        Rule(
            65, "evaluation does not fit the training", .measured,
            seen: "The loss falls as it should, and the score at the end is no better than chance.",
            why:
                "The program evaluates something other than what it trained. This may be an untrained copy, inputs with another scaling or layout, another distance, or a reversed comparison.",
            repair:
                "evaluate the trained net, on inputs preprocessed as in training, with the distance that the loss uses",
            traits: [.ofTheEvaluation],
            picture: ownFigure, firstSymptom: { _ in "after the training" },
            sign: { e in
                let v = e.evidence
                if v.oneSided != nil || v.otherCodes != nil { return nil }
                // Rows that were trained on say nothing of others, unless these reach the net in another size.
                guard v.isFinite, !v.comparesClassNumbers, let f = v.strangeFigure,
                    f.trained == f.untrained || v.isOfOtherSize(f)
                        || !v.isJudgedOnTraining && v.taskScore?.isBalanced != true
                else {
                    return nil
                }
                if v.isOfItself(f) { return nil }
                let net = standing(v)
                if f.trained == f.untrained, v.ownMeasure != nil {
                    return
                        "\(f.text) is \(short(f.trained)), exactly the same with the weights from before the training, although the loss fell from \(short(v.firstLoss)) to \(short(v.lastLoss))"
                }
                if f.trained == f.untrained {
                    return
                        "\(f.text) is \(short(f.trained)), exactly the same with untrained weights: it does not measure the trained net; \(net)"
                }
                if v.isOfOtherSize(f) {
                    return
                        "\(f.text) is \(short(f.trained)), \(short(f.untrained)) with untrained weights: there the first layer gets inputs of size \(f.inputScales.map(short).joined(separator: " and ")), in training \(short(v.facts?.inputScale ?? 0)); \(net)"
                }
                return
                    "\(f.words); \(net)"
            })
    }
}

extension Evidence {
    /// A measure that the program prints and that does not see what the net has learnt, by what it is on held-out rows.
    var strangeFigure: OwnFigure? {
        figuresOfNet.first { f in
            let chance = f.isError ? 1 - f.untrained : f.untrained
            let own = f.worth
            if f.ofLoss != nil {
                return isGood && (task == .regression || task == .reconstruction) && isJudgedByTask
                    && (-0.5..<leastOfLoss).contains(f.trained) && ownMeasure == nil
            }
            let isBlind = isGood && f.gain < 0.025 && own < standing - 0.25 && chance < 0.9
            let isTurned = f.gain < -0.1 && worth > startWorth + 0.05 && own < standing - 0.1
            // Pairs that the embedding tells apart, and the program's threshold does not.
            let isOfPairs =
                items > 0 && f.gain < 0.025 && score.accuracy > 0.8 && own < score.accuracy - 0.25 && own < 0.6
                && heldOutName.map(f.names.contains) == true
                // Retrieval is harder than pairs, and is held against itself.
                && (!f.names.contains("map_at_r") || own < score.mapAtR - 0.12)
            // The same rows, judged in the same measure, and a worse score.
            let isOther =
                heldOutName.map(f.names.contains) == true && isGood && isJudgedByTask && ownMeasure == nil
                && isLikeJudgement(f) && own < standing - 0.12
            // A loss that fell, and a figure that did not change with it.
            let isUntouched =
                ownMeasure != nil && own < 0.8 && f.trained == f.untrained && loss.count > 1
                && lastLoss < 0.5 * firstLoss
            // The very same with untrained weights, though the net was given rows that were held out.
            let isOfAnother =
                isGood && ownMeasure == nil && f.trained == f.untrained && !f.inputScales.isEmpty
                && heldOutName.map(f.names.contains) == true && own < standing - 0.1 && own < 0.95
            // No figure of the program changed with the training, and the trained net does better in the same measure.
            let level = f.names.contains("auc") && items > 0 ? score.auc : standing
            let isOfNoTraining =
                isGood && ownMeasure == nil && !f.inputScales.isEmpty && heldOutName.map(f.names.contains) == true
                && worth > startWorth + 0.1 && own < level - 0.04
                && figuresOfNet.allSatisfy { $0.trained == $0.untrained }
            // As high before the training, and far above what the net does in the same measure.
            let isInflated =
                ownMeasure == nil && task == .regression && isLikeJudgement(f) && !f.isError && f.gain < 0.05
                && f.untrained > max(0.5, standing + 0.3)
            return isOfItself(f) || isInflated || isOfNoTraining || isBlind || isTurned || isOther || isOfPairs
                || isUntouched
                || isOfAnother
                || (isGood || (taskOwn?.worth ?? 0) > worth + 0.25) && isOfOtherSize(f) && own < 0.9
        }
    }
    /// Whether a figure is all right with any weights, where the embeddings are not: rows are compared with themselves.
    func isOfItself(_ f: OwnFigure) -> Bool {
        !f.isError && f.trained > 0.999 && f.untrained > 0.999 && items > 0
            && (untrained.mapAtR < 0.7 && score.mapAtR < 0.95
                || items >= 100 && f.trained == 1 && f.untrained == 1 && untrained.mapAtR < 0.9 && score.mapAtR < 0.9)
    }
    /// Whether the net's inputs have another size where a figure is worked out than in training.
    func isOfOtherSize(_ f: OwnFigure) -> Bool {
        let scale = facts?.inputScale ?? 0
        return scale > 0 && (f.inputScales.max() ?? scale > 5 * scale || f.inputScales.min() ?? scale < scale / 5)
    }
}
