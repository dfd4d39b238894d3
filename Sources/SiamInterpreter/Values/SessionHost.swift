import SiamData
import SiamLanguage

/// What the body of a training can ask of it while it runs. The interpreter knows no more of trainings than this and the
/// rest of this file: they are a folder above it.
package protocol TrainingBody: AnyObject {
    /// `minimize`.
    func minimize(_ loss: Value) throws
    /// `report`, of what the language itself reports.
    func report(_ name: String, _ value: Double)
    /// Whether an `every` block is to be run at this step.
    func everyFires(_ count: Value, epochs: Bool, at place: Int) throws -> Bool
    func everyEnds(at next: Int)
    /// `pause`.
    func pauseHere(_ interpreter: Interpreter) throws
}

/// Measures the current step; it is called for each layer and delays none of them.
package protocol StageSampler: AnyObject {
    func note(_ layer: Layer, _ output: Value)
}

/// A hand-written training loop that a replay follows.
package protocol FollowedLoop: AnyObject {
    /// Told of a batch that the program draws; what it gets instead.
    func drew(_ batch: [Value], from source: SourceThing) throws -> [Value]
    /// Told before a weight of a layer is assigned; false where it is not to be.
    func willAssign(_ interpreter: Interpreter, _ layer: Layer) throws -> Bool
}

/// What the room above does for a session: it compiles, trains, keeps runs and explains errors. The interpreter knows no more
/// of that room than this.
package protocol SessionHost: AnyObject {
    /// Whether this is a replay of a program: its output and its writes to files are suppressed.
    var isRepeating: Bool { get }
    var followedLoop: (any FollowedLoop)? { get }
    /// Lets go of all that the program made.
    func end()
    func train(_ plan: TrainPlan, _ code: Code, _ frame: Interpreter.Frame, _ interpreter: Interpreter) throws -> (
        run: Value, returned: Value
    )
    func sweep(_ plan: SweepPlan, _ code: Code, _ frame: Interpreter.Frame, _ interpreter: Interpreter) throws -> Value
    func report(_ name: String, _ value: Value, toRun: Bool, _ interpreter: Interpreter) throws
    func importFile(_ path: String, from source: Source, _ session: Session) throws
    func knownNames(_ session: Session) -> [KnownName]
    func describe(_ error: any Error, _ session: Session) -> Diagnostic
    /// What the last run that trained a net trained it on and for; nil where none did.
    func training(of net: Layer, _ session: Session) -> TrainingOfNet?
    /// The outcome of many short trials; a session that keeps outcomes keeps this one as a whole.
    func keptTrials(
        _ name: String, of values: [Value], _ settings: [Int], _ interpreter: Interpreter, _ work: () throws -> Double
    ) throws -> Double
}

/// What measures have to know of the run that trained a net.
package struct TrainingOfNet {
    /// The data set that its batches came from.
    package let dataset: Dataset?
    /// The loss that compared outputs with one another, by its name; nil of a loss of classes or targets.
    package let comparison: String?
    package init(dataset: Dataset?, comparison: String?) { (self.dataset, self.comparison) = (dataset, comparison) }
}

/// Processes that train one run together, each on its part of every batch.
public protocol Team: AnyObject {
    /// Which of them this one is, from 0.
    var rank: Int { get }
    /// How many there are: any number, not above `blocks`.
    var size: Int { get }
    /// Into how many blocks a batch is cut, whatever the number of processes: a power of two.
    var blocks: Int { get }
    /// Whether another thread than the first may call `exchange`, one at a time.
    var takesCallsFromThreads: Bool { get }
    /// Sends bytes to another one and takes as many from it. Throws `Interrupted` where this process is to stop, and a
    /// `Diagnostic` where the other one is gone.
    func exchange(with partner: Int, _ send: UnsafeRawBufferPointer, _ receive: UnsafeMutableRawBufferPointer) throws
}

/// What one combination of a sweep reported.
package final class SweepRow {
    package var fields: [(String, Value)] = []
    /// The names of the reported values.
    package var reported = Set<String>()
    package init() {}
    package func set(_ name: String, _ value: Value) {
        if let i = fields.firstIndex(where: { $0.0 == name }) {
            fields[i].1 = value
        } else {
            fields.append((name, value))
        }
    }
}
