import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Built-ins that project points into the plane, and that write figures and reports to files.
extension Figures {
    static let writing: [Builtin] = [
        Builtin(
            "pca", "z, dim = 2", family: "looking",
            "Projects the rows of z, embeddings or a data set, onto their first `dim` principal components: (z - mean) V, V the eigenvectors of the covariance with the largest eigenvalues (Pearson 1901). To draw embeddings: scatter(pca(net(x)), y).",
            examples: [("shape(pca([[1, 0, 0], [0, 2, 0], [0, 0, 3]]))[1]", "2")], seeAlso: ["scatter"]
        ) { i, a in
            let p = try Projection.principal(try rows(a), dim: try a.integer(1, atLeast: 1))
            return .tensor(try Tensor(try Shape([p.scores.count / p.dim, p.dim]), p.scores.map { Float($0) }))
        },
        Builtin(
            "tsne", "z, perplexity : number > 0 usually >= 5 = 30, steps : whole >= 1 = 750", family: "looking",
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
        Builtin(
            "save", "x, path : text, dark : bool = false, layout : text = none", family: "files",
            "Writes a figure as \"f.svg\", \"f.pdf\" or \"f.png\" (with `dark = true` a PNG on a dark ground), a tensor (.npy), a record of tensors, a net or a data set (.npz or .safetensors), a data set as a table (.csv), a text (.txt, .csv), a run (.siamrun; its series alone as .csv or .jsonl; a folder, whose name ends in /, for TensorBoard), to a file, atomically. The tensors of a net, states included, are named by their paths. A net saved as .onnx is written completely, in evaluation mode, for any batch size, with channels first as in other tools; with `layout = \"torch\"` a net's .safetensors or .npz is a state dict for PyTorch.",
            seeAlso: ["load", "report", "plot"]
        ) { i, a in
            // A program that is run again writes nothing again.
            if i.session.isKeptBack("save to \((try? a.text(1)) ?? "a file")") { return .none }
            // Nets, tensors and data sets are written by the runtime's own save.
            if Writing.isData(a[0]), let other = Builtins.core.first(where: { $0.name == "save" }) {
                return try other.body(i, Arguments(builtin: other, values: [a[0], a[1], a[3]], interpreter: i))
            }
            let path = try a.text(1)
            guard case .thing(let thing) = a[0] else { throw a.wrong(0, "a figure or another thing that is saved") }
            if let run = thing as? SiamRuntime.Run, path.hasSuffix("/") {
                try TensorBoardLog.write(run, String(path.dropLast()), i)
                return Builtins.wrote(i, path)
            }
            // What is shown with a drawing is saved as that drawing.
            if let figure = (thing as? FigureThing)?.figure ?? thing.illustration {
                if let boxes = try write(figure, path, isDark: try a.flag(2)) { i.session.warn(boxes) }
            } else if try !thing.save(to: path, i) {
                throw Diagnostic(code: "save.kind", "save writes figures, and got \(thing.kindName)")
            }
            return Builtins.wrote(i, path)
        },
        Builtin(
            "report", "run, path = \"report.html\", data = none, margin = 1", family: "looking",
            """
            Writes a run as one web page that needs nothing else: its curves, the embedding as points that can be turned, distances of same and different pairs, the nets and their weights, figures of health. \
            `report("run.html")` uses the last run. `data` is the data set that is embedded; the default is that of the run.
            """,
            seeAlso: ["save", "inspect"]
        ) { i, a in
            if i.session.isKeptBack("report to \(a.isNone(1) ? "a page" : (try? a.text(1)) ?? "a page")") {
                return .none
            }
            var given = a[0]
            var path = try a.text(1)
            if case .text(let t) = given {
                path = t.string
                given = i.session.lastRun.map { .thing($0) } ?? .none
            }
            guard case .thing(let thing) = given, let run = thing as? Run else {
                let isNumber = if case .number = given { true } else if case .tensor = given { true } else { false }
                if isNumber, let text = i.argumentTexts.first, text.utf8.count <= 30, !text.contains("\n") {
                    let isName = text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" }
                    throw Diagnostic(
                        code: "argument.kind", "report writes a run as an HTML page, and got \(given.kindName)",
                        repair:
                            "in the body of train, to record a number under a name:  report \(isName && text != "loss" ? text : "own") = \(text)"
                    )
                }
                guard case .none = given else { throw a.wrong(0, "a run") }
                throw Diagnostic(
                    code: "report.none", "there is no run to report on", repair: "train one first:  ?train")
            }
            var data: DatasetThing?
            if !a.isNone(2) { data = try a.thing(2, DatasetThing.self, "a data set") }
            // A run that another tool has recorded has no nets.
            try? run.openNets(i)
            let page = try RunReport(
                run, data ?? (run.source as? SourceThing)?.dataset, try a.number(3), isGiven: data != nil, i
            ).page()
            try WholeFile.write(Array(page.utf8), path)
            return Builtins.wrote(i, path)
        },
    ]

    /// Rows of embeddings: a tensor, or the examples of a data set laid flat.
    private static func rows(_ a: Arguments) throws -> Tensor {
        guard case .thing(let d as DatasetThing) = a[0] else { return try a.tensor(0).detached() }
        let x = d.dataset.x
        return try x.reshaped(to: try Shape([d.dataset.count, x.count / max(1, d.dataset.count)]))
    }

    /// Writes a figure as SVG, PNG or PDF, by the path's ending; what is to be said of letters that it could not draw.
    @discardableResult
    static func write(_ figure: Figure, _ path: String, isDark: Bool = false) throws -> Diagnostic? {
        let lower = path.lowercased()
        let drawing = try InterruptibleWork.run(size: .max) { Plan.drawing(figure) }
        if lower.hasSuffix(".svg") {
            let text = SVG.text(drawing)
            // Drawing stops at an interrupt: an incomplete picture is not written.
            try Interrupt.poll()
            try WholeFile.write(Array(text.utf8), path)
            return nil
        } else if lower.hasSuffix(".png") {
            let png = try InterruptibleWork.run(size: .max) { try Raster(drawing, isDark: isDark).picture().png() }
            try WholeFile.write(png, path)
        } else if lower.hasSuffix(".pdf") {
            let bytes = PDF.bytes(drawing)
            try Interrupt.poll()
            try WholeFile.write(bytes, path)
        } else {
            let folder = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
            let stem = path[folder...].lastIndex(of: ".").map { String(path[..<$0]) } ?? path
            throw Diagnostic(
                code: "save.form", "a figure is saved as .svg, .png or .pdf, and got \"\(path)\"",
                repair: "save(figure, \"\(stem).svg\")")
        }
        return MissingLetters.warning(of: drawing)
    }
}

/// What figures leave to the runtime.
enum Writing {
    static func isData(_ v: Value) -> Bool {
        switch v {
        case .layer, .tensor, .list, .record, .text: true
        case .thing(let t): t is DatasetThing
        default: false
        }
    }
}
