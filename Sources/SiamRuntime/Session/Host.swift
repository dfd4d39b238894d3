import SiamInterpreter
import SiamLanguage

/// What this target does for sessions, which are declared in a target below it.
extension TrainingState: SessionHost {
    var isRepeating: Bool { interventions != nil }
    var followedLoop: (any FollowedLoop)? { interventions?.loop }
    func end() {
        lastRun = nil
        interventions = nil
    }
    func train(_ plan: TrainPlan, _ code: Code, _ frame: Interpreter.Frame, _ interpreter: Interpreter) throws -> (
        run: Value, returned: Value
    ) { try interpreter.train(plan, code, frame) }
    func sweep(_ plan: SweepPlan, _ code: Code, _ frame: Interpreter.Frame, _ interpreter: Interpreter) throws -> Value
    {
        try interpreter.sweep(plan, code, frame)
    }
    func report(_ name: String, _ value: Value, toRun: Bool, _ interpreter: Interpreter) throws {
        try interpreter.report(name, value, toRun: toRun)
    }
    func importFile(_ path: String, from source: Source, _ session: Session) throws {
        try session.importFile(path, from: source)
    }
    func knownNames(_ session: Session) -> [KnownName] { session.knownNames() }
    func describe(_ error: any Error, _ session: Session) -> Diagnostic { session.describe(error) }
    func training(of net: Layer, _ session: Session) -> TrainingOfNet? {
        var last: Run?
        for ran in session.ran { if let run = ran.run, run.nets.contains(where: { $0 === net }) { last = run } }
        return last.map {
            TrainingOfNet(dataset: ($0.source as? SourceThing)?.dataset?.dataset, comparison: $0.comparison)
        }
    }
    func keptTrials(
        _ name: String, of values: [Value], _ settings: [Int], _ interpreter: Interpreter, _ work: () throws -> Double
    ) throws -> Double { try interpreter.keptTrials(name, of: values, settings, work) }
}
