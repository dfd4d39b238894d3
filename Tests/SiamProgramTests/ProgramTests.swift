import Foundation
import SiamLanguage
import SiamLessons
import Testing

/// The folder `Tests` of the package, wherever it is checked out.
/// Whether `scripts/test --long` asked for the campaigns that the daily suite takes a sample of.
let isLongCampaign = ProcessInfo.processInfo.environment["SIAM_LONG"] == "1"

let testsFolder = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent()

/// All files below a folder of `Tests` that end so, sorted.
func files(below folder: String, ending: String) -> [String] {
    let root = testsFolder.appendingPathComponent(folder)
    guard let walk = FileManager.default.enumerator(atPath: root.path) else { return [] }
    return walk.compactMap { $0 as? String }.filter { $0.hasSuffix(ending) }.sorted()
}

private let isRecording = ProcessInfo.processInfo.environment["SIAM_RECORD"] != nil

@Suite struct ProgramTests {
    /// Each program of Tests/Programs prints what stands behind `# expect:`; SIAM_RECORD=1 writes what it prints now.
    /// The ward's programs are sick on purpose; the doctor's own tests read them.
    @Test(arguments: files(below: "Programs", ending: ".siam").filter { !$0.hasPrefix("sick/") })
    func programDoesWhatItSays(_ name: String) throws {
        let url = testsFolder.appendingPathComponent("Programs").appendingPathComponent(name)
        let text = try String(contentsOf: url, encoding: .utf8)
        if text.contains("data(\""), ProcessInfo.processInfo.environment["SIAM_DATA"] == nil {
            print("skipped \(name): it reads data sets, and SIAM_DATA names no folder")
            return
        }
        let result = ProgramTest.run(Source(name: name, kind: .file, text: text))
        if isRecording, !result.passed {
            try result.recorded.write(to: url, atomically: true, encoding: .utf8)
            return
        }
        for d in result.differences {
            Issue.record(
                "\(name):\(d.line)\n  wanted \(d.wanted.joined(separator: "\n         "))\n  got    \(d.got.joined(separator: "\n         "))"
            )
        }
    }

    /// The README's first session prints what it says.
    @Test func firstSessionIsAsInTheReadme() throws {
        let url = testsFolder.deletingLastPathComponent().appendingPathComponent("README.md")
        let result = Transcript.run(
            Source(name: "README.md", kind: .file, text: try String(contentsOf: url, encoding: .utf8)))
        for d in result.differences {
            Issue.record(
                "README.md:\(d.line)\n  wanted \(d.wanted.joined(separator: "\n"))\n  got    \(d.got.joined(separator: "\n"))"
            )
        }
    }

    @Test func thereArePrograms() { #expect(files(below: "Programs", ending: ".siam").count > 5) }
}
