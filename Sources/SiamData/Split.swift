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
        stream.shuffle(&order)
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
    stream.shuffle(&order)
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

private func checkShare(_ function: String, _ share: Double) throws {
    guard share > 0, share < 1 else {
        throw DataError(
            code: "split.share", message: "\(function) wants a share between 0 and 1, and got \(plain(share))",
            notes: share >= 1 && share <= 100 ? ["\(plain(share)) % is \(plain(share / 100))"] : [])
    }
}

/// A number as a person writes it: at most four decimals, no trailing zeros.
func plain(_ value: Double) -> String {
    guard value.isFinite, abs(value) < 1e12 else { return "\(value)" }
    let scaled = (value * 10_000).rounded() / 10_000
    return scaled == scaled.rounded() ? "\(Int(scaled))" : "\(scaled)"
}
