import SiamGradient
import SiamLanguage
import SiamTensor

/// Marks a tensor of indices, so that one of one or two elements is not read as a mask.
package final class PlacesLabel: TensorLabel, @unchecked Sendable {
    package static let shared = PlacesLabel("order")
}

/// `x[i, 1..3, ..]`: one selector an axis, from the first; axes without one are taken whole.
public enum TensorIndex {
    public enum Selector {
        case at(Int)
        case range(Int?, Int?)
        /// Whole numbers that gather, or, when they are 0 and 1 and as many as the axis is long, a mask.
        case vector([Int])
        /// Whole numbers that gather, whatever they are: an order that was drawn is no mask.
        case places([Int])
    }

    static func isMask(_ v: [Int], _ length: Int) -> Bool { v.count == length && v.allSatisfy { $0 == 0 || $0 == 1 } }

    /// The range within an axis of a given length; negative bounds count from the end.
    static func clamped(_ low: Int?, _ high: Int?, _ length: Int) -> (Int, Int) {
        func place(_ i: Int) -> Int { min(max(i < 0 ? i &+ length : i, 0), length) }
        let a = place(low ?? 0)
        return (a, max(a, high.map(place) ?? length))
    }

    /// The selectors as the operator takes them, and the tensors that they name.
    private static func attributes(_ t: Tensor, _ selectors: [Selector], firstInput: Int) throws -> (
        [Attribute], [Tensor]
    ) {
        var attributes: [Attribute] = []
        var inputs: [Tensor] = []
        for (axis, s) in selectors.enumerated() {
            let length = t.shape[axis]
            switch s {
            case .at(let i): attributes.append(.integers([0, i]))
            case .range(nil, nil): attributes.append(.integers([2]))
            case .range(let low, let high):
                let (a, b) = clamped(low, high, length)
                attributes.append(.integers([1, a, b, 1]))
            case .vector(let v):
                let isInside = axis < t.rank
                let (values, kind) = try InterruptibleWork.run(size: v.count) { () throws -> (Tensor, Int) in
                    let values = try Tensor(Shape.vector(v.count), v.map { Float($0) })
                    return (values, isInside && TensorIndex.isMask(v, length) ? 4 : 3)
                }
                attributes.append(.integers([kind, firstInput + inputs.count]))
                inputs.append(values)
            case .places(let v):
                attributes.append(.integers([3, firstInput + inputs.count]))
                inputs.append(try Tensor(Shape.vector(v.count), v.map { Float($0) }))
            }
        }
        return (attributes, inputs)
    }

    static func read(_ t: Tensor, _ selectors: [Selector]) throws -> Tensor {
        guard selectors.count <= t.rank else { throw tooMany(t, selectors.count) }
        let (attributes, inputs) = try attributes(t, selectors, firstInput: 1)
        return try Operators.index.apply([t] + inputs, attributes)
    }

    static func write(_ t: Tensor, _ selectors: [Selector], _ value: Tensor) throws -> Tensor {
        guard selectors.count <= t.rank else { throw tooMany(t, selectors.count) }
        let (attributes, inputs) = try attributes(t, selectors, firstInput: 2)
        return try Operators.assignIndex.apply([t, value] + inputs, attributes)
    }

    private static func tooMany(_ t: Tensor, _ n: Int) -> EngineError {
        EngineError(
            code: "index.count",
            message:
                "there are \(n) indices, and the tensor has \(t.rank == 0 ? "no axes" : t.rank == 1 ? "1 axis" : "\(t.rank) axes"): it is \(t.shape)",
            dims: [t.shape.dims])
    }
}
