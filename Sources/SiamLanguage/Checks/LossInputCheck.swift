/// Whether the outputs of a net fit the loss: a softmax before a loss that contains one, a softmax over one unit, class numbers
/// in a loss of numbers, two sides of the same input, a body that minimizes nothing.
public struct LossInputCheck {
    let source: Source
    var values: [String: Expression] = [:]
    var layers: [String: LayerDefinition] = [:]
    /// Functions and losses that the program defines.
    var defined: Set<String> = []
    var found: [Diagnostic] = []

    static func run(_ program: Program) -> [Diagnostic] {
        var check = LossInputCheck(source: program.source)
        var twice: Set<String> = []
        for statement in program.statements {
            if case .layer(let d) = statement.kind { check.layers[d.name.text] = d }
            if case .function(let f) = statement.kind { check.defined.insert(f.name.text) }
            if case .assign(let targets, let value) = statement.kind, targets.count == 1,
                case .name(let name) = targets[0].kind
            {
                if check.values.updateValue(value, forKey: name) != nil { twice.insert(name) }
            }
        }
        for name in twice { check.values[name] = nil }
        for statement in program.statements {
            if case .layer(let d) = statement.kind { check.layer(d) }
        }
        for statement in program.statements {
            statement.walk { value in
                switch value.kind {
                case .train(let train): check.train(train)
                case .call(let callee, let arguments, _):
                    if case .name(let name) = callee.kind { check.loss(name, arguments, value.span) }
                case .comparison(let sides, let signs, _):
                    if signs == [.equal] || signs == [.unequal] { check.places(sides) }
                case .compose: check.pipeline(value)
                default: break
                }
            }
        }
        return check.found
    }

    private func place(_ span: Span) -> Diagnostic.Label { .init(Place(source, span)) }

    private mutating func add(_ d: Diagnostic) {
        guard let start = d.labels.first?.place.span.start,
            !found.contains(where: { $0.code == d.code && $0.labels.first?.place.span.start == start })
        else { return }
        found.append(d)
    }

    private mutating func train(_ train: Train) {
        // `batches(x, y, batch = 4) as a, b`: what the names of the batch are parts of.
        if case .call(let callee, let given, _) = train.source.kind, case .name("batches") = callee.kind {
            var parts = given.filter { $0.name == nil }.map(\.value)
            // The last one may be how many rows a batch has.
            if parts.count > 1, let size = parts.last, isOneNumber(size) { parts.removeLast() }
            for (name, part) in zip(train.names, parts) where values[name.text] == nil { values[name.text] = part }
        }
        if let nothing = train.minimizesNothing(source) { add(nothing) }
        if let taken = train.reportsOwn(source) { add(taken) }
        if let misnamed = train.misnamed(source) { add(misnamed) }
        if let turned = train.turned(source, inCheck: true, defined: { defined.contains($0) }) { add(turned) }
        if let length = train.length, case .number(0, _) = length.kind {
            add(
                Diagnostic(
                    .warning, code: "train.length", "this train runs no steps", at: [place(length.span)],
                    repair: "for 5 epochs  or  for 300 steps"))
        }
    }

    // MARK: Nets

    /// The stages of a net from first to last, if the text shows them.
    private func stages(_ value: Expression, _ depth: Int = 0) -> [Expression]? {
        guard depth < 8 else { return nil }
        switch value.kind {
        case .compose(let left, let right):
            guard let a = stages(left, depth + 1), let b = stages(right, depth + 1) else { return nil }
            return a + b
        case .name(let name):
            if let made = values[name] { return stages(made, depth + 1) }
            return [value]
        case .call(let callee, _, _):
            guard case .name(let name) = callee.kind else { return nil }
            if case .pipeline(let inner)? = layers[name]?.form { return stages(inner, depth + 1) }
            return [value]
        default: return nil
        }
    }

    private func word(_ stage: Expression) -> String? {
        switch stage.kind {
        case .name(let name): name
        case .call(let callee, _, _): if case .name(let name) = callee.kind { name } else { nil }
        default: nil
        }
    }

    /// `dense(1) >> softmax`: one share of all is 1.
    private mutating func pipeline(_ value: Expression) {
        guard let stages = stages(value), stages.count > 1 else { return }
        for (stage, next) in zip(stages, stages.dropFirst()) where word(next) == "softmax" && word(stage) == "dense" {
            guard case .call(_, let arguments, _) = stage.kind, let units = arguments.first?.value,
                case .number(1, _) = units.kind, next.span.start >= value.span.start, next.span.end <= value.span.end
            else { continue }
            add(LossInputCheck.softmaxOverOne(Place(source, next.span)))
        }
    }

    /// A layer with weights made in `forward`: said by `check`, and when it is made.
    public static func madeInside(_ name: String, _ place: Place, _ text: String) -> Diagnostic {
        Diagnostic(
            .warning, code: "layer.inside",
            "\(name) is constructed again at each call of forward: its weights are never trained",
            at: [.init(place)],
            repair: "define the part once, and use it in forward:  body = \(text.utf8.count < 40 ? text : "\(name)(8)")"
        )
    }

    /// Random numbers that a layer keeps as a part, and not as a parameter: said by `check`, and when the layer is made.
    public static func untrained(_ member: LayerDefinition.Member, of layer: String, _ source: Source) -> Diagnostic? {
        guard case .part(let name, let value) = member else { return nil }
        let draws = ["randn", "rand", "glorot", "he", "lecun", "orthogonal"]
        var made = value
        if case .call(let callee, let given, _) = made.kind, case .name("track") = callee.kind, let inner = given.first
        {
            made = inner.value
        }
        guard case .call(let callee, let given, _) = made.kind, case .name(let maker) = callee.kind,
            draws.contains(maker), !given.isEmpty, given.allSatisfy({ $0.name == nil })
        else { return nil }
        let shape = given.map { source.text($0.value.span) }.joined(separator: ", ")
        let start = maker == "randn" ? "normal(1)" : maker == "rand" ? "uniform(0, 1)" : maker
        return Diagnostic(
            .warning, code: "layer.constant",
            "\(name.text) is a constant part of \(layer): no optimizer changes it",
            at: [.init(Place(source, value.span))],
            repair: shape.utf8.count > 30
                ? "to train it, declare a parameter:  param \(name.text) : [...] = \(start)"
                : "to train it, declare a parameter:  param \(name.text) : [\(shape)] = \(start)")
    }

    private mutating func layer(_ definition: LayerDefinition) {
        guard case .members(let members) = definition.form else { return }
        for member in members {
            if let d = LossInputCheck.untrained(member, of: definition.name.text, source) { add(d) }
        }
        let weighted: Set<String> = ["dense", "conv", "batchnorm", "layernorm", "residual"]
        for member in members {
            guard case .forward(_, let body) = member else { continue }
            body.walk { e in
                guard case .call(let callee, _, _) = e.kind, case .name(let name) = callee.kind,
                    weighted.contains(name) || self.layers[name] != nil
                else { return }
                self.add(LossInputCheck.madeInside(name, Place(self.source, e.span), self.source.text(e.span)))
            }
        }
    }

    /// Said by `check`, and when such a net is made.
    public static func softmaxOverOne(_ place: Place?) -> Diagnostic {
        Diagnostic(
            .warning, code: "fit.softmax_one", "softmax over one unit is always 1: nothing is left to learn",
            at: place.map { [.init($0)] } ?? [],
            repair: "one probability:  dense(1) >> sigmoid; one per class:  dense(classes) >> softmax")
    }

    /// N x 1 against N by a sign: each with each other. Said by `check`, and once a run.
    public static func outer(
        _ source: Source, _ span: Span, _ sign: Span, column: Expression, isLeft: Bool, other: Expression, count: Int?
    ) -> Diagnostic {
        let n = count.map(String.init) ?? "n"
        let (text, rest, op) = (source.text(column.span), source.text(other.span), source.text(sign))
        let isPlain =
            switch column.kind {
            case .name, .call, .field, .index: true
            default: false
            }
        let one = "\(isPlain ? text : "(\(text))")[.., 0]"
        let whole = isLeft ? "\(one) \(op) \(rest)" : "\(rest) \(op) \(one)"
        return Diagnostic(
            .warning, code: "loss.shapes", "\(op) of \(n)x1 and \(n) broadcasts each against each other, to \(n)x\(n)",
            at: [.init(Place(source, column.span), "\(n)x1"), .init(Place(source, other.span), n)],
            notes: count.map { ["its mean is over \($0 * $0) numbers instead of \($0)"] } ?? [],
            repair: whole.utf8.count < 60 && !whole.contains("\n")
                ? "one shape for both:  \(whole)" : "give both the same shape:  x[.., 0] of the column")
    }

    // MARK: Losses

    /// The last stage of the net whose output an argument is.
    private func last(_ argument: Expression) -> (stage: Expression, word: String)? {
        var argument = argument
        // One column of it, or another shape: the numbers are the same.
        while true {
            switch argument.kind {
            case .index(let inner, _): argument = inner
            case .call(let callee, let given, _):
                switch callee.kind {
                case .name("reshape"), .name("squeeze"):
                    guard let inner = given.first?.value else { return nil }
                    argument = inner
                    continue
                case .field(let inner, let name) where name.text == "reshape" || name.text == "squeeze":
                    argument = inner
                    continue
                default: break
                }
            default: break
            }
            if case .index = argument.kind { continue }
            break
        }
        if case .name(let name) = argument.kind, let made = values[name] { argument = made }
        guard case .call(let callee, _, _) = argument.kind else { return nil }
        if case .name(let name) = callee.kind, ["softmax", "sigmoid"].contains(name) { return (argument, name) }
        guard let stage = stages(callee)?.last, let word = word(stage), !isMade(callee) else { return nil }
        return (stage, word)
    }

    /// The numbers of a list in the text; nil if it contains anything else.
    private func numbers(_ value: Expression, _ depth: Int = 0) -> [Double]? {
        guard depth < 8 else { return nil }
        switch value.kind {
        case .number(let x, _): return [x]
        case .unary(.minus, let inner): return numbers(inner, depth + 1)?.map { -$0 }
        case .name(let name): return values[name].flatMap { numbers($0, depth + 1) }
        case .bracket(let items):
            var all: [Double] = []
            for item in items {
                guard let part = numbers(item, depth + 1) else { return nil }
                all += part
            }
            return all
        default: return nil
        }
    }

    private func isOneNumber(_ value: Expression) -> Bool {
        if case .bracket = value.kind { return false }
        return numbers(value)?.count == 1
    }

    /// A function of the library applied at once is no net.
    private func isMade(_ callee: Expression) -> Bool {
        guard case .name(let name) = callee.kind else { return false }
        return values[name] == nil
    }

    /// Whether two evaluations of the text may give two values.
    private func draws(_ value: Expression) -> Bool {
        let words: Set<String> = [
            "rand", "randn", "choice", "permutation", "next", "sample", "shuffle", "dropout", "noise",
        ]
        var found = false
        value.walk { e in
            if case .name(let name) = e.kind, words.contains(name) { found = true }
            if case .field(_, let name) = e.kind, words.contains(name.text) { found = true }
        }
        return found
    }

    /// `argmax(net(x)) == y`: without an axis one place of all, and no row's class.
    private mutating func places(_ sides: [Expression]) {
        guard sides.count == 2 else { return }
        for (side, other) in [(sides[0], sides[1]), (sides[1], sides[0])] {
            guard case .call(let callee, let given, _) = side.kind, !given.contains(where: { $0.name?.text == "axis" })
            else { continue }
            var scores: Expression?
            var word = ""
            switch callee.kind {
            case .name(let name) where given.count == 1: (scores, word) = (given[0].value, name)
            case .field(let owner, let name) where given.isEmpty: (scores, word) = (owner, name.text)
            default: break
            }
            if case .number = other.kind { continue }
            guard word == "argmax" || word == "argmin", let scores, case .call(let net, _, _) = scores.kind,
                !isMade(net), stages(net) != nil
            else { continue }
            add(
                Diagnostic(
                    .warning, code: "argmax.axis", "\(word) without an axis is one place of all the scores",
                    at: [place(side.span)],
                    repair: "for the class of each row:  \(word)(\(source.text(scores.span)), axis = 1)"))
        }
    }

    /// `argmin(pairwise_euclidean(z, z), axis = 1)`: the nearest of each row is the row itself.
    private mutating func nearestItself(_ name: String, _ arguments: [Argument]) {
        guard name == "argmin", let first = arguments.first?.value else { return }
        var distances = first
        if case .name(let made) = first.kind, let value = values[made] { distances = value }
        guard case .call(let callee, let sides, _) = distances.kind, case .name(let maker) = callee.kind,
            ["pairwise_euclidean", "pairwise_squared", "pairwise"].contains(maker), sides.count >= 2,
            sides[sides.count - 1].value == sides[sides.count - 2].value, !draws(sides[0].value)
        else { return }
        let z = source.text(sides[sides.count - 1].value.span)
        add(
            Diagnostic(
                .warning, code: "loss.same_input", "each row is its own nearest neighbour: both sides are \(z)",
                at: [place(first.span)],
                repair: z.utf8.count > 20
                    ? "others alone:  recall_at(1, z, y)"
                    : "others alone:  nearest(\(z), \(z), k = 2)[0][.., 1];  how often they agree:  recall_at(1, \(z), y)"
            ))
    }

    private mutating func loss(_ name: String, _ arguments: [Argument], _ span: Span) {
        if !defined.contains(name) { nearestItself(name, arguments) }
        if name == "identity", !defined.contains(name), let first = arguments.first, case .number = first.value.kind {
            let n = source.text(first.value.span)
            add(
                Diagnostic(
                    .warning, code: "argument.unusual", "identity returns its argument, here \(n)",
                    at: [place(span)], repair: "the matrix with 1 on its diagonal:  eye(\(n), \(n))"))
        }
        let given = arguments.filter { $0.name == nil }.map(\.value)
        guard let first = given.first else { return }
        switch name {
        case "cross_entropy", "bce_with_logits":
            guard let (_, word) = last(first) else { return }
            if ["softmax", "sigmoid"].contains(word) {
                add(
                    Diagnostic(
                        .warning, code: "loss.squashed",
                        "\(name) expects logits, and these went through \(word)",
                        at: [place(first.span)],
                        notes: ["\(name) has a \(LossNames.ownActivation(name)) of its own"],
                        repair: LossNames.withoutActivation(name, word))
                )
            } else if word == "relu" {
                add(
                    Diagnostic(
                        .warning, code: "loss.squashed",
                        "\(name) needs logits below 0 too, and relu leaves none", at: [place(first.span)],
                        repair: "leave relu out after the last dense"))
            }
        case "bce":
            guard let (_, word) = last(first), ["dense", "relu", "tanh"].contains(word) else { return }
            add(
                Diagnostic(
                    .warning, code: "loss.range",
                    "bce expects probabilities from 0 to 1, and the net ends in \(word)", at: [place(first.span)],
                    repair: word == "dense"
                        ? "of scores:  bce_with_logits(\(given.map { source.text($0.span) }.joined(separator: ", ")))"
                        : "end the net in dense(1) >> sigmoid"))
        case "mse", "mae", "huber":
            guard given.count >= 2, let (_, word) = last(first), let reach = Kind.reach(of: word),
                let got = numbers(given[1])?.first(where: { $0 < reach.low || $0 > reach.high })
            else { return }
            add(
                Diagnostic(
                    .warning, code: "loss.reach",
                    "the target \(shown(got)) can never be reached: prediction ends in \(word), and lies \(reach.said)",
                    at: [place(given[1].span)],
                    repair: "leave \(word) out after the last dense, or scale the targets"))
        case "contrastive", "double_margin", "cosine_contrastive", "chopra", "triplet", "soft_margin_triplet":
            guard given.count >= 2, case .call(_, let inputs, _) = given[0].kind, !inputs.isEmpty, given[0] == given[1],
                !draws(given[0])
            else { return }
            let isOfThree = name.hasSuffix("triplet")
            add(
                Diagnostic(
                    .warning, code: "loss.same_input", "both sides are the same: every distance is 0",
                    at: [place(given[1].span)],
                    repair: "\(isOfThree ? "three" : "two") different inputs:  "
                        + "\(name)(\(isOfThree ? "net(a), net(p), net(n)" : "net(a), net(b), same"))"))
        default: break
        }
    }
}
