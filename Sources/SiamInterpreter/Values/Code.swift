import SiamLanguage

/// The register machine's instructions. `a` is the destination unless said; operands name a register of the frame, a
/// constant of the code, or a global.
package enum Opcode: UInt8 {
    case move, add, subtract, multiply, divide, remainder, power, matmul, negate, not
    case less, lessOrEqual, greater, greaterOrEqual, equal, unequal, isIn
    /// To `c`.
    case jump
    /// On `b`, to `c`.
    case jumpIfFalse, jumpIfTrue
    /// Fused comparisons of `b` and `c`: to `a` where it does not hold.
    case jumpUnlessLess, jumpUnlessLessOrEqual, jumpUnlessGreater, jumpUnlessGreaterOrEqual, jumpUnlessEqual
    /// The truth of `b` as a bool.
    case truth
    /// From `n | m` values at register `c`.
    case makeBracket, makeList, makeRecord, makeText
    case makeRange, makeClosure, makeCell, makeLayer
    case getCell, setCell
    case getMember, setMember
    /// `a` = `b`(`n` values at `c`); `m` is the call's shape plus one, where it has named arguments.
    case call, callMethod
    case returnValue, end
    case index, getField
    case setIndex, setField
    /// Loop control: `a` the loop's first register.
    case numberLoop, loopStart, loopNext, destructure
    case append
    case compose
    case training
    case expect, train, sweep, minimize, report, everyStart, everyEnd, chunk, pause
    case importFile
    case show, clear, note, check, kinds
    // Made of others when a code is sealed. Operands in registers, or in registers with a number among the constants last.
    case addRegisters, addConstant, subtractRegisters, subtractConstant, multiplyRegisters, multiplyConstant
    case remainderRegisters, remainderConstant, jumpUnlessLessRegisters, jumpUnlessLessConstant
    /// Jumps to the number loop at `c`, of registers, which continues at once.
    case jumpToNumberLoop
    /// A record whose names differ.
    case makePlainRecord
    /// A sum or a difference that the next instruction gives back, or takes into the call that it makes.
    case addAndReturn, subtractAndReturn, addConstantAndCall, subtractConstantAndCall

    /// The form for operands in registers, and the one with a constant.
    var specialised: (registers: Opcode, constant: Opcode)? {
        switch self {
        case .add: (.addRegisters, .addConstant)
        case .subtract: (.subtractRegisters, .subtractConstant)
        case .multiply: (.multiplyRegisters, .multiplyConstant)
        case .remainder: (.remainderRegisters, .remainderConstant)
        case .jumpUnlessLess: (.jumpUnlessLessRegisters, .jumpUnlessLessConstant)
        default: nil
        }
    }
}

/// Two words: operation, two small fields, three operands.
package struct Instruction {
    package var op: Opcode
    var n: UInt8
    var m: UInt16
    package var a: UInt32
    package var b: UInt32
    package var c: UInt32
    package init(_ op: Opcode, n: Int = 0, m: Int = 0, a: UInt32 = 0, b: UInt32 = 0, c: UInt32 = 0) {
        self.op = op
        self.n = UInt8(truncatingIfNeeded: n)
        self.m = UInt16(truncatingIfNeeded: m)
        self.a = a
        self.b = b
        self.c = c
    }
}

/// Where an operand lives: the two high bits, which are 0 for a register.
package enum Operand {
    static let constantBit: UInt32 = 1 << 30
    static let globalBit: UInt32 = 2 << 30
    package static let mask: UInt32 = (1 << 30) - 1
    @inline(__always) package static func register(_ i: Int) -> UInt32 { UInt32(truncatingIfNeeded: i) }
    @inline(__always) package static func constant(_ i: Int) -> UInt32 { UInt32(truncatingIfNeeded: i) | constantBit }
    @inline(__always) package static func global(_ i: Int) -> UInt32 { UInt32(truncatingIfNeeded: i) | globalBit }
    static func isRegister(_ o: UInt32) -> Bool { o >> 30 == 0 }
    package static func isGlobal(_ o: UInt32) -> Bool { o >> 30 == 2 }
}

/// The names of a call's arguments: positional ones are nil.
package struct CallShape: Hashable {
    var names: [String?]

    package init(names: [String?]) {
        self.names = names
    }
}

/// What a parameter of a function is called, and the code of its default.
public struct CodeParameter: Sendable {
    public let name: String
    /// As written, for help and messages.
    public let defaultText: String?
    package let hasDefault: Bool
    /// What it takes, as declared.
    public let kind: Kind?

    package init(name: String, defaultText: String?, hasDefault: Bool, kind: Kind?) {
        self.name = name
        self.defaultText = defaultText
        self.hasDefault = hasDefault
        self.kind = kind
    }
}

/// A compiled function, file, input or chunk, with its tree for looking at and for running again with a change.
public final class Code: @unchecked Sendable {
    public enum Role: Sendable { case top, fn, loss, layer, forward, lambda, chunk }
    public let name: String
    public let role: Role
    public let source: Source
    public package(set) var span: Span
    public package(set) var help: String?
    public package(set) var parameters: [CodeParameter] = [] {
        didSet { kinds = parameters.indices.filter { parameters[$0].kind != nil } }
    }
    /// The parameters that say what they take.
    package private(set) var kinds: [Int] = []
    package var instructions: [Instruction] = []
    /// For each instruction the expression that it was compiled from, as an index into `expressions`, or -1.
    package var sites: [Int32] = []
    public package(set) var expressions: [Expression] = []
    var constants: UnsafeMutablePointer<Value>
    var constantCount = 0
    package var registerCount = 0
    /// Registers of parameters and variables; the rest are temporary.
    package var localCount = 0
    package var codes: [Code] = []
    package var shapes: [CallShape] = []
    /// For each of `codes`, where a closure's captured cells come from: own register (>= 0) or own capture (-1 - i).
    package var captureSources: [[Int]] = []
    package var layerPlan: LayerPlan?
    package var trainPlans: [TrainPlan] = []
    package var sweepPlans: [SweepPlan] = []
    package var names: [String] = []
    /// Names of the registers that variables live in, for evaluation at a pause.
    package var variables: [String: Int] = [:]
    package var cellVariables: Set<String> = []
    package var captureNames: [String] = []
    public package(set) var definition: Statement?
    /// The definition of a function as it was written.
    package var tree: (parameters: [Parameter], body: Body)?

    package init(name: String, role: Role, source: Source, span: Span) {
        self.name = name
        self.role = role
        self.source = source
        self.span = span
        constants = UnsafeMutablePointer<Value>.allocate(capacity: 1)
    }

    package func setConstants(_ values: [Value]) {
        constants.deinitialize(count: constantCount)
        constants.deallocate()
        constants = UnsafeMutablePointer<Value>.allocate(capacity: max(values.count, 1))
        constants.initialize(from: values, count: values.count)
        constantCount = values.count
    }

    /// The instructions in memory that the interpreter runs through.
    private(set) var program = UnsafeMutablePointer<Instruction>.allocate(capacity: 1)

    /// `names` in memory, for the interpreter.
    private(set) var nameTable = UnsafeMutablePointer<String>.allocate(capacity: 1)
    private var nameCount = 0

    /// A native function that computes the same as this function of the library, and what stands in for its call: the result
    /// goes to a register, and execution continues at the instruction that returns it.
    struct NativeEquivalent {
        enum Function: String { case squared, hardest = "hardest_places" }
        let function: Function
        let register: Int
        let exit: Int
    }
    private(set) var equivalent: NativeEquivalent?
    private func findNativeEquivalent() -> NativeEquivalent? {
        guard source.kind == .prelude, role == .fn, let function = NativeEquivalent.Function(rawValue: name),
            let exit = instructions.lastIndex(where: { $0.op == .returnValue && Operand.isRegister($0.b) })
        else { return nil }
        return NativeEquivalent(function: function, register: Int(instructions[exit].b), exit: exit)
    }

    package func seal() {
        equivalent = findNativeEquivalent()
        program.deallocate()
        program = UnsafeMutablePointer<Instruction>.allocate(capacity: instructions.count + 1)
        let short = instructions.indices.map(specialised)
        program.initialize(from: short.indices.map { joined(short, $0) }, count: instructions.count)
        nameTable.deinitialize(count: nameCount)
        nameTable.deallocate()
        nameTable = UnsafeMutablePointer<String>.allocate(capacity: names.count + 1)
        nameTable.initialize(from: names, count: names.count)
        nameCount = names.count
        (program + instructions.count).initialize(to: Instruction(.end))
    }

    /// The short form of an instruction where its operands allow it.
    private func specialised(_ k: Int) -> Instruction {
        let i = instructions[k]
        var short = i
        switch i.op {
        case .jump:
            if Int(i.c) < instructions.count, instructions[Int(i.c)].op == .numberLoop,
                Operand.isRegister(instructions[Int(i.c)].b)
            {
                short.op = .jumpToNumberLoop
            }
        case .move:
            // A value that is moved to where it is given back from is given back at once.
            var next = k + 1
            if next < instructions.count, instructions[next].op == .jump, instructions[next].c > UInt32(next) {
                next = Int(instructions[next].c)
            }
            if next < instructions.count, instructions[next].op == .returnValue, instructions[next].b == i.a,
                Operand.isRegister(i.a), Int(i.a) >= localCount
            {
                short = Instruction(.returnValue, b: i.b)
            }
        case .makeRecord:
            if i.b >> 30 == 1, case .record(let r) = constants[Int(i.b & Operand.mask)],
                Set(r.names).count == r.names.count
            {
                short.op = .makePlainRecord
            }
        default:
            guard let forms = i.op.specialised, Operand.isRegister(i.b),
                i.op == .jumpUnlessLess || Operand.isRegister(i.a)
            else { break }
            if Operand.isRegister(i.c) {
                short.op = forms.registers
            } else if i.c >> 30 == 1, case .number = constants[Int(i.c & Operand.mask)] {
                short.op = forms.constant
            }
        }
        return short
    }

    /// An instruction together with the one behind it, which stays where it is for who comes to it another way.
    private func joined(_ all: [Instruction], _ k: Int) -> Instruction {
        var i = all[k]
        guard k + 1 < all.count else { return i }
        let next = all[k + 1]
        switch (i.op, next.op) {
        case (.addRegisters, .returnValue) where next.b == i.a: i.op = .addAndReturn
        case (.subtractRegisters, .returnValue) where next.b == i.a: i.op = .subtractAndReturn
        case (.addConstant, .call): i.op = .addConstantAndCall
        case (.subtractConstant, .call): i.op = .subtractConstantAndCall
        default: break
        }
        return i
    }

    deinit {
        program.deallocate()
        nameTable.deinitialize(count: nameCount)
        nameTable.deallocate()
        constants.deinitialize(count: constantCount)
        constants.deallocate()
    }

    /// The expression that an instruction was compiled from.
    func site(_ pc: Int) -> Expression? {
        guard pc >= 0, pc < sites.count, sites[pc] >= 0 else { return nil }
        return expressions[Int(sites[pc])]
    }

    /// `f(x, margin = 1)`.
    public var signature: String {
        let inside = parameters.map { p in p.defaultText.map { "\(p.name) = \($0)" } ?? p.name }
        return "\(name)(\(inside.joined(separator: ", ")))"
    }
}

/// What a `layer` body declares, for its constructor.
package struct LayerPlan {
    package struct Slot {
        package enum Kind { case parameter, state, part }
        package var kind: Kind
        package var name: String
        /// Index in the constructor's `codes` of the shape's and the initialiser's thunks.
        package var shape: Int
        package var initial: Int

        package init(kind: Kind, name: String, shape: Int, initial: Int) {
            self.kind = kind
            self.name = name
            self.shape = shape
            self.initial = initial
        }
    }
    package var slots: [Slot] = []
    /// Index in `codes` of forward, or -1 for a pipeline.
    package var forward = -1
    package var isPipeline = false

    package init(slots: [Slot] = [], forward: Int = -1, isPipeline: Bool = false) {
        self.slots = slots
        self.forward = forward
        self.isPipeline = isPipeline
    }
}

/// A `train` statement, compiled: operands of its parts and the body's code.
package struct TrainPlan {
    package var nets: [UInt32]
    package var netTexts: [String]
    package var source: UInt32
    package var names: [UInt32]
    package var nameTexts: [String]
    package var length: UInt32?
    package var inEpochs: Bool
    package var optimizer: UInt32
    package var log: UInt32?
    package var body: Int
    /// Variables that the body assigns: kept in snapshots beside the nets.
    package var assigned: [UInt32]
    package var syntax: Train

    package init(
        nets: [UInt32], netTexts: [String], source: UInt32, names: [UInt32], nameTexts: [String], length: UInt32? = nil,
        inEpochs: Bool, optimizer: UInt32, log: UInt32? = nil, body: Int, assigned: [UInt32], syntax: Train
    ) {
        self.nets = nets
        self.netTexts = netTexts
        self.source = source
        self.names = names
        self.nameTexts = nameTexts
        self.length = length
        self.inEpochs = inEpochs
        self.optimizer = optimizer
        self.log = log
        self.body = body
        self.assigned = assigned
        self.syntax = syntax
    }
}

package struct SweepPlan {
    package var names: [String]
    package var targets: [UInt32]
    package var values: [UInt32]
    package var body: Int
    var assigned: [UInt32]
    package var syntax: Sweep

    package init(names: [String], targets: [UInt32], values: [UInt32], body: Int, assigned: [UInt32], syntax: Sweep) {
        self.names = names
        self.targets = targets
        self.values = values
        self.body = body
        self.assigned = assigned
        self.syntax = syntax
    }
}

extension Code {
    /// The definition's text with its help, or the program's own words for a lambda.
    public var sourceText: String {
        var text = source.text(span)
        if let help, !text.hasPrefix("##") {
            text =
                help.split(separator: "\n", omittingEmptySubsequences: false).map { "## \($0)" }.joined(separator: "\n")
                + "\n" + text
        }
        return text
    }
}
