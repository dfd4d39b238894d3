"""The same record from a Keras training, as a callback."""
import json
import time

import keras
import numpy as np

from .recording import is_sampled, number


def _leaves(model):
    """The layers that hold no others, each once, in their order; and their paths."""
    found, seen = [], set()

    def visit(layer, path):
        inner = [x for x in getattr(layer, "layers", []) if not isinstance(x, keras.layers.InputLayer)]
        if inner:
            for x in inner:
                visit(x, path + [x.name])
        elif id(layer) not in seen:
            seen.add(id(layer))
            found.append((layer, ".".join(path) or layer.name))

    visit(model, [])
    return found


class Callback(keras.callbacks.Callback):
    """Weights and updates of each measured step, the loss of every one, and a sample's way through the layers.

    `sample` is what the model is called with: an array, or a list of them; or a pair (inputs, targets), of which the gradients
    are measured too (with the TensorFlow backend). Targets of 0 and 1 tell which pairs of a model with two inputs are the same.
    """

    def __init__(self, path, sample=None):
        super().__init__()
        self.path = path
        self.inputs, self.targets = sample if isinstance(sample, tuple) and len(sample) == 2 else (sample, None)
        self.file, self.step, self.first, self.losses, self.before = None, 0, 1, [], {}
        self.total = (0.0, 0.0)

    def _write(self, thing):
        self.file.write(json.dumps(thing) + "\n")
        self.file.flush()

    def on_train_begin(self, logs=None):
        self.file, self.begun = open(self.path, "w"), time.time()
        self.step, self.first, self.losses = 0, 1, []
        self._write({"siam": "record", "version": 1, "tool": f"keras {keras.__version__}", "net": self.model.name})

    def on_epoch_begin(self, epoch, logs=None):
        self.total = (0.0, 0.0)

    def _weights(self):
        return {w.path: np.array(keras.ops.convert_to_numpy(w)) for w in self.model.trainable_weights}

    def on_train_batch_begin(self, batch, logs=None):
        if is_sampled(self.step + 1):
            self.before = self._weights()

    def _loss(self, batch, logs):
        """The loss of this step alone: Keras tells the mean of the epoch so far."""
        mean = float((logs or {}).get("loss", float("nan")))
        tracker = getattr(self.model, "_loss_tracker", None)
        try:
            now = (float(tracker.total), float(tracker.count))
        except (AttributeError, TypeError, ValueError):
            now = (0.0, 0.0)
        # Where the tracker is not kept up to date, all batches count alike.
        if not now[1] > self.total[1] or abs(now[0] / now[1] - mean) > 1e-3 * abs(mean) + 1e-6:
            now = (mean * (batch + 1), batch + 1.0)
        before, self.total = self.total, now
        return (now[0] - before[0]) / (now[1] - before[1]) if now[1] > before[1] else mean

    def on_train_batch_end(self, batch, logs=None):
        self.step += 1
        self.losses.append(number(self._loss(batch, logs)))
        if not is_sampled(self.step):
            return
        gradients = self._gradients()
        sample = {"step": self.step, "stages": [], "weights": []}
        for path, w in self._weights().items():
            old = self.before.get(path)
            if old is not None:
                sample["weights"].append({
                    "path": path, "matrix": w.ndim > 1, "norm": number(np.linalg.norm(old)), "gradient": gradients.get(path),
                    "update": number(np.linalg.norm(w - old))})
        if self.inputs is not None:
            self._look(sample)
        self._write({"from": self.first, "losses": self.losses})
        self.first += len(self.losses)
        self.losses = []
        sample["seconds"] = time.time() - self.begun
        self._write(sample)

    def _gradients(self):
        if self.targets is None or keras.backend.backend() != "tensorflow":
            return {}
        import tensorflow as tf

        with tf.GradientTape() as tape:
            y = self.model(self.inputs, training=False)
            loss = self.model.compute_loss(x=self.inputs, y=tf.convert_to_tensor(self.targets), y_pred=y)
        weights = self.model.trainable_weights
        found = tape.gradient(loss, [w.value for w in weights])
        return {w.path: number(np.linalg.norm(np.asarray(tf.convert_to_tensor(g)))) for w, g in zip(weights, found) if g is not None}

    def _outputs(self):
        """What each layer makes of the sample: a list for each, longer than one where the layer is applied several times."""
        layers = _leaves(self.model)
        made = {id(layer): [] for layer, _ in layers}

        def listening(layer, call):
            def heard(*a, **k):
                y = call(*a, **k)
                if hasattr(y, "shape"):
                    made[id(layer)].append(np.asarray(keras.ops.convert_to_numpy(y)))
                return y

            return heard

        try:
            for layer, _ in layers:
                object.__setattr__(layer, "call", listening(layer, layer.call))
            self.model(self.inputs, training=False)
        finally:
            for layer, _ in layers:
                if "call" in vars(layer):
                    object.__delattr__(layer, "call")
        return [(layer, path, made[id(layer)]) for layer, path in layers if made[id(layer)]]

    def _look(self, sample):
        outputs = self._outputs()
        embedding = None
        for layer, path, ys in outputs:
            y = np.concatenate([z.reshape(len(z), -1) for z in ys if z.shape[1:] == ys[0].shape[1:]]).astype(np.float64)
            finite = np.isfinite(y)
            rows = np.where(finite, y, 0)
            zero = rows == 0
            kind = type(layer).__name__.lower()
            activation = getattr(getattr(layer, "activation", None), "__name__", kind)
            saturated = {
                "tanh": lambda: (np.abs(rows) > 0.99).mean(), "sigmoid": lambda: ((rows < 0.01) | (rows > 0.99)).mean(),
            }.get(activation, lambda: 0.0)()
            flat = ys[0].ndim == 2
            spread = number(np.sqrt(((rows - rows.mean(0)) ** 2).sum(1).mean())) if flat else None
            sample["stages"].append({
                "path": path, "kind": kind, "mean": number(rows.mean()), "sd": number(rows.std()), "zeros": number(zero.mean()),
                "dead": number(zero.all(0).mean()), "saturated": number(saturated), "spread": spread,
                "lost": int((~finite).sum())})
            # The last layer that is applied to both inputs makes the embedding; else the last of all.
            if flat and (len(ys) > 1 or embedding is None or len(embedding) == 1):
                embedding = ys
                sample["spread"], sample["width"] = spread, y.shape[1]
        if embedding is not None and len(embedding) > 1 and embedding[0].shape == embedding[1].shape:
            d = np.sqrt(((embedding[0].astype(np.float64) - embedding[1]) ** 2).sum(1))
            pairs = {"same": None, "different": None, "farthest": number(d.max())}
            if self.targets is not None and np.size(self.targets) == len(d):
                flags = np.asarray(self.targets).reshape(-1) > 0.5
                for word, chosen in [("same", d[flags]), ("different", d[~flags])]:
                    if len(chosen):
                        pairs[word] = number(chosen.mean())
            sample["pairs"] = pairs

    def on_train_end(self, logs=None):
        if self.losses:
            self._write({"from": self.first, "losses": self.losses})
        self._write({"end": self.step, "seconds": time.time() - self.begun})
        self.file.close()
