import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Observes a program with a hand-written training loop, and starts its diagnosis.
final class LoopWatch {
    private let loop: HandWrittenLoop
    private let replay: Replay
    private let wiring: TrainingModel
    let interventions: Interventions
    private let started = Clock.now()

    /// Nil where the program has a `train`, or updates no net.
    init?(_ program: Program, _ session: Session) {
        var hasTrain = false
        for s in program.statements { s.walk { e in if case .train = e.kind { hasTrain = true } } }
        let chart = ProgramText(program.source, session)
        guard !hasTrain, let written = WrittenLoop(chart) else { return nil }
        wiring = TrainingModel(chart, written)
        replay = Replay(
            chart, (written.document, -1), session, steps: Int.max, seedShift: 0, heldOut: .none, isWhole: true)
        replay.loop = wiring
        loop = HandWrittenLoop(written.train, in: chart.documents[written.document].source)
        var interventions = Interventions(run: -1, steps: Int.max)
        interventions.loop = loop
        self.interventions = interventions
        replay.session = session
        session.interpreter.showsEachStage = true
        replay.follow(loop)
    }

    var hasRun: Bool { loop.run != nil }

    /// Nil where the loop was never run. Where a dozen replays of the program do not fit into the budget, its signs alone.
    func diagnosis(_ session: Session, budget: Double) throws -> DiagnosisThing? {
        guard let run = loop.run else { return nil }
        try loop.finishStep(session.interpreter)
        let canReplay = 12 * (Clock.now() - started) < budget
        let doctor = Doctor(run, wiring, session, budget: canReplay ? budget : nil, facts: replay.evidence.facts)
        if canReplay {
            try doctor.examine()
        } else {
            replay.untrained = loop.untrained
            try doctor.conclude(replay)
        }
        return DiagnosisThing(doctor, session)
    }
}

extension Session {
    /// The diagnosis of a program that keeps its weights in variables; nil where it trains none, or where nothing that it
    /// prints behind its training can judge it.
    func diagnosisOfVariables(_ program: Program, budget: Double) throws -> DiagnosisThing? {
        let chart = ProgramText(program.source, self)
        guard let written = WrittenLoop(chart, ofVariables: true) else { return nil }
        let wiring = TrainingModel(chart, written)
        let replay = Replay(
            chart.applying(written.marks), (written.document, -1), self, steps: Int.max, seedShift: 0, heldOut: .none,
            isWhole: true)
        replay.own = wiring
        guard try replay.run()?.isJudged == true, let run = replay.followed?.loop.run else {
            return nil
        }
        let doctor = Doctor(variables: run, written, wiring, self, budget: budget)
        try doctor.examine()
        return DiagnosisThing(doctor, self)
    }
}
