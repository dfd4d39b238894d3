import CKernels
import Foundation
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

    /// Little work at once, much on a thread of its own: what it gives and what it throws arrive alike.
    @Test(arguments: [10, 1 << 20]) func workApartGivesWhatItGives(_ count: Int) throws {
        #expect(try InterruptibleWork.run(size: count) { (0..<count).reduce(0, +) } == count * (count - 1) / 2)
        #expect(throws: Interrupted(leaving: 7)) {
            try InterruptibleWork.run(size: count) { throw Interrupted(leaving: 7) }
        }
    }

    /// What is gone through in pieces comes out as if it had been gone through at once.
    @Test func piecesMakeTheSameWhole() throws {
        let n = (1 << 22) + 12_345
        let x = try Tensor.iota(n, from: -3, step: 1e-3)
        let y = try Kernel.unary(SIAM_EXP, try Kernel.unary(SIAM_NEG, x))
        for k in [0, 1, (1 << 20) - 1, 1 << 20, 1 << 22, n - 1] {
            #expect(x[k] == Double(Float(-3 + 1e-3 * Double(k))))
            #expect(abs(y[k] - 1 / exp(x[k])) <= 1e-6 * y[k])
        }
        let ones = try Tensor.ones(Shape([n]))
        #expect(try Kernel.reduce(SIAM_SUM, ones, outer: 1, n, inner: 1, into: Shape([])).item == Double(n))
        #expect(try Kernel.logsumexp(ones, rows: 1, n, into: Shape([1])).item > 16)
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
