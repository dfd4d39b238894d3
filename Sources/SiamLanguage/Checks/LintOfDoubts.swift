/// Programs that run and learn the wrong thing: a distance where a score is wanted, a hinge that is turned, a sum or a softmax over
/// the examples of the batch, a logarithm without its minus.
extension LintCheck {
    private static let distances: Set<String> = ["euclidean", "cosine", "manhattan", "squared"]

    mutating func doubts(_ loss: Expression, _ train: Train, _ nets: [String], _ local: [String: [Expression?]]) {
        let names = train.boundNames
        var sampler = ""
        if case .call(let callee, _, _) = train.source.kind, case .name(let name) = callee.kind, !defined.contains(name)
        {
            sampler = name
        }
        var parts: [Expression] = []
        func gather(_ e: Expression, _ depth: Int) {
            e.walk { inner in
                parts.append(inner)
                if depth < 4, case .name(let name) = inner.kind, let given = local[name], given.count == 1,
                    let v = given[0]
                {
                    gather(v, depth + 1)
                }
            }
        }
        gather(loss, 0)
        let isTurned = sampler == "pairs" && names.count == 3 && similarity(loss, parts, train, local)
        for part in parts {
            if sampler == "pairs", names.count == 3, !isTurned {
                scoredDistance(part, same: names[2], local)
                turnedHinge(part, same: names[2], local)
                squaredDistance(part, same: names[2], local)
                if parts.contains(where: { $0.kind == .name(names[2]) }) { summedPairs(part, names, local) }
            }
            if sampler == "pairs" || sampler == "triplets" {
                let check = self
                hinge(part) { check.distance($0, local) != nil }
            }
            softmaxOfBatch(part, names, nets)
            weighted(part)
        }
        unsigned(loss, parts)
        if !isTurned { similar(loss, local) }
    }

    /// `minimize mean(1 - cosine(u, v))`: cosine is the distance itself.
    private mutating func similar(_ loss: Expression, _ local: [String: [Expression?]]) {
        var inner = followed(loss, local)
        if let (word, given) = called(inner), word == "mean" || word == "sum", given.count == 1 {
            inner = followed(given[0].value, local)
        }
        guard case .binary(.subtract, let one, let score, _) = inner.kind, one.plainNumber == 1,
            let (word, sides) = distance(score, local), word == "cosine"
        else { return }
        add(
            code: "train.turned",
            "cosine is a distance, 0 for equal directions: this is the similarity, and minimizing it moves the two apart",
            at: [inner.span], repair: "to draw them together:  mean(cosine(\(sides.joined(separator: ", "))))")
    }

    /// What a name was given once, in the body or in the file.
    func followed(_ e: Expression, _ local: [String: [Expression?]]) -> Expression {
        var e = e
        for _ in 0..<4 {
            guard case .name(let name) = e.kind else { return e }
            if let given = local[name] {
                guard given.count == 1, let value = given[0] else { return e }
                e = value
            } else if let value = values[name] {
                e = value
            } else {
                return e
            }
        }
        return e
    }

    /// The two sides of a distance, each with its function: `euclidean(net(a), net(b))`, or a siamese net of both inputs.
    func distance(_ e: Expression, _ local: [String: [Expression?]]) -> (word: String, sides: [String])? {
        let made = followed(e, local)
        guard case .call(let callee, let given, _) = made.kind, given.count == 2, given.allSatisfy({ $0.name == nil }),
            case .name(let name) = callee.kind, !defined.contains(name)
        else { return nil }
        if LintCheck.distances.contains(name) { return (name, given.map { text($0.value) }) }
        guard let net = values[name], net.isSiameseOfDistances else { return nil }
        return ("euclidean", given.map { "\(name).tower(\(text($0.value)))" })
    }

    /// `bce(sigmoid(euclidean(u, v)), same)`, `mse(cosine(u, v), same)`: a larger distance is to mean "same".
    private mutating func scoredDistance(_ e: Expression, same: String, _ local: [String: [Expression?]]) {
        guard let (loss, given) = called(e), ["bce", "bce_with_logits", "mse", "mae", "huber", "hinge"].contains(loss),
            given.count >= 2, given[0].name == nil
        else { return }
        if loss == "hinge" { return hingedDistance(e, given, same: same, local) }
        guard given[1].value.kind == .name(same) else { return }
        var score = followed(given[0].value, local)
        if case .index(let inner, _) = score.kind { score = followed(inner, local) }
        var isSquashed = loss == "bce_with_logits"
        // Made to go from 0 to 1 by numbers alone, it keeps its order.
        while case .binary(let op, let a, let b, _) = score.kind, op == .add || op == .divide || op == .multiply {
            guard let x = b.plainNumber, x > 0 else { break }
            score = followed(a, local)
            isSquashed = true
        }
        if let (word, inner) = called(score), word == "sigmoid", inner.count == 1 {
            score = inner[0].value
            isSquashed = true
        }
        guard loss != "bce" || isSquashed, let (word, sides) = distance(score, local) else { return }
        let right =
            word == "cosine"
            ? "cosine_contrastive(\(sides[0]), \(sides[1]), \(same))" : "contrastive(\(sides[0]), \(sides[1]), \(same))"
        add(
            code: "train.turned",
            "\(loss) draws this to 1 where \(same) is 1, and it is a distance: pairs of one class are moved apart",
            at: [given[0].value.span], repair: "of the embeddings:  \(right)",
            edits: [.init(Place(source, e.span), right)])
    }

    /// `(cosine(u, v) - same)^2`: the same as `mse` of a distance and `same`.
    private mutating func squaredDistance(_ e: Expression, same: String, _ local: [String: [Expression?]]) {
        guard case .binary(.power, let base, let two, _) = e.kind, two.plainNumber == 2,
            case .binary(.subtract, let a, let b, _) = followed(base, local).kind
        else { return }
        for (score, flag) in [(a, b), (b, a)] where flag.kind == .name(same) {
            guard let (word, sides) = distance(score, local) else { continue }
            let right = word == "cosine" ? "cosine_contrastive" : "contrastive"
            add(
                code: "train.turned",
                "this draws a distance to 1 where \(same) is 1: pairs of one class are moved apart", at: [e.span],
                repair: "of the embeddings:  \(right)(\(sides.joined(separator: ", ")), \(same))")
        }
    }

    /// `(1 - same) * relu(d - 1)^2`: different pairs beyond the margin are pulled to it, and those below it are left alone.
    private mutating func turnedHinge(_ e: Expression, same: String, _ local: [String: [Expression?]]) {
        guard case .binary(.multiply, let a, let b, _) = e.kind else { return }
        for (flag, other) in [(a, b), (b, a)] {
            guard case .binary(.subtract, let one, let name, _) = followed(flag, local).kind, one.plainNumber == 1,
                name.kind == .name(same)
            else { continue }
            var hinge = followed(other, local)
            if case .binary(.power, let base, _, _) = hinge.kind { hinge = followed(base, local) }
            guard let (word, given) = called(hinge) else { continue }
            let inner: Expression?
            switch (word, given.count) {
            case ("relu", 1): inner = given[0].value
            case ("max", 2), ("maximum", 2):
                inner = given.first { $0.value.plainNumber != 0 }?.value
                if !given.contains(where: { $0.value.plainNumber == 0 }) { continue }
            default: continue
            }
            guard let inner, case .binary(.subtract, let d, let margin, _) = inner.kind, distance(d, local) != nil,
                distance(margin, local) == nil
            else { continue }
            let right = "\(text(margin)) - \(text(d))"
            add(
                code: "train.turned",
                "this pulls different pairs together down to the margin, and leaves those below it where they are",
                at: [inner.span], repair: "to push them apart up to the margin:  \(right)",
                edits: [.init(Place(source, inner.span), right)])
        }
    }

    /// `sum((net(a) - net(b))^2, axis = 0)`: one number for each width, summed over the pairs.
    private mutating func summedPairs(_ e: Expression, _ names: [String], _ local: [String: [Expression?]]) {
        if let (word, given) = called(e), word == "norm", given.count == 1,
            case .binary(.subtract, let l, let r, _) = followed(given[0].value, local).kind,
            let a = applied(followed(l, local)), let b = applied(followed(r, local)),
            a.to.kind == .name(names[0]), b.to.kind == .name(names[1])
        {
            let right = "norm(\(text(given[0].value)), axis = -1)"
            add(
                code: "loss.axis", "norm without an axis is one number for all pairs together", at: [e.span],
                repair: "one for each pair:  \(right)", edits: [.init(Place(source, e.span), right)])
            return
        }
        guard let (word, given) = called(e), word == "sum" || word == "mean", given.count == 2,
            given[1].name?.text ?? "axis" == "axis", given[1].value.plainNumber == 0
        else { return }
        var inner = followed(given[0].value, local)
        switch inner.kind {
        case .binary(.power, let base, _, _): inner = followed(base, local)
        case .call:
            guard let (word, of) = called(inner), ["square", "abs"].contains(word), of.count == 1 else { return }
            inner = followed(of[0].value, local)
        default: return
        }
        guard case .binary(.subtract, let l, let r, _) = inner.kind,
            let a = applied(followed(l, local)), let b = applied(followed(r, local)),
            a.to.kind == .name(names[0]), b.to.kind == .name(names[1])
        else { return }
        let axis = given[1].value.span
        add(
            code: "loss.axis",
            "axis 0 counts the pairs: this \(word) is one number for each width, and not one for each pair",
            at: [e.span], repair: "over the width of each pair:  axis = -1", edits: [.init(Place(source, axis), "-1")])
    }

    /// `softmax(net(x), axis = 0)`: the examples of the batch against one another.
    private mutating func softmaxOfBatch(_ e: Expression, _ names: [String], _ nets: [String]) {
        guard let (word, given) = called(e), word == "softmax" || word == "log_softmax", given.count == 2,
            given[1].name?.text ?? "axis" == "axis", given[1].value.plainNumber == 0,
            let (net, to) = applied(given[0].value),
            nets.contains(net), case .name(let part) = to.kind, names.contains(part)
        else { return }
        add(
            code: "loss.axis", "along axis 0 \(word) compares the examples of the batch, and not the scores of each",
            at: [e.span], repair: "over the scores of each example:  axis = 1",
            edits: [.init(Place(source, given[1].value.span), "1")])
    }

    /// `contrastive(u, v, same, 0.5, 2)`: the fifth is one weight for each pair, and a number weighs nothing.
    private mutating func weighted(_ e: Expression) {
        guard let (loss, given) = called(e), LossNames.ofPairs.contains(loss) else { return }
        let fifth = given.count > 4 && given.prefix(5).allSatisfy { $0.name == nil } ? given[4].value : nil
        guard let weight = given.first(where: { $0.name?.text == "weights" })?.value ?? fifth, weight.plainNumber != nil
        else { return }
        add(
            code: "loss.weights",
            "weights are one number for each pair, and \(text(weight)) for all of them changes nothing",
            at: [weight.span], repair: "a factor of the whole loss stands before it:  \(text(weight)) * \(loss)(...)")
    }

    /// `mean(sum(log(softmax(net(x))) * one_hot(y, 10), axis = 1))`: the probability of the right class is made small.
    private mutating func unsigned(_ loss: Expression, _ parts: [Expression]) {
        var (hasLogarithm, hasClasses) = (false, false)
        for part in parts {
            switch part.kind {
            case .unary(.minus, _), .binary(.subtract, _, _, _), .binary(.divide, _, _, _), .conditional: return
            case .number(let x, _) where x < 0: return
            default: break
            }
            guard let (word, given) = called(part) else { continue }
            switch word {
            case "log_softmax": hasLogarithm = true
            case "log":
                if let inner = given.first, let (of, _) = called(inner.value), of == "softmax" { hasLogarithm = true }
            case "one_hot": hasClasses = true
            case "mean", "sum", "softmax": break
            default:
                // What another function makes of it may well turn the sign.
                if defined.contains(word) || LossNames.all.contains(word) { return }
            }
        }
        guard hasLogarithm, hasClasses, case .call = loss.kind else { return }
        add(
            code: "train.turned",
            "this is the log-probability of the right class, and minimizing it makes the class unlikely",
            at: [loss.span], repair: "with a minus:  -\(text(loss))",
            edits: [.init(Place(source, loss.span), "-\(text(loss))")])
    }

    // MARK: Data

    /// Whether numbers come from a data set that a reader of siam scaled to 0..1.
    private func isScaled(_ name: String, _ depth: Int = 0) -> Bool {
        guard depth < 4 else { return false }
        func isReader(_ e: Expression) -> Bool {
            if case .index(let owner, _) = e.kind {
                if case .name(let name) = owner.kind { return isScaled(name, depth + 1) }
                return isReader(owner)
            }
            guard let (word, given) = called(e) else { return false }
            if ["digits", "idx", "image_folder", "glyphs"].contains(word) { return true }
            let keeps: Set<String> = ["split", "split_classes", "sample", "where", "shuffle", "balance"]
            if keeps.contains(word), let first = given.first?.value {
                if case .name(let name) = first.kind { return isScaled(name, depth + 1) }
                return isReader(first)
            }
            return false
        }
        if let value = values[name] {
            if case .name(let other) = value.kind { return isScaled(other, depth + 1) }
            return isReader(value)
        }
        for list in lists {
            for case .assign(let targets, let value) in list.map(\.kind)
            where targets.count > 1 && targets.contains(where: { $0.kind == .name(name) }) && isReader(value) {
                return true
            }
        }
        return false
    }

    /// `x / 255` of pictures whose numbers go from 0 to 1 already.
    mutating func scaledTwice(_ e: Expression, of train: Train?) {
        guard case .binary(.divide, let x, let n, _) = e.kind, n.plainNumber == 255 else { return }
        var set: String?
        switch x.kind {
        case .field(let owner, let field) where field.text == "x": if case .name(let name) = owner.kind { set = name }
        case .name(let name):
            guard let train, train.boundNames.contains(name), train.boundNames.last != name,
                case .call(_, let given, _) = train.source.kind, case .name(let source)? = given.first?.value.kind
            else { return }
            set = source
        default: return
        }
        guard let set, isScaled(set) else { return }
        add(
            code: "data.scaled", "the pictures of \(set) have numbers from 0 to 1 already", at: [e.span],
            repair: "as they are:  \(text(x))", edits: [.init(Place(source, e.span), text(x))])
    }

    /// `net = standardize(held) >> ...` of a net that is trained on the other part of the same split.
    mutating func scaledByOthers(_ train: Train) {
        guard case .call(_, let given, _) = train.source.kind, case .name(let used)? = given.first?.value.kind else {
            return
        }
        var parts: [String] = []
        var whole: (name: String, call: Span)?
        for list in lists {
            for case .assign(let targets, let value) in list.map(\.kind) where targets.count > 1 {
                guard let (word, given) = called(value), word == "split" else { continue }
                let names = targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
                guard names.contains(used) else { continue }
                parts = names
                if case .name(let set)? = given.first?.value.kind { whole = (set, value.span) }
            }
        }
        for case .name(let net) in train.nets.map(\.kind) {
            guard let made = values[net] else { continue }
            var scalers: [(call: Expression, set: Expression)] = []
            made.walk { e in
                guard let (word, given) = self.called(e), ["standardize", "normalize"].contains(word), given.count == 1
                else { return }
                scalers.append((e, given[0].value))
            }
            // `s = standardize(d)`, and s as a stage.
            var first = made
            while case .compose(let head, _) = first.kind { first = head }
            if case .name(let name) = first.kind, let value = values[name], let (word, given) = called(value),
                ["standardize", "normalize"].contains(word), given.count == 1
            {
                scalers.append((value, given[0].value))
            }
            for (_, set) in scalers {
                if let whole, set.kind == .name(whole.name) || isPart(set, of: whole.name) {
                    add(
                        code: "scale.held",
                        "the scale is computed from all of \(whole.name), the part that is held back included",
                        at: [set.span],
                        repair: set.span.start > whole.call.end
                            ? "from the training part alone:  \(used)"
                            : "write it below the split, from the training part alone:  \(used)",
                        edits: set.span.start > whole.call.end && set.kind == .name(whole.name)
                            ? [.init(Place(source, set.span), used)] : [])
                    continue
                }
                guard case .name(let other) = set.kind, other != used, parts.contains(other) else { continue }
                add(
                    code: "scale.own", "the scale is that of \(other), and the net is trained on \(used)",
                    at: [set.span], repair: "the scale of what it is trained on:  \(used)",
                    edits: [.init(Place(source, set.span), used)])
            }
        }
    }

    private func isPart(_ e: Expression, of set: String) -> Bool {
        guard case .field(let owner, let name) = e.kind else { return false }
        return name.text == "x" && owner.kind == .name(set)
    }

    /// `d = standardize(d)(d)` before `split(d, ...)`: what is held back has had its part in the scale.
    mutating func scaledBeforeSplit(_ statements: [Statement]) {
        var scaled: [(name: String, of: String, span: Span)] = []
        for s in statements {
            guard case .assign(let targets, let value) = s.kind else { continue }
            if targets.count == 1, case .name(let name) = targets[0].kind, case .call(let callee, _, _) = value.kind {
                var scaler = callee
                if case .name(let made) = callee.kind, let one = values[made] { scaler = one }
                if let (word, given) = called(scaler), ["standardize", "normalize"].contains(word), given.count == 1,
                    case .name(let set) = given[0].value.kind
                {
                    scaled.append((name, set, scaler.span))
                }
            }
            if targets.count == 1, case .name(let name) = targets[0].kind, let whole = scaledByHand(value) {
                scaled.append((name, text(whole), value.span))
            }
            guard targets.count > 1, let (word, given) = called(value), word == "split",
                case .name(let set)? = given.first?.value.kind, let one = scaled.last(where: { $0.name == set }),
                case .name(let seen) = targets[0].kind
            else { continue }
            add(
                code: "scale.held", "the scale is computed from all of \(one.of), the part that is held back included",
                at: [one.span], repair: "behind the split, as the first stage of the net:  standardize(\(seen))")
        }
    }

    /// `losses = losses + [0.3]`, where losses holds numbers: they are added, not joined.
    mutating func grown(_ list: [Statement]) {
        for s in list {
            guard case .assign(let targets, let value) = s.kind, targets.count == 1,
                case .name(let name) = targets[0].kind,
                case .binary(.add, let left, let right, _) = value.kind, left.kind == .name(name),
                case .bracket(let items) = right.kind, items.count == 1
            else { continue }
            var first: Expression?
            for other in lists.joined() {
                guard case .assign(let named, let made) = other.kind, named.count == 1, named[0].kind == .name(name),
                    other.span.start < s.span.start
                else { continue }
                first = first ?? made
            }
            guard case .bracket(let numbers)? = first?.kind, !numbers.isEmpty,
                numbers.allSatisfy({ $0.plainNumber != nil })
            else { continue }
            let longer = "\(name).push(\(text(items[0])))"
            add(
                code: "list.added", "+ adds numbers to numbers: \(name) keeps its length", at: [value.span],
                repair: "one more element:  \(name) = \(longer)", edits: [.init(Place(source, value.span), longer)])
        }
    }

    /// `"loss $l"`: a value in a text stands in braces.
    mutating func dollars(_ e: Expression) {
        guard case .text(let parts) = e.kind, parts.count == 1, case .literal(let text)? = parts.first,
            let sign = text.firstIndex(of: "$")
        else { return }
        let word = String(text[text.index(after: sign)...].prefix { $0.isLetter || $0.isNumber || $0 == "_" })
        guard !word.isEmpty, word.first?.isNumber == false,
            values[word] != nil || LintCheck.assigned(lists.first ?? [])[word] != nil
        else { return }
        add(
            code: "text.dollar", "this shows $\(word) as it is written", at: [e.span],
            repair: "a value in a text stands in braces:  {\(word)}")
    }
}
