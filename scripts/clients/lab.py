#!/usr/bin/env python3
"""JupyterLab in headless Chromium, with siam as the kernel: a cell is run, completed, interrupted; a training is paused and
gone on with. Writes what it sees to FOLDER.

    scripts/clients/lab.py SIAM FOLDER

Needs jupyterlab and playwright from PyPI, and Debian's chromium."""
import os
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

from playwright.sync_api import sync_playwright

SIAM = os.path.abspath(sys.argv[1])
OUT = os.path.abspath(sys.argv[2])
os.makedirs(OUT, exist_ok=True)
folder = tempfile.mkdtemp(prefix="siam-lab-")
environment = {**os.environ, "JUPYTER_DATA_DIR": folder + "/data", "XDG_STATE_HOME": folder, "HOME": folder,
               "JUPYTER_CONFIG_DIR": folder + "/config"}
subprocess.run([SIAM, "kernel", "--install"], env=environment, check=True)
work = folder + "/work"
os.makedirs(work)
subprocess.run([SIAM, "learn", "--notebook", "1"], cwd=work, env=environment, check=True)
with socket.socket() as s:
    s.bind(("127.0.0.1", 0))
    port = s.getsockname()[1]
lab = subprocess.Popen(
    [sys.executable, "-m", "jupyter", "lab", "--no-browser", "--allow-root", f"--port={port}", "--IdentityProvider.token=",
     "--ServerApp.password=", f"--ServerApp.root_dir={work}", "--LabApp.news_url=", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"],
    env=environment, stdout=subprocess.DEVNULL, stderr=open(OUT + "/lab.log", "w"))
TRAIN = """d = digits()
net = flatten >> dense(32) >> relu >> dense(4)
run = train net on pairs(d, 32) as a, b, same for 2_000_000 steps using adam(0.001) {
  minimize contrastive(net(a), net(b), same)
}"""


def check(what, holds):
    print(("ok: " if holds else "FAILED: ") + what, flush=True)
    if not holds:
        check.failed = True


check.failed = False
try:
    for _ in range(100):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/api/status")
            break
        except OSError:
            time.sleep(0.3)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": 1400, "height": 1500})
        page.goto(f"http://127.0.0.1:{port}/lab/tree/lesson-01-layer.ipynb?reset")
        page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60000)
        page.wait_for_timeout(3000)
        page.keyboard.press("Escape")
        page.click(".jp-Notebook .jp-CodeCell >> nth=1")
        page.keyboard.press("Control+Enter")
        page.wait_for_selector(".jp-OutputArea-output table", timeout=30000)
        check("a cell of a lesson runs and shows a table", True)
        page.screenshot(path=OUT + "/lesson.png")

        page.goto(f"http://127.0.0.1:{port}/lab?reset")
        page.wait_for_selector(".jp-LauncherCard", timeout=60000)
        page.click(".jp-LauncherCard[data-category='Notebook'] >> text=siam")
        page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60000)
        page.wait_for_timeout(3000)

        def cell(text):
            """Types a text into the last cell and runs it; the cell."""
            page.keyboard.press("Escape")
            last = page.locator(".jp-Notebook .jp-CodeCell").last
            last.locator(".cm-content").click()
            page.keyboard.insert_text(text)
            page.keyboard.press("Shift+Enter")
            page.wait_for_timeout(300)
            return page.locator(".jp-Notebook .jp-CodeCell").nth(page.locator(".jp-Notebook .jp-CodeCell").count() - 2)

        def seen(one, text, seconds=20):
            end = time.time() + seconds
            while time.time() < end:
                if text in one.inner_text():
                    return True
                page.wait_for_timeout(200)
            return False

        check("a value", seen(cell("6 * 7"), "42"))
        check("an error marks its line", seen(cell("x = 1\nones(2, 3) @ ones(2, 3)"), "prompt 2:2"))
        one = cell("plot([3, 1, 2])")
        page.wait_for_timeout(1500)
        check("a figure", one.locator("img, svg").count() > 0)
        one = cell("for i in 0..1 { i }\nminimize = 1")
        page.wait_for_timeout(500)
        colors = one.evaluate("""e => Object.fromEntries([...e.querySelectorAll('.cm-line span')].map(
            s => [s.textContent, getComputedStyle(s).color]))""")
        check(f"siam's own colours: {colors}", colors.get("for") and colors.get("minimize") in (None, colors.get("i")))
        one = cell("d = digits()\nr = train dense(2) on pairs(d, 8) as a, b, same for 1 steps using sgd(0) { minimize mean(dense(2)(flatten(a))) }")
        page.wait_for_timeout(500)
        colors = one.evaluate("""e => Object.fromEntries([...e.querySelectorAll('.cm-line span')].map(
            s => [s.textContent, getComputedStyle(s).color]))""")
        check("words that no other language has", colors.get("train") and colors.get("train") == colors.get("minimize") != colors.get("d"))
        # Completion and help in an open cell.
        last = page.locator(".jp-Notebook .jp-CodeCell").last
        last.locator(".cm-content").click()
        page.keyboard.type("contrastiv")
        page.keyboard.press("Tab")
        page.wait_for_timeout(2000)
        check("completion", "contrastive" in last.inner_text() or page.locator(".jp-Completer").count() > 0)
        page.keyboard.press("Enter") if page.locator(".jp-Completer:visible").count() else None
        page.keyboard.press("Shift+Tab")
        page.wait_for_timeout(2000)
        check("help at Shift-Tab", page.locator(".jp-Tooltip").count() > 0 and "margin" in page.locator(".jp-Tooltip").inner_text())
        page.screenshot(path=OUT + "/help.png")
        page.keyboard.press("Escape")
        last.locator(".cm-content").click()
        page.keyboard.press("Control+a")
        page.keyboard.press("Delete")
        one = cell("while true { 1 }")
        page.wait_for_timeout(1000)
        page.keyboard.press("Escape")
        page.keyboard.press("i")
        page.keyboard.press("i")
        check("a loop is interrupted", seen(one, "interrupted"))
        one = cell(TRAIN)
        check("progress", seen(one, "step"))
        page.wait_for_timeout(1500)
        page.keyboard.press("Escape")
        page.keyboard.press("i")
        page.keyboard.press("i")
        check("a training pauses", seen(one, "paused at step"))
        check("a look at the pause", seen(cell("run.steps"), "["))
        page.screenshot(path=OUT + "/pause.png")
        check("one step", seen(cell("step 5"), "paused at step"))
        one = cell("go")
        page.wait_for_timeout(1500)
        page.keyboard.press("Escape")
        page.keyboard.press("i")
        page.keyboard.press("i")
        check("on, and paused again", seen(one, "paused at step"))
        cell("stop")
        one = cell("summary(net, d.x)")
        check("the net", seen(one, "dense1"))
        cell("run")
        cell("net")
        page.wait_for_timeout(2500)
        page.screenshot(path=OUT + "/session.png")
        browser.close()
finally:
    lab.terminate()
sys.exit(1 if check.failed else 0)
