import CKernels
import Glibc
import SiamData
import SiamGradient
import SiamLanguage
import SiamTensor

/// Measures of an embedding on held-out data (subject.md's protocols: Musgrave 2020 for MAP@R; ties by expectation).
extension Builtins {
    static let metrics: [Builtin] = [
        Builtin(
            "embed", "net, data, batch = 500", family: "metrics",
            "The net's embeddings of a data set or tensor, in evaluation mode, without gradients."
        ) { i, a in .tensor(try embeddings(i, a[0], a[1], batch: try a.integer(2, atLeast: 1))) },
        Builtin(
            "recall_at", "k, net, data", family: "metrics",
            "Recall@k: the share of examples with one of their own class among the k nearest others (CMC@k); ties count by their expected value.",
            seeAlso: ["map_at_r", "pair_accuracy", "auc"]
        ) { i, a in
            let (z, y) = try labelled(i, a[1], a[2])
            let k = try a.integer(0, atLeast: 1)
            return .number(try Retrieval(z, y).recall(k))
        },
        Builtin(
            "map_at_r", "net, data", family: "metrics",
            "MAP@R = mean over queries of 1/R sum_{i <= R} P(i) rel(i), R the number of others of the query's class (Musgrave 2020).",
            seeAlso: ["recall_at", "auc"]
        ) { i, a in
            let (z, y) = try labelled(i, a[0], a[1])
            return .number(try Retrieval(z, y).mapAtR())
        },
        Builtin(
            "pair_accuracy", "net, data, pairs = 2000", family: "metrics",
            "Share of pairs told right as same or different by a distance threshold that was chosen on other pairs; half of the pairs are same.",
            seeAlso: ["auc", "map_at_r"]
        ) { i, a in
            let p = try pairDistances(i, a[0], a[1], try a.integer(2, atLeast: 4))
            return .number(PairScore.accuracy(p))
        },
        Builtin(
            "auc", "net, data, pairs = 4000", family: "metrics",
            "P(d_same < d_different) + 1/2 P(equal) over pairs, by ranks (Mann and Whitney).",
            seeAlso: ["pair_accuracy", "map_at_r"]
        ) { i, a in
            let p = try pairDistances(i, a[0], a[1], try a.integer(2, atLeast: 4))
            return .number(PairScore.auc(p))
        },
        Builtin(
            "effective_rank", "z", family: "metrics",
            "exp(-sum p ln p), p = s_k / sum s, s the singular values of the centred embeddings (Roy and Vetterli 2007); 0 where they are one point.",
            seeAlso: ["inspect"]
        ) { i, a in .number(try Spectrum.effectiveRank(try a.tensor(0))) },
    ]

    /// Embeddings of a data set's examples or of a tensor, batch by batch.
    public static func embeddings(_ i: Interpreter, _ net: Value, _ data: Value, batch: Int = 500) throws -> Tensor {
        let x: Tensor
        switch data {
        case .thing(let d as DatasetThing): x = d.dataset.x
        case .tensor(let t) where t.rank > 0: x = t
        default:
            throw Diagnostic(
                code: "embed.data", "this wants a data set or a tensor of examples, and got \(data.kindName)")
        }
        var encoder = net
        // Of a siamese net the tower embeds.
        if case .layer(let l) = net, case .custom(let c) = l.form,
            let slot = c.slots.first(where: { $0.name == "tower" })
        {
            encoder = slot.value
        }
        let outer = (i.isTraining, Recording.isOn, i.observer)
        i.isTraining = false
        Recording.isOn = false
        i.observer = nil
        defer { (i.isTraining, Recording.isOn, i.observer) = outer }
        var parts: [Tensor] = []
        let n = x.shape[0]
        var at = 0
        repeat {
            let end = min(n, at + batch)
            let part = n <= batch ? x : try x.rows(at..<end)
            let out: Value
            if case .layer(let l) = encoder {
                out = try i.apply(l, .tensor(part))
            } else {
                out = try i.call(encoder, [.tensor(part)])
            }
            guard case .tensor(let z) = out, z.rank >= 1, z.shape[0] == part.shape[0] else {
                throw Diagnostic(
                    code: "embed.net",
                    "the net gives \(out.kindName) for \(part.shape[0]) examples, and an embedding each is wanted")
            }
            parts.append(z.rank == 2 ? z : try z.reshaped(to: try Shape([z.shape[0], z.count / max(z.shape[0], 1)])))
            at = end
        } while at < n
        return parts.count == 1 ? parts[0] : try Operators.concatenate.apply(parts, [.integer(0)])
    }

    static func labelled(_ i: Interpreter, _ net: Value, _ data: Value) throws -> (Tensor, [Int]) {
        switch data {
        case .thing(let d as DatasetThing): return (try embeddings(i, net, data), d.dataset.y)
        case .list(let l) where l.items.count == 2:
            guard let x = Interpreter.tensor(l.items[0]) else { break }
            return (
                try embeddings(i, net, .tensor(x)), try i.items(l.items[1]).map { try i.wholeNumber($0, "a class") }
            )
        default: break
        }
        throw Diagnostic(code: "metric.data", "this wants a data set with classes, and got \(data.kindName)")
    }

    /// Distances of a fixed draw of pairs: the same pairs whenever the data is the same, so that epochs can be compared.
    static func pairDistances(_ i: Interpreter, _ net: Value, _ data: Value, _ n: Int) throws -> PairScore.Pairs {
        let (z, y) = try labelled(i, net, data)
        var stream = RandomStream(seed: 0x5EED ^ UInt64(y.count))
        return try PairScore.draw(z, y, n, &stream)
    }
}

/// Pair verification: distances of drawn pairs.
public enum PairScore {
    public struct Pairs {
        public var distance: [Float]
        public var same: [Bool]
    }

    public static func draw(_ z: Tensor, _ y: [Int], _ n: Int, _ stream: inout RandomStream) throws -> Pairs {
        var rows: [Int: [Int]] = [:]
        for (k, c) in y.enumerated() { rows[c, default: []].append(k) }
        let several = rows.keys.sorted().filter { (rows[$0]?.count ?? 0) > 1 }
        guard !several.isEmpty, rows.count > 1 else {
            throw Diagnostic(code: "pairs.classes", "pairs need at least two classes, one of them with two examples")
        }
        let dim = z.shape[1]
        let values = z.floats
        func distance(_ p: Int, _ q: Int) -> Float {
            var s: Float = 0
            for k in 0..<dim {
                let d = values[p * dim + k] - values[q * dim + k]
                s += d * d
            }
            return s.squareRoot()
        }
        var pairs = Pairs(distance: [], same: [])
        let weights = several.map { rows[$0]?.count ?? 0 }
        let totalRows = weights.reduce(0, +)
        for k in 0..<n {
            if k % 2 == 0 {
                var pick = stream.below(totalRows)
                var c = 0
                while pick >= weights[c] {
                    pick -= weights[c]
                    c += 1
                }
                let own = rows[several[c]] ?? []
                let p = stream.below(own.count)
                var q = stream.below(own.count - 1)
                if q >= p { q += 1 }
                pairs.distance.append(distance(own[p], own[q]))
                pairs.same.append(true)
            } else {
                var p = 0
                var q = 0
                repeat {
                    p = stream.below(y.count)
                    q = stream.below(y.count)
                } while y[p] == y[q]
                pairs.distance.append(distance(p, q))
                pairs.same.append(false)
            }
        }
        return pairs
    }

    /// The threshold that is right most often: midpoints between neighbouring distinct distances, all-same and all-different too.
    public static func bestThreshold(_ distance: [Float], _ same: [Bool]) -> Float {
        let order = distance.indices.filter { distance[$0].isFinite }.sorted { distance[$0] < distance[$1] }
        guard let first = order.first else { return 0 }
        var right = same.count { !$0 }
        var best = right
        var threshold = distance[first] - 1
        for (k, i) in order.enumerated() {
            right += same[i] ? 1 : -1
            let isLast = k + 1 == order.count
            if !isLast, distance[order[k + 1]] == distance[i] { continue }
            if right > best {
                best = right
                threshold = isLast ? distance[i] + 1 : (distance[i] + distance[order[k + 1]]) / 2
            }
        }
        return threshold
    }

    /// The threshold of each half judged on the other.
    public static func accuracy(_ p: Pairs) -> Double {
        let half = p.distance.count / 4 * 2
        var right = 0
        let parts = [(0..<half, half..<p.distance.count), (half..<p.distance.count, 0..<half)]
        for (choose, judge) in parts {
            let t = bestThreshold(Array(p.distance[choose]), Array(p.same[choose]))
            right += judge.count { (p.distance[$0] <= t) == p.same[$0] }
        }
        return Double(right) / Double(p.distance.count)
    }

    public static func auc(_ p: Pairs) -> Double {
        let order = p.distance.indices.sorted { p.distance[$0] < p.distance[$1] }
        var rankSum = 0.0
        var k = 0
        while k < order.count {
            var end = k
            while end + 1 < order.count, p.distance[order[end + 1]] == p.distance[order[k]] { end += 1 }
            let rank = Double(k + end) / 2 + 1
            for m in k...end where !p.same[order[m]] { rankSum += rank }
            k = end + 1
        }
        let negatives = Double(p.same.count { !$0 })
        let positives = Double(p.same.count) - negatives
        guard negatives > 0, positives > 0 else { return 0.5 }
        return (rankSum - negatives * (negatives + 1) / 2) / (negatives * positives)
    }
}

/// Retrieval within one set: each example a query against all others.
public struct Retrieval {
    let z: Tensor
    let y: [Int]
    private let counts: [Int: Int]

    public init(_ z: Tensor, _ y: [Int]) throws {
        guard z.shape[0] == y.count else {
            throw Diagnostic(code: "metric.lengths", "there are \(z.shape[0]) embeddings and \(y.count) classes")
        }
        self.z = z
        self.y = y
        counts = y.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// Calls `body` with the other examples' squared distances to each query, for queries that have another of their class.
    private func queries(_ body: (_ query: Int, _ distances: UnsafeBufferPointer<Float>, _ others: Int) throws -> Void)
        throws
    {
        let n = y.count
        let rows = max(1, min(256, 4_000_000 / max(n, 1)))
        var at = 0
        while at < n {
            let end = min(n, at + rows)
            let d = try Operators.pairwiseSquared(try z.rows(at..<end), z)
            try d.withFloats { all in
                for q in at..<end {
                    let others = (counts[y[q]] ?? 1) - 1
                    if others == 0 { continue }
                    try body(q, UnsafeBufferPointer(rebasing: all[(q - at) * n..<(q - at + 1) * n]), others)
                }
            }
            at = end
        }
    }

    /// Ties by expectation: a query whose k nearest are cut inside a group of equal distances counts the chance of a hit.
    public func recall(_ k: Int) throws -> Double {
        if k == 1, z.precision == .single, z.rank == 2 { return try nearestRecall() }
        var sum = 0.0
        var n = 0
        try queries { q, d, _ in
            n += 1
            // The k-th smallest distance among the others.
            var nearest: [Float] = []
            for j in d.indices where j != q {
                let x = d[j].isNaN ? Float.infinity : d[j]
                if nearest.count < k {
                    nearest.append(x)
                    nearest.sort()
                } else if x < nearest[k - 1] {
                    nearest[k - 1] = x
                    var m = k - 1
                    while m > 0, nearest[m] < nearest[m - 1] {
                        nearest.swapAt(m, m - 1)
                        m -= 1
                    }
                }
            }
            guard let cut = nearest.last else { return }
            var closer = 0
            var tied = 0
            var tiedOwn = 0
            var hit = false
            for j in d.indices where j != q {
                let x = d[j].isNaN ? Float.infinity : d[j]
                if x < cut {
                    closer += 1
                    if y[j] == y[q] { hit = true }
                } else if x == cut {
                    tied += 1
                    if y[j] == y[q] { tiedOwn += 1 }
                }
            }
            if hit {
                sum += 1
                return
            }
            // Drawing the remaining places from the tied ones without putting back: the chance that none is a hit.
            let places = min(k - closer, tied)
            var miss = 1.0
            for m in 0..<max(places, 0) {
                let left = Double(tied - m)
                miss *= max(0, (left - Double(tiedOwn)) / left)
            }
            sum += 1 - miss
        }
        return n == 0 ? 0 : sum / Double(n)
    }

    /// Recall@1, block by block of queries on the engine's threads.
    private func nearestRecall() throws -> Double {
        let n = y.count
        let classes = y.map { Int32(truncatingIfNeeded: $0) }
        let rows = max(1, min(256, 4_000_000 / max(n, 1)))
        var share = [Double](repeating: 0, count: rows)
        var (sum, queries) = (0.0, 0)
        for at in stride(from: 0, to: n, by: rows) {
            try Interrupt.poll()
            let end = min(n, at + rows)
            let d = try Operators.pairwiseSquared(try z.rows(at..<end), z)
            d.withFloats { all in
                if let base = all.baseAddress {
                    siam_nearest_share(Int64(end - at), Int64(n), Int64(at), base, classes, &share)
                }
            }
            for q in at..<end where (counts[y[q]] ?? 1) > 1 {
                queries += 1
                sum += share[q - at]
            }
        }
        return queries == 0 ? 0 : sum / Double(queries)
    }

    public func mapAtR() throws -> Double {
        var sum = 0.0
        var n = 0
        var keys: [(Float, Bool)] = []
        try queries { q, d, others in
            n += 1
            keys.removeAll(keepingCapacity: true)
            for j in d.indices where j != q { keys.append((d[j].isNaN ? .infinity : d[j], y[j] == y[q])) }
            keys.sort { $0.0 < $1.0 }
            var total = 0.0
            var hits = 0.0
            var k = 0
            while k < others, k < keys.count {
                var end = k
                while end + 1 < keys.count, keys[end + 1].0 == keys[k].0 { end += 1 }
                let size = Double(end - k + 1)
                let own = Double(keys[k...end].count { $0.1 })
                // Within a group of ties a place is a hit with chance own/size; given that, the places before it in the
                // group hold (own - 1)/(size - 1) each.
                for place in k...min(end, others - 1) {
                    let before = Double(place - k)
                    let chance = own / size
                    let expected = size > 1 ? before * (own - 1) / (size - 1) : 0
                    if own > 0 { total += chance * (hits + expected + 1) / Double(place + 1) }
                }
                hits += own
                k = end + 1
            }
            sum += total / Double(others)
        }
        return n == 0 ? 0 : sum / Double(n)
    }
}

/// What singular values say of a cloud of points.
public enum Spectrum {
    /// Singular values of the centred rows, greatest first.
    public static func singularValues(_ z: Tensor) throws -> [Double] {
        let n = z.shape[0]
        let dim = z.count / max(n, 1)
        guard n > 1, dim > 0 else { return [] }
        var c = z.doubles
        for k in 0..<dim {
            var mean = 0.0
            for r in 0..<n { mean += c[r * dim + k] }
            mean /= Double(n)
            for r in 0..<n { c[r * dim + k] -= mean }
        }
        let centred = try Tensor(try Shape([n, dim]), doubles: c)
        return try Operators.svd.applyAll([centred])[1].doubles
    }

    public static func effectiveRank(_ z: Tensor) throws -> Double {
        guard z.rank >= 2 else {
            throw Diagnostic(
                code: "rank.shape", "effective_rank wants rows of embeddings, and got a tensor of \(z.shape)")
        }
        guard z.doubles.allSatisfy(\.isFinite) else { return .nan }
        let s = try singularValues(z)
        let total = s.reduce(0, +)
        // The rank of rounding noise is no rank: spread is tested first.
        let scale = z.doubles.reduce(0) { max($0, abs($1)) }
        guard total > 0, (s.first ?? 0) > 1e-5 * scale * Double(max(z.shape[0], 1)).squareRoot() else { return 0 }
        return exp(
            -s.reduce(0.0) { sum, x in
                let p = x / total
                return p > 0 ? sum + p * log(p) : sum
            })
    }
}
