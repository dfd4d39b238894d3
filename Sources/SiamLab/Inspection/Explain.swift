import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// Computed text, shown without change.
final class ExplanationThing: Thing, @unchecked Sendable {
    let lines: [String]
    init(_ lines: [String]) { self.lines = lines }
    override var kindName: String { "an explanation" }
    override func display(_ page: Page) -> String { lines.joined(separator: "\n") }
    override var fieldNames: [String] { ["text"] }
    override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        name == "text" ? Value(lines.joined(separator: "\n")) : nil
    }
}

extension Laboratory {
    static let explain = Builtin(
        "explain", "layer, x, loss = none, unit = 0, row = 0", family: "inspection",
        """
        A fully connected layer calculated step by step: the formula, the shapes, the products that add up to one output unit of one row, its bias; with a loss (a \
        function of the layer's output) also the factors of the chain rule for one weight's gradient. Small layers are shown whole, of large ones the largest contributions.
        """,
        examples: [("seed 1; explain(dense(2), [[1, 2, 3]])", "")], seeAlso: ["step", "trace", "source"], traits: .shows
    ) { i, a in
        let layer = try a.layer(0)
        // A net of several stages is not applied: it would take its shapes from what belongs to one of them.
        if case .pipeline(let stages) = layer.form, stages.count > 1 { throw severalStages(i, layer, stages) }
        guard case .tensor(let x) = try input(a[1], a), x.rank >= 1 else { throw a.wrong(1, "a tensor") }
        // The first application gives an unused layer its shape.
        let leafX = x.detached()
        guard case .tensor(let y) = try i.apply(layer, .tensor(leafX)) else {
            throw a.wrong(0, "a fully connected layer")
        }
        let parameters = layer.parameters
        guard let w = parameters.first(where: { $0.path.hasSuffix("w") })?.parameter.value, w.rank == 2, y.rank >= 1,
            y.shape[-1] == w.shape[1]
        else {
            throw Diagnostic(
                code: "explain.kind", "explain works for fully connected layers, and \(layer.kind) is not one",
                repair: "one stage of a net:  explain(net.dense1, x)")
        }
        let b = parameters.first(where: { $0.path.hasSuffix("b") })?.parameter.value
        let (n, units) = (w.shape[0], w.shape[1])
        let rows = x.count / max(n, 1)
        let unit = try a.integer(3, atLeast: 0)
        let row = try a.integer(4, atLeast: 0)
        guard unit < units, row < rows else {
            throw Diagnostic(
                code: "explain.range",
                rows == 0
                    ? "there are no rows to explain: x is \(x.shape)"
                    : "there are \(rows == 1 ? "1 row" : "\(rows) rows") and \(units == 1 ? "1 unit" : "\(units) units"), counted from 0, and row \(row), unit \(unit) was asked for"
            )
        }
        let (xs, ws, ys) = (x.doubles, w.doubles, y.doubles)
        let bias = b?.doubles ?? []
        func number(_ v: Double) -> String { short(v) }
        func factor(_ v: Double) -> String { v < 0 ? "(\(number(v)))" : number(v) }
        var lines = [
            "y = x w\(b == nil ? "" : " + b"):  x \(x.shape), w \(w.shape)\(b.map { ", b \($0.shape)" } ?? ""), y \(y.shape)",
            "y[\(row), j] = sum_i x[\(row), i] w[i, j]\(b == nil ? "" : " + b[j]")",
        ]
        let shownUnits = units <= 8 && n <= 8 ? Array(0..<units) : [unit]
        for j in shownUnits {
            var order = Array(0..<n)
            if n > 8 {
                order = Array(
                    order.sorted {
                        abs(xs[row * n + $0] * ws[$0 * units + j]) > abs(xs[row * n + $1] * ws[$1 * units + j])
                    }.prefix(8))
            }
            var sum = order.map { "\(factor(xs[row * n + $0])) * \(factor(ws[$0 * units + j]))" }.joined(
                separator: " + ")
            if n > 8 {
                let shown = order.reduce(0.0) { $0 + xs[row * n + $1] * ws[$1 * units + j] }
                let all = (0..<n).reduce(0.0) { $0 + xs[row * n + $1] * ws[$1 * units + j] }
                lines.append("the largest 8 of \(n) products (i = \(order.map(String.init).joined(separator: ", "))):")
                sum += " + \(factor(all - shown)) from the other \(n - 8)"
            }
            if j < bias.count { sum += " + \(factor(bias[j]))" }
            lines.append("y[\(row), \(j)] = \(sum) = \(number(ys[row * units + j]))")
        }
        if units > shownUnits.count {
            lines.append("unit \(unit) of \(units); explain(layer, x, unit = 1) shows another")
        }
        if !a.isNone(2) { lines += try chain(i, a, layer, leafX, w, unit: unit, row: row) }
        return .thing(ExplanationThing(lines))
    }

    /// Refuses a loss of several inputs where a function of the output alone is called.
    static func lossOfOutput(_ a: Arguments) throws {
        guard case .function(let f) = a[2], case let needed = f.code.parameters.filter({ !$0.hasDefault }).map(\.name),
            needed.count > 1 || (needed.count == 1 && f.code.parameters.contains { $0.name == "same" })
        else { return }
        let call = Foreign.lossCall(f.name).flatMap { whole -> String? in
            guard let end = whole.firstIndex(of: ")") else { return nil }
            return "\(f.name)(z\(whole[whole.index(after: end)...])"
        }
        throw Diagnostic(
            code: "argument.kind",
            "loss is a function of the output alone, and \(f.name) takes \(f.code.parameters.prefix(3).map(\.name).joined(separator: ", "))",
            repair: "the output has a name there:  loss = z -> \(call ?? "\(f.name)(z, y)")")
    }

    private static func severalStages(
        _ i: Interpreter, _ net: Layer, _ stages: [Layer.Stage]
    ) -> Diagnostic {
        let texts = i.argumentTexts
        var repair = "one stage of a net, with its own input:  explain(net.dense1, x)"
        if let k = stages.firstIndex(where: { $0.layer.kind == "dense" }), texts.count >= 2,
            texts[0].allSatisfy({ $0.isLetter || $0.isNumber || $0 == "_" })
        {
            var given = texts[1]
            if case .thing(is DatasetThing)? = i.globals.valueIfReady(given) { given += ".x" }
            let input = k == 0 ? given : "\(texts[0])[0..\(k)](\(given))"
            let call =
                "explain(\((["\(texts[0]).\(stages[k].name)", input] + texts.dropFirst(2)).joined(separator: ", ")))"
            if call.utf8.count <= 80 { repair = "one stage of a net, with its own input:  \(call)" }
        }
        return Diagnostic(
            code: "explain.kind",
            "explain works for one fully connected layer, and this net has \(stages.count) stages",
            repair: repair)
    }

    /// dloss/dw[i, j] = sum over rows of dloss/dy[r, j] * x[r, i].
    private static func chain(
        _ i: Interpreter, _ a: Arguments, _ layer: Layer, _ x: Tensor, _ w: Tensor, unit: Int, row: Int
    ) throws -> [String] {
        try lossOfOutput(a)
        let outer = Recording.isOn
        Recording.isOn = true
        defer { Recording.isOn = outer }
        guard case .tensor(let y) = try i.apply(layer, .tensor(x)),
            case .tensor(let loss) = try i.call(a[2], [.tensor(y)]), loss.count == 1
        else {
            throw a.wrong(2, "a loss: a function of the layer's output that gives one number")
        }
        let found = try gradients(of: loss, at: [y, w])
        guard let dy = found[0]?.doubles, let dw = found[1]?.doubles else {
            return ["the loss does not depend on this layer"]
        }
        let (n, units) = (w.shape[0], w.shape[1])
        let rows = x.count / max(n, 1)
        let xs = x.doubles
        let at = (0..<n).max { abs(dw[$0 * units + unit]) < abs(dw[$1 * units + unit]) } ?? 0
        var terms = (0..<rows).map { r in "\(short(dy[r * units + unit])) * \(short(xs[r * n + at]))" }
        if terms.count > 6 { terms = Array(terms.prefix(6)) + ["\(rows - 6) more"] }
        return [
            "loss = \(short(loss.item))",
            "dloss/dw[\(at), \(unit)] = sum_r dloss/dy[r, \(unit)] * x[r, \(at)]",
            "  = \(terms.joined(separator: " + ")) = \(short(dw[at * units + unit]))",
        ]
    }
}
