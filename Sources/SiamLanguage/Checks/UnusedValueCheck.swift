/// Values that are computed and not used: a comparison where an assignment was meant, a `push` whose new list is ignored. Only
/// expressions that certainly have no other effect are reported. At the top level of a file values are shown, and so are used.
struct UnusedValueCheck {
    let source: Source
    /// Pure functions, without those whose names the file itself defines.
    let pure: Set<String>
    var found: [Diagnostic] = []

    static func run(_ program: Program, known: [KnownName]) -> [Diagnostic] {
        var own: Set<String> = []
        collect(program.statements, &own)
        var check = UnusedValueCheck(
            source: program.source, pure: Set(known.filter(\.isPure).map(\.name)).subtracting(own))
        for statement in program.statements { check.inside(statement, isUsed: true) }
        return check.found
    }

    private static func collect(_ statements: [Statement], _ names: inout Set<String>) {
        for statement in statements {
            switch statement.kind {
            case .assign(let targets, _):
                for target in targets { if case .name(let name) = target.kind { names.insert(name) } }
            case .function(let definition):
                names.insert(definition.name.text)
                if case .block(let block) = definition.body { collect(block.statements, &names) }
            case .layer(let definition): names.insert(definition.name.text)
            default: break
            }
            for block in statement.blocks { collect(block.statements, &names) }
        }
    }

    /// A row of statements whose last value is used or not.
    private mutating func row(_ statements: [Statement], isLastUsed: Bool) {
        for (k, statement) in statements.enumerated() {
            let isUsed = isLastUsed && k == statements.count - 1
            if !isUsed, case .expression(let value) = statement.kind, isPure(value) { report(value) }
            inside(statement, isUsed: isUsed)
        }
    }

    private mutating func inside(_ statement: Statement, isUsed: Bool) {
        switch statement.kind {
        case .forIn(_, let from, let block):
            value(from)
            row(block.statements, isLastUsed: false)
        case .whileLoop(let condition, let block):
            value(condition)
            row(block.statements, isLastUsed: false)
        case .every(_, _, let block): row(block.statements, isLastUsed: false)
        case .function(let definition): body(definition.body)
        case .layer(let definition):
            if case .members(let members) = definition.form {
                for member in members { if case .forward(_, let body) = member { self.body(body) } }
            }
        case .expression(let e): value(e, isUsed: isUsed)
        default: for part in statement.parts { value(part) }
        }
    }

    private mutating func body(_ body: Body) {
        switch body {
        case .expression(let e): value(e)
        case .block(let block): row(block.statements, isLastUsed: true)
        }
    }

    private mutating func value(_ e: Expression, isUsed: Bool = true) {
        switch e.kind {
        case .conditional(let condition, let yes, let no):
            value(condition)
            row(yes.statements, isLastUsed: isUsed)
            if let no { row(no.statements, isLastUsed: isUsed) }
        case .train(let train):
            for part in e.parts { value(part) }
            row(train.body.statements, isLastUsed: false)
        default:
            for part in e.parts { value(part) }
            for block in e.blocks { row(block.statements, isLastUsed: true) }
        }
    }

    private func isPure(_ e: Expression) -> Bool {
        switch e.kind {
        case .call(let function, let arguments, isCommand: false):
            guard arguments.allSatisfy({ isPure($0.value) }) else { return false }
            switch function.kind {
            case .name(let name): return pure.contains(name)
            case .field(let owner, let name):
                return pure.contains(name.text) && isPure(owner)
            default: return false
            }
        case .number, .bool, .text, .name, .lambda: return e.parts.allSatisfy(isPure)
        case .binary, .comparison, .unary, .logical, .index, .field, .bracket: return e.parts.allSatisfy(isPure)
        default: return false
        }
    }

    private mutating func report(_ e: Expression) {
        var d = Diagnostic(
            .warning, code: "result.unused", "this value is not used", at: [.init(Place(source, e.span))])
        switch e.kind {
        case .comparison(let operands, let signs, let spans) where signs == [.equal] && Parser.isTarget(operands[0]):
            d.repair = "to give a name a value, write ="
            d.edits = [.init(Place(source, spans[0]), "=")]
        case .call(let function, let arguments, _):
            var owner = arguments.first?.value
            if case .field(let value, _) = function.kind { owner = value }
            guard let owner, case .name(let name) = owner.kind else { break }
            let text = source.text(e.span)
            d.repair = "methods do not change a value in place:  \(name) = \(text.utf8.count < 50 ? text : "...")"
            d.edits = [.init(Place(source, Span(e.span.start, e.span.start)), "\(name) = ")]
        default: break
        }
        found.append(d)
    }
}
