import SiamInterpreter
import SiamTensor

/// Sums over the outputs of one stage: taken in one walk over a bounded number of rows, joined over several applications.
struct StageMeter {
    /// Elements of one output that are looked at; of larger ones evenly spaced rows.
    static let mostElements = 1 << 15

    let path: String
    let kind: String
    private var columns: [Column] = []
    private var finite = 0
    private var rows = 0
    private var zeros = 0
    private var extreme = 0
    private var lost = 0
    private var isTable = true

    /// What the rows so far hold of one unit.
    private struct Column {
        var sum = 0.0
        var square = 0.0
        var zeros = 0
    }

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
        if columns.count != width {
            guard columns.isEmpty else { return }
            columns = [Column](repeating: Column(), count: width)
        }
        if t.rank != 2 { isTable = false }
        let all = t.count / width
        let taken = max(1, min(all, StageMeter.mostElements / width))
        t.withFloats { values in
            guard values.count == t.count, let start = values.baseAddress else { return }
            let walk = Walk(start: start, width: width, all: all, taken: taken)
            var c = 0
            while c + 8 <= width {
                add(walk, eightFrom: c)
                c += 8
            }
            while c < width {
                addSlowly(walk, c)
                c += 1
            }
            rows += taken
        }
    }

    /// Evenly spaced rows of a table in memory.
    private struct Walk {
        let start: UnsafePointer<Float>
        let width: Int
        let all: Int
        let taken: Int
        @inline(__always) func row(_ k: Int) -> UnsafePointer<Float> {
            start + (taken == all ? k : k * all / taken) * width
        }
    }

    /// Eight neighbouring columns at once; sums are of differences from the first row, so that they stay exact enough.
    private mutating func add(_ walk: Walk, eightFrom c: Int) {
        @inline(__always) func load(_ k: Int) -> SIMD8<Float> {
            UnsafeRawPointer(walk.row(k) + c).loadUnaligned(as: SIMD8<Float>.self)
        }
        let first = load(0)
        var sum = SIMD8<Float>.zero
        var square = SIMD8<Float>.zero
        var nothing = SIMD8<Int32>.zero
        let one = SIMD8<Int32>(repeating: 1)
        for k in 0..<walk.taken {
            let x = load(k)
            let d = x - first
            sum += d
            square += d * d
            nothing = nothing &+ SIMD8<Int32>.zero.replacing(with: one, where: x .== 0)
        }
        // Infinite and NaN elements make the sum of squares one of them.
        guard square.sum().isFinite else {
            for j in 0..<8 { addSlowly(walk, c + j) }
            return
        }
        let n = Double(walk.taken)
        for j in 0..<8 {
            let (f, s, q) = (Double(first[j]), Double(sum[j]), Double(square[j]))
            columns[c + j].sum += s + n * f
            columns[c + j].square += q + 2 * f * s + n * f * f
            columns[c + j].zeros += Int(nothing[j])
            zeros += Int(nothing[j])
        }
        finite += 8 * walk.taken
        guard let range else { return }
        let (low, high) = (SIMD8<Float>(repeating: range.lowerBound), SIMD8<Float>(repeating: range.upperBound))
        var beyond = SIMD8<Int32>.zero
        for k in 0..<walk.taken {
            let x = load(k)
            beyond = beyond &+ SIMD8<Int32>.zero.replacing(with: one, where: (x .< low) .| (x .> high))
        }
        extreme += Int(beyond.wrappedSum())
    }

    /// One column; elements that are not finite are counted and left out.
    private mutating func addSlowly(_ walk: Walk, _ c: Int) {
        for k in 0..<walk.taken {
            let x = walk.row(k)[c]
            guard x.isFinite else {
                lost += 1
                continue
            }
            finite += 1
            columns[c].sum += Double(x)
            columns[c].square += Double(x) * Double(x)
            if x == 0 {
                columns[c].zeros += 1
                zeros += 1
            }
            if let range, !range.contains(x) { extreme += 1 }
        }
    }

    var figures: RunRecord.Stage {
        let n = Double(max(1, rows))
        var (sum, square, variance) = (0.0, 0.0, 0.0)
        var dead = 0
        for c in columns {
            sum += c.sum
            square += c.square
            variance += max(0, c.square / n - (c.sum / n) * (c.sum / n))
            if c.zeros == rows { dead += 1 }
        }
        let count = Double(max(1, finite))
        let mean = sum / count
        func share(_ part: Int, _ whole: Int) -> Float { whole > 0 ? Float(part) / Float(whole) : 0 }
        return RunRecord.Stage(
            path: path, kind: kind, mean: Float(mean), sd: Float(max(0, square / count - mean * mean).squareRoot()),
            zeros: share(zeros, finite), dead: share(dead, columns.count), saturated: share(extreme, finite),
            spread: isTable && rows > 1 ? Float(variance.squareRoot()) : nil, notFinite: lost)
    }
}

/// How long a parameter is, and how far an update has moved it.
enum Lengths {
    static func of(_ old: Tensor, movedTo new: Tensor) -> (norm: Double, change: Double) {
        guard old.precision == .single, new.precision == .single, old.count == new.count else {
            var (norm, change) = (0.0, 0.0)
            for (a, b) in zip(old.doubles, new.doubles) {
                norm += a * a
                change += (b - a) * (b - a)
            }
            return (norm.squareRoot(), change.squareRoot())
        }
        var (norm, change) = (0.0, 0.0)
        old.withFloats { a in
            new.withFloats { b in
                guard let p = a.baseAddress, let q = b.baseAddress else { return }
                var i = 0
                while i + 8 <= a.count {
                    // Few enough at a time for sums in 32 bits.
                    let end = min(a.count - 7, i + 4096)
                    var (n, c) = (SIMD8<Float>.zero, SIMD8<Float>.zero)
                    while i < end {
                        let x = UnsafeRawPointer(p + i).loadUnaligned(as: SIMD8<Float>.self)
                        let d = UnsafeRawPointer(q + i).loadUnaligned(as: SIMD8<Float>.self) - x
                        n += x * x
                        c += d * d
                        i += 8
                    }
                    norm += Double(n.sum())
                    change += Double(c.sum())
                }
                while i < a.count {
                    norm += Double(p[i]) * Double(p[i])
                    change += Double(q[i] - p[i]) * Double(q[i] - p[i])
                    i += 1
                }
            }
        }
        return (norm.squareRoot(), change.squareRoot())
    }
}
