import Glibc
import SiamGradient
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// How what is minimized answers when one pair's embeddings are moved apart: the slope over the distance, of pairs of
/// either label. Read off the record of a step, so that it holds for every way of writing a loss.
struct PushAndPull {
    struct Point {
        var distance: Double
        /// d loss / d distance, times the number of rows: above 0 the loss pulls the two together.
        var slope: Double
    }
    var same: [Point] = []
    var different: [Point] = []
    /// Mean distances in the step itself.
    var sameDistance = 0.0
    var differentDistance = 0.0

    /// Beyond this distance negative pairs are left alone; nil where the push does not end in what was probed.
    var end: Double? {
        let sorted = different.filter { $0.distance.isFinite && $0.slope.isFinite }.sorted { $0.distance < $1.distance }
        let strongest = sorted.map { -$0.slope }.max() ?? 0
        guard strongest > 0 else { return nil }
        let pushed = sorted.filter { -$0.slope > 1e-6 * strongest }
        guard let last = pushed.map(\.distance).max(), sorted.contains(where: { $0.distance > 1.05 * last }) else {
            return nil
        }
        return last
    }
    /// The distance beyond which negative pairs are pulled together again, of a loss that pushes nearer ones apart; nil where
    /// there is none.
    var pulledBeyond: Double? {
        let sorted = different.filter { $0.distance.isFinite && $0.slope.isFinite }.sorted { $0.distance < $1.distance }
        let strongest = sorted.map { abs($0.slope) }.max() ?? 0
        let pushed = sorted.filter { $0.slope < -1e-4 * strongest }
        guard let last = pushed.last?.distance, case let beyond = sorted.filter({ $0.distance > last }),
            beyond.count >= 10, pushed.count >= 10, beyond.count(where: { $0.slope > 0 }) * 10 >= 9 * beyond.count,
            sorted.count(where: { $0.distance < last && $0.slope > 0 }) * 10 <= pushed.count
        else { return nil }
        return last
    }
    static func mean(_ points: [Point]) -> Double {
        let finite = points.filter { $0.slope.isFinite }
        return finite.isEmpty ? 0 : finite.reduce(0) { $0 + $1.slope } / Double(finite.count)
    }
    /// Mean slope near the step's own distances.
    var pull: Double {
        PushAndPull.mean(same.filter { $0.distance < 2 * max(sameDistance, 1e-9) && $0.distance > 0.3 * sameDistance })
    }
    var push: Double {
        -PushAndPull.mean(
            different.filter { $0.distance < 2 * max(differentDistance, 1e-9) && $0.distance > 0.3 * differentDistance }
        )
    }
    /// Largest push and pull at any distance.
    var mostPush: Double { -(different.map(\.slope).filter(\.isFinite).min() ?? 0) }
    var mostPull: Double { same.map(\.slope).filter(\.isFinite).max() ?? 0 }
}

extension StepGraph {
    /// What the step would minimize, were some of its values others; recorded from those on.
    func recomputed(_ replaced: [Int: Tensor], to last: Int? = nil) throws -> Tensor {
        var values: [Int: Tensor] = replaced
        for (k, v) in vertices.enumerated() where values[k] == nil && k <= last ?? loss {
            guard let op = v.op, v.inputs.contains(where: { values[$0] != nil }) else { continue }
            guard let node = v.tensor.origin as? Node else { continue }
            let inputs = v.inputs.map { values[$0] ?? vertices[$0].tensor }
            let outputs = try op.applyAll(inputs, node.attributes)
            values[k] = outputs.indices.contains(node.output) ? outputs[node.output] : outputs.first
        }
        let wanted = last ?? loss
        return values[wanted] ?? vertices[wanted].tensor
    }

    /// The slopes over distance, with the embeddings as they are and smaller and larger by the factors. `labels` are 1 for
    /// a same pair, or class numbers where one side's rows are compared with one another.
    func pushAndPull(
        labels: [Double], scales: [Double] = [1, 1e-5, 1e-4, 1e-3, 0.01, 0.1, 0.3, 0.6, 1.5, 2.5, 5, 10, 30, 100]
    ) throws -> PushAndPull {
        var found = PushAndPull()
        for scale in scales {
            var replaced: [Int: Tensor] = [:]
            var leaves: [Tensor] = []
            for side in sides {
                let z = vertices[side.end].tensor.detached()
                let moved = try Operators.multiply(z, try Tensor(scalar: scale)).detached().tracked()
                replaced[side.end] = moved
                leaves.append(moved)
            }
            Recording.isOn = true
            guard let y = try? recomputed(replaced), y.count == 1,
                let slopes = try? gradients(of: y, at: leaves)
            else { continue }
            if sides.count >= 3 {
                add(leaves[0], leaves[1], slopes[1], labels: nil, isSame: true, scale, &found)
                add(leaves[0], leaves[2], slopes[2], labels: nil, isSame: false, scale, &found)
            } else if sides.count == 2 {
                add(leaves[0], leaves[1], slopes[1], labels: labels, isSame: true, scale, &found)
            } else if let z = leaves.first, try !addMatrix(z, replaced, labels, scale, &found) {
                addRows(z, slopes[0], labels, scale, &found)
            }
        }
        return found
    }

    private func add(
        _ a: Tensor, _ b: Tensor, _ slope: Tensor?, labels: [Double]?, isSame: Bool, _ scale: Double,
        _ found: inout PushAndPull
    ) {
        guard a.shape == b.shape, a.rank >= 1, let n = a.shape.dims.first, n > 0 else { return }
        let width = a.count / n
        let (x, y) = (a.doubles, b.doubles)
        let g = slope?.doubles ?? Array(repeating: 0, count: x.count)
        var sums = (0.0, 0.0, 0.0, 0.0)
        for r in 0..<n {
            var (square, dot) = (0.0, 0.0)
            for k in r * width..<(r + 1) * width {
                square += (y[k] - x[k]) * (y[k] - x[k])
                dot += g[k] * (y[k] - x[k])
            }
            let d = square.squareRoot()
            let point = PushAndPull.Point(distance: d, slope: Double(n) * dot / max(d, 1e-30))
            let one = labels.map { $0.indices.contains(r) && $0[r] > 0.5 } ?? isSame
            if one { found.same.append(point) } else { found.different.append(point) }
            if one { sums.0 += d; sums.1 += 1 } else { sums.2 += d; sums.3 += 1 }
        }
        guard scale == 1 else { return }
        if sums.1 > 0 { found.sameDistance = sums.0 / sums.1 }
        if sums.3 > 0 { found.differentDistance = sums.2 / sums.3 }
    }

    /// Of rows that meet in a matrix of all distances or similarities: the slope at each of its entries. False where there is
    /// no such matrix.
    private func addMatrix(
        _ z: Tensor, _ replaced: [Int: Tensor], _ labels: [Double], _ scale: Double, _ found: inout PushAndPull
    ) throws -> Bool {
        guard z.rank == 2, let n = z.shape.dims.first, labels.count == n, n > 2 else { return false }
        guard
            let place = vertices.indices.first(where: { k in
                vertices[k].isProcessed && vertices[k].tensor.rank == 2 && vertices[k].tensor.shape[0] == n
                    && vertices[k].tensor.shape[1] == n && !replaced.keys.contains(k) && k > (sides.first?.end ?? 0)
            })
        else { return false }
        let values = try recomputed(replaced, to: place)
        let leaf = values.detached().tracked()
        let y = try recomputed([place: leaf])
        guard y.count == 1, let slope = try gradients(of: y, at: [leaf])[0] else { return false }
        let (x, m, g) = (z.doubles, values.doubles, slope.doubles)
        let width = z.shape[1]
        var points: [(distance: Double, value: Double, slope: Double, isSame: Bool)] = []
        for r in 0..<n {
            for c in 0..<n where c != r {
                var square = 0.0
                for k in 0..<width {
                    square += (x[r * width + k] - x[c * width + k]) * (x[r * width + k] - x[c * width + k])
                }
                points.append((square.squareRoot(), m[r * n + c], g[r * n + c] * Double(n * n), labels[r] == labels[c]))
            }
        }
        // Whether an entry grows with distance, or with similarity.
        let (md, mv) = (
            points.reduce(0) { $0 + $1.distance } / Double(points.count),
            points.reduce(0) { $0 + $1.value } / Double(points.count)
        )
        let together = points.reduce(0.0) { $0 + ($1.distance - md) * ($1.value - mv) }
        guard together != 0, together.isFinite else { return false }
        var sums = (0.0, 0.0, 0.0, 0.0)
        for p in points {
            let point = PushAndPull.Point(distance: p.distance, slope: together > 0 ? p.slope : -p.slope)
            if p.isSame { found.same.append(point) } else { found.different.append(point) }
            if p.isSame { sums.0 += p.distance; sums.1 += 1 } else { sums.2 += p.distance; sums.3 += 1 }
        }
        if scale == 1 {
            if sums.1 > 0 { found.sameDistance = sums.0 / sums.1 }
            if sums.3 > 0 { found.differentDistance = sums.2 / sums.3 }
        }
        return true
    }

    /// Of rows that are compared with one another in no matrix: each row along the way to the middle of its class, and each
    /// class as a whole along the way to the middle of the others.
    private func addRows(_ z: Tensor, _ slope: Tensor?, _ labels: [Double], _ scale: Double, _ found: inout PushAndPull)
    {
        guard z.rank >= 1, let n = z.shape.dims.first, labels.count == n, n > 2 else { return }
        let width = z.count / n
        let x = z.doubles
        let g = slope?.doubles ?? Array(repeating: 0, count: x.count)
        func middle(_ rows: [Int]) -> [Double] {
            (0..<width).map { k in rows.reduce(0.0) { $0 + x[$1 * width + k] } / Double(max(1, rows.count)) }
        }
        func point(_ rows: [Int], _ way: [Double]) -> PushAndPull.Point {
            let d = way.reduce(0) { $0 + $1 * $1 }.squareRoot()
            let dot = rows.reduce(0.0) { sum, r in (0..<width).reduce(sum) { $0 + g[r * width + $1] * way[$1] } }
            return .init(distance: d, slope: Double(n) / Double(max(1, rows.count)) * dot / max(d, 1e-30))
        }
        var (same, different): ([PushAndPull.Point], [PushAndPull.Point]) = ([], [])
        for rows in Dictionary(grouping: 0..<n, by: { labels[$0] }).sorted(by: { $0.key < $1.key }).map(\.value) {
            let own = middle(rows)
            let others = (0..<n).filter { labels[$0] != labels[rows[0]] }
            if !others.isEmpty {
                let rest = middle(others)
                different.append(point(rows, zip(own, rest).map { $0 - $1 }))
            }
            for r in rows where rows.count > 1 {
                same.append(point([r], (0..<width).map { x[r * width + $0] - own[$0] }))
            }
        }
        // What is left of slopes that cancel out is rounding.
        let least = 1e-4 * (same.map(\.slope).filter(\.isFinite).map(abs).max() ?? 0)
        found.same += same
        found.different += different.map { abs($0.slope) < least ? .init(distance: $0.distance, slope: 0) : $0 }
        guard scale == 1 else { return }
        func mean(_ p: [PushAndPull.Point]) -> Double { p.reduce(0) { $0 + $1.distance } / Double(p.count) }
        if !same.isEmpty { found.sameDistance = mean(same) }
        if !different.isEmpty { found.differentDistance = mean(different) }
    }
}

extension PushAndPull {
    /// Both curves in rows of signs: `+` where moving apart raises the loss (a pull), `-` where it lowers it (a push), `.` where
    /// nothing answers; distances grow to the right by equal factors.
    func lines(columns: Int, unicode: Bool) -> [String] {
        let distances = (same + different).map(\.distance).filter { $0 > 0 && $0.isFinite }
        guard let low = distances.min(), let high = distances.max(), high > low else { return [] }
        let room = max(16, min(48, columns - 22))
        func row(_ points: [Point]) -> String {
            let most = (same + different).map { abs($0.slope) }.filter(\.isFinite).max() ?? 0
            return (0..<room).map { c -> String in
                let a = low * pow(high / low, Double(c) / Double(room))
                let b = low * pow(high / low, Double(c + 1) / Double(room))
                let here = points.filter { $0.distance >= a && $0.distance <= b }
                guard !here.isEmpty else { return " " }
                if here.contains(where: { !$0.slope.isFinite }) { return "!" }
                let slope = PushAndPull.mean(here)
                return abs(slope) <= 1e-6 * most ? (unicode ? "·" : ".") : slope > 0 ? "+" : "-"
            }.joined()
        }
        var lines = ["same       " + row(same), "different  " + row(different)]
        let ends = (short(low), short(high))
        lines.append(
            "distance   " + ends.0 + String(repeating: " ", count: max(1, room - ends.0.count - ends.1.count)) + ends.1)
        lines.append("+ pulled together   - pushed apart   " + (unicode ? "·" : ".") + " left alone")
        return lines
    }
}
