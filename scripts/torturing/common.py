"""What the attacks share: siam in a folder of its own, at a pseudo-terminal or on pipes."""
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import tempfile
import termios
import time

# What no run of siam may ever end with: a fault of its own, or a signal that stands for one.
FAULTS = {70, -signal.SIGSEGV, -signal.SIGABRT, -signal.SIGBUS, -signal.SIGILL, -signal.SIGFPE, -signal.SIGTRAP}
NOISE = re.compile(rb"\x1b\[[0-9;?]*[a-zA-Z]|\x1b[78=>]|\x01")


class Folder:
    """A folder that goes away at the end; also the home of what runs in it."""

    def __enter__(self):
        self.path = tempfile.mkdtemp(prefix="siam-torture-")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.path, ignore_errors=True)

    def write(self, name, text):
        path = os.path.join(self.path, name)
        with open(path, "w") as f:
            f.write(text)
        return path

    def environment(self, **more):
        kept = {k: v for k, v in os.environ.items() if k in ("PATH", "LANG", "LC_ALL", "SIAM_DATA")}
        return {**kept, "HOME": self.path, "TERM": "xterm-256color", "LANG": "C.UTF-8", **more}

    def run(self, command, timeout=60, **more):
        try:
            p = subprocess.run(
                command, cwd=self.path, env=self.environment(), capture_output=True, timeout=timeout, **more)
            return p.returncode, p.stdout, p.stderr
        except subprocess.TimeoutExpired:
            return None, b"", b""


class Terminal:
    """A process at a pseudo-terminal."""

    def __init__(self, command, folder):
        self.seen = b""
        self.mark = 0
        self.code = None
        self.pid, self.file = pty.fork()
        if self.pid == 0:
            os.chdir(folder.path)
            os.execve(command[0], command, folder.environment())
        self.resize(24, 100)

    def resize(self, rows, columns):
        fcntl.ioctl(self.file, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def send(self, text):
        try:
            os.write(self.file, text)
        except OSError:
            pass

    def kill(self, number):
        try:
            os.kill(self.pid, number)
        except ProcessLookupError:
            pass

    def pump(self, seconds):
        """Reads what comes; False where the process has let go of the terminal."""
        ready, _, _ = select.select([self.file], [], [], max(0, seconds))
        if not ready:
            return True
        try:
            bytes = os.read(self.file, 65536)
        except OSError:
            return False
        self.seen += bytes
        return bool(bytes)

    def wait(self, pattern, seconds):
        """Waits for text behind the last that was found; the match, or None at the end or after the time."""
        end = time.time() + seconds
        is_open = True
        while True:
            clean = NOISE.sub(b"", self.seen)
            match = re.compile(pattern).search(clean, min(self.mark, len(clean)))
            if match:
                self.mark = match.end()
                return match
            if time.time() > end or not is_open:
                return None
            is_open = self.pump(end - time.time())

    def end(self, seconds=20):
        """The code that the process ends with, negative for a signal; None where it does not end."""
        until = time.time() + seconds
        while time.time() < until:
            done, status = os.waitpid(self.pid, os.WNOHANG)
            if done:
                self.code = os.waitstatus_to_exitcode(status)
                break
            self.pump(0.02)
        if self.code is None:
            self.kill(signal.SIGKILL)
            os.waitpid(self.pid, 0)
        while self.pump(0):
            if not select.select([self.file], [], [], 0)[0]:
                break
        os.close(self.file)
        return self.code

    @property
    def text(self):
        return NOISE.sub(b"", self.seen).decode(errors="replace")
