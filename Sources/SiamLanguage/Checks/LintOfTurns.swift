/// Distances that are taken for the opposite: a large one for a pair of one class.
extension LintCheck {
    /// `mean((d > 0.5) == same)`: a large distance is taken for a pair of one class.
    mutating func turnedDecision(_ statements: [Statement], same: String, _ local: [String: [Expression?]]) {
        var hits: [(whole: Expression, turned: String)] = []
        var scores: [(whole: Expression, word: String, distance: String)] = []
        for s in statements {
            s.walk { e in
                if let (word, given) = self.called(e),
                    ["accuracy", "f1", "precision", "recall", "confusion"].contains(word),
                    given.count == 2, given[1].value.kind == .name(same),
                    case .comparison(let inner, let sign, _) = self.followed(given[0].value, local).kind,
                    inner.count == 2,
                    sign == [.greater] || sign == [.greaterOrEqual], self.distance(inner[0], local) != nil,
                    self.distance(inner[1], local) == nil
                {
                    hits.append(
                        (self.followed(given[0].value, local), "\(self.text(inner[0])) < \(self.text(inner[1]))"))
                }
                if let (word, given) = self.called(e), word == "roc" || word == "pr", given.count == 2,
                    given[1].value.kind == .name(same), self.distance(given[0].value, local) != nil
                {
                    scores.append((e, word, self.text(given[0].value)))
                }
                guard case .comparison(let sides, let signs, _) = e.kind, signs == [.equal], sides.count == 2 else {
                    return
                }
                for (one, other) in [(sides[0], sides[1]), (sides[1], sides[0])] where other.kind == .name(same) {
                    guard case .comparison(let inner, let sign, _) = self.followed(one, local).kind, inner.count == 2,
                        sign == [.greater] || sign == [.greaterOrEqual], self.distance(inner[0], local) != nil,
                        self.distance(inner[1], local) == nil
                    else { continue }
                    hits.append((self.followed(one, local), "\(self.text(inner[0])) < \(self.text(inner[1]))"))
                }
            }
        }
        for (whole, word, distance) in scores {
            add(
                code: "decision.turned",
                "\(word) takes scores that are large where \(same) is 1, and this is a distance",
                at: [whole.span], repair: "use its negative:  \(word)(-\(distance), \(same))")
        }
        for (whole, turned) in hits {
            let written = text(whole)
            let right = written.hasPrefix("(") && written.hasSuffix(")") ? "(\(turned))" : turned
            add(
                code: "decision.turned", "\(same) is 1 for a pair of one class, whose distance is small",
                at: [whole.span], repair: "a small distance means the same class:  \(turned)",
                edits: [.init(Place(source, whole.span), right)])
        }
    }

    /// The same of `a, b, same = pairs(d, 200).next()`, and of a loop over pairs.
    mutating func turnedDecisions(_ statements: [Statement]) {
        for (k, s) in statements.enumerated() {
            switch s.kind {
            case .assign(let targets, let value):
                guard targets.count == 3, case .name(let same) = targets[2].kind,
                    case .call(let callee, _, _) = value.kind, case .field(let owner, let next) = callee.kind,
                    next.text == "next"
                else { continue }
                var drawn = owner
                if case .name(let name) = owner.kind, let made = values[name] { drawn = made }
                guard called(drawn)?.name == "pairs" else { continue }
                turnedDecision(Array(statements[(k + 1)...]), same: same, [:])
            case .forIn(let names, let from, let block):
                guard names.count == 3, called(from)?.name == "pairs" else { continue }
                turnedDecision(block.statements, same: names[2].text, LintCheck.assigned(block.statements))
            default: break
            }
        }
    }

    /// `hinge(cosine(u, v), 2 * same - 1)`: hinge makes large what is to be 1.
    mutating func hingedDistance(
        _ e: Expression, _ given: [Argument], same: String, _ local: [String: [Expression?]]
    ) {
        guard LintCheck.names(in: given[1].value).contains(same), let (word, sides) = distance(given[0].value, local),
            case let target = followed(given[1].value, local), target.kind == .name(same) || isSigned(target, same)
        else { return }
        let both = sides.joined(separator: ", ")
        let right =
            word == "cosine"
            ? "hinge(1 - cosine(\(both)), 2 * \(same) - 1)" : "contrastive(\(both), \(same))"
        add(
            code: "train.turned",
            "hinge makes this large where \(same) is 1, and it is a distance: pairs of one class are moved apart",
            at: [given[0].value.span],
            repair: word == "cosine" ? "of the similarity:  \(right)" : "of the embeddings:  \(right)",
            edits: [.init(Place(source, e.span), right)])
    }

    /// `2 * same - 1`.
    private func isSigned(_ e: Expression, _ same: String) -> Bool {
        guard case .binary(.subtract, let double, let one, _) = e.kind, one.plainNumber == 1,
            case .binary(.multiply, let a, let b, _) = double.kind
        else { return false }
        return a.plainNumber == 2 && b.kind == .name(same) || b.plainNumber == 2 && a.kind == .name(same)
    }
}
