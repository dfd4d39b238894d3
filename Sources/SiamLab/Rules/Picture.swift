import SiamInterpreter
import SiamRuntime

/// The illustration of a finding: a value over the run, or a few values to compare.
enum Picture {
    case series(String, [Double])
    /// Lengths from 0, in the order of the report.
    case bars([(name: String, value: Double)])

    /// The slope of the loss over the distance of positive and of negative pairs.
    static func push(_ p: PushAndPull?) -> Picture {
        guard let p else { return .bars([]) }
        return .curves(p)
    }
    case curves(PushAndPull)

    /// Of parts of a whole, in percent.
    static func shares(_ parts: [(String, Double)]) -> Picture { .bars(parts.map { ($0.0, 100 * $0.1) }) }

    /// Nothing where there is nothing to draw.
    func lines(columns: Int, unicode: Bool) -> [String] {
        switch self {
        case .curves(let p): return p.lines(columns: columns, unicode: unicode)
        case .series(let name, let values):
            guard values.count > 1, let first = values.first, let last = values.last else { return [] }
            let drawn = Sparkline.draw(
                values.map { Float($0) }, width: max(8, min(50, columns - name.count - 26)), unicode: unicode)
            return ["\(name)  \(drawn)  \(short(first)) -> \(short(last))"]
        case .bars(let bars):
            let width = bars.map(\.name.count).max() ?? 0
            let longest = bars.map(\.value).filter(\.isFinite).max() ?? 0
            let room = max(8, min(30, columns - width - 16))
            return bars.map { bar in
                let isDrawn = bar.value.isFinite && bar.value > 0 && longest > 0
                let length = isDrawn ? max(1, Int((bar.value / longest * Double(room)).rounded())) : 0
                let name = bar.name + String(repeating: " ", count: width - bar.name.count)
                return "\(name)  " + String(repeating: unicode ? "█" : "#", count: length)
                    + "\(length > 0 ? " " : "")\(short(bar.value))"
            }
        }
    }
}

/// Where a fault shows first, in words: which step, which stage.
enum FirstSymptom {
    static func start(_: Examination) -> String? { "before the first step" }
    static func firstStep(_: Examination) -> String? { "at the first step" }
    static func end(_: Examination) -> String? { "after the last step" }
}
