"""siam from Python: look at embeddings, compare, examine programs, record a training.

    import siam
    siam.inspect(z, y)                      # the health of embeddings z with classes y
    siam.compare(z_untrained, z, y)         # beside those before training
    siam.doctor("program.siam")             # which fault, confirmed by replays
    siam.run("print(1 + 1)")                # a program's output

    with siam.record(model, optimizer, "run.siamrecord") as r:      # PyTorch
        for a, b, same in loader:
            loss = criterion(model(a), model(b), same)
            optimizer.zero_grad(); loss.backward(); optimizer.step()
            r.loss(loss)
    print(siam.signs("run.siamrecord"))     # what the recorded figures suggest

All work is done by the program siam: the one that SIAM names, else the one beside this package, else the one on the path.
"""
import json
import os
import shutil
import subprocess
import tempfile

from .recording import Recorder, is_sampled, record

__all__ = ["inspect", "compare", "doctor", "run", "signs", "record", "Recorder", "keras_callback", "Health", "SiamError"]


class SiamError(RuntimeError):
    """What siam refused, in its words."""


def _binary():
    here = os.path.dirname(os.path.abspath(__file__))
    root = os.path.normpath(os.path.join(here, "..", "..", ".."))
    for path in [os.environ.get("SIAM"), os.path.join(root, ".build", "release", "siam"), shutil.which("siam")]:
        if path and os.path.exists(path):
            return path
    raise SiamError("there is no program siam: set SIAM to its path, or build it by scripts/siam")


def _call(*arguments, text=None):
    p = subprocess.run([_binary(), *arguments], input=text, capture_output=True, text=True)
    if p.returncode not in (0, 3):
        raise SiamError(p.stderr.strip() or f"siam ended with {p.returncode}")
    return p.stdout


class Health(dict):
    """The figures of embeddings by name; prints as siam does."""

    def __init__(self, parsed, shown):
        super().__init__(parsed["figures"])
        self.before = parsed.get("before")
        self.suspicions = parsed["suspicions"]
        self.look = parsed.get("look", [])
        self.text = shown

    def __repr__(self):
        return self.text


def _inspect(folder, after, y, before, margin):
    import numpy as np

    def put(name, z):
        z = z.detach().cpu().numpy() if hasattr(z, "detach") else np.asarray(z)
        labels = y.detach().cpu().numpy() if hasattr(y, "detach") else np.asarray(y)
        path = os.path.join(folder, name)
        np.savez(path, z=z.reshape(len(z), -1).astype(np.float32), y=labels)
        return path

    arguments = ["inspect", put("embeddings.npz", after)]
    if before is not None:
        arguments += ["--before", put("untrained.npz", before)]
    if margin is not None:
        arguments += ["--margin", str(margin)]
    return Health(json.loads(_call(*arguments, "--json")), _call(*arguments))


def inspect(z, y, margin=None):
    """The health of embeddings `z` (rows; arrays or tensors) with classes `y`."""
    with tempfile.TemporaryDirectory() as folder:
        return _inspect(folder, z, y, None, margin)


def compare(before, after, y, margin=None):
    """The same beside the embeddings of the untrained net."""
    with tempfile.TemporaryDirectory() as folder:
        return _inspect(folder, after, y, before, margin)


def doctor(path, budget=60):
    """What siam's doctor says of a program: its report as a dictionary."""
    return json.loads(_call("doctor", path, "--json", "--budget", str(budget)))


def run(code):
    """What a program prints."""
    return _call("-", text=code)


def signs(path):
    """What the figures of a recorded training suggest: a list of sentences, empty where nothing is suspicious."""
    return json.loads(_call("inspect", path, "--json"))["suspicions"]


def keras_callback(path="run.siamrecord", sample=None):
    """A Keras callback that records as `record` does; `sample` is a batch whose way through the layers is measured, or a pair
    (inputs, targets), whose gradients and distances are measured too."""
    from .keras_recording import Callback

    return Callback(path, sample)
