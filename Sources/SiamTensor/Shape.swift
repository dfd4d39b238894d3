/// The lengths of a tensor's axes, outermost first; row-major. Kept inline: making and copying one allocates nothing.
public struct Shape: Hashable, Sendable, CustomStringConvertible {
    /// More axes than any program of the field uses; an error says so where one asks for more.
    public static let maximumRank = 8

    @usableFromInline var lengths: SIMD8<Int32>
    public let rank: Int
    /// The number of elements: the product of the axes, 1 for a scalar.
    public let count: Int

    /// A shape of the given axes. Throws where there are too many axes, a negative one, or more elements than can be addressed.
    public init(_ dims: [Int]) throws {
        guard dims.count <= Shape.maximumRank else {
            throw EngineError(
                code: "tensor.rank",
                message: "a tensor has at most \(Shape.maximumRank) axes, and this one would have \(dims.count)")
        }
        var lengths = SIMD8<Int32>(repeating: 0)
        var count = 1
        for (axis, length) in dims.enumerated() {
            guard length >= 0 else {
                throw EngineError(
                    code: "tensor.negative", message: "an axis cannot have length \(length)", dims: [dims])
            }
            let (product, overflow) = count.multipliedReportingOverflow(by: length)
            guard !overflow, length <= Int(Int32.max), product <= Shape.maximumCount else {
                throw EngineError.tooLarge(dims)
            }
            lengths[axis] = Int32(truncatingIfNeeded: length)
            count = product
        }
        self.lengths = lengths
        self.rank = dims.count
        self.count = count
    }

    /// More elements than this are refused before any memory is asked for.
    public static let maximumCount = 1 << 40

    @inlinable
    init(lengths: SIMD8<Int32>, rank: Int, count: Int) {
        self.lengths = lengths
        self.rank = rank
        self.count = count
    }

    public static let scalar = Shape(lengths: SIMD8(repeating: 0), rank: 0, count: 1)

    /// A vector of `length` elements. Internal callers pass lengths that come from existing tensors.
    @inlinable
    public static func vector(_ length: Int) -> Shape {
        var lengths = SIMD8<Int32>(repeating: 0)
        lengths[0] = Int32(truncatingIfNeeded: length)
        return Shape(lengths: lengths, rank: 1, count: length)
    }

    /// A matrix of `rows` x `columns`, of lengths that come from existing tensors.
    @inlinable
    public static func matrix(_ rows: Int, _ columns: Int) -> Shape {
        var lengths = SIMD8<Int32>(repeating: 0)
        lengths[0] = Int32(truncatingIfNeeded: rows)
        lengths[1] = Int32(truncatingIfNeeded: columns)
        return Shape(lengths: lengths, rank: 2, count: rows * columns)
    }

    /// The length of an axis, 0 ..< rank; negative axes count from the end. Out of range gives 1.
    @inlinable
    public subscript(axis: Int) -> Int {
        let i = axis < 0 ? axis + rank : axis
        return i >= 0 && i < rank ? Int(lengths[i]) : 1
    }

    public var dims: [Int] { (0..<rank).map { Int(lengths[$0]) } }

    /// `32x784`; the shape of a number is `number`.
    public var description: String {
        rank == 0 ? "number" : rank == 1 ? "\(self[0])" : dims.map(String.init).joined(separator: "x")
    }
}
