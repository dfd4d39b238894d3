import SiamLanguage
import SiamRuntime

/// Replays that a store has, from an earlier diagnosis, are not made again.
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
        let keys = jobs.map(key)
        var found = keys.map { key in
            keeper.kept(key).flatMap { outcome -> Branches.Outcome? in
                guard outcome.bytes.count == 16 else { return nil }
                let numbers = outcome.bytes.withUnsafeBytes { raw in
                    (0..<2).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: Double.self) }
                }
                return .init(worth: numbers[0], auc: numbers[1])
            }
        }
        let rest = jobs.indices.filter { found[$0] == nil }
        guard !rest.isEmpty else { return found }
        let started = Clock.now()
        let made = try work(rest)
        let each = (Clock.now() - started) / Double(rest.count)
        for (k, outcome) in zip(rest, made) {
            found[k] = outcome
            guard let outcome else { continue }
            let bytes = [outcome.worth, outcome.auc].withUnsafeBytes { Array($0) }
            let label = "\(jobs[k].edits.map(\.replacement).joined(separator: " ")), seed \(jobs[k].seed)"
            try keeper.keep(KeptOutcome(bytes: bytes), KeptPiece(key: keys[k], label: label), seconds: each)
        }
        return found
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
