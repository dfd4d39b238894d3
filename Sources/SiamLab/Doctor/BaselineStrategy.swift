import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A baseline for the doctor: it tries changes without looking at symptoms.
public enum BaselineStrategy: String, CaseIterable, Sendable {
    /// Changes at random, the best of which is proved as usual, with as many replays as are allowed.
    case random
    /// Always a tenth of the learning rate.
    case rate
}

extension Doctor {
    /// Tries changes without looking at signs; the best one counts where its gain is proved over seeds.
    func guess(_ way: BaselineStrategy, replays most: Int) throws {
        defer { session.progress(nil) }
        guard let first = try replay([], seed: 0, whole: true) else { return }
        begin(with: first)
        let here = examination([], first)
        var changes: [(rule: Rule, change: Change)] = []
        switch way {
        case .rate:
            changes = Rule.rates(here, [0.1]).map { (.learningRateTooHigh, $0) }
        case .random:
            for rule in Rule.all { changes += rule.changes(here).map { (rule, $0) } }
            var stream = RandomStream(seed: UInt64(chart.documents.map(\.source.bytes.count).reduce(0, +)))
            stream.shuffle(&changes)
        }
        var best: (rule: Rule, change: Change, gain: Double, aucGain: Double, after: Evidence)?
        // Two further seeds, each with and without the change, prove the best.
        for (rule, change) in changes where replays < max(2, most - 4) {
            guard let after = try? replay(change.edits, seed: 0, whole: false) else { continue }
            let gain = after.worth - first.worth
            if best.map({ gain > $0.gain }) ?? true {
                best = (rule, change, gain, after.score.auc - first.score.auc, after)
            }
        }
        guard let best else { return }
        var trial = Trial(
            rule: best.rule.name, label: best.change.label, gains: [best.gain], aucGains: [best.aucGain],
            mapAtR: best.after.worth, auc: best.after.score.auc, isSignGone: true)
        for seed in Doctor.seeds.dropFirst().prefix(2) {
            guard let without = try replay([], seed: seed, whole: false),
                let with = try replay(best.change.edits, seed: seed, whole: false)
            else { break }
            trial.gains.append(with.worth - without.worth)
            trial.aucGains.append(with.score.auc - without.score.auc)
        }
        conclude(
            trial,
            trial.isProved
                ? Finding(best.rule, "guessed", here, repair: best.change, trial: trial) : nil)
    }
}
