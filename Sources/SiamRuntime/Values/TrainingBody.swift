import SiamLanguage

/// What the body of a training can ask of it while it runs. The interpreter knows no more of trainings than this and the
/// rest of this file: they are a folder above it.
protocol TrainingBody: AnyObject {
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

/// Measures a step that is being made: told of each layer, without holding any of them up.
protocol StageSampler: AnyObject {
    func note(_ layer: Layer, _ output: Value)
}

/// What trainings keep in a session: `TrainingState` is the whole of it.
public class TrainingMemory {
    init() {}
    /// Whether the program that runs has run before, and is not to do again what others could see.
    var isRepeating: Bool { false }
    /// Lets go of all that the program made.
    func end() {}
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
final class SweepRow {
    var fields: [(String, Value)] = []
    /// The names that `report` gave a value.
    var reported = Set<String>()
    func set(_ name: String, _ value: Value) {
        if let i = fields.firstIndex(where: { $0.0 == name }) {
            fields[i].1 = value
        } else {
            fields.append((name, value))
        }
    }
}
