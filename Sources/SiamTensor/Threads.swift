import CKernels

/// What the threads of one `Threads.run` share. At file scope: inside the function it crashes the compiler in a
/// release build with testing enabled.
private final class Work {
    let tile: @Sendable (Int) -> Void
    init(_ tile: @escaping @Sendable (Int) -> Void) { self.tile = tile }
}

private final class Offer: Sendable {
    let work: @Sendable () -> Void
    init(_ work: @escaping @Sendable () -> Void) { self.work = work }
}

/// How many threads work on one kernel, the caller among them. Results do not depend on it.
public enum Threads {
    public static var count: Int {
        get { Int(siam_threads_count()) }
        set { siam_threads_set(Int32(clamping: newValue)) }
    }

    /// Makes a copy of the process, whose kernels work on one thread: 0 in the copy, its number here, -1 where there is
    /// none to be had. Whatever other threads hold at that moment stays held in the copy.
    public static func fork() -> Int32 { siam_fork() }

    /// Gives work to a helper that has nothing else to do between two kernels: done at some time, or never, and what was
    /// offered before may be left out for it.
    public static func offer(_ work: @escaping @Sendable () -> Void) {
        let mine = Unmanaged.passRetained(Offer(work)).toOpaque()
        let left = siam_threads_offer(
            { if let given = $0 { Unmanaged<Offer>.fromOpaque(given).takeRetainedValue().work() } }, mine)
        if let left { Unmanaged<Offer>.fromOpaque(left).release() }
    }

    /// Runs tiles 0 ..< tiles on the engine's threads; returns when all are done.
    public static func run(tiles: Int, _ tile: @escaping @Sendable (Int) -> Void) {
        let work = Work(tile)
        withExtendedLifetime(work) {
            siam_threads_run(
                Int64(max(tiles, 0)),
                { context, index in
                    guard let context else { return }
                    Unmanaged<Work>.fromOpaque(context).takeUnretainedValue().tile(Int(index))
                }, Unmanaged.passUnretained(work).toOpaque())
        }
    }
}

/// Bytes of live tensors, and the budget of all that a program makes.
public enum Memory {
    /// The most that may be used, a share of the machine's memory unless set; 0 sets it back to that.
    public static var budget: Int {
        get { Int(siam_memory_budget()) }
        set { siam_memory_set_budget(Int64(newValue)) }
    }
    /// Lowers the budget to what is in use now and so many bytes more; a larger one stays as it is.
    public static func allowMore(_ bytes: Int) { siam_memory_allow_more(Int64(bytes)) }
    /// Asks for few large pages for memory outside of tensors that will be written all over.
    public static func willFill(_ memory: UnsafeMutableRawPointer?, _ bytes: Int) {
        if let memory { siam_memory_few_pages(memory, bytes) }
    }
    /// Asks before memory for `count` elements of so many bytes is taken outside of tensors, `what` being what they are
    /// for: "a list". Throws where the budget does not allow it.
    public static func ask(_ count: Int, of bytes: Int, for what: String) throws {
        let (wanted, overflow) = count.multipliedReportingOverflow(by: bytes)
        guard !overflow else { throw refusal(what, count, Double(count) * Double(bytes)) }
        // Little ones are not worth the question; those that add up are asked about as they grow.
        guard wanted >= 1 << 22, siam_memory_allows(Int64(wanted)) == 0 else { return }
        throw refusal(what, count, Double(wanted))
    }
    /// The same of an array that grows, whose elements so far are counted already: it may take as much again at any moment.
    public static func askToGrow(_ count: Int, of bytes: Int = 16, what: String) throws {
        guard count & 0xFFFF == 0, count > 0, siam_memory_allows(2 * Int64(count) * Int64(bytes)) == 0 else { return }
        throw EngineError(
            code: "memory.budget", message: "not enough memory for \(what) of more than \(count)", notes: [note])
    }
    /// The process uses more memory than allowed, by allocations that did not ask the budget.
    static var spent: EngineError {
        EngineError(
            code: "memory.budget", message: "the program needs more memory than allowed",
            notes: [note])
    }
    private static func refusal(_ what: String, _ count: Int, _ bytes: Double) -> EngineError {
        EngineError(
            code: "memory.budget",
            message: "not enough memory for \(what) of \(count): it would take \(gigabytes(bytes)) GB",
            notes: [note])
    }
    static var note: String {
        "the limit is \(gigabytes(Double(budget))) GB; at the prompt :set memory shows and changes it"
    }
    static func gigabytes(_ bytes: Double) -> String {
        let g = bytes / 1e9
        return g >= 100 ? "\(Int(min(g, 1e15).rounded()))" : "\((g * 10).rounded() / 10)"
    }
    public static var live: Int { Int(siam_memory_live()) }
    public static var peak: Int { Int(siam_memory_peak()) }
}

/// Thrown where a computation stops because the user asked for it.
public struct Interrupted: Error, Sendable, Equatable {
    /// The code that the whole program is to end with, where the user left it and not only what was running.
    public let leaving: Int32?
    public init(leaving: Int32? = nil) { self.leaving = leaving }
}

/// Work that never checks for interrupts and owns everything it touches, run on a separate thread: after an interrupt the caller
/// stops waiting for it. Abandoned work runs to its end, and its result is released.
public enum InterruptibleWork {
    private final class Errand {
        let work: () -> Void
        init(_ work: @escaping () -> Void) { self.work = work }
    }
    private final class Outcome<T> { var result: Result<T, any Error>? }

    /// - Parameter count: about how many numbers are processed; little work is done without another thread.
    public static func run<T>(size count: Int, _ work: @escaping () throws -> T) throws -> T {
        guard count >= 1 << 18 else { return try work() }
        try Interrupt.poll()
        let outcome = Outcome<T>()
        let errand = Unmanaged.passRetained(Errand { outcome.result = Result { try work() } })
        let isDone = siam_run_apart(
            { given in
                if let given { Unmanaged<Errand>.fromOpaque(given).takeUnretainedValue().work() }
            },
            { given in
                if let given { Unmanaged<Errand>.fromOpaque(given).release() }
            }, errand.toOpaque())
        guard isDone != 0 else { throw Interrupt.reason }
        errand.release()
        guard let result = outcome.result else { throw Interrupted() }
        return try result.get()
    }
}

/// The flag that the thread of signals raises; long computations look at it.
public enum Interrupt {
    /// Whether Ctrl-C was pressed, also if it is to be handled only at a later point.
    public static var isRequested: Bool { siam_interrupt_flag().pointee != 0 }
    /// Whether what runs is to stop where it is.
    public static var isDue: Bool { siam_interrupt_is_due() != 0 }
    public static func request() { siam_interrupt_raise() }
    /// Whether it was raised; it is not any more.
    @discardableResult public static func take() -> Bool { siam_interrupt_take() != 0 }
    public static func clear() { take() }
    /// Whether the edge of a step, not far, is the better moment; what was said before. A wait too long is due all the same.
    @discardableResult public static func wait(forBetterMoment on: Bool) -> Bool {
        siam_interrupt_patience(on ? 1 : 0) != 0
    }
    /// Throws `Interrupted` if an interrupt is due; the catcher clears the flag.
    @inlinable public static func poll() throws { if isDue { throw reason } }
    /// What to throw for an interrupt: `Interrupted`, or that there is no more memory.
    public static var reason: any Error {
        guard siam_interrupt_is_for_memory() != 0 else { return Interrupted() }
        siam_interrupt_take()
        return Memory.spent
    }
}
