/// The one random stream of a run: xoshiro256++ (Blackman and Vigna, 2019), seeded by splitmix64. A value: keeping a
/// copy keeps the place in the stream, putting it back repeats the draws to the last bit.
public struct RandomStream: Sendable, Hashable {
    public var state: SIMD4<UInt64>

    public init(seed: UInt64) {
        var s = seed
        func next(_ s: inout UInt64) -> UInt64 {
            s &+= 0x9E37_79B9_7F4A_7C15
            var z = s
            z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
            z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
            return z ^ (z >> 31)
        }
        state = SIMD4(next(&s), next(&s), next(&s), next(&s))
    }

    /// A separate stream for the part named by `key`: draws from it do not advance this one.
    public func derived(_ key: UInt64) -> RandomStream {
        var mixed = key &* 0x9E37_79B9_7F4A_7C15
        for i in 0..<4 {
            mixed = (mixed ^ state[i]) &* 0xD6E8_FEB8_6659_FD93
            mixed ^= mixed >> 32
        }
        return RandomStream(seed: mixed)
    }

    /// 64 random bits.
    @inline(__always)
    public mutating func next() -> UInt64 {
        let sum = state[0] &+ state[3]
        let result = ((sum << 23) | (sum >> 41)) &+ state[0]
        let t = state[1] << 17
        state[2] ^= state[0]
        state[3] ^= state[1]
        state[1] ^= state[2]
        state[0] ^= state[3]
        state[2] ^= t
        state[3] = (state[3] << 45) | (state[3] >> 19)
        return result
    }

    /// Uniform in [0, 1), 53 bits.
    @inline(__always)
    public mutating func uniform() -> Double { Double(next() >> 11) * 0x1p-53 }

    /// A whole number in 0 ..< bound (0 when bound is below 1), without bias (Lemire 2019).
    public mutating func below(_ bound: Int) -> Int {
        guard bound > 1 else { return 0 }
        let range = UInt64(bound)
        var m = next().multipliedFullWidth(by: range)
        if m.low < range {
            let threshold = (0 &- range) % range
            while m.low < threshold { m = next().multipliedFullWidth(by: range) }
        }
        return Int(m.high)
    }

    /// Fisher and Yates.
    @_specialize(where T == Int)
    public mutating func shuffle<T>(_ a: inout [T]) {
        guard a.count > 1 else { return }
        for i in stride(from: a.count - 1, to: 0, by: -1) { a.swapAt(i, below(i + 1)) }
    }

    /// The same of many; `check` may throw to stop it.
    public mutating func shuffle<T>(_ a: inout [T], check: () throws -> Void) rethrows {
        guard a.count > 1 else { return }
        for i in stride(from: a.count - 1, to: 0, by: -1) {
            if i & 0x1FFFF == 0 { try check() }
            a.swapAt(i, below(i + 1))
        }
    }

    /// 0 ..< n in random order, of many; `check` may throw to stop it.
    public mutating func permutation(_ n: Int, check: () throws -> Void) rethrows -> [Int] {
        var order = Array(0..<max(n, 0))
        guard n > 1 else { return order }
        for i in stride(from: n - 1, to: 0, by: -1) {
            if i & 0x1FFFF == 0 { try check() }
            order.swapAt(i, below(i + 1))
        }
        return order
    }

    /// 0 ..< n in random order.
    public mutating func permutation(_ n: Int) -> [Int] {
        var order = Array(0..<max(n, 0))
        shuffle(&order)
        return order
    }
}
