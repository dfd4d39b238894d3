import SiamLanguage
import SiamLearning
import SiamTensor

/// Follows a loop that a program writes itself with `grad` and `update`, as far as it can be seen from outside: the source
/// it draws from, the nets it updates, the losses it differentiates. Told by `grad`, `update` and `.next()`.
public final class LoopByHand {
    /// What it came to; nil where nothing was updated yet. No `train` stands behind it, so that it cannot be taken up again.
    public private(set) var run: Run?
    /// The nets as they were before their first update, in the order of the run's nets.
    public private(set) var untrained: [Layer] = []
    /// Before each update, with its parameters and gradients; a step begins where the first net is updated.
    public var willUpdate: ((Run, Interpreter, [SiamLearning.Parameter], [Tensor?]) throws -> Void)?
    /// Behind a step's last update.
    public var didUpdate: ((Run, Interpreter) throws -> Void)?
    /// With each batch that was drawn from the source, once it is known that a loop follows.
    public var batch: ((Run, [Value]) throws -> Void)?

    private let syntax: Train
    private let text: Source
    private var source: SourceThing?
    private var drawn: [Value]?
    private var loss: Float?
    private var isStepOpen = false

    /// - Parameter syntax: how the loop would read as a `train`, in `text`.
    public init(_ syntax: Train, in text: Source) {
        self.syntax = syntax
        self.text = text
    }

    func differentiated(_ y: Tensor) { loss = y.detached().floats.first }

    func drew(_ batch: [Value], from source: SourceThing) throws {
        if let known = self.source {
            guard run == nil || known.dataset?.dataset === source.dataset?.dataset else { return }
        }
        if run == nil { self.source = source }
        drawn = batch
        if let run { try self.batch?(run, batch) }
    }

    func willUpdate(
        _ interpreter: Interpreter, _ net: Layer, _ optimizer: OptimizerThing, _ parameters: [SiamLearning.Parameter],
        _ gradients: [Tensor?]
    ) throws {
        let run = self.run ?? begin(optimizer)
        if !run.nets.contains(where: { $0 === net }) {
            run.nets.append(net)
            run.netNames.append(net.kind)
            untrained.append(net.copied())
        }
        if run.nets[0] === net {
            try finishStep(interpreter)
            if run.steps == 0, let drawn { try batch?(run, drawn) }
            if let loss { run.loss.add(Double(loss), run.steps + 1) }
            isStepOpen = true
        }
        try willUpdate?(run, interpreter, parameters, gradients)
    }

    /// Ends the step that is open, if one is.
    public func finishStep(_ interpreter: Interpreter) throws {
        guard isStepOpen, let run else { return }
        isStepOpen = false
        run.steps += 1
        run.planned = run.steps
        try didUpdate?(run, interpreter)
    }

    private func begin(_ optimizer: OptimizerThing) -> Run {
        let plan = TrainPlan(
            nets: [], netTexts: [], source: 0, names: [], nameTexts: [], length: nil, inEpochs: false, optimizer: 0,
            body: 0, assigned: [], syntax: syntax)
        let made = Run(
            nets: [], names: [], optimizer: optimizer, source: source ?? Thing(), planned: 0, stepsPerEpoch: 1,
            code: Code(name: "loop", role: .chunk, source: text, span: syntax.head), plan: plan)
        run = made
        return made
    }
}
