extension Diagnostic {
    /// A loss of another library as siam writes it, `(a, p, n) -> ...`, with as many parts as the program calls it with: where
    /// the name that it is given is called with embeddings and class numbers, the loss of a batch; nil where none fits.
    func asCalled(
        _ written: String, _ e: Expression, _ program: Program, _ rewriter: ForeignRewriter
    ) -> String? {
        guard let parts = Diagnostic.parts(of: written), case let called = calls(of: e, program), !called.isEmpty,
            !called.contains(parts)
        else { return written }
        guard case .call(let callee, let given, let isCommand) = e.kind, case .name(let name) = callee.kind,
            case let package = Expression(.name("losses"), callee.span),
            let other = rewriter.text(
                Expression(
                    .call(
                        Expression(.field(package, Name(name, callee.span)), callee.span), given, isCommand: isCommand),
                    e.span),
                isStatement: false), let count = Diagnostic.parts(of: other), called.contains(count)
        else { return nil }
        return other
    }

    /// How many parts a function without a name takes, as it is written.
    private static func parts(of written: String) -> Int? {
        guard written.hasPrefix("("), let end = written.firstIndex(of: ")"),
            written[written.index(after: end)...].hasPrefix(" -> ")
        else { return nil }
        return written[..<end].split(separator: ",").count
    }

    /// With how many values the program calls the name that an expression is given.
    private func calls(of e: Expression, _ program: Program) -> Set<Int> {
        var names = Set<String>()
        var counts = Set<Int>()
        func assigned(_ statements: [Statement]) {
            for s in statements {
                if case .assign(let targets, let value) = s.kind, value.span.isSame(e.span), targets.count == 1,
                    case .name(let n) = targets[0].kind
                {
                    names.insert(n)
                }
                for block in s.innerBlocks { assigned(block.statements) }
            }
        }
        assigned(program.statements)
        guard !names.isEmpty else { return [] }
        for s in program.statements {
            s.walk { x in
                guard case .call(let f, let given, _) = x.kind, case .name(let n) = f.kind, names.contains(n) else {
                    return
                }
                // `loss_func(z, y, hard)`: embeddings, class numbers, and what a miner chose among them.
                let parts = given.count == 3 ? BatchParts.around(Place(program.source, x.span), program)?.parts : nil
                counts.insert(parts == ["x", "y"] ? 2 : given.count)
            }
        }
        return counts
    }
}
