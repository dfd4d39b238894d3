import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// The others in the order of their distance to one query. Equal distances form a group, whose order counts by expectation.
public struct RankedList {
    /// A distance's bits shifted left, with 1 in the last place for the query's own class; ascending.
    let keys: UnsafeBufferPointer<UInt32>
    /// How many others are of the query's class.
    public let others: Int

    /// Calls `body` with the first place, the size and the hits of each group of equal distances, until it gives false.
    private func groups(_ body: (_ start: Int, _ size: Int, _ own: Int) -> Bool) {
        var k = 0
        while k < keys.count {
            let distance = keys[k] >> 1
            var end = k
            var own = 0
            while end < keys.count, keys[end] >> 1 == distance {
                own += Int(keys[end] & 1)
                end += 1
            }
            if !body(k, end - k, own) { return }
            k = end
        }
    }

    /// The chance of a hit among the k first.
    public func recall(_ k: Int) -> Double {
        var chance = 0.0
        groups { start, size, own in
            if start >= k { return false }
            if own == 0 { return true }
            let places = min(size, k - start)
            var miss = 1.0
            for m in 0..<places {
                miss *= max(0, Double(size - m - own) / Double(size - m))
                if miss == 0 { break }
            }
            chance = 1 - miss
            // Where the group is not cut it holds a hit for certain; where it is, nothing behind it counts.
            return false
        }
        return chance
    }

    /// The expected hits among the k first.
    public func hits(within k: Int) -> Double {
        var sum = 0.0
        groups { start, size, own in
            if start >= k { return false }
            sum += Double(own) * Double(min(size, k - start)) / Double(size)
            return true
        }
        return sum
    }

    /// sum P(i) rel(i) over the places i <= k. Within a group of ties a place is a hit with chance own/size; given that, the
    /// places before it in the group hold (own - 1)/(size - 1) each.
    public func precisionSum(within k: Int) -> Double {
        var total = 0.0
        var hits = 0.0
        groups { start, size, own in
            if start >= k { return false }
            if own > 0 {
                let chance = Double(own) / Double(size)
                let before = size > 1 ? Double(own - 1) / Double(size - 1) : 0
                for m in 0..<min(size, k - start) {
                    total += chance * (hits + Double(m) * before + 1) / Double(start + m + 1)
                }
                hits += Double(own)
            }
            return true
        }
        return total
    }

    /// The expectation of 1 over the place of the first hit.
    public func reciprocalRank() -> Double {
        var sum = 0.0
        groups { start, size, own in
            if own == 0 { return true }
            var none = 1.0
            for m in 0..<(size - own + 1) {
                let hit = Double(own) / Double(size - m)
                sum += none * hit / Double(start + m + 1)
                none *= 1 - hit
            }
            return false
        }
        return sum
    }
}

/// Retrieval within one set: each example a query against all others. Queries without another of their class are left out.
public struct Retrieval {
    let z: Tensor
    let y: [Int]
    private let counts: [Int: Int]

    public init(_ z: Tensor, _ y: [Int]) throws {
        guard z.shape[0] == y.count else {
            throw Diagnostic(code: "metric.lengths", "there are \(z.shape[0]) embeddings and \(y.count) classes")
        }
        self.z = try z.converted(to: .single)
        self.y = y
        counts = y.reduce(into: [:]) { $0[$1, default: 0] += 1 }
    }

    /// Calls `body` with the squared distances of each query to all examples.
    func rows(_ body: (_ query: Int, _ distances: UnsafeBufferPointer<Float>) throws -> Void) throws {
        let n = y.count
        let rows = max(1, min(256, 4_000_000 / max(n, 1)))
        var at = 0
        while at < n {
            let end = min(n, at + rows)
            let d = try Operators.pairwiseSquared.apply([z.rows(at..<end), z])
            try d.withFloats { all in
                for q in at..<end {
                    try body(q, UnsafeBufferPointer(rebasing: all[(q - at) * n..<(q - at + 1) * n]))
                }
            }
            at = end
        }
    }

    /// The mean of a score over the queries; 0 where there are none. `depth` says, of the others of a query's class, how
    /// many places the score looks at: the list need not be in order behind them.
    public func mean(
        to depth: ((_ others: Int) -> Int)? = nil, _ score: @escaping (borrowing RankedList) -> Double
    ) throws -> Double {
        let n = y.count
        guard n > 0 else { return 0 }
        var (sum, queries, at) = (0.0, 0, 0)
        let rows = max(1, min(256, 4_000_000 / n))
        while at < n {
            let first = at
            let end = min(n, at + rows)
            let d = try Operators.pairwiseSquared.apply([z.rows(at..<end), z])
            var scores = [Double](repeating: .nan, count: end - at)
            d.withFloats { all in
                y.withUnsafeBufferPointer { y in
                    scores.withUnsafeMutableBufferPointer { scores in
                        // Each query writes its own score, and they are added in order: the threads do not matter.
                        nonisolated(unsafe) let (all, y, scores, score, depth) = (all, y, scores, score, depth)
                        nonisolated(unsafe) let me = self
                        Threads.run(tiles: end - first) { r in
                            let q = first + r
                            let others = (me.counts[y[q]] ?? 1) - 1
                            if others == 0 || Interrupt.isDue { return }
                            let row = UnsafeBufferPointer(rebasing: all[r * n..<(r + 1) * n])
                            scores[r] = me.score(q, row, y, others, depth?(others), score)
                        }
                    }
                }
            }
            try Interrupt.poll()
            for q in at..<end where (counts[y[q]] ?? 1) > 1 {
                sum += scores[q - at]
                queries += 1
            }
            at = end
        }
        return queries == 0 ? 0 : sum / Double(queries)
    }

    /// The score of one query from its squared distances to all examples.
    private func score(
        _ q: Int, _ d: UnsafeBufferPointer<Float>, _ y: UnsafeBufferPointer<Int>, _ others: Int, _ depth: Int?,
        _ score: (borrowing RankedList) -> Double
    ) -> Double {
        let n = y.count
        return withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 2 * n) { memory in
            let keys = UnsafeMutableBufferPointer(rebasing: memory[0..<n])
            let spare = UnsafeMutableBufferPointer(rebasing: memory[n..<2 * n])
            let own = y[q]
            var m = 0
            for j in 0..<n where j != q {
                let x = d[j].isNaN ? Float.infinity : d[j] > 0 ? d[j] : 0
                keys[m] = x.bitPattern << 1 | (y[j] == own ? 1 : 0)
                m += 1
            }
            let ranked = depth.map { Retrieval.nearest($0, of: keys, m, spare) } ?? m
            Retrieval.sort(keys, spare, ranked)
            return score(RankedList(keys: UnsafeBufferPointer(rebasing: keys[0..<ranked]), others: others))
        }
    }

    /// Recall@k, mean over the queries.
    public func recall(_ k: Int) throws -> Double {
        guard k == 1, z.rank == 2, let classes = smallClasses else { return try mean(to: { _ in k }) { $0.recall(k) } }
        // The nearest alone needs no order at all.
        let n = y.count
        var (sum, queries, at) = (0.0, 0, 0)
        if try Neighbours.canMeasure(z) {
            let shares = try Neighbours.shares(z, classes)
            for q in 0..<n where (counts[y[q]] ?? 1) > 1 {
                sum += shares[q]
                queries += 1
            }
            return queries == 0 ? 0 : sum / Double(queries)
        }
        let rows = max(1, min(256, 4_000_000 / max(n, 1)))
        while at < n {
            let end = min(n, at + rows)
            let shares = Kernel.nearestShares(try Operators.pairwiseSquared.apply([z.rows(at..<end), z]), at, classes)
            for q in at..<end where (counts[y[q]] ?? 1) > 1 {
                sum += shares[q - at]
                queries += 1
            }
            at = end
        }
        return queries == 0 ? 0 : sum / Double(queries)
    }
    /// Class numbers as the kernel takes them; nil where one is too large for it.
    private var smallClasses: [Int32]? {
        let small = y.compactMap { Int32(exactly: $0) }
        return small.count == y.count ? small : nil
    }
    /// MAP@R, mean over the queries.
    public func mapAtR() throws -> Double {
        try mean(to: { $0 }) { $0.precisionSum(within: $0.others) / Double($0.others) }
    }

    /// Moves the `depth` smallest of the first `count` keys to the front, with all that tie with them, in no order;
    /// gives how many those are.
    static func nearest(
        _ depth: Int, of keys: UnsafeMutableBufferPointer<UInt32>, _ count: Int,
        _ spare: UnsafeMutableBufferPointer<UInt32>
    ) -> Int {
        guard depth >= 0, depth < count / 4 else { return count }
        return withUnsafeTemporaryAllocation(of: Int.self, capacity: 2048) { sizes in
            sizes.update(repeating: 0)
            for k in 0..<count { sizes[Int(keys[k] >> 21)] += 1 }
            var (bucket, total) = (0, 0)
            while bucket < 2047, total + sizes[bucket] < depth {
                total += sizes[bucket]
                bucket += 1
            }
            var found = 0
            for k in 0..<count where Int(keys[k] >> 21) <= bucket {
                keys[found] = keys[k]
                found += 1
            }
            return found
        }
    }

    /// Radix sort of the first `count` keys, eleven bits a pass; short lists are sorted by comparison.
    static func sort(
        _ keys: UnsafeMutableBufferPointer<UInt32>, _ spare: UnsafeMutableBufferPointer<UInt32>, _ count: Int
    ) {
        guard count > 256 else {
            keys[0..<count].sort()
            return
        }
        withUnsafeTemporaryAllocation(of: Int.self, capacity: 2048) { starts in
            var (from, to) = (keys, spare)
            for shift in [UInt32(0), 11, 22] {
                starts.update(repeating: 0)
                for k in 0..<count { starts[Int((from[k] >> shift) & 2047)] += 1 }
                var total = 0
                for bucket in 0..<2048 {
                    let size = starts[bucket]
                    starts[bucket] = total
                    total += size
                }
                for k in 0..<count {
                    let bucket = Int((from[k] >> shift) & 2047)
                    to[starts[bucket]] = from[k]
                    starts[bucket] += 1
                }
                swap(&from, &to)
            }
            // Three passes end in the spare half.
            for k in 0..<count { keys[k] = spare[k] }
        }
    }
}
