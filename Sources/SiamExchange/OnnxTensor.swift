import SiamData
import SiamFormats
import SiamTensor

/// Tensors of an ONNX file, whichever of its forms they have.
extension OnnxTensor {
    init(_ reader: WireReader, _ place: Int) throws {
        var reader = reader
        self.place = place
        var isElsewhere = false
        var entries: [String: String] = [:]
        while let f = try reader.next() {
            switch f.number {
            case 1: dims += try reader.integers(f)
            case 2 where f.kind == .varint: element = Int(truncatingIfNeeded: f.bits & 0xFFFF)
            case 4: floats += try reader.floats(f)
            case 5, 7, 11: integers += try reader.integers(f)
            case 6: texts += 1
            case 8 where f.kind == .bytes: name = reader.text(f)
            case 9 where f.kind == .bytes: raw = f.range
            case 10: doubles += try reader.doubles(f)
            case 13 where f.kind == .bytes:
                var (inner, key, value) = (reader.inside(f), "", "")
                while let e = try inner.next() {
                    if e.number == 1, e.kind == .bytes { key = inner.text(e) }
                    if e.number == 2, e.kind == .bytes { value = inner.text(e) }
                }
                entries[key] = value
            case 14 where f.kind == .varint: isElsewhere = f.bits == 1
            default: break
            }
        }
        if isElsewhere { external = entries }
    }

    /// The names of the element types, as safetensors calls them.
    private static let kinds = [
        1: "F32", 2: "U8", 3: "I8", 4: "U16", 5: "I16", 6: "I32", 7: "I64", 9: "BOOL", 10: "F16", 11: "F64", 12: "U32",
        13: "U64", 16: "BF16",
    ]
    var isWhole: Bool { [2, 3, 4, 5, 6, 7, 9, 12, 13].contains(element) }
}

/// The constants of a file, read when they are asked for.
final class OnnxConstants {
    private let bytes: [UInt8]
    private let path: String
    private var elsewhere: [String: [UInt8]] = [:]

    init(_ bytes: [UInt8], path: String) {
        self.bytes = bytes
        self.path = path
    }

    private func wrong(_ t: OnnxTensor, _ what: String) -> DataError {
        DataError(
            code: "onnx.tensor", message: "the constant \(t.name.isEmpty ? "of a node" : t.name) \(what)", path: path,
            place: .byte(t.place))
    }

    /// How many elements it says it has.
    func count(_ t: OnnxTensor) throws -> Int {
        guard t.dims.count <= Shape.maximumRank else { throw wrong(t, "has \(t.dims.count) axes, more than 8") }
        var count = 1
        for d in t.dims {
            guard d >= 0, d < 1 << 31 else { throw wrong(t, "has an axis of \(d)") }
            let (product, overflow) = count.multipliedReportingOverflow(by: d)
            guard !overflow, product <= Shape.maximumCount else { throw wrong(t, "is larger than any memory") }
            count = product
        }
        return count
    }

    /// The bytes of the elements if they are stored as raw bytes.
    private func content(_ t: OnnxTensor, _ size: Int) throws -> ArraySlice<UInt8>? {
        if let external = t.external {
            guard let location = external["location"], !location.isEmpty, !location.hasPrefix("/"),
                !location.split(separator: "/").contains("..")
            else { throw wrong(t, "is stored in another file, whose path is outside the folder of this one") }
            let file = folderOf(path) + "/" + location
            if elsewhere[location] == nil { elsewhere[location] = try FileBytes.read(file) }
            let all = elsewhere[location] ?? []
            let offset = external["offset"].flatMap { Int($0) } ?? 0
            let length = external["length"].flatMap { Int($0) } ?? size
            guard offset >= 0, length >= 0, offset <= all.count, length <= all.count - offset else {
                throw wrong(t, "should be at byte \(offset) of \(location), which has \(all.count)")
            }
            return all[offset..<offset + length]
        }
        return t.raw.map { bytes[$0] }
    }

    /// The elements as 32-bit floats.
    func tensor(_ t: OnnxTensor) throws -> Tensor {
        let count = try count(t)
        guard let kind = OnnxTensor.kind(t.element) else {
            throw wrong(t, "has an element type that siam does not read (number \(t.element) in ONNX)")
        }
        if let content = try content(t, count * kind.width) {
            guard content.count == count * kind.width else {
                throw wrong(t, "should have \(count * kind.width) bytes, and has \(content.count)")
            }
            return try kind.tensor(content, t.dims, wide: false)
        }
        let given = max(t.floats.count, t.integers.count, t.doubles.count)
        guard given == count else { throw wrong(t, "should have \(count) elements, and has \(given)") }
        if !t.floats.isEmpty { return try Tensor(dims: t.dims, t.floats) }
        if !t.doubles.isEmpty { return try Tensor(dims: t.dims, t.doubles.map { Float($0) }) }
        if t.element == 10 {
            return try Tensor(
                dims: t.dims, t.integers.map { Float(Float16(bitPattern: UInt16(truncatingIfNeeded: $0))) })
        }
        if t.element == 16 {
            return try Tensor(dims: t.dims, t.integers.map { Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16) })
        }
        return try Tensor(dims: t.dims, t.integers.map { Float($0) })
    }

    /// The elements of a small array of whole numbers; nil for all others.
    func wholes(_ t: OnnxTensor) throws -> [Int]? {
        guard t.isWhole, t.dims.count <= 1 else { return nil }
        let count = try count(t)
        guard count <= 1 << 16 else { return nil }
        guard let kind = OnnxTensor.kind(t.element), let content = try content(t, count * kind.width) else {
            return t.integers.count == count ? t.integers : nil
        }
        guard content.count == count * kind.width else {
            throw wrong(t, "should have \(count * kind.width) bytes, and has \(content.count)")
        }
        return (0..<count).map { k in
            let start = content.startIndex + k * kind.width
            var bits: UInt64 = 0
            for j in 0..<kind.width { bits |= UInt64(content[start + j]) << UInt64(8 * j) }
            let isSigned = [3, 5, 6, 7].contains(t.element)
            let spare = UInt64(64 - 8 * kind.width)
            return isSigned ? Int(Int64(bitPattern: bits << spare) >> Int64(spare)) : Int(truncatingIfNeeded: bits)
        }
    }
}

extension OnnxTensor {
    fileprivate static func kind(_ element: Int) -> ElementKind? {
        kinds[element].flatMap { ElementKind(safetensors: $0) }
    }
}
