import SiamTensor
import Testing

@testable import SiamData

@Suite struct SourceTests {
    static let labels = (0..<60).map { $0 < 30 ? 0 : $0 < 58 ? 1 : $0 - 56 }  // classes 2 and 3 have one row

    static func sources() throws -> [(String, DataSource)] {
        let d = try numbered(labels)
        return [
            ("pairs", try PairSource(d, 7)), ("triplets", try TripletSource(d, 7)),
            ("balanced", try BalancedSource(d, classes: 2, each: 5)), ("batches", try BatchSource(d, 7)),
        ]
    }

    @Test func pairsAreWhatTheySay() throws {
        let source = try PairSource(numbered(Self.labels), 32)
        #expect(source.stepsPerEpoch == 2)
        #expect(source.names == ["a", "b", "same"])
        #expect(source.summary == "pairs of rows, 32 a batch, 2 batches an epoch")
        var stream = RandomStream(seed: 1)
        var same = 0
        for _ in 0..<50 {
            let batch = try source.next(&stream)
            let (a, b, s) = (batch[0].values, batch[1].values, batch[2].values)
            #expect(batch[0].shape.dims == [32, 1] && batch[2].shape.dims == [32])
            for i in 0..<32 {
                #expect(a[i] != b[i], "a row is never paired with itself")
                let equal = Self.labels[Int(a[i])] == Self.labels[Int(b[i])]
                #expect(equal == (s[i] == 1))
                same += Int(s[i])
            }
        }
        #expect(same == 50 * 16)
    }

    @Test func shareOfSamePairsHolds() throws {
        var stream = RandomStream(seed: 2)
        for (share, batch) in [(0.0, 8), (1.0, 8), (0.3, 8), (0.02, 8)] {
            let source = try PairSource(digits(), batch, same: share)
            var total: Float = 0
            for _ in 0..<500 {
                let count = try source.next(&stream)[2].values.reduce(0, +)
                #expect(abs(Double(count) - share * Double(batch)) < 1)
                total += count
            }
            #expect(abs(Double(total) / 4000 - share) < 0.01)
        }
    }

    @Test func firstOfPairsGoesOnceThroughTheData() throws {
        let y = (0..<40).map { $0 % 4 }
        let source = try PairSource(numbered(y), 8)
        var stream = RandomStream(seed: 5)
        for _ in 0..<3 {
            var seen: [Float] = []
            for _ in 0..<source.stepsPerEpoch { seen += try source.next(&stream)[0].values }
            #expect(seen != y.indices.map { Float($0) })
            #expect(seen.sorted() == y.indices.map { Float($0) })
        }
    }

    @Test func partnersAreUniform() throws {
        // A chi-squared over the partners of each class: 30 rows, some 20,000 draws.
        let source = try PairSource(numbered(Self.labels), 100, same: 0)
        var stream = RandomStream(seed: 9)
        var counts = [Double](repeating: 0, count: 60)
        var drawn = 0.0
        for _ in 0..<400 {
            let batch = try source.next(&stream)
            for (a, b) in zip(batch[0].values, batch[1].values) where Self.labels[Int(a)] == 0 {
                counts[Int(b)] += 1
                drawn += 1
            }
        }
        let expected = drawn / 30
        let chi = counts[30...].reduce(0) { $0 + ($1 - expected) * ($1 - expected) / expected }
        #expect(counts[..<30].allSatisfy { $0 == 0 })
        #expect(chi < 58.3, "29 degrees of freedom, 0.1 %")
    }

    @Test func pairsThatCannotBeMadeAreRefused() throws {
        let one = try numbered([0, 0, 0], name: "zeros")
        let error = refusal { _ = try PairSource(one, 4) }
        #expect(error?.message == "pairs needs two classes for a negative pair, and zeros has one")
        #expect(error?.notes == ["same = 1 draws only positive pairs"])
        _ = try PairSource(one, 4, same: 1)
        let single = try numbered([0, 1, 2])
        #expect(refusal { _ = try PairSource(single, 4) }?.code == "pairs.same")
        _ = try PairSource(single, 4, same: 0)
        #expect(refusal { _ = try PairSource(one, 0) }?.code == "source.batch")
        #expect(refusal { _ = try PairSource(digits(), 4, same: 1.5) }?.code == "pairs.same")
        #expect(refusal { _ = try PairSource(numbered([]), 4) }?.code == "pairs.empty")
    }

    @Test func tripletsAreWhatTheySay() throws {
        let source = try TripletSource(numbered(Self.labels), 16)
        #expect(source.stepsPerEpoch == 4, "58 rows have another of their class")
        var stream = RandomStream(seed: 1)
        for _ in 0..<50 {
            let batch = try source.next(&stream).map { $0.values.map { Int($0) } }
            for i in 0..<16 {
                #expect(batch[0][i] != batch[1][i])
                #expect(Self.labels[batch[0][i]] == Self.labels[batch[1][i]])
                #expect(Self.labels[batch[0][i]] != Self.labels[batch[2][i]])
            }
        }
        #expect(refusal { _ = try TripletSource(numbered([0, 1]), 2) }?.code == "triplets.positive")
        #expect(refusal { _ = try TripletSource(numbered([1, 1]), 2) }?.code == "triplets.classes")
    }

    @Test func balancedBatchesHaveDifferentRowsOfDifferentClasses() throws {
        let source = try BalancedSource(digits(), classes: 7, each: 8)
        #expect(source.stepsPerEpoch == 33)
        var stream = RandomStream(seed: 1)
        var seen = Set<Float>()
        for _ in 0..<20 {
            let batch = try source.next(&stream)
            #expect(batch[0].shape.dims == [56, 8, 8, 1])
            let y = batch[1].values
            let groups = stride(from: 0, to: 56, by: 8).map { Array(y[$0..<$0 + 8]) }
            #expect(groups.allSatisfy { Set($0).count == 1 })
            #expect(Set(groups.map { $0[0] }).count == 7)
            seen.formUnion(y)
        }
        #expect(seen.count == 10)
        let rows = try BalancedSource(numbered(Self.labels), classes: 2, each: 20)
        #expect(rows.summary.hasSuffix("2 classes of fewer rows left out"))
        for _ in 0..<20 { #expect(try Set(rows.next(&stream)[0].values).count == 40) }
        let error = refusal { _ = try BalancedSource(digits(), classes: 11, each: 4) }
        #expect(error?.message == "balanced expects 11 classes of at least 4 rows, and digits has 10")
    }

    @Test func batchesGoOnceThroughAllRows() throws {
        let source = try BatchSource(numbered(Self.labels), 16)
        #expect(source.stepsPerEpoch == 4)
        var stream = RandomStream(seed: 1)
        var orders: [[Float]] = []
        for _ in 0..<2 {
            var seen: [Float] = []
            for step in 0..<4 {
                let batch = try source.next(&stream)
                #expect(batch[0].shape[0] == (step < 3 ? 16 : 12))
                #expect(batch[1].values == batch[0].values.map { Float(Self.labels[Int($0)]) })
                seen += batch[0].values
            }
            orders.append(seen)
        }
        #expect(orders[0] != orders[1])
        #expect(orders[0].sorted() == orders[1].sorted())
        let x = try Tensor.of([3, 2], [1, 2, 3, 4, 5, 6])
        let y = try Tensor.of([3], [1, 3, 5])
        let two = try BatchSource([x, y], 2)
        let batch = try two.next(&stream)
        #expect(stride(from: 0, to: 4, by: 2).map { batch[0].values[$0] } == batch[1].values)
        let short = try Tensor.of([2], [1, 3])
        #expect(
            refusal { _ = try BatchSource([x, short], 2) }?.message
                == "batches expects tensors with one first axis, and got 3x2 and 2")
    }

    @Test func stateRestoresExactly() throws {
        for (name, source) in try Self.sources() {
            source.augmentations = [.noise(sd: 0.1)]
            var stream = RandomStream(seed: 11)
            for _ in 0..<13 { _ = try source.next(&stream) }
            let kept = source.state
            let streamThere = stream
            let first = try (0..<30).map { _ in try source.next(&stream).map(\.values) }
            #expect(stream == streamThere, "\(name) draws from the program's stream once")
            source.state = kept
            let second = try (0..<30).map { _ in try source.next(&stream).map(\.values) }
            #expect(first == second, "\(name)")
            let other = try #require(try Self.sources().first { $0.0 == name }?.1)
            other.augmentations = [.noise(sd: 0.1)]
            other.state = kept
            #expect(try other.next(&stream).map(\.values) == first[0], "\(name), another source made alike")
            var unlike = RandomStream(seed: 12)
            let fresh = try #require(try Self.sources().first { $0.0 == name }?.1)
            #expect(try fresh.next(&unlike).map(\.values) != first[0])
        }
    }

    @Test func preparingAheadChangesNothing() throws {
        for (name, source) in try Self.sources() {
            let (_, ahead) = try #require(try Self.sources().first { $0.0 == name })
            ahead.preparesAhead = true
            for each in [source, ahead] {
                each.augmentations = [.noise(sd: 0.1)]
                each.augment = { x, stream in try Tensor.of(x.shape.dims, x.values.map { $0 + Float(stream.uniform()) })
                }
            }
            var a = RandomStream(seed: 4)
            var b = RandomStream(seed: 4)
            for step in 0..<200 {
                if step == 100 { (source.state.position, ahead.state.position) = (5, 5) }
                let one = try source.next(&a).map(\.values)
                let two = try ahead.next(&b).map(\.values)
                #expect(one == two, "\(name)")
            }
            #expect(a == b)
        }
    }

    /// Batches of some thousand numbers are made by a helper while the step goes on.
    @Test func helpersChangeNothing() throws {
        let threads = Threads.count
        defer { Threads.count = threads }
        let d = try Dataset(
            x: Tensor.of([60, 700], (0..<42_000).map { Float($0 % 977) }), y: (0..<60).map { $0 % 4 }, name: "rows")
        func batches(_ count: Int) throws -> [[[Float]]] {
            Threads.count = count
            var found: [[[Float]]] = []
            let sources: [DataSource] = [
                try PairSource(d, 16), try TripletSource(d, 16), try BalancedSource(d, classes: 4, each: 8),
                try BatchSource(d, 24),
            ]
            for source in sources {
                var stream = RandomStream(seed: 6)
                for step in 0..<60 {
                    if step == 30 { source.state.position = 3 }
                    if step == 45 { source.forgetPrepared() }
                    found += [try source.next(&stream).map(\.values)]
                    // Work of all threads between two batches, as a step has it.
                    Threads.run(tiles: 8) { tile in
                        var sum = 0.0
                        for i in 0..<(tile + 1) * 1000 { sum += Double(i) }
                        #expect(sum > 0)
                    }
                }
            }
            return found
        }
        let alone = try batches(1)
        #expect(try batches(2) == alone)
        #expect(try batches(3) == alone)
    }

    @Test func epochsBeginWhereTheyShould() throws {
        let source = try BatchSource(numbered(Self.labels), 16)
        var stream = RandomStream(seed: 1)
        source.startEpoch()
        #expect(source.state.position == 0)
        _ = try source.next(&stream)
        source.startEpoch()
        #expect(source.state.position == 4)
    }

    @Test func damagedStatesDoNoHarm() throws {
        var stream = RandomStream(seed: 1)
        for (_, source) in try Self.sources() {
            for position in [Int.max, Int.min, -1] {
                source.state = SourceState(key: 5, position: position)
                source.startEpoch()
                _ = try source.next(&stream)
            }
        }
    }

    @Test func augmentKeepsRows() throws {
        let source = try PairSource(numbered(Self.labels), 4)
        var stream = RandomStream(seed: 1)
        source.augment = { x, _ in try x.window(0..<1) }
        #expect(refusal { _ = try source.next(&stream) }?.code == "augment.rows")
        source.augment = { x, _ in try Tensor.of(x.shape.dims, x.values.map { -$0 }) }
        let batch = try source.next(&stream)
        #expect(batch[0].values.allSatisfy { $0 <= 0 } && batch[2].values.allSatisfy { $0 >= 0 })
    }
}
