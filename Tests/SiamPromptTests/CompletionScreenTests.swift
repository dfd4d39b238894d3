import Testing

/// Expectation 13, Tab, in a terminal.
@Suite struct CompletionScreenTests {
    @Test("13: Tab completes, again lists with descriptions") func completion() throws {
        let t = try PseudoTerminal()
        try t.enter("net = dense(8) >> relu >> dense(2)")
        t.send("net.den" + Key.tab)
        try t.line("siam> net.dense")
        t.send(Key.tab)
        try t.see("dense1  dense(8)\ndense2  dense(2)\nsiam> net.dense")
        t.send("1" + Key.interrupt)
        try t.line("siam>")
        t.send("contrastive(a, b, same, ma" + Key.tab)
        try t.line("siam> contrastive(a, b, same, margin =")
        t.send(Key.interrupt)
        try t.line("siam>")
        t.send("\\alpha" + Key.tab + " = 4\r")
        try t.see("siam> α = 4")
        try t.enter("α + 1")
        try t.see("\n5\n")
        t.send(":rel" + Key.tab)
        try t.line("siam> :reload")
    }

    @Test("13: Tab completes the words of train, at their places") func wordsOfTrain() throws {
        let t = try PseudoTerminal(columns: 100)
        try t.enter("data = digits().sample(50); net = flatten >> dense(4)")
        t.send("run = train net o" + Key.tab + Key.tab)
        try t.see("on ")
        try t.see("siam> run = train net o")
        t.send("n pairs(da" + Key.tab + ", 8) as a, b, same for 3 st" + Key.tab)
        try t.line("siam> run = train net on pairs(data, 8) as a, b, same for 3 steps")
        t.send(" usi" + Key.tab + " sgd(0.1) { minimi" + Key.tab)
        try t.line("siam> run = train net on pairs(data, 8) as a, b, same for 3 steps using sgd(0.1) { minimize")
        t.send(" contrastive(net(a), net(b), same) }\r")
        try t.wait("the run's note") { $0.text.contains("run: 3 steps") && $0.current == "siam>" }
    }

    @Test("13: Tab completes files inside quotes") func files() throws {
        let home = try Home()
        try home.write("fn twice(x) = 2 * x\n", to: "towers.siam")
        try home.write("1,2\n3,4\n", to: "numbers/one.csv")
        try home.write("1,2\n3,4\n", to: "numbers/other.csv")
        let t = try PseudoTerminal(home: home)
        t.send("import \"tow" + Key.tab)
        try t.line("siam> import \"towers.siam\"")
        t.send("\r")
        try t.line("siam>")
        t.send("load(\"num" + Key.tab)
        try t.line("siam> load(\"numbers/")
        t.send("o" + Key.tab + Key.tab)
        try t.see("numbers/one.csv\nnumbers/other.csv\nsiam> load(\"numbers/o")
        t.send("t" + Key.tab)
        try t.line("siam> load(\"numbers/other.csv\"")
        t.send(Key.interrupt)
        try t.line("siam>")
        t.send(":load tow" + Key.tab)
        try t.line("siam> :load towers.siam")
        t.send("\r")
        try t.line("siam>")
        try t.enter("twice(4)")
        try t.see("\n8\n")
    }
}
