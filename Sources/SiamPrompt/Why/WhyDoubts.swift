/// What is allowed and hardly ever meant.
extension Why {
    private static let train = "net = dense(3)\ntrain net on batches(blobs(30), 8) as x, y for 2 steps using sgd(0.1) "
    private static let paired =
        "net = dense(2)\ntrain net on pairs(blobs(30), 8) as a, b, same for 2 steps using sgd(0.1) "

    static let doubts: [Why] =
        family(
            """
            A run learns from its loss and its batches. The labels have to enter the loss, there have to be positive and negative
            pairs, each row needs its own class, and a net is constructed once, before the run.
            """,
            [
                Case(
                    "train.unlabelled", paired + "{ minimize mean(euclidean(net(a), net(b))) }",
                    paired + "{ minimize contrastive(net(a), net(b), same) }"),
                Case(
                    "loss.one_kind", paired + "{ minimize mean(same * euclidean(net(a), net(b))) }",
                    paired + "{ minimize contrastive(net(a), net(b), same) }"),
                Case(
                    "loss.unbounded",
                    paired
                        + "{ d = squared(net(a), net(b))\nminimize mean(same * d - (1 - same) * d) }",
                    paired + "{ minimize contrastive(net(a), net(b), same) }"),
                Case(
                    "batch.unread",
                    "d = blobs(30)\nnet = dense(3)\ntrain net on batches(d, 8) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(d.x), d.y) }",
                    "d = blobs(30)\nnet = dense(3)\ntrain net on batches(d, 8) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }"
                ),
                Case(
                    "pairs.one_kind",
                    "net = dense(2)\ntrain net on pairs(blobs(30), 8, same = 1) as a, b, same for 2 steps using sgd(0.1) { minimize contrastive(net(a), net(b), same) }",
                    paired + "{ minimize contrastive(net(a), net(b), same) }"),
                Case(
                    "loss.picked", train + "{ minimize -mean(log_softmax(net(x))[.., y]) }",
                    train + "{ minimize cross_entropy(net(x), y) }"),
                Case(
                    "train.inside", train + "{ m = dense(3)\nminimize cross_entropy(m(net(x)), y) }",
                    "m = dense(3)\nnet = dense(3)\ntrain net, m on batches(blobs(30), 8) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(m(net(x)), y) }"
                ),
                Case(
                    "train.twice", train + "{ l = cross_entropy(net(x), y)\nminimize l\nminimize l }",
                    train + "{ minimize cross_entropy(net(x), y) }"),
                Case(
                    "loss.axis",
                    "loss my(a, b, same) {\n  d = norm(a - b)\n  mean(same * d)\n}\nl = my(ones(2, 3), zeros(2, 3), [1, 0])",
                    "loss my(a, b, same) {\n  d = norm(a - b, axis = -1)\n  mean(same * d)\n}\nl = my(ones(2, 3), zeros(2, 3), [1, 0])"
                ),
                Case(
                    "train.setting", train + "{ minimize cross_entropy(net(x), y)\nlr = 0.01 }",
                    train + "{ minimize cross_entropy(net(x), y)\nrun.optimizer.lr = 0.01 }"),
                Case(
                    "train.slopeless",
                    told: "minimize accuracy(net(x), y): a measure has no gradient; minimize cross_entropy(net(x), y)"),
                Case(
                    "train.no_epoch",
                    told: "a block of every epoch runs at the end of each epoch, and this run was shorter"),
                Case(
                    "data.shuffled",
                    "x = rand(6, 2)\ny = [0, 1, 0, 1, 0, 1]\nx = x[permutation(6)]\nd = dataset(x, y)",
                    "x = rand(6, 2)\ny = [0, 1, 0, 1, 0, 1]\np = permutation(6)\nx = x[p]\ny = y[p]\nd = dataset(x, y)"),
                Case("squared.shape", told: "rows are compared one by one, so both sides must have the same shape"),
                Case(
                    "loss.turned", told: "bce expects the probabilities first, and then the targets, 0 or 1"),
                Case(
                    "loss.nothing",
                    told:
                        "a loss over classes compares examples of one class with those of others: a batch needs both"
                ),
            ])
        + family(
            """
            A function may have another meaning elsewhere. The second argument of max is an axis, that of std a correction,
            methods give a new value, dot works row by row, distances are small for a pair of one class, and class numbers are
            names, not quantities.
            """,
            [
                Case("max.axis", "d = [0.5, 2]\nl = mean(max(1 - d, 0))", "d = [0.5, 2]\nl = mean(relu(1 - d))"),
                Case("result.shown", "xs = [3, 1]\nxs.sort()\ny = xs[0]", "xs = [3, 1]\nxs = xs.sort()\ny = xs[0]"),
                Case(
                    "dot.rows", "p = dot([[1, 2], [3, 4]], [[5, 6], [7, 8]])",
                    "p = [[1, 2], [3, 4]] @ [[5, 6], [7, 8]]"),
                Case(
                    "decision.turned",
                    paired
                        + "{ d = euclidean(net(a), net(b))\nminimize contrastive(net(a), net(b), same)\nreport acc = mean((d > 0.5) == same) }",
                    paired
                        + "{ d = euclidean(net(a), net(b))\nminimize contrastive(net(a), net(b), same)\nreport acc = mean((d < 0.5) == same) }"
                ),
                Case(
                    "decision.logits",
                    told: "a net trained with bce_with_logits gives logits: net(x) > 0 is the class with more than half"
                ),
                Case(
                    "compare.class", "d = dataset([[1], [2]], [\"cat\", \"dog\"])\nm = d.y == \"cat\"",
                    "d = dataset([[1], [2]], [\"cat\", \"dog\"])\nm = d.y == find(d.names, \"cat\")"),
                Case(
                    "loss.sizes",
                    "d = digits()\nnet = flatten >> dense(1)\ntrain net on batches(d, 8) as x, y for 2 steps using sgd(0.01) { minimize mse(net(x), y) }",
                    "d = digits()\nnet = flatten >> dense(10)\ntrain net on batches(d, 8) as x, y for 2 steps using sgd(0.01) { minimize cross_entropy(net(x), y) }"
                ),
                Case(
                    "batch.one", "d = digits()\nnet = dense(10)\nnet(d.x[0])",
                    "d = digits()\nnet = flatten >> dense(10)\nnet(d.x[0..1])"),
                Case(
                    "std.correction", "s = std([[1, 2], [3, 5]], 0)", "s = std([[1, 2], [3, 5]], axis = 0)"),
                Case(
                    "stages.arrow", "net = flatten -> dense(10)", "net = flatten >> dense(10)"),
                Case("empty.reduced", told: "a mean of no numbers is nan: look at len(xs) first"),
                Case(
                    "scale.held",
                    "d = blobs(30)\nseen, held = split(d, 0.8)\nnet = standardize(d) >> dense(3)\ntrain net on batches(seen, 8) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }",
                    "d = blobs(30)\nseen, held = split(d, 0.8)\nnet = standardize(seen) >> dense(3)\ntrain net on batches(seen, 8) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }"
                ),
            ])
        + family(
            """
            Numbers in brackets are a tensor: + and * compute with each of its elements, and push makes it longer. A loop gives
            its name one element after the other, and a new value of that name changes no element. A range does not include its
            end.
            """,
            [
                Case(
                    "loop.overwritten", "xs = [1, 2]\nfor x in xs { x = x * 2 }",
                    "xs = [1, 2]\nys = [x * 2 for x in xs]"),
                Case("list.times", "x = [0] * 10", "x = zeros(10)"),
                Case("list.added", "xs = [1, 2]\nxs = xs + [3]", "xs = [1, 2]\nxs = xs.push(3)"),
                Case(
                    "range.short", "xs = [1, 2]\nfor i in 0..len(xs) - 1 { print xs[i] }",
                    "xs = [1, 2]\nfor i in 0..len(xs) { print xs[i] }"),
            ])
        + family(
            """
            In a hand-written loop each step computes the gradient at the current weights, and passes it to one optimizer that is
            constructed before the loop, because the optimizer stores its averages of the gradients.
            """,
            [
                Case(
                    "update.anew",
                    "net = dense(1)\nfor i in 0..3 {\n  g = grad(mean(net(ones(2, 2))^2), net)\n  update(adam(0.1), net, g)\n}",
                    "net = dense(1)\nopt = adam(0.1)\nfor i in 0..3 {\n  g = grad(mean(net(ones(2, 2))^2), net)\n  update(opt, net, g)\n}"
                ),
                Case(
                    "grad.unrelated",
                    told: "a gradient is 0 with respect to a tensor that the value was not computed from"),
                Case(
                    "grad.ascent",
                    told: "a step goes against the slope of the loss: net.dense1.w = net.dense1.w - 0.1 * g.dense1.w"),
                Case(
                    "grad.stale",
                    "net = dense(1)\nopt = adam(0.1)\nl = mean(net(ones(2, 2))^2)\nfor i in 0..3 { update(opt, net, grad(l, net)) }",
                    "net = dense(1)\nopt = adam(0.1)\nfor i in 0..3 {\n  l = mean(net(ones(2, 2))^2)\n  update(opt, net, grad(l, net))\n}"
                ),
            ])
        + family(
            """
            A net must be evaluated on data that it was not trained on, scaled with the statistics of the training data. Each
            measure has its purpose: accuracy is for classes, auc for the distances of pairs. Data that is scaled already needs
            no further division.
            """,
            [
                Case(
                    "data.shared",
                    "d = blobs(90)\ntr = d[0..60]\nte = d[50..90]\nnet = dense(3)\ntrain net on batches(tr, 8) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }\naccuracy(net, te)",
                    "d = blobs(90)\ntr = d[0..60]\nte = d[60..90]\nnet = dense(3)\ntrain net on batches(tr, 8) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }\naccuracy(net, te)"
                ),
                Case(
                    "scale.own",
                    "seen, unseen = split(blobs(30), 0.8)\na = standardize(seen.x)(seen.x)\nb = standardize(unseen.x)(unseen.x)",
                    "seen, unseen = split(blobs(30), 0.8)\na = standardize(seen.x)(seen.x)\nb = standardize(seen.x)(unseen.x)"
                ),
                Case(
                    "data.seen",
                    told: "seen, unseen = split(d, 0.8): train on the one, and judge by the other"),
                Case(
                    "measure.training",
                    "d = blobs(30)\nnet = dropout(0.5) >> dense(3)\nnet(d.x)\naccuracy(training(net)(d.x), d.y)",
                    "d = blobs(30)\nnet = dropout(0.5) >> dense(3)\nnet(d.x)\naccuracy(net(d.x), d.y)"),
                Case(
                    "report.training",
                    told:
                        "the body of train runs in training mode: measure a net with dropout in a block of every"),
                Case(
                    "net.remade",
                    told: "a net that is constructed again begins with new weights: measure the one that was trained"),
                Case("net.untrained", told: "a measure needs the very net that was trained, by its name"),
                Case(
                    "measure.share", "d = blobs(30)\nnet = dense(3)\nnet(d.x)\nok = accuracy(net, d) > 95",
                    "d = blobs(30)\nnet = dense(3)\nnet(d.x)\nok = accuracy(net, d) > 0.95"),
                Case("data.scaled", "d = digits()\nx = d.x / 255", "d = digits()\nx = d.x"),
                Case(
                    "auc.classes",
                    "d = blobs(30)\n" + train + "{ minimize cross_entropy(net(x), y) }\nauc(net, d)",
                    "d = blobs(30)\n" + train + "{ minimize cross_entropy(net(x), y) }\naccuracy(net, d)"),
            ])
        + family(
            """
            A valid line may still do nothing: a range that runs backwards is empty, a slice ends where its axis ends, nothing
            after return runs, nan equals no value, and the table of a sweep has only what its body reports. In a text, values
            stand in braces, and digits in a text are not a number.
            """,
            [
                Case("text.dollar", "x = 1\nprint(\"x is $x\")", "x = 1\nprint(\"x is {x}\")"),
                Case("compare.nan", "x = 1\nprint(x == nan)", "x = 1\nprint(is_nan(x))"),
                Case("block.none", "r = {a = 1}", "r = {a: 1}"),
                Case("freeze.none", "net = freeze(dense(3))", "net = dense(3)\nfreeze(net)"),
                Case(
                    "forward.unused", "layer l(n) {\n  a = dense(n)\n  forward x = a(ones(4, 8))\n}",
                    "layer l(n) {\n  a = dense(n)\n  forward x = a(x)\n}"),
                Case(
                    "flatten.matrix", "x = [[1, 2], [3, 4]]\ny = x.flatten()",
                    "x = [[1, 2], [3, 4]]\ny = reshape(x, -1)"),
                Case(
                    "function.none", "fn f(x) { y = 2 * x }\nz = f(1)\nprint z", "fn f(x) { 2 * x }\nz = f(1)\nprint z"
                ),
                Case(
                    "loop.shown",
                    told: "a loop over widths constructs a net of each width inside it, and trains that one"),
                Case(
                    "scale.output",
                    told: "normalize(d) is a layer made of data; l2norm(z) gives each row of z the length 1"),
                Case(
                    "loop.unchanged",
                    told: "while looks at its condition before each round: something in its body has to change it"),
                Case("range.empty", "for i in 5..0 { print(i) }", "for i in range(5, 0, -1) { print(i) }"),
                Case(
                    "line.unreached", "fn f(x) {\n  return x\n  print(x)\n}\ny = f(1)",
                    "fn f(x) {\n  print(x)\n  return x\n}\ny = f(1)"),
                Case(
                    "sweep.nothing", "t = sweep lr in [0.1, 0.01] { q = lr }",
                    "t = sweep lr in [0.1, 0.01] { report q = lr }"),
                Case(
                    "sweep.unused", "t = sweep rate in [0.1, 0.01] { report q = rand() }",
                    "t = sweep rate in [0.1, 0.01] { report q = rate * rand() }"),
                Case(
                    "index.end",
                    told: "x[2..9] of four elements has two: to go to the end of x, write x[2..]"),
                Case(
                    "compare.texts",
                    told: "texts are compared letter by letter; number(\"9\") converts a text to a number"),
            ])
}
