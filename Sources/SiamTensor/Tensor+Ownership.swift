extension Tensor {
    /// Whether this tensor is the only holder of its memory, all of it. The caller holds the only reference to the tensor.
    public func ownsStorageAlone() -> Bool {
        guard offset == 0, count == storage.count else { return false }
        return isKnownUniquelyReferenced(&storage)
    }
}
