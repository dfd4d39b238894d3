/// The one name that was probably meant: at most two edits away (a letter more, less, other, or two swapped), fewer for short
/// names, and none when nothing is near.
public func closest(to name: String, in candidates: some Sequence<String>) -> String? {
    let written = Array(name.unicodeScalars)
    guard !written.isEmpty else { return nil }
    let lowered = name.lowercased()
    var best: (distance: Int, isOtherBeginning: Bool, name: String)?
    for candidate in candidates where candidate != name && !differInNumber(name, candidate) {
        let scalars = Array(candidate.unicodeScalars)
        let allowed = allowedEdits(min(written.count, scalars.count))
        var distance: Int
        if candidate.lowercased() == lowered {
            distance = 0
        } else {
            guard allowed > 0, abs(scalars.count - written.count) <= allowed else { continue }
            distance = editDistance(written, scalars, limit: allowed)
            guard distance <= allowed else { continue }
        }
        let found = (distance, scalars.first != written.first, candidate)
        if let known = best {
            if found < known { best = found }
        } else {
            best = found
        }
    }
    return best?.name
}

/// `dense3` and `dense1`: names of a row of things, of which none is nearer than another.
private func differInNumber(_ a: String, _ b: String) -> Bool {
    func parted(_ name: String) -> (stem: Substring, number: Substring) {
        let count = name.reversed().prefix(while: \.isNumber).count
        return (name.dropLast(count), name.suffix(count))
    }
    let (first, second) = (parted(a), parted(b))
    return first.stem == second.stem && !first.number.isEmpty && !second.number.isEmpty
}

private func < (a: (Int, Bool, String), b: (distance: Int, isOtherBeginning: Bool, name: String)) -> Bool {
    if a.0 != b.distance { return a.0 < b.distance }
    if a.1 != b.isOtherBeginning { return !a.1 }
    return a.2 < b.name
}

private func allowedEdits(_ length: Int) -> Int { length < 3 ? 0 : length < 6 ? 1 : 2 }

/// Edits between two names, swapped neighbours counting as one; `limit + 1` as soon as it is certain to be more than `limit`.
func editDistance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar], limit: Int) -> Int {
    var before: [Int] = []
    var last = Array(0...b.count)
    for i in 0..<a.count {
        var row = [i + 1]
        row.reserveCapacity(b.count + 1)
        var least = i + 1
        for j in 0..<b.count {
            var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
            if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, before[j - 1] + 1) }
            row.append(cost)
            least = min(least, cost)
        }
        if least > limit + 1 { return limit + 1 }
        before = last
        last = row
    }
    return last[b.count]
}
