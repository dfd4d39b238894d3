import Glibc
import SiamData
import SiamInterpreter
import SiamLanguage
import SiamMeasures
import SiamRuntime
import SiamTensor

/// Examines one run: replays it, tests suspected causes, and confirms repairs.
final class Doctor {
    let session: Session
    let run: SiamRuntime.Run
    let budget: Double
    private let started = Clock.now()
    let chart: ProgramText
    let wiring: TrainingModel
    var heldOut = HeldOut.none
    /// Edits that every replay has: the part held back.
    var always: [TextEdit] = []
    private(set) var steps: Int
    /// The unchanged run's outcome by seed.
    private var bases: [UInt64: ForkedJobs.Outcome] = [:]
    var replays = 0
    var trials: [Trial] = []
    var findings: [Finding] = []
    private(set) var looked: [String] = []
    var notTested: [String] = []
    /// Signs that are there and of which no change was shown to matter.
    private(set) var unproved: [String] = []
    /// Signs that are there, and changes against them gained nothing.
    private(set) var harmless: [String] = []
    private(set) var notes: [String] = []
    private var insideTraining: String?
    var base = Evidence()
    private(set) var isInterrupted = false
    /// Whether something was left untried for want of time.
    var ranOut = false
    static let seeds: [UInt64] = [0, 1009, 2003, 3001, 4001]

    let isHandWritten: Bool
    /// What the first step of a hand-written loop told when the program ran.
    var loopFacts: StepFacts?
    /// Whether the loop's own last steps judge its net, since no embedding does.
    private var isJudgedInLoop: Bool {
        guard let task = loopFacts?.task else { return false }
        return judgesPairs || !wiring.measuresEmbedding && task != .metric && task != .unknown
    }
    /// Whether pairs of the loop's own drawing are judged, where nothing makes an embedding of one example.
    private(set) var judgesPairs = false
    /// Whether class numbers count as the loss uses them.
    private(set) var judgesByUsed = false
    /// Whether a classifier is judged by its log loss, since accuracy does not see what it lacks.
    private(set) var judgesByLogLoss = false
    /// Whether the program's own figure judges the run, where nothing else does.
    private(set) var judgesByFigure = false
    /// Where nothing is replayed, a run is judged by what it came to.
    let isReplayed: Bool

    /// Diagnoses a hand-written loop that has run; `budget` is nil where its replays would take too long.
    init(_ run: SiamRuntime.Run, _ wiring: TrainingModel, _ session: Session, budget: Double?, facts: StepFacts? = nil)
    {
        loopFacts = facts
        self.session = session
        self.run = run
        self.budget = budget ?? 0
        chart = wiring.chart
        self.wiring = wiring
        steps = run.steps
        isHandWritten = true
        isReplayed = budget != nil
        chooseHeldOut()
        // Pairs of the program's own making pass by the doctor.
        if isReplayed, wiring.makesPairs {
            always += [wiring.source.inserting("__seen(", before: true), wiring.source.inserting(")")]
        }
        notes.append(
            isReplayed
                ? "hand-written training loop: each replay runs the whole program"
                : "hand-written training loop, no replays within the budget: causes are suspected, and no repair is confirmed"
        )
    }

    /// Of a program that keeps its weights in variables, judged by the figure that it prints.
    init(
        variables run: SiamRuntime.Run, _ written: WrittenLoop, _ wiring: TrainingModel, _ session: Session,
        budget: Double
    ) {
        self.session = session
        self.run = run
        self.budget = budget
        chart = wiring.chart
        self.wiring = wiring
        steps = run.steps
        isHandWritten = true
        isReplayed = true
        always = written.marks
        notes.append(
            "the weights are variables of the program: each replay runs the whole program, and is judged by the score that the program itself computes"
        )
    }

    init?(_ run: SiamRuntime.Run, _ session: Session, budget: Double) {
        isHandWritten = false
        isReplayed = true
        guard let chart = ProgramText(run, session), let wiring = TrainingModel(chart, run.syntax) else { return nil }
        self.session = session
        self.run = run
        self.budget = budget
        self.chart = chart
        self.wiring = wiring
        // The whole run where some dozen replays of it fit into the time, else as much of it as fits.
        let each = run.seconds / Double(max(1, run.steps))
        let able = each > 0 ? Int(min(1e8, budget / (24 * each))) : run.planned
        steps = max(1, min(run.planned, max(400, able)))
        chooseHeldOut()
    }

    /// Whether replays go without rows that the run itself had.
    private var isHeldBack: Bool { if case .kept = heldOut { true } else { false } }

    var seconds: Double { Clock.now() - started }
    var isOver: Bool { seconds > budget }

    /// A data set of the program with other rows of the same kind; else a fifth of the run's own, held back.
    private func chooseHeldOut() {
        let own = wiring.data(of: run, session)
        if own == nil, isReplayed, keepRows() { return }
        if own == nil, !isHandWritten {
            notes.append("the run does not draw from a data set, so no rows could be held out")
            return
        }
        let known = Set(own.map(hashes) ?? [])
        var best: (name: String, score: Int, countsOverlap: Bool)?
        var inside: String?
        let mentioned = chart.documents.map(\.source.text).joined(separator: "\n")
        let judgedOn = wiring.judgedOn
        // What a loop gives a new value in each round is not what the run was made with.
        let ofLoops = chart.namesOfLoops.subtracting(
            isHandWritten ? [] : chart.namesOfRound(wiring.train.head, in: wiring.trainDocument))
        let sisters = wiring.madeBeside(
            Set(
                session.globals.userNames.filter {
                    if case .thing(let d as DatasetThing)? = session.globals.valueIfReady($0) {
                        return d.dataset === own
                    }
                    return false
                }))
        func size(_ d: Dataset) -> Double { (Kernel.sumOfSquares(d.x) / Double(max(1, d.x.count))).squareRoot() }
        let ownSize = own.map(size)
        let ownClasses = Set(own?.classes ?? [])
        func fits(_ d: Dataset) -> Bool {
            if let own { return d !== own && d.itemDims == own.itemDims }
            guard let net = run.nets.first, case let two = d.x.rows(0..<min(2, d.count)) else { return false }
            return (try? Builtins.embeddings(session.interpreter, .layer(net), .tensor(two))) != nil
        }
        for name in session.globals.userNames where name != "_" && mentioned.contains(name) && !ofLoops.contains(name) {
            guard case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name) else { continue }
            if d.dataset === own, judgedOn.contains(name) { inside = name }
            guard fits(d.dataset) else { continue }
            let other = hashes(d.dataset)
            let fresh = other.count { !known.contains($0) }
            let isSupset = own.map { fresh > 0 && other.count - fresh >= $0.count } ?? false
            let shared = ownClasses.intersection(d.dataset.classes).count
            if fresh * 4 < other.count, other.count >= 20, Set(other).count * 10 > other.count,
                !Replay.isCounted(d.dataset.x),
                judgedOn.contains(name) || Doctor.namesHeldOut(name)
            {
                inside = name
            }
            // What the program measures on may be small. Data in other units is what the run's own was made from.
            let isOther = ownSize.map { abs(log(size(d.dataset) / max($0, 1e-30))) > 1 } ?? false
            guard fresh >= (judgedOn.contains(name) ? 20 : 40), d.dataset.classes.count > 1,
                !isOther || judgedOn.contains(name)
            else { continue }
            // A part beside the training data is better than the whole that holds both.
            let score =
                min(fresh, 500) - (isSupset ? 400 : 0) + (shared > 0 ? 100 : 0) + (judgedOn.contains(name) ? 1000 : 0)
                + (sisters.contains(name) ? 300 : 0)
                - (isOther ? 700 : 0)
            if best.map({ score > $0.score }) ?? true { best = (name, score, !isSupset || judgedOn.contains(name)) }
        }
        // Rows that were trained on, measured though others are held out.
        let measuresOthers = best.map { judgedOn.contains($0.name) } ?? false
        insideTraining = best == nil || !measuresOthers && inside.map(judgedOn.contains) == true ? inside : nil
        if let best {
            heldOut = .named(best.name, countsOverlap: best.countsOverlap)
            notes.append("evaluated on \(best.name)")
        } else if !isReplayed, let own {
            heldOut = .own
            notes.append("no held-out data: evaluated on \(own.name), which was trained on")
        } else if let own, let data = Rule.sourceData(wiring), own.count >= 50 {
            heldOut = .kept
            always = [data.inserting("__held(", before: true), data.inserting(")")]
            notes.append(
                "no held-out data: evaluated on a fifth of \(own.name), withheld from the replays")
        } else {
            notes.append("the program has no data set that can be used for the evaluation")
        }
    }

    /// Of a source that is cut from tensors a fifth of the rows is held back as it is made.
    private func keepRows() -> Bool {
        guard let source = (run.source as? SourceThing)?.source, let n = source.tensors?.first?.shape[0] else {
            return false
        }
        guard n >= 40 else {
            heldOut = .own
            notes.append("no held-out data: evaluated on the \(n) rows that it was trained on")
            return true
        }
        heldOut = .kept
        notes.append("no held-out data: evaluated on a fifth of the rows, withheld from the replays")
        return true
    }

    /// What people call data that they keep for judging.
    static func namesHeldOut(_ name: String) -> Bool {
        let words = name.lowercased().split { !$0.isLetter }.map(String.init)
        return words.contains { word in
            ["unseen", "test", "held", "holdout", "heldout", "val", "valid", "validation", "eval", "dev", "query"]
                .contains(word)
        }
    }

    private func hashes(_ d: Dataset) -> [UInt64] { Replay.hashes(d) }

    // MARK: Replays

    func replay(
        _ change: [TextEdit], seed: UInt64, whole: Bool = false, lengthens: Double = 1,
        on invariants: ReplayInvariants? = nil,
        evaluations: [EvaluationText.Statements] = [], holdsGroups: Bool = false
    ) throws -> Evidence? {
        replays += 1
        let replay = Replay(
            chart.applying(change + always), (wiring.trainDocument, wiring.trainIndex), session,
            steps: Int(Double(steps) * lengthens), seedShift: seed, heldOut: heldOut, isWhole: whole)
        replay.own = wiring
        replay.wanted = invariants
        replay.readsFigures = whole && change.isEmpty
        replay.evaluations = evaluations
        replay.holdsGroups = holdsGroups
        replay.judgesPairs = judgesPairs
        replay.judgesByFigure = judgesByFigure
        replay.judgesByUsed = judgesByUsed
        replay.judgesByLogLoss = judgesByLogLoss
        if isHandWritten, isJudgedInLoop {
            // An epoch without the held-out fifth of the rows has fewer steps.
            var share = 1.0
            if case .kept = heldOut, (run.source as? SourceThing)?.dataset == nil { share = 0.8 }
            let length = Int(Double(steps) * lengthens * share)
            let each = max(1, loopFacts?.rows ?? 1)
            replay.judgesFrom = max(1, length - max(1, min(length / 10, max(2, 256 / each))))
        }
        replay.statementsBehind = base.statementsBehind
        return try replay.run()
    }

    /// What the run comes to on seeds of its own, without a change and with it: as many replays at once as there are
    /// threads, where one takes longer than a copy of the process does.
    func pairs(_ seeds: [UInt64], _ edits: [TextEdit], _ change: [TextEdit], lengthens: Double = 1) throws
        -> [ForkedJobs
        .Outcome?]
    {
        var jobs: [Job] = []
        for seed in seeds {
            if !edits.isEmpty || bases[seed] == nil { jobs.append(Job(edits: edits, seed: seed)) }
            jobs.append(Job(edits: edits + change, seed: seed, lengthens: change.isEmpty ? 1 : lengthens))
        }
        let each = base.stepSeconds * Double(steps)
        func work(_ k: Int) throws -> ForkedJobs.Outcome? {
            try replay(jobs[k].edits, seed: jobs[k].seed, whole: false, lengthens: jobs[k].lengthens).map {
                .init(worth: $0.worth, auc: $0.score.auc)
            }
        }
        let before = replays
        let found = try outcomes(jobs) { rest in
            each > Doctor.worthACopy
                ? try ForkedJobs.outcomes(rest.count, patience: 10 + 20 * each) { try work(rest[$0]) }
                : try rest.map(work)
        }
        replays = before + jobs.count
        var outcomes: [ForkedJobs.Outcome?] = []
        for seed in seeds {
            func of(_ wanted: [TextEdit]) -> ForkedJobs.Outcome? {
                jobs.firstIndex { $0.seed == seed && $0.edits == wanted }.flatMap { found[$0] }
            }
            let without = (edits.isEmpty ? bases[seed] : nil) ?? of(edits)
            if edits.isEmpty { bases[seed] = without }
            outcomes += [without, of(edits + change)]
        }
        return outcomes
    }
    /// Seconds.
    private static let worthACopy = 0.03

    func examination(_ edits: [TextEdit], _ evidence: Evidence) -> Examination {
        guard !edits.isEmpty,
            let changed = wiring.again(in: chart.applying(edits))
        else { return Examination(wiring: wiring, evidence: evidence) }
        return Examination(wiring: changed, evidence: evidence)
    }

    func begin(with first: Evidence) {
        base = first
        bases[0] = .init(worth: first.worth, auc: first.score.auc)
    }
    func conclude(_ trial: Trial, _ finding: Finding?) {
        trials.append(trial)
        if let finding { findings.append(finding) }
    }

    /// Signs alone: of a state of the net, and, where the net is no good, of what may have caused it.
    func conclude(_ replay: Replay) throws {
        replay.heldOut = heldOut
        try replay.measure(run, session)
        begin(with: replay.evidence)
        let here = Examination(wiring: wiring, evidence: base)
        var signs = Rule.all.compactMap { rule in rule.sign(here).map { (rule, $0) } }
        // Without replays those causes are named that the program has something to undo of, if there are any.
        let undone = signs.filter { $0.0.kind == .cause && !$0.0.changes(here).isEmpty }.map(\.0.name)
        if !undone.isEmpty { signs.removeAll { $0.0.kind == .cause && !undone.contains($0.0.name) } }
        let found = Set(signs.map(\.0.name))
        looked = Rule.all.map(\.name).filter { !found.contains($0) }
        let hasEffect = signs.contains { $0.0.kind == .effect }
        let isPoor = hasEffect || self.isPoor
        for (rule, sign) in signs {
            switch rule.kind {
            case .note: notes.append("\(rule.name), no fault: \(sign)")
            case .cause where !isPoor: notes.append("a symptom of \(rule.name), although the net learns: \(sign)")
            default: findings.append(Finding(rule, sign, here))
            }
        }
    }

    func note(_ text: String) { notes.append(text) }

    func say(_ text: String) { session.progress("diagnose: \(text)  (\(replays) replays, \(Int(seconds)) s)") }

    // MARK: The examination

    func examine() throws {
        let outer = session.isDiagnosed
        session.isDiagnosed = true
        defer {
            session.isDiagnosed = outer
            session.progress(nil)
        }
        do { try examineAll() } catch is Interrupted {
            Interrupt.clear()
            isInterrupted = true
            notes.append("interrupted: this is the result so far")
        }
    }

    /// The run again as it is; on its own rows where it does not go without those that were to be held back.
    private func unchanged() throws -> Evidence? {
        do { return try replay([], seed: 0, whole: true) } catch let error as Diagnostic {
            guard case .kept = heldOut else { throw error }
            notes.append("evaluated on the training rows: with a fifth of them held out the program does not run")
            (heldOut, always) = (.own, [])
            return try replay([], seed: 0, whole: true)
        }
    }

    private func examineAll() throws {
        say("the run again, unchanged")
        guard var first = try unchanged() else {
            notes.append("the replay of the program did not reach this run")
            return
        }
        if !first.isJudged, (isHandWritten ? loopFacts?.task : first.task) == .metric {
            judgesPairs = true
            if let again = try replay([], seed: 0, whole: true), again.isJudged { first = again }
        }
        if first.isRenamed, first.figures.contains(where: { !$0.isError && $0.gain > 0.3 }) {
            judgesByUsed = true
            if let again = try replay([], seed: 0, whole: true) { first = again }
        }
        if first.isVouchedFor || !first.isJudged && (!first.isWithoutEmbedding || !first.figures.isEmpty) {
            judgesByFigure = true
            if let again = try replay([], seed: 0, whole: true), again.isJudged { first = again }
            judgesByFigure = first.ownMeasure != nil
            if judgesByFigure { notes.append("judged by the score that the program itself prints: \(first.measure)") }
        }
        if first.ownMeasure == nil, first.isJudgedByTask, first.task == .metric || first.task == .verification,
            first.figures.contains(where: {
                $0.isComparable && $0.trainedShare < 0.05 && $0.gain > 0.1 && $0.worth < first.standing - 0.2
            })
        {
            // Few of many are harder to tell apart than two.
            judgesByFigure = true
            if let again = try replay([], seed: 0, whole: true), again.ownMeasure != nil { first = again }
            judgesByFigure = first.ownMeasure != nil
            if judgesByFigure { notes.append("judged by the score that the program itself prints: \(first.measure)") }
        }
        if first.ownMeasure == nil, first.isGood, let seen = first.logScore, seen.isUnderconfident {
            judgesByLogLoss = true
            let accuracy = first.worth
            if let again = try replay([], seed: 0, whole: true), again.ownMeasure == LogScore.measure { first = again }
            judgesByLogLoss = first.ownMeasure == LogScore.measure
            if judgesByLogLoss {
                notes.append(
                    "judged by the log loss: accuracy is \(short(accuracy)), and the log loss is \(short(seen.loss)), \(short(seen.constant)) for always predicting the class frequencies; with all scores times \(short(seen.factor)) it would be \(short(seen.best)). \(LogScore.measure) is 1 minus the log loss divided by that of the class frequencies"
                )
            }
        }
        first.insideTraining = insideTraining
        begin(with: first)
        if let t = first.telling {
            notes.append(
                "column \(t.column) of the inputs alone predicts the class of \(short(100 * t.share)) % of the rows with one threshold, the next best column \(short(100 * t.next)) %: make sure that this column is known for new rows before their class is"
            )
        }
        if let t = first.telltale {
            notes.append(
                "column \(t.column) of the inputs has correlation \(short(t.correlation)) with the target, the next best column \(short(t.next)): make sure that this column is known for new rows before their target is"
            )
        }
        if first.isWithoutEmbedding {
            notes.append(
                "nothing in the program computes the embedding of one example, so replays cannot be evaluated: symptoms only"
            )
        }
        // What can be tried within the budget.
        let each = first.stepSeconds * Double(steps) + 0.2
        if steps > 150, !isHandWritten {
            let able = each * 24 > budget ? max(150, Int(Double(steps) * budget / (24 * each))) : steps
            let fewer = try agreed(able, on: "steps of \(steps)")
            if fewer < steps * 3 / 4 {
                steps = fewer
                notes.append("replays are shortened to \(steps) of \(run.planned) steps")
                if let again = try replay([], seed: 0, whole: true) {
                    again.insideTraining = insideTraining
                    base = again
                    bases = [0: .init(worth: again.worth, auc: again.score.auc)]
                }
            }
        }
        if always.isEmpty, !isHeldBack, steps == run.planned,
            !zip(first.loss, run.loss.values).allSatisfy({ $0 == $1 || $0.isNaN && $1.isNaN })
        {
            notes.append(
                "the losses of the replay differ from those of the run: something outside the program changed the run")
        }
        var edits: [TextEdit] = []
        var current = base
        // Noise in what is measured makes any training look poor.
        let isNoisy = try noisyFigure.map { try searchEvaluation(noisy: $0) } ?? false
        for round in 0..<(isNoisy ? 0 : 3) {
            let rules = Rule.all
            let here = examination(edits, current)
            let signs = rules.compactMap { rule in rule.sign(here).map { (rule, $0) } }
            if round == 0 {
                looked = rules.map(\.name)
                for (rule, sign) in signs where rule.kind == .note { notes.append("\(rule.name), no fault: \(sign)") }
            }
            for (rule, sign) in signs
            where rule.kind == .measured && !findings.contains(where: { $0.rule.name == rule.name }) {
                findings.append(Finding(rule, sign, here))
            }
            let suspects = signs.filter { s in
                s.0.kind == .cause && !findings.contains { $0.rule.name == s.0.name }
            }
            var found: (finding: Finding, beside: Finding?, evidence: Evidence)?
            let plain = suspects.filter {
                $0.0.traits.contains(.shownByStep) && $0.0.isConclusive(current) && $0.0.changes(here).isEmpty
            }
            if round == 0, !plain.isEmpty {
                found = try search(on: edits, current, plain)
                // Only a change that takes the plain sign away says more than the causes that are tried next.
                if let f = found, !plain.contains(where: { $0.0.number == f.finding.rule.number }) { found = nil }
            }
            if found == nil {
                found = try prove(suspects.filter { !$0.0.traits.contains(.lastResort) }, on: edits, current)
            }
            if found == nil, round == 0 {
                try finishWithEffects(signs)
                if !findings.contains(where: \.isProved), !current.isGood {
                    found = try prove(
                        suspects.filter { $0.0.traits.contains(.lastResort) } + untold(signs), on: edits, current)
                }
            }
            // Where nothing was shown, or what was shown leaves the run poor, and so may undo no more than an effect.
            let longer = found?.finding.repair.flatMap { $0.lengthens >= 4 && !$0.isCertain ? $0 : nil }
            if round == 0, longer != nil || found.map({ !isGoodEnough($0.evidence) }) ?? true {
                let gain = found?.finding.trial?.mean
                if let deeper = try searchForCause(current),
                    case let more = (deeper.finding.trial?.mean ?? 0) - (gain ?? 0),
                    gain == nil || more > 0.15
                        || longer.map({ explains(deeper.finding, $0) && isAsGood(deeper.finding, $0, more, gain ?? 0) })
                            == true
                {
                    found = deeper
                }
            }
            // Rows that are measured otherwise than those of the training are no fault of its preparation.
            let gained = found?.finding.trial?.mean ?? 0
            if round == 0, found.map({ !isGoodEnough($0.evidence) }) ?? true, !findings.contains(where: \.isProved),
                !signs.contains(where: { $0.0.kind == .cause && $0.0.traits.contains(.ofTheEvaluation) }),
                let better = try searchPreparation(current), (better.finding.trial?.mean ?? 0) > gained + 0.15
            {
                found = better
            }
            guard let found else { break }
            findings.append(found.finding)
            for (rule, sign) in signs
            where rule.kind == .effect && !findings.contains(where: { $0.rule.number == rule.number }) {
                if rule.sign(examination(edits + (found.finding.repair?.edits ?? []), found.evidence)) == nil {
                    var trial = found.finding.trial
                    trial?.rule = rule.name
                    findings.append(
                        Finding(
                            rule, sign, here, cause: found.finding.rule.name, repair: found.finding.repair,
                            trial: trial))
                }
            }
            if let beside = found.beside { findings.append(beside) }
            edits += found.finding.repair?.edits ?? []
            current = found.evidence
            if isOver {
                ranOut = true
                break
            }
        }
        if !isOver { try searchEvaluation() }
        if !isOver { try holdOutGroups() }
        nameSuspects(Rule.all.compactMap { rule in rule.sign(examination([], base)).map { (rule, $0) } })
        // What is read off the step and goes with a proved repair of another cause was no cause of its own.
        let after = examination(edits, current)
        findings.removeAll { f in
            f.rule.traits.contains(.shownByStep) && !f.isProved && !edits.isEmpty && f.rule.sign(after) == nil
        }
        let isOfSmallGain = !findings.contains {
            $0.isProved && !$0.rule.traits.contains(.ofTheEvaluation) && ($0.trial?.mean ?? 0) >= 0.1
        }
        // Causes before states of the net, those that are shown before suspects; what ended the run before what is wrong
        // besides, and how the program measures after what it trains.
        func place(_ f: Finding) -> Int {
            if f.rule.kind == .effect { return f.isProved ? 0 : 2 }
            let isOfStep =
                f.rule.traits.contains(.shownByStep)
                || f.rule.kind == .measured && !f.rule.traits.contains(.ofTheEvaluation)
            if isOfStep, f.rule.isConclusive(base) { return -1 }
            let isVoid = f.rule.traits.contains(.ofTheEvaluation) && f.rule.isConclusive(base)
            // A score that cannot come out otherwise matters more than a small gain.
            if isVoid, isOfSmallGain { return -1 }
            if f.rule.traits.contains(.ofTheEvaluation) || !base.isFinite && f.rule.kind == .measured {
                return 1
            }
            return f.isProved ? 0 : 1
        }
        findings = (-1...2).flatMap { k in
            // What no update reaches is said before what a loss that it would change does.
            // A leak makes a score too good, so it explains no poor one; what the training does wrong stands before what the
            // evaluation does.
            func rank(_ f: Finding) -> Int {
                if !base.isGood, f.rule.traits.contains(.flatters) { return 2 }
                return k == 1 && f.rule.kind == .measured && !f.rule.traits.contains(.ofTheEvaluation) ? 0 : 1
            }
            let all = findings.filter { place($0) == k }
            let own = (0...2).flatMap { r in all.filter { rank($0) == r } }
            return k == -1 ? own.sorted { $0.rule.number < $1.rule.number } : own
        }
    }

    /// Whether another change than that of the length does without a much longer run: a weight that drowns the rest needs
    /// many steps to be undone.
    private func explains(_ f: Finding, _ longer: Change) -> Bool {
        guard Rule.searched.contains(where: { $0.number == f.rule.number }), let repair = f.repair else { return false }
        return !repair.edits.contains { e in
            longer.edits.contains { $0.document == e.document && $0.start < e.end && e.start < $0.end }
        }
    }

    /// Whether a change gains about what a longer run does. A text without something that does harm explains a run that is
    /// sixteen times as long for a part of the gain, too; another number need not.
    private func isAsGood(_ f: Finding, _ longer: Change, _ more: Double, _ gain: Double) -> Bool {
        more > (longer.lengthens > 10 && f.rule.name != "number out of range" ? -0.3 * gain : -0.02)
    }

    /// Whether a run gained at least half of what there is to gain over its untrained copy and the best constant.
    private func isGoodEnough(_ v: Evidence) -> Bool {
        let floor = max(base.startWorth, base.constantWorth)
        return v.worth > floor + 0.5 * (1 - floor)
    }

    /// Causes without a sign of their own that are tried all the same where a run learnt next to nothing.
    private func untold(_ signs: [(Rule, String)]) -> [(Rule, String)] {
        // Where a sign says by itself what is wrong, it is not true that there is none.
        guard isPoor, base.isJudged, !signs.contains(where: { $0.0.kind == .cause && $0.0.isConclusive(base) }) else {
            return []
        }
        // Of a few dozen steps that still lower the loss it is their number.
        let isShort = base.steps < 60 && signs.contains { $0.0.traits.contains(.namesLength) }
        return Rule.all.filter { rule in
            rule.traits.contains(.triedWithoutSign) && !signs.contains { $0.0.number == rule.number } && !isShort
        }.map { ($0, "the run learnt almost nothing, and no symptom of another cause was seen") }
    }

    /// Causes whose sign is there and of which no change was proved: suspects where the net is no good and a change that
    /// takes the sign away helped on the whole, else only seen.
    private func nameSuspects(_ signs: [(Rule, String)]) {
        let open = signs.filter { s in s.0.kind == .cause && !findings.contains { $0.rule.name == s.0.name } }
        let isExplained = findings.contains { $0.isProved || $0.rule.kind == .measured }
        for (rule, sign) in open {
            let own = trials.filter { $0.rule == rule.name }
            let best = own.filter { $0.isSignGone && $0.isLearning }.max { $0.mean < $1.mean }
            // Nothing could be tried where the text has no place for it; what was tried has to have helped.
            let isOpen = own.isEmpty && rule.changes(examination([], base)).isEmpty
            // What was tried and left the run as broken as it was, beside something that mended it.
            let isRefuted =
                !base.isFinite && !own.isEmpty && !own.contains { $0.isSignGone }
                && open.contains { other in trials.contains { $0.rule == other.0.name && $0.isSignGone } }
            let isUnjudged =
                !base.isJudged && rule.isPlain(base) && (own.isEmpty || own.contains { $0.isSignGone })
            let isSuspected =
                (isPoor && !base.isBehindNeighbours || !rule.traits.contains(.lastResort))
                && (isUnjudged || isPoor || base.isWeak || base.contradiction != nil && rule.isPlain(base))
                && !isRefuted
                && (isOpen && (isPoor || isUnjudged) || rule.isPlain(base) || (best?.mean ?? 0) > 0.05)
            let isShown = rule.traits.contains(.shownByStep) && rule.isConclusive(base)
            if isShown || !isExplained && (isSuspected || rule.isConclusive(base)) {
                findings.append(Finding(rule, sign, examination([], base), trial: best))
            } else if !own.isEmpty, own.allSatisfy({ $0.gains.count > 0 && $0.mean < 0.05 }) {
                harmless.append("\(rule.name): \(sign)")
            } else {
                unproved.append("\(rule.name): \(sign)")
            }
        }
    }

    /// Whether the run is hardly better than its untrained copy.
    var isPoor: Bool {
        if base.isKept { return false }
        if base.isJudgedByTask {
            let floor = max(base.startWorth, base.constantWorth)
            return !base.isFinite || base.worth < floor + 0.1 * (1 - min(floor, 0.9)) || base.isBehindNeighbours
        }
        return !base.isFinite
            || base.items > 0 && base.worth < min(0.9, base.untrained.mapAtR + 0.05)
                && base.score.auc < base.untrained.auc + 0.05
    }

    /// Effects without a proved cause: their own changes, and the state itself.
    private func finishWithEffects(_ signs: [(Rule, String)]) throws {
        let effects = signs.filter { $0.0.kind == .effect }
        if let found = try prove(effects, on: [], base) {
            findings.append(found.finding)
        }
        for (rule, sign) in effects where !findings.contains(where: { $0.rule.name == rule.name }) {
            // A collapse is there whether or not its cause was found; the others are signs alone.
            if rule.traits.contains(.isThereByItself) {
                findings.append(Finding(rule, sign, examination([], base)))
            }
        }
    }

    /// The edits of all proved repairs.
    var repair: [TextEdit] {
        Rule.unique(
            findings.filter { $0.cause == nil && $0.isProved }.flatMap { f in
                f.repair.map { $0.isExperiment ? [] : $0.edits } ?? []
            })
    }
}
