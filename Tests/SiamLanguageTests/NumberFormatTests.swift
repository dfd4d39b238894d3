import Testing

@testable import SiamLanguage

@Suite struct NumberFormatTests {
    @Test(arguments: [
        (0.0, "0"), (3, "3"), (-2, "-2"), (0.1, "0.1"), (1e15, "1000000000000000"), (1e16, "1e16"), (1e-5, "1e-5"),
        (0.0001, "0.0001"), (1.5e300, "1.5e300"), (.nan, "nan"), (.infinity, "inf"), (-.infinity, "-inf"),
        (123456789.125, "123456789.125"), (Double.leastNonzeroMagnitude, "5e-324"), (-0.0, "-0"),
        (999_999_999_999_999, "999999999999999"),
        (1_234_567_890_123_456, "1.234567890123456e15"),
    ]) func shortest(_ x: Double, _ text: String) { #expect(formatNumber(x) == text) }

    @Test func shortestReadsBack() {
        var state: UInt64 = 88_172_645_463_325_252
        for _ in 0..<20_000 {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            let x = Double(bitPattern: state)
            guard x.isFinite else { continue }
            #expect(Double(formatNumber(x)) == x)
            let y = Float(bitPattern: UInt32(truncatingIfNeeded: state))
            if y.isFinite { #expect(Float(formatFloat(y)) == y) }
        }
        #expect(formatFloat(0.1) == "0.1")
        #expect(formatFloat(16_777_216) == "16777216")
    }

    @Test func agreesWithPython() throws {
        let lines = try #require(repositoryFile("Tests/Fixtures/language/numbers.txt")).split(separator: "\n")
        #expect(lines.count > 2000)
        for line in lines {
            let parts = line.split(separator: " ")
            let bits = try #require(UInt64(parts[0]))
            let x = Double(bitPattern: bits)
            #expect(try formatNumber(x, spec: String(parts[1])) == String(parts[2]), "\(x) \(parts[1])")
        }
    }

    @Test(arguments: [
        (75.25, ".1", "75.2"), (0.4567, ".1%", "45.7%"), (0.5, "%", "50%"), (3.14159, "8.3", "   3.142"),
        (3.14159, "<8.3", "3.142   "), (7, "^5", "  7  "), (7, ">4", "   7"), (0.1, "6", "   0.1"),
        (1e300, ".0e", "1e300"),
        (-0.001, ".2", "0.00"), (.nan, ".3", "nan"), (0.055, ".0%", "6%"),
    ]) func formats(_ x: Double, _ spec: String, _ text: String) throws {
        #expect(try formatNumber(x, spec: spec) == text)
    }

    @Test(arguments: ["", "q", ".", ".x", "3d", ".3ee", "08.3", ".999", "99999", "%%", ".-1"])
    func unknownFormats(_ spec: String) {
        #expect(throws: Diagnostic.self) { try formatNumber(1, spec: spec) }
    }
}
