import ArgumentParser
import CEditline
import Glibc
import SiamCluster
import SiamInterpreter
import SiamLanguage
import SiamPrompt
import SiamRuntime
import SiamTensor

/// `siam store DIR`: what a store holds, what is being worked out and what is missing.
struct StoreCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "store",
        abstract: "Show a store of results: done, running, failed, time left.",
        discussion:
            "siam --store DIR study.siam fills it: the result of each combination of a sweep is kept, and any number of workers can share the work. Exit code: 0 all done, 3 something is missing or failed, 1 an error."
    )
    @ArgumentParser.Argument(help: "The store's folder.", completion: .directory)
    var folder: String
    @Flag(help: "Refresh every second, until all is done.")
    var watch = false
    @Option(
        help: ArgumentHelp("Write a study's table as CSV; - prints it.", valueName: "file"),
        completion: .file(extensions: ["csv"]))
    var export: String?
    @Option(help: "Which study to export: a part of its title.")
    var study: String?
    @Flag(help: "Remove results that no present program needs, and failures, so that they are tried again.")
    var prune = false
    @Option(help: "Seconds of silence after which a worker counts as gone.")
    var lease = Store.standardLease

    func validate() throws { try StoreOptions.check(lease: lease) }

    func run() throws {
        setvbuf(siam_stdout(), nil, _IOFBF, 1 << 16)
        Interrupts.install(for: "the command")
        let output = TerminalOutput(color: .auto)
        do {
            if prune { output.message(try StoreView(folder, lease: lease).prune()) }
            if let export {
                let view = try StoreView(folder, lease: lease)
                let (text, rows) = try view.csv(try view.study(named: study))
                if export == "-" {
                    fputs(text, siam_stdout())
                } else {
                    try Files.write(Array(text.utf8), to: export)
                    output.message("\(rows) rows written to \(export)")
                }
                output.leave(0)
            }
            var view = try StoreView(folder, lease: lease)
            while watch, !view.isWhole {
                if isatty(STDOUT_FILENO) == 1 { fputs("\u{1B}[H\u{1B}[2J", siam_stdout()) }
                output.print(try view.text())
                fflush(siam_stdout())
                for _ in 0..<20 {
                    try Interrupt.poll()
                    usleep(50_000)
                }
                view = try StoreView(folder, lease: lease)
            }
            output.print(try view.text())
            let failed = try view.present.contains { try !view.count($0).failed.isEmpty }
            output.leave(view.isWhole && !failed ? 0 : 3)
        } catch is Interrupted {
            output.leave(130)
        } catch {
            if let d = error as? Diagnostic {
                output.diagnostic(d)
            } else {
                output.message("\(error)")
            }
            output.leave(1)
        }
    }
}

/// What commands that use a store have in common.
enum StoreOptions {
    static func check(lease: Double) throws {
        guard lease >= 1, lease <= 86_400 else {
            throw ValidationError("--lease expects 1 to 86400 seconds, and got \(lease)")
        }
    }

    /// The store that a session keeps its sweeps in.
    static func open(_ folder: String, _ worker: Worker, lease: Double, _ output: TerminalOutput) throws -> Store {
        let store = try Store(folder, worker: worker, lease: lease)
        store.message = { output.message($0) }
        return store
    }
}
