import CKernels
import SiamTensor

/// One recorded application of an operator: what the backward pass needs. A leaf has no operator.
public final class Node: Origin, @unchecked Sendable {
    public let op: Operator?
    public let attributes: [Attribute]
    var first: Tensor?
    var second: Tensor?
    var third: Tensor?
    var more: [Tensor]
    let many: Int
    /// Which of the operator's outputs this is.
    public let output: Int
    /// Facts that the forward pass keeps for the backward pass (places of maxima, and so on).
    public let kept: Tensor?
    /// Nodes are made in order: an input's number is below its reader's; a leaf's is 0.
    package let number: Int
    var pass = 0
    var isNeeded = false
    var isWanted = false
    var isReached = false
    var gradient: Tensor?

    public convenience init(op: Operator, inputs: [Tensor], attributes: [Attribute]) {
        self.init(op, inputs, attributes, output: 0, kept: nil)
    }

    init(_ op: Operator?, _ inputs: [Tensor], _ attributes: [Attribute], output: Int, kept: Tensor?) {
        self.op = op
        self.attributes = attributes
        self.output = output
        self.kept = kept
        many = inputs.count
        first = inputs.count > 0 ? inputs[0] : nil
        second = inputs.count > 1 ? inputs[1] : nil
        third = inputs.count > 2 ? inputs[2] : nil
        more = inputs.count > 3 ? Array(inputs[3...]) : []
        number = op == nil ? 0 : Int(siam_next_number())
        super.init()
    }

    init(_ op: Operator?, _ a: Tensor?, _ b: Tensor?) {
        self.op = op
        attributes = []
        output = 0
        kept = nil
        many = b != nil ? 2 : a != nil ? 1 : 0
        first = a
        second = b
        third = nil
        more = []
        number = op == nil ? 0 : Int(siam_next_number())
        super.init()
    }

    public var inputs: [Tensor] { (0..<many).compactMap { input($0) } }

    @inline(__always)
    func input(_ i: Int) -> Tensor? {
        switch i {
        case 0: return first
        case 1: return second
        case 2: return third
        default: return i - 3 < more.count ? more[i - 3] : nil
        }
    }

    /// A chain of any length is released without deep recursion: beyond a depth its nodes are put into a list.
    deinit {
        let tape = siam_tape_here()
        if tape.pointee.depth > 60 {
            let waiting = Tape.waiting(tape)
            if let first { waiting.tensors.append(first) }
            if let second { waiting.tensors.append(second) }
            if let third { waiting.tensors.append(third) }
            waiting.tensors.append(contentsOf: more)
            return
        }
        tape.pointee.depth += 1
        first = nil
        second = nil
        third = nil
        if !more.isEmpty { more = [] }
        tape.pointee.depth -= 1
        if tape.pointee.depth == 0, tape.pointee.waiting != nil {
            let waiting = Tape.waiting(tape)
            // Nodes that those release are added to the list, too.
            tape.pointee.depth = 1
            while let tensor = waiting.tensors.popLast() { withExtendedLifetime(tensor) {} }
            tape.pointee.depth = 0
        }
    }
}

/// Nodes that are still to be released, one list for each thread.
enum Tape {
    final class Waiting { var tensors: [Tensor] = [] }
    @inline(never)
    static func waiting(_ tape: UnsafeMutablePointer<siam_tape>) -> Waiting {
        if let held = tape.pointee.waiting { return Unmanaged<Waiting>.fromOpaque(held).takeUnretainedValue() }
        let fresh = Waiting()
        tape.pointee.waiting = Unmanaged.passRetained(fresh).toOpaque()
        return fresh
    }
}

/// Whether operators on tracked inputs are recorded; each thread has its own answer.
public enum Recording {
    @inlinable
    public static var isOn: Bool {
        get { siam_tape_here().pointee.paused <= 0 }
        set { siam_tape_here().pointee.paused = newValue ? 0 : 1 }
    }
    /// Whether operators that no gradient flows through are recorded too, for who wants the graph and not its gradients.
    static var isOfAll: Bool { siam_tape_here().pointee.paused < 0 }

    public static func paused<R>(_ body: () throws -> R) rethrows -> R { try set(1, body) }
    /// Records every operator that is applied to a tracked input, comparisons among them.
    public static func ofAll<R>(_ body: () throws -> R) rethrows -> R { try set(-1, body) }
    static func set<R>(_ on: Bool, _ body: () throws -> R) rethrows -> R { try set(on ? 0 : 1, body) }

    private static func set<R>(_ paused: Int32, _ body: () throws -> R) rethrows -> R {
        let before = siam_tape_here().pointee.paused
        siam_tape_here().pointee.paused = paused
        defer { siam_tape_here().pointee.paused = before }
        return try body()
    }
}

extension Tensor {
    /// Whether gradients can be asked for at it.
    public var isTracked: Bool { origin != nil }
    /// A leaf with the same memory, at which gradients can be asked for.
    public func tracked() -> Tensor {
        Tensor(shape: shape, storage: storage, offset: offset, origin: Node(nil, nil, nil))
    }
}
