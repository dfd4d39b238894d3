import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// A net's outputs together with the true classes or targets: the entry point of all measures of a task.
extension Builtins {
    enum Wanted { case classes, numbers }

    /// From a net and a data set (or a list of x and y), or from outputs and classes or targets.
    static func judged(_ i: Interpreter, _ net: Value, _ data: Value, _ wanted: Wanted, _ who: String) throws
        -> TaskOutputs
    {
        if case .thing(is DatasetThing) = net, case .layer = data {
            throw Diagnostic(
                code: "metric.data", "a measure takes the net first, then the data",
                repair: "in the other order:  \(who)(net, d)")
        }
        warnOfTurned(i, net, who)
        let z: Tensor
        var truth = data
        switch net {
        case .layer, .function, .builtin:
            if case .list(let l) = data, l.items.count == 2, case .tensor = l.items[0] {
                z = try embeddings(i, net, l.items[0])
                truth = l.items[1]
            } else {
                guard case .thing(is DatasetThing) = data else {
                    throw Diagnostic(
                        code: "metric.data", "\(who) of a net expects a data set, and got \(data.kindName)",
                        repair: i.argumentTexts.count > 2
                            && i.argumentTexts.prefix(3).allSatisfy { $0.utf8.count <= 20 }
                            ? "with outputs and classes:  \(who)(\(i.argumentTexts[0])(\(i.argumentTexts[1])), \(i.argumentTexts[2]))"
                            : dataRepair(i, net, data))
                }
                z = try embeddings(i, net, data)
            }
        default:
            guard let t = Interpreter.tensor(net), t.rank > 0 else {
                throw Diagnostic(
                    code: "metric.data",
                    "\(who) expects a net and a data set, or outputs and their targets, and got \(net.kindName)")
            }
            z = t.detached()
        }
        let n = z.shape[0]
        guard n > 0 || z.count == 0 else { throw UndefinedMeasure(reason: "there are no examples") }
        let values = try InterruptibleWork.run(size: z.count) {
            try UndefinedMeasure.check(z)
            return z.doubles
        }
        guard n > 0 else { throw UndefinedMeasure(reason: "there are no examples") }
        var j = TaskOutputs(values: values, width: z.count / n)
        switch truth {
        case .thing(let d as DatasetThing):
            if let targets = d.dataset.targets {
                guard wanted == .numbers else {
                    _ = try d.withClasses(who)
                    break
                }
                j.targets = targets.doubles
                j.targetWidth = targets.count / max(1, targets.shape[0])
            } else {
                guard wanted == .classes else {
                    throw Diagnostic(
                        code: "metric.classes",
                        "\(who) is for a regression, and \(d.dataset.name) has classes",
                        repair: "for classes:  accuracy(net, d), for numbers:  dataset(d.x, y)")
                }
                j.classes = d.dataset.y
                j.names = d.dataset.names
            }
        default:
            guard wanted == .classes else {
                guard let t = Interpreter.tensor(truth), t.rank > 0 else {
                    throw Diagnostic(
                        code: "metric.data",
                        "\(who) expects the target numbers, and got \(truth.kindName)")
                }
                j.targets = t.doubles
                j.targetWidth = t.count / max(1, t.shape[0])
                break
            }
            j.classes = try classNumbers(i, truth, found: net)
            if let wrong = j.classes.first(where: { $0 < 0 || $0 > 1_000_000 }) {
                let isSigned = j.classes.allSatisfy { abs($0) == 1 }
                var written = i.argumentTexts
                if written.count > 1 { written[1] = "(\(written[1]) + 1) / 2" }
                let call = "\(i.calledName ?? "")(\(written.joined(separator: ", ")))"
                throw Diagnostic(
                    code: "metric.class", "class numbers start at 0, and one is \(wrong)",
                    repair: isSigned && written.count > 1 && call.utf8.count <= 80 ? "of -1 and 1:  \(call)" : nil)
            }
        }
        let rows = wanted == .classes ? j.classes.count : j.targets.count / j.targetWidth
        guard rows == n else {
            throw Diagnostic(
                code: "metric.lengths",
                "there are \(n) outputs and \(rows) \(wanted == .classes ? "classes" : "targets")")
        }
        if wanted == .numbers, j.width != j.targetWidth {
            throw Diagnostic(
                code: "metric.width",
                "\(who) compares numbers one by one, and the outputs have \(j.width) per row, the targets \(j.targetWidth)",
                repair: j.targetWidth == 1
                    ? "one output per example:  dense(1)" : "equally many outputs and targets:  dense(\(j.targetWidth))"
            )
        }
        if wanted == .classes, var wrong = unfit(j, who) {
            if wrong.severity == .error { throw wrong }
            wrong.labels = i.userPlace().map { [.init($0)] } ?? []
            i.session.warn(wrong)
        }
        if wanted == .classes, case .layer(let layer) = net {
            var data: Dataset?
            if case .thing(let d as DatasetThing) = truth { data = d.dataset }
            warnOfEmbedding(i, layer, data, who)
        }
        return j
    }

    /// Outputs that are no scores of the classes: too few; or, which is a warning, so many that what is found are classes that
    /// these rows do not have.
    private static func unfit(_ j: TaskOutputs, _ who: String) -> Diagnostic? {
        guard let high = j.classes.max() else { return nil }
        let known = max(j.names.count, high + 1)
        let notes = [
            "to measure embeddings:  recall_at(1, net, d), map_at_r(net, d), pair_accuracy(net, d)"
        ]
        if j.width > 1, high >= j.width {
            return Diagnostic(
                code: "metric.width", "there are \(j.width) outputs, and a row is of class \(high)", notes: notes,
                repair: "one output for each class:  dense(\(known))")
        }
        if j.width == 1, high > 1, !j.isNumbered {
            return Diagnostic(
                code: "metric.width",
                "\(who) expects a score for each class, and got one number per example for \(known) classes",
                notes: notes,
                repair: "one output for each class:  dense(\(known))")
        }
        // The rows of a batch need not have all classes; many more outputs than classes are no scores of theirs.
        guard j.width > known, !j.names.isEmpty || j.width > 2 * known else { return nil }
        // A classifier of more classes than this data has finds few of the others; embeddings find any.
        let outside = j.predicted().count { $0 >= known }
        guard outside * 20 > j.rows else { return nil }
        return Diagnostic(
            .warning, code: "metric.width",
            "\(who) expects a score for each of \(known) classes, and the outputs are \(j.width) numbers per example, not class scores",
            notes: notes, repair: "of a classifier, one output for each class:  dense(\(known))")
    }

    /// A net that was trained by comparing its outputs with one another gives embeddings, however wide they are.
    private static func warnOfEmbedding(_ i: Interpreter, _ net: Layer, _ data: Dataset?, _ who: String) {
        guard let training = i.session.host.training(of: net, i.session) else { return }
        if let seen = training.dataset, let judged = data, judged.targets == nil,
            seen.targets == nil, !judged.y.isEmpty, Set(seen.y).isDisjoint(with: judged.y),
            seen.names == judged.names
        {
            i.session.warn(
                Diagnostic(
                    .warning, code: "metric.width",
                    "\(who) measures classes that the net was never trained on: no class of this data was in its batches",
                    at: i.userPlace().map { [.init($0)] } ?? [],
                    repair:
                        "for held-out classes:  recall_at(1, net, d), few_shot(net, d, ways = \(min(5, Set(judged.y).count)))"
                ))
        }
        guard let loss = training.comparison else { return }
        i.session.warn(
            Diagnostic(
                .warning, code: "metric.width",
                "\(who) reads the outputs of the net as class scores, and \(loss) trained them as embeddings",
                at: i.userPlace().map { [.init($0)] } ?? [],
                repair: "to measure embeddings:  recall_at(1, net, d), map_at_r(net, d), pair_accuracy(net, d)"))
    }

    /// `confusion(y, predicted)`: where the words say that the truth stands first, it is said.
    private static func warnOfTurned(_ i: Interpreter, _ net: Value, _ who: String) {
        guard case .tensor = net, i.argumentTexts.count >= 2, !["accuracy", "rmse"].contains(who) else { return }
        let (first, second) = (i.argumentTexts[0], i.argumentTexts[1])
        let truths: Set<String> = [
            "y", "y_true", "ytrue", "y_test", "truth", "true_labels", "labels", "label", "target", "targets", "classes",
        ]
        let isFound = second.contains("pred") || second.hasPrefix("argmax(") || second.contains(".argmax(")
        guard truths.contains(first) || first.hasSuffix(".y"), isFound, first.utf8.count + second.utf8.count <= 50
        else {
            return
        }
        i.session.warn(
            Diagnostic(
                .warning, code: "metric.turned",
                "\(who) expects predictions first and then the classes: \(first) looks like the classes",
                at: i.userPlace().map { [.init($0)] } ?? [], repair: "\(who)(\(second), \(first))"))
    }

    /// `accuracy(net, d, threshold = 50)` of probabilities: all are on one side of the threshold.
    private static func warnOfThreshold(_ i: Interpreter, _ a: Arguments, _ j: TaskOutputs) {
        guard let k = a.builtin.parameters.firstIndex(where: { $0.name == "threshold" }), !a.isNone(k),
            let threshold = try? a.number(k), !(0...1).contains(threshold), j.width == 1, !j.isNumbered, j.isProbable
        else { return }
        i.session.warn(
            Diagnostic(
                .warning, code: "argument.unusual",
                "\(a.builtin.name) got threshold = \(formatNumber(threshold)), and all outputs are probabilities from 0 to 1",
                at: i.userPlace().map { [.init($0)] } ?? [],
                repair: threshold > 1 && threshold <= 100
                    ? "\(formatNumber(threshold)) % is \(formatNumber(threshold / 100))" : nil))
    }

    /// A class given by its number or its name; nil if none is given.
    static func classNamed(_ a: Arguments, _ k: Int, _ j: TaskOutputs, _ i: Interpreter) throws -> Int? {
        if a.isNone(k) { return nil }
        if case .text(let t) = a[k] {
            guard let number = j.names.firstIndex(of: t.string) else {
                throw Diagnostic(
                    code: "metric.class", "there is no class \(t.string)",
                    notes: j.names.isEmpty ? [] : ["the classes are \(j.names.prefix(12).joined(separator: ", "))"],
                    repair: closest(to: t.string, in: j.names).map { "Did you mean \($0)?" })
            }
            return number
        }
        let number = try a.integer(k)
        guard number >= 0, number < j.classCount else {
            throw Diagnostic(code: "metric.class", "there is no class \(number): they go from 0 to \(j.classCount - 1)")
        }
        return number
    }

    /// What the best constant would give for every row.
    private static func ofConstant(_ j: TaskOutputs) throws -> TaskOutputs {
        guard j.rows * max(1, j.classCount) <= 1 << 27 else {
            throw UndefinedMeasure(reason: "there are \(j.rows) examples of \(j.classCount) classes")
        }
        return j.constant
    }

    /// The outputs of an untrained copy of a net.
    private static func judgedUntrained(_ i: Interpreter, _ net: Value, _ data: Value, _ wanted: Wanted, _ who: String)
        throws -> TaskOutputs
    {
        guard case .layer(let layer) = net else { return try judged(i, net, data, wanted, who) }
        let outer = i.session.stream
        defer { i.session.stream = outer }
        i.session.stream = RandomStream(seed: 0xBA5E)
        return try judged(i, .layer(untrained(layer)), data, wanted, who)
    }

    /// A measure that is drawn, whose last parameter is `baseline`: with it, an untrained copy and the best constant beside it.
    static func drawn(
        _ who: String, _ wanted: Wanted, _ i: Interpreter, _ a: Arguments,
        _ make: @escaping (TaskOutputs) throws -> DetailedMeasure
    ) throws -> Value {
        do {
            let j = try judged(i, a[0], a[1], wanted, who)
            let own = try InterruptibleWork.run(size: j.values.count) { try make(j) }
            guard try a.flag(a.builtin.parameters.count - 1) else { return .thing(own) }
            var others: [(String, DetailedMeasure)] = []
            func add(_ name: String, _ whose: String, _ judged: () throws -> TaskOutputs) throws {
                do { others.append((name, try make(try judged()))) } catch let none as UndefinedMeasure {
                    _ = none.said(by: who + whose, i)
                }
            }
            if case .layer = a[0] {
                try add("untrained", " of an untrained copy") { try judgedUntrained(i, a[0], a[1], wanted, who) }
            }
            try add("constant", " of a constant") { try ofConstant(j) }
            return .thing(own.beside(others))
        } catch let none as UndefinedMeasure { return .number(none.said(by: who, i)) }
    }

    /// One measure of a task, declared once: `baseline = true` gives the same of an untrained copy and of the best constant.
    static func taskMeasure(
        _ name: String, _ wanted: Wanted, rest: String? = nil, _ help: String,
        examples: [(code: String, result: String)] = [], seeAlso: [String] = [],
        score: @escaping @Sendable (Interpreter, Arguments, TaskOutputs) throws -> Double
    ) -> Builtin {
        let signature = ["net, data", rest, "baseline = false"].compactMap { $0 }.joined(separator: ", ")
        return Builtin(
            name, signature, family: "output metrics",
            help
                + " Takes a net and a data set, or outputs and their targets. `baseline = true` returns a record with the values for the net, for an untrained copy and for the best constant. If there is nothing to measure, the value is nan, and a warning says why.",
            examples: examples, seeAlso: seeAlso
        ) { i, a in
            func told(_ whose: String, _ make: () throws -> TaskOutputs) throws -> Double {
                do {
                    let j = try make()
                    if whose.isEmpty { warnOfThreshold(i, a, j) }
                    return try InterruptibleWork.run(size: j.values.count) { try score(i, a, j) }
                } catch let none as UndefinedMeasure {
                    return none.said(by: name + whose, i)
                }
            }
            let own = try told("") { try judged(i, a[0], a[1], wanted, name) }
            guard try a.flag(a.builtin.parameters.count - 1) else { return .number(own) }
            let constant = try told(" of a constant") { try ofConstant(try judged(i, a[0], a[1], wanted, name)) }
            var fresh = Double.nan
            if case .layer = a[0] {
                fresh = try told(" of an untrained copy") { try judgedUntrained(i, a[0], a[1], wanted, name) }
            }
            let parts: [(String, Value)] = [
                ("net", .number(own)), ("untrained", .number(fresh)), ("constant", .number(constant)),
            ]
            return .record(Record(parts.filter { $0.0 != "untrained" || !fresh.isNaN }))
        }
    }
}
