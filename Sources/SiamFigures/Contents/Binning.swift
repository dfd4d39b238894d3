import Glibc
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// From values to a histogram: one set of intervals for all samples.
package enum Binning {
    /// A panel of the samples' histograms: counts of one sample, shares of several, so that samples of different sizes
    /// can be compared.
    package static func panel(_ samples: [Series.Sample], bins: Int?) throws -> Panel {
        let extents = try samples.map { try $0.with { try NumberStatistics.extent($0) } }
        let edges = try edges(samples, extents, bins: bins)
        var panel = Panel(y: Axis(samples.count > 1 ? "share" : "count"))
        guard edges.count > 1 else {
            let n = samples.reduce(0) { $0 + $1.count }
            panel.note = n == 0 ? "" : n == 1 ? "the one value is not finite" : "all \(n) values are NaN or infinite"
            return panel
        }
        var lost = 0
        var (low, high, count) = (Double.infinity, -Double.infinity, 0)
        for (sample, own) in zip(samples, extents) {
            lost += sample.count - own.finite
            count += own.finite
            low = min(low, own.low)
            high = max(high, own.high)
            var heights = sample.with { counts($0, edges) }
            try Interrupt.poll()
            if samples.count > 1, own.finite > 0 { heights = heights.map { $0 / Double(own.finite) } }
            panel.marks.append(
                .histogram(
                    Mark.Histogram(name: samples.count > 1 ? sample.name : "", edges: edges, heights: heights)))
        }
        var notes: [String] = []
        if lost > 0 { notes.append(lost == 1 ? "1 value is not finite" : "\(lost) values are not finite") }
        if count == 1 {
            notes.append("one value: \(Ticks.short(low))")
        } else if count > 1, low == high {
            notes.append("constant: all \(count) values are \(Ticks.short(low))")
        }
        panel.note = notes.joined(separator: "; ")
        return panel
    }

    /// Intervals of one width: as many as asked for, else after Freedman and Diaconis (1981), width 2 IQR / n^(1/3), between
    /// 8 and 60. Few whole numbers get an interval each.
    /// Of several samples the one that needs the narrowest decides.
    static func edges(_ samples: [[Double]], bins: Int?) throws -> [Double] {
        try edges(
            samples.map { Series.Sample(name: "", values: $0) }, try samples.map { try NumberStatistics.extent($0) },
            bins: bins)
    }

    private static func edges(_ samples: [Series.Sample], _ extents: [NumberStatistics.Extent], bins: Int?) throws
        -> [Double]
    {
        let all = zip(samples, extents).filter { $0.1.finite > 0 }
        guard let low = all.map(\.1.low).min(), let high = all.map(\.1.high).max() else { return [] }
        if low == high {
            let room = max(0.5, abs(low) * 0.1)
            return low - room < low && low + room > low ? [low - room, low + room].filter(\.isFinite) : []
        }
        if bins == nil, high - low <= 40, all.allSatisfy({ $0.1.whole == $0.1.finite }) {
            return (0...Int(high - low) + 1).map { low - 0.5 + Double($0) }
        }
        let half = high / 2 - low / 2
        let count: Int
        if let bins {
            count = bins
        } else {
            let counts = try all.map { sample, own -> Int in
                guard own.finite > 1 else { return 8 }
                // Ranks among the finite values, which follow minus infinity in the sorted order.
                let quarter = own.finite / 4
                let (upper, lower) = try sample.with {
                    (
                        try NumberStatistics.ranked($0, own.below + own.finite - 1 - quarter),
                        try NumberStatistics.ranked($0, own.below + quarter)
                    )
                }
                let spread = upper / 2 - lower / 2
                let ratio = half / max(2 * spread * pow(Double(own.finite), -1.0 / 3), half / 60)
                return ratio.isFinite ? Int(ratio.rounded(.up)) : 8
            }
            count = max(8, min(60, counts.max() ?? 8))
        }
        return (0...count).map { low + half * (2 * Double($0) / Double(count)) }
    }

    /// The number of finite values in each interval; counting stops half-way if an interrupt is due.
    static func counts(_ values: [Double], _ edges: [Double]) -> [Double] {
        NumberStatistics.with(values) { counts($0, edges) }
    }
    private static func counts(_ values: NumberStatistics.Numbers, _ edges: [Double]) -> [Double] {
        guard let low = edges.first, let high = edges.last, high > low else {
            return [Double](repeating: 0, count: max(0, edges.count - 1))
        }
        return NumberStatistics.counts(values, edges)
    }
}
