import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Embeddings that another tool computed: rows and their classes, read from a file.
public enum ForeignEmbeddings {
    private static let rowNames = ["z", "embeddings", "embedding", "features", "x", "emb", "vectors", "arr_0"]
    private static let classNames = ["y", "labels", "label", "targets", "target", "classes", "class", "arr_1"]

    /// The rows and classes of a file: .npz and .safetensors with z and y (or embeddings and labels, and so on), .npy with
    /// the labels in a file beside it, .csv and .tsv with a column of classes.
    public static func dataset(_ path: String, labels: String? = nil) throws -> Dataset {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        if path.hasSuffix(".npy") {
            let z = try SiamFormats.npy(path)
            let stem = String(path.dropLast(4))
            let folder = path.lastIndex(of: "/").map { String(path[...$0]) } ?? ""
            let guesses = [
                stem + "_labels.npy", stem + ".labels.npy", stem + "_y.npy", folder + "labels.npy", folder + "y.npy",
            ]
            guard let file = labels ?? guesses.first(where: { Files.size($0) != nil }) else {
                throw Diagnostic(
                    code: "embeddings.labels", "\(name) contains embeddings but no class labels",
                    notes: [
                        "looked for \(guesses.map { $0.split(separator: "/").last.map(String.init) ?? $0 }.joined(separator: ", "))",
                        "in a shell:  siam inspect \(name) --labels y.npy",
                    ],
                    repair:
                        "name the file with the labels:  embeddings(\"\(name)\", labels = \"y.npy\")"
                )
            }
            return try made(z, classes: try column(file), name)
        }
        if path.hasSuffix(".npz") || path.hasSuffix(".safetensors") {
            let named = path.hasSuffix(".npz") ? try SiamFormats.npz(path) : try SiamFormats.safetensors(path)
            guard
                let z = rowNames.lazy.compactMap({ named[$0] }).first(where: { $0.rank >= 2 })
                    ?? named.entries.first(where: { $0.tensor.rank == 2 })?.tensor
            else { throw lacking(name, "rows of numbers", named) }
            if let labels { return try made(z, classes: try column(labels), name) }
            for word in classNames {
                if let t = named[word], t.count == z.shape[0] { return try made(z, classes: .numbers(t.doubles), name) }
                if let note = named.notes[word] {
                    return try made(
                        z,
                        classes: .texts(note.split(separator: "\n", omittingEmptySubsequences: false).map(String.init)),
                        name)
                }
            }
            guard let t = named.entries.first(where: { $0.tensor.rank == 1 && $0.tensor.count == z.shape[0] })?.tensor
            else {
                throw lacking(name, "class labels, one per row", named)
            }
            return try made(z, classes: .numbers(t.doubles), name)
        }
        if path.hasSuffix(".parquet") {
            throw Diagnostic(
                code: "embeddings.form", "\(name) is a Parquet file, which siam does not read",
                repair: "in Python:  pandas.read_parquet(\"\(name)\").to_csv(\"\(name.dropLast(8)).csv\", index=False)")
        }
        guard [".csv", ".tsv", ".txt"].contains(where: path.hasSuffix) else {
            throw Diagnostic(
                code: "embeddings.form",
                "embeddings are read from .npz, .npy, .safetensors, .csv and .tsv, and got \(name)")
        }
        let table = try CSVTable(path: path)
        let titles = table.row(0).map(\.text)
        let label = classNames.first { titles.contains($0) }
        let d = try SiamFormats.csv(path, label: label, isRegression: false)
        if let labels { return try made(d.x, classes: try column(labels), name) }
        return d
    }

    /// Remarks on a table of embeddings, such as that a column counts its rows.
    public static func remarks(_ path: String) -> [String] {
        guard [".csv", ".tsv", ".txt"].contains(where: path.hasSuffix), let table = try? CSVTable(path: path) else {
            return []
        }
        var options = TableOptions()
        let titles = table.row(0).map(\.text)
        options.label = classNames.first { titles.contains($0) }.map { [$0] }
        options.isRegression = false
        return ((try? SiamFormats.csv(path, options))?.notes ?? []).filter { $0.code == "csv.identifier" }.map(
            \.message)
    }

    enum Classes {
        case numbers([Double])
        case texts([String])
        var count: Int {
            switch self {
            case .numbers(let l): l.count
            case .texts(let l): l.count
            }
        }
    }

    /// A file with one class per row.
    private static func column(_ path: String) throws -> Classes {
        if path.hasSuffix(".npy") { return .numbers(try SiamFormats.npy(path).doubles) }
        if path.hasSuffix(".npz") {
            let named = try SiamFormats.npz(path)
            if let t = classNames.lazy.compactMap({ named[$0] }).first ?? named.entries.first?.tensor {
                return .numbers(t.doubles)
            }
            throw lacking(path, "classes", named)
        }
        let text = try Files.text(path)
        var lines = text.split(whereSeparator: \.isNewline).map(String.init)
        if let first = lines.first, classNames.contains(first) { lines.removeFirst() }
        return .texts(lines)
    }

    private static func lacking(_ name: String, _ what: String, _ named: NamedTensors) -> Diagnostic {
        let held = named.entries.prefix(8).map { "\($0.name) \($0.tensor.shape)" } + named.notes.keys.sorted().prefix(4)
        return Diagnostic(
            code: "embeddings.names", "\(name) contains no \(what)",
            notes: ["it contains \(held.joined(separator: ", "))"],
            repair: "in Python:  numpy.savez(\"z.npz\", z=embeddings, y=labels)")
    }

    private static func made(_ z: Tensor, classes: Classes, _ name: String) throws -> Dataset {
        guard z.rank >= 2, z.shape[0] > 0 else {
            throw Diagnostic(
                code: "embeddings.shape",
                "embeddings must be a matrix with one row each, and \(name) contains a tensor of \(z.shape)")
        }
        guard classes.count == z.shape[0] else {
            throw Diagnostic(
                code: "embeddings.shape", "\(name) contains \(z.shape[0]) embeddings and \(classes.count) class labels")
        }
        let rows = try z.reshaped(to: Shape([z.shape[0], z.count / z.shape[0]]))
        // Classes may be any numbers or texts; they are numbered in their order.
        let texts: [String] =
            switch classes {
            case .numbers(let l): l.map { formatNumber($0) }
            case .texts(let l): l
            }
        let names: [String] =
            switch classes {
            case .numbers(let l): Set(l).sorted().map { formatNumber($0) }
            case .texts(let l): Set(l).sorted()
            }
        let numbers = Dictionary(names.enumerated().map { ($1, $0) }, uniquingKeysWith: { a, _ in a })
        return try Dataset(x: rows, y: texts.map { numbers[$0] ?? 0 }, names: names, name: name)
    }
}

extension Laboratory {
    static let embeddings = Builtin(
        "embeddings", "path : text, labels : text = none", family: "files",
        "Embeddings that another tool computed, as a data set: .npz or .safetensors with z and y, .npy with the labels in a file beside it or named by `labels`, .csv and .tsv with a column of classes. inspect(identity, embeddings(\"z.npz\")) reports on them, and so does `siam inspect z.npz`.",
        seeAlso: ["inspect", "npz", "map_at_r"]
    ) { _, a in
        .thing(DatasetThing(try ForeignEmbeddings.dataset(try a.text(0), labels: a.isNone(1) ? nil : try a.text(1))))
    }
}
