import SiamData
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Measures of classifiers and of regressions.
extension Builtins {
    public static let ofTasks: [Builtin] = ofClasses + ofNumbers + curves

    private static let ofClasses: [Builtin] = [
        taskMeasure(
            "accuracy", .classes, rest: "threshold = none",
            "The share of examples whose class is predicted correctly. The prediction is the class of the largest output; with a single output, the side of `threshold` on which it lies, by default 0.5 for a probability and 0 for any other score.",
            examples: [("accuracy([[2, 1], [0, 3], [1, 0]], [0, 1, 1])", "0.6666666666666666")],
            seeAlso: ["confusion", "f1", "log_loss", "pair_accuracy"]
        ) { _, a, j in ClassMeasures.accuracy(j, threshold: a.isNone(2) ? nil : try a.number(2)) },
        share(
            "precision", .precision,
            "The share of the examples predicted as class `of` that are of this class. Without `of`: for class 1 if there are two classes, else the mean over the classes.",
            "precision([1, 1, 0], [1, 0, 0])", "0.5", ["recall", "f1", "confusion"]),
        share(
            "recall", .recall,
            "The share of the examples of class `of` that are predicted as this class. Without `of`: for class 1 if there are two classes, else the mean over the classes.",
            "recall([1, 0, 0], [1, 1, 0])", "0.5", ["precision", "f1", "recall_at"]),
        share(
            "f1", .f1,
            "2 p r / (p + r), p the precision and r the recall of class `of`. Without `of`: for class 1 if there are two classes, else the mean over the classes.",
            "f1([1, 0, 0], [1, 1, 0])", "0.6666666666666666", ["precision", "recall", "accuracy"]),
        taskMeasure(
            "log_loss", .classes,
            "The mean of -log p, where p is the probability of the correct class: the outputs themselves if they are probabilities, else their softmax, or the sigmoid of a single output. Lower is better; equal probabilities give log(classes).",
            examples: [("log_loss([0.5, 0.5], [1, 0])", "0.6931471805599453")],
            seeAlso: ["calibration", "accuracy", "cross_entropy"]
        ) { _, _, j in ClassMeasures.logLoss(j) },
    ]

    private static func share(
        _ name: String, _ kind: ClassMeasures.Kind, _ help: String, _ example: String, _ result: String,
        _ seeAlso: [String]
    ) -> Builtin {
        taskMeasure(
            name, .classes, rest: "of = none, threshold = none", help, examples: [(example, result)], seeAlso: seeAlso
        ) { i, a, j in
            let (wanted, threshold) = (try classNamed(a, 2, j, i), a.isNone(3) ? nil : try a.number(3))
            if let nothing = ClassMeasures.nothing(kind, j, of: wanted, threshold: threshold) {
                i.session.warn(Diagnostic(.warning, code: "metric.nan", "\(name) is 0: \(nothing)"))
            }
            return ClassMeasures.share(kind, j, of: wanted, threshold: threshold)
        }
    }

    private static let ofNumbers: [Builtin] = [
        taskMeasure(
            "r2", .numbers,
            "1 - sum (target - prediction)^2 / sum (target - mean)^2: 1 is perfect, 0 is as good as always predicting the mean of the targets, below 0 is worse. The mean over columns.",
            examples: [("r2([1, 2, 3], [1, 2, 4])", "0.7857142857142857")], seeAlso: ["rmse", "mae", "residuals"]
        ) { _, _, j in
            guard j.rows > 1 else { throw UndefinedMeasure(reason: "one example has no variance") }
            return NumberMeasures.r2(j)
        },
        taskMeasure(
            "rmse", .numbers,
            "The root of the mean squared error, in the units of the targets; the mean over columns.",
            examples: [("rmse([1, 2], [1, 4])", "1.4142135623730951")], seeAlso: ["r2", "mae", "mse"]
        ) { _, _, j in NumberMeasures.rmse(j) },
        taskMeasure(
            "mean_absolute_error", .numbers,
            "mean |target - prediction|, in the units of the targets; mae is the same for tensors.",
            examples: [("mean_absolute_error([1, 2], [1, 4])", "1")], seeAlso: ["mae", "rmse", "r2"]
        ) { _, _, j in NumberMeasures.mae(j) },
        Builtin(
            "residuals", "net, data, baseline = false", family: "output metrics",
            "The residuals, target minus prediction, drawn over the prediction, with r2, rmse and mae. A pattern in the drawing shows what the net has not learnt. Fields: residuals, predictions, r2, rmse, mae. `baseline = true` also draws an untrained copy and the best constant.",
            examples: [("residuals([1, 2, 3], [1, 2, 4]).mae", "0.3333333333333333")], seeAlso: ["r2", "rmse", "mae"]
        ) { i, a in
            try drawn("residuals", .numbers, i, a) { j in
                let left = zip(j.targets, j.values).map { $0 - $1 }
                let (r2, rmse, mae) = (NumberMeasures.r2(j), NumberMeasures.rmse(j), NumberMeasures.mae(j))
                let shape = j.width == 1 ? Shape.vector(j.rows) : Shape.matrix(j.rows, j.width)
                let mean = left.reduce(0, +) / Double(max(1, left.count))
                let figure = Figure(panels: [
                    Panel(
                        x: Axis("prediction"), y: Axis("target - prediction"),
                        marks: [.points(.init(x: j.values, y: left)), .rule(.init(.horizontal, at: 0))])
                ])
                return DetailedMeasure(
                    "residuals",
                    [
                        "residuals of \(j.rows) examples: r2 \(DetailedMeasure.short(r2)), rmse \(DetailedMeasure.short(rmse)), mae \(DetailedMeasure.short(mae)), mean \(DetailedMeasure.short(mean))"
                    ],
                    [
                        ("residuals", .tensor(try Tensor(shape, doubles: left, .single))),
                        ("predictions", .tensor(try Tensor(shape, doubles: j.values, .single))),
                        ("r2", .number(r2)), ("rmse", .number(rmse)), ("mae", .number(mae)),
                    ], figure)
            }
        },
    ]

    private static let curves: [Builtin] = [
        Builtin(
            "confusion", "net, data, threshold = none, baseline = false", family: "output metrics",
            "The confusion matrix: how often each class (row) was predicted as each class (column), drawn with the names of the classes. Fields: counts, names, accuracy, recall (the correct share of a row), precision (the correct share of a column). `baseline = true` also draws an untrained copy and the best constant.",
            examples: [
                (
                    "confusion([0, 1, 1], [0, 1, 0]).counts",
                    "tensor 2x2\n[1  1]\n[0  1]\nmin 0  max 1  mean 0.7500  sd 0.4330"
                )
            ],
            seeAlso: ["accuracy", "precision", "recall", "heat"]
        ) { i, a in
            try drawn("confusion", .classes, i, a) { j in
                let threshold = a.isNone(2) ? nil : try a.number(2)
                guard j.classCount <= ClassMeasures.mostClasses else {
                    throw UndefinedMeasure(
                        reason:
                            "there are \(j.classCount) classes, and a confusion matrix can have at most \(ClassMeasures.mostClasses)"
                    )
                }
                let counts = ClassMeasures.confusion(j, threshold: threshold)
                let n = counts.count
                let names = (0..<n).map { $0 < j.names.count ? j.names[$0] : "\($0)" }
                let flat = counts.flatMap { $0.map(Double.init) }
                let accuracy = ClassMeasures.accuracy(j, threshold: threshold)
                var worst: (count: Int, row: Int, column: Int) = (0, 0, 0)
                for r in 0..<n {
                    for c in 0..<n where r != c && counts[r][c] > worst.count { worst = (counts[r][c], r, c) }
                }
                var lines = [
                    "confusion of \(j.rows) examples in \(n) classes: accuracy \(DetailedMeasure.short(accuracy))"
                ]
                if worst.count > 0 {
                    lines.append(
                        "most frequent error: \(names[worst.row]) predicted as \(names[worst.column]), \(worst.count) of \(counts[worst.row].reduce(0, +)) times"
                    )
                }
                lines.append("rows are the true classes, columns the predicted ones")
                return DetailedMeasure(
                    "a confusion matrix", lines,
                    [
                        ("counts", .tensor(try Tensor(Shape.matrix(n, n), doubles: flat, .single))),
                        ("names", Value(names.map { Value($0) })), ("accuracy", .number(accuracy)),
                        (
                            "recall",
                            try DetailedMeasure.vector(
                                (0..<n).map { ClassMeasures.share(.recall, j, of: $0, threshold: threshold) })
                        ),
                        (
                            "precision",
                            try DetailedMeasure.vector(
                                (0..<n).map { ClassMeasures.share(.precision, j, of: $0, threshold: threshold) })
                        ),
                    ],
                    Figure(panels: [
                        Panel(marks: [
                            .cells(
                                .init(
                                    rows: n, columns: n, values: flat, rowNames: names, columnNames: names,
                                    isDiverging: false))
                        ])
                    ]))
            }
        },
        Builtin(
            "roc", "net, data, of = none, baseline = false", family: "output metrics",
            "The ROC curve of class `of` (default 1): the true positive rate over the false positive rate for every threshold, drawn with its area. Outputs are scores, larger for the class; for distances use their negative: roc(-d, same). Fields: hits (true positive rates), false_alarms (false positive rates), thresholds, area, eer and eer_threshold, where both kinds of errors are equally frequent. `baseline = true` also draws an untrained copy and the best constant.",
            examples: [("roc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).area", "0.75")],
            seeAlso: ["pr", "auc", "eer", "pair_distances", "calibration"]
        ) { i, a in
            try curve(i, a, "roc") { c in
                let (fpr, tpr) = (c.points.map { $0.misses / c.others }, c.points.map { $0.hits / c.own })
                let equal = c.equalError
                return DetailedMeasure(
                    "a ROC curve",
                    [
                        "ROC of \(Int(c.own)) against \(Int(c.others)): area \(DetailedMeasure.short(c.area)), equal error \(DetailedMeasure.short(equal.rate)) at threshold \(DetailedMeasure.short(equal.threshold))"
                    ],
                    [
                        ("hits", try DetailedMeasure.vector(tpr)), ("false_alarms", try DetailedMeasure.vector(fpr)),
                        ("thresholds", try DetailedMeasure.vector(c.points.map(\.threshold))),
                        ("area", .number(c.area)),
                        ("eer", .number(equal.rate)), ("eer_threshold", .number(equal.threshold)),
                    ],
                    Figure(panels: [
                        Panel(
                            x: Axis("false alarms", low: 0, high: 1), y: Axis("hits", low: 0, high: 1),
                            marks: [
                                .line(.init(name: "area \(DetailedMeasure.short(c.area))", x: fpr, y: tpr)),
                                .line(.init(name: "chance", x: [0, 1], y: [0, 1])),
                            ])
                    ]))
            }
        },
        Builtin(
            "pr", "net, data, of = none, baseline = false", family: "output metrics",
            "The precision-recall curve of class `of` (default 1), for every threshold, drawn with the average precision sum (R_k - R_(k-1)) P_k. More informative than roc if the class is rare. Fields: precision, recall, thresholds, area. `baseline = true` also draws an untrained copy and the best constant.",
            examples: [("pr([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]).area", "0.8333333333333333")],
            seeAlso: ["roc", "precision", "recall"]
        ) { i, a in
            try curve(i, a, "pr") { c in
                let points = Array(c.points.dropFirst())
                let precision = points.map { $0.hits / ($0.hits + $0.misses) }
                let recall = points.map { $0.hits / c.own }
                let share = c.own / (c.own + c.others)
                return DetailedMeasure(
                    "a precision-recall curve",
                    [
                        "precision and recall of \(Int(c.own)) among \(Int(c.own + c.others)): average precision \(DetailedMeasure.short(c.averagePrecision)), by chance \(DetailedMeasure.short(share))"
                    ],
                    [
                        ("precision", try DetailedMeasure.vector(precision)),
                        ("recall", try DetailedMeasure.vector(recall)),
                        ("thresholds", try DetailedMeasure.vector(points.map(\.threshold))),
                        ("area", .number(c.averagePrecision)),
                    ],
                    Figure(panels: [
                        Panel(
                            x: Axis("recall", low: 0, high: 1), y: Axis("precision", low: 0, high: 1),
                            marks: [
                                .line(
                                    .init(
                                        name: "area \(DetailedMeasure.short(c.averagePrecision))", x: recall,
                                        y: precision)),
                                .line(.init(name: "chance", x: [0, 1], y: [share, share])),
                            ])
                    ]))
            }
        },
        Builtin(
            "calibration", "net, data, bins : whole >= 2 = 10, baseline = false", family: "output metrics",
            "Whether predicted probabilities match observed frequencies: of the examples predicted with about 0.8, do 8 of 10 belong to the class? Drawn in equal intervals; for two classes the probability of class 1, for more that of the predicted class. Fields: said (mean predicted probability), found (observed frequency), counts, error (the expected calibration error: mean |said - found|, weighted by the counts). `baseline = true` also draws an untrained copy and the best constant.",
            examples: [("calibration([0.2, 0.2, 0.8, 0.8], [0, 0, 1, 1]).error < 0.3", "true")],
            seeAlso: ["log_loss", "roc"]
        ) { i, a in
            try drawn("calibration", .classes, i, a) { j in
                let c = ClassMeasures.calibration(j, bins: try a.integer(2, atLeast: 2))
                let isBold = zip(c.said, c.found).reduce(0) { $0 + ($1.0 - $1.1) } > 0
                return DetailedMeasure(
                    "a calibration",
                    [
                        "calibration of \(j.rows) examples: predicted probabilities and observed frequencies differ by \(DetailedMeasure.short(c.error)) on average",
                        c.error < 0.02
                            ? "" : isBold ? "the net is overconfident" : "the net is underconfident",
                    ].filter { !$0.isEmpty },
                    [
                        ("said", try DetailedMeasure.vector(c.said)), ("found", try DetailedMeasure.vector(c.found)),
                        ("counts", try DetailedMeasure.vector(c.counts.map(Double.init))), ("error", .number(c.error)),
                    ],
                    Figure(panels: [
                        Panel(
                            x: Axis("said", low: 0, high: 1), y: Axis("found", low: 0, high: 1),
                            marks: [
                                .line(.init(name: "net", x: c.said, y: c.found)),
                                .line(.init(name: "as it says", x: [0, 1], y: [0, 1])),
                            ])
                    ]))
            }
        },
        Builtin(
            "pair_distances", "net, data, pairs : whole >= 4 = 4000", family: "metrics",
            "The distances of randomly drawn pairs, half of them positive, and whether each pair is positive: distance, same = pair_distances(net, unseen). The same data always give the same pairs. roc(-distance, same) draws how well the distances separate them.",
            examples: [("pair_distances([[0], [0.1], [5], [5.1]], [0, 0, 1, 1], pairs = 8).same.mean()", "0.5")],
            seeAlso: ["auc", "eer", "roc", "tar_at_far"]
        ) { i, a in
            let pairs = try pairDistances(i, a[0], a[1], try a.integer(2, atLeast: 4))
            return .record(
                Record([
                    ("distance", try DetailedMeasure.vector(pairs.distance.map(Double.init))),
                    ("same", try DetailedMeasure.vector(pairs.same.map { $0 ? 1 : 0 })),
                ]))
        },
        Builtin(
            "class_weights", "data", family: "data",
            "A weight for each class that gives all classes the same total weight, n / (classes * n_c): w = class_weights(seen), then cross_entropy(net(x), y, weights = gather(w, y)). Of a data set or of class numbers.",
            examples: [
                ("class_weights([0, 0, 0, 1])[1]", "2")
            ],
            seeAlso: ["cross_entropy", "balance"]
        ) { i, a in
            var y: [Int] = []
            var count = 0
            if case .thing(let d as DatasetThing) = a[0] {
                y = try d.withClasses("class_weights").dataset.y
                count = d.dataset.names.count
            } else {
                y = try classNumbers(i, a[0])
            }
            guard y.allSatisfy({ $0 >= 0 && $0 < Dataset.maximumClasses }) else {
                throw Diagnostic(code: "metric.class", "class numbers start at 0")
            }
            var counts = [Int](repeating: 0, count: max(count, (y.max() ?? -1) + 1))
            for c in y { counts[c] += 1 }
            let there = Double(counts.count { $0 > 0 })
            return try DetailedMeasure.vector(counts.map { $0 > 0 ? Double(y.count) / (there * Double($0)) : 0 })
        },
    ]

    private static func curve(
        _ i: Interpreter, _ a: Arguments, _ who: String, _ make: @escaping (ScoreCurve) throws -> DetailedMeasure
    ) throws -> Value {
        try drawn(who, .classes, i, a) { j in
            let given = try classNamed(a, 2, j, i)
            // One output is a score here, also where it is a whole number.
            let count = j.width == 1 ? max(2, j.names.count, (j.classes.max() ?? 0) + 1) : j.classCount
            if given == nil, count > 2 {
                throw Diagnostic(
                    code: "metric.of", "\(who) compares one class with the others, and there are \(count) classes",
                    repair: "choose the class:  \(who)(net, d, of = \(j.names.first.map { "\"\($0)\"" } ?? "0"))")
            }
            let (scores, isOwn) = j.scores(of: given ?? 1)
            let c = ScoreCurve(scores, isOwn)
            guard c.own > 0, c.others > 0 else {
                throw UndefinedMeasure(
                    reason: "all \(j.rows) examples belong to \(c.own > 0 ? "the class" : "other classes")")
            }
            return try make(c)
        }
    }
}
