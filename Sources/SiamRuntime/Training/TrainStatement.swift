import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// The statement `train`, from its parts to the finished run; resuming, rewinding; `sweep`.
extension Interpreter {
    /// The `train` statement: checks its parts, runs the loop, gives the run.
    func train(_ plan: TrainPlan, _ code: Code, _ frame: Frame) throws -> (run: Value, returned: Value) {
        var nets: [Layer] = []
        for (operand, text) in zip(plan.nets, plan.netTexts) {
            let value = pointer(operand, in: frame).pointee
            guard let net = try asLayer(value) else {
                var repair: String?
                if text.hasPrefix("["), text.hasSuffix("]"), text.utf8.count <= 60 {
                    repair = "several nets stand after train without brackets:  \(text.dropFirst().dropLast())"
                }
                if case .list(let l) = value, repair == nil,
                    l.items.allSatisfy({ if case .number = $0 { false } else { true } }),
                    let whole = joined(stages: l.items)
                {
                    repair = "join stages with >>:  \(text) = \(whole.split(separator: "= ", maxSplits: 1).last ?? "")"
                }
                throw Diagnostic(
                    code: "train.net", "train expects a net, and \(text) is \(value.kindName)", repair: repair)
            }
            nets.append(net)
        }
        let source: Thing
        switch pointer(plan.source, in: frame).pointee {
        case .thing(let t as BatchProvider): source = t
        case let other:
            throw Diagnostic(
                code: "train.source", "train expects a batch source after `on`, and got \(other.kindName)",
                at: [.init(Place(code.source, plan.syntax.source.span))],
                repair: Train.sourceAdvice(plan.syntax, code.source))
        }
        guard case .thing(let thing) = pointer(plan.optimizer, in: frame).pointee,
            let optimizer = thing as? OptimizerThing
        else {
            throw Diagnostic(
                code: "train.optimizer",
                "train expects an optimizer after `using`, and got \(pointer(plan.optimizer, in: frame).pointee.kindName)",
                at: [.init(Place(code.source, plan.syntax.optimizer.span))],
                repair: Train.optimizerAdvice(plan.syntax, code.source))
        }
        if let nothing = plan.syntax.minimizesNothing(code.source) { throw nothing }
        if let taken = plan.syntax.reportsOwn(code.source) { throw taken }
        if case .thing(let o as OptimizerThing) = pointer(plan.optimizer, in: frame).pointee,
            case .thing(let plateau as PlateauThing)? = o.schedule, plateau.name != "loss",
            !plan.syntax.reports(plateau.name)
        {
            session.warn(
                Diagnostic(
                    .warning, code: "train.length",
                    "plateau waits for \(plateau.name), and the body reports no such series: the learning rate will not change",
                    at: [.init(Place(code.source, plan.syntax.optimizer.span))],
                    repair: "in the body:  every epoch { report \(plateau.name) = accuracy(net, d) }"))
        }
        if let misnamed = plan.syntax.misnamed(code.source) { session.warn(misnamed) }
        if let turned = plan.syntax.turned(code.source, defined: globals.isUserName) { session.warn(turned) }
        let perEpoch = (source as? BatchProvider)?.stepsPerEpoch ?? 1
        var planned = perEpoch
        if let operand = plan.length {
            let n = try wholeNumber(
                pointer(operand, in: frame).pointee, "the number of \(plan.inEpochs ? "epochs" : "steps")")
            guard n >= 0, n < 1 << 40 else {
                throw Diagnostic(
                    code: "train.length", "train expects at least 0 \(plan.inEpochs ? "epochs" : "steps"), and got \(n)"
                )
            }
            planned = plan.inEpochs ? n * perEpoch : n
        }
        if case .thing(let o as OptimizerThing) = pointer(plan.optimizer, in: frame).pointee,
            let said = o.outOfStep(planned, perEpoch, self)
        {
            session.warn(
                Diagnostic(
                    .warning, code: "train.length", said, at: [.init(Place(code.source, plan.syntax.optimizer.span))]))
        }
        let run = Run(
            nets: nets, names: plan.netTexts, optimizer: optimizer, source: source, planned: planned,
            stepsPerEpoch: perEpoch,
            code: code, plan: plan)
        if let operand = plan.log {
            guard case .text(let folder) = pointer(operand, in: frame).pointee else {
                throw Diagnostic(
                    code: "train.log",
                    "log expects the name of a folder, and got \(pointer(operand, in: frame).pointee.kindName)",
                    repair: "log = \"logs/\"")
            }
            if !session.isKeptBack("the log of a run to \(folder.string)") { run.log = try RunLog(folder.string) }
        }
        run.keepRegisters(self, frame)
        run.function = frame.function?.takeUnretainedValue()
        run.layer = frame.layer?.takeUnretainedValue()
        run.ordinal = session.runCount
        run.statement = max(0, session.journal.count - 1)
        session.runCount += 1
        let isFollowed = session.interventions?.run == run.ordinal
        if isFollowed, let most = session.interventions?.steps { run.planned = min(run.planned, most) }
        session.lastRun = run
        session.ran.append(RunListEntry(run))
        let trainer = Trainer(run, self, frame, code.codes[plan.body])
        try drive(trainer)
        if isFollowed { throw ReplayEnded(run: run) }
        session.interventions?.passed?(run)
        return (.thing(run), trainer.returned)
    }

    private func drive(_ trainer: Trainer) throws {
        do {
            try trainer.train()
        } catch let stop as RunInterrupted {
            session.brokenOff?(trainer.run, self)
            session.message(
                "interrupted after step \(stop.steps) of \(trainer.run.planned); the steps that were finished are kept")
            throw Interrupted()
        } catch let gone as Diagnostic where gone.code == "team.gone" {
            session.brokenOff?(trainer.run, self)
            throw gone
        } catch {
            let (run, steps) = (trainer.run, trainer.run.steps)
            if session.output.isInteractive, steps > 0, session.interventions == nil, !(error is Interrupted) {
                session.message(
                    "the run ends after step \(steps) of \(run.planned); the trained weights stay in \(run.plan.netTexts.joined(separator: ", "))"
                )
            }
            throw error
        }
    }

    /// Takes a run up again for more steps, in the frame that it was left with.
    package func resume(_ run: Run, steps: Int) throws {
        try run.open(self)
        let (wanted, overflow) = run.steps.addingReportingOverflow(max(0, steps))
        guard !overflow, wanted < 1 << 40 else {
            throw Diagnostic(code: "train.length", "a run cannot have as many as \(steps) steps")
        }
        run.planned = wanted
        try inside(run) { try drive(Trainer(run, self, $0, run.code.codes[run.plan.body])) }
    }

    /// What the run's body would minimize on a batch, recorded; the run stays as it is.
    public func rehearse(_ run: Run, _ batch: [Value]) throws -> Tensor? {
        try inside(run) { frame in
            let outer = (trainer, isTraining, Recording.isOn)
            defer { (trainer, isTraining, Recording.isOn) = outer }
            let made = Trainer(run, self, frame, run.code.codes[run.plan.body])
            trainer = made
            return try made.rehearse(batch, training: true)
        }
    }

    package func rewind(_ run: Run, by steps: Int) throws {
        try run.open(self)
        guard steps <= run.steps else {
            throw Diagnostic(
                code: "rewind.range",
                "the run has made \(run.steps == 1 ? "1 step" : "\(run.steps) steps"), and rewind was asked for \(steps)"
            )
        }
        try inside(run) { try Trainer(run, self, $0, run.code.codes[run.plan.body]).rewind(to: run.steps - steps) }
    }

    /// Opens the frame that a run was left with, and the names that it knows, for as long as `body` takes.
    func inside<T>(_ run: Run, _ body: (Frame) throws -> T) throws -> T {
        let base = top
        guard hasRoom(base + run.code.registerCount), frameCount < Interpreter.frameCapacity
        else { throw recursion() }
        for (i, v) in run.registers.enumerated() { stack[base + i] = v }
        frames[frameCount] = Frame(
            code: Unmanaged.passUnretained(run.code), pc: 0, base: base, destination: 0,
            function: run.function.map { Unmanaged.passUnretained($0) },
            layer: run.layer.map { Unmanaged.passUnretained($0) })
        let frame = frames[frameCount]
        frameCount += 1
        let depth = frameCount
        let others = try run.ownNames.map { name, value in
            let before = globals.valueIfReady(name) ?? .unbound
            try globals.assign(name, value)
            return (name, before)
        }
        defer {
            for k in run.ownNames.indices {
                run.ownNames[k].value = globals.valueIfReady(run.ownNames[k].name) ?? .unbound
            }
            for (name, value) in others { try? globals.assign(name, value) }
            frameCount = depth - 1
            clear(base, run.code.registerCount)
        }
        return try body(frame)
    }

    /// `report name = e`: to the run, or to the row of the sweep.
    func report(_ name: String, _ value: Value, toRun: Bool) throws {
        guard toRun else {
            sweepRow?.reported.insert(name)
            if case .tensor(let t) = value, t.count == 1 {
                sweepRow?.set(name, .number(t.item))
            } else {
                sweepRow?.set(name, value)
            }
            return
        }
        guard let t = Interpreter.tensor(value), t.count == 1 else {
            throw Diagnostic(
                code: "report.kind", "report expects one number for \(name), and got \(value.kindName)",
                notes: ["a series has one number for each step, like a mean"])
        }
        trainer?.report(name, t.item)
    }

    /// The `sweep` statement: the block for every combination, each from the values before it.
    func sweep(_ plan: SweepPlan, _ code: Code, _ frame: Frame) throws -> Value {
        let axes = try zip(plan.names, plan.values).map { name, operand -> [Value] in
            if case .number(let x) = pointer(operand, in: frame).pointee {
                throw Diagnostic(
                    code: "loop.kind", "sweep expects a list of values, and got a number",
                    repair: "write a list, even for one value:  [\(formatNumber(x))]")
            }
            let values = try items(pointer(operand, in: frame).pointee)
            guard !values.isEmpty else { throw Diagnostic(code: "sweep.empty", "\(name) has no values to sweep over") }
            return values
        }
        let total = axes.reduce(1) { $0.multipliedReportingOverflow(by: $1.count).partialValue }
        guard total > 0, total <= 1_000_000 else {
            throw Diagnostic(code: "sweep.large", "this sweep has more than a million combinations")
        }
        let body = code.codes[plan.body]
        let kept = globals.keep()
        let registers = (0..<code.registerCount).map { stack[frame.base + $0] }
        let things = keepThings(registers)
        let stream = session.stream
        let outerRow = sweepRow
        defer {
            sweepRow = outerRow
            session.stream = stream
        }
        func work(_ combination: Int) throws -> SweepRow {
            let picked = zip(axes, Interpreter.picks(combination, axes)).map { $0[$1] }
            let row = SweepRow()
            for (k, name) in plan.names.enumerated() { row.set(name, picked[k]) }
            sweepRow = row
            // The stream follows from the combination's values, so that order and neighbours change nothing.
            var key: UInt64 = 0xCBF2_9CE4_8422_2325
            for v in picked {
                for byte in inline(v, quoted: true).utf8 { key = (key ^ UInt64(byte)) &* 0x100_0000_01B3 }
            }
            session.stream = stream.derived(key)
            for (k, operand) in plan.targets.enumerated() { assign(operand, picked[k], in: frame) }
            defer {
                session.stream = stream
                putBack(kept, registers, things, frame)
            }
            _ = try runChunk(
                body, base: frame.base, function: frame.function?.takeUnretainedValue(),
                layer: frame.layer?.takeUnretainedValue())
            return row
        }
        if let rows = try keptRows(plan, code, frame, axes, total, work) {
            return .thing(Table(rows.map { Record($0.fields) }))
        }
        var rows: [SweepRow] = []
        for combination in 0..<total {
            rows.append(try work(combination))
            session.progress("sweep \(combination + 1)/\(total)")
        }
        session.progress(nil)
        return .thing(Table(rows.map { Record($0.fields) }))
    }

    private func putBack(_ kept: Globals.Kept, _ registers: [Value], _ things: [() -> Void], _ frame: Frame) {
        globals.restore(kept)
        for (i, v) in registers.enumerated() { stack[frame.base + i] = v }
        for restore in things { restore() }
    }

    /// Ways to put back every net, optimizer and source that can be reached by a name.
    private func keepThings(_ registers: [Value]) -> [() -> Void] {
        var restores: [() -> Void] = []
        var seen = Set<ObjectIdentifier>()
        func visit(_ v: Value, depth: Int = 0) {
            // What a program can name is not this deep, unless it means to be.
            guard depth < 500 else { return }
            switch v {
            case .layer(let l):
                guard seen.insert(ObjectIdentifier(l)).inserted else { return }
                let parameters = l.parameters.map(\.parameter)
                let values = parameters.map(\.value)
                let states = l.keepStates()
                restores.append {
                    for (p, value) in zip(parameters, values) { p.value = value }
                    l.restoreStates(states)
                }
            case .thing(let t):
                guard seen.insert(ObjectIdentifier(t)).inserted else { return }
                if let r = t.keepState() { restores.append(r) }
            case .list(let l): for x in l.items.prefix(10_000) { visit(x, depth: depth + 1) }
            case .record(let r): for x in r.values { visit(x, depth: depth + 1) }
            case .cell(let c):
                guard seen.insert(ObjectIdentifier(c)).inserted else { return }
                let value = c.value
                restores.append { c.value = value }
                visit(value, depth: depth + 1)
            default: break
            }
        }
        for name in globals.userNames { if let v = globals.valueIfReady(name) { visit(v) } }
        for v in registers { visit(v) }
        return restores
    }
}
