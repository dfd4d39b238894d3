import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// A training of another tool as `siam.record` of the Python package wrote it: a line of JSON a measured step. It becomes a
/// run whose series, trace, plots and signs are there, and whose nets are not.
package enum RecordedRun {
    package static let ending = ".siamrecord"

    package static func read(_ path: String) throws -> SavedRun {
        let bytes = try FileBytes.read(path)
        var run = SavedRun(program: RunProgram.none)
        var isFirst = true
        var at = 0
        while at < bytes.count {
            let end = bytes[at...].firstIndex(of: 10) ?? bytes.count
            defer { at = end + 1 }
            guard end > at else { continue }
            var reader = JSONReader(bytes[at..<end], path: path)
            let line: JSON
            do { line = try reader.value() } catch {
                // The last line of a training that was killed may be cut off.
                if end == bytes.count, !isFirst { break }
                throw error
            }
            if isFirst {
                guard line["siam"]?.text == "record" else {
                    throw DataError(
                        code: "record.form",
                        message: "this is not a record of a training: its first line is missing or different",
                        path: path, place: .line(1, column: 1))
                }
                isFirst = false
                run.netNames = [line["net"]?.text ?? "net"]
                run.optimizerText = line["tool"]?.text ?? "another tool"
                run.sourceText = "recorded elsewhere"
                continue
            }
            if let x = line["seconds"]?.number { run.seconds = x }
            if case .array(let losses)? = line["losses"], let from = line["from"]?.whole {
                for (k, x) in losses.enumerated() { run.loss.add(x.number ?? .nan, from + k) }
            }
            guard let step = line["step"]?.whole, step > run.record.samples.last?.step ?? 0 else { continue }
            run.record.samples.append(sample(line, step, run.loss.values.last ?? .nan))
            var squares: Float = 0
            for weight in run.record.samples.last?.weights ?? [] {
                let length = weight.gradient ?? 0
                squares += length * length
            }
            if squares > 0 { run.gradientNorm.add(Double(squares.squareRoot()), step) }
        }
        guard !isFirst else {
            throw DataError(code: "record.form", message: "this is not a record of a training: it is empty", path: path)
        }
        run.steps = max(run.record.samples.last?.step ?? 0, run.loss.steps.last ?? 0)
        run.planned = run.steps
        return run
    }

    private static func sample(_ line: JSON, _ step: Int, _ loss: Float) -> RunRecord.Sample {
        func f(_ j: JSON?, _ key: String) -> Float { j?[key]?.number.map { Float($0) } ?? .nan }
        func list(_ key: String) -> [JSON] { if case .array(let l)? = line[key] { l } else { [] } }
        let stages = list("stages").map { s in
            RunRecord.Stage(
                path: s["path"]?.text ?? "stage", kind: s["kind"]?.text ?? "", mean: f(s, "mean"), sd: f(s, "sd"),
                zeros: f(s, "zeros"), dead: f(s, "dead"), saturated: f(s, "saturated"),
                spread: s["spread"]?.number.map { Float($0) }, notFinite: s["lost"]?.whole ?? 0)
        }
        let weights = list("weights").map { w in
            RunRecord.Weight(
                path: w["path"]?.text ?? "weight", isMatrix: w["matrix"] == .bool(true), norm: f(w, "norm"),
                gradient: w["gradient"]?.number.map { Float($0) }, update: f(w, "update"))
        }
        let pairs = line["pairs"].map { p in
            RunRecord.Pairs(
                same: p["same"]?.number.map { Float($0) }, different: p["different"]?.number.map { Float($0) },
                farthest: f(p, "farthest"))
        }
        let batch = line["batch"].map { b in
            RunRecord.Batch(
                rows: b["rows"]?.whole ?? 0, mean: f(b, "mean"), sd: f(b, "sd"), unused: 0, same: nil, identical: nil)
        }
        return RunRecord.Sample(
            step: step, loss: loss, batch: batch, stages: stages, weights: weights,
            spread: line["spread"]?.number.map { Float($0) }, width: line["width"]?.whole, pairs: pairs)
    }
}

extension RunProgram {
    /// For a run that was not made by a siam program.
    static let none = RunProgram(
        seed: 0, arguments: [], sources: [], statements: [], later: [], imports: [:], ordinal: 0)
}

extension Run {
    /// What the measured figures suggest, in the doctor's words: suspicions, since nothing is replayed.
    public var signs: [String] {
        var found: [String] = []
        let samples = record.samples
        guard let first = samples.first, let last = samples.last else { return [] }
        func short(_ x: Float?) -> String {
            x.map { (try? formatNumber(Double($0), spec: ".3g")) ?? "\($0)" } ?? "none"
        }
        if let k = loss.values.firstIndex(where: { !$0.isFinite }) {
            found.append(
                "not finite: the loss is NaN or infinite from step \(k < loss.steps.count ? loss.steps[k] : k + 1) on")
        } else if let s = samples.first(where: { $0.stages.contains { $0.notFinite > 0 } }) {
            let stage = s.stages.first { $0.notFinite > 0 }?.path ?? "a stage"
            found.append("not finite: \(stage) has NaN or infinite outputs from step \(s.step) on")
        }
        if let start = first.spread, let end = last.spread, start > 0 {
            if end < 0.05 * start {
                let when = samples.first { ($0.spread ?? start) < 0.5 * start }
                let stage = when.flatMap { s in
                    s.stages.first { one in
                        guard let before = first.stages.first(where: { $0.path == one.path })?.spread, before > 0,
                            let now = one.spread
                        else { return false }
                        return now < 0.5 * before
                    }?.path
                }
                found.append(
                    "collapse: the embeddings' spread fell from \(short(start)) to \(short(end))"
                        + (when.map { ", below half at step \($0.step)" } ?? "")
                        + (stage.map { ", first in \($0)" } ?? "")
                        + "; possible causes: learning rate, hard mining, dead units, margin, a loss that pushes nothing apart"
                )
            } else if end > 100 * start {
                found.append(
                    "no hinge, or wrong sign: the embeddings' spread grew from \(short(start)) to \(short(end))")
            }
        }
        // Of the last batch that was recorded: there is no net to try on others.
        for s in last.stages where s.dead >= 0.9 {
            found.append("dead units: \(Int(100 * s.dead)) % of the units of \(s.path) give 0 for the whole batch")
        }
        for s in last.stages where s.saturated > 0.5 {
            found.append(
                "saturation: \(Int(100 * s.saturated)) % of the outputs of \(s.path) are at the end of their range")
        }
        let early = samples.filter { $0.step <= 20 }.compactMap(\.updateRatio)
        if let most = early.max(), most > 0.2 {
            found.append(
                "learning rate too high: an early step changed a weight matrix by \(short(most)) of its length (healthy up to 0.03)"
            )
        }
        let ratios = samples.compactMap(\.updateRatio).sorted()
        if ratios.count >= 4, let a = loss.values.first(where: \.isFinite), let b = loss.values.last, b > 0.5 * a {
            let middle = ratios[ratios.count / 2]
            if middle > 0, middle < 1e-4 {
                found.append(
                    "learning rate too low: a step changes weights by \(short(middle)) of their length (healthy 0.0003 to 0.004), and the loss is still above half its initial value"
                )
            }
        }
        let still = Set(record.weightPaths).filter { path in
            let all = record.weight(path)
            // The bias of an embedding cancels in every distance, so that biases may rightly stay unchanged.
            return all.count >= 2 && all.allSatisfy { $0.weight.isMatrix && $0.weight.update == 0 }
        }
        if !still.isEmpty {
            let names = record.weightPaths.filter(still.contains).prefix(4).joined(separator: ", ")
            found.append(
                "parameters not trained: \(names)\(still.count > 4 ? " and \(still.count - 4) more" : "") never change")
        }
        // Of one point there are no distances to compare.
        var hasCollapsed = found.contains { $0.hasPrefix("collapse") }
        if !hasCollapsed, let first = samples.compactMap({ $0.pairs?.different }).first, let p = last.pairs,
            let same = p.same, let different = p.different, max(same, different) < 0.1 * first
        {
            hasCollapsed = true
            found.insert(
                "collapse: both positive and negative pairs end at distances up to \(short(max(same, different))), and negative ones started at \(short(first))",
                at: 0)
        }
        if !hasCollapsed, let p = last.pairs, let same = p.same, let different = p.different, same > 1.2 * different {
            found.append(
                "swapped labels or wrong sign: positive pairs end at distance \(short(same)), negative ones at \(short(different))"
            )
        }
        return found
    }
}
