import Glibc
import SiamInterpreter
import SiamRuntime
import SiamTensor

@testable import SiamFigures

/// One figure of every kind and of every awkward sort of data, by name.
enum Gallery {
    typealias Named = (name: String, figure: Figure)
    static let figures: [Named] = axes + matrices + pictures + awkward

    private static let axes: [Named] = [
        ("curve", one(Panel(x: Axis("step"), y: Axis("loss"), marks: [.line(falling(0))]))),
        (
            "curves",
            one(
                Panel(
                    title: "accuracy of pairs", x: Axis("step"),
                    marks: [
                        .line(rising("seen", 1, 0.5, 60)), .line(rising("unseen", 0.9, 0.4, 90)),
                        .rule(Mark.Rule(.horizontal, at: 0.5, label: "chance")),
                        .rule(Mark.Rule(.vertical, at: 120, label: "rewind")),
                    ]))
        ),
        (
            "logarithmic",
            one(
                Panel(
                    x: Axis("learning rate", isLogarithmic: true), y: Axis("loss", isLogarithmic: true),
                    marks: [.line(Mark.Curve(x: [1e-5, 1e-4, 1e-3, 1e-2, 1e-1], y: [0.25, 0.11, 0.02, 0.008, 3.5]))]))
        ),
        ("points", one(Panel(x: Axis("first"), y: Axis("second"), marks: [.points(clouds(3, 40))], isSquare: true))),
        ("digits", one(Panel(marks: [.points(clouds(10, 20))], isSquare: true))),
        (
            "cloud",
            one(Panel(marks: [.points(Mark.Points(x: clouds(1, 150).x, y: clouds(1, 150).y))]))
        ),
        ("histogram", one(histogram(["x": normal(600, 0, 1)]))),
        (
            "distances",
            one(distances)
        ),
    ]

    private static let matrices: [Named] = [
        ("weights", one(Panel(title: "net.dense1.w", marks: [.cells(matrix(24, 40, isDiverging: true))]))),
        ("distance matrix", one(Panel(title: "d", marks: [.cells(matrix(30, 30, isDiverging: false))]))),
        (
            "confusion",
            one(
                Panel(
                    title: "confusion",
                    marks: [
                        .cells(
                            Mark.Cells(
                                rows: 3, columns: 3, values: [50, 2, 1, 3, 44, 6, 0, 7, 48],
                                rowNames: ["one", "two", "three"], columnNames: ["one", "two", "three"],
                                isDiverging: false))
                    ]))
        ),
        (
            "gram",
            one(
                Panel(marks: [.cells(Mark.Cells(rows: 2, columns: 2, values: [1, -0.25, 0.5, -1], isDiverging: true))]))
        ),
    ]

    private static let pictures: [Named] = [
        ("image", one(Panel(title: "7", marks: [.image(glyph(7))]))),
        ("batch", Figure(panels: (0..<6).map { k in Panel(title: "\(k)", marks: [.image(glyph(k))]) })),
        (
            "pairs",
            Figure(panels: (0..<4).map(pair))
        ),
        (
            "colour image",
            one(
                Panel(marks: [
                    .image(Mark.Image(height: 6, width: 6, channels: 3, values: (0..<36).flatMap(slope)))
                ]))
        ),
        (
            "bars",
            one(
                Panel(
                    title: "at 200 steps",
                    marks: [
                        .bars(
                            Mark.Bars(
                                names: ["recall@1", "MAP@R", "auc", "gain"], values: [0.953, 0.71, 0.988, -0.12]))
                    ]))
        ),
        (
            "panels",
            Figure(
                title: "two views",
                panels: [
                    Panel(title: "loss", x: Axis("step"), marks: [.line(falling(1))]),
                    Panel(title: "embedding", marks: [.points(clouds(3, 20))]),
                ])
        ),
    ]

    private static let awkward: [Named] = [
        ("one point", one(Panel(y: Axis("loss"), marks: [.line(Mark.Curve(x: [3], y: [0.5]))]))),
        ("constant", one(Panel(y: Axis("loss"), marks: [.line(Mark.Curve(y: [0.5, 0.5, 0.5, 0.5]))]))),
        ("gaps", one(Panel(y: Axis("loss"), marks: [.line(Mark.Curve(y: [1, 2, .nan, 2, 1, .infinity, 3]))]))),
        ("nothing", one(Panel(y: Axis("loss"), marks: [.line(Mark.Curve(y: [.nan, .nan]))]))),
        ("empty", one(Panel(y: Axis("loss"), marks: [.line(Mark.Curve(y: []))]))),
        (
            "nan matrix",
            one(Panel(marks: [.cells(Mark.Cells(rows: 1, columns: 2, values: [.nan, .nan], isDiverging: false))]))
        ),
        (
            "flat matrix",
            one(
                Panel(marks: [
                    .cells(
                        Mark.Cells(rows: 20, columns: 20, values: Array(repeating: 2, count: 400), isDiverging: false))
                ]))
        ),
        (
            "wide names",
            one(
                Panel(
                    title: "手書き",
                    marks: [.bars(Mark.Bars(names: ["あ", "ひらがな", "é"], values: [1, 2, 3]))]))
        ),
        ("huge numbers", one(Panel(marks: [.line(Mark.Curve(y: [-1e300, 1e300, 5e299]))]))),
        ("tiny numbers", one(Panel(marks: [.line(Mark.Curve(y: [1, 3, 2].map { $0 * 1e-300 * 1e-10 }))]))),
    ]

    static let steps = stride(from: 0.0, through: 400, by: 4).map { $0 }

    static func one(_ panel: Panel) -> Figure { Figure(panels: [panel]) }

    static func slope(_ k: Int) -> [Float] {
        let (r, c) = (Float(k / 6) / 5, Float(k % 6) / 5)
        return [c, r, 1 - c]
    }

    static func pair(_ k: Int) -> Panel {
        let isSame = k % 2 == 0
        return Panel(
            title: isSame ? "same 0.2\(k)" : "different 1.0\(k)",
            marks: [.image(glyph(k)), .image(glyph(isSame ? k : k + 1))])
    }

    static func rising(_ name: String, _ top: Double, _ depth: Double, _ time: Double) -> Mark.Curve {
        let y: [Double] = steps.map { step in top - depth * exp(-step / time) }
        return Mark.Curve(name: name, x: steps, y: y)
    }

    static var distances: Panel {
        var p = histogram(["same": normal(500, 0.35, 0.12), "different": normal(800, 0.95, 0.2)])
        p.marks.append(.rule(Mark.Rule(.vertical, at: 1, label: "margin")))
        p.x.label = "distance"
        return p
    }

    static func falling(_ k: Double) -> Mark.Curve {
        let y: [Double] = steps.map { step in
            let wave: Double = 0.02 * sin(step * 0.7 + k) * exp(-step / 300)
            return 0.05 + 0.5 * exp(-step / 70) + wave
        }
        return Mark.Curve(x: steps, y: y)
    }

    static func normal(_ n: Int, _ mean: Double, _ sd: Double) -> [Double] {
        var stream = RandomStream(seed: UInt64(n))
        return (0..<n).map { _ in
            let radius = (-2 * log(1 - stream.uniform())).squareRoot()
            return mean + sd * radius * cos(2 * Double.pi * stream.uniform())
        }
    }

    static func clouds(_ classes: Int, _ each: Int) -> Mark.Points {
        var points = Mark.Points(x: [], y: [])
        points.names = (0..<classes).map { classes <= 3 ? ["ape", "bee", "cat"][$0] : "\($0)" }
        for c in 0..<classes {
            let angle = 2 * Double.pi * Double(c) / Double(classes)
            points.x += normal(each + c, 3 * cos(angle), 0.6).prefix(each)
            points.y += normal(each + 100 + c, 3 * sin(angle), 0.6).prefix(each)
            points.classes += Array(repeating: c, count: each)
        }
        return points
    }

    static func histogram(_ samples: [String: [Double]]) -> Panel {
        let panel = try? Binning.panel(
            samples.keys.sorted(by: >).map { Series.Sample(name: $0, values: samples[$0] ?? []) }, bins: nil)
        return panel ?? Panel()
    }

    static func matrix(_ rows: Int, _ columns: Int, isDiverging: Bool) -> Mark.Cells {
        let values: [Double] = (0..<rows * columns).map { k in
            let (r, c) = (Double(k / columns), Double(k % columns))
            return isDiverging ? sin(r / 3) * cos(c / 5) * 0.3 : abs(r - c) / 10
        }
        return Mark.Cells(rows: rows, columns: columns, values: values, isDiverging: isDiverging)
    }

    /// An 8x8 picture: a ring, a bar or a slope, by its number.
    static func glyph(_ k: Int) -> Mark.Image {
        let values: [Float] = (0..<64).map { p in
            let r = Double(p / 8) - 3.5
            let c = Double(p % 8) - 3.5
            let radius = (r * r + c * c).squareRoot()
            var value = 1 - abs(radius - 2.5)
            if k % 3 == 1 { value = 1 - abs(c) / 2 }
            if k % 3 == 2 { value = 1 - abs(r + c - Double(k) + 5) / 2 }
            return Float(max(0, min(1, value)))
        }
        return Mark.Image(height: 8, width: 8, channels: 1, values: values)
    }
}
