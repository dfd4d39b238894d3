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

@Test func memoryIsCounted() throws {
    try withExtendedLifetime(Tensor.zeros(.vector(1 << 20))) { #expect(Memory.live >= 4 << 20) }
    #expect(throws: EngineError.self) { try Tensor.zeros(try Shape([1_000_000, 1_000_000])) }
}
