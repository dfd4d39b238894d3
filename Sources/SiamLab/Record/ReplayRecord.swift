import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// What a replay records of its first step, and how it judges the net by the program's own body.
extension Replay {
    /// Rows that were held back from a source of tensors, by the source that draws from the rest.
    struct HeldRows {
        let source: DataSource
        let tensors: [Tensor]
    }

    func recordSteps(_ plan: inout Interventions) {
        plan.minimized = { [unowned self] run, loss, batch in
            look(atStep: loss, batch, run.parameters.map(\.value))
        }
        plan.atEnd = { [unowned self] trainer in try judge(trainer) }
        plan.sourceMade = { [unowned self] source, data in try withoutHeldRows(source, data) }
    }

    private func tensors(_ batch: [Value]) -> [Tensor] {
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
            if graph.sides.count == 2, !labels.isEmpty, !graph.mixesRows, parts.count != 2 {
                facts.sameShare = labels.reduce(0, +) / Double(labels.count)
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
        evidence.facts = facts
        evidence.task = facts.task
    }

    /// Whether later steps of a hand-written loop got exactly the rows of the first, although the program has more rows.
    func noteRows(_ loss: Tensor, _ batch: [Value], _ parameters: [Tensor]) {
        guard let firstRows, let graph = StepGraph(of: loss, parameters: parameters, batch: tensors(batch)),
            let side = graph.sides.first
        else { return }
        let rows = graph.firstInput(side)
        rowsRepeated = rows.shape == firstRows.shape && rows.floats == firstRows.floats ? rowsRepeated + 1 : -1000
        guard rowsRepeated == Replay.stepsCompared.count, let session, let n = rows.shape.dims.first, n > 0 else {
            return
        }
        // What the program holds by itself as so many rows is all that there is to train on.
        var largest = 0
        let ofLoops = chart.namesOfLoops
        for name in session.globals.userNames where !ofLoops.contains(name) {
            let all: Tensor
            switch session.globals.valueIfReady(name) {
            case .thing(let d as DatasetThing): all = d.dataset.x
            case .tensor(let t): all = t
            default: continue
            }
            guard let count = all.shape.dims.first, count > 0, all.count / count == rows.count / n else { continue }
            if count == n { return }
            largest = max(largest, count)
        }
        if largest >= 2 * n { evidence.batchesDrawn = 1 }
    }
    /// Steps after the first whose rows are compared with it: several steps may be made on one batch before the next.
    static let stepsCompared: Set<Int> = [1, 2, 3, 4, 13, 37]

    /// Labels of the rows: `same` of pairs, else class numbers; as the program's data sets have them where they know the rows.
    func labels(_ graph: StepGraph, _ batch: [Tensor]) -> [Double]? {
        guard let side = graph.sides.first else { return nil }
        let n = graph.vertices[side.end].rows
        if let known = trueClasses(graph, batch), known.allSatisfy({ $0.count == n }) {
            if graph.sides.count >= 3, known.count >= 3 { noteTriplets(known) }
            if graph.sides.count == 2, known.count >= 2 {
                let truth = zip(known[0], known[1]).map { $0 == $1 ? 1.0 : 0 }
                noteLabels(graph, batch, truth)
                return truth
            }
            if graph.sides.count == 1 {
                noteLabels(graph, batch, known[0].map { Double($0) })
                return known[0].map { Double($0) }
            }
        }
        if graph.sides.count >= 3 { return [] }
        for part in batch.reversed() where part.count == n {
            let values = part.doubles
            if graph.sides.count == 2
                ? values.allSatisfy({ $0 == 0 || $0 == 1 }) : values.allSatisfy({ $0 == $0.rounded() })
            {
                return values
            }
        }
        for target in graph.targets where graph.vertices[target].tensor.count == n {
            let values = graph.vertices[target].tensor.doubles
            if values.allSatisfy({ $0 == 0 || $0 == 1 }) || graph.sides.count == 1 { return values }
        }
        return nil
    }

    /// How many rows the loss is given a label for that does not belong to what the data sets say of them: of class numbers
    /// those unlike the one that most rows of their class have, so that other names for the classes, or fewer classes, are
    /// none; of pairs those that are told otherwise, the two meanings of 1 and 0 alike.
    private func noteLabels(_ graph: StepGraph, _ batch: [Tensor], _ truth: [Double]) {
        let n = truth.count
        // Flags that a comparison made have no record, and so do not come from the batch.
        let candidates = graph.targets.filter { graph.vertices[$0].tensor.count == n }
        guard n >= 16,
            let used =
                (candidates.filter { batch.isEmpty || graph.comesFromBatch($0) }
                + (graph.sides.count == 2 ? candidates : [])).map({ graph.vertices[$0].tensor.doubles })
                .first(where: { $0.allSatisfy { $0.isFinite && $0 == $0.rounded() } })
        else { return }
        var counts: [Double: [Double: Int]] = [:]
        if judgesByUsed, isRenamed(truth.map { Int($0) }, used.map { Int($0) }) { return }
        for (t, u) in zip(truth, used) { counts[t, default: [:]][u, default: 0] += 1 }
        let agreeing = counts.values.reduce(0) { $0 + ($1.values.max() ?? 0) }
        // Every class under one and the same label says nothing; of two kinds of pairs it is a fault.
        let isOne = Set(used).count == 1 && counts.count > 1 && graph.sides.count == 2
        let share =
            isOne
            ? Double(counts.values.map { $0.values.reduce(0, +) }.min() ?? 0) / Double(n)
            : 1 - Double(agreeing) / Double(n)
        evidence.relabelled = max(evidence.relabelled, share)
        // Most rows have their own numbers: then those that have others are not renamed.
        let kept = zip(truth, used).count { $0 == $1 }
        if graph.sides.count == 1, kept * 2 > n, Set(used).isSubset(of: Set(truth)) {
            evidence.relabelled = max(evidence.relabelled, 1 - Double(kept) / Double(n))
        }
        // Of the pairs that are labelled positive those that are not: half of all pairs are labelled correctly by chance.
        if graph.sides.count == 2, Set(used) == [0, 1] {
            let meaning = (counts[1]?[1] ?? 0) >= (counts[1]?[0] ?? 0) ? 1.0 : 0
            let marked = used.count { $0 == meaning }
            if marked >= 12 {
                evidence.relabelled = max(
                    evidence.relabelled, Double(counts[0]?[meaning] ?? 0) / Double(marked))
            }
        }
    }

    /// How the rows of the first step were prepared, where a variable of the program's holds them.
    func preparationOfGivenRows() -> PreparedRows? {
        guard let session, let rows = givenRows, rows.rank > 1, rows.shape[0] > 0 else { return nil }
        let drawn = Set(Replay.hashes(rows))
        return PreparedRows.all(session, width: rows.count / rows.shape[0]).first { prepared in
            let known = Set(Replay.hashes(prepared.rows))
            return drawn.allSatisfy(known.contains)
        }?.map
    }

    /// The classes of each side's rows, by the data sets of the program.
    private func trueClasses(_ graph: StepGraph, _ batch: [Tensor]) -> [[Int]]? {
        guard let session = session else { return nil }
        var found: [[Int]] = []
        for side in graph.sides {
            let rows = graph.firstInput(side)
            guard rows.rank > 0, rows.shape[0] > 0 else { return nil }
            let width = rows.count / rows.shape[0]
            if known == nil || known?.width != width { known = (width, TrueClasses(session, width: width)) }
            if let classes = known?.table.of(rows.detached()) {
                found.append(classes)
                continue
            }
            // Scaled column by column on their way into the net, they are known by what they were before.
            guard let before = graph.rowsBefore(side), before.count == rows.count,
                let classes = known?.table.of(before.detached())
            else { return nil }
            found.append(classes)
        }
        return found.isEmpty ? nil : found
    }

    /// How many positive pairs, or anchors with their positives, have one row on both sides, where these are different inputs.
    private func noteSelf(_ graph: StepGraph, _ batch: [Tensor]) {
        guard graph.sides.count >= 2, !graph.mixesRows else { return }
        let (a, b) = (graph.firstInput(graph.sides[0]), graph.firstInput(graph.sides[1]))
        guard a.shape == b.shape, a.rank > 1, let n = a.shape.dims.first, n > 7 else { return }
        let flags = graph.sides.count == 2 ? labels(graph, batch) : Array(repeating: 1, count: n)
        guard let flags, flags.count == n else { return }
        let width = a.count / n
        let (x, y) = (a.floats, b.floats)
        let own = (0..<n).filter { flags[$0] == 1 }
        guard own.count > 3 else { return }
        // Rows of few values are equal now and then without being one.
        let chance = own.dropLast().count { r in
            x[r * width..<(r + 1) * width] == y[(r + 1) * width..<(r + 2) * width]
        }
        guard chance * 10 <= own.count else { return }
        let twice = own.count { x[$0 * width..<($0 + 1) * width] == y[$0 * width..<($0 + 1) * width] }
        evidence.selfShare = max(evidence.selfShare, Double(twice) / Double(own.count))
    }

    private func noteTriplets(_ classes: [[Int]]) {
        let n = Double(max(1, classes[0].count))
        evidence.strangePositives = Double(zip(classes[0], classes[1]).count { $0 != $1 }) / n
        evidence.falseNegatives = Double(zip(classes[0], classes[2]).count { $0 == $1 }) / n
    }

    // MARK: Held-out rows

    /// The source without a fifth of its rows, where it is cut from tensors and something is to be held back.
    func withoutHeldRows(_ source: DataSource, _ data: DatasetThing?) throws -> DataSource {
        guard case .kept = heldOut, data == nil, let all = source.tensors, let n = all.first?.shape[0], n >= 40 else {
            return source
        }
        var stream = RandomStream(seed: 0xD0C7 &+ seedShift)
        let (kept, rest) =
            try wholeGroups(all[0], all.last?.count == n ? all.last?.doubles : nil, &stream)
            ?? Replay.heldRows(all, n, &stream)
        guard kept.count >= 8, rest.count >= 8 else { return source }
        let inside = try all.map { try $0.gathered(rest).detached() }
        guard let fewer = try source.drawing(from: inside) else { return source }
        if all.count == 2, all[1].count == n {
            let y = try all[1].gathered(kept).doubles
            let classes = Set(y)
            if classes.count > 1, classes.count <= y.count / 4,
                classes.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < 1e5 })
            {
                self.kept = try Dataset(x: try all[0].gathered(kept).detached(), y: y.map { Int($0) }, name: "rows")
            }
        }
        heldRows.append(HeldRows(source: fewer, tensors: try all.map { try $0.gathered(kept).detached() }))
        return fewer
    }

    /// Whole groups of rows, where these are to be held back.
    func wholeGroups(_ rows: Tensor, _ labels: [Double]?, _ stream: inout RandomStream) throws -> (
        kept: [Int], rest: [Int]
    )? {
        guard holdsGroups, let session else { return nil }
        return try RowGroups(rows, labels, session)?.cut(Replay.hashes(rows), &stream)
    }

    /// A fifth of the rows. Of prepared pairs a fifth of the items with all pairs that they are in: a row that stands on
    /// both sides of the cut would have been trained on.
    private static func heldRows(_ all: [Tensor], _ n: Int, _ stream: inout RandomStream) -> (kept: [Int], rest: [Int])
    {
        let items = all.filter { $0.rank > 1 && $0.shape == all[0].shape }
        if items.count >= 2,
            let hashed = try? items.map({
                try hashes(Dataset(x: $0.detached(), y: Array(repeating: 0, count: n), name: "rows"))
            })
        {
            let distinct = Array(Set(hashed.flatMap { $0 })).sorted()
            if distinct.count < items.count * n * 4 / 5 {
                var order = distinct
                stream.shuffle(&order)
                let held = Set(order.prefix(max(2, distinct.count * 3 / 10)))
                let kept = (0..<n).filter { r in hashed.allSatisfy { held.contains($0[r]) } }
                let rest = (0..<n).filter { r in hashed.allSatisfy { !held.contains($0[r]) } }
                return (kept, rest)
            }
        }
        var order = Array(0..<n)
        stream.shuffle(&order)
        let cut = n * 4 / 5
        return (order[cut...].sorted(), order[..<cut].sorted())
    }

    /// A source of held-out batches like the run's own; nil where nothing is held out for it.
    func heldSource(_ run: SiamRuntime.Run, _ session: Session) -> DataSource? {
        guard let thing = run.source as? SourceThing else { return nil }
        return heldSource(thing, session)
    }

    func heldSource(_ thing: SourceThing, _ session: Session) -> DataSource? {
        if let rows = heldRows.first(where: { $0.source === thing.source }) {
            return (try? thing.source.drawing(from: rows.tensors)) ?? nil
        }
        var data: Dataset?
        switch heldOut {
        case .named(let name, _):
            if case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name) { data = d.dataset }
        case .kept: data = kept
        case .own: data = thing.dataset?.dataset
        case .none: break
        }
        guard let data, thing.dataset != nil || thing.source.tensors?.count == 2 else { return nil }
        return (try? thing.source.drawing(from: data)) ?? nil
    }

    // MARK: Judging by the program's own body

    private func judge(_ trainer: Trainer) throws {
        let run = trainer.run
        guard let thing = run.source as? SourceThing else { return }
        let session = trainer.session
        // What a loop around the training calls held out has this value in its round alone.
        if isWhole { evidence.trainedBefore = shareTrainedBefore(run, heldData(run, session)) }
        if (evidence.facts?.rows ?? 0) <= 1 {
            // A batch of one row does not tell rows from columns, and a run that ended at once has shown none.
            var stream = RandomStream(seed: 0x0DDB)
            var some = try thing.source.twin().next(&stream)
            if let all = thing.source.tensors, let n = all.first?.shape[0], some.first?.shape[0] == 1 {
                some = try all.map { try $0.gathered(Array(0..<min(32, n))) }
            }
            let parts = some.map { Value.tensor($0.tracked()) }
            if let loss = try? trainer.rehearse(parts, training: true) {
                look(atStep: loss, parts, run.parameters.map(\.value))
            }
        }
        guard evidence.task != .unknown, evidence.task != .metric || judgesPairs else { return }
        let held = heldSource(run, session)
        let own = try outputs(trainer, from: thing.source.twin())
        let outside = try held.flatMap { try outputs(trainer, from: $0) }
        let first = try beforeTraining(run) {
            try outputs(trainer, from: heldSource(run, session) ?? thing.source.twin())
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
    static func neighbourGain(_ values: [Double], _ o: Outputs) -> Double? {
        let n = o.rows
        guard n >= 24, o.targetWidth <= 64, values.count % n == 0 else { return nil }
        let width = values.count / n
        guard width <= 4096 else { return nil }
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
            for (_, q) in near.prefix(5) {
                for c in 0..<o.targetWidth {
                    told.values[r * o.targetWidth + c] += o.targets[q * o.targetWidth + c] / 5
                }
            }
        }
        let isClasses = o.targets.allSatisfy { $0 == $0.rounded() }
        if isClasses, o.targetWidth > 1, !o.hasSeveralLabels || o.width == o.targetWidth {
            let score = TaskScore(told.asShares, .classification)
            return score.worth - score.constant
        }
        if isClasses, o.targetWidth == 1 {
            // The most frequent class among the five.
            var right = 0.0
            var counts: [Double: Double] = [:]
            for r in 0..<n { counts[o.targets[r], default: 0] += 1 }
            for r in 0..<n where abs(told.values[r] - o.targets[r]) < 0.5 { right += 1 }
            return right / Double(n) - (counts.values.max() ?? 0) / Double(n)
        }
        return TaskScore(told, .regression).worth
    }

    static func deviation(_ values: [Double]) -> Double {
        let finite = values.filter(\.isFinite)
        guard !finite.isEmpty else { return 0 }
        let mean = finite.reduce(0, +) / Double(finite.count)
        return (finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(finite.count)).squareRoot()
    }

    /// Of pairs: how near the two embeddings are, and whether they are of one class.
    func distances(_ graph: StepGraph, _ batch: [Tensor]) -> Outputs? {
        if graph.sides.count >= 3 { return distancesOfTriplets(graph, batch) }
        if graph.sides.count == 2, graph.mixesRows { return distancesOfViews(graph) }
        guard graph.sides.count == 2, let labels = labels(graph, batch) else { return nil }
        let (a, b) = (graph.vertices[graph.sides[0].end].tensor, graph.vertices[graph.sides[1].end].tensor)
        guard a.shape == b.shape, a.rank > 0, labels.count == a.shape[0], a.shape[0] > 0 else { return nil }
        let width = a.count / a.shape[0]
        let (x, y) = (a.doubles, b.doubles)
        var out = Outputs()
        for r in labels.indices {
            var square = 0.0
            for k in r * width..<(r + 1) * width { square += (x[k] - y[k]) * (x[k] - y[k]) }
            out.values.append(-square)
        }
        out.targets = labels
        return out
    }

    private func near(_ a: Tensor, _ b: Tensor, _ shift: Int = 0) -> [Double]? {
        guard a.shape == b.shape, a.rank > 0, let n = a.shape.dims.first, n > 1 else { return nil }
        let width = a.count / n
        let (x, y) = (a.doubles, b.doubles)
        return (0..<n).map { r in
            let other = (r + shift) % n
            var square = 0.0
            for k in 0..<width {
                square += (x[r * width + k] - y[other * width + k]) * (x[r * width + k] - y[other * width + k])
            }
            return -square
        }
    }
    /// An anchor and its positive against the anchor and its negative, by the classes that the data sets know.
    private func distancesOfTriplets(_ graph: StepGraph, _ batch: [Tensor]) -> Outputs? {
        let z = graph.sides.prefix(3).map { graph.vertices[$0.end].tensor }
        guard let p = near(z[0], z[1]), let q = near(z[0], z[2]) else { return nil }
        var out = Outputs()
        out.values = p + q
        out.targets = p.map { _ in 1 } + q.map { _ in 0 }
        if let known = trueClasses(graph, batch), known.count >= 3, known.allSatisfy({ $0.count == p.count }) {
            out.targets =
                zip(known[0], known[1]).map { $0 == $1 ? 1 : 0 } + zip(known[0], known[2]).map { $0 == $1 ? 1 : 0 }
        }
        return out
    }
    /// Two views of the same items, row by row, against views of neighbouring rows.
    private func distancesOfViews(_ graph: StepGraph) -> Outputs? {
        let (a, b) = (graph.vertices[graph.sides[0].end].tensor, graph.vertices[graph.sides[1].end].tensor)
        guard let own = near(a, b), let other = near(a, b, 1) else { return nil }
        var out = Outputs()
        out.values = own + other
        out.targets = own.map { _ in 1 } + other.map { _ in 0 }
        return out
    }

    /// Whether the loss has another number for each class, one and the same for all of its rows.
    private func isRenamed(_ known: [Int], _ used: [Int]) -> Bool {
        let pairs = Set(zip(known, used).map { [$0, $1] })
        let isOther = known != used && pairs.count == Set(known).count && pairs.count == Set(used).count
        if isOther { evidence.isRenamed = true }
        return isOther && judgesByUsed
    }

    /// If the data sets have classes for the rows, these count, even if the loss was given others.
    func classify(_ out: inout Outputs, _ graph: StepGraph, _ parts: [Tensor]) {
        guard out.width > 1, let known = trueClasses(graph, parts)?.first, known.count == out.rows,
            known.allSatisfy({ 0 <= $0 && $0 < out.width }), !isRenamed(known, TaskScore.wanted(out))
        else { return }
        out.classes = known
    }

    /// Rows among which nearest ones are looked for.
    private static let neighboursAmong = 320

    /// What the nearest rows and a plain network make of the rows that the program trains on.
    func compareWithPlain(_ inputs: [Double], _ o: Outputs) {
        let n = o.rows
        guard n > 0, inputs.count % n == 0 else { return }
        let few = min(n, Replay.neighboursAmong)
        evidence.neighbourGain = Replay.neighbourGain(Array(inputs.prefix(few * (inputs.count / n))), o.first(few))
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

    /// The program's outputs on batches of a source, in evaluation mode, some five hundred rows at most.
    private func outputs(_ trainer: Trainer, from source: DataSource) throws -> Outputs? {
        var found: Outputs?
        var inputs: [Double] = []
        var compared = Outputs()
        var stream = RandomStream(seed: 0x0DDB)
        var rows = 0
        for k in 0..<min(64, max(1, source.stepsPerEpoch)) where rows < 768 {
            var batch = try source.next(&stream).map { Value.tensor($0.tracked()) }
            // Of tensors as many rows at once as there are, where batches are small.
            if k == 0, let all = source.tensors, let n = all.first?.shape[0], case .tensor(let t)? = batch.first,
                t.shape[0] < 8, n > 8
            {
                batch = try all.map { .tensor(try $0.gathered(Array(0..<min(256, n))).tracked()) }
            }
            guard let loss = try? trainer.rehearse(batch) else { break }
            let parts = tensors(batch)
            guard
                let graph = StepGraph(
                    of: loss, parameters: trainer.run.parameters.map(\.value), batch: parts,
                    states: Replay.states(of: trainer.run))
            else { break }
            var (task, made) = graph.task(batch: parts)
            if evidence.task == .metric { (task, made) = (.metric, distances(graph, parts)) }
            guard var out = made, task == evidence.task || task == .classification || task == .regression else { break }
            // Class numbers as they are in the data, before any conversion by the loss.
            if evidence.task == .classification, let labels = parts.last, labels.count == out.rows, parts.count == 2,
                case let own = labels.doubles.map({ $0.isFinite && abs($0) < 1e9 ? Int($0) : -1 }),
                case let used = TaskScore.wanted(out), Set(own) == Set(used), !isRenamed(own, used)
            {
                out.classes = own
                evidence.relabelled = max(
                    evidence.relabelled, Double(zip(own, used).count { $0 != $1 }) / Double(out.rows))
            }
            if evidence.task == .classification { classify(&out, graph, parts) }
            if isWhole, evidence.neighbourGain == nil, let given = graph.whatTellsTheTarget(task) {
                inputs += given
                compared.append(out)
            }
            rows += out.rows
            if found == nil { found = out } else { found?.append(out) }
        }
        if !inputs.isEmpty { compareWithPlain(inputs, compared) }
        return found
    }
}
