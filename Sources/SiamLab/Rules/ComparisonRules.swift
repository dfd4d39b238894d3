import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of what is compared, by how the loss answers when embeddings are moved.
    static var comparisons: [Rule] {
        [
            Rule(
                51, "nothing is pushed apart", seen: "All embeddings move to the same point.",
                why:
                    "The loss pulls pairs together and pushes none apart. Its minimum is reached where all embeddings are the same point.",
                repair: "a loss that also pushes negative pairs apart",
                traits: [.shownByStep],
                picture: { .push($0.evidence.facts?.push) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    if e.evidence.facts?.shrinksToNothing == true {
                        return "no label enters the loss, and it goes to 0 with the size of the embeddings"
                    }
                    if e.evidence.facts?.prefersOnePoint == true {
                        return
                            "the loss is as small where all rows have the same embedding as where each row equals its other view: views are pulled together, and nothing keeps rows apart"
                    }
                    guard let f = e.evidence.facts, f.broadcasts == nil, !f.pairsAreOne, let p = f.push, p.mostPull > 0,
                        p.pull > 0,
                        !isTurned(p),
                        p.mostPush <= 1e-6 * p.mostPull,
                        p.different.map(\.slope).allSatisfy({ $0 > -1e-9 }), !p.different.isEmpty
                    else { return nil }
                    return
                        "moving two embeddings of negative pairs apart lowers the loss at no distance; positive pairs are pulled"
                }, changes: { signedFlags($0) + wholeLoss($0) }, isPlain: { $0.isCollapsed },
                isConclusive: { $0.isWeak && $0.task == .metric && ($0.sameShare ?? 0.5) < 0.9 }),
            Rule(
                52, "similarity and distance exchanged", seen: "Positive pairs are driven apart.",
                why:
                    "A distance is small for similar items, a similarity is large. A loss written for one of them and given the other pulls together what it should push apart.",
                repair: "1 - cosine(a, b) is the similarity that belongs to the distance cosine(a, b)",
                picture: { .push($0.evidence.facts?.push) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    guard let p = e.evidence.facts?.push, isTurned(p), !turnedDistances(e).isEmpty else { return nil }
                    return
                        "moving positive pairs apart lowers the loss and moving negative pairs apart raises it, and the loss takes cosine(...), which is a distance"
                }, changes: turnedDistances),
            Rule(
                92, "one target for all rows",
                seen: "The loss stops far above 0, and retrieval gets worse than untrained.",
                why:
                    "Each row is scored against all others, and its positive is the column with the row's own index. One target for all rows asks every row to match the same column.",
                repair: "give row k the target k:  range(n)",
                traits: [.shownByStep], picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    guard let column = e.evidence.facts?.oneTarget else { return nil }
                    return
                        "cross_entropy of all rows against all others is given the target \(column) for every row"
                }, changes: ownColumns, isConclusive: { $0.facts?.oneTarget != nil && !$0.isGood }),
            Rule(
                102, "products of embeddings of any length",
                seen: "The loss is large, or falls without retrieval getting better.",
                why:
                    "The dot product of two embeddings grows with their lengths. A margin or a temperature that is meant for cosines, which lie between -1 and 1, does not fit it, and the net can lower the loss by changing lengths.",
                repair: "end the tower in l2norm, so that dot products are cosines",
                picture: {
                    .bars([("largest length / smallest", $0.evidence.facts?.products?.lengths ?? 1), ("of cosines", 1)])
                },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    guard let p = e.evidence.facts?.products, !e.evidence.isGood else { return nil }
                    return
                        "the loss multiplies embeddings whose lengths differ by a factor of \(short(p.lengths)); the longest is \(short(p.largest))"
                },
                changes: { e in
                    guard let last = e.wiring.stages.last, last.name != "l2norm" else { return [] }
                    return [Change(label: "embeddings of length 1", edits: [last.spot.inserting(" >> l2norm")])]
                }),
        ]
    }

    /// The number of each row in place of the class numbers of a cross-entropy.
    private static func ownColumns(_ e: Examination) -> [Change] {
        var edits: [TextEdit] = []
        for spot in lossExpressions(e.wiring) {
            spot.expression.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name("cross_entropy") = f.kind,
                    arguments.count >= 2
                else { return }
                let scores = e.wiring.text(spot.with(arguments[0].value))
                edits.append(spot.with(arguments[1].value).replaced(by: "range(len(\(scores)))"))
            }
        }
        return edits.isEmpty ? [] : [Change(label: "the index of each row as its target", edits: unique(edits))]
    }

    /// Numbers and choices of the comparison, tried behind what is more specific.
    static var numbersOfComparisons: [Rule] {
        [
            Rule(
                53, "temperature or scale out of range", seen: "The loss stays at its plateau, or is not finite.",
                why:
                    "The scale of the similarities makes all of them nearly equal, or lets one outweigh all others. Either way hardly any pair has a gradient.",
                repair: "similarities times about 10 to 30, or divided by a temperature of about 0.1",
                traits: [.toldByOutcome, .namesNoNumber],
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    let v = e.evidence
                    guard v.task == .metric || v.task == .classification, v.facts?.sides != 3 else { return nil }
                    if v.task == .classification, v.isWeak, !scaledScores(e).isEmpty {
                        return
                            "all scores lie between \(short(v.outputLow)) and \(short(v.outputHigh)), so that softmax gives nearly equal probabilities"
                    }
                    let hardlyFell = v.isFinite && v.lastLoss > 0.7 * v.firstLoss && v.firstLoss > 0
                    guard !v.isFinite || hardlyFell, !numbersOfLoss(e).isEmpty else { return nil }
                    return v.isFinite
                        ? "the loss stays at \(short(v.lastLoss)), \(short(v.firstLoss)) at the start"
                        : "the loss is not finite after step \(v.steps)"
                }, changes: { scaledScores($0) + numbersOfLoss($0) }, eases: { $1.isFinite && $1.worth > $0.worth }),
            Rule(
                60, "distances summed over the batch", seen: "The loss falls, and pair accuracy does not improve.",
                why:
                    "A sum or a mean along the first axis, or over all axes, adds up the pairs of a batch. The value that is compared with a pair's label is then not the distance of that pair.",
                repair: "sum along the last axis:  sum((a - b)^2, axis = -1)",
                picture: { .push($0.evidence.facts?.push) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    if e.evidence.facts?.pairsAreOne == true {
                        return
                            "all pairs of a batch have one distance together, and each pair's label is compared with it"
                    }
                    guard e.evidence.facts?.mixesPairs == true else { return nil }
                    return "moving the embedding of one pair changes the distances of other pairs"
                }, changes: otherAxis, isPlain: { _ in true }, isConclusive: { $0.facts?.pairsAreOne == true }),
            Rule(
                55, "triplets of wrong classes", .measured,
                seen: "The loss stays at the margin; classes are not separated.",
                why:
                    "A negative of the anchor's own class is pushed away from it, or a positive of another class is pulled to it. Such triplets work against the correct ones.",
                repair:
                    "draw the positive from the anchor's class and the negative from another, as triplets(data, n) does",
                picture: {
                    .shares([
                        ("negatives of the anchor's class", $0.evidence.falseNegatives),
                        ("positives of another class", $0.evidence.strangePositives),
                    ])
                },
                firstSymptom: { _ in "in the first batch" },
                sign: { e in
                    let v = e.evidence
                    guard !v.isGood, v.falseNegatives > 0.3 || v.strangePositives > 0.3,
                        !(v.falseNegatives > 0.9 && v.strangePositives > 0.9)
                    else { return nil }
                    return
                        "\(short(100 * v.falseNegatives)) % of the negatives have the anchor's class, and \(short(100 * v.strangePositives)) % of the positives another"
                }),
            Rule(
                56, "miner picks the wrong end", seen: "The loss falls at once and retrieval does not improve.",
                why:
                    "The smallest distance was taken instead of the largest, or the reverse. Only the easiest pairs are trained on.",
                repair: "the farthest positive and the nearest negative",
                traits: [.toldByOutcome],
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    // The hardest pairs may end in a collapse, and any others then do better.
                    guard e.evidence.task == .metric, !e.evidence.isGood, !e.evidence.isCollapsed,
                        !exchangedCalls(e.wiring).isEmpty
                    else {
                        return nil
                    }
                    return "the loss picks pairs by their distance, and the scores improved little"
                }, changes: { exchangedCalls($0.wiring) }, eases: { $1.worth > $0.worth + 0.1 }),
            Rule(
                66, "net recreated during training", .measured,
                seen: "The loss falls within an epoch and jumps back to its initial value.",
                why:
                    "The net is constructed inside the loop, so that a new, untrained one replaces it again and again. What was learnt is lost each time.",
                repair: "construct the net and the optimizer once, before the loop",
                picture: { .bars([("nets updated in turn", Double($0.evidence.netsInTurn)), ("expected", 1)]) },
                firstSymptom: { _ in "when the second net was constructed" },
                sign: { e in
                    if let net = e.wiring.remadeInLoop, !e.evidence.isGood || e.evidence.isBehindReference {
                        return
                            "\(net) is constructed anew in each round of the loop and trained for \(e.evidence.steps) steps; what the rounds before taught it is lost"
                    }
                    let n = e.evidence.netsInTurn
                    // Copies that what is minimized never uses are another fault.
                    // Each fold of a cross-validation, and each value that is tried, has a net of its own.
                    guard n > 2, n > 2 * e.wiring.train.nets.count, !e.evidence.isGood, !e.wiring.isOneOfSeveral,
                        (e.evidence.facts?.unreached.count ?? 0) < max(1, e.evidence.parameters)
                    else { return nil }
                    return "\(n) nets of the same shape were updated one after another, each untrained at first"
                }),
            Rule(
                54, "one batch throughout", .measured, seen: "The loss falls to 0 and held-out scores do not improve.",
                why: "Every step trains on the same rows. The net memorises them and learns nothing else.",
                repair: "draw a new batch in every step",
                picture: {
                    .bars([
                        ("batches drawn", Double($0.evidence.batchesDrawn ?? 0)), ("steps", Double($0.evidence.steps)),
                    ])
                },
                firstSymptom: { _ in "at the second step" },
                sign: { e in
                    guard e.evidence.batchesDrawn == 1, e.evidence.steps > 20 else { return nil }
                    return "a single batch was drawn for \(e.evidence.steps) steps"
                }),
        ]
    }

    /// Whether the loss pushes positive pairs apart and pulls different ones.
    static func isTurned(_ p: PushAndPull) -> Bool {
        let (pull, push) = (p.pull, p.push)
        return pull < 0 && push <= 0 && !p.same.isEmpty && !p.different.isEmpty
            || pull < 0 && push < 0 || restsTurned(p)
    }

    /// Whether positive pairs are pushed off one another and different ones are pulled together at every distance, as where the
    /// distances themselves are fitted to the labels.
    private static func restsTurned(_ p: PushAndPull) -> Bool {
        let different = p.different.map(\.slope).filter(\.isFinite)
        let same = p.same.filter(\.slope.isFinite).sorted { $0.distance < $1.distance }
        guard let nearest = same.first, same.count > 3, different.count > 3, let most = different.max(), most > 0 else {
            return false
        }
        let largest = same.map { abs($0.slope) }.max() ?? 0
        return nearest.slope < -1e-4 * largest && different.allSatisfy { $0 > -1e-6 * most }
    }

    private static func otherAxis(_ e: Examination) -> [Change] {
        let w = e.wiring
        var edits: [TextEdit] = []
        if e.evidence.facts?.pairsAreOne == true { return axisOfPairs(w) }
        for spot in lossExpressions(w) {
            spot.expression.walk { x in
                guard case .call(_, let arguments, _) = x.kind else { return }
                for a in arguments where a.name?.text == "axis" {
                    if case .number(0, _) = a.value.kind { edits.append(spot.with(a.value).replaced(by: "-1")) }
                }
            }
        }
        return edits.isEmpty ? [] : [Change(label: "axis = -1 instead of axis = 0", edits: unique(edits))]
    }

    /// An axis for what reduces a difference of two embeddings, where it has none.
    private static func axisOfPairs(_ w: TrainingModel) -> [Change] {
        var edits: [TextEdit] = []
        func look(_ e: Expression, _ document: Int) {
            e.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name(let name) = f.kind,
                    name == "mean" || name == "sum", arguments.count == 1, let inner = arguments.first?.value
                else { return }
                // Of a difference alone: `(u - v)^2`, `abs(u - v)`.
                var base = inner
                if case .binary(.power, let l, _, _) = base.kind { base = l }
                if case .call(let g, let own, _) = base.kind, case .name(let n) = g.kind, n == "abs" || n == "square",
                    let only = own.first?.value
                {
                    base = only
                }
                guard case .binary(.subtract, let l, let r, _) = base.kind,
                    [l, r].allSatisfy({ if case .number = $0.kind { false } else { true } })
                else { return }
                let spot = ExpressionReference(document: document, expression: inner)
                edits.append(spot.replaced(by: "\(w.text(spot)), axis = -1"))
            }
        }
        let spots = lossExpressions(w)
        for spot in spots { look(spot.expression, spot.document) }
        for (d, k, _) in w.called(in: spots) { d.body.walk { look($0, k) } }
        return edits.isEmpty
            ? [] : [Change(label: "the distance of each pair, along the last axis", edits: unique(edits))]
    }

    /// A loss of the library on the same embeddings in place of the program's own.
    /// `2 * same - 1` in place of flags of 0 and 1, for a loss of the program's own that compares its labels with -1.
    private static func signedFlags(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard w.train.names.count == 3, let flag = w.train.names.last?.text else { return [] }
        var comparesWithMinusOne = false
        for spot in lossExpressions(w) {
            spot.expression.walk { x in
                guard case .comparison(let operands, _, _) = x.kind else { return }
                for o in operands where w.number(spot.with(o))?.value == -1 { comparesWithMinusOne = true }
            }
        }
        guard comparesWithMinusOne else { return [] }
        var edits: [TextEdit] = []
        func note(_ e: Expression) {
            if case .name(flag) = e.kind {
                edits.append(
                    ExpressionReference(document: w.trainDocument, expression: e).replaced(by: "2 * \(flag) - 1"))
            }
        }
        for s in WrittenLoop.flat(w.train.body.statements) {
            if case .assign(_, let value) = s.kind { note(value) }
            for part in s.parts {
                part.walk { x in
                    if case .call(_, let arguments, _) = x.kind { for a in arguments { note(a.value) } }
                }
            }
        }
        return edits.isEmpty ? [] : [Change(label: "labels of 1 and -1, 2 * \(flag) - 1", edits: unique(edits))]
    }

    static func wholeLoss(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard w.losses.count == 1, let net = w.train.nets.first else { return [] }
        let names = w.train.names.map(\.text)
        let f = w.text(net, w.trainDocument)
        let text: String
        switch e.evidence.facts?.sides {
        case 1 where names.count == 2: text = "contrastive(\(f)(\(names[0])), \(names[1]))"
        case 2 where names.count == 3: text = "contrastive(\(f)(\(names[0])), \(f)(\(names[1])), \(names[2]))"
        case 3 where names.count == 3: text = "triplet(\(f)(\(names[0])), \(f)(\(names[1])), \(f)(\(names[2])))"
        default: return []
        }
        let at = w.trainIndex >= 0 ? w.losses[0] : w.lossValue(w.losses[0])
        return [Change(label: "minimize \(text)", edits: [at.replaced(by: text)])]
    }

    private static func turnedDistances(_ e: Examination) -> [Change] {
        let w = e.wiring
        var edits: [TextEdit] = []
        for spot in lossExpressions(w) {
            spot.expression.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name("cosine") = f.kind, arguments.count == 2
                else { return }
                edits.append(spot.with(x).replaced(by: "(1 - \(w.text(spot.with(x))))"))
            }
        }
        return edits.isEmpty
            ? [] : [Change(label: "1 - cosine(...) where the loss expects a similarity", edits: unique(edits))]
    }

    /// Each number that the loss is made with, some decades up and down.
    /// Scores of classes that are cosines, times 20 on their way into the loss.
    private static func scaledScores(_ e: Examination) -> [Change] {
        let v = e.evidence
        guard v.outputLow >= -1.001, v.outputLow < -0.05, v.outputHigh <= 1.001, v.outputHigh > 0.05,
            let call = e.wiring.lossCall, call.call?.name == "cross_entropy", let given = call.call?.arguments.first
        else { return [] }
        let spot = call.with(given.value)
        return [
            Change(
                label: "scores times 20", edits: [spot.inserting("20 * (", before: true), spot.inserting(")")])
        ]
    }

    static func numbersOfLoss(_ e: Examination) -> [Change] {
        let w = e.wiring
        var spots: [ExpressionReference] = []
        // The rates of steps that are written out belong to no loss.
        let rates = w.updatesByAssignment ? w.assignedRates.map(\.spot) : []
        func add(_ spot: ExpressionReference) {
            if !(rates + spots).contains(where: spot.isAt) {
                spots.append(spot)
            }
        }
        func visit(_ spot: ExpressionReference, _ depth: Int) {
            guard depth < 6 else { return }
            switch spot.expression.kind {
            case .binary(.multiply, let l, let r, _), .binary(.divide, let l, let r, _):
                for side in [l, r] {
                    if let (value, at) = w.number(spot.with(side)), value != 0, value != 1, value != 2 { add(at) }
                }
            case .call(_, let arguments, _):
                for a in arguments
                where a.name.map({ ["temperature", "scale", "t", "tau", "alpha", "beta", "gamma"].contains($0.text) })
                    == true
                {
                    if let (_, at) = w.number(spot.with(a.value)) { add(at) }
                }
            default: break
            }
        }
        for spot in lossExpressions(w) { spot.expression.walk { visit(spot.with($0), 0) } }
        // Heads that are trained beside the net: their own scale.
        for net in w.updatesByAssignment ? [] : w.train.nets.dropFirst() {
            let made = w.followed(ExpressionReference(document: w.trainDocument, expression: net))
            visit(made, 0)
        }
        return spots.prefix(4).flatMap { spot -> [Change] in
            guard let (value, _) = w.number(spot), value > 0 else { return [] }
            return [10, 100, 1000, 0.1, 0.01, 0.001].map { factor in
                Change(
                    label: "\(tidy(value * factor)) instead of \(tidy(value))",
                    edits: [spot.replaced(by: tidy(value * factor))])
            }
        }
    }
}
