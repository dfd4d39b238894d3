import SiamInterpreter
import SiamRuntime

/// A figure as a picture in a terminal's own protocol.
enum TerminalPicture {
    /// The control sequence that shows the figure, nil where the protocol is none of these or the picture fails.
    static func sequence(_ figure: Figure, _ page: Page, _ display: FigureDisplay) -> String? {
        guard [.kitty, .iterm, .sixel].contains(display.graphics), !figure.panels.isEmpty else { return nil }
        let drawing = Plan.drawing(figure)
        let width = Double(max(8, page.columns) * max(4, min(64, display.cellWidth)))
        let height = Double(max(6, page.rows * 2 / 3) * max(6, min(128, display.cellHeight)))
        let scale = max(0.1, min(2, width / drawing.width, height / drawing.height))
        let raster = Raster(drawing, scale: scale, isDark: display.isDark)
        if display.graphics == .sixel { return sixel(raster) }
        guard let png = try? raster.picture().png() else { return nil }
        let text = SVG.base64(png)
        if display.graphics == .iterm {
            return
                "\u{1B}]1337;File=inline=1;size=\(png.count);width=\(raster.width)px;height=\(raster.height)px;"
                + "preserveAspectRatio=1:\(text)\u{07}"
        }
        return kitty(text)
    }

    /// The picture in pieces of at most 4,096 characters.
    private static func kitty(_ text: String) -> String {
        let bytes = Array(text.utf8)
        var out = ""
        var at = 0
        while at < bytes.count {
            let end = min(bytes.count, at + 4096)
            let head = at == 0 ? "f=100,a=T,q=2," : ""
            out += "\u{1B}_G\(head)m=\(end < bytes.count ? 1 : 0);"
            out += String(decoding: bytes[at..<end], as: UTF8.self) + "\u{1B}\\"
            at = end
        }
        return out
    }

    /// Bands of six rows, a colour at a time, runs shortened; 240 colours, the cube and the greys.
    static func sixel(_ raster: Raster) -> String {
        let indices = raster.bytes.withUnsafeBufferPointer { bytes -> [UInt8] in
            var known: [UInt32: UInt8] = [:]
            return (0..<raster.width * raster.height).map { k in
                let (r, g, b) = (bytes[3 * k], bytes[3 * k + 1], bytes[3 * k + 2])
                let key = UInt32(r) << 16 | UInt32(g) << 8 | UInt32(b)
                if let found = known[key] { return found }
                let index = UInt8(clamping: TextCanvas.paletteIndex(RGBColor(key)) - 16)
                known[key] = index
                return index
            }
        }
        var out: [UInt8] = Array("\u{1B}P0;1q\"1;1;\(raster.width);\(raster.height)".utf8)
        let used = Set(indices).sorted()
        for c in used {
            let ink = paletteInk(Int(c))
            func percent(_ v: UInt8) -> Int { (Int(v) * 100 + 127) / 255 }
            out += Array("#\(c);2;\(percent(ink.red));\(percent(ink.green));\(percent(ink.blue))".utf8)
        }
        for top in stride(from: 0, to: raster.height, by: 6) {
            let rows = min(6, raster.height - top)
            var band: [UInt8: [UInt8]] = [:]
            for r in 0..<rows {
                for x in 0..<raster.width {
                    band[indices[(top + r) * raster.width + x], default: Array(repeating: 0, count: raster.width)][x] |=
                        1 << UInt8(r)
                }
            }
            for (k, c) in band.keys.sorted().enumerated() {
                if k > 0 { out.append(UInt8(ascii: "$")) }
                out += Array("#\(c)".utf8)
                out += runs(band[c] ?? [])
            }
            out.append(UInt8(ascii: "-"))
        }
        return String(decoding: out, as: UTF8.self) + "\u{1B}\\"
    }

    private static func runs(_ row: [UInt8]) -> [UInt8] {
        var out: [UInt8] = []
        var k = 0
        while k < row.count {
            var end = k + 1
            while end < row.count, row[end] == row[k] { end += 1 }
            let sign = row[k] + 63
            if end - k > 3 {
                out += Array("!\(end - k)".utf8)
                out.append(sign)
            } else {
                out += Array(repeating: sign, count: end - k)
            }
            k = end
        }
        return out
    }

    private static func paletteInk(_ k: Int) -> RGBColor {
        if k >= 216 { return RGBColor(UInt32(8 + 10 * (k - 216)) * 0x010101) }
        let levels: [UInt32] = [0, 95, 135, 175, 215, 255]
        return RGBColor(levels[k / 36 % 6] << 16 | levels[k / 6 % 6] << 8 | levels[k % 6])
    }
}
