import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Replays of programs that train by a loop of their own.
extension Replay {
    /// Listens to a hand-written loop.
    func follow(_ loop: HandWrittenLoop) {
        loop.willUpdate = { [unowned self] run, i, parameters, gradients in
            if run.steps == 0, let pending {
                i.showsEachStage = false
                // A net whose update comes first has other weights already when the next one joins.
                firstValues += run.parameters.dropFirst(firstValues.count).map(\.value)
                look(atStep: pending.loss, pending.batch, firstValues)
            }
            try willUpdate(run, i, parameters, gradients)
        }
        loop.minimized = { [unowned self, unowned loop] step, loss, batch in
            if loop.isJudging { return noteJudged(loss, batch, loop) }
            if step == 0, evidence.facts == nil { pending = (loss, batch) }
            if isWhole, Replay.stepsCompared.contains(step) {
                noteRows(loss, batch, loop.run?.parameters.map(\.value) ?? [])
            }
        }
        loop.heldBatch = { [unowned self] thing in
            guard let made = judging ?? heldSource(thing, session ?? parent) else { return nil }
            judging = made
            var stream = RandomStream(seed: 0x0DDB)
            return try made.next(&stream).map { .tensor($0) }
        }
        loop.didUpdate = { [unowned self, unowned loop] run, i in
            if loop.draws > 0, rowsRepeated < Replay.stepsCompared.count { evidence.batchesDrawn = loop.draws }
            try didUpdate(run, i)
        }
        loop.batch = { [unowned self] run, batch in look(at: batch, run) }
    }

    /// Runs as far as the hand-written loop goes; nil where the program, changed, holds none or did not come to it.
    func runHandWrittenLoop(_ session: Session, _ plan: Interventions) throws -> Evidence? {
        guard let written = WrittenLoop(chart, ofVariables: own?.isOfVariables == true) else { return nil }
        if !written.variables.isEmpty { return try runVariables(session, plan, written) }
        let followed = HandWrittenLoop(written.train, in: chart.documents[written.document].source)
        loop = TrainingModel(chart, written)
        self.session = session
        session.interpreter.showsEachStage = true
        follow(followed)
        if let judgesFrom { followed.judgesFrom = judgesFrom }
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
            // The result of the loop can be examined even if the program fails after it.
            guard followed.run != nil else { throw error }
            try followed.finishStep(session.interpreter)
        }
        guard let run = followed.run else { return nil }
        let shapes = run.nets.map { $0.parameters.map { "\($0.parameter.value.shape)" }.joined(separator: " ") }
        evidence.optimizersMade = followed.optimizersMade
        evidence.netsInTurn = shapes.isEmpty ? 1 : shapes.count { $0 == shapes[0] }
        // Members of an ensemble are kept, each of them.
        let kept = run.nets.count { keptNets(session).contains(ObjectIdentifier($0)) }
        if kept + 1 >= run.nets.count { evidence.netsInTurn = 1 }
        untrained = followed.untrained
        if let judged, judged.rows > 0 {
            if !judgedInputs.isEmpty { compareWithPlain(judgedInputs, judged) }
            let isHeld = judging != nil
            conclude(own: isHeld ? nil : judged, outside: isHeld ? judged : nil, first: evidence.facts?.firstOutputs)
        }
        evidence.stepSeconds = (Clock.now() - started) / Double(max(1, run.steps))
        try measure(run, session)
        if readsFigures || judgesByFigure || !evaluations.isEmpty, let first = chart.documents.first?.source {
            let all = Parser.parse(first).program.statements
            let places = try statements().filter { $0.source === first }.map(\.statement.span.start)
            let last = places.dropLast(min(places.count, evidence.statementsBehind)).last ?? 0
            noteFigures(run, session, all.filter { $0.span.start > last }.map { ($0, first) }, train: nil)
        }
        return evidence
    }

    /// The nets that the program's variables hold, also in lists and records.
    private func keptNets(_ session: Session) -> Set<ObjectIdentifier> {
        var found = Set<ObjectIdentifier>()
        func look(_ v: Value, _ depth: Int) {
            guard depth < 4 else { return }
            switch v {
            case .layer(let l): found.insert(ObjectIdentifier(l))
            case .list(let l): for item in l.items.prefix(1000) { look(item, depth + 1) }
            case .record(let r): for item in r.values { look(item, depth + 1) }
            default: break
            }
        }
        for name in session.globals.userNames { if let v = session.globals.valueIfReady(name) { look(v, 0) } }
        return found
    }

    /// Outputs of a step that only judges.
    private func noteJudged(_ loss: Tensor, _ batch: [Value], _ loop: HandWrittenLoop) {
        let parts = batch.compactMap { v -> Tensor? in if case .tensor(let t) = v { t } else { nil } }
        // Without held-out batches a full batch says it all; drawn ones add up.
        let most = judging == nil ? 512 : heldRows.first?.tensors.first?.shape[0] ?? 512
        if let judged, judged.rows >= most { return }
        guard let run = loop.run,
            let graph = StepGraph(
                of: loss, parameters: run.parameters.map(\.value), batch: parts, states: Replay.states(of: run)),
            var out = evidence.task == .metric ? distances(graph, parts) : graph.task(batch: parts).outputs
        else { return }
        if evidence.task == .classification { classify(&out, graph, parts) }
        if isWhole, let side = graph.sides.first, evidence.task != .metric {
            judgedInputs += graph.firstInput(side).doubles
        }
        if judged == nil { judged = out } else { judged?.append(out) }
    }
}
