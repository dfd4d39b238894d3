import Foundation
import Testing

/// The other doors of the binary, and where it keeps its state: expectations 2, 35, 36 and 39.
@Suite struct DoorTests {
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
        try t.see("error: load goes by the ending of the file's")
        try t.see("\n  name, and knows ")
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
