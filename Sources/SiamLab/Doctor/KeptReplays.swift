import SiamLanguage
import SiamRuntime

/// Replays that a store has, from an earlier diagnosis, are not made again; those that another worker is at are waited for.
extension Doctor {
    /// One replay to make.
    struct Job {
        var edits: [TextEdit]
        var seed: UInt64
        var lengthens = 1.0
        var footing: Footing?
        /// What an outcome has to be judged in to count, where that is asked for.
        var measure = ""
    }

    /// The outcomes of replays: those that are kept, and `work` on the rest, by their places.
    func outcomes(_ jobs: [Job], work: ([Int]) throws -> [Branches.Outcome?]) throws -> [Branches.Outcome?] {
        guard let keeper = session.keeper else { return try work(Array(jobs.indices)) }
        let pieces = jobs.map { job in
            let change = job.edits.map(\.replacement).joined(separator: " ").split(separator: "\n").joined(
                separator: " ")
            return KeptPiece(key: key(job), label: "\(change), seed \(job.seed)")
        }
        let found = try keeper.shared(pieces, atOnce: 2 * Branches.atOnce) { places in
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

    private func key(_ job: Job) -> String {
        let changed = chart.applying(job.edits + always)
        return "replay-"
            + session.meaning(
                of: changed.documents.map(\.source),
                settings: [
                    "\(steps)", "\(job.lengthens)", "\(job.seed)", "\(heldOut)", "\(judgesPairs)", "\(judgesByUsed)",
                    "\(isByHand)",
                    "\(changed.run)", "\(base.statementsBehind)", "\(job.footing.map { "\($0)" } ?? "")", job.measure,
                ])
    }
}
