import SiamLanguage

/// Two things that change places: operands, arguments, names, statements.
extension SingleEdits {
    /// Two statements of a block that follow one another, on lines of their own, change places.
    mutating func exchange(statements block: Block) {
        guard isInside else { return }
        for (a, b) in zip(block.statements, block.statements.dropFirst()) {
            exchange([a.span, b.span], as: .sequence)
        }
    }

    /// Two neighbours in the text change places.
    mutating func exchange(_ spans: [Span], as kind: SingleEdit.Kind = .order) {
        for k in spans.indices.dropFirst() {
            let (a, b) = (spans[k - 1], spans[k])
            guard a.end <= b.start, text(a) != text(b) else { continue }
            add(kind, Span(a.start, b.end), text(b) + text(a.end, b.start) + text(a))
        }
    }

    /// Of `s * a + (1 - s) * b` the two shares change places.
    mutating func exchangeShares(_ e: Expression) {
        var rests: [(whole: Span, share: String)] = []
        e.walk { x in
            if case .binary(.subtract, let one, let share, _) = x.kind, case .number(1, _) = one.kind {
                rests.append((x.span, text(share.span)))
            }
        }
        for (k, share) in rests.map(\.share).enumerated() where !rests[..<k].contains(where: { $0.share == share }) {
            let own = rests.filter { $0.share == share }.map(\.whole)
            var others: [Span] = []
            e.walk { x in
                if text(x.span) == share, !own.contains(where: { $0.start <= x.span.start && x.span.end <= $0.end }) {
                    others.append(x.span)
                }
            }
            guard !others.isEmpty else { continue }
            let edits =
                own.map { replacing($0, "(\(share))") } + others.map { replacing($0, "(1 - (\(share)))") }
            let one = brief(share)
            all.append(
                SingleEdit(
                    kind: .order, edits: edits, label: "\(one) and 1 - \(one) exchanged in \(brief(text(e.span)))"))
        }
    }

    /// Two variables of the same function, loop or training take each other's places in all of an expression.
    mutating func exchangeNames(_ e: Expression) {
        var places: [String: [Span]] = [:]
        var order: [String] = []
        e.walk { x in
            guard case .name(let n) = x.kind, scope.contains(n), !labels.contains(n) else { return }
            if places[n] == nil { order.append(n) }
            places[n, default: []].append(x.span)
        }
        guard order.count > 1, order.count < 4 else { return }
        for (k, a) in order.enumerated() {
            for b in order[(k + 1)...] {
                let edits =
                    (places[a] ?? []).map { replacing($0, b) } + (places[b] ?? []).map { replacing($0, a) }
                all.append(
                    SingleEdit(kind: .name, edits: edits, label: "\(a) and \(b) exchanged in \(brief(text(e.span)))"))
            }
        }
    }

    /// `(a - b) / c` of `a - b / c`.
    mutating func joinFirst(_ e: Expression, _ l: Expression, _ r: Expression, _ at: Span) {
        guard case .binary(let sign, let first, let second, let inner) = r.kind, sign == .divide || sign == .multiply,
            !first.isNumber, !l.isNumber
        else { return }
        // Parentheses of their own were meant.
        guard !text(at.end, r.span.end).contains("(") || !text(r.span).hasPrefix("(") else { return }
        let sum = text(l.span.start, at.start) + text(at) + text(at.end, first.span.end)
        add(.order, e.span, "(\(sum.trimmed)) \(text(inner)) \(text(second.span))")
    }

    /// `b - a` of `a - b`.
    mutating func exchangeSides(_ e: Expression, _ l: Expression, _ r: Expression, _ at: Span) {
        let (left, right) = (text(l.span.start, at.start), text(at.end, r.span.end))
        add(.order, e.span, "((\(right.trimmed)) \(text(at)) (\(left.trimmed)))")
    }

    /// `1 - f` of a flag that something is multiplied by.
    mutating func turnFlag(_ e: Expression) {
        let isFlag =
            switch e.kind {
            case .name(let n): flags.contains(n) || labels.contains(n)
            case .call(let f, _, _): if case .name("same_class") = f.kind { true } else { false }
            default: false
            }
        if isFlag { add(.order, e.span, "(1 - \(text(e.span)))") }
    }
}
