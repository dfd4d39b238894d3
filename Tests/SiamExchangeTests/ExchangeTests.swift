import Foundation
import SiamLab
import SiamLanguage
import SiamLessons
import SiamTensor
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

/// Weights, embeddings, logs and records of other tools (`scripts/fixtures/exchange.py` wrote them).
@Suite struct ExchangeTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/exchange").path

    private func run(_ text: String, _ output: CapturedOutput = CapturedOutput()) throws {
        let session = ProgramTest.session(output)
        defer { session.end() }
        do {
            try session.run(Source(name: "t", kind: .file, text: text.replacing("DIR", with: Self.folder)))
        } catch {
            Issue.record("\(session.describe(error).message)")
        }
    }

    @Test func torchWeights() throws {
        let back = FileManager.default.temporaryDirectory.appendingPathComponent("siam-back-\(getpid()).safetensors")
            .path
        defer { try? FileManager.default.removeItem(atPath: back) }
        let output = CapturedOutput()
        try run(
            """
            d = npz("DIR/w_io.npz")
            layer tower() = conv(4, 3) >> batchnorm() >> relu >> maxpool(2) >> flatten >> dense(8) >> relu >> dense(3)
            for f in ["DIR/w.safetensors", "DIR/w.npz"] {
              net = tower()
              net(d.x1)
              load(f, net)
              expect max(abs(net(d.x1) - d.y1)) < 1e-5
            }
            save(net, "\(back)", layout = "torch")
            there, here = [load("\(back)"), load("DIR/w.safetensors")]
            expect there["dense1.weight"] == here["5.weight"]
            expect there["conv1.weight"] == here["0.weight"]
            other = tower()
            other(d.x1)
            load("\(back)", other)
            expect other(d.x1) == net(d.x1)
            """, output)
        #expect(output.messages.contains { $0.contains("rows of a 4x4x4 image turned") })
    }

    @Test func ambiguousWeights() throws {
        try run(
            """
            m = dense(6) >> relu >> dense(6)
            m(ones(2, 6))
            expect_error "two ways" { load("DIR/sq.safetensors", m) }
            load("DIR/sq.safetensors", m, layout = "torch")
            n = dense(5) >> relu >> dense(5) >> relu >> dense(2)
            n(ones(2, 5))
            expect_error "two ways" { load("DIR/amb.safetensors", n, layout = "torch") }
            load("DIR/amb.safetensors", n, layout = "torch", order = ["first", "again", "out"])
            a = npz("DIR/amb_io.npz")
            expect max(abs(n(a.x1) - a.y1)) < 1e-5
            expect_error "do not fit" { load("DIR/w.npz", n) }
            expect_error "pickle" { load("w.pt", n) }
            expect_error "layout" { save(n, "x.safetensors", layout = "jax") }
            """)
    }

    @Test func kerasWeights() throws {
        guard dlopen("libhdf5_serial.so.103", RTLD_NOW) != nil else {
            print("skipped: libhdf5 is not installed")
            return
        }
        try run(
            """
            k = npz("DIR/k_io.npz")
            net = conv(4, 3) >> relu >> batchnorm(eps = 1e-3) >> maxpool(2) >> flatten >> dense(5) >> relu >> dense(3)
            net(k.x1)
            load("DIR/k.weights.h5", net)
            expect max(abs(net(k.x1) - k.y1)) < 1e-5
            """)
    }

    @Test func record() throws {
        let session = ProgramTest.session(CapturedOutput())
        defer { session.end() }
        guard case .thing(let t) = try session.evaluate("load(\"\(Self.folder)/collapsed.siamrecord\")"),
            let run = t as? SiamRuntime.Run
        else {
            Issue.record("no run")
            return
        }
        #expect(run.steps == 300 && run.loss.values.count == 300)
        #expect(run.signs.contains { $0.hasPrefix("collapse") })
        #expect(throws: Diagnostic.self) { try run.field("net", session.interpreter) }
        #expect(run.csvText.split(separator: "\n").count == 301)
        #expect(run.jsonLines.split(separator: "\n").count == 300)
    }

    @Test func embeddings() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-z-\(getpid())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        try run(
            """
            d = digits()[0..300]
            save({z: flatten(d.x), y: d.y}, "\(folder.path)/z.npz")
            save({z: 1 + 1e-6 * randn(300, 8), y: d.y}, "\(folder.path)/point.npz")
            """)
        let session = ProgramTest.session(CapturedOutput())
        defer { session.end() }
        let well = try EmbeddingHealth("\(folder.path)/z.npz", labels: nil, before: nil, margin: nil, in: session)
        #expect(well.suspicions.isEmpty)
        let point = try EmbeddingHealth(
            "\(folder.path)/point.npz", labels: nil, before: "\(folder.path)/z.npz", margin: nil, in: session)
        #expect(point.suspicions.contains { $0.hasPrefix("collapse") })
        #expect(point.json.contains("\"suspicions\":[\"collapse"))
        let table =
            "a,b,score,same\n" + (0..<40).map { "\($0),1,\($0 % 2 == 0 ? 0.1 : 0.9),\($0 % 2 == 0 ? 1 : 0)\n" }.joined()
        try table.write(toFile: "\(folder.path)/scores.csv", atomically: true, encoding: .utf8)
        #expect(ScoredPairs.isOne("\(folder.path)/scores.csv"))
        let pairs = try ScoredPairs("\(folder.path)/scores.csv")
        #expect(pairs.suspicions.contains { $0.hasPrefix("swapped labels") })
    }
}
