import Foundation
import Testing

/// The subcommands of the binary, and where it keeps its state: expectations 2, 35, 36 and 39.
@Suite struct SubcommandTests {
    private func run(_ arguments: [String], _ home: Home, columns: Int = 80) throws -> (status: Int32, text: String) {
        let t = try PseudoTerminal(arguments, columns: columns, rows: 60, home: home, waits: false)
        return (try t.end(), t.screen.text)
    }

    @Test("2: a file that is loaded is named in its errors; long messages fold between words") func placesInFiles()
        throws
    {
        let home = try Home()
        try home.write("x = 1\n\nprint x, nothere\n", to: "bad.siam")
        let t = try PseudoTerminal(columns: 46, home: home)
        try t.enter(":load bad.siam")
        try t.see("--> bad.siam:3:10")
        try t.see("print x, nothere\n   |          ^^^^^^^")
        try t.enter("load(\"x.unknown\")")
        try t.see("error: load chooses the format by the ending")
        try t.see("\n  of the file name, and knows ")
    }

    @Test("35: transcripts in documents are tests, with a diff") func transcripts() throws {
        let home = try Home()
        try home.write("# Sums\n\n```\nsiam> 1 + 1\n2\nsiam> [1, 2] + 1\n[2, 4]\n```\n", to: "docs/a.md")
        try home.write("```\nsiam> x = 3\nsiam> x + 1\n4\n```\n", to: "docs/b.md")
        let bad = try run(["test", "docs/a.md", "docs/b.md"], home)
        #expect(bad.status == 1)
        #expect(bad.text.contains("docs/a.md") && bad.text.contains("1 failed"), "\(bad.text)")
        #expect(bad.text.contains("- [2, 4]"), "\(bad.text)")
        let good = try run(["test", "docs/b.md"], home)
        #expect(good.status == 0 && good.text.contains("1 passed"), "\(good.text)")
    }

    @Test("36: check finds faults without training, as JSON too; fmt is stable") func checks() throws {
        let home = try Home()
        try home.write(
            "seen = digits()\nnet = flatten >> dense(4)\n"
                + "train net on pairs(seen, 8) as a, b, same for 100000000 steps using adam(0.001) {\n"
                + "  minimize contrastive(net(a), net(b), smae)\n}\nx=ones(2,4)@ones(5, 2)\n", to: "t.siam")
        let plain = try run(["check", "t.siam"], home)
        #expect(plain.status == 1)
        #expect(plain.text.contains("smae") && plain.text.contains("t.siam:4:"), "\(plain.text)")
        #expect(plain.text.contains("got 4 and 5") && plain.text.contains("t.siam:6:"), "\(plain.text)")
        let json = try PseudoTerminal(
            program: ["bash", "-c", "\(siamBinary) check --json t.siam > out.json"], home: home, waits: false)
        #expect(try json.end() == 1)
        let parsed = try JSONSerialization.jsonObject(with: Data(home.read("out.json").utf8)) as? [[String: Any]]
        let errors = (parsed ?? []).filter { $0["severity"] as? String == "error" }
        #expect(errors.count == 2)
        #expect(try run(["fmt", "t.siam"], home).status == 0)
        let once = home.read("t.siam")
        #expect(once.contains("x = ones(2, 4) @ ones(5, 2)"))
        #expect(try run(["fmt", "t.siam"], home).status == 0)
        #expect(home.read("t.siam") == once)
    }

    @Test("what cannot be printed is said, and the exit code is not 0", arguments: ["> /dev/full", ">&-"])
    func lostOutput(_ redirection: String) throws {
        let home = try Home()
        try home.write("x = nothing_of_this_name\n", to: "wrong.siam")
        try home.write("print(1)\n", to: "good.siam")
        for command in [
            "-e 'print(1)'", "good.siam", "test good.siam", "check wrong.siam", "doc relu", "learn --list", "fmt -",
            "--version",
        ] {
            let t = try PseudoTerminal(
                program: ["bash", "-c", "echo x = 1 | \(siamBinary) \(command) \(redirection)"], columns: 150,
                home: home,
                waits: false)
            #expect(try t.end() == 1, "\(command)")
            #expect(t.screen.text.contains("the output could not be written"), "\(command): \(t.screen.text)")
        }
    }

    @Test func aFaultInAProgramIsReportedToo() throws {
        let home = try Home()
        try home.write("while true { }\n", to: "p.siam")
        let t = try PseudoTerminal(
            program: ["bash", "-c", "\(siamBinary) p.siam > out.txt & sleep 0.5; kill -SEGV $!; wait $!"], columns: 100,
            home: home, waits: false)
        #expect(try t.end() == 70)
        #expect(t.screen.text.contains("siam has an internal error"), "\(t.screen.text)")
        #expect(t.screen.text.contains("the program p.siam") && !t.screen.text.contains("inputs are kept"))
    }

    @Test func diagnosingWritesNothing() throws {
        let home = try Home()
        try home.write(
            """
            d = digits().sample(60)
            net = flatten >> dense(4)
            fn keep() { save(net, "best.npz") }
            run = train net on pairs(d, 8) as a, b, same for 6 steps using adam(0.01) {
              minimize contrastive(net(a), net(b), same)
              every 2 steps { keep() }
            }
            for i in 0..2 { save({i: [i]}, "i.npz") }
            save(net, "net.npz")
            report(run, "r.html")

            """, to: "p.siam")
        for name in ["best.npz", "i.npz", "net.npz", "r.html"] { try home.write("mine", to: name) }
        let o = try run(["doctor", "p.siam", "--budget", "1"], home, columns: 150)
        #expect(o.text.contains("suppressed while the program is examined"), "\(o.text)")
        for name in ["best.npz", "i.npz", "net.npz", "r.html"] {
            #expect(home.read(name) == "mine", "\(name)")
            #expect(o.text.contains(name), "\(name): \(o.text)")
        }
    }

    @Test func namesFromAFileAreNotObeyed() throws {
        let home = try Home()
        try home.write(
            "a,\u{1B}]0;owned\u{07}b,label\n1,2,\u{1B}[2Jx\n3,4,<b>y\n5,6,\u{1B}[2Jx\n7,8,<b>y\n", to: "evil.csv")
        let program =
            "d = csv(\"evil.csv\"); d; d.names; print(d.names); show d; scatter(d.x, d.y, names = d.names, title = d.names[0]); "
            + "save(scatter(d.x, d.y, names = d.names), \"s.svg\"); csv(\"evil.csv\", label = \"none\")"
        let t = try PseudoTerminal(["-e", program], columns: 100, rows: 60, home: home, waits: false)
        #expect(try t.end() == 1)
        let output = String(decoding: t.output, as: UTF8.self)
        for code in ["\u{1B}[2J", "\u{1B}]0", "\u{07}"] { #expect(!output.contains(code)) }
        #expect(output.contains("^[[2Jx"))
        #expect(home.read("s.svg").contains("&lt;b&gt;y") && !home.read("s.svg").contains("\u{1B}"))
    }

    @Test("39: history and progress live where XDG_STATE_HOME says, readable by the owner only") func state() throws {
        let home = try Home()
        let t = try PseudoTerminal(home: home, environment: ["XDG_STATE_HOME": home.path + "/elsewhere"])
        try t.enter("x = 41")
        #expect(home.read("elsewhere/siam/history") == "x = 41\n")
        #expect(home.mode("elsewhere/siam/history") == 0o600)
        #expect(home.mode("elsewhere/siam") == 0o700)
        #expect(home.read(Home.history).isEmpty)
    }
}
