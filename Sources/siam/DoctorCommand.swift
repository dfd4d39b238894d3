import ArgumentParser
import CEditline
import Glibc
import SiamCluster
import SiamServers
import SiamFigures
import SiamInterpreter
import SiamLab
import SiamLanguage
import SiamPrompt
import SiamRuntime
import SiamTensor
import SiamReports

/// `siam doctor FILE`: which fault, proved by replays, and the repair in the file's own lines.
struct Doctor: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find out why a program's net does not learn, confirm it by replays, and repair it.",
        discussion:
            "Exit code: 0 nothing found, 3 something found, 1 the program fails, 2 wrong usage, 130 interrupted.")
    @ArgumentParser.Argument(help: "The .siam file.", completion: .file(extensions: ["siam"]))
    var file: String
    @Flag(help: "Write the repaired program; the original is kept beside it as FILE.orig.")
    var fix = false
    @Flag(help: "Print the report as JSON.")
    var json = false
    @Option(help: "Format of the report: text, json, github (annotations), sarif.")
    var format: DiagnosticFormat = .text
    @Flag(
        help:
            "Print everything: each change that was tried, faults that were tested for and are absent, and faults that could not be tested."
    )
    var all = false
    @Option(help: "Seconds to spend on replays.")
    var budget: Double = 60
    @Option(
        help: ArgumentHelp(
            "Keep the result of each replay in this folder, and reuse the results that are there.", valueName: "folder"),
        completion: .directory)
    var store: String?
    @Option(help: ArgumentHelp("Guess instead, to compare with: random, or rate.", visibility: .hidden))
    var guess: BaselineStrategy?
    @Option(help: ArgumentHelp("Replays that guessing may take.", visibility: .hidden))
    var replays: Int = 20
    @OptionGroup var threads: ThreadsOption
    @OptionGroup var color: ColorOption

    func validate() throws {
        if !(budget > 0) { throw ValidationError("--budget expects a number of seconds, and got \(budget)") }
    }

    func run() throws {
        setvbuf(siam_stdout(), nil, _IOFBF, 1 << 16)
        Interrupts.install(for: "the program \(file)")
        threads.apply()
        let output = color.output
        let format = json ? .json : format
        let session = Session(output: output, builtins: Builtin.all)
        var status: Int32 = 0
        do {
            let source = Source(name: file, kind: .file, text: try Files.program(file))
            let (program, errors) = Parser.parse(source)
            if let first = errors.first(where: { $0.severity == .error }) { throw first }
            let found = check(program, known: session.knownNames()).filter { $0.severity != .error }
            let renderer = DiagnosticRenderer(isColored: output.colorOnOut)
            if let store {
                session.keeper = try StoreOptions.open(
                    store, Worker.of(Environment.value), lease: Store.standardLease, output)
            }
            output.isMuted = true
            defer { output.isMuted = false }
            let diagnosis = try session.examined(program, budget: budget, guessing: guess.map { ($0, replays) })
            output.isMuted = false
            if !session.keptBack.isEmpty {
                output.message("suppressed while the program is examined: \(session.keptBack.joined(separator: "; "))")
            }
            if let diagnosis {
                if diagnosis.isHandWritten, format == .text { for d in found { output.print(renderer.render(d)) } }
                var page = output.page
                page.all = all
                switch format {
                case .text: output.print(diagnosis.display(page))
                case .json: output.print(diagnosis.json.line)
                case .github, .sarif:
                    let text = format.written((diagnosis.isHandWritten ? found : []) + diagnosis.diagnostics)
                    if !text.isEmpty { output.print(text) }
                }
                if fix { status = write(diagnosis, source, output) }
                // As linters do: 3 where something was found.
                if status == 0, !diagnosis.names.isEmpty { status = 3 }
            } else {
                // Nothing was trained, so that only the text can be checked.
                if format != .text {
                    let text = format.written(found)
                    if !text.isEmpty { output.print(text) }
                } else {
                    for d in found { output.print(renderer.render(d)) }
                    output.message(
                        found.isEmpty
                            ? "\(file) trains nothing, and its text shows no fault; the doctor examines a training, and ?train shows how to write one"
                            : "\(file) trains nothing; these findings are from its text alone")
                }
                if !found.isEmpty { status = 3 }
            }
        } catch {
            output.show(error, in: session)
            status = error is Interrupted ? 130 : 1
        }
        output.leave(status)
    }

    private func write(_ diagnosis: DiagnosisThing, _ source: Source, _ output: TerminalOutput) -> Int32 {
        guard !diagnosis.repairedTexts.isEmpty else {
            output.message("no repair was confirmed; \(file) was not changed")
            return 0
        }
        do {
            for (name, edits) in diagnosis.repairedTexts {
                var bytes = try Files.bytes(name)
                try Files.write(bytes, to: name + ".orig")
                for edit in edits.reversed() where edit.end <= bytes.count {
                    bytes.replaceSubrange(edit.start..<edit.end, with: Array(edit.text.utf8))
                }
                let repaired = Source(name: name, kind: .file, text: String(decoding: bytes, as: UTF8.self))
                let (program, errors) = Parser.parse(repaired)
                let text = errors.isEmpty ? Formatter.format(program) : repaired.text
                try Files.write(Array(text.utf8), to: name)
                output.message("\(name) is repaired; \(name).orig is the original")
            }
            return 0
        } catch {
            if let d = error as? Diagnostic { output.diagnostic(d) }
            return 1
        }
    }
}

extension BaselineStrategy: ExpressibleByArgument {}
