import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

extension Doctor {
    /// A search for the place of the evaluation that is wrong, where the program's own figure says much less than what its net
    /// does on held-out rows, or, of weights in variables, where nothing of the training explains a poor figure. Each change
    /// of one place works the figure out again with the same trained weights; it counts where it brings the figure up, and
    /// not that of the untrained weights, and is proved on runs of other seeds.
    ///
    /// - Parameter noisy: of the figure that changes its rows at random before the net sees them, and no other.
    /// - Returns: whether a change was proved.
    @discardableResult
    func searchEvaluation(noisy: OwnFigure? = nil) throws -> Bool {
        let isOfVariables = base.ownMeasure != nil
        guard !base.isTaughtOneSide,
            let figure = noisy
                ?? (isOfVariables
                    ? base.figures.first(where: { $0.text == base.ownMeasure })
                    : base.strangeFigure ?? base.contradiction
                        ?? base.figures.first(where: { $0.text == base.otherCodes?.figure })),
            !isOfVariables || base.isWeak && !findings.contains(where: \.isProved),
            let evaluation = EvaluationText(chart, behind: isHandWritten ? base.statementsBehind : nil)
        else { return false }
        let known = findings.firstIndex { f in Rule.figures.contains { $0.number == f.rule.number } }
        let rule = known.map { findings[$0].rule } ?? Rule.evaluation
        guard known != nil || !findings.contains(where: \.isProved) else { return false }
        let nets = Set(wiring.train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } })
        func rows(_ name: String) -> Int {
            guard case .tensor(let t)? = session.globals.valueIfReady(name) else { return 0 }
            return t.shape.dims.first ?? 0
        }
        let places = SingleEdits(
            chart, evaluation, others: othersMeant(evaluation), nets: nets,
            preparations: evaluation.preparations(wiring, rows: rows), isRows: { rows($0) >= 20 }
        ).all
        var edits: [SingleEdit] = []
        for place in places where noisy == nil || place.kind == .operation {
            edits += place.number.map { place.scaled(around: $0.value) } ?? [place]
        }
        edits = Array(edits.prefix(Doctor.mostOfEvaluation))
        for odd in [base.oneSided ?? base.otherThresholds, base.otherCodes] {
            edits += meant(odd, in: evaluation.document)
        }
        let made = edits.compactMap { e in evaluation.statements(with: e.edits).map { (edit: e, statements: $0) } }
        guard !made.isEmpty else { return false }
        say("\(made.count) changes of the evaluation")
        guard let found = try replay([], seed: 0, evaluations: made.map(\.statements)) else { return false }
        func own(_ k: Int, _ evidence: Evidence) -> OwnFigure? {
            guard evidence.otherFigures.indices.contains(k) else { return nil }
            return evidence.otherFigures[k].first { $0.place == figure.place && $0.isError == figure.isError }
        }
        let goal = base.isJudgedByTask && !isOfVariables ? max(base.standing, figure.worth + 0.2) : 1
        var able = made.indices.compactMap { k -> (place: Int, edit: SingleEdit, worth: Double)? in
            guard let f = own(k, found), f.worth > figure.worth + max(0.1, 0.5 * (goal - figure.worth)),
                f.gain > 0.1, f.gain > figure.gain + 0.05
            else { return nil }
            return (k, made[k].edit, f.worth)
        }
        // Of changes that do about the same the one of the fewest letters: a slip of one sign before a line written anew.
        func step(_ worth: Double) -> Double { (worth / 0.02).rounded(.down) }
        able.sort {
            (-step($0.worth), $0.edit.isLikely ? 0 : 1, $0.edit.letters, $0.place)
                < (-step($1.worth), $1.edit.isLikely ? 0 : 1, $1.edit.letters, $1.place)
        }
        able = Array(able.prefix(4))
        guard !able.isEmpty else { return false }
        let tried = able.map { made[$0.place].statements }
        var gains = [[Double]](repeating: [], count: able.count)
        for seed in Doctor.seeds.dropFirst().prefix(3) {
            let asWritten = evaluation.statements(with: []).map { [$0] } ?? []
            guard !isOver, let other = try replay([], seed: seed, evaluations: tried + asWritten),
                let without = own(tried.count, other)
            else { return false }
            for k in able.indices { gains[k].append((own(k, other)?.worth ?? 0) - without.worth) }
        }
        for (k, a) in able.enumerated() {
            let trial = Trial(
                rule: rule.name, label: a.edit.label, gains: gains[k], aucGains: gains[k].map { _ in 0 },
                mapAtR: a.worth,
                auc: 0, isSignGone: true, measure: figure.text)
            guard trial.isProved else {
                trials.append(trial)
                continue
            }
            let evidence =
                known.map { findings[$0].evidence }
                ?? "\(figure.text) is \(short(figure.isError ? 1 - figure.worth : figure.worth)); the same net gives \(short(figure.isError ? 1 - a.worth : a.worth)) with a change of the evaluation alone"
            let finding = Finding(
                rule, evidence, examination([], base), repair: Change(label: a.edit.label, edits: a.edit.edits),
                trial: trial)
            if let known { findings[known] = finding } else { findings.insert(finding, at: 0) }
            trials.append(trial)
            return true
        }
        return false
    }

    /// A figure of rows that are changed at random on their way into the net, where no other figure is of the rows as they
    /// are. Of a reconstruction the noise is part of the task.
    var noisyFigure: OwnFigure? {
        guard base.task != .reconstruction, base.task != .regression, !isInterrupted else { return nil }
        let drawing = Set(
            chart.documents.flatMap { Parser.parse($0.source).program.statements }.compactMap { s -> String? in
                guard case .function(let d) = s.kind, d.body.values.contains(where: SingleEdits.drawsNumbers) else {
                    return nil
                }
                return d.name.text
            })
        let comparable = base.figuresOfNet.filter { $0.ofLoss == nil && $0.isShare && $0.trainedShare < 0.05 }
        guard let noisy = comparable.first(where: { !drawing.isDisjoint(with: $0.names) }),
            comparable.allSatisfy({ !drawing.isDisjoint(with: $0.names) })
        else { return nil }
        return noisy
    }
    private static let mostOfEvaluation = 400

    /// What may be meant in place of one side of a comparison.
    private func meant(_ odd: MisleadingComparison?, in document: Int) -> [SingleEdit] {
        guard let odd else { return [] }
        let old = chart.documents[document].whole.text(odd.place)
        return odd.replacements.map { new in
            SingleEdit(
                kind: .operation,
                edits: [TextEdit(document: document, start: odd.place.start, end: odd.place.end, replacement: new)],
                label: "\(new) instead of \(old)")
        }
    }

    /// Names that may have been meant in place of others: nets whose weights have the same shapes, and tensors and
    /// data sets of the same shape that the training does not use.
    private func othersMeant(_ evaluation: EvaluationText) -> [String: [String]] {
        let names = session.globals.userNames.filter { $0 != "_" }
        func kind(_ name: String) -> String? {
            switch session.globals.valueIfReady(name) {
            case .layer(let l):
                return "net " + l.parameters.map { "\($0.parameter.value.shape)" }.joined(separator: " ")
            case .tensor(let t) where t.rank > 0:
                return evaluation.usedInTraining.contains(name) ? nil : "tensor \(t.shape)"
            case .thing(let d as DatasetThing):
                return evaluation.usedInTraining.contains(name) ? nil : "data \(d.dataset.itemDims)"
            default: return nil
            }
        }
        let groups = Dictionary(grouping: names.filter { kind($0) != nil }) { kind($0) ?? "" }
        var others: [String: [String]] = [:]
        for group in groups.values where group.count > 1 && group.count < 8 {
            for name in group { others[name] = group.filter { $0 != name }.sorted() }
        }
        return others
    }
}

extension SingleEdit {
    /// Other numbers in place of one: powers of ten, the range of pixels, and what is next to it.
    fileprivate func scaled(around x: Double) -> [SingleEdit] {
        var factors: [Double] = [10, 0.1, 30, 1 / 30, 255, 1 / 255]
        if x == x.rounded() {
            let beside: [Double] = [(x + 1) / x, (x - 1) / x]
            factors += beside.filter { $0 != 0 }
        } else {
            factors += [3, 1 / 3, 1.4, 0.7]
        }
        return factors.compactMap { scaled(by: $0) }
    }
}
