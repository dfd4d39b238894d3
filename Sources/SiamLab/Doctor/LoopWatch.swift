import SiamLanguage
import SiamRuntime

/// Looks on while a program trains by a loop of its own, and tells what signs of faults it came to.
final class LoopWatch {
    private let loop: LoopByHand
    private let replay: Replay
    private let wiring: Wiring
    let interventions: Interventions

    /// Nil where the program has a `train`, or updates no net.
    init?(_ program: Program, _ session: Session) {
        var hasTrain = false
        for s in program.statements { s.walk { e in if case .train = e.kind { hasTrain = true } } }
        let chart = Chart(program.source)
        guard !hasTrain, let written = WrittenLoop(chart) else { return nil }
        wiring = Wiring(chart, written)
        replay = Replay(
            chart, (written.document, -1), session, steps: Int.max, seedShift: 0, heldOut: .none, isWhole: true)
        replay.loop = wiring
        loop = LoopByHand(written.train, in: chart.documents[written.document].source)
        var interventions = Interventions(run: -1, steps: Int.max)
        interventions.loop = loop
        self.interventions = interventions
        loop.willUpdate = { [unowned replay] run, i, parameters, gradients in
            try replay.willUpdate(run, i, parameters, gradients)
        }
        loop.didUpdate = { [unowned replay] run, i in try replay.didUpdate(run, i) }
        loop.batch = { [unowned replay] run, batch in replay.look(at: batch, run) }
    }

    /// Nil where the loop was never run.
    func diagnosis(_ session: Session) throws -> DiagnosisThing? {
        guard let run = loop.run else { return nil }
        try loop.finishStep(session.interpreter)
        replay.untrained = loop.untrained
        let doctor = Doctor(run, wiring, session)
        try doctor.conclude(replay)
        return DiagnosisThing(doctor, session)
    }
}
