import SiamTensor

extension Dataset {
    /// The dataset as tensors `x` and `y` with its names as notes, to be written by `writeSafetensors` or, without the
    /// names, by `writeNPZ`.
    public func namedTensors() throws -> NamedTensors {
        NamedTensors(
            [("x", x), ("y", try labels())],
            notes: ["siam": "dataset", "name": name, "provenance": provenance, "names": names.joined(separator: "\n")])
    }

    /// A dataset of tensors `x` and `y`, y whole numbers from 0; named by the notes, else by `name` and the numbers.
    public convenience init(_ tensors: NamedTensors, name: String) throws {
        guard let x = tensors["x"], let y = tensors["y"] else {
            throw DataError(
                code: "data.tensors", message: "a dataset needs tensors x and y, and \(name) has \(tensors.listed)",
                candidates: tensors.names)
        }
        let numbers = try y.values.map { value -> Int in
            guard value >= 0, value == value.rounded(), value < Float(Dataset.maximumClasses) else {
                throw DataError(code: "data.class", message: "class numbers are whole and from 0, and y has \(value)")
            }
            return Int(value)
        }
        let classes = (numbers.max() ?? -1) + 1
        let named = tensors.notes["names"]?.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)
        let kept = named.flatMap { $0.count >= classes ? $0 : nil }
        try self.init(
            x: x, y: numbers, names: kept ?? (0..<classes).map(String.init), name: tensors.notes["name"] ?? name,
            provenance: tensors.notes["provenance"] ?? name)
    }
}

extension NamedTensors {
    /// `a, b and 3 more`.
    var listed: String {
        let shown = names.prefix(8).joined(separator: ", ")
        return names.isEmpty ? "none" : names.count > 8 ? "\(shown) and \(names.count - 8) more" : shown
    }
}
