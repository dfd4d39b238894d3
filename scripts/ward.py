#!/usr/bin/env python3
"""Makes programs with a seeded fault, and healthy ones, with the true fault in their first line.

ward.py FOLDER writes NAME.siam files that begin with `# ward: FAULT` or `# ward: healthy`, and `, half 1` or `, half 2`:
thresholds of the doctor's rules are chosen on the first half and reported on the second. A fault is one change of a
healthy program; programs differ in loss, optimizer, tower, data and style.

ward.py FOLDER --fresh N varies the healthy programs first: other seeds, draws, widths, activations, rates and lengths. The
doctor was not tuned on such programs.

ward.py FOLDER --twins writes the healthy program of each faulty one into FOLDER/mended, as scripts/repairs reads them."""
import argparse
import copy
import os
import random

OWN_DISTANCE = "fn apart(a, b) = sqrt(sum((a - b)^2, axis = -1) + 1e-12)\n"
OWN_LOSS = OWN_DISTANCE + """
loss pull_and_push(a, b, same, margin = 1) {
  d = apart(a, b)
  mean(same * d^2 + (1 - same) * relu(margin - d)^2)
}
"""


CLOUD = """fn cloud(n) {
  d = blobs(n, classes = 8, dim = 6)
  dataset(concatenate(d.x / 4, randn(n, 10), axis = 1), d.y)
}
"""


class Program:
    """The parts of a program; a fault changes some of them."""

    def __init__(self, key, half, **parts):
        self.key, self.half = key, half
        self.seed, self.data, self.share = 1, "digits()", 0.7
        self.split = "seen, unseen = split({data}, {share})"
        self.own = ""            # definitions before the data
        self.after = ""          # lines behind the split
        self.front = []          # stages before the first dense
        self.hidden, self.act, self.dim, self.init = [64], "relu", 16, ""
        self.behind_hidden = ""  # a stage behind each activation
        self.end = ""
        self.style = "layer"     # layer, inline, names, function
        self.source, self.batch, self.names = "pairs({seen}, {batch}{source_more})", 32, "a, b, same"
        self.source_more = ""
        self.steps, self.optimizer, self.rate, self.optimizer_more = 300, "adam", "0.001", ""
        self.before = ""         # a line of the body before the loss
        self.loss = "contrastive({l}(a), {r}(b), {same}{margin})"
        self.same, self.margin = "same", ""
        self.two = False
        self.report = ""
        self.ready = ""          # lines between the net and the run
        self.kind = "pair"
        for name, value in parts.items():
            assert hasattr(self, name), name
            setattr(self, name, value)

    def stages(self, dim):
        # Images are made flat; what is flat already is left so.
        parts = list(self.front) + ["flatten"]
        for width in self.hidden:
            parts += [f"dense({width}{self.init})", self.act]
            if self.behind_hidden:
                parts.append(self.behind_hidden)
        return parts + [f"dense({dim}{self.init})"] + ([self.end] if self.end else [])

    def text(self, truth):
        lines = [f"# ward: {truth}, half {self.half}", f"seed {self.seed}"]
        if self.own:
            lines.append(self.own.rstrip("\n"))
        data = self.data
        lines.append(self.split.format(data=data, share=self.share))
        if self.after:
            lines.append(self.after)
        width, rate = str(self.dim), self.rate
        if self.style == "names":
            lines += [f"width = {self.dim}", f"rate = {self.rate}"]
            width, rate = "width", "rate"
        nets = ["left", "right"] if self.two else ["net"]
        if self.style == "layer":
            lines.append("layer tower(dim) = " + " >> ".join(self.stages("dim")))
            made = [f"tower({width})"] * len(nets)
        else:
            made = [" >> ".join(self.stages(width))] * len(nets)
        for name, value in zip(nets, made):
            lines.append(f"{name} = {value}")
        if self.ready:
            lines.append(self.ready)
        seen = "data" if self.style == "function" else "seen"
        source = self.source.format(seen=seen, batch=self.batch, source_more=self.source_more)
        loss = self.loss.format(l=nets[0], r=nets[-1], same=self.same, margin=self.margin)
        train = [f"train {self.trained or ', '.join(nets)} on {source} as {self.names} for {self.steps} steps using "
                 f"{self.optimizer}({rate}{self.optimizer_more}) {{"]
        if self.before:
            train += ["  " + line for line in self.before.split("\n")]
        train.append(f"  minimize {loss}")
        if self.report:
            train += ["  every 100 steps {", f"    report {self.report}", "  }"]
        train.append("}")
        if self.style == "function":
            lines.append("fn fit(net, data) {")
            train[0] = "run = " + train[0]
            lines += ["  " + line for line in train] + ["  run", "}", "run = fit(net, seen)"]
        else:
            train[0] = "run = " + train[0]
            lines += train
        return "\n".join(lines) + "\n"

    trained = ""


def base(key, half, **parts):
    return Program(key, half, **parts)


BASES = [
    base("digits-adam", 1, seed=1),
    base("digits-momentum", 2, seed=2, hidden=[48], dim=8, optimizer="sgd", rate="0.1", optimizer_more=", momentum = 0.9"),
    base("digits-tanh", 1, seed=3, hidden=[96], act="tanh", dim=32, rate="0.002", steps=200, batch=48),
    base("own-loss", 2, seed=4, own=OWN_LOSS, style="names", hidden=[80], dim=24, rate="0.002",
         loss="pull_and_push({l}(a), {r}(b), {same}{margin})"),
    base("two-layers", 1, seed=5, hidden=[96, 48], act="gelu", dim=12, style="inline", batch=64, steps=250,
         report="accuracy = pair_accuracy(net, unseen)"),
    base("blobs", 2, seed=6, own=CLOUD, data="cloud(900)", hidden=[32], dim=8, steps=400, style="function"),
    base("rings", 1, seed=17, data="rings(900, classes = 4, noise = 0.05)", hidden=[32, 32], act="tanh", dim=6, steps=500, rate="0.003"),
    base("conv", 1, seed=7, front=["conv(12, 3)", "relu", "maxpool(2)"], hidden=[48], dim=16, steps=200),
    base("normed", 2, seed=8, front=["flatten", "dense(64)", "batchnorm", "relu"], hidden=[32], dim=16, batch=48, steps=250),
    base("leaky-rms", 1, seed=9, hidden=[64], act="leaky_relu", dim=10, optimizer="rmsprop", rate="0.001", style="function",
         steps=250),
    base("adamw", 2, seed=10, hidden=[56], act="elu", dim=20, optimizer="adamw", rate="0.001", style="inline"),
    base("triplet", 1, seed=11, kind="triplet", hidden=[96], dim=32, end="l2norm", source="triplets({seen}, {batch})",
         names="a, p, n", batch=48, loss="triplet({l}(a), {l}(p), {l}(n){margin})", style="inline"),
    base("soft-triplet", 2, seed=12, kind="triplet", hidden=[64], dim=16, source="triplets({seen}, {batch})", names="a, p, n",
         loss="soft_margin_triplet({l}(a), {l}(p), {l}(n))"),
    base("batch-hard", 1, seed=13, kind="batch", hidden=[80], dim=16, end="l2norm", source="balanced({seen}, 8, 4)",
         names="x, y", loss="batch_hard({l}(x), y{margin})"),
    base("supcon", 2, seed=14, kind="batch", hidden=[64], dim=24, source="balanced({seen}, classes = 10, each = 4)",
         names="x, y", loss="supcon({l}(x), y)", style="names"),
    base("multi-similarity", 1, seed=15, kind="batch", hidden=[64], dim=16, source="balanced({seen}, 10, 4)", names="x, y",
         loss="multi_similarity({l}(x), y)", style="function", optimizer="sgd", rate="0.05", optimizer_more=", momentum = 0.9"),
    base("glyphs", 2, seed=16, data="glyphs(classes = 30, each = 20, size = 14)", hidden=[96], dim=24,
         end="l2norm", kind="batch", source="balanced({seen}, 12, 4)", names="x, y", loss="nt_xent({l}(x), y, temperature = 0.2)",
         steps=400),
]
BY = {b.key: b for b in BASES}
PAIRS = [b.key for b in BASES if b.kind == "pair"]
ALL = [b.key for b in BASES]


def d(**parts):
    return parts


def unhinged(kind):
    body = {"square": "mean(same * d^2 - (1 - same) * d^2)", "plain": "mean(same * d - (1 - same) * d)",
            "half": "mean(0.5 * same * d^2 - 0.5 * (1 - same) * d^2)"}[kind]
    return d(own=OWN_DISTANCE + "loss open(a, b, same) {\n  d = apart(a, b)\n  " + body + "\n}\n",
             loss="open({l}(a), {r}(b), {same})")


def squared_margin(m):
    return d(own="loss mixed(a, b, same, margin = %s) {\n  q = sum((a - b)^2, axis = -1)\n"
             "  mean(same * q + (1 - same) * relu(margin - q))\n}\n" % m, loss="mixed({l}(a), {r}(b), {same})")


RAW_ROOT = """fn apart(a, b) = sqrt(sum((a - b)^2, axis = -1))

loss pull_and_push(a, b, same, margin = 1) {
  d = apart(a, b)
  mean(same * d^2 + (1 - same) * relu(margin - d)^2)
}
"""
TWICE = "seen = dataset(concatenate(seen.x, seen.x), concatenate(seen.y, seen.y))"
NOISE = "wrong = rand(len(seen)) < %s\nseen = dataset(seen.x, where(wrong, floor(rand(len(seen)) * %d), seen.y))"
BRIGHTNESS = "\n".join(f"{n} = dataset({n}.x * exp(randn(len({n}), 1, 1, 1)), {n}.y)" for n in ("seen", "unseen"))
SHUFFLED = "seen = dataset(seen.x, floor(rand(len(seen)) * 10))\nunseen = dataset(unseen.x, floor(rand(len(unseen)) * 10))"

# Fault -> (name of a base, what changes). At least three programs each, of both halves.
FAULTS = {
    "unshared towers": [(k, d(two=True)) for k in ("digits-adam", "own-loss", "conv", "adamw", "digits-tanh")],
    "swapped labels": [("digits-adam", d(same="1 - same")), ("own-loss", d(same="1 - same")), ("blobs", d(same="1 - same")),
                       ("two-layers", d(same="same == 0")),
                       ("adamw", d(own=OWN_LOSS.replace("same * d^2 + (1 - same) * relu", "(1 - same) * d^2 + same * relu"),
                                   loss="pull_and_push({l}(a), {r}(b), {same}{margin})"))],
    "wrong sign": [("digits-adam", d(loss="-contrastive({l}(a), {r}(b), {same})")),
                   ("supcon", d(loss="-supcon({l}(x), y)")), ("soft-triplet", d(loss="-soft_margin_triplet({l}(a), {l}(p), {l}(n))")),
                   ("own-loss", d(own=OWN_LOSS.replace("mean(same", "-mean(same"))),
                   ("triplet", d(loss="0 - triplet({l}(a), {l}(p), {l}(n))"))],
    "no hinge": [("digits-adam", unhinged("square")), ("digits-momentum", unhinged("plain")), ("two-layers", unhinged("half")),
                 ("rings", unhinged("square"))],
    "parameters not trained": [
        ("digits-adam", d(ready="net(seen.x[0..2]);\nfreeze(net.dense1)", hidden=[16], dim=16)),
        ("own-loss", d(ready="body = copy(net)\nhead = dense(8)", loss="pull_and_push(head(body(a)), head(body(b)), same)", trained="head")),
        ("two-layers", d(ready="net(seen.x[0..2]);\nfreeze(net[0..5])", report="")),
        ("blobs", d(style="layer", ready="net(seen.x[0..2]);\nfreeze(net[0..3])")),
    ],
    "activation after the embedding": [("digits-adam", d(end="softmax")), ("own-loss", d(end="softmax")), ("adamw", d(end="softmax")),
                                       ("two-layers", d(end="softmax"))],
    "nan at zero distance": [("digits-adam", d(own=RAW_ROOT, loss="pull_and_push({l}(a), {r}(b), {same})", after=TWICE)),
                             ("own-loss", d(own=RAW_ROOT, after=TWICE)),
                             ("two-layers", d(own=RAW_ROOT, loss="pull_and_push({l}(a), {r}(b), {same})", after=TWICE, report=""))],
    "symmetric initialisation": [("digits-adam", d(init=", init = zeros")), ("adamw", d(init=", init = constant(0.1)")),
                                 ("triplet", d(init=", init = constant(0.05)")), ("supcon", d(init=", init = zeros")),
                                 ("digits-momentum", d(init=", init = zeros"))],
    "initialisation too small": [("digits-momentum", d(init=", init = normal(0.001)", optimizer_more="")),
                                 ("multi-similarity", d(init=", init = normal(0.0005)", optimizer_more="")),
                                 ("two-layers", d(init=", init = normal(0.003)", optimizer="sgd", rate="0.1")),
                                 ("blobs", d(init=", init = normal(0.002)", optimizer="sgd", rate="0.05", style="layer"))],
    "initialisation too large": [("digits-adam", d(init=", init = normal(2)")), ("own-loss", d(init=", init = normal(1)")),
                                 ("digits-tanh", d(init=", init = normal(3)")), ("two-layers", d(init=", init = normal(1)")),
                                 ("adamw", d(init=", init = uniform(-2, 2)"))],
    "embedding too narrow": [("digits-adam", d(dim=1)), ("own-loss", d(dim=1)), ("triplet", d(dim=1, end="")), ("supcon", d(dim=2)),
                             ("two-layers", d(dim=1))],
    "embedding too wide for its margin": [("digits-adam", d(dim=256, init=", init = he")), ("adamw", d(dim=400, init=", init = he")),
                                          ("leaky-rms", d(dim=300, init=", init = he"))],
    "margin too small": [("digits-adam", d(margin=", margin = 0.01")), ("own-loss", d(margin=", margin = 0.02")),
                         ("adamw", d(margin=", margin = 0.01")), ("conv", d(margin=", margin = 0.02"))],
    "margin out of reach": [("digits-adam", d(margin=", margin = 100")), ("own-loss", d(margin=", margin = 60")),
                            ("two-layers", d(margin=", margin = 100")), ("adamw", d(margin=", margin = 80"))],
    "learning rate too high": [("digits-adam", d(rate="1")), ("digits-momentum", d(rate="20")), ("triplet", d(rate="30", optimizer="sgd", end="")),
                               ("own-loss", d(rate="0.5")), ("conv", d(rate="0.3")), ("leaky-rms", d(rate="0.3")),
                               ("soft-triplet", d(optimizer="sgd", rate="50"))],
    "learning rate too low": [("digits-adam", d(rate="3e-7")), ("digits-momentum", d(rate="1e-6")), ("triplet", d(rate="1e-7")),
                              ("supcon", d(rate="1e-6")), ("own-loss", d(rate="1e-6")), ("glyphs", d(rate="1e-7"))],
    "weight decay too strong": [("digits-adam", d(optimizer_more=", decay = 0.3")), ("own-loss", d(optimizer_more=", decay = 0.1")),
                                ("digits-momentum", d(optimizer_more=", momentum = 0.9, decay = 0.1")),
                                ("adamw", d(optimizer_more=", decay = 30")), ("two-layers", d(optimizer_more=", decay = 0.2"))],
    "overfit": [("digits-adam", d(share=0.04, hidden=[256, 256], dim=32, steps=400)),
                ("own-loss", d(share=0.04, hidden=[256], steps=500)),
                ("adamw", d(share=0.05, hidden=[256, 128], steps=400))],
    "dropout too strong": [("digits-adam", d(behind_hidden="dropout(0.9)")), ("own-loss", d(behind_hidden="dropout(0.9)")),
                           ("triplet", d(behind_hidden="dropout(0.95)")), ("supcon", d(behind_hidden="dropout(0.95)"))],
    "dropout on the embedding": [("digits-adam", d(end="dropout(0.5)")), ("own-loss", d(end="dropout(0.5)")),
                                 ("conv", d(end="dropout(0.5)")), ("blobs", d(end="dropout(0.5)"))],
    "only easy negatives": [
        (k, d(before="z = {0}(x)\ni, j, k = easy_triplets(detach(pairwise_euclidean(z, z)), y, {1})".format("net", m),
              loss="triplet(gather(z, i, axis = 0), gather(z, j, axis = 0), gather(z, k, axis = 0), margin = %s, distance = euclidean)" % m))
        for k, m in (("batch-hard", "0.2"), ("supcon", "0.3"), ("glyphs", "0.2"))],
    "hard-mining collapse": [
        ("batch-hard", d(after=NOISE % ("0.1", 10), end="", source="balanced({seen}, 10, 16)", rate="0.003")),
        ("supcon", d(after=NOISE % ("0.1", 10), loss="batch_hard({l}(x), y, soft = true)", source="balanced({seen}, 10, 16)", rate="0.01")),
        ("glyphs", d(data="digits()", after=NOISE % ("0.1", 10), loss="batch_hard({l}(x), y, margin = 0.2)", source="balanced({seen}, 10, 16)", steps=300)),
        ("multi-similarity", d(after=NOISE % ("0.1", 10), loss="batch_hard({l}(x), y, margin = 0.2)", source="balanced({seen}, 10, 10)", optimizer="adam", rate="0.01", optimizer_more=""))],
    "pair imbalance": [("digits-adam", d(source_more=", same = 0.98")), ("own-loss", d(source_more=", same = 0.98")),
                       ("blobs", d(source_more=", same = 0.99")), ("conv", d(source_more=", same = 1"))],
    "self pairs": [
        ("digits-adam", d(before="b = where(reshape(same, [32, 1, 1, 1]) == 1, a, b)")),
        ("own-loss", d(before="b = where(reshape(same, [-1, 1, 1, 1]) == 1, a, b)")),
        ("conv", d(before="b = same.reshape([32, 1, 1, 1]) * a + (1 - same.reshape([32, 1, 1, 1])) * b"))],
    "label noise": [("digits-adam", d(after=NOISE % ("0.4", 10))), ("own-loss", d(after=NOISE % ("0.4", 10))),
                    ("supcon", d(after=NOISE % ("0.4", 10))), ("adamw", d(after=NOISE % ("0.35", 10)))],
    "nothing to learn": [("digits-adam", d(after=SHUFFLED)), ("own-loss", d(data="dataset(rand(900, 8, 8, 1), floor(rand(900) * 6))")),
                         ("supcon", d(after=SHUFFLED))],
    "train/test leak": [("digits-adam", d(split="all = {data}\nseen = all.sample(1000)\nunseen = all.sample(400)")),
                        ("own-loss", d(split="all = {data}\nseen = all[0..1200]\nunseen = all[900..1500]")),
                        ("supcon", d(split="everything = {data}\nseen, _ = split(everything, 0.7)\nunseen = everything", report="recall = map_at_r(net, unseen)"))],
    "loss falls, retrieval does not": [
        ("digits-adam", d(split="seen, unseen = split_classes({data}, 0.7)", steps=1500)),
        ("own-loss", d(split="seen, unseen = split_classes({data}, 0.7)", steps=1500)),
        ("two-layers", d(split="seen, unseen = split_classes({data}, 0.5)", steps=1500, report=""))],
    "unscaled inputs": [("digits-adam", d(front=["(x -> x * 255)"])), ("digits-momentum", d(front=["(x -> x * 16)"])),
                        ("own-loss", d(after="seen = dataset(seen.x * 255, seen.y)\nunseen = dataset(unseen.x * 255, unseen.y)")),
                        ("adamw", d(after="seen = dataset(seen.x * 100, seen.y)\nunseen = dataset(unseen.x * 100, unseen.y)")),
                        ("two-layers", d(after="seen = dataset(seen.x + 20, seen.y)\nunseen = dataset(unseen.x + 20, unseen.y)"))],
    "batch norm on tiny batches": [("normed", d(batch=3)), ("normed", d(batch=4, seed=31)),
                                   ("digits-adam", d(front=["flatten", "dense(64)", "batchnorm", "relu"], batch=3)),
                                   ("own-loss", d(front=["flatten", "dense(64)", "batchnorm", "relu"], batch=2))],
    "batch norm mode mismatch": [("normed", d(front=["flatten", "dense(64)", "batchnorm(momentum = 0.9999)", "relu"])),
                                 ("digits-adam", d(front=["flatten", "dense(64)", "batchnorm(0.9995)", "relu"])),
                                 ("own-loss", d(front=["flatten", "dense(64)", "batchnorm(momentum = 0.9999)", "relu"]))],
    "batch statistics leak": [
        ("normed", d(loss="contrastive({l}(a), {r}(1 - b), same)")),
        ("normed", d(loss="contrastive({l}(a), {r}(3 * b + 1), same)", seed=33, rate="0.002")),
        ("digits-adam", d(front=["flatten", "dense(64)", "batchnorm", "relu"], loss="contrastive({l}(a), {r}(2 - 2 * b), same)", batch=64))],
    "metric mismatch": [
        ("digits-adam", d(loss="cosine_contrastive({l}(a), {r}(b), same)", after=BRIGHTNESS, report="accuracy = pair_accuracy(net, unseen)")),
        ("supcon", d(after=BRIGHTNESS, report="recall = map_at_r(net, unseen)")),
        ("two-layers", d(loss="cosine_contrastive({l}(a), {r}(b), same, margin = 0.3)", after=BRIGHTNESS))],
    "squared distance against the margin": [("digits-adam", squared_margin("4")), ("own-loss", squared_margin("16")),
                                            ("adamw", squared_margin("0.25")), ("two-layers", squared_margin("9"))],
}

# Harmless changes: what textbooks call faults and is none in these programs.
HARMLESS = {
    "plain": (ALL, d()),
    "final-relu": (["digits-adam", "own-loss", "leaky-rms", "adamw"], d(end="relu")),
    "small-start-with-adam": (["digits-adam", "own-loss", "leaky-rms"], d(init=", init = normal(0.02)")),
    "few-same": (["digits-adam", "own-loss", "conv", "blobs"], d(source_more=", same = 0.1")),
    "unit-length": (["digits-adam", "own-loss", "conv"], d(end="l2norm")),
    "a-little-dropout": (["digits-adam", "own-loss", "supcon"], d(behind_hidden="dropout(0.2)")),
    "tenfold-rate": (["digits-adam", "adamw"], d(rate="0.01")),
    "a-tenth-of-the-rate": (["digits-momentum"], d(rate="0.03")),
    "larger-margin": (["digits-adam", "own-loss"], d(margin=", margin = 3")),
    "a-little-decay": (["digits-adam", "adamw"], d(optimizer_more=", decay = 0.0001")),
    "more-steps": (["digits-adam", "triplet"], d(steps=900)),
    "tanh-at-the-end": (["digits-adam"], d(end="tanh")),
    "five-percent-noise": (["digits-adam", "supcon"], d(after=NOISE % ("0.03", 10))),
    "small-batches": (["digits-adam"], d(batch=8)),
    "all-triplets": (["batch-hard"], d(loss="batch_all({l}(x), y)", end="", steps=600)),
}


def vary(program, n):
    """Another program of the same kind: nothing that a fault sets itself is lost, since faults come after."""
    draw = random.Random(f"{n} {program.key}")
    program.seed += 100 * n
    program.hidden = [round(w * draw.choice([0.75, 1.25, 1.5])) for w in program.hidden]
    program.dim = round(program.dim * draw.choice([0.75, 1.25, 1.5]))
    program.steps = round(program.steps * draw.choice([0.8, 1.2, 1.4]))
    program.rate = "%.3g" % (float(program.rate) * draw.choice([0.7, 1.3, 1.5]))
    program.share = draw.choice([0.6, 0.75, 0.8])
    if program.act in ("relu", "gelu", "leaky_relu", "elu"):
        program.act = draw.choice(["relu", "gelu", "leaky_relu", "elu"])
    if program.data == "digits()":
        program.data = f"digits().sample({draw.choice([1200, 1400, 1600])})"


def write(folder, name, truth, program, prints=False):
    with open(os.path.join(folder, name + ".siam"), "w") as f:
        f.write(program.text(truth))
        if prints:
            f.write(f'print "MAP@R {{map_at_r({"left" if program.two else "net"}, unseen):.4}}"\n')


def main(folder, fresh, twins):
    if fresh:
        for program in BASES:
            vary(program, fresh)
    mended = os.path.join(folder, "mended")
    os.makedirs(mended if twins else folder, exist_ok=True)
    for truth, cases in FAULTS.items():
        for n, (key, change) in enumerate(cases, 1):
            p = copy.copy(BY[key])
            p.half = 1 + n % 2
            for part, value in change.items():
                assert hasattr(p, part), part
                setattr(p, part, value)
            slug = truth.replace(" ", "-").replace(",", "").replace("/", "-")
            write(folder, f"{slug}-{n}-{key}", truth, p, prints=twins)
            if twins:
                write(mended, f"{slug}-{n}-{key}", "healthy", BY[key], prints=True)
    if twins:
        return
    count = 0
    for word, (keys, change) in HARMLESS.items():
        for key in keys:
            p = copy.copy(BY[key])
            count += 1
            p.half = 1 + count % 2
            for part, value in change.items():
                setattr(p, part, value)
            write(folder, f"healthy-{word}-{key}", "healthy", p)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--fresh", type=int, default=0, metavar="N", help="vary the healthy programs by this number")
    parser.add_argument("--twins", action="store_true", help="the healthy program of each faulty one beside it")
    options = parser.parse_args()
    main(options.folder, options.fresh, options.twins)
