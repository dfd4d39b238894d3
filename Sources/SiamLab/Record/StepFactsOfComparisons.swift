import SiamGradient
import SiamTensor

/// What stands between the sides' ends and their labels: one distance for all pairs, products of embeddings of any length,
/// the input itself beside what was made of it.
extension StepGraph {
    /// Whether labels of pairs meet one number that all pairs of the batch make together: a distance that was reduced over the
    /// batch as well as over the embedding.
    func labelsMeetOneNumber() -> Bool {
        guard sides.count == 2, !hasHead, !mixesRows, let n = sides.first.map({ vertices[$0.end].rows }), n > 3 else {
            return false
        }
        let labels = vertices.indices.filter {
            let v = vertices[$0]
            return v.isPlain && v.tensor.count == n && v.tensor.doubles.allSatisfy { $0 == 0 || $0 == 1 }
        }
        return labels.contains { label in
            consumers[label].contains { k in
                vertices[k].isProcessed
                    && vertices[k].inputs.contains { vertices[$0].isProcessed && vertices[$0].tensor.count == 1 }
            }
        }
    }

    /// Of embeddings that are multiplied with one another: the largest length of one over the smallest, and the largest product
    /// by its size, as the loss goes on with it. Nil where they are brought to one length on the way, or where nothing
    /// multiplies them.
    func products() -> (lengths: Double, largest: Double)? {
        let ends = Set(passes.map(\.end) + sides.map(\.end))
        guard !ends.isEmpty, !hasHead else { return nil }
        for (k, v) in vertices.enumerated() where v.isProcessed && v.inputs.count == 2 {
            guard let name = v.op?.name, ["matmul", "multiply"].contains(name),
                v.inputs.allSatisfy({ vertices[$0].isProcessed && vertices[$0].tensor.rank == 2 }),
                v.inputs.allSatisfy({ isEnd($0, of: ends) }), v.inputs[0] != v.inputs[1] || name == "matmul"
            else { continue }
            // A product over lengths is a cosine.
            if divides(after: k) { return nil }
            guard let z = v.inputs.first.map({ vertices[$0].tensor }), case let n = z.shape[0], n > 3,
                case let width = z.shape[1], width > 1
            else { continue }
            let all = z.doubles
            let lengths = (0..<n).map { r in
                all[r * width..<(r + 1) * width].reduce(0) { $0 + $1 * $1 }.squareRoot()
            }
            guard let least = lengths.min(), let most = lengths.max(), least > 0, most / least > 1.05 else {
                return nil
            }
            return (most / least, most)
        }
        return nil
    }

    /// Whether a vertex is the end of a side, turned or not.
    private func isEnd(_ k: Int, of ends: Set<Int>) -> Bool {
        var at = k
        while !ends.contains(at), ["transpose", "permute", "reshape"].contains(vertices[at].op?.name ?? ""),
            let from = vertices[at].inputs.first
        { at = from }
        return ends.contains(at)
    }

    /// Whether what follows a vertex is divided by something that the net made as well, before it meets a loss.
    private func divides(after k: Int) -> Bool {
        var open = [k]
        for _ in 0..<4 {
            open = open.flatMap { consumers[$0] }
            if open.contains(where: { c in
                vertices[c].op?.name == "divide" && vertices[c].inputs.count == 2
                    && vertices[vertices[c].inputs[1]].isProcessed
            }) {
                return true
            }
        }
        return false
    }

    /// Whether a net that is to give back its input is given it again behind its narrowest layer.
    func inputPassesCode() -> Bool {
        guard let side = sides.first, case let n = vertices[side.end].rows, n > 3,
            case let input = vertices[root(side.birth)].tensor, input.count > n,
            case let values = input.floats, targets.contains(where: { isSame($0, values) })
        else { return false }
        // Where it has become less than half as wide.
        guard
            let code = side.path.first(where: { k in
                vertices[k].rows == n && vertices[k].tensor.count * 2 < input.count
                    && vertices[k].inputs.contains { !vertices[$0].dependsOnData && vertices[$0].dependsOnParameters }
            })
        else { return false }
        var behind = Set<Int>()
        var open = [code]
        while let k = open.popLast() { if behind.insert(k).inserted { open += consumers[k] } }
        return behind.contains { k in
            let v = vertices[k]
            return ["add", "concatenate"].contains(v.op?.name ?? "") && v.rows == n
                && v.inputs.contains { vertices[$0].isPlain && isSame($0, values) }
                && v.inputs.contains { $0 == code || behind.contains($0) }
        }
    }

    private func isSame(_ k: Int, _ values: [Float]) -> Bool {
        vertices[k].tensor.count == values.count && vertices[k].tensor.floats == values
    }

    /// Of a loss that is not finite: where the first such number came from.
    func firstNotFinite() -> (op: String?, bad: Int, of: Int)? {
        guard vertices.indices.contains(loss), !vertices[loss].tensor.doubles.allSatisfy(\.isFinite) else { return nil }
        guard let first = vertices.first(where: { !$0.tensor.doubles.allSatisfy(\.isFinite) }) else { return nil }
        return (first.op?.name, first.tensor.doubles.count { !$0.isFinite }, first.tensor.count)
    }
}
