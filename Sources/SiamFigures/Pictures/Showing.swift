import SiamData
import SiamRuntime

/// Figures for who shows pictures rather than signs.
extension Figures {
    /// The figure that a value is, or that belongs to it: of a run its curves, of images some of them.
    public static func figure(of value: Value) -> Figure? {
        guard case .thing(let thing) = value else { return nil }
        if let figure = (thing as? FigureThing)?.figure { return figure }
        if let data = (thing as? DatasetThing)?.dataset {
            return Pictures.thumbnails(data, side: 16, columns: 100, scale: 1)
        }
        return thing.illustration
    }

    public static func svg(_ figure: Figure) -> String { SVG.text(Plan.drawing(figure)) }

    public static func png(_ figure: Figure) throws -> [UInt8] {
        try Raster(Plan.drawing(figure), isDark: false).picture().png()
    }
}
