import SiamLanguage
import SiamTensor
import Testing

@testable import SiamFigures

/// Held to NumPy: `scripts/fixtures/figures.py` wrote the numbers.
@Suite struct NumberTests {
    static let numbers: [String: [Double]] = {
        var found: [String: [Double]] = [:]
        for line in (TextTests.read(TextTests.path("numbers.txt")) ?? "").split(separator: "\n") {
            let parts = line.split(separator: " ")
            found[String(parts[0])] = parts.dropFirst().compactMap { Double($0) }
        }
        return found
    }()

    @Test func principalComponentsAreNumPys() throws {
        let z: [Double] = (0..<48).map { k in
            let r = k / 4
            let c = k % 4
            let whole: Int = 7 * r * r + 3 * c * r + 5 * c
            return Double(whole % 23) / 10
        }
        let p = try Projection.principal(try Tensor(try Shape([12, 4]), doubles: z), dim: 3)
        let scores = try #require(Self.numbers["scores"])
        let shares = try #require(Self.numbers["shares"])
        #expect(p.scores.count == scores.count)
        for (a, b) in zip(p.scores, scores) { #expect(abs(a - b) < 1e-9) }
        for (a, b) in zip(p.shares, shares) { #expect(abs(a - b) < 1e-9) }
    }

    @Test func histogramsAreNumPys() throws {
        let x: [Double] = (0..<500).map { k in
            let whole: Int = k * k * 31 + 17 * k
            return Double(whole % 997) / 100
        }
        let edges = try Binning.edges([x], bins: 17)
        #expect(edges.count == 18)
        let wanted: [Double] = try #require(Self.numbers["edges"])
        for (a, b) in zip(edges, wanted) { #expect(abs(a - b) < 1e-12) }
        #expect(Binning.counts(x, edges) == Self.numbers["counts"])
    }

    @Test func histogramsCountEveryFiniteValueOnce() throws {
        for n in [2, 3, 10, 101, 1000] {
            let x = Gallery.normal(n, 1e6, 1e-3)
            let edges = try Binning.edges([x], bins: nil)
            #expect(Binning.counts(x, edges).reduce(0, +) == Double(n))
            #expect(zip(edges, edges.dropFirst()).allSatisfy { $0 < $1 })
        }
        #expect(try Binning.edges([[1, 2, 2, 5]], bins: nil) == [0.5, 1.5, 2.5, 3.5, 4.5, 5.5])
        #expect(try Binning.edges([[.nan, .infinity]], bins: nil).isEmpty)
    }

    @Test func ticksAreRoundAndFew() {
        let ranges: [(Double, Double)] = [
            (0, 1), (0.03, 0.97), (-3, 3), (1, 1797), (0, 1e6), (1e-7, 3e-7), (-1e300, 1e300), (12.1, 12.4), (0, 0),
            (5, 5), (-0.5, 0), (1e15, 1e15 + 4), (1e-310, 2e-310), (.leastNonzeroMagnitude, 1),
        ]
        for (low, high) in ranges {
            for most in 2...9 {
                for isLoose in [false, true] {
                    let t = Ticks(low: low, high: high, most: most, isLoose: isLoose)
                    #expect(t.values.count == t.labels.count && !t.values.isEmpty)
                    #expect(t.values.count <= most + 2, "\(low) to \(high): \(t.labels)")
                    #expect(t.labels.allSatisfy { $0.count <= 9 }, "\(t.labels)")
                    #expect(Set(t.labels).count == t.labels.count, "\(low) to \(high): \(t.labels)")
                    #expect(t.low <= low && t.high >= high && t.low < t.high)
                    for (v, label) in zip(t.values, t.labels) where low < 1e15 {
                        let shown = Double(label) ?? .nan
                        #expect(abs(shown - v) <= abs(v) * 1e-3 + (high - low) * 1e-9, "\(label) for \(v)")
                    }
                }
            }
        }
        #expect(Ticks(low: 0, high: 1, most: 5).labels == ["0.00", "0.25", "0.50", "0.75", "1.00"])
        #expect(Ticks(low: 0, high: 400, most: 5).labels == ["0", "100", "200", "300", "400"])
        #expect(
            Ticks(low: 1e-5, high: 0.1, most: 5, isLogarithmic: true).labels == [
                "1e-5", "0.0001", "0.001", "0.01", "0.1",
            ])
    }
}

@Suite struct NeighbourTests {
    private func digits() throws -> (points: [Double], distances: [Double]) {
        let points = try #require(NumberTests.numbers["points"]).map { $0 / 16 }
        var distances = [Double](repeating: 0, count: 150 * 150)
        for r in 0..<150 {
            for c in 0..<150 {
                for k in 0..<64 {
                    let d = points[r * 64 + k] - points[c * 64 + k]
                    distances[r * 150 + c] += d * d
                }
            }
        }
        return (points, distances)
    }

    @Test func probabilitiesAreScikitLearns() throws {
        let n = try NeighbourEmbedding(distances: try digits().distances, count: 150, perplexity: 20)
        let wanted = try #require(NumberTests.numbers["joint"])
        let found = [
            n.joint[1], n.joint[3 * 150 + 7], n.joint[10 * 150 + 20], n.joint[100 * 150 + 149], n.joint.max() ?? 0,
        ]
        // Its search for a row's width stops at an error of 1e-5 in the entropy.
        for (a, b) in zip(found, wanted) { #expect(abs(a - b) < 2e-4 * b, "\(a) \(b)") }
        #expect(abs(n.joint.reduce(0, +) - 1) < 1e-6)
    }

    @Test func gradientIsTheDivergencesSlope() throws {
        let distances: [Double] = (0..<36).map { k in
            let apart: Int = k / 6 - k % 6
            return Double(apart * apart)
        }
        let n = try NeighbourEmbedding(distances: distances, count: 6, perplexity: 2)
        let y: [Double] = (0..<12).map { k in
            let whole: Int = k * 7 % 5
            return Double(whole) / 3 - 0.4 + Double(k) / 50
        }
        let g = try n.gradient(y, exaggeration: 1)
        for k in y.indices {
            var (up, down) = (y, y)
            up[k] += 1e-6
            down[k] -= 1e-6
            let slope = (n.divergence(up) - n.divergence(down)) / 2e-6
            #expect(abs(slope - g[k]) < 1e-6 * max(1, abs(slope)), "\(k): \(slope) \(g[k])")
        }
    }

    @Test func divergenceIsAsLowAsScikitLearns() throws {
        let (points, distances) = try digits()
        let z = try Tensor(try Shape([150, 64]), doubles: points)
        let y = try NeighbourEmbedding.embed(z, perplexity: 20, steps: 750) {}
        let n = try NeighbourEmbedding(distances: distances, count: 150, perplexity: 20)
        let wanted = try #require(NumberTests.numbers["divergence"]?.first)
        #expect(n.divergence(y) < wanted * 1.1, "\(n.divergence(y)) against \(wanted)")
        // Of many points the far ones count by groups: as good on the same rows.
        let grouped = try GroupedEmbedding(try z.converted(to: .single), perplexity: 20)
        let start = (0..<300).map { k in Double(k * 37 % 101 - 50) * 1e-4 }
        let other = try grouped.embedded(from: start, steps: 750) {}
        #expect(n.divergence(other) < wanted * 1.1, "\(n.divergence(other)) against \(wanted)")
        let once = try NeighbourEmbedding.embed(z, perplexity: 20, steps: 20) {}
        let twice = try NeighbourEmbedding.embed(z, perplexity: 20, steps: 20) {}
        #expect(once == twice)
    }
}
