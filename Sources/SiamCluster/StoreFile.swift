import Glibc
import SiamData
import SiamLanguage

/// Files of a store: read whole, written under another name and renamed, so that no reader sees half a file.
enum StoreFile {
    static func failure(_ path: String, _ doing: String, _ code: Int32) -> Diagnostic {
        Diagnostic(
            code: "store.file", "the store could not be \(doing): \(WholeFile.reason(path, code))",
            notes: ["in \(path)"],
            repair: code == ENOSPC || code == EDQUOT
                ? "free some disk space and start again: finished results are reused" : nil)
    }

    /// Throws where there is none.
    static func read(_ path: String) throws -> [UInt8] {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure(path, "read", errno) }
        defer { close(file) }
        var bytes: [UInt8] = []
        var part = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let n = Glibc.read(file, &part, part.count)
            if n < 0, errno == EINTR { continue }
            guard n >= 0 else { throw failure(path, "read", errno) }
            if n == 0 { return bytes }
            bytes.append(contentsOf: part[..<n])
        }
    }

    /// `beside` is a name in the same folder that no other process uses.
    static func write(_ bytes: [UInt8], to path: String, beside: String) throws {
        let code = WholeFile.put(bytes, path, beside: beside)
        guard code == 0 else { throw failure(path, "written", code) }
    }

    /// Makes a file that is not there yet: true where this call made it.
    static func make(_ path: String, _ bytes: [UInt8]) throws -> Bool {
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard file >= 0 else {
            let code = errno
            // Some file servers have no word for a file that is there already, and say something else.
            if code == EEXIST || access(path, F_OK) == 0 { return false }
            throw failure(path, "written", code)
        }
        let n = bytes.withUnsafeBytes { Glibc.write(file, $0.baseAddress, $0.count) }
        let code = errno
        let closed = close(file)
        guard n == bytes.count, closed == 0 else {
            unlink(path)
            throw failure(path, "written", n == bytes.count ? errno : code)
        }
        return true
    }

    /// When a file was last touched, by the clock of whoever keeps the folder, in seconds; nil of none. Opened, since a file
    /// server's clients ask it anew then.
    static func touched(_ path: String) -> Double? {
        let file = open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var about = stat()
        guard fstat(file, &about) == 0 else { return nil }
        return Double(about.st_mtim.tv_sec) + Double(about.st_mtim.tv_nsec) * 1e-9
    }

    /// Writes the first bytes of a file anew, which also sets its time to now by the same clock: a time that is set would be
    /// this machine's own with some file servers. False where there is no such file.
    @discardableResult
    static func mark(_ path: String, _ text: String) -> Bool {
        let file = open(path, O_WRONLY | O_CLOEXEC)
        guard file >= 0 else { return false }
        let bytes = Array(text.utf8)
        let n = bytes.withUnsafeBytes { pwrite(file, $0.baseAddress, $0.count, 0) }
        return close(file) == 0 && n == bytes.count
    }

    static func names(in folder: String) -> [String] {
        guard let listing = opendir(folder) else { return [] }
        defer { closedir(listing) }
        var names: [String] = []
        while let entry = readdir(listing) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            if name != ".", name != ".." { names.append(name) }
        }
        return names
    }

    static func makeFolder(_ path: String) throws {
        if mkdir(path, 0o777) == 0 || errno == EEXIST {
            var about = stat()
            guard stat(path, &about) == 0, about.st_mode & S_IFMT == S_IFDIR else {
                throw failure(path, "made", ENOTDIR)
            }
            return
        }
        throw failure(path, "made", errno)
    }
}
