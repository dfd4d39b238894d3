import SiamLanguage
import SiamTensor

/// Rows with named columns: what `sweep` gives.
public class Table: Thing, @unchecked Sendable {
    public let rows: [Record]
    public init(_ rows: [Record]) { self.rows = rows }

    /// All columns, in the order of their first use.
    public var columns: [String] {
        var names: [String] = []
        for row in rows { for n in row.names where !names.contains(n) { names.append(n) } }
        return names
    }
    public override var kindName: String { "a table of \(rows.count) rows" }
    public override var summary: String { "table: \(rows.count) rows of \(columns.joined(separator: ", "))" }
    public override var length: Int? { rows.count }
    public override var fieldNames: [String] { columns + ["columns", "rows"] }

    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        if columns.contains(name) { return try interpreter.bracket(rows.map { $0.field(name) ?? .none }) }
        switch name {
        case "columns": return Value(columns.map { Value($0) })
        case "rows": return Value(rows.map { .record($0) })
        case "sort", "best", "where":
            let method = Table.methods[name]
            return method.map { .builtin($0(self)) }
        default: return nil
        }
    }

    private static let methods: [String: @Sendable (Table) -> Builtin] = [
        "sort": { table in
            Builtin("sort", "column, reverse = false", "The table's rows in order of a column, smallest first.") {
                i, a in
                .thing(try table.sorted(try a.text(0), reverse: try a.flag(1)))
            }
        },
        "best": { table in
            Builtin(
                "best", "column",
                "The row with the best value of a column: the smallest of a loss or an error, else the largest."
            ) { i, a in
                .record(try table.best(try a.text(0)))
            }
        },
        "where": { table in
            Builtin("where", "test", "The rows for which the function is true.") { i, a in
                let kept = try table.rows.filter { row in
                    var answer = try i.call(a[0], [.record(row)])
                    return try withUnsafeMutablePointer(to: &answer) { try i.truth($0, 0, "where") }
                }
                return .thing(Table(kept))
            }
        },
    ]

    private func values(_ column: String) throws -> [Double] {
        guard columns.contains(column) else {
            let near = closest(to: column, in: columns)
            throw Diagnostic(
                code: "table.column", "this table has no column \(column)",
                notes: ["it has \(columns.joined(separator: ", "))"],
                repair: near.map { "Did you mean \($0)?" })
        }
        return rows.map { row in
            switch row.field(column) {
            case .number(let x)?: x
            case .bool(let b)?: b ? 1 : 0
            default: .nan
            }
        }
    }

    func sorted(_ column: String, reverse: Bool) throws -> Table {
        let keys = try values(column)
        let order = rows.indices.sorted { a, b in
            if keys[a].isNaN || keys[b].isNaN {
                return !keys[a].isNaN && keys[b].isNaN || (keys[a].isNaN == keys[b].isNaN && a < b)
            }
            return keys[a] == keys[b] ? a < b : (reverse ? keys[a] > keys[b] : keys[a] < keys[b])
        }
        return Table(order.map { rows[$0] })
    }

    func best(_ column: String) throws -> Record {
        let keys = try values(column)
        let low = Interpreter.isLowBest(column)
        let finite = rows.indices.filter { !keys[$0].isNaN }
        guard let i = finite.min(by: { low ? keys[$0] < keys[$1] : keys[$0] > keys[$1] }) else {
            throw Diagnostic(code: "table.empty", "this table has no number in \(column)")
        }
        return rows[i]
    }

    public override func index(_ selectors: [Value], _ interpreter: Interpreter) throws -> Value? {
        let picked = try interpreter.index(Value(rows.map { .record($0) }), selectors)
        if case .list(let l) = picked {
            return .thing(Table(l.items.compactMap { if case .record(let r) = $0 { r } else { nil } }))
        }
        return picked
    }

    public override func iterator(_ interpreter: Interpreter) throws -> (() throws -> Value?)? {
        var i = 0
        return { [rows] in
            guard i < rows.count else { return nil }
            i += 1
            return .record(rows[i - 1])
        }
    }

    public override func display(_ page: Page) -> String {
        var names = columns
        var lines = [names] + rows.map { row in names.map { Show.cut(Table.cell(row.field($0)), 28, page) } }
        let most = page.all ? rows.count : max(4, page.rows - 4)
        var hidden: [String] = []
        if rows.count > most {
            hidden.append("\(rows.count - most) more \(rows.count - most == 1 ? "row" : "rows")")
            lines = Array(lines[...most])
        }
        var widths = names.indices.map { c in lines.map { displayWidth($0[c]) }.max() ?? 0 }
        // The last columns make room: the first say which row it is.
        let wanted = names.count
        while !page.all, names.count > 1, widths.reduce(-2, { $0 + $1 + 2 }) > page.columns {
            names.removeLast()
            widths.removeLast()
        }
        if names.count < wanted {
            let count = wanted - names.count
            hidden.append(
                "\(count) more \(count == 1 ? "column" : "columns"), " + columns[names.count...].joined(separator: ", ")
            )
        }
        var out = lines.map { line in
            zip(line, widths).map { text, width in
                String(repeating: " ", count: max(0, width - displayWidth(text))) + text
            }.joined(separator: "  ")
        }
        let how = ": show table, all = true"
        for what in hidden { out.append("... " + Show.cut(what, max(16, page.columns - 4 - how.count), page) + how) }
        return out.joined(separator: "\n")
    }

    private static func cell(_ v: Value?) -> String {
        switch v {
        case .number(let x)?:
            if x == x.rounded(), abs(x) < 1e6 { return formatNumber(x) }
            let magnitude = abs(x)
            if magnitude > 0, magnitude < 1e-3 || magnitude >= 1e6 { return formatNumber(x) }
            return (try? formatNumber(x, spec: ".4")) ?? formatNumber(x)
        case .text(let t)?: return t.string
        case .bool(let b)?: return b ? "true" : "false"
        case .none?, nil: return ""
        case let other?: return Show.inline(other, quoted: false)
        }
    }
}
