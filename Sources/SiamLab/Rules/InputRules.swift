import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of inputs and of batch statistics.
    static var inputs: [Rule] {
        [
            Rule(
                34, "unscaled inputs", seen: "The initial loss is huge, or the net hardly learns.",
                why:
                    "Large inputs make distances exceed the margin from the start. Inputs far from 0 saturate the units or put all of them on the same side of their activation.",
                repair: "scale the inputs to mean 0 and standard deviation 1",
                traits: [.onlyByNames],
                picture: { .bars([("inputs", max($0.evidence.inputScale, $0.evidence.inputOffset)), ("healthy", 1)]) },
                firstSymptom: { _ in "before the first step, at the first layer" },
                sign: { e in
                    // Batch norm that sees its batches brings them to scale.
                    if e.evidence.hasIdleStates, e.wiring.stages.first?.name == "batchnorm", !inTrainingMode(e).isEmpty
                    {
                        return nil
                    }
                    if let f = e.evidence.facts, f.columnRatio > 30, f.inputScale > 3 || f.inputScale < 0.1 {
                        return "the scales of the input columns differ by a factor of \(short(f.columnRatio))"
                    }
                    let isTiny = e.evidence.inputScale > 0 && e.evidence.inputScale < 0.02 && !e.evidence.isGood
                    guard e.evidence.inputScale > 3 || e.evidence.inputOffset > 3 || isTiny else { return nil }
                    return
                        "inputs have root mean square \(short(e.evidence.inputScale)) and a mean of \(short(e.evidence.inputOffset)) standard deviations"
                }, changes: scaleInputs),
            Rule(
                35, "batch norm on tiny batches", seen: "Training is noisy, and evaluation is worse than training.",
                why:
                    "The mean and variance of so few rows are very noisy. The noise is in every training step, and also in the running statistics that evaluation uses.",
                repair: "larger batches, or layernorm",
                picture: { .bars([("rows of a batch", Double($0.evidence.batch)), ("recommended", 8)]) },
                firstSymptom: { _ in "at the first step, in batchnorm" },
                sign: { e in
                    guard e.evidence.batch > 0, e.evidence.batch < 8,
                        e.wiring.stages.contains(where: { $0.name == "batchnorm" })
                    else { return nil }
                    return
                        "batchnorm gets batches of \(e.evidence.batch); embeddings in training and evaluation mode differ by \(short(e.evidence.modeGap)) of their length"
                },
                changes: { e in
                    var changes: [Change] = []
                    var edits: [TextEdit] = []
                    for stage in e.wiring.stages where stage.name == "batchnorm" {
                        edits.append(stage.spot.replaced(by: "layernorm"))
                    }
                    if ["pairs", "triplets", "batches"].contains(e.wiring.source.call?.name ?? "") {
                        let larger = e.wiring.setting("batch", of: e.wiring.source, to: "64")
                        if !larger.isEmpty { changes.append(Change(label: "batches of 64", edits: larger)) }
                    }
                    if !edits.isEmpty {
                        changes.append(Change(label: "layernorm instead of batchnorm", edits: unique(edits)))
                    }
                    return changes
                }),
            Rule(
                37, "batch statistics leak", .measured,
                seen:
                    "Good in training mode, poor in evaluation mode, where the two sides of a pair come from different domains.",
                why:
                    "Each side goes through batch norm separately and is normalised with the statistics of its own domain. The running statistics are those of a mixture of both.",
                repair: "both sides in one forward pass, in both modes; or one batch norm for each domain",
                picture: {
                    .shares([
                        ("own statistics", $0.evidence.kinds?.training ?? 0),
                        ("running ones", $0.evidence.kinds?.evaluation ?? 0),
                    ])
                },
                firstSymptom: { _ in "at the first evaluation, in batchnorm" },
                sign: { e in
                    guard let kinds = e.evidence.kinds, e.wiring.stages.contains(where: { $0.name == "batchnorm" }),
                        kinds.training - kinds.evaluation > 0.06
                    else { return nil }
                    return
                        "the inputs of the two sides are \(short(kinds.apart)) standard deviations apart at the first layer; \(short(100 * kinds.training)) % pair accuracy on held-out pairs with each side's own batch statistics and \(short(100 * kinds.evaluation)) % with the running statistics"
                }),
            Rule(
                36, "batch norm mode mismatch", seen: "Good in training mode, poor in evaluation mode.",
                why:
                    "Evaluation uses running statistics instead of the statistics of the batch. They do not match the data: they were never updated, or too slowly.",
                repair:
                    "running statistics that follow the data: batchnorm(momentum = 0.9), or a layer of your own that assigns its state in training",
                traits: [.shownByStep],
                picture: {
                    .shares([
                        ("training mode", $0.evidence.trainingScore.accuracy),
                        ("evaluation mode", $0.evidence.score.accuracy),
                    ])
                },
                firstSymptom: { _ in "at the first evaluation" },
                sign: { e in
                    let v = e.evidence
                    if let state = neverUpdated(e) {
                        return
                            "layer \(state.layer) uses its state \(state.name) in evaluation mode, and its forward never assigns it in training mode: it keeps its initial value"
                    }
                    if v.hasIdleStates, e.wiring.stages.contains(where: { $0.name == "batchnorm" }),
                        !inTrainingMode(e).isEmpty
                    {
                        return
                            "after \(v.steps) steps the running statistics have not changed: the loop applies the net in evaluation mode"
                    }
                    guard e.wiring.stages.contains(where: { $0.name == "batchnorm" }), v.items >= 128, v.isFinite,
                        v.batch >= 8, !dropouts(e.wiring).contains(where: { $0.1 > 0 }),
                        v.trainingScore.accuracy - v.score.accuracy > 0.05 || v.modeGap > 0.3
                    else { return nil }
                    return
                        "\(short(100 * v.trainingScore.accuracy)) % pair accuracy on held-out data in training mode and \(short(100 * v.score.accuracy)) % in evaluation mode; the embeddings differ by \(short(v.modeGap)) of their length"
                },
                changes: { e in
                    if e.evidence.hasIdleStates { return inTrainingMode(e) }
                    var edits: [TextEdit] = []
                    for stage in e.wiring.stages where stage.name == "batchnorm" {
                        guard let given = e.wiring.argument("momentum", of: stage.spot),
                            e.wiring.number(given).map({ $0.value != 0.9 }) ?? true
                        else { continue }
                        edits += e.wiring.setting("momentum", of: stage.spot, to: "0.9")
                    }
                    return edits.isEmpty
                        ? [] : [Change(label: "batchnorm with momentum 0.9", edits: unique(edits))]
                }, isConclusive: { !$0.isGood && $0.hasIdleStates }),
        ]
    }

    /// A state that evaluation mode reads and training never changes, in a run that is poor.
    private static func neverUpdated(_ e: Examination) -> TrainingModel.IdleState? {
        guard e.evidence.hasIdleStates, !e.evidence.isGood else { return nil }
        return e.wiring.idleStates.first(where: \.isOfEvaluation)
    }

    static func unique(_ edits: [TextEdit]) -> [TextEdit] {
        var out: [TextEdit] = []
        for e in edits where !out.contains(e) { out.append(e) }
        return out
    }

    private static func scaleInputs(_ e: Examination) -> [Change] {
        guard let first = e.wiring.stages.first else { return [] }
        let v = e.evidence
        var stage: String
        if v.inputOffset > 3 {
            // rms^2 = mean^2 + sd^2, mean = offset sd.
            let sd = v.inputScale / (1 + v.inputOffset * v.inputOffset).squareRoot()
            stage = "(x -> (x - \(tidy(v.inputOffset * sd))) / \(tidy(2 * sd)))"
        } else {
            stage = "(x -> x / \(tidy(round(2 * v.inputScale))))"
        }
        guard first.before != nil || first.behind != nil else { return [] }
        stage += " >> "
        // Inputs of a size that many a net bears.
        let isMild = v.inputScale < 10 && v.inputScale > 0.05 && v.inputOffset < 10
        var changes: [Change] = []
        // Each column by the training data's own mean and deviation, where the net is made behind the data.
        if let data = sourceData(e.wiring), case .name(let name) = data.expression.kind,
            first.spot.document == data.document, e.wiring.isGiven(name, before: first.spot)
        {
            changes.append(
                Change(
                    label: "standardize(\(name)) before the first layer",
                    edits: [first.spot.inserting("standardize(\(name)) >> ", before: true)], isGeneric: isMild))
        }
        changes += [
            Change(
                label: "inputs scaled before the first layer", edits: [first.spot.inserting(stage, before: true)],
                isGeneric: isMild)
        ]
        // The columns of a table have scales of their own.
        if first.name == "dense" {
            changes.append(
                Change(
                    label: "each column standardised before the first layer, by batchnorm",
                    edits: [first.spot.inserting("batchnorm >> ", before: true)], isGeneric: isMild, isCertain: true))
        }
        return changes
    }

    /// The net of a hand-written loop in training mode, where the loop applies it as it is.
    private static func inTrainingMode(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard w.trainIndex < 0 else { return [] }
        let nets = Set(w.train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } })
        var edits: [TextEdit] = []
        for s in w.train.body.statements {
            s.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind, nets.contains(n),
                    arguments.count == 1
                else { return }
                edits.append(
                    ExpressionReference(document: w.trainDocument, expression: f).replaced(by: "training(\(n))"))
            }
        }
        return edits.isEmpty
            ? []
            : [Change(label: "the net applied in training mode in the loop", edits: unique(edits), isCertain: true)]
    }
}
