import SiamTensor

/// The only place of this target that touches a tensor's memory; all lengths are checked here.
extension Tensor {
    /// A tensor of the given axes from row-major values. Throws where their number does not agree with the axes.
    package static func of(_ dims: [Int], _ values: [Float]) throws -> Tensor {
        let shape = try Shape(dims)
        guard shape.count == values.count else {
            throw EngineError(
                code: "tensor.count",
                message: "a tensor of \(shape) holds \(shape.count) numbers, and got \(values.count)",
                dims: [dims])
        }
        return try Tensor.filled(dims) { target in _ = target.update(fromContentsOf: values) }
    }

    /// A tensor of the given axes whose elements, all 0 before, are set by `fill`.
    package static func filled(_ dims: [Int], _ fill: (UnsafeMutableBufferPointer<Float>) throws -> Void) throws
        -> Tensor
    {
        let tensor = try Tensor(uninitialized: Shape(dims))
        let base = tensor.storage.base.assumingMemoryBound(to: Float.self)
        let elements = UnsafeMutableBufferPointer(start: base, count: tensor.count)
        for from in stride(from: 0, to: elements.count, by: 1 << 22) {
            if from > 0 { try Interrupt.poll() }
            UnsafeMutableBufferPointer(rebasing: elements[from..<min(from + 1 << 22, elements.count)]).initialize(
                repeating: 0)
        }
        try fill(elements)
        return tensor
    }

    /// The elements in row-major order, read in place; 64-bit tensors are narrowed first.
    package func reading<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        switch precision {
        case .single:
            let base = storage.base.assumingMemoryBound(to: Float.self) + offset
            defer { withExtendedLifetime(self) {} }
            return try body(UnsafeBufferPointer(start: base, count: count))
        case .double:
            let base = storage.base.assumingMemoryBound(to: Double.self) + offset
            let narrow = UnsafeBufferPointer(start: base, count: count).map { Float($0) }
            withExtendedLifetime(self) {}
            return try narrow.withUnsafeBufferPointer(body)
        }
    }

    /// The elements in row-major order.
    package var values: [Float] { reading { Array($0) } }

    /// The rows named by `indices`, in that order, copied. Indices are checked by the caller's own arithmetic and here.
    public func gathered(_ indices: [Int]) throws -> Tensor {
        let rows = rank > 0 ? shape[0] : 0
        let width = rows > 0 ? count / rows : 0
        var dims = shape.dims
        if dims.isEmpty { dims = [0] }
        dims[0] = indices.count
        let result = try Tensor(uninitialized: Shape(dims))
        try reading { source in
            if let index = indices.first(where: { $0 < 0 || $0 >= rows }) {
                throw DataError(
                    code: "data.index", message: "row \(index) was asked for, and there are \(rows) rows")
            }
            guard width > 0, let from = source.baseAddress else { return }
            let to = result.storage.base.assumingMemoryBound(to: Float.self)
            indices.withUnsafeBufferPointer { indices in
                // Many rows are copied on all threads.
                let each = max(1, (1 << 15) / width)
                nonisolated(unsafe) let (from, to, indices) = (from, to, indices)
                Threads.run(tiles: (indices.count + each - 1) / each) { tile in
                    for place in tile * each..<min(indices.count, (tile + 1) * each) {
                        (to + place * width).update(from: from + indices[place] * width, count: width)
                    }
                }
            }
        }
        return result
    }

    /// A window on the rows `range`, which must lie within 0 ..< rows; shares the memory.
    package func window(_ range: Range<Int>) throws -> Tensor {
        let rows = rank > 0 ? shape[0] : 0
        guard range.lowerBound >= 0, range.upperBound <= rows else {
            throw DataError(
                code: "data.range",
                message: "rows \(range.lowerBound)..\(range.upperBound) were asked for, and there are \(rows) rows")
        }
        var dims = shape.dims
        guard !dims.isEmpty else { return self }
        let width = rows > 0 ? count / rows : 0
        dims[0] = range.count
        return Tensor(shape: try Shape(dims), storage: storage, offset: offset + range.lowerBound * width)
    }
}
