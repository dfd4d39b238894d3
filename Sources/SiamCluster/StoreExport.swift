import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// A study of the store as CSV.
extension StoreView {
    /// The study to export: the only one there is, or that whose title has the text in it.
    public func study(named name: String?) throws -> Study {
        let all = present.filter { name.map($0.title.contains) ?? true }
        if all.count == 1 { return all[0] }
        let titles = (all.isEmpty ? present : all).map(\.title)
        throw Diagnostic(
            code: "store.study",
            all.isEmpty
                ? name.map { "\(folder) contains no study called \($0)" } ?? "\(folder) contains no study yet"
                : "\(folder) holds \(all.count) studies, and a table shows one",
            notes: titles.prefix(12).map { $0 },
            repair: titles.isEmpty ? nil : "give a part of its title:  --study \"\(titles[0])\"")
    }

    /// The study's table as CSV: the axes, what was reported, then seconds, host and error of each combination. Those that
    /// have no outcome yet are left out.
    public func csv(_ study: Study) throws -> (text: String, rows: Int) {
        var columns: [String] = []
        var rows: [[String: String]] = []
        for piece in study.pieces {
            guard let stored = outcome(piece.key) else { continue }
            var row: [String: String] = [:]
            func set(_ name: String, _ text: String) {
                if !columns.contains(name) { columns.append(name) }
                row[name] = text
            }
            for (name, text) in StoreView.axes(piece.label) { set(name, text) }
            for (name, value) in KeptRow(stored.outcome.bytes)?.fields ?? [] where stored.outcome.error == nil {
                if let value { set(name, StoreView.cell(value)) }
            }
            row["seconds"] = "\(stored.seconds)"
            row["host"] = stored.host
            row["error"] = stored.outcome.error ?? ""
            rows.append(row)
        }
        columns += ["seconds", "host", "error"].filter { !columns.contains($0) }
        let lines =
            [columns.map(StoreView.quoted).joined(separator: ",")]
            + rows.map { row in
                columns.map { StoreView.quoted(row[$0] ?? "") }.joined(separator: ",")
            }
        return (lines.joined(separator: "\n") + "\n", rows.count)
    }

    /// `dim = 2, lr = 0.1` as names and texts. A comma inside brackets or quotes divides nothing.
    static func axes(_ label: String) -> [(String, String)] {
        var parts: [String] = [""]
        var depth = 0
        var isQuoted = false
        for c in label {
            if c == "\"" { isQuoted.toggle() }
            if !isQuoted {
                if "([{".contains(c) { depth += 1 }
                if ")]}".contains(c) { depth -= 1 }
                if c == ",", depth == 0 {
                    parts.append("")
                    continue
                }
            }
            parts[parts.count - 1].append(c)
        }
        return parts.compactMap { part in
            guard let equals = part.firstIndex(of: "=") else { return nil }
            var text = part[part.index(after: equals)...].trimmed
            if text.count >= 2, text.hasPrefix("\""), text.hasSuffix("\"") {
                text = String(text.dropFirst().dropLast())
            }
            return (part[..<equals].trimmed, text)
        }
    }

    private static func cell(_ v: Value) -> String {
        switch v {
        // The shortest digits that are read as this number again.
        case .number(let x): x == x.rounded() && abs(x) < 1e15 ? "\(Int(x))" : "\(x)"
        case .bool(let b): b ? "1" : "0"
        case .text(let t): t.string
        case .none: ""
        default: Show.inline(v, quoted: false)
        }
    }

    private static func quoted(_ text: String) -> String {
        guard text.contains(where: { $0 == "," || $0 == "\"" || $0.isNewline }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
