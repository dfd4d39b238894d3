import SiamLanguage
import SiamTensor

/// Processes that train one run together, each on its part of every batch.
public protocol Team: AnyObject {
    /// Which of them this one is, from 0.
    var rank: Int { get }
    /// How many there are: a power of two.
    var size: Int { get }
    /// Into how many blocks a batch is cut, whatever the number of processes: a power of two, not below `size`.
    var blocks: Int { get }
    /// Whether another thread than the first may call `exchange`, one at a time.
    var takesCallsFromThreads: Bool { get }
    /// Sends bytes to another one and takes as many from it. Throws `Interrupted` where this process is to stop, and a
    /// `Diagnostic` where the other one is gone.
    func exchange(with partner: Int, _ send: UnsafeRawBufferPointer, _ receive: UnsafeMutableRawBufferPointer) throws
}

/// One process alone, that cuts its batches as several would.
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
    /// What the processes must agree on and what is added up over them, in one small message a level of the tree.
    ///
    /// - Parameters:
    ///   - agreed: must be the same everywhere, to the last bit.
    ///   - sums: of this process's subtree; becomes that of all.
    func combine(agreed: [UInt64], sums: inout [Double]) throws {
        let words = agreed.count + sums.count + 1
        var distance = 1
        while distance < size {
            let own = agreed + [UInt64(sums.count)] + sums.map(\.bitPattern)
            // A fixed length, so that those who are at different places see it.
            let length = 8 * max(words, 64)
            var send = [UInt8](repeating: 0, count: length)
            send.withUnsafeMutableBytes {
                for (k, w) in own.enumerated() { $0.storeBytes(of: w, toByteOffset: 8 * k, as: UInt64.self) }
            }
            var received = [UInt8](repeating: 0, count: length)
            try send.withUnsafeBytes { s in
                try received.withUnsafeMutableBytes { try exchange(with: rank ^ distance, s, $0) }
            }
            let others = received.withUnsafeBytes { raw in
                (0..<words).map { raw.loadUnaligned(fromByteOffset: 8 * $0, as: UInt64.self) }
            }
            guard others[...agreed.count] == own[...agreed.count] else {
                throw Diagnostic(
                    code: "team.apart", "the processes of this training have come apart",
                    notes: [
                        "process \(rank + 1) is at step \(agreed.count > 1 ? agreed[1] : 0), and process \((rank ^ distance) + 1) is elsewhere or has other parameters"
                    ],
                    repair:
                        "a body that stops, or counts, by what a part of a batch gives:  put that into  every 1 steps { ... }"
                )
            }
            for k in sums.indices { sums[k] += Double(bitPattern: others[agreed.count + 1 + k]) }
            distance *= 2
        }
    }

    /// Adds up the numbers of all processes, in the order of the tree. Halves go back and forth: each number is added where it
    /// is the other's and only then sent to all, so that twice its length goes over the net, however many there are.
    func combine(_ x: FlatNumbers, _ range: Range<Int>) throws {
        guard size > 1 else { return }
        var parts: [(distance: Int, kept: Range<Int>, given: Range<Int>)] = []
        var mine = range.clamped(to: 0..<x.count)
        var distance = 1
        while distance < size {
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
    }

    /// Sends and takes numbers in pieces that a network likes; both sides know both lengths.
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
