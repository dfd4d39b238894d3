import SiamGradient
import SiamTensor

/// What the loss of the first step does with embeddings, tried by changing them and computing it anew.
extension StepGraph {
    /// Whether the loss of two sides that meet no label goes to 0 with the embeddings' size.
    func shrinksToNothing() -> Bool {
        guard sides.count == 2, !hasHead,
            !targets.contains(where: { vertices[$0].rows == vertices[sides[0].end].rows }),
            let now = vertices[loss].tensor.doubles.first, now > 0
        else { return false }
        var replaced: [Int: Tensor] = [:]
        for side in sides {
            guard let scale = try? Tensor(scalar: 1e-3),
                let z = try? Recording.paused({ try Operators.multiply(vertices[side.end].tensor.detached(), scale) })
            else { return false }
            replaced[side.end] = z.detached()
        }
        guard let y = try? Recording.paused({ try recomputed(replaced) }), let then = y.doubles.first else {
            return false
        }
        return then < 0.01 * now
    }

    /// Whether two views, which meet no label, cost no more where all rows are one point than where each row equals its other
    /// view and the rows stay apart.
    func prefersOnePoint() -> Bool {
        guard sides.count == 2, !hasHead,
            !targets.contains(where: { vertices[$0].rows == vertices[sides[0].end].rows }),
            case let (a, b) = (vertices[sides[0].end].tensor, vertices[sides[1].end].tensor), a.shape == b.shape,
            a.rank == 2, a.shape[0] > 3
        else { return false }
        let (n, width, values) = (a.shape[0], a.shape[1], a.floats)
        let row = Array(values[0..<width])
        guard let one = try? Tensor(dims: [n, width], (0..<n).flatMap { _ in row }),
            (1..<n).contains(where: { r in (0..<width).contains { abs(values[r * width + $0] - row[$0]) > 1e-4 } }),
            let apart = try? Recording.paused({
                try recomputed([sides[0].end: a.detached(), sides[1].end: a.detached()])
            }).doubles.first,
            let together = try? Recording.paused({ try recomputed([sides[0].end: one, sides[1].end: one]) }).doubles
                .first,
            let now = vertices[loss].tensor.doubles.first
        else { return false }
        return together.isFinite && apart < now && abs(together - apart) < 1e-3 * abs(now - apart)
    }

    /// Of one output a row against labels of two kinds: the label at whose rows the loss has no slope anywhere.
    func idleLabel(_ side: Side, _ o: Outputs?) -> Int? {
        guard let o, o.targetWidth == 1, Set(o.targets) == [0, 1], vertices[side.end].rows == o.rows,
            vertices[side.end].tensor.count == o.rows
        else { return nil }
        let outer = Recording.isOn
        defer { Recording.isOn = outer }
        Recording.isOn = true
        let leaf = vertices[side.end].tensor.detached().tracked()
        guard let y = try? recomputed([side.end: leaf]), y.count == 1,
            let slope = try? gradients(of: y, at: [leaf])[0]?.doubles, slope.count == o.rows
        else { return nil }
        for label in [0, 1] {
            let own = o.targets.indices.filter { Int(o.targets[$0]) == label }
            if own.count > 3, own.allSatisfy({ slope[$0] == 0 }),
                o.targets.indices.contains(where: { Int(o.targets[$0]) != label && slope[$0] != 0 })
            {
                return label
            }
        }
        return nil
    }

    /// Whether other rows of the end of a side change if one row is changed after the last weights.
    func mixesInside(_ side: Side) -> Bool {
        guard let last = lastWeight(side), last < side.end, case let z = vertices[last].tensor, z.rank == 2,
            case let n = z.shape[0], n > 3, vertices[side.end].rows == n,
            let moved = try? z.detached().copied()
        else { return false }
        for c in 0..<z.shape[1] { moved.set(c, z[c] * 3 + 1) }
        guard let after = try? Recording.paused({ try recomputed([last: moved], to: side.end) }),
            after.count == vertices[side.end].tensor.count
        else { return false }
        let (old, new, width) = (vertices[side.end].tensor.doubles, after.doubles, after.count / n)
        // Columns that are centred over the batch are meant so, as by losses of covariances.
        let centred = (0..<width).count { c in
            let column = (0..<n).map { old[$0 * width + c] }
            return abs(column.reduce(0, +)) < 1e-3 * column.reduce(0) { $0 + abs($1) }
        }
        if centred * 2 > width { return false }
        let changed = (1..<n).count { r in
            (0..<width).contains {
                abs(old[r * width + $0] - new[r * width + $0]) > 1e-3 * max(abs(old[r * width + $0]), 1e-6)
            }
        }
        return changed * 2 > n
    }

    /// Of pairs: whether the number that meets a pair's label changes with the embedding of another pair.
    func pairsMix() -> Bool {
        guard sides.count == 2, !mixesRows, let n = sides.first.map({ vertices[$0.end].rows }), n > 2 else {
            return false
        }
        guard let label = targets.first(where: { vertices[$0].tensor.count == n }),
            let meeting = consumers[label].first(where: { vertices[$0].isProcessed }),
            let distance = vertices[meeting].inputs.first(where: {
                vertices[$0].isProcessed && vertices[$0].tensor.count == n
            })
        else { return false }
        let z = vertices[sides[0].end].tensor
        guard z.rank == 2, z.shape[0] == n, let moved = try? z.detached().copied() else { return false }
        for c in 0..<z.shape[1] { moved.set(c, z[c] * 1.5 + 0.5) }
        guard let after = try? Recording.paused({ try recomputed([sides[0].end: moved], to: distance) }),
            after.count == n
        else {
            return false
        }
        let (old, new) = (vertices[distance].tensor.doubles, after.doubles)
        let changed = old.indices.filter { abs(old[$0] - new[$0]) > 1e-6 * max(abs(old[$0]), 1e-6) }
        return changed.count > 1 && changed.count * 2 > n
    }
}
