import Foundation
import SiamGradient
import SiamInterpreter
import SiamLab
import SiamLanguage
import SiamLessons
import SiamRuntime
import SiamTensor
import Testing

@Suite struct OperatorExampleTests {
    /// Every example of every operator's help is an expression of the language and gives what stands beside it.
    @Test func operatorsDoWhatTheirHelpSays() throws {
        var count = 0
        // A built-in of the same name stands before the operator (`split`), and has examples of its own.
        let hidden = Set(Builtins.core.map(\.name))
        for op in Operators.all where !hidden.contains(op.name) {
            for (code, result) in op.examples {
                let session = ProgramTest.session(CapturedOutput())
                do {
                    let value = try session.evaluate(code, name: op.name)
                    #expect(Show.inline(value, quoted: true) == result, "\(op.name): \(code)")
                    count += 1
                } catch {
                    Issue.record("\(op.name): \(code) fails: \(session.describe(error).message)")
                }
            }
        }
        #expect(count > 90)
    }

    /// The prelude's loss in one pass is the loss as its text says it, with its gradients.
    @Test func lossInOnePassIsTheTextOfTheLoss() throws {
        let session = ProgramTest.session(CapturedOutput())
        let text = """
            seed 3
            a = track(randn(12, 5))
            b = track(randn(12, 5))
            same = rand(12) > 0.5
            short = contrastive(a, b, same)
            long = contrastive(a, b, same, 1)
            close(short, long) and close(grad(short, a), grad(long, a)) and close(grad(short, b), grad(long, b))
            """
        #expect(Show.inline(try session.evaluate(text), quoted: true) == "true")
    }

    /// Stages joined are the stages one by one: a net in one pipeline, and the same net stage after stage.
    @Test func joinedStagesAreTheStagesOneByOne() throws {
        let session = ProgramTest.session(CapturedOutput())
        let text = """
            seed 4
            c1, p1, d1, d2 = [conv(8, 3), maxpool(2), dense(6), dense(3)]
            x = rand(5, 9, 9, 1)
            y = d2(tanh(d1(flatten(p1(relu(c1(x)))))))
            net = c1 >> relu >> p1 >> flatten >> d1 >> tanh >> d2
            close(net(x), y, tol = 1e-6) and close(grad(sum(net(x)^2), c1.w), grad(sum(y^2), c1.w))
            """
        #expect(Show.inline(try session.evaluate(text), quoted: true) == "true")
    }
}

@Suite(.serialized) struct ThreadEqualityTests {
    /// Bits of every tensor, net and curve that a program leaves behind.
    private func bits(_ source: Source, threads: Int) throws -> [String: [Float]] {
        Threads.count = threads
        let session = ProgramTest.session(CapturedOutput())
        defer { session.end() }
        for statement in Parser.parse(source).0.statements { try? session.run(statement, of: source) }
        var found: [String: [Float]] = [:]
        for name in session.globals.userNames {
            switch session.globals.valueIfReady(name) {
            case .tensor(let t): found[name] = t.floats
            case .layer(let l): for (path, p) in l.parameters { found["\(name).\(path)"] = p.value.floats }
            case .thing(let t): if let run = t as? Run { found[name] = run.loss.values }
            default: break
            }
        }
        return found
    }

    /// All programs; of the doctor's ward, whose programs are much alike, every eighth unless the long campaign is asked for.
    private static let programs: [String] = {
        let all = files(below: "Programs", ending: ".siam")
        let ward = all.filter { $0.hasPrefix("sick/") }.sorted()
        let left = Set(isLongCampaign ? [] : ward.enumerated().filter { $0.offset % 8 != 0 }.map(\.element))
        return all.filter { !left.contains($0) }
    }()

    @Test(arguments: programs)
    func threadsChangeNoBitOfAProgram(_ name: String) throws {
        let url = testsFolder.appendingPathComponent("Programs").appendingPathComponent(name)
        let text = try String(contentsOf: url, encoding: .utf8)
        if text.contains("data(\"") || text.contains("clock()") || text.contains("time {") { return }
        let source = Source(name: name, kind: .file, text: text)
        let before = Threads.count
        defer { Threads.count = before }
        let one = try bits(source, threads: 1)
        for n in [2, 3] {
            let other = try bits(source, threads: n)
            #expect(one.keys.sorted() == other.keys.sorted())
            for (key, values) in one {
                #expect(values.map(\.bitPattern) == other[key]?.map(\.bitPattern), "\(name): \(key) with \(n) threads")
            }
        }
    }
}
