"""Times of the rows of scripts/bench analysis: lines `row-NAME/PEER seconds`."""
import time


def times(name, peer, f, runs=5):
    for _ in range(runs):
        t = time.perf_counter()
        f()
        print(f"row-{name}/{peer} {time.perf_counter() - t:.6f}", flush=True)
