/// Faults of training that stand in the text: towers that share nothing, what stands behind the embedding, margins out of
/// reach, nets that no optimizer sees.
public struct TrainingCheck {
    struct Stage {
        var name: String
        var span: Span
    }

    let source: Source
    var layers: [String: LayerDefinition] = [:]
    /// The file's own definitions of losses.
    var losses: Set<String> = []
    /// The one value that a name is ever given; nothing for a name given two.
    var values: [String: Expression] = [:]
    var ambiguous: Set<String> = []
    var found: [Diagnostic] = []
    /// The names that definitions of functions and layers hold; nil where a file is brought in whose own are not known.
    var inDefinitions: Set<String>? = []
    var saidTowers: Set<Int> = []
    /// Functions of the file that end in a list: what they hand out.
    var handedOut: [String: [Expression]] = [:]
    /// Functions of the file that construct a net at each call.
    var makers: Set<String> = []
    /// Nets that some run of the file trains: what a later run only looks through is no net that was forgotten.
    var trainedSomewhere: Set<String> = []
    /// Runs inside functions, which have been looked at with the names of their function.
    private var functionTrains: Set<Int> = []

    static func run(_ program: Program) -> [Diagnostic] {
        var check = TrainingCheck(source: program.source)
        for statement in program.statements { check.learn(statement) }
        for name in check.ambiguous { check.values[name] = nil }
        for statement in program.statements {
            switch statement.kind {
            case .importFile: check.inDefinitions = nil
            case .function, .layer:
                statement.walk { if case .name(let name) = $0.kind { check.inDefinitions?.insert(name) } }
            default: break
            }
        }
        for statement in program.statements {
            statement.walk { e in
                guard case .train(let train) = e.kind else { return }
                for case .name(let net) in train.nets.map(\.kind) { check.trainedSomewhere.insert(net) }
            }
        }
        // A function that makes its nets and trains them is a program of its own, over what the file defines.
        for statement in program.statements {
            guard case .function(let definition) = statement.kind, case .block(let block) = definition.body else {
                continue
            }
            var hasRun = false
            for inner in block.statements {
                inner.walk { if case .train = $0.kind { hasRun = true } }
            }
            guard hasRun else { continue }
            var inside = TrainingCheck(source: program.source)
            (inside.layers, inside.losses, inside.values) = (check.layers, check.losses, check.values)
            inside.trainedSomewhere = check.trainedSomewhere
            // The function itself names its nets, which are unknown here.
            inside.inDefinitions = nil
            for parameter in definition.parameters { inside.values[parameter.name.text] = nil }
            var own = TrainingCheck(source: program.source)
            for inner in block.statements { own.learn(inner) }
            for name in own.ambiguous { own.values[name] = nil }
            inside.values.merge(own.values) { $1 }
            for inner in block.statements {
                inner.walk { if case .train(let train) = $0.kind { inside.train(train) } }
            }
            check.found += inside.found
            check.functionTrains.formUnion(
                block.statements.flatMap { s -> [Int] in
                    var starts: [Int] = []
                    s.walk { if case .train(let t) = $0.kind { starts.append(t.head.start) } }
                    return starts
                })
        }
        var trains: [Train] = []
        var gradients: [Expression] = []
        for statement in program.statements {
            statement.walk { value in
                if case .train(let train) = value.kind { trains.append(train) }
                if case .call(let function, let arguments, _) = value.kind, case .name("grad") = function.kind,
                    let loss = arguments.first?.value
                {
                    gradients.append(loss)
                }
            }
        }
        for train in trains where !check.functionTrains.contains(train.head.start) { check.train(train) }
        check.byHand(program, gradients, trains)
        return check.found
    }

    private mutating func learn(_ statement: Statement) {
        switch statement.kind {
        case .layer(let definition): layers[definition.name.text] = definition
        case .function(let definition):
            if definition.role == .loss { losses.insert(definition.name.text) }
            handedOut[definition.name.text] = TrainingCheck.handedOut(definition)
            if let made = TrainingCheck.given(definition), isConstructed(made) { makers.insert(definition.name.text) }
        case .assign(let targets, let value):
            var items = [value]
            if targets.count > 1 {
                if case .bracket(let values) = value.kind {
                    items = values
                } else if case .call(let callee, _, _) = value.kind, case .name(let maker) = callee.kind {
                    items = handedOut[maker] ?? []
                }
                guard items.count == targets.count else { return }
            }
            for (target, item) in zip(targets, items) {
                guard case .name(let name) = target.kind else { continue }
                if values.updateValue(item, forKey: name) != nil { ambiguous.insert(name) }
            }
        default: break
        }
        for block in statement.blocks { for inner in block.statements { learn(inner) } }
        statement.walk { value in
            guard case .sweep(let sweep) = value.kind else { return }
            for inner in sweep.body.statements { learn(inner) }
        }
    }

    /// The value of a name, if the text assigns it once.
    func meaning(_ value: Expression, _ local: [String: Expression] = [:]) -> Expression {
        guard case .name(let name) = value.kind else { return value }
        return local[name] ?? values[name] ?? value
    }

    func place(_ span: Span) -> Diagnostic.Label { .init(Place(source, span)) }

    // MARK: Towers

    /// The stages that a net is made of, where the text tells.
    func stages(_ value: Expression, _ depth: Int = 0) -> [Stage]? {
        guard depth < 8 else { return nil }
        switch value.kind {
        case .compose(let left, let right):
            guard let first = stages(left, depth + 1), let second = stages(right, depth + 1) else { return nil }
            return first + second
        case .call(let function, _, _):
            guard case .name(let name) = function.kind else { return nil }
            return constructor(name, value.span, depth)
        case .name(let name):
            if let value = values[name] { return stages(value, depth + 1) }
            return constructor(name, value.span, depth)
        default: return nil
        }
    }

    private func constructor(_ name: String, _ span: Span, _ depth: Int) -> [Stage]? {
        if case .pipeline(let inner)? = layers[name]?.form { return stages(inner, depth + 1) }
        return [Stage(name: name, span: span)]
    }

    /// The layer that a net was made by a call of.
    func maker(_ name: String) -> String? {
        guard let value = values[name], case .call(let function, _, _) = value.kind,
            case .name(let maker) = function.kind,
            layers[maker] != nil || makers.contains(maker)
        else { return nil }
        return maker
    }

    private mutating func train(_ train: Train) {
        let nets = train.nets.compactMap { net -> String? in
            if case .name(let name) = net.kind { return name }
            return nil
        }
        let local = assigned(train.body.statements)
        var losses: [Expression] = []
        for statement in train.body.statements {
            if case .minimize(let value) = statement.kind { losses.append(value) }
        }
        if !losses.isEmpty { unreached(train) }
        if let wrong = train.miscounted(source) { found.append(wrong) }
        if let wrong = train.namelessReport(source) { found.append(wrong) }
        if let wrong = train.optimizerOfNet(source, isOwn: { values[$0] != nil || ambiguous.contains($0) }) {
            found.append(wrong)
        }
        if let wrong = train.optimizerOfNoCall(source, isOwn: { values[$0] != nil || ambiguous.contains($0) }) {
            found.append(wrong)
        }
        for loss in losses {
            guard let (measure, span) = train.slopelessNets(meaning(loss, local)) else { continue }
            found.append(
                Diagnostic(
                    .warning, code: "train.slopeless", "no gradient comes through \(measure), so nothing is learnt",
                    at: [place(span)], repair: train.slopeAdvice(measure)))
        }
        for loss in losses { unshared(loss, local) }
        // A net that is constructed again in each step is another fault.
        let made = train.namesMadeInBody
        unseen(
            nets, nets.count == train.nets.count,
            losses.flatMap { calls($0, local) }.filter { !made.contains($0.name) }, isRun: true)
        // Only what is compared is an embedding: a classifier may end as it likes.
        let compared = losses.reduce(into: Set<String>()) { $0.formUnion(embeddings($1, local)) }
        for net in nets where compared.contains(net) {
            if let value = values[net], let stages = stages(value) { behindEmbedding(net, stages) }
        }
        for loss in losses { margin(loss) }
    }

    /// A net named after `train` that nothing in the body uses.
    private mutating func unreached(_ train: Train) {
        guard var reached = inDefinitions else { return }
        for statement in train.body.statements {
            statement.walk { if case .name(let name) = $0.kind { reached.insert(name) } }
        }
        var waiting = Array(reached)
        while let name = waiting.popLast() {
            // Its contents are not known from the text.
            if ambiguous.contains(name) { return }
            guard let value = values[name] else { continue }
            if case .train = value.kind { continue }
            value.walk { if case .name(let inner) = $0.kind, reached.insert(inner).inserted { waiting.append(inner) } }
        }
        for net in train.nets {
            guard case .name(let name) = net.kind, !reached.contains(name), let made = values[name] else { continue }
            // A net made of others is reached where one of them is.
            var isShared = false
            made.walk {
                if case .name(let part) = $0.kind, values[part] != nil, reached.contains(part) { isShared = true }
            }
            if isShared { continue }
            found.append(
                Diagnostic(
                    .warning, code: "train.unreached",
                    "the loss does not depend on \(name): none of its weights gets a gradient", at: [place(net.span)],
                    repair: "use \(name) in the loss, or remove it from the list after train"))
        }
    }

    /// The names that statements give one value.
    private func assigned(_ statements: [Statement]) -> [String: Expression] {
        var found: [String: Expression] = [:]
        var twice: Set<String> = []
        for statement in statements {
            guard case .assign(let targets, let value) = statement.kind else { continue }
            var items = [value]
            if targets.count > 1 {
                guard case .bracket(let parts) = value.kind, parts.count == targets.count else { continue }
                items = parts
            }
            for (target, item) in zip(targets, items) {
                guard case .name(let name) = target.kind else { continue }
                if found.updateValue(item, forKey: name) != nil { twice.insert(name) }
            }
        }
        for name in twice { found[name] = nil }
        return found
    }

    /// The calls by a name in what a loss is made of, through names of the same body.
    func calls(_ loss: Expression, _ local: [String: Expression], _ depth: Int = 0) -> [(
        name: String, span: Span
    )] {
        var found: [(String, Span)] = []
        let apart = loss.detached
        loss.walk { inner in
            switch inner.kind {
            case .call(let function, _, _):
                if case .name(let name) = function.kind,
                    !apart.contains(where: { $0.start <= inner.span.start && inner.span.end <= $0.end })
                {
                    found.append((name, inner.span))
                }
            case .name(let name):
                if depth < 4, let value = local[name] { found += calls(value, local, depth + 1) }
            default: break
            }
        }
        return found
    }

    /// Functions that compare the embeddings of pairs; a user's `loss` is one too.
    static let comparisons: Set<String> = [
        "contrastive", "double_margin", "cosine_contrastive", "chopra", "triplet", "soft_margin_triplet", "euclidean",
        "squared", "cosine", "manhattan",
    ]

    /// The nets whose outputs a loss compares with one another: `contrastive(net(a), net(b), same)`, `supcon(net(x), y)`.
    func embeddings(_ loss: Expression, _ local: [String: Expression], _ depth: Int = 0) -> Set<String> {
        var found: Set<String> = []
        loss.walk { inner in
            if depth < 4, case .name(let name) = inner.kind, let value = local[name] {
                found.formUnion(embeddings(value, local, depth + 1))
            }
            guard case .call(let function, let arguments, _) = inner.kind, case .name(let name) = function.kind,
                TrainingCheck.comparisons.contains(name) || losses.contains(name)
                    || TrainingCheck.batchComparisons.contains(name)
            else { return }
            for argument in arguments {
                let applied = meaning(argument.value, local)
                if case .call(let net, _, _) = applied.kind, case .name(let name) = net.kind { found.insert(name) }
            }
        }
        return found
    }

    private static let batchComparisons = LossNames.ofBatches.union(LossNames.ofViews)
        .union(["alignment", "pairwise_euclidean"])

    /// A net in what is minimized that nothing trains.
    mutating func unseen(
        _ nets: [String], _ isWhole: Bool, _ calls: [(name: String, span: Span)], isRun: Bool
    ) {
        guard isWhole else { return }
        var reported: Set<String> = []
        for call in calls where !nets.contains(call.name) {
            guard let value = values[call.name], isNet(value), !isFrozen(call.name),
                !trainedSomewhere.contains(call.name), !isPart(call.name, of: nets),
                hasUntrained(value, nets), reported.insert(call.name).inserted
            else { continue }
            found.append(
                TrainingFaults.unseen(call.name, Place(source, call.span), nets: nets, isRun: isRun))
        }
    }

    func isNet(_ value: Expression) -> Bool {
        switch value.kind {
        case .compose: return true
        case .call(let function, _, _):
            guard case .name(let name) = function.kind else { return false }
            return layers[name] != nil || TrainingCheck.withWeights.contains(name)
        default: return false
        }
    }

    private static let withWeights: Set<String> = [
        "dense", "conv", "embedding", "gru", "attention", "arcface", "cosface", "sphereface", "proxy_nca",
        "proxy_anchor",
        "center_loss",
    ]

    /// Whether a pipeline has weights of its own, or a part by a name that is neither trained nor frozen.
    private func hasUntrained(_ value: Expression, _ nets: [String], _ depth: Int = 0) -> Bool {
        switch value.kind {
        case .compose(let left, let right):
            return hasUntrained(left, nets, depth) || hasUntrained(right, nets, depth)
        case .call(let function, _, _):
            guard case .name(let name) = function.kind else { return false }
            return layers[name] != nil || makers.contains(name) || TrainingCheck.withWeights.contains(name)
                || LayerNames.withWeights.contains(name)
        case .name(let name):
            guard depth < 8, !nets.contains(name), !isFrozen(name), !isPart(name, of: nets), let made = values[name]
            else { return false }
            return hasUntrained(made, nets, depth + 1)
        default: return false
        }
    }

    func isFrozen(_ name: String) -> Bool {
        source.text.contains("freeze(\(name)") || source.text.contains("freeze \(name)")
    }

    /// Whether one of the nets was made with this one inside.
    private func isPart(_ name: String, of nets: [String]) -> Bool {
        nets.contains { net in
            var isInside = false
            values[net]?.walk { if case .name(name) = $0.kind { isInside = true } }
            return isInside
        }
    }
}

/// Said by `check`, and by a run.
public enum TrainingFaults {
    /// A net in what is minimized that nothing trains.
    public static func unseen(_ name: String, _ place: Place, nets: [String], isRun: Bool) -> Diagnostic {
        Diagnostic(
            .warning, code: "train.unseen",
            "no optimizer updates the parameters of \(name)\(isRun ? " in this run" : "")", at: [.init(place)],
            notes: ["\(isRun ? "train" : "update") names \(nets.joined(separator: ", "))"],
            repair: isRun
                ? "train \((nets + [name]).joined(separator: ", ")) on ..., or freeze(\(name)) if it should stay fixed"
                : "update(opt, \(name), grad(l, \(name))), or freeze(\(name)) if it should stay fixed")
    }
}

extension Expression {
    /// The places of calls of detach, through which no gradient flows.
    public var detached: [Span] {
        var found: [Span] = []
        walk { e in
            guard case .call(let callee, _, _) = e.kind else { return }
            switch callee.kind {
            case .name("detach"): found.append(e.span)
            case .field(_, let name) where name.text == "detach": found.append(e.span)
            default: break
            }
        }
        return found
    }
}
