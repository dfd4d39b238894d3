import SiamData

/// Reads the fields of a protocol-buffers message where they lie, without copying: a number, a wire type, and a value or a
/// range of bytes. Never reads beyond its range, and makes room for nothing that the file only promises.
struct WireReader {
    struct Field {
        let number: Int
        let kind: Kind
        /// The value of a varint or of a field of fixed width.
        let bits: UInt64
        /// The content of a length-delimited field.
        let range: Range<Int>
        /// Where the field begins.
        let place: Int
    }
    enum Kind: UInt64 { case varint = 0, fixed64 = 1, bytes = 2, fixed32 = 5 }

    let bytes: [UInt8]
    let path: String
    private(set) var at: Int
    let end: Int

    init(_ bytes: [UInt8], _ range: Range<Int>, path: String) {
        self.bytes = bytes
        self.path = path
        at = range.lowerBound
        end = min(range.upperBound, bytes.count)
    }

    func damaged(_ what: String, _ place: Int) -> DataError {
        DataError(code: "wire.damaged", message: what, path: path, place: .byte(place))
    }

    /// The next field; nil at the end of the message.
    mutating func next() throws -> Field? {
        guard at < end else { return nil }
        let place = at
        let key = try varint()
        guard key >> 3 > 0, key >> 3 < 1 << 29, let kind = Kind(rawValue: key & 7) else {
            throw damaged("no known field begins here", place)
        }
        let number = Int(key >> 3)
        switch kind {
        case .varint: return Field(number: number, kind: kind, bits: try varint(), range: at..<at, place: place)
        case .fixed64: return Field(number: number, kind: kind, bits: try fixed(8), range: at..<at, place: place)
        case .fixed32: return Field(number: number, kind: kind, bits: try fixed(4), range: at..<at, place: place)
        case .bytes:
            let length = try varint()
            guard length <= UInt64(end - at) else {
                throw damaged("a field should have \(length) bytes, and \(end - at) are left", place)
            }
            let range = at..<at + Int(length)
            at = range.upperBound
            return Field(number: number, kind: kind, bits: 0, range: range, place: place)
        }
    }

    mutating func varint() throws -> UInt64 {
        let place = at
        var value: UInt64 = 0
        var shift: UInt64 = 0
        while at < end {
            let byte = bytes[at]
            at += 1
            guard shift < 64 else { throw damaged("a number is longer than 64 bits", place) }
            value |= UInt64(byte & 0x7F) << shift
            if byte & 0x80 == 0 { return value }
            shift += 7
        }
        throw damaged("the file ends inside a number", place)
    }

    mutating func fixed(_ count: Int) throws -> UInt64 {
        guard end - at >= count else { throw damaged("the file ends inside a number", at) }
        var value: UInt64 = 0
        for k in 0..<count { value |= UInt64(bytes[at + k]) << UInt64(8 * k) }
        at += count
        return value
    }

    /// A message inside this one.
    func inside(_ field: Field) -> WireReader { WireReader(bytes, field.range, path: path) }

    func text(_ field: Field) -> String { String(decoding: bytes[field.range], as: UTF8.self) }

    static func signed(_ bits: UInt64) -> Int { Int(Int64(bitPattern: bits)) }

    /// Whole numbers of a field that may be packed.
    func integers(_ field: Field) throws -> [Int] {
        guard field.kind == .bytes else { return [WireReader.signed(field.bits)] }
        var inner = inside(field)
        var found: [Int] = []
        while inner.at < inner.end { found.append(WireReader.signed(try inner.varint())) }
        return found
    }

    /// 32-bit floats of a field that may be packed.
    func floats(_ field: Field) throws -> [Float] {
        guard field.kind == .bytes else { return [Float(bitPattern: UInt32(truncatingIfNeeded: field.bits))] }
        var inner = inside(field)
        var found: [Float] = []
        while inner.at < inner.end {
            found.append(Float(bitPattern: UInt32(truncatingIfNeeded: try inner.fixed(4))))
        }
        return found
    }

    /// 64-bit floats of a field that may be packed.
    func doubles(_ field: Field) throws -> [Double] {
        guard field.kind == .bytes else { return [Double(bitPattern: field.bits)] }
        var inner = inside(field)
        var found: [Double] = []
        while inner.at < inner.end { found.append(Double(bitPattern: try inner.fixed(8))) }
        return found
    }
}

/// Writes the fields of a protocol-buffers message.
public struct WireWriter {
    public private(set) var bytes: [UInt8] = []
    public init() {}

    private mutating func varint(_ value: UInt64) {
        var rest = value
        while rest >= 0x80 {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        bytes.append(UInt8(truncatingIfNeeded: rest))
    }
    private mutating func key(_ number: Int, _ kind: WireReader.Kind) {
        varint(UInt64(number) << 3 | kind.rawValue)
    }
    public mutating func put(_ number: Int, _ value: Int) {
        key(number, .varint)
        varint(UInt64(bitPattern: Int64(value)))
    }
    public mutating func put(_ number: Int, float value: Float) {
        key(number, .fixed32)
        for k in 0..<4 { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt32(8 * k))) }
    }
    public mutating func put(_ number: Int, double value: Double) {
        key(number, .fixed64)
        for k in 0..<8 { bytes.append(UInt8(truncatingIfNeeded: value.bitPattern >> UInt64(8 * k))) }
    }
    public mutating func put(_ number: Int, _ content: [UInt8]) {
        key(number, .bytes)
        varint(UInt64(content.count))
        bytes += content
    }
    public mutating func put(_ number: Int, _ text: String) { put(number, Array(text.utf8)) }
    public mutating func put(_ number: Int, _ fill: (inout WireWriter) throws -> Void) rethrows {
        var inner = WireWriter()
        try fill(&inner)
        put(number, inner.bytes)
    }
    /// Packed.
    public mutating func put(_ number: Int, integers values: [Int]) {
        var inner = WireWriter()
        for x in values { inner.varint(UInt64(bitPattern: Int64(x))) }
        put(number, inner.bytes)
    }
    /// Packed.
    public mutating func put(_ number: Int, doubles values: [Double]) {
        var content: [UInt8] = []
        for x in values { withUnsafeBytes(of: x.bitPattern.littleEndian) { content.append(contentsOf: $0) } }
        put(number, content)
    }
}
