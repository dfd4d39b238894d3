"""Random edits of a file in `siam lsp`: the server never ends, and after them it knows what it would know of the text had it
been opened just then."""
import glob
import json
import os
import subprocess
import time

from .common import Folder

PIECES = [
    "x", "net", "dense(8)", " >> ", "relu", "(", ")", "{", "}", "[", "]", "\n", "\n\n", " ", "\"", "#", "## help\n", "fn f(a) = a\n",
    "layer head(d) = dense(d)\n", "train net on d as a, b, same for 3 steps using sgd(0.1) { minimize sum(a) }\n", "1", "0.5",
    " = ", ", ", "..", "|>", "if x > 1 { y = 2 } else { y = 3 }\n", "for i in 0..3 { print(i) }\n", "\r\n", "\t", "é", "\U0001F600",
    "\"{x:.3}\"", "import \"a.siam\"\n", "unknown_name", "a.b.c", "@", "^", "->",
]


class Editor:
    """A client of the language server."""

    def __init__(self, siam, folder):
        self.process = subprocess.Popen(
            [siam, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder.path, env=folder.environment())
        self.count = 0
        self.told = {}
        self.shown = []

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        length = None
        while True:
            line = self.process.stdout.readline()
            if not line:
                raise EOFError(f"the server ended with {self.process.wait()}")
            if line == b"\r\n":
                break
            length = int(line.split(b":")[1])
        message = json.loads(self.process.stdout.read(length))
        if message.get("method") == "textDocument/publishDiagnostics":
            told = message["params"]
            self.told[told["uri"], told.get("version")] = told["diagnostics"]
        elif "method" in message:
            self.shown.append(message)
        return message

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        self.count += 1
        self.send({"id": self.count, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.count and "method" not in message:
                return message

    def begin(self, **more):
        answer = self.request("initialize", {"processId": None, "rootUri": None, "capabilities": more})
        self.notify("initialized", {})
        return answer

    def open(self, uri, text, version=0):
        self.notify("textDocument/didOpen", {
            "textDocument": {"uri": uri, "languageId": "siam", "version": version, "text": text}})

    def change(self, uri, version, change):
        self.notify("textDocument/didChange", {
            "textDocument": {"uri": uri, "version": version}, "contentChanges": [change]})

    def findings(self, uri, version):
        while (uri, version) not in self.told:
            self.receive()
        return self.told.pop((uri, version))

    def end(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(10)


def place(text, offset):
    """Line and UTF-16 column of an offset in code points."""
    head = text[:offset].replace("\r\n", "\0\n")
    lines = head.replace("\r", "\n").split("\n")
    last = lines[-1].replace("\0", "")
    return {"line": len(lines) - 1, "character": len(last.encode("utf-16-le")) // 2}


def edited(text, random):
    """An edit as a range and a text, and the text that comes of it; none cuts a return from its newline."""
    start = random.randint(0, len(text))
    end = min(len(text), start + random.choice([0, 0, 0, 1, 1, 3, 10, 60]))
    if random.random() < 0.01:
        start, end = 0, random.choice([0, len(text)])
    for k in (start, end):
        if 0 < k < len(text) and text[k - 1] == "\r" and text[k] == "\n":
            return edited(text, random)
    new = random.choice(PIECES) if random.random() < 0.8 or not text else text[start:start + random.randint(0, 80)]
    return {"range": {"start": place(text, start), "end": place(text, end)}, "text": new}, text[:start] + new + text[end:]


def state(editor, uri, findings):
    of = {"textDocument": {"uri": uri}}
    found = [findings]
    for method in ("documentSymbol", "foldingRange", "semanticTokens/full", "codeLens"):
        found.append(editor.request("textDocument/" + method, of).get("result"))
    return json.dumps(found).replace(uri.removeprefix("file://"), "")


def attack(siam, random, end, count):
    programs = sorted(glob.glob(os.path.join(os.path.dirname(__file__), "..", "examples", "*.siam")))
    found, edits, slowest = [], 0, 0.0
    with Folder() as folder:
        editor = Editor(siam, folder)
        editor.begin()
        version = 0
        try:
            while (edits < count if count else time.time() < end):
                with open(random.choice(programs)) as f:
                    text = f.read()
                uri = f"file://{folder.path}/a.siam"
                editor.open(uri, text, version)
                for k in range(1, 101):
                    version += 1
                    change, new = edited(text, random)
                    editor.change(uri, version, change)
                    edits += 1
                    text = new
                    since = time.time()
                    if random.random() < 0.3:
                        at = {"textDocument": {"uri": uri}, "position": place(text, random.randint(0, len(text)))}
                        method = random.choice(["hover", "completion", "definition", "references", "signatureHelp", "rename"])
                        editor.request("textDocument/" + method, {**at, "newName": "renamed", "context": {}})
                    findings = editor.findings(uri, version)
                    slowest = max(slowest, time.time() - since)
                    if k % 20 == 0:
                        other = f"file://{folder.path}/b.siam"
                        editor.open(other, text, version)
                        if state(editor, uri, findings) != state(editor, other, editor.findings(other, version)):
                            found.append(f"after {version} edits the server knows another text than this: {text!r}")
                            return found, f"{edits} edits"
                        editor.notify("textDocument/didClose", {"textDocument": {"uri": other}})
                version += 1
                editor.notify("textDocument/didClose", {"textDocument": {"uri": uri}})
            code = editor.end()
            if code != 0:
                found.append(f"the server ended with {code}")
        except (EOFError, BrokenPipeError) as error:
            found.append(f"{error}; the text was {text!r}")
        finally:
            editor.process.kill()
    return found, f"{edits} edits, the slowest took {1000 * slowest:.0f} ms"
