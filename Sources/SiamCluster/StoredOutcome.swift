import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// An outcome as stored in a file, with the worker that computed it and the time that took.
public struct StoredOutcome {
    public var outcome: KeptOutcome
    public var label: String
    public var host: String
    public var seconds: Double

    static let mark = "siam outcome 1"

    /// A line for each thing to know, an empty one, the bytes.
    var bytes: [UInt8] {
        var lines = [StoredOutcome.mark, "label \(StoredOutcome.line(label))", "host \(host)", "seconds \(seconds)"]
        if let error = outcome.error { lines.append("error \(StoredOutcome.line(error))") }
        lines.append("bytes \(outcome.bytes.count)")
        lines.append("check \(StoredOutcome.check(outcome.bytes))")
        return Array((lines.joined(separator: "\n") + "\n\n").utf8) + outcome.bytes
    }

    init(_ outcome: KeptOutcome, label: String, host: String, seconds: Double) {
        (self.outcome, self.label, self.host, self.seconds) = (outcome, label, host, seconds)
    }

    /// Nil for a damaged file.
    init?(_ bytes: [UInt8]) {
        guard let end = bytes.indices.first(where: { $0 > 0 && bytes[$0] == 10 && bytes[$0 - 1] == 10 }) else {
            return nil
        }
        let lines = String(decoding: bytes[..<(end - 1)], as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.first == StoredOutcome.mark else { return nil }
        func value(_ name: String) -> String? {
            lines.first { $0.hasPrefix(name + " ") }.map { String($0.dropFirst(name.count + 1)) }
        }
        let content = Array(bytes[(end + 1)...])
        guard let count = value("bytes").flatMap({ Int($0) }), count == content.count,
            value("check") == "\(StoredOutcome.check(content))"
        else { return nil }
        outcome = KeptOutcome(bytes: content, error: value("error"))
        label = value("label") ?? ""
        host = value("host") ?? ""
        seconds = value("seconds").flatMap { Double($0) } ?? 0
    }

    /// In one line of a file.
    static func line(_ text: String) -> String {
        text.split(whereSeparator: { $0.isNewline }).joined(separator: " ")
    }

    private static func check(_ bytes: [UInt8]) -> UInt64 {
        var h: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(bytes.count)
        for b in bytes { h = (h ^ UInt64(b)) &* 0x100_0000_01B3 }
        return h
    }
}
