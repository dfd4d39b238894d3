import SiamGradient
import SiamTensor

/// A named tensor that training changes. `value` is always a tracked leaf; its identity is what gradients are asked for at.
public final class Parameter: @unchecked Sendable {
    public let name: String
    private var leaf: Tensor
    public var isFrozen: Bool

    public init(name: String, value: Tensor, isFrozen: Bool = false) {
        self.name = name
        self.isFrozen = isFrozen
        leaf = value.tracked()
    }

    /// Setting makes a new leaf over the given memory.
    public var value: Tensor {
        get { leaf }
        set { leaf = newValue.tracked() }
    }

    /// The memory that an update may write: the parameter's own if it is not shared, else new memory of the same shape.
    /// The leaf is kept if the memory is kept, and is replaced otherwise.
    func destination() throws -> Tensor {
        if isKnownUniquelyReferenced(&leaf), leaf.ownsStorageAlone() { return leaf }
        // Holders of the old values seldom multiply by them.
        leaf.forgetPacked()
        return try Tensor(uninitialized: leaf.shape, leaf.precision)
    }

    func settle(_ tensor: Tensor) {
        if tensor !== leaf { leaf = tensor.tracked() }
    }

    /// The values at a moment; shares memory with the parameter until its next update.
    public func snapshot() -> Tensor { leaf.detached() }
    public func restore(_ tensor: Tensor) { value = tensor }
}
