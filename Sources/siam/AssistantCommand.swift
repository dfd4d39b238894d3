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
    @Option(help: "Threads to compute with; results do not depend on it.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads expects 1 to 256, and got \(threads)")
        }
        guard memory >= 0.1, memory < 1e6 else {
            throw ValidationError("--memory expects 0.1 or more, and got \(memory)")
        }
    }

    func run() throws {
        Interrupts.install(for: "the assistant's request")
        if let threads { Threads.count = threads }
        TerminalOutput.leave(AssistantServer(mayWrite: write, memory: Int(memory * 1e9)).run())
    }
}
