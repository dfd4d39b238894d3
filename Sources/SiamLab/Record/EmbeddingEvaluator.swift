import SiamData
import SiamGradient
import SiamInterpreter
import SiamMeasures
import SiamRuntime
import SiamTensor

/// Measures embeddings of a fixed sample of items.
struct EmbeddingEvaluator {
    let interpreter: Interpreter
    let data: Dataset
    /// Whether embeddings are compared by their directions, as the loss does.
    let isCosine: Bool

    init(_ interpreter: Interpreter, _ data: Dataset, isCosine: Bool = false) {
        self.interpreter = interpreter
        self.data = data
        self.isCosine = isCosine
    }

    /// Of a siamese net its tower.
    static func encoder(_ net: Layer) -> Layer {
        if case .custom(let c) = net.form, let slot = c.slots.first(where: { $0.name == "tower" }),
            case .layer(let tower) = slot.value
        {
            return tower
        }
        return net
    }

    /// Embeddings in evaluation mode, or as a training step makes them; of length one where directions are compared.
    func embed(_ net: Value, training: Bool = false) throws -> Tensor {
        if training {
            let outer = (interpreter.isTraining, Recording.isOn)
            interpreter.isTraining = true
            Recording.isOn = false
            defer { (interpreter.isTraining, Recording.isOn) = outer }
            guard case .tensor(let z) = try call(net), z.rank >= 1 else { return try plain(net) }
            return try compared(try z.reshaped(to: try Shape([z.shape[0], z.count / max(z.shape[0], 1)])))
        }
        return try compared(try plain(net))
    }
    /// The net, or of a siamese net the tower, or a function, applied to all items in one go.
    func call(_ net: Value) throws -> Value {
        if case .layer(let layer) = net {
            return try interpreter.apply(EmbeddingEvaluator.encoder(layer), .tensor(data.x))
        }
        return try interpreter.call(net, [.tensor(data.x)])
    }
    func plain(_ net: Value) throws -> Tensor { try Builtins.embeddings(interpreter, net, .tensor(data.x)) }
    /// By how much of their size the outputs of eight rows, each by itself, differ from those of the same rows in the batch.
    func mixing(_ net: Value, _ all: Tensor) throws -> Double {
        let count = min(8, data.count)
        guard all.rank >= 1, all.shape[0] == data.count, data.count > 1 else { return 0 }
        let width = all.count / data.count
        let whole = all.doubles
        let size = (whole.reduce(0) { $0 + $1 * $1 } / Double(max(1, whole.count))).squareRoot()
        var sum = 0.0
        for row in 0..<count {
            let one = try EmbeddingEvaluator(interpreter, try data.subset([row])).plain(net).doubles
            guard one.count == width else { return 0 }
            for k in 0..<width { sum += abs(one[k] - whole[row * width + k]) }
        }
        let difference = sum / Double(max(1, count * width)) / max(size, 1e-12)
        return difference.isFinite ? difference : 0
    }
    func compared(_ z: Tensor) throws -> Tensor {
        isCosine ? try Operators.l2norm.apply([z]) : z
    }

    func score(_ z: Tensor) throws -> Score {
        guard z.doubles.allSatisfy(\.isFinite) else { return Score(mapAtR: 0, auc: 0.5, accuracy: 0.5) }
        var stream = RandomStream(seed: 0x5EED)
        let pairs = try PairScore.draw(z, data.y, 2000, &stream)
        return Score(
            mapAtR: try Retrieval(z, data.y).mapAtR(), auc: PairScore.auc(pairs), accuracy: PairScore.accuracy(pairs))
    }

    /// Mean distances of positive and of negative pairs.
    func distances(_ z: Tensor) throws -> (positive: Double, negative: Double) {
        var stream = RandomStream(seed: 0x5EED)
        let pairs = try PairScore.draw(z, data.y, 2000, &stream)
        var sums = (0.0, 0.0)
        var counts = (0.0, 0.0)
        for (d, isSame) in zip(pairs.distance, pairs.same) where d.isFinite {
            if isSame {
                sums.0 += Double(d)
                counts.0 += 1
            } else {
                sums.1 += Double(d)
                counts.1 += 1
            }
        }
        return (sums.0 / max(counts.0, 1), sums.1 / max(counts.1, 1))
    }
}

enum Embedding {
    /// sqrt(mean |z - mean z|^2).
    static func spread(_ z: Tensor) -> Double {
        let n = z.shape[0]
        let width = z.count / max(1, n)
        let values = z.doubles
        var total = 0.0
        for c in 0..<width {
            var mean = 0.0
            for r in 0..<n { mean += values[r * width + c] }
            mean /= Double(max(1, n))
            for r in 0..<n {
                let e = values[r * width + c] - mean
                total += e * e
            }
        }
        return (total / Double(max(1, n))).squareRoot()
    }

    /// Mean |cosine| between columns of a weight matrix, the first 32 of them; 1 where they are all zero.
    static func unitCosine(_ w: Tensor) -> Double {
        let (rows, columns) = (w.shape[0], w.shape[1])
        let take = min(32, columns)
        guard take > 1 else { return 0 }
        let values = w.doubles
        var norms = [Double](repeating: 0, count: take)
        for c in 0..<take { for r in 0..<rows { norms[c] += values[r * columns + c] * values[r * columns + c] } }
        guard norms.contains(where: { $0 > 0 }) else { return 1 }
        var sum = 0.0
        var count = 0.0
        for a in 0..<take {
            for b in 0..<a {
                var dot = 0.0
                for r in 0..<rows { dot += values[r * columns + a] * values[r * columns + b] }
                sum += abs(dot) / max((norms[a] * norms[b]).squareRoot(), 1e-30)
                count += 1
            }
        }
        return sum / max(count, 1)
    }
}
