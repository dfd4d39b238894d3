#!/usr/bin/env python3
"""The notebook kernel before the protocol's own test kit, and what that kit does not try: interrupts, pauses, signatures.

    scripts/clients/kernel.py [SIAM]

Needs jupyter_client and jupyter_kernel_test from PyPI."""
import os
import subprocess
import sys
import tempfile
import time
import unittest

import jupyter_client
import jupyter_kernel_test
import zmq

here = os.path.dirname(os.path.abspath(__file__))
SIAM = os.path.abspath(sys.argv.pop(1) if len(sys.argv) > 1 and not sys.argv[1].startswith("-")
                       else os.path.join(here, "..", "..", ".build", "release", "siam"))
folder = tempfile.mkdtemp(prefix="siam-kernel-")
os.environ["JUPYTER_DATA_DIR"] = folder
os.environ["XDG_STATE_HOME"] = folder
os.environ["SIAM_DATA"] = os.environ.get("SIAM_DATA", "")
subprocess.run([SIAM, "kernel", "--install"], check=True, stdout=subprocess.DEVNULL)

TRAIN = """d = digits()
net = flatten >> dense(16) >> relu >> dense(4)
run = train net on pairs(d, 32) as a, b, same for 100_000 steps using sgd(0.01) {
  minimize contrastive(net(a), net(b), same)
}"""

# A rate that kills every unit, of which a warning tells.
WARNS = """d = digits()
net = flatten >> dense(4) >> relu
run = train net on pairs(d, 8) as a, b, same for 30 steps using sgd(1_000_000) {
  minimize contrastive(net(a), net(b), same)
}"""


class Kit(jupyter_kernel_test.KernelTests):
    kernel_name = "siam"
    language_name = "siam"
    file_extension = ".siam"
    code_hello_world = 'print("hello, world")'
    code_stderr = WARNS
    completion_samples = [{"text": "contr", "matches": {"contrastive"}}, {"text": "zer", "matches": {"zeros"}}]
    complete_code_samples = ["1 + 1", "print(1)", "fn f(x) = x", ":vars", "?relu"]
    incomplete_code_samples = ["fn f(x) {", "net = dense(2) >>", "[1, 2,"]
    invalid_code_samples = ["x = = 3", ")"]
    code_page_something = ""
    code_generate_error = "nothing_of_this_name"
    code_execute_result = [{"code": "6 * 7", "result": "42"}, {"code": '"a" ', "result": '"a"'}]
    code_display_data = [{"code": "plot([1, 2, 3])", "mime": "image/svg+xml"}, {"code": "digits()", "mime": "image/png"}]
    code_history_pattern = "6*7"
    supported_history_operations = ("tail", "search", "range")
    code_inspect_sample = "contrastive"
    code_clear_output = ""


class More(unittest.TestCase):
    def setUp(self):
        self.manager = jupyter_client.KernelManager(kernel_name="siam")
        self.manager.start_kernel()
        self.client = self.manager.client()
        self.client.start_channels()
        self.client.wait_for_ready(timeout=20)

    def tearDown(self):
        self.client.stop_channels()
        self.manager.shutdown_kernel(now=True)

    def run_cell(self, code, timeout=30, **more):
        """The reply and what was published meanwhile."""
        name = self.client.execute(code, **more)
        return self.finish(name, timeout)

    def finish(self, name, timeout=30):
        said = []
        end = time.time() + timeout
        while True:
            message = self.client.get_iopub_msg(timeout=max(0.1, end - time.time()))
            if message["parent_header"].get("msg_id") != name:
                continue
            said.append(message)
            if message["msg_type"] == "status" and message["content"]["execution_state"] == "idle":
                break
        while True:
            reply = self.client.get_shell_msg(timeout=max(0.1, end - time.time()))
            if reply["parent_header"]["msg_id"] == name:
                return reply["content"], said

    def text(self, said):
        out = ""
        for m in said:
            c = m["content"]
            out += c.get("text", "") or c.get("data", {}).get("text/plain", "") or "\n".join(c.get("traceback", []))
        return out

    def test_error_names_its_line(self):
        reply, said = self.run_cell("x = 1\ny = ones(2, 3) @ ones(2, 3)")
        self.assertEqual(reply["status"], "error")
        self.assertIn("prompt 1:2", self.text(said))
        self.assertIn("^", self.text(said))
        self.assertEqual(self.run_cell("x")[0]["status"], "ok")

    def test_forms(self):
        data = [m["content"]["data"] for m in self.run_cell("[[1, 2], [3, 4]]")[1] if m["msg_type"] == "execute_result"][0]
        self.assertIn("<table>", data["text/html"])
        data = [m["content"]["data"] for m in self.run_cell("dense(3) >> relu")[1] if m["msg_type"] == "execute_result"][0]
        self.assertIn("<details", data["text/html"])

    def test_a_run_its_curves_and_its_report(self):
        self.run_cell(TRAIN.replace("100_000", "40") + ";")
        said = self.run_cell("run")[1]
        self.assertTrue(any("image/svg+xml" in m["content"].get("data", {}) for m in said))
        said = self.run_cell(f'report(run, "{folder}/r.html")')[1]
        page = [m["content"]["data"] for m in said if "text/html" in m["content"].get("data", {})]
        self.assertIn("<iframe srcdoc=", page[0]["text/html"])
        self.assertIn("r.html", page[0]["text/plain"])

    def test_loop_is_interrupted_by_message_and_signal(self):
        for by in ["message", "signal"]:
            name = self.client.execute("x = 0\nwhile true { x = x + 1 }")
            time.sleep(0.7)
            since = time.time()
            if by == "message":
                self.manager.interrupt_kernel()
            else:
                self.manager.signal_kernel(2)
            reply, said = self.finish(name)
            print(f"interrupted by {by} after {1000 * (time.time() - since):.0f} ms")
            self.assertEqual((reply["status"], reply["ename"]), ("error", "interrupted"))
            self.assertLess(time.time() - since, 1)
            self.assertEqual(self.run_cell("1 + 1")[0]["status"], "ok")

    def test_idle_interrupts_do_nothing(self):
        for _ in range(5):
            self.manager.signal_kernel(2)
            time.sleep(0.1)
            self.manager.interrupt_kernel()
        self.assertEqual(self.run_cell("1 + 1")[0]["status"], "ok")

    def test_training_pauses_and_goes_on(self):
        name = self.client.execute(TRAIN)
        time.sleep(1.5)
        since = time.time()
        self.manager.interrupt_kernel()
        reply, said = self.finish(name)
        print(f"paused after {1000 * (time.time() - since):.0f} ms")
        self.assertEqual(reply["status"], "ok")
        self.assertIn("paused at step", self.text(said))
        kinds = [m["msg_type"] for m in said]
        self.assertIn("display_data", kinds)
        self.assertIn("update_display_data", kinds)
        step = int(self.text(self.run_cell("run.steps")[1]))
        self.assertGreater(step, 0)
        self.assertEqual(self.run_cell("unknown_here")[0]["status"], "error")
        self.run_cell("run.optimizer.lr = 0.001\nstep 2")
        self.assertEqual(int(self.text(self.run_cell("run.steps")[1])), step + 2)
        self.run_cell("rewind 2")
        self.assertEqual(int(self.text(self.run_cell("run.steps")[1])), step)
        name = self.client.execute("go")
        time.sleep(0.7)
        self.manager.interrupt_kernel()
        self.finish(name)
        self.assertGreater(int(self.text(self.run_cell("run.steps")[1])), step)
        reply, said = self.run_cell("stop")
        self.assertEqual(reply["status"], "ok")
        self.assertEqual(self.run_cell("run.steps")[0]["status"], "ok")

    def test_what_waits_behind_an_error_is_dropped(self):
        first = self.client.execute("x = 0\nwhile x < 20_000_000 { x = x + 1 }\nnothing_of_this_name")
        second = self.client.execute("1 + 1")
        self.assertEqual(self.finish(first)[0]["status"], "error")
        self.assertEqual(self.finish(second)[0]["status"], "aborted")

    def test_input_is_asked_of_the_front_end(self):
        name = self.client.execute('net = dense(2) >> relu\nstep net(ones(1, 2))')
        asked = self.client.get_stdin_msg(timeout=10)
        self.assertEqual(asked["msg_type"], "input_request")
        self.client.input("q")
        self.assertEqual(self.finish(name)[0]["status"], "ok")

    def test_messages_that_are_not_signed_are_not_heard(self):
        other = jupyter_client.BlockingKernelClient()
        other.load_connection_info({**self.manager.get_connection_info(), "key": b"another key"})
        other.start_channels()
        other.execute("forged = 1")
        time.sleep(0.5)
        other.stop_channels()
        self.assertEqual(self.run_cell("forged")[0]["status"], "error")

    def test_welcome(self):
        info = self.manager.get_connection_info()
        socket = zmq.Context.instance().socket(zmq.SUB)
        socket.connect(f"tcp://{info['ip']}:{info['iopub_port']}")
        socket.subscribe(b"")
        self.assertTrue(socket.poll(5000))
        self.assertIn(b"iopub_welcome", b"".join(socket.recv_multipart()))
        socket.close()

    def test_restart_in_the_middle_of_work(self):
        self.client.execute("while true { 1 }")
        time.sleep(0.3)
        self.manager.restart_kernel()
        self.client.wait_for_ready(timeout=20)
        self.assertEqual(self.run_cell("1")[0]["status"], "ok")

    def test_commands_of_the_prompt(self):
        self.run_cell("some_name = 3")
        self.assertIn("some_name", self.text(self.run_cell(":vars")[1]))
        self.assertIn("margin", self.text(self.run_cell("?contrastive")[1]))
        self.assertEqual(self.run_cell(":edit some_name")[0]["status"], "error")
        self.assertEqual(self.run_cell("1")[0]["status"], "ok")
        self.assertIn("an editor needs a terminal", self.text(self.run_cell(":why")[1]))

    def test_much_output(self):
        reply, said = self.run_cell('for i in 0..30000 { print("a line that is printed, number {i}") }', timeout=60)
        self.assertEqual(reply["status"], "ok")
        self.assertIn("number 29999", self.text(said))


if __name__ == "__main__":
    unittest.main()
