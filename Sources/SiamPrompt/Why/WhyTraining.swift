/// Gradients, training, and the data for it.
extension Why {
    static let gradients: [Why] =
        family(
            """
            grad(y, wrt) is the gradient of one number y with respect to wrt: the parameters of a net, or a tensor that was tracked
            before y was computed from it. There is no gradient for values that y does not depend on.
            """,
            [
                Case("grad.scalar", "x = track([1, 2])\ngrad(x^2, x)", "x = track([1, 2])\ngrad(sum(x^2), x)"),
                Case(
                    "grad.turned", "x = track([2])\ny = sum(x^2)\ngrad(x, y)",
                    "x = track([2])\ny = sum(x^2)\ngrad(y, x)"),
                Case("grad.constant", "x = track([1, 2])\ngrad(3, x)", "x = track([1, 2])\ngrad(sum(3 * x), x)"),
                Case(
                    "grad.untracked", "x = [1, 2]\nw = track([1, 1])\ngrad(sum(x * w), x)",
                    "x = track([1, 2])\nw = track([1, 1])\ngrad(sum(x * w), x)"),
                Case(
                    "grad.none", "x = track(eye(2))\ngrad(sum(eigh(x)[1]), x)", "x = track(eye(2))\ngrad(sum(x @ x), x)"
                ),
                Case(
                    "cumprod.zero", "x = track([1, 0, 2])\ngrad(sum(cumprod(x)), x)",
                    "x = track([1, 3, 2])\ngrad(sum(cumprod(x)), x)"),
                Case(
                    "check_grad.off", "fn f(x) = sum(detach(x)^2 + x)\ncheck_grad(f, [1, 2])",
                    "fn f(x) = sum(x^2 + x)\ncheck_grad(f, [1, 2])"),
                Case(
                    "check_grad.large", "check_grad(x -> sum(x), zeros(200_000))", "check_grad(x -> sum(x), zeros(20))"),
                Case(
                    "update.path",
                    "net = dense(1) >> dense(1)\nother = dense(1)\nl = sum(other(ones(1, 2)))\nnet(ones(1, 2));\nupdate(sgd(0.1), net, grad(l, other))",
                    "net = dense(1) >> dense(1)\nl = sum(net(ones(1, 2)))\nupdate(sgd(0.1), net, grad(l, net))"),
                Case(
                    "update.shape",
                    "net = dense(1)\nnet(ones(1, 2));\nupdate(sgd(0.1), net, {w: ones(3, 3), b: ones(1)})",
                    "net = dense(1)\nnet(ones(1, 2));\nupdate(sgd(0.1), net, {w: ones(2, 1), b: ones(1)})"),
            ])

    static let training: [Why] =
        family(
            """
            A loss compares each prediction with its own target, and averages; N x 1 counts as N. Losses of pairs take two
            embeddings of the same shape and 0 or 1 for each pair; cross_entropy takes logits and a class number for each row.
            The last stage of a net has to fit its loss: dense with cross_entropy, bce_with_logits and mse, sigmoid with bce.
            """,
            [
                Case("loss.shapes", "mse(ones(4, 3), ones(5))", "mse(ones(4, 3), ones(4, 3))"),
                Case(
                    "loss.same", "contrastive(ones(2, 3), zeros(2, 3), [1, 7])",
                    "contrastive(ones(2, 3), zeros(2, 3), [1, 0])"),
                Case("loss.labels", "hinge([0.5, 2], [0, 1])", "hinge([0.5, 2], [-1, 1])"),
                Case("loss.class", "cross_entropy(ones(2, 3), [0, 3])", "cross_entropy(ones(2, 3), [0, 2])"),
                Case(
                    "loss.squashed", "net = dense(3) >> softmax\ncross_entropy(net(ones(2, 4)), [0, 1])",
                    "net = dense(3)\ncross_entropy(net(ones(2, 4)), [0, 1])"),
                Case(
                    "loss.range", "net = dense(1)\nx = ones(2, 4)\nl = bce(net(x), [0, 1])",
                    "net = dense(1)\nx = ones(2, 4)\nl = bce_with_logits(net(x), [0, 1])"),
                Case(
                    "loss.reach",
                    told: "mse(relu(net(x)), y) with a target below 0: leave relu out after the last dense"),
                Case(
                    "loss.one_flag", "contrastive(zeros(4, 2), ones(4, 2), 1)",
                    "contrastive(zeros(4, 2), ones(4, 2), [1, 0, 1, 0])"),
                Case(
                    "loss.same_input", "net = dense(3)\nx = rand(4, 2)\ncontrastive(net(x), net(x), [1, 0, 1, 0])",
                    "net = dense(3)\nx = rand(4, 2)\ny = rand(4, 2)\ncontrastive(net(x), net(y), [1, 0, 1, 0])"),
                Case(
                    "loss.one_hot",
                    told: "supcon(z, y) with y of rows like [0, 1, 0]: class numbers are  argmax(y, axis = 1)"),
                Case(
                    "angle.ends", "fn angle(a, b) = acos(dot(l2norm(a), l2norm(b)))",
                    "fn angle(a, b) = acos(clamp(dot(l2norm(a), l2norm(b)), -1 + 1e-6, 1 - 1e-6))"),
                Case(
                    "layer.inside", "layer t(d) { forward x = dense(d)(x) }",
                    "layer t(d) {\n  body = dense(d)\n  forward x = body(x)\n}"),
                Case(
                    "layer.constant", "layer t() {\n  w = randn(4, 3)\n  forward x = x @ w\n}\nnet = t()",
                    "layer t() {\n  param w : [4, 3] = normal(1)\n  forward x = x @ w\n}\nnet = t()"),
                Case("fit.softmax_one", "net = dense(1) >> softmax", "net = dense(1) >> sigmoid"),
            ])
        + family(
            """
            An optimizer has a learning rate, a number or a function of the step, and settings of its own; ?adam lists them.
            """,
            [
                Case("optimizer.value", "opt = sgd(0.1)\nopt.lr = -1", "opt = sgd(0.1)\nopt.lr = 0.2"),
                Case("optimizer.setting", told: "an optimizer has the settings that its help names; ?adam lists them"),
                Case("optimizer.name", told: "the optimizers are sgd, adam, adamw, rmsprop and adagrad"),
                Case(
                    "optimizer.schedule",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(step -> \"a\") { minimize mean(net(x)^2) }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(step -> 0.1) { minimize mean(net(x)^2) }"
                ),
                Case("optimizer.count", told: "an update has a gradient for each parameter"),
                Case("optimizer.shape", told: "a gradient has its parameter's shape"),
                Case(
                    "schedule.name",
                    told:
                        "the schedules are cosine, step_decay, warmup and those you write: lr may be a function of the step"
                ),
                Case("schedule.numbers", told: "a schedule takes the numbers that its help names"),
            ])
        + family(
            """
            minimize needs one number that depends on the trained parameters. A mean over the batch is one number; a loss
            computed from data alone has no gradient.
            """,
            [
                Case(
                    "minimize.scalar",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize net(x)^2 }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "minimize.constant",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(x^2) }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "train.nothing",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { mean(net(x)^2) }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "train.turned",
                    "d = blobs(30, classes = 3)\nnet = dense(2)\ntrain net on triplets(d, 8) as a, p, n for 1 steps using sgd(0.1) { minimize triplet(net(a), net(n), net(p)) }",
                    "d = blobs(30, classes = 3)\nnet = dense(2)\ntrain net on triplets(d, 8) as a, p, n for 1 steps using sgd(0.1) { minimize triplet(net(a), net(p), net(n)) }"
                ),
                Case(
                    "train.order",
                    told:
                        "train net on triplets(d, 32) as a, n, p: triplets gives the anchor, a positive, then a negative"
                ),
                Case("train.frozen", told: "freeze(net) before train net: unfreeze(net) lets it learn again"),
                Case(
                    "train.never", told: "if false { minimize l }: what is minimized stands where every step comes by"),
                Case(
                    "argmax.axis",
                    told: "argmax(net(x)) == y compares one place with each label: argmax(net(x), axis = 1)"
                ),
                Case(
                    "train.unreached",
                    told: "train a, b on ... { minimize mean(a(x)^2) }: b plays no part in the loss, and learns nothing"
                ),
                Case(
                    "train.names",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y, z for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "train.length",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for -1 steps using sgd(0.1) { minimize mean(net(x)^2) }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "report.own",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2); report loss = 3 }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2); report own = 3 }"
                ),
                Case(
                    "report.kind",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2); report a = \"b\" }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2); report a = 1 }"
                ),
                Case(
                    "every.count",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2); every 0 steps { 1 } }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2); every 1 steps { 1 } }"
                ),
                Case(
                    "rewind.range",
                    "net = dense(1)\nrun = train net on batches(blobs(9), 3) as x, y for 2 steps using sgd(0.1) { minimize mean(net(x)^2) }\nrewind(run, 5)",
                    "net = dense(1)\nrun = train net on batches(blobs(9), 3) as x, y for 2 steps using sgd(0.1) { minimize mean(net(x)^2) }\nrewind(run, 2)"
                ),
                Case(
                    "run.file",
                    told: "a saved run is refused where it is cut off, longer than it was, or changed in any byte"),
                Case(
                    "run.absent",
                    told:
                        "a saved run holds its nets and no data; what needs the data is resume, or a data set that is given"
                ),
                Case("run.lost", told: "the program in a saved run reads a file that makes it end before it trains"),
                Case("run.other", told: "a saved run needs the data and the layers that it was made with"),
                Case(
                    "run.state",
                    told: "what a layer of a saved run remembers has to be numbers, texts, lists or records of them"),
                Case(
                    "trace.empty",
                    "net = dense(1)\nrun = train net on batches(blobs(9), 3) as x, y for 0 steps using sgd(0.1) { minimize mean(net(x)^2) }\ntrace(run)",
                    "net = dense(1)\nrun = train net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) { minimize mean(net(x)^2) }\ntrace(run)"
                ),
                Case(
                    "flow.source",
                    told:
                        "flow and probe draw one more batch from a run's source; a run whose source is gone has none to draw"
                ),
                Case(
                    "flow.loss",
                    told:
                        "flow and probe read the record of a step from what the body minimizes to the parameters it depends on"
                ),
                Case(
                    "rewind.far",
                    told:
                        "a run keeps its way back within a budget of memory, dense near the present; rewind says how far it reaches"
                ),
                Case(
                    "watch.outside", "watch 3",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) {\n  minimize mean(net(x)^2)\n  watch(sum(net.w))\n}"
                ),
                Case(
                    "watch.kind",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) {\n  minimize mean(net(x)^2)\n  watch(\"a\")\n}",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 1 steps using sgd(0.1) {\n  minimize mean(net(x)^2)\n  watch(sum(net.w))\n}"
                ),
                Case("pause.word", told: "at a pause: go, stop, step 10, rewind 40, or any expression"),
            ])
        + family(
            """
            A loss that is NaN or infinite has no usable gradient. The usual causes are a square root or a logarithm of 0, an
            exponential that overflows, or a learning rate so large that the weights grow without bound.
            trace(net, x) shows the first stage with NaN or infinite outputs.
            """,
            [
                Case(
                    "gradient.finite",
                    told: "the loss is a number, and its slope is not: most often a root at 0, or a division by it"),
                Case(
                    "loss.finite",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 3 steps using sgd(0.1) { minimize mean(log(net(x) * 0)) }",
                    "net = dense(1)\ntrain net on batches(blobs(9), 3) as x, y for 3 steps using sgd(0.1) { minimize mean(net(x)^2) }"
                ),
                Case(
                    "distance.root", "fn dist(a, b) = sqrt(sum((a - b)^2, axis = -1))\ndist([1], [2])",
                    "fn dist(a, b) = sqrt(sum((a - b)^2, axis = -1) + 1e-12)\ndist([1], [2])"),
            ])
        + family(
            """
            The two sides of a Siamese network are one tower used twice: similar inputs get similar embeddings because they go
            through the same weights. A net is a value; give it a name and apply it to both sides. Each call of a constructor
            makes another tower. Every net that the loss depends on has to be trained, or frozen on purpose.
            """,
            [
                Case(
                    "towers.unshared",
                    "layer tower(dim) = flatten >> dense(dim)\nleft = tower(4)\nright = tower(4)\ntrain left, right on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) {\n  minimize contrastive(left(a), right(b), same)\n}",
                    "layer tower(dim) = flatten >> dense(dim)\nnet = tower(4)\ntrain net on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) {\n  minimize contrastive(net(a), net(b), same)\n}"
                ),
                Case(
                    "train.unseen",
                    "net = flatten >> dense(4)\nhead = dense(1)\ntrain net on batches(digits(), 8) as x, y for 1 steps using sgd(0.1) {\n  minimize mean(head(net(x))^2)\n}",
                    "net = flatten >> dense(4)\nhead = dense(1)\ntrain net, head on batches(digits(), 8) as x, y for 1 steps using sgd(0.1) {\n  minimize mean(head(net(x))^2)\n}"
                ),
                Case(
                    "param.unused",
                    "layer l {\n  param w : [in] = ones\n  param g : [in] = ones\n  forward x = w * x\n}\nl()(ones(2))",
                    "layer l {\n  param w : [in] = ones\n  param g : [in] = ones\n  forward x = g * w * x\n}\nl()(ones(2))"
                ),
                Case(
                    "labels.swapped",
                    "loss mine(a, b, same, margin = 1) {\n  d = euclidean(a, b)\n  mean(same * relu(margin - d)^2 + (1 - same) * d^2)\n}\nmine([[1]], [[2]], [1])",
                    "loss mine(a, b, same, margin = 1) {\n  d = euclidean(a, b)\n  mean(same * d^2 + (1 - same) * relu(margin - d)^2)\n}\nmine([[1]], [[2]], [1])"
                ),
            ])
        + family(
            """
            Distances compare the outputs of the last stage. Dropout there makes two embeddings of one image differ; an
            activation there limits the embedding to a part of the space; a normalisation there limits the distances, and a
            larger margin can never be reached.
            """,
            [
                Case(
                    "embedding.dropout",
                    "net = flatten >> dense(4) >> dropout(0.5)\ntrain net on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) { minimize contrastive(net(a), net(b), same) }",
                    "net = flatten >> dropout(0.5) >> dense(4)\ntrain net on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) { minimize contrastive(net(a), net(b), same) }"
                ),
                Case(
                    "embedding.activation",
                    "net = flatten >> dense(4) >> relu\ntrain net on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) { minimize contrastive(net(a), net(b), same) }",
                    "net = flatten >> relu >> dense(4)\ntrain net on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) { minimize contrastive(net(a), net(b), same) }"
                ),
                Case(
                    "margin.reach",
                    "net = flatten >> dense(4) >> l2norm\ntrain net on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) { minimize contrastive(net(a), net(b), same, margin = 3) }",
                    "net = flatten >> dense(4) >> l2norm\ntrain net on pairs(digits(), 8) as a, b, same for 1 steps using sgd(0.1) { minimize contrastive(net(a), net(b), same, margin = 1) }"
                ),
                Case(
                    "active.none", "active_share(mse, [1], [2])",
                    "active_share(contrastive, [[0], [0]], [[3], [0.5]], [0, 0])"),
                Case("plateaus.none", "plateaus(manhattan)", "plateaus(contrastive, margin = 1, share = 0.5)"),
            ])
        + family(
            """
            A sweep runs its block once for every combination of values and makes a table of the reported values, one row per
            combination. Columns have names: table.recall, table.sort("recall"), table.best("recall").
            """,
            [
                Case("sweep.empty", "sweep a in [] { report b = 1 }", "sweep a in [1, 2] { report b = a }"),
                Case(
                    "sweep.large", "sweep a in 0..2000, b in 0..2000 { report c = 1 }",
                    "sweep a in 0..2, b in 0..2 { report c = 1 }"),
                Case(
                    "table.column", "t = sweep a in [1, 2] { report b = a }\nt.sort(\"c\")",
                    "t = sweep a in [1, 2] { report b = a }\nt.sort(\"b\")"),
                Case(
                    "table.empty", "t = sweep a in [1, 2] { report b = nan }\nt.best(\"b\")",
                    "t = sweep a in [1, 2] { report b = a }\nt.best(\"b\")"),
            ])
        + family(
            """
            A source makes batches of a data set: pairs a, b, same; triplets a, p, n; balanced and batches x, y.
            Positive pairs need a class with two examples, negative pairs need two classes.
            """,
            [
                Case("pairs.same", "pairs(blobs(3, classes = 3), 3)", "pairs(blobs(9, classes = 3), 3)"),
                Case(
                    "data.targets", "pairs(dataset(ones(3, 2), [0.5, 1.5, 2.5]), 2)",
                    "batches(dataset(ones(3, 2), [0.5, 1.5, 2.5]), 2)"),
                Case("pairs.empty", "pairs(blobs(9)[0..0], 3)", "pairs(blobs(9), 3)"),
                Case(
                    "pairs.different", "pairs(blobs(9, classes = 1), 3).next()",
                    "pairs(blobs(9, classes = 2), 3).next()"),
                Case(
                    "pairs.classes", "pair_accuracy(dense(1), blobs(9, classes = 1))",
                    "pair_accuracy(dense(1), blobs(9, classes = 2))"),
                Case("pairs.flags", "auc([1, 0, 1], [0.1, 0.2, 0.3])", "auc([0.1, 0.2, 0.3], [1, 0, 1])"),
                Case("pairs.lengths", "pair_accuracy([1, 2, 3], [1, 0])", "pair_accuracy([1, 2, 3], [1, 0, 0])"),
                Case("pairs.many", told: "at most ten million pairs are drawn"),
                Case(
                    "triplets.classes", "triplets(blobs(9, classes = 1), 3).next()",
                    "triplets(blobs(9, classes = 2), 3).next()"),
                Case(
                    "triplets.positive", "triplets(blobs(3, classes = 3), 3).next()",
                    "triplets(blobs(9, classes = 3), 3).next()"),
                Case(
                    "balanced.classes", "balanced(blobs(9, classes = 2), 5, 2)", "balanced(blobs(9, classes = 2), 2, 2)"
                ), Case("balanced.size", told: "balanced expects at least 1 class and 1 row each"),
                Case("batches.kind", "batches(\"a\", 3)", "batches(blobs(9), 3)"),
                Case("batches.none", told: "batches expects a data set or tensors"),
                Case(
                    "batches.rows", "batches(ones(3, 2), ones(4, 2), batch = 2)",
                    "batches(ones(3, 2), ones(3, 1), batch = 2)"),
                Case("batches.empty", "batches(blobs(9)[0..0], 3)", "batches(blobs(9), 3)"),
                Case("source.batch", told: "a batch holds at least 1 row"),
            ])
        + family(
            """
            augment changes the examples of a batch before the step: a function of the examples that keeps their number, or an
            augmentation such as shift(2) or flip().
            """,
            [
                Case(
                    "augment.kind", "batches(blobs(9), 3, augment = x -> \"a\").next()",
                    "batches(blobs(9), 3, augment = x -> x + 1).next()"),
                Case(
                    "augment.rows", "batches(blobs(9), 3, augment = x -> x[0..1]).next()",
                    "batches(blobs(9), 3, augment = x -> x + 1).next()"),
                Case(
                    "augment.images", "batches(blobs(9), 3, augment = shift(1)).next()",
                    "batches(digits(), 3, augment = shift(1)).next()"),
                Case(
                    "augment.range", "pairs(digits(), 3, augment = elastic(2e6)).next()",
                    "pairs(digits(), 3, augment = elastic(2)).next()"),
            ])
        + family(
            """
            explain needs a fully connected layer, step and trace need a net that is applied to an input, diagnose needs a run
            whose program is known.
            """,
            [
                Case("explain.kind", "explain(relu, ones(1, 2))", "explain(dense(2), ones(1, 2))"),
                Case(
                    "explain.range", "explain(dense(2), ones(1, 2), unit = 9)",
                    "explain(dense(2), ones(1, 2), unit = 1)"),
                Case("step.none", "step 3", "net = dense(2) >> relu\nstep net(ones(1, 2))"),
                Case(
                    "diagnose.program",
                    told:
                        "diagnose replays the program that made the run; a run from another file is to be loaded with it"
                ),
            ])
}
