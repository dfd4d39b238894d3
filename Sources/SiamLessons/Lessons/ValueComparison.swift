import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// How a value differs from the one that was wanted, in words that do not give the answer away.
public enum ValueComparison {
    /// Whether two values are the same to a lesson: numbers with a tolerance; nil where such things cannot be compared.
    static func same(_ a: Value, _ b: Value) -> Bool? {
        if let x = tensor(a), let y = tensor(b) {
            return x.shape == y.shape && zip(x.doubles, y.doubles).allSatisfy(near)
        }
        switch (a, b) {
        case (.text(let x), .text(let y)): return x.string == y.string
        case (.list(let x), .list(let y)): return same(x.items, y.items)
        case (.record(let x), .record(let y)): return x.names == y.names ? same(x.values, y.values) : false
        case (.range(let x), .range(let y)): return x.low == y.low && x.high == y.high
        case (.none, .none): return true
        case (.layer, _), (.thing, _), (.function, _), (.builtin, _): return nil
        case (_, .layer), (_, .thing), (_, .function), (_, .builtin): return nil
        default: return false
        }
    }

    /// Numbers, bools and tensors as a tensor.
    private static func tensor(_ v: Value) -> Tensor? {
        switch v {
        case .tensor(let t): t
        case .number(let x): try? Tensor(scalar: x, .double)
        case .bool(let b): try? Tensor(scalar: b ? 1 : 0, .double)
        default: nil
        }
    }

    private static func same(_ a: [Value], _ b: [Value]) -> Bool? {
        guard a.count == b.count else { return false }
        for (x, y) in zip(a, b) {
            guard let equal = same(x, y) else { return nil }
            if !equal { return false }
        }
        return true
    }

    private static func near(_ x: Double, _ y: Double) -> Bool {
        x == y || abs(x - y) <= 1e-6 + 1e-4 * max(abs(x), abs(y)) || (x.isNaN && y.isNaN)
    }

    /// `yours is 2x3, wanted 3x2: transposed`; nil where nothing can be said.
    static func text(_ yours: Value, wanted: Value) -> String? {
        if let a = tensor(yours), let b = tensor(wanted) { return tensors(a, b) }
        switch (yours, wanted) {
        case (.list(let a), .list(let b)) where a.items.count != b.items.count:
            return "yours has \(a.items.count) elements, wanted \(b.items.count)"
        case (.list(let a), .list(let b)):
            for (k, (x, y)) in zip(a.items, b.items).enumerated() where same(x, y) == false {
                return text(x, wanted: y).map { "element \(k): \($0)" }
            }
            return nil
        case (.text, .text): return nil
        default: break
        }
        let (a, b) = (yours.kindName, wanted.kindName)
        return a == b ? nil : "yours is \(a), wanted \(b)"
    }

    private static func tensors(_ a: Tensor, _ b: Tensor) -> String? {
        let (x, y) = (a.doubles, b.doubles)
        guard a.shape == b.shape else {
            if a.rank == 0 || b.rank == 0 {
                func name(_ t: Tensor) -> String { t.rank == 0 ? "a number" : "a tensor of \(t.shape)" }
                return "yours is \(name(a)), wanted \(name(b))"
            }
            let turned = a.rank == 2 && b.rank == 2 && a.shape.dims == b.shape.dims.reversed()
            let more =
                turned ? ": transposed" : a.count == b.count ? ": the same number of elements in another shape" : ""
            return "yours is \(a.shape), wanted \(b.shape)\(more)"
        }
        let off = zip(x, y).enumerated().filter { !near($0.element.0, $0.element.1) }.map(\.offset)
        guard let first = off.first else { return nil }
        if let bad = x.first(where: { !$0.isFinite }) {
            return "there is \(bad.isNaN ? "NaN" : "an infinity") in yours"
        }
        if zip(x, y).allSatisfy({ near($0, -$1) }) { return "the sign is wrong" }
        if a.rank == 2, a.shape[0] == a.shape[1], isTransposed(x, y, a.shape[0]) {
            return "the numbers are right, but transposed"
        }
        if let factor = factor(x, y) { return "yours is \(number(factor)) times what was wanted" }
        if x.count == 1 { return "yours is \(number(x[first])): too \(x[first] < y[first] ? "small" : "large")" }
        let place = placeName(first, a.shape)
        return "the shape is right; \(off.count) of \(x.count) numbers differ, the first at \(place), where yours is "
            + number(x[first])
    }

    private static func isTransposed(_ x: [Double], _ y: [Double], _ n: Int) -> Bool {
        for i in 0..<n { for j in 0..<n where !near(x[i * n + j], y[j * n + i]) { return false } }
        return true
    }

    /// The round number by which all of `y` was multiplied.
    private static func factor(_ x: [Double], _ y: [Double]) -> Double? {
        guard let k = y.indices.max(by: { abs(y[$0]) < abs(y[$1]) }), y[k] != 0 else { return nil }
        let f = x[k] / y[k]
        guard [0.5, 2, 0.25, 4, 10, 0.1, -2, -0.5].contains(where: { near(f, $0) }) else { return nil }
        return zip(x, y).allSatisfy { near($0, f * $1) } ? f : nil
    }

    private static func placeName(_ flat: Int, _ shape: Shape) -> String {
        var rest = flat
        var places: [String] = []
        for axis in (0..<shape.rank).reversed() {
            places.insert("\(rest % max(1, shape[axis]))", at: 0)
            rest /= max(1, shape[axis])
        }
        return "[\(places.joined(separator: ", "))]"
    }

    private static func number(_ x: Double) -> String { (try? formatNumber(x, spec: ".4g")) ?? "\(x)" }
}
