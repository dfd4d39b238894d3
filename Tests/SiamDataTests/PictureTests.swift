import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

@Suite struct PictureTests {
    private func bytes(_ name: String) throws -> [UInt8] { try npy(fixture(name)).values.map { UInt8($0) } }

    @Test func readsWhatPillowReads() throws {
        let grey = try Picture(path: fixture("grey.png"))
        #expect((grey.height, grey.width, grey.channels) == (12, 8, 1))
        #expect(try grey.pixels == bytes("grey.npy"))
        let colour = try Picture(path: fixture("colour.png"))
        #expect((colour.height, colour.width, colour.channels) == (6, 9, 3))
        #expect(try colour.pixels == bytes("colour.npy"))
        #expect(try Picture(path: fixture("palette.png")).pixels == bytes("palette-rgb.npy"))
        #expect(try Picture(path: fixture("bits.png")).pixels == bytes("grey.npy").map { $0 > 127 ? 255 : 0 })
        #expect(try Picture(path: fixture("grey.pgm")).pixels == bytes("grey.npy"))
        #expect(try Picture(path: fixture("deep.png")).pixels == bytes("grey.npy"))
        #expect(try Picture(path: fixture("text.pgm")).pixels == [0, 17, 34, 51, 238, 255])
        let jpeg = try Picture(path: fixture("smooth.jpg"))
        let expected = try bytes("smooth.npy")
        #expect((jpeg.height, jpeg.width, jpeg.channels) == (16, 24, 1))
        #expect(zip(jpeg.pixels, expected).allSatisfy { abs(Int($0) - Int($1)) <= 1 })
    }

    @Test func channelsConvert() throws {
        let wide = try PictureFile(path: fixture("grey.png")).decoded(channels: 3)
        #expect(try wide.pixels == bytes("grey.npy").flatMap { [$0, $0, $0] })
        #expect(try PictureFile(path: fixture("grey.pgm")).decoded(channels: 3).pixels == wide.pixels)
        #expect(try PictureFile(path: fixture("smooth.jpg")).decoded(channels: 3).channels == 3)
        #expect(try PictureFile(path: fixture("colour.png")).decoded(channels: 1).pixels.count == 54)
    }

    @Test func shrinkingAveragesAreas() throws {
        let grey = try Picture(path: fixture("grey.png"))
        #expect(try close(grey.resized(6, 4), npy(fixture("grey-block-6x4.npy")).values, 1e-5))
        // Pillow's box filter weighs whole pixels at an area's border; here they count by the part inside.
        let box = try npy(fixture("grey-box-5x3.npy")).values
        let mean = zip(grey.resized(5, 3), box).reduce(Float(0)) { $0 + abs($1.0 - $1.1) } / 15
        #expect(mean < 0.1)
        let total = grey.resized(5, 3).reduce(0, +) / 15
        let whole = grey.pixels.reduce(Float(0)) { $0 + Float($1) / 255 } / 96
        #expect(abs(total - whole) < 1e-5, "an average of areas keeps the mean")
        #expect(grey.resized(12, 8) == grey.pixels.map { Float($0) / 255 })
    }

    @Test func growingInterpolates() throws {
        let ramp = try Picture(height: 1, width: 2, channels: 1, pixels: [0, 255])
        #expect(ramp.resized(1, 4) == [0, 0.25, 0.75, 1])
        let flat = try Picture(height: 1, width: 1, channels: 3, pixels: [51, 102, 204])
        #expect(close(flat.resized(2, 1), [0.2, 0.4, 0.8, 0.2, 0.4, 0.8]))
    }

    @Test func pngsAreReadBack() throws {
        let pixels = (0..<60).map { UInt8($0 * 4) }
        for (height, width, channels) in [(5, 12, 1), (4, 5, 3)] {
            let picture = try Picture(height: height, width: width, channels: channels, pixels: pixels)
            let back = try PictureFile(bytes: picture.png(), path: "a").decoded()
            #expect(back.pixels == pixels && back.width == width && back.channels == channels)
        }
        #expect(refusal { _ = try Picture(height: 2, width: 2, channels: 2, pixels: pixels) }?.code == "picture.pixels")
    }

    @Test func sizesAreCheckedBeforeMemoryIsTaken() throws {
        func place(_ bytes: String) -> DataError? {
            refusal { _ = try PictureFile(bytes: Array(bytes.utf8), path: "a.pgm") }
        }
        #expect(place("P5 1000000 1000000 255\n")?.code == "pgm.short")
        #expect(place("P5 9999999 1 255\n")?.code == "pgm.number")
        #expect(place("P5 0 1 255\n")?.code == "pgm.size")
        #expect(place("P7 1 1 255\n")?.code == "pgm.magic")
        #expect(place("P2 2 1 3\n1 4")?.code == "pgm.number" || place("P2 2 1 3\n1 4") == nil)
        #expect(place("GIF89a")?.code == "picture.form")
        // A PNG whose header says 30000 x 30000.
        var png = try FileBytes.read(fixture("grey.png"))
        png.replaceSubrange(16..<24, with: [0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30])
        let sum = Deflate.sum(png[12..<29])
        png.replaceSubrange(29..<33, with: (0..<4).map { UInt8(truncatingIfNeeded: sum >> (24 - 8 * $0)) })
        #expect(refusal { _ = try PictureFile(bytes: png, path: "a.png") }?.code == "picture.size")
    }

    @Test func foldersOfPictures() throws {
        let d = try imageFolder(fixture("pictures"))
        let grey = try npy(fixture("grey.npy")).values.map { $0 / 255 }
        #expect(d.names == ["s2", "s10"] && d.y == [0, 0, 1])
        #expect(d.x.shape.dims == [3, 12, 8, 1])
        #expect(Array(d.x.values.prefix(96)) == grey && Array(d.x.values.suffix(96)) == grey)
        #expect(Array(d.x.values[96..<104]) == Array(grey[..<8].reversed()))
        let small = try imageFolder(fixture("pictures"), size: (6, 4), invert: true)
        let block = try npy(fixture("grey-block-6x4.npy")).values.map { 1 - $0 }
        #expect(close(Array(small.x.values.prefix(24)), block, 1e-5))
        #expect(refusal { _ = try imageFolder(fixture("mnist")) }?.code == "images.none")
        #expect(refusal { _ = try imageFolder(fixture("pictures"), size: (0, 4)) }?.code == "images.size")
        #expect(refusal { _ = try imageFolder(fixture("nowhere")) }?.code == "file.missing")
    }
}
