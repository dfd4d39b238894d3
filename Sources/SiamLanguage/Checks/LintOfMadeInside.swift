/// Nets that the body of a run makes anew at each step.
extension LintCheck {
    /// `m = flatten >> dense(8)` in the body: each step makes another net.
    mutating func madeInside(_ loss: Expression, _ train: Train, _ local: [String: [Expression?]]) {
        for (name, given) in local {
            guard given.count == 1, let made = given[0], isNet(made) else { continue }
            var isUsed = false
            loss.walk { e in
                if case .call(let callee, _, _) = e.kind, callee.kind == .name(name) { isUsed = true }
            }
            guard isUsed else { continue }
            add(
                code: "train.inside", "\(name) is constructed again at every step, so it is never trained",
                at: [made.span],
                repair:
                    "before train, once:  \(name) = \(text(made)),  then  train \(trained(with: name, train)) on ..."
            )
        }
    }

    /// What a run trains, with a net that it leaves out; a loss with weights is trained beside the net.
    private func trained(with name: String, _ train: Train) -> String {
        let isLoss = values[name].flatMap { called($0)?.name }.map(LayerNames.losses.contains) ?? false
        return isLoss ? (train.nets.map { text($0) } + [name]).joined(separator: ", ") : name
    }

    /// `cross_entropy(dense(10)(net(x)), y)`: a head that is made where it is applied has new weights at each step.
    mutating func appliedAtOnce(_ loss: Expression, _ train: Train, _ local: [String: [Expression?]]) {
        var hits: [(call: Expression, made: Expression)] = []
        func look(_ e: Expression, _ depth: Int) {
            e.walk { inner in
                if depth < 4, case .name(let name) = inner.kind, let given = local[name], given.count == 1,
                    let value = given[0]
                {
                    look(value, depth + 1)
                }
                guard case .call(let callee, let given, _) = inner.kind, !given.isEmpty, self.isNet(callee) else {
                    return
                }
                hits.append((inner, callee))
            }
        }
        look(loss, 0)
        for (call, made) in hits {
            var word = ""
            if case .call(let maker, _, _) = made.kind, case .name(let name) = maker.kind { word = name }
            let name = LayerNames.losses.contains(word) ? "loss" : "head"
            // What gives one and the same tower on both sides is another fault.
            guard !layers.contains(word), values[name] == nil, local[name] == nil, !train.boundNames.contains(name),
                case let nets = train.nets.map({ text($0) }), !nets.isEmpty
            else { continue }
            let right = "\(name)\(source.text(Span(made.span.end, call.span.end)).trimmed)"
            add(
                code: "train.inside", "\(text(made)) is constructed again at every step, so it is never trained",
                at: [made.span],
                repair:
                    "before train, once:  \(name) = \(text(made)),  then  train \((nets + [name]).joined(separator: ", ")) on ...,  and here  \(right)"
            )
        }
    }
}
