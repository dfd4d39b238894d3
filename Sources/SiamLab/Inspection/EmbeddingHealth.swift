import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// The figures of `inspect` for embeddings from a file, and the faults that they suggest.
public struct EmbeddingHealth {
    let now: HealthThing
    let before: HealthThing?
    public let data: Dataset
    let margin: Double
    let isMarginGiven: Bool
    /// Faults in the doctor's terms; suspected only, since nothing was replayed.
    public let suspicions: [String]

    public init(
        _ path: String, labels: String?, before: String?, margin given: Double?, in session: Session
    ) throws {
        data = try ForeignEmbeddings.dataset(path, labels: labels)
        isMarginGiven = given != nil
        let i: Interpreter = session.interpreter
        guard let identity = try i.globals.baseValue("identity") else {
            throw Diagnostic(code: "internal", "no identity")
        }
        func look(_ d: Dataset, _ margin: Double) throws -> HealthThing {
            let arguments = Arguments(
                builtin: Laboratory.inspect,
                values: [identity, .thing(DatasetThing(d)), .number(margin), .number(2000)],
                interpreter: i)
            guard case .thing(let t as HealthThing) = try Laboratory.inspect.body(i, arguments) else {
                throw Diagnostic(code: "embeddings.form", "\(path) could not be inspected")
            }
            return t
        }
        // Without a margin the distance of negative pairs is the scale.
        var margin = given ?? 1
        var first = try look(data, margin)
        if given == nil, let far = first.value("d_neg"), far > 0, far.isFinite {
            margin = far
            first = try look(data, margin)
        }
        self.margin = margin
        now = first
        self.before = try before.map { try look(try ForeignEmbeddings.dataset($0, labels: labels), margin) }
        suspicions = EmbeddingHealth.suspect(now, self.before, data, isMarginGiven: given != nil)
    }

    private static func suspect(
        _ h: HealthThing, _ before: HealthThing?, _ data: Dataset, isMarginGiven: Bool
    ) -> [String] {
        var found: [String] = []
        func v(_ name: String) -> Double { h.value(name) ?? .nan }
        let (dim, classes) = (data.x.shape[1], Set(data.y).count)
        let limit = Double(max(1, min(dim, classes - 1)))
        let values = data.x.floats
        let lost = values.count { !$0.isFinite }
        if lost > 0 { found.append("not finite: \(lost) numbers of the embeddings are NaN or infinite") }
        let size = (values.reduce(0) { $0 + Double($1) * Double($1) } / Double(max(1, data.count))).squareRoot()
        let isPoint = v("spread") < 1e-3 * max(size, 1e-12) || (isMarginGiven && v("spread") < 0.05 * h.margin)
        if isPoint {
            found.append(
                "collapse: all inputs have nearly the same embedding (spread \(short(v("spread"))), length \(short(size))); possible causes: learning rate, hard mining, dead units, margin"
            )
        } else if dim >= 4, v("rank") < 0.35 * limit {
            found.append(
                "dimensional collapse: effective rank \(short(v("rank"))) of the \(short(limit)) that \(classes) classes could use"
            )
        }
        if v("dead") > 0.5 { found.append("dead dimensions: \(short(100 * v("dead"))) % of them are constant") }
        if !isPoint, v("auc") < 0.45 {
            found.append(
                "swapped labels or wrong sign: positive pairs lie farther apart than negative ones (AUC \(short(v("auc"))))"
            )
        } else if v("auc") < 0.55 {
            found.append(
                "nothing learnt, or nothing to learn: the distances of positive and negative pairs do not differ (AUC \(short(v("auc"))))"
            )
        }
        if v("hubness") > 1.5 {
            found.append(
                "hubs: a few embeddings are among the nearest neighbours of very many others (skewness \(short(v("hubness"))))"
            )
        }
        let copies = identicalRows(data)
        if !isPoint, copies > 0.02 {
            found.append(
                "identical rows: \(short(100 * copies)) % of the embeddings occur more than once: duplicates, or a leak between training and test"
            )
        }
        if isMarginGiven, v("d_neg") > 3 * h.margin {
            found.append(
                "margin too small: negative pairs lie \(short(v("d_neg") / h.margin)) times the margin apart, so only the positive-pair term has a gradient"
            )
        }
        if let before, let then = before.value("map_at_r"), v("map_at_r") < then - 0.02 {
            found.append(
                "loss falls, retrieval does not: MAP@R is \(short(v("map_at_r"))), and \(short(then)) before training")
        } else if let before, let then = before.value("map_at_r"), abs(v("map_at_r") - then) < 0.005 {
            found.append(
                "parameters not trained: the measures are the same as before training (MAP@R \(short(v("map_at_r"))))")
        }
        return found
    }

    /// The share of rows that are equal to an earlier one.
    private static func identicalRows(_ data: Dataset) -> Double {
        let (n, dim) = (min(data.count, 20_000), data.x.shape[1])
        guard n > 1, dim > 0 else { return 0 }
        let values = data.x.floats
        var seen: Set<[Float]> = []
        var copies = 0
        for k in 0..<n where !seen.insert(Array(values[k * dim..<(k + 1) * dim])).inserted { copies += 1 }
        return Double(copies) / Double(n)
    }

    public func display(_ page: Page) -> String {
        var lines: [String] = []
        if let before {
            lines.append("\(now.title), compared with \(before.title)")
            let rows = now.figures.map { f in
                [f.name, before.value(f.name).map(short) ?? "", short(f.value), f.verdict]
            }
            lines += aligned([["", "before", "now", ""]] + rows)
        } else {
            lines.append(now.display(page))
        }
        if !isMarginGiven {
            lines.append(
                "no margin was given; the mean distance of negative pairs, \(short(margin)), is used instead: --margin M"
            )
        }
        lines.append("")
        if suspicions.isEmpty {
            lines.append("nothing suspicious in these measures; they say nothing about how the net was trained")
        } else {
            lines.append("suspected, not confirmed (only a replay confirms a cause):")
            lines += suspicions.map {
                "  "
                    + Folding.fold($0, columns: max(24, page.columns - 4)).split(separator: "\n").joined(
                        separator: "\n    ")
            }
        }
        return lines.joined(separator: "\n")
    }

    public var illustration: Figure? { now.illustration }

    /// Name, value and verdict of each figure.
    public var table: [[String]] {
        now.figures.map { f in
            [f.name] + (before.map { [$0.value(f.name).map(short) ?? ""] } ?? []) + [short(f.value), f.verdict, f.note]
        }
    }
    /// The meaning of the table's columns.
    public var tableHead: [String] { before == nil ? [] : ["", "before", "now", "", ""] }
    public var title: String { now.title }

    public var json: String {
        func figures(_ h: HealthThing) -> String {
            "{"
                + h.figures.map { "\(JSON.quoted($0.name)):\($0.value.isFinite ? formatNumber($0.value) : "null")" }
                .joined(separator: ",") + "}"
        }
        let looks = now.figures.filter { $0.verdict == "LOOK" }.map { JSON.quoted($0.name) }.joined(separator: ",")
        var parts = [
            "\"count\":\(data.count)", "\"dimensions\":\(data.x.shape[1])", "\"classes\":\(Set(data.y).count)",
            "\"margin\":\(formatNumber(margin))", "\"figures\":\(figures(now))",
        ]
        if let before { parts.append("\"before\":\(figures(before))") }
        parts.append("\"look\":[\(looks)]")
        parts.append("\"suspicions\":[\(suspicions.map(JSON.quoted).joined(separator: ","))]")
        return "{\(parts.joined(separator: ","))}"
    }
}

extension HealthThing {
    func value(_ name: String) -> Double? { figures.first { $0.name == name }?.value }
}
