import Glibc
import Testing

/// The dialogue of a run that is stopped, looked into, taken back and let go on, in a terminal.
@Suite struct PauseTests {
    private static let setting = """
        seen, unseen = split(digits().sample(300), 0.8)
        net = flatten >> dense(16) >> relu >> dense(4)
        opt = adam(0.001)
        k = 0
        """

    private func train(_ steps: Int, _ more: String = "") -> String {
        "run = train net on pairs(seen, 16) as a, b, same for \(steps) steps using opt { k = k + 1; "
            + "minimize contrastive(net(a), net(b), same); "
            + "every 20 steps { report recall = recall_at(1, net, unseen) }\(more) }\r"
    }
    private func begin(_ steps: Int, _ more: String = "") throws -> PseudoTerminal {
        let home = try Home()
        try home.write(PauseTests.setting, to: "setting.siam")
        let t = try PseudoTerminal(columns: 110, rows: 50, home: home)
        try t.enter(":load setting.siam")
        t.send(train(steps, more))
        return t
    }
    /// The step that the progress line shows, or the prompt of a pause.
    private func running(_ screen: Screen) -> Int? {
        screen.current.firstMatch(of: /step (\d+)\/\d+/).flatMap { Int($0.output.1) }
    }
    private func paused(_ screen: Screen) -> Int? {
        screen.current.wholeMatch(of: /siam\((\d+)\)>/).flatMap { Int($0.output.1) }
    }

    /// A program at a terminal, paused in its first run.
    private func paused(program: String) throws -> PseudoTerminal {
        let home = try Home()
        try home.write(
            PauseTests.setting + "\n" + train(100_000).replacing("\r", with: "\n") + program, to: "p.siam")
        let t = try PseudoTerminal(["p.siam"], columns: 120, rows: 50, home: home, waits: false)
        try t.wait("some steps") { (running($0) ?? 0) >= 5 }
        t.send(Key.interrupt)
        try t.wait("the pause") { paused($0) != nil }
        return t
    }

    @Test(
        "the pause says the way out; quit and ^D end a program with 130, stop its run alone",
        arguments: ["quit\r", Key.end, "stop\r"])
    func leaving(_ answer: String) throws {
        let t = try paused(program: "print(\"behind the run\")\n")
        try t.see("stop ends the run, quit ends siam")
        t.send(answer)
        let code = try t.end()
        #expect(code == (answer == "stop\r" ? 0 : 130))
        #expect(t.screen.text.contains("behind the run") == (answer == "stop\r"))
    }

    @Test("words of other debuggers, and commands with a colon, are told what a pause has for them")
    func wordsFromElsewhere() throws {
        let t = try paused(program: "")
        func ask(_ word: String, _ says: String) throws {
            t.send(word + "\r")
            try t.see(says)
        }
        try ask("c", "go continues the run:  go")
        try ask("next", "one more step:  step")
        try ask(":back", "one step back:  rewind 1")
        try ask(":continue", "go continues the run:  go")
        try ask("optimizer.lr = 0.1", "the run's optimizer is  run.optimizer")
        try ask("run.optimizer.lr = 0.1", "siam(")
        t.send("quit\r")
        #expect(try t.end() == 130)
    }

    @Test("interrupts, resizes and stops change no loss") func undisturbed() throws {
        let home = try Home()
        try home.write(
            PauseTests.setting + "\n" + train(400).replacing("\r", with: "\n")
                + "print(\"losses\", sum(run.loss), run.loss[-1], sum(run.recall), k)\n", to: "p.siam")
        func losses(_ t: PseudoTerminal) throws -> Substring {
            #expect(try t.end() == 0)
            return try #require(t.screen.text.split(separator: "\n").first { $0.hasPrefix("losses ") })
        }
        let wanted = try losses(PseudoTerminal(["p.siam"], columns: 120, rows: 50, home: home, waits: false))
        let t = try PseudoTerminal(["p.siam"], columns: 120, rows: 50, home: home, waits: false)
        var last = 0
        for round in 0..<12 {
            try t.wait("steps beyond the last pause") { (running($0) ?? 0) > last || $0.text.contains("losses ") }
            if t.screen.text.contains("losses ") { break }
            if round % 3 == 1 { t.resize(columns: 120 - round, rows: 50) }
            if round % 4 == 2 {
                t.signal(SIGTSTP)
                t.signal(SIGCONT)
            }
            t.send(Key.interrupt)
            try t.wait("the pause") { paused($0) != nil || $0.text.contains("losses ") }
            last = paused(t.screen) ?? last
            if paused(t.screen) != nil { t.send("go\r") }
        }
        #expect(try losses(t) == wanted)
    }

    @Test func quitLeavesThePromptAndEndReturnsToIt() throws {
        let t = try begin(100_000)
        try t.wait("some steps") { (running($0) ?? 0) >= 5 }
        t.send(Key.interrupt)
        try t.wait("the pause") { paused($0) != nil }
        t.send(Key.end)
        try t.line("siam>")
        t.send(train(100_000))
        try t.wait("some steps") { (running($0) ?? 0) >= 5 }
        t.send(Key.interrupt)
        try t.wait("the pause") { paused($0) != nil }
        t.send("quit\r")
        #expect(try t.end() == 0)
    }

    @Test func rewindSaysWhatItTakesBack() throws {
        let t = try begin(100_000)
        try t.wait("some steps") { (running($0) ?? 0) >= 20 }
        t.send(Key.interrupt)
        try t.wait("the pause") { paused($0) != nil }
        let at = try #require(paused(t.screen))
        t.send("opt.lr = 0.02\r")
        try t.wait("the prompt again") { $0.text.contains("opt.lr = 0.02\n") && paused($0) == at }
        t.send("rewind 10\r")
        try t.see("this also undoes what was typed after those steps: opt.lr = 0.02")
        t.send("quit\r")
        #expect(try t.end() == 0)
    }

    @Test func interruptInspectChangeRewindGo() throws {
        let t = try begin(100_000)
        // Far enough that forty steps can be taken back.
        try t.wait("the sixtieth step") { (running($0) ?? 0) >= 60 }
        t.send(Key.interrupt)
        try t.wait("the pause") { paused($0) != nil }
        let at = try #require(paused(t.screen))
        #expect(t.screen.text.contains("paused at step \(at) of 100000   loss 0."))
        #expect(t.screen.text.firstMatch(of: /paused at step .*   recall [01]/) != nil)
        t.send("std(net(a))          # any expression; the body's names are bound\r")
        try t.wait("a number") { $0.text.firstMatch(of: /are bound\n0\.\d+\n/) != nil && paused($0) == at }
        t.send("opt.lr = 1e-4        # change anything\r")
        try t.wait("the prompt again") { $0.text.contains("change anything\n") && paused($0) == at }
        t.send("rewind 40            # back to step \(at - 40): parameters, optimizer, random stream\r")
        try t.wait("forty steps before") { paused($0) == at - 40 }
        t.send("k\r")
        try t.wait("the body's own count") { $0.text.contains("> k\n\(at - 40)\n") && paused($0) == at - 40 }
        t.send("opt.lr\r")
        try t.wait("the rate of then") { $0.text.contains("> opt.lr\n0.001\n") && paused($0) == at - 40 }
        t.send("len(run.loss) == run.steps and trace(run).step <= run.steps\r")
        try t.wait("the run by its name") { $0.text.contains("\ntrue\n") && paused($0) == at - 40 }
        t.send("step 1               # one step at a time, or step 10\r")
        try t.wait("one step on") { paused($0) == at - 39 }
        t.send("step 10\r")
        try t.wait("ten steps on") { paused($0) == at - 29 }
        t.send("go                   # on as before\r")
        try t.wait("steps beyond the first pause") { (running($0) ?? 0) > at }
        t.send(Key.interrupt)
        try t.wait("the second pause") { (paused($0) ?? 0) > at }
        t.send("stop\r")
        try t.line("siam>")
        t.send("len(run.loss) == run.steps\r")
        try t.see("\ntrue\n")
    }

    @Test func aBreakpointStopsWhereItSays() throws {
        let t = try begin(500, "; if k == 132 { pause }")
        try t.wait("the breakpoint") { paused($0) == 132 }
        #expect(t.screen.text.contains("paused at step 132 of 500   loss 0."))
        t.send("rewind 40\r")
        try t.wait("step 92") { paused($0) == 92 }
        t.send("rewind 93\r")
        try t.see("rewind 93 goes back before the start: 92 steps have been done")
        t.send("step 1\r")
        try t.wait("step 93") { paused($0) == 93 }
        t.send("save r.siamrun\r")
        try t.wait("the prompt again") { $0.text.contains("save r.siamrun\n") && paused($0) == 93 }
        t.send("go\r")
        try t.wait("the breakpoint once more") { paused($0) == 132 }
        t.send("stop\r")
        try t.line("siam>")
        let again = try PseudoTerminal(home: t.home)
        try again.enter("taken = load(\"r.siamrun\");")
        try again.enter("taken.steps")
        try again.see("\n93\n")
        // Its net is in the file; the names of the program come along where the program is made again.
        try again.enter("taken.optimizer.step == 93 and count(taken.net) > 0")
        try again.see("\ntrue\n")
        try again.enter("resume(taken, for_steps = 0);")
        try again.enter("len(taken.loss) == 93 and k == 93 and opt.step == 93")
        try again.see("\ntrue\n")
    }
}
