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
    /// Nodes are made in order: an input's number is below its reader's.
    let number: Int
    var pass = 0
    var isNeeded = false
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
        Tape.count &+= 1
        number = Tape.count
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
        Tape.count &+= 1
        number = Tape.count
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

    /// A chain of any length is let go of without recursion: beyond some depth what it holds waits in a list.
    deinit {
        if Tape.depth > 60 {
            if let first { Tape.waiting.append(first) }
            if let second { Tape.waiting.append(second) }
            if let third { Tape.waiting.append(third) }
            Tape.waiting.append(contentsOf: more)
            return
        }
        Tape.depth += 1
        first = nil
        second = nil
        third = nil
        if !more.isEmpty { more = [] }
        Tape.depth -= 1
        if Tape.depth == 0, !Tape.waiting.isEmpty {
            while let tensor = Tape.waiting.popLast() { withExtendedLifetime(tensor) {} }
        }
    }
}

/// The recording thread's counters. One thread evaluates programs; others compute on what is not tracked.
enum Tape {
    nonisolated(unsafe) static var count = 0
    nonisolated(unsafe) static var pass = 0
    nonisolated(unsafe) static var depth = 0
    nonisolated(unsafe) static var waiting: [Tensor] = []
}

/// Whether operators on tracked inputs are recorded.
public enum Recording {
    nonisolated(unsafe) public static var isOn = true
    public static func paused<R>(_ body: () throws -> R) rethrows -> R {
        let before = isOn
        isOn = false
        defer { isOn = before }
        return try body()
    }
    static func set<R>(_ on: Bool, _ body: () throws -> R) rethrows -> R {
        let before = isOn
        isOn = on
        defer { isOn = before }
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
