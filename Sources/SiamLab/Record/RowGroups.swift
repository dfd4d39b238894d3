import SiamData
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Groups of training rows that belong together, such as those of one person or copies of one original: a net that has seen
/// one row of a group knows the others.
struct RowGroups {
    /// The group of a row, by the row's hash.
    let numbers: [UInt64: Int]
    let count: Int
    /// What tells them: the program's name for the list of numbers; nil where the rows lie close together.
    let name: String?
    /// The longest way from a row to the next of its group; 0 where the program tells the groups.
    private let reach: Float

    private static let mostRows = 2000
    private static let (leastGroups, mostOfGroup) = (20, 40)
    /// The nearest row of another group is at least this many times as far as any row is from the next of its own group.
    private static let gap: Float = 1.15

    /// Nil where no such groups are seen.
    init?(_ rows: Tensor, _ labels: [Double]?, _ session: Session) throws {
        guard let n = rows.shape.dims.first, n >= 60, n <= RowGroups.mostRows, rows.count / n > 1,
            n * rows.count <= 1_000_000_000
        else { return nil }
        let hashed = Replay.hashes(rows)
        if let told = RowGroups.told(hashed, rows, session) {
            (numbers, name, reach) = (told.numbers, told.name, 0)
            count = Set(hashed.compactMap { told.numbers[$0] }).count
            return
        }
        guard !Replay.isCounted(rows), let (groups, reach) = try RowGroups.near(rows) else { return nil }
        let members = Dictionary(grouping: groups.indices) { groups[$0] }
        if let labels, labels.count == n {
            // A group of one class is what makes a class known by its group; one group a class is no group.
            let mixed = members.values.count { g in Set(g.map { labels[$0] }).count > 1 }
            let classes = Set(labels).count
            guard classes > n / 4 || mixed * 20 <= members.count && members.count >= 3 * classes else { return nil }
        }
        count = members.count
        name = nil
        self.reach = reach
        numbers = Dictionary(zip(hashed, groups), uniquingKeysWith: { a, _ in a })
    }

    /// The share of the measured rows that belong to groups of the training rows.
    func share(of measured: [Tensor], beside rows: Tensor) throws -> Double {
        var (inside, all) = (0, 0)
        let own = Set(Replay.hashes(rows).compactMap { numbers[$0] })
        let n = max(1, rows.shape.dims.first ?? 1)
        for t in measured {
            let m = t.shape.dims.first ?? 0
            let few = m > RowGroups.mostRows ? t.rows(0..<RowGroups.mostRows) : t
            if name != nil {
                let known = Replay.hashes(few).compactMap { numbers[$0] }
                inside += known.count(where: own.contains)
                all += known.count
                continue
            }
            let apart = try RowGroups.distances(few, rows)
            inside += (0..<apart.count / n).count { r in
                (apart[r * n..<(r + 1) * n].min() ?? .infinity).squareRoot() <= 1.2 * reach
            }
            all += apart.count / n
        }
        return all > 0 ? Double(inside) / Double(all) : 0
    }

    // MARK: Groups from a list of the program

    private static let words: Set<String> = [
        "person", "persons", "people", "who", "whose", "patient", "patients", "subject", "subjects", "speaker",
        "speakers", "user", "users", "customer", "customers", "client", "owner", "writer", "author", "animal",
        "session",
        "sessions", "group", "groups", "id", "ids", "pid", "machine", "device", "site", "family", "source", "original",
    ]

    /// Groups by a list of the program's, such as a person's number for each row of the table that the training rows come from.
    private static func told(_ hashed: [UInt64], _ rows: Tensor, _ session: Session) -> (
        numbers: [UInt64: Int], name: String
    )? {
        let names = session.globals.userNames
        let width = rows.count / max(1, hashed.count)
        let wanted = Set(hashed)
        var tables: [[UInt64]] = []
        for name in names {
            let t: Tensor
            switch session.globals.valueIfReady(name) {
            case .tensor(let own): t = own
            case .thing(let d as DatasetThing): t = d.dataset.x
            default: continue
            }
            guard let n = t.shape.dims.first, n > hashed.count, n <= 20_000, t.count == n * width else { continue }
            let own = Replay.hashes(t)
            if own.count(where: wanted.contains) >= wanted.count * 9 / 10 { tables.append(own) }
        }
        guard !tables.isEmpty else { return nil }
        for name in names {
            let parts = name.lowercased().split { !$0.isLetter }.map(String.init)
            guard parts.contains(where: words.contains), let ids = numbers(session.globals.valueIfReady(name)) else {
                continue
            }
            let kinds = Set(ids).count
            guard kinds >= 8, kinds * 2 <= ids.count, let table = tables.first(where: { $0.count == ids.count }) else {
                continue
            }
            let places = Dictionary(uniqueKeysWithValues: Set(ids).sorted().enumerated().map { ($1, $0) })
            let known = Dictionary(
                zip(table, ids.map { places[$0] ?? 0 }), uniquingKeysWith: { a, _ in a })
            let own = hashed.map { known[$0] ?? -1 }
            // A list in another order than the rows has no information about them.
            guard own.allSatisfy({ $0 >= 0 }), areAlike(rows, own) else { continue }
            return (known, name)
        }
        return nil
    }

    /// Whether rows of one group are nearer to one another than rows are on the whole.
    private static func areAlike(_ rows: Tensor, _ groups: [Int]) -> Bool {
        let width = rows.count / max(1, groups.count)
        func squares(_ pairs: [(Int, Int)]) -> Double {
            rows.withFloats { x in
                var sum = 0.0
                for (a, b) in pairs {
                    for k in 0..<width {
                        let d = Double(x[a * width + k] - x[b * width + k])
                        sum += d * d
                    }
                }
                return sum / Double(max(1, pairs.count))
            }
        }
        let members = Dictionary(grouping: groups.indices) { groups[$0] }.values.sorted { $0[0] < $1[0] }
        let inside = members.flatMap { g in zip(g, g.dropFirst()).map { ($0, $1) } }
        let half = groups.count / 2
        let all = groups.indices.map { ($0, ($0 + half) % groups.count) }
        return inside.count >= 20 && squares(inside) < 0.8 * squares(all)
    }

    private static func numbers(_ v: Value?) -> [Double]? {
        guard let all = Replay.numbers(v), all.count > 1 else { return nil }
        return all.allSatisfy { $0.isFinite && $0 == $0.rounded() } ? all : nil
    }

    // MARK: Rows that lie close together

    /// Squared distances of all rows of the one to all rows of the other.
    private static func distances(_ x: Tensor, _ y: Tensor) throws -> [Float] {
        func flat(_ t: Tensor) throws -> Tensor {
            let n = t.shape.dims.first ?? 0
            return try t.reshaped(to: try Shape([n, t.count / max(1, n)])).detached()
        }
        return try Operators.pairwiseSquared(try flat(x), try flat(y)).floats.map { max(0, $0) }
    }

    /// A group number a row, and the longest way from a row to the next of its group; nil where rows form no small groups that
    /// stand apart. Groups are what is left of the shortest tree that joins all rows when it is cut at a gap in the lengths of
    /// its edges (single linkage).
    private static func near(_ rows: Tensor) throws -> (groups: [Int], reach: Float)? {
        let n = rows.shape.dims.first ?? 0
        let all = try distances(rows, rows)
        try Interrupt.poll()
        // Prim's algorithm.
        var (length, end) = ([Float](repeating: .infinity, count: n), [Int](repeating: 0, count: n))
        var isIn = [Bool](repeating: false, count: n)
        var edges: [(length: Float, a: Int, b: Int)] = []
        var last = 0
        isIn[0] = true
        for _ in 1..<n {
            var next = -1
            for q in 0..<n where !isIn[q] {
                let d = all[last * n + q]
                if d < length[q] { (length[q], end[q]) = (d, last) }
                if next < 0 || length[q] < length[next] { next = q }
            }
            guard next >= 0 else { return nil }
            edges.append((length[next].squareRoot(), next, end[next]))
            isIn[next] = true
            last = next
        }
        edges.sort { $0.length < $1.length }
        // With k edges left there are n - k groups.
        let most = edges.count - leastGroups
        guard most > n / 2 else { return nil }
        let floor = 1e-4 * max(edges[edges.count - 1].length, 1e-12)
        let cut = (n / 2...most).max { ratio($0) < ratio($1) } ?? most
        func ratio(_ k: Int) -> Float { edges[k].length / max(edges[k - 1].length, floor) }
        guard ratio(cut) >= gap else { return nil }
        var parent = Array(0..<n)
        func root(_ k: Int) -> Int {
            var k = k
            while parent[k] != k {
                parent[k] = parent[parent[k]]
                k = parent[k]
            }
            return k
        }
        for e in edges[..<cut] { parent[root(e.a)] = root(e.b) }
        let groups = (0..<n).map(root)
        let sizes = Dictionary(groups.map { ($0, 1) }, uniquingKeysWith: +)
        guard (sizes.values.max() ?? 0) <= mostOfGroup else { return nil }
        return (groups, max(edges[cut - 1].length, floor))
    }
}

extension RowGroups {
    /// A fifth of the rows and the others, no group on both sides. Rows of no group stand alone.
    func cut(_ hashed: [UInt64], _ stream: inout RandomStream) -> (kept: [Int], rest: [Int]) {
        var own: [Int: [Int]] = [:]
        for (k, h) in hashed.enumerated() { own[numbers[h] ?? -1 - k, default: []].append(k) }
        var order = own.keys.sorted()
        stream.shuffle(&order)
        var kept: [Int] = []
        for g in order where kept.count * 5 < hashed.count { kept += own[g] ?? [] }
        let isKept = Set(kept)
        return (kept.sorted(), hashed.indices.filter { !isKept.contains($0) })
    }
}
