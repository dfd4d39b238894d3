import SiamLab
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Embeddings of another tool as one web page: figures of health, suspicions, distances, and the points themselves.
public enum EmbeddingReport {
    public static func write(_ health: EmbeddingHealth, to path: String) throws {
        var page = ReportPage(title: health.title)
        page.section("Health", ReportPage.table(health.table))
        let list = health.suspicions.map { "<li>\(SVG.escaped($0))</li>" }.joined()
        page.section(
            "Suspected, not proved",
            list.isEmpty ? "<p>Nothing suspicious in these figures.</p>" : "<ul>\(list)</ul>")
        if let figure = health.illustration { page.section("Distances", page.chart(figure)) }
        let z = health.data.x
        if z.shape[1] >= 2, z.shape[0] > 2, let p = try? Projection.principal(z.rows(0..<2000), dim: 2) {
            let n = p.scores.count / p.dim
            let points = Panel(
                x: Axis("first direction"), y: Axis("second direction"),
                marks: [
                    .points(
                        Mark.Points(
                            x: (0..<n).map { Double(p.scores[$0 * p.dim]) },
                            y: (0..<n).map { Double(p.scores[$0 * p.dim + 1]) },
                            classes: Array(health.data.y.prefix(n)), names: health.data.names))
                ])
            page.section("Embeddings", page.chart(Figure(panels: [points])))
        }
        try Files.write(Array(page.text().utf8), to: path)
    }
}
