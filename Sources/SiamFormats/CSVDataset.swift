import SiamData
import SiamTensor

/// What is wanted of a table; all but the path has a natural answer.
public struct TableOptions: Sendable {
    /// How an empty cell (or NA, ?, null) in a column of numbers is treated.
    public enum Missing: Sendable, Equatable {
        case refuse, drop, mean
        case value(Double)
    }
    /// How a column of text that is not the class is treated.
    public enum Texts: String, Sendable, CaseIterable {
        case refuse
        case oneHot = "one_hot"
        case keep
    }
    /// Columns by their name or their number from 0, negative from the end; nil where the table tells.
    public var label: [String]?
    public var columns: [String]?
    public var drop: [String] = []
    public var separator: UInt8?
    public var decimal: UInt8?
    public var header: Bool?
    public var missing = Missing.refuse
    public var texts = Texts.refuse
    public var isRegression: Bool?
    public init() {}
}

/// Something that a reader saw and that its user should know; no fault.
public struct DataNote: Sendable, Equatable {
    public let code: String
    public let message: String
    public var notes: [String] = []
    public var repair: String?
}

/// A dataset of a CSV file: one column is the class, the others are numbers.
public func csv(_ path: String, label: String? = nil, header: Bool? = nil, isRegression: Bool? = nil) throws -> Dataset
{
    var options = TableOptions()
    options.label = label.map { [$0] }
    options.header = header
    options.isRegression = isRegression
    return try csv(path, options).dataset
}

/// A dataset of a CSV file, and what was noticed on the way.
///
/// Classes that are whole numbers from 0 keep their number; other classes are numbered in order of their names. A column
/// of fractions, or of many different numbers, is no class but what is to be predicted: the dataset then has targets, as
/// it has of several columns. A cell that is no number is refused with its place; `nan` and `inf` are numbers, an empty
/// cell is not.
public func csv(_ path: String, _ options: TableOptions) throws -> (dataset: Dataset, notes: [DataNote]) {
    let table = try CSVTable(path: path, separator: options.separator, decimal: options.decimal)
    var reading = try CSVReading(table, options)
    return try reading.read()
}

extension Dataset {
    /// A dataset of examples and classes by their names, which are numbered in natural order.
    public convenience init(x: Tensor, labels: [String], name: String, provenance: String = "") throws {
        let (y, names) = SiamFormats.classes(labels)
        try self.init(x: x, y: y, names: names, name: name, provenance: provenance)
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

/// A decimal number as people write it, blanks around it allowed: `5`, `-1.5e3`, `nan`, `inf`; nil for all else.
func number(_ text: String) -> Double? {
    let bytes = Array(text.utf8)
    return TableBytes.number(bytes, 0..<bytes.count, decimal: 46)
}

/// `iris` of `tables/iris.csv`.
func stem(_ path: String) -> String {
    let name = lastPart(path)
    guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return name }
    return String(name[..<dot])
}
