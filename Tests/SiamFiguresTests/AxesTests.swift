import SiamData
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamFigures

@Suite struct AxesTests {
    private let panel = Panel(x: Axis("x", low: 0, high: 1), y: Axis("y", low: 0, high: 1))

    @Test func curvesEndWhereTheAxesDo() {
        let cut = Series.cut(Mark.Curve(x: [-1, 2], y: [-1, 2]), panel)
        #expect(cut.x == [0, 1] && cut.y == [0, 1])
        // What leaves and comes back is two pieces.
        let twice = Series.cut(Mark.Curve(x: [0, 0.25, 0.5, 0.75, 1], y: [0.5, 2, 2, 2, 0.5]), panel)
        #expect(twice.y.contains { $0.isNaN })
        #expect(twice.y.filter(\.isFinite).allSatisfy { $0 <= 1 })
        #expect(Series.cut(Mark.Curve(x: [2, 3], y: [0, 1]), panel).x.isEmpty)
    }

    @Test func neighboursAreAveraged() {
        #expect(Series.smoothed([1, 2, 3, 4], 1) == [1, 2, 3, 4])
        #expect(Series.smoothed([0, 3, 6], 3) == [1.5, 3, 4.5])
        #expect(Series.smoothed([], 3) == [])
    }

    @Test func documentsSayWhereTheirPartsStand() throws {
        let figure = Figure(panels: [Panel(title: "a (b)", marks: [.line(.init(name: "c", y: [1, 3, 2]))])])
        let bytes = PDF.bytes(Plan.drawing(figure))
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.hasPrefix("%PDF-1.4\n") && text.hasSuffix("%%EOF\n"))
        let table = try #require(text.firstRange(of: "startxref\n"))
        let at = try #require(Int(text[table.upperBound...].prefix { $0.isNumber }))
        #expect(String(decoding: bytes[at..<at + 4], as: UTF8.self) == "xref")
    }

    @Test func lettersOfOtherScriptsHaveOutlines() {
        guard let letters = FontOutlines("Ω") else {
            print("skipped: FreeType or a font of the system is not installed")
            return
        }
        #expect(letters.width > 0.3 && letters.width < 1.5)
        #expect(letters.paths.contains { $0.points.count > 8 })
        #expect(Drawing.letters("plain", .init(0, 0), 12, .start, false) == nil)
    }
}
