#!/usr/bin/env python3
"""The Python package from outside: scripts/clients/package.py [SIAM]

Needs numpy; what needs torch, keras or pygments is tried where they are, and said where they are not."""
import importlib.util
import os
import sys
import tempfile
import time

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "..", "..")
os.environ["SIAM"] = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, ".build", "release", "siam"))
# Where the package is installed that one is tried, else the folder.
if importlib.util.find_spec("siam") is None:
    sys.path.insert(0, os.path.join(root, "scripts", "python"))

import numpy as np  # noqa: E402
import siam  # noqa: E402

folder = tempfile.mkdtemp(prefix="siam-python-")
os.chdir(folder)
failed = []


def check(what, holds, seen=None):
    print(("ok: " if holds else "FAILED: ") + what, flush=True)
    if not holds:
        failed.append(what)
        print(str(seen)[:500])


def has(name):
    if importlib.util.find_spec(name) is not None:
        return True
    print(f"{name} is not here")
    return False


rng = np.random.default_rng(0)
y = np.repeat(np.arange(4), 30)
z = rng.normal(size=(120, 6)) + 3 * np.eye(4, 6)[y]
health = siam.inspect(z, y, margin=1.0)
check("inspect", health["auc"] > 0.8 and health.suspicions, health)
check("compare", siam.compare(rng.normal(size=(120, 6)), z, y).before["auc"] < 0.6)
check("run", siam.run("print(6 * 7)") == "42\n")
try:
    siam.run("x = y")
    check("an error", False)
except siam.SiamError as e:
    check("an error", "there is nothing named y" in str(e), e)
with open("sick.siam", "w") as f:
    f.write("""seen, unseen = split(digits(), 0.8)
net = flatten >> dense(64) >> relu >> dense(16)
run = train net on pairs(seen, 32) as a, b, same for 300 steps using adam(0.001) {
  minimize contrastive(net(a), net(b), 1 - same)
}
""")
found = siam.doctor("sick.siam", budget=30)
check("doctor", found["names"] == ["swapped labels"], found)

if has("torch"):
    import torch
    from torch import nn

    torch.set_num_threads(1)

    def conv():
        return nn.Sequential(
            nn.Conv2d(1, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(16, 32, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
            nn.Flatten(), nn.Linear(32 * 49, 128), nn.ReLU(), nn.Linear(128, 32)), (64, 1, 28, 28), 200

    def small():
        return nn.Sequential(nn.Linear(20, 32), nn.ReLU(), nn.Linear(32, 8)), (32, 20), 4000

    def train(make, is_recorded, collapses=False):
        """Milliseconds of the processor that a step takes."""
        torch.manual_seed(0)
        net, shape, steps = make()
        optimizer = torch.optim.Adam(net.parameters(), 1e-3)
        a, b = torch.randn(shape), torch.randn(shape)
        same = (torch.rand(shape[0]) < 0.5).float()
        recorder = siam.record(net, optimizer, "torch.siamrecord") if is_recorded else None
        since = time.process_time()
        for _ in range(steps):
            d = (net(a) - net(b)).pow(2).sum(1)
            loss = d.mean() if collapses else (same * d + (1 - same) * torch.relu(1 - (d + 1e-9).sqrt()).pow(2)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if recorder:
                recorder.loss(loss)
                recorder.same(same)
        seconds = time.process_time() - since
        if recorder:
            recorder.close()
        return 1000 * seconds / steps

    for make in (conv, small):
        plain, recorded = zip(*[(train(make, False), train(make, True)) for _ in range(4)])
        share = min(recorded) / min(plain) - 1
        print(f"   {make.__name__}: {min(plain):.3f} ms a step, {min(recorded):.3f} recorded, {100 * share:+.1f} %")
        check(f"a recorded step of {make.__name__} costs little", share < 0.08, share)
    train(small, True, collapses=True)
    signs = siam.signs("torch.siamrecord")
    check("a collapsed embedding is named", any("collapse" in s for s in signs), signs)

if has("keras"):
    import keras

    x = rng.normal(size=(256, 20)).astype("float32")
    flags = (x[:, :3].sum(1) > 0).astype("int32")
    model = keras.Sequential([
        keras.Input((20,)), keras.layers.Dense(32, activation="relu"), keras.layers.Dropout(0.2), keras.layers.BatchNormalization(),
        keras.layers.Dense(1, activation="sigmoid")])
    model.compile("adam", "binary_crossentropy")
    model.fit(x, flags, epochs=4, batch_size=32, verbose=0, callbacks=[siam.keras_callback("k.siamrecord", (x[:64], flags[:64]))])
    said = siam.run('r = load("k.siamrecord")\nprint(r.steps)\ntrace(r)')
    check("a Keras training", said.startswith("32\n") and "batch_normalization" in said, said)
    a, b = keras.Input((20,), name="a"), keras.Input((20,), name="b")
    tower = keras.Sequential([keras.layers.Dense(16, activation="relu"), keras.layers.Dense(8)])
    out = keras.layers.Dense(1, activation="sigmoid")(keras.layers.Subtract()([tower(a), tower(b)]))
    model = keras.Model([a, b], out)
    model.compile("sgd", "binary_crossentropy")
    pair = [x[:64], x[64:128]]
    model.fit([x, x[::-1]], flags, epochs=2, batch_size=64, verbose=0, callbacks=[siam.keras_callback("p.siamrecord", (pair, flags[:64]))])
    said = siam.run('trace(load("p.siamrecord"))')
    check("a tower that is applied twice", "subtract" in said, said)

if has("pygments"):
    from pygments.token import Keyword
    from siam.pygments_lexer import SiamLexer

    tokens = list(SiamLexer().get_tokens("train net on d as a for 3 steps using sgd(1) { minimize mean(a) }"))
    check("colours", tokens[0] == (Keyword.Pseudo, "train"), tokens)
print("failed: " + ", ".join(failed) if failed else "the package does what it says")
sys.exit(1 if failed else 0)
