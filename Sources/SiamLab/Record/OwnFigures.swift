import SiamCompiler
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Rows that a net is given one after the other, as the two sides of pairs are.
struct RowsInTurn {
    private var last: [UInt64] = []
    /// The largest share of rows that are the same in two of them; 0 where nearly all are, as where the same rows are given
    /// twice, and where rows often are the same by chance.
    private(set) var selfShare = 0.0

    mutating func add(_ rows: Tensor) {
        let own = Replay.hashes(rows)
        defer { last = own }
        guard own.count == last.count, own.count >= 20 else { return }
        let share = Double(zip(own, last).count { $0 == $1 }) / Double(own.count)
        var counts: [UInt64: Double] = [:]
        for h in last { counts[h, default: 0] += 1 }
        let byChance = own.reduce(0) { $0 + counts[$1, default: 0] } / Double(own.count * own.count)
        if share > 10 * byChance, share < 0.95 { selfShare = max(selfShare, share) }
    }
}

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
    /// Names that it is worked out from, those of values made after the training followed.
    let names: Set<String>
    /// Which of the values that the program shows behind its training it is.
    let place: Int
    /// The share of the rows that the net is given for it that stand in the data that it was trained on.
    let trainedShare: Double
    /// Whether it can be held against an accuracy or an r2 on the same rows.
    let isComparable: Bool
    /// Whether it is of something without weights, as of the raw inputs: what the net's own figure is held against.
    var isBaseline = false
    /// Whether it lies between 0 and 1; an r2 does not.
    var isShare = true
    /// What it is where layers that were put into training mode, `training(net)`, are applied in evaluation mode.
    var evaluated: Double?
    /// The share of the pairs of rows that the net is given one after the other for it that are one row twice.
    var selfShare = 0.0
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
        guard !tail.contains(where: { $0.statement.trains }) else { return [] }
        let printed = PrintedFigures(self, tail)
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
            var measured = Replay.measures(w.expression, values, functions, own: printed.own, &seen)
            // What a function of the program's compares says less of its result than the words before it: a cost of misses.
            var calls = false
            w.expression.walk { x in
                if case .call(let f, _, _) = x.kind, case .name(let n) = f.kind, functions[n] != nil { calls = true }
            }
            if calls, printed.isErrorByWords(w.expression) == true {
                measured = measured.map { _ in true }
            }
            guard
                let isError = measured
                    ?? printed.isErrorByWords(w.expression)
                    ?? (Replay.isHandWrittenMeasure(w.expression, values, functions, isLabel) ? false : nil)
            else { return nil }
            return (
                place, measured != nil && !printed.isAmountByWords(w.expression), w.expression, w.source, isError,
                Replay.measuresANet(w.expression, values, session),
                !Replay.mayBeNegative(w.expression, values), Replay.isPercentage(w.expression) ? 100 : 1
            )
        }
        let talk = printed.speaking
        guard !measures.isEmpty || !talk.isEmpty, measures.count <= 12 else { return [] }
        // The first weights of the net or of a copy of it.
        let first = run.nets.first?.parameters.first
        let stage = first.map { $0.path.split(separator: ".").dropLast().joined(separator: ".") } ?? ""
        // What the doctor holds back the program trains on.
        let rows = trainingRows(run)
        let trained = rowsTrained(run)
        let trainedWidth = rows.map { $0.count / max(1, $0.shape.dims.first ?? 1) } ?? 0
        var shares = [Double](repeating: 0, count: measures.count)
        var selfShares = [Double](repeating: 0, count: measures.count)
        // What functions and loops of the evaluation print: known only when they have run.
        var heard: [[PrintedNumber]] = []
        func numbers() -> [(value: Double, scales: [Double])?] {
            session.aside {
                var scales: [Double] = []
                // By stage: before the first weights rows may have been standardised.
                var rows: [String: (known: Int, all: Int)] = [:]
                var pairs = RowsInTurn()
                func trainedShare() -> Double? {
                    rows.values.filter { $0.all > 0 }.map { trained.share($0.known, of: $0.all) }.max()
                }
                let outer = (session.interpreter.observer, Recording.isOn)
                Recording.isOn = false
                defer { (session.interpreter.observer, Recording.isOn) = outer }
                session.interpreter.observer = StageObserver(seesMeasures: true) { path, layer, inputs, _ in
                    guard case .tensor(let x)? = inputs.first, x.count > 0 else { return }
                    let place = path.joined(separator: ".")
                    let isFirst =
                        place.hasSuffix(stage)
                        && layer.parameters.first?.parameter.value.shape == first?.parameter.value.shape
                    if isFirst {
                        scales.append((Kernel.sumOfSquares(x) / Double(x.count)).squareRoot())
                        pairs.add(x)
                    }
                    let seen = rows[place] ?? (0, 0)
                    guard !trained.rows.isEmpty, seen.all < 5000, let n = x.shape.dims.first, n > 0,
                        isFirst || x.count / n == trainedWidth
                    else { return }
                    let own = Replay.hashes(x)
                    rows[place] = (seen.known + own.count { trained.rows.contains($0) }, seen.all + own.count)
                }
                for (statement, source) in redone where !chart.shown.isShown(statement) {
                    _ = try? session.run(statement, of: source)
                }
                var spoken: [PrintedNumber] = []
                for (k, (statement, source)) in tail.enumerated() where !chart.shown.isShown(statement) {
                    let known = scales.count
                    let lines = session.listening(isOn: talk.contains(k)) {
                        _ = try? session.run(statement, of: source)
                    }
                    let own = scales[known...].sorted()
                    spoken += PrintedNumber.all(in: lines, of: k, scales: own, trainedShare: trainedShare() ?? 0)
                }
                heard.append(spoken)
                // Outputs that were worked out before are a net's as well.
                let (before, shareBefore, pairsBefore) = (scales, trainedShare(), pairs)
                return measures.enumerated().map { k, m in
                    scales = []
                    rows = [:]
                    pairs = RowsInTurn()
                    guard let number = Replay.number(Replay.value(m.expression, m.source, session)) else { return nil }
                    let seen = (scales.isEmpty ? before : scales).sorted()
                    shares[k] = trainedShare() ?? shareBefore ?? 0
                    selfShares[k] = scales.isEmpty ? pairsBefore.selfShare : pairs.selfShare
                    return (
                        m.isShare ? number / m.unit : max(-1, number),
                        seen.isEmpty ? [] : [seen[0], seen[seen.count - 1]]
                    )
                }
            }
        }
        let before = untrained?(numbers) ?? beforeTraining(run) { numbers() }
        let after = numbers()
        // Dropout and batch norm that the program measures in training mode.
        var inEvaluation: [(value: Double, scales: [Double])?]?
        if readsFigures, chart.documents.contains(where: { Replay.asksForTraining($0.whole) }) {
            let measured = shares
            session.interpreter.isHeldInEvaluation = true
            inEvaluation = numbers()
            session.interpreter.isHeldInEvaluation = false
            shares = measured
        }
        let told = heard.count > 1 ? printed.figures(before: heard[0], after: heard[1]) : []
        return told
            + measures.indices.compactMap { k in
                let (m, share) = (measures[k], shares[k])
                let both = (before[k], after[k])
                guard let (u, _) = both.0, let (t, scales) = both.1, ((m.isShare ? 0 : -1)...1).contains(t),
                    ((m.isShare ? 0 : -1)...1).contains(u),
                    untrained != nil || !scales.isEmpty || t != u || m.isOfEmbedding
                else { return nil }
                let names = printed.withBodies(Replay.names(m.expression, values))
                return OwnFigure(
                    text: m.source.text(m.expression.span), trained: t, untrained: u, isError: m.isError,
                    inputScales: scales, names: names, place: m.place,
                    trainedShare: share,
                    isComparable: m.isKnown
                        && Replay.otherShares.isDisjoint(with: names.union(Replay.fields(m.expression))),
                    isBaseline: t == u
                        && (Replay.measuresNoWeights(m.expression, values, session)
                            || Replay.isOfDataAlone(names, session))
                        || Replay.isOfBaseline(m.expression, values), isShare: m.isShare,
                    evaluated: inEvaluation?[k]?.value, selfShare: selfShares[k])
            }
    }
    private static let figureName = "__figure"
    /// What an expression of the program comes to in a session as it stands; nil where it fails.
    static func value(_ e: Expression, _ source: Source, _ session: Session) -> Value? {
        let target = Expression(.name(figureName), e.span)
        guard (try? session.run(Statement(.assign([target], e), e.span), of: source)) != nil else { return nil }
        return session.globals.valueIfReady(figureName)
    }

    /// Whether a program puts a net into training mode itself.
    private static func asksForTraining(_ source: Source) -> Bool {
        Parser.parse(source).program.statements.contains { s in
            var found = false
            s.walk { if case .name("training") = $0.kind { found = true } }
            return found
        }
    }

    /// What the program shows behind its training: as it is written, and worked out from other statements.
    func noteFigures(
        _ run: SiamRuntime.Run, _ session: Session, _ tail: [(statement: Statement, source: Source)], train: Train?
    ) {
        if readsFigures {
            evidence.figures = ownFigures(run, session, tail)
            let printed = PrintedFigures(self, tail)
            evidence.bestOfSeveral = printed.bestOfSeveral(parent, train) ?? printed.thresholdOnMeasured(session)
            if evidence.task == .classification || evidence.task == .verification,
                evidence.facts?.isLogarithmic == true,
                evidence.facts?.outputWidth == 1 || evidence.task == .verification,
                // A logarithm of the outputs themselves takes them for probabilities.
                evidence.facts?.clampedBeforeLog ?? 0 < 0.02
            {
                evidence.logitsAtHalf = printed.logitsAtHalf(session)
            }
            if evidence.task == .reconstruction, evidence.facts?.noise ?? 1 < 1e-6 {
                evidence.otherTarget = printed.otherTarget(session)
            }
            if evidence.figures.isEmpty,
                let loss = printed.loss(session, { body in self.beforeTraining(run) { body() } }), loss.now.isFinite
            {
                // An error in the targets' unit: what the training took of it away.
                evidence.figures = [
                    OwnFigure(
                        text: loss.text, trained: max(-1, 1 - loss.now / max(loss.then, 1e-12)), untrained: 0,
                        isError: false, inputScales: [], names: loss.names, place: -1,
                        trainedShare: shareTrained(run, of: loss.names, session), isComparable: false,
                        ofLoss: (loss.then, loss.now))
                ]
            }
            noteRowsMeasured(run, session, shown: printed.namesShown)
            evidence.printsLossOfHeldOut = evidence.heldOutName.map(printed.showsLoss) ?? false
            evidence.claimOfNewClasses = printed.claimOfNewClasses
            if let rows = (own ?? loop).flatMap({ WrittenRows($0, parent) }) {
                evidence.targetAmongInputs = TargetAmongInputs(rows, parent)
                // Of a data set a part may be held back.
                let trained = (trainingRows(run)?.shape.dims.first ?? 0) + (kept?.count ?? 0)
                if trained > 0 { evidence.columnsChosen = ColumnsChosen(rows, trained: trained) }
            }
            evidence.oneSided = (evidence.strangeFigure ?? evidence.contradiction).flatMap {
                printed.oneSided($0, session)
            }
            evidence.otherThresholds = evidence.contradiction.flatMap { printed.oneSided($0, session, beyond: 0.5) }
            evidence.otherCodes = evidence.figures.lazy.compactMap { printed.otherCodes($0, session) }.first
            if evidence.figures.allSatisfy({ $0.ofLoss != nil }) { evidence.uncheckedFigure = printed.ofNet(parent) }
        }
        if judgesByFigure {
            let figures = readsFigures ? evidence.figures : ownFigures(run, session, tail)
            let training =
                train?.body.statements
                ?? chart.documents.flatMap { Parser.parse($0.source).program.statements }.filter(\.trains)
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
    static func number(_ v: Value?) -> Double? {
        switch v {
        case .number(let x): return x
        case .tensor(let t) where t.count == 1: return t.doubles.first
        default: return nil
        }
    }

    /// The values of a tensor of one axis, or of a list that holds numbers alone.
    static func numbers(_ v: Value?) -> [Double]? {
        switch v {
        case .tensor(let t)? where t.rank == 1: return t.doubles
        case .list(let l)?:
            let all = l.items.compactMap(number)
            return all.count == l.items.count ? all : nil
        default: return nil
        }
    }

    /// Whether a value has weights, or is a function of the program's, which may use some.
    private static func holdsWeights(_ v: Value?, _ name: String) -> Bool {
        switch v {
        case .layer(let l): !l.parameters.isEmpty
        case .function: Prelude.definition(name) == nil
        case .tensor(let t): t.isTracked
        default: false
        }
    }

    /// What the language's measures in an expression are given, that of a name's value among them.
    private static func givenToMeasures(_ e: Expression, _ values: [String: Expression]) -> [Expression] {
        var found: [Expression] = []
        func look(_ x: Expression) {
            guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind,
                TrainingModel.measures.contains(n)
            else { return }
            found += arguments.map(\.value)
        }
        e.walk(look)
        if case .name(let n) = e.kind, let value = values[n] { value.walk(look) }
        return found
    }

    /// Whether a figure is a field beside that of the net in what a measure gives with `baseline = true`.
    private static func isOfBaseline(_ e: Expression, _ values: [String: Expression]) -> Bool {
        guard case .field(let owner, let field) = e.kind, field.text != "net" else { return false }
        var made = owner
        if case .name(let n) = owner.kind, let value = values[n] { made = value }
        guard case .call(_, let arguments, _) = made.kind else { return false }
        return arguments.contains { $0.name?.text == "baseline" }
    }

    /// Whether a figure is made from data sets and single numbers: the share of a class, and nothing that a net gave.
    private static func isOfDataAlone(_ names: Set<String>, _ session: Session) -> Bool {
        var holdsData = false
        for name in names {
            switch session.globals.valueIfReady(name) {
            case .thing(is DatasetThing)?: holdsData = true
            case .number?, .bool?, .text?, .builtin?, nil: continue
            default: return false
            }
        }
        return holdsData
    }

    /// Whether all that the language's measures are given to apply has no weights, as `flatten`.
    private static func measuresNoWeights(_ e: Expression, _ values: [String: Expression], _ session: Session) -> Bool {
        func isOfNet(_ e: Expression) -> Bool {
            names(e, values).contains { holdsWeights(session.globals.valueIfReady($0), $0) }
        }
        var found = false
        for given in givenToMeasures(e, values) {
            switch given.kind {
            case .name(let n):
                let value = session.globals.valueIfReady(n)
                switch value {
                case .layer, .builtin, .function:
                    if values[n].map(isOfNet) ?? holdsWeights(value, n) { return false }
                    found = true
                default: break
                }
            case .lambda, .compose:
                if isOfNet(given) { return false }
                found = true
            case .call: return false
            default: break
            }
        }
        return found
    }

    /// Whether one of the language's measures is given a net or a function to apply.
    private static func measuresANet(_ e: Expression, _ values: [String: Expression], _ session: Session) -> Bool {
        givenToMeasures(e, values).contains { given in
            switch given.kind {
            case .name(let n):
                switch session.globals.valueIfReady(n) {
                case .layer, .function: true
                default: false
                }
            case .lambda, .compose: true
            default: false
            }
        }
    }
}
