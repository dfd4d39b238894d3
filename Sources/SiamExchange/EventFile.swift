import Glibc
import SiamData
import SiamTensor

/// TensorBoard's event files: records with a length and two checksums each, and a message of protocol buffers in them.
public struct EventWriter {
    public private(set) var bytes: [UInt8] = []

    /// - Parameter time: seconds since 1970 of the first record.
    /// Nil where more is appended to a file that has been begun.
    public init(time: Double?) {
        guard let time else { return }
        record(time: time) { $0.put(3, "brain.Event:2") }
    }

    private mutating func record(time: Double, _ fill: (inout WireWriter) -> Void) {
        var w = WireWriter()
        w.put(1, double: time)
        fill(&w)
        let content = w.bytes
        var length: [UInt8] = []
        for k in 0..<8 { length.append(UInt8(truncatingIfNeeded: content.count >> (8 * k))) }
        bytes += length
        put(Checksum.masked(length[...]))
        bytes += content
        put(Checksum.masked(content[...]))
    }
    private mutating func put(_ x: UInt32) {
        for k in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: x >> UInt32(8 * k))) }
    }
    private mutating func value(_ tag: String, step: Int, time: Double, _ fill: (inout WireWriter) -> Void) {
        record(time: time) { e in
            e.put(2, step)
            e.put(5) { summary in
                summary.put(1) { v in
                    v.put(1, tag)
                    fill(&v)
                }
            }
        }
    }

    public mutating func scalar(_ tag: String, _ x: Float, step: Int, time: Double) {
        value(tag, step: step, time: time) { $0.put(2, float: x) }
    }

    /// How values are spread, over thirty buckets of equal width.
    public mutating func histogram(_ tag: String, _ values: [Float], step: Int, time: Double) {
        let finite = values.filter(\.isFinite).map(Double.init)
        guard let low = finite.min(), let high = finite.max() else { return }
        let count = 30
        let width = max(high - low, 1e-12) / Double(count)
        var heights = [Double](repeating: 0, count: count)
        for x in finite { heights[min(count - 1, max(0, Int((x - low) / width)))] += 1 }
        value(tag, step: step, time: time) { v in
            v.put(5) { h in
                h.put(1, double: low)
                h.put(2, double: high)
                h.put(3, double: Double(finite.count))
                h.put(4, double: finite.reduce(0, +))
                h.put(5, double: finite.reduce(0) { $0 + $1 * $1 })
                h.put(6, doubles: (1...count).map { low + width * Double($0) })
                h.put(7, doubles: heights)
            }
        }
    }

    /// A picture as a PNG file's bytes.
    public mutating func image(_ tag: String, png: [UInt8], width: Int, height: Int, step: Int, time: Double) {
        value(tag, step: step, time: time) { v in
            v.put(4) { i in
                i.put(1, height)
                i.put(2, width)
                i.put(3, 4)
                i.put(4, png)
            }
        }
    }

    /// A text, shown as Markdown.
    public mutating func text(_ tag: String, _ text: String, step: Int, time: Double) {
        value(tag, step: step, time: time) { v in
            v.put(8) { t in
                t.put(1, 7)
                t.put(2) { $0.put(2) { $0.put(1, 1) } }
                t.put(8, text)
            }
            v.put(9) { m in m.put(1) { $0.put(1, "text") } }
        }
    }

    /// The graph of a step: operators with what they read.
    public mutating func graph(_ nodes: [(name: String, op: String, inputs: [String])], time: Double) {
        var g = WireWriter()
        for n in nodes {
            g.put(1) { w in
                w.put(1, n.name)
                w.put(2, n.op)
                for i in n.inputs { w.put(3, i) }
            }
        }
        g.put(4) { $0.put(1, 22) }
        let content = g.bytes
        record(time: time) { $0.put(4, content) }
    }
}

/// The scalars of event files.
public enum EventFile {
    /// Series by tag, in the order of their first values: steps and values.
    public static func scalars(_ path: String) throws -> [(tag: String, steps: [Int], values: [Float])] {
        var files = [path]
        if FileBytes.isFolder(path) {
            files = []
            var waiting = [path]
            while let folder = waiting.popLast(), files.count < 1000 {
                for name in try FileBytes.list(folder) {
                    let full = folder + "/" + name
                    if FileBytes.isFolder(full) {
                        waiting.append(full)
                    } else if name.contains("tfevents") {
                        files.append(full)
                    }
                }
            }
            files.sort(by: naturallyBefore)
        }
        guard !files.isEmpty else {
            throw DataError(
                code: "events.none", message: "there is no event file here; their names hold tfevents", path: path)
        }
        var order: [String] = []
        var found: [String: (steps: [Int], values: [Float])] = [:]
        for file in files {
            let folder = file.dropLast(lastPart(file).count)
            let below = folder.dropFirst(path.count).split(separator: "/").joined(separator: "/")
            try read(file) { tag, step, value in
                let tag = below.isEmpty ? tag : "\(below)/\(tag)"
                if found[tag] == nil {
                    order.append(tag)
                    found[tag] = ([], [])
                }
                found[tag]?.steps.append(step)
                found[tag]?.values.append(value)
            }
        }
        return order.compactMap { tag in found[tag].map { (tag, $0.steps, $0.values) } }
    }

    private static func read(_ path: String, _ take: (String, Int, Float) -> Void) throws {
        let bytes = try FileBytes.read(path)
        func damaged(_ what: String, _ at: Int) -> DataError {
            DataError(code: "events.damaged", message: what, path: path, place: .byte(at))
        }
        func word(_ at: Int) -> UInt32 { (0..<4).reduce(0) { $0 | UInt32(bytes[at + $1]) << UInt32(8 * $1) } }
        var at = 0
        while at < bytes.count {
            // A file that is being written ends in the middle of a record.
            guard bytes.count - at >= 12 else { break }
            guard Checksum.masked(bytes[at..<at + 8]) == word(at + 8) else {
                throw damaged(
                    "the length of a record does not agree with its checksum: this is not an event file, or it is damaged",
                    at)
            }
            let length = (0..<8).reduce(UInt64(0)) { $0 | UInt64(bytes[at + $1]) << UInt64(8 * $1) }
            guard length <= UInt64(bytes.count - at - 12) else { break }
            let start = at + 12
            let end = start + Int(length)
            guard bytes.count - end >= 4 else { break }
            guard Checksum.masked(bytes[start..<end]) == word(end) else {
                throw damaged("a record does not agree with its checksum", start)
            }
            try event(WireReader(bytes, start..<end, path: path), take)
            at = end + 4
        }
    }

    private static func event(_ reader: WireReader, _ take: (String, Int, Float) -> Void) throws {
        var (reader, step) = (reader, 0)
        var summaries: [WireReader] = []
        while let f = try reader.next() {
            if f.number == 2, f.kind == .varint { step = WireReader.signed(f.bits) }
            if f.number == 5, f.kind == .bytes { summaries.append(reader.inside(f)) }
        }
        for var summary in summaries {
            while let v = try summary.next() {
                guard v.number == 1, v.kind == .bytes else { continue }
                var (inner, tag, value) = (summary.inside(v), "", Float?.none)
                while let f = try inner.next() {
                    if f.number == 1, f.kind == .bytes { tag = inner.text(f) }
                    if f.number == 2, f.kind == .fixed32 {
                        value = Float(bitPattern: UInt32(truncatingIfNeeded: f.bits))
                    }
                    if f.number == 8, f.kind == .bytes { value = try tensor(inner.inside(f)) ?? value }
                }
                if let value, !tag.isEmpty { take(tag, step, value) }
            }
        }
    }

    /// A tensor of one float, as newer writers have scalars.
    private static func tensor(_ reader: WireReader) throws -> Float? {
        var (reader, type, value) = (reader, UInt64(0), Float?.none)
        while let f = try reader.next() {
            switch f.number {
            case 1 where f.kind == .varint: type = f.bits
            case 4 where f.kind == .bytes && f.range.count == 4, 5 where f.kind == .bytes || f.kind == .fixed32:
                if f.kind == .bytes, f.range.count != 4 { return nil }
                let floats = try reader.floats(f)
                if floats.count == 1 { value = floats[0] }
            default: break
            }
        }
        return type == 1 ? value : nil
    }
}

/// CRC-32C, masked as TFRecord wants it.
enum Checksum {
    private static let table: [UInt32] = (0..<256).map { n in
        var c = UInt32(n)
        for _ in 0..<8 { c = c & 1 != 0 ? 0x82F6_3B78 ^ (c >> 1) : c >> 1 }
        return c
    }
    static func masked(_ bytes: ArraySlice<UInt8>) -> UInt32 {
        var c: UInt32 = 0xFFFF_FFFF
        for b in bytes { c = table[Int((c ^ UInt32(b)) & 0xFF)] ^ (c >> 8) }
        c ^= 0xFFFF_FFFF
        return ((c >> 15) | (c << 17)) &+ 0xA282_EAD8
    }
}
