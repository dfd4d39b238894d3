import SiamCompiler
import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// Weights and stages of the trained net, and of the one that the training began with.
extension Replay {
    /// The weights that the training began with.
    func lookAtWeights() {
        var scales: [Double] = []
        var sizes: [Double] = []
        for (path, p) in untrained.flatMap(\.parameters) where p.value.rank == 2 {
            // Units that begin alike, in whatever layer; of two inputs all units are much alike, if not equal.
            let isOneNumber = p.value.count > 2 && p.value.shape[1] > 1 && Set(p.value.floats).count == 1
            if p.value.shape[0] > 3 || isOneNumber, p.value.shape[1] > 1,
                case let alike = isOneNumber ? 1 : Embedding.unitCosine(p.value), alike > evidence.unitCosine
            {
                (evidence.unitCosine, evidence.alikeStage) = (alike, path)
            }
            guard path.hasSuffix("w") else { continue }
            let w = p.value
            let fans = Double(w.shape[0] + w.shape[1])
            let values = w.doubles
            let mean = values.reduce(0, +) / Double(max(1, values.count))
            let sd = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))).squareRoot()
            scales.append(sd / (2 / max(fans, 1)).squareRoot())
            // He's is the larger of the usual ones where a layer widens.
            sizes.append(sd / max((2 / max(fans, 1)).squareRoot(), (2 / Double(max(1, w.shape[0]))).squareRoot()))
        }
        evidence.weightScale = sizes.max() ?? 1
        evidence.smallestWeightScale = scales.min() ?? 1
    }

    /// Stages of the trained net, and of the one that the training began with.
    func lookInside(_ encoder: Value, _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator, _ z: Tensor) throws {
        let i = judge.interpreter
        let outer = (i.observer, Recording.isOn)
        Recording.isOn = false
        defer { (i.observer, Recording.isOn) = outer }
        var last = ""
        var found: [(String, Double)] = []
        var lastKind = ""
        i.observer = StageObserver { path, layer, _, output in
            if case .pipeline = layer.form {} else { lastKind = layer.kind }
            guard case .tensor(let y) = output, y.rank == 2, layer.kind == "relu" || layer.kind == "leaky_relu" else {
                return
            }
            let (n, width) = (y.shape[0], y.shape[1])
            let values = y.floats
            let dead = (0..<width).count { c in (0..<n).allSatisfy { values[$0 * width + c] == 0 } }
            last = path.last ?? layer.kind
            found.append((last, Double(dead) / Double(max(1, width))))
        }
        _ = try? judge.call(encoder)
        if lastKind == "relu", !found.isEmpty { found.removeLast() }
        if let worst = found.max(by: { $0.1 < $1.1 }) { (evidence.deadStage, evidence.deadUnits) = worst }
        var saturated = 0.0
        var isFirst = true
        i.observer = StageObserver { path, layer, inputs, output in
            // A layer of the program's own may end in relu inside.
            let isOwn = !layer.parameters.isEmpty && Prelude.definition(layer.kind) == nil
            if layer.kind == "relu" || isOwn, case .tensor(let y) = output, y.rank == 2, y.shape[0] > 1 {
                let values = y.floats
                let (n, width) = (y.shape[0], y.shape[1])
                let dead = (0..<width).count { c in (0..<n).allSatisfy { values[$0 * width + c] == 0 } }
                let share = Double(dead) / Double(max(1, width))
                if share > self.evidence.deadAtStart.share {
                    self.evidence.deadAtStart = (path.last ?? layer.kind, share)
                }
            }
            if isFirst, layer.kind == "dense" || layer.kind == "conv", case .tensor(let x)? = inputs.first {
                isFirst = false
                self.lookAtInputs(x)
            }
            guard case .tensor(let y) = output, layer.kind == "tanh" || layer.kind == "sigmoid" else { return }
            let values = y.floats
            let low: Float = layer.kind == "tanh" ? -0.99 : 0.01
            saturated = max(saturated, Double(values.count { $0 > 0.99 || $0 < low }) / Double(max(1, values.count)))
        }
        _ = try? beforeTraining(run) { try judge.call(encoder) }
        evidence.saturated = saturated
        i.observer = nil
        try inTrainingMode(run, judge.interpreter.session) {
            guard let t = try? judge.embed(encoder, training: true), t.count == z.count else { return }
            let gap = try Operators.subtract(try t.reshaped(to: z.shape), z)
            evidence.modeGap = Replay.norm(gap) / max(Replay.norm(z), 1e-12)
        }
    }

    /// Whether states of layers, which a forward pass in training mode brings up to date, are all as they were.
    func haveIdleStates(_ run: SiamRuntime.Run) -> Bool {
        var isAny = false
        for (net, first) in zip(run.nets, untrained) {
            for (now, then) in zip(net.keepStates().joined(), first.keepStates().joined()) {
                guard case .tensor(let a) = now, case .tensor(let b) = then else { continue }
                isAny = true
                if a.shape != b.shape || a.floats != b.floats { return false }
            }
        }
        return isAny
    }

    /// Runs `body` with the nets as they were before the first step.
    func beforeTraining<R>(_ run: SiamRuntime.Run, _ body: () throws -> R) rethrows -> R {
        var values: [(SiamLearning.Parameter, Tensor)] = []
        var states: [(Layer, [[Value]])] = []
        for (net, first) in zip(run.nets, untrained) {
            states.append((net, net.keepStates()))
            net.restoreStates(first.keepStates())
            for ((_, p), (_, p0)) in zip(net.parameters, first.parameters) {
                values.append((p, p.snapshot()))
                p.restore(p0.value.detached())
            }
        }
        defer {
            // The other way round: one net may stand twice in a run.
            for (p, value) in values.reversed() { p.restore(value) }
            for (net, kept) in states.reversed() { net.restoreStates(kept) }
        }
        return try body()
    }

    /// Runs `body` as a training step would, and leaves no trace.
    func inTrainingMode<R>(_ run: SiamRuntime.Run, _ session: Session, _ body: () throws -> R) rethrows -> R {
        let states = run.nets.map { ($0, $0.keepStates()) }
        let stream = session.stream
        defer {
            for (net, kept) in states { net.restoreStates(kept) }
            session.stream = stream
        }
        return try body()
    }
}
