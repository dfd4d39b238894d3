import CKernels

/// The width of a tensor's elements. Programs compute in `single`; gradients are checked in `double`.
public enum Precision: UInt8, Sendable { case single, double }

/// What a recorded tensor remembers of its making; the gradient target subclasses it. Declared here so that a tensor
/// can carry it without knowing what it is.
open class Origin {
    public init() {}
}

/// What a tensor is called where it is shown.
open class TensorLabel: @unchecked Sendable {
    public let text: String
    public init(_ text: String) { self.text = text }
}

/// An immutable, row-major, contiguous array of numbers, possibly a window into a larger one's memory.
///
/// Whoever makes a tensor fills it before handing it on; afterwards nobody writes to it, but for owners that hold the only
/// reference (`isKnownUniquelyReferenced`), such as optimizers updating a parameter.
public final class Tensor: @unchecked Sendable {
    public let shape: Shape
    public internal(set) final var storage: Storage
    /// The first element's place in the storage, in elements.
    public let offset: Int
    /// How it came about, when gradients may be asked for.
    public final var origin: Origin?
    /// A name that goes with the numbers, such as a training curve's, for titles and legends; operators drop it.
    public final var label: TensorLabel?

    public init(shape: Shape, storage: Storage, offset: Int = 0, origin: Origin? = nil) {
        self.shape = shape
        self.storage = storage
        self.offset = offset
        self.origin = origin
    }

    /// A tensor of undefined contents, to be filled by the caller.
    public convenience init(uninitialized shape: Shape, _ precision: Precision = .single) throws {
        self.init(shape: shape, storage: try Storage(count: shape.count, precision: precision, shape: shape))
    }

    @inlinable public var count: Int { shape.count }
    @inlinable public var rank: Int { shape.rank }
    @inlinable public var precision: Precision { storage.precision }
}
