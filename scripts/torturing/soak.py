"""One session that trains, draws, defines and forgets for long: its memory must not grow."""
import time

from .common import Folder

PARTS = {
    "fresh nets with contrastive": """
for k in 0..{n} {{
  net = flatten >> dense(16) >> relu >> dense(4)
  r = train net on pairs(d, 16) as a, b, same for 2 steps using adam(0.01) {{ minimize contrastive(net(a), net(b), same) }}
}}""",
    "fresh nets with mse": """
for k in 0..{n} {{
  net = dense(8) >> relu >> dense(2)
  r = train net on batches(m, 16) as x, y for 2 steps using sgd(0.01) {{ minimize mean(net(x)^2) }}
}}""",
    "triplets and reports": """
for k in 0..{n} {{
  net = flatten >> dense(8)
  r = train net on triplets(d, 8) as a, p, q for 2 steps using adam(0.01) {{
    minimize triplet(net(a), net(p), net(q))
    every 1 steps {{ report v = map_at_r(net(e.x), e.y) }}
  }}
}}""",
    "figures": "for k in 0..{n} {{ f = plot(randn(100)); g = beside(f, hist(randn(100))); t = heat(randn(9, 9)) }}",
    "lists and texts": "for k in 0..{n} {{ x = [[i, text(i), {{a: i}}] for i in 0..50]; t = join([text(i) for i in 0..50]) }}",
    "functions": "fn wrap(f) {{ x -> f(x) + 1 }}\nfor k in 0..{n} {{ f = x -> x; for i in 0..30 {{ f = wrap(f) }}; f(1) }}",
}
HEAD = "d = digits().sample(120); e = digits().sample(40); m = moons(60)\n"


def resident(siam, part, rounds):
    """Kilobytes at the end of so many rounds, in one loop of one program."""
    with Folder() as folder:
        path = folder.write("p.siam", HEAD + PARTS[part].format(n=rounds))
        code, out, err = folder.run(
            ["sh", "-c", '"$@" >/dev/null 2>&1; echo', "sh", "/usr/bin/env", "python3", "-c", MEASURE, siam, path], timeout=300)
        with open(path + ".rss") as f:
            return int(f.read())


# The child's own greatest resident size, in kilobytes.
MEASURE = """
import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
with open(sys.argv[2] + ".rss", "w") as f: f.write(str(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss))
sys.exit(code)
"""


def attack(siam, random, end, count):
    found, said = [], []
    rounds = 150
    while time.time() < end or not said:
        part = random.choice(list(PARTS)) if said else list(PARTS)[0]
        few, many = resident(siam, part, rounds), resident(siam, part, rounds * 8)
        grown = (many - few) / (rounds * 7)
        said.append(f"{part} {grown:.2f} KB a round")
        # A thread's first blocks and a larger journal are no leak.
        if grown > 1.0 and many - few > 4096:
            found.append(f"{part}: {grown:.1f} KB a round, {few} KB after {rounds} rounds and {many} KB after {rounds * 8}")
        if count and len(said) >= count:
            break
    return found, "; ".join(said)
