import SiamData
import SiamTensor

/// A dataset of two IDX files. Images of bytes become 0..1 with a channel axis (n x h x w gives n x h x w x 1); other
/// elements stay as they are. Labels are class numbers; `names` names them, else they are named by their number.
public func idx(images: String, labels: String, names: [String]? = nil, name: String? = nil) throws -> Dataset {
    let pixels = try readIDX(images)
    guard pixels.dims.count >= 2 else {
        throw DataError(
            code: "idx.images", message: "images need at least 2 axes, and this file has 1", path: images,
            place: .byte(3))
    }
    let numbers = try readIDX(labels)
    guard numbers.dims.count == 1 else {
        throw DataError(
            code: "idx.labels", message: "labels have 1 axis, and this file has \(numbers.dims.count)", path: labels,
            place: .byte(3))
    }
    guard pixels.dims[0] == numbers.dims[0] else {
        throw DataError(
            code: "idx.counts",
            message: "there are \(pixels.dims[0]) images, and \(numbers.dims[0]) labels in \(lastPart(labels))",
            path: images, place: .byte(4))
    }
    let y = try numbers.wholeNumbers()
    for (place, label) in y.enumerated() where label < 0 || label >= Dataset.maximumClasses {
        throw DataError(
            code: "idx.label", message: "label \(place) is \(label), and class numbers start at 0", path: labels,
            place: .byte(numbers.byte(of: place)))
    }
    let classes = (y.max() ?? -1) + 1
    if let names, names.count < classes {
        throw DataError(
            code: "idx.names", message: "labels go up to \(classes - 1), and names.txt has \(names.count) lines",
            path: labels, place: .byte(numbers.byte(of: y.firstIndex { $0 >= names.count } ?? 0)))
    }
    let dims = pixels.dims.count == 3 ? pixels.dims + [1] : pixels.dims
    return try Dataset(
        x: pixels.tensor(dividedBy: pixels.isBytes ? 255 : 1, dims: dims), y: y,
        names: names ?? (0..<classes).map(String.init), name: name ?? lastPart(folderOf(images)),
        provenance: "\(images), \(labels)")
}

/// A dataset of a folder in MNIST's form: `<part>-images-idx3-ubyte` and `<part>-labels-idx1-ubyte`, `train` by default
/// and `t10k` for the test part, or without a part `images-idx3-ubyte` and `labels-idx1-ubyte`; gzipped or not, with
/// `.` or `-` before `idx`. A file `names.txt`, a line a class, names the classes.
public func idx(folder: String, part: String? = nil) throws -> Dataset {
    let files = try FileBytes.list(folder)
    func find(_ kind: String, _ part: String?) -> String? {
        files.first { file in
            var rest = file[...]
            if rest.hasSuffix(".gz") { rest = rest.dropLast(3) }
            let prefix = (part.map { $0 + "-" } ?? "") + kind
            guard rest.hasPrefix(prefix) else { return false }
            rest = rest.dropFirst(prefix.count)
            return rest.isEmpty || rest.hasPrefix("-idx") || rest.hasPrefix(".idx")
        }
    }
    let tried: [String?] = part.map { [$0] } ?? ["train", nil]
    for choice in tried {
        guard let images = find("images", choice), let labels = find("labels", choice) else { continue }
        let names = files.contains("names.txt") ? try lines("\(folder)/names.txt") : nil
        let name = lastPart(folder) + (choice == nil || choice == "train" ? "" : " \(choice ?? "")")
        return try idx(images: "\(folder)/\(images)", labels: "\(folder)/\(labels)", names: names, name: name)
    }
    let wanted = (part ?? "train") + "-images-idx3-ubyte"
    let parts = files.compactMap { file in
        file.firstRange(of: "-images").map { String(file[..<$0.lowerBound]) }
    }.filter { find("labels", $0) != nil }
    throw DataError(
        code: "idx.folder", message: "there are no IDX images and labels such as \(wanted) in this folder",
        notes: files.isEmpty
            ? ["the folder is empty"]
            : ["there are: \(files.prefix(8).joined(separator: ", "))"] + parts.map { "its part:  part = \"\($0)\"" },
        path: folder, candidates: files)
}

/// The lines of a text file, without the end's empty one.
func lines(_ path: String) throws -> [String] {
    let bytes = try FileBytes.read(path)
    return bytes.split(separator: 10, omittingEmptySubsequences: false)
        .map { String(decoding: $0.last == 13 ? $0.dropLast() : $0, as: UTF8.self) }
        .dropLastEmpty()
}

extension Array where Element == String {
    fileprivate func dropLastEmpty() -> [String] { last == "" ? Array(dropLast()) : self }
}
