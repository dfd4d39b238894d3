import CEditline
import Glibc
import SiamLanguage
import SiamRuntime

/// The interactive prompt.
public final class Prompt {
    private let session: Session
    private let output: TerminalOutput
    private let quiet: Bool

    public init(session: Session, output: TerminalOutput, quiet: Bool, plain: Bool, runsInit: Bool) {
        self.session = session
        self.output = output
        self.quiet = quiet
    }

    /// Reads and runs inputs until the end; the exit code.
    public func run() -> Int32 {
        var text = ""
        while true {
            fputs(text.isEmpty ? "siam> " : "  ... ", siam_stdout())
            fflush(siam_stdout())
            guard let line = readLine() else { break }
            text += text.isEmpty ? line : "\n" + line
            if Parser.isUnfinished(text) { continue }
            if ["exit", "quit", ":q"].contains(text) { break }
            do { try session.run(session.input(text)) } catch { output.show(error, in: session) }
            text = ""
        }
        return 0
    }
}
