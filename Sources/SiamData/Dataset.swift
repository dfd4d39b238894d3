import SiamTensor

/// Labelled examples: `x` of n rows (images are n x height x width x channels, ink 1 on 0) and a class number a row.
///
/// Class numbers index `names`. A part of a dataset keeps the numbers and names of the whole, so that two halves of a
/// split agree on what class 3 is; classes that are absent from a part have a count of 0.
public final class Dataset: Sendable {
    /// The examples, first axis n.
    public let x: Tensor
    /// The class number of each example, an index into `names`.
    public let y: [Int]
    /// The classes' names by number.
    public let names: [String]
    /// What it is called in messages: `digits`, `digits, 80 % of each class`.
    public let name: String
    /// Where it comes from, whose it is and under which licence; one or a few lines.
    public let provenance: String
    /// What is to be predicted where it is numbers and no classes, n or n x k; every row then has class 0.
    public let targets: Tensor?
    /// What the numbers of an example are, where a row is a table's: a name for each.
    public let columns: [String]
    /// Columns of text that are no numbers to learn from, beside the examples.
    public let texts: [TextColumn]

    /// A column of text: one for each example.
    public struct TextColumn: Sendable {
        public let name: String
        public let texts: [String]
        public init(name: String, texts: [String]) {
            self.name = name
            self.texts = texts
        }
    }

    /// A dataset of `x` with real targets, a number or a row of them for each example.
    public init(
        x: Tensor, targets: Tensor, name: String, provenance: String = "", columns: [String] = [],
        texts: [TextColumn] = []
    ) throws {
        guard x.rank >= 1, targets.rank >= 1, x.shape[0] == targets.shape[0] else {
            let rows = x.rank >= 1 ? x.shape[0] : 0
            throw DataError(
                code: "data.lengths",
                message:
                    "a dataset needs one target for each row, and got \(rows) rows and \(targets.rank >= 1 ? targets.shape[0] : 1) targets"
            )
        }
        self.x = x
        y = Array(repeating: 0, count: x.shape[0])
        names = ["all"]
        self.name = name
        self.provenance = provenance
        self.targets = targets
        self.columns = Dataset.fitting(columns, x)
        self.texts = texts.filter { $0.texts.count == x.shape[0] }
    }

    /// Names are those of a row's numbers, or none.
    private static func fitting(_ columns: [String], _ x: Tensor) -> [String] {
        x.rank == 2 && x.shape[1] == columns.count ? columns : []
    }

    /// The same examples with other numbers in them, of other columns or of the same.
    public func with(x: Tensor, columns: [String]? = nil) throws -> Dataset {
        try part(x, y, targets, name, columns: columns)
    }

    /// A part of the examples, with what belongs to them.
    private func part(
        _ x: Tensor, _ y: [Int], _ targets: Tensor?, _ name: String, texts: [TextColumn]? = nil,
        columns: [String]? = nil
    ) throws -> Dataset {
        let (columns, texts) = (columns ?? self.columns, texts ?? self.texts)
        if let targets {
            return try Dataset(
                x: x, targets: targets, name: name, provenance: provenance, columns: columns, texts: texts)
        }
        return try Dataset(
            x: x, y: y, names: names, name: name, provenance: provenance, columns: columns, texts: texts)
    }

    /// A dataset of `x` with one class number a row. Throws where the lengths disagree or a class has no name.
    public init(
        x: Tensor, y: [Int], names: [String], name: String, provenance: String = "", columns: [String] = [],
        texts: [TextColumn] = []
    ) throws {
        guard x.rank >= 1 else {
            throw DataError(code: "data.rank", message: "a dataset needs a tensor of rows, and got a single number")
        }
        guard x.shape[0] == y.count else {
            throw DataError(
                code: "data.lengths",
                message: "a dataset needs one class for each row, and got \(x.shape[0]) rows and \(y.count) classes")
        }
        if let wrong = y.firstIndex(where: { $0 < 0 || $0 >= names.count }) {
            throw DataError(
                code: "data.class",
                message: "row \(wrong) has class number \(y[wrong]), and the classes are 0 to \(names.count - 1)")
        }
        self.x = x
        self.y = y
        self.names = names
        self.name = name
        self.provenance = provenance
        targets = nil
        self.columns = Dataset.fitting(columns, x)
        self.texts = texts.filter { $0.texts.count == y.count }
    }

    /// A dataset of rows and class numbers 0, 1, ... named by their numbers.
    public convenience init(x: Tensor, y: [Int], name: String, provenance: String = "") throws {
        let classes = (y.max() ?? -1) + 1
        guard classes <= Dataset.maximumClasses else {
            throw DataError(
                code: "data.classes",
                message: "class numbers go from 0 to at most \(Dataset.maximumClasses - 1), and got \(classes - 1)")
        }
        try self.init(x: x, y: y, names: (0..<max(classes, 0)).map(String.init), name: name, provenance: provenance)
    }

    /// A column with more distinct values than this is not treated as the class.
    public static let maximumClasses = 1_000_000

    /// The number of examples.
    public var count: Int { y.count }

    /// The axes of one example: 8x8x1 for a digit.
    public var itemDims: [Int] { Array(x.shape.dims.dropFirst()) }

    /// The class numbers as a vector of n; the targets where it has these.
    public func labels() throws -> Tensor { try targets ?? Tensor.of([count], y.map { Float($0) }) }

    /// The number of examples of each class, by class number.
    public var classCounts: [Int] {
        var counts = [Int](repeating: 0, count: names.count)
        for label in y { counts[label] += 1 }
        return counts
    }

    /// The class numbers that have at least one example, in order.
    public var classes: [Int] { classCounts.indices(where: { $0 > 0 }) }

    /// The rows of each class, by class number, in order.
    public var rowsByClass: [[Int]] {
        var rows = [[Int]](repeating: [], count: names.count)
        for (row, label) in y.enumerated() { rows[label].append(row) }
        return rows
    }

    /// The rows named by `indices`, in that order; a row may be named twice. Throws where one is out of range.
    public func subset(_ indices: [Int], name: String? = nil) throws -> Dataset {
        if let wrong = indices.first(where: { $0 < 0 || $0 >= count }) {
            throw DataError(
                code: "data.index", message: "row \(wrong) was asked for, and \(self.name) has \(count) rows")
        }
        return try part(
            x.gathered(indices), indices.map { y[$0] }, try targets?.gathered(indices), name ?? self.name,
            texts: texts.map { t in TextColumn(name: t.name, texts: indices.map { t.texts[$0] }) })
    }

    /// Rows a ..< b, sharing memory with the whole. Throws where they are out of range.
    public func rows(_ range: Range<Int>) throws -> Dataset {
        return try part(
            x.window(range), Array(y[range]), try targets?.window(range), name,
            texts: texts.map { TextColumn(name: $0.name, texts: Array($0.texts[range])) })
    }

    /// The rows whose class number satisfies `wanted`.
    public func `where`(_ wanted: (Int) throws -> Bool) throws -> Dataset {
        var keep = [Bool](repeating: false, count: names.count)
        for number in classes { keep[number] = try wanted(number) }
        return try subset(y.indices.filter { keep[y[$0]] })
    }

    /// The rows of the given classes.
    public func `where`(classes wanted: [Int]) throws -> Dataset {
        let set = Set(wanted)
        return try self.where { set.contains($0) }
    }

    /// `n` different rows drawn at random, in the order drawn. Throws where there are fewer.
    public func sample(_ n: Int, _ stream: inout RandomStream) throws -> Dataset {
        guard n >= 0, n <= count else {
            throw DataError(
                code: "data.sample",
                message: "a sample of \(n) different rows was asked for, and \(name) has \(count) rows",
                notes: n > count ? ["ask for at most \(count)"] : [])
        }
        return try subset(Array(stream.permutation(count).prefix(n)))
    }

    /// The numbers of a column by its name. Throws where there is none.
    public func column(_ name: String) throws -> Int {
        if let found = columns.firstIndex(of: name) { return found }
        throw DataError(
            code: "data.column", message: "\(self.name) has no column \(name)",
            notes: [
                columns.isEmpty
                    ? "its examples have no named columns"
                    : "it has \(columns.prefix(12).joined(separator: ", "))\(columns.count > 12 ? ", ..." : "")",
                targets == nil ? "its classes are d.y, and their names d.names" : "its targets are d.y",
            ], candidates: columns)
    }

    /// The columns of these names alone.
    public func choosing(_ names: [String]) throws -> Dataset {
        let chosen = try names.map(column)
        let width = columns.count
        let x = try Tensor.filled([count, chosen.count]) { target in
            self.x.reading { values in
                for row in 0..<count {
                    for (k, c) in chosen.enumerated() { target[row * chosen.count + k] = values[row * width + c] }
                }
            }
        }
        return try with(x: x, columns: names)
    }

    /// A number for each row, the same for rows that have the same in the column of that name.
    public func groups(by name: String) throws -> [Int] {
        if let own = texts.first(where: { $0.name == name }) { return SiamData.groups(own.texts) }
        guard texts.isEmpty || columns.contains(name) else {
            throw DataError(
                code: "data.column", message: "\(self.name) has no column \(name)",
                notes: ["its columns of texts are \(texts.map(\.name).joined(separator: ", "))"],
                candidates: columns + texts.map(\.name))
        }
        let c = try column(name)
        let width = columns.count
        return x.reading { values in SiamData.groups((0..<count).map { values[$0 * width + c].bitPattern }) }
    }

    /// The same examples and classes under another name.
    public func named(_ name: String) throws -> Dataset {
        try part(x, y, targets, name)
    }

    /// `digits: 1797 of 8x8x1 in 10 classes`.
    public var summary: String {
        let item = itemDims.isEmpty ? "one number" : itemDims.map(String.init).joined(separator: "x")
        if let targets { return "\(name): \(count) of \(item) with targets \(Dataset.span(targets))" }
        let number = classes.count
        return "\(name): \(count) of \(item) in \(number) \(number == 1 ? "class" : "classes")"
    }
}

/// Equal keys get equal numbers, in the order of their first use.
public func groups<Key: Hashable>(_ keys: [Key]) -> [Int] {
    var numbers: [Key: Int] = [:]
    return keys.map { key in
        if let known = numbers[key] { return known }
        numbers[key] = numbers.count
        return numbers.count - 1
    }
}

extension Dataset {
    /// `150.25 to 480.75`.
    public static func span(_ targets: Tensor) -> String {
        let values = targets.values
        guard let low = values.min(), let high = values.max() else { return "(none)" }
        let width =
            targets.rank > 1 ? " in \(targets.shape.dims.dropFirst().map(String.init).joined(separator: "x"))" : ""
        return "\(plain(Double(low))) to \(plain(Double(high)))\(width)"
    }
}

extension Array {
    /// The indices of the elements that satisfy `condition`.
    func indices(where condition: (Element) -> Bool) -> [Int] { indices.filter { condition(self[$0]) } }
}
