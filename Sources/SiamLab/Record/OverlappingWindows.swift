import SiamTensor

/// Windows of a series on both sides of a split: a held-out row that holds the values of a training row, moved by a few places.
/// What the net is asked for there is among the inputs of the training, or the other way round.
struct OverlappingWindows {
    /// Share of the held-out rows of which a moved copy is among the training rows, and by how many values it is moved.
    let share: Double
    let moved: Int
    /// Values that such two rows have in common.
    let common: Int

    /// - Parameters:
    ///   - held: rows that the net is measured on, N x width.
    ///   - own: rows that it was trained on, of the same width.
    /// - Returns: nil where there are too few rows or columns to tell, or less than a third of the rows overlap: a series that
    ///   is split in time has such rows at its border.
    init?(of held: Tensor, in own: Tensor) {
        guard held.rank == 2, own.rank == 2, held.shape[1] == own.shape[1], held.shape[0] >= 10, own.shape[0] >= 20
        else {
            return nil
        }
        let width = own.shape[1]
        guard width >= 4, own.count < OverlappingWindows.most, held.count < OverlappingWindows.most else { return nil }
        let (asked, given) = (held.floats, own.floats)
        /// The values of each row from one place to another, by content; nil of rows that say little there.
        func parts(_ all: [Float], _ from: Int, _ to: Int) -> [UInt64?] {
            stride(from: 0, to: all.count - width + 1, by: width).map { start in
                var h: UInt64 = 0xCBF2_9CE4_8422_2325
                var distinct: [Float] = []
                for k in start + from..<start + to {
                    h = (h ^ UInt64(all[k].bitPattern)) &* 0x100_0000_01B3
                    if distinct.count < 3, !distinct.contains(all[k]) { distinct.append(all[k]) }
                }
                return distinct.count < 3 ? nil : h
            }
        }
        var best: (share: Double, moved: Int, common: Int) = (0, 0, 0)
        // Beside a window may stand a column or two of something else, as the time.
        let isSmall = own.count + held.count < OverlappingWindows.most / 20
        let ends = isSmall ? [(0, 0), (1, 0), (0, 1), (2, 0), (0, 2), (1, 1)] : [(0, 0)]
        for (before, behind) in ends where width - before - behind >= 4 {
            let (low, high) = (before, width - behind)
            for moved in 1...min(8, high - low - 3) {
                let heads = Set(parts(given, low, high - moved).compactMap { $0 })
                let tails = Set(parts(given, low + moved, high).compactMap { $0 })
                let (ownHeads, ownTails) = (parts(asked, low, high - moved), parts(asked, low + moved, high))
                let found = ownHeads.indices.count { r in
                    ownHeads[r].map(tails.contains) == true || ownTails[r].map(heads.contains) == true
                }
                let share = Double(found) / Double(ownHeads.count)
                if share > best.share { best = (share, moved, high - low - moved) }
            }
            if best.share > 1 / 3.0 { break }
        }
        guard best.share > 1 / 3.0 else { return nil }
        (share, moved, common) = best
    }
    private static let most = 20_000_000
}
