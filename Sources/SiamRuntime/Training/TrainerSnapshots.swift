import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// Snapshots of a run, and the way back to one.
extension Trainer {
    func keepSnapshotIfDue() {
        // Nobody rewinds a replay.
        if interpreter.session.isRepeating { return }
        let isEdge = othersHadControl
        guard isEdge || run.steps >= nextSnapshot else { return }
        othersHadControl = false
        let interval = Snapshots.interval(bytes: run.stateBytes, stepSeconds: monitor.stepSeconds)
        nextSnapshot = run.steps + interval
        // A net without shapes has no state yet; it is kept as it begins.
        if run.parameters.isEmpty && run.steps > 0 { return }
        let variables = run.plan.assigned.map { interpreter.variable($0, in: frame) }
        run.snapshots.keep(
            run.takeSnapshot(interpreter, variables: variables, isEdge: isEdge), interval: interval)
    }

    /// Puts everything back to where it stood after `step` steps: the nearest snapshot before it, and the steps from there,
    /// made again without a word.
    public func rewind(to step: Int) throws {
        let wanted = max(0, step)
        guard let s = run.snapshots.last(upTo: wanted) else {
            let size = run.stateBytes >> 20
            throw Diagnostic(
                code: "rewind.far", "cannot rewind to step \(wanted): no snapshot that old",
                notes: [
                    "snapshots are kept within \(Snapshots.budget(stateBytes: run.stateBytes) >> 20) MB, and one of this run takes \(max(1, size)) MB"
                ])
        }
        run.put(back: s, interpreter)
        for (operand, value) in zip(run.plan.assigned, s.variables) { interpreter.assign(operand, value, in: frame) }
        run.snapshots.drop(after: s.step)
        let session = interpreter.session
        let outer = (interpreter.isTraining, Recording.isOn, interpreter.trainer, session.isMuted)
        interpreter.trainer = self
        interpreter.isTraining = true
        Recording.isOn = true
        session.isMuted = true
        defer { (interpreter.isTraining, Recording.isOn, interpreter.trainer, session.isMuted) = outer }
        findStateful()
        samplingPlan = SamplingPlan(run)
        while run.steps < wanted {
            guard try oneStep() else { break }
            while isBrokenOff { guard try makeUp() else { break } }
        }
        pauseAsked = nil
        // The next snapshot is of here: what is changed now is not in an earlier one.
        othersHadControl = true
    }
}
