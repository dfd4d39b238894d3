import SiamLanguage

/// What a training measures while it runs, `report acc = accuracy(net, test)` or a `print` in a hand-written loop, where it
/// can be worked out again behind it: without the values that only a step of the loop has.
struct MeasuredInside {
    private(set) var measured: [(expression: Expression, words: String)] = []
    /// Names that the training gives values to: they belong to a step.
    private var local: Set<String> = []
    private var values: [String: [Expression]] = [:]

    /// - Parameter weights: variables that the training trains, which stand behind it as they came out of it.
    init(_ training: Statement, weights: [String] = []) {
        find(training)
        local.subtract(weights)
        take(training)
    }

    /// Names that each step of a training gives another value: the parts of its batch, and what its body makes of them.
    static func namesOfStep(_ train: Train) -> Set<String> {
        var found = Set(train.names.map(\.text))
        for s in WrittenLoop.flat(train.body.statements) {
            guard case .assign(let targets, _) = s.kind else { continue }
            for t in targets { if case .name(let n) = t.kind { found.insert(n) } }
        }
        return found
    }

    private mutating func find(_ s: Statement) {
        switch s.kind {
        case .assign(let targets, let value):
            for t in targets {
                guard case .name(let n) = t.kind else { continue }
                // What is given to a name beside the training itself is given behind it.
                if !s.trains { local.insert(n) }
                if targets.count == 1 { values[n, default: []].append(value) }
            }
        case .forIn(let names, _, _): local.formUnion(names.map(\.text))
        default: break
        }
        s.walk { e in if case .train(let t) = e.kind { local.formUnion(t.names.map(\.text)) } }
        for block in s.innerBlocks { block.statements.forEach { find($0) } }
    }

    private mutating func take(_ s: Statement) {
        switch s.kind {
        case .report(let name, let e): note(e, name.text + " ")
        case .assign(let targets, let value):
            // A list of scores that grows.
            if targets.count == 1, case .name(let n) = targets[0].kind,
                case .call(let f, let arguments, _) = value.kind,
                case .name("push") = f.kind, let last = arguments.last
            {
                note(last.value, n + " ")
            }
        case .expression(let e):
            guard case .call(let f, let arguments, _) = e.kind, case .name("print") = f.kind else { break }
            var words = ""
            for a in arguments {
                guard case .text(let parts) = a.value.kind else {
                    note(a.value, words)
                    words = ""
                    continue
                }
                for part in parts {
                    switch part {
                    case .literal(let more): words += more
                    case .value(let e, _):
                        note(e, words)
                        words = ""
                    }
                }
            }
        default: break
        }
        for block in s.innerBlocks { block.statements.forEach { take($0) } }
    }

    private mutating func note(_ e: Expression, _ words: String) {
        guard let value = workedOut(e), !measured.contains(where: { $0.expression == value }) else { return }
        measured.append((value, words))
    }

    /// Whether the training gives a name a value.
    func assigns(_ name: String) -> Bool { local.contains(name) }

    /// What an expression that stands for a call can be worked out from behind the training; nil where it needs what only a
    /// step has.
    func workedOut(_ e: Expression) -> Expression? {
        var value = e
        // A name that a step gives one value stands for that.
        for _ in 0..<4 {
            guard case .name(let n) = value.kind, local.contains(n) else { break }
            guard let all = values[n], all.count == 1, let only = all.first else { return nil }
            value = only
        }
        var (isOfStep, calls) = (false, false)
        value.walk { x in
            switch x.kind {
            case .name(let n) where local.contains(n): isOfStep = true
            case .call: calls = true
            default: break
            }
        }
        return calls && !isOfStep ? value : nil
    }
}
