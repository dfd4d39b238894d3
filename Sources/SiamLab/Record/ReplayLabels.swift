import SiamTensor

/// What the pairs and triplets of a step were labelled, against the classes of their rows.
extension Replay {
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
        if graph.sides.count >= 3 {
            noteUnknownNegatives(graph)
            return []
        }
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
    func noteLabels(_ graph: StepGraph, _ batch: [Tensor], _ truth: [Double]) {
        let n = truth.count
        // Flags that a comparison made have no record, and so do not come from the batch.
        let candidates = graph.targets.filter { graph.vertices[$0].tensor.count == n }
        // A cross-entropy has made columns of 0 and 1 of them.
        let columns =
            graph.sides.count == 1 ? graph.targets.compactMap { classes(ofColumns: graph.vertices[$0].tensor, n) } : []
        guard n >= (graph.sides.count == 1 ? 8 : 16),
            let used =
                ((candidates.filter { batch.isEmpty || graph.comesFromBatch($0) }
                + (graph.sides.count == 2 ? candidates : [])).map({ graph.vertices[$0].tensor.doubles }) + columns)
                .first(where: { $0.allSatisfy { $0.isFinite && $0 == $0.rounded() } }),
            // What two sides make together may be any number: a sum, a difference.
            graph.sides.count != 2 || Set(used).count <= 2
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
        if !columns.contains(used) || zip(truth, used).count(where: { $0 == $1 }) * 2 <= n {
            evidence.relabelled = max(evidence.relabelled, share)
        }
        // Most rows have their own numbers: then those that have others are not renamed. Some of the class numbers that a
        // cross-entropy is given are noise, which is told by itself.
        let kept = zip(truth, used).count { $0 == $1 }
        if graph.sides.count == 1, kept * 2 > n, !columns.contains(used), Set(used).isSubset(of: Set(truth)) {
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

    /// The column that is 1 in each row, where all others are 0.
    private func classes(ofColumns t: Tensor, _ n: Int) -> [Double]? {
        guard t.rank == 2, t.shape[0] == n, case let width = t.shape[1], width > 1, case let all = t.floats else {
            return nil
        }
        let found = (0..<n).compactMap { r -> Double? in
            let row = all[r * width..<(r + 1) * width]
            guard row.allSatisfy({ $0 == 0 || $0 == 1 }), row.reduce(0, +) == 1 else { return nil }
            return row.firstIndex(of: 1).map { Double($0 - r * width) }
        }
        return found.count == n ? found : nil
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
    func trueClasses(_ graph: StepGraph, _ batch: [Tensor]) -> [[Int]]? {
        guard let session = session else { return nil }
        var found: [[Int]] = []
        for side in graph.sides {
            let rows = graph.firstInput(side)
            guard rows.rank > 0, rows.shape[0] > 0 else { return nil }
            let width = rows.count / rows.shape[0]
            if known == nil || known?.width != width { known = (width, TrueClasses(session, width: width)) }
            // Of triplets alone: pairs and rows come with labels of their own.
            if known?.table.areGuessed == true, graph.sides.count < 3 { return nil }
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
    func noteSelf(_ graph: StepGraph, _ batch: [Tensor]) {
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

    /// What triplets are made of, over the steps that are looked at.
    func noteTriplets(_ classes: [[Int]]) {
        triplets += zip(zip(classes[0], classes[1]), classes[2]).map { ($0.0, $0.1, $1) }
        let n = Double(max(1, triplets.count))
        evidence.strangePositives = Double(triplets.count { $0.anchor != $0.positive }) / n
        evidence.falseNegatives = Double(triplets.count { $0.anchor == $0.negative }) / n
        // How often the negatives of two anchors of one class are of one class, too.
        var ofAnchor: [Int: [Int: Int]] = [:]
        for t in triplets where t.negative != t.anchor { ofAnchor[t.anchor, default: [:]][t.negative, default: 0] += 1 }
        func pairs(_ counts: [Int]) -> Int { counts.reduce(0) { $0 + $1 * ($1 - 1) } }
        let all = pairs(ofAnchor.values.map { $0.values.reduce(0, +) })
        guard all >= 40, case let kinds = Set(triplets.map(\.anchor)).count, kinds > 3 else { return }
        let alike = ofAnchor.values.reduce(0) { $0 + pairs(Array($1.values)) }
        evidence.negativesAlike = (Double(alike) / Double(all), kinds)
    }

    /// Negatives that no data set of the program has, beside anchors and positives that it knows.
    func noteUnknownNegatives(_ graph: StepGraph) {
        guard graph.sides.count == 3, let table = known?.table, !table.areGuessed else { return }
        let shares = graph.sides.map { table.share(of: graph.firstInput($0).detached()) }
        if shares[0] > 0.9, shares[1] > 0.9 { evidence.unknownNegatives = 1 - shares[2] }
    }
}
