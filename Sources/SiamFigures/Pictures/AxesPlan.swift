import SiamInterpreter
import SiamRuntime

/// A panel with axes, laid out on the plane.
struct AxesPlan {
    let panel: Panel
    private let extent: Extent

    init(_ panel: Panel) {
        self.panel = panel
        extent = Extent(panel)
    }

    func draw(_ d: inout Drawing, _ x0: Double, _ y0: Double, _ width: Double, _ height: Double) {
        let title = panel.title
        guard extent.x != nil, extent.y != nil else {
            d.text(title.isEmpty ? panel.y.label : title, x0, y0 + 16, size: 14)
            for (k, note) in extent.remarks.enumerated() { d.text(note, x0, y0 + 40 + Double(k) * 16) }
            return
        }
        let legend = legendRows(width - 60)
        let top = y0 + (title.isEmpty ? 10 : 28)
        let bottom =
            y0 + height - 26 - (panel.x.label.isEmpty ? 0 : 18) - Double(legend.count) * 18
            - Double(extent.remarks.count) * 16
        let tall = max(40, bottom - top)
        let yMost = max(3, Int(tall / 48))
        let xMost = max(3, Int(width / 80))
        var (x, y) = extent.ticks(panel, xMost: xMost, yMost: yMost)
        let left = x0 + (y.labels.map { StrokeFont.width($0, size: 11) }.max() ?? 0) + (panel.y.label.isEmpty ? 12 : 30)
        let wide = max(40, x0 + width - 10 - left)
        if panel.isSquare { (x, y) = extent.square(panel, xMost: xMost, yMost: yMost, ratio: tall / wide) }
        d.text(title, left + wide / 2, y0 + 16, size: 14, .middle)
        d.planes.append(Drawing.Plane(left: left, top: top, width: wide, height: tall, x: x, y: y))
        func place(_ px: Double, _ py: Double) -> Drawing.Place? {
            guard let a = x.share(px), let b = y.share(py) else { return nil }
            return Drawing.Place(
                left + max(-0.5, min(1.5, a)) * wide, top + (1 - max(-0.5, min(1.5, b))) * tall)
        }
        for (value, label) in zip(y.values, y.labels) {
            guard let b = y.share(value), b > -0.001, b < 1.001 else { continue }
            let at = top + (1 - b) * tall
            d.add(.line([Drawing.Place(left, at), Drawing.Place(left + wide, at)], .faint, width: 1, dash: []))
            d.text(label, left - 6, at + 4, size: 11, .end)
        }
        for (value, label) in zip(x.values, x.labels) {
            guard let a = x.share(value), a > -0.001, a < 1.001 else { continue }
            let at = left + a * wide
            d.add(.line([Drawing.Place(at, top), Drawing.Place(at, top + tall)], .faint, width: 1, dash: []))
            d.text(label, at, top + tall + 15, size: 11, .middle)
        }
        drawMarks(&d, place, plane: (left, top, wide, tall), x, y)
        d.add(
            .line(
                [Drawing.Place(left, top), Drawing.Place(left, top + tall), Drawing.Place(left + wide, top + tall)],
                .text, width: 1, dash: []))
        d.text(panel.y.label, x0 + 11, top + tall / 2, .middle, isUpright: true)
        var at = top + tall + 33
        if !panel.x.label.isEmpty {
            d.text(panel.x.label, left + wide / 2, at, .middle)
            at += 18
        }
        for row in legend {
            var column = left
            for entry in row {
                drawEntry(&d, entry, column, at)
                column += 34 + StrokeFont.width(entry.name, size: 12)
            }
            at += 18
        }
        for note in extent.remarks {
            d.text(note, x0, at, size: 11)
            at += 16
        }
    }

    // MARK: Marks

    private typealias Plane = (left: Double, top: Double, wide: Double, tall: Double)
    private static let dashes: [[Double]] = [[], [7, 4], [2, 3], [9, 3, 2, 3], [12, 4], [4, 4]]

    private func drawMarks(
        _ d: inout Drawing, _ place: (Double, Double) -> Drawing.Place?, plane: Plane, _ x: Ticks, _ y: Ticks
    ) {
        var curve = 0
        var labels = 0
        for mark in panel.marks {
            switch mark {
            case .histogram(let h):
                let tint = Drawing.Tint.ink(panel.ink(curve))
                let path = h.outline.compactMap { place($0.0, $0.1) }
                d.add(.area(path, tint, opacity: extent.curveCount > 1 ? 0.35 : 0.75))
                d.add(.line(path, tint, width: 1.5, dash: Self.dashes[curve % Self.dashes.count]))
                curve += 1
            case .line(let line):
                let tint = Drawing.Tint.ink(panel.ink(curve))
                var run: [Drawing.Place] = []
                var whole: [Drawing.Place] = []
                func end() {
                    if run.count == 1 {
                        d.add(.sign(.disc, run[0], size: 3.5, tint, title: ""))
                    } else if run.count > 1 {
                        d.add(.line(Self.thinned(run), tint, width: 1.8, dash: Self.dashes[curve % Self.dashes.count]))
                    }
                    run = []
                }
                for (px, py) in zip(line.x, line.y) {
                    guard let at = place(px, py) else {
                        end()
                        continue
                    }
                    run.append(at)
                    whole.append(at)
                }
                end()
                if extent.curveCount > 1 {
                    let path = whole.map { (Int($0.x), Int($0.y)) }
                    for at in Mark.Curve.labelPlaces(along: path, curve, of: extent.curveCount) {
                        d.add(
                            .sign(
                                Drawing.sign(curve), Drawing.Place(Double(at.0), Double(at.1)), size: 4, tint,
                                title: ""))
                    }
                }
                curve += 1
            case .points(let p):
                let size = p.x.count > 1500 ? 2.2 : p.x.count > 400 ? 3 : 4
                for k in p.x.indices {
                    guard let at = place(p.x[k], p.y[k]) else { continue }
                    let c = p.classes.isEmpty ? 0 : p.classes[k]
                    let name = c >= 0 && c < p.names.count ? p.names[c] : ""
                    d.add(.sign(Drawing.sign(c), at, size: size, .ink(panel.ink(c)), title: name))
                }
            case .rule(let rule):
                let text = rule.label.isEmpty ? "" : "\(rule.label) \(Ticks.short(rule.at))"
                if rule.direction == .vertical {
                    guard let a = x.share(rule.at), a >= 0, a <= 1 else { continue }
                    let at = plane.left + a * plane.wide
                    d.add(
                        .line(
                            [Drawing.Place(at, plane.top), Drawing.Place(at, plane.top + plane.tall)], .text,
                            width: 1.4, dash: [5, 4]))
                    let isRight = at + 8 + StrokeFont.width(text, size: 11) < plane.left + plane.wide
                    d.text(
                        text, isRight ? at + 5 : at - 5, plane.top + 12 + Double(labels) * 14, size: 11,
                        isRight ? .start : .end)
                    labels += 1
                } else {
                    guard let b = y.share(rule.at), b >= 0, b <= 1 else { continue }
                    let at = plane.top + (1 - b) * plane.tall
                    d.add(
                        .line(
                            [Drawing.Place(plane.left, at), Drawing.Place(plane.left + plane.wide, at)], .text,
                            width: 1.4, dash: [5, 4]))
                    d.text(text, plane.left + plane.wide - 4, at - 5, size: 11, .end)
                }
            default: break
            }
        }
    }

    /// Of very long curves the first, lowest, highest and last point of each point of width: it looks the same.
    static func thinned(_ path: [Drawing.Place]) -> [Drawing.Place] {
        guard path.count > 4000 else { return path }
        var out: [Drawing.Place] = []
        var k = 0
        while k < path.count {
            let column = path[k].x.rounded(.down)
            var end = k
            var low = k
            var high = k
            while end + 1 < path.count, path[end + 1].x.rounded(.down) == column {
                end += 1
                if path[end].y < path[low].y { low = end }
                if path[end].y > path[high].y { high = end }
            }
            for i in Set([k, low, high, end]).sorted() { out.append(path[i]) }
            k = end + 1
        }
        return out
    }

    // MARK: Legend

    private func legendRows(_ width: Double) -> [[Extent.Entry]] {
        var rows: [[Extent.Entry]] = []
        var used = 0.0
        for var entry in extent.entries.prefix(40) {
            entry.name = shortened(entry.name, 30)
            let size = 34 + StrokeFont.width(entry.name, size: 12)
            if rows.isEmpty || used + size > width {
                rows.append([])
                used = 0
            }
            rows[rows.count - 1].append(entry)
            used += size
        }
        return rows
    }

    private func drawEntry(_ d: inout Drawing, _ entry: Extent.Entry, _ x: Double, _ y: Double) {
        switch entry.kind {
        case .curve(let k):
            let tint = Drawing.Tint.ink(panel.ink(k))
            d.add(
                .line(
                    [Drawing.Place(x, y - 4), Drawing.Place(x + 20, y - 4)], tint, width: 2,
                    dash: Self.dashes[k % Self.dashes.count]))
            let isLine = panel.marks.contains { if case .line(let c) = $0 { c.name == entry.name } else { false } }
            if extent.curveCount > 1, isLine {
                d.add(.sign(Drawing.sign(k), Drawing.Place(x + 10, y - 4), size: 4, tint, title: ""))
            }
        case .points(let k, _):
            d.add(
                .sign(Drawing.sign(k), Drawing.Place(x + 12, y - 4), size: 4, .ink(panel.ink(k)), title: ""))
        }
        d.text(entry.name, x + 25, y)
    }
}
