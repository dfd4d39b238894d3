"""The Debian package, put together by dpkg-deb; what it depends on is told by dpkg-shlibdeps."""
import datetime
import email.utils
import hashlib
import os
import re
import shutil

from stage import changes, copyright_text, output, summary

maintainer = "The authors of siam <siam@packages.invalid>"
description = f"""{summary}
 siam runs small programs that define towers, losses and training loops, and
 shows with numbers what a network that does not learn is doing: shapes stage
 by stage, gradients, distances, rank and collapse.
 .
 Its doctor looks for the cause of a sick training run, confirms it by replays
 over several seeds, and repairs the lines. Its lessons play at the prompt.
"""


def make(stage):
    folder = stage.work / "deb"
    doc = folder / "usr/share/doc/siam"
    doc.mkdir(parents=True)
    (folder / "usr/bin").mkdir()
    shutil.copyfile(stage.siam, folder / "usr/bin/siam")
    share = folder / "usr/share"
    for path in sorted(p for p in stage.share.rglob("*") if p.is_file()):
        place = share / path.relative_to(stage.share)
        # Debian's zsh looks elsewhere, and its manual pages are packed.
        if path.name == "_siam":
            place = share / "zsh/vendor-completions/_siam"
        if path.name == "siam.1":
            place = place.with_name("siam.1.gz")
        place.parent.mkdir(parents=True, exist_ok=True)
        text = path.read_bytes()
        place.write_bytes(stage.compressed(text.decode()) if path.name == "siam.1" else text)
    # The rest of MPI is there where a user has it: siam opens this when mpirun has started it.
    if mpi := stage.speaks_mpi():
        (folder / "usr/lib/siam").mkdir(parents=True)
        shutil.copyfile(mpi, folder / "usr/lib/siam" / mpi.name)
    (doc / "copyright").write_text(copyright_text)
    (doc / "changelog.gz").write_bytes(stage.compressed(changelog()))

    control = folder / "DEBIAN"
    control.mkdir()
    (control / "control").write_text(fields(stage, folder))
    sums = [
        f"{hashlib.md5(p.read_bytes()).hexdigest()}  {p.relative_to(folder)}\n"
        for p in sorted(folder.rglob("*"))
        if p.is_file() and control not in p.parents
    ]
    (control / "md5sums").write_text("".join(sums))
    for path in [folder, *folder.rglob("*")]:
        path.chmod(0o755 if path.is_dir() or path.name == "siam" and path.parent.name == "bin" else 0o644)
        os.utime(path, (stage.epoch, stage.epoch))
    target = stage.to / f"siam_{stage.version}_amd64.deb"
    environment = {**os.environ, "SOURCE_DATE_EPOCH": str(stage.epoch)}
    output("dpkg-deb", "--root-owner-group", "-Zxz", "--build", folder, target, env=environment)
    return target


def fields(stage, folder):
    """DEBIAN/control."""
    source = stage.work / "debian"
    source.mkdir(exist_ok=True)
    (source / "control").write_text("Source: siam\n\nPackage: siam\nArchitecture: amd64\nDescription: siam\n")
    told = output("dpkg-shlibdeps", "-O", "-e" + str(stage.siam), cwd=stage.work)
    depends = re.search(r"shlibs:Depends=(.*)", told).group(1)
    size = sum(p.stat().st_size for p in (folder / "usr").rglob("*") if p.is_file()) // 1024
    return (
        f"Package: siam\nVersion: {stage.version}\nArchitecture: amd64\nMaintainer: {maintainer}\n"
        f"Installed-Size: {size}\nDepends: {depends}, sensible-utils\nRecommends: libopenblas0-serial | liblapack3, libfreetype6, fonts-dejavu-core\nSuggests: libzmq5, openmpi-bin, libfontconfig1, fonts-noto-cjk\n"
        f"Section: science\nPriority: optional\nDescription: {description}"
    )


def changelog():
    """tutorials/changes.md as Debian writes it."""
    text = ""
    for version, date, entries in changes():
        day = datetime.datetime.strptime(date, "%d %B %Y").replace(hour=12, tzinfo=datetime.timezone.utc)
        text += f"siam ({version}) unstable; urgency=medium\n\n"
        for entry in entries:
            words, line = entry.replace("`", "").split(), "  *"
            for word in words:
                if len(line) + len(word) > 78:
                    text += line + "\n"
                    line = "   "
                line += " " + word
            text += line + "\n"
        text += f"\n -- {maintainer}  {email.utils.format_datetime(day)}\n\n"
    return text
