import SiamInterpreter
import SiamLanguage
import SiamTensor

/// A single process that divides its batches as several processes would.
public final class TeamOfOne: Team {
    public let rank = 0
    public let size = 1
    public let blocks: Int
    public let takesCallsFromThreads = true
    public init(blocks: Int) { self.blocks = blocks }
    public func exchange(
        with partner: Int, _ send: UnsafeRawBufferPointer, _ receive: UnsafeMutableRawBufferPointer
    ) throws {}
}

/// Numbers of a block or of a sum of blocks, one behind the other.
final class FlatNumbers {
    let count: Int
    let numbers: UnsafeMutablePointer<Float>
    init(_ count: Int) {
        self.count = count
        numbers = .allocate(capacity: max(count, 1))
        numbers.initialize(repeating: 0, count: max(count, 1))
    }
    deinit { numbers.deallocate() }

    func add(_ other: FlatNumbers) { add(other, 0..<min(count, other.count)) }

    /// Adds a stretch of another one; nothing outside of both.
    func add(_ other: FlatNumbers, _ range: Range<Int>) {
        let range = range.clamped(to: 0..<min(count, other.count))
        let (to, from) = (numbers, other.numbers)
        for i in range { to[i] += from[i] }
    }
}

/// Adds blocks in pairs, then pairs of pairs: the order of a binary tree over all blocks, of which a process holds a subtree.
/// No more sums are held at once than the tree is deep.
struct TreeSum {
    private var waiting: [(level: Int, sum: FlatNumbers)] = []

    mutating func push(_ block: FlatNumbers) {
        var (level, sum) = (0, block)
        while let last = waiting.last, last.level == level {
            last.sum.add(sum)
            sum = last.sum
            level += 1
            waiting.removeLast()
        }
        waiting.append((level, sum))
    }

    /// Where the sum of all is once every stretch of the last block has been added.
    func whole(with last: FlatNumbers) -> FlatNumbers { waiting.first?.sum ?? last }

    /// Adds a stretch of the last block, which completes the tree, to what waits for it.
    func add(last: FlatNumbers, _ range: Range<Int>) {
        var sum = last
        for one in waiting.reversed() {
            one.sum.add(sum, range)
            sum = one.sum
        }
    }
}

extension Team {
    /// The largest power of two not above the number of processes: so many exchange sums in pairs. Each of the others works out
    /// half of the blocks of one of these, its leader, gives what they add up to, and gets what all add up to.
    var core: Int { size < 1 ? 1 : 1 << (Int.bitWidth - 1 - size.leadingZeroBitCount) }
    /// Whose blocks this process shares; nil of one of the core.
    private var leader: Int? { rank >= core ? rank - core : nil }
    private var helper: Int? { rank + core < size ? rank + core : nil }

    /// The blocks that this process works out: the leaves of one subtree.
    var ownBlocks: Range<Int> {
        let each = blocks / core
        let first = (rank % core) * each
        let middle = first + each / 2
        if leader != nil { return middle..<first + each }
        return first..<(helper == nil ? first + each : middle)
    }

    /// What the processes must agree on and what is added up over them, in one small message a level of the tree.
    ///
    /// - Parameters:
    ///   - agreed: must be the same everywhere, to the last bit.
    ///   - sums: of this process's subtree; becomes that of all.
    func combine(agreed: [UInt64], sums: inout [Double]) throws {
        let words = agreed.count + sums.count + 1
        func meet(_ partner: Int) throws -> [Double] {
            let own = agreed + [UInt64(sums.count)] + sums.map(\.bitPattern)
            // A fixed length, so that those who are at different places see it.
            let length = 8 * max(words, 64)
            var send = [UInt8](repeating: 0, count: length)
            send.withUnsafeMutableBytes {
                for (k, w) in own.enumerated() { $0.storeBytes(of: w, toByteOffset: 8 * k, as: UInt64.self) }
            }
            var received = [UInt8](repeating: 0, count: length)
            try send.withUnsafeBytes { s in
                try received.withUnsafeMutableBytes { try exchange(with: partner, s, $0) }
            }
            let others = received.withUnsafeBytes { raw in
                (0..<words).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
            }
            guard others[...agreed.count] == own[...agreed.count] else {
                throw Diagnostic(
                    code: "team.apart", "the processes of this training are out of step",
                    notes: [
                        "process \(rank + 1) is at step \(agreed.count > 1 ? agreed[1] : 0), and process \(partner + 1) is elsewhere or has other parameters"
                    ],
                    repair:
                        "if the body stops or counts by values of its part of a batch, put that into  every 1 steps { ... }"
                )
            }
            return others[(agreed.count + 1)...].map(Double.init(bitPattern:))
        }
        func add(_ others: [Double]) { for (k, x) in zip(sums.indices, others) { sums[k] += x } }
        if let leader {
            _ = try meet(leader)
            sums = try meet(leader)
            return
        }
        if let helper { add(try meet(helper)) }
        var distance = 1
        while distance < core {
            add(try meet(rank ^ distance))
            distance *= 2
        }
        if let helper { _ = try meet(helper) }
    }

    /// Adds up the numbers of all processes, in the order of the tree. Within the core, halves go back and forth: each number is added where it
    /// is the other's and only then sent to all, so that twice its length goes over the net, however many there are.
    func combine(_ x: FlatNumbers, _ range: Range<Int>) throws {
        guard size > 1 else { return }
        let all = range.clamped(to: 0..<x.count)
        let place = x.numbers + all.lowerBound
        if let leader {
            try swap(with: leader, place, all.count, place, 0)
            try swap(with: leader, place, 0, place, all.count)
            return
        }
        if let helper {
            let other = FlatNumbers(all.count)
            try swap(with: helper, place, 0, other.numbers, all.count)
            for i in 0..<all.count { place[i] += other.numbers[i] }
        }
        var parts: [(distance: Int, kept: Range<Int>, given: Range<Int>)] = []
        var mine = all
        var distance = 1
        while distance < core {
            let middle = mine.lowerBound + mine.count / 2
            let (low, high) = (mine.lowerBound..<middle, middle..<mine.upperBound)
            let (kept, given) = rank & distance == 0 ? (low, high) : (high, low)
            let other = FlatNumbers(kept.count)
            try swap(with: rank ^ distance, x.numbers + given.lowerBound, given.count, other.numbers, kept.count)
            let to = x.numbers + kept.lowerBound
            for i in 0..<kept.count { to[i] += other.numbers[i] }
            parts.append((distance, kept, given))
            mine = kept
            distance *= 2
        }
        for part in parts.reversed() {
            try swap(
                with: rank ^ part.distance, x.numbers + part.kept.lowerBound, part.kept.count,
                x.numbers + part.given.lowerBound, part.given.count)
        }
        if let helper { try swap(with: helper, place, all.count, place, 0) }
    }

    /// Sends and receives numbers in pieces of a size that suits the network; both sides know both lengths.
    private func swap(
        with partner: Int, _ send: UnsafeMutablePointer<Float>, _ sent: Int, _ receive: UnsafeMutablePointer<Float>,
        _ received: Int
    ) throws {
        let piece = 1 << 18
        var at = 0
        while at < max(sent, received) {
            let (s, r) = (min(piece, max(0, sent - at)), min(piece, max(0, received - at)))
            try exchange(
                with: partner, UnsafeRawBufferPointer(start: send + min(at, sent), count: 4 * s),
                UnsafeMutableRawBufferPointer(start: receive + min(at, received), count: 4 * r))
            at += piece
        }
    }
}
