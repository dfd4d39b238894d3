import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// One stage of one pass: what went in and what came out.
struct StageVisit {
    var path: [String]
    var layer: Layer
    var input: Value
    var output: Value
    var name: String { path.joined(separator: ".") }
}

/// A pass through a net with all its stages, up to the first that failed.
struct Pass {
    var visits: [StageVisit] = []
    var output: Value?
    var error: (any Error)?

    /// Applies the net in its current mode; an error ends the pass, and is kept with the stages before it.
    init(_ net: Layer, _ x: Value, _ interpreter: Interpreter) {
        var seen: [StageVisit] = []
        let outer = interpreter.observer
        interpreter.observer = StageObserver { path, layer, inputs, output in
            seen.append(StageVisit(path: path, layer: layer, input: inputs.first ?? .none, output: output))
        }
        defer { interpreter.observer = outer }
        do {
            let value = try interpreter.apply(net, Pass.inputs(of: net, x))
            output = value
            if seen.isEmpty { seen.append(StageVisit(path: [net.kind], layer: net, input: x, output: value)) }
        } catch {
            self.error = error
        }
        // Stages are reported when they are done, inner ones first; in the table they are in the order in which they
        // began.
        visits = Pass.ordered(seen)
    }

    /// A net of several inputs gets the parts of a batch, or one input for all of them.
    private static func inputs(of net: Layer, _ x: Value) -> [Value] {
        let wanted = net.inputCount
        guard wanted > 1 else { return [x] }
        if case .list(let l) = x, l.items.count >= wanted { return Array(l.items.prefix(wanted)) }
        return Array(repeating: x, count: wanted)
    }

    private static func ordered(_ visits: [StageVisit]) -> [StageVisit] {
        var out: [StageVisit] = []
        for v in visits {
            var at = out.count
            while at > 0, out[at - 1].path.count > v.path.count, Array(out[at - 1].path.prefix(v.path.count)) == v.path
            { at -= 1 }
            out.insert(v, at: at)
        }
        return out
    }
}

func shapeText(_ v: Value) -> String {
    if case .tensor(let t) = v { return "\(t.shape)" }
    return v.kindName
}

func short(_ x: Double) -> String {
    if x == 0 { return "0" }
    if x == x.rounded(), abs(x) < 1e6 { return formatNumber(x) }
    return (try? formatNumber(x, spec: abs(x) >= 1e-3 && abs(x) < 1e5 ? ".4g" : ".2e")) ?? formatNumber(x)
}

/// The table of a net's stages.
final class SummaryThing: Thing, @unchecked Sendable {
    struct Row {
        var name: String
        var depth: Int
        var input: String
        var output: String
        var parameters: Int
        /// Its parameters are those of a stage above.
        var isShared: Bool
        var multiplyAdds: Double
    }
    let rows: [Row]
    let total: Int
    let frozen: Int
    let broken: String?

    init(rows: [Row], total: Int, frozen: Int, broken: String?) {
        self.rows = rows
        self.total = total
        self.frozen = frozen
        self.broken = broken
    }
    override var kindName: String { "a summary" }
    override var fieldNames: [String] { ["parameters", "stages"] }
    override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "parameters": .number(Double(total))
        case "stages":
            Value(
                rows.map { r in
                    .record(
                        Record([
                            ("name", Value(r.name)), ("input", Value(r.input)), ("output", Value(r.output)),
                            ("parameters", .number(Double(r.parameters))), ("multiply_adds", .number(r.multiplyAdds)),
                        ]))
                })
        default: nil
        }
    }
    override func display(_ page: Page) -> String {
        var table = [["stage", "in", "out", "parameters", "multiply-adds"]]
        for r in rows {
            table.append([
                String(repeating: "  ", count: r.depth) + r.name, r.input, r.output,
                r.isShared ? "shared" : r.parameters == 0 ? "" : "\(r.parameters)",
                r.multiplyAdds == 0 ? "" : formatNumber(r.multiplyAdds),
            ])
        }
        var lines = fitted(table, page)
        if let broken { lines.append("\(broken)  <- the forward pass fails here") }
        lines.append("\(total) parameters" + (frozen > 0 ? ", \(frozen) of them frozen" : ""))
        return lines.joined(separator: "\n")
    }
}

extension Laboratory {
    static let summary = Builtin(
        "summary", "net, x", family: "inspection",
        "A table of the net's stages for the input x: shape in, shape out, parameters, multiply-adds. Where the forward pass fails, every stage up to the failure.",
        examples: [("summary(dense(4) >> relu >> dense(2), ones(8, 3))", "")], seeAlso: ["trace", "step", "count"],
        traits: .shows
    ) { i, a in
        let net = try a.layer(0)
        let x = try input(a[1], a)
        if case .tensor(let t) = a[1], t.rank == 1, 2...4 ~= t.count,
            t.doubles.allSatisfy({ $0 >= 1 && $0 == $0.rounded() })
        {
            let lengths = t.doubles.map(formatNumber).joined(separator: ", ")
            throw Diagnostic(
                code: "summary.shape",
                "summary applies the net to an input, and [\(lengths)] looks like a shape",
                repair: "an example of that shape:  summary(net, zeros(1, \(lengths)))")
        }
        let outer = Recording.isOn
        Recording.isOn = false
        defer { Recording.isOn = outer }
        let pass = Pass(net, x, i)
        var seen = Set<ObjectIdentifier>()
        let rows = pass.visits.map { v -> SummaryThing.Row in
            let own = v.layer.children.isEmpty ? v.layer.parameters.reduce(0) { $0 + $1.parameter.value.count } : 0
            return SummaryThing.Row(
                name: v.path.last ?? "", depth: v.path.count - 1, input: shapeText(v.input),
                output: shapeText(v.output), parameters: own,
                isShared: own > 0 && !seen.insert(ObjectIdentifier(v.layer)).inserted,
                multiplyAdds: multiplyAdds(v))
        }
        let all = net.parameters
        var broken: String?
        if let d = pass.error as? Diagnostic {
            broken =
                d.notes.first { $0.hasPrefix("stage by stage") }?.split(separator: " ").last.map(String.init)
                ?? "the net"
        }
        let thing = SummaryThing(
            rows: rows, total: all.reduce(0) { $0 + $1.parameter.value.count },
            frozen: all.reduce(0) { $0 + ($1.parameter.isFrozen ? $1.parameter.value.count : 0) }, broken: broken)
        if let error = pass.error {
            i.session.print(thing.display(i.session.output.page))
            throw error
        }
        return .thing(thing)
    }

    /// A tensor, or the examples of a data set.
    static func input(_ v: Value, _ a: Arguments) throws -> Value {
        switch v {
        case .thing(let d as DatasetThing): return .tensor(d.dataset.x)
        case .tensor, .number: return v
        // A batch; for a net with one input, its first part.
        case .list(let l)
        where !l.items.isEmpty && l.items.allSatisfy({ if case .tensor = $0 { true } else { false } }):
            if case .layer(let net) = a[0], net.inputCount == 1 { return l.items[0] }
            return v
        default:
            throw Diagnostic(
                code: "argument.kind", "\(a.builtin.name) expects a tensor or a data set for x, and got \(v.kindName)")
        }
    }

    /// Products of one example: weights times the places they are used at.
    private static func multiplyAdds(_ v: StageVisit) -> Double {
        guard v.layer.children.isEmpty, case .tensor(let out) = v.output, out.rank > 0 else { return 0 }
        let places = Double(out.count) / Double(max(out.shape[0], 1)) / Double(max(out.shape[-1], 1))
        return v.layer.parameters.reduce(0) { sum, p in
            p.parameter.value.rank >= 2 ? sum + Double(p.parameter.value.count) * places : sum
        }
    }
}
