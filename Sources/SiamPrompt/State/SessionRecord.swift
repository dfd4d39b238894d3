import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// The inputs that succeeded, in order: what `:save` writes as a program that replays to the same values.
public final class SessionRecord {
    private let seed: UInt64
    private var parts: [Part] = []
    /// What happened at the pauses of the run that is being made.
    private var atPauses: [PauseEvent] = []
    /// Whether the text holds some of it as comments.
    public private(set) var hasPauses = false

    /// The text of an input; of one that ends in an expression, where that begins: its value is `_3` in what follows.
    private struct Part {
        var text: String
        var number: Int?
        var valueStart = 0
        var isSilenced = false

        /// The text with its value kept under its number.
        var named: String {
            guard let number else { return text }
            var bytes = Array(text.utf8)
            bytes.insert(contentsOf: Array("_\(number) = ".utf8), at: min(valueStart, bytes.count))
            return String(decoding: bytes, as: UTF8.self) + "\n_\(number)" + (isSilenced ? ";" : "")
        }
    }

    private enum PauseEvent {
        case code(String, step: Int)
        case rewind(from: Int, to: Int)
    }

    public init(seed: UInt64) { self.seed = seed }

    public var isEmpty: Bool { parts.isEmpty }

    /// Forgets the inputs; the names they made are gone too. The random stream is not reset, so later inputs are not
    /// reproduced by a seed.
    public func clear() {
        parts = []
        atPauses = []
        hasPauses = false
    }

    /// An input begins; what was noted for one that failed is forgotten.
    func begin() { atPauses = [] }

    /// Notes code that ran while a run was paused.
    func note(_ code: String, atStep step: Int) { atPauses.append(.code(code, step: step)) }

    /// Notes that a run is sent back. Where nothing was changed before it, the way there and back leaves no trace.
    func noteRewind(from: Int, to: Int) {
        if !atPauses.isEmpty { atPauses.append(.rewind(from: from, to: to)) }
    }

    /// A pause begins: a way back that was not there has not been taken.
    func arrived(at step: Int) {
        if case .rewind(_, let to)? = atPauses.last, to != step { atPauses.removeLast() }
    }

    /// What was typed at pauses behind a step and is undone by a way back to it, where it changed what goes back.
    func takenBack(to step: Int) -> [String] {
        atPauses.flatMap { event -> [String] in
            guard case .code(let code, let at) = event, at > step else { return [] }
            let source = Source(name: "pause", kind: .file, text: code)
            return Parser.parse(source).program.statements.filter(SessionRecord.changesState).map {
                source.text($0.span).split(separator: "\n").joined(separator: " ")
            }
        }
    }

    /// Whether a statement changes a net, an optimizer or a variable, and no definition.
    private static func changesState(_ s: Statement) -> Bool {
        switch s.kind {
        case .assign(let targets, _):
            targets.contains { if case .name = $0.kind { false } else { true } }
        case .expression(let e):
            if case .call(let callee, _, _) = e.kind, case .name(let name) = callee.kind {
                ["freeze", "unfreeze", "update", "load", "seed"].contains(name)
            } else {
                false
            }
        default: false
        }
    }

    public var text: String {
        var lines: [String] = []
        // A value that a later input calls by its number has that name in the program too.
        var mentioned: Set<String> = []
        for part in parts.reversed() {
            lines.append(part.number.map { mentioned.contains("_\($0)") } == true ? part.named : part.text)
            for word in part.text.split(whereSeparator: { !$0.isLetter && !$0.isNumber && $0 != "_" })
            where word.hasPrefix("_") { mentioned.insert(String(word)) }
        }
        if seed != Session.standardSeed { lines.append("seed \(seed)") }
        return lines.reversed().map { $0 + "\n" }.joined()
    }

    /// Adds the statements of an input that ran: its whole text with comments when all did.
    func add(_ statements: [Statement], of source: Source, all: Bool, run: Run?) {
        var text =
            all
            ? source.text
            : statements.map { source.text($0.span) + ($0.isSilenced ? ";" : "") }.joined(separator: "\n")
        if let run, let statement = statements.last {
            let head = statements.dropLast().map { source.text($0.span) }
            if !atPauses.isEmpty, statements.count(where: SessionRecord.trains) == 1,
                let steps = inSteps(statement, source, run)
            {
                text = (head + steps).joined(separator: "\n")
                atPauses = []
            } else if run.stopped == .atPause, run.steps < run.planned,
                let shorter = SessionRecord.made(statement, source, run.steps)
            {
                text = (head + [shorter]).joined(separator: "\n")
            }
        }
        while text.hasSuffix("\n") { text.removeLast() }
        parts.append(part(text, statements, of: source, all: all))
        hasPauses = hasPauses || !atPauses.isEmpty
        for case .code(let code, let step) in atPauses {
            parts.append(
                Part(text: "# While this run was paused after step \(step) this ran too, and is not repeated:"))
            parts += code.split(separator: "\n").map { Part(text: "#   \($0)") }
        }
        atPauses = []
    }

    private func part(_ text: String, _ statements: [Statement], of source: Source, all: Bool) -> Part {
        var part = Part(text: text)
        guard case .prompt(let number) = source.kind, let last = statements.last, case .expression = last.kind else {
            return part
        }
        let own = source.text(last.span)
        let start = all ? last.span.start : text.utf8.count - own.utf8.count - (last.isSilenced ? 1 : 0)
        // A training whose text was changed is written as it came to be.
        guard start >= 0, Array(text.utf8.dropFirst(start).prefix(own.utf8.count)) == Array(own.utf8) else {
            return part
        }
        (part.number, part.valueStart, part.isSilenced) = (number, start, last.isSilenced)
        return part
    }

    /// A run that was changed at pauses, as a program that comes to the same: up to the pause, what was typed there, and on.
    private func inSteps(_ statement: Statement, _ source: Source, _ run: Run) -> [String]? {
        var name = "run"
        switch statement.kind {
        case .assign(let targets, _):
            guard targets.count == 1, case .name(let given)? = targets.first?.kind else { return nil }
            name = given
        case .expression: break
        default: return nil
        }
        var lines: [String] = []
        var done = 0
        func go(to step: Int) -> Bool {
            guard step > done else { return step == done && !lines.isEmpty }
            if lines.isEmpty {
                guard let first = SessionRecord.made(statement, source, step) else { return false }
                if case .expression = statement.kind { lines.append("\(name) = \(first)") } else { lines.append(first) }
            } else {
                lines.append("\(name) = resume(\(name), for_steps = \(step - done))")
            }
            done = step
            return true
        }
        for event in atPauses {
            switch event {
            case .code(let code, let step):
                // At the pause the run is called run, whatever it is called behind it.
                let words = code.split { !$0.isLetter && !$0.isNumber && $0 != "_" }
                guard go(to: step), name == "run" || !words.contains("run") else { return nil }
                lines.append(code)
            case .rewind(let from, let to):
                guard go(to: from) else { return nil }
                lines.append("rewind(\(name), \(from - to))")
                done = to
            }
        }
        return go(to: run.steps) ? lines : nil
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

    /// The text of a `train` with its length replaced by a number of steps.
    private static func made(_ statement: Statement, _ source: Source, _ count: Int) -> String? {
        guard let t = train(statement) else { return nil }
        let start = statement.span.start
        var bytes = Array(source.text(statement.span).utf8)
        let steps = Array("\(count) steps".utf8)
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
