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
    }
    public let name: String
    public let kind: Kind
    /// The default of an attribute as it is written in the language: `none`, `false`, `-1`, `1e-5`; nil where one must be given.
    public let standard: String?

    public init(_ name: String, _ kind: Kind, _ standard: String? = nil) {
        self.name = name
        self.kind = kind
        self.standard = standard
    }
}

/// One operator, declared once: name, signature, help, shape rule, forward, gradient, examples.
/// The language's built-ins, `?help`, the reference and the gradient tests are read off the table of all of them.
public final class Operator: Sendable {
    public typealias Forward = @Sendable (_ inputs: [Tensor], _ attributes: [Attribute]) throws -> [Tensor]
    public typealias ShapeRule = @Sendable (_ inputs: [Shape], _ attributes: [Attribute]) throws -> [Shape]
    /// From the node and the gradients at its outputs (nil: none flows) to the gradients at its inputs, written in operators
    /// so that it can be recorded and differentiated again.
    public typealias Backward = @Sendable (_ node: Node, _ outputs: [Tensor?]) throws -> [Tensor?]

    public let name: String
    public let family: String
    public let parameters: [OperatorParameter]
    /// One sentence, then more; the formula is in the first.
    public let help: String
    /// Each an expression of the language and what it prints, run by the tests: ("sum([1, 2, 3])", "6").
    public let examples: [(code: String, result: String)]
    public let seeAlso: [String]
    public let shape: ShapeRule
    public let forward: Forward
    public let backward: Backward?

    public init(
        _ name: String, family: String, _ parameters: [OperatorParameter], help: String,
        examples: [(code: String, result: String)] = [], seeAlso: [String] = [], shape: @escaping ShapeRule,
        forward: @escaping Forward, backward: Backward?
    ) {
        self.name = name
        self.family = family
        self.parameters = parameters
        self.help = help
        self.examples = examples
        self.seeAlso = seeAlso
        self.shape = shape
        self.forward = forward
        self.backward = backward
    }
}
