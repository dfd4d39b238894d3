import Foundation
import Testing

/// Programs of the suite, damaged at random: each ends in values or errors, never in a trap or a hang.
/// SIAM_CASES=n runs that many, SIAM_SEED=n others.
@Suite(.serialized) struct MutationTests {
    private struct Random {
        var state: UInt64
        mutating func below(_ n: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return n > 0 ? Int((state >> 33) % UInt64(n)) : 0
        }
    }

    private static let fragments = [
        "(", ")", "[", "]", "{", "}", ",", "=", "->", "..", "-1", "0", "1e300", "nan", "none", "\"x\"", "x", "net",
        ">>", "@", "^", "[]",
        "{}", "not", "in", "1000000", "0.5", "-", ".shape", "[0]", "fn", "return 1", "break", "for i in 0..3 { }", "\n",
        ";", "\"{\"", "#",
    ]

    private func mutated(_ text: String, _ r: inout Random) -> String {
        var pieces = text.split(whereSeparator: { $0 == " " }).map(String.init)
        for _ in 0...r.below(3) {
            guard !pieces.isEmpty else { break }
            let at = r.below(pieces.count)
            switch r.below(5) {
            case 0: pieces.remove(at: at)
            case 1: pieces.insert(pieces[r.below(pieces.count)], at: at)
            case 2: pieces[at] = Self.fragments[r.below(Self.fragments.count)]
            case 3: pieces.insert(Self.fragments[r.below(Self.fragments.count)], at: at)
            default:
                var letters = Array(pieces[at])
                if !letters.isEmpty { letters.remove(at: r.below(letters.count)) }
                pieces[at] = String(letters)
            }
        }
        return pieces.joined(separator: " ")
    }

    @Test func damagedProgramsEndInValuesOrErrors() throws {
        let environment = ProcessInfo.processInfo.environment
        let cases = Int(environment["SIAM_CASES"] ?? "") ?? 250
        var r = Random(state: UInt64(environment["SIAM_SEED"] ?? "") ?? 7)
        let names =
            files(below: "Programs/language", ending: ".siam").map { "language/\($0)" }
            + ["tensors", "layers", "train", "gradients", "sweep", "data", "losses"].flatMap { area in
                files(below: "Programs/\(area)", ending: ".siam").map { "\(area)/\($0)" }
            }
        let programs = try names.map {
            try String(
                contentsOf: testsFolder.appendingPathComponent("Programs").appendingPathComponent($0), encoding: .utf8)
        }
        for k in 0..<cases {
            let text = mutated(programs[r.below(programs.count)], &r)
            let outcome = try runOrInterrupt(text)
            #expect(
                [0, 1, 130].contains(outcome.status),
                "case \(k) ended with \(outcome.status):\n\(text)\n\(outcome.error)")
        }
    }

    /// Runs a program by the binary; what has not ended after five seconds is interrupted.
    private func runOrInterrupt(_ text: String) throws -> Outcome {
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("siam-case-\(UUID().uuidString).siam")
        try text.write(to: file, atomically: true, encoding: .utf8)
        defer { try? FileManager.default.removeItem(at: file) }
        let process = Process()
        process.executableURL = siam
        process.arguments = [file.path]
        let error = Pipe()
        process.standardOutput = FileHandle.nullDevice
        process.standardError = error
        process.standardInput = FileHandle.nullDevice
        try process.run()
        let watchdog = DispatchSource.makeTimerSource()
        watchdog.schedule(deadline: .now() + 5, repeating: 0.5)
        let began = Date()
        watchdog.setEventHandler {
            // What does not answer an interrupt in a minute is a hang: it is ended, and its status says so.
            if Date().timeIntervalSince(began) > 60 {
                kill(process.processIdentifier, SIGKILL)
            } else {
                process.interrupt()
            }
        }
        watchdog.resume()
        let said = error.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        watchdog.cancel()
        let status =
            process.terminationReason == .uncaughtSignal ? -process.terminationStatus : process.terminationStatus
        return Outcome(status: status, out: "", error: String(decoding: said, as: UTF8.self))
    }
}
