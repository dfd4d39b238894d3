import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// The series of a run by name, as CSV and as lines of JSON.
extension Run {
    /// Every series of the run by name: what it reported, and what was measured at sampled steps.
    public var allSeries: [(name: String, series: Series)] {
        var all: [(name: String, series: Series)] = [("loss", loss)] + reports
        if !gradientNorm.values.isEmpty { all.append(("grad_norm", gradientNorm)) }
        func add(_ name: String, _ values: [(step: Int, value: Float?)]) {
            var s = Series()
            for (step, value) in values { if let value { s.add(Double(value), step) } }
            if !s.values.isEmpty { all.append((name, s)) }
        }
        let samples = record.samples
        add("update_ratio", samples.map { ($0.step, $0.updateRatio) })
        add("spread", samples.map { ($0.step, $0.spread) })
        add("distances/same", samples.map { ($0.step, $0.pairs?.same) })
        add("distances/different", samples.map { ($0.step, $0.pairs?.different) })
        for path in record.stagePaths {
            let taken = record.stage(path)
            add("stages/\(path)/mean", taken.map { ($0.step, $0.stage.mean) })
            add("stages/\(path)/sd", taken.map { ($0.step, $0.stage.sd) })
            add("stages/\(path)/zeros", taken.map { ($0.step, $0.stage.zeros) })
            add("stages/\(path)/dead", taken.map { ($0.step, $0.stage.dead) })
        }
        for path in record.weightPaths {
            let taken = record.weight(path)
            add("weights/\(path)/norm", taken.map { ($0.step, $0.weight.norm) })
            add("weights/\(path)/gradient", taken.map { ($0.step, $0.weight.gradient) })
            add("weights/\(path)/ratio", taken.map { ($0.step, $0.weight.ratio) })
        }
        return all
    }

    /// A table with a line a step, a column a series; empty where a series has no value at a step.
    public var csvText: String {
        let all = allSeries
        var rows: [Int: [Float?]] = [:]
        for (k, one) in all.enumerated() {
            for (step, value) in zip(one.series.steps, one.series.values) {
                rows[step, default: [Float?](repeating: nil, count: all.count)][k] = value
            }
        }
        var lines = [(["step"] + all.map(\.name)).map { $0.contains(",") ? "\"\($0)\"" : $0 }.joined(separator: ",")]
        for step in rows.keys.sorted() {
            lines.append(
                "\(step)," + (rows[step] ?? []).map { $0.map { formatNumber(Double($0)) } ?? "" }.joined(separator: ",")
            )
        }
        return lines.joined(separator: "\n") + "\n"
    }

    /// A line of JSON a step.
    public var jsonLines: String {
        let all = allSeries
        var rows: [Int: [String]] = [:]
        for one in all {
            for (step, value) in zip(one.series.steps, one.series.values) {
                rows[step, default: []].append(
                    "\(JSON.quoted(one.name)):\(value.isFinite ? formatNumber(Double(value)) : "null")")
            }
        }
        return rows.keys.sorted().map { "{\"step\":\($0),\((rows[$0] ?? []).joined(separator: ","))}\n" }.joined()
    }
}
