import SiamInterpreter
import SiamLanguage
import SiamTensor

/// What a run's nets were where a series was best.
struct BestState {
    let name: String
    let step: Int
    let value: Double
    let parameters: [Tensor]
    /// What the layers of each net remembered.
    let states: [[[Value]]]
}

extension Run {
    /// Keeps the nets as they are where the value is the best so far, of the series that came first. Their tensors are shared until the next update
    /// writes its own.
    func keepIfBest(_ name: String, _ value: Double) {
        guard value.isFinite, best == nil || best?.name == name else { return }
        if let best, isLow(name) ? value >= best.value : value <= best.value { return }
        best = BestState(
            name: name, step: steps, value: value, parameters: parameters.map(\.value),
            states: nets.map { $0.keepStates() })
    }

    /// The nets as they were at their best, as nets of their own.
    func bestNets(_ state: BestState) -> [Layer] {
        let own = parameters
        let now = own.map(\.value)
        let back = nets.map { $0.keepStates() }
        defer {
            for (p, value) in zip(own, now) { p.value = value }
            for (net, states) in zip(nets, back) { net.restoreStates(states) }
        }
        for (p, value) in zip(own, state.parameters) { p.value = value }
        for (net, states) in zip(nets, state.states) { net.restoreStates(states) }
        return nets.map { $0.copied() }
    }
}

/// `run.best`: the step, the value and the net where the first series that the run reports now and then was best.
final class Best: Thing, @unchecked Sendable {
    private let run: Run
    private let state: BestState

    init(_ run: Run) throws {
        guard let state = run.best else {
            throw Diagnostic(
                code: "run.best", "the run has kept no best net",
                notes: ["one is kept where a series is reported in an every block of the run"],
                repair: "in the body:  every epoch { report held = accuracy(net, unseen) }")
        }
        self.run = run
        self.state = state
    }
    override var kindName: String { "the best of a run" }
    override var summary: String { "best \(state.name) \(formatNumber(state.value)) at step \(state.step)" }
    override var fieldNames: [String] { ["net", "nets", "step", "value", "name"] }
    override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "net": return run.bestNets(state).first.map { .layer($0) }
        case "nets": return Value(run.bestNets(state).map { .layer($0) })
        case "step": return .number(Double(state.step))
        case "value": return .number(state.value)
        case "name": return Value(state.name)
        default: return nil
        }
    }
}
