/// What one `train` statement says and hardly means: a loss that is turned round, labels that nothing reads, a net that no step
/// keeps.
extension LintCheck {
    mutating func train(_ train: Train) {
        let local = LintCheck.assigned(train.body.statements)
        var minimized: [Expression] = []
        var doubled: Expression?
        func look(_ statements: [Statement]) {
            for s in statements {
                if case .minimize(let e) = s.kind {
                    if statements.count(where: { $0.kind == s.kind }) > 1 { doubled = e }
                    minimized.append(e)
                }
                if case .every = s.kind { continue }
                for block in s.innerBlocks { look(block.statements) }
            }
        }
        look(train.body.statements)
        // A name that is given another value between the two says two things.
        if let doubled, LintCheck.names(in: doubled).allSatisfy({ (local[$0]?.count ?? 0) <= 1 }) {
            add(
                code: "train.twice", "\(text(doubled)) is minimized twice, so it counts twice", at: [doubled.span],
                repair: "one minimize is enough:  minimize \(text(doubled))")
        }
        let nets = train.nets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
        if !minimized.isEmpty { unlabelled(train) }
        for net in nets { if let made = values[net] { linear(made) } }
        for loss in minimized {
            let meant = LintCheck.followed(loss, local)
            turnedRound(loss, meant, train, nets)
            oneKind(meant, train)
            viewsOfAll(meant, train)
            picked(meant, train, nets, local)
            madeInside(meant, train, local)
            appliedAtOnce(meant, train, local)
            ownTriplet(meant, train, local)
            doubts(meant, train, nets, local)
            oneSided(meant, train, nets, local)
            sizedClasses(meant, train)
        }
        ownLosses(minimized, train, local)
        unread(train, minimized)
        scaledByOthers(train)
        if let (sampler, _) = called(train.source), sampler == "pairs", train.boundNames.count == 3 {
            turnedDecision(train.body.statements, same: train.boundNames[2], local)
        }
        for s in train.body.statements { s.walk { self.scaledTwice($0, of: train) } }
        tooRare(train)
        loop(train.body.statements)
        settings(train, local)
        reportsInTraining(train, nets)
    }

    /// `lr = 0.0001` in a body: a name of the body's own, which no optimizer sees.
    private mutating func settings(_ train: Train, _ local: [String: [Expression?]]) {
        for name in ["lr", "learning_rate", "rate", "momentum", "decay"] where local[name] != nil {
            let field = name == "learning_rate" || name == "rate" ? "lr" : name
            var isRead = readInside.contains(name)
            var place: Span?
            var value = ""
            func look(_ statements: [Statement]) {
                for s in statements {
                    var isOwn = false
                    if case .assign(let targets, let e) = s.kind, targets.count == 1, targets[0].kind == .name(name) {
                        place = targets[0].span
                        value = text(e, name, as: "run.optimizer.\(field)")
                        isOwn = true
                    }
                    // `lr = lr * 0.9` reads it for itself alone.
                    for part in s.parts { read(part, isOwn: isOwn) }
                    for block in s.blocks { look(block.statements) }
                }
            }
            func read(_ e: Expression, isOwn: Bool) {
                if e.kind == .name(name), !isOwn { isRead = true }
                for part in e.parts { read(part, isOwn: isOwn) }
                for block in e.blocks { look(block.statements) }
            }
            look(train.body.statements)
            guard !isRead, let place else { continue }
            add(
                code: "train.setting", "\(name) is a name of this body, and the optimizer does not see it",
                at: [place], repair: "a setting of the run's optimizer:  run.optimizer.\(field) = \(value)")
        }
    }

    /// An expression with another name in the place of one of its names.
    private func text(_ e: Expression, _ name: String, as other: String) -> String {
        var places: [Span] = []
        e.walk { if $0.kind == .name(name) { places.append($0.span) } }
        var written = ""
        var at = e.span.start
        for place in places.sorted(by: { $0.start < $1.start }) where place.start >= at {
            written += source.text(Span(at, place.start)) + other
            at = place.end
        }
        return written + source.text(Span(at, e.span.end))
    }

    /// What a minimized name was given in the body.
    private static func followed(_ e: Expression, _ local: [String: [Expression?]]) -> Expression {
        guard case .name(let name) = e.kind, let given = local[name], given.count == 1, let value = given[0] else {
            return e
        }
        return value
    }

    // MARK: The loss

    /// `minimize -contrastive(net(a), net(b), same)`: what a loss is to bring down grows.
    private mutating func turnedRound(_ written: Expression, _ loss: Expression, _ train: Train, _ nets: [String]) {
        var inner: Expression
        switch loss.kind {
        case .unary(.minus, let e): inner = e
        case .binary(.subtract, let zero, let e, _) where zero.plainNumber == 0: inner = e
        case .binary(.multiply, let a, let b, _) where (a.plainNumber ?? 0) < 0: inner = b
        case .binary(.multiply, let a, let b, _) where (b.plainNumber ?? 0) < 0: inner = a
        default: return
        }
        if let (name, given) = called(inner), name == "mean", given.count == 1 { inner = given[0].value }
        guard let (name, given) = called(inner) else { return }
        let parts = Set(train.boundNames)
        // A net that is trained against another minimizes what the other makes of it: that may well be turned.
        let isOfNet = given.contains { a in
            applied(a.value).map { nets.contains($0.net) && !LintCheck.names(in: $0.to).isDisjoint(with: parts) }
                ?? false
        }
        guard
            LossNames.ofPairs.union(LossNames.ofTriplets).union(LossNames.ofBatches).union(LossNames.ofTargets)
                .contains(name), isOfNet
        else { return }
        add(
            code: "train.turned", "the minus reverses \(name): the value it should reduce grows without bound",
            at: [loss.span], repair: "without the minus:  \(text(inner))",
            edits: [.init(Place(source, loss.span), text(inner))])
        _ = written
    }

    /// `pairs(...) as a, b, same` whose body never looks at `same`; triplets without their negative.
    private mutating func unlabelled(_ train: Train) {
        guard case .call(let callee, let given, _) = train.source.kind, case .name(let sampler) = callee.kind,
            sampler == "pairs" || sampler == "triplets", !defined.contains(sampler)
        else { return }
        let names = train.boundNames
        guard names.count == 3, !names[2].hasPrefix("_"), !readInside.contains(names[2]) else { return }
        let read = LintCheck.names(in: train.body.statements)
        guard read.contains(names[0]), read.contains(names[1]), !read.contains(names[2]),
            read.isDisjoint(with: LossNames.ofViews)
        else { return }
        let isPairs = sampler == "pairs"
        if isPairs, given.contains(where: { $0.name?.text == "same" }) || given.count(where: { $0.name == nil }) > 2 {
            return
        }
        // Without a comparison of the two, labels have nothing to say.
        var compares = false
        for s in train.body.statements {
            s.walk { e in
                guard case .call(let callee, let arguments, _) = e.kind else { return }
                if case .name(let net) = callee.kind, train.nets.contains(where: { $0.kind == .name(net) }),
                    arguments.count == 1
                {
                    let inside = LintCheck.names(in: arguments[0].value)
                    if inside.contains(names[1]), inside.contains(names[0]) == false { compares = true }
                }
            }
        }
        guard compares else { return }
        let asName = train.names.count == 3 ? train.names[2].span : train.source.span
        let net = train.nets.first.map { text($0) } ?? "net"
        add(
            code: "train.unlabelled",
            isPairs
                ? "\(names[2]) says which pairs are positive, and nothing here uses it"
                : "\(names[2]) is the negative, and nothing here uses it",
            at: [asName], notes: ["without it the loss is lowest where all embeddings are equal"],
            repair: isPairs
                ? "a loss with the labels:  minimize contrastive(\(net)(\(names[0])), \(net)(\(names[1])), \(names[2]))"
                : "a loss of all three:  minimize triplet(\(net)(\(names[0])), \(net)(\(names[1])), \(net)(\(names[2])))"
        )
    }

    /// `pairs(d, 32, same = 1)` under a loss that wants both kinds.
    private mutating func oneKind(_ loss: Expression, _ train: Train) {
        guard let (name, given) = called(loss), LossNames.ofPairs.contains(name), given.count > 2,
            let (sampler, arguments) = called(train.source), sampler == "pairs",
            let share = arguments.first(where: { $0.name?.text == "same" })?.value,
            let x = share.plainNumber, x == 0 || x == 1
        else { return }
        add(
            code: "pairs.one_kind",
            x == 1
                ? "all pairs are positive, so nothing is pushed apart: all embeddings may become equal"
                : "no pair is positive, so nothing is pulled together",
            at: [share.span], notes: ["same is the share of positive pairs"],
            repair: "half of each kind:  same = 0.5", edits: [.init(Place(source, share.span), "0.5")])
    }

    /// A loss that pulls every pair together, on pairs half of which differ.
    private mutating func viewsOfAll(_ loss: Expression, _ train: Train) {
        guard let (name, given) = called(loss), LossNames.ofViews.contains(name), given.count >= 2,
            let (sampler, arguments) = called(train.source), sampler == "pairs",
            !arguments.contains(where: { $0.name?.text == "same" }),
            arguments.count(where: { $0.name == nil }) == 2, train.boundNames.count == 3,
            !LintCheck.names(in: loss).contains(train.boundNames[2])
        else { return }
        let written = arguments.map { text($0.value) }
        add(
            code: "train.unlabelled", "\(name) treats every pair as positive, and half of these are negative",
            at: [train.source.span], repair: "positive pairs only:  pairs(\(written[0]), \(written[1]), same = 1)")
    }

    /// `net(x)[y]`, `log_softmax(net(x))[.., y]`: rows or columns by the numbers of y, and not each row's own class.
    private mutating func picked(
        _ loss: Expression, _ train: Train, _ nets: [String], _ local: [String: [Expression?]]
    ) {
        guard train.boundNames.count == 2, train.partNames?.last == "y" else { return }
        let label = train.boundNames[1]
        var hits: [(whole: Expression, scores: Expression)] = []
        loss.walk { e in
            guard case .index(let owner, let indices) = e.kind, let last = indices.last, last.kind == .name(label)
            else { return }
            guard indices.count == 1 || (indices.count == 2 && indices[0].kind == .range(nil, nil)) else { return }
            var scores: Expression?
            var made = LintCheck.followed(owner, local)
            // `z = net(x)`, then `p = softmax(z)`.
            for _ in 0..<3 {
                guard let (word, given) = called(made), ["softmax", "log_softmax", "log", "exp"].contains(word),
                    let first = given.first
                else { break }
                made = LintCheck.followed(first.value, local)
            }
            made.walk { inner in
                if let (net, to) = self.applied(inner), nets.contains(net),
                    LintCheck.names(in: to).contains(train.boundNames[0])
                {
                    scores = inner
                }
            }
            if let scores { hits.append((e, scores)) }
        }
        for (whole, scores) in hits {
            let rows = text(whole).contains("..") ? "columns" : "rows"
            add(
                code: "loss.picked",
                "[\(label)] takes whole \(rows) by the numbers of \(label), and not each row's own class",
                at: [whole.span], repair: "of scores and class numbers:  cross_entropy(\(text(scores)), \(label))")
        }
    }

    /// `relu(d(a, n) - d(a, p) + margin)` over triplets a, p, n: what differs is pulled together.
    private mutating func ownTriplet(_ loss: Expression, _ train: Train, _ local: [String: [Expression?]]) {
        guard let (sampler, _) = called(train.source), sampler == "triplets", train.boundNames.count == 3 else {
            return
        }
        let (p, n) = (train.boundNames[1], train.boundNames[2])
        func parts(_ e: Expression) -> Set<String> { LintCheck.names(in: LintCheck.followed(e, local)) }
        var hit: (Expression, String)?
        loss.walk { e in
            guard let (name, given) = self.called(e), name == "relu", let inner = given.first?.value,
                case .binary(.add, let difference, let margin, _) = inner.kind,
                case .binary(.subtract, let near, let far, _) = difference.kind
            else { return }
            let (first, second) = (parts(near), parts(far))
            guard first.contains(n), !first.contains(p), second.contains(p), !second.contains(n) else { return }
            hit = (inner, "\(self.text(far)) - \(self.text(near)) + \(self.text(margin))")
        }
        guard let (inner, turned) = hit else { return }
        add(
            code: "train.turned",
            "here \(p) is pushed away and \(n) is pulled near, although \(p) has the anchor's class",
            at: [inner.span], repair: "in the other order:  \(turned)",
            edits: [.init(Place(source, inner.span), turned)])
    }

    // MARK: Nets and lengths

    /// A net with weights, as the text makes it.
    func isNet(_ e: Expression) -> Bool {
        switch e.kind {
        case .compose(let left, let right): return isNet(left) || isNet(right)
        case .call(let callee, _, _):
            guard case .name(let name) = callee.kind else { return false }
            return layers.contains(name)
                || ((LayerNames.withWeights.contains(name) || LayerNames.losses.contains(name))
                    && !defined.contains(name))
        default: return false
        }
    }

    /// `every 10 epochs` of a run of 2.
    private mutating func tooRare(_ train: Train) {
        guard let length = train.length.flatMap(\.plainNumber), length >= 1 else { return }
        for s in train.body.statements {
            guard case .every(let count?, let unit, _) = s.kind, unit == train.unit,
                let n = count.plainNumber, n > length
            else { continue }
            let (a, b) = (formatNumber(n), formatNumber(length))
            let word = unit == .epochs ? "epoch" : "step"
            add(
                code: "train.never",
                "every \(a) \(word)s never happens in a run of \(b) \(word)\(length == 1 ? "" : "s")",
                at: [count.span],
                repair: unit == .epochs
                    ? "every epoch { ... }" : "every \(formatNumber((length / 2).rounded(.up))) steps { ... }")
        }
    }
}
