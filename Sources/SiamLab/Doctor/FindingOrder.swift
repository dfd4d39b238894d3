import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// In which order findings are reported.
extension Doctor {
    /// Causes before states of the net, those that are shown before suspects; what ended the run before what is wrong besides,
    /// and how the program measures after what it trains. Within these the order of `Rule.all` stays, but for faults that are
    /// conclusive, which stand in the order of their numbers.
    func ordered(_ findings: [Finding]) -> [Finding] {
        let isOfSmallGain = !findings.contains {
            $0.isProved && !$0.rule.traits.contains(.ofTheEvaluation) && ($0.trial?.mean ?? 0) >= 0.1
        }
        func place(_ f: Finding) -> Int {
            if f.rule.kind == .effect { return f.isProved ? 0 : 2 }
            let isOfStep =
                f.rule.traits.contains(.shownByStep)
                || f.rule.kind == .measured && !f.rule.traits.contains(.ofTheEvaluation)
            if isOfStep, f.rule.isConclusive(base) { return -1 }
            let isVoid = f.rule.traits.contains(.ofTheEvaluation) && f.rule.isConclusive(base)
            // A score that cannot come out otherwise matters more than a small gain.
            if isVoid, isOfSmallGain { return -1 }
            if f.rule.traits.contains(.ofTheEvaluation) || !base.isFinite && f.rule.kind == .measured {
                return 1
            }
            return f.isProved ? 0 : 1
        }
        return (-1...2).flatMap { k in
            // A leak makes a score too good, so it explains no poor one; what the training does wrong stands before what the
            // evaluation does.
            func rank(_ f: Finding) -> Int {
                if !base.isGood, f.rule.traits.contains(.flatters) { return 2 }
                return k == 1 && f.rule.kind == .measured && !f.rule.traits.contains(.ofTheEvaluation) ? 0 : 1
            }
            let all = findings.filter { place($0) == k }
            let own = (0...2).flatMap { r in all.filter { rank($0) == r } }
            // What no update reaches is said before what a loss that it would change does.
            return k == -1 ? own.sorted { $0.rule.number < $1.rule.number } : own
        }
    }
}
