import Glibc
import SiamGradient
import SiamLanguage
import SiamRuntime
import SiamTensor

/// The health of an embedding: figures with a verdict each, and the distances of same and different pairs.
final class HealthThing: Thing {
    struct Measure {
        var name: String
        var value: Double
        var verdict: String
        var note: String
    }
    let figures: [Measure]
    let samePairs: [Float]
    let differentPairs: [Float]
    let margin: Double
    let title: String

    init(title: String, figures: [Measure], same: [Float], different: [Float], margin: Double) {
        self.title = title
        self.figures = figures
        samePairs = same
        differentPairs = different
        self.margin = margin
    }
    override var kindName: String { "a health report" }
    override var fieldNames: [String] { figures.map(\.name) }
    override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        figures.first { $0.name == name }.map { .number($0.value) }
    }
    override func display(_ page: Page) -> String {
        var lines = [title]
        lines += aligned(
            figures.map { [$0.name, short($0.value), $0.verdict.isEmpty ? "" : $0.verdict, $0.note] }, leftColumns: 1)
        return lines.joined(separator: "\n")
    }

    /// The distances of same and of different pairs over one another, with the margin as a line.
    override var illustration: Figure? {
        let all = (samePairs + differentPairs).filter(\.isFinite).map(Double.init)
        guard let high = all.max(), high > 0 else { return Figure(panels: [Panel(note: "all distances are 0")]) }
        let count = 40
        let edges = (0...count).map { high * Double($0) / Double(count) }
        func histogram(_ name: String, _ values: [Float]) -> Mark {
            var heights = [Double](repeating: 0, count: count)
            let finite = values.filter(\.isFinite)
            for v in finite { heights[min(count - 1, max(0, Int(Double(v) / high * Double(count))))] += 1 }
            return .histogram(
                Mark.Histogram(name: name, edges: edges, heights: heights.map { $0 / Double(max(1, finite.count)) }))
        }
        return Figure(panels: [
            Panel(
                x: Axis("distance"), y: Axis("share"),
                marks: [
                    histogram("same", samePairs), histogram("different", differentPairs),
                    .rule(Mark.Rule(.vertical, at: margin, label: "margin")),
                ])
        ])
    }
}

extension Laboratory {
    static let inspect = Builtin(
        "inspect", "net, data, margin = 1, sample = 1000", family: "looking",
        """
        The health of an embedding on held-out data, with a verdict for each figure: effective rank, spread, dead dimensions, mean cosine, alignment and \
        uniformity, distances of same and different pairs against the margin with their histograms, pair accuracy, AUC, recall@1, MAP@R.
        """, seeAlso: ["trace", "effective_rank", "map_at_r"]
    ) { i, a in
        guard case .thing(let d as DatasetThing) = a[1] else { throw a.wrong(1, "a data set") }
        let most = try a.integer(3, atLeast: 8)
        var data = d.dataset
        if data.count > most {
            var stream = RandomStream(seed: 11)
            data = try data.sample(most, &stream)
        }
        let z = try Builtins.embeddings(i, a[0], .thing(DatasetThing(data)))
        return .thing(
            try health(
                z, data.y, margin: try a.number(2),
                title: "\(d.dataset.name): \(data.count) embeddings of \(z.shape[1])"))
    }

    static func health(_ z: Tensor, _ y: [Int], margin: Double, title: String) throws -> HealthThing {
        let (n, dim) = (z.shape[0], z.shape[1])
        let values = z.doubles
        let classes = Set(y).count
        var figures: [HealthThing.Measure] = []
        func add(_ name: String, _ value: Double, _ ok: Bool?, _ note: String) {
            figures.append(.init(name: name, value: value, verdict: ok.map { $0 ? "ok" : "LOOK" } ?? "", note: note))
        }
        let limit = max(1, min(dim, max(classes - 1, 1)))
        let rank = try Spectrum.effectiveRank(z)
        add(
            "rank", rank, rank >= 0.35 * Double(limit),
            "effective rank; healthy from \(short(0.5 * Double(limit))) for \(classes) classes in \(dim) dimensions")
        var mean = [Double](repeating: 0, count: dim)
        for r in 0..<n { for c in 0..<dim { mean[c] += values[r * dim + c] / Double(n) } }
        var variance = [Double](repeating: 0, count: dim)
        for r in 0..<n {
            for c in 0..<dim {
                let e = values[r * dim + c] - mean[c]
                variance[c] += e * e / Double(n)
            }
        }
        let spread = variance.reduce(0, +).squareRoot()
        add(
            "spread", spread, spread > 0.05 * margin, "root mean square distance from the mean; healthy 0.5 to 1 margin"
        )
        let sds = variance.map { $0.squareRoot() }
        let dead = Double(sds.count { $0 < 1e-3 * max(sds.max() ?? 0, 1e-12) }) / Double(max(dim, 1))
        add("dead", dead, dead < 0.5, "share of dimensions that do not move")
        // Cosines through the mean of the unit vectors: sum over pairs without a pair's loop.
        var unit = values
        for r in 0..<n {
            let norm = max(
                1e-12, (0..<dim).reduce(0.0) { $0 + values[r * dim + $1] * values[r * dim + $1] }.squareRoot())
            for c in 0..<dim { unit[r * dim + c] /= norm }
        }
        var sums = [Double](repeating: 0, count: dim)
        for r in 0..<n { for c in 0..<dim { sums[c] += unit[r * dim + c] } }
        let cosine = n > 1 ? (sums.reduce(0) { $0 + $1 * $1 } - Double(n)) / Double(n * (n - 1)) : 0
        add(
            "cosine", cosine, nil,
            "mean cosine of two embeddings; near 1 is one direction, which a Euclidean loss may leave so")
        var stream = RandomStream(seed: 7)
        let pairs = try PairScore.draw(z, y, 4000, &stream)
        let same = zip(pairs.distance, pairs.same).filter(\.1).map(\.0)
        let different = zip(pairs.distance, pairs.same).filter { !$0.1 }.map(\.0)
        func average(_ a: [Float]) -> Double { a.isEmpty ? 0 : a.reduce(0) { $0 + Double($1) } / Double(a.count) }
        let unitPairs = try PairScore.draw(try Tensor(z.shape, doubles: unit, .single), y, 4000, &stream)
        var align = 0.0
        var uniform = 0.0
        for (distance, isSame) in zip(unitPairs.distance, unitPairs.same) {
            let q = Double(distance) * Double(distance)
            if isSame { align += q } else { uniform += exp(-2 * q) }
        }
        add(
            "alignment", align / 2000, nil,
            "mean squared distance of same pairs on the unit sphere; healthy 0.09 to 0.3")
        add(
            "uniformity", log(max(uniform / 2000, 1e-12)), nil,
            "log mean exp(-2 q) of different pairs on the unit sphere; healthy -1.3 to -2.2")
        add("d_pos", average(same), nil, "mean distance of same pairs; healthy 0.2 to 0.4 margin")
        add(
            "d_neg", average(different), average(different) > 0.05 * margin,
            "mean distance of different pairs; healthy 0.8 to 1.3 margin")
        let accuracy = PairScore.accuracy(pairs)
        add("accuracy", accuracy, accuracy > 0.6, "pairs told right, threshold chosen on other pairs")
        let auc = PairScore.auc(pairs)
        add("auc", auc, auc > 0.6, "chance that a same pair is nearer than a different one")
        let retrieval = try Retrieval(z, y)
        add("recall", try retrieval.recall(1), nil, "recall@1; an untrained net already has much of it")
        add("map_at_r", try retrieval.mapAtR(), nil, "MAP@R")
        return HealthThing(title: title, figures: figures, same: same, different: different, margin: margin)
    }
}
