/// Names that nothing defines, and calls whose arguments cannot be taken.
struct NameCheck {
    let source: Source
    let known: [String: KnownName]
    /// Names bound in the file, wherever: blocks do not scope, and functions may use what is bound later.
    var globals: Set<String> = []
    /// Of functions defined once in the file and never bound otherwise.
    var signatures: [String: KnownName] = [:]
    var scopes: [Set<String>] = []
    var hasImport = false
    /// The files that are brought in, by the names that other languages give to what they hold.
    var imported: Set<String> = []
    var reported: Set<String> = []
    /// The places of names and fields that are called, and their arguments.
    var called: [Int: [Argument]] = [:]
    /// Where the stages begin that are joined by `>>`.
    var stages: Set<Int> = []
    /// Inside the body of a run that names no part of its batches.
    /// The run in whose body names are looked at.
    var around: Train?
    var found: [Diagnostic] = []

    static func run(_ program: Program, known: [KnownName]) -> [Diagnostic] {
        var check = NameCheck(
            source: program.source,
            known: Dictionary(known.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first }))
        var bound = Bindings()
        bound.collect(program.statements)
        check.globals = bound.names
        check.hasImport = bound.hasImport
        for (name, definitions) in bound.definitions where definitions.count == 1 && !bound.assigned.contains(name) {
            check.signatures[name] = definitions[0]
        }
        check.imported = Set(program.statements.compactMap(\.importedStem))
        check.statements(program.statements)
        return check.found
    }

    mutating func statements(_ all: [Statement]) { for statement in all { self.statement(statement) } }

    mutating func statement(_ statement: Statement) {
        if case .function(let definition) = statement.kind {
            function(definition.parameters.map(\.name.text)) { check in
                for one in definition.parameters {
                    if let defaultValue = one.defaultValue { check.expression(defaultValue) }
                }
                check.body(definition.body)
            }
            return
        }
        if case .layer(let definition) = statement.kind { return layer(definition) }
        for part in statement.parts { expression(part) }
        // What fails there is meant to.
        if case .expectError = statement.kind { return }
        for block in statement.blocks { statements(block.statements) }
    }

    private mutating func function(_ names: [String], _ inside: (inout NameCheck) -> Void) {
        scopes.append(Set(names))
        inside(&self)
        scopes.removeLast()
    }

    private mutating func body(_ body: Body) {
        switch body {
        case .expression(let value): inside(value)
        case .block(let block):
            bind { $0.collect(block.statements) }
            statements(block.statements)
        }
    }

    /// The value of a function: blocks in it bind names of the function's own.
    private mutating func inside(_ value: Expression) {
        bind { $0.collect(value) }
        expression(value)
    }

    private mutating func bind(_ collect: (inout Bindings) -> Void) {
        var bound = Bindings()
        collect(&bound)
        scopes[scopes.count - 1].formUnion(bound.names)
    }

    private mutating func layer(_ definition: LayerDefinition) {
        var names = definition.parameters.map(\.name.text) + ["in"]
        if case .members(let members) = definition.form {
            for member in members {
                switch member {
                case .parameter(let name, _, _), .state(let name, _, _), .part(let name, _): names.append(name.text)
                case .forward: break
                }
            }
        }
        function(names) { check in
            for one in definition.parameters {
                if let defaultValue = one.defaultValue { check.expression(defaultValue) }
            }
            switch definition.form {
            case .pipeline(let value): check.expression(value)
            case .members(let members):
                for member in members {
                    switch member {
                    case .parameter(_, let shape, let value), .state(_, let shape, let value):
                        for one in shape { check.expression(one) }
                        check.expression(value)
                    case .part(_, let value): check.expression(value)
                    case .forward(let inputs, let body): check.function(inputs.map(\.text)) { $0.body(body) }
                    }
                }
            }
        }
    }

    private func isBound(_ name: String) -> Bool {
        if globals.contains(name) || known[name] != nil { return true }
        return scopes.contains { $0.contains(name) }
    }

    mutating func expression(_ value: Expression) {
        switch value.kind {
        case .name(let name): use(name, value.span)
        case .field:
            var root = value
            while case .field(let owner, _) = root.kind { root = owner }
            if case .name(let file) = root.kind, imported.contains(file), !isBound(file), reported.insert(file).inserted
            {
                found.append(
                    Diagnostic(
                        code: "name.unknown", "there is nothing named \(file)", at: [.init(Place(source, root.span))]))
                return
            }
            if case .name(let package) = root.kind, Foreign.packages.contains(package), !hasImport, !isBound(package),
                let d = Foreign.memberless(
                    package, in: value, source, Array(globals) + Array(known.keys), given: called[value.span.start])
            {
                if reported.insert(package).inserted { found.append(d) }
                return
            }
        case .lambda(let parameters, let body):
            function(parameters.map(\.name.text)) { check in
                for one in parameters { if let defaultValue = one.defaultValue { check.expression(defaultValue) } }
                check.inside(body)
            }
            return
        case .comprehension(let item, let clauses):
            function(clauses.flatMap { $0.names.map(\.text) }) { check in
                for clause in clauses {
                    check.expression(clause.source)
                    if let condition = clause.condition { check.expression(condition) }
                }
                check.expression(item)
            }
            return
        case .train(let train):
            for part in value.parts { expression(part) }
            let outer = around
            around = train
            // What its body knows of the run that it is the body of.
            function(Train.ownNames) { check in
                for block in value.blocks { check.statements(block.statements) }
            }
            around = outer
            return
        case .compose(let left, let right):
            stages.insert(left.span.start)
            stages.insert(right.span.start)
        case .call(let function, let arguments, _):
            called[function.span.start] = arguments
            if case .name(let name) = function.kind { call(name, function.span, arguments) }
            // What stands in a call that has no place here is left out with it.
            if isLeftOut(function) {
                expression(function)
                return
            }
        default: break
        }
        for part in value.parts { expression(part) }
        for block in value.blocks { statements(block.statements) }
    }

    /// `input_data(shape = [None, 784])`, `tf.placeholder(...)`: calls for which there is nothing here.
    private func isLeftOut(_ function: Expression) -> Bool {
        var word = ""
        switch function.kind {
        case .name(let name): word = name
        case .field(let owner, let name):
            guard case .name(let package) = owner.kind, Foreign.packages.contains(package) else { return false }
            word = name.text
        default: return false
        }
        return !isBound(word) && Foreign.leftOut(word) != nil
    }

    private mutating func use(_ name: String, _ span: Span) {
        // A file brought in may define what this one does not.
        guard !hasImport, !name.isEmpty, !isBound(name), reported.insert(name).inserted else { return }
        let given = called[span.start]
        let isCalled = given != nil
        let candidates =
            Array(globals) + known.values.filter { !isCalled || !$0.isValue }.map(\.name) + scopes.flatMap { Array($0) }
        // `models.resnet18`: a module of another library is no slip of a name here.
        let isModule = Foreign.modules.contains(name) && span.end < source.bytes.count && source.bytes[span.end] == 46
        let near = isModule ? nil : meant(by: name, in: candidates, given: given?.map { $0.text(in: source) })
        let path = Foreign.path(at: span, source)
        let part = Train.usualNames.contains(name) ? around?.namesAdvice(source) : nil
        found.append(
            Diagnostic(
                code: "name.unknown", "there is nothing named \(name)", at: [.init(Place(source, span))],
                repair: path ?? part ?? near?.says,
                edits: path == nil && part == nil
                    ? near.flatMap { $0.fits ? $0.name : nil }.map { [.init(Place(source, span), $0)] } ?? [] : []))
    }

    private mutating func call(_ name: String, _ span: Span, _ arguments: [Argument]) {
        if scopes.contains(where: { $0.contains(name) }) { return }
        guard let function = signatures[name] ?? (globals.contains(name) ? nil : known[name]),
            let parameters = function.parameters
        else { return }
        let takes = parameters.isEmpty ? "it takes no arguments" : "it takes \(function.signature)"
        let positional = arguments.filter { $0.name == nil }
        if positional.count > parameters.count, !function.isVariadic {
            let extra = positional[parameters.count]
            found.append(
                Diagnostic(
                    code: "argument.many",
                    "\(name) takes \(counted(parameters.count, "argument")), and got \(positional.count)",
                    at: [.init(Place(source, extra.value.span))],
                    repair: Foreign.superfluous(name, arguments.map { source.text($0.value.span) })
                        ?? (parameters.isEmpty ? nil : takes)))
            return
        }
        var given = Set(parameters.prefix(positional.count).map(\.name))
        for argument in arguments {
            guard let label = argument.name else { continue }
            guard parameters.contains(where: { $0.name == label.text }) else {
                if function.isVariadic { continue }
                let names = parameters.map(\.name)
                let told = Foreign.argumentMeant(label, of: name, names, arguments, source)
                let meant = told.name
                let isLong = takes.utf8.count > 72
                found.append(
                    Diagnostic(
                        code: "argument.unknown", "\(name) has no argument \(label.text)",
                        at: [.init(Place(source, label.span))],
                        notes: (meant == nil ? told.says != nil : isLong) ? [takes] : [],
                        repair: meant == nil
                            ? told.says ?? takes
                            : (isLong ? "" : takes + ". ") + (meant.map { "Did you mean \($0)?" } ?? ""),
                        edits: told.edits))
                return
            }
            if !given.insert(label.text).inserted {
                found.append(
                    Diagnostic(
                        code: "argument.doubled", "\(name) gets \(label.text) twice, by its place and by its name",
                        at: [.init(Place(source, label.span))],
                        repair: parameters.first?.name == "lr" && isOfNet(positional.first?.value)
                            ? Foreign.argumentTold("params") : takes))
                return
            }
        }
        let missing = parameters.filter { !$0.hasDefault && !given.contains($0.name) }
        guard !missing.isEmpty, !function.isVariadic else { return }
        found.append(
            Diagnostic(
                code: "argument.missing", "\(name) needs \(missing.map(\.name).joined(separator: " and "))",
                at: [.init(Place(source, span))],
                repair: stage(name, span, parameters, arguments)
                    ?? (positional.isEmpty
                        ? Foreign.lossCall(name, settings: arguments, in: source)
                            .map { "call the loss with its values:  minimize \($0)" } ?? takes
                        : Foreign.lacking(name, arguments.map { source.text($0.value.span) }) ?? takes)))
    }

    /// `dense(3) >> softmax(axis = 1)`: a function with settings as a stage.
    private func stage(_ name: String, _ span: Span, _ parameters: [KnownName.Parameter], _ arguments: [Argument])
        -> String?
    {
        guard stages.contains(span.start), parameters.first?.name == "x", arguments.allSatisfy({ $0.name != nil })
        else {
            return nil
        }
        if arguments.isEmpty { return "as a stage of a net it is written without parentheses:  \(name)" }
        let settings = arguments.map { $0.text(in: source) }.joined(separator: ", ")
        return settings.utf8.count <= 50 && !settings.contains("\n")
            ? "a function with settings as a stage:  (x -> \(name)(x, \(settings)))" : nil
    }

    /// `net.params`, `net.parameters()`.
    private func isOfNet(_ value: Expression?) -> Bool {
        switch value?.kind {
        case .field(_, let name)?: ["params", "parameters", "trainable_variables"].contains(name.text)
        case .call(let callee, _, _)?: isOfNet(callee)
        default: false
        }
    }

    private func counted(_ count: Int, _ word: String) -> String {
        count == 0 ? "no \(word)s" : count == 1 ? "1 \(word)" : "\(count) \(word)s"
    }
}

/// The names that statements bind, functions' own bodies left out.
struct Bindings {
    var names: Set<String> = []
    var assigned: Set<String> = []
    var definitions: [String: [KnownName]] = [:]
    var hasImport = false

    mutating func collect(_ statements: [Statement]) {
        for statement in statements {
            switch statement.kind {
            case .assign(let targets, _):
                for target in targets {
                    if case .name(let name) = target.kind { bind(name) }
                }
            case .function(let definition): define(definition.name.text, definition.parameters)
            case .layer(let definition): define(definition.name.text, definition.parameters)
            case .forIn(let loop, _, _): for name in loop { bind(name.text) }
            case .report(let name, _): bind(name.text)
            case .importFile: hasImport = true
            default: break
            }
            for part in statement.parts { collect(part) }
            for block in statement.blocks { collect(block.statements) }
        }
    }

    mutating func collect(_ value: Expression) {
        if case .lambda = value.kind { return }
        if case .train(let train) = value.kind { for name in train.boundNames { bind(name) } }
        if case .sweep(let sweep) = value.kind { for axis in sweep.axes { bind(axis.name.text) } }
        for part in value.parts { collect(part) }
        for block in value.blocks { collect(block.statements) }
    }

    private mutating func bind(_ name: String) {
        names.insert(name)
        assigned.insert(name)
    }

    private mutating func define(_ name: String, _ parameters: [Parameter]) {
        names.insert(name)
        let signature = parameters.map { one in
            KnownName.Parameter(
                one.name.text, hasDefault: one.defaultValue != nil,
                defaultValue: one.defaultValue.map { value in
                    var formatter = Formatter(source: Source(name: "", kind: .prelude, text: ""), comments: [])
                    return formatter.expression(value).print(width: Int.max / 2)
                })
        }
        definitions[name, default: []].append(KnownName(name: name, parameters: signature))
    }
}
