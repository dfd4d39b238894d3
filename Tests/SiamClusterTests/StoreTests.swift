import Foundation
import SiamBuiltins
import SiamLanguage
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamCluster

/// A folder that is gone afterwards.
func withFolder<T>(_ body: (String) throws -> T) throws -> T {
    let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-store-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: folder) }
    return try body(folder)
}

private final class Heard: Output {
    let page = Page()
    let isInteractive = false
    var printed: [String] = []
    var messages: [String] = []
    func print(_ text: String) { printed.append(text) }
    func message(_ text: String) { messages.append(text) }
    func diagnostic(_ d: Diagnostic) { messages.append(d.message) }
    func progress(_ text: String?) {}
}

/// Counts what is worked out, and keeps it as a store does.
private final class Counting: OutcomeStore {
    let inner: Store
    var computed = 0
    init(_ inner: Store) { self.inner = inner }
    func kept(_ key: String) -> KeptOutcome? { inner.kept(key) }
    func shared(
        _ pieces: [KeptPiece], atOnce: Int, work: ([Int]) throws -> [KeptOutcome?]
    ) throws -> [KeptOutcome?] { try inner.shared(pieces, atOnce: atOnce, work: work) }
    func keep(_ outcome: KeptOutcome, _ piece: KeptPiece, seconds: Double) throws {
        try inner.keep(outcome, piece, seconds: seconds)
    }
    func outcomes(
        of study: KeptStudy, compute: (Int) throws -> KeptOutcome, deliver: (Int, KeptOutcome) throws -> Void,
        progress: (String?) -> Void
    ) throws {
        try inner.outcomes(
            of: study,
            compute: { k in
                computed += 1
                return try compute(k)
            }, deliver: deliver, progress: progress)
    }
}

@Suite struct StoreTests {
    private static let study = """
        # A study.
        seen, unseen = split(generated(), 0.8)
        layer tower(dim = 4) = dense(dim) >> relu >> dense(dim)
        fn judge(net) = mean(net(unseen.x))
        table = sweep dim in [2, 3], lr in [0.1, 0.01] {
          net = tower(dim)
          run = train net on batches(seen, 8) as x, y for 3 steps using adam(lr) { minimize mean(net(x)^2) }
          report loss = run.loss[-1]
          report mean = judge(net)
          print "dim {dim}, lr {lr}"
        }
        print table
        """
        .replacing("generated()", with: "dataset(rand(40, 5), range(40) % 2)")

    /// What a program prints, and how many combinations were worked out for it.
    private func run(_ text: String, in folder: String?, seed: UInt64 = 1) throws -> (
        printed: [String], computed: Int, said: [String]
    ) {
        let heard = Heard()
        let session = Session(output: heard, seed: seed, builtins: Builtins.general)
        let store = try folder.map { Counting(try Store($0, worker: Worker.of { _ in nil }, lease: 5)) }
        session.keeper = store
        defer {
            store?.inner.end()
            session.end()
        }
        do { try session.run(Source(name: "study.siam", kind: .file, text: text)) } catch {
            heard.messages.append("error: \(session.describe(error).message)")
        }
        return (heard.printed, store?.computed ?? 0, heard.messages)
    }

    @Test func aSecondRunTakesWhatIsThere() throws {
        try withFolder { folder in
            let alone = try run(Self.study, in: nil)
            #expect(alone.printed.count == 5)
            let first = try run(Self.study, in: folder)
            #expect(first.printed == alone.printed)
            #expect(first.computed == 4)
            let second = try run(Self.study, in: folder)
            #expect(second.printed == alone.printed)
            #expect(second.computed == 0)
        }
    }

    @Test(arguments: [
        // What invalidates nothing.
        ("# A study.", "# Another comment, and a blank line\n", 0), ("dim in [2, 3], lr", "dim in [2, 3],\n    lr", 0),
        ("0.01] {", "1e-2] {  # small", 0), ("fn judge(net) =", "## Judges.\nfn judge(net) =", 0),
        ("print table", "print table\nprint table.loss", 0), ("layer tower", "unused = 3\nlayer tower", 0),
        // What invalidates all.
        (">> relu >>", ">> tanh >>", 4), ("for 3 steps", "for 4 steps", 4),
        ("mean(net(unseen.x))", "max(net(unseen.x))", 4),
        ("rand(40, 5)", "rand(40, 6)", 4), ("range(40) % 2", "range(40) // 20", 4), ("0.8)", "0.7)", 4),
        // What is new.
        ("dim in [2, 3]", "dim in [2, 3, 5]", 2), ("lr in [0.1, 0.01]", "lr in [0.01, 0.1]", 0),
    ])
    func anEditInvalidatesWhatItChanges(_ old: String, _ new: String, _ again: Int) throws {
        try withFolder { folder in
            _ = try run(Self.study, in: folder)
            let text = Self.study.replacing(old, with: new.replacing("range(40) // 20", with: "range(40) % 4"))
            let edited = try run(text, in: folder)
            #expect(edited.computed == again, "\(old) -> \(new)")
            #expect(edited.printed == (try run(text, in: nil)).printed)
        }
    }

    @Test func whatAKilledWorkerLeftGoesAfterAnHour() throws {
        try withFolder { folder in
            _ = try run(Self.study, in: folder)
            let left = [".clock.gone", ".gone.1.new", ".clock.here"].map { "\(folder)/pieces/\($0)" }
            for path in left { #expect(FileManager.default.createFile(atPath: path, contents: Data())) }
            for path in left.dropLast() {
                let past = Date(timeIntervalSinceNow: -7200)
                try FileManager.default.setAttributes([.modificationDate: past], ofItemAtPath: path)
            }
            #expect(try run(Self.study, in: folder).computed == 0)
            #expect(left.map { FileManager.default.fileExists(atPath: $0) } == [false, false, true])
        }
    }

    @Test func theSeedIsPartOfTheKey() throws {
        try withFolder { folder in
            _ = try run(Self.study, in: folder, seed: 1)
            #expect(try run(Self.study, in: folder, seed: 2).computed == 4)
        }
    }

    @Test func twinsThatShareAreNotCopiesThatAreEqual() throws {
        try withFolder { folder in
            let shared =
                "a = dense(2)\na(ones(1, 2));\nb = a\nt = sweep k in [1] { report z = sum(a(ones(1, 2)) - b(ones(1, 2))) }"
            _ = try run(shared, in: folder)
            #expect(try run(shared.replacing("b = a", with: "b = copy(a)"), in: folder).computed == 1)
        }
    }

    @Test func failuresAreKeptWithTheirError() throws {
        try withFolder { folder in
            let text = "t = sweep k in [1, 2, 3] { report x = ones(2, 2) @ ones(k, 1) }\nprint t"
            let first = try run(text, in: folder)
            #expect(first.computed == 3)
            #expect(first.said.last?.hasPrefix("error: k = 1: ") == true, "\(first.said)")
            let second = try run(text, in: folder)
            #expect(second.computed == 0)
            #expect(second.said == first.said)
            let view = try StoreView(folder)
            #expect(try view.count(view.present[0]).failed.count == 2)
            #expect(try view.text().contains("k = 1"))
            _ = try view.prune()
            #expect(try run(text, in: folder).computed == 2)
        }
    }

    @Test func whatCannotBeKeyedIsSaidAndRun() throws {
        try withFolder { folder in
            let text = "t = sweep k in [1, 2] { report x = k\n if k > 5 { csv(\"none.csv\") } }\nprint t.x"
            let o = try run(text, in: folder)
            #expect(o.printed == ["[1, 2]"])
            #expect(o.said.first?.hasPrefix("this sweep is run without the store") == true, "\(o.said)")
            let other = try run("t = sweep k in [1, 2] { report x = dense(k) }\nprint len(t)", in: folder)
            #expect(other.printed == ["2"])
            #expect(other.said.first?.hasPrefix("this sweep is run without the store") == true, "\(other.said)")
            for part in ["pieces", "studies"] {
                #expect(try FileManager.default.contentsOfDirectory(atPath: "\(folder)/\(part)").isEmpty)
            }
        }
    }

    @Test func aDamagedFileIsWorkedOutAnew() throws {
        try withFolder { folder in
            let before = try run(Self.study, in: folder)
            let pieces = try FileManager.default.contentsOfDirectory(atPath: folder + "/pieces").sorted()
            #expect(pieces.count == 4)
            for (k, name) in pieces.enumerated().prefix(3) {
                let path = "\(folder)/pieces/\(name)"
                var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
                switch k {
                case 0: bytes = Data()
                case 1: bytes.removeLast(3)
                default: bytes[bytes.count - 5] ^= 1
                }
                try bytes.write(to: URL(fileURLWithPath: path))
            }
            let after = try run(Self.study, in: folder)
            #expect(after.computed == 3)
            #expect(after.printed == before.printed)
        }
    }

    @Test func aTableIsExported() throws {
        try withFolder { folder in
            _ = try run("t = sweep k in [1, 2], how in [\"a\", \"b, c\"] { report x = k / 3 }", in: folder)
            let view = try StoreView(folder)
            let (text, rows) = try view.csv(try view.study(named: nil))
            #expect(rows == 4)
            let lines = text.split(separator: "\n").map(String.init)
            #expect(lines[0] == "k,how,x,seconds,host,error")
            #expect(lines[1].hasPrefix("1,a,0.3333333333333333,"))
            #expect(lines[2].hasPrefix("1,\"b, c\",0.3333333333333333,"))
            #expect(throws: Diagnostic.self) { try view.study(named: "other") }
            #expect(throws: Diagnostic.self) { try StoreView(folder + "/pieces") }
        }
    }
}
