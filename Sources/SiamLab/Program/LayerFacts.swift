import SiamLanguage
import SiamRuntime

/// What the text of the program's own layers and loops shows of parameters that learn nothing.
extension TrainingModel {
    /// A parameter that a layer of the program declares and that its forward never uses; and the edit that adds it to the
    /// output, where it is one number a unit, as a bias is.
    struct UnusedParameter {
        let layer: String
        let name: String
        let edit: TextEdit?
    }
    var unusedParameters: [UnusedParameter] {
        layers.values.flatMap { definition, document -> [UnusedParameter] in
            guard case .members(let members) = definition.form else { return [] }
            var read = Set<String>()
            var output: Expression?
            func look(_ e: Expression) { e.walk { if case .name(let n) = $0.kind { read.insert(n) } } }
            for m in members {
                switch m {
                case .parameter(_, let shape, let initial), .state(_, let shape, let initial):
                    for e in shape + [initial] { look(e) }
                case .part(_, let value): look(value)
                case .forward(_, let body):
                    body.walk { if case .name(let n) = $0.kind { read.insert(n) } }
                    switch body {
                    case .expression(let e): output = e
                    case .block(let block):
                        if case .expression(let e)? = block.statements.last?.kind { output = e }
                    }
                }
            }
            return members.compactMap { m in
                guard case .parameter(let name, let shape, _) = m, !read.contains(name.text) else { return nil }
                let edit =
                    shape.count == 1
                    ? output.map {
                        ExpressionReference(document: document, expression: $0).inserting(" + \(name.text)")
                    } : nil
                return UnusedParameter(layer: definition.name.text, name: name.text, edit: edit)
            }
        }.sorted { ($0.layer, $0.name) < ($1.layer, $1.name) }
    }

    /// The name of the net, where the training stands in a loop that constructs it anew in each round and keeps nothing of a
    /// round: no score, no net.
    var remadeInLoop: String? {
        guard trainIndex >= 0, !isOneOfSeveral, train.nets.count == 1, case .name(let net)? = train.nets.first?.kind,
            let first = train.body.statements.first
        else { return nil }
        for (s, k) in statements where k == trainDocument {
            guard case .forIn(_, _, let block) = s.kind, s.span.start <= first.span.start, first.span.end <= s.span.end
            else { continue }
            var isMade = false
            for inner in block.statements {
                switch inner.kind {
                case .assign(let targets, let value):
                    let names = targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
                    var trains = false
                    value.walk { if case .train = $0.kind { trains = true } }
                    if inner.span.end <= first.span.start, names == [net] {
                        isMade = true
                    } else if !trains, inner.span.start >= first.span.end || targets.count != names.count {
                        return nil
                    }
                case .expression(let e):
                    // Rounds with seeds of their own are repetitions.
                    if case .call(let f, _, _) = e.kind, case .name("seed") = f.kind { return nil }
                    guard case .conditional(_, let then, let other) = e.kind else { continue }
                    for s in then.statements + (other?.statements ?? []) {
                        if case .assign = s.kind { return nil }
                    }
                default: continue
                }
            }
            if isMade { return net }
        }
        return nil
    }
}
