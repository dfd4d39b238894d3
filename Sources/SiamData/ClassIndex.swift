import SiamTensor

/// The rows of a dataset sorted by class: drawing a row of the same or of another class takes constant time.
struct ClassIndex: Sendable {
    /// All rows, class after class.
    let rows: [Int]
    /// Where class c begins in `rows`; one more entry than classes.
    let starts: [Int]
    /// The position of each row in `rows`.
    let places: [Int]
    private let labels: [Int]

    init(_ d: Dataset) {
        var starts = [0]
        for size in d.classCounts { starts.append((starts.last ?? 0) + size) }
        var next = starts
        var rows = [Int](repeating: 0, count: d.count)
        var places = rows
        for (row, label) in d.y.enumerated() {
            rows[next[label]] = row
            places[row] = next[label]
            next[label] += 1
        }
        self.rows = rows
        self.starts = starts
        self.places = places
        labels = d.y
    }

    func size(_ number: Int) -> Int { starts[number + 1] - starts[number] }

    /// Another row of `row`'s class; nil where it is the only one.
    func partner(of row: Int, _ stream: inout RandomStream) -> Int? {
        let number = labels[row]
        let size = size(number)
        guard size >= 2 else { return nil }
        let own = places[row] - starts[number]
        let drawn = stream.below(size - 1)
        return rows[starts[number] + (drawn >= own ? drawn + 1 : drawn)]
    }

    /// A row of another class, each equally likely; nil where there is none.
    func stranger(to row: Int, _ stream: inout RandomStream) -> Int? {
        let number = labels[row]
        let others = rows.count - size(number)
        guard others >= 1 else { return nil }
        let drawn = stream.below(others)
        return rows[drawn >= starts[number] ? drawn + size(number) : drawn]
    }
}

func checkBatch(_ function: String, _ batch: Int) throws {
    guard batch >= 1, batch <= 1 << 24 else {
        throw DataError(
            code: "source.batch", message: "\(function) expects a batch of at least 1, and got \(batch)",
            notes: batch > 1 ? ["16 million is the most"] : [])
    }
}

/// `1 batch`, `45 batches`.
package func counted(_ n: Int, _ one: String, _ many: String) -> String { n == 1 ? "1 \(one)" : "\(n) \(many)" }
