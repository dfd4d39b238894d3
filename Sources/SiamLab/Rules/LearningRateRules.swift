import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime

/// Faults of how far a step goes: the learning rate, its schedule, momentum.
extension Rule {
    /// Faults of the size of a step, of its regularisation, and of loops that update by hand.
    static var stepSize: [Rule] {
        [
            dropoutTooStrong, decayTooStrong, momentumTooHigh, learningRateTooHigh, learningRateTooLow,
            gradientsNeverReset,
            updatesInAnotherLoop, optimizerRecreated, overfit,
        ]
    }

    static var momentumTooHigh: Rule {
        Rule(
            98, "momentum too high", seen: "The loss swings up and down in long waves, or is not finite.",
            why:
                "With momentum m a gradient goes on moving the weights for about 1 / (1 - m) steps. Where that is as long as much of the training, the weights overshoot again and again.",
            repair: "a momentum of 0.9",
            traits: [.toldByOutcome],
            picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
            firstSymptom: { $0.evidence.thrownOnset },
            sign: { e in
                let v = e.evidence
                guard v.momentum > 0.95, v.momentum < 1, !v.isGood || v.isWeak else { return nil }
                return
                    "with momentum \(short(v.momentum)) each gradient acts for about \(short(1 / (1 - v.momentum))) steps, and the run has \(v.steps)"
            },
            changes: { e in
                let edits = e.wiring.setting("momentum", of: e.wiring.optimizer, to: "0.9")
                return edits.isEmpty ? [] : [Change(label: "momentum = 0.9", edits: edits)]
            }, eases: { $1.isFinite && $1.worth > $0.worth })
    }

    static var learningRateTooHigh: Rule {
        Rule(
            18, "learning rate too high", seen: "The loss jumps, collapses to a constant or is not finite.",
            why: "The update is too large relative to the weights. The gradient is only valid for small steps.",
            repair: "a tenth of the learning rate, or less",
            traits: [.toldByOutcome, .triedWithoutSign],
            picture: { .series("updates", $0.evidence.updates.map(\.ratio)) },
            firstSymptom: { $0.evidence.thrownOnset },
            sign: { e in
                let v = e.evidence
                if let (low, high) = growing(e) {
                    return
                        "with this schedule a step of the second half changes the weights by up to \(short(high)) of their size, at the start by \(short(low))"
                }
                let early = Double(v.loss.prefix(20).max() ?? 0)
                let isTiny = v.smallestWeightScale < 0.1
                // What never moved was not thrown there.
                let isThrown = v.isCollapsed && (v.earlyUpdate > 0 || v.updates.isEmpty)
                // Before the first update no rate has had an effect.
                if v.facts?.notFinite != nil { return nil }
                guard !v.isFinite || isThrown || !isTiny && v.earlyUpdate > 0.2 || early > 3 * abs(v.firstLoss)
                else { return nil }
                let loss =
                    v.loss.isEmpty
                    ? "" : ", the loss \(short(early / max(abs(v.firstLoss), 1e-12))) times its start"
                return
                    "in the first 20 steps updates reach \(short(v.earlyUpdate)) times the size of the weights (healthy up to 0.07)\(loss)"
            }, changes: { (growing($0) == nil ? [] : withoutSchedule($0)) + rates($0, [0.1, 0.01, 0.001]) },
            eases: { before, after in
                // A loss with a large scale makes long first steps at every rate that is of use.
                after.isFinite && !after.isCollapsed && after.earlyUpdate < 0.1 * before.earlyUpdate
            },
            isPlain: { $0.earlyUpdate > 0.5 || !$0.isFinite })
    }

    static var learningRateTooLow: Rule {
        Rule(
            19, "learning rate too low", seen: "Nothing happens for the whole run.",
            why:
                "Updates are too small relative to the weights. The run ends with nearly the weights that it started with.",
            repair: "ten times the learning rate, or more",
            traits: [.toldByOutcome, .triedWithoutSign],
            picture: { .series("updates", $0.evidence.updates.map(\.ratio)) },
            firstSymptom: FirstSymptom.firstStep,
            sign: { e in
                let v = e.evidence
                let moved = v.updates.contains { $0.ratio > 0 }
                if v.brokenOff != nil || growing(e) != nil { return nil }
                if let every = unmade(e) {
                    return "accumulate = \(every) makes one update every \(every) steps, and the run has \(v.steps)"
                }
                if let most = warmUp(e), most > v.steps, v.isFinite, !v.isGood {
                    return
                        "the warm-up takes \(most) steps, and the run has \(v.steps): the learning rate stays near 0"
                }
                // A few dozen steps that are not that small are too few rather than too small.
                if v.steps < 60, v.medianUpdate > 1e-4, !longerRuns(e).isEmpty { return nil }
                // A schedule that all but ends the training before its time.
                let (early, late) = (
                    v.earlyUpdate, v.updates.suffix((v.updates.count + 1) / 2).map(\.ratio).max() ?? 0
                )
                if v.isFinite, !v.isGood, late < 1e-3 * early, !withoutSchedule(e).isEmpty {
                    return
                        "with this schedule a step of the second half changes the weights by at most \(short(late)) of their size, at the start by \(short(early))"
                }
                // A net that has learnt next to nothing has taken next to no steps at larger updates, too.
                let isStill = v.lastLoss > 0.8 * v.firstLoss && v.worth < v.startWorth + 0.03
                guard v.isFinite, moved, v.medianUpdate < (isStill ? 6e-4 : 1.5e-4),
                    v.loss.isEmpty || v.lastLoss > 0.5 * v.firstLoss,
                    v.worth < v.startWorth + 0.1
                else { return nil }
                return "a step changes the weights by \(short(v.medianUpdate)) of their size (healthy 3e-4 to 4e-3)"
            },
            changes: { e in
                if growing(e) != nil { return [] }
                return withoutSchedule(e) + withoutSmallSteps(e) + rates(e, [10, 100, 1000])
            })
    }

    /// The rates of steps that are written out, `w = w - 0.1 * g`: each number that multiplies what a weight is changed by.
    private static func assignedRates(_ w: TrainingModel, _ factors: [Double]) -> [Change] {
        let numbers = w.assignedRates
        guard let first = numbers.first(where: { $0.value != 0 }) else { return [] }
        return factors.map { factor in
            Change(
                label: "a learning rate of \(tidy(first.value * factor)) instead of \(tidy(first.value))",
                edits: unique(numbers.map { $0.spot.replaced(by: tidy($0.value * factor)) }), trainsLess: factor < 1)
        }
    }

    static func rates(_ e: Examination, _ factors: [Double]) -> [Change] {
        let w = e.wiring
        var call = w.optimizer
        guard call.call != nil, !w.updatesByAssignment else { return assignedRates(w, factors) }
        var parameter = "lr"
        var current: Double
        if let given = w.argument("lr", of: call) {
            if let (value, _) = w.number(given) {
                current = value
            } else {
                // A schedule: its own first number.
                let schedule = w.followed(given)
                guard let inner = schedule.call?.name, let first = w.parameters(of: inner).first,
                    let value = w.argument(first, of: schedule).flatMap({ w.number($0)?.value })
                else {
                    // A name that only the run knows: a parameter, the variable of a loop or a sweep.
                    if case .lambda(_, let body) = schedule.expression.kind {
                        return factors.map { factor in
                            let text = "\(tidy(factor)) * (\(w.text(schedule.with(body))))"
                            return Change(
                                label: "\(tidy(factor)) times the learning rate",
                                edits: [schedule.with(body).replaced(by: text)], trainsLess: factor < 1)
                        }
                    }
                    guard case .name = given.expression.kind else { return [] }
                    if w.ownSchedule(schedule) != nil {
                        return factors.map { factor in
                            Change(
                                label: "\(tidy(factor)) times the learning rate",
                                edits: [given.replaced(by: "step -> \(tidy(factor)) * \(w.text(given))(step)")],
                                trainsLess: factor < 1)
                        }
                    }
                    return factors.map { factor in
                        let text = "\(tidy(factor)) * \(w.text(given))"
                        return Change(
                            label: "lr = \(text)", edits: [given.replaced(by: text)], trainsLess: factor < 1)
                    }
                }
                (call, parameter, current) = (schedule, first, value)
            }
        } else {
            current = w.optimizerKind?.parameters.first { $0.name == "lr" }?.defaultValue ?? 0.01
        }
        return factors.compactMap { factor in
            let value = tidy(current * factor)
            let edits = w.setting(parameter, of: call, to: value)
            return edits.isEmpty
                ? nil
                : Change(
                    label: "lr = \(value) instead of \(tidy(current))", edits: edits, trainsLess: factor < 1)
        }
    }

    /// The steps of which an optimizer makes one update, where they are more than the run has.
    static func unmade(_ e: Examination) -> Int? {
        guard let given = e.wiring.argument("accumulate", of: e.wiring.optimizer),
            let every = e.wiring.number(given)?.value, every > Double(e.evidence.steps), e.evidence.steps > 0
        else { return nil }
        return Int(exactly: every)
    }

    /// The steps of a warm-up that the rate is given by.
    private static func warmUp(_ e: Examination) -> Int? {
        let w = e.wiring
        guard let schedule = w.argument("lr", of: w.optimizer).map({ w.followed($0) }), schedule.call?.name == "warmup",
            let given = w.argument("steps", of: schedule), let most = w.number(given)?.value
        else { return nil }
        return Int(exactly: most)
    }

    /// How far a step of a schedule goes that grows without end: at the beginning, and in the second half.
    private static func growing(_ e: Examination) -> (low: Double, high: Double)? {
        let ratios = e.evidence.updates.map(\.ratio).filter(\.isFinite)
        guard ratios.count > 4, let first = ratios.first(where: { $0 > 0 }), !withoutSchedule(e).isEmpty,
            let late = ratios.suffix((ratios.count + 1) / 2).max(), late > 0.05, late > 20 * first,
            !e.evidence.isFinite || e.evidence.lastLoss > 3 * abs(e.evidence.firstLoss)
        else { return nil }
        return (first, late)
    }

    private static func withoutSmallSteps(_ e: Examination) -> [Change] {
        let w = e.wiring
        if let every = unmade(e), let given = w.argument("accumulate", of: w.optimizer), let (_, spot) = w.number(given)
        {
            return [
                Change(
                    label: "an update at every step instead of every \(every) steps", edits: [spot.replaced(by: "1")])
            ]
        }
        // A factor below `low` or above `high` makes the steps small at any learning rate.
        let settings: [(name: String, low: Double, high: Double, usual: String)] = [
            ("clip", 0.1, .infinity, "1"), ("clip_value", 0.01, .infinity, "1"), ("eps", 0, 1e-3, "1e-8"),
        ]
        return settings.compactMap { s in
            guard let given = w.argument(s.name, of: w.optimizer), let (value, spot) = w.number(given), value > 0,
                value < s.low || value > s.high
            else { return nil }
            return Change(
                label: "\(s.name) = \(s.usual) instead of \(tidy(value))", edits: [spot.replaced(by: s.usual)])
        }
    }

    private static func withoutSchedule(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard let given = w.argument("lr", of: w.optimizer), w.number(given) == nil else { return [] }
        let schedule = w.followed(given)
        if let own = w.ownSchedule(schedule) {
            return [
                Change(
                    label: "the learning rate of the first step throughout",
                    edits: [given.replaced(by: "(\(w.text(own)))(0)")])
            ]
        }
        guard let inner = schedule.call?.name, let first = w.parameters(of: inner).first,
            let value = w.argument(first, of: schedule).flatMap({ w.number($0)?.value })
        else { return [] }
        return [
            Change(
                label: "lr = \(tidy(value)) throughout instead of \(w.text(schedule))",
                edits: [given.replaced(by: tidy(value))])
        ]
    }
}

extension TrainingModel {
    /// Whether the optimizer's learning rate changes with its steps.
    var hasSchedule: Bool {
        guard let given = argument("lr", of: optimizer), number(given) == nil else { return false }
        let schedule = followed(given)
        if case .lambda = schedule.expression.kind { return true }
        let name = schedule.call?.name
        return ownSchedule(schedule) != nil || Schedule.all.contains { $0.name == name }
    }
}
