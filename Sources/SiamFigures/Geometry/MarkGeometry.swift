import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

// What terminal drawings and pictures compute alike from the marks of a panel.

extension Mark {
    /// A matrix scaled to another number of rows and columns: the mean of the finite values of each block, or repeated
    /// cells where it grows.
    static func resampled(_ values: [Double], _ rows: Int, _ columns: Int, _ newRows: Int, _ newColumns: Int)
        -> [Double]
    {
        var out: [Double] = []
        out.reserveCapacity(newRows * newColumns)
        for r in 0..<newRows {
            // The caller checks for the interrupt itself and drops this result.
            if Interrupt.isDue { return [Double](repeating: .nan, count: newRows * newColumns) }
            let top = r * rows / newRows
            let bottom = max(top + 1, (r + 1) * rows / newRows)
            for c in 0..<newColumns {
                let left = c * columns / newColumns
                let right = max(left + 1, (c + 1) * columns / newColumns)
                var sum = 0.0
                var n = 0.0
                for i in top..<min(bottom, rows) {
                    for j in left..<min(right, columns) where values[i * columns + j].isFinite {
                        sum += values[i * columns + j]
                        n += 1
                    }
                }
                out.append(n > 0 ? sum / n : .nan)
            }
        }
        return out
    }
}

extension Mark.Cells {
    /// A cell's number in about six characters at most, to be drawn inside the cell.
    static func text(_ x: Double) -> String {
        if x == x.rounded(), abs(x) < 1e5 { return formatNumber(x == 0 ? 0 : x) }
        let size = abs(x)
        if size >= 0.01, size < 1000 {
            let text = (try? formatNumber(x, spec: size >= 100 ? ".0f" : size >= 10 ? ".1" : ".2")) ?? formatNumber(x)
            return text
        }
        return ((try? formatNumber(x, spec: ".1e")) ?? formatNumber(x)).replacing("e+", with: "e")
    }
}

extension Mark.Curve {
    /// Four places along the path of curve `k` of `n` where its letter is drawn, staggered so that the letters of
    /// neighbouring curves do not meet.
    static func labelPlaces(along path: [(Int, Int)], _ k: Int, of n: Int) -> [(Int, Int)] {
        guard let first = path.first, let last = path.last, last.0 > first.0 else { return Array(path.prefix(1)) }
        return (0..<4).compactMap { j in
            let share = (Double(j) + (Double(k) + 0.5) / Double(max(n, 1))) / 4
            let wanted = Double(first.0) + share * Double(last.0 - first.0)
            guard let next = path.firstIndex(where: { Double($0.0) >= wanted }) else { return nil }
            guard next > 0, path[next].0 > path[next - 1].0 else { return path[next] }
            let (a, b) = (path[next - 1], path[next])
            let t = (wanted - Double(a.0)) / Double(b.0 - a.0)
            guard t >= 0, t <= 1 else { return path[next] }
            return (Int(wanted.rounded()), Int((Double(a.1) + t * Double(b.1 - a.1)).rounded()))
        }
    }
}

extension Mark.Histogram {
    /// The bars' contour as one line, from the baseline up and back to it.
    var outline: [(Double, Double)] {
        guard let first = edges.first, let last = edges.last else { return [] }
        var path = [(first, 0.0)]
        for (k, height) in heights.enumerated() {
            path.append((edges[k], height))
            path.append((edges[k + 1], height))
        }
        path.append((last, 0))
        return path
    }
}
