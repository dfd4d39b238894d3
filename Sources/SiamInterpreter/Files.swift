import Glibc
import SiamData
import SiamLanguage
import SiamTensor

/// Reading and writing whole files. Written beside and renamed, so that nothing is lost half-way.
public enum Files {
    /// The text of a file. If there is no such file, the error names the most similar one in its folder.
    public static func text(_ path: String) throws -> String {
        String(decoding: try bytes(path), as: UTF8.self)
    }

    /// What reads a file by the ending of its name, of files that hold data.
    private static let readers = [
        "csv": "csv", "tsv": "csv", "npz": "npz", "npy": "npy", "onnx": "onnx", "siamrun": "load",
        "safetensors": "load",
        "words": "load", "gz": "idx", "h5": "load", "png": "image", "jpg": "image", "jpeg": "image",
    ]

    /// The text of a program. Throws where the file holds data, or no text at all.
    /// - Parameter named: the name that the program is brought in by, which a file of data has even where there is none.
    public static func program(_ path: String, named: String? = nil) throws -> String {
        let ending = path.contains(".") ? path.split(separator: ".").last.map { $0.lowercased() } ?? "" : ""
        if let reader = readers[ending] {
            // A missing file is reported by the code that opens it.
            guard named != nil || (WholeFile.isName(path) && access(homed(path), F_OK) == 0) else {
                return try text(path)
            }
            let name = named ?? path
            throw Diagnostic(
                code: "file.read", "\(name) contains data, not a program",
                repair: "to read it:  \(ending == "siamrun" ? "run" : "d") = \(reader)(\"\(name)\")")
        }
        let found = try bytes(path)
        guard !found.prefix(1 << 16).contains(where: { $0 < 9 }) else {
            throw Diagnostic(code: "file.read", "\(path) is not a text file, so it is not a program")
        }
        return String(decoding: found, as: UTF8.self)
    }

    /// Whether there is a file of that name.
    public static func isThere(_ path: String) -> Bool {
        WholeFile.isName(path) && access(homed(path), F_OK) == 0
    }

    /// Whether a path is a folder, or a link to one.
    public static func isFolder(_ path: String) -> Bool { FileBytes.isFolder(path) }

    /// More than this is no program, no settings and no page.
    private static let longest = 1 << 26

    public static func bytes(_ path: String) throws -> [UInt8] {
        guard WholeFile.isName(path) else {
            throw Diagnostic(code: "file.name", "a file name cannot contain NUL")
        }
        // A pipe without a writer is not waited for.
        let fd = open(homed(path), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
        guard fd >= 0 else { throw missing(path, errno) }
        defer { close(fd) }
        var status = stat()
        guard fstat(fd, &status) == 0 else { throw missing(path, errno) }
        let kind = status.st_mode & S_IFMT
        guard kind != S_IFDIR else {
            throw Diagnostic(code: "file.folder", "\"\(path)\" is a folder, not a file")
        }
        var all: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            try Interrupt.poll()
            let n = read(fd, &buffer, buffer.count)
            if n < 0 {
                if errno == EINTR { continue }
                if errno == EAGAIN {
                    var ready = pollfd(fd: fd, events: Int16(POLLIN), revents: 0)
                    poll(&ready, 1, 50)
                    continue
                }
                throw missing(path, errno)
            }
            if n == 0 { break }
            all.append(contentsOf: buffer[..<n])
            guard all.count < longest else {
                throw Diagnostic(
                    code: "file.large", "\"\(path)\" is larger than \(longest >> 20) MB, the limit for a program")
            }
        }
        guard !all.isEmpty || kind == S_IFREG else {
            throw Diagnostic(code: "file.empty", "\"\(path)\" is not an ordinary file and has nothing to read")
        }
        return all
    }

    static func missing(_ path: String, _ error: Int32) -> Diagnostic {
        let why =
            error == ENOENT
            ? "no such file" : error == EACCES ? "no permission" : String(cString: strerror(error)).lowercased()
        let parts = path.split(separator: "/", omittingEmptySubsequences: false)
        let folder = parts.count > 1 ? parts.dropLast().joined(separator: "/") : "."
        let shown = folder.isEmpty ? "/" : folder
        var notes: [String] = []
        var repair: String?
        if error == ENOENT {
            notes = ["searched in \(shown == "." ? currentFolder() : shown)"]
            if let last = parts.last, let near = closest(to: String(last), in: names(in: shown)) {
                repair = "There is \(near): did you mean that?"
            }
        }
        return Diagnostic(code: "file.read", "cannot read \"\(path)\": \(why)", notes: notes, repair: repair)
    }

    /// The bytes of a file; nil where there is none.
    public static func size(_ path: String) -> Int? {
        var about = stat()
        return stat(path, &about) == 0 ? Int(about.st_size) : nil
    }

    public static func currentFolder() -> String {
        var buffer = [CChar](repeating: 0, count: 4097)
        guard getcwd(&buffer, 4096) != nil else { return "." }
        return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    public static func names(in folder: String) -> [String] {
        guard WholeFile.isName(folder), let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory), names.count < 10_000 {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names.sorted()
    }

    /// Writes a file atomically; one that is private is for its owner's eyes alone.
    public static func write(_ bytes: [UInt8], to path: String, isPrivate: Bool = false) throws {
        let code = WholeFile.put(bytes, path, isPrivate: isPrivate)
        guard code == 0 else {
            throw Diagnostic(
                code: "file.write", "cannot write \"\(path)\": \(WholeFile.reason(path, code).lowercased())")
        }
    }
}
