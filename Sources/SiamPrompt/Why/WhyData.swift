/// Codes of data sets, of where they come from, and of measures.
extension Why {
    static let data: [Why] =
        family(
            """
            A data set has examples, the rows of x, and a class number >= 0 for each. Its parts keep both together.
            """,
            [
                Case("data.rank", "dataset(3, [0])", "dataset([[3]], [0])"),
                Case("data.lengths", "dataset([[1], [2]], [0])", "dataset([[1], [2]], [0, 1])"),
                Case(
                    "data.class", "dataset([[1], [2]], [0, 5], names = [\"a\", \"b\"])",
                    "dataset([[1], [2]], [0, 1], names = [\"a\", \"b\"])"),
                Case("data.classes", "dataset([[1], [2]], [0, 10_000_000])", "dataset([[1], [2]], [0, 1])"),
                Case("data.index", "blobs(9)[[20]]", "blobs(9)[[2]]"),
                Case("data.sample", told: "a sample has at most as many rows as the data set"),
                Case("data.range", told: "a range of rows lies within the data set"),
                Case("split.empty", "split(blobs(2, classes = 2), 0.1)", "split(blobs(20, classes = 2), 0.5)"),
                Case("split.share", "split(blobs(9), 1.5)", "split(blobs(9), 0.5)"),
                Case(
                    "split_classes.one", "split_classes(blobs(9, classes = 1), 0.5)",
                    "split_classes(blobs(9, classes = 2), 0.5)"),
                Case("generator.n", told: "a generator makes at least 1 point"),
                Case("generator.classes", "blobs(3, classes = 9)", "blobs(9, classes = 3)"),
                Case("generator.noise", told: "noise is a standard deviation: 0 or more"),
                Case("blobs.dim", told: "points have at least 1 coordinate"),
                Case("glyphs.count", told: "glyphs expects at least 1 class and 1 of each"),
                Case("glyphs.size", "glyphs(2, 2, size = 6)", "glyphs(2, 2, size = 16)"),
            ])

    static let metrics: [Why] =
        family(
            """
            Measures compare embeddings, one per row, with their classes. They take a net and a data set, or embeddings and
            class numbers. They need enough classes, and enough examples of each.
            """,
            [
                Case("metric.rows", "kmeans([1, 2, 3], 2)", "kmeans([[1], [2], [3]], 2)"),
                Case("metric.finite", "nearest([[nan, 1]], [[2, 3]])", "nearest([[0, 1]], [[2, 3]])"),
                Case(
                    "metric.nan",
                    told:
                        "a measure is nan if embeddings are NaN or infinite, or if there are no pairs or classes to compare"
                ),
                Case("metric.lengths", "nmi([0, 1], [0, 1, 1])", "nmi([0, 1], [0, 1])"),
                Case("kmeans.k", "kmeans([[1], [2]], 5)", "kmeans([[1], [2]], 2)"),
                Case("embed.data", "embed(dense(1), \"a\")", "embed(dense(1), blobs(9))"),
                Case("embed.net", "embed(x -> \"a\", blobs(9))", "embed(x -> x, blobs(9))"),
                Case("metric.embeddings", "map_at_r([1, 2], [0, 1])", "map_at_r([[1], [2]], [0, 0])"),
                Case(
                    "metric.turned",
                    told: "predictions come first, then the classes: confusion(argmax(net(x), axis = 1), y)"),
                Case("metric.data", "map_at_r(dense(1), ones(3, 2))", "map_at_r(dense(1), blobs(9))"),
                Case(
                    "metric.baseline", "map_at_r([[1], [2]], [0, 0], baseline = true)",
                    "map_at_r(dense(1), blobs(9), baseline = true)"),
                Case("rank.shape", "singular_values([1, 2])", "singular_values([[1, 2], [3, 4]])"),
                Case("miner.shape", "semi_hard_triplets(ones(2, 3), [0, 1])", "semi_hard_triplets(ones(2, 2), [0, 1])"),
                Case(
                    "miner.large", told: "a batch has at most some thousands of examples when all its pairs are listed"),
                Case(
                    "few_shot.classes", "few_shot(dense(1), blobs(9, classes = 2), ways = 5)",
                    "few_shot(dense(1), blobs(99, classes = 5), ways = 5, shots = 1)"),
                Case("one_shot.data", "one_shot(dense(1), 3)", "3"),
                Case("one_shot.run", told: "one-shot runs are counted from 0"),
                Case(
                    "one_shot.folder",
                    told: "a folder of one-shot runs holds support-idx..., query-idx... and answer-idx..."),
                Case(
                    "one_shot.axes",
                    told: "support and query of one-shot runs have the axes runs x items x height x width"),
                Case("one_shot.agree", told: "support, query and answer must have the same number of runs"),
                Case("one_shot.answer", told: "an answer is one of the classes of its run"),
                Case("pca.shape", "pca([1, 2, 3])", "pca([[1, 2], [3, 4], [5, 7]])"),
                Case("pca.dim", "pca([[1, 2], [3, 4], [5, 7]], 5)", "pca([[1, 2], [3, 4], [5, 7]], 1)"),
                Case("pca.finite", "pca([[nan, 2], [3, 4], [5, 7]])", "pca([[1, 2], [3, 4], [5, 7]])"),
                Case("projection.finite", told: "a projection expects finite numbers"),
                Case("tsne.shape", "tsne([[1, 2]])", "tsne(blobs(20).x, perplexity = 5)"),
                Case("tsne.large", "tsne(zeros(1_000_001, 2))", "tsne(blobs(20).x, perplexity = 5)"),
                Case("tsne.perplexity", "tsne(blobs(20).x, perplexity = 50)", "tsne(blobs(20).x, perplexity = 5)"),
            ])
}
