import CCodecs
import Glibc
import SiamTensor

/// Files as bytes, folders as names. Every failure is a `DataError` with the path.
package enum FileBytes {
    /// Larger files are refused: no set of the field that fits in memory is larger.
    package static let maximumSize = 1 << 34

    /// All bytes of a regular file.
    package static func read(_ path: String) throws -> [UInt8] {
        try checkName(path)
        let descriptor = open(homed(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw missing(path, errno) }
        defer { close(descriptor) }
        var about = stat()
        guard fstat(descriptor, &about) == 0 else { throw missing(path, errno) }
        guard about.st_mode & S_IFMT == S_IFREG else {
            let kind = about.st_mode & S_IFMT == S_IFDIR ? "a folder" : "no ordinary file"
            throw DataError(code: "file.kind", message: "expected a file, and this is \(kind)", path: path)
        }
        let size = Int(about.st_size)
        guard size <= maximumSize else {
            throw DataError(
                code: "file.large", message: "the file has \(size) bytes, more than can be read", path: path)
        }
        do { try Memory.ask(size, of: 1, for: "a file") } catch let error as EngineError {
            throw DataError(code: "file.large", message: error.message, notes: error.notes, path: path)
        }
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            count = 0
            Memory.willFill(buffer.baseAddress, size)
            while count < size, let base = buffer.baseAddress {
                if Interrupt.isDue { return }
                let got = Glibc.read(descriptor, base + count, min(size - count, 1 << 24))
                if got < 0 && errno == EINTR { continue }
                if got < 0 { failure = errno }
                if got <= 0 { return }
                count += got
            }
        }
        if failure != 0 { throw missing(path, failure) }
        try Interrupt.poll()
        return bytes
    }

    private static func checkName(_ path: String) throws {
        guard WholeFile.isName(path) else {
            throw DataError(code: "file.name", message: "a file name cannot contain NUL")
        }
    }

    /// The entries of a folder but for hidden ones, in natural order (`s2` before `s10`).
    package static func list(_ folder: String) throws -> [String] {
        try checkName(folder)
        guard let directory = opendir(homed(folder)) else {
            let error = errno
            if isFile(folder) {
                throw DataError(
                    code: "file.kind", message: "expected a folder, and \(lastPart(folder)) is a file", path: folder)
            }
            throw missing(folder, error)
        }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) { field in
                field.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if !name.hasPrefix(".") { names.append(name) }
        }
        return names.sorted(by: naturallyBefore)
    }

    package static func isFolder(_ path: String) -> Bool { kind(path) == S_IFDIR }
    package static func isFile(_ path: String) -> Bool { kind(path) == S_IFREG }

    private static func kind(_ path: String) -> mode_t? {
        var about = stat()
        return stat(homed(path), &about) == 0 ? about.st_mode & S_IFMT : nil
    }

    static func missing(_ path: String, _ code: Int32) -> DataError {
        let name = lastPart(path)
        switch code {
        case ENOTDIR:
            return DataError(
                code: "file.kind", message: "expected a folder, and a part of this path is a file", path: path)
        case ENOENT:
            if path.hasPrefix("http://") || path.hasPrefix("https://") {
                return DataError(
                    code: "file.web", message: "siam reads local files, and this is a web address",
                    path: path)
            }
            let folder = folderOf(path)
            let near = (try? list(folder)) ?? []
            return DataError(
                code: "file.missing", message: "there is no file or folder \(name)", path: path, candidates: near)
        case EACCES, EPERM:
            return DataError(code: "file.denied", message: "\(name) cannot be opened: no permission", path: path)
        default:
            return DataError(code: "file.read", message: "\(name): \(String(cString: strerror(code)))", path: path)
        }
    }
}

/// `b.csv` of `a/b.csv`.
package func lastPart(_ path: String) -> String {
    let trimmed = path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
    return trimmed.split(separator: "/").last.map(String.init) ?? trimmed
}

/// `a` of `a/b.csv`, `.` of `b.csv`.
package func folderOf(_ path: String) -> String {
    guard let slash = path.lastIndex(of: "/") else { return "." }
    return slash == path.startIndex ? "/" : String(path[..<slash])
}

/// Runs of digits compare as numbers, all else by code point.
package func naturallyBefore(_ a: String, _ b: String) -> Bool {
    let left = Array(a.utf8)
    let right = Array(b.utf8)
    var i = 0
    var j = 0
    func run(_ bytes: [UInt8], _ from: Int) -> ArraySlice<UInt8> {
        var end = from
        while end < bytes.count, 48...57 ~= bytes[end] { end += 1 }
        return bytes[from..<end].drop { $0 == 48 }
    }
    func skip(_ bytes: [UInt8], _ from: Int) -> Int {
        var end = from
        while end < bytes.count, 48...57 ~= bytes[end] { end += 1 }
        return end
    }
    while i < left.count, j < right.count {
        if 48...57 ~= left[i], 48...57 ~= right[j] {
            let first = run(left, i)
            let second = run(right, j)
            if first.count != second.count { return first.count < second.count }
            if !first.elementsEqual(second) { return first.lexicographicallyPrecedes(second) }
            i = skip(left, i)
            j = skip(right, j)
        } else {
            if left[i] != right[j] { return left[i] < right[j] }
            i += 1
            j += 1
        }
    }
    if (left.count - i) != (right.count - j) { return left.count - i < right.count - j }
    return a < b
}
