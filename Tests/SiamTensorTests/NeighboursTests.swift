import CKernels
import Testing

@testable import SiamTensor

/// Nearest rows, forces in the plane, draws in blocks and products, against plain loops and on 1, 2 and 3 threads.
@Suite(.serialized) struct NeighboursTests {
    private static func onThreads<R: Equatable>(_ body: () throws -> R) throws -> R {
        let before = Threads.count
        defer { Threads.count = before }
        Threads.count = 1
        let one = try body()
        for count in [2, 3] {
            Threads.count = count
            #expect(try body() == one)
        }
        return one
    }
    private static func numbers(_ n: Int, seed: UInt64 = 5) -> [Float] {
        var stream = RandomStream(seed: seed)
        return (0..<n).map { _ in Float(stream.uniform() * 4 - 2) }
    }
    private static func square(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
        zip(a, b).reduce(0) { $0 + (Double($1.0) - Double($1.1)) * (Double($1.0) - Double($1.1)) }
    }

    @Test(arguments: [(1, 3), (7, 5), (30, 8), (64, 100)]) func nearestRows(width: Int, k: Int) throws {
        // Each row five times over, so that there are ties, which come in order of place; rows far from 0.
        let n = 1200
        var all = Self.numbers(n / 5 * width).map { $0 + 100 }
        all = all + all + all + all + all
        let x = try Tensor(try Shape([n, width]), all)
        let found = try Self.onThreads { try Neighbours.places(of: x, in: x, k, own: 0).places }
        for r in stride(from: 0, to: n, by: 97) {
            let own = all[r * width..<(r + 1) * width]
            let d = (0..<n).map { Float(Self.square(own, all[$0 * width..<($0 + 1) * width])) }
            let order = d.indices.filter { $0 != r }.sorted { d[$0] == d[$1] ? $0 < $1 : d[$0] < d[$1] }
            let wanted = order.prefix(k).map(Int32.init)
            #expect(Array(found[r * k..<(r + 1) * k]) == wanted)
        }
    }
    @Test func nearestOfFew() throws {
        let x = try Tensor(try Shape([3, 2]), [0, 0, 3, 4, 6, 8])
        let found = try Neighbours.places(of: x, in: x, 4, own: 0)
        #expect(found.places == [1, 2, -1, -1, 0, 2, -1, -1, 1, 0, -1, -1])
        #expect(Array(found.squares.prefix(3)) == [25, 100, .infinity])
        #expect(try !Neighbours.canMeasure(try Tensor(try Shape([1, 2]), [1e20, 0])))
        #expect(try !Neighbours.canMeasure(try Tensor(try Shape([1, 2]), [.nan, 0])))
    }
    @Test func shares() throws {
        // Of the two nearest of the first one is of its class.
        let x = try Tensor(try Shape([4, 1]), [0, 1, -1, 5])
        #expect(try Neighbours.shares(x, [1, 1, 2, 1]) == [0.5, 1, 0, 1])
    }

    @Test func groupsPushAsAllPairs() throws {
        let n = 900
        let points = Self.numbers(2 * n).map { Double($0) * 10 }
        let near = try PlaneForces.Near(
            (0..<n * 5).map { Int32(($0 / 5 + 1 + $0 % 5 * 7) % n) }, [Double](repeating: 0.2, count: n * 5), count: n)
        #expect(abs(near.values.reduce(0, +) - 1) < 1e-9)
        var joint = [Double](repeating: 0, count: n * n)
        for i in 0..<n {
            for e in Int(near.starts[i])..<Int(near.starts[i + 1]) {
                joint[i * n + Int(near.others[e])] = near.values[e]
            }
        }
        for i in 0..<n { for j in 0..<i { #expect(joint[i * n + j] == joint[j * n + i]) } }
        let exact = try Self.onThreads { try PlaneForces.exact(joint, points, 2) }
        let grouped = try Self.onThreads { try PlaneForces.grouped(near, points, 2) }
        let off = zip(exact, grouped).reduce(0) { $0 + ($1.0 - $1.1) * ($1.0 - $1.1) }
        let size = exact.reduce(0) { $0 + $1 * $1 }
        #expect((off / size).squareRoot() < 0.02, "\(off) of \(size)")
        // All points at one place push nobody.
        #expect(try PlaneForces.grouped(near, [Double](repeating: 3, count: 2 * n), 1).allSatisfy { $0 == 0 })
    }

    @Test func drawsInBlocks() throws {
        let shape = try Shape([Draw.many + 5])
        let normal = try Self.onThreads { () -> [Double] in
            var stream = RandomStream(seed: 3)
            return try Draw.normal(shape, &stream, .double).doubles
        }
        let n = Double(normal.count)
        let mean = normal.reduce(0, +) / n
        let second = normal.reduce(0) { $0 + $1 * $1 } / n
        let fourth = normal.reduce(0) { $0 + $1 * $1 * $1 * $1 } / n
        // Five deviations of each.
        #expect(abs(mean) < 0.005 && abs(second - 1) < 0.007 && abs(fourth - 3) < 0.05, "\(mean) \(second) \(fourth)")
        let shares: [(bound: Double, wanted: Double)] = [
            (-3, 0.0013499), (-1, 0.1586553), (0, 0.5), (1, 0.8413447), (2, 0.9772499), (4, 0.9999683),
        ]
        for (bound, wanted) in shares {
            let share = Double(normal.count { $0 < bound }) / n
            let deviation = (wanted * (1 - wanted) / n).squareRoot()
            #expect(abs(share - wanted) < 5 * deviation, "\(bound): \(share)")
        }
        let flat = try Self.onThreads { () -> [Float] in
            var stream = RandomStream(seed: 4)
            return try Draw.uniform(shape, from: -2, to: 3, &stream).floats
        }
        #expect(flat.allSatisfy { $0 >= -2 && $0 < 3 })
        #expect(abs(flat.reduce(0) { $0 + Double($1) } / n - 0.5) < 0.008)
        // The same on every machine.
        var first = [Double](repeating: 0, count: 3)
        _ = siam_draw(1, 1, 3, 0x123_4567, 0, 1, &first)
        #expect(first.map { ($0 * 1e9).rounded() } == [-350_848_469, 544_408_523, 738_493_202])
    }

    @Test func products() throws {
        var stream = RandomStream(seed: 8)
        for k in 0..<60 {
            let (m, n, depth) = (1 + stream.below(70), 1 + stream.below(140), 1 + stream.below(k % 10 == 0 ? 600 : 90))
            let (ta, tb, adds) = (stream.below(2), stream.below(2), stream.below(2))
            let a = Self.numbers(m * depth, seed: UInt64(k))
            let b = Self.numbers(n * depth, seed: UInt64(k + 100))
            let start = Self.numbers(m * n, seed: UInt64(k + 200))
            let c = try Self.onThreads { () -> [Float] in
                var c = start
                siam_matmul(0, Int32(ta), Int32(tb), Int64(m), Int64(n), Int64(depth), a, b, &c, Int32(adds))
                return c
            }
            for i in 0..<m {
                for j in 0..<n {
                    var sum = adds == 1 ? Double(start[i * n + j]) : 0
                    for l in 0..<depth {
                        let x = Double(a[ta == 1 ? l * m + i : i * depth + l])
                        sum += x * Double(b[tb == 1 ? j * depth + l : l * n + j])
                    }
                    #expect(abs(Double(c[i * n + j]) - sum) < 2e-6 * Double(depth + 8))
                }
            }
        }
    }
}
