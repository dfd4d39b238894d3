import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamRuntime
import SiamTensor

/// Replays of programs that keep their weights in variables: they are judged by the figure that the program itself prints.
extension Replay {
    /// What the variables of a loop held when it began.
    struct Beginning {
        var values: [String: Value] = [:]
        /// Of the matrices and vectors among them.
        var tensors: [(name: String, tensor: Tensor)] = []
    }

    /// The loop begins.
    func begun(_ session: Session) throws {
        guard beginning == nil, let followed else { return }
        var begun = Beginning()
        for name in followed.variables {
            guard let value = session.globals.valueIfReady(name) else { continue }
            begun.values[name] = value
            begun.tensors += Replay.tensors(in: value).map { (name, $0.detached()) }
        }
        beginning = begun
        if isWhole || wanted != nil {
            evidence.invariants = ReplayInvariants(
                rows: 0, weights: begun.tensors.reduce(0) { $0 + $1.tensor.count }, held: 0, heldTargets: 0)
        }
        lastValues = begun.tensors.map(\.tensor)
        if let wanted, let here = evidence.invariants, !wanted.isLike(here) { throw InvariantsDiffer() }
    }

    /// A step of it is over.
    func stepped(_ interpreter: Interpreter) throws {
        guard let followed else { return }
        let now = followed.variables.compactMap { interpreter.session.globals.valueIfReady($0) }
            .flatMap(Replay.tensors)
        noteUpdate(now.map { $0.detached() }, step: followed.loop.run?.steps ?? 0)
        try followed.loop.stepped(interpreter, isFinite: now.allSatisfy { $0.floats.allSatisfy(\.isFinite) })
    }

    /// How far the matrices, or where there are none whatever is trained, moved in a step.
    private func noteUpdate(_ now: [Tensor], step: Int) {
        defer { lastValues = now }
        if isWhole, let beginning {
            for (k, (name, first)) in beginning.tensors.enumerated()
            where now.indices.contains(k) && !changed.contains("\(name) \(k)") && now[k].floats != first.floats {
                changed.insert("\(name) \(k)")
            }
        }
        guard isWhole, isSampled(step) else { return }
        let matrices = now.indices.filter { now[$0].rank >= 2 && now[$0].count > 1 }
        var most = 0.0
        for k in matrices.isEmpty ? Array(now.indices) : matrices
        where lastValues.indices.contains(k) && lastValues[k].shape == now[k].shape {
            let size = Replay.norm(lastValues[k])
            guard size > 0, let change = try? Operators.subtract(now[k], lastValues[k]) else { continue }
            most = max(most, Replay.norm(change) / size)
        }
        evidence.updates.append((step, most, ""))
    }

    static func tensors(in value: Value) -> [Tensor] {
        switch value {
        case .tensor(let t): [t]
        case .list(let l): l.items.flatMap(tensors)
        case .record(let r): r.values.flatMap(tensors)
        default: []
        }
    }

    /// Runs the program, and judges it by its own figure; nil where the loop was not reached or trained no tensor.
    func runVariables(_ session: Session, _ plan: Interventions, _ written: WrittenLoop) throws -> Evidence? {
        let followed = HandWrittenLoop(written.train, in: chart.documents[written.document].source)
        self.followed = (followed, written.variables)
        loop = TrainingModel(chart, written)
        self.session = session
        followed.minimized = { [unowned self] step, loss, batch in
            if step == 0, evidence.facts == nil {
                let weights = session.globals
                look(
                    atStep: loss, batch,
                    written.variables.compactMap { weights.valueIfReady($0) }.flatMap(Replay.tensors))
            }
        }
        var plan = plan
        plan.loop = followed
        session.interventions = plan
        let started = Clock.now()
        let all = try statements()
        for (k, (statement, source)) in all.prefix(max(0, all.count - statementsBehind)).enumerated() {
            let before = followed.run?.steps ?? 0
            do { try session.run(statement, of: source) } catch let error as Diagnostic {
                guard followed.run != nil else { throw error }
                break
            }
            if followed.run?.steps ?? 0 > before { evidence.statementsBehind = all.count - 1 - k }
        }
        session.interventions = nil
        guard let run = followed.run, let beginning, !beginning.tensors.isEmpty else { return nil }
        evidence.stepSeconds = (Clock.now() - started) / Double(max(1, run.steps))
        (evidence.loss, evidence.steps, evidence.stopped) = (run.loss.values, run.steps, run.stopped)
        noteBeginning(beginning)
        guard let first = chart.documents.first?.source else { return evidence }
        let own = Parser.parse(first).program.statements
        let places = all.filter { $0.source === first }.map(\.statement.span.start)
        let last = places.dropLast(min(places.count, evidence.statementsBehind)).last ?? 0
        let tail = own.filter { $0.span.start > last }.map { (statement: $0, source: first) }
        func untrained<R>(_ body: () -> R) -> R {
            var kept: [(String, Value)] = []
            for (name, value) in beginning.values {
                if let now = session.globals.valueIfReady(name) { kept.append((name, now)) }
                try? session.globals.assign(name, value)
            }
            defer { for (name, value) in kept { try? session.globals.assign(name, value) } }
            return body()
        }
        let figures = ownFigures(run, session, tail, untrained: untrained)
        judgeByFigure(
            figures, run, session, tail, trainedOn: loop?.train.body.statements ?? [], losses: true,
            untrained: untrained)
        evidence.figures = readsFigures ? figures : []
        for other in evaluations {
            evidence.otherFigures.append(
                ownFigures(run, session, other.tail, redone: other.redone, untrained: untrained))
        }
        return evidence
    }

    /// Weights that begin alike.
    private func noteBeginning(_ beginning: Beginning) {
        evidence.parameters = beginning.tensors.count
        evidence.weights = beginning.tensors.count { $0.tensor.rank == 2 }
        for (k, (name, w)) in beginning.tensors.enumerated()
        where isWhole && w.rank == 2 && !changed.contains("\(name) \(k)") { evidence.untouched.append("\(name).w") }
        for (name, w) in beginning.tensors where w.rank == 2 && w.shape[0] > 1 && w.shape[1] > 1 {
            evidence.width = max(evidence.width, w.shape[1])
            if w.shape[0] > 3 || w.floats.allSatisfy({ $0 == w.floats.first }),
                case let alike = Set(w.floats).count == 1 ? 1 : Embedding.unitCosine(w), alike > evidence.unitCosine
            {
                (evidence.unitCosine, evidence.alikeStage) = (alike, name)
            }
        }
    }
}
