import Foundation
import SiamLanguage
import SiamLessons
import SiamRuntime
import Testing

/// Each line of Tests/Fixtures/language/foreign.txt is a program in the words of another library and the numbers that the
/// library gives: the program as siam's own messages repair it gives the same, or no repair is offered.
@Suite struct ForeignCallsTests {
    struct Case: Sendable, CustomTestStringConvertible {
        let line: Int
        let program: String
        /// Nil where siam has no such call.
        let numbers: [Double]?
        var testDescription: String { "\(line): \(program)" }
    }

    static let cases: [Case] = {
        let url = testsFolder.appendingPathComponent("Fixtures/language/foreign.txt")
        let lines = ((try? String(contentsOf: url, encoding: .utf8)) ?? "").components(separatedBy: "\n")
        return lines.enumerated().compactMap { number, line in
            let parts = line.components(separatedBy: " ## ")
            guard !line.hasPrefix("#"), parts.count == 2 else { return nil }
            return Case(
                line: number + 1, program: parts[0],
                numbers: parts[1] == "none" ? nil : parts[1].split(separator: " ").compactMap { Double($0) })
        }
    }()

    /// What a program prints last, with the edits of its errors made, one after another.
    private func repaired(_ program: String) throws -> (printed: String?, text: String) {
        var text = program + "; print(x)"
        for _ in 0..<8 {
            let output = CapturedOutput()
            let session = ProgramTest.session(output)
            do {
                try session.run(Source(name: "foreign.siam", kind: .file, text: text))
                return (output.lines.last, text)
            } catch {
                guard let edited = session.describe(error).edited else { return (nil, text) }
                text = edited
            }
        }
        return (nil, text)
    }

    @Test(arguments: cases) func givesTheSameNumbers(_ one: Case) throws {
        let (printed, text) = try repaired(one.program)
        guard let wanted = one.numbers else {
            #expect(printed == nil, "\(text)")
            return
        }
        let signs = CharacterSet(charactersIn: "0123456789.-+e").inverted
        let numbers = (printed ?? "").components(separatedBy: signs).compactMap { Double($0) }
        #expect(numbers.count == wanted.count, "\(printed ?? "no repair"): \(text)")
        for (a, b) in zip(numbers, wanted) {
            #expect(abs(a - b) <= 1e-4 * max(1, abs(b)), "\(numbers) for \(wanted): \(text)")
        }
    }

    @Test func thereAreSome() { #expect(ForeignCallsTests.cases.count > 200) }
}
