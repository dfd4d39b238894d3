/// Nets that are measured and are not the ones that were trained, and measures that are taken for something else.
extension LintCheck {
    private static let shares: Set<String> = [
        "accuracy", "precision", "recall", "f1", "auc", "eer", "pair_accuracy", "recall_at", "precision_at", "map_at_r",
        "mrr", "few_shot",
    ]

    /// The statements of the file in which a name is given a value, trained, measured.
    private struct Uses {
        var made: [Int] = []
        var trained: [Int] = []
        var measured: [(index: Int, span: Span)] = []
        var other: [Int] = []
    }

    private func uses(of net: String, _ statements: [Statement]) -> Uses {
        var uses = Uses()
        for (k, s) in statements.enumerated() {
            if case .assign(let targets, let value) = s.kind, targets.count == 1, targets[0].kind == .name(net),
                isNet(value)
            {
                uses.made.append(k)
                continue
            }
            var (isTrained, places, count) = (false, [Span](), 0)
            s.walk { e in
                if e.kind == .name(net) { count += 1 }
                if case .train(let train) = e.kind, train.nets.contains(where: { $0.kind == .name(net) }) {
                    isTrained = true
                }
                guard let (name, given) = self.called(e), LintCheck.measures.contains(name) else { return }
                for a in given {
                    if a.value.kind == .name(net) { places.append(a.value.span) }
                    if let (applied, _) = self.applied(a.value), applied == net { places.append(a.value.span) }
                }
            }
            if isTrained {
                uses.trained.append(k)
            } else if let first = places.first, count == places.count {
                uses.measured.append((k, first))
            } else if count > 0 {
                uses.other.append(k)
            }
        }
        return uses
    }

    /// `net = tower(16)` once more behind the training, and then its measure: the trained net is gone.
    mutating func remade(_ statements: [Statement]) {
        let nets = Set(trains.flatMap(\.nets).compactMap { if case .name(let n) = $0.kind { n } else { nil } })
        for net in nets.sorted() {
            let uses = uses(of: net, statements)
            guard uses.made.count == 2, let first = uses.made.first, let again = uses.made.last,
                let train = uses.trained.last, first < train, train < again,
                let measure = uses.measured.first, measure.index > again,
                !uses.other.contains(where: { $0 > train }), case .assign(_, let value) = statements[again].kind
            else { continue }
            add(
                code: "net.remade", "\(net) is constructed again after its training: what is measured is untrained",
                at: [value.span, measure.span], repair: "leave this line out",
                edits: [.init(Place(source, statements[again].span), "")])
        }
    }

    /// `train net1 on ...` and `accuracy(net2, unseen)`: the one is trained, the other measured.
    mutating func untrained(_ statements: [Statement]) {
        guard trains.count == 1, let train = trains.first, train.nets.count == 1,
            case .name(let trained) = train.nets[0].kind
        else { return }
        let own = uses(of: trained, statements)
        guard own.made.count == 1, own.trained.count == 1, own.measured.isEmpty, own.other.isEmpty,
            readInside.isDisjoint(with: [trained])
        else { return }
        for (name, value) in values.sorted(by: { $0.key < $1.key }) where name != trained && isNet(value) {
            let other = uses(of: name, statements)
            guard other.made.count == 1, other.trained.isEmpty, other.other.isEmpty, let measure = other.measured.first,
                other.measured.count == 1, measure.index > own.trained[0], !readInside.contains(name),
                !LintCheck.names(in: value).contains(trained),
                LintCheck.names(in: train.body.statements).contains(trained),
                !LintCheck.names(in: train.body.statements).contains(name)
            else { continue }
            add(
                code: "net.untrained", "\(name) was never trained: the training was that of \(trained)",
                at: [measure.span])
        }
    }

    /// `acc > 95` of an accuracy, which goes from 0 to 1.
    mutating func percents(_ statements: [Statement]) {
        var hits: [(whole: Expression, name: String, number: Expression, x: Double)] = []
        var measured: [String: String] = [:]
        func look(_ list: [Statement]) {
            for s in list {
                switch s.kind {
                case .assign(let targets, let value) where targets.count == 1:
                    if case .name(let name) = targets[0].kind { learn(name, value) }
                case .report(let name, let value): learn(name.text, value)
                default: break
                }
                for part in s.parts { part.walk { for block in $0.blocks { look(block.statements) } } }
                for block in s.blocks { look(block.statements) }
            }
        }
        func learn(_ name: String, _ value: Expression) {
            if let (word, _) = self.called(value), LintCheck.shares.contains(word) {
                measured[name] = measured[name, default: word]
            } else {
                measured[name] = ""
            }
        }
        look(statements)
        for s in statements {
            s.walk { e in
                guard case .comparison(let sides, let signs, _) = e.kind, sides.count == 2,
                    signs == [.greater] || signs == [.greaterOrEqual], let x = sides[1].plainNumber, x >= 5, x <= 100
                else { return }
                var word = ""
                if case .name(let name) = sides[0].kind { word = measured[name] ?? "" }
                if let (called, _) = self.called(sides[0]), LintCheck.shares.contains(called) { word = called }
                if !word.isEmpty { hits.append((e, word, sides[1], x)) }
            }
        }
        for hit in hits {
            let share = formatNumber(hit.x / 100)
            add(
                code: "measure.share", "\(hit.name) goes from 0 to 1, so this never holds", at: [hit.whole.span],
                repair: "\(text(hit.number)) % are \(share)",
                edits: [.init(Place(source, hit.number.span), share)])
        }
    }

    /// `report test = cross_entropy(net(unseen.x), unseen.y)` in the body itself, where dropout is on.
    mutating func reportsInTraining(_ train: Train, _ nets: [String]) {
        let parts = Set(train.boundNames)
        for case .report(let name, let value) in train.body.statements.map(\.kind) {
            var hit: String?
            value.walk { e in
                guard let (net, to) = self.applied(e), nets.contains(net), let made = self.values[net],
                    LintCheck.names(in: to).isDisjoint(with: parts), case .field(let owner, let x) = to.kind,
                    x.text == "x", case .name = owner.kind
                else { return }
                made.walk { if let (word, _) = self.called($0), word == "dropout" { hit = net } }
            }
            guard let net = hit else { continue }
            let line = "every epoch { report \(name.text) = \(text(value)) }"
            add(
                code: "report.training", "in the body of train \(net) drops numbers at random, also for this report",
                at: [value.span],
                repair: "write  \(line)")
        }
    }

    private static let weights: Set<String> = ["w", "W", "b", "weights", "bias", "theta", "w1", "w2", "b1", "b2"]

    /// The name that fields and elements are taken of: `net` of `net.dense1.w`.
    private static func root(of e: Expression) -> String? {
        switch e.kind {
        case .name(let name): name
        case .field(let owner, _), .index(let owner, _): root(of: owner)
        default: nil
        }
    }

    /// `net.dense1.w = net.dense1.w + 0.1 * g.dense1.w`: against the slope it would go with a minus.
    mutating func ascents(_ statements: [Statement]) {
        let own = LintCheck.assigned(statements)
        var gradients: [String: String] = [:]
        for (name, given) in own {
            guard given.count == 1, let value = given[0], let (word, of) = called(value), word == "grad", of.count == 2,
                let loss = of.first?.value, case .name(let net) = of[1].value.kind
            else { continue }
            var e = loss
            if case .name(let l) = e.kind, let made = own[l], made.count == 1, let one = made[0] { e = one }
            if let (word, _) = called(e), LossNames.all.contains(word) { gradients[name] = net }
        }
        guard !gradients.isEmpty else { return }
        for s in statements {
            guard case .assign(let targets, let whole) = s.kind, targets.count == 1 else { continue }
            var value = whole
            // `w = track(w + 0.1 * g)`
            if let (word, given) = called(whole), word == "track", given.count == 1 { value = given[0].value }
            guard case .binary(.add, let old, let change, let sign) = value.kind, old == targets[0] else { continue }
            // What is put into a net may well be moved so that the loss grows; the weights of a net are not.
            let target = LintCheck.root(of: old)
            if case .field = old.kind {} else if !LintCheck.weights.contains(target ?? "") { continue }
            var factors = [change]
            var isOfGradient = false
            while let e = factors.popLast() {
                if case .binary(.multiply, let a, let b, _) = e.kind { factors += [a, b] }
                if let x = e.plainNumber, x < 0 { return }
                if let name = LintCheck.root(of: e), gradients[name] != nil, gradients[name] == target {
                    isOfGradient = true
                }
            }
            guard isOfGradient else { continue }
            let right = "\(text(old)) - \(text(change))"
            add(
                code: "grad.ascent", "with + the step goes up the slope, and the loss grows", at: [value.span],
                repair: right.utf8.count <= 70 && value == whole
                    ? "down the slope:  \(text(targets[0])) = \(right)" : "down the slope: write -",
                edits: [.init(Place(source, sign), "-")])
        }
    }
}
