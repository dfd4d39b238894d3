import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of how the program is put together.
    static var wiring: [Rule] {
        [
            Rule(
                1, "unshared towers", seen: "It learns, slowly and worse; one image has two embeddings.",
                why:
                    "A constructor was called twice, so the two sides of a pair go through different weights. A distance between them compares two languages.",
                repair: "use one tower on both sides",
                picture: { .bars([("one image, two towers", $0.evidence.towerGap ?? 0), ("two images", 1)]) },
                onset: Onset.start,
                sign: { e in
                    guard let gap = e.evidence.towerGap, gap > 0.01 else { return nil }
                    return
                        "the two towers give one image embeddings that are \(short(gap)) of the mean distance apart; a shared tower gives 0"
                }, changes: shareTowers),
            Rule(
                2, "swapped labels",
                seen: "The loss stands at pi(1 - pi)m^2 and pairs are told right half of the time.",
                why: "1 was taken for \"different\". Members of one class are pushed apart and others pulled together.",
                repair: "same is 1 for a similar pair",
                picture: {
                    .bars([("AUC, untrained", $0.evidence.untrained.auc), ("trained", $0.evidence.score.auc)])
                },
                onset: Onset.firstStep,
                sign: { e in
                    guard
                        e.wiring.source.call?.name == "pairs" || e.evidence.sameShare != nil || !flipLabels(e).isEmpty,
                        e.evidence.isFinite,
                        e.evidence.own.auc < e.evidence.untrainedOwn.auc - 0.03
                            || e.evidence.score.auc < e.evidence.untrained.auc - 0.05
                    else { return nil }
                    return
                        "AUC fell in training, from \(short(e.evidence.untrained.auc)) untrained to \(short(e.evidence.score.auc))"
                }, changes: flipLabels),
            Rule(
                3, "wrong sign", seen: "The loss falls or rises without a bound.",
                why: "The negative of a loss is minimized. Training makes everything worse without an end.",
                repair: "minimize the loss itself",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                onset: Onset.firstStep,
                sign: { e in
                    let away = abs(e.evidence.lastLoss) > 3 * abs(e.evidence.firstLoss)
                    let worse = e.evidence.score.mapAtR < e.evidence.untrained.mapAtR - 0.05
                    let isLost = !e.evidence.isFinite || worse
                    // What is minimized does not rise by itself: such steps throw it there.
                    if e.evidence.lastLoss > 0, e.evidence.earlyUpdate > 0.2, withoutMinus(e).isEmpty { return nil }
                    guard away && e.evidence.isFinite || e.evidence.lastLoss < 0 || isLost && !withoutMinus(e).isEmpty
                    else { return nil }
                    return "the loss went from \(short(e.evidence.firstLoss)) to \(short(e.evidence.lastLoss))"
                }, changes: withoutMinus),
            Rule(
                4, "no hinge", seen: "The loss goes to minus infinity.",
                why:
                    "Different pairs are pushed apart without a margin at which the push ends. It outweighs the pull of same pairs for ever.",
                repair: "push only inside of a margin:  relu(margin - d)^2",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                onset: Onset.firstStep,
                sign: { e in
                    let lowest = e.evidence.loss.min().map(Double.init) ?? 0
                    guard lowest < 0 || !e.evidence.isFinite && !addHinge(e).isEmpty else { return nil }
                    return
                        "the loss went from \(short(e.evidence.firstLoss)) to \(short(e.evidence.lastLoss)), at its lowest \(short(lowest)), and nothing bounds it"
                }, changes: addHinge),
            Rule(
                5, "parameters not trained", seen: "It learns worse than it could, or not at all.",
                why:
                    "A part is frozen, or stands in no train, or has no path to the loss. It stays as it was drawn, and the rest works around it.",
                repair: "let the optimizer see all parameters",
                picture: {
                    .bars([
                        ("changed", Double(max(0, $0.evidence.parameters - $0.evidence.untouched.count))),
                        ("unchanged", Double($0.evidence.untouched.count)),
                    ])
                },
                onset: { e in e.evidence.untouched.first.map { "at the first step, in \($0)" } },
                sign: { e in
                    let idle = e.evidence.untouched.filter { $0.hasSuffix("w") || $0 == "w" }
                    let unseen = unseenNets(e)
                    guard !idle.isEmpty && e.evidence.unitCosine < 0.99 || !unseen.isEmpty else { return nil }
                    if !unseen.isEmpty { return "no optimizer sees \(unseen.joined(separator: ", "))" }
                    return "no update changed \(idle.prefix(4).joined(separator: ", ")) in \(e.evidence.steps) steps"
                }, changes: letTrain, isPlain: { $0.items == 0 }),
            Rule(
                8, "nan at zero distance", seen: "The loss is NaN from one step to the next.",
                why:
                    "The slope of a root is infinite at 0, and infinity times 0 is not a number. One coincident pair is enough.",
                repair: "keep the root away from 0",
                picture: { .series("loss", $0.evidence.loss.map(Double.init)) },
                onset: { "at step \($0.evidence.steps)" },
                sign: { e in
                    guard !e.evidence.isFinite, !guardRoots(e).isEmpty else { return nil }
                    return "the loss is not finite after step \(e.evidence.steps), and a distance takes a bare sqrt"
                }, changes: guardRoots, isPlain: { !$0.isFinite }),
            Rule(
                23, "dropout on the embedding", seen: "Distances are noise while training; the loss stays high.",
                why:
                    "Dropout behind the last dense drops parts of the embedding itself. One image has two embeddings, and a distance between them is noise.",
                repair: "drop before the last dense",
                picture: { .bars([("training against evaluation", $0.evidence.modeGap), ("healthy", 0)]) },
                onset: { _ in "at the first step, in the last dropout" },
                sign: { e in
                    guard let stage = dropoutBehind(e.wiring), let rate = rate(of: stage, e.wiring), rate > 0.05 else {
                        return nil
                    }
                    return
                        "dropout(\(short(rate))) stands behind the last dense; embeddings in training differ by \(short(e.evidence.modeGap)) of their length"
                }, changes: moveDropout),
            Rule(
                6, "activation after the embedding", seen: "The loss stays above what it could reach.",
                why:
                    "The last stage leaves only a part of the space. The margin lies outside of it, or distances saturate before they reach it.",
                repair: "end the tower in its dense layer",
                picture: {
                    .bars([
                        ("reach", reach($0.wiring.stages.last?.name ?? "", $0.evidence.width) ?? 0),
                        ("margin", $0.margin),
                    ])
                },
                onset: { e in e.wiring.stages.last.map { "before the first step, in \($0.name)" } },
                sign: { e in
                    guard let last = e.wiring.stages.last, let reach = reach(last.name, e.evidence.width),
                        last.name == "softmax" || e.margin > reach && !isFarBeyond(e, reach)
                    else { return nil }
                    return
                        "the tower ends in \(last.name), so that distances are at most \(short(reach)), with margin \(short(e.margin))"
                },
                changes: { e in
                    guard let last = e.wiring.stages.last else { return [] }
                    let edits = e.wiring.removing(last)
                    return edits.isEmpty
                        ? [] : [Change(label: "the tower without \(last.name) at its end", edits: edits)]
                }),
        ]
    }

    /// A margin so far beyond a bound that embeddings without the bound would not get there either.
    static func isFarBeyond(_ e: Examination, _ reach: Double) -> Bool { e.hasMargin && e.margin > 6 * reach }

    /// The largest distance of two embeddings that a last stage leaves.
    static func reach(_ stage: String, _ width: Int) -> Double? {
        switch stage {
        case "softmax": 1.4143
        case "sigmoid": Double(width).squareRoot()
        case "tanh": 2 * Double(width).squareRoot()
        default: nil
        }
    }

    private static func shareTowers(_ e: Examination) -> [Change] {
        let w = e.wiring
        let names = w.train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
        guard names.count >= 2, let (statement, k) = w.assignments[names[1]],
            case .assign(let targets, let value) = statement.kind
        else { return names.count == 2 ? callOneTower(w, names) : shareParts(e) }
        var edits: [TextEdit] = []
        if targets.count == 1 {
            edits = [Spot(document: k, expression: value).replaced(by: names[0])]
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
        // A loop by hand would update the one tower twice.
        return w.trainIndex < 0 ? called + [made] : [made]
    }

    /// Where the second tower's making is not in the text as such, its calls in the training are the first one's.
    private static func callOneTower(_ w: Wiring, _ names: [String]) -> [Change] {
        guard w.train.nets.count == 2 else { return [] }
        var edits: [TextEdit] = []
        for s in w.train.body.statements {
            s.walk { x in
                guard case .call(let f, _, _) = x.kind, case .name(names[1]) = f.kind else { return }
                edits.append(Spot(document: w.trainDocument, expression: f).replaced(by: names[0]))
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
                Spot(document: k, expression: other.expression).replaced(by: one.part)
            }
            if let one = left.first?.part, !edits.isEmpty {
                return [Change(label: "\(one) for both inputs", edits: edits)]
            }
        }
        return []
    }

    private static func flipLabels(_ e: Examination) -> [Change] {
        let w = e.wiring
        // The parts of triplets in another order than the source gives them.
        if w.source.call?.name == "triplets", w.train.names.count >= 3 {
            let (positive, negative) = (w.train.names[1], w.train.names[2])
            let edits = [(positive, negative), (negative, positive)].map { at, other in
                TextEdit(document: w.trainDocument, start: at.span.start, end: at.span.end, replacement: other.text)
            }
            return [Change(label: "anchor, positive, negative in this order", edits: edits)]
        }
        let name = w.train.names.count >= 3 ? w.train.names[2].text : "same"
        var edits: [TextEdit] = []
        for loss in w.losses.map(w.lossValue) {
            func visit(_ x: Expression, isArgument: Bool) {
                if case .binary(.subtract, let one, let label, _) = x.kind, case .number(1, _) = one.kind,
                    case .name(name) = label.kind
                {
                    edits.append(loss.with(x).replaced(by: name))
                    return
                }
                if case .name(name) = x.kind {
                    edits.append(loss.with(x).replaced(by: isArgument ? "1 - \(name)" : "(1 - \(name))"))
                    return
                }
                if case .call(_, let arguments, _) = x.kind {
                    for a in arguments { visit(a.value, isArgument: true) }
                } else {
                    for part in x.parts { visit(part, isArgument: false) }
                }
            }
            visit(loss.expression, isArgument: false)
        }
        // Labels written otherwise in the body, before the loss: `t = 1 - same`.
        if edits.isEmpty {
            for s in w.train.body.statements {
                guard case .assign(_, let value) = s.kind else { continue }
                value.walk { x in
                    if case .binary(.subtract, let one, let label, _) = x.kind, case .number(1, _) = one.kind,
                        case .name(name) = label.kind
                    {
                        edits.append(Spot(document: w.trainDocument, expression: x).replaced(by: name))
                    }
                }
            }
        }
        // Pairs of the program's own making: 1 where classes are unlike.
        if edits.isEmpty {
            for spot in lossExpressions(w) {
                spot.expression.walk { x in
                    guard case .comparison(let operands, let signs, let spans) = x.kind, signs == [.unequal],
                        operands.count == 2, !operands.contains(where: isLiteral)
                    else { return }
                    edits.append(
                        TextEdit(document: spot.document, start: spans[0].start, end: spans[0].end, replacement: "=="))
                }
            }
        }
        return edits.isEmpty ? [] : [Change(label: "the labels the other way round", edits: unique(edits))]
    }
    private static func isLiteral(_ e: Expression) -> Bool {
        switch e.kind {
        case .number, .text, .bool, .none: true
        default: false
        }
    }

    private static func withoutMinus(_ e: Examination) -> [Change] {
        let w = e.wiring
        var edits: [TextEdit] = []
        func visit(_ spot: Spot) {
            func keep(_ inner: Expression) { edits.append(spot.replaced(by: w.text(spot.with(inner)))) }
            switch spot.expression.kind {
            case .unary(.minus, let inner): keep(inner)
            case .binary(.subtract, let zero, let inner, _):
                if case .number(0, _) = zero.kind { keep(inner) }
            case .binary(.multiply, let l, let r, _):
                if isMinusOne(l) { keep(r) } else if isMinusOne(r) { keep(l) } else { visit(spot.with(l)) }
            case .call(let f, let arguments, _):
                if case .name(let n) = f.kind, n == "mean" || n == "sum", let first = arguments.first {
                    visit(spot.with(first.value))
                }
            default: break
            }
        }
        for loss in w.losses { visit(w.lossValue(loss)) }
        if edits.isEmpty, let name = w.lossCall?.call?.name, let (d, k) = w.functions[name] {
            switch d.body {
            case .expression(let x): visit(Spot(document: k, expression: x))
            case .block(let b):
                if case .expression(let x)? = b.statements.last?.kind { visit(Spot(document: k, expression: x)) }
            }
        }
        if !edits.isEmpty { return [Change(label: "without the minus", edits: edits)] }
        // A likelihood that should be as large as it can be.
        guard e.evidence.lastLoss < 0, e.evidence.lastLoss < e.evidence.firstLoss, w.losses.count == 1,
            let loss = w.losses.first
        else { return [] }
        return [Change(label: "a minus before it", edits: [loss.replaced(by: "-(\(w.text(loss)))")])]
    }
    private static func isMinusOne(_ e: Expression) -> Bool {
        if case .unary(.minus, let one) = e.kind, case .number(1, _) = one.kind { return true }
        return false
    }

    /// The expressions of the loss: what is minimized, and the body of the user's own loss.
    private static func lossExpressions(_ w: Wiring) -> [Spot] {
        var found = w.losses
        for s in w.train.body.statements {
            if case .assign(_, let x) = s.kind { found.append(Spot(document: w.trainDocument, expression: x)) }
        }
        for (d, k) in w.functions.values.sorted(by: { $0.0.name.text < $1.0.name.text }) {
            switch d.body {
            case .expression(let x): found.append(Spot(document: k, expression: x))
            case .block(let b):
                for s in b.statements {
                    switch s.kind {
                    case .expression(let x), .assign(_, let x), .returnValue(.some(let x)):
                        found.append(Spot(document: k, expression: x))
                    default: break
                    }
                }
            }
        }
        return found
    }

    private static func addHinge(_ e: Examination) -> [Change] {
        let w = e.wiring
        var edits: [TextEdit] = []
        for spot in lossExpressions(w) where edits.isEmpty {
            spot.expression.walk { x in
                guard edits.isEmpty, case .binary(.subtract, _, let right, let sign) = x.kind else { return }
                let factors = Wiring.factors(right)
                guard factors.contains(where: isComplement), let distance = factors.last(where: { !isWeight($0) })
                else {
                    return
                }
                var base = distance
                if case .binary(.power, let inner, _, _) = distance.kind { base = inner }
                edits = [
                    TextEdit(document: spot.document, start: sign.start, end: sign.end, replacement: "+"),
                    spot.with(distance).replaced(by: "relu(1 - \(w.text(spot.with(base))))^2"),
                ]
            }
        }
        if !edits.isEmpty { return [Change(label: "a hinge at margin 1 for different pairs", edits: edits)] }
        // A triplet's difference of distances with nothing that ends it.
        for spot in lossExpressions(w) where edits.isEmpty {
            guard case .call(let f, let arguments, _) = spot.expression.kind, case .name("mean") = f.kind,
                let inner = arguments.first?.value
            else { continue }
            if case .binary(.subtract, let l, let r, _) = inner.kind, isDistance(l, w), isDistance(r, w) {
                edits = [spot.with(inner).replaced(by: "relu(\(w.text(spot.with(inner))) + 0.2)")]
                continue
            }
            // `p - n + margin`, in place or under a name.
            let gap = w.followed(spot.with(inner))
            if case .binary(.add, let rest, _, _) = gap.expression.kind,
                case .binary(.subtract, let l, let r, _) = rest.kind, isDistance(l, w), isDistance(r, w)
            {
                edits = [spot.with(inner).replaced(by: "relu(\(w.text(spot.with(inner))))")]
                return [Change(label: "a hinge that ends the push at the margin", edits: edits)]
            }
        }
        return edits.isEmpty ? [] : [Change(label: "a hinge at margin 0.2", edits: edits)]
    }
    /// `1 - same`.
    private static func isComplement(_ e: Expression) -> Bool {
        if case .binary(.subtract, let one, _, _) = e.kind, case .number(1, _) = one.kind { return true }
        return false
    }
    private static func isWeight(_ e: Expression) -> Bool {
        if case .number = e.kind { return true }
        return isComplement(e)
    }
    private static func isDistance(_ e: Expression, _ w: Wiring) -> Bool {
        switch e.kind {
        case .name(let n): return !w.train.names.contains { $0.text == n }
        case .call(let f, _, _):
            guard case .name(let n) = f.kind else { return false }
            return w.functions[n] != nil || ["euclidean", "squared", "manhattan", "cosine", "sqrt", "sum"].contains(n)
        case .binary(.power, let inner, _, _): return isDistance(inner, w)
        default: return false
        }
    }

    static func guardRoots(_ e: Examination) -> [Change] {
        var edits: [TextEdit] = []
        for spot in lossExpressions(e.wiring) + e.wiring.forwards {
            spot.expression.walk { x in
                guard case .call(let f, let arguments, _) = x.kind else { return }
                if case .name("sqrt") = f.kind, let first = arguments.first, isBare(spot.with(first.value), e.wiring) {
                    edits.append(spot.with(first.value).inserting(" + 1e-12"))
                } else if case .field(let owner, let n) = f.kind, n.text == "sqrt", case .call = owner.kind {
                    let text = e.wiring.text(spot.with(owner))
                    edits.append(spot.with(owner).replaced(by: "(\(text) + 1e-12)"))
                } else if case .name("norm") = f.kind {
                    return
                }
            }
            spot.expression.walk { x in
                if case .binary(.power, let base, let exponent, _) = x.kind, case .number(0.5, _) = exponent.kind,
                    case .call = base.kind
                {
                    edits.append(spot.with(base).replaced(by: "(\(e.wiring.text(spot.with(base))) + 1e-12)"))
                }
            }
        }
        return edits.isEmpty ? [] : [Change(label: "the root kept 1e-12 away from 0", edits: edits)]
    }

    /// A radicand that nothing keeps from 0: a sum, and what is added to it, if anything, is 0 by its default.
    private static func isBare(_ spot: Spot, _ w: Wiring) -> Bool {
        switch spot.expression.kind {
        case .call: return true
        case .binary(.add, let inner, let added, _):
            guard case .call = inner.kind else { return false }
            if case .name(let name) = added.kind, let value = w.standardOfLayers(name) { return value == 0 }
            return w.number(spot.with(added))?.value == 0
        default: return false
        }
    }

    // MARK: Parameters

    /// Nets in what is minimized that the run does not train.
    private static func unseenNets(_ e: Examination) -> [String] {
        let w = e.wiring
        let nets = w.train.nets.map { w.text($0, w.trainDocument) }
        var found: [String] = []
        var all = w.losses.map(\.expression)
        for s in w.train.body.statements { if case .assign(_, let x) = s.kind { all.append(x) } }
        let parts = partlyTrained(w)
        for x in all {
            x.walk { y in
                guard case .call(let f, _, _) = y.kind, case .name(let n) = f.kind, !nets.contains(n) else { return }
                if parts.contains(n), !found.contains("the rest of \(n)") { found.append("the rest of \(n)") }
                guard
                    !parts.contains(n), !found.contains(n),
                    let made = w.values[n]
                else { return }
                let isPart = nets.contains { net in
                    var inside = false
                    w.values[net]?.expression.walk { if case .name(n) = $0.kind { inside = true } }
                    made.expression.walk { if case .name(net) = $0.kind { inside = true } }
                    return inside
                }
                let stages = w.stages(ofNet: Expression(.name(n), .none))
                if !isPart, stages.contains(where: { $0.name == "dense" || $0.name == "conv" }) { found.append(n) }
            }
        }
        return found
    }

    /// Nets of which the run trains a part by its name: `train model.head`.
    private static func partlyTrained(_ w: Wiring) -> [String] {
        w.train.nets.compactMap { net in
            if case .field(let owner, _) = net.kind, case .name(let n) = owner.kind { n } else { nil }
        }
    }

    private static func letTrain(_ e: Examination) -> [Change] {
        let w = e.wiring
        var changes: [Change] = []
        let parts = partlyTrained(w)
        if !parts.isEmpty, case let whole = unseenNets(e), whole.contains(where: { $0.hasPrefix("the rest of ") }) {
            let edits = w.train.nets.compactMap { net -> TextEdit? in
                guard case .field(let owner, _) = net.kind, case .name(let n) = owner.kind else { return nil }
                return Spot(document: w.trainDocument, expression: net).replaced(by: n)
            }
            changes.append(Change(label: "train \(parts.joined(separator: ", ")) as a whole", edits: edits))
        }
        let unseen = unseenNets(e).filter { !$0.hasPrefix("the rest of ") }
        if let last = w.train.nets.last, !unseen.isEmpty {
            let spot = Spot(document: w.trainDocument, expression: last)
            changes.append(
                Change(
                    label: "train \(unseen.joined(separator: ", ")) too",
                    edits: [spot.inserting(", " + unseen.joined(separator: ", "))]))
        }
        var edits: [TextEdit] = []
        for (s, k) in w.statements {
            if case .expression(let x) = s.kind, Spot(document: k, expression: x).call?.name == "freeze" {
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

    static func rate(of stage: Wiring.Stage, _ w: Wiring) -> Double? {
        guard stage.name == "dropout" else { return nil }
        guard let given = w.argument("rate", of: stage.spot) else { return 0.5 }
        return w.number(given)?.value
    }

    private static func dropoutBehind(_ w: Wiring) -> Wiring.Stage? {
        let stages = w.stages
        guard let last = stages.lastIndex(where: { $0.name == "dense" }) else { return nil }
        return stages[(last + 1)...].first { $0.name == "dropout" }
    }

    private static func moveDropout(_ e: Examination) -> [Change] {
        let w = e.wiring
        let stages = w.stages
        guard let stage = dropoutBehind(w), let last = stages.last(where: { $0.name == "dense" }) else { return [] }
        let removed = w.removing(stage)
        guard !removed.isEmpty else {
            let edits = w.setting("rate", of: stage.spot, to: "0")
            return edits.isEmpty ? [] : [Change(label: "dropout rate 0 behind the last dense", edits: edits)]
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
        changes.append(Change(label: "no dropout behind the last dense", edits: removed))
        return changes
    }
}
