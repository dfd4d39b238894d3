import SiamInterpreter
import SiamRuntime
import SiamTensor
import Testing

@testable import SiamFigures

/// Long series drawn by their extremes, and intervals found by selection.
@Suite struct ThinningTests {
    private func series(_ n: Int) throws -> Tensor {
        var stream = RandomStream(seed: 3)
        var x = (0..<n).map { _ in Float(stream.uniform()) }
        (x[40_000], x[50_000], x[60_000], x[70_001]) = (7, -5, .nan, .infinity)
        return try Tensor(Shape.vector(n), x)
    }

    @Test func extremesAndCountsAreKept() throws {
        let n = 100_003
        let curve = try Downsampling.curve("x", try series(n), log: "", within: nil)
        #expect(curve.x.count == curve.y.count && curve.x.count < 5 * 4097)
        #expect(curve.x.first == 0 && curve.x.last == Double(n - 1))
        #expect(zip(curve.x, curve.x.dropFirst()).allSatisfy { $0 <= $1 })
        #expect(curve.y.filter(\.isFinite).max() == 7 && curve.y.filter(\.isFinite).min() == -5)
        #expect(curve.whole?.count == n && curve.whole?.lost == 2)
        let extent = Extent(Panel(marks: [.line(curve)]))
        #expect(extent.remarks == ["2 values are not finite and left out"] && extent.y == -5...7)
        let log = try Downsampling.curve("x", try series(n), log: "xy", within: nil)
        #expect(log.whole?.lost == 4 && log.y.filter(\.isFinite).allSatisfy { $0 > 0 })
        #expect(try Downsampling.curve("x", try Tensor.full(.vector(n), .nan), log: "", within: nil).whole?.lost == n)
    }

    @Test func whatTheAxisLeavesOutIsNotThinned() throws {
        let x = try series(100_003)
        let part = try Downsampling.curve("x", x, log: "", within: (39_999.5, 40_001))
        #expect(part.x == [39_999, 40_000, 40_001] && part.y[1] == 7 && part.whole == nil)
        #expect(try Downsampling.curve("x", x, log: "", within: (2e5, 3e5)).x.isEmpty)
        #expect(try Downsampling.curve("x", x, log: "", within: (-9, -1)).x.isEmpty)
    }

    @Test func intervalsAreThoseOfTheSortedNumbers() throws {
        var stream = RandomStream(seed: 9)
        for n in [10, 3000, 40_000] {
            var x = (0..<n).map { _ in stream.uniform() * 8 }
            (x[0], x[1], x[2]) = (.nan, -.infinity, .infinity)
            let finite = x.filter(\.isFinite).sorted()
            let edges = try Binning.edges([x], bins: nil)
            let spread = finite[finite.count - 1 - finite.count / 4] / 2 - finite[finite.count / 4] / 2
            let half = finite[finite.count - 1] / 2 - finite[0] / 2
            let count = (half / max(2 * spread / cubeRoot(finite.count), half / 60)).rounded(.up)
            #expect(edges.count == max(8, min(60, Int(count))) + 1 && edges.first == finite.first)
            var counts = [Double](repeating: 0, count: edges.count - 1)
            for v in finite { counts[(edges.lastIndex { $0 <= v } ?? 0).clamped(counts.count - 1)] += 1 }
            #expect(Binning.counts(x, edges) == counts)
        }
    }
    private func cubeRoot(_ n: Int) -> Double {
        var root = 1.0
        for _ in 0..<200 { root -= (root * root * root - Double(n)) / (3 * root * root) }
        return root
    }
}

extension Int {
    fileprivate func clamped(_ most: Int) -> Int { Swift.min(self, most) }
}
