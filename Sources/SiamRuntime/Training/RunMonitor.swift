import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Watches a run from outside: the progress line at a terminal, a plain line an epoch in a pipe.
final class RunMonitor {
    private let run: Run
    private unowned let interpreter: Interpreter
    private var started = Clock.now()
    private var lastShown = 0.0
    private var stepsAtStart: Int
    /// The step of the last plain line.
    private var told: Int

    /// A run of very many epochs has no more plain lines than this.
    private static let mostLines = 100
    /// Seconds between two states of the progress line.
    private static let pace = 0.1

    init(_ run: Run, _ interpreter: Interpreter) {
        self.run = run
        self.interpreter = interpreter
        stepsAtStart = run.steps
        told = run.steps
    }

    /// Seconds a step has taken so far; 0 before the first.
    private(set) var stepSeconds = 0.0

    func step() {
        if endsEpoch { tell() }
        let now = Clock.now()
        stepSeconds = (now - started) / Double(max(1, run.steps - stepsAtStart))
        let session = interpreter.session
        let output = session.output
        guard output.showsProgress, now - lastShown >= (output.isLive ? 4 : 1) * RunMonitor.pace else { return }
        lastShown = now
        session.progress((session.output.isLive ? curves() : "") + line())
    }

    /// The run's curves as they are now, each series in a panel of its own; empty before there are two values.
    private func curves() -> String {
        let series = [("loss", run.loss)] + run.reports.prefix(1)
        let panels = series.filter { $0.1.values.count > 1 }.map { name, s in
            Panel(
                title: name, x: Axis("step"),
                marks: [.line(.init(name: name, x: s.steps.map(Double.init), y: s.values.map(Double.init)))])
        }
        var page = interpreter.session.output.page
        page.rows = min(page.rows, 24) / max(1, panels.count)
        let drawn = panels.compactMap { panel in
            interpreter.session.renderFigure?(FigureThing(Figure(panels: [panel])), page)
        }.joined(separator: "\n")
        return drawn.isEmpty ? "" : drawn + "\n"
    }

    /// Restarts the clock after a pause: time at the prompt does not count.
    func goesOn() {
        started = Clock.now()
        stepsAtStart = run.steps
        told = min(told, run.steps)
    }

    func pause() { interpreter.session.progress(nil) }
    func finish() {
        interpreter.session.progress(nil)
        if run.steps > told { tell() }
    }

    // MARK: A plain line an epoch

    private var endsEpoch: Bool {
        let each = max(1, run.stepsPerEpoch)
        guard run.steps > told, run.steps % each == 0 else { return false }
        let epochs = run.planned / each
        let every = max(1, (epochs + RunMonitor.mostLines - 1) / RunMonitor.mostLines)
        return (run.steps / each) % every == 0
    }

    /// Without times: the same program with the same seed says the same.
    private func tell() {
        let since = run.loss.count(upTo: told)
        let losses = run.loss.values[since...]
        told = run.steps
        guard interpreter.sweepRow == nil, interpreter.session.interventions == nil else { return }
        var parts = [epoch, "step \(run.steps)/\(run.planned)"]
        if !losses.isEmpty {
            parts.append("mean loss \(RunMonitor.short(losses.reduce(0) { $0 + Double($1) } / Double(losses.count)))")
        }
        for (name, series) in run.reports {
            if let last = series.values.last { parts.append("\(name) \(RunMonitor.short(Double(last)))") }
        }
        interpreter.session.output.epoch(parts.joined(separator: "  "))
    }

    private var epoch: String {
        let each = max(1, run.stepsPerEpoch)
        let number = max(0, run.steps - 1) / each + 1
        return run.isInEpochs ? "epoch \(number)/\(max(1, (run.planned + each - 1) / each))" : "epoch \(number)"
    }

    // MARK: The line that is rewritten

    /// As much as the window has room for: curves go first, then the pace, the epoch of a run that counts steps, and the
    /// reports, the loss's own before those that were asked for. The time left stays.
    private func line() -> String {
        let page = interpreter.session.output.page
        for (own, others, hasPace) in [(16, 8, true), (16, 0, true), (8, 0, true), (0, 0, true), (0, 0, false)] {
            let parts = parts(page, own: own, others: others, hasPace: hasPace, reports: run.reports.count)
            let line = ([epoch] + parts).joined(separator: "  ")
            if displayWidth(line) < page.columns { return line }
        }
        let head = run.isInEpochs ? [epoch] : []
        for count in (1..<run.reports.count + 1).reversed() {
            let line = (head + parts(page, own: 0, others: 0, hasPace: false, reports: count)).joined(separator: "  ")
            if displayWidth(line) < page.columns { return line }
        }
        return parts(page, own: 0, others: 0, hasPace: false, reports: 0).joined(separator: "  ")
    }

    /// - Parameters:
    ///   - own: columns of the loss's curve.
    ///   - others: columns of a report's curve.
    private func parts(_ page: Page, own: Int, others: Int, hasPace: Bool, reports: Int) -> [String] {
        func curve(_ series: Run.Series, _ width: Int) -> String {
            guard width > 0, series.values.count > 1 else { return "" }
            return " " + Sparkline.draw(series.values, width: width, unicode: page.unicode)
        }
        var parts = ["step \(run.steps)/\(run.planned)"]
        if let last = run.loss.values.last {
            parts.append("loss \(RunMonitor.short(Double(last)))\(curve(run.loss, own))")
        }
        for (name, series) in run.reports.suffix(reports) {
            guard let last = series.values.last else { continue }
            parts.append("\(name) \(RunMonitor.short(Double(last)))\(curve(series, others))")
        }
        if hasPace { parts.append("\(Clock.text(stepSeconds)) per step") }
        parts.append("\(Clock.text(stepSeconds * Double(max(0, run.planned - run.steps)))) left")
        return parts
    }

    private static func short(_ x: Double) -> String { (try? formatNumber(x, spec: ".4g")) ?? "\(x)" }
}
