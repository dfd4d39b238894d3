import SiamInterpreter
import SiamLanguage
import SiamRuntime

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
    var steps: Int
    /// The unchanged run's outcome by seed.
    var bases: [UInt64: ForkedJobs.Outcome] = [:]
    var replays = 0
    var trials: [Trial] = []
    var findings: [Finding] = []
    var looked: [String] = []
    var notTested: [String] = []
    /// Signs that are there and of which no change was shown to matter.
    var unproved: [String] = []
    /// Signs that are there, and changes against them gained nothing.
    var harmless: [String] = []
    var notes: [String] = []
    var insideTraining: String?
    var base = Evidence()
    var isInterrupted = false
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
    var judgesPairs = false
    /// Whether class numbers count as the loss uses them.
    var judgesByUsed = false
    /// Whether a classifier is judged by its log loss, since accuracy does not see what it lacks.
    var judgesByLogLoss = false
    /// Whether the program's own figure judges the run, where nothing else does.
    var judgesByFigure = false
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

    var seconds: Double { Clock.now() - started }
    var isOver: Bool { seconds > budget }

    func replay(
        _ change: [TextEdit], seed: UInt64, whole: Bool = false, lengthens: Double = 1,
        on invariants: ReplayInvariants? = nil,
        evaluations: [EvaluationText.Statements] = [], holdsGroups: Bool = false, readsFigures: Bool? = nil
    ) throws -> Evidence? {
        replays += 1
        let replay = Replay(
            chart.applying(change + always), (wiring.trainDocument, wiring.trainIndex), session,
            steps: Int(Double(steps) * lengthens), seedShift: seed, heldOut: heldOut, isWhole: whole)
        replay.own = wiring
        replay.wanted = invariants
        replay.readsFigures = readsFigures ?? (whole && change.isEmpty)
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

    func note(_ text: String) { notes.append(text) }

    func say(_ text: String) { session.progress("diagnose: \(text)  (\(replays) replays, \(Int(seconds)) s)") }

    /// The edits of all proved repairs.
    var repair: [TextEdit] {
        Rule.unique(
            findings.filter { $0.cause == nil && $0.isProved }.flatMap { f in
                f.repair.map { $0.isExperiment ? [] : $0.edits } ?? []
            })
    }
}
