"""Damaged files of other tools: each must be read or refused in words, in little memory."""
import os
import random as randoms
import subprocess
import time

from .common import FAULTS, Folder

HERE = os.path.dirname(os.path.abspath(__file__))
FIXTURES = os.path.join(HERE, "..", "..", "Tests", "Fixtures", "onnx")
EXCHANGE = os.path.join(FIXTURES, "..", "exchange")
MOST = 200_000  # kB that siam may hold for a file of some kB
CODE = {
    "onnx": 'net = onnx("{f}"); source(net);',
    "npz": 'load("{f}");',
    "safetensors": 'load("{f}");',
    "h5": 'load("{f}");',
    "siamrecord": 'load("{f}").loss;',
    "tfevents": 'scalars("{f}");',
}


def mutated(data, random):
    data = bytearray(data)
    for _ in range(random.choice([1, 1, 2, 4, 16])):
        if not data:
            break
        at = random.randrange(len(data))
        kind = random.randrange(6)
        if kind < 3:
            data[at] = random.randrange(256)
        elif kind == 3:
            del data[at:at + random.randrange(1, 64)]
        elif kind == 4:
            data[at:at] = bytes(random.choice([0, 255, 127, 8]) for _ in range(random.randrange(1, 9)))
        else:
            data[at:at] = data[at:at + random.randrange(1, 200)]
    if random.random() < 0.1:
        del data[random.randrange(len(data) + 1):]
    return bytes(data)


def attack(siam, random, end, count):
    found, done, refused = [], 0, 0
    sources = []
    for folder in [FIXTURES, EXCHANGE, os.path.join(EXCHANGE, "logs")]:
        sources += [os.path.join(folder, n) for n in sorted(os.listdir(folder)) if n.rsplit(".", 1)[-1] in CODE or "tfevents" in n]
    # As many attacks on each kind, however many files there are of it.
    kinds = {}
    for source in sources:
        kinds.setdefault("tfevents" if "tfevents" in source else source.rsplit(".", 1)[-1], []).append(source)
    with Folder() as folder:
        while (done < count if count else time.time() < end) and len(found) < 20:
            source = random.choice(random.choice([sources, *kinds.values()]))
            seed = random.randrange(1 << 30)
            kind = "tfevents" if "tfevents" in source else source.rsplit(".", 1)[-1]
            with open(source, "rb") as f:
                data = mutated(f.read(), randoms.Random(seed))
            path = os.path.join(folder.path, "f.out.tfevents.1" if kind == "tfevents" else "f." + kind)
            with open(path, "wb") as f:
                f.write(data)
            p = subprocess.Popen(
                [siam, "-e", CODE[kind].format(f=path)], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                env=folder.environment(), cwd=folder.path)
            said = p.stderr.read()
            _, status, used = os.wait4(p.pid, 0)
            code = p.returncode = os.waitstatus_to_exitcode(status)
            done += 1
            refused += code == 1
            what = f"{os.path.basename(source)} with seed {seed}"
            if code in FAULTS or code not in (0, 1) or b"internal fault" in said:
                found.append(f"{what}: ends with {code}: {said[:200]!r}")
            elif used.ru_maxrss > MOST:
                found.append(f"{what}: {used.ru_maxrss} kB for {len(data)} bytes")
    return found, f"{done} files, {refused} refused"
