import ArgumentParser
import CEditline
import Glibc
import SiamServers
import SiamLanguage
import SiamPrompt
import SiamTensor

/// `siam kernel`: the kernel that Jupyter starts, and its registration with Jupyter.
struct Notebook: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "kernel", abstract: "Serve a Jupyter notebook, or make siam known to Jupyter.",
        discussion:
            "Run siam kernel --install once; then Jupyter offers siam. Debian's libzmq5 is needed. Interrupting a cell that trains pauses the training: go, step, rewind or stop in the next cell continues from there."
    )
    @Option(
        name: .customShort("f"),
        help: ArgumentHelp("Jupyter's connection file.", valueName: "file"), completion: .file())
    var file: String?
    @Flag(help: "Make siam known to Jupyter, for this user.")
    var install = false
    @Option(
        help: "With --install: under this folder instead, such as /usr/local or a virtual environment.",
        completion: .directory)
    var prefix: String?
    @Flag(
        name: .customLong("allow-others"),
        help: "Listen where other machines can reach the kernel, if Jupyter asks for it.")
    var allowsOthers = false
    @OptionGroup var threads: ThreadsOption

    func validate() throws {
        if install == (file != nil) {
            throw ValidationError("kernel expects -f FILE, as Jupyter gives it, or --install")
        }
        if prefix != nil, !install { throw ValidationError("--prefix goes with --install") }
    }

    func run() throws {
        let output = TerminalOutput(color: .auto)
        do {
            if install {
                let folder = try KernelSpec.install(prefix: prefix)
                output.print("Jupyter finds siam in \(folder)")
                output.leave(0)
            }
            Interrupts.install(for: "the notebook")
            threads.apply()
            output.leave(try Kernel(file ?? "", allowsOthers: allowsOthers).run())
        } catch let d as Diagnostic {
            output.diagnostic(d)
            output.leave(1)
        }
    }
}
