import Foundation
import SiamLanguage
import SiamLessons
import SiamTensor
import Testing

@testable import SiamInterpreter
@testable import SiamRuntime

/// Nets of PyTorch, Keras and scikit-learn, read and written, beside what onnxruntime makes of the same inputs
/// (`scripts/fixtures/onnx_nets.py`).
@Suite struct OnnxTests {
    static let folder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("Fixtures/onnx").path
    static let names = ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [])
        .filter { $0.hasSuffix(".onnx") }.map { String($0.dropLast(5)) }.sorted()

    private func value(_ text: String, _ session: Session) throws -> Value { try session.evaluate(text) }

    /// How far a net's results are from those of the fixture, relative to the largest.
    private func distance(_ net: String, _ session: Session) throws -> Double {
        try session.run(
            Source(
                name: "t", kind: .file,
                text: """
                    r = if contains(keys(d), "x2") { \(net)(d.x1, d.x2) } else { \(net)(d.x1) }
                    y = if type(r) == "record" { values(r)[0] } else { r }
                    expect shape(y) == shape(d.y1)
                    far = max(abs(y - d.y1)) / max(abs(d.y1))
                    """))
        guard case .number(let x) = try value("number(far)", session) else { return .infinity }
        return x
    }

    @Test(arguments: names)
    func agrees(_ name: String) throws {
        let session = ProgramTest.session(CapturedOutput())
        try session.run(
            Source(
                name: "t", kind: .file,
                text: "net = onnx(\"\(Self.folder)/\(name).onnx\")\nd = npz(\"\(Self.folder)/\(name).npz\")"))
        #expect(try distance("net", session) < 1e-5)
        // Written and read again it is the same net.
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("siam-\(name)-\(getpid()).onnx").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try session.run(Source(name: "t", kind: .file, text: "save(net, \"\(path)\")\nback = onnx(\"\(path)\")"))
        #expect(try distance("back", session) < 1e-5)
        // What it is made of can be looked at and trained.
        try session.run(
            Source(name: "t", kind: .file, text: "expect len(values(grad(mean(y^2), net))) == len(keys(net.params))"))
        session.end()
    }

    @Test func towersAreFound() throws {
        let output = CapturedOutput()
        let session = ProgramTest.session(output)
        try session.run(
            Source(
                name: "t", kind: .file,
                text: """
                    net = onnx("\(Self.folder)/siamese.onnx")
                    expect len(net.tower.layers) > 5
                    other = onnx("\(Self.folder)/two_towers.onnx")
                    expect count(other.tower_a) == count(other.tower_b)
                    embedding = onnx("\(Self.folder)/resnet.onnx", output = "/Flatten")
                    expect len(keys(embedding.params)) > 0
                    """))
        #expect(output.messages.contains { $0.contains("one shared tower") })
        #expect(output.messages.contains { $0.contains("two towers, not one") })
        session.end()
    }

    /// Comparisons and choices carry no gradient, and are written all the same.
    @Test func choicesAreWritten() throws {
        let session = ProgramTest.session(CapturedOutput())
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("siam-choice-\(getpid()).onnx").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try session.run(
            Source(
                name: "t", kind: .file,
                text: """
                    layer choice(dim) {
                      c = conv(4, 3)
                      d = dense(dim)
                      forward x {
                        h = c(x)
                        h = where(h >= 0, h, 0.2 * h)
                        z = d(flatten(h * (h < 1) + sign(h)))
                        where(logical_and(z != 0, logical_not(z > 0.5)), z, floor(z))
                      }
                    }
                    net = choice(3)
                    x = randn(2, 6, 6, 2)
                    net(x)
                    save(net, "\(path)")
                    back = onnx("\(path)")
                    expect max(abs(back(x) - net(x))) < 1e-5
                    """))
        session.end()
    }

    /// Damaged files are refused or read, and nothing else happens.
    @Test func mutations() throws {
        var random = RandomStream(seed: 3)
        let path = FileManager.default.temporaryDirectory.appendingPathComponent("siam-mutated-\(getpid()).onnx").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        for name in ["mlp", "siamese", "keras_cnn", "pieces"] {
            let bytes = [UInt8](try Data(contentsOf: URL(fileURLWithPath: "\(Self.folder)/\(name).onnx")))
            for _ in 0..<60 {
                var changed = bytes
                for _ in 0...random.below(4) { changed[random.below(changed.count)] = UInt8(random.below(256)) }
                if random.below(4) == 0 { changed.removeLast(random.below(changed.count)) }
                try Data(changed).write(to: URL(fileURLWithPath: path))
                let session = ProgramTest.session(CapturedOutput())
                do { _ = try session.evaluate("onnx(\"\(path)\")") } catch {
                    #expect(!session.describe(error).message.isEmpty)
                }
                session.end()
            }
        }
    }
}
