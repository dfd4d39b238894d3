import SiamInterpreter
import SiamLearning
import SiamTensor

/// All state of a run at a step's edge. Tensors are shared with the run, which never writes to them while they are.
struct Snapshot {
    var step: Int
    /// Takes the shapes away again from layers that had none yet.
    var unbuilding: [() -> Void]
    var parameters: [Tensor]
    var states: [[[Value]]]
    var restores: [() -> Void]
    var stream: RandomStream
    var variables: [Value]
    /// Taken where someone else had control: what was changed there is not made again by going on from an earlier one.
    var isEdge: Bool
    /// Memory that it keeps from being used again, about.
    var bytes: Int
}

/// The snapshots that a run keeps for rewinding: frequent near the present, rarer before, within a memory budget.
struct Snapshots {
    /// Memory that all of them may hold together: three states of a large net, many of a small one.
    static func budget(stateBytes: Int) -> Int {
        stateBytes > most / 3 ? most : max(24 << 20, 3 * stateBytes)
    }
    private static let most = 256 << 20
    /// The share of a step's time that keeping them may cost. The rest of the allowance is for what is not foreseen.
    private static let share = 0.02
    /// What a snapshot costs: making it, and copying what it holds when the next step writes.
    private static let fixedCost = 1e-5
    private static let costOfByte = 1 / 1.5e9

    private(set) var kept: [Snapshot] = []

    /// Steps between two snapshots that together cost next to nothing. Where they fall changes no number of the run.
    static func interval(bytes: Int, stepSeconds: Double) -> Int {
        guard stepSeconds > 0 else { return 10 }
        let steps = (fixedCost + Double(bytes) * costOfByte) / (share * stepSeconds)
        return steps < 10 ? 10 : steps > 10_000 ? 10_000 : Int(steps)
    }

    func last(upTo step: Int) -> Snapshot? { kept.last { $0.step <= step } }
    var last: Snapshot? { kept.last }

    /// A state that alone is beyond the budget is not kept.
    mutating func keep(_ s: Snapshot, interval: Int) {
        kept.removeAll { $0.step >= s.step }
        let budget = Snapshots.budget(stateBytes: s.bytes)
        guard s.bytes <= budget else {
            // No older one leads here.
            if s.isEdge { kept = [] }
            return
        }
        kept.append(s)
        var slope = 8
        repeat {
            thin(slope, interval)
            slope /= 2
        } while total > budget && slope > 0
        // The oldest stays as long as it can: from there every step is within reach.
        while total > budget, kept.count > 1 { kept.remove(at: kept.count > 2 ? 1 : 0) }
    }

    mutating func drop(after step: Int) { kept.removeAll { $0.step > step } }

    private var total: Int { kept.reduce(0) { $0 + $1.bytes } }

    /// Lets go of those whose neighbours are nearer to each other than a share of the way back to them.
    private mutating func thin(_ slope: Int, _ interval: Int) {
        guard let now = kept.last?.step else { return }
        var k = kept.count - 2
        while k > 0 {
            let gap = kept[k + 1].step - kept[k - 1].step
            if !kept[k].isEdge, gap <= max(interval, (now - kept[k].step) / slope) { kept.remove(at: k) }
            k -= 1
        }
    }
}

extension Run {
    func takeSnapshot(_ interpreter: Interpreter, variables: [Value], isEdge: Bool) -> Snapshot {
        var restores: [() -> Void] = []
        if let r = optimizer.keepState() { restores.append(r) }
        if let r = source.keepState() { restores.append(r) }
        let parameters = parameters.map(\.value)
        return Snapshot(
            step: steps, unbuilding: nets.flatMap { $0.keepUnbuilt() }, parameters: parameters,
            states: nets.map { $0.keepStates() }, restores: restores,
            stream: interpreter.session.stream, variables: variables, isEdge: isEdge, bytes: stateBytes)
    }

    /// The parameters and as much again for each moment of the optimizer.
    var stateBytes: Int {
        let moments = optimizer.optimizer.momentCount
        return parameters.reduce(0) { $0 + $1.value.count * $1.value.precision.width } * (1 + moments)
    }

    func put(back s: Snapshot, _ interpreter: Interpreter) {
        for unbuild in s.unbuilding { unbuild() }
        for (p, value) in zip(parameters, s.parameters) { p.value = value }
        for (net, states) in zip(nets, s.states) { net.restoreStates(states) }
        for restore in s.restores { restore() }
        interpreter.session.stream = s.stream
        steps = s.step
        loss.cut(after: s.step)
        epochLosses = []
        if let best, best.step > s.step { self.best = nil }
        gradientNorm.cut(after: s.step)
        for i in reports.indices { reports[i].series.cut(after: s.step) }
        record.cut(after: s.step)
        stopped = nil
    }
}
