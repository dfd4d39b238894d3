import SiamTensor

/// How differently the inputs of the two sides of a pair lie: as where one of them was scaled and the other was not.
struct SidesApart {
    /// The larger of the two root mean squares over the smaller.
    let scale: Double
    /// Between the two means, in standard deviations of the narrower side.
    let shift: Double

    init?(_ graph: StepGraph, _ one: StepGraph.Side, _ other: StepGraph.Side) {
        let (a, b) = (graph.firstInput(one), graph.firstInput(other))
        guard a.shape == b.shape, a.count >= 40 else { return nil }
        func moments(_ t: Tensor) -> (mean: Double, size: Double, deviation: Double) {
            let values = t.doubles
            let n = Double(values.count)
            let mean = values.reduce(0, +) / n
            let square = values.reduce(0) { $0 + $1 * $1 } / n
            return (mean, square.squareRoot(), max(0, square - mean * mean).squareRoot())
        }
        let (u, v) = (moments(a), moments(b))
        guard u.size.isFinite, v.size.isFinite, min(u.size, v.size) > 0 else { return nil }
        scale = max(u.size, v.size) / min(u.size, v.size)
        shift = abs(u.mean - v.mean) / max(min(u.deviation, v.deviation), 1e-12)
    }
    /// Views of one image, and rows that are drawn one by one, stay far below it.
    var isMuch: Bool { scale > 4 || shift > 3 }
}
