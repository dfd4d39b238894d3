import SiamData
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// What a replay of a program does beside the program itself: it stops behind one run, follows that run's steps, and may
/// hold its length down. A session without interventions pays one comparison with nil per step.
public struct Interventions {
    /// Which of the program's runs is followed, counted from 0; the replay ends with it.
    public var run: Int
    /// The greatest number of steps of the followed run.
    public var steps: Int
    /// Added to every seed: 0 repeats the program's own draws to the last bit.
    public var seedShift: UInt64
    /// Files that are imported with another text than the one on disk.
    public var texts: [String: String] = [:]
    /// Before a step's update, with the gradients of the parameters that are not frozen; steps are counted from 0.
    public var willUpdate: ((Run, Interpreter, [SiamLearning.Parameter], [Tensor?]) throws -> Void)?
    /// Behind the step's update.
    public var didUpdate: ((Run, Interpreter) throws -> Void)?
    /// With each batch of the followed run, before the body sees it.
    public var batch: ((Run, [Value]) throws -> Void)?

    /// With what the followed run's second step would minimize and its batch, recorded from the batch's parts on.
    public var minimized: ((Run, Tensor, [Value]) throws -> Void)?
    /// When the followed run has made its last step, while its body can still be run: `Trainer.rehearse`.
    public var atEnd: ((Trainer) throws -> Void)?
    /// What a source that the program makes is replaced by: one that leaves rows out, say.
    public var sourceMade: ((DataSource, DatasetThing?) throws -> DataSource)?

    /// When a run before the followed one has made its last step.
    public var passed: ((Run) -> Void)?

    /// Follows a hand-written training loop in place of a run.
    public var loop: HandWrittenLoop?

    public init(run: Int, steps: Int, seedShift: UInt64 = 0) {
        self.run = run
        self.steps = steps
        self.seedShift = seedShift
    }
}

/// Thrown to stop the program after the followed run: the statements after it are not needed.
public struct ReplayEnded: ControlFlowError { public let run: Run }
