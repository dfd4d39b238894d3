import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// The stages of a net, one after another, through the functions, layers and names that it is made by.
extension TrainingModel {
    struct Stage {
        var name: String
        var spot: ExpressionReference
        /// The stage before and behind it in the same pipeline's text.
        var before: ExpressionReference?
        var behind: ExpressionReference?
    }

    /// The stages of a net, where the text tells.
    func stages(ofNet net: Expression) -> [Stage] {
        stages(ExpressionReference(document: trainDocument, expression: net), 0)
    }
    var stages: [Stage] {
        guard let first = train.nets.first else { return [] }
        return stages(ofNet: first)
    }

    private func stages(_ spot: ExpressionReference, _ depth: Int) -> [Stage] {
        guard depth < 10 else { return [] }
        switch spot.expression.kind {
        case .compose:
            var leaves: [ExpressionReference] = []
            func split(_ e: Expression) {
                if case .compose(let l, let r) = e.kind {
                    split(l)
                    split(r)
                } else {
                    leaves.append(spot.with(e))
                }
            }
            split(spot.expression)
            var all: [Stage] = []
            for (k, leaf) in leaves.enumerated() {
                var inner = stages(leaf, depth + 1)
                if inner.count == 1 {
                    if inner[0].spot.document == leaf.document {
                        inner[0].before = k > 0 ? leaves[k - 1] : nil
                        inner[0].behind = k + 1 < leaves.count ? leaves[k + 1] : nil
                    }
                }
                all += inner
            }
            return all
        case .name(let name):
            if case .spot(let given)? = spot.bound[name] { return stages(given, depth + 1) }
            if let value = values[name] { return stages(value.inside(spot), depth + 1) }
            if let d = layers[name] { return expanded(d, [], spot, depth) }
            return [Stage(name: name, spot: spot)]
        case .call(let f, let arguments, _):
            guard case .name(let name) = f.kind else { return [] }
            if name == "siamese" || name == "training" || name == "copy", let first = arguments.first {
                return stages(spot.with(first.value), depth + 1)
            }
            if let d = layers[name] { return expanded(d, arguments, spot, depth) }
            if let (d, k) = functions[name], let made = d.result {
                let bound = self.bound(d.parameters, arguments, spot, document: k)
                let inner = stages(ExpressionReference(document: k, expression: made, bound: bound), depth + 1)
                if inner.count > 1 { return inner }
            }
            return [Stage(name: name, spot: spot)]
        case .lambda: return [Stage(name: "fn", spot: spot)]
        default: return []
        }
    }

    /// What a call gives the parameters of what it calls.
    private func bound(
        _ parameters: [SiamLanguage.Parameter], _ arguments: [Argument], _ caller: ExpressionReference, document: Int
    ) -> [String: ExpressionReference.Bound] {
        var bound: [String: ExpressionReference.Bound] = [:]
        let positional = arguments.filter { $0.name == nil }
        for (k, p) in parameters.enumerated() {
            if let named = arguments.first(where: { $0.name?.text == p.name.text }) {
                bound[p.name.text] = .spot(caller.with(named.value))
            } else if k < positional.count {
                bound[p.name.text] = .spot(caller.with(positional[k].value))
            } else if let defaultValue = p.defaultValue {
                bound[p.name.text] = .spot(
                    ExpressionReference(document: document, expression: defaultValue, bound: bound))
            }
        }
        return bound
    }

    private func expanded(
        _ d: (LayerDefinition, Int), _ arguments: [Argument], _ caller: ExpressionReference, _ depth: Int
    ) -> [Stage] {
        let bound = self.bound(d.0.parameters, arguments, caller, document: d.1)
        switch d.0.form {
        case .pipeline(let e): return stages(ExpressionReference(document: d.1, expression: e, bound: bound), depth + 1)
        case .members(let members):
            let chain = Forward(members).stages
            if chain.count > 1 {
                return chain.flatMap {
                    stages(ExpressionReference(document: d.1, expression: $0, bound: bound), depth + 1)
                }
            }
            // A tower inside a layer of the user's.
            for member in members {
                if case .part(_, let e) = member, case .compose = e.kind {
                    return stages(ExpressionReference(document: d.1, expression: e, bound: bound), depth + 1)
                }
            }
            return [Stage(name: d.0.name.text, spot: caller)]
        }
    }

    /// Edits that take a stage out of its pipeline.
    func removing(_ stage: Stage) -> [TextEdit] {
        let own = stage.spot.expression.span
        if let before = stage.before {
            return [
                TextEdit(
                    document: stage.spot.document, start: before.expression.span.end, end: own.end, replacement: "")
            ]
        }
        if let behind = stage.behind {
            return [
                TextEdit(
                    document: stage.spot.document, start: own.start, end: behind.expression.span.start, replacement: "")
            ]
        }
        return []
    }
}
