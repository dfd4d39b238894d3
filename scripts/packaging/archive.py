"""The archive for any x86-64 Linux: siam, its libraries, and the C library and loader that they were built with.

The loader starts the program with the folder `lib` beside it, so that what the machine has is not asked for: the oldest
C library plays no part, and the kernel has to be 3.2 or later, which is what Debian's C library wants.
"""
import gzip
import shutil
import tarfile
from pathlib import Path

from stage import root

launcher = """#!/bin/sh
# siam with the libraries in lib beside it, whatever this machine has of them.
program=$(readlink -f "$0")
here=${program%/*}
SIAM_PROGRAM=$program
export SIAM_PROGRAM
exec "$here/lib/ld-linux-x86-64.so.2" --inhibit-cache --library-path "$here/lib" --argv0 siam "$here/lib/siam" "$@"
"""

about = """siam {version} ({commit}) for x86-64 Linux, with all libraries.

    ./siam             opens the prompt
    ./siam FILE        runs a program
    ./siam learn 1     begins the lessons

Unpack it anywhere; a link to the file siam from a folder of your PATH is all that an installation needs:
    ln -s "$PWD/siam" ~/.local/bin/siam
To remove it, remove the folder and the link. share/ has the manual page and completions; share/licences says whose
the libraries are.
"""


def make(stage):
    name = f"siam-{stage.version}-linux-x86_64"
    folder = stage.work / name
    lib = folder / "lib"
    lib.mkdir(parents=True)
    libraries = stage.bundled()
    loader = "ld-linux-x86-64.so.2"
    libraries[loader] = Path(f"/lib64/{loader}").resolve()
    # Programs and libraries of older builds name these; the C library has had them inside since 2.34.
    for stub in ["libpthread.so.0", "libdl.so.2", "librt.so.1"]:
        libraries[stub] = Path(f"/lib/x86_64-linux-gnu/{stub}").resolve()
    for file, path in libraries.items():
        shutil.copyfile(path, lib / file)
        (lib / file).chmod(0o755 if file == loader else 0o644)
    shutil.copyfile(stage.siam, lib / "siam")
    (lib / "siam").chmod(0o755)
    (folder / "siam").write_text(launcher)
    (folder / "siam").chmod(0o755)
    (folder / "README").write_text(about.format(version=stage.version, commit=stage.commit))
    shutil.copytree(stage.share, folder / "share")
    stage.licences(libraries.values(), folder / "share/licences")
    (folder / "share/examples").mkdir()
    for example in sorted((root / "scripts/examples").glob("*.siam")):
        shutil.copyfile(example, folder / "share/examples" / example.name)
    target = stage.to / f"{name}.tar.gz"
    pack(folder, target, stage.epoch)
    return target


def pack(folder, target, epoch):
    """A tar of the folder whose bytes depend on names, modes and contents alone."""

    def plain(entry):
        entry.uid = entry.gid = 0
        entry.uname = entry.gname = "root"
        entry.mtime = epoch
        entry.mode = 0o755 if entry.isdir() or entry.mode & 0o100 else 0o644
        return entry

    with open(target, "wb") as raw, gzip.GzipFile("", "wb", 9, raw, mtime=0) as packed:
        with tarfile.open(fileobj=packed, mode="w", format=tarfile.PAX_FORMAT) as tar:
            for path in [folder, *sorted(folder.rglob("*"))]:
                tar.add(path, arcname=str(path.relative_to(folder.parent)), recursive=False, filter=plain)
