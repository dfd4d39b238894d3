/// Hand-written losses of pairs and triplets, worked out for pairs near and far: one kind of pair that counts for nothing, pairs
/// that are moved the wrong way, a loss without a floor.
extension LintCheck {
    private static let near: [Double] = [0, 0.1, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 4, 10, 100, 1e3, 1e4]

    /// What a loss does as one distance grows.
    private struct Course {
        let values: [Double]
        var isFlat: Bool { values.allSatisfy { abs($0 - (values.first ?? 0)) < 1e-9 } }
        var rises: Bool { !isFlat && zip(values, values.dropFirst()).allSatisfy { $1 >= $0 - 1e-9 } }
        var falls: Bool { !isFlat && zip(values, values.dropFirst()).allSatisfy { $1 <= $0 + 1e-9 } }
        /// Whether it goes on falling however large the distance is.
        var hasNoFloor: Bool { values.count > 2 && (values.last ?? 0) < values[values.count - 3] - 10 }
    }

    mutating func ownLosses(_ minimized: [Expression], _ train: Train, _ local: [String: [Expression?]]) {
        guard minimized.count == 1, let loss = minimized.first, train.names.count == 3 else { return }
        var from = train.source
        if case .name(let name) = from.kind, let made = values[name] { from = made }
        guard let (sampler, given) = called(from), sampler == "pairs" || sampler == "triplets" else { return }
        let names = train.names.map(\.text)
        let isPairs = sampler == "pairs"
        if isPairs, given.contains(where: { $0.name?.text == "same" }) || given.count(where: { $0.name == nil }) > 2 {
            return
        }
        let setting = setting(of: train, local, Set(isPairs ? Array(names.prefix(2)) : names))
        if isPairs {
            ownPairs(loss, train, names, setting)
        } else {
            ownTriplets(loss, train, names, setting)
        }
    }

    /// What a trial of a loss of these parts has to know of the program.
    func setting(of train: Train, _ local: [String: [Expression?]], _ parts: Set<String>) -> LossTrial.Setting {
        let nets = Set(train.nets.compactMap { if case .name(let name) = $0.kind { name } else { nil } })
        let check = self
        return LossTrial.Setting(
            parts: parts, local: local, values: values, functions: functions,
            net: { name in
                if check.defined.contains(name), !check.layers.contains(name) { return nil }
                if let made = check.values[name], check.isNet(made) { return check.isBounded(made) }
                // One that a function made may end in anything.
                return nets.contains(name) ? true : nil
            })
    }

    /// Whether what a net gives is kept within bounds, or may be, as far as its text tells.
    private func isBounded(_ net: Expression) -> Bool {
        var last = net
        while case .compose(_, let end) = last.kind { last = end }
        guard let (word, _) = called(last) else { return true }
        return word != "dense"
    }

    private mutating func ownPairs(_ loss: Expression, _ train: Train, _ names: [String], _ setting: LossTrial.Setting)
    {
        let (a, b, same) = (names[0], names[1], names[2])
        var words: Set<String> = []
        var hasNoEnd = false
        func course(_ flag: Double) -> Course? {
            var all: [Double] = []
            for d in LintCheck.near {
                var trial = LossTrial(setting)
                trial.numbers[same] = flag
                trial.distances[[a, b]] = d
                guard let x = trial.value(loss) else { return nil }
                all.append(x)
                words.formUnion(trial.words)
                hasNoEnd = hasNoEnd || trial.isUnbounded
            }
            return Course(values: all)
        }
        guard let positive = course(1), let negative = course(0) else { return }
        let net = train.nets.first.map { text($0) } ?? "net"
        let usual = words == ["cosine"] ? "cosine_contrastive" : "contrastive"
        let whole = "minimize \(usual)(\(net)(\(a)), \(net)(\(b)), \(same))"
        if negative.isFlat, positive.rises {
            add(
                code: "loss.one_kind", "negative pairs add nothing to this loss, so nothing is pushed apart",
                at: [loss.span], notes: ["it is lowest where all embeddings are equal"],
                repair: "a loss of both kinds:  \(whole)")
        } else if positive.isFlat, negative.falls {
            add(
                code: "loss.one_kind", "positive pairs add nothing to this loss, so nothing is pulled together",
                at: [loss.span], notes: ["it is lowest where all embeddings are far apart"],
                repair: "a loss of both kinds:  \(whole)")
        } else if positive.falls || negative.rises {
            guard !isSaidOf(train.body.span) else { return }
            add(
                code: "train.turned",
                positive.falls
                    ? "this loss falls as positive pairs move apart: \(same) is 1 for a positive pair"
                    : "this loss falls as negative pairs come together: \(same) is 0 for a negative pair",
                at: [loss.span], repair: "the right way round:  \(whole)")
        } else if negative.hasNoFloor, hasNoEnd {
            add(
                code: "loss.unbounded",
                "this loss falls without end as negative pairs move apart, and outweighs the positive ones",
                at: [loss.span],
                repair: "one that ends at a margin:  \(whole)"
            )
        }
    }

    private mutating func ownTriplets(
        _ loss: Expression, _ train: Train, _ names: [String], _ setting: LossTrial.Setting
    ) {
        let (a, p, n) = (names[0], names[1], names[2])
        var hasNoEnd = false
        func course(_ moved: Set<String>) -> Course? {
            var all: [Double] = []
            for d in LintCheck.near {
                var trial = LossTrial(setting)
                trial.distances = [[a, p]: 1, [a, n]: 1, [p, n]: 1]
                trial.distances[moved] = d
                guard let x = trial.value(loss) else { return nil }
                all.append(x)
                hasNoEnd = hasNoEnd || trial.isUnbounded
            }
            return Course(values: all)
        }
        guard let positive = course([a, p]), let negative = course([a, n]), let other = course([p, n]), other.isFlat
        else {
            return
        }
        if negative.isFlat, positive.rises {
            add(
                code: "loss.one_kind", "\(n) adds nothing to this loss, so nothing is pushed apart", at: [loss.span],
                notes: ["it is lowest where all embeddings are equal"])
        } else if positive.isFlat, negative.falls {
            add(
                code: "loss.one_kind", "\(p) adds nothing to this loss, so nothing is pulled together",
                at: [loss.span], notes: ["it is lowest where all embeddings are far apart"])
        } else if positive.falls, negative.rises {
            // Names in each other's place are said of the names.
            guard !isSaidOf(train.body.span), Train.part(p) != "n", Train.part(n) != "p" else { return }
            add(
                code: "train.turned",
                "here \(p) is pushed away and \(n) is pulled near, although \(p) has the anchor's class",
                at: [loss.span], repair: "the distance to \(p), minus the distance to \(n)")
        } else if negative.hasNoFloor, hasNoEnd {
            var inner = loss
            if let (word, given) = called(inner), word == "mean", given.count == 1 { inner = given[0].value }
            let hinge = "relu(\(text(inner)))"
            let isWritten: Bool = if case .binary = inner.kind { true } else { false }
            add(
                code: "loss.unbounded",
                "without a hinge this loss falls without end as \(n) moves away, however near \(p) is",
                at: [loss.span], repair: isWritten ? "no less than 0 for each triplet:  \(hinge)" : nil,
                edits: isWritten && inner.span.start != loss.span.start ? [.init(Place(source, inner.span), hinge)] : []
            )
        }
    }

    /// Whether another rule has said something of what stands in the body of a run.
    private func isSaidOf(_ body: Span) -> Bool {
        if turnedLabels.contains(where: { $0.start >= body.start && $0.end <= body.end }) { return true }
        return found.contains { d in
            guard ["train.turned", "train.unlabelled", "labels.swapped"].contains(d.code) else { return false }
            return d.labels.contains { $0.place.span.start >= body.start && $0.place.span.end <= body.end }
        }
    }
}
