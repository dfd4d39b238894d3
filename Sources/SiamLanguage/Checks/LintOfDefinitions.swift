/// Layers and losses of the program that hardly mean what they say.
extension LintCheck {
    // MARK: Layers of the user's own

    /// `forward x { y = relu(body(x)) }`: a block that ends in no value gives none.
    mutating func forwardOfNothing(_ definition: LayerDefinition) {
        guard case .members(let members) = definition.form else { return }
        let states = members.compactMap { member -> String? in
            if case .state(let name, _, _) = member { name.text } else { nil }
        }
        inputUnused(definition, members)
        for case .forward(_, .block(let block)) in members {
            guard let last = block.statements.last else {
                add(
                    code: "forward.none", "forward of \(definition.name.text) gives nothing", at: [block.span],
                    repair: "its last line is its value")
                continue
            }
            var hasReturn = false
            for s in block.statements {
                s.walk { for b in $0.blocks { hasReturn = hasReturn || LintCheck.returns(b.statements) } }
            }
            guard !hasReturn, !LintCheck.returns(block.statements) else { continue }
            switch last.kind {
            case .assign(let targets, let value) where targets.count == 1:
                let name = text(targets[0])
                add(
                    code: "forward.none", "forward of \(definition.name.text) ends in an assignment, and gives nothing",
                    at: [last.span],
                    repair: states.contains(name)
                        ? "its last line is its value:  \(name)"
                        : "its last line is its value:  \(text(value))")
            case .expression(let e):
                guard let (name, given) = called(e), ["print", "show", "plot"].contains(name), let first = given.first
                else { continue }
                var value = first.value
                if case .field(let owner, _) = value.kind { value = owner }
                guard case .name(let result) = value.kind else { continue }
                add(
                    code: "forward.none", "forward of \(definition.name.text) ends in \(name), and gives nothing",
                    at: [last.span], repair: "its last line is its value:  \(result)")
            case .forIn, .whileLoop:
                add(
                    code: "forward.none", "forward of \(definition.name.text) ends in a loop, and gives nothing",
                    at: [Span(last.span.start, last.span.start + 5)], repair: "its last line is its value")
            default: continue
            }
        }
    }

    /// `forward x = relu(a(ones(4, 8)))`: what comes in is left lying.
    private mutating func inputUnused(_ definition: LayerDefinition, _ members: [LayerDefinition.Member]) {
        for case .forward(let inputs, let body) in members {
            guard inputs.count == 1, let x = inputs.first, !x.text.hasPrefix("_") else { continue }
            var isRead = false
            body.walk { if $0.kind == .name(x.text) { isRead = true } }
            guard !isRead else { continue }
            add(
                code: "forward.unused",
                "forward of \(definition.name.text) does not use its input \(x.text): every input gives the same",
                at: [x.span])
        }
    }

    private static func returns(_ statements: [Statement]) -> Bool {
        statements.contains { s in
            if case .returnValue = s.kind { return true }
            return s.blocks.contains { returns($0.statements) }
        }
    }

    // MARK: Losses of the user's own

    /// Distances of all pairs together, or over the pairs, where each pair's own is meant.
    mutating func ownLoss(_ definition: FunctionDefinition) {
        let names = definition.parameters.map(\.name.text)
        guard names.count >= 3, definition.role == .loss || names.contains("same"),
            let third = names.first(where: { ["same", "y", "label", "labels", "target"].contains($0) }),
            names.firstIndex(of: third).map({ $0 >= 2 }) ?? false
        else { return }
        func isDifference(_ e: Expression) -> Bool {
            var found = false
            e.walk {
                guard case .binary(.subtract, let l, let r, _) = $0.kind, case .name(let a) = l.kind,
                    case .name(let b) = r.kind
                else { return }
                if Set([a, b]) == Set(names.prefix(2)) { found = true }
            }
            return found
        }
        var hits: [(Expression, String, [Argument])] = []
        definition.body.walk { e in
            if let (name, given) = self.called(e), ["norm", "sum", "mean", "max"].contains(name),
                let first = given.first, isDifference(first.value)
            {
                hits.append((e, name, given))
            }
        }
        for (e, name, given) in hits {
            let axis = given.first { $0.name?.text == "axis" } ?? (given.count > 1 ? given[1] : nil)
            if name == "norm", axis == nil {
                let inner = text(given[0].value)
                add(
                    code: "loss.axis", "norm without an axis is one number for all pairs together", at: [e.span],
                    repair: "one for each pair:  norm(\(inner), axis = -1)",
                    edits: [.init(Place(source, e.span), "norm(\(inner), axis = -1)")])
            } else if name != "norm", axis == nil, weighs(e, by: third, in: definition.body) {
                let inner = text(given[0].value)
                add(
                    code: "loss.axis", "\(name) without an axis is one number for all pairs together", at: [e.span],
                    repair: "one for each pair:  \(name)(\(inner), axis = -1)",
                    edits: [.init(Place(source, e.span), "\(name)(\(inner), axis = -1)")])
            } else if name != "norm", let axis, axis.value.plainNumber == 0 {
                add(
                    code: "loss.axis",
                    "axis 0 runs over the pairs: \(name) gives a number for each coordinate instead of each pair",
                    at: [e.span], repair: "one for each pair:  axis = -1",
                    edits: [.init(Place(source, axis.value.span), "-1")])
            }
        }
    }

    /// Whether a distance is multiplied by the labels of the pairs: by its name, or as it stands.
    private func weighs(_ distance: Expression, by label: String, in body: Body) -> Bool {
        var names: Set<String> = []
        if case .block(let block) = body {
            for case .assign(let targets, let value) in block.statements.map(\.kind) where targets.count == 1 {
                guard value.span.start <= distance.span.start, distance.span.end <= value.span.end,
                    case .name(let name) = targets[0].kind
                else { continue }
                names.insert(name)
            }
        }
        var found = false
        body.walk { e in
            guard case .binary(.multiply, let l, let r, _) = e.kind else { return }
            let (a, b) = (LintCheck.names(in: l), LintCheck.names(in: r))
            for (one, other, side) in [(a, b, r), (b, a, l)] where one.contains(label) {
                let holds = side.span.start <= distance.span.start && distance.span.end <= side.span.end
                if holds || !other.isDisjoint(with: names) { found = true }
            }
        }
        return found
    }
}
