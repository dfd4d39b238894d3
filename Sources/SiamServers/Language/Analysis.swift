import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamShapes

/// What is known of one version of a file, each part worked out when it is first asked for.
final class Analysis {
    let source: Source
    let program: Program
    let errors: [Diagnostic]
    let facts: ShapeFacts
    private let session: Session
    private let known: [KnownName]

    init(_ document: TextDocument, session: Session, known: [KnownName], facts: ShapeFacts) {
        source = Source(name: TextDocument.path(document.uri), kind: .file, text: document.text)
        (program, errors) = Parser.parse(source)
        self.session = session
        self.known = known
        self.facts = facts
    }

    /// What `siam check` says; also fills in the shapes.
    private(set) lazy var findings: [Diagnostic] = session.findings(program, errors: errors, known: known, facts: facts)
    private(set) lazy var names = Names(program)
    private(set) lazy var lexed = Lexer.lex(source)

    /// The token at an offset, or right before it.
    func token(at offset: Int) -> Token? {
        let tokens = lexed.tokens
        var low = 0
        var high = tokens.count
        while low < high {
            let middle = (low + high) / 2
            if tokens[middle].start <= offset { low = middle + 1 } else { high = middle }
        }
        for k in [low - 1, low - 2] where k >= 0 {
            let token = tokens[k]
            if token.kind != .end, token.start <= offset, token.end >= offset, token.end > token.start {
                // Between two tokens a name is meant rather than a sign.
                if token.kind != .name, token.start == offset, k > 0, tokens[k - 1].end == offset,
                    tokens[k - 1].kind == .name
                {
                    return tokens[k - 1]
                }
                return token
            }
        }
        return nil
    }

    /// The smallest expression around an offset whose shape is known, and that shape.
    func shape(at offset: Int) -> (span: Span, text: String)? {
        _ = findings
        var best: (span: Span, text: String)?
        func look(_ e: Expression) {
            guard e.span.start <= offset, e.span.end >= offset, let text = facts.known(e.span) else { return }
            if let best, best.span.end - best.span.start < e.span.end - e.span.start { return }
            best = (e.span, text)
        }
        for statement in program.statements where statement.span.start <= offset && statement.span.end >= offset {
            statement.walk(look)
        }
        return best
    }

    /// The trainings of the file, as the statements that hold them.
    var trainings: [Statement] {
        program.statements.filter { statement in
            var trains = false
            func look(_ e: Expression) { if case .train = e.kind { trains = true } }
            switch statement.kind {
            case .function, .layer: return false
            default: statement.walk(look)
            }
            return trains
        }
    }
}
