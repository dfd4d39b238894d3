/// Parts of a batch or of the data that are not what a program takes them for.
extension LintCheck {
    /// `contrastive(net(a), flatten(b), same)`: one side is an embedding, the other the picture itself.
    mutating func oneSided(_ loss: Expression, _ train: Train, _ nets: [String], _ local: [String: [Expression?]]) {
        guard let (sampler, _) = called(train.source), sampler == "pairs" || sampler == "triplets" else { return }
        // What the last of three says of a pair is no side of it.
        let isOfPairs = sampler == "pairs"
        let parts = Set(train.boundNames.prefix(isOfPairs ? 2 : 3))
        let plain: Set<String> = ["flatten", "l2norm", "reshape"]
        var hits: [(whole: Expression, side: Expression, part: String, net: String)] = []
        loss.walk { e in
            guard let (word, given) = self.called(e),
                isOfPairs ? LossNames.ofPairs.contains(word) : LossNames.ofTriplets.contains(word)
            else { return }
            let count = isOfPairs ? 2 : 3
            let sides = given.prefix(count).map { (written: $0.value, meant: self.followed($0.value, local)) }
            // Of two arguments the second is the class of each row.
            guard sides.count == count, !isOfPairs || given.count > 2,
                given.prefix(count).allSatisfy({ $0.name == nil })
            else { return }
            guard let (net, _) = sides.compactMap({ self.applied($0.meant) }).first(where: { nets.contains($0.net) })
            else { return }
            for (written, meant) in sides {
                var inner = meant
                while let (word, given) = self.called(inner), plain.contains(word), let first = given.first {
                    inner = self.followed(first.value, local)
                }
                guard case .name(let part) = inner.kind, parts.contains(part), local[part] == nil else { continue }
                hits.append((e, written, part, net))
            }
        }
        for (whole, side, part, net) in hits {
            let isSpan = side.span.start >= whole.span.start && side.span.end <= whole.span.end
            var right: String?
            if isSpan, case .name = side.kind, side.kind != .name(part) {
                right = nil
            } else if isSpan {
                right =
                    source.text(Span(whole.span.start, side.span.start)) + "\(net)(\(part))"
                    + source.text(Span(side.span.end, whole.span.end))
            }
            add(
                code: "loss.one_sided", "\(part) does not go through \(net): an embedding is compared with an input",
                at: [side.span], repair: right.map { "the same net on all sides:  \($0)" },
                edits: right == nil ? [] : [.init(Place(source, side.span), "\(net)(\(part))")])
        }
    }

    /// `a = d.sample(1000); b = d.sample(500)`: a net that is trained on the one and judged by the other, which shares rows.
    mutating func sampledTwice(_ learnt: Set<String>, _ judged: [String: Span]) {
        func drawn(_ name: String) -> (set: String, word: String)? {
            guard var value = values[name] else { return nil }
            var isSlice = false
            if case .index(let owner, let items) = value.kind, items.count == 1, case .range = items[0].kind {
                (value, isSlice) = (owner, true)
            }
            guard let (word, given) = called(value), word == "sample" && !isSlice || word == "shuffle" && isSlice,
                case .name(let set)? = given.first?.value.kind
            else { return nil }
            return (set, word)
        }
        for a in learnt.sorted() {
            guard let first = drawn(a) else { continue }
            if first.word == "sample", let span = judged[first.set], judged[a] == nil, !learnt.contains(first.set) {
                add(
                    code: "data.shared",
                    "\(a) is a part of \(first.set): the net is evaluated on its training data too",
                    at: [span], repair: "parts that share no row:  \(a), unseen = split(\(first.set), 0.8)")
            }
            for (b, span) in judged.sorted(by: { $0.key < $1.key }) where b != a && !learnt.contains(b) {
                guard let second = drawn(b), second == first else { continue }
                add(
                    code: "data.shared",
                    first.word == "sample"
                        ? "\(a) and \(b) are two samples of \(first.set): rows of the one are in the other"
                        : "\(a) and \(b) are parts of two orders of \(first.set): rows of the one are in the other",
                    at: [span], repair: "parts that share no row:  \(a), \(b) = split(\(first.set), 0.8)")
            }
        }
    }

    /// `train = idx(f); test = idx(f)`: two names of the very same examples.
    mutating func readTwice(_ learnt: Set<String>, _ judged: [String: Span]) {
        for a in learnt.sorted() {
            guard let first = values[a], let (word, _) = called(first),
                ["idx", "csv", "image_folder", "digits", "npz"].contains(word)
            else { continue }
            for (b, span) in judged.sorted(by: { $0.key < $1.key }) where b != a && !learnt.contains(b) {
                guard let second = values[b], second == first else { continue }
                add(
                    code: "data.shared",
                    "\(b) holds the very examples of \(a): the net is evaluated on its training data",
                    at: [span, second.span],
                    repair: word == "idx"
                        ? "the other part of the files is read by  part = \"test\""
                        : "parts that share no row:  \(a), \(b) = split(\(text(first)), 0.8)")
            }
        }
    }

    /// Two calls of split, each of which divides anew: a part of the first to learn from, another of the second to judge.
    mutating func splitTwice(_ statements: [Statement], _ learnt: Set<String>, _ judged: [String: Span]) {
        struct Part {
            let set: String
            let call: Span
            let index: Int
        }
        var parts: [String: Part] = [:]
        var seeds: [Int] = []
        for s in statements {
            if text(s).hasPrefix("seed") { seeds.append(s.span.start) }
            guard case .assign(let targets, let value) = s.kind else { continue }
            var made = value
            var place: Int?
            if case .index(let owner, let items) = value.kind, items.count == 1, let k = items[0].plainNumber {
                (made, place) = (owner, Int(k))
            }
            guard let (word, given) = called(made), word == "split", let set = given.first?.value else { continue }
            for (k, target) in targets.enumerated() {
                guard case .name(let name) = target.kind, targets.count > 1 || place != nil else { continue }
                parts[name] = Part(set: text(set), call: made.span, index: place ?? k)
            }
        }
        for a in learnt.sorted() {
            guard let first = parts[a] else { continue }
            for (b, span) in judged.sorted(by: { $0.key < $1.key }) where b != a && !learnt.contains(b) {
                guard let second = parts[b], second.set == first.set, !second.call.isSame(first.call),
                    second.index != first.index,
                    !seeds.contains(where: { $0 > min(first.call.start, second.call.start) })
                else { continue }
                add(
                    code: "data.shared", "each call of split draws anew: rows of \(b) are in \(a) too",
                    at: [span, second.call],
                    repair: "one split for both:  \(a), \(b) = split(\(first.set), 0.8)")
            }
        }
    }

    private func text(_ s: Statement) -> String { source.text(s.span) }

    /// `train net on batches(test_set, 64)`, judged by `train_set`: the parts by their names the wrong way round.
    mutating func turnedParts(_ learnt: Set<String>, _ statements: [Statement]) {
        var judged: Set<String> = []
        for s in statements {
            s.walk { e in
                guard let (name, given) = self.called(e), LintCheck.measures.contains(name) else { return }
                for a in given { judged.formUnion(LintCheck.names(in: a.value)) }
            }
        }
        func begins(_ name: String, _ words: [String]) -> Bool {
            words.contains { name == $0 || name.hasPrefix("\($0)_") }
        }
        func isHeld(_ name: String) -> Bool { begins(name, ["test", "unseen", "held", "valid", "val", "validation"]) }
        func isSeen(_ name: String) -> Bool { begins(name, ["train", "seen", "training"]) }
        guard let held = learnt.sorted().first(where: isHeld), !learnt.contains(where: isSeen),
            let seen = judged.sorted().first(where: isSeen), !judged.contains(where: isHeld),
            let train = trains.first(where: { LintCheck.names(in: $0.source).contains(held) }),
            trains.count == 1
        else { return }
        add(
            code: "data.turned", "the net is trained on \(held) and evaluated on \(seen)", at: [train.source.span],
            repair: "\(seen) is the part to learn from:  \(text(train.source).replacing(held, with: seen))")
    }

    /// `seen = scaler(seen)`, and nothing of the kind of the part that judges.
    mutating func scaledAlone(_ statements: [Statement], _ judged: [String: Span]) {
        var halves: [String: String] = [:]
        var scaled: [String: (scaler: Expression, span: Span)] = [:]
        var made: Set<String> = []
        for s in statements {
            guard case .assign(let targets, let value) = s.kind else { continue }
            let names = targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
            if names.count == 2, let (word, _) = called(value), word == "split" { halves[names[0]] = names[1] }
            guard names.count == 1, let name = names.first else { continue }
            made.insert(name)
            guard halves[name] != nil, case .call(let callee, let given, _) = value.kind, given.count == 1,
                given[0].value.kind == .name(name)
            else { continue }
            var scaler = callee
            if case .name(let maker) = callee.kind, let one = values[maker] { scaler = one }
            if let (word, _) = called(scaler), ["standardize", "normalize"].contains(word) {
                scaled[name] = (callee, value.span)
            }
        }
        for (first, one) in scaled.sorted(by: { $0.key < $1.key }) {
            guard let second = halves[first], let place = judged[second], !made.contains(second) else { continue }
            let isNamed = if case .name = one.scaler.kind { true } else { false }
            add(
                code: "scale.own", "\(first) is scaled and \(second) is not: the net is judged on another scale",
                at: [place],
                repair: isNamed
                    ? "the same scale for both:  \(second) = \(text(one.scaler))(\(second))"
                    : "the scale as the first stage of the net:  standardize(\(first)) >> dense(8)")
        }
    }

    /// `(d.x - mean(d.x)) / std(d.x)`: what it scales; nil for anything else.
    func scaledByHand(_ e: Expression) -> Expression? {
        guard case .binary(.divide, let top, let bottom, _) = e.kind,
            case .binary(.subtract, let x, let middle, _) = top.kind
        else { return nil }
        func isOf(_ e: Expression, _ words: Set<String>) -> Bool {
            var e = e
            if case .name(let name) = e.kind, let value = values[name] { e = value }
            guard let (word, given) = called(e), words.contains(word), let first = given.first else { return false }
            return first.value == x
        }
        if isOf(middle, ["mean"]), isOf(bottom, ["std"]) { return x }
        if case .binary(.add, let spread, let small, _) = bottom.kind, small.plainNumber != nil,
            isOf(middle, ["mean"]), isOf(spread, ["std"])
        {
            return x
        }
        if isOf(middle, ["min"]), case .binary(.subtract, let high, let low, _) = bottom.kind, isOf(high, ["max"]),
            isOf(low, ["min"])
        {
            return x
        }
        return nil
    }
}
