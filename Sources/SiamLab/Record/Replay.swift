import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamMeasures
import SiamRuntime
import SiamTensor

/// Where held-out items come from.
enum HeldOut {
    /// A data set of the program by its name.
    /// Whether items that it shares with the training data are a fault: not of the whole that training data was taken from.
    case named(String, countsOverlap: Bool)
    /// A part that the doctor keeps from the run's source.
    case kept
    /// The run's own data, where nothing else is to be had.
    case own
    case none
}

/// One run of a program from its start, in a session of its own.
final class Replay: @unchecked Sendable {
    let chart: ProgramText
    let steps: Int
    let seedShift: UInt64
    var heldOut: HeldOut
    /// Of a hand-written loop; else the wiring is that of the followed `train`.
    var loop: TrainingModel?
    /// Which `train` of which text it is about; index -1 of a hand-written loop.
    let place: (document: Int, index: Int)
    /// The wiring of the program as it was written.
    var own: TrainingModel?
    /// How many statements follow the last one that concerns the hand-written loop: they are not run.
    var statementsBehind = 0
    /// The data set that the doctor kept back from the source.
    var kept: Dataset?
    /// The rows that it kept back of tensors that batches are drawn from, a source each.
    var heldRows: [HeldRows] = []
    /// Whether pairs of the training's own form are judged, since nothing makes an embedding of one example.
    var judgesPairs = false
    /// Whether class numbers count as the loss uses them, since the program reads its outputs so too.
    var judgesByUsed = false
    /// Whether a classifier is judged by its log loss in place of the share of rows that it tells right.
    var judgesByLogLoss = false
    /// The program's data sets by row, made at first use.
    var known: (width: Int, table: TrueClasses)?
    /// The rows that the net was given in the first step, and how they were prepared from a data set's before the training.
    var givenRows: Tensor?
    lazy var preparation: PreparedRows? = preparationOfGivenRows()
    /// The session that the replay runs in, while it runs.
    weak var session: Session?
    /// Of a hand-written loop: what its first step minimized, until it is known what it updates, and what its parameters were then; the step from which on it is only
    /// judged; the held-out batches that it is judged on, and its outputs on them.
    var pending: (loss: Tensor, batch: [Value])?
    var firstValues: [Tensor] = []
    var judgesFrom: Int?
    /// The first step's rows as they reach the first weights, and how many of the next steps had the very same.
    var firstRows: Tensor?
    var rowsRepeated = 0
    var judging: DataSource?
    /// Of a program that keeps its weights in variables: what they held before, and the run of their loop.
    var beginning: Beginning?
    var lastValues: [Tensor] = []
    var changed: Set<String> = []
    var followed: (loop: HandWrittenLoop, variables: [String])?
    var judged: Outputs?
    /// The rows that they are of, as they reach the first weights.
    var judgedInputs: [Double] = []
    let parent: Session
    var evidence = Evidence()
    var untrained: [Layer] = []
    private var before: [(path: String, parameter: SiamLearning.Parameter, value: Tensor)] = []
    var moved = Set<ObjectIdentifier>()
    var gradientSeen = Set<ObjectIdentifier>()
    var probe: Tensor?
    /// Of pairs: how many, how many of them are marked 1, how many of those have one row twice; and the sums of squared
    /// distances of those marked 1 and of the others.
    var same = (total: 0, ones: 0, identical: 0, apart: 0.0, otherApart: 0.0)
    /// The same of pairs that a hand-written loop makes itself, as far as their labels are among what its loss reads.
    var ownPairs = (total: 0, ones: 0)
    /// The classes of the triplets that were looked at.
    var triplets: [(anchor: Int, positive: Int, negative: Int)] = []
    /// Rows, by content, that the first steps of a hand-written loop took, as far as they were looked at.
    var rowsOfSteps = Set<UInt64>()
    private var batchesSeen = 0
    /// The runs that the program made before the followed one.
    private(set) var earlier: [SiamRuntime.Run] = []
    /// Whether the program's own measures are worked out, too.
    var readsFigures = false
    /// Whether the run is judged by what the program prints, since nothing else judges it.
    var judgesByFigure = false
    /// Other statements after the training to work the figures out from.
    var evaluations: [EvaluationText.Statements] = []
    /// Whether the part held back takes whole groups of rows.
    var holdsGroups = false
    /// What the run must have in common with the unchanged one; else it is ended early.
    var wanted: ReplayInvariants?
    /// Whether all statistics are wanted, or the scores alone.
    let isWhole: Bool

    init(
        _ chart: ProgramText, _ place: (document: Int, index: Int), _ parent: Session, steps: Int, seedShift: UInt64,
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

    /// One that replays nothing, to read records with.
    static func reader(_ session: Session) -> Replay {
        let replay = Replay(
            ProgramText(Source(name: "record", kind: .file, text: ""), session), (0, -1), session, steps: 0,
            seedShift: 0,
            heldOut: .none,
            isWhole: true)
        replay.session = session
        return replay
    }

    /// Runs to the end of the followed run; nil where the program did not come to it.
    func run() throws -> Evidence? {
        let session = Session(
            output: SilentOutput(), seed: parent.firstSeed &+ seedShift, builtins: parent.builtins + hidden)
        defer { session.end() }
        session.isDiagnosed = true
        if let args = parent.globals.valueIfReady("args") { try session.globals.assign("args", args) }
        var plan = Interventions(run: chart.run, steps: steps, seedShift: seedShift)
        for d in chart.documents { if let path = d.importedAs { plan.texts[path] = d.source.text } }
        plan.willUpdate = { [unowned self] run, i, parameters, gradients in
            try willUpdate(run, i, parameters, gradients)
        }
        plan.didUpdate = { [unowned self] run, i in try didUpdate(run, i) }
        plan.batch = { [unowned self] run, batch in look(at: batch, run) }
        recordSteps(&plan)
        plan.passed = { [unowned self] run in earlier.append(run) }
        if place.index < 0 { return try runHandWrittenLoop(session, plan) }
        self.session = session
        session.interventions = plan
        let started = Clock.now()
        do {
            for (statement, source) in try statements() { try session.run(statement, of: source) }
        } catch let end as ReplayEnded {
            evidence.stepSeconds = (Clock.now() - started) / Double(max(1, end.run.steps))
            try measure(end.run, session)
            noteFigures(end.run, session, chart.tail, train: end.run.syntax)
            return evidence
        }
        return nil
    }

    /// The statements of the program to run, with their source texts; those that only print or draw are left out.
    func statements() throws -> [(statement: Statement, source: Source)] {
        var all: [(Statement, Source)] = []
        for document in chart.documents where document.importedAs == nil {
            let (program, errors) = Parser.parse(document.source)
            if let first = errors.first(where: { $0.severity == .error }) { throw first }
            all += program.statements.compactMap { chart.shown.kept($0) }.map { ($0, document.source) }
        }
        return all
    }

    /// What the doctor puts into texts of replays, and no user sees.
    private var hidden: [Builtin] {
        [
            Builtin("__held", "d", family: "hidden", "All but a fifth of a data set.") { [unowned self] _, a in
                let d = try a.thing(0, DatasetThing.self, "a data set").dataset
                var stream = RandomStream(seed: 0xD0C7 &+ seedShift)
                if let (held, others) = try wholeGroups(d.x, d.y.map(Double.init), &stream) {
                    kept = try d.subset(held)
                    return .thing(DatasetThing(try d.subset(others)))
                }
                let (rest, part) = try SiamData.split(d, 0.8, &stream)
                kept = part
                return .thing(DatasetThing(rest))
            },
            Builtin(WrittenLoop.begunMark, "", family: "hidden", "A loop that trains variables begins.") {
                [unowned self] i, _ in
                try begun(i.session)
                return .none
            },
            Builtin(WrittenLoop.steppedMark, "", family: "hidden", "A step of it is over.") { [unowned self] i, _ in
                try stepped(i)
                return .none
            },
            Builtin("__seen", "batch", family: "hidden", "A batch that the program made, as it is.") {
                [unowned self] _, a in
                if case .list(let parts) = a[0] { look(at: parts.items, step: batchesSeen) }
                batchesSeen += 1
                return a[0]
            },
            Builtin("__relabel", "d", family: "hidden", "Each example with the class of most of its five nearest.") {
                _, a in
                let d = try a.thing(0, DatasetThing.self, "a data set").dataset
                let y = try Replay.neighbours(d).labels
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

    /// The class of most of the five nearest others, by the raw inputs; its own where it is among the leaders. And the share
    /// of these others that have an item's own class.
    static func neighbours(_ d: Dataset) throws -> (labels: [Int], agreement: Double) {
        let n = d.count
        guard n > 6 else { return (d.y, 1) }
        var agreeing = 0
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
                    agreeing += votes[d.y[q]] ?? 0
                    let most = votes.values.max() ?? 0
                    if most >= 3, votes[d.y[q]] != most {
                        out[q] = votes.filter { $0.value == most }.keys.min() ?? d.y[q]
                    }
                }
            }
            at = end
        }
        return (out, Double(agreeing) / Double(5 * n))
    }

    // MARK: While it runs

    func look(at batch: [Value], _ run: SiamRuntime.Run) { look(at: batch, step: run.steps) }

    private func look(at batch: [Value], step: Int) {
        guard step < 40, case .tensor(let a)? = batch.first, a.rank > 0 else { return }
        evidence.batch = a.shape[0]
        guard step % 4 == 0 else { return }
        if step == 0 {
            lookAtInputs(a)
            probe = a.detached()
        }
        if batch.count == 2, case .tensor(let y) = batch[1], y.count == a.shape[0], y.count > 3 {
            let all = Set(y.floats).count == y.count && y.floats.allSatisfy { $0 == $0.rounded() }
            evidence.areLabelsDistinct = all && (step == 0 || evidence.areLabelsDistinct)
        }
        guard batch.count == 3, case .tensor(let b) = batch[1], case .tensor(let s) = batch[2], s.count == a.shape[0],
            b.shape == a.shape, s.doubles.allSatisfy({ $0 == 0 || $0 == 1 })
        else { return }
        let (x, y, flags) = (a.floats, b.floats, s.doubles)
        let width = a.count / max(1, flags.count)
        for (r, flag) in flags.enumerated() {
            same.total += 1
            var apart = 0.0
            for k in r * width..<(r + 1) * width { apart += Double((x[k] - y[k]) * (x[k] - y[k])) }
            if flag == 1 { same.apart += apart } else { same.otherApart += apart }
            guard flag == 1 else { continue }
            same.ones += 1
            if x[r * width..<(r + 1) * width] == y[r * width..<(r + 1) * width] { same.identical += 1 }
        }
    }

    /// Scale of what the first layer with weights is given.
    func lookAtInputs(_ x: Tensor) {
        let values = x.floats
        let n = Double(max(1, values.count))
        let mean = values.reduce(0.0) { $0 + Double($1) } / n
        let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / n
        evidence.inputScale = square.squareRoot()
        evidence.inputOffset = abs(mean) / max(max(square - mean * mean, 0).squareRoot(), 1e-12)
    }

    func isSampled(_ step: Int) -> Bool { step < 20 || step % 25 == 0 }

    func willUpdate(
        _ run: SiamRuntime.Run, _ i: Interpreter, _ parameters: [SiamLearning.Parameter], _ gradients: [Tensor?]
    ) throws {
        if run.steps == 0 {
            untrained = run.nets.map { $0.copied() }
            // Each net that a step updates by itself joins the run here.
            if isWhole || wanted != nil { evidence.invariants = invariants(run) }
        }
        guard isWhole, isSampled(run.steps) else { return }
        let outer = Recording.isOn
        Recording.isOn = false
        defer { Recording.isOn = outer }
        // Several updates may make one step.
        if before.isEmpty { before = run.parameterPaths.map { ($0.path, $0.parameter, $0.parameter.snapshot()) } }
        let decay = run.optimizer.optimizer["decay"] ?? 0
        var data = 0.0
        var pull = 0.0
        if run.steps == 0 {
            let sizes = zip(parameters, gradients).compactMap { p, g -> Double? in
                guard let g, p.value.rank >= 2, case let w = Replay.norm(p.value), w > 0 else { return nil }
                return Replay.norm(g) / w
            }
            if sizes.count > 3, let last = sizes.last, last > 0 { evidence.gradientRatio = sizes[0] / last }
        }
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

    func didUpdate(_ run: SiamRuntime.Run, _ i: Interpreter) throws {
        // By the end of the first step all nets have joined, and its record is there.
        if run.steps == 1, evidence.invariants != nil {
            let noise = evidence.facts?.noise ?? 0
            evidence.invariants?.noise = noise
            if let wanted, let here = evidence.invariants, !wanted.isLike(here) { throw InvariantsDiffer() }
        }
        guard isWhole else { return }
        let step = run.steps - 1
        guard isSampled(step) else { return }
        let outer = Recording.isOn
        Recording.isOn = false
        defer { Recording.isOn = outer }
        var most = (ratio: 0.0, path: "")
        for (path, p, old) in before {
            let change = Replay.norm(try Operators.subtract(p.value.detached(), old))
            if change > 0 { moved.insert(ObjectIdentifier(p)) }
            let size = Replay.norm(old)
            if old.rank >= 2, size > 0, change / size > most.ratio || most.path.isEmpty { most = (change / size, path) }
        }
        before = []
        evidence.updates.append((step, most.ratio, most.path))
        if step < 20 ? [0, 1, 3, 7, 12, 19].contains(step) : step % 25 == 0, let probe {
            if let net = run.nets.first, let z = try? Builtins.embeddings(i, .layer(net), .tensor(probe)) {
                evidence.spreads.append((step + 1, Embedding.spread(z)))
            }
        }
    }

    static func norm(_ t: Tensor) -> Double {
        Kernel.sumOfSquares(t).squareRoot()
    }
}
