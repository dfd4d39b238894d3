import SiamData
import SiamFigures
import SiamInterpreter
import SiamLab
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Embeddings of another tool as one web page: figures of health, suspicions, distances, and the points themselves.
public enum EmbeddingReport {
    /// Points drawn at most.
    private static let most = 2000

    public static func write(_ health: EmbeddingHealth, to path: String) throws {
        var page = ReportPage(title: health.title)
        page.section("Health", ReportPage.table(health.table, head: health.tableHead))
        let list = health.suspicions.map { "<li>\(SVG.escaped($0))</li>" }.joined()
        page.section(
            "Suspected, not proved",
            list.isEmpty ? "<p>Nothing suspicious in these measures.</p>" : "<ul>\(list)</ul>")
        if let figure = health.illustration { page.section("Distances", page.chart(figure)) }
        let z = health.data.x
        // Files are often in the order of their classes: the points are taken from all of it.
        let step = max(1, (z.shape[0] + Self.most - 1) / Self.most)
        let rows = Array(stride(from: 0, to: z.shape[0], by: step))
        if z.shape[1] >= 2, z.shape[0] > 2, let shown = try? health.data.subset(rows),
            let p = try? Projection.principal(shown.x, dim: 2)
        {
            let n = p.scores.count / p.dim
            let points = Panel(
                x: Axis("first direction"), y: Axis("second direction"),
                marks: [
                    .points(
                        Mark.Points(
                            x: (0..<n).map { Double(p.scores[$0 * p.dim]) },
                            y: (0..<n).map { Double(p.scores[$0 * p.dim + 1]) },
                            classes: Array(shown.y.prefix(n)), names: health.data.names))
                ])
            page.section("Embeddings", page.chart(Figure(panels: [points])))
        }
        try Files.write(Array(page.text().utf8), to: path)
    }
}
