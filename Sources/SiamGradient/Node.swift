import SiamTensor

/// One recorded application of an operator: what the backward pass needs.
public final class Node: Origin, @unchecked Sendable {
    public let op: Operator
    public let inputs: [Tensor]
    public let attributes: [Attribute]
    public init(op: Operator, inputs: [Tensor], attributes: [Attribute]) {
        self.op = op
        self.inputs = inputs
        self.attributes = attributes
    }
}
