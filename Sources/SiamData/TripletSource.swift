import SiamTensor

/// Triplets `a`, `p`, `n`: an anchor, another row of its class, a row of another class.
///
/// Anchors walk through the rows that have another of their class, each once an epoch; the others are drawn uniformly.
public final class TripletSource: DataSource {
    /// - Parameter batch: triplets a batch; every batch is full, an epoch has ceil(n / batch).
    public init(_ d: Dataset, _ batch: Int) throws { super.init(plan: try TripletPlan(d, batch)) }
}

struct TripletPlan: BatchPlan {
    let d: Dataset
    let size: Int
    let index: ClassIndex
    let anchors: [Int]

    init(_ d: Dataset, _ batch: Int) throws {
        try checkBatch("triplets", batch)
        guard d.classes.count >= 2 else {
            throw DataError(
                code: "triplets.classes",
                message: "triplets needs two classes for a negative, and \(d.name) has \(d.classes.count)")
        }
        let index = ClassIndex(d)
        anchors = d.y.indices { index.size($0) >= 2 }
        guard !anchors.isEmpty else {
            throw DataError(
                code: "triplets.positive",
                message: "triplets needs two rows of one class for a positive, and every class of \(d.name) has one")
        }
        self.d = d
        size = batch
        self.index = index
    }

    var stepsPerEpoch: Int { max((anchors.count + size - 1) / size, 1) }
    let names = ["a", "p", "n"]
    let augmented = [0, 1, 2]

    var summary: String {
        "triplets of \(d.name), \(size) a batch, \(counted(stepsPerEpoch, "batch", "batches")) an epoch"
    }

    func drawing(from d: Dataset) throws -> (any BatchPlan)? { try TripletPlan(d, size) }

    func batch(_ k: Int, _ stream: inout RandomStream, _ epochs: SourceOrders) throws -> [Tensor] {
        let anchor = epochs.walk(from: k * size, count: size, of: anchors.count).map { anchors[$0] }
        var positive = anchor
        var negative = anchor
        for i in 0..<size {
            positive[i] = index.partner(of: anchor[i], &stream) ?? anchor[i]
            negative[i] = index.stranger(to: anchor[i], &stream) ?? anchor[i]
        }
        return [try d.x.gathered(anchor), try d.x.gathered(positive), try d.x.gathered(negative)]
    }
}
