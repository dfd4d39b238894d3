import SiamData
import SiamTensor

/// The tensors of a safetensors file (huggingface/safetensors): the header's length in 8 bytes, the header as JSON with
/// a type, a shape and two offsets a tensor, then the elements without gaps. 64-bit floats stay so where `wide`.
public func safetensors(_ path: String, wide: Bool = false) throws -> NamedTensors {
    let bytes = try FileBytes.read(path)
    func bad(_ code: String, _ message: String, _ offset: Int = 8) -> DataError {
        DataError(code: code, message: message, path: path, place: .byte(offset))
    }
    guard bytes.count >= 8 else {
        throw bad("safetensors.short", "a safetensors file begins with 8 bytes, and this one ends before", bytes.count)
    }
    let length = bytes[0..<8].reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
    guard length <= UInt64(bytes.count - 8), length <= 100_000_000 else {
        throw bad(
            "safetensors.header",
            "the header should have \(length) bytes, and the file has \(bytes.count - 8) after it", 0)
    }
    let start = 8 + Int(length)
    var reader = JSONReader(bytes[8..<start], path: path)
    guard case .object(let members) = try reader.value() else {
        throw bad("safetensors.header", "the header should be a JSON object")
    }
    var result = NamedTensors()
    var parts: [(name: String, kind: ElementKind, shape: Shape, range: Range<Int>)] = []
    for (name, member) in members {
        let place = reader.places[name] ?? 8
        if name == "__metadata__" {
            guard case .object(let notes) = member else {
                throw bad("safetensors.header", "__metadata__ should be an object", place)
            }
            for (key, value) in notes {
                guard let text = value.text else {
                    throw bad("safetensors.header", "__metadata__ should hold texts only", place)
                }
                result.notes[key] = text
            }
            continue
        }
        guard let type = member["dtype"]?.text, let dims = member["shape"]?.wholeNumbers,
            let offsets = member["data_offsets"]?.wholeNumbers, offsets.count == 2
        else { throw bad("safetensors.entry", "tensor \(name) lacks dtype, shape or data_offsets", place) }
        guard let kind = ElementKind(safetensors: type) else {
            throw bad("safetensors.type", "tensor \(name) has elements of type \(type), which cannot be read", place)
        }
        let shape = try NPY.describedShape(dims, path, place)
        let (size, overflow) = shape.count.multipliedReportingOverflow(by: kind.width)
        guard !overflow, offsets[0] <= offsets[1], offsets[1] <= bytes.count - start, offsets[1] - offsets[0] == size
        else {
            throw bad(
                "safetensors.offsets",
                "tensor \(name) of \(shape) expects \(size) bytes, and its offsets are \(offsets[0]) and \(offsets[1])",
                place)
        }
        parts.append((name, kind, shape, start + offsets[0]..<start + offsets[1]))
    }
    var at = start
    for part in parts.sorted(by: {
        ($0.range.lowerBound, $0.range.upperBound) < ($1.range.lowerBound, $1.range.upperBound)
    }) {
        guard part.range.lowerBound == at else {
            throw bad("safetensors.gap", "tensor \(part.name) should begin where the one before it ends", at)
        }
        at = part.range.upperBound
    }
    guard at == bytes.count else { throw bad("safetensors.length", "more follows after the last tensor", at) }
    for part in parts {
        result[part.name] = try part.kind.tensor(bytes[part.range], part.shape.dims, wide: wide)
    }
    return result
}

/// Writes a safetensors file atomically; 32-bit and 64-bit floats as they are.
public func writeSafetensors(_ tensors: NamedTensors, _ path: String) throws {
    var members: [String] = []
    if !tensors.notes.isEmpty {
        let notes = tensors.notes.sorted { $0.key < $1.key }.map { "\(JSON.quoted($0.key)):\(JSON.quoted($0.value))" }
        members.append("\"__metadata__\":{\(notes.joined(separator: ","))}")
    }
    var offset = 0
    for (name, tensor) in tensors.entries {
        guard name != "__metadata__" else {
            throw DataError(code: "safetensors.name", message: "__metadata__ cannot name a tensor", path: path)
        }
        let size = tensor.count * (tensor.precision == .single ? 4 : 8)
        let type = tensor.precision == .single ? "F32" : "F64"
        let shape = tensor.shape.dims.map(String.init).joined(separator: ",")
        members.append(
            "\(JSON.quoted(name)):{\"dtype\":\"\(type)\",\"shape\":[\(shape)],"
                + "\"data_offsets\":[\(offset),\(offset + size)]}"
        )
        offset += size
    }
    var header = Array("{\(members.joined(separator: ","))}".utf8)
    while header.count % 8 != 0 { header.append(32) }
    var bytes: [UInt8] = []
    bytes.reserveCapacity(8 + header.count + offset)
    bytes.put(header.count, 8)
    bytes += header
    for (_, tensor) in tensors.entries { bytes += tensor.fileBytes }
    try WholeFile.write(bytes, path)
}
