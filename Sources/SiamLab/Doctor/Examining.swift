import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// The examination of a run: it is replayed as it is, and its suspected causes are tried in rounds.
extension Doctor {
    func examine() throws {
        let outer = session.isDiagnosed
        session.isDiagnosed = true
        defer {
            session.isDiagnosed = outer
            session.progress(nil)
        }
        do { try examineAll() } catch is Interrupted {
            Interrupt.clear()
            isInterrupted = true
            notes.append("interrupted: this is the result so far")
        }
    }

    /// The run again as it is; on its own rows where it does not go without those that were to be held back.
    private func unchanged() throws -> Evidence? {
        do { return try replay([], seed: 0, whole: true) } catch let error as Diagnostic {
            guard case .kept = heldOut else { throw error }
            notes.append("evaluated on the training rows: with a fifth of them held out the program does not run")
            (heldOut, always) = (.own, [])
            return try replay([], seed: 0, whole: true)
        }
    }

    private func examineAll() throws {
        say("the run again, unchanged")
        guard let first = try judged() else { return }
        first.insideTraining = insideTraining
        begin(with: first)
        noteDoubts(first)
        try shortenReplays(first)
        if always.isEmpty, !isHeldBack, steps == run.planned,
            !zip(first.loss, run.loss.values).allSatisfy({ $0 == $1 || $0.isNaN && $1.isNaN })
        {
            notes.append(
                "the losses of the replay differ from those of the run: something outside the program changed the run")
        }
        var edits: [TextEdit] = []
        var current = base
        // Noise in what is measured makes any training look poor.
        let isNoisy = try noisyFigure.map { try searchEvaluation(noisy: $0) } ?? false
        for round in 0..<(isNoisy ? 0 : 3) {
            let rules = Rule.all
            let here = examination(edits, current)
            let signs = rules.compactMap { rule in rule.sign(here).map { (rule, $0) } }
            if round == 0 {
                looked = rules.map(\.name)
                for (rule, sign) in signs where rule.kind == .note { notes.append("\(rule.name), no fault: \(sign)") }
            }
            for (rule, sign) in signs
            where rule.kind == .measured && !findings.contains(where: { $0.rule.name == rule.name }) {
                findings.append(Finding(rule, sign, here))
            }
            let suspects = signs.filter { s in
                s.0.kind == .cause && !findings.contains { $0.rule.name == s.0.name }
            }
            var found: (finding: Finding, beside: Finding?, evidence: Evidence)?
            let plain = suspects.filter {
                $0.0.traits.contains(.shownByStep) && $0.0.isConclusive(current) && $0.0.changes(here).isEmpty
            }
            if round == 0, !plain.isEmpty {
                found = try search(on: edits, current, plain)
                // Only a change that takes the plain sign away says more than the causes that are tried next.
                if let f = found, !plain.contains(where: { $0.0.number == f.finding.rule.number }) { found = nil }
            }
            if found == nil {
                found = try prove(suspects.filter { !$0.0.traits.contains(.lastResort) }, on: edits, current)
            }
            if found == nil, round == 0 {
                try finishWithEffects(signs)
                if !findings.contains(where: \.isProved), !current.isGood {
                    found = try prove(
                        suspects.filter { $0.0.traits.contains(.lastResort) } + untold(signs), on: edits, current)
                }
            }
            // Where nothing was shown, or what was shown leaves the run poor, and so may undo no more than an effect.
            let longer = found?.finding.repair.flatMap { $0.lengthens >= 4 && !$0.isCertain ? $0 : nil }
            if round == 0, longer != nil || found.map({ !isGoodEnough($0.evidence) }) ?? true {
                let gain = found?.finding.trial?.mean
                if let deeper = try searchForCause(current),
                    case let more = (deeper.finding.trial?.mean ?? 0) - (gain ?? 0),
                    gain == nil || more > 0.15
                        || longer.map({ explains(deeper.finding, $0) && isAsGood(deeper.finding, $0, more, gain ?? 0) })
                            == true
                {
                    found = deeper
                }
            }
            // Rows that are measured otherwise than those of the training are no fault of its preparation.
            let gained = found?.finding.trial?.mean ?? 0
            if round == 0, found.map({ !isGoodEnough($0.evidence) }) ?? true, !findings.contains(where: \.isProved),
                !signs.contains(where: { $0.0.kind == .cause && $0.0.traits.contains(.ofTheEvaluation) }),
                let better = try searchPreparation(current), (better.finding.trial?.mean ?? 0) > gained + 0.15
            {
                found = better
            }
            guard let found else { break }
            findings.append(found.finding)
            for (rule, sign) in signs
            where rule.kind == .effect && !findings.contains(where: { $0.rule.number == rule.number }) {
                if rule.sign(examination(edits + (found.finding.repair?.edits ?? []), found.evidence)) == nil {
                    var trial = found.finding.trial
                    trial?.rule = rule.name
                    findings.append(
                        Finding(
                            rule, sign, here, cause: found.finding.rule.name, repair: found.finding.repair,
                            trial: trial))
                }
            }
            if let beside = found.beside { findings.append(beside) }
            edits += found.finding.repair?.edits ?? []
            current = found.evidence
            if isOver {
                ranOut = true
                break
            }
        }
        if !isOver { try searchEvaluation() }
        if !isOver { try holdOutGroups() }
        nameSuspects(Rule.all.compactMap { rule in rule.sign(examination([], base)).map { (rule, $0) } })
        removeUndone(examination(edits, current), isRepaired: !edits.isEmpty)
        findings = ordered(findings)
    }

    /// The unchanged replay, by what judges the run: held-out rows, the pairs of its loop, or its own figure; nil where the
    /// replay does not come to the run.
    private func judged() throws -> Evidence? {
        guard var first = try unchanged() else {
            notes.append("the replay of the program did not reach this run")
            return nil
        }
        if !first.isJudged, (isHandWritten ? loopFacts?.task : first.task) == .metric {
            judgesPairs = true
            if let again = try replay([], seed: 0, whole: true), again.isJudged { first = again }
        }
        if first.isRenamed, first.figures.contains(where: { !$0.isError && $0.gain > 0.3 }) {
            judgesByUsed = true
            if let again = try replay([], seed: 0, whole: true) { first = again }
        }
        if first.isVouchedFor || !first.isJudged && (!first.isWithoutEmbedding || !first.figures.isEmpty) {
            judgesByFigure = true
            if let again = try replay([], seed: 0, whole: true), again.isJudged { first = again }
            judgesByFigure = first.ownMeasure != nil
            if judgesByFigure { notes.append("judged by the score that the program itself prints: \(first.measure)") }
        }
        if first.ownMeasure == nil, first.isJudgedByTask, first.task == .metric || first.task == .verification,
            first.figures.contains(where: {
                $0.isComparable && $0.trainedShare < 0.05 && $0.gain > 0.1 && $0.worth < first.standing - 0.2
            })
        {
            // Few of many are harder to tell apart than two.
            judgesByFigure = true
            if let again = try replay([], seed: 0, whole: true), again.ownMeasure != nil { first = again }
            judgesByFigure = first.ownMeasure != nil
            if judgesByFigure { notes.append("judged by the score that the program itself prints: \(first.measure)") }
        }
        if first.ownMeasure == nil, first.isGood, let seen = first.logScore, seen.isUnderconfident {
            judgesByLogLoss = true
            let accuracy = first.worth
            if let again = try replay([], seed: 0, whole: true), again.ownMeasure == LogScore.measure { first = again }
            judgesByLogLoss = first.ownMeasure == LogScore.measure
            if judgesByLogLoss {
                notes.append(
                    "judged by the log loss: accuracy is \(short(accuracy)), and the log loss is \(short(seen.loss)), \(short(seen.constant)) for always predicting the class frequencies; with all scores times \(short(seen.factor)) it would be \(short(seen.best)). \(LogScore.measure) is 1 minus the log loss divided by that of the class frequencies"
                )
            }
        }
        return first
    }

    /// What is to be known beside any fault: columns that tell the target alone, and that nothing can be judged.
    private func noteDoubts(_ first: Evidence) {
        if let t = first.telling {
            notes.append(
                "column \(t.column) of the inputs alone predicts the class of \(short(100 * t.share)) % of the rows with one threshold, the next best column \(short(100 * t.next)) %: make sure that this column is known for new rows before their class is"
            )
        }
        if let t = first.telltale {
            notes.append(
                "column \(t.column) of the inputs has correlation \(short(t.correlation)) with the target, the next best column \(short(t.next)): make sure that this column is known for new rows before their target is"
            )
        }
        if first.isWithoutEmbedding {
            notes.append(
                "nothing in the program computes the embedding of one example, so replays cannot be evaluated: symptoms only"
            )
        }
    }

    /// Shortens replays to what can be tried within the budget.
    private func shortenReplays(_ first: Evidence) throws {
        let each = first.stepSeconds * Double(steps) + 0.2
        if steps > 150, !isHandWritten {
            let able = each * 24 > budget ? max(150, Int(Double(steps) * budget / (24 * each))) : steps
            let fewer = try agreed(able, on: "steps of \(steps)")
            if fewer < steps * 3 / 4 {
                steps = fewer
                notes.append("replays are shortened to \(steps) of \(run.planned) steps")
                if let again = try replay([], seed: 0, whole: true) {
                    again.insideTraining = insideTraining
                    base = again
                    bases = [0: .init(worth: again.worth, auc: again.score.auc)]
                }
            }
        }
    }

    /// What is read off the step and goes with a proved repair of another cause was no cause of its own.
    private func removeUndone(_ after: Examination, isRepaired: Bool) {
        findings.removeAll { f in
            f.rule.traits.contains(.shownByStep) && !f.isProved && isRepaired && f.rule.sign(after) == nil
        }
    }

    /// Signs alone: of a state of the net, and, where the net is no good, of what may have caused it.
    func conclude(_ replay: Replay) throws {
        replay.heldOut = heldOut
        try replay.measure(run, session)
        begin(with: replay.evidence)
        let here = Examination(wiring: wiring, evidence: base)
        var signs = Rule.all.compactMap { rule in rule.sign(here).map { (rule, $0) } }
        // Without replays those causes are named that the program has something to undo of, if there are any.
        let undone = signs.filter { $0.0.kind == .cause && !$0.0.changes(here).isEmpty }.map(\.0.name)
        if !undone.isEmpty { signs.removeAll { $0.0.kind == .cause && !undone.contains($0.0.name) } }
        let found = Set(signs.map(\.0.name))
        looked = Rule.all.map(\.name).filter { !found.contains($0) }
        let hasEffect = signs.contains { $0.0.kind == .effect }
        let isPoor = hasEffect || self.isPoor
        for (rule, sign) in signs {
            switch rule.kind {
            case .note: notes.append("\(rule.name), no fault: \(sign)")
            case .cause where !isPoor: notes.append("a symptom of \(rule.name), although the net learns: \(sign)")
            default: findings.append(Finding(rule, sign, here))
            }
        }
    }
}
