import SiamGradient
import SiamLanguage
import SiamRuntime
import SiamTensor

/// One number that a program prints behind its training as a measure of its net.
struct OwnFigure {
    let text: String
    /// With the trained weights, and with those that the training began from.
    let trained: Double
    let untrained: Double
    /// Whether smaller is better: an error rate.
    let isError: Bool
    /// Root mean squares of what reached the first weights, the smallest and the largest of several times.
    let inputScales: [Double]
    /// Names that it is worked out from, those of values made behind the training followed.
    let names: Set<String>
    /// Which of the values that the program shows behind its training it is.
    let place: Int
    /// The share of the rows that the net is given for it that stand in the data that it was trained on.
    let trainedShare: Double
    /// Whether it can be held against an accuracy or an r2 on the same rows.
    let isComparable: Bool
    /// Of an error without an upper end: before and after the training.
    var ofLoss: (before: Double, after: Double)?

    /// What it is and was, in words.
    var words: String {
        if let ofLoss { return "\(text) is \(short(ofLoss.after)), and \(short(ofLoss.before)) with untrained weights" }
        return "\(text) is \(short(trained)), \(short(untrained)) with untrained weights"
    }

    var gain: Double { isError ? untrained - trained : trained - untrained }
    /// The larger the better.
    var worth: Double { isError ? 1 - trained : trained }
}

/// What a program prints behind its training, and what its names stand for there.
struct Printed {
    private(set) var wanted: [(expression: Expression, source: Source)] = []
    /// Those of them that `print` shows.
    private var prints: [(expression: Expression, source: Source)] = []
    private(set) var values: [String: Expression] = [:]
    private(set) var functions: [String: FunctionDefinition] = [:]
    private let tail: [(statement: Statement, source: Source)]
    /// Names that are kept where a figure is better than all before: `if now > best { best = now }`.
    private var keptBest: Set<String> = []

    /// The one that is all that is printed.
    private var bestByHand: String? {
        var shown = Set<String>()
        for p in prints {
            var seen = Set<String>()
            if Replay.measures(p.expression, values, functions, &seen) != nil { return nil }
            p.expression.walk { if case .name(let n) = $0.kind { shown.insert(n) } }
        }
        let best = shown.intersection(keptBest)
        return best.count == 1 ? best.first : nil
    }

    private mutating func learnBest(_ statements: [Statement], _ given: [String: Expression]) {
        var given = given
        for s in statements {
            if case .assign(let targets, let value) = s.kind {
                for t in targets { if case .name(let n) = t.kind { given[n] = value } }
            }
            if case .expression(let e) = s.kind, case .conditional(let condition, let block, _) = e.kind,
                case .comparison(let operands, let signs, _) = condition.kind, operands.count == 2,
                signs.first == .greater || signs.first == .less
            {
                let sides = operands.map { if case .name(let n) = $0.kind { n } else { "" } }
                for inner in block.statements {
                    guard case .assign(let targets, let value) = inner.kind, targets.count == 1,
                        case .name(let n) = targets[0].kind, sides.contains(n)
                    else { continue }
                    var seen = Set<String>()
                    if Replay.measures(value, given, functions, &seen) == false { keptBest.insert(n) }
                }
            }
            for block in s.blocks { learnBest(block.statements, given) }
            for part in s.parts { for block in part.blocks { learnBest(block.statements, given) } }
        }
    }

    /// Names that the statement which holds the training gives values.
    private var madeByTraining: Set<String> = []

    init(_ replay: Replay, _ tail: [(statement: Statement, source: Source)]) {
        self.tail = tail
        for document in replay.chart.documents {
            let statements = Parser.parse(document.source).program.statements
            for s in statements { if case .function(let d) = s.kind { functions[d.name.text] = d } }
            learnBest(statements, [:])
            for s in statements {
                if case .assign(let targets, let value) = s.kind {
                    var trains = false
                    value.walk { if case .train = $0.kind { trains = true } }
                    // A bare run is no figure.
                    if case .train = value.kind { trains = false }
                    for t in targets where trains { if case .name(let n) = t.kind { madeByTraining.insert(n) } }
                }
            }
        }
        for (statement, source) in tail {
            switch statement.kind {
            case .assign(let targets, let value):
                for t in targets { if case .name(let n) = t.kind { values[n] = value } }
            case .function(let d): functions[d.name.text] = d
            case .forIn, .whileLoop: learn(statement)
            case .expression(let e):
                guard case .call(let f, let arguments, _) = e.kind, case .name("print") = f.kind else {
                    wanted.append((e, source))
                    continue
                }
                let here = arguments.flatMap { a -> [(expression: Expression, source: Source)] in
                    if case .text = a.value.kind { return a.value.parts.map { ($0, source) } }
                    return [(a.value, source)]
                }
                prints += here
                wanted += here
            default: break
            }
        }
    }

    /// A printed number that a net has to do with, and that is no loss.
    func ofNet(_ session: Session) -> String? {
        func mentionsNet(_ e: Expression, _ depth: Int) -> Bool {
            guard depth < 5 else { return false }
            return Replay.names(e, values).contains { name in
                if case .layer? = session.globals.valueIfReady(name) { return true }
                if madeByTraining.contains(name) { return true }
                guard let d = functions[name] else { return false }
                var found = false
                d.body.walk { x in if !found, case .name = x.kind { found = mentionsNet(x, depth + 1) } }
                return found
            }
        }
        return prints.last { !isLoss($0.expression, 0) && mentionsNet($0.expression, 0) }
            .map { $0.source.text($0.expression.span) }
    }

    /// What names are given inside a loop, where they have no value from outside of it.
    private mutating func learn(_ statement: Statement) {
        for block in statement.blocks {
            for s in block.statements {
                if case .assign(let targets, let value) = s.kind {
                    for t in targets { if case .name(let n) = t.kind { values[n] = value } }
                }
                learn(s)
            }
        }
    }

    /// A figure that is the best of several by the rows that it is reported on, in words: the largest of a list of measures
    /// of which the mean is clearly less, or the net of the best epoch on rows that chose the epoch.
    func bestOfSeveral(_ session: Session, _ train: Train?) -> String? {
        if let name = bestByHand {
            return "\(name) is the largest of the figures of all epochs, and part of that is the luck of these rows"
        }
        let measured = wanted.filter { w in
            var seen = Set<String>()
            return Replay.measures(w.expression, values, functions, &seen) == false
        }
        guard measured.count == 1, let (e, source) = measured.first else { return nil }
        var list: Expression?
        func look(_ x: Expression) {
            if case .call(let f, let arguments, _) = x.kind, case .name("max") = f.kind, arguments.count == 1 {
                list = arguments[0].value
            }
        }
        e.walk(look)
        if list == nil, case .name(let n) = e.kind { values[n]?.walk(look) }
        if let list {
            func number(_ e: Expression) -> Double? {
                session.aside {
                    let statement = Statement(.assign([Expression(.name(Replay.figureName), e.span)], e), e.span)
                    guard (try? session.run(statement, of: source)) != nil else { return nil }
                    return Replay.number(session.globals.valueIfReady(Replay.figureName))
                }
            }
            func call(_ name: String) -> Expression {
                Expression(
                    .call(Expression(.name(name), list.span), [Argument(name: nil, value: list)], isCommand: false),
                    list.span)
            }
            guard let best = number(call("max")), let mean = number(call("mean")), best > mean + 0.03 else {
                return nil
            }
            return
                "\(source.text(e.span)) is \(short(best)), the largest of several scores whose mean is \(short(mean))"
        }
        // The epoch was chosen by the rows that are reported.
        var isOfBest = false
        e.walk { x in if case .field(_, let f) = x.kind, f.text == "best" { isOfBest = true } }
        guard isOfBest, let train else { return nil }
        let names = Replay.names(e, values).intersection(session.globals.userNames)
        var chosenBy: String?
        for s in train.body.statements {
            guard case .every(_, _, let block) = s.kind else { continue }
            for inner in block.statements {
                guard case .report(_, let value) = inner.kind else { continue }
                value.walk { x in
                    if case .name(let n) = x.kind, names.contains(n),
                        case .thing(_ as DatasetThing)? = session.globals.valueIfReady(n)
                    {
                        chosenBy = n
                    }
                }
            }
        }
        return chosenBy.map {
            "\(source.text(e.span)) is of the epoch that scored best on \($0), and is measured on \($0) again"
        }
    }

    /// The last loss that is printed, a mean of squares or one of the language's own, with the trained weights and with those
    /// before the training; nil where none is.
    func loss(_ session: Session, _ untrained: (() -> Double?) -> Double?) -> (
        text: String, now: Double, then: Double, names: Set<String>
    )? {
        guard let (e, source) = wanted.last(where: { isLoss($0.expression, 0) }) else { return nil }
        func number() -> Double? {
            session.aside {
                for (statement, source) in tail where !Replay.isShown(statement) {
                    _ = try? session.run(statement, of: source)
                }
                let statement = Statement(.assign([Expression(.name(Replay.figureName), e.span)], e), e.span)
                guard (try? session.run(statement, of: source)) != nil else { return nil }
                return Replay.number(session.globals.valueIfReady(Replay.figureName))
            }
        }
        guard let then = untrained(number), then.isFinite, then > 0, let now = number() else { return nil }
        return (source.text(e.span), now, then, Replay.names(e, values))
    }

    private func isLoss(_ e: Expression, _ depth: Int) -> Bool {
        var found = false
        e.walk { x in
            guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind else { return }
            if Prelude.definition(n)?.role == "loss" || Replay.unbounded.contains(n) { found = true }
            guard ["mean", "sum"].contains(n) else { return }
            for a in arguments {
                a.value.walk { y in
                    switch y.kind {
                    case .binary(.power, _, let by, _): if case .number(2, _) = by.kind { found = true }
                    case .call(let g, _, _): if case .name(let m) = g.kind, m == "abs" || m == "log" { found = true }
                    default: break
                    }
                }
            }
        }
        if !found, depth < 4, case .name(let n) = e.kind, let value = values[n] { return isLoss(value, depth + 1) }
        if !found, depth < 4, case .call(let f, _, _) = e.kind, case .name(let n) = f.kind, let d = functions[n] {
            d.body.walk { x in if case .call = x.kind, !found { found = isLoss(x, depth + 1) } }
        }
        return found
    }
}

extension Replay {
    /// The measures that a program prints behind its training, each worked out with the trained weights and with the untrained
    /// ones. Only numbers from 0 to 1 that a net's outputs went into count, and only where a comparison or one of the
    /// language's measures makes them: a loss is none.
    /// - Parameter untrained: does something with the weights as they were before the training; by default those of the run's
    ///   nets.
    func ownFigures(
        _ run: SiamRuntime.Run, _ session: Session, _ tail: [(statement: Statement, source: Source)],
        redone: [(statement: Statement, source: Source)] = [],
        untrained: ((() -> [(value: Double, scales: [Double])?]) -> [(value: Double, scales: [Double])?])? = nil
    ) -> [OwnFigure] {
        guard !tail.isEmpty, !tail.contains(where: { Replay.trains($0.statement) }) else { return [] }
        let printed = Printed(self, tail)
        let (values, functions) = (printed.values, printed.functions)
        func isLabel(_ name: String) -> Bool {
            guard case .tensor(let t)? = session.globals.valueIfReady(name), t.count > 1 else { return false }
            return t.floats.allSatisfy { $0 == 0 || $0 == 1 }
        }
        let measures = printed.wanted.enumerated().compactMap {
            w -> (
                place: Int, isKnown: Bool, expression: Expression, source: Source, isError: Bool, isOfEmbedding: Bool,
                isShare: Bool,
                unit: Double
            )? in
            let (place, w) = (w.offset, w.element)
            var seen = Set<String>()
            let measured = Replay.measures(w.expression, values, functions, &seen)
            guard
                let isError = measured
                    ?? (Replay.judgesByHand(w.expression, values, functions, isLabel) ? false : nil)
            else { return nil }
            return (
                place, measured != nil, w.expression, w.source, isError,
                Replay.measuresANet(w.expression, values, session),
                !Replay.mentions("r2", w.expression, values), Replay.isPercentage(w.expression) ? 100 : 1
            )
        }
        guard !measures.isEmpty, measures.count <= 12 else { return [] }
        // The first weights of the net or of a copy of it.
        let first = run.nets.first?.parameters.first
        let stage = first.map { $0.path.split(separator: ".").dropLast().joined(separator: ".") } ?? ""
        // What the doctor holds back the program trains on.
        let trained = Set(
            (trainingRows(run).map { [$0] } ?? []).flatMap(Replay.hashes)
                + heldRows.compactMap { $0.tensors.first }.flatMap(Replay.hashes) + (kept.map(Replay.hashes) ?? []))
        var shares = [Double](repeating: 0, count: measures.count)
        func numbers() -> [(value: Double, scales: [Double])?] {
            session.aside {
                var scales: [Double] = []
                var rows = (known: 0, all: 0)
                let outer = (session.interpreter.observer, Recording.isOn)
                Recording.isOn = false
                defer { (session.interpreter.observer, Recording.isOn) = outer }
                session.interpreter.observer = StageObserver { path, layer, inputs, _ in
                    guard path.joined(separator: ".").hasSuffix(stage), case .tensor(let x)? = inputs.first,
                        x.count > 0,
                        layer.parameters.first?.parameter.value.shape == first?.parameter.value.shape
                    else { return }
                    scales.append((Kernel.sumOfSquares(x) / Double(x.count)).squareRoot())
                    guard !trained.isEmpty, rows.all < 5000 else { return }
                    let own = Replay.hashes(x)
                    rows = (rows.known + own.count { trained.contains($0) }, rows.all + own.count)
                }
                for (statement, source) in redone + tail where !Replay.isShown(statement) {
                    _ = try? session.run(statement, of: source)
                }
                // Outputs that were worked out before are a net's as well.
                let (before, rowsBefore) = (scales, rows)
                return measures.enumerated().map { k, m in
                    scales = []
                    rows = (0, 0)
                    let target = Expression(.name(Replay.figureName), m.expression.span)
                    let statement = Statement(.assign([target], m.expression), m.expression.span)
                    guard (try? session.run(statement, of: m.source)) != nil else { return nil }
                    guard let number = Replay.number(session.globals.valueIfReady(Replay.figureName)) else {
                        return nil
                    }
                    let seen = (scales.isEmpty ? before : scales).sorted()
                    let given = rows.all > 0 ? rows : rowsBefore
                    shares[k] = given.all > 0 ? Double(given.known) / Double(given.all) : 0
                    return (
                        m.isShare ? number / m.unit : max(-1, number),
                        seen.isEmpty ? [] : [seen[0], seen[seen.count - 1]]
                    )
                }
            }
        }
        let before = untrained?(numbers) ?? beforeTraining(run) { numbers() }
        let after = numbers()
        return zip(zip(measures, shares), zip(before, after)).compactMap { of, both in
            let (m, share) = of
            guard let (u, _) = both.0, let (t, scales) = both.1, ((m.isShare ? 0 : -1)...1).contains(t),
                ((m.isShare ? 0 : -1)...1).contains(u),
                untrained != nil || !scales.isEmpty || t != u || m.isOfEmbedding
            else { return nil }
            let names = Replay.names(m.expression, values)
            return OwnFigure(
                text: m.source.text(m.expression.span), trained: t, untrained: u, isError: m.isError,
                inputScales: scales, names: names, place: m.place,
                trainedShare: share,
                isComparable: m.isKnown && Replay.otherShares.isDisjoint(with: names))
        }
    }
    static let figureName = "__figure"

    /// What the program shows behind its training: as it is written, and worked out from other statements.
    func noteFigures(
        _ run: SiamRuntime.Run, _ session: Session, _ tail: [(statement: Statement, source: Source)], train: Train?
    ) {
        if readsFigures {
            evidence.figures = ownFigures(run, session, tail)
            let printed = Printed(self, tail)
            evidence.bestOfSeveral = printed.bestOfSeveral(parent, train)
            if evidence.figures.isEmpty,
                let loss = printed.loss(session, { body in self.beforeTraining(run) { body() } }), loss.now.isFinite
            {
                // An error in the targets' unit: what the training took of it away.
                evidence.figures = [
                    OwnFigure(
                        text: loss.text, trained: max(-1, 1 - loss.now / max(loss.then, 1e-12)), untrained: 0,
                        isError: false, inputScales: [], names: loss.names, place: -1, trainedShare: 0,
                        isComparable: false, ofLoss: (loss.then, loss.now))
                ]
            }
            noteRowsMeasured(run, session)
            if evidence.figures.allSatisfy({ $0.ofLoss != nil }) { evidence.uncheckedFigure = printed.ofNet(parent) }
        }
        if judgesByFigure {
            let figures = readsFigures ? evidence.figures : ownFigures(run, session, tail)
            let training =
                train?.body.statements
                ?? chart.documents.flatMap { Parser.parse($0.source).program.statements }.filter(Replay.trains)
            judgeByFigure(figures.filter { $0.ofLoss == nil }, run, session, tail, trainedOn: training, losses: true) {
                body in
                beforeTraining(run) { body() }
            }
        }
        for other in evaluations {
            if Interrupt.isRequested { break }
            evidence.otherFigures.append(ownFigures(run, session, other.tail, redone: other.redone))
        }
    }

    /// Whether a number is multiplied by 100 to be shown.
    private static func isPercentage(_ e: Expression) -> Bool {
        var found = false
        e.walk { x in
            if case .binary(.multiply, let l, let r, _) = x.kind {
                for side in [l, r] { if case .number(100, _) = side.kind { found = true } }
            }
        }
        return found
    }
    static func names(_ e: Expression, _ values: [String: Expression], _ depth: Int = 0) -> Set<String> {
        var found = Set<String>()
        e.walk { if case .name(let n) = $0.kind { found.insert(n) } }
        if depth < 6 { for n in found { if let v = values[n] { found.formUnion(names(v, values, depth + 1)) } } }
        return found
    }
    private static func mentions(_ name: String, _ e: Expression, _ values: [String: Expression]) -> Bool {
        names(e, values).contains(name)
    }

    static func number(_ v: Value?) -> Double? {
        switch v {
        case .number(let x): return x
        case .tensor(let t) where t.count == 1: return t.doubles.first
        default: return nil
        }
    }

    /// Whether one of the language's measures is given a net or a function to apply.
    private static func measuresANet(_ e: Expression, _ values: [String: Expression], _ session: Session) -> Bool {
        var found = false
        func look(_ x: Expression) {
            guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind,
                TrainingModel.measures.contains(n)
            else { return }
            for a in arguments {
                switch a.value.kind {
                case .name(let n):
                    switch session.globals.valueIfReady(n) {
                    case .layer, .function: found = true
                    default: break
                    }
                case .lambda, .compose: found = true
                default: break
                }
            }
        }
        e.walk(look)
        if case .name(let n) = e.kind, let value = values[n] { value.walk(look) }
        return found
    }

    static func trains(_ s: Statement) -> Bool {
        var found = false
        s.walk { e in
            switch e.kind {
            case .train, .sweep: found = true
            case .name("update"): found = true
            default: break
            }
        }
        return found
    }

    /// Statements that figures do not hang on. A call of the program's own may build a net.
    static func isShown(_ s: Statement) -> Bool {
        switch s.kind {
        case .expression(let e):
            guard case .call(let f, _, _) = e.kind, case .name(let n) = f.kind else { return true }
            return shown.contains(n) || Builtins.core.contains { $0.name == n }
        case .expect, .expectError: return true
        default: return false
        }
    }

    /// Whether an expression that is no measure of the language's compares something with a number and takes labels in, as
    /// a share of errors or an F1 by hand does.
    private static func judgesByHand(
        _ e: Expression, _ values: [String: Expression], _ functions: [String: FunctionDefinition],
        _ isLabel: (String) -> Bool
    ) -> Bool {
        var (comparesWithNumber, takesLabels) = (false, false)
        var open: [String] = []
        var seen = Set<String>()
        func look(_ x: Expression) {
            switch x.kind {
            case .comparison(let operands, _, _):
                if operands.contains(where: { if case .number = $0.kind { true } else { false } }) {
                    comparesWithNumber = true
                }
            case .field(_, let f): if f.text == "y" { takesLabels = true }
            case .name(let n): open.append(n)
            default: break
            }
        }
        e.walk(look)
        while let name = open.popLast() {
            guard seen.insert(name).inserted else { continue }
            if isLabel(name) { takesLabels = true }
            values[name]?.walk(look)
            functions[name]?.body.walk(look)
        }
        return comparesWithNumber && takesLabels
    }

    /// Measures of errors that are in the targets' own unit, or without an upper end.
    static let unbounded: Set<String> = ["rmse", "mae", "mean_absolute_error", "log_loss", "residuals"]

    /// Whether a number that makes a share of something is compared as an accuracy is: precision and recall are not.
    private static let otherShares: Set<String> = [
        "f1", "precision", "recall", "auc", "roc", "pr", "eer", "calibration", "map_at_r", "recall_at",
        "effective_rank",
    ]

    /// Whether an expression measures something between 0 and 1, and if so whether less of it is better.
    static func measures(
        _ e: Expression, _ values: [String: Expression], _ functions: [String: FunctionDefinition],
        _ seen: inout Set<String>
    ) -> Bool? {
        // What is picked from a list is of the list's kind, whatever it is picked by: a threshold is no measure.
        if case .index(let list, _) = e.kind { return measures(list, values, functions, &seen) }
        var found: Bool?
        var open: [String] = []
        func look(_ x: Expression) {
            switch x.kind {
            case .comparison(let operands, let signs, _):
                // Outputs against labels; against a number it is a share of the outputs.
                let isWithNumber = operands.contains { if case .number = $0.kind { true } else { false } }
                if found == nil, !isWithNumber, signs.contains(.equal) || signs.contains(.unequal) {
                    found = signs.contains(.unequal)
                }
            case .call(let f, _, _):
                if case .name(let n) = f.kind {
                    if TrainingModel.measures.contains(n), n != "inspect", !unbounded.contains(n) {
                        found = n == "eer"
                    }
                    open.append(n)
                }
            case .name(let n): open.append(n)
            default: break
            }
        }
        e.walk(look)
        for name in open where found == nil && seen.insert(name).inserted {
            if let value = values[name] { found = measures(value, values, functions, &seen) }
            if found == nil, let d = functions[name] { d.body.walk(look) }
        }
        return found
    }
}
