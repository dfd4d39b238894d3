"""rows.siam in NumPy, and in scikit-learn, PyTorch and openTSNE where they are there. Argument: less, to leave out what
takes minutes."""
import sys

import numpy as np
from rows import times

rng = np.random.default_rng(1)
m = rng.standard_normal((512, 512))
times("svd", "numpy", lambda: np.linalg.svd(m))
s = m + m.T
times("eigh", "numpy", lambda: np.linalg.eigh(s))
x = rng.standard_normal((50_000, 64), dtype=np.float32)
times("singular", "numpy", lambda: np.linalg.svd(x - x.mean(0), compute_uv=False))
y = np.arange(50_000) % 100
less = "less" in sys.argv[1:]
few, many = [np.repeat(rng.standard_normal((10, 64)) * 3, n // 10, 0) + rng.standard_normal((n, 64)) for n in (2000, 10_000)]
try:
    from sklearn.cluster import KMeans
    from sklearn.decomposition import PCA
    from sklearn.manifold import TSNE
    from sklearn.neighbors import NearestNeighbors

    times("pca", "sklearn", lambda: PCA(2).fit_transform(x))
    times("kmeans", "sklearn", lambda: KMeans(50, n_init=3, max_iter=100).fit(x))
    index = NearestNeighbors(n_neighbors=10, algorithm="brute", n_jobs=-1).fit(x)
    times("nearest", "sklearn", lambda: index.kneighbors(x[:10_000]))
    times("tsne-2000", "sklearn", lambda: TSNE(n_jobs=-1).fit_transform(few), 1 if less else 3)
    if not less:
        times("tsne-10000", "sklearn", lambda: TSNE(n_jobs=-1).fit_transform(many), 1)
except ImportError:
    pass
try:
    from openTSNE import TSNE as Open

    times("tsne-2000", "openTSNE", lambda: Open(n_jobs=-1).fit(few), 1 if less else 3)
    if not less:
        times("tsne-10000", "openTSNE", lambda: Open(n_jobs=-1).fit(many), 1)
except ImportError:
    pass
try:
    import torch
except ImportError:
    raise SystemExit
t, c = torch.from_numpy(x), torch.from_numpy(y)


def recall(block=1000):
    squares, hits = (t * t).sum(1), 0
    for at in range(0, len(t), block):
        d = squares[None] - 2 * t[at:at + block] @ t.T
        d[torch.arange(len(d)), torch.arange(at, at + len(d))] = torch.inf
        hits += (c[d.argmin(1)] == c[at:at + block]).sum().item()
    return hits / len(t)


def map_at_r(block=1000):
    squares, total, r = (t * t).sum(1), 0.0, 499
    places = torch.arange(1, r + 1)
    for at in range(0, len(t), block):
        d = squares[None] - 2 * t[at:at + block] @ t.T
        d[torch.arange(len(d)), torch.arange(at, at + len(d))] = torch.inf
        same = (c[d.topk(r, largest=False).indices] == c[at:at + block, None]).float()
        total += (same * same.cumsum(1) / places).sum().item() / r
    return total / len(t)


times("recall", "torch", recall, 1 if less else 5)
times("map", "torch", map_at_r, 1)
