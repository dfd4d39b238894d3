import SiamTensor

/// A dataset of a CSV file: one column is the class, the others are numbers.
///
/// - Parameters:
///   - label: the class column's name, or its number from 0 (negative from the end); the last column by default.
///   - header: whether the first line names the columns; by default where a cell of it that is no class is no
///     number.
///
/// A column of fractions, or of many different numbers, is no class but what is to be predicted: the dataset then has
/// targets; `isRegression` decides where it is given.
///
/// Classes that are whole numbers from 0 keep their number; other classes are numbered in order of their names. A cell
/// that is no number is refused with its line and column; `nan` and `inf` are numbers, an empty cell is not.
public func csv(_ path: String, label: String? = nil, header: Bool? = nil, isRegression: Bool? = nil) throws -> Dataset
{
    let table = try CSVTable(path: path)
    let first = table.rows[0]
    let width = first.count
    guard width >= 2 else {
        throw DataError(
            code: "csv.width",
            message: "a column of classes and at least one of numbers were wanted, and there is 1 column",
            path: path, place: .line(1, column: 1))
    }
    let named = header ?? looksNamed(table.rows, label: label)
    let titles = named ? first.map(\.text) : (0..<width).map(String.init)
    let column = try labelColumn(label, titles, path)
    let rows = Array(table.rows.dropFirst(named ? 1 : 0))
    guard !rows.isEmpty else {
        throw DataError(
            code: "csv.empty", message: "the file has a header and no rows", path: path,
            place: .line((first.last?.line ?? 1) + 1, column: 1))
    }
    var values: [Float] = []
    values.reserveCapacity(rows.count * (width - 1))
    for row in rows {
        for (place, cell) in row.enumerated() where place != column {
            guard let value = number(cell.text) else {
                let shown = cell.text.isEmpty ? "the cell is empty" : "got \"\(cell.text.prefix(24))\""
                throw DataError(
                    code: "csv.number", message: "column \(titles[place]) wants a number, and \(shown)",
                    notes: label == nil && place == 0 ? ["name the class column by label = \"\(titles[0])\""] : [],
                    path: path, place: .line(cell.line, column: cell.column))
            }
            values.append(Float(value))
        }
    }
    let x = try Tensor.of([rows.count, width - 1], values)
    let cells = rows.map { number($0[column].text) }
    if isRegression ?? looksMeasured(cells) {
        guard let wrong = cells.firstIndex(where: { $0 == nil }) else {
            return try Dataset(
                x: x, targets: Tensor.of([rows.count], cells.map { Float($0 ?? .nan) }), name: stem(path),
                provenance: "\(path), numbers to predict in column \(titles[column])")
        }
        let cell = rows[wrong][column]
        throw DataError(
            code: "csv.number", message: "column \(titles[column]) wants a number, and got \"\(cell.text.prefix(24))\"",
            path: path, place: .line(cell.line, column: cell.column))
    }
    let (y, names) = classes(rows.map { $0[column].text })
    return try Dataset(
        x: x, y: y, names: names, name: stem(path),
        provenance: "\(path), class in column \(titles[column])")
}

/// Whether a column measures something: fractions, or many different numbers, hardly one of them twice.
private func looksMeasured(_ cells: [Double?]) -> Bool {
    let values = cells.compactMap { $0 }
    guard values.count == cells.count, values.allSatisfy(\.isFinite) else { return false }
    if values.contains(where: { $0 != $0.rounded() }) { return true }
    let different = Set(values).count
    return different > 20 && 2 * different > values.count
}

/// Whether the first line names columns: some cell of it is no number, but for the class, which may be a name anywhere.
private func looksNamed(_ rows: [[CSVTable.Cell]], label: String?) -> Bool {
    let first = rows[0]
    var column = first.count - 1
    if let label {
        guard let index = Int(label) else { return true }
        column = index < 0 ? index &+ first.count : index
    }
    return first.enumerated().contains { place, cell in
        guard number(cell.text) == nil else { return false }
        return place != column || (rows.count > 1 && number(rows[1][place].text) != nil)
    }
}

/// Classes as numbers and names: whole numbers from 0 stay what they are, all else is numbered in natural order.
func classes(_ labels: [String]) -> ([Int], [String]) {
    let whole = labels.map { label -> Int? in
        guard let value = number(label), value == value.rounded(), value >= 0, value < 10_000 else { return nil }
        return Int(value)
    }
    if whole.allSatisfy({ $0 != nil }) {
        let y = whole.map { $0 ?? 0 }
        return (y, (0...(y.max() ?? 0)).map(String.init))
    }
    let names = Set(labels).sorted { a, b in
        if let a = number(a), let b = number(b), a != b { return a < b }
        return naturallyBefore(a, b)
    }
    let numbers = Dictionary(uniqueKeysWithValues: names.enumerated().map { ($1, $0) })
    return (labels.map { numbers[$0] ?? 0 }, names)
}

private func labelColumn(_ label: String?, _ titles: [String], _ path: String) throws -> Int {
    guard let label else { return titles.count - 1 }
    if let found = titles.firstIndex(of: label) { return found }
    if let index = Int(label), index >= -titles.count, index < titles.count {
        return index < 0 ? index + titles.count : index
    }
    let shown = titles.prefix(12).joined(separator: ", ") + (titles.count > 12 ? ", ..." : "")
    throw DataError(
        code: "csv.label", message: "there is no column \(label)", notes: ["the columns are \(shown)"], path: path,
        place: .line(1, column: 1), candidates: titles)
}

/// A decimal number as people write it, blanks around it allowed: `5`, `-1.5e3`, `nan`, `inf`; nil for all else.
func number(_ text: String) -> Double? {
    let body = text.utf8.drop { $0 == 32 || $0 == 9 }
    var bytes = Array(body)
    while let last = bytes.last, last == 32 || last == 9 { bytes.removeLast() }
    guard let first = bytes.first, bytes.count <= 400 else { return nil }
    let unsigned = first == 43 || first == 45 ? bytes.dropFirst() : bytes[...]
    let word = String(decoding: unsigned, as: UTF8.self).lowercased()
    if word == "nan" { return .nan }
    if word == "inf" || word == "infinity" { return first == 45 ? -.infinity : .infinity }
    var digits = 0
    var points = 0
    var exponent = false
    var previous: UInt8 = 0
    for byte in unsigned {
        switch byte {
        case 48...57: digits += 1
        case 46 where points == 0 && !exponent: points += 1
        case 69 where !exponent && digits > 0, 101 where !exponent && digits > 0:
            exponent = true
            digits = 0
        case 43 where previous == 69 || previous == 101, 45 where previous == 69 || previous == 101: break
        default: return nil
        }
        previous = byte
    }
    guard digits > 0 else { return nil }
    return Double(String(decoding: first == 43 ? bytes.dropFirst() : bytes[...], as: UTF8.self))
}

/// `iris` of `tables/iris.csv`.
func stem(_ path: String) -> String {
    let name = lastPart(path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
}
