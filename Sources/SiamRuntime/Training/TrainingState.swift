/// What trainings keep in a session.
final class TrainingState: TrainingMemory {
    var interventions: Interventions?
    weak var pauseHandler: (any PauseHandler)?
    var lastRun: Run?
    var ran: [RanRun] = []
    var brokenOff: ((Run, Interpreter) -> Void)?

    override var isRepeating: Bool { interventions != nil }
    override func end() {
        lastRun = nil
        interventions = nil
    }
}

extension Session {
    /// `Session.init` makes it of no other class.
    private var state: TrainingState { unsafeDowncast(training, to: TrainingState.self) }

    /// Set in a session that replays a program.
    public var interventions: Interventions? {
        get { state.interventions }
        set { state.interventions = newValue }
    }
    /// Who is asked what to do where a run pauses.
    public var pauseHandler: (any PauseHandler)? {
        get { state.pauseHandler }
        set { state.pauseHandler = newValue }
    }
    public var lastRun: Run? {
        get { state.lastRun }
        set { state.lastRun = newValue }
    }
    /// The runs that were made here, in order; those that nothing holds any more as their last words.
    public package(set) var ran: [RanRun] {
        get { state.ran }
        set { state.ran = newValue }
    }
    /// What is to be done with a run that is broken off, before the program ends: kept in a file, say.
    public var brokenOff: ((Run, Interpreter) -> Void)? {
        get { state.brokenOff }
        set { state.brokenOff = newValue }
    }
}

extension Interpreter {
    /// The training loop that is running, innermost.
    package var trainer: Trainer? {
        get { body as? Trainer }
        set { body = newValue }
    }
}
