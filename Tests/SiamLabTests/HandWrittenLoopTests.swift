import SiamLanguage
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamLab

/// Loops of `grad` and `update`: the program is replayed as a whole; where the time is short, what can be seen is told.
@Suite struct HandWrittenLoopTests {
    private func diagnosis(_ text: String, budget: Double = 600) throws -> DiagnosisThing? {
        let (program, errors) = Parser.parse(Source(name: "loop.siam", kind: .file, text: text))
        #expect(errors.isEmpty)
        return try Session(output: SilentOutput(), builtins: Builtins.core + Laboratory.builtins).examined(
            program, budget: budget)
    }

    private func program(rate: String = "adam(0.003)", same: String = "same", start: String = "") -> String {
        """
        seed 3
        seen, unseen = split(digits().sample(400), 0.6)
        layer tower(dim) = flatten >> dense(32\(start)) >> relu >> dense(dim\(start))
        net = tower(8)
        opt = \(rate)
        src = pairs(seen, 32)
        for i in 0..120 {
          a, b, same = src.next()
          l = contrastive(net(a), net(b), \(same))
          g = grad(l, net)
          update(opt, net, g)
        }

        """
    }

    @Test func aHealthyLoopIsCalledHealthy() throws {
        let d = try #require(try diagnosis(program()))
        #expect(d.isHandWritten && d.names.isEmpty)
        let text = d.display(Page())
        #expect(text.hasPrefix("healthy"))
        #expect(text.contains("each replay runs the whole program"))
    }

    @Test func withoutTimeTheSignsAreTold() throws {
        let d = try #require(try diagnosis(program(), budget: 0.001))
        #expect(d.isHandWritten && d.names.isEmpty)
        let text = d.display(Page())
        #expect(text.contains("healthy") || text.contains("no fault"))
        #expect(text.contains("evaluated on unseen"))
        #expect(text.contains("no replays"))
        // The losses are those that the loop differentiated, one a step.
        #expect(d.doctor.base.loss.count == 120)
        #expect(d.doctor.base.worth > d.doctor.base.untrained.mapAtR + 0.05)
    }

    @Test(arguments: [
        ("sgd(20)", "same", "", "learning rate too high"), ("adam(0.003)", "1 - same", "", "swapped labels"),
        ("sgd(0.1)", "same", ", init = zeros", "symmetric initialisation"),
    ])
    func withoutTimeAFaultIsASuspect(rate: String, same: String, start: String, name: String) throws {
        let d = try #require(try diagnosis(program(rate: rate, same: same, start: start), budget: 0.001))
        #expect(d.names.first == name)
        #expect(d.display(Page()).contains("\(name), suspected"))
        #expect(!d.hasProvedRepair)
        #expect(d.repairedTexts.isEmpty)
    }

    @Test(arguments: [
        ("sgd(20)", "same", "", "learning rate too high", "sgd(0.2)"),
        ("adam(0.003)", "1 - same", "", "swapped labels", "net(b), same)"),
        ("sgd(0.1)", "same", ", init = zeros", "symmetric initialisation", "init = glorot"),
    ])
    func aFaultIsProved(rate: String, same: String, start: String, name: String, repaired: String) throws {
        let d = try #require(try diagnosis(program(rate: rate, same: same, start: start)))
        #expect(d.names.first == name)
        #expect(d.hasProvedRepair)
        #expect(d.repair.diff.contains(repaired))
    }

    @Test(arguments: [
        ("floor(rand(n) * len(d))", "!=", "swapped labels", "1 - same"),
        // Another of the class, always.
        (
            "argmax(rand(n, len(d)) * (reshape(d.y[i], n, 1) == reshape(d.y, 1, len(d))), axis = 1)", "==",
            "pair imbalance", "pairs(seen, 32).next()"
        ),
    ])
    func pairsOfItsOwnMaking(other: String, sign: String, name: String, repaired: String) throws {
        let maker = """
            fn draw(d, n) {
              i = floor(rand(n) * len(d))
              j = \(other)
              [d.x[i], d.x[j], d.y[i] \(sign) d.y[j]]
            }

            """
        let text = maker + program().replacing("src.next()", with: "draw(seen, 32)")
        let d = try #require(try diagnosis(text))
        #expect(d.names.first == name)
        #expect(d.hasProvedRepair)
        #expect(d.repair.diff.contains(repaired))
    }

    @Test func theLossesAreThoseOfTheLoop() throws {
        let text = program() + "path = []\nfor i in 0..3 { path = push(path, i) }\n"
        let d = try #require(try diagnosis(text))
        let session = Session(output: SilentOutput(), builtins: Builtins.core + Laboratory.builtins)
        let loop = program().replacing("  update(", with: "  path = push(path, number(l))\n  update(")
        try session.run(Source(name: "loop.siam", kind: .file, text: "path = []\n" + loop))
        let path = try session.evaluate("path")
        guard case .list(let list) = path else {
            Issue.record("path is no list")
            return
        }
        let losses = list.items.map { item -> Float in if case .number(let x) = item { Float(x) } else { .nan } }
        #expect(losses == d.doctor.base.loss)
    }

    @Test func twoTowersOfOneStep() throws {
        let text = program().replacing("net = tower(8)", with: "net = tower(8)\nother = tower(8)")
            .replacing("net(b)", with: "other(b)")
            .replacing("  g = grad(l, net)", with: "  g = grad(l, net)\n  h = grad(l, other)")
            .replacing("  update(opt, net, g)", with: "  update(opt, net, g)\n  update(opt, other, h)")
        let d = try #require(try diagnosis(text))
        #expect(d.doctor.base.loss.count == 120)
        #expect(d.doctor.base.towerGap ?? 0 > 0.01)
        #expect(d.doctor.base.untouched.isEmpty)
        #expect(d.display(Page()).contains("unshared towers"))
    }

    @Test func aProgramThatTrainsNothingHasNoDiagnosis() throws {
        #expect(try diagnosis("net = dense(2)\nnet([[1, 2]])\n") == nil)
        #expect(try diagnosis("fn f(o, n, g) {\n  h = grad(g, n)\n  update(o, n, h)\n}\n") == nil)
    }
}
