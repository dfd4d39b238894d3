import Glibc
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// Which pairs and triplets of a batch to learn from: functions of a distance matrix and class numbers that give places.
extension Builtins {
    public static let miners: [Builtin] = [
        Builtin(
            "all_pairs", "n", family: "miners",
            "The indices i < j of all pairs of n examples, as two tensors; n may also be given as class numbers.",
            examples: [("all_pairs(3)[1]", "[1, 2, 2]")],
            seeAlso: ["positive_pairs", "all_triplets"]
        ) { i, a in
            let n: Int
            if case .number = a[0] { n = try a.integer(0, atLeast: 0) } else { n = try classNumbers(i, a[0]).count }
            try checkCount(n, n)
            var found = Found(2)
            for p in 0..<n {
                try Interrupt.poll()
                for q in (p + 1)..<max(n, p + 1) { found.add(p, q) }
            }
            return try found.value
        },
        Builtin(
            "positive_pairs", "y", family: "miners",
            "The indices (a, p) of every ordered pair of different examples of one class, as two tensors.",
            examples: [("positive_pairs([0, 1, 0])[0]", "tensor 2\n[0  2]\nmin 0  max 2  mean 1  sd 1")],
            seeAlso: ["all_triplets", "all_pairs"]
        ) { i, a in
            let y = try classNumbers(i, a[0])
            try checkCount(y.count, y.count)
            var found = Found(2)
            for p in y.indices {
                try Interrupt.poll()
                for q in y.indices where p != q && y[p] == y[q] { found.add(p, q) }
            }
            return try found.value
        },
        Builtin(
            "all_triplets", "y", family: "miners",
            "The indices (a, p, n) of every triplet of a batch with class numbers y: a and p of one class, n of another; three tensors.",
            examples: [("all_triplets([0, 0, 1])", "")],
            seeAlso: ["hard_triplets", "semi_hard_triplets", "distance_weighted_triplets"]
        ) { i, a in
            try triplets(nil, try classNumbers(i, a[0])) { _, _, _ in true }
        },
        Builtin(
            "hard_triplets", "d, y", family: "miners",
            "For each anchor the farthest positive and the nearest negative of a distance matrix (batch hard, Hermans 2017), as indices a, p, n.",
            examples: [("hard_triplets([[0, 3, 1], [3, 0, 5], [1, 5, 0]], [0, 0, 1])", "")],
            seeAlso: ["semi_hard_triplets", "batch_hard"]
        ) { i, a in
            let (d, y) = try matrix(i, a)
            var found = Found(3)
            for r in y.indices {
                try Interrupt.poll()
                var (p, n): (Int?, Int?) = (nil, nil)
                for j in y.indices where j != r {
                    if y[j] == y[r] {
                        if p.map({ d[r, j] > d[r, $0] }) ?? true { p = j }
                    } else if n.map({ d[r, j] < d[r, $0] }) ?? true {
                        n = j
                    }
                }
                if let p, let n { found.add(r, p, n) }
            }
            return try found.value
        },
        Builtin(
            "semi_hard_triplets", "d, y, margin = 0.2", family: "miners",
            "The triplets with d_ap < d_an < d_ap + margin (Schroff 2015), as indices a, p, n.",
            examples: [("semi_hard_triplets([[0, 1, 1.1], [1, 0, 5], [1.1, 5, 0]], [0, 0, 1])", "")],
            seeAlso: ["hard_triplets", "easy_triplets", "semi_hard"]
        ) { i, a in
            let (d, y) = try matrix(i, a)
            let margin = try a.number(2)
            return try triplets(d, y) { d, p, n in p < n && n < p + margin }
        },
        Builtin(
            "easy_triplets", "d, y, margin = 0.2", family: "miners",
            "The triplets with d_an >= d_ap + margin, whose triplet loss is 0, as indices a, p, n.",
            examples: [("easy_triplets([[0, 1, 9], [1, 0, 9], [9, 9, 0]], [0, 0, 1])", "")],
            seeAlso: ["semi_hard_triplets"]
        ) { i, a in
            let (d, y) = try matrix(i, a)
            let margin = try a.number(2)
            return try triplets(d, y) { d, p, n in n >= p + margin }
        },
        Builtin(
            "angular_triplets", "d, y, angle = 20", family: "miners",
            "The triplets whose angle at the negative, between the anchor and the middle of anchor and positive, is above `angle` degrees (Wang 2017), from Euclidean distances; indices a, p, n.",
            examples: [("len(angular_triplets([[0, 1, 1], [1, 0, 1], [1, 1, 0]], [0, 0, 1], angle = 40))", "")],
            seeAlso: ["angular"]
        ) { i, a in
            let (d, y) = try matrix(i, a)
            let least = tan(try a.number(2) * Double.pi / 180)
            var found = Found(3)
            try eachTriplet(y) { r, p, n in
                // By the parallelogram rule |n - c|^2 = (d_an^2 + d_pn^2) / 2 - d_ap^2 / 4, and |a - c| = d_ap / 2.
                let (ap, an, pn) = (d[r, p], d[r, n], d[p, n])
                let below = max(0, (an * an + pn * pn) / 2 - ap * ap / 4).squareRoot()
                if ap / 2 > least * below { found.add(r, p, n) }
            }
            return try found.value
        },
        Builtin(
            "distance_weighted_triplets", "d, y, width, cut = 0.5, far = 1.4", family: "miners",
            "For each positive pair a negative drawn with weight 1 / f(d), log f = (D - 2) log d + (D - 3)/2 log(1 - d^2/4), D the width of embeddings of length one; d is taken at least `cut`, and beyond `far` a negative is not drawn (Wu 2017). Indices a, p, n.",
            examples: [
                ("len(distance_weighted_triplets([[0, 1, 1], [1, 0, 1], [1, 1, 0]], [0, 0, 1], width = 4))", "")
            ],
            seeAlso: ["margin_loss"]
        ) { i, a in
            let (d, y) = try matrix(i, a)
            let width = Double(try a.integer(2, atLeast: 1))
            let (cut, far) = (try a.number(3), try a.number(4))
            var found = Found(3)
            for r in y.indices {
                try Interrupt.poll()
                var logs: [(place: Int, weight: Double)] = []
                for j in y.indices where y[j] != y[r] && d[r, j] < far {
                    let x = max(d[r, j], cut)
                    let rest = max(1 - x * x / 4, 1e-8)
                    logs.append((j, (2 - width) * log(x) - (width - 3) / 2 * log(rest)))
                }
                guard let most = logs.map(\.weight).max() else { continue }
                let weights = logs.map { exp($0.weight - most) }
                let total = weights.reduce(0, +)
                guard total > 0, total.isFinite else { continue }
                for p in y.indices where p != r && y[p] == y[r] {
                    try Interrupt.poll()
                    var at = i.session.stream.uniform() * total
                    var pick = logs.count - 1
                    for (k, w) in weights.enumerated() {
                        at -= w
                        if at < 0 {
                            pick = k
                            break
                        }
                    }
                    found.add(r, p, logs[pick].place)
                }
            }
            return try found.value
        },
        Builtin(
            "multi_similarity_pairs", "d, y, epsilon = 0.1", family: "miners",
            "The negatives nearer than the farthest positive + epsilon and the positives farther than the nearest negative - epsilon (Wang 2019): indices a, p of the positive pairs and b, n of the negative ones; four tensors.",
            examples: [("len(multi_similarity_pairs([[0, 1, 1], [1, 0, 1], [1, 1, 0]], [0, 0, 1]))", "")],
            seeAlso: ["multi_similarity"]
        ) { i, a in
            let (d, y) = try matrix(i, a)
            let epsilon = try a.number(2)
            var (near, apart) = (Found(2), Found(2))
            for r in y.indices {
                try Interrupt.poll()
                var (farthest, nearest) = (-Double.infinity, Double.infinity)
                for j in y.indices where j != r {
                    if y[j] == y[r] { farthest = max(farthest, d[r, j]) } else { nearest = min(nearest, d[r, j]) }
                }
                for j in y.indices where j != r {
                    if y[j] == y[r] {
                        if d[r, j] > nearest - epsilon { near.add(r, j) }
                    } else if d[r, j] < farthest + epsilon {
                        apart.add(r, j)
                    }
                }
            }
            guard case .list(let p) = try near.value, case .list(let n) = try apart.value else { return .none }
            return Value(p.items + n.items)
        },
    ]

    /// Places found, a column for each of a pair's or triplet's members.
    private struct Found {
        var columns: [[Float]]
        init(_ count: Int) { columns = Array(repeating: [], count: count) }
        mutating func add(_ places: Int...) {
            for (k, p) in places.enumerated() { columns[k].append(Float(p)) }
        }
        var value: Value {
            get throws {
                let columns = columns
                return try InterruptibleWork.run(size: columns.first?.count ?? 0) {
                    Value(try columns.map { .tensor(try Tensor(Shape.vector($0.count), $0)) })
                }
            }
        }
    }

    private struct Square {
        let n: Int
        let values: [Double]
        subscript(_ i: Int, _ j: Int) -> Double { values[i * n + j] }
    }

    private static func matrix(_ i: Interpreter, _ a: Arguments) throws -> (Square, [Int]) {
        let d = try a.tensor(0)
        let y = try classNumbers(i, a[1])
        guard d.rank == 2, d.shape[0] == y.count, d.shape[1] == y.count else {
            throw Diagnostic(
                code: "miner.shape",
                "\(a.builtin.name) expects distances of \(y.count) examples to one another, \(y.count)x\(y.count), and got a tensor of \(d.shape)",
                repair: "pairwise(euclidean, z, z)")
        }
        return (Square(n: y.count, values: d.doubles), y)
    }

    private static func checkCount(_ a: Int, _ b: Int) throws {
        guard a <= 20_000, b <= 20_000 else {
            throw Diagnostic(code: "miner.large", "a batch of \(max(a, b)) examples has too many pairs to list")
        }
    }

    private static func eachTriplet(_ y: [Int], _ body: (_ a: Int, _ p: Int, _ n: Int) -> Void) throws {
        guard y.count <= 1000 else {
            throw Diagnostic(
                code: "miner.large", "a batch of \(y.count) examples has too many triplets to list; 1000 are the most")
        }
        for a in y.indices {
            for p in y.indices where p != a && y[p] == y[a] {
                try Interrupt.poll()
                for n in y.indices where y[n] != y[a] { body(a, p, n) }
            }
        }
    }

    private static func triplets(
        _ d: Square?, _ y: [Int], _ wanted: (Square, _ ap: Double, _ an: Double) -> Bool
    ) throws -> Value {
        var found = Found(3)
        try eachTriplet(y) { a, p, n in
            if let d, !wanted(d, d[a, p], d[a, n]) { return }
            found.add(a, p, n)
        }
        return try found.value
    }
}
