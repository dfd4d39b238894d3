import SiamTensor

/// Sums over the outputs of one stage: taken in one walk over a bounded number of rows, joined over several applications.
struct StageMeter {
    /// Elements of one output that are looked at; of larger ones evenly spaced rows.
    static let mostElements = 1 << 15

    let path: String
    let kind: String
    /// For each column the sum, the sum of squares, and the largest amount.
    private var sums: [Double] = []
    private var squares: [Double] = []
    private var largest: [Float] = []
    private var finite = 0
    private var rows = 0
    private var zeros = 0
    private var extreme = 0
    private var lost = 0
    private var isTable = true

    init(path: String, kind: String) {
        self.path = path
        self.kind = kind
    }

    /// The range outside which an output counts as saturated.
    private var range: ClosedRange<Float>? {
        switch kind {
        case "tanh": -0.99...0.99
        case "sigmoid": 0.01...0.99
        default: nil
        }
    }

    mutating func add(_ t: Tensor) {
        let width = t.rank > 0 ? t.shape[-1] : 1
        guard width > 0, t.count > 0 else { return }
        if sums.count != width {
            guard sums.isEmpty else { return }
            sums = [Double](repeating: 0, count: width)
            squares = sums
            largest = [Float](repeating: 0, count: width)
        }
        if t.rank != 2 { isTable = false }
        let all = t.count / width
        let taken = max(1, min(all, StageMeter.mostElements / width))
        t.withFloats { values in
            guard values.count == t.count, let start = values.baseAddress else { return }
            for k in 0..<taken { add(UnsafeBufferPointer(start: start + (k * all / taken) * width, count: width)) }
            rows += taken
        }
    }

    private mutating func add(_ row: UnsafeBufferPointer<Float>) {
        // x - x is 0 of every finite number, and NaN of the others.
        var poison: Float = 0
        for x in row { poison += x - x }
        guard poison == 0 else { return addSlowly(row) }
        finite += row.count
        var nothing: Int32 = 0
        for x in row { nothing &+= x == 0 ? 1 : 0 }
        zeros += Int(nothing)
        sums.withUnsafeMutableBufferPointer { s in
            squares.withUnsafeMutableBufferPointer { q in
                largest.withUnsafeMutableBufferPointer { m in
                    for c in row.indices {
                        let x = row[c]
                        let d = Double(x)
                        s[c] += d
                        q[c] += d * d
                        m[c] = max(m[c], abs(x))
                    }
                }
            }
        }
        if let range { for x in row where !range.contains(x) { extreme += 1 } }
    }

    /// A row that has numbers which are not finite: they are counted and left out.
    private mutating func addSlowly(_ row: UnsafeBufferPointer<Float>) {
        for (c, x) in row.enumerated() {
            guard x.isFinite else {
                lost += 1
                largest[c] = .infinity
                continue
            }
            finite += 1
            if x == 0 { zeros += 1 }
            sums[c] += Double(x)
            squares[c] += Double(x) * Double(x)
            largest[c] = max(largest[c], abs(x))
            if let range, !range.contains(x) { extreme += 1 }
        }
    }

    var figures: RunRecord.Stage {
        let n = Double(max(1, rows))
        let variance = zip(sums, squares).reduce(0.0) { $0 + max(0, $1.1 / n - ($1.0 / n) * ($1.0 / n)) }
        let count = Double(max(1, finite))
        let mean = sums.reduce(0, +) / count
        let square = squares.reduce(0, +) / count
        func share(_ part: Int, _ whole: Int) -> Float { whole > 0 ? Float(part) / Float(whole) : 0 }
        return RunRecord.Stage(
            path: path, kind: kind, mean: Float(mean), sd: Float(max(0, square - mean * mean).squareRoot()),
            zeros: share(zeros, finite), dead: share(largest.count { $0 == 0 }, largest.count),
            saturated: share(extreme, finite), spread: isTable && rows > 1 ? Float(variance.squareRoot()) : nil,
            notFinite: lost)
    }
}
