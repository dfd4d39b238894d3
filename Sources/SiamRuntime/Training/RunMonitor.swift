import SiamGradient
import SiamLanguage
import SiamTensor

/// Watches a run from outside: the progress line at a terminal, a plain line an epoch in a pipe.
final class RunMonitor {
    private let run: Run
    private unowned let interpreter: Interpreter
    private var started = Clock.now()
    private var lastShown = 0.0
    private var stepsAtStart: Int

    init(_ run: Run, _ interpreter: Interpreter) {
        self.run = run
        self.interpreter = interpreter
        stepsAtStart = run.steps
    }

    func step(_ loss: Double) {
        let now = Clock.now()
        guard now - lastShown >= 0.1 else { return }
        lastShown = now
        interpreter.session.progress(line(now))
    }

    func pause() { interpreter.session.progress(nil) }
    func finish() { interpreter.session.progress(nil) }

    private func line(_ now: Double) -> String {
        let done = max(1, run.steps - stepsAtStart)
        let each = (now - started) / Double(done)
        let epoch = run.stepsPerEpoch > 0 ? (run.steps - 1) / run.stepsPerEpoch + 1 : 1
        let page = interpreter.session.output.page
        func short(_ x: Float) -> String { (try? formatNumber(Double(x), spec: ".4g")) ?? "\(x)" }
        var parts = ["epoch \(epoch)", "step \(run.steps)/\(run.planned)"]
        if let last = run.loss.values.last {
            parts.append("loss \(short(last)) \(Sparkline.draw(run.loss.values, width: 16, unicode: page.unicode))")
        }
        for (name, series) in run.reports {
            if let last = series.values.last { parts.append("\(name) \(short(last))") }
        }
        parts.append("\(Clock.text(each)) a step")
        parts.append("\(Clock.text(each * Double(max(0, run.planned - run.steps)))) left")
        return parts.joined(separator: "  ")
    }
}
