import CKernels

/// Elements of a tensor, and tensors filled with numbers.
extension Precision {
    /// Bytes of an element.
    @inlinable public var width: Int { self == .single ? 4 : 8 }
    @usableFromInline var code: Int32 { self == .single ? 0 : 1 }
    /// The wider of the two: mixed operands compute in `double`.
    @inlinable public static func wider(_ a: Precision, _ b: Precision) -> Precision { a == .double ? a : b }
}

extension Tensor {
    /// The first element, for kernels to read.
    @inlinable public var address: UnsafeMutableRawPointer { storage.base + offset * storage.precision.width }

    /// A tensor of the given elements, row by row; as many as the shape has, the rest 0.
    public convenience init(_ shape: Shape, _ elements: [Float]) throws {
        try self.init(uninitialized: shape)
        let to = address.assumingMemoryBound(to: Float.self)
        for i in 0..<count { to[i] = i < elements.count ? elements[i] : 0 }
    }

    /// A tensor of the given elements in 64 bits.
    public convenience init(_ shape: Shape, doubles elements: [Double], _ precision: Precision = .double) throws {
        try self.init(uninitialized: shape, precision)
        for i in 0..<count { set(i, i < elements.count ? elements[i] : 0) }
    }

    /// A tensor of the given axes; throws where `elements` are not as many as the axes ask for.
    public convenience init(dims: [Int], _ elements: [Float]) throws {
        let shape = try Shape(dims)
        guard elements.count == shape.count else {
            throw EngineError(
                code: "tensor.count", message: "\(shape) takes \(shape.count) numbers, and got \(elements.count)",
                dims: [dims])
        }
        try self.init(shape, elements)
    }

    /// One number.
    public convenience init(scalar: Double, _ precision: Precision = .single) throws {
        try self.init(uninitialized: .scalar, precision)
        set(0, scalar)
    }

    /// Writes an element; only for the maker of a tensor, before handing it on.
    @inlinable public func set(_ i: Int, _ value: Double) {
        guard i >= 0, i < count else { return }
        if precision == .single {
            address.assumingMemoryBound(to: Float.self)[i] = Float(value)
        } else {
            address.assumingMemoryBound(to: Double.self)[i] = value
        }
    }

    /// The element at a flat place; NaN outside.
    @inlinable public subscript(_ i: Int) -> Double {
        guard i >= 0, i < count else { return .nan }
        return precision == .single
            ? Double(address.assumingMemoryBound(to: Float.self)[i]) : address.assumingMemoryBound(to: Double.self)[i]
    }

    /// The first element; NaN where there is none.
    @inlinable public var item: Double { self[0] }

    /// All elements, row by row.
    public var doubles: [Double] {
        [Double](unsafeUninitializedCapacity: count) { out, filled in
            filled = count
            guard count > 0, let to = out.baseAddress else { return }
            if precision == .single {
                let from = address.assumingMemoryBound(to: Float.self)
                for i in 0..<count { to[i] = Double(from[i]) }
            } else {
                to.update(from: address.assumingMemoryBound(to: Double.self), count: count)
            }
        }
    }
    public var floats: [Float] {
        if precision == .single { return withFloats { Array($0) } }
        return (0..<count).map { Float(self[$0]) }
    }

    /// The elements in place, of a tensor in `single`; empty for one in `double`.
    public func withFloats<R>(_ body: (UnsafeBufferPointer<Float>) throws -> R) rethrows -> R {
        guard precision == .single else { return try body(UnsafeBufferPointer(start: nil, count: 0)) }
        return try body(UnsafeBufferPointer(start: address.assumingMemoryBound(to: Float.self), count: count))
    }

    /// Elements that are written in one go: some hundredths of a second, as the memory has to be found too.
    private static let pieceToFill = 1 << 22
    private func inPieces(_ write: (_ from: Int, _ count: Int) -> Void) throws {
        guard count > Tensor.pieceToFill else { return write(0, count) }
        for from in stride(from: 0, to: count, by: Tensor.pieceToFill) {
            try Interrupt.poll()
            write(from, Swift.min(Tensor.pieceToFill, count - from))
        }
    }

    public static func full(_ shape: Shape, _ value: Double, _ precision: Precision = .single) throws -> Tensor {
        let t = try Tensor(uninitialized: shape, precision)
        try t.inPieces { at, n in siam_fill(precision.code, Int64(n), value, t.address + at * precision.width) }
        return t
    }
    public static func zeros(_ shape: Shape, _ precision: Precision = .single) throws -> Tensor {
        try full(shape, 0, precision)
    }
    public static func ones(_ shape: Shape, _ precision: Precision = .single) throws -> Tensor {
        try full(shape, 1, precision)
    }
    /// start, start + step, ...: `count` numbers.
    public static func iota(
        _ count: Int, from start: Double = 0, step: Double = 1, _ precision: Precision = .single
    ) throws -> Tensor {
        let t = try Tensor(uninitialized: try Shape([max(count, 0)]), precision)
        if t.count <= pieceToFill {
            siam_iota(precision.code, Int64(t.count), start, step, t.address)
        } else {
            try t.inPieces { at, n in
                siam_iota(
                    precision.code, Int64(n), start + Double(at) * step, step, t.address + at * precision.width)
            }
        }
        return t
    }

    /// Rows a ..< b of the first axis, in the same memory. The range is cut to what there is.
    public func rows(_ range: Range<Int>) -> Tensor {
        guard rank > 0 else { return self }
        let length = shape[0]
        let from = min(max(range.lowerBound, 0), length)
        let to = min(max(range.upperBound, from), length)
        let row = length == 0 ? 0 : count / length
        return Tensor(shape: shape.replacing(0, with: to - from), storage: storage, offset: offset + from * row)
    }

    /// The same elements in the same memory under another shape. Throws where the counts differ.
    public func reshaped(to new: Shape) throws -> Tensor {
        guard new.count == count else {
            throw EngineError(
                code: "reshape.count", message: "reshape keeps the number of elements, and got \(shape) and \(new)",
                dims: [shape.dims, new.dims])
        }
        return Tensor(shape: new, storage: storage, offset: offset)
    }

    /// The same numbers in another precision; itself where it has it already.
    public func converted(to precision: Precision) throws -> Tensor {
        if precision == self.precision { return self }
        let t = try Tensor(uninitialized: shape, precision)
        for from in stride(from: 0, to: count, by: 1 << 21) {
            if from > 0 { try Interrupt.poll() }
            siam_convert(
                self.precision.code, precision.code, Int64(Swift.min(1 << 21, count - from)),
                address + from * self.precision.width, t.address + from * precision.width)
        }
        return t
    }

    /// A copy in newly allocated memory.
    public func copied() throws -> Tensor {
        let t = try Tensor(uninitialized: shape, precision)
        try Kernel.copy(address, to: t.address, bytes: count * precision.width)
        return t
    }

    /// The same memory, remembered as made by nothing.
    public func detached() -> Tensor { Tensor(shape: shape, storage: storage, offset: offset) }
}

extension Shape {
    /// This shape with one axis of another length. Internal callers pass lengths within what exists.
    public func replacing(_ axis: Int, with length: Int) -> Shape {
        guard axis >= 0, axis < rank else { return self }
        var new = lengths
        new[axis] = Int32(truncatingIfNeeded: length)
        var count = 1
        for i in 0..<rank { count *= Int(new[i]) }
        return Shape(lengths: new, rank: rank, count: count)
    }

    /// Eight int32 lengths, for kernels.
    @inlinable public func withLengths<R>(_ body: (UnsafePointer<Int32>) -> R) -> R {
        withUnsafePointer(to: lengths) { $0.withMemoryRebound(to: Int32.self, capacity: 8, body) }
    }

    /// The axis as 0 ..< rank, or an error naming `what`.
    public func axis(_ axis: Int, _ what: String) throws -> Int {
        let i = axis < 0 ? axis + rank : axis
        guard i >= 0, i < rank else {
            let has =
                rank == 0
                ? "a number has none"
                : rank == 1 ? "a tensor of \(self) has only axis 0" : "a tensor of \(self) has axes 0 to \(rank - 1)"
            throw EngineError(
                code: "axis.range", message: "\(what) goes along axis \(axis), and \(has)", dims: [dims])
        }
        return i
    }

    /// What two shapes broadcast to: from the right, axes are equal, or one of them is 1.
    public static func broadcast(_ a: Shape, _ b: Shape, _ what: @autoclosure () -> String) throws -> Shape {
        if a == b || b.count == 1 && b.rank <= a.rank { return a }
        if a.count == 1 && a.rank <= b.rank { return b }
        let rank = max(a.rank, b.rank)
        var lengths = SIMD8<Int32>(repeating: 0)
        var count = 1
        for i in 0..<rank {
            let ia = i - (rank - a.rank)
            let ib = i - (rank - b.rank)
            let la = ia >= 0 ? a[ia] : 1
            let lb = ib >= 0 ? b[ib] : 1
            guard la == lb || la == 1 || lb == 1 else {
                throw EngineError(
                    code: "broadcast",
                    message:
                        "\(what()) needs shapes that can be broadcast (equal or 1, from the right), and got \(a) and \(b)",
                    dims: [a.dims, b.dims])
            }
            let length = la == 1 ? lb : la
            lengths[i] = Int32(truncatingIfNeeded: length)
            let (product, overflow) = count.multipliedReportingOverflow(by: length)
            guard !overflow, product <= maximumCount else { throw EngineError.tooLarge(a.dims + b.dims) }
            count = product
        }
        return Shape(lengths: lengths, rank: rank, count: count)
    }
}
