import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// What happens between two steps: interrupts, pauses, and how a run continues after them.
extension Trainer {
    /// What an interrupted step must not have changed.
    struct StepEdge {
        let undo: () -> Void
        init(_ trainer: Trainer) {
            let run = trainer.run
            let interpreter = trainer.interpreter
            let stream = interpreter.session.stream
            let layers = trainer.stateful
            let states = layers.map { $0.keepOwnStates() }
            let source = run.source.keepState()
            // Layers that take their shape in this step have none again: they draw what they begin with once more.
            let unbuilding = run.steps == 0 ? run.nets.flatMap { $0.keepUnbuilt() } : []
            let settings = run.optimizer.optimizer.settingValues
            let reports = run.reports.map { $0.series.values.count }
            let said = interpreter.session.sayings.count
            // Counters of the body; values with tensors are made again by every step, and keeping them would keep their
            // memory.
            let frame = trainer.frame
            let plain = run.plan.assigned.compactMap { operand -> (UInt32, Value)? in
                switch interpreter.variable(operand, in: frame) {
                case .number(let x): (operand, Value.number(x))
                case .bool(let x): (operand, Value.bool(x))
                default: nil
                }
            }
            undo = { [unowned trainer] in
                guard !trainer.updatedThisStep else { return }
                for (operand, value) in plain { interpreter.assign(operand, value, in: frame) }
                interpreter.session.stream = stream
                for unbuild in unbuilding { unbuild() }
                for (layer, s) in zip(layers, states) { layer.restoreOwnStates(s) }
                source?()
                run.optimizer.optimizer.settingValues = settings
                run.keepReports(reports)
                interpreter.session.sayings.goBack(to: said)
            }
        }
    }

    /// Between two steps: pauses, interrupts. False where the run ends.
    func edge() throws -> Bool {
        if interpreter.interrupt.pointee != 0 {
            let reason = Interrupt.reason
            guard reason is Interrupted else { throw reason }
            if Interrupt.take() { pauseAsked = .interrupt }
        }
        if let n = stepsToPause {
            stepsToPause = n - 1
            if n <= 1 {
                stepsToPause = nil
                pauseAsked = pauseAsked ?? .steps
            }
        }
        return try pauses()
    }

    private func pauses() throws -> Bool {
        while let reason = pauseAsked {
            pauseAsked = nil
            monitor.pause()
            guard let handler = interpreter.session.pauseHandler else {
                if reason == .interrupt {
                    run.stopped = .interrupted
                    throw RunInterrupted(steps: run.steps)
                }
                interpreter.session.print("paused at step \(run.steps) of \(run.planned)")
                return true
            }
            let answer = try ask(handler, reason)
            switch answer {
            case .go: if try !makeUp() { return false }
            case .steps(let n):
                stepsToPause = n
                if try !makeUp() { return false }
            case .rewind(let n):
                isBrokenOff = false
                session.sayings.forget()
                try rewind(to: run.steps - n)
                pauseAsked = .steps
            case .stop:
                if isBrokenOff { stepIsOver() }
                isBrokenOff = false
                run.stopped = .atPause
                return false
            }
        }
        return true
    }

    /// The user at the prompt has control until they continue or end the run.
    private func ask(_ handler: any PauseHandler, _ reason: PauseReason) throws -> Resumption {
        let outer = (interpreter.isTraining, Recording.isOn, interpreter.trainer)
        interpreter.isTraining = false
        isPaused = true
        session.sayings.isKept = false
        let patience = Interrupt.wait(forBetterMoment: false)
        defer {
            Interrupt.wait(forBetterMoment: patience)
            session.sayings.isKept = true
            isPaused = false
        }
        if isBrokenOff {
            session.message("what follows step \(run.steps) has not run yet: go runs it, stop skips it")
        }
        let answer: Resumption
        do { answer = try handler.paused(self, interpreter, because: reason) } catch {
            run.stopped = .atPause
            throw error
        }
        (interpreter.isTraining, Recording.isOn, interpreter.trainer) = outer
        findStateful()
        othersHadControl = true
        samplingPlan = SamplingPlan(run)
        monitor.goesOn()
        return answer
    }
}
