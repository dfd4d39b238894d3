import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// States of the embedding, which have causes above.
    static var collapse: [Rule] {
        [
            Rule(
                10, "collapse", .effect, seen: "The loss stands exactly at its collapsed plateau; all distances are 0.",
                why:
                    "All inputs have the same embedding. There the loss term that should separate negative pairs has no gradient direction, so the network stays collapsed.",
                repair: "fix the cause, or normalise embeddings to length 1",
                traits: [.isThereByItself],
                picture: { .series("spread", $0.evidence.spreads.map(\.spread)) },
                firstSymptom: { $0.evidence.collapseOnset },
                sign: { e in
                    guard e.evidence.isCollapsed else { return nil }
                    let v = e.evidence
                    if v.spread > v.firstSpread {
                        return
                            "held-out embeddings lie on one line: effective rank \(short(v.rank)), \(short(v.firstRank)) untrained, with AUC \(short(v.score.auc))"
                    }
                    return
                        "the spread of held-out embeddings is \(short(v.spread)), \(short(v.firstSpread)) untrained"
                },
                changes: { e in
                    guard let last = e.wiring.stages.last else { return [] }
                    var changes: [Change] = []
                    if last.name == "relu" {
                        changes.append(Change(label: "no relu at the end of the tower", edits: e.wiring.removing(last)))
                    }
                    if last.name != "l2norm" {
                        changes.append(
                            Change(
                                label: "embeddings of length 1", edits: [last.spot.inserting(" >> l2norm")],
                                isGeneric: true))
                    }
                    return changes.filter { !$0.edits.isEmpty }
                }),
            Rule(
                12, "dead units", .effect, seen: "Part of a hidden layer gives 0 for every input.",
                why:
                    "A large step moved the units into the range where relu has gradient 0. A gradient of 0 changes no weight, so they stay there.",
                repair: "a lower learning rate, or leaky_relu",
                picture: { .shares([("units at 0", $0.evidence.deadUnits), ("active", 1 - $0.evidence.deadUnits)]) },
                firstSymptom: { $0.evidence.deadOnset },
                sign: { e in
                    guard e.evidence.deadUnits > 0.9, e.evidence.unitCosine <= 0.99 else { return nil }
                    return
                        "\(short(100 * e.evidence.deadUnits)) % of the units of \(e.evidence.deadStage) are 0 for every held-out item"
                },
                changes: { e in
                    var edits: [TextEdit] = []
                    for stage in e.wiring.stages.dropLast() where stage.name == "relu" {
                        edits.append(stage.spot.replaced(by: "leaky_relu"))
                    }
                    return edits.isEmpty ? [] : [Change(label: "leaky_relu instead of relu", edits: unique(edits))]
                }),
            Rule(
                11, "dimensional collapse", .effect, seen: "The embedding uses only a few of its dimensions.",
                why:
                    "The embeddings lie nearly on a line or in a plane, which has fewer dimensions than the classes need. No term of the loss asks for the other directions.",
                repair: "fix the cause, or add a variance regulariser",
                picture: {
                    .bars([
                        ("effective rank", $0.evidence.rank), ("untrained", $0.evidence.firstRank),
                        ("dimensions", Double($0.evidence.width)),
                    ])
                },
                firstSymptom: FirstSymptom.end,
                sign: { e in
                    let v = e.evidence
                    let room = Double(min(v.width, max(1, v.classes - 1)))
                    guard v.isFinite, !v.isCollapsed, v.width >= 4, v.classes >= 4, v.rank / room < 0.3,
                        v.worth < v.startWorth + 0.1
                    else { return nil }
                    return "effective rank \(short(v.rank)) of \(short(room)), \(short(v.firstRank)) untrained"
                }),
        ]
    }
}
