import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Warns while a run goes on: of each problem once, with the step at which it appeared.
final class RunWarnings {
    private let run: Run
    private unowned let interpreter: Interpreter
    private let lookUp: (String) -> Value?
    private var said = Set<String>()
    /// Steps in a row whose gradient was 0 though the loss was not.
    private var stillSteps = 0
    /// Batches so far without two examples of one class.
    private var loneBatches = 0
    private var deadSamples: [String: Int] = [:]
    private lazy var loss = MinimizedLoss(run, interpreter, lookUp)
    private lazy var margin: Double? = loss?.margin(interpreter)
    private lazy var marginIsDistance: Bool = margin.map { loss?.marginIsDistance($0, interpreter) ?? false } ?? false

    /// The loss has to stay at a value for this many steps before that means anything.
    private static let patience = 50

    init(_ run: Run, _ interpreter: Interpreter, lookUp: @escaping (String) -> Value?) {
        self.run = run
        self.interpreter = interpreter
        self.lookUp = lookUp
    }

    /// Behind each step; `sample` where the step was measured.
    func check(_ sample: RunRecord.Sample?, _ batch: [Value], gradientNorm: Double) {
        // A replay is judged by who asked for it.
        guard interpreter.session.interventions == nil else { return }
        checkGradient(gradientNorm)
        if run.steps == 1 {
            checkUnseen()
            checkOneRow(batch)
            checkSizes(batch)
        }
        checkAlike()
        checkPairs(batch)
        checkNothing(gradientNorm, batch)
        guard let sample else { return }
        checkDead(sample)
        checkCollapse(sample, batch)
        checkMargin(sample)
    }

    private func warn(_ code: String, _ message: String, _ notes: [String]) {
        guard said.insert(code).inserted else { return }
        var d = Diagnostic(.warning, code: code, "step \(run.steps): \(message)", notes: notes)
        if let e = MinimizedLoss.expressions(in: run.syntax.body).first {
            d.labels = [.init(Place(run.code.source, e.span))]
        }
        run.warnings.append(d)
        interpreter.session.warn(d)
    }

    /// A net of the statement that the loss does not depend on.
    func unreached(_ net: String, _ span: Span) {
        let d = Diagnostic(
            .warning, code: "train.unreached",
            "the loss does not depend on \(net): none of its weights gets a gradient",
            at: [.init(Place(run.code.source, span))],
            repair: "use \(net) in what is minimized, or remove it from the list after train")
        run.warnings.append(d)
        interpreter.session.warn(d)
    }

    /// Every weight of every net is frozen.
    func frozen(_ nets: [String], _ span: Span) {
        let d = Diagnostic(
            .warning, code: "train.frozen",
            "every weight of \(nets.joined(separator: ", ")) is frozen, so nothing is learnt",
            at: [.init(Place(run.code.source, span))], repair: "unfreeze(\(nets[0]))")
        run.warnings.append(d)
        interpreter.session.warn(d)
    }

    /// The body has a `minimize` that no step reached.
    func never(_ span: Span) {
        let d = Diagnostic(
            .warning, code: "train.never", "no step of this run reached its minimize, so nothing is learnt",
            at: [.init(Place(run.code.source, span))], notes: ["it is after a condition that was never true"])
        run.warnings.append(d)
        interpreter.session.warn(d)
    }

    /// A block of every epoch in a run that ended before its first one.
    func noEpoch() {
        guard run.steps > 0, run.steps >= run.planned, run.stopped == nil, run.steps < run.stepsPerEpoch else { return }
        for case .every(let count, .epochs, let block) in run.syntax.body.statements.map(\.kind) where count == nil {
            let d = Diagnostic(
                .warning, code: "train.no_epoch",
                "every epoch never came: the run has \(run.steps) steps, and an epoch is \(run.stepsPerEpoch)",
                at: [.init(Place(run.code.source, Span(block.span.start, block.span.start + 1)))],
                repair: "every \(max(1, (run.steps + 1) / 2)) steps { ... }")
            run.warnings.append(d)
            interpreter.session.warn(d)
            return
        }
    }

    private func checkGradient(_ norm: Double) {
        // Where it is said already that the loss reaches no weight, nothing else has to be looked for.
        guard let value = run.loss.values.last, !run.warnings.contains(where: { $0.code.hasPrefix("train.") }) else {
            return
        }
        stillSteps = norm == 0 && abs(value) > 1e-6 ? stillSteps + 1 : 0
        guard stillSteps >= 10 else { return }
        warn(
            "run.still",
            "the gradient has been 0 for \(stillSteps) steps, while the loss is \(RunWarnings.short(Double(value)))",
            [
                MinimizedLoss.called(run).contains("bce")
                    ? "a sigmoid gives exactly 0 or 1 for large inputs, and has no gradient there: bce_with_logits takes what stands before it"
                    : "possible causes: initial weights of 0, dead units, or inputs that are all equal.  trace(run) shows where"
            ])
    }

    /// A net in the minimized expression, such as the head of a loss with learned classes, that is not named after
    /// `train`.
    private func checkUnseen() {
        let own = run.nets.flatMap(\.everyLayer)
        let made = run.syntax.namesMadeInBody
        for (name, net, span) in MinimizedLoss.applied(run, lookUp)
        where !run.plan.netTexts.contains(name) && !made.contains(name) {
            let parts = net.everyLayer
            // What another run has trained, or trains again, was not forgotten in this one.
            if interpreter.session.host.training(of: net, interpreter.session) != nil { continue }
            guard !net.parameters.isEmpty, net.parameters.contains(where: { !$0.parameter.isFrozen }),
                !parts.contains(where: { part in own.contains { $0 === part } })
            else { continue }
            var d = TrainingFaults.unseen(
                name, Place(run.code.source, span), nets: run.plan.netTexts, isRun: true)
            if let net = run.plan.netTexts.first(where: { run.code.source.text.contains("\(name) = copy(\($0))") }) {
                d.repair =
                    "\(name) is a copy with its own weights: for shared ones use \(net) on both sides, or freeze(\(name)) if it should stay fixed"
            }
            run.warnings.append(d)
            interpreter.session.warn(d)
        }
    }

    /// Batch norm over a batch of one: its mean is the example itself, and nothing of it is left.
    private func checkOneRow(_ batch: [Value]) {
        guard case .tensor(let x)? = batch.first, x.rank > 0, x.shape[0] == 1 else { return }
        let kinds = Set(run.nets.flatMap(\.everyLayer).map(\.kind))
        guard kinds.contains("batchnorm"), kinds.isDisjoint(with: ["conv", "depthwise"]) else { return }
        warn(
            "run.one_row", "batchnorm gets one example, and subtracting its own mean leaves only 0",
            ["use larger batches, as  batches(d, 32),  or layernorm, which normalises each example by itself"])
    }

    /// A loss of numbers, one output, and classes that have names: how far apart two of their numbers are means nothing.
    private func checkSizes(_ batch: [Value]) {
        let losses = MinimizedLoss.called(run).intersection(["mse", "mae", "huber"])
        guard let loss = losses.first, losses.count == 1, batch.count == 2, case .tensor(let y) = batch[1], y.rank == 1,
            let d = (run.source as? SourceThing)?.dataset?.dataset, d.targets == nil, d.names.count > 2,
            d.names.allSatisfy({ Double($0) == nil }),
            let last = run.nets.first?.everyLayer.last(where: { $0.kind == "dense" }),
            last.parameters.contains(where: { $0.path == "w" && isColumn($0.parameter.value) }),
            !interpreter.session.warnings.contains(where: { $0.code == "loss.sizes" })
        else { return }
        let names = d.names.prefix(3).map { visibleText($0) }
        warn(
            "loss.sizes",
            "\(loss) takes class numbers for sizes: \(names[0]) would be nearer to \(names[1]) than to \(names[2])",
            ["use one output for each class, dense(\(d.names.count)), and the loss  cross_entropy"])
    }

    private func isColumn(_ w: Tensor) -> Bool { w.rank == 2 && w.shape[1] == 1 }

    /// Units that began alike and have stayed so: they are one unit many times over.
    private func checkAlike() {
        guard run.steps == min(10, run.planned), run.steps > 1 else { return }
        for layer in run.nets.flatMap(\.everyLayer) {
            for (path, parameter) in layer.parameters where path == "w" && !parameter.isFrozen {
                let w = parameter.value
                guard w.rank == 2, w.shape[1] > 1, w.shape[0] > 1 else { continue }
                let (units, all) = (w.shape[1], w.doubles)
                let isAlike = stride(from: 0, to: all.count, by: units).allSatisfy { row in
                    (1..<units).allSatisfy { all[row + $0] == all[row] }
                }
                guard isAlike else { continue }
                warn(
                    "run.alike",
                    "all \(units) units of a \(layer.kind) are equal, and have got equal gradients so far",
                    ["weights that start equal stay equal.  Use random initial weights, as  init = glorot"])
                return
            }
        }
    }

    /// A loss that compares the examples of a batch by their classes, in batches most of which hold no two of one class.
    private func checkPairs(_ batch: [Value]) {
        let last = min(30, run.planned)
        guard run.steps <= last, batch.count == 2, case .tensor(let y) = batch[1], y.rank == 1, y.count > 1 else {
            return
        }
        if Set(y.doubles).count == y.count { loneBatches += 1 }
        guard run.steps == last, last > 1, loneBatches * 3 >= last, run.loss.values.contains(where: { $0 != 0 }),
            !MinimizedLoss.called(run).isDisjoint(with: LossNames.ofBatches)
        else { return }
        warn(
            "run.lone",
            "\(loneBatches) of \(last) batches have no two examples of the same class: there are no positive pairs",
            ["take several examples of each class:  balanced(d, 8, 4) as x, y"])
    }

    /// A loss that is 0 from the start: there is nothing in the batches that it compares.
    private func checkNothing(_ norm: Double, _ batch: [Value]) {
        guard norm == 0, run.steps == min(10, run.planned), run.steps > 1, run.loss.values.allSatisfy({ $0 == 0 }),
            !interpreter.session.warnings.contains(where: { $0.code == "loss.same_input" })
        else { return }
        var notes = ["the loss has nothing left to minimize, or nothing to compare in these batches"]
        if batch.count == 2, case .tensor(let y) = batch[1], y.rank == 1, y.count > 0 {
            let classes = Set(y.doubles)
            let source = "take several examples of each class:  balanced(d, 8, 4) as x, y"
            if classes.count == y.count { notes = ["no two examples of a batch have the same class; \(source)"] }
            if classes.count == 1 { notes = ["each batch has only one class; \(source)"] }
        }
        warn("run.nothing", "the loss has been 0 at every step, so no weight changes", notes)
    }

    /// For the batch alone, during the run: the doctor's rule (12, `CollapseRules.swift`) considers every held-out
    /// item.
    private func checkDead(_ sample: RunRecord.Sample) {
        for s in sample.stages {
            // Pixels that are never inked are no units.
            let isDead = s.dead >= 0.95 && (sample.batch?.unused ?? 0) < 0.95 && s.notFinite == 0
            deadSamples[s.path] = isDead ? (deadSamples[s.path] ?? 0) + 1 : 0
            guard let n = deadSamples[s.path], n >= 3, sample.step >= 20 else { continue }
            let share =
                s.dead == 1
                ? "every unit of \(s.path) gives"
                : "\(Int((s.dead * 100).rounded(.down))) % of the units of \(s.path) give"
            // Of inputs far from 0 the first step throws all units to one side, whatever the rate and the weights.
            let isLarge = sample.batch.map { max(abs($0.mean), $0.sd) >= 20 } ?? false
            warn(
                "run.dead", "\(share) 0 for the whole batch",
                [
                    isLarge
                        ? "such units do not learn any more.  The inputs are large: scale them in the net's first stage, standardize(...) of the training data"
                        : "such units do not learn any more.  Try a smaller learning rate, init = he, or leaky_relu"
                ])
        }
    }

    private func checkCollapse(_ sample: RunRecord.Sample, _ batch: [Value]) {
        let patience = RunWarnings.patience
        guard run.loss.values.count >= patience, !said.contains("run.collapse"), let d = RunWarnings.distance(sample)
        else { return }
        let measure = margin ?? run.record.samples.first.flatMap(RunWarnings.distance) ?? 0
        guard d < 0.01 * measure || d == 0, let loss else { return }
        let classes = (run.source as? SourceThing)?.dataset?.dataset.classes.count
        var each: Double?
        if batch.count == 2, case .tensor(let y) = batch[1], y.rank == 1, y.count > 0 {
            each = Double(y.count) / Double(Set(y.doubles).count)
        }
        guard let plateau = loss.collapsed(run.record, classes: classes, each: each, interpreter) else { return }
        let last = run.loss.values.suffix(patience)
        let mean = last.reduce(0.0) { $0 + Double($1) } / Double(last.count)
        guard abs(mean - plateau) <= 0.08 * abs(plateau) + 1e-6 else { return }
        warn(
            "run.collapse",
            "the loss has stayed at \(RunWarnings.short(plateau)), its value when all embeddings are equal, for \(patience) steps, and the mean distance is \(RunWarnings.short(d))",
            [
                "all inputs have nearly the same embedding (collapse).  trace(run) shows the stages, diagnose(run) looks for the cause"
            ])
    }

    private func checkMargin(_ sample: RunRecord.Sample) {
        guard !said.contains("run.collapse"), !said.contains("run.margin") else { return }
        let short = 2 * RunWarnings.patience
        if sample.pairs?.different != nil, let margin, marginIsDistance {
            // Far inside for a while, or inside for longer; not where the pairs are on their way out.
            func farthest(_ steps: Int) -> [Float] {
                run.record.samples.filter { $0.step > run.steps - steps }.compactMap(\.pairs?.farthest)
            }
            func mean(_ part: ArraySlice<Float>) -> Float { part.reduce(0, +) / Float(max(1, part.count)) }
            for (steps, share) in [(short, 0.7), (2 * short, 1.0)] {
                let last = farthest(short)
                let half = last.count / 2
                guard run.steps >= steps, last.count >= 4, let most = farthest(steps).max(),
                    Double(most) < share * margin, mean(last[half...]) <= 1.05 * mean(last[..<half])
                else { continue }
                warn(
                    "run.margin",
                    "no negative pair has exceeded the margin, \(RunWarnings.short(margin)), for \(steps) steps; the farthest was \(RunWarnings.short(Double(most)))",
                    RunWarnings.marginNotes)
                return
            }
            return
        }
        guard let active = run.reports.first(where: { $0.name == "active" })?.series.values, active.count >= short,
            active.suffix(short).allSatisfy({ $0 == 1 }), let margin
        else { return }
        // A loss that picks the hardest terms has only active ones: look at the distances too, plain and squared.
        let isOut = run.record.samples.contains { s in
            guard s.step > run.steps - short, let pairs = s.pairs, let same = pairs.same else { return false }
            let (far, near) = (Double(pairs.farthest), Double(same))
            return max(far - near, far * far - near * near) >= margin
        }
        guard sample.pairs?.different != nil, !isOut else { return }
        warn(
            "run.margin", "every term of the loss has been active for \(short) steps: no pair exceeds the margin",
            RunWarnings.marginNotes)
    }

    private static let marginNotes = [
        "negative pairs are pushed apart without limit.  Use a margin that distances can reach, or a larger learning rate"
    ]

    /// The mean distance of the pairs of a batch, or of its embeddings where it has no pairs.
    private static func distance(_ sample: RunRecord.Sample) -> Double? {
        let pairs = [sample.pairs?.same, sample.pairs?.different].compactMap { $0 }.filter(\.isFinite)
        if let most = pairs.max() { return Double(most) }
        return sample.spread.map { Double($0) * 2.0.squareRoot() }
    }

    private static func short(_ x: Double) -> String { (try? formatNumber(x, spec: ".3g")) ?? formatNumber(x) }
}
