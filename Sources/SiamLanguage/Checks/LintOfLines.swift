/// Single statements and calls that hardly mean what they say.
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
            case .assign(let targets, let value):
                frozen(targets, value)
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

    /// `teacher = freeze(tower(16))`: freeze changes the net that it is given, and gives nothing.
    private mutating func frozen(_ targets: [Expression], _ value: Expression) {
        guard targets.count == 1, case .name(let name) = targets[0].kind, let (word, given) = called(value),
            word == "freeze" || word == "unfreeze", given.count == 1
        else { return }
        let net = text(given[0].value)
        let isNamed = if case .name = given[0].value.kind { true } else { false }
        let right = isNamed ? "\(word)(\(net))" : "\(name) = \(net); \(word)(\(name))"
        add(
            code: "freeze.none", "\(word) changes the net itself and gives nothing, so \(name) is none",
            at: [value.span],
            repair: isNamed ? "without \(name) =, and go on with \(net):  \(right)" : "in two steps:  \(right)",
            edits: [.init(Place(source, Span(targets[0].span.start, value.span.end)), right)])
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
        case .comparison(let sides, _, _) where sides.count == 3: chained(e)
        case .index:
            pickedRows(e)
            shortMask(e)
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
            case "rotate": radians(name, given, e)
            case "sin", "cos", "tan": degrees(name, given)
            case "softmax", "log_softmax": softmaxOfRows(name, given, e)
            case "flatten": flattenedMatrix(given, e)
            case "argmax": classOfRows(name, given, e)
            case "euclidean", "squared", "cosine", "manhattan": ofItself(name, given, e)
            case "cross_entropy": classWeights(given)
            case "max":
                hinge(e)
                ofNothing(name, given, e)
            case "round": decision(e)
            case "dot": product(e)
            case "normalize" where given.count == 1: scaledOutput(given[0].value, e)
            case "std" where given.count == 2, "var" where given.count == 2: corrected(name, given, e)
            case "where":
                classByText(where: e)
                whereOfRows(given)
            case "mean", "min", "median", "std", "var": ofNothing(name, given, e)
            case _ where KindAdvice.optimizers.contains(name): optimizer(name, given, numbers, e.span)
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
        if case .name(let net)? = given.first?.value.kind, let made = values[net], isNet(made) { return }
        if case .call(let callee, _, _)? = given.first?.value.kind, case .field = callee.kind { return }
        let rate = given.first { $0.name?.text == "lr" }.map { $0.value.plainNumber } ?? numbers.first ?? nil
        // The weights of one linear layer are as large as its targets.
        let isLinear = trains.contains { train in
            train.optimizer.span.isSame(span)
                && train.nets.allSatisfy { net in
                    guard case .name(let n) = net.kind, let made = values[n] else { return false }
                    return called(made)?.name == "dense"
                }
        }
        if let rate, rate > 0.5, rate <= 100, !isLinear, name.hasPrefix("adam") || name == "rmsprop" {
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
