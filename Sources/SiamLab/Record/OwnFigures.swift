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

    var gain: Double { isError ? untrained - trained : trained - untrained }
}

/// What a program prints behind its training, and what its names stand for there.
struct Printed {
    private(set) var wanted: [(expression: Expression, source: Source)] = []
    /// Those of them that `print` shows.
    private var prints: [(expression: Expression, source: Source)] = []
    private(set) var values: [String: Expression] = [:]
    private(set) var functions: [String: FunctionDefinition] = [:]
    private let tail: [(statement: Statement, source: Source)]

    init(_ replay: Replay, _ tail: [(statement: Statement, source: Source)]) {
        self.tail = tail
        for document in replay.chart.documents {
            for s in Parser.parse(document.source).program.statements {
                if case .function(let d) = s.kind { functions[d.name.text] = d }
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
            if Prelude.definition(n)?.role == "loss" { found = true }
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
        untrained: ((() -> [(value: Double, scales: [Double])?]) -> [(value: Double, scales: [Double])?])? = nil
    ) -> [OwnFigure] {
        guard !tail.isEmpty, !tail.contains(where: { Replay.trains($0.statement) }) else { return [] }
        let printed = Printed(self, tail)
        let (values, functions) = (printed.values, printed.functions)
        let measures = printed.wanted.compactMap {
            w -> (
                expression: Expression, source: Source, isError: Bool, isOfEmbedding: Bool, isShare: Bool, unit: Double
            )? in
            var seen = Set<String>()
            guard let isError = Replay.measures(w.expression, values, functions, &seen) else { return nil }
            return (
                w.expression, w.source, isError, Replay.measuresANet(w.expression, values, session),
                !Replay.mentions("r2", w.expression, values), Replay.isPercentage(w.expression) ? 100 : 1
            )
        }
        guard !measures.isEmpty, measures.count <= 12 else { return [] }
        // The first weights of the net or of a copy of it.
        let first = run.nets.first?.parameters.first
        let stage = first.map { $0.path.split(separator: ".").dropLast().joined(separator: ".") } ?? ""
        func numbers() -> [(value: Double, scales: [Double])?] {
            session.aside {
                var scales: [Double] = []
                let outer = (session.interpreter.observer, Recording.isOn)
                Recording.isOn = false
                defer { (session.interpreter.observer, Recording.isOn) = outer }
                session.interpreter.observer = StageObserver { path, layer, inputs, _ in
                    guard path.joined(separator: ".").hasSuffix(stage), case .tensor(let x)? = inputs.first,
                        x.count > 0,
                        layer.parameters.first?.parameter.value.shape == first?.parameter.value.shape
                    else { return }
                    scales.append((Kernel.sumOfSquares(x) / Double(x.count)).squareRoot())
                }
                for (statement, source) in tail where !Replay.isShown(statement) {
                    _ = try? session.run(statement, of: source)
                }
                // Outputs that were worked out before are a net's as well.
                let before = scales
                return measures.map { m in
                    scales = []
                    let target = Expression(.name(Replay.figureName), m.expression.span)
                    let statement = Statement(.assign([target], m.expression), m.expression.span)
                    guard (try? session.run(statement, of: m.source)) != nil else { return nil }
                    guard let number = Replay.number(session.globals.valueIfReady(Replay.figureName)) else {
                        return nil
                    }
                    let seen = (scales.isEmpty ? before : scales).sorted()
                    return (
                        m.isShare ? number / m.unit : max(-1, number),
                        seen.isEmpty ? [] : [seen[0], seen[seen.count - 1]]
                    )
                }
            }
        }
        let before = untrained?(numbers) ?? beforeTraining(run) { numbers() }
        let after = numbers()
        return zip(measures, zip(before, after)).compactMap { m, both in
            guard let (u, _) = both.0, let (t, scales) = both.1, ((m.isShare ? 0 : -1)...1).contains(t),
                ((m.isShare ? 0 : -1)...1).contains(u),
                untrained != nil || !scales.isEmpty || t != u || m.isOfEmbedding
            else { return nil }
            return OwnFigure(
                text: m.source.text(m.expression.span), trained: t, untrained: u, isError: m.isError,
                inputScales: scales, names: Replay.names(m.expression, values))
        }
    }
    static let figureName = "__figure"

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

    private static func trains(_ s: Statement) -> Bool {
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

    static func isShown(_ s: Statement) -> Bool {
        switch s.kind {
        case .expression, .expect, .expectError: true
        default: false
        }
    }

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
                    if TrainingModel.measures.contains(n), n != "inspect" {
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
