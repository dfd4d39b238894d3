"""The same record from a Keras training, as a callback."""
import json
import time

import keras
import numpy as np

from .recording import is_sampled, number


class Callback(keras.callbacks.Callback):
    """Weights and updates of each measured step, the loss of every one, and a sample's way through the layers."""

    def __init__(self, path, sample=None):
        super().__init__()
        self.path, self.sample = path, sample
        self.file, self.step, self.first, self.losses, self.before = None, 0, 1, [], {}

    def _write(self, thing):
        self.file.write(json.dumps(thing) + "\n")
        self.file.flush()

    def on_train_begin(self, logs=None):
        self.file, self.begun = open(self.path, "w"), time.time()
        self._write({"siam": "record", "version": 1, "tool": f"keras {keras.__version__}", "net": self.model.name})

    def _weights(self):
        return {w.path: np.array(w) for w in self.model.trainable_weights}

    def on_train_batch_begin(self, batch, logs=None):
        if is_sampled(self.step + 1):
            self.before = self._weights()

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        self.losses.append(number((logs or {}).get("loss", float("nan"))))
        if not is_sampled(self.step):
            return
        sample = {"step": self.step, "stages": [], "weights": []}
        for path, w in self._weights().items():
            old = self.before.get(path)
            if old is not None:
                sample["weights"].append({
                    "path": path, "matrix": w.ndim > 1, "norm": number(np.linalg.norm(old)), "gradient": None,
                    "update": number(np.linalg.norm(w - old))})
        if self.sample is not None:
            x = self.sample
            for layer in self.model.layers:
                if isinstance(layer, keras.layers.InputLayer):
                    continue
                x = layer(x, training=False) if "training" in getattr(layer, "_call_signature", ()) or True else layer(x)
                y = np.asarray(x)
                rows = y.reshape(len(y), -1)
                zero = rows == 0
                sample["stages"].append({
                    "path": layer.name, "kind": type(layer).__name__.lower(), "mean": number(rows.mean()), "sd": number(rows.std()),
                    "zeros": number(zero.mean()), "dead": number(zero.all(0).mean()), "saturated": 0.0,
                    "spread": number(np.sqrt(((rows - rows.mean(0)) ** 2).sum(1).mean())) if y.ndim == 2 else None,
                    "lost": int((~np.isfinite(rows)).sum())})
            if sample["stages"] and sample["stages"][-1]["spread"] is not None:
                sample["spread"], sample["width"] = sample["stages"][-1]["spread"], rows.shape[1]
        self._write({"from": self.first, "losses": self.losses})
        self.first += len(self.losses)
        self.losses = []
        sample["seconds"] = time.time() - self.begun
        self._write(sample)

    def on_train_end(self, logs=None):
        if self.losses:
            self._write({"from": self.first, "losses": self.losses})
        self._write({"end": self.step, "seconds": time.time() - self.begun})
        self.file.close()
