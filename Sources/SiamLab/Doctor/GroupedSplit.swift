import SiamInterpreter
import SiamRuntime

extension Doctor {
    /// Where a good run has training rows that belong together and measured rows of the same groups: the run again with a
    /// fifth of the rows held back at random, and with whole groups held back.
    func holdOutGroups() throws {
        guard base.rowGroups != nil, base.isJudged, !findings.contains(where: \.isProved) else { return }
        let outer = (heldOut, always)
        defer { (heldOut, always) = outer }
        if case .kept = heldOut {
        } else if let data = Rule.sourceData(wiring), wiring.data(of: run, session) != nil {
            heldOut = .kept
            always += [data.inserting("__held(", before: true), data.inserting(")")]
        } else if isHandWritten {
            return
        } else {
            heldOut = .kept
        }
        say("whole groups of rows held out")
        var found: (random: [Double], whole: [Double]) = ([], [])
        for seed in Doctor.seeds.dropFirst().prefix(3) {
            guard !isOver, let random = try replay([], seed: seed),
                let whole = try replay([], seed: seed, holdsGroups: true),
                random.isJudged, whole.isJudged, random.measure == whole.measure
            else { return }
            found.random.append(random.worth)
            found.whole.append(whole.worth)
            // One seed without a loss is no leak.
            if whole.worth > random.worth - 0.05 { break }
        }
        base.byGroups = found
        let rule = Rule.splitGroups
        let here = Examination(wiring: wiring, evidence: base)
        if let sign = rule.sign(here) { findings.append(Finding(rule, sign, here)) }
    }
}
