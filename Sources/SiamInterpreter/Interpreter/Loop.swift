import CKernels
import SiamLanguage
import SiamTensor

/// The loop over instructions. What is rare is in `Rare.swift`, what is no number in `SlowPaths.swift`.
extension Interpreter {
    /// The machine. Numbers take the short way; everything else goes through functions that are not inlined.
    func loop(_ depth: Int) throws -> Outcome {
        var frame = frames + (frameCount &- 1)
        var code = frame.pointee.code
        var program = code._withUnsafeGuaranteedRef { $0.program }
        var constants = code._withUnsafeGuaranteedRef { $0.constants }
        var registers = stack + frame.pointee.base
        let globalValues = globals.values
        let interrupt = self.interrupt
        var pc = frame.pointee.pc

        @inline(__always) func at(_ o: UInt32) -> UnsafeMutablePointer<Value> {
            let i = Int(o & Operand.mask)
            switch o >> 30 {
            case 0: return registers + i
            case 1: return constants + i
            default: return globalValues + i
            }
        }
        @inline(__always) func reload() {
            frame = frames + (frameCount &- 1)
            resume()
        }
        @inline(__always) func resume() {
            code = frame.pointee.code
            program = frame.pointee.program
            constants = frame.pointee.constants
            registers = stack + frame.pointee.base
            pc = frame.pointee.pc
        }
        /// The call of an instruction.
        @inline(__always) func open(_ i: Instruction) throws {
            frame.pointee.pc = pc
            if interrupt.pointee != 0 { try interrupted() }
            if let f = at(i.b).functionReference, i.m == 0,
                Int(i.n) == f._withUnsafeGuaranteedRef({ $0.parameterCount })
            {
                let offset = Int(i.c & Operand.mask)
                frame = try push(
                    f, base: frame.pointee.base &+ offset, given: Int(i.n), destination: i.a, behind: frame)
                (code, program, constants) = (frame.pointee.code, frame.pointee.program, frame.pointee.constants)
                registers += offset
                pc = 0
            } else if try callSlowly(i, at(i.b), registers + Int(i.c), frame.pointee) {
                reload()
            } else {
                // The value was stored by the slow way; the frame is the same.
                registers = stack + frame.pointee.base
            }
        }
        /// Back to the caller with a number.
        @inline(__always) func close(_ x: Double) {
            clear(registers, code._withUnsafeGuaranteedRef { $0.registerCount })
            let destination = frame.pointee.destination
            frameCount &-= 1
            frame -= 1
            resume()
            at(destination).set(x)
        }

        while true {
            let i = program[pc]
            pc &+= 1
            switch i.op {
            case .move:
                let source = at(i.b)
                if case .number(let x) = source.pointee {
                    at(i.a).set(x)
                } else {
                    frame.pointee.pc = pc
                    try move(at(i.a), source, i.a, i.b)
                }
            case .add:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    at(i.a).set(x + y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.add, at(i.a), at(i.b), at(i.c), i)
                }
            case .subtract:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    at(i.a).set(x - y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.subtract, at(i.a), at(i.b), at(i.c), i)
                }
            case .multiply:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    at(i.a).set(x * y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.multiply, at(i.a), at(i.b), at(i.c), i)
                }
            case .divide:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    at(i.a).set(x / y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.divide, at(i.a), at(i.b), at(i.c), i)
                }
            case .remainder:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    at(i.a).set(Interpreter.remainder(x, y))
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.remainder, at(i.a), at(i.b), at(i.c), i)
                }
            case .addRegisters:
                let (target, left, right) = (registers + Int(i.a), registers + Int(i.b), registers + Int(i.c))
                if case .number(let x) = left.pointee, case .number(let y) = right.pointee {
                    target.set(x + y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.add, target, left, right, i)
                }
            case .addConstant:
                let (target, left) = (registers + Int(i.a), registers + Int(i.b))
                let right = constants + Int(i.c & Operand.mask)
                if case .number(let x) = left.pointee {
                    let y = right.known
                    target.set(x + y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.add, target, left, right, i)
                }
            case .subtractRegisters:
                let (target, left, right) = (registers + Int(i.a), registers + Int(i.b), registers + Int(i.c))
                if case .number(let x) = left.pointee, case .number(let y) = right.pointee {
                    target.set(x - y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.subtract, target, left, right, i)
                }
            case .subtractConstant:
                let (target, left) = (registers + Int(i.a), registers + Int(i.b))
                let right = constants + Int(i.c & Operand.mask)
                if case .number(let x) = left.pointee {
                    let y = right.known
                    target.set(x - y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.subtract, target, left, right, i)
                }
            case .multiplyRegisters:
                let (target, left, right) = (registers + Int(i.a), registers + Int(i.b), registers + Int(i.c))
                if case .number(let x) = left.pointee, case .number(let y) = right.pointee {
                    target.set(x * y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.multiply, target, left, right, i)
                }
            case .multiplyConstant:
                let (target, left) = (registers + Int(i.a), registers + Int(i.b))
                let right = constants + Int(i.c & Operand.mask)
                if case .number(let x) = left.pointee {
                    let y = right.known
                    target.set(x * y)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.multiply, target, left, right, i)
                }
            case .remainderRegisters:
                let (target, left, right) = (registers + Int(i.a), registers + Int(i.b), registers + Int(i.c))
                if case .number(let x) = left.pointee, case .number(let y) = right.pointee {
                    target.set(Interpreter.remainder(x, y))
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.remainder, target, left, right, i)
                }
            case .remainderConstant:
                let (target, left) = (registers + Int(i.a), registers + Int(i.b))
                let right = constants + Int(i.c & Operand.mask)
                if case .number(let x) = left.pointee {
                    let y = right.known
                    target.set(Interpreter.remainder(x, y))
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(.remainder, target, left, right, i)
                }
            case .jumpUnlessLessRegisters:
                let (left, right) = (registers + Int(i.b), registers + Int(i.c))
                if case .number(let x) = left.pointee, case .number(let y) = right.pointee {
                    if !(x < y) { pc = Int(i.a) }
                } else {
                    frame.pointee.pc = pc
                    if !(try holds(.less, left, right, i)) { pc = Int(i.a) }
                }
            case .jumpUnlessLessConstant:
                let (left, right) = (registers + Int(i.b), constants + Int(i.c & Operand.mask))
                if case .number(let x) = left.pointee {
                    if !(x < right.known) { pc = Int(i.a) }
                } else {
                    frame.pointee.pc = pc
                    if !(try holds(.less, left, right, i)) { pc = Int(i.a) }
                }
            case .jumpToNumberLoop:
                let target = Int(i.c)
                if interrupt.pointee != 0 {
                    frame.pointee.pc = pc
                    try interrupted()
                }
                let next = program[target]
                let state = registers + Int(next.a)
                pc = target
                if case .number(let x) = state.pointee, case .number(let limit) = (state + 1).pointee {
                    if x < limit {
                        state.set(x + 1)
                        (registers + Int(next.b)).set(x)
                        pc = target &+ 1
                    } else {
                        pc = Int(next.c)
                    }
                }
            case .index:
                frame.pointee.pc = pc
                if i.n != 1 || !pick(at(i.b), registers + Int(i.c & Operand.mask), at(i.a)) {
                    pc = try rare(i, frame.pointee, registers, at(i.a), at(i.b), pc)
                }
            case .getField:
                frame.pointee.pc = pc
                if !pickField(at(i.b), code._withUnsafeGuaranteedRef { $0.nameTable } + Int(i.c), at(i.a)) {
                    pc = try rare(i, frame.pointee, registers, at(i.a), at(i.b), pc)
                }
            case .clear:
                if i.n == 1 { clear(frame.pointee.base &+ Int(i.a), Int(i.m)) }
            case .makePlainRecord:
                makePlainRecord(at(i.b), registers + Int(i.c & Operand.mask), at(i.a))
            case .loopNext:
                if let walk = at(i.a).walkReference, walk._withUnsafeGuaranteedRef({ $0.step(into: at(i.b)) }) { break }
                frame.pointee.pc = pc
                pc = try rare(i, frame.pointee, registers, at(i.a), at(i.b), pc)
            case .append:
                if i.n == 0 || at(i.c).isStandardPush, extend(at(i.a), at(i.b)) { break }
                frame.pointee.pc = pc
                pc = try rare(i, frame.pointee, registers, at(i.a), at(i.b), pc)
            case .power, .matmul:
                frame.pointee.pc = pc
                try arithmetic(i.op, at(i.a), at(i.b), at(i.c), i)
            case .negate:
                if case .number(let x) = at(i.b).pointee {
                    at(i.a).set(-x)
                } else {
                    frame.pointee.pc = pc
                    try negate(at(i.a), at(i.b), i)
                }
            case .not:
                frame.pointee.pc = pc
                at(i.a).pointee = .bool(!(try truth(at(i.b), i.b, "not")))
            case .less:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    at(i.a).pointee = .bool(x < y)
                } else {
                    frame.pointee.pc = pc
                    try compare(i.op, at(i.a), at(i.b), at(i.c), i)
                }
            case .lessOrEqual, .greater, .greaterOrEqual, .equal, .unequal, .isIn:
                frame.pointee.pc = pc
                try compare(i.op, at(i.a), at(i.b), at(i.c), i)
            case .jump:
                let target = Int(i.c)
                if target < pc, interrupt.pointee != 0 {
                    frame.pointee.pc = pc
                    try interrupted()
                }
                pc = target
            case .jumpIfFalse:
                let holds: Bool
                if case .bool(let b) = at(i.b).pointee {
                    holds = b
                } else {
                    frame.pointee.pc = pc
                    holds = try truth(at(i.b), i.b, "a condition")
                }
                if !holds { pc = Int(i.c) }
            case .jumpIfTrue:
                frame.pointee.pc = pc
                if try truth(at(i.b), i.b, "a condition") { pc = Int(i.c) }
            case .jumpUnlessLess:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    if !(x < y) { pc = Int(i.a) }
                } else {
                    frame.pointee.pc = pc
                    if !(try holds(.less, at(i.b), at(i.c), i)) { pc = Int(i.a) }
                }
            case .jumpUnlessLessOrEqual:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    if !(x <= y) { pc = Int(i.a) }
                } else {
                    frame.pointee.pc = pc
                    if !(try holds(.lessOrEqual, at(i.b), at(i.c), i)) { pc = Int(i.a) }
                }
            case .jumpUnlessGreater:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    if !(x > y) { pc = Int(i.a) }
                } else {
                    frame.pointee.pc = pc
                    if !(try holds(.greater, at(i.b), at(i.c), i)) { pc = Int(i.a) }
                }
            case .jumpUnlessGreaterOrEqual:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    if !(x >= y) { pc = Int(i.a) }
                } else {
                    frame.pointee.pc = pc
                    if !(try holds(.greaterOrEqual, at(i.b), at(i.c), i)) { pc = Int(i.a) }
                }
            case .jumpUnlessEqual:
                if case .number(let x) = at(i.b).pointee, case .number(let y) = at(i.c).pointee {
                    if x != y { pc = Int(i.a) }
                } else {
                    frame.pointee.pc = pc
                    if !(try holds(.equal, at(i.b), at(i.c), i)) { pc = Int(i.a) }
                }
            case .numberLoop:
                if case .number(let x) = at(i.a).pointee, case .number(let limit) = (at(i.a) + 1).pointee {
                    if x < limit {
                        at(i.a).set(x + 1)
                        at(i.b).set(x)
                    } else {
                        pc = Int(i.c)
                    }
                } else {
                    frame.pointee.pc = pc
                    try numberLoopOperands(at(i.a))
                    pc -= 1
                }
            case .getCell:
                frame.pointee.pc = pc
                try getCell(at(i.a), i, frame.pointee)
            case .setCell:
                frame.pointee.pc = pc
                try setCell(at(i.b), i, frame.pointee)
            case .makeCell:
                let p = at(i.a)
                p.pointee = .cell(Cell(p.pointee))
            case .check:
                // n = 0: on to c where a is bound (the argument was given); n = 1: where it is not.
                if case .unbound = at(i.a).pointee {
                    if i.n == 1 { pc = Int(i.c) }
                } else if i.n == 0 {
                    pc = Int(i.c)
                }
            case .call: try open(i)
            case .addConstantAndCall, .subtractConstantAndCall:
                let (target, left) = (registers + Int(i.a), registers + Int(i.b))
                let right = constants + Int(i.c & Operand.mask)
                let adds = i.op == .addConstantAndCall
                if case .number(let x) = left.pointee {
                    let y = right.known
                    target.set(adds ? x + y : x - y)
                    let call = program[pc]
                    pc &+= 1
                    try open(call)
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(adds ? .add : .subtract, target, left, right, i)
                }
            case .addAndReturn, .subtractAndReturn:
                let (target, left, right) = (registers + Int(i.a), registers + Int(i.b), registers + Int(i.c))
                let adds = i.op == .addAndReturn
                if case .number(let x) = left.pointee, case .number(let y) = right.pointee {
                    if frameCount &- 1 == depth {
                        target.set(adds ? x + y : x - y)
                    } else {
                        close(adds ? x + y : x - y)
                    }
                } else {
                    frame.pointee.pc = pc
                    try arithmetic(adds ? .add : .subtract, target, left, right, i)
                }
            case .callMethod:
                let data = program[pc]
                pc += 1
                frame.pointee.pc = pc
                if interrupt.pointee != 0 { try interrupted() }
                if try callMethod(i, Int(data.a), registers + Int(i.c), frame.pointee) { reload() }
            case .returnValue:
                let value = at(i.b)
                if case .unbound = value.pointee {
                    frame.pointee.pc = pc
                    try bind(value, i.b)
                }
                let f = frame.pointee
                if frameCount &- 1 == depth {
                    let result = value.pointee
                    frameCount -= 1
                    clear(f.base, code._withUnsafeGuaranteedRef { $0.registerCount })
                    return .returned(result)
                }
                if case .number(let x) = value.pointee {
                    close(x)
                } else {
                    let result = value.pointee
                    clear(registers, code._withUnsafeGuaranteedRef { $0.registerCount })
                    frameCount &-= 1
                    reload()
                    at(f.destination).pointee = result
                }
            case .end:
                let value = i.n >= 2 ? at(i.b).pointee : Value.none
                frame.pointee.pc = pc
                let f = frame.pointee
                if code._withUnsafeGuaranteedRef({ $0.role == .top }) {
                    clear(f.base, code._withUnsafeGuaranteedRef { $0.registerCount })
                }
                frameCount -= 1
                return .ended(Int(i.n), value)
            default:
                frame.pointee.pc = pc
                pc = try rare(i, frame.pointee, registers, at(i.a), at(i.b), pc)
            }
        }
    }

    /// The mathematicians' remainder, of the divisor's sign, as `%` of tensors.
    @inline(__always)
    static func remainder(_ x: Double, _ y: Double) -> Double {
        let whole = siam_whole_remainder(x, y)
        if whole >= 0 { return whole }
        let r = x.truncatingRemainder(dividingBy: y)
        return r != 0 && (r < 0) != (y < 0) ? r + y : r
    }
}
