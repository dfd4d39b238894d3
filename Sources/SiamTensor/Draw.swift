import CKernels
import Glibc

/// Tensors of random numbers from a stream: the same stream, the same tensor.
public enum Draw {
    /// From this many numbers on, they are drawn in blocks on all threads, each block from its own stream.
    static let many = 1 << 20
    private enum Kind: Int32 { case uniform, normal }
    private static func blocks(
        _ kind: Kind, _ shape: Shape, _ precision: Precision, from low: Double, times scale: Double,
        _ stream: inout RandomStream
    ) throws -> Tensor {
        let t = try Tensor(uninitialized: shape, precision)
        guard siam_draw(kind.rawValue, precision.code, Int64(t.count), stream.next(), low, scale, t.address) != 0 else {
            throw Interrupt.reason
        }
        return t
    }
    private static func fill(_ shape: Shape, _ precision: Precision, _ draw: () -> Double) throws -> Tensor {
        let t = try Tensor(uninitialized: shape, precision)
        for i in 0..<t.count {
            if i & 0xFFFFF == 0xFFFFF { try Interrupt.poll() }
            t.set(i, draw())
        }
        return t
    }
    /// Uniform in [low, high).
    public static func uniform(
        _ shape: Shape, from low: Double = 0, to high: Double = 1, _ stream: inout RandomStream,
        _ precision: Precision = .single
    ) throws -> Tensor {
        var s = stream
        defer { stream = s }
        if shape.count >= many { return try blocks(.uniform, shape, precision, from: low, times: high - low, &s) }
        return try fill(shape, precision) { low + (high - low) * s.uniform() }
    }
    /// One standard normal number (Marsaglia's polar method, the second of each pair left out so that draws do not pair up).
    public static func normal(_ stream: inout RandomStream) -> Double {
        while true {
            let u = 2 * stream.uniform() - 1
            let v = 2 * stream.uniform() - 1
            let q = u * u + v * v
            if q > 0, q < 1 { return u * (-2 * log(q) / q).squareRoot() }
        }
    }
    public static func normal(
        _ shape: Shape, mean: Double = 0, sd: Double = 1, _ stream: inout RandomStream, _ precision: Precision = .single
    ) throws -> Tensor {
        var s = stream
        defer { stream = s }
        if shape.count >= many { return try blocks(.normal, shape, precision, from: mean, times: sd, &s) }
        return try fill(shape, precision) { mean + sd * normal(&s) }
    }
    /// Normal, drawn again beyond two deviations.
    public static func truncatedNormal(
        _ shape: Shape, sd: Double = 1, _ stream: inout RandomStream, _ precision: Precision = .single
    ) throws -> Tensor {
        var s = stream
        defer { stream = s }
        return try fill(shape, precision) {
            while true {
                let v = normal(&s)
                if abs(v) <= 2 { return sd * v }
            }
        }
    }
    /// 0 ..< n in random order.
    public static func permutation(_ n: Int, _ stream: inout RandomStream) throws -> Tensor {
        try Memory.ask(max(0, n), of: 12, for: "a permutation")
        let before = stream
        let (made, after) = try InterruptibleWork.run(size: n) {
            var own = before
            let order = try own.permutation(n) { try Interrupt.poll() }
            return (try Tensor(try Shape([order.count]), order.map(Float.init)), own)
        }
        stream = after
        return made
    }
    /// `count` of 0 ..< n, with or without repetition.
    public static func choice(_ n: Int, _ count: Int, replace: Bool, _ stream: inout RandomStream) throws -> Tensor {
        guard n > 0 || count == 0, count >= 0, replace || count <= n else {
            throw EngineError(
                code: "choice.count",
                message: "choice cannot draw \(count) of \(n)\(replace ? "" : " without repetition")")
        }
        let before = stream
        let (made, after) = try InterruptibleWork.run(size: max(count, replace ? 0 : n)) {
            var own = before
            var picks: [Int] = []
            if replace {
                picks.reserveCapacity(count)
                for k in 0..<count {
                    if k & 0xFFFFF == 0xFFFFF { try Interrupt.poll() }
                    picks.append(own.below(n))
                }
            } else {
                picks = Array(try own.permutation(n) { try Interrupt.poll() }.prefix(count))
            }
            return (try Tensor(try Shape([count]), picks.map(Float.init)), own)
        }
        stream = after
        return made
    }
}

extension Draw {
    /// The mask of dropout: each element is 0 with probability `rate`, else 1 / (1 - rate).
    public static func keepMask(_ shape: Shape, _ rate: Double, _ stream: inout RandomStream) throws -> Tensor {
        let t = try Tensor(uninitialized: shape)
        let out = t.storage.base.assumingMemoryBound(to: Float.self)
        let kept = Float(1 / (1 - rate))
        // Two draws of 32 bits out of one of 64.
        let limit = UInt64(rate * 0x1p32)
        var i = 0
        while i < shape.count {
            if i & 0xFFFFF == 0 { try Interrupt.poll() }
            let bits = stream.next()
            out[i] = (bits & 0xFFFF_FFFF) < limit ? 0 : kept
            if i + 1 < shape.count { out[i + 1] = (bits >> 32) < limit ? 0 : kept }
            i += 2
        }
        return t
    }
}
