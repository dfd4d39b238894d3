import SiamLanguage

/// The other end of what a loss picks by distance: the smallest in place of the largest.
extension Rule {
    /// Calls that pick one of two opposites, the other picked: all of a kind at once, and each alone.
    static func exchangedCalls(_ w: TrainingModel) -> [Change] {
        [("positives", "negatives"), ("argmin", "argmax"), ("min", "max")].flatMap { one, other -> [Change] in
            var calls: [(label: String, edits: [TextEdit])] = []
            for spot in lossExpressions(w) {
                spot.expression.walk { x in
                    guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind,
                        n == one || n == other
                    else { return }
                    let opposite = n == one ? other : one
                    let isLargest = n.hasSuffix("max")
                    let masks = arguments.first.map { turnedMask(spot.with($0.value), isLargest: isLargest, w) } ?? []
                    let edits = [spot.with(f).replaced(by: opposite)] + masks
                    calls.append(("\(opposite) instead of \(w.text(spot.with(x)))", edits))
                }
            }
            // The same expression stands in more than one list of what makes the loss.
            calls = calls.enumerated().filter { k, c in !calls[..<k].contains { $0.edits == c.edits } }.map(\.element)
            guard !calls.isEmpty else { return [] }
            let all = Change(label: "\(one) and \(other) swapped", edits: unique(calls.flatMap(\.edits)))
            guard (2...4).contains(calls.count) else { return [all] }
            return [all] + calls.map { Change(label: $0.label, edits: $0.edits) }
        }
    }

    /// Makes entries that must not be picked as unlikely for the other end as they are for this one: a large number that is
    /// added to them changes its sign, a factor of 0 becomes a large number, and so does what `where` puts in their place.
    private static func turnedMask(_ spot: ExpressionReference, isLargest: Bool, _ w: TrainingModel) -> [TextEdit] {
        switch spot.expression.kind {
        case .binary(let sign, let l, let r, let at) where sign == .add || sign == .subtract:
            guard isPenalty(spot.with(r), w) else { return [] }
            let turned = TextEdit(
                document: spot.document, start: at.start, end: at.end, replacement: sign == .add ? "-" : "+")
            return [turned] + turnedMask(spot.with(l), isLargest: isLargest, w)
        case .binary(.multiply, let l, let r, _):
            guard isLargest,
                let (mask, rest) = isMask(spot.with(r), w) ? (r, l) : isMask(spot.with(l), w) ? (l, r) : nil
            else { return [] }
            var others = "(1 - \(wrapped(spot.with(mask), w)))"
            if case .binary(.subtract, let one, let inner, _) = mask.kind, case .number(1, _) = one.kind {
                others = wrapped(spot.with(inner), w)
            }
            return [spot.replaced(by: "\(w.text(spot.with(rest))) + 1e6 * \(others)")]
        case .call(let f, let arguments, _):
            guard case .name("where") = f.kind, arguments.count == 3 else { return [] }
            return arguments.dropFirst().compactMap { a in
                let value = spot.with(a.value)
                if case .name("inf") = a.value.kind { return value.replaced(by: "-inf") }
                guard let number = w.number(value)?.value else { return nil }
                return value.replaced(by: tidy(number == 0 ? 1e6 : -number))
            }
        default: return []
        }
    }

    /// A number times a mask, or infinity.
    private static func isPenalty(_ spot: ExpressionReference, _ w: TrainingModel) -> Bool {
        guard case .binary(.multiply, let l, let r, _) = spot.expression.kind else { return false }
        return w.number(spot.with(l)) != nil && isMask(spot.with(r), w)
            || w.number(spot.with(r)) != nil && isMask(spot.with(l), w)
    }

    /// Whether entries are 0 or 1: a comparison, 1 without one, products and names of such.
    private static func isMask(_ spot: ExpressionReference, _ w: TrainingModel, _ depth: Int = 0) -> Bool {
        guard depth < 8 else { return false }
        func inner(_ e: Expression) -> Bool { isMask(spot.with(e), w, depth + 1) }
        switch spot.expression.kind {
        case .comparison: return true
        case .unary(.not, let e): return inner(e)
        case .binary(.subtract, let one, let e, _):
            if case .number(1, _) = one.kind { return inner(e) }
            return inner(one) && inner(e)
        case .binary(.multiply, let l, let r, _): return inner(l) && inner(r)
        case .call(let f, _, _):
            guard case .name(let n) = f.kind else { return false }
            return n == "eye" || n == "tril" || n == "triu"
        case .name:
            var made = w.followed(spot)
            if case .name = made.expression.kind { made = w.lossValue(made) }
            if case .name = made.expression.kind { return false }
            return isMask(made, w, depth + 1)
        default: return false
        }
    }

    private static func wrapped(_ spot: ExpressionReference, _ w: TrainingModel) -> String {
        switch spot.expression.kind {
        case .name, .call: return w.text(spot)
        default:
            let text = w.text(spot)
            return text.hasPrefix("(") && text.hasSuffix(")") ? text : "(\(text))"
        }
    }
}
