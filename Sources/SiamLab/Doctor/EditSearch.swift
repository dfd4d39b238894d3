import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

extension Doctor {
    /// A search for the cause of what was not explained: of a run with no finding, of one with a state of the net alone, which
    /// has a cause, and of one whose labels seemed to say nothing.
    func searchForCause(_ current: Evidence) throws -> (finding: Finding, beside: Finding?, evidence: Evidence)? {
        // No other number or sign makes pairs of the kind that is missing.
        if current.hasNoNegatives || current.hasNoPositives { return nil }
        let proved = findings.filter(\.isProved)
        let open = proved.filter {
            $0.rule.kind == .effect && $0.cause == nil || $0.rule.traits.contains(.yieldsToSearch)
        }
        // Signs of causes that no change of their own was shown to undo.
        let here = examination([], current)
        let signs = Rule.all.filter { rule in
            rule.kind == .cause && !rule.traits.isDisjoint(with: [.shownByStep, .onlyByNames])
                && rule.traits.isDisjoint(with: [.lastResort, .toldByOutcome])
                && !trials.contains { $0.rule == rule.name && $0.isProved }
        }.compactMap { rule in rule.sign(here).map { (rule, $0) } }
        guard open.count == proved.count, let found = try search(on: [], current, signs) else { return nil }
        let best = open.compactMap { $0.trial?.mean }.max() ?? 0
        guard let gain = found.finding.trial?.mean, gain > best - 0.05 else { return nil }
        findings.removeAll { f in open.contains { $0.rule.number == f.rule.number } }
        return named(found, here)
    }

    /// The name that the catalogue has for a number that was found: that of the cause whose own changes move the same number
    /// in the same direction.
    private func named(
        _ found: (finding: Finding, beside: Finding?, evidence: Evidence), _ here: Examination
    ) -> (finding: Finding, beside: Finding?, evidence: Evidence) {
        guard found.finding.rule.number == Rule.searched(.number, []).number,
            let edit = found.finding.repair?.edits.first,
            found.finding.repair?.edits.count == 1, let new = Double(edit.replacement),
            chart.documents.indices.contains(edit.document),
            let old = Double(chart.documents[edit.document].source.text(Span(edit.start, edit.end)))
        else { return found }
        let rule = Rule.all.first { rule in
            // Its changes are all numbers that scale something.
            rule.kind == .cause
                && (rule.traits.isDisjoint(with: [.lastResort, .namesNoNumber]) || rule.traits.contains(.namesLength))
                && rule.changes(here).contains { change in
                    change.edits.contains { e in
                        guard e.document == edit.document else { return false }
                        // The scale of an initialiser, all of which the rule replaces.
                        if rule.traits.contains(.namesScale), e.start <= edit.start, edit.end <= e.end {
                            return new < old
                        }
                        return e.start == edit.start && e.end == edit.end
                            && Double(e.replacement).map { ($0 > old) == (new > old) } ?? false
                    }
                }
        }
        guard let rule else { return found }
        var named = found
        named.finding.rule = rule
        named.finding.evidence = rule.sign(here) ?? found.finding.evidence
        named.finding.picture = rule.picture(here)
        named.finding.firstSymptom = rule.firstSymptom(here)
        named.finding.trial?.rule = rule.name
        return named
    }

    /// Tries changes of single places of the program where no sign led to a cause, and proves the best as any other.
    /// A change that takes one of the `signs` away proves that cause.
    func search(on edits: [TextEdit], _ before: Evidence, _ signs: [(Rule, String)]) throws -> (
        finding: Finding, beside: Finding?, evidence: Evidence
    )? {
        let floor = max(base.startWorth, base.constantWorth)
        guard before.isWeak, let invariants = before.invariants else { return nil }
        let behind = isHandWritten ? before.statementsBehind : 0
        let places = SingleEdits(chart, leavingOut: behind).all
        var tries = places.flatMap { p -> [SingleEdit] in
            guard let x = p.number?.value else { return [p] }
            // A count or a length may have to be whole.
            let toOne = x > 2 && x < 30 && x == x.rounded() ? [1 / x] : []
            return ([30, 1 / 30.0, 3000, 1 / 3000.0] + toOne).compactMap { p.scaled(by: $0) }
        }
        // As many as fit into two thirds of the time that is left.
        let each = max(0.02, before.stepSeconds * Double(steps))
        let able = (budget - seconds) * 2 / 3 * Double(max(1, ForkedJobs.atOnce)) / each
        if Double(tries.count) > able {
            let rest = tries.count - Int(max(0, able))
            tries.removeLast(min(rest, tries.count))
            ranOut = true
        }
        guard !tries.isEmpty else { return nil }
        say("\(tries.count) changes of a single place")
        // Of a run of a few steps one number may be their count.
        let longer = steps < 100 ? 30.0 : 1
        func gain(_ o: ForkedJobs.Outcome?) -> Double { o.map { $0.worth - before.worth } ?? -1 }
        func outcomes(_ some: [SingleEdit]) throws -> [ForkedJobs.Outcome?] {
            try outcomesOf(some, on: edits, before, invariants, lengthens: longer)
        }
        var found: [(edit: SingleEdit, gain: Double)] = []
        for (edit, outcome) in zip(tries, try outcomes(tries)) where gain(outcome) > 0.04 {
            found.append((edit, gain(outcome)))
        }
        // A number goes on in the direction that helped.
        for k in found.indices where found[k].edit.number != nil {
            var best = found[k]
            while !isOver {
                guard let value = Double(best.edit.edits[0].replacement), let number = best.edit.number,
                    let next = best.edit.scaled(by: value / number.value * (abs(value) > abs(number.value) ? 10 : 0.1)),
                    let outcome = try outcomes([next]).first, gain(outcome) > best.gain + 0.02
                else { break }
                best = (next, gain(outcome))
            }
            found[k] = best
        }
        found.sort { $0.gain > $1.gain }
        for f in found.prefix(5) {
            trials.append(
                Trial(
                    rule: "single change", label: f.edit.label, gains: [f.gain], aucGains: [],
                    mapAtR: before.worth + f.gain, auc: 0, isSignGone: false))
        }
        // The run must have learnt with the change, not only have been kept from doing harm: a good part of what is in reach.
        let reach = before.reachable
        // Of a classifier or a regression that is good but for some errors: half of those that need not be.
        let least = isPoor ? 0.06 : before.isJudgedByTask ? max(0.05, 0.5 * (reach - before.worth)) : 0.15
        found = found.filter {
            $0.gain > max(least, 0.25 * (reach - max(floor, before.worth)))
                && before.worth + $0.gain > floor + max(0.06, 0.2 * (reach - floor))
        }
        // Where the best could not be proved, those that gained less may be.
        for round in 0..<3 where !found.isEmpty && !isOver {
            guard let top = found.map(\.gain).max() else { break }
            if round == 0, !signs.isEmpty {
                // A change that takes the sign of a cause away, though another change may gain somewhat more.
                let healing = found.filter { $0.gain > 0.75 * top }.prefix(6).map {
                    (
                        kind: $0.edit.kind, gain: $0.gain,
                        change: Change(label: $0.edit.label, edits: $0.edit.edits, lengthens: longer)
                    )
                }
                let healed = signs.map { (rule, sign) -> (Rule, String) in
                    // Another name explains what a sign or an order does not explain as well.
                    let able =
                        rule.traits.contains(.onlyByNames)
                        ? healing.filter {
                            $0.kind == .name && $0.gain > top - 0.05 && !exchangesGradients($0.change)
                        } : healing
                    return (rule.with(able.map(\.change)), sign)
                }
                if let proved = try prove(healed, on: edits, before) { return proved }
            }
            let near = mildest(found.filter { $0.gain > 0.7 * top })
            // What turns something round before a number: changed by decades, a number may switch off what is wrong elsewhere.
            let kinds: [(SingleEdit.Kind, Bool)] = [
                (.axis, false), (.reduction, false), (.difference, false), (.order, false), (.number, false),
                (.operation, false),
                (.name, false), (.sequence, false), (.number, true), (.order, true),
            ]
            var given: [[TextEdit]] = []
            let rules = kinds.compactMap { kind, isRemote -> (Rule, String)? in
                let own = near.filter { $0.edit.kind == kind && $0.edit.isRemote == isRemote }
                    .sorted { $0.gain > $1.gain }.prefix(3)
                guard !own.isEmpty else { return nil }
                given += own.map(\.edit.edits)
                let changes = own.map { Change(label: $0.edit.label, edits: $0.edit.edits, lengthens: longer) }
                return (
                    Rule.searched(kind, changes),
                    "no known symptom points to the cause; \(tries.count) changes of a single place were tried, and this one repairs the run"
                )
            }
            if var proved = try prove(rules, on: edits, before) {
                proved.finding.alternatives = alternatives(
                    near.map { ($0.edit.label, $0.edit.edits, $0.gain) }, to: proved.finding)
                return proved
            }
            found.removeAll { given.contains($0.edit.edits) }
        }
        return nil
    }

    /// What the run comes to with each of some changes, of those that leave the invariants and the measure as they are.
    private func outcomesOf(
        _ some: [SingleEdit], on edits: [TextEdit], _ before: Evidence, _ invariants: ReplayInvariants,
        lengthens longer: Double
    ) throws -> [ForkedJobs.Outcome?] {
        let counted = replays
        defer { replays = counted + some.count }
        let each = max(0.02, before.stepSeconds * Double(steps))
        let jobs = some.map {
            Job(
                edits: edits + $0.edits, seed: 0, lengthens: longer, invariants: invariants,
                measure: "\(before.measure)")
        }
        return try outcomes(jobs) { rest in
            try ForkedJobs.outcomes(rest.count, patience: 2.5 + 4 * each, insists: false) { k in
                do {
                    // A program that is judged in another measure cannot be compared.
                    return try replay(
                        jobs[rest[k]].edits, seed: 0, whole: false, lengthens: longer, on: invariants
                    ).flatMap { after in
                        // Another order of what is measured is no other training.
                        let isOfEvaluation =
                            before.ownMeasure != nil && !before.loss.isEmpty && after.loss == before.loss
                            && [.order, .name].contains(some[rest[k]].kind)
                        return after.measure == before.measure && !isOfEvaluation
                            ? .init(worth: after.worth, auc: after.score.auc) : nil
                    }
                } catch let error as Interrupted { throw error } catch { return nil }
            }
        }
    }

    /// A search among what prepares the inputs, of a run that nothing else explains and that leaves much to be gained: an
    /// operation that takes from the inputs what the targets depend on leaves every training poor, a standard one too.
    func searchPreparation(_ before: Evidence) throws -> (finding: Finding, beside: Finding?, evidence: Evidence)? {
        guard before.isJudged, before.isFinite, before.standing < 0.9, before.task != .reconstruction, !isOver,
            var invariants = before.invariants
        else { return nil }
        invariants.comparesTargets = true
        let behind = isHandWritten ? before.statementsBehind : nil
        let edits = SingleEdits(preparationsIn: chart, leavingOut: behind) { [session] name in
            switch session.globals.valueIfReady(name) {
            case .tensor(let t): t.rank > 0 && t.shape[0] >= 20
            case .thing(let d as DatasetThing): d.dataset.count >= 20
            default: false
            }
        }.all.prefix(120)
        guard !edits.isEmpty else { return nil }
        say("\(edits.count) changes of the preparation")
        let found = zip(edits, try outcomesOf(Array(edits), on: [], before, invariants, lengthens: 1))
            .compactMap { edit, outcome in outcome.map { (edit: edit, gain: $0.worth - before.worth) } }
            .filter { $0.gain > max(0.15, 0.4 * (1 - before.worth)) }
            .sorted { $0.gain > $1.gain }
        guard let top = found.first?.gain else { return nil }
        // Where several do about as well, the one that leaves most as it is.
        let near = found.filter { $0.gain > top - 0.05 }.sorted { $0.edit.letters < $1.edit.letters }
        let sign =
            "no known symptom points to the cause; \(edits.count) changes of what prepares the inputs were tried, and this one repairs the run"
        return try prove(
            near.prefix(3).map { f in
                (
                    Rule.searched(f.edit.kind, [Change(label: f.edit.label, edits: f.edit.edits)]), sign
                )
            }, on: [], before)
    }

    /// Of one number the smallest change that does as well as any.
    private func mildest(_ found: [(edit: SingleEdit, gain: Double)]) -> [(edit: SingleEdit, gain: Double)] {
        found.filter { f in
            f.edit.number == nil
                || !found.contains { other in
                    f.edit.isOfSameNumber(as: other.edit) && other.edit.decades < f.edit.decades - 0.1
                        && other.gain > 0.95 * f.gain
                }
        }
    }

    /// Changes of other places that did as well in the one run that each was given, with their lines.
    private func alternatives(_ found: [(label: String, edits: [TextEdit], gain: Double)], to chosen: Finding)
        -> [String]
    {
        let own = chosen.repair?.edits ?? []
        guard let gain = found.first(where: { $0.edits == own })?.gain else { return [] }
        var taken = own
        var told: [String] = []
        for f in found.sorted(by: { $0.gain > $1.gain }) where f.gain > 0.9 * gain && told.count < 3 {
            guard let first = f.edits.first,
                !f.edits.contains(where: { e in
                    taken.contains { $0.document == e.document && $0.start <= e.end && e.start <= $0.end }
                }), chart.documents.indices.contains(first.document)
            else { continue }
            taken += f.edits
            let line = chart.documents[first.document].whole.bytes.prefix(first.start).count { $0 == 10 } + 1
            told.append("\(f.label) (line \(line))")
        }
        return told
    }

    /// Whether a change puts another gradient into an update: how the outputs are made is as it was.
    private func exchangesGradients(_ change: Change) -> Bool {
        let gradients = wiring.gradientNames
        return change.edits.contains { e in
            e.document == wiring.trainDocument
                && (gradients.contains(e.replacement)
                    || gradients.contains(chart.documents[e.document].whole.text(Span(e.start, e.end))))
        }
    }
}
