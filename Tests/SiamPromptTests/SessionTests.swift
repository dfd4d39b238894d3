import Foundation
import Testing

/// The expectations that concern prompt, command line and display, each under its number, with the real binary in a terminal.
@Suite struct SessionTests {
    static let tower = """
        layer tower(dim = 4) = flatten >> dense(16) >> relu >> dense(dim)
        seen, unseen = split(digits(), 0.8)
        net = tower(4)

        """
    static let longRun = """
        run = train net on pairs(seen, 16) as a, b, same for 100000 steps using adam(0.001) \
        { minimize contrastive(net(a), net(b), same) }
        """

    @Test("1: a file's own output, and the exit codes") func exitCodes() throws {
        let home = try Home()
        try home.write("print \"out\"\n1 / \"a\"\n", to: "bad.siam")
        let bad = try PseudoTerminal(["bad.siam"], home: home, waits: false)
        #expect(try bad.end() == 1)
        #expect(bad.screen.text.hasPrefix("out\nerror: cannot divide"))
        try home.write("expect 1 == 2\n", to: "false.siam")
        #expect(try PseudoTerminal(["false.siam"], home: home, waits: false).end() == 1)
        #expect(try PseudoTerminal(["--no-such-flag"], home: home, waits: false).end() == 2)
        try home.write("print \"begun\"\nwhile true { }\n", to: "endless.siam")
        let endless = try PseudoTerminal(["endless.siam"], home: home, waits: false)
        try endless.see("begun")
        endless.send(Key.interrupt)
        #expect(try endless.end() == 130)
    }

    @Test("2: errors name input, line and column") func places() throws {
        let t = try PseudoTerminal()
        try t.enter("x = 1")
        try t.enter("x + nothere")
        try t.see("--> prompt 2:1:5")
        try t.see("x + nothere\n   |     ^^^^^^^")
    }

    @Test("4: what failed has bound nothing, what was bound stays") func nothingIsLost() throws {
        let t = try PseudoTerminal()
        try t.enter("x = 1; y = 2")
        try t.enter("x = 5 / \"a\"")
        try t.enter("x + y")
        try t.see("\n3\n")
        try t.enter("z, w = [1, 2, 3]")
        try t.enter("w")
        try t.see("there is nothing named w")
    }

    private func isPaused(_ screen: Screen) -> Bool { screen.current.wholeMatch(of: /siam\(\d+\)>/) != nil }

    @Test("4, 5: ^C in train pauses at a step's edge and keeps the steps") func pause() throws {
        let home = try Home()
        try home.write(SessionTests.tower, to: "tower.siam")
        let t = try PseudoTerminal(columns: 120, rows: 40, home: home)
        try t.enter(":load tower.siam")
        t.send(SessionTests.longRun + "\r")
        try t.wait("some steps") { $0.current.firstMatch(of: /step \d\d+\/100000/) != nil }
        t.send(Key.interrupt)
        try t.wait("the pause") { $0.text.contains("paused at step") && $0.current.hasPrefix("siam(") }
        #expect(t.screen.text.contains("steps are kept"))
        t.send("2 + 3\r")
        try t.wait("the value at the pause") { $0.text.contains("\n5\n") && $0.current.hasPrefix("siam(") }
        let start = t.screen.current
        t.send("rewind 5\r")
        try t.wait("the prompt five steps before") { isPaused($0) && $0.current != start }
        let back = t.screen.current
        t.send("step 5\r")
        try t.wait("the prompt where it was") { isPaused($0) && $0.current != back }
        #expect(t.screen.current == start)
        t.send("go\r")
        // Before its first step the run would pause where it stands.
        try t.wait("the run going on") { $0.current.firstMatch(of: /step \d+\/100000/) != nil }
        t.send(Key.interrupt)
        try t.wait("the second pause") { isPaused($0) && $0.current != start }
        t.send("stop\r")
        try t.line("siam>")
        try t.enter("run.steps > 0")
        try t.see("true")
    }

    @Test("5: ^C stops other work, drops typed text, and never leaves") func interrupts() throws {
        let t = try PseudoTerminal()
        t.send("while true { }\r")
        try t.wait("work") { $0.row == 2 && $0.column == 0 }
        t.send(Key.interrupt)
        try t.line("siam>")
        #expect(t.screen.text.contains("interrupted"))
        t.send("half typed")
        try t.line("siam> half typed")
        t.send(Key.interrupt)
        try t.line("siam>")
        for row in 5...7 {
            t.send(Key.interrupt)
            try t.wait("a new prompt") { $0.row == row && $0.current == "siam>" }
        }
        t.send(String(repeating: Key.interrupt, count: 9))
        try t.wait("another prompt") { $0.row > 7 && $0.current == "siam>" }
        t.send(Key.up)
        try t.line("siam> half typed")
        t.send("\u{15}")
        try t.line("siam>")
        t.send(Key.end)
        #expect(try t.end() == 0)
    }

    @Test("5: ^C typed twice at once loses neither the run nor the prompt")
    func moreInterrupts() throws {
        let t = try PseudoTerminal(columns: 120, rows: 40)
        try t.enter("data = digits().sample(100); net = flatten >> dense(4)")
        t.send("run = train net on pairs(data, 8) as a, b, same for 100000 steps using adam(0.01) {\r")
        t.send("minimize contrastive(net(a), net(b), same)\r}\r")
        try t.wait("some steps") { $0.current.firstMatch(of: /step \d\d+\/100000/) != nil }
        t.send(Key.interrupt + Key.interrupt)
        // Both come before the pause, or the second at its prompt: the run has ended either way, within a second.
        try t.wait("a prompt") { $0.current == "siam>" || isPaused($0) }
        if isPaused(t.screen) { t.send("stop\r") }
        try t.line("siam>")
        try t.enter("run.steps > 0 and len(run.loss) == run.steps")
        try t.see("\ntrue\n")
        t.send(":q\r")
        #expect(try t.end() == 0)
    }

    @Test("names that a training body leaves are not listed; what show draws is a value") func namesAndFigures() throws
    {
        let t = try PseudoTerminal(columns: 120, rows: 40)
        try t.enter("data = digits().sample(100); net = flatten >> dense(4)")
        try t.enter(
            "run = train net on pairs(data, 8) as a, b, same for 5 steps using adam(0.01) { gap = euclidean(net(a), net(b)); minimize contrastive(net(a), net(b), same) }"
        )
        t.send("\u{C}")
        try t.wait("a clear screen") { $0.row == 0 && $0.current == "siam>" }
        try t.enter(":vars")
        try t.see("run")
        for name in ["gap", "same"] {
            #expect(!t.screen.lines.contains { $0.hasPrefix(name + " ") }, "\(t.screen.text)")
        }
        // A name that the user gives is the user's again.
        try t.enter("same = 3")
        try t.enter(":vars")
        try t.see("same")
        let file = t.home.path + "/pairs.svg"
        try t.enter("save(show(pairs(data, 4)), \"\(file)\")")
        #expect(try String(contentsOfFile: file, encoding: .utf8).hasPrefix("<svg"))
    }

    @Test("tables are cut to a narrow window, and a line says so") func narrowTables() throws {
        let t = try PseudoTerminal(columns: 44, rows: 40)
        try t.enter("net = flatten >> dense(64) >> relu >> dense(8)")
        try t.enter("trace(net, digits().x[0..4])")
        try t.see("show(..., all = true) shows everything")
        #expect(t.screen.lines.contains { $0.hasPrefix("dense1") && $0.count <= 44 }, "\(t.screen.text)")
    }

    @Test("5: exit, quit and :q leave", arguments: ["exit", "quit", ":q", ":quit"]) func leaving(word: String) throws {
        let t = try PseudoTerminal()
        t.send(word + "\r")
        #expect(try t.end() == 0)
    }

    @Test("6: values are printed, assignments noted, a semicolon silences") func values() throws {
        let t = try PseudoTerminal()
        try t.enter("x = 3")
        #expect(t.screen.line(2) == "siam>")
        try t.enter("x + 1")
        try t.enter("_ * 2")
        try t.see("\n8\n")
        try t.enter("x + 77;")
        try t.enter("net = dense(3)")
        try t.see("dense(3)\nsiam>")
        #expect(!t.screen.text.contains("80"))
    }

    @Test("7: a tensor prints shape, corners to the width, statistics") func tensors() throws {
        let t = try PseudoTerminal(columns: 40, rows: 30)
        try t.enter("x = zeros(30, 30); x[0, 0] = nan")
        try t.enter("x")
        try t.see("tensor 30x30")
        try t.see("1 NaN")
        #expect(t.screen.lines.allSatisfy { $0.count <= 40 })
        #expect(t.screen.lines.count { $0.hasPrefix("[") } == 12)
    }

    @Test("9: a paste of 5 000 lines runs nothing before Enter, and then as a file would") func largePaste() throws {
        let t = try PseudoTerminal()
        let text = (0..<4997).map { "x\($0 % 10) = \($0)" }.joined(separator: "\n") + "\nnet = dense(3)\n>> relu\nx6"
        t.paste(text)
        try t.line("siam> [pasted 5000 lines]")
        t.send(Key.backspace)
        try t.line("siam>")
        t.paste(text)
        try t.line("siam> [pasted 5000 lines]")
        t.send("\r")
        try t.wait("the value") { $0.text.contains("\n4996\n") && $0.current == "siam>" }
        try t.enter("net")
        try t.see("relu")
    }

    @Test("10: a transcript can be pasted") func transcript() throws {
        let t = try PseudoTerminal()
        t.paste("siam> x = 20\nsiam> fn f(a) {\n  ...   a + x\n  ... }\nsiam> f(1)\n21\nsiam> \n")
        try t.see("f(1)")
        t.send("\r")
        try t.wait("the value") { $0.text.contains("\n21\n") && $0.current == "siam>" }
    }

    @Test("11: Up recalls what begins with the text") func recall() throws {
        let t = try PseudoTerminal()
        try t.enter("alpha = 1")
        try t.enter("beta = 2")
        try t.enter("beta = 2")
        t.send(Key.up)
        try t.line("siam> beta = 2")
        t.send(Key.up)
        try t.line("siam> alpha = 1")
        t.send(Key.down + Key.down)
        try t.line("siam>")
        t.send("al" + Key.up)
        try t.line("siam> alpha = 1")
    }

    @Test("12: history survives kill -9, is shared, and skips lines that begin with a blank") func history() throws {
        let home = try Home()
        let a = try PseudoTerminal(home: home)
        try a.enter("first = 1")
        let b = try PseudoTerminal(home: home)
        try b.enter("second = 2")
        try b.enter(" secret = 3")
        a.signal(SIGKILL)
        _ = try a.end()
        b.send(Key.up)
        try b.line("siam> second = 2")
        b.send(Key.up)
        try b.line("siam> first = 1")
        #expect(home.read(Home.history) == "first = 1\nsecond = 2\n")
        #expect(home.mode(Home.history) == 0o600)
        #expect(home.mode(".local/state/siam") == 0o700)
    }

    @Test("14: a misspelt command, name, field, argument or file gets one suggestion, and none when nothing is near")
    func suggestions() throws {
        let home = try Home()
        try home.write("x = 1\n", to: "tower.siam")
        try home.write("", to: "tower.npy")
        let t = try PseudoTerminal(rows: 60, home: home)
        try t.enter("net = flatten >> dense(2)")
        for (input, meant) in [
            (":hlep", ":help"), ("contrastiv(1)", "contrastive"), ("net.dens1", "dense1"),
            ("contrastive([1], [1], [1], marign = 2)", "margin"), (":load towr.siam", "tower.siam"),
            ("npy(\"towr.npy\")", "tower.npy"), (":set colour off", "color"),
        ] {
            t.send("\u{C}")
            try t.wait("a clear screen") { $0.row == 0 && $0.current == "siam>" }
            try t.enter(input)
            let said = t.screen.text
            #expect(said.contains(meant) && said.contains("id you mean"), "\(said)")
            #expect(said.components(separatedBy: "id you mean").count == 2, "\(said)")
        }
        t.send("\u{C}")
        try t.wait("a clear screen") { $0.row == 0 && $0.current == "siam>" }
        for input in ["zzqqxx", "net.qqqqq", ":qqxxy", ":load qqxxyyzz", "contrastive(1, 2, 3, qqxxyy = 1)"] {
            try t.enter(input)
        }
        #expect(t.screen.text.components(separatedBy: "error:").count == 6, "\(t.screen.text)")
        #expect(!t.screen.text.contains("id you mean"), "\(t.screen.text)")
        let flag = try PseudoTerminal(["--thread", "2"], home: home, waits: false)
        #expect(try flag.end() == 2)
        try flag.see("--threads")
    }

    @Test("15: help of names, signs, commands and words; search where there is no such name") func help() throws {
        let t = try PseudoTerminal(rows: 40)
        try t.enter("?contrastive")
        try t.see("contrastive(a, b, same = none, margin = 1, weights = none)")
        try t.enter("??contrastive")
        try t.see("loss contrastive(")
        try t.enter("?>>")
        try t.see("f >> g")
        try t.enter("?:save")
        try t.see(":save FILE")
        try t.enter("?train")
        try t.see("using adam(0.001)")
        try t.enter("?report")
        try t.see("As a statement, report accuracy")
        try t.enter("?overfitted")
        try t.see("there is no help for overfitted")
        try t.enter("?hinge")
        try t.see("hinge")
        try t.enter("source contrastive")
        try t.see("loss contrastive(")
    }

    /// In a process of its own: the budget is the whole process's.
    @Test func aListThatGrowsWithoutEndEndsWithTheBudget() throws {
        let t = try PseudoTerminal()
        try t.enter(":set memory 200MB")
        try t.enter("len([a for a in 0..4e12])")
        try t.see("not enough memory")
    }

    @Test("16: the commands exist, may be shortened, and :help fits one screen") func commands() throws {
        let t = try PseudoTerminal()
        t.send("\u{C}")
        try t.wait("a clear screen") { $0.row == 0 }
        try t.enter(":he")
        #expect(t.screen.line(0) == "siam> :he")
        for name in [
            "help", "load", "reload", "run", "edit", "save", "time", "vars", "shape", "reset", "history", "learn",
            "set",
            "memory", "why", "warnings", "quit",
        ] { #expect(t.screen.text.contains("\n:\(name)"), "\(name)") }
        try t.enter(":s x")
        try t.see(":s could be :save or :shape or :set")
        try t.enter("x = zeros(2, 3)")
        try t.enter(":shape x @ zeros(3, 5)")
        try t.see("2x5")
        try t.enter(":va")
        try t.see("x  a tensor of 2x3")
        try t.enter(":time 1 + 1")
        try t.wait("a time") { $0.text.contains(" us") || $0.text.contains(" ms") }
        try t.enter(":reset")
        try t.see("forgot 1 name")
        try t.enter("x")
        try t.see("there is nothing named x")
        try t.enter(":why")
        try t.see("correct:")
        try t.enter(":warnings")
        try t.see("no warnings")
        try t.enter(":memory")
        try t.see("tensors take")
        try t.enter(":history zeros")
        try t.see("x = zeros(2, 3)\n:shape x @ zeros(3, 5)\n:history zeros")
        try t.enter(":set colour off")
        try t.see("Did you mean color?")
    }

    @Test("18: :reload says what changed; an error leaves the old definitions") func reloading() throws {
        let home = try Home()
        try home.write("fn f(x) = x + 1\nfn g(x) = x\n", to: "defs.siam")
        let t = try PseudoTerminal(home: home)
        try t.enter(":load defs.siam")
        try home.write("fn f(x) = x + 10\nfn h(x) = x\n", to: "defs.siam")
        try t.enter(":reload")
        try t.see("changed: f; new: h; gone: g")
        try t.enter("f(1)")
        try t.see("\n11\n")
        try home.write("fn f(x) = x + 100\nq = nothere\n", to: "defs.siam")
        try t.enter(":reload")
        try t.see("the old definitions stay")
        try t.enter("f(2)")
        try t.see("\n12\n")
    }

    @Test("18: siam watch runs a file at each save") func watching() throws {
        let home = try Home()
        try home.write("fn f(x) = x + 1\nprint f(1)\n", to: "w.siam")
        let t = try PseudoTerminal(["watch", "w.siam"], home: home, waits: false)
        try t.see("2\nwatching w.siam; ^C ends")
        try home.write("fn f(x) = x + 7\nprint f(1)\n", to: "w.siam")
        try t.see("--- w.siam: changed: f\n8\nwatching")
        try home.write("print nothere\n", to: "w.siam")
        try t.see("there is nothing named nothere")
        try home.write("print 99\n", to: "w.siam")
        try t.see("99")
        t.send(Key.interrupt)
        #expect(try t.end() == 130)
    }

    @Test("19: :edit puts what comes back on the line") func editing() throws {
        let home = try Home()
        try home.write("#!/bin/sh\nsed -i 's/1/41/' \"$1\"\n", to: "ed.sh")
        let t = try PseudoTerminal(home: home, environment: ["EDITOR": "sh \(home.path)/ed.sh"])
        try t.enter("x = 1 + 1")
        t.send(":edit\r")
        try t.line("siam> x = 41 + 1")
        t.send("\r")
        try t.wait("the prompt") { $0.current == "siam>" }
        try t.enter("x")
        try t.see("\n42\n")
        try t.enter("fn f(a) = a + 1")
        t.send(":edit f\r")
        try t.line("siam> fn f(a) = a + 41")
        t.send("\u{18}\u{5}")
        try t.line("siam> fn f(a) = a + 441")
    }

    @Test("20: the command line") func commandLine() throws {
        let home = try Home()
        try home.write("#!/usr/bin/env siam\nprint \"args\", args\nx = 5\n1 / \"a\"\n", to: "f.siam")
        let stay = try PseudoTerminal(["-i", "--no-init", "f.siam"], home: home)
        try stay.see("cannot divide")
        try stay.enter("x")
        try stay.see("\n5\n")
        let code = try PseudoTerminal(["-e", "6 * 7"], home: home, waits: false)
        #expect(try code.end() == 0)
        #expect(code.screen.text == "42")
        let arguments = try PseudoTerminal(["f.siam", "a", "--b"], home: home, waits: false)
        #expect(try arguments.end() == 1)
        try arguments.see("args [\"a\", \"--b\"]")
        let quiet = try PseudoTerminal(["--quiet", "--no-init"], home: home)
        #expect(quiet.screen.text == "siam>")
        for flag in ["--version", "--help"] {
            let t = try PseudoTerminal([flag], home: home, waits: false)
            #expect(try t.end() == 0)
            #expect(t.screen.text.contains("siam") || t.screen.scrolledOff.contains { $0.contains("siam") })
        }
    }

    @Test("22: NO_COLOR removes colour and nothing else; --color beats it") func colours() throws {
        func styled(_ arguments: [String], _ environment: [String: String]) throws -> String {
            let t = try PseudoTerminal(["--no-init"] + arguments, environment: environment)
            t.send("fn f")
            try t.wait("the colour of the word, or none") { $0.current.hasPrefix("siam> fn f") }
            try t.enter("(x) = x")
            return (0..<t.screen.rows).map { t.screen.style($0, 6) }.joined()
        }
        #expect(try styled([], [:]).contains("35"))
        #expect(try !styled([], ["NO_COLOR": "1"]).contains("3"))
        #expect(try styled([], ["NO_COLOR": ""]).contains("35"))
        #expect(try styled(["--color", "always"], ["NO_COLOR": "1"]).contains("35"))
        #expect(try !styled(["--color", "never"], [:]).contains("3"))
    }

    @Test("22: TERM=dumb and --plain read plain lines", arguments: [true, false]) func plain(isDumb: Bool) throws {
        let t = try PseudoTerminal(
            isDumb ? ["--no-init"] : ["--no-init", "--plain"], environment: isDumb ? ["TERM": "dumb"] : [:])
        t.send("fn f(x) {\n")
        try t.line("  ...")
        t.send("x + 1\n")
        try t.wait("one more line") { $0.text.contains("x + 1\n  ...") && $0.current == "  ..." }
        t.send("}\n")
        try t.line("siam>")
        t.send("f(2)\n")
        // An interrupt that comes before the next prompt belongs to the input before.
        try t.wait("the value and a prompt") { $0.text.contains("\n3\n") && $0.current == "siam>" }
        #expect(!t.screen.hasEscapes || !isDumb)
        t.send("half")
        // The terminal drops what it has not shown yet when ^C comes.
        try t.line("siam> half")
        t.send(Key.interrupt)
        try t.wait("another prompt") { $0.current == "siam>" && $0.text.contains("half") }
        t.send(Key.end)
        #expect(try t.end() == 0)
    }

    @Test("22: a locale without UTF-8 draws in ASCII and still takes letters") func asciiLocale() throws {
        let t = try PseudoTerminal(environment: ["LC_ALL": "C", "LANG": ""])
        t.send("λ = 1\r")
        try t.wait("the prompt") { $0.row >= 2 && $0.current == "siam>" }
        try t.enter("λ + 1")
        try t.see("\n2\n")
        try t.enter("hist(range(20) + 0.0)")
        #expect(t.output.allSatisfy { $0 < 0x80 } || !t.screen.text.contains("█"))
    }

    @Test("24: training rewrites one line") func progress() throws {
        let home = try Home()
        try home.write(SessionTests.tower, to: "tower.siam")
        let t = try PseudoTerminal(columns: 120, home: home)
        try t.enter(":load tower.siam")
        t.send(SessionTests.longRun + "\r")
        try t.wait("a progress line") {
            $0.current.contains("step ") && $0.current.contains("loss ") && $0.current.contains("per step")
                && $0.current.contains("left")
        }
        let row = t.screen.row
        let first = t.screen.current
        try t.wait("its next state") { $0.current != first && $0.current.contains("loss ") }
        #expect(t.screen.row == row)
    }

    @Test("30: the same seed gives the same transcript, with 1 thread or 2") func transcriptsAgree() throws {
        func transcript(_ threads: String) throws -> String {
            let t = try PseudoTerminal(["--no-init", "--threads", threads, "--seed", "3"])
            try t.enter("net = dense(40) >> relu >> dense(3)")
            try t.enter("net(randn(50, 30))")
            try t.enter("rand(2)")
            return t.screen.text
        }
        #expect(try transcript("1") == transcript("2"))
    }

    @Test("37: ^Z and fg bring the line back") func stopping() throws {
        let t = try PseudoTerminal(
            program: ["bash", "--norc", "--noprofile", "-i"], environment: ["PS1": "shell$ ", "HISTFILE": "/dev/null"],
            waits: false)
        try t.line("shell$")
        t.send("\(siamBinary) --no-init\r")
        try t.line("siam>")
        t.send("12 + 30")
        try t.line("siam> 12 + 30")
        t.send("\u{1A}")
        try t.wait("the shell") { $0.text.contains("Stopped") && $0.current == "shell$" }
        // The shell's line is edited and echoed as ever.
        t.send("echo a$((1+1))b\r")
        try t.see("\na2b\n")
        t.send("fg\r")
        try t.line("siam> 12 + 30")
        t.send("\r")
        try t.see("\n42\n")
        t.send(Key.end)
        try t.line("shell$")
        t.send("echo c$((1+2))d\r")
        try t.see("\nc3d\n")
    }

    @Test("37: ^L clears") func clearing() throws {
        let t = try PseudoTerminal()
        t.send("12 + 30")
        try t.line("siam> 12 + 30")
        t.send("\u{C}")
        try t.wait("a clear screen") { $0.row == 0 && $0.current == "siam> 12 + 30" }
        t.send("\r")
        try t.see("\n42\n")
    }

    @Test("38: long output is cut with a line that says how to see all") func longOutput() throws {
        let t = try PseudoTerminal()
        try t.enter("[\"a{i}\" for i in 0..100]")
        try t.see("more: show x, all = true")
        try t.enter("x = 1")
    }

    @Test("38: :page opens a pager on request") func paging() throws {
        let home = try Home()
        let t = try PseudoTerminal(home: home, environment: ["PAGER": "tail -n 1"])
        try t.enter("[\"a{i}\" for i in 0..100]")
        try t.enter(":page")
        try t.see("a99")
    }

    @Test("39: the init file runs, its errors are shown and skipped") func initFile() throws {
        let home = try Home()
        try home.write("favourite = 17\nnothere + 1\n", to: ".config/siam/init.siam")
        let t = try PseudoTerminal([], home: home)
        try t.see("there is nothing named nothere")
        try t.enter("favourite")
        try t.see("\n17\n")
        let without = try PseudoTerminal(["--no-init"], home: home)
        #expect(!without.screen.text.contains("nothere"))
    }

    @Test("39: a home that cannot be written is no error") func readOnlyHome() throws {
        let t = try PseudoTerminal(environment: ["HOME": "/proc/nowhere"])
        // Once, and nothing more.
        #expect(t.screen.text.components(separatedBy: "are not saved").count == 2)
        #expect(!t.screen.text.contains("error"))
        try t.enter("1 + 1")
        t.send(Key.up)
        try t.line("siam> 1 + 1")
    }

    @Test("40: a fault of siam's own keeps history and offers recover.siam", arguments: [SIGSEGV, SIGILL, SIGABRT])
    func faults(signal: Int32) throws {
        let home = try Home()
        let t = try PseudoTerminal(columns: 200, home: home)
        try t.enter("x = 3")
        t.signal(signal)
        #expect(try t.end() == 70)
        #expect(t.screen.text.contains("recover-\(t.process).siam"))
        #expect(t.screen.text.contains("not in your program"))
        #expect(home.read(".local/state/siam/recover-\(t.process).siam") == "x = 3\n")
        #expect(home.read(Home.history) == "x = 3\n")
    }

    @Test("a terminal that goes away ends the prompt") func hangup() throws {
        let t = try PseudoTerminal()
        try t.enter("x = 3")
        t.signal(SIGHUP)
        #expect(try t.end() == 129)
        #expect(t.home.read(Home.history) == "x = 3\n")
    }
}
