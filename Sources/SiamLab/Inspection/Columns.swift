import SiamInterpreter
import SiamRuntime

/// Columns of text: the first is left-aligned, the others right-aligned, and the last left-aligned if asked for.
func aligned(_ rows: [[String]], leftColumns: Int = 1, lastLeft: Bool = false) -> [String] {
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { c in rows.map { c < $0.count ? $0[c].count : 0 }.max() ?? 0 }
    return rows.map { row in
        var line = ""
        for (c, cell) in row.enumerated() {
            let pad = String(repeating: " ", count: widths[c] - cell.count)
            if c > 0 { line += "  " }
            line += c < leftColumns || lastLeft && c == columns - 1 ? cell + pad : pad + cell
        }
        while line.last == " " { line.removeLast() }
        return line
    }
}

/// The same within the window: names in the first column are cut first, then columns are left out from the right, and a
/// line says which. The mark of a row follows it, or is below it if there is no space.
func fitted(_ rows: [[String]], marks: [String] = [], _ page: Page, lastLeft: Bool = false) -> [String] {
    var rows = rows
    var hasLast = lastLeft
    func width() -> Int { aligned(rows, lastLeft: hasLast).map(\.count).max() ?? 0 }
    var dropped: [String] = []
    if !page.all, width() > page.columns {
        let names = rows.map { $0.first?.count ?? 0 }.max() ?? 0
        let room = max(12, names - (width() - page.columns))
        rows = rows.map { row in row.isEmpty ? row : [Show.cut(row[0], room, page)] + row.dropFirst() }
        while width() > page.columns, let count = rows.map(\.count).max(), count > 2 {
            if let head = rows.first, head.count == count { dropped.insert(head[count - 1], at: 0) }
            rows = rows.map { $0.count == count ? Array($0.dropLast()) : $0 }
            hasLast = false
        }
    }
    var lines: [String] = []
    for (k, line) in aligned(rows, lastLeft: hasLast).enumerated() {
        let mark = k < marks.count ? marks[k] : ""
        if mark.isEmpty {
            lines.append(line)
        } else if page.all || line.count + mark.count + 4 <= page.columns {
            lines.append("\(line)  ! \(mark)")
        } else {
            lines += [line, "    ! \(mark)"]
        }
    }
    if !dropped.isEmpty {
        lines.append("the window is too narrow for: \(dropped.filter { !$0.isEmpty }.joined(separator: ", "))")
        lines.append("show(..., all = true) shows everything")
    }
    return lines
}
