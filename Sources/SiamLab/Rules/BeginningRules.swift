import SiamInterpreter
import SiamLanguage
import SiamRuntime

extension Rule {
    /// Faults of how the weights begin.
    static var beginnings: [Rule] {
        [
            Rule(
                13, "symmetric initialisation", seen: "The loss does not change, or all units compute the same value.",
                why:
                    "Units with equal initial weights get equal gradients in every step, so they never become different. If all weights are zero, the gradient is exactly 0.",
                repair: "initialise the weights with glorot",
                picture: { .bars([("this net", $0.evidence.unitCosine), ("healthy", 0.1)]) },
                firstSymptom: { "before the first step, in \($0.evidence.alikeStage)" },
                sign: { e in
                    guard e.evidence.unitCosine > 0.99 else { return nil }
                    return
                        "the units of \(e.evidence.alikeStage) have nearly equal initial weights: mean |cosine| \(short(e.evidence.unitCosine)), healthy about 0.1"
                }, changes: glorot,
                // Where nothing else than equal units was there to begin with, and little was learnt.
                isConclusive: { !$0.isGood && $0.unitCosine > 0.9999 && !$0.isWithoutEmbedding }),
            Rule(
                14, "initialisation too small", seen: "The loss is flat for many steps, then may drop.",
                why:
                    "Activations shrink from layer to layer, and gradients with them. The steps of plain SGD are as small as its gradients; Adam rescales them and is hardly affected.",
                repair: "initialise the weights with glorot",
                picture: { .bars([("weights", $0.evidence.smallestWeightScale), ("Glorot", 1)]) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    guard e.evidence.smallestWeightScale < 0.15, e.evidence.unitCosine <= 0.99 else { return nil }
                    // Steps that do not shrink with the gradients mind only a start that is next to nothing.
                    if e.wiring.optimizerKind?.scalesSteps == true, e.reachOfMargin >= 0.01 { return nil }
                    return
                        "initial weights have \(short(e.evidence.smallestWeightScale)) times Glorot's standard deviation, and initial distances are \(short(e.reachOfMargin)) times the margin"
                }, changes: glorot),
            Rule(
                15, "initialisation too large",
                seen: "The initial loss is huge, or units are saturated and their weights hardly change.",
                why:
                    "Initial embeddings are much farther apart than the margin, where only the positive-pair term has a gradient. Saturated units have a gradient of nearly zero.",
                repair: "initialise the weights with glorot", traits: [.namesScale],
                picture: { .bars([("weights", $0.evidence.weightScale), ("Glorot or He", 1)]) },
                firstSymptom: FirstSymptom.start,
                sign: { e in
                    guard e.evidence.weightScale > 3,
                        e.evidence.isJudgedByTask || e.reachOfMargin > 3 || e.evidence.saturated > 0.5
                    else {
                        return nil
                    }
                    return
                        "initial weights have \(short(e.evidence.weightScale)) times the standard deviation of Glorot or He, and initial distances are \(short(e.reachOfMargin)) times the margin"
                }, changes: glorot),
        ]
    }

    /// All initialisers that are written out become Glorot's.
    private static func glorot(_ e: Examination) -> [Change] {
        let w = e.wiring
        var edits: [TextEdit] = []
        for stage in w.stages {
            guard let given = w.argument("init", of: stage.spot) else { continue }
            let at = w.followed(given)
            if w.text(at) != "glorot" {
                // A parameter's default or an argument of the constructor, where that is where it was written.
                edits.append(at.replaced(by: "glorot"))
            }
        }
        for (d, k) in w.layers.values {
            guard case .members(let members) = d.form else { continue }
            for m in members {
                guard case .parameter(_, let shape, let initial) = m, shape.count >= 2 else { continue }
                let at = ExpressionReference(document: k, expression: initial)
                if case .name(let n) = initial.kind, d.parameters.contains(where: { $0.name.text == n }) {
                    if let defaultValue = d.parameters.first(where: { $0.name.text == n })?.defaultValue {
                        edits.append(ExpressionReference(document: k, expression: defaultValue).replaced(by: "glorot"))
                    }
                } else if w.text(at) != "glorot" {
                    edits.append(at.replaced(by: "glorot"))
                }
            }
        }
        guard edits.isEmpty else { return [Change(label: "weights initialised with glorot", edits: edits)] }
        // Weights that are variables of the program.
        for net in w.train.nets {
            guard case .name(let variable) = net.kind, var start = w.starts[variable] else { continue }
            if let (name, arguments) = start.call, name == "track", let inner = arguments.first {
                start = start.with(inner.value)
            }
            // What a function of the program makes, it makes for all of them.
            if let (name, _) = start.call, let (d, k) = w.functions[name] {
                d.body.walk { x in
                    guard case .call(let f, let arguments, _) = x.kind, case .name(let called) = f.kind,
                        ["zeros", "ones"].contains(called), arguments.count == 2
                    else { return }
                    let both = arguments.map { w.text($0.value, k) }
                    edits.append(
                        ExpressionReference(document: k, expression: x)
                            .replaced(by: "(randn(\(both[0]), \(both[1])) / sqrt(\(both[0])))"))
                }
                continue
            }
            var shape: [String] = []
            start.expression.walk { x in
                guard case .call(let f, let arguments, _) = x.kind, case .name(let name) = f.kind,
                    ["zeros", "ones", "randn", "rand"].contains(name)
                else { return }
                shape = arguments.filter { $0.name == nil }.map { w.text(start.with($0.value)) }
            }
            guard shape.count == 2 else { continue }
            edits.append(start.replaced(by: "(randn(\(shape[0]), \(shape[1])) / sqrt(\(shape[0])))"))
        }
        return edits.isEmpty
            ? [] : [Change(label: "random weights with Glorot's standard deviation", edits: unique(edits))]
    }
}
