import CKernels

/// What the threads of one `Threads.run` share. At file scope: inside the function it crashes the compiler in a
/// release build with testing enabled.
private final class Work {
    let tile: @Sendable (Int) -> Void
    init(_ tile: @escaping @Sendable (Int) -> Void) { self.tile = tile }
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

/// Bytes of live tensors.
public enum Memory {
    public static var live: Int { Int(siam_memory_live()) }
    public static var peak: Int { Int(siam_memory_peak()) }
    /// Makes the peak what is live now.
    public static func forgetPeak() { siam_memory_forget_peak() }
}

/// Thrown where a computation stops because the user asked for it.
public struct Interrupted: Error, Sendable, Equatable { public init() {} }

/// The flag that a signal handler sets; long computations look at it.
public enum Interrupt {
    public static var isRequested: Bool { siam_interrupt_flag().pointee != 0 }
    public static func request() { siam_interrupt_flag().pointee = 1 }
    public static func clear() { siam_interrupt_flag().pointee = 0 }
    /// Throws `Interrupted` where the flag is set; whoever catches it clears the flag.
    @inlinable public static func poll() throws { if isRequested { throw Interrupted() } }
}
