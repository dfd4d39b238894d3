import CKernels
import SiamGradient
import SiamLanguage
import SiamTensor

/// Runs register code. One thread evaluates; an interpreter belongs to it.
public final class Interpreter: @unchecked Sendable {
    /// One call under way.
    package struct Frame {
        package var code: Unmanaged<Code>
        var pc: Int
        package var base: Int
        /// Where the caller wants the value.
        var destination: UInt32
        package var function: Unmanaged<Function>?
        package var layer: Unmanaged<Layer>?
        /// The registers of the code, kept for the return to it.
        let program: UnsafeMutablePointer<Instruction>
        let constants: UnsafeMutablePointer<Value>

        @inline(__always)
        package init(
            code: Unmanaged<Code>, pc: Int, base: Int, destination: UInt32, function: Unmanaged<Function>?,
            layer: Unmanaged<Layer>?
        ) {
            (self.code, self.pc, self.base, self.destination) = (code, pc, base, destination)
            (self.function, self.layer) = (function, layer)
            (program, constants) = code._withUnsafeGuaranteedRef { ($0.program, $0.constants) }
        }
    }

    package enum Outcome {
        case returned(Value)
        /// How a chunk ended: 0 normally, 1 by break, 2 by return, 3 with a value.
        case ended(Int, Value)
    }

    public let globals: Globals
    public unowned let session: Session
    package let stack: UnsafeMutablePointer<Value>
    package let frames: UnsafeMutablePointer<Frame>
    package var frameCount = 0
    /// Native calls inside one another (built-ins that call functions, layers); bounded so that the machine's stack never ends.
    package var nativeDepth = 0
    public var isTraining = false
    /// Whether `training(net)` applies the net in evaluation mode nevertheless, for a diagnosis that needs the result.
    public var isHeldInEvaluation = false
    /// The body of the training that is running, innermost.
    package var body: (any TrainingBody)?
    /// The training whose body has been warned of incompatible shapes.
    weak var saidOuter: (any TrainingBody)?
    /// The row of the combination of a sweep that is running.
    package var sweepRow: SweepRow?
    /// Whether stages are applied one by one, so that the record of a step shows each; else some are joined.
    public var showsEachStage = false
    /// Told of each stage of each layer that is applied: what `trace`, `step` and the statistics listen to.
    public var observer: StageObserver?
    /// Measures the current step of a run; it is called for each layer and delays none of them.
    package var sampler: (any StageSampler)?
    /// Path of the layer being applied, outermost first, for messages and observers.
    package var layerPath: [String] = []

    static let stackCapacity = 1 << 20
    /// How much of the stack is in use or has been: the rest is memory that was never touched.
    private var ready = 1 << 12
    package static let frameCapacity = 20_000
    static let nativeCapacity = 200
    /// Set by the interrupt handler; polled at loops, calls and between tiles of kernels.
    package let interrupt: UnsafeMutablePointer<Int32>

    init(globals: Globals, session: Session) {
        self.globals = globals
        self.session = session
        stack = .allocate(capacity: Interpreter.stackCapacity)
        stack.initialize(repeating: .unbound, count: ready)
        frames = .allocate(capacity: Interpreter.frameCapacity + 1)
        interrupt = siam_interrupt_flag()
    }

    deinit {
        stack.deinitialize(count: ready)
        stack.deallocate()
        frames.deallocate()
    }

    /// Whether registers up to `top` can be used, with some to spare for arguments; makes them ready.
    @inline(__always)
    package func hasRoom(_ top: Int) -> Bool { top &+ 512 < ready || grow(to: top &+ 512) }

    @inline(never)
    private func grow(to top: Int) -> Bool {
        guard top < Interpreter.stackCapacity else { return false }
        let more = min(Interpreter.stackCapacity, max(top + 1, 2 * ready))
        (stack + ready).initialize(repeating: .unbound, count: more - ready)
        ready = more
        return true
    }

    /// The first register above everything in use.
    package var top: Int {
        guard frameCount > 0 else { return 0 }
        let f = frames[frameCount - 1]
        return f.base + f.code.takeUnretainedValue().registerCount
    }

    // MARK: Entering

    /// Runs a code from Swift: a top statement, or a function whose arguments are already in its registers.
    func enter(_ code: Code, base: Int, function: Function?, layer: Layer?, clears: Bool = true, from pc: Int = 0)
        throws
        -> Outcome
    {
        guard frameCount < Interpreter.frameCapacity, hasRoom(base + code.registerCount),
            nativeDepth < Interpreter.nativeCapacity
        else { throw recursion() }
        let depth = frameCount
        nativeDepth += 1
        defer { nativeDepth -= 1 }
        frames[frameCount] = Frame(
            code: Unmanaged.passUnretained(code), pc: pc, base: base, destination: 0,
            function: function.map { Unmanaged.passUnretained($0) }, layer: layer.map { Unmanaged.passUnretained($0) })
        frameCount += 1
        do {
            let outcome = try withExtendedLifetime((code, function, layer)) { try loop(depth) }
            if frameCount > depth { frameCount = depth }
            return outcome
        } catch {
            let located = locate(error)
            // The innermost sees them all; an error that was caught in between left fewer.
            if session.isExamined, frameCount > session.failed.count || !session.isUnwinding {
                session.failed = failedFrames()
                session.isUnwinding = true
            }
            while frameCount > depth {
                frameCount -= 1
                let f = frames[frameCount]
                if frameCount > depth || clears {
                    clear(f.base, f.code.takeUnretainedValue().registerCount)
                }
            }
            throw located
        }
    }

    @inline(__always)
    package func clear(_ base: Int, _ count: Int) {
        var slot = stack + base
        let end = slot + count
        while slot < end {
            if slot.pointee.isHeld { slot.pointee = .unbound }
            slot += 1
        }
    }

    /// The same of a frame's registers, most of which hold nothing but numbers.
    @inline(__always)
    package func clear(_ registers: Slot, _ count: Int) {
        var kinds: UInt8 = 0
        for k in 0..<count { kinds |= (registers + k).kindByte }
        if kinds != 0 { clearHeld(registers, count) }
    }
    @inline(never)
    private func clearHeld(_ registers: Slot, _ count: Int) {
        for k in 0..<count where registers[k].isHeld { registers[k] = .unbound }
    }

    /// Runs one statement of a file or an input.
    package func run(_ code: Code) throws {
        _ = try enter(code, base: top, function: nil, layer: nil)
        if frameCount == 0 { globals.retired.removeAll(keepingCapacity: true) }
    }

    /// Runs a chunk in the frame of the function that it belongs to.
    package func runChunk(_ code: Code, base: Int, function: Function?, layer: Layer?, from pc: Int = 0) throws
        -> Outcome
    {
        try enter(code, base: base, function: function, layer: layer, clears: false, from: pc)
    }

    /// The frame that called the built-in now running.
    var currentFrame: Frame { frames[frameCount - 1] }

    package func recursion() -> Diagnostic {
        Diagnostic(
            code: "call.depth", "recursion too deep (\(frameCount) calls)",
            repair: "a function that calls itself needs a case that does not:  if n < 2 { n } else { ... }")
    }

    // MARK: Operands

    @inline(__always)
    package func pointer(
        _ o: UInt32, _ registers: UnsafeMutablePointer<Value>, _ constants: UnsafeMutablePointer<Value>
    )
        -> UnsafeMutablePointer<Value>
    {
        let i = Int(o & Operand.mask)
        switch o >> 30 {
        case 0: return registers + i
        case 1: return constants + i
        default: return globals.values + i
        }
    }

    /// The place of an operand in a frame.
    package func pointer(_ o: UInt32, in frame: Frame) -> UnsafeMutablePointer<Value> {
        pointer(o, stack + frame.base, frame.code.takeUnretainedValue().constants)
    }

    /// Binds the variable at an operand, in its cell if it lives in one.
    package func assign(_ o: UInt32, _ value: Value, in frame: Frame) {
        let p = pointer(o, in: frame)
        if Operand.isRegister(o), case .cell(let c) = p.pointee { c.value = value } else { p.pointee = value }
    }

    package func variable(_ o: UInt32, in frame: Frame) -> Value {
        let p = pointer(o, in: frame)
        if case .cell(let c) = p.pointee { return c.value }
        return p.pointee
    }
}

extension Value {
    /// Whether dropping it could release memory.
    @inline(__always)
    var isHeld: Bool {
        switch self {
        case .number, .bool, .none, .unbound: false
        default: true
        }
    }
}

extension UnsafeMutablePointer where Pointee == Value {
    /// The function in the slot, without retaining it: the slot keeps it alive. A payload of one reference comes first
    /// in memory.
    @inline(__always)
    var functionReference: Unmanaged<Function>? {
        guard case .function = pointee else { return nil }
        return UnsafeRawPointer(self).load(as: Unmanaged<Function>.self)
    }

    /// The tag of the kind: 0 for numbers and for kinds that hold no reference.
    @inline(__always)
    var kindByte: UInt8 { UnsafeRawPointer(self).load(fromByteOffset: 8, as: UInt8.self) }

    /// Stores a number; no reference counting where a number stood before, as in nearly all loops.
    @inline(__always)
    func set(_ x: Double) {
        if case .number = pointee {
            UnsafeMutableRawPointer(self).storeBytes(of: x, as: Double.self)
        } else {
            pointee = .number(x)
        }
    }
}
