import Foundation
import Testing

/// The expectations about files, pipes and closed streams, and about what is shown, each under its number.
@Suite struct StreamTests {
    /// Runs a shell's script in a terminal of its own, where `siam` is the binary; its screen at the end and its status.
    private func shell(
        _ script: String, home: Home, columns: Int = 80, environment: [String: String] = [:],
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws -> (status: Int32, screen: Screen, output: [UInt8]) {
        let t = try PseudoTerminal(
            program: ["bash", "--norc", "--noprofile", "-c", "siam() { \(siamBinary) \"$@\"; }; " + script],
            columns: columns, rows: 60, home: home, environment: environment, waits: false)
        let status = try t.end(sourceLocation: sourceLocation)
        return (status, t.screen, t.output)
    }

    @Test("1: only a file's own output is on stdout, messages are on stderr") func streams() throws {
        let home = try Home()
        try home.write("x = 3\nnet = dense(2)\nprint \"own\"\nx\nx + nothere\nprint \"never\"\n", to: "f.siam")
        let end = try shell("siam f.siam > out 2> err; echo status $?", home: home)
        #expect(end.screen.line(0) == "status 1")
        #expect(home.read("out").contains("own"))
        #expect(!home.read("out").contains("error"))
        #expect(home.read("err").hasPrefix("error: there is nothing named nothere\n  --> f.siam:5:5"))
        #expect(!home.read("out").contains("never"))
        #expect(!(home.read("out") + home.read("err")).contains("\u{1B}"))
    }

    @Test("3: a shape error names layer, shapes, where they were made, the stages, and a repair that works")
    func shapeError() throws {
        let t = try PseudoTerminal(columns: 100, rows: 40)
        try t.enter("x = randn(32, 128)")
        try t.enter("w = randn(784, 128)")
        try t.enter("h = x @ w")
        try t.see("@ needs as many columns on the left as rows on the right, and got 128 and 784")
        try t.see("32x128")
        try t.see("784x128")
        try t.see("made at prompt 1")
        try t.see("x @ w.transpose()")
        try t.enter("h = x @ w.transpose(); h.shape")
        try t.see("32x784")
        try t.enter("net = dense(16) >> relu >> dense(4)")
        try t.enter("net(x);")
        try t.enter("net(randn(32, 64))")
        try t.see("dense1 expects inputs that are 128 wide, and got 64")
        try t.see("stage by stage:")
    }

    @Test("8: Enter opens an indented line where the input is unfinished, and runs it where it is whole")
    func unfinished() throws {
        let t = try PseudoTerminal()
        t.send("fn f(x) {\r")
        try t.wait("an indented line") { $0.row == 2 && $0.column == 8 }
        t.send("x + 1\r")
        try t.wait("another") { $0.row == 3 && $0.column == 8 }
        t.send("}\r")
        try t.line("siam>")
        t.send("f(\r")
        try t.wait("a line within the bracket") { $0.row == 5 }
        t.send("41)\r")
        try t.see("\n42\n")
    }

    @Test("12: two prompts open at once write one history, and a kill between entries costs none") func shared() throws
    {
        let home = try Home()
        let a = try PseudoTerminal(home: home)
        let b = try PseudoTerminal(home: home)
        for k in 0..<4 {
            try a.enter("a\(k) = \(k)")
            try b.enter("b\(k) = \(k)")
        }
        a.signal(SIGKILL)
        b.signal(SIGKILL)
        _ = (try a.end(), try b.end())
        let both = (0..<4).map { "a\($0) = \($0)\nb\($0) = \($0)\n" }.joined()
        #expect(home.read(Home.history) == both)
        let c = try PseudoTerminal(home: home)
        for k in (0..<4).reversed() {
            for name in ["b", "a"] {
                c.send(Key.up)
                try c.line("siam> \(name)\(k) = \(k)")
            }
        }
    }

    @Test("20: code on a pipe, -, -e, -- and arguments, #! first lines, --no-init") func doors() throws {
        let home = try Home()
        try home.write("#!\(siamBinary)\nprint \"args\", args\n", to: "f.siam")
        try home.write("print \"init ran\"\n", to: ".config/siam/init.siam")
        for (script, wanted) in [
            ("echo 'print 6 * 7' | siam", "42"),
            ("echo 'print 6 * 7, args' | siam - a b", "42 [\"a\", \"b\"]"),
            ("siam -e '6 * 7'", "42"),
            ("siam f.siam -- -e --quiet", "args [\"-e\", \"--quiet\"]"),
            ("siam -- f.siam x", "args [\"x\"]"),
            ("chmod +x f.siam; ./f.siam one", "args [\"one\"]"),
            ("echo 'print seeded' | siam --seed x; echo $?", "2"),
        ] {
            let end = try shell(script, home: home)
            #expect(end.screen.text.hasSuffix(wanted), "\(script)")
            #expect(!end.screen.text.contains("init ran"), "\(script)")
        }
        let draws = try shell("siam --seed 7 -e 'rand(2)' > a; echo 'print rand(2)' | siam --seed 7 - > b", home: home)
        #expect(draws.status == 0)
        #expect(!home.read("a").isEmpty)
    }

    @Test("21: without a terminal on stdin no prompt, no banner, no escape, no question") func pipedIn() throws {
        let home = try Home()
        let end = try shell("printf 'x = 20\\nprint x + 1\\n' | siam -i; echo status $?", home: home)
        #expect(end.screen.text == "21\nstatus 0")
        #expect(!end.screen.hasEscapes)
    }

    @Test("21: without a terminal on stdout no colour and no carriage return") func pipedOut() throws {
        let home = try Home()
        try home.write(
            SessionTests.tower + SessionTests.longRun.replacing("100000", with: "40") + "\nprint digits()\n",
            to: "t.siam")
        let end = try shell("siam t.siam > out 2> err; echo status $?", home: home)
        #expect(end.screen.text == "status 0")
        for file in ["out", "err"] {
            #expect(!home.read(file).contains("\u{1B}"), "\(file)")
            #expect(!home.read(file).contains("\r"), "\(file)")
        }
    }

    @Test("21: a closed stdin or stdout ends without a trap", arguments: ["<&-", ">&-", "2>&-", "<&- >&- 2>&-"])
    func closed(_ closing: String) throws {
        let home = try Home()
        // With stdin as it is the prompt would wait for what is typed.
        if closing.contains("<&-") {
            let end = try shell("siam \(closing); echo status $?", home: home)
            #expect(end.screen.text.hasSuffix("status 0"))
        }
        let code = try shell("siam -e 'print 1' \(closing); echo status $?", home: home)
        // What cannot be printed is lost, and that is no success.
        #expect(code.screen.text.hasSuffix(closing.contains(" >&-") || closing == ">&-" ? "status 1" : "status 0"))
    }

    @Test("22: TERM=dumb and LC_ALL=C draw in ASCII", arguments: [["TERM": "dumb"], ["LC_ALL": "C", "LANG": ""]])
    func plainDrawings(_ environment: [String: String]) throws {
        let home = try Home()
        let end = try shell(
            "siam -e 'hist(range(20) + 0.0)' -e 'x = 1'; siam -e 'plot([1, 3, 2])'; siam -e 'digits()'", home: home,
            environment: environment)
        #expect(end.status == 0)
        #expect(end.output.count > 500)
        #expect(end.output.allSatisfy { $0 < 0x80 })
    }

    @Test("24: in a pipe training says one plain line an epoch") func pipedProgress() throws {
        let home = try Home()
        try home.write(
            SessionTests.tower
                + "run = train net on pairs(seen, 64) as a, b, same for 2 epochs using adam(0.001) "
                + "{ minimize contrastive(net(a), net(b), same) }\n", to: "t.siam")
        let end = try shell("siam t.siam > out 2> err; echo status $?", home: home)
        #expect(end.screen.text == "status 0")
        #expect(home.read("err").split(separator: "\n").count { $0.contains("epoch") } == 2)
    }

    @Test("27: drawings fit the window and redraw well in a file") func drawings() throws {
        let home = try Home()
        for columns in [40, 100] {
            for drawing in ["plot([1, 3, 2, 5])", "hist(randn(100))", "heat(randn(5, 5))", "scatter(randn(20, 2))"] {
                let end = try shell("siam -e '\(drawing)'; siam -e '\(drawing)' > out", home: home, columns: columns)
                #expect(end.screen.lines.allSatisfy { displayed($0) <= columns }, "\(drawing)")
                #expect(end.screen.text.split(separator: "\n").count > 4, "\(drawing)")
                #expect(!home.read("out").contains("\u{1B}"), "\(drawing)")
                #expect(home.read("out").split(separator: "\n").count > 4, "\(drawing)")
            }
        }
    }
    private func displayed(_ line: String) -> Int { line.count }

    @Test("30: a file's output is the same with 1 thread or 2, in a pipe and again") func sameBytes() throws {
        let home = try Home()
        try home.write(
            SessionTests.tower + SessionTests.longRun.replacing("100000", with: "30")
                + "\nprint run.loss\nprint net(unseen.x[0..3])\n", to: "t.siam")
        let end = try shell(
            "siam --threads 1 t.siam > a 2>&1; siam --threads 2 t.siam > b 2>&1; cmp a b && wc -l < a", home: home)
        #expect(end.status == 0)
        #expect(!home.read("a").isEmpty)
    }

    @Test("38: show x, all = true shows what was cut") func all() throws {
        let t = try PseudoTerminal()
        try t.enter("x = [\"a{i}\" for i in 0..100]")
        try t.enter("x")
        try t.see("more: show x, all = true")
        #expect(!t.screen.text.contains("\"a99\""))
        try t.enter("show x, all = true")
        try t.see("\"a99\"")
    }

    @Test("38: of a tensor that is cut it is said once how to see all") func corners() throws {
        let t = try PseudoTerminal(rows: 60)
        try t.enter("x = zeros(30, 3)")
        try t.enter("x")
        try t.see("only its corners are shown; show _, all = true shows every number")
        #expect(t.screen.lines.count { $0.hasPrefix("[") } == 12)
        try t.enter("show _, all = true")
        #expect(t.screen.lines.count { $0.hasPrefix("[") } == 42)
        try t.enter("x + 1")
        #expect(t.screen.text.components(separatedBy: "its corners").count == 2)
        try t.enter("zeros(2)")
    }

    @Test("40: recover.siam goes on where the fault was") func recovery() throws {
        let home = try Home()
        let t = try PseudoTerminal(home: home)
        try t.enter("x = randn(2)")
        try t.enter("x[0]")
        let value = t.screen.line(t.screen.row - 1)
        t.signal(SIGSEGV)
        #expect(try t.end() == 70)
        let again = try PseudoTerminal(["-i", "--no-init", ".local/state/siam/recover-\(t.process).siam"], home: home)
        try again.enter("x[0]")
        #expect(again.screen.line(again.screen.row - 1) == value)
    }

    @Test("values: a data set shows a table of classes and, side by side, an image of each that fits") func dataset()
        throws
    {
        for (columns, rows) in [(80, 24), (200, 50)] {
            let t = try PseudoTerminal(columns: columns, rows: rows)
            t.send("\u{C}")
            try t.wait("a clear screen") { $0.row == 0 }
            try t.enter("digits()")
            #expect(t.screen.line(0) == "siam> digits()")
            try t.see("digits: 1797 examples of 8x8x1, 10 classes\n  0  178  ")
            try t.see("\n  9  180  ")
            try t.see("\n0          1          2")
            try t.see("▀▀▀▀▀▀▀▀")
        }
        let t = try PseudoTerminal()
        try t.enter("moons(20)")
        try t.see("examples of 2, 2 classes")
        #expect(!t.screen.text.contains("▀"))
    }
}
