import CKernels
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// A step of a run that several processes train together.
///
/// A batch is cut into as many blocks of rows as the team says, each process works out its own, and what they give, each by its
/// share of the rows, is added up in the order of a binary tree over the blocks: that is the same tree on any number of
/// processes, and so are the bits.
final class TeamStep {
    let team: any Team
    let stream: RandomStream
    let states: [[Value]]
    let variables: [(operand: UInt32, value: Value)]
    let active: [SiamLearning.Parameter]
    /// The share of the batch's rows that the block under way has.
    var share = 0.0
    /// What the block under way reported.
    var reports: [(name: String, value: Double)] = []
    var tree = TreeSum()
    /// Losses and reports of the blocks of this process, in the order of a tree of their own.
    var sums: [(level: Int, numbers: [Double])] = []
    var names: [String] = []
    /// What a block of this process could not go on with.
    var notFinite: NotFinite?

    init(
        _ team: any Team, stream: RandomStream, states: [[Value]], variables: [(operand: UInt32, value: Value)],
        active: [SiamLearning.Parameter]
    ) {
        (self.team, self.stream, self.states, self.variables) = (team, stream, states, variables)
        self.active = active
    }

    func push(_ numbers: [Double]) {
        var (level, sum) = (0, numbers)
        while let last = sums.last, last.level == level {
            sum = zip(last.numbers, sum).map { $0 + $1 }
            level += 1
            sums.removeLast()
        }
        sums.append((level, sum))
    }
}

extension Trainer {
    /// Runs the body for each block of this process; returns how the run continues, by the last block.
    func teamBody(_ team: any Team) throws -> Interpreter.Outcome {
        let session = interpreter.session
        let rows = Trainer.rows(batch)
        if run.parameterPaths.isEmpty || run.steps == 0 || parameters.isEmpty {
            // Parameters are drawn at the first use, by all processes from the same place of the stream.
            try begin(team, rows)
        }
        if parameters.isEmpty || run.steps < 2 { parameters = run.parameters }
        for p in parameters where p.value.precision != .single {
            throw Diagnostic(
                code: "team.precision", "--data-parallel trains in 32 bits, and \(p.name) has 64",
                repair: "without --data-parallel")
        }
        let step = TeamStep(
            team, stream: session.stream, states: stateful.map { $0.keepOwnStates() },
            variables: run.plan.assigned.map { ($0, interpreter.variable($0, in: frame)) },
            active: parameters.filter { !$0.isFrozen })
        teamStep = step
        defer {
            teamStep = nil
            isRehearsing = false
        }
        let sampler = interpreter.sampler
        let own = team.ownBlocks
        var outcome = Interpreter.Outcome.ended(0, .none)
        for block in own {
            let part = Trainer.part(block, of: rows, team.blocks)
            step.share = rows > 0 ? Double(part.count) / Double(rows) : 0
            session.stream = step.stream.derived(UInt64(block) + 1)
            if block > own.lowerBound {
                for (layer, s) in zip(stateful, step.states) { layer.restoreOwnStates(s) }
                for (operand, value) in step.variables { interpreter.assign(operand, value, in: frame) }
            }
            // A block without rows computes the first row with weight 0.
            give(Trainer.cut(batch, part.isEmpty ? 0..<min(1, rows) : part, of: rows))
            losses.removeAll(keepingCapacity: true)
            lossOfStep = 0
            step.reports = []
            isRehearsing = block < own.upperBound - 1
            // What is measured of a step is measured at one block.
            interpreter.sampler = isRehearsing ? nil : sampler
            outcome = try interpreter.runChunk(
                body, base: frame.base, function: frame.function?.takeUnretainedValue(),
                layer: frame.layer?.takeUnretainedValue())
            everyEndsAll()
            if isRehearsing {
                isRehearsing = false
                if !losses.isEmpty { try addBlock(step) }
            }
        }
        // While it is known that several make this step.
        if !updatedThisStep { try finishStep() }
        return outcome
    }

    /// Binds the names of a batch.
    private func give(_ batch: [Value]) {
        let names = run.plan.names
        if names.count == 1, batch.count > 1 {
            interpreter.assign(names[0], Value(batch), in: frame)
        } else {
            for (operand, value) in zip(names, batch) { interpreter.assign(operand, value, in: frame) }
        }
    }

    /// Gives the nets their shapes, and says where the loss of a batch is not that of its blocks.
    private func begin(_ team: any Team, _ rows: Int) throws {
        guard let whole = try rehearse(batch)?.item, run.steps == 0, rows > 0 else { return }
        var parts = 0.0
        for block in 0..<team.blocks {
            let part = Trainer.part(block, of: rows, team.blocks)
            if part.isEmpty { continue }
            guard let loss = try rehearse(Trainer.cut(batch, part, of: rows)) else { return }
            parts += loss.item * Double(part.count) / Double(rows)
        }
        guard abs(parts - whole) > 1e-3 * max(abs(whole), 1e-6) else { return }
        interpreter.session.warn(
            Diagnostic(
                .warning, code: "team.blocks",
                "the loss of this batch is \(Float(whole)), and the mean over its \(team.blocks) blocks \(Float(parts))",
                notes: [
                    "it compares the rows of a batch with one another, and with --data-parallel only those of one block: \(rows / team.blocks) rows each"
                ],
                repair:
                    "a larger batch, or fewer blocks:  --blocks \(team.core < team.size ? 2 * team.core : team.core)"))
    }

    /// Works out the gradient of a block and adds it to the tree.
    private func addBlock(_ step: TeamStep) throws {
        var total = losses[0]
        for l in losses.dropFirst() { total = try Operators.add(total, l) }
        losses.removeAll(keepingCapacity: true)
        noteSums(step)
        let gradients = try gradients(of: total, at: step.active.map(\.value))
        let (flat, places) = try room(step)
        for (k, g) in gradients.enumerated() { if let g { try put(g, at: places[k], flat, step.share) } }
        try putStates(step, flat, from: places.last ?? 0)
        step.tree.push(flat)
    }

    /// The loss of a block, and what it reported.
    private func noteSums(_ step: TeamStep) {
        if step.sums.isEmpty { step.names = step.reports.map(\.name) }
        step.push([lossOfStep * step.share] + step.reports.map { $0.value * step.share })
    }

    /// Room for the numbers of a block: for each parameter how many blocks reached it, and its gradient; the states behind them.
    private func room(_ step: TeamStep) throws -> (FlatNumbers, places: [Int]) {
        var places = [0]
        for p in step.active { places.append((places.last ?? 0) + p.value.count + 1) }
        let states = changedStates(step).reduce(0) { $0 + $1.count + 1 }
        let count = (places.last ?? 0) + states
        try Memory.ask(count, of: 4, for: "the gradients of a block")
        return (FlatNumbers(count), places)
    }

    private func put(_ t: Tensor, at place: Int, _ flat: FlatNumbers, _ share: Double) throws {
        let share = Float(share)
        flat.numbers[place] = 1
        try t.converted(to: .single).withFloats {
            for k in 0..<min($0.count, flat.count - place - 1) { flat.numbers[place + 1 + k] = $0[k] * share }
        }
    }

    private func putStates(_ step: TeamStep, _ flat: FlatNumbers, from place: Int) throws {
        var at = place
        for state in changedStates(step) {
            if let now = state.now { try put(now, at: at, flat, step.share) }
            at += state.count + 1
        }
    }

    /// The gradient of the last block, each stretch of it added up over all processes as soon as it is final; the sums.
    private func lastBlock(_ step: TeamStep, _ total: Tensor) throws -> FlatNumbers {
        let (flat, places) = try room(step)
        try putStates(step, flat, from: places.last ?? 0)
        let whole = step.tree.whole(with: flat)
        let buckets = GradientBuckets(step.team, whole)
        // From the last parameter to the first, as they become final, in stretches that are the same in every process.
        var isFinal = [Bool](repeating: false, count: step.active.count)
        var (next, end) = (step.active.count - 1, flat.count)
        var fault: (any Error)?
        func handOver(all: Bool) {
            while next >= 0, all || isFinal[next] {
                let start = places[next]
                next -= 1
                if end - start >= GradientBuckets.size || next < 0 {
                    step.tree.add(last: flat, start..<end)
                    buckets.send(start..<end)
                    end = start
                }
            }
        }
        do {
            _ = try gradients(of: total, at: step.active.map(\.value)) { k, g in
                do { try self.put(g, at: places[k], flat, step.share) } catch { fault = error }
                isFinal[k] = true
                handOver(all: false)
            }
            if let fault { throw fault }
        } catch {
            // What was begun is brought to its end, so that no thread stays behind; nothing half-made is sent: the others
            // wait for it until they are asked to stop, too.
            try? buckets.finish()
            throw error
        }
        handOver(all: true)
        if end > 0 {
            step.tree.add(last: flat, 0..<end)
            buckets.send(0..<end)
        }
        try buckets.finish()
        return whole
    }

    /// The states of layers that are numbers, with those that the block under way has changed.
    private func changedStates(_ step: TeamStep) -> [(now: Tensor?, count: Int)] {
        var found: [(now: Tensor?, count: Int)] = []
        for (layer, before) in zip(stateful, step.states) {
            for (old, new) in zip(before, layer.keepOwnStates()) {
                guard case .tensor(let a) = old, case .tensor(let b) = new, a.shape == b.shape else { continue }
                found.append((a === b ? nil : b.detached(), a.count))
            }
        }
        return found
    }

    /// The gradients of the whole batch, the same bits in every process; loss, reports and states are those of the whole, too.
    func teamGradients(_ step: TeamStep, _ loss: Tensor) throws -> [Tensor?] {
        noteSums(step)
        var checks: [UInt64] = []
        if run.steps % 50 == 0 { checks = Trainer.digest(step.active) }
        var sums = step.sums.first?.numbers ?? []
        try step.team.combine(agreed: [1, UInt64(run.steps)] + checks, sums: &sums)
        lossOfStep = sums.first ?? 0
        guard lossOfStep.isFinite else {
            throw step.notFinite
                ?? NotFinite(
                    diagnostic: Diagnostic(
                        .warning, code: "train.not_finite",
                        "the loss of step \(run.steps + 1) is not finite in another process; the run ends before it"),
                    what: "loss")
        }
        let total = try lastBlock(step, loss)
        var at = 0
        func take(_ shape: Shape) throws -> Tensor? {
            defer { at += shape.count + 1 }
            guard total.numbers[at] > 0 else { return nil }
            let t = try Tensor(uninitialized: shape)
            t.address.copyMemory(from: total.numbers + at + 1, byteCount: 4 * shape.count)
            return t
        }
        let gradients = try step.active.map { try take($0.value.shape) }
        for (layer, before) in zip(stateful, step.states) {
            var now = before
            for k in now.indices {
                guard case .tensor(let a) = before[k], k < layer.keepOwnStates().count,
                    case .tensor(let b) = layer.keepOwnStates()[k], a.shape == b.shape
                else { continue }
                if let mean = try take(a.shape) { now[k] = .tensor(mean) }
            }
            layer.restoreOwnStates(now)
        }
        // What follows draws the same in every process.
        interpreter.session.stream = step.stream
        _ = interpreter.session.stream.next()
        for (name, value) in zip(step.names, sums.dropFirst()) { keepReport(name, value, at: run.steps + 1) }
        give(batch)
        return gradients
    }

    /// All processes are at the end of the run, with the same parameters.
    func teamEnds(_ team: any Team) throws {
        var none: [Double] = []
        try team.combine(agreed: [2, UInt64(run.steps)] + Trainer.digest(run.parameters), sums: &none)
    }

    private static func digest(_ parameters: [SiamLearning.Parameter]) -> [UInt64] {
        var d = siam_digest()
        siam_digest_begin(&d)
        for p in parameters {
            siam_digest_add(&d, p.value.address, Int64(p.value.count * p.value.precision.width))
        }
        var out: [UInt64] = [0, 0]
        siam_digest_end(&d, &out)
        return out
    }

    // MARK: Blocks of a batch

    /// Examples of a batch: the rows of its first tensor.
    private static func rows(_ batch: [Value]) -> Int {
        for case .tensor(let t) in batch where t.rank > 0 { return t.shape[0] }
        return 0
    }

    static func part(_ block: Int, of rows: Int, _ blocks: Int) -> Range<Int> {
        block * rows / max(1, blocks)..<(block + 1) * rows / max(1, blocks)
    }

    /// The rows of a block; what has no row for each example is given whole.
    private static func cut(_ batch: [Value], _ part: Range<Int>, of rows: Int) -> [Value] {
        batch.map { v in
            if case .tensor(let t) = v, t.rank > 0, t.shape[0] == rows, case let cut = t.rows(part) {
                return .tensor(cut)
            }
            return v
        }
    }
}
