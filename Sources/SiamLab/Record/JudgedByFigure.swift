import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Replay {
    /// Judges a run by what the program prints: the last figure of data that the training does not mention, else the last
    /// one; without any the loss that is printed.
    /// - Parameters:
    ///   - training: the statements of the training: what they do not mention was not trained on.
    ///   - losses: whether a printed loss serves where there is no measure.
    ///   - untrained: does something with the weights as they were before the training.
    func judgeByFigure(
        _ figures: [OwnFigure], _ run: SiamRuntime.Run, _ session: Session,
        _ tail: [(statement: Statement, source: Source)],
        trainedOn training: [Statement], losses: Bool, untrained: (() -> Double?) -> Double?
    ) {
        let figures = figures.filter { !$0.isBaseline }
        let printed = PrintedFigures(self, tail)
        var mentioned = Set(printed.functions.keys).union(printed.values.keys)
        for s in training { s.walk { if case .name(let n) = $0.kind { mentioned.insert(n) } } }
        func isHeldOut(_ names: Set<String>) -> Bool {
            names.contains { !mentioned.contains($0) && session.globals.userNames.contains($0) }
        }
        let names: Set<String>
        // Of rows that were trained on only where there are no others.
        let fresh =
            figures.last { isHeldOut($0.names) } ?? figures.last { $0.trainedShare < 0.05 && !$0.inputScales.isEmpty }
        var isOfTraining = false
        if let best = fresh ?? figures.last {
            isOfTraining = best.trainedShare > 0.95
            evidence.taskScore = TaskScore(worth: best.worth)
            evidence.taskUntrained = TaskScore(worth: best.isError ? 1 - best.untrained : best.untrained)
            evidence.ownMeasure = best.text
            names = best.names
        } else if losses, let loss = printed.loss(session, untrained) {
            // A loss counts by what is left of it.
            let rest = loss.now.isFinite ? loss.now / max(loss.then, 1e-12) : 2
            evidence.taskScore = TaskScore(worth: max(-1, 1 - rest))
            evidence.taskUntrained = TaskScore(worth: 0)
            evidence.ownMeasure = "1 - \(loss.text) / its value before training"
            evidence.isJudgedByLoss = true
            names = loss.names
        } else {
            return
        }
        (evidence.taskOwn, evidence.items) = (nil, 0)
        evidence.isJudgedOnTraining = !isHeldOut(names) && (fresh == nil || isOfTraining)
    }
}
