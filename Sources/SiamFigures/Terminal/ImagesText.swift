import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// One or more pictures side by side, in half blocks or, without colour, in shades.
struct ImagesText {
    let panel: Panel
    let images: [Mark.Image]
    let width: Int
    let height: Int
    let look: TerminalStyle
    /// The greatest width of a pixel in characters.
    let growth: Int

    /// How many pixels of an image of this size are drawn in a number of columns and rows of characters.
    static func pixels(_ image: Mark.Image, columns: Int, rows: Int, growth: Int, look: TerminalStyle) -> (
        across: Int, down: Int
    ) {
        let isHalf = look.hasColor && !look.isASCII
        let most = (across: max(1, isHalf ? columns : columns / 2), down: max(1, isHalf ? rows * 2 : rows))
        guard image.width > 0, image.height > 0 else { return (1, 1) }
        let times = min(growth, most.across / image.width, most.down / image.height)
        if times >= 1 { return (image.width * times, image.height * times) }
        // Shrunk alike both ways.
        let share = min(
            Double(most.across) / Double(image.width), Double(most.down) / Double(image.height), 1)
        return (
            max(1, Int((Double(image.width) * share).rounded(.down))),
            max(1, Int((Double(image.height) * share).rounded(.down)))
        )
    }

    func draw() -> TextCanvas {
        let shown = images.filter { $0.width > 0 }
        let head = panel.title.isEmpty ? [] : [shortened(panel.title, width)]
        guard !shown.isEmpty else {
            var canvas = TextCanvas(width: width, height: head.count + 1)
            for (k, text) in (head + ["nothing to draw: the image is empty"]).enumerated() { canvas.put(text, k, 0) }
            return canvas
        }
        let tail = panel.note.isEmpty ? [] : wrapped(panel.note, width)
        let room = max(1, height - head.count - tail.count)
        let each = max(1, (width - (shown.count - 1)) / shown.count)
        var blocks: [TextCanvas] = []
        for image in shown {
            let size = Self.pixels(image, columns: each, rows: room, growth: growth, look: look)
            blocks.append(block(image, size.across, size.down))
        }
        let tall = blocks.map(\.height).max() ?? 0
        let wide = blocks.reduce(blocks.count - 1) { $0 + $1.width }
        var canvas = TextCanvas(
            width: max(min(width, max(wide, displayWidth(head.first ?? ""))), 1),
            height: head.count + tall + tail.count)
        for (k, text) in head.enumerated() { canvas.put(text, k, 0) }
        var at = 0
        for block in blocks {
            canvas.put(block, head.count, at)
            at += block.width + 1
        }
        for (k, text) in tail.enumerated() { canvas.put(text, head.count + tall + k, 0) }
        return canvas
    }

    private func block(_ image: Mark.Image, _ across: Int, _ down: Int) -> TextCanvas {
        let planes = (0..<image.channels).map { channel -> [Double] in
            let plane = stride(from: channel, to: image.values.count, by: image.channels).map {
                Double(image.values[$0])
            }
            return Mark.resampled(plane, image.height, image.width, down, across)
        }
        func ink(_ k: Int) -> RGBColor {
            let c = planes.map { $0[k] }
            if c.contains(where: { !$0.isFinite }) { return RGBColor(0xd5492f) }
            return c.count == 3 ? RGBColor(red: c[0] * 255, green: c[1] * 255, blue: c[2] * 255) : Palette.grey(c[0])
        }
        if look.hasColor, !look.isASCII {
            var canvas = TextCanvas(width: across, height: (down + 1) / 2)
            for r in 0..<canvas.height {
                for c in 0..<across {
                    let below = 2 * r + 1 < down ? ink((2 * r + 1) * across + c) : nil
                    canvas[r, c] = TextCanvas.Cell(sign: "▀", ink: ink(2 * r * across + c), ground: below)
                }
            }
            return canvas
        }
        let ramp = Array(look.isASCII ? " .:-=+*#%@" : " ░▒▓█")
        var canvas = TextCanvas(width: across * 2, height: down)
        for r in 0..<down {
            for c in 0..<across {
                let k = r * across + c
                let finite = planes.allSatisfy { $0[k].isFinite }
                let bright =
                    planes.count == 3
                    ? 0.2126 * planes[0][k] + 0.7152 * planes[1][k] + 0.0722 * planes[2][k] : planes[0][k]
                let sign =
                    finite ? ramp[min(ramp.count - 1, max(0, Int(max(0, min(1, bright)) * Double(ramp.count))))] : "?"
                // On a ground of its own: as the sign's ink, white would not be seen on a light terminal, nor black on a dark.
                let ground = look.hasColor && finite ? ink(k) : nil
                let tint = ground.map { $0.luma > 0.5 ? RGBColor(0) : RGBColor(0xffffff) }
                for j in 0..<2 { canvas[r, 2 * c + j] = TextCanvas.Cell(sign: sign, ink: tint, ground: ground) }
            }
        }
        return canvas
    }
}
