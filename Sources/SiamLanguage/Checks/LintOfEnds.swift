/// Functions that give nothing, and loops that never end.
extension LintCheck {
    /// `fn add(a, b) { c = a + b }`, whose result is used somewhere: a block that ends in an assignment gives none.
    mutating func functionOfNothing(_ definition: FunctionDefinition, _ program: [Statement]) {
        guard case .block(let block) = definition.body, let last = block.statements.last,
            case .assign(let targets, let value) = last.kind, targets.count == 1, case .name = targets[0].kind,
            !LintCheck.givesEarlier(block.statements), isResultUsed(definition.name.text, program)
        else { return }
        let right = text(value)
        add(
            code: "function.none", "\(definition.name.text) ends in an assignment, and gives nothing", at: [last.span],
            repair: "its last line is its value:  \(right)", edits: [.init(Place(source, last.span), right)])
    }

    private static func givesEarlier(_ statements: [Statement]) -> Bool {
        statements.contains { s in
            if case .returnValue = s.kind { return true }
            return s.innerBlocks.contains { givesEarlier($0.statements) }
        }
    }

    /// Whether a call of a function stands where its value goes on: in another expression, or behind a name and =.
    private func isResultUsed(_ name: String, _ program: [Statement]) -> Bool {
        var (all, bare) = (0, 0)
        for s in program { s.walk { if let f = $0.calledName, f == name { all += 1 } } }
        for list in lists {
            for s in list {
                if case .expression(let e) = s.kind, e.calledName == name { bare += 1 }
            }
        }
        return all > bare
    }

    /// `while i < 3 { print i }`: nothing in the loop changes what its condition looks at.
    mutating func endless(_ condition: Expression, _ block: Block) {
        var names: Set<String> = []
        var isPlain = true
        condition.walk { e in
            switch e.kind {
            case .name(let name): names.insert(name)
            case .number, .comparison, .binary, .unary, .logical: break
            default: isPlain = false
            }
        }
        guard isPlain, !names.isEmpty, names.isDisjoint(with: LintCheck.assigned(block.statements).keys),
            !LintCheck.leaves(block.statements)
        else { return }
        let changed = names.sorted().joined(separator: " or ")
        var repair: String?
        if case .comparison(let sides, let signs, _) = condition.kind, sides.count == 2,
            case .name(let counter) = sides[0].kind
        {
            switch signs.first {
            case .less, .lessOrEqual: repair = "\(counter) = \(counter) + 1"
            case .greater, .greaterOrEqual: repair = "\(counter) = \(counter) - 1"
            default: break
            }
        }
        add(
            code: "loop.unchanged", "nothing in this loop changes \(changed), so it never ends", at: [condition.span],
            repair: repair.map { "in its body, for instance:  \($0)" })
    }

    /// Whether statements may leave the loop that they stand in.
    private static func leaves(_ statements: [Statement]) -> Bool {
        statements.contains { s in
            switch s.kind {
            case .breakLoop, .returnValue, .stopWhen, .pause: return true
            case .expression(let e): if e.calledName == "error" || e.calledName == "exit" { return true }
            default: break
            }
            return s.innerBlocks.contains { leaves($0.statements) }
        }
    }
}

extension Expression {
    /// The name that is called: `f` of `f(x)`.
    fileprivate var calledName: String? {
        guard case .call(let callee, _, _) = kind, case .name(let name) = callee.kind else { return nil }
        return name
    }
}
