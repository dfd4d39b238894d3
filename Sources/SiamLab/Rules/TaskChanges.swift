import SiamCompiler
import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What would undo faults of fully connected nets in general.
extension Rule {
    /// The stages of all nets of the run, net by net.
    private static func stagesOfNets(_ w: TrainingModel) -> [[TrainingModel.Stage]] {
        w.train.nets.map { w.stages(ofNet: $0) }
    }

    /// Takes the named function off the end of a net, wherever it is written.
    static func withoutEnd(_ e: Examination, _ names: Set<String>) -> [Change] {
        let w = e.wiring
        for stages in stagesOfNets(w).reversed() {
            // What only changes the shape stays.
            guard let last = stages.last(where: { !StepFacts.shaping.contains($0.name) }), names.contains(last.name)
            else { continue }
            let edits = w.removing(last)
            if !edits.isEmpty { return [Change(label: "no \(last.name) at the end of the net", edits: edits)] }
        }
        for spot in lossExpressions(w) + w.forwards {
            var edits: [TextEdit] = []
            var name = ""
            spot.expression.walk { x in
                guard edits.isEmpty, case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind,
                    names.contains(n), let inner = arguments.first?.value
                else { return }
                (name, edits) = (n, [spot.with(x).replaced(by: w.text(spot.with(inner)))])
            }
            if !edits.isEmpty { return [Change(label: "no \(name) on the outputs", edits: edits)] }
        }
        return []
    }

    static func replacingEnd(_ e: Examination, _ name: String, _ other: String) -> [Change] {
        let label = "\(other) instead of \(name)"
        for stages in stagesOfNets(e.wiring).reversed() {
            if let last = stages.last, last.name == name {
                return [Change(label: label, edits: [last.spot.replaced(by: other)])]
            }
        }
        for spot in e.wiring.forwards + lossExpressions(e.wiring) {
            var edits: [TextEdit] = []
            spot.expression.walk { x in
                guard edits.isEmpty, case .call(let f, let arguments, _) = x.kind, case .name(name) = f.kind,
                    let first = arguments.first
                else { return }
                // Without what the other does not take, as an axis.
                edits =
                    arguments.count == 1
                    ? [spot.with(f).replaced(by: other)]
                    : [spot.with(x).replaced(by: "\(other)(\(e.wiring.text(spot.with(first.value))))")]
            }
            if !edits.isEmpty { return [Change(label: label, edits: edits)] }
        }
        return []
    }

    /// A loss whose slope does not grow with the error.
    static func huberForSquares(_ e: Examination) -> [Change] {
        guard e.evidence.outlier?.column == nil, let c = comparison(e.wiring), c.name == "mse" else { return [] }
        let text = "huber(\(e.wiring.text(c.output)), \(e.wiring.text(c.target)))"
        return [Change(label: "\(text) instead of mse", edits: [c.call.replaced(by: text)])]
    }

    /// relu in place of hidden activations that saturate, with the initialisation that belongs to it.
    static func hiddenRelu(_ e: Examination) -> [Change] {
        var (edits, begun) = ([TextEdit](), [TextEdit]())
        for stages in stagesOfNets(e.wiring) {
            for stage in stages.dropLast() where ["sigmoid", "tanh"].contains(stage.name) {
                edits.append(stage.spot.replaced(by: "relu"))
            }
            for stage in stages where stage.name == "dense" {
                begun += e.wiring.setting("init", of: stage.spot, to: "he")
            }
        }
        guard !edits.isEmpty else { return [] }
        return [
            Change(label: "relu in the hidden layers", edits: unique(edits)),
            Change(label: "relu in the hidden layers, weights initialised with he", edits: unique(edits + begun)),
        ]
    }

    static func activationsBetween(_ e: Examination) -> [Change] {
        var edits: [TextEdit] = []
        for stages in stagesOfNets(e.wiring) {
            for (k, stage) in stages.enumerated().dropLast()
            where stage.name == "dense" && stages[k + 1].name == "dense" {
                edits.append(stage.spot.inserting(" >> relu"))
            }
        }
        if edits.isEmpty, e.evidence.facts?.layers == 1 {
            let only = stagesOfNets(e.wiring).flatMap { $0 }.filter { $0.name == "dense" }
            return only.count == 1
                ? [
                    Change(
                        label: "a hidden layer", edits: [only[0].spot.inserting("dense(32) >> relu >> ", before: true)])
                ]
                : []
        }
        return edits.isEmpty ? [] : [Change(label: "relu between the layers", edits: unique(edits))]
    }

    // MARK: Targets and losses

    /// The call of a loss whose arguments are outputs and targets, and these arguments.
    private static func comparison(_ w: TrainingModel) -> (
        call: ExpressionReference, name: String, output: ExpressionReference, target: ExpressionReference
    )? {
        for spot in lossExpressions(w) {
            var found: (ExpressionReference, String, ExpressionReference, ExpressionReference)?
            spot.expression.walk { x in
                guard found == nil, case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind,
                    TrainingModel.isLoss(n),
                    arguments.count >= 2
                else { return }
                let call = spot.with(x)
                found = (call, n, call.with(arguments[0].value), call.with(arguments[1].value))
            }
            if let found { return found }
        }
        return nil
    }

    static func scaleTargets(_ e: Examination) -> [Change] {
        guard let f = e.evidence.facts else { return [] }
        let w = e.wiring
        let columns = f.targetColumnRatio > 30 ? f.targetColumns : []
        let means = columns.map { tidy($0.mean) }.joined(separator: ", ")
        let deviations = columns.map { tidy(max($0.deviation, 1e-9)) }.joined(separator: ", ")
        let scale =
            columns.isEmpty
            ? "((%) - \(tidy(f.targetMean))) / \(tidy(max(f.targetDeviation, 1e-9)))"
            : "((%) - [\(means)]) / [\(deviations)]"
        func scaled(_ text: String) -> String {
            scale.replacing("(%)", with: isName(text) ? text : "(\(text))")
        }
        if let c = comparison(w) {
            if let edits = scaleAtTheEnd(c.output, c.target, f, w) {
                return [Change(label: "outputs in the unit of the targets", edits: edits)]
            }
            return [
                Change(
                    label: "targets with mean 0 and standard deviation 1",
                    edits: [c.target.replaced(by: scaled(w.text(c.target)))]
                )
            ]
        }
        // Written out: the batch's last part where the loss uses it.
        guard w.train.names.count > 1, let name = w.train.names.last?.text else { return [] }
        var edits: [TextEdit] = []
        for spot in w.losses.map(w.lossValue) {
            spot.expression.walk { x in
                if case .name(name) = x.kind { edits.append(spot.with(x).replaced(by: "(\(scaled(name)))")) }
            }
        }
        return edits.isEmpty
            ? [] : [Change(label: "targets with mean 0 and standard deviation 1", edits: unique(edits))]
    }
    /// The net ends in the mean and the deviation of the targets, and the loss compares both sides in units of that deviation:
    /// the training is that of scaled targets, and what the program does with outputs behind it stays right.
    private static func scaleAtTheEnd(
        _ output: ExpressionReference, _ target: ExpressionReference, _ f: StepFacts, _ w: TrainingModel
    ) -> [TextEdit]? {
        guard f.targetColumnRatio <= 30, w.train.nets.count == 1, let last = w.stages.last,
            ["dense", "tanh"].contains(last.name),
            isShaped(output, ofNet: w.text(w.train.nets[0], w.trainDocument), w)
        else { return nil }
        let (mean, unit) = (tidy(f.targetMean), tidy(max(f.targetDeviation, 1e-9)))
        func inUnits(_ spot: ExpressionReference) -> TextEdit {
            let text = w.text(spot)
            var isSum = false
            if case .binary = spot.expression.kind { isSum = true }
            let own = isSum ? "(\(text))" : text
            // Far from 0 the difference to the mean is what is to be learnt.
            let isFar = abs(f.targetMean) > 10 * f.targetDeviation
            return spot.replaced(by: isFar ? "(\(own) - \(mean)) / \(unit)" : "\(own) / \(unit)")
        }
        return [last.spot.inserting(" >> (z -> \(mean) + \(unit) * z)"), inUnits(output), inUnits(target)]
    }

    /// Whether an expression is what a net gives, in another shape at most: `squeeze(net(x), 1)`, `net(x)[.., 0]`.
    private static func isShaped(_ spot: ExpressionReference, ofNet net: String, _ w: TrainingModel) -> Bool {
        switch spot.expression.kind {
        case .index(let inner, _): return isShaped(spot.with(inner), ofNet: net, w)
        case .call(let f, let arguments, _):
            if w.text(spot.with(f)) == net { return true }
            guard case .name(let n) = f.kind, ["squeeze", "reshape", "flatten"].contains(n), let first = arguments.first
            else { return false }
            return isShaped(spot.with(first.value), ofNet: net, w)
        default: return false
        }
    }

    private static func isName(_ text: String) -> Bool { text.allSatisfy { $0.isLetter || $0.isNumber || $0 == "_" } }

    static func squeezeOutputs(_ e: Examination) -> [Change] {
        let w = e.wiring
        // Of pairs it is the distance that has an axis too many, wherever it is worked out.
        if e.evidence.facts?.sides == 2, e.evidence.task == .metric { return [] }
        if let c = comparison(w) {
            return [
                Change(
                    label: "outputs and targets of the same shape",
                    edits: [c.output.replaced(by: "squeeze(\(w.text(c.output)), 1)")])
            ]
        }
        let nets = Set(w.train.nets.map { w.text($0, w.trainDocument) })
        for spot in lossExpressions(w) {
            var edits: [TextEdit] = []
            spot.expression.walk { x in
                guard edits.isEmpty, case .call(let f, _, _) = x.kind, case .name(let n) = f.kind, nets.contains(n)
                else { return }
                edits = [spot.with(x).replaced(by: "squeeze(\(w.text(spot.with(x))), 1)")]
            }
            if !edits.isEmpty { return [Change(label: "outputs and targets of the same shape", edits: edits)] }
        }
        return []
    }

    static func otherLosses(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard let f = e.evidence.facts else { return [] }
        let isMulti = f.targetWidth > 1 && f.targetWidth == f.outputWidth
        if f.clampedBeforeLog > 0.1 {
            // A function of the program's that expects probabilities first.
            for loss in w.losses {
                var call: Expression?
                loss.expression.walk { x in
                    if call == nil, case .call(let g, let arguments, _) = x.kind, case .name(let n) = g.kind,
                        Prelude.definition(n) == nil, arguments.count > 1, arguments[0].name == nil
                    {
                        call = arguments[0].value
                    }
                }
                guard let call else { continue }
                let spot = loss.with(call)
                return [
                    Change(
                        label: "sigmoid before the logarithm",
                        edits: [spot.inserting("sigmoid(", before: true), spot.inserting(")")])
                ]
            }
        }
        guard let c = comparison(w) else {
            // A loss of the program's own: the library's in its place.
            guard w.losses.count == 1, w.trainIndex >= 0, w.train.nets.count == 1, w.train.names.count == 2,
                f.outputWidth > 1 || f.idleLabel != nil,
                f.targetWidth == 1 || isMulti
            else { return [] }
            let (net, x, y) = (w.text(w.train.nets[0], w.trainDocument), w.train.names[0].text, w.train.names[1].text)
            if f.idleLabel != nil, let o = f.firstOutputs {
                let loss = o.values.allSatisfy { (0...1).contains($0) } ? "bce" : "bce_with_logits"
                let text = "\(loss)(reshape(\(net)(\(x)), -1), reshape(\(y), -1))"
                return [Change(label: "minimize \(text)", edits: [w.losses[0].replaced(by: text)])]
            }
            let text = "\(isMulti ? "bce_with_logits" : "cross_entropy")(\(net)(\(x)), \(y))"
            return [Change(label: "minimize \(text)", edits: [w.losses[0].replaced(by: text)])]
        }
        let (output, target) = (w.text(c.output), w.text(c.target))
        let bare = withoutSqueeze(output)
        var changes: [Change] = []
        func replace(_ name: String, _ output: String) -> TextEdit {
            c.call.replaced(by: "\(name)(\(output), \(target))")
        }
        if f.targetsAreWhole, f.targetKinds > 2, f.outputWidth == 1, e.evidence.task != .verification {
            // As many scores as there are classes.
            let classes = Int(f.targetHigh) + 1
            if let last = stagesOfNets(w).last?.last(where: { $0.name == "dense" }) {
                var edits = w.setting("units", of: last.spot, to: "\(classes)") + [replace("cross_entropy", bare)]
                if let end = stagesOfNets(w).last?.last, ["sigmoid", "relu", "softmax", "tanh"].contains(end.name) {
                    edits += w.removing(end)
                }
                changes.append(Change(label: "\(classes) scores and cross_entropy", edits: edits))
            }
        }
        if isMulti, f.targetLow >= 0, f.targetHigh <= 1, c.name == "cross_entropy" {
            changes.append(
                Change(label: "bce_with_logits instead of cross_entropy", edits: [replace("bce_with_logits", output)]))
        }
        if f.outputWidth > 1, f.targetWidth == 1, f.targetsAreWhole, f.targetKinds > 2 {
            changes.append(
                Change(label: "cross_entropy instead of \(c.name)", edits: [replace("cross_entropy", output)]))
        }
        if f.targetKinds == 2 && f.outputWidth == 1 || c.name == "bce" {
            changes.append(
                Change(label: "bce_with_logits instead of \(c.name)", edits: [replace("bce_with_logits", output)]))
        }
        if !f.targetsAreWhole, !withoutEnd(e, ["sigmoid", "softmax", "tanh", "relu"]).isEmpty {
            let end = withoutEnd(e, ["sigmoid", "softmax", "tanh", "relu"])[0]
            changes.append(
                Change(
                    label: "mse instead of \(c.name), and \(end.label)",
                    edits: end.edits + [c.call.with(calledName(c.call)).replaced(by: "mse")]))
        }
        if !f.targetsAreWhole {
            changes.append(Change(label: "mse instead of \(c.name)", edits: [replace("mse", output)]))
        }
        return changes
    }
    private static func calledName(_ call: ExpressionReference) -> Expression {
        if case .call(let f, _, _) = call.expression.kind { return f }
        return call.expression
    }
    private static func withoutSqueeze(_ text: String) -> String {
        for end in ["[.., 0]", "[..,0]"] where text.hasSuffix(end) { return String(text.dropLast(end.count)) }
        guard text.hasPrefix("squeeze("), text.hasSuffix(")") else { return text }
        let inner = text.dropFirst("squeeze(".count).dropLast()
        var depth = 0
        var cut = inner.endIndex
        for i in inner.indices {
            if inner[i] == "(" || inner[i] == "[" { depth += 1 }
            if inner[i] == ")" || inner[i] == "]" { depth -= 1 }
            if inner[i] == ",", depth == 0 { cut = i }
        }
        return String(inner[..<cut])
    }

    /// The batch's own labels in place of what the body makes of them.
    static func ownLabels(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard let c = comparison(w), let name = w.train.names.last?.text, w.text(c.target) != name else { return [] }
        return [Change(label: "\(name) instead of \(w.text(c.target))", edits: [c.target.replaced(by: name)])]
    }

    // MARK: How long and in what portions

    /// Without the statement that ends the run.
    static func ruleOfStop(_ w: TrainingModel) -> [Change] {
        var found: [Change] = []
        func look(_ statements: [Statement]) {
            for s in statements {
                if case .stopWhen = s.kind {
                    let edit = TextEdit(
                        document: w.trainDocument, start: s.span.start, end: s.span.end, replacement: "none")
                    found.append(Change(label: "without early stopping", edits: [edit], isCertain: true))
                }
                // `if ... { break }` by itself.
                if case .expression(let e) = s.kind, case .conditional(_, let block, nil) = e.kind,
                    block.statements.count == 1, case .breakLoop = block.statements[0].kind
                {
                    let edit = TextEdit(
                        document: w.trainDocument, start: s.span.start, end: s.span.end, replacement: "none")
                    found.append(Change(label: "without early stopping", edits: [edit], isCertain: true))
                }
                for block in s.blocks { look(block.statements) }
            }
        }
        look(w.train.body.statements)
        if let rule = w.breakOfLoop {
            found.append(Change(label: "without early stopping", edits: [rule.edit], isCertain: true))
        }
        return found
    }

    /// More steps or epochs, of a `train` or of a hand-written loop over a range.
    static func longerRuns(_ e: Examination) -> [Change] {
        let w = e.wiring
        if let length = w.train.length,
            let (value, spot) = w.number(ExpressionReference(document: w.trainDocument, expression: length)), value > 0
        {
            return (w.train.unit == .epochs || value < 200 ? [4.0, 16] : [4]).map { factor in
                Change(
                    label: "\(tidy(value * factor)) \(w.train.unit.rawValue) instead of \(tidy(value))",
                    edits: [spot.replaced(by: tidy(value * factor))], isGeneric: true, lengthens: factor)
            }
        }
        // A hand-written loop over a range.
        var found: ExpressionReference?
        for (statement, k) in w.statements where k == w.trainDocument {
            guard case .forIn(_, let range, let block) = statement.kind, case .range(_, let high?) = range.kind,
                block.statements.contains(where: {
                    $0.span.start >= w.train.head.start && $0.span.end <= w.train.head.end
                })
            else { continue }
            found = ExpressionReference(document: k, expression: high)
        }
        guard let found, let (value, spot) = w.number(found), value > 0 else { return [] }
        return (value < 200 ? [4.0, 16] : [4]).map { factor in
            Change(
                label: "\(tidy(value * factor)) steps instead of \(tidy(value))",
                edits: [spot.replaced(by: tidy(value * factor))], isGeneric: true, lengthens: factor)
        }
    }

    static func otherBatches(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard let (name, arguments) = w.source.call, ["batches", "pairs", "triplets"].contains(name) else { return [] }
        // Of so many epochs smaller batches make more steps.
        let longer = w.train.unit == .epochs ? max(1, Double(e.evidence.batch) / 32) : 1
        func change(_ spot: ExpressionReference) -> [Change] {
            [Change(label: "batches of 32", edits: [spot.replaced(by: "32")], lengthens: longer)]
        }
        if let named = arguments.first(where: { $0.name?.text == "batch" }) {
            return change(w.source.with(named.value))
        }
        if let last = arguments.last, arguments.count > 1, let (_, spot) = w.number(w.source.with(last.value)) {
            return change(spot)
        }
        return []
    }
}
