import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// Follows a loop that a program writes itself with `grad` and `update`, as far as it can be seen from outside: the source
/// it draws from, the nets it updates, the losses it differentiates. Told by `grad`, `update` and `.next()`.
public final class HandWrittenLoop: FollowedLoop {
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

    /// With what a step minimizes and the batch that was drawn last, before its update. The first one comes before it is
    /// known that a loop follows.
    public var minimized: ((_ step: Int, Tensor, [Value]) throws -> Void)?
    /// Steps from this one on update nothing and are given what `heldBatch` draws: the net is judged in its own loop.
    public var judgesFrom = Int.max
    public var heldBatch: ((SourceThing) throws -> [Value]?)?
    public var isJudging: Bool { stepsBegun >= judgesFrom }
    private var stepsBegun = 0
    /// Batches that were drawn so far, before the first step too.
    public private(set) var draws = 0

    /// How many times an update had another optimizer than the one before.
    public private(set) var optimizersMade = 0
    private var lastOptimizer: OptimizerThing?

    /// The nets whose gradients were asked for last, and whether they were changed by assignments since.
    private var asked: [Layer] = []
    private var isAssigned = false
    private var updatesByOptimizer = false

    /// A parameter is about to be assigned. Where the program takes its steps so, `h.w = h.w - 0.1 * g.w`, the first
    /// assignment behind a gradient begins a step. False where the step only judges, and changes nothing.
    package func willAssign(_ interpreter: Interpreter, _ part: Layer) throws -> Bool {
        guard !updatesByOptimizer, let net = owner(of: part, interpreter.session) else { return true }
        if isJudging {
            if !isAssigned { judged() }
            isAssigned = true
            return false
        }
        if !isAssigned {
            isAssigned = true
            let optimizer = OptimizerThing(try Optimizer("sgd"))
            try step(interpreter, net, optimizer, net.parameters.map(\.parameter), net.parameters.map { _ in nil })
        }
        return true
    }

    /// The net that is trained and that a layer belongs to. Gradients may have been asked of single parameters: then it is
    /// the largest net of the program that holds the layer.
    private func owner(of part: Layer, _ session: Session) -> Layer? {
        func holds(_ net: Layer) -> Bool { net.everyLayer.contains { $0 === part } }
        if let known = asked.first(where: holds) { return known }
        guard asked.isEmpty, loss != nil else { return nil }
        let nets = session.globals.userNames.compactMap { name -> Layer? in
            if case .layer(let l)? = session.globals.valueIfReady(name), holds(l) { l } else { nil }
        }
        guard let net = nets.max(by: { $0.parameters.count < $1.parameters.count }) else { return nil }
        asked = [net]
        isAssigned = false
        return net
    }

    package func differentiated(_ y: Tensor, _ nets: [Layer]) throws {
        if !nets.isEmpty { asked = nets }
        isAssigned = false
        loss = y.detached().floats.first
        try minimized?(stepsBegun, y, drawn ?? [])
    }

    /// What the program is given in place of a batch that it draws.
    package func drew(_ batch: [Value], from source: SourceThing) throws -> [Value] {
        // Each class may have a source of its own, made anew in every step.
        draws += 1
        if let known = self.source {
            guard run == nil || known.dataset?.dataset === source.dataset?.dataset else { return batch }
        }
        if run == nil { self.source = source }
        var given = batch
        if isJudging, let held = try heldBatch?(source) { given = held }
        drawn = given
        if let run, !isJudging { try self.batch?(run, batch) }
        return given
    }

    /// A step that only judges is over.
    package func judged() { stepsBegun += 1 }

    package func willUpdate(
        _ interpreter: Interpreter, _ net: Layer, _ optimizer: OptimizerThing, _ parameters: [SiamLearning.Parameter],
        _ gradients: [Tensor?]
    ) throws {
        updatesByOptimizer = true
        if lastOptimizer !== optimizer { optimizersMade += 1 }
        lastOptimizer = optimizer
        try step(interpreter, net, optimizer, parameters, gradients)
    }

    private func step(
        _ interpreter: Interpreter, _ net: Layer, _ optimizer: OptimizerThing, _ parameters: [SiamLearning.Parameter],
        _ gradients: [Tensor?]
    ) throws {
        let run = self.run ?? begin(optimizer)
        if !run.nets.contains(where: { $0 === net }) {
            run.nets.append(net)
            run.netNames.append(net.kind)
            untrained.append(net.copied())
        }
        if run.nets[0] === net || isInPlace(net, run) {
            try finishStep(interpreter)
            if run.steps == 0, let drawn { try batch?(run, drawn) }
            if let loss { run.loss.add(Double(loss), run.steps + 1) }
            isStepOpen = true
            stepsBegun += 1
        }
        try willUpdate?(run, interpreter, parameters, gradients)
    }

    /// Whether a net of the same shape is updated where there was to be one net: the program made it anew.
    private func isInPlace(_ net: Layer, _ run: Run) -> Bool {
        guard syntax.nets.count == 1, let first = run.nets.first else { return false }
        let (own, other) = (first.parameters.map(\.parameter.value.shape), net.parameters.map(\.parameter.value.shape))
        return own == other
    }

    /// A step of a program that keeps its weights in variables is over.
    public func stepped(_ interpreter: Interpreter, isFinite: Bool) throws {
        let run = try self.run ?? begin(OptimizerThing(Optimizer("sgd")))
        if let loss { run.loss.add(Double(loss), run.steps + 1) }
        stepsBegun += 1
        run.steps += 1
        run.planned = run.steps
        run.stopped = isFinite ? nil : .notFinite("a weight")
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
