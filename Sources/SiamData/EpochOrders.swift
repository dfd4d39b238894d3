import SiamTensor
import Synchronization

/// Random orders of 0 ..< n, one an epoch, each a function of a source's key and the epoch's number. The last two are
/// kept, since a batch may reach over an epoch's end.
final class EpochOrders: Sendable {
    private struct Kept {
        var key: UInt64
        var epoch: Int
        var order: [Int]
    }

    private let kept = Mutex<[Kept]>([])

    /// The order of epoch `epoch` over 0 ..< n under `key`.
    func order(_ epoch: Int, of n: Int, _ key: UInt64) -> [Int] {
        let found = kept.withLock { kept in
            kept.first { $0.key == key && $0.epoch == epoch && $0.order.count == n }?.order
        }
        if let found { return found }
        var stream = RandomStream(seed: key).derived(0xE90C_0000_0000_0000 | UInt64(truncatingIfNeeded: epoch))
        let order = stream.permutation(n)
        kept.withLock { kept in
            kept.append(Kept(key: key, epoch: epoch, order: order))
            if kept.count > 2 { kept.removeFirst() }
        }
        return order
    }

    /// Places `from` ..< `from + count` of an endless walk that gives each of 0 ..< n once an epoch.
    func walk(from: Int, count: Int, of n: Int, _ key: UInt64) -> [Int] {
        var result: [Int] = []
        guard n > 0 else { return result }
        result.reserveCapacity(count)
        var index = from
        while result.count < count {
            let order = order(index / n, of: n, key)
            let start = index % n
            let taken = min(count - result.count, n - start)
            result += order[start..<start + taken]
            index += taken
        }
        return result
    }
}

/// The orders that belong to one source's key.
struct SourceOrders {
    let orders: EpochOrders
    let key: UInt64

    func order(_ epoch: Int, of n: Int) -> [Int] { orders.order(epoch, of: n, key) }

    func walk(from: Int, count: Int, of n: Int) -> [Int] { orders.walk(from: from, count: count, of: n, key) }
}
