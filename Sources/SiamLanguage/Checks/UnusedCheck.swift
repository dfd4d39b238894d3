/// Names that are given a value and never looked at: in functions and layers a likely slip, at the top of a file worth a note,
/// since a prompt or an importing file may look at them later.
struct UnusedCheck {
    let source: Source
    var found: [Diagnostic] = []

    static func run(_ program: Program) -> [Diagnostic] {
        var check = UnusedCheck(source: program.source)
        check.definitions(program.statements)
        check.top(program)
        return check.found
    }

    private func place(_ span: Span) -> Diagnostic.Label { .init(Place(source, span)) }

    /// Every name that is read below; the plain targets of assignments are not.
    private struct Reads {
        var names: Set<String> = []
        mutating func add(_ statements: [Statement]) { for statement in statements { add(statement) } }
        mutating func add(_ statement: Statement) {
            switch statement.kind {
            case .assign(let targets, let value):
                add(value)
                for target in targets { if case .name = target.kind { continue } else { add(target) } }
            default: for part in statement.parts { add(part) }
            }
            for block in statement.blocks { add(block.statements) }
            switch statement.kind {
            case .function(let definition): add(definition.body)
            case .layer(let definition):
                switch definition.form {
                case .pipeline(let value): add(value)
                case .members(let members): for member in members { add(member) }
                }
            default: break
            }
        }
        mutating func add(_ body: Body) {
            switch body {
            case .expression(let value): add(value)
            case .block(let block): add(block.statements)
            }
        }
        mutating func add(_ member: LayerDefinition.Member) {
            switch member {
            case .parameter(_, let shape, let value), .state(_, let shape, let value):
                for one in shape { add(one) }
                add(value)
            case .part(_, let value): add(value)
            case .forward(_, let body): add(body)
            }
        }
        mutating func add(_ value: Expression) {
            if case .name(let name) = value.kind { names.insert(name) }
            // As other languages write a layer's own things; that this is another form is said of its own.
            if case .field(let owner, let name) = value.kind, case .name(let own) = owner.kind,
                ["self", "this"].contains(own)
            {
                names.insert(name.text)
            }
            for part in value.parts { add(part) }
            for block in value.blocks { add(block.statements) }
        }
    }

    // MARK: Functions and layers

    private mutating func definitions(_ statements: [Statement]) {
        for statement in statements {
            switch statement.kind {
            case .function(let definition):
                var reads = Reads()
                reads.add(definition.body)
                for parameter in definition.parameters {
                    if let defaultValue = parameter.defaultValue { reads.add(defaultValue) }
                }
                for parameter in definition.parameters where isUnused(parameter.name.text, reads) {
                    report(
                        "name.unused", "\(definition.name.text) never uses its parameter \(parameter.name.text)",
                        parameter.name.span, severity: .note)
                }
                body(definition.body)
            case .layer(let definition): layer(definition)
            default: break
            }
            for block in statement.blocks { definitions(block.statements) }
        }
    }

    private func isUnused(_ name: String, _ reads: Reads) -> Bool {
        !name.hasPrefix("_") && !reads.names.contains(name)
    }

    /// A parameter may be there for who calls: that is worth a note.
    private mutating func report(
        _ code: String, _ message: String, _ span: Span, severity: Diagnostic.Severity = .warning
    ) {
        found.append(Diagnostic(severity, code: code, message, at: [place(span)]))
    }

    /// Names that a body assigns and never reads.
    private mutating func body(_ body: Body) {
        guard case .block(let block) = body else { return }
        definitions(block.statements)
        var reads = Reads()
        reads.add(block.statements)
        for target in plainTargets(block.statements) where isUnused(target.name, reads) {
            report("name.unused", "\(target.name) gets a value here that nothing uses", target.span)
        }
    }

    /// Names assigned alone, `a = e`: of `a, b = e` some may be there to be left out.
    private func plainTargets(_ statements: [Statement]) -> [(name: String, span: Span)] {
        var found: [(String, Span)] = []
        for statement in statements {
            if case .assign(let targets, let value) = statement.kind, targets.count == 1,
                case .name(let name) = targets[0].kind, !isNote(value), !found.contains(where: { $0.0 == name })
            {
                found.append((name, targets[0].span))
            }
            for block in statement.blocks { found += plainTargets(block.statements) }
        }
        return found
    }

    /// A run or a table is made for what happens meanwhile.
    private func isNote(_ value: Expression) -> Bool {
        switch value.kind {
        case .train, .sweep: true
        default: false
        }
    }

    private mutating func layer(_ definition: LayerDefinition) {
        var reads = Reads()
        switch definition.form {
        case .pipeline(let value): reads.add(value)
        case .members(let members):
            for member in members { reads.add(member) }
            for member in members {
                switch member {
                case .parameter(let name, _, _) where isUnused(name.text, reads):
                    found.append(
                        Diagnostic(
                            .warning, code: "param.unused",
                            "\(definition.name.text) never uses its parameter \(name.text), so it gets no gradient",
                            at: [place(name.span)], repair: "use \(name.text) in forward, or leave it out"))
                case .state(let name, _, _) where isUnused(name.text, reads):
                    report("name.unused", "\(definition.name.text) never uses its state \(name.text)", name.span)
                case .part(let name, _) where isUnused(name.text, reads):
                    report("name.unused", "\(definition.name.text) never uses its part \(name.text)", name.span)
                case .forward(_, let body): self.body(body)
                default: break
                }
            }
        }
        for parameter in definition.parameters {
            if let defaultValue = parameter.defaultValue { reads.add(defaultValue) }
        }
        for parameter in definition.parameters where isUnused(parameter.name.text, reads) {
            report(
                "name.unused", "\(definition.name.text) never uses its parameter \(parameter.name.text)",
                parameter.name.span, severity: .note)
        }
    }

    // MARK: The file

    private mutating func top(_ program: Program) {
        var reads = Reads()
        reads.add(program.statements)
        for target in plainTargets(program.statements) where isUnused(target.name, reads) {
            if let weights = gradients(of: target.name, program.statements, isLooped: false) {
                let optimizer = optimizer(program.statements)
                let call = "update(\(optimizer ?? "opt"), \(weights), \(target.name))"
                found.append(
                    Diagnostic(
                        .warning, code: "name.unused",
                        "the gradients \(target.name) are computed and never applied, so \(weights) keeps its initial weights",
                        at: [place(target.span)],
                        repair: optimizer == nil
                            ? "before the loop  opt = adam(0.001),  and after this line  \(call)"
                            : "after this line  \(call)"))
                continue
            }
            // `seed = 42` was meant to do something.
            let isMeant = target.name == "seed"
            found.append(
                Diagnostic(
                    isMeant ? .warning : .note, code: "name.unused",
                    isMeant
                        ? "seed gets a value here, and no random number depends on it"
                        : "nothing in this file uses \(target.name)", at: [place(target.span)],
                    repair: isMeant ? "set the random seed without =:  seed 42" : nil))
        }
    }

    /// What a loop asks for gradients of, where it gives them this name: `g = grad(loss, net)`.
    private func gradients(of name: String, _ statements: [Statement], isLooped: Bool) -> String? {
        for statement in statements {
            if isLooped, case .assign(let targets, let value) = statement.kind, targets.count == 1,
                case .name(name) = targets[0].kind, case .call(let f, let arguments, _) = value.kind,
                case .name("grad") = f.kind, arguments.count == 2, case .name(let weights) = arguments[1].value.kind
            {
                return weights
            }
            var loops = isLooped
            switch statement.kind {
            case .forIn, .whileLoop: loops = true
            default: break
            }
            for block in statement.blocks {
                if let found = gradients(of: name, block.statements, isLooped: loops) { return found }
            }
        }
        return nil
    }

    /// The first name that is given an optimizer.
    private func optimizer(_ statements: [Statement]) -> String? {
        statements.lazy.compactMap { statement in
            guard case .assign(let targets, let value) = statement.kind, targets.count == 1,
                case .name(let name) = targets[0].kind, case .call(let f, _, _) = value.kind,
                case .name(let called) = f.kind, KindAdvice.optimizers.contains(called)
            else { return nil }
            return name
        }.first
    }
}
