import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// What a program prints behind its training, and what its names stand for there.
struct PrintedFigures {
    private(set) var wanted: [(expression: Expression, source: Source)] = []
    /// How many of these are shown behind the training; the others are measured inside it.
    private(set) var shown = 0
    /// The words that stand before a number where it is shown, by the place of its expression.
    private var labels: [Int: String] = [:]
    /// The words that stand behind it, up to a comma.
    private var ends: [Int: String] = [:]
    /// Those of them that `print` shows.
    private var prints: [(expression: Expression, source: Source)] = []
    private(set) var values: [String: Expression] = [:]
    private(set) var functions: [String: FunctionDefinition] = [:]
    /// Where each of them is written.
    private var sources: [String: Source] = [:]
    let tail: [(statement: Statement, source: Source)]
    /// Tells which statements only show something.
    let showing: ShownStatements
    /// Names that the program gives values to.
    let own: Set<String>
    /// Scores that a search of the program keeps where they are better than all before.
    private var keptBest: [KeptBest] = []

    /// A printed number that is the kept best score of a search, or the same score of what was kept beside it, where no other
    /// measure of the net is printed: the number and the name of the best score.
    func bestOfHandWrittenSearch(_ session: Session) -> (text: String, best: String)? {
        let kept = keptBest.compactMap { k in
            Replay.number(session.globals.valueIfReady(k.name)).map { (best: k, value: $0) }
        }
        var found: (text: String, best: String)?
        for p in prints {
            let names = Replay.names(p.expression, values)
            var seen = Set<String>()
            let isMeasure = Replay.measures(p.expression, values, functions, own: own, &seen) != nil
            // Scores of other rows may be the same by chance.
            if let (best, value) = kept.first(where: { k in
                !k.best.names.isDisjoint(with: names)
                    || isMeasure && !k.best.beside.isDisjoint(with: names)
                        && !own.intersection(k.best.measured).isDisjoint(with: names)
            }), Replay.number(Replay.value(p.expression, p.source, session)) == value {
                found = found ?? (p.source.text(p.expression.span), best.name)
            } else if isMeasure {
                return nil
            }
        }
        return found
    }

    /// Which statements print from within: calls of the program's functions, loops and conditions.
    var speaking: Set<Int> {
        func speaks(_ walk: ((Expression) -> Void) -> Void, _ depth: Int) -> Bool {
            var names = Set<String>()
            walk { if case .name(let n) = $0.kind { names.insert(n) } }
            return names.contains("print")
                || depth < 4
                    && names.contains { n in functions[n].map { d in speaks({ d.body.walk($0) }, depth + 1) } ?? false }
        }
        return Set(
            tail.indices.filter { k in
                switch tail[k].statement.kind {
                case .function, .layer: return false
                default: return !showing.isShown(tail[k].statement) && speaks({ tail[k].statement.walk($0) }, 0)
                }
            })
    }

    /// What was heard from those statements, with the weights from before the training and from behind it, where the words
    /// before a number call it a measure.
    func figures(before: [PrintedNumber], after: [PrintedNumber]) -> [OwnFigure] {
        guard before.count == after.count, after.count <= 12 else { return [] }
        return zip(before, after).enumerated().compactMap { k, both in
            let (then, now) = both
            // A program may show what it began from.
            let said = Set(now.words.lowercased().split { !$0.isLetter }.map(String.init))
            guard then.words == now.words, said.isDisjoint(with: FigureWords.beginnings),
                let isError = FigureWords.isError(now.words), (0...1).contains(now.value),
                (0...1).contains(then.value), !now.scales.isEmpty || now.value != then.value
            else { return nil }
            var names = Set<String>()
            tail[now.statement].statement.walk { names.formUnion(Replay.names($0, values)) }
            names = withBodies(names)
            return OwnFigure(
                text: now.words, trained: now.value, untrained: then.value, isError: isError,
                inputScales: now.scales.isEmpty ? [] : [now.scales[0], now.scales[now.scales.count - 1]],
                names: names, place: wanted.count + k, trainedShare: now.trainedShare, isComparable: false)
        }
    }

    /// Names, with those that the functions among them use.
    func withBodies(_ names: Set<String>) -> Set<String> {
        var all = names
        var open = names.filter { functions[$0] != nil }
        for _ in 0..<4 where !open.isEmpty {
            var inside = Set<String>()
            for n in open { functions[n]?.body.walk { inside.formUnion(Replay.names($0, values)) } }
            open = inside.subtracting(all).filter { functions[$0] != nil }
            all.formUnion(inside)
        }
        return all
    }

    /// Names that the statement which holds the training gives values.
    private var madeByTraining: Set<String> = []

    init(_ replay: Replay, _ tail: [(statement: Statement, source: Source)]) {
        self.tail = tail
        showing = replay.chart.shown
        own = Set(replay.parent.globals.userNames)
        for document in replay.chart.documents {
            let statements = Parser.parse(document.source).program.statements
            for s in statements {
                guard case .function(let d) = s.kind else { continue }
                functions[d.name.text] = d
                sources[d.name.text] = document.source
            }
            let drawn = KeptBest.drawn(statements)
            keptBest += KeptBest.all(statements, [:]) { e, given, less in
                var seen = Set<String>()
                if let isError = Replay.measures(e, given, functions, own: own, &seen) { return isError == less }
                // An error of rows that no batch is drawn from.
                return less && isLoss(e, 0)
                    && !own.intersection(Replay.names(e, given)).subtracting(drawn).filter {
                        switch replay.parent.globals.valueIfReady($0) {
                        case .tensor(let t)?: t.rank > 0
                        case .thing(let thing)?: thing is DatasetThing
                        default: false
                        }
                    }.isEmpty
            }
            for s in statements where !s.blocks.isEmpty && s.trains { noteCounters(s) }
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
            case .function(let d):
                functions[d.name.text] = d
                sources[d.name.text] = source
            case .forIn, .whileLoop: learn(statement)
            case .expression(let e):
                guard case .call(let f, let arguments, _) = e.kind, case .name("print") = f.kind else {
                    wanted.append((e, source))
                    continue
                }
                var label = ""
                var here: [(expression: Expression, source: Source)] = []
                func take(_ e: Expression) {
                    labels[e.span.start] = label
                    here.append((e, source))
                    label = ""
                }
                for a in arguments {
                    guard case .text(let parts) = a.value.kind else {
                        take(a.value)
                        continue
                    }
                    for part in parts {
                        switch part {
                        case .literal(let words):
                            if label.isEmpty, let last = here.last {
                                ends[last.expression.span.start] =
                                    String(words.prefix { !",;(|".contains($0) })
                            }
                            label += words
                        case .value(let e, _): take(e)
                        }
                    }
                }
                prints += here
                wanted += here
            default: break
            }
        }
        shown = wanted.count
        addMeasuredInside(replay.chart)
    }

    /// What the training itself measures on its way, as far as it is not shown behind it.
    private mutating func addMeasuredInside(_ chart: ProgramText) {
        guard let document = chart.documents.last(where: { $0.importedAs == nil }) else { return }
        let statements = Parser.parse(document.source).program.statements
        let measured: MeasuredInside
        if let training = statements.last(where: \.trains) {
            measured = MeasuredInside(training)
        } else if let loop = VariableLoop(statements),
            let training = statements.first(where: { $0.span.start == loop.begins })
        {
            measured = MeasuredInside(training, weights: loop.names)
            // What a step measured is shown behind it: worked out again, or not at all.
            wanted = wanted.compactMap { w in
                guard case .name(let n) = w.expression.kind, measured.assigns(n) else { return w }
                guard let again = measured.workedOut(w.expression) else { return nil }
                labels[again.span.start] = labels[w.expression.span.start]
                return (again, document.source)
            }
            shown = wanted.count
        } else {
            return
        }
        for (e, words) in measured.measured where !wanted.contains(where: { $0.expression == e }) {
            var seen = Set<String>()
            let isMeasure = Replay.measures(e, values, functions, own: own, &seen) != nil
            guard isMeasure || FigureWords.isError(words) != nil else { continue }
            labels[e.span.start] = words
            wanted.append((e, document.source))
        }
    }

    /// Variables that a training loop counts outcomes of comparisons in: `hits = hits + sum(argmax(net(x)) == y)`.
    private mutating func noteCounters(_ s: Statement) {
        for block in s.blocks {
            for inner in block.statements {
                if case .assign(let targets, let value) = inner.kind {
                    var compares = false
                    value.walk { if case .comparison = $0.kind { compares = true } }
                    for t in targets where compares { if case .name(let n) = t.kind { madeByTraining.insert(n) } }
                }
                noteCounters(inner)
            }
        }
    }

    /// Whether the words before a number call it an error, where less is better, or a share of what is right; nil where they
    /// do neither.
    func isErrorByWords(_ e: Expression) -> Bool? {
        FigureWords.isError(labels[e.span.start] ?? "")
    }
    /// Whether the words around a number call it one of the rows that choices are made on.
    func isOfValidation(_ e: Expression) -> Bool {
        FigureWords.isOfValidation(labels[e.span.start] ?? "") || FigureWords.isOfValidation(ends[e.span.start] ?? "")
    }
    /// Whether the words before a number call it an amount, as of money, which no share of right answers can be held against.
    func isAmountByWords(_ e: Expression) -> Bool { FigureWords.isAmount(labels[e.span.start] ?? "") }
    /// The words before a number that call what it is measured on new classes.
    var claimOfNewClasses: String? {
        wanted.lazy.compactMap { w in labels[w.expression.span.start].flatMap(FigureWords.claimOfNewClasses) }.first
    }

    /// What `body` gives after the statements behind the training have run, without those that only show; the session is
    /// then as it was.
    func afterEvaluation<T>(_ session: Session, _ body: () -> T?) -> T? {
        session.aside {
            for (statement, source) in tail where !showing.isShown(statement) {
                _ = try? session.run(statement, of: source)
            }
            return body()
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
                // What is counted where a condition holds is made of the condition: `if guess == y[i] { hits = hits + 1 }`.
                guard case .expression(let e) = s.kind, case .conditional(let condition, let inside, _) = e.kind else {
                    continue
                }
                for inner in inside.statements {
                    guard case .assign(let targets, let given) = inner.kind, targets.count == 1,
                        case .name(let n) = targets[0].kind
                    else { continue }
                    var counts = false
                    given.walk { if case .name(n) = $0.kind { counts = true } }
                    values[n] = counts ? condition : given
                }
            }
        }
    }

    /// A comparison with one half of numbers that are no probabilities, in words: of scores whose loss takes the sigmoid itself.
    func logitsAtHalf(_ session: Session) -> String? {
        /// A comparison, and what stands under the parameters of the function that it is in.
        var found: (scores: Expression, source: Source, given: [(name: Name, value: Expression)])?
        func look(_ e: Expression, _ source: Source, _ given: [(name: Name, value: Expression)]) {
            e.walk { x in
                guard found == nil, case .comparison(let operands, let signs, _) = x.kind, signs.count == 1,
                    signs[0] == .greater || signs[0] == .greaterOrEqual, operands.count == 2,
                    case .number(0.5, _) = operands[1].kind
                else { return }
                found = (operands[0], source, given)
            }
        }
        for (statement, source) in tail where !showing.isShown(statement) || found == nil {
            for e in statement.parts { look(e, source, []) }
        }
        for (w, _) in wanted where found == nil {
            w.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind, let d = functions[n],
                    let own = sources[n], arguments.allSatisfy({ $0.name == nil })
                else { return }
                let given = zip(d.parameters.map(\.name), arguments.map(\.value)).map { (name: $0, value: $1) }
                d.body.walk { look($0, own, given) }
            }
        }
        guard let (e, source, given) = found else { return nil }
        return afterEvaluation(session) {
            for (name, value) in given {
                let target = Expression(.name(name.text), name.span)
                _ = try? session.run(Statement(.assign([target], value), value.span), of: source)
            }
            guard case .tensor(let t)? = Replay.value(e, source, session), t.count >= 20,
                case let all = t.doubles, let low = all.min(), let high = all.max(), low < -0.2, high > 0.5
            else { return nil }
            let between = all.count { $0 > 0 && $0 < 0.5 }
            guard between > 0, high > 1.2 || between * 20 > all.count else { return nil }
            return
                "\(source.text(e.span)) is compared with 0.5, and lies between \(short(low)) and \(short(high)); a probability of one half is a logit of 0, and \(between) of \(all.count) rows lie between 0 and 0.5"
        }
    }

    /// The last loss that is printed, a mean of squares or one of the language's own, with the trained weights and with those
    /// before the training; nil where none is.
    func loss(_ session: Session, _ untrained: (() -> Double?) -> Double?) -> (
        text: String, now: Double, then: Double, names: Set<String>
    )? {
        func number(_ e: Expression, _ source: Source) -> Double? {
            afterEvaluation(session) {
                return Replay.number(Replay.value(e, source, session))
            }
        }
        for (e, source) in wanted.reversed().filter({ isLoss($0.expression, 0) }).prefix(4) {
            guard let then = untrained({ number(e, source) }), then.isFinite, then > 0, let now = number(e, source)
            else { continue }
            // What another net, or none, would have made is the same with any weights: a baseline.
            if now != then { return (source.text(e.span), now, then, Replay.names(e, values)) }
        }
        return nil
    }

    /// Of a net that is trained to give back its own input: what it is measured against, where that is never its input, in
    /// words.
    func otherTarget(_ session: Session) -> String? {
        var measured: [(call: String, input: Expression, target: Expression, source: Source)] = []
        func look(_ e: Expression, _ source: Source) {
            e.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind, arguments.count == 2,
                    TrainingModel.isLoss(n) || Replay.unbounded.contains(n),
                    case .call(let net, let given, _) = arguments[0].value.kind, case .name(let name) = net.kind,
                    case .layer? = session.globals.valueIfReady(name), given.count == 1
                else { return }
                measured.append((source.text(x.span), given[0].value, arguments[1].value, source))
            }
        }
        for w in wanted {
            look(w.expression, w.source)
            if case .name(let n) = w.expression.kind, let value = values[n] { look(value, w.source) }
        }
        guard !measured.isEmpty else { return nil }
        return afterEvaluation(session) {
            for m in measured {
                guard case .tensor(let x)? = Replay.value(m.input, m.source, session),
                    case .tensor(let y)? = Replay.value(m.target, m.source, session), x.count == y.count, x.count >= 20
                else { return nil }
                let (a, b) = (x.doubles, y.doubles)
                let apart = Replay.deviation(zip(a, b).map { $0 - $1 })
                guard apart > 0.1 * Replay.deviation(b) else { return nil }
            }
            return measured.first.map {
                "the target of each row in the training is the input of the net itself, and \($0.call) compares its outputs with other values"
            }
        }
    }

    /// Whether a loss is shown that is made of what a name stands for.
    func showsLoss(of name: String) -> Bool {
        wanted.contains { isLoss($0.expression, 0) && Replay.names($0.expression, values).contains(name) }
    }
    /// All names that what is shown is made of.
    var namesShown: Set<String> {
        wanted.reduce(into: []) { $0.formUnion(withBodies(Replay.names($1.expression, values))) }
    }

    private func isLoss(_ e: Expression, _ depth: Int) -> Bool {
        // 1 - mse / var is a score.
        if case .binary(.subtract, let from, _, _) = e.kind, case .number = from.kind { return false }
        var found = false
        e.walk { x in
            guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind else { return }
            if TrainingModel.isLoss(n) || Replay.unbounded.contains(n) { found = true }
            guard ["mean", "sum", "median"].contains(n) else { return }
            for a in arguments {
                // A mean of a comparison is a share, whatever it compares.
                if case .comparison = a.value.kind { continue }
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
