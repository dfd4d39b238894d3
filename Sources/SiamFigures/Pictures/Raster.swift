import SiamData
import SiamFormats
import SiamTensor

/// A drawing as pixels: strokes and areas with smooth edges, over a light or a dark ground.
package struct Raster {
    let width: Int
    let height: Int
    private var pixels: [UInt8]
    private let scale: Double
    private let isDark: Bool

    /// - Parameter scale: pixels a point; less where the picture would have more than 40 million pixels.
    package init(_ drawing: Drawing, scale: Double = 2, isDark: Bool = false) {
        let area = max(1, drawing.width * drawing.height)
        self.scale = min(scale, (40e6 / area).squareRoot())
        self.isDark = isDark
        width = max(1, min(20_000, Int((drawing.width * self.scale).rounded(.up))))
        height = max(1, min(20_000, Int((drawing.height * self.scale).rounded(.up))))
        let ground = Drawing.Tint.ground.ink(isDark: isDark)
        pixels = []
        pixels.reserveCapacity(width * height * 3)
        for _ in 0..<height where !Interrupt.isDue {
            for _ in 0..<width { pixels += [ground.red, ground.green, ground.blue] }
        }
        // The caller checks for the interrupt itself.
        if pixels.count < width * height * 3 { pixels = Array(repeating: 255, count: width * height * 3) }
        for item in drawing.items where !Interrupt.isDue { draw(item) }
    }

    /// Red, green and blue of each pixel, row by row.
    var bytes: [UInt8] { pixels }

    package func picture() throws -> Picture { try Picture(height: height, width: width, channels: 3, pixels: pixels) }

    private mutating func draw(_ item: Drawing.Item) {
        switch item {
        case .line(let path, let tint, let width, let dash):
            stroke(Raster.dashed(path, dash), width, tint.ink(isDark: isDark))
        case .area(let path, let tint, let opacity): fill(path, tint.ink(isDark: isDark), opacity)
        case .box(let x, let y, let w, let h, let tint):
            let corners = [(x, y), (x + w, y), (x + w, y + h), (x, y + h)].map { Drawing.Place($0.0, $0.1) }
            fill(corners, tint.ink(isDark: isDark), 1)
        case .sign(let sign, let at, let size, let tint, _):
            let (strokes, isFilled) = Drawing.outline(sign, size)
            let placed = strokes.map { $0.map { Drawing.Place($0.x + at.x, $0.y + at.y) } }
            if isFilled {
                for path in placed { fill(path, tint.ink(isDark: isDark), 1) }
            } else {
                stroke(placed, 1.6, tint.ink(isDark: isDark))
            }
        case .text(let text, let at, let size, let anchor, let tint, let isUpright):
            write(text, at, size, anchor, tint.ink(isDark: isDark), isUpright)
        case .pixels(let x, let y, let w, let h, let columns, let rows, let inks):
            copy(x, y, w, h, columns, rows, inks)
        }
    }

    // MARK: Coverage

    /// How much of each pixel of a window is covered.
    private struct Mask {
        let x: Int
        let y: Int
        let width: Int
        let height: Int
        var cover: [Float]
        init?(_ minX: Double, _ minY: Double, _ maxX: Double, _ maxY: Double, in width: Int, _ height: Int) {
            func held(_ v: Double, _ most: Int) -> Int { Int(max(-1, min(Double(most), v))) }
            x = max(0, held(minX.rounded(.down), width))
            y = max(0, held(minY.rounded(.down), height))
            self.width = held(maxX.rounded(.up), width) - x
            self.height = held(maxY.rounded(.up), height) - y
            guard self.width > 0, self.height > 0 else { return nil }
            cover = Array(repeating: 0, count: self.width * self.height)
        }
    }

    private func mask(_ places: [Drawing.Place], _ room: Double) -> Mask? {
        guard var low = places.first else { return nil }
        var high = low
        for p in places {
            low = Drawing.Place(min(low.x, p.x), min(low.y, p.y))
            high = Drawing.Place(max(high.x, p.x), max(high.y, p.y))
        }
        return Mask(
            low.x * scale - room, low.y * scale - room, high.x * scale + room, high.y * scale + room, in: width, height)
    }

    private mutating func blend(_ mask: Mask, _ ink: RGBColor, _ opacity: Double) {
        let color = [Float(ink.red), Float(ink.green), Float(ink.blue)]
        for r in 0..<mask.height {
            for c in 0..<mask.width {
                let a = min(1, mask.cover[r * mask.width + c]) * Float(opacity)
                if a <= 0 { continue }
                let at = ((mask.y + r) * width + mask.x + c) * 3
                for k in 0..<3 {
                    let old = Float(pixels[at + k])
                    pixels[at + k] = UInt8(max(0, min(255, (old + (color[k] - old) * a).rounded())))
                }
            }
        }
    }

    /// Lines of a width in points; where strokes of one path cross they are not darker.
    private mutating func stroke(_ paths: [[Drawing.Place]], _ pointWidth: Double, _ ink: RGBColor) {
        let half = max(0.5, pointWidth * scale / 2)
        guard var mask = mask(paths.flatMap { $0 }, half + 1) else { return }
        for path in paths {
            if path.count == 1 { segment(&mask, path[0], path[0], half) }
            for (k, (a, b)) in zip(path, path.dropFirst()).enumerated() {
                if k & 63 == 0, Interrupt.isDue { return }
                segment(&mask, a, b, half)
            }
        }
        blend(mask, ink, 1)
    }

    private func segment(_ mask: inout Mask, _ from: Drawing.Place, _ to: Drawing.Place, _ half: Double) {
        let (ax, ay, bx, by) = (from.x * scale, from.y * scale, to.x * scale, to.y * scale)
        let (dx, dy) = (bx - ax, by - ay)
        let length = dx * dx + dy * dy
        let reach = half + 1
        func held(_ v: Double, _ most: Int) -> Int { Int(max(0, min(Double(most), v))) }
        let top = held((min(ay, by) - reach - Double(mask.y)).rounded(.down), mask.height)
        let bottom = held((max(ay, by) + reach - Double(mask.y)).rounded(.up), mask.height)
        for r in top..<max(top, bottom) {
            let py = Double(mask.y + r) + 0.5
            // Of a long line only the part near this row.
            var low = min(ax, bx)
            var high = max(ax, bx)
            if abs(dy) > 1e-9 {
                let t0 = max(0, min(1, (py - reach - ay) / dy))
                let t1 = max(0, min(1, (py + reach - ay) / dy))
                low = min(ax + t0 * dx, ax + t1 * dx)
                high = max(ax + t0 * dx, ax + t1 * dx)
            }
            let left = held((low - reach - Double(mask.x)).rounded(.down), mask.width)
            let right = held((high + reach - Double(mask.x)).rounded(.up), mask.width)
            for c in left..<max(left, right) {
                let px = Double(mask.x + c) + 0.5
                let t = length > 0 ? max(0, min(1, ((px - ax) * dx + (py - ay) * dy) / length)) : 0
                let (ex, ey) = (px - ax - t * dx, py - ay - t * dy)
                let cover = Float(half + 0.5 - (ex * ex + ey * ey).squareRoot())
                if cover > 0 {
                    let k = r * mask.width + c
                    mask.cover[k] = max(mask.cover[k], min(1, cover))
                }
            }
        }
    }

    /// A polygon by the even-odd rule, four lines a pixel with exact ends.
    private mutating func fill(_ path: [Drawing.Place], _ ink: RGBColor, _ opacity: Double) {
        fill([path], ink, opacity)
    }

    /// Several polygons with the even-odd rule: an area inside two of them is a hole.
    private mutating func fill(_ paths: [[Drawing.Place]], _ ink: RGBColor, _ opacity: Double) {
        let paths = paths.filter { $0.count > 2 }
        guard !paths.isEmpty, var mask = mask(paths.flatMap { $0 }, 1) else { return }
        let polygons = paths.map { $0.map { ($0.x * scale, $0.y * scale) } }
        for r in 0..<mask.height {
            if Interrupt.isDue { return }
            for part in 0..<4 {
                let y = Double(mask.y + r) + (Double(part) + 0.5) / 4
                var cuts: [Double] = []
                for corners in polygons {
                    var last = corners[corners.count - 1]
                    for corner in corners {
                        if (last.1 <= y) != (corner.1 <= y) {
                            cuts.append(last.0 + (y - last.1) / (corner.1 - last.1) * (corner.0 - last.0))
                        }
                        last = corner
                    }
                }
                cuts.sort()
                for k in stride(from: 0, to: cuts.count - 1, by: 2) {
                    let (low, high) = (cuts[k] - Double(mask.x), cuts[k + 1] - Double(mask.x))
                    let first = max(0, Int(max(0, low)))
                    let end = min(mask.width, Int(max(0, min(Double(mask.width), high.rounded(.up)))))
                    for c in first..<max(first, end) {
                        let inside = min(high, Double(c + 1)) - max(low, Double(c))
                        if inside > 0 { mask.cover[r * mask.width + c] += Float(min(1, inside) / 4) }
                    }
                }
            }
        }
        blend(mask, ink, opacity)
    }

    private mutating func copy(
        _ x: Double, _ y: Double, _ w: Double, _ h: Double, _ columns: Int, _ rows: Int, _ inks: [RGBColor]
    ) {
        guard columns > 0, rows > 0, inks.count >= columns * rows, w > 0, h > 0 else { return }
        let left = max(0, Int((x * scale).rounded()))
        let top = max(0, Int((y * scale).rounded()))
        let right = min(width, Int(((x + w) * scale).rounded()))
        let bottom = min(height, Int(((y + h) * scale).rounded()))
        for r in top..<max(top, bottom) {
            if Interrupt.isDue { return }
            let row = min(rows - 1, Int((Double(r - top) + 0.5) / max(1, Double(bottom - top)) * Double(rows)))
            for c in left..<max(left, right) {
                let column = min(
                    columns - 1, Int((Double(c - left) + 0.5) / max(1, Double(right - left)) * Double(columns)))
                let ink = inks[row * columns + column]
                let at = (r * width + c) * 3
                pixels[at] = ink.red
                pixels[at + 1] = ink.green
                pixels[at + 2] = ink.blue
            }
        }
    }

    // MARK: Letters and dashes

    private mutating func write(
        _ text: String, _ at: Drawing.Place, _ size: Double, _ anchor: Drawing.Anchor, _ ink: RGBColor,
        _ isUpright: Bool
    ) {
        if let paths = Drawing.letters(text, at, size, anchor, isUpright) {
            fill(paths, ink, 1)
            return
        }
        let strokes = StrokeFont.strokes(text, at, size, anchor, isUpright)
        stroke(strokes, max(0.9, size / 11), ink)
    }

    private static func dashed(_ path: [Drawing.Place], _ dash: [Double]) -> [[Drawing.Place]] {
        guard !dash.isEmpty, dash.allSatisfy({ $0 > 0.1 }), let first = path.first else { return [path] }
        var out: [[Drawing.Place]] = []
        var current = [first]
        var k = 0
        var left = dash[0]
        for (a, b) in zip(path, path.dropFirst()) {
            let (dx, dy) = (b.x - a.x, b.y - a.y)
            let length = (dx * dx + dy * dy).squareRoot()
            var done = 0.0
            while length - done > left {
                done += left
                let at = Drawing.Place(a.x + dx * done / length, a.y + dy * done / length)
                if k % 2 == 0 { out.append(current + [at]) }
                k += 1
                left = dash[k % dash.count]
                current = [at]
            }
            left -= length - done
            if k % 2 == 0 { current.append(b) }
        }
        if k % 2 == 0, current.count > 1 { out.append(current) }
        return out
    }
}
