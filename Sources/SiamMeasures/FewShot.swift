import SiamData
import SiamFormats
import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamTensor

/// The runs of a one-shot test as the language sees them; as long as it has queries.
public final class OneShotRunsThing: Thing, @unchecked Sendable {
    public let runs: OneShotRuns
    public init(_ runs: OneShotRuns) { self.runs = runs }
    public override var kindName: String { "one-shot runs" }
    public override var summary: String { runs.summary }
    public override var length: Int? { runs.count }
    public override var fieldNames: [String] { ["support", "query", "answer"] }
    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "support": return .tensor(runs.support)
        case "query": return .tensor(runs.query)
        case "answer":
            return .tensor(
                try Tensor(
                    try Shape([runs.runs, runs.queriesPerRun]), runs.answer.flatMap { $0.map { Float($0) } }))
        default: return nil
        }
    }
    public override func index(_ selectors: [Value], _ interpreter: Interpreter) throws -> Value? {
        guard selectors.count == 1, case .at(let k) = try interpreter.selector(selectors[0]) else {
            throw Diagnostic(code: "index.count", "one-shot runs are indexed by the number of a run")
        }
        let run = try runs.run(k < 0 ? k + runs.runs : k)
        return .record(
            Record([
                ("support", .tensor(run.support)), ("query", .tensor(run.query)),
                ("answer", .tensor(try Tensor(Shape.vector(run.answer.count), run.answer.map { Float($0) }))),
            ]))
    }
}

/// The nearest of a few examples.
public enum NearestSupport {
    /// The chance that the nearest row of `support` has the class `answer`, ties by expectation: 1, 0, or a part.
    public static func chance(_ distances: ArraySlice<Float>, right: (Int) -> Bool) -> Double {
        guard let least = distances.min(), !least.isNaN else { return 0 }
        var (tied, own) = (0, 0)
        for (k, d) in distances.enumerated() where d == least {
            tied += 1
            if right(k) { own += 1 }
        }
        return tied == 0 ? 0 : Double(own) / Double(tied)
    }

    /// Wilson's 95 % interval of a share of n trials (Wilson, 1927).
    public static func wilson(_ share: Double, _ n: Int) -> (low: Double, high: Double) {
        guard n > 0 else { return (0, 1) }
        let (z, n) = (1.959963984540054, Double(n))
        let middle = (share + z * z / (2 * n)) / (1 + z * z / n)
        let half = z / (1 + z * z / n) * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return (max(0, middle - half), min(1, middle + half))
    }
}

extension Builtins {
    static let fewShot: [Builtin] = [
        Builtin(
            "one_shot_runs", "folder", family: "files",
            "Runs of one-shot classification from a folder of IDX files: support and query images and answers, as Omniglot's 20 official runs (Lake, Salakhutdinov and Tenenbaum, 2015).",
            seeAlso: ["one_shot", "data"]
        ) { _, a in .thing(OneShotRunsThing(try oneShotRuns(try a.text(0)))) },
        measure(
            "one_shot",
            "The share of queries whose nearest support embedding, by Euclidean distance, has the correct class, over all one-shot runs; ties count by their expected value. `data` is one_shot_runs(folder).",
            seeAlso: ["one_shot_runs", "few_shot", "wilson"]
        ) { i, _, net, data in
            guard case .thing(let thing as OneShotRunsThing) = data else {
                throw Diagnostic(
                    code: "one_shot.data", "one_shot expects one-shot runs, and got \(data.kindName)",
                    repair: "one_shot_runs(data(\"omniglot/one-shot\"))")
            }
            let runs = thing.runs
            var right = 0.0
            for r in 0..<runs.runs {
                let (support, query, answer) = try runs.run(r)
                let (asked, known) = (
                    try embeddings(i, net, .tensor(query)), try embeddings(i, net, .tensor(support))
                )
                try UndefinedMeasure.check(asked)
                try UndefinedMeasure.check(known)
                let d = try Operators.pairwiseSquared.apply([asked, known]).floats
                for (q, class_) in answer.enumerated() where (q + 1) * runs.ways <= d.count {
                    right += NearestSupport.chance(d[q * runs.ways..<(q + 1) * runs.ways]) { $0 == class_ }
                }
            }
            return runs.count == 0 ? 0 : right / Double(runs.count)
        },
        measure(
            "few_shot", rest: "ways = 5, shots = 1, trials = 400",
            "N-way k-shot: each trial draws `ways` classes, `shots` examples of each and one query; it is correct if the nearest example (shots = 1) or the nearest class mean is of the query's class. Returns the share of correct trials; its confidence interval is wilson(share, trials).",
            examples: [("few_shot(flatten, digits(), ways = 5, shots = 1) > 0.5", "")],
            seeAlso: ["one_shot", "wilson"]
        ) { i, a, net, data in
            let (ways, shots) = (try a.integer(2, atLeast: 2), try a.integer(3, atLeast: 1))
            let trials = min(try a.integer(4, atLeast: 1), 1_000_000)
            return try i.session.host.keptTrials("few_shot", of: [net, data], [ways, shots, trials], i) {
                let (z, y) = try labelled(i, net, data)
                return try episodes(z, y, ways: ways, shots: shots, trials: trials)
            }
        },
        Builtin(
            "wilson", "share : number >= 0 <= 1, n : whole >= 1", family: "output metrics",
            "The 95 % confidence interval of a share of n trials, as [low, high] (Wilson, 1927).",
            examples: [
                ("wilson(0.9, 400)", "")
            ],
            seeAlso: ["few_shot", "one_shot"]
        ) { _, a in
            let (low, high) = NearestSupport.wilson(try a.number(0), try a.integer(1, atLeast: 1))
            return .tensor(try Tensor(Shape.vector(2), [Float(low), Float(high)]))
        },
    ]

    /// The same trials whenever the classes are the same, so that nets can be compared.
    private static func episodes(_ z: Tensor, _ y: [Int], ways: Int, shots: Int, trials: Int) throws -> Double {
        var rows: [Int: [Int]] = [:]
        for (k, c) in y.enumerated() { rows[c, default: []].append(k) }
        let usable = rows.keys.sorted().filter { (rows[$0]?.count ?? 0) > shots }
        guard usable.count >= ways else {
            throw Diagnostic(
                code: "few_shot.classes",
                "\(ways)-way \(shots)-shot needs \(ways) classes of at least \(shots + 1) examples, and there are \(usable.count)",
                repair: usable.count > 1 ? "as many as there are:  ways = \(usable.count)" : nil)
        }
        let width = z.shape[1]
        let values = z.floats
        var stream = RandomStream(seed: 0xF0 ^ UInt64(y.count))
        var right = 0.0
        for _ in 0..<trials {
            var classes = usable
            for k in 0..<ways { classes.swapAt(k, k + stream.below(classes.count - k)) }
            var means = [Float](repeating: 0, count: ways * width)
            var query = 0
            for k in 0..<ways {
                var own = rows[classes[k]] ?? []
                for s in 0...shots { own.swapAt(s, s + stream.below(own.count - s)) }
                if k == 0 { query = own[shots] }
                for s in 0..<shots {
                    for j in 0..<width { means[k * width + j] += values[own[s] * width + j] / Float(shots) }
                }
            }
            let distances = (0..<ways).map { k -> Float in
                var sum: Float = 0
                for j in 0..<width {
                    let d = means[k * width + j] - values[query * width + j]
                    sum += d * d
                }
                return sum
            }
            right += NearestSupport.chance(distances[...]) { $0 == 0 }
        }
        return right / Double(trials)
    }
}
