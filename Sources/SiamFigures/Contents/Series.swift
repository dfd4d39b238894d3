import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// What a program gives to be drawn, as numbers with names.
package enum Series {
    package struct Sample {
        var name: String
        var values: [Double]
        var steps: [Int]?
        /// Whether the name came from the value itself and not from the program's text.
        var isLabelled: Bool
        /// A long series, not copied; `values` is empty then.
        var tensor: Tensor?

        package init(
            name: String, values: [Double], steps: [Int]? = nil, isLabelled: Bool = false, tensor: Tensor? = nil
        ) {
            (self.name, self.values, self.steps) = (name, values, steps)
            (self.isLabelled, self.tensor) = (isLabelled, tensor)
        }

        var count: Int { tensor?.count ?? values.count }
        /// Access to the numbers without copying them.
        func with<R>(_ body: (NumberStatistics.Numbers) throws -> R) rethrows -> R {
            if let tensor { try NumberStatistics.with(tensor, body) } else { try NumberStatistics.with(values, body) }
        }
    }

    // MARK: Numbers

    static func number(_ v: Value, _ who: String) throws -> Double {
        switch v {
        case .number(let x): return x
        case .bool(let b): return b ? 1 : 0
        case .tensor(let t) where t.count == 1: return t.item
        case .none: return .nan
        default:
            throw Diagnostic(code: "figure.number", "\(who) draws numbers, and got \(v.kindName)")
        }
    }

    /// The numbers that a thing holds: of a confusion matrix its counts, of a run its losses, of a table a column.
    static func held(_ v: Value, _ i: Interpreter) -> String? {
        guard case .thing(let t) = v else { return nil }
        let text = word(i)
        switch t.kindName {
        case "a confusion matrix": return "its numbers:  heat(\(text).counts)"
        case "a run": return "its losses:  \(text).loss"
        default: break
        }
        if t.kindName.hasPrefix("a table"), let column = t.fieldNames.dropLast(2).last {
            return "one of its columns:  \(text).\(column)"
        }
        return nil
    }

    /// The numbers of a tensor; of very many where they can be left behind.
    static func doubles(_ t: Tensor) throws -> [Double] {
        let t = t.detached()
        return try InterruptibleWork.run(size: t.count) { t.doubles }
    }

    /// All numbers of a tensor, a list or a range, in order.
    static func numbers(_ v: Value, _ who: String, _ i: Interpreter) throws -> [Double] {
        switch v {
        case .tensor(let t): return try doubles(t)
        case .list, .range: return try i.items(v).map { try number($0, who) }
        case .number, .bool: return [try number(v, who)]
        case .thing(is DatasetThing):
            throw Diagnostic(
                code: "figure.number", "\(who) draws numbers, and got a data set", repair: "its numbers are  d.x")
        case .text(let t):
            throw Diagnostic(
                code: "figure.number", "\(who) draws numbers, and got a text",
                repair: colour(t.string).map { "name the argument for colours:  \($0)" }
                    ?? (t.string.utf8.count <= 40 && !t.string.contains("\n") && !t.string.contains("\"")
                        ? "name the argument for the title:  title = \"\(t.string)\"" : nil))
        case .layer:
            throw Diagnostic(
                code: "figure.number", "\(who) draws numbers, and got a layer",
                repair: "draw the embeddings of a data set:  scatter(embed(net, d), d.y)")
        default:
            throw Diagnostic(
                code: "figure.number", "\(who) draws numbers, and got \(v.kindName)", repair: held(v, i))
        }
    }

    /// `"r--"`, `"bo"`: how MATLAB and matplotlib write a colour and a line.
    static func colour(_ format: String) -> String? {
        let marks = Set(".-:ox+*sd^v<>,|")
        let colours: [Character: String] = [
            "r": "red", "g": "green", "b": "blue", "c": "cyan", "m": "magenta", "y": "yellow", "k": "black",
        ]
        guard !format.isEmpty, format.count <= 4, format.allSatisfy({ marks.contains($0) || colours[$0] != nil }) else {
            return ["red", "green", "blue", "black", "orange"].contains(format) ? "colors = [\"\(format)\"]" : nil
        }
        let name = format.lazy.compactMap { colours[$0] }.first ?? "red"
        return "colors = [\"\(name)\"]"
    }

    /// The program's words for an argument, where they are short enough for a name.
    static func name(_ text: String) -> String {
        let flat = text.split(separator: " ").joined(separator: " ")
        let isNumber = flat.first.map { $0.isNumber || $0 == "[" || $0 == "-" || $0 == "\"" } ?? true
        return isNumber || flat.count > 30 || flat.contains("\n") ? "" : flat
    }

    /// The source text of the first argument if it can be used in a repair, else `x`.
    static func word(_ i: Interpreter) -> String {
        guard let text = i.argumentTexts.first, !text.isEmpty, text.count < 40, !text.contains("\n") else { return "x" }
        return text
    }

    // MARK: Curves

    struct Curves {
        var curves: [Mark.Curve]
        /// What runs across: `step` of a run's series.
        var across: String
    }

    /// The x values of two vectors of equal length of which the first is ascending and neither is labelled as a series.
    static func across(_ values: [Value]) throws -> Value? {
        guard values.count == 2, case .tensor(let x) = values[0], case .tensor(let y) = values[1],
            x.rank == 1, y.rank == 1, x.count == y.count, x.count > 1, !(x.label is SeriesLabel),
            !(y.label is SeriesLabel)
        else { return nil }
        let isAscending = try InterruptibleWork.run(size: x.count) {
            let places = x.doubles
            return zip(places, places.dropFirst()).allSatisfy { $0 < $1 }
        }
        return isAscending ? values[0] : nil
    }

    /// The two ends of an axis.
    static func ends(_ a: Arguments, _ k: Int) throws -> (Double, Double)? {
        if a.isNone(k) { return nil }
        let ends = try numbers(a[k], "plot's \(a.builtin.parameters[k].name)", a.interpreter)
        guard ends.count == 2, ends[0].isFinite, ends[1].isFinite, ends[0] < ends[1] else {
            throw Diagnostic(
                code: "plot.ends",
                "\(a.builtin.parameters[k].name) must be two numbers, the smaller first, such as [0, 1]")
        }
        return (ends[0], ends[1])
    }

    /// A curve within the ends of the axes, cut where it crosses them.
    static func cut(_ curve: Mark.Curve, _ panel: Panel) -> Mark.Curve {
        let bounds = [panel.x.low, panel.x.high, panel.y.low, panel.y.high]
        guard bounds.contains(where: { $0 != nil }) else { return curve }
        let (left, right) = (panel.x.low ?? -.infinity, panel.x.high ?? .infinity)
        let (bottom, top) = (panel.y.low ?? -.infinity, panel.y.high ?? .infinity)
        var (xs, ys): ([Double], [Double]) = ([], [])
        for k in curve.x.indices.dropFirst() {
            let (ax, ay, bx, by) = (curve.x[k - 1], curve.y[k - 1], curve.x[k], curve.y[k])
            guard [ax, ay, bx, by].allSatisfy(\.isFinite) else { continue }
            // The part of the way from a to b that lies within (Liang and Barsky, 1984).
            var (from, to) = (0.0, 1.0)
            var isInside = true
            for (step, room) in [
                (ax - bx, ax - left), (bx - ax, right - ax), (ay - by, ay - bottom), (by - ay, top - ay),
            ] {
                if step == 0 {
                    if room < 0 { isInside = false }
                } else if step < 0 {
                    from = max(from, room / step)
                } else {
                    to = min(to, room / step)
                }
            }
            guard isInside, from <= to else { continue }
            let (x0, y0) = (ax + from * (bx - ax), ay + from * (by - ay))
            if xs.last != x0 || ys.last != y0 {
                if !xs.isEmpty {
                    xs.append(x0)
                    ys.append(.nan)
                }
                xs.append(x0)
                ys.append(y0)
            }
            xs.append(ax + to * (bx - ax))
            ys.append(ay + to * (by - ay))
        }
        return Mark.Curve(name: curve.name, x: xs, y: ys)
    }

    /// A moving average over `count` neighbours, fewer at the ends.
    static func smoothed(_ y: [Double], _ count: Int) -> [Double] {
        y.indices.map { k in
            let part = y[max(0, k - count / 2)..<min(y.count, k - count / 2 + count)].filter(\.isFinite)
            return part.isEmpty ? .nan : part.reduce(0, +) / Double(part.count)
        }
    }

    /// A `plot`'s curves: parameters `series, x, title, names` in this order.
    static func curves(_ a: Arguments, _ values: [Value]) throws -> Curves {
        guard !values.isEmpty else { throw Diagnostic(code: "plot.none", "plot expects something to draw") }
        let i = a.interpreter
        let texts = i.argumentTexts
        var samples: [Sample] = []
        var functions: [(name: String, value: Value)] = []
        var order: [Bool] = []
        // A long series over its own places is drawn by what can be seen of it.
        let smooth = try a.integer(11, atLeast: 1)
        let isThinned = a.isNone(1) && smooth == 1
        let log = a.isNone(4) ? "" : try a.text(4)
        let within = try ends(a, 9)
        for (k, v) in values.enumerated() {
            let text = k < texts.count ? name(texts[k]) : ""
            switch v {
            case .layer(let l) where l.everyLayer.contains(where: \.hasParameters):
                throw Diagnostic(
                    code: "figure.number", "plot draws numbers, and functions of one number, and got a net",
                    repair:
                        "its stages:  summary(net, d.x);  weights:  heat(net.dense1.w);  a run's losses:  plot run.loss"
                )
            case .function, .builtin, .layer:
                functions.append((text, v))
                order.append(true)
            case .record(let r):
                for (n, field) in zip(r.names, r.values) {
                    samples.append(Sample(name: n, values: try numbers(field, "plot", i), isLabelled: true))
                    order.append(false)
                }
            case .thing(let run as Run):
                let s = run.loss
                samples.append(
                    Sample(name: "loss", values: s.values.map(Double.init), steps: s.steps, isLabelled: true))
                order.append(false)
            case .tensor(let t) where t.rank == 2 && t.shape[0] > 1 && t.shape[1] > 1:
                let (rows, columns) = (t.shape[0], t.shape[1])
                guard columns <= 12 else {
                    throw Diagnostic(
                        code: "plot.columns",
                        "plot draws a matrix's columns, at most 12 of them, and got a tensor of \(t.shape)",
                        repair: "as colours:  heat(\(text.isEmpty ? "x" : text))")
                }
                let all = t.doubles
                for c in 0..<columns {
                    samples.append(Sample(name: "column \(c)", values: (0..<rows).map { all[$0 * columns + c] }))
                    order.append(false)
                }
            case .tensor(let t) where t.rank > 1 && t.shape.dims.count(where: { $0 > 1 }) > 1:
                let isPicture = t.shape.dims.suffix(1) == [1] || t.shape.dims.suffix(1) == [3]
                throw Diagnostic(
                    code: "plot.shape", "plot draws vectors, and got a tensor of \(t.shape)",
                    repair: isPicture && t.rank > 2 ? "a picture is drawn by  image(\(text.isEmpty ? "x" : text))" : nil
                )
            case .tensor(let t):
                let label = t.label as? SeriesLabel
                let isLong = isThinned && label?.steps.count != t.count && t.count > Downsampling.most
                samples.append(
                    Sample(
                        name: t.label?.text ?? text, values: isLong ? [] : try doubles(t), steps: label?.steps,
                        isLabelled: t.label != nil, tensor: isLong ? t : nil))
                order.append(false)
            case .thing(let d as DatasetThing):
                let word = text.isEmpty ? "d" : text
                throw Diagnostic(
                    code: "figure.number", "plot draws numbers, and got a data set",
                    repair: d.dataset.itemDims.count > 1
                        ? "its pictures:  image(\(word))" : "its points:  scatter(\(word))")
            case .thing(let f as FigureThing):
                throw Diagnostic(
                    code: "plot.figure", "plot draws numbers, and got \(f.kindName)", repair: "overlay(a, b)")
            default:
                samples.append(Sample(name: text, values: try numbers(v, "plot", i)))
                order.append(false)
            }
        }
        if a.isNone(1), functions.count + 2 == values.count, samples.suffix(2).allSatisfy({ $0.count == 1 }),
            samples.count == 2, case .number = values[values.count - 1], case .number = values[values.count - 2]
        {
            let ends = samples.map { formatNumber($0.values.first ?? 0) }.joined(separator: ", ")
            let shown = texts.prefix(functions.count).joined(separator: ", ")
            throw Diagnostic(
                code: "plot.ends", "plot draws each of its values, and the last two are numbers",
                repair: functions.isEmpty
                    ? "several numbers are one list:  plot([\(texts.joined(separator: ", "))])"
                    : "give the range of a function as one argument:  plot(\(shown), x = [\(ends)])")
        }
        tellApart(&samples, texts)
        let xs = a.isNone(1) ? nil : try numbers(a[1], "plot's x", i)
        var curves: [Mark.Curve] = []
        var (s, f) = (0, 0)
        for isFunction in order {
            if isFunction {
                curves.append(try curve(of: functions[f].value, functions[f].name, xs, i))
                f += 1
            } else {
                let sample = samples[s]
                s += 1
                try Interrupt.poll()
                if let t = sample.tensor {
                    curves.append(try Downsampling.curve(sample.name, t, log: log, within: within))
                    continue
                }
                if let xs, xs.count != sample.values.count {
                    throw Diagnostic(
                        code: "plot.lengths",
                        "plot expects as many places x as values, and got \(xs.count) and \(sample.values.count)")
                }
                let steps = sample.steps.flatMap { $0.count == sample.values.count ? $0.map(Double.init) : nil }
                curves.append(Mark.Curve(name: sample.name, x: xs ?? steps ?? [], y: sample.values))
            }
        }
        if !a.isNone(3) {
            let names = try a.list(3).map { Show.inline($0, quoted: false) }
            try checkNames(names, curves.count, "plot")
            for k in curves.indices { curves[k].name = names[k] }
        }
        let isStep = xs == nil && samples.contains { $0.steps != nil }
        let xName = a.isNone(1) ? "" : (a[1].label ?? "")
        return Curves(curves: curves, across: isStep ? "step" : xName)
    }

    /// Two runs' losses are both called loss: then the program's own words are better.
    private static func tellApart(_ samples: inout [Sample], _ texts: [String]) {
        let names = samples.map(\.name)
        guard Set(names).count < names.count, texts.count >= samples.count else { return }
        for k in samples.indices where samples[k].isLabelled {
            let text = name(texts[k])
            if !text.isEmpty { samples[k].name = text }
        }
    }

    private static func curve(of f: Value, _ name: String, _ xs: [Double]?, _ i: Interpreter) throws -> Mark.Curve {
        var places = xs ?? [-3, 3]
        if places.count == 2 {
            let (low, high) = (places[0], places[1])
            guard low.isFinite, high.isFinite else {
                throw Diagnostic(code: "plot.range", "plot expects two numbers for the ends of a function's range")
            }
            places = (0...240).map { low + (high - low) * Double($0) / 240 }
        }
        // Most functions of a number work on a whole vector at once, and nets do only so.
        if !places.isEmpty {
            let x = try Tensor(Shape.vector(places.count), places.map { Float($0) })
            if case .tensor(let t)? = try? i.call(f, [.tensor(x)]), t.count == places.count {
                return Mark.Curve(name: name, x: places, y: t.doubles)
            }
        }
        return Mark.Curve(name: name, x: places, y: try places.map { try number(try i.call(f, [.number($0)]), "plot") })
    }

    static func checkNames(_ names: [String], _ count: Int, _ who: String) throws {
        guard names.count == count else {
            throw Diagnostic(
                code: "figure.names", "\(who) expects a name for each, and got \(names.count) names for \(count)")
        }
    }
}

extension Value {
    /// What the numbers are called, where they know it themselves.
    var label: String? { if case .tensor(let t) = self { t.label?.text } else { nil } }
}
