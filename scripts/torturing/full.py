"""Full disks, closed outputs, folders and files that may not be written. Every command says so and ends with another code
than 0; no old file is lost."""
import os
import subprocess
import time

from .common import FAULTS, Folder

PROGRAM = 'for i in 0..4000 { print("a line that is printed, number {i}") }\n'
TEST = 'print(1)  # -> 2\n'


def commands(siam):
    return {
        "run": [siam, "p.siam"], "-e": [siam, "-e", "print(1)"], "check": [siam, "check", "wrong.siam"],
        "check --json": [siam, "check", "--json", "wrong.siam"], "doc": [siam, "doc", "relu"], "doc, all": [siam, "doc"],
        "doctor": [siam, "doctor", "trains.siam", "--budget", "1"], "fmt": [siam, "fmt", "-"],
        "test": [siam, "test", "wrong.siam"], "learn": [siam, "learn", "--list"], "help": [siam, "--help"],
        "version": [siam, "--version"],
    }


def attack(siam, random, end, count):
    found, done = [], 0
    with Folder() as folder:
        folder.write("p.siam", PROGRAM)
        folder.write("wrong.siam", "x = nothing_of_this_name\nprint(1)\n")
        folder.write(
            "trains.siam", "d = moons(40)\nnet = dense(2)\ntrain net on batches(d, 8) as x, y for 5 steps using sgd(0.1)"
            " { minimize mean(net(x)^2) }\n")
        for name, command in commands(siam).items():
            for ending, shell in [("full", ">/dev/full"), ("closed", ">&-")]:
                p = subprocess.run(
                    ["sh", "-c", f'exec "$@" {shell}', "sh", *command], cwd=folder.path, env=folder.environment(),
                    stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
                done += 1
                if p.returncode in FAULTS or p.returncode == 0 and name != "fmt":
                    found.append(f"{name} with stdout {ending}: ends with {p.returncode}: {p.stderr[-200:]!r}")
                elif name not in ("check", "check --json", "test", "fmt") and b"could not be written" not in p.stderr:
                    found.append(f"{name} with stdout {ending}: nothing is said: {p.stderr[-200:]!r}")
            # A reader that goes away early is nobody's fault.
            p = subprocess.run(
                ["bash", "-c", '"$@" | head -c 1 >/dev/null; echo ${PIPESTATUS[0]}', "bash", *command], cwd=folder.path,
                env=folder.environment(), stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
            done += 1
            if b"written" in p.stderr or int(p.stdout or b"0") in FAULTS:
                found.append(f"{name} into a closed pipe: {p.stdout!r} {p.stderr[-200:]!r}")
    # A disk of a few hundred kilobytes, where that can be had, else a limit on files.
    with Folder() as folder:
        for name, text in {
            "a.npz": 'save({x: randn(400, 400)}, "a.npz")', "b.npy": 'save(randn(400, 400), "b.npy")',
            "c.svg": 'save(scatter(randn(9000, 2)), "c.svg")', "d.png": 'save(image(rand(900, 900)), "d.png")',
            "e.safetensors": 'save({x: randn(400, 400)}, "e.safetensors")',
        }.items():
            path = folder.write(name, "the old file")
            code, _, err = folder.run(["sh", "-c", 'ulimit -f 40; trap "" XFSZ; exec "$@"', "sh", siam, "-e", text])
            done += 1
            if code in FAULTS or code == 0:
                found.append(f"{name} on a full disk: ends with {code}: {err[-200:]!r}")
            if open(path).read() != "the old file":
                found.append(f"{name} on a full disk: the old file is lost")
            left = [n for n in os.listdir(folder.path) if n.endswith(".siam-part")]
            if left:
                found.append(f"{name} on a full disk: left {left}")
    return found, f"{done} attempts"
