/// Inputs and labels that are put into two orders, so that no row keeps its own label.
extension LintCheck {
    /// `x = x[permutation(n)]` and `y = y[permutation(n)]`: two orders, so that no row has its own label any more. Only of
    /// names that are given their own rows again and are then used side by side.
    mutating func shuffledApart(_ statements: [Statement]) {
        var shuffled: [(name: String, span: Span)] = []
        var other: Set<String> = []
        var used: [Set<String>] = []
        for s in statements {
            if case .assign(let targets, let value) = s.kind, targets.count == 1,
                case .name(let name) = targets[0].kind,
                case .index(let owner, let places) = value.kind, owner.kind == .name(name), places.count == 1
            {
                if let (word, _) = called(places[0]), word == "permutation" {
                    shuffled.append((name, value.span))
                } else {
                    other.insert(name)
                }
                continue
            }
            guard !shuffled.isEmpty else { continue }
            s.walk { e in
                guard let (word, given) = self.called(e), given.count > 1,
                    word == "dataset" || word == "batches" || LossNames.ofTargets.contains(word)
                        || LossNames.ofBatches.contains(word)
                else { return }
                used.append(given.prefix(2).reduce(into: []) { $0.formUnion(LintCheck.names(in: $1.value)) })
            }
        }
        guard let (x, span) = shuffled.first else { return }
        let second = shuffled.dropFirst().first { y in
            y.name != x && used.contains { $0.contains(x) && $0.contains(y.name) }
        }
        // One order alone is as wrong, where the other name keeps the order that it was made in.
        let alone = used.compactMap { names -> String? in
            guard names.contains(x), names.count == 2, let y = names.first(where: { $0 != x }), values[y] != nil,
                !other.contains(y), !shuffled.contains(where: { $0.name == y })
            else { return nil }
            return y
        }.first
        guard let y = second?.name ?? (shuffled.count == 1 ? alone : nil) else {
            return
        }
        add(
            code: "data.shuffled",
            second != nil
                ? "\(x) and \(y) are shuffled by two permutations: no row keeps its label"
                : "\(x) is shuffled and \(y) is not: no row keeps its label",
            at: [second?.span ?? span],
            repair: "one permutation for both:  p = permutation(len(\(x))); \(x) = \(x)[p]; \(y) = \(y)[p]")
    }

    /// A call that brings rows into a new order.
    private struct Drawn {
        /// The data set whose inputs or targets these are.
        let set: String
        let field: String
        let word: String
        let part: Int
        let call: Span
        /// The names on the left, and what is given behind the data.
        let names: [String]
        let rest: String
        /// The places that rows are taken by, where it is no call that draws.
        var order: String?
    }

    /// `x, held_x = split(d.x, 0.8)` and `y, held_y = split(d.y, 0.8)`; `x = shuffle(d.x)` beside `d.y`.
    mutating func orderedApart(_ statements: [Statement]) {
        var drawn: [String: Drawn] = [:]
        for (k, s) in statements.enumerated() {
            guard case .assign(let targets, let value) = s.kind, let (word, given) = called(value),
                word == "split" || word == "shuffle", let first = given.first,
                given.count(where: { $0.name == nil && $0.value.plainNumber == nil }) == 1,
                !given.contains(where: { ["by", "axis"].contains($0.name?.text ?? "") }),
                case .field(let owner, let field) = first.value.kind, case .name(let set) = owner.kind,
                field.text == "x" || field.text == "y"
            else { continue }
            // With the same seed before each of them the order is the same.
            if k > 0, isSeed(statements[k - 1]) { return }
            let names = targets.map { text($0) }
            let rest = given.dropFirst().map { ", " + $0.text(in: source) }.joined()
            for (place, name) in names.enumerated() {
                drawn[name] =
                    drawn[name] == nil
                    ? Drawn(
                        set: set, field: field.text, word: word, part: place, call: value.span, names: names, rest: rest
                    )
                    : nil
            }
        }
        // `x = d.x[permutation(n)]` is an order of its own, `d.x[p]` that of p.
        for s in statements {
            guard case .assign(let targets, let value) = s.kind, targets.count == 1,
                case .name(let name) = targets[0].kind,
                case .index(let whole, let places) = value.kind, places.count == 1,
                case .field(let owner, let field) = whole.kind, case .name(let set) = owner.kind,
                field.text == "x" || field.text == "y", let order = order(places[0])
            else { continue }
            drawn[name] =
                drawn[name] == nil
                ? Drawn(
                    set: set, field: field.text, word: "shuffle", part: 0, call: value.span, names: [name], rest: "",
                    order: order) : nil
        }
        guard !drawn.isEmpty else { return }
        var hit: (x: Drawn, y: Drawn?, place: Span, names: (String, String))?
        for s in statements {
            s.walk { e in
                guard hit == nil, let (word, given) = self.called(e), given.count > 1,
                    word == "dataset" || word == "batches" || LintCheck.measures.contains(word)
                        || LossNames.ofTargets.contains(word) || LossNames.ofBatches.contains(word)
                else { return }
                func side(_ e: Expression) -> String? {
                    var e = e
                    if let (_, to) = self.applied(e) { e = to }
                    guard case .name(let name) = e.kind else { return nil }
                    return name
                }
                guard let x = side(given[0].value), let first = drawn[x] else { return }
                if let y = side(given[1].value), let second = drawn[y], second.rest == first.rest,
                    second.set == first.set,
                    second.field != first.field, second.word == first.word, second.part == first.part,
                    first.order == nil || first.order != second.order
                {
                    hit = (first, second, e.span, (x, y))
                }
                if first.word == "shuffle", case .field(let owner, let field) = given[1].value.kind,
                    owner.kind == .name(first.set), field.text != first.field
                {
                    hit = (first, nil, e.span, (x, self.text(given[1].value)))
                }
            }
        }
        guard let hit else { return }
        let (x, y) = (hit.x, hit.y)
        let names = (x.names + (y?.names ?? [])).joined(separator: ", ")
        add(
            code: "data.shuffled",
            y == nil
                ? x.order == nil
                    ? "\(hit.names.0) is shuffled and \(hit.names.1) is not: no row keeps its label"
                    : "\(hit.names.0) has another order than \(hit.names.1): no row keeps its label"
                : x.word == "split"
                    ? "\(hit.names.0) and \(hit.names.1) come from two calls of split, and each draws its own rows"
                    : "\(hit.names.0) and \(hit.names.1) are shuffled by two calls: no row keeps its label",
            at: [y?.call ?? x.call, x.call],
            repair: y == nil && x.order != nil && x.order?.first?.isNumber == false
                ? "the same places for both:  \(hit.names.1)[\(x.order ?? "")]"
                : x.order != nil
                    ? "one order for both:  p = permutation(len(\(x.set).x)),  \(x.set).x[p],  \(x.set).y[p]"
                    : y == nil
                        ? "one order for both:  x, y = shuffle(\(x.set).x, \(x.set).y)"
                        : "one call for both:  \(names) = \(x.word)(\(x.set).\(x.field), \(x.set).\(y?.field ?? "y")\(x.rest))"
        )
    }

    /// Places in another order than the rows have: `permutation(n)`, or what a name was given; nil for any others.
    private func order(_ places: Expression) -> String? {
        switch places.kind {
        case .name(let name):
            guard let value = values[name], let (word, _) = called(value), ["permutation", "argsort"].contains(word)
            else { return nil }
            return name
        case .call:
            guard let (word, given) = called(places) else { return nil }
            if word == "range", given.count == 3, (given[2].value.plainNumber ?? 0) < 0 { return text(places) }
            // Each call draws anew.
            return word == "permutation" ? "\(places.span.start)" : word == "argsort" ? text(places) : nil
        default: return nil
        }
    }

    private func isSeed(_ s: Statement) -> Bool {
        guard case .expression(let e) = s.kind, case .call(let callee, _, _) = e.kind else { return false }
        return callee.kind == .name("seed")
    }
}
