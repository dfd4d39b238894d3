import Glibc
import SiamRuntime
import SiamTensor

/// From values to a histogram: one set of intervals for all samples.
enum Binning {
    /// A panel of the samples' histograms: counts of one sample, shares of several, so that samples of different sizes
    /// can be compared.
    static func panel(_ samples: [Series.Sample], bins: Int?) throws -> Panel {
        let finite = try samples.map { try Binning.finite($0.values) }
        let edges = try edges(finite: finite, bins: bins)
        var panel = Panel(y: Axis(samples.count > 1 ? "share" : "count"))
        guard edges.count > 1 else {
            let n = samples.reduce(0) { $0 + $1.values.count }
            panel.note = n == 0 ? "" : n == 1 ? "the one value is not finite" : "all \(n) values are NaN or infinite"
            return panel
        }
        var lost = 0
        var (low, high, count) = (Double.infinity, -Double.infinity, 0)
        for (sample, own) in zip(samples, finite) {
            try Interrupt.poll()
            lost += sample.values.count - own.count
            count += own.count
            low = min(low, own.min() ?? low)
            high = max(high, own.max() ?? high)
            var heights = counts(own, edges)
            if samples.count > 1, !own.isEmpty { heights = heights.map { $0 / Double(own.count) } }
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

    private static func finite(_ values: [Double]) throws -> [Double] {
        try Interrupt.poll()
        try Memory.ask(values.count, of: 4 * MemoryLayout<Double>.stride, for: "a histogram")
        return values.allSatisfy(\.isFinite) ? values : values.filter(\.isFinite)
    }

    /// Intervals of one width: as many as asked for, else after Freedman and Diaconis (1981), width 2 IQR / n^(1/3), between
    /// 8 and 60. Few whole numbers get an interval each.
    /// Of several samples the one that needs the narrowest decides.
    static func edges(_ samples: [[Double]], bins: Int?) throws -> [Double] {
        try edges(finite: samples.map { $0.filter(\.isFinite) }, bins: bins)
    }

    private static func edges(finite samples: [[Double]], bins: Int?) throws -> [Double] {
        let sorted = try samples.map { sample -> [Double] in
            let own = Sorting.sorted(sample)
            try Interrupt.poll()
            return own
        }
        guard let low = sorted.compactMap(\.first).min(), let high = sorted.compactMap(\.last).max() else { return [] }
        if low == high {
            let room = max(0.5, abs(low) * 0.1)
            return low - room < low && low + room > low ? [low - room, low + room].filter(\.isFinite) : []
        }
        if bins == nil, high - low <= 40, sorted.allSatisfy({ $0.allSatisfy { $0 == $0.rounded() } }) {
            return (0...Int(high - low) + 1).map { low - 0.5 + Double($0) }
        }
        let half = high / 2 - low / 2
        let count: Int
        if let bins {
            count = bins
        } else {
            let counts = sorted.map { own -> Int in
                guard own.count > 1 else { return 8 }
                let quarter = own.count / 4
                let spread = own[own.count - 1 - quarter] / 2 - own[quarter] / 2
                let ratio = half / max(2 * spread * pow(Double(own.count), -1.0 / 3), half / 60)
                return ratio.isFinite ? Int(ratio.rounded(.up)) : 8
            }
            count = max(8, min(60, counts.max() ?? 8))
        }
        return (0...count).map { low + half * (2 * Double($0) / Double(count)) }
    }

    static func counts(_ values: [Double], _ edges: [Double]) -> [Double] {
        var counts = [Double](repeating: 0, count: max(0, edges.count - 1))
        guard let low = edges.first, let high = edges.last, high > low else { return counts }
        let n = counts.count
        for (i, v) in values.enumerated() {
            if i & 0xFFFFF == 0xFFFFF, Interrupt.isDue { break }
            var k = min(n - 1, max(0, Int((v / 2 - low / 2) / (high / 2 - low / 2) * Double(n))))
            // The quotient may be off by its last bit; the edges decide.
            while k > 0, v < edges[k] { k -= 1 }
            while k + 1 < n, v >= edges[k + 1] { k += 1 }
            counts[k] += 1
        }
        return counts
    }
}
