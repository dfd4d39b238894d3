import SiamData
import SiamInterpreter
import SiamMeasures
import SiamRuntime
import SiamTensor

/// What is measured of a replay behind its last step.
extension Replay {

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
        noteRun(run, session)
        notePairs(run)
        noteStages(run)
        noteParameters(run)
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
            evidence.netsWithWeights = Set(
                session.globals.userNames.filter { name in
                    if case .layer(let l)? = session.globals.valueIfReady(name) { return !l.parameters.isEmpty }
                    return false
                })
            noteClasses(source, heldData(run, session))
            if source == nil { noteClassesOfTensors(run, session, wiring) }
        }
        if !isEmbedding { try judgeClasses(run, session, wiring, source) }
        // One number for each row, in a loss that is none of the tasks', as of counts: no embedding.
        if !isEmbedding, task == .unknown, let f = evidence.facts, f.sides == 1, f.outputWidth == 1 {
            try lookWithoutHeldOut(run, session, wiring)
            return
        }
        guard var held = heldData(run, session), !evidence.isJudgedByTask else {
            try lookWithoutHeldOut(run, session, wiring)
            return
        }
        if case .own = heldOut {
            // What was trained on stands in for what was held back.
        } else if let source {
            held = try Replay.rows(of: held, notIn: source)
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
        (evidence.items, evidence.classes) = (sample.count, sample.classes.count)
        let z0 = try beforeTraining(run) { try judge.embed(encoder) }
        let z = try judge.embed(encoder)
        try noteEmbedding(z, untrained: z0, judge)
        guard isWhole else { return }
        try noteOtherViews(encoder, run, judge, wiring)
        if let source {
            let own = source.count > 500 ? try source.sample(500, &stream) : source
            evidence.areClassesNew = Set(own.classes).isDisjoint(with: sample.classes)
            let trained = Set(source.classes)
            evidence.ofTrainedClasses =
                Double(sample.y.count { trained.contains($0) }) / Double(max(1, sample.count))
            try noteOwnRows(own, encoder, run, judge)
        }
        if readsFigures, !evidence.isGood, let data = dataForReference(source, session, without: sample) {
            try lookAtReference(encoder, run, data, judge)
        }
        try compareTowers(run, judge, z, wiring)
        try lookInside(encoder, run, judge, z)
        if let wiring { try compareKinds(wiring, encoder, run, judge) }
    }

    /// How well the embeddings of held-out rows tell classes apart, how they are spread, and the same before the training.
    private func noteEmbedding(_ z: Tensor, untrained z0: Tensor, _ judge: EmbeddingEvaluator) throws {
        evidence.width = z.shape[1]
        evidence.score = try judge.score(z)
        evidence.firstSpread = Embedding.spread(z0)
        evidence.spread = Embedding.spread(z)
        evidence.rank = try Spectrum.effectiveRank(z)
        (evidence.positiveDistance, evidence.negativeDistance) = try judge.distances(z)
        evidence.untrained = try judge.score(z0)
        evidence.firstDistance = try judge.distances(z0).negative
        if isWhole { evidence.firstRank = try Spectrum.effectiveRank(z0) }
    }

    /// The same rows by another measure, as they are, and in training mode.
    private func noteOtherViews(
        _ encoder: Value, _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator, _ wiring: TrainingModel?
    ) throws {
        let rows = judge.data
        lookTwice(encoder, judge)
        evidence.raw = try judge.score(
            try judge.compared(try rows.x.reshaped(to: try Shape([rows.count, rows.x.count / rows.count]))))
        if judge.isCosine {
            let score = try EmbeddingEvaluator(judge.interpreter, rows).score(judge.plain(encoder))
            (evidence.otherAuc, evidence.otherMapAtR) = (score.auc, score.mapAtR)
        } else if wiring?.comparesDirectionsLater == true {
            let other = EmbeddingEvaluator(judge.interpreter, rows, isCosine: true)
            let score = try other.score(other.embed(encoder))
            (evidence.otherAuc, evidence.otherMapAtR) = (score.auc, score.mapAtR)
        }
        evidence.trainingScore = try inTrainingMode(run, judge.interpreter.session) {
            try judge.score(try judge.embed(encoder, training: true))
        }
    }

    /// The score on rows of the training, and whether their labels agree with those of their neighbours.
    private func noteOwnRows(
        _ own: Dataset, _ encoder: Value, _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator
    ) throws {
        guard own.classes.count > 1, own.count >= 20 else { return }
        let mine = EmbeddingEvaluator(judge.interpreter, own, isCosine: judge.isCosine)
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

    /// What the run itself recorded: its loss, its steps, the rows it was given.
    private func noteRun(_ run: SiamRuntime.Run, _ session: Session) {
        evidence.loss = run.loss.values
        if isWhole { evidence.notFinite = trainingRows(run).flatMap(Replay.notFinite) }
        if case .kept = heldOut { evidence.isOfKeptRows = true }
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
        if let active = run.reports.first(where: { $0.name == "active" })?.series {
            let shares = zip(active.steps, active.values).map { (step: $0, share: Double($1)) }
            let early = shares.filter { $0.step <= 20 }.map(\.share)
            let late = shares.suffix(max(1, shares.count / 10)).map(\.share)
            if !early.isEmpty { evidence.firstActive = early.reduce(0, +) / Double(early.count) }
            if !late.isEmpty { evidence.lastActive = late.reduce(0, +) / Double(late.count) }
        }
    }

    /// The share of rows with a value that is not finite, and the first column that has one; nil where there are none.
    private static func notFinite(_ rows: Tensor) -> (share: Double, column: Int)? {
        guard let n = rows.shape.dims.first, n > 0, rows.count > 0 else { return nil }
        let width = rows.count / n
        return rows.withFloats { all in
            var bad = 0
            var column = width
            for r in 0..<n {
                guard let k = (0..<width).first(where: { !all[r * width + $0].isFinite }) else { continue }
                bad += 1
                column = min(column, k)
            }
            return bad > 0 ? (Double(bad) / Double(n), column) : nil
        }
    }

    /// How the pairs of all batches were labelled.
    private func notePairs(_ run: SiamRuntime.Run) {
        let seen = same.total > 0 ? (total: same.total, ones: same.ones) : ownPairs
        if seen.total > 0 {
            evidence.sameShare = Double(seen.ones) / Double(seen.total)
            evidence.looksAtManyPairs = seen.total >= 100
            evidence.hasNoPositives = seen.ones == 0 && seen.total >= 100
            evidence.hasNoNegatives = seen.ones == seen.total && seen.total >= 100
        }
        if same.total > 0 {
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
    }

    /// Stages whose outputs lost their spread, or whose units died, while the run went on.
    private func noteStages(_ run: SiamRuntime.Run) {
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
    }

    /// Parameters that are frozen, that never moved or that had no gradient.
    private func noteParameters(_ run: SiamRuntime.Run) {
        evidence.parameters = run.parameters.count
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
    }

    /// Scores of classes on a held-out data set, where no held-out batches could be had in the form of the training's own.
    private func judgeClasses(_ run: SiamRuntime.Run, _ session: Session, _ wiring: TrainingModel?, _ source: Dataset?)
        throws
    {
        let isMissing = evidence.taskScore == nil || evidence.isJudgedOnTraining
        guard evidence.task == .classification, isMissing || readsFigures, case .named = heldOut,
            var held = heldData(run, session), let net = run.nets.first
        else { return }
        if let source { held = try Replay.rows(of: held, notIn: source) }
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
        lookTwice(encoder, judge)
        guard isMissing, let after = score() else { return }
        if evidence.taskOwn == nil { evidence.taskOwn = evidence.taskScore }
        evidence.taskScore = after
        evidence.taskRows = sample.count
        evidence.isJudgedOnTraining = false
        if let before = beforeTraining(run, score) { evidence.taskUntrained = before }
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
}
