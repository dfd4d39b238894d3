/// Codes of tables and of text for nets.
extension Why {
    static let tables: [Why] =
        family(
            """
            A table with an error is not read at all. Its columns must be numbers, except for the class; any other cell is reported
            with its row and column, and arguments of csv say how to treat it: missing, texts, drop, label.
            """,
            [
                Case("csv.class", told: "a class column has at least two classes: name the right one by label"),
                Case("csv.identifier", told: "drop leaves out a column of row numbers"),
                Case("csv.dropped", told: "missing = \"drop\" leaves rows with an empty cell out"),
                Case("csv.missing", told: "missing = \"drop\" leaves rows without a class out"),
                Case("csv.latin1", told: "a text that is not UTF-8 is read as Latin-1"),
                Case("csv.decimal", told: "a comma separates cells or decimals: sep and decimal say which"),
                Case("csv.kinds", told: "a different text in nearly every row is a name: drop leaves the column out"),
                Case("csv.column", told: "columns and drop name columns by their titles, or by numbers from 0"),
                Case("csv.parquet", told: "siam reads CSV, NPY, NPZ and safetensors: pandas writes CSV"),
                Case("images.part", told: "image_folder(\"pets\", part = \"train\") reads one of the parts"),
            ])
        + family(
            """
            A data set read from a table has named columns: d["age"] is one, d[["age", "fare"]] a data set of several. Data
            sets can be joined if their examples have the same shape and their columns the same order.
            """,
            [
                Case("data.column", "dataset([[1, 2]], [0])[\"age\"]", "dataset([[1, 2]], [0]).x[.., 0]"),
                Case("data.columns", told: "d[[\"a\", \"b\"]] puts the columns of d into this order"),
                Case(
                    "data.shapes", "join(dataset([[1, 2]], [0]), dataset([[1]], [0]))",
                    "join(dataset([[1, 2]], [0]), dataset([[1, 3]], [0]))"),
                Case(
                    "data.kinds", "join(dataset([[1]], [0]), dataset([[1]], [0.5]))",
                    "join(dataset([[1]], [0]), dataset([[1]], [1]))"),
                Case("data.none", told: "join expects at least one data set"),
                Case(
                    "data.name_unknown", "dataset([[1], [2]], [\"cat\", \"dog\"]).where(\"cow\")",
                    "dataset([[1], [2]], [\"cat\", \"dog\"]).where(\"dog\")"),
                Case("tokens.texts", "tokens([1, 2])", "tokens([\"a\", \"b\"])"),
                Case("tokens.column", "tokens(blobs(9), \"title\")", "tokens([\"a\", \"b\"])"),
                Case("tokens.length", "tokens([\"a\"], max = 100_000)", "tokens([\"a\"], max = 100)"),
                Case("tokens.file", told: "save(t, \"a.words\") writes the vocabulary of tokens"),
                Case("fold.count", "fold(blobs(9), 10)", "fold(blobs(9), 3)"),
            ])
        + family(
            """
            Measures of a task take a net and a data set, or outputs and their targets. A classifier has one output for each class,
            or a single score for two classes; a regression has as many outputs as targets.
            """,
            [
                Case("metric.class", "precision([1, 0], [1, 0], of = 5)", "precision([1, 0], [1, 0], of = 1)"),
                Case("metric.classes", "r2(dense(1), blobs(9))", "accuracy(dense(3), blobs(9))"),
                Case(
                    "metric.of", "roc([[1, 2, 3], [3, 2, 1]], [2, 0])", "roc([[1, 2, 3], [3, 2, 1]], [2, 0], of = 2)"),
                Case("metric.places", "nearest([[0]], [[1], [2]], 3)", "nearest([[0]], [[1], [2]], 2)"),
                Case("metric.width", "accuracy(dense(2), blobs(9))", "accuracy(dense(3), blobs(9))"),
                Case(
                    "loss.weights", "cross_entropy([[1, 2], [2, 1]], [0, 1], weights = [1, 2, 3])",
                    "cross_entropy([[1, 2], [2, 1]], [0, 1], weights = [1, 2])"),
            ])
        + family(
            """
            In the body of train, step and epoch count from 1, run is the current run, and stop when ends it. For a value reported
            in an every block the best net is kept: run.best.net.
            """,
            [
                Case("stop.outside", "stop when 1 > 0", "3"),
                Case("train.none", told: "step, epoch and run are names of the body of train"),
                Case(
                    "run.best",
                    """
                    n = dense(2)
                    r = train n on batches(blobs(9), 3) as x, y for 2 steps using sgd(0.1) { minimize mean(n(x)^2) }
                    r.best
                    """,
                    """
                    n = dense(2)
                    r = train n on batches(blobs(9), 3) as x, y for 2 steps using sgd(0.1) {
                      minimize mean(n(x)^2)
                      every 1 steps { report size = mean(n(x)^2) }
                    }
                    r.best
                    """),
                Case("runs.none", "runs(\"/usr/include\")", "runs()"),
            ])
}
