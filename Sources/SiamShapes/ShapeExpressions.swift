import SiamCompiler
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Shapes of expressions.
extension ShapeCheck {
    func value(_ e: Expression, _ frame: Frame) throws -> ShapeValue {
        try spend()
        do {
            let known = try evaluate(e, frame)
            facts?.note(known, e.span, frame.source)
            return known
        } catch var fault as ShapeFault {
            // The smallest expression of the user's own text is the place.
            if fault.diagnostic.labels.isEmpty, frame.source.kind != .prelude { fault = located(fault, e, frame) }
            throw fault
        }
    }

    private func place(_ e: Expression, _ frame: Frame) -> Place { Place(frame.source, e.span) }

    private func located(_ fault: ShapeFault, _ e: Expression, _ frame: Frame) -> ShapeFault {
        var fault = fault
        switch e.kind {
        case .binary(_, let left, let right, _) where fault.dims.count == 2:
            if fault.diagnostic.repair == nil {
                EngineRepairs.mend(&fault.diagnostic, e, frame.source, fault.dims)
                fault.diagnostic = fault.diagnostic.vetted()
            }
            fault.diagnostic.labels = [
                .init(place(left, frame), ShapeRules.text(fault.dims[0])),
                .init(place(right, frame), ShapeRules.text(fault.dims[1])),
            ]
            for side in [left, right] {
                if case .name(let name) = side.kind, let made = madeAt[name] {
                    fault.diagnostic.notes.append("\(name) was made at \(made.short)")
                }
            }
        case .call(_, let arguments, _):
            if fault.diagnostic.repair == nil, let (name, written) = CallRepairs.call(e, frame.source) {
                fault.diagnostic.repair = CallRepairs.of(
                    fault.diagnostic.code, name, written, message: fault.diagnostic.message)
            }
            var said: [String] = []
            for argument in arguments.prefix(3) where argument.name == nil {
                let text = frame.source.text(argument.value.span)
                guard text.utf8.count <= 20, argument.value.isNamed,
                    let known = try? value(argument.value, frame), case .tensor(let dims, _) = known
                else { continue }
                said.append("\(text) is \(ShapeValue.text(dims))")
            }
            fault.diagnostic.labels = [.init(place(e, frame), said.joined(separator: ", "))]
        default: fault.diagnostic.labels = [.init(place(e, frame))]
        }
        return fault
    }

    private func evaluate(_ e: Expression, _ frame: Frame) throws -> ShapeValue {
        switch e.kind {
        case .number(let x, _): return .number(.known(x))
        case .bool(let b): return .bool(b)
        case .none: return .none
        case .missing: return .unknown
        case .text(let parts):
            for part in parts { if case .value(let inner, _) = part { _ = try value(inner, frame) } }
            if parts.isEmpty { return .text("") }
            if parts.count == 1, case .literal(let text) = parts[0] { return .text(text) }
            return .text(nil)
        case .name(let name): return try named(name, frame)
        case .bracket(let items): return bracket(try items.map { try value($0, frame) })
        case .record(let fields): return .record(try fields.map { ($0.name.text, try value($0.value, frame)) })
        case .comprehension(let item, let clauses): return try comprehension(item, clauses, frame)
        case .unary(.not, let inner):
            if case .bool(let b) = try value(inner, frame) { return .bool(b.map { !$0 }) }
            return .unknown
        case .unary(.minus, let inner):
            switch try value(inner, frame) {
            case .number(let x): return .number(x.number.map { .known(-$0) } ?? fresh())
            case .tensor(let dims, _): return .shaped(dims)
            default: return .unknown
            }
        case .binary(let op, let left, let right, let sign):
            let (l, r) = (try value(left, frame), try value(right, frame))
            if !batchNames.isEmpty { noteOuter(e, sign, (left, l), (right, r), frame) }
            return try binary(op, l, r)
        case .comparison(let operands, let signs, _): return try comparison(operands, signs, frame)
        case .logical(let op, let left, let right): return try logical(op, left, right, frame)
        case .range(let low, let high):
            return .range(try low.map { try value($0, frame) }, try high.map { try value($0, frame) })
        case .call(let function, let arguments, _): return try call(function, arguments, e, frame)
        case .index(let owner, let indices):
            return try index(try value(owner, frame), try indices.map { try value($0, frame) })
        case .field(let owner, let name):
            let held = try value(owner, frame)
            if let fault = missing(name.text, in: held, owner, Place(frame.source, name.span)) { throw fault }
            return try field(held, name.text)
        case .lambda(let parameters, let body):
            return .function(
                ShapeFunction(
                    name: "fn", parameters: parameters, body: .expression(body), source: frame.source,
                    scope: frame.scope))
        case .apply(let left, let right):
            let x = try value(left, frame)
            return try apply(try value(right, frame), [x], [], e, frame)
        case .compose(let left, let right):
            let (l, r) = (try value(left, frame), try value(right, frame))
            guard let first = try stages(l), let second = try stages(r) else { return .unknown }
            if facts?.source == frame.source {
                if first.count == 1, first[0].span == nil { first[0].span = left.span }
                if second.count == 1, second[0].span == nil { second[0].span = right.span }
            }
            return .layer(.pipeline(first + second))
        case .conditional(let condition, let then, let otherwise):
            return try conditional(condition, then, otherwise, frame)
        case .block(let block), .time(let block): return try self.block(block.statements, frame)
        case .train(let train): return try self.train(train, frame)
        case .sweep(let sweep): return try self.sweep(sweep, frame)
        }
    }

    private func named(_ name: String, _ frame: Frame) throws -> ShapeValue {
        if let found = frame.scope.value(name) { return found }
        if name == "training" { return .bool(isTraining) }
        return known(name)
    }

    /// A name of the library.
    func known(_ name: String) -> ShapeValue {
        if let found = library[name] { return found }
        var value = ShapeValue.unknown
        if let d = Prelude.definition(name) {
            let source = Source(name: "prelude/\(d.file)", kind: .prelude, text: d.text)
            switch Parser.parse(source).program.statements.first?.kind {
            case .function(let f)?:
                value = .function(
                    ShapeFunction(
                        name: name, parameters: f.parameters, body: f.body, source: source, scope: ShapeScope()))
            case .layer(let l)?:
                value = .function(
                    ShapeFunction(
                        name: name, parameters: l.parameters, body: .expression(Expression(.none, .none)), layer: l,
                        source: source, scope: ShapeScope()))
            default: break
            }
        } else if let base = session.globals.baseValueIfReady(name) {
            value = ShapeValue(base)
        }
        library[name] = value
        return value
    }

    /// A bracket is a tensor when all its elements are numbers, bools or tensors of one shape.
    func bracket(_ items: [ShapeValue]) -> ShapeValue {
        guard let first = items.first else { return .list([]) }
        if items.contains(where: \.isUnknown) { return .list(items) }
        let count = Quantity.known(Double(items.count))
        if items.allSatisfy({ $0.dims?.isEmpty == true }) {
            let elements = items.map { item -> Quantity in
                switch item {
                case .number(let x): x
                case .bool(let b): b.map { .known($0 ? 1 : 0) } ?? fresh()
                default: fresh()
                }
            }
            return .tensor([count], elements: items.count <= 64 ? .each(elements) : nil)
        }
        guard case .tensor(let dims, _) = first else { return .list(items) }
        for item in items { guard case .tensor(let other, _) = item, other == dims else { return .list(items) } }
        return .shaped([count] + dims)
    }

    private func comprehension(_ item: Expression, _ clauses: [Clause], _ frame: Frame) throws -> ShapeValue {
        let inner = Frame(source: frame.source, scope: ShapeScope(in: frame.scope), layer: frame.layer)
        var count: Quantity? = clauses.count == 1 ? nil : fresh()
        var isCertain = true
        for clause in clauses {
            let source = try value(clause.source, inner)
            bind(clause.names, to: self.item(of: source), inner)
            if let condition = clause.condition {
                _ = try value(condition, inner)
                count = fresh()
                isCertain = false
            }
            if count == nil { count = try length(of: source) ?? fresh() }
        }
        if !isCertain || (count?.whole ?? 0) == 0 {
            doubt += 1
            defer { doubt -= 1 }
            guard let one = try? value(item, inner) else { return .unknown }
            return collected(one, count ?? fresh())
        }
        return collected(try value(item, inner), count ?? fresh())
    }

    private func collected(_ one: ShapeValue, _ count: Quantity) -> ShapeValue {
        switch one {
        case .number, .bool: .shaped([count])
        case .tensor(let dims, _): .shaped([count] + dims)
        default: .unknown
        }
    }

    func length(of v: ShapeValue) throws -> Quantity? {
        switch v {
        case .tensor(let dims, _): return dims.first
        case .list(let items): return .known(Double(items.count))
        case .text(let t?): return .known(Double(t.count))
        case .record(let fields): return .known(Double(fields.count))
        case .dataset(let data): return data.dims.first
        case .range(let low, let high?):
            guard case .number(let h) = high, let end = h.number else { return nil }
            guard let low else { return .known(max(0, end)) }
            if case .number(let l) = low, let start = l.number { return .known(max(0, end - start)) }
            return nil
        default: return nil
        }
    }

    /// A column N x 1 of what a net gives against the labels of a batch, N of them.
    private func noteOuter(
        _ e: Expression, _ sign: Span, _ left: (Expression, ShapeValue), _ right: (Expression, ShapeValue),
        _ frame: Frame
    ) {
        guard doubt == 0, isTraining, frame.source.kind != .prelude, let a = left.1.dims, let b = right.1.dims,
            a.count + b.count == 3, !a.isEmpty, !b.isEmpty
        else { return }
        let isLeft = a.count == 2
        let (column, row) = isLeft ? (left, right) : (right, left)
        let (tall, flat) = isLeft ? (a, b) : (b, a)
        guard tall[1].whole == 1, tall[0] == flat[0], flat[0].whole != 1 else { return }
        var (isOfBatch, isOfNet) = (true, false)
        row.0.walk { if case .name(let name) = $0.kind, !batchNames.contains(name) { isOfBatch = false } }
        column.0.walk { if case .name(let name) = $0.kind, !batchNames.contains(name) { isOfNet = true } }
        guard isOfBatch, isOfNet else { return }
        let d = LossInputCheck.outer(
            frame.source, e.span, sign, column: column.0, isLeft: isLeft, other: row.0, count: flat[0].whole)
        let isKnown = found.contains { other in
            other.code == d.code && other.labels.first?.place.source == frame.source
        }
        if !isKnown { found.append(d) }
    }

    // MARK: Operators

    private static let operators: [BinaryOperator: String] = [
        .add: "add", .subtract: "subtract", .multiply: "multiply", .divide: "divide", .remainder: "remainder",
        .matmul: "matmul", .power: "power",
    ]

    private func binary(_ op: BinaryOperator, _ a: ShapeValue, _ b: ShapeValue) throws -> ShapeValue {
        if case .number(let x) = a, case .number(let y) = b, op != .matmul {
            guard let x = x.number, let y = y.number else { return .number(fresh()) }
            let z: Double? =
                switch op {
                case .add: x + y
                case .subtract: x - y
                case .multiply: x * y
                case .divide: x / y
                default: nil
                }
            return .number(z.map { .known($0) } ?? fresh())
        }
        guard let left = a.dims, let right = b.dims else { return .unknown }
        if op != .matmul {
            if left.isEmpty, right.isEmpty { return .number(fresh()) }
            if left.isEmpty { return .shaped(right) }
            if right.isEmpty { return .shaped(left) }
        }
        guard let name = ShapeCheck.operators[op], let rule = Operators.named(name) else { return .unknown }
        return try outputs(rule, [left, right], [], []).first ?? .unknown
    }

    /// The outputs of an operator's rule; none where too little is known.
    func outputs(_ op: Operator, _ inputs: [[Quantity]], _ attributes: [[Quantity]?], _ fixed: [Attribute]) throws
        -> [ShapeValue]
    {
        do {
            let shapes = try ShapeRules.apply(op, inputs, attributes, fixed: fixed, fresh: { self.fresh() })
            return (shapes ?? []).map { .shaped($0) }
        } catch let error as EngineError {
            throw ShapeFault(
                diagnostic: Diagnostic(code: error.code, error.message, notes: error.notes), dims: error.dims)
        }
    }

    private func comparison(_ operands: [Expression], _ signs: [ComparisonOperator], _ frame: Frame) throws
        -> ShapeValue
    {
        let values = try operands.map { try value($0, frame) }
        if signs.contains(.greater), values.contains(where: { if case .layer = $0 { true } else { false } }),
            let (first, last) = operands.first.flatMap({ a in operands.last.map { (a, $0) } })
        {
            let whole = Expression(.comparison(operands, signs, []), Span(first.span.start, last.span.end))
            throw ShapeFault(
                diagnostic: Diagnostic(
                    code: "operand.kind", "> compares numbers, tensors or texts, and a layer is none",
                    at: [.init(Place(frame.source, whole.span))],
                    repair: "join stages with >>:  \(whole.joinedStages(in: frame.source) ?? "flatten >> dense(8)")"))
        }
        guard values.count == 2, let sign = signs.first else {
            return values.contains(where: \.isTensor) ? .unknown : .bool(nil)
        }
        if sign == .isIn { return .bool(nil) }
        switch (values[0], values[1]) {
        case (.number(let x), .number(let y)):
            guard let p = x.number, let q = y.number else {
                return .bool(x == y && (sign == .equal || sign == .unequal) ? sign == .equal : nil)
            }
            switch sign {
            case .equal: return .bool(p == q)
            case .unequal: return .bool(p != q)
            case .less: return .bool(p < q)
            case .lessOrEqual: return .bool(p <= q)
            case .greater: return .bool(p > q)
            default: return .bool(p >= q)
            }
        case (.text(let x?), .text(let y?)) where sign == .equal || sign == .unequal:
            return .bool((x == y) == (sign == .equal))
        case (.none, .none): return .bool(sign == .equal)
        case (.none, let other), (let other, .none): return other.isUnknown ? .bool(nil) : .bool(sign != .equal)
        case (.function(let x), .function(let y)): return .bool((x === y) == (sign == .equal))
        case (.builtin(let x), .builtin(let y)): return .bool((x === y) == (sign == .equal))
        case (.tensor, let other), (let other, .tensor):
            if let a = values[0].dims, let b = values[1].dims, !other.isUnknown {
                if sign == .equal || sign == .unequal { if a.isEmpty || b.isEmpty { return .shaped(a + b) } }
                if let rule = Operators.named("less") { return try outputs(rule, [a, b], [], []).first ?? .unknown }
            }
            return .unknown
        default: return values.contains(where: \.isUnknown) ? .unknown : .bool(nil)
        }
    }

    private func logical(_ op: LogicalOperator, _ left: Expression, _ right: Expression, _ frame: Frame) throws
        -> ShapeValue
    {
        let first = try value(left, frame)
        if case .bool(let known?) = first {
            if known == (op == .or) { return .bool(known) }
            return try value(right, frame)
        }
        doubt += 1
        defer { doubt -= 1 }
        _ = try? value(right, frame)
        return .bool(nil)
    }

    private func conditional(_ condition: Expression, _ then: Block, _ otherwise: Block?, _ frame: Frame) throws
        -> ShapeValue
    {
        if case .bool(let known?) = try value(condition, frame) {
            if known { return try block(then.statements, frame) }
            return try otherwise.map { try block($0.statements, frame) } ?? .none
        }
        let before = frame.scope.names
        let had = frame.hasReturned
        doubt += 1
        defer { doubt -= 1 }
        let first = (try? block(then.statements, frame)) ?? .unknown
        let after = frame.scope.names
        frame.scope.names = before
        frame.hasReturned = had
        var second = ShapeValue.none
        if let otherwise { second = (try? block(otherwise.statements, frame)) ?? .unknown }
        frame.scope.names = join(after, frame.scope.names)
        frame.hasReturned = had
        return join(first, second)
    }
}

extension Expression {
    /// Whether its text names a value whose shape it does not say: `x`, `d.x`, `net(a)`.
    var isNamed: Bool {
        switch kind {
        case .name: true
        case .field(let owner, _), .index(let owner, _): owner.isNamed
        case .call(let function, let arguments, _): function.isNamed && arguments.allSatisfy { $0.value.isNamed }
        default: false
        }
    }
}
