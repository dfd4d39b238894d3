import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A figure in characters: panels side by side as far as there is room, within the page's width and two thirds of its height.
struct FigureText {
    let figure: Figure
    let look: TerminalStyle
    let width: Int
    let height: Int

    init(_ figure: Figure, _ page: Page, _ look: TerminalStyle) {
        self.figure = figure
        self.look = look
        width = max(16, min(page.columns, 120))
        height = max(6, page.rows * 2 / 3)
    }

    func text() -> String {
        let panels = figure.panels.map(PanelText.init)
        guard !panels.isEmpty else {
            return (figure.title.isEmpty ? "figure" : figure.title) + ": nothing to draw"
        }
        var parts: [String] = []
        var room = height
        if !figure.title.isEmpty {
            parts.append(shortened(figure.title, width))
            room -= 1
        }
        if panels.count == 1 {
            parts.append(panels[0].draw(width: width, height: max(5, room), look: look, isAlone: true).text(look.depth))
            return parts.joined(separator: "\n")
        }
        let gap = 3
        let widest = min(width, panels.map { $0.wanted(look) }.max() ?? 16)
        let fitting = max(1, (width + gap) / (widest + gap))
        let columns = max(1, min(figure.columns ?? fitting, panels.count, fitting))
        var rows = (panels.count + columns - 1) / columns
        let least = min(panels.map { $0.least(look, width: widest) }.max() ?? 6, look.all ? .max : max(4, room))
        var shown = panels.count
        if !look.all {
            let most = max(1, (room + 1) / (least + 1))
            if rows > most {
                rows = max(1, rows * (least + 1) > room ? (room - 1) / (least + 1) : most)
                shown = min(panels.count, rows * columns)
            }
        }
        let each =
            look.all ? max(least, room) : max(1, (room - (rows - 1) - (shown < panels.count ? 1 : 0)) / rows)
        let stretch = panels.contains { $0.stretches }
        let wide = stretch ? (width - gap * (columns - 1)) / columns : widest
        for row in 0..<rows {
            let here = panels[row * columns..<min(shown, (row + 1) * columns)]
            guard !here.isEmpty else { break }
            let blocks = here.map { $0.draw(width: wide, height: each, look: look, isAlone: false) }
            var canvas = TextCanvas(width: width, height: blocks.map(\.height).max() ?? 0)
            for (k, block) in blocks.enumerated() { canvas.put(block, 0, k * (wide + gap)) }
            if row > 0 { parts.append("") }
            parts.append(canvas.text(look.depth))
        }
        if shown < panels.count {
            let more = "... \(panels.count - shown) more"
            parts.append(width < 50 ? more : more + ": show the figure with all = true")
        }
        return parts.joined(separator: "\n")
    }
}

/// A panel by what it shows.
struct PanelText {
    let panel: Panel
    private let images: [Mark.Image]
    private let cells: Mark.Cells?
    private let bars: Mark.Bars?

    init(_ panel: Panel) {
        self.panel = panel
        images = panel.marks.compactMap { if case .image(let i) = $0 { i } else { nil } }
        cells = panel.marks.lazy.compactMap { if case .cells(let c) = $0 { c } else { nil } }.first
        bars = panel.marks.lazy.compactMap { if case .bars(let b) = $0 { b } else { nil } }.first
    }

    /// Whether the panel fills what room it gets.
    var stretches: Bool { images.isEmpty }

    /// The width in characters that suits the panel beside others.
    func wanted(_ look: TerminalStyle) -> Int {
        guard !images.isEmpty else { return cells != nil ? 26 : 34 }
        let scale = look.hasColor && !look.isASCII ? 1 : 2
        let wide = images.reduce(images.count - 1) { $0 + min($1.width * growth($1), 28) * scale }
        return max(wide, min(24, displayWidth(panel.title)), 4)
    }

    /// The least height at which it is readable.
    func least(_ look: TerminalStyle, width: Int) -> Int {
        guard !images.isEmpty else { return 8 }
        let each = max(1, (width - (images.count - 1)) / images.count)
        let tall =
            images.map {
                let size = ImagesText.pixels($0, columns: each, rows: 64, growth: growth($0), look: look)
                return look.hasColor && !look.isASCII ? (size.down + 1) / 2 : size.down
            }.max() ?? 1
        return tall + (panel.title.isEmpty ? 0 : 1) + (panel.note.isEmpty ? 0 : 1)
    }

    private func growth(_ image: Mark.Image) -> Int { image.width <= 5 ? 2 : 1 }

    func draw(width: Int, height: Int, look: TerminalStyle, isAlone: Bool) -> TextCanvas {
        if let first = images.first {
            return ImagesText(
                panel: panel, images: images, width: width, height: height, look: look,
                growth: isAlone ? max(1, 40 / max(first.width * images.count, 1)) : growth(first)
            ).draw()
        }
        if let cells { return CellsText(panel: panel, cells: cells, width: width, height: height, look: look).draw() }
        if let bars { return BarsText(panel: panel, bars: bars, width: width, height: height, look: look).draw() }
        return AxesText(panel, width: isAlone ? min(width, 100) : width, height: height, look: look).draw()
    }
}
