import SiamTensor

/// The arrays of an NPZ file (a zip archive of NPY files, compressed or not) by name.
public func npz(_ path: String, wide: Bool = false) throws -> NamedTensors {
    let archive = try Zip(bytes: FileBytes.read(path), path: path)
    var result = NamedTensors()
    for entry in archive.entries where !entry.name.hasSuffix("/") {
        let name = entry.name.hasSuffix(".npy") ? String(entry.name.dropLast(4)) : entry.name
        guard result[name] == nil else {
            throw DataError(
                code: "npz.twice", message: "there are two arrays \(name)", path: path, place: .byte(entry.header))
        }
        result[name] = try NPY.decode(archive.content(entry), path: "\(path)/\(entry.name)", wide: wide)
    }
    return result
}

/// Writes an NPZ file that NumPy reads by `numpy.load`, whole or not at all.
public func writeNPZ(_ tensors: NamedTensors, _ path: String) throws {
    let entries = tensors.entries.map { (name: $0.name + ".npy", bytes: NPY.encode($0.tensor)) }
    try WholeFile.write(Zip.encode(entries, path: path), path)
}
