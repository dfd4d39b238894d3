import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Samples, marks, points and whole figures out of what a call gives.
extension Series {
    // MARK: Samples, marks, points, figures

    static func samples(_ a: Arguments, _ values: [Value]) throws -> [Sample] {
        let i = a.interpreter
        let texts = i.argumentTexts
        guard !values.isEmpty else {
            throw Diagnostic(code: "hist.none", "\(a.builtin.name) expects something to draw")
        }
        var out: [Sample] = []
        for (k, v) in values.enumerated() {
            if case .record(let r) = v {
                for (n, field) in zip(r.names, r.values) {
                    out.append(Sample(name: n, values: try numbers(field, a.builtin.name, i), isLabelled: true))
                }
                continue
            }
            let text = k < texts.count ? name(texts[k]) : ""
            if case .tensor(let t) = v {
                out.append(Sample(name: v.label ?? text, values: [], tensor: t))
            } else {
                out.append(Sample(name: v.label ?? text, values: try numbers(v, a.builtin.name, i)))
            }
        }
        return out
    }

    static func rename(_ a: Arguments, _ k: Int, _ samples: inout [Sample]) throws {
        guard !a.isNone(k) else { return }
        let names = try a.list(k).map { Show.inline($0, quoted: false) }
        try checkNames(names, samples.count, a.builtin.name)
        for n in samples.indices { samples[n].name = names[n] }
    }

    static func rules(_ a: Arguments, _ k: Int, _ direction: Mark.Rule.Direction) throws -> [Mark] {
        if a.isNone(k) { return [] }
        if case .record(let r) = a[k] {
            return try zip(r.names, r.values).map { name, v in
                .rule(Mark.Rule(direction, at: try number(v, a.builtin.name), label: name))
            }
        }
        return try numbers(a[k], a.builtin.name, a.interpreter).map { .rule(Mark.Rule(direction, at: $0)) }
    }

    /// Colours by their names or as `#3a86d0`.
    static func colors(_ a: Arguments, _ k: Int) throws -> [UInt32] {
        if a.isNone(k) { return [] }
        let given: [Value]
        if case .list(let l) = a[k] { given = l.items } else { given = [a[k]] }
        return try given.map { one in
            guard case .text(let t) = one else {
                throw Diagnostic(
                    code: "plot.color", "a colour is a text, and got \(one.kindName)",
                    repair: "colors = [\"red\", \"#3a86d0\"]")
            }
            let text = t.string.lowercased()
            if text.hasPrefix("#"), text.utf8.count == 7, let rgb = UInt32(text.dropFirst(), radix: 16) { return rgb }
            if let rgb = Palette.named.first(where: { $0.name == text })?.rgb { return rgb }
            let names = Palette.named.map(\.name)
            throw Diagnostic(
                code: "plot.color", "there is no colour \"\(t.string)\"",
                notes: ["there are \(names.joined(separator: ", ")), and any as \"#3a86d0\""],
                repair: closest(to: text, in: names).map { "Did you mean \"\($0)\"?" })
        }
    }

    /// Width and height of what is saved.
    static func size(_ a: Arguments, _ k: Int) throws -> Panel.Size? {
        if a.isNone(k) { return nil }
        let given = try numbers(a[k], "plot", a.interpreter)
        guard given.count == 2, given.allSatisfy({ 120...8000 ~= $0 }) else {
            throw Diagnostic(
                code: "plot.size", "a size is [width, height], each 120 to 8000",
                repair: "size = [800, 500]")
        }
        return Panel.Size(width: given[0].rounded(), height: given[1].rounded())
    }

    /// Whether the second argument of a `scatter` are the points.
    private static func isTurned(_ a: Arguments) -> Bool {
        if case .tensor(let t) = a[1] { return t.rank == 2 && t.shape[1] == 2 }
        return false
    }
    private static func isVector(_ v: Value, _ count: Int) -> Bool {
        if case .tensor(let t) = v { return t.rank == 1 && t.count == count }
        return false
    }

    /// A `scatter`'s points: parameters `points, classes, names`.
    static func points(_ a: Arguments) throws -> Mark.Points {
        let i = a.interpreter
        var classes: [Int] = []
        var names: [String] = []
        var given = a[0]
        if case .thing(let d as DatasetThing) = given {
            given = .tensor(d.dataset.x)
            classes = d.dataset.y
            names = d.dataset.names
        }
        if case .list(let l) = given, !l.items.isEmpty {
            let rows = try l.items.map { try numbers($0, "scatter", i) }
            guard let width = rows.first?.count, rows.allSatisfy({ $0.count == width }) else {
                throw Diagnostic(code: "scatter.rows", "scatter expects rows of one length")
            }
            given = .tensor(try Tensor(try Shape([rows.count, width]), rows.flatMap { $0.map { Float($0) } }))
        }
        guard case .tensor(let t) = given else {
            var repair: String?
            if case .layer = given { repair = "draw the embeddings of a data set:  scatter(embed(net, d), d.y)" }
            throw Diagnostic(
                code: "scatter.kind", "scatter draws rows of two numbers, and got \(given.kindName)", repair: repair)
        }
        guard t.rank == 2, t.shape[1] == 2 else {
            throw Diagnostic(
                code: "scatter.shape", "scatter draws rows of two numbers, and got a tensor of \(t.shape)",
                repair: t.rank == 2 && t.shape[1] > 2
                    ? "the first two principal components:  scatter(pca(\(word(i))))"
                    : isTurned(a)
                        ? "points come first, then their classes\(i.turnedCall.map { ":  \($0)" } ?? "")"
                        : t.rank == 1 && i.argumentTexts.count > 1 && isVector(a[1], t.count)
                            ? "rows of two of both:  scatter(stack(\(i.argumentTexts[0]), \(i.argumentTexts[1]), axis = 1))"
                            : nil)
        }
        if case .list(let l) = a[1], !l.items.isEmpty,
            let texts = Optional(l.items.compactMap { if case .text(let t) = $0 { t.string } else { nil } }),
            texts.count == l.items.count
        {
            names = Array(Set(texts)).sorted()
            let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
            classes = texts.map { numbers[$0] ?? 0 }
        } else if !a.isNone(1) {
            classes = try numbers(a[1], "scatter's classes", i).map { Int($0.isFinite && abs($0) < 1e9 ? $0 : -1) }
        }
        let n = t.shape[0]
        guard classes.isEmpty || classes.count == n else {
            throw Diagnostic(
                code: "scatter.classes", "scatter expects a class for each point, and got \(classes.count) for \(n)")
        }
        if !a.isNone(2) { names = try a.list(2).map { Show.inline($0, quoted: false) } }
        // Only classes that occur are drawn and named.
        let present = Array(Set(classes)).sorted()
        let place = Dictionary(uniqueKeysWithValues: present.enumerated().map { ($1, $0) })
        let values = t.doubles
        return Mark.Points(
            x: (0..<n).map { values[2 * $0] }, y: (0..<n).map { values[2 * $0 + 1] },
            classes: classes.map { place[$0] ?? 0 },
            names: present.map { $0 >= 0 && $0 < names.count ? names[$0] : "\($0)" })
    }

    static func figures(_ a: Arguments) throws -> [Figure] {
        var out: [Figure] = []
        for v in try a.list(0) {
            switch v {
            case .thing(let f as FigureThing): out.append(f.figure)
            case .list(let l):
                for item in l.items {
                    guard case .thing(let f as FigureThing) = item else {
                        throw Diagnostic(
                            code: "figure.kind", "\(a.builtin.name) expects figures, and got \(item.kindName)")
                    }
                    out.append(f.figure)
                }
            default:
                throw Diagnostic(code: "figure.kind", "\(a.builtin.name) expects figures, and got \(v.kindName)")
            }
        }
        guard !out.isEmpty else {
            throw Diagnostic(code: "figure.none", "\(a.builtin.name) expects figures, and got none")
        }
        return out
    }
}
