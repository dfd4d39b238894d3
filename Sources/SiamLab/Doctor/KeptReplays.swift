import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Replays that a store has, from an earlier diagnosis, are not made again; those that another worker is at are waited for.
extension Doctor {
    /// One replay to make.
    struct Job {
        var edits: [TextEdit]
        var seed: UInt64
        var lengthens = 1.0
        var invariants: ReplayInvariants?
        /// What an outcome has to be judged in to count, where that is asked for.
        var measure = ""
    }

    /// The outcomes of replays: those that are kept, and `work` on the rest, by their places.
    func outcomes(_ jobs: [Job], work: ([Int]) throws -> [ForkedJobs.Outcome?]) throws -> [ForkedJobs.Outcome?] {
        guard let keeper = session.keeper else { return try work(Array(jobs.indices)) }
        let pieces = jobs.map { job in
            let change = job.edits.map(\.replacement).joined(separator: " ").split(separator: "\n").joined(
                separator: " ")
            return KeptPiece(key: key(job), label: "\(change), seed \(job.seed)")
        }
        let found = try keeper.shared(pieces, atOnce: 2 * ForkedJobs.atOnce) { places in
            try work(places).map { outcome in
                outcome.map { o in KeptOutcome(bytes: [o.worth, o.auc].withUnsafeBytes { Array($0) }) }
            }
        }
        return found.map { outcome in
            guard let bytes = outcome?.bytes, bytes.count == 16 else { return nil }
            let numbers = bytes.withUnsafeBytes { raw in
                (0..<2).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
            }
            return .init(worth: numbers[0], auc: numbers[1])
        }
    }

    /// A number that hangs on how fast a machine is, as the first worker at the store found it: all make the same replays.
    func agreed(_ own: Int, on what: String) throws -> Int {
        guard let keeper = session.keeper else { return own }
        let key = session.meaning(of: chart.documents.map(\.source), settings: [what, "\(budget)"])
        let outcome = try keeper.shared([KeptPiece(key: "replay-\(key)", label: what)], atOnce: 1) { _ in
            [KeptOutcome(bytes: withUnsafeBytes(of: Int64(own).littleEndian) { Array($0) })]
        }.first
        guard let bytes = outcome??.bytes, bytes.count == 8 else { return own }
        let kept = bytes.withUnsafeBytes { Int64(littleEndian: $0.loadUnaligned(as: Int64.self)) }
        return Int(exactly: kept).map { max(1, min($0, steps)) } ?? own
    }

    private func key(_ job: Job) -> String {
        let changed = chart.applying(job.edits + always)
        return "replay-"
            + session.meaning(
                of: changed.documents.map(\.source),
                settings: [
                    "\(steps)", "\(job.lengthens)", "\(job.seed)", "\(heldOut)", "\(judgesPairs)", "\(judgesByUsed)",
                    "\(judgesByLogLoss)",
                    "\(isHandWritten)",
                    "\(changed.run)", "\(base.statementsBehind)", "\(job.invariants.map { "\($0)" } ?? "")",
                    job.measure,
                ])
    }
}
