import SiamTensor

extension Node {
    /// The gradient accumulated here so far, taken out so that it can be added to in place; nil while another reference to
    /// its storage exists or the backward pass is recorded.
    func takeSum(_ shape: Shape, _ precision: Precision) -> Tensor? {
        guard !Recording.isOn, var held = gradient, held.shape == shape, held.precision == precision else { return nil }
        gradient = nil
        if isKnownUniquelyReferenced(&held), held.ownsStorageAlone() { return held }
        gradient = held
        return nil
    }
}

extension Flow {
    /// The gradient accumulated so far at an input, to be added to in place and then given back to `putSum`; nil where
    /// there is none that may be written to.
    func takeSum(_ i: Int, _ shape: Shape, _ precision: Precision) -> Tensor? {
        guard let origin = node.input(i)?.origin else { return nil }
        return unsafeDowncast(origin, to: Node.self).takeSum(shape, precision)
    }
    func putSum(_ i: Int, _ sum: Tensor) {
        guard let origin = node.input(i)?.origin else { return }
        unsafeDowncast(origin, to: Node.self).gradient = sum
    }
}
