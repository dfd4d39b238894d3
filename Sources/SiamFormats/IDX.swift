import CCodecs
import SiamData
import SiamTensor

/// An array in IDX form (LeCun's format of MNIST): two zero bytes, the element's type, the number of axes, the axes as
/// 32-bit numbers, then the elements, all with the most significant byte first. gzip is seen through.
public struct IDXArray: Sendable {
    public let dims: [Int]
    /// Whether elements are bytes, as pixels and labels are.
    public let isBytes: Bool
    let kind: Int32
    let bytes: [UInt8]
    let start: Int
    let path: String

    public var count: Int { dims.reduce(1, *) }

    /// The elements divided by `divisor`, in the axes of the file or in `dims` of the same number of elements.
    public func tensor(dividedBy divisor: Float = 1, dims other: [Int]? = nil) throws -> Tensor {
        let dims = other ?? self.dims
        return try Tensor.filled(dims) { target in
            guard target.count == count, target.count > 0 else { return }
            bytes.withUnsafeBufferPointer { source in
                guard let base = source.baseAddress else { return }
                siam_read_elements(base + start, target.count, kind, 1, divisor, target.baseAddress)
            }
        }
    }

    /// The byte offset of an element in the uncompressed file.
    func byte(of element: Int) -> Int { start + element * siam_element_bytes(kind) }

    /// The elements as whole numbers. Throws, naming the byte, where one is not whole.
    public func wholeNumbers() throws -> [Int] {
        var values = [Double](repeating: 0, count: count)
        bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress, !values.isEmpty else { return }
            siam_read_doubles(base + start, values.count, kind, 1, &values)
        }
        return try values.enumerated().map { place, value in
            guard value == value.rounded(), abs(value) < 1e15 else {
                throw DataError(
                    code: "idx.whole", message: "expected a whole number, and this is \(value)", path: path,
                    place: .byte(byte(of: place)))
            }
            return Int(value)
        }
    }
}

/// Reads an IDX file, plain or gzipped. Memory is taken only after the header agrees with the file's length.
public func readIDX(_ path: String) throws -> IDXArray {
    let file = try FileBytes.read(path)
    let gzip = Deflate.isGzip(file)
    let head = gzip ? Deflate.inflate(file[...], gzip: true, room: 4 + 4 * 255).bytes : Array(file.prefix(4 + 4 * 255))
    func bad(_ code: String, _ message: String, _ offset: Int, _ notes: [String] = []) -> DataError {
        DataError(code: code, message: message, notes: notes, path: path, place: .byte(offset))
    }
    guard head.count >= 4 else {
        throw bad("idx.short", "an IDX file begins with 4 bytes, and this one ends after \(head.count)", head.count)
    }
    guard head[0] == 0, head[1] == 0 else {
        throw bad(
            "idx.magic", "an IDX file begins with two zero bytes, and this one with \(hex(head[0])) \(hex(head[1]))", 0)
    }
    let kinds: [UInt8: siam_element] = [
        0x08: SIAM_U8, 0x09: SIAM_I8, 0x0B: SIAM_I16, 0x0C: SIAM_I32, 0x0D: SIAM_F32, 0x0E: SIAM_F64,
    ]
    guard let kind = kinds[head[2]] else {
        throw bad("idx.type", "IDX knows the element types 08, 09, 0B, 0C, 0D and 0E, and this is \(hex(head[2]))", 2)
    }
    let rank = Int(head[3])
    guard rank >= 1, rank <= Shape.maximumRank else {
        throw bad("idx.axes", "between 1 and \(Shape.maximumRank) axes can be read, and this file has \(rank)", 3)
    }
    let start = 4 + 4 * rank
    guard head.count >= start else {
        throw bad("idx.short", "the file ends in the middle of its \(counted(rank, "axis", "axes"))", head.count)
    }
    let dims = (0..<rank).map { axis in (0..<4).reduce(0) { $0 << 8 | Int(head[4 + 4 * axis + $1]) } }
    let width = siam_element_bytes(Int32(kind.rawValue))
    let shape = dims.map(String.init).joined(separator: "x")
    var size = start
    var overflow = false
    var elements = width
    for length in dims { (elements, overflow) = merge(elements.multipliedReportingOverflow(by: length), overflow) }
    if !overflow { (size, overflow) = size.addingReportingOverflow(elements) }
    guard !overflow, size <= FileBytes.maximumSize * 4 else {
        throw bad("idx.size", "the header says \(shape), more than any file can contain", 4)
    }
    var bytes = file
    if gzip {
        guard Deflate.justifies(file.count, size) else {
            throw bad("idx.size", "the header says \(shape), more than \(file.count) compressed bytes can hold", 4)
        }
        let (inflated, outcome, consumed) = Deflate.inflate(file[...], gzip: true, room: size + 1)
        guard outcome != .corrupt else {
            throw bad(
                "gzip.corrupt", "the compressed data are damaged", consumed, ["the position is in the compressed file"])
        }
        guard outcome != .truncated else {
            throw bad(
                "gzip.short", "the compressed data end too early", consumed, ["the position is in the compressed file"])
        }
        bytes = inflated
    }
    guard bytes.count == size else {
        let fact = bytes.count < size ? "ends after \(bytes.count)" : "goes on"
        throw bad(
            "idx.length", "the header says \(shape), which is \(size) bytes with it, and the file \(fact)",
            min(bytes.count, size))
    }
    return IDXArray(
        dims: dims, isBytes: kind == SIAM_U8, kind: Int32(kind.rawValue), bytes: bytes, start: start, path: path)
}

private func merge(_ product: (partialValue: Int, overflow: Bool), _ before: Bool) -> (Int, Bool) {
    (product.partialValue, before || product.overflow)
}

func hex(_ byte: UInt8) -> String {
    let digits = String(byte, radix: 16, uppercase: true)
    return digits.count < 2 ? "0" + digits : digits
}
