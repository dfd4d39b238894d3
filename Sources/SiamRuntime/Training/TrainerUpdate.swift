import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// What a step minimizes, and the update it ends in.
extension Trainer {
    package func minimize(_ v: Value) throws {
        guard let loss = Interpreter.tensor(v), loss.count == 1 else {
            throw Diagnostic(
                code: "minimize.scalar", "minimize expects one number, and got \(v.kindName)",
                repair: advice(for: v))
        }
        if isRehearsing, teamStep == nil {
            losses.append(loss)
            return
        }
        guard inEvery == 0 else { throw PlacementFaults.minimizeInEvery(at: []) }
        lossOfStep += loss.item
        if let step = teamStep, !loss.item.isFinite {
            step.notFinite = NotFinite(diagnostic: explain(loss), what: "loss")
        }
        guard loss.item.isFinite || teamStep != nil else {
            throw NotFinite(diagnostic: explain(loss), what: "loss")
        }
        guard loss.isTracked else {
            throw Diagnostic(
                code: "minimize.constant", "the loss depends on no parameter, so there is nothing to minimize",
                notes: ["its value is \(formatNumber(loss.item))"],
                repair: MinimizedLoss.expressions(in: run.syntax.body).lazy.compactMap(Train.slopeless).first
                    .map(run.syntax.slopeAdvice) ?? MinimizedLoss.cut(in: run.syntax.body, run.code.source))
        }
        losses.append(loss)
    }

    /// What was meant by minimizing something that is no number.
    private func advice(for v: Value) -> String? {
        switch v {
        case .tensor:
            let loss = MinimizedLoss.expressions(in: run.syntax.body).first
            var text = loss.map { run.code.source.text($0.span) } ?? "..."
            if text.utf8.count > 60 || text.contains("\n") { text = "..." }
            if let loss, text != "...", let right = MinimizedLoss.elementwise(loss, run.code.source) {
                return "the second argument of max is an axis; element by element:  minimize mean(\(right))"
            }
            // What a net gives less its target has no least value; its square has.
            if case .binary(.subtract, let a, let b, _)? = loss?.kind, text != "...",
                [(a, b), (b, a)].contains(where: { isApplied($0) && isTarget($1) })
            {
                text = "(\(text))^2"
            }
            return "the mean over the batch:  minimize mean(\(text))"
        case .function, .builtin:
            return "call the loss with its values:  minimize cross_entropy(net(x), y)"
        case .layer: return "apply the net, and compute a loss from its output:  minimize mse(net(x), y)"
        case .list: return "add several losses:  minimize a + b"
        default: return nil
        }
    }

    /// One of the run's nets, called with an input.
    private func isApplied(_ e: Expression) -> Bool {
        switch e.kind {
        case .index(let owner, _): return isApplied(owner)
        case .call(let callee, _, _):
            guard case .name(let name) = callee.kind else { return false }
            return run.plan.netTexts.contains(name)
        default: return false
        }
    }

    private func isTarget(_ e: Expression) -> Bool {
        guard case .name(let name) = e.kind else { return false }
        return run.syntax.boundNames.contains(name)
    }

    /// Gradients of what was minimized, and the update.
    func finishStep() throws {
        updatedThisStep = true
        // A step that is broken off on the way to its update has not been made.
        var isUpdating = false
        defer { if !isUpdating { updatedThisStep = false } }
        // What is evaluated behind the update is no part of the step.
        interpreter.sampler = nil
        if parameters.isEmpty || run.steps < 2 { parameters = run.parameters }
        guard !losses.isEmpty else {
            isUpdating = true
            run.steps += 1
            return
        }
        var total = losses[0]
        for l in losses.dropFirst() { total = try Operators.add(total, l) }
        let active = parameters.filter { !$0.isFrozen }
        let gradients =
            try teamStep.map { try teamGradients($0, total) } ?? gradients(of: total, at: active.map(\.value))
        losses.removeAll(keepingCapacity: true)
        noteReached(active, gradients)
        if let follow = follower { try follow.willUpdate?(run, interpreter, active, gradients) }
        sampler?.willUpdate(parameters, active, gradients)
        isUpdating = true
        let report = try run.optimizer.optimizer.update(parameters: active, gradients: gradients, onlyFinite: true)
        guard report.gradientNorm.isFinite else {
            // The step leaves no trace: its update would end every number of the net.
            isUpdating = false
            throw NotFinite(diagnostic: try explain(total, active, gradients), what: "gradient")
        }
        run.steps += 1
        run.loss.add(lossOfStep, run.steps)
        let every = run.gradientNormEvery
        if run.steps % every == 0 {
            run.gradientNorm.thin(to: every)
            run.gradientNorm.add(report.gradientNorm, run.steps)
        }
        let sample = sampler?.sample(step: run.steps, loss: lossOfStep)
        if let sample { run.record.samples.append(sample) }
        warnings.check(sample, batch, gradientNorm: report.gradientNorm)
        if let follow = follower { try follow.didUpdate?(run, interpreter) }
    }

    /// Which of the nets of the statement the loss has reached so far; a net that it never reaches is said, once.
    private func noteReached(_ active: [SiamLearning.Parameter], _ gradients: [Tensor?]) {
        guard let waiting = unreached, interpreter.session.interventions == nil else { return }
        if active.isEmpty, !run.parameters.isEmpty {
            unreached = nil
            return warnings.frozen(run.plan.netTexts, run.syntax.nets[0].span)
        }
        let reached = Set(zip(active, gradients).compactMap { $1 == nil ? nil : ObjectIdentifier($0) })
        let left = waiting.filter { k in
            let own = run.nets[k].parameters.map(\.parameter)
            return !own.contains { $0.isFrozen || reached.contains(ObjectIdentifier($0)) }
        }
        // Where the body has a choice a later step may reach them.
        let isLast = run.steps + 1 >= min(run.planned, run.stepsPerEpoch, 20)
        guard left.isEmpty || !hasChoice || isLast else {
            unreached = left
            return
        }
        unreached = nil
        for k in left where run.nets[k].everyLayer.contains(where: \.hasParameters) {
            warnings.unreached(run.plan.netTexts[k], run.syntax.nets[k].span)
        }
    }
}
