import Glibc
import SiamData
import SiamExchange
import SiamInterpreter
import SiamLanguage

/// An event file that grows while a run does: at each measured step what has been added since is appended, so that
/// TensorBoard shows a run that is still going on.
public final class RunLog {
    public let folder: String
    private let descriptor: Int32
    private var noted: [String: Int] = [:]
    private let begun: Double

    init(_ path: String) throws {
        folder = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        try RunLog.makeFolder(folder)
        begun = Double(time(nil))
        let file = "\(folder)/events.out.tfevents.\(Int(begun)).\(getpid()).siam"
        descriptor = open(homed(file), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw Diagnostic(code: "file.write", "cannot write \"\(file)\": \(WholeFile.reason(file, errno))")
        }
        put(EventWriter(time: begun).bytes)
    }
    deinit { close(descriptor) }

    /// Makes a folder and those above it.
    public static func makeFolder(_ folder: String) throws {
        var at = ""
        for part in homed(folder).split(separator: "/", omittingEmptySubsequences: false) {
            at += at.isEmpty && !homed(folder).hasPrefix("/") ? String(part) : "/" + part
            if part.isEmpty || FileBytes.isFolder(at) { continue }
            guard mkdir(at, 0o755) == 0 || errno == EEXIST else {
                throw Diagnostic(
                    code: "file.write", "cannot make the folder \"\(at)\": \(WholeFile.reason(at, errno))")
            }
        }
    }

    /// Appends what the run has added.
    func note(_ run: Run) {
        var events = EventWriter(time: nil)
        let now = Double(time(nil))
        for (name, series) in run.allSeries {
            // A run that went back has fewer values than were written.
            let from = min(noted[name] ?? 0, series.values.count)
            for (step, value) in zip(series.steps, series.values).dropFirst(from) {
                events.scalar(name, value, step: step, time: now)
            }
            noted[name] = series.values.count
        }
        put(events.bytes)
    }

    private func put(_ bytes: [UInt8]) {
        var done = 0
        while done < bytes.count {
            let n = bytes.withUnsafeBytes { write(descriptor, $0.baseAddress.map { $0 + done }, bytes.count - done) }
            if n < 0, errno == EINTR { continue }
            if n <= 0 { return }
            done += n
        }
    }
}
