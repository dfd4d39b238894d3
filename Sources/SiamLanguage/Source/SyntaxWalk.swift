/// Visiting the parts of a tree.
extension Expression {
    /// The expressions straight inside this one, in the order of the text; blocks are not entered.
    public var parts: [Expression] {
        var all: [Expression] = []
        eachPart { all.append($0) }
        return all
    }

    /// The same one by one, without a list of them: checks walk over whole files at every key.
    public func eachPart(_ body: (Expression) -> Void) {
        switch kind {
        case .number, .bool, .none, .name, .missing, .block, .time: break
        case .text(let parts): for case .value(let value, _) in parts { body(value) }
        case .bracket(let items): for item in items { body(item) }
        case .comprehension(let item, let clauses):
            for clause in clauses {
                body(clause.source)
                if let condition = clause.condition { body(condition) }
            }
            body(item)
        case .record(let fields): for field in fields { body(field.value) }
        case .unary(_, let inner): body(inner)
        case .binary(_, let left, let right, _), .logical(_, let left, let right), .apply(let left, let right),
            .compose(let left, let right):
            body(left)
            body(right)
        case .comparison(let operands, _, _): for operand in operands { body(operand) }
        case .range(let start, let end):
            if let start { body(start) }
            if let end { body(end) }
        case .call(let function, let arguments, _):
            body(function)
            for argument in arguments { body(argument.value) }
        case .index(let owner, let indices):
            body(owner)
            for index in indices { body(index) }
        case .field(let owner, _): body(owner)
        case .lambda(let parameters, let inner):
            for parameter in parameters { if let defaultValue = parameter.defaultValue { body(defaultValue) } }
            body(inner)
        case .conditional(let condition, _, _): body(condition)
        case .train(let train):
            for net in train.nets { body(net) }
            body(train.source)
            if let length = train.length { body(length) }
            body(train.optimizer)
            if let log = train.log { body(log) }
        case .sweep(let sweep): for axis in sweep.axes { body(axis.value) }
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
        eachPart { $0.walk(visit) }
        for block in blocks { for statement in block.statements { statement.walk(visit) } }
    }
}

extension Statement {
    /// The expressions straight inside this statement, definitions and blocks not entered.
    public var parts: [Expression] {
        switch kind {
        case .expression(let value), .importFile(let value), .expect(let value), .minimize(let value),
            .stopWhen(let value),
            .report(_, let value):
            [value]
        case .assign(let targets, let value): [value] + targets
        case .forIn(_, let from, _): [from]
        case .whileLoop(let condition, _): [condition]
        case .expectError(let message, _): [message]
        case .returnValue(let value), .every(let value, _, _): value.map { [$0] } ?? []
        case .function(let definition): definition.parameters.compactMap(\.defaultValue)
        case .layer(let definition): definition.parameters.compactMap(\.defaultValue)
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

    /// The blocks of this statement and of its expressions: of loops, conditions and trainings, without a definition's body.
    public var innerBlocks: [Block] { blocks + parts.flatMap(\.blocks) }

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

extension Expression {
    /// The number that is written here, with or without a minus; nil for any other expression.
    public var plainNumber: Double? {
        switch kind {
        case .number(let x, _): x
        case .unary(.minus, let inner): inner.plainNumber.map { -$0 }
        default: nil
        }
    }
}
