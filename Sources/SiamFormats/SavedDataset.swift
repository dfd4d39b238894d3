import SiamData
import SiamTensor

/// Data sets as files: as named tensors and as CSV.
extension Dataset {
    /// The dataset as tensors `x` and `y` with its names as notes, to be written by `writeSafetensors` or `writeNPZ`.
    public func namedTensors() throws -> NamedTensors {
        NamedTensors(
            [("x", x), ("y", try labels())],
            notes: [
                "siam": "dataset", "name": name, "provenance": provenance, "names": ClassNames.joined(names),
            ].merging(targets == nil ? [:] : ["kind": "targets"]) { a, _ in a }
                .merging(columns.isEmpty ? [:] : ["columns": ClassNames.joined(columns)]) { a, _ in a })
    }

    /// A dataset of tensors `x` and `y`, y whole numbers from 0; named by the notes, else by `name` and the numbers.
    public convenience init(_ tensors: NamedTensors, name: String) throws {
        guard let x = tensors["x"], let y = tensors["y"] else {
            throw DataError(
                code: "data.tensors", message: "a dataset needs tensors x and y, and \(name) has \(tensors.listed)",
                candidates: tensors.names)
        }
        // Fractions are what is to be predicted; what was saved as such stays so.
        let columns = tensors.notes["columns"].map(ClassNames.parted) ?? []
        let values = y.values
        let isMeasured =
            tensors.notes["kind"] == "targets" || y.rank > 1
            || values.allSatisfy(\.isFinite) && values.contains { $0 != $0.rounded() }
        if isMeasured, y.rank >= 1 {
            try self.init(
                x: x, targets: y, name: tensors.notes["name"] ?? name, provenance: tensors.notes["provenance"] ?? name,
                columns: columns)
            return
        }
        let numbers = try y.values.map { value -> Int in
            guard value >= 0, value == value.rounded(), value < Float(Dataset.maximumClasses) else {
                throw DataError(
                    code: "data.class", message: "class numbers must be whole numbers >= 0, and y has \(value)")
            }
            return Int(value)
        }
        let classes = (numbers.max() ?? -1) + 1
        let named = tensors.notes["names"].map(ClassNames.parted)
        let kept = named.flatMap { $0.count >= classes ? $0 : nil }
        try self.init(
            x: x, y: numbers, names: kept ?? (0..<classes).map(String.init), name: tensors.notes["name"] ?? name,
            provenance: tensors.notes["provenance"] ?? name, columns: columns)
    }
}

extension Dataset {
    /// The dataset as a table with titles, commas between its cells: its columns, its texts, and its class or targets last.
    public func table() throws -> String {
        let width = count > 0 ? x.count / count : 0
        let wide = targets.map { $0.count / max(1, count) } ?? 1
        let titles =
            (0..<width).map { columns.isEmpty ? "x\($0)" : columns[$0] } + texts.map(\.name)
            + (targets == nil ? ["class"] : wide == 1 ? ["target"] : (0..<wide).map { "target\($0)" })
        try Memory.ask(count * (width + 1), of: 16, for: "a table")
        var lines = [titles.map(Dataset.cell).joined(separator: ",")]
        let values = x.values
        let wanted = targets?.values
        for row in 0..<count {
            var cells = values[row * width..<(row + 1) * width].map {
                "\($0 == $0.rounded() && abs($0) < 1e7 ? "\(Int($0))" : "\($0)")"
            }
            cells += texts.map { Dataset.cell($0.texts[row]) }
            if let wanted {
                cells += wanted[row * wide..<(row + 1) * wide].map { "\($0)" }
            } else {
                cells.append(Dataset.cell(names[y[row]]))
            }
            lines.append(cells.joined(separator: ","))
        }
        return lines.joined(separator: "\n") + "\n"
    }

    private static func cell(_ text: String) -> String {
        guard text.utf8.contains(where: { $0 == 44 || $0 == 34 || $0 == 10 || $0 == 13 }) else { return text }
        return "\"" + text.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\""
    }
}

/// Writes a text as a file atomically.
public func writeText(_ text: String, _ path: String) throws { try WholeFile.write(Array(text.utf8), path) }

/// Class names as one text, a line each; a line break in a name is written as \n, a backslash as two.
private enum ClassNames {
    static func joined(_ names: [String]) -> String {
        names.map { name in
            let bytes = name.utf8.flatMap { byte -> [UInt8] in
                switch byte {
                case 92: [92, 92]
                case 10: [92, 110]
                default: [byte]
                }
            }
            return String(decoding: bytes, as: UTF8.self)
        }.joined(separator: "\n")
    }

    static func parted(_ text: String) -> [String] {
        text.noteLines.map { line in
            var name: [UInt8] = []
            var isEscaped = false
            for byte in line.utf8 {
                if isEscaped {
                    name.append(byte == 110 ? 10 : byte)
                } else if byte != 92 {
                    name.append(byte)
                }
                isEscaped = !isEscaped && byte == 92
            }
            return String(decoding: name, as: UTF8.self)
        }
    }
}

extension String {
    /// The texts between line feeds. By bytes: a carriage return before one is part of the text.
    var noteLines: [String] {
        utf8.split(separator: 10, omittingEmptySubsequences: false).map { String(decoding: $0, as: UTF8.self) }
    }
}

extension NamedTensors {
    /// `a, b and 3 more`.
    var listed: String {
        let shown = names.prefix(8).joined(separator: ", ")
        return names.isEmpty ? "none" : names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
    }
}
