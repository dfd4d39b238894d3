import Foundation
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import SiamTensor
import Testing

/// Training in the language against PyTorch: equal weights and batches, the first 20 Adam steps.
/// The losses were made by scripts/fixtures/towers.py.
@Suite struct TowerTests {
    struct Losses: Decodable {
        var fc: [Double]
        var seedConv: [Double]
        enum CodingKeys: String, CodingKey {
            case fc
            case seedConv = "seed-conv"
        }
    }

    /// The same bits as `numbers` of the script.
    static func tensor(_ dims: [Int], _ key: UInt64, _ scale: Float) throws -> Value {
        let shape = try Shape(dims)
        let values = (0..<shape.count).map { i -> Float in
            var h = (UInt64(i) &* 2_654_435_761 &+ key &* 40503) & 0xFFFF_FFFF
            h = ((h ^ (h >> 15)) &* 2_246_822_519) & 0xFFFF_FFFF
            h = (h ^ (h >> 13)) & 0xFFFF
            return ((Float(h) - 32768) / 32768) * scale
        }
        return .tensor(try Tensor(shape, values))
    }

    private func losses() throws -> Losses {
        let url = testsFolder.appendingPathComponent("Fixtures/towers/losses.json")
        return try JSONDecoder().decode(Losses.self, from: Data(contentsOf: url))
    }

    private func train(_ net: String, _ values: [(String, Value)], weights: [String], rate: Double) throws -> [Double] {
        let output = CapturedOutput()
        let session = ProgramTest.session(output)
        for (name, value) in values { try session.globals.assign(name, value) }
        let assignments = weights.map { "net.\($0).w = w_\($0)" }.joined(separator: "\n")
        try session.run(
            Source(
                name: "tower", kind: .file,
                text: """
                    net = \(net)
                    net(a[0]);
                    \(assignments)
                    same = s > 0
                    wide = reshape(same, concatenate(shape(same), ones(a.rank - 2)))
                    b = where(wide, 0.75 * a + 0.25 * b, b)
                    opt = adam(\(rate), eps = 1e-6)
                    losses = []
                    for k in 0..20 {
                      l = contrastive(net(a[k]), net(b[k]), same[k])
                      update(opt, net, grad(l, net))
                      losses = push(losses, number(l))
                    }
                    """))
        let value = try session.evaluate("tensor(losses)")
        guard case .tensor(let t) = value else { return [] }
        return t.doubles
    }

    private func agree(_ ours: [Double], _ theirs: [Double]) {
        #expect(ours.count == 20)
        for (step, (a, b)) in zip(ours, theirs).enumerated() {
            #expect(abs(a - b) <= 1e-4 * abs(b), "step \(step + 1): \(a) here, \(b) in PyTorch")
        }
    }

    @Test func fullyConnectedTowerAgreesWithPyTorch() throws {
        let ours = try train(
            "dense(256) >> relu >> dense(128) >> relu >> dense(64)",
            [
                ("a", try Self.tensor([20, 64, 784], 1, 1)), ("b", try Self.tensor([20, 64, 784], 2, 1)),
                ("s", try Self.tensor([20, 64], 3, 1)), ("w_dense1", try Self.tensor([784, 256], 10, 0.0625)),
                ("w_dense2", try Self.tensor([256, 128], 11, 0.0625)),
                ("w_dense3", try Self.tensor([128, 64], 12, 0.0625)),
            ], weights: ["dense1", "dense2", "dense3"], rate: 1e-3)
        agree(ours, try losses().fc)
    }

    @Test func convolutionalTowerAgreesWithPyTorch() throws {
        let ours = try train(
            "conv(32, 3) >> relu >> maxpool(2) >> conv(64, 3) >> relu >> maxpool(2) >> flatten >> dense(128) >> relu >> dropout(0) >> dense(64)",
            [
                ("a", try Self.tensor([20, 32, 28, 28, 1], 1, 1)), ("b", try Self.tensor([20, 32, 28, 28, 1], 2, 1)),
                ("s", try Self.tensor([20, 32], 3, 1)), ("w_conv1", try Self.tensor([3, 3, 1, 32], 20, 0.25)),
                ("w_conv2", try Self.tensor([3, 3, 32, 64], 21, 0.0625)),
                ("w_dense1", try Self.tensor([3136, 128], 22, 0.015625)),
                ("w_dense2", try Self.tensor([128, 64], 23, 0.125)),
            ], weights: ["conv1", "conv2", "dense1", "dense2"], rate: 1e-4)
        agree(ours, try losses().seedConv)
    }
}
