import SiamLanguage

/// A lesson: one Markdown page, read into steps.
public struct Lesson: Sendable {
    /// What the lesson is called in the progress file: `sharing`, of `03-sharing.md`. A new number does not change it.
    public var key: String
    public var number: Int?
    /// The page's file, for messages.
    public var file: String
    public var title = ""
    /// The text before the first step.
    public var opening: [Part] = []
    public var steps: [Step] = []
    /// What is wrong with the page itself.
    public var problems: [Problem] = []

    public struct Problem: Sendable, Equatable {
        public var line: Int
        public var text: String
    }

    /// One `##` heading and the text below it.
    public struct Step: Sendable {
        public var heading: String
        public var line: Int
        /// Shown and run in order, up to the task.
        public var before: [Part] = []
        public var task: Task?
        /// Shown and run once the task is done.
        public var after: [Part] = []
    }

    public enum Part: Sendable {
        case prose(String, line: Int)
        case code(Code)
        /// A question whose answer is not scored.
        case guess(String)
        /// Conditions that have to hold here when the page is checked: where its numbers come from.
        case claim(Code)
    }

    /// A fenced piece of siam. Its source has the page's line numbers.
    public struct Code: Sendable {
        public enum Kind: Sendable { case shown, run, fails }
        public var kind: Kind
        public var text: String
        public var line: Int
        public var program: Program
        /// Whether it only computes, and can be run aside.
        public var isPlain = false

        init(_ text: String, line: Int, file: String, kind: Kind = .run) {
            self.kind = kind
            self.text = text
            self.line = line
            // Errors shall name the page's own lines.
            let padded = String(repeating: "\n", count: max(0, line - 1)) + text
            program = Parser.parse(Source(name: file, kind: .file, text: padded)).program
        }
    }

    /// What a step asks for.
    public struct Task: Sendable {
        public var text = ""
        public var line = 0
        public var checks: [Check] = []
        public var answers: [Answer] = []
        public var wrongs: [Wrong] = []
        public var hints: [String] = []
        public var options: [Option] = []
        /// A program that is worked on in an editor.
        public var file: ProgramFile?
        /// The names that an answer binds or changes and a check looks at; an input that touches one is judged.
        public var asked: Set<String> = []
        /// Whether a check looks at the last value.
        public var asksValue = false
    }

    /// A condition, and what to say where it does not hold.
    public struct Check: Sendable {
        public var text: String
        public var isCondition: Bool
        public var sentence: String?
        public var line: Int
    }

    public struct Answer: Sendable {
        public var code: Code
        public var sentence: String?
    }

    public struct Wrong: Sendable {
        public var code: Code
        /// When the sentence is earned; else where the values are the same as those of `code`.
        public var conditions: [String]
        public var sentence: String
    }

    public struct Option: Sendable {
        public var text: String
        public var sentence: String
        public var isRight: Bool
    }

    public struct ProgramFile: Sendable {
        public var name: String
        public var text: String
        public var line: Int
    }

    /// The name of a step in prompts and reports: `3.4`.
    public func stepName(_ index: Int) -> String {
        let step = "\(index + 1)"
        return number.map { "\($0).\(step)" } ?? "\(key).\(step)"
    }
}
