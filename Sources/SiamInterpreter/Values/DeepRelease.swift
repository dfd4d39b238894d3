import CKernels

/// Releases values that are nested to any depth. Releasing the outermost value would release the one inside it, and so on,
/// until the stack overflows: beyond a depth the values are put into a list of the thread instead and released from there.
enum DeepRelease {
    private final class Waiting { var values: [Value] = [] }
    private static let deepest: Int32 = 60

    /// Called by the deinit of what holds values: gives up `values` by `release`, or leaves them for later.
    @inline(__always)
    static func of(_ values: @autoclosure () -> [Value], _ release: () -> Void) {
        let here = siam_letting_here()
        if here.pointee.depth > deepest {
            waiting(here).values.append(contentsOf: values())
            release()
            return
        }
        here.pointee.depth += 1
        release()
        here.pointee.depth -= 1
        if here.pointee.depth == 0, here.pointee.waiting != nil { letGo(here) }
    }

    @inline(never)
    private static func letGo(_ here: UnsafeMutablePointer<siam_tape>) {
        let waiting = waiting(here)
        here.pointee.depth = 1
        while let value = waiting.values.popLast() { withExtendedLifetime(value) {} }
        here.pointee.depth = 0
    }

    private static func waiting(_ here: UnsafeMutablePointer<siam_tape>) -> Waiting {
        if let held = here.pointee.waiting { return Unmanaged<Waiting>.fromOpaque(held).takeUnretainedValue() }
        let fresh = Waiting()
        here.pointee.waiting = Unmanaged.passRetained(fresh).toOpaque()
        return fresh
    }
}
