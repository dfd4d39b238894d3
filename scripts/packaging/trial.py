"""Each package tried where nothing else is: installed, used, removed.

The Debian package in a root of debootstrap's with nothing but Debian's base; the archive in a root with a shell and nothing
besides, no C library of its own, and in Debian 11, whose C library (2.31) is older than the one that siam is built with; the wheel
in a virtual environment. What is used is the same everywhere: one expression, README's session, the doctor on a sick program,
LAPACK and a figure as PNG.
"""
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from stage import output, release, root
from wheel import allowed

mirror = os.environ.get("SIAM_MIRROR", "http://deb.debian.org/debian")
sick = """d = digits()
seen, unseen = split(d, 0.8)
net = flatten >> dense(32) >> relu >> dense(8)
run = train net on pairs(seen, 32) as a, b, same for 150 steps using adam(0.001) {
  minimize contrastive(net(a), net(b), 1 - same)
}
inspect(net, unseen)
"""


class Failed(Exception):
    """What did not hold, in words."""


class World:
    """A place in which commands run: a folder with a root of its own, or a folder of this machine."""

    def __init__(self, name, folder, inside, path):
        self.name, self.folder, self.inside = name, folder, inside
        self.environment = {"PATH": path, "HOME": "/tmp", "LANG": "C.UTF-8", "TERM": "dumb"}

    def run(self, *command, status=0, timeout=900):
        """What the command prints, where it ends with the code that is wanted."""
        if self.inside:
            command = [shutil.which("chroot") or "/usr/sbin/chroot", str(self.folder), *command]
        done = subprocess.run(
            command, capture_output=True, text=True, env=self.environment, timeout=timeout, stdin=subprocess.DEVNULL,
            cwd=None if self.inside else self.folder)
        if done.returncode != status:
            raise Failed(f"{' '.join(command)} ended with {done.returncode}:\n{(done.stdout + done.stderr)[-3000:]}")
        return done.stdout

    def place(self, path):
        return self.folder / path.lstrip("/") if self.inside else self.folder / Path(path).name

    def use(self, siam):
        """The same few things of siam in every world."""
        shutil.copyfile(root / "README.md", self.place("/tmp/README.md"))
        self.place("/tmp/sick.siam").write_text(sick)
        there = "/tmp/" if self.inside else ""
        wanted = f"siam {release()} ("
        if not self.run(siam, "--version").startswith(wanted):
            raise Failed(f"--version does not begin with {wanted}")
        self.run(siam, "-e", "1")
        if self.run(siam, "-e", "print(6 * 7)") != "42\n":
            raise Failed("6 * 7 is not 42")
        if "1 passed, 0 failed" not in self.run(siam, "test", there + "README.md"):
            raise Failed("README's session prints something else")
        if "swapped labels" not in self.run(siam, "doctor", "--budget", "20", there + "sick.siam", status=3):
            raise Failed("the doctor does not name swapped labels")
        self.run(siam, "-e", "svd([[1, 2], [3, 4]])")
        self.run(siam, "-e", f'save(plot([1, 3, 2]), "{there}p.png")')
        if not self.place("/tmp/p.png").read_bytes().startswith(b"\x89PNG"):
            raise Failed("no PNG was written")


def run(made, to):
    """Tries what was made; the exit code."""
    if os.geteuid() != 0 and set(made) & {"deb", "archive"}:
        print("package: trying packages in a root of their own takes root")
        return 1
    failed = 0
    trials = []
    if "deb" in made:
        trials.append(("the Debian package in a bare Debian", lambda: deb(made["deb"], to)))
    if "archive" in made:
        trials.append(("the archive beside a shell and nothing else", lambda: archive(made["archive"], nothing(to))))
        trials.append(("the archive in Debian 11", lambda: archive(made["archive"], debian("bullseye", to))))
    if "wheel" in made:
        trials.append(("the wheel in a virtual environment", lambda: wheel(made["wheel"])))
    for name, trial in trials:
        try:
            trial()
            print(f"ok: {name}", flush=True)
        except (Failed, subprocess.TimeoutExpired) as problem:
            failed = 1
            print(f"FAILED: {name}: {problem}", flush=True)
    if "deb" in made:
        if shutil.which("lintian"):
            # The address of the authors is none, and nobody asked for the package to be in Debian.
            said = subprocess.run(
                ["lintian", "--allow-root", "--suppress-tags", "bogus-mail-host,initial-upload-closes-no-bugs", "--fail-on",
                 "error,warning", str(made["deb"])], capture_output=True, text=True)
            failed |= said.returncode != 0
            print(("ok: lintian" if said.returncode == 0 else "FAILED: lintian") + "\n" + said.stdout, end="")
        else:
            print("lintian is not here")
    return failed


def debian(suite, to):
    """A fresh copy of a release's smallest root, which is fetched once."""
    kept = to / "roots" / suite
    if not (kept / "bin").exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        output("debootstrap", "--variant=minbase", suite, kept, mirror)
    fresh = to / "trial"
    shutil.rmtree(fresh, ignore_errors=True)
    output("cp", "-a", kept, fresh)
    return mounted(World(suite, fresh, True, "/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin"))


def nothing(to):
    """A root with busybox, linked statically, and three devices."""
    fresh = to / "trial"
    shutil.rmtree(fresh, ignore_errors=True)
    for name in ["bin", "dev", "proc", "tmp", "opt"]:
        (fresh / name).mkdir(parents=True)
    with tempfile.TemporaryDirectory() as folder:
        output("apt-get", "download", "-qq", "busybox-static", cwd=folder)
        output("dpkg-deb", "-x", next(Path(folder).glob("*.deb")), folder)
        shutil.copy(Path(folder) / "bin/busybox", fresh / "bin/busybox")
    for name in ["sh", "readlink", "tar", "gzip", "rm", "ls"]:
        (fresh / "bin" / name).symlink_to("busybox")
    for name, minor in [("null", 3), ("zero", 5), ("urandom", 9)]:
        output("mknod", "-m", "666", fresh / "dev" / name, "c", "1", minor)
    return mounted(World("nothing", fresh, True, "/usr/local/bin:/bin"))


def mounted(world):
    """With /proc, which siam asks for its memory; a machine that mounts nothing goes without."""
    subprocess.run(["mount", "-t", "proc", "proc", world.folder / "proc"], capture_output=True)
    return world


def leave(world):
    subprocess.run(["umount", world.folder / "proc"], capture_output=True)
    if not (world.folder / "proc/self").exists():
        shutil.rmtree(world.folder, ignore_errors=True)


def deb(file, to):
    world = debian("bookworm", to)
    try:
        shutil.copyfile(file, world.place("/tmp/siam.deb"))
        world.environment["DEBIAN_FRONTEND"] = "noninteractive"
        world.run("apt-get", "update", "-qq")
        world.run("apt-get", "install", "-y", "-qq", "/tmp/siam.deb")
        files = [f for f in world.run("dpkg", "-L", "siam").split() if f != "/." and not world.place(f).is_dir()]
        world.use("siam")
        world.run("apt-get", "purge", "-y", "-qq", "siam")
        left = [f for f in files if world.place(f).exists()]
        if left:
            raise Failed(f"left after the removal: {left}")
    finally:
        leave(world)


def archive(file, world):
    try:
        shutil.copyfile(file, world.place("/tmp/siam.tar.gz"))
        world.run("tar", "xzf", "/tmp/siam.tar.gz", "-C", "/opt")
        folder = f"/opt/siam-{release()}-linux-x86_64"
        # Through a link too, as README in the archive advises.
        world.place("/usr/local/bin").mkdir(parents=True, exist_ok=True)
        world.place("/usr/local/bin/siam").symlink_to(f"{folder}/siam")
        world.run(f"{folder}/siam", "-e", "1")
        world.use("siam")
        world.run("rm", "-r", folder, "/usr/local/bin/siam")
    finally:
        leave(world)


def wheel(file):
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        output(sys.executable, "-m", "venv", folder / "v")
        world = World("environment", folder, False, f"{folder}/v/bin:/usr/bin:/bin")
        before = files(folder / "v")
        world.run("pip", "install", "-q", "--no-index", "--disable-pip-version-check", str(file))
        inner = next((folder / "v").glob("lib/python*/site-packages/siam"))
        for own in [inner / "bin/siam", *sorted((inner / "lib").iterdir())]:
            for line in output("ldd", own).split("\n"):
                words = line.split()
                if len(words) > 2 and words[0] not in allowed and not words[2].startswith(str(folder.resolve())):
                    raise Failed(f"{own.name} takes {words[0]} from {words[2]}")
        world.use("siam")
        world.run("python", "-m", "siam", "-e", "1")
        world.run("pip", "uninstall", "-q", "-y", "siam")
        left = sorted(files(folder / "v") - before)
        if left:
            raise Failed(f"left after the removal: {left}")


def files(folder):
    """The files below a folder, without what Python compiles as it goes; pip leaves empty folders."""
    return {str(p) for p in folder.rglob("*") if p.is_file() and p.suffix != ".pyc"}
