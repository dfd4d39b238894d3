import ArgumentParser
import CEditline
import Glibc
import SiamFigures
import SiamInterpreter
import SiamPrompt
import SiamRuntime
import SiamReports

/// `siam watch FILE`: runs it again at each save.
struct Watch: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run a file each time it is saved, and say what changed in it.")
    @ArgumentParser.Argument(help: "The .siam file.", completion: .file(extensions: ["siam"]))
    var file: String
    @OptionGroup var color: ColorOption

    func run() throws {
        setvbuf(siam_stdout(), nil, _IOFBF, 1 << 16)
        Interrupts.install(for: "the program \(file)")
        let output = color.output
        let watcher = FileWatcher(path: file, output: output) {
            Figures.attach(
                to: Session(output: output, builtins: Builtin.all), output.display)
        }
        let status = watcher.run()
        output.leave(status)
    }
}
