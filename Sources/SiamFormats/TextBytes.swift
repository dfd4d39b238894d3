import SiamData

/// The bytes of a text file as UTF-8, whatever it was written in.
enum TextBytes {
    /// What else than UTF-8 a text was written in.
    enum Writing: Equatable {
        case utf8
        /// With the place of the first byte that is no UTF-8.
        case latin1(Int)
        case utf16
    }

    /// The text without the mark at its beginning, and lines that end in a line feed.
    static func utf8(_ bytes: [UInt8]) -> (bytes: [UInt8], Writing) {
        if bytes.starts(with: [0xFF, 0xFE]) || bytes.starts(with: [0xFE, 0xFF]) {
            let isBig = bytes[0] == 0xFE
            var units: [UInt16] = []
            units.reserveCapacity(bytes.count / 2)
            for at in stride(from: 2, to: bytes.count - 1, by: 2) {
                let (a, b) = (UInt16(bytes[at]), UInt16(bytes[at + 1]))
                units.append(isBig ? a << 8 | b : b << 8 | a)
            }
            return (lines(Array(String(decoding: units, as: UTF16.self).utf8)), .utf16)
        }
        let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
        let invalid = bytes.withUnsafeBufferPointer { TableBytes.invalid($0) }
        guard let invalid else { return (lines(isMarked ? Array(bytes.dropFirst(3)) : bytes), .utf8) }
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count + bytes.count / 8)
        for byte in bytes {
            switch byte {
            case ..<0x80: text.append(byte)
            case 0x80...0x9F: text += Array(String(UnicodeScalar(windows[Int(byte) - 0x80]) ?? "?").utf8)
            default:
                text.append(0xC0 | byte >> 6)
                text.append(0x80 | byte & 0x3F)
            }
        }
        return (lines(text), .latin1(invalid))
    }

    /// Old files end their lines in a carriage return alone.
    private static func lines(_ bytes: [UInt8]) -> [UInt8] {
        guard TableBytes.first(10, in: bytes) == nil, TableBytes.first(13, in: bytes) != nil else { return bytes }
        return bytes.map { $0 == 13 ? 10 : $0 }
    }

    /// What Windows writes where Latin-1 has control characters.
    private static let windows: [UInt32] = [
        0x20AC, 0x81, 0x201A, 0x192, 0x201E, 0x2026, 0x2020, 0x2021, 0x2C6, 0x2030, 0x160, 0x2039, 0x152, 0x8D, 0x17D,
        0x8F, 0x90, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014, 0x2DC, 0x2122, 0x161, 0x203A, 0x153, 0x9D,
        0x17E, 0x178,
    ]
}
