import SiamLanguage
import SiamRuntime

/// A diagnosis as text and as JSON.
struct Report {
    let doctor: Doctor
    init(_ doctor: Doctor) { self.doctor = doctor }

    private func signed(_ x: Double) -> String { (x >= 0 ? "+" : "") + fixed(x) }
    private func fixed(_ x: Double) -> String { (try? formatNumber(x, spec: ".3")) ?? formatNumber(x) }

    /// What is said where nothing was found.
    private var verdict: String {
        let v = doctor.base
        if doctor.isInterrupted { return "interrupted before a fault was proved" }
        if doctor.ranOut { return "no fault was proved in the time given; --budget takes more seconds" }
        if !doctor.isReplayed { return "no sign of a fault was found" }
        if doctor.isPoor { return "no fault was proved, and yet the run is hardly better than its untrained copy" }
        if v.items > 0, v.worth < v.raw.mapAtR - 0.05 {
            return "no fault was proved, and yet raw inputs retrieve better than this embedding"
        }
        return "a clean bill: no fault was found"
    }

    func lines(_ page: Page) -> [String] {
        let v = doctor.base
        var lines: [String] = []
        if doctor.findings.isEmpty {
            lines.append(verdict)
        } else {
            lines.append("found: " + doctor.findings.map(\.rule.name).joined(separator: ", "))
        }
        if v.items > 0 {
            lines.append("")
            lines += aligned([
                ["held out", "MAP@R", "AUC", "pairs told right"],
                ["this run", fixed(v.worth), fixed(v.score.auc), fixed(v.score.accuracy)],
                ["untrained copy", fixed(v.untrained.mapAtR), fixed(v.untrained.auc), fixed(v.untrained.accuracy)],
                ["raw inputs", fixed(v.raw.mapAtR), fixed(v.raw.auc), fixed(v.raw.accuracy)],
            ])
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
        for f in doctor.findings {
            lines.append("")
            lines.append(
                "\(f.rule.name)\(f.cause.map { ", an effect of: \($0)" } ?? "")\(f.isProved ? ", proved" : f.isSuspect ? ", a suspect" : "")"
            )
            lines += folded("  seen: " + f.evidence, page)
            if let onset = f.onset { lines.append("  first: " + onset) }
            lines += f.picture.lines(columns: page.columns - 4, unicode: page.unicode).map { "    " + $0 }
            lines += folded("  why: " + f.rule.why, page)
            if f.cause == nil { lines += folded("  repair: " + (f.repair.map { $0.label } ?? f.rule.repair), page) }
            if let t = f.trial, f.cause == nil {
                let gains = t.gains.map(signed).joined(separator: ", ")
                let seeds = t.gains.count == 1 ? "1 seed" : "\(t.gains.count) seeds (\(gains))"
                let end = f.isProved ? f.rule.eases == nil ? "the sign gone" : "the sign gone or eased" : "no proof"
                lines.append("  \(f.isProved ? "proof" : "tried"): MAP@R \(signed(t.mean)) over \(seeds), \(end)")
            }
        }
        if !doctor.repair.isEmpty {
            lines.append("")
            lines += doctor.chart.diff(doctor.repair)
        }
        if !doctor.trials.isEmpty {
            lines.append("")
            lines += aligned(
                [["tried", "for", "MAP@R gain", "sd", "seeds", ""]]
                    + doctor.trials.map {
                        [
                            $0.label, $0.rule, signed($0.mean), $0.gains.count > 1 ? fixed($0.deviation) : "",
                            "\($0.gains.count)",
                            $0.isProved ? "proved" : $0.isSignGone ? "" : "the sign stays",
                        ]
                    }, leftColumns: 2)
        }
        for n in doctor.unproved { lines += folded("seen, and not shown to be a cause: " + n, page) }
        let seen = Set(doctor.findings.map(\.rule.name) + doctor.unproved.map { String($0.prefix { $0 != ":" }) })
        let absent = doctor.looked.filter { !seen.contains($0) }
        if !absent.isEmpty {
            lines.append("")
            lines += folded("looked for and not found: " + absent.joined(separator: ", "), page)
        }
        for n in doctor.notTested { lines += folded("not tested: " + n, page) }
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

    var json: String {
        func text(_ s: String) -> String {
            var out = "\""
            for c in s.unicodeScalars {
                switch c {
                case "\"": out += "\\\""
                case "\\": out += "\\\\"
                case "\n": out += "\\n"
                case "\t": out += "\\t"
                default:
                    if c.value < 32 {
                        let digits = String(c.value, radix: 16)
                        out += "\\u" + String(repeating: "0", count: 4 - digits.count) + digits
                    } else {
                        out.unicodeScalars.append(c)
                    }
                }
            }
            return out + "\""
        }
        func number(_ x: Double) -> String { x.isFinite ? formatNumber(x) : "null" }
        func list(_ items: [String]) -> String { "[" + items.joined(separator: ", ") + "]" }
        func score(_ s: Score) -> String {
            "{\"map_at_r\": \(number(s.mapAtR)), \"auc\": \(number(s.auc)), \"accuracy\": \(number(s.accuracy))}"
        }
        let findings = doctor.findings.map { f in
            "{\"name\": \(text(f.rule.name)), \"number\": \(f.rule.number), \"evidence\": \(text(f.evidence)), \"first\": \(f.onset.map(text) ?? "null"), \"proved\": \(f.isProved), \"cause\": \(f.cause.map(text) ?? "null"), \"repair\": \(text(f.repair?.label ?? f.rule.repair)), \"gain\": \(number(f.trial?.mean ?? 0))}"
        }
        let trials = doctor.trials.map { t in
            "{\"fault\": \(text(t.rule)), \"change\": \(text(t.label)), \"gains\": \(list(t.gains.map(number))), \"proved\": \(t.isProved), \"sign_gone\": \(t.isSignGone)}"
        }
        let fields = [
            "\"names\": \(list(doctor.findings.map { text($0.rule.name) }))", "\"findings\": \(list(findings))",
            "\"score\": \(score(doctor.base.score))", "\"untrained\": \(score(doctor.base.untrained))",
            "\"raw\": \(score(doctor.base.raw))", "\"tried\": \(list(trials))",
            "\"diff\": \(text(doctor.repair.isEmpty ? "" : doctor.chart.diff(doctor.repair).joined(separator: "\n")))",
            "\"unproved\": \(list(doctor.unproved.map(text)))", "\"looked_for\": \(list(doctor.looked.map(text)))",
            "\"not_tested\": \(list(doctor.notTested.map(text)))",
            "\"notes\": \(list(doctor.notes.map(text)))", "\"replays\": \(doctor.replays)",
            "\"interrupted\": \(doctor.isInterrupted)",
        ]
        return "{" + fields.joined(separator: ",\n ") + "}"
    }
}

extension Laboratory {
    static let diagnose = Builtin(
        "diagnose", "run, budget = 60", family: "looking",
        """
        Why a run's embedding is not useful, proved: the program is replayed from its start with one change at a time, paired with unchanged replays over \
        several seeds and judged on held-out items by MAP@R and AUC. `.names` are the faults found, `.repair` the change of the program's lines that was \
        proved (`.diff`, `.run`), `.tried` what was tried. A healthy run gets a clean bill. `budget` are seconds.
        """, seeAlso: ["inspect", "trace"], topics: { Rule.all.map(\.help) }
    ) { i, a in
        let run = try a.thing(0, SiamRuntime.Run.self, "a run")
        try run.open(i)
        return .thing(try Laboratory.diagnosis(run, i.session, budget: try a.number(1)))
    }

    /// Examines a run of a session.
    public static func diagnosis(
        _ run: SiamRuntime.Run, _ session: Session, budget: Double, guessing: (way: Guesswork, replays: Int)? = nil
    ) throws -> DiagnosisThing {
        guard let doctor = Doctor(run, session, budget: budget) else {
            throw Diagnostic(
                code: "diagnose.program", "diagnose replays the program that made a run, and this run's is not known",
                repair: "train in this session, or  siam doctor file.siam")
        }
        if let guessing { try doctor.guess(guessing.way, replays: guessing.replays) } else { try doctor.examine() }
        return DiagnosisThing(doctor, session)
    }
}

extension Session {
    /// Runs a program for its runs alone, and examines the last of them, else its loop by hand; nil where it trains nothing.
    public func examined(
        _ program: Program, budget: Double, guessing: (way: Guesswork, replays: Int)? = nil
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
            for statement in program.statements {
                if Replay.isLeftOut(statement) {
                    noteKeptBack(statement, program.source)
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
        if let failure { diagnosis?.doctor.note("behind the training the program fails: \(failure.message)") }
        return diagnosis
    }
}
