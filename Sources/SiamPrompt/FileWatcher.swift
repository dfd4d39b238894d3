import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// `siam watch FILE`: runs a file at each save and reports what changed in it.
public final class FileWatcher {
    private let path: String
    private let output: TerminalOutput
    private let session: () -> Session
    private var text: String?
    /// Between two looks at the file, in microseconds, and how many must see the same.
    private static let round: UInt32 = 50_000
    private static let stillRounds = 3

    /// - Parameter session: a new world for each run.
    public init(path: String, output: TerminalOutput, session: @escaping () -> Session) {
        self.path = path
        self.output = output
        self.session = session
    }

    /// Runs until ^C; the exit code.
    public func run() -> Int32 {
        // A missing file is reported at once; a file that is being written is waited for.
        var stamp = FileState.stamp(path)
        do { if try runOnce() == 130 { return 130 } } catch {
            output.show(error, in: session())
            return 1
        }
        while true {
            output.progress("watching \(path); ^C ends")
            fflush(nil)
            guard let next = settled(after: stamp) else {
                output.progress(nil)
                return 130
            }
            stamp = next
            // An editor that replaces the file may leave a moment without one: the next round sees it.
            if (try? runOnce()) == 130 { return 130 }
        }
    }

    /// Waits until the file is another than it was and stands still, as a save may empty it first; nil after ^C.
    private func settled(after old: [Int]?) -> [Int]? {
        var last = FileState.stamp(path)
        var rounds = 0
        while true {
            if InterruptFlag.take() { return nil }
            usleep(FileWatcher.round)
            let now = FileState.stamp(path)
            rounds = now == last ? rounds + 1 : 0
            last = now
            if let now, now != old, rounds >= FileWatcher.stillRounds { return now }
        }
    }

    /// The exit code of the file's run.
    private func runOnce() throws -> Int32 {
        let new = try Files.program(path)
        if let text {
            guard text != new else { return 0 }
            output.message("--- \(path): \(Definitions.changes(from: text, to: new))")
        }
        text = new
        defer { output.finish() }
        return output.run(Source(name: path, kind: .file, text: new), in: session())
    }
}
