import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Records the output of a combination while it runs; progress messages are passed on.
final class OutputRecorder: Output {
    let outer: any Output
    private(set) var said: [OutputLine] = []
    init(_ outer: any Output) { self.outer = outer }
    var page: Page { outer.page }
    var isInteractive: Bool { false }
    func print(_ text: String) { said.append(OutputLine(kind: .printed, text: text, once: "")) }
    func message(_ text: String) { said.append(OutputLine(kind: .message, text: text, once: "")) }
    func diagnostic(_ d: Diagnostic) {
        let place = d.labels.first.map { $0.place.long } ?? d.message
        said.append(
            OutputLine(
                kind: d.severity == .warning ? .warning : .message,
                text: DiagnosticRenderer(isColored: false).render(d), once: d.code + place))
    }
    func progress(_ text: String?) { outer.progress(text) }
    var showsProgress: Bool { outer.showsProgress }
    func epoch(_ text: String) {}
}

extension Session {
    /// Does something and takes down what it says, with its warnings as if none had been given before.
    func dictated<T>(_ body: () throws -> T) rethrows -> (T, [OutputLine]) {
        let (before, warned) = (output, warnedPlaces)
        let dictation = OutputRecorder(before)
        output = dictation
        warnedPlaces = []
        defer { (output, warnedPlaces) = (before, warned) }
        let value = try body()
        return (value, dictation.said)
    }

    /// Says what was taken down; a warning once, as ever.
    func say(again line: OutputLine) {
        switch line.kind {
        case .printed: print(line.text)
        case .message: message(line.text)
        case .warning: if warnedPlaces.insert(line.once).inserted { message(line.text) }
        }
    }
}

extension Interpreter {
    /// The study that a sweep is, where it can be kept; nil, with a word on why, where it cannot.
    private func study(_ plan: SweepPlan, _ code: Code, _ frame: Frame, _ axes: [[Value]], _ total: Int) -> KeptStudy? {
        do {
            let environment = try meaning(of: plan, code, frame)
            let named = try axes.map { values in
                try values.map { v -> String in
                    let m = ContentKey(globals)
                    try m.put(v)
                    return m.name()
                }
            }
            let texts = axes.map { $0.map { inline($0, quoted: true) } }
            var pieces: [KeptPiece] = []
            pieces.reserveCapacity(total)
            for combination in 0..<total {
                if combination & 0xFFF == 0 { try Interrupt.poll() }
                let picks = Interpreter.picks(combination, axes)
                let m = ContentKey(globals)
                m.put(environment)
                var label: [String] = []
                for (k, pick) in picks.enumerated() {
                    m.put(plan.names[k])
                    m.put(named[k][pick])
                    label.append("\(plan.names[k]) = \(texts[k][pick])")
                }
                pieces.append(KeptPiece(key: m.name(), label: label.joined(separator: ", ")))
            }
            let file = code.source.name.split(separator: "/").last.map(String.init) ?? code.source.name
            session.sweepCount += 1
            return KeptStudy(
                title: "\(file), sweep \(session.sweepCount) over \(plan.names.joined(separator: ", "))",
                pieces: pieces)
        } catch {
            let reason = (error as? NotStorable)?.reason ?? session.describe(error).message
            session.message("this sweep is run without the store: \(reason)")
            return nil
        }
    }

    /// What every combination of a sweep depends on beside its own values.
    private func meaning(of plan: SweepPlan, _ code: Code, _ frame: Frame) throws -> String {
        let m = ContentKey(globals)
        m.put(tree: plan.syntax.body)
        m.put(session.stream)
        m.put(Int(truncatingIfNeeded: session.firstSeed))
        let body = code.codes[plan.body]
        let own = SweptNames.boundFirst(plan.syntax)
        // The variables of the function that contains the sweep.
        var used = Set<String>()
        for s in plan.syntax.body.statements { s.walk { if case .name(let n) = $0.kind { used.insert(n) } } }
        for (name, register) in code.variables.sorted(by: { $0.key < $1.key })
        where used.contains(name) && !own.contains(name) {
            m.put(name)
            try m.put(variable(Operand.register(register), in: frame))
        }
        if let f = frame.function?.takeUnretainedValue() { try m.put(.function(f)) }
        if let l = frame.layer?.takeUnretainedValue() { try m.put(l) }
        try m.putGlobals(of: body, except: own)
        return m.name()
    }

    /// The rows of a sweep by way of the keeper; nil where the sweep has no key, so that it is to be run as it is.
    func keptRows(
        _ plan: SweepPlan, _ code: Code, _ frame: Frame, _ axes: [[Value]], _ total: Int,
        _ work: (Int) throws -> SweepRow
    ) throws -> [SweepRow]? {
        guard let keeper = session.keeper, session.interventions == nil, !session.keepsBack, !session.isKeeping,
            let study = study(plan, code, frame, axes, total)
        else { return nil }
        session.isKeeping = true
        defer { session.isKeeping = false }
        var rows: [SweepRow] = []
        var failures: [(label: String, failure: KeptFailure)] = []
        do {
            try keeper.outcomes(of: study) { k in
                try outcome(plan) { try work(k) }
            } deliver: { k, outcome in
                if outcome.error != nil {
                    if let f = KeptFailure(outcome.bytes) { failures.append((study.pieces[k].label, f)) }
                    return
                }
                guard let kept = KeptRow(outcome.bytes) else { return }
                let row = SweepRow()
                for (a, pick) in Interpreter.picks(k, axes).enumerated() { row.set(plan.names[a], axes[a][pick]) }
                for (name, value) in kept.fields { if let value { row.set(name, value) } }
                for line in kept.said { session.say(again: line) }
                rows.append(row)
            } progress: {
                session.progress($0)
            }
        } catch let why as NotStorable {
            session.progress(nil)
            session.message("this sweep is run without the store: \(why.reason)")
            return nil
        }
        session.progress(nil)
        guard let first = failures.first else { return rows }
        var notes = first.failure.notes
        notes.append(
            failures.count == 1
                ? "the other \(total - 1) combinations are kept; this one is tried again after  siam store DIR --prune"
                : "\(failures.count) of \(total) combinations failed, which siam store DIR lists; they are tried again after  siam store DIR --prune"
        )
        throw Diagnostic(
            code: first.failure.code, "\(first.label): \(first.failure.message)", notes: notes,
            repair: first.failure.repair)
    }

    private func outcome(_ plan: SweepPlan, _ work: () throws -> SweepRow) throws -> KeptOutcome {
        do {
            let (row, said) = try session.dictated(work)
            let fields = row.fields.map { name, value in
                (name: name, value: plan.names.contains(name) && !row.reported.contains(name) ? nil : value as Value?)
            }
            return KeptOutcome(bytes: try KeptRow(fields: fields, said: said).bytes())
        } catch let error as Interrupted {
            throw error
        } catch let error as NotStorable {
            throw error
        } catch {
            let d = session.describe(error)
            return KeptOutcome(bytes: KeptFailure(d).bytes, error: d.message)
        }
    }

    /// Which value of each axis a combination has: the last axis changes fastest.
    static func picks(_ combination: Int, _ axes: [[Value]]) -> [Int] {
        var rest = combination
        var picks = [Int](repeating: 0, count: axes.count)
        for k in axes.indices.reversed() {
            picks[k] = rest % max(1, axes[k].count)
            rest /= max(1, axes[k].count)
        }
        return picks
    }
}

/// Names that a sweep's block gives a value before it reads them: what they were before does not matter.
enum SweptNames {
    static func boundFirst(_ sweep: Sweep) -> Set<String> {
        var bound = Set(sweep.axes.map(\.name.text))
        var read = Set<String>()
        for s in sweep.body.statements {
            var trained = Set<String>()
            func note(_ e: Expression) {
                switch e.kind {
                case .name(let n): if !bound.contains(n), !trained.contains(n) { read.insert(n) }
                case .train(let t):
                    // What it trains on is read before its batches take their names.
                    for part in e.parts { part.walk(note) }
                    trained.formUnion(t.names.map(\.text))
                default: break
                }
            }
            if case .assign(let targets, let value) = s.kind {
                value.walk(note)
                for t in targets { if case .name = t.kind {} else { t.walk(note) } }
            } else {
                s.walk(note)
            }
            var targets: [String] = []
            switch s.kind {
            case .assign(let ts, _): for t in ts { if case .name(let n) = t.kind { targets.append(n) } }
            case .report(let n, _): targets.append(n.text)
            case .function(let f): targets.append(f.name.text)
            case .layer(let l): targets.append(l.name.text)
            default: break
            }
            bound.formUnion(trained.subtracting(read))
            bound.formUnion(Set(targets).subtracting(read))
        }
        return bound
    }
}
