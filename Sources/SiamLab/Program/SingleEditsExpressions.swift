import SiamInterpreter
import SiamLanguage

/// The changes of an expression, by its kind.
extension SingleEdits {
    mutating func visit(_ e: Expression) {
        switch e.kind {
        case .number(let x, let written):
            visit(number: x, written, at: e.span)
            return
        case .bool(let isTrue): add(.order, e.span, isTrue ? "false" : "true")
        case .name(let n):
            // What a sum goes on from is itself.
            if n == summed { return }
            for other in others[n] ?? [] { add(.name, e.span, other) }
            if isInside, scope.contains(n), !labels.contains(n) {
                for other in scope where other != n && !labels.contains(other) { add(.name, e.span, other) }
            }
        case .apply(let l, _): add(.operation, e.span, "(\(text(l.span)))")
        case .binary(let sign, let l, let r, let at):
            visit(sign, l, r, at: at, in: e)
        case .comparison(let operands, let signs, let spans) where operands.count == 2 && signs.count == 1:
            visit(comparisonOf: operands, signs[0], at: spans[0])
        case .call(let f, _, true):
            if case .name("seed") = f.kind { return }
        // Which rows of a data set the program takes says what its task is.
        case .call(let f, _, false) where !isInside && SingleEdits.picksRows(f): return
        case .call(let f, let arguments, let isCommand):
            guard !isCommand, case .name(let name) = f.kind else { break }
            // What is frozen has a rule of its own.
            if name == "seed" || name == "freeze" || SingleEdits.drawsTask(name) { return }
            visit(Call(whole: e, function: f, name: name, arguments: arguments))
            return
        case .index(let owner, let places):
            visit(places, of: owner, in: e)
            return
        case .compose:
            leaveOutStages(e)
            for stage in SingleEdits.stages(e) { visit(stage) }
            return
        case .unary(.minus, let inner):
            if case .number(let x, _) = inner.kind {
                all.append(SingleEdit(kind: .number, edits: [], label: "", number: (replacing(e.span, ""), -x)))
                return
            }
            add(.order, e.span, "(\(text(inner.span)))")
        case .range:
            shiftEnds(e)
            return
        case .lambda(let parameters, let body):
            let outer = (isInside, scope)
            isInside = true
            scope += parameters.map(\.name.text)
            turnAxes { body.walk($0) }
            visit(body)
            (isInside, scope) = outer
            return
        case .train(let t):
            visit(t)
            return
        default: break
        }
        for part in e.parts { visit(part) }
        for block in e.blocks { for s in block.statements { visit(s) } }
    }

    private static func picksRows(_ f: Expression) -> Bool {
        if case .field(_, let method) = f.kind { method.text == "where" } else { false }
    }

    /// Another number, or what is left of 1.
    private mutating func visit(number x: Double, _ written: String, at span: Span) {
        // A hundred makes a share a percentage.
        if x != 0, !isOfEvaluation || x != 100 {
            all.append(
                SingleEdit(
                    kind: .number, edits: [], label: "", number: (replacing(span, ""), x),
                    owner: owner(of: span)))
        }
        // A share of 1: what is left of it may be what matters, as of a momentum, or what was meant.
        if x > 0.05, x < 1 {
            var others = [1 - x]
            if x > 0.9 { others += [1 - 30 * (1 - x), 1 - 3000 * (1 - x)].filter { $0 > 0 } }
            for other in others where abs(other - x) > 0.01 || x > 0.9 {
                let new = tidy(other)
                all.append(
                    SingleEdit(
                        kind: .number, edits: [replacing(span, new)],
                        label: owner(of: span) + "\(new) instead of \(written)"))
            }
        }
    }

    /// Another sign, one side alone, or the sides exchanged.
    private mutating func visit(
        _ sign: BinaryOperator, _ l: Expression, _ r: Expression, at: Span, in e: Expression
    ) {
        switch sign {
        case .add:
            add(.order, at, "-")
            joinFirst(e, l, r, at)
        case .subtract:
            add(.order, at, "+")
            joinFirst(e, l, r, at)
            withoutSign(e, l, r)
            exchangeSides(e, l, r, at)
        case .multiply:
            add(.order, at, "/", isFarFetched: !isOfEvaluation)
            if isInside {
                turnFlag(l)
                turnFlag(r)
            }
            if isOfEvaluation { add(.order, at, "+") }
        case .divide:
            add(.order, at, "*", isFarFetched: !isOfEvaluation)
            exchangeSides(e, l, r, at)
        default: break
        }
        if isInside, sign != .power, sign != .matmul {
            // The span of a sum in parentheses holds these.
            let (left, right) = (text(l.span.start, at.start), text(at.end, r.span.end))
            if !l.isNumber { add(.operation, e.span, "(\(left.trimmed))") }
            if !r.isNumber { add(.operation, e.span, "(\(right.trimmed))") }
        }
    }

    private mutating func visit(comparisonOf operands: [Expression], _ sign: ComparisonOperator, at: Span) {
        let other: [ComparisonOperator: String] = [
            .less: ">", .greater: "<", .lessOrEqual: ">=", .greaterOrEqual: "<=", .equal: "!=", .unequal: "==",
        ]
        if let text = other[sign] { add(.order, at, text) }
        // What outputs are compared with is the truth of these rows, and no other variable's.
        if isOfEvaluation, sign == .equal || sign == .unequal {
            for o in operands { if case .name(let n) = o.kind { labels.insert(n) } }
        }
        // A column against a row makes a square.
        for o in operands where isOfEvaluation && !o.isNumber {
            add(.axis, o.span, "reshape(\(text(o.span)), -1)")
        }
    }

    /// Another member, column or row.
    private mutating func visit(_ places: [Expression], of owner: Expression, in e: Expression) {
        if places.count == 1 {
            switch places[0].kind {
            case .name, .call, .index:
                add(.operation, e.span, text(owner.span))
                add(.operation, e.span, text(places[0].span))
            default: break
            }
            // Places that are drawn anew where those of another tensor were meant.
            if isInside, case .call = places[0].kind {
                for other in scope { add(.name, places[0].span, other) }
            }
        }
        // A member of a list, or a column, that stands beside it.
        if isInside || isOfEvaluation, let last = places.last, case .number(let k, _) = last.kind, k >= 0 {
            add(.name, last.span, formatNumber(k + 1))
            if k > 0 { add(.name, last.span, formatNumber(k - 1)) }
        }
        visit(owner)
        for p in places where !p.isNumber { if case .range = p.kind {} else { visit(p) } }
    }

    private mutating func visit(_ t: Train) {
        // An input and its label are no two of one kind.
        if t.names.count != 2 { exchange(t.names.map(\.span)) }
        visit(t.source)
        visit(t.optimizer)
        for n in t.nets { visit(n) }
        let outer = (isInside, scope)
        isInside = true
        scope += t.names.map(\.text)
        if t.names.count > 1, let last = t.names.last { labels.insert(last.text) }
        enter(t.body)
        for s in t.body.statements { visit(s) }
        (isInside, scope) = outer
    }
}
