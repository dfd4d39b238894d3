"""Work of seconds that ^C must break off at once: one attack is a signal at a random moment of one of long-works.txt."""
import os
import signal
import time

from .common import FAULTS, Folder, Terminal

FAMILIES = {
    "UNARY": "abs acos asin atan ceil cos cosh erf exp expm1 floor gelu is_finite is_nan leaky_relu elu log log1p "
             "logical_not negate reciprocal relu round sigmoid sign sin sinh softplus sqrt square tan tanh",
    "BINARY": "add atan2 divide equal greater less_equal logical_and logical_or maximum minimum multiply power "
              "remainder subtract unequal",
    "REDUCE": "all any argmax argmin max mean min prod sum std var norm logsumexp",
}

# Above this, in seconds, a deaf moment is reported; what is aimed at is 0.2 on a machine that does nothing else.
PATIENCE = 1.0


def works():
    found = []
    with open(os.path.join(os.path.dirname(__file__), "long-works.txt")) as f:
        for line in f:
            line = line.strip()
            if not line or line.startswith("#"):
                continue
            family = next((word for word in FAMILIES if word in line), None)
            names = FAMILIES[family].split() if family else [None]
            found += [line.replace(family, name) if family else line for name in names]
    return found


def heard(siam, random, found, counts, line=None):
    """One of these, interrupted somewhere in its first second."""
    prepare, work = (line or random.choice(works())).split("|", 1)
    with Folder() as folder:
        t = Terminal([siam, "--no-init", "-e", f'{prepare}\nprint("now")\n{work}'], folder)
        if t.wait(rb"now\r?\n", 60) is None:
            t.end()
            return
        until = time.time() + random.uniform(0.02, 1)
        while time.time() < until and t.pump(0.05):
            pass
        sent = time.time()
        t.kill(signal.SIGINT)
        if t.wait(rb"siam\(\d+\)> ", 0.5):
            t.send(b"quit\r")
        code = t.end(30)
        took = time.time() - sent
        counts["long works"] = counts.get("long works", 0) + 1
        if code in FAULTS or code is None:
            found.append(f"{work}: ended with {code}: {t.text[-300:]!r}")
        elif code == 130:
            counts["deafest"] = max(counts.get("deafest", (0, "")), (round(took, 2), work.strip()))
            if took > PATIENCE:
                found.append(f"{work}: ^C was heard after {took:.2f} s")


def attack(siam, random, end, count):
    found, counts = [], {}
    lines = works()
    random.shuffle(lines)
    for k, line in enumerate(lines):
        if (k >= count) if count else time.time() >= end:
            break
        heard(siam, random, found, counts, line)
    deafest = counts.pop("deafest", (0, "none"))
    return found, f"{counts.get('long works', 0)} of {len(lines)} long works; {deafest[1]} heard one after {deafest[0]} s"
