import CKernels

/// What analysis asks of many numbers at once, on the kernel's threads. Results do not depend on how many there are.
public enum NumberStatistics {
    /// The finite among numbers, and how many of the others there are.
    public struct Extent: Sendable {
        /// The least and the greatest of the finite ones; infinite where there is none.
        public var low: Double
        public var high: Double
        public var mean: Double
        /// The squares of what the finite ones are off their mean, added; 0 where they were not asked for.
        public var squares: Double
        public var finite: Int
        public var nans: Int
        /// How many are minus infinity.
        public var below: Int
        /// How many are finite and whole.
        public var whole: Int

        fileprivate init(_ e: siam_extent) {
            (low, high, squares) = (e.low, e.high, e.squares)
            mean = e.finite > 0 ? e.sum / Double(e.finite) : .nan
            (finite, nans, below, whole) = (Int(e.finite), Int(e.nans), Int(e.below), Int(e.whole))
        }
    }
    /// Numbers in memory that is not copied.
    public struct Numbers {
        let precision: Precision
        let address: UnsafeRawPointer?
        public let count: Int
        /// What an error calls them.
        var dims: [Int] { [count] }
    }
    public static func with<R>(_ t: Tensor, _ body: (Numbers) throws -> R) rethrows -> R {
        try withExtendedLifetime(t) {
            try body(Numbers(precision: t.precision, address: UnsafeRawPointer(t.address), count: t.count))
        }
    }
    public static func with<R>(_ x: [Double], _ body: (Numbers) throws -> R) rethrows -> R {
        try x.withUnsafeBytes { try body(Numbers(precision: .double, address: $0.baseAddress, count: x.count)) }
    }

    public static func extent(_ x: Numbers, deviations: Bool = false) throws -> Extent {
        var e = siam_extent()
        try whole(
            siam_extent_of(x.precision.code, Int64(x.count), x.address, deviations ? 1 : 0, &e), x.dims)
        return Extent(e)
    }
    public static func extent(_ t: Tensor, deviations: Bool = false) throws -> Extent {
        try with(t) { try extent($0, deviations: deviations) }
    }
    public static func extent(_ x: [Double]) throws -> Extent { try with(x) { try extent($0) } }

    /// The number at a rank in ascending order, NaN last, found by selection.
    public static func ranked(_ x: Numbers, _ rank: Int) throws -> Double {
        var (low, next, nans) = (Double.nan, Double.nan, Int64(0))
        try whole(
            siam_ranked(x.precision.code, 1, Int64(x.count), Int64(rank), x.address, &low, &next, &nans), x.dims)
        return low
    }
    /// A histogram of the finite numbers by ascending edges; numbers outside are counted in the outermost bins.
    public static func counts(_ x: Numbers, _ edges: [Double]) -> [Double] {
        guard edges.count > 1 else { return [] }
        var counts = [Double](repeating: 0, count: edges.count - 1)
        _ = siam_occupancy(x.precision.code, Int64(x.count), x.address, Int64(edges.count - 1), edges, &counts)
        return counts
    }

    /// A piece of a series by its first, least, greatest and last finite number, in order of place.
    public struct Piece {
        public var points: [(place: Int, value: Double)]
        /// How many are not finite (or not above 0, where that was asked for).
        public var lost: Int
    }
    /// A series divided into pieces of equal length, each with its extreme values.
    public static func pieces(_ x: Numbers, of length: Int, positive: Bool) throws -> [Piece] {
        let length = max(length, 1)
        var found = [siam_thinned](repeating: siam_thinned(), count: (x.count + length - 1) / length)
        try whole(
            siam_thin(x.precision.code, Int64(x.count), x.address, positive ? 1 : 0, Int64(length), &found), x.dims)
        return found.map { t in
            let places = [t.places.0, t.places.1, t.places.2, t.places.3]
            let values = [t.values.0, t.values.1, t.values.2, t.values.3]
            return Piece(points: (0..<min(4, Int(t.count))).map { (Int(places[$0]), values[$0]) }, lost: Int(t.lost))
        }
    }

    // MARK: Rows

    /// Rows in 64 bits, less their mean where they are to be centred.
    public static func rows(_ x: Tensor, _ rows: Int, _ width: Int, centred isCentred: Bool) throws -> Tensor {
        let out = try Tensor(uninitialized: try Shape([rows, width]), .double)
        var mean = [Double](repeating: 0, count: width)
        let to = out.address.assumingMemoryBound(to: Double.self)
        let (code, n, w) = (x.precision.code, Int64(rows), Int64(width))
        let done =
            isCentred ? siam_centred(code, n, w, x.address, &mean, to) : siam_centred(code, n, w, x.address, nil, to)
        try whole(done, out.shape.dims)
        return out
    }
    /// The products of all pairs of columns, of rows in 64 bits and few columns.
    public static func gram(_ x: Tensor) throws -> Tensor? {
        guard x.rank == 2, x.precision == .double, x.shape[1] <= 256 else { return nil }
        let out = try Tensor(uninitialized: try Shape([x.shape[1], x.shape[1]]), .double)
        try whole(
            siam_gram(
                Int64(x.shape[0]), Int64(x.shape[1]), x.address.assumingMemoryBound(to: Double.self),
                out.address.assumingMemoryBound(to: Double.self)), x.shape.dims)
        return out
    }
    /// Coordinates of rows in 64 bits along axes of their width.
    public static func projected(_ x: Tensor, _ axes: [[Double]]) throws -> [Double] {
        guard x.rank == 2, x.precision == .double, axes.allSatisfy({ $0.count == x.shape[1] }) else { return [] }
        var out = [Double](repeating: 0, count: x.shape[0] * axes.count)
        siam_project(
            Int64(x.shape[0]), Int64(x.shape[1]), Int64(axes.count), x.address.assumingMemoryBound(to: Double.self),
            axes.flatMap { $0 }, &out)
        return out
    }
    /// For each row the lesser of its squared distance to a centre and the value already there.
    public static func nearer(_ x: Tensor, _ centre: [Double], _ least: inout [Double]) {
        guard x.rank == 2, centre.count == x.shape[1], least.count == x.shape[0] else { return }
        siam_nearer(x.precision.code, Int64(x.shape[0]), Int64(x.shape[1]), x.address, centre, &least)
    }
    /// The place of the least of each row, the first of several.
    public static func nearest(_ d: Tensor) -> [Int32] {
        guard d.rank == 2 else { return [] }
        var labels = [Int32](repeating: 0, count: d.shape[0])
        siam_nearest(d.precision.code, Int64(d.shape[0]), Int64(d.shape[1]), d.address, &labels)
        return labels
    }
    /// The nearest of k centres of each row, the first of several; meant for rows that are not wide.
    public static func assigned(_ x: Tensor, _ centres: [Double], _ k: Int) throws -> [Int32] {
        let width = x.rank == 2 ? x.shape[1] : 0
        guard width > 0, k > 0, centres.count == k * width else { return [] }
        let lanes = (k + 31) / 32 * 32
        var labels = [Int32](repeating: 0, count: x.shape[0])
        func assign<T: BinaryFloatingPoint & BitwiseCopyable>(_ kind: T.Type) throws {
            // A row for each coordinate of the centres, so that several centres are compared at once.
            var turned = [T](repeating: .infinity, count: lanes * width)
            for c in 0..<k { for i in 0..<width { turned[i * lanes + c] = T(centres[c * width + i]) } }
            try whole(
                siam_assign(
                    x.precision.code, Int64(x.shape[0]), Int64(width), Int64(lanes), x.address, turned, &labels),
                x.shape.dims)
        }
        if x.precision == .single { try assign(Float.self) } else { try assign(Double.self) }
        return labels
    }
    /// The sums of the rows of each label below k, and how many rows there are.
    public static func sums(_ x: Tensor, _ labels: [Int32], _ k: Int) throws -> (sums: [Double], counts: [Double]) {
        guard x.rank == 2, labels.count == x.shape[0], labels.allSatisfy({ $0 >= 0 && $0 < k }) else { return ([], []) }
        var sums = [Double](repeating: 0, count: k * x.shape[1])
        var counts = [Double](repeating: 0, count: k)
        try whole(
            siam_group_sums(
                x.precision.code, Int64(x.shape[0]), Int64(x.shape[1]), Int64(k), x.address, labels, &sums, &counts),
            x.shape.dims)
        return (sums, counts)
    }

    private static func whole(_ done: Int32, _ dims: [Int]) throws {
        guard done == 0 else { return }
        throw siam_interrupt_is_due() != 0 ? Interrupt.reason : EngineError.tooLarge(dims)
    }
}
