import SiamLanguage
import SiamLessons
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

/// Going back and on again without a change gives the same numbers, with everything that can be part of a run.
@Suite struct RewindTests {
    @Test func everyKindIsAmongThePrograms() {
        let names = Declared.all.map(\.name)
        #expect(Set(names).count == names.count)
        for word in ["nesterov", "rmsprop", "warmup", "triplets(", "balanced(", "elastic(", "batchnorm", "cross_batch"]
        {
            #expect(names.contains { $0.contains(word) }, "\(word) is not trained with")
        }
    }

    @Test(arguments: Declared.all) func goingBackAndOnRepeats(_ program: Declared.Program) throws {
        let session = session()
        try session.siam(program.text(steps: 12))
        let run = try session.theRun()
        let wanted = Outcome(run, session)
        #expect(wanted.steps == 12)
        for steps in [7, 3, 12, 1] {
            try session.siam("rewind(run, \(steps)); resume(run, for_steps = \(steps));")
            #expect(Outcome(run, session) == wanted, "after going back \(steps) steps")
        }
    }

    @Test func whatIsChangedAtAPauseIsNotForgotten() throws {
        let session = session()
        try session.siam(try #require(Declared.all.first { $0.name == "adam(0.01)" }).text(steps: 20))
        let run = try session.theRun()
        try session.siam("run.optimizer.lr = 0.05; resume(run, for_steps = 12);")
        let wanted = Outcome(run, session)
        // Back to behind the change, though the nearest way back by distance alone stands before it.
        try session.siam("rewind(run, 9); resume(run, for_steps = 9);")
        #expect(Outcome(run, session) == wanted)
        // Back to before the change: the old rate again.
        try session.siam("rewind(run, 20); expect run.optimizer.lr == 0.01")
    }

    @Test func stepsMadeAgainAreSilent() throws {
        let output = CapturedOutput()
        let session = session(output)
        try session.siam(
            """
            net = dense(2)
            run = train net on batches(ones(4, 2), ones(4, 2), batch = 2) as x, y for 30 steps using sgd(0.1) {
              minimize mse(net(x), y)
              print "step"
            }
            """)
        #expect(output.take().count == 30)
        try session.siam("rewind(run, 7);")
        #expect(output.take().isEmpty)
        try session.siam("resume(run, for_steps = 2);")
        #expect(output.take().count == 2)
    }

    @Test func tooFarBackIsSaid() throws {
        let session = session()
        try session.siam(try #require(Declared.all.first).text(steps: 4))
        #expect(throws: Diagnostic.self) { try session.siam("rewind(run, 5)") }
        #expect(try session.theRun().steps == 4)
    }

    @Test func waysBackAreDenseNearThePresentAndWithinTheBudget() throws {
        var ways = Snapshots()
        let budget = Snapshots.budget(stateBytes: 1)
        let size = budget / 40
        for step in stride(from: 0, through: 20_000, by: 10) {
            ways.keep(snapshot(step, size, isEdge: step == 0), interval: 10)
            #expect(ways.kept.reduce(0) { $0 + $1.bytes } <= budget)
        }
        let steps = ways.kept.map(\.step)
        #expect(steps.first == 0)
        #expect(steps.last == 20_000)
        let gaps = zip(steps, steps.dropFirst()).map { $1 - $0 }
        #expect(gaps.last == 10)
        for (near, far) in zip(gaps.dropFirst(), gaps) { #expect(near <= 2 * far) }
        ways.keep(snapshot(20_010, Snapshots.budget(stateBytes: .max) + 1, isEdge: true), interval: 10)
        #expect(ways.kept.isEmpty)
    }

    private func snapshot(_ step: Int, _ bytes: Int, isEdge: Bool) -> Snapshot {
        Snapshot(
            step: step, unbuilding: [], parameters: [], states: [], restores: [], stream: .init(seed: 1), variables: [],
            isEdge: isEdge, bytes: bytes)
    }
}
