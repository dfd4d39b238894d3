import Glibc
import SiamInterpreter
import SiamRuntime

/// The list of a sweep's pieces, for those who look at a store from outside.
struct StudyFile {
    let study: KeptStudy
    static let mark = "siam study 1"

    init(_ study: KeptStudy) { self.study = study }

    /// Follows from what the study is, so that all workers write the same file.
    var name: String {
        var h: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in study.title.utf8 { h = (h ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for piece in study.pieces { for byte in piece.key.utf8 { h = (h ^ UInt64(byte)) &* 0x100_0000_01B3 } }
        return String(h, radix: 16)
    }

    var bytes: [UInt8] {
        let lines =
            [StudyFile.mark, StoredOutcome.line(study.title)]
            + study.pieces.map { "\($0.key) \(StoredOutcome.line($0.label))" }
        return Array((lines.joined(separator: "\n") + "\n").utf8)
    }

    /// Nil if the bytes are not such a file.
    init?(_ bytes: [UInt8]) {
        let lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
        guard lines.count >= 2, lines[0] == StudyFile.mark else { return nil }
        study = KeptStudy(
            title: lines[1],
            pieces: lines[2...].compactMap { line in
                let parts = line.split(separator: " ", maxSplits: 1)
                guard let key = parts.first, key.allSatisfy({ $0.isHexDigit }) else { return nil }
                return KeptPiece(key: String(key), label: parts.count > 1 ? String(parts[1]) : "")
            })
    }

    func write(in folder: String, beside: String) throws {
        let path = "\(folder)/studies/\(name)"
        // The one that was used last is the present one of its title.
        if StoreFile.mark(path, StudyFile.mark) { return }
        try StoreFile.write(bytes, to: path, beside: beside)
    }
}
