import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A panel with axes, in characters.
struct AxesText {
    let panel: Panel
    let look: TerminalStyle
    private let extent: Extent
    private let width: Int
    private let height: Int

    init(_ panel: Panel, width: Int, height: Int, look: TerminalStyle) {
        self.panel = panel
        self.look = look
        self.width = max(16, width)
        self.height = max(6, height)
        extent = Extent(panel)
    }

    private func ink(_ k: Int) -> RGBColor? { look.hasColor ? panel.ink(k) : nil }

    func draw() -> TextCanvas {
        let notes = extent.remarks.flatMap { wrapped($0, width) }
        guard extent.x != nil, extent.y != nil else {
            let head = [panel.title, panel.y.label].filter { !$0.isEmpty }.prefix(1)
            return lines(head + notes)
        }
        let legend = legendLines()
        let hasHeader = !(panel.title.isEmpty && panel.y.label.isEmpty)
        let below = 2 + (panel.x.label.isEmpty ? 0 : 1) + legend.count + notes.count
        let rows = max(2, height - below - (hasHeader ? 1 : 0))
        let yMost = max(2, min(7, rows / 2))
        var (x, y) = extent.ticks(panel, xMost: 5, yMost: yMost)
        let gutter = (y.labels.map(\.count).max() ?? 0) + 1
        let columns = max(8, width - gutter - 1)
        let xMost = max(2, min(8, columns / 9))
        (x, y) =
            panel.isSquare
            ? extent.square(panel, xMost: xMost, yMost: yMost, ratio: Double(rows * 2) / Double(columns))
            : extent.ticks(panel, xMost: xMost, yMost: yMost)
        let left = max(gutter, (y.labels.map(\.count).max() ?? 0) + 1)
        let inside = max(8, width - left - 1)
        var canvas = TextCanvas(width: width, height: (hasHeader ? 1 : 0) + rows + below)
        let top = hasHeader ? 1 : 0
        if hasHeader { header(&canvas, left) }
        drawAxes(&canvas, x, y, top: top, left: left, rows: rows, columns: inside)
        drawMarks(&canvas, x, y, top: top, left: left + 1, rows: rows, columns: inside)
        var at = top + rows + 2
        if !panel.x.label.isEmpty {
            canvas.put(panel.x.label, at, left + 1 + max(0, (inside - displayWidth(panel.x.label)) / 2))
            at += 1
        }
        for line in legend {
            var column = left + 1
            for part in line {
                canvas.put(String(part.sign), at, column, ink: ink(part.color))
                canvas.put(part.name, at, column + 2)
                column += 4 + displayWidth(part.name)
            }
            at += 1
        }
        for note in notes {
            canvas.put(note, at, 0)
            at += 1
        }
        return canvas
    }

    private func lines(_ texts: [String]) -> TextCanvas {
        var canvas = TextCanvas(width: width, height: texts.count)
        for (k, text) in texts.enumerated() { canvas.put(text, k, 0) }
        return canvas
    }

    /// The label of the y axis at the left, the title in the middle.
    private func header(_ canvas: inout TextCanvas, _ left: Int) {
        let label = panel.y.label == panel.title ? "" : panel.y.label
        canvas.put(label, 0, 0)
        let space = width - left - 1
        let middle = left + 1 + max(0, (space - displayWidth(panel.title)) / 2)
        let start = label.isEmpty ? middle : max(middle, displayWidth(label) + 2)
        canvas.put(panel.title, 0, start)
    }

    private func drawAxes(
        _ canvas: inout TextCanvas, _ x: Ticks, _ y: Ticks, top: Int, left: Int, rows: Int, columns: Int
    ) {
        let signs = look.isASCII ? ["|", "+", "-", "+", "+"] : ["│", "┤", "─", "└", "┬"]
        for r in 0..<rows { canvas.put(signs[0], top + r, left) }
        for (value, label) in zip(y.values, y.labels) {
            guard let share = y.share(value), share > -0.001, share < 1.001 else { continue }
            let row = top + line(share, rows)
            canvas.put(String(repeating: " ", count: max(0, left - 1 - label.count)) + label, row, 0)
            canvas.put(signs[1], row, left)
        }
        let base = top + rows
        canvas.put(signs[3] + String(repeating: signs[2], count: columns), base, left)
        var free = left
        for (value, label) in zip(x.values, x.labels) {
            guard let share = x.share(value), share > -0.001, share < 1.001 else { continue }
            let column = left + 1 + column(share, columns)
            let start = min(column - label.count / 2, width - label.count)
            guard start >= free else { continue }
            canvas.put(signs[4], base, column)
            canvas.put(label, base + 1, start)
            free = start + label.count + 1
        }
    }

    /// The row and the column of a place, as the dots of curves have them.
    private func line(_ share: Double, _ rows: Int) -> Int {
        let dots = rows * DotCanvas.grain(look).down
        return min(rows - 1, max(0, (dots - 1 - Int((share * Double(dots - 1)).rounded())) * rows / dots))
    }
    private func column(_ share: Double, _ columns: Int) -> Int {
        let dots = columns * DotCanvas.grain(look).across
        return min(columns - 1, max(0, Int((share * Double(dots - 1)).rounded()) * columns / dots))
    }

    private func drawMarks(
        _ canvas: inout TextCanvas, _ x: Ticks, _ y: Ticks, top: Int, left: Int, rows: Int, columns: Int
    ) {
        var curve = 0
        var signs: [(row: Int, column: Int, sign: Character, ink: RGBColor?)] = []
        var dots = DotCanvas(columns: columns, rows: rows, look: look)
        func place(_ px: Double, _ py: Double) -> (Int, Int)? {
            guard let a = x.share(px), let b = y.share(py) else { return nil }
            func at(_ share: Double, _ n: Int) -> Int {
                Int((max(-3, min(4, share)) * Double(n - 1)).rounded())
            }
            return (at(a, dots.width), dots.height - 1 - at(b, dots.height))
        }
        for case .rule(let rule) in panel.marks {
            drawRule(&canvas, rule, x, y, top: top, left: left, rows: rows, columns: columns)
        }
        for mark in panel.marks {
            switch mark {
            case .line(let line):
                let tint = ink(curve)
                var last: (Int, Int)?
                var path: [(Int, Int)] = []
                for (k, (px, py)) in zip(line.x, line.y).enumerated() {
                    // The caller checks for the interrupt itself and shows nothing.
                    if k & 0xFFFF == 0xFFFF, Interrupt.isDue { break }
                    guard let at = place(px, py) else {
                        last = nil
                        continue
                    }
                    if let last { dots.line(last.0, last.1, at.0, at.1, tint) } else { dots.dot(at.0, at.1, tint) }
                    last = at
                    path.append(at)
                }
                if extent.curveCount > 1 {
                    for at in Mark.Curve.labelPlaces(along: path, curve, of: extent.curveCount) {
                        signs.append((at.1 / dots.down, at.0 / dots.across, look.letter(curve), tint))
                    }
                } else if path.count == 1, let at = path.first {
                    signs.append((at.1 / dots.down, at.0 / dots.across, look.sign(0, of: []), tint))
                }
                curve += 1
            case .histogram(let h):
                if extent.curveCount == 1 {
                    fill(&canvas, h, x, y, top: top, left: left, rows: rows, columns: columns)
                } else {
                    let tint = ink(curve)
                    let path = h.outline.compactMap { place($0.0, $0.1) }
                    for (a, b) in zip(path, path.dropFirst()) { dots.line(a.0, a.1, b.0, b.1, tint) }
                    if let best = h.heights.indices.max(by: { h.heights[$0] < h.heights[$1] }),
                        let at = place((h.edges[best] + h.edges[best + 1]) / 2, h.heights[best])
                    {
                        signs.append((at.1 / dots.down, at.0 / dots.across, look.letter(curve), tint))
                    }
                }
                curve += 1
            case .points(let p):
                if p.names.count <= 1, p.x.count > 1 {
                    for (k, (px, py)) in zip(p.x, p.y).enumerated() {
                        if k & 0xFFFF == 0xFFFF, Interrupt.isDue { break }
                        if let at = place(px, py) { dots.dot(at.0, at.1, ink(0)) }
                    }
                } else {
                    signs += majority(p, dots, place)
                }
            default: break
            }
        }
        dots.draw(on: &canvas, top, left)
        for s in signs where s.row >= 0 && s.row < rows && s.column >= 0 && s.column < columns {
            canvas[top + s.row, left + s.column] = TextCanvas.Cell(sign: s.sign, ink: s.ink)
        }
        for case .rule(let rule) in panel.marks {
            label(&canvas, rule, x, y, top: top, left: left, rows: rows, columns: columns)
        }
    }

    /// One symbol for each character cell: that of the class with most points there, the first of them if there is a
    /// tie.
    private func majority(_ p: Mark.Points, _ dots: DotCanvas, _ place: (Double, Double) -> (Int, Int)?)
        -> [(row: Int, column: Int, sign: Character, ink: RGBColor?)]
    {
        var counts: [Int: [Int: Int]] = [:]
        for k in p.x.indices {
            if k & 0xFFFF == 0xFFFF, Interrupt.isDue { break }
            guard let at = place(p.x[k], p.y[k]), at.0 >= 0, at.0 < dots.width, at.1 >= 0, at.1 < dots.height else {
                continue
            }
            let cell = at.1 / dots.down * dots.columns + at.0 / dots.across
            counts[cell, default: [:]][p.classes.isEmpty ? 0 : p.classes[k], default: 0] += 1
        }
        return counts.keys.sorted().map { cell in
            let here = counts[cell] ?? [:]
            let best = here.min { ($1.value, $0.key) < ($0.value, $1.key) }?.key ?? 0
            return (cell / dots.columns, cell % dots.columns, look.sign(best, of: p.names), ink(best))
        }
    }

    private func fill(
        _ canvas: inout TextCanvas, _ h: Mark.Histogram, _ x: Ticks, _ y: Ticks, top: Int, left: Int, rows: Int,
        columns: Int
    ) {
        let parts = Array(look.isASCII ? " .:#" : " ▁▂▃▄▅▆▇█")
        let fine = parts.count - 1
        for c in 0..<columns {
            let share = (Double(c) + 0.5) / Double(columns)
            let at = x.low + share * (x.high - x.low)
            guard let k = h.heights.indices.first(where: { at >= h.edges[$0] && at < h.edges[$0 + 1] }),
                let tall = y.share(h.heights[k]), h.heights[k] > 0
            else { continue }
            let eighths = max(1, Int((max(0, min(1, tall)) * Double(rows * fine)).rounded()))
            for r in 0..<rows {
                let level = min(fine, eighths - (rows - 1 - r) * fine)
                if level > 0 { canvas[top + r, left + c] = TextCanvas.Cell(sign: parts[level], ink: ink(0)) }
            }
        }
    }

    private func drawRule(
        _ canvas: inout TextCanvas, _ rule: Mark.Rule, _ x: Ticks, _ y: Ticks, top: Int, left: Int, rows: Int,
        columns: Int
    ) {
        if rule.direction == .vertical {
            guard let share = x.share(rule.at), share >= 0, share <= 1 else { return }
            let at = left + column(share, columns)
            for r in 0..<rows { canvas.put(look.isASCII ? ":" : "┊", top + r, at) }
        } else {
            guard let share = y.share(rule.at), share >= 0, share <= 1 else { return }
            let row = top + line(share, rows)
            for c in 0..<columns { canvas.put(look.isASCII ? "." : "┈", row, left + c) }
        }
    }

    /// The label and the value of a rule, at the first free place beside it.
    private func label(
        _ canvas: inout TextCanvas, _ rule: Mark.Rule, _ x: Ticks, _ y: Ticks, top: Int, left: Int, rows: Int,
        columns: Int
    ) {
        guard !rule.label.isEmpty else { return }
        let text = "\(rule.label) \(Ticks.short(rule.at))"
        let wide = displayWidth(text)
        guard wide + 2 < columns else { return }
        let blanks: Set<Character> = [" ", look.isASCII ? "." : "┈"]
        func isFree(_ row: Int, _ column: Int) -> Bool {
            column >= left && column + wide <= left + columns
                && (column..<column + wide).allSatisfy { blanks.contains(canvas[row, $0].sign) }
        }
        var places: [(row: Int, column: Int)] = []
        if rule.direction == .vertical {
            guard let share = x.share(rule.at), share >= 0, share <= 1 else { return }
            let at = left + column(share, columns)
            for r in 0..<rows { places += [(top + r, at + 2), (top + r, at - 1 - wide)] }
        } else {
            guard let share = y.share(rule.at), share >= 0, share <= 1 else { return }
            let row = top + line(share, rows)
            for c in stride(from: left + columns - wide - 1, through: left + 1, by: -1) { places.append((row, c)) }
        }
        guard let place = places.first(where: { isFree($0.row, $0.column) }) else { return }
        canvas.put(text, place.row, place.column)
        if rule.direction == .horizontal { canvas.put(" ", place.row, place.column - 1) }
    }

    private typealias LegendPart = (sign: Character, name: String, color: Int)

    private func legendLines() -> [[LegendPart]] {
        let parts = extent.entries.map { entry -> LegendPart in
            let name = shortened(entry.name, 24)
            return switch entry.kind {
            case .curve(let k): (extent.curveCount > 1 ? look.letter(k) : (look.isASCII ? "-" : "─"), name, k)
            case .points(let k, let names): (look.sign(k, of: names), name, k)
            }
        }
        // Signs that are the names themselves need no explanation.
        if !parts.isEmpty, parts.allSatisfy({ String($0.sign) == $0.name }) { return [] }
        var lines: [[LegendPart]] = []
        var used = 0
        for part in parts {
            let size = 4 + displayWidth(part.name)
            if lines.isEmpty || used + size > width - 8 {
                lines.append([])
                used = 0
            }
            lines[lines.count - 1].append(part)
            used += size
        }
        let most = height < 12 ? 1 : 3
        guard lines.count > most else { return lines }
        let shown = lines.prefix(most).reduce(0) { $0 + $1.count }
        lines = Array(lines.prefix(most))
        lines[most - 1][lines[most - 1].count - 1] = (" ", "... \(parts.count - shown + 1) more", 0)
        return lines
    }
}
