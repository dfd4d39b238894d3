import CKernels

/// Memory of a tensor's elements. Taken from and given back to the engine's pool.
public final class Storage: @unchecked Sendable {
    public let base: UnsafeMutableRawPointer
    public let count: Int
    public let precision: Precision
    let bytes: Int
    /// The same numbers as products read them, of weights that several products share.
    private var packed: UnsafeMutableRawPointer?
    private var packedBytes = 0
    private var packedWidth = 0

    /// Memory for `count` elements. Throws, naming `shape`, where it cannot be had.
    public init(count: Int, precision: Precision, shape: Shape) throws {
        let bytes = count * (precision == .single ? 4 : 8)
        // Interrupts are checked between two large operations.
        if bytes >= 1 << 20 { try Interrupt.poll() }
        guard let base = siam_memory_take(bytes) else { throw EngineError.tooLarge(shape.dims) }
        self.base = base
        self.count = count
        self.precision = precision
        self.bytes = bytes
    }

    deinit {
        forgetPacked()
        siam_memory_give(base, bytes)
    }

    /// All of it, k x n, packed for matrix products at the first use; nil if products read it unpacked.
    func packed(k: Int, _ n: Int) -> UnsafeMutableRawPointer? {
        if let packed { return packedWidth == n ? packed : nil }
        let size = siam_packed_bytes(Int64(n), Int64(k))
        guard precision == .single, size > 0, k * n == count, let room = siam_memory_take(size) else { return nil }
        siam_pack(
            Int64(n), Int64(k), base.assumingMemoryBound(to: Float.self), room.assumingMemoryBound(to: Float.self))
        (packed, packedBytes, packedWidth) = (room, size, n)
        return room
    }
    /// To be called before the numbers change.
    func forgetPacked() {
        guard let packed else { return }
        siam_memory_give(packed, packedBytes)
        self.packed = nil
    }
}
