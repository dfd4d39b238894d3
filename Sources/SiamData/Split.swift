import SiamTensor

/// Splits `d` in two, `share` of each class in the first part and the rest in the second, drawn at random, both in the
/// order of the whole.
///
/// Every class gives round(share x its size) to the first part, but a class of two or more gives at least one to each;
/// a class of one goes to the first part. Throws where the share is not inside 0 ..< 1 or a part would be empty.
public func split(_ d: Dataset, _ share: Double, _ stream: inout RandomStream) throws -> (Dataset, Dataset) {
    try checkShare("split", share)
    var first: [Int] = []
    var second: [Int] = []
    for rows in d.rowsByClass where !rows.isEmpty {
        var order = rows
        try stream.shuffle(&order) { try Interrupt.poll() }
        let wanted = Int((share * Double(rows.count)).rounded())
        let taken = rows.count == 1 ? 1 : min(max(wanted, 1), rows.count - 1)
        first += order[..<taken]
        second += order[taken...]
    }
    guard !first.isEmpty, !second.isEmpty else {
        throw DataError(
            code: "split.empty",
            message: "split leaves one side empty: \(d.name) has \(d.count) rows in \(d.classes.count) classes",
            notes: ["a class needs two rows to be on both sides"])
    }
    let percent = plain(share * 100)
    let rest = plain((1 - share) * 100)
    return (
        try d.subset(first.sorted(), name: "\(d.name), \(percent) % of each class"),
        try d.subset(second.sorted(), name: "\(d.name), the other \(rest) %")
    )
}

/// Holds whole classes back: round(share x classes) classes drawn at random go to the first part with all their rows,
/// the others to the second; at least one to each. Throws where there are fewer than two classes.
public func splitClasses(_ d: Dataset, _ share: Double, _ stream: inout RandomStream) throws -> (Dataset, Dataset) {
    try checkShare("split_classes", share)
    let present = d.classes
    guard present.count >= 2 else {
        throw DataError(
            code: "split_classes.one",
            message: "split_classes needs at least two classes, and \(d.name) has \(present.count)",
            notes: ["split(d, \(plain(share))) divides the rows of each class"])
    }
    var order = present
    try stream.shuffle(&order) { try Interrupt.poll() }
    let taken = min(max(Int((share * Double(present.count)).rounded()), 1), present.count - 1)
    let chosen = Set(order[..<taken])
    let others = present.count - taken
    return (
        try d.subset(
            d.y.indices { chosen.contains($0) }, name: "\(d.name), \(taken) \(taken == 1 ? "class" : "classes")"),
        try d.subset(
            d.y.indices { !chosen.contains($0) },
            name: "\(d.name), the other \(others) \(others == 1 ? "class" : "classes")")
    )
}

/// Splits `d` in as many parts as there are shares, which add up to 1. Every class is divided by them, so that each part
/// has it in the same proportion; with `groups`, a number a row, the rows of one group stay together instead.
public func split(_ d: Dataset, _ shares: [Double], groups: [Int]? = nil, _ stream: inout RandomStream) throws
    -> [Dataset]
{
    if shares.count == 2, groups == nil, shares[0] > 0, shares[1] > 0, abs(shares[0] + shares[1] - 1) < 1e-6 {
        let (first, second) = try split(d, shares[0], &stream)
        return [first, second]
    }
    let parts = try groups.map { try groupParts($0, shares, &stream) } ?? classParts(d.rowsByClass, shares, &stream)
    if let empty = parts.firstIndex(where: \.isEmpty) {
        throw DataError(
            code: "split.empty",
            message: "split leaves part \(empty + 1) of \(parts.count) empty: \(d.name) has \(d.count) rows"
                + (groups.map { " in \(counted(Set($0).count, "group", "groups"))" } ?? ""))
    }
    return try zip(parts, shares).map { rows, share in
        try d.subset(rows.sorted(), name: "\(d.name), \(plain(share * 100)) %\(groups == nil ? " of each class" : "")")
    }
}

/// The rows 0 ..< count in parts by their shares, drawn at random.
public func splitRows(_ count: Int, _ shares: [Double], _ stream: inout RandomStream) throws -> [[Int]] {
    let parts = try classParts([Array(0..<count)], shares, &stream)
    guard let empty = parts.firstIndex(where: \.isEmpty) else { return parts.map { $0.sorted() } }
    throw DataError(
        code: "split.empty", message: "split leaves part \(empty + 1) of \(parts.count) empty: there are \(count) rows")
}

private func check(_ shares: [Double]) throws {
    for share in shares { try checkShare("split", share) }
    let sum = shares.reduce(0, +)
    guard shares.count >= 2, abs(sum - 1) < 1e-6 else {
        throw DataError(
            code: "split.share",
            message:
                "split expects at least two shares that add up to 1, and got \(shares.map(plain).joined(separator: ", "))",
            notes: sum < 1 && sum > 0 ? ["the rest would be \(plain(1 - sum))"] : [])
    }
}

private func classParts(_ rowsByClass: [[Int]], _ shares: [Double], _ stream: inout RandomStream) throws -> [[Int]] {
    try check(shares)
    var parts = [[Int]](repeating: [], count: shares.count)
    for rows in rowsByClass where !rows.isEmpty {
        var order = rows
        try stream.shuffle(&order) { try Interrupt.poll() }
        var sizes = portions(order.count, shares)
        // A class that is large enough is in every part.
        if order.count >= shares.count {
            while let empty = sizes.firstIndex(of: 0), let most = sizes.indices.max(by: { sizes[$0] < sizes[$1] }) {
                sizes[most] -= 1
                sizes[empty] += 1
            }
        }
        var at = 0
        for (k, size) in sizes.enumerated() {
            parts[k] += order[at..<at + size]
            at += size
        }
    }
    return parts
}

/// `count` divided by shares: the whole parts first, then one more to those that lack most.
private func portions(_ count: Int, _ shares: [Double]) -> [Int] {
    let wanted = shares.map { $0 * Double(count) }
    var sizes = wanted.map { Int($0 + 1e-9) }
    let order = wanted.indices.sorted { wanted[$0] - Double(sizes[$0]) > wanted[$1] - Double(sizes[$1]) + 1e-9 }
    for k in order.prefix(max(0, count - sizes.reduce(0, +))) { sizes[k] += 1 }
    return sizes
}

/// Whole groups to the part that lacks most rows, the largest groups first.
private func groupParts(_ groups: [Int], _ shares: [Double], _ stream: inout RandomStream) throws -> [[Int]] {
    try check(shares)
    var parts = [[Int]](repeating: [], count: shares.count)
    for rows in try inGroups(groups, &stream) {
        let lacks = shares.indices.map { shares[$0] * Double(groups.count) - Double(parts[$0].count) }
        parts[lacks.indices.max { lacks[$0] < lacks[$1] } ?? 0] += rows
    }
    return parts
}

/// The rows of each group, the largest first, those of one size in random order.
private func inGroups(_ groups: [Int], _ stream: inout RandomStream) throws -> [[Int]] {
    var rows: [Int: [Int]] = [:]
    for (row, group) in groups.enumerated() { rows[group, default: []].append(row) }
    var order = rows.keys.sorted()
    try stream.shuffle(&order) { try Interrupt.poll() }
    return order.compactMap { rows[$0] }.enumerated().sorted {
        $0.element.count == $1.element.count ? $0.offset < $1.offset : $0.element.count > $1.element.count
    }.map(\.element)
}

/// `count` pairs of parts for cross-validation: each row is held back once. Classes are dealt out evenly; the rows of one
/// group stay together.
public func fold(_ d: Dataset, _ count: Int, groups: [Int]? = nil, _ stream: inout RandomStream) throws
    -> [(seen: Dataset, held: Dataset)]
{
    let most = groups.map { Set($0).count } ?? d.count
    guard count >= 2, count <= most else {
        throw DataError(
            code: "fold.count",
            message:
                "fold expects from 2 parts to as many as there are \(groups == nil ? "rows" : "groups"), \(most), and got \(count)"
        )
    }
    var parts = [[Int]](repeating: [], count: count)
    if let groups {
        for rows in try inGroups(groups, &stream) {
            parts[parts.indices.min { parts[$0].count < parts[$1].count } ?? 0] += rows
        }
    } else {
        var next = 0
        for rows in d.rowsByClass where !rows.isEmpty {
            var order = rows
            try stream.shuffle(&order) { try Interrupt.poll() }
            for row in order {
                parts[next % count].append(row)
                next += 1
            }
        }
    }
    return try parts.enumerated().map { k, rows in
        let held = Set(rows)
        return (
            try d.subset(
                (0..<d.count).filter { !held.contains($0) }, name: "\(d.name), without part \(k + 1) of \(count)"),
            try d.subset(rows.sorted(), name: "\(d.name), part \(k + 1) of \(count)")
        )
    }
}

private func checkShare(_ function: String, _ share: Double) throws {
    guard share > 0, share < 1 else {
        throw DataError(
            code: "split.share", message: "\(function) expects a share between 0 and 1, and got \(plain(share))",
            notes: share >= 1 && share <= 100 ? ["\(plain(share)) % is \(plain(share / 100))"] : [])
    }
}

/// A number as a person writes it: at most four decimals, no trailing zeros.
func plain(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let scaled = (value * 10_000).rounded() / 10_000
    return scaled == scaled.rounded() ? "\(Int(scaled))" : "\(scaled)"
}
