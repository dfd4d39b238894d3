import Glibc
import SiamLanguage

/// The ticks of an axis: round values, and their labels.
package struct Ticks {
    package var low: Double
    package var high: Double
    var values: [Double]
    var labels: [String]
    package var isLogarithmic: Bool

    /// The position of a value along the axis, 0 at its low end and 1 at its high end; nil if it cannot be shown.
    func share(_ x: Double) -> Double? {
        guard x.isFinite else { return nil }
        if isLogarithmic {
            guard x > 0 else { return nil }
            return (log(x) - log(low)) / (log(high) - log(low))
        }
        let half = (x / 2 - low / 2) / (high / 2 - low / 2)
        return half.isFinite ? half : nil
    }

    /// - Parameters:
    ///   - most: the greatest number of ticks.
    ///   - isLoose: widen the axis to the ticks around the data, so that its ends bear numbers.
    init(
        low dataLow: Double, high dataHigh: Double, most: Int, isLogarithmic: Bool = false, isLoose: Bool = false
    ) {
        let isLogarithmic = isLogarithmic && dataLow > 0
        self.isLogarithmic = isLogarithmic
        let (low, high) = Ticks.apart(dataLow, dataHigh, isLogarithmic)
        self.low = low
        self.high = high
        if isLogarithmic {
            values = Ticks.decades(low, high, max(2, most))
            labels = values.map { formatNumber($0) }
            return
        }
        let step = Ticks.step(high / 2 - low / 2, max(1, most - 1))
        var first = (low / step).rounded(.up)
        var last = (high / step).rounded(.down)
        if isLoose {
            if first * step - low > step * 1e-6 { first -= 1 }
            if high - last * step > step * 1e-6 { last += 1 }
        }
        guard step > 0, first.isFinite, last.isFinite, last >= first, last - first < 1000, abs(first) < 1e15 else {
            values = [low, high]
            labels = [Ticks.short(low), Ticks.short(high)]
            return
        }
        values = stride(from: first, through: last, by: 1).map { $0 * step }
        if isLoose {
            self.low = min(low, first * step)
            self.high = max(high, last * step)
        }
        let decimals = max(0, Int(-(log10(step) + 1e-9).rounded(.down)))
        let needsMore = abs(step * pow(10, Double(decimals)) - (step * pow(10, Double(decimals))).rounded()) > 1e-6
        labels = Ticks.labels(values, step, decimals + (needsMore ? 1 : 0))
    }

    /// Ends that are not one number.
    private static func apart(_ low: Double, _ high: Double, _ isLogarithmic: Bool) -> (Double, Double) {
        guard low.isFinite, high.isFinite else { return (0, 1) }
        let (low, high) = (Swift.min(low, high), Swift.max(low, high))
        if high - low > abs(high) * 1e-9 || (low == 0 && high > 0) || (high == 0 && low < 0) { return (low, high) }
        if isLogarithmic { return (low / 2, Swift.min(high * 2, 1e308)) }
        let room = Swift.min(low == 0 ? 0.5 : Swift.max(abs(low) * 0.1, 1e-300), 1e307)
        return (low - room, high + room)
    }

    /// 1, 2, 2.5 or 5 times a power of ten, so that `count` steps cover twice `half`.
    private static func step(_ half: Double, _ count: Int) -> Double {
        let raw = half / Double(count) * 2
        guard raw.isFinite, raw > 0 else { return raw > 0 ? 1e307 : 1 }
        let power = pow(10, log10(raw).rounded(.down))
        guard power > 0 else { return raw }
        let ratio = raw / power
        for nice in [1, 2, 2.5, 5, 10.0] where ratio <= nice * (1 + 1e-9) { return nice * power }
        return 10 * power
    }

    private static func decades(_ low: Double, _ high: Double, _ most: Int) -> [Double] {
        let first = Int(log10(low).rounded(.up))
        let last = Int(log10(high).rounded(.down))
        if last - first >= 1 {
            let every = max(1, (last - first) / max(1, most - 1) + ((last - first) % max(1, most - 1) == 0 ? 0 : 1))
            return stride(from: first, through: last, by: every).map { pow(10, Double($0)) }
        }
        var found: [Double] = []
        for k in (first - 1)...(last + 1) {
            for m in [1, 2, 5.0] {
                let v = m * pow(10, Double(k))
                if v >= low * 0.999, v <= high * 1.001 { found.append(v) }
            }
        }
        return found.count >= 2 ? found : [low, high]
    }

    private static func labels(_ values: [Double], _ step: Double, _ decimals: Int) -> [String] {
        let largest = values.reduce(0) { Swift.max($0, abs($1)) }
        if largest >= 1e5 || largest < 1e-3 || decimals > 4 {
            return values.map { $0 == 0 ? "0" : short($0) }
        }
        return values.map { v in
            let text = (try? formatNumber(v, spec: ".\(decimals)")) ?? formatNumber(v)
            return text.hasPrefix("-") && !text.contains(where: { $0 >= "1" && $0 <= "9" })
                ? String(text.dropFirst()) : text
        }
    }

    /// A number in at most some seven characters: `1.2e5`, `0.3142`, `1797`.
    package static func short(_ x: Double) -> String {
        if !x.isFinite || x == 0 { return formatNumber(x == 0 ? 0 : x) }
        if x == x.rounded(), abs(x) < 1e5 { return formatNumber(x) }
        let text = (try? formatNumber(x, spec: ".4g")) ?? formatNumber(x)
        return text.replacing("e+", with: "e")
    }
}
