import SiamLanguage
import SiamTensor

/// What was meant by a tensor where one truth is wanted: a choice for each element, or one for all of them.
extension Interpreter {
    func conditionRepair(_ t: Tensor) -> String {
        let general = "all(...) where every element must hold, any(...) where one is enough"
        guard frameCount > 0 else { return general }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1) else { return general }
        let place = Condition(around: site.span, in: code.expressions)
        func short(_ text: String) -> String? { text.utf8.count <= 90 && !text.contains("\n") ? text : nil }
        if let series = place.comparison.flatMap({ lastOf($0, code.source) }).flatMap(short) { return series }
        if t.count == 0 {
            return "it is empty; whether there is anything in it:  len(x) > 0"
        }
        if let logical = place.logical {
            let isAlone =
                place.conditional.map { $0.condition.span.isSame(logical.span) } ?? isOfLoop(logical, code.source)
            let text = isAlone ? whole(logical, code.source) : elementwise(logical, code.source)
            let said = isAlone ? "where every element must hold" : "for each element"
            if let text = short(text) { return "\(said):  \(text)" }
        }
        // A condition around this place is asked itself only where nothing joins it to another.
        if place.logical == nil, let (condition, then, otherwise) = place.conditional,
            let a = single(then), let b = otherwise.flatMap(single)
        {
            let parts = [condition, a, b].map { code.source.text($0.span) }
            if let text = short("where(\(parts.joined(separator: ", ")))") { return "for each element:  \(text)" }
        }
        if place.logical == nil, let (condition, _, _) = place.conditional, condition.span.start == site.span.start {
            let text = code.source.text(condition.span)
            if text.utf8.count <= 30, !text.contains("\n") {
                return
                    "any(\(text)) where one element is enough; where every element must hold:  all(\(text))"
            }
        }
        if case .unary(.not, let inner) = site.kind {
            let text = code.source.text(inner.span)
            let isPlain = text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" || $0 == "." }
            if text.utf8.count <= 30 { return "the opposite of each element:  1 - \(isPlain ? text : "(\(text))")" }
        }
        return general
    }

    /// Whether an expression is the condition of a loop.
    private func isOfLoop(_ e: Expression, _ source: Source) -> Bool {
        let line = source.line(source.position(e.span.start).line)
        return line.contains("while \(source.text(e.span))")
    }

    /// The one expression of a block.
    private func single(_ block: Block) -> Expression? {
        guard block.statements.count == 1, case .expression(let e)? = block.statements.first?.kind else { return nil }
        return e
    }

    /// `a > 0 and b > 0` of tensors: `(a > 0) * (b > 0)`.
    private func elementwise(_ e: Expression, _ source: Source) -> String {
        switch e.kind {
        case .logical(.and, let l, let r): "\(elementwise(l, source)) * \(elementwise(r, source))"
        case .logical(.or, let l, let r): "maximum(\(elementwise(l, source)), \(elementwise(r, source)))"
        case .comparison, .unary: isEnclosed(source.text(e.span)) ? source.text(e.span) : "(\(source.text(e.span)))"
        default: source.text(e.span)
        }
    }

    /// Whether a text stands in parentheses as a whole.
    private func isEnclosed(_ text: String) -> Bool {
        guard text.hasPrefix("("), text.hasSuffix(")") else { return false }
        var depth = 0
        for (k, c) in text.enumerated() {
            if c == "(" { depth += 1 }
            if c == ")" { depth -= 1 }
            if depth == 0 { return k == text.count - 1 }
        }
        return false
    }

    /// `a > 0 and b > 0` of tensors: `all(a > 0) and all(b > 0)`.
    private func whole(_ e: Expression, _ source: Source) -> String {
        guard case .logical(let op, let l, let r) = e.kind else { return "all(\(source.text(e.span)))" }
        return "\(whole(l, source)) \(op.rawValue) \(whole(r, source))"
    }

    /// `run.loss > 1`: a series where its last number was meant.
    private func lastOf(_ comparison: Expression, _ source: Source) -> String? {
        guard case .comparison(let sides, _, _) = comparison.kind else { return nil }
        for side in sides {
            guard case .field(let owner, let field) = side.kind, case .name(let name) = owner.kind else { continue }
            var isRun = name == "run" && isTraining && field.text != "steps"
            if case .thing(let thing)? = globals.valueIfReady(name), thing.form == .run { isRun = true }
            guard isRun else { continue }
            let text = source.text(side.span)
            let whole = source.text(comparison.span).replacing(text, with: "\(text).last")
            return "its last number, once there is one:  len(\(text)) > 0 and \(whole)"
        }
        return nil
    }
}

/// What surrounds an expression that has to be true or false: `if`, `while`, `and`.
private struct Condition {
    var comparison: Expression?
    /// The outermost `and` or `or`.
    var logical: Expression?
    var conditional: (condition: Expression, then: Block, otherwise: Block?)?

    init(around span: Span, in expressions: [Expression]) {
        func holds(_ outer: Span) -> Bool { outer.start <= span.start && span.end <= outer.end }
        for e in expressions {
            e.walk { inner in
                guard holds(inner.span) else { return }
                switch inner.kind {
                case .comparison: comparison = inner
                case .logical(_, let l, let r):
                    let isPart = [l, r].contains { holds($0.span) } || inner.span.isSame(span)
                    if isPart, logical.map({ $0.span.end - $0.span.start < inner.span.end - inner.span.start }) ?? true
                    {
                        logical = inner
                    }
                case .conditional(let c, let then, let otherwise):
                    if holds(c.span) || inner.span.isSame(span) { conditional = (c, then, otherwise) }
                default: break
                }
            }
        }
    }
}
