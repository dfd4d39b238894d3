import Foundation
import Testing

/// The binary that was built beside the tests; SIAM_BINARY names another, a release build for a long trial.
let siam: URL = {
    if let named = ProcessInfo.processInfo.environment["SIAM_BINARY"] { return URL(fileURLWithPath: named) }
    #if os(Linux)
        let bundle = URL(fileURLWithPath: CommandLine.arguments.first ?? "").deletingLastPathComponent()
    #else
        let bundle = Bundle.main.bundleURL
    #endif
    for folder in [
        bundle, bundle.deletingLastPathComponent(),
        testsFolder.deletingLastPathComponent().appendingPathComponent(".build/debug"),
    ] {
        let candidate = folder.appendingPathComponent("siam")
        if FileManager.default.isExecutableFile(atPath: candidate.path) { return candidate }
    }
    return testsFolder.deletingLastPathComponent().appendingPathComponent(".build/debug/siam")
}()

struct Outcome {
    var status: Int32
    var out: String
    var error: String
}

/// Runs the binary in an empty home, without a terminal.
func run(_ arguments: [String], input: String = "", environment extra: [String: String] = [:]) throws -> Outcome {
    let process = Process()
    process.executableURL = siam
    process.arguments = arguments
    var environment = ProcessInfo.processInfo.environment
    let home = FileManager.default.temporaryDirectory.appendingPathComponent("siam-test-home-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: home, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: home) }
    environment["HOME"] = home.path
    environment["XDG_STATE_HOME"] = home.path
    environment.merge(extra) { $1 }
    process.environment = environment
    let (out, error, standardInput) = (Pipe(), Pipe(), Pipe())
    process.standardOutput = out
    process.standardError = error
    process.standardInput = standardInput
    try process.run()
    standardInput.fileHandleForWriting.write(Data(input.utf8))
    try standardInput.fileHandleForWriting.close()
    let outData = out.fileHandleForReading.readDataToEndOfFile()
    let errorData = error.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Outcome(
        status: process.terminationStatus, out: String(decoding: outData, as: UTF8.self),
        error: String(decoding: errorData, as: UTF8.self))
}

@Suite struct CommandLineTests {
    /// A minus first, several expressions, and a command that is none.
    @Test func expressionsAreTakenAsTheyAre() throws {
        #expect(try run(["-e", "-1+2"]).out == "1\n")
        #expect(try run(["-e", "1", "-e", "2"]).out == "1\n2\n")
        let wrong = try run(["tets"])
        #expect(wrong.status != 0 && wrong.error.contains("test"), "\(wrong.error)")
    }

    /// Commands and options of other tools, and names that help does not know.
    @Test(arguments: [
        (["train", "x.siam"], "siam x.siam"), (["trian", "x.siam"], "siam x.siam"), (["eval", "1+1"], "siam -e '1+1'"),
        (["repl"], "the prompt opens without a file"), (["chek", "x.siam"], "siam check x.siam"),
        (["debug", "x.siam"], "siam doctor x.siam"), (["--epochs", "5", "x.siam"], "siam x.siam --epochs 5"),
        (["-v"], "siam --version"), (["doc", "contrastve"], "Did you mean contrastive?"),
    ])
    func commandsOfOtherToolsAreUnderstood(_ arguments: [String], _ said: String) throws {
        let outcome = try run(arguments)
        #expect(outcome.status != 0)
        #expect((outcome.out + outcome.error).contains(said), "\(outcome.error)")
        #expect(!outcome.error.contains("--blocks") && !outcome.error.contains("trial"))
    }

    @Test func helpOnANameIsItsHelp() throws {
        let outcome = try run(["help", "contrastive"])
        #expect(outcome.status == 0 && outcome.out.hasPrefix("contrastive("))
        #expect(try run(["help", "check"]).out.contains("siam check"))
    }

    @Test func codeOnTheCommandLinePrintsItsValue() throws {
        let o = try run(["-e", "1 + 2"])
        #expect(o.status == 0)
        #expect(o.out == "3\n")
        #expect(o.error.isEmpty)
    }

    @Test func programOnAPipeRuns() throws {
        let o = try run([], input: "x = 2\nprint x^10\n")
        #expect(o.status == 0)
        #expect(o.out == "1024\n")
    }

    @Test func dashReadsStandardInput() throws {
        #expect(try run(["-"], input: "print 7").out == "7\n")
    }

    @Test func errorsGoToStderrAndExitWithOne() throws {
        let o = try run(["-e", "1 / \"a\""])
        #expect(o.status == 1)
        #expect(o.out.isEmpty)
        #expect(o.error.hasPrefix("error: cannot divide a number by a text\n  --> -e:1:1"))
    }

    /// The program goes on behind a run that broke; its exit says that it broke all the same.
    @Test func lossThatIsNotFiniteExitsWithOne() throws {
        let body = "using sgd(1e20) { minimize mean(net(x)^2) }"
        let ended = try run([
            "-e", "net = dense(2)\nrun = train net on batches(ones(8, 3), 4) as x for 9 steps \(body)\nprint 7",
        ])
        #expect(ended.status == 1 && ended.out.contains("7"))
        // Of a sweep it is a row of the table.
        let rows =
            "sweep rate in [0.1, 1e20] { net = dense(2); train net on batches(ones(8, 3), 4) as x for 9 steps using sgd(rate) { minimize mean(net(x)^2) } }"
        #expect(try run(["-e", rows]).status == 0)
    }

    @Test func failedExpectExitsWithOne() throws { #expect(try run(["-e", "expect 1 == 2"]).status == 1) }

    @Test func wrongUsageExitsWithTwo() throws {
        let o = try run(["--no-such-flag"])
        #expect(o.status == 2)
        #expect(o.error.contains("no-such-flag"))
    }

    @Test func missingFileIsAnErrorWithTheNearestName() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try "print 1".write(to: folder.appendingPathComponent("towers.siam"), atomically: true, encoding: .utf8)
        let o = try run([folder.appendingPathComponent("tower.siam").path])
        #expect(o.status == 1)
        #expect(o.error.contains("no such file"))
        #expect(o.error.contains("There is towers.siam: did you mean that?"))
    }

    @Test func argumentsReachTheProgram() throws {
        #expect(try run(["-", "a", "b"], input: "print len(args), args[1]").out == "2 b\n")
    }

    @Test func versionAndHelp() throws {
        #expect(try run(["--version"]).out.hasPrefix("siam "))
        #expect(try run(["--help"]).out.contains("Siamese"))
    }

    @Test func seedDecidesTheDraws() throws {
        let a = try run(["--seed", "3", "-e", "rand(3)"]).out
        #expect(a == (try run(["--seed", "3", "-e", "rand(3)"]).out))
        #expect(a != (try run(["--seed", "4", "-e", "rand(3)"]).out))
    }

    @Test func recursionWithoutEndIsAnErrorAndNotACrash() throws {
        let o = try run(["-e", "fn f(n) = f(n + 1) + 1\nf(0)"])
        #expect(o.status == 1)
        #expect(o.error.contains("recursion too deep"))
    }

    @Test func hugeTensorIsAnErrorWithItsShape() throws {
        let o = try run(["-e", "zeros(1000000, 1000000)"])
        #expect(o.status == 1)
        #expect(o.error.contains("1000000x1000000"))
    }

    /// The same program prints the same bytes twice, and with one thread, two and three.
    @Test(arguments: [
        "design/custom-layer", "design/fc-by-hand", "design/custom-loss", "design/loop-by-hand",
        "design/unshared-towers",
    ])
    func outputDoesNotDependOnThreads(_ name: String) throws {
        let path = testsFolder.appendingPathComponent("Programs/\(name).siam").path
        let first = try run(["--threads", "1", path])
        #expect(first.status == 0, "\(first.error)")
        for threads in ["1", "2", "3"] {
            let other = try run(["--threads", threads, path])
            #expect(other.out == first.out, "\(name) prints otherwise with \(threads) threads")
        }
    }

    @Test(arguments: ["while true { }", "for i in 0..1000000000000 { }", "fn f(n) { while true { n = n + 1 } }\nf(1)"])
    func interruptEndsALoopWith130(_ code: String) throws {
        let process = Process()
        process.executableURL = siam
        process.arguments = ["-e", "print \"started\"\n\(code)"]
        let (out, error) = (Pipe(), Pipe())
        process.standardOutput = out
        process.standardError = error
        process.standardInput = FileHandle.nullDevice
        // A line of output is written at once only to a terminal; the program's own pause stands in for that.
        try process.run()
        var told = ""
        let deadline = Date().addingTimeInterval(60)
        // The interrupt is sent until it has arrived: before the handler stands, the system's own would end the process.
        Thread.sleep(forTimeInterval: 0.5)
        while process.isRunning, Date() < deadline {
            process.interrupt()
            Thread.sleep(forTimeInterval: 0.2)
        }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        told = String(decoding: error.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 130, "\(told)")
    }

    /// A handler on a stack that generated code uses as memory would write into numbers: one thread waits for signals, and
    /// all others keep them out.
    @Test func oneThreadAloneHearsSignals() throws {
        let process = Process()
        process.executableURL = siam
        process.arguments = ["--threads", "2", "-e", "x = ones(600, 600); while true { y = x @ x }"]
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        defer {
            kill(process.processIdentifier, SIGKILL)
            process.waitUntilExit()
        }
        let wanted = [SIGHUP, SIGINT, SIGALRM, SIGTERM, SIGTSTP, SIGCONT, SIGWINCH].reduce(UInt64(0)) {
            $0 | 1 << UInt64($1 - 1)
        }
        let tasks = "/proc/\(process.processIdentifier)/task"
        func masks() -> [UInt64] {
            ((try? FileManager.default.contentsOfDirectory(atPath: tasks)) ?? []).compactMap { task in
                let status = (try? String(contentsOfFile: "\(tasks)/\(task)/status", encoding: .utf8)) ?? ""
                let line = status.split(separator: "\n").first { $0.hasPrefix("SigBlk:") }
                return line.flatMap { UInt64($0.dropFirst(7).filter { $0 != "\t" && $0 != " " }, radix: 16) }
            }
        }
        let deadline = Date().addingTimeInterval(30)
        var found: [UInt64] = []
        while Date() < deadline, found.count < 2 || !found.allSatisfy({ $0 & wanted == wanted }) {
            Thread.sleep(forTimeInterval: 0.02)
            found = masks()
        }
        #expect(found.count >= 2 && found.allSatisfy { $0 & wanted == wanted }, "\(found)")
    }
}
