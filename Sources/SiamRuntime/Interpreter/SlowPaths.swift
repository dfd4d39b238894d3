import SiamGradient
import SiamLanguage
import SiamTensor

/// What happens to values that are not numbers: kept out of the loop so that the loop stays small.
extension Interpreter {
    typealias Slot = UnsafeMutablePointer<Value>

    @inline(never)
    func move(_ target: Slot, _ source: Slot, _ a: UInt32, _ b: UInt32) throws {
        if case .unbound = source.pointee { try bind(source, b) }
        target.pointee = source.pointee
    }

    /// Gives an unbound operand its value from the base, or says that the name has none.
    @inline(never)
    func bind(_ slot: Slot, _ operand: UInt32) throws {
        guard case .unbound = slot.pointee else { return }
        if Operand.isGlobal(operand) {
            let index = Int(operand & Operand.mask)
            if let value = try globals.resolve(index) {
                slot.pointee = value
                globals.inherited.insert(index)
                return
            }
            throw unknown(globals.names[index])
        }
        let code = currentFrame.code.takeUnretainedValue()
        let register = Int(operand & Operand.mask)
        let name = code.variables.first { $0.value == register }?.key
        guard let name else { throw Diagnostic(code: "name.unbound", "this has no value yet") }
        throw unbound(name)
    }

    /// A name that the function around it assigns, though not on the way that was gone.
    private func unbound(_ name: String) -> Diagnostic {
        let code = currentFrame.code.takeUnretainedValue()
        var d = Diagnostic(
            code: "name.unbound", "\(name) has no value yet",
            notes: ["\(code.name.isEmpty ? "this" : code.name) gives it one, though not on the way that was gone"],
            repair: "a value from the start:  \(name) = none")
        guard code.source.kind != .prelude else { return d }
        let written = code.site(currentFrame.pc - 1).flatMap { Interpreter.find(name, in: $0) }
        // The value of the whole function has no instruction of its own: the last place where the name stands.
        let found = written ?? code.expressions.reversed().lazy.compactMap { Interpreter.find(name, in: $0) }.first
        d.labels = [.init(Place(code.source, found ?? code.span))]
        return d
    }

    func unknown(_ name: String) -> Diagnostic {
        let code = currentFrame.code.takeUnretainedValue()
        let known = globals.userNames + globals.baseNames + ["training"] + code.variables.keys.sorted()
        let span = code.site(currentFrame.pc - 1)
        let source = code.source
        if Foreign.packages.contains(name) {
            // The widest expression around the place holds the whole chain of names.
            let around = code.expressions.filter { e in
                span.map { e.span.start <= $0.span.start && e.span.end >= $0.span.end } ?? true
            }
            let widest = around.max { $0.span.end - $0.span.start < $1.span.end - $1.span.start }
            if let found = (widest ?? span).flatMap({ Foreign.memberless(name, in: $0, source, known) }) {
                return found
            }
        }
        // What is called has to be something that can be.
        var isCalled = false
        if case .call(let callee, _, _)? = span?.kind, case .name(name) = callee.kind { isCalled = true }
        let near = meant(
            by: name,
            in: isCalled
                ? known.filter { n in
                    switch globals.valueIfReady(n) ?? globals.baseValueIfReady(n) {
                    case .number?, .bool?, .text?, .record?, .range?: return false
                    default: return true
                    }
                } : known)
        var edits: [Diagnostic.Edit] = []
        var labels: [Diagnostic.Label] = []
        var repair = near?.says
        // A name that is assigned as it stands has no instruction of its own.
        let written = span.flatMap { Interpreter.find(name, in: $0) }
        if let found = written ?? code.expressions.lazy.compactMap({ Interpreter.find(name, in: $0) }).first {
            labels = [.init(Place(source, found))]
            if let path = Foreign.path(at: found, source) {
                repair = path
            } else if Train.usualNames.contains(name), isNamelessTrain(name, at: found, in: source) {
                repair = Train.namesAdvice
            } else if let near = near?.name {
                edits = [.init(Place(source, found), near)]
            }
        }
        return Diagnostic(
            code: "name.unknown", "there is nothing named \(name)", at: source.kind == .prelude ? [] : labels,
            repair: repair, edits: edits)
    }

    /// Whether the place lies in the body of a run that gives the parts of its batches no names.
    private func isNamelessTrain(_ name: String, at span: Span, in source: Source) -> Bool {
        var k = frameCount - 1
        while k >= 0 {
            let code = frames[k].code.takeUnretainedValue()
            for plan in code.trainPlans where plan.syntax.names.isEmpty {
                let body = plan.syntax.body.span
                if body.start <= span.start, span.end <= body.end { return true }
            }
            k -= 1
        }
        return false
    }

    /// The first use of a name inside an expression.
    static func find(_ name: String, in expression: Expression) -> Span? {
        var span: Span?
        var walker = TreeWalker()
        walker.onExpression = { e in
            if span == nil, case .name(name) = e.kind { span = e.span }
            if span == nil, case .call(let callee, _, _) = e.kind, case .field(_, let f) = callee.kind, f.text == name {
                span = f.span
            }
        }
        walker.walk(expression)
        return span
    }

    /// A tensor for a number, a bool or a tensor; nil for anything else.
    @inline(__always)
    static func tensor(_ v: Value) -> Tensor? {
        switch v {
        case .tensor(let t): t
        case .number(let x): try? Tensor(scalar: x)
        case .bool(let b): try? Tensor(scalar: b ? 1 : 0)
        default: nil
        }
    }

    static func symbol(_ op: Opcode) -> String {
        switch op {
        case .add: "+"
        case .subtract: "-"
        case .multiply: "*"
        case .divide: "/"
        case .remainder: "%"
        case .matmul: "@"
        case .power: "^"
        case .less: "<"
        case .lessOrEqual: "<="
        case .greater: ">"
        case .greaterOrEqual: ">="
        case .equal: "=="
        case .unequal: "!="
        case .isIn: "in"
        default: "\(op)"
        }
    }

    @inline(never)
    func arithmetic(_ op: Opcode, _ target: Slot, _ left: Slot, _ right: Slot, _ i: Instruction) throws {
        if case .unbound = left.pointee { try bind(left, i.b) }
        if case .unbound = right.pointee { try bind(right, i.c) }
        if op == .add, target == left, try grow(target, right) { return }
        switch (left.pointee, right.pointee) {
        case (.tensor(let l), .tensor(let r)):
            let result = try Interpreter.operate(op, l, r)
            target.pointee = .tensor(result)
            return
        case (.number(let x), .number(let y)):
            switch op {
            case .add: target.set(x + y)
            case .subtract: target.set(x - y)
            case .multiply: target.set(x * y)
            case .divide: target.set(x / y)
            case .remainder: target.set(Interpreter.remainder(x, y))
            case .power: target.set(Interpreter.power(x, y))
            default: throw EngineError(code: "matmul.rank", message: "@ multiplies matrices, and got two numbers")
            }
            return
        case (.text(let x), .text(let y)) where op == .add:
            try Memory.ask(x.string.utf8.count + y.string.utf8.count, of: 1, for: "a text")
            target.pointee = Value(x.string + y.string)
            return
        case (.list(let x), .list(let y)) where op == .add:
            try Memory.ask(x.items.count + y.items.count, of: MemoryLayout<Value>.stride, for: "a list")
            target.pointee = Value(x.items + y.items)
            return
        case (.text(let x), .number(let n)) where op == .multiply:
            guard n >= 0, n * Double(x.string.utf8.count + 1) < 1e8 else { break }
            target.pointee = Value(String(repeating: x.string, count: Int(n)))
            return
        default: break
        }
        guard let l = Interpreter.tensor(left.pointee), let r = Interpreter.tensor(right.pointee) else {
            throw mismatch(op, left.pointee, right.pointee)
        }
        let result = try Interpreter.operate(op, l, r)
        // Bools and numbers stay numbers.
        if result.rank == 0, !result.isTracked {
            switch (left.pointee, right.pointee) {
            case (.tensor, _), (_, .tensor): break
            default:
                target.set(result.item)
                return
            }
        }
        target.pointee = .tensor(result)
    }

    static func power(_ x: Double, _ y: Double) -> Double {
        if y == 2 { return x * x }
        return siamPower(x, y)
    }

    @inline(__always)
    /// `xs = xs + [x]` grows xs where it stands, unless others hold it too.
    private func grow(_ target: Slot, _ right: Slot) throws -> Bool {
        guard case .list(var list) = target.pointee, case .list(let added) = right.pointee, added !== list else {
            return false
        }
        try Memory.ask(list.items.count + added.items.count, of: MemoryLayout<Value>.stride, for: "a list")
        target.pointee = .none
        if !isKnownUniquelyReferenced(&list) { list = List(list.items) }
        list.items.append(contentsOf: added.items)
        target.pointee = .list(list)
        return true
    }

    static func operate(_ op: Opcode, _ l: Tensor, _ r: Tensor) throws -> Tensor {
        switch op {
        case .add: try Operators.add(l, r)
        case .subtract: try Operators.subtract(l, r)
        case .multiply: try Operators.multiply(l, r)
        case .divide: try Operators.divide(l, r)
        case .remainder: try Operators.remainder(l, r)
        case .matmul: try Operators.matmul(l, r)
        default: try Operators.power(l, r)
        }
    }

    private func mismatch(_ op: Opcode, _ l: Value, _ r: Value) -> Diagnostic {
        let symbol = Interpreter.symbol(op)
        let sentence =
            switch op {
            case .add: "cannot add \(l.kindName) and \(r.kindName)"
            case .subtract: "cannot subtract \(r.kindName) from \(l.kindName)"
            case .multiply: "cannot multiply \(l.kindName) by \(r.kindName)"
            case .divide: "cannot divide \(l.kindName) by \(r.kindName)"
            default: "\(symbol) wants numbers or tensors, and got \(l.kindName) and \(r.kindName)"
            }
        var repair: String?
        if case .text = l, case .number = r, op == .add { repair = "a text with a value in it:  \"... {x}\"" }
        if case .text = l, op == .remainder { repair = "a text with a value in it:  \"... {x:.3}\"" }
        if case .number = l, case .text = r, op == .add { repair = "a text with a value in it:  \"... {x}\"" }
        func isStage(_ v: Value) -> Bool {
            switch v {
            case .layer, .builtin: true
            case .function(let f): f.code.role == .layer || f.code.source.kind == .prelude
            default: false
            }
        }
        if op == .add, isStage(l), isStage(r) { repair = "stages are joined by >>:  flatten >> dense(8)" }
        return Diagnostic(code: "operand.kind", sentence, repair: repair)
    }

    @inline(never)
    func negate(_ target: Slot, _ source: Slot, _ i: Instruction) throws {
        if case .unbound = source.pointee { try bind(source, i.b) }
        switch source.pointee {
        case .number(let x): target.set(-x)
        case .bool(let b): target.set(b ? -1 : 0)
        case .tensor(let t): target.pointee = .tensor(try Operators.negate(t))
        default:
            throw Diagnostic(code: "operand.kind", "- wants a number or a tensor, and got \(source.pointee.kindName)")
        }
    }

    @inline(never)
    func truth(_ slot: Slot, _ operand: UInt32, _ who: String) throws -> Bool {
        if case .unbound = slot.pointee { try bind(slot, operand) }
        switch slot.pointee {
        case .bool(let b): return b
        case .number(let x): return x != 0
        case .tensor(let t) where t.count == 1: return t.item != 0
        case .tensor(let t):
            throw Diagnostic(
                code: "condition.many", "\(who) wants true or false, and got a tensor of \(t.shape)",
                repair: "all(...) where every element must hold, any(...) where one is enough")
        default:
            let asks: String? =
                switch slot.pointee {
                case .text, .list, .record: "whether there is anything in it:  len(x) > 0"
                case .none, .layer, .thing, .function, .builtin: "whether there is a value:  x != none"
                default: nil
                }
            throw Diagnostic(
                code: "condition.kind", "\(who) wants true or false, and got \(slot.pointee.kindName)", repair: asks)
        }
    }

    func holds(_ op: Opcode, _ left: Slot, _ right: Slot, _ i: Instruction) throws -> Bool {
        var result = Value.none
        try withUnsafeMutablePointer(to: &result) { try compare(op, $0, left, right, i) }
        return try withUnsafeMutablePointer(to: &result) { try truth($0, 0, "a condition") }
    }

    @inline(never)
    func compare(_ op: Opcode, _ target: Slot, _ left: Slot, _ right: Slot, _ i: Instruction) throws {
        if case .unbound = left.pointee { try bind(left, i.b) }
        if case .unbound = right.pointee { try bind(right, i.c) }
        let l = left.pointee
        let r = right.pointee
        if case .number(let x) = l, case .number(let y) = r {
            let result =
                switch op {
                case .less: x < y
                case .lessOrEqual: x <= y
                case .greater: x > y
                case .greaterOrEqual: x >= y
                case .equal: x == y
                case .unequal: x != y
                default: false
                }
            if op != .isIn {
                target.pointee = .bool(result)
                return
            }
        }
        if op == .isIn {
            target.pointee = .bool(try contains(r, l))
            return
        }
        var bothNumeric = false
        if case .tensor = l { bothNumeric = Interpreter.tensor(r) != nil }
        if case .tensor = r { bothNumeric = Interpreter.tensor(l) != nil }
        if bothNumeric, let x = Interpreter.tensor(l), let y = Interpreter.tensor(r) {
            let result =
                switch op {
                case .less: try Operators.less(x, y)
                case .lessOrEqual: try Operators.lessEqual(x, y)
                case .greater: try Operators.greater(x, y)
                case .greaterOrEqual: try Operators.greaterEqual(x, y)
                case .equal: try Operators.equal(x, y)
                default: try Operators.unequal(x, y)
                }
            target.pointee = result.rank == 0 ? .bool(result.item != 0) : .tensor(result)
            return
        }
        switch op {
        case .equal: target.pointee = .bool(same(l, r))
        case .unequal: target.pointee = .bool(!same(l, r))
        default:
            if case .text(let x) = l, case .text(let y) = r {
                let result =
                    switch op {
                    case .less: x.string < y.string
                    case .lessOrEqual: x.string <= y.string
                    case .greater: x.string > y.string
                    default: x.string >= y.string
                    }
                target.pointee = .bool(result)
                return
            }
            if let x = number(l), let y = number(r) {
                try withUnsafePointers(.number(x), .number(y)) { try compare(op, target, $0, $1, i) }
                return
            }
            throw Diagnostic(
                code: "operand.kind",
                "\(Interpreter.symbol(op)) compares numbers, tensors or texts, and got \(l.kindName) and \(r.kindName)")
        }
    }

    private func withUnsafePointers(_ l: Value, _ r: Value, _ body: (Slot, Slot) throws -> Void) rethrows {
        var l = l
        var r = r
        try withUnsafeMutablePointer(to: &l) { p in try withUnsafeMutablePointer(to: &r) { q in try body(p, q) } }
    }

    private func number(_ v: Value) -> Double? {
        switch v {
        case .number(let x): x
        case .bool(let b): b ? 1 : 0
        default: nil
        }
    }

    /// Equality of any two values; different kinds are unequal.
    public func same(_ l: Value, _ r: Value) -> Bool {
        switch (l, r) {
        case (.list, .list), (.record, .record): return sameParts(l, r)
        default: return sameLeaf(l, r)
        }
    }

    /// Lists and records, which may be of any depth and hold each other many times over.
    private func sameParts(_ l: Value, _ r: Value) -> Bool {
        var waiting: [(Value, Value)] = [(l, r)]
        var seen = 0
        while let (a, b) = waiting.popLast() {
            seen += 1
            // Whoever asked throws then.
            if seen & 0xFFF == 0, Interrupt.isDue { return false }
            switch (a, b) {
            case (.list(let x), .list(let y)):
                guard x.items.count == y.items.count else { return false }
                waiting.append(contentsOf: zip(x.items.reversed(), y.items.reversed()))
            case (.record(let x), .record(let y)):
                guard x.names == y.names else { return false }
                waiting.append(contentsOf: zip(x.values.reversed(), y.values.reversed()))
            default: guard sameLeaf(a, b) else { return false }
            }
        }
        return true
    }

    private func sameLeaf(_ l: Value, _ r: Value) -> Bool {
        switch (l, r) {
        case (.number(let x), .number(let y)): return x == y
        case (.bool(let x), .bool(let y)): return x == y
        case (.text(let x), .text(let y)): return x.string == y.string
        case (.none, .none): return true
        case (.range(let x), .range(let y)): return x.low == y.low && x.high == y.high
        case (.layer(let x), .layer(let y)): return x === y
        case (.thing(let x), .thing(let y)): return x === y
        case (.function(let x), .function(let y)): return x === y
        case (.builtin(let x), .builtin(let y)): return x === y
        case (.tensor(let x), .tensor(let y)): return x.shape == y.shape && x.doubles == y.doubles
        case (.tensor(let t), let other), (let other, .tensor(let t)):
            if let n = number(other), t.count == 1 { return t.item == n }
            return false
        case (.bool(let b), .number(let x)), (.number(let x), .bool(let b)): return x == (b ? 1 : 0)
        default: return false
        }
    }

    /// Where a part first stands in a text, or an element among others; nil where it does not.
    func position(of part: Value, in whole: Value) throws -> Int? {
        if case .text(let t) = whole {
            guard case .text(let p) = part else { _ = try contains(whole, part); return nil }
            if p.string.isEmpty { return 0 }
            return t.string.firstRange(of: p.string).map {
                t.string.distance(from: t.string.startIndex, to: $0.lowerBound)
            }
        }
        if case .record(let r) = whole {
            guard case .text(let p) = part else { _ = try contains(whole, part); return nil }
            return r.names.firstIndex(of: p.string)
        }
        return try items(whole).firstIndex { same($0, part) }
    }

    private func contains(_ whole: Value, _ part: Value) throws -> Bool {
        switch whole {
        case .list(let l): return l.items.contains { same($0, part) }
        case .text(let t):
            guard case .text(let p) = part else { break }
            return p.string.isEmpty || t.string.contains(p.string)
        case .record(let r):
            guard case .text(let p) = part else { break }
            return r.field(p.string) != nil
        case .tensor(let t):
            guard number(part) != nil else { break }
            return try t.doubles.contains(number(part) ?? .nan) || items(.tensor(t)).contains { same($0, part) }
        case .range(let range):
            guard let x = number(part) else { break }
            return x >= Double(range.low ?? Int.min) && x < Double(range.high ?? Int.max)
        default: break
        }
        throw Diagnostic(
            code: "operand.kind",
            "in looks for a value in a list, text, record, tensor or range, and got \(whole.kindName)")
    }

    func numberLoopOperands(_ slot: Slot) throws {
        for (k, which) in [(0, "start"), (1, "end")] {
            let p = slot + k
            switch p.pointee {
            case .number: continue
            case .tensor(let t) where t.count == 1: p.pointee = .number(t.item)
            case .bool(let b): p.pointee = .number(b ? 1 : 0)
            default:
                throw Diagnostic(
                    code: "range.kind", "a range's \(which) is a whole number, and this is \(p.pointee.kindName)")
            }
        }
    }

    func getCell(_ target: Slot, _ i: Instruction, _ frame: Frame) throws {
        let cell: Cell
        if i.n == 0 {
            guard case .cell(let c) = stack[frame.base + Int(i.b)] else {
                throw Diagnostic(code: "name.unbound", "this has no value yet")
            }
            cell = c
        } else {
            guard let f = frame.function?.takeUnretainedValue(), Int(i.b) < f.captures.count else {
                throw Diagnostic(code: "name.unbound", "this has no value yet")
            }
            cell = f.captures[Int(i.b)]
        }
        if case .unbound = cell.value {
            let code = frame.code.takeUnretainedValue()
            let name = i.n == 1 ? code.captureNames[Int(i.b)] : code.variables.first { $0.value == Int(i.b) }?.key
            throw unknown(name ?? "this")
        }
        target.pointee = cell.value
    }

    func setCell(_ value: Slot, _ i: Instruction, _ frame: Frame) throws {
        if case .unbound = value.pointee { try bind(value, i.b) }
        if i.n == 0 {
            if case .cell(let c) = stack[frame.base + Int(i.a)] {
                c.value = value.pointee
            } else {
                stack[frame.base + Int(i.a)] = .cell(Cell(value.pointee))
            }
        } else if let f = frame.function?.takeUnretainedValue(), Int(i.a) < f.captures.count {
            f.captures[Int(i.a)].value = value.pointee
        }
    }

    /// Ctrl-C arrived. A step of a run that is soon over is finished first.
    func interrupted() throws {
        guard Interrupt.isDue else { return }
        let reason = Interrupt.reason
        Interrupt.take()
        throw reason
    }
}
