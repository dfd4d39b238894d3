import SiamTensor
import Testing

@testable import SiamData
@testable import SiamFormats

@Suite struct DatasetTests {
    @Test func digitsAreScikitLearns() throws {
        let d = try digits()
        #expect(d.count == 1797)
        #expect(d.x.shape.dims == [1797, 8, 8, 1])
        #expect(d.summary == "digits: 1797 of 8x8x1 in 10 classes")
        let expected = try npy(fixture("digits.npy")).values
        let values = d.x.values
        for label in 0..<10 {
            #expect(d.classCounts[label] == Int(expected[label * 2]))
            let ink = d.rowsByClass[label].reduce(Float(0)) { $0 + values[$1 * 64..<($1 + 1) * 64].reduce(0, +) }
            #expect(ink * 16 == expected[label * 2 + 1])
        }
        #expect(values.min() == 0 && values.max() == 1)
        #expect(d.provenance.contains("CC BY 4.0"))
    }

    @Test func partsKeepNumbersAndNames() throws {
        let d = try numbered([0, 2, 1, 2, 0])
        let part = try d.where { $0 == 2 }
        #expect(part.x.values == [1, 3])
        #expect(part.y == [2, 2])
        #expect(part.names == ["0", "1", "2"])
        #expect(part.classes == [2])
        #expect(part.classCounts == [0, 0, 2])
        let rows = try d.rows(1..<3)
        #expect(rows.x.values == [1, 2])
        #expect(rows.y == [2, 1])
        #expect(try rows.subset([1, 1, 0]).x.values == [2, 2, 1])
        #expect(try d.labels().values == [0, 2, 1, 2, 0])
    }

    @Test func samplesAreDifferentRows() throws {
        let d = try numbered([Int](repeating: 0, count: 50))
        var stream = RandomStream(seed: 1)
        let drawn = try d.sample(50, &stream).x.values
        #expect(drawn != d.x.values)
        #expect(drawn.sorted() == d.x.values)
        let error = refusal { _ = try d.sample(51, &stream) }
        #expect(error?.message == "a sample of 51 different rows was asked for, and rows has 50 rows")
    }

    @Test func impossibleDatasetsAreRefused() throws {
        let x = try Tensor.of([2, 1], [1, 2])
        #expect(refusal { _ = try Dataset(x: x, y: [0], name: "d") }?.code == "data.lengths")
        #expect(refusal { _ = try Dataset(x: x, y: [0, 5], names: ["a"], name: "d") }?.code == "data.class")
        #expect(refusal { _ = try Dataset(x: x, y: [0, -1], name: "d") }?.code == "data.class")
        #expect(refusal { _ = try Dataset(x: x, y: [0, Int.max - 1], name: "d") }?.code == "data.classes")
        let d = try Dataset(x: x, y: [0, 1], name: "d")
        #expect(refusal { _ = try d.subset([2]) }?.code == "data.index")
        #expect(refusal { _ = try d.rows(1..<3) }?.code == "data.range")
    }

    @Test func splitKeepsClassProportions() throws {
        let d = try numbered((0..<100).map { $0 < 80 ? 0 : $0 < 98 ? 1 : 2 })
        var stream = RandomStream(seed: 3)
        let (a, b) = try split(d, 0.75, &stream)
        #expect(a.classCounts == [60, 14, 1])
        #expect(b.classCounts == [20, 4, 1])
        #expect((a.x.values + b.x.values).sorted() == d.x.values)
        #expect(a.x.values != Array(d.x.values.prefix(75)))
        var again = RandomStream(seed: 3)
        #expect(try split(d, 0.75, &again).0.x.values == a.x.values)
    }

    @Test func splitClassesHoldsWholeClassesBack() throws {
        var stream = RandomStream(seed: 6)
        let (known, unknown) = try splitClasses(digits(), 0.7, &stream)
        #expect(known.classes.count == 7)
        #expect(unknown.classes.count == 3)
        #expect(Set(known.classes).isDisjoint(with: unknown.classes))
        #expect(known.count + unknown.count == 1797)
        #expect(refusal { _ = try splitClasses(numbered([1, 1]), 0.5, &stream) }?.code == "split_classes.one")
    }

    @Test(arguments: [0.0, 1.0, -0.5, 80, .nan]) func sharesAreBetweenNoughtAndOne(share: Double) throws {
        var stream = RandomStream(seed: 1)
        let error = refusal { _ = try split(numbered([0, 0, 1, 1]), share, &stream) }
        #expect(error?.code == "split.share")
        #expect(share != 80 || error?.notes == ["80 % is 0.8"])
    }
}
