/// Shapes and what the engine refuses.
extension Why {
    static let tensors: [Why] =
        family(
            """
            Elementwise operators align shapes at the right. Axes fit if they have the same length, or if one of them is 1, which
            is then repeated. [4, 3] and [3] fit, [4, 3] and [4] do not: the 4 is aligned with the 3.
            """,
            [
                Case("broadcast", "ones(4, 3) + ones(4)", "ones(4, 3) + ones(4, 1)"),
                Case("sum_to", "sum_to(ones(1, 3), [2, 3])", "sum_to(ones(2, 3), [1, 3])"),
                Case("contrastive.shape", told: "a loss of pairs expects a mark for each distance"),
            ])
        + family(
            """
            A tensor has a shape, the lengths of its axes, the outermost first: 32x784 is 32 rows of 784 numbers.
            Reshaping keeps the elements and their order, so the product of the lengths stays the same; one of them may be -1.
            concatenate keeps all lengths but one; stack keeps all and adds a new axis.
            """,
            [
                Case("reshape.count", "reshape([1, 2, 3], [2, 2])", "reshape([1, 2, 3, 4], [2, 2])"),
                Case(
                    "concatenate.shapes", "concatenate(ones(2, 3), ones(2, 4))",
                    "concatenate(ones(2, 3), ones(2, 4), axis = 1)"),
                Case("concatenate.empty", "concatenate()", "concatenate([1], [2])"),
                Case("stack.shapes", "stack([1, 2], [1, 2, 3])", "stack([1, 2], [3, 4])"),
                Case("stack.empty", "stack()", "stack([1], [2])"),
                Case("split.parts", "split([1, 2, 3], 2)", "split([1, 2, 3, 4], 2)"),
                Case("transpose.axes", "transpose(ones(2, 3, 4), [0, 1])", "transpose(ones(2, 3, 4), [0, 2, 1])"),
                Case("axis.range", "sum(ones(2, 3), axis = 2)", "sum(ones(2, 3), axis = 1)"),
                Case("axis.twice", "sum(ones(2, 3), axis = [0, 0])", "sum(ones(2, 3), axis = [0, 1])"),
                Case("axis.one", "argmax(ones(2, 3, 4), axis = [0, 1])", "argmax(ones(2, 3, 4), axis = 1)"),
                Case("squeeze.length", "squeeze(ones(2, 3), 0)", "squeeze(ones(1, 3), 0)"),
                Case("tile.times", "tile(ones(2, 3), [1, 2, 3])", "tile(ones(2, 3), [1, 2])"),
                Case("pad.widths", "pad(ones(2, 3), [-1])", "pad(ones(2, 3), [1])"),
                Case("diag.rank", "diag(ones(2, 2, 2))", "diag(ones(2, 2))"),
                Case("triangle.rank", "triu(ones(3))", "triu(ones(3, 3))"),
                Case("tensor.negative", "zeros(-1)", "zeros(1)"),
                Case("tensor.rank", "zeros(1, 1, 1, 1, 1, 1, 1, 1, 1)", "zeros(1, 1, 1)"),
                Case("tensor.memory", "zeros(1000000, 1000000)", "zeros(1000, 1000)"),
                Case("memory.budget", "permutation(4e12)", "permutation(4)"),
                Case("tensor.count", told: "a shape takes as many numbers as the product of its lengths"),
                Case("reduce.empty", "max(zeros(0))", "max(zeros(1))"),
                Case("quantile.share", "quantile([1, 2], 2)", "quantile([1, 2], 0.5)"),
                Case("topk.many", "topk([1, 2], 3)", "topk([1, 2], 1)"),
                Case("one_hot.label", "one_hot([0, 3], 3)", "one_hot([0, 2], 3)"),
                Case(
                    "pairwise.width", "pairwise_euclidean(ones(2, 3), ones(2, 4))",
                    "pairwise_euclidean(ones(2, 3), ones(4, 3))"),
                Case("euclidean.rank", "euclidean(1, 2)", "euclidean([1], [2])"),
                Case("euclidean.width", "euclidean([[1, 2]], [[1]])", "euclidean([[1, 2]], [[1, 3]])"),
                Case("distance.width", "cosine([1, 2], [3])", "cosine([1, 2], [3, 4])"),
                Case(
                    "cross_entropy.labels", "cross_entropy(ones(2, 3, 4), [0, 1])", "cross_entropy(ones(2, 3), [0, 1])"),
            ])
        + family(
            """
            The operators check their inputs before they compute. A siam program should not meet these errors: they protect the
            operators from one another.
            """,
            [
                Case("operator.inputs", told: "an operator was given too many or too few tensors"),
                Case("operator.outputs", told: "an operator gave nothing"),
                Case("operator.argument", told: "an operator was not given an argument that it needs"),
                Case("operator.integer", "one_hot([0], none)", "one_hot([0], 2)"),
                Case("operator.number", "quantile([1, 2], none)", "quantile([1, 2], 0.5)"),
                Case(
                    "operator.text", "conv2d(ones(1, 4, 4, 1), ones(3, 3, 1, 1), zeros(1), padding = \"full\")",
                    "conv2d(ones(1, 4, 4, 1), ones(3, 3, 1, 1), zeros(1), padding = \"valid\")"),
                Case("maxpool.places", told: "the places of the maxima were not kept"),
                Case("conv.gradient", told: "a gradient has another shape than the result it belongs to"),
            ])

    static let algebra: [Why] =
        family(
            """
            a @ b multiplies rows of a with columns of b, so a needs as many columns as b has rows: [n, k] @ [k, m] is [n, m].
            A vector on the left is a row, on the right a column.
            """,
            [
                Case("matmul.width", "ones(2, 3) @ ones(2, 3)", "ones(2, 3) @ ones(2, 3).transpose()"),
                Case("matmul.rank", "2 @ 3", "[2] @ [3]"),
                Case(
                    "affine.width", "affine(ones(2, 3), ones(4, 5), zeros(5))",
                    "affine(ones(2, 4), ones(4, 5), zeros(5))"),
                Case(
                    "affine.bias", "affine(ones(2, 3), ones(3, 5), zeros(4))",
                    "affine(ones(2, 3), ones(3, 5), zeros(5))"),
            ])
        + family(
            """
            einsum names the axes of each tensor by letters, "ij,jk->ik": a letter that occurs in several tensors has one
            length, and letters that the result does not name are summed over.
            """,
            [
                Case("einsum.text", "einsum(ones(2, 2), none)", "einsum(ones(2, 2), \"ij->ji\")"),
                Case(
                    "einsum.operands", "einsum(ones(2, 2), \"ij,jk->ik\")",
                    "einsum(ones(2, 2), ones(2, 2), \"ij,jk->ik\")"),
                Case("einsum.rank", "einsum(ones(2, 2), \"ijk->i\")", "einsum(ones(2, 2), \"ij->i\")"),
                Case(
                    "einsum.length", "einsum(ones(2, 3), ones(2, 2), \"ij,jk->ik\")",
                    "einsum(ones(2, 3), ones(3, 2), \"ij,jk->ik\")"),
                Case("einsum.output", "einsum(ones(2, 2), \"ij->ik\")", "einsum(ones(2, 2), \"ij->i\")"),
            ])
        + family(
            """
            Decompositions need a matrix of finite numbers; solve needs a square one whose rows are independent.
            They use LAPACK (libopenblas0-serial or liblapack3), opened at first use.
            """,
            [
                Case("svd.matrix", "svd(ones(3))", "svd(ones(3, 3))"),
                Case("svd.finite", "svd([[nan, 1], [1, 1]])", "svd([[2, 1], [1, 1]])"),
                Case(
                    "svd.converge",
                    told:
                        "the method found no answer for this matrix: look whether its numbers are of very different size"
                ),
                Case("eigh.matrix", "eigh(ones(2, 3))", "eigh(ones(2, 2))"),
                Case("eigh.symmetric", "eigh([[1, 2], [3, 4]])", "eigh([[1, 2], [2, 4]])"),
                Case("eigh.finite", "eigh([[inf, 1], [1, 1]])", "eigh([[2, 1], [1, 1]])"),
                Case(
                    "eigh.converge",
                    told:
                        "the method found no answer for this matrix: look whether its numbers are of very different size"
                ),
                Case("qr.matrix", "qr(ones(3))", "qr(ones(3, 3))"),
                Case("qr.finite", told: "qr expects finite numbers"),
                Case(
                    "qr.converge",
                    told:
                        "the method found no answer for this matrix: look whether its numbers are of very different size"
                ),
                Case("solve.matrix", "solve(ones(2, 3), ones(2))", "solve(eye(2), ones(2))"),
                Case("solve.finite", told: "solve expects finite numbers"),
                Case("solve.converge", told: "the method found no answer for this matrix"),
                Case("solve.height", "solve(eye(2), ones(3))", "solve(eye(2), ones(2))"),
                Case("solve.singular", "solve(ones(2, 2), ones(2))", "solve(eye(2), ones(2))"),
                Case(
                    "lapack.missing",
                    told: "install libopenblas0-serial or liblapack3; all that does not need it works without"),
            ])
        + family(
            """
            Images are batch x height x width x channels; a grey picture has 1 channel. A kernel is height x width x
            channels x filters, and has to fit into the image.
            """,
            [
                Case("conv.rank", "conv(4)(ones(2, 8, 8))", "conv(4)(ones(2, 8, 8, 1))"),
                Case(
                    "conv.order", told: "conv(4)(ones(2, 3, 32, 32)): channels come last, transpose(x, [0, 2, 3, 1])"
                ),
                Case("summary.shape", "summary(dense(2), [8, 8, 1])", "summary(dense(2), zeros(1, 8, 8, 1))"),
                Case("conv.small", "maxpool(4)(ones(1, 3, 3, 1))", "maxpool(2)(ones(1, 4, 4, 1))"),
                Case(
                    "conv.channels", "conv2d(ones(1, 4, 4, 2), ones(3, 3, 1, 5), zeros(5))",
                    "conv2d(ones(1, 4, 4, 1), ones(3, 3, 1, 5), zeros(5))"),
                Case(
                    "conv.bias", "conv2d(ones(1, 4, 4, 1), ones(3, 3, 1, 5), zeros(4))",
                    "conv2d(ones(1, 4, 4, 1), ones(3, 3, 1, 5), zeros(5))"),
                Case("conv.numbers", "maxpool2d(ones(1, 4, 4, 1), 0)", "maxpool2d(ones(1, 4, 4, 1), 2)"),
            ])
        + family(
            """
            Normalisations scale and shift by one number per feature: scale and shift are as wide as the last axis.
            """,
            [
                Case(
                    "layer_norm.width", "layer_norm(ones(2, 3), ones(4), zeros(4))",
                    "layer_norm(ones(2, 3), ones(3), zeros(3))"),
                Case(
                    "batch_norm.width", "batch_norm(ones(2, 3), ones(4), zeros(4))",
                    "batch_norm(ones(2, 3), ones(3), zeros(3))"),
            ])

    static let layers: [Why] =
        family(
            """
            A layer gets its shapes from its first input and keeps them, because its weights are then a matrix of that size.
            An input of another width needs another net, or a stage before it that makes the width fit, such as flatten.
            summary(net, x) shows the shapes of all stages up to the error.
            """,
            [
                Case(
                    "layer.width", "net = dense(4)\nnet(ones(2, 3));\nnet(ones(2, 5))",
                    "net = dense(4)\nnet(ones(2, 3));\nnet(ones(7, 3))"),
                Case(
                    "layer.shape", "net = dense(4)\nnet(ones(2, 3));\nnet.w = ones(2, 2)",
                    "net = dense(4)\nnet(ones(2, 3));\nnet.w = ones(3, 4)"),
                Case(
                    "layer.deep", "net = dense(2)\nfor i in 0..300 { net = siamese(net) }",
                    "net = siamese(dense(2))"),
                Case("layer.unbuilt", "net = dense(4)\nnet.w", "net = dense(4)\nnet(ones(2, 3));\nnet.w"),
                Case("layer.input", "dense(4)(\"a\")", "dense(4)(ones(2, 3))"),
                Case("layer.inputs", "dense(4)(ones(2, 3), ones(2, 3))", "dense(4)(ones(2, 3))"),
            ])
        + family(
            """
            A layer's forward may change only what the layer declares as state: parameters are changed by an optimizer or from
            outside, net.dense1.w = ..., and parts are layers of their own.
            """,
            [
                Case(
                    "layer.parameter",
                    "layer l {\n  param w : [in] = ones\n  forward x {\n    w = 2 * w\n    x * w\n  }\n}\nl()(ones(2))",
                    "layer l {\n  state w : [in] = ones\n  forward x {\n    w = 2 * w\n    x * w\n  }\n}\nl()(ones(2))"),
                Case(
                    "layer.part",
                    "layer l {\n  part = dense(2)\n  forward x {\n    part = dense(3)\n    part(x)\n  }\n}\nl()(ones(2, 2))",
                    "layer l {\n  part = dense(2)\n  forward x = part(x)\n}\nl()(ones(2, 2))"),
                Case("layer.member", told: "a layer has the parts that its definition names"),
            ])
        + family(
            """
            An initialiser is a function of the shape: zeros, ones, constant(v), normal(sd), glorot, he, lecun, orthogonal,
            or one of your own. A tensor of the right shape can be used too.
            """,
            [
                Case(
                    "initial.kind", "dense(2, init = s -> \"a\")(ones(1, 2))",
                    "dense(2, init = s -> zeros(s))(ones(1, 2))"),
                Case(
                    "initial.shape", "dense(2, init = ones(3, 3))(ones(1, 2))",
                    "dense(2, init = ones(2, 2))(ones(1, 2))"),
                Case("initialiser.name", told: "the initialisers are listed by ?glorot"),
                Case("initialiser.numbers", told: "normal(sd) takes one number, uniform(a, b) two"),
                Case("initialiser.eye", told: "eye makes a matrix, and the parameter has another number of axes"),
                Case("initialiser.orthogonal", "orthogonal([3])", "orthogonal(3, 3)"),
                Case(
                    "layer.batch", "net = flatten >> dense(2)\nnet(digits().x[0])",
                    "net = flatten >> dense(2)\nnet(digits().x[0..1])"),
            ])
}
