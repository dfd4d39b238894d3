import Glibc
import Synchronization
import Testing

@testable import SiamTensor

@Test func tilesRunOnceEach() {
    final class Counts: @unchecked Sendable {
        let base = UnsafeMutablePointer<Int>.allocate(capacity: 1000)
        init() { base.initialize(repeating: 0, count: 1000) }
        deinit { base.deallocate() }
    }
    let counts = Counts()
    for threads in [1, 2, 3] {
        Threads.count = threads
        for _ in 0..<200 { Threads.run(tiles: 1000) { counts.base[$0] += 1 } }
    }
    #expect((0..<1000).allSatisfy { counts.base[$0] == 600 })
}

/// What a thread wrote is in its own cache: the next job finds it there if tiles stay with their threads.
@Test func threadsBeginFarApart() {
    final class Begun: Sendable {
        let order = Mutex<[(tile: Int, isCallers: Bool)]>([])
    }
    Threads.count = 2
    let caller = pthread_self()
    // Another test may have the helpers, or the system does not run them: then the caller does all, and it is tried again.
    for _ in 0..<100 {
        let begun = Begun()
        Threads.run(tiles: 1000) { tile in
            let isFirst = begun.order.withLock {
                $0.append((tile, pthread_self() == caller))
                return $0.count == 1
            }
            let limit = ContinuousClock.now + .milliseconds(200)
            while isFirst, begun.order.withLock({ $0.count }) == 1, ContinuousClock.now < limit { sched_yield() }
        }
        let order = begun.order.withLock { $0 }
        guard order[0].isCallers != order[1].isCallers else { continue }
        #expect(abs(order[0].tile - order[1].tile) >= 100)
        return
    }
    Issue.record("no helper took part")
}

@Test func memoryIsCounted() throws {
    try withExtendedLifetime(Tensor.zeros(.vector(1 << 20))) { #expect(Memory.live >= 4 << 20) }
    #expect(throws: EngineError.self) { try Tensor.zeros(try Shape([1_000_000, 1_000_000])) }
}
