import SiamData
import SiamInterpreter
import SiamRuntime

/// The figures of values, for front ends that show pictures and not characters.
extension Figures {
    /// The figure that a value is, or that belongs to it: of a run its curves, of images some of them.
    public static func figure(of value: Value) -> Figure? {
        guard case .thing(let thing) = value else { return nil }
        if let figure = (thing as? FigureThing)?.figure { return figure }
        if let data = (thing as? DatasetThing)?.dataset {
            return ImageMarks.thumbnails(data, side: 16, columns: 100, scale: 1)
        }
        return thing.illustration ?? (thing as? Run).flatMap(curves)
    }

    /// The loss of a run and its reported series, a panel each, with no more points than can be distinguished.
    private static func curves(_ run: Run) -> Figure? {
        let all = [(name: "loss", series: run.loss)] + run.reports.map { (name: $0.0, series: $0.1) }
        let panels = all.filter { $0.series.values.count > 1 }.prefix(6).map { name, series -> Panel in
            let apart = max(1, series.values.count / 500)
            let steps = series.steps
            let places = series.values.indices.filter { $0 % apart == 0 || $0 == series.values.count - 1 }
            let curve = Mark.Curve(
                name: name, x: places.map { Double(steps[$0]) }, y: places.map { Double(series.values[$0]) })
            return Panel(title: name, x: Axis("step"), marks: [.line(curve)])
        }
        return panels.isEmpty ? nil : Figure(panels: Array(panels))
    }

    public static func svg(_ figure: Figure) -> String { SVG.text(Plan.drawing(figure)) }

    public static func png(_ figure: Figure) throws -> [UInt8] {
        try Raster(Plan.drawing(figure), isDark: false).picture().png()
    }
}
