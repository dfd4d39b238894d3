import CKernels

/// Memory of a tensor's elements. Taken from and given back to the engine's pool.
public final class Storage: @unchecked Sendable {
    public let base: UnsafeMutableRawPointer
    public let count: Int
    public let precision: Precision
    let bytes: Int

    /// Memory for `count` elements. Throws, naming `shape`, where it cannot be had.
    public init(count: Int, precision: Precision, shape: Shape) throws {
        let bytes = count * (precision == .single ? 4 : 8)
        // Between two large operations an interrupt is heard.
        if bytes >= 1 << 20 { try Interrupt.poll() }
        guard let base = siam_memory_take(bytes) else { throw EngineError.tooLarge(shape.dims) }
        self.base = base
        self.count = count
        self.precision = precision
        self.bytes = bytes
    }

    deinit { siam_memory_give(base, bytes) }
}
