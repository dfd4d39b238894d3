import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What was done in one step of a lesson.
public struct StepRecord: Sendable, Equatable {
    public enum State: String, Sendable { case open, done, skipped }
    public var heading: String
    public var state: State
    /// The inputs that ran, in order: replayed, they give the step's names again.
    public var inputs: [String]
    public init(_ heading: String, _ state: State = .open, inputs: [String] = []) {
        self.heading = heading
        self.state = state
        self.inputs = inputs
    }
}

/// The progress file: a line a step, `lesson, heading, state, inputs`, and a line that says where the learner stands. Steps go
/// by their headings, so that a new order or number loses nothing. The file is written beside its place and renamed.
public struct LessonProgress: Sendable {
    /// One lesson's part of it.
    public struct Standing: Sendable, Equatable {
        public var records: [StepRecord] = []
        /// The heading of the step the learner was at.
        public var at: String?
        public init() {}
        public func record(_ heading: String) -> StepRecord? { records.first { $0.heading == heading } }
        public mutating func set(_ record: StepRecord) {
            if let k = records.firstIndex(where: { $0.heading == record.heading }) {
                records[k] = record
            } else {
                records.append(record)
            }
        }
    }

    private let path: String?

    /// - Parameter path: nil keeps nothing.
    public init(path: String?) { self.path = path }

    private func lines() -> [[String]] {
        guard let path, let text = try? Files.text(path) else { return [] }
        return text.split(separator: "\n").map { line in
            line.split(separator: "\t", omittingEmptySubsequences: false).map { LessonProgress.unescaped(String($0)) }
        }
    }

    public func standing(_ lesson: String) -> Standing {
        var standing = Standing()
        for fields in lines() where fields.count >= 3 && fields[0] == lesson {
            if fields[2] == "at" {
                standing.at = fields[1]
            } else if let state = StepRecord.State(rawValue: fields[2]) {
                standing.set(StepRecord(fields[1], state, inputs: Array(fields[3...])))
            }
        }
        return standing
    }

    /// Puts a lesson's part in the file's place; what other lessons have there stays. A folder that cannot be written is no
    /// error: then nothing is kept, and it says so.
    @discardableResult
    public func keep(_ standing: Standing, of lesson: String) -> Bool {
        guard let path else { return false }
        var isWritten = false
        withLock(path) {
            var all = lines().filter { $0.first != lesson }
            for r in standing.records { all.append([lesson, r.heading, r.state.rawValue] + r.inputs) }
            if let at = standing.at { all.append([lesson, at, "at"]) }
            let text = all.map { $0.map(LessonProgress.escaped).joined(separator: "\t") + "\n" }.joined()
            isWritten = (try? Files.write(Array(text.utf8), to: path, isPrivate: true)) != nil
        }
        return isWritten
    }

    /// Two prompts may keep different lessons at once: what is read and what is written belong together.
    private func withLock(_ path: String, _ body: () -> Void) {
        let lock = open(path + ".lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard lock >= 0 else { return }
        defer { close(lock) }
        while flock(lock, LOCK_EX) != 0 { guard errno == EINTR else { return } }
        body()
    }

    static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\n", with: "\\n").replacing("\t", with: "\\t")
            .replacing("\r", with: "\\r")
    }

    static func unescaped(_ text: String) -> String {
        guard text.utf8.contains(92) else { return text }
        var out = ""
        var isEscape = false
        for scalar in text.unicodeScalars {
            if isEscape {
                isEscape = false
                switch scalar {
                case "n": out += "\n"
                case "t": out += "\t"
                case "r": out += "\r"
                default: out.unicodeScalars.append(scalar)
                }
            } else if scalar == "\\" {
                isEscape = true
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
