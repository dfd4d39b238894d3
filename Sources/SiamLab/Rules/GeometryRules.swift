import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of the embedding's width and the margin.
    static var geometry: [Rule] {
        [
            Rule(
                16, "embedding too narrow", seen: "Retrieval stops at a low value.",
                why: "So few dimensions have no room for so many classes at a margin from one another.",
                repair: "a wider embedding",
                sign: { e in
                    guard e.evidence.width > 0, e.evidence.classes > 3,
                        e.evidence.width < min(4, e.evidence.classes - 1)
                    else { return nil }
                    return
                        "\(e.evidence.width) \(e.evidence.width == 1 ? "dimension" : "dimensions") for \(e.evidence.classes) classes"
                },
                changes: { e in
                    guard let last = e.wiring.stages.last(where: { $0.name == "dense" }) else { return [] }
                    return [4, 8].compactMap { factor in
                        let wider = max(4, e.evidence.width * factor)
                        let edits = e.wiring.setting("units", of: last.spot, to: "\(wider)")
                        return edits.isEmpty ? nil : Change(label: "\(wider) dimensions", edits: edits)
                    }
                }),
            Rule(
                24, "margin too small", seen: "The loss is near 0 at once, and embeddings shrink.",
                why: "Different pairs are beyond the margin from the start, so only the pull of same pairs acts.",
                repair: "a margin of the size of the first distances",
                sign: { e in
                    guard e.hasMargin, e.reachOfMargin > 8, e.evidence.weightScale <= 3, e.evidence.inputScale <= 3,
                        e.margin < 0.5
                    else { return nil }
                    return "distances begin at \(short(e.reachOfMargin)) margins"
                }, changes: marginOfFirstDistance),
            Rule(
                17, "embedding too wide for its margin", seen: "A wider embedding learns worse than a narrow one.",
                why:
                    "Distances grow as the root of the width; once all different pairs are beyond the margin only the pull acts.",
                repair: "a margin of the size of the first distances, or embeddings of length 1",
                sign: { e in
                    guard e.hasMargin, e.reachOfMargin > 3, e.evidence.weightScale <= 3, e.evidence.inputScale <= 3,
                        e.evidence.width >= 32, e.margin >= 0.5
                    else { return nil }
                    return "\(e.evidence.width) dimensions begin with distances of \(short(e.reachOfMargin)) margins"
                }, changes: marginOfFirstDistance),
            Rule(
                25, "margin out of reach", seen: "The loss stays high; distances grow without ordering.",
                why: "No different pair ever gets beyond the margin, so all are pushed alike and the pull is outvoted.",
                repair: "a margin that embeddings can reach",
                sign: { e in
                    let limit: Double? = e.wiring.stages.last?.name == "l2norm" ? 2 : nil
                    guard e.hasMargin, e.evidence.firstDistance > 0,
                        e.reachOfMargin < 1 / 12.0 || limit.map({ e.margin > $0 }) == true,
                        e.evidence.smallestWeightScale > 0.2
                    else { return nil }
                    return
                        "the margin is \(short(1 / max(e.reachOfMargin, 1e-9))) times the first distances\(limit.map { ", which are at most \(short($0))" } ?? "")"
                }, changes: marginOfFirstDistance),
        ]
    }

    private static func marginOfFirstDistance(_ e: Examination) -> [Change] {
        guard let call = e.wiring.lossCall, let parameter = e.wiring.marginName(call), e.evidence.firstDistance > 0
        else { return [] }
        let value = tidy(round(e.evidence.firstDistance))
        let edits = e.wiring.setting(parameter, of: call, to: value)
        return edits.isEmpty ? [] : [Change(label: "\(parameter) = \(value)", edits: edits)]
    }
}
