/// The parts of the batch that a place of a program stands in, by their names there: those of the body of `train`, of a loop
/// over a source, or of `a, b, same = pairs(d, 32).next()` before it.
struct BatchParts {
    /// The names that the program gives them.
    var names: [String]
    /// What they are: `a, b, same`.
    var parts: [String]
    /// The source as it is written.
    var source: String
    /// How the names are written, up to them: `as`, `for`; empty where they stand before `=`.
    var form: Form
    /// The net that is trained.
    var net: String?
    /// Nets of two inputs that give distances: `net = siamese(tower)`. Embeddings are those of their tower.
    var siameses: Set<String> = []
    /// What names were given before the place.
    var values: [String: Expression] = [:]

    enum Form { case train, loop, assignment }

    /// What the parts of a source's batches are, in their order; nil where the text does not tell.
    static func parts(of source: Expression) -> [String]? {
        guard case .call(let callee, let given, _) = source.kind, case .name(let n) = callee.kind else { return nil }
        switch n {
        case "pairs": return ["a", "b", "same"]
        case "triplets": return ["a", "p", "n"]
        case "balanced": return ["x", "y"]
        // Of tensors there are as many parts as tensors.
        case "batches":
            return given.filter { $0.name == nil && $0.value.plainNumber == nil }.count < 3 ? ["x", "y"] : nil
        default: return nil
        }
    }

    /// The innermost that a place stands in; nil where the text does not tell.
    static func around(_ place: Place, _ program: Program) -> BatchParts? {
        let text = place.source
        var found: BatchParts?
        var sources: [String: Expression] = [:]
        var siameses: Set<String> = []
        var values: [String: Expression] = [:]
        func isInside(_ span: Span) -> Bool { span.start <= place.span.start && place.span.end <= span.end }
        func isSource(_ e: Expression) -> Expression? {
            if case .name(let name) = e.kind { return sources[name] }
            return parts(of: e) == nil ? nil : e
        }
        var walker = TreeWalker()
        walker.onStatement = { s in
            switch s.kind {
            case .forIn(let names, let from, let block):
                guard isInside(block.span), let source = isSource(from), let parts = parts(of: source) else { return }
                found = BatchParts(
                    names: names.map(\.text), parts: parts, source: text.text(from.span), form: .loop)
            case .assign(let targets, let value):
                guard s.span.end <= place.span.start else { return }
                if targets.count == 1, case .name(let name)? = targets.first?.kind {
                    values[name] = value
                    if parts(of: value) != nil { sources[name] = value }
                    if value.isSiameseOfDistances { siameses.insert(name) } else { siameses.remove(name) }
                }
                guard case .call(let callee, _, _) = value.kind, case .field(let owner, let next) = callee.kind,
                    next.text == "next", let source = isSource(owner), let parts = parts(of: source)
                else { return }
                let names = targets.compactMap { if case .name(let n) = $0.kind { n } else { nil } }
                guard names.count == targets.count, found?.form != .train || found?.names != names else { return }
                found = BatchParts(names: names, parts: parts, source: text.text(owner.span), form: .assignment)
            default: break
            }
        }
        walker.onExpression = { e in
            guard case .train(let train) = e.kind, isInside(train.body.span), let source = isSource(train.source),
                let parts = parts(of: source)
            else { return }
            var net: String?
            if case .name(let name)? = train.nets.first?.kind { net = name }
            found = BatchParts(
                names: train.names.isEmpty ? parts : train.names.map(\.text), parts: parts,
                source: text.text(train.source.span), form: .train, net: net)
        }
        for statement in program.statements { walker.walk(statement) }
        found?.siameses = siameses
        found?.values = values
        return found
    }

    /// The names in the order of the parts, where they are the usual ones and stand in another; nil where they do not.
    var inOrder: [String]? {
        let meant = names.map { Train.part($0) ?? $0 }
        guard meant.count == parts.count, meant != parts, Set(meant) == Set(parts) else { return nil }
        return parts.compactMap { part in meant.firstIndex(of: part).map { names[$0] } }
    }

    /// The names with those that are missing, the one that is asked for among them.
    private func completed(_ word: String) -> [String] {
        var all = names + parts[names.count...]
        if all.count - names.count == 1 { all[all.count - 1] = word }
        return all
    }

    /// What a name that nothing has means among the parts.
    func meaning(of word: String, at span: Span, _ source: Source) -> (says: String, edits: [Diagnostic.Edit])? {
        if names.count < parts.count, Train.part(word).map({ !names.contains($0) && parts.contains($0) }) ?? false {
            let list = completed(word).joined(separator: ", ")
            let who = self.source.prefix { $0.isLetter || $0.isNumber || $0 == "_" }
            let three = parts.count == 3 ? "three" : "two"
            switch form {
            case .train: return ("\(who) gives \(three) parts:  as \(list)", [])
            case .loop: return ("\(who) gives \(three) parts:  for \(list) in \(self.source)", [])
            case .assignment: return ("\(who) gives \(three) parts:  \(list) = \(self.source).next()", [])
            }
        }
        guard names.count == parts.count, let part = Train.part(word), let k = parts.firstIndex(of: part),
            names[k] != word
        else { return nil }
        return ("here it is called \(names[k])", [.init(Place(source, span), names[k])])
    }

    /// A loss of these parts, with the settings that a call has by name; nil where a loss takes other things.
    func loss(_ name: String, _ arguments: [Argument], _ source: Source) -> String? {
        guard names.count == parts.count, var net = net ?? applied(arguments) else { return nil }
        let isOfDistances = siameses.contains(net)
        if isOfDistances { net += ".tower" }
        let settings = arguments.filter { one in
            // A part of the batch by another name is no setting.
            if case .name(let part) = one.value.kind, names.contains(part) { return false }
            return true
        }.filter {
            $0.name.map { !["a", "b", "same", "p", "n", "x", "y", "z"].contains($0.text) } ?? false
        }
        let rest = settings.map { ", " + $0.text(in: source) }.joined()
        let isOfPairs = LossNames.ofPairs.contains(name)
        let isOfTriplets = name.hasSuffix("triplet")
        switch (parts[parts.count - 1], isOfPairs, isOfTriplets) {
        case ("same", true, _): return "\(name)(\(net)(\(names[0])), \(net)(\(names[1])), \(names[2])\(rest))"
        case ("same", _, _) where isOfDistances && ["bce", "bce_with_logits"].contains(name):
            return "contrastive(\(net)(\(names[0])), \(net)(\(names[1])), \(names[2]))"
        case ("same", _, _)
        where compared(arguments.first?.value, net) != nil && (name.hasPrefix("bce") || name == "hinge"):
            let loss = compared(arguments.first?.value, net) == "cosine" ? "cosine_contrastive" : "contrastive"
            return "\(loss)(\(net)(\(names[0])), \(net)(\(names[1])), \(names[2]))"
        case ("same", _, true): return "contrastive(\(net)(\(names[0])), \(net)(\(names[1])), \(names[2]))"
        case ("n", _, true):
            return "\(name)(\(net)(\(names[0])), \(net)(\(names[1])), \(net)(\(names[2]))\(rest))"
        case ("same", _, _) where LossNames.ofBatches.contains(name):
            return "contrastive(\(net)(\(names[0])), \(net)(\(names[1])), \(names[2]))"
        case ("n", _, _) where LossNames.ofBatches.contains(name):
            return "triplet(\(net)(\(names[0])), \(net)(\(names[1])), \(net)(\(names[2])))"
        case ("n", true, _) where Train.part(names[2]) == "same": return nil
        case ("n", true, _): return "triplet(\(net)(\(names[0])), \(net)(\(names[1])), \(net)(\(names[2])))"
        case ("y", _, _)
        where isOfPairs || isOfTriplets || LossNames.ofBatches.contains(name) || name == "cross_entropy":
            return "\(name)(\(net)(\(names[0])), \(names[1])\(rest))"
        default: return nil
        }
    }

    /// The distance by which the embeddings of both inputs are compared, `-` where they are subtracted; nil where something else
    /// is made of them.
    func compared(_ value: Expression?, _ net: String) -> String? {
        guard var value else { return nil }
        if case .name(let name) = value.kind { value = values[name] ?? value }
        func isInput(_ e: Expression, _ k: Int) -> Bool {
            var e = e
            if case .name(let name) = e.kind { e = values[name] ?? e }
            guard case .call(let callee, let given, _) = e.kind, callee.kind == .name(net), given.count == 1 else {
                return false
            }
            return given[0].value.kind == .name(names[k])
        }
        switch value.kind {
        case .binary(.subtract, let a, let b, _): return isInput(a, 0) && isInput(b, 1) ? "-" : nil
        case .call(let callee, let given, _):
            guard case .name(let name) = callee.kind, ["cosine", "euclidean", "squared", "manhattan"].contains(name),
                given.count == 2, isInput(given[0].value, 0), isInput(given[1].value, 1)
            else { return nil }
            return name
        default: return nil
        }
    }

    /// The repair where the names say other parts than the source gives: `pairs(d, 32) as a, p, n`, or leave `same` out.
    func otherNames(_ loss: String, _ source: Source) -> String? {
        guard parts.last == "same", form == .train, let net else { return nil }
        if names.count == 3, loss.hasSuffix("triplet"), Train.part(names[1]) == "p", Train.part(names[2]) == "n",
            self.source.hasPrefix("pairs(")
        {
            return "\(names.joined(separator: ", ")) are of triplets:  triplets(\(self.source.dropFirst(6))"
        }
        guard names.count == 2, LossNames.ofPairs.contains(loss), !siameses.contains(net), !names.contains("same")
        else {
            return nil
        }
        return
            "as \(names[0]), \(names[1]), same, and  \(loss)(\(net)(\(names[0])), \(net)(\(names[1])), same)"
    }

    /// The net of `net(a)` as it is written, where it is `siamese(tower, head = ...)`.
    func headed(_ call: String) -> String? {
        let name = String(call.prefix { $0 != "(" })
        guard case .call(let callee, let given, _)? = values[name]?.kind, callee.kind == .name("siamese"),
            given.contains(where: { $0.name?.text == "head" })
        else { return nil }
        return name
    }

    /// The net of `net(a)` among the arguments.
    private func applied(_ arguments: [Argument]) -> String? {
        for argument in arguments {
            guard case .call(let callee, let given, _) = argument.value.kind, case .name(let net) = callee.kind,
                given.count == 1, case .name(let part) = given[0].value.kind, names.contains(part)
            else { continue }
            return net
        }
        return nil
    }
}
