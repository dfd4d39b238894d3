import Foundation
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import Testing

/// Each file of Tests/Messages is a program, a line of dashes, the message that it ends with, whole, and, where the message names a
/// repair, a second line of dashes and the program mended by it, which runs. A repair that is an edit is applied as it is.
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
        let (diagnostics, got) = ends(program)
        let repaired = diagnostics.last.flatMap { applied($0, to: program) }
        if ProcessInfo.processInfo.environment["SIAM_RECORD"] != nil {
            var kept = [program.hasSuffix("\n") ? String(program.dropLast()) : program, got + "\n"]
            if let mended = repaired ?? (parts.count > 2 ? parts[2] : nil) {
                kept[1] = got
                kept.append(mended.hasSuffix("\n") ? mended : mended + "\n")
            }
            try kept.joined(separator: Self.divider).write(to: url, atomically: true, encoding: .utf8)
            return
        }
        #expect(!got.isEmpty, "\(name) ends without a message")
        #expect(parts.count > 1 && (parts.count == 2 ? got + "\n" : got) == parts[1], "\(name):\n\(got)")
        let lines = got.split(separator: "\n")
        #expect(lines.count <= 14)
        #expect(lines.allSatisfy { $0.count <= 100 || $0.contains("{folder}") }, "\(name) is wider than 100 columns")
        guard let last = diagnostics.last, let repair = last.repair else { return }
        let mended = try #require(parts.count > 2 ? parts[2] : nil, "\(name): nobody has tried the repair: \(repair)")
        if let repaired {
            #expect(repaired == mended || repaired + "\n" == mended, "\(name): the repair gives\n\(repaired)")
        }
        // The code that the repair names is what was written, but for values that only the user knows.
        if repaired == nil, let code = Self.code(of: repair), !code.contains("...") {
            #expect(Self.plain(mended).contains(Self.plain(code)), "\(name): the mended program does without \(code)")
        }
        let (errors, message) = ends(mended)
        #expect(!errors.contains { $0.severity == .error }, "\(name): the mended program ends with\n\(message)")
    }

    /// What a program says and ends with.
    private func ends(_ program: String) -> ([Diagnostic], String) {
        let output = CapturedOutput()
        let session = ProgramTest.session(output)
        var found: [Diagnostic] = []
        do {
            try session.run(Source(name: "example.siam", kind: .file, text: program))
            found = output.takeDiagnostics()
        } catch { found = output.takeDiagnostics() + [session.describe(error)] }
        let said = found.map { DiagnosticRenderer().render($0) }.joined(separator: "\n")
        return (found, said.replacingOccurrences(of: FileManager.default.currentDirectoryPath, with: "{folder}"))
    }

    /// The program with the edits of a diagnostic; nil where it has none.
    private func applied(_ d: Diagnostic, to program: String) -> String? {
        guard !d.edits.isEmpty, d.edits.allSatisfy({ $0.place.source.kind == .file }) else { return nil }
        var bytes = Array(program.utf8)
        for edit in d.edits.sorted(by: { $0.place.span.start > $1.place.span.start }) {
            guard edit.place.span.end <= bytes.count else { return nil }
            bytes.replaceSubrange(edit.place.span.start..<edit.place.span.end, with: Array(edit.replacement.utf8))
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// `put flatten before dense1:  flatten >> dense(128)`: what stands behind the colon, up to another way.
    private static func code(of repair: String) -> String? {
        guard let colon = repair.range(of: ":  ") else { return nil }
        let code = String(repair[colon.upperBound...])
        return code.components(separatedBy: ", or ")[0].components(separatedBy: "  or  ")[0]
    }
    private static func plain(_ text: String) -> String { text.filter { !$0.isWhitespace } }
}
