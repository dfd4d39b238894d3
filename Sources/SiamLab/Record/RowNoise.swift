/// Noise that was added to rows, as opposed to scaling or rotating them.
enum RowNoise {
    /// Whether rows are others with noise on them or with entries left out: the same value of the clean rows, in the same
    /// column, became different ones, or a part of the entries became one constant. A picture that was turned or moved, and
    /// columns that were scaled, are not noisy.
    /// - Parameters:
    ///   - clean: n x width, row by row.
    ///   - given: the same rows as the net sees them.
    static func isAdded(to clean: [Double], in given: [Double], rows n: Int) -> Bool {
        guard n > 3, clean.count == given.count, clean.count % n == 0, given.allSatisfy(\.isFinite) else {
            return false
        }
        let width = clean.count / n
        let changed = clean.indices.filter { clean[$0] != given[$0] }
        let share = Double(changed.count) / Double(clean.count)
        guard share > 0.02 else { return false }
        // Entries left out.
        if share < 0.95, let first = changed.first, changed.allSatisfy({ given[$0] == given[first] }) { return true }
        // A value that many entries share, as the background of pictures.
        var counts: [Double: Int] = [:]
        for v in clean { counts[v, default: 0] += 1 }
        if let common = counts.max(by: { ($0.value, $0.key) < ($1.value, $1.key) }), common.value * 10 > clean.count {
            let became = clean.indices.filter { clean[$0] == common.key }.map { given[$0] }
            return Set(became).count * 2 > became.count
        }
        // Columns whose order is another: what scales a column keeps it.
        let mixed = (0..<width).count { c in
            let order = (0..<n).sorted { clean[$0 * width + c] < clean[$1 * width + c] }
            let (up, down) = zip(order, order.dropFirst()).reduce((0, 0)) { sum, two in
                let step = given[two.1 * width + c] - given[two.0 * width + c]
                return (sum.0 + (step > 0 ? 1 : 0), sum.1 + (step < 0 ? 1 : 0))
            }
            return min(up, down) * 10 > n
        }
        return mixed * 2 > width
    }
}
