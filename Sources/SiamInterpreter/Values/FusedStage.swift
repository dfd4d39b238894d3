import SiamGradient
import SiamTensor

/// What stands at one place of a pipeline, for applying it without the interpreter: a layer of the prelude with the
/// stages behind it that its operator takes along (`dense >> relu`, `conv >> relu >> maxpool`). The values are those of
/// the stages one by one; where someone watches the stages, they are applied one by one.
struct FusedStage {
    enum Kind {
        case none
        case dense(Layer.Custom, activation: [Attribute])
        case convPool(Layer.Custom, [Attribute])
        case flatten
    }
    let kind: Kind
    /// How many stages it replaces.
    let length: Int

    /// The same for its first stage alone, where that costs next to nothing and gives the same bits; nil where it does not.
    var alone: FusedStage? {
        guard length > 1, case .dense(let c, _) = kind else { return nil }
        return FusedStage(kind: .dense(c, activation: [.text("none")]), length: 1)
    }

    /// The result; nil where the stages are to be applied one by one: not built yet, a wrong shape, another precision.
    func apply(_ x: Tensor) throws -> Tensor? {
        switch kind {
        case .none: return nil
        case .flatten:
            guard x.rank > 1, x.rank != 3 else { return nil }
            return try Operators.flattened(x)
        case .dense(let c, let activation):
            guard c.isBuilt, c.slots.count == 2, let w = c.slots[0].parameter?.value,
                let b = c.slots[1].parameter?.value, x.rank > 0, w.rank == 2, x.shape[-1] == w.shape[0],
                x.precision == w.precision
            else { return nil }
            return try Operators.affine(x, w, b, activation)
        case .convPool(let c, let attributes):
            guard c.isBuilt, c.slots.count == 2, let w = c.slots[0].parameter?.value,
                let b = c.slots[1].parameter?.value, x.rank == 4, w.rank == 4, x.shape[3] == w.shape[2],
                x.precision == w.precision, x.count > 0, x.shape[1] >= w.shape[0], x.shape[2] >= w.shape[1]
            else { return nil }
            return try Operators.convPool.apply([x, w, b], attributes)
        }
    }
}
