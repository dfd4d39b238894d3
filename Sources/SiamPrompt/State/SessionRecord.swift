import SiamLanguage
import SiamRuntime

/// The inputs that succeeded, in order: what `:save` writes as a program that replays to the same values.
public final class SessionRecord {
    private let seed: UInt64
    private var parts: [String] = []
    /// What ran at the pauses of the run that is being made: it was part of the run, and no program can repeat it.
    private var atPauses: [String] = []
    /// Whether the text holds such things, as comments.
    public private(set) var hasPauses = false

    public init(seed: UInt64) { self.seed = seed }

    public var isEmpty: Bool { parts.isEmpty }

    /// Forgets the inputs; the names they made are gone too. The random stream goes on, so what follows is not replayed by a seed.
    public func clear() {
        parts = []
        atPauses = []
        hasPauses = false
    }

    /// An input begins; what was noted for one that failed is forgotten.
    func begin() { atPauses = [] }

    /// Notes code that ran while a run was paused.
    func note(_ code: String, atStep step: Int) {
        let lines = code.split(separator: "\n").map { "#   \($0)" }
        atPauses += ["# While this run was paused after step \(step) this ran too, and is not repeated:"] + lines
    }

    public var text: String {
        var lines: [String] = []
        if seed != Session.standardSeed { lines.append("seed \(seed)") }
        lines += parts
        return lines.map { $0 + "\n" }.joined()
    }

    /// Adds the statements of an input that ran: its whole text with comments when all did.
    func add(_ statements: [Statement], of source: Source, all: Bool, run: Run?) {
        var text =
            all
            ? source.text
            : statements.map { source.text($0.span) + ($0.isSilenced ? ";" : "") }.joined(separator: "\n")
        if let run, let statement = statements.last, let shorter = SessionRecord.shortened(statement, source, run) {
            let head = statements.dropLast().map { source.text($0.span) }
            text = (head + [shorter]).joined(separator: "\n")
        }
        while text.hasSuffix("\n") { text.removeLast() }
        parts.append(text)
        hasPauses = hasPauses || !atPauses.isEmpty
        parts += atPauses
        atPauses = []
    }

    static func train(_ statement: Statement) -> Train? {
        let expression: Expression
        switch statement.kind {
        case .expression(let e): expression = e
        case .assign(_, let e): expression = e
        default: return nil
        }
        if case .train(let t) = expression.kind { return t }
        return nil
    }

    static func trains(_ statement: Statement) -> Bool { train(statement) != nil }

    /// The text of a `train` that was stopped by hand, with the length that it came to.
    private static func shortened(_ statement: Statement, _ source: Source, _ run: Run) -> String? {
        guard let t = train(statement), run.stopped == "stopped", run.steps < run.planned else { return nil }
        let start = statement.span.start
        var bytes = Array(source.text(statement.span).utf8)
        let steps = Array("\(run.steps) steps".utf8)
        if let length = t.length {
            var end = length.span.end - start
            // The unit is the word behind the length.
            while end < bytes.count, bytes[end] == 32 || bytes[end] == 10 { end += 1 }
            while end < bytes.count, (97...122).contains(bytes[end]) { end += 1 }
            bytes.replaceSubrange((length.span.start - start)..<end, with: steps)
        } else {
            let at = t.body.span.start - start
            guard bytes.indices.contains(at) else { return nil }
            bytes.insert(contentsOf: Array("for ".utf8) + steps + [32], at: at)
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
