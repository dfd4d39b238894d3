import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A matrix in characters: its numbers where they fit, else shades or colours, with a scale that bears numbers.
struct CellsText {
    let panel: Panel
    let cells: Mark.Cells
    let width: Int
    let height: Int
    let look: TerminalStyle

    private let scale: ColorScale

    init(panel: Panel, cells: Mark.Cells, width: Int, height: Int, look: TerminalStyle) {
        self.panel = panel
        self.cells = cells
        self.width = width
        self.height = height
        self.look = look
        scale = ColorScale(cells)
    }

    func draw() -> TextCanvas {
        var head = panel.title.isEmpty ? [] : [shortened(panel.title, width)]
        var tail = panel.note.isEmpty ? [] : wrapped(panel.note, width)
        guard cells.rows > 0, cells.columns > 0, cells.values.contains(where: \.isFinite) else {
            head.append(
                cells.values.isEmpty
                    ? "nothing to draw: the matrix is empty"
                    : "nothing to draw: all \(cells.values.count) values are NaN or infinite")
            return stacked(head, nil, [])
        }
        let lost = cells.values.count { !$0.isFinite }
        if lost > 0 { tail.append(lost == 1 ? "1 value is not finite" : "\(lost) values are not finite") }
        if scale.low == scale.high { tail.append("constant: all values are \(Ticks.short(scale.low))") }
        let room = max(4, height - head.count - tail.count - 1)
        if let numbers = numbers(room) { return stacked(head, numbers, tail) }
        let body = shades(room)
        return stacked(head, body, [""] + tail) { canvas, row in self.legend(&canvas, row, scale) }
    }

    private func stacked(
        _ head: [String], _ body: TextCanvas?, _ tail: [String], legend: ((inout TextCanvas, Int) -> Void)? = nil
    ) -> TextCanvas {
        var canvas = TextCanvas(width: width, height: head.count + (body?.height ?? 0) + tail.count)
        for (k, text) in head.enumerated() { canvas.put(text, k, 0) }
        if let body { canvas.put(body, head.count, 0) }
        for (k, text) in tail.enumerated() { canvas.put(text, head.count + (body?.height ?? 0) + k, 0) }
        legend?(&canvas, head.count + (body?.height ?? 0))
        return canvas
    }

    // MARK: Numbers

    /// The numbers themselves, on their colours: nil where they do not fit.
    private func numbers(_ room: Int) -> TextCanvas? {
        guard cells.columns <= 12, cells.rows <= min(room - 1, 20) else { return nil }
        let texts = cells.values.map(Mark.Cells.text)
        let columnNames = (0..<cells.columns).map { $0 < cells.columnNames.count ? cells.columnNames[$0] : "" }
        let hasNames = columnNames.contains { !$0.isEmpty }
        let rowNames = (0..<cells.rows).map { $0 < cells.rowNames.count ? shortened(cells.rowNames[$0], 16) : "" }
        let nameWidth = rowNames.map(displayWidth).max() ?? 0
        let left = nameWidth > 0 ? nameWidth + 1 : 0
        let plain = max(3, texts.map(\.count).max() ?? 0) + 2
        let named = max(plain, min(14, (columnNames.map(displayWidth).max() ?? 0) + 2))
        let cellWidth = left + named * cells.columns <= width ? named : plain
        guard left + cellWidth * cells.columns <= width else { return nil }
        var canvas = TextCanvas(width: width, height: cells.rows + (hasNames ? 1 : 0))
        if hasNames {
            for c in 0..<cells.columns {
                let name = shortened(columnNames[c], cellWidth - 1)
                canvas.put(name, 0, left + cellWidth * (c + 1) - 1 - displayWidth(name))
            }
        }
        for r in 0..<cells.rows {
            let row = r + (hasNames ? 1 : 0)
            canvas.put(rowNames[r], row, nameWidth - displayWidth(rowNames[r]))
            for c in 0..<cells.columns {
                let k = r * cells.columns + c
                let ground = look.hasColor ? scale.ink(cells.values[k]) : nil
                let ink = ground.map { $0.luma > 0.5 ? RGBColor(0x000000) : RGBColor(0xffffff) }
                let text = String(repeating: " ", count: cellWidth - 1 - texts[k].count) + texts[k] + " "
                canvas.put(text, row, left + c * cellWidth, ink: ink, ground: ground)
            }
        }
        return canvas
    }

    // MARK: Shades

    /// The matrix as shades: each cell several characters, or each character several cells, in whole numbers as the
    /// space allows.
    private func shades(_ room: Int) -> TextCanvas {
        // With colour a character is two cells high; without, two characters make a square.
        let perCell = look.hasColor && !look.isASCII ? (across: 1, down: 2) : (across: 2, down: 1)
        let across = max(1, (width - 1) / perCell.across)
        let down = max(1, room * perCell.down)
        let grow = max(0, min(across / cells.columns, down / cells.rows))
        let rows: Int
        let columns: Int
        if grow >= 1 {
            let times = min(grow, max(1, 48 / max(cells.rows, cells.columns)))
            (rows, columns) = (cells.rows * times, cells.columns * times)
        } else {
            (rows, columns) = (min(cells.rows, down), min(cells.columns, across))
        }
        let values = Mark.resampled(cells.values, cells.rows, cells.columns, rows, columns)
        var canvas = TextCanvas(
            width: max(width, 1), height: (rows + perCell.down - 1) / perCell.down)
        for r in 0..<canvas.height {
            for c in 0..<columns {
                if perCell.down == 2 {
                    let upper = scale.ink(values[2 * r * columns + c])
                    let below = 2 * r + 1 < rows ? scale.ink(values[(2 * r + 1) * columns + c]) : nil
                    canvas[r, c] = TextCanvas.Cell(sign: "▀", ink: upper, ground: below)
                } else {
                    let v = values[r * columns + c]
                    let sign = shade(v, scale)
                    let ground = look.hasColor ? scale.ink(v) : nil
                    for k in 0..<2 {
                        canvas[r, 2 * c + k] = TextCanvas.Cell(
                            sign: sign, ink: ground.map { $0.luma > 0.5 ? RGBColor(0) : RGBColor(0xffffff) },
                            ground: ground)
                    }
                }
            }
        }
        return canvas
    }

    private var signs: (below: [Character], above: [Character]) {
        look.isASCII
            ? (Array("-~="), Array(scale.isDiverging ? "+*#" : " .:-=+*#"))
            : (Array("-=≡"), Array(scale.isDiverging ? "░▒█" : " ░▒▓█"))
    }

    private func shade(_ x: Double, _ scale: ColorScale) -> Character {
        guard x.isFinite else { return "?" }
        let share = scale.share(x)
        if scale.isDiverging {
            let size = abs(share - 0.5) * 2
            guard size > 0.125 else { return look.isASCII ? " " : "·" }
            let set = share < 0.5 ? signs.below : signs.above
            return set[min(set.count - 1, Int((size - 0.125) / 0.875 * Double(set.count)))]
        }
        let set = signs.above
        return set[min(set.count - 1, max(0, Int(share * Double(set.count))))]
    }

    /// The scale from its lowest number to its highest.
    private func legend(_ canvas: inout TextCanvas, _ row: Int, _ scale: ColorScale) {
        let low = Ticks.short(scale.low)
        let high = Ticks.short(scale.high)
        var at = 0
        canvas.put(low, row, at)
        at += low.count + 1
        if look.hasColor, !look.isASCII {
            for k in 0..<24 {
                canvas[row, at + k] = TextCanvas.Cell(
                    sign: "█", ink: Palette.scale((Double(k) + 0.5) / 24, isDiverging: scale.isDiverging))
            }
            at += 24
        } else {
            let neutral = look.isASCII ? " " : "·"
            let ramp =
                scale.isDiverging ? String(signs.below.reversed()) + neutral + String(signs.above) : String(signs.above)
            for sign in ramp {
                canvas.put(String(repeating: sign, count: 2), row, at)
                at += 2
            }
        }
        canvas.put(high, row, at + 1)
        let size = "\(cells.rows)x\(cells.columns)"
        let start = at + 1 + high.count + 3
        if start + size.count <= width { canvas.put(size, row, start) }
    }
}
