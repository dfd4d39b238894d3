import SiamFigures
import SiamLanguage
import SiamInterpreter
import SiamRuntime
import Testing
import SiamReports

@testable import SiamPrompt

@Suite struct CompleterTests {
    let session: Session
    let completer: Completer

    init() throws {
        let output = SilentOutput()
        session = Session(output: output, builtins: Builtin.all)
        try session.run(
            Source(
                name: "t", kind: .file,
                text: """
                    net = dense(8) >> relu >> dense(2)
                    y = net(ones(4, 3))
                    settings = {rate: 0.1, rounds: 3}
                    ## Doubles.
                    fn twice(value, times = 2) = value * times
                    """))
        completer = Completer(session: session, commands: PromptCommands.all.map(\.entry))
    }

    private func candidates(_ text: String) -> [String] { completer.complete(EditBuffer(text)).candidates.map(\.text) }

    @Test func names() {
        #expect(candidates("contras") == ["contrastive"])
        #expect(candidates("1 + setti") == ["settings"])
        #expect(candidates("twic") == ["twice"])
        #expect(candidates("qqqq") == [])
    }

    @Test func everyNameCarriesADescription() {
        let found = completer.complete(EditBuffer("contras")).candidates
        #expect(found.allSatisfy { !$0.help.isEmpty })
        #expect(completer.complete(EditBuffer("twic")).candidates.first?.help == "Doubles.")
    }

    @Test func fieldsOfLiveValues() {
        #expect(candidates("net.den") == ["dense1", "dense2"])
        #expect(candidates("net.dense1.").contains("w"))
        #expect(candidates("print(settings.r") == ["rate", "rounds"])
        #expect(candidates("settings.rou") == ["rounds"])
    }

    @Test func anyFunctionStandsBehindAPoint() { #expect(candidates("y.transp") == ["transpose"]) }

    @Test func namedArguments() {
        #expect(candidates("contrastive(a, b, same, ma") == ["margin"])
        let found = completer.complete(EditBuffer("twice(3, ti")).candidates
        #expect(found.map(\.text) == ["times"])
        #expect(found.first?.tail == " = ")
        #expect(!candidates("twice(value = 3, va").contains("value"))
    }

    @Test func whatMayStandBehindAWord() {
        #expect(candidates("train net on pairs(digits(), 8) for 3 steps using ").contains("adam"))
        #expect(candidates("dense(3, init = ").contains("he"))
        #expect(candidates(":set graphics ").contains("braille"))
        #expect(candidates("\"{setti") == ["settings"])
    }

    @Test func wordsOfTrain() {
        #expect(candidates("run = train net us").contains("using"))
        #expect(candidates("train net on pairs(d, 32) for 3 ep").contains("epochs"))
        #expect(candidates("train net on d using o {\n  mini").first == "minimize")
    }

    @Test func commands() {
        #expect(candidates(":rel") == [":reload"])
        #expect(candidates(":set col") == ["color"])
        #expect(candidates(":help :sav") == [":save"])
        #expect(candidates(":shape net.den") == ["dense1", "dense2"])
        #expect(candidates("?contras") == ["contrastive"])
    }

    @Test func filesInQuotes() throws {
        let home = try Home()
        try home.write("1", to: "tower.siam")
        try home.write("1", to: "deep/inner.siam")
        #expect(candidates("import \"\(home.path)/tow") == ["\(home.path)/tower.siam"])
        #expect(candidates("import \"\(home.path)/de") == ["\(home.path)/deep/"])
        #expect(candidates(":load \(home.path)/tow") == ["\(home.path)/tower.siam"])
        #expect(completer.complete(EditBuffer("csv(\"\(home.path)/tow")).candidates.first?.tail == "\"")
    }

    @Test func letters() {
        #expect(candidates("\\alpha") == ["α"])
        #expect(candidates("x = \\lam") == ["λ"])
        #expect(candidates("\\ep") == ["ε"])
        #expect(candidates("\\o").contains("\\omega"))
    }

    @Test func nothingIsEvaluated() throws {
        try session.run(Source(name: "t", kind: .file, text: "count_calls = 0\nfn boom() { 1 / 0 }"))
        #expect(candidates("boom().") == [])
        #expect(candidates("net(ones(4, 9)).") == [])
    }
}

@Suite struct CommandTableTests {
    @Test func everyCommandHasOneLineOfHelp() {
        for command in PromptCommands.all {
            #expect(!command.help.isEmpty)
            #expect(!command.help.hasSuffix("."))
            #expect(2 + command.name.count + command.form.count + 1 + command.help.count < 80, "\(command.name)")
        }
        #expect(Set(PromptCommands.all.map(\.name)).count == PromptCommands.all.count)
    }

    @Test func commandsMayBeShortenedWhileUnique() {
        #expect(PromptCommand.find("q", in: PromptCommands.all)?.name == "quit")
        #expect(PromptCommand.find("rel", in: PromptCommands.all)?.name == "reload")
        #expect(PromptCommand.find("re", in: PromptCommands.all) == nil)
        #expect(PromptCommand.find("", in: PromptCommands.all) == nil)
    }

    @Test func everyKeyHasACodeOrAKey() {
        let codes = KeyCommand.allCases.filter(\.hasCode).map(\.code)
        #expect(Set(codes).count == codes.count)
        for command in EscapeSequences.table.values { #expect(command.hasCode) }
        for command in KeyCommand.allCases where !command.hasCode { #expect(!command.keys.isEmpty) }
    }

    @Test func examplesOfSignsRun() throws {
        for sign in OperatorHelp.all {
            let output = Kept()
            let session = Session(output: output, builtins: Builtin.all)
            try session.run(Source(name: "example", kind: .file, text: sign.example.code))
            #expect(output.lines.last == sign.example.result, "\(sign.sign): \(sign.example.code)")
        }
    }

    private final class Kept: Output {
        var lines: [String] = []
        var page = Page()
        var isInteractive: Bool { false }
        func print(_ text: String) { lines.append(text) }
        func message(_ text: String) {}
        func diagnostic(_ d: Diagnostic) {}
        func progress(_ text: String?) {}
    }

    @Test func examplesOfWhyFailAndAreMended() throws {
        // The explanations themselves are tested where they are run.
        #expect(Why.all.allSatisfy { !$0.idea.isEmpty })
    }
}

@Suite struct HistoryFileTests {
    @Test func entriesComeBackAsTheyWere() throws {
        let home = try Home()
        let path = home.path + "/history"
        let blocks = ["1 + 1", "fn f(x) {\n  x\n}", "print \"a\\nb\"", "λ = 2", "back\\slash\\\\"]
        let history = History(path: path)
        for b in blocks { history.add(b) }
        history.add("λ = 2 ")
        history.add(" secret")
        history.add("λ = 2 ")
        #expect(History(path: path).entries == blocks + ["λ = 2 "])
        #expect(home.mode("history") == 0o600)
    }

    @Test func twoPromptsShareOneFile() throws {
        let home = try Home()
        let path = home.path + "/history"
        let a = History(path: path)
        let b = History(path: path)
        a.add("a1")
        b.add("b1")
        a.add("a2")
        // What the other entered comes before one's own newest.
        #expect(a.entries == ["a1", "b1", "a2"])
        b.add("b2")
        #expect(b.entries == ["a1", "b1", "a2", "b2"])
        #expect(History(path: path).entries == ["a1", "b1", "a2", "b2"])
    }

    @Test func aTornLastLineCostsNoOther() throws {
        let home = try Home()
        try home.write("one\ntwo\nthr", to: "history")
        let history = History(path: home.path + "/history")
        history.add("four")
        #expect(home.read("history") == "one\ntwo\nthr\nfour\n")
    }

    @Test func aLongFileIsShortenedWithoutLoss() throws {
        let home = try Home()
        let path = home.path + "/history"
        try home.write((0..<40_000).map { "x = \($0)\n" }.joined(), to: "history")
        let other = History(path: nil)
        other.add("kept in memory")
        #expect(other.entries == ["kept in memory"])
        let history = History(path: path)
        #expect(history.entries.count == 20_000)
        #expect(history.entries.last == "x = 39999")
        history.add("new")
        let again = History(path: path)
        #expect(again.entries.suffix(2) == ["x = 39999", "new"])
        #expect(again.entries.count == 20_001)
        #expect(home.mode("history") == 0o600)
    }

    @Test func nowhereToWriteIsNoError() {
        let history = History(path: "/nonexistent/folder/history")
        history.add("1")
        #expect(history.entries == ["1"])
    }
}
