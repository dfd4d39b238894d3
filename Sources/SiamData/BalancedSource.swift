import SiamTensor

/// Batches `x`, `y` of P classes with K different rows each (Hermans, Beyer and Leibe, 2017), class after class.
///
/// The classes of a batch are different and drawn uniformly, as are the rows of a class. Classes with fewer than K rows
/// are never drawn.
public final class BalancedSource: DataSource {
    /// - Parameters:
    ///   - classes: P, the classes of a batch.
    ///   - each: K, the rows of each; a batch has P x K, an epoch ceil(n / (P x K)) batches.
    public init(_ d: Dataset, classes: Int, each: Int) throws { super.init(plan: try BalancedPlan(d, classes, each)) }
}

struct BalancedPlan: BatchPlan {
    let d: Dataset
    let number: Int
    let each: Int
    let index: ClassIndex
    let eligible: [Int]

    init(_ d: Dataset, _ classes: Int, _ each: Int) throws {
        guard classes >= 1, each >= 1, classes <= 1 << 20, each <= 1 << 20 else {
            throw DataError(
                code: "balanced.size",
                message:
                    "balanced expects at least 1 class and 1 row each, and got classes = \(classes), each = \(each)")
        }
        let counts = d.classCounts
        let eligible = counts.indices.filter { counts[$0] >= each }
        guard eligible.count >= classes else {
            let rows = counted(each, "row", "rows")
            throw DataError(
                code: "balanced.classes",
                message:
                    "balanced expects \(counted(classes, "class", "classes")) of at least \(rows), "
                    + "and \(d.name) has \(eligible.count)",
                notes: d.classes.count >= classes
                    ? ["its smallest class has \(counted(counts.filter { $0 > 0 }.min() ?? 0, "row", "rows"))"]
                    : [
                        "it has \(counted(d.classes.count, "class", "classes"))"
                            + (eligible.count > 1 ? "; as many as can be taken are  classes = \(eligible.count)" : "")
                    ])
        }
        self.d = d
        number = classes
        self.each = each
        index = ClassIndex(d)
        self.eligible = eligible
    }

    var stepsPerEpoch: Int { max((d.count + number * each - 1) / (number * each), 1) }
    let names = ["x", "y"]
    let augmented = [0]

    var summary: String {
        let left = d.classes.count - eligible.count
        let note = left == 0 ? "" : ", \(counted(left, "class", "classes")) of fewer rows left out"
        return "\(counted(number, "class", "classes")) x \(each) of \(d.name), \(number * each) a batch, "
            + "\(counted(stepsPerEpoch, "batch", "batches")) an epoch\(note)"
    }

    func drawing(from d: Dataset) throws -> (any BatchPlan)? { try BalancedPlan(d, number, each) }

    func batch(_ k: Int, _ stream: inout RandomStream, _ epochs: SourceOrders) throws -> [Tensor] {
        var rows: [Int] = []
        rows.reserveCapacity(number * each)
        for choice in stream.distinct(number, of: eligible.count) {
            let label = eligible[choice]
            let start = index.starts[label]
            for place in stream.distinct(each, of: index.size(label)) { rows.append(index.rows[start + place]) }
        }
        return [try d.x.gathered(rows), try Tensor.of([rows.count], rows.map { Float(d.y[$0]) })]
    }
}

extension RandomStream {
    /// `n` different numbers of 0 ..< bound in random order (Floyd's draw, then shuffled); all where there are fewer.
    mutating func distinct(_ n: Int, of bound: Int) -> [Int] {
        let wanted = min(n, bound)
        guard wanted > 0 else { return [] }
        if wanted * 4 >= bound { return Array(permutation(bound).prefix(wanted)) }
        var drawn: [Int] = []
        drawn.reserveCapacity(wanted)
        if wanted <= 32 {
            // Few are looked through sooner than hashed.
            for top in bound - wanted..<bound {
                let candidate = below(top + 1)
                drawn.append(drawn.contains(candidate) ? top : candidate)
            }
        } else {
            var seen = Set<Int>()
            for top in bound - wanted..<bound {
                let candidate = below(top + 1)
                let taken = seen.insert(candidate).inserted ? candidate : top
                seen.insert(taken)
                drawn.append(taken)
            }
        }
        shuffle(&drawn)
        return drawn
    }
}
