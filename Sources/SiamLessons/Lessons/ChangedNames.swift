import SiamLanguage

/// The names that statements bind or whose objects they change, from the text alone.
enum ChangedNames {
    /// Functions that change their arguments.
    private static let changing: Set<String> = [
        "update", "freeze", "unfreeze", "resume", "rewind", "load", "minimize",
    ]

    /// Names that a statement binds, or whose thing it changes.
    static func names(_ statements: [Statement]) -> Set<String> {
        var found: Set<String> = []
        func visit(_ statement: Statement) {
            switch statement.kind {
            case .assign(let targets, _): for t in targets { root(t).map { _ = found.insert($0) } }
            case .function(let f): found.insert(f.name.text)
            case .layer(let l): found.insert(l.name.text)
            case .forIn(_, _, let block), .whileLoop(_, let block): block.statements.forEach(visit)
            default: break
            }
            for part in statement.parts { part.walk { touched(by: $0, &found) } }
        }
        statements.forEach(visit)
        return found
    }

    private static func touched(by expression: Expression, _ found: inout Set<String>) {
        switch expression.kind {
        case .train(let t): for net in t.nets { root(net).map { _ = found.insert($0) } }
        case .call(let callee, let arguments, _):
            guard case .name(let name) = callee.kind, changing.contains(name) else { return }
            for a in arguments { root(a.value).map { _ = found.insert($0) } }
        default: break
        }
    }

    /// Whether a target is a part of a thing, which no name holds: `net.w`, `net.w[0]`.
    private static func isField(_ target: Expression) -> Bool {
        switch target.kind {
        case .field: true
        case .index(let base, _): isField(base)
        default: false
        }
    }

    private static func root(_ target: Expression) -> String? {
        switch target.kind {
        case .name(let n): n
        case .index(let base, _), .field(let base, _): root(base)
        default: nil
        }
    }

    /// Every name that is read in a program.
    static func read(_ program: Program) -> Set<String> {
        var found: Set<String> = []
        for statement in program.statements {
            statement.walk { e in if case .name(let n) = e.kind { found.insert(n) } }
        }
        return found
    }

    /// Functions that a program defines and that train, by themselves or through others.
    static func trainers(_ program: Program, known: Set<String>) -> Set<String> {
        var found = known
        for statement in program.statements {
            guard case .function(let f) = statement.kind else { continue }
            statement.walk { e in if isTraining(e, found) { found.insert(f.name.text) } }
        }
        return found
    }

    private static func isTraining(_ e: Expression, _ trainers: Set<String>) -> Bool {
        switch e.kind {
        case .train, .sweep: true
        case .call(let callee, _, _): if case .name(let n) = callee.kind { trainers.contains(n) } else { false }
        default: false
        }
    }

    /// Whether a program only computes, and quickly: it can be run aside, and nothing but names has to be put back.
    /// - Parameter trainers: functions that train.
    static func isPlain(_ program: Program, _ trainers: Set<String>) -> Bool {
        var plain = true
        for statement in program.statements {
            if case .assign(let targets, _) = statement.kind {
                if targets.contains(where: isField) { plain = false }
            }
            statement.walk { e in
                if isTraining(e, trainers) { plain = false }
                switch e.kind {
                case .call(let callee, _, _):
                    if case .name(let n) = callee.kind,
                        changing.contains(n) || ["save", "diagnose", "tsne", "step"].contains(n)
                    {
                        plain = false
                    }
                    if case .field(_, let f) = callee.kind, f.text == "next" { plain = false }
                default: break
                }
            }
        }
        return plain
    }
}
