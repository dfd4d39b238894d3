import SiamTensor

/// Several datasets as one, row under row. Classes are the same where their names are; columns are those of the first.
public func joined(_ sets: [Dataset]) throws -> Dataset {
    guard let first = sets.first else {
        throw DataError(code: "data.none", message: "join needs at least one data set")
    }
    for d in sets.dropFirst() {
        guard d.itemDims == first.itemDims else {
            let (a, b) = (shown(first.itemDims), shown(d.itemDims))
            throw DataError(
                code: "data.shapes",
                message: "join needs examples of one shape, and \(d.name) has examples of \(b), \(first.name) of \(a)")
        }
        guard d.columns == first.columns || d.columns.isEmpty || first.columns.isEmpty else {
            let wrong = zip(first.columns, d.columns).first { $0 != $1 }
            throw DataError(
                code: "data.columns",
                message: "\(d.name) has column \(wrong?.1 ?? "") where \(first.name) has \(wrong?.0 ?? "")",
                notes: [
                    "the same columns in one order:  d[[\(first.columns.prefix(3).map { "\"\($0)\"" }.joined(separator: ", ")), ...]]"
                ])
        }
        guard (d.targets == nil) == (first.targets == nil) else {
            throw DataError(
                code: "data.kinds",
                message: "\(first.name) has \(first.targets == nil ? "classes" : "targets"), and \(d.name) has not")
        }
    }
    let x = try Tensor.stacked(sets.map(\.x))
    let texts = first.texts.compactMap { column -> Dataset.TextColumn? in
        let all = sets.compactMap { d in d.texts.first { $0.name == column.name }?.texts }
        return all.count == sets.count ? Dataset.TextColumn(name: column.name, texts: all.flatMap { $0 }) : nil
    }
    let columns = sets.first { !$0.columns.isEmpty }?.columns ?? []
    if first.targets != nil {
        return try Dataset(
            x: x, targets: Tensor.stacked(sets.compactMap(\.targets)), name: first.name, provenance: first.provenance,
            columns: columns, texts: texts)
    }
    var names = first.names
    var y = first.y
    for d in sets.dropFirst() {
        var numbers: [Int] = []
        for name in d.names {
            if let known = names.firstIndex(of: name) {
                numbers.append(known)
            } else {
                names.append(name)
                numbers.append(names.count - 1)
            }
        }
        y += d.y.map { numbers[$0] }
    }
    return try Dataset(
        x: x, y: y, names: names, name: first.name, provenance: first.provenance, columns: columns, texts: texts)
}

/// As many examples of each class, drawn at random: `each`, or as many as the smallest class has. A class with fewer
/// gives some of its examples several times.
public func balance(_ d: Dataset, each: Int?, _ stream: inout RandomStream) throws -> Dataset {
    let rows = d.rowsByClass.filter { !$0.isEmpty }
    let wanted = each ?? rows.map(\.count).min() ?? 0
    var chosen: [Int] = []
    for own in rows {
        var order = own
        try stream.shuffle(&order) { try Interrupt.poll() }
        var left = wanted
        while left > 0 {
            chosen += order.prefix(left)
            left -= min(left, order.count)
            try stream.shuffle(&order) { try Interrupt.poll() }
        }
    }
    return try d.subset(chosen.sorted(), name: "\(d.name), \(wanted) of each class")
}

private func shown(_ dims: [Int]) -> String {
    dims.isEmpty ? "one number" : dims.map(String.init).joined(separator: "x")
}

extension Tensor {
    /// Tensors of one item's shape, row under row.
    static func stacked(_ parts: [Tensor]) throws -> Tensor {
        guard let first = parts.first else { return try Tensor.of([0], []) }
        var dims = first.shape.dims
        dims[0] = parts.reduce(0) { $0 + $1.shape[0] }
        return try Tensor.filled(dims) { target in
            var at = 0
            for part in parts {
                try part.reading { values in
                    let n = min(values.count, target.count - at)
                    if let from = values.baseAddress, let to = target.baseAddress, n > 0 {
                        try Kernel.copy(from, to: to + at, bytes: n * MemoryLayout<Float>.stride)
                    }
                    at += values.count
                }
            }
        }
    }
}
