/// Arguments by the names that they have elsewhere, in the call as it is written.
extension Foreign {
    public struct ArgumentMeant {
        /// The name that siam has for it.
        public var name: String?
        /// What to write instead, where more than the name has to change.
        public var says: String?
        public var edits: [Diagnostic.Edit]
        public init(name: String? = nil, says: String? = nil, edits: [Diagnostic.Edit] = []) {
            (self.name, self.says, self.edits) = (name, says, edits)
        }
    }

    /// What an argument that a function does not have was meant for.
    /// - Parameter names: the arguments that the function does have.
    public static func argumentMeant(
        _ label: Name, of function: String, _ names: [String], _ arguments: [Argument], _ source: Source
    ) -> ArgumentMeant {
        let own = arguments.first { $0.name == label }
        if let own, let says = activation(label.text, own, arguments, function, source) {
            return ArgumentMeant(says: says)
        }
        if let own, let (name, value) = complement(label.text, own.value), names.contains(name) {
            let span = Span(label.span.start, own.value.span.end)
            return ArgumentMeant(
                says: "\(name) is the other part:  \(name) = \(value)",
                edits: [.init(Place(source, span), "\(name) = \(value)")])
        }
        if label.text == "dims", names.contains("axis"), let own, let n = own.value.plainNumber, n >= 1 {
            let says = "axis = \(formatNumber(n - 1))"
            return ArgumentMeant(
                says: "axes count from 0:  \(says)",
                edits: [.init(Place(source, Span(label.span.start, own.value.span.end)), says)])
        }
        // A schedule that shares its name with a distance.
        if function == "cosine",
            ["lr", "learning_rate", "steps", "T_max", "initial_learning_rate"].contains(label.text),
            arguments.count >= 2
        {
            let texts = arguments.prefix(2).map { source.text($0.value.span) }
            return ArgumentMeant(
                says: "of a schedule the rate comes first, then the steps:  cosine(\(texts[0]), \(texts[1]))")
        }
        if function == "clamp", ["min", "max", "a_min", "a_max"].contains(label.text), arguments.count == 2, let own,
            arguments[0].name == nil
        {
            let word = label.text.hasSuffix("min") ? "maximum" : "minimum"
            return ArgumentMeant(
                says:
                    "one bound alone:  \(word)(\(source.text(arguments[0].value.span)), \(source.text(own.value.span)))"
            )
        }
        if label.text == "requires_grad", let own, let says = tracked(own, function, arguments, source) {
            return ArgumentMeant(says: says)
        }
        if ["seed", "random_state"].contains(label.text), let own, let n = own.value.plainNumber,
            !names.contains("seed")
        {
            return ArgumentMeant(says: "set the random seed before:  seed \(formatNumber(n))")
        }
        if label.text == "sep", function == "print", let own, let sign = own.value.plainText {
            let values = arguments.filter { $0.name == nil }.map { one in
                one.value.plainText ?? "{\(source.text(one.value.span))}"
            }
            let whole = "print(\"\(values.joined(separator: sign))\")"
            if whole.utf8.count <= 60, !whole.contains("\n") {
                return ArgumentMeant(says: "the separator stands in the text:  \(whole)")
            }
        }
        if function == "resume", ["epochs", "n_epochs", "epoch"].contains(label.text) {
            return ArgumentMeant(says: "its length is in steps:  for_steps = 100")
        }
        if label.text == "train", names.contains("part"), let own {
            let isTest = ["false", "False"].contains(source.text(own.value.span))
            let says = "part = \"\(isTest ? "test" : "train")\""
            return ArgumentMeant(
                says: "a part is named:  \(says)",
                edits: [.init(Place(source, Span(label.span.start, own.value.span.end)), says)])
        }
        if label.text == "shuffle", let own, case .bool(false) = own.value.kind {
            return ArgumentMeant(says: "a fixed order is that of the data:  d.x[0..32]")
        }
        if hasSeveral(label.text), let own, case .bracket(let items) = own.value.kind {
            return ArgumentMeant(says: parted(label.text, items.map { source.text($0.span) }))
        }
        guard
            let name = argument(label.text, in: names)
                ?? (hasSeveral(label.text) ? nil : closest(to: label.text, in: names))
        else { return ArgumentMeant(says: argumentTold(label.text)) }
        return ArgumentMeant(name: name, edits: [.init(Place(source, label.span), name)])
    }

    /// `tensor([1, 2], requires_grad = true)`: a tensor that gradients follow.
    private static func tracked(
        _ own: Argument, _ function: String, _ arguments: [Argument], _ source: Source
    ) -> String? {
        let isMeant = ["true", "True"].contains(source.text(own.value.span))
        guard isMeant else { return "a tensor is followed only behind track; leave it out" }
        let rest = arguments.filter { $0 != own }.map { $0.text(in: source) }.joined(separator: ", ")
        let made = function == "tensor" ? rest : "\(function)(\(rest))"
        return made.utf8.count <= 60 && !made.contains("\n") ? "a tensor with a gradient:  track(\(made))" : nil
    }

    /// `dense(128, activation = "sigmoid")`: the layer, and its activation as the stage behind it.
    private static func activation(
        _ name: String, _ own: Argument, _ arguments: [Argument], _ function: String, _ source: Source
    ) -> String? {
        guard ["activation", "activation_fn", "nonlinearity"].contains(name) else { return nil }
        var word = source.text(own.value.span)
        if case .text(let parts) = own.value.kind, parts.count == 1, case .literal(let text) = parts[0] { word = text }
        if case .field(_, let last) = own.value.kind { word = last.text }
        guard word.allSatisfy({ $0.isLetter || $0 == "_" }), !word.isEmpty else { return nil }
        let stage = Foreign.word(word)?.name ?? word.lowercased()
        let rest = arguments.filter { $0 != own }.map { $0.text(in: source) }.joined(separator: ", ")
        let layer = "\(function)(\(rest))"
        let whole = stage == "linear" || stage == "none" ? layer : "\(layer) >> \(stage)"
        return whole.utf8.count <= 70 && !whole.contains("\n") ? "an activation is a stage of its own:  \(whole)" : nil
    }

    /// An argument that says what is left out where siam's says what is kept, or the other way round, and siam's value of it.
    private static func complement(_ name: String, _ value: Expression) -> (name: String, value: String)? {
        let other: String? =
            switch name {
            case "test_size", "test", "val", "valid", "valid_size", "val_size", "holdout", "test_ratio", "test_share":
                "share"
            case "keep_prob": "rate"
            default: nil
            }
        guard let other, let x = value.plainNumber, x > 0, x < 1 else { return nil }
        return (other, formatNumber(((1 - x) * 1e6).rounded() / 1e6))
    }
}
