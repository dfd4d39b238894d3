extension Expression {
    /// The expressions straight inside this one, in the order of the text; blocks are not entered.
    public var parts: [Expression] {
        switch kind {
        case .number, .bool, .none, .name, .missing, .block, .time: []
        case .text(let parts):
            parts.compactMap { part in
                if case .value(let value, _) = part { return value }
                return nil
            }
        case .bracket(let items): items
        case .comprehension(let item, let clauses):
            clauses.flatMap { [$0.source] + ($0.condition.map { [$0] } ?? []) } + [item]
        case .record(let fields): fields.map(\.value)
        case .unary(_, let inner): [inner]
        case .binary(_, let left, let right, _), .logical(_, let left, let right), .apply(let left, let right),
            .compose(let left, let right):
            [left, right]
        case .comparison(let operands, _, _): operands
        case .range(let start, let end): [start, end].compactMap { $0 }
        case .call(let function, let arguments, _): [function] + arguments.map(\.value)
        case .index(let owner, let indices): [owner] + indices
        case .field(let owner, _): [owner]
        case .lambda(let parameters, let body): parameters.compactMap(\.standard) + [body]
        case .conditional(let condition, _, _): [condition]
        case .train(let train): train.nets + [train.source] + [train.length, train.optimizer, train.log].compactMap { $0 }
        case .sweep(let sweep): sweep.axes.map(\.value)
        }
    }

    /// The blocks straight inside this expression.
    public var blocks: [Block] {
        switch kind {
        case .block(let block), .time(let block): [block]
        case .conditional(_, let block, let otherwise): [block] + (otherwise.map { [$0] } ?? [])
        case .train(let train): [train.body]
        case .sweep(let sweep): [sweep.body]
        default: []
        }
    }

    /// This expression and all below it, blocks included.
    public func walk(_ visit: (Expression) -> Void) {
        visit(self)
        for part in parts { part.walk(visit) }
        for block in blocks { for statement in block.statements { statement.walk(visit) } }
    }
}

extension Statement {
    /// The expressions straight inside this statement, definitions and blocks not entered.
    public var parts: [Expression] {
        switch kind {
        case .expression(let value), .importFile(let value), .expect(let value), .minimize(let value),
            .report(_, let value):
            [value]
        case .assign(let targets, let value): [value] + targets
        case .forIn(_, let from, _): [from]
        case .whileLoop(let condition, _): [condition]
        case .expectError(let message, _): [message]
        case .returnValue(let value), .every(let value, _, _): value.map { [$0] } ?? []
        case .function(let definition): definition.parameters.compactMap(\.standard)
        case .layer(let definition): definition.parameters.compactMap(\.standard)
        case .breakLoop, .continueLoop, .pause: []
        }
    }

    /// The blocks straight inside this statement, without a definition's body.
    public var blocks: [Block] {
        switch kind {
        case .forIn(_, _, let block), .whileLoop(_, let block), .expectError(_, let block), .every(_, _, let block):
            [block]
        default: []
        }
    }

    /// All expressions in this statement, those of blocks and definitions included.
    public func walk(_ visit: (Expression) -> Void) {
        for part in parts { part.walk(visit) }
        for block in blocks { for statement in block.statements { statement.walk(visit) } }
        switch kind {
        case .function(let definition): definition.body.walk(visit)
        case .layer(let definition):
            switch definition.form {
            case .pipeline(let value): value.walk(visit)
            case .members(let members): for member in members { member.walk(visit) }
            }
        default: break
        }
    }
}

extension Body {
    public func walk(_ visit: (Expression) -> Void) {
        switch self {
        case .expression(let value): value.walk(visit)
        case .block(let block): for statement in block.statements { statement.walk(visit) }
        }
    }
}

extension LayerDefinition.Member {
    public func walk(_ visit: (Expression) -> Void) {
        switch self {
        case .parameter(_, let shape, let value), .state(_, let shape, let value):
            for one in shape { one.walk(visit) }
            value.walk(visit)
        case .part(_, let value): value.walk(visit)
        case .forward(_, let body): body.walk(visit)
        }
    }
}
