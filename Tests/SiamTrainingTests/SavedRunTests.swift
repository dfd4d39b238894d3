import SiamData
import SiamLanguage
import SiamLessons
import SiamTensor
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

/// A run that is saved, and taken up in another session, gives the numbers of not stopping.
@Suite struct SavedRunTests {
    @Test(arguments: Declared.all) func elsewhereItGoesOnAsHere(_ program: Declared.Program) throws {
        let folder = Folder()
        let here = session()
        try here.siam(program.text(steps: 5))
        try here.siam("save(run, \"\(folder["r.siamrun"])\"); resume(run, for_steps = 6);")
        let wanted = Outcome(try here.theRun(), here)
        let there = session()
        try there.siam("run = load(\"\(folder["r.siamrun"])\"); resume(run, for_steps = 6);")
        #expect(Outcome(try there.theRun(), there) == wanted)
        #expect(there.globals.isUserName("net"))
    }

    /// In the midst of gradients that are gathered, and with the net at its best.
    @Test func gatheredGradientsAndTheBestComeAlong() throws {
        let folder = Folder()
        let text = """
            seed 4
            d = digits().sample(120)
            net = flatten >> dense(8) >> batchnorm() >> relu >> dense(10)
            run = train net on batches(d, 16) as x, y for 10 steps using adam(0.01, accumulate = 4) {
              minimize cross_entropy(net(x), y)
              every 1 steps { report held = accuracy(net, d) }
            }
            """
        let here = session()
        try here.siam(text)
        try here.siam(
            "save(run, \"\(folder["r.siamrun"])\"); best = run.best; was = best.net(d.x); save(d.x, \"\(folder["x.npy"])\")"
        )
        try here.siam("resume(run, for_steps = 7);")
        let wanted = Outcome(try here.theRun(), here)
        let there = session()
        try there.siam(
            """
            run = load("\(folder["r.siamrun"])")
            saved = run.best
            x = load("\(folder["x.npy"])")
            """)
        let one = try here.evaluate("[best.step, best.value, number(sum(was))]")
        let other = try there.evaluate("[saved.step, saved.value, number(sum(saved.net(x)))]")
        #expect(Show.display(one, Page()) == Show.display(other, Page()))
        try there.siam("resume(run, for_steps = 7);")
        #expect(Outcome(try there.theRun(), there) == wanted)
    }

    private let text = """
        seed 4
        d = digits().sample(80)
        fn weigh(x) = 2 * x
        net = flatten >> dense(6) >> relu >> dense(3)
        opt = adam(cosine(0.01, 40))
        run = train net on pairs(d, 8) as a, b, same for 10 steps using opt {
          minimize weigh(contrastive(net(a), net(b), same, margin = m))
        }
        """

    @Test func whatWasChangedSinceComesAlong() throws {
        let folder = Folder()
        let here = session()
        try here.siam("m = 1\n" + text)
        try here.siam(
            """
            opt.lr = 0.02
            m = 1.5
            fn weigh(x) = 3 * x
            net.dense1.w = 0.5 * net.dense1.w
            freeze(net.dense2)
            save(run, "\(folder["r.siamrun"])");
            resume(run, for_steps = 8);
            """)
        let wanted = Outcome(try here.theRun(), here)
        let there = session()
        try there.siam("run = load(\"\(folder["r.siamrun"])\"); resume(run, for_steps = 8);")
        #expect(Outcome(try there.theRun(), there) == wanted)
        // And once more from there.
        try there.siam("save(run, \"\(folder["s.siamrun"])\"); resume(run, for_steps = 3);")
        let third = session()
        try third.siam("run = load(\"\(folder["s.siamrun"])\"); resume(run, for_steps = 3);")
        #expect(Outcome(try third.theRun(), third) == Outcome(try there.theRun(), there))
    }

    @Test func namesOfTheSessionStayItsOwn() throws {
        let folder = Folder()
        let here = session()
        try here.siam("m = 1\n" + text)
        try here.siam("save(run, \"\(folder["r.siamrun"])\"); resume(run, for_steps = 4);")
        let wanted = Outcome(try here.theRun(), here)
        let there = session()
        try there.siam("net = 7; m = 9; taken = load(\"\(folder["r.siamrun"])\"); resume(taken, for_steps = 4);")
        try there.siam("expect net == 7\nexpect m == 9")
        #expect(Outcome(try there.theRun("taken"), there).loss == wanted.loss)
    }

    @Test func aRunInsideAFunctionGoesOnWithItsVariables() throws {
        let folder = Folder()
        let program = """
            seed 2
            fn go(rate) {
              n = 0
              net = dense(2)
              train net on batches(randn(12, 3), randn(12, 2), batch = 4) as x, y for 6 steps using sgd(rate) {
                n = n + 1
                minimize n * mse(net(x), y)
              }
            }
            run = go(0.05)
            """
        let here = session()
        try here.siam(program)
        try here.siam("save(run, \"\(folder["r.siamrun"])\"); resume(run, for_steps = 6);")
        let there = session()
        try there.siam("run = load(\"\(folder["r.siamrun"])\"); resume(run, for_steps = 6);")
        #expect(Outcome(try there.theRun(), there) == Outcome(try here.theRun(), here))
        let whole = session()
        try whole.siam(program.replacing("6 steps", with: "12 steps"))
        #expect(Outcome(try whole.theRun(), whole).loss == Outcome(try here.theRun(), here).loss)
    }

    @Test func anImportedFileThatChangedSinceChangesNothing() throws {
        let folder = Folder()
        func write(_ text: String) throws { try WholeFile.write(Array(text.utf8), folder["towers.siam"]) }
        try write("layer tower(dim) = flatten >> dense(5) >> relu >> dense(dim)\n")
        let here = session()
        try here.siam(
            "m = 1\nimport \"\(folder["towers.siam"])\"\n"
                + text.replacing("flatten >> dense(6) >> relu >> dense(3)", with: "tower(3)"))
        try here.siam("save(run, \"\(folder["r.siamrun"])\"); resume(run, for_steps = 3);")
        try write("layer tower(dim) = dense(1)\n")
        let there = session()
        try there.siam("run = load(\"\(folder["r.siamrun"])\"); resume(run, for_steps = 3);")
        #expect(Outcome(try there.theRun(), there) == Outcome(try here.theRun(), here))
    }

    @Test func otherDataIsNoticed() throws {
        let folder = Folder()
        let here = session()
        try here.siam("save(digits()[0..80], \"\(folder["d.npz"])\")")
        try here.siam("m = 1\n" + text.replacing("digits().sample(80)", with: "load(\"\(folder["d.npz"])\")"))
        try here.siam("save(run, \"\(folder["r.siamrun"])\"); save(digits()[80..160], \"\(folder["d.npz"])\")")
        let there = session()
        let error = #expect(throws: Diagnostic.self) { try there.siam("resume(load(\"\(folder["r.siamrun"])\"))") }
        #expect(error?.message.contains("its examples are not those of the run") == true)
        #expect(there.globals.userNames.isEmpty)
    }

    /// Nothing of the program runs when it is loaded, and nothing else is read: `save` in it would write, and its data is gone.
    @Test func itStandsAlone() throws {
        let folder = Folder()
        let here = session()
        try here.siam("save(digits()[0..80], \"\(folder["d.npz"])\")")
        try here.siam("m = 1\n" + text.replacing("digits().sample(80)", with: "load(\"\(folder["d.npz"])\")"))
        try here.siam("save(run, \"\(folder["r.siamrun"])\"); save(ones(2), \"\(folder["d.npz"])\")")
        let there = session()
        let stream = there.stream
        try there.siam("run = load(\"\(folder["r.siamrun"])\")")
        #expect(there.stream == stream && there.globals.userNames.filter { $0 != "args" && $0 != "_" } == ["run"])
        let (a, b) = (try here.theRun(), try there.theRun())
        #expect(a.loss.values == b.loss.values && a.steps == b.steps && a.summary == b.summary)
        try there.siam(
            "expect len(run.loss) == 10; expect contains(run.program, \"train net on\"); expect run.epochs == 1")
        try there.siam("save(run, \"\(folder["s.siamrun"])\"); expect load(\"\(folder["s.siamrun"])\").steps == 10")
        try here.siam("save(net(digits().x[0..4]), \"\(folder["z.npy"])\")")
        try there.siam("expect close(run.net(digits().x[0..4]), load(\"\(folder["z.npy"])\")); trace run")
        #expect(there.stream == stream)
        let error = #expect(throws: Diagnostic.self) { try there.siam("resume(run)") }
        #expect(error?.notes.contains { $0.contains("is run again for this") } == true)
        // It is as it was, and goes on once its data is there again.
        try there.siam("expect len(run.loss) == 10; save(digits()[0..80], \"\(folder["d.npz"])\")")
        try here.siam("resume(run, for_steps = 3);")
        try there.siam("resume(run, for_steps = 3);")
        #expect(Outcome(b, there) == Outcome(a, here))
    }

    /// A net with layers and functions of its own, and what they use, without the program and its data.
    @Test func theNetComesWithWhatItNeeds() throws {
        let folder = Folder()
        let here = session()
        try here.siam(
            """
            seed 3
            save(digits()[0..200], "\(folder["d.npz"])")
            d = load("\(folder["d.npz"])")
            factor = 0.5
            fn half(x) = factor * x
            fn deep(n) = if n < 1 { 0 } else { 1 + deep(n - 1) }
            layer own(units, f = tanh) {
              param w : [in, units] = he
              state seen : [in] = zeros
              inner = dense(units) >> relu
              forward x {
                seen = 0.9 * seen + mean(x, axis = 0)
                f(inner(x)) + half(x @ w) + 0 * deep(2)
              }
            }
            offset = 0.25
            shared = dense(6)
            net = flatten >> own(6) >> (x -> x + offset) >> shared >> batchnorm() >> shared >> dense(10)
            run = train net on batches(d, 16) as x, y for 10 steps using adam(cosine(0.01, 40)) {
              minimize cross_entropy(net(x), y)
              every 5 steps { report held = accuracy(net, d) }
            }
            x = d.x[0..4]
            save(x, "\(folder["x.npy"])"); save(net(x), "\(folder["z.npy"])")
            save(run, "\(folder["r.siamrun"])"); save(ones(2), "\(folder["d.npz"])")
            """)
        let there = session()
        try there.siam(
            """
            half = 3; offset = 100; net = 7
            run = load("\(folder["r.siamrun"])")
            x = load("\(folder["x.npy"])"); z = load("\(folder["z.npy"])")
            expect close(run.net(x), z)
            expect len(run.best.net(x)) == 4
            expect run.optimizer.step == 10
            expect count(run.net) == 898
            run.net.own1.w = 0 * run.net.own1.w
            save(run, "\(folder["s.siamrun"])")
            expect sum(load("\(folder["s.siamrun"])").net.own1.w) == 0
            expect half == 3; expect net == 7
            """)
        // Whoever has the net has the one that goes on.
        let third = session()
        try here.siam("save(d, \"\(folder["d.npz"])\")")
        try third.siam(
            """
            run = load("\(folder["r.siamrun"])")
            n = run.net; was = n.own1.w; o = run.optimizer
            resume(run, for_steps = 2);
            expect sum((n.own1.w - was)^2) > 0
            expect close(n.own1.w, run.net.own1.w)
            expect o.step == 12
            """)
        try here.siam("resume(run, for_steps = 2);")
        #expect(Outcome(try third.theRun(), third) == Outcome(try here.theRun(), here))
    }

    /// What a function of the net uses that no file holds is said where it is used.
    @Test func whatTheFileCannotHoldIsSaid() throws {
        let folder = Folder()
        let here = session()
        try here.siam(
            """
            d = digits().sample(40)
            net = flatten >> (x -> x - mean(flatten(d.x), axis = 0)) >> dense(10)
            run = train net on batches(d, 8) as x, y for 2 steps using sgd(0.1) { minimize cross_entropy(net(x), y) }
            save(run, "\(folder["r.siamrun"])")
            """)
        let there = session()
        try there.siam("run = load(\"\(folder["r.siamrun"])\"); expect count(run.net) == 650")
        let error = #expect(throws: Diagnostic.self) { try there.siam("run.net(digits().x)") }
        #expect(error?.code == "run.absent")
    }

    // MARK: Damage

    @Test func aDamagedFileIsRefused() throws {
        let folder = Folder()
        let here = session()
        try here.siam("m = 1\n" + text)
        try here.siam("save(run, \"\(folder["r.siamrun"])\")")
        let whole = try Files.bytes(folder["r.siamrun"])
        let path = folder["broken.siamrun"]
        func refused(_ bytes: [UInt8]) throws {
            try WholeFile.write(bytes, path)
            let error = #expect(throws: Diagnostic.self) { try RunFile.read(path) }
            #expect(error?.code == "run.file")
        }
        for length in [0, 5, 18, 20, 34, whole.count / 2, whole.count - 1] { try refused(Array(whole[..<length])) }
        try refused(whole + [0])
        var stream = RandomStream(seed: 9)
        for _ in 0..<200 {
            var bytes = whole
            bytes[stream.below(bytes.count)] ^= UInt8(1 << stream.below(8))
            try refused(bytes)
        }
    }

    /// Someone who puts a right checksum over a wrong content gets an error too, never a trap.
    @Test func aForgedFileIsRefusedOrRead() throws {
        let folder = Folder()
        let here = session()
        try here.siam("m = 1\n" + text)
        try here.siam("save(run, \"\(folder["r.siamrun"])\")")
        let whole = try Files.bytes(folder["r.siamrun"])
        let head = 19 + 16
        let path = folder["forged.siamrun"]
        var stream = RandomStream(seed: 10)
        for _ in 0..<300 {
            var content = Array(whole[head...])
            for _ in 0...stream.below(3) {
                let at = stream.below(content.count)
                switch stream.below(3) {
                case 0: content[at] = UInt8(truncatingIfNeeded: stream.next())
                case 1: for k in at..<min(at + 8, content.count) { content[k] = 0xFF }
                default: content.removeSubrange(at..<min(content.count, at + 1 + stream.below(40)))
                }
            }
            var mark = ByteWriter()
            mark.put(content.count)
            mark.put(SavedBytes.checksum(content[...]))
            try WholeFile.write(Array(whole[..<19]) + mark.bytes + content, path)
            let there = session()
            do {
                try there.siam("r = load(\"\(path)\"); r.net(digits().x[0..2])")
                try there.siam("resume(r, for_steps = 1);")
            } catch is Diagnostic {
            } catch is SavedBytes.Damage {
                Issue.record("damage that was not put into words")
            }
        }
    }

    @Test func aRunHasAnEndingOfItsOwn() throws {
        let here = session()
        try here.siam("m = 1\n" + text)
        let error = #expect(throws: Diagnostic.self) { try here.siam("save(run, \"/tmp/run.npz\")") }
        #expect(error?.repair?.contains("save(run, \"/tmp/run.siamrun\")") == true)
    }
}
