import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// The session's runs, listed and compared.
extension Builtins {
    static let runLists: [Builtin] = [
        Builtin(
            "runs", "folder : text = none", family: "training",
            "A table of the runs of the session that a name refers to, or of the runs saved in a folder: steps, last loss and reports, seconds, optimizer. :runs shows it.",
            examples: [("len(runs()) >= 0", "true")], seeAlso: ["compare", "load", "train"]
        ) { i, a in
            guard a.isNone(0) else {
                let folder = try a.text(0)
                let files = try FolderList.files(folder).filter { $0.hasSuffix(RunFile.ending) }
                guard !files.isEmpty else {
                    throw Diagnostic(
                        code: "runs.none", "there are no runs in \(folder)",
                        repair: "save one:  save(run, \"\(folder)/first.siamrun\")")
                }
                return .thing(
                    Table(
                        try files.map { file in
                            let path = "\(folder)/\(file)"
                            return try Run(try RunFile.read(path), path, i).row(
                                String(file.dropLast(RunFile.ending.count)))
                        }))
            }
            var names: [ObjectIdentifier: String] = [:]
            for name in i.globals.userNames where name != "_" {
                if case .thing(let t)? = i.globals.valueIfReady(name), t is Run { names[ObjectIdentifier(t)] = name }
            }
            i.session.ran.removeAll { $0.run == nil }
            return .thing(
                Table(
                    i.session.ran.compactMap { ran in
                        ran.run.map { $0.row(names[ObjectIdentifier($0)] ?? "run \(ran.ordinal + 1)") }
                    }))
        },
        Builtin(
            "compare", "a : run, b : run", family: "training",
            "Compares two runs: the settings and program lines in which they differ, their final values, and their curves in one plot.",
            seeAlso: ["runs", "plot", "diagnose"]
        ) { i, a in
            let (one, two) = (try a.thing(0, Run.self, "a run"), try a.thing(1, Run.self, "a run"))
            let texts = i.argumentTexts
            let names = texts.count == 2 && texts[0] != texts[1] ? texts : ["first", "second"]
            return .thing(try comparison(one, two, names))
        },
    ]

    private static func comparison(_ a: Run, _ b: Run, _ names: [String]) throws -> DetailedMeasure {
        var lines: [String] = []
        func differ(_ what: String, _ x: String, _ y: String) {
            if x != y { lines.append("\(what): \(x)  |  \(y)") }
        }
        differ("optimizer", a.optimizerText, b.optimizerText)
        differ("source", a.sourceText, b.sourceText)
        differ("steps", "\(a.steps) of \(a.planned)", "\(b.steps) of \(b.planned)")
        let (p, q) = (a.parameters.reduce(0) { $0 + $1.value.count }, b.parameters.reduce(0) { $0 + $1.value.count })
        if !a.parameters.isEmpty, !b.parameters.isEmpty { differ("parameters", "\(p)", "\(q)") }
        func words(_ run: Run) -> [String] {
            run.programText.split(separator: "\n").map { String($0.drop { $0 == " " }) }
        }
        let (left, right) = (words(a), words(b))
        for line in left where !right.contains(line) { lines.append("\(names[0]) only:  \(line)") }
        for line in right where !left.contains(line) { lines.append("\(names[1]) only:  \(line)") }
        if lines.isEmpty { lines.append("no setting differs") }
        let series =
            [("loss", a.loss, b.loss)]
            + a.reports.compactMap { name, own in
                b.reports.first { $0.name == name }.map { (name, own, $0.series) }
            }
        for (name, x, y) in series {
            guard let u = x.values.last, let v = y.values.last else { continue }
            let low = a.isLow(name)
            func best(_ s: Run.Series) -> Double { Double((low ? s.values.min() : s.values.max()) ?? .nan) }
            lines.append(
                "\(name): \(DetailedMeasure.short(Double(u)))  |  \(DetailedMeasure.short(Double(v)))"
                    + (name == "loss"
                        ? "" : ", best \(DetailedMeasure.short(best(x)))  |  \(DetailedMeasure.short(best(y)))"))
        }
        let panels = series.filter { $0.1.values.count > 1 || $0.2.values.count > 1 }.map { name, x, y in
            Panel(
                title: name, x: Axis("step"), y: Axis(name),
                marks: [
                    .line(.init(name: names[0], x: x.steps.map(Double.init), y: x.values.map(Double.init))),
                    .line(.init(name: names[1], x: y.steps.map(Double.init), y: y.values.map(Double.init))),
                ])
        }
        return DetailedMeasure(
            "a comparison of runs", ["\(names[0])  |  \(names[1])"] + lines,
            [("differences", Value(lines.map { Value($0) }))], Figure(panels: panels, columns: 1))
    }
}
