import ArgumentParser
import CEditline
import Glibc
import SiamCluster
import SiamFigures
import SiamInterpreter
import SiamLab
import SiamLanguage
import SiamPrompt
import SiamRuntime
import SiamTensor
import SiamReports

/// `siam`, `siam FILE`, `siam -e CODE`, and the other subcommands.
@main
struct Siam: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "siam",
        abstract: "Explore, debug and repair the fully connected layers of Siamese networks.",
        discussion: "Without a file it opens the prompt; :help there shows what can be typed.",
        version: Version.full,
        subcommands: [
            Run.self, Watch.self, Test.self, Check.self, Doctor.self, Inspect.self, Format.self, Doc.self, Learn.self,
            Lsp.self,
            Notebook.self, Mcp.self,
            StoreCommand.self,
            Trial.self,
            Manual.self,
        ],
        defaultSubcommand: Run.self)

    /// A file or code to run, where the first word cannot be the name of a subcommand: then the subcommands need not be tried,
    /// which takes a tenth of the time to start. Nothing where anything is asked for or wrong: the whole command says it.
    private static var plainRun: Run? {
        let words = Array(CommandLine.arguments.dropFirst())
        guard let first = words.first, first.utf8.contains(where: { $0 == UInt8(ascii: ".") }) || first == "-e" else {
            return nil
        }
        return try? Run.parse(words)
    }

    /// `siam help contrastive`: help on what a program uses, and not on a command.
    private static var helpOnName: Doc? {
        let words = Array(CommandLine.arguments.dropFirst())
        guard words.first == "help", words.count == 2, !words[1].hasPrefix("-"),
            !configuration.subcommands.contains(where: { $0._commandName == words[1] })
        else { return nil }
        return try? Doc.parse([words[1]])
    }

    /// Wrong usage exits with 2, as everywhere.
    static func main() {
        TerminalOutput.holdStandardStreams()
        Faults.prepare(send: "what you ran")
        do {
            var command: any ParsableCommand = try plainRun ?? helpOnName ?? parseAsRoot()
            try command.run()
        } catch {
            let code = exitCode(for: error)
            var text = ForeignCommands.withoutFarSuggestion(fullMessage(for: error))
            let words = Array(CommandLine.arguments.dropFirst())
            if code != .success,
                let told = words.lazy.compactMap({ ForeignCommands.option($0, words) }).first
            {
                text += "\n\(told)"
            }
            if !text.isEmpty { fputs(text + "\n", code == .success ? siam_stdout() : siam_stderr()) }
            TerminalOutput.leave(code == .success ? 0 : code == .validationFailure ? 2 : 1)
        }
    }
}

/// Runs a file or opens the prompt.
struct Run: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run", abstract: "Run a file, code, or the prompt; the default command.",
        discussion:
            "Exit code: 0 the program ended normally, 1 an error, or a run that ended with a NaN or infinite loss, 2 wrong usage, 130 interrupted."
    )

    @ArgumentParser.Argument(
        help: "A .siam file to run; - reads the program from standard input.", completion: .file(extensions: ["siam"]))
    var file: String?
    @ArgumentParser.Argument(
        parsing: .captureForPassthrough, help: "Arguments for the program, available there as args.")
    var arguments: [String] = []
    @Option(
        name: .customShort("e"), parsing: .unconditionalSingleValue,

        help: ArgumentHelp("Run this code; several -e run one after another.", valueName: "code"))
    var code: [String] = []
    @Flag(name: .customShort("i"), help: "Stay at the prompt after the file, also after an error.")
    var stay = false
    @Option(help: "The seed of the random stream.")
    var seed: UInt64 = Session.standardSeed
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var color: ColorOption
    @Flag(help: "Print no banner; with --store, print nothing, as another worker prints.")
    var quiet = false
    @Option(
        help: ArgumentHelp(
            "Keep the result of each combination of a sweep in this folder, and reuse the results that are there; the same command started several times shares the work.",
            valueName: "folder"), completion: .directory)
    var store: String?
    @Option(help: "With --store: seconds of silence after which a worker counts as gone.")
    var lease = Store.standardLease
    @Flag(help: "With --store: print even if the scheduler's variables say that another worker prints.")
    var prints = false
    @Flag(name: .customLong("no-init"), help: "Do not run ~/.config/siam/init.siam.")
    var noInit = false
    @Flag(help: "Read plain lines at the prompt, without line editing.")
    var plain = false

    @Flag(
        name: .customLong("data-parallel"),
        help: "Train with all processes started by mpirun, each on its part of every batch.")
    var dataParallel = false
    @Option(
        help:
            "With --data-parallel: the number of blocks that a batch is cut into, and the largest number of processes.")
    var blocks = 8
    @Option(
        help: ArgumentHelp(
            "With --data-parallel: the file for an interrupted run; by default the program's name with .siamrun.",
            valueName: "file"), completion: .file(extensions: ["siamrun"]))
    var checkpoint: String?

    func validate() throws {
        if dataParallel, store != nil {
            throw ValidationError(
                "--store shares combinations among independent processes, --data-parallel is one run of all processes: use one of them"
            )
        }
        if !(1...1024).contains(blocks) || blocks & (blocks - 1) != 0 {
            throw ValidationError("--blocks expects a power of two from 1 to 1024, and got \(blocks)")
        }
        if let checkpoint, !checkpoint.hasSuffix(".siamrun") {
            throw ValidationError("--checkpoint expects a name that ends in .siamrun, and got \(checkpoint)")
        }
        try StoreOptions.check(lease: lease)
        if prints, quiet { throw ValidationError("--prints and --quiet contradict each other") }
    }

    func run() throws {
        setvbuf(siam_stdout(), nil, _IOFBF, 1 << 16)
        Interrupts.install(for: file.map { "the program \($0)" } ?? "what you ran")
        threads.apply()
        let output = color.output
        let session = Session(output: output, seed: seed, builtins: Builtin.all)
        Figures.attach(to: session, output.display)
        var given = arguments
        if given.first == "--" { given.removeFirst() }
        try session.globals.assign("args", Value(given.map { Value($0) }))
        if let file, let own = ForeignCommands.behindTheFile(given, file) {
            output.diagnostic(Diagnostic(.warning, code: "argument.unusual", own.message, at: [], repair: own.repair))
        }
        if let store { session.keeper = try opened(store, output) }
        var mpi: MPITeam?
        if dataParallel { mpi = joined(session, output) }
        // A program at a terminal can be stopped and walked about in too: the prompt waits beside it.
        var prompt: Prompt?
        if mpi == nil, isatty(STDIN_FILENO) == 1, isatty(STDOUT_FILENO) == 1 || stay {
            prompt = Prompt(session: session, output: output, quiet: quiet, plain: plain, runsInit: !noInit)
        }
        var status: Int32 = 0
        if !code.isEmpty {
            for (k, one) in code.enumerated() where status == 0 {
                let name = code.count > 1 ? "-e \(k + 1)" : "-e"
                status = output.run(Source(name: name, kind: .file, text: one), in: session)
            }
        } else if let file {
            status = run(file, session, output)
        } else if isatty(STDIN_FILENO) == 0 {
            status = output.run(Source(name: "-", kind: .file, text: TerminalOutput.standardInput()), in: session)
        }
        // A loss that is not finite ends its run, and the program continues, so that the run can be inspected.
        if status == 0, session.hasEndedARun { status = 1 }
        if mpi == nil, stay || (code.isEmpty && file == nil && isatty(STDIN_FILENO) == 1) {
            status =
                (prompt ?? Prompt(session: session, output: output, quiet: quiet, plain: plain, runsInit: !noInit))
                .run()
        }
        prompt?.close()
        (session.keeper as? Store)?.end()
        // Without it the launcher ends the others, as it should where this one failed.
        if status == 0 { mpi?.end() }
        output.leave(status)
    }

    /// Joins the processes that train together; nil if there is only one.
    private func joined(_ session: Session, _ output: TerminalOutput) -> MPITeam? {
        do {
            let mpi = try MPITeam.joined(blocks: blocks)
            session.team = mpi ?? TeamOfOne(blocks: blocks)
            if let mpi, mpi.rank > 0 {
                output.isQuiet = true
                session.keepsBack = true
            }
        } catch {
            if let d = error as? Diagnostic { output.diagnostic(d) } else { output.message("\(error)") }
            output.leave(1)
        }
        siam_signals_end_gently(1)
        let name = file.map { $0.hasSuffix(".siam") ? String($0.dropLast(5)) : $0 } ?? "run"
        let path = checkpoint ?? "\(name == "-" ? "run" : name).siamrun"
        // Each process holds all of the run, and any of them may be the one that is left.
        session.brokenOff = { run, interpreter in
            do {
                if try run.save(to: path, interpreter) {
                    output.message(
                        "\(run.steps) steps are saved:  resume(load(\"\(path)\"))  continues, with --data-parallel bit for bit"
                    )
                }
            } catch { output.diagnostic(session.describe(error)) }
        }
        return session.team as? MPITeam
    }

    /// The store, and who prints.
    private func opened(_ folder: String, _ output: TerminalOutput) throws -> Store {
        let worker = Worker.of(Environment.value)
        do {
            let opened = try StoreOptions.open(folder, worker, lease: lease, output)
            if quiet || !worker.isFirst && !prints {
                if !quiet { output.message("\(worker.text): worker 1 prints") }
                output.isQuiet = true
            }
            return opened
        } catch {
            if let d = error as? Diagnostic { output.diagnostic(d) } else { output.message("\(error)") }
            output.leave(1)
        }
    }

    private func run(_ file: String, _ session: Session, _ output: TerminalOutput) -> Int32 {
        do {
            let text = file == "-" ? TerminalOutput.standardInput() : try Files.program(file)
            return output.run(Source(name: file, kind: .file, text: text), in: session)
        } catch {
            var d = session.describe(error)
            // `siam tets`: a mistyped subcommand and not a file.
            let commands = Siam.configuration.subcommands.filter { $0.configuration.shouldDisplay }.map {
                $0._commandName
            }
            if commands.contains(file) {
                d.repair = "a command comes first, before the options:  siam \(file) ..."
            } else if d.repair == nil, !file.contains("."), !file.contains("/") {
                d.repair = ForeignCommands.command(file, arguments, known: commands)
            }
            output.diagnostic(d)
            return 1
        }
    }
}

extension ColorChoice: ExpressibleByArgument {}
