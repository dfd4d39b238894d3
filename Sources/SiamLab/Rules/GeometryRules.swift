import Glibc
import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of the embedding's width and the margin.
    static var geometry: [Rule] {
        [
            Rule(
                16, "embedding too narrow", seen: "Retrieval stops improving at a low value.",
                why:
                    "So few dimensions cannot hold so many classes a margin apart. Some classes must overlap, however long the net is trained.",
                repair: "a wider embedding",
                picture: {
                    .bars([("dimensions", Double($0.evidence.width)), ("classes", Double($0.evidence.classes))])
                },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    if e.evidence.isJudgedByTask, e.evidence.task != .verification, !e.evidence.isGood,
                        let narrow = narrowest(e), narrow.units <= 4
                    {
                        return "a hidden layer of \(narrow.units) \(narrow.units == 1 ? "unit" : "units")"
                    }
                    // One output without a task that is known need not be an embedding.
                    guard !e.evidence.isGood, e.evidence.width > (e.evidence.task == .unknown ? 1 : 0),
                        e.evidence.classes > 3, e.evidence.width == 1 || reluAtEnd(e) == nil,
                        min(e.evidence.width, bottleneck(e)?.units ?? .max) < min(4, e.evidence.classes - 1)
                    else { return nil }
                    if let narrow = bottleneck(e), narrow.units < e.evidence.width {
                        return
                            "a stage of \(narrow.units) \(narrow.units == 1 ? "unit" : "units") before \(e.evidence.width) dimensions, for \(e.evidence.classes) classes"
                    }
                    return
                        "\(e.evidence.width) \(e.evidence.width == 1 ? "dimension" : "dimensions") for \(e.evidence.classes) classes"
                },
                changes: { e in
                    if e.evidence.isJudgedByTask, let narrow = narrowest(e) {
                        var found = [4, 8].compactMap { factor -> Change? in
                            let edits = e.wiring.setting("units", of: narrow.stage.spot, to: "\(narrow.units * factor)")
                            return edits.isEmpty
                                ? nil : Change(label: "\(narrow.units * factor) units in that layer", edits: edits)
                        }
                        let all = hidden(e).filter { $0.units <= max(4, narrow.units) }
                        let wide = all.flatMap { e.wiring.setting("units", of: $0.stage.spot, to: "32") }
                        if all.count > 1, !wide.isEmpty {
                            found.insert(Change(label: "32 units in each narrow layer", edits: unique(wide)), at: 0)
                        }
                        return found
                    }
                    if let narrow = bottleneck(e), narrow.units < e.evidence.width {
                        let edits = e.wiring.setting("units", of: narrow.stage.spot, to: "\(e.evidence.width)")
                        return edits.isEmpty
                            ? [] : [Change(label: "\(e.evidence.width) units in that layer", edits: edits)]
                    }
                    guard let last = e.wiring.stages.last(where: { $0.name == "dense" }) else { return [] }
                    return [4, 8].compactMap { factor in
                        let wider = max(4, e.evidence.width * factor)
                        let edits = e.wiring.setting("units", of: last.spot, to: "\(wider)")
                        return edits.isEmpty ? nil : Change(label: "\(wider) dimensions", edits: edits)
                    }
                }),
            Rule(
                24, "margin too small", seen: "The loss is near 0 from the start, and embeddings shrink.",
                why:
                    "Negative pairs exceed the margin from the start, so only the positive-pair term has a gradient. It shrinks all distances until negative pairs come within the margin.",
                repair: "a margin of about the initial distances",
                picture: { .bars([("first distances", $0.evidence.firstDistance), ("margin", $0.margin)]) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    guard e.hasMargin, e.reachOfMargin > 8, e.evidence.weightScale <= 3, e.evidence.inputScale <= 3,
                        e.margin < 0.5
                    else { return nil }
                    if e.margin == 0 {
                        return "the margin is 0, so a pair or triplet counts as soon as it is in the right order"
                    }
                    return "initial distances are \(short(e.reachOfMargin)) times the margin"
                }, changes: marginOfFirstDistance, isPlain: { $0.margin == 0 }),
            Rule(
                17, "embedding too wide for its margin", seen: "A wider embedding trains worse than a narrow one.",
                why:
                    "Distances grow with the square root of the width. Once all negative pairs exceed the margin, only the positive-pair term has a gradient.",
                repair: "a margin of about the initial distances, or embeddings normalised to length 1",
                picture: { .bars([("first distances", $0.evidence.firstDistance), ("margin", $0.margin)]) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    guard e.hasMargin, e.reachOfMargin > 3, e.evidence.weightScale <= 3, e.evidence.inputScale <= 3,
                        e.evidence.width >= 32, e.margin >= 0.5
                    else { return nil }
                    return
                        "with \(e.evidence.width) dimensions, initial distances are \(short(e.reachOfMargin)) times the margin"
                }, changes: marginOfFirstDistance),
            Rule(
                25, "margin out of reach", seen: "The loss stays high; distances grow without separating the classes.",
                why:
                    "No negative pair ever exceeds the margin, so all of them keep pushing. They outweigh the pull of the positive pairs, and classes are not separated.",
                repair: "a margin that distances between embeddings can reach",
                picture: { .bars([("first distances", $0.evidence.firstDistance), ("margin", $0.margin)]) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    let limit: Double? = e.evidence.isUnitLength(e.wiring) ? 2 : nil
                    // Where the last stage bounds all distances, it is what keeps them from a margin not far beyond.
                    let last = e.wiring.stages.last?.name ?? ""
                    if let reach = reach(last, e.evidence.width) {
                        guard last != "softmax", isFarBeyond(e, reach) else { return nil }
                        return
                            "the margin is \(short(e.margin)), and after \(last) distances are at most \(short(reach))"
                    }
                    guard e.hasMargin, e.evidence.firstDistance > 0,
                        e.reachOfMargin < 1 / 12.0 || limit.map({ e.margin > $0 }) == true,
                        e.evidence.smallestWeightScale > 0.2
                    else { return nil }
                    return
                        "the margin is \(short(1 / max(e.reachOfMargin, 1e-9))) times the initial distances\(limit.map { ", which are at most \(short($0))" } ?? "")"
                }, changes: marginOfFirstDistance),
            Rule(
                9, "metric mismatch", .measured,
                seen: "Pairs are separated by the distance in the loss and not by the distance that is measured.",
                why:
                    "The loss compares directions and the evaluation compares distances, or the other way round. The evaluation then depends on a quantity, such as the length of the embeddings, that the loss never trained.",
                repair:
                    "use the same distance in both places, or end the tower in l2norm, so that both rank pairs in the same order",
                traits: [.yieldsToSearch, .ofTheEvaluation],
                picture: {
                    .bars([
                        ("AUC, as trained", $0.evidence.score.auc), ("AUC, as measured", $0.evidence.otherAuc ?? 0),
                    ])
                },
                firstSymptom: FirstSymptom.end,
                sign: { e in
                    // The program may bring the embeddings to one length itself, where it measures them.
                    if e.evidence.figures.contains(where: { $0.names.contains("l2norm") }) { return nil }
                    let v = e.evidence
                    guard let other = v.otherAuc, v.isFinite, !e.wiring.endsInUnitLength,
                        v.score.auc - other > 0.05,
                        // Both measures of the embedding must say so: pairs may be told apart less well and neighbours as well.
                        v.score.mapAtR - (v.otherMapAtR ?? 0) > 0.05
                    else { return nil }
                    if !e.wiring.isCosine {
                        return
                            "AUC is \(short(v.score.auc)) by the distances that the loss compares, and \(short(other)) by the directions that the program compares after the training"
                    }
                    guard e.wiring.isMeasured else { return nil }
                    return
                        "AUC is \(short(v.score.auc)) by the directions that the loss compares, and \(short(other)) by the Euclidean distance that the program measures"
                }),
            Rule(
                7, "squared distance against the margin", .measured,
                seen:
                    "Negative pairs settle at the square root of the margin, and a threshold for distances does not fit.",
                why:
                    "The hinge compares the squared distance with the margin, so negative pairs end at the square root of the margin. Distances and the margin then have different units.",
                repair:
                    "use the same distance in both places: the square root of the sum in the hinge, or a margin chosen for squared distances",
                picture: {
                    .bars([
                        ("negative pairs lie at", $0.evidence.negativeDistance),
                        ("square root of the margin", $0.margin.squareRoot()),
                        ("margin", $0.margin),
                    ])
                },
                firstSymptom: FirstSymptom.end,
                sign: { e in
                    let v = e.evidence
                    guard let hinge = e.wiring.hinge, hinge.isSquared, hinge.isOfPairs,
                        case let margin = hinge.number,
                        margin > 0, abs(log(margin)) > 0.5, v.isFinite,
                        v.negativeDistance > 0
                    else { return nil }
                    let (fromRoot, fromMargin) = (
                        abs(log(v.negativeDistance / margin.squareRoot())), abs(log(v.negativeDistance / margin))
                    )
                    guard fromRoot < 0.5, fromRoot < fromMargin else { return nil }
                    return
                        "the hinge subtracts a squared distance from the margin \(short(margin)): negative pairs lie at \(short(v.negativeDistance)), near its square root \(short(margin.squareRoot()))"
                }),
        ]
    }

    private typealias Width = (stage: TrainingModel.Stage, units: Int)

    /// The narrowest dense stage before the last.
    private static func bottleneck(_ e: Examination) -> Width? {
        widths(e.wiring.stages, e).min { $0.units < $1.units }
    }

    /// The narrowest dense stage of all nets of the run but for the last one.
    private static func narrowest(_ e: Examination) -> Width? { hidden(e).min { $0.units < $1.units } }

    private static func hidden(_ e: Examination) -> [Width] {
        widths(e.wiring.train.nets.flatMap { e.wiring.stages(ofNet: $0) }, e)
    }

    /// The dense stages but for the last whose widths are written as numbers.
    private static func widths(_ stages: [TrainingModel.Stage], _ e: Examination) -> [Width] {
        var found: [Width] = []
        for stage in stages.filter({ $0.name == "dense" }).dropLast() {
            guard let given = e.wiring.argument("units", of: stage.spot), let units = e.wiring.number(given)?.value,
                units >= 1, units < 1e6
            else { continue }
            found.append((stage, Int(units)))
        }
        return found
    }

    private static func marginOfFirstDistance(_ e: Examination) -> [Change] {
        // A bounded stage begins with distances that are a small part of what it reaches.
        let bound = reach(e.wiring.stages.last?.name ?? "", e.evidence.width).map { $0 / 4 }
        let first = round(max(e.evidence.firstDistance, bound ?? 0))
        guard e.evidence.firstDistance > 0 else { return [] }
        if let call = e.wiring.lossCall, let parameter = e.wiring.marginName(call) {
            // Embeddings of length 1 start much nearer to one another than the half of what they can reach.
            let margins = first < 1 && e.evidence.isUnitLength(e.wiring) && e.margin > 2 ? [first, 1] : [first]
            return margins.compactMap { m in
                let edits = e.wiring.setting(parameter, of: call, to: tidy(m))
                return edits.isEmpty ? nil : Change(label: "\(parameter) = \(tidy(m))", edits: edits)
            }
        }
        guard let hinge = e.wiring.hinge else { return [] }
        let value = tidy(max(hinge.isSquared && hinge.isOfPairs ? first * first : first, 1))
        guard Double(value) != hinge.number else { return [] }
        return [Change(label: "a margin of \(value)", edits: [hinge.spot.replaced(by: value)])]
    }
}

extension Evidence {
    /// Whether embeddings end in length 1, so that two of them are at most 2 apart.
    fileprivate func isUnitLength(_ wiring: TrainingModel) -> Bool {
        wiring.stages.last?.name == "l2norm" || facts?.end.last == "l2norm"
    }
}
