import ArgumentParser
import SiamPrompt
import SiamTensor

/// `--threads`, for every command that computes.
struct ThreadsOption: ParsableArguments {
    @Option(help: "Threads to compute with; results do not depend on it.")
    var threads: Int?

    func validate() throws {
        if let threads, !(1...256).contains(threads) {
            throw ValidationError("--threads expects 1 to 256, and got \(threads)")
        }
    }

    func apply() { if let threads { Threads.count = threads } }
}

/// `--color`, for every command that prints for people.
struct ColorOption: ParsableArguments {
    @Option(help: "Colour: auto, always or never.")
    var color: ColorChoice = .auto

    var output: TerminalOutput { TerminalOutput(color: color) }
}
