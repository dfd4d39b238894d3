import SiamLanguage
import SiamRuntime
import SiamTensor

/// Replays of programs that train by a loop of their own.
extension Replay {
    /// Listens to a loop by hand.
    func follow(_ loop: LoopByHand) {
        loop.willUpdate = { [unowned self] run, i, parameters, gradients in
            try willUpdate(run, i, parameters, gradients)
        }
        loop.didUpdate = { [unowned self] run, i in try didUpdate(run, i) }
        loop.batch = { [unowned self] run, batch in look(at: batch, run) }
    }

    /// Runs as far as the loop by hand goes; nil where the program, changed, holds none or did not come to it.
    func runByHand(_ session: Session, _ plan: Interventions) throws -> Evidence? {
        guard let written = WrittenLoop(chart) else { return nil }
        let followed = LoopByHand(written.train, in: chart.documents[written.document].source)
        loop = Wiring(chart, written)
        follow(followed)
        var plan = plan
        plan.loop = followed
        session.interventions = plan
        let started = Clock.now()
        do {
            let all = try statements()
            for (k, (statement, source)) in all.prefix(max(0, all.count - statementsBehind)).enumerated() {
                let before = followed.run?.steps ?? 0
                try session.run(statement, of: source)
                try followed.finishStep(session.interpreter)
                if followed.run?.steps ?? 0 > before { evidence.statementsBehind = all.count - 1 - k }
            }
        } catch let error as Diagnostic {
            // What the loop came to is there to be looked at, if the program goes wrong behind it.
            guard followed.run != nil else { throw error }
            try followed.finishStep(session.interpreter)
        }
        guard let run = followed.run else { return nil }
        untrained = followed.untrained
        evidence.stepSeconds = (Clock.now() - started) / Double(max(1, run.steps))
        try measure(run, session)
        return evidence
    }
}
