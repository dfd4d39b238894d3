import CCodecs
import SiamData
import SiamTensor

/// An NPY file that comes piece by piece and becomes a tensor on the way, so that its bytes are never held whole. Plain
/// arrays of numbers alone; of all others, and of damaged ones, there is no tensor, and they are read whole.
final class NPYStream {
    private let size: Int
    private let wide: Bool
    private var waiting: [UInt8] = []
    private var kind: ElementKind?
    private var tensor: Tensor?
    private var done = 0

    /// - Parameter size: all bytes that will come.
    init(size: Int, wide: Bool) {
        self.size = size
        self.wide = wide
    }

    /// False where the array is none that can be read so.
    func take(_ piece: UnsafeBufferPointer<UInt8>) -> Bool {
        waiting += piece
        if tensor == nil {
            guard let (start, kind, dims) = NPY.plainHead(waiting, size), let shape = try? Shape(dims),
                shape.count <= size / kind.width, size - start == shape.count * kind.width,
                let made = try? Tensor(uninitialized: shape, keeps(kind) ? .double : .single)
            else { return false }
            self.kind = kind
            tensor = made
            waiting.removeFirst(start)
        }
        guard let kind, let tensor else { return false }
        let count = waiting.count / kind.width
        guard count <= tensor.count - done else { return false }
        kind.read(waiting[..<(count * kind.width)], into: tensor, from: done)
        waiting.removeFirst(count * kind.width)
        done += count
        return !Interrupt.isDue
    }
    private func keeps(_ kind: ElementKind) -> Bool { wide && kind.isDouble }

    /// The tensor, if it was read completely.
    var whole: Tensor? { waiting.isEmpty && done == tensor?.count ? tensor : nil }
}

extension Zip {
    /// The array of a compressed entry, read in pieces; nil where it has to be read whole.
    func streamed(_ entry: Entry, wide: Bool) -> Tensor? {
        guard entry.deflated, entry.size > 1 << 22, let packed = try? packed(entry),
            Deflate.justifies(packed.count, entry.size)
        else { return nil }
        let stream = NPYStream(size: entry.size, wide: wide)
        var sum: UInt32 = 0
        let outcome = packed.withUnsafeBufferPointer { source in
            siam_inflate_pieces(
                source.baseAddress, source.count,
                { context, bytes, count in
                    guard let context else { return 0 }
                    let stream = Unmanaged<NPYStream>.fromOpaque(context).takeUnretainedValue()
                    return stream.take(UnsafeBufferPointer(start: bytes, count: count)) ? 1 : 0
                }, Unmanaged.passUnretained(stream).toOpaque(), entry.size, &sum)
        }
        return withExtendedLifetime(stream) {
            UInt32(outcome) == SIAM_DONE.rawValue && sum == entry.sum ? stream.whole : nil
        }
    }
}
