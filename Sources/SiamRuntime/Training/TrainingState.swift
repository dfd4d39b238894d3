import SiamInterpreter

/// What trainings keep in a session; what it does for the session is in `Session/Host.swift`.
final class TrainingState {
    var interventions: Interventions?
    /// Whether a diagnosis works on the session: one that it came upon itself would never end.
    var isDiagnosed = false
    weak var pauseHandler: (any PauseHandler)?
    var lastRun: Run?
    var ran: [RunListEntry] = []
    var brokenOff: ((Run, Interpreter) -> Void)?
}

extension Session {
    /// `NewSession.swift` gives no session another host.
    private var state: TrainingState { unsafeDowncast(host, to: TrainingState.self) }

    /// Whether a diagnosis works on the session, so that its program must not begin another one.
    public var isDiagnosed: Bool {
        get { state.isDiagnosed }
        set { state.isDiagnosed = newValue }
    }
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
    public package(set) var ran: [RunListEntry] {
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
