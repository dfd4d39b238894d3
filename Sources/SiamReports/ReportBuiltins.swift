import SiamBuiltins
import SiamData
import SiamFigures
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Built-ins that write figures and reports to files.
enum Reports {
    static let builtins: [Builtin] = [
        Builtin(
            "save", "x, path : text, dark : bool = false, layout : text = none", family: "files",
            "Writes a figure as \"f.svg\", \"f.pdf\" or \"f.png\" (with `dark = true` a PNG on a dark ground), a tensor (.npy), a record of tensors, a net or a data set (.npz or .safetensors), a data set as a table (.csv), a text (.txt, .csv), a run (.siamrun; its series alone as .csv or .jsonl; a folder, whose name ends in /, for TensorBoard), to a file, atomically. The tensors of a net, states included, are named by their paths. A net saved as .onnx is written completely, in evaluation mode, for any batch size, with channels first as in other tools; with `layout = \"torch\"` a net's .safetensors or .npz is a state dict for PyTorch.",
            seeAlso: ["load", "report", "plot"], traits: .shows
        ) { i, a in
            // A program that is run again writes nothing again.
            if i.session.isKeptBack("save to \((try? a.text(1)) ?? "a file")") { return .none }
            // Nets, tensors and data sets are written by the runtime's own save.
            if isData(a[0]), let other = Builtins.core.first(where: { $0.name == "save" }) {
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
                if let boxes = try Figures.write(figure, path, isDark: try a.flag(2)) { i.session.warn(boxes) }
            } else if try !thing.save(to: path, i) {
                throw Diagnostic(code: "save.kind", "save writes figures, and got \(thing.kindName)")
            }
            return Builtins.wrote(i, path)
        },
        Builtin(
            "report", "run, path = \"report.html\", data = none, margin = 1", family: "inspection",
            """
            Writes a run as one web page that needs nothing else: its curves, the embedding as points that can be turned, distances of same and different pairs, the nets and their weights, figures of health. \
            `report("run.html")` uses the last run. `data` is the data set that is embedded; the default is that of the run.
            """,
            seeAlso: ["save", "inspect"], traits: .shows
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
}

extension Reports {
    /// Whether the runtime's own `save` writes a value.
    fileprivate static func isData(_ v: Value) -> Bool {
        switch v {
        case .layer, .tensor, .list, .record, .text: true
        case .thing(let t): t is DatasetThing
        default: false
        }
    }
}
