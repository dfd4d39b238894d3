import SiamData
import SiamTensor

/// The arrays of an NPZ file (a zip archive of NPY files, compressed or not) by name. Arrays of text become notes: one
/// text, or the texts of a vector as lines.
public func npz(_ path: String, wide: Bool = false) throws -> NamedTensors {
    let archive = try Zip(bytes: FileBytes.read(path), path: path)
    var result = NamedTensors()
    for entry in archive.entries where !entry.name.hasSuffix("/") {
        let name = entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name
        guard result[name] == nil, result.notes[name] == nil else {
            throw DataError(
                code: "npz.twice", message: "there are two arrays \(name)", path: path, place: .byte(entry.header))
        }
        if let tensor = archive.streamed(entry, wide: wide) {
            result[name] = tensor
            continue
        }
        try Interrupt.poll()
        switch try NPY.content(archive.content(entry), path: "\(path)/\(entry.name)", wide: wide) {
        case .tensor(let tensor): result[name] = tensor
        case .texts(let texts): result.notes[name] = texts.joined(separator: "\n")
        }
    }
    return result
}

/// Writes an NPZ file that NumPy reads by `numpy.load` atomically. Notes are arrays of text, a vector where
/// one has several lines.
public func writeNPZ(_ tensors: NamedTensors, _ path: String) throws {
    var entries = tensors.entries.map { (name: $0.name + ".npy", bytes: NPY.encode($0.tensor)) }
    for (name, note) in tensors.notes.sorted(by: { $0.key < $1.key }) {
        guard tensors[name] == nil else {
            throw DataError(
                code: "npz.twice", message: "an NPZ file cannot hold both a tensor and a text named \(name)", path: path
            )
        }
        entries.append((name: name + ".npy", bytes: try NPYText.encode(note.noteLines, name: name, path: path)))
    }
    try WholeFile.write(Zip.encode(entries, path: path), path)
}
