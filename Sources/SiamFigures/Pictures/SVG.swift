import SiamData
import SiamFormats
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// A drawing as scalable vector graphics: no script, no font, no address outside itself. Standing alone it follows the
/// viewer's light or dark ground; inside a page it takes the page's.
package enum SVG {
    package static func text(_ drawing: Drawing, isInPage: Bool = false) -> String {
        let (w, h) = (number(drawing.width), number(drawing.height))
        var out =
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"\(w)\" height=\"\(h)\" viewBox=\"0 0 \(w) \(h)\" "
            + "font-family=\"system-ui, 'DejaVu Sans', Arial, sans-serif\" role=\"img\">\n"
        if !drawing.title.isEmpty { out += "<title>\(escaped(drawing.title))</title>\n" }
        if !isInPage {
            out += "<style>@media (prefers-color-scheme: dark) { "
            out += "#ground { fill: \(Drawing.Tint.ground.ink(isDark: true).hex) } "
            out += ".t { fill: \(Drawing.Tint.text.ink(isDark: true).hex) } "
            out += ".l { stroke: \(Drawing.Tint.text.ink(isDark: true).hex) } "
            out += ".g { stroke: \(Drawing.Tint.faint.ink(isDark: true).hex) } }</style>\n"
            out += "<rect id=\"ground\" width=\"\(w)\" height=\"\(h)\" fill=\"#ffffff\"/>\n"
        }
        for (k, item) in drawing.items.enumerated() {
            // The caller checks for the interrupt itself.
            if k & 255 == 0, Interrupt.isDue { break }
            out += one(item) + "\n"
        }
        return out + "</svg>\n"
    }

    private static func one(_ item: Drawing.Item) -> String {
        switch item {
        case .line(let path, let tint, let width, let dash):
            let dashes = dash.isEmpty ? "" : " stroke-dasharray=\"\(dash.map(number).joined(separator: " "))\""
            return "<polyline points=\"\(points(path))\" fill=\"none\"\(stroke(tint)) stroke-width=\"\(number(width))\""
                + "\(dashes) stroke-linejoin=\"round\"/>"
        case .area(let path, let tint, let opacity):
            return "<polygon points=\"\(points(path))\"\(fill(tint)) fill-opacity=\"\(number(opacity))\"/>"
        case .box(let x, let y, let width, let height, let tint):
            return "<rect x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\""
                + "\(fill(tint))/>"
        case .sign(let sign, let at, let size, let tint, let title):
            let (strokes, isFilled) = Drawing.outline(sign, size)
            let path = strokes.map { stroke in
                "M" + stroke.map { "\(number(at.x + $0.x)) \(number(at.y + $0.y))" }.joined(separator: "L")
            }.joined()
            let look = isFilled ? fill(tint) : " fill=\"none\"\(stroke(tint)) stroke-width=\"1.6\""
            let inside = title.isEmpty ? "/>" : "><title>\(escaped(title))</title></path>"
            return "<path d=\"\(path)\"\(look)\(inside)"
        case .text(let text, let at, let size, let anchor, let tint, let isUpright):
            let side = anchor == .start ? "" : " text-anchor=\"\(anchor == .middle ? "middle" : "end")\""
            let turn = isUpright ? " transform=\"rotate(-90 \(number(at.x)) \(number(at.y)))\"" : ""
            return "<text x=\"\(number(at.x))\" y=\"\(number(at.y))\" font-size=\"\(number(size))\"\(side)\(turn)"
                + "\(fill(tint))>\(escaped(text))</text>"
        case .pixels(let x, let y, let width, let height, let columns, let rows, let inks):
            // Viewers that smooth pictures would blur the cells: each is many pixels. A scale's colours may be smooth.
            let times = columns == 1 ? 1 : max(1, min(16, 800 / max(columns, rows)))
            var bytes: [UInt8] = []
            bytes.reserveCapacity(inks.count * times * times * 3)
            for r in 0..<rows {
                if Interrupt.isDue { return "" }
                var line: [UInt8] = []
                for ink in inks[r * columns..<(r + 1) * columns] {
                    for _ in 0..<times { line += [ink.red, ink.green, ink.blue] }
                }
                for _ in 0..<times { bytes += line }
            }
            guard
                let picture = try? Picture(
                    height: rows * times, width: columns * times, channels: 3, pixels: bytes),
                let png = try? picture.png()
            else { return "" }
            return
                "<image x=\"\(number(x))\" y=\"\(number(y))\" width=\"\(number(width))\" height=\"\(number(height))\" "
                + "preserveAspectRatio=\"none\" style=\"image-rendering: pixelated\" "
                + "href=\"data:image/png;base64,\(base64(png))\"/>"
        }
    }

    private static func fill(_ tint: Drawing.Tint) -> String {
        switch tint {
        case .text: " class=\"t\" fill=\"\(tint.ink(isDark: false).hex)\""
        default: " fill=\"\(tint.ink(isDark: false).hex)\""
        }
    }
    private static func stroke(_ tint: Drawing.Tint) -> String {
        switch tint {
        case .text: " class=\"l\" stroke=\"\(tint.ink(isDark: false).hex)\""
        case .faint: " class=\"g\" stroke=\"\(tint.ink(isDark: false).hex)\""
        default: " stroke=\"\(tint.ink(isDark: false).hex)\""
        }
    }

    private static func points(_ path: [Drawing.Place]) -> String {
        path.map { "\(number($0.x)),\(number($0.y))" }.joined(separator: " ")
    }

    /// Two decimals, no zeros at the end.
    static func number(_ x: Double) -> String {
        let hundredths = Int((max(-1e9, min(1e9, x.isFinite ? x : 0)) * 100).rounded())
        let size = abs(hundredths)
        var text = "\(size / 100)"
        if size % 100 != 0 {
            text += size % 10 == 0 ? ".\(size / 10 % 10)" : size % 100 < 10 ? ".0\(size % 100)" : ".\(size % 100)"
        }
        return hundredths < 0 ? "-" + text : text
    }

    /// Text with markup escaped; characters that XML forbids are left out.
    package static func escaped(_ text: String) -> String {
        var out = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": out += "&amp;"
            case "<": out += "&lt;"
            case ">": out += "&gt;"
            case "\"": out += "&quot;"
            case "'": out += "&#39;"
            default:
                let isAllowed =
                    scalar.value >= 32 && scalar.value != 0xFFFE && scalar.value != 0xFFFF
                    || scalar.value == 9 || scalar.value == 10
                if isAllowed { out.unicodeScalars.append(scalar) }
            }
        }
        return out
    }

    package static func base64(_ bytes: [UInt8]) -> String {
        let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for k in stride(from: 0, to: bytes.count, by: 3) {
            if k % 0xFFFFF == 0, Interrupt.isDue { break }
            let a = Int(bytes[k])
            let b = k + 1 < bytes.count ? Int(bytes[k + 1]) : 0
            let c = k + 2 < bytes.count ? Int(bytes[k + 2]) : 0
            out.append(signs[a >> 2])
            out.append(signs[(a & 3) << 4 | b >> 4])
            out.append(k + 1 < bytes.count ? signs[(b & 15) << 2 | c >> 6] : UInt8(ascii: "="))
            out.append(k + 2 < bytes.count ? signs[c & 63] : UInt8(ascii: "="))
        }
        return String(decoding: out, as: UTF8.self)
    }
}
