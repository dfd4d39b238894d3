import Glibc
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamMeasures
import SiamRuntime
import SiamTensor

/// The health of an embedding: figures with a verdict each, and the distances of positive and negative pairs.
final class HealthThing: Thing, @unchecked Sendable {
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
        let heads = aligned(figures.map { [$0.name, short($0.value), $0.verdict] })
        let start = 2 + (heads.map(\.count).max() ?? 0)
        for (head, figure) in zip(heads, figures) {
            // A note that is wider than the window is wrapped.
            let note = Folding.fold(figure.note, columns: max(24, page.columns - start + 1)).split(separator: "\n")
            for (k, part) in note.enumerated() {
                let left = k == 0 ? head : ""
                lines.append(left + String(repeating: " ", count: start - left.count) + part)
            }
            if note.isEmpty { lines.append(head) }
        }
        return lines.joined(separator: "\n")
    }

    /// The distances of positive and of negative pairs over one another, with the margin as a line.
    override var illustration: Figure? {
        let all = (samePairs + differentPairs).filter(\.isFinite).map(Double.init)
        guard let high = all.max() else { return Figure(panels: [Panel(note: "all distances are NaN or infinite")]) }
        guard high > 0 else { return Figure(panels: [Panel(note: "all distances are 0")]) }
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
        "inspect", "net : net, data : dataset, margin : number > 0 = 1, sample : whole >= 1 = 1000",
        family: "inspection",
        """
        A health report of an embedding on held-out data, with a verdict where a healthy range is known: five measures of its rank, spread, dead dimensions, cosines, \
        alignment and uniformity, distances of positive and negative pairs relative to the margin with their histograms, separation of classes, hubness, \
        difference between training and evaluation mode, pair accuracy, AUC, recall@1, MAP@R.
        """,
        examples: [("inspect(flatten >> dense(8), digits()).auc > 0.5", "true")],
        seeAlso: ["trace", "effective_rank", "map_at_r"], traits: .shows
    ) { i, a in
        guard case .thing(let d as DatasetThing) = a[1] else { throw a.wrong(1, "a data set") }
        let most = try a.integer(3, atLeast: 8)
        var data = try d.withClasses("inspect").dataset
        if data.count > most {
            var stream = RandomStream(seed: 11)
            data = try data.sample(most, &stream)
        }
        let z = try Builtins.embeddings(i, a[0], .thing(DatasetThing(data)))
        var checkup = try Checkup(z, data.y, margin: try a.number(2), i)
        try checkup.look()
        if case .layer(let net) = a[0] { checkup.compareModes(net, data.x) }
        let lost = z.doubles.count { !$0.isFinite }
        return .thing(
            HealthThing(
                title: "\(d.dataset.name): \(data.count) embeddings of \(z.shape[1])"
                    + (lost > 0 ? ", \(lost) of their numbers NaN or infinite" : ""),
                figures: checkup.figures, same: checkup.same, different: checkup.different, margin: checkup.margin))
    }
}

/// Takes the figures of an embedding, with the ranges that healthy ones have.
private struct Checkup {
    let z: Tensor
    let y: [Int]
    let margin: Double
    let interpreter: Interpreter
    private(set) var figures: [HealthThing.Measure] = []
    private(set) var same: [Float] = []
    private(set) var different: [Float] = []

    init(_ z: Tensor, _ y: [Int], margin: Double, _ interpreter: Interpreter) throws {
        (self.z, self.y, self.margin, self.interpreter) = (z, y, margin, interpreter)
    }

    private mutating func add(_ name: String, _ value: Double?, _ isWell: ((Double) -> Bool)?, _ note: String) {
        guard let value else { return }
        figures.append(
            .init(name: name, value: value, verdict: isWell.map { $0(value) ? "ok" : "LOOK" } ?? "", note: note))
    }

    /// A measure of the library; nil if there are too few examples for it.
    private func measure(_ name: String, _ arguments: [Value], field: String? = nil) -> Double? {
        guard let f = try? interpreter.globals.baseValue(name), let value = try? interpreter.call(f, arguments) else {
            return nil
        }
        var found = value
        if let field {
            guard case .record(let r) = value, let part = r.field(field) else { return nil }
            found = part
        }
        switch found {
        case .number(let x): return x
        case .tensor(let t) where t.count == 1: return t.item
        default: return nil
        }
    }

    mutating func look() throws {
        let embeddings = Value.tensor(z)
        let labels = Value.tensor(try Tensor(.vector(y.count), y.map { Float($0) }))
        let (dim, classes) = (z.shape[1], Set(y).count)
        let limit = Double(max(1, min(dim, max(classes - 1, 1))))
        let room = "\(classes) \(classes == 1 ? "class" : "classes") in \(dim) \(dim == 1 ? "dimension" : "dimensions")"
        add(
            "rank", measure("effective_rank", [embeddings]), { dim < 4 || $0 >= 0.35 * limit },
            "effective rank; healthy from \(short(0.5 * limit)) for \(room)")
        add(
            "rankme", measure("rankme", [embeddings]), nil,
            "effective rank without centring; for comparing runs of the same kind")
        add(
            "participation", measure("participation_ratio", [embeddings]), nil,
            "participation ratio of the covariance eigenvalues; healthy 3 to 5")
        add(
            "stable_rank", measure("stable_rank", [embeddings]), nil,
            "variance over that of the first direction; healthy 2 to 3.2")
        add(
            "pca_share", measure("pca_share", [embeddings]), nil,
            "share of the directions that hold 95 % of the variance")
        add(
            "spread", measure("spread", [embeddings]), { [margin] in $0 > 0.05 * margin },
            "root mean square distance from the mean; healthy 0.5 to 1 margin")
        var sds: [Double] = []
        if let std = try? interpreter.globals.baseValue("std"),
            case .tensor(let t)? = try? interpreter.call(std, [embeddings], named: [("axis", .number(0))])
        {
            sds = t.doubles
        }
        if let low = sds.min(), let high = sds.max() {
            add(
                "sd", sds.reduce(0, +) / Double(max(1, dim)), nil,
                "mean standard deviation of a dimension; from \(short(low)) to \(short(high))")
        }
        add(
            "dead", measure("dead_dimensions", [embeddings]), { $0 < 0.5 },
            "share of constant dimensions; healthy 0, about half with a final relu")
        add(
            "unit_sd", measure("unit_sd", [embeddings]), nil,
            "spread of directions: 0 if all are equal, 1 if uniform; healthy 0.65 to 0.95 for unit length")
        add(
            "cosine", measure("mean_cosine", [embeddings]), nil,
            "of two embeddings; near 1 all point in one direction, which is no harm with a Euclidean loss")
        try lookAtPairs()
        add(
            "inter_intra", measure("inter_intra", [embeddings, labels]), { $0 > 1 },
            "distance between classes over that within; healthy 2 to 4, untrained 0.9")
        add(
            "silhouette", measure("silhouette", [embeddings, labels]), { $0 > 0.2 },
            "distance to the own class against the next; healthy 0.3 to 0.6, untrained 0.1")
        add(
            "hubness", measure("hubness", [embeddings]), { $0 < 1.5 },
            "hubness (skew of k-occurrence); healthy 0.1 to 0.8")
        add(
            "class_cosine", measure("neural_collapse", [embeddings, labels], field: "cosine"), nil,
            "of class means; goes to \(short(-1 / Double(max(1, classes - 1)))) late in training")
        add(
            "within_between", measure("neural_collapse", [embeddings, labels], field: "within_between"), nil,
            "variance within classes over variance between them; goes to 0 late in training")
        let retrieval = try Retrieval(z, y)
        add("recall", try retrieval.recall(1), nil, "recall@1; already high for many untrained nets")
        add(
            "map_at_r", try retrieval.mapAtR(), nil,
            "MAP@R: precision among the R nearest, R being the size of the class")
    }

    private mutating func lookAtPairs() throws {
        var stream = RandomStream(seed: 7)
        let pairs = try PairScore.draw(z, y, 4000, &stream)
        same = zip(pairs.distance, pairs.same).filter(\.1).map(\.0)
        different = zip(pairs.distance, pairs.same).filter { !$0.1 }.map(\.0)
        func mean(_ a: [Float]) -> Double { a.isEmpty ? 0 : a.reduce(0) { $0 + Double($1) } / Double(a.count) }
        if let unit = try Operators.named("l2norm")?.apply([z]) {
            let turned = try PairScore.draw(unit, y, 4000, &stream)
            func squares(_ isSame: Bool) -> [Double] {
                zip(turned.distance, turned.same).filter { $0.1 == isSame }.map { Double($0.0) * Double($0.0) }
            }
            let (near, far) = (squares(true), squares(false))
            add(
                "alignment", near.reduce(0, +) / Double(max(1, near.count)), nil,
                "mean squared distance of positive pairs at unit length; healthy 0.09 to 0.3")
            add(
                "uniformity", log(max(far.reduce(0) { $0 + exp(-2 * $1) } / Double(max(1, far.count)), 1e-12)), nil,
                "log mean exp(-2 q) of negative pairs at unit length; healthy -1.3 to -2.2")
        }
        let (near, far) = (mean(same), mean(different))
        add("d_pos", near, nil, "mean distance of positive pairs; healthy 0.2 to 0.4 margin")
        add(
            "d_neg", far, { [margin] in $0 > 0.05 * margin },
            "mean distance of negative pairs; healthy 0.8 to 1.3 margin")
        add(
            "separation", (far - near) / max(margin, 1e-12), { $0 > 0.4 },
            "d_neg - d_pos over the margin; healthy above 0.4")
        let active = same.count { $0 > 0 } + different.count { Double($0) < margin }
        add(
            "active", Double(active) / Double(max(1, same.count + different.count)), nil,
            "share of pairs with a gradient in a contrastive loss of this margin; healthy 0.3 to 0.8")
        add("accuracy", PairScore.accuracy(pairs), { $0 > 0.6 }, "pair accuracy, threshold chosen on other pairs")
        add("auc", PairScore.auc(pairs), { $0 > 0.6 }, "probability that a positive pair is nearer than a negative one")
    }

    /// How much dropout and batch statistics change the embeddings; nothing for nets without either.
    mutating func compareModes(_ net: Layer, _ x: Tensor) {
        let encoder = net.encoder
        let kept = (interpreter.session.stream, encoder.keepStates())
        let gap = measure("train_eval_gap", [.layer(encoder), .tensor(x)])
        interpreter.session.stream = kept.0
        encoder.restoreStates(kept.1)
        guard let gap, gap != 0 else { return }
        // Dropout alone may change much; batch statistics should have converged.
        let remembers = kept.1.joined().contains { if case .tensor = $0 { true } else { false } }
        add(
            "mode_gap", gap, remembers ? { $0 < 0.3 } : nil,
            "change from evaluation to training mode; healthy below 0.1, more with dropout")
    }
}
