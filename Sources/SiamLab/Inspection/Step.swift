import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamRuntime
import SiamTensor

/// A pass that can be followed one stage at a time, forwards and, with gradients, backwards.
final class Walkthrough {
    let visits: [StageVisit]
    /// Gradient of the loss at each stage's input and output; empty until asked for.
    private(set) var gradients: [(dx: Tensor?, dy: Tensor?)] = []
    /// For each stage those of its own parameters, by name.
    private var weightGradients: [[(name: String, gradient: Tensor)]] = []
    /// Where the backward pass begins: the loss, or the result of the call.
    let loss: Tensor?
    let output: Value

    init(_ visits: [StageVisit], loss: Tensor?, output: Value) {
        self.visits = visits
        self.loss = loss
        self.output = output
    }

    /// The backward pass: of the loss where there is one, else of the output's sum.
    func goBackward() throws {
        guard gradients.isEmpty, !visits.isEmpty else { return }
        var target = loss
        if target == nil, case .tensor(let y) = output {
            target = try Operators.named("sum")?.apply([y], [.none, .flag(false)])
        }
        guard let target, target.isTracked else {
            throw Diagnostic(
                code: "grad.constant", "nothing here depends on a parameter, so there are no gradients to show")
        }
        func tensor(_ v: Value) -> Tensor? { if case .tensor(let t) = v, t.isTracked { t } else { nil } }
        let ends = visits.map { (tensor($0.input), tensor($0.output)) }
        let own = visits.map { $0.layer.children.isEmpty ? $0.layer.parameters : [] }
        let wanted =
            ends.flatMap { [$0.0, $0.1].compactMap { $0 } } + own.flatMap { $0.map(\.parameter.value) }
        var found = try SiamGradient.gradients(of: target, at: wanted).makeIterator()
        gradients = ends.map { pair in
            let dx = pair.0 == nil ? nil : found.next() ?? nil
            let dy = pair.1 == nil ? nil : found.next() ?? nil
            return (dx, dy)
        }
        weightGradients = own.map { $0.compactMap { p in (found.next() ?? nil).map { (p.path, $0) } } }
    }

    /// A stage as text: what goes in, what the stage does, what comes out, with a corner of the numbers.
    func text(_ k: Int, backward: Bool, _ page: Page) -> String {
        let v = visits[k]
        var small = page
        small.rows = 6
        var lines = [
            "\(k + 1) of \(visits.count)  \(v.name)   \(shapeText(v.input)) -> \(shapeText(v.output))   \(Walkthrough.formula(v.layer))"
        ]
        if backward, k < gradients.count {
            if let dy = gradients[k].dy { lines.append("dy  " + Walkthrough.corner(dy)) }
            for (name, g) in weightGradients[k] {
                lines.append("d\(name)" + String(repeating: " ", count: max(1, 3 - name.count)) + Walkthrough.corner(g))
            }
            if let dx = gradients[k].dx { lines.append("dx  " + Walkthrough.corner(dx)) }
            if gradients[k].dx == nil, gradients[k].dy == nil { lines.append("no gradient reaches this stage") }
        } else {
            if case .tensor(let x) = v.input { lines.append("x   " + Walkthrough.corner(x)) }
            if v.layer.children.isEmpty {
                for (path, p) in v.layer.parameters { lines.append("\(path)   " + Walkthrough.corner(p.value)) }
            }
            if case .tensor(let y) = v.output { lines.append("y   " + Walkthrough.corner(y)) }
        }
        return lines.joined(separator: "\n")
    }

    /// What a stage computes, in a line.
    static func formula(_ l: Layer) -> String {
        switch l.kind {
        case "dense": "y = x w + b"
        case "relu": "y = max(0, x)"
        case "tanh": "y = tanh(x)"
        case "sigmoid": "y = 1 / (1 + exp(-x))"
        case "flatten": "each example becomes one row"
        case "l2norm": "y = x / |x|"
        case "softmax": "y = exp(x) / sum exp(x)"
        case "conv": "y = x * w + b"
        case "maxpool": "the maximum of each window"
        case "dropout": "random zeros in training, x in evaluation"
        case "batchnorm": "y = (x - mean) / sd * scale + shift"
        default: ""
        }
    }

    /// The shape and the first numbers of the first rows.
    static func corner(_ t: Tensor) -> String {
        let values = t.doubles
        // An image is a row of its own.
        let rows = t.rank > 1 ? t.shape[0] : 1
        let width = rows > 0 ? t.count / rows : 0
        var parts: [String] = []
        for r in 0..<min(rows, 2) {
            var row = values[r * width..<r * width + min(width, 6)].map(short).joined(separator: "  ")
            if width > 6 { row += "  ..." }
            parts.append("[\(row)]")
        }
        if rows > 2 { parts.append("...") }
        return "\(t.shape)  " + parts.joined(separator: " ")
    }
}

extension Laboratory {
    static let step = Builtin(
        "step", "call, loss = none", family: "inspection",
        """
        `step net(x)` goes through the forward pass one stage at a time and shows the input, the operation and the output of each stage, with a corner of the real numbers. At a \
        terminal n goes on, b goes back, g goes through the gradients in the backward pass (of the loss, a function of the output, or of the output's sum), a number jumps to that stage, q leaves, and any expression is evaluated with x, y, dx, dy \
        and stage bound; elsewhere every stage is printed in order.
        """,
        examples: [("seed 1; net = dense(2) >> relu; step net([[1, 2]])", "")], seeAlso: ["trace", "explain"],
        traits: [.lazy, .shows]
    ) { i, a in
        var visits: [StageVisit] = []
        let outer = i.observer
        i.observer = StageObserver { path, layer, inputs, output in
            if layer.children.isEmpty {
                visits.append(StageVisit(path: path, layer: layer, input: inputs.first ?? .none, output: output))
            }
        }
        var failure: (any Error)?
        var result = Value.none
        do { result = try i.call(a[0], []) } catch { failure = error }
        i.observer = outer
        var loss: Tensor?
        if !a.isNone(1), case .tensor(let l) = try i.call(a[1], [result]) { loss = l }
        if loss == nil, case .tensor(let t) = result, t.count == 1, t.isTracked { loss = t }
        let walk = Walkthrough(visits, loss: loss, output: result)
        guard !visits.isEmpty else {
            if let failure { throw failure }
            throw Diagnostic(
                code: "step.none", "no net is applied here, so there are no stages to show", repair: "step net(x)")
        }
        if let ask = i.session.ask {
            try walkInteractively(walk, i, ask)
        } else {
            for k in visits.indices { i.session.print(walk.text(k, backward: false, i.session.output.page)) }
            if failure == nil, loss != nil || isTracked(result) {
                try walk.goBackward()
                i.session.print("backward, from \(loss == nil ? "the sum of the output" : "the loss"):")
                for k in visits.indices.reversed() {
                    i.session.print(walk.text(k, backward: true, i.session.output.page))
                }
            }
        }
        if let failure { throw failure }
        return .none
    }

    private static func isTracked(_ v: Value) -> Bool { if case .tensor(let t) = v { t.isTracked } else { false } }

    private static let keys = """
        Enter, n   the next stage (with gradients: the previous one)
        b          one stage back
        g          gradients, from the last stage to the first; pressed again: the values
        3          the third stage
        q          leaves
        anything else is evaluated, with x the stage's input, y its output, dx and dy their gradients, stage the layer
        """

    private static func walkInteractively(_ walk: Walkthrough, _ i: Interpreter, _ ask: (String) -> String?) throws {
        var k = 0
        var backward = false
        func show() { i.session.print(walk.text(k, backward: backward, i.session.output.page)) }
        show()
        i.session.message(
            "Enter goes on, b goes back, g shows gradients, a number jumps to that stage, q leaves; ? shows all keys")
        while let line = ask("\(backward ? "gradient " : "")\(k + 1)/\(walk.visits.count)> ") {
            let word = line.filter { $0 != " " }
            switch word {
            case "", "n", "next":
                let next = backward ? k - 1 : k + 1
                if walk.visits.indices.contains(next) {
                    k = next
                    show()
                } else {
                    i.session.print(
                        backward
                            ? "this is the first stage; q leaves"
                            : "this is the last stage; g goes back with gradients, q leaves")
                }
            case "b", "back":
                let next = backward ? k + 1 : k - 1
                if walk.visits.indices.contains(next) { k = next }
                show()
            case "g", "gradient":
                do {
                    try walk.goBackward()
                    backward.toggle()
                    show()
                } catch { i.session.complain(error) }
            case "q", "quit": return
            case "?", "h", "help", ":help": i.session.print(keys)
            default:
                if let n = Int(word) {
                    if walk.visits.indices.contains(n - 1) {
                        k = n - 1
                        show()
                    } else {
                        i.session.print("there are stages 1 to \(walk.visits.count)")
                    }
                    continue
                }
                let v = walk.visits[k]
                var names: [(String, Value)] = [("x", v.input), ("y", v.output), ("stage", .layer(v.layer))]
                if k < walk.gradients.count {
                    if let dx = walk.gradients[k].dx { names.append(("dx", .tensor(dx))) }
                    if let dy = walk.gradients[k].dy { names.append(("dy", .tensor(dy))) }
                }
                i.session.evaluateAside(line, names)
            }
        }
    }
}
