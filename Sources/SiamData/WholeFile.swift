import Glibc

/// Files that are there whole or not at all: written beside their place, brought to the disk, then renamed.
public enum WholeFile {
    public static func write(_ bytes: [UInt8], _ path: String) throws {
        let beside = "\(path).\(getpid()).part"
        let descriptor = open(beside, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, errno) }
        var done = 0
        var code: Int32 = 0
        bytes.withUnsafeBytes { source in
            while done < source.count, code == 0, let base = source.baseAddress {
                let wrote = Glibc.write(descriptor, base + done, source.count - done)
                if wrote < 0 && errno == EINTR { continue }
                if wrote <= 0 { code = wrote < 0 ? errno : EIO } else { done += wrote }
            }
        }
        if code == 0, fsync(descriptor) != 0 { code = errno }
        if close(descriptor) != 0, code == 0 { code = errno }
        if code == 0, rename(beside, path) != 0 { code = errno }
        guard code == 0 else {
            unlink(beside)
            throw failure(path, code)
        }
        let folder = open(folderOf(path), O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if folder >= 0 {
            fsync(folder)
            close(folder)
        }
    }

    private static func failure(_ path: String, _ code: Int32) -> DataError {
        let why =
            switch code {
            case ENOENT: "there is no folder \(folderOf(path))"
            case EACCES, EPERM, EROFS: "it may not be written here"
            case ENOSPC, EDQUOT: "the disk is full"
            case EISDIR: "this is a folder"
            default: String(cString: strerror(code))
            }
        return DataError(code: "file.write", message: "the file was not written: \(why)", path: path)
    }
}
