import SiamLanguage
import SiamLearning
import SiamTensor

/// How values look: in one line inside a text, and whole at the prompt.
public enum Show {
    /// A number of a tensor, in at most some seven characters.
    static func element(_ x: Double) -> String {
        if x == x.rounded(), abs(x) < 1e7 { return x == 0 ? "0" : formatNumber(x) }
        let magnitude = abs(x)
        if magnitude >= 1e-4, magnitude < 1e5 {
            let digits = magnitude >= 1000 ? 1 : magnitude >= 100 ? 2 : magnitude >= 10 ? 3 : 4
            return (try? formatNumber(x, spec: ".\(digits)")) ?? formatNumber(x)
        }
        return (try? formatNumber(x, spec: ".4g")) ?? formatNumber(x)
    }

    /// One line, whatever the value.
    public static func inline(_ v: Value, quoted: Bool) -> String {
        switch v {
        case .list, .record, .cell:
            var line = InlineValue()
            line.put(v, quoted: quoted, depth: 0)
            return line.text
        case .number(let x): return formatNumber(x)
        case .bool(let b): return b ? "true" : "false"
        case .none, .unbound: return "none"
        case .text(let t): return quoted ? quote(t.string) : t.string
        case .tensor(let t):
            if t.rank == 0 || t.count == 1 && t.rank <= 1 && !quoted {
                return t.precision == .single ? formatFloat(Float(t.item)) : formatNumber(t.item)
            }
            if t.count > 64 { return "tensor \(t.shape)" }
            let values = t.doubles
            var i = 0
            func part(_ axis: Int) -> String {
                if axis == t.rank {
                    defer { i += 1 }
                    return t.precision == .single ? formatFloat(Float(values[i])) : formatNumber(values[i])
                }
                return "[" + (0..<t.shape[axis]).map { _ in part(axis + 1) }.joined(separator: ", ") + "]"
            }
            return part(0)
        case .range(let r): return "\(r.low.map(String.init) ?? "")..\(r.high.map(String.init) ?? "")"
        case .function(let f): return f.code.role == .lambda ? f.code.source.text(f.code.span) : f.name
        case .builtin(let b): return b.name
        case .layer(let l): return layer(l)
        case .thing(let t): return t.summary
        }
    }

    /// Lists in lists as one line: what is too deep, or behind too much, is left out.
    private struct InlineValue {
        var text = ""
        private static let deepest = 40
        private static let longest = 1 << 20

        mutating func put(_ v: Value, quoted: Bool, depth: Int) {
            switch v {
            case .list(let l):
                guard depth < InlineValue.deepest, text.utf8.count < InlineValue.longest else {
                    text += l.items.isEmpty ? "[]" : "[...]"
                    return
                }
                text += "["
                for (k, item) in l.items.prefix(20).enumerated() {
                    if k > 0 { text += ", " }
                    put(item, quoted: true, depth: depth + 1)
                }
                text += l.items.count > 20 ? ", ...]" : "]"
            case .record(let r):
                guard depth < InlineValue.deepest, text.utf8.count < InlineValue.longest else {
                    text += "{...}"
                    return
                }
                text += "{"
                for (k, (name, value)) in zip(r.names, r.values).enumerated() {
                    text += (k > 0 ? ", " : "") + "\(name): "
                    put(value, quoted: true, depth: depth + 1)
                }
                text += "}"
            case .cell(let c):
                if depth < InlineValue.deepest { put(c.value, quoted: quoted, depth: depth + 1) } else { text += "..." }
            default: text += Show.inline(v, quoted: quoted)
            }
        }
    }

    package static func quote(_ s: String) -> String {
        var out = "\""
        var seen = 0
        for c in s {
            seen += 1
            // The caller checks for the interrupt itself.
            if seen & 0xFFFF == 0, Interrupt.isDue { break }
            switch c {
            case "\n": out += "\\n"
            case "\t": out += "\\t"
            case "\"": out += "\\\""
            case "\\": out += "\\\\"
            case "{": out += "\\{"
            default: out.append(c)
            }
        }
        return out + "\""
    }

    /// `flatten >> dense(64) >> relu`.
    static func layer(_ l: Layer) -> String {
        switch l.form {
        case .pipeline(let stages) where l.constructor == nil:
            return stages.map { layer($0.layer) }.joined(separator: " >> ")
        case .function(let f): return inline(f, quoted: false)
        case .training(let inner): return "training(\(layer(inner)))"
        default:
            var given: [String] = []
            for (k, a) in l.arguments.enumerated() {
                let text: String
                if case .layer(let part) = a.value { text = layer(part) } else { text = inline(a.value, quoted: true) }
                if let defaultValue = l.constructor?.parameters[safe: k]?.defaultText, defaultValue == text { continue }
                given.append(given.count == k ? text : "\(a.name) = \(text)")
            }
            return "\(l.kind)(\(given.joined(separator: ", ")))"
        }
    }

    /// What the prompt prints for a value.
    public static func display(_ v: Value, _ page: Page) -> String {
        switch v {
        case .tensor(let t): return tensor(t, page)
        case .layer(let l): return net(l, page)
        case .thing(let t): return t.display(page)
        case .function(let f):
            return (f.code.help.map { $0 + "\n" } ?? "")
                + (f.code.role == .lambda ? f.code.source.text(f.code.span) : f.code.signature)
        case .builtin(let b): return b.signature
        case .text(let t): return quote(t.string)
        case .list(let l):
            let one = inline(v, quoted: true)
            if displayWidth(one) <= page.columns && l.items.count <= 20 { return one }
            let most = page.all ? l.items.count : max(4, page.rows - 4)
            var lines = ["list of \(l.items.count)"]
            let digits = String(max(0, min(most, l.items.count) - 1)).count
            for (i, item) in l.items.prefix(most).enumerated() {
                if Interrupt.isDue { break }
                let number = String(repeating: " ", count: digits - String(i).count) + "\(i)"
                lines.append("  \(number): \(cut(inline(item, quoted: true), page.columns - 8, page))")
            }
            if l.items.count > most { lines.append("  ... \(l.items.count - most) more: show x, all = true") }
            return lines.joined(separator: "\n")
        case .record(let r):
            let one = inline(v, quoted: true)
            if displayWidth(one) <= page.columns { return one }
            let width = r.names.map(displayWidth).max() ?? 0
            let most = page.all ? r.names.count : max(4, page.rows - 4)
            var lines = zip(r.names, r.values).prefix(most).map { name, value in
                name + String(repeating: " ", count: width - displayWidth(name)) + "  "
                    + cut(inline(value, quoted: true), page.columns - width - 2, page)
            }
            if r.names.count > most { lines.append("... \(r.names.count - most) more: show x, all = true") }
            return lines.joined(separator: "\n")
        default: return inline(v, quoted: true)
        }
    }

    /// A text on one line, cut to a width of at least 8 unless all is wanted.
    public static func cut(_ s: String, _ width: Int, _ page: Page) -> String {
        let flat = s.replacing("\n", with: " ")
        let width = max(width, 8)
        guard !page.all, displayWidth(flat) > width else { return flat }
        var kept = ""
        var room = width - 3
        for c in flat {
            room -= displayWidth(String(c))
            if room < 0 { break }
            kept.append(c)
        }
        return kept + "..."
    }

    // MARK: Tensors

    /// Shape, corners, statistics.
    static func tensor(_ t: Tensor, _ page: Page) -> String {
        if t.rank == 0 { return t.precision == .single ? formatFloat(Float(t.item)) : formatNumber(t.item) }
        var lines = ["tensor \(t.shape)"]
        guard t.count > 0 else { return lines[0] + ", empty" }
        let columns = t.shape[-1]
        let rows = t.count / max(columns, 1)
        let (rowPicks, rowGap) = picks(rows, page.all ? Int.max : 12)
        var (columnPicks, columnGap) = picks(columns, page.all ? Int.max : 12)
        var cells: [[String]] = []
        for r in rowPicks {
            // The caller checks for the interrupt itself.
            if Interrupt.isDue { break }
            cells.append(columnPicks.map { element(t[r * columns + $0]) })
        }
        func widths() -> [Int] { columnPicks.indices.map { c in cells.map { $0[c].count }.max() ?? 0 } }
        while !page.all, columnPicks.count > 2, widths().reduce(0, { $0 + $1 + 2 }) + 8 > page.columns {
            let middle = columnPicks.count / 2
            columnPicks.remove(at: middle)
            for k in cells.indices { cells[k].remove(at: middle) }
            columnGap = middle
        }
        let w = widths()
        for (k, row) in cells.enumerated() {
            if Interrupt.isDue { break }
            if k == rowGap { lines.append("  ...") }
            var line = "["
            for (c, cell) in row.enumerated() {
                if c > 0 { line += "  " }
                if c == columnGap { line += "...  " }
                line += String(repeating: " ", count: w[c] - cell.count) + cell
            }
            lines.append(line + "]")
        }
        if t.count > 1 {
            // Folded between its parts where the window is narrow.
            var line = ""
            for part in statistics(t) {
                if !line.isEmpty, line.count + 2 + part.count > page.columns {
                    lines.append(line)
                    line = ""
                }
                line += (line.isEmpty ? "" : "  ") + part
            }
            lines.append(line)
        }
        return lines.joined(separator: "\n")
    }

    private static func picks(_ n: Int, _ most: Int) -> ([Int], Int) {
        guard n > most else { return (Array(0..<n), -1) }
        let half = most / 2
        return (Array(0..<half) + Array(n - half..<n), half)
    }

    /// Statistics of the finite elements, computed without a copy; nothing after an interrupt.
    private static func statistics(_ t: Tensor) -> [String] {
        guard let e = try? NumberStatistics.extent(t, deviations: true) else { return [] }
        var parts: [String] = []
        if e.finite > 0 {
            let variance = e.squares / Double(e.finite)
            parts = [
                "min \(element(e.low))", "max \(element(e.high))", "mean \(element(e.mean))",
                "sd \(element(variance.squareRoot()))",
            ]
        }
        let infinite = t.count - e.finite - e.nans
        if e.nans > 0 { parts.append("\(e.nans) NaN") }
        if infinite > 0 { parts.append("\(infinite) infinite") }
        return parts
    }

    // MARK: Nets

    /// A tree of stages with shapes and counts; parts that occur twice are marked as shared.
    static func net(_ l: Layer, _ page: Page) -> String {
        var lines: [String] = []
        var seen: [ObjectIdentifier: String] = [:]
        func count(_ n: Int) -> String { n == 1 ? "1 parameter" : "\(n) parameters" }
        func total(_ l: Layer) -> Int { l.parameters.reduce(0) { $0 + $1.parameter.value.count } }
        func isBuilt(_ l: Layer) -> Bool {
            l.everyLayer.allSatisfy { if case .custom(let c) = $0.form { c.isBuilt } else { true } }
        }
        func visit(_ layer: Layer, _ path: [String]) {
            let indent = String(repeating: "  ", count: path.count)
            let name = path.last ?? ""
            if let first = seen[ObjectIdentifier(layer)], !layer.parameters.isEmpty || !layer.children.isEmpty {
                lines.append("\(indent)\(name)  shared with \(first)")
                return
            }
            seen[ObjectIdentifier(layer)] = path.joined(separator: ".")
            var text = "\(indent)\(name)"
            if case .function = layer.form {} else if layer.constructor != nil { text += "  \(Show.layer(layer))" }
            if case .custom(let c) = layer.form {
                let own = c.slots.compactMap { s in s.parameter.map { "\(s.name) \($0.value.shape)" } }
                if !own.isEmpty { text += "  \(own.joined(separator: ", "))" }
                if !c.isBuilt { text += "  (gets its shapes at the first use)" }
            }
            if layer.isFrozen { text += "  frozen" }
            lines.append(text)
            for (childName, child) in layer.children { visit(child, path + [childName]) }
        }
        let head = l.constructor == nil ? "net" : Show.layer(l)
        let n = total(l)
        lines.append(
            isBuilt(l)
                ? "\(head): \(count(n))" : "\(head): shapes not known yet" + (n > 0 ? ", \(count(n)) so far" : ""))
        if l.children.isEmpty, case .custom(let c) = l.form {
            for s in c.slots { if let p = s.parameter { lines.append("  \(s.name)  \(p.value.shape)") } }
        }
        for (name, child) in l.children { visit(child, [name]) }
        let most = page.all ? lines.count : max(6, page.rows - 4)
        let rest = lines.count - most
        lines = lines.prefix(most).map { cut($0, page.columns, page) }
        if rest > 0 { lines.append("  ... \(rest) more \(rest == 1 ? "line" : "lines"): show net, all = true") }
        return lines.joined(separator: "\n")
    }
}

extension Interpreter {
    package func inline(_ v: Value, quoted: Bool = false) -> String { Show.inline(v, quoted: quoted) }

    /// A value as the label of an underlined expression: small ones in full, others by their kind and shape.
    package func brief(_ v: Value) -> String {
        switch v {
        case .tensor(let t) where t.count > 8: return "\(t.shape)"
        case .list(let l) where l.items.count > 8: return "a list of \(l.items.count)"
        default:
            let text = inline(v, quoted: true)
            return text.count > 60 ? v.kindName : text
        }
    }

    /// `{x:.3}`.
    package func formatted(_ v: Value, _ spec: String, depth: Int = 0) throws -> String {
        switch v {
        case .number(let x): return try formatNumber(x, spec: spec)
        case .bool(let b): return try formatNumber(b ? 1 : 0, spec: spec)
        case .tensor(let t) where t.count == 1: return try formatNumber(t.item, spec: spec)
        case .tensor(let t) where t.count <= 64:
            return "[" + (try t.doubles.map { try formatNumber($0, spec: spec) }).joined(separator: ", ") + "]"
        case .list(let l):
            guard depth < 40 else { return "[...]" }
            return "[" + (try l.items.map { try formatted($0, spec, depth: depth + 1) }).joined(separator: ", ") + "]"
        case .text(let t): return try NumberSpec(parsing: spec).pad(t.string)
        default:
            throw Diagnostic(code: "format.kind", "{...:\(spec)} formats numbers, and got \(v.kindName)")
        }
    }
}
