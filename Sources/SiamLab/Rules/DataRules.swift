import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of the data of a task and of how it is judged: classes, columns, labels, the program's own figures.
    static var dataOfTasks: [Rule] {
        [
            Rule(
                45, "class imbalance", seen: "The net predicts the most frequent class for every input.",
                why:
                    "Nearly all examples are of one class, and always predicting it costs little. The other classes contribute little to the gradient.",
                repair: "batches with equally many examples of each class:  balanced(data, classes, each)",
                picture: {
                    .shares([
                        ("largest class", $0.evidence.facts?.largestShare ?? 0),
                        ("others", 1 - ($0.evidence.facts?.largestShare ?? 0)),
                    ])
                },
                firstSymptom: { _ in "in the first batch" },
                sign: { e in
                    guard let f = e.evidence.facts, e.evidence.task == .classification, f.largestShare > 0.85,
                        f.rows > 7, !e.evidence.isMeasuredByRanks,
                        let s = e.evidence.taskScore,
                        s.worth < s.constant + 0.03 || s.isBalanced && (e.evidence.isWeak || s.worth < 0.75)
                    else { return nil }
                    return s.isBalanced
                        ? "\(short(100 * f.largestShare)) % of the first batch are of one class, and balanced accuracy is \(short(s.worth))"
                        : "\(short(100 * f.largestShare)) % of the first batch are of one class, and accuracy is no better than always predicting that class"
                }, changes: balancedBatches, isPlain: { _ in true }),
            Rule(
                57, "label leaks as an input column", .measured,
                seen: "Scores are nearly perfect from the first epochs.",
                why:
                    "One input column contains the target itself or is derived from it. New data will not have it, and the net has learnt nothing else.",
                repair: "remove the column from the inputs",
                picture: {
                    .bars([
                        (
                            "correlation with the target",
                            abs(
                                $0.evidence.targetAmongInputs?.correlation
                                    ?? $0.evidence.facts?.leakingColumn?.correlation ?? 0)
                        ),
                        ("of 1", 1),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    if let column = e.evidence.numbering {
                        return
                            "column \(column) of the inputs is a row number, and the rows are sorted by class"
                    }
                    if let made = e.evidence.targetAmongInputs { return made.words }
                    guard let leak = e.evidence.facts?.leakingColumn, leak.correlation > 0.9999,
                        e.evidence.task != .reconstruction,
                        // A line through one column alone may be the task itself; other columns tell something of it, too,
                        // where one was derived from the target.
                        (e.evidence.facts?.layers ?? 0) > 1 || leak.next > 0.3
                    else { return nil }
                    if e.evidence.task == .metric || e.evidence.task == .verification
                        || e.evidence.task == .classification && leak.correlation == 1
                    {
                        return "column \(leak.column) of the inputs has a value of its own for each class"
                    }
                    return
                        "column \(leak.column) of the inputs is a linear function of the target: correlation \(short(leak.correlation))"
                }),
            Rule(
                68, "outliers in the data",
                seen: "The loss is huge or does not fall, and most rows have large errors.",
                why:
                    "A few values lie far outside the range of all others, as typing errors and codes for missing values do. They dominate the scaling of the inputs and the squared error.",
                repair:
                    "remove or correct these values, mark missing values as missing, or use a loss that limits their effect, as huber does",
                traits: [.toldByOutcome, .shownByStep],
                picture: {
                    .bars([
                        ("furthest value", abs($0.evidence.outlier?.value ?? 0)),
                        (
                            "usual",
                            max(abs($0.evidence.outlier?.usual.low ?? 0), abs($0.evidence.outlier?.usual.high ?? 0))
                        ),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    guard let o = e.evidence.outlier, e.evidence.isWeak || o.isCode && o.share > 0.02 else {
                        return nil
                    }
                    let place = o.column.map { "column \($0) of the inputs" } ?? "the targets"
                    return
                        "\(short(100 * o.share)) % of \(place) are outliers, such as \(short(o.value)); the middle half lies between \(short(o.usual.low)) and \(short(o.usual.high))"
                }, changes: huberForSquares, isPlain: { _ in true },
                isConclusive: { v in v.outlier.map { $0.isCode && (!v.isGood || $0.share > 0.02) } ?? false }),
            Rule(
                70, "vanishing gradients",
                seen: "The loss is flat from the start; the weights of the first layers hardly change.",
                why:
                    "Each sigmoid or tanh shrinks the gradient in the backward pass. Through several of them almost none of it reaches the first layers.",
                repair: "relu in the hidden layers, with weights initialised with he",
                traits: [.shownByStep],
                picture: {
                    .bars([
                        ("gradient of the first layer / of the last", $0.evidence.gradientRatio ?? 0),
                        ("healthy from", 0.01),
                    ])
                },
                firstSymptom: FirstSymptom.firstStep,
                sign: { e in
                    guard let ratio = e.evidence.gradientRatio, ratio < 0.001, e.evidence.isWeak, e.evidence.isFinite
                    else { return nil }
                    return
                        "at the first step the gradient of the first layer is \(short(ratio)) times that of the last, each relative to the size of its weights"
                }, changes: hiddenRelu, isConclusive: { $0.isWeak && $0.gradientRatio ?? 1 < 0.001 }),
            Rule(
                69, "classes missing from the training", .measured,
                seen: "Held-out accuracy is low for some classes and normal for the others.",
                why:
                    "Training examples of some classes were filtered out or cut off. The net never saw these classes and predicts one of the others.",
                repair: "train on examples of every class:  split(data, 0.8) shuffles before it cuts",
                picture: { .bars([("classes missing", Double($0.evidence.missingClasses.count)), ("healthy", 0)]) },
                firstSymptom: FirstSymptom.start,
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
                seen: "Scores on training rows are no better than on held-out rows.",
                why:
                    "Inputs and targets were drawn or shuffled separately, or the informative part of the input was cut off before the net. A row's input then says nothing about its target.",
                repair: "shuffle inputs and targets by one and the same permutation",
                traits: [.onlyByNames],
                picture: {
                    .bars([
                        ("nearest rows, gain over a constant", max($0.evidence.neighbourGain ?? 0, 0)),
                        ("useful from", 0.2),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    let v = e.evidence
                    guard v.isJudgedByTask, v.taskScore?.isBalanced != true, v.areNeighboursNoHelp,
                        let s = v.taskScore, v.isFinite,
                        s.worth < s.constant + 0.1, (v.taskOwn?.worth ?? s.worth) < s.constant + 0.25,
                        // Outputs that tell more of new rows than the frequencies of the classes do were learnt from inputs.
                        v.isJudgedOnTraining || v.logScore.map({ $0.best > 0.99 * $0.constant }) ?? true
                    else { return nil }
                    return "the five nearest rows predict a row's target no better than a constant does"
                }, isPlain: { _ in true }),
            Rule(
                59, "batches sorted by class",
                seen: "The loss of each batch falls, and rises again with the next class.",
                why: "Each batch holds a single class. While the net learns this class, it forgets the others.",
                repair: "draw batches in random order:  batches(data, 32)",
                traits: [.shownByStep],
                picture: { .shares([("largest class of the first batch", $0.evidence.facts?.largestShare ?? 0)]) },
                firstSymptom: { _ in "in the first batch" },
                sign: { e in
                    guard let f = e.evidence.facts, e.evidence.task == .classification, f.rows >= 8, f.outputWidth > 2,
                        let o = f.firstOutputs, Set(TaskScore.wanted(o)).count == 1
                    else { return nil }
                    return "all \(f.rows) rows of the first batch have one class"
                }, isPlain: { _ in true }, isConclusive: { !$0.isGood }),
            ownNeighbours, threshold, trainedClasses, otherCodes, evaluation,
            splitGroups,
            Rule(
                79, "threshold on the wrong scale", .measured,
                seen: "AUC is good, and precision, recall or accuracy are poor.",
                why:
                    "The net gives logits, and the loss turns them into probabilities. The program compares the logits with 0.5 as if they were probabilities, so that rows with a probability somewhat above one half are counted as negative.",
                repair: "compare the logits with 0, or sigmoid(logit) with 0.5", traits: [.ofTheEvaluation],
                picture: { _ in .bars([]) },
                firstSymptom: { _ in "after the training" }, sign: { $0.evidence.logitsAtHalf }),
            Rule(
                80, "parts of the split exchanged",
                seen: "The training loss falls to 0 on few rows, and held-out scores are worse than they could be.",
                why:
                    "The two parts of a split are assigned in the wrong order. The net is trained on the small part and measured on the large one.",
                repair: "assign the parts in the right order: split(data, 0.8) gives the larger one first",
                picture: {
                    .bars([
                        ("rows trained on", Double($0.evidence.rowsOfTraining)),
                        ("rows held out", Double($0.evidence.rowsHeldOut)),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    let v = e.evidence
                    guard v.rowsOfTraining > 0, v.rowsOfTraining * 3 < v.rowsHeldOut, !splitsExchanged(e).isEmpty else {
                        return nil
                    }
                    return
                        "\(v.rowsOfTraining) rows are trained on, and \(v.rowsHeldOut) of the same split are held out"
                }, changes: splitsExchanged),
            Rule(
                76, "accuracy of unbalanced rows", .measured,
                seen: "Accuracy is high, and a constant prediction reaches the same accuracy.",
                why:
                    "Most of the measured rows have the same label. Always predicting that label is correct as often, so the accuracy says nothing about the net.",
                repair:
                    "measure balanced accuracy, the recall of each class or AUC, or take equally many rows of each class",
                traits: [.ofTheEvaluation], picture: { _ in .bars([]) },
                firstSymptom: { _ in "after the training" }, sign: { $0.evidence.constantFigure }),
            Rule(
                75, "training rows unlike the measured ones",
                seen:
                    "The net scores well on rows like those that it was trained on, and the score at the end is poor.",
                why:
                    "The training rows and the measured rows were preprocessed, drawn or labelled in different ways. What the net learnt from the first does not hold for the second.",
                repair: "preprocess all rows in the same way, and shuffle inputs and targets together before the split",
                traits: [.ofTheEvaluation],
                picture: {
                    .bars([
                        ("like the training's", $0.evidence.standing),
                        ("measured", $0.evidence.contradiction?.worth ?? 0),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    let v = e.evidence
                    if v.isMeasuredElsewhere, let held = v.heldOutName {
                        return
                            "the mean of the rows of \(held) is \(short(v.shift)) standard deviations from that of the training rows: they were prepared in another way, or are of another kind"
                    }
                    guard let f = v.contradiction, v.isLikeJudgement(f), v.heldOutName == nil,
                        v.task == .classification || v.task == .regression,
                        !v.isJudgedOnTraining, f.trainedShare < 0.05, !f.inputScales.isEmpty
                    else { return nil }
                    return
                        "\(v.measure) is \(short(v.standing)) on a fifth of the training rows, withheld from the training, and \(short(f.worth)) on the rows that the program measures, \(f.text)"
                }, isConclusive: { _ in true }),
            Rule(
                72, "best of several reported", .measured,
                seen: "The score at the end is better than the score on new data.",
                why:
                    "The best of several scores is chosen on the same rows that it is reported on. Part of it is chance, which does not carry over to new data.",
                repair:
                    "report the mean of all folds or runs; choose the epoch or the setting on a validation set, and report the score on a separate test set",
                traits: [.ofTheEvaluation], picture: { _ in .bars([]) },
                firstSymptom: { _ in "after the training" }, sign: { $0.evidence.bestOfSeveral }),
            Rule(
                46, "labels of other rows",
                seen: "Scores are good by the labels used in training and poor by the labels of the data.",
                why:
                    "The class numbers given to the loss are not those that the data has for these rows. The net learns the wrong label for each of them.",
                repair: "give the loss the data's own class numbers",
                traits: [.shownByStep],
                picture: {
                    .shares([
                        ("changed labels", $0.evidence.relabelled), ("as in the data", 1 - $0.evidence.relabelled),
                    ])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    let v = e.evidence
                    guard v.relabelled > 0.2 else { return nil }
                    let what = v.facts?.sides ?? 1 > 1 ? "pairs" : "rows"
                    return
                        "\(short(100 * v.relabelled)) % of the \(what) reach the loss with a label that differs from the one in the data"
                }, changes: ownLabels, isPlain: { $0.relabelled > 0.2 },
                isConclusive: {
                    $0.relabelled > 0.2 && ($0.task == .classification || $0.facts?.sides == 2)
                        || $0.relabelled > 0.3 && $0.isWeak
                }),
        ]
    }

    /// As many rows of each class in every batch of a data set.
    private static func balancedBatches(_ e: Examination) -> [Change] {
        guard e.wiring.source.call?.name == "batches", let data = sourceData(e.wiring), e.evidence.batch > 3,
            let f = e.evidence.facts, case let classes = max(2, f.outputWidth), e.evidence.rowsOfTraining > 0
        else { return [] }
        let each = max(2, e.evidence.batch / classes)
        let text = "balanced(\(e.wiring.text(data)), classes = \(classes), each = \(each))"
        return [Change(label: text, edits: [e.wiring.source.replaced(by: text)])]
    }

    /// Rows of one group on both sides of the split.
    static var splitGroups: Rule {
        Rule(
            77, "groups split between training and test", .measured,
            seen: "The held-out score is high, and on data of new persons, machines or originals it is much lower.",
            why:
                "Rows of one person, or copies of one original, are nearly the same. When some of them are in the training set and others in the test set, the net can recognise the group and need not learn what separates the classes.",
            repair: "split by group, not by row: all rows of one person or original belong in the same part",
            traits: [.ofTheEvaluation],
            picture: {
                let f = $0.evidence.byGroups
                return .bars([("rows held out", mean(f?.random)), ("groups held out", mean(f?.whole))])
            },
            firstSymptom: FirstSymptom.start,
            sign: { e in
                guard let g = e.evidence.rowGroups, let f = e.evidence.byGroups, f.random.count >= 3,
                    zip(f.random, f.whole).allSatisfy({ $0 > $1 + 0.05 }), mean(f.random) > mean(f.whole) + 0.08
                else { return nil }
                let what =
                    g.groups.name.map { "the training rows are of \(g.groups.count) groups by \($0)" }
                    ?? "the training rows form \(g.groups.count) small groups that are far apart from one another"
                return
                    "\(what), and \(short(100 * g.shareMeasured)) % of the measured rows belong to these groups; \(e.evidence.measure) is \(short(mean(f.random))) where single rows are held out, and \(short(mean(f.whole))) where whole groups are (mean of \(f.random.count) seeds)"
            })
    }
    /// `a, b = split(...)` as `b, a = split(...)`, where one part is trained on and the other held out.
    private static func splitsExchanged(_ e: Examination) -> [Change] {
        guard let held = e.evidence.heldOutName else { return [] }
        var trained = Set<String>()
        e.wiring.source.expression.walk { if case .name(let n) = $0.kind { trained.insert(n) } }
        for (s, k) in e.wiring.statements {
            guard case .assign(let targets, let value) = s.kind, targets.count == 2,
                case .call(let f, _, _) = value.kind,
                case .name("split") = f.kind, case .name(let a) = targets[0].kind, case .name(let b) = targets[1].kind,
                // A small share that is given to the first part is meant.
                held == a, trained.contains(b), !trained.contains(a)
            else { continue }
            let edits = zip(targets, [b, a]).map {
                TextEdit(document: k, start: $0.span.start, end: $0.span.end, replacement: $1)
            }
            return [Change(label: "\(b), \(a) instead of \(a), \(b)", edits: edits)]
        }
        return []
    }
    private static func mean(_ x: [Double]?) -> Double {
        guard let x, !x.isEmpty else { return 0 }
        return x.reduce(0, +) / Double(x.count)
    }
}
