import Foundation
import SiamLanguage
import SiamTensor
import Testing

@testable import SiamFigures

/// Logs for TensorBoard are read back as they were written, and those of another writer too.
@Suite struct TensorBoardTests {
    private static let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
        .deletingLastPathComponent()
        .appendingPathComponent("Fixtures/exchange").path

    @Test func foreignLog() {
        let said = Programs.output(
            """
            s = scalars("\(Self.fixtures)/logs")
            print(keys(s), len(s["train/loss"]), s.acc)
            expect close(s["train/loss"][3], 0.25)
            """)
        #expect(said.contains("[\"train/loss\", \"acc\"] 12 "), "\(said)")
    }

    @Test func ownLog() {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("siam-logs-\(getpid())").path
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let said = Programs.output(
            """
            seed 1
            d = digits()[0..60]
            net = flatten >> dense(8) >> relu >> dense(4)
            run = train net on pairs(d, 8) as a, b, same for 6 steps using adam(0.001) { minimize contrastive(net(a), net(b), same) }
            save(run, "\(folder)/")
            s = scalars("\(folder)")
            expect s.loss == run.loss
            expect len(keys(s)) > 10
            again = train net on pairs(d, 8) as a, b, same for 6 steps using adam(0.001) log = "\(folder)/live" { minimize contrastive(net(a), net(b), same) }
            expect scalars("\(folder)/live").loss == again.loss
            """)
        #expect(!said.contains("error"), "\(said)")
        for name in ["embeddings.tsv", "labels.tsv", "sprite.png", "projector_config.pbtxt"] {
            #expect(FileManager.default.fileExists(atPath: "\(folder)/\(name)"), "\(name)")
        }
    }
}
