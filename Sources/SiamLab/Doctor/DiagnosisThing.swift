import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What `diagnose` gives.
public final class DiagnosisThing: Thing, @unchecked Sendable {
    let doctor: Doctor
    let repair: RepairThing

    init(_ doctor: Doctor, _ session: Session) {
        self.doctor = doctor
        repair = RepairThing(doctor, session)
    }
    public override var kindName: String { "a diagnosis" }
    /// Whether it is of a hand-written loop.
    public var isHandWritten: Bool { doctor.isHandWritten }
    /// Names of the findings, causes before their effects.
    public var names: [String] { doctor.findings.map(\.rule.name) }
    public var hasProvedRepair: Bool { repair.isProved }
    public override var summary: String {
        names.isEmpty ? "diagnosis: nothing found" : "diagnosis: \(names.joined(separator: ", "))"
    }
    public override var fieldNames: [String] { ["names", "findings", "repair", "clean", "tried", "text", "json"] }
    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "names": return Value(names.map { Value($0) })
        case "findings": return Value(doctor.findings.map { .record(record($0)) })
        case "repair": return .thing(repair)
        case "clean": return .bool(names.isEmpty)
        case "tried":
            return Value(
                doctor.trials.map {
                    .record(
                        Record([
                            ("fault", Value($0.rule)), ("change", Value($0.label)), ("gain", .number($0.mean)),
                            ("seeds", .number(Double($0.gains.count))), ("proved", .bool($0.isProved)),
                        ]))
                })
        case "text": return Value(display(interpreter.session.output.page))
        case "json": return Value(json.line)
        default: return nil
        }
    }
    private func record(_ f: Finding) -> Record {
        Record([
            ("name", Value(f.rule.name)), ("number", .number(Double(f.rule.number))), ("evidence", Value(f.evidence)),
            ("first", f.firstSymptom.map { Value($0) } ?? .none),
            ("why", Value(f.rule.why)), ("cause", f.cause.map { Value($0) } ?? .none),
            ("repair", Value(f.repair?.label ?? f.rule.repair)), ("proved", .bool(f.isProved)),
            ("gain", .number(f.trial?.mean ?? 0)),
        ])
    }
    public override func display(_ page: Page) -> String {
        Report(doctor).lines(page).joined(separator: "\n")
    }
    public var json: JSON { Report(doctor).json }
    /// The findings at their places in the text, for who reads diagnostics; proved ones with the change that mends them.
    public var diagnostics: [Diagnostic] {
        doctor.findings.map { f in
            let edits = (f.repair?.edits ?? []).compactMap { edit -> Diagnostic.Edit? in
                guard doctor.chart.documents.indices.contains(edit.document) else { return nil }
                let source = doctor.chart.documents[edit.document].whole
                return .init(Place(source, Span(edit.start, edit.end)), edit.replacement)
            }
            let place = edits.first?.place ?? training
            return Diagnostic(
                f.isProved ? .warning : .note, code: "fault." + f.rule.name.replacing(" ", with: "-"),
                "\(f.rule.name): \(f.evidence)", at: place.map { [.init($0)] } ?? [],
                notes: [f.firstSymptom.map { "first seen: \($0)" }, f.cause.map { "caused by: \($0)" }].compactMap {
                    $0
                },
                repair: f.repair?.label ?? f.rule.repair, edits: f.isProved ? edits : [])
        }
    }
    /// The training that was examined.
    private var training: Place? {
        for document in doctor.chart.documents.reversed() where document.importedAs == nil {
            let statements = Parser.parse(document.source).program.statements
            var found: Span?
            for statement in statements { statement.walk { if case .train(let t) = $0.kind { found = t.head } } }
            if let span = found ?? statements.last?.span { return Place(document.source, span) }
        }
        return nil
    }
    /// The repaired texts by file name; empty without a proved repair in the text.
    public var repairedTexts: [(name: String, edits: [(start: Int, end: Int, text: String)])] {
        let all = doctor.repair
        return doctor.chart.documents.indices.compactMap { k in
            let own = ProgramText.settled(all.filter { $0.document == k })
            return own.isEmpty
                ? nil : (doctor.chart.documents[k].source.name, own.map { ($0.start, $0.end, $0.replacement) })
        }
    }
}

/// The repair that a diagnosis proved, as a change of the user's lines.
public final class RepairThing: Thing, @unchecked Sendable {
    private let doctor: Doctor
    private unowned let session: Session
    private var healed: SiamRuntime.Run?

    init(_ doctor: Doctor, _ session: Session) {
        self.doctor = doctor
        self.session = session
    }
    public override var kindName: String { "a repair" }
    var isProved: Bool { doctor.findings.contains { $0.isProved && $0.repair != nil } }
    var diff: String { doctor.repair.isEmpty ? "" : doctor.chart.diff(doctor.repair).joined(separator: "\n") }
    public override var summary: String {
        let labels = doctor.findings.compactMap { $0.cause == nil ? $0.repair?.label : nil }
        return labels.isEmpty ? "no repair" : "repair: \(labels.joined(separator: "; "))"
    }
    public override func display(_ page: Page) -> String { diff.isEmpty ? summary : summary + "\n" + diff }
    public override var fieldNames: [String] { ["proved", "run", "diff", "text"] }
    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "proved": return .bool(isProved)
        case "diff": return Value(diff)
        case "text":
            let changed = doctor.chart.applying(doctor.repair).documents.filter { $0.importedAs == nil }
            return Value(changed.map(\.source.text).joined(separator: "\n"))
        case "run":
            if let healed { return .thing(healed) }
            guard !doctor.repair.isEmpty else { return Value.none }
            let changed = doctor.chart.applying(doctor.repair)
            var texts: [String: String] = [:]
            for d in changed.documents { if let path = d.importedAs { texts[path] = d.source.text } }
            healed = try session.repeated(
                changed.documents.filter { $0.importedAs == nil }.map { changed.shown.pruned($0.source) }.map(
                    \.source),
                texts: texts, run: doctor.chart.run, to: SilentOutput())
            return healed.map { .thing($0) } ?? Value.none
        default: return nil
        }
    }
}
