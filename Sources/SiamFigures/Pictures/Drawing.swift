import SiamData

/// A figure laid out on a plane, in points from the top left: what SVG and PNG are both written from.
package struct Drawing {
    struct Place {
        var x: Double
        var y: Double
        init(_ x: Double, _ y: Double) {
            self.x = x
            self.y = y
        }
    }

    /// A colour, or a part that has one on a light and one on a dark ground.
    enum Tint {
        case ink(RGBColor)
        case text, faint, ground

        func ink(isDark: Bool) -> RGBColor {
            switch self {
            case .ink(let i): i
            case .text: RGBColor(isDark ? 0xe6e6e6 : 0x222222)
            case .faint: RGBColor(isDark ? 0x454545 : 0xd9d9d9)
            case .ground: RGBColor(isDark ? 0x1b1b1b : 0xffffff)
            }
        }
    }

    enum Anchor { case start, middle, end }

    /// The shape of a class's points.
    enum Sign: Int, CaseIterable { case disc, triangle, square, diamond, cross, ring, down, plus, openSquare, star }

    enum Item {
        case line([Place], Tint, width: Double, dash: [Double])
        /// Filled, with an outline of the ground's colour where `isEdged`.
        case area([Place], Tint, opacity: Double)
        case box(x: Double, y: Double, width: Double, height: Double, Tint)
        case sign(Sign, Place, size: Double, Tint, title: String)
        case text(String, Place, size: Double, Anchor, Tint, isUpright: Bool)
        /// Coloured cells, row by row.
        case pixels(x: Double, y: Double, width: Double, height: Double, columns: Int, rows: Int, [RGBColor])
    }

    /// The position of a pair of axes and the numbers at their ends, for a page that shows values under the pointer.
    package struct Plane {
        package var left: Double
        package var top: Double
        package var width: Double
        package var height: Double
        package var x: Ticks
        package var y: Ticks
    }

    var width: Double
    var height: Double
    var title: String
    var items: [Item] = []
    package var planes: [Plane] = []

    mutating func add(_ item: Item) { items.append(item) }

    mutating func text(
        _ text: String, _ x: Double, _ y: Double, size: Double = 12, _ anchor: Anchor = .start, _ tint: Tint = .text,
        isUpright: Bool = false
    ) {
        guard !text.isEmpty else { return }
        items.append(.text(text, Place(x, y), size: size, anchor, tint, isUpright: isUpright))
    }

    /// The outlines of a text that siam's own strokes do not have all letters of, out of a font of the system.
    static func letters(
        _ text: String, _ at: Place, _ size: Double, _ anchor: Anchor, _ isUpright: Bool
    ) -> [[Place]]? {
        guard !text.allSatisfy(StrokeFont.has), let letters = FontOutlines(text) else { return nil }
        let long = letters.width * size
        let start = anchor == .start ? 0 : anchor == .middle ? -long / 2 : -long
        return letters.paths.map { path in
            path.points.map { p in
                let (u, v) = (start + p.x * size, p.y * size)
                return isUpright ? Place(at.x + v, at.y - u) : Place(at.x + u, at.y + v)
            }
        }
    }

    /// The outline of a symbol around the origin, and whether it is filled; otherwise it is drawn with strokes.
    static func outline(_ sign: Sign, _ s: Double) -> (strokes: [[Place]], isFilled: Bool) {
        func polygon(_ points: [(Double, Double)], closed: Bool = true) -> [Place] {
            let places = points.map { Place($0.0 * s, $0.1 * s) }
            return closed ? places + places.prefix(1) : places
        }
        func circle() -> [Place] {
            // Chords of a circle, fine enough at these sizes; sines of multiples of 22.5 degrees.
            let sine = [0, 0.3827, 0.7071, 0.9239, 1, 0.9239, 0.7071, 0.3827]
            return (0...16).map { k in
                let y = k % 16 < 8 ? sine[k % 8] : -sine[k % 8]
                let q = (k + 4) % 16
                let x = q < 8 ? sine[q % 8] : -sine[q % 8]
                return Place(x * s, y * s)
            }
        }
        switch sign {
        case .disc: return ([circle()], true)
        case .ring: return ([circle()], false)
        case .triangle: return ([polygon([(0, -1.15), (1.05, 0.8), (-1.05, 0.8)])], true)
        case .down: return ([polygon([(0, 1.15), (1.05, -0.8), (-1.05, -0.8)])], false)
        case .square: return ([polygon([(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)])], true)
        case .openSquare: return ([polygon([(-0.88, -0.88), (0.88, -0.88), (0.88, 0.88), (-0.88, 0.88)])], false)
        case .diamond: return ([polygon([(0, -1.25), (1.05, 0), (0, 1.25), (-1.05, 0)])], true)
        case .cross:
            return (
                [
                    polygon([(-0.85, -0.85), (0.85, 0.85)], closed: false),
                    polygon([(-0.85, 0.85), (0.85, -0.85)], closed: false),
                ],
                false
            )
        case .plus:
            return (
                [polygon([(-1.1, 0), (1.1, 0)], closed: false), polygon([(0, -1.1), (0, 1.1)], closed: false)], false
            )
        case .star:
            return (
                [
                    polygon([(-1.1, 0), (1.1, 0)], closed: false),
                    polygon([(-0.55, -0.95), (0.55, 0.95)], closed: false),
                    polygon([(-0.55, 0.95), (0.55, -0.95)], closed: false),
                ], false
            )
        }
    }
    static func sign(_ k: Int) -> Sign { Sign.allCases[((k % 10) + 10) % 10] }
}
