/// A table of text cells read from CSV (RFC 4180): commas, or semicolons or tabs where the first line has those and no
/// comma; cells may be in double quotes, with "" for a quote inside. Knows where each cell stood.
public struct CSVTable: Sendable {
    public struct Cell: Sendable {
        public let text: String
        /// Line and column of its first character, from 1.
        public let line: Int
        public let column: Int
        /// Whether it stood in quotes.
        public let quoted: Bool
    }

    public let rows: [[Cell]]
    public let path: String

    /// Reads a table. Throws, with line and column, for a quote that is not closed, text after a closing quote, bytes
    /// that are not UTF-8, and rows of different lengths.
    public init(path: String) throws { try self.init(bytes: FileBytes.read(path), path: path) }

    init(bytes: [UInt8], path: String) throws {
        let separator = CSVTable.separator(bytes)
        var scan = CSVScan(bytes: bytes, path: path, separator: separator)
        var rows: [[Cell]] = []
        while let row = try scan.row() {
            if let first = rows.first, row.count != first.count {
                throw DataError(
                    code: "csv.columns",
                    message:
                        "the first line has \(counted(first.count, "column", "columns")), and this one \(row.count)",
                    path: path, place: .line(row.first?.line ?? 1, column: 1))
            }
            rows.append(row)
        }
        guard !rows.isEmpty else {
            throw DataError(code: "csv.empty", message: "the file has no lines", path: path, place: .line(1, column: 1))
        }
        self.rows = rows
        self.path = path
    }

    private static func separator(_ bytes: [UInt8]) -> UInt8 {
        let line = bytes.prefix { $0 != 10 }
        if line.contains(44) { return 44 }
        return line.contains(59) ? 59 : line.contains(9) ? 9 : 44
    }
}

/// The scanner of a table: one pass over the bytes.
private struct CSVScan {
    let bytes: [UInt8]
    let path: String
    let separator: UInt8
    var at: Int
    var line = 1
    var lineStart: Int

    init(bytes: [UInt8], path: String, separator: UInt8) {
        self.bytes = bytes
        self.path = path
        self.separator = separator
        at = bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? 3 : 0
        lineStart = at
    }

    /// The next row; nil at the end. Blank lines are passed over.
    mutating func row() throws -> [CSVTable.Cell]? {
        while at < bytes.count, bytes[at] == 10 || bytes[at] == 13 { step() }
        guard at < bytes.count else { return nil }
        var cells: [CSVTable.Cell] = []
        while true {
            cells.append(try cell())
            guard at < bytes.count else { return cells }
            if bytes[at] == separator {
                step()
                continue
            }
            while at < bytes.count, bytes[at] == 13 { step() }
            if at < bytes.count, bytes[at] == 10 { step() }
            return cells
        }
    }

    private mutating func step() {
        if bytes[at] == 10 {
            line += 1
            lineStart = at + 1
        }
        at += 1
    }

    private mutating func cell() throws -> CSVTable.Cell {
        let start = (line, at - lineStart + 1)
        guard at < bytes.count, bytes[at] == 34 else {
            let from = at
            while at < bytes.count, bytes[at] != separator, bytes[at] != 10, bytes[at] != 13 { at += 1 }
            return try finish(Array(bytes[from..<at]), start, quoted: false)
        }
        at += 1
        var content: [UInt8] = []
        while true {
            guard at < bytes.count else {
                throw DataError(
                    code: "csv.quote", message: "the quote that opens here is not closed", path: path,
                    place: .line(start.0, column: start.1))
            }
            if bytes[at] == 34 {
                at += 1
                guard at < bytes.count, bytes[at] == 34 else { break }
            }
            content.append(bytes[at])
            step()
        }
        guard at >= bytes.count || bytes[at] == separator || bytes[at] == 10 || bytes[at] == 13 else {
            throw DataError(
                code: "csv.quote", message: "a closing quote ends a cell, and here more text follows", path: path,
                place: .line(line, column: at - lineStart + 1))
        }
        return try finish(content, start, quoted: true)
    }

    private func finish(_ content: [UInt8], _ start: (Int, Int), quoted: Bool) throws -> CSVTable.Cell {
        guard let text = String(validating: content, as: UTF8.self), !content.contains(0) else {
            throw DataError(
                code: "csv.text", message: "this cell is no text in UTF-8", path: path,
                place: .line(start.0, column: start.1))
        }
        return CSVTable.Cell(text: text, line: start.0, column: start.1, quoted: quoted)
    }
}
