#!/usr/bin/env python3
"""Plays every request of the language server, on good files and on broken ones:  scripts/clients/lsp.py [SIAM]"""
import json
import os
import sys
import time

here = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(here, ".."))
from torturing.common import Folder  # noqa: E402
from torturing.editor import Editor  # noqa: E402

SIAM = os.path.abspath(sys.argv[1] if len(sys.argv) > 1 else os.path.join(here, "..", "..", ".build", "release", "siam"))
GOOD = """# Two towers.
## Doubles a number.
fn twice(x, k = 2) = k * x

layer tower(dim) {
  body = dense(8) >> relu
  head = dense(dim)
  forward x = body(x) |> head
}

d = digits()
net = flatten >> dense(16) >> relu >> dense(4)
z = d.x |> net
run = train net on pairs(d, 32) as a, b, same for 3 steps using sgd(0.1) {
  minimize contrastive(net(a), net(b), same)
}
print(twice(3, k = 4), "{twice(1)} é𝄞", tower(2)(z))
"""
BROKEN = """fn twice(x = 2
net = dense(8 >> relu
y = nothing_of_this_name + 1
"unclosed
train net on
"""
WRONG = """net = dense(8) >> relu
y = contrastiv(net(ones(2, 3)), net(ones(2, 3)), [1, 0])
w = ones(2, 3) @ ones(2, 3)
"""
failed = []


def expect(what, holds, seen=None):
    if not holds:
        failed.append(what)
        print(f"FAILED {what}: {json.dumps(seen)[:400]}")


def at(text, word, nth=0, behind=0):
    place = -1
    for _ in range(nth + 1):
        place = text.index(word, place + 1)
    place += behind
    head = text[:place]
    line = head.count("\n")
    return {"line": line, "character": len(head[head.rfind("\n") + 1:].encode("utf-16-le")) // 2}


def main():
    with Folder() as folder:
        editor = Editor(SIAM, folder)
        refused = editor.request("textDocument/hover", {})
        expect("nothing before initialize", refused["error"]["code"] == -32002, refused)
        begun = editor.begin()["result"]["capabilities"]
        uris = {}
        for name, text in [("good", GOOD), ("broken", BROKEN), ("wrong", WRONG), ("empty", "")]:
            uris[name] = f"file://{folder.write(name + '.siam', text)}"
            editor.open(uris[name], text, 1)
        findings = {name: editor.findings(uri, 1) for name, uri in uris.items()}
        expect("good has no findings", findings["good"] == [], findings["good"])
        expect("broken has errors", any(d["severity"] == 1 for d in findings["broken"]), findings["broken"])
        expect("wrong names", any(d["code"] == "name.unknown" for d in findings["wrong"]), findings["wrong"])
        expect("wrong shapes", any("2x3" in d["message"] for d in findings["wrong"]), findings["wrong"])

        def ask(method, name="good", place=None, **more):
            parameters = {"textDocument": {"uri": uris[name]}, **more}
            if place:
                parameters["position"] = place
            return editor.request("textDocument/" + method, parameters)

        def result(*a, **k):
            answer = ask(*a, **k)
            expect(f"{a[0]} answers", "result" in answer, answer)
            return answer.get("result")

        hover = result("hover", place=at(GOOD, "contrastive"))
        expect("hover of the library", "margin" in hover["contents"]["value"], hover)
        hover = result("hover", place=at(GOOD, "twice", 1))
        expect("hover of a function", "Doubles a number." in hover["contents"]["value"], hover)
        hover = result("hover", place=at(GOOD, "z ="))
        expect("hover tells a shape", "1797x4" in hover["contents"]["value"] or "x4" in hover["contents"]["value"], hover)
        hover = result("hover", place=at(GOOD, "train"))
        expect("hover of a word", "trains nets" in hover["contents"]["value"], hover)

        found = result("completion", place=at(GOOD, "contrastive", behind=4))
        expect("completion", any(i["label"] == "contrastive" for i in found["items"]), found)
        item = next(i for i in found["items"] if i["label"] == "contrastive")
        resolved = editor.request("completionItem/resolve", item)["result"]
        expect("resolve", "margin" in resolved["documentation"]["value"], resolved)
        found = result("completion", place=at(GOOD, "twice(3, ", behind=9))
        expect("completion of arguments", any(i["label"] == "k" for i in found["items"]), found)

        signature = result("signatureHelp", place=at(GOOD, "twice(3, ", behind=9))
        expect("signature", signature["signatures"][0]["label"] == "twice(x, k = 2)" and signature["activeParameter"] == 1, signature)
        signature = result("signatureHelp", place=at(GOOD, "contrastive(", behind=12))
        expect("signature of the library", "margin" in signature["signatures"][0]["label"], signature)

        where = result("definition", place=at(GOOD, "twice", 2))
        expect("definition", where and where[0]["range"]["start"] == at(GOOD, "twice"), where)
        where = result("definition", place=at(GOOD, "contrastive"))
        path = where[0]["uri"][len("file://"):] if where else ""
        expect("definition in the library", os.path.exists(path) and "contrastive" in open(path).read().split("\n")[
            where[0]["range"]["start"]["line"]], where)

        uses = result("references", place=at(GOOD, "twice"), context={"includeDeclaration": True})
        expect("references, in texts too", len(uses) == 3, uses)
        marks = result("documentHighlight", place=at(GOOD, "twice"))
        expect("highlights", len(marks) == 3, marks)
        span = result("prepareRename", place=at(GOOD, "k = 2"))
        changes = result("rename", place=at(GOOD, "k = 2"), newName="factor")
        expect("rename of a parameter, with its named arguments", len(changes["changes"][uris["good"]]) == 3, changes)
        for name in ["1a", "a b", "if", "net", "contrastive", ""]:
            answer = ask("rename", place=at(GOOD, "twice"), newName=name)
            expect(f"no rename to {name!r}", "error" in answer, answer)
        expect("no rename of the library", "error" in ask("rename", place=at(GOOD, "contrastive"), newName="c"))
        expect("no rename in a broken file", "error" in ask("rename", "broken", place=at(BROKEN, "twice"), newName="c"))
        symbols = result("documentSymbol")
        expect("symbols", [s["name"] for s in symbols] == ["twice", "tower", "d", "net", "z", "run"], symbols)
        expect("symbols of a layer", [s["name"] for s in symbols[1]["children"]] == ["body", "head", "forward"], symbols[1])
        expect("formatting of what is laid out", result("formatting", options={}) == [])
        expect("no formatting of errors", "error" in ask("formatting", "broken", options={}))
        colors = result("semanticTokens/full")["data"]
        expect("colours", len(colors) % 5 == 0 and len(colors) > 100, colors)
        some = result("semanticTokens/range", range={"start": at(GOOD, "fn"), "end": at(GOOD, "layer")})["data"]
        expect("colours of a range", 0 < len(some) < len(colors), some)
        hints = result("inlayHint", range={"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 0}})
        labels = [h["label"] for h in hints]
        expect("shapes behind stages", labels[-5:] == ["nx64", "nx16", "nx16", "nx4", "1797x4"], labels)
        folds = result("foldingRange")
        expect("folds", len(folds) >= 2, folds)
        lenses = result("codeLens")
        expect("lenses", [x["command"]["title"] for x in lenses] == ["Run", "Ask the doctor"], lenses)
        repairs = result("codeAction", "wrong", range={"start": {"line": 1, "character": 4}, "end": {"line": 1, "character": 8}},
                         context={"diagnostics": findings["wrong"]})
        expect("a repair", repairs and repairs[0]["edit"]["changes"][uris["wrong"]][0]["newText"] == "contrastive", repairs)

        # A name of one file in those that bring it in.
        towers = "## Doubles.\nfn double(x, by = 2) = by * x\nlayer tower(dim) = dense(8) >> relu >> dense(dim)\n"
        user = 'import "../towers.siam"\nprint(double(3, by = 4), tower(2)(ones(1, 3)))\n'
        alike = "fn double(x) = x + x\nprint(double(2))\n"
        uris["towers"] = f"file://{folder.write('towers.siam', towers)}"
        os.makedirs(os.path.join(folder.path, "sub"))
        for name, text in [("sub/user.siam", user), ("sub/alike.siam", alike)]:
            folder.write(name, text)
        editor.open(uris["towers"], towers, 1)
        editor.findings(uris["towers"], 1)
        other = f"file://{folder.path}/sub/user.siam"
        changes = result("rename", "towers", place=at(towers, "double"), newName="twofold")["changes"]
        expect("rename in the file that brings it in", sorted(changes) == sorted([uris["towers"], other]), changes)
        changes = result("rename", "towers", place=at(towers, "by"), newName="factor")["changes"]
        expect("rename of a parameter in its calls", len(changes[uris["towers"]]) == 2 and len(changes[other]) == 1, changes)
        found = result("references", "towers", place=at(towers, "tower"), context={"includeDeclaration": True})
        expect("references in other files", len(found) == 2, found)
        uris["user"] = other
        editor.open(other, user, 1)
        editor.findings(other, 1)
        changes = result("rename", "user", place=at(user, "double"), newName="twofold")["changes"]
        expect("rename where it is brought in", sorted(changes) == sorted([uris["towers"], other]), changes)
        expect("no rename to what means something there", "error" in ask("rename", "towers", place=at(towers, "double"), newName="tower"))
        expect("nor there", "error" in ask("rename", "towers", place=at(towers, "double"), newName="print"))

        # A data set is read beside the server, and no edit waits for it.
        path = os.path.join(folder.path, "much.csv")
        with open(path, "w") as f:
            f.write("a,b,c,label\n")
            f.writelines(f"{k},{k % 7},{k * 0.5},{k % 3}\n" for k in range(400_000))
        text = f'd = csv("{path}", label = "label")\nz = d.x |> dense(4)\n'
        uris["data"] = f"file://{folder.path}/data.siam"
        editor.open(uris["data"], text, 1)
        slowest = 0.0
        for version in range(2, 42):
            since = time.time()
            spot = {"line": 0, "character": 9 + (version % 5)}
            editor.change(uris["data"], version, {"range": {"start": spot, "end": spot}, "text": "q" if version % 2 else " "})
            editor.findings(uris["data"], version)
            slowest = max(slowest, time.time() - since)
        editor.change(uris["data"], 42, {"text": text})
        hover, since = {}, time.time()
        while "400000x4" not in json.dumps(hover) and time.time() - since < 20:
            time.sleep(0.05)
            hover = result("hover", "data", place=at(text, "z = "))
        print(f"an edit in a call that reads 400,000 rows: at most {1000 * slowest:.0f} ms; its shape is known {time.time() - since:.1f} s later")
        expect("edits do not wait for data", slowest < 0.25, slowest)
        expect("the shape of data that was read beside", "400000x4" in json.dumps(hover), hover)

        for name, text in [("broken", BROKEN), ("wrong", WRONG), ("empty", "")]:
            everything = {"start": {"line": 0, "character": 0}, "end": {"line": 99, "character": 99}}
            for method in ["hover", "completion", "signatureHelp", "definition", "references", "documentHighlight"]:
                for line, row in enumerate(text.split("\n")):
                    for character in [0, 3, len(row), len(row) + 7]:
                        result(method, name, place={"line": line, "character": character}, context={})
            for method in ["documentSymbol", "foldingRange", "semanticTokens/full", "codeLens"]:
                result(method, name)
            result("inlayHint", name, range=everything)
            result("codeAction", name, range=everything, context={})

        for method, parameters, code in [
            ("textDocument/nothing", {}, -32601), ("textDocument/hover", {"textDocument": {"uri": "file:///none"}}, -32602),
            ("textDocument/hover", {"textDocument": {"uri": uris["good"]}}, -32602), ("textDocument/hover", [], -32602),
            ("workspace/executeCommand", {"command": "no"}, -32602),
        ]:
            answer = editor.request(method, parameters)
            expect(f"{method} with {parameters} is refused", answer.get("error", {}).get("code") == code, answer)
        for command, said in [("siam.run", "ran to its end"), ("siam.doctor", "doctor")]:
            editor.shown = []
            editor.request("workspace/executeCommand", {"command": command, "arguments": [uris["good"]]})
            while not any(m["method"] == "window/showMessage" for m in editor.shown):
                editor.receive()
            shown = [m["params"]["message"] for m in editor.shown if m["method"] == "window/showMessage"]
            expect(command, said in shown[0], shown)
            print(command, shown)
        editor.process.stdin.write(b"Content-Length: 3\r\n\r\n{x}")
        editor.process.stdin.flush()
        expect("what is no JSON", editor.receive()["error"]["code"] == -32700)
        expect("the end", editor.end() == 0)
    print("failed: " + ", ".join(failed) if failed else "every request was answered as it should")
    sys.exit(1 if failed else 0)


main()
