import SiamGradient
import SiamInterpreter
import SiamMeasures
import SiamRuntime
import SiamTensor

/// The way from an example to its embedding, and what differs between two sides of a pair.
extension Replay {
    /// The program's own way from an example to its embedding, where it can be called here.
    func workingEncoder(
        _ wiring: TrainingModel?, _ session: Session, _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator
    ) -> Value? {
        func embedded(_ encoder: Value, _ count: Int) -> Tensor? {
            let rows = judge.data.x.rows(0..<count)
            return try? Builtins.embeddings(session.interpreter, encoder, .tensor(rows))
        }
        // A row's embedding is the same whatever other rows stand beside it; a matrix of distances is none.
        guard let wiring, let encoder = Encoder(wiring).value(session, run), judge.data.count >= 3,
            let two = embedded(encoder, 2), let three = embedded(encoder, 3), two.rank == 2, two.shape[1] > 0,
            three.rank == 2, three.shape[1] == two.shape[1],
            zip(two.floats, three.floats).allSatisfy({
                abs($0 - $1) <= 1e-4 * max(abs($0), abs($1), 1e-3) || $0.isNaN && $1.isNaN
            })
        else { return nil }
        return encoder
    }

    /// The two sides of a pair, where the program treats them differently before the same weights.
    func compareKinds(
        _ wiring: TrainingModel, _ first: Value, _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator
    ) throws {
        let session = judge.interpreter.session
        guard wiring.source.call?.name == "pairs", wiring.train.nets.count == 1,
            let second = Encoder(wiring, part: 1).value(session, run)
        else { return }
        func scale(_ encoder: Value) -> (mean: Double, sd: Double)? {
            var found: (mean: Double, sd: Double)?
            let outer = (judge.interpreter.observer, Recording.isOn)
            Recording.isOn = false
            defer { (judge.interpreter.observer, Recording.isOn) = outer }
            judge.interpreter.observer = StageObserver { _, layer, inputs, _ in
                guard found == nil, layer.kind == "dense" || layer.kind == "conv", case .tensor(let x)? = inputs.first,
                    x.count > 0
                else { return }
                let values = x.floats
                let n = Double(values.count)
                let mean = values.reduce(0.0) { $0 + Double($1) } / n
                let square = values.reduce(0.0) { $0 + Double($1) * Double($1) } / n
                found = (mean, max(square - mean * mean, 0).squareRoot())
            }
            _ = try? judge.call(encoder)
            return found
        }
        guard let a = scale(first), let b = scale(second) else { return }
        let apart = abs(a.mean - b.mean) / max(min(a.sd, b.sd), 1e-12)
        guard apart > 0.5 else { return }
        func accuracy(training: Bool) throws -> Double {
            let (u, v) = (try judge.embed(first, training: training), try judge.embed(second, training: training))
            guard u.shape == v.shape else { return 0.5 }
            var stream = RandomStream(seed: 0x5EED)
            return PairScore.accuracy(try PairScore.draw(u, judge.data.y, 2000, &stream, other: v))
        }
        let training = try inTrainingMode(run, session) { try accuracy(training: true) }
        evidence.kinds = (apart, training, try accuracy(training: false))
    }

    /// The outputs of the same rows once more, and of single rows.
    func lookTwice(_ encoder: Value, _ judge: EmbeddingEvaluator) {
        guard let first = try? judge.plain(encoder), let second = try? judge.plain(encoder) else { return }
        let (a, b) = (first.doubles, second.doubles)
        let size = a.reduce(0) { $0 + abs($1) }
        let apart = zip(a, b).reduce(0) { $0 + abs($1.0 - $1.1) }
        evidence.restlessness = size > 0 && apart.isFinite ? apart / size : 0
        // What differs by itself says nothing about other rows.
        if evidence.restlessness < 1e-4 { evidence.mixing = (try? judge.mixing(encoder, first)) ?? 0 }
    }

    /// Two towers of one build: how far apart they put one image.
    func compareTowers(
        _ run: SiamRuntime.Run, _ judge: EmbeddingEvaluator, _ z: Tensor, _ wiring: TrainingModel?
    ) throws {
        let session = judge.interpreter.session
        var towers: (Value, Value)?
        // A hand-written loop may train one net after another.
        if run.nets.count > 1, loop.map({ $0.train.nets.count > 1 }) ?? true {
            let shapes = run.nets.prefix(2).map { $0.parameters.map(\.parameter.value.shape) }
            if shapes[0] == shapes[1] { towers = (.layer(run.nets[0]), .layer(run.nets[1])) }
        } else if let wiring, case let left = Encoder(wiring), left.isInside,
            let one = left.value(session, run), let two = Encoder(wiring, part: 1).value(session, run)
        {
            towers = (one, two)
        }
        guard let towers, let first = try? judge.embed(towers.0), let other = try? judge.embed(towers.1),
            first.shape == other.shape, other.rank == 2
        else { return }
        let gap = try Operators.subtract(first, other).doubles
        let width = max(1, other.shape[1])
        var sum = 0.0
        for r in 0..<other.shape[0] {
            sum += (0..<width).reduce(0.0) { $0 + gap[r * width + $1] * gap[r * width + $1] }.squareRoot()
        }
        evidence.towerGap = sum / Double(max(1, other.shape[0])) / max(evidence.negativeDistance, 1e-12)
    }
}
