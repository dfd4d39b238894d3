/// The names that the parts of a batch get, by `as` or by the source itself, and a body that takes them in another order.
extension Train {
    /// The names behind `as`; without them those that the source is known for.
    public var boundNames: [String] { names.isEmpty ? partNames ?? ["batch"] : names.map(\.text) }

    /// What the parts of the source's batches are, in their order; nil where the text does not tell.
    var partNames: [String]? {
        guard case .call(let callee, _, _) = source.kind, case .name(let n) = callee.kind else { return nil }
        switch n {
        case "pairs": return ["a", "b", "same"]
        case "triplets": return ["a", "p", "n"]
        case "balanced", "batches": return ["x", "y"]
        default: return nil
        }
    }

    /// Names that are most often those of a part.
    public static let usualNames: Set<String> = ["a", "b", "same", "p", "n", "x", "y"]
    public static let namesAdvice = "the parts of a batch get their names by as:  on batches(d, 32) as x, y"

    /// The part that a name is usual for; nil where it may be any.
    private static func part(_ name: String) -> String? {
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

    /// Names of parts in another order than the source gives them: `triplets(d, 16) as a, n, p`.
    public func misnamed(_ text: Source) -> Diagnostic? {
        guard let parts = partNames, names.count == parts.count else { return nil }
        for (name, part) in zip(names, parts) {
            guard let meant = Train.part(name.text), meant != part, parts.contains(meant) else { continue }
            let who = text.text(source.span).prefix { $0 != "(" }
            let ordered = parts.compactMap { wanted in
                names.first { Train.part($0.text) == wanted }?.text ?? wanted
            }
            return Diagnostic(
                .warning, code: "train.order",
                "\(who) gives \(parts.joined(separator: ", ")) in this order, and \(name.text) stands for \(part)",
                at: [.init(Place(text, name.span))], repair: "in their order:  as \(ordered.joined(separator: ", "))")
        }
        return nil
    }
}
