import Foundation
import SiamLanguage
import SiamLessons
import SiamRuntime
import Testing

/// Each file of Tests/Messages is a program, a line of dashes, and the message that it ends with, whole.
/// SIAM_RECORD=1 writes the message of now: read it aloud before committing it.
@Suite struct MessageTests {
    private static let folder = testsFolder.appendingPathComponent("Messages")
    private static let divider = "\n--------\n"

    @Test(arguments: files(below: "Messages", ending: ".txt"))
    func messageReadsSo(_ name: String) throws {
        let url = Self.folder.appendingPathComponent(name)
        let text = try String(contentsOf: url, encoding: .utf8)
        let parts = text.components(separatedBy: Self.divider)
        let program = parts[0]
        let output = KeptOutput()
        let session = ProgramTest.session(output)
        var said: [String] = []
        do {
            try session.run(
                Source(name: "example.siam", kind: .file, text: program))
        } catch {
            said.append(DiagnosticRenderer().render(session.describe(error)))
        }
        said = output.takeDiagnostics().map { DiagnosticRenderer().render($0) } + said
        let got = said.joined(separator: "\n").replacingOccurrences(
            of: FileManager.default.currentDirectoryPath, with: "{folder}")
        if ProcessInfo.processInfo.environment["SIAM_RECORD"] != nil {
            let kept = program.hasSuffix("\n") ? String(program.dropLast()) : program
            try (kept + Self.divider + got + "\n").write(to: url, atomically: true, encoding: .utf8)
            return
        }
        #expect(!got.isEmpty, "\(name) ends without a message")
        #expect(parts.count == 2 && got + "\n" == parts[1], "\(name):\n\(got)")
        #expect(got.split(separator: "\n").count <= 14)
    }
}
