import SiamTensor

/// What a look at a dataset finds: its columns one by one, and what may be wrong with it.
public struct DatasetFacts: Sendable {
    public struct Column: Sendable {
        public let name: String
        /// `constant`, `0 or 1`, `whole`, `fraction`, `empty`.
        public let kind: String
        public let least: Double
        public let mean: Double
        public let most: Double
        public let sd: Double
        /// Cells that are not a number.
        public let missing: Int
        /// A histogram of twelve equal bins from the least value to the greatest.
        public let bars: [Int]
    }
    public let columns: [Column]
    /// One sentence a finding.
    public let remarks: [String]

    /// Wider examples, pictures most often, are looked at as a whole.
    public static let most = 2000

    public init(_ d: Dataset) {
        let n = d.count
        let width = n > 0 ? d.x.count / n : 0
        let isTable = d.x.rank <= 2 && width <= DatasetFacts.most && width > 0
        var remarks: [String] = []
        let columns = d.x.reading { values -> [Column] in
            guard isTable else { return [Column("all numbers", Array(values))] }
            return (0..<width).map { c in
                Column(
                    c < d.columns.count ? d.columns[c] : "\(c)", (0..<n).map { values[$0 * width + c] })
            }
        }
        func listed(_ names: [String]) -> String {
            names.prefix(6).joined(separator: ", ") + (names.count > 6 ? " and \(names.count - 6) more" : "")
        }
        let constant = columns.filter { $0.kind == "constant" || $0.kind == "empty" }.map(\.name)
        if !constant.isEmpty {
            remarks.append(
                "\(counted(constant.count, "column is", "columns are")) the same in every row: \(listed(constant))")
        }
        let holes = columns.filter { $0.missing > 0 }
        if !holes.isEmpty {
            remarks.append(
                "\(counted(holes.reduce(0) { $0 + $1.missing }, "cell is", "cells are")) not a number, in \(listed(holes.map(\.name)))"
            )
        }
        let spreads = columns.filter { $0.sd > 0 }.map(\.sd)
        if isTable, let low = spreads.min(), let high = spreads.max(), high > 20 * low {
            remarks.append(
                "the standard deviations of the columns range from \(plain4(low)) to \(plain4(high)): standardize(d) gives them one scale"
            )
        }
        DatasetFacts.repeats(d, width, &remarks)
        if isTable { DatasetFacts.giveaways(d, width, columns, &remarks) }
        if d.targets == nil, let most = d.classCounts.max(), let least = d.classCounts.filter({ $0 > 0 }).min(),
            d.classes.count > 1, most >= 5 * least
        {
            remarks.append(
                "the classes have very different sizes, \(least) to \(most): accuracy alone says little; balance(d) or class weights help"
            )
        }
        self.columns = columns
        self.remarks = remarks
    }

    /// Rows that are there more than once, and those of them that say different things.
    private static func repeats(_ d: Dataset, _ width: Int, _ remarks: inout [String]) {
        guard width > 0, d.count > 1 else { return }
        var first: [UInt64: [Int]] = [:]
        var (again, otherwise) = (0, 0)
        let targets = d.targets?.values
        d.x.reading { values in
            for row in 0..<d.count {
                var key: UInt64 = 0xCBF2_9CE4_8422_2325
                for k in row * width..<(row + 1) * width {
                    key = (key ^ UInt64(values[k].bitPattern)) &* 0x100_0000_01B3
                }
                let same = first[key]?.first { before in
                    (0..<width).allSatisfy { values[before * width + $0] == values[row * width + $0] }
                }
                if let same {
                    again += 1
                    let differs = targets.map { t in
                        let w = t.count / d.count
                        return (0..<w).contains { t[same * w + $0] != t[row * w + $0] }
                    }
                    if differs ?? (d.y[same] != d.y[row]) { otherwise += 1 }
                } else {
                    first[key, default: []].append(row)
                }
            }
        }
        if again > 0 {
            remarks.append(
                "\(counted(again, "row repeats", "rows repeat")) an earlier one"
                    + (otherwise > 0
                        ? ", \(otherwise) of them with another \(targets == nil ? "class" : "target")" : "")
                    + ": the same row in both parts of a split makes the score too good")
        }
    }

    /// Columns that tell the class, or the target, all but alone.
    private static func giveaways(_ d: Dataset, _ width: Int, _ columns: [Column], _ remarks: inout [String]) {
        guard d.count >= 20, d.targets != nil || d.classes.count > 1 else { return }
        var telling: [String] = []
        // Of many examples some tell enough.
        let rows = Array(stride(from: 0, to: d.count, by: max(1, d.count / 1000 * width / 4000)))
        let y = rows.map { d.y[$0] }
        let targets = d.targets.flatMap { $0.count == d.count ? $0.values : nil }
        d.x.reading { values in
            for c in 0..<width where columns[c].sd > 0 {
                let own = rows.map { values[$0 * width + c] }
                if let targets {
                    if abs(correlation(own, rows.map { targets[$0] })) > 0.999 { telling.append(columns[c].name) }
                } else if d.targets == nil, oneRule(own, y) >= 0.98 {
                    telling.append(columns[c].name)
                }
            }
        }
        let share = Double(d.classCounts.max() ?? 0) / Double(max(d.count, 1))
        guard !telling.isEmpty, d.targets != nil || share < 0.9 else { return }
        remarks.append(
            "\(telling.prefix(6).joined(separator: ", ")) \(telling.count == 1 ? "predicts" : "predict") the \(d.targets == nil ? "class" : "target") almost alone: is it known before the \(d.targets == nil ? "class" : "target") is?"
        )
    }

    /// The accuracy of predicting the class from one column alone, by intervals of at least six of one class (Holte,
    /// 1993).
    private static func oneRule(_ values: [Float], _ y: [Int]) -> Double {
        let order = values.indices.filter { values[$0].isFinite }.sorted { values[$0] < values[$1] }
        var right = 0
        var counts: [Int: Int] = [:]
        for (place, row) in order.enumerated() {
            counts[y[row], default: 0] += 1
            let isEdge = place + 1 < order.count && values[order[place + 1]] != values[row]
            guard isEdge, let most = counts.max(by: { $0.value < $1.value }), most.value >= 6,
                y[order[place + 1]] != most.key
            else { continue }
            right += most.value
            counts = [:]
        }
        right += counts.values.max() ?? 0
        return Double(right) / Double(max(values.count, 1))
    }

    private static func correlation(_ a: [Float], _ b: [Float]) -> Double {
        let n = Double(a.count)
        let (ma, mb) = (a.reduce(0.0) { $0 + Double($1) } / n, b.reduce(0.0) { $0 + Double($1) } / n)
        var (ab, aa, bb) = (0.0, 0.0, 0.0)
        for (x, y) in zip(a, b) {
            let (p, q) = (Double(x) - ma, Double(y) - mb)
            ab += p * q
            aa += p * p
            bb += q * q
        }
        return aa > 0 && bb > 0 ? ab / (aa * bb).squareRoot() : 0
    }
}

extension DatasetFacts.Column {
    init(_ name: String, _ values: [Float]) {
        self.name = name
        let finite = values.filter(\.isFinite)
        missing = values.count - finite.count
        guard let low = finite.min(), let high = finite.max() else {
            (kind, least, mean, most, sd, bars) = ("empty", .nan, .nan, .nan, .nan, [])
            return
        }
        let n = Double(finite.count)
        let middle = finite.reduce(0.0) { $0 + Double($1) } / n
        (least, mean, most) = (Double(low), middle, Double(high))
        sd = (finite.reduce(0.0) { $0 + (Double($1) - middle) * (Double($1) - middle) } / n).squareRoot()
        kind =
            low == high
            ? "constant"
            : finite.allSatisfy { $0 == 0 || $0 == 1 }
                ? "0 or 1" : finite.allSatisfy { $0 == $0.rounded() } ? "whole" : "fraction"
        var parts = [Int](repeating: 0, count: 12)
        let span = Double(high) - Double(low)
        for x in finite { parts[span > 0 ? min(11, Int((Double(x) - Double(low)) / span * 12)) : 0] += 1 }
        bars = parts
    }
}

private func plain4(_ x: Double) -> String {
    guard x > 0, x.isFinite else { return "\(x)" }
    // Two digits that count.
    var scale = 1.0
    var value = x
    while value < 10, scale < 1e12 { (value, scale) = (value * 10, scale * 10) }
    while value >= 100, scale > 1e-12 { (value, scale) = (value / 10, scale / 10) }
    let rounded = value.rounded() / scale
    return rounded == rounded.rounded() && abs(rounded) < 1e15 ? "\(Int(rounded))" : "\(rounded)"
}
