import Foundation
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import Testing

/// Programs made by chance, and programs of the suite damaged at random: each is parsed, laid out, checked and run by processes of
/// their own, under limits of time and memory, and ends in values or errors, never in a trap or a hang.
/// SIAM_CASES=n runs that many, SIAM_SEED=n others.
@Suite(.serialized) struct EnduranceTests {
    private static let fragments = [
        "(", ")", "[", "]", "{", "}", ",", "=", "->", "..", "-1", "0", "1e300", "nan", "none", "\"x\"", "x", "net",
        ">>", "@", "^", "[]", "{}", "not", "in", "1000000", "0.5", "-", ".shape", "[0]", "fn", "return 1", "break",
        "for i in 0..3 { }", "\n", ";", "\"{\"", "#", "inf", "-0", "zeros(0)", "1e-300", "grad(", "copy(", "|>",
    ]

    private func mutated(_ text: String, _ r: inout SeededGenerator) -> String {
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

    /// Names of values that are there, and of everything that the library has, so that calls reach far.
    private static let values = """
        a = ones(2, 3); net = dense(2) >> relu; x1 = 3; _q = "text"; loss_of = x -> x^2; batch = [1, "a", none]
        λ = {lr: 0.1, n: [1, 2]}; d = blobs(12); m = [[1, 2], [3, 4]]; t = track([1, 2, 3]); opt = sgd(0.1)

        """
    private static let own = ["a", "net", "x1", "_q", "loss_of", "batch", "λ", "d", "m", "t", "opt"]

    @Test func programsMadeByChanceEndInValuesOrErrors() throws {
        let library = ProgramTest.session(CapturedOutput()).help().filter { $0.kind != "word" }.map(\.name)
        let names = Self.own + Self.own + Self.own + library
        let first = firstSeed(1)
        try endure(
            (first..<first + UInt64(caseCount(1200))).lazy.map {
                Self.values + RandomPrograms.program(seed: $0, names: names)
            })
    }

    @Test func damagedProgramsEndInValuesOrErrors() throws {
        var r = SeededGenerator(seed: firstSeed(7))
        let names = ["language", "tensors", "layers", "train", "gradients", "sweep", "data", "losses"].flatMap { area in
            files(below: "Programs/\(area)", ending: ".siam").map { "\(area)/\($0)" }
        }
        let programs = try names.map {
            try String(contentsOf: testsFolder.appendingPathComponent("Programs/\($0)"), encoding: .utf8)
        }
        try endure((0..<caseCount(1200)).lazy.map { _ in mutated(programs[r.below(programs.count)], &r) })
    }

    /// Runs programs a batch a process.
    private func endure(_ programs: some Sequence<String>) throws {
        let root = FileManager.default.temporaryDirectory.appendingPathComponent("siam-trial-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: root) }
        var batch: [String] = []
        var number = 0
        func flush() throws {
            guard !batch.isEmpty else { return }
            let folder = root.appendingPathComponent("batch\(number)")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            for (k, text) in batch.enumerated() {
                try text.write(
                    to: folder.appendingPathComponent("\(1000 + k).siam"), atomically: false, encoding: .utf8)
            }
            try trial(folder, batch.count)
            try FileManager.default.removeItem(at: folder)
            batch = []
            number += 1
        }
        for program in programs {
            batch.append(program)
            if batch.count == 400 { try flush() }
        }
        try flush()
    }

    /// One process for a folder of programs: its last word is "done", and it says so of every layout that changes a program.
    private func trial(_ folder: URL, _ count: Int) throws {
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/sh")
        // 6 GB of addresses, most of which no one touches.
        process.arguments = ["-c", "ulimit -v 6000000; ulimit -c 0; exec \"$0\" trial \"$1\"", siam.path, folder.path]
        process.currentDirectoryURL = folder
        let out = Pipe()
        process.standardOutput = out
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        // What says nothing for a minute and a half hangs: it is ended, and is seen not to have finished.
        let watchdog = DispatchSource.makeTimerSource()
        watchdog.schedule(deadline: .now() + 90, repeating: 90)
        let heard = Counter()
        watchdog.setEventHandler { if !heard.wasHeard() { kill(process.processIdentifier, SIGKILL) } }
        watchdog.resume()
        var said = ""
        while true {
            let data = out.fileHandleForReading.availableData
            if data.isEmpty { break }
            heard.hear()
            said += String(decoding: data, as: UTF8.self)
        }
        process.waitUntilExit()
        watchdog.cancel()
        let lines = said.split(separator: "\n").map(String.init)
        for line in lines where line.hasPrefix("layout ") {
            let text = try String(contentsOfFile: String(line.dropFirst(7)), encoding: .utf8)
            Issue.record("laid out it is another program:\n\(text)")
        }
        guard lines.last != "done" else {
            #expect(lines.count >= count)
            return
        }
        let last = lines.last(where: { $0.hasSuffix(".siam") && !$0.hasPrefix("layout ") }) ?? ""
        let text = (try? String(contentsOfFile: last, encoding: .utf8)) ?? ""
        Issue.record("ended with \(process.terminationStatus) (\(process.terminationReason)) in:\n\(text)")
    }

    private final class Counter: @unchecked Sendable {
        private let lock = NSLock()
        private var isHeard = true
        func hear() { lock.withLock { isHeard = true } }
        func wasHeard() -> Bool {
            lock.withLock {
                defer { isHeard = false }
                return isHeard
            }
        }
    }
}
