import SiamData
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Which rows and classes stand on both sides: those trained on and those measured.
extension Replay {
    /// Rows of the source's data set, by content.
    static func hashes(_ d: Dataset) -> [UInt64] { hashes(d.x) }

    static func hashes(_ x: Tensor) -> [UInt64] {
        let rows = x.shape.dims.first ?? 0
        let width = x.count / max(1, rows)
        return x.withFloats { all in
            (0..<rows).map { r in
                var h: UInt64 = 0xCBF2_9CE4_8422_2325
                for k in r * width..<(r + 1) * width { h = (h ^ UInt64(all[k].bitPattern)) &* 0x100_0000_01B3 }
                return h
            }
        }
    }

    /// The rows of a data set that are not among those of another.
    static func rows(of held: Dataset, notIn trained: Dataset) throws -> Dataset {
        let known = Set(hashes(trained))
        let isKnown = hashes(held).map(known.contains)
        return try held.subset(isKnown.indices.filter { !isKnown[$0] })
    }

    /// Whether all values are whole, as those of texts are: rows may be the same by nature.
    static func isCounted(_ x: Tensor) -> Bool { x.floats.allSatisfy { $0 == $0.rounded() } }

    /// Which held-out rows were trained on, and which classes of theirs were not.
    func noteClasses(_ source: Dataset?, _ held: Dataset?) {
        guard let source, let held, case .named(_, let countsOverlap) = heldOut else { return }
        let rows = Replay.hashes(source)
        let known = Set(rows)
        // Where a few values make all rows, the same rows stand on both sides by nature.
        if countsOverlap, !Replay.isCounted(source.x), known.count * 10 > rows.count {
            evidence.leak = Double(Replay.hashes(held).count(where: known.contains)) / Double(max(1, held.count))
        }
        evidence.shift = Replay.shift(source.x, held.x)
        if countsOverlap, readsFigures {
            evidence.nearCopies = NearCopies(of: held, in: source)
            if !Replay.isCounted(source.x) {
                evidence.overlappingWindows = OverlappingWindows(of: held.x, in: source.x)
            }
        }
        let (own, others) = (Set(source.classes), Set(held.classes))
        evidence.heldClasses = others.count
        // New classes alone are a protocol of embeddings; a classifier can name none of them.
        if own.count > 1, !own.isDisjoint(with: others) || evidence.task == .classification && judgesClasses(held) {
            evidence.missingClasses = others.subtracting(own).sorted()
        }
    }

    /// How far the mean of the rows of one tensor is from that of another, in standard deviations of the first, over all
    /// columns together: the root of the sum of squared differences over the sum of variances.
    static func shift(_ a: Tensor, _ b: Tensor) -> Double {
        guard let n = a.shape.dims.first, let m = b.shape.dims.first, n > 9, m > 9, a.count / n == b.count / m else {
            return 0
        }
        let width = a.count / n
        func moments(_ t: Tensor, _ rows: Int) -> (mean: [Double], square: [Double]) {
            var (mean, square) = ([Double](repeating: 0, count: width), [Double](repeating: 0, count: width))
            t.withFloats { x in
                for k in 0..<rows * width {
                    let v = Double(x[k])
                    mean[k % width] += v / Double(rows)
                    square[k % width] += v * v / Double(rows)
                }
            }
            return (mean, square)
        }
        let (own, other) = (moments(a, n), moments(b, m))
        var (apart, spread) = (0.0, 0.0)
        for c in 0..<width {
            apart += (own.mean[c] - other.mean[c]) * (own.mean[c] - other.mean[c])
            spread += max(0, own.square[c] - own.mean[c] * own.mean[c])
        }
        return spread > 0 && apart.isFinite ? (apart / spread).squareRoot() : 0
    }

    /// How many of the held-out rows an earlier training of the same net, in the same program, had with their labels, and
    /// this one has not.
    func shareTrainedBefore(_ run: SiamRuntime.Run, _ held: Dataset?) -> Double {
        guard let held, held.count >= 10, case .named = heldOut,
            let weight = run.nets.first?.parameters.first?.parameter
        else { return 0 }
        let before = earlier.filter { other in
            other.nets.contains { $0.parameters.contains { $0.parameter === weight } }
                && Replay.usesLabels(other.syntax)
        }
        guard !before.isEmpty else { return 0 }
        let known = Set(before.compactMap(trainingRows).flatMap(Replay.hashes))
        let own = Set(trainingRows(run).map(Replay.hashes) ?? [])
        let rows = Replay.hashes(held)
        return Double(rows.count { known.contains($0) && !own.contains($0) }) / Double(rows.count)
    }

    /// Whether the body of a training reads more of a batch than its first part.
    static func usesLabels(_ train: Train) -> Bool {
        let others = Set(train.names.dropFirst().map(\.text))
        var found = false
        for s in train.body.statements {
            s.walk { if case .name(let n) = $0.kind, others.contains(n) { found = true } }
        }
        return found
    }

    /// Whether the program asks for the share of right classes on a data set.
    func judgesClasses(_ held: Dataset) -> Bool {
        evidence.heldOutName.map { name in
            var found = false
            for s in chart.later {
                s.walk { e in
                    guard case .call(let f, let arguments, _) = e.kind, case .name("accuracy") = f.kind else { return }
                    for a in arguments { a.value.walk { if case .name(name) = $0.kind { found = true } } }
                }
            }
            return found
        } ?? false
    }

    /// Which classes of the data that the program measures on are missing among the labels that batches are cut from.
    func noteClassesOfTensors(_ run: SiamRuntime.Run, _ session: Session, _ wiring: TrainingModel?) {
        guard evidence.task == .classification, let all = (run.source as? SourceThing)?.source.tensors, all.count == 2,
            case let labels = Set(all[1].doubles), labels.count > 1, labels.count < 1000,
            labels.allSatisfy({ $0 >= 0 && $0 == $0.rounded() })
        else { return }
        for name in wiring?.judgedOn ?? [] {
            guard case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name),
                d.dataset.x.count / max(1, d.dataset.count) == all[0].count / max(1, all[0].shape[0])
            else { continue }
            let missing = d.dataset.classes.filter { !labels.contains(Double($0)) }
            if !missing.isEmpty, missing.count < d.dataset.classes.count {
                (evidence.missingClasses, evidence.heldClasses) = (missing.sorted(), d.dataset.classes.count)
                return
            }
        }
    }

    /// Tensors that the net is given after the training, row by row, against those that batches were drawn from.
    func lookForSharedRows(_ run: SiamRuntime.Run, _ wiring: TrainingModel) {
        guard let (name, arguments) = wiring.source.call, name == "batches", wiring.train.names.count > 1 else {
            return
        }
        func tensor(_ e: Expression) -> Tensor? {
            guard case .name(let n) = e.kind, case .tensor(let t)? = parent.globals.valueIfReady(n), t.rank > 1 else {
                return nil
            }
            return t.detached()
        }
        let trained = arguments.filter { $0.name == nil }.compactMap { tensor($0.value) }
        // Names of the batch are parts of the same rows, and under a function's parameters stands what it is called with.
        var own = Set(wiring.train.names.map(\.text))
        for a in arguments { a.value.walk { if case .name(let n) = $0.kind { own.insert(n) } } }
        let nets = Set(wiring.train.nets.map { wiring.text($0, wiring.trainDocument) })
        var measured: [String: Tensor] = [:]
        for statement in chart.later {
            if case .function = statement.kind { continue }
            statement.walk { e in
                guard case .call(let f, let arguments, _) = e.kind, case .name(let n) = f.kind, nets.contains(n),
                    let first = arguments.first, case .name(let given) = first.value.kind, !own.contains(given)
                else { return }
                measured[given] = tensor(first.value)
            }
        }
        func rows(_ t: Tensor) -> [UInt64] {
            let n = t.shape[0]
            return (try? Dataset(x: t, y: Array(repeating: 0, count: n), name: "rows")).map(Replay.hashes) ?? []
        }
        let known = Set(trained.flatMap(rows))
        let all = Set(measured.values.flatMap(rows))
        guard !known.isEmpty, all.count >= 20, !trained.contains(where: Replay.isCounted) else { return }
        evidence.pairLeak = Double(all.intersection(known).count) / Double(all.count)
        for (own, held) in trained.flatMap({ own in measured.values.map { (own, $0) } }) {
            let windows = OverlappingWindows(of: held, in: own)
            if windows?.share ?? 0 > evidence.overlappingWindows?.share ?? 0 { evidence.overlappingWindows = windows }
        }
    }
}
