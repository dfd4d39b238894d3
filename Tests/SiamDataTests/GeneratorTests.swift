import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

@Suite struct GeneratorTests {
    private func points(_ d: Dataset, of label: Int) -> [[Float]] {
        let values = d.x.values
        return d.rowsByClass[label].map { [values[$0 * 2], values[$0 * 2 + 1]] }
    }

    /// Every point of `a` has one of `b` within 1e-6, and there are as many.
    private func alike(_ a: [[Float]], _ b: [[Float]]) -> Bool {
        a.count == b.count
            && a.allSatisfy { p in b.contains { q in abs(p[0] - q[0]) < 1e-6 && abs(p[1] - q[1]) < 1e-6 } }
    }

    @Test func moonsAndRingsAreScikitLearns() throws {
        var stream = RandomStream(seed: 1)
        let half = try moons(11, noise: 0, &stream)
        let whole = try rings(12, classes: 2, noise: 0, &stream)
        for (d, file, first) in [(half, "moons.npy", 5), (whole, "circles.npy", 6)] {
            let values = try npy(fixture(file)).values
            let expected = stride(from: 0, to: values.count, by: 2).map { [values[$0], values[$0 + 1]] }
            #expect(alike(points(d, of: 0), Array(expected[..<first])))
            #expect(alike(points(d, of: 1), Array(expected[first...])))
        }
    }

    @Test func blobsHaveTheirSpread() throws {
        var stream = RandomStream(seed: 2)
        let d = try blobs(3000, classes: 3, dim: 4, spread: 0.5, &stream)
        #expect(d.x.shape.dims == [3000, 4])
        let values = d.x.values.map(Double.init)
        for rows in d.rowsByClass {
            for axis in 0..<4 {
                let column = rows.map { values[$0 * 4 + axis] }
                let mean = column.reduce(0, +) / Double(column.count)
                let variance = column.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(column.count)
                #expect(abs(variance.squareRoot() - 0.5) < 0.05)
                #expect(abs(mean) < 10.1)
            }
        }
    }

    @Test func noiseIsNormal() throws {
        var stream = RandomStream(seed: 8)
        let draws = (0..<200_000).map { _ in stream.normal() }
        let moments = [1, 2, 3, 4].map { power in
            draws.reduce(0.0) { sum, v in sum + (0..<power).reduce(1.0) { product, _ in product * v } } / 200_000
        }
        #expect(abs(moments[0]) < 0.01 && abs(moments[1] - 1) < 0.015)
        #expect(abs(moments[2]) < 0.03 && abs(moments[3] - 3) < 0.1)
        #expect(draws.allSatisfy { $0.isFinite })
    }

    @Test func spiralsWindAndClassesAreEven() throws {
        var stream = RandomStream(seed: 2)
        let d = try spirals(31, classes: 3, noise: 0, &stream)
        #expect(d.classCounts == [10, 10, 11])
        for label in 0..<3 {
            let radii = points(d, of: label).map { ($0[0] * $0[0] + $0[1] * $0[1]).squareRoot() }.sorted()
            #expect(abs((radii.last ?? 0) - 1) < 1e-6)
        }
        #expect(d.y != d.y.sorted())
    }

    @Test func impossibleCloudsAreRefused() throws {
        var stream = RandomStream(seed: 1)
        #expect(refusal { _ = try rings(0, &stream) }?.message == "rings expects at least 1 point, and got 0")
        #expect(refusal { _ = try rings(5, classes: 6, &stream) }?.code == "generator.classes")
        #expect(refusal { _ = try moons(5, noise: -1, &stream) }?.code == "generator.noise")
        #expect(refusal { _ = try blobs(5, dim: 0, &stream) }?.code == "blobs.dim")
        #expect(throws: (any Error).self) { try blobs(1 << 40, dim: 1 << 40, &stream) }
        #expect(throws: (any Error).self) { try spirals(Int.max, &stream) }
    }
}
