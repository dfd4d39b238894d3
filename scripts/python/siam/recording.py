"""Records a PyTorch training as siam's own runs record themselves: at a few of the first steps, then ever more sparsely, the
stages' outputs, weights, gradients and updates, and the distances of the embeddings. Steps between cost next to nothing."""
import json
import math
import time

FIRST = {1, 2, 3, 5, 8, 13, 20}


def is_sampled(step):
    """Whether the step of this number, counted from 1, is measured; the rule is that of siam's runs."""
    if step < 25:
        return step in FIRST
    return step % (25 if step <= 5_000 else 250 if step <= 50_000 else 2_500) == 0


def is_doubled(step):
    """25, 50, 100, 200, ..."""
    return step % 25 == 0 and (step // 25) & (step // 25 - 1) == 0


def number(x):
    x = float(x)
    return x if math.isfinite(x) else None


class Recorder:
    """Hooks on a model and its optimizer. `loss` and `same` may be told each step; all else is found by the hooks."""

    MOST = 1 << 16  # elements of a stage's output that are looked at

    def __init__(self, model, optimizer, path):
        self.model, self.optimizer = model, optimizer
        self.file = open(path, "w")
        self.step, self.losses, self.first = 0, [], 1
        self.stages, self.outputs, self.flags, self.weights, self.batch = [], [], None, {}, None
        # A sample that may be told yet which of its pairs are the same.
        self.sample, self.waiting = None, None
        self.begun = time.time()
        self.spent = 0.0
        self.is_open = is_sampled(1)
        self.handles = [optimizer.register_step_post_hook(self._after)]
        self.hooks = []
        self._arm()
        import torch

        self._write({"siam": "record", "version": 1, "tool": f"torch {torch.__version__}", "net": type(model).__name__})

    def _arm(self):
        """Hooks on the model only where the coming step is measured."""
        for h in self.hooks:
            h.remove()
        self.hooks = []
        if self.is_open:
            for name, module in self.model.named_modules():
                if name and not any(True for _ in module.children()):
                    self.hooks.append(module.register_forward_hook(self._stage(name, type(module).__name__)))
            self.hooks.append(self.model.register_forward_hook(self._embedding))
            self.hooks.append(self.optimizer.register_step_pre_hook(self._before))

    def _stage(self, name, kind):
        def hook(module, inputs, output):
            if self.is_open and self.model.training and hasattr(output, "detach"):
                self.stages.append((name, kind, output.detach()))

        return hook

    def _embedding(self, module, inputs, output):
        if self.is_open and module.training and hasattr(output, "detach"):
            self.outputs.append(output.detach())
            if self.batch is None and inputs and hasattr(inputs[0], "detach"):
                self.batch = inputs[0].detach()

    def loss(self, value):
        """The loss of the step that was just made, or is about to be."""
        self.losses.append(value.detach() if hasattr(value, "detach") else float(value))

    def same(self, flags):
        """Which pairs of this step are the same, 0 or 1 each, told before the optimizer's step or right behind it: the
        distances are then told apart."""
        if self.waiting is None and not self.is_open:
            return
        flags = flags.detach() if hasattr(flags, "detach") else flags
        if self.waiting is not None:
            # Of the step that was just made.
            begun = time.time()
            self._part(*self.waiting, flags)
            self._tell()
            self._count(begun)
        else:
            self.flags = flags

    def _parameters(self):
        return [(n, p) for n, p in self.model.named_parameters()]

    def _before(self, *_):
        if self.is_open:
            self.weights = {n: (p.detach().clone(), None if p.grad is None else p.grad.detach().norm()) for n, p in self._parameters()}

    def _after(self, *_):
        self.step += 1
        if self.sample is not None:
            self._tell()
        if self.is_open:
            begun = time.time()
            self._sample()
            self._count(begun)
            self.stages, self.outputs, self.flags, self.weights, self.batch = [], [], None, {}, None
        elif not is_sampled(self.step + 1):
            return
        # Steps of a fraction of a millisecond are measured more seldom, so that measuring stays below a twentieth; but every
        # time that the number of steps has doubled, whatever the machine is doing meanwhile.
        is_cheap = self.step < 25 or is_doubled(self.step + 1) or self.spent < 0.01 * (time.time() - self.begun)
        was, self.is_open = self.is_open, is_sampled(self.step + 1) and is_cheap
        if was != self.is_open:
            self._arm()

    def _count(self, begun):
        """Measuring takes its time; the first few steps are measured whatever it is."""
        if self.step > 20:
            self.spent += time.time() - begun

    def _sample(self):
        stages, order = {}, []
        for name, kind, y in self.stages:
            if name not in stages:
                order.append((name, kind))
            stages.setdefault(name, []).append(y)
        sample = {"step": self.step, "stages": [self._figures(n, k, stages[n]) for n, k in order], "weights": []}
        for name, p in self._parameters():
            if name not in self.weights:
                continue
            old, gradient = self.weights[name]
            sample["weights"].append({
                "path": name, "matrix": p.dim() > 1, "norm": number(old.norm()),
                "gradient": None if gradient is None else number(gradient), "update": number((p.detach() - old).norm())})
        if self.outputs and self.outputs[0].dim() == 2:
            import torch

            z = torch.cat([y.float() for y in self.outputs if y.shape[1:] == self.outputs[0].shape[1:]])
            sample["spread"] = number((z - z.mean(0)).pow(2).sum(1).mean().sqrt())
            sample["width"] = z.shape[1]
            if len(self.outputs) >= 2 and self.outputs[0].shape == self.outputs[1].shape:
                d = (self.outputs[0] - self.outputs[1]).float().pow(2).sum(1).sqrt()
                sample["pairs"] = {"same": None, "different": None, "farthest": number(d.max())}
                self.waiting = (sample["pairs"], d)
                if self.flags is not None:
                    self._part(*self.waiting, self.flags)
        if self.batch is not None and self.batch.is_floating_point():
            x = self.batch.float()
            sample["batch"] = {"rows": x.shape[0], "mean": number(x.mean()), "sd": number(x.std(unbiased=False))}
        sample["seconds"] = time.time() - self.begun
        self.sample = sample
        if self.waiting is None or self.flags is not None:
            self._tell()

    @staticmethod
    def _part(pairs, d, flags):
        """The mean distances of same pairs and of different ones."""
        import torch

        if len(flags) == len(d):
            flags = torch.as_tensor(flags).reshape(-1).bool()
            for word, chosen in [("same", d[flags]), ("different", d[~flags])]:
                if len(chosen):
                    pairs[word] = number(chosen.mean())

    def _tell(self):
        """Writes the last sample, where it has not been written yet."""
        sample, self.sample, self.waiting = self.sample, None, None
        if sample is not None:
            self._flush()
            self._write(sample)

    def _figures(self, name, kind, outputs):
        import torch

        y = outputs[0] if len(outputs) == 1 else torch.cat([o.reshape(o.shape[0], -1) for o in outputs if o.numel() // max(o.shape[0], 1) == outputs[0].numel() // max(outputs[0].shape[0], 1)])
        rows = y.reshape(y.shape[0], -1).float() if y.dim() > 0 else y.reshape(1, 1).float()
        if rows.numel() > self.MOST:
            rows = rows[: max(2, self.MOST // max(1, rows.shape[1]))]
        finite = torch.isfinite(rows)
        lost = int((~finite).sum())
        if lost:
            rows = torch.where(finite, rows, torch.zeros_like(rows))
        saturated = 0.0
        if kind == "Tanh":
            saturated = number((rows.abs() > 0.99).float().mean())
        elif kind == "Sigmoid":
            saturated = number(((rows < 0.01) | (rows > 0.99)).float().mean())
        zero = rows == 0
        return {
            "path": name, "kind": kind.lower(), "mean": number(rows.mean()), "sd": number(rows.std(unbiased=False)),
            "zeros": number(zero.float().mean()), "dead": number(zero.all(0).float().mean()), "saturated": saturated,
            "spread": number((rows - rows.mean(0)).pow(2).sum(1).mean().sqrt()) if y.dim() == 2 else None, "lost": lost}

    def _flush(self):
        if self.losses:
            import torch

            # One look at all of them: each by itself would wait for the device.
            told = [x for x in self.losses if hasattr(x, "detach")]
            if told and len(told) == len(self.losses):
                self.losses = torch.stack([x.reshape(()).float() for x in told]).tolist()
            self._write({"from": self.first, "losses": [number(x) for x in self.losses]})
            self.first += len(self.losses)
            self.losses = []

    def _write(self, thing):
        self.file.write(json.dumps(thing) + "\n")
        self.file.flush()

    def close(self):
        """Takes the hooks away and ends the file."""
        for h in self.handles + self.hooks:
            h.remove()
        self._tell()
        self._flush()
        self._write({"end": self.step, "seconds": time.time() - self.begun})
        self.file.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def record(model, optimizer, path="run.siamrecord"):
    """Records the training of a PyTorch model; `with` it, or `.close()` it at the end."""
    return Recorder(model, optimizer, path)
