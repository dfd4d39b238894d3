import SiamData
import SiamFigures
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Values in the forms that a page can show beside their text.
enum RichValue {
    /// Forms by their type; the text is always one of them.
    static func bundle(_ value: Value, _ text: String) -> JSON {
        var forms: [(String, JSON)] = [("text/plain", .text(text))]
        if let figure = Figures.figure(of: value) {
            if isOfPixels(figure), let png = try? Figures.png(figure) {
                forms.append(("image/png", .text(Base64.text(png))))
            } else {
                forms.append(("image/svg+xml", .text(Figures.svg(figure))))
            }
        } else if let html = html(value) {
            forms.append(("text/html", .text(html)))
        }
        return .object(forms)
    }

    /// Whether a figure is made of pictures, which are smaller as pixels than as shapes.
    private static func isOfPixels(_ figure: Figure) -> Bool {
        figure.panels.contains { panel in
            panel.marks.contains { mark in
                switch mark {
                case .image: true
                case .points(let p): p.x.count > 5000
                case .cells(let c): c.values.count > 5000
                default: false
                }
            }
        }
    }

    private static func html(_ value: Value) -> String? {
        switch value {
        case .tensor(let t) where t.rank == 1 || t.rank == 2: tensor(t)
        case .layer(let l): "<div>\(tree(l, "", 0))</div>"
        case .thing(let t as Table): table(t)
        case .record(let r): record(r)
        default: nil
        }
    }

    static func escaped(_ text: String) -> String {
        text.replacing("&", with: "&amp;").replacing("<", with: "&lt;").replacing(">", with: "&gt;").replacing(
            "\"", with: "&quot;")
    }

    /// A page inside a page.
    static func frame(_ page: String) -> String {
        "<iframe srcdoc=\"\(escaped(page))\" style=\"width: 100%; height: 640px; border: 1px solid #8884\" "
            + "sandbox=\"allow-scripts\"></iframe>"
    }

    // MARK: Tables

    private static let mostRows = 16
    private static let mostColumns = 12

    /// The positions of an axis that are shown; nil marks those left out.
    private static func places(_ count: Int, _ most: Int) -> [Int?] {
        guard count > most else { return (0..<count).map { $0 } }
        return (0..<most / 2).map { $0 } + [nil] + (count - most / 2..<count).map { $0 }
    }

    private static func tensor(_ t: Tensor) -> String? {
        let dims = t.shape.dims
        guard let columns = dims.last, dims.allSatisfy({ $0 > 0 }), t.count <= 4_000_000 else { return nil }
        let rows = dims.count == 2 ? dims[0] : 1
        let values = t.doubles
        guard values.count == rows * columns else { return nil }
        let across = places(columns, mostColumns)
        var out = "<table>"
        if dims.count == 2 {
            out += "<tr><th></th>" + across.map { "<th>\($0.map(String.init) ?? "...")</th>" }.joined() + "</tr>"
        }
        for row in places(rows, mostRows) {
            out += "<tr>"
            if dims.count == 2 { out += "<th>\(row.map(String.init) ?? "...")</th>" }
            for column in across {
                let cell = row.flatMap { r in column.map { number(values[r * columns + $0]) } }
                out += "<td>\(cell ?? "...")</td>"
            }
            out += "</tr>"
        }
        return out + "</table><div>tensor \(t.shape)</div>"
    }

    private static func number(_ x: Double) -> String { (try? formatNumber(x, spec: ".4g")) ?? formatNumber(x) }

    private static func cell(_ value: Value?) -> String {
        guard let value else { return "" }
        if case .number(let x) = value { return number(x) }
        return escaped(Show.inline(value, quoted: false))
    }

    private static func table(_ t: Table) -> String {
        let columns = t.columns
        var out = "<table><tr>" + columns.map { "<th>\(escaped($0))</th>" }.joined() + "</tr>"
        for row in t.rows.prefix(200) {
            out += "<tr>" + columns.map { "<td>\(cell(row.field($0)))</td>" }.joined() + "</tr>"
        }
        if t.rows.count > 200 { out += "<tr><td colspan=\"\(columns.count)\">... \(t.rows.count - 200) more</td></tr>" }
        return out + "</table>"
    }

    private static func record(_ r: Record) -> String? {
        guard !r.names.isEmpty, r.names.count <= 60 else { return nil }
        let rows = r.names.map { "<tr><th>\(escaped($0))</th><td>\(cell(r.field($0)))</td></tr>" }
        return "<table>\(rows.joined())</table>"
    }

    // MARK: Nets

    private static func tree(_ layer: Layer, _ name: String, _ depth: Int) -> String {
        let count = layer.parameters.reduce(0) { $0 + $1.parameter.value.count }
        var head =
            name.isEmpty || name == layer.kind
            ? "<b>\(escaped(layer.kind))</b>" : "\(escaped(name)): <b>\(escaped(layer.kind))</b>"
        if count > 0 { head += " <span style=\"opacity: 0.6\">\(count) parameters</span>" }
        let own = layer.parameters.filter { !$0.path.contains(".") }.map { one in
            "<li>\(escaped(one.path)) <span style=\"opacity: 0.6\">\(one.parameter.value.shape)</span></li>"
        }
        let parts = depth < 6 ? layer.children.prefix(60).map { "<li>\(tree($0.layer, $0.name, depth + 1))</li>" } : []
        guard !own.isEmpty || !parts.isEmpty else { return head }
        return "<details\(depth < 2 ? " open" : "")><summary>\(head)</summary>"
            + "<ul style=\"margin: 0\">\((own + parts).joined())</ul></details>"
    }
}

/// Bytes as signs that any text may hold (RFC 4648).
enum Base64 {
    static func text(_ bytes: [UInt8]) -> String {
        let signs = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
        var out: [UInt8] = []
        out.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let part = bytes[start..<min(start + 3, bytes.count)]
            let word = part.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << UInt32(8 * (3 - part.count))
            for k in 0..<4 { out.append(k <= part.count ? signs[Int(word >> UInt32(18 - 6 * k) & 63)] : 61) }
        }
        return String(decoding: out, as: UTF8.self)
    }
}
