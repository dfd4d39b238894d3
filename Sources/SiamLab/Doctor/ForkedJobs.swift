import Glibc
import SiamData
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// Independent pieces of work, each done by a copy of the process, as many at once as there are
/// threads to use: what a piece changes stays in its copy. A piece whose copy does not answer is done here.
enum ForkedJobs {
    struct Outcome: Equatable {
        var worth: Double
        var auc: Double
    }
    private struct Branch {
        var process: pid_t
        var answers: Int32
    }

    /// How many pieces are done at once.
    static var atOnce: Int { Threads.count }

    /// Bytes that a copy may take, or twice what the tensors of the process have come to: a number that is tried three
    /// thousand times as large may be the units of a layer.
    private static let memoryOfACopy = 256 << 20

    /// - Parameters:
    ///   - patience: seconds after which a copy is given up.
    ///   - insists: whether a piece whose copy does not answer is done here; else it has no outcome, and every piece is
    ///     done in a copy.
    /// - Throws: `Interrupted` where the user asked for it, and what a piece that is done here throws.
    static func outcomes(
        _ count: Int, patience: Double, insists: Bool = true, _ work: (Int) throws -> Outcome?
    ) throws -> [Outcome?] {
        var found = [Outcome?](repeating: nil, count: count)
        guard !insists || count > 1 && atOnce > 1 else {
            for k in 0..<count { found[k] = try work(k) }
            return found
        }
        var first = 0
        while first < count {
            let pieces = first..<min(count, first + atOnce)
            let branches = pieces.map { k in begin { try work(k) } }
            let end = Clock.now() + patience
            for (k, branch) in zip(pieces, branches) {
                if let branch, let answer = wait(branch, until: end) {
                    found[k] = answer
                } else if insists, !Interrupt.isRequested {
                    found[k] = try work(k)
                }
            }
            try Interrupt.poll()
            first += atOnce
        }
        return found
    }

    private static func begin(_ work: () throws -> Outcome?) -> Branch? {
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { return nil }
        let process = PreparationThread.whileQuiet { Threads.fork() }
        if process == 0 {
            close(ends[0])
            Memory.allowMore(max(memoryOfACopy, 2 * Memory.peak))
            var bytes = [Double](repeating: .nan, count: 3)
            if let outcome = try? work() { bytes = [1, outcome.worth, outcome.auc] } else { bytes[0] = 0 }
            // An interrupted piece says nothing.
            if !Interrupt.isRequested { _ = bytes.withUnsafeBytes { write(ends[1], $0.baseAddress, $0.count) } }
            _exit(0)
        }
        close(ends[1])
        guard process > 0 else {
            close(ends[0])
            return nil
        }
        return Branch(process: process, answers: ends[0])
    }

    /// The answer of a copy; nil without one. An answer that says that there is no outcome is one, too.
    private static func wait(_ branch: Branch, until end: Double) -> Outcome?? {
        var bytes = [UInt8](repeating: 0, count: 24)
        var held = 0
        while held < bytes.count, !Interrupt.isRequested {
            var ready = pollfd(fd: branch.answers, events: Int16(POLLIN), revents: 0)
            let left = end - Clock.now()
            guard left > 0 else { break }
            let state = poll(&ready, 1, Int32(min(left, 0.2) * 1000) + 1)
            if state < 0, errno != EINTR { break }
            guard state > 0 else { continue }
            let got = bytes[held...].withUnsafeMutableBytes { read(branch.answers, $0.baseAddress, $0.count) }
            if got <= 0 { break }
            held += got
        }
        close(branch.answers)
        if held < bytes.count { kill(branch.process, SIGKILL) }
        var status: Int32 = 0
        while waitpid(branch.process, &status, 0) < 0, errno == EINTR {}
        guard held == bytes.count else { return nil }
        let values = bytes.withUnsafeBytes { raw in
            (0..<3).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
        }
        return .some(values[0] == 1 ? Outcome(worth: values[1], auc: values[2]) : nil)
    }
}
