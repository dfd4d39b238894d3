/// Faults of the minimized expression that the text shows: the gradient of a square root at 0, and a swapped label
/// convention.
struct LossCheck {
    let source: Source
    var functions: [String: FunctionDefinition] = [:]
    var found: [Diagnostic] = []

    static func run(_ program: Program) -> [Diagnostic] {
        var check = LossCheck(source: program.source)
        for statement in program.statements {
            if case .function(let definition) = statement.kind { check.functions[definition.name.text] = definition }
        }
        for statement in program.statements {
            check.definition(statement)
            var trains: [Train] = []
            statement.walk { if case .train(let train) = $0.kind { trains.append(train) } }
            for train in trains { check.train(train) }
        }
        return check.found
    }

    /// What of it is said of a program that is about to run, too.
    static func turnedLabels(_ program: Program) -> [Diagnostic] {
        guard program.source.text.contains("pairs") else { return [] }
        return run(program).filter { $0.code == "labels.swapped" }
    }

    private func place(_ span: Span) -> Diagnostic.Label { .init(Place(source, span)) }

    private mutating func definition(_ statement: Statement) {
        guard case .function(let definition) = statement.kind else { return }
        if definition.parameters.contains(where: { $0.name.text == "same" }) { swapped(definition.body, "same") }
        var local: [String: Expression] = [:]
        if case .block(let block) = definition.body { local = assigned(block.statements) }
        var roots: [Root] = []
        var angles: [Expression] = []
        definition.body.walk {
            if let root = LossCheck.bareRoot($0, local) { roots.append(root) }
            if case .call = $0.kind { angles.append($0) }
        }
        for one in roots { root(one) }
        for one in angles { angle(one, local) }
    }

    private mutating func train(_ train: Train) {
        let local = assigned(train.body.statements)
        var roots: [Root] = []
        var angles: [Expression] = []
        // Code in `every` has no gradient.
        for statement in train.body.statements {
            if case .every = statement.kind { continue }
            statement.walk {
                if let root = LossCheck.bareRoot($0, local) { roots.append(root) }
                if case .call = $0.kind { angles.append($0) }
            }
        }
        for one in roots { root(one) }
        for one in angles { angle(one, local) }
        guard case .call(let function, _, _) = train.source.kind, case .name("pairs") = function.kind,
            train.names.count == 3
        else { return }
        let same = train.names[2].text
        for statement in train.body.statements {
            guard case .minimize(let value) = statement.kind else { continue }
            swapped(.expression(value), same, local)
            value.walk { inner in
                guard case .call(let function, let arguments, _) = inner.kind, case .name(let name) = function.kind
                else { return }
                for (k, argument) in arguments.enumerated() {
                    if name == "contrastive" || name == "double_margin" || name == "cosine_contrastive",
                        k == 2 || argument.name?.text == "same", LossCheck.isComplement(argument.value, of: same)
                    {
                        flipped(argument.value.span, same)
                    }
                    // The user's own loss may call it otherwise; what pairs gives is 1 for a similar pair.
                    if case .name(same) = argument.value.kind, let definition = functions[name],
                        let parameter = argument.name?.text ?? definition.parameters[safe: k]?.name.text,
                        parameter != "same"
                    {
                        swapped(definition.body, parameter)
                    }
                }
            }
        }
    }

    private func assigned(_ statements: [Statement]) -> [String: Expression] {
        var found: [String: Expression] = [:]
        for statement in statements {
            if case .assign(let targets, let value) = statement.kind, targets.count == 1,
                case .name(let name) = targets[0].kind
            {
                found[name] = value
            }
        }
        return found
    }

    // MARK: The root

    private struct Root {
        /// The word, or the exponent.
        var span: Span
        /// What the root is taken of.
        var inner: Span
    }

    private mutating func root(_ root: Root) {
        guard !found.contains(where: { $0.labels.first?.place.span.start == root.span.start }) else { return }
        let text = source.text(root.inner)
        let inner = text.utf8.count < 50 ? text : "..."
        found.append(
            Diagnostic(
                .warning, code: "distance.root", "the gradient of sqrt is infinite where a distance is 0",
                at: [place(root.span)],
                repair: "add an epsilon:  sqrt(\(inner) + 1e-12), or euclidean(a, b), which does",
                edits: [.init(Place(source, root.inner), "(\(text) + 1e-12)")]))
    }

    /// `sqrt(sum((a - b)^2))` or `sum((a - b)^2)^0.5` with nothing added; with its place.
    private static func bareRoot(_ value: Expression, _ local: [String: Expression]) -> Root? {
        var inner: Expression
        let span: Span
        switch value.kind {
        case .call(let function, let arguments, _):
            switch function.kind {
            case .name("sqrt"):
                guard let first = arguments.first else { return nil }
                (inner, span) = (first.value, function.span)
            case .field(let owner, let name) where name.text == "sqrt" && arguments.isEmpty:
                (inner, span) = (owner, name.span)
            default: return nil
            }
        case .binary(.power, let base, let exponent, _):
            guard case .number(0.5, _) = exponent.kind else { return nil }
            (inner, span) = (base, exponent.span)
        default: return nil
        }
        let root = Root(span: span, inner: inner.span)
        if case .name(let name) = inner.kind, let value = local[name] { inner = value }
        guard case .call(let reduction, let reduced, _) = inner.kind else { return nil }
        let summed: Expression?
        switch reduction.kind {
        case .name("squared"): return root
        case .name("sum"), .name("mean"): summed = reduced.first?.value
        case .field(let owner, let name) where name.text == "sum" || name.text == "mean": summed = owner
        default: summed = nil
        }
        switch summed?.kind {
        case .binary(.power, let base, let exponent, _)?:
            // With something added inside, the sum is not 0 where the two are equal.
            if case .number(2, _) = exponent.kind, !isShifted(base) { return root }
        case .binary(.multiply, let left, let right, _)?: if left == right { return root }
        default: break
        }
        return nil
    }

    private static func isShifted(_ value: Expression) -> Bool {
        switch value.kind {
        case .binary(.add, let left, let right, _):
            if case .number(let x, _) = right.kind, x != 0 { return true }
            if case .number(let x, _) = left.kind, x != 0 { return true }
            return isShifted(left) || isShifted(right)
        case .binary(.subtract, let left, let right, _):
            if case .number(let x, _) = right.kind, x != 0 { return true }
            return isShifted(left)
        default: return false
        }
    }

    /// `acos(x)` of what is not kept within: its slope is infinite at both ends.
    private mutating func angle(_ value: Expression, _ local: [String: Expression]) {
        guard case .call(let callee, let arguments, _) = value.kind else { return }
        var inner: Expression
        let span: Span
        switch callee.kind {
        case .name(let name) where name == "acos" || name == "asin":
            guard let first = arguments.first else { return }
            (inner, span) = (first.value, callee.span)
        case .field(let owner, let name) where (name.text == "acos" || name.text == "asin") && arguments.isEmpty:
            (inner, span) = (owner, name.span)
        default: return
        }
        if case .name(let name) = inner.kind, let made = local[name] { inner = made }
        if case .call(let kept, _, _) = inner.kind {
            switch kept.kind {
            case .name("clamp"), .name("tanh"): return
            case .field(_, let name) where name.text == "clamp": return
            default: break
            }
        }
        if case .number = inner.kind { return }
        guard !found.contains(where: { $0.labels.first?.place.span.start == span.start }) else { return }
        let text = source.text(inner.span)
        found.append(
            Diagnostic(
                .warning, code: "angle.ends", "the gradient of \(source.text(span)) is infinite at 1 and -1",
                at: [place(span)], notes: ["two equal embeddings have a cosine of 1"],
                repair: text.utf8.count < 50
                    ? "clamp the argument:  \(source.text(span))(clamp(\(text), -1 + 1e-6, 1 - 1e-6))"
                    : "clamp the argument:  \(source.text(span))(clamp(..., -1 + 1e-6, 1 - 1e-6))"))
    }

    // MARK: The labels

    private mutating func flipped(_ span: Span, _ same: String) {
        found.append(
            Diagnostic(
                .warning, code: "labels.swapped",
                "positive pairs are pushed apart here: \(same) is already 1 for a positive pair",
                at: [place(span)], repair: "pass it as it is:  \(same)", edits: [.init(Place(source, span), same)]))
    }

    /// `same * relu(margin - d)^2 + (1 - same) * d^2`: the hinge belongs to the dissimilar pairs.
    private mutating func swapped(_ body: Body, _ same: String, _ local: [String: Expression] = [:]) {
        var hits: [Span] = []
        body.walk { value in
            guard case .binary(.add, let left, let right, _) = value.kind else { return }
            for (one, other) in [(left, right), (right, left)] {
                // A similarity is pulled up to one number and pushed down to another: `relu(s - 0.1)` of the others.
                if LossCheck.isWeighted(one, by: same), LossCheck.holdsHinge(one),
                    LossCheck.isWeighted(other, byOther: same), !LossCheck.holdsHinge(other),
                    !LossCheck.holdsRelu(other)
                {
                    hits.append(one.span)
                }
            }
        }
        guard let span = hits.first, !found.contains(where: { $0.labels.first?.place.span.start == span.start })
        else { return }
        found.append(
            Diagnostic(
                .warning, code: "labels.swapped",
                "positive pairs are pushed apart here: the hinge is multiplied by \(same), which is 1 for a positive pair",
                at: [place(span)],
                repair: "multiply the hinge by 1 - \(same), and the other term by \(same)"))
    }

    private static func isComplement(_ value: Expression, of same: String) -> Bool {
        switch value.kind {
        case .binary(.subtract, let one, let other, _):
            if case .number(1, _) = one.kind, case .name(same) = other.kind { return true }
        case .unary(.not, let other): if case .name(same) = other.kind { return true }
        case .comparison(let operands, let signs, _):
            if operands.count == 2, signs == [.equal], case .name(same) = operands[0].kind,
                case .number(0, _) = operands[1].kind
            {
                return true
            }
        default: break
        }
        return false
    }

    private static func isWeighted(_ value: Expression, by same: String) -> Bool {
        guard case .binary(.multiply, let left, let right, _) = value.kind else { return false }
        return [left, right].contains { factor in
            if case .name(same) = factor.kind { return true }
            return isWeighted(factor, by: same)
        }
    }

    private static func isWeighted(_ value: Expression, byOther same: String) -> Bool {
        guard case .binary(.multiply, let left, let right, _) = value.kind else { return false }
        return [left, right].contains { isComplement($0, of: same) || isWeighted($0, byOther: same) }
    }

    private static func holdsRelu(_ value: Expression) -> Bool {
        var holds = false
        value.walk { if case .name("relu") = $0.kind { holds = true } }
        return holds
    }

    private static func holdsHinge(_ value: Expression) -> Bool {
        var holds = false
        value.walk { inner in
            guard case .call(let function, let arguments, _) = inner.kind, case .name(let name) = function.kind,
                name == "relu" || name == "max" || name == "maximum"
            else { return }
            for argument in arguments {
                guard case .binary(.subtract, let left, _, _) = argument.value.kind else { continue }
                switch left.kind {
                case .name(let margin) where margin.contains("margin") || margin == "m": holds = true
                case .number: holds = true
                default: break
                }
            }
        }
        return holds
    }
}
