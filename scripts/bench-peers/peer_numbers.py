"""numbers.siam in NumPy, and in PyTorch where it is there."""
import numpy as np
from rows import times

rng = np.random.default_rng(1)
times("randn", "numpy", lambda: rng.standard_normal(10_000_000, dtype=np.float32))
x = rng.standard_normal(5_000_000, dtype=np.float32)
times("sort", "numpy", lambda: np.sort(x))
times("argsort", "numpy", lambda: np.argsort(x, kind="stable"))
times("topk", "numpy", lambda: np.sort(np.partition(x, len(x) - 100)[-100:]))
times("unique", "numpy", lambda: np.unique(x, return_counts=True))
times("median", "numpy", lambda: np.median(x))
times("quantile", "numpy", lambda: np.quantile(x, 0.9))
times("hist", "numpy", lambda: np.histogram(rng.standard_normal(10_000_000, dtype=np.float32), bins=60))
try:
    import torch
except ImportError:
    raise SystemExit
times("randn", "torch", lambda: torch.randn(10_000_000))
t = torch.from_numpy(x)
times("sort", "torch", lambda: torch.sort(t))
times("topk", "torch", lambda: torch.topk(t, 100))
