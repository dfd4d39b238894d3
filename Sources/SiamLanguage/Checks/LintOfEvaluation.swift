/// Measures of a net in another state, or of rows in another form, than what it was trained with.
extension LintCheck {
    /// `accuracy(training(net)(x), y)`: a measure with dropout on.
    mutating func trainingMode(_ statements: [Statement]) {
        var hits: [(span: Span, net: String, why: String)] = []
        func look(_ e: Expression, _ depth: Int = 0) {
            if depth < 3, case .name(let name) = e.kind, let value = values[name] { return look(value, depth + 1) }
            guard case .call(let callee, _, _) = e.kind, let (word, given) = called(callee), word == "training",
                given.count == 1, case .name(let net) = given[0].value.kind, let made = values[net],
                let why = modes(of: made)
            else { return }
            hits.append((callee.span, net, why))
        }
        for s in statements {
            s.walk { e in
                guard let (name, given) = self.called(e), LintCheck.measures.contains(name) else { return }
                for a in given { look(a.value) }
            }
        }
        for (span, net, why) in hits {
            add(
                code: "measure.training", "training(\(net)) \(why) in this measure", at: [span],
                repair: "a net by itself does not:  \(net)", edits: [.init(Place(source, span), net)])
        }
    }

    /// What a net does in training mode alone; nil where it is the same net.
    private func modes(of net: Expression) -> String? {
        var (drops, norms) = (false, false)
        net.walk { e in
            guard let (word, _) = self.called(e) else { return }
            if word == "dropout" { drops = true }
            if word == "batchnorm" { norms = true }
        }
        return drops ? "drops numbers at random" : norms ? "scales by the batch" : nil
    }

    /// `x = (seen.x - mean(seen.x)) / std(seen.x)`, a net that is trained on x, and `accuracy(net, unseen)`.
    mutating func scaledInTrainingAlone(_ statements: [Statement]) {
        var halves: [String: String] = [:]
        var scaled: [String: (set: String, span: Span)] = [:]
        var isOther: Set<String> = []
        for s in statements {
            guard case .assign(let targets, let value) = s.kind else { continue }
            let names = targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
            if names.count == 2, let (word, _) = called(value), word == "split" { halves[names[0]] = names[1] }
            if names.isEmpty { targets.forEach { isOther.formUnion(LintCheck.names(in: $0)) } }
            guard names.count == 1, let name = names.first else { continue }
            if halves.values.contains(name) { isOther.insert(name) }
            if let x = scaledByHand(value), case .field(let owner, let field) = x.kind, field.text == "x",
                case .name(let set) = owner.kind, name != set
            {
                scaled[name] = (set, value.span)
            }
        }
        for train in trains {
            guard let (word, given) = called(train.source), word == "batches",
                case .name(let rows)? = given.first?.value.kind, let one = scaled[rows],
                let other = halves[one.set], !isOther.contains(other)
            else { continue }
            let nets = Set(train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } })
            // A net that scales by itself is another matter.
            guard
                nets.allSatisfy({ net in
                    guard let made = values[net] else { return false }
                    return LintCheck.names(in: made).isDisjoint(with: ["standardize", "normalize", "batchnorm"])
                })
            else { continue }
            var places: [Span] = []
            for s in statements {
                s.walk { e in
                    guard let (name, given) = self.called(e), LintCheck.measures.contains(name) else { return }
                    var isOfNet = false
                    for a in given {
                        if case .name(let n) = a.value.kind, nets.contains(n) { isOfNet = true }
                        if let (net, to) = self.applied(a.value), nets.contains(net),
                            case .field(let owner, let x) = to.kind, owner.kind == .name(other), x.text == "x"
                        {
                            places.append(to.span)
                        }
                    }
                    if isOfNet, let data = given.first(where: { $0.value.kind == .name(other) }) {
                        places.append(data.value.span)
                    }
                }
            }
            guard let place = places.first else { continue }
            add(
                code: "scale.own",
                "\(rows) is scaled, and \(other) is measured as it is: the net is judged on another scale",
                at: [place, one.span],
                repair:
                    "the scale as the first stage of the net, and no line for \(rows):  standardize(\(one.set)) >> ...")
        }
    }
}
