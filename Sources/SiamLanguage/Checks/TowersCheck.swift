/// Two towers where one was meant: made alike, by two calls of a constructor or of a function, or behind one base.
extension TrainingCheck {
    /// What a function ends in, and what its own names stand for.
    private static func ending(_ definition: FunctionDefinition) -> (last: Expression, own: [String: Expression])? {
        var last: Expression
        var own: [String: Expression] = [:]
        switch definition.body {
        case .expression(let e): last = e
        case .block(let block):
            for case .assign(let targets, let value) in block.statements.map(\.kind) where targets.count == 1 {
                if case .name(let name) = targets[0].kind { own[name] = value }
            }
            switch block.statements.last?.kind {
            case .expression(let e)?, .returnValue(let e?)?: last = e
            default: return nil
            }
        }
        if case .name(let name) = last.kind, let made = own[name] { last = made }
        return (last, own)
    }

    static func given(_ definition: FunctionDefinition) -> Expression? { ending(definition)?.last }

    /// Whether stages with weights are constructed where an expression stands.
    func isConstructed(_ e: Expression) -> Bool {
        switch e.kind {
        case .compose(let a, let b): return isConstructed(a) || isConstructed(b)
        case .call(let callee, _, _):
            if case .name(let name) = callee.kind {
                return LayerNames.withWeights.contains(name) || layers[name] != nil
            }
            return false
        default: return false
        }
    }

    /// The items of the list that a function ends in, with what its own names stand for.
    static func handedOut(_ definition: FunctionDefinition) -> [Expression]? {
        guard let (last, own) = ending(definition), case .bracket(let items) = last.kind else { return nil }
        // One net that is handed out twice is shared.
        let names = items.compactMap { if case .name(let name) = $0.kind { name } else { nil } }
        guard Set(names).count == names.count else { return nil }
        return items.map { item in
            guard case .name(let name) = item.kind, let made = own[name] else { return item }
            return made
        }
    }

    /// `contrastive(f(a), g(b), same)`, f and g being two towers made alike.
    mutating func unshared(_ loss: Expression, _ local: [String: Expression]) {
        var found: [(maker: String, first: (String, Span), second: (String, Span), base: String?)] = []
        func look(_ value: Expression, _ depth: Int) {
            value.walk { inner in
                if depth < 4, case .name(let name) = inner.kind, let value = local[name] { look(value, depth + 1) }
                guard case .call(let function, let arguments, _) = inner.kind, case .name(let name) = function.kind,
                    TrainingCheck.comparisons.contains(name) || losses.contains(name)
                else { return }
                var used: [(tower: Tower, text: String, span: Span)] = []
                var inputs: Set<String> = []
                for argument in arguments {
                    let applied = meaning(argument.value, local)
                    guard case .call(let net, let given, _) = applied.kind, let tower = tower(net) else { continue }
                    // A teacher that stays as it is, and two nets of one input, are no two sides of a pair.
                    if case .name(let name) = net.kind, isFrozen(name) { return }
                    guard inputs.insert(given.map { $0.text(in: source) }.joined(separator: ", ")).inserted else {
                        return
                    }
                    used.append((tower, source.text(net.span), argument.value.span))
                }
                guard let first = used.first else { return }
                for other in used.dropFirst() where other.tower.maker == first.tower.maker {
                    if first.tower.isNew || other.text != first.text, !first.tower.isShared {
                        found.append(
                            (
                                first.tower.maker, (first.text, first.span), (other.text, other.span),
                                first.tower.base
                            ))
                        return
                    }
                }
            }
        }
        look(loss, 0)
        // A hand-written loss is found again in the gradient of each tower.
        guard let (maker, first, second, base) = found.first, saidTowers.insert(second.1.start).inserted else { return }
        let isNew = first.0 == second.0
        self.found.append(
            Diagnostic(
                .warning, code: "towers.unshared",
                isNew
                    ? "each \(first.0) constructs a new tower: the two sides share no weights, and nothing is trained"
                    : base.map {
                        "\(first.0) and \(second.0) share \($0), and what follows it is made twice: one image gets two embeddings"
                    }
                        ?? "\(first.0) and \(second.0) are two towers without shared weights: one image gets two embeddings",
                at: [place(second.1), place(first.1)],
                notes: [
                    layers[maker] != nil || makers.contains(maker)
                        ? "both are calls of \(maker); two calls of a \(layers[maker] == nil ? "function" : "constructor") give separate weights"
                        : "both are  \(maker), written twice"
                ],
                repair: isNew
                    ? "one tower for both, before the training:  net = \(first.0), then train net with net(...) on both sides"
                    : "one tower for both:  \(first.0)(...) on both sides, and train \(first.0)"))
    }

    private struct Tower {
        /// The constructor, or the text of the pipeline.
        var maker: String
        /// Made where it is called.
        var isNew: Bool
        /// Whether all that stands in the pipeline is the same for both: nets that have a name, and stages without weights.
        var isShared = false
        /// A net with a name that both begin with.
        var base: String?
    }

    /// `base >> relu`: nothing in it is constructed anew but stages without weights.
    private func isShared(_ value: Expression) -> Bool {
        switch value.kind {
        case .compose(let left, let right): return isShared(left) && isShared(right)
        case .name(let name): return values[name] != nil || layers[name] == nil
        case .call(let function, _, _):
            guard case .name(let name) = function.kind else { return false }
            return TrainingCheck.withoutWeights.contains(name) && layers[name] == nil
        default: return false
        }
    }

    private static let withoutWeights = activations.union([
        "flatten", "l2norm", "dropout", "maxpool", "avgpool", "globalpool",
    ])

    private func tower(_ net: Expression) -> Tower? {
        switch net.kind {
        case .name(let name):
            if let maker = maker(name) { return Tower(maker: maker, isNew: false) }
            guard let value = values[name], case .compose = value.kind else { return nil }
            var first = value
            while case .compose(let head, _) = first.kind { first = head }
            var base: String?
            if case .name(let name) = first.kind, let made = values[name], isNet(made) { base = name }
            return Tower(maker: source.text(value.span), isNew: false, isShared: isShared(value), base: base)
        case .call(let function, _, _):
            guard case .name(let name) = function.kind, layers[name] != nil || makers.contains(name) else {
                return nil
            }
            return Tower(maker: name, isNew: true)
        default: return nil
        }
    }
}
