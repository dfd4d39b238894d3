import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A loop of `grad` and `update` as it stands in a program's text, read as the `train` that it would be: what it minimizes,
/// what it updates by which optimizer, and where its batches come from, as far as the text tells.
struct WrittenLoop {
    let train: Train
    let document: Int
    /// Of a program that keeps its weights in variables, `w = w - 0.1 * g`: their names. Empty where a net is updated.
    private(set) var variables: [String] = []
    /// Where the replays are told that such a loop begins, and that a step of it is over.
    private(set) var marks: [TextEdit] = []
    /// The functions that the marks call.
    static let begunMark = "__begun"
    static let steppedMark = "__stepped"
    /// Where gradients are worked out in another loop than they are used in: what would bring them together.
    private(set) var apart: GradientsApart?

    /// Gradients and updates that stand in different loops.
    struct GradientsApart {
        /// Whether the loop of the gradients is inside of that of the updates: all but the last are lost. Else one gradient
        /// serves all updates.
        var isInside: Bool
        var edits: [TextEdit]
    }

    /// The first of the texts that updates a net, or that trains variables; nil where none does.
    init?(_ chart: ProgramText, ofVariables: Bool = false) {
        for (k, document) in chart.documents.enumerated() where !ofVariables {
            let program = Parser.parse(document.source).program
            if let train = WrittenLoop.read(program.statements, drawing: nil, all: program.statements) {
                (self.train, self.document) = (train, k)
                apart = WrittenLoop.apart(program.statements, [], document.source, k)
                return
            }
        }
        for (k, document) in chart.documents.enumerated() where ofVariables && document.importedAs == nil {
            let program = Parser.parse(document.source).program
            if let found = VariableLoop(program.statements) {
                (train, self.document, variables) = (found.train, k, found.names)
                marks = [
                    TextEdit(
                        document: k, start: found.begins, end: found.begins, replacement: "\(WrittenLoop.begunMark)()\n"
                    ),
                    TextEdit(
                        document: k, start: found.stepEnds, end: found.stepEnds,
                        replacement: "\n\(WrittenLoop.steppedMark)()\n"),
                ]
                return
            }
        }
        return nil
    }

    /// What a `for` goes over, and the names that it gives.
    private typealias Drawing = (source: Expression, names: [Name])

    private static func read(_ statements: [Statement], drawing: Drawing?, all: [Statement]) -> Train? {
        var updates = statements.compactMap { update(in: $0) }
        if updates.isEmpty { updates = assignments(in: statements, all) }
        if let first = updates.first {
            let nets = updates.map(\.net)
            if let found = train(statements, first, nets, drawing) { return found }
            // Gradients that another loop works out, or that stand before the loop.
            guard case .name(let g) = first.gradients.kind, let (home, asked, inner) = asking(g, all, nil) else {
                return nil
            }
            let body = inner == nil ? statements : home
            var update = first
            update.gradients = asked
            return train(body, update, nets, inner ?? drawing)
        }
        for statement in statements {
            var inner = drawing
            if case .forIn(let names, let source, _) = statement.kind { inner = (source, names) }
            var bodies = statement.blocks.map(\.statements)
            bodies += statement.parts.flatMap(\.blocks).map(\.statements)
            if case .function(let d) = statement.kind, case .block(let block) = d.body {
                bodies.append(block.statements)
            }
            for body in bodies { if let found = read(body, drawing: inner, all: all) { return found } }
        }
        return nil
    }

    /// The statements among which a name is given gradients, what it is given, and what a `for` around them goes over.
    private static func asking(_ name: String, _ statements: [Statement], _ drawing: Drawing?) -> (
        home: [Statement], asked: Expression, drawing: Drawing?
    )? {
        if let k = asks(for: name, statements), case .assign(_, let value) = statements[k].kind {
            return (statements, value, drawing)
        }
        for s in statements {
            var inner = drawing
            if case .forIn(let names, let source, _) = s.kind { inner = (source, names) }
            for block in s.blocks { if let found = asking(name, block.statements, inner) { return found } }
        }
        return nil
    }
    private static func asks(for name: String, _ statements: [Statement]) -> Int? {
        statements.lastIndex { s in
            guard case .assign(let targets, let value) = s.kind, targets.count == 1, case .name(name) = targets[0].kind
            else { return false }
            return asks(value)
        }
    }

    /// An update whose gradients come from a loop inside of its own, or from before its loop.
    private static func apart(_ statements: [Statement], _ outer: [Statement], _ source: Source, _ k: Int)
        -> GradientsApart?
    {
        let bytes = source.bytes
        func indent(_ at: Int) -> String {
            let start = bytes[..<min(at, bytes.count)].lastIndex(of: 10).map { $0 + 1 } ?? 0
            return String(decoding: bytes[start..<at].prefix { $0 == 32 || $0 == 9 }, as: UTF8.self)
        }
        func inserting(_ text: String, _ at: Int) -> TextEdit {
            TextEdit(document: k, start: at, end: at, replacement: text)
        }
        for s in statements {
            guard let update = update(in: s), case .name(let g) = update.gradients.kind, asks(for: g, statements) == nil
            else { continue }
            for loop in statements {
                guard case .forIn(_, _, let block) = loop.kind, loop.span.end <= s.span.start,
                    let place = asks(for: g, block.statements)
                else { continue }
                let at = block.statements[place].span
                return GradientsApart(
                    isInside: true,
                    edits: [
                        inserting("\n\(indent(at.start))\(source.text(s.span))", at.end),
                        TextEdit(document: k, start: s.span.start, end: s.span.end, replacement: "none;"),
                    ])
            }
            guard let place = asks(for: g, outer), outer[place].span.end <= s.span.start else { continue }
            var needed = [outer[place].span]
            // A loss that was worked out just before.
            if case .assign(_, let value) = outer[place].kind, case .call(_, let arguments, _) = value.kind,
                case .name(let loss)? = arguments.first?.value.kind,
                let made = outer[..<place].last(where: { t in
                    guard case .assign(let targets, _) = t.kind, case .name(loss)? = targets.first?.kind else {
                        return false
                    }
                    return true
                })
            {
                needed.insert(made.span, at: 0)
            }
            let text = needed.map { source.text($0) + "\n" + indent(s.span.start) }.joined()
            return GradientsApart(isInside: false, edits: [inserting(text, s.span.start)])
        }
        for s in statements {
            var isLoop = false
            switch s.kind {
            case .forIn, .whileLoop: isLoop = true
            default: break
            }
            for block in s.blocks {
                if let found = apart(block.statements, isLoop ? statements : [], source, k) { return found }
            }
        }
        return nil
    }

    private typealias Update = (optimizer: Expression, net: Expression, gradients: Expression)

    /// `update(opt, net, g)`.
    private static func update(in statement: Statement) -> Update? {
        guard case .expression(let e) = statement.kind, case .call(let f, let arguments, _) = e.kind,
            case .name("update") = f.kind
        else { return nil }
        func given(_ place: Int, _ name: String) -> Expression? {
            if let named = arguments.first(where: { $0.name?.text == name }) { return named.value }
            return place < arguments.count && arguments[place].name == nil ? arguments[place].value : nil
        }
        guard let optimizer = given(0, "opt"), let net = given(1, "net"), let g = given(2, "g") else { return nil }
        return (optimizer, net, g)
    }

    /// `h.w = h.w - 0.1 * g.w`, or any other assignment to a part of a net whose gradients the same statements ask for: the
    /// net is what they were asked of.
    private static func assignments(in statements: [Statement], _ all: [Statement]) -> [Update] {
        var asked: (net: Expression, gradients: Expression)?
        var gradients: [String: (net: Expression, gradients: Expression)] = [:]
        var other: Update?
        for statement in statements {
            guard case .assign(let targets, let value) = statement.kind else { continue }
            // Also inside of what makes a list of them: `g = values(grad(loss, net))`.
            var asking: (net: Expression, gradients: Expression)?
            value.walk { x in
                if asking == nil, case .call(let f, let arguments, _) = x.kind, case .name("grad") = f.kind,
                    arguments.count > 1
                {
                    asking = (netOfParameters(arguments[1].value, statements, all) ?? arguments[1].value, x)
                }
            }
            if let asking {
                asked = asking
                for target in targets { if case .name(let n) = target.kind { gradients[n] = asked } }
                continue
            }
            // What is made of gradients is a step too: sums of them, averages.
            if targets.count == 1, case .name(let n) = targets[0].kind, gradients[n] == nil {
                value.walk { x in if case .name(let g) = x.kind, let net = gradients[g] { gradients[n] = net } }
            }
            guard targets.count == 1, case .field(let owner, _) = targets[0].kind else { continue }
            var found: (net: Expression, gradients: Expression)?
            value.walk { x in if found == nil, case .name(let n) = x.kind { found = gradients[n] } }
            if let found { return [(value, found.net, found.gradients)] }
            // The gradients may come by way of lists, or of a function of the program's.
            if other == nil, let asked, root(owner) == root(asked.net), root(owner) != nil {
                other = (value, asked.net, asked.gradients)
            }
        }
        return other.map { [$0] } ?? []
    }

    /// The net whose parameters gradients are asked of, one by one: `[net.dense1.w, net.dense1.b]`, or a name of such a list.
    /// A field is a parameter where the statements assign it.
    private static func netOfParameters(_ e: Expression, _ statements: [Statement], _ all: [Statement]) -> Expression? {
        var list = e
        if case .name(let n) = e.kind {
            let given = (all + statements).last { s in
                if case .assign(let targets, _) = s.kind, case .name(n)? = targets.first?.kind { true } else { false }
            }
            guard case .assign(_, let value)? = given?.kind else { return nil }
            list = value
        }
        var items = [list]
        if case .bracket(let all) = list.kind { items = all }
        let assigned = Set(
            statements.flatMap { s -> [[String]] in
                guard case .assign(let targets, _) = s.kind else { return [] }
                return targets.compactMap(path).filter { $0.count > 1 }
            })
        let paths = items.compactMap(path)
        guard paths.count == items.count, paths.contains(where: assigned.contains),
            paths.allSatisfy({ $0.count > 1 && $0[0] == paths[0][0] })
        else { return nil }
        return Expression(.name(paths[0][0]), e.span)
    }

    /// `net.dense1.w` as its names.
    private static func path(_ e: Expression) -> [String]? {
        switch e.kind {
        case .name(let n): [n]
        case .field(let owner, let field): path(owner).map { $0 + [field.text] }
        default: nil
        }
    }

    private static func asks(_ e: Expression) -> Bool {
        if case .call(let f, _, _) = e.kind, case .name("grad") = f.kind { true } else { false }
    }

    /// The statements with those of their conditions, in the order of the text.
    static func flat(_ statements: [Statement]) -> [Statement] {
        statements.flatMap { s -> [Statement] in
            guard case .expression(let e) = s.kind, case .conditional(_, let block, let other) = e.kind else {
                return [s]
            }
            return flat(block.statements) + flat(other?.statements ?? [])
        }
    }

    /// The variable that a field, or a part of a list, belongs to.
    static func root(_ e: Expression) -> String? {
        switch e.kind {
        case .name(let n): n
        case .field(let owner, _): root(owner)
        case .index(let owner, _): root(owner)
        default: nil
        }
    }

    private static func train(
        _ statements: [Statement], _ update: Update, _ nets: [Expression], _ drawing: Drawing?
    ) -> Train? {
        var locals: [String: Expression] = [:]
        var drawn = drawing
        for statement in statements {
            guard case .assign(let targets, let value) = statement.kind else { continue }
            let names = targets.compactMap { target -> Name? in
                if case .name(let n) = target.kind { return Name(n, target.span) }
                return nil
            }
            // `g, h = grad(loss, [f, g])` gives each the gradients that it asks for.
            if names.count == targets.count {
                for (k, name) in names.enumerated() {
                    // `g, h = [grad(loss, f), grad(loss, g)]` likewise.
                    if case .bracket(let items) = value.kind, items.count == names.count {
                        locals[name.text] = items[k]
                    } else {
                        locals[name.text] = value
                    }
                }
            }
            guard names.count == targets.count else { continue }
            switch value.kind {
            case .call(let f, _, _):
                if case .field(let owner, let field) = f.kind, field.text == "next" {
                    drawn = (owner, names)
                } else if case .name(let called) = f.kind, called != "grad", names.count > 1,
                    (drawn?.names.count ?? 0) < 2
                {
                    // Pairs of the program's own making.
                    drawn = (value, names)
                }
            // `a, b, same = batch` of `for batch in pairs(...)`.
            case .name(let name):
                if let drawing, drawing.names.count == 1, drawing.names[0].text == name {
                    drawn = (drawing.source, names)
                }
            default: break
            }
        }
        var gradients = update.gradients
        // `g[0]` of gradients that were asked of a list of nets.
        if case .index(let all, _) = gradients.kind { gradients = all }
        if case .name(let name) = gradients.kind, let value = locals[name] { gradients = value }
        // Sums or averages of gradients lead back to the only ones that are asked for.
        if !WrittenLoop.asks(gradients), let asked = locals.values.first(where: WrittenLoop.asks) { gradients = asked }
        guard case .call(let f, let arguments, _) = gradients.kind, case .name("grad") = f.kind,
            let loss = arguments.first?.value, let last = statements.last
        else { return nil }
        let span = Span(statements[0].span.start, last.span.end)
        return Train(
            nets: nets, source: drawn?.source ?? update.optimizer, names: drawn?.names ?? [], length: nil, unit: .steps,
            optimizer: update.optimizer,
            body: Block(statements + [Statement(.minimize(loss), loss.span)], span), head: span)
    }
}
