"""What all packages are made from: the binary, what lies beside it, its libraries, its version and the commit's time."""
import gzip
import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

root = Path(__file__).resolve().parents[2]

summary = "prompt and language to explore, debug and repair Siamese networks"
# The C library and what the kernel brings: never bundled singly, since the loader and the C library must be of one version.
system = {"libc.so.6", "libm.so.6", "ld-linux-x86-64.so.2"}
# Opened by siam when first used, so that the loader's list does not name them.
opened = ["libopenblas.so.0", "liblapack.so.3", "libzmq.so.5", "libfreetype.so.6"]


# The Debian package of a command that is not called like it.
providers = {"dpkg-shlibdeps": "dpkg-dev", "strip": "binutils", "ldd": "libc-bin"}


def output(*command, **more):
    """What a command prints; the end of packaging with its own words where it fails."""
    try:
        done = subprocess.run([str(c) for c in command], capture_output=True, text=True, **more)
    except FileNotFoundError:
        sys.exit(f"package: {command[0]} is missing here; on Debian it is installed with  apt-get install {providers.get(command[0], command[0])}")
    if done.returncode != 0:
        sys.exit(f"package: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")
    return done.stdout


def release():
    """The version, from the one place that has it."""
    text = (root / "Sources/CVersion/version.c").read_text()
    return re.search(r'siam_version\(void\) \{ return "([0-9.]+)"', text).group(1)


def changes():
    """tutorials/changes.md as (version, date, list of entries), newest first."""
    found = []
    for line in (root / "tutorials/changes.md").read_text().split("\n"):
        if match := re.match(r"## ([0-9.]+), (.+)", line):
            found.append((match.group(1), match.group(2), []))
        elif found and line.startswith("- "):
            found[-1][2].append(line[2:])
        elif found and found[-1][2] and line.startswith("  "):
            found[-1][2][-1] += " " + line.strip()
    if not found or found[0][0] != release():
        sys.exit(f"package: the first version of tutorials/changes.md has to be {release()}, as in Sources/CVersion")
    return found


def needs_glibc(files):
    """The newest version of the C library that one of these files asks for: (2, 34)."""
    newest = (2, 0)
    for file in files:
        for major, minor in re.findall(r"\(GLIBC_(\d+)\.(\d+)", output("objdump", "-T", file)):
            newest = max(newest, (int(major), int(minor)))
    return newest


def level(file):
    """Takes out of a binary what differs between two builds of the same sources: the hashes that the compiler keeps of its
    modules are zeros, and the identity of the build follows from all other bytes."""
    content = bytearray(file.read_bytes())
    places = {}
    for line in output("readelf", "-SW", file).split("\n"):
        if match := re.search(r"\] (\.\S+)\s+\w+\s+[0-9a-f]+ ([0-9a-f]+) ([0-9a-f]+) ", line):
            places[match.group(1)] = (int(match.group(2), 16), int(match.group(3), 16))
    at, size = places.get(".swift_modhash", (0, 0))
    content[at:at + size] = bytes(size)
    at, size = places.get(".note.gnu.build-id", (0, 0))
    if size:
        # Sixteen bytes say what the rest is.
        content[at + 16:at + size] = bytes(size - 16)
        content[at + 16:at + size] = hashlib.sha1(content).digest()[:size - 16]
    file.write_bytes(content)


class Stage:
    """A folder with the stripped binary and `share`, from which each kind of package takes what it wants."""

    def __init__(self, folder, binary=None, like=None):
        self.to = folder.resolve()
        self.version = release()
        # The second of two runs that are compared is of the first one's commit, whatever was committed meanwhile.
        self.commit = like.commit if like else output(root / "scripts/commit").strip()
        time = os.environ.get("SOURCE_DATE_EPOCH") or output("git", "-C", root, "log", "-1", "--format=%ct")
        self.epoch = like.epoch if like else int(time)
        self.binary = Path(binary).resolve() if binary else self.build()
        self.work = self.to / "work"
        shutil.rmtree(self.work, ignore_errors=True)
        self.work.mkdir(parents=True)
        self.siam = self.work / "siam"
        shutil.copyfile(self.binary, self.siam)
        self.siam.chmod(0o755)
        output("strip", "--strip-unneeded", "--remove-section=.comment", self.siam)
        level(self.siam)
        self.share = self.work / "share"
        self.lay_beside()

    def build(self):
        print("package: building (release) ...", file=sys.stderr)
        environment = {**os.environ, "SIAM_SHIPPED": "1", "SIAM_COMMIT": self.commit}
        command = ["swift", "build", "-c", "release", "--static-swift-stdlib", "--product", "siam"]
        output(*command, cwd=root, env=environment)
        return root / ".build/release/siam"

    def speaks_mpi(self):
        """The library through which siam speaks MPI, where this machine can build it; else None."""
        if not shutil.which("mpicc"):
            print("package: without libsiam_mpi.so, since there is no mpicc here (apt-get install libopenmpi-dev)", file=sys.stderr)
            return None
        made = self.work / "libsiam_mpi.so"
        output("mpicc", "-O2", "-shared", "-fPIC", "-Wl,-z,relro", "-Wl,-z,now", root / "scripts/cluster/siam_mpi.c", "-o", made)
        output("strip", "--strip-unneeded", "--remove-section=.comment", "--remove-section=.note", made)
        return made

    def lay_beside(self):
        """Manual page, completions and what Jupyter reads, all made by the binary from its own declarations."""
        output(root / "scripts/share", self.work, self.siam)
        bash = self.share / "bash-completion/completions/siam"
        # It is read by a shell and not run, so it has no first line that names one.
        bash.write_text(re.sub(r"\A#!.*\n", "", bash.read_text()))
        output(self.siam, "kernel", "--install", "--prefix", self.work)
        spec = self.share / "jupyter/kernels/siam/kernel.json"
        spec.write_text(spec.read_text().replace(str(self.siam), "siam"))

    def libraries(self, file):
        """Name and place of each library that the file needs, theirs as well."""
        found = {}
        for line in output("ldd", file).split("\n"):
            if match := re.match(r"\s*(\S+) => (/\S+)", line):
                found[match.group(1)] = Path(match.group(2)).resolve()
            elif "not found" in line:
                sys.exit(f"package: {file} lacks {line.strip()}")
        return found

    def bundled(self):
        """All libraries of the binary but the C library's, with those that it opens later where this machine has them."""
        found = self.libraries(self.siam)
        known = output("/sbin/ldconfig", "-p")
        for name in opened:
            # The first of the two that are opened for LAPACK is enough.
            if name == "liblapack.so.3" and "libopenblas.so.0" in found:
                continue
            if match := re.search(rf"{re.escape(name)} \(.*x86-64\) => (\S+)", known):
                found[name] = Path(match.group(1)).resolve()
                found.update(self.libraries(found[name]))
            elif name == "liblapack.so.3":
                sys.exit("package: libopenblas0-serial or liblapack3 has to be here to be bundled")
        return {name: found[name] for name in sorted(found)}

    def licences(self, libraries, folder):
        """The copyright files of the Debian packages that the libraries are from."""
        folder.mkdir(parents=True)
        for path in libraries:
            owner = output("dpkg", "-S", f"*{str(path).removeprefix('/usr')}").split(":")[0]
            text = Path(f"/usr/share/doc/{owner}/copyright")
            if not text.exists():
                sys.exit(f"package: {owner} has no copyright file")
            (folder / owner).write_bytes(text.read_bytes())
        (folder / "siam").write_text(copyright_text)

    def compressed(self, text):
        return gzip.compress(text.encode(), 9, mtime=0)


copyright_text = """Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: siam
Comment: The sources of siam state no licence of their own; ask its authors.

Files: *
Copyright: 2026, the authors of siam
License: not-stated
 No licence is stated in the sources of siam.

Files: digits
Copyright: 1998, E. Alpaydin and C. Kaynak
License: CC-BY-4.0
 Optical Recognition of Handwritten Digits, UCI Machine Learning Repository, https://doi.org/10.24432/C50P49;
 licensed under Creative Commons Attribution 4.0, https://creativecommons.org/licenses/by/4.0/legalcode

Files: swift-standard-library swift-argument-parser
Copyright: 2014-2026, Apple Inc. and the Swift project authors
License: Apache-2.0 with Runtime Library Exception
 Compiled into the binary. On Debian systems the Apache licence 2.0 is in /usr/share/common-licenses/Apache-2.0.
 The exception: as an exception, if you use this Software to compile your source code and portions of this Software are
 embedded into the binary product as a result, you may redistribute such product without providing attribution as would
 otherwise be required by Sections 4(a), 4(b) and 4(d) of the License.
"""
