import Glibc
import SiamData
import SiamFormats
import SiamLanguage

/// A message of a notebook's protocol, 5.4.
struct KernelMessage {
    /// Whom an answer goes to.
    var identities: [[UInt8]]
    var header: JSON
    var parent: JSON
    var content: JSON

    var type: String { header["msg_type"]?.text ?? "" }

    private static let mark = Array("<IDS|MSG>".utf8)
    static let version = "5.4"

    init(identities: [[UInt8]] = [], header: JSON, parent: JSON, content: JSON) {
        (self.identities, self.header, self.parent, self.content) = (identities, header, parent, content)
    }

    /// Of the parts that came; nil where it is none, or its signature is not by the key.
    init?(_ parts: [[UInt8]], key: [UInt8]) {
        guard let at = parts.firstIndex(of: KernelMessage.mark), parts.count >= at + 6 else { return nil }
        let signed = Array(parts[at + 2..<at + 6])
        if !key.isEmpty {
            let wanted = Array(SHA256.signature(signed, key: key).utf8)
            let given = parts[at + 1]
            // As long for a wrong signature as for a right one.
            guard given.count == wanted.count, zip(given, wanted).reduce(0, { $0 | ($1.0 ^ $1.1) }) == 0 else {
                return nil
            }
        }
        let read = signed.compactMap { try? JSON.read($0) }
        guard read.count == 4, read[0]["msg_type"]?.text != nil else { return nil }
        identities = Array(parts[..<at])
        (header, parent, content) = (read[0], read[1], read[3])
    }

    func parts(key: [UInt8]) -> [[UInt8]] {
        let signed = [header, parent, .object([]), content].map { Array($0.line.utf8) }
        let signature = key.isEmpty ? [] : Array(SHA256.signature(signed, key: key).utf8)
        return identities + [KernelMessage.mark, signature] + signed
    }

    /// A header of this kernel's own.
    static func header(_ type: String, session: String) -> JSON {
        .record([
            "msg_id": .text(name()), "session": .text(session), "username": .text("siam"), "date": .text(now()),
            "msg_type": .text(type), "version": .text(version),
        ])
    }

    /// A name that no other has.
    static func name() -> String {
        var random = SystemRandomNumberGenerator()
        let bytes = (0..<2).flatMap { _ in
            let word = random.next() as UInt64
            return (0..<8).map { UInt8(truncatingIfNeeded: word >> UInt64(8 * $0)) }
        }
        return SHA256.hex(bytes)
    }

    private static func now() -> String {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        var parts = tm()
        gmtime_r(&time.tv_sec, &parts)
        func two(_ n: Int32) -> String { n < 10 ? "0\(n)" : "\(n)" }
        let micro = String(1_000_000 + time.tv_nsec / 1000).dropFirst()
        return "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))T\(two(parts.tm_hour)):"
            + "\(two(parts.tm_min)):\(two(parts.tm_sec)).\(micro)Z"
    }
}

/// What Jupyter writes for a kernel to be reached by.
struct ConnectionFile {
    var key: [UInt8]
    var addresses: [String: String] = [:]

    static let channels = ["shell", "iopub", "stdin", "control", "hb"]

    init(_ json: JSON, allowsOthers: Bool) throws {
        func bad(_ message: String) -> Diagnostic { Diagnostic(code: "kernel.connection", message) }
        let scheme = json["signature_scheme"]?.text ?? "hmac-sha256"
        key = Array((json["key"]?.text ?? "").utf8)
        guard key.isEmpty || scheme == "hmac-sha256" else { throw bad("messages signed by \(scheme) cannot be read") }
        let transport = json["transport"]?.text ?? "tcp"
        let ip = json["ip"]?.text ?? "127.0.0.1"
        guard ["tcp", "ipc"].contains(transport) else { throw bad("there is no way to listen by \(transport)") }
        let isNear = transport == "ipc" || ip == "localhost" || ip == "::1" || ip.hasPrefix("127.")
        guard isNear || allowsOthers else {
            throw Diagnostic(
                code: "kernel.connection",
                "the notebook expects the kernel to listen at \(ip), where other machines could reach it",
                repair: "siam kernel --allow-others  permits that")
        }
        for name in ConnectionFile.channels {
            guard let port = json["\(name)_port"]?.whole, (0...65535).contains(port) else {
                throw bad("the connection file has no \(name)_port")
            }
            addresses[name] =
                transport == "ipc" ? "ipc://\(ip)-\(port)" : "tcp://\(ip == "localhost" ? "127.0.0.1" : ip):\(port)"
        }
    }
}
