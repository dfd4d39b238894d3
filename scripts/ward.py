#!/usr/bin/env python3
"""Makes the ward: programs with a seeded fault (and healthy ones), the truth in their first line.

ward.py FOLDER writes NAME.siam files that begin with `# ward: FAULT` or `# ward: healthy`."""
import os
import sys

BASE = """# ward: {truth}
seed {seed}
seen, unseen = split({data}, 0.7)
{extra}layer tower(dim) = {front}flatten >> dense({hidden}{init}) >> {act}dense(dim{init}){end}

{nets}
run = train {trained} on pairs(seen, {batch}{pairs}) as a, b, same for {steps} steps using {optimizer} {{
  minimize {minimize}
}}
"""

HEALTHY = [
    dict(seed=1, hidden=64, act="relu >> ", dim=16, optimizer="adam(0.001)", steps=300, batch=32),
    dict(seed=2, hidden=48, act="relu >> ", dim=8, optimizer="sgd(0.1, momentum = 0.9)", steps=300, batch=32),
    dict(seed=3, hidden=96, act="tanh >> ", dim=32, optimizer="adam(0.002)", steps=200, batch=48),
]
LOSS = "contrastive({l}(a), {r}(b), {same}{margin})"


def program(truth, base, **change):
    p = dict(base)
    p.update(change)
    two = p.get("two", False)
    fill = dict(
        truth=truth, seed=p["seed"], data=p.get("data", "digits()"), extra=p.get("extra", ""), front=p.get("front", ""),
        hidden=p["hidden"], init=p.get("init", ""), act=p["act"], end=p.get("end", ""), steps=p["steps"],
        batch=p["batch"], pairs=p.get("pairs", ""), optimizer=p["optimizer"],
        nets="left, right = [tower(%d), tower(%d)]" % (p["dim"], p["dim"]) if two else "net = tower(%d)" % p["dim"],
        trained="left, right" if two else "net",
        minimize=p.get("minimize") or LOSS.format(
            l="left" if two else "net", r="right" if two else "net", same=p.get("same", "same"), margin=p.get("margin", "")))
    return BASE.format(**fill)


FAULTS = {
    "unshared towers": dict(two=True),
    "swapped labels": dict(same="1 - same"),
    "wrong sign": dict(minimize="-contrastive(net(a), net(b), same)"),
    "no hinge": dict(extra="loss open(a, b, same) {\n  d = euclidean(a, b)\n  mean(same * d^2 - (1 - same) * d^2)\n}\n",
                     minimize="open(net(a), net(b), same)"),
    "activation after the embedding": dict(end=" >> softmax"),
    "dropout on the embedding": dict(end=" >> dropout(0.5)"),
    "symmetric initialisation": dict(init=", init = zeros"),
    "initialisation too large": dict(init=", init = normal(2)"),
    "embedding too narrow": dict(dim=1),
    "margin too small": dict(margin=", margin = 0.01"),
    "margin out of reach": dict(margin=", margin = 100"),
    "learning rate too high": dict(optimizer="adam(1)"),
    "learning rate too low": dict(optimizer="adam(0.0000003)"),
    "pair imbalance": dict(pairs=", same = 0.98"),
    "weight decay too strong": dict(optimizer="adam(0.001, decay = 0.3)"),
    "unscaled inputs": dict(front="(x -> x * 255) >> "),
}


def main(folder):
    os.makedirs(folder, exist_ok=True)
    for k, base in enumerate(HEALTHY, 1):
        variants = [("healthy", "plain", {}), ("healthy", "final-relu", dict(end=" >> relu")),
                    ("healthy", "few-same", dict(pairs=", same = 0.2")), ("healthy", "unit-length", dict(end=" >> l2norm"))]
        variants += [(name, name.replace(" ", "-"), change) for name, change in FAULTS.items()]
        for truth, slug, change in variants:
            with open(os.path.join(folder, "%s-%d.siam" % (slug, k)), "w") as f:
                f.write(program(truth, base, **change))


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "Tests/Programs/sick")
