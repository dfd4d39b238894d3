import Foundation
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import Testing

/// A program that is run to be examined writes nothing, wherever its `save` and `report` stand.
@Suite struct KeptBackTests {
    @Test func nothingIsWritten() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("kept-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let session = ProgramTest.session(CapturedOutput())
        session.keepsBack = true
        let text = """
            fn keep(x) { save(x, "\(folder.path)/a.npy") }
            keep(ones(2))
            if true { save(ones(2), "\(folder.path)/b.npy") }
            for i in 0..2 { save(ones(2), "\(folder.path)/c.npy") }
            net = dense(1)
            run = train net on batches(ones(4, 2), ones(4, 1), batch = 4) as x, y for 2 steps using sgd(0.1) {
              minimize mse(net(x), y)
              every 1 steps { save(net, "\(folder.path)/d.npz") }
            }
            save(run, "\(folder.path)/e.siamrun")
            report(run, "\(folder.path)/f.html")
            """
        try session.run(Source(name: "kept.siam", kind: .file, text: text))
        #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path).isEmpty)
        #expect(session.keptBack.count == 6, "\(session.keptBack)")
    }
}
