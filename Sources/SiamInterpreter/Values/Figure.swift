import SiamLanguage

/// A drawing as data: what is drawn, never how. Terminal, SVG, PNG and web page are made from it elsewhere.
public struct Figure: Sendable {
    public var title: String
    public var panels: [Panel]
    /// Panels a row; nil leaves as many side by side as there is room for.
    public var columns: Int?
    public init(title: String = "", panels: [Panel] = [], columns: Int? = nil) {
        self.title = title
        self.panels = panels
        self.columns = columns
    }
}

/// One pair of axes with what is drawn between them, or one picture.
public struct Panel: Sendable {
    public var title: String
    public var x: Axis
    public var y: Axis
    /// Drawn in order, later ones on top.
    public var marks: [Mark]
    /// Whether a unit is as long on one axis as on the other.
    public var isSquare: Bool
    /// A sentence said under the drawing.
    public var note: String
    /// The colours of its curves or classes in turn, 0xRRGGBB; those of siam where there are none.
    public var colors: [UInt32] = []
    /// Width and height of a drawing that is saved; what suits it where there is none.
    public var size: Size?
    public struct Size: Sendable {
        public var width: Double
        public var height: Double
        public init(width: Double, height: Double) { (self.width, self.height) = (width, height) }
    }
    public init(
        title: String = "", x: Axis = Axis(), y: Axis = Axis(), marks: [Mark] = [], isSquare: Bool = false,
        note: String = ""
    ) {
        self.title = title
        self.x = x
        self.y = y
        self.marks = marks
        self.isSquare = isSquare
        self.note = note
    }
}

public struct Axis: Sendable {
    public var label: String
    /// Equal factors are equally far apart.
    public var isLogarithmic: Bool
    /// The ends of the axis where the data's own range is not wanted.
    public var low: Double?
    public var high: Double?
    public init(_ label: String = "", isLogarithmic: Bool = false, low: Double? = nil, high: Double? = nil) {
        self.label = label
        self.isLogarithmic = isLogarithmic
        self.low = low
        self.high = high
    }
}

/// One thing drawn in a panel.
public enum Mark: Sendable {
    case line(Curve)
    case points(Points)
    case bars(Bars)
    case histogram(Histogram)
    case cells(Cells)
    case image(Image)
    case rule(Rule)

    /// Points joined by a line. Values that are not finite break it.
    public struct Curve: Sendable {
        public var name: String
        public var x: [Double]
        public var y: [Double]
        /// For a series of which only some points are drawn: how many it has, and how many of them cannot be drawn.
        public struct Whole: Sendable {
            public var count: Int
            public var lost: Int
            public init(count: Int, lost: Int) { (self.count, self.lost) = (count, lost) }
        }
        public var whole: Whole?
        /// - Parameter x: as long as `y`; 0, 1, 2, ... where it is not.
        public init(name: String = "", x: [Double] = [], y: [Double]) {
            self.name = name
            self.x = x.count == y.count ? x : y.indices.map(Double.init)
            self.y = y
        }
    }

    /// Single points, each of a class.
    public struct Points: Sendable {
        public var x: [Double]
        public var y: [Double]
        /// For each point an index into `names`; empty where all are of one kind.
        public var classes: [Int]
        public var names: [String]
        public init(x: [Double], y: [Double], classes: [Int] = [], names: [String] = []) {
            let n = min(x.count, y.count)
            self.x = Array(x.prefix(n))
            self.y = Array(y.prefix(n))
            self.classes = classes.count >= n ? Array(classes.prefix(n)) : []
            self.names = names
        }
    }

    /// A length for each name.
    public struct Bars: Sendable {
        public var names: [String]
        public var values: [Double]
        public init(names: [String] = [], values: [Double]) {
            self.names = values.indices.map { $0 < names.count ? names[$0] : "\($0)" }
            self.values = values
        }
    }

    /// Heights over neighbouring intervals: `heights[k]` belongs to `edges[k] ..< edges[k + 1]`.
    public struct Histogram: Sendable {
        public var name: String
        public var edges: [Double]
        public var heights: [Double]
        public init(name: String = "", edges: [Double], heights: [Double]) {
            self.name = name
            let n = max(0, min(edges.count - 1, heights.count))
            self.edges = n == 0 ? [] : Array(edges.prefix(n + 1))
            self.heights = Array(heights.prefix(n))
        }
    }

    /// A matrix as coloured cells, row by row from the top.
    public struct Cells: Sendable {
        public var rows: Int
        public var columns: Int
        public var values: [Double]
        public var rowNames: [String]
        public var columnNames: [String]
        /// Below and above zero in two colours of one strength, zero neutral.
        public var isDiverging: Bool
        public init(
            rows: Int, columns: Int, values: [Double], rowNames: [String] = [], columnNames: [String] = [],
            isDiverging: Bool
        ) {
            let rows = max(0, rows)
            let columns = max(0, columns)
            let (count, overflow) = rows.multipliedReportingOverflow(by: columns)
            let fits = !overflow && count == values.count
            self.rows = fits ? rows : 0
            self.columns = fits ? columns : 0
            self.values = fits ? values : []
            self.rowNames = rowNames
            self.columnNames = columnNames
            self.isDiverging = isDiverging
        }
    }

    /// A picture, height x width x channels, 0 black to 1 white.
    public struct Image: Sendable {
        public var height: Int
        public var width: Int
        /// 1 (grey) or 3 (red, green, blue).
        public var channels: Int
        public var values: [Float]
        public init(height: Int, width: Int, channels: Int, values: [Float]) {
            let (area, overflow) = max(0, height).multipliedReportingOverflow(by: max(0, width))
            let fits =
                !overflow && (channels == 1 || channels == 3) && area > 0 && area <= values.count
                && area * channels == values.count
            self.height = fits ? height : 0
            self.width = fits ? width : 0
            self.channels = channels == 3 ? 3 : 1
            self.values = fits ? values : []
        }
    }

    /// A straight line across the panel: a margin, a threshold.
    public struct Rule: Sendable {
        public enum Direction: Sendable { case vertical, horizontal }
        public var direction: Direction
        public var at: Double
        public var label: String
        public init(_ direction: Direction, at: Double, label: String = "") {
            self.direction = direction
            self.at = at
            self.label = label
        }
    }
}

/// A figure as a value of the language. The prompt draws it; `save` writes it.
public final class FigureThing: Thing, @unchecked Sendable {
    public private(set) var figure: Figure
    public init(_ figure: Figure) { self.figure = figure }
    public override var kindName: String { "a figure" }
    public override var length: Int? { figure.panels.count }
    public override var summary: String {
        let title = title
        let parts = figure.panels.count == 1 ? "" : " of \(figure.panels.count) panels"
        return "figure\(parts)" + (title.isEmpty ? "" : ": \(title)")
    }
    /// The figure's title; that of its panel where there is but one.
    public var title: String {
        figure.title.isEmpty && figure.panels.count == 1 ? figure.panels[0].title : figure.title
    }
    public override var fieldNames: [String] { ["title", "panels"] }
    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "title": Value(title)
        case "panels":
            Value(figure.panels.map { .thing(FigureThing(Figure(title: $0.title, panels: [$0].map(untitled)))) })
        default: nil
        }
    }
    public override func setField(_ name: String, _ value: Value, _ interpreter: Interpreter) throws -> Bool {
        guard name == "title" else { return false }
        guard case .text(let t) = value else {
            throw Diagnostic(code: "figure.title", "the title of a figure must be a text, and got \(value.kindName)")
        }
        if figure.panels.count == 1, figure.title.isEmpty {
            figure.panels[0].title = t.string
        } else {
            figure.title = t.string
        }
        return true
    }
    private func untitled(_ panel: Panel) -> Panel {
        var panel = panel
        panel.title = ""
        return panel
    }
}
