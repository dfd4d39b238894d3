import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// `every` and `report`: what the body asks for beside the loss.
extension Trainer {
    package func everyFires(_ every: Value, epochs: Bool, at place: Int) throws -> Bool {
        let n = try interpreter.wholeNumber(every, "every")
        if isRehearsing { return false }
        guard n > 0 else { throw Diagnostic(code: "every.count", "every expects a count of at least 1, and got \(n)") }
        let period = epochs ? n * run.stepsPerEpoch : n
        let done = run.steps + (updatedThisStep ? 0 : 1)
        guard done % max(period, 1) == 0 else { return false }
        if !updatedThisStep { try finishStep() }
        comes(to: place)
        inEvery += 1
        interpreter.isTraining = false
        Recording.isOn = false
        return true
    }
    package func everyEnds(at next: Int) {
        inEvery = max(0, inEvery - 1)
        if inEvery == 0 {
            interpreter.isTraining = true
            Recording.isOn = true
            comes(to: next)
        }
    }
    func everyEndsAll() {
        inEvery = 0
        interpreter.isTraining = true
        Recording.isOn = true
    }

    /// The step that is being made, or was made just now.
    package var currentStep: Int { max(1, run.steps + (updatedThisStep ? 0 : 1)) }

    package func report(_ name: String, _ value: Double) {
        if let step = teamStep, inEvery == 0, !updatedThisStep {
            step.reports.append((name, value))
            return
        }
        if isRehearsing { return }
        keepReport(name, value)
    }

    func keepReport(_ name: String, _ value: Double, at step: Int? = nil) {
        defer { if inEvery > 0 { run.keepIfBest(name, value) } }
        let i: Int
        if let known = run.reports.firstIndex(where: { $0.name == name }) {
            i = known
        } else {
            run.reports.append((name, Run.Series()))
            i = run.reports.count - 1
        }
        run.reports[i].series.add(value, step ?? run.steps + (updatedThisStep ? 0 : 1))
    }
}
