import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// What a replay records of its first step, and how it judges the net by the program's own body.
extension Replay {
    func recordSteps(_ plan: inout Interventions) {
        plan.minimized = { [unowned self] run, loss, batch in
            look(atStep: loss, batch, run.parameters.map(\.value))
        }
        plan.atEnd = { [unowned self] trainer in try judge(trainer) }
        plan.sourceMade = { [unowned self] source, data in try withoutHeldRows(source, data) }
    }

    func tensors(_ batch: [Value]) -> [Tensor] {
        batch.compactMap { if case .tensor(let t) = $0 { t } else { nil } }
    }

    /// Reads the record of the first step.
    func look(atStep loss: Tensor, _ batch: [Value], _ parameters: [Tensor]) {
        let parts = tensors(batch)
        guard let graph = StepGraph(of: loss, parameters: parameters, batch: parts) else { return }
        if givenRows == nil, let side = graph.sides.first { givenRows = graph.firstInput(side).detached() }
        var facts = graph.facts(batch: parts, parameters: parameters.count)
        if isWhole, facts.task == .metric || facts.task == .verification, let labels = labels(graph, parts) {
            let outer = Recording.isOn
            // Class numbers beside a batch are no flags of pairs.
            if let flags = flags(graph, parts, labels) {
                facts.sameShare = flags.reduce(0, +) / Double(flags.count)
                count(flags)
            }
            if graph.sides.count == 1, labels.count > 3, !graph.vertices[graph.sides[0].birth].isProcessed {
                var counts: [Double: Int] = [:]
                for y in labels { counts[y, default: 0] += 1 }
                facts.hasOneClass = counts.count == 1
                if graph.mixesRows {
                    facts.withPartner = Double(labels.count { counts[$0, default: 0] > 1 }) / Double(labels.count)
                }
            }
            if let known = trueClasses(graph, parts)?.first, let side = graph.sides.first,
                let column = StepGraph.columnOfClasses(graph.firstInput(side), known)
            {
                facts.leakingColumn = (column, 1, 0)
            }
            facts.push = try? graph.pushAndPull(labels: labels)
            Recording.isOn = outer
        }
        // Pairs that the loss itself makes of a batch of one class.
        if facts.task == .metric || facts.task == .unknown, parts.count == 2, let y = parts.last, y.rank == 1,
            y.count > 3,
            y.count == parts[0].shape.dims.first, Set(y.floats).count == 1
        {
            facts.hasOneClass = true
        }
        if isWhole { noteSelf(graph, parts) }
        if isWhole, facts.task == .classification, let known = trueClasses(graph, parts)?.first {
            noteLabels(graph, parts, known.map { Double($0) })
            if facts.leakingColumn.map({ $0.correlation < 0.9999 }) ?? true, let side = graph.sides.first,
                let column = StepGraph.columnOfClasses(graph.firstInput(side), known)
            {
                facts.leakingColumn = (column, 1, 0)
            }
        }
        firstRows = firstRows ?? graph.sides.first.map { graph.firstInput($0).detached() }
        keepRows(of: graph)
        evidence.facts = facts
        evidence.task = facts.task
    }

    private func keepRows(of graph: StepGraph) {
        for side in graph.sides { rowsOfSteps.formUnion(Replay.hashes(graph.firstInput(side))) }
    }

    /// Labels of pairs, one 0 or 1 for each; nil where they are something else. Class numbers beside a batch are no such flags.
    private func flags(_ graph: StepGraph, _ parts: [Tensor], _ labels: [Double]) -> [Double]? {
        graph.sides.count == 2 && !labels.isEmpty && !graph.mixesRows && parts.count != 2 ? labels : nil
    }

    private func count(_ flags: [Double]) {
        ownPairs.total += flags.count
        ownPairs.ones += flags.count { $0 == 1 }
    }

    /// What later steps of a hand-written loop are given: how many of their pairs are positive, and whether they got exactly
    /// the rows of the first step, although the program has more rows.
    func noteRows(_ loss: Tensor, _ batch: [Value], _ parameters: [Tensor]) {
        let parts = tensors(batch)
        guard let firstRows, let graph = StepGraph(of: loss, parameters: parameters, batch: parts),
            let side = graph.sides.first
        else { return }
        keepRows(of: graph)
        if evidence.facts?.sameShare != nil, let flags = labels(graph, parts).flatMap({ flags(graph, parts, $0) }) {
            count(flags)
        }
        if isWhole, graph.sides.count == 3 { _ = labels(graph, parts) }
        let rows = graph.firstInput(side)
        rowsRepeated = rows.shape == firstRows.shape && rows.floats == firstRows.floats ? rowsRepeated + 1 : -1000
        guard rowsRepeated == Replay.stepsCompared.count, let session, let n = rows.shape.dims.first, n > 0 else {
            return
        }
        // What the program holds by itself as so many rows is all that there is to train on.
        var largest = 0
        let ofLoops = chart.namesOfLoops
        for name in session.globals.userNames where !ofLoops.contains(name) {
            guard let all = Replay.rows(of: session.globals.valueIfReady(name)), let count = all.shape.dims.first,
                count > 0, all.count / count == rows.count / n
            else { continue }
            if count == n { return }
            largest = max(largest, count)
        }
        if largest >= 2 * n { evidence.batchesDrawn = 1 }
    }
    /// Steps after the first whose rows are compared with it: several steps may be made on one batch before the next.
    static let stepsCompared: Set<Int> = [1, 2, 3, 4, 13, 37]

    private func judge(_ trainer: Trainer) throws {
        let run = trainer.run
        guard let thing = run.source as? SourceThing else { return }
        let session = trainer.session
        // What a loop around the training calls held out has this value in its round alone.
        if isWhole { evidence.trainedBefore = shareTrainedBefore(run, heldData(run, session)) }
        if (evidence.facts?.rows ?? 0) <= 1 {
            // A batch of one row does not tell rows from columns, and a run that ended at once has shown none.
            var stream = RandomStream(seed: 0x0DDB)
            var some = try thing.source.unaugmentedCopy().next(&stream)
            if let all = thing.source.tensors, let n = all.first?.shape[0], some.first?.shape[0] == 1 {
                // Spread over the rows, which may be in the order of their classes.
                let count = min(32, n)
                some = try all.map { try $0.gathered((0..<count).map { $0 * n / count }) }
            }
            let parts = some.map { Value.tensor($0.tracked()) }
            if let loss = try? trainer.rehearse(parts, training: true) {
                look(atStep: loss, parts, run.parameters.map(\.value))
            }
        }
        guard evidence.task != .unknown, evidence.task != .metric || judgesPairs else { return }
        let held = heldSource(run, session)
        let own = try outputs(trainer, from: thing.source.unaugmentedCopy())
        let outside = try held.flatMap { try outputs(trainer, from: $0) }
        let first = try beforeTraining(run) {
            try outputs(trainer, from: heldSource(run, session) ?? thing.source.unaugmentedCopy())
        }
        conclude(own: own, outside: outside, first: first)
    }

    /// What the nets of a run keep beside their parameters.
    static func states(of run: SiamRuntime.Run) -> [Tensor] {
        run.nets.flatMap { $0.keepStates() }.flatMap { $0 }.flatMap(Replay.tensors)
    }

    func conclude(own: Outputs?, outside: Outputs?, first: Outputs?) {
        let task = evidence.task
        if let own, own.rows > 0 { evidence.taskOwn = TaskScore(own, task) }
        if let outside, outside.rows >= 4 {
            evidence.taskScore = TaskScore(outside, task)
            evidence.taskRows = outside.rows
        } else if let own, own.rows > 0 {
            evidence.taskScore = TaskScore(own, task)
            evidence.taskRows = own.rows
            evidence.isJudgedOnTraining = true
        }
        if let first, first.rows > 0 { evidence.taskUntrained = TaskScore(first, task) }
        if let o = outside ?? own, o.rows > 0 {
            evidence.outputSpread = Replay.deviation(o.values) / max(Replay.deviation(o.targets), 1e-12)
            evidence.outputLow = o.values.min() ?? 0
            evidence.outputHigh = o.values.max() ?? 0
        }
        guard task == .classification, let f = evidence.facts else { return }
        let areProbabilities = f.readers.allSatisfy { !StepFacts.ofScores.contains($0) }
        guard f.isLogarithmic || !areProbabilities else { return }
        func logScore(_ o: Outputs?) -> LogScore? { o.flatMap { LogScore($0, areProbabilities: areProbabilities) } }
        evidence.logScore = logScore(outside ?? own)
        guard judgesByLogLoss, let judged = evidence.logScore else { return }
        evidence.taskScore = TaskScore(worth: judged.reduction)
        evidence.taskUntrained = TaskScore(worth: logScore(first)?.reduction ?? 0)
        evidence.taskOwn = logScore(own).map { TaskScore(worth: $0.reduction) }
        evidence.ownMeasure = LogScore.measure
    }

    /// By how much the five nearest rows tell a row's target better than the best constant does: accuracy of classes over the
    /// share of the largest, R^2 of numbers. Nil of too few rows.
    static func neighbourGain(_ values: [Double], _ o: Outputs, _ task: Task) -> Double? {
        let n = o.rows
        guard n >= 24, o.targetWidth <= 64, values.count % n == 0 else { return nil }
        let width = values.count / n
        guard width <= 4096 else { return nil }
        let isClasses = task != .regression && o.targets.allSatisfy { $0 == $0.rounded() }
        var told = o
        told.width = o.targetWidth
        told.values = Array(repeating: 0, count: n * o.targetWidth)
        for r in 0..<n {
            var near: [(Double, Int)] = []
            for q in 0..<n where q != r {
                var d = 0.0
                for k in 0..<width {
                    d +=
                        (values[r * width + k] - values[q * width + k])
                        * (values[r * width + k] - values[q * width + k])
                }
                near.append((d, q))
            }
            near.sort { $0.0 < $1.0 }
            let five = near.prefix(5).map(\.1)
            if isClasses, o.targetWidth == 1 {
                told.values[r] = mostFrequent(five.map { o.targets[$0] })
                continue
            }
            for q in five {
                for c in 0..<o.targetWidth {
                    told.values[r * o.targetWidth + c] += o.targets[q * o.targetWidth + c] / 5
                }
            }
        }
        if isClasses, o.targetWidth > 1, !o.hasSeveralLabels || o.width == o.targetWidth {
            let score = TaskScore(told.asShares, .classification)
            return score.worth - score.constant
        }
        if isClasses, o.targetWidth == 1 {
            let right = (0..<n).count { told.values[$0] == o.targets[$0] }
            let constant = mostFrequent(o.targets)
            return Double(right - o.targets.count { $0 == constant }) / Double(n)
        }
        return TaskScore(told, .regression).worth
    }

    /// The value that stands most often in a list; of several the one that stands first.
    private static func mostFrequent(_ values: [Double]) -> Double {
        var counts: [Double: Int] = [:]
        for value in values { counts[value, default: 0] += 1 }
        let most = counts.values.max() ?? 0
        return values.first { counts[$0] == most } ?? 0
    }

    static func deviation(_ values: [Double]) -> Double {
        let finite = values.filter(\.isFinite)
        guard !finite.isEmpty else { return 0 }
        let mean = finite.reduce(0, +) / Double(finite.count)
        return (finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(finite.count)).squareRoot()
    }

    /// Rows among which nearest ones are looked for.
    private static let neighboursAmong = 320

    /// What the nearest rows and a plain network make of the rows that the program trains on.
    func compareWithPlain(_ inputs: [Double], _ o: Outputs) {
        let n = o.rows
        guard n > 0, inputs.count % n == 0 else { return }
        let few = min(n, Replay.neighboursAmong)
        evidence.neighbourGain = Replay.neighbourGain(
            Array(inputs.prefix(few * (inputs.count / n))), o.first(few), evidence.task)
        evidence.neighbourRows = few
        let seen = InputFacts(inputs, o, evidence.task)
        evidence.outlier = seen.outlier
        evidence.numbering = seen.numbering
        evidence.telling = seen.telling
        guard readsFigures, !judgesByLogLoss else { return }
        if evidence.task == .reconstruction {
            guard let worth = try? Reference.reconstruction(inputs, o, units: evidence.facts?.narrowest ?? 0) else {
                return
            }
            evidence.reference = Reference(worth: worth, net: .linear)
            return
        }
        guard let worth = try? Reference.outputs(inputs, o, evidence.task) else { return }
        evidence.reference = Reference(worth: worth, net: .plain)
        if worth < 0.85, let (columns, wide) = InputFacts.oneUnitAKind(inputs, n),
            let better = try? Reference.outputs(wide, o, evidence.task)
        {
            evidence.kindsAsNumbers = (columns, better)
        }
    }
}
