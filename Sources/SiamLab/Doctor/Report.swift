import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A diagnosis as text and as JSON.
struct Report {
    let doctor: Doctor
    init(_ doctor: Doctor) { self.doctor = doctor }

    private func signed(_ x: Double) -> String { (x >= 0 ? "+" : "") + fixed(x) }
    private func fixed(_ x: Double) -> String { (try? formatNumber(x, spec: ".3")) ?? formatNumber(x) }

    /// What the diagnosis comes to, for people who read one word: found, suspected, healthy, unconfirmed, unexplained or unjudged.
    var verdict: String {
        let v = doctor.base
        if doctor.findings.contains(where: \.isProved) { return "found" }
        if !doctor.findings.isEmpty { return "suspected" }
        if doctor.isInterrupted || doctor.ranOut || !v.isJudged { return "unjudged" }
        if doctor.isPoor || v.isBehindReference || v.items > 0 && v.worth < v.raw.mapAtR - 0.05 { return "unexplained" }
        if v.isWeak || v.contradiction != nil { return "unexplained" }
        if v.uncheckedFigure != nil || v.telltale != nil { return "unconfirmed" }
        // Little may be all that there is, and nothing tells.
        let isLow = v.items > 0 && !v.isJudgedByTask && v.worth < 0.5 && (v.reference?.worth ?? 0) < 0.5
        if isLow || !v.isGood && v.reference == nil, v.ownMeasure == nil { return "unconfirmed" }
        // Nothing says how much more is in reach of a run that is judged by its own figure alone.
        if v.ownMeasure != nil, case let start = max(0, v.startWorth), v.worth < start + 0.85 * (1 - start) {
            return "unconfirmed"
        }
        if let own = v.taskOwn, own.worth > v.worth + 0.15 { return "unconfirmed" }
        // A standard training that reaches as little does not say that there is no more.
        if v.gapOfFigures || v.isJudgedByTask && v.task == .regression && v.worth < 0.5 { return "unconfirmed" }
        // Signs of a fault in a run that leaves nothing to gain are none.
        let isBest = v.isGood && v.worth > 0.95 && v.worth > (v.reference?.worth ?? 0) - 0.03
        return (doctor.unproved.isEmpty || isBest) && !v.isJudgedOnTraining ? "healthy" : "unconfirmed"
    }

    /// The answer in one line.
    private var answer: String {
        let v = doctor.base
        let worth = "\(v.measure) \(fixed(v.standing)), untrained \(fixed(v.startWorth))"
        let rows = v.isJudgedByTask ? v.taskRows : v.items
        switch verdict {
        case "found", "suspected":
            let names = doctor.findings.map { $0.rule.name + ($0.isProved ? "" : " (suspected)") }
            return "found: " + names.joined(separator: ", ")
        case "healthy" where v.ownMeasure != nil:
            return "healthy: no fault found; judged by the program's own score, \(worth)"
        case "healthy": return "healthy: no fault found; evaluated on \(rows) held-out rows, \(worth)"
        case "unconfirmed" where doctor.unproved.isEmpty && v.uncheckedFigure != nil:
            return
                "no fault found in the training, \(worth); the program's own score could not be checked: \(v.uncheckedFigure ?? "")"
        case "unconfirmed" where doctor.unproved.isEmpty && v.telltale != nil:
            let column = v.telltale?.column ?? 0
            return "no fault found, but column \(column) of the inputs nearly gives the target: \(worth)"
        case "unconfirmed"
        where (v.ownMeasure != nil || v.reference == nil || v.worth < 0.5) && doctor.unproved.isEmpty
            && !v.isJudgedOnTraining:
            return "no fault found, and no reference that shows how much better the run could be: \(worth)"
        case "unconfirmed":
            return doctor.unproved.isEmpty
                ? "no fault found, evaluated on training rows only: \(worth)"
                : "no fault confirmed, but there are symptoms, listed below: \(worth)"
        case "unexplained":
            if let f = v.contradiction {
                return
                    "no cause confirmed, but the program's own score is much worse than the doctor's evaluation: \(f.text) \(fixed(f.trained)), and \(worth)"
            }
            if let near = v.neighbourWorth, v.isBehindNeighbours {
                return
                    "no cause confirmed, but five nearest neighbours on the raw inputs predict better than this network: \(worth), nearest neighbours \(fixed(near))"
            }
            if let r = v.reference, v.isBehindReference {
                return
                    "no cause confirmed, but \(r.net.name) does better on the same data: \(worth), there \(fixed(r.worth))"
            }
            if !doctor.isPoor, v.isWeak {
                return
                    "no fault found, but the network is hardly better than an untrained or constant one: \(worth)"
                    + (v.reference.map { "; a standard training on the same data reaches \(fixed($0.worth))" } ?? "")
            }
            return doctor.isPoor
                ? "no cause confirmed, but the network barely beats its untrained copy: \(worth)"
                : "no cause confirmed, but retrieval with the raw inputs is better than with this embedding: \(worth), raw \(fixed(v.raw.mapAtR))"
        default:
            if doctor.isInterrupted { return "no verdict: interrupted before a fault was confirmed" }
            if doctor.ranOut { return "no verdict: the time limit was reached; --budget SECONDS raises it" }
            return
                "no verdict: nothing in the program measures how good its outputs are; hold out data with split(data, 0.8)"
        }
    }

    func lines(_ page: Page) -> [String] {
        let v = doctor.base
        var lines: [String] = []
        lines += folded(answer, page)
        if v.isJudgedByTask, let score = v.taskScore {
            lines.append("")
            lines += aligned(
                [
                    [
                        v.isJudgedOnTraining ? "training rows" : "held out",
                        v.ownMeasure == nil ? v.task.rawValue : "own figure", v.measure,
                    ],
                    ["this run", "", fixed(score.worth)],
                    ["untrained copy", "", fixed(v.taskUntrained?.worth ?? score.constant)],
                    ["best constant", "", fixed(score.constant)],
                ] + (v.taskOwn.map { [["training rows", "", fixed($0.worth)]] } ?? [])
                    + (v.reference.map {
                        [[$0.net == .linear ? "linear map" : "standard training", "", fixed($0.worth)]]
                    } ?? []))
        }
        if v.items > 0 {
            lines.append("")
            lines += aligned(
                [
                    ["held out", "MAP@R", "AUC", "pair accuracy"],
                    ["this run", fixed(v.standing), fixed(v.score.auc), fixed(v.score.accuracy)],
                    ["untrained copy", fixed(v.untrained.mapAtR), fixed(v.untrained.auc), fixed(v.untrained.accuracy)],
                    ["raw inputs", fixed(v.raw.mapAtR), fixed(v.raw.auc), fixed(v.raw.accuracy)],
                ] + (v.reference.map { [["standard training", fixed($0.worth), "", ""]] } ?? []))
        }
        if v.loss.count > 1 {
            lines.append(
                "loss  " + Sparkline.draw(v.loss, width: min(50, page.columns - 24), unicode: page.unicode)
                    + "  \(short(v.firstLoss)) -> \(short(v.lastLoss))")
        }
        if v.spreads.count > 1 {
            lines.append(
                "spread  "
                    + Sparkline.draw(
                        v.spreads.map { Float($0.spread) }, width: min(50, page.columns - 26), unicode: page.unicode)
                    + "  \(short(v.spreads[0].spread)) -> \(short(v.spreads[v.spreads.count - 1].spread))")
        }
        for f in doctor.findings { lines += section(f, page) }
        if !doctor.repair.isEmpty {
            lines.append("")
            lines += doctor.chart.diff(doctor.repair)
        }
        lines += page.all ? everythingElse(page) : summaryOfRest(page)
        return lines
    }

    /// One finding: what it is and on what evidence, where it shows first, why it happens and what repairs it.
    private func section(_ f: Finding, _ page: Page) -> [String] {
        var lines = [""]
        let cause = f.cause.map { ", caused by \($0)" } ?? ""
        lines.append("\(f.rule.name)\(cause)\(state(f))")
        lines += folded("  seen: " + f.evidence, page)
        if let firstSymptom = f.firstSymptom { lines.append("  first: " + firstSymptom) }
        lines += f.picture.lines(columns: page.columns - 4, unicode: page.unicode).map { "    " + $0 }
        guard f.cause == nil else { return lines }
        lines += folded("  why: " + f.rule.why, page)
        lines += folded("  repair: " + (f.repair.map { $0.label } ?? f.rule.repair), page)
        if let t = f.trial {
            let gains = t.gains.map(signed).joined(separator: ", ")
            let seeds = t.gains.count == 1 ? "1 seed" : "\(t.gains.count) seeds (\(gains))"
            let end =
                f.isProved ? f.rule.eases == nil ? "symptom resolved" : "symptom resolved or reduced" : "not confirmed"
            lines.append(
                "  \(f.isProved ? "proof" : "tried"): \(t.measure ?? doctor.base.measure) \(signed(t.mean)) over \(seeds), \(end)"
            )
        }
        if !f.alternatives.isEmpty {
            lines += folded(
                "  or: " + f.alternatives.joined(separator: ", or ")
                    + "; each improved the score about as much in one run", page)
        }
        return lines
    }

    private func state(_ f: Finding) -> String {
        if let n = f.trial?.gains.count, f.isProved { return ", confirmed over \(n) seeds" }
        return f.isProved ? ", shown by measurement" : ", suspected"
    }

    /// What `--all` would print, in one line.
    private func summaryOfRest(_ page: Page) -> [String] {
        var parts: [String] = []
        if !doctor.trials.isEmpty { parts.append(counted(doctor.trials.count, "change") + " tried") }
        if !doctor.unproved.isEmpty {
            parts.append(counted(doctor.unproved.count, "symptom") + " not confirmed as a cause")
        }
        let absent = absentRules
        if !absent.isEmpty { parts.append(counted(absent.count, "fault") + " tested for and absent") }
        if !doctor.notTested.isEmpty { parts.append("\(doctor.notTested.count) that could not be tested here") }
        var lines: [String] = []
        // What was judged and how belongs to the answer.
        for n in doctor.notes { lines += folded("note: " + n, page) }
        if !parts.isEmpty {
            lines += folded(
                "also: " + parts.joined(separator: "; ") + " (all details: --all, or show d, all = true)", page)
        }
        return lines
    }

    private func counted(_ n: Int, _ word: String) -> String { n == 1 ? "1 \(word)" : "\(n) \(word)s" }

    private var absentRules: [String] {
        let seen = Set(
            doctor.findings.map(\.rule.name)
                + (doctor.unproved + doctor.harmless).map { String($0.prefix { $0 != ":" }) })
        return doctor.looked.filter { !seen.contains($0) }
    }

    private func everythingElse(_ page: Page) -> [String] {
        var lines: [String] = []
        if !doctor.trials.isEmpty {
            lines.append("")
            lines += aligned(
                [["tried", "for", "\(doctor.base.measure) gain", "sd", "seeds", ""]]
                    + doctor.trials.map {
                        [
                            $0.label, $0.rule, signed($0.mean), $0.gains.count > 1 ? fixed($0.deviation) : "",
                            "\($0.gains.count)",
                            $0.isProved
                                ? "confirmed"
                                : $0.worsened.map { "worse: \($0)" } ?? ($0.isSignGone ? "" : "symptom persists"),
                        ]
                    }, leftColumns: 2)
        }
        for n in doctor.unproved { lines += folded("observed, not confirmed as the cause: " + n, page) }
        for n in doctor.harmless { lines += folded("observed, and a repair of it improved nothing: " + n, page) }
        if !absentRules.isEmpty {
            lines.append("")
            lines += folded("tested for and absent: " + absentRules.joined(separator: ", "), page)
        }
        for n in doctor.notTested { lines += folded("could not be tested here: " + n, page) }
        for n in doctor.notes { lines += folded("note: " + n, page) }
        if doctor.isReplayed { lines.append(doctor.replays == 1 ? "1 replay" : "\(doctor.replays) replays") }
        return lines
    }

    private func folded(_ text: String, _ page: Page) -> [String] {
        let width = max(40, page.columns)
        let indent = text.prefix { $0 == " " }.count
        var lines: [String] = []
        var line = String(repeating: " ", count: indent)
        var isEmpty = true
        for word in text.split(separator: " ") {
            if !isEmpty, line.count + word.count + 1 > width {
                lines.append(line)
                line = String(repeating: " ", count: indent + 2)
                isEmpty = true
            }
            line += (isEmpty ? "" : " ") + word
            isEmpty = false
        }
        return lines + [line]
    }
}

extension Laboratory {
    static let diagnose = Builtin(
        "diagnose", "run, budget = 60", family: "inspection",
        """
        Finds out why a run's result is not useful, and confirms it: the program is replayed from its start with one change at a time, paired with unchanged replays over \
        several seeds and evaluated on held-out items, embeddings by MAP@R and AUC. `.names` are the faults found, `.repair` is the change of the program's lines that was \
        confirmed (`.diff`, `.run`), `.tried` are the changes that were tried. A run is called healthy only where it was evaluated on held-out rows, no symptom is left unexplained, and it gains at least half of what a standard training on the same data gains (Adam, with the supervised contrastive loss for embeddings and a plain network for classes and numbers); the report gives its score. Where no symptom points to a cause, single numbers, signs, orders, operations and variables of the program are changed one at a time. `show d, all = true` prints every change that was tried. `budget` is in seconds.
        """, seeAlso: ["inspect", "trace"], traits: .shows, topics: { Rule.all.map(\.help) }
    ) { i, a in
        // A diagnosis runs the program again, and with it this call.
        if i.session.isDiagnosed { return .none }
        let run = try a.thing(0, SiamRuntime.Run.self, "a run")
        try run.open(i)
        return .thing(try Laboratory.diagnosis(run, i.session, budget: try a.number(1)))
    }

    /// Examines a run of a session.
    public static func diagnosis(
        _ run: SiamRuntime.Run, _ session: Session, budget: Double,
        guessing: (way: BaselineStrategy, replays: Int)? = nil
    ) throws -> DiagnosisThing {
        guard let doctor = Doctor(run, session, budget: budget) else {
            throw Diagnostic(
                code: "diagnose.program",
                "diagnose replays the program of a run, and the program of this run is not known",
                repair: "train in this session, or  siam doctor file.siam")
        }
        if let guessing { try doctor.guess(guessing.way, replays: guessing.replays) } else { try doctor.examine() }
        return DiagnosisThing(doctor, session)
    }
}

extension Session {
    /// Runs a program for its runs alone, and examines the last of them, else its hand-written loop; nil where it trains nothing.
    public func examined(
        _ program: Program, budget: Double, guessing: (way: BaselineStrategy, replays: Int)? = nil
    ) throws -> DiagnosisThing? {
        let watch = LoopWatch(program, self)
        if let watch { interventions = watch.interventions }
        // Diagnosing writes nothing, in the first run as in its replays.
        keepsBack = true
        defer {
            interventions = nil
            keepsBack = false
        }
        var failure: Diagnostic?
        do {
            let shown = ShownStatements(builtins)
            for statement in program.statements {
                if shown.isLeftOut(statement) {
                    noteKeptBack(statement, program.source)
                    if lastRun == nil, watch?.hasRun != true, let kept = shown.building(statement) {
                        try run(kept, of: program.source)
                    }
                } else {
                    try run(statement, of: program.source)
                }
            }
        } catch let error as Diagnostic {
            // What was trained before it went wrong may tell why.
            guard lastRun != nil || watch?.hasRun == true else { throw error }
            failure = error
        }
        if let failure, let lastRun, Doctor(lastRun, self, budget: budget) == nil { throw failure }
        let diagnosis =
            try lastRun.map { try Laboratory.diagnosis($0, self, budget: budget, guessing: guessing) }
            ?? watch?.diagnosis(self, budget: budget)
            ?? diagnosisOfVariables(program, budget: budget)
        if let failure { diagnosis?.doctor.note("after the training the program fails: \(failure.message)") }
        return diagnosis
    }
}
