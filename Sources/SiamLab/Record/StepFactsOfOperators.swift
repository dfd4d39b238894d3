import Glibc
import SiamTensor

/// What operators stand on the way to the loss: masks, clamps, heads, comparisons with themselves.
extension StepGraph {
    /// Of a clamp that makes probabilities of anything, and whose logarithm is taken: the share of numbers that it cuts off.
    func clampedBeforeLog(_ k: Int) -> Double {
        guard vertices[k].op?.name == "clamp", vertices[k].isProcessed, let from = vertices[k].inputs.first else {
            return 0
        }
        let (before, after) = (vertices[from].tensor.doubles, vertices[k].tensor.doubles)
        guard before.count == after.count, after.count > 3, after.allSatisfy({ (0...1).contains($0) }) else { return 0 }
        var near = [k]
        for _ in 0..<4 {
            near = near.flatMap { consumers[$0] }
            if near.contains(where: { vertices[$0].op?.name == "log" }) {
                return Double(before.count { $0 < -0.01 || $0 > 1.01 }) / Double(before.count)
            }
        }
        return 0
    }

    /// Whether a mask with zeros multiplies the side after its last weights.
    func isMasked(_ side: Side) -> Bool {
        guard let last = lastWeight(side) else { return false }
        return side.path.contains { $0 > last && maskedShare($0) > 0 }
    }

    /// The share of zeros of the random mask that a vertex multiplies by; 0 of every other vertex.
    func maskedShare(_ k: Int) -> Double {
        guard vertices[k].op?.name == "multiply" else { return 0 }
        for i in vertices[k].inputs {
            let mask = vertices[i]
            guard mask.isPlain, mask.part == nil, mask.tensor.rank == 2, mask.tensor.shape == vertices[k].tensor.shape
            else {
                continue
            }
            let values = mask.tensor.floats
            let zeros = values.count { $0 == 0 }
            if zeros > 0, zeros < values.count, Set(values).count <= 3 { return Double(zeros) / Double(values.count) }
        }
        return 0
    }

    /// The same column for all rows, where each has a column of its own: a cross-entropy multiplies what it makes of the
    /// scores with 1 in the row's column and 0 elsewhere.
    func oneTarget() -> Int? {
        guard sides.count >= 2, !hasHead else { return nil }
        for v in vertices where v.op?.name == "multiply" && v.inputs.count == 2 {
            let two = v.inputs.map { vertices[$0] }
            guard let scores = two.first(where: \.isProcessed), let wanted = two.first(where: \.isPlain),
                scores.op?.name == "log_softmax", case let n = scores.rows, n > 3,
                scores.tensor.shape.dims == [n, n], wanted.tensor.shape.dims == [n, n],
                case let all = wanted.tensor.doubles, let column = all.prefix(n).firstIndex(of: 1),
                (0..<n).allSatisfy({ r in (0..<n).allSatisfy { all[r * n + $0] == ($0 == column ? 1 : 0) } })
            else { continue }
            return column
        }
        return nil
    }

    /// A row of a batch that is compared with all of them is nearest to itself, unless the program leaves it out.
    func nearestIsItself() -> Double {
        guard mixesRows else { return 0 }
        var most = 0.0
        for v in vertices where v.isProcessed && v.op?.name == "min" {
            guard let from = v.inputs.first.map({ vertices[$0] }), case let n = from.rows, n > 5,
                from.tensor.shape.dims == [n, n], v.tensor.count == n
            else { continue }
            let values = from.tensor.doubles
            let own = (0..<n).count { r in
                let diagonal = values[r * n + r]
                let next = (0..<n).filter { $0 != r }.map { values[r * n + $0] }.min() ?? 0
                return diagonal.isFinite && abs(diagonal) < 0.01 * next
            }
            most = max(most, Double(own) / Double(n))
        }
        return most
    }

    /// Whether a vertex is the output of an operator, apart from changes of shape.
    func made(by name: String, _ k: Int) -> Bool {
        var at = k
        while let op = vertices[at].op?.name, StepFacts.shaping.contains(op) || op == "negate",
            let first = vertices[at].inputs.first
        { at = first }
        return vertices[at].op?.name == name
    }

    /// Whether the score of two sides is computed by linear operators alone, up to the first that is combined with a label.
    func isHeadLinear() -> Bool {
        guard hasHead, sides.count == 2, let first = sides.map(\.end).max() else { return false }
        var weights = 0
        for k in (first + 1)..<vertices.count where vertices[k].isProcessed {
            guard let name = vertices[k].op?.name else { continue }
            if StepFacts.weighted.contains(name) { weights += 1 }
            if StepFacts.linear.contains(name) { continue }
            // What makes a probability or a loss of the score.
            let isEnd = [
                "sigmoid", "softplus", "multiply", "bce_with_logits", "cross_entropy", "softmax", "log_softmax", "bce",
            ].contains(name)
            return isEnd && weights > 0
        }
        return false
    }

    /// Whether two values that the net made are one and the same, row by row, where one is subtracted from the other, though
    /// the rows differ.
    var comparesWithItself: Bool {
        vertices.contains { v in
            guard let name = v.op?.name, StepFacts.differing.contains(name), v.inputs.count >= 2,
                case let a = vertices[v.inputs[0]],
                case let b = vertices[v.inputs[1]], a.isProcessed, b.isProcessed, a.tensor.rank >= 2, a.rows > 3,
                a.tensor.shape == b.tensor.shape, case let x = a.tensor.floats, x == b.tensor.floats
            else { return false }
            let width = x.count / a.rows
            return width > 0 && x.prefix(width) != x.suffix(width)
        }
    }

    /// Whether two passes through the same weights give the same outputs, where rows are only compared with one another.
    var viewsAreEqual: Bool {
        let ends = Array(Set(passes.map(\.end))).sorted()
        // Without anything to be like, as the distances of another net: masks and places alone.
        guard ends.count == 2, targets.allSatisfy({ vertices[$0].tensor.floats.allSatisfy { $0 == $0.rounded() } }),
            case let (a, b) = (vertices[ends[0]], vertices[ends[1]]), a.rows > 3, a.tensor.rank >= 2,
            case let x = a.tensor.floats, x == b.tensor.floats
        else { return false }
        let width = x.count / a.rows
        return x.prefix(width) != x.suffix(width)
    }

    /// The share of numbers that a vertex cuts off, if it is a clamp.
    func clampedShare(_ k: Int) -> Double {
        guard vertices[k].op?.name == "clamp", let input = vertices[k].inputs.first,
            case let (before, after) = (vertices[input].tensor.doubles, vertices[k].tensor.doubles),
            before.count == after.count
        else { return 0 }
        return Double(zip(before, after).count { abs($0 - $1) > 1e-6 }) / Double(max(1, before.count))
    }

    /// Whether the loss takes the sigmoid of what is a sigmoid already.
    var takesSigmoidTwice: Bool {
        vertices.contains { v in
            guard v.isProcessed, let name = v.op?.name, name == "bce_with_logits" || name == "softplus" else {
                return false
            }
            return v.inputs.contains { made(by: "sigmoid", $0) }
        }
    }

    /// Whether a softmax behind the last weights sums to 1 over the rows of the batch and not over the numbers of a row.
    var takesSoftmaxOverRows: Bool {
        guard let side = sides.first, let last = lastWeight(side) else { return false }
        let n = vertices[side.end].rows
        return vertices[last...].contains { v in
            guard v.isProcessed, let name = v.op?.name, name == "softmax" || name == "log_softmax", n > 3,
                v.tensor.rank == 2, v.rows == n, case let width = v.tensor.shape[1], width > 1
            else { return false }
            let values = name == "softmax" ? v.tensor.doubles : v.tensor.doubles.map(Glibc.exp)
            let overRows = (0..<width).allSatisfy { c in
                abs((0..<n).reduce(0) { $0 + values[$1 * width + c] } - 1) < 1e-3
            }
            let overColumns = (0..<n).allSatisfy { r in
                abs(values[r * width..<(r + 1) * width].reduce(0, +) - 1) < 1e-3
            }
            return overRows && !overColumns
        }
    }

    /// The shapes of an output and a target that were broadcast to a square of the batch.
    func broadcast(_ side: Side, _ f: StepFacts) -> String? {
        // N x 1 against N: a square of the batch where there was a column.
        let n = f.rows
        var found: String?
        if n > 1, f.sides <= 1 || hasHead, !mixesRows || f.outputWidth == 1 || hasHead {
            for v in vertices[(side.end + 1)...]
            where v.isProcessed && v.tensor.rank == 2 && v.tensor.shape[0] == n && v.tensor.shape[1] == n {
                // A layer of as many units as the batch has rows.
                if StepFacts.weighted.contains(v.op?.name ?? "") { continue }
                let shapes = v.inputs.map { vertices[$0].tensor.shape }
                if shapes.contains(where: { $0.count == n }), v.inputs.contains(where: { vertices[$0].isPlain }),
                    f.outputWidth == 1 || hasHead
                {
                    found = shapes.map { "\($0)" }.joined(separator: " and ")
                }
            }
        }
        if n > 1, f.sides == 2, !hasHead {
            for v in vertices[(side.end + 1)...]
            where v.isProcessed && v.tensor.rank == 2 && v.tensor.shape[0] == n && v.tensor.shape[1] == n
                && v.inputs.count == 2
            {
                let shapes = v.inputs.map { vertices[$0].tensor.shape.dims }
                // A column of distances and a row of labels.
                let isColumn = zip(v.inputs, shapes).contains { vertices[$0].isProcessed && $1 == [n, 1] }
                let isRow = zip(v.inputs, shapes).contains { vertices[$0].isPlain && $1 == [n] }
                if isColumn, isRow {
                    found = v.inputs.map { "\(vertices[$0].tensor.shape)" }.joined(separator: " and ")
                }
            }
        }
        return found
    }
}
