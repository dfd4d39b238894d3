import SiamData
import SiamFigures
import SiamFormats
import SiamInterpreter
import SiamLab
import SiamLanguage
import SiamMeasures
import SiamRuntime
import SiamTensor

/// A run as one web page: what was trained, how it went, and what the embedding became.
struct RunReport {
    private let run: Run
    private let data: Dataset?
    /// The data for the measures: all of it, up to a number that is computed quickly.
    private let whole: Dataset?
    private let isGiven: Bool
    private let margin: Double
    private let interpreter: Interpreter
    /// Examples embedded at most.
    private static let sampled = 800
    private static let judged = 50_000

    /// - Parameter isGiven: whether the data was named for the report, and is not what the run was trained with.
    init(_ run: Run, _ data: DatasetThing?, _ margin: Double, isGiven: Bool, _ interpreter: Interpreter) throws {
        self.isGiven = isGiven
        self.run = run
        self.margin = margin
        self.interpreter = interpreter
        var stream = RandomStream(seed: 11)
        whole = try data.map { d in
            d.dataset.count > Self.judged ? try d.dataset.sample(Self.judged, &stream) : d.dataset
        }
        self.data = try data.map { d in
            d.dataset.count > Self.sampled ? try d.dataset.sample(Self.sampled, &stream) : d.dataset
        }
    }

    func page() throws -> String {
        var page = ReportPage(title: run.summary)
        page.section("Run", summaryTable())
        findings(&page)
        page.section("Program", "<pre>\(SVG.escaped(run.programText))</pre>")
        curves(&page)
        try measures(&page)
        try embedding(&page)
        nets(&page)
        return page.text()
    }

    // MARK: Numbers

    private func summaryTable() -> String {
        var rows = [("steps", "\(run.steps) of \(run.planned)"), ("steps an epoch", "\(run.stepsPerEpoch)")]
        if let first = run.loss.values.first, let last = run.loss.values.last {
            rows.append(("loss", "\(Ticks.short(Double(first))) to \(Ticks.short(Double(last)))"))
        }
        for (name, series) in run.reports {
            guard let last = series.values.last else { continue }
            let finite = series.values.filter(\.isFinite)
            let range =
                finite.count > 1
                ? ", from \(Ticks.short(Double(finite.min() ?? 0))) to \(Ticks.short(Double(finite.max() ?? 0)))" : ""
            rows.append((name, "\(Ticks.short(Double(last))) at the end\(range)"))
        }
        rows.append(("optimizer", run.optimizerText))
        rows.append(("source", run.sourceText))
        if let stopped = run.stopped { rows.append(("stopped", stopped == .atPause ? "at a pause" : stopped.text)) }
        return ReportPage.table(rows.map { [$0.0, $0.1] })
    }

    /// What the run said of itself while it ran, and what its last measured step shows.
    private func findings(_ page: inout ReportPage) {
        var found = run.warnings.map { d in
            "<p><b>\(SVG.escaped(d.message))</b><br>\(SVG.escaped(d.notes.joined(separator: ". ")))</p>"
        }
        if found.isEmpty { found = ["<p>The run gave no warning.</p>"] }
        if let table = Laboratory.lastMeasured(run, Page(columns: 110, rows: 200)) {
            found.append("<pre>\(SVG.escaped(table))</pre>")
        }
        page.section("Findings", found.joined(separator: "\n"))
    }

    private func curves(_ page: inout ReportPage) {
        func curve(_ name: String, _ s: Run.Series) -> Mark.Curve {
            Mark.Curve(name: name, x: s.steps.map(Double.init), y: s.values.map(Double.init))
        }
        var figures: [Figure] = []
        func add(_ title: String, _ curves: [Mark.Curve]) {
            guard curves.contains(where: { !$0.y.isEmpty }) else { return }
            let name = curves.count == 1 ? curves[0].name : ""
            figures.append(
                Figure(panels: [Panel(title: title, x: Axis("step"), y: Axis(name), marks: curves.map { .line($0) })]))
        }
        add("loss", [curve("loss", run.loss)])
        let reports = run.reports.map { curve($0.name, $0.series) }
        if reports.count <= 6 { add("reported", reports) } else { for r in reports { add(r.name, [r]) } }
        add("norm of the gradient", [curve("grad_norm", run.gradientNorm)])
        add("standard deviation of each stage's output", stages { $0.sd })
        add(
            "update to weight",
            run.record.weightPaths.filter { $0.hasSuffix("w") }.prefix(12).map { path in
                let taken = run.record.weight(path)
                return Mark.Curve(
                    name: path, x: taken.map { Double($0.step) }, y: taken.map { Double($0.weight.ratio) })
            })
        func distances(_ name: String, _ value: (RunRecord.Pairs) -> Float?) -> Mark.Curve {
            let taken = run.record.samples.compactMap { s in s.pairs.flatMap(value).map { (s.step, $0) } }
            return Mark.Curve(name: name, x: taken.map { Double($0.0) }, y: taken.map { Double($0.1) })
        }
        add(
            "mean distances within the batches",
            [distances("same") { $0.same }, distances("different") { $0.different }].filter { !$0.y.isEmpty })
        guard !figures.isEmpty else { return }
        page.section("Curves", figures.map { page.chart($0) }.joined())
    }

    private func stages(_ value: (RunRecord.Stage) -> Float) -> [Mark.Curve] {
        run.record.stagePaths.prefix(12).map { path in
            let taken = run.record.stage(path)
            return Mark.Curve(name: path, x: taken.map { Double($0.step) }, y: taken.map { Double(value($0.stage)) })
        }
    }

    // MARK: Measures

    /// How the net does its task: of a classifier and of a regression.
    private func measures(_ page: inout ReportPage) throws {
        guard let whole, let net = run.nets.first, run.nets.count == 1 else { return }
        do {
            let few = try whole.rows(0..<min(2, whole.count))
            let z = try Builtins.embeddings(interpreter, .layer(net), .thing(DatasetThing(few))).detached()
            let fitting = run.measures(of: whole, width: z.count / max(1, z.shape[0]))
            guard !fitting.numbers.isEmpty else { return }
            func measured(_ name: String, _ more: [(String, Value)]) throws -> Value {
                guard let builtin = Builtins.ofTasks.first(where: { $0.name == name }) else { return .none }
                return try interpreter.call(
                    .builtin(builtin), [.layer(net), .thing(DatasetThing(whole))], named: more)
            }
            var rows: [[String]] = []
            for name in fitting.numbers {
                guard case .record(let r) = try measured(name, [("baseline", .bool(true))]) else { continue }
                rows.append(
                    [name.replacing("_", with: " ")]
                        + ["net", "untrained", "constant"].map { part in
                            guard let k = r.names.firstIndex(of: part), case .number(let x) = r.values[k] else {
                                return ""
                            }
                            return Ticks.short(x)
                        })
            }
            var body = isGiven ? "" : "<p>Measured on the training data; give held-out data with data = d.</p>"
            body += ReportPage.table(rows, head: ["", "net", "untrained copy", "best constant"])
            for name in fitting.drawn {
                guard case .thing(let thing) = try measured(name, []), var figure = thing.illustration else { continue }
                if !figure.panels.isEmpty, figure.panels[0].title.isEmpty { figure.panels[0].title = name }
                body += "<p>\(SVG.escaped(thing.summary))</p>" + page.chart(figure)
            }
            page.section("Measures", body)
        } catch let d as Diagnostic {
            page.section("Measures", "<p>\(SVG.escaped(d.message))</p>")
        }
    }

    // MARK: Embedding

    private func embedding(_ page: inout ReportPage) throws {
        guard let data, let net = run.nets.first else {
            page.section(
                "Embedding",
                "<p>The batch source of the run is not a data set: give one, report(run, \"run.html\", data = d).</p>")
            return
        }
        do {
            let z = try Builtins.embeddings(interpreter, .layer(net), .thing(DatasetThing(data))).detached()
            let width = z.count / max(1, z.shape[0])
            guard z.doubles.allSatisfy(\.isFinite) else {
                page.section("Embedding", "<p>The embedding is not finite.</p>")
                return
            }
            let p = try Projection.principal(z, dim: min(3, width))
            page.section("Embedding", scatter(&page, p, width))
            if data.classes.count > 1 {
                var stream = RandomStream(seed: 7)
                let pairs = try PairScore.draw(z, data.y, 4000, &stream)
                func sample(_ name: String, _ isSame: Bool) -> Series.Sample {
                    Series.Sample(
                        name: name,
                        values: zip(pairs.distance, pairs.same).filter { $0.1 == isSame }.map { Double($0.0) })
                }
                var panel = try Binning.panel([sample("same", true), sample("different", false)], bins: nil)
                panel.x.label = "distance"
                panel.title = "distances of pairs"
                panel.marks.append(.rule(Mark.Rule(.vertical, at: margin, label: "margin")))
                page.section("Distances", page.chart(Figure(panels: [panel])))
                page.section("Health", try health(net, data))
            }
        } catch let d as Diagnostic {
            page.section("Embedding", "<p>\(SVG.escaped(d.message))</p>")
        }
    }

    /// What `inspect` says, without its drawing.
    private func health(_ net: Layer, _ data: Dataset) throws -> String {
        guard let inspect = Laboratory.builtins.first(where: { $0.name == "inspect" }) else { return "" }
        let found = try interpreter.call(
            .builtin(inspect), [.layer(net), .thing(DatasetThing(data))], named: [("margin", .number(margin))])
        guard case .thing(let thing) = found else { return "" }
        let lines = thing.display(Page(columns: 160, rows: 200, all: true)).split(
            separator: "\n", omittingEmptySubsequences: false)
        return "<pre>\(SVG.escaped(lines.prefix { !$0.isEmpty }.joined(separator: "\n")))</pre>"
    }

    private func scatter(_ page: inout ReportPage, _ p: Projection.Principal, _ width: Int) -> String {
        guard let data else { return "" }
        let rows = p.scores.count / max(1, p.dim)
        let present = data.classes
        let place = Dictionary(uniqueKeysWithValues: present.enumerated().map { ($1, $0) })
        let names = present.map { $0 >= 0 && $0 < data.names.count ? data.names[$0] : "\($0)" }
        let points = (0..<rows).flatMap { r in (0..<3).map { d in d < p.dim ? p.scores[r * p.dim + d] : 0 } }
        let classes = data.y.map { Double(place[$0] ?? 0) }
        var json = "{\"points\":\(JSONText.short(points)),\"classes\":\(JSONText.numbers(classes)),"
        json += "\"names\":\(JSONText.texts(names)),\"dim\":\(p.dim)"
        if let sprite = sprite(data) { json += "," + sprite }
        page.scatter = json + "}"
        let share = p.shares.map { ((try? formatNumber($0, spec: ".0%")) ?? "") }.joined(separator: ", ")
        return """
            <p>\(rows) embeddings of \(width) in their \(p.dim) directions of most spread, which hold \(share) of the variance. \
            Drag to turn, wheel to come nearer, point at one to see it, click a class to hide it.</p>
            <div id="scatter"><canvas id="cloud" width="760" height="520" tabindex="0" \
            aria-label="embedding"></canvas><div id="classes"></div></div>
            """
    }

    /// All images as one picture, for the tip at the pointer.
    private func sprite(_ data: Dataset) -> String? {
        guard data.x.rank >= 3, let images = try? ImageMarks.images(data.x, most: data.count, "report"),
            let first = images.first, images.count == data.count, first.width <= 64, first.height <= 64
        else { return nil }
        let columns = 40
        let rows = (images.count + columns - 1) / columns
        let channels = first.channels
        var pixels = [UInt8](repeating: 0, count: columns * first.width * rows * first.height * channels)
        for (k, image) in images.enumerated() {
            let left = k % columns * first.width
            let top = k / columns * first.height
            for y in 0..<first.height {
                for x in 0..<first.width {
                    for c in 0..<channels {
                        let v = image.values[(y * first.width + x) * channels + c]
                        pixels[((top + y) * columns * first.width + left + x) * channels + c] = UInt8(
                            max(0, min(255, v.isFinite ? v * 255 : 0)))
                    }
                }
            }
        }
        guard
            let picture = try? Picture(
                height: rows * first.height, width: columns * first.width, channels: channels, pixels: pixels),
            let png = try? picture.png()
        else { return nil }
        return
            "\"tile\":[\(first.width),\(first.height),\(columns)],\"sprite\":\"data:image/png;base64,\(SVG.base64(png))\""
    }

    // MARK: Nets

    private func nets(_ page: inout ReportPage) {
        for (k, net) in run.nets.enumerated() {
            let name = k < run.netNames.count ? run.netNames[k] : "net"
            var body = "<pre>\(SVG.escaped(Show.display(.layer(net), Page(columns: 120, rows: 200, all: true))))</pre>"
            var drawn = 0
            for (path, parameter) in net.parameters {
                let t = parameter.value
                guard t.rank == 2, t.count <= 400_000, drawn < 8 else { continue }
                drawn += 1
                let cells = Mark.Cells(
                    rows: t.shape[0], columns: t.shape[1], values: t.doubles, isDiverging: true)
                body += page.chart(
                    Figure(panels: [Panel(title: "\(name).\(path)  \(t.shape)", marks: [.cells(cells)])]))
            }
            page.section("Net \(name)", body)
        }
    }
}
