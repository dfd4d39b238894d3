import Foundation
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamRuntime
import Testing

/// The users' reference and the help that it is made of.
@Suite struct ReferenceTests {
    private static let folder = testsFolder.deletingLastPathComponent().appendingPathComponent("tutorials")

    private func differences(_ name: String) throws -> [ProgramTest.Difference] {
        let text = try String(contentsOf: Self.folder.appendingPathComponent(name), encoding: .utf8)
        return Transcript.run(Source(name: name, kind: .file, text: text)).differences
    }

    private func report(_ differences: [ProgramTest.Difference], _ name: String) {
        for d in differences {
            Issue.record(
                "\(name):\(d.line)\n  wanted \(d.wanted.joined(separator: "\n"))\n  got    \(d.got.joined(separator: "\n"))"
            )
        }
    }

    /// `tutorials/reference.md` is what the prose and the declarations make now; SIAM_RECORD=1 writes it.
    @Test func referenceIsUpToDate() throws {
        let prose = try String(contentsOf: Self.folder.appendingPathComponent("language.md"), encoding: .utf8)
        let page = Reference.page(ProgramTest.session(CapturedOutput()), prose: prose)
        let url = Self.folder.appendingPathComponent("reference.md")
        if ProcessInfo.processInfo.environment["SIAM_RECORD"] != nil {
            try page.write(to: url, atomically: true, encoding: .utf8)
            return
        }
        let written = try String(contentsOf: url, encoding: .utf8)
        guard written != page else { return }
        let (old, new) = (written.components(separatedBy: "\n"), page.components(separatedBy: "\n"))
        let at = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
        Issue.record(
            "reference.md:\(at + 1) is not what the declarations say now; SIAM_RECORD=1 swift test --filter Reference writes it"
        )
    }

    @Test func everyExampleOfTheReferenceRuns() throws { report(try differences("reference.md"), "reference.md") }

    @Test func everyExampleOfTheProseRuns() throws { report(try differences("language.md"), "language.md") }

    /// Blocks of siam without a prompt are programs that parse.
    @Test func programsOfTheProseParse() throws {
        let text = try String(contentsOf: Self.folder.appendingPathComponent("language.md"), encoding: .utf8)
        var count = 0
        for block in text.components(separatedBy: "```siam\n").dropFirst() {
            let program = block.components(separatedBy: "\n```")[0]
            let (_, errors) = Parser.parse(Source(name: "language.md", kind: .file, text: program))
            #expect(errors.isEmpty, "\(program)\n\(errors.first?.message ?? "")")
            count += 1
        }
        #expect(count >= 2)
    }

    /// Files, folders and things that a session of the suite has not; what looks inside has pages of its own.
    private static let withoutExample: Set<String> = [
        "csv", "idx", "image_folder", "npy", "npz", "load", "save", "report", "data", "one_shot", "one_shot_runs",
        "diagnose", "compare",
        "watch", "assign_index", "index_spread", "onnx", "embeddings", "scalars",
        "conv2d_input_gradient",
        "conv2d_weight_gradient",
    ]

    /// Every name has a signature, a paragraph, an example that runs and gives what stands beside it, and what to see also.
    @Test func helpOfEveryNameIsWhole() {
        let session = ProgramTest.session(CapturedOutput())
        var examples = 0
        for entry in session.help() where !entry.name.hasPrefix("_") {
            #expect(!entry.signature.isEmpty && !entry.text.isEmpty, "\(entry.name)")
            #expect(!entry.firstLine.hasPrefix(entry.name + " is a "), "\(entry.name): \(entry.firstLine)")
            if entry.kind == "word" { continue }
            #expect(!entry.seeAlso.isEmpty, "\(entry.name) names nothing to see also")
            for other in entry.seeAlso { #expect(session.help(other) != nil, "\(entry.name): there is no \(other)") }
            if !Self.withoutExample.contains(entry.name) {
                #expect(!entry.examples.isEmpty, "\(entry.name) has no example")
            }
            for example in entry.examples {
                examples += 1
                let output = CapturedOutput()
                let fresh = ProgramTest.session(output)
                do {
                    try fresh.run(Source(name: entry.name, kind: .file, text: example.code))
                    let shown = output.take().joined(separator: "\n")
                    // An operator's result stands in one line.
                    let inline = Show.inline(fresh.lastValue, quoted: true)
                    #expect(
                        example.result.isEmpty || shown == example.result || inline == example.result,
                        "\(entry.name): \(example.code) gives \(shown)")
                } catch {
                    Issue.record("\(entry.name): \(example.code) fails: \(fresh.describe(error).message)")
                }
            }
        }
        #expect(examples > 300)
    }

    @Test func helpSaysShapesAndWhereItIsWritten() throws {
        let session = ProgramTest.session(CapturedOutput())
        let dense = try #require(session.help("dense")).rendered()
        #expect(dense.contains("shapes: x 2x4 -> 2x3"))
        #expect(dense.contains("siam> dense(3)(ones(2, 4)).shape"))
        #expect(dense.contains("source: written in siam, ??dense prints it"))
        let matmul = try #require(session.help("matmul")).rendered()
        #expect(matmul.contains("shapes: a 2x2, b 2x1 -> 2x1"))
        #expect(matmul.contains("source: written in Swift, SiamGradient/Products.swift"))
    }
}
