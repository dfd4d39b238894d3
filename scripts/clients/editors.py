#!/usr/bin/env python3
"""The settings of scripts/editors in the editors that are here, without a screen:  scripts/clients/editors.py [SIAM]"""
import os
import shutil
import subprocess
import sys
import tempfile

here = os.path.dirname(os.path.abspath(__file__))
root = os.path.join(here, "..", "..")
SIAM = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(root, ".build", "release", "siam"))
PROGRAM = """net = dense(8) >> relu
y = contrastiv(net(ones(2, 3)), net(ones(2, 3)), [1, 0])
print(y)
"""
failed = []
tried = os.path.join(here, "editors")
for name, command in [
    ("nvim", ["nvim", "--headless", "-u", "NONE", "-i", "NONE", "-c", f"luafile {tried}/try.lua"]),
    ("emacs", ["emacs", "--batch", "-l", f"{tried}/try.el"]), ("node", ["node", f"{tried}/try.js"]),
    ("kate", [sys.executable, f"{tried}/kate.py"]),
]:
    if not shutil.which(name):
        print(f"{name} is not here")
        continue
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "p.siam")
        with open(path, "w") as f:
            f.write(PROGRAM)
        p = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, env={
            **os.environ, "SIAM": SIAM, "SIAM_FILE": path, "HOME": folder, "SIAM_EDITORS": os.path.join(root, "scripts", "editors")})
        lines = [line for line in (p.stdout + p.stderr).split("\n") if line.startswith(("ok:", "FAILED:"))]
        print("\n".join(lines))
        if p.returncode != 0 or not lines:
            failed.append(name)
            print((p.stdout + p.stderr)[-1500:])
print("failed: " + ", ".join(failed) if failed else "the editors show what they should")
sys.exit(1 if failed else 0)
