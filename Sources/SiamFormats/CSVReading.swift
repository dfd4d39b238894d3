import SiamData
import SiamTensor

/// One table on its way to a dataset.
struct CSVReading {
    let table: CSVTable
    let options: TableOptions
    let titles: [String]
    /// The first row of numbers.
    let first: Int
    var numbers: TableBytes.Numbers
    /// Rows that stay, counted from `first`.
    var rows: [Int]
    var notes: [DataNote] = []

    /// What separates the cells, where the first line shows it.
    private static func separatorNote(_ table: CSVTable) -> String {
        let line = table.bytes.prefix(4096).prefix { $0 != 10 && $0 != 13 }
        let found = [(UInt8(ascii: ","), ","), (UInt8(ascii: ";"), ";"), (9, "\\t"), (UInt8(ascii: "|"), "|")].filter {
            $0.0 != table.separator
        }.map { sign in (sign.1, line.count(where: { $0 == sign.0 })) }.max { $0.1 < $1.1 }
        guard let (sign, count) = found, count > 0 else {
            return "if another character separates the cells, give it by sep"
        }
        return "the first line has \(count) times \(sign): leave sep out, or give  sep = \"\(sign)\""
    }

    init(_ table: CSVTable, _ options: TableOptions) throws {
        self.table = table
        self.options = options
        let head = table.row(0)
        guard head.count >= 2 else {
            if let only = head.first?.text.trimmed, only.first == "#", table.count > 1, table.row(1).count >= 2 {
                throw DataError(
                    code: "csv.width", message: "the first line is a comment, and a table must begin with its columns",
                    notes: ["remove lines that begin with #; they are read as rows"], path: table.path,
                    place: .line(1, column: 1))
            }
            throw DataError(
                code: "csv.width",
                message: "a table needs a column of classes and at least one of numbers, and has 1 column",
                notes: [CSVReading.separatorNote(table)], path: table.path,
                place: .line(1, column: 1))
        }
        let named = options.header ?? CSVReading.looksNamed(table, options.label)
        titles = named ? head.map { $0.text.trimmed } : (0..<head.count).map(String.init)
        first = named ? 1 : 0
        guard table.count > first else {
            throw DataError(
                code: "csv.empty", message: "the file has a header and no rows", path: table.path,
                place: .line((head.last?.line ?? 1) + 1, column: 1))
        }
        numbers = try TableBytes.numbers(
            table.bytes, rows: table.starts[first...], columns: titles.count, separator: table.separator,
            decimal: table.decimal)
        if let uneven = numbers.uneven {
            let row = first + uneven
            throw DataError(
                code: "csv.columns",
                message:
                    "the first line has \(counted(titles.count, "column", "columns")), and row \(uneven + 1) has \(table.cells(row).count)",
                path: table.path, place: table.place(table.starts[row]))
        }
        rows = Array(0..<table.count - first)
        let heads = titles.compactMap { Double($0) }
        // Years and the like are names of columns too.
        if options.header == true, heads.count == titles.count, !heads.allSatisfy({ 1800...2200 ~= $0 }) {
            notes.append(
                DataNote(
                    code: "csv.header",
                    message:
                        "the first row contains numbers, and is used as column names: \(listed(titles))",
                    repair: "if there are no column names:  header = false"))
        }
        switch table.writing {
        case .latin1(let at):
            notes.append(
                DataNote(
                    code: "csv.latin1", message: "\(lastPart(table.path)) is not UTF-8, and was read as Latin-1",
                    notes: ["the first such character is at byte \(at)"]))
        case .utf8, .utf16: break
        }
    }

    private var width: Int { titles.count }
    private func value(_ row: Int, _ column: Int) -> Float { numbers.values[row * width + column] }

    mutating func read() throws -> (dataset: Dataset, notes: [DataNote]) {
        let labels = try labelColumns()
        let chosen = try chosenColumns(labels)
        let textual = chosen.filter { numbers.columns[$0].texts > 0 }
        let numeric = chosen.filter { numbers.columns[$0].texts == 0 }
        if options.texts == .refuse, let column = textual.first { throw refusal(ofText: column, among: textual) }
        try settleMissing(numeric, labels)
        noticeIdentifiers(numeric)
        var names = numeric.map { titles[$0] }
        var hot: [(texts: [String], kinds: [String: Int], count: Int)] = []
        var kept: [Dataset.TextColumn] = []
        for column in textual {
            let all = try table.texts(column: column, from: first)
            let texts = rows.map { all[$0].trimmed }
            guard options.texts == .oneHot else {
                kept.append(Dataset.TextColumn(name: titles[column], texts: texts))
                continue
            }
            let kinds = Set(texts).sorted(by: naturallyBefore)
            guard kinds.count <= 1000 else {
                throw DataError(
                    code: "csv.kinds",
                    message:
                        "column \(titles[column]) has \(kinds.count) different texts, too many for one-hot columns",
                    notes: [
                        "leave it out:  drop = [\"\(titles[column])\"]",
                        "or keep the texts of the others beside the numbers:  texts = \"keep\"",
                    ], path: table.path, place: table.place(row: first, column: column))
            }
            names += kinds.map { "\(titles[column])=\($0)" }
            hot.append((texts, Dictionary(uniqueKeysWithValues: kinds.enumerated().map { ($1, $0) }), kinds.count))
        }
        guard !names.isEmpty || !kept.isEmpty else {
            throw DataError(
                code: "csv.width", message: "no column of numbers is left to learn from",
                notes: ["the columns are \(listed(titles))"], path: table.path)
        }
        let (wide, own) = (names.count, numeric.count)
        let x = try Tensor.filled([rows.count, wide]) { target in
            let stride = width
            numbers.values.withUnsafeBufferPointer { values in
                for (k, row) in rows.enumerated() {
                    for c in 0..<own { target[k * wide + c] = values[row * stride + numeric[c]] }
                }
            }
            for k in rows.indices where !hot.isEmpty {
                var at = k * wide + own
                for one in hot {
                    target[at + (one.kinds[one.texts[k]] ?? 0)] = 1
                    at += one.count
                }
            }
        }
        return (try dataset(x, names, kept, labels), notes)
    }

    /// The dataset of the examples and what the label's columns say of them.
    private mutating func dataset(
        _ x: Tensor, _ names: [String], _ kept: [Dataset.TextColumn], _ labels: [Int]
    ) throws -> Dataset {
        let name = stem(table.path)
        let isMeasured =
            options.isRegression
            ?? (labels.count > 1 || labels.allSatisfy { numbers.columns[$0].texts == 0 && looksMeasured($0) })
        if isMeasured {
            for column in labels where numbers.columns[column].texts > 0 {
                throw refusal(row: numbers.columns[column].firstText ?? 0, column)
            }
            let values = rows.flatMap { row in labels.map { value(row, $0) } }
            let shown = labels.map { titles[$0] }.joined(separator: ", ")
            return try Dataset(
                x: x, targets: Tensor.of(labels.count == 1 ? [rows.count] : [rows.count, labels.count], values),
                name: name, provenance: "\(table.path), numbers to predict in column \(shown)", columns: names,
                texts: kept)
        }
        guard let column = labels.first, labels.count == 1 else {
            throw DataError(
                code: "csv.label", message: "the classes must be in one column, and label names \(labels.count)",
                notes: ["several columns of numbers are targets: regression = true"], path: table.path)
        }
        let provenance = "\(table.path), class in column \(titles[column])"
        if numbers.columns[column].texts == 0, numbers.columns[column].empties == 0,
            rows.allSatisfy({
                (0..<10_000).contains(value($0, column)) && value($0, column).rounded() == value($0, column)
            })
        {
            let y = rows.map { Int(value($0, column)) }
            let count = (y.max() ?? 0) + 1
            if options.label == nil, count == 1 || Set(y).count == 1, rows.count > 1 {
                notes.append(
                    DataNote(
                        code: "csv.class",
                        message:
                            "every row has \(y[0]) in column \(titles[column]), the last, which was used as the class",
                        repair: "name the column of the class:  label = \(reference(0))"))
            }
            return try Dataset(
                x: x, y: y, names: (0..<count).map(String.init), name: name, provenance: provenance, columns: names,
                texts: kept)
        }
        let all = try table.texts(column: column, from: first)
        let (y, classNames) = classes(rows.map { all[$0].trimmed })
        return try Dataset(
            x: x, y: y, names: classNames, name: name, provenance: provenance, columns: names, texts: kept)
    }

    // MARK: Columns

    /// Titles that say what they are.
    private static let labelTitles: Set<String> = ["label", "class", "target", "species", "diagnosis"]

    private func labelColumns() throws -> [Int] {
        guard let label = options.label else {
            let last = width - 1
            if first == 0 || CSVReading.labelTitles.contains(titles[last].lowercased()) { return [last] }
            return [titles.firstIndex { CSVReading.labelTitles.contains($0.lowercased()) } ?? last]
        }
        return try label.map { name in
            do { return try column(name) } catch var error as DataError {
                error.code = "csv.label"
                throw error
            }
        }
    }

    private func chosenColumns(_ labels: [Int]) throws -> [Int] {
        let dropped = try options.drop.map { try column($0) }
        let wanted = try options.columns?.map { try column($0) } ?? Array(0..<width)
        return wanted.filter { !labels.contains($0) && !dropped.contains($0) }
    }

    private func column(_ name: String) throws -> Int {
        if let found = titles.firstIndex(of: name) { return found }
        if let index = Int(name), index >= -width, index < width { return index < 0 ? index + width : index }
        let near = titles.first { $0.lowercased() == name.lowercased() }
        throw DataError(
            code: "csv.column", message: "there is no column \(name)",
            notes: (near.map { ["column \($0) differs in its capitals only"] } ?? []) + [
                "the columns are \(listed(titles))"
            ],
            path: table.path, place: .line(1, column: 1), candidates: titles)
    }

    /// Whether the first line names columns: a cell of it is no number where the next line has one. Where every line has
    /// texts in the same columns the first one names them if it has no number at all.
    private static func looksNamed(_ table: CSVTable, _ label: [String]?) -> Bool {
        let head = table.cells(0)
        // A label that is given by its title shows that there are titles.
        if let label, label.contains(where: { Int($0) == nil }) { return true }
        let own = Set(
            (label ?? ["-1"]).compactMap { Int($0) }.map { $0 < 0 ? $0 + head.count : $0 })
        let texts = head.indices.filter { table.number(head[$0]) == nil && !head[$0].range.isEmpty }
        guard !texts.isEmpty, table.count > 1 else { return texts.contains { !own.contains($0) } }
        let next = table.cells(1)
        if texts.contains(where: { next.indices.contains($0) && table.number(next[$0]) != nil }) { return true }
        if texts.allSatisfy({ own.contains($0) }) { return false }
        let isEmptyBelow = texts.contains { next.indices.contains($0) && next[$0].range.isEmpty }
        return isEmptyBelow || texts.count == head.count
    }

    /// Whether a column measures something: fractions, or many different numbers, hardly one of them twice.
    private func looksMeasured(_ column: Int) -> Bool {
        var different = Set<Float>()
        var count = 0
        for row in rows {
            let x = value(row, column)
            guard x.isFinite else { return false }
            if x != x.rounded() { return true }
            different.insert(x)
            count += 1
        }
        return different.count > 20 && 2 * different.count > count
    }

    /// Whether a column only counts the rows: a net would learn nothing from it but their order.
    private mutating func noticeIdentifiers(_ numeric: [Int]) {
        guard rows.count >= 8, options.columns == nil else { return }
        for column in numeric {
            let title = titles[column].lowercased()
            let isNamed =
                ["id", "index", "", "unnamed: 0", "rownames", "row", "no", "nr"].contains(title)
                || title.hasSuffix("_id") || titles[column].hasSuffix("Id") || titles[column].hasSuffix("ID")
            let counts = rows.indices.dropFirst().allSatisfy {
                value(rows[$0], column) - value(rows[$0 - 1], column) == Float(rows[$0] - rows[$0 - 1])
            }
            let isWhole = isNamed && rows.allSatisfy { value($0, column) == value($0, column).rounded() }
            guard counts || isWhole && Set(rows.map { value($0, column) }).count == rows.count else { continue }
            let shown = titles[column].isEmpty ? "without a title" : titles[column]
            notes.append(
                DataNote(
                    code: "csv.identifier",
                    message: counts
                        ? "column \(shown) is a row number: a net can only learn the order of the rows from it"
                        : "column \(shown) has a different number in every row, and looks like an identifier",
                    repair: "leave it out:  drop = \(reference(column))"))
        }
    }

    // MARK: Cells without a number

    private mutating func settleMissing(_ numeric: [Int], _ labels: [Int]) throws {
        let isEmptyLabel = { [self] (row: Int, column: Int) in
            TableBytes.isEmpty(value(row, column)) && table.cells(first + row)[column].range.isEmpty
        }
        let holes = numeric.filter { numbers.columns[$0].empties > 0 }
        let open = labels.filter { numbers.columns[$0].empties > 0 }
        if options.missing == .drop {
            let before = rows.count
            rows = rows.filter { row in
                !numeric.contains { value(row, $0).isNaN } && !open.contains { isEmptyLabel(row, $0) }
            }
            let left = before - rows.count
            guard !rows.isEmpty else {
                throw DataError(
                    code: "csv.missing", message: "every row has an empty cell, so no row is left",
                    notes: ["fill them:  missing = \"mean\""], path: table.path)
            }
            if left > 0 {
                notes.append(
                    DataNote(
                        code: "csv.dropped",
                        message:
                            "\(counted(left, "row", "rows")) of \(before) with an empty cell \(left == 1 ? "is" : "are") left out"
                    ))
            }
            return
        }
        for column in open {
            for row in rows where isEmptyLabel(row, column) {
                throw DataError(
                    code: "csv.missing", message: "row \(row + 1) has no class: column \(titles[column]) is empty",
                    notes: ["leave such rows out:  missing = \"drop\""], path: table.path,
                    place: table.place(row: first + row, column: column))
            }
        }
        switch options.missing {
        case .refuse:
            guard let column = holes.first, let row = numbers.columns[column].firstEmpty else { return }
            let cells = holes.reduce(0) { $0 + numbers.columns[$1].empties }
            let text = table.text(table.cells(first + row)[column]).trimmed
            throw DataError(
                code: "csv.number",
                message:
                    "column \(titles[column]) expects a number, and \(text.isEmpty ? "the cell is empty" : "got \"\(text)\"") in row \(row + 1)",
                notes: [
                    "\(counted(cells, "cell", "cells")) in \(counted(holes.count, "column", "columns")) \(cells == 1 ? "has" : "have") no number: \(listed(holes.map { titles[$0] }))",
                    "missing = \"drop\" leaves such rows out, \"mean\" and a number fill the cells in",
                ], path: table.path, place: table.place(row: first + row, column: column))
        case .mean, .value:
            for column in numeric where rows.contains(where: { value($0, column).isNaN }) {
                var (sum, count) = (0.0, 0.0)
                for row in rows where value(row, column).isFinite {
                    sum += Double(value(row, column))
                    count += 1
                }
                var filled = count > 0 ? sum / count : 0
                if case .value(let given) = options.missing { filled = given }
                for row in rows where value(row, column).isNaN { numbers.values[row * width + column] = Float(filled) }
            }
        case .drop: break
        }
    }

    private func refusal(row: Int, _ column: Int) -> DataError {
        let text = table.text(table.cells(first + row)[column]).trimmed
        return DataError(
            code: "csv.number",
            message: "column \(titles[column]) expects a number, and got \"\(text.prefix(24))\" in row \(row + 1)",
            path: table.path, place: table.place(row: first + row, column: column))
    }

    /// A column of text, where numbers were wanted: one wrong cell, or texts throughout.
    /// - Parameter textual: all columns that hold texts, so that one look mends them all.
    private func refusal(ofText column: Int, among textual: [Int]) -> DataError {
        let row = numbers.columns[column].firstText ?? 0
        var error = refusal(row: row, column)
        let texts = numbers.columns[column].texts
        let others = numbers.columns.indices.filter { $0 != column && numbers.columns[$0].texts == 0 }.count
        let title = titles[column]
        if texts + numbers.columns[column].empties >= table.count - first {
            let all = (try? table.texts(column: column, from: first)) ?? []
            let kinds = Set(all).count
            if let one = all.first, let sign = CellForm.sign(on: all) {
                error.message = "column \(title) contains numbers with \(sign) attached, \"\(one.trimmed)\" in row 1"
                error.notes = [
                    "write numbers without their unit: \(one.trimmed.filter { $0.isNumber || $0 == "." || $0 == "-" })"
                ]
                return error
            }
            if all.allSatisfy({ CellForm.isGrouped($0) }), let one = all.first {
                error.message =
                    "column \(title) contains numbers with commas between the thousands, \"\(one.trimmed)\" in row 1"
                error.notes = [
                    "write numbers without separators: \(one.trimmed.filter { $0 != "," })",
                    "if it is the decimal comma:  decimal = \",\"",
                ]
                return error
            }
            error.message =
                "column \(title) contains texts and no numbers, \"\(all.first?.trimmed.prefix(24) ?? "")\" in row 1"
            error.notes = ["it has \(counted(kinds, "different text", "different texts")) in \(all.count) rows"]
            if kinds < all.count, kinds <= 1000 {
                error.notes.append("one-hot columns for its texts:  texts = \"one_hot\"")
            }
            let more = textual.filter {
                $0 != column && numbers.columns[$0].texts + numbers.columns[$0].empties >= all.count
            }
            if !more.isEmpty {
                error.notes.append("of texts too \(more.count == 1 ? "is" : "are") \(listed(more.map { titles[$0] }))")
            }
            let dropped = options.drop.map { name in
                Int(name) == nil || titles.contains(name) ? "\"\(name)\"" : name
            }
            let out =
                dropped.isEmpty ? reference(column) : "[\((dropped + [reference(column)]).joined(separator: ", "))]"
            error.notes.append("leave it out by drop = \(out), keep it beside the inputs by texts = \"keep\"")
        } else {
            error.notes = [
                "\(counted(texts, "cell", "cells")) of \(table.count - first) in this column \(texts == 1 ? "is" : "are") no number"
            ]
        }
        if options.label == nil, column == 0, others > 0 {
            error.notes.append("name the class column by label = \(reference(column))")
        }
        return error
    }

    /// A column as an argument names it: by its title where it has one.
    private func reference(_ column: Int) -> String {
        first == 0 || titles[column].isEmpty ? "\(column)" : "\"\(titles[column])\""
    }

    private func listed(_ names: [String]) -> String {
        names.prefix(12).joined(separator: ", ") + (names.count > 12 ? ", ..." : "")
    }
}

extension String {
    /// Without blanks around it.
    var trimmed: String {
        guard let a = utf8.first, let b = utf8.last, a == 32 || a == 9 || b == 32 || b == 9 else { return self }
        var bytes = Substring(self).utf8
        while let x = bytes.first, x == 32 || x == 9 { bytes = bytes.dropFirst() }
        while let x = bytes.last, x == 32 || x == 9 { bytes = bytes.dropLast() }
        return String(Substring(bytes))
    }
}
