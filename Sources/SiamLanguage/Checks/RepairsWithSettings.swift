/// A repair that writes a call anew keeps the settings that the call has: a margin, a temperature, a number of pairs.
extension Diagnostic {
    private static let ofOrders: Set<String> = [
        "train.turned", "loss.same_input", "loss.shapes", "loss.same", "loss.labels", "argument.rows", "argument.kind",
        "metric.data", "metric.embeddings", "loss.turned", "call.missing", "argument.missing",
    ]

    /// Losses and where among their arguments a setting stands without its name.
    private static let places: [String: [Int: String]] = [
        "contrastive": [3: "margin"], "double_margin": [3: "margin"], "cosine_contrastive": [3: "margin"],
        "triplet": [3: "margin"], "batch_hard": [2: "margin"], "batch_all": [2: "margin"], "semi_hard": [2: "margin"],
        "supcon": [2: "temperature"], "nt_xent": [2: "temperature"],
    ]

    private static let settings: Set<String> = [
        "margin", "temperature", "pairs", "soft", "distance", "weights", "gamma", "scale", "baseline", "epsilon",
        "alpha",
        "trials", "ways", "shots", "sample",
    ]

    func withSettings(of known: Program?) -> Diagnostic {
        guard let repair, Diagnostic.ofOrders.contains(code), let place = labels.first?.place,
            place.source.kind != .prelude, repair.hasSuffix(")")
        else { return self }
        let program =
            known.flatMap { $0.source == place.source ? $0 : nil } ?? Parser.parse(place.source, isVetted: true).program
        var call: (name: String, given: [Argument])?
        for statement in program.statements {
            statement.walk { e in
                guard e.span.start <= place.span.start, place.span.end <= e.span.end,
                    case .call(let callee, let given, _) = e.kind, case .name(let name) = callee.kind
                else { return }
                if repair.hasPrefix("\(name)(") || repair.contains("  \(name)(") { call = (name, given) }
            }
        }
        guard let call, let start = repair.range(ofLast: "\(call.name)(")?.lowerBound,
            case let written = String(repair[start...]), written.isOneCall
        else { return self }
        let count = written.topLevelCommas + 1
        var settings: [String] = []
        for (k, argument) in call.given.enumerated() {
            let value = argument.value
            // What the message itself is about is not kept.
            if value.span.start <= place.span.start, place.span.end <= value.span.end { continue }
            if let name = argument.name {
                if Diagnostic.settings.contains(name.text), !written.contains("\(name.text) = ") {
                    settings.append(argument.text(in: place.source))
                }
            } else if value.plainNumber != nil, let name = Diagnostic.places[call.name]?[k],
                !written.contains("\(name) = ")
            {
                let number = place.source.text(value.span)
                if k < count { continue }
                settings.append(k == count && settings.isEmpty ? number : "\(name) = \(number)")
            }
        }
        guard !settings.isEmpty else { return self }
        let whole = "\(written.dropLast()), \(settings.joined(separator: ", ")))"
        guard whole.utf8.count <= 100 else { return self }
        var d = self
        d.repair = repair[..<start] + whole
        d.edits = edits.map { $0.replacement == written ? Edit($0.place, whole) : $0 }
        return d
    }
}

extension String {
    fileprivate func range(ofLast text: String) -> Range<String.Index>? {
        var found: Range<String.Index>?
        var rest = self[...]
        while let next = rest.firstRange(of: text) {
            // A longer word that ends in this one is another.
            let isWord =
                next.lowerBound > startIndex
                && (self[index(before: next.lowerBound)].isLetter
                    || self[index(before: next.lowerBound)] == "_")
            if !isWord { found = next }
            rest = rest[next.upperBound...]
        }
        return found
    }

    /// Whether this is one call, from its name to the parenthesis that closes it.
    fileprivate var isOneCall: Bool {
        var depth = 0
        var hasOpened = false
        for c in self {
            if hasOpened, depth == 0 { return false }
            if "([{".contains(c) { (depth, hasOpened) = (depth + 1, true) }
            if ")]}".contains(c) { depth -= 1 }
        }
        return hasOpened && depth == 0
    }

    /// The commas between the arguments of a call.
    fileprivate var topLevelCommas: Int {
        var depth = 0
        var count = 0
        for c in self {
            if "([{".contains(c) { depth += 1 }
            if ")]}".contains(c) { depth -= 1 }
            if c == ",", depth == 1 { count += 1 }
        }
        return count
    }
}
