import SiamData

/// How a table is written, as its first lines tell.
struct CSVForm {
    let separator: UInt8

    /// The sign that parts each of the first lines into equally many cells, more than one; where none does, the one that
    /// the first line has.
    init(_ bytes: [UInt8]) {
        let lines = CSVForm.sample(bytes)
        let order: [UInt8] = [9, 59, 124, 44, 32]
        let even = order.first { sign in
            let counts = lines.map { CSVForm.count($0, sign) }
            guard let first = counts.first, first > 1 else { return false }
            return counts.allSatisfy { $0 == first }
        }
        let head = lines.first ?? []
        separator = even ?? (head.contains(44) ? 44 : head.contains(59) ? 59 : head.contains(9) ? 9 : 44)
    }

    /// Up to twenty lines from the beginning that are not blank.
    private static func sample(_ bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var from = 0
        var isQuoted = false
        var at = 0
        while at < bytes.count, lines.count < 20, at < 1 << 18 {
            if bytes[at] == 34 { isQuoted.toggle() }
            if bytes[at] == 10, !isQuoted {
                let line = bytes[from..<at]
                if line.contains(where: { $0 != 13 }) { lines.append(line.last == 13 ? line.dropLast() : line) }
                from = at + 1
            }
            at += 1
        }
        if at == bytes.count, from < at, lines.count < 20 { lines.append(bytes[from..<at]) }
        return lines
    }

    /// The cells of a line, split at a separator.
    private static func count(_ line: ArraySlice<UInt8>, _ sign: UInt8) -> Int {
        var cells = 1
        var isQuoted = false
        for byte in line {
            if byte == 34 { isQuoted.toggle() }
            if byte == sign, !isQuoted { cells += 1 }
        }
        return cells
    }

    /// A comma where cells of the first lines are numbers with it and none with a point.
    static func decimal(_ bytes: [UInt8], _ separator: UInt8) -> UInt8 {
        var (commas, points) = (0, 0)
        for line in sample(bytes) {
            for cell in line.split(separator: separator) {
                let body = cell.filter { $0 != 32 && $0 != 34 && $0 != 45 }
                guard !body.isEmpty else { continue }
                let digits = body.count { 48...57 ~= $0 }
                guard digits == body.count - 1, digits > 0 else { continue }
                if body.contains(44) { commas += 1 }
                if body.contains(46) { points += 1 }
            }
        }
        return commas > 0 && points == 0 ? 44 : 46
    }
}
