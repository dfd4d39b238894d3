import Foundation
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import Testing

/// Each line of Tests/Fixtures/language/said.txt is a program and what it says: what a table of small cases needs no file each for.
@Suite struct SaidTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let line: Int
        let program: String
        let wanted: String
        var testDescription: String { "\(line): \(program)" }
    }

    static let cases: [Case] = {
        let url = testsFolder.appendingPathComponent("Fixtures/language/said.txt")
        let lines = ((try? String(contentsOf: url, encoding: .utf8)) ?? "").components(separatedBy: "\n")
        return lines.enumerated().compactMap { number, line in
            let parts = line.components(separatedBy: " ## ")
            guard !line.hasPrefix("#"), parts.count == 2 else { return nil }
            return Case(line: number + 1, program: parts[0], wanted: parts[1])
        }
    }()

    private func plain(_ text: String) -> String { text.split(whereSeparator: \.isWhitespace).joined(separator: " ") }

    @Test(arguments: cases) func saysSo(_ one: Case) throws {
        if one.program.contains("data(\""), ProcessInfo.processInfo.environment["SIAM_DATA"] == nil {
            print("skipped said.txt:\(one.line): it reads data sets, and SIAM_DATA names no folder")
            return
        }
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("said-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let output = CapturedOutput()
        let session = ProgramTest.session(output)
        var said: [Diagnostic] = []
        do {
            let text = one.program.replacingOccurrences(of: "{folder}", with: folder.path)
            try session.run(Source(name: "said.siam", kind: .file, text: text))
            said = output.takeDiagnostics()
        } catch { said = output.takeDiagnostics() + [session.describe(error)] }
        let text = plain(said.map { DiagnosticRenderer().render($0) }.joined(separator: "\n"))
        if one.wanted == "nothing" {
            #expect(said.isEmpty, "\(text)")
        } else if one.wanted.hasPrefix("= ") {
            #expect(output.lines.first == String(one.wanted.dropFirst(2)), "\(output.lines) \(text)")
        } else {
            let all = text + " " + plain(output.lines.joined(separator: "\n"))
            for part in one.wanted.components(separatedBy: " | ") { #expect(all.contains(plain(part)), "\(all)") }
        }
    }

    @Test func thereAreSome() { #expect(SaidTests.cases.count > 100) }
}
