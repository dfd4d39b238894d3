"""The wheel: the binary and its libraries in a Python package whose one function becomes siam.

What the manylinux rules count as the system's own (the C and C++ libraries) is not bundled; auditwheel says which release
of those rules the result keeps, and where it is not at hand the newest version of the C library that a file asks for does.
"""
import base64
import hashlib
import os
import re
import shutil
import subprocess
import sys
import time
import zipfile

from stage import needs_glibc, output, summary, system

allowed = system | {
    "libgcc_s.so.1", "libstdc++.so.6", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2",
}

start = '''"""siam, with its libraries, as a command and as `python -m siam`."""
import os
import sys


def main():
    """Becomes siam: arguments, input and output, signals and the exit code are its own."""
    program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "bin", "siam")
    os.execv(program, ["siam", *sys.argv[1:]])
'''


def make(stage):
    folder = stage.work / "wheel"
    package = folder / "siam"
    (package / "bin").mkdir(parents=True)
    (package / "lib").mkdir()
    (package / "__init__.py").write_text(start)
    (package / "__main__.py").write_text("from siam import main\n\nmain()\n")
    shutil.copyfile(stage.siam, package / "bin/siam")
    (package / "bin/siam").chmod(0o755)
    output("patchelf", "--set-rpath", "$ORIGIN/../lib", package / "bin/siam")
    libraries = {n: p for n, p in stage.bundled().items() if n not in allowed}
    for name, path in libraries.items():
        shutil.copyfile(path, package / "lib" / name)
        (package / "lib" / name).chmod(0o755)
        output("patchelf", "--set-rpath", "$ORIGIN", package / "lib" / name)
    stage.licences(libraries.values(), package / "licences")
    data = folder / f"siam-{stage.version}.data/data/share"
    shutil.copytree(stage.share, data)

    elves = [package / "bin/siam", *(package / "lib").iterdir()]
    major, minor = needs_glibc(elves)
    target = pack(stage, folder, f"manylinux_{major}_{minor}_x86_64")
    told = audited(target)
    if told and told not in target.name:
        target.unlink()
        target = pack(stage, folder, told)
    return target


def audited(target):
    """The platform that auditwheel finds the wheel to fit; None where there is no auditwheel."""
    for command in [["auditwheel"], [sys.executable, "-m", "auditwheel"]]:
        if len(command) > 1 or shutil.which(command[0]):
            said = subprocess.run([*command, "show", str(target)], capture_output=True, text=True)
            if match := re.search(r'platform\s+tag:\s+"(\w+)"', said.stdout):
                return match.group(1)
    print("package: auditwheel is not here; the wheel's platform is read from its files", file=sys.stderr)
    return None


def pack(stage, folder, platform):
    """The zip, with the lists that a wheel has of itself."""
    information = folder / f"siam-{stage.version}.dist-info"
    shutil.rmtree(information, ignore_errors=True)
    information.mkdir()
    (information / "METADATA").write_text(
        f"Metadata-Version: 2.1\nName: siam\nVersion: {stage.version}\nSummary: {summary}\n"
        f"Requires-Python: >=3.7\nClassifier: Operating System :: POSIX :: Linux\n\n"
        f"siam {stage.version}, commit {stage.commit}: `siam` opens the prompt, `siam learn` the lessons.\n")
    (information / "WHEEL").write_text(
        f"Wheel-Version: 1.0\nGenerator: siam scripts/package\nRoot-Is-Purelib: false\nTag: py3-none-{platform}\n")
    (information / "entry_points.txt").write_text("[console_scripts]\nsiam = siam:main\n")
    record = information / "RECORD"
    lines = []
    files = sorted(p for p in folder.rglob("*") if p.is_file())
    for path in files:
        digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).decode().rstrip("=")
        lines.append(f"{path.relative_to(folder)},sha256={digest},{path.stat().st_size}\n")
    record.write_text("".join(lines) + f"{record.relative_to(folder)},,\n")
    target = stage.to / f"siam-{stage.version}-py3-none-{platform}.whl"
    moment = time.gmtime(max(stage.epoch, 315532800))[:6]
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in [*files, record]:
            entry = zipfile.ZipInfo(str(path.relative_to(folder)), moment)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = (0o100755 if os.access(path, os.X_OK) and path.stat().st_mode & 0o100 else 0o100644) << 16
            packed.writestr(entry, path.read_bytes())
    return target
