import SiamCompiler
import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of what pairs are shown, and of the labels.
    static var pairs: [Rule] {
        [
            Rule(
                28, "pair imbalance",
                seen:
                    "The loss is small from the start and retrieval stays poor, or every pair gets the same prediction.",
                why:
                    "Where nearly all pairs are positive, all embeddings are pulled together, and too few negative pairs push them apart. Where nearly all are negative, a net that calls every pair different has a small loss.",
                repair: "make half of the pairs positive",
                picture: {
                    .shares([("same", $0.evidence.sameShare ?? 0), ("different", 1 - ($0.evidence.sameShare ?? 0))])
                },
                firstSymptom: { _ in "in the first batch" },
                sign: { e in
                    // Losses that spread embeddings otherwise need no negatives.
                    let v = e.evidence
                    if let unused = e.wiring.unusedNegative, v.isCollapsed || v.score.auc < v.untrained.auc - 0.03 {
                        return "nothing is pushed apart: the loss does not use the negatives, \(unused)"
                    }
                    if v.facts?.hasOneClass == true, !v.isGood {
                        return "all rows of the first batch have the same class, so nothing is pushed apart"
                    }
                    if v.areLabelsDistinct, v.withoutGradient.count == v.parameters, v.parameters > 0 {
                        return
                            "no two rows of a batch have the same class, so nothing is pulled together, and no weight gets a gradient"
                    }
                    if let f = v.facts, f.lacksPositives, !v.isGood {
                        return f.withPartner == 0
                            ? "no two rows of the first batch have the same class, so nothing is pulled together"
                            : "only \(short(100 * (f.withPartner ?? 0))) % of the rows of the first batch share their class with another row of it, so hardly anything is pulled together"
                    }
                    guard let share = e.evidence.sameShare else { return nil }
                    if share == 0, v.hasNoPositives || !v.isGood && (v.facts?.rows ?? 0) >= 20 {
                        return
                            "not one pair of the \(v.hasNoPositives ? "first 40 steps that were looked at" : "first batch") is positive, so nothing is pulled together"
                    }
                    if share < 0.1, let one = v.oneSided {
                        return "only \(short(100 * share)) % of the pairs are positive; \(one.words)"
                    }
                    // Pairs at random have one in as many classes; many of them were looked at.
                    if share < 0.06, v.looksAtManyPairs {
                        return "only \(short(100 * share)) % of the pairs are positive"
                    }
                    if v.hasNoNegatives {
                        return
                            "all pairs of the first 40 steps that were looked at are positive, so nothing is pushed apart"
                    }
                    guard share > 0.85, !v.sameAreFarther else { return nil }
                    return "\(short(100 * share)) % of the pairs are positive"
                },
                changes: { e in
                    if e.wiring.unusedNegative != nil { return useNegatives(e) }
                    if e.evidence.facts?.lacksPositives == true || e.evidence.areLabelsDistinct {
                        return morePositives(e)
                    }
                    guard e.wiring.source.call?.name == "pairs" else { return e.wiring.pairsInstead + evenChances(e) }
                    let edits = e.wiring.setting("same", of: e.wiring.source, to: "0.5")
                    return edits.isEmpty ? [] : [Change(label: "same = 0.5", edits: edits)]
                },
                isPlain: {
                    ($0.sameShare ?? 0.5) > 0.9 || $0.sameShare == 0 || $0.facts?.lacksPositives == true
                        || $0.facts?.hasOneClass == true
                        || $0.areLabelsDistinct || ($0.sameShare ?? 0.5) < 0.04 && $0.looksAtManyPairs
                },
                isConclusive: { v in
                    // Training pairs of the same kind say little of what others would have taught.
                    if let share = v.sameShare, share < 0.04, v.looksAtManyPairs, !v.isGood || v.isJudgedOnTraining {
                        return true
                    }
                    return v.isTaughtOneSide || v.hasNoPositives || v.hasNoNegatives && v.isWeak
                }),
            Rule(
                27, "hard-mining collapse", seen: "The loss settles at the margin (0.69 with a soft one).",
                why:
                    "The hardest negative is often a mislabelled or nearly identical item. With only such triplets the loss is lowered most easily by moving all embeddings to one point.",
                repair: "semi-hard triplets or all triplets instead of the hardest",
                picture: { .series("spread", $0.evidence.spreads.map(\.spread)) },
                firstSymptom: { $0.evidence.collapseOnset },
                sign: { e in
                    let v = e.evidence
                    // Loss at its plateau while the embedding shrinks: on the way there, or there.
                    let isSoft = e.wiring.lossCall.flatMap { e.wiring.argument("soft", of: $0) }.map(e.wiring.text)
                    let plateau = e.hasMargin && isSoft != "true" ? e.margin : 0.693
                    let shrinks =
                        v.spread < 0.3 * v.firstSpread && v.lastLoss > 0.85 * plateau && v.lastLoss < 2 * plateau
                    guard e.wiring.lossName.contains("hard"), v.isCollapsed || shrinks else { return nil }
                    return
                        "batch-hard mining, a final loss of \(short(v.lastLoss)), and the spread fell from \(short(v.firstSpread)) to \(short(v.spread))"
                },
                changes: { e in
                    guard let call = e.wiring.lossCall, let (name, arguments) = call.call, name == "batch_hard" else {
                        return []
                    }
                    return ["semi_hard", "batch_all"].filter { Prelude.definition($0) != nil }.map { other in
                        // Without what the other does not take: a soft margin.
                        let kept = arguments.filter { a in
                            a.name.map { e.wiring.parameters(of: other).contains($0.text) } ?? true
                        }
                        let texts = kept.map { a in
                            (a.name.map { "\($0.text) = " } ?? "") + e.wiring.text(call.with(a.value))
                        }
                        return Change(
                            label: "\(other) instead of batch_hard",
                            edits: [call.replaced(by: "\(other)(\(texts.joined(separator: ", ")))")])
                    }
                }),
            Rule(
                26, "only easy negatives", seen: "The loss is 0 or nearly so from the start, and nothing is learnt.",
                why:
                    "The negatives are farther away than the margin from the start, or become so soon, and then have no gradient. What would have to be told apart hardly ever meets.",
                repair: "random or semi-hard negatives of all other classes", traits: [.shownByStep],
                picture: { .shares([("active", $0.evidence.firstActive ?? 0), ("all terms", 1)]) },
                firstSymptom: { _ in "in the first 20 steps" },
                sign: { e in
                    let v = e.evidence
                    if v.hasEasyTriplets, v.unknownNegatives > 0.9 {
                        return
                            "\(short(100 * v.unknownNegatives)) % of the negatives are in no data set of the program, and anchors and positives are: a net that tells the two sources apart has a loss of 0"
                    }
                    if v.hasEasyTriplets {
                        return
                            "anchors of one class have negatives of one and the same other class in \(short(100 * v.negativesAlike.share)) % of the cases, and there are \(v.negativesAlike.classes) classes: most pairs of classes never meet in a triplet"
                    }
                    let first = v.loss.prefix(20).map(Double.init).sorted()
                    let early = first.isEmpty ? 0 : first[first.count / 2]
                    guard v.isFinite, v.items > 0 ? v.worth < v.startWorth + 0.1 : v.contradiction != nil,
                        v.firstActive.map({ $0 < 0.01 }) ?? (abs(early) < 1e-4)
                    else { return nil }
                    let active = v.firstActive.map { "\(short(100 * $0)) % of the loss terms were above 0 and " } ?? ""
                    return "in the first 20 steps \(active)the median of the losses was \(short(early))"
                }, changes: harderNegatives, isConclusive: { $0.hasEasyTriplets }),
            Rule(
                33, "loss falls, retrieval does not", .measured,
                seen:
                    "The loss falls as it should, and retrieval of classes that were not trained on gets worse than before.",
                why:
                    "The net was trained on few classes. Features that separate other classes did not lower the loss, and the net lost them.",
                repair: "train on more classes, for fewer steps, or with augmentation",
                picture: {
                    .bars([
                        ("this run", $0.evidence.score.mapAtR), ("untrained", $0.evidence.untrained.mapAtR),
                        ("raw inputs", $0.evidence.raw.mapAtR),
                    ])
                },
                firstSymptom: FirstSymptom.end,
                sign: { e in
                    let v = e.evidence
                    // What one or two numbers cannot hold is no matter of the classes.
                    guard v.isFinite, v.items > 0, v.areClassesNew, !v.isCollapsed, v.lastLoss < 0.5 * v.firstLoss,
                        v.width > 2,
                        v.own.mapAtR > v.untrainedOwn.mapAtR + 0.1,
                        // Raw inputs may be better from the start: then nothing was lost by the training.
                        v.score.mapAtR < v.untrained.mapAtR - 0.03, v.score.auc < v.untrained.auc
                    else { return nil }
                    return
                        "the loss fell to \(short(v.lastLoss / max(v.firstLoss, 1e-12))) of its start; on classes never trained on MAP@R is \(short(v.score.mapAtR)), with an untrained copy \(short(v.untrained.mapAtR)) and with the raw inputs \(short(v.raw.mapAtR))"
                }),
            Rule(
                38, "false plateau", .note, seen: "The loss stays near its margin while retrieval gets better.",
                why:
                    "The loss is a mean over the active terms alone. The remaining terms stay hard while they become fewer.",
                repair: "no repair is needed; look at run.active",
                picture: {
                    .shares([
                        ("active terms, at first", $0.evidence.firstActive ?? 0),
                        ("at last", $0.evidence.lastActive ?? 0),
                    ])
                },
                firstSymptom: FirstSymptom.end,
                sign: { e in
                    let v = e.evidence
                    guard let first = v.firstActive, let last = v.lastActive, last < 0.5 * first, v.isFinite,
                        v.lastLoss > 0.6 * v.firstLoss, v.score.mapAtR > v.untrained.mapAtR + 0.1
                    else { return nil }
                    return
                        "the loss is \(short(v.lastLoss)), \(short(v.firstLoss)) at the start, while the active share fell from \(short(first)) to \(short(last)) and MAP@R rose to \(short(v.score.mapAtR))"
                }),
            Rule(
                29, "self pairs", .measured, seen: "Positive pairs have a loss of 0.",
                why: "The same row is on both sides of a pair. Its distance is always 0 and gives no gradient.",
                repair: "draw the two sides of a positive pair from different rows, as pairs(data, n) does",
                picture: {
                    .shares([
                        ("identical positive pairs", max($0.evidence.selfShare, $0.evidence.sameAreOne ? 1 : 0)),
                        ("healthy", 0),
                    ])
                },
                firstSymptom: { _ in "in the first batch" },
                sign: { e in
                    let v = e.evidence
                    if [.classification, .regression, .reconstruction].contains(v.task) { return nil }
                    // Drawn with replacement, a pair has one row twice now and then: one in as many rows as a class has.
                    if v.selfShare > 0.3 || v.selfShare > 0.1 && !v.isGood {
                        return "\(short(100 * v.selfShare)) % of the positive pairs have the same row on both sides"
                    }
                    if let f = v.figures.first(where: { $0.selfShare > 0.1 }) {
                        return
                            "\(short(100 * f.selfShare)) % of the pairs of \(f.text) have the same row on both sides, whose distance is 0 with any net"
                    }
                    if let f = e.evidence.facts, f.sides == 1, f.unusedParts.contains(1),
                        e.wiring.train.names.count == 3,
                        !f.unusedParts.contains(2)
                    {
                        return "the second input of the pairs is not used: an embedding is compared with itself"
                    }
                    if let f = v.facts, f.viewsAreEqual, v.task == .metric, e.isWithoutLabels {
                        return "the two views of a row are equal: the net gives them the very same embedding"
                    }
                    if v.facts?.comparesWithItself == true, v.task == .metric {
                        return "embeddings are subtracted from themselves on the way to the loss"
                    }
                    if let f = v.facts, f.nearestIsItself > 0.9, !v.isGood {
                        return
                            "the smallest distance in \(short(100 * f.nearestIsItself)) % of the rows of the batch's distance matrix is that of a row to itself: it is used as if it were the nearest other row"
                    }
                    if let twice = e.wiring.comparedWithItself { return "\(twice) compares an embedding with itself" }
                    guard v.sameAreOne else { return nil }
                    return "the two embeddings of every positive pair were identical at the first step"
                }, isConclusive: { ($0.facts?.nearestIsItself ?? 0) > 0.9 && !$0.isGood }),
            Rule(
                31, "nothing to learn", .measured, seen: "The loss stays at its plateau, whatever is changed.",
                why:
                    "The labels do not depend on the inputs: one of the two is random. Anything that the net fits is memorised.",
                repair: "check the labels: they do not fit the inputs",
                traits: [.yieldsToSearch],
                picture: {
                    .bars([
                        ("AUC, this run", $0.evidence.score.auc), ("raw inputs", $0.evidence.raw.auc), ("chance", 0.5),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    let v = e.evidence
                    if let label = e.wiring.randomLabel, v.items == 0 || v.score.auc < 0.6 {
                        return "\(label) is drawn at random: it does not depend on any input"
                    }
                    let room = 1 - v.agreementByChance
                    if v.items > 0, v.isFinite, v.agreement < v.agreementByChance + 0.15 * room,
                        abs(v.untrainedOwn.auc - 0.5) < 0.06, v.score.auc < v.untrained.auc + 0.05
                    {
                        return
                            "\(short(100 * v.agreement)) % of the nearest neighbours of training items have the same class, \(short(100 * v.agreementByChance)) % by chance; AUC of an untrained copy on the training items is \(short(v.untrainedOwn.auc))"
                    }
                    guard v.items > 0, v.isFinite, !v.isCollapsed, abs(v.raw.auc - 0.5) < 0.04,
                        abs(v.untrained.auc - 0.5) < 0.04, abs(v.score.auc - 0.5) < 0.05
                    else { return nil }
                    return
                        "held-out AUC is \(short(v.score.auc)), with the raw inputs \(short(v.raw.auc)), with an untrained copy \(short(v.untrained.auc)): all at chance level"
                }),
            Rule(
                30, "label noise",
                seen:
                    "The loss settles at a high value, and many items have another label than their nearest neighbours.",
                why: "Some labels are wrong. Pairs with a wrong label are pulled together or pushed apart wrongly.",
                repair: "check the items whose class differs from that of their neighbours, and correct or remove them",
                picture: {
                    .shares([
                        ("unlike neighbours", $0.evidence.strangeLabels), ("like them", 1 - $0.evidence.strangeLabels),
                    ])
                },
                firstSymptom: FirstSymptom.start,
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
                32, "train/test leak", .measured, seen: "Held-out scores are better than scores on new data.",
                why:
                    "The training has seen the rows that the net is evaluated on, or their labels. What was memorised of them then counts as generalisation.",
                repair:
                    "split the items first, then choose columns and make copies and pairs in each part; make a new net for each fold of a cross-validation",
                traits: [.ofTheEvaluation, .flatters],
                picture: {
                    let copies = $0.evidence.nearCopies.map { $0.areMany ? $0.share : 0 } ?? 0
                    let moved = $0.evidence.overlappingWindows?.share ?? 0
                    let part = max(copies, moved, $0.evidence.leak, $0.evidence.pairLeak, $0.evidence.trainedBefore)
                    let v = $0.evidence
                    let isWhole = v.insideTraining != nil || v.measuredOnTraining != nil || v.columnsChosen != nil
                    let leak = isWhole ? 1 : part
                    return .shares([("in both", leak), ("held-out alone", 1 - leak)])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    if e.evidence.pairLeak > 0.03 {
                        return
                            "\(short(100 * e.evidence.pairLeak)) % of the rows that it is evaluated on are in the pairs that it was trained on"
                    }
                    if let chosen = e.evidence.columnsChosen { return chosen.words }
                    if e.evidence.trainedBefore > 0.3 {
                        return
                            "an earlier training of the same net had \(short(100 * e.evidence.trainedBefore)) % of the rows that it is evaluated on: the net is not made anew for each part"
                    }
                    if let text = e.evidence.measuredOnTraining {
                        return
                            "\(text) is evaluated on the rows that the net was trained on, and other rows are left unused"
                    }
                    // Without labels in the training no label can be memorised.
                    if let name = e.evidence.insideTraining, !e.isWithoutLabels {
                        return
                            "\(e.evidence.leak < 0.999 && e.evidence.leak > 0 ? "most" : "all") items of \(name) are training items too, so nothing was held out"
                    }
                    if let copies = e.evidence.nearCopies, copies.areMany {
                        return
                            "\(short(100 * copies.share)) % of the held-out rows have training rows of their class that lie \(short(copies.ratio)) times as near as the next ones: copies of the same rows are in both parts"
                    }
                    if let windows = e.evidence.overlappingWindows {
                        return
                            "\(short(100 * windows.share)) % of the rows that it is evaluated on are training rows moved by \(windows.moved == 1 ? "one place" : "\(windows.moved) places"), with \(windows.common) values in common: windows that overlap are in both parts"
                    }
                    // A few doubles are in most tables, and so few cannot raise a score by what counts.
                    guard e.evidence.leak > 0.03, e.evidence.leak < 0.999 else { return nil }
                    return "\(short(100 * e.evidence.leak)) % of the held-out items are training items too"
                }),
        ]
    }

    /// Random draws in the program that nearly always have one outcome: `rand() < 0.97`.
    private static func evenChances(_ e: Examination) -> [Change] {
        let w = e.wiring
        var found: [Change] = []
        for (statement, k) in w.statements {
            statement.walk { x in
                guard case .comparison(let operands, _, _) = x.kind, operands.count == 2 else { return }
                var isDrawn = false
                for o in operands { o.walk { if case .name("rand") = $0.kind { isDrawn = true } } }
                guard isDrawn else { return }
                for o in operands {
                    let spot = ExpressionReference(document: k, expression: o)
                    if let (value, at) = w.number(spot), value > 0.8 && value < 1 || value > 0 && value < 0.2 {
                        found.append(Change(label: "0.5 instead of \(tidy(value))", edits: [at.replaced(by: "0.5")]))
                    }
                }
            }
        }
        return found
    }

    /// A triplet loss in place of one that takes anchors and positives alone.
    private static func useNegatives(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard w.losses.count == 1, let net = w.train.nets.first, let last = w.train.names.last,
            w.train.names.count == 3
        else { return [] }
        let name = w.text(net, w.trainDocument)
        // A leading underscore says that a name is not used.
        let negative = String(last.text.drop { $0 == "_" })
        let inner = [w.train.names[0].text, w.train.names[1].text, negative].map { "\(name)(\($0))" }
        var edits = [w.losses[0].replaced(by: "triplet(\(inner.joined(separator: ", ")), margin = 1)")]
        if negative != last.text {
            guard !negative.isEmpty else { return [] }
            edits.append(
                TextEdit(
                    document: w.trainDocument, start: last.span.start, end: last.span.end, replacement: negative))
        }
        return [Change(label: "a triplet loss, which pushes \(negative) away", edits: edits)]
    }

    /// Miners of easy triplets give way to others of the same form.
    private static func harderNegatives(_ e: Examination) -> [Change] {
        let w = e.wiring
        return ["semi_hard_triplets", "hard_triplets"].compactMap { other in
            var edits: [TextEdit] = []
            for (statement, k) in w.statements {
                statement.walk { x in
                    guard case .call(let f, let arguments, _) = x.kind, case .name("easy_triplets") = f.kind else {
                        return
                    }
                    edits.append(ExpressionReference(document: k, expression: f).replaced(by: other))
                    // The hardest ones have no margin to be told.
                    if other == "hard_triplets", arguments.count == 3 {
                        let (y, margin) = (arguments[1].value, arguments[2].value)
                        edits.append(
                            TextEdit(document: k, start: y.span.end, end: margin.span.end, replacement: ""))
                    }
                }
            }
            return edits.isEmpty ? nil : Change(label: "\(other) instead of easy_triplets", edits: unique(edits))
        }
    }

    /// The data set that the run's source draws from, as written.
    static func sourceData(_ w: TrainingModel) -> ExpressionReference? {
        guard let (name, arguments) = w.source.call, ["pairs", "triplets", "balanced", "batches"].contains(name),
            let first = arguments.first(where: { $0.name == nil })
        else { return nil }
        return w.source.with(first.value)
    }

    /// Several examples of each class in a batch.
    private static func morePositives(_ e: Examination) -> [Change] {
        let source = e.wiring.source
        guard let call = source.call else { return [] }
        if call.name == "balanced" {
            let edits = e.wiring.setting("each", of: source, to: "4")
            return edits.isEmpty ? [] : [Change(label: "each = 4", edits: edits)]
        }
        guard call.name == "batches", let data = sourceData(e.wiring), let rows = e.evidence.facts?.rows,
            e.evidence.classes != 1
        else { return [] }
        let text = "balanced(\(e.wiring.text(data)), \(max(2, rows / 4)), 4)"
        return [Change(label: "\(text) instead of \(e.wiring.text(source))", edits: [source.replaced(by: text)])]
    }
}
