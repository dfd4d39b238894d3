import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A column of the inputs that the program works out from the target: nobody has it for a new row. It is told from a task
/// whose rows are generated from their classes by the target's own formula, which has other inputs in it.
struct TargetAmongInputs {
    /// The column's expression or name, the target's name, and how closely they go together.
    let column: String
    let target: String
    let correlation: Double
    /// The line that makes the column.
    let line: Int

    var words: String {
        "\(column) is worked out from \(target), the target, in line \(line), and is a column of the inputs: its correlation with the target is \(short(correlation))"
    }

    /// Nil where the program does not show how inputs and targets are made, or makes no column so.
    init?(_ wiring: TrainingModel, _ session: Session) {
        let source = wiring.chart.documents[wiring.trainDocument].source
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
        func isMany(_ name: String) -> Bool {
            switch session.globals.valueIfReady(name) {
            case .tensor(let t): t.rank > 0 && t.shape[0] >= 20
            case .thing(let d as DatasetThing): d.dataset.count >= 20
            default: name.contains(".")
            }
        }
        // A field of a data set is a name of its own: `d.y`.
        func named(_ e: Expression) -> Set<String> {
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
            return found
        }
        /// All names that an expression is made of, without going into some.
        func closure(_ e: Expression, _ without: Set<String>) -> Set<String> {
            var all = Set<String>()
            var open = Array(named(e))
            while let n = open.popLast() {
                guard !without.contains(n), all.insert(n).inserted, let value = given[n] else { continue }
                open += named(value)
            }
            return all
        }
        guard let (inputs, labels) = TargetAmongInputs.parts(wiring.source.expression, given, 0) else { return nil }
        // The target under all the names that it has on its way: a part, other units.
        var chain: [String] = []
        var formula: Expression? = labels
        while let e = formula, chain.count < 8 {
            let many = named(e).filter(isMany)
            guard many.count == 1, let n = many.first, !chain.contains(n) else { break }
            chain.append(n)
            formula = given[n]
        }
        guard let first = chain.last else { return nil }
        let targets = Set(chain)
        let others = closure(inputs, targets)
        let data = first.split(separator: ".").first.map(String.init) ?? first
        guard
            formula.map({ closure($0, []).contains { others.contains($0) && isMany($0) } })
                ?? others.contains(where: { $0.hasPrefix(data + ".") })
        else { return nil }
        // The columns that are put side by side.
        var columns: [Expression] = []
        func gather(_ e: Expression) {
            e.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind,
                    ["stack", "concatenate"].contains(n)
                else { return }
                for a in arguments where a.name == nil {
                    var list = a.value
                    if case .name(let n) = list.kind, let made = given[n] { list = made }
                    if case .bracket(let items) = list.kind { columns += items } else { columns.append(a.value) }
                }
            }
        }
        gather(inputs)
        for n in others { if let e = given[n] { gather(e) } }
        for column in columns {
            // A name stands for what it was given, and may be scaled where it is put into the inputs.
            var made = column
            var target = TargetAmongInputs.mentioned(targets, in: made)
            for _ in 0..<4 where target == nil {
                let next = named(made).filter(isMany).compactMap { given[$0] }.first { e in
                    TargetAmongInputs.mentioned(targets, in: e) != nil || !named(e).filter(isMany).isEmpty
                }
                guard let next else { break }
                made = next
                target = TargetAmongInputs.mentioned(targets, in: made)
            }
            guard let target,
                let r = session.aside({ () -> Double? in
                    guard case .tensor(let a)? = Replay.value(column, source, session),
                        case .tensor(let b)? = Replay.value(target, source, session), a.count == b.count, a.count >= 20
                    else { return nil }
                    return TargetAmongInputs.correlation(a.doubles, b.doubles)
                }), abs(r) > 0.5
            else { continue }
            self.column = source.text(column.span)
            self.target = source.text(target.span)
            correlation = r
            line = source.bytes.prefix(made.span.start).count { $0 == 10 } + 1
            return
        }
        return nil
    }

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

    /// Where an expression names the target that it is worked out from, row by row: rows picked by it or shifted along it are
    /// something else.
    private static func mentioned(_ targets: Set<String>, in e: Expression) -> Expression? {
        var found: [Expression] = []
        var picked = Set<Int>()
        e.walk { x in
            switch x.kind {
            case .name(let n) where targets.contains(n): found.append(x)
            case .field(let owner, let f):
                if case .name(let n) = owner.kind, targets.contains("\(n).\(f.text)") { found.append(x) }
            case .index(let owner, let places):
                for inner in [owner] + places { inner.walk { picked.insert($0.span.start) } }
            default: break
            }
        }
        return found.first { !picked.contains($0.span.start) }
    }

    private static func correlation(_ a: [Double], _ b: [Double]) -> Double? {
        let n = Double(a.count)
        let (ma, mb) = (a.reduce(0, +) / n, b.reduce(0, +) / n)
        var (aa, bb, ab) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            aa += (x - ma) * (x - ma)
            bb += (y - mb) * (y - mb)
            ab += (x - ma) * (y - mb)
        }
        return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : nil
    }
}
