import SiamTensor

/// A dataset of pictures, a folder a class (PNG, JPEG, PGM, PPM), in natural order of folders and files.
///
/// - Parameters:
///   - size: height and width to which all are brought; without it all must have one size.
///   - invert: whether 0 and 1 change places, for black ink on white.
///
/// Grey where every picture is grey, else red, green, blue. Files of other kinds are passed over.
public func imageFolder(_ path: String, size: (Int, Int)? = nil, invert: Bool = false) throws -> Dataset {
    if let size, size.0 < 1 || size.1 < 1 || size.0 > 1 << 14 || size.1 > 1 << 14 {
        throw DataError(
            code: "images.size",
            message: "image_folder wants a size of height and width from 1 to 16384, and got \(size.0) and \(size.1)")
    }
    let folders = try FileBytes.list(path).filter { FileBytes.isFolder("\(path)/\($0)") }
    var files: [(file: String, label: Int)] = []
    var names: [String] = []
    for folder in folders {
        let pictures = try FileBytes.list("\(path)/\(folder)").filter(isPicture)
        guard !pictures.isEmpty else { continue }
        files += pictures.map { ("\(path)/\(folder)/\($0)", names.count) }
        names.append(folder)
    }
    guard !files.isEmpty else {
        throw DataError(
            code: "images.none",
            message: "there are no folders with PNG, JPEG, PGM or PPM pictures, a folder a class, here",
            notes: folders.isEmpty ? [] : ["there are: \(folders.prefix(8).joined(separator: ", "))"], path: path)
    }
    var channels = 1
    var sides: (Int, Int)?
    for (file, _) in files {
        let picture = try PictureFile(path: file)
        channels = max(channels, picture.channels)
        if size == nil, let sides, sides != (picture.height, picture.width) {
            throw DataError(
                code: "images.sizes",
                message:
                    "this picture is \(picture.height)x\(picture.width), and those before are \(sides.0)x\(sides.1)",
                notes: ["bring all to one size by size = [\(sides.0), \(sides.1)]"], path: file)
        }
        sides = sides ?? (picture.height, picture.width)
    }
    let (height, width) = size ?? sides ?? (0, 0)
    let item = height * width * channels
    let x = try Tensor.filled([files.count, height, width, channels]) { target in
        for (place, entry) in files.enumerated() {
            let picture = try PictureFile(path: entry.file).decoded(channels: channels)
            guard size != nil || (picture.height, picture.width) == (height, width) else {
                throw DataError(
                    code: "images.sizes", message: "the picture's size changed while it was read", path: entry.file)
            }
            for (i, value) in picture.resized(height, width).enumerated() {
                target[place * item + i] = invert ? 1 - value : value
            }
        }
    }
    return try Dataset(x: x, y: files.map(\.label), names: names, name: lastPart(path), provenance: path)
}

private func isPicture(_ name: String) -> Bool {
    let end = name.lowercased()
    return [".png", ".jpg", ".jpeg", ".pgm", ".ppm"].contains { end.hasSuffix($0) }
}
