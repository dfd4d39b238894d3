import CKernels
import Testing

@testable import SiamTensor

/// Work that an interrupt can end. That it does is tested at a terminal: the flag is the whole process's.
@Suite struct InterruptTests {
    @Test func workIsLeftToItselfAndLetsGoOfWhatItHas() throws {
        final class Work: @unchecked Sendable {
            var hasRun = false
            let dropped = UnsafeMutablePointer<Int32>.allocate(capacity: 1)
        }
        let work = Work()
        work.dropped.initialize(to: 0)
        let given = Unmanaged.passUnretained(work).toOpaque()
        let run: @convention(c) (UnsafeMutableRawPointer?) -> Void = { p in
            guard let p else { return }
            Unmanaged<Work>.fromOpaque(p).takeUnretainedValue().hasRun = true
        }
        let drop: @convention(c) (UnsafeMutableRawPointer?) -> Void = { p in
            guard let p else { return }
            Unmanaged<Work>.fromOpaque(p).takeUnretainedValue().dropped.pointee = 1
        }
        #expect(siam_run_apart(run, drop, given) == 1)
        #expect(work.hasRun && work.dropped.pointee == 0)
        work.dropped.deallocate()
    }

    @Test func sortingStopsAndElseSorts() {
        var stream = RandomStream(seed: 3)
        for n in [0, 1, 2, 65_536, 65_537, 300_001] {
            let numbers = (0..<n).map { _ in stream.uniform() }
            #expect(Sorting.sorted(numbers) == numbers.sorted())
        }
        // Stable where the order says so.
        let keys = (0..<200_000).map { ($0 % 7, $0) }
        let sorted = Sorting.sorted(keys) { $0.0 < $1.0 }
        #expect(zip(sorted, sorted.dropFirst()).allSatisfy { $0 < $1 })
    }
}
