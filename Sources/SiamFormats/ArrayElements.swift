import CCodecs
import SiamData
import SiamTensor

/// An element type of NPY and safetensors files.
package struct ElementKind {
    let kind: siam_element
    let big: Bool

    package var width: Int { siam_element_bytes(Int32(kind.rawValue)) }

    /// Of NumPy's `descr`, `<f4`; nil for texts, records, complex numbers and objects.
    init?(numpy: String) {
        let kinds: [Substring: siam_element] = [
            "b1": SIAM_U8, "u1": SIAM_U8, "i1": SIAM_I8, "u2": SIAM_U16, "i2": SIAM_I16, "u4": SIAM_U32, "i4": SIAM_I32,
            "u8": SIAM_U64, "i8": SIAM_I64, "f2": SIAM_F16, "f4": SIAM_F32, "f8": SIAM_F64,
        ]
        guard let order = numpy.first, "<>|=".contains(order), let kind = kinds[numpy.dropFirst()] else { return nil }
        self.kind = kind
        big = order == ">"
    }

    /// Of the `dtype` of safetensors, `F32`.
    package init?(safetensors: String) {
        let kinds: [String: siam_element] = [
            "BOOL": SIAM_U8, "U8": SIAM_U8, "I8": SIAM_I8, "U16": SIAM_U16, "I16": SIAM_I16, "U32": SIAM_U32,
            "I32": SIAM_I32, "U64": SIAM_U64, "I64": SIAM_I64, "F16": SIAM_F16, "BF16": SIAM_BF16, "F32": SIAM_F32,
            "F64": SIAM_F64,
        ]
        guard let kind = kinds[safetensors] else { return nil }
        self.kind = kind
        big = false
    }

    /// The elements of `bytes` as a tensor of the given axes; `bytes` must hold them exactly. 64-bit floats stay so
    /// where `wide`, all else becomes 32-bit floats.
    package func tensor(_ bytes: ArraySlice<UInt8>, _ dims: [Int], wide: Bool) throws -> Tensor {
        let shape = try Shape(dims)
        guard bytes.count == shape.count * width else {
            throw DataError(
                code: "array.bytes",
                message: "\(shape) needs \(shape.count * width) bytes, and there are \(bytes.count)")
        }
        let tensor = try Tensor(uninitialized: shape, wide && isDouble ? .double : .single)
        read(bytes, into: tensor, from: 0)
        return tensor
    }
    var isDouble: Bool { kind == SIAM_F64 }

    /// Puts elements into a tensor, which must have room for them from the place on.
    func read(_ bytes: ArraySlice<UInt8>, into tensor: Tensor, from place: Int) {
        let number = Int32(kind.rawValue)
        let count = bytes.count / max(width, 1)
        bytes.withUnsafeBufferPointer { source in
            guard let base = source.baseAddress, count > 0 else { return }
            if tensor.precision == .double {
                siam_read_doubles(
                    base, count, number, big ? 1 : 0, tensor.storage.base.assumingMemoryBound(to: Double.self) + place)
            } else {
                siam_read_elements(
                    base, count, number, big ? 1 : 0, 1,
                    tensor.storage.base.assumingMemoryBound(to: Float.self) + place)
            }
        }
    }
}

extension Tensor {
    /// The elements as bytes in little-endian order.
    package var fileBytes: [UInt8] {
        let width = precision == .single ? 4 : 8
        let base = UnsafeRawBufferPointer(start: storage.base + offset * width, count: count * width)
        defer { withExtendedLifetime(self) {} }
        return Array(base)
    }
}
