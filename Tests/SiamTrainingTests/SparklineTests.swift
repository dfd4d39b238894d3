import SiamRuntime
import Testing

/// The curve in a row of characters, of any numbers that a run may have.
@Suite struct SparklineTests {
    @Test func lossesNearTheLargestNumberAreDrawn() {
        let most = Float.greatestFiniteMagnitude
        #expect(Sparkline.draw([-most, 0, most], width: 3, unicode: true) == "▁▅█")
        #expect(Sparkline.draw([most, most, most], width: 1, unicode: true) == "▁")
        #expect(Sparkline.draw([1, .nan, .infinity, 2], width: 4, unicode: false) == "_!!@")
        #expect(Sparkline.draw([.nan], width: 4, unicode: true) == "")
    }
}
