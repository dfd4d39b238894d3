import CCodecs
import Glibc

/// Atomic writing of files: written beside their place, brought to the disk, then renamed. A symbolic link
/// is written through, and an old file keeps its mode.
public enum WholeFile {
    public static func write(_ bytes: [UInt8], _ path: String) throws {
        let code = put(bytes, path)
        guard code == 0 else { throw failure(path, code) }
    }

    /// Writes a file; 0 or the number of the error. One that is private is for its owner's eyes alone.
    public static func put(_ bytes: [UInt8], _ path: String, isPrivate: Bool = false) -> Int32 {
        guard isName(path) else { return EINVAL }
        guard mayWrite(path) else { return refused }
        return bytes.withUnsafeBufferPointer {
            siam_write_whole(path, $0.baseAddress, $0.count, isPrivate ? 0o600 : 0o644)
        }
    }

    /// Writes a file of a folder that several machines share, where no process can tell which temporary files are abandoned;
    /// 0 or the number of the error.
    /// - Parameter beside: a name in the same folder that no other process uses.
    public static func put(_ bytes: [UInt8], _ path: String, beside: String) -> Int32 {
        bytes.withUnsafeBufferPointer { siam_write_beside(path, beside, $0.baseAddress, $0.count, 0o666) }
    }

    /// The folder that all writing stays in; empty where any place will do. Set before anything runs.
    nonisolated(unsafe) private static var onlyFolder = ""
    /// The number of the error of a place outside of it.
    private static let refused: Int32 = -1

    /// From now on nothing outside of a folder is written.
    public static func stay(in folder: String) { onlyFolder = real(folder) ?? folder }

    /// Whether a path is in the folder that writing stays in, links followed.
    private static func mayWrite(_ path: String) -> Bool {
        guard !onlyFolder.isEmpty else { return true }
        let given = homed(path)
        let place = real(given) ?? real(folderOf(given)).map { $0 + "/" + (given.split(separator: "/").last ?? "") }
        // A link that leads nowhere leads outside, as far as can be known.
        var about = stat()
        if real(given) == nil, lstat(given, &about) == 0 { return false }
        return place.map { $0.hasPrefix(onlyFolder == "/" ? "/" : onlyFolder + "/") } ?? true
    }

    private static func real(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// Whether a path can name a file: the system would read a path with a NUL only up to there.
    public static func isName(_ path: String) -> Bool { !path.utf8.contains(0) }

    /// Why a file was not written, of an error's number.
    public static func reason(_ path: String, _ code: Int32) -> String {
        switch code {
        case EINVAL where !isName(path): "a file name cannot contain NUL"
        case refused: "it is outside the folder \(onlyFolder), and writing there is not allowed"
        case ENOENT: "there is no folder \(folderOf(path))"
        case EACCES, EPERM, EROFS: "no permission to write here"
        case ENOSPC, EDQUOT: "the disk is full"
        case EISDIR: "this is a folder"
        default: String(cString: strerror(code))
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> DataError {
        DataError(code: "file.write", message: "the file was not written: \(reason(path, code))", path: path)
    }
}

/// A path with `~` as a shell reads it.
public func homed(_ path: String) -> String {
    guard path == "~" || path.hasPrefix("~/"), let home = getenv("HOME") else { return path }
    return String(cString: home) + path.dropFirst()
}
