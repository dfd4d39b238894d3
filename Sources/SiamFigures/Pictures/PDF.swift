import SiamData
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// A drawing as a page of PDF 1.4: lines and areas, letters as outlines, so that it needs no font and can be scaled.
enum PDF {
    static func bytes(_ drawing: Drawing) -> [UInt8] {
        var pictures: [(columns: Int, rows: Int, inks: [RGBColor])] = []
        var content = "1 0 0 -1 0 \(number(drawing.height)) cm\n1 J 1 j\n"
        for (k, item) in drawing.items.enumerated() {
            // The caller checks for the interrupt itself.
            if k & 255 == 0, Interrupt.isDue { return [] }
            content += one(item, &pictures)
        }
        var out: [UInt8] = Array("%PDF-1.4\n".utf8)
        var places: [Int] = []
        func object(_ head: String, _ stream: [UInt8]? = nil) {
            places.append(out.count)
            out += Array("\(places.count) 0 obj\n\(head)\n".utf8)
            if let stream { out += Array("stream\n".utf8) + stream + Array("\nendstream\n".utf8) }
            out += Array("endobj\n".utf8)
        }
        let names = pictures.indices.map { "/P\($0) \(5 + $0) 0 R" }.joined(separator: " ")
        let states = (0...10).map { "/A\($0) << /ca \(number(Double($0) / 10)) >>" }.joined(separator: " ")
        object("<< /Type /Catalog /Pages 2 0 R >>")
        object("<< /Type /Pages /Kids [3 0 R] /Count 1 >>")
        object(
            "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 \(number(drawing.width)) \(number(drawing.height))] /Contents 4 0 R /Resources << /XObject << \(names) >> /ExtGState << \(states) >> >> >>"
        )
        let stream = Array(content.utf8)
        object("<< /Length \(stream.count) >>", stream)
        for picture in pictures {
            let pixels = picture.inks.prefix(picture.columns * picture.rows).flatMap { [$0.red, $0.green, $0.blue] }
            object(
                "<< /Type /XObject /Subtype /Image /Width \(picture.columns) /Height \(picture.rows) /ColorSpace /DeviceRGB /BitsPerComponent 8 /Length \(pixels.count) >>",
                pixels)
        }
        let table = out.count
        out += Array("xref\n0 \(places.count + 1)\n0000000000 65535 f \n".utf8)
        for place in places {
            let digits = String(place)
            out += Array((String(repeating: "0", count: max(0, 10 - digits.count)) + digits + " 00000 n \n").utf8)
        }
        out += Array("trailer\n<< /Size \(places.count + 1) /Root 1 0 R >>\nstartxref\n\(table)\n%%EOF\n".utf8)
        return out
    }

    private static func one(
        _ item: Drawing.Item, _ pictures: inout [(columns: Int, rows: Int, inks: [RGBColor])]
    ) -> String {
        switch item {
        case .line(let path, let tint, let width, let dash):
            let dashes = dash.isEmpty ? "[] 0 d" : "[\(dash.map(number).joined(separator: " "))] 0 d"
            return "\(color(tint)) RG \(number(width)) w \(dashes)\n\(line([path])) S\n"
        case .area(let path, let tint, let opacity):
            return
                "/A\(Int(max(0, min(10, (opacity * 10).rounded())))) gs \(color(tint)) rg\n\(line([path])) h f\n/A10 gs\n"
        case .box(let x, let y, let width, let height, let tint):
            return "\(color(tint)) rg \(number(x)) \(number(y)) \(number(width)) \(number(height)) re f\n"
        case .sign(let sign, let at, let size, let tint, _):
            let (strokes, isFilled) = Drawing.outline(sign, size)
            let placed = strokes.map { $0.map { Drawing.Place($0.x + at.x, $0.y + at.y) } }
            return isFilled
                ? "\(color(tint)) rg \(line(placed)) h f\n" : "\(color(tint)) RG 1.6 w [] 0 d \(line(placed)) S\n"
        case .text(let text, let at, let size, let anchor, let tint, let isUpright):
            if let letters = Drawing.letters(text, at, size, anchor, isUpright) {
                return "\(color(tint)) rg \(line(letters)) h f*\n"
            }
            let strokes = StrokeFont.strokes(text, at, size, anchor, isUpright)
            guard !strokes.isEmpty else { return "" }
            return "\(color(tint)) RG \(number(max(0.9, size / 11))) w [] 0 d \(line(strokes)) S\n"
        case .pixels(let x, let y, let width, let height, let columns, let rows, let inks):
            guard columns > 0, rows > 0, inks.count >= columns * rows else { return "" }
            pictures.append((columns, rows, inks))
            return
                "q \(number(width)) 0 0 \(number(-height)) \(number(x)) \(number(y + height)) cm /P\(pictures.count - 1) Do Q\n"
        }
    }

    private static func line(_ paths: [[Drawing.Place]]) -> String {
        paths.filter { !$0.isEmpty }.map { path in
            path.enumerated().map { k, p in "\(number(p.x)) \(number(p.y)) \(k == 0 ? "m" : "l")" }.joined(
                separator: " ")
        }.joined(separator: " ")
    }

    private static func color(_ tint: Drawing.Tint) -> String {
        let ink = tint.ink(isDark: false)
        return [ink.red, ink.green, ink.blue].map { number(Double($0) / 255) }.joined(separator: " ")
    }

    private static func number(_ x: Double) -> String {
        guard x.isFinite, abs(x) < 1e9 else { return "0" }
        let rounded = (x * 1000).rounded() / 1000
        return rounded == rounded.rounded() ? "\(Int(rounded))" : "\(rounded)"
    }
}
