import SiamData
import SiamTensor

/// A table of text cells (RFC 4180): cells parted by a comma, a semicolon, a tab, a bar or a blank; they may be in
/// double quotes, with "" for a quote inside. Knows where each cell stands; cells become texts when they are asked for.
public struct CSVTable: Sendable {
    public struct Cell: Sendable {
        public let text: String
        /// Line and column of its first character, from 1.
        public let line: Int
        public let column: Int
        /// Whether it stood in quotes.
        public let quoted: Bool
    }

    public let path: String
    let bytes: [UInt8]
    let separator: UInt8
    /// The decimal separator.
    let decimal: UInt8
    /// Where rows begin.
    let starts: [Int]
    let writing: TextBytes.Writing

    /// The number of rows, a header among them.
    public var count: Int { starts.count }

    /// Reads a table. Throws, with line and column, for a quote that is not closed, text after a closing quote, and
    /// bytes that are no text.
    public init(path: String, separator: UInt8? = nil, decimal: UInt8? = nil) throws {
        var bytes = try FileBytes.read(path)
        if Deflate.isGzip(bytes) { bytes = try CSVTable.inflated(bytes, path) }
        try self.init(bytes: bytes, path: path, separator: separator, decimal: decimal)
    }

    init(bytes raw: [UInt8], path: String, separator: UInt8? = nil, decimal: UInt8? = nil) throws {
        if raw.starts(with: Array("PAR1".utf8)) {
            throw DataError(
                code: "csv.parquet", message: "the file is Parquet, which siam does not read",
                notes: [
                    "as CSV it is read:  python3 -c 'import pandas; pandas.read_parquet(\"\(lastPart(path))\").to_csv(\"\(stem(path)).csv\", index=False)'"
                ], path: path)
        }
        (bytes, writing) = TextBytes.utf8(raw)
        self.path = path
        let sniffed = CSVForm(bytes)
        self.separator = separator ?? sniffed.separator
        self.decimal = decimal ?? (self.separator == 44 ? 46 : CSVForm.decimal(bytes, self.separator))
        if self.separator == self.decimal {
            throw DataError(
                code: "csv.decimal", message: "the comma separates cells, so it cannot also be the decimal sign",
                notes: ["give the separator of cells by sep"], path: path)
        }
        let (starts, fault) = try TableBytes.rows(
            bytes, separator: self.separator, isQuoted: TableBytes.first(34, in: bytes) != nil)
        self.starts = starts
        if let fault {
            throw DataError(
                code: "csv.quote",
                message: fault.isOpen
                    ? "the quote that opens here is not closed"
                    : "a closing quote must end the cell, and more text follows here",
                path: path, place: place(fault.at))
        }
        if let zero = TableBytes.first(0, in: bytes) {
            let row = starts.lastIndex { $0 <= zero } ?? 0
            let cell = cells(row).last { $0.start <= zero }
            throw DataError(
                code: "csv.text", message: "this cell contains a byte 0, which is not text", path: path,
                place: place(cell?.start ?? zero))
        }
        guard !starts.isEmpty else {
            throw DataError(code: "csv.empty", message: "the file has no lines", path: path, place: .line(1, column: 1))
        }
    }

    private static func inflated(_ bytes: [UInt8], _ path: String) throws -> [UInt8] {
        // The last four bytes say how long it was, modulo 2^32.
        let said = bytes.suffix(4).reversed().reduce(0) { $0 << 8 | Int($1) }
        guard Deflate.justifies(bytes.count, said) else {
            throw DataError(code: "csv.text", message: "the gzip file is damaged", path: path)
        }
        try Memory.ask(said, of: 1, for: "a file")
        let (text, outcome, _) = Deflate.inflate(bytes[...], gzip: true, room: said + 1)
        guard outcome == .done else {
            throw DataError(code: "csv.text", message: "the gzip file is damaged or cut off", path: path)
        }
        return text
    }

    typealias Place = (start: Int, range: Range<Int>, quoted: Bool)

    /// The byte ranges of the cells of a row.
    func cells(_ row: Int) -> [Place] {
        guard starts.indices.contains(row) else { return [] }
        return TableBytes.cells(bytes, starts[row], separator: separator).map {
            (Int($0.start), Int($0.from)..<max(Int($0.from), Int($0.to)), $0.quoted != 0)
        }
    }

    /// The text of a cell.
    func text(_ cell: Place) -> String {
        let content = bytes[cell.range]
        guard cell.quoted, content.contains(34) else { return String(decoding: content, as: UTF8.self) }
        var plain: [UInt8] = []
        var isSecond = false
        for byte in content {
            isSecond = byte == 34 && !isSecond
            if !isSecond { plain.append(byte) }
        }
        return String(decoding: plain, as: UTF8.self)
    }

    func number(_ cell: Place) -> Double? { TableBytes.number(bytes, cell.range, decimal: decimal) }

    /// One row's cells as texts.
    public func row(_ row: Int) -> [Cell] {
        cells(row).map { cell in
            guard case .line(let line, let column) = place(cell.start) else {
                return Cell(text: text(cell), line: 0, column: 0, quoted: cell.quoted)
            }
            return Cell(text: text(cell), line: line, column: column, quoted: cell.quoted)
        }
    }

    /// The texts of a column in the rows from `first` on.
    public func texts(column: Int, from first: Int) throws -> [String] {
        var found: [String] = []
        found.reserveCapacity(max(0, count - first))
        for row in first..<max(first, count) {
            if row & 0xFFF == 0 { try Interrupt.poll() }
            let all = cells(row)
            found.append(all.indices.contains(column) ? text(all[column]) : "")
        }
        return found
    }

    /// Line and column of a byte.
    func place(_ at: Int) -> DataError.Place {
        let before = bytes.prefix(at)
        var line = 1
        for byte in before where byte == 10 { line += 1 }
        let start = before.lastIndex(of: 10).map { $0 + 1 } ?? 0
        return .line(line, column: at - start + 1)
    }

    /// The position of a cell, for messages.
    func place(row: Int, column: Int) -> DataError.Place {
        let all = cells(row)
        return place(all.indices.contains(column) ? all[column].start : starts.indices.contains(row) ? starts[row] : 0)
    }
}
