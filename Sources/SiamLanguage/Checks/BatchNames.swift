/// The names that the parts of a batch get, by `as` or by the source itself, and a body that takes them in another order.
extension Train {
    /// The names behind `as`; without them those that the source is known for.
    public var boundNames: [String] { names.isEmpty ? partNames ?? ["batch"] : names.map(\.text) }

    /// What the parts of the source's batches are, in their order; nil where the text does not tell.
    var partNames: [String]? { BatchParts.parts(of: source) }

    /// Names that are most often those of a part.
    public static let usualNames: Set<String> = ["a", "b", "same", "p", "n", "x", "y"]
    /// How the parts of the batches of this source get names.
    public func namesAdvice(_ text: Source) -> String {
        let from = text.text(source.span)
        if !names.isEmpty, names.count == partNames?.count {
            return "the parts of this batch are  \(names.map(\.text).joined(separator: ", "))"
        }
        // What a name holds, a source or the data itself, is not known from here.
        if case .name = source.kind { return "name the parts of a batch with as, behind the source" }
        let parts = partNames ?? ["x", "y"]
        let isShort = from.utf8.count <= 40 && !from.contains("\n")
        let example = parts.count == 3 ? "pairs(d, 32)" : "batches(d, 32)"
        return "name the parts of a batch with as:  on \(isShort ? from : example) as \(parts.joined(separator: ", "))"
    }

    /// The part that a name is usual for; nil where it may be any.
    static func part(_ name: String) -> String? {
        switch name.lowercased() {
        case "a", "anchor", "anchors": "a"
        case "p", "pos", "positive", "positives": "p"
        case "n", "neg", "negative", "negatives": "n"
        case "same", "is_same": "same"
        case "x", "xs", "image", "images", "input", "inputs": "x"
        case "y", "ys", "label", "labels", "target", "targets": "y"
        default: nil
        }
    }

    /// A source of batches in place of the data itself: `train net on d as x, y`.
    public static func sourceAdvice(_ train: Train, _ text: Source) -> String {
        let data = text.text(train.source.span)
        let names = train.names.map(\.text)
        var isSet = if case .name = train.source.kind { true } else { false }
        if case .call(let callee, _, _) = train.source.kind, case .name(let maker) = callee.kind {
            isSet = ["digits", "csv", "idx", "glyphs", "blobs", "moons", "rings", "spirals", "dataset", "image_folder"]
                .contains(maker)
        }
        guard isSet, data.utf8.count <= 40, !names.isEmpty else {
            return "pairs(data, 32), triplets(data, 32), balanced(data, 8, 4) or batches(data, 32)"
        }
        let maker =
            names.count < 3
            ? "batches"
            : names.contains { ["p", "n"].contains(Train.part($0)) } ? "triplets" : "pairs"
        return "its batches:  on \(maker)(\(data), 32) as \(names.joined(separator: ", "))"
    }

    /// An optimizer in place of its name: `using adam`, `using "adam"`.
    public static func optimizerAdvice(_ train: Train, _ text: Source) -> String {
        let word = text.text(train.optimizer.span).filter { $0 != "\"" }.lowercased()
        return ["adam", "adamw", "sgd", "rmsprop", "adagrad"].contains(word)
            ? "it is made by a call:  using \(word)(\(word == "sgd" ? "0.1" : "0.001"))" : "adam(0.001) or sgd(0.1)"
    }

    /// What certainly is no optimizer: a text, or the function that makes one.
    func optimizerOfNoCall(_ text: Source, isOwn: (String) -> Bool) -> Diagnostic? {
        let got: String
        switch optimizer.kind {
        case .text: got = "a text"
        case .name(let name) where ["adam", "adamw", "sgd", "rmsprop", "adagrad"].contains(name) && !isOwn(name):
            got = "a function"
        default: return nil
        }
        return Diagnostic(
            code: "train.optimizer", "train expects an optimizer after `using`, and got \(got)",
            at: [.init(Place(text, optimizer.span))], repair: Train.optimizerAdvice(self, text))
    }

    /// `using adam(net.params, 0.001)`: the net where the learning rate belongs.
    func optimizerOfNet(_ text: Source, isOwn: (String) -> Bool) -> Diagnostic? {
        guard case .call(let callee, let given, _) = optimizer.kind, case .name(let name) = callee.kind,
            ["adam", "adamw", "sgd", "rmsprop", "adagrad"].contains(name), !isOwn(name), let first = given.first,
            first.name == nil, case .field(_, let word) = first.value.kind, word.text == "params"
        else { return nil }
        let rest = given.dropFirst().map { $0.text(in: text) }.joined(separator: ", ")
        return Diagnostic(
            code: "train.optimizer", "\(name) expects the learning rate first, and got the parameters of a net",
            at: [.init(Place(text, first.value.span))],
            repair: "an optimizer does not take the net, train names it:  \(name)(\(rest.isEmpty ? "0.001" : rest))")
    }

    /// More names than a batch of the source has parts: `batches(d, 32) as a, b, same`.
    public func miscounted(_ text: Source) -> Diagnostic? {
        guard let parts = partNames, names.count > parts.count else { return nil }
        return Diagnostic(
            code: "train.names",
            "the batches have \(parts.count) parts, and there are \(names.count) names for them",
            at: [.init(Place(text, names[parts.count].span))], repair: sourceOfThree(text))
    }

    /// The source whose batches have the three parts that are named, of the same data.
    public func sourceOfThree(_ text: Source) -> String? {
        guard names.count == 3, case .call(let callee, let given, _) = source.kind, case .name = callee.kind else {
            return nil
        }
        let maker = names.contains { ["p", "n"].contains(Train.part($0.text)) } ? "triplets" : "pairs"
        let data = given.prefix(2).map { $0.text(in: text) }.joined(separator: ", ")
        let list = names.map(\.text).joined(separator: ", ")
        let whole = "on \(maker)(\(data)) as \(list)"
        return whole.utf8.count <= 80 && !whole.contains("\n") && given.count >= 2
            ? "\(maker) gives three parts:  \(whole)" : nil
    }

    /// Names of parts in another order than the source gives them: `triplets(d, 16) as a, n, p`.
    public func misnamed(_ text: Source) -> Diagnostic? {
        guard let parts = partNames, names.count == parts.count, !isUsedInPlace else { return nil }
        for (name, part) in zip(names, parts) {
            guard let meant = Train.part(name.text), meant != part, parts.contains(meant) else { continue }
            let who = text.text(source.span).prefix { $0 != "(" }
            let ordered = parts.compactMap { wanted in
                names.first { Train.part($0.text) == wanted }?.text ?? wanted
            }
            return Diagnostic(
                .warning, code: "train.order",
                "\(who) gives \(parts.joined(separator: ", ")) in this order, and \(name.text) gets \(part)",
                at: [.init(Place(text, name.span))],
                repair: "in the right order:  as \(ordered.joined(separator: ", "))")
        }
        return nil
    }

    /// Whether the body takes the parts by their places, whatever they are called: `as a, n, p` under
    /// `triplet(net(a), net(n), net(p))` comes to the right loss, and so does a difference of two distances in that order.
    private var isUsedInPlace: Bool {
        guard names.count == 3 else { return false }
        let local = LintCheck.assigned(body.statements)
        func meaning(_ e: Expression) -> Expression {
            guard case .name(let name) = e.kind, let given = local[name], given.count == 1 else { return e }
            return given[0] ?? e
        }
        func part(_ e: Expression) -> Int? {
            switch meaning(e).kind {
            case .name(let name): return names.firstIndex { $0.text == name }
            case .call(_, let given, _) where given.count == 1: return part(given[0].value)
            default: return nil
            }
        }
        func parts(_ e: Expression) -> Set<Int> {
            let inside = LintCheck.names(in: meaning(e))
            var found: Set<Int> = []
            for name in inside {
                if let k = names.firstIndex(where: { $0.text == name }) {
                    found.insert(k)
                } else if let given = local[name], given.count == 1, let value = given[0], let k = part(value) {
                    found.insert(k)
                }
            }
            return found
        }
        var isInPlace = false
        for s in body.statements {
            s.walk { e in
                switch e.kind {
                case .call(_, let given, _):
                    let plain = given.filter { $0.name == nil }.prefix(3).map { part($0.value) }
                    if plain == [0, 1, 2] { isInPlace = true }
                case .binary(.subtract, let near, let far, _):
                    let (a, b) = (parts(near), parts(far))
                    if a.contains(1), !a.contains(2), b.contains(2), !b.contains(1) { isInPlace = true }
                default: break
                }
            }
        }
        return isInPlace
    }

    /// Losses of the library that are given the parts of a batch the wrong way round: the negative where the positive stands,
    /// `1 - same` where 1 says that two are of one kind.
    /// - Parameter inCheck: whether a check asks, which says of labels that are turned itself.
    public func turned(_ text: Source, inCheck: Bool = false, defined: (String) -> Bool) -> Diagnostic? {
        guard let parts = partNames, boundNames.count == parts.count, misnamed(text) == nil else { return nil }
        var names: [String: Int] = [:]
        for (k, name) in boundNames.enumerated() { names[name] = k }
        /// Which part of the batch it is that a net is applied to, or the part itself.
        func place(_ e: Expression) -> Int? {
            switch e.kind {
            case .name(let name): return names[name]
            case .call(_, let given, _) where given.count == 1: return place(given[0].value)
            default: return nil
            }
        }
        var found: Diagnostic?
        func look(_ e: Expression) {
            guard found == nil, case .call(let callee, let given, _) = e.kind, case .name(let loss) = callee.kind,
                !defined(loss)
            else { return }
            let plain = given.filter { $0.name == nil }.map(\.value)
            if parts.contains("p"), loss.hasSuffix("triplet"), plain.count >= 3,
                case let places = plain.prefix(3).compactMap(place), places.count == 3, Set(places).count == 3,
                places[2] != 2
            {
                let words = plain.prefix(3).map { text.text($0.span) }
                let right = [0, 1, 2].compactMap { k in places.firstIndex(of: k).map { words[$0] } }
                found = Diagnostic(
                    .warning, code: "train.turned",
                    "\(loss) takes a, p, n, and n is in another place: different classes are pulled together",
                    at: [.init(Place(text, plain[2].span))],
                    repair: "\(loss)(\(right.joined(separator: ", ")))")
            }
            // The net that the loss is given, by its name; that of two inputs has a tower.
            var embedder = "net"
            if case .call(let callee, let inputs, _)? = plain.first?.kind, case .name(let net) = callee.kind {
                embedder = inputs.count == 2 ? "\(net).tower" : net
            }
            if parts.last == "same", ["contrastive", "double_margin", "cosine_contrastive", "chopra"].contains(loss),
                plain.count == 2, given.count == 2, case .name = plain[1].kind, place(plain[1]) == 2
            {
                found = Diagnostic(
                    .warning, code: "train.turned",
                    "\(loss) of two takes embeddings and class numbers, and \(boundNames[2]) says which pairs are positive",
                    at: [.init(Place(text, plain[1].span))],
                    repair:
                        "for pairs:  \(loss)(\(embedder)(\(boundNames[0])), \(embedder)(\(boundNames[1])), \(boundNames[2]))"
                )
            }
            let ofClasses: Set<String> = [
                "supcon", "nca", "circle", "multi_similarity", "batch_hard", "batch_all", "semi_hard",
                "lifted_structure", "angular", "margin_triplet", "cross_entropy",
            ]
            if parts.last == "same", ofClasses.contains(loss), plain.count >= 2, case .name = plain[1].kind,
                place(plain[1]) == 2, place(plain[0]).map({ $0 < 2 }) ?? false
            {
                found = Diagnostic(
                    .warning, code: "train.turned",
                    "\(loss) takes class numbers, and \(boundNames[2]) says which pairs are positive",
                    at: [.init(Place(text, plain[1].span))],
                    notes: ["for batches with class numbers use  balanced(d, 8, 4) as x, y"],
                    repair:
                        "for pairs:  contrastive(\(embedder)(\(boundNames[0])), \(embedder)(\(boundNames[1])), \(boundNames[2]))"
                )
            }
            if !inCheck, parts.last == "same",
                ["contrastive", "double_margin", "cosine_contrastive", "chopra"].contains(loss),
                let same = given.first(where: { $0.name?.text == "same" })?.value ?? (plain.count > 2 ? plain[2] : nil),
                case .binary(.subtract, let one, let flag, _) = same.kind, case .number(1, _) = one.kind,
                place(flag) == 2
            {
                found = Diagnostic(
                    .warning, code: "train.turned",
                    "\(loss) pulls together where same is 1, and here it is 1 for negative pairs",
                    at: [.init(Place(text, same.span))], repair: "same as it is:  \(text.text(flag.span))")
            }
        }
        for s in body.statements { s.walk(look) }
        return found
    }
}
