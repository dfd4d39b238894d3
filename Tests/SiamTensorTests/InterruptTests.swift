import CKernels
import Testing

@testable import SiamTensor

/// What an interrupt does, and memory that is not to be had. One after the other: the flag is the process's own.
@Suite(.serialized) struct InterruptTests {
    @Test func itWaitsForABetterMomentAndNotForEver() throws {
        defer {
            Interrupt.take()
            Interrupt.wait(forBetterMoment: false)
        }
        try Interrupt.poll()
        Interrupt.request()
        #expect(Interrupt.isRequested && Interrupt.isDue)
        Interrupt.wait(forBetterMoment: true)
        #expect(Interrupt.isRequested && !Interrupt.isDue)
        try Interrupt.poll()
        siam_interrupt_hurry()
        #expect(throws: Interrupted.self) { try Interrupt.poll() }
        #expect(Interrupt.take() && !Interrupt.take())
        // To hurry what nobody has asked for means nothing.
        siam_interrupt_hurry()
        Interrupt.request()
        #expect(!Interrupt.isDue)
    }

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

    @Test func aBudgetIsAskedBeforeMemoryIsTaken() throws {
        let before = Memory.budget
        defer { Memory.budget = before }
        Memory.budget = 1
        #expect(throws: EngineError.self) { try Memory.ask(1 << 30, of: 8, for: "a list") }
        #expect(throws: EngineError.self) { try Memory.ask(.max, of: 8, for: "a list") }
        #expect(throws: EngineError.self) { try Tensor(uninitialized: .vector(1 << 28)) }
        #expect(throws: EngineError.self) { try Memory.askToGrow(1 << 16, what: "a list") }
        // Little ones are not worth the question.
        try Memory.ask(1000, of: 8, for: "a list")
        _ = try Tensor(uninitialized: .vector(1000))
        Memory.budget = 0
        #expect(Memory.budget > 1 << 28)
    }
}
