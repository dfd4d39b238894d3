import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Measures of an embedding on held-out data; ties by expectation. All take (net, data) or embeddings and class numbers.
extension Builtins {
    public static let metrics: [Builtin] = verification + retrieval + clustering + fewShot + ofEmbeddings + ofTasks

    static let ofEmbeddings: [Builtin] = [
        Builtin(
            "embed", "net, data, batch : whole >= 1 = 500", family: "metrics",
            "The net's embeddings of a data set or tensor, in evaluation mode, without gradients.",
            examples: [("embed(flatten >> dense(2), digits()[0..4]).shape", "")]
        ) { i, a in .tensor(try embeddings(i, a[0], a[1], batch: try a.integer(2, atLeast: 1))) },
        Builtin(
            "effective_rank", "z", family: "metrics",
            "exp(-sum p ln p), p = s_k / sum s, s the singular values of the centred embeddings (Roy and Vetterli 2007); 0 where they are one point.",
            examples: [("effective_rank(eye(3, 3))", "")],
            seeAlso: ["rankme", "participation_ratio", "inspect"]
        ) { i, a in
            let z = try a.tensor(0)
            let rank = try Spectrum.effectiveRank(z)
            guard rank.isNaN else { return .number(rank) }
            do { try UndefinedMeasure.check(z) } catch let none as UndefinedMeasure {
                return .number(none.said(by: "effective_rank", i))
            }
            return .number(rank)
        },
        Builtin(
            "singular_values", "z, centred = true", family: "metrics",
            "The singular values of a matrix of embeddings, one per row, largest first; by default of the centred embeddings.",
            examples: [
                ("singular_values([[3, 0], [-3, 0]])", "")
            ],
            seeAlso: ["effective_rank", "pca_share"]
        ) { _, a in
            let z = try a.tensor(0).detached()
            guard z.rank >= 2 else {
                throw Diagnostic(
                    code: "rank.shape", "singular_values expects rows of embeddings, and got a tensor of \(z.shape)")
            }
            let s = try Spectrum.singularValues(z, centred: try a.flag(1))
            return .tensor(try Tensor(Shape.vector(s.count), doubles: s, z.precision))
        },
    ]

    private static let retrieval: [Builtin] = [
        measure(
            "recall_at", lead: "k : whole >= 1",
            "Recall@k: the share of examples with one of their own class among the k nearest others (CMC@k); ties count by their expected value.",
            examples: [("recall_at(1, [[0], [0.1], [5], [5.1]], [0, 0, 1, 1])", "")],
            seeAlso: ["map_at_r", "precision_at"]
        ) { i, a, net, data in
            let all = try ranking(i, net, data)
            return try all.recall(try places(a, 0, of: all.y.count - 1))
        },
        measure(
            "precision_at", lead: "k : whole >= 1",
            "Precision@k: the expected share of the query's own class among its k nearest others, mean over the queries.",
            examples: [("precision_at(1, [[0], [0.1], [5], [5.1]], [0, 0, 1, 1])", "")],
            seeAlso: ["recall_at", "r_precision"]
        ) { i, a, net, data in
            let all = try ranking(i, net, data)
            let k = try places(a, 0, of: all.y.count - 1)
            return try all.mean(to: { _ in k }) { $0.hits(within: k) / Double(k) }
        },
        measure(
            "r_precision",
            "R-precision: precision@R, R the number of others of the query's class, mean over the queries.",
            examples: [("r_precision([[0], [0.1], [5], [5.1]], [0, 0, 1, 1])", "")],
            seeAlso: ["map_at_r", "precision_at"]
        ) { i, _, net, data in
            try ranking(i, net, data).mean(to: { $0 }) { $0.hits(within: $0.others) / Double($0.others) }
        },
        measure(
            "map_at_r",
            "MAP@R = mean over queries of 1/R sum_{i <= R} P(i) rel(i), R the number of others of the query's class (Musgrave 2020).",
            examples: [("map_at_r([[0], [0.1], [5], [5.1]], [0, 0, 1, 1])", "")],
            seeAlso: ["recall_at", "auc"]
        ) { i, _, net, data in try ranking(i, net, data).mapAtR() },
        measure(
            "mean_average_precision", rest: "k = none",
            "MAP = mean over queries of 1/R sum_i P(i) rel(i) over the whole list; with k, over the first k positions and divided by min(k, R).",
            examples: [("mean_average_precision([[0], [0.1], [5], [5.1]], [0, 0, 1, 1])", "")],
            seeAlso: ["map_at_r", "mrr"]
        ) { i, a, net, data in
            let k = a.isNone(2) ? nil : try a.integer(2, atLeast: 1)
            return try ranking(i, net, data).mean(to: k.map { k in { _ in k } }) {
                $0.precisionSum(within: k ?? Int.max) / Double(min(k ?? Int.max, $0.others))
            }
        },
        measure(
            "mrr",
            "Mean reciprocal rank: 1 / (rank of the nearest example of the query's class), mean over the queries.",
            examples: [("mrr([[0], [0.1], [5], [5.1]], [0, 0, 1, 1])", "")],
            seeAlso: ["recall_at"]
        ) { i, _, net, data in try ranking(i, net, data).mean { $0.reciprocalRank() } },
    ]

    /// How many of `count` others are looked at.
    static func places(_ a: Arguments, _ place: Int, of count: Int) throws -> Int {
        let k = try a.integer(place, atLeast: 1)
        guard k <= count else {
            throw Diagnostic(
                code: "metric.places",
                "\(a.builtin.name) needs the \(k) nearest, and there \(count == 1 ? "is 1" : "are \(count)") to look at"
            )
        }
        return k
    }

    static func ranking(_ i: Interpreter, _ net: Value, _ data: Value) throws -> Retrieval {
        let (z, y) = try labelled(i, net, data)
        guard Set(y).count < y.count else {
            throw UndefinedMeasure(reason: "none of \(y.count) examples has another of its class")
        }
        return try Retrieval(z, y)
    }
}
