/// Rows that a net is both trained on and judged by, and scales that are taken of what they are to be blind to.
extension LintCheck {
    static let measures: Set<String> = [
        "accuracy", "precision", "recall", "f1", "auc", "eer", "pair_accuracy", "recall_at", "precision_at", "map_at_r",
        "mrr", "few_shot", "confusion", "r2", "rmse", "mae", "one_shot",
    ]

    mutating func rows(_ statements: [Statement]) {
        var judged: [String: Span] = [:]
        for s in statements {
            s.walk { e in
                guard let (name, given) = self.called(e), LintCheck.measures.contains(name) else { return }
                for a in given {
                    if case .name(let data) = a.value.kind { judged[data] = judged[data] ?? a.value.span }
                    if case .field(let owner, _) = a.value.kind, case .name(let data) = owner.kind {
                        judged[data] = judged[data] ?? a.value.span
                    }
                }
            }
        }
        let learnt = trains.reduce(into: Set<String>()) { $0.formUnion(LintCheck.names(in: $1.source)) }
        overlaps(learnt, Set(judged.keys))
        sampledTwice(learnt, judged)
        readTwice(learnt, judged)
        scaledAlone(statements, judged)
        splitTwice(statements, learnt, judged)
        turnedParts(learnt, statements)
        shuffledApart(statements)
        orderedApart(statements)
        trainingMode(statements)
        remade(statements)
        untrained(statements)
        percents(statements)
        scaledInTrainingAlone(statements)
        halves(statements, learnt, judged)
        classifiers(statements)
        unjudged(statements, learnt, judged)
    }

    private struct Slice {
        let base: String
        let low: Double
        let high: Double
        let span: Span
        let highText: String
    }

    private func slice(_ name: String) -> Slice? {
        guard let value = values[name], case .index(let owner, let indices) = value.kind, indices.count == 1,
            case .name(let base) = owner.kind, case .range(let low, let high) = indices[0].kind
        else { return nil }
        let (a, b) = (low.flatMap(\.plainNumber), high.flatMap(\.plainNumber))
        guard low == nil || a != nil, high == nil || b != nil, (a ?? 0) >= 0, (b ?? 0) >= 0 else { return nil }
        return Slice(
            base: base, low: a ?? 0, high: b ?? .infinity, span: value.span, highText: high.map { text($0) } ?? "")
    }

    /// `d[0..1400]` to learn from, `d[1000..1797]` to be judged by.
    private mutating func overlaps(_ learnt: Set<String>, _ judged: Set<String>) {
        for a in learnt.sorted() {
            guard let seen = slice(a) else { continue }
            for b in judged.sorted() where b != a && !learnt.contains(b) {
                guard let held = slice(b), held.base == seen.base, held.low < seen.high, seen.low < held.high else {
                    continue
                }
                let (low, high) = (max(held.low, seen.low), min(held.high, seen.high))
                let shared = high.isFinite ? "\(formatNumber(high - low)) rows" : "rows from \(formatNumber(low)) on"
                add(
                    code: "data.shared",
                    "\(shared) of \(b) are rows of \(a) too: the net is evaluated on its training data",
                    at: [held.span, seen.span],
                    repair: held.high > seen.high
                        ? "rows of its own:  \(b) = \(held.base)[\(formatNumber(seen.high))..\(held.highText)]"
                        : "parts that share no row:  \(a), \(b) = split(\(held.base), 0.8)")
            }
        }
    }

    /// `seen, unseen = split(d, 0.8)`, then a net trained on `unseen` and judged by it; both halves scaled each by itself.
    private mutating func halves(_ statements: [Statement], _ learnt: Set<String>, _ judged: [String: Span]) {
        var scaled: [String: Span] = [:]
        for s in statements {
            s.walk { e in
                guard case .call(let outer, let given, _) = e.kind, given.count == 1,
                    let (name, own) = self.called(outer), name == "standardize" || name == "normalize",
                    own.count == 1, own[0].value == given[0].value
                else { return }
                var data = given[0].value
                if case .field(let owner, _) = data.kind { data = owner }
                if case .name(let n) = data.kind { scaled[n] = scaled[n] ?? e.span }
            }
        }
        for s in statements {
            guard case .assign(let targets, let value) = s.kind, targets.count == 2,
                let (word, given) = called(value), word == "split", case .name(let first) = targets[0].kind,
                case .name(let second) = targets[1].kind
            else { continue }
            if let span = scaled[second], scaled[first] != nil {
                let whole = source.text(span)
                let mended = whole.split(separator: "(", maxSplits: 2).map(String.init)
                add(
                    code: "scale.own", "\(second) is scaled by its own statistics, and \(first) by others", at: [span],
                    notes: ["held-out data must be scaled with the statistics of the training data"],
                    repair: mended.count == 3
                        ? "use those of \(first):  \(mended[0])(\(mended[1].replacing(second, with: first))(\(mended[2])"
                        : nil)
            }
            // The whole is learnt from, and a part of it judges.
            if let whole = given.first?.value, case .name(let all) = whole.kind, learnt.contains(all),
                !learnt.contains(first), !learnt.contains(second), judged[second] != nil, judged[first] == nil,
                values[all] != nil, let train = trains.first(where: { LintCheck.names(in: $0.source).contains(all) })
            {
                add(
                    code: "data.shared", "\(second) is a part of \(all), and the net is trained on all of it",
                    at: [train.source.span],
                    repair: "\(first) is the part to learn from:  \(text(train.source).replacing(all, with: first))")
            }
            // `split(digits(), 0.8)`, and batches of `digits()`.
            if let whole = given.first?.value, case .call(_, let inner, _) = whole.kind, inner.isEmpty,
                !learnt.contains(first), !learnt.contains(second), judged[second] != nil, judged[first] == nil,
                let train = trains.first(where: { t in
                    self.called(t.source).map { $0.given.first?.value == whole } ?? false
                })
            {
                add(
                    code: "data.shared",
                    "\(second) is a part of \(text(whole)), and the net is trained on all of it",
                    at: [train.source.span],
                    repair:
                        "\(first) is the part to learn from:  \(text(train.source).replacing(text(whole), with: first))"
                )
            }
            let named: Set<String> = ["unseen", "test", "held", "held_out", "valid", "validation", "val"]
            guard named.contains(second), learnt.contains(second), !learnt.contains(first), judged[second] != nil,
                let train = trains.first(where: { LintCheck.names(in: $0.source).contains(second) })
            else { continue }
            add(
                code: "data.shared", "\(second) is used both for training and for evaluation",
                at: [train.source.span],
                repair: "\(first) is the part to learn from:  \(text(train.source).replacing(second, with: first))")
        }
    }

    /// `auc(net, d)` of a net that was trained to tell classes: it asks for distances between its scores.
    private mutating func classifiers(_ statements: [Statement]) {
        var hits: [(Span, String, String)] = []
        for s in statements {
            s.walk { e in
                guard case .call(let callee, let given, _) = e.kind, callee.kind == .name("auc"),
                    !self.defined.contains("auc"), given.count == 2, given.allSatisfy({ $0.name == nil }),
                    case .name(let net) = given[0].value.kind, case .name(let data) = given[1].value.kind
                else { return }
                let own = self.trains.filter { $0.nets.contains { $0.kind == .name(net) } }
                let tellsClasses = own.allSatisfy { train in
                    train.body.statements.contains { s in
                        guard case .minimize(let loss) = s.kind, let (name, arguments) = self.called(loss),
                            name == "cross_entropy", let first = arguments.first
                        else { return false }
                        return self.applied(first.value)?.net == net
                    }
                }
                if !own.isEmpty, tellsClasses { hits.append((e.span, net, data)) }
            }
        }
        for (span, net, data) in hits {
            add(
                code: "auc.classes",
                "auc of a net measures distances of pairs, and \(net) was trained as a classifier", at: [span],
                repair: "use accuracy:  accuracy(\(net), \(data))")
        }
    }
}
