import Glibc
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// k-means, agreement of two groupings, silhouette, hubness, nearest rows.
extension Builtins {
    static let clustering: [Builtin] = [
        Builtin(
            "kmeans", "x : tensor or dataset, k : whole >= 1, restarts : whole >= 1 = 10, steps : whole >= 1 = 100",
            family: "metrics",
            "k groups of rows by Lloyd's iteration from k-means++ starts (Arthur and Vassilvitskii, 2007), the best of `restarts` runs: a record of labels, centers and inertia, the sum of squared distances to the nearest center.",
            examples: [("kmeans([[0, 0], [0, 1], [9, 9]], 2).inertia", "0.5")], seeAlso: ["nmi", "silhouette"],
            traits: .draws
        ) { i, a in
            let x = try flat(try finiteRows(a, 0)).detached()
            let found = try KMeans.fit(
                x, try a.integer(1, atLeast: 1), restarts: min(try a.integer(2, atLeast: 1), 1000),
                steps: min(try a.integer(3, atLeast: 1), 10_000), &i.session.stream)
            return .record(
                Record([
                    ("labels", .tensor(try Tensor(Shape.vector(found.labels.count), found.labels.map { Float($0) }))),
                    (
                        "centers",
                        .tensor(try Tensor(try Shape([found.k, x.shape[1]]), doubles: found.centers, .single))
                    ),
                    ("inertia", .number(found.inertia)),
                ]))
        },
        measure(
            "nmi",
            "Normalised mutual information of the classes and k-means groups, as many as classes: 2 I / (H + H). Also takes two labellings, nmi(u, v).",
            examples: [("nmi([0, 0, 1, 1], [1, 1, 0, 0])", "1")], seeAlso: ["ami", "kmeans"]
        ) { i, _, net, data in
            let (u, v) = try groupings(i, net, data)
            return try InterruptibleWork.run(size: u.count) { Agreement(u, v).normalised }
        },
        measure(
            "ami",
            "Adjusted mutual information of the classes and k-means groups: (I - E I) / ((H + H) / 2 - E I), 0 for random groups (Vinh, Epps and Bailey, 2010). Also takes two labellings, ami(u, v).",
            examples: [("ami([0, 0, 1, 1], [1, 1, 0, 0])", "1")], seeAlso: ["nmi", "kmeans"]
        ) { i, _, net, data in
            let (u, v) = try groupings(i, net, data)
            // How far it goes is decided by the sizes of the groups.
            return try InterruptibleWork.run(size: u.count * 16) { Agreement(u, v).adjusted }
        },
        measure(
            "silhouette",
            "mean (b - a) / max(a, b), a the mean distance to the own class, b to the nearest other class (Rousseeuw, 1987); 0 for an example alone in its class.",
            examples: [("silhouette([[0], [0.1], [5], [5.1]], [0, 0, 1, 1])", "")],
            seeAlso: ["inter_intra", "kmeans"]
        ) { i, _, net, data in
            let (z, y) = try labelled(i, net, data)
            guard Set(y).count > 1 else {
                throw UndefinedMeasure(reason: "all \(y.count) examples are of one class")
            }
            return try silhouette(z, y)
        },
        Builtin(
            "hubness", "z, k = 10", family: "metrics",
            "The skewness of how many times each embedding is among the k nearest of the others (Radovanovic, Nanopoulos and Ivanovic, 2010). Above 1.5 is suspicious.",
            examples: [("hubness([[0], [1], [2.5], [9]], k = 1)", "")],
            seeAlso: ["nearest"]
        ) { i, a in
            let z = try flat(try rowsOf(a, 0)).detached()
            let k = try a.integer(1, atLeast: 1)
            do { try UndefinedMeasure.check(z) } catch let none as UndefinedMeasure {
                return .number(none.said(by: "hubness", i))
            }
            var counts = [Double](repeating: 0, count: z.shape[0])
            let x = try z.converted(to: .single)
            for j in try nearestPlaces(x, x, min(k, counts.count), isWithin: true).places where j >= 0 {
                counts[Int(j)] += 1
            }
            let n = Double(max(counts.count, 1))
            let mean = counts.reduce(0, +) / n
            let second = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / n
            let third = counts.reduce(0) { $0 + ($1 - mean) * ($1 - mean) * ($1 - mean) } / n
            return .number(second > 1e-12 ? third / (second * second.squareRoot()) : 0)
        },
        Builtin(
            "nearest", "x : tensor or dataset, z : wide as x, k : whole >= 1 = 1", family: "metrics",
            "The indices of the k nearest rows of z for each row of x, and their Euclidean distances: two tensors [rows of x, k]. Equal distances in order of index.",
            examples: [("nearest([[0, 0]], [[5, 5], [3, 4]])[0]", "[[1]]")],
            seeAlso: ["recall_at", "kmeans"]
        ) { _, a in
            let x = try flat(try finiteRows(a, 0)).detached().converted(to: .single)
            let z = try flat(try finiteRows(a, 1)).detached().converted(to: .single)
            let k = try places(a, 2, of: z.shape[0])
            let found = try nearestPlaces(x, z, k, isWithin: false)
            let shape = try Shape([x.shape[0], k])
            return Value([
                .tensor(try Tensor(shape, found.places.map(Float.init))),
                .tensor(try Tensor(shape, found.squares.map { $0.squareRoot() })),
            ])
        },
    ]

    private static func rowsOf(_ a: Arguments, _ k: Int) throws -> Tensor {
        if case .thing(let d as DatasetThing) = a[k] { return d.dataset.x }
        let t = try a.tensor(k)
        guard t.rank >= 2 else {
            throw Diagnostic(
                code: "metric.rows",
                "\(a.builtin.name) expects rows of numbers for \(a.builtin.parameters[k].name), and got a tensor of \(t.shape)"
            )
        }
        return t
    }

    /// Rows whose places are wanted: of rows that are not finite there are none.
    private static func finiteRows(_ a: Arguments, _ k: Int) throws -> Tensor {
        let rows = try rowsOf(a, k)
        do { try UndefinedMeasure.check(rows) } catch let none as UndefinedMeasure {
            throw Diagnostic(
                code: "metric.finite",
                "\(a.builtin.name) expects finite numbers for \(a.builtin.parameters[k].name), and \(none.reason)",
                notes: none.notes)
        }
        return rows
    }

    /// For each row of x its k nearest rows of z and their squared distances, equal ones in order of place; -1 where there are
    /// fewer. `isWithin`: x is z, and no row is near to itself.
    private static func nearestPlaces(_ x: Tensor, _ z: Tensor, _ k: Int, isWithin: Bool) throws -> (
        places: [Int32], squares: [Float]
    ) {
        if try Neighbours.canMeasure(x), try isWithin || Neighbours.canMeasure(z) {
            return try Neighbours.places(of: x, in: z, k, own: isWithin ? 0 : nil)
        }
        // Numbers so large that their squares are not finite: all distances are looked at.
        var (places, squares): ([Int32], [Float]) = ([], [])
        for r in 0..<x.shape[0] {
            try Interrupt.poll()
            let d = try Operators.pairwiseSquared.apply([x.rows(r..<r + 1), z]).floats
            let order = d.indices.filter { !isWithin || $0 != r }.sorted { d[$0] == d[$1] ? $0 < $1 : d[$0] < d[$1] }
            for m in 0..<k {
                places.append(m < order.count ? Int32(order[m]) : -1)
                squares.append(m < order.count ? d[order[m]] : .infinity)
            }
        }
        return (places, squares)
    }

    private static func groupings(_ i: Interpreter, _ net: Value, _ data: Value) throws -> ([Int], [Int]) {
        if case .tensor(let u) = net, u.rank == 1 {
            let (a, b) = (try classNumbers(i, net), try classNumbers(i, data))
            guard a.count == b.count else {
                throw Diagnostic(
                    code: "metric.lengths",
                    "two labellings must have the same examples, and got \(a.count) and \(b.count)"
                )
            }
            return (a, b)
        }
        let (z, y) = try labelled(i, net, data)
        var stream = RandomStream(seed: 0xC1 ^ UInt64(y.count))
        let found = try KMeans.fit(z, Set(y).count, restarts: 10, steps: 100, &stream)
        return (y, found.labels)
    }

    static func silhouette(_ z: Tensor, _ y: [Int]) throws -> Double {
        let classes = Array(Set(y)).sorted()
        let index = Dictionary(uniqueKeysWithValues: classes.enumerated().map { ($1, $0) })
        let own = y.map { index[$0] ?? 0 }
        var counts = [Double](repeating: 0, count: classes.count)
        for c in own { counts[c] += 1 }
        guard classes.count > 1 else { return 0 }
        var total = 0.0
        try Retrieval(z, y).rows { q, d in
            var sums = [Double](repeating: 0, count: classes.count)
            for j in d.indices where j != q { sums[own[j]] += Double(max(d[j], 0)).squareRoot() }
            let c = own[q]
            guard counts[c] > 1 else { return }
            let inside = sums[c] / (counts[c] - 1)
            var outside = Double.infinity
            for k in classes.indices where k != c { outside = min(outside, sums[k] / counts[k]) }
            let larger = max(inside, outside)
            if larger > 0 { total += (outside - inside) / larger }
        }
        return y.isEmpty ? 0 : total / Double(y.count)
    }
}

enum KMeans {
    struct Fit {
        var k: Int
        var labels: [Int]
        var centers: [Double]
        var inertia: Double
    }

    static func fit(_ x: Tensor, _ k: Int, restarts: Int, steps: Int, _ stream: inout RandomStream) throws -> Fit {
        let (n, width) = (x.shape[0], x.shape[1])
        guard n > 0, k >= 1, k <= n else {
            throw Diagnostic(
                code: "kmeans.k", "kmeans can make 1 to \(n) groups of \(n) examples, and \(k) were asked for")
        }
        // Of wide rows the distances are one product; of others the nearest centre is found where the row is read.
        let isNarrow = width <= 64
        func row(_ r: Int) -> [Double] { (0..<width).map { x[r * width + $0] } }
        var best: Fit?
        for _ in 0..<restarts {
            var centers: [Double] = []
            var least = [Double](repeating: .infinity, count: n)
            for c in 0..<k {
                try Interrupt.poll()
                var pick = stream.below(n)
                let total = least.reduce(0, +)
                if c > 0, total > 0, total.isFinite {
                    var at = stream.uniform() * total
                    pick = least.lastIndex(where: { $0 > 0 }) ?? pick
                    for r in 0..<n {
                        at -= least[r]
                        if at < 0 {
                            pick = r
                            break
                        }
                    }
                }
                let centre = row(pick)
                centers += centre
                NumberStatistics.nearer(x, centre, &least)
            }
            var labels = [Int32](repeating: -1, count: n)
            var used = centers
            for _ in 0..<steps {
                try Interrupt.poll()
                let nearest: [Int32]
                if isNarrow {
                    nearest = try NumberStatistics.assigned(x, centers, k)
                } else {
                    let single = try Tensor(try Shape([k, width]), doubles: centers, x.precision)
                    nearest = NumberStatistics.nearest(try Operators.pairwiseSquared.apply([x, single]))
                }
                used = centers
                if nearest == labels { break }
                labels = nearest
                let found = try NumberStatistics.sums(x, labels, k)
                for c in 0..<k where found.counts[c] > 0 {
                    for j in 0..<width { centers[c * width + j] = found.sums[c * width + j] / found.counts[c] }
                }
            }
            // To the centres that the labels are of.
            var inertia = 0.0
            let numbers = x.doubles
            for r in 0..<n {
                let c = max(0, Int(labels[r])) * width
                for j in 0..<width {
                    let d = numbers[r * width + j] - used[c + j]
                    inertia += d * d
                }
            }
            if best.map({ inertia < $0.inertia }) ?? true {
                best = Fit(k: k, labels: labels.map(Int.init), centers: centers, inertia: inertia)
            }
        }
        return best ?? Fit(k: k, labels: [], centers: [], inertia: 0)
    }
}

/// Mutual information of two labellings of the same examples.
struct Agreement {
    private var cells: [[Double]] = []
    private var rows: [Double] = []
    private var columns: [Double] = []
    private let n: Double

    init(_ u: [Int], _ v: [Int]) {
        func compact(_ labels: [Int]) -> ([Int], Int) {
            var index: [Int: Int] = [:]
            let numbers = labels.map { label -> Int in
                if let known = index[label] { return known }
                index[label] = index.count
                return index.count - 1
            }
            return (numbers, index.count)
        }
        let (a, m) = compact(u)
        let (b, k) = compact(v)
        n = Double(u.count)
        cells = Array(repeating: Array(repeating: 0, count: k), count: m)
        rows = Array(repeating: 0, count: m)
        columns = Array(repeating: 0, count: k)
        for (p, q) in zip(a, b) {
            cells[p][q] += 1
            rows[p] += 1
            columns[q] += 1
        }
    }

    private func entropy(_ counts: [Double]) -> Double {
        -counts.reduce(0) { $1 > 0 ? $0 + $1 / n * log($1 / n) : $0 }
    }
    private var information: Double {
        var sum = 0.0
        for (p, row) in cells.enumerated() {
            for (q, c) in row.enumerated() where c > 0 { sum += c / n * log(c * n / (rows[p] * columns[q])) }
        }
        return max(0, sum)
    }

    /// One group on both sides, or none, agree wholly.
    private var isTrivial: Bool { rows.count == columns.count && rows.count <= 1 }

    var normalised: Double {
        if isTrivial { return 1 }
        let mean = (entropy(rows) + entropy(columns)) / 2
        return mean > 0 ? min(1, information / mean) : 0
    }

    var adjusted: Double {
        if isTrivial || rows.count == columns.count && rows.count == Int(n) { return 1 }
        func logFactorial(_ x: Double) -> Double { lgamma(x + 1) }
        var expected = 0.0
        for a in rows {
            for b in columns {
                var c = max(1, a + b - n)
                while c <= min(a, b) {
                    let term = c / n * log(n * c / (a * b))
                    let chance =
                        logFactorial(a) + logFactorial(b) + logFactorial(n - a) + logFactorial(n - b)
                        - logFactorial(n) - logFactorial(c) - logFactorial(a - c) - logFactorial(b - c)
                        - logFactorial(n - a - b + c)
                    expected += term * exp(chance)
                    c += 1
                }
            }
        }
        let mean = (entropy(rows) + entropy(columns)) / 2
        let room = mean - expected
        let guarded = room < 0 ? min(room, -2.2e-16) : max(room, 2.2e-16)
        return (information - expected) / guarded
    }
}
