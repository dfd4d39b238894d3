import SiamData
import SiamGradient
import SiamInterpreter
import SiamLearning
import SiamMeasures
import SiamRuntime
import SiamTensor

/// What a standard training comes to on the program's own data, in the measure that the run is judged by. It says how much
/// there is to be gained, so that a run is not held against what nobody reaches, and not called healthy where it is far behind.
struct Reference {
    /// What was trained.
    enum Net {
        /// The program's own network, from its own first weights.
        case own
        /// One hidden layer of 64 units on standardised inputs.
        case plain
        /// A linear map through as few units as the narrowest layer has.
        case linear

        /// In words.
        var name: String {
            switch self {
            case .own: "a standard training of the same network"
            case .plain: "a plain network with one hidden layer"
            case .linear: "a linear map through equally many units (PCA, where the targets are the inputs)"
            }
        }
    }
    var worth: Double
    var net: Net

    private static let steps = 200
    private static let width = 64

    // MARK: Embeddings

    /// MAP@R by cosine of the judge's items. Each step has four examples of each of eight classes; the loss is the supervised
    /// contrastive one (Khosla et al., 2020) with temperature 0.2, the optimizer Adam with rate 0.001. Changes `parameters`.
    static func embedding(
        _ parameters: [Parameter], _ own: Dataset, _ judge: EmbeddingEvaluator, _ embed: (Tensor) throws -> Tensor
    ) throws -> Double? {
        var places: [Int: [Int]] = [:]
        for (k, y) in own.y.enumerated() { places[y, default: []].append(k) }
        let classes = places.filter { $0.value.count > 1 }.keys.sorted()
        guard classes.count > 1, !parameters.isEmpty else { return nil }
        var stream = RandomStream(seed: 0x5741)
        try train(parameters, rate: 0.001, steps) { _ in
            var rows: [Int] = []
            var order = classes
            stream.shuffle(&order)
            for c in order.prefix(8) {
                var some = places[c] ?? []
                stream.shuffle(&some)
                rows += some.prefix(4)
            }
            let z = try embed(try own.x.gathered(rows).detached())
            return try supervisedContrast(z, rows.map { own.y[$0] })
        }
        let z = try Recording.paused { try embed(judge.data.x) }
        guard z.rank == 2, z.doubles.allSatisfy(\.isFinite) else { return nil }
        return try Retrieval(try Recording.paused { try Operators.l2norm.apply([z.detached()]) }, judge.data.y).mapAtR()
    }

    /// A plain network's parameters and its outputs for rows of the data set, standardised by column.
    static func plainEmbedding(_ own: Dataset) throws -> (parameters: [Parameter], embed: (Tensor) throws -> Tensor) {
        let inputs = own.x.count / max(1, own.count)
        let scaling = try Standardising(own.x, inputs)
        let net = try PlainNet(inputs, width, 32)
        return (net.parameters, { try net.apply(try scaling.apply($0)) })
    }

    private static func supervisedContrast(_ z: Tensor, _ y: [Int]) throws -> Tensor {
        let n = y.count
        guard z.rank == 2, z.shape[0] == n else {
            throw NoReference()
        }
        var (mask, shares) = ([Float](repeating: 0, count: n * n), [Float](repeating: 0, count: n * n))
        for r in 0..<n {
            mask[r * n + r] = -1e9
            let mates = (0..<n).filter { $0 != r && y[$0] == y[r] }
            for q in mates { shares[r * n + q] = 1 / Float(mates.count) }
        }
        let unit = try Operators.l2norm.apply([z])
        let alike = try Operators.matmul.apply([unit, unit], [.flag(false), .flag(true)])
        let scaled = try Operators.divide(alike, try Tensor(scalar: 0.2))
        let logits = try Operators.add(scaled, try Tensor(dims: [n, n], mask))
        return try Operators.crossEntropy.apply([logits, try Tensor(dims: [n, n], shares)])
    }

    // MARK: Classes and numbers

    /// Accuracy or R^2 on a third of the rows, or on those behind the first `seen`, of a plain network that was trained on the
    /// others, Adam with rate 0.003. Nil of too few rows, and of outputs that are neither classes nor numbers.
    static func outputs(_ inputs: [Double], _ o: Outputs, _ task: Task, seen known: Int? = nil) throws -> Double? {
        let n = o.rows
        guard n >= 60, inputs.count % n == 0, task == .classification || task == .regression, o.targetWidth <= 64 else {
            return nil
        }
        let wide = inputs.count / n
        guard wide > 0, wide <= 4096, inputs.allSatisfy(\.isFinite), o.targets.allSatisfy(\.isFinite) else {
            return nil
        }
        var stream = RandomStream(seed: 0x5742)
        var order = Array(0..<n)
        // Rows that are held out anyway come after the others.
        if known == nil { stream.shuffle(&order) }
        let cut = known ?? n * 2 / 3
        let (seen, held) = (Array(order[..<cut]), Array(order[cut...]))
        guard seen.count >= 20, held.count >= 20 else { return nil }
        let x = try Tensor(dims: [n, wide], inputs.map(Float.init))
        let scaling = try Standardising(try x.gathered(seen).detached(), wide)
        let z = try scaling.apply(x)
        let classes = task == .classification ? TaskScore.wanted(o) : []
        let numbers = Array(Set(classes)).sorted()
        if task == .classification, numbers.count < 2 || numbers.count > 1000 { return nil }
        let places = Dictionary(uniqueKeysWithValues: numbers.enumerated().map { ($1, $0) })
        let y: Tensor
        var goal: Standardising?
        if task == .classification {
            y = try Tensor(dims: [n], classes.map { Float(places[$0] ?? 0) })
        } else {
            let all = try Tensor(dims: [n, o.targetWidth], o.targets.map(Float.init))
            let made = try Standardising(try all.gathered(seen).detached(), o.targetWidth)
            (y, goal) = (try made.apply(all), made)
        }
        let net = try PlainNet(wide, width, task == .classification ? numbers.count : o.targetWidth)
        try train(net.parameters, rate: 0.003, 2 * steps) { _ in
            let rows = (0..<32).map { _ in seen[stream.below(seen.count)] }
            let made = try net.apply(try z.gathered(rows).detached())
            let wanted = try y.gathered(rows).detached()
            if task == .classification { return try Operators.crossEntropy.apply([made, wanted]) }
            return try Operators.mean.apply([try Operators.square(try Operators.subtract(made, wanted))])
        }
        let made = try Recording.paused { try net.apply(try z.gathered(held).detached()) }
        var told = Outputs()
        if task == .classification {
            (told.values, told.width) = (made.doubles, numbers.count)
            told.targets = held.map { Double(places[classes[$0]] ?? 0) }
        } else {
            guard let goal else { return nil }
            (told.values, told.width) = (try goal.undone(made).doubles, o.targetWidth)
            told.targetWidth = o.targetWidth
            told.targets = held.flatMap { r in o.targets[r * o.targetWidth..<(r + 1) * o.targetWidth] }
        }
        return TaskScore(told, task).worth
    }

    // MARK: Parts

    /// Steps of Adam on what `loss` gives; parameters that are frozen learn too, since the question is what could be learnt.
    private static func train(_ parameters: [Parameter], rate: Double, _ steps: Int, _ loss: (Int) throws -> Tensor)
        throws
    {
        let optimizer = try Optimizer("adam", ["lr": rate])
        let outer = Recording.isOn
        let frozen = parameters.filter(\.isFrozen)
        for p in frozen { p.isFrozen = false }
        defer {
            Recording.isOn = outer
            for p in frozen { p.isFrozen = true }
        }
        for k in 0..<steps {
            try Interrupt.poll()
            Recording.isOn = true
            let y = try loss(k)
            Recording.isOn = false
            guard let value = y.doubles.first, value.isFinite else { return }
            try optimizer.update(
                parameters: parameters, gradients: try gradients(of: y, at: parameters.map(\.value)), onlyFinite: true)
        }
    }

    /// (x - mean) / deviation of each column, by some rows.
    private struct Standardising {
        let mean: Tensor
        let scale: Tensor
        let width: Int

        init(_ x: Tensor, _ width: Int) throws {
            let n = max(1, x.count / max(1, width))
            let values = x.floats
            var (means, scales) = ([Float](repeating: 0, count: width), [Float](repeating: 1, count: width))
            for c in 0..<width {
                var (sum, square) = (0.0, 0.0)
                for r in 0..<n { sum += Double(values[r * width + c]) }
                let mean = sum / Double(n)
                for r in 0..<n {
                    let e = Double(values[r * width + c]) - mean
                    square += e * e
                }
                let deviation = (square / Double(n)).squareRoot()
                means[c] = Float(mean)
                // A column that does not vary stays 0.
                scales[c] = deviation > 1e-6 * max(1, abs(mean)) ? Float(deviation) : 1
            }
            self.width = width
            mean = try Tensor(dims: [width], means)
            scale = try Tensor(dims: [width], scales)
        }
        func apply(_ x: Tensor) throws -> Tensor {
            let flat = try x.reshaped(to: try Shape([x.count / max(1, width), width]))
            return try Operators.divide(try Operators.subtract(flat, mean), scale).detached()
        }
        func undone(_ x: Tensor) throws -> Tensor { try Operators.add(try Operators.multiply(x, scale), mean) }
    }

    /// dense(hidden) >> relu >> dense(outputs), with He's initialisation.
    private struct PlainNet {
        let parameters: [Parameter]

        init(_ inputs: Int, _ hidden: Int, _ outputs: Int) throws {
            var stream = RandomStream(seed: 0x5743)
            let he = try Initialiser("he")
            parameters = [
                Parameter(name: "w1", value: try he.draw(try Shape([inputs, hidden]), &stream)),
                Parameter(name: "b1", value: try Tensor.zeros(try Shape([hidden]))),
                Parameter(name: "w2", value: try he.draw(try Shape([hidden, outputs]), &stream)),
                Parameter(name: "b2", value: try Tensor.zeros(try Shape([outputs]))),
            ]
        }
        func apply(_ x: Tensor) throws -> Tensor {
            let inner = try Operators.relu(
                try Operators.add(try Operators.matmul(x, parameters[0].value), parameters[1].value))
            return try Operators.add(try Operators.matmul(inner, parameters[2].value), parameters[3].value)
        }
    }
}

/// Reconstructed rows are not embeddings.
private struct NoReference: Error {}

extension Evidence {
    /// Whether a standard training does clearly better on the same data: it gains more than twice as much MAP@R, or has little
    /// more than half of the errors of a classifier or a regression.
    var isBehindReference: Bool {
        guard let r = reference, r.worth > worth else { return false }
        if isJudgedByTask { return r.worth > worth + 0.08 && 1 - worth > 1.8 * (1 - r.worth) }
        // Losses of pairs reach less than that of the reference does, without a fault.
        return r.worth > worth + 0.15 && worth - startWorth < 0.62 * (r.worth - startWorth)
    }
    /// Whether the run gained little over its untrained copy, or far less than is in reach.
    var isWeak: Bool {
        let floor = max(startWorth, constantWorth)
        // A reference that learns nothing does not show what can be reached. Where nothing shows it, a search may.
        let known = reference.flatMap { $0.worth > floor + 0.1 && $0.net != .linear ? $0.worth : nil }
        return isJudged && !isKept
            && (worth < floor + (isWithoutReference ? 0.8 : 0.5) * ((known ?? 1) - floor)
                || isBehindNeighbours || isBehindReference)
    }
    /// Whether a share that the program itself prints judges the run, and nothing shows what others reach.
    private var isWithoutReference: Bool { reference == nil && ownMeasure != nil && !isJudgedByLoss }
    /// Whether the training began with a net that was good already, and left it so.
    var isKept: Bool { isFinite && isJudged && startWorth > 0.9 && worth > startWorth - 0.03 }
    /// The most that is known to be in reach.
    var reachable: Double { max(reference.flatMap { $0.net == .linear ? nil : $0.worth } ?? 1, worth) }
}

extension Replay {
    /// Examples with classes to train a reference on: those that the run drew, else the largest data set of the program that
    /// fits the net and shares no row with what is held out.
    func dataForReference(_ drawn: Dataset?, _ session: Session, without held: Dataset) -> Dataset? {
        if let drawn { return drawn.classes.count > 1 && drawn.count >= 20 ? drawn : nil }
        let known = Set(Replay.hashes(held))
        var best: Dataset?
        for name in session.globals.userNames {
            guard case .thing(let d as DatasetThing)? = session.globals.valueIfReady(name), d.dataset.count >= 20,
                d.dataset.itemDims == held.itemDims, d.dataset.count > best?.count ?? 0, d.dataset.classes.count > 1
            else { continue }
            let isKnown = Replay.hashes(d.dataset).map(known.contains)
            guard isKnown.count(where: { !$0 }) >= 20 else { continue }
            best = try? d.dataset.subset(isKnown.indices.filter { !isKnown[$0] })
        }
        if let best, let preparation { return preparation.applied(to: best) }
        return best
    }

    /// A plain classifier, trained on the program's examples and judged on those that are held out.
    func lookAtClassifier(_ own: Dataset, _ held: Dataset) throws {
        var stream = RandomStream(seed: 0x5745)
        let some = own.count > 2000 ? try own.sample(2000, &stream) : own
        var out = Outputs()
        out.targets = (some.y + held.y).map(Double.init)
        // Only the targets are asked for; one value a row says how many rows there are.
        out.values = out.targets
        let inputs = some.x.doubles + held.x.doubles
        guard let worth = try Reference.outputs(inputs, out, .classification, seen: some.count),
            worth > evidence.reference?.worth ?? -1
        else { return }
        evidence.reference = Reference(worth: worth, net: .plain)
    }

    /// The better of the program's own network and a plain one, each trained in the standard way on the program's data.
    func lookAtReference(_ encoder: Value, _ run: SiamRuntime.Run, _ own: Dataset, _ judge: EmbeddingEvaluator) throws {
        let i = judge.interpreter
        let some =
            try own.count > 3000
            ? { () -> Dataset in
                var stream = RandomStream(seed: 0x5744)
                return try own.sample(3000, &stream)
            }() : own
        var found: Reference?
        func note(_ worth: Double?, _ net: Reference.Net) {
            if let worth, worth > found?.worth ?? -1 { found = Reference(worth: worth, net: net) }
        }
        // A net may occur twice in a run.
        var seen = Set<ObjectIdentifier>()
        let parameters = run.nets.flatMap(\.parameters).map(\.parameter).filter {
            seen.insert(ObjectIdentifier($0)).inserted
        }
        inTrainingMode(run, i.session) {
            let outer = (i.isTraining, i.observer)
            defer { (i.isTraining, i.observer) = outer }
            i.observer = nil
            beforeTraining(run) {
                let worth = try? Reference.embedding(parameters, some, judge) { x in
                    i.isTraining = Recording.isOn
                    let value: Value =
                        if case .layer(let layer) = encoder {
                            try i.apply(EmbeddingEvaluator.encoder(layer), .tensor(x))
                        } else {
                            try i.call(encoder, [.tensor(x)])
                        }
                    guard case .tensor(let z) = value, z.rank > 0 else {
                        throw NoReference()
                    }
                    return z
                }
                note(worth, .own)
            }
        }
        let plain = try Reference.plainEmbedding(some)
        note(try? Reference.embedding(plain.parameters, some, judge, plain.embed), .plain)
        evidence.reference = found
    }
}
