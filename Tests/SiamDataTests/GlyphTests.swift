import SiamTensor
import Testing

@testable import SiamData

@Suite struct GlyphTests {
    @Test func glyphsAreInkOnEmptySheets() throws {
        var stream = RandomStream(seed: 1)
        let d = try glyphs(30, each: 4, size: 28, &stream)
        #expect(d.x.shape.dims == [120, 28, 28, 1])
        #expect(d.classCounts == [Int](repeating: 4, count: 30))
        let values = d.x.values
        #expect(values.allSatisfy { 0...1 ~= $0 })
        for row in 0..<120 {
            let image = values[row * 784..<(row + 1) * 784]
            let inked = image.count { $0 > 0.1 }
            #expect(20...350 ~= inked, "glyph \(row) has \(inked) pixels of ink")
            #expect((image.max() ?? 0) > 0.8)
        }
    }

    @Test func examplesOfAClassAreNearerThanOthers() throws {
        // Nearest neighbour by pixels, leave one out: far above the chance of 1 in 30.
        var stream = RandomStream(seed: 2)
        let d = try glyphs(30, each: 6, &stream)
        let values = d.x.values
        var right = 0
        for row in 0..<d.count {
            var best = (Float.infinity, -1)
            for other in 0..<d.count where other != row {
                var sum: Float = 0
                for pixel in 0..<784 {
                    let difference = values[row * 784 + pixel] - values[other * 784 + pixel]
                    sum += difference * difference
                }
                if sum < best.0 { best = (sum, d.y[other]) }
            }
            right += best.1 == d.y[row] ? 1 : 0
        }
        let share = Double(right) / Double(d.count)
        #expect(share > 0.25 && share < 0.95, "alike, and not equal: \(share)")
    }

    @Test func glyphsAreReproducible() throws {
        var a = RandomStream(seed: 3)
        var b = RandomStream(seed: 3)
        let first = try glyphs(5, each: 3, &a)
        #expect(try glyphs(5, each: 3, &b).x.values == first.x.values)
        #expect(a == b)
        #expect(try glyphs(5, each: 3, &a).x.values != first.x.values)
        var c = RandomStream(seed: 3)
        let more = try glyphs(7, each: 3, &c).x.values
        #expect(Array(more.prefix(first.x.count)) == first.x.values, "more classes leave the first as they are")
    }

    @Test func impossibleGlyphsAreRefused() throws {
        var stream = RandomStream(seed: 1)
        #expect(refusal { _ = try glyphs(0, &stream) }?.code == "glyphs.count")
        #expect(refusal { _ = try glyphs(5, each: .max, &stream) }?.code == "glyphs.count")
        #expect(refusal { _ = try glyphs(5, size: 4, &stream) }?.code == "glyphs.size")
        #expect(throws: (any Error).self) { try glyphs(1_000_000, each: 1000, size: 512, &stream) }
    }
}
