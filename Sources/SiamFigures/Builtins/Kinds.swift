import SiamBuiltins
import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Built-ins that draw: curves, histograms, points, matrices, pictures.
extension Figures {
    static let drawing: [Builtin] = [
        Builtin(
            "plot",
            "series..., x = none, title = none, names = none, log : \"x\" or \"y\" or \"xy\" = none, mark = none, at = none, x_label = none, y_label = none, x_range = none, y_range = none, smooth : whole >= 1 = 1, colors = none, size = none",
            family: "inspection",
            """
            Draws curves: vectors, lists, series of a run over their steps, the columns of a matrix, the fields of a record, or functions. `x` gives the x values: a vector, or the two ends \
            of the range of a function; with two vectors, the first in ascending order, the second is drawn over the first: plot(x, y). `x_range` and `y_range` are the ends of the axes, such as [0, 1]; `smooth` draws the mean of that many neighbouring values. `colors` are names or "#3a86d0", one per curve; `size` is the [width, height] of the saved figure. `log` is "x", "y" or "xy" for logarithmic axes. `mark` draws horizontal lines at y values, `at` vertical lines at x values: a number, or a record that names them.
            """,
            examples: [("plot([3, 1, 2], title = \"three\").title", "\"three\"")],
            seeAlso: ["hist", "scatter", "beside", "save"], traits: .shows
        ) { i, a in
            var (a, values) = (a, try a.list(0))
            // Two names are for two curves.
            let isGiven = values.count != 2 || !a.isNone(1) || !a.isNone(3)
            if !isGiven, let first = try Series.across(values) {
                (a.values[1], values) = (first, [values[1]])
            }
            let isAcross = values.count == 1 && i.argumentTexts.count > 1 && a.values.count > 1 && !isGiven
            var curves = try Series.curves(a, values)
            if isAcross {
                curves.curves[0].name = Series.name(i.argumentTexts[1])
                curves.across = Series.name(i.argumentTexts[0])
            }
            let smooth = try a.integer(11, atLeast: 1)
            if smooth > 1 {
                for k in curves.curves.indices { curves.curves[k].y = Series.smoothed(curves.curves[k].y, smooth) }
            }
            var panel = Panel(title: a.isNone(2) ? "" : try a.text(2), marks: curves.curves.map { .line($0) })
            panel.x.label = a.isNone(7) ? curves.across : try a.text(7)
            panel.y.label = a.isNone(8) ? (curves.curves.count == 1 ? curves.curves[0].name : "") : try a.text(8)
            if !a.isNone(4) {
                let way = try a.text(4)
                guard ["x", "y", "xy"].contains(way) else {
                    throw Diagnostic(code: "plot.log", "plot's log is \"x\", \"y\" or \"xy\", and got \"\(way)\"")
                }
                panel.x.isLogarithmic = way.contains("x")
                panel.y.isLogarithmic = way.contains("y")
            }
            if let (low, high) = try Series.ends(a, 9) { (panel.x.low, panel.x.high) = (low, high) }
            if let (low, high) = try Series.ends(a, 10) { (panel.y.low, panel.y.high) = (low, high) }
            panel.marks = panel.marks.map { mark in
                if case .line(let curve) = mark { return .line(Series.cut(curve, panel)) }
                return mark
            }
            panel.marks += try Series.rules(a, 5, .horizontal) + Series.rules(a, 6, .vertical)
            (panel.colors, panel.size) = (try Series.colors(a, 12), try Series.size(a, 13))
            return value(Figure(panels: [panel]), i)
        },
        Builtin(
            "hist",
            "x..., bins = none, title = none, names = none, mark = none, x_label = none, colors = none, size = none",
            family: "inspection",
            """
            Draws a histogram of one tensor, of several over one another, or of the fields of a record. For several the heights are shares of each. `bins` is the number of bars; `mark` draws a \
            vertical line: hist({same: d1, different: d2}, mark = {margin: 1}). `colors` and `size` as in plot.
            """,
            examples: [("len(hist([1, 2, 2, 3]))", "1")],
            seeAlso: ["plot", "inspect"], traits: .shows
        ) { i, a in
            let given = try a.list(0)
            if given.count == 2, a.isNone(1), case .number(let x) = given[1], x == x.rounded(), x > 1 {
                throw Diagnostic(
                    code: "hist.bins", "hist draws each of its values, and the second is the number \(formatNumber(x))",
                    repair:
                        "name the number of bins:  hist(\(i.argumentTexts.first.flatMap { $0.utf8.count <= 40 ? $0 : nil } ?? "x"), bins = \(formatNumber(x)))"
                )
            }
            var samples = try Series.samples(a, given)
            try Series.rename(a, 3, &samples)
            let bins = a.isNone(1) ? nil : try a.integer(1, atLeast: 1)
            guard bins ?? 1 <= 10_000 else {
                throw Diagnostic(code: "hist.bins", "hist draws at most 10000 bins, and got \(bins ?? 0)")
            }
            var panel = try Binning.panel(samples, bins: bins)
            panel.title = a.isNone(2) ? "" : try a.text(2)
            panel.x.label = a.isNone(5) ? (samples.count == 1 ? samples[0].name : "") : try a.text(5)
            panel.marks += try Series.rules(a, 4, .vertical)
            (panel.colors, panel.size) = (try Series.colors(a, 6), try Series.size(a, 7))
            return value(Figure(panels: [panel]), i)
        },
        Builtin(
            "heat", "m, title = none, rows = none, columns = none", family: "inspection",
            "Draws a matrix as a heat map: if it has negative numbers, blue below zero and orange above, with the same limit in both directions; otherwise dark to bright. Small matrices show their numbers. `rows` and `columns` are names for them.",
            examples: [("heat([[1, -2], [3, 4]], title = \"m\").title", "\"m\"")], seeAlso: ["image", "plot"],
            traits: .shows
        ) { i, a in
            if let repair = Series.held(a[0], i) {
                throw Diagnostic(code: "heat.shape", "heat draws a matrix, and got \(a[0].kindName)", repair: repair)
            }
            var t = try a.tensor(0)
            if t.rank == 1 { t = try t.reshaped(to: try Shape([1, t.count])) }
            guard t.rank == 2 else {
                throw Diagnostic(
                    code: "heat.shape", "heat draws a matrix, and got a tensor of \(t.shape)",
                    repair: t.rank > 2
                        ? t.rank == 4 || t.rank == 3 && t.shape[2] == 1
                            ? "to draw images:  image(\(Series.word(i)))"
                            : "one of its matrices:  heat(\(Series.word(i))[\(t.rank == 3 ? "0" : "0, 0, 0")])" : nil)
            }
            let values = t.doubles
            func names(_ k: Int) throws -> [String] {
                a.isNone(k) ? [] : try a.list(k).map { Show.inline($0, quoted: false) }
            }
            let cells = Mark.Cells(
                rows: t.shape[0], columns: t.shape[1], values: values, rowNames: try names(2),
                columnNames: try names(3), isDiverging: values.contains { $0 < 0 })
            let title = a.isNone(1) ? (i.argumentTexts.first.map(Series.name) ?? "") : try a.text(1)
            return value(Figure(panels: [Panel(title: title, marks: [.cells(cells)])]), i)
        },
        Builtin(
            "scatter",
            "points, classes = none, names = none, title = none, x_label = none, y_label = none, colors = none, size = none",
            family: "inspection",
            "Draws points, given as rows of two numbers, each class with its own marker and colour. A data set of points is drawn with its classes; classes may be texts. `colors` and `size` as in plot. For wider embeddings draw the first two principal components: scatter(pca(z), y).",
            examples: [("scatter([[0, 0], [1, 1]], [0, 1], title = \"two\").title", "\"two\"")],
            seeAlso: ["pca", "plot"], traits: .shows
        ) { i, a in
            let points = try Series.points(a)
            var panel = Panel(
                title: a.isNone(3) ? "" : try a.text(3), x: Axis(a.isNone(4) ? "" : try a.text(4)),
                y: Axis(a.isNone(5) ? "" : try a.text(5)), marks: [.points(points)], isSquare: true)
            (panel.colors, panel.size) = (try Series.colors(a, 6), try Series.size(a, 7))
            return value(Figure(panels: [panel]), i)
        },
        Builtin(
            "image", "x, title = none, n = 16, net = none, size : list or whole >= 1 = none, invert : bool = false",
            family: "inspection",
            "With the name of an image file, image(\"a.png\"), reads it as a tensor: height x width x channels, values 0 to 1, resized to size = [height, width]; `invert` makes ink white. Otherwise draws images: height x width, optionally with 1 or 3 channels after that and any number of images before; 0 is black and 1 white, other ranges are stretched between minimum and maximum. Draws at most n of a batch; examples of a data set with their class names; pairs, from a source or a batch, side by side as `show` does, with their distance if a net is given.",
            examples: [("len(image(digits().x[0..3]))", "3")], seeAlso: ["show", "heat"], traits: .shows
        ) { i, a in
            if case .text(let path) = a[0] {
                return .tensor(
                    try picture(path.string, size: try Builtins.pictureSize(a, 4), invert: try a.flag(5)))
            }
            let most = try a.integer(2, atLeast: 1)
            if let pairs = try shownPairs(a[0], a[3], i) {
                var figure = pairs.figure
                figure.panels = Array(figure.panels.prefix(most))
                if !a.isNone(1) { figure.title = try a.text(1) }
                return value(figure, i)
            }
            let (images, names) = try ImageMarks.images(a[0], most: most, who: "image", i)
            let title = a.isNone(1) ? "" : try a.text(1)
            if images.count == 1 {
                return value(
                    Figure(panels: [Panel(title: title.isEmpty ? names.first ?? "" : title, marks: [.image(images[0])])]
                    ),
                    i)
            }
            let panels = images.enumerated().map { k, image in
                Panel(title: k < names.count ? names[k] : "", marks: [.image(image)])
            }
            return value(Figure(title: title, panels: panels), i)
        },
        Builtin(
            "bars", "values, names = none, title = none, x_label = none", family: "inspection",
            "Draws a bar for each value, with its name and number: a vector or list with `names`, or a record, whose fields name them.",
            examples: [("bars({recall: 0.9, auc: 0.8}, title = \"scores\").title", "\"scores\"")],
            seeAlso: ["hist", "plot"], traits: .shows
        ) { i, a in
            var names: [String] = []
            let values: [Double]
            if case .record(let r) = a[0] {
                names = r.names
                values = try r.values.map { try Series.number($0, "bars") }
            } else {
                values = try Series.numbers(a[0], "bars", i)
            }
            guard values.count <= 100_000 else {
                throw Diagnostic(
                    code: "bars.many", "bars draws one bar for each value, and got \(values.count) of them",
                    repair: "for the distribution of many values:  hist(\(Series.word(i)))")
            }
            if !a.isNone(1) { names = try a.list(1).map { Show.inline($0, quoted: false) } }
            guard names.isEmpty || names.count == values.count else {
                throw Diagnostic(
                    code: "bars.names", "bars expects a name for each value, and got \(names.count) for \(values.count)"
                )
            }
            let panel = Panel(
                title: a.isNone(2) ? "" : try a.text(2), x: Axis(a.isNone(3) ? "" : try a.text(3)),
                marks: [.bars(Mark.Bars(names: names, values: values))])
            return value(Figure(panels: [panel]), i)
        },
        Builtin(
            "beside", "figures..., columns = none, title = none", family: "inspection",
            "Puts several figures side by side into one; `columns` is the number of figures per row.",
            examples: [("len(beside(plot([1, 2]), hist([1, 2])))", "2")], seeAlso: ["overlay", "save"]
        ) { i, a in
            let figures = try Series.figures(a)
            var panels: [Panel] = []
            for f in figures {
                for var p in f.panels {
                    if p.title.isEmpty, f.panels.count == 1 { p.title = f.title }
                    panels.append(p)
                }
            }
            return value(
                Figure(
                    title: a.isNone(2) ? "" : try a.text(2), panels: panels,
                    columns: a.isNone(1) ? nil : try a.integer(1, atLeast: 1)), i)
        },
        Builtin(
            "overlay", "figures..., title = none", family: "inspection",
            "Draws several figures into the same axes: curves over points, or histograms over one another.",
            examples: [("len(overlay(plot([1, 2]), plot([2, 1])))", "1")], seeAlso: ["beside", "plot"]
        ) { i, a in
            let panels = try Series.figures(a).flatMap(\.panels)
            guard var panel = panels.first else {
                throw Diagnostic(code: "overlay.none", "overlay expects figures, and got none")
            }
            for p in panels {
                let fits = p.marks.allSatisfy { mark in
                    switch mark {
                    case .bars, .cells, .image: false
                    default: true
                    }
                }
                guard fits else {
                    throw Diagnostic(
                        code: "overlay.kind",
                        "overlay can combine curves, points and histograms, not images, heat maps or bars",
                        repair: "side by side:  beside(a, b)")
                }
            }
            panel.marks = panels.flatMap { p in
                p.marks.map { mark in
                    // The name of a single curve is the label of its axis, which is now common to all.
                    if case .line(var c) = mark, c.name.isEmpty {
                        c.name = p.y.label
                        return .line(c)
                    }
                    return mark
                }
            }
            if Set(panels.map(\.y.label)).count > 1 { panel.y.label = "" }
            panel.isSquare = panels.contains(where: \.isSquare)
            if !a.isNone(1) { panel.title = try a.text(1) }
            return value(Figure(panels: [panel]), i)
        },
    ]
}
