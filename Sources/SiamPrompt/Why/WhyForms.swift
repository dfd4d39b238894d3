/// Lines that are read otherwise than they look.
extension Why {
    private static let pairs =
        "net = dense(2)\ntrain net on pairs(blobs(30), 8) as a, b, same for 2 steps using sgd(0.1) "

    private static let classes =
        "train net on batches(blobs(30), 8) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }"

    static let forms: [Why] =
        family(
            """
            What stands directly behind print in parentheses is all that it prints. A net ends with its line unless the next one
            begins with >>. Comparisons in a row are a chain: a < b == c asks whether a < b and b == c. A comment begins with #.
            """,
            [
                Case("print.part", "x = [1, 2]\nprint (x > 1) == x", "x = [1, 2]\nprint((x > 1) == x)"),
                Case("stage.alone", "net = flatten >> dense(2)\n  relu", "net = flatten >> dense(2)\n  >> relu"),
                Case("compare.chain", "x = 1\ny = x > 0 == x", "x = 1\ny = (x > 0) == (x > 0)"),
                Case("comment.foreign", "x = 3 % the number of layers", "x = 3 # the number of layers"),
            ])
        + family(
            """
            Angles are in degrees, axis 0 goes over the rows, a mask has a number for each row, and layers without an activation
            between them are one linear map, however many they are.
            """,
            [
                Case("argument.unit", "turn = rotate(3.14159 / 8)", "turn = rotate(22.5)"),
                Case(
                    "argument.axis", "net = dense(3)\nc = argmax(net(ones(2, 4)), axis = 0)",
                    "net = dense(3)\nc = argmax(net(ones(2, 4)), axis = 1)"),
                Case(
                    "distance.itself", "z = randn(4, 3)\nd = euclidean(z, z)",
                    "z = randn(4, 3)\nd = pairwise(euclidean, z, z)"),
                Case(
                    "where.class", "d = blobs(30)\nfar = d.where(row -> row[0] > 2)",
                    "d = blobs(30)\nfar = d[d.x[.., 0] > 2]"),
                Case(
                    "index.flags", "x = randn(5, 3)\nm = [1, 0, 1]\ny = x[m]",
                    "x = randn(5, 3)\nm = [1, 0, 1, 0, 0]\ny = x[m]"),
                Case(
                    "net.linear", "net = dense(8) >> dense(4) >> dense(3)\n" + classes,
                    "net = dense(8) >> relu >> dense(4) >> relu >> dense(3)\n" + classes),
            ])
        + family(
            """
            A loss of pairs compares embeddings: both sides go through the net. A net learns from one part of the data and is
            judged by the other.
            """,
            [
                Case(
                    "loss.one_sided", pairs + "{ minimize contrastive(net(a), b, same) }",
                    pairs + "{ minimize contrastive(net(a), net(b), same) }"),
                Case(
                    "data.turned",
                    "seen, unseen = split(blobs(60), 0.8)\nnet = dense(3)\ntrain net on batches(unseen, 4) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }\nq = accuracy(net, seen)",
                    "seen, unseen = split(blobs(60), 0.8)\nnet = dense(3)\ntrain net on batches(seen, 4) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }\nq = accuracy(net, unseen)"
                ),
            ])
}
