import SiamData
import SiamInterpreter
import SiamRuntime
import SiamTensor

/// Rows that a replay holds back from sources of tensors, and sources that draw from them.
extension Replay {
    /// Rows that were held back from a source of tensors, by the source that draws from the rest.
    struct HeldRows {
        let source: DataSource
        let tensors: [Tensor]
    }

    /// The source without a fifth of its rows, where it is cut from tensors and something is to be held back.
    func withoutHeldRows(_ source: DataSource, _ data: DatasetThing?) throws -> DataSource {
        guard case .kept = heldOut, data == nil, let all = source.tensors, let n = all.first?.shape[0], n >= 40 else {
            return source
        }
        var stream = RandomStream(seed: 0xD0C7 &+ seedShift)
        let (kept, rest) =
            try wholeGroups(all[0], all.last?.count == n ? all.last?.doubles : nil, &stream)
            ?? Replay.heldRows(all, n, &stream)
        guard kept.count >= 8, rest.count >= 8 else { return source }
        let inside = try all.map { try $0.gathered(rest).detached() }
        guard let fewer = try source.drawing(from: inside) else { return source }
        if all.count == 2, all[1].count == n {
            let y = try all[1].gathered(kept).doubles
            let classes = Set(y)
            if classes.count > 1, classes.count <= y.count / 4,
                classes.allSatisfy({ $0 == $0.rounded() && $0 >= 0 && $0 < 1e5 })
            {
                self.kept = try Dataset(x: try all[0].gathered(kept).detached(), y: y.map { Int($0) }, name: "rows")
            }
        }
        heldRows.append(HeldRows(source: fewer, tensors: try all.map { try $0.gathered(kept).detached() }))
        return fewer
    }

    /// Whole groups of rows, where these are to be held back.
    func wholeGroups(_ rows: Tensor, _ labels: [Double]?, _ stream: inout RandomStream) throws -> (
        kept: [Int], rest: [Int]
    )? {
        guard holdsGroups, let session else { return nil }
        return try RowGroups(rows, labels, session)?.cut(Replay.hashes(rows), &stream)
    }

    /// A fifth of the rows. Of prepared pairs a fifth of the items with all pairs that they are in: a row that stands on
    /// both sides of the cut would have been trained on.
    static func heldRows(_ all: [Tensor], _ n: Int, _ stream: inout RandomStream) -> (kept: [Int], rest: [Int]) {
        let items = all.filter { $0.rank > 1 && $0.shape == all[0].shape }
        if items.count >= 2,
            let hashed = try? items.map({
                try hashes(Dataset(x: $0.detached(), y: Array(repeating: 0, count: n), name: "rows"))
            })
        {
            let distinct = Array(Set(hashed.flatMap { $0 })).sorted()
            if distinct.count < items.count * n * 4 / 5 {
                var order = distinct
                stream.shuffle(&order)
                let held = Set(order.prefix(max(2, distinct.count * 3 / 10)))
                let kept = (0..<n).filter { r in hashed.allSatisfy { held.contains($0[r]) } }
                let rest = (0..<n).filter { r in hashed.allSatisfy { !held.contains($0[r]) } }
                return (kept, rest)
            }
        }
        var order = Array(0..<n)
        stream.shuffle(&order)
        let cut = n * 4 / 5
        return (order[cut...].sorted(), order[..<cut].sorted())
    }

    /// A source of held-out batches like the run's own; nil where nothing is held out for it.
    func heldSource(_ run: SiamRuntime.Run, _ session: Session) -> DataSource? {
        guard let thing = run.source as? SourceThing else { return nil }
        return heldSource(thing, session)
    }

    func heldSource(_ thing: SourceThing, _ session: Session) -> DataSource? {
        if let rows = heldRows.first(where: { $0.source === thing.source }) {
            return (try? thing.source.drawing(from: rows.tensors)) ?? nil
        }
        var data: Dataset?
        switch heldOut {
        case .named(let name, _):
            if case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name) { data = d.dataset }
        case .kept: data = kept
        case .own: data = thing.dataset?.dataset
        case .none: break
        }
        guard let data, thing.dataset != nil || thing.source.tensors?.count == 2 else { return nil }
        return (try? thing.source.drawing(from: data)) ?? nil
    }
}
