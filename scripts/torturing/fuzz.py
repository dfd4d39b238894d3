"""Programs and sessions made of pieces of the language, of hostile files and of other programs. Each ends in values or
errors: no fault, no hang, no memory beyond the budget, nothing on the terminal that a terminal obeys."""
import os
import struct
import zlib

from .common import FAULTS, Folder, Terminal

NAMES = ["a", "b", "d", "net", "opt", "r", "x", "y", "z"]
FUNCTIONS = """abs accuracy argmax batches blobs bars beside choice concat contains contrastive conv cosine cross_entropy
cumsum dense digits dist doctor diagnose dropout eigh enumerate exp expand filter find flatten format gather glyphs grad
hist heat image inspect join keys kmeans l2norm len linspace list load log lower lstm map map_at_r max maxpool mean
merge min moons mse nearest nmi norm ones outer pairs pairwise pca permutation plot print push qr quantile rand randn
range recall_at reduce relu repeat replace report reshape reverse rings save scatter shape show siamese sigmoid silhouette
softmax solve sort spirals split sqrt stack std sum summary svd tanh tensor text tower trace track transpose triplets
trim tsne unique upper values var where zeros zip resume rewind freeze adam sgd""".split()
HUGE = ["4e9", "1e18", "-1", "0", "nan", "inf", "-inf", "1e308", "2147483648", "9007199254740993", "0.5", "none", "true"]
TEXTS = ['""', '"a"', '"\\n"', '"ä€😀"', '"x.npz"', '"/dev/null"', '"/dev/zero"', '"/"', '"evil.csv"', '"{"', '"{x}"',
         '"bomb.npz"', '"no/such/file.csv"', '"a" * 1000']
LINES = [
    "for i in 0..3 {{ {0} }}", "if {0} {{ {1} }} else {{ {2} }}", "fn f(x) = {0}", "fn g(x, y = 2) {{ {0}\n{1} }}",
    "f({0})", "g({0}, {1})", "x -> {0}", "{3} = {0}", "{3} = {0}; {3}[{1}] = {2}", "{3}.{4} = {0}", "{0}", "{0};",
    "try_it = {0}", "expect {0} == {1}", "while {0} {{ break }}", "seed {5}", "show {0}", "show {0}, all = true",
    "print({0}, {1})", "[{0} for i in 0..4]", "[{0}, {1}, {2}]", "{{a: {0}, b: {1}}}", "{0} |> {4}", "{0} >> {1}",
    "layer t(n) = dense(n) >> {4} >> dense({5})", "train {3} on {0} for 3 steps using {1} {{ minimize {2} }}",
    "train net on pairs(d, 8) as a, b, same for 3 steps using adam(0.01) {{ minimize contrastive(net(a), net(b), same) + {0} }}",
    "sweep lr in [{0}, {1}] {{ report v = {2} }}", "import {6}", "load({6})", "save({0}, {6})", "csv({6})", "npz({6})",
    "image_folder({6})", "idx({6})", "{0}?", "?{4}", "@", "}}", "{{", "(", "\"", "#", "\x00", "\x1b[2J", "\t{0}",
    "x = [1]; for i in 0..20000 {{ x = [\"a\", x] }}; x",
]


def value(random, depth=0):
    kind = random.randrange(9 if depth < 3 else 4)
    if kind == 0:
        return random.choice(NAMES)
    if kind == 1:
        return random.choice(HUGE)
    if kind == 2:
        return random.choice(TEXTS)
    if kind == 3:
        return str(random.randint(-3, 12))
    if kind == 4:
        return f"[{', '.join(value(random, depth + 1) for _ in range(random.randrange(4)))}]"
    if kind == 5:
        return f"{value(random, depth + 1)} {random.choice('+ - * / % @ ^ == < in and or'.split())} {value(random, depth + 1)}"
    if kind == 6:
        return f"{value(random, depth + 1)}[{value(random, depth + 1)}]"
    arguments = [value(random, depth + 1) for _ in range(random.randrange(4))]
    return f"{random.choice(FUNCTIONS)}({', '.join(arguments)})"


def line(random):
    parts = [value(random), value(random), value(random), random.choice(NAMES), random.choice(FUNCTIONS),
             random.choice(HUGE), random.choice(TEXTS)]
    return random.choice(LINES).format(*parts)


def program(random):
    head = ["d = digits().sample(60)", "net = flatten >> dense(4)", "x = randn(6, 3)"]
    return "\n".join(random.sample(head, random.randrange(4)) + [line(random) for _ in range(random.randint(1, 9))]) + "\n"


def mangled(random, text):
    """Another program with some of its bytes changed."""
    bytes = bytearray(text.encode())
    for _ in range(random.randint(1, 6)):
        at = random.randrange(len(bytes)) if bytes else 0
        choice = random.randrange(3)
        if choice == 0:
            bytes[at:at + random.randrange(9)] = b""
        elif choice == 1:
            bytes[at:at] = random.choice([b"(", b")", b"{", b"}", b"\"", b" ", b"\n", b"..", b"1e9", b"\xff", b"\x00", b"-"])
        else:
            other = random.randrange(len(bytes)) if bytes else 0
            bytes[at:at] = bytes[other:other + random.randrange(30)]
    return bytes


def bomb(size):
    """An archive whose one array claims and holds many zeros."""
    header = b"{'descr': '<f4', 'fortran_order': False, 'shape': (%d,), }" % (size // 4)
    header += b" " * ((64 - (10 + len(header) + 1) % 64) % 64) + b"\n"
    prefix = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    packer = zlib.compressobj(9, zlib.DEFLATED, -15)
    packed, sum = packer.compress(prefix), zlib.crc32(prefix)
    block = bytes(1 << 20)
    for _ in range(size >> 20):
        packed += packer.compress(block)
        sum = zlib.crc32(block, sum)
    packed += packer.flush()
    total = len(prefix) + (size >> 20 << 20)
    fields = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 0x21, sum, len(packed), total, 5, 0)
    local = b"PK\x03\x04" + fields + b"x.npy" + packed
    directory = b"PK\x01\x02" + struct.pack("<H", 20) + fields + struct.pack("<HHHII", 0, 0, 0, 0, 0) + b"x.npy"
    return local + directory + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(directory), len(local), 0)


def examples(siam):
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "Tests", "Programs")
    found = []
    for root, _, names in os.walk(folder):
        found += [open(os.path.join(root, n), encoding="utf8", errors="replace").read() for n in names if n.endswith(".siam")]
    return found


def attack(siam, random, end, count):
    import time
    found, done, sessions, ends = [], 0, 0, {}
    others = examples(siam)
    huge = bomb(64 << 20)
    while (done < count) if count else time.time() < end:
        if len(found) > 5:
            break
        with Folder() as folder:
            folder.write("evil.csv", "a,\x1b]0;owned\x07b,label\n1,2,\x1b[2Jx\n3,4,<script>\n5,6,\x1b[2Jx\n")
            with open(os.path.join(folder.path, "bomb.npz"), "wb") as f:
                f.write(huge)
            os.mkfifo(os.path.join(folder.path, "fifo"))
            at_prompt = random.random() < 0.15
            seed = random.randrange(1 << 30)
            random.seed(seed)
            text = program(random) if random.random() < 0.75 or not others else random.choice(others)
            text = text.encode(errors="replace") if random.random() < 0.6 else bytes(mangled(random, text))
            with open(os.path.join(folder.path, "p.siam"), "wb") as f:
                f.write(text)
            done += 1
            if at_prompt:
                sessions += 1
                t = Terminal([siam, "--no-init", "--quiet"], folder)
                t.wait(rb"siam> ", 10)
                for l in text.decode(errors="replace").split("\n"):
                    t.send(l.replace("\x04", "").replace("\x03", "").encode() + b"\r")
                    t.pump(0.05)
                t.send(b"\x03\x03")
                t.pump(0.3)
                t.send(b"quit\r\x04\x04")
                code = t.end(15)
                # The terminal of a mad session may hold it for input; only faults count.
                if code in FAULTS:
                    found.append(f"a session ended with {code} (seed {seed}): {text!r}")
                continue
            way = random.choice([[], ["check"], ["fmt", "--check"], ["test"], ["run", "--threads", "1"]])
            # A sanitised build reserves more addresses than there are: SIAM_SANITISED=1 sets no limit.
            limit = "unlimited" if os.environ.get("SIAM_SANITISED") else str(12 << 20)
            code, out, err = folder.run(
                ["sh", "-c", f"ulimit -v {limit}; exec \"$@\"", "sh", "timeout", "-s", "INT", "8", siam, *way, "p.siam"],
                timeout=20)
            ends[code] = ends.get(code, 0) + 1
            # Behind `timeout` and `sh` a signal shows as 128 and its number.
            if code is None:
                found.append(f"{way} does not end, nor hears ^C (seed {seed}): {text!r}")
            elif code in FAULTS or code > 128 and 128 - code in FAULTS or code == 137:
                found.append(f"{way} ended with {code} (seed {seed}): {text!r}: {err[-300:]!r}")
    return found, f"{done} programs, {sessions} of them at the prompt, ends {dict(sorted(ends.items(), key=str))}"
