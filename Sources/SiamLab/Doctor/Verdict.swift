import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What the examination comes to: whether a run is good, what its symptoms are suspected of, and what they are not.
extension Doctor {
    /// Whether another change than that of the length does without a much longer run: a weight that drowns the rest needs
    /// many steps to be undone.
    func explains(_ f: Finding, _ longer: Change) -> Bool {
        guard Rule.searched.contains(where: { $0.number == f.rule.number }), let repair = f.repair else { return false }
        return !repair.edits.contains { e in
            longer.edits.contains { $0.document == e.document && $0.start < e.end && e.start < $0.end }
        }
    }

    /// Whether a change gains about what a longer run does. A text without something that does harm explains a run that is
    /// sixteen times as long for a part of the gain, too; another number need not.
    func isAsGood(_ f: Finding, _ longer: Change, _ more: Double, _ gain: Double) -> Bool {
        more > (longer.lengthens > 10 && f.rule.name != "number out of range" ? -0.3 * gain : -0.02)
    }

    /// Whether a run gained at least half of what there is to gain over its untrained copy and the best constant.
    func isGoodEnough(_ v: Evidence) -> Bool {
        let floor = max(base.startWorth, base.constantWorth)
        return v.worth > floor + 0.5 * (1 - floor)
    }

    /// Causes without a sign of their own that are tried all the same where a run learnt next to nothing.
    func untold(_ signs: [(Rule, String)]) -> [(Rule, String)] {
        // Where a sign says by itself what is wrong, it is not true that there is none.
        guard isPoor, base.isJudged, !signs.contains(where: { $0.0.kind == .cause && $0.0.isConclusive(base) }) else {
            return []
        }
        // Of a few dozen steps that still lower the loss it is their number.
        let isShort = base.steps < 60 && signs.contains { $0.0.traits.contains(.namesLength) }
        return Rule.all.filter { rule in
            rule.traits.contains(.triedWithoutSign) && !signs.contains { $0.0.number == rule.number } && !isShort
        }.map { ($0, "the run learnt almost nothing, and no symptom of another cause was seen") }
    }

    /// Causes whose sign is there and of which no change was proved: suspects where the net is no good and a change that
    /// takes the sign away helped on the whole, else only seen.
    func nameSuspects(_ signs: [(Rule, String)]) {
        let open = signs.filter { s in s.0.kind == .cause && !findings.contains { $0.rule.name == s.0.name } }
        let isExplained = findings.contains { $0.isProved || $0.rule.kind == .measured }
        for (rule, sign) in open {
            let own = trials.filter { $0.rule == rule.name }
            let best = own.filter { $0.isSignGone && $0.isLearning }.max { $0.mean < $1.mean }
            // Nothing could be tried where the text has no place for it; what was tried has to have helped.
            let isOpen = own.isEmpty && rule.changes(examination([], base)).isEmpty
            // What was tried and left the run as broken as it was, beside something that mended it.
            let isRefuted =
                !base.isFinite && !own.isEmpty && !own.contains { $0.isSignGone }
                && open.contains { other in trials.contains { $0.rule == other.0.name && $0.isSignGone } }
            let isUnjudged =
                !base.isJudged && rule.isPlain(base) && (own.isEmpty || own.contains { $0.isSignGone })
            let isSuspected =
                (isPoor && !base.isBehindNeighbours || !rule.traits.contains(.lastResort))
                && (isUnjudged || isPoor || base.isWeak || base.contradiction != nil && rule.isPlain(base))
                && !isRefuted
                && (isOpen && (isPoor || isUnjudged) || rule.isPlain(base) || (best?.mean ?? 0) > 0.05)
            let isShown = rule.traits.contains(.shownByStep) && rule.isConclusive(base)
            if isShown || !isExplained && (isSuspected || rule.isConclusive(base)) {
                findings.append(Finding(rule, sign, examination([], base), trial: best))
            } else if !own.isEmpty, own.allSatisfy({ $0.gains.count > 0 && $0.mean < 0.05 }) {
                harmless.append("\(rule.name): \(sign)")
            } else {
                unproved.append("\(rule.name): \(sign)")
            }
        }
    }

    /// Whether the run is hardly better than its untrained copy.
    var isPoor: Bool {
        if base.isKept { return false }
        if base.isJudgedByTask {
            let floor = max(base.startWorth, base.constantWorth)
            return !base.isFinite || base.worth < floor + 0.1 * (1 - min(floor, 0.9)) || base.isBehindNeighbours
        }
        return !base.isFinite
            || base.items > 0 && base.worth < min(0.9, base.untrained.mapAtR + 0.05)
                && base.score.auc < base.untrained.auc + 0.05
    }

    /// Effects without a proved cause: their own changes, and the state itself.
    func finishWithEffects(_ signs: [(Rule, String)]) throws {
        let effects = signs.filter { $0.0.kind == .effect }
        if let found = try prove(effects, on: [], base) {
            findings.append(found.finding)
        }
        for (rule, sign) in effects where !findings.contains(where: { $0.rule.name == rule.name }) {
            // A collapse is there whether or not its cause was found; the others are signs alone.
            if rule.traits.contains(.isThereByItself) {
                findings.append(Finding(rule, sign, examination([], base)))
            }
        }
    }
}
