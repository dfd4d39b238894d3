import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// What would undo faults of how towers are put together and trained.
extension Rule {
    static func shareTowers(_ e: Examination) -> [Change] {
        let w = e.wiring
        let names = w.train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
        guard names.count >= 2, let (statement, k) = w.assignments[names[1]],
            case .assign(let targets, let value) = statement.kind
        else { return names.count == 2 ? callOneTower(w, names) : shareParts(e) }
        var edits: [TextEdit] = []
        if targets.count == 1 {
            edits = [ExpressionReference(document: k, expression: value).replaced(by: names[0])]
        } else if case .bracket(let items) = value.kind, items.count == targets.count {
            let lines = zip(targets, items).map { target, item -> String in
                let name = w.text(target, k)
                return "\(name) = \(name == names[1] ? names[0] : w.text(item, k))"
            }
            edits = [
                TextEdit(
                    document: k, start: statement.span.start, end: statement.span.end,
                    replacement: lines.joined(separator: "\n"))
            ]
        }
        let called = callOneTower(w, names)
        if edits.isEmpty { return called }
        let made = Change(label: "\(names[1]) = \(names[0]): one tower for both sides", edits: edits)
        // A hand-written loop would update the one tower twice.
        return w.trainIndex < 0 ? called + [made] : [made]
    }

    /// Where the second tower's making is not in the text as such, its calls in the training are the first one's.
    private static func callOneTower(_ w: TrainingModel, _ names: [String]) -> [Change] {
        guard w.train.nets.count == 2 else { return [] }
        var edits: [TextEdit] = []
        for s in w.train.body.statements {
            s.walk { x in
                guard case .call(let f, _, _) = x.kind, case .name(names[1]) = f.kind else { return }
                edits.append(ExpressionReference(document: w.trainDocument, expression: f).replaced(by: names[0]))
            }
        }
        guard !edits.isEmpty else { return [] }
        if w.trainIndex < 0 { return [Change(label: "\(names[0]) for both sides", edits: unique(edits))] }
        let (one, two) = (w.train.nets[0].span, w.train.nets[1].span)
        edits.append(TextEdit(document: w.trainDocument, start: one.end, end: two.end, replacement: ""))
        return [Change(label: "\(names[0]) for both sides", edits: unique(edits))]
    }

    /// Two towers inside of one layer: its forward takes the first for both inputs.
    private static func shareParts(_ e: Examination) -> [Change] {
        let w = e.wiring
        guard let net = w.train.nets.first, let made = w.values[w.text(net, w.trainDocument)]?.call?.name,
            let (layer, k) = w.layers[made], case .members(let members) = layer.form
        else { return [] }
        var parts: [String] = []
        for case .part(let name, _) in members { parts.append(name.text) }
        for case .forward(let inputs, let body) in members where inputs.count >= 2 {
            /// Parts that are applied to an input, in the order of the text.
            func applied(to input: String) -> [(part: String, expression: Expression)] {
                var found: [(String, Expression)] = []
                body.walk { x in
                    guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind, parts.contains(n)
                    else { return }
                    var isOfInput = false
                    arguments.first?.value.walk { if case .name(input) = $0.kind { isOfInput = true } }
                    if isOfInput { found.append((n, f)) }
                }
                return found
            }
            let (left, right) = (applied(to: inputs[0].text), applied(to: inputs[1].text))
            guard left.count == right.count else { continue }
            let edits = zip(left, right).filter { $0.part != $1.part }.map { one, other in
                ExpressionReference(document: k, expression: other.expression).replaced(by: one.part)
            }
            if let one = left.first?.part, !edits.isEmpty {
                return [Change(label: "\(one) for both inputs", edits: edits)]
            }
        }
        return []
    }

    // MARK: Parameters

    /// Nets in what is minimized that the run does not train.
    static func unseenNets(_ e: Examination) -> [String] {
        let w = e.wiring
        let nets = w.train.nets.map { w.text($0, w.trainDocument) }
        var found: [String] = []
        var all = w.losses.map(\.expression)
        for s in w.train.body.statements { if case .assign(_, let x) = s.kind { all.append(x) } }
        // What the functions that are called call in turn.
        for (d, _, _) in w.called(in: all.map { ExpressionReference(document: w.trainDocument, expression: $0) }) {
            d.body.walk { if case .call = $0.kind { all.append($0) } }
        }
        let parts = partlyTrained(w)
        // What a step sets by assignments follows the trained net, as a mean of its weights does.
        let followed = Set(
            w.train.body.statements.flatMap { s -> [String] in
                guard case .assign(let targets, _) = s.kind else { return [] }
                return targets.compactMap { t in if case .field = t.kind { WrittenLoop.root(t) } else { nil } }
            })
        for x in all {
            x.walk { y in
                guard case .call(let f, _, _) = y.kind, case .name(let n) = f.kind, !nets.contains(n),
                    !parts.contains(n), !found.contains(n), !followed.contains(n),
                    let made = w.values[n]
                else { return }
                let isPart = nets.contains { net in
                    var inside = false
                    if w.values[net].map({ isCopy($0.expression) }) == true { return false }
                    w.values[net]?.expression.walk { if case .name(n) = $0.kind { inside = true } }
                    if !isCopy(made.expression) {
                        made.expression.walk { if case .name(net) = $0.kind { inside = true } }
                    }
                    return inside
                }
                if !isPart, e.evidence.netsWithWeights.contains(n) { found.append(n) }
            }
        }
        return found
    }

    /// A copy has no weights in common with what it was made from.
    private static func isCopy(_ e: Expression) -> Bool {
        if case .call(let f, _, _) = e.kind, case .name("copy") = f.kind { true } else { false }
    }

    /// Nets of which the run trains a part by its name: `train model.head`.
    private static func partlyTrained(_ w: TrainingModel) -> [String] {
        w.train.nets.compactMap { net in
            if case .field(let owner, _) = net.kind, case .name(let n) = owner.kind { n } else { nil }
        }
    }
    /// Those of them that what is minimized calls as a whole.
    static func halfTrained(_ e: Examination) -> [String] {
        let parts = partlyTrained(e.wiring)
        var called: Set<String> = []
        for s in e.wiring.train.body.statements {
            s.walk { x in
                if case .call(let f, _, _) = x.kind, case .name(let n) = f.kind { called.insert(n) }
            }
        }
        return parts.filter(called.contains)
    }

    /// Edits by which these nets are trained as well: in the list of a `train`, or by an `update` each.
    private static func training(_ more: [String], _ w: TrainingModel) -> [TextEdit] {
        guard let last = w.train.nets.last else { return [] }
        let spot = ExpressionReference(document: w.trainDocument, expression: last)
        guard w.trainIndex < 0 else { return [spot.inserting(", " + more.joined(separator: ", "))] }
        // In a hand-written loop, an update of each beside the existing one.
        let net = w.text(spot)
        var loss: String?
        var edits: [TextEdit] = []
        func look(_ x: Expression, _ k: Int) {
            guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind, arguments.count > 1,
                arguments[1].name == nil, w.text(arguments[1].value, k) == net
            else { return }
            if n == "grad" { loss = w.text(arguments[0].value, k) }
        }
        for (s, k) in w.statements where k == w.trainDocument { s.walk { look($0, k) } }
        guard let loss else { return [] }
        for (s, k) in w.statements where k == w.trainDocument {
            s.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name("update") = f.kind, arguments.count > 2,
                    w.text(arguments[1].value, k) == net
                else { return }
                let opt = w.text(arguments[0].value, k)
                let added = more.map { "update(\(opt), \($0), grad(\(loss), \($0))); " }.joined()
                edits.append(ExpressionReference(document: k, expression: x).inserting(added, before: true))
            }
        }
        return unique(edits)
    }

    /// Edits that take `detach` away in what is minimized and in the functions that it calls.
    private static func withoutDetach(_ w: TrainingModel) -> [TextEdit] {
        let spots = lossExpressions(w)
        var edits: [TextEdit] = []
        func look(_ x: Expression, _ k: Int) {
            guard case .call(let f, let arguments, _) = x.kind, case .name("detach") = f.kind,
                let inner = arguments.first?.value
            else { return }
            let spot = ExpressionReference(document: k, expression: x)
            edits.append(spot.replaced(by: "(\(w.text(inner, k)))"))
        }
        for spot in spots { spot.expression.walk { look($0, spot.document) } }
        for (d, k, _) in w.called(in: spots) { d.body.walk { look($0, k) } }
        return unique(edits)
    }

    /// Parameters in place of states that a layer never changes.
    static func asParameters(_ e: Examination) -> [Change] {
        let states = e.wiring.idleStates.filter { !$0.isOfEvaluation }
        guard !states.isEmpty else { return [] }
        let names = states.map(\.name).joined(separator: ", ")
        return [Change(label: "param \(names) instead of state", edits: states.map(\.word))]
    }

    /// Biases that a layer declares and does not add.
    static func usedParameters(_ e: Examination) -> [Change] {
        let unused = e.wiring.unusedParameters.filter { $0.edit != nil }
        guard !unused.isEmpty else { return [] }
        return [
            Change(
                label: "\(unused.map(\.name).joined(separator: ", ")) added to the output",
                edits: unused.compactMap(\.edit))
        ]
    }

    static func letTrain(_ e: Examination) -> [Change] {
        let w = e.wiring
        var changes: [Change] = []
        let halves = halfTrained(e)
        if !halves.isEmpty {
            let edits = w.train.nets.compactMap { net -> TextEdit? in
                guard case .field(let owner, _) = net.kind, case .name(let n) = owner.kind, halves.contains(n) else {
                    return nil
                }
                return ExpressionReference(document: w.trainDocument, expression: net).replaced(by: n)
            }
            changes.append(Change(label: "train \(halves.joined(separator: ", ")) as a whole", edits: edits))
        }
        let unseen = unseenNets(e)
        if let f = e.evidence.facts, !f.unreached.isEmpty, f.unreached.count >= e.evidence.parameters,
            unseen.count == 1,
            w.train.nets.count == 1
        {
            let spot = ExpressionReference(document: w.trainDocument, expression: w.train.nets[0])
            return [
                Change(
                    label: "\(unseen[0]), which the loss depends on, is updated", edits: [spot.replaced(by: unseen[0])])
            ]
        }
        if !unseen.isEmpty {
            let edits = training(unseen, w)
            let more = unseen.joined(separator: ", ")
            if !edits.isEmpty { changes.append(Change(label: "train \(more) too", edits: edits)) }
            let free = withoutDetach(w)
            if !edits.isEmpty, !free.isEmpty {
                changes.append(Change(label: "train \(more) too, without detach", edits: edits + free))
            }
            // A second tower that was meant to be the first.
            if w.train.nets.count == 1, unseen.count == 1, case .name(let net) = w.train.nets[0].kind {
                var calls: [TextEdit] = []
                for s in w.train.body.statements {
                    s.walk { x in
                        guard case .call(let f, _, _) = x.kind, case .name(unseen[0]) = f.kind else { return }
                        calls.append(ExpressionReference(document: w.trainDocument, expression: f).replaced(by: net))
                    }
                }
                if !calls.isEmpty {
                    changes.append(Change(label: "\(net) in place of \(unseen[0])", edits: unique(calls)))
                }
            }
        }
        var edits: [TextEdit] = []
        for (s, k) in w.statements {
            if case .expression(let x) = s.kind, ExpressionReference(document: k, expression: x).call?.name == "freeze"
            {
                edits.append(TextEdit(document: k, start: s.span.start, end: s.span.end, replacement: ""))
            }
        }
        if !edits.isEmpty { changes.append(Change(label: "nothing frozen", edits: edits)) }
        var attached: [TextEdit] = []
        for spot in lossExpressions(w) {
            spot.expression.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name("detach") = f.kind,
                    let inner = arguments.first?.value, case .call = inner.kind
                else { return }
                attached.append(spot.with(x).replaced(by: w.text(spot.with(inner))))
            }
        }
        if !attached.isEmpty { changes.append(Change(label: "a path to the loss: no detach", edits: attached)) }
        if changes.count > 1 {
            changes.append(
                Change(label: changes.map(\.label).joined(separator: ", and "), edits: changes.flatMap(\.edits)))
        }
        return changes
    }

    // MARK: Dropout

    static func rate(of stage: TrainingModel.Stage, _ w: TrainingModel) -> Double? {
        guard stage.name == "dropout" else { return nil }
        guard let given = w.argument("rate", of: stage.spot) else { return 0.5 }
        return w.number(given)?.value
    }

    /// Each dropout that is written anywhere, switched off.
    static func noDropout(_ w: TrainingModel) -> [Change] {
        var found: [Change] = []
        for (statement, k) in w.statements {
            statement.walk { x in
                let spot = ExpressionReference(document: k, expression: x)
                guard case .call(let f, let arguments, _) = x.kind, case .name(let n) = f.kind,
                    n == "dropout" || n == "keep_mask"
                else { return }
                if n == "dropout" {
                    let edits = w.setting("rate", of: spot, to: "0")
                    if !edits.isEmpty {
                        found.append(Change(label: "dropout(0) instead of \(w.text(spot))", edits: edits))
                    }
                } else if let rate = arguments.last, w.number(spot.with(rate.value)) != nil {
                    found.append(Change(label: "no mask", edits: [spot.with(rate.value).replaced(by: "0")]))
                }
            }
        }
        return found
    }

    static func dropoutBehind(_ w: TrainingModel) -> TrainingModel.Stage? {
        let stages = w.stages
        guard let last = stages.lastIndex(where: { $0.name == "dense" }) else { return nil }
        return stages[(last + 1)...].first { $0.name == "dropout" }
    }

    static func moveDropout(_ e: Examination) -> [Change] {
        let w = e.wiring
        let stages = w.stages
        guard let stage = dropoutBehind(w), let last = stages.last(where: { $0.name == "dense" }) else {
            return noDropout(w)
        }
        let removed = w.removing(stage)
        guard !removed.isEmpty else {
            let edits = w.setting("rate", of: stage.spot, to: "0")
            return edits.isEmpty ? [] : [Change(label: "dropout rate 0 after the last dense", edits: edits)]
        }
        var changes: [Change] = []
        if last.spot.document == stage.spot.document,
            stages.first?.spot.expression.span.start != last.spot.expression.span.start
        {
            let text = w.text(stage.spot)
            changes.append(
                Change(
                    label: "\(text) before the last dense",
                    edits: removed + [last.spot.inserting("\(text) >> ", before: true)]))
        }
        changes.append(Change(label: "no dropout after the last dense", edits: removed))
        return changes
    }
}
