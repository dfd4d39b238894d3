import SiamData
import SiamTensor

/// Zip archives as NumPy writes them: stored or deflated entries, found by the directory at the end.
struct Zip {
    struct Entry {
        let name: String
        let deflated: Bool
        let sum: UInt32
        let compressed: Int
        let size: Int
        let header: Int
    }

    let bytes: [UInt8]
    let path: String
    let entries: [Entry]

    init(bytes: [UInt8], path: String) throws {
        self.bytes = bytes
        self.path = path
        var entries: [Entry] = []
        let reader = ZipBytes(bytes: bytes, path: path)
        let (count, start, end) = try reader.directory()
        var at = start
        var total = 0
        for _ in 0..<count {
            guard at + 46 <= end, reader.word(at) == 0x0201_4B50 else {
                throw reader.bad("zip.directory", "the archive's directory is damaged", at)
            }
            let nameLength = reader.half(at + 28)
            let extraLength = reader.half(at + 30)
            let next = at + 46 + nameLength + extraLength + reader.half(at + 32)
            guard next <= end else { throw reader.bad("zip.directory", "the archive's directory is damaged", at) }
            var entry = reader.entry(at, nameLength)
            try reader.widen(&entry, at + 46 + nameLength, extraLength)
            guard reader.half(at + 8) & 1 == 0 else {
                throw reader.bad("zip.secret", "\(entry.name) is encrypted", at)
            }
            let method = reader.half(at + 10)
            guard method == 0 || method == 8 else {
                throw reader.bad(
                    "zip.method", "\(entry.name) is compressed by method \(method); 0 and 8 can be read", at)
            }
            let (sum, overflow) = total.addingReportingOverflow(entry.size)
            guard !overflow, Deflate.justifies(bytes.count, sum), entry.deflated || entry.size == entry.compressed
            else {
                throw reader.bad(
                    "zip.size",
                    "\(entry.name) has a stated size of \(entry.size) bytes, more than the file can contain", at)
            }
            total = sum
            entries.append(entry)
            at = next
        }
        self.entries = entries
    }

    /// The bytes of an entry as stored in the archive.
    func packed(_ entry: Entry) throws -> ArraySlice<UInt8> {
        let reader = ZipBytes(bytes: bytes, path: path)
        let at = entry.header
        guard at >= 0, at <= bytes.count - 30, reader.word(at) == 0x0403_4B50 else {
            throw reader.bad("zip.entry", "\(entry.name) is not where the archive's directory says", at)
        }
        let start = at + 30 + reader.half(at + 26) + reader.half(at + 28)
        guard start <= bytes.count, entry.compressed >= 0, entry.compressed <= bytes.count - start else {
            throw reader.bad("zip.entry", "\(entry.name) goes on after the file's end", at)
        }
        return bytes[start..<start + entry.compressed]
    }

    /// The bytes of an entry, checked against their sum.
    func content(_ entry: Entry) throws -> ArraySlice<UInt8> {
        let reader = ZipBytes(bytes: bytes, path: path)
        let at = entry.header
        let packed = try packed(entry)
        let start = packed.startIndex
        var content = packed
        if entry.deflated {
            guard Deflate.justifies(packed.count, entry.size) else {
                throw reader.bad(
                    "zip.size",
                    "\(entry.name) has a stated size of \(entry.size) bytes, more than \(packed.count) compressed bytes can contain",
                    at)
            }
            do { try Memory.ask(entry.size, of: 3, for: "an array of bytes") } catch let error as EngineError {
                throw DataError(code: "zip.memory", message: error.message, notes: error.notes, path: path)
            }
            let (inflated, outcome, consumed) = Deflate.inflate(packed, gzip: false, room: entry.size + 1)
            guard outcome == .done, inflated.count == entry.size else {
                throw reader.bad("zip.data", "the compressed data of \(entry.name) are damaged", start + consumed)
            }
            content = inflated[...]
        }
        guard Deflate.sum(content) == entry.sum else {
            throw reader.bad("zip.sum", "the checksum of \(entry.name) is wrong", start)
        }
        return content
    }

    /// An archive of stored entries. Throws where one or all are too large for the form.
    static func encode(_ entries: [(name: String, bytes: [UInt8])], path: String) throws -> [UInt8] {
        var out: [UInt8] = []
        var directory: [UInt8] = []
        let total = entries.reduce(0) { $0 + $1.bytes.count + 2 * $1.name.utf8.count + 92 }
        guard total < 0xFFFF_FFFF, entries.count < 0xFFFF, entries.allSatisfy({ $0.name.utf8.count < 0x8000 }) else {
            throw DataError(
                code: "zip.large",
                message: "an NPZ file holds at most 4 GB, and this would be \(total / 1_000_000_000) GB",
                notes: ["a safetensors file can be larger"], path: path)
        }
        out.reserveCapacity(total + 22)
        for (name, bytes) in entries {
            let offset = out.count
            var fields: [UInt8] = []
            fields.put(20, 2)
            fields.put(0x0800, 2)
            fields.put(0, 2)
            fields.put(0, 2)
            fields.put(0x21, 2)
            fields.put(Int(Deflate.sum(bytes[...])), 4)
            fields.put(bytes.count, 4)
            fields.put(bytes.count, 4)
            fields.put(name.utf8.count, 2)
            fields.put(0, 2)
            out.put(0x0403_4B50, 4)
            out += fields
            out += name.utf8
            out += bytes
            directory.put(0x0201_4B50, 4)
            directory.put(20, 2)
            directory += fields
            directory.put(0, 2)
            directory.put(0, 2)
            directory.put(0, 2)
            directory.put(0, 4)
            directory.put(offset, 4)
            directory += name.utf8
        }
        let start = out.count
        out += directory
        out.put(0x0605_4B50, 4)
        out.put(0, 4)
        out.put(entries.count, 2)
        out.put(entries.count, 2)
        out.put(directory.count, 4)
        out.put(start, 4)
        out.put(0, 2)
        return out
    }
}

extension [UInt8] {
    /// Appends `width` bytes of a number, the least significant first.
    mutating func put(_ value: Int, _ width: Int) {
        for i in 0..<width { append(UInt8(truncatingIfNeeded: value >> (8 * i))) }
    }
}
