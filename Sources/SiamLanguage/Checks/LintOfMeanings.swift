/// Functions and methods that do something else in other languages: a maximum of two values, a method that changes its receiver,
/// scores that are no probabilities.
extension LintCheck {
    // MARK: The maximum of two

    /// `max(1 - d, 0)`: the largest along axis 0, where the larger of the two was meant.
    mutating func hinge(_ e: Expression) {
        guard let (word, given) = called(e), word == "max", given.count == 2, given.allSatisfy({ $0.name == nil }),
            given[1].value.plainNumber == 0
        else { return }
        switch given[0].value.kind {
        case .binary(.subtract, let one, _, _): guard isMargin(one) else { return }
        case .binary(.add, let rest, let one, _):
            guard isMargin(one), case .binary(.subtract, _, _, _) = rest.kind else { return }
        default: return
        }
        hinged(e, given[0].value)
    }

    /// The same of a distance in what is minimized, which has one number for each pair.
    mutating func hinge(_ e: Expression, of isDistance: (Expression) -> Bool) {
        guard let (word, given) = called(e), word == "max", given.count == 2, given.allSatisfy({ $0.name == nil }),
            given[1].value.plainNumber == 0
        else { return }
        var parts = [given[0].value]
        while let part = parts.popLast() {
            switch part.kind {
            case .binary(.subtract, let a, let b, _), .binary(.add, let a, let b, _): parts += [a, b]
            default:
                if isDistance(part) {
                    hinged(e, given[0].value)
                    return
                }
            }
        }
    }

    private mutating func hinged(_ e: Expression, _ inner: Expression) {
        let right = "relu(\(text(inner)))"
        add(
            code: "max.axis", "the second argument of max is an axis: this is the largest number along axis 0",
            at: [e.span], repair: "to limit each number below at 0:  \(right)",
            edits: [.init(Place(source, e.span), right)])
    }

    private func isMargin(_ e: Expression) -> Bool {
        if let x = e.plainNumber { return x > 0 }
        guard case .name(let name) = e.kind else { return false }
        return name == "m" || name.contains("margin") || name == "alpha" || name == "gap"
    }

    // MARK: Methods that change nothing

    private static let methods: Set<String> = [
        "sort", "reverse", "shuffle", "flatten", "transpose", "reshape", "squeeze", "unsqueeze", "normalize", "l2norm",
        "clamp", "push", "join", "expand",
    ]

    /// `xs.sort()` as a statement of its own, and xs is read behind it: methods give a new value.
    mutating func kept(_ list: [Statement]) {
        for (k, s) in list.enumerated() {
            guard case .expression(let e) = s.kind, case .call(let callee, let given, isCommand: false) = e.kind else {
                continue
            }
            var (word, name) = ("", "")
            switch callee.kind {
            case .field(let owner, let method):
                guard case .name(let n) = owner.kind else { continue }
                // A table is sorted by a column to be shown.
                if case .sweep? = values[n]?.kind { continue }
                (word, name) = (method.text, n)
            case .name("shuffle"):
                guard given.count == 1, case .name(let n)? = given.first?.value.kind else { continue }
                (word, name) = ("shuffle", n)
            default: continue
            }
            guard LintCheck.methods.contains(word), !defined.contains(word), values[name] != nil || isAssigned(name),
                isReadNext(name, list[(k + 1)...])
            else { continue }
            add(
                code: "result.shown", "this shows a new value, and \(name) stays as it is", at: [e.span],
                repair: "to keep it:  \(name) = \(text(e))",
                edits: [.init(Place(source, Span(e.span.start, e.span.start)), "\(name) = ")])
        }
    }

    private func isAssigned(_ name: String) -> Bool {
        lists.joined().contains { s in
            guard case .assign(let targets, _) = s.kind else { return false }
            return targets.contains { $0.kind == .name(name) }
        }
    }

    /// Whether a name is read in the statements that follow, before it is given another value.
    private func isReadNext(_ name: String, _ rest: ArraySlice<Statement>) -> Bool {
        for s in rest {
            var isRead = false
            if case .assign(let targets, let value) = s.kind {
                value.walk { if $0.kind == .name(name) { isRead = true } }
                if isRead { return true }
                if targets.contains(where: { $0.kind == .name(name) }) { return false }
                continue
            }
            s.walk { if $0.kind == .name(name) { isRead = true } }
            if isRead { return true }
        }
        return false
    }

    // MARK: Decisions

    /// The losses that a net of the file is trained with, by its name.
    private func losses(of net: String) -> Set<String> {
        var found: Set<String> = []
        for train in trains where train.nets.contains(where: { $0.kind == .name(net) }) {
            for s in train.body.statements {
                guard case .minimize(let e) = s.kind else { continue }
                e.walk { if let (word, _) = self.called($0), LossNames.ofTargets.contains(word) { found.insert(word) } }
            }
        }
        return found
    }

    /// The net that gives logits of 0 and 1 here: `net(x)[.., 0]`, or a name that was given it.
    private func logits(_ e: Expression) -> String? {
        var e = e
        for _ in 0..<6 {
            switch e.kind {
            case .name(let name):
                guard let value = values[name] else { return nil }
                e = value
            case .index(let owner, _): e = owner
            case .call(let callee, let given, _):
                if case .field(let owner, let word) = callee.kind, ["squeeze", "reshape"].contains(word.text) {
                    e = owner
                    continue
                }
                guard case .name(let net) = callee.kind, given.count == 1 else { return nil }
                if ["squeeze", "flatten"].contains(net) {
                    e = given[0].value
                    continue
                }
                return losses(of: net) == ["bce_with_logits"] ? net : nil
            default: return nil
            }
        }
        return nil
    }

    /// `net(x) > 0.5` and `round(net(x))` of a net that was trained with `bce_with_logits`: 0.5 is at 0.
    mutating func decision(_ e: Expression) {
        switch e.kind {
        case .comparison(let sides, let signs, _) where sides.count == 2:
            guard signs == [.greater] || signs == [.greaterOrEqual], sides[1].plainNumber == 0.5,
                let net = logits(sides[0])
            else { return }
            add(
                code: "decision.logits", "\(net) gives logits, of which 0 is the probability 0.5", at: [e.span],
                repair: "the more probable class:  \(text(sides[0])) > 0",
                edits: [.init(Place(source, sides[1].span), "0")])
        case .call:
            guard let (word, given) = called(e), word == "round", given.count == 1, let net = logits(given[0].value)
            else { return }
            let right = "\(text(given[0].value)) > 0"
            add(
                code: "decision.logits", "\(net) gives logits, of which 0 is the probability 0.5", at: [e.span],
                repair: "the more probable class:  \(right)", edits: [.init(Place(source, e.span), "(\(right))")])
        default: return
        }
    }

    // MARK: Classes

    /// `d.y == "setosa"`: class numbers are compared with a text, which they never equal.
    mutating func classByText(_ sides: [Expression]) {
        guard let k = sides.firstIndex(where: { $0.plainText != nil }),
            let word = sides[1 - k].plainText == nil ? sides[k].plainText : nil,
            case .field(let owner, let field) = sides[1 - k].kind, field.text == "y"
        else { return }
        let set = text(owner)
        let right = "find(\(set).names, \"\(word)\")"
        add(
            code: "compare.class", "\(set).y holds class numbers, and none of them equals a text",
            at: [sides[k].span], repair: "the number of that class:  \(right)",
            edits: [.init(Place(source, sides[k].span), right)])
    }

    /// `d.where(y -> y == "setosa")`: the same of the function that chooses rows.
    mutating func classByText(where e: Expression) {
        guard case .call(let callee, let given, _) = e.kind, given.count == 1, given[0].name == nil,
            case .lambda(let parameters, let body) = given[0].value.kind, parameters.count == 1,
            case .comparison(let sides, let signs, _) = body.kind, sides.count == 2,
            signs == [.equal] || signs == [.unequal],
            let k = sides.firstIndex(where: { $0.plainText != nil }),
            sides[1 - k].kind == .name(parameters[0].name.text), let word = sides[k].plainText
        else { return }
        guard case .field(let owner, let method) = callee.kind, method.text == "where" else { return }
        let right = "find(\(text(owner)).names, \"\(word)\")"
        add(
            code: "compare.class", "where gives class numbers, and none of them equals a text", at: [sides[k].span],
            repair: "the number of that class:  \(right)", edits: [.init(Place(source, sides[k].span), right)])
    }

    /// What names were given, one behind the other.
    private func resolved(_ e: Expression) -> Expression {
        var e = e
        for _ in 0..<6 {
            guard case .name(let name) = e.kind, let value = values[name] else { return e }
            e = value
        }
        return e
    }

    /// `p[d.y]` of what a net gives for `d.x`: rows by the numbers of the classes, and not each row's own class.
    mutating func pickedRows(_ e: Expression) {
        guard case .index(let owner, let places) = e.kind, places.count == 1,
            case .field(let set, let y) = places[0].kind,
            y.text == "y"
        else { return }
        var scores = resolved(owner)
        for _ in 0..<4 {
            guard let (word, given) = called(scores), ["softmax", "log_softmax", "log", "exp"].contains(word),
                let first = given.first
            else { break }
            scores = resolved(first.value)
        }
        guard let (_, to) = applied(scores), case .field(let of, let x) = to.kind, x.text == "x", of.kind == set.kind
        else { return }
        let right = "\(text(owner))[0..len(\(text(places[0]))), \(text(places[0]))]"
        add(
            code: "loss.picked",
            "[\(text(places[0]))] takes whole rows by the class numbers, and not each row's own class", at: [e.span],
            repair: "one number of each row:  \(right)", edits: [.init(Place(source, e.span), right)])
    }

    /// `mse(net(x), y)` of one output and class numbers of pictures: how far apart the numbers of two classes are means nothing.
    mutating func sizedClasses(_ loss: Expression, _ train: Train) {
        guard case .call(let callee, let given, _) = train.source.kind, callee.kind == .name("batches"),
            train.boundNames.count == 2, let set = given.first?.value
        else { return }
        let target = given.count > 1 && given[1].name == nil ? given[1].value : nil
        // Two classes that were picked may be told apart by one output.
        var isPicked = false
        resolved(set).walk { if case .field(_, let n) = $0.kind, n.text == "where" { isPicked = true } }
        guard !isPicked, names.isOfPictures(target.map { $0.plainNumber == nil ? $0 : set } ?? set) else { return }
        var hit: (word: String, y: Expression, net: String)?
        loss.walk { e in
            guard hit == nil, let (word, inner) = self.called(e), ["mse", "mae", "huber"].contains(word),
                inner.count >= 2,
                inner[1].value.kind == .name(train.boundNames[1])
            else { return }
            var scores = inner[0].value
            if case .index(let owner, _) = scores.kind { scores = owner }
            guard let (net, _) = self.applied(scores), let made = self.values[net], self.units(made) == 1 else {
                return
            }
            hit = (word, inner[1].value, net)
        }
        guard let hit else { return }
        add(
            code: "loss.sizes",
            "\(text(hit.y)) holds class numbers, and \(hit.word) takes them for sizes: classes 3 and 4 would be alike",
            at: [hit.y.span],
            repair:
                "one output for each class, and the loss  cross_entropy(\(hit.net)(\(train.boundNames[0])), \(text(hit.y)))"
        )
    }

    /// The units of the last dense layer of a net.
    func units(_ net: Expression) -> Double? {
        switch net.kind {
        case .compose(let first, let last): return units(last) ?? units(first)
        case .call(let callee, let given, _) where callee.kind == .name("dense"): return given.first?.value.plainNumber
        default: return nil
        }
    }

    // MARK: One picture, no numbers

    /// `net(d.x[0])` where a dense layer comes first: each row of the picture would be an example.
    mutating func onePicture(_ e: Expression) {
        guard let (net, to) = applied(e), let made = values[net], case .index(let all, let places) = to.kind,
            places.count == 1, places[0].plainNumber != nil, names.isOfPictures(all), case .field = all.kind
        else { return }
        var first = made
        while case .compose(let head, _) = first.kind { first = head }
        guard let (word, _) = called(first), word == "dense" else { return }
        let (x, k) = (text(all), text(places[0]))
        let one =
            places[0].plainNumber.map { $0 >= 0 ? "\(x)[\(k)..\(formatNumber($0 + 1))]" : "expand(\(text(to)), 0)" }
            ?? text(to)
        add(
            code: "batch.one", "\(text(to)) is one picture, and the net takes a batch of rows", at: [to.span],
            repair: "flatten comes first in the net:  \(net) = flatten >> \(text(made)),  and a batch of one is  \(one)"
        )
    }

    /// `mean([])`: there is nothing to take the mean of.
    mutating func ofNothing(_ word: String, _ given: [Argument], _ e: Expression) {
        guard given.count == 1, case .bracket(let items) = resolved(given[0].value).kind, items.isEmpty,
            case .bracket = given[0].value.kind
        else { return }
        add(code: "empty.reduced", "\(word) of no numbers is not a number", at: [e.span])
    }

    /// `normalize(net(x))`: a layer that measures data, where rows of length 1 were meant.
    mutating func scaledOutput(_ inner: Expression, _ e: Expression) {
        guard let (net, to) = applied(inner), let made = values[net], isNet(made), case .name(let part) = to.kind,
            trains.contains(where: { $0.boundNames.contains(part) })
        else { return }
        let right = "l2norm(\(text(inner)))"
        add(
            code: "scale.output", "normalize of numbers is a layer with their scale, and not the numbers scaled",
            at: [e.span], repair: "rows of length 1:  \(right)", edits: [.init(Place(source, e.span), right)])
    }

    // MARK: Products

    /// `dot(a, b)` of two matrices as written, which would be their product elsewhere.
    mutating func product(_ e: Expression) {
        guard let (word, given) = called(e), word == "dot", given.count == 2, given.allSatisfy({ $0.name == nil }),
            let a = square(given[0].value), a == square(given[1].value)
        else { return }
        let right = "\(text(given[0].value)) @ \(text(given[1].value))"
        add(
            code: "dot.rows", "dot of two matrices is the product of each row with the same row of the other",
            at: [e.span], repair: "the product of the two matrices:  \(right)",
            edits: [.init(Place(source, e.span), "(\(right))")])
    }

    /// `std(x, 0)`, where the second argument is the correction: of `mean(x, 0)` it is the axis.
    mutating func corrected(_ word: String, _ given: [Argument], _ e: Expression) {
        guard given.count == 2, given.allSatisfy({ $0.name == nil }), let axis = given[1].value.plainNumber,
            [0, 1, -1].contains(axis)
        else { return }
        let said = text(given[1].value)
        add(
            code: "std.correction",
            "the second argument of \(word) is the correction of the divisor: this is one number for all of \(text(given[0].value))",
            at: [given[1].value.span], repair: "along an axis:  axis = \(said)",
            edits: [.init(Place(source, given[1].value.span), "axis = \(said)")])
    }

    /// `flatten -> dense(10)`: a function whose parameter is called flatten, where stages were to be joined.
    mutating func arrow(_ e: Expression) {
        guard case .lambda(let parameters, let body) = e.kind, parameters.count == 1,
            LayerNames.functions.contains(parameters[0].name.text),
            !LintCheck.names(in: body).contains(parameters[0].name.text)
        else { return }
        let name = parameters[0].name.text
        let right = "\(name) >> \(text(body))"
        add(
            code: "stages.arrow", "this is a function with a parameter \(name)", at: [e.span],
            repair: "join stages with >>:  \(right)", edits: [.init(Place(source, e.span), right)])
    }

    /// The side of a square matrix that stands in the text.
    private func square(_ e: Expression) -> Int? {
        var e = e
        if case .name(let name) = e.kind, let value = values[name] { e = value }
        if let (word, given) = called(e), ["randn", "rand", "ones", "zeros", "eye"].contains(word), given.count == 2,
            let n = given[0].value.plainNumber, n > 1, n == given[1].value.plainNumber
        {
            return Int(n)
        }
        guard case .bracket(let rows) = e.kind, rows.count > 1 else { return nil }
        for row in rows {
            guard case .bracket(let items) = row.kind, items.count == rows.count else { return nil }
        }
        return rows.count
    }
}
