/// A small model of a terminal's screen: what an application's bytes make of it. Windows do not wrap anew when they change
/// their size, as xterm's do not.
struct Screen {
    private(set) var columns: Int
    private(set) var rows: Int
    private var cells: [[Character]]
    /// The style each cell was written in, as the parameters of the last `m` sequences.
    private var styles: [[String]]
    private(set) var row = 0
    private(set) var column = 0
    private var isPending = false
    private var saved = (row: 0, column: 0, pending: false)
    private var style = ""
    private(set) var scrolledOff: [String] = []
    private(set) var marksPastes = false
    private(set) var hasEscapes = false
    private var bytes: [UInt8] = []

    init(columns: Int, rows: Int) {
        self.columns = columns
        self.rows = rows
        cells = Array(repeating: Array(repeating: " ", count: columns), count: rows)
        styles = Array(repeating: Array(repeating: "", count: columns), count: rows)
    }

    /// The line of a row without the blanks at its end.
    func line(_ row: Int) -> String {
        guard cells.indices.contains(row) else { return "" }
        var text = String(cells[row].filter { $0 != "\u{0}" })
        while text.last == " " { text.removeLast() }
        return text
    }
    var lines: [String] {
        var all = (0..<rows).map(line)
        while all.last == "" { all.removeLast() }
        return all
    }
    var text: String { lines.joined(separator: "\n") }
    /// The row that the cursor is in.
    var current: String { line(row) }
    func style(_ row: Int, _ column: Int) -> String {
        styles.indices.contains(row) && styles[row].indices.contains(column) ? styles[row][column] : ""
    }

    mutating func resize(columns: Int, rows: Int) {
        while row >= rows {
            scroll()
            row -= 1
        }
        func fit<T>(_ list: [T], _ n: Int, _ filler: T) -> [T] {
            list.count >= n ? Array(list[..<n]) : list + Array(repeating: filler, count: n - list.count)
        }
        cells = fit(cells.map { fit($0, columns, " ") }, rows, Array(repeating: " ", count: columns))
        styles = fit(styles.map { fit($0, columns, "") }, rows, Array(repeating: "", count: columns))
        self.columns = columns
        self.rows = rows
        column = min(column, columns - 1)
        isPending = false
    }

    mutating func feed(_ new: [UInt8]) {
        bytes += new
        var at = 0
        while at < bytes.count {
            guard let used = take(at) else { break }
            at += used
        }
        bytes.removeFirst(at)
    }

    /// Takes one character or sequence; how many bytes it had, nil where more are needed.
    private mutating func take(_ at: Int) -> Int? {
        let byte = bytes[at]
        switch byte {
        case 0x1B: return escape(at)
        case 13:
            column = 0
            isPending = false
        case 10: lineFeed()
        case 8:
            column = max(0, column - 1)
            isPending = false
        case 9: column = min(columns - 1, (column / 8 + 1) * 8)
        case 0..<32, 127: break
        case ..<0x80: put(Character(Unicode.Scalar(byte)), width: 1)
        default:
            let size = byte >= 0xF0 ? 4 : byte >= 0xE0 ? 3 : byte >= 0xC0 ? 2 : 1
            guard at + size <= bytes.count else { return nil }
            let character = String(decoding: bytes[at..<at + size], as: UTF8.self)
            if let scalar = character.unicodeScalars.first { put(scalar) }
            return size
        }
        return 1
    }

    private mutating func put(_ scalar: Unicode.Scalar) {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format:
            // A mark joins the character before it.
            let place = isPending ? columns - 1 : column - 1
            if place >= 0 { cells[row][place] = Character(String(cells[row][place]) + String(Character(scalar))) }
        default:
            let isWide =
                (0x1100...0x115F).contains(scalar.value) || (0x2E80...0xD7A3).contains(scalar.value)
                || (0xF900...0xFAFF).contains(scalar.value) || (0xFF00...0xFF60).contains(scalar.value)
                || scalar.value >= 0x1F300
            put(Character(scalar), width: isWide ? 2 : 1)
        }
    }

    private mutating func put(_ character: Character, width: Int) {
        if isPending || column + width > columns {
            isPending = false
            column = 0
            lineFeed()
        }
        cells[row][column] = character
        styles[row][column] = style
        if width == 2, column + 1 < columns {
            cells[row][column + 1] = "\u{0}"
            styles[row][column + 1] = style
        }
        if column + width >= columns {
            column = columns - 1
            isPending = true
        } else {
            column += width
        }
    }

    private mutating func scroll() {
        scrolledOff.append(line(0))
        cells.removeFirst()
        cells.append(Array(repeating: " ", count: columns))
        styles.removeFirst()
        styles.append(Array(repeating: "", count: columns))
    }

    private mutating func lineFeed() {
        isPending = false
        if row == rows - 1 { scroll() } else { row += 1 }
    }

    private mutating func escape(_ at: Int) -> Int? {
        hasEscapes = true
        guard at + 1 < bytes.count else { return nil }
        switch bytes[at + 1] {
        case UInt8(ascii: "7"): saved = (row, column, isPending)
        case UInt8(ascii: "8"): (row, column, isPending) = saved
        case UInt8(ascii: "["):
            var end = at + 2
            while end < bytes.count, !(0x40...0x7E).contains(bytes[end]) { end += 1 }
            guard end < bytes.count else { return nil }
            control(String(decoding: bytes[(at + 2)..<end], as: UTF8.self), Character(Unicode.Scalar(bytes[end])))
            return end - at + 1
        case UInt8(ascii: "("): return at + 2 < bytes.count ? 3 : nil
        case UInt8(ascii: "]"):
            var end = at + 2
            while end < bytes.count, bytes[end] != 7 { end += 1 }
            return end < bytes.count ? end - at + 1 : nil
        default: break
        }
        return 2
    }

    private mutating func control(_ parameters: String, _ final: Character) {
        let numbers = parameters.split(separator: ";", omittingEmptySubsequences: false).map { Int($0) ?? 0 }
        let n = max(1, numbers.first ?? 1)
        if final != "m", final != "h", final != "l" { isPending = false }
        switch final {
        case "A": row = max(0, row - n)
        case "B": row = min(rows - 1, row + n)
        case "C": column = min(columns - 1, column + n)
        case "D": column = max(0, column - n)
        case "G": column = min(columns - 1, n - 1)
        case "H":
            row = min(rows - 1, max(0, (numbers.first ?? 1) - 1))
            column = min(columns - 1, max(0, (numbers.count > 1 ? numbers[1] : 1) - 1))
        case "K":
            let mode = numbers.first ?? 0
            erase(row, mode == 0 ? column : 0, mode == 1 ? column + 1 : columns)
        case "J":
            let mode = parameters.isEmpty ? 0 : numbers.first ?? 0
            if mode == 0 {
                erase(row, column, columns)
                for r in (row + 1)..<max(rows, row + 1) where r < rows { erase(r, 0, columns) }
            } else {
                for r in 0..<rows { erase(r, 0, columns) }
            }
        case "P":
            let k = min(n, columns - column)
            cells[row].removeSubrange(column..<column + k)
            cells[row] += Array(repeating: " ", count: k)
            styles[row].removeSubrange(column..<column + k)
            styles[row] += Array(repeating: "", count: k)
        case "@":
            cells[row].insert(contentsOf: Array(repeating: " ", count: n), at: column)
            cells[row] = Array(cells[row].prefix(columns))
            styles[row].insert(contentsOf: Array(repeating: "", count: n), at: column)
            styles[row] = Array(styles[row].prefix(columns))
        case "X": erase(row, column, min(columns, column + n))
        case "m": style = parameters.isEmpty || parameters == "0" ? "" : style + ";" + parameters
        case "h", "l": if parameters == "?2004" { marksPastes = final == "h" }
        default: break
        }
    }

    private mutating func erase(_ row: Int, _ from: Int, _ to: Int) {
        for c in from..<max(from, to) {
            cells[row][c] = " "
            styles[row][c] = ""
        }
    }
}
