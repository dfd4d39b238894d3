import SiamGradient
import SiamInterpreter
import SiamLanguage
import SiamLearning
import SiamTensor

/// Where a loss or a gradient became NaN or infinite first.
extension Trainer {
    /// For a loss that is not finite: the layer and the operation with the first such value.
    func explain(_ loss: Tensor) -> Diagnostic {
        var d = Diagnostic(
            code: "loss.finite",
            "loss is not finite at step \(run.steps + 1); weights and run are kept as of step \(run.steps)")
        if let place = interpreter.userPlace() { d.labels = [.init(place, "the loss is \(formatNumber(loss.item))")] }
        if let path = firstStageNotFinite() { d.notes.append("the first layer whose output is not finite is \(path)") }
        if let (op, bad, of) = firstNotFinite(loss) {
            d.notes.append("the first result that is not finite came from \(op): \(bad) of \(of) numbers")
        }
        if let path = run.parameterPaths.first(where: { !Kernel.allFinite($0.parameter.value) })?.path {
            d.notes.append("\(path) is not finite itself")
        }
        return d
    }

    /// For a gradient that is not finite although the loss is: the operation with an infinite derivative.
    func explain(_ loss: Tensor, _ parameters: [SiamLearning.Parameter], _ gradients: [Tensor?]) throws -> Diagnostic {
        var d = Diagnostic(
            code: "gradient.finite",
            "the gradient is not finite at step \(run.steps + 1); weights and run are kept as of step \(run.steps)")
        if let e = MinimizedLoss.expressions(in: run.syntax.body).first {
            d.labels = [.init(Place(run.code.source, e.span), "the loss is \(formatNumber(loss.item))")]
        }
        if let (op, bad, of) = try firstSlopeNotFinite(loss) {
            d.notes.append("the gradient of \(op) is not finite at \(bad) of its \(of) inputs")
            if op == "sqrt" {
                d.repair =
                    "add an epsilon:  sqrt(sum((a - b)^2, axis = -1) + 1e-12), or euclidean(a, b), which does"
            }
        }
        let paths = run.parameterPaths
        for (p, g) in zip(parameters, gradients) {
            guard let g, !Kernel.allFinite(g) else { continue }
            d.notes.append("it is passed on to \(paths.first { $0.parameter === p }?.path ?? p.name)")
            break
        }
        return d
    }

    /// The nets once more on the batch, without changing anything, up to the first stage that breaks.
    private func firstStageNotFinite() -> String? {
        let kept = (interpreter.observer, interpreter.session.stream, interpreter.isTraining, Recording.isOn)
        let states = run.nets.map { $0.keepStates() }
        interpreter.isTraining = false
        Recording.isOn = false
        defer {
            (interpreter.observer, interpreter.session.stream, interpreter.isTraining, Recording.isOn) = kept
            for (net, s) in zip(run.nets, states) { net.restoreStates(s) }
        }
        var found: String?
        for (net, name) in zip(run.nets, run.netNames) {
            for case .tensor(let x) in batch where Kernel.allFinite(x) {
                interpreter.observer = StageObserver { path, layer, _, output in
                    guard found == nil, layer.children.isEmpty, case .tensor(let y) = output, !Kernel.allFinite(y)
                    else {
                        return
                    }
                    found = (self.run.nets.count > 1 ? [name] + path : path).joined(separator: ".")
                }
                _ = try? interpreter.apply(net.encoder, .tensor(x))
                if let found { return found }
            }
        }
        return nil
    }

    /// The earliest recorded operation whose result is not finite though its inputs are.
    private func firstNotFinite(_ loss: Tensor) -> (op: String, bad: Int, of: Int)? {
        var seen = Set<ObjectIdentifier>()
        var stack = [loss]
        while let t = stack.popLast() {
            guard let node = t.origin as? Node, seen.insert(ObjectIdentifier(node)).inserted else { continue }
            let bad = t.doubles.count { !$0.isFinite }
            guard bad > 0 else { continue }
            if node.inputs.allSatisfy({ Kernel.allFinite($0) }) { return (node.op?.name ?? "an input", bad, t.count) }
            stack.append(contentsOf: node.inputs)
        }
        return nil
    }

    /// The first operation on the way back from the loss that makes a gradient which is not finite of one that is.
    private func firstSlopeNotFinite(_ loss: Tensor) throws -> (op: String, bad: Int, of: Int)? {
        var reached: [Tensor] = []
        var seen = Set<ObjectIdentifier>()
        var stack = [loss]
        while let t = stack.popLast() {
            guard let node = t.origin as? Node, seen.insert(ObjectIdentifier(node)).inserted else { continue }
            reached.append(t)
            stack.append(contentsOf: node.inputs)
        }
        let found = try gradients(of: loss, at: reached)
        var slopes: [ObjectIdentifier: Tensor] = [:]
        for (t, g) in zip(reached, found) {
            if let g, let origin = t.origin { slopes[ObjectIdentifier(origin)] = g }
        }
        for (t, g) in zip(reached, found) {
            guard let g, Kernel.allFinite(g), let node = t.origin as? Node, let op = node.op else { continue }
            for input in node.inputs {
                guard let slope = input.origin.flatMap({ slopes[ObjectIdentifier($0)] }), !Kernel.allFinite(slope)
                else {
                    continue
                }
                return (op.name, slope.doubles.count { !$0.isFinite }, slope.count)
            }
        }
        return nil
    }
}
