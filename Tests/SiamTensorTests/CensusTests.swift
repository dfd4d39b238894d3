import Testing

@testable import SiamTensor

/// What is asked of many numbers at once, against plain loops and on 1, 2 and 3 threads.
@Suite(.serialized) struct CensusTests {
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
    private static func numbers(_ n: Int) -> [Float] {
        var stream = RandomStream(seed: 5)
        return (0..<n).map { _ in Float(stream.uniform() * 4 - 2) }
    }

    @Test func extents() throws {
        for n in [1, 7, 40_000, 200_001] {
            var x = CensusTests.numbers(n)
            if n > 6 { (x[1], x[2], x[3], x[4]) = (.nan, .infinity, -.infinity, 2) }
            let t = try Tensor(Shape.vector(n), x)
            let finite = x.filter(\.isFinite).map(Double.init)
            let mean = finite.reduce(0, +) / Double(finite.count)
            let squares = finite.reduce(0) { $0 + ($1 - mean) * ($1 - mean) }
            let found = try CensusTests.onThreads {
                let e = try NumberStatistics.extent(t, deviations: true)
                return [e.low, e.high, e.mean, e.squares] + [e.finite, e.nans, e.below, e.whole].map(Double.init)
            }
            #expect(found[0] == finite.min() && found[1] == finite.max())
            #expect(abs(found[2] - mean) < 1e-12 && abs(found[3] - squares) <= 1e-12 * squares)
            let whole = finite.count { $0 == $0.rounded() }
            #expect(found[4...] == [finite.count, n > 6 ? 1 : 0, n > 6 ? 1 : 0, whole].map(Double.init)[...])
        }
        let none = try NumberStatistics.extent([.nan, .infinity])
        #expect(none.finite == 0 && none.nans == 1 && none.low == .infinity)
        #expect(try NumberStatistics.extent([Double]()).finite == 0)
    }

    @Test func rowsTheirProductsAndGroups() throws {
        for (n, width) in [(1, 1), (5, 3), (3000, 13), (2001, 64)] {
            let x = try Tensor(try Shape([n, width]), CensusTests.numbers(n * width))
            let c = try CensusTests.onThreads { try NumberStatistics.rows(x, n, width, centred: true).doubles }
            for k in 0..<width {
                let mean = (0..<n).reduce(0.0) { $0 + x[$1 * width + k] } / Double(n)
                #expect((0..<n).allSatisfy { abs(c[$0 * width + k] - (x[$0 * width + k] - mean)) < 1e-12 })
            }
            let centred = try Tensor(x.shape, doubles: c)
            let gram = try CensusTests.onThreads { try NumberStatistics.gram(centred)?.doubles ?? [] }
            for (a, b) in [(0, 0), (0, width - 1), (width / 2, width - 1), (width - 1, width / 3)] {
                let plain = (0..<n).reduce(0.0) { $0 + c[$1 * width + a] * c[$1 * width + b] }
                #expect(abs(gram[a * width + b] - plain) < 1e-9)
            }
            let axis = (0..<width).map { Double($0 + 1) }
            let along = try CensusTests.onThreads { try NumberStatistics.projected(centred, [axis]) }
            #expect(abs(along[n - 1] - (0..<width).reduce(0.0) { $0 + c[(n - 1) * width + $1] * axis[$1] }) < 1e-9)
            let labels = (0..<n).map { Int32($0 % 3) }
            let groups = try CensusTests.onThreads {
                let found = try NumberStatistics.sums(x, labels, 3)
                return found.sums + found.counts
            }
            let first = stride(from: 0, to: n, by: 3).reduce(0.0) { $0 + x[$1 * width] }
            #expect(abs(groups[0] - first) < 1e-9 && groups.suffix(3).reduce(0, +) == Double(n))
            let least = try CensusTests.onThreads {
                var least = [Double](repeating: .infinity, count: n)
                NumberStatistics.nearer(x, axis, &least)
                return least
            }
            let plain = (0..<width).reduce(0.0) { $0 + (x[$1] - axis[$1]) * (x[$1] - axis[$1]) }
            #expect(abs(least[0] - plain) <= 1e-12 * plain)
        }
        let d = try Tensor(try Shape([3, 3]), [2, 1, 1, .nan, 3, 2, .nan, .nan, .nan])
        #expect(NumberStatistics.nearest(d) == [1, 2, 0])
    }
}
