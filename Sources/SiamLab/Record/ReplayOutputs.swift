import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Outputs and targets as the program's own body makes them, in the form that a task is judged by.
extension Replay {
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

    func near(_ a: Tensor, _ b: Tensor, _ shift: Int = 0) -> [Double]? {
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
    func distancesOfTriplets(_ graph: StepGraph, _ batch: [Tensor]) -> Outputs? {
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
    func distancesOfViews(_ graph: StepGraph) -> Outputs? {
        let (a, b) = (graph.vertices[graph.sides[0].end].tensor, graph.vertices[graph.sides[1].end].tensor)
        guard let own = near(a, b), let other = near(a, b, 1) else { return nil }
        var out = Outputs()
        out.values = own + other
        out.targets = own.map { _ in 1 } + other.map { _ in 0 }
        return out
    }

    /// Whether the loss has another number for each class, one and the same for all of its rows.
    func isRenamed(_ known: [Int], _ used: [Int]) -> Bool {
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

    /// The program's outputs on batches of a source, in evaluation mode, some five hundred rows at most.
    func outputs(_ trainer: Trainer, from source: DataSource) throws -> Outputs? {
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
