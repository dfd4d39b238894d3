import SiamInterpreter
import SiamLanguage
import SiamTensor

/// The part of a training body after its update, mostly `every` blocks, with a copy of all that it may change. It does not belong
/// to the step: if ^C interrupts it, it is run again from its beginning when the run continues, and the output that it has already
/// printed is not printed twice.
struct StepRemainder {
    /// The instruction of the body.
    fileprivate let place: Int
    fileprivate let registers: [Value]
    fileprivate let variables: [Value]
    fileprivate let stream: RandomStream
    fileprivate let states: [[Value]]
    fileprivate let parameters: [Tensor]
    fileprivate let restores: [() -> Void]
    /// How many values each series had.
    fileprivate let reports: [Int]
    fileprivate let best: BestState?
    fileprivate let said: Int
}

extension Trainer {
    /// Notes the place that is come to, where the step is over.
    func comes(to place: Int) {
        guard updatedThisStep, inEvery == 0, !isRehearsing, session.team == nil else { return }
        behind = StepRemainder(
            place: place, registers: (0..<run.code.registerCount).map { interpreter.stack[frame.base + $0] },
            variables: run.plan.assigned.map { interpreter.variable($0, in: frame) }, stream: session.stream,
            states: stateful.map { $0.keepOwnStates() }, parameters: parameters.map(\.value),
            restores: [run.optimizer.keepState(), run.source.keepState()].compactMap { $0 },
            reports: run.reports.map(\.series.values.count), best: run.best, said: session.sayings.count)
    }

    /// Takes back what was done behind the step since the place that was noted last; false where there is none.
    func goBack() -> Bool {
        guard let b = behind else { return false }
        for (k, value) in b.registers.enumerated() { interpreter.stack[frame.base + k] = value }
        for (operand, value) in zip(run.plan.assigned, b.variables) { interpreter.assign(operand, value, in: frame) }
        session.stream = b.stream
        for (layer, states) in zip(stateful, b.states) { layer.restoreOwnStates(states) }
        for (p, value) in zip(parameters, b.parameters) where p.value !== value { p.value = value }
        for restore in b.restores { restore() }
        run.keepReports(b.reports)
        run.best = b.best
        session.sayings.goBack(to: b.said)
        return true
    }

    /// Makes what was broken off behind the step again.
    func goOnBehind() throws -> Body {
        guard let b = behind else { return .ended(0, .none) }
        // Variables are as they were left at the pause.
        for k in run.code.localCount..<max(run.code.localCount, b.registers.count) {
            interpreter.stack[frame.base + k] = b.registers[k]
        }
        return try interpreter.runChunk(
            body, base: frame.base, function: frame.function?.takeUnretainedValue(),
            layer: frame.layer?.takeUnretainedValue(), from: b.place)
    }
    typealias Body = Interpreter.Outcome
}

extension Run {
    /// Removes the values that were reported after the series had the given lengths.
    func keepReports(_ counts: [Int]) {
        for (k, count) in counts.enumerated() where k < reports.count { reports[k].series.keep(first: count) }
        if reports.count > counts.count { reports.removeLast(reports.count - counts.count) }
    }
}
