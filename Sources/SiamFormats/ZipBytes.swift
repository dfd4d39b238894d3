import SiamData

/// The fields of a zip archive's records; callers check that a record lies within the bytes.
struct ZipBytes {
    let bytes: [UInt8]
    let path: String

    func bad(_ code: String, _ message: String, _ offset: Int) -> DataError {
        DataError(code: code, message: message, path: path, place: .byte(max(offset, 0)))
    }

    func half(_ at: Int) -> Int { Int(bytes[at]) | Int(bytes[at + 1]) << 8 }
    func word(_ at: Int) -> Int { half(at) | half(at + 2) << 16 }

    /// A 64-bit field; what does not fit in a signed number becomes -1, which every check refuses.
    func long(_ at: Int) -> Int {
        let high = word(at + 4)
        return high > 0x7FFF_FFFF ? -1 : word(at) | high << 32
    }

    /// The number of entries and where the directory begins and ends.
    func directory() throws -> (count: Int, start: Int, end: Int) {
        guard bytes.count >= 22 else { throw bad("zip.short", "a zip archive has at least 22 bytes", bytes.count) }
        var at = bytes.count - 22
        let last = max(0, at - 0xFFFF)
        while at >= last, word(at) != 0x0605_4B50 { at -= 1 }
        guard at >= last else {
            throw bad("zip.end", "this is not a zip archive, or its end is missing", bytes.count)
        }
        var count = half(at + 10)
        var size = word(at + 12)
        var start = word(at + 16)
        if count == 0xFFFF || size == 0xFFFF_FFFF || start == 0xFFFF_FFFF, at >= 20, word(at - 20) == 0x0706_4B50 {
            let wide = long(at - 12)
            guard wide >= 0, wide <= bytes.count - 56, word(wide) == 0x0606_4B50 else {
                throw bad("zip.end", "the archive's end is damaged", at - 20)
            }
            count = long(wide + 32)
            size = long(wide + 40)
            start = long(wide + 48)
        }
        guard start >= 0, size >= 0, start <= at, size <= at - start, count >= 0, count <= size / 46 else {
            throw bad("zip.directory", "the archive's directory is not where its end says", at)
        }
        return (count, start, start + size)
    }

    func entry(_ at: Int, _ nameLength: Int) -> Zip.Entry {
        Zip.Entry(
            name: String(decoding: bytes[(at + 46)..<(at + 46 + nameLength)], as: UTF8.self),
            deflated: half(at + 10) == 8, sum: UInt32(truncatingIfNeeded: word(at + 16)), compressed: word(at + 20),
            size: word(at + 24), header: word(at + 42))
    }

    /// Puts the 64-bit sizes of an entry's extra field in place of those that did not fit.
    func widen(_ entry: inout Zip.Entry, _ start: Int, _ length: Int) throws {
        var at = start
        var sizes: [Int] = []
        while at + 4 <= start + length {
            let size = half(at + 2)
            guard at + 4 + size <= start + length else { break }
            if half(at) == 1 { sizes = stride(from: at + 4, through: at + size - 4, by: 8).map { long($0) } }
            at += 4 + size
        }
        func value(_ narrow: Int) throws -> Int {
            guard narrow == 0xFFFF_FFFF else { return narrow }
            guard !sizes.isEmpty, sizes[0] >= 0 else {
                throw bad("zip.size", "the size of \(entry.name) is missing", start)
            }
            return sizes.removeFirst()
        }
        let size = try value(entry.size)
        let compressed = try value(entry.compressed)
        let header = try value(entry.header)
        entry = Zip.Entry(
            name: entry.name, deflated: entry.deflated, sum: entry.sum, compressed: compressed, size: size,
            header: header)
    }
}
