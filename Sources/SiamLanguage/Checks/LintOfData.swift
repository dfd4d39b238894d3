/// Data that a run or a measure does not look at as it is meant: batches that nothing reads, a held-out part that judges nothing.
extension LintCheck {
    /// `train net on batches(seen, 32) as x, y ... { minimize cross_entropy(net(seen.x), seen.y) }`: the batches are drawn and
    /// left lying.
    mutating func unread(_ train: Train, _ minimized: [Expression]) {
        guard let (sampler, given) = called(train.source), ["batches", "pairs", "triplets"].contains(sampler) else {
            return
        }
        let names = train.boundNames
        let read = LintCheck.names(in: train.body.statements)
        guard read.isDisjoint(with: names), readInside.isDisjoint(with: names), !names.isEmpty else { return }
        if drawnBefore(train, minimized, names) { return }
        guard case .name(let drawn)? = given.first?.value.kind else { return }
        let set = minimizedSet(minimized) ?? drawn
        var places: [(span: Span, part: String)] = []
        for s in train.body.statements {
            s.walk { e in
                guard case .field(let owner, let field) = e.kind, owner.kind == .name(set),
                    field.text == "x" || field.text == "y"
                else { return }
                places.append((e.span, field.text))
            }
        }
        guard
            places.contains(where: { p in
                minimized.contains { $0.span.start <= p.span.start && p.span.end <= $0.span.end }
            })
        else { return }
        let isPlain = sampler == "batches" && names.count == 2
        let edits = places.map { Diagnostic.Edit(Place(source, $0.span), $0.part == "x" ? names[0] : names.last ?? "") }
        var right: String?
        if isPlain, let loss = minimized.first, minimized.count == 1 {
            var written = ""
            var at = loss.span.start
            for p in places.sorted(by: { $0.span.start < $1.span.start })
            where p.span.start >= at && p.span.end <= loss.span.end {
                written += source.text(Span(at, p.span.start)) + (p.part == "x" ? names[0] : names[1])
                at = p.span.end
            }
            right = "minimize \(written)\(source.text(Span(at, loss.span.end)))"
        }
        add(
            code: "batch.unread",
            "nothing here uses the batch, \(names.joined(separator: ", ")): every step computes the loss of all of \(set)",
            at: [
                train.names.first.map { Span($0.span.start, train.names.last?.span.end ?? $0.span.end) }
                    ?? train.source.span
            ],
            repair: right.map { "of this step's batch:  \($0)" }, edits: right == nil ? [] : edits)
    }

    /// The one data set whose inputs and targets a loss looks at: of `cross_entropy(net(unseen.x), unseen.y)` it is unseen.
    private func minimizedSet(_ minimized: [Expression]) -> String? {
        var sets: Set<String> = []
        for loss in minimized {
            loss.walk { e in
                if case .field(let owner, let field) = e.kind, case .name(let set) = owner.kind,
                    field.text == "x" || field.text == "y"
                {
                    sets.insert(set)
                }
            }
        }
        return sets.count == 1 ? sets.first : nil
    }

    /// `a, b, same = pairs(d, 32).next()` before a run whose own batches nothing reads.
    private mutating func drawnBefore(_ train: Train, _ minimized: [Expression], _ names: [String]) -> Bool {
        guard minimized.count == 1, let loss = minimized.first else { return false }
        let read = LintCheck.names(in: loss)
        for list in lists {
            for case .assign(let targets, let value) in list.map(\.kind) {
                let drawn = targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
                guard drawn.count == names.count, case .call(let callee, _, _) = value.kind,
                    case .field(_, let next) = callee.kind, next.text == "next", read.isSuperset(of: drawn)
                else { continue }
                let place = train.names.first.map { Span($0.span.start, train.names.last?.span.end ?? $0.span.end) }
                let edits = place.map { [Diagnostic.Edit(Place(source, $0), drawn.joined(separator: ", "))] } ?? []
                add(
                    code: "batch.unread",
                    "nothing here uses the batch, \(names.joined(separator: ", ")): every step computes the loss of one batch that was drawn before",
                    at: [place ?? train.source.span, value.span],
                    repair:
                        "to use each step's batch, name its parts as the loss does:  as \(drawn.joined(separator: ", "))",
                    edits: edits)
                return true
            }
        }
        return false
    }

    /// `seen, unseen = split(d, 0.8)`, a net trained on `seen` and judged by it, and nothing that looks at `unseen`.
    mutating func unjudged(_ statements: [Statement], _ learnt: Set<String>, _ judged: [String: Span]) {
        let read = statements.reduce(into: Set<String>()) { all, s in
            switch s.kind {
            case .assign(_, let value): value.walk { if case .name(let name) = $0.kind { all.insert(name) } }
            default: all.formUnion(LintCheck.names(in: [s]))
            }
        }
        for s in statements {
            guard case .assign(let targets, let value) = s.kind, targets.count == 2, let (word, _) = called(value),
                word == "split" || word == "split_classes", case .name(let first) = targets[0].kind,
                case .name(let second) = targets[1].kind, !second.hasPrefix("_"), !read.contains(second),
                learnt.contains(first), let place = judged[first], let whole = measure(place, statements)
            else { continue }
            var names: [Span] = []
            whole.walk { if $0.kind == .name(first) { names.append($0.span) } }
            add(
                code: "data.shared", "\(first) is what the net was trained on, and nothing looks at \(second)",
                at: [place], repair: "the part that it has not seen:  \(second)",
                edits: names.map { .init(Place(source, $0), second) })
        }
    }

    /// The call of a measure that holds a place; nil where it is minimized.
    private func measure(_ place: Span, _ statements: [Statement]) -> Expression? {
        var found: Expression?
        for s in statements {
            s.walk { e in
                guard let (name, _) = self.called(e), LintCheck.measures.contains(name), e.span.start <= place.start,
                    place.end <= e.span.end
                else { return }
                found = found ?? e
            }
        }
        for train in trains {
            for case .minimize(let loss) in train.body.statements.map(\.kind)
            where loss.span.start <= place.start && place.end <= loss.span.end { return nil }
        }
        return found
    }
}
