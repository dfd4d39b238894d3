import SiamTensor

/// Batches of rows: `x`, `y` of a dataset, or the same rows of several tensors with one first axis. Each epoch goes
/// once through all rows in a new random order; its last batch may be smaller.
public final class BatchSource: DataSource {
    /// Batches `x`, `y` of a dataset's examples and class numbers.
    public init(_ d: Dataset, _ batch: Int) throws {
        super.init(plan: try BatchPlanOfTensors([d.x, d.labels()], batch, d.name, ["x", "y"]))
    }

    /// Batches of tensors, which must agree in their first axis. Only the first is augmented.
    public init(_ tensors: [Tensor], _ batch: Int) throws {
        let names = tensors.count == 1 ? ["x"] : tensors.count == 2 ? ["x", "y"] : tensors.indices.map { "x\($0 + 1)" }
        super.init(plan: try BatchPlanOfTensors(tensors, batch, "tensors", names))
    }
}

struct BatchPlanOfTensors: BatchPlan {
    let tensors: [Tensor]
    let rows: Int
    let size: Int
    let name: String
    let names: [String]
    let augmented = [0]

    init(_ tensors: [Tensor], _ batch: Int, _ name: String, _ names: [String]) throws {
        try checkBatch("batches", batch)
        guard let first = tensors.first else {
            throw DataError(code: "batches.none", message: "batches expects a dataset or tensors, and got none")
        }
        for tensor in tensors where tensor.rank == 0 || tensor.shape[0] != first.shape[0] {
            let all = tensors.map { "\($0.shape)" }.joined(separator: " and ")
            throw DataError(
                code: "batches.rows", message: "batches expects tensors with one first axis, and got \(all)")
        }
        guard first.shape[0] > 0 else {
            throw DataError(
                code: "batches.empty",
                message: "batches expects data, and \(name) \(name == "tensors" ? "are" : "is") empty")
        }
        self.tensors = tensors
        rows = first.shape[0]
        size = batch
        self.name = name
        self.names = names
    }

    var stepsPerEpoch: Int { max((rows + size - 1) / size, 1) }

    var summary: String {
        "batches of \(name), \(min(size, rows)) a batch, \(counted(stepsPerEpoch, "batch", "batches")) an epoch"
    }

    func drawing(from d: Dataset) throws -> (any BatchPlan)? {
        tensors.count == 2 ? try BatchPlanOfTensors([d.x, d.labels()], size, d.name, names) : nil
    }

    func batch(_ k: Int, _ stream: inout RandomStream, _ epochs: SourceOrders) throws -> [Tensor] {
        let order = epochs.order(k / stepsPerEpoch, of: rows)
        let start = (k % stepsPerEpoch) * size
        let chosen = Array(order[start..<min(start + size, rows)])
        return try tensors.map { try $0.gathered(chosen) }
    }
}
