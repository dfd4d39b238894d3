import CKernels

/// How many threads work on one kernel, the caller among them. Results do not depend on it.
public enum Threads {
    public static var count: Int {
        get { Int(siam_threads_count()) }
        set { siam_threads_set(Int32(clamping: newValue)) }
    }

    /// Makes a copy of the process, whose kernels work on one thread: 0 in the copy, its number here, -1 where there is
    /// none to be had. Whatever other threads hold at that moment stays held in the copy.
    public static func fork() -> Int32 { siam_fork() }

    /// Runs tiles 0 ..< tiles on the engine's threads; returns when all are done.
    public static func run(tiles: Int, _ tile: @escaping @Sendable (Int) -> Void) {
        final class Work {
            let tile: @Sendable (Int) -> Void
            init(_ tile: @escaping @Sendable (Int) -> Void) { self.tile = tile }
        }
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

/// Bytes of live tensors.
public enum Memory {
    public static var live: Int { Int(siam_memory_live()) }
    public static var peak: Int { Int(siam_memory_peak()) }
    /// Makes the peak what is live now.
    public static func forgetPeak() { siam_memory_forget_peak() }
}

/// Thrown where a computation stops because the user asked for it.
public struct Interrupted: Error, Sendable, Equatable {
    /// The code that the whole program is to end with, where the user left it and not only what was running.
    public let leaving: Int32?
    public init(leaving: Int32? = nil) { self.leaving = leaving }
}

/// The flag that the thread of signals raises; long computations look at it.
public enum Interrupt {
    /// Whether Ctrl-C came, now or at a better moment to be heard.
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
    /// Throws `Interrupted` where one is due; whoever catches it takes the flag.
    @inlinable public static func poll() throws { if isDue { throw Interrupted() } }
}
