import SiamFigures
import SiamInterpreter
import SiamRuntime

/// A page that needs nothing beside itself: style, script, pictures and numbers are in it, and it may ask for nothing.
struct ReportPage {
    private let title: String
    private var sections: [(title: String, body: String)] = []
    private var charts: [String] = []
    /// The turning cloud's points, as JSON.
    var scatter: String?

    init(title: String) { self.title = title }

    /// - Parameter body: markup.
    mutating func section(_ title: String, _ body: String) { sections.append((title, body)) }

    /// The markup of a figure. Its curves tell their values under the pointer.
    mutating func chart(_ figure: Figure) -> String {
        let drawing = Plan.drawing(figure)
        var json = "null"
        if let plane = drawing.planes.first, drawing.planes.count == 1, let panel = figure.panels.first {
            let series = panel.marks.compactMap { mark -> String? in
                switch mark {
                case .line(let c):
                    return
                        "{\"name\":\(JSONText.text(c.name)),\"x\":\(JSONText.short(c.x)),\"y\":\(JSONText.short(c.y))}"
                case .histogram(let h):
                    return "{\"name\":\(JSONText.text(h.name.isEmpty ? panel.y.label : h.name)),"
                        + "\"x\":\(JSONText.short(h.edges)),\"y\":\(JSONText.short(h.heights)),\"steps\":1}"
                default: return nil
                }
            }
            json =
                "{\"plane\":\(JSONText.numbers([plane.left, plane.top, plane.width, plane.height])),"
                + "\"x\":\(JSONText.numbers([plane.x.low, plane.x.high, plane.x.isLogarithmic ? 1 : 0])),"
                + "\"across\":\(JSONText.text(panel.x.label)),\"series\":[\(series.joined(separator: ","))]}"
        }
        charts.append(json)
        return
            "<figure class=\"chart\" data-chart=\"\(charts.count - 1)\">\(SVG.text(drawing, isInPage: true))</figure>\n"
    }

    /// - Parameter head: what the columns are, where that does not speak for itself.
    static func table(_ rows: [[String]], head: [String] = []) -> String {
        let titles = head.map { "<th>\(SVG.escaped($0))</th>" }.joined()
        return "<table>" + (head.isEmpty ? "" : "<tr>\(titles)</tr>")
            + rows.map { row in
                "<tr>"
                    + row.enumerated().map { k, cell in
                        k == 0 ? "<th>\(SVG.escaped(cell))</th>" : "<td>\(SVG.escaped(cell))</td>"
                    }.joined() + "</tr>"
            }.joined() + "</table>"
    }

    func text() -> String {
        let colors = Palette.classes.map { JSONText.text($0.hex) }.joined(separator: ",")
        return """
            <!doctype html>
            <html lang="en">
            <head>
            <meta charset="utf-8">
            <meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; \
            script-src 'unsafe-inline'; img-src data:">
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <title>\(SVG.escaped(title))</title>
            <style>
            \(Self.style)
            </style>
            </head>
            <body>
            <h1>\(SVG.escaped(title))</h1>
            \(sections.map { "<section>\n<h2>\(SVG.escaped($0.title))</h2>\n\($0.body)\n</section>" }.joined(separator: "\n"))
            <div id="tip" role="status"></div>
            <script>
            const charts = [\(charts.joined(separator: ",\n"))];
            const cloud = \(scatter ?? "null");
            const colors = [\(colors)];
            \(Self.script)
            </script>
            </body>
            </html>

            """
    }

    private static let style = """
        :root { color-scheme: light dark; --ground: #ffffff; --text: #222222; --faint: #d9d9d9; --card: #f6f6f4; }
        @media (prefers-color-scheme: dark) {
          :root { --ground: #1b1b1b; --text: #e6e6e6; --faint: #454545; --card: #262626; }
        }
        body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; background: var(--ground); color: var(--text);
          font: 15px/1.5 system-ui, "DejaVu Sans", Arial, sans-serif; }
        h1 { font-size: 1.3rem; } h2 { font-size: 1.1rem; margin: 2rem 0 .5rem; }
        pre { background: var(--card); padding: .8rem 1rem; overflow-x: auto; font-size: 13px; line-height: 1.4; }
        table { border-collapse: collapse; } th { text-align: left; padding: .15rem 1.5rem .15rem 0; font-weight: 600; }
        td { padding: .15rem 1.5rem .15rem 0; }
        figure { margin: 0 0 1rem; position: relative; } svg { max-width: 100%; height: auto; display: block; }
        svg text.t, .t { fill: var(--text); } .l { stroke: var(--text); } .g { stroke: var(--faint); }
        #tip { position: fixed; display: none; pointer-events: none; background: var(--card); color: var(--text);
          border: 1px solid var(--faint); padding: .3rem .6rem; font-size: 13px; white-space: pre; z-index: 2; }
        #tip canvas { display: block; margin-bottom: .3rem; image-rendering: pixelated; }
        #cloud { background: var(--card); max-width: 100%; cursor: grab; touch-action: none; }
        #classes button { background: none; border: 1px solid var(--faint); color: var(--text); margin: .2rem .3rem 0 0;
          padding: .1rem .6rem; font: inherit; cursor: pointer; }
        #classes button[aria-pressed="false"] { opacity: .35; }
        """
}
