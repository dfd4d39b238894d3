import CKernels

/// The nearest of many rows, exactly, on the kernels' threads.
public enum Neighbours {
    /// Rows and their lengths are such that products do not overflow.
    public static func canMeasure(_ x: Tensor) throws -> Bool {
        guard x.rank == 2, x.precision == .single, x.shape[0] > 0, x.shape[0] < 1 << 31 else { return false }
        let extent = try NumberStatistics.extent(x)
        let most = max(abs(extent.low), abs(extent.high))
        return extent.finite == x.count && (x.count == 0 || most * most * Double(x.shape[1]) < 1e36)
    }
    private static func floats(_ x: Tensor) -> UnsafePointer<Float> {
        UnsafePointer(x.address.assumingMemoryBound(to: Float.self))
    }
    private static func settle(_ done: Int32, _ x: Tensor) throws {
        guard done == 0 else { return }
        throw siam_interrupt_is_due() != 0 ? Interrupt.reason : EngineError.tooLarge(x.shape.dims)
    }

    /// The places of the k nearest rows of x to each row of q and their squared distances, row after row, equal ones in order
    /// of place; -1 and infinity where there are fewer. With `own`, row r of q is row own + r of x, which does not count.
    /// Of rows that `canMeasure` allows.
    public static func places(of q: Tensor, in x: Tensor, _ k: Int, own: Int? = nil) throws -> (
        places: [Int32], squares: [Float]
    ) {
        guard q.rank == 2, x.rank == 2, q.shape[1] == x.shape[1], k > 0 else { return ([], []) }
        try Memory.ask(q.shape[0], of: 8 * k, for: "the nearest rows")
        var places = [Int32](repeating: -1, count: q.shape[0] * k)
        var squares = [Float](repeating: .infinity, count: places.count)
        try withExtendedLifetime((q, x)) {
            try settle(
                siam_neighbours(
                    Int64(q.shape[0]), Int64(x.shape[0]), Int64(x.shape[1]), floats(q), floats(x), Int64(k),
                    Int64(own ?? -1), &places, &squares), x)
        }
        return (places, squares)
    }
    /// For each row the part of its nearest others, all that tie, that is of its class.
    public static func shares(_ x: Tensor, _ classes: [Int32]) throws -> [Double] {
        guard x.rank == 2, x.shape[0] == classes.count else { return [] }
        var shares = [Double](repeating: 0, count: classes.count)
        try withExtendedLifetime(x) {
            try settle(
                siam_nearest_shares(Int64(x.shape[0]), Int64(x.shape[1]), floats(x), classes, &shares), x)
        }
        return shares
    }
}

/// The parts of t-SNE in the plane, on the kernels' threads.
public enum PlaneForces {
    private static func settle(_ done: Int32, _ dims: [Int]) throws {
        guard done == 0 else { return }
        throw siam_interrupt_is_due() != 0 ? Interrupt.reason : EngineError.tooLarge(dims)
    }
    /// The squared distances of all pairs of n rows.
    public static func squares(_ x: [Double], _ n: Int) throws -> [Double] {
        try Memory.ask(n, of: 8 * n, for: "distances")
        var out = [Double](repeating: 0, count: n * n)
        try settle(siam_tsne_squares(Int64(n), Int64(n == 0 ? 0 : x.count / n), x, &out), [n, n])
        return out
    }
    /// Of n rows of squared distances the probabilities of the perplexity.
    public static func widths(_ squares: [Double], _ n: Int, _ perplexity: Double) throws -> [Double] {
        var p = [Double](repeating: 0, count: squares.count)
        guard n > 0 else { return p }
        let k = squares.count / n
        try settle(siam_tsne_widths(Int64(n), Int64(k), squares, perplexity, &p), [n, k])
        return p
    }
    /// The gradient of joint probabilities of all pairs.
    public static func exact(_ joint: [Double], _ points: [Double], _ exaggeration: Double) throws -> [Double] {
        var gradient = [Double](repeating: 0, count: points.count)
        let n = points.count / 2
        guard joint.count == n * n else { return gradient }
        try settle(siam_tsne_exact(Int64(n), joint, points, exaggeration, &gradient), [n])
        return gradient
    }
    /// The joint probabilities of the near pairs, each point's in order of the other's number.
    public struct Near: Sendable {
        public let starts: [Int64]
        public let others: [Int32]
        public let values: [Double]
        /// From each point's k nearest and their probabilities.
        public init(_ places: [Int32], _ p: [Double], count n: Int) throws {
            let k = n == 0 ? 0 : places.count / n
            var starts = [Int64](repeating: 0, count: n + 1)
            var others = [Int32](repeating: 0, count: 2 * n * k)
            var values = [Double](repeating: 0, count: 2 * n * k)
            try settle(siam_tsne_join(Int64(n), Int64(k), places, p, &starts, &others, &values), [n, k])
            self.starts = starts
            self.others = others
            self.values = values
        }
    }
    /// How wide a group of points may be, of its distance, to count as one.
    static let openness = 0.5
    public static func grouped(_ near: Near, _ points: [Double], _ exaggeration: Double) throws -> [Double] {
        var gradient = [Double](repeating: 0, count: points.count)
        let n = points.count / 2
        guard near.starts.count == n + 1 else { return gradient }
        try settle(
            siam_tsne_grouped(
                Int64(n), near.starts, near.others, near.values, points, exaggeration, openness, &gradient), [n])
        return gradient
    }
    /// One step of descent with momentum and a separate gain for each coordinate.
    public static func move(
        _ points: inout [Double], _ speed: inout [Double], _ gains: inout [Double], along gradient: [Double],
        rate: Double, momentum: Double
    ) {
        guard speed.count == points.count, gains.count == points.count, gradient.count == points.count else { return }
        siam_tsne_move(Int64(points.count / 2), rate, momentum, gradient, &speed, &gains, &points)
    }
}
