import Foundation
import SiamInterpreter
import SiamLanguage
import SiamLessons
import SiamPrompt
import SiamRuntime
import SiamShapes
import Testing

/// The long explanations: one for every rule, whose example fails by that very rule and, mended, runs.
@Suite struct WhyTests {
    /// The codes that the sources raise errors by; those made of a word are written with a star.
    static let raised: Set<String> = {
        var found: Set<String> = []
        let root = testsFolder.deletingLastPathComponent().appendingPathComponent("Sources")
        let walk = FileManager.default.enumerator(atPath: root.path)
        for case let path as String in walk ?? .init() where path.hasSuffix(".swift") && !path.contains("/Why/") {
            guard let text = try? String(contentsOf: root.appendingPathComponent(path), encoding: .utf8) else {
                continue
            }
            for match in text.matches(
                of: /(?:code:\s*|fail\(\s*|abort\(\s*)"([a-z_]+(?:\.[a-z_0-9]+)?|[a-z_.]*\\\([^"]*)"/)
            {
                found.insert(String(match.1).replacing(/\\\([^"]*?\)\)?/, with: "*"))
            }
        }
        return found
    }()

    @Test func everyRuleHasItsExplanation() {
        #expect(Self.raised.count > 350)
        for code in Self.raised.sorted() {
            if code.contains("*") {
                let parts = code.split(separator: "*", omittingEmptySubsequences: false)
                let some = Why.all.contains { why in
                    why.code.hasPrefix(String(parts.first ?? "")) && why.code.hasSuffix(String(parts.last ?? ""))
                }
                #expect(some, "no explanation of \(code)")
            } else {
                #expect(Why.of(code) != nil, "no explanation of \(code)")
            }
        }
    }

    @Test func everyExplanationHasItsRule() {
        var seen: Set<String> = []
        for why in Why.all {
            #expect(seen.insert(why.code).inserted, "\(why.code) is explained twice")
            let isRaised = Self.raised.contains { code in
                guard code.contains("*") else { return code == why.code }
                let parts = code.split(separator: "*", omittingEmptySubsequences: false)
                return why.code.hasPrefix(String(parts.first ?? "")) && why.code.hasSuffix(String(parts.last ?? ""))
            }
            #expect(isRaised, "nothing raises \(why.code)")
            let lines = why.idea.split(separator: "\n", omittingEmptySubsequences: false)
            #expect(!why.idea.isEmpty && lines.count <= 5, "\(why.code)")
            #expect(lines.allSatisfy { $0.count <= 120 }, "\(why.code)")
            #expect((why.fails != nil && why.mended != nil) != (why.told != nil), "\(why.code)")
        }
    }

    /// What a program ends with, and what a check of it finds.
    private func codes(_ text: String) -> (run: String?, message: String, found: [String]) {
        let session = ProgramTest.session(CapturedOutput())
        defer { session.end() }
        let source = Source(name: "example.siam", kind: .file, text: text)
        let (program, errors) = Parser.parse(source)
        let found = errors.isEmpty ? session.findings(program).map(\.code) : errors.map(\.code)
        let output = CapturedOutput()
        let other = ProgramTest.session(output)
        // What the examples made goes now: without it this suite grew to 1.1 GB.
        defer { other.end() }
        do {
            try other.run(source)
            // A run that stops by itself says so and goes on.
            if let d = output.takeDiagnostics().first(where: { $0.severity == .error }) {
                return (d.code, d.message, found)
            }
            return (nil, "", found)
        } catch {
            let d = other.describe(error)
            return (d.code, d.message, found)
        }
    }

    @Test(arguments: Why.all.filter { $0.fails != nil }.map(\.code))
    func exampleFailsByItsRuleAndTheMendedOneRuns(_ code: String) throws {
        let why = try #require(Why.of(code))
        let bad = codes(why.fails ?? "")
        #expect(
            bad.run == code || bad.found.contains(code),
            "\(code): the example ends with \(bad.run ?? "no error") (\(bad.message)), and a check finds \(bad.found)")
        // Programs of several files have only one of them here.
        if why.mended?.contains("import ") == true { return }
        let good = codes(why.mended ?? "")
        #expect(good.run == nil, "\(code): the mended example ends with \(good.run ?? "") (\(good.message))")
        #expect(!good.found.contains(code), "\(code): a check finds it in the mended example too")
    }
}
