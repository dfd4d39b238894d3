import SiamLanguage
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamLab

/// Programs small enough to be replayed some dozen times in a debug build.
@Suite struct DoctorTests {
    private func session(_ text: String) throws -> Session {
        let session = Session(output: SilentOutput(), builtins: Builtins.core + Laboratory.builtins)
        try session.run(Source(name: "sick.siam", kind: .file, text: text))
        return session
    }

    private let head = """
        seed 3
        seen, unseen = split(digits().sample(400), 0.6)
        layer tower(dim) = flatten >> dense(16) >> relu >> dense(dim)

        """

    private func program(_ loss: String, rate: String = "adam(0.003)", steps: Int = 60) -> String {
        head + "net = tower(8)\nrun = train net on pairs(seen, 16) as a, b, same for \(steps) steps using \(rate) {\n"
            + "  minimize \(loss)\n}\n"
    }

    private func run(_ session: Session) throws -> SiamRuntime.Run {
        guard case .thing(let t)? = session.globals.valueIfReady("run"), let run = t as? SiamRuntime.Run else {
            throw Diagnostic(code: "test", "the program made no run")
        }
        return run
    }

    /// Each fault of the catalogue is declared once, and its help says what is seen, why in two sentences, and the repair.
    @Test func everyFaultHasHelp() throws {
        let session = Session(output: SilentOutput(), builtins: Builtins.core + Laboratory.builtins)
        #expect(Rule.all.map(\.number).sorted() == Array(1...max(1, Rule.all.count)))
        #expect(session.topics().map(\.name) == Rule.all.map(\.name))
        for rule in Rule.all {
            let ends = rule.why.split(separator: " ").count { $0.hasSuffix(".") }
            #expect(ends == 2, "\(rule.name): \(rule.why)")
            #expect(rule.seen.hasSuffix(".") && !rule.repair.hasSuffix("."), "\(rule.name)")
            let page = try #require(session.help(rule.name)).rendered()
            for part in [rule.seen, rule.why, rule.repair] { #expect(page.contains(part), "\(rule.name)") }
        }
        #expect(session.help("Unshared-Towers")?.name == "unshared towers")
        #expect(session.search("twice").contains { $0.name == "unshared towers" })
    }

    /// A run is not called healthy where the net learnt nothing, or less than its inputs say.
    @Test func aRunThatIsNoGoodIsNotCalledHealthy() throws {
        func text(_ program: String) throws -> String {
            let session = try session(program)
            return try Laboratory.diagnosis(try run(session), session, budget: 60).display(Page(columns: 80))
        }
        let brief = try text(program("contrastive(net(a), net(b), same)", steps: 1))
        #expect(!brief.hasPrefix("healthy"), "\(brief)")
        let small = """
            seed 3
            seen, unseen = split(digits().sample(400), 0.6)
            layer tower(dim) = flatten >> dense(16, init = normal(0.03)) >> relu >> dense(dim, init = normal(0.03))

            """
        let half = try text(
            small + program("contrastive(net(a), net(b), same)", rate: "adam(0.001)").dropFirst(head.count))
        #expect(!half.hasPrefix("healthy"), "\(half)")
        // Adam does not mind a start that is small and more than nothing.
        let names = try diagnosisNames(small + program("contrastive(net(a), net(b), same)").dropFirst(head.count))
        #expect(!names.contains("initialisation too small"))
    }

    private func diagnosisNames(_ program: String) throws -> [String] {
        let session = try session(program)
        return try Laboratory.diagnosis(try run(session), session, budget: 60).names
    }

    @Test func picturesAreDrawnToScale() {
        let bars = Picture.bars([("this net", 0.5), ("healthy", 1), ("none", 0), ("lost", .nan)])
        #expect(
            bars.lines(columns: 60, unicode: false) == [
                "this net  ############### 0.5", "healthy   ############################## 1", "none      0",
                "lost      nan",
            ])
        let series = Picture.series("updates", [0, 1, 2, 3])
        #expect(series.lines(columns: 60, unicode: false) == ["updates  _-*@  0 -> 3"])
        #expect(Picture.series("loss", [1]).lines(columns: 60, unicode: false).isEmpty)
    }

    /// A picture and an firstSymptom are drawn from whatever was measured, be it nothing.
    @Test func everyFaultDrawsItself() throws {
        let session = try session(program("contrastive(net(a), net(b), same)"))
        let run = try run(session)
        let chart = try #require(ProgramText(run, session))
        let wiring = try #require(TrainingModel(chart, run.syntax))
        let nothing = Examination(wiring: wiring, evidence: Evidence())
        for rule in Rule.all {
            let lines = rule.picture(nothing).lines(columns: 76, unicode: true)
            #expect(lines.allSatisfy { $0.count <= 76 }, "\(rule.name)")
            #expect(rule.firstSymptom(nothing)?.contains("\n") != true)
        }
        // What is found says where it shows first, and draws it.
        let sick = try self.session(program("contrastive(net(a), net(b), same)", rate: "sgd(20)"))
        let text = try Laboratory.diagnosis(try self.run(sick), sick, budget: 120).display(Page())
        #expect(text.contains("  first: at step 1, in dense"))
        #expect(text.contains("    updates  "))
    }

    /// Whether a layer depends on the mode is read from its definition, of the library or of the program.
    @Test func aReportInTrainingModeIsSeenThroughAnyLayer() throws {
        func report(_ layer: String) throws -> String? {
            let session = try session(
                """
                seed 3
                d = digits().sample(60)
                layer shaky(sd) {
                  forward x = if training { x + sd * randn(shape(x)) } else { x }
                }
                layer steady(sd) {
                  forward x = x + sd
                }
                net = flatten >> dense(16) >> \(layer) >> dense(10)
                run = train net on batches(d, 20) as x, y for 2 steps using sgd(0.01) {
                  minimize cross_entropy(net(x), y)
                  report right = accuracy(net(d.x), d.y)
                }
                """)
            let run = try run(session)
            let chart = try #require(ProgramText(run, session))
            let wiring = try #require(TrainingModel(chart, run.syntax))
            return wiring.reportInTrainingMode
        }
        for layer in ["dropout(0.5)", "noise(1)", "batchnorm()", "shaky(1)"] {
            #expect(try report(layer) == "right", "\(layer)")
        }
        for layer in ["relu", "layernorm()", "steady(1)"] { #expect(try report(layer) == nil, "\(layer)") }
    }

    /// Statements that only show something are known by the declarations of their functions.
    @Test func whatOnlyShowsIsLeftOutOfReplays() throws {
        let shown = ShownStatements(Builtins.core + Laboratory.builtins)
        func left(_ text: String) -> Int {
            shown.pruned(Source(name: "a.siam", kind: .file, text: text)).statements.count
        }
        for text in [
            "print(x)", "print \"a {x}\"", "show x", "save(net, \"a.npz\")", "check_grad(f, x)", "summary(net, x)",
        ] {
            #expect(left(text) == 0, "\(text)")
        }
        for text in ["y = source(f)", "net(x)", "print(rand())", "seed 3", "print(d.sample(3))"] {
            #expect(left(text) == 1, "\(text)")
        }
    }

    @Test func anUnchangedReplayRepeatsTheLossesBitForBit() throws {
        let session = try session(program("contrastive(net(a), net(b), same)"))
        let run = try run(session)
        let chart = try #require(ProgramText(run, session))
        let evidence = try Replay(
            chart, (0, 0), session, steps: run.planned, seedShift: 0, heldOut: .named("unseen", countsOverlap: true),
            isWhole: true
        ).run()
        #expect(evidence?.loss.map(\.bitPattern) == run.loss.values.map(\.bitPattern))
        let other = try Replay(
            chart, (0, 0), session, steps: run.planned, seedShift: 7, heldOut: .named("unseen", countsOverlap: true),
            isWhole: false
        ).run()
        #expect(other?.loss != run.loss.values)
    }

    @Test func theUsersValuesAndStreamStay() throws {
        let session = try session(program("contrastive(net(a), net(b), 1 - same)"))
        let stream = session.stream
        let names = session.globals.userNames
        let run = try run(session)
        let weights = run.parameters.map(\.value.floats)
        let diagnosis = try Laboratory.diagnosis(run, session, budget: 120)
        _ = try diagnosis.repair.field("run", session.interpreter)
        var (before, after) = (stream, session.stream)
        #expect(before.next() == after.next())
        #expect(session.globals.userNames == names)
        #expect(run.parameters.map(\.value.floats) == weights)
    }

    @Test func swappedLabelsAreFoundProvedAndRepaired() throws {
        let session = try session(program("contrastive(net(a), net(b), 1 - same)", steps: 120))
        let diagnosis = try Laboratory.diagnosis(try run(session), session, budget: 120)
        #expect(diagnosis.names.first == "swapped labels")
        #expect(diagnosis.hasProvedRepair)
        guard case .text(let diff)? = try diagnosis.repair.field("diff", session.interpreter) else {
            Issue.record("no diff")
            return
        }
        #expect(diff.string.contains("+   minimize contrastive(net(a), net(b), same)"))
    }

    @Test func aHealthyRunIsCalledHealthy() throws {
        let session = try session(program("contrastive(net(a), net(b), same)", steps: 600))
        let diagnosis = try Laboratory.diagnosis(try run(session), session, budget: 120)
        #expect(diagnosis.names.isEmpty)
        #expect(!diagnosis.hasProvedRepair)
        #expect(diagnosis.display(Page()).hasPrefix("healthy: no fault found; evaluated on"))
    }

    @Test func editsKeepTheRestOfTheText() throws {
        let session = try session(program("contrastive(net(a), net(b), same)", rate: "sgd(20)", steps: 1))
        let run = try run(session)
        let chart = try #require(ProgramText(run, session))
        let wiring = try #require(TrainingModel(chart, run.syntax))
        let edits = wiring.setting("lr", of: wiring.optimizer, to: "0.2")
        let text = chart.applying(edits).documents[0].source.text
        #expect(text == chart.documents[0].source.text.replacing("sgd(20)", with: "sgd(0.2)"))
        #expect(wiring.stages.map(\.name) == ["flatten", "dense", "relu", "dense"])
        #expect(wiring.margin == 1)
    }
}
