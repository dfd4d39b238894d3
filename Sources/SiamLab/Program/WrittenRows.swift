import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// How the inputs and the targets of a training are made before it, as the program's text shows it, name by name.
struct WrittenRows {
    let source: Source
    let inputs: Expression
    /// The target under all the names that it has on its way to the training, the last one first: a part, other units.
    private(set) var targets: [String] = []
    /// What the first of these names was given; nil of a data set's own.
    private(set) var formula: Expression?
    private let given: [String: Expression]
    private let session: Session

    /// Nil where the text does not show both.
    init?(_ wiring: TrainingModel, _ session: Session) {
        source = wiring.chart.documents[wiring.trainDocument].source
        self.session = session
        var given: [String: Expression] = [:]
        for s in Parser.parse(source).program.statements {
            if s.trains || s.span.end > wiring.train.head.start { break }
            guard case .assign(let targets, let value) = s.kind else { continue }
            let names = targets.map { if case .name(let n) = $0.kind { n } else { "" } }
            if names.count == 1 {
                // In other units it is the same still.
                var isOwn = false
                value.walk { if case .name(names[0]) = $0.kind { isOwn = true } }
                if !isOwn || given[names[0]] == nil { given[names[0]] = value }
            } else if case .call(let f, let arguments, _) = value.kind, case .name(let called) = f.kind,
                ["split", "shuffle"].contains(called)
            {
                // The parts of each tensor stand side by side.
                let tensors = arguments.filter { $0.name == nil }.map(\.value).filter {
                    if case .number = $0.kind { false } else if case .bracket = $0.kind { false } else { true }
                }
                guard !tensors.isEmpty, names.count % tensors.count == 0 else { continue }
                for (k, n) in names.enumerated() { given[n] = tensors[k * tensors.count / names.count] }
            } else if case .bracket(let items) = value.kind, items.count == names.count {
                for (n, e) in zip(names, items) { given[n] = e }
            }
        }
        self.given = given
        guard let (inputs, labels) = WrittenRows.parts(wiring.source.expression, given, 0) else { return nil }
        self.inputs = inputs
        formula = labels
        while let e = formula, targets.count < 8 {
            let many = names(e).filter(isMany)
            guard many.count == 1, let n = many.first, !targets.contains(n), targets.isEmpty || isColumn(n) else {
                break
            }
            targets.append(n)
            formula = given[n]
        }
        if targets.isEmpty { return nil }
    }

    /// What a name was given.
    func value(_ name: String) -> Expression? { given[name] }

    /// How many rows a name stands for; nil where it is none of rows.
    func rows(_ name: String) -> Int? {
        let owner = name.split(separator: ".").first.map(String.init) ?? name
        switch session.globals.valueIfReady(owner) {
        case .tensor(let t): return t.rank > 0 ? t.shape[0] : nil
        case .thing(let d as DatasetThing): return d.dataset.count
        default: return nil
        }
    }
    func isMany(_ name: String) -> Bool { (rows(name) ?? 0) >= 20 }
    /// Whether a name is of one number a row: what a target is worked out from several columns is no other name of it.
    private func isColumn(_ name: String) -> Bool {
        guard case .tensor(let t)? = session.globals.valueIfReady(name) else { return true }
        return t.rank > 0 && t.count == t.shape[0]
    }

    /// The names in an expression, in order of the alphabet. A field of a data set is a name of its own: `d.y`.
    func names(_ e: Expression) -> [String] {
        var (found, owners) = (Set<String>(), Set<Int>())
        e.walk { x in
            switch x.kind {
            case .field(let owner, let f):
                guard case .name(let n) = owner.kind,
                    case .thing(_ as DatasetThing)? = session.globals.valueIfReady(n)
                else { return }
                found.insert("\(n).\(f.text)")
                owners.insert(owner.span.start)
            case .name(let n) where !owners.contains(x.span.start): found.insert(n)
            default: break
            }
        }
        return found.sorted()
    }

    /// All names that an expression is made of, without going into some.
    func closure(_ e: Expression, without: Set<String> = []) -> Set<String> {
        var all = Set<String>()
        var open = names(e)
        while let n = open.popLast() {
            guard !without.contains(n), all.insert(n).inserted, let value = given[n] else { continue }
            open += names(value)
        }
        return all
    }

    /// The line that an expression begins in.
    func line(_ e: Expression) -> Int { source.bytes.prefix(e.span.start).count { $0 == 10 } + 1 }

    /// What batches take as inputs and as targets: `batches(x, y)`, or `batches(d)` of `d = dataset(x, y)`.
    private static func parts(_ e: Expression, _ given: [String: Expression], _ depth: Int) -> (
        inputs: Expression, targets: Expression
    )? {
        guard depth < 6 else { return nil }
        switch e.kind {
        case .name(let n): return given[n].flatMap { parts($0, given, depth + 1) }
        case .call(let f, let arguments, _):
            guard case .name(let called) = f.kind else { return nil }
            let tensors = arguments.filter { $0.name == nil }.map(\.value).filter {
                if case .number = $0.kind { false } else { true }
            }
            if ["batches", "dataset"].contains(called), tensors.count == 2 { return (tensors[0], tensors[1]) }
            if ["batches", "split", "standardize", "shuffle"].contains(called), let first = tensors.first {
                return parts(first, given, depth + 1)
            }
            return nil
        default: return nil
        }
    }
}
