import Glibc
import SiamTensor

/// Drawn characters, made on demand: `classes` invented characters with `each` examples by different hands, size x size
/// x 1, ink 1 on 0, class after class. A character is a short program of pen movements; its examples repeat the
/// movements with slips of length, direction, curvature and place, another pen, slant and position on the sheet.
public func glyphs(_ classes: Int, each: Int = 20, size: Int = 28, _ stream: inout RandomStream) throws -> Dataset {
    guard classes >= 1, classes <= Dataset.maximumClasses, each >= 1 else {
        throw DataError(
            code: "glyphs.count",
            message: "glyphs expects at least 1 class and 1 of each, and got \(classes) and \(each)"
        )
    }
    guard size >= 8, size <= 512 else {
        throw DataError(code: "glyphs.size", message: "glyphs expects a size from 8 to 512 pixels, and got \(size)")
    }
    let (count, overflow) = classes.multipliedReportingOverflow(by: each)
    guard !overflow, count <= 1 << 30 else {
        throw DataError(code: "glyphs.count", message: "\(classes) classes of \(each) glyphs are too many")
    }
    let seed = RandomStream(seed: stream.next())
    let pixels = size * size
    let x = try Tensor.filled([count, size, size, 1]) { target in
        for number in 0..<classes {
            let hand = seed.derived(UInt64(number))
            var inventing = hand
            let glyph = Glyph(&inventing)
            for example in 0..<each {
                var drawing = hand.derived(UInt64(example) + 1)
                let start = (number * each + example) * pixels
                draw(glyph, size, UnsafeMutableBufferPointer(rebasing: target[start..<start + pixels]), &drawing)
            }
        }
    }
    return try Dataset(
        x: x, y: (0..<count).map { $0 / each }, names: (0..<classes).map { "glyph \($0)" }, name: "glyphs",
        provenance: "drawn on demand")
}

/// One example by one hand.
private func draw(
    _ glyph: Glyph, _ size: Int, _ image: UnsafeMutableBufferPointer<Float>, _ stream: inout RandomStream
) {
    var paths = glyph.redrawn(&stream).paths
    tremble(&paths, &stream)
    arrange(&paths, original: glyph.paths, &stream)
    let scale = Double(size)
    let pen = stream.uniform(0.017, 0.026) * scale
    for path in paths {
        for (from, to) in zip(path, path.dropFirst()) {
            let a = SheetPoint(x: from.x * scale, y: from.y * scale)
            let b = SheetPoint(x: to.x * scale, y: to.y * scale)
            ink(a, b, pen, size, image)
        }
    }
}

/// What a hand does to a line that was meant: corners are rounded and the pen wavers, slowly against the length of a
/// stroke.
private func tremble(_ paths: inout [[SheetPoint]], _ stream: inout RandomStream) {
    let unrest = stream.uniform(0.004, 0.011)
    for stroke in paths.indices {
        let meant = paths[stroke]
        var right = unrest * stream.normal()
        var down = unrest * stream.normal()
        for index in meant.indices {
            let before = meant[max(index - 1, 0)]
            let after = meant[min(index + 1, meant.count - 1)]
            right = 0.8 * right + 0.6 * unrest * stream.normal()
            down = 0.8 * down + 0.6 * unrest * stream.normal()
            paths[stroke][index] = SheetPoint(
                x: (before.x + 2 * meant[index].x + after.x) / 4 + right,
                y: (before.y + 2 * meant[index].y + after.y) / 4 + down)
        }
    }
}

/// Brings a drawing onto the sheet: the character's own size and place, then the hand's slant, size and place.
private func arrange(_ paths: inout [[SheetPoint]], original: [[SheetPoint]], _ stream: inout RandomStream) {
    let (low, high) = bounds(original)
    let extent = max(high.x - low.x, high.y - low.y, 0.05)
    let fit = min(max(0.62 / extent, 0.5), 1.4)
    let turn = 0.07 * stream.normal()
    let slant = 0.1 * stream.normal()
    let own = fit * exp(0.12 * stream.normal())
    let wide = own * exp(0.09 * stream.normal())
    let tall = own * exp(0.09 * stream.normal())
    let middle = SheetPoint(x: (low.x + high.x) / 2, y: (low.y + high.y) / 2)
    let place = SheetPoint(x: 0.5 + 0.05 * stream.normal(), y: 0.5 + 0.05 * stream.normal())
    for stroke in paths.indices {
        for index in paths[stroke].indices {
            let x = (paths[stroke][index].x - middle.x) * wide
            let y = (paths[stroke][index].y - middle.y) * tall
            let slanted = x - slant * y
            paths[stroke][index] = SheetPoint(
                x: place.x + cos(turn) * slanted - sin(turn) * y, y: place.y + sin(turn) * slanted + cos(turn) * y)
        }
    }
    // A drawer keeps to the sheet.
    let (left, right) = bounds(paths)
    let over = max(right.x - left.x, right.y - left.y) / 0.92
    let shrink = over > 1 ? 1 / over : 1
    func kept(_ value: Double, _ low: Double, _ high: Double) -> Double {
        let centre = (low + high) / 2
        let half = (high - low) / 2 * shrink
        let moved = min(max(centre, 0.04 + half), 0.96 - half)
        return moved + (value - centre) * shrink
    }
    for stroke in paths.indices {
        for index in paths[stroke].indices {
            let point = paths[stroke][index]
            paths[stroke][index] = SheetPoint(x: kept(point.x, left.x, right.x), y: kept(point.y, left.y, right.y))
        }
    }
}

private func bounds(_ paths: [[SheetPoint]]) -> (SheetPoint, SheetPoint) {
    var low = SheetPoint(x: .infinity, y: .infinity)
    var high = SheetPoint(x: -.infinity, y: -.infinity)
    for path in paths {
        for point in path {
            low = SheetPoint(x: min(low.x, point.x), y: min(low.y, point.y))
            high = SheetPoint(x: max(high.x, point.x), y: max(high.y, point.y))
        }
    }
    return (low, high)
}

/// A segment of a round pen of radius `pen` pixels, the share of a pixel that it covers estimated by the distance.
private func ink(
    _ a: SheetPoint, _ b: SheetPoint, _ pen: Double, _ size: Int, _ image: UnsafeMutableBufferPointer<Float>
) {
    let reach = pen + 1
    let top = max(Int((min(a.y, b.y) - reach).rounded(.down)), 0)
    let bottom = min(Int((max(a.y, b.y) + reach).rounded(.up)), size - 1)
    let left = max(Int((min(a.x, b.x) - reach).rounded(.down)), 0)
    let right = min(Int((max(a.x, b.x) + reach).rounded(.up)), size - 1)
    guard top <= bottom, left <= right else { return }
    let dx = b.x - a.x
    let dy = b.y - a.y
    let length = max(dx * dx + dy * dy, 1e-12)
    let full = min(2 * pen, 1)
    for row in top...bottom {
        for column in left...right {
            let px = Double(column) + 0.5 - a.x
            let py = Double(row) + 0.5 - a.y
            let along = min(max((px * dx + py * dy) / length, 0), 1)
            let ex = px - along * dx
            let ey = py - along * dy
            let distance = (ex * ex + ey * ey).squareRoot()
            let cover = Float(min(max(pen + 0.5 - distance, 0), full))
            let place = row * size + column
            if cover > image[place] { image[place] = cover }
        }
    }
}
