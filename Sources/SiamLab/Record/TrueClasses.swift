import SiamData
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// The classes of rows by the program's own data sets: a row is looked up by its numbers, up to a constant factor.
struct TrueClasses {
    /// By the rows' very numbers, and by their numbers in shares of the largest of each row. A key that rows of several
    /// classes have stands for none of them: in shares of one large column all rows may look alike.
    private var exact: [UInt64: Int] = [:]
    private var scaled: [UInt64: Int] = [:]
    private var width = 0
    /// Whether they come from rows and class numbers in separate variables, which only look as if they belonged together.
    private(set) var areGuessed = false
    private static let ofSeveral = -1

    /// Of the data sets among a session's names whose examples have so many numbers.
    init(_ session: Session, width: Int) {
        self.width = width
        var left = TrueClasses.most
        for name in session.globals.userNames {
            guard case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name), d.dataset.count > 0,
                d.dataset.x.count / d.dataset.count == width, d.dataset.count <= left
            else { continue }
            left -= d.dataset.count
            let keys = Replay.hashes(d.dataset.x)
            let isRearranged = TrueClasses.isRearranged(d.dataset.y, exact, keys)
            TrueClasses.note(keys, d.dataset.y, &exact, isRearranged: isRearranged)
            TrueClasses.note(TrueClasses.keys(d.dataset.x), d.dataset.y, &scaled, isRearranged: isRearranged)
        }
        for (rows, classes, _) in PreparedRows.all(session, width: width) {
            TrueClasses.note(Replay.hashes(rows), classes, &exact, isRearranged: false)
        }
        guard exact.isEmpty else { return }
        areGuessed = true
        for (rows, classes) in TrueClasses.besideRows(session, width) {
            TrueClasses.note(Replay.hashes(rows), classes, &exact, isRearranged: false)
            TrueClasses.note(TrueClasses.keys(rows), classes, &scaled, isRearranged: false)
        }
    }

    /// Rows without a data set, and the one list of class numbers that is as long as they are.
    private static func besideRows(_ session: Session, _ width: Int) -> [(rows: Tensor, classes: [Int])] {
        var rows: [Tensor] = []
        var classes: [Int: [[Int]]] = [:]
        for name in session.globals.userNames {
            guard case .tensor(let t)? = session.globals.valueIfReady(name), let n = t.shape.dims.first, n >= 20,
                n <= most
            else { continue }
            if t.rank > 1, t.count / n == width { rows.append(t) }
            guard t.count == n, case let values = t.doubles, values.allSatisfy({ $0 == $0.rounded() && abs($0) < 1e6 })
            else { continue }
            let numbers = values.map { Int($0) }
            if (2...(n / 4)).contains(Set(numbers).count) { classes[n, default: []].append(numbers) }
        }
        return rows.compactMap { x in
            guard let own = classes[x.shape[0]], let first = own.first, own.allSatisfy({ $0 == first }) else {
                return nil
            }
            return (x, first)
        }
    }
    private static let most = 100_000
    /// Of a data set with the rows of an earlier one and its labels in another order, the earlier one's labels count.
    private static func note(
        _ keys: [UInt64], _ classes: [Int], _ table: inout [UInt64: Int], isRearranged: Bool
    ) {
        var own: [UInt64: Int] = [:]
        for (key, y) in zip(keys, classes) {
            if let known = own[key], known != y { own[key] = ofSeveral } else { own[key] = y }
        }
        table.merge(own) { $0 == $1 || isRearranged ? $0 : ofSeveral }
    }

    /// Whether the labels of known rows are the known ones in another order: as many of each class, no other names for the
    /// same classes, and not those of the rows.
    private static func isRearranged(_ classes: [Int], _ table: [UInt64: Int], _ keys: [UInt64]) -> Bool {
        let both = zip(keys, classes).compactMap { key, y in table[key].map { (known: $0, own: y) } }
        guard both.count >= 20, both.count * 10 >= 9 * classes.count, both.allSatisfy({ $0.known >= 0 }) else {
            return false
        }
        func counts(_ classes: [Int]) -> [Int: Int] { classes.reduce(into: [:]) { $0[$1, default: 0] += 1 } }
        let (known, own) = (counts(both.map(\.known)), counts(both.map(\.own)))
        // A part of them has about as many of each class.
        let areAlike =
            Set(known.keys) == Set(own.keys)
            && known.allSatisfy { abs(Double($1 - (own[$0] ?? 0))) <= 3 * Double($1).squareRoot() }
        return areAlike && both.contains { $0.known != $0.own }
            && Set(both.map { [$0.known, $0.own] }).count > Set(both.map(\.known)).count
    }

    /// The class of each row; nil where fewer than nine in ten are known. Rows that are not known have -1.
    func of(_ rows: Tensor) -> [Int]? {
        guard let found = classes(rows) else { return nil }
        return found.count { $0 >= 0 } * 10 >= 9 * found.count ? found : nil
    }
    /// The share of rows that are known.
    func share(of rows: Tensor) -> Double {
        classes(rows).map { found in Double(found.count { $0 >= 0 }) / Double(found.count) } ?? 0
    }
    private func classes(_ rows: Tensor) -> [Int]? {
        guard let n = rows.shape.dims.first, n > 0, rows.count / n == width, !exact.isEmpty else { return nil }
        return zip(Replay.hashes(rows), TrueClasses.keys(rows)).map { exact[$0] ?? scaled[$1] ?? -1 }
    }

    /// A number for each row that its scale does not change.
    private static func keys(_ x: Tensor) -> [UInt64] {
        let n = x.shape.dims.first ?? 0
        let width = n > 0 ? x.count / n : 0
        return x.withFloats { all in
            (0..<n).map { r in
                var most: Float = 0
                for k in r * width..<(r + 1) * width where all[k].isFinite { most = max(most, abs(all[k])) }
                var h: UInt64 = 0xCBF2_9CE4_8422_2325
                for k in r * width..<(r + 1) * width {
                    let part = most > 0 && all[k].isFinite ? Int64((all[k] / most * 2000).rounded()) : 0
                    h = (h ^ UInt64(bitPattern: part)) &* 0x100_0000_01B3
                }
                return h
            }
        }
    }
}
