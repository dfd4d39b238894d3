import SiamInterpreter
import SiamLanguage
import SiamTensor

/// The reason why a measure is undefined for its arguments. A program gets NaN and a warning, not an error, so that one
/// combination of a sweep does not end the others.
struct UndefinedMeasure: Error {
    let reason: String
    var notes: [String] = []

    /// Warns that the measure is undefined, and why; the result is NaN.
    func said(by name: String, _ i: Interpreter) -> Double {
        i.session.warn(Diagnostic(.warning, code: "metric.nan", "\(name) is nan: \(reason)", notes: notes))
        return .nan
    }

    /// Throws where a row holds NaN or infinity: no distance to it can be compared with another.
    static func check(_ z: Tensor) throws {
        let isFinite = z.precision == .single ? z.floats.allSatisfy(\.isFinite) : z.doubles.allSatisfy(\.isFinite)
        guard !isFinite else { return }
        let n = max(z.shape.dims.first ?? 1, 1)
        let width = max(z.count / n, 1)
        let values = z.doubles
        let lost = (0..<n).filter { row in values[row * width..<(row + 1) * width].contains { !$0.isFinite } }
        let (what, place) = z.rank < 2 ? ("numbers", "number") : ("embeddings", "row")
        throw UndefinedMeasure(
            reason: "\(lost.count) of \(n) \(what) are not finite",
            notes: ["the first is \(place) \(lost.first ?? 0)"]
                + (z.rank < 2 ? [] : ["trace(net, x) shows the first stage with such values"]))
    }
}
