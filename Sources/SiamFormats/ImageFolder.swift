import SiamData
import SiamTensor

/// A dataset of pictures, a folder a class (PNG, JPEG, PGM, PPM), in natural order of folders and files.
///
/// - Parameters:
///   - size: height and width to which all are brought; without it all must have one size.
///   - invert: whether 0 and 1 change places, for black ink on white.
///   - part: of a folder of parts (`train`, `test`) with a folder a class in each, which one; classes are numbered by the
///     names that all parts have.
///
/// Grey where every picture is grey, else red, green, blue. Files of other kinds are passed over.
public func imageFolder(
    _ root: String, size: (Int, Int)? = nil, invert: Bool = false, part: String? = nil
) throws -> Dataset {
    let path = part.map { "\(root)/\($0)" } ?? root
    if let size, size.0 < 1 || size.1 < 1 || size.0 > 1 << 14 || size.1 > 1 << 14 {
        throw DataError(
            code: "images.size",
            message: "image_folder expects a size of height and width from 1 to 16384, and got \(size.0) and \(size.1)")
    }
    let folders = try FileBytes.list(path).filter { FileBytes.isFolder("\(path)/\($0)") }
    var files: [(file: String, label: Int)] = []
    var names = try part == nil ? [] : classFolders(root)
    for folder in folders {
        let pictures = try FileBytes.list("\(path)/\(folder)").filter(isPicture)
        guard !pictures.isEmpty else { continue }
        let number = names.firstIndex(of: folder) ?? names.count
        if number == names.count { names.append(folder) }
        files += pictures.map { ("\(path)/\(folder)/\($0)", number) }
    }
    guard !files.isEmpty else {
        if part == nil, let first = folders.first, try !classFolders(root).isEmpty {
            throw DataError(
                code: "images.part", message: "the folders here are parts, each with one folder per class",
                notes: [
                    "there are: \(folders.prefix(8).joined(separator: ", "))",
                    "one of them:  part = \"\(folders.contains("train") ? "train" : first)\"",
                ], path: path)
        }
        throw DataError(
            code: "images.none",
            message: "there are no folders with PNG, JPEG, PGM or PPM images, one folder per class, here",
            notes: folders.isEmpty
                ? try FileBytes.list(path).contains(where: isPicture)
                    ? ["the images are directly in this folder; give the folder above it"] : []
                : ["there are: \(folders.prefix(8).joined(separator: ", "))"], path: path)
    }
    var channels = 1
    var sides: (Int, Int)?
    let heads = try onThreads(files.count) { place in
        let head = try PictureFile(path: files[place].file)
        return (channels: head.channels, height: head.height, width: head.width)
    }
    for (picture, (file, _)) in zip(heads, files) {
        channels = max(channels, picture.channels)
        if size == nil, let sides, sides != (picture.height, picture.width) {
            throw DataError(
                code: "images.sizes",
                message:
                    "this picture is \(picture.height)x\(picture.width), and those before are \(sides.0)x\(sides.1)",
                notes: ["resize all of them with size = [\(sides.0), \(sides.1)]"], path: file)
        }
        sides = sides ?? (picture.height, picture.width)
    }
    let (height, width) = size ?? sides ?? (0, 0)
    let item = height * width * channels
    let x = try Tensor.filled([files.count, height, width, channels]) { target in
        nonisolated(unsafe) let target = target
        _ = try onThreads(files.count) { place in
            let file = files[place].file
            let picture = try PictureFile(path: file).decoded(channels: channels)
            guard size != nil || (picture.height, picture.width) == (height, width) else {
                throw DataError(
                    code: "images.sizes", message: "the picture's size changed while it was read", path: file)
            }
            for (i, value) in picture.resized(height, width).enumerated() {
                target[place * item + i] = invert ? 1 - value : value
            }
        }
    }
    return try Dataset(x: x, y: files.map(\.label), names: names, name: lastPart(path), provenance: path)
}

/// What `body` gives for 0 ..< count, made on all threads; of several errors the first in order.
private func onThreads<T>(_ count: Int, _ body: (Int) throws -> T) throws -> [T] {
    var results = [Result<T, any Error>?](repeating: nil, count: count)
    results.withUnsafeMutableBufferPointer { results in
        withoutActuallyEscaping(body) { body in
            nonisolated(unsafe) let (results, body) = (results, body)
            Threads.run(tiles: count) { place in
                if !Interrupt.isDue { results[place] = Result { try body(place) } }
            }
        }
    }
    try Interrupt.poll()
    return try results.map { result in
        guard let result else { throw Interrupt.reason }
        return try result.get()
    }
}

/// The folders of pictures that the parts of a set have, each once.
private func classFolders(_ root: String) throws -> [String] {
    var names = Set<String>()
    for part in try FileBytes.list(root) where FileBytes.isFolder("\(root)/\(part)") {
        for folder in try FileBytes.list("\(root)/\(part)") where FileBytes.isFolder("\(root)/\(part)/\(folder)") {
            if try FileBytes.list("\(root)/\(part)/\(folder)").contains(where: isPicture) { names.insert(folder) }
        }
    }
    return names.sorted(by: naturallyBefore)
}

/// One picture, height x width x channels, numbers 0 to 1.
public func picture(_ path: String, size: (Int, Int)? = nil, invert: Bool = false) throws -> Tensor {
    let file = try PictureFile(path: path)
    let picture = try file.decoded(channels: file.channels)
    let (height, width) = size ?? (picture.height, picture.width)
    let values = picture.resized(height, width)
    return try Tensor.of([height, width, file.channels], invert ? values.map { 1 - $0 } : values)
}

private func isPicture(_ name: String) -> Bool {
    let end = name.lowercased()
    return [".png", ".jpg", ".jpeg", ".pgm", ".ppm"].contains { end.hasSuffix($0) }
}
