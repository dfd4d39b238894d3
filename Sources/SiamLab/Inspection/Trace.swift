import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamMeasures
import SiamRuntime
import SiamTensor

/// What a stage's output looks like in numbers.
struct StageFigures {
    var mean = 0.0
    var sd = 0.0
    var zeros = 0.0
    var dead = 0.0
    var saturated = 0.0
    var rank = 0.0
    var notFinite = 0
    var isEmpty = false
    var histogram: [Int] = []

    init(_ t: Tensor, kind: String) {
        isEmpty = t.count == 0
        let values = t.doubles
        let finite = values.filter(\.isFinite)
        notFinite = values.count - finite.count
        guard !finite.isEmpty else { return }
        mean = finite.reduce(0, +) / Double(finite.count)
        sd = (finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(finite.count)).squareRoot()
        zeros = Double(finite.count { $0 == 0 }) / Double(finite.count)
        if kind == "tanh" { saturated = Double(finite.count { abs($0) > 0.99 }) / Double(finite.count) }
        if kind == "sigmoid" { saturated = Double(finite.count { $0 > 0.99 || $0 < 0.01 }) / Double(finite.count) }
        let rows = t.rank > 1 ? t.shape[0] : 1
        let width = t.count / max(rows, 1)
        if rows > 1, width > 0 {
            var alive = [Bool](repeating: false, count: width)
            for r in 0..<rows { for c in 0..<width where values[r * width + c] != 0 { alive[c] = true } }
            dead = Double(alive.count { !$0 }) / Double(width)
            if notFinite == 0, width <= 4096, let flat = try? t.detached().reshaped(to: Shape([rows, width])) {
                rank = (try? Spectrum.effectiveRank(flat)) ?? 0
            }
        }
        let low = finite.min() ?? 0
        let high = finite.max() ?? 0
        histogram = [Int](repeating: 0, count: 8)
        for x in finite {
            let place = high > low ? Int((x - low) / (high - low) * 8) : 0
            histogram[min(7, max(0, place))] += 1
        }
    }

    /// Why the stage deserves a look; empty when it does not.
    func marks(kind: String) -> [String] {
        var marks: [String] = []
        if isEmpty { return ["no rows"] }
        if notFinite > 0 { marks.append("\(notFinite) not finite") }
        if dead > 0.9 { marks.append("\(Int((dead * 100).rounded())) % of units dead") }
        if saturated > 0.5 { marks.append("saturated") }
        if notFinite == 0, sd < 1e-6 * max(1, abs(mean)) { marks.append("constant") }
        if rank > 0, rank < 1.5 { marks.append("rank 1: all outputs lie on one line") }
        return marks
    }
}

/// The table of one pass with its figures; a record by stage name.
final class TraceThing: Thing, @unchecked Sendable {
    struct Row {
        var path: [String]
        var kind: String
        var output: String
        var figures: StageFigures?
        var gradient: Double?
    }
    struct ParameterRow {
        var path: String
        var norm: Double
        var gradient: Double
        var ratio: Double?
    }
    let rows: [Row]
    let parameters: [ParameterRow]
    let hasLoss: Bool

    init(rows: [Row], parameters: [ParameterRow], hasLoss: Bool) {
        self.rows = rows
        self.parameters = parameters
        self.hasLoss = hasLoss
    }
    override var kindName: String { "a trace" }
    override var fieldNames: [String] { rows.map { $0.path.joined(separator: ".") } }

    private func record(_ r: Row) -> Record {
        let f = r.figures
        return Record([
            ("shape", Value(r.output)), ("mean", .number(f?.mean ?? .nan)), ("sd", .number(f?.sd ?? .nan)),
            ("zeros", .number(f?.zeros ?? .nan)), ("dead", .number(f?.dead ?? .nan)),
            ("saturated", .number(f?.saturated ?? .nan)),
            ("rank", .number(f?.rank ?? .nan)), ("gradient", r.gradient.map { .number($0) } ?? Value.none),
        ])
    }
    override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        let all = Record(rows.map { ($0.path.joined(separator: "."), .record(record($0))) })
        return all.field(name)
    }

    override func display(_ page: Page) -> String {
        var head = ["stage", "out", "mean", "sd", "zeros", "rank", ""]
        if hasLoss { head.append("gradient") }
        var table = [head]
        var marks: [String] = [""]
        let bars = Array(page.unicode ? " ▁▂▃▄▅▆▇█" : " .:-=+*#@")
        for r in rows {
            let f = r.figures
            let most = max(1, f?.histogram.max() ?? 1)
            let histogram = String((f?.histogram ?? []).map { bars[$0 == 0 ? 0 : 1 + ($0 * 7) / most] })
            var row: [String] = [String(repeating: "  ", count: r.path.count - 1) + (r.path.last ?? ""), r.output]
            if let f {
                let zeros = "\(Int((f.zeros * 100).rounded())) %"
                row += [short(f.mean), short(f.sd), zeros, f.rank > 0 ? short(f.rank) : "", histogram]
            } else {
                row += ["", "", "", "", ""]
            }
            if hasLoss { row.append(r.gradient.map(short) ?? "") }
            table.append(row)
            marks.append(f?.marks(kind: r.kind).joined(separator: ", ") ?? "")
        }
        var lines = fitted(table, marks: marks, page)
        if !parameters.isEmpty {
            var rows = [["parameter", "norm", "gradient", "update/weight"]]
            for p in parameters { rows.append([p.path, short(p.norm), short(p.gradient), p.ratio.map(short) ?? ""]) }
            lines.append("")
            lines += fitted(rows, page)
        }
        return lines.joined(separator: "\n")
    }
}

extension Laboratory {
    static let trace = Builtin(
        "trace", "net, x = none, loss = none, lr = 0.001", family: "inspection",
        """
        One row for each stage of the forward pass net(x): shape, mean, standard deviation, share of zeros, effective rank, a small histogram; values outside a \
        healthy range are marked. With a loss (a function of the net's output, or a value computed with the net) also gradients, and for each parameter \
        its norm, the norm of its gradient, and lr |g| / |w|. `trace(net, x).dense1.rank` reads one number. `trace(run)` shows what a run measured of its stages and \
        weights by itself, at its last measured step, `trace(run, 20)` at step 20; `run.stages`, `run.weights`, `run.update_ratio`, `run.spread` and \
        `run.distances` are the same as series to plot.
        """,
        examples: [
            ("seed 1; trace(dense(4) >> relu >> dense(2), randn(8, 3))", ""),
            ("trace(dense(4) >> relu >> dense(2), ones(8, 3)).dense1.shape", "\"8x4\""),
        ], seeAlso: ["summary", "step", "inspect"], traits: .shows
    ) { i, a in
        if case .thing(let run as Run) = a[0] { return try trace(run, a) }
        let net = try a.layer(0)
        guard !a.isNone(1) else { throw a.wrong(1, "an input for the net") }
        let x = try input(a[1], a)
        let outer = Recording.isOn
        Recording.isOn = !a.isNone(2)
        defer { Recording.isOn = outer }
        let pass = Pass(net, x, i)
        var gradientOf: [ObjectIdentifier: Double] = [:]
        var parameterRows: [TraceThing.ParameterRow] = []
        if !a.isNone(2), let output = pass.output {
            let loss: Tensor
            if case .tensor(let l) = a[2] {
                loss = l
            } else {
                try lossOfOutput(a)
                guard case .tensor(let l) = try i.call(a[2], [output]) else {
                    throw a.wrong(2, "a loss: a function of the net's output, or its value")
                }
                loss = l
            }
            guard loss.count == 1, loss.isTracked else {
                throw Diagnostic(code: "grad.scalar", "trace expects a loss that is one number and depends on the net")
            }
            let outputs = pass.visits.compactMap { if case .tensor(let t) = $0.output, t.isTracked { t } else { nil } }
            let parameters = net.parameters
            let found = try gradients(of: loss, at: outputs + parameters.map(\.parameter.value))
            func norm(_ t: Tensor?) -> Double {
                guard let t else { return 0 }
                var sum = 0.0
                for x in t.doubles { sum += x * x }
                return sum.squareRoot()
            }
            for (t, g) in zip(outputs, found) where g != nil { gradientOf[ObjectIdentifier(t)] = norm(g) }
            let rate = try a.number(3)
            for (k, p) in parameters.enumerated() {
                let g = norm(found[outputs.count + k])
                let w = norm(p.parameter.value)
                parameterRows.append(.init(path: p.path, norm: w, gradient: g, ratio: w > 0 ? rate * g / w : nil))
            }
        }
        let rows = pass.visits.map { v -> TraceThing.Row in
            var gradient: Double?
            var figures: StageFigures?
            if case .tensor(let t) = v.output {
                gradient = gradientOf[ObjectIdentifier(t)]
                figures = StageFigures(t, kind: v.layer.kind)
            }
            return TraceThing.Row(
                path: v.path, kind: v.layer.kind, output: shapeText(v.output), figures: figures, gradient: gradient)
        }
        let thing = TraceThing(rows: rows, parameters: parameterRows, hasLoss: !a.isNone(2))
        if let error = pass.error {
            i.session.print(thing.display(i.session.output.page))
            throw error
        }
        return .thing(thing)
    }
}
