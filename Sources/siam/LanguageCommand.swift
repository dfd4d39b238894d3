import ArgumentParser
import SiamServers
import SiamPrompt

/// `siam lsp`: what editors ask.
struct Lsp: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve an editor: problems while typing, help, completion, shapes.",
        discussion: "Speaks the Language Server Protocol over standard input and output; scripts/editors has settings.")
    @Flag(help: "Accepted and ignored, as standard input and output are the only way; some editors pass it.")
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
