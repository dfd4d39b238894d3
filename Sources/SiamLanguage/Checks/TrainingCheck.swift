/// Faults of training that stand in the text: towers that share nothing, what stands behind the embedding, margins out of
/// reach, a swapped convention of labels, the slope of a root at 0, nets that no optimizer sees.
struct TrainingCheck {
    struct Stage {
        var name: String
        var span: Span
    }

    let source: Source
    var layers: [String: LayerDefinition] = [:]
    /// The one value that a name is ever given; nothing for a name given two.
    var values: [String: Expression] = [:]
    var ambiguous: Set<String> = []
    var found: [Diagnostic] = []

    static func run(_ program: Program) -> [Diagnostic] {
        var check = TrainingCheck(source: program.source)
        for statement in program.statements { check.learn(statement) }
        for name in check.ambiguous { check.values[name] = nil }
        for statement in program.statements {
            check.definition(statement)
            var trains: [Train] = []
            statement.walk { if case .train(let train) = $0.kind { trains.append(train) } }
            for train in trains { check.train(train) }
        }
        return check.found
    }

    private mutating func learn(_ statement: Statement) {
        switch statement.kind {
        case .layer(let definition): layers[definition.name.text] = definition
        case .assign(let targets, let value):
            var items = [value]
            if targets.count > 1 {
                guard case .bracket(let values) = value.kind, values.count == targets.count else { return }
                items = values
            }
            for (target, item) in zip(targets, items) {
                guard case .name(let name) = target.kind else { continue }
                if values.updateValue(item, forKey: name) != nil { ambiguous.insert(name) }
            }
        default: break
        }
        statement.walk { value in
            guard case .sweep(let sweep) = value.kind else { return }
            for inner in sweep.body.statements { learn(inner) }
        }
    }

    private func place(_ span: Span) -> Diagnostic.Label { .init(Place(source, span)) }

    // MARK: Towers

    /// The stages that a net is made of, where the text tells.
    private func stages(_ value: Expression, _ depth: Int = 0) -> [Stage]? {
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
    private func maker(_ name: String) -> String? {
        guard let value = values[name], case .call(let function, _, _) = value.kind,
            case .name(let maker) = function.kind,
            layers[maker] != nil
        else { return nil }
        return maker
    }

    private mutating func train(_ train: Train) {
        let nets = train.nets.compactMap { net -> String? in
            if case .name(let name) = net.kind { return name }
            return nil
        }
        var calls: [(name: String, span: Span, loss: Span)] = []
        var losses: [Expression] = []
        for statement in train.body.statements {
            guard case .minimize(let value) = statement.kind else { continue }
            losses.append(value)
            value.walk { inner in
                if case .call(let function, _, _) = inner.kind, case .name(let name) = function.kind {
                    calls.append((name, inner.span, value.span))
                }
            }
        }
        unshared(nets, losses)
        unseen(train, nets, calls)
        for net in nets { if let value = values[net], let stages = stages(value) { behindEmbedding(net, stages) } }
        for loss in losses { margin(loss) }
    }

    /// `contrastive(f(a), g(b), same)`, f and g being two calls of one constructor.
    private mutating func unshared(_ nets: [String], _ losses: [Expression]) {
        for loss in losses {
            guard case .call(_, let arguments, _) = loss.kind else { continue }
            let used = arguments.compactMap { argument -> (String, Span)? in
                guard case .call(let function, _, _) = argument.value.kind, case .name(let name) = function.kind,
                    nets.contains(name)
                else { return nil }
                return (name, argument.value.span)
            }
            guard let first = used.first, let second = used.first(where: { $0.0 != first.0 }),
                let maker = maker(first.0), self.maker(second.0) == maker
            else { continue }
            found.append(
                Diagnostic(
                    .warning, code: "towers.unshared",
                    "\(first.0) and \(second.0) are two towers that share nothing: one image gets two embeddings",
                    at: [place(second.1), place(first.1)],
                    notes: ["both were made by calls of \(maker); two calls of one constructor share nothing"],
                    repair: "one tower for both:  \(first.0)(...) on both sides, and train \(first.0)"))
        }
    }

    /// A net in what is minimized that the run does not train.
    private mutating func unseen(_ train: Train, _ nets: [String], _ calls: [(name: String, span: Span, loss: Span)]) {
        guard nets.count == train.nets.count else { return }
        var reported: Set<String> = []
        for call in calls where !nets.contains(call.name) {
            guard let value = values[call.name], isNet(value), !isFrozen(call.name), !isPart(call.name, of: nets),
                reported.insert(call.name).inserted
            else { continue }
            found.append(
                Diagnostic(
                    .warning, code: "train.unseen", "no optimizer sees the parameters of \(call.name) in this run",
                    at: [place(call.span)], notes: ["train names \(nets.joined(separator: ", "))"],
                    repair:
                        "train \((nets + [call.name]).joined(separator: ", ")) on ..., or freeze(\(call.name)) if it is meant to stay"
                ))
        }
    }

    private func isNet(_ value: Expression) -> Bool {
        switch value.kind {
        case .compose: return true
        case .call(let function, _, _):
            guard case .name(let name) = function.kind else { return false }
            return layers[name] != nil || name == "dense" || name == "conv"
        default: return false
        }
    }

    private func isFrozen(_ name: String) -> Bool {
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

    private static let activations: Set<String> = ["relu", "sigmoid", "tanh", "elu", "gelu", "leaky_relu", "softplus"]

    private mutating func behindEmbedding(_ net: String, _ stages: [Stage]) {
        guard let last = stages.lastIndex(where: { $0.name == "dense" }) else { return }
        for stage in stages[(last + 1)...] {
            if stage.name == "dropout" {
                found.append(
                    Diagnostic(
                        .warning, code: "embedding.dropout",
                        "dropout behind the last dense drops parts of the embedding itself", at: [place(stage.span)],
                        notes: ["two embeddings of one image then differ in training, and distances are noise"],
                        repair: "put it before the last dense:  relu >> dropout(0.2) >> dense(dim)"))
            } else if TrainingCheck.activations.contains(stage.name) {
                found.append(
                    Diagnostic(
                        .note, code: "embedding.activation",
                        "\(net) ends in \(stage.name): the embedding lies in a part of the space only",
                        at: [place(stage.span)]))
            }
        }
    }

    /// The largest distance of two embeddings that a last stage leaves.
    private static func reach(_ stage: String) -> Double? {
        switch stage {
        case "l2norm": 2
        case "softmax": 1.4143
        default: nil
        }
    }

    private mutating func margin(_ loss: Expression) {
        guard case .call(let function, let arguments, _) = loss.kind, case .name(let name) = function.kind,
            name == "contrastive" || name == "triplet",
            let margin = arguments.first(where: { $0.name?.text == "margin" })?.value,
            case .number(let value, let written) = margin.kind
        else { return }
        for argument in arguments {
            guard case .call(let function, _, _) = argument.value.kind, case .name(let net) = function.kind,
                let made = values[net], let last = stages(made)?.last, let reach = TrainingCheck.reach(last.name),
                value > reach
            else { continue }
            found.append(
                Diagnostic(
                    .warning, code: "margin.reach",
                    "margin = \(written) cannot be reached: \(net) ends in \(last.name), and distances then lie between 0 and \(formatNumber((reach * 100).rounded() / 100))",
                    at: [place(margin.span)]))
            return
        }
    }

    // MARK: Definitions

    private mutating func definition(_ statement: Statement) {
        guard case .function(let definition) = statement.kind else { return }
        if definition.role == .loss, definition.parameters.contains(where: { $0.name.text == "same" }) {
            swapped(definition)
        }
        var roots: [Span] = []
        definition.body.walk { value in
            if let span = TrainingCheck.bareRoot(value) { roots.append(span) }
        }
        for span in roots {
            found.append(
                Diagnostic(
                    .warning, code: "distance.root", "the slope of sqrt is infinite where a distance is 0",
                    at: [place(span)],
                    repair: "keep away from 0:  sqrt(... + 1e-12), or euclidean(a, b), which does"))
        }
    }

    /// `sqrt(sum((a - b)^2))` with nothing added; the span of the word.
    private static func bareRoot(_ value: Expression) -> Span? {
        guard case .call(let function, let arguments, _) = value.kind else { return nil }
        let inner: Expression
        let span: Span
        switch function.kind {
        case .name("sqrt"):
            guard let first = arguments.first else { return nil }
            (inner, span) = (first.value, function.span)
        case .field(let owner, let name) where name.text == "sqrt" && arguments.isEmpty:
            (inner, span) = (owner, name.span)
        default: return nil
        }
        guard case .call(let reduction, let reduced, _) = inner.kind else { return nil }
        let summed: Expression?
        switch reduction.kind {
        case .name("sum"), .name("mean"): summed = reduced.first?.value
        case .field(let owner, let name) where name.text == "sum" || name.text == "mean": summed = owner
        default: summed = nil
        }
        guard case .binary(.power, _, let exponent, _)? = summed?.kind, case .number(2, _) = exponent.kind else {
            return nil
        }
        return span
    }

    /// `same * relu(margin - d)^2 + (1 - same) * d^2`: the hinge belongs to the dissimilar pairs.
    private mutating func swapped(_ definition: FunctionDefinition) {
        var hits: [Span] = []
        definition.body.walk { value in
            guard case .binary(.add, let left, let right, _) = value.kind else { return }
            for (one, other) in [(left, right), (right, left)] {
                if TrainingCheck.isWeighted(one, bySame: true), TrainingCheck.holdsHinge(one),
                    TrainingCheck.isWeighted(other, bySame: false), !TrainingCheck.holdsHinge(other)
                {
                    hits.append(one.span)
                }
            }
        }
        guard let span = hits.first else { return }
        found.append(
            Diagnostic(
                .warning, code: "labels.swapped",
                "similar pairs are pushed apart here: the hinge stands with same, which is 1 for a similar pair",
                at: [place(span)],
                repair: "the hinge belongs to 1 - same:  same * d^2 + (1 - same) * relu(margin - d)^2"))
    }

    private static func isWeighted(_ value: Expression, bySame: Bool) -> Bool {
        guard case .binary(.multiply, let left, let right, _) = value.kind else { return false }
        for factor in [left, right] {
            if bySame, case .name("same") = factor.kind { return true }
            if !bySame, case .binary(.subtract, let one, let same, _) = factor.kind, case .number(1, _) = one.kind,
                case .name("same") = same.kind
            {
                return true
            }
            if isWeighted(factor, bySame: bySame) { return true }
        }
        return false
    }

    private static func holdsHinge(_ value: Expression) -> Bool {
        var holds = false
        value.walk { inner in
            guard case .call(let function, let arguments, _) = inner.kind, case .name(let name) = function.kind,
                name == "relu" || name == "max"
            else { return }
            for argument in arguments {
                if case .binary(.subtract, let left, _, _) = argument.value.kind, case .name(let margin) = left.kind,
                    margin.contains("margin") || margin == "m"
                {
                    holds = true
                }
            }
        }
        return holds
    }
}
