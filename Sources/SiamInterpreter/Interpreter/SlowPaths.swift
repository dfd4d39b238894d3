import SiamGradient
import SiamLanguage
import SiamTensor

/// What happens to values that are not numbers: kept out of the loop so that the loop stays small.
extension Interpreter {
    package typealias Slot = UnsafeMutablePointer<Value>

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

    /// A tensor for a number, a bool or a tensor; nil for anything else.
    @inline(__always)
    package static func tensor(_ v: Value) -> Tensor? {
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
            if l.rank != r.rank, body == nil || saidOuter !== body {
                if result.rank == 2 { warnOfOuter(l, r) }
                if op == .multiply, result.rank == 1 { warnOfWhole(l, r) }
            }
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
    /// `xs = xs + [x]` appends to xs in place if its storage is not shared; likewise for a text.
    private func grow(_ target: Slot, _ right: Slot) throws -> Bool {
        if case .text(var text) = target.pointee, case .text(let added) = right.pointee, added !== text {
            try Memory.ask(text.string.utf8.count + added.string.utf8.count, of: 1, for: "a text")
            target.pointee = .none
            if isKnownUniquelyReferenced(&text) {
                text.grow(by: added.string)
            } else {
                text = Text(text.string + added.string)
            }
            target.pointee = .text(text)
            return true
        }
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

    /// A column N x 1 of what a net gives against the N labels of a batch, which makes N x N: said once a run.
    private func warnOfOuter(_ l: Tensor, _ r: Tensor) {
        let (column, row) = l.rank == 2 ? (l, r) : (r, l)
        guard column.rank == 2, row.rank == 1, column.shape[1] == 1, column.shape[0] == row.shape[0],
            row.shape[0] > 1, column.isTracked, !row.isTracked
        else { return }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1),
            case .binary(_, let left, let right, let sign) = site.kind
        else { return }
        saidOuter = body
        session.warn(
            LossInputCheck.outer(
                code.source, site.span, sign, column: l.rank == 2 ? left : right, isLeft: l.rank == 2,
                other: l.rank == 2 ? right : left, count: row.shape[0]))
    }

    /// `same * d^2` where d is a sum over the whole batch: one distance for all pairs.
    private func warnOfWhole(_ l: Tensor, _ r: Tensor) {
        let (one, each) = l.rank == 0 ? (l, r) : (r, l)
        guard body != nil, one.rank == 0, one.isTracked, !each.isTracked, each.count > 1,
            one.isOfWhole(batch: each.count)
        else { return }
        let code = currentFrame.code.takeUnretainedValue()
        guard code.source.kind != .prelude, let site = code.site(currentFrame.pc - 1),
            case .binary(_, let left, let right, _) = site.kind
        else { return }
        saidOuter = body
        let (whole, parts) = l.rank == 0 ? (left, right) : (right, left)
        session.warn(
            Diagnostic(
                .warning, code: "loss.shapes",
                "one number for the whole batch is compared with each of \(each.count)",
                at: [
                    .init(Place(code.source, whole.span), "a number"),
                    .init(Place(code.source, parts.span), "\(each.count)"),
                ],
                notes: ["sum and mean without an axis combine all rows"],
                repair: "a number for each row:  sum(..., axis = -1), or euclidean(a, b)"))
    }

    private func mismatch(_ op: Opcode, _ l: Value, _ r: Value) -> Diagnostic {
        let symbol = Interpreter.symbol(op)
        let sentence =
            switch op {
            case .add: "cannot add \(l.kindName) and \(r.kindName)"
            case .subtract: "cannot subtract \(r.kindName) from \(l.kindName)"
            case .multiply: "cannot multiply \(l.kindName) by \(r.kindName)"
            case .divide: "cannot divide \(l.kindName) by \(r.kindName)"
            default: "\(symbol) expects numbers or tensors, and got \(l.kindName) and \(r.kindName)"
            }
        var repair: String?
        if case .text = l, op == .add {
            if case .text = r {} else { repair = "a text with a value in it:  \(valueInText() ?? "\"... {x}\"")" }
        }
        if case .text = l, op == .remainder {
            repair = "a text with a value in it:  \(formattedText() ?? "\"... {x:.3}\"")"
        }
        if case .text = r, op == .add, l.kindName == "a number" {
            repair = "a text with a value in it:  \(valueInText() ?? "\"... {x}\"")"
        }
        if op == .multiply, case (.number(let rate), .record(let r)) = (l, r), Interpreter.isOfWeights(r) {
            repair = "a hand-written step:  update(sgd(\(formatNumber(rate))), net, \(rightText() ?? "g"))"
        }
        if op == .subtract, case .record(let r) = r, Interpreter.isOfWeights(r) {
            repair = "a hand-written step:  update(sgd(0.1), net, \(rightText() ?? "g"))"
        }
        if case .thing(let t as DatasetThing) = l, case .number(let x) = r {
            let names = t.dataset.targets == nil ? ", names = d.names" : ""
            repair = "other numbers are another data set:  dataset(d.x \(symbol) \(formatNumber(x)), d.y\(names))"
        }
        if op == .add, case .list = l, let texts = pushed { repair = "one more element:  \(texts)" }
        if case .thing(is DatasetThing) = l, case .thing(is DatasetThing) = r, op == .add {
            repair = "one data set of both:  join(\(operandTexts ?? "a, b"))"
        }
        func isStage(_ v: Value) -> Bool {
            switch v {
            case .layer, .builtin: true
            case .function(let f): f.code.role == .layer || f.code.source.kind == .prelude
            default: false
            }
        }
        if op == .add, isStage(l), case .list = r { repair = "join stages with >>:  \(writtenStages ?? "net >> relu")" }
        if op == .add, isStage(l), isStage(r) {
            repair = "join stages with >>:  \(writtenStages ?? "flatten >> dense(8)")"
        }
        if repair == nil {
            switch (l, r) {
            case (.layer, .number), (.layer, .tensor), (.number, .layer), (.tensor, .layer):
                repair = op == .matmul ? "a net is called with its input:  net(x)" : "what a net gives:  net(x)"
            default: break
            }
        }
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
            throw Diagnostic(code: "operand.kind", "- expects a number or a tensor, and got \(source.pointee.kindName)")
        }
    }

    /// The result of a function that is used as a condition, as a bool.
    package func truth(_ v: Value) throws -> Bool {
        var v = v
        return try withUnsafeMutablePointer(to: &v) { try truth($0, 0, "the function") }
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
                code: "condition.many", "\(who) expects true or false, and got a tensor of \(t.shape)",
                repair: conditionRepair(t))
        default:
            let asks: String? =
                switch slot.pointee {
                case .text, .list, .record: "whether there is anything in it:  len(x) > 0"
                case .none, .layer, .thing, .function, .builtin: "whether there is a value:  x != none"
                default: nil
                }
            throw Diagnostic(
                code: "condition.kind", "\(who) expects true or false, and got \(slot.pointee.kindName)", repair: asks)
        }
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
    package func interrupted() throws {
        guard Interrupt.isDue else { return }
        let reason = Interrupt.reason
        Interrupt.take()
        throw reason
    }
}

extension Tensor {
    /// Whether a number was made by a sum or a mean over all rows of a batch.
    fileprivate func isOfWhole(batch n: Int) -> Bool {
        var number = self
        for _ in 0..<8 {
            guard let node = number.origin as? Node, let op = node.op, let input = node.inputs.first else {
                return false
            }
            if op.name == "sum" || op.name == "mean", input.rank == 2, input.shape[0] == n { return true }
            number = node.inputs.first { $0.isTracked } ?? input
        }
        return false
    }
}
