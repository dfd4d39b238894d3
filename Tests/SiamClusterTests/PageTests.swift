import Foundation
import Testing

/// `tutorials/a-study-on-a-cluster.md`: its program, and what stands behind each `$`.
@Suite struct PageTests {
    @Test func thePageTellsWhatHappens() throws {
        let page = try String(
            contentsOf: root.appendingPathComponent("tutorials/a-study-on-a-cluster.md"), encoding: .utf8)
        try withFolder { folder in
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
            var tried = 0
            for block in page.split(separator: "\n```", omittingEmptySubsequences: false) {
                if block.hasPrefix("siam\n") {
                    let text = block.dropFirst(5) + "\n"
                    try Data(text.utf8).write(to: URL(fileURLWithPath: folder + "/study.siam"))
                }
                guard block.hasPrefix("\n$ siam ") else { continue }
                let lines = block.dropFirst(1).split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
                let words = lines[0].dropFirst(7).split(separator: " ").map(String.init)
                let o = try run(siam, words, in: folder)
                let printed = (o.out + o.error).split(separator: "\n").map(String.init)
                let wanted = Array(lines.dropFirst())
                // Three points stand for what differs from time to time.
                if let end = wanted.firstIndex(of: "...") {
                    #expect(Array(printed.prefix(end)) == Array(wanted[..<end]), "\(lines[0])")
                } else {
                    #expect(printed == wanted, "\(lines[0])")
                }
                tried += 1
            }
            #expect(tried == 4)
        }
    }

    /// Each file that the page and the templates speak of is there, and starts the same command.
    @Test func theTemplatesStartTheSameCommand() throws {
        for name in ["study.sbatch", "study.job.yaml", "study.parallel", "study.mpirun"] {
            let text = try String(contentsOf: root.appendingPathComponent("scripts/cluster/" + name), encoding: .utf8)
            #expect(text.contains("--store"), "\(name)")
        }
    }
}
