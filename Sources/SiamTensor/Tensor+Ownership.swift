/// Whether a tensor is the only one to hold its numbers.
extension Tensor {
    /// Whether this tensor is the only reference to all of its memory, so that it may be written in place. The
    /// caller holds the only reference to the tensor.
    public func ownsStorageAlone() -> Bool {
        guard offset == 0, count == storage.count, isKnownUniquelyReferenced(&storage) else { return false }
        storage.forgetPacked()
        return true
    }
    /// Lets go of what products have packed of these numbers.
    public func forgetPacked() { storage.forgetPacked() }
}
