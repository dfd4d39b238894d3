import SiamLanguage
import SiamTensor

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

    private func target(_ wanted: UInt32?) -> UInt32 { wanted ?? Operand.register(scope.take()) }

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

    /// Values of the expressions in consecutive registers; the first one's operand.
    func window(_ items: [Expression]) throws -> UInt32 {
        let base = scope.nextRegister
        for (i, item) in items.enumerated() {
            scope.nextRegister = base + i
            let slot = Operand.register(scope.take())
            try expression(item, storedIn: slot)
        }
        scope.nextRegister = base + items.count
        scope.maxRegister = max(scope.maxRegister, scope.nextRegister)
        guard items.count < 1 << 20 else { throw fail("syntax.long", "this is too long", code.span) }
        return Operand.register(base)
    }

    func closure(_ index: Int, _ wanted: UInt32?) -> UInt32 {
        let t = target(wanted)
        emit(.makeClosure, a: t, b: UInt32(truncatingIfNeeded: index))
        return t
    }

    private func text(_ parts: [TextPart], _ wanted: UInt32?) throws -> UInt32 {
        if parts.allSatisfy({ if case .literal = $0 { true } else { false } }) {
            return constant(Value(parts.map { if case .literal(let s) = $0 { s } else { "" } }.joined()))
        }
        let base = scope.nextRegister
        for part in parts {
            let value = Operand.register(scope.take())
            let format = Operand.register(scope.take())
            switch part {
            case .literal(let s):
                emit(.move, a: value, b: constant(Value(s)))
                emit(.move, a: format, b: constant(.none))
            case .value(let e, let spec):
                try expression(e, storedIn: value)
                emit(.move, a: format, b: constant(spec.map { Value($0) } ?? .none))
            }
            scope.nextRegister = base + (Int(format) - base) + 1
        }
        scope.nextRegister = base
        let t = target(wanted)
        emit(.makeText, n: parts.count & 255, m: parts.count >> 8, a: t, c: Operand.register(base))
        return t
    }

    private func bracket(_ items: [Expression], _ wanted: UInt32?) throws -> UInt32 {
        if !items.isEmpty, let folded = Compiler.fold(items) { return constant(.tensor(folded)) }
        let mark = scope.nextRegister
        let base = try window(items)
        scope.nextRegister = mark
        let t = target(wanted)
        emit(.makeBracket, n: items.count & 255, m: items.count >> 8, a: t, c: base)
        return t
    }

    /// A literal of numbers, made once.
    private static func fold(_ items: [Expression]) -> Tensor? {
        var values: [Float] = []
        guard let dims = literalShape(items, into: &values), let shape = try? Shape(dims) else { return nil }
        return try? Tensor(shape, values)
    }

    private static func literalShape(_ items: [Expression], into values: inout [Float]) -> [Int]? {
        var inner: [Int]?
        for item in items {
            let shape: [Int]
            switch item.kind {
            case .number(let x, _):
                values.append(Float(x))
                shape = []
            case .unary(.minus, let e):
                guard case .number(let x, _) = e.kind else { return nil }
                values.append(Float(-x))
                shape = []
            case .bracket(let deeper):
                guard !deeper.isEmpty, let found = literalShape(deeper, into: &values) else { return nil }
                shape = found
            default: return nil
            }
            if let inner, inner != shape { return nil }
            inner = shape
        }
        return [items.count] + (inner ?? [])
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

    func call(_ callee: Expression, _ arguments: [Argument], _ wanted: UInt32?) throws -> UInt32 {
        guard arguments.count <= 255 else { throw fail("call.long", "a call has at most 255 arguments", callee.span) }
        let mark = scope.nextRegister
        let names = arguments.map { $0.name?.text }
        var shapeIndex = 0
        var seen = Set<String>()
        for a in arguments {
            if let n = a.name, !seen.insert(n.text).inserted {
                throw fail("call.doubled", "\(n.text) is given twice", n.span)
            }
        }
        func shape(_ names: [String?]) -> Int {
            guard names.contains(where: { $0 != nil }) else { return 0 }
            let shape = CallShape(names: names)
            if let i = code.shapes.firstIndex(of: shape) { return i + 1 }
            code.shapes.append(shape)
            return code.shapes.count
        }
        if case .field(let receiver, let method) = callee.kind {
            let function: UInt32
            switch try place(method.text) {
            case .register, .global: function = try read(method.text, into: nil)
            default: function = try read(method.text, into: Operand.register(scope.take()))
            }
            let base = try window([receiver] + arguments.map(\.value))
            shapeIndex = shape([nil] + names)
            scope.nextRegister = mark
            let t = target(wanted)
            emit(.callMethod, n: arguments.count + 1, m: shapeIndex, a: t, b: function, c: base)
            emit(.clear, a: name(method.text))
            return t
        }
        let function: UInt32
        var arguments = arguments
        if case .name(let n) = callee.kind, Builtins.lazyArguments.contains(n), scope.find(n) == nil,
            let first = arguments.first,
            first.name == nil
        {
            // The call that is to be looked at is handed on, not its value.
            arguments[0].value = Expression(.lambda([], first.value), first.value.span)
        }
        if case .name("training") = callee.kind, scope.find("training") == nil {
            function = try read("training", into: nil)
        } else {
            function = try expression(callee, into: nil)
        }
        let base = try window(arguments.map(\.value))
        shapeIndex = shape(names)
        scope.nextRegister = mark
        let t = target(wanted)
        emit(.call, n: arguments.count, m: shapeIndex, a: t, b: function, c: base)
        return t
    }

    /// `[e for a in xs if c for b in a]`.
    private func comprehension(_ element: Expression, _ clauses: [Clause], _ wanted: UInt32?) throws -> UInt32 {
        let mark = scope.nextRegister
        let overlays = scope.overlays.count
        let list = Operand.register(scope.take())
        emit(.makeList, a: list, c: list)
        let inside = NameScan.usedInside([Statement(.expression(element), element.span)])
        var closers: [() -> Void] = []
        loops.append(Loop())
        for clause in clauses {
            var targets: [(String, Int, Bool)] = []
            let loop = try openLoop(over: clause.source) { [self] in
                clause.names.map { n in
                    let r = scope.take()
                    let isCell = inside.contains(n.text)
                    targets.append((n.text, r, isCell))
                    return Operand.register(r)
                }
            }
            for (n, r, isCell) in targets {
                if isCell { emit(.makeCell, a: Operand.register(r)) }
                scope.overlays.append((n, r, isCell))
            }
            if let condition = clause.condition {
                let jump = try conditionJump(condition)
                code.instructions[jump].patch(loop.top)
            }
            closers.append { [self] in
                emit(.jump, c: loop.top)
                code.instructions[loop.exit].patchLoop(here)
            }
        }
        let value = try expression(element, into: nil)
        emit(.append, a: list, b: value)
        for close in closers.reversed() { close() }
        loops.removeLast()
        scope.overlays.removeLast(scope.overlays.count - overlays)
        scope.nextRegister = mark
        let t = target(wanted)
        emit(.makeBracket, n: 255, m: 0xFFFF, a: t, c: list)
        return t
    }

    /// Opens a loop over a range or anything that can be walked. The instruction `exit` jumps out when it is over.
    func openLoop(over source: Expression, _ names: () throws -> [UInt32]) throws -> (top: UInt32, exit: Int) {
        let state = scope.take(2)
        if case .range(let low?, let high?) = source.kind {
            try expression(low, storedIn: Operand.register(state))
            try expression(high, storedIn: Operand.register(state + 1))
            let targets = try names()
            let top = here
            let value = targets.count == 1 ? targets[0] : Operand.register(scope.take())
            let exit = try at(source) { emit(.numberLoop, a: Operand.register(state), b: value) }
            if targets.count > 1 { try destructure(value, into: targets, source) }
            return (top, exit)
        }
        let iterable = try expression(source, into: nil)
        try at(source) { _ = emit(.loopStart, a: Operand.register(state), b: iterable) }
        let targets = try names()
        let top = here
        let value = targets.count == 1 ? targets[0] : Operand.register(scope.take())
        let exit = try at(source) { emit(.loopNext, a: Operand.register(state), b: value) }
        if targets.count > 1 { try destructure(value, into: targets, source) }
        return (top, exit)
    }

    func destructure(_ value: UInt32, into targets: [UInt32], _ e: Expression) throws {
        let base = scope.take(targets.count)
        try at(e) { _ = emit(.destructure, n: targets.count, b: value, c: Operand.register(base)) }
        for (i, target) in targets.enumerated() { emit(.move, a: target, b: Operand.register(base + i)) }
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
