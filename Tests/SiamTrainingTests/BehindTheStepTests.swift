import SiamLanguage
import SiamLessons
import SiamTensor
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

/// ^C in what stands behind a step's update: when the run goes on, it gives and says what an undisturbed run does.
@Suite struct BehindTheStepTests {
    /// Answers each pause as it is told, with something done before.
    private final class Answers: PauseHandler {
        var answers: [Trainer.Resumption]
        var steps: [Int] = []
        var summary = ""
        var aside: (Session) throws -> Void = { _ in }
        init(_ answers: [Trainer.Resumption]) { self.answers = answers }
        func paused(_ trainer: Trainer, _ interpreter: Interpreter, because: Trainer.PauseReason) throws
            -> Trainer.Resumption
        {
            steps.append(trainer.run.steps)
            try aside(interpreter.session)
            return answers.isEmpty ? .go : answers.removeFirst()
        }
    }

    private final class Calls: @unchecked Sendable { var count = 0 }

    private let program = """
        seed 5
        d = blobs(60, classes = 3)
        net = dense(6) >> batchnorm() >> dropout(0.2) >> relu >> dense(3)
        k = 0
        opt = adam(0.01)
        run = train net on batches(d, 12) as x, y for 40 steps using opt {
          print("step {step}")
          minimize cross_entropy(net(x), y)
          touch()
          every 4 steps {
            print("before {step}")
            k = k + 1
            opt.lr = 0.9 * opt.lr
            touch()
            report held = accuracy(net, d) + 0 * rand()
            touch()
            print("behind {step} {k}")
          }
          touch()
          every epoch { report late = k; touch(); print("late {k}") }
        }
        """

    /// - Parameter presses: at which of its calls `touch` is interrupted.
    private func ran(
        _ presses: Set<Int>, _ answers: [Trainer.Resumption] = [], aside: ((Session) throws -> Void)? = nil
    )
        throws -> (Outcome, [String], Answers)
    {
        let output = CapturedOutput()
        let session = ProgramTest.session(output)
        let calls = Calls()
        session.globals.defineBase(
            "touch",
            .builtin(
                Builtin("touch", "", family: "test", "Counts.") { _, _ in
                    calls.count += 1
                    if presses.contains(calls.count) { throw Interrupted() }
                    return .none
                }))
        let handler = Answers(answers)
        if let aside { handler.aside = aside }
        session.pauseHandler = handler
        try session.siam(program)
        handler.summary = try session.theRun().summary
        return (Outcome(try session.theRun(), session), output.lines, handler)
    }

    @Test func whatWasBrokenOffIsMadeAgain() throws {
        let (wanted, lines, _) = try ran([])
        #expect(lines.count == 40 + 20 + 8)
        for press in 1...30 {
            let (got, said, handler) = try ran([press])
            #expect(got == wanted, "call \(press)")
            #expect(said == lines, "call \(press)")
            #expect(handler.steps.count == 1)
        }
        // Again and again, in the same block too.
        let (got, said, handler) = try ran([6, 7, 8, 20, 21, 40, 41, 60])
        #expect(got == wanted && said == lines && handler.steps.count == 8)
    }

    @Test func aStepAndARewindBetween() throws {
        let (wanted, _, _) = try ran([])
        #expect(try ran([7, 9], [.steps(3), .go]).0 == wanted)
        #expect(try ran([30], [.rewind(3), .go]).0 == wanted)
    }

    @Test func whatIsSaidAtThePauseIsSaid() throws {
        let (_, lines, _) = try ran([])
        let (_, said, _) = try ran([8]) { try $0.siam("print(\"before 4\")", "pause") }
        #expect(said.count == lines.count + 1)
    }

    @Test func stopLeavesItOut() throws {
        let (got, _, handler) = try ran([8], [.stop])
        #expect(handler.steps == [4] && got.steps == 4 && got.loss.count == 4)
        #expect(handler.summary.hasSuffix("stopped at a pause"))
    }
}
