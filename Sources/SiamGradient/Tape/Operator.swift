import SiamTensor

/// A non-tensor argument of an operator, as given in a call.
public enum Attribute: Sendable, Equatable {
    case none
    case integer(Int)
    case number(Double)
    case flag(Bool)
    case integers([Int])
    case text(String)
}

/// What an operator takes, in the order of its signature: tensors first, then attributes.
public struct OperatorParameter: Sendable {
    public enum Kind: Sendable, Equatable {
        /// One tensor; a number given for it becomes a scalar tensor.
        case tensor
        /// One tensor or `none`.
        case optionalTensor
        /// A list of tensors: the operator's inputs from here to the end.
        case tensors
        case integer, number, flag, text
        /// `none` for all axes, a whole number, or a list of them; negative ones count from the end.
        case axes
        /// A list of lengths.
        case lengths

        public var isTensor: Bool { self == .tensor || self == .optionalTensor || self == .tensors }
    }
    public let name: String
    public let kind: Kind
    /// The default of an attribute as it is written in the language: `none`, `false`, `-1`, `1e-5`; nil where one must be given.
    public let defaultValue: String?
    /// What it takes, in the language's words for the kinds of parameters: `classes of logits`; nil where any tensor will do.
    public let takes: String?

    public init(_ name: String, _ kind: Kind, _ defaultValue: String? = nil, takes: String? = nil) {
        self.takes = takes
        self.name = name
        self.kind = kind
        self.defaultValue = defaultValue
    }

    /// The default as an attribute.
    var defaultAttribute: Attribute? {
        guard let defaultValue else { return nil }
        switch defaultValue {
        case "none": return Attribute.none
        case "true": return .flag(true)
        case "false": return .flag(false)
        default:
            if let i = Int(defaultValue) { return kind == .number ? .number(Double(i)) : .integer(i) }
            if let d = Double(defaultValue) { return .number(d) }
            return .text(defaultValue.filter { $0 != "\"" })
        }
    }
}

/// What one operator of the backward pass works on: the gradient at an output, and where to send those at the inputs.
public struct Flow {
    public let node: Node
    /// The output itself.
    public let output: Tensor
    public let gradient: Tensor
    var results: (Tensor?, Tensor?, Tensor?) = (nil, nil, nil)
    var more: [(Int, Tensor)] = []

    init(_ node: Node, _ output: Tensor, _ gradient: Tensor) {
        self.node = node
        self.output = output
        self.gradient = gradient
    }

    public var many: Int { node.many }
    public var attributes: [Attribute] { node.attributes }
    public func input(_ i: Int) throws -> Tensor {
        guard let t = node.input(i) else {
            throw EngineError(
                code: "operator.inputs", message: "\(node.op?.name ?? "an operator") expects more inputs than it got")
        }
        return t
    }
    /// Whether anyone asked for the gradient at this input.
    public func wants(_ i: Int) -> Bool {
        guard let origin = node.input(i)?.origin else { return false }
        return unsafeDowncast(origin, to: Node.self).isNeeded
    }
    public mutating func send(_ i: Int, _ gradient: @autoclosure () throws -> Tensor) throws {
        guard wants(i) else { return }
        let g = try gradient()
        switch i {
        case 0: results.0 = g
        case 1: results.1 = g
        case 2: results.2 = g
        default: more.append((i, g))
        }
    }
}

/// One operator, declared once: name, signature, help, shape rule, forward, gradient, examples.
/// The language's built-ins, `?help`, the reference and the gradient tests are read off the table of all of them.
public final class Operator: Sendable {
    public struct Result {
        public var outputs: [Tensor]
        public var kept: Tensor?
        public init(_ outputs: [Tensor], kept: Tensor? = nil) {
            self.outputs = outputs
            self.kept = kept
        }
    }
    public typealias Forward = @Sendable (_ inputs: [Tensor], _ attributes: [Attribute]) throws -> Result
    public typealias ShapeRule = @Sendable (_ inputs: [Shape], _ attributes: [Attribute]) throws -> [Shape]
    /// Sends the gradients at the inputs, written in operators so that it can be recorded and differentiated again.
    public typealias Backward = @Sendable (_ flow: inout Flow) throws -> Void
    public typealias Unary = @Sendable (Tensor) throws -> Tensor
    public typealias Binary = @Sendable (Tensor, Tensor) throws -> Tensor

    public let name: String
    public let family: String
    /// The target and the file of the declaration.
    public let file: StaticString
    public let parameters: [OperatorParameter]
    /// One sentence, then more; the formula is in the first.
    public let help: String
    /// Each an expression of the language and what it prints, run by the tests: ("sum([1, 2, 3])", "6").
    public let examples: [(code: String, result: String)]
    public let seeAlso: [String]
    public let shape: ShapeRule
    public let forward: Forward
    public let backward: Backward?
    let unary: Unary?
    let binary: Binary?
    /// How many tensors it takes, at least and at most.
    private let least: Int
    private let most: Int
    /// Names and defaults of the attributes, and the defaults alone where every one has one.
    private let defaults: [(name: String, defaultValue: Attribute?)]
    private let allDefaults: [Attribute]?
    /// Made of other operators, which record themselves.
    public let isComposite: Bool

    public init(
        _ name: String, family: String, _ parameters: [OperatorParameter], help: String,
        examples: [(code: String, result: String)] = [], seeAlso: [String] = [], shape: @escaping ShapeRule,
        unary: Unary? = nil, binary: Binary? = nil, forward: @escaping Forward, backward: Backward?,
        isComposite: Bool = false, file: StaticString = #fileID
    ) {
        self.name = name
        self.file = file
        self.family = family
        self.parameters = parameters
        self.help = help
        self.examples = examples
        self.seeAlso = seeAlso
        self.shape = shape
        self.unary = unary
        self.binary = binary
        self.forward = forward
        self.backward = backward
        self.isComposite = isComposite
        least = parameters.filter { $0.kind == .tensor }.count
        let hasList = parameters.contains { $0.kind == .tensors }
        most = hasList ? Int.max : parameters.filter { $0.kind.isTensor }.count
        defaults = parameters.filter { !$0.kind.isTensor }.map { ($0.name, $0.defaultAttribute) }
        let known = defaults.compactMap(\.defaultValue)
        allDefaults = known.count == defaults.count ? known : nil
    }

    /// Whether gradients flow through it.
    public var hasGradient: Bool { backward != nil || isComposite }

    /// `sum(x, axis = none, keep = false)`.
    public var signature: String {
        let shown = parameters.map { (p: OperatorParameter) -> String in
            guard let defaultValue = p.defaultValue else { return p.name }
            return "\(p.name) = \(defaultValue)"
        }
        return "\(name)(\(shown.joined(separator: ", ")))"
    }

    @inline(__always)
    public func callAsFunction(_ a: Tensor) throws -> Tensor {
        guard let unary else { return try apply([a]) }
        let y = try unary(a)
        if a.origin != nil, Recording.isOn, backward != nil || Recording.isOfAll { return record(y, a, nil) }
        return y
    }

    @inline(__always)
    public func callAsFunction(_ a: Tensor, _ b: Tensor) throws -> Tensor {
        guard let binary else { return try apply([a, b]) }
        let y = try binary(a, b)
        if a.origin != nil || b.origin != nil, Recording.isOn, backward != nil || Recording.isOfAll {
            return record(y, a, b)
        }
        return y
    }

    @inline(__always)
    func record(_ y: Tensor, _ a: Tensor, _ b: Tensor?) -> Tensor {
        if y.origin == nil, y !== a, y !== b {
            y.origin = Node(self, a, b)
            return y
        }
        return Tensor(shape: y.shape, storage: y.storage, offset: y.offset, origin: Node(self, a, b))
    }

    /// The first output.
    public func apply(_ inputs: [Tensor], _ attributes: [Attribute] = []) throws -> Tensor {
        if attributes.isEmpty {
            if unary != nil, inputs.count == 1 { return try self(inputs[0]) }
            if binary != nil, inputs.count == 2 { return try self(inputs[0], inputs[1]) }
        }
        guard let y = try applyAll(inputs, attributes).first else {
            throw EngineError(code: "operator.outputs", message: "\(name) returned nothing")
        }
        return y
    }

    /// All outputs.
    public func applyAll(_ inputs: [Tensor], _ attributes: [Attribute] = []) throws -> [Tensor] {
        let all = try complete(attributes)
        guard inputs.count >= least, inputs.count <= most else {
            throw EngineError(
                code: "operator.inputs", message: "\(name) takes \(signature), and got \(inputs.count) tensors")
        }
        let result = try forward(inputs, all)
        if isComposite { return result.outputs }
        guard Recording.isOn, backward != nil || Recording.isOfAll, inputs.contains(where: { $0.origin != nil }) else {
            return result.outputs.map { y in
                y.origin == nil || !inputs.contains { $0 === y } ? y : y.detached()
            }
        }
        var outputs: [Tensor] = []
        for (i, y) in result.outputs.enumerated() {
            let node = Node(self, inputs, all, output: i, kept: result.kept)
            if y.origin == nil, !inputs.contains(where: { $0 === y }) {
                y.origin = node
                outputs.append(y)
            } else {
                outputs.append(Tensor(shape: y.shape, storage: y.storage, offset: y.offset, origin: node))
            }
        }
        return outputs
    }

    /// The attributes with the defaults of those not given.
    public func complete(_ given: [Attribute]) throws -> [Attribute] {
        if given.count >= defaults.count { return given }
        if given.isEmpty, let allDefaults { return allDefaults }
        var all = given
        for (name, defaultValue) in defaults[all.count...] {
            guard let defaultValue else {
                throw EngineError(code: "operator.argument", message: "\(self.name) needs \(name): \(signature)")
            }
            all.append(defaultValue)
        }
        return all
    }
}

/// The operators by name; each family's file adds its own.
public enum Operators {}
