import SiamInterpreter
import SiamRuntime

/// The layout of figures on a plane: the position of every axis, curve, symbol and text.
package struct Plan {
    /// The figure as a drawing; panels side by side, at most `columns` or three a row.
    package static func drawing(_ figure: Figure) -> Drawing {
        let panels = figure.panels.map(Plan.init)
        let isAlone = panels.count == 1
        let sizes = panels.map { $0.size(isAlone: isAlone) }
        let cellWidth = sizes.map(\.0).max() ?? 320
        let cellHeight = sizes.map(\.1).max() ?? 60
        let fitting = max(1, min(8, Int(1260 / (cellWidth + 12))))
        let columns = max(1, min(figure.columns ?? fitting, max(1, panels.count)))
        let rows = max(1, (panels.count + columns - 1) / columns)
        let head = figure.title.isEmpty ? 0.0 : 30.0
        var drawing = Drawing(
            width: Double(columns) * cellWidth + Double(columns + 1) * 12,
            height: head + Double(rows) * cellHeight + Double(rows + 1) * 10, title: figure.title)
        if drawing.title.isEmpty {
            drawing.title = figure.panels.first.map { $0.title.isEmpty ? $0.y.label : $0.title } ?? ""
        }
        drawing.text(figure.title, drawing.width / 2, 24, size: 16, .middle)
        if panels.isEmpty { drawing.text("nothing to draw", drawing.width / 2, head + 30, .middle) }
        for (k, plan) in panels.enumerated() {
            let x = 12 + Double(k % columns) * (cellWidth + 12)
            let y = head + 10 + Double(k / columns) * (cellHeight + 10)
            plan.draw(&drawing, x, y, cellWidth, cellHeight)
        }
        return drawing
    }

    let panel: Panel
    private let images: [Mark.Image]
    private let cells: Mark.Cells?
    private let bars: Mark.Bars?

    init(_ panel: Panel) {
        self.panel = panel
        images = panel.marks.compactMap { if case .image(let i) = $0, i.width > 0 { i } else { nil } }
        cells = panel.marks.lazy.compactMap { if case .cells(let c) = $0 { c } else { nil } }.first
        bars = panel.marks.lazy.compactMap { if case .bars(let b) = $0 { b } else { nil } }.first
    }

    private func size(isAlone: Bool) -> (Double, Double) {
        if let size = panel.size { return (size.width, size.height) }
        if !images.isEmpty {
            let scale = imageScale(isAlone)
            let wide = images.reduce(Double(images.count - 1) * 6) { $0 + Double($1.width) * scale }
            let tall = images.map { Double($0.height) * scale }.max() ?? 0
            return (
                max(wide, StrokeFont.width(panel.title, size: 12) + 8),
                tall + (panel.title.isEmpty ? 0 : 20) + noteHeight
            )
        }
        if let bars { return (isAlone ? 560 : 400, Double(bars.values.count) * 24 + 50 + noteHeight) }
        if let cells, cells.rows > 0, cells.columns > 0 {
            let side = cellSide(cells, isAlone)
            return (
                max(200, Double(cells.columns) * side + rowNameWidth(cells) + 90),
                max(80, Double(cells.rows) * side) + 44 + noteHeight
            )
        }
        if panel.isSquare { return isAlone ? (620, 560) : (400, 380) }
        return isAlone ? (680, 430) : (400, 300)
    }

    private var noteHeight: Double { panel.note.isEmpty ? 0 : 18 }
    private func imageScale(_ isAlone: Bool) -> Double {
        let wide = images.map { Double($0.width) }.max() ?? 1
        let target = isAlone ? 280.0 / Double(images.count) : 90
        return max(1, (target / wide).rounded(.down))
    }
    private func cellSide(_ cells: Mark.Cells, _ isAlone: Bool) -> Double {
        let most = isAlone ? 420.0 : 260.0
        return max(0.5, min(most / Double(cells.rows), (most + 160) / Double(cells.columns), 56))
    }
    private func rowNameWidth(_ cells: Mark.Cells) -> Double {
        cells.rowNames.prefix(cells.rows).map { StrokeFont.width($0, size: 11) }.max().map { $0 + 8 } ?? 0
    }

    private func draw(_ d: inout Drawing, _ x: Double, _ y: Double, _ width: Double, _ height: Double) {
        if !images.isEmpty { return drawImages(&d, x, y, width) }
        if let bars { return drawBars(&d, bars, x, y, width) }
        if let cells { return drawCells(&d, cells, x, y, width, height) }
        if panel.marks.contains(where: { if case .image = $0 { true } else { false } }) {
            d.text("nothing to draw: the image is empty", x, y + 20)
            return
        }
        AxesPlan(panel).draw(&d, x, y, width, height)
    }

    private func drawImages(_ d: inout Drawing, _ x: Double, _ y: Double, _ width: Double) {
        let wanted = images.reduce(0.0) { $0 + Double($1.width) }
        let room = width - Double(images.count - 1) * 6
        let largest = images.map { Double($0.width) }.max() ?? 1
        let scale = max(0.1, min(room / max(wanted, 1), max(1, (280 / largest).rounded(.down))))
        let head = panel.title.isEmpty ? 0.0 : 18.0
        d.text(panel.title, x, y + 12)
        var at = x
        for image in images {
            let pixels = (0..<image.width * image.height).map { k -> RGBColor in
                let c = (0..<image.channels).map { Double(image.values[k * image.channels + $0]) }
                if c.contains(where: { !$0.isFinite }) { return Palette.classes[5] }
                return c.count == 3
                    ? RGBColor(red: c[0] * 255, green: c[1] * 255, blue: c[2] * 255) : Palette.grey(c[0])
            }
            d.add(
                .pixels(
                    x: at, y: y + head, width: Double(image.width) * scale, height: Double(image.height) * scale,
                    columns: image.width, rows: image.height, pixels))
            at += Double(image.width) * scale + 6
        }
        d.text(panel.note, x, y + head + (images.map { Double($0.height) }.max() ?? 0) * scale + 14, size: 11)
    }

    private func drawBars(_ d: inout Drawing, _ bars: Mark.Bars, _ x: Double, _ y: Double, _ width: Double) {
        d.text(panel.title, x + width / 2, y + 14, size: 14, .middle)
        let finite = bars.values.filter(\.isFinite)
        guard let most = finite.max(), let least = finite.min() else {
            d.text("nothing to draw: there are no finite values", x + width / 2, y + 40, .middle)
            return
        }
        let names = bars.names.map { shortened($0, 28) }
        let nameWidth = names.map { StrokeFont.width($0, size: 12) }.max() ?? 0
        let low = min(0, least)
        let high = max(0, most)
        let inside = max(40, width - nameWidth - 70)
        let span = high > low ? high - low : 1
        let zero = x + nameWidth + 10 - low / span * inside
        for (k, v) in bars.values.enumerated() {
            let top = y + 26 + Double(k) * 24
            d.text(names[k], x + nameWidth, top + 13, .end)
            if v.isFinite {
                let long = abs(v) / span * inside
                d.add(
                    .box(
                        x: v < 0 ? zero - long : zero, y: top + 1, width: long, height: 16,
                        .ink(Palette.ofClass(v < 0 ? 1 : 0))))
            }
            d.text(Ticks.short(v), zero + (v > 0 ? v / span * inside : 0) + 6, top + 13, size: 11)
        }
        let bottom = y + 26 + Double(bars.values.count) * 24
        d.add(
            .line([Drawing.Place(zero, y + 22), Drawing.Place(zero, bottom)], .text, width: 1, dash: []))
        d.text(panel.x.label, x + nameWidth + 10 + inside / 2, bottom + 14, .middle)
        d.text(panel.note, x, bottom + (panel.x.label.isEmpty ? 14 : 30), size: 11)
    }

    private func drawCells(
        _ d: inout Drawing, _ cells: Mark.Cells, _ x: Double, _ y: Double, _ width: Double, _ height: Double
    ) {
        guard cells.rows > 0, cells.columns > 0, cells.values.contains(where: \.isFinite) else {
            d.text(panel.title, x, y + 14, size: 14)
            d.text("nothing to draw: no value is a finite number", x, y + 40)
            return
        }
        let scale = ColorScale(cells)
        let left = rowNameWidth(cells)
        let inside = width - left - 90
        let side = max(0.5, min((height - 44 - noteHeight) / Double(cells.rows), inside / Double(cells.columns), 56))
        let hasNames = !cells.columnNames.isEmpty
        let top = y + (hasNames ? 36 : 24)
        d.text(panel.title, x + left, y + 14, size: 14)
        let size = (Double(cells.columns) * side, Double(cells.rows) * side)
        d.add(
            .pixels(
                x: x + left, y: top, width: size.0, height: size.1, columns: cells.columns, rows: cells.rows,
                cells.values.map(scale.ink)))
        for r in 0..<min(cells.rows, cells.rowNames.count) where side >= 9 {
            d.text(cells.rowNames[r], x + left - 5, top + (Double(r) + 0.5) * side + 4, size: 11, .end)
        }
        for c in 0..<min(cells.columns, cells.columnNames.count) where side >= 16 {
            d.text(
                shortened(cells.columnNames[c], Int(side / 6)), x + left + (Double(c) + 0.5) * side, top - 5, size: 11,
                .middle)
        }
        if side >= 26 {
            for (k, v) in cells.values.enumerated() {
                let ink = scale.ink(v).luma > 0.5 ? RGBColor(0x111111) : RGBColor(0xffffff)
                d.text(
                    Mark.Cells.text(v), x + left + (Double(k % cells.columns) + 0.5) * side,
                    top + (Double(k / cells.columns) + 0.5) * side + 4, size: side < 36 ? 9 : 11, .middle, .ink(ink))
            }
        }
        legend(&d, scale, x + left + size.0 + 14, top, min(size.1, 160))
        let note = [panel.note, scale.low == scale.high ? "constant: all values are \(Ticks.short(scale.low))" : ""]
        d.text(note.filter { !$0.isEmpty }.joined(separator: "; "), x, top + size.1 + 16, size: 11)
    }

    /// The colours from the scale's lowest number at the bottom to its highest at the top.
    private func legend(_ d: inout Drawing, _ scale: ColorScale, _ x: Double, _ top: Double, _ height: Double) {
        let tall = max(40, height)
        let inks = (0..<64).map { Palette.scale((63.5 - Double($0)) / 64, isDiverging: scale.isDiverging) }
        d.add(.pixels(x: x, y: top, width: 12, height: tall, columns: 1, rows: 64, inks))
        d.text(Ticks.short(scale.high), x + 17, top + 9, size: 10)
        if scale.isDiverging { d.text("0", x + 17, top + tall / 2 + 4, size: 10) }
        d.text(Ticks.short(scale.low), x + 17, top + tall, size: 10)
    }
}
