import SiamData
import SiamTensor

/// NumPy's array files (NEP 1): `\x93NUMPY`, a version, a header that is a Python dictionary, the elements.
enum NPY {
    enum Content {
        case tensor(Tensor)
        case texts([String])
    }

    /// The tensor of a file's bytes; texts are refused.
    static func decode(_ bytes: ArraySlice<UInt8>, path: String, wide: Bool) throws -> Tensor {
        guard case .tensor(let tensor) = try content(bytes, path: path, wide: wide) else {
            throw DataError(
                code: "npy.type", message: "the elements are texts, and numbers are expected", path: path,
                place: .byte(10))
        }
        return tensor
    }

    /// What a file's bytes hold; `path` serves messages, whose bytes count from the array's first.
    static func content(_ bytes: ArraySlice<UInt8>, path: String, wide: Bool) throws -> Content {
        let start = bytes.startIndex
        func bad(_ code: String, _ message: String, _ offset: Int) -> DataError {
            DataError(code: code, message: message, path: path, place: .byte(offset))
        }
        func byte(_ i: Int) -> Int { Int(bytes[start + i]) }
        guard bytes.count >= 10, bytes.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]) else {
            throw bad("npy.magic", "an NPY file begins with 93 and NUMPY, and this one does not", 0)
        }
        let version = byte(6)
        guard 1...3 ~= version else {
            throw bad("npy.version", "NPY versions 1 to 3 can be read, and this is \(version)", 6)
        }
        let fixed = version == 1 ? 10 : 12
        guard bytes.count >= fixed else { throw bad("npy.short", "the file ends in its header", bytes.count) }
        let length =
            version == 1
            ? byte(8) | byte(9) << 8 : byte(8) | byte(9) << 8 | byte(10) << 16 | byte(11) << 24
        let dataStart = fixed + length
        guard bytes.count >= dataStart else {
            throw bad("npy.short", "the header should have \(length) bytes, and the file ends before", bytes.count)
        }
        var scan = NPYHeader(bytes: Array(bytes[(start + fixed)..<(start + dataStart)]), offset: fixed, path: path)
        let header = try scan.parse()
        let kind = ElementKind(numpy: header.kind)
        let form = NPYText.form(header.kind)
        guard let width = kind?.width ?? form.map({ $0.width * $0.bytes }) else {
            throw bad(
                "npy.type",
                header.kind.hasSuffix("O")
                    ? "these elements are objects of Python, and only numbers and texts can be read; in NumPy:  y.astype(str)"
                    : "elements of type \(header.kind) cannot be read; whole numbers, floats and bools can",
                fixed)
        }
        let payload = bytes.count - dataStart
        let shape = try describedShape(header.dims, path, fixed)
        // Texts of no characters take no bytes, so that nothing would bound their number.
        guard shape.count <= payload / max(width, 1), payload == shape.count * width else {
            let (needed, overflow) = shape.count.multipliedReportingOverflow(by: width)
            let size = overflow ? "too many" : "\(needed)"
            throw bad(
                "npy.length", "the header says \(shape), \(size) bytes of elements, and there are \(payload)",
                dataStart)
        }
        let data = bytes[(start + dataStart)...]
        if let form {
            guard header.dims.count <= 1 else {
                throw bad("npy.type", "texts can be read as one or as a list, and these are \(shape)", fixed)
            }
            return .texts(try NPYText.decode(data, shape.count, form, path: path, offset: dataStart))
        }
        guard let kind else { return .texts([]) }
        guard header.fortran, header.dims.count > 1 else {
            return .tensor(try kind.tensor(data, header.dims, wide: wide))
        }
        return .tensor(try transposed(kind.tensor(data, header.dims.reversed(), wide: false), header.dims))
    }

    /// Where the elements begin, their kind and the axes, of a file of `size` bytes that begins so; nil where it is no plain
    /// array of numbers, row after row, or its header goes on.
    static func plainHead(_ bytes: [UInt8], _ size: Int) -> (start: Int, kind: ElementKind, dims: [Int])? {
        guard bytes.count >= 12, bytes.starts(with: [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]), 1...3 ~= bytes[6] else {
            return nil
        }
        let fixed = bytes[6] == 1 ? 10 : 12
        var length = Int(bytes[8]) | Int(bytes[9]) << 8
        if fixed == 12 { length |= Int(bytes[10]) << 16 | Int(bytes[11]) << 24 }
        let start = fixed + length
        guard start <= bytes.count, start <= size else { return nil }
        var scan = NPYHeader(bytes: Array(bytes[fixed..<start]), offset: fixed, path: "")
        guard let header = try? scan.parse(), !header.fortran || header.dims.count <= 1,
            let kind = ElementKind(numpy: header.kind)
        else { return nil }
        return (start, kind, header.dims)
    }

    /// The bytes of a file that holds `tensor`.
    static func encode(_ tensor: Tensor) -> [UInt8] {
        let dims = tensor.shape.dims
        let inside = dims.count == 1 ? "\(dims[0])," : dims.map(String.init).joined(separator: ", ")
        return head(tensor.precision == .single ? "<f4" : "<f8", inside) + tensor.fileBytes
    }

    /// All that precedes the elements, which are of type `kind`; the axes are written as the inside of a tuple.
    static func head(_ kind: String, _ inside: String) -> [UInt8] {
        var header = "{'descr': '\(kind)', 'fortran_order': False, 'shape': (\(inside)), }"
        let padding = 63 - (10 + header.utf8.count) % 64
        header += String(repeating: " ", count: padding) + "\n"
        let length = header.utf8.count
        var bytes: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59, 1, 0, UInt8(length & 255), UInt8(length >> 8 & 255)]
        bytes += header.utf8
        return bytes
    }

    /// A shape a header names; what no tensor can have is refused with the path.
    static func describedShape(_ dims: [Int], _ path: String, _ offset: Int) throws -> Shape {
        do { return try Shape(dims) } catch let error as EngineError {
            throw DataError(code: "array.shape", message: error.message, path: path, place: .byte(offset))
        }
    }

    /// Row-major from column-major: `reversed` has the axes in reverse.
    private static func transposed(_ reversed: Tensor, _ dims: [Int]) throws -> Tensor {
        var strides = [Int](repeating: 1, count: dims.count)
        for axis in 1..<dims.count { strides[axis] = strides[axis - 1] * dims[axis - 1] }
        return try Tensor.filled(dims) { target in
            reversed.reading { source in
                var index = [Int](repeating: 0, count: dims.count)
                for i in target.indices {
                    var at = 0
                    for axis in dims.indices { at += index[axis] * strides[axis] }
                    target[i] = source[at]
                    var axis = dims.count - 1
                    while axis >= 0 {
                        index[axis] += 1
                        if index[axis] < dims[axis] { break }
                        index[axis] = 0
                        axis -= 1
                    }
                }
            }
        }
    }
}

/// The header's dictionary: three keys in any order, texts in quotes, `True` or `False`, a tuple of whole numbers.
private struct NPYHeader {
    let bytes: [UInt8]
    let offset: Int
    let path: String
    var at = 0

    init(bytes: [UInt8], offset: Int, path: String) {
        self.bytes = bytes
        self.offset = offset
        self.path = path
    }

    mutating func parse() throws -> (kind: String, fortran: Bool, dims: [Int]) {
        var kind: String?
        var fortran: Bool?
        var dims: [Int]?
        try expect(123)
        while !take(125) {
            let key = try text()
            try expect(58)
            switch key {
            case "descr": kind = try text()
            case "fortran_order": fortran = try flag()
            case "shape": dims = try tuple()
            default: throw bad("the header has a key \(key.prefix(20)), and should have descr, fortran_order and shape")
            }
            if !take(44) {
                try expect(125)
                break
            }
        }
        guard let kind, let fortran, let dims else { throw bad("the header lacks descr, fortran_order or shape") }
        return (kind, fortran, dims)
    }

    private func bad(_ message: String) -> DataError {
        DataError(code: "npy.header", message: message, path: path, place: .byte(offset + at))
    }

    private mutating func blanks() { while at < bytes.count, bytes[at] == 32 || bytes[at] == 10 { at += 1 } }

    private mutating func take(_ byte: UInt8) -> Bool {
        blanks()
        guard at < bytes.count, bytes[at] == byte else { return false }
        at += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws {
        guard take(byte) else { throw bad("the header expects \(Character(UnicodeScalar(byte))) here") }
    }

    private mutating func text() throws -> String {
        blanks()
        guard at < bytes.count, bytes[at] == 39 || bytes[at] == 34 else {
            throw bad("the header expects a text here; arrays of records cannot be read")
        }
        let quote = bytes[at]
        at += 1
        let from = at
        while at < bytes.count, bytes[at] != quote { at += 1 }
        guard at < bytes.count else { throw bad("a text in the header is not closed") }
        defer { at += 1 }
        return String(decoding: bytes[from..<at], as: UTF8.self)
    }

    private mutating func flag() throws -> Bool {
        blanks()
        for (word, value) in [("True", true), ("False", false)] where bytes[at...].starts(with: word.utf8) {
            at += word.utf8.count
            return value
        }
        throw bad("the header expects True or False here")
    }

    private mutating func tuple() throws -> [Int] {
        var dims: [Int] = []
        try expect(40)
        while !take(41) {
            blanks()
            var value = 0
            let from = at
            while at < bytes.count, 48...57 ~= bytes[at], at - from < 18 {
                value = value * 10 + Int(bytes[at] - 48)
                at += 1
            }
            guard at > from else { throw bad("the header expects a whole number here") }
            dims.append(value)
            guard dims.count <= 64 else { throw bad("the array has too many axes") }
            if !take(44) {
                try expect(41)
                break
            }
        }
        return dims
    }
}

/// The array of an NPY file as a tensor of 32-bit floats (whole numbers and bools are converted); 64-bit floats stay
/// so where `wide`.
public func npy(_ path: String, wide: Bool = false) throws -> Tensor {
    try NPY.decode(FileBytes.read(path)[...], path: path, wide: wide)
}

/// Writes an NPY file atomically.
public func writeNPY(_ tensor: Tensor, _ path: String) throws { try WholeFile.write(NPY.encode(tensor), path) }
