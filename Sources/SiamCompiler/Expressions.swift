import SiamInterpreter
import SiamLanguage
import SiamTensor

/// The compiler: expressions.
extension Compiler {
    /// Compiles an expression and leaves its value in exactly this operand.
    func expression(_ e: Expression, storedIn target: UInt32) throws {
        let value = try expression(e, into: target)
        if value != target { emit(.move, a: target, b: value) }
    }

    /// Compiles an expression; its value is in the operand returned, which is `wanted` where the value has to be computed.
    func expression(_ e: Expression, into wanted: UInt32?) throws -> UInt32 {
        try at(e) { try compile(e, wanted) }
    }

    func target(_ wanted: UInt32?) -> UInt32 { wanted ?? Operand.register(scope.take()) }

    private func compile(_ e: Expression, _ wanted: UInt32?) throws -> UInt32 {
        switch e.kind {
        case .number(let x, _): return constant(.number(x))
        case .bool(let b): return constant(.bool(b))
        case .none: return constant(.none)
        case .text(let parts): return try text(parts, wanted)
        case .name(let n):
            if n == "training", scope.find(n) == nil {
                let t = target(wanted)
                emit(.training, a: t)
                return t
            }
            if context.ownNames.contains(n) {
                let mark = scope.nextRegister
                let arguments = scope.take()
                scope.nextRegister = mark
                let t = target(wanted)
                emit(
                    .call, a: t, b: Operand.global(try globals.baseSlot("__\(n)")), c: Operand.register(arguments))
                return t
            }
            return try read(n, into: wanted)
        case .bracket(let items): return try bracket(items, wanted)
        case .comprehension(let element, let clauses): return try comprehension(element, clauses, wanted)
        case .record(let fields):
            let mark = scope.nextRegister
            let base = try window(fields.map(\.value))
            let names = Record(fields.map(\.name.text), fields.map { _ in .none })
            scope.nextRegister = mark
            let t = target(wanted)
            emit(.makeRecord, n: fields.count & 255, m: fields.count >> 8, a: t, b: constant(.record(names)), c: base)
            return t
        case .unary(let op, let inner):
            if op == .minus, case .number(let x, _) = inner.kind { return constant(.number(-x)) }
            let mark = scope.nextRegister
            let value = try expression(inner, into: nil)
            scope.nextRegister = mark
            let t = target(wanted)
            emit(op == .minus ? .negate : .not, a: t, b: value)
            return t
        case .binary(let op, let l, let r, _):
            let mark = scope.nextRegister
            let (left, right) = try pair(l, r)
            scope.nextRegister = mark
            let t = target(wanted)
            emit(Compiler.opcode(op), a: t, b: left, c: right)
            return t
        case .comparison(let operands, let ops, _): return try comparison(operands, ops, wanted)
        case .logical(let op, let l, let r):
            let t = Operand.register(scope.take())
            let value = try expression(l, into: t)
            emit(.truth, a: t, b: value)
            let jump = emit(op == .and ? .jumpIfFalse : .jumpIfTrue, b: t)
            let mark = scope.nextRegister
            let other = try expression(r, into: t)
            emit(.truth, a: t, b: other)
            scope.nextRegister = mark
            code.instructions[jump].c = here
            return t
        case .range(let low, let high):
            let mark = scope.nextRegister
            if low == nil, high == nil { return constant(.range(RangeValue(nil, nil))) }
            let l = try low.map { try expression($0, into: nil) } ?? constant(.none)
            let h = try high.map { try expression($0, into: nil) } ?? constant(.none)
            scope.nextRegister = mark
            let t = target(wanted)
            emit(.makeRange, a: t, b: l, c: h)
            return t
        case .call(let callee, let arguments, _): return try call(callee, arguments, wanted)
        case .apply(let argument, let function): return try call(function, [Argument(value: argument)], wanted)
        case .index(let base, let items):
            let mark = scope.nextRegister
            let value = try expression(base, into: nil)
            let first = try window(items)
            scope.nextRegister = mark
            let t = target(wanted)
            emit(.index, n: items.count, a: t, b: value, c: first)
            return t
        case .field(let base, let field):
            let mark = scope.nextRegister
            let value = try expression(base, into: nil)
            scope.nextRegister = mark
            let t = target(wanted)
            emit(.getField, a: t, b: value, c: name(field.text))
            return t
        case .lambda(let parameters, let body):
            let index = try function(
                name: "fn", role: .lambda, parameters: parameters, body: .expression(body), span: e.span)
            return closure(index, wanted)
        case .compose(let l, let r):
            let mark = scope.nextRegister
            let (left, right) = try pair(l, r)
            scope.nextRegister = mark
            let t = target(wanted)
            emit(.compose, a: t, b: left, c: right)
            return t
        case .conditional(let condition, let then, let otherwise):
            let t = Operand.register(scope.take())
            let jump = try conditionJump(condition)
            let mark = scope.nextRegister
            try block(then, storedIn: t)
            scope.nextRegister = mark
            let out = emit(.jump)
            code.instructions[jump].patch(here)
            if let otherwise { try block(otherwise, storedIn: t) } else { emit(.move, a: t, b: constant(.none)) }
            scope.nextRegister = mark
            code.instructions[out].c = here
            return t
        case .block(let b): return try block(b, into: wanted)
        case .time(let b):
            let t = target(wanted)
            let body = try chunk(b, name: "time", context: chunkContext(), wantsValue: true)
            emit(.chunk, n: 2, a: t, b: UInt32(truncatingIfNeeded: body))
            return t
        case .train(let t): return try train(t, wanted)
        case .sweep(let s): return try sweep(s, wanted)
        case .missing: throw fail("syntax.missing", "something is missing here", e.span)
        }
    }

    func chunkContext() -> Context {
        var inner = context
        inner.isChunk = false
        inner.canReturn = false
        inner.inTrain = false
        return inner
    }

    static func opcode(_ op: BinaryOperator) -> Opcode {
        switch op {
        case .add: .add
        case .subtract: .subtract
        case .multiply: .multiply
        case .divide: .divide
        case .remainder: .remainder
        case .matmul: .matmul
        case .power: .power
        }
    }

    static func opcode(_ op: ComparisonOperator) -> Opcode {
        switch op {
        case .equal: .equal
        case .unequal: .unequal
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .isIn: .isIn
        }
    }

    /// Two operands, left evaluated first; the left is copied where the right might rebind its name.
    private func pair(_ l: Expression, _ r: Expression) throws -> (UInt32, UInt32) {
        var left = try expression(l, into: nil)
        if Compiler.mayAssign(r), left >> 30 != 1 {
            let kept = Operand.register(scope.take())
            emit(.move, a: kept, b: left)
            left = kept
        }
        return (left, try expression(r, into: nil))
    }

    /// Whether evaluating this could change a variable of this function: only blocks can.
    private static func mayAssign(_ e: Expression) -> Bool {
        switch e.kind {
        case .block, .conditional, .train, .sweep, .time: true
        case .binary(_, let l, let r, _): mayAssign(l) || mayAssign(r)
        default: false
        }
    }

    private func comparison(_ operands: [Expression], _ ops: [ComparisonOperator], _ wanted: UInt32?) throws -> UInt32 {
        let mark = scope.nextRegister
        if operands.count == 2 {
            let (left, right) = try pair(operands[0], operands[1])
            scope.nextRegister = mark
            let t = target(wanted)
            emit(Compiler.opcode(ops[0]), a: t, b: left, c: right)
            return t
        }
        // a < b < c: each operand once, all parts hold.
        let base = try window(operands)
        let callArguments = scope.take(2)
        let first = Operand.register(callArguments)
        emit(Compiler.opcode(ops[0]), a: first, b: base, c: base + 1)
        let both = Operand.global(try globals.baseSlot("__both"))
        for i in 1..<ops.count {
            emit(Compiler.opcode(ops[i]), a: first + 1, b: base + UInt32(i), c: base + UInt32(i) + 1)
            emit(.call, n: 2, a: first, b: both, c: first)
        }
        scope.nextRegister = mark
        let t = target(wanted)
        emit(.move, a: t, b: first)
        return t
    }

    /// A jump that is taken where the condition does not hold; the caller patches its target.
    func conditionJump(_ condition: Expression) throws -> Int {
        try at(condition) {
            let mark = scope.nextRegister
            defer { scope.nextRegister = mark }
            if case .comparison(let operands, let ops, _) = condition.kind, operands.count == 2 {
                let fused: Opcode? =
                    switch ops[0] {
                    case .less: .jumpUnlessLess
                    case .lessOrEqual: .jumpUnlessLessOrEqual
                    case .greater: .jumpUnlessGreater
                    case .greaterOrEqual: .jumpUnlessGreaterOrEqual
                    case .equal: .jumpUnlessEqual
                    default: nil
                    }
                if let fused {
                    let (left, right) = try pair(operands[0], operands[1])
                    return emit(fused, b: left, c: right)
                }
            }
            let value = try expression(condition, into: nil)
            return emit(.jumpIfFalse, b: value)
        }
    }
}

extension Instruction {
    /// Sets the target of a jump that was emitted before it was known.
    mutating func patch(_ target: UInt32) {
        switch op {
        case .jumpUnlessLess, .jumpUnlessLessOrEqual, .jumpUnlessGreater, .jumpUnlessGreaterOrEqual, .jumpUnlessEqual:
            a = target
        default: c = target
        }
    }
    mutating func patchLoop(_ target: UInt32) { c = target }
}
