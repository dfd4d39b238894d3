"""The rows of scripts/bench analysis in NumPy, and in scikit-learn where it is there: lines `row-NAME seconds`."""
import sys
import time

import numpy as np


def times(name, f):
    for _ in range(5):
        t = time.perf_counter()
        f()
        print(f"row-{name} {time.perf_counter() - t:.6f}", flush=True)


rng = np.random.default_rng(1)
x = rng.standard_normal(5_000_000, dtype=np.float32)
times("sort", lambda: np.sort(x))
times("argsort", lambda: np.argsort(x, kind="stable"))
times("topk", lambda: np.sort(np.partition(x, len(x) - 100)[-100:]))
times("unique", lambda: np.unique(x, return_counts=True))
times("median", lambda: np.median(x))
times("quantile", lambda: np.quantile(x, 0.9))
x = rng.standard_normal(10_000_000, dtype=np.float32)
times("hist", lambda: np.histogram(x, bins=60))
x = rng.standard_normal((50_000, 64), dtype=np.float32)
times("singular", lambda: np.linalg.svd(x - x.mean(0), compute_uv=False))
try:
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
except ImportError:
    sys.exit()
times("pca", lambda: PCA(2).fit_transform(x))
times("kmeans", lambda: KMeans(50, n_init=3, max_iter=100).fit(x))
