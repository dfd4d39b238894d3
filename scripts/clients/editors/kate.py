#!/usr/bin/env python3
"""Kate without a screen, with the settings of scripts/editors/kate: what it and the server say to each other is looked at, as
Kate has no way to be asked. SIAM names the program, SIAM_FILE a file with a finding in its second line."""
import json
import os
import re
import signal
import subprocess
import sys
import time

home = os.environ["HOME"]
editors = os.environ["SIAM_EDITORS"]
path = os.environ["SIAM_FILE"]


def put(name, text, mode=0o644):
    os.makedirs(os.path.dirname(os.path.join(home, name)), exist_ok=True)
    with open(os.path.join(home, name), "w") as f:
        f.write(text)
    os.chmod(os.path.join(home, name), mode)


def read(name):
    with open(os.path.join(editors, "kate", name)) as f:
        return f.read()


put(".local/share/org.kde.syntax-highlighting/syntax/siam.xml", read("siam.xml"))
put(".config/kate/lspclient/settings.json", read("settings.json"))
put(".config/katerc", f"[Kate Plugins]\nlspclientplugin=true\n\n[lspclient]\nAllowedServerCommandLines=siam lsp,{home}/bin/siam lsp\n"
    f"SemanticHighlighting=true\n\n[General]\nShow welcome view for new window=false\n")
# The program of the settings, with a listener on both sides.
put("bin/siam", f'#!/bin/sh\ntee "{home}/asked" | "{os.environ["SIAM"]}" "$@" | tee "{home}/answered"\n', 0o755)
os.makedirs(home + "/run", mode=0o700)
environment = {**os.environ, "PATH": f"{home}/bin:{os.environ['PATH']}", "QT_QPA_PLATFORM": "offscreen",
               "XDG_RUNTIME_DIR": home + "/run", "XDG_CONFIG_HOME": home + "/.config", "XDG_DATA_HOME": home + "/.local/share"}
kate = subprocess.Popen(["kate", "--startanon", path], env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                        start_new_session=True)


def messages(name):
    try:
        with open(os.path.join(home, name), "rb") as f:
            data = f.read()
    except FileNotFoundError:
        return []
    found = []
    at = 0
    for head in iter(lambda: re.compile(rb"Content-Length: (\d+)\r\n(?:[^\r\n]+\r\n)*\r\n").search(data, at), None):
        body = data[head.end():head.end() + int(head.group(1))]
        at = head.end() + len(body)
        try:
            found.append(json.loads(body))
        except ValueError:
            break
    return found


def seen(name, holds, seconds=40):
    end = time.time() + seconds
    while time.time() < end:
        if any(holds(m) for m in messages(name)):
            return True
        time.sleep(0.2)
    return False


failed = False
try:
    for what, name, holds in [
        ("the server is started", "asked", lambda m: m.get("method") == "initialize"),
        ("the file is told", "asked", lambda m: m.get("method") == "textDocument/didOpen"
         and m["params"]["textDocument"]["languageId"] == "siam"),
        ("findings", "answered", lambda m: m.get("method") == "textDocument/publishDiagnostics"
         and any("contrastiv" in d["message"] for d in m["params"]["diagnostics"])),
        ("symbols are asked for and answered", "answered", lambda m: isinstance(m.get("result"), list) and any(
            isinstance(x, dict) and x.get("name") == "net" for x in m["result"])),
    ]:
        holds = seen(name, holds)
        failed = failed or not holds
        print(("ok: " if holds else "FAILED: ") + "kate, " + what, flush=True)
finally:
    os.killpg(kate.pid, signal.SIGTERM)
    kate.wait(10)
sys.exit(1 if failed else 0)
