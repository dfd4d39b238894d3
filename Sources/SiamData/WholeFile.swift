import CCodecs
import Glibc

/// Files that are there whole or not at all: written beside their place, brought to the disk, then renamed. A symbolic link
/// is written through, and an old file keeps its mode.
public enum WholeFile {
    public static func write(_ bytes: [UInt8], _ path: String) throws {
        let code = put(bytes, path)
        guard code == 0 else { throw failure(path, code) }
    }

    /// Writes a file; 0 or the number of the error. One that is private is for its owner's eyes alone.
    public static func put(_ bytes: [UInt8], _ path: String, isPrivate: Bool = false) -> Int32 {
        guard isName(path) else { return EINVAL }
        return bytes.withUnsafeBufferPointer {
            siam_write_whole(path, $0.baseAddress, $0.count, isPrivate ? 0o600 : 0o644)
        }
    }

    /// Whether a path can name a file: with a NUL in it the system would read only what stands before.
    public static func isName(_ path: String) -> Bool { !path.utf8.contains(0) }

    /// Why a file was not written, of an error's number.
    public static func reason(_ path: String, _ code: Int32) -> String {
        switch code {
        case EINVAL where !isName(path): "the name of a file has no NUL in it"
        case ENOENT: "there is no folder \(folderOf(path))"
        case EACCES, EPERM, EROFS: "it may not be written here"
        case ENOSPC, EDQUOT: "the disk is full"
        case EISDIR: "this is a folder"
        default: String(cString: strerror(code))
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> DataError {
        DataError(code: "file.write", message: "the file was not written: \(reason(path, code))", path: path)
    }
}
