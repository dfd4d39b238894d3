import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamMeasures
import SiamRuntime
import SiamTensor

/// Pairs that another tool scored: a table with a score or a distance, and whether the pair is positive.
public struct ScoredPairs {
    public let figures: [(name: String, value: Double, note: String)]
    public let suspicions: [String]
    public let title: String

    private static let scores = ["score", "similarity", "cosine", "probability", "p", "prob"]
    private static let distances = ["distance", "dist", "d"]
    private static let sames = ["same", "label", "y", "target", "is_same", "match"]

    /// Whether a file is a table of pairs with scores.
    public static func isOne(_ path: String) -> Bool {
        guard path.hasSuffix(".csv") || path.hasSuffix(".tsv"), let table = try? CSVTable(path: path)
        else { return false }
        let titles = Set(table.row(0).map(\.text))
        return titles.count <= 6 && !titles.isDisjoint(with: scores + distances) && !titles.isDisjoint(with: sames)
    }

    public init(_ path: String) throws {
        let table = try CSVTable(path: path)
        let titles = table.row(0).map(\.text)
        guard let column = titles.firstIndex(where: { (Self.scores + Self.distances).contains($0) }),
            let flag = titles.firstIndex(where: Self.sames.contains)
        else {
            throw Diagnostic(
                code: "embeddings.names", "a table of pairs needs a column score or distance, and a column same")
        }
        let isDistance = Self.distances.contains(titles[column])
        var distance: [Float] = []
        var same: [Bool] = []
        func numbers(_ k: Int) throws -> [Float] {
            try table.texts(column: k, from: 1).enumerated().map { row, text in
                guard let x = Float(text) else {
                    let cells = table.row(row + 1)
                    let place = cells.indices.contains(k) ? cells[k] : cells.last
                    throw DataError(
                        code: "csv.number",
                        message: "column \(titles[k]) must hold numbers, and got \"\(text.prefix(24))\"",
                        path: path, place: .line(place?.line ?? row + 2, column: place?.column ?? 1))
                }
                return x
            }
        }
        distance = try numbers(column).map { isDistance ? $0 : -$0 }
        same = try numbers(flag).map { $0 > 0.5 }
        let equal = same.count { $0 }
        guard equal > 0, equal < same.count else {
            throw Diagnostic(
                code: "embeddings.shape",
                "all \(same.count) pairs are \(equal > 0 ? "positive" : "negative"): both kinds are needed")
        }
        let pairs = PairScore.Pairs(distance: distance, same: same)
        let share = Double(equal) / Double(same.count)
        let auc = PairScore.auc(pairs)
        let threshold = Double(PairScore.bestThreshold(distance, same))
        var right = 0
        for (d, s) in zip(distance, same) where (Double(d) <= threshold) == s { right += 1 }
        let sign: Double = isDistance ? 1 : -1
        var found: [(String, Double, String)] = [
            ("same", share, "share of positive pairs"),
            ("auc", auc, "probability that a positive pair scores better than a negative one"),
            ("eer", PairScore.equalErrorRate(pairs), "equal error rate"),
            ("threshold", sign * threshold, "the best threshold, chosen on these pairs"),
            ("accuracy", Double(right) / Double(same.count), "at that threshold, on the pairs it was chosen on"),
            (
                "tar_at_0.01", PairScore.acceptance(pairs, far: 0.01),
                "share of positive pairs accepted at a false acceptance rate of 1 %"
            ),
            ("tar_at_0.001", PairScore.acceptance(pairs, far: 0.001), "at a false acceptance rate of 0.1 %"),
        ]
        var suspected: [String] = []
        let scores = distance.map { -Double($0) }
        if !isDistance, scores.allSatisfy({ $0 >= 0 && $0 <= 1 }) {
            // Ten bins of the score: how far the share of positive pairs in each is from its mean score.
            var bins = [(n: Int, p: Double, hits: Int)](repeating: (0, 0, 0), count: 10)
            for (p, s) in zip(scores, same) {
                let k = min(9, max(0, Int(p * 10)))
                bins[k] = (bins[k].n + 1, bins[k].p + p, bins[k].hits + (s ? 1 : 0))
            }
            let off = bins.reduce(0) { $0 + abs($1.p - Double($1.hits)) } / Double(same.count)
            let brier =
                zip(scores, same).reduce(0) { $0 + ($1.0 - ($1.1 ? 1 : 0)) * ($1.0 - ($1.1 ? 1 : 0)) }
                / Double(same.count)
            found.append(
                (
                    "calibration", off,
                    "mean gap between score and share of positive pairs, over ten bins; 0 is calibrated"
                ))
            found.append(
                (
                    "brier", brier,
                    "mean squared error of the score as a probability; of a constant \(short(share * (1 - share)))"
                ))
            if off > 0.1 {
                suspected.append(
                    "not calibrated: scores are \(short(off)) away from the share of positive pairs; do not read them as probabilities"
                )
            }
        }
        if auc < 0.45 {
            suspected.append(
                "swapped labels or wrong sign: positive pairs score worse than negative ones (AUC \(short(auc))); label 1 must mean same, and a column of distances must be called distance"
            )
        } else if auc < 0.55 {
            suspected.append(
                "nothing learnt, or nothing to learn: scores of positive and negative pairs do not differ (AUC \(short(auc)))"
            )
        }
        if Set(distance).count < 3 { suspected.append("collapse: all pairs have the same score") }
        if share > 0.9 || share < 0.1 {
            suspected.append(
                "pair imbalance: \(short(100 * share)) % of the pairs are positive; a threshold chosen here does not suit data with another share"
            )
        }
        figures = found
        suspicions = suspected
        title = "\(path.split(separator: "/").last.map(String.init) ?? path): \(same.count) pairs, by \(titles[column])"
    }

    public func display(_ page: Page) -> String {
        var lines = [title] + aligned(figures.map { [$0.name, short($0.value), $0.note] })
        lines.append("")
        lines +=
            suspicions.isEmpty
            ? ["nothing suspicious in these scores"] : ["suspected, not confirmed:"] + suspicions.map { "  " + $0 }
        return lines.joined(separator: "\n")
    }

    public var json: String {
        let all = figures.map { "\(JSON.quoted($0.name)):\($0.value.isFinite ? formatNumber($0.value) : "null")" }
            .joined(separator: ",")
        return "{\"figures\":{\(all)},\"suspicions\":[\(suspicions.map(JSON.quoted).joined(separator: ","))]}"
    }
}
