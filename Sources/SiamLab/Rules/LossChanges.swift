import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What would undo faults of what is minimized.
extension Rule {
    static func flipLabels(_ e: Examination) -> [Change] {
        let w = e.wiring
        // The parts of triplets in another order than the source gives them.
        if w.source.call?.name == "triplets", w.train.names.count >= 3 {
            let (positive, negative) = (w.train.names[1], w.train.names[2])
            let edits = [(positive, negative), (negative, positive)].map { at, other in
                TextEdit(document: w.trainDocument, start: at.span.start, end: at.span.end, replacement: other.text)
            }
            return [Change(label: "anchor, positive, negative in this order", edits: edits)]
        }
        let name = w.train.names.count >= 3 ? w.train.names[2].text : "same"
        var edits: [TextEdit] = []
        for loss in w.losses.map(w.lossValue) {
            func visit(_ x: Expression, isArgument: Bool) {
                if case .binary(.subtract, let one, let label, _) = x.kind, case .number(1, _) = one.kind,
                    case .name(name) = label.kind
                {
                    edits.append(loss.with(x).replaced(by: name))
                    return
                }
                if case .name(name) = x.kind {
                    edits.append(loss.with(x).replaced(by: isArgument ? "1 - \(name)" : "(1 - \(name))"))
                    return
                }
                if case .call(_, let arguments, _) = x.kind {
                    for a in arguments { visit(a.value, isArgument: true) }
                } else {
                    for part in x.parts { visit(part, isArgument: false) }
                }
            }
            visit(loss.expression, isArgument: false)
        }
        // Labels written otherwise in the body, before the loss: `t = 1 - same`.
        if edits.isEmpty {
            for s in w.train.body.statements {
                guard case .assign(_, let value) = s.kind else { continue }
                value.walk { x in
                    if case .binary(.subtract, let one, let label, _) = x.kind, case .number(1, _) = one.kind,
                        case .name(name) = label.kind
                    {
                        edits.append(ExpressionReference(document: w.trainDocument, expression: x).replaced(by: name))
                    }
                }
            }
        }
        // Pairs of the program's own making: 1 where classes are unlike.
        if edits.isEmpty {
            for spot in lossExpressions(w) {
                spot.expression.walk { x in
                    guard case .comparison(let operands, let signs, let spans) = x.kind, signs == [.unequal],
                        operands.count == 2, !operands.contains(where: isLiteral)
                    else { return }
                    edits.append(
                        TextEdit(document: spot.document, start: spans[0].start, end: spans[0].end, replacement: "=="))
                }
            }
        }
        // The hardest pairs may end in a collapse, and any others then do better.
        let exchanged = e.evidence.isCollapsed ? [] : exchangedCalls(w)
        return (edits.isEmpty ? [] : [Change(label: "the labels inverted", edits: unique(edits))])
            + exchanged
            + turnedDifferences(w)
    }
    /// `relu(n - p + margin)` for `relu(p - n + margin)`.
    private static func turnedDifferences(_ w: TrainingModel) -> [Change] {
        var edits: [TextEdit] = []
        for spot in lossExpressions(w) {
            spot.expression.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name("relu") = f.kind,
                    let inner = arguments.first?.value,
                    case .binary(.add, let gap, _, _) = inner.kind, case .binary(.subtract, let l, let r, _) = gap.kind
                else { return }
                edits += [
                    spot.with(l).replaced(by: w.text(spot.with(r))), spot.with(r).replaced(by: w.text(spot.with(l))),
                ]
            }
        }
        return edits.isEmpty ? [] : [Change(label: "the difference with the opposite sign", edits: unique(edits))]
    }
    private static func isLiteral(_ e: Expression) -> Bool {
        switch e.kind {
        case .number, .text, .bool, .none: true
        default: false
        }
    }

    static func withoutMinus(_ e: Examination) -> [Change] {
        let w = e.wiring
        var edits: [TextEdit] = []
        func visit(_ spot: ExpressionReference) {
            func keep(_ inner: Expression) { edits.append(spot.replaced(by: w.text(spot.with(inner)))) }
            switch spot.expression.kind {
            case .unary(.minus, let inner): keep(inner)
            case .binary(.subtract, let zero, let inner, _):
                if case .number(0, _) = zero.kind { keep(inner) }
            case .binary(.multiply, let l, let r, _):
                if isMinusOne(l) { keep(r) } else if isMinusOne(r) { keep(l) } else { visit(spot.with(l)) }
            case .call(let f, let arguments, _):
                if case .name(let n) = f.kind, n == "mean" || n == "sum", let first = arguments.first {
                    visit(spot.with(first.value))
                }
            default: break
            }
        }
        for loss in w.losses { visit(w.lossValue(loss)) }
        if edits.isEmpty, let name = w.lossCall?.call?.name, let (d, k) = w.functions[name] {
            switch d.body {
            case .expression(let x): visit(ExpressionReference(document: k, expression: x))
            case .block(let b):
                if case .expression(let x)? = b.statements.last?.kind {
                    visit(ExpressionReference(document: k, expression: x))
                }
            }
        }
        if !edits.isEmpty { return [Change(label: "without the minus", edits: edits)] }
        // A step up the gradient: `h.w = h.w + 0.1 * g.w`.
        edits = w.assignedSteps.filter { $0.sign == .add }.map {
            TextEdit(document: w.trainDocument, start: $0.place.start, end: $0.place.end, replacement: "-")
        }
        if !edits.isEmpty { return [Change(label: "steps against the gradient", edits: edits)] }
        // A likelihood that should be as large as it can be.
        guard e.evidence.lastLoss < 0, e.evidence.lastLoss < e.evidence.firstLoss, w.losses.count == 1,
            let loss = w.losses.first
        else { return [] }
        return [Change(label: "a minus before it", edits: [loss.replaced(by: "-(\(w.text(loss)))")])]
    }
    private static func isMinusOne(_ e: Expression) -> Bool {
        if case .unary(.minus, let one) = e.kind, case .number(1, _) = one.kind { return true }
        return false
    }

    /// The expressions of the loss: what is minimized, and the body of the user's own loss.
    static func lossExpressions(_ w: TrainingModel) -> [ExpressionReference] {
        var found = w.losses
        for s in w.train.body.statements {
            if case .assign(_, let x) = s.kind {
                found.append(ExpressionReference(document: w.trainDocument, expression: x))
            }
        }
        for (d, k) in w.functions.values.sorted(by: { $0.0.name.text < $1.0.name.text }) {
            found += d.body.values.map { ExpressionReference(document: k, expression: $0) }
        }
        return found
    }

    static func addHinge(_ e: Examination) -> [Change] {
        let w = e.wiring
        var edits: [TextEdit] = []
        for spot in lossExpressions(w) where edits.isEmpty {
            spot.expression.walk { x in
                guard edits.isEmpty, case .binary(.subtract, _, let right, let sign) = x.kind else { return }
                let factors = TrainingModel.factors(right)
                guard factors.contains(where: isComplement), let distance = factors.last(where: { !isWeight($0) })
                else {
                    return
                }
                var base = distance
                if case .binary(.power, let inner, _, _) = distance.kind { base = inner }
                edits = [
                    TextEdit(document: spot.document, start: sign.start, end: sign.end, replacement: "+"),
                    spot.with(distance).replaced(by: "relu(1 - \(w.text(spot.with(base))))^2"),
                ]
            }
        }
        if !edits.isEmpty { return [Change(label: "a hinge at margin 1 for negative pairs", edits: edits)] }
        // A triplet's difference of distances with nothing that ends it.
        for spot in lossExpressions(w) where edits.isEmpty {
            guard case .call(let f, let arguments, _) = spot.expression.kind, case .name("mean") = f.kind,
                let inner = arguments.first?.value
            else { continue }
            if case .binary(.subtract, let l, let r, _) = inner.kind, isDistance(l, w), isDistance(r, w) {
                edits = [spot.with(inner).replaced(by: "relu(\(w.text(spot.with(inner))) + 0.2)")]
                continue
            }
            // `p - n + margin`, in place or under a name.
            let gap = w.followed(spot.with(inner))
            if case .binary(.add, let rest, _, _) = gap.expression.kind,
                case .binary(.subtract, let l, let r, _) = rest.kind, isDistance(l, w), isDistance(r, w)
            {
                edits = [spot.with(inner).replaced(by: "relu(\(w.text(spot.with(inner))))")]
                return [Change(label: "a hinge that ends the push at the margin", edits: edits)]
            }
        }
        return edits.isEmpty ? [] : [Change(label: "a hinge at margin 0.2", edits: edits)]
    }
    /// `(margin - d)^2` as `relu(margin - d)^2`.
    static func hingeOfSquare(_ e: Examination) -> [Change] {
        let w = e.wiring
        var edits: [TextEdit] = []
        for spot in lossExpressions(w) {
            spot.expression.walk { x in
                guard case .binary(.power, let base, let exponent, _) = x.kind, case .number(2, _) = exponent.kind,
                    case .binary(.subtract, let margin, let distance, _) = base.kind, isDistance(distance, w)
                else { return }
                let (from, less) = (w.text(spot.with(margin)), w.text(spot.with(distance)))
                edits.append(spot.with(x).replaced(by: "relu(\(from) - \(less))^2"))
            }
        }
        return edits.isEmpty ? [] : [Change(label: "a hinge that ends the push at the margin", edits: edits)]
    }

    /// `1 - same`.
    private static func isComplement(_ e: Expression) -> Bool {
        if case .binary(.subtract, let one, _, _) = e.kind, case .number(1, _) = one.kind { return true }
        return false
    }
    private static func isWeight(_ e: Expression) -> Bool {
        if case .number = e.kind { return true }
        return isComplement(e)
    }
    private static func isDistance(_ e: Expression, _ w: TrainingModel) -> Bool {
        switch e.kind {
        case .name(let n): return !w.train.names.contains { $0.text == n }
        case .call(let f, _, _):
            guard case .name(let n) = f.kind else { return false }
            return w.functions[n] != nil || ["euclidean", "squared", "manhattan", "cosine", "sqrt", "sum"].contains(n)
        case .binary(.power, let inner, _, _): return isDistance(inner, w)
        default: return false
        }
    }

    static func guardRoots(_ e: Examination) -> [Change] {
        var edits: [TextEdit] = []
        for spot in lossExpressions(e.wiring) + e.wiring.forwards {
            spot.expression.walk { x in
                guard case .call(let f, let arguments, _) = x.kind else { return }
                if case .name("sqrt") = f.kind, let first = arguments.first, isBare(spot.with(first.value), e.wiring) {
                    edits.append(spot.with(first.value).inserting(" + 1e-12"))
                } else if case .field(let owner, let n) = f.kind, n.text == "sqrt", case .call = owner.kind {
                    let text = e.wiring.text(spot.with(owner))
                    edits.append(spot.with(owner).replaced(by: "(\(text) + 1e-12)"))
                } else if case .name("norm") = f.kind {
                    return
                }
            }
            spot.expression.walk { x in
                if case .binary(.power, let base, let exponent, _) = x.kind, case .number(0.5, _) = exponent.kind,
                    case .call = base.kind
                {
                    edits.append(spot.with(base).replaced(by: "(\(e.wiring.text(spot.with(base))) + 1e-12)"))
                }
            }
        }
        return edits.isEmpty ? [] : [Change(label: "1e-12 added inside the square root", edits: edits)]
    }

    /// Values kept away from where a slope is infinite: of acos and asin, of logarithms, of divisions.
    static func guardedEnds(_ e: Examination) -> [Change] {
        let w = e.wiring
        var (ends, zeros, divisors, shares): ([TextEdit], [TextEdit], [TextEdit], [TextEdit]) = ([], [], [], [])
        for spot in lossExpressions(w) + w.forwards {
            spot.expression.walk { x in
                switch x.kind {
                case .call(let f, let arguments, _):
                    guard case .name(let n) = f.kind, let first = arguments.first?.value else { return }
                    let inner = spot.with(first)
                    if n == "acos" || n == "asin" {
                        ends.append(inner.replaced(by: "clamp(\(w.text(inner)), -0.99999, 0.99999)"))
                    } else if n == "log" {
                        if case .call(let g, let given, _) = first.kind, case .name("softmax") = g.kind, !given.isEmpty
                        {
                            let list = w.text(inner).dropFirst("softmax".count)
                            shares.append(spot.with(x).replaced(by: "log_softmax\(list)"))
                        }
                        zeros.append(inner.replaced(by: "(\(w.text(inner)) + 1e-9)"))
                    }
                case .binary(.divide, _, let divisor, _):
                    if w.number(spot.with(divisor)) != nil { return }
                    let inner = spot.with(divisor)
                    divisors.append(inner.replaced(by: "(\(w.text(inner)) + 1e-9)"))
                default: break
                }
            }
        }
        return [
            ("log_softmax, which is finite for all scores", shares),
            ("a clamp that keeps the argument of acos away from -1 and 1", ends),
            ("1e-9 added inside the logarithm", zeros), ("1e-9 added to the divisor", divisors),
        ].filter { !$0.1.isEmpty }.map { Change(label: $0.0, edits: unique($0.1)) }
    }

    /// Outputs above 0, where a logarithm or a root of them has no value.
    static func positiveOutputs(_ e: Examination) -> [Change] {
        guard let op = e.evidence.facts?.notFinite?.op, ["log", "sqrt", "power"].contains(op),
            let last = e.wiring.stages.last, e.evidence.facts?.end.isEmpty != false || last.name == "dense"
        else { return [] }
        return [
            Change(
                label: "softplus at the end of the net",
                edits: [last.spot.inserting(" >> softplus >> (v -> v + 0.000001)")])
        ]
    }

    /// A radicand that nothing keeps from 0: a sum, and what is added to it, if anything, is 0 by its default.
    private static func isBare(_ spot: ExpressionReference, _ w: TrainingModel) -> Bool {
        switch spot.expression.kind {
        // What a name holds has no epsilon behind it either, as far as is seen here.
        case .call, .name: return true
        case .binary(.add, let inner, let added, _):
            guard case .call = inner.kind else { return false }
            if case .name(let name) = added.kind, let value = w.standardOfLayers(name) { return value == 0 }
            return w.number(spot.with(added))?.value == 0
        default: return false
        }
    }
}
