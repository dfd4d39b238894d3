import SiamLanguage

/// A loop that trains variables of the program, `w = w - 0.1 * g`, in place of a net's parameters, as it stands in the text.
/// The gradients may come from `grad` or from formulas of the program's own.
struct VariableLoop {
    /// The variables that a step assigns from their own former values, and that are there before the loop.
    private(set) var names: [String] = []
    /// Where the outermost loop begins, and where a step of it is over.
    private(set) var begins = 0
    private(set) var stepEnds = 0
    let train: Train

    /// Nil where no loop among the statements trains variables.
    init?(_ statements: [Statement]) {
        var known: Set<String> = []
        var found: (loop: Statement, inner: [Statement], names: [String], drawn: (Expression, [Name])?)?
        for statement in statements {
            if case .assign(let targets, _) = statement.kind {
                for t in targets { if let n = WrittenLoop.root(t) { known.insert(n) } }
            }
            if !statement.blocks.isEmpty, let (inner, names, drawn) = VariableLoop.step(statement, known, nil) {
                found = (statement, inner, names, drawn)
                break
            }
        }
        guard let found, let last = found.inner.last else { return nil }
        names = found.names
        (begins, stepEnds) = (found.loop.span.start, last.span.end)
        let updates = WrittenLoop.flat(found.inner).compactMap { s -> Expression? in
            if case .assign(_, let value) = s.kind, VariableLoop.updated(s, found.names) != nil { return value }
            return nil
        }
        guard let update = updates.first else { return nil }
        let span = Span(found.inner[0].span.start, last.span.end)
        train = Train(
            nets: names.map { Expression(.name($0), update.span) }, source: found.drawn?.0 ?? update,
            names: found.drawn?.1 ?? [], length: nil, unit: .steps, optimizer: update,
            body: Block(found.inner, span), head: span)
    }

    /// The variables that gradients are asked for inside of a statement: `grad(loss, w)`. Without any, formulas of the
    /// program's own make the gradients.
    private static func asked(_ s: Statement, _ known: Set<String>) -> Set<String> {
        var found = Set<String>()
        s.walk { x in
            guard case .call(let f, let arguments, _) = x.kind, case .name("grad") = f.kind, arguments.count > 1 else {
                return
            }
            arguments[1].value.walk { if case .name(let n) = $0.kind, known.contains(n) { found.insert(n) } }
        }
        return found
    }

    /// The innermost statements that update variables, with these, and what the batches come from. Sums of gradients over
    /// several batches are no update.
    private static func step(_ loop: Statement, _ known: Set<String>, _ outer: (Expression, [Name])?) -> (
        [Statement], [String], (Expression, [Name])?
    )? {
        let wanted = asked(loop, known)
        return step(loop, known, wanted, outer)
    }
    private static func step(
        _ loop: Statement, _ known: Set<String>, _ wanted: Set<String>, _ outer: (Expression, [Name])?
    ) -> ([Statement], [String], (Expression, [Name])?)? {
        var drawn = outer
        if case .forIn(let names, let source, _) = loop.kind, case .call = source.kind { drawn = (source, names) }
        for block in loop.blocks {
            for inner in block.statements where !inner.blocks.isEmpty {
                if let found = step(inner, known, wanted, drawn) { return found }
            }
            var names: [String] = []
            for s in WrittenLoop.flat(block.statements) {
                if let name = updated(s, Array(known)), !names.contains(name) { names.append(name) }
                if case .assign(let targets, let value) = s.kind, case .call(let f, _, _) = value.kind,
                    case .field(let owner, let field) = f.kind, field.text == "next"
                {
                    drawn = (owner, targets.compactMap { WrittenLoop.root($0).map { Name($0, s.span) } })
                }
            }
            if !names.isEmpty, wanted.isEmpty || !wanted.isDisjoint(with: names) {
                // Beside the weights, momentum and other averages have new values made from old ones too.
                return (block.statements, wanted.isEmpty ? names : names.filter(wanted.contains), drawn)
            }
        }
        return nil
    }

    /// The variable that a statement gives a new value made from its old one: less or plus something, or by a function.
    private static func updated(_ s: Statement, _ known: [String]) -> String? {
        guard case .assign(let targets, let value) = s.kind, targets.count == 1,
            let name = WrittenLoop.root(targets[0]),
            known.contains(name)
        else { return nil }
        switch value.kind {
        case .binary(let sign, _, _, _) where sign == .subtract || sign == .add: break
        case .call, .comprehension, .bracket, .record: break
        default: return nil
        }
        var isOwn = false
        value.walk { if case .name(name) = $0.kind { isOwn = true } }
        return isOwn ? name : nil
    }
}
