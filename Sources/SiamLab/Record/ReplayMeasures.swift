import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamMeasures
import SiamRuntime
import SiamTensor

/// What is measured of a replay behind its last step.
extension Replay {
    /// Rows of the source's data set, by content.
    static func hashes(_ d: Dataset) -> [UInt64] { hashes(d.x) }
    static func hashes(_ x: Tensor) -> [UInt64] {
        let rows = x.shape.dims.first ?? 0
        let width = x.count / max(1, rows)
        return x.withFloats { all in
            (0..<rows).map { r in
                var h: UInt64 = 0xCBF2_9CE4_8422_2325
                for k in r * width..<(r + 1) * width { h = (h ^ UInt64(all[k].bitPattern)) &* 0x100_0000_01B3 }
                return h
            }
        }
    }

    /// The data set that the run is judged on, if it is one.
    func heldData(_ run: SiamRuntime.Run, _ session: Session) -> Dataset? {
        switch heldOut {
        case .named(let name, _):
            if case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name) {
                return preparation?.applied(to: d.dataset) ?? d.dataset
            }
            return nil
        case .kept: return kept
        case .own: return (own ?? loop)?.data(of: run, session)
        case .none: return nil
        }
    }

    /// All that is measured when a replay has come to its end.
    func measure(_ run: SiamRuntime.Run, _ session: Session) throws {
        evidence.loss = run.loss.values
        if case .named(let name, _) = heldOut {
            evidence.heldOutName = name
            evidence.rowsHeldOut = heldData(run, session)?.count ?? 0
            evidence.rowsOfTraining = (run.source as? SourceThing)?.dataset?.dataset.count ?? 0
        }
        evidence.stopped = run.stopped
        evidence.steps = run.steps
        evidence.decay = run.optimizer.optimizer["decay"] ?? 0
        evidence.margin = (own ?? loop)?.margin
        evidence.momentum = run.optimizer.optimizer["momentum"] ?? 0
        if same.total > 0 {
            evidence.sameShare = Double(same.ones) / Double(same.total)
            let others = same.total - same.ones
            evidence.sameAreFarther =
                same.ones >= 20 && others >= 20
                && same.apart / Double(same.ones) > 1.1 * same.otherApart / Double(others)
            evidence.selfShare = Double(same.identical) / Double(max(1, same.ones))
            // Data of which many rows are alike make such pairs by themselves.
            if same.identical > 0, let rows = trainingRows(run), case let all = Replay.hashes(rows),
                Set(all).count * 10 < 7 * all.count
            {
                evidence.selfShare = 0
            }
        }
        if evidence.sameShare == nil { evidence.sameShare = evidence.facts?.sameShare }
        if let first = run.record.samples.first, let pairs = first.pairs, let same = pairs.same {
            evidence.sameAreOne = same == 0 && (pairs.different ?? 0) > 0
        }
        evidence.dyingStage = run.record.stagePaths.compactMap { path -> (path: String, step: Int)? in
            let all = run.record.stage(path).compactMap { s in s.stage.spread.map { (s.step, $0) } }
            guard let first = all.first?.1, first > 0, let gone = all.first(where: { $0.1 < first / 2 }) else {
                return nil
            }
            return (path, gone.0)
        }.min { $0.step < $1.step }
        evidence.deadStep = run.record.stagePaths.compactMap { path -> (path: String, step: Int)? in
            run.record.stage(path).first { $0.stage.kind.hasSuffix("relu") && $0.stage.dead > 0.9 }.map {
                (path, $0.step)
            }
        }.min { $0.step < $1.step }
        evidence.parameters = run.parameters.count
        if let active = run.reports.first(where: { $0.name == "active" })?.series {
            let shares = zip(active.steps, active.values).map { (step: $0, share: Double($1)) }
            let early = shares.filter { $0.step <= 20 }.map(\.share)
            let late = shares.suffix(max(1, shares.count / 10)).map(\.share)
            if !early.isEmpty { evidence.firstActive = early.reduce(0, +) / Double(early.count) }
            if !late.isEmpty { evidence.lastActive = late.reduce(0, +) / Double(late.count) }
        }
        if isWhole, run.steps > 0 {
            evidence.weights = run.nets.flatMap(\.parameters).count { $0.path.hasSuffix("w") || $0.path == "w" }
            evidence.frozen = run.nets.flatMap(\.parameters).count {
                ($0.path.hasSuffix("w") || $0.path == "w") && $0.parameter.isFrozen
            }
            for (path, p) in run.nets.flatMap(\.parameters) where !moved.contains(ObjectIdentifier(p)) {
                evidence.untouched.append(path)
                if !gradientSeen.contains(ObjectIdentifier(p)) { evidence.withoutGradient.append(path) }
            }
        }
        let wiring = loop ?? TrainingModel(chart, document: place.document, index: place.index)
        // What the program itself measures as an embedding is judged as one, whatever it was trained by.
        let isEmbedding = wiring?.measuresEmbedding == true || evidence.task == .metric
        let byTask = (evidence.taskScore, evidence.taskUntrained, evidence.taskOwn)
        let task = evidence.task
        if isEmbedding {
            (evidence.taskScore, evidence.taskUntrained, evidence.taskOwn) = (nil, nil, nil)
            if evidence.task != .verification { evidence.task = .metric }
        }
        // Where no embedding could be judged, the pairs of the training's own form are.
        defer {
            if isEmbedding, evidence.items == 0 {
                (evidence.taskScore, evidence.taskUntrained, evidence.taskOwn) = byTask
                if evidence.taskScore != nil { evidence.task = task }
            }
        }
        // The doctor's own words stand around the calls of a replay's text.
        let source = (own ?? wiring)?.data(of: run, session)
        if let f = evidence.facts, f.inputScale > 0, evidence.inputScale == 1 || f.inputScale > evidence.inputScale {
            (evidence.inputScale, evidence.inputOffset) = (f.inputScale, f.inputOffset)
        }
        if isWhole, let wiring { lookForSharedRows(run, wiring) }
        guard let net = run.nets.first, !untrained.isEmpty else { return }
        if isWhole {
            lookAtWeights()
            if let rule = (loop ?? TrainingModel(chart, document: place.document, index: place.index))?.breakOfLoop,
                case .number(let last)? = session.globals.valueIfReady(rule.counter), last >= 0,
                last + 1 < rule.planned
            {
                evidence.brokenOff = (Int(last) + 1, Int(rule.planned))
            }
            evidence.hasIdleStates = run.steps > 0 && haveIdleStates(run)
            noteClasses(source, heldData(run, session))
            if source == nil { noteClassesOfTensors(run, session, wiring) }
        }
        if !isEmbedding { try judgeClasses(run, session, wiring, source) }
        guard var held = heldData(run, session), !evidence.isJudgedByTask else {
            try lookWithoutHeldOut(run, session, wiring)
            return
        }
        if case .own = heldOut {
            // What was trained on stands in for what was held back.
        } else if let source {
            let known = Set(Replay.hashes(source))
            let isKnown = Replay.hashes(held).map(known.contains)
            held = try held.subset(isKnown.indices.filter { !isKnown[$0] })
        }
        guard held.count >= 20, held.classes.count > 1 else { return }
        var stream = RandomStream(seed: 0x1D0C)
        let sample = held.count > 500 ? try held.sample(500, &stream) : held
        let judge = EmbeddingEvaluator(session.interpreter, sample, isCosine: wiring?.isCosine ?? false)
        let encoder = workingEncoder(wiring, session, run, judge) ?? .layer(net)
        guard case let two = sample.x.rows(0..<2),
            (try? Builtins.embeddings(session.interpreter, encoder, .tensor(two))) != nil
        else {
            evidence.isWithoutEmbedding = true
            return
        }
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
        evidence.mixing = (try? judge.mixing(encoder, judge.plain(encoder))) ?? 0
        evidence.raw = try judge.score(
            try judge.compared(try sample.x.reshaped(to: try Shape([sample.count, sample.x.count / sample.count]))))
        if judge.isCosine {
            evidence.otherAuc = try EmbeddingEvaluator(session.interpreter, sample).score(judge.plain(encoder)).auc
        } else if wiring?.comparesDirectionsLater == true {
            let other = EmbeddingEvaluator(session.interpreter, sample, isCosine: true)
            evidence.otherAuc = try other.score(other.embed(encoder)).auc
        }
        evidence.trainingScore = try inTrainingMode(run, session) {
            try judge.score(try judge.embed(encoder, training: true))
        }
        evidence.firstRank = try Spectrum.effectiveRank(z0)
        if let source {
            let own = source.count > 500 ? try source.sample(500, &stream) : source
            let mine = EmbeddingEvaluator(session.interpreter, own, isCosine: judge.isCosine)
            evidence.areClassesNew = Set(own.classes).isDisjoint(with: sample.classes)
            let trained = Set(source.classes)
            evidence.ofTrainedClasses =
                Double(sample.y.count { trained.contains($0) }) / Double(max(1, sample.count))
            if own.classes.count > 1, own.count >= 20 {
                evidence.own = try mine.score(try mine.embed(encoder))
                evidence.untrainedOwn = try beforeTraining(run) { try mine.score(try mine.embed(encoder)) }
                let near = try Replay.neighbours(own)
                evidence.strangeLabels = Double(zip(near.labels, own.y).count { $0 != $1 }) / Double(own.count)
                // Of many classes a sample holds too few of each to ask.
                if own.count >= 6 * own.classes.count { evidence.agreement = near.agreement }
                var sizes: [Int: Double] = [:]
                for y in own.y { sizes[y, default: 0] += 1 / Double(own.count) }
                evidence.agreementByChance = sizes.values.reduce(0) { $0 + $1 * $1 }
            }
        }
        if readsFigures, !evidence.isGood, let data = dataForReference(source, session, without: sample) {
            try lookAtReference(encoder, run, data, judge)
        }
        try compareTowers(run, judge, z, wiring)
        try lookInside(encoder, run, judge, z)
        if let wiring { try compareKinds(wiring, encoder, run, judge) }
    }

    /// Whether all values are whole, as those of texts are: rows may be the same by nature.
    static func isCounted(_ x: Tensor) -> Bool { x.floats.allSatisfy { $0 == $0.rounded() } }

    /// Which held-out rows were trained on, and which classes of theirs were not.
    private func noteClasses(_ source: Dataset?, _ held: Dataset?) {
        guard let source, let held, case .named(_, let countsOverlap) = heldOut else { return }
        let rows = Replay.hashes(source)
        let known = Set(rows)
        // Where a few values make all rows, the same rows stand on both sides by nature.
        if countsOverlap, !Replay.isCounted(source.x), known.count * 10 > rows.count {
            evidence.leak = Double(Replay.hashes(held).count(where: known.contains)) / Double(max(1, held.count))
        }
        evidence.shift = Replay.shift(source.x, held.x)
        if countsOverlap, readsFigures { evidence.nearCopies = NearCopies(of: held, in: source) }
        let (own, others) = (Set(source.classes), Set(held.classes))
        evidence.heldClasses = others.count
        // New classes alone are a protocol of embeddings; a classifier can name none of them.
        if own.count > 1, !own.isDisjoint(with: others) || evidence.task == .classification && judgesClasses(held) {
            evidence.missingClasses = others.subtracting(own).sorted()
        }
    }

    /// How far the mean of the rows of one tensor is from that of another, in standard deviations of the first, over all
    /// columns together: the root of the sum of squared differences over the sum of variances.
    private static func shift(_ a: Tensor, _ b: Tensor) -> Double {
        guard let n = a.shape.dims.first, let m = b.shape.dims.first, n > 9, m > 9, a.count / n == b.count / m else {
            return 0
        }
        let width = a.count / n
        func moments(_ t: Tensor, _ rows: Int) -> (mean: [Double], square: [Double]) {
            var (mean, square) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
            t.withFloats { x in
                for k in 0..<rows * width {
                    let v = Double(x[k])
                    mean[k % width] += v / Double(rows)
                    square[k % width] += v * v / Double(rows)
                }
            }
            return (mean, square)
        }
        let (own, other) = (moments(a, n), moments(b, m))
        var (apart, spread) = (0.0, 0.0)
        for c in 0..<width {
            apart += (own.mean[c] - other.mean[c]) * (own.mean[c] - other.mean[c])
            spread += max(0, own.square[c] - own.mean[c] * own.mean[c])
        }
        return spread > 0 && apart.isFinite ? (apart / spread).squareRoot() : 0
    }

    /// How many of the held-out rows an earlier training of the same net, in the same program, had with their labels, and
    /// this one has not.
    func shareTrainedBefore(_ run: SiamRuntime.Run, _ held: Dataset?) -> Double {
        guard let held, held.count >= 10, case .named = heldOut,
            let weight = run.nets.first?.parameters.first?.parameter
        else { return 0 }
        let before = earlier.filter { other in
            other.nets.contains { $0.parameters.contains { $0.parameter === weight } }
                && Replay.usesLabels(other.syntax)
        }
        guard !before.isEmpty else { return 0 }
        let known = Set(before.compactMap(trainingRows).flatMap(Replay.hashes))
        let own = Set(trainingRows(run).map(Replay.hashes) ?? [])
        let rows = Replay.hashes(held)
        return Double(rows.count { known.contains($0) && !own.contains($0) }) / Double(rows.count)
    }

    /// Whether the body of a training reads more of a batch than its first part.
    private static func usesLabels(_ train: Train) -> Bool {
        let others = Set(train.names.dropFirst().map(\.text))
        var found = false
        for s in train.body.statements {
            s.walk { if case .name(let n) = $0.kind, others.contains(n) { found = true } }
        }
        return found
    }

    /// Whether the program asks for the share of right classes on a data set.
    private func judgesClasses(_ held: Dataset) -> Bool {
        evidence.heldOutName.map { name in
            var found = false
            for s in chart.later {
                s.walk { e in
                    guard case .call(let f, let arguments, _) = e.kind, case .name("accuracy") = f.kind else { return }
                    for a in arguments { a.value.walk { if case .name(name) = $0.kind { found = true } } }
                }
            }
            return found
        } ?? false
    }

    /// Which classes of the data that the program measures on are missing among the labels that batches are cut from.
    private func noteClassesOfTensors(_ run: SiamRuntime.Run, _ session: Session, _ wiring: TrainingModel?) {
        guard evidence.task == .classification, let all = (run.source as? SourceThing)?.source.tensors, all.count == 2,
            case let labels = Set(all[1].doubles), labels.count > 1, labels.count < 1000,
            labels.allSatisfy({ $0 >= 0 && $0 == $0.rounded() })
        else { return }
        for name in wiring?.judgedOn ?? [] {
            guard case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name),
                d.dataset.x.count / max(1, d.dataset.count) == all[0].count / max(1, all[0].shape[0])
            else { continue }
            let missing = d.dataset.classes.filter { !labels.contains(Double($0)) }
            if !missing.isEmpty, missing.count < d.dataset.classes.count {
                (evidence.missingClasses, evidence.heldClasses) = (missing.sorted(), d.dataset.classes.count)
                return
            }
        }
    }

    /// Scores of classes on a held-out data set, where no held-out batches could be had in the form of the training's own.
    private func judgeClasses(_ run: SiamRuntime.Run, _ session: Session, _ wiring: TrainingModel?, _ source: Dataset?)
        throws
    {
        let isMissing = evidence.taskScore == nil || evidence.isJudgedOnTraining
        guard evidence.task == .classification, isMissing || readsFigures, case .named = heldOut,
            var held = heldData(run, session), let net = run.nets.first
        else { return }
        if let source {
            let known = Set(Replay.hashes(source))
            let isKnown = Replay.hashes(held).map(known.contains)
            held = try held.subset(isKnown.indices.filter { !isKnown[$0] })
        }
        guard held.count >= 20, held.classes.count > 1 else { return }
        var stream = RandomStream(seed: 0x1D0C)
        let sample = held.count > 500 ? try held.sample(500, &stream) : held
        let judge = EmbeddingEvaluator(session.interpreter, sample)
        let encoder = workingEncoder(wiring, session, run, judge) ?? .layer(net)
        func score() -> TaskScore? {
            guard let z = try? judge.plain(encoder), z.rank == 2, z.shape[0] == sample.count,
                z.shape[1] > sample.y.max() ?? 0
            else { return nil }
            var out = Outputs()
            (out.values, out.width, out.targets) = (z.doubles, z.shape[1], sample.y.map(Double.init))
            return TaskScore(out, .classification)
        }
        if readsFigures, let data = dataForReference(source, session, without: sample) {
            try? lookAtClassifier(data, sample)
        }
        if let z = try? judge.plain(encoder) { evidence.mixing = (try? judge.mixing(encoder, z)) ?? 0 }
        guard isMissing, let after = score() else { return }
        if evidence.taskOwn == nil { evidence.taskOwn = evidence.taskScore }
        evidence.taskScore = after
        evidence.taskRows = sample.count
        evidence.isJudgedOnTraining = false
        if let before = beforeTraining(run, score) { evidence.taskUntrained = before }
    }

    /// Tensors that the net is given after the training, row by row, against those that batches were drawn from.
    private func lookForSharedRows(_ run: SiamRuntime.Run, _ wiring: TrainingModel) {
        guard let (name, arguments) = wiring.source.call, name == "batches", wiring.train.names.count > 1 else {
            return
        }
        func tensor(_ e: Expression) -> Tensor? {
            guard case .name(let n) = e.kind, case .tensor(let t)? = parent.globals.valueIfReady(n), t.rank > 1 else {
                return nil
            }
            return t.detached()
        }
        let trained = arguments.filter { $0.name == nil }.compactMap { tensor($0.value) }
        var own = Set<String>()
        for a in arguments { a.value.walk { if case .name(let n) = $0.kind { own.insert(n) } } }
        let nets = Set(wiring.train.nets.map { wiring.text($0, wiring.trainDocument) })
        var measured: [String: Tensor] = [:]
        for statement in chart.later {
            statement.walk { e in
                guard case .call(let f, let arguments, _) = e.kind, case .name(let n) = f.kind, nets.contains(n),
                    let first = arguments.first, case .name(let given) = first.value.kind, !own.contains(given)
                else { return }
                measured[given] = tensor(first.value)
            }
        }
        func rows(_ t: Tensor) -> [UInt64] {
            let n = t.shape[0]
            return (try? Dataset(x: t, y: Array(repeating: 0, count: n), name: "rows")).map(Replay.hashes) ?? []
        }
        let known = Set(trained.flatMap(rows))
        let all = Set(measured.values.flatMap(rows))
        guard !known.isEmpty, all.count >= 20, !trained.contains(where: Replay.isCounted) else { return }
        evidence.pairLeak = Double(all.intersection(known).count) / Double(all.count)
    }

    /// The two sides of a pair, where the program treats them differently before the same weights.
    private func compareKinds(
        _ wiring: TrainingModel, _ first: Value, _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator
    ) throws {
        let session = judge.interpreter.session
        guard wiring.source.call?.name == "pairs", wiring.train.nets.count == 1,
            let second = Encoder(wiring, part: 1).value(session, run)
        else { return }
        func scale(_ encoder: Value) -> (mean: Double, sd: Double)? {
            var found: (mean: Double, sd: Double)?
            let outer = (judge.interpreter.observer, Recording.isOn)
            Recording.isOn = false
            defer { (judge.interpreter.observer, Recording.isOn) = outer }
            judge.interpreter.observer = StageObserver { _, layer, inputs, _ in
                guard found == nil, layer.kind == "dense" || layer.kind == "conv", case .tensor(let x)? = inputs.first,
                    x.count > 0
                else { return }
                let values = x.floats
                let n = Double(values.count)
                let mean = values.reduce(0.0) { $0 + Double($1) } / n
                let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / n
                found = (mean, max(square - mean * mean, 0).squareRoot())
            }
            _ = try? judge.call(encoder)
            return found
        }
        guard let a = scale(first), let b = scale(second) else { return }
        let apart = abs(a.mean - b.mean) / max(min(a.sd, b.sd), 1e-12)
        guard apart > 0.5 else { return }
        func accuracy(training: Bool) throws -> Double {
            let (u, v) = (try judge.embed(first, training: training), try judge.embed(second, training: training))
            guard u.shape == v.shape else { return 0.5 }
            var stream = RandomStream(seed: 0x5EED)
            return PairScore.accuracy(try PairScore.draw(u, judge.data.y, 2000, &stream, other: v))
        }
        let training = try inTrainingMode(run, session) { try accuracy(training: true) }
        evidence.kinds = (apart, training, try accuracy(training: false))
    }

    /// What can be seen of stages and towers on the run's own first batch, where no item was held back.
    private func lookWithoutHeldOut(_ run: SiamRuntime.Run, _ session: Session, _ wiring: TrainingModel?) throws {
        guard isWhole, let probe, probe.rank > 1, probe.shape[0] > 1, let net = run.nets.first else { return }
        let data = try Dataset(x: probe, y: Array(repeating: 0, count: probe.shape[0]), name: "batch")
        let judge = EmbeddingEvaluator(session.interpreter, data, isCosine: wiring?.isCosine ?? false)
        let encoder = workingEncoder(wiring, session, run, judge) ?? .layer(net)
        guard let z = try? judge.embed(encoder), z.rank == 2, z.shape[0] > 1 else { return }
        evidence.width = z.shape[1]
        evidence.spread = Embedding.spread(z)
        evidence.firstSpread = Embedding.spread(try beforeTraining(run) { try judge.embed(encoder) })
        evidence.negativeDistance = evidence.spread * 2.0.squareRoot()
        try compareTowers(run, judge, z, wiring)
        try lookInside(encoder, run, judge, z)
    }

    /// Two towers of one build: how far apart they put one image.
    private func compareTowers(
        _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator, _ z: Tensor, _ wiring: TrainingModel?
    ) throws {
        let session = judge.interpreter.session
        var towers: (Value, Value)?
        // A hand-written loop may train one net after another.
        if run.nets.count > 1, loop.map({ $0.train.nets.count > 1 }) ?? true {
            let shapes = run.nets.prefix(2).map { $0.parameters.map(\.parameter.value.shape) }
            if shapes[0] == shapes[1] { towers = (.layer(run.nets[0]), .layer(run.nets[1])) }
        } else if let wiring, case let left = Encoder(wiring), left.isInside,
            let one = left.value(session, run), let two = Encoder(wiring, part: 1).value(session, run)
        {
            towers = (one, two)
        }
        guard let towers, let first = try? judge.embed(towers.0), let other = try? judge.embed(towers.1),
            first.shape == other.shape, other.rank == 2
        else { return }
        let gap = try Operators.subtract(first, other).doubles
        let width = max(1, other.shape[1])
        var sum = 0.0
        for r in 0..<other.shape[0] {
            sum += (0..<width).reduce(0.0) { $0 + gap[r * width + $1] * gap[r * width + $1] }.squareRoot()
        }
        evidence.towerGap = sum / Double(max(1, other.shape[0])) / max(evidence.negativeDistance, 1e-12)
    }

    /// The program's own way from an example to its embedding, where it can be called here.
    private func workingEncoder(
        _ wiring: TrainingModel?, _ session: Session, _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator
    ) -> Value? {
        func embedded(_ encoder: Value, _ count: Int) -> Tensor? {
            let rows = judge.data.x.rows(0..<count)
            return try? Builtins.embeddings(session.interpreter, encoder, .tensor(rows))
        }
        // A row's embedding is the same whatever other rows stand beside it; a matrix of distances is none.
        guard let wiring, let encoder = Encoder(wiring).value(session, run), judge.data.count >= 3,
            let two = embedded(encoder, 2), let three = embedded(encoder, 3), two.rank == 2, two.shape[1] > 0,
            three.rank == 2, three.shape[1] == two.shape[1],
            zip(two.floats, three.floats).allSatisfy({
                abs($0 - $1) <= 1e-4 * max(abs($0), abs($1), 1e-3) || $0.isNaN && $1.isNaN
            })
        else { return nil }
        return encoder
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

    /// Whether states of layers, which a forward pass in training mode brings up to date, are all as they were.
    private func haveIdleStates(_ run: SiamRuntime.Run) -> Bool {
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

    /// The weights that the training began with.
    private func lookAtWeights() {
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
    private func lookInside(_ encoder: Value, _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator, _ z: Tensor) throws {
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
}
