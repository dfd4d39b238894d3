import SiamLanguage

/// A `:` command: declared once, with all that help and completion say of it.
public struct PromptCommand: Sendable {
    public enum After: Sendable { case goOn, leave }

    public let name: String
    /// Its arguments, as help shows them.
    public let form: String
    /// One line.
    public let help: String
    /// More, for `:help name`.
    public let details: String
    public let takes: CommandEntry.Takes
    /// How `:help` shows a command: with its line, by its name alone to fit one screen, or not at all.
    public enum Listing: Sendable { case line, name, none }
    public let listing: Listing
    public let run: @Sendable (Prompt, String) throws -> After

    public init(
        _ name: String, _ form: String = "", takes: CommandEntry.Takes = .nothing, _ help: String, details: String = "",
        listing: Listing = .line,
        run: @escaping @Sendable (Prompt, String) throws -> After
    ) {
        self.name = name
        self.form = form
        self.help = help
        self.details = details
        self.takes = takes
        self.listing = listing
        self.run = run
    }

    /// What completion knows of the command.
    public var entry: CommandEntry { CommandEntry(name: name, help: help, takes: takes) }

    /// The command that a word means: itself, or shortened while that is unique.
    public static func find(_ word: String, in commands: [PromptCommand]) -> PromptCommand? {
        CommandEntry.index(of: word, in: commands.map(\.name)).flatMap {
            commands.indices.contains($0) ? commands[$0] : nil
        }
    }

    /// Why a word means no command.
    static func unknown(
        _ word: String, in commands: [PromptCommand], at place: CommandSynonyms.Place = .prompt
    ) -> Diagnostic {
        let found = commands.filter { !word.isEmpty && $0.name.hasPrefix(word) }
        if found.count > 1 {
            return Diagnostic(
                code: "command.ambiguous", ":\(word) could be \(found.map { ":" + $0.name }.joined(separator: " or "))")
        }
        return Diagnostic(
            code: "command.unknown", "there is no command :\(word)", notes: [":help lists them"],
            repair: CommandSynonyms.ofColon(word, at: place)
                ?? closest(to: word, in: commands.map(\.name)).map { "Did you mean :\($0)?" })
    }
}

/// The commands that a prompt offers, and what answers its questions for help.
struct CommandTable: Sendable {
    let all: [PromptCommand]
    /// Those that an open lesson adds.
    let lesson: [PromptCommand]
    /// Answers a line such as `?dense`.
    let answer: @Sendable (String, Prompt) throws -> Void
}
