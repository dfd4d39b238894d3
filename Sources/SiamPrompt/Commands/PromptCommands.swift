import CEditline
import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// The table of `:` commands.
public enum PromptCommands {
    public static let all: [PromptCommand] =
        [
            PromptCommand(
                "help", "[NAME]", takes: .topic, "shows this page, or the help of a name, as ?NAME does",
                details: "NAME is a name of the language or one of yours, a keyword, an operator or a :command."
            ) { prompt, rest in
                if rest.isEmpty {
                    HelpPages.overview(prompt)
                } else if rest == "keys" {
                    HelpPages.keys(prompt)
                } else {
                    let isCommand =
                        PromptCommand.find(rest, in: prompt.commands) != nil && prompt.session.help(rest) == nil
                    try HelpPages.answer(isCommand ? "?:" + rest : "?" + rest, prompt)
                }
                return .goOn
            }
        ] + files + inspection + session + learning
        + [
            PromptCommand(
                "quit", "", "leaves siam; so do ^D, exit and quit"
            ) { _, _ in .leave }
        ]

    /// An argument that has to be there.
    static func need(_ rest: String, _ command: String, _ what: String, _ example: String) throws -> String {
        guard !rest.isEmpty else {
            throw Diagnostic(code: "command.argument", ":\(command) expects \(what)", repair: ":\(command) \(example)")
        }
        return rest
    }

    /// A path as typed, with or without quotes.
    static func path(_ text: String) -> String {
        let bare =
            text.count > 1 && text.hasPrefix("\"") && text.hasSuffix("\"") ? String(text.dropFirst().dropLast()) : text
        return StateFolder.expanded(bare)
    }
}

extension CommandTable {
    /// What every prompt offers.
    static let standard = CommandTable(
        all: PromptCommands.all, lesson: PromptCommands.lesson, answer: { try HelpPages.answer($0, $1) })
}
