/// Sorting that an interrupt can stop.
public enum Sorting {
    /// The items in order. If an interrupt is due, sorting stops half-way and the caller has to throw `Interrupted`.
    public static func sorted<T>(_ items: [T], by before: (T, T) -> Bool) -> [T] {
        let piece = 1 << 16
        guard items.count > piece else { return items.sorted(by: before) }
        var from = items
        for start in stride(from: 0, to: items.count, by: piece) {
            if Interrupt.isDue { return items }
            from[start..<min(start + piece, items.count)].sort(by: before)
        }
        var to = from
        var width = piece
        while width < items.count {
            for start in stride(from: 0, to: items.count, by: 2 * width) {
                guard
                    merge(
                        from, start, min(start + width, items.count), min(start + 2 * width, items.count), &to, before)
                else { return items }
            }
            swap(&from, &to)
            width *= 2
        }
        return from
    }

    /// Merges two neighbours that are in order; false where an interrupt is due.
    private static func merge<T>(
        _ from: [T], _ start: Int, _ middle: Int, _ end: Int, _ to: inout [T], _ before: (T, T) -> Bool
    ) -> Bool {
        var (p, q) = (start, middle)
        for k in start..<end {
            if k & 0xFFFF == 0, Interrupt.isDue { return false }
            if q >= end || p < middle && !before(from[q], from[p]) {
                to[k] = from[p]
                p += 1
            } else {
                to[k] = from[q]
                q += 1
            }
        }
        return true
    }

    /// The numbers in ascending order, with the same promise.
    public static func sorted(_ numbers: [Double]) -> [Double] { sorted(numbers, by: <) }
}
