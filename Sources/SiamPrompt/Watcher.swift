import Glibc
import SiamLanguage
import SiamRuntime

/// `siam watch FILE`: runs a file at each save and says what changed in it.
public final class Watcher {
    private let path: String
    private let output: TerminalOutput
    private let session: () -> Session
    private var text: String?

    /// - Parameter session: a new world for each run.
    public init(path: String, output: TerminalOutput, session: @escaping () -> Session) {
        self.path = path
        self.output = output
        self.session = session
    }

    /// Runs until ^C; the exit code.
    public func run() -> Int32 {
        var stamp = FileKind.stamp(path)
        do { if try runOnce() == 130 { return 130 } } catch {
            output.show(error, in: session())
            return 1
        }
        while true {
            output.progress("watching \(path); ^C ends")
            fflush(nil)
            while FileKind.stamp(path) == nil || FileKind.stamp(path) == stamp {
                if InterruptFlag.take() {
                    output.progress(nil)
                    return 130
                }
                usleep(50_000)
            }
            stamp = FileKind.stamp(path)
            // An editor that replaces the file may leave a moment without one: the next round sees it.
            if (try? runOnce()) == 130 { return 130 }
        }
    }

    /// The exit code of the file's run.
    private func runOnce() throws -> Int32 {
        let new = try Files.text(path)
        if let text {
            guard text != new else { return 0 }
            output.message("--- \(path): \(Definitions.changes(from: text, to: new))")
        }
        text = new
        defer { output.finish() }
        return output.run(Source(name: path, kind: .file, text: new), in: session())
    }
}
