"""kill -9 at random moments while files are written over and over. Every file is whole, of the old kind or the new, and
nothing is left beside it once it has been written again."""
import os
import signal
import subprocess
import time

from .common import Folder

PROGRAM = """
x = ones(200, 200)
net = dense(30)
net(x);
k = 0
while true {
  k = k + 1
  save({x: k * x, note: "n"}, "a.npz")
  save(k * x, "b.npy")
  save(net, "c.safetensors")
  save(plot([1, 2, k]), "d.svg")
}
"""
CHECK = """
a = load("a.npz").x
expect min(a) == max(a)
b = load("b.npy")
expect min(b) == max(b)
net = dense(30)
net(ones(2, 200));
load("c.safetensors", net);
save({x: ones(2), note: "n"}, "a.npz")
save(ones(2), "b.npy")
save(net, "c.safetensors")
save(plot([1, 2]), "d.svg")
"""


def attack(siam, random, end, count):
    found, kills = [], 0
    while (kills < count) if count else time.time() < end:
        if len(found) > 5:
            break
        with Folder() as folder:
            program, check = folder.write("p.siam", PROGRAM), folder.write("check.siam", CHECK)
            for _ in range(random.randint(1, 6)):
                p = subprocess.Popen(
                    [siam, program], cwd=folder.path, env=folder.environment(), stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL)
                # The first rounds make every file.
                until = time.time() + 10
                while not os.path.exists(os.path.join(folder.path, "d.svg")) and time.time() < until:
                    time.sleep(0.005)
                time.sleep(random.uniform(0, 0.15))
                p.send_signal(signal.SIGKILL)
                p.wait()
                kills += 1
            code, _, err = folder.run([siam, check])
            if code != 0:
                found.append(f"after kill -9 a file is torn: {err.decode()[-300:]}")
            left = [n for n in os.listdir(folder.path) if n.endswith(".siam-part")]
            if left:
                found.append(f"left lying about: {left}")
            with open(os.path.join(folder.path, "d.svg")) as f:
                if not f.read().rstrip().endswith("</svg>"):
                    found.append("the drawing is torn")
    return found, f"{kills} kills"
