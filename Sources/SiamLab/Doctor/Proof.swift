import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

extension Doctor {
    /// Tries the changes of suspects on the program's own seed, then proves the best over seeds.
    func prove(_ suspects: [(Rule, String)], on edits: [TextEdit], _ before: Evidence) throws -> (
        finding: Finding, beside: Finding?, evidence: Evidence
    )? {
        struct Candidate {
            var rule: Rule
            var sign: String
            var order: Int
            var change: Change
            var evidence: Evidence
            var trial: Trial
        }
        var candidates: [Candidate] = []
        for (order, (rule, sign)) in suspects.enumerated() {
            let written = rule.changes(examination(edits, before))
            // What would change what a proved repair wrote is left.
            let changes = written.compactMap { change in
                chart.before(edits, change.edits).map { change.with(edits: $0) }
            }
            if written.isEmpty {
                notTested.append(
                    "\(rule.name): \(sign); its repair cannot be written as a change of the program's text")
            }
            var best = -1.0
            for change in changes {
                if isOver {
                    ranOut = true
                    notTested.append("\(rule.name), \(change.label): out of time")
                    continue
                }
                say("\(rule.name): \(change.label)")
                let after: Evidence
                do {
                    guard let e = try replay(edits + change.edits, seed: 0, whole: true, lengthens: change.lengthens)
                    else { continue }
                    guard e.isJudged || !before.isJudged else {
                        notTested.append("\(rule.name), \(change.label): the changed run could not be evaluated")
                        continue
                    }
                    after = e
                } catch let error as Interrupted {
                    throw error
                } catch {
                    notTested.append("\(rule.name), \(change.label): \(session.describe(error).message)")
                    continue
                }
                let gain = after.worth - before.worth
                let isGone =
                    rule.sign(examination(edits + change.edits, after)) == nil || rule.eases?(before, after) == true
                let trial = Trial(
                    rule: rule.name, label: change.label, gains: [gain], aucGains: [after.score.auc - before.score.auc],
                    mapAtR: after.worth, auc: after.score.auc,
                    isSignGone: isGone || change.isExperiment || change.isCertain,
                    isLearning: !(change.trainsLess || rule.kind == .effect || base.isJudgedByTask)
                        || after.worth > max(base.startWorth, base.constantWorth) + 0.02)
                candidates.append(
                    Candidate(rule: rule, sign: sign, order: order, change: change, evidence: after, trial: trial))
                // Stop trying further steps of a ladder once its gains decrease.
                if gain < best - 0.02, best > 0.05 { break }
                best = max(best, gain)
            }
        }
        // What often helps must help much, or bring most of what a standard training of the same net has before the run.
        let missing = before.reference.map { $0.worth - before.worth } ?? 1
        let leastOfLastResorts = min(0.15, max(0.08, 0.6 * missing))
        // The best first; within 0.05 of it the most specific, and specific changes before what often helps.
        let able = candidates.filter {
            $0.trial.isSignGone && $0.trial.isLearning
                && $0.trial.mean > ($0.rule.traits.contains(.lastResort) ? leastOfLastResorts : 0.03)
        }
        let top = able.map(\.trial.mean).max() ?? 0
        let isTopInText = able.contains { $0.trial.mean == top && !$0.change.isExperiment }
        let isTopGeneric = able.first { $0.trial.mean == top }?.change.isGeneric == true
        // A change of the user's own lines is worth more than one that only replays can make.
        func isNear(_ c: Candidate) -> Bool {
            c.trial.mean >= top - 0.05 || c.trial.mean >= 0.9 * top
                || isTopGeneric && !c.change.isGeneric && c.trial.mean >= 0.6 * top
                || !isTopInText && !c.change.isExperiment && c.trial.mean >= 0.6 * top
        }
        let near = able.filter(isNear).sorted {
            ($0.change.isGeneric ? 1 : 0, $0.order, -$0.trial.mean) < (
                $1.change.isGeneric ? 1 : 0, $1.order, -$1.trial.mean
            )
        }
        let rest = able.filter { !isNear($0) }.sorted {
            $0.trial.mean > $1.trial.mean
        }
        func overSeeds(_ candidate: inout Candidate) throws {
            say("\(candidate.rule.name): \(candidate.change.label), other seeds")
            // Seeds that had no part in choosing the change: the best of many trials would prove itself. Three at least, then
            // one more where it is not clear.
            candidate.trial.gains = []
            candidate.trial.aucGains = []
            var open = Array(Doctor.seeds.dropFirst())
            search: while !open.isEmpty {
                if candidate.trial.gains.count >= 3, candidate.trial.isProved || candidate.trial.mean < 0.05 { break }
                let now = Array(open.prefix(max(1, 3 - candidate.trial.gains.count)))
                open.removeFirst(now.count)
                let found = try pairs(now, edits, candidate.change.edits, lengthens: candidate.change.lengthens)
                for k in now.indices {
                    guard let without = found[2 * k], let with = found[2 * k + 1] else { break search }
                    candidate.trial.gains.append(with.worth - without.worth)
                    candidate.trial.aucGains.append(with.auc - without.auc)
                    if with.worth - without.worth <= 0 { break search }
                }
            }
            trials.append(candidate.trial)
        }
        func finding(_ c: Candidate) -> Finding {
            Finding(c.rule, c.sign, examination(edits, before), repair: c.change, trial: c.trial)
        }
        var proved: Candidate?
        for var candidate in (near + rest).prefix(5) {
            if isOver || seconds > 0.85 * budget && candidate.trial.mean < 0.2 {
                ranOut = true
                break
            }
            try overSeeds(&candidate)
            if candidate.trial.isProved, !candidate.change.isExperiment,
                let worse = try worsened(by: edits + candidate.change.edits, lengthens: candidate.change.lengthens)
            {
                trials.removeAll { $0.rule == candidate.rule.name && $0.label == candidate.change.label }
                candidate.trial.worsened = worse
                trials.append(candidate.trial)
            }
            if candidate.trial.isProved {
                proved = candidate
                break
            }
        }
        // Where only replays can undo the cause, the user wants to know what of the text would have helped.
        var beside: Finding?
        if let proved, proved.change.isExperiment {
            let others = (near + rest).filter { c in
                c.rule.name != proved.rule.name && !c.change.isExperiment && !c.change.isGeneric && !c.change.trainsLess
                    && c.trial.mean > 0.1 && !trials.contains { $0.rule == c.rule.name && $0.label == c.change.label }
            }
            for var candidate in others.prefix(2) where beside == nil && !isOver {
                try overSeeds(&candidate)
                if candidate.trial.isProved { beside = finding(candidate) }
            }
        }
        for c in candidates where !trials.contains(where: { $0.rule == c.rule.name && $0.label == c.change.label }) {
            trials.append(c.trial)
        }
        guard let proved else { return nil }
        return (finding(proved), beside, proved.evidence)
    }

    /// A figure of the program's own, of rows that it was not trained on, which is worse with a change: replays may be judged
    /// on rows that pass through the body of the training, and the program's evaluation does without it.
    ///
    /// - Returns: the figure in words; nil where none is worse.
    private func worsened(by edits: [TextEdit], lengthens: Double) throws -> String? {
        let own = base.figures.filter {
            $0.trainedShare < 0.05 && !$0.isBaseline && $0.isComparable || $0.ofLoss != nil
        }
        guard !own.isEmpty, base.ownMeasure == nil, !isOver else { return nil }
        let after: Evidence?
        do {
            after = try replay(edits, seed: 0, whole: true, lengthens: lengthens, readsFigures: true)
        } catch let error as Interrupted { throw error } catch { return nil }
        for f in own {
            guard let other = after?.figures.first(where: { $0.place == f.place && $0.isError == f.isError }) else {
                continue
            }
            if let before = f.ofLoss, let then = other.ofLoss {
                if then.after > 1.05 * before.after { return "\(f.text) \(short(then.after))" }
            } else if f.ofLoss == nil, other.ofLoss == nil, other.worth < f.worth - 0.1 {
                return "\(f.text) \(short(other.trained))"
            }
        }
        return nil
    }
}
