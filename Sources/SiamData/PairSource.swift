import SiamTensor

/// Pairs `a`, `b` of rows with `same`, 1 where they are of one class and 0 where not.
///
/// The first rows walk through the data, each once an epoch; the second is drawn uniformly among the other rows of the
/// class, or among all rows of other classes. A row is never paired with itself. Of `batch` pairs floor or ceil of
/// `same` x `batch` are same, so that the share holds exactly in the mean. A row that is alone in its class is
/// replaced by another where a same pair is due.
public final class PairSource: DataSource {
    /// - Parameters:
    ///   - batch: pairs a batch; every batch is full, an epoch has ceil(n / batch).
    ///   - same: the share of same pairs, 0 to 1.
    public init(_ d: Dataset, _ batch: Int, same: Double = 0.5) throws {
        super.init(plan: try PairPlan(d, batch, same))
    }
}

struct PairPlan: BatchPlan {
    let d: Dataset
    let size: Int
    let share: Double
    let index: ClassIndex
    /// Rows that have another of their class.
    let paired: [Int]

    init(_ d: Dataset, _ batch: Int, _ share: Double) throws {
        try checkBatch("pairs", batch)
        guard share >= 0, share <= 1 else {
            throw DataError(
                code: "pairs.same",
                message: "pairs expects a share of positive pairs between 0 and 1, and got same = \(plain(share))")
        }
        guard d.count > 0 else {
            throw DataError(code: "pairs.empty", message: "pairs expects data, and \(d.name) is empty")
        }
        let index = ClassIndex(d)
        let paired = d.y.indices { index.size($0) >= 2 }
        if share > 0, paired.isEmpty {
            throw DataError(
                code: "pairs.same",
                message: "pairs needs two rows of one class for a positive pair, and every class of \(d.name) has one",
                notes: ["same = 0 draws only negative pairs"])
        }
        if share < 1, d.classes.count < 2 {
            throw DataError(
                code: "pairs.different",
                message: "pairs needs two classes for a negative pair, and \(d.name) has one",
                notes: ["same = 1 draws only positive pairs"])
        }
        self.d = d
        size = batch
        self.share = share
        self.index = index
        self.paired = paired
    }

    var stepsPerEpoch: Int { max((d.count + size - 1) / size, 1) }
    let names = ["a", "b", "same"]
    let augmented = [0, 1]

    var summary: String {
        let kind = share == 0.5 ? "" : ", \(plain(share * 100)) % same"
        return "pairs of \(d.name)\(kind), \(size) a batch, \(counted(stepsPerEpoch, "batch", "batches")) an epoch"
    }

    func drawing(from d: Dataset) throws -> (any BatchPlan)? { try PairPlan(d, size, share) }

    func batch(_ k: Int, _ stream: inout RandomStream, _ epochs: SourceOrders) throws -> [Tensor] {
        let same = Int((share * Double(size) + stream.uniform()).rounded(.down))
        var flags = (0..<size).map { $0 < same }
        stream.shuffle(&flags)
        var first = epochs.walk(from: k * size, count: size, of: d.count)
        var second = first
        for i in 0..<size {
            if flags[i] {
                if index.size(d.y[first[i]]) < 2, !paired.isEmpty { first[i] = paired[stream.below(paired.count)] }
                second[i] = index.partner(of: first[i], &stream) ?? first[i]
            } else {
                second[i] = index.stranger(to: first[i], &stream) ?? first[i]
            }
        }
        return [
            try d.x.gathered(first), try d.x.gathered(second), try Tensor.of([size], flags.map { $0 ? 1 : 0 }),
        ]
    }
}
