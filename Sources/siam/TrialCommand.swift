import ArgumentParser
import CEditline
import Glibc
import SiamFigures
import SiamInterpreter
import SiamLanguage
import SiamPrompt
import SiamRuntime
import SiamShapes
import SiamTensor
import SiamReports

/// `siam trial FOLDER`: every program of a folder is parsed, laid out, checked and run, one after the other in one process; for
/// the suite, which watches over the process. Each has a second, then it is interrupted; its name is told before it begins, so that
/// a fault of siam is known by the last name.
struct Trial: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a folder of programs as a trial of siam itself.", shouldDisplay: false)
    @ArgumentParser.Argument(help: "A folder of .siam files.")
    var folder: String

    func run() throws {
        setvbuf(siam_stdout(), nil, _IOLBF, 1 << 12)
        Interrupts.install(for: "the last program named")
        let known = Session(output: SilentOutput(), builtins: Builtin.all).knownNames()
        let renderer = DiagnosticRenderer()
        for path in Test.expand(folder) {
            guard let text = try? Files.text(path) else { continue }
            fputs("\(path)\n", siam_stdout())
            // A timer interrupts as Ctrl-C would; what does not hear it is ended from outside.
            Interrupts.every(seconds: 1)
            trial(Source(name: path, kind: .file, text: text), known, renderer)
            Interrupts.every(seconds: 0)
        }
        fputs("done\n", siam_stdout())
        fflush(siam_stdout())
        _exit(0)
    }

    private func trial(_ source: Source, _ known: [KnownName], _ renderer: DiagnosticRenderer) {
        let (program, errors) = Parser.parse(source)
        for d in errors.prefix(3) { _ = renderer.render(d) }
        let session = Session(output: SilentOutput(), builtins: Builtin.all)
        if errors.isEmpty {
            let once = Formatter.format(program)
            let (again, faults) = Parser.parse(Source(name: source.name, kind: .file, text: once))
            if !faults.isEmpty || again != program || Formatter.format(again) != once {
                fputs("layout \(source.name)\n", siam_stdout())
            }
            for d in session.findings(program, known: known).prefix(3) { _ = renderer.render(d) }
        }
        guard errors.isEmpty else { return }
        for statement in program.statements {
            do { try session.run(statement, of: source) } catch is Interrupted { return } catch {
                _ = renderer.render(session.describe(error))
            }
        }
    }
}
