import Foundation
import Testing

/// What a session came to can be had again: expectations 17 and 20 (`:save`, `--seed`), compared by bits.
@Suite struct ReplayTests {
    @Test("17: :save writes what succeeded, and it replays to the same values") func saving() throws {
        let home = try Home()
        let t = try PseudoTerminal(columns: 120, home: home)
        try t.enter("x = randn(3)")
        try t.enter("x + randn(4)")
        try t.enter("y = 2; z = nothere")
        try t.enter("w = randn(2) * y")
        try t.enter(":vars")
        try t.enter("print w[0], w[1]")
        let printed = t.screen.line(t.screen.row - 1)
        try t.enter(":save work.siam")
        #expect(home.read("work.siam") == "x = randn(3)\ny = 2\nw = randn(2) * y\nprint w[0], w[1]\n")
        let again = try PseudoTerminal(["work.siam"], home: home, waits: false)
        #expect(try again.end() == 0)
        #expect(again.screen.text == printed)
    }

    /// What the session below made, every number of it with all its bits, and where the random stream stands.
    private static let everything = """
        save({x: x, w: w, a: net.dense1.w, b: net.dense1.b, c: net.dense2.w, d: net.dense2.b, loss: run.loss, \
        norm: run.grad_norm, images: data.x, next: rand(8)}, "FILE.safetensors")
        """

    @Test func saveAsksBeforeItWritesOver() throws {
        let home = try Home()
        try home.write("mine\n", to: "work.siam")
        let t = try PseudoTerminal(columns: 100, home: home)
        try t.enter("x = 3")
        try t.enter(":save work.siam")
        try t.see("the file work.siam already exists")
        #expect(home.read("work.siam") == "mine\n")
        try t.enter(":save! work.siam")
        try t.see("saved to work.siam")
        #expect(home.read("work.siam") == "x = 3\n")
        try t.enter("save({x: ones(2)}, \"x.npz\")")
        try t.see("wrote x.npz in \(home.path)".prefix(40).description)
    }

    @Test("a value that was called by its number keeps its name") func numberedValues() throws {
        let home = try Home()
        let t = try PseudoTerminal(columns: 100, home: home)
        try t.enter("seed 3")
        try t.enter("x = randn(3)")
        try t.enter("sum(x) # the sum")
        try t.enter("1 + 1;")
        try t.enter("_3 + 0")
        try t.enter(":save work.siam")
        #expect(
            home.read("work.siam") == "seed 3\nx = randn(3)\n_3 = sum(x) # the sum\n_3\n1 + 1;\n_3 + 0\n")
    }

    @Test("17: what :save wrote replays to the same bits", arguments: [nil, "7"]) func replaysBitForBit(seed: String?)
        throws
    {
        let home = try Home()
        let t = try PseudoTerminal(
            ["--no-init"] + (seed.map { ["--seed", $0] } ?? []), columns: 150, rows: 40, home: home)
        try t.enter("x = randn(100)")
        // What fails draws nothing, in the file no more than here.
        try t.enter("y = randn(5) @ randn(7)")
        try t.enter("data = digits().sample(200)")
        try t.enter("w = rand(3) / 3; z = nothere")
        try t.enter("net = flatten >> dense(16) >> relu >> dropout(0.2) >> dense(3)")
        t.send("run = train net on pairs(data, 8) as a, b, same for 100000 steps using adam(0.01) {\r")
        t.send("minimize contrastive(net(a), net(b), same)\r}\r")
        // Stopped by hand, wherever it is then.
        try t.wait("some steps") { $0.current.firstMatch(of: /step \d\d+\/100000/) != nil }
        t.send(Key.interrupt)
        try t.wait("the pause") { $0.current.hasPrefix("siam(") }
        t.send("rewind 3\r")
        try t.wait("the prompt after it") { $0.text.contains("> rewind 3\n") && $0.current.hasPrefix("siam(") }
        t.send("stop\r")
        try t.line("siam>")
        try t.enter("resume(run, for_steps = 10);")
        try t.enter("w = w * x[0..3]")
        try t.enter(":save work.siam")
        try t.enter(ReplayTests.everything.replacing("FILE", with: "here"))
        let again = try PseudoTerminal(["-i", "--no-init", "work.siam"], columns: 150, rows: 40, home: home)
        try again.enter(ReplayTests.everything.replacing("FILE", with: "there"))
        let here = try Data(contentsOf: URL(fileURLWithPath: home.path + "/here.safetensors"))
        let there = try Data(contentsOf: URL(fileURLWithPath: home.path + "/there.safetensors"))
        #expect(here.count > 4 * (100 + 200 * 64))
        #expect(here == there, "\(home.read("work.siam"))")
    }

    private func atPause(_ t: PseudoTerminal, _ step: Int, _ text: String) throws {
        t.send(text + "\r")
        try t.wait("the prompt after it") {
            $0.text.contains("siam(\(step))> " + text + "\n") && $0.current == "siam(\(step))>"
        }
    }

    @Test("17: a run that was changed at a pause and sent back is saved in steps, and replays bit for bit")
    func pauses() throws {
        let t = try PseudoTerminal(columns: 150, rows: 40)
        try t.enter("net = flatten >> dense(3); opt = sgd(0.01, momentum = 0.9); m = 1; k = 0")
        t.send("run = train net on pairs(digits(), 8) as a, b, same for 60 steps using opt { ")
        t.send("l = contrastive(net(a), net(b), same, margin = m); minimize l; k = k + 1; if k == 12 { pause } }\r")
        try t.line("siam(12)>")
        try atPause(t, 12, "opt.lr = 0.5")
        try atPause(t, 12, "m = 2; net.dense1.b = rand(3)")
        t.send("rewind 4\r")
        try t.line("siam(8)>")
        try atPause(t, 8, "m = 5")
        t.send("step 2\r")
        try t.line("siam(10)>")
        try atPause(t, 10, "std(net(a))")
        try atPause(t, 10, "opt.lr = 0.02")
        t.send("go\r")
        try t.line("siam(12)>")
        t.send("go\r")
        try t.line("siam>")
        try t.enter("tail = rand(2)")
        let values =
            "save({w: net.dense1.w, b: net.dense1.b, loss: run.loss, tail: tail, end: [opt.lr, m]}, \"FILE.npz\")"
        try t.enter(values.replacing("FILE", with: "here"))
        try t.enter(":save work.siam")
        try t.see("saved to work.siam")
        #expect(!t.screen.text.contains("comment"))
        let saved = t.home.read("work.siam")
        for line in ["rewind(run, 4)", "run = resume(run, for_steps = 2)", "run = resume(run, for_steps = 50)"] {
            #expect(saved.contains(line + "\n"), "\(saved)")
        }
        // Where nobody can be asked, the breakpoint of the body goes on.
        try t.home.write(saved + values.replacing("FILE", with: "there") + "\n", to: "again.siam")
        let again = try PseudoTerminal(
            program: ["bash", "-c", "\(siamBinary) again.siam < /dev/null > out 2>&1"], home: t.home, waits: false)
        #expect(try again.end() == 0, "\(t.home.read("out"))")
        let here = try Data(contentsOf: URL(fileURLWithPath: t.home.path + "/here.npz"))
        let there = try Data(contentsOf: URL(fileURLWithPath: t.home.path + "/there.npz"))
        #expect(here.count > 4 * (64 * 3 + 60) && here == there, "\(saved)")
    }

    @Test("20: --seed decides the draws, at the prompt as in a file") func seeds() throws {
        let home = try Home()
        func draws(_ arguments: [String]) throws -> String {
            let t = try PseudoTerminal(arguments, columns: 150, home: home, waits: false)
            #expect(try t.end() == 0)
            return t.screen.text
        }
        try home.write("print rand(4)\n", to: "draw.siam")
        let five = try draws(["--seed", "5", "-e", "print rand(4)"])
        #expect(five.hasPrefix("[0.") && five.count > 40)
        #expect(try draws(["--seed", "5", "-e", "print rand(4)"]) == five)
        #expect(try draws(["--seed", "5", "draw.siam"]) == five)
        #expect(try draws(["-e", "seed 5; print rand(4)"]) == five)
        #expect(try draws(["--seed", "9", "-e", "seed 5; print rand(4)"]) == five)
        let others = try [
            ["-e", "print rand(4)"], ["--seed", "0", "-e", "print rand(4)"], ["--seed", "6", "draw.siam"],
        ]
        .map(draws)
        #expect(Set(others + [five]).count == 4)
        let t = try PseudoTerminal(["--no-init", "--seed", "5"], columns: 150, home: home)
        try t.enter("print rand(4)")
        #expect(t.screen.line(t.screen.row - 1) == five)
        // After :reset the stream stands where it began.
        try t.enter(":reset")
        try t.enter("print rand(4)")
        #expect(t.screen.line(t.screen.row - 1) == five)
    }
}
