import ArgumentParser
import SiamServers
import SiamPrompt
import SiamTensor

/// `siam mcp`: what assistants that run tools ask.
struct Mcp: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve an assistant: run, check, doctor, doc, inspect, figure as tools.",
        discussion:
            "Speaks the Model Context Protocol over standard input and output. Programs cannot write files outside the working folder, unless --write is given."
    )
    @Flag(help: "Let programs write files anywhere.")
    var write = false
    @Option(help: "The most memory that tensors, lists and texts may take, in GB.")
    var memory: Double = 4
    @OptionGroup var threads: ThreadsOption

    func validate() throws {
        guard memory >= 0.1, memory < 1e6 else {
            throw ValidationError("--memory expects 0.1 or more, and got \(memory)")
        }
    }

    func run() throws {
        Interrupts.install(for: "the assistant's request")
        threads.apply()
        TerminalOutput.leave(AssistantServer(mayWrite: write, memory: Int(memory * 1e9)).run())
    }
}
