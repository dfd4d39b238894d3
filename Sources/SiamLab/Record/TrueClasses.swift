import SiamData
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// The classes of rows by the program's own data sets: a row is looked up by its numbers, whatever they were multiplied by.
struct TrueClasses {
    /// By the rows' very numbers, and by their numbers in shares of the largest of each row. A key that rows of several
    /// classes have stands for none of them: in shares of one large column all rows may look alike.
    private var exact: [UInt64: Int] = [:]
    private var scaled: [UInt64: Int] = [:]
    private var width = 0
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
            TrueClasses.note(Replay.hashes(d.dataset.x), d.dataset.y, &exact)
            TrueClasses.note(TrueClasses.keys(d.dataset.x), d.dataset.y, &scaled)
        }
    }
    private static let most = 100_000
    private static func note(_ keys: [UInt64], _ classes: [Int], _ table: inout [UInt64: Int]) {
        for (key, y) in zip(keys, classes) {
            if let known = table[key], known != y { table[key] = ofSeveral } else { table[key] = y }
        }
    }

    /// The class of each row; nil where fewer than nine in ten are known. Rows that are not known have -1.
    func of(_ rows: Tensor) -> [Int]? {
        guard let n = rows.shape.dims.first, n > 0, rows.count / n == width, !exact.isEmpty else { return nil }
        let found = zip(Replay.hashes(rows), TrueClasses.keys(rows)).map { exact[$0] ?? scaled[$1] ?? -1 }
        return found.count { $0 >= 0 } * 10 >= 9 * n ? found : nil
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
