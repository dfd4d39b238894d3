/// Valid code that is hardly ever intended: `check` and running warn of it with the same messages.
public struct LintCheck {
    let source: Source
    /// The one value that the file gives a name; nothing for a name given two.
    var values: [String: Expression] = [:]
    /// Functions, losses and layers of the program's own.
    var defined: Set<String> = []
    var layers: Set<String> = []
    var functions: [String: FunctionDefinition] = [:]
    /// Where a loss takes the labels of pairs for their opposite, which is said by another rule.
    var turnedLabels: [Span] = []
    /// Names that functions and layers read: their value is not known from the text.
    var readInside: Set<String> = []
    /// All statement lists, outer ones first, and all runs.
    private(set) var lists: [[Statement]] = []
    var trains: [Train] = []
    var found: [Diagnostic] = []
    /// The data sets of the file.
    let names: ProgramNames

    /// - Parameter isDefined: whether a name of the library has been given another meaning before.
    public static func run(_ program: Program, isDefined: (String) -> Bool = { _ in false }) -> [Diagnostic] {
        guard program.source.kind != .prelude else { return [] }
        var check = LintCheck(source: program.source, names: ProgramNames(program))
        check.gather(program.statements)
        check.turnedLabels = LossCheck.turnedLabels(program).compactMap { $0.labels.first?.place.span }
        for name in LintCheck.watched where isDefined(name) { check.defined.insert(name) }
        for train in check.trains { check.train(train) }
        for list in check.lists {
            check.list(list)
            check.grown(list)
            check.brokenPipelines(list)
            for statement in list {
                check.printed(statement)
            }
            check.turnedDecisions(list)
        }
        for statement in program.statements {
            if case .function(let definition) = statement.kind {
                check.ownLoss(definition)
                check.functionOfNothing(definition, program.statements)
            }
            if case .layer(let definition) = statement.kind { check.forwardOfNothing(definition) }
        }
        check.rows(program.statements)
        check.kept(program.statements)
        check.scaledBeforeSplit(program.statements)
        var calls: [Expression] = []
        for statement in program.statements { statement.walk { if LintCheck.isLooked($0) { calls.append($0) } } }
        for call in calls { check.value(call) }
        var others: [Expression] = []
        for statement in program.statements {
            statement.walk { e in
                switch e.kind {
                case .text, .binary(.divide, _, _, _), .binary(.add, _, _, _): others.append(e)
                default: break
                }
            }
        }
        for e in others {
            check.dollars(e)
            check.addedLists(e)
            check.scaledTwice(e, of: nil)
        }
        return check.found
    }

    private static func isLooked(_ e: Expression) -> Bool {
        switch e.kind {
        case .call, .range, .sweep, .comparison, .index, .lambda: true
        default: false
        }
    }

    // MARK: What the text holds

    private mutating func gather(_ statements: [Statement]) {
        var twice: Set<String> = []
        func learn(_ list: [Statement]) {
            lists.append(list)
            for statement in list {
                switch statement.kind {
                case .assign(let targets, let value):
                    var items: [Expression?] = [value]
                    if targets.count > 1 {
                        if case .bracket(let parts) = value.kind, parts.count == targets.count {
                            items = parts
                        } else {
                            items = targets.map { _ in nil }
                        }
                    }
                    for (target, item) in zip(targets, items) {
                        guard case .name(let name) = target.kind else { continue }
                        if let item, values.updateValue(item, forKey: name) == nil { continue }
                        twice.insert(name)
                    }
                case .function(let f):
                    defined.insert(f.name.text)
                    functions[f.name.text] = f
                    f.body.walk { if case .name(let name) = $0.kind { readInside.insert(name) } }
                    if case .block(let block) = f.body { learn(block.statements) }
                case .layer(let l):
                    defined.insert(l.name.text)
                    layers.insert(l.name.text)
                    statement.walk { if case .name(let name) = $0.kind { readInside.insert(name) } }
                default: break
                }
                for block in statement.blocks { learn(block.statements) }
                for part in statement.parts {
                    part.walk { e in
                        if case .train(let train) = e.kind { trains.append(train) }
                        for block in e.blocks { learn(block.statements) }
                    }
                }
            }
        }
        learn(statements)
        for name in twice { values[name] = nil }
    }

    func place(_ span: Span) -> Diagnostic.Label { .init(Place(source, span)) }

    mutating func add(
        code: String, _ message: String, at spans: [Span], notes: [String] = [], repair: String? = nil,
        edits: [Diagnostic.Edit] = []
    ) {
        guard let first = spans.first,
            !found.contains(where: { $0.code == code && $0.labels.first?.place.span.start == first.start })
        else { return }
        let short = repair.flatMap { $0.utf8.count <= 100 && !$0.contains("\n") ? $0 : nil }
        found.append(
            Diagnostic(
                .warning, code: code, message, at: spans.map { place($0) }, notes: notes, repair: short,
                edits: short == nil ? [] : edits
            ).vetted())
    }

    func text(_ e: Expression) -> String { source.text(e.span) }

    /// The name of a function of the library that is called, and what it is given: `f(x)`, `x.f()`.
    func called(_ e: Expression) -> (name: String, given: [Argument])? {
        guard case .call(let callee, let given, _) = e.kind else { return nil }
        switch callee.kind {
        case .name(let name): return defined.contains(name) ? nil : (name, given)
        case .field(let owner, let name):
            return defined.contains(name.text) ? nil : (name.text, [Argument(value: owner)] + given)
        default: return nil
        }
    }

    /// The name of the net that an expression applies: `net(x)`.
    func applied(_ e: Expression) -> (net: String, to: Expression)? {
        guard case .call(let callee, let given, _) = e.kind, case .name(let name) = callee.kind, given.count == 1,
            given[0].name == nil
        else { return nil }
        return (name, given[0].value)
    }

    static func names(in e: Expression) -> Set<String> {
        var all: Set<String> = []
        e.walk { if case .name(let name) = $0.kind { all.insert(name) } }
        return all
    }

    static func names(in statements: [Statement]) -> Set<String> {
        var all: Set<String> = []
        for s in statements { s.walk { if case .name(let name) = $0.kind { all.insert(name) } } }
        return all
    }

    /// The names that statements give a value, those of loops included.
    static func assigned(_ statements: [Statement]) -> [String: [Expression?]] {
        var all: [String: [Expression?]] = [:]
        func look(_ list: [Statement]) {
            for s in list {
                switch s.kind {
                case .assign(let targets, let value):
                    for target in targets {
                        guard case .name(let name) = target.kind else { continue }
                        all[name, default: []].append(targets.count == 1 ? value : nil)
                    }
                case .forIn(let names, _, _): for name in names { all[name.text, default: []].append(nil) }
                default: break
                }
                for block in s.blocks { look(block.statements) }
                for part in s.parts { part.walk { for block in $0.blocks { look(block.statements) } } }
            }
        }
        look(statements)
        return all
    }

    private static let watched: Set<String> = LossNames.ofPairs.union(LossNames.ofTriplets).union(LossNames.ofBatches)
        .union(LossNames.ofTargets)
        .union(LossNames.ofViews)
        .union(KindAdvice.optimizers).union(LayerNames.withWeights).union([
            "pairs", "triplets", "batches", "update", "grad", "split", "range", "norm", "auc", "class_weights",
            "standardize", "normalize", "max", "dot", "round", "shuffle", "freeze", "unfreeze", "flatten", "softmax",
            "log_softmax", "sin", "cos", "tan", "training",
        ])
}
