import Glibc
import SiamData
import SiamFormats
import SiamInterpreter
import SiamRuntime
import Testing

@testable import SiamFigures
@testable import SiamReports

@Suite struct PictureTests {
    /// A PNG reader of Python's own library alone, and its parser of XML.
    static let reader = """
        import sys, struct, zlib, xml.dom.minidom
        for path in sys.argv[1:]:
            if path.endswith('.svg'):
                root = xml.dom.minidom.parse(path).documentElement
                print(root.tagName, root.getAttribute('width'), root.getAttribute('height'))
                continue
            data = open(path, 'rb').read()
            assert data[:8] == b'\\x89PNG\\r\\n\\x1a\\n'
            at, body, size = 8, b'', None
            while at < len(data):
                n, kind = struct.unpack('>I4s', data[at:at + 8])
                part = data[at + 8:at + 8 + n]
                assert zlib.crc32(kind + part) == struct.unpack('>I', data[at + 8 + n:at + 12 + n])[0]
                if kind == b'IHDR': size = struct.unpack('>IIBBBBB', part)
                if kind == b'IDAT': body += part
                at += 12 + n
            width, height, bits, color = size[:4]
            assert bits == 8 and color == 2
            raw, stride, old = zlib.decompress(body), width * 3, bytearray(width * 3)
            out = b''
            for r in range(height):
                kind = raw[r * (stride + 1)]
                line = bytearray(raw[r * (stride + 1) + 1:(r + 1) * (stride + 1)])
                for i in range(stride):
                    a = line[i - 3] if i > 2 else 0
                    b = old[i]
                    c = old[i - 3] if i > 2 else 0
                    p = a + b - c
                    near = min((abs(p - a), 0, a), (abs(p - b), 1, b), (abs(p - c), 2, c))[2]
                    line[i] = (line[i] + [0, a, b, (a + b) // 2, near][kind]) & 255
                out += line
                old = line
            print(width, height, zlib.adler32(out))
        """

    static func adler(_ bytes: [UInt8]) -> UInt32 {
        var a: UInt32 = 1
        var b: UInt32 = 0
        for x in bytes {
            a = (a + UInt32(x)) % 65521
            b = (b + a) % 65521
        }
        return b << 16 | a
    }

    @Test(.enabled(if: Tools.python != nil, "needs python3")) func picturesAreReadByAnotherProgram() throws {
        try Tools.withFolder { folder in
            TextTests.write(Self.reader, "\(folder)/read.py")
            var files: [String] = []
            var wanted: [String] = []
            for (k, named) in Gallery.figures.enumerated() {
                let drawing = Plan.drawing(named.figure)
                try Figures.write(named.figure, "\(folder)/\(k).svg")
                files.append("\(folder)/\(k).svg")
                wanted.append("svg \(SVG.number(drawing.width)) \(SVG.number(drawing.height))")
                // At a tenth of the size: the reader is slow.
                let raster = Raster(drawing, scale: 0.2, isDark: k % 2 == 1)
                try WholeFile.write(try raster.picture().png(), "\(folder)/\(k).png")
                files.append("\(folder)/\(k).png")
                wanted.append("\(raster.width) \(raster.height) \(Self.adler(raster.bytes))")
            }
            let read = Tools.output("\(Tools.python ?? "") \(folder)/read.py \(files.joined(separator: " "))")
            let lines = read.split(separator: "\n").map(String.init)
            #expect(lines.count == wanted.count, "\(read.suffix(400))")
            for (k, pair) in zip(lines, wanted).enumerated() {
                #expect(pair.0 == pair.1, "\(Gallery.figures[k / 2].name)")
            }
        }
    }

    @Test func savedPicturesAreWholeAndNamedByTheirEnding() throws {
        try Tools.withFolder { folder in
            let figure = Gallery.figures[1].figure
            try Figures.write(figure, "\(folder)/f.PNG")
            let picture = try Picture(path: "\(folder)/f.PNG")
            let raster = Raster(Plan.drawing(figure))
            #expect(picture.pixels == raster.bytes)
            #expect(throws: (any Error).self) { try Figures.write(figure, "\(folder)/f.jpg") }
            #expect(
                Programs.output("save(plot([1, 2]), \"\(folder)/f.jpg\")").contains(
                    "with one of these endings:  \"\(folder)/f.svg\"")
            )
            #expect(Programs.output("save(plot([1, 2]), \"\(folder)/none/f.svg\")").contains("no folder"))
            #expect(Programs.output("save(plot([1, 2]), \"\(folder)/g.svg\")") == "")
            #expect(access("\(folder)/g.svg", R_OK) == 0)
        }
    }

    @Test func curvesArePaintedWhereTheyGo() throws {
        // From the lower left to the upper right corner of the plane, in the first class's colour.
        let figure = Figure(panels: [Panel(marks: [.line(Mark.Curve(y: [0, 1, 2, 3, 4]))])])
        let drawing = Plan.drawing(figure)
        let plane = try #require(drawing.planes.first)
        let raster = Raster(drawing, scale: 1)
        func ink(_ shareX: Double, _ shareY: Double) -> RGBColor {
            let x = Int(plane.left + shareX * plane.width)
            let y = Int(plane.top + (1 - shareY) * plane.height)
            let at = (y * raster.width + x) * 3
            return RGBColor(
                red: Double(raster.bytes[at]), green: Double(raster.bytes[at + 1]), blue: Double(raster.bytes[at + 2]))
        }
        let blue = Palette.ofClass(0)
        for share in [0.125, 0.375, 0.625, 0.875] {
            let here = ink(share, share)
            #expect(abs(Int(here.red) - Int(blue.red)) < 70 && here.blue > 150, "\(here) at \(share)")
        }
        #expect(ink(0.1, 0.88) == RGBColor(0xffffff))
        #expect(ink(0.88, 0.1) == RGBColor(0xffffff))
    }

    @Test func everySignOfASCIIIsWritten() {
        for code in UInt8(33)..<127 {
            let glyph = StrokeFont.glyph(Character(Unicode.Scalar(code)))
            #expect(!glyph.strokes.isEmpty)
            #expect(glyph.right > glyph.left)
        }
        #expect(StrokeFont.glyph(" ").strokes.isEmpty)
        #expect(StrokeFont.glyph("é").strokes.count == StrokeFont.glyph("e").strokes.count)
        #expect(StrokeFont.glyph("漢").strokes.count == 1)
    }

    @Test func namesAreNoMarkup() {
        let figure = Figure(panels: [
            Panel(title: "<b> & \"q\" \u{1}", marks: [.line(Mark.Curve(name: "</text><script>", y: [1, 2]))])
        ])
        let svg = SVG.text(Plan.drawing(figure))
        #expect(!svg.contains("<b>") && !svg.contains("<script>") && !svg.contains("\u{1}"))
        #expect(svg.contains("&lt;b&gt; &amp; &quot;q&quot;"))
        #expect(JSONText.text("</script>\u{2028}\n") == "\"\\u003c/script>\\u2028\\n\"")
    }

    // MARK: Pictures in the terminal

    @Test(arguments: [
        (["TERM": "xterm-kitty"], Graphics.kitty), (["TERM": "xterm-256color", "KITTY_WINDOW_ID": "1"], .kitty),
        (["TERM": "xterm-ghostty"], .kitty), (["TERM": "xterm-256color", "TERM_PROGRAM": "iTerm.app"], .iterm),
        (["TERM": "xterm-256color", "TERM_PROGRAM": "WezTerm"], .iterm),
        (["TERM": "xterm-256color", "LC_TERMINAL": "iTerm2"], .iterm), (["TERM": "foot-extra"], .sixel),
        (["TERM": "mlterm-256color"], .sixel), (["TERM": "xterm-256color"], .braille),
        (["TERM": "screen-256color", "TERM_PROGRAM": "iTerm.app"], .braille),
        (["TERM": "tmux-256color", "KITTY_WINDOW_ID": "1"], .braille),
        (["TERM": "xterm-kitty", "TMUX": "/tmp/tmux"], .braille), ([:], .braille), (["TERM": "dumb"], .braille),
    ])
    func aTerminalThatNamesItselfGetsPictures(environment: [String: String], graphics: Graphics) {
        #expect(FigureDisplay(environment: { environment[$0] }).graphics == graphics)
        #expect(FigureDisplay(environment: { environment[$0] }).isDark)
        #expect(!FigureDisplay(environment: { $0 == "COLORFGBG" ? "0;15" : environment[$0] }).isDark)
    }

    private func shown(_ graphics: Graphics) -> (text: String, raster: Raster) {
        let figure = Gallery.figures[0].figure
        let page = Page(columns: 80, rows: 24, color: true)
        let display = FigureDisplay(graphics: graphics, depth: .full)
        let drawing = Plan.drawing(figure)
        let scale = min(2, 80.0 * 9 / drawing.width, 16.0 * 18 / drawing.height)
        return (Figures.text(figure, page, display), Raster(drawing, scale: scale, isDark: true))
    }

    @Test func kittyGetsThePictureInPieces() throws {
        let (text, raster) = shown(.kitty)
        var base64 = ""
        let pieces = text.split(separator: "\u{1B}\\", omittingEmptySubsequences: true)
        for (k, piece) in pieces.enumerated() {
            let parts = piece.split(separator: ";", maxSplits: 1)
            #expect(parts.count == 2 && parts[1].utf8.count <= 4096)
            #expect(parts[0] == "\u{1B}_G" + (k == 0 ? "f=100,a=T,q=2," : "") + (k + 1 < pieces.count ? "m=1" : "m=0"))
            base64 += parts[1]
        }
        #expect(base64 == SVG.base64(try raster.picture().png()))
    }

    @Test func sixelHoldsThePicture() throws {
        let (text, raster) = shown(.sixel)
        let decoded = try #require(Sixel.decode(text, raster.width, raster.height))
        // Each pixel is the nearest of 240 colours, to within a percent a channel.
        for k in 0..<raster.width * raster.height {
            let ink = RGBColor(
                red: Double(raster.bytes[3 * k]), green: Double(raster.bytes[3 * k + 1]),
                blue: Double(raster.bytes[3 * k + 2]))
            let index = TextCanvas.paletteIndex(ink)
            #expect(decoded[k] == index - 16)
            if decoded[k] != index - 16 { break }
        }
    }

    @Test func pictureProtocolsNeedColourAndUTF8() {
        for graphics in [Graphics.kitty, .iterm, .sixel] {
            let display = FigureDisplay(graphics: graphics, depth: .full)
            let text = Figures.text(Gallery.figures[0].figure, Page(columns: 80, rows: 24, color: false), display)
            #expect(!text.contains("\u{1B}"))
        }
    }

    @Test func base64IsAsElsewhere() {
        #expect(SVG.base64(Array("Man".utf8)) == "TWFu")
        #expect(SVG.base64(Array("Ma".utf8)) == "TWE=")
        #expect(SVG.base64(Array("M".utf8)) == "TQ==")
        #expect(SVG.base64([]) == "")
    }
}

/// A reader of sixels: the colour's number of each pixel.
enum Sixel {
    static func decode(_ text: String, _ width: Int, _ height: Int) -> [Int]? {
        let bytes = Array(text.utf8)
        guard let start = bytes.firstIndex(of: UInt8(ascii: "q")) else { return nil }
        var out = [Int](repeating: -1, count: width * height)
        var at = start + 1
        var (color, x, band) = (0, 0, 0)
        func numbers() -> [Int] {
            var all = [0]
            while at < bytes.count {
                if bytes[at] == UInt8(ascii: ";") {
                    all.append(0)
                } else if bytes[at] >= 48, bytes[at] <= 57 {
                    all[all.count - 1] = all[all.count - 1] * 10 + Int(bytes[at]) - 48
                } else {
                    break
                }
                at += 1
            }
            return all
        }
        func put(_ sign: UInt8, _ count: Int) {
            for _ in 0..<count {
                for r in 0..<6 where (sign - 63) & (1 << UInt8(r)) != 0 {
                    let y = band * 6 + r
                    if x < width, y < height { out[y * width + x] = color }
                }
                x += 1
            }
        }
        while at < bytes.count, bytes[at] != 0x1B {
            let sign = bytes[at]
            at += 1
            switch sign {
            case UInt8(ascii: "\""): _ = numbers()
            case UInt8(ascii: "#"):
                let n = numbers()
                if n.count == 1 { color = n[0] }
            case UInt8(ascii: "!"):
                let n = numbers()[0]
                put(bytes[at], n)
                at += 1
            case UInt8(ascii: "$"): x = 0
            case UInt8(ascii: "-"):
                x = 0
                band += 1
            default: put(sign, 1)
            }
        }
        return out
    }
}
