import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Writes numbers, texts, tensors and plain values one after the other, little-endian.
struct ByteWriter {
    private(set) var bytes: [UInt8] = []

    mutating func put(_ x: UInt64) { withUnsafeBytes(of: x.littleEndian) { bytes.append(contentsOf: $0) } }
    mutating func put(_ x: Int) { put(UInt64(bitPattern: Int64(x))) }
    mutating func put(_ x: Double) { put(x.bitPattern) }
    mutating func put(_ x: Bool) { bytes.append(x ? 1 : 0) }
    mutating func put(tag x: UInt8) { bytes.append(x) }
    mutating func put(raw more: [UInt8]) { bytes.append(contentsOf: more) }
    mutating func put(_ text: String) {
        let utf8 = Array(text.utf8)
        put(utf8.count)
        bytes.append(contentsOf: utf8)
    }
    mutating func put(_ values: [Float]) {
        put(values.count)
        for x in values { withUnsafeBytes(of: x.bitPattern.littleEndian) { bytes.append(contentsOf: $0) } }
    }
    mutating func put(_ values: [Int]) {
        put(values.count)
        for x in values { put(x) }
    }
    mutating func put<T>(_ values: [T], _ one: (inout ByteWriter, T) throws -> Void) rethrows {
        put(values.count)
        for x in values { try one(&self, x) }
    }
    mutating func put<T>(optional x: T?, _ one: (inout ByteWriter, T) throws -> Void) rethrows {
        put(x != nil)
        if let x { try one(&self, x) }
    }
    mutating func put(_ t: Tensor) {
        put(tag: t.precision == .single ? 0 : 1)
        put(t.shape.dims)
        // The machines that siam runs on have their least byte first.
        bytes.append(contentsOf: UnsafeRawBufferPointer(start: t.address, count: t.count * t.precision.width))
    }

    /// A value that is only data; false, with nothing written, of all others.
    mutating func put(plain v: Value) -> Bool {
        let mark = bytes.count
        if put(v, depth: 0) { return true }
        bytes.removeSubrange(mark...)
        return false
    }

    private mutating func put(_ v: Value, depth: Int) -> Bool {
        guard depth < SavedBytes.deepest else { return false }
        switch v {
        case .none: put(tag: 0)
        case .unbound: put(tag: 1)
        case .number(let x):
            put(tag: 2)
            put(x)
        case .bool(let x):
            put(tag: 3)
            put(x)
        case .text(let t):
            put(tag: 4)
            put(t.string)
        case .tensor(let t):
            put(tag: 5)
            put(t)
        case .list(let l):
            put(tag: 6)
            put(l.items.count)
            for x in l.items { guard put(x, depth: depth + 1) else { return false } }
        case .record(let r):
            put(tag: 7)
            put(r.names.count)
            for (name, x) in zip(r.names, r.values) {
                put(name)
                guard put(x, depth: depth + 1) else { return false }
            }
        case .range(let r):
            put(tag: 8)
            put(optional: r.low) { $0.put($1) }
            put(optional: r.high) { $0.put($1) }
        default: return false
        }
        return true
    }
}

enum SavedBytes {
    /// Lists inside lists are followed no deeper.
    static let deepest = 64

    /// The checksum of a content: any change of one byte, or of the length, changes it.
    static func checksum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        var h: UInt64 = 0xCBF2_9CE4_8422_2325 ^ UInt64(bytes.count)
        for b in bytes { h = (h ^ UInt64(b)) &* 0x100_0000_01B3 }
        return h
    }

    /// The file is not what was written.
    struct Damage: Error {}
}

/// Reads what a `ByteWriter` wrote. Never reads beyond the end, and never makes room for more than the bytes that are left.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var at: Int

    init(_ bytes: ArraySlice<UInt8>) {
        self.bytes = bytes
        at = bytes.startIndex
    }
    var left: Int { bytes.endIndex - at }
    /// The byte that is read next.
    var next: UInt8? { left > 0 ? bytes[at] : nil }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard count >= 0, count <= left else { throw SavedBytes.Damage() }
        defer { at += count }
        return bytes[at..<at + count]
    }
    mutating func raw(_ count: Int) throws -> ArraySlice<UInt8> { try take(count) }
    mutating func bits() throws -> UInt64 {
        try take(8).reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
    mutating func int() throws -> Int { Int(truncatingIfNeeded: Int64(bitPattern: try bits())) }
    mutating func double() throws -> Double { Double(bitPattern: try bits()) }
    mutating func byte() throws -> UInt8 { try take(1).first ?? 0 }
    mutating func flag() throws -> Bool {
        let b = try byte()
        guard b < 2 else { throw SavedBytes.Damage() }
        return b == 1
    }
    /// A count of things that take at least `least` bytes each.
    mutating func count(ofAtLeast least: Int) throws -> Int {
        let n = try int()
        guard n >= 0, n <= left / max(1, least) else { throw SavedBytes.Damage() }
        return n
    }
    mutating func text() throws -> String {
        let n = try count(ofAtLeast: 1)
        guard let text = String(validating: try take(n), as: UTF8.self) else { throw SavedBytes.Damage() }
        return text
    }
    mutating func floats() throws -> [Float] {
        let n = try count(ofAtLeast: 4)
        return try (0..<n).map { _ in
            Float(bitPattern: try take(4).reversed().reduce(0) { $0 << 8 | UInt32($1) })
        }
    }
    mutating func ints() throws -> [Int] {
        let n = try count(ofAtLeast: 8)
        return try (0..<n).map { _ in try int() }
    }
    mutating func many<T>(atLeast least: Int = 1, _ one: (inout ByteReader) throws -> T) throws -> [T] {
        let n = try count(ofAtLeast: least)
        return try (0..<n).map { _ in try one(&self) }
    }
    mutating func optional<T>(_ one: (inout ByteReader) throws -> T) throws -> T? {
        try flag() ? try one(&self) : nil
    }
    mutating func tensor() throws -> Tensor {
        let precision: Precision = try flag() ? .double : .single
        let dims = try ints()
        var elements = 1
        for d in dims {
            let (product, overflow) = elements.multipliedReportingOverflow(by: d)
            guard d >= 0, !overflow else { throw SavedBytes.Damage() }
            elements = product
        }
        guard dims.count <= 8, elements <= left / precision.width else { throw SavedBytes.Damage() }
        let t = try Tensor(uninitialized: try Shape(dims), precision)
        try take(elements * precision.width).withUnsafeBytes { from in
            if let base = from.baseAddress { t.address.copyMemory(from: base, byteCount: from.count) }
        }
        return t
    }
    mutating func value(_ depth: Int = 0) throws -> Value {
        guard depth < SavedBytes.deepest else { throw SavedBytes.Damage() }
        switch try byte() {
        case 0: return .none
        case 1: return .unbound
        case 2: return .number(try double())
        case 3: return .bool(try flag())
        case 4: return Value(try text())
        case 5: return .tensor(try tensor())
        case 6: return Value(try many { try $0.value(depth + 1) })
        case 7: return .record(Record(try many { (try $0.text(), try $0.value(depth + 1)) }))
        case 8: return .range(RangeValue(try optional { try $0.int() }, try optional { try $0.int() }))
        default: throw SavedBytes.Damage()
        }
    }
}
