import CEditline
import Glibc
import SiamData
import SiamFormats

/// JSON messages over two files, in the framing of editors and assistants: with a head that says how long each is, or a line each.
final class Wire {
    enum Framing { case headed, lines }
    private let framing: Framing
    private let input: Int32
    private let output: Int32
    private var bytes: [UInt8] = []
    /// Where in `bytes` what has not been taken yet begins.
    private var start = 0
    private(set) var hasEnded = false
    /// More than this is no message.
    private static let longest = 1 << 28

    init(_ framing: Framing, input: Int32 = STDIN_FILENO, output: Int32 = STDOUT_FILENO) {
        self.framing = framing
        self.input = input
        self.output = output
    }

    /// Takes what has come; waits at most so many milliseconds for it, forever with -1. `others` are files to wait for too.
    /// Gives which of these are ready.
    func wait(_ milliseconds: Int32, others: [Int32] = []) -> [Int32] {
        var files = ([input] + others).map { pollfd(fd: $0, events: Int16(POLLIN), revents: 0) }
        if hasEnded { files.removeFirst() }
        let count = poll(&files, nfds_t(files.count), milliseconds)
        guard count > 0 else { return [] }
        if !hasEnded, files[0].revents != 0 { take() }
        return files.dropFirst(hasEnded && files.count == others.count ? 0 : 1).filter { $0.revents != 0 }.map(\.fd)
    }

    private func take() {
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        let n = read(input, &buffer, buffer.count)
        if n > 0 { bytes.append(contentsOf: buffer[..<n]) } else if n == 0 || errno != EINTR { hasEnded = true }
    }

    /// The next whole message; nil where there is none yet.
    func next() -> [UInt8]? {
        let message = framing == .headed ? headed() : line()
        if start > 1 << 16 {
            bytes.removeFirst(start)
            start = 0
        }
        return message
    }

    private func line() -> [UInt8]? {
        guard let end = bytes[start...].firstIndex(of: 10) else {
            if bytes.count - start > Wire.longest { hasEnded = true }
            return nil
        }
        defer { start = end + 1 }
        return Array(bytes[start..<end])
    }

    private func headed() -> [UInt8]? {
        var at = start
        var length: Int?
        while let end = bytes[at...].firstIndex(of: 10) {
            var line = String(decoding: bytes[at..<end], as: UTF8.self).lowercased()
            if line.hasSuffix("\r") { line.removeLast() }
            at = end + 1
            if line.isEmpty {
                guard let length else {
                    // An empty line without a length: what comes next may be a head.
                    start = at
                    continue
                }
                guard length <= Wire.longest else {
                    hasEnded = true
                    return nil
                }
                guard bytes.count - at >= length else { return nil }
                start = at + length
                return Array(bytes[at..<start])
            }
            if line.hasPrefix("content-length:") {
                let digits = line.dropFirst(15).drop { $0 == " " }
                length = Int(digits).flatMap { $0 >= 0 ? $0 : nil }
            }
        }
        return nil
    }

    /// False if the other side no longer reads.
    @discardableResult
    func send(_ message: JSON) -> Bool {
        let body = Array(message.line.utf8)
        let all =
            framing == .headed
            ? Array("Content-Length: \(body.count)\r\n\r\n".utf8) + body : body + [10]
        return Wire.write(all, to: output)
    }

    static func write(_ all: [UInt8], to file: Int32) -> Bool {
        var done = 0
        while done < all.count {
            let n = all.withUnsafeBytes { raw in
                raw.baseAddress.map { Glibc.write(file, $0 + done, all.count - done) } ?? -1
            }
            if n > 0 {
                done += n
            } else if n < 0, errno == EAGAIN {
                var ready = pollfd(fd: file, events: Int16(POLLOUT), revents: 0)
                poll(&ready, 1, 1000)
            } else if n < 0, errno == EINTR {
                continue
            } else {
                return false
            }
        }
        return true
    }
}

/// The forms of JSON-RPC 2.0.
enum RPC {
    static func result(_ id: JSON, _ value: JSON) -> JSON {
        .record(["jsonrpc": .text("2.0"), "id": id, "result": value])
    }
    static func failure(_ id: JSON, _ code: Int, _ message: String) -> JSON {
        .record([
            "jsonrpc": .text("2.0"), "id": id,
            "error": .record(["code": .whole(code), "message": .text(message)]),
        ])
    }
    static func notification(_ method: String, _ parameters: JSON) -> JSON {
        .record(["jsonrpc": .text("2.0"), "method": .text(method), "params": parameters])
    }
}

/// Why a request is refused.
struct RPCError: Error {
    var code: Int
    var message: String
    static func parameters(_ message: String) -> RPCError { RPCError(code: -32602, message: message) }
}
