import ArgumentParser
import SiamDoors
import SiamPrompt

/// `siam lsp`: what editors ask.
struct Lsp: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve an editor: findings while typing, help, completion, shapes.",
        discussion: "Speaks the Language Server Protocol over standard input and output; scripts/editors has settings.")
    @Flag(help: "Standard input and output, which is the only way; editors say so all the same.")
    var stdio = false

    func run() throws { TerminalOutput.leave(LanguageServer().run()) }
}

extension DiagnosticFormat: ExpressibleByArgument {}
