import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What the training does to its inputs on the way into a net, `x / 255` or `turn(x)`, to be done to others too.
struct Preparation {
    /// The text between the places of the input.
    private let pieces: [String]

    /// - Parameter stands: whether an expression is the input.
    init?(_ e: Expression, _ source: Source, _ stands: (Expression) -> Bool) {
        var places: [Span] = []
        e.walk { if stands($0) { places.append($0.span) } }
        guard !places.isEmpty, places.first.map({ $0.start > e.span.start || $0.end < e.span.end }) == true else {
            return nil
        }
        var at = e.span.start
        var pieces: [String] = []
        for place in places.sorted(by: { $0.start < $1.start }) where place.start >= at {
            pieces.append(source.text(Span(at, place.start)))
            at = place.end
        }
        self.pieces = pieces + [source.text(Span(at, e.span.end))]
    }

    func applied(to text: String) -> String { pieces.joined(separator: text) }
}

/// The part of a program that only measures: the statements behind its training, and those before it that serve nothing else.
struct EvaluationText {
    /// Statements that the figures are worked out from.
    struct Statements {
        /// Before the training, to be done again.
        var redone: [(statement: Statement, source: Source)] = []
        var tail: [(statement: Statement, source: Source)]
    }

    let document: Int
    private let chart: ProgramText
    private let statements: [Statement]
    /// Places among the statements of the text.
    private let before: [Int]
    private let firstBehind: Int

    /// - Parameter behind: how many statements stand behind a hand-written loop, those left out that only show something;
    ///   nil of a `train`, whose text ends with it.
    init?(_ chart: ProgramText, behind: Int?) {
        guard let k = chart.documents.lastIndex(where: { $0.importedAs == nil }) else { return nil }
        let statements = Parser.parse(chart.documents[k].whole).program.statements
        let training: Int?
        if let behind {
            training = statements.indices.filter { !chart.shown.isLeftOut(statements[$0]) }.dropLast(behind).last
        } else {
            let cut = chart.documents[k].source.bytes.count
            training = statements.lastIndex { $0.span.start < cut }
        }
        guard let training else { return nil }
        (self.chart, document, self.statements, firstBehind) = (chart, k, statements, training + 1)
        // What the training measures on its way is no part of it.
        var uses = EvaluationText.uses(statements[training])
        let inside = MeasuredInside(statements[training]).measured.flatMap { EvaluationText.uses($0.expression) }
        for (name, count) in inside { uses[name, default: 0] -= count }
        var trained = Set(uses.filter { $0.value > 0 }.keys)
        var measured = Set(statements[(training + 1)...].flatMap { EvaluationText.names($0) } + inside.map(\.key))
        guard !measured.isEmpty else { return nil }
        var own: [Int] = []
        for i in (0..<training).reversed() {
            let made = EvaluationText.made(statements[i])
            if made.isEmpty || !trained.isDisjoint(with: made) {
                trained.formUnion(EvaluationText.names(statements[i]))
            } else if !measured.isDisjoint(with: made) {
                measured.formUnion(EvaluationText.names(statements[i]))
                own.append(i)
            }
        }
        before = own.reversed()
        usedInTraining = trained
    }

    /// Names that the training depends on.
    let usedInTraining: Set<String>

    /// The statements that may be changed without another training.
    var changeable: [Statement] { before.map { statements[$0] } + statements[firstBehind...] }

    /// Names that figures compare outputs with: labels and targets of the measured rows.
    private var truths: Set<String> {
        var found = Set<String>()
        for s in statements[firstBehind...] {
            s.walk { e in
                switch e.kind {
                case .call(let f, let arguments, _):
                    guard case .name(let n) = f.kind, TrainingModel.measures.contains(n) else { return }
                    if let second = arguments.filter({ $0.name == nil }).dropFirst().first,
                        case .name(let name) = second.value.kind
                    {
                        found.insert(name)
                    }
                case .comparison(let operands, let signs, _) where signs.contains(.equal) && operands.count == 2:
                    for o in operands { if case .name(let name) = o.kind { found.insert(name) } }
                default: break
                }
            }
        }
        return found
    }

    /// Whether a statement works out by a formula what is true of the measured rows: another formula would be another task.
    func makesTruth(_ s: Statement) -> Bool {
        guard case .assign(let targets, let value) = s.kind, targets.count == 1, case .name(let n) = targets[0].kind,
            truths.contains(n)
        else { return false }
        var isOfNet = false
        value.walk { x in
            switch x.kind {
            // The data's own labels may have been numbered otherwise; outputs are no truth.
            case .field(_, let f) where f.text == "y": isOfNet = true
            case .call(let f, _, _):
                if case .name(let g) = f.kind, !EvaluationText.elementary.contains(g) { isOfNet = true }
            case .apply: isOfNet = true
            default: break
            }
        }
        return !isOfNet
    }
    /// What formulas of numbers are made of.
    private static let elementary: Set<String> = [
        "sin", "cos", "tan", "exp", "log", "sqrt", "abs", "sign", "max", "min", "where", "reshape", "sum", "mean",
        "number", "float", "round", "floor", "squeeze", "expand", "randn", "rand", "stack", "concatenate", "tensor",
        "squared", "tanh", "sigmoid", "relu", "maximum", "minimum", "len", "shape",
    ]

    /// What the changed program works its figures out from; nil where it can no longer be read so.
    func statements(with edits: [TextEdit]) -> Statements? {
        let source = chart.applying(edits).documents[document].whole
        let (program, errors) = Parser.parse(source)
        let all = program.statements
        guard all.count == statements.count, !errors.contains(where: { $0.severity == .error }) else { return nil }
        let isBefore = before.contains { k in
            edits.contains { statements[k].span.start <= $0.start && $0.end <= statements[k].span.end }
        }
        return Statements(
            redone: isBefore ? before.map { (all[$0], source) } : [], tail: all[firstBehind...].map { ($0, source) })
    }

    /// What is done to inputs in a training, and before it to the data that it draws from. `rows` tells how many rows a name
    /// stands for.
    func preparations(_ wiring: TrainingModel, rows: (String) -> Int) -> [Preparation] {
        let nets = Set(wiring.train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } })
        let drawn = Set(wiring.train.names.map(\.text))
        var found: [Preparation] = []
        let source = chart.documents[wiring.trainDocument].source
        for s in wiring.train.body.statements {
            s.walk { e in
                guard case .call(let f, let arguments, _) = e.kind, case .name(let n) = f.kind, nets.contains(n),
                    let first = arguments.first?.value
                else { return }
                if let p = Preparation(
                    first, source, { if case .name(let n) = $0.kind { drawn.contains(n) } else { false } })
                {
                    found.append(p)
                }
            }
        }
        for (k, s) in statements[..<firstBehind].enumerated() where !before.contains(k) {
            guard case .assign(let targets, let value) = s.kind, targets.count == 1,
                case .name(let made) = targets[0].kind, usedInTraining.contains(made)
            else { continue }
            if let p = Preparation(
                value, chart.documents[document].whole,
                { if case .field(_, let f) = $0.kind { f.text == "x" } else { false } })
            {
                found.append(p)
            }
            if let p = preparation(value, rows) { found.append(p) }
        }
        if let first = wiring.source.call?.arguments.first?.value, let p = preparation(first, rows) { found.append(p) }
        return found
    }

    /// Of `(x - m) / s`, where one name alone stands for many rows: what is done to these.
    private func preparation(_ e: Expression, _ rows: (String) -> Int) -> Preparation? {
        guard case .binary = e.kind else { return nil }
        var many = Set<String>()
        e.walk { if case .name(let n) = $0.kind, rows(n) >= 20 { many.insert(n) } }
        guard many.count == 1, let name = many.first else { return nil }
        return Preparation(e, chart.documents[document].whole) {
            if case .name(name) = $0.kind { true } else { false }
        }
    }

    private static func names(_ s: Statement) -> Set<String> { Set(uses(s).keys) }
    /// How often each name stands in a statement, and in an expression.
    private static func uses(_ s: Statement) -> [String: Int] {
        var found: [String: Int] = [:]
        s.walk { if case .name(let n) = $0.kind { found[n, default: 0] += 1 } }
        return found
    }
    private static func uses(_ e: Expression) -> [String: Int] {
        var found: [String: Int] = [:]
        e.walk { if case .name(let n) = $0.kind { found[n, default: 0] += 1 } }
        return found
    }

    /// Names that a statement gives a value.
    private static func made(_ s: Statement) -> Set<String> {
        switch s.kind {
        case .function(let d): return [d.name.text]
        case .layer(let d): return [d.name.text]
        case .assign(let targets, _): return Set(targets.flatMap(root))
        default:
            return Set(s.blocks.flatMap { $0.statements.flatMap(made) })
        }
    }
    private static func root(_ e: Expression) -> [String] {
        switch e.kind {
        case .name(let n): [n]
        case .field(let owner, _), .index(let owner, _): root(owner)
        default: []
        }
    }
}
