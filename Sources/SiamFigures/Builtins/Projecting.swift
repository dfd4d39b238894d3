import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Built-ins that project points into the plane.
extension Figures {
    static let projecting: [Builtin] = [
        Builtin(
            "pca", "z, dim = 2", family: "inspection",
            "Projects the rows of z, embeddings or a data set, onto their first `dim` principal components: (z - mean) V, V the eigenvectors of the covariance with the largest eigenvalues (Pearson 1901). To draw embeddings: scatter(pca(net(x)), y).",
            examples: [("shape(pca([[1, 0, 0], [0, 2, 0], [0, 0, 3]]))[1]", "2")], seeAlso: ["scatter"]
        ) { i, a in
            let p = try Projection.principal(try rows(a), dim: try a.integer(1, atLeast: 1))
            return .tensor(try Tensor(try Shape([p.scores.count / p.dim, p.dim]), p.scores.map { Float($0) }))
        },
        Builtin(
            "tsne", "z, perplexity : number > 0 usually >= 5 = 30, steps : whole >= 1 = 750", family: "inspection",
            "t-SNE: maps the rows of z to points in a plane so that neighbours stay neighbours (van der Maaten and Hinton 2008; for more than 1000 rows with the approximation of Barnes and Hut 1986). The sizes of groups and the distances between them have no meaning. `perplexity` is roughly the number of neighbours that count; it is lowered if there are few rows.",
            examples: [("shape(tsne(digits()[0..20], steps = 10))[1]", "2")],
            seeAlso: ["pca", "scatter"]
        ) { i, a in
            let z = try rows(a)
            // Unless asked for, no more than a third of the rows can be near.
            let asked = try a.number(1)
            let most = max(1, Double(z.shape[0] - 1) / 3)
            if asked > most, asked != 30 {
                i.session.warn(
                    Diagnostic(
                        .warning, code: "argument.unusual",
                        "tsne of \(z.shape[0]) rows needs a perplexity of at most \(formatNumber(most.rounded(.down))), and got \(formatNumber(asked))",
                        at: i.userPlace().map { [.init($0)] } ?? []))
            }
            let perplexity = asked == 30 ? min(30, most) : asked
            let y = try NeighbourEmbedding.embed(
                z, perplexity: perplexity, steps: min(100_000, try a.integer(2, atLeast: 1))
            ) { try i.checkInterrupt() }
            return .tensor(try Tensor(try Shape([y.count / 2, 2]), y.map { Float($0) }))
        },
    ]

    /// Rows of embeddings: a tensor, or the examples of a data set laid flat.
    private static func rows(_ a: Arguments) throws -> Tensor {
        guard case .thing(let d as DatasetThing) = a[0] else { return try a.tensor(0).detached() }
        let x = d.dataset.x
        return try x.reshaped(to: try Shape([d.dataset.count, x.count / max(1, d.dataset.count)]))
    }
}
