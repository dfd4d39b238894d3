/// `print (a + b).mean()`: a method of what print gives, which is nothing.
struct PrintedCheck {
    static func run(_ program: Program) -> [Diagnostic] {
        let source = program.source
        var found: [Diagnostic] = []
        for statement in program.statements {
            statement.walk { e in
                guard case .field(let owner, let word) = e.kind, case .call(let printer, _, _) = owner.kind,
                    printer.kind == .name("print")
                else { return }
                let start = source.position(e.span.start)
                let line = source.line(start.line).dropFirst(max(0, start.column - 1) + "print".count)
                let rest = String(line).trimmed
                let isPlain = rest.utf8.count <= 70 && !rest.contains { ";}#".contains($0) }
                found.append(
                    Diagnostic(
                        code: "field.unknown", "print gives nothing that \(word.text) could be of",
                        at: [.init(Place(source, Span(e.span.start, word.span.end)))],
                        repair: isPlain ? "print shows all that stands in its parentheses:  print(\(rest))" : nil))
            }
        }
        return found
    }
}
