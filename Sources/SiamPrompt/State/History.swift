import Glibc
import SiamInterpreter
import SiamRuntime

/// What was entered, oldest first, and the file that keeps it: one entry a line, appended in one write under a lock, so that
/// several prompts share it and no end of a process costs more than nothing.
public final class History {
    /// The greatest number of entries; the file is cut to it when it has half as many more.
    static let limit = 20_000

    public private(set) var entries: [String] = []
    private let path: String?
    /// How far the file has been read, and which file that was.
    private var offset: off_t = 0
    private var inode: ino_t = 0

    /// - Parameter path: nil keeps the history in memory alone.
    public init(path: String?) {
        self.path = path
        guard let path else { return }
        withLock(path) { file in
            read(file)
            if entries.count > History.limit * 3 / 2 { compact(path) }
        }
    }

    /// Adds an entry; not one that begins with a blank, and equal neighbours once.
    public func add(_ entry: String) {
        guard !entry.isEmpty, !entry.hasPrefix(" ") else { return }
        guard let path else {
            if entries.last != entry { entries.append(entry) }
            return
        }
        let written = withLock(path) { file in
            // What other prompts have added since comes before.
            read(file)
            guard entries.last != entry else { return }
            var line = Array(History.escaped(entry).utf8) + [10]
            if endsTorn(file) { line.insert(10, at: 0) }
            lseek(file, 0, SEEK_END)
            let n = line.withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if n > 0 { offset += off_t(n) }
            entries.append(entry)
        }
        if !written, entries.last != entry { entries.append(entry) }
    }

    /// Lets an entry be recalled without keeping it: code that a lesson showed.
    public func offer(_ entry: String) {
        if !entry.isEmpty, entries.last != entry { entries.append(entry) }
    }

    // MARK: The file

    @discardableResult
    private func withLock(_ path: String, _ body: (Int32) -> Void) -> Bool {
        for _ in 0..<3 {
            let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
            guard file >= 0 else { return false }
            defer { close(file) }
            while flock(file, LOCK_EX) != 0 { guard errno == EINTR else { return false } }
            var held = stat()
            var named = stat()
            guard fstat(file, &held) == 0 else { return false }
            // Another prompt may have put a shortened file in its place while this one waited.
            guard stat(path, &named) == 0, named.st_ino == held.st_ino else { continue }
            if held.st_ino != inode || held.st_size < offset {
                if inode != 0 { offset = held.st_size }
                inode = held.st_ino
            }
            body(file)
            return true
        }
        return false
    }

    /// Whether the last write to the file was cut off in mid-line.
    private func endsTorn(_ file: Int32) -> Bool {
        var status = stat()
        guard fstat(file, &status) == 0, status.st_size > 0 else { return false }
        var last: UInt8 = 10
        return pread(file, &last, 1, status.st_size - 1) == 1 && last != 10
    }

    /// Reads what has come since the last reading.
    private func read(_ file: Int32) {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let n = pread(file, &buffer, buffer.count, offset + off_t(bytes.count))
            if n < 0, errno == EINTR { continue }
            if n <= 0 { break }
            bytes.append(contentsOf: buffer[..<n])
            if bytes.count > 64 << 20 { break }
        }
        offset += off_t(bytes.count)
        for line in bytes.split(separator: 10) {
            let entry = History.unescaped(String(decoding: line, as: UTF8.self))
            if !entry.isEmpty, entries.last != entry { entries.append(entry) }
        }
    }

    /// Writes the newest entries to a file beside and puts it in this one's place.
    private func compact(_ path: String) {
        entries.removeFirst(entries.count - History.limit)
        let text = entries.map { History.escaped($0) + "\n" }.joined()
        guard (try? Files.write(Array(text.utf8), to: path, isPrivate: true)) != nil else { return }
        var status = stat()
        if stat(path, &status) == 0 {
            inode = status.st_ino
            offset = status.st_size
        }
    }

    static func escaped(_ entry: String) -> String {
        var out = ""
        for scalar in entry.unicodeScalars {
            switch scalar {
            case "\\": out += "\\\\"
            case "\n": out += "\\n"
            case "\r": out += "\\r"
            default: out.unicodeScalars.append(scalar)
            }
        }
        return out
    }

    static func unescaped(_ line: String) -> String {
        guard line.utf8.contains(92) else { return line }
        var out = ""
        var isEscape = false
        for scalar in line.unicodeScalars {
            if isEscape {
                isEscape = false
                out.unicodeScalars.append(scalar == "n" ? "\n" : scalar == "r" ? "\r" : scalar)
            } else if scalar == "\\" {
                isEscape = true
            } else {
                out.unicodeScalars.append(scalar)
            }
        }
        return out
    }
}
