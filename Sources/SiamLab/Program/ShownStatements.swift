import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Statement {
    /// Whether it trains: a `train`, a `sweep` or an `update` stands in it.
    var trains: Bool {
        var found = false
        walk { e in
            switch e.kind {
            case .train, .sweep: found = true
            case .name("update"): found = true
            default: break
            }
        }
        return found
    }
}

/// Tells which statements only show or check something: replays leave them out.
struct ShownStatements {
    /// Functions that are declared to show or check something, and draw nothing at random.
    private let shown: Set<String>
    /// What takes numbers from the random stream: without it, later draws would be others.
    private let drawing: Set<String>
    private let builtins: Set<String>
    /// The built-ins below this target, none of which builds a net.
    private static let core = Set(Builtins.core.map(\.name))

    /// - Parameter builtins: those of the session that runs the program.
    init(_ builtins: [Builtin]) {
        self.builtins = Set(builtins.map(\.name))
        shown = Set(builtins.filter { $0.traits.contains(.shows) }.map(\.name))
        // `sample` and `next` are methods of data sets and sources.
        drawing = Set(builtins.filter { $0.traits.contains(.draws) }.map(\.name)).union(["sample", "next"])
    }

    /// What a statement that is left out must still do: an expression that it shows may be the first use of a net, which
    /// gives the net its shapes.
    func building(_ statement: Statement) -> Statement? {
        guard case .expression(let e) = statement.kind, case .call(_, let arguments, _) = e.kind else { return nil }
        let built = arguments.first { argument in
            var applies = false
            argument.value.walk { x in
                if case .call(let f, _, _) = x.kind, case .name(let n) = f.kind, !builtins.contains(n) {
                    applies = true
                }
            }
            return applies
        }
        return built.map { Statement(.expression($0.value), $0.value.span, isSilenced: true) }
    }

    /// What replays run of a statement: all of it, what builds a net, or nothing.
    func kept(_ statement: Statement) -> Statement? { isLeftOut(statement) ? building(statement) : statement }

    /// A text without the statements that only show or check something.
    func pruned(_ source: Source) -> (source: Source, statements: [Statement]) {
        var bytes = source.bytes
        var left: [Statement] = []
        for statement in Parser.parse(source).program.statements {
            let kept = kept(statement)
            if let kept { left.append(kept) }
            guard isLeftOut(statement) else { continue }
            // Blanks keep all places where they were.
            for k in statement.span.start..<min(statement.span.end, bytes.count)
            where bytes[k] != 10 && !(kept.map { k >= $0.span.start && k < $0.span.end } ?? false) { bytes[k] = 32 }
        }
        return (Source(name: source.name, kind: source.kind, text: String(decoding: bytes, as: UTF8.self)), left)
    }

    func isLeftOut(_ statement: Statement) -> Bool {
        var draws = false
        statement.walk { e in
            switch e.kind {
            case .name(let n) where drawing.contains(n): draws = true
            case .field(_, let n) where drawing.contains(n.text): draws = true
            case .train, .sweep: draws = true
            default: break
            }
        }
        if draws { return false }
        switch statement.kind {
        case .expect, .expectError: return true
        case .expression(let e):
            if case .call(let f, _, _) = e.kind, case .name(let n) = f.kind { return shown.contains(n) }
            return false
        default: return false
        }
    }

    /// Whether the program's figures do not depend on a statement. A call of a net or of an own function may build a net.
    func isShown(_ s: Statement) -> Bool {
        switch s.kind {
        case .expression(let e):
            guard case .call(let f, _, _) = e.kind, case .name(let n) = f.kind else { return true }
            return shown.contains(n) || ShownStatements.core.contains(n)
        case .expect, .expectError: return true
        default: return false
        }
    }
}
