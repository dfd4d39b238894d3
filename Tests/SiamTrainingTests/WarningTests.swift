import Foundation
import SiamLanguage
import SiamLessons
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

/// Runs say what is wrong with them, once, with the step; healthy ones say nothing.
@Suite struct WarningTests {
    private static let head = """
        seed 3
        seen = digits().sample(300)

        """

    struct Sick: Sendable, CustomTestStringConvertible {
        let code: String
        let text: String
        let says: String
        var testDescription: String { "\(code): \(says)" }
    }

    static let sick: [Sick] = [
        Sick(
            code: "run.still",
            text: """
                net = flatten >> dense(8, init = zeros) >> relu >> dense(4, init = zeros)
                run = train net on pairs(seen, 16) as a, b, same for 30 steps using adam(0.001) {
                  minimize contrastive(net(a), net(b), same)
                }
                """, says: "step 10: the gradient has been 0 for 10 steps"),
        Sick(
            code: "run.collapse",
            text: """
                net = flatten >> dense(8, init = zeros) >> relu >> dense(4, init = zeros)
                m = 3
                run = train net on pairs(seen, 16) as a, b, same for 60 steps using adam(0.001) {
                  l = contrastive(net(a), net(b), same, margin = m)
                  minimize l
                }
                """, says: "step 50: the loss has stayed at 4.5, its value when all embeddings are equal, for 50 steps"),
        Sick(
            code: "run.collapse",
            text: """
                net = flatten >> dense(8) >> relu >> dense(4, init = constant(1e-9))
                run = train net on triplets(seen, 16) as a, p, n for 60 steps using sgd(0.0001) {
                  minimize triplet(net(a), net(p), net(n), margin = 0.3)
                }
                """, says: "the loss has stayed at 0.3, its value when all embeddings are equal"),
        Sick(
            code: "run.collapse",
            text: """
                loss mine(a, b, same) = mean(same * squared(a, b) + (1 - same) * relu(2 - euclidean(a, b))^2)
                """.replacing("loss mine", with: "## plateaus: collapsed = (1 - share) * 4\nloss mine")
                    + """

                    net = flatten >> dense(4, init = zeros)
                    run = train net on pairs(seen, 16, same = 0.25) as a, b, same for 60 steps using sgd(0) {
                      minimize mine(net(a), net(b), same)
                    }
                    """, says: "the loss has stayed at 3, "),
        Sick(
            code: "run.margin",
            text: """
                net = flatten >> dense(8) >> relu >> dense(4) >> l2norm
                run = train net on pairs(seen, 16) as a, b, same for 160 steps using adam(0.001) {
                  minimize contrastive(net(a), net(b), same, margin = 4)
                }
                """, says: "no negative pair has exceeded the margin, 4, for 100 steps"),
        Sick(
            code: "run.margin",
            text: """
                net = flatten >> dense(8) >> relu >> dense(4) >> l2norm
                run = train net on triplets(seen, 16) as a, p, n for 110 steps using adam(0.001) {
                  minimize triplet(net(a), net(p), net(n), margin = 9)
                }
                """, says: "every term of the loss has been active for 100 steps"),
        Sick(
            code: "run.dead",
            text: """
                net = flatten >> dense(8) >> relu >> dense(4)
                net(seen.x[0..2]);
                net.dense1.b = constant(-100)(8)
                run = train net on pairs(seen, 16) as a, b, same for 30 steps using sgd(0.001) {
                  minimize contrastive(net(a), net(b), same)
                }
                """, says: "step 20: every unit of relu1 gives 0 for the whole batch"),
    ]

    @Test(arguments: sick) func aSickRunIsToldOnce(_ s: Sick) throws {
        let output = CapturedOutput()
        let session = session(output)
        try session.siam(WarningTests.head + s.text)
        let found = output.takeDiagnostics().filter { $0.code == s.code }
        #expect(found.count == 1)
        #expect(found.first?.severity == .warning)
        #expect(found.first?.message.contains(s.says) == true, "\(found.first?.message ?? "nothing was said")")
        #expect(found.first?.labels.isEmpty == false)
    }

    @Test func aGradientThatIsNotFiniteEndsTheRunBeforeItSpoilsTheWeights() throws {
        let output = CapturedOutput()
        let session = session(output)
        try session.siam(
            WarningTests.head
                + """
                fn distance(a, b) = sqrt(sum((a - b)^2, axis = -1))
                net = flatten >> dense(4)
                run = train net on pairs(seen, 8) as a, b, same for 20 steps using adam(0.01) {
                  d = distance(net(a), net(if run_at < 5 { b } else { a }))
                  run_at = run_at + 1
                  minimize mean(same * d^2 + (1 - same) * relu(1 - d)^2)
                }
                """.replacing("net = flatten", with: "run_at = 0\nnet = flatten"))
        let run = try session.theRun()
        #expect(run.stopped == .notFinite("gradient"))
        #expect(run.steps == 5)
        #expect(run.parameters.allSatisfy { $0.value.floats.allSatisfy(\.isFinite) })
        let said = try #require(output.takeDiagnostics().first { $0.code == "gradient.finite" })
        #expect(said.message == "the gradient is not finite at step 6; weights and run are kept as of step 5")
        #expect(said.notes.first == "the gradient of sqrt is not finite at 8 of its 8 inputs")
    }

    @Test func aLossThatIsNotFiniteNamesTheLayer() throws {
        let output = CapturedOutput()
        let session = session(output)
        try session.siam(
            WarningTests.head + """
                net = flatten >> dense(4) >> (x -> exp(1000 * abs(x))) >> dense(3)
                run = train net on pairs(seen, 8) as a, b, same for 20 steps using adam(0.01) {
                  minimize contrastive(net(a), net(b), same)
                }
                """)
        let said = try #require(output.takeDiagnostics().first { $0.code == "loss.finite" })
        #expect(said.notes.contains("the first layer whose output is not finite is fn1"), "\(said.notes)")
    }

    /// The programs of the repository that are well.
    private static let programs =
        #filePath.split(separator: "/").dropLast(2).reduce("") { "\($0)/\($1)" } + "/Programs"
    static let healthy: [String] =
        (((try? FileManager.default.contentsOfDirectory(atPath: programs + "/sick")) ?? []).sorted()
            .filter { $0.hasPrefix("healthy-") }.map { "sick/\($0)" })
        + ["design/custom-layer.siam", "design/custom-loss.siam", "design/loop-by-hand.siam", "train/loss-falls.siam"]

    @Test func healthyProgramsAreFound() { #expect(WarningTests.healthy.count > 40) }

    @Test(arguments: healthy) func aHealthyRunSaysNothing(_ name: String) throws {
        let path = "\(WarningTests.programs)/\(name)"
        let output = CapturedOutput()
        let session = session(output)
        try session.run(Source(name: path, kind: .file, text: try Files.text(path)))
        #expect(output.takeDiagnostics().filter { $0.code.hasPrefix("run.") }.map(\.message) == [])
    }
}
