/// Loops, functions and single calls that hardly mean what they say.
extension LintCheck {
    mutating func list(_ statements: [Statement]) {
        for (s, next) in zip(statements, statements.dropFirst()) {
            let word: String? =
                switch s.kind {
                case .returnValue: "return"
                case .breakLoop: "break"
                case .continueLoop: "continue"
                default: nil
                }
            if let word { add(code: "line.unreached", "nothing after \(word) runs", at: [next.span]) }
        }
        for s in statements {
            switch s.kind {
            case .assign(_, let value):
                braces(value)
                repeated(value)
            case .forIn(let names, let from, let block):
                loop(block.statements)
                overwritten(names, from, block)
                onlyShown(names, from, block)
                lastLeftOut(names, from, block)
            case .whileLoop(let condition, let block):
                loop(block.statements)
                endless(condition, block)
            default: break
            }
        }
    }

    /// `for i in 0..len(x) - 1 { x[i] }`: the end of a range is left out anyway.
    private mutating func lastLeftOut(_ names: [Name], _ from: Expression, _ block: Block) {
        guard names.count == 1, case .range(let low?, let high?) = from.kind, low.plainNumber == 0,
            case .binary(.subtract, let length, let one, _) = high.kind, one.plainNumber == 1,
            let (word, given) = called(length), word == "len", given.count == 1
        else { return }
        let name = names[0].text
        let list = text(given[0].value)
        var (isIndexed, isOther) = (false, false)
        for s in block.statements {
            s.walk { e in
                switch e.kind {
                case .index(let owner, let items) where self.text(owner) == list && items.count == 1:
                    if items[0].kind == .name(name) { isIndexed = true } else { isOther = true }
                case .binary(.add, let l, let r, _), .binary(.subtract, let l, let r, _):
                    if l.kind == .name(name) || r.kind == .name(name) { isOther = true }
                default: break
                }
            }
        }
        guard isIndexed, !isOther else { return }
        add(
            code: "range.short", "a range excludes its end, so the last element of \(list) is left out",
            at: [from.span],
            repair: "all of it:  0..len(\(list))", edits: [.init(Place(source, high.span), "len(\(list))")])
    }

    /// `for w in xs { w = w * 2 }`: the last line gives the loop's own name a value that nothing reads.
    private mutating func overwritten(_ names: [Name], _ from: Expression, _ block: Block) {
        guard case .assign(let targets, let value)? = block.statements.last?.kind, targets.count == 1,
            case .name(let name) = targets[0].kind, names.contains(where: { $0.text == name }),
            !isReadBehind(name, block.span.end)
        else { return }
        var isOfNet = false
        if case .field(_, let field) = from.kind, field.text == "params" { isOfNet = true }
        if case .call(let callee, _, _) = from.kind, case .field(_, let field) = callee.kind,
            ["parameters", "params"].contains(field.text)
        {
            isOfNet = true
        }
        let list = "[\(text(value)) for \(names.map(\.text).joined(separator: ", ")) in \(text(from))]"
        let isWhole = block.statements.count == 1 && list.utf8.count <= 60 && !list.contains("\n")
        add(
            code: "loop.overwritten",
            isOfNet
                ? "\(name) is a name of this loop: the weights of the net stay as they are"
                : "\(name) gets a value here that nothing uses: the next round gives it another",
            at: [targets[0].span],
            repair: isOfNet
                ? handStep(value, from) ?? "a hand-written step:  update(sgd(0.1), net, g)"
                : isWhole ? "a list of the new values:  \(list)" : nil)
    }

    /// `w = w - 0.1 * g[name]` over `net.params`: the same step by an optimizer.
    private func handStep(_ value: Expression, _ from: Expression) -> String? {
        guard case .binary(.subtract, _, let change, _) = value.kind,
            case .binary(.multiply, let a, let b, _) = change.kind
        else { return nil }
        var net = from
        if case .call(let callee, _, _) = net.kind { net = callee }
        guard case .field(let owner, _) = net.kind else { return nil }
        for (rate, g) in [(a, b), (b, a)] {
            guard case .index(let record, _) = g.kind, case .name = record.kind else { continue }
            let step = "update(sgd(\(text(rate))), \(text(owner)), \(text(record)))"
            return step.utf8.count <= 60 ? "a hand-written step:  \(step)" : nil
        }
        return nil
    }

    /// Whether a name is read anywhere behind a place of the file.
    private func isReadBehind(_ name: String, _ end: Int) -> Bool {
        var isRead = readInside.contains(name)
        for list in lists {
            for s in list {
                for part in s.parts {
                    part.walk { if $0.kind == .name(name), $0.span.start >= end { isRead = true } }
                }
            }
        }
        return isRead
    }

    /// `x = {a = 1}`: a block, which gives nothing, where a record was meant.
    private mutating func braces(_ value: Expression) {
        guard case .block(let block) = value.kind, !block.statements.isEmpty else { return }
        var fields: [String] = []
        for s in block.statements {
            guard case .assign(let targets, let e) = s.kind, targets.count == 1, case .name(let name) = targets[0].kind
            else { return }
            fields.append("\(name): \(text(e))")
        }
        let record = "{\(fields.joined(separator: ", "))}"
        add(
            code: "block.none", "these braces contain statements, and have no value", at: [value.span],
            repair: "a record is  \(record)", edits: [.init(Place(source, value.span), record)])
    }

    /// `x = [0] * 10`: elsewhere ten elements, here one that is multiplied.
    private mutating func repeated(_ value: Expression) {
        guard case .binary(.multiply, let list, let count, _) = value.kind, case .bracket(let items) = list.kind,
            items.count == 1, let one = items[0].plainNumber, let n = count.plainNumber, n >= 2, n == n.rounded()
        else { return }
        let (x, times) = (text(items[0]), text(count))
        let made = one == 0 ? "zeros(\(times))" : one == 1 ? "ones(\(times))" : "\(x) * ones(\(times))"
        add(
            code: "list.times", "[\(x)] * \(times) is one number, multiplied", at: [value.span],
            repair: "\(times) of them:  \(made)", edits: [.init(Place(source, value.span), made)])
    }

    // MARK: Hand-written steps

    /// The calls in a loop's own statements, without those of inner loops.
    private func calls(_ statements: [Statement]) -> [(name: String, given: [Argument], span: Span)] {
        var all: [(String, [Argument], Span)] = []
        func look(_ list: [Statement]) {
            for s in list {
                switch s.kind {
                case .forIn, .whileLoop, .function, .layer: continue
                default: break
                }
                s.walk { if let (name, given) = called($0) { all.append((name, given, $0.span)) } }
            }
        }
        look(statements)
        return all
    }

    private func isStateful(_ e: Expression) -> Bool {
        guard let (name, given) = called(e), LintCheck.optimizers.contains(name) else { return false }
        guard name == "sgd" else { return true }
        let momentum =
            given.first { $0.name?.text == "momentum" } ?? (given.count > 1 && given[1].name == nil ? given[1] : nil)
        return momentum.map { $0.value.plainNumber != 0 } ?? false
    }

    mutating func loop(_ statements: [Statement]) {
        let own = calls(statements)
        let updates = own.filter { $0.name == "update" && $0.given.count >= 3 }
        guard !updates.isEmpty else { return }
        let made = LintCheck.assigned(statements)
        for call in updates {
            guard case .name(let net) = call.given[1].value.kind, made[net] == nil else { continue }
            anew(call.given[0].value, statements, made, net)
            stale(call.given[2].value, own, made, net)
        }
    }

    /// `update(adam(0.001), net, g)` in a loop: what an optimizer gathers is thrown away at each step.
    private mutating func anew(
        _ opt: Expression, _ statements: [Statement], _ made: [String: [Expression?]], _ net: String
    ) {
        var maker = opt
        var isNamed = false
        if case .name(let name) = opt.kind, made[name]?.count == 1 {
            // One that is made under a condition, in the first round, is kept.
            for case .assign(let targets, let value) in statements.map(\.kind) where targets.count == 1 {
                if targets[0].kind == .name(name) { (maker, isNamed) = (value, true) }
            }
        }
        guard isStateful(maker), let (word, _) = called(maker) else { return }
        add(
            code: "update.anew", "\(word) is constructed again at every step, and loses its averages",
            at: [maker.span],
            repair: isNamed
                ? "before the loop:  \(text(opt)) = \(text(maker))"
                : "before the loop:  opt = \(text(maker)),  and in it  update(opt, \(net), ...)")
    }

    /// `grad(l, net)` in a loop where l is worked out before it: one gradient for all steps.
    private mutating func stale(
        _ g: Expression, _ own: [(name: String, given: [Argument], span: Span)], _ made: [String: [Expression?]],
        _ net: String
    ) {
        var (gradient, name) = (g, "")
        if case .name(let n) = g.kind {
            guard let given = made[n] else {
                // The gradient itself was taken before the loop.
                if let value = values[n], let (word, _) = called(value), word == "grad" {
                    add(
                        code: "grad.stale", "\(n) was computed before the loop: every step uses the same gradient",
                        at: [g.span], repair: "in the loop, before update:  \(n) = \(text(value))")
                }
                return
            }
            guard given.count == 1, let value = given[0] else { return }
            gradient = value
        }
        guard let (word, given) = called(gradient), word == "grad", let loss = given.first?.value,
            case .name(let l) = loss.kind, made[l] == nil, let value = values[l]
        else { return }
        name = l
        var isOfNet = false
        value.walk { if case .name(net) = $0.kind { isOfNet = true } }
        guard isOfNet else { return }
        add(
            code: "grad.stale", "\(name) was computed before the loop: every step uses the same gradient",
            at: [loss.span],
            repair: "in the loop:  \(name) = \(text(value))")
    }

    // MARK: Layers of the user's own

    /// `forward x { y = relu(body(x)) }`: a block that ends in no value gives none.
    mutating func forwardOfNothing(_ definition: LayerDefinition) {
        guard case .members(let members) = definition.form else { return }
        let states = members.compactMap { member -> String? in
            if case .state(let name, _, _) = member { name.text } else { nil }
        }
        for case .forward(_, .block(let block)) in members {
            guard let last = block.statements.last else {
                add(
                    code: "forward.none", "forward of \(definition.name.text) gives nothing", at: [block.span],
                    repair: "its last line is its value")
                continue
            }
            var hasReturn = false
            for s in block.statements {
                s.walk { for b in $0.blocks { hasReturn = hasReturn || LintCheck.returns(b.statements) } }
            }
            guard !hasReturn, !LintCheck.returns(block.statements) else { continue }
            switch last.kind {
            case .assign(let targets, let value) where targets.count == 1:
                let name = text(targets[0])
                add(
                    code: "forward.none", "forward of \(definition.name.text) ends in an assignment, and gives nothing",
                    at: [last.span],
                    repair: states.contains(name)
                        ? "its last line is its value:  \(name)"
                        : "its last line is its value:  \(text(value))")
            case .expression(let e):
                guard let (name, given) = called(e), ["print", "show", "plot"].contains(name), let first = given.first
                else { continue }
                var value = first.value
                if case .field(let owner, _) = value.kind { value = owner }
                guard case .name(let result) = value.kind else { continue }
                add(
                    code: "forward.none", "forward of \(definition.name.text) ends in \(name), and gives nothing",
                    at: [last.span], repair: "its last line is its value:  \(result)")
            case .forIn, .whileLoop:
                add(
                    code: "forward.none", "forward of \(definition.name.text) ends in a loop, and gives nothing",
                    at: [Span(last.span.start, last.span.start + 5)], repair: "its last line is its value")
            default: continue
            }
        }
    }

    private static func returns(_ statements: [Statement]) -> Bool {
        statements.contains { s in
            if case .returnValue = s.kind { return true }
            return s.blocks.contains { returns($0.statements) }
        }
    }

    // MARK: Losses of the user's own

    /// Distances of all pairs together, or over the pairs, where each pair's own is meant.
    mutating func ownLoss(_ definition: FunctionDefinition) {
        let names = definition.parameters.map(\.name.text)
        guard names.count >= 3, definition.role == .loss || names.contains("same"),
            let third = names.first(where: { ["same", "y", "label", "labels", "target"].contains($0) }),
            names.firstIndex(of: third).map({ $0 >= 2 }) ?? false
        else { return }
        func isDifference(_ e: Expression) -> Bool {
            var found = false
            e.walk {
                guard case .binary(.subtract, let l, let r, _) = $0.kind, case .name(let a) = l.kind,
                    case .name(let b) = r.kind
                else { return }
                if Set([a, b]) == Set(names.prefix(2)) { found = true }
            }
            return found
        }
        var hits: [(Expression, String, [Argument])] = []
        definition.body.walk { e in
            if let (name, given) = self.called(e), ["norm", "sum", "mean", "max"].contains(name),
                let first = given.first, isDifference(first.value)
            {
                hits.append((e, name, given))
            }
        }
        for (e, name, given) in hits {
            let axis = given.first { $0.name?.text == "axis" } ?? (given.count > 1 ? given[1] : nil)
            if name == "norm", axis == nil {
                let inner = text(given[0].value)
                add(
                    code: "loss.axis", "norm without an axis is one number for all pairs together", at: [e.span],
                    repair: "one for each pair:  norm(\(inner), axis = -1)",
                    edits: [.init(Place(source, e.span), "norm(\(inner), axis = -1)")])
            } else if name != "norm", axis == nil, weighs(e, by: third, in: definition.body) {
                let inner = text(given[0].value)
                add(
                    code: "loss.axis", "\(name) without an axis is one number for all pairs together", at: [e.span],
                    repair: "one for each pair:  \(name)(\(inner), axis = -1)",
                    edits: [.init(Place(source, e.span), "\(name)(\(inner), axis = -1)")])
            } else if name != "norm", let axis, axis.value.plainNumber == 0 {
                add(
                    code: "loss.axis",
                    "axis 0 runs over the pairs: \(name) gives a number for each coordinate instead of each pair",
                    at: [e.span], repair: "one for each pair:  axis = -1",
                    edits: [.init(Place(source, axis.value.span), "-1")])
            }
        }
    }

    /// Whether a distance is multiplied by the labels of the pairs: by its name, or as it stands.
    private func weighs(_ distance: Expression, by label: String, in body: Body) -> Bool {
        var names: Set<String> = []
        if case .block(let block) = body {
            for case .assign(let targets, let value) in block.statements.map(\.kind) where targets.count == 1 {
                guard value.span.start <= distance.span.start, distance.span.end <= value.span.end,
                    case .name(let name) = targets[0].kind
                else { continue }
                names.insert(name)
            }
        }
        var found = false
        body.walk { e in
            guard case .binary(.multiply, let l, let r, _) = e.kind else { return }
            let (a, b) = (LintCheck.names(in: l), LintCheck.names(in: r))
            for (one, other, side) in [(a, b, r), (b, a, l)] where one.contains(label) {
                let holds = side.span.start <= distance.span.start && distance.span.end <= side.span.end
                if holds || !other.isDisjoint(with: names) { found = true }
            }
        }
        return found
    }

    // MARK: Calls

    mutating func value(_ e: Expression) {
        switch e.kind {
        case .comparison(let sides, let signs, _) where sides.count == 2 && signs != [.equal] && signs != [.unequal]:
            decision(e)
        case .comparison(let sides, let signs, _) where sides.count == 2 && (signs == [.equal] || signs == [.unequal]):
            kindByName(sides)
            classByText(sides)
            guard let k = sides.firstIndex(where: { $0.kind == .name("nan") }), sides[0] != sides[1],
                !defined.contains("nan"), values["nan"] == nil
            else { return }
            let other = "\(signs == [.equal] ? "" : "not ")is_nan(\(text(sides[1 - k])))"
            add(
                code: "compare.nan", "nothing equals nan, not even nan itself", at: [e.span],
                repair: "to test for nan:  \(other)", edits: [.init(Place(source, e.span), other)])
        case .index: pickedRows(e)
        case .lambda: arrow(e)
        case .range(let low?, let high?): backwards(low, high, e.span)
        case .sweep(let sweep): self.sweep(sweep, e.span)
        case .call:
            onePicture(e)
            guard let (name, given) = called(e) else { return }
            let plain = given.filter { $0.name == nil }
            let numbers = plain.map { $0.value.plainNumber }
            switch name {
            case "range" where plain.count == 2 && given.count == 2: backwards(plain[0].value, plain[1].value, e.span)
            case "conv": convolution(numbers, e.span)
            case "cross_entropy": classWeights(given)
            case "max":
                hinge(e)
                ofNothing(name, given, e)
            case "round": decision(e)
            case "dot": product(e)
            case "normalize" where given.count == 1: scaledOutput(given[0].value, e)
            case "std" where given.count == 2, "var" where given.count == 2: corrected(name, given, e)
            case "where": classByText(where: e)
            case "mean", "min", "median", "std", "var": ofNothing(name, given, e)
            case _ where LintCheck.optimizers.contains(name): optimizer(name, given, numbers, e.span)
            default: break
            }
        default: break
        }
    }

    /// `type(x) == "int"`: a kind by the name that it has elsewhere.
    private mutating func kindByName(_ sides: [Expression]) {
        guard let k = sides.firstIndex(where: { called($0).map { $0.name == "type" && $0.given.count == 1 } ?? false }),
            let word = sides[1 - k].plainText, let meant = LintCheck.kinds[word.lowercased()]
        else { return }
        add(
            code: "compare.kind", "type never gives \"\(word)\"", at: [sides[1 - k].span],
            repair: "siam calls it \"\(meant)\"", edits: [.init(Place(source, sides[1 - k].span), "\"\(meant)\"")])
    }

    private static let kinds: [String: String] = [
        "int": "number", "float": "number", "double": "number", "integer": "number", "str": "text", "string": "text",
        "boolean": "bool", "dict": "record", "array": "tensor", "ndarray": "tensor", "tuple": "list",
        "nonetype": "none", "null": "none",
    ]

    /// `5..0` is empty, and `x[3..1]` too.
    private mutating func backwards(_ low: Expression, _ high: Expression, _ span: Span) {
        guard let a = low.plainNumber, let b = high.plainNumber, a >= 0, b >= 0, a > b else { return }
        let (x, y) = (formatNumber(a), formatNumber(b))
        add(
            code: "range.empty", "\(source.text(span)) is empty: a range counts upwards", at: [span],
            repair: "downwards, without \(y):  range(\(x), \(y), -1)")
    }

    /// `conv(1, 6, 5)`: the channels that come in, those that go out, the size, as elsewhere.
    private mutating func convolution(_ numbers: [Double?], _ span: Span) {
        guard numbers.count == 3, let inputs = numbers[0], let filters = numbers[1], let size = numbers[2],
            size >= 3, size.truncatingRemainder(dividingBy: 2) == 1, filters <= 15,
            inputs <= 4 || filters.truncatingRemainder(dividingBy: 2) == 0
        else { return }
        let said = [inputs, filters, size].map { formatNumber($0) }
        add(
            code: "argument.unusual",
            "conv takes filters, size and stride, and here are \(said[0]) filter\(inputs == 1 ? "" : "s") of size \(said[1]) at a stride of \(said[2])",
            at: [span],
            repair: "the input channels are inferred at the first use:  conv(\(said[1]), \(said[2]))",
            edits: [.init(Place(source, span), "conv(\(said[1]), \(said[2]))")])
    }

    /// One weight a class where one an example is wanted: where a batch has as many examples as there are classes, it fits.
    private mutating func classWeights(_ given: [Argument]) {
        let third = given.count > 2 && given.prefix(3).allSatisfy { $0.name == nil } ? given[2].value : nil
        guard let weights = given.first(where: { $0.name?.text == "weights" })?.value ?? third, given.count > 1 else {
            return
        }
        var made = weights
        if case .name(let name) = weights.kind, let value = values[name] { made = value }
        guard let (word, _) = called(made), word == "class_weights" else { return }
        let right = "gather(\(text(weights)), \(text(given[1].value)))"
        add(
            code: "loss.weights", "weights needs one number per example, and class_weights gives one per class",
            at: [weights.span],
            repair: "one per example:  \(third == nil ? "weights = " : "")\(right)",
            edits: [.init(Place(source, weights.span), right)])
    }

    /// Settings by their place that are those of another: `adam(0.001, 0.0001)`.
    private mutating func optimizer(_ name: String, _ given: [Argument], _ numbers: [Double?], _ span: Span) {
        // An optimizer that is given the net is said as such.
        if case .field(_, let word)? = given.first?.value.kind, word.text == "params" { return }
        let rate = given.first { $0.name?.text == "lr" }.map { $0.value.plainNumber } ?? numbers.first ?? nil
        if let rate, rate > 0.5, rate <= 100, name.hasPrefix("adam") || name == "rmsprop" {
            add(
                code: "argument.unusual",
                "the steps of \(name) are about as large as its rate, and \(formatNumber(rate)) is larger than most weights",
                at: [span], repair: "usual is  \(name)(0.001)")
        }
        if let rate, rate > 100 {
            add(
                code: "argument.unusual",
                "a rate of \(formatNumber(rate)) makes steps much larger than any weight", at: [span],
                repair: "usual is  \(name)(\(name.hasPrefix("adam") ? "0.001" : "0.1"))")
        }
        let second = ["adam": "beta1", "adamw": "beta1", "sgd": "momentum", "rmsprop": "rho"]
        let usual = ["beta1": "0.9", "momentum": "0.9", "rho": "0.99"]
        if numbers.count > 1, let x = numbers[1], x > 0, x < 0.1, let setting = second[name],
            let first = given.first.map({ text($0.value) })
        {
            add(
                code: "argument.unusual",
                "the second number of \(name) is \(setting), usually \(usual[setting] ?? ""), and here it is \(formatNumber(x))",
                at: [span],
                repair: "name the argument for weight decay:  \(name)(\(first), decay = \(formatNumber(x)))")
        }
        if numbers.count > 3, name.hasPrefix("adam"), let x = numbers[3], x >= 1e-3 {
            let first = given.prefix(3).map { text($0.value) }.joined(separator: ", ")
            add(
                code: "argument.unusual",
                "the fourth number of \(name) is eps, usually 1e-8, and here it is \(formatNumber(x))", at: [span],
                repair: "name the argument for weight decay:  \(name)(\(first), decay = \(formatNumber(x)))")
        }
        guard name == "sgd", let flag = given.first(where: { $0.name?.text == "nesterov" })?.value,
            flag.kind == .bool(true), numbers.count < 2, !given.contains(where: { $0.name?.text == "momentum" })
        else { return }
        add(
            code: "argument.unusual", "nesterov needs momentum, and none is given", at: [flag.span],
            repair: "with momentum:  momentum = 0.9, nesterov = true",
            edits: [.init(Place(source, flag.span), "true, momentum = 0.9")])
    }
}
