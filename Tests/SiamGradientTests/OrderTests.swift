import SiamTensor
import Testing

@testable import SiamGradient

/// Sorting and ranks by bits against a plain stable sort: values by their bits, ties, both zeros, NaN, infinities.
@Suite(.serialized) struct OrderTests {
    private static func numbers(_ n: Int) -> [Float] {
        var stream = RandomStream(seed: UInt64(n))
        let odd: [Float] = [.nan, -.nan, 0, -0.0, .infinity, -.infinity, 1, -1, 2, .leastNonzeroMagnitude]
        return (0..<n).map { _ in
            let pick = stream.below(40)
            return pick < odd.count ? odd[pick] : Float(stream.uniform() - 0.5)
        }
    }
    private static func places(_ x: [Float], descending: Bool) -> [Int] {
        x.indices.sorted { p, q in
            let (a, b) = (x[p], x[q])
            if a.isNaN || b.isNaN { return a.isNaN == b.isNaN ? p < q : b.isNaN }
            return a == b ? p < q : descending ? a > b : a < b
        }
    }
    private static let sizes = [1, 2, 13, 100, 2048, 2049, 5000, 70_000]

    @Test(arguments: [1, 2, 3]) func sortingIsStableAndExact(threads: Int) throws {
        let before = Threads.count
        Threads.count = threads
        defer { Threads.count = before }
        for n in OrderTests.sizes {
            let x = OrderTests.numbers(n)
            let t = try Tensor(Shape.vector(n), x)
            for isDescending in [false, true] {
                let order = OrderTests.places(x, descending: isDescending)
                let attributes: [Attribute] = [.integer(-1), .flag(isDescending)]
                #expect(try Operators.argsort.apply([t], attributes).floats.map { Int($0) } == order)
                for given in [t, t.tracked()] {
                    let sorted = try Operators.sort.apply([given], attributes).floats
                    #expect(sorted.map(\.bitPattern) == order.map { x[$0].bitPattern }, "\(n)")
                }
                for k in [0, 1, n / 7, n] {
                    let top = try Operators.topk.applyAll([t], [.integer(k), .integer(-1), .flag(isDescending)])
                    #expect(top[0].floats.map(\.bitPattern) == order.prefix(k).map { x[$0].bitPattern })
                    #expect(top[1].floats.map { Int($0) } == Array(order.prefix(k)))
                }
            }
        }
    }

    @Test func ranksAreThoseOfTheSortedNumbers() throws {
        for n in OrderTests.sizes {
            let x = OrderTests.numbers(n)
            let sorted = OrderTests.places(x, descending: false).map { Double(x[$0]) }
            for precision in [Precision.single, .double] {
                let t = try Tensor(Shape.vector(n), x).converted(to: precision)
                for rank in [0, n / 4, n / 2, n * 19 / 20, n - 1] {
                    let found = try Kernel.ranked(t, rows: 1, n, rank: rank)
                    #expect(String(found.low[0] + 0) == String(sorted[rank] + 0))
                    #expect(String(found.next[0] + 0) == String(sorted[min(rank + 1, n - 1)] + 0))
                    #expect(Int(found.nans[0]) == x.count(where: \.isNaN))
                }
            }
        }
    }

    @Test func quantilesAndUniqueOfRowsAndColumns() throws {
        let x: [Float] = [4, 1, 3, 1, 2, 2, .nan, 0, 5]
        let t = try Tensor(try Shape([3, 3]), x)
        let rows = try Operators.median.apply([t], [.integers([1]), .flag(false)]).doubles
        #expect(rows[0] == 3 && rows[1] == 2 && rows[2].isNaN)
        let columns = try Operators.median.apply([t], [.integers([0]), .flag(false)]).doubles
        #expect(columns[0].isNaN && columns[1] == 1 && columns[2] == 3)
        let parts = try Operators.unique.applyAll([t])
        #expect(parts[0].doubles.dropLast() == [0, 1, 2, 3, 4, 5] && parts[0].doubles.last?.isNaN == true)
        #expect(parts[1].doubles == [1, 2, 2, 1, 1, 1, 1])
    }
}
