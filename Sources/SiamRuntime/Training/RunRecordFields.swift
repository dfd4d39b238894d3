import SiamInterpreter
import SiamTensor

/// The record as the language sees it: series that know their steps, so that they plot.
extension RunRecord {
    static let fieldNames = ["stages", "weights", "update_ratio", "spread", "distances"]

    func field(_ name: String) throws -> Value? {
        switch name {
        case "stages":
            return .record(
                Record(
                    try stagePaths.map { path in
                        let taken = stage(path)
                        func series(_ figure: String, _ value: (Stage) -> Float?) throws -> (String, Value) {
                            (
                                figure,
                                try RunRecord.series("\(path).\(figure)", taken.map { ($0.step, value($0.stage)) })
                            )
                        }
                        return (
                            path,
                            .record(
                                Record([
                                    try series("mean") { $0.mean }, try series("sd") { $0.sd },
                                    try series("zeros") { $0.zeros }, try series("dead") { $0.dead },
                                    try series("saturated") { $0.saturated }, try series("spread") { $0.spread },
                                ]))
                        )
                    }))
        case "weights":
            return .record(
                Record(
                    try weightPaths.map { path in
                        let taken = weight(path)
                        func series(_ figure: String, _ value: (Weight) -> Float?) throws -> (String, Value) {
                            (
                                figure,
                                try RunRecord.series("\(path).\(figure)", taken.map { ($0.step, value($0.weight)) })
                            )
                        }
                        return (
                            path,
                            .record(
                                Record([
                                    try series("norm") { $0.norm }, try series("gradient") { $0.gradient },
                                    try series("update") { $0.update }, try series("ratio") { $0.ratio },
                                ]))
                        )
                    }))
        case "update_ratio": return try RunRecord.series(name, samples.map { ($0.step, $0.updateRatio) })
        case "spread": return try RunRecord.series(name, samples.map { ($0.step, $0.spread) })
        case "distances":
            return .record(
                Record([
                    ("same", try RunRecord.series("same", samples.map { ($0.step, $0.pairs?.same) })),
                    ("different", try RunRecord.series("different", samples.map { ($0.step, $0.pairs?.different) })),
                    ("farthest", try RunRecord.series("farthest", samples.map { ($0.step, $0.pairs?.farthest) })),
                ]))
        default: return nil
        }
    }

    private static func series(_ name: String, _ values: [(step: Int, value: Float?)]) throws -> Value {
        var series = Run.Series()
        for (step, value) in values { if let value { series.add(Double(value), step) } }
        return try series.tensor(name)
    }
}
