"""tables.siam in polars and pandas, whichever are there; with `make` the table is written first."""
import sys

from rows import times

if "make" in sys.argv[1:]:
    import numpy as np

    rng = np.random.default_rng(1)
    x, y = rng.standard_normal((200_000, 20)), rng.integers(0, 10, 200_000)
    with open("table.csv", "w") as f:
        f.write(",".join([f"x{k}" for k in range(20)] + ["c"]) + "\n")
        for row, c in zip(x, y):
            f.write(",".join(f"{v:.6f}" for v in row) + f",{c}\n")
try:
    import polars

    times("csv", "polars", lambda: polars.read_csv("table.csv").to_numpy())
except ImportError:
    pass
try:
    import pandas

    times("csv", "pandas", lambda: pandas.read_csv("table.csv").to_numpy())
except ImportError:
    pass
