import CKernels

/// Calls of kernels that have checked shapes behind them; what they are given here must fit.
public enum Kernel {
    public typealias Unary = siam_unary_kind
    public typealias Binary = siam_binary_kind

    @inline(__always)
    public static func unary(_ kind: Unary, _ x: Tensor, _ p: Double = 0, _ q: Double = 0) throws -> Tensor {
        let y = try Tensor(uninitialized: x.shape, x.precision)
        if x.count > largePiece {
            try pieces(x.count) { from, n in
                let at = from * x.precision.width
                siam_unary(
                    Int32(kind.rawValue), x.precision.code, Int64(n), x.address + at, y.address + at, p, q)
            }
            return y
        }
        siam_unary(Int32(kind.rawValue), x.precision.code, Int64(x.count), x.address, y.address, p, q)
        return y
    }

    /// Elements that a kernel goes through without looking up: some hundredths of a second, also on a busy machine.
    @usableFromInline static let largePiece = 1 << 20
    /// Calls `work` with the pieces of a large range and checks for an interrupt between them.
    @inline(never)
    private static func pieces(_ count: Int, _ work: (_ from: Int, _ count: Int) -> Void) throws {
        for from in stride(from: 0, to: count, by: largePiece) {
            try Interrupt.poll()
            work(from, Swift.min(largePiece, count - from))
        }
    }
    /// Calls `work` with blocks of rows of a large array; offsets are in rows.
    @inline(__always)
    private static func rowPieces(_ rows: Int, _ n: Int, _ work: (_ from: Int, _ rows: Int) -> Void) throws {
        let (count, isHuge) = rows.multipliedReportingOverflow(by: Swift.max(1, n))
        guard isHuge || count > largePiece else { return work(0, rows) }
        let each = Swift.max(1, largePiece / Swift.max(1, n))
        for from in stride(from: 0, to: rows, by: each) {
            try Interrupt.poll()
            work(from, Swift.min(each, rows - from))
        }
    }
    /// f(a, b) element by element; mode as in siam_binary_flat.
    @inline(__always)
    private static func flat(_ k: Int32, _ a: Tensor, _ b: Tensor, _ y: Tensor, _ mode: Int32) throws {
        let code = y.precision.code
        guard y.count > largePiece else {
            siam_binary_flat(k, code, Int64(y.count), a.address, b.address, y.address, mode)
            return
        }
        try pieces(y.count) { from, n in
            let at = from * y.precision.width
            siam_binary_flat(
                k, code, Int64(n), a.address + (mode == 2 ? 0 : at), b.address + (mode == 1 ? 0 : at), y.address + at,
                mode)
        }
    }

    /// f(a, b) with broadcasting and promotion; `name` for the error.
    public static func binary(_ kind: Binary, _ a: Tensor, _ b: Tensor, _ name: String) throws -> Tensor {
        if a.precision != b.precision {
            return try binary(kind, a.converted(to: .double), b.converted(to: .double), name)
        }
        let code = a.precision.code
        let k = Int32(kind.rawValue)
        if a.shape == b.shape {
            let y = try Tensor(uninitialized: a.shape, a.precision)
            try flat(k, a, b, y, 0)
            return y
        }
        let shape = try Shape.broadcast(a.shape, b.shape, name)
        let y = try Tensor(uninitialized: shape, a.precision)
        if b.count == 1 {
            try flat(k, a, b, y, 1)
        } else if a.count == 1 {
            try flat(k, a, b, y, 2)
        } else {
            a.shape.withLengths { la in
                b.shape.withLengths { lb in
                    shape.withLengths { lo in
                        siam_binary(
                            k, code, a.address, Int32(a.rank), la, b.address, Int32(b.rank), lb, y.address,
                            Int32(shape.rank),
                            lo)
                    }
                }
            }
            try finish(y.count)
        }
        return y
    }

    /// Throws where an interrupt may have cut a large piece of work short: what it was to give is not whole.
    @inline(__always)
    static func finish(_ count: Int) throws { if count >= largePiece { try Interrupt.poll() } }

    /// Copies bytes and checks for an interrupt between pieces.
    public static func copy(_ from: UnsafeRawPointer, to: UnsafeMutableRawPointer, bytes: Int) throws {
        guard bytes > largePiece else { return to.copyMemory(from: from, byteCount: bytes) }
        try pieces(bytes) { at, n in (to + at).copyMemory(from: from + at, byteCount: n) }
    }

    /// a or b by c, which has the result's shape; a and b have it too, or a single element that is broadcast.
    public static func select(_ c: Tensor, _ a: Tensor, _ b: Tensor) throws -> Tensor {
        let y = try Tensor(uninitialized: c.shape, a.precision)
        func select(_ at: Int, _ n: Int) {
            let bytes = at * a.precision.width
            siam_select(
                a.precision.code, Int64(n), c.address + bytes, a.address + (a.count == 1 ? 0 : bytes),
                a.count == 1 ? 1 : 0, b.address + (b.count == 1 ? 0 : bytes), b.count == 1 ? 1 : 0, y.address + bytes)
        }
        if y.count > largePiece { try pieces(y.count, select) } else { select(0, y.count) }
        return y
    }

    /// x seen as outer x r x inner, reduced over r into `shape`.
    public static func reduce(
        _ kind: siam_reduce_kind, _ x: Tensor, outer: Int, _ r: Int, inner: Int, into shape: Shape
    ) throws -> Tensor {
        let y = try Tensor(uninitialized: shape, x.precision)
        siam_reduce(Int32(kind.rawValue), x.precision.code, Int64(outer), Int64(r), Int64(inner), x.address, y.address)
        try finish(x.count)
        return y
    }

    /// x read with `strides` (in elements) as a tensor of `shape`.
    public static func strided(_ x: Tensor, shape: Shape, strides: [Int], from start: Int = 0) throws -> Tensor {
        let y = try Tensor(uninitialized: shape, x.precision)
        let dims = shape.dims.map(Int64.init)
        siam_copy_strided(
            x.precision.code, Int32(shape.rank), dims, strides.map(Int64.init), x.address + start * x.precision.width,
            y.address)
        try finish(y.count)
        return y
    }

    public enum Move: Int32 {
        case gather = 0
        case add = 1
        case put = 2
    }
    /// Moves between `packed` (of the tables' lengths) and `wide` (places are sums of the tables' entries).
    public static func move(_ move: Move, tables: [[Int64]], packed: Tensor, wide: Tensor) throws {
        let dims = tables.map { Int64($0.count) }
        var flat: [Int64] = []
        for table in tables { flat += table }
        flat.append(0)
        flat.withUnsafeBufferPointer { all in
            var pointers: [UnsafePointer<Int64>?] = []
            var at = 0
            for table in tables {
                pointers.append(all.baseAddress.map { $0 + at })
                at += table.count
            }
            let x = move == .gather ? wide : packed
            let y = move == .gather ? packed : wide
            siam_gather(packed.precision.code, Int32(dims.count), dims, pointers, x.address, y.address, move.rawValue)
        }
        try finish(packed.count)
    }

    public static func matmul(
        _ a: Tensor, _ ta: Bool, _ b: Tensor, _ tb: Bool, m: Int, n: Int, k: Int, into c: Tensor,
        accumulate: Bool = false,
        at: (a: Int, b: Int, c: Int) = (0, 0, 0)
    ) throws {
        let w = a.precision.width
        siam_matmul(
            a.precision.code, ta ? 1 : 0, tb ? 1 : 0, Int64(m), Int64(n), Int64(k), a.address + at.a * w,
            b.address + at.b * w,
            c.address + at.c * w, accumulate ? 1 : 0)
        try finish(product: m, n, k)
    }
    /// The same of a product, which is broken off where it is large.
    @inline(__always)
    private static func finish(product m: Int, _ n: Int, _ k: Int) throws {
        if Double(m) * Double(n) * Double(k) >= SIAM_LARGE_PRODUCT || m * n >= largePiece { try Interrupt.poll() }
    }
    /// From how many rows on weights are packed, and of what sizes: little ones gain nothing, and large ones take memory.
    private static let (fewRows, packedSizes) = (24, 1 << 14...1 << 22)
    public static func affine(
        _ x: Tensor, _ w: Tensor, _ b: Tensor?, activation: Int, m: Int, n: Int, k: Int, into y: Tensor
    ) throws {
        // Weights stay as they are until the next update, and branches and batches share them.
        let isShared = w.origin != nil && m > fewRows && packedSizes.contains(w.count) && w.count == w.storage.count
        siam_affine(
            x.precision.code, Int32(activation), Int64(m), Int64(n), Int64(k), x.address, w.address, b?.address,
            isShared ? w.storage.packed(k: k, n) : nil, y.address)
        try finish(product: m, n, k)
    }
    /// The gradients of `affine` at x, w and b, as far as there is a place for them; the one at w is added to what is there
    /// where `adding`.
    public static func affineGradient(
        _ x: Tensor, _ w: Tensor, _ y: Tensor, _ g: Tensor, activation: Int, m: Int, n: Int, k: Int, toX: Tensor?,
        toW: Tensor?, adding: Bool, toB: Tensor?
    ) throws {
        let done = siam_affine_gradient(
            x.precision.code, Int32(activation), Int64(m), Int64(n), Int64(k), x.address, w.address, y.address,
            g.address, toX?.address, toW?.address, adding ? 1 : 0, toB?.address)
        try whole(done, x)
    }
    public static func softmax(_ x: Tensor, rows: Int, _ n: Int, log: Bool) throws -> Tensor {
        let y = try Tensor(uninitialized: x.shape, x.precision)
        siam_softmax(log ? 1 : 0, x.precision.code, Int64(rows), Int64(n), x.address, y.address)
        try finish(x.count)
        return y
    }
    public static func softmaxGradient(_ g: Tensor, _ y: Tensor, rows: Int, _ n: Int, log: Bool) throws -> Tensor {
        let gx = try Tensor(uninitialized: y.shape, y.precision)
        let w = n * y.precision.width
        try rowPieces(rows, n) { from, count in
            siam_softmax_gradient(
                log ? 1 : 0, y.precision.code, Int64(count), Int64(n), g.address + from * w, y.address + from * w,
                gx.address + from * w)
        }
        return gx
    }
    public static func logsumexp(_ x: Tensor, rows: Int, _ n: Int, into shape: Shape) throws -> Tensor {
        let y = try Tensor(uninitialized: shape, x.precision)
        let w = x.precision.width
        try rowPieces(rows, n) { from, count in
            siam_logsumexp(x.precision.code, Int64(count), Int64(n), x.address + from * n * w, y.address + from * w)
        }
        try finish(x.count)
        return y
    }
    public static func l2norm(_ x: Tensor, rows: Int, _ n: Int, eps: Double) throws -> Tensor {
        let y = try Tensor(uninitialized: x.shape, x.precision)
        let w = n * x.precision.width
        try rowPieces(rows, n) { from, count in
            siam_l2norm(
                x.precision.code, Int64(count), Int64(n), eps, x.address + from * w, y.address + from * w, nil)
        }
        return y
    }
    public static func rowDistance(_ a: Tensor, _ b: Tensor, root: Bool, rows: Int, _ n: Int, into shape: Shape) throws
        -> Tensor
    {
        let y = try Tensor(uninitialized: shape, a.precision)
        let w = a.precision.width
        try rowPieces(rows, n) { from, count in
            siam_row_distance(
                a.precision.code, root ? 1 : 0, Int64(count), Int64(n), a.address + from * n * w,
                b.address + from * n * w, y.address + from * w)
        }
        return y
    }
    public static func rowDistanceGradient(
        _ a: Tensor, _ b: Tensor, _ d: Tensor, _ g: Tensor, rows: Int, _ n: Int, toA: Bool, toB: Bool
    ) throws -> (Tensor?, Tensor?) {
        let ga = toA ? try Tensor(uninitialized: a.shape, a.precision) : nil
        let gb = toB ? try Tensor(uninitialized: b.shape, b.precision) : nil
        let w = a.precision.width
        try rowPieces(rows, n) { from, count in
            let at = from * n * w
            siam_row_distance_gradient(
                a.precision.code, Int64(count), Int64(n), a.address + at, b.address + at, d.address + from * w,
                g.address + from * w, ga.map { $0.address + at }, gb.map { $0.address + at })
        }
        return (ga, gb)
    }
    /// The widest rows that `rowSquares` takes.
    public static let widestSquares = Int(SIAM_ROW_MOST)
    /// Of each row the sum of (a - b)^2, added up as `reduce` does.
    public static func rowSquares(_ a: Tensor, _ b: Tensor, rows: Int, _ n: Int, into shape: Shape) throws -> Tensor {
        let y = try Tensor(uninitialized: shape, a.precision)
        let w = a.precision.width
        try rowPieces(rows, n) { from, count in
            siam_row_squares(
                a.precision.code, Int64(count), Int64(n), a.address + from * n * w, b.address + from * n * w,
                y.address + from * w)
        }
        return y
    }
    public static func rowSquaresGradient(
        _ a: Tensor, _ b: Tensor, _ g: Tensor, rows: Int, _ n: Int, toA: Bool, toB: Bool
    )
        throws -> (Tensor?, Tensor?)
    {
        let ga = toA ? try Tensor(uninitialized: a.shape, a.precision) : nil
        let gb = toB ? try Tensor(uninitialized: b.shape, b.precision) : nil
        let w = a.precision.width
        try rowPieces(rows, n) { from, count in
            let at = from * n * w
            siam_row_squares_gradient(
                a.precision.code, Int64(count), Int64(n), a.address + at, b.address + at, g.address + from * w,
                ga.map { $0.address + at }, gb.map { $0.address + at })
        }
        return (ga, gb)
    }
    /// The least and the greatest of a few whole numbers; nil for other numbers, and for many.
    public static func wholeExtent(_ x: Tensor) -> (low: Double, high: Double)? {
        guard (1...1 << 16).contains(x.count) else { return nil }
        var e = siam_extent()
        guard siam_extent_of(x.precision.code, Int64(x.count), x.address, 0, &e) != 0, e.whole == Int64(x.count) else {
            return nil
        }
        return (e.low, e.high)
    }
    /// The rows of a matrix x at the places that a vector names, negative ones from the end; with `into` of x's shape, x are
    /// rows that are added to it there. False where a place is none, and nothing has been done.
    public static func rows(_ x: Tensor, at places: Tensor, into y: Tensor, adding: Bool) throws -> Bool {
        let (count, width) = (places.count, x.shape[1])
        let done = siam_rows(
            x.precision.code, adding ? 1 : 0, Int64(adding ? y.shape[0] : x.shape[0]), Int64(width), Int64(count),
            places.precision.code, places.address, x.address, y.address)
        try finish(count * width)
        return done != 0
    }
    /// Of distances of n examples of classes y the place of each one's farthest of its class, of its nearest of another, and
    /// whether it has both; nil where the numbers are none that this goes by.
    public static func hardest(_ d: Tensor, _ y: Tensor) throws -> [Tensor]? {
        guard d.precision == .single, y.precision == .single, y.rank == 1, d.shape == .matrix(y.count, y.count),
            y.count <= 1 << 20
        else { return nil }
        let found = try (0..<3).map { _ in try Tensor(uninitialized: y.shape) }
        func floats(_ t: Tensor) -> UnsafeMutablePointer<Float> { t.address.assumingMemoryBound(to: Float.self) }
        let done = siam_hardest(
            Int64(y.count), floats(d), floats(y), floats(found[0]), floats(found[1]), floats(found[2]))
        try finish(d.count)
        return done != 0 ? found : nil
    }
    public static func pairwise(_ a: Tensor, _ b: Tensor, root: Bool, m: Int, n: Int, d: Int, into shape: Shape) throws
        -> Tensor
    {
        let q = try Tensor(uninitialized: shape, a.precision)
        func measure() throws -> Tensor {
            try whole(
                siam_pairwise(
                    a.precision.code, root ? 1 : 0, Int64(m), Int64(n), Int64(d), a.address, b.address, q.address), q)
            return q
        }
        return Double(m) * Double(n) * Double(max(d, 16)) < 1e9
            ? try measure() : try InterruptibleWork.run(size: .max, measure)
    }
    /// Of each row of distances the chance that a nearest other is of the row's own class, ties by expectation. Row r is the
    /// query `first + r` of all; `classes` has a number for each column.
    public static func nearestShares(_ distances: Tensor, _ first: Int, _ classes: [Int32]) -> [Double] {
        let n = classes.count
        guard n > 0, distances.precision == .single else { return [] }
        let rows = distances.count / n
        return [Double](unsafeUninitializedCapacity: rows) { shares, count in
            siam_nearest_share(
                Int64(rows), Int64(n), Int64(first), distances.address.assumingMemoryBound(to: Float.self), classes,
                shares.baseAddress)
            count = rows
        }
    }
    /// The first `first` of each row in order (all where it is nil), and their places in the precision of `order`.
    public static func sort(
        _ x: Tensor, descending: Bool, rows: Int, _ n: Int, first: Int? = nil, values: Tensor?, order: Tensor?
    ) throws {
        guard values != nil || order != nil else { return }
        try whole(
            siam_sort(
                x.precision.code, descending ? 1 : 0, Int64(rows), Int64(n), Int64(first ?? n), x.address,
                values?.address, order?.precision == .double ? 1 : 0, order?.address), x)
    }
    /// Of each row the number at a rank in ascending order, the one after it (itself at the end), and how many are NaN,
    /// which come last.
    public static func ranked(_ x: Tensor, rows: Int, _ n: Int, rank: Int) throws -> (
        low: [Double], next: [Double], nans: [Int64]
    ) {
        var (low, next) = ([Double](repeating: .nan, count: rows), [Double](repeating: .nan, count: rows))
        var nans = [Int64](repeating: 0, count: rows)
        try whole(
            siam_ranked(x.precision.code, Int64(rows), Int64(n), Int64(rank), x.address, &low, &next, &nans), x)
        return (low, next, nans)
    }
    /// The different ones of sorted numbers, and how often each occurs.
    public static func runs(_ sorted: Tensor) throws -> (Tensor, Tensor) {
        let (code, n) = (sorted.precision.code, Int64(sorted.count))
        let shape = Shape.vector(Int(siam_runs(code, n, sorted.address, nil, nil)))
        let kept = try Tensor(uninitialized: shape, sorted.precision)
        let counts = try Tensor(uninitialized: shape, sorted.precision)
        try finish(sorted.count)
        _ = siam_runs(code, n, sorted.address, kept.address, counts.address)
        try finish(sorted.count)
        return (kept, counts)
    }
    /// Throws where a kernel said that it left something out.
    static func whole(_ done: Int32, _ x: Tensor) throws {
        guard done == 0 else { return }
        throw siam_interrupt_is_due() != 0 ? Interrupt.reason : EngineError.tooLarge(x.shape.dims)
    }
    /// to += from, of one shape and precision.
    public static func accumulate(_ from: Tensor, into to: Tensor) {
        siam_accumulate(to.precision.code, Int64(to.count), from.address, to.address)
    }
    public static func sumOfSquares(_ x: Tensor) -> Double {
        siam_sum_squares(x.precision.code, Int64(x.count), x.address)
    }
    public static func allFinite(_ x: Tensor) -> Bool {
        siam_all_finite(x.precision.code, Int64(x.count), x.address) != 0
    }

    public static func l2normGradient(_ x: Tensor, _ y: Tensor, _ g: Tensor, rows: Int, _ n: Int, eps: Double) throws
        -> Tensor
    {
        let gx = try Tensor(uninitialized: x.shape, x.precision)
        let w = n * x.precision.width
        try rowPieces(rows, n) { from, count in
            siam_l2norm_gradient(
                x.precision.code, Int64(count), Int64(n), eps, x.address + from * w, y.address + from * w,
                g.address + from * w, gx.address + from * w)
        }
        return gx
    }
    /// mean(same d^2 + (1 - same) max(0, margin - d)^2), d and same of one count and precision.
    public static func contrastive(_ d: Tensor, _ same: Tensor, margin: Double) throws -> Tensor {
        try Tensor(
            scalar: siam_contrastive(d.precision.code, Int64(d.count), margin, d.address, same.address), d.precision)
    }
    public static func contrastiveGradient(_ d: Tensor, _ same: Tensor, margin: Double, _ g: Double) throws -> Tensor {
        let gd = try Tensor(uninitialized: d.shape, d.precision)
        siam_contrastive_gradient(
            d.precision.code, Int64(d.count), margin, d.address, same.address, g, gd.address)
        return gd
    }

    public typealias UpdateSettings = siam_update_settings
    public typealias UpdateKind = siam_update_kind
    public static func update(
        _ kind: UpdateKind, _ settings: UpdateSettings, weight: Tensor, gradient: Tensor, into out: Tensor,
        _ m: Tensor?, _ v: Tensor?
    ) {
        var s = settings
        siam_update(
            Int32(kind.rawValue), weight.precision.code, Int64(weight.count), &s, weight.address, gradient.address,
            out.address,
            m?.address, v?.address)
    }
}
