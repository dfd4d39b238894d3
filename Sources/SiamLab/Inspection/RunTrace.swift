import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// The figures of a run's stages and weights at one step, with their history up to it.
final class RunTraceThing: Thing, @unchecked Sendable {
    let sample: RunRecord.Sample
    /// All samples up to that one.
    let samples: [RunRecord.Sample]

    init(_ samples: [RunRecord.Sample], _ last: RunRecord.Sample) {
        self.samples = samples
        sample = last
    }
    override var kindName: String { "a trace of a run" }
    override var fieldNames: [String] {
        ["step", "loss"] + sample.stages.map(\.path) + sample.weights.map(\.path)
    }

    override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        // As the elements of the run's series are, so that both compare equal.
        func number(_ x: Float?) throws -> Value { try x.map { .tensor(try Tensor(scalar: Double($0))) } ?? .none }
        let stages = try sample.stages.map { s -> (String, Value) in
            (
                s.path,
                .record(
                    Record([
                        ("mean", try number(s.mean)), ("sd", try number(s.sd)), ("zeros", try number(s.zeros)),
                        ("dead", try number(s.dead)), ("saturated", try number(s.saturated)),
                        ("spread", try number(s.spread)),
                    ]))
            )
        }
        let weights = try sample.weights.map { w -> (String, Value) in
            (
                w.path,
                .record(
                    Record([
                        ("norm", try number(w.norm)), ("gradient", try number(w.gradient)),
                        ("update", try number(w.update)),
                        ("ratio", try number(w.ratio)),
                    ]))
            )
        }
        let parts: [(String, Value)] = [("step", .number(Double(sample.step))), ("loss", try number(sample.loss))]
        // A stage has its own row of figures and, below it, the rows of its parameters.
        return merged(name, parts + stages + weights)
    }

    private func merged(_ name: String, _ fields: [(String, Value)]) -> Value? {
        let own = fields.first { $0.0 == name }?.1
        let prefix = name + "."
        let below = fields.filter { $0.0.hasPrefix(prefix) }.map { (String($0.0.dropFirst(prefix.count)), $0.1) }
        guard case .record(let r)? = own else { return own ?? (below.isEmpty ? nil : .record(Record(below))) }
        return .record(Record(zip(r.names, r.values).map { ($0, $1) } + below))
    }

    override func display(_ page: Page) -> String {
        // Marks are drawn after the curves.
        let notes =
            sample.stages.indices.map { self.marks(sample.stages[$0], $0) } + sample.weights.map { self.marks($0) }
        let widest = notes.map { $0.isEmpty ? 0 : displayWidth($0.joined(separator: ", ")) + 4 }.max() ?? 0
        let width = max(8, min(24, page.columns - 62 - widest))
        func way(_ value: (RunRecord.Sample) -> Float?) -> String {
            Sparkline.draw(samples.compactMap(value), width: width, unicode: page.unicode)
        }
        var table = [["stage", "mean", "sd", "zeros", "dead", "spread", "sd so far"]]
        var marks = [""]
        for (k, s) in sample.stages.enumerated() {
            table.append([
                s.path, short(Double(s.mean)), short(Double(s.sd)), percent(s.zeros), percent(s.dead),
                s.spread.map { short(Double($0)) } ?? "", way { $0.stage(s.path, near: k)?.sd },
            ])
            marks.append(self.marks(s, k).joined(separator: ", "))
        }
        var lines = [
            "step \(sample.step), loss \(short(Double(sample.loss))): \(samples.count) steps measured so far"
        ]
        lines += fitted(table, marks: marks, page, lastLeft: true)
        if !joined.isEmpty {
            lines.append(
                "computed together with the stages that follow, and measured there: \(joined.joined(separator: ", "))")
        }
        table = [["parameter", "norm", "gradient", "update/weight", "update/weight so far"]]
        marks = [""]
        for (k, w) in sample.weights.enumerated() {
            table.append([
                w.path, short(Double(w.norm)), w.gradient.map { short(Double($0)) } ?? "none",
                w.norm > 0 ? short(Double(w.ratio)) : "", way { $0.weight(w.path, near: k)?.ratio },
            ])
            marks.append(self.marks(w).joined(separator: ", "))
        }
        if sample.weights.isEmpty { return lines.joined(separator: "\n") }
        return (lines + [""] + fitted(table, marks: marks, page, lastLeft: true)).joined(separator: "\n")
    }

    /// Layers with weights that have no row of their own: a convolution, its relu and its pooling are made in one pass.
    private var joined: [String] {
        let rows = Set(sample.stages.map(\.path))
        var found: [String] = []
        for w in sample.weights {
            let owner = w.path.split(separator: ".").dropLast().joined(separator: ".")
            if !owner.isEmpty, !rows.contains(owner), !found.contains(owner) { found.append(owner) }
        }
        return found
    }

    private func percent(_ share: Float) -> String { "\(Int((share * 100).rounded())) %" }

    private func marks(_ s: RunRecord.Stage, _ place: Int) -> [String] {
        var found: [String] = []
        if s.notFinite > 0 { found.append("\(s.notFinite) not finite") }
        if s.dead > 0.9 { found.append("\(percent(s.dead)) of units dead") }
        if s.saturated > 0.5 { found.append("saturated") }
        if s.notFinite == 0, s.sd < 1e-6 * max(1, abs(s.mean)) { found.append("constant") }
        if let first = samples.first?.stage(s.path, near: place)?.spread, let now = s.spread, first > 0,
            now < 0.05 * first
        {
            found.append("spread fell to \(short(Double(now / first) * 100)) %")
        }
        return found
    }

    private func marks(_ w: RunRecord.Weight) -> [String] {
        guard let gradient = w.gradient else { return ["no gradient"] }
        if !gradient.isFinite { return ["gradient not finite"] }
        // A bias that moves all embeddings alike rightly has none.
        if gradient == 0 { return w.isMatrix ? ["gradient 0"] : [] }
        if w.update == 0 { return ["has a gradient, but no update"] }
        if w.isMatrix, w.ratio > 0.2 { return ["large update"] }
        return []
    }
}

extension RunRecord.Sample {
    /// The stage of a path; it is mostly at the same index in every sample.
    fileprivate func stage(_ path: String, near place: Int) -> RunRecord.Stage? {
        if place < stages.count, stages[place].path == path { return stages[place] }
        return stages.first { $0.path == path }
    }
    fileprivate func weight(_ path: String, near place: Int) -> RunRecord.Weight? {
        if place < weights.count, weights[place].path == path { return weights[place] }
        return weights.first { $0.path == path }
    }
}

extension Laboratory {
    /// The table of a run's last measured step; nil if none was measured.
    public static func lastMeasured(_ run: Run, _ page: Page) -> String? {
        run.record.samples.last.map { RunTraceThing(run.record.samples, $0).display(page) }
    }

    /// `trace(run)`: the last measured step, or the last one up to the step that is asked for.
    static func trace(_ run: Run, _ a: Arguments) throws -> Value {
        var step = Int.max
        if !a.isNone(1) { step = try a.integer(1, atLeast: 1) }
        let samples = run.record.samples.filter { $0.step <= step }
        guard let last = samples.last else {
            throw Diagnostic(
                code: "trace.empty", "this run has no measurements yet: it has made \(run.steps) steps",
                repair: "run some steps first:  resume(run, for_steps = 20)")
        }
        return .thing(RunTraceThing(samples, last))
    }
}
