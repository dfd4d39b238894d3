import SiamGradient
import SiamInterpreter
import SiamLearning
import SiamTensor

/// What the layers and parameters of a run are called, worked out once and used for every step that is measured.
final class SamplingPlan {
    let paths: [ObjectIdentifier: (path: String, kind: String)]
    /// The layers whose outputs are the embeddings: the nets, or the towers inside them.
    let encoders: Set<ObjectIdentifier>
    /// Parameters are made at the first pass, so they are looked up when they are there.
    private(set) lazy var weightPaths: [ObjectIdentifier: String] = Dictionary(
        run.parameterPaths.map { (ObjectIdentifier($0.parameter), $0.path) }, uniquingKeysWith: { a, _ in a })
    private unowned let run: Run

    init(_ run: Run) {
        self.run = run
        var paths: [ObjectIdentifier: (path: String, kind: String)] = [:]
        var encoders = Set<ObjectIdentifier>()
        for (net, name) in zip(run.nets, run.netNames) {
            let prefix = run.nets.count > 1 ? name + "." : ""
            func visit(_ layer: Layer, _ path: String) {
                for (part, child) in layer.children where paths[ObjectIdentifier(child)] == nil {
                    paths[ObjectIdentifier(child)] = (path + part, child.kind)
                    visit(child, path + part + ".")
                }
            }
            visit(net, prefix)
            if net.children.isEmpty, paths[ObjectIdentifier(net)] == nil {
                paths[ObjectIdentifier(net)] = (prefix + net.kind, net.kind)
            }
            encoders.insert(ObjectIdentifier(net.encoder))
        }
        (self.paths, self.encoders) = (paths, encoders)
    }
}

/// Measures one step of a run while it is computed: it is called for every layer that is applied, for the gradients and
/// for the update.
final class StepSampler: StageSampler {
    private let plan: SamplingPlan
    private var meters: [StageMeter] = []
    private var places: [ObjectIdentifier: Int] = [:]
    private var embeddings: [Tensor] = []
    private var before: [(parameter: SiamLearning.Parameter, value: Tensor, gradient: Float?)] = []
    private let batch: [Value]

    init(_ plan: SamplingPlan, _ batch: [Value]) {
        self.plan = plan
        self.batch = batch
    }

    /// A layer has been applied.
    func note(_ layer: Layer, _ output: Value) {
        guard case .tensor(let t) = output else { return }
        let id = ObjectIdentifier(layer)
        if plan.encoders.contains(id), t.rank == 2, embeddings.count < 3 { embeddings.append(t.detached()) }
        guard let (path, kind) = plan.paths[id] else { return }
        let place = places[id] ?? meters.count
        if place == meters.count {
            places[id] = place
            meters.append(StageMeter(path: path, kind: kind))
        }
        meters[place].add(t)
    }

    /// Before the update: holds the parameters as they are.
    func willUpdate(_ all: [SiamLearning.Parameter], _ active: [SiamLearning.Parameter], _ gradients: [Tensor?]) {
        var found: [ObjectIdentifier: Tensor] = [:]
        for (p, g) in zip(active, gradients) { if let g { found[ObjectIdentifier(p)] = g } }
        before = all.map { p in
            (
                p, p.value.detached(),
                found[ObjectIdentifier(p)].map { Float(Kernel.sumOfSquares($0).squareRoot()) }
            )
        }
    }

    /// Behind the update.
    func sample(step: Int, loss: Double) -> RunRecord.Sample {
        let weights = before.map { p, old, gradient in
            let (norm, change) = Lengths.of(old, movedTo: p.value)
            return RunRecord.Weight(
                path: plan.weightPaths[ObjectIdentifier(p)] ?? p.name, isMatrix: old.rank >= 2, norm: Float(norm),
                gradient: gradient, update: Float(change))
        }
        var whole = StageMeter(path: "", kind: "")
        for z in embeddings { whole.add(z) }
        return RunRecord.Sample(
            step: step, loss: Float(loss), batch: BatchFigures.measure(batch), stages: meters.map(\.figures),
            weights: weights, spread: embeddings.isEmpty ? nil : whole.figures.spread,
            width: embeddings.first?.shape[1], pairs: BatchFigures.pairs(embeddings, batch))
    }
}

/// What a batch says of itself and of the distances between its embeddings.
enum BatchFigures {
    /// Rows of a batch of classes whose pairs are looked at, all with all.
    private static let mostRows = 64

    static func measure(_ batch: [Value]) -> RunRecord.Batch? {
        guard case .tensor(let a)? = batch.first, a.rank > 0, a.shape[0] > 0,
            let table = try? Shape([a.shape[0], a.count / a.shape[0]]), let flat = try? a.detached().reshaped(to: table)
        else { return nil }
        var meter = StageMeter(path: "", kind: "")
        meter.add(flat)
        let figures = meter.figures
        var found = RunRecord.Batch(
            rows: a.shape[0], mean: figures.mean, sd: figures.sd, unused: figures.dead, same: nil, identical: nil)
        if let flags = flags(batch), case .tensor(let b) = batch[1], b.shape == a.shape, !flags.isEmpty {
            let ones = flags.count { $0 }
            found.same = Float(ones) / Float(flags.count)
            let width = a.count / flags.count
            let twins = a.withFloats { x in
                b.withFloats { y in
                    guard x.count == a.count, y.count == a.count else { return 0 }
                    return flags.indices.count { r in
                        flags[r] && x[r * width..<(r + 1) * width].elementsEqual(y[r * width..<(r + 1) * width])
                    }
                }
            }
            found.identical = ones > 0 ? Float(twins) / Float(ones) : 0
        }
        return found
    }

    /// Whether each pair of a batch of pairs is positive; nil for other batches.
    static func flags(_ batch: [Value]) -> [Bool]? {
        guard batch.count == 3, case .tensor(let a) = batch[0], case .tensor(let s) = batch[2], a.rank > 0,
            s.count == a.shape[0], s.rank == 1, a.rank > 1 || a.count != s.count
        else { return nil }
        let values = s.doubles
        return values.allSatisfy { $0 == 0 || $0 == 1 } ? values.map { $0 == 1 } : nil
    }

    static func pairs(_ z: [Tensor], _ batch: [Value]) -> RunRecord.Pairs? {
        guard let first = z.first, first.shape[0] > 0, first.shape[1] > 0 else { return nil }
        var tally = Tally()
        if let flags = flags(batch) {
            guard z.count >= 2, z[1].shape == first.shape, flags.count == first.shape[0] else { return nil }
            for (r, same) in flags.enumerated() { tally.add(distance(first, r, z[1], r), same) }
        } else if z.count >= 3, z[1].shape == first.shape, z[2].shape == first.shape {
            for r in 0..<first.shape[0] {
                tally.add(distance(first, r, z[1], r), true)
                tally.add(distance(first, r, z[2], r), false)
            }
        } else if batch.count == 2, z.count == 1, case .tensor(let y) = batch[1], y.count == first.shape[0] {
            let classes = y.doubles
            let rows = min(first.shape[0], mostRows)
            for r in 0..<rows { for q in 0..<r { tally.add(distance(first, r, first, q), classes[r] == classes[q]) } }
        } else {
            return nil
        }
        return tally.pairs
    }

    private struct Tally {
        var (same, different, farthest) = (0.0, 0.0, 0.0)
        var (sames, differents) = (0, 0)
        mutating func add(_ d: Double, _ isSame: Bool) {
            if isSame {
                same += d
                sames += 1
            } else {
                different += d
                differents += 1
                farthest = max(farthest, d)
            }
        }
        var pairs: RunRecord.Pairs {
            RunRecord.Pairs(
                same: sames > 0 ? Float(same / Double(sames)) : nil,
                different: differents > 0 ? Float(different / Double(differents)) : nil, farthest: Float(farthest))
        }
    }

    private static func distance(_ a: Tensor, _ r: Int, _ b: Tensor, _ q: Int) -> Double {
        let width = a.shape[1]
        return a.withFloats { x in
            b.withFloats { y in
                guard x.count >= (r + 1) * width, y.count >= (q + 1) * width else { return 0 }
                guard let x = x.baseAddress, let y = y.baseAddress else { return 0 }
                let (p, o) = (x + r * width, y + q * width)
                var eight = SIMD8<Float>.zero
                var c = 0
                while c + 8 <= width {
                    let e =
                        UnsafeRawPointer(p + c).loadUnaligned(as: SIMD8<Float>.self)
                        - UnsafeRawPointer(o + c).loadUnaligned(as: SIMD8<Float>.self)
                    eight += e * e
                    c += 8
                }
                var sum = eight.sum()
                while c < width {
                    let e = p[c] - o[c]
                    sum += e * e
                    c += 1
                }
                return Double(sum).squareRoot()
            }
        }
    }
}
