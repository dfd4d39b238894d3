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

    @Option(name: .customLong("shapes-of"), help: .hidden)
    var shapesOf: [String] = []

    func run() throws {
        guard shapesOf.isEmpty else {
            LanguageServer.tellShapes(of: shapesOf)
            TerminalOutput.leave(0)
        }
        TerminalOutput.leave(LanguageServer(readsElsewhere: true).run())
    }
}

extension DiagnosticFormat: ExpressibleByArgument {}
