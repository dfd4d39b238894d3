import SiamLanguage

/// Other axes, means and differences, and ends of ranges.
extension SingleEdits {
    /// All axes of a function, or of the statements of a text, at once: a mean and a deviation go together.
    mutating func turnAxes(_ walk: ((Expression) -> Void) -> Void) {
        var found: [Span] = []
        walk { e in
            guard case .call(_, let arguments, _) = e.kind else { return }
            for a in arguments where a.name?.text == "axis" {
                if case .number(let x, _) = a.value.kind, x == 0 || x == 1 { found.append(a.value.span) }
            }
        }
        guard found.count > 1, found.count < 5, Set(found.map(text)).count == 1 else { return }
        let other = text(found[0]) == "0" ? "1" : "0"
        all.append(
            SingleEdit(
                kind: .axis, edits: found.map { replacing($0, other) },
                label: "axis = \(other) throughout instead of axis = \(text(found[0]))"))
    }

    /// Rows in place of columns, and columns in place of rows.
    mutating func turnAxis(_ e: Expression) {
        switch e.kind {
        case .number(let x, _):
            add(.axis, e.span, x == 0 ? "1" : formatNumber(x - 1))
            if x == 1 { add(.axis, e.span, "2") }
            if x > 1 { add(.axis, e.span, "0") }
        case .unary(.minus, _): add(.axis, e.span, "0")
        default: visit(e)
        }
    }

    /// `mean(relu(x + 1))` of `relu(mean(x) + 1)`: of each row, then over them.
    mutating func meanOutside(_ e: Expression, _ name: String, _ placed: [Expression]) {
        // A hinge without a margin.
        if name == "relu", placed.count == 1, isInside {
            var hasNumber = false
            placed[0].walk { if case .number = $0.kind { hasNumber = true } }
            if case .binary(.subtract, _, _, _) = placed[0].kind, !hasNumber {
                let inner = text(placed[0].span)
                for margin in ["0.3", "1"] { add(.number, placed[0].span, "\(inner) + \(margin)") }
            }
        }
        guard ["relu", "abs", "exp", "log", "sqrt", "squared", "softplus"].contains(name), placed.count == 1 else {
            return
        }
        let argument = placed[0]
        if case .call = argument.kind { return }
        argument.walk { x in
            guard case .call(let g, let inner, _) = x.kind, case .name("mean") = g.kind, inner.count == 1 else {
                return
            }
            let changed =
                text(argument.span.start, x.span.start) + "(\(text(inner[0].value.span)))"
                + text(x.span.end, argument.span.end)
            add(.reduction, e.span, "mean(\(name)(\(changed)))")
        }
    }

    /// `abs(a - b)` and `(a - b)^2` of `a - b`.
    mutating func withoutSign(_ e: Expression, _ l: Expression, _ r: Expression) {
        func isOfValues(_ e: Expression) -> Bool {
            switch e.kind {
            case .name(let n): !labels.contains(n)
            case .call, .index, .field: true
            default: false
            }
        }
        guard isInside, isOfValues(l), isOfValues(r) else { return }
        let whole = text(e.span)
        let bare = whole.hasPrefix("(") && whole.hasSuffix(")") ? whole : "(\(whole))"
        add(.difference, e.span, "abs\(bare)")
        add(.difference, e.span, "\(bare)^2")
    }

    /// The same number at several places of one function, as the two shifts of a picture: all of them at once.
    mutating func joinNumbers(from first: Int) {
        var groups: [(value: Double, edits: [SingleEdit])] = []
        for edit in all[first...] {
            guard let value = edit.number?.value else { continue }
            if let k = groups.firstIndex(where: { $0.value == value }) {
                groups[k].edits.append(edit)
            } else {
                groups.append((value, [edit]))
            }
        }
        for (_, group) in groups where group.count > 1 && group.count < 6 {
            var joined = group[0]
            joined.beside = group.dropFirst().compactMap { $0.number?.place }
            all.append(joined)
        }
    }

    /// One more or one less at an end: `0..n` of `0..n - 1`.
    mutating func shiftEnds(_ e: Expression) {
        guard isInside else { return }
        for end in e.parts {
            switch end.kind {
            case .number(let x, _):
                add(.number, end.span, formatNumber(x + 1))
                if x > 0 { add(.number, end.span, formatNumber(x - 1)) }
            case .binary(let sign, let l, let r, _) where sign == .subtract || sign == .add:
                if case .number(1, _) = r.kind { add(.operation, end.span, text(l.span)) }
            case .name, .call, .field: add(.operation, end.span, "(\(text(end.span)) - 1)")
            default: break
            }
        }
    }
}
