import SiamLanguage
import SiamLessons
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

/// What a run says while it goes: one rewritten line at a terminal, a plain line an epoch elsewhere.
@Suite struct ProgressTests {
    private final class Listener: Output {
        let page: Page
        init(columns: Int) { page = Page(columns: columns) }
        let isInteractive = false
        var printed: [String] = []
        var epochs: [String] = []
        var progress: [String] = []
        func print(_ text: String) { printed.append(text) }
        func message(_ text: String) {}
        func diagnostic(_ d: Diagnostic) {}
        func progress(_ text: String?) { if let text { progress.append(text) } }
        func epoch(_ text: String) { epochs.append(text) }
    }

    private func listen(_ text: String, columns: Int = 120) throws -> (Listener, Session) {
        let listener = Listener(columns: columns)
        let session = ProgramTest.session(listener)
        try session.siam(text)
        return (listener, session)
    }

    @Test func oneLineAnEpochThatSaysNoTime() throws {
        let text = """
            seed 2
            net = dense(1)
            run = train net on batches(randn(40, 3), randn(40, 1), batch = 10) as x, y for 3 epochs using sgd(0.01) {
              minimize mse(net(x), y)
              report twice = 2
            }
            resume(run, for_steps = 2);
            """
        let (listener, session) = try listen(text)
        let losses = try session.theRun().loss.values
        #expect(listener.epochs.count == 4)
        for (k, line) in listener.epochs.prefix(3).enumerated() {
            let mean = losses[4 * k..<4 * k + 4].reduce(0) { $0 + Double($1) } / 4
            let shown = try formatNumber(mean, spec: ".4g")
            #expect(line == "epoch \(k + 1)/3  step \(4 * k + 4)/12  mean loss \(shown)  twice 2")
        }
        #expect(listener.epochs.last?.contains("step 14/14") == true)
        #expect(listener.printed.isEmpty)
        #expect(try listen(text).0.epochs == listener.epochs)
    }

    @Test func veryManyEpochsAreToldOfNowAndThen() throws {
        let (listener, _) = try listen(
            """
            net = dense(1)
            run = train net on batches(ones(4, 2), ones(4, 1), batch = 4) as x, y for 1000 epochs using sgd(0.01) {
              minimize mse(net(x), y)
            }
            """)
        #expect(listener.epochs.count == 100)
        #expect(listener.epochs.first?.hasPrefix("epoch 10/1000  step 10/1000") == true)
    }

    @Test func sweepsSayNothingOfTheirRuns() throws {
        let (listener, _) = try listen(
            """
            t = sweep lr in [0.1, 0.01] {
              net = dense(1)
              run = train net on batches(ones(4, 2), ones(4, 1), batch = 2) as x, y for 3 epochs using sgd(lr) {
                minimize mse(net(x), y)
              }
              report loss = run.loss.last
            }
            """)
        #expect(listener.epochs.isEmpty)
    }

    @Test func theRewrittenLineHasAllOfItAndComesTenTimesASecond() throws {
        let (listener, session) = try listen(
            """
            net = dense(32) >> relu >> dense(1)
            run = train net on batches(randn(640, 64), randn(640, 1), batch = 64) as x, y for 300 steps using sgd(0.01) {
              minimize mse(net(x), y)
              watch(net.dense2.b[0])
            }
            """)
        let seconds = try session.theRun().seconds
        #expect(Double(listener.progress.count) <= 10 * seconds + 1)
        let line = try #require(listener.progress.last)
        for part in ["epoch ", "step ", "/300", "loss ", "net.dense2.b[0] ", " per step", " left"] {
            #expect(line.contains(part), "\(part) in \(line)")
        }
    }

    @Test(arguments: [30, 50, 80, 130]) func inANarrowWindowTheTimeLeftStays(columns: Int) throws {
        let (listener, _) = try listen(
            """
            net = dense(32) >> relu >> dense(1)
            run = train net on batches(randn(640, 64), randn(640, 1), batch = 64) as x, y for 30 steps using sgd(0.01) {
              minimize mse(net(x), y)
              report a_number_with_a_long_name = 1
              report another_number_with_a_name = 2
            }
            """, columns: columns)
        let line = try #require(listener.progress.last)
        #expect(line.hasSuffix(" left") && line.contains("/30"), "\(line)")
        #expect(displayWidth(line) < max(columns, 52), "\(line)")
        #expect(line.contains("another_number_with_a_name 2") == (columns > 50), "\(line)")
        #expect(line.contains("a_number_with_a_long_name 1") == (columns > 100), "\(line)")
    }
}
