"""^C and other signals at random moments of training. No abort, the pause answers, `go` ends with the losses of an
undisturbed run."""
import re
import signal
import time

from .common import FAULTS, Folder, Terminal
from .heard import heard

BODY = """{
    z1 = net(a)
    z2 = net(b)
    minimize contrastive(z1, z2, same)
    every 150 steps {
        print("before", step)
        for part in 0..10 { report map = map_at_r(net(d.x), d.y) }
        k = k + 1
        print("behind", step, k)
    }
}"""
PROGRAM = f"""d = digits()
train_set, test = d.split(0.25)
net = conv(8, 3) >> relu >> maxpool(2) >> flatten >> dense(48) >> relu >> dense(8)
k = 0
r = train net on pairs(train_set, 64) as a, b, same using adam(0.002) for 600 steps {BODY}
print("losses", sum(r.loss), r.loss[-1], sum(r.map))
"""
PAUSE = rb"siam\((\d+)\)> "
# What the blocks print, once each.
LINES = [line for k in range(1, 5) for line in (f"before {150 * k}", f"behind {150 * k} {k}")]
RESULT = rb"losses ([^\r\n]+)\r?\n"


def undisturbed(siam):
    with Folder() as folder:
        path = folder.write("p.siam", PROGRAM)
        code, out, err = folder.run([siam, path])
        if code != 0:
            raise SystemExit(f"the program itself does not run: {err.decode()}")
        return re.search(RESULT, out).group(1).decode()


def disturb(t, random, found, counts):
    """One signal or a storm of harmless ones; True where a pause is to be expected."""
    what = random.choice(["^C"] * 6 + ["INT", "ALRM", "WINCH", "stop", "storm"])
    counts[what] = counts.get(what, 0) + 1
    if what == "^C":
        t.send(b"\x03")
    elif what == "INT":
        t.kill(signal.SIGINT)
    elif what == "ALRM":
        t.kill(signal.SIGALRM)
    elif what == "WINCH":
        t.resize(random.randint(10, 60), random.randint(60, 140))
        return False
    elif what == "stop":
        t.kill(signal.SIGTSTP)
        time.sleep(0.01)
        t.kill(signal.SIGCONT)
        return False
    else:
        for _ in range(20):
            t.kill(random.choice([signal.SIGWINCH, signal.SIGCONT]))
        return False
    return True


def one(siam, random, wanted, found, counts):
    with Folder() as folder:
        at_prompt = random.random() < 0.4
        path = folder.write("p.siam", PROGRAM)
        t = Terminal([siam, "--quiet", "--no-init"] if at_prompt else [siam, path], folder)
        if at_prompt:
            t.wait(rb"siam> ", 10)
            t.send(b':load "p.siam"\r')
        where = "at the prompt" if at_prompt else "in a file"
        interrupts = 0
        started = False
        deadline = time.time() + 60
        result = None
        while time.time() < deadline:
            if not started:
                # The first signal may come at any moment, also before the program has begun.
                if t.wait(rb"step|epoch|\d+/\d+", random.uniform(0.1, 0.4)) is None and t.wait(RESULT, 0):
                    break
                started = True
            # Now and then just where something is worked out behind a step.
            behind = random.random() < 0.3 and t.wait(RESULT + rb"|before \d+", 0.5)
            if behind and b"before" in behind.group(0):
                time.sleep(random.uniform(0, 0.15))
                match = None
            else:
                match = behind or t.wait(RESULT + rb"|interrupted[^\r\n]*\r?\n", random.uniform(0.0, 0.05))
            if match:
                result = match
                break
            if disturb(t, random, found, counts):
                sent = time.time()
                match = t.wait(RESULT + rb"|" + PAUSE + rb"|interrupted; variables|interrupted\r?\n", 15)
                if match is None:
                    break
                heard = time.time() - sent
                if b"losses" in match.group(0) or b"interrupted" in match.group(0):
                    result = match
                    break
                interrupts += 1
                counts["slowest"] = max(counts.get("slowest", 0), heard)
                # A second ^C at the pause means that the run is to end: the answer is read first.
                for word in random.choice([["go"], ["go"], ["1 + 1", "go"], ["step 2", "go"]]):
                    t.send(word.encode() + b"\r")
                    t.wait(re.escape(word).encode() + rb"\r+\n", 10)
                    if word != "go" and t.wait(PAUSE, 10) is None:
                        break
        text = result.group(0).decode(errors="replace") if result else None
        if text is None:
            # Something is waiting, or has ended.
            for _ in range(5):
                t.send(b"go\r")
                match = t.wait(RESULT + rb"|" + PAUSE, 10)
                if match and b"losses" in match.group(0):
                    text = match.group(0).decode()
                    break
        if at_prompt:
            t.send(b"\x04")
        code = t.end()
        counts["interrupts"] = counts.get("interrupts", 0) + interrupts
        if code in FAULTS or code is None:
            found.append(f"{where}: ended with {code}: {t.text[-300:]!r}")
        elif text is None:
            found.append(f"{where}: no end came: {t.text[-300:]!r}")
        elif "losses" in text:
            got = text.strip().split(" ", 1)[1]
            counts["ends"] = counts.get("ends", 0) + 1
            if got != wanted:
                found.append(f"{where}: the losses are {got} and were {wanted}")
            said = re.findall(r"before \d+|behind \d+ \d+", t.text)
            if said != LINES:
                odd = [line for line in LINES if said.count(line) != 1] or said
                number = odd[0].split()[1]
                around = [t.text[max(0, m.start() - 80):m.end() + 20] for m in re.finditer(number, t.text)]
                found.append(f"{where}: not said once, or not in order: {odd}: {around}")
            counts["made behind a step"] = counts.get("made behind a step", 0) + t.text.count("is not made yet")


def ended(siam, random, found, counts):
    """SIGTERM at a random moment ends the program by that signal, or as a hangup, and by no fault."""
    with Folder() as folder:
        path = folder.write("p.siam", PROGRAM)
        t = Terminal([siam, path], folder)
        until = time.time() + random.uniform(0.1, 1.0)
        while time.time() < until:
            t.pump(0.05)
        for _ in range(random.randint(1, 3)):
            t.kill(signal.SIGTERM)
        code = t.end()
        counts["TERM"] = counts.get("TERM", 0) + 1
        if code not in (0, -signal.SIGTERM, 129, 143):
            found.append(f"SIGTERM: ended with {code}: {t.text[-300:]!r}")


def attack(siam, random, end, count):
    wanted = undisturbed(siam)
    found, counts = [], {}
    while (counts.get("interrupts", 0) < count) if count else time.time() < end:
        one(siam, random, wanted, found, counts)
        if random.random() < 0.15:
            ended(siam, random, found, counts)
        if not count and random.random() < 0.3:
            heard(siam, random, found, counts)
        if len(found) > 5:
            break
    slowest = counts.pop("slowest", 0)
    deafest = counts.pop("deafest", None)
    parts = ", ".join(f"{v} {k}" for k, v in sorted(counts.items()))
    return found, f"{parts}; the slowest was heard after {slowest:.2f} s" + (
        f", {deafest[1]} heard one after {deafest[0]} s" if deafest else "")
