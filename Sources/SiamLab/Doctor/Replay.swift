import SiamData
import SiamGradient
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// Where held-out items come from.
enum HeldOut {
    /// A data set of the program by its name.
    /// Whether items that it shares with the training data are a fault: not of the whole that training data was taken from.
    case named(String, countsOverlap: Bool)
    /// A part that the doctor keeps from the run's source.
    case kept
    case none
}

/// One run of a program, from its start, in a world of its own.
final class Replay: @unchecked Sendable {
    let chart: Chart
    let steps: Int
    let seedShift: UInt64
    let heldOut: HeldOut
    /// Which `train` of which text it is about.
    private let place: (document: Int, index: Int)
    /// The data set that the doctor kept back from the source.
    private var kept: Dataset?
    private let parent: Session
    private var session: Session?
    private(set) var evidence = Evidence()
    private var untrained: [Layer] = []
    private var before: [(SiamLearning.Parameter, Tensor)] = []
    private var moved = Set<ObjectIdentifier>()
    private var gradientSeen = Set<ObjectIdentifier>()
    private var probe: Tensor?
    private var same = (total: 0, ones: 0, identical: 0)
    /// Whether all statistics are wanted, or the scores alone.
    private let isWhole: Bool

    init(
        _ chart: Chart, _ place: (document: Int, index: Int), _ parent: Session, steps: Int, seedShift: UInt64,
        heldOut: HeldOut, isWhole: Bool
    ) {
        self.chart = chart
        self.place = place
        self.parent = parent
        self.steps = steps
        self.seedShift = seedShift
        self.heldOut = heldOut
        self.isWhole = isWhole
    }

    /// Statements that only show or check something, and draw nothing.
    private static let shown: Set<String> = [
        "plot", "hist", "heat", "scatter", "image", "show", "save", "report", "summary", "trace", "step", "inspect",
        "explain", "diagnose", "bars", "source", "print", "check_grad",
    ]
    private static let drawing: Set<String> = [
        "rand", "randn", "sample", "split", "split_classes", "next", "permutation", "choice", "seed", "keep_mask",
    ]

    /// A text without the statements that only show or check something.
    static func pruned(_ source: Source) -> (source: Source, statements: [Statement]) {
        var bytes = source.bytes
        var left: [Statement] = []
        for statement in Parser.parse(source).program.statements {
            guard isLeftOut(statement) else {
                left.append(statement)
                continue
            }
            // Blanks keep all places where they were.
            for k in statement.span.start..<min(statement.span.end, bytes.count) where bytes[k] != 10 { bytes[k] = 32 }
        }
        return (Source(name: source.name, kind: source.kind, text: String(decoding: bytes, as: UTF8.self)), left)
    }

    static func isLeftOut(_ statement: Statement) -> Bool {
        var draws = false
        statement.walk { e in
            switch e.kind {
            case .name(let n) where drawing.contains(n): draws = true
            case .field(_, let n) where drawing.contains(n.text): draws = true
            case .train, .sweep: draws = true
            default: break
            }
        }
        if draws { return false }
        switch statement.kind {
        case .expect, .expectError: return true
        case .expression(let e):
            if case .call(let f, _, _) = e.kind, case .name(let n) = f.kind { return shown.contains(n) }
            return false
        default: return false
        }
    }

    /// Runs to the end of the followed run; nil where the program did not come to it.
    func run() throws -> Evidence? {
        let session = Session(
            output: Silence(), seed: parent.firstSeed &+ seedShift, builtins: parent.builtins + hidden)
        self.session = session
        if let args = parent.globals.valueIfReady("args") { try session.globals.assign("args", args) }
        var plan = Interventions(run: chart.run, steps: steps, seedShift: seedShift)
        for d in chart.documents { if let path = d.importedAs { plan.texts[path] = d.source.text } }
        plan.willUpdate = { [unowned self] run, i, parameters, gradients in
            try willUpdate(run, i, parameters, gradients)
        }
        plan.didUpdate = { [unowned self] run, i in try didUpdate(run, i) }
        plan.batch = { [unowned self] run, batch in look(at: batch, run) }
        session.interventions = plan
        let started = Clock.now()
        do {
            for document in chart.documents where document.importedAs == nil {
                let (program, errors) = Parser.parse(document.source)
                if let first = errors.first(where: { $0.severity == .error }) { throw first }
                for statement in program.statements where !Replay.isLeftOut(statement) {
                    try session.run(statement, of: document.source)
                }
            }
        } catch let end as ReplayEnded {
            evidence.stepSeconds = (Clock.now() - started) / Double(max(1, end.run.steps))
            try measure(end.run, session)
            return evidence
        }
        return nil
    }

    /// What the doctor puts into texts of replays, and no user sees.
    private var hidden: [Builtin] {
        [
            Builtin("__held", "d", family: "hidden", "All but a fifth of a data set.") { [unowned self] _, a in
                let d = try a.thing(0, DatasetThing.self, "a data set").dataset
                var stream = RandomStream(seed: 0xD0C7 &+ seedShift)
                let (rest, part) = try SiamData.split(d, 0.8, &stream)
                kept = part
                return .thing(DatasetThing(rest))
            },
            Builtin("__relabel", "d", family: "hidden", "Each example with the class of most of its five nearest.") {
                _, a in
                let d = try a.thing(0, DatasetThing.self, "a data set").dataset
                let y = try Replay.neighbours(d)
                return .thing(
                    DatasetThing(
                        try Dataset(x: d.x, y: y, names: d.names, name: d.name, provenance: d.provenance)))
            },
            Builtin("__shuffle", "d", family: "hidden", "The same examples under shuffled classes.") {
                [unowned self] _, a in
                let d = try a.thing(0, DatasetThing.self, "a data set").dataset
                var stream = RandomStream(seed: 0x5EED &+ seedShift)
                var y = d.y
                stream.shuffle(&y)
                return .thing(DatasetThing(try Dataset(x: d.x, y: y, names: d.names, name: d.name)))
            },
        ]
    }

    /// The class of most of the five nearest others, by the raw inputs; its own where it is among the leaders.
    static func neighbours(_ d: Dataset) throws -> [Int] {
        let n = d.count
        guard n > 6 else { return d.y }
        let flat = try d.x.reshaped(to: try Shape([n, d.x.count / n]))
        var out = d.y
        let rows = max(1, min(256, 2_000_000 / n))
        var at = 0
        while at < n {
            try Interrupt.poll()
            let end = min(n, at + rows)
            let all = try Operators.pairwiseSquared(flat.rows(at..<end), flat)
            all.withFloats { distances in
                for q in at..<end {
                    var nearest: [(Float, Int)] = []
                    for j in 0..<n where j != q {
                        let x = distances[(q - at) * n + j]
                        if nearest.count < 5 || x < nearest[nearest.count - 1].0 {
                            nearest.append((x, d.y[j]))
                            nearest.sort { $0.0 < $1.0 }
                            if nearest.count > 5 { nearest.removeLast() }
                        }
                    }
                    var votes: [Int: Int] = [:]
                    for (_, c) in nearest { votes[c, default: 0] += 1 }
                    let most = votes.values.max() ?? 0
                    if most >= 3, votes[d.y[q]] != most {
                        out[q] = votes.filter { $0.value == most }.keys.min() ?? d.y[q]
                    }
                }
            }
            at = end
        }
        return out
    }

    // MARK: While it runs

    private func look(at batch: [Value], _ run: SiamRuntime.Run) {
        guard run.steps < 40, case .tensor(let a)? = batch.first, a.rank > 0 else { return }
        evidence.batch = a.shape[0]
        guard run.steps % 4 == 0 else { return }
        if run.steps == 0 {
            lookAtInputs(a)
            probe = a.detached()
        }
        guard batch.count == 3, case .tensor(let b) = batch[1], case .tensor(let s) = batch[2], s.count == a.shape[0],
            b.shape == a.shape, s.doubles.allSatisfy({ $0 == 0 || $0 == 1 })
        else { return }
        let (x, y, flags) = (a.floats, b.floats, s.doubles)
        let width = a.count / max(1, flags.count)
        for (r, flag) in flags.enumerated() {
            same.total += 1
            guard flag == 1 else { continue }
            same.ones += 1
            if x[r * width..<(r + 1) * width] == y[r * width..<(r + 1) * width] { same.identical += 1 }
        }
    }

    /// Scale of what the first layer with weights is given.
    private func lookAtInputs(_ x: Tensor) {
        let values = x.floats
        let n = Double(max(1, values.count))
        let mean = values.reduce(0.0) { $0 + Double($1) } / n
        let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / n
        evidence.inputScale = square.squareRoot()
        evidence.inputOffset = abs(mean) / max(max(square - mean * mean, 0).squareRoot(), 1e-12)
    }

    private func isSampled(_ step: Int) -> Bool { step < 20 || step % 25 == 0 }

    private func willUpdate(
        _ run: SiamRuntime.Run, _ i: Interpreter, _ parameters: [SiamLearning.Parameter], _ gradients: [Tensor?]
    ) throws {
        if run.steps == 0 { untrained = run.nets.map { $0.copied() } }
        guard isWhole, isSampled(run.steps) else { return }
        let outer = Recording.isOn
        Recording.isOn = false
        defer { Recording.isOn = outer }
        before = run.parameters.map { ($0, $0.value.detached()) }
        let decay = run.optimizer.optimizer["decay"] ?? 0
        var data = 0.0
        var pull = 0.0
        for (p, g) in zip(parameters, gradients) {
            guard let g else { continue }
            let size = Replay.norm(g)
            if size > 0 { gradientSeen.insert(ObjectIdentifier(p)) }
            data += size * size
            let w = decay * Replay.norm(p.value)
            pull += w * w
        }
        if data > 0 { evidence.decayShares.append((pull / data).squareRoot()) }
    }

    private func didUpdate(_ run: SiamRuntime.Run, _ i: Interpreter) throws {
        guard isWhole else { return }
        let step = run.steps - 1
        guard isSampled(step) else { return }
        let outer = Recording.isOn
        Recording.isOn = false
        defer { Recording.isOn = outer }
        var most = 0.0
        for (p, old) in before {
            let change = Replay.norm(try Operators.subtract(p.value.detached(), old))
            if change > 0 { moved.insert(ObjectIdentifier(p)) }
            let size = Replay.norm(old)
            if old.rank >= 2, size > 0 { most = max(most, change / size) }
        }
        before = []
        evidence.updates.append((step, most))
        if step < 20 ? [0, 1, 3, 7, 12, 19].contains(step) : step % 25 == 0, let probe {
            if let z = try? Builtins.embeddings(i, .layer(run.nets[0]), .tensor(probe)) {
                evidence.spreads.append((step + 1, Embedding.spread(z)))
            }
        }
    }

    static func norm(_ t: Tensor) -> Double {
        Kernel.sumOfSquares(t).squareRoot()
    }

    // MARK: Behind it

    /// Rows of the source's data set, by content.
    static func hashes(_ d: Dataset) -> [UInt64] {
        let width = d.x.count / max(1, d.count)
        return d.x.withFloats { all in
            (0..<d.count).map { r in
                var h: UInt64 = 0xCBF2_9CE4_8422_2325
                for k in r * width..<(r + 1) * width { h = (h ^ UInt64(all[k].bitPattern)) &* 0x100_0000_01B3 }
                return h
            }
        }
    }

    private func measure(_ run: SiamRuntime.Run, _ session: Session) throws {
        evidence.loss = run.loss.values
        evidence.stopped = run.stopped
        evidence.steps = run.steps
        if same.total > 0 {
            evidence.sameShare = Double(same.ones) / Double(same.total)
            evidence.selfShare = Double(same.identical) / Double(max(1, same.ones))
        }
        evidence.parameters = run.parameters.count
        if let active = run.reports.first(where: { $0.name == "active" })?.series {
            let shares = zip(active.steps, active.values).map { (step: $0, share: Double($1)) }
            let early = shares.filter { $0.step <= 20 }.map(\.share)
            let late = shares.suffix(max(1, shares.count / 10)).map(\.share)
            if !early.isEmpty { evidence.firstActive = early.reduce(0, +) / Double(early.count) }
            if !late.isEmpty { evidence.lastActive = late.reduce(0, +) / Double(late.count) }
        }
        if isWhole, run.steps > 0 {
            for (path, p) in run.nets.flatMap(\.parameters) where !moved.contains(ObjectIdentifier(p)) {
                evidence.untouched.append(path)
                if !gradientSeen.contains(ObjectIdentifier(p)) { evidence.withoutGradient.append(path) }
            }
        }
        let source = (run.source as? SourceThing)?.dataset?.dataset
        var held: Dataset?
        switch heldOut {
        case .named(let name, _):
            if case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name) { held = d.dataset }
        case .kept: held = kept
        case .none: held = nil
        }
        guard var held, let net = run.nets.first, !untrained.isEmpty else { return }
        if let source {
            let known = Set(Replay.hashes(source))
            let isKnown = Replay.hashes(held).map(known.contains)
            if case .named(_, true) = heldOut {
                evidence.leak = Double(isKnown.count { $0 }) / Double(max(1, isKnown.count))
            }
            held = try held.subset(isKnown.indices.filter { !isKnown[$0] })
        }
        guard held.count >= 20 else { return }
        var stream = RandomStream(seed: 0x1D0C)
        let sample = held.count > 500 ? try held.sample(500, &stream) : held
        let wiring = Wiring(chart, document: place.document, index: place.index)
        let judge = Judge(session.interpreter, sample, isCosine: wiring?.isCosine ?? false)
        let encoder = workingEncoder(wiring, session, run, judge) ?? .layer(net)
        evidence.items = sample.count
        evidence.classes = sample.classes.count
        let z0 = try beforeTraining(run) { try judge.embed(encoder) }
        let z = try judge.embed(encoder)
        evidence.width = z.shape[1]
        evidence.score = try judge.score(z)
        evidence.firstSpread = Embedding.spread(z0)
        evidence.spread = Embedding.spread(z)
        evidence.rank = try Spectrum.effectiveRank(z)
        (evidence.positiveDistance, evidence.negativeDistance) = try judge.distances(z)
        evidence.untrained = try judge.score(z0)
        evidence.firstDistance = try judge.distances(z0).negative
        guard isWhole else { return }
        evidence.raw = try judge.score(
            try judge.compared(try sample.x.reshaped(to: try Shape([sample.count, sample.x.count / sample.count]))))
        if judge.isCosine {
            evidence.otherAuc = try Judge(session.interpreter, sample).score(judge.plain(encoder)).auc
        }
        evidence.trainingScore = try inTrainingMode(run, session) {
            try judge.score(try judge.embed(encoder, training: true))
        }
        evidence.firstRank = try Spectrum.effectiveRank(z0)
        if let source {
            let own = source.count > 500 ? try source.sample(500, &stream) : source
            let mine = Judge(session.interpreter, own, isCosine: judge.isCosine)
            evidence.areClassesNew = Set(own.classes).isDisjoint(with: sample.classes)
            if own.classes.count > 1, own.count >= 20 {
                evidence.own = try mine.score(try mine.embed(encoder))
                evidence.untrainedOwn = try beforeTraining(run) { try mine.score(try mine.embed(encoder)) }
                let near = try Replay.neighbours(own)
                evidence.strangeLabels = Double(zip(near, own.y).count { $0 != $1 }) / Double(own.count)
            }
        }
        if run.nets.count > 1 {
            let other = try judge.embed(.layer(run.nets[1]))
            if other.shape == z.shape {
                let gap = try Operators.subtract(z, other).doubles
                let width = max(1, z.shape[1])
                var sum = 0.0
                for r in 0..<z.shape[0] {
                    sum += (0..<width).reduce(0.0) { $0 + gap[r * width + $1] * gap[r * width + $1] }.squareRoot()
                }
                evidence.towerGap = sum / Double(max(1, z.shape[0])) / max(evidence.negativeDistance, 1e-12)
            }
        }
        try lookInside(net, untrained[0], judge, z)
    }

    /// The program's own way from an example to its embedding, where it can be called here.
    private func workingEncoder(_ wiring: Wiring?, _ session: Session, _ run: SiamRuntime.Run, _ judge: Judge) -> Value?
    {
        guard let wiring, let encoder = Encoder(wiring).value(session, run), let probe = try? judge.data.x.rows(0..<2),
            let z = try? Builtins.embeddings(session.interpreter, encoder, .tensor(probe)), z.rank == 2, z.shape[1] > 0
        else { return nil }
        return encoder
    }

    /// Runs `body` with the nets as they were before the first step.
    private func beforeTraining<R>(_ run: SiamRuntime.Run, _ body: () throws -> R) rethrows -> R {
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
    private func inTrainingMode<R>(_ run: SiamRuntime.Run, _ session: Session, _ body: () throws -> R) rethrows -> R {
        let states = run.nets.map { ($0, $0.keepStates()) }
        let stream = session.stream
        defer {
            for (net, kept) in states { net.restoreStates(kept) }
            session.stream = stream
        }
        return try body()
    }

    /// Stages of the trained net and weights of the untrained one.
    private func lookInside(_ net: Layer, _ first: Layer, _ judge: Judge, _ z: Tensor) throws {
        var scales: [Double] = []
        for (path, p) in first.parameters where p.value.rank == 2 && path.hasSuffix("w") {
            let w = p.value
            let fans = Double(w.shape[0] + w.shape[1])
            let values = w.doubles
            let mean = values.reduce(0, +) / Double(max(1, values.count))
            let sd = (values.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(max(1, values.count))).squareRoot()
            scales.append(sd / (2 / max(fans, 1)).squareRoot())
            if scales.count == 1 { evidence.unitCosine = Embedding.unitCosine(w) }
        }
        evidence.weightScale = scales.max() ?? 1
        evidence.smallestWeightScale = scales.min() ?? 1
        let i = judge.interpreter
        let outer = (i.observer, Recording.isOn)
        Recording.isOn = false
        defer { (i.observer, Recording.isOn) = outer }
        var last = ""
        var found: [(String, Double)] = []
        i.observer = StageObserver { path, layer, _, output in
            guard case .tensor(let y) = output, y.rank == 2, layer.kind == "relu" || layer.kind == "leaky_relu" else {
                return
            }
            let (n, width) = (y.shape[0], y.shape[1])
            let values = y.floats
            let dead = (0..<width).count { c in (0..<n).allSatisfy { values[$0 * width + c] == 0 } }
            last = path.last ?? layer.kind
            found.append((last, Double(dead) / Double(max(1, width))))
        }
        let encoder = Judge.encoder(net)
        _ = try? i.apply(encoder, .tensor(judge.data.x))
        if case .pipeline(let stages) = encoder.form, stages.last?.layer.kind == "relu", !found.isEmpty {
            found.removeLast()
        }
        if let worst = found.max(by: { $0.1 < $1.1 }) { (evidence.deadStage, evidence.deadUnits) = worst }
        var saturated = 0.0
        var isFirst = true
        i.observer = StageObserver { _, layer, inputs, output in
            if isFirst, layer.kind == "dense" || layer.kind == "conv", case .tensor(let x)? = inputs.first {
                isFirst = false
                self.lookAtInputs(x)
            }
            guard case .tensor(let y) = output, layer.kind == "tanh" || layer.kind == "sigmoid" else { return }
            let values = y.floats
            let low: Float = layer.kind == "tanh" ? -0.99 : 0.01
            saturated = max(saturated, Double(values.count { $0 > 0.99 || $0 < low }) / Double(max(1, values.count)))
        }
        _ = try? i.apply(Judge.encoder(first), .tensor(judge.data.x))
        evidence.saturated = saturated
        i.observer = nil
        let states = net.keepStates()
        let stream = i.session.stream
        let mode = i.isTraining
        i.isTraining = true
        if case .tensor(let t)? = try? i.apply(encoder, .tensor(judge.data.x)), t.count == z.count {
            let gap = try Operators.subtract(try t.reshaped(to: z.shape), z)
            evidence.modeGap = Replay.norm(gap) / max(Replay.norm(z), 1e-12)
        }
        i.isTraining = mode
        net.restoreStates(states)
        i.session.stream = stream
    }
}
