#!/usr/bin/env python3
"""The server for assistants, tested by the official client of its protocol:  scripts/clients/mcp_tools.py [SIAM]

Needs mcp from PyPI. Every tool, bad arguments, cancellation, a program that never ends, and what may be written."""
import asyncio
import base64
import json
import os
import subprocess
import sys
import tempfile
import time

from mcp import Client, StdioServerParameters
from mcp.client.stdio import stdio_client

here = os.path.dirname(os.path.abspath(__file__))
SIAM = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..", ".build", "release", "siam"))
failed = []
SICK = """d = digits()
net = flatten >> dense(32, init = zeros) >> relu >> dense(4, init = zeros)
run = train net on pairs(d, 32) as a, b, same for 60 steps using sgd(0.1) {
  minimize contrastive(net(a), net(b), same)
}
"""


def expect(what, holds, seen=None):
    print(("ok: " if holds else "FAILED: ") + what + ("" if holds else f": {str(seen)[:600]}"), flush=True)
    if not holds:
        failed.append(what)


def words(result):
    return "\n".join(c.text for c in result.content if c.type == "text")


async def main(mode):
    print(f"mode {mode}")
    folder = tempfile.mkdtemp(prefix="siam-mcp-")
    outside = tempfile.mkdtemp(prefix="siam-outside-")
    parameters = StdioServerParameters(command=SIAM, args=["mcp", "--memory", "1"], cwd=folder)
    async with Client(stdio_client(parameters), mode=mode) as client:
        print(f"version {client.session.protocol_version}")
        tools = (await client.list_tools()).tools
        names = [t.name for t in tools]
        expect("the tools", names == ["run", "check", "doctor", "doc", "inspect", "figure"], names)

        async def call(tool, **arguments):
            return await client.call_tool(tool, arguments)

        r = await call("run", code="x = 6 * 7\nx")
        expect("run", not r.is_error and "42" in words(r), r)
        expect("variables stay", "43" in words(await call("run", code="x + 1")))
        expect("sessions are apart", (await call("run", code="x", session="other")).is_error)
        r = await call("run", code="y = 1\nones(2, 3) @ ones(2, 3)")
        expect("an error marks its line", r.is_error and "code:2" in words(r) and "^" in words(r), r)
        expect("what ran before it stays", "1" in words(await call("inspect", expression="y")))
        r = await call("run", code="plot([1, 3, 2])")
        expect("a figure comes as an image", any(c.type == "image" for c in r.content), r)
        r = await call("run", code='for i in 0..100000 { print("a line that is long enough, {i}") }')
        expect("much output is cut", len(words(r)) < 50_000 and "left out" in words(r), words(r)[-200:])
        r = await call("run", code="x", fresh=True)
        expect("a fresh session", r.is_error, r)
        with open(os.path.join(folder, "p.siam"), "w") as f:
            f.write("print(\"from the file\")\n")
        expect("run of a file", "from the file" in words(await call("run", file="p.siam")))
        expect("run of no file", (await call("run", file="none.siam")).is_error)

        r = await call("check", code="y = contrastiv(1)")
        expect("check", "contrastive" in words(r) and any(f["code"] == "name.unknown" for f in r.structured_content["findings"]), r)
        expect("check of what is right", "nothing found" in words(await call("check", code="print(1)")))
        r = await call("doc", name="contrastive")
        expect("doc", "margin" in words(r), r)
        expect("doc searches", "contrastive" in words(await call("doc", name="margin")))
        expect("doc of nothing", (await call("doc", name="zzzzqqq")).is_error)
        await call("run", code="z = [1, 2, 3]", session="s")
        expect("inspect lists", "z" in words(await call("inspect", session="s")))
        expect("inspect of no session", (await call("inspect", session="none")).is_error)
        await call("inspect", expression="w = 5", session="s")
        expect("inspect changes nothing", (await call("inspect", expression="w", session="s")).is_error)
        r = await call("figure", expression="plot(z)", session="s")
        image = [c for c in r.content if c.type == "image"]
        expect("figure", image and base64.b64decode(image[0].data)[:4] == b"\x89PNG", r)
        r = await call("figure", expression="plot(z)", session="s", format="svg")
        expect("figure as SVG", "<svg" in words(r), r)
        expect("no figure of a number", (await call("figure", expression="1")).is_error)
        since = time.time()
        r = await call("doctor", code=SICK, budget=20)
        expect("doctor", not r.is_error and "init" in words(r), r)
        print(f"   {words(r).splitlines()[0]} ({time.time() - since:.1f} s)")

        for tool, arguments in [
            ("run", {}), ("run", {"code": 3}), ("run", {"code": "1", "file": "p.siam"}), ("run", {"cod": "1"}),
            ("run", {"code": "1", "seconds": -1}), ("run", {"code": "1", "seconds": 1e9}), ("run", {"code": "1", "fresh": "x"}),
            ("figure", {}), ("figure", {"expression": "plot(z)", "session": "s", "format": "gif"}), ("doc", {}),
            ("doctor", {"code": "1", "budget": 0}), ("check", {}), ("run", {"code": "train net on"}),
            ("run", {"code": "randn(100000, 100000)"}),
        ]:
            r = await client.call_tool(tool, arguments)
            expect(f"{tool} with {json.dumps(arguments)[:60]} is an error: {words(r).splitlines()[0][:80]}", r.is_error, r)
        try:
            await client.call_tool("no_such_tool", {})
            expect("no such tool", False)
        except Exception as error:
            expect(f"no such tool: {error}", True)

        for code in ["while true { 1 }", "n = dense(2)\nrun = train n on pairs(digits(), 8) as a, b, same for 100_000_000 steps "
                     "using sgd(0) { minimize sum(n(flatten(a))) }", "fn f(x) = f(x + 1)\nf(1)",
                     "a = randn(3000, 3000)\nwhile true { a = a @ a }"]:
            since = time.time()
            r = await call("run", code=code, seconds=1.5, session="endless")
            expect(f"it ends after {time.time() - since:.1f} s: {code[:20]!r}", r.is_error and time.time() - since < 4, r)
        since = time.time()
        task = asyncio.ensure_future(client.call_tool("run", {"code": "while true { 1 }", "seconds": 60}))
        await asyncio.sleep(1)
        task.cancel()
        try:
            await task
        except asyncio.CancelledError:
            pass
        r = await call("run", code="1 + 1")
        expect(f"cancelled after {time.time() - since:.1f} s, and the server goes on", "2" in words(r) and time.time() - since < 5, r)

        told = []

        async def progress(done, total, message):
            told.append(message)

        await client.call_tool("run", {"code": SICK.replace("60 steps", "20_000 steps"), "session": "p"}, progress_callback=progress)
        expect("progress is told", any("step" in (m or "") for m in told), told)

        expect("a file in the folder is written", not (await call("run", code='save([1, 2], "a.npy")')).is_error
               and os.path.exists(os.path.join(folder, "a.npy")))
        os.symlink(outside, os.path.join(folder, "link"))
        os.symlink(os.path.join(outside, "gone"), os.path.join(folder, "dangling.npy"))
        for path in [outside + "/a.npy", "../a.npy", "link/a.npy", "dangling.npy", "~/a.npy", "sub/../../a.npy"]:
            r = await call("run", code=f'save([1, 2], "{path}")')
            expect(f"nothing is written to {path.replace(outside, 'OUTSIDE')}: {words(r).splitlines()[0][:60]}", r.is_error, r)
        r = await call("run", code=SICK + f'save(run, "{outside}/run.siamrun")\nreport(run, "{outside}/r.html")')
        expect("no run and no report outside", r.is_error and os.listdir(outside) == [], os.listdir(outside))

    async with Client(stdio_client(StdioServerParameters(command=SIAM, args=["mcp", "--write"], cwd=folder))) as client:
        r = await client.call_tool("run", {"code": f'save([1, 2], "{outside}/a.npy")'})
        expect("with --write it is", not r.is_error and os.path.exists(outside + "/a.npy"), r)

    # What no client sends.
    p = subprocess.run([SIAM, "mcp"], cwd=folder, capture_output=True, timeout=20, input=b"""{"no json
[]
{"jsonrpc":"2.0","id":1}
{"jsonrpc":"2.0","id":2,"method":"ping"}
{"jsonrpc":"2.0","id":3,"method":"none"}
{"jsonrpc":"2.0","id":4,"method":"tools/call","params":{"name":"run","arguments":[1]}}
{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":99}}
[{"jsonrpc":"2.0","id":5,"method":"ping"}]
{"jsonrpc":"2.0","id":6,"method":"tools/call","params":{"name":"run","arguments":{"code":"1"}}}
""")
    answers = [json.loads(line) for line in p.stdout.splitlines()]
    codes = [a.get("error", {}).get("code", "ok") for a in answers]
    expect("odd messages", p.returncode == 0 and codes.count(-32700) == 1 and codes.count(-32600) == 2 and
           codes.count(-32601) == 1 and {a["id"] for a in answers if "result" in a} == {2, 4, 5, 6}, (p.returncode, answers))


# With the handshake of the versions up to 2025, and without one as from 2026 on.
asyncio.run(main("legacy"))
asyncio.run(main("auto"))
print("failed: " + ", ".join(failed) if failed else "all of it holds")
sys.exit(1 if failed else 0)
