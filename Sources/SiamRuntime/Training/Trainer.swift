import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// What asks for control of a run at a step's edge: the prompt, when Ctrl-C comes or `pause` is reached.
public protocol PauseHandler: AnyObject {
    /// Called between steps; returns when the run is to go on or to end.
    func paused(_ trainer: Trainer, _ interpreter: Interpreter, because: Trainer.PauseReason) throws
        -> Trainer.Resumption
}

/// Drives one `train` statement step by step.
public final class Trainer: TrainingBody, @unchecked Sendable {
    public enum PauseReason: Sendable { case interrupt, statement, steps }
    public enum Resumption: Sendable {
        case go
        /// So many steps, then pause again.
        case steps(Int)
        /// Go back a number of steps; the handler is then asked again.
        case rewind(Int)
        case stop
    }

    public let run: Run
    unowned let interpreter: Interpreter
    /// The session that the run is made in.
    public var session: Session { interpreter.session }
    let frame: Interpreter.Frame
    let body: Code
    /// The parameters that the statement's nets have, found after the first forward pass has given them shapes.
    var parameters: [SiamLearning.Parameter] = []
    /// The layers that remember something besides parameters; looked for again whenever someone else had control.
    var stateful: [Layer] = []
    var losses: [Tensor] = []
    var lossOfStep = 0.0
    var updatedThisStep = false
    /// Where the body was last behind the update of the step.
    var behind: StepRemainder?
    /// Whether the part of the body after the step was interrupted and is still to be run.
    var isBrokenOff = false
    var pauseAsked: PauseReason?
    var inEvery = 0
    /// Whether the body runs for what it computes alone: nothing is updated, reported or paused.
    var isRehearsing = false
    /// The step under way, where several processes make it together.
    var teamStep: TeamStep?
    var stepsToPause: Int?
    var nextSnapshot = 0
    /// Whether something may have been changed since the last step that is in no snapshot.
    var othersHadControl = true
    /// Whether someone at the prompt has control.
    var isPaused = false
    /// Measures the step that is being made, where it is one that is measured.
    var sampler: StepSampler?
    public private(set) var batch: [Value] = []
    lazy var samplingPlan = SamplingPlan(run)
    let monitor: RunMonitor
    let warnings: RunWarnings
    /// What a `return` in the body gives; `unbound` without one.
    private(set) var returned = Value.unbound

    init(_ run: Run, _ interpreter: Interpreter, _ frame: Interpreter.Frame, _ body: Code) {
        self.run = run
        self.interpreter = interpreter
        self.frame = frame
        self.body = body
        monitor = RunMonitor(run, interpreter)
        warnings = RunWarnings(run, interpreter) { [unowned interpreter] name in
            if let register = run.code.variables[name] {
                let value = interpreter.variable(Operand.register(register), in: frame)
                if case .unbound = value {} else { return value }
            }
            return (try? interpreter.globals.value(name)) ?? nil
        }
    }

    /// Runs until `run.planned` steps are done or something ends the run.
    func train() throws {
        let outer = (interpreter.trainer, interpreter.isTraining, Recording.isOn)
        interpreter.trainer = self
        interpreter.isTraining = true
        Recording.isOn = true
        let started = Clock.now()
        let patience = Interrupt.wait(forBetterMoment: true)
        let isInner = session.sayings.isKept
        session.sayings.isKept = true
        defer {
            session.sayings.isKept = isInner
            if !isInner { session.sayings = RepeatedOutput() }
            Interrupt.wait(forBetterMoment: patience)
            (interpreter.trainer, interpreter.isTraining, Recording.isOn) = outer
            run.seconds += Clock.now() - started
            (run.source as? SourceThing)?.source.forgetPrepared()
            monitor.finish()
            run.log?.note(run)
            // The variables of a function go on from here when the run is taken up again.
            run.keepRegisters(interpreter, frame)
        }
        run.stopped = nil
        run.loss.reserve(run.planned - run.steps)
        findStateful()
        while run.steps < run.planned {
            keepSnapshotIfDue()
            // Output from before this step has been printed.
            if !isInner { session.sayings.begin() }
            let goesOn = try oneStep()
            if !isBrokenOff { stepIsOver() }
            if !goesOn { break }
            if try !edge() { break }
        }
        if run.steps > 0, run.loss.values.isEmpty, run.stopped == nil, interpreter.session.interventions == nil,
            let loss = MinimizedLoss.expressions(in: run.syntax.body).first
        {
            warnings.never(loss.span)
        }
        if interpreter.session.interventions == nil { warnings.noEpoch() }
        if let team = interpreter.session.team { try teamEnds(team) }
        try follower?.atEnd?(self)
    }

    func stepIsOver() {
        monitor.step()
        if let log = run.log, RunRecord.isSampled(run.steps) { log.note(run) }
    }

    /// Runs the body on a batch, in evaluation mode unless `training` is asked for, and gives what it would minimize,
    /// recorded. Parameters, states, the random stream and the run's record stay as they were.
    public func rehearse(_ batch: [Value], training: Bool = false) throws -> Tensor? {
        let outer = (isRehearsing, losses, lossOfStep, interpreter.sampler, interpreter.session.stream)
        // What takes its shape only now keeps what it begins with.
        let layers = run.nets.flatMap { $0.everyLayer.filter { $0.hasStates && $0.isBuilt } }
        let states = layers.map { $0.keepOwnStates() }
        let variables = run.plan.assigned.map { interpreter.variable($0, in: frame) }
        isRehearsing = true
        losses = []
        interpreter.sampler = nil
        let showed = interpreter.showsEachStage
        interpreter.showsEachStage = true
        interpreter.isTraining = training
        Recording.isOn = true
        defer {
            everyEndsAll()
            interpreter.showsEachStage = showed
            (isRehearsing, losses, lossOfStep, interpreter.sampler, interpreter.session.stream) = outer
            for (layer, s) in zip(layers, states) { layer.restoreOwnStates(s) }
            for (operand, value) in zip(run.plan.assigned, variables) { interpreter.assign(operand, value, in: frame) }
        }
        let names = run.plan.names
        if names.count == 1, batch.count > 1 {
            interpreter.assign(names[0], Value(batch), in: frame)
        } else {
            for (operand, value) in zip(names, batch) { interpreter.assign(operand, value, in: frame) }
        }
        _ = try interpreter.runChunk(
            body, base: frame.base, function: frame.function?.takeUnretainedValue(),
            layer: frame.layer?.takeUnretainedValue())
        guard var total = losses.first else { return nil }
        for l in losses.dropFirst() { total = try Operators.add(total, l) }
        return total
    }

    func findStateful() { stateful = run.nets.flatMap { $0.everyLayer.filter(\.hasStates) } }

    /// One step; false where the run ends with it.
    func oneStep() throws -> Bool {
        losses.removeAll(keepingCapacity: true)
        lossOfStep = 0
        updatedThisStep = false
        behind = nil
        isBrokenOff = false
        let edge = StepEdge(self)
        let outer = interpreter.sampler
        defer { interpreter.sampler = outer }
        return try ended(edge) {
            batch = try (run.source as? BatchProvider)?.next(interpreter) ?? []
            if let follow = follower {
                try follow.batch?(run, batch)
                // The second step's record, made aside: the first gives the parameters their shapes, and a step whose batch
                // is tracked may round otherwise than the run's own.
                if run.steps == 1, let look = follow.minimized {
                    let parts = batch.map(Trainer.tracked)
                    if let loss = try? rehearse(parts, training: true) { try look(run, loss, parts) }
                }
            }
            let names = run.plan.names
            guard batch.count >= names.count || names.count == 1 else {
                throw Diagnostic(
                    code: "train.names",
                    "the batches have \(batch.count == 1 ? "1 part" : "\(batch.count) parts"), and there are \(names.count) names for them",
                    repair: batch.count == 1 && names.count == 2
                        ? "examples with classes come from  batches(d, 32)  or  batches(x, y, batch = 32)" : nil)
            }
            let team = interpreter.session.team
            if team != nil {
                // Its blocks are given one by one.
            } else if names.count == 1, batch.count > 1 {
                interpreter.assign(names[0], Value(batch), in: frame)
            } else {
                for (operand, value) in zip(names, batch) { interpreter.assign(operand, value, in: frame) }
            }
            try run.optimizer.prepare(interpreter)
            sampler = RunRecord.isSampled(run.steps + 1) ? StepSampler(samplingPlan, batch) : nil
            interpreter.sampler = sampler
            let outcome =
                try team.map(teamBody)
                ?? interpreter.runChunk(
                    body, base: frame.base, function: frame.function?.takeUnretainedValue(),
                    layer: frame.layer?.takeUnretainedValue())
            return outcome
        }
    }

    /// What was broken off behind the step is made now; false where the run ends with it.
    func makeUp() throws -> Bool {
        guard isBrokenOff else { return true }
        isBrokenOff = false
        defer { if !isBrokenOff { stepIsOver() } }
        return try ended(nil) { try goOnBehind() }
    }

    /// What the end of a body means for the run. A step that does not come to its update is as if it had not begun.
    private func ended(_ edge: StepEdge?, _ work: () throws -> Body) throws -> Bool {
        do {
            let outcome = try work()
            everyEndsAll()
            if !updatedThisStep { try finishStep() }
            behind = nil
            if case .ended(1, _) = outcome {
                run.stopped = run.steps < run.planned ? .broken : nil
                return false
            }
            if case .ended(2, let value) = outcome {
                returned = value
                return false
            }
            return true
        } catch let stop as NotFinite {
            everyEndsAll()
            edge?.undo()
            run.stopped = .notFinite(stop.what)
            run.warnings.append(stop.diagnostic)
            interpreter.session.warn(stop.diagnostic)
            return false
        } catch let stop as Interrupted where stop.leaving == nil {
            // The step that was under way leaves no trace.
            Interrupt.take()
            everyEndsAll()
            edge?.undo()
            isBrokenOff = updatedThisStep && goBack()
            pauseAsked = .interrupt
            return true
        } catch {
            everyEndsAll()
            edge?.undo()
            run.stopped = .failed
            throw error
        }
    }

    /// A part of a batch as a leaf of the record.
    public static func tracked(_ v: Value) -> Value {
        if case .tensor(let t) = v, !t.isTracked { return .tensor(t.tracked()) }
        return v
    }

    /// The nets that no loss has reached yet; nil once that is settled.
    lazy var unreached: [Int]? = run.steps == 0 ? Array(run.nets.indices) : nil
    lazy var hasChoice: Bool = {
        var found = false
        for s in run.syntax.body.statements {
            s.walk { e in if case .conditional = e.kind { found = true } }
            if !s.blocks.isEmpty { found = true }
        }
        return found
    }()

    /// What follows this run, in a replay.
    var follower: Interventions? {
        guard let all = interpreter.session.interventions, all.run == run.ordinal else { return nil }
        return all
    }

    package func pauseHere(_ interpreter: Interpreter) throws { if !isRehearsing { pauseAsked = .statement } }

    /// The names that the training body knows, for evaluation at a pause.
    public var names: [String] { run.plan.nameTexts }
}
