/// Writes an expression in siam's words.
struct ForeignRewriter {
    let source: Source
    /// Whether siam or the program has something of that name.
    let isKnown: (String) -> Bool

    /// The expression as siam writes it; nil where a part of it has no such form.
    func text(_ e: Expression, isStatement: Bool = false) -> String? {
        switch e.kind {
        case .call(let callee, let given, _):
            if case .call = callee.kind, let whole = appliedAtOnce(callee, given) { return whole }
            if let found = meaning(callee) {
                return call(found, given, isStatement: isStatement)
            }
            if case .name(let name) = callee.kind, !isKnown(name), let row = ForeignTable.byWord[name],
                !row.takesTheSame
            {
                return nil
            }
        case .field(let owner, let name):
            if name.text == "T", packaged(e) == nil, !isKnown("T"), let inner = text(owner) {
                switch owner.kind {
                case .name, .call, .field, .index, .bracket: return "\(inner).transpose()"
                default: return "(\(inner)).transpose()"
                }
            }
            if let (word, keys, _) = packaged(e) {
                if let row = ForeignTable.byWord[word] {
                    return row.takesTheSame || given(keys) == nil ? row.name : nil
                }
                return isKnown(word) ? word : nil
            }
        case .name(let name) where !isKnown(name):
            if Foreign.packages.contains(name) { return nil }
            if let row = ForeignTable.byWord[name] { return row.name ?? name }
        case .block, .conditional, .train, .sweep, .time: return nil
        default: break
        }
        var written = ""
        var at = e.span.start
        var isWhole = true
        e.eachPart { part in
            guard isWhole, part.span.start >= at, let inner = text(part) else {
                isWhole = false
                return
            }
            written += source.text(Span(at, part.span.start)) + inner
            at = part.span.end
        }
        return isWhole ? written + source.text(Span(at, e.span.end)) : nil
    }

    /// `ContrastiveLoss(margin = 1)(a, b, same)`: the loss with its settings and its values in one call.
    private func appliedAtOnce(_ callee: Expression, _ given: [Argument]) -> String? {
        guard let made = text(callee), made.hasPrefix("("), let arrow = made.firstRange(of: ") -> "),
            let open = made[arrow.upperBound...].firstIndex(of: "("), made.hasSuffix(")")
        else { return nil }
        let names = made[made.index(after: made.startIndex)..<arrow.lowerBound]
        let inner = made[made.index(after: open)...].dropLast()
        guard inner.hasPrefix(names), given.allSatisfy({ $0.name == nil }) else { return nil }
        let texts = given.compactMap { text($0.value) }
        guard texts.count == given.count, texts.count == names.split(separator: ",").count else { return nil }
        let rest = inner.dropFirst(names.count)
        return "\(made[arrow.upperBound..<open])(\(texts.joined(separator: ", "))\(rest))"
    }

    private func given(_ keys: [String]) -> [ForeignCalls.Row]? { keys.lazy.compactMap { ForeignCalls.rows[$0] }.first }

    /// `np.random.rand`: the last word, the keys that it may be found by, and the package.
    private func packaged(_ e: Expression) -> (word: String, keys: [String], package: String)? {
        guard case .field(let owner, let last) = e.kind else { return nil }
        var chain = [last.text]
        var inner = owner
        while case .field(let next, let name) = inner.kind {
            chain.append(name.text)
            inner = next
        }
        guard case .name(let package) = inner.kind, !isKnown(package),
            Foreign.packages.contains(package)
                || (Foreign.modules.contains(package)
                    && (package == "K" || ForeignCalls.rows["\(package).\(last.text)"] != nil
                        || (last.text.first?.isUppercase == true && ForeignCalls.rows[last.text] != nil)))
        else { return nil }
        chain.append(package)
        return (last.text, ["\(chain[1]).\(last.text)", last.text], package)
    }

    private struct Meaning {
        var rows: [ForeignCalls.Row]
        /// What stands before the point of a method.
        var receiver: Expression?
        /// A function of siam of the same name, behind a package.
        var same: String?
    }

    private func meaning(_ callee: Expression) -> Meaning? {
        switch callee.kind {
        case .name(let name) where !isKnown(name): return ForeignCalls.rows[name].map { Meaning(rows: $0) }
        case .field(let owner, let name):
            if let (word, keys, package) = packaged(callee) {
                if ["plt", "matplotlib", "sns", "cv2"].contains(package), ForeignCalls.shown.contains(word) {
                    return Meaning(rows: [], same: nil)
                }
                return Meaning(rows: given(keys) ?? [], same: isKnown(word) ? word : nil)
            }
            guard !isKnown(name.text), let rows = ForeignCalls.rows["." + name.text] else { return nil }
            return Meaning(rows: rows, receiver: owner)
        default: return nil
        }
    }

    private func call(_ meaning: Meaning, _ arguments: [Argument], isStatement: Bool) -> String? {
        for row in meaning.rows {
            var call = ForeignArguments(self, arguments, meaning.receiver)
            if case .text(let first)? = row.template.first {
                call.hasOneSide = ["conv(", "maxpool(", "avgpool("].contains(where: first.hasPrefix)
            }
            guard let made = call.fill(row.template), call.isSpent(row.dropped) else { continue }
            if made.contains(" = "), let head = made.split(separator: "(").first, head.contains(" = ") {
                // A list grows by an assignment, which is a statement of its own.
                guard isStatement, case .name? = meaning.receiver?.kind else { continue }
            }
            return call.activation.map { "\(made) >> \($0)" } ?? made
        }
        guard let same = meaning.same else { return nil }
        var texts: [String] = []
        for argument in arguments {
            guard let value = text(argument.value) else {
                if let name = argument.name, ForeignCalls.idle.contains(name.text) { continue }
                return nil
            }
            guard let name = argument.name else {
                texts.append(value)
                continue
            }
            if ForeignCalls.idle.contains(name.text) { continue }
            let own = ["dim": "axis", "keepdim": "keep", "keepdims": "keep"][name.text] ?? name.text
            texts.append("\(own) = \(value)")
        }
        return "\(same)(\(texts.joined(separator: ", ")))"
    }
}

/// The arguments of one call, as the places of a template use them up.
private struct ForeignArguments {
    private let rewriter: ForeignRewriter
    private let receiver: Expression?
    private let positional: [Expression]
    private let named: [(name: String, value: Expression)]
    private var used: Set<String> = []
    /// Whether a size is one number for both sides: `[3, 3]` is 3.
    var hasOneSide = false

    init(_ rewriter: ForeignRewriter, _ arguments: [Argument], _ receiver: Expression?) {
        self.rewriter = rewriter
        self.receiver = receiver
        positional = arguments.filter { $0.name == nil }.map(\.value)
        named = arguments.compactMap { one in one.name.map { ($0.text, one.value) } }
    }

    /// The template with the arguments in it; nil where a place stays empty.
    mutating func fill(_ pieces: [ForeignCalls.Piece]) -> String? {
        var written = ""
        for piece in pieces {
            switch piece {
            case .text(let text): written += text
            case .place(let keys, let standard):
                guard let text = value(keys) ?? standard else { return nil }
                written += text
            case .optional(let inner):
                let before = used
                if let text = fill(inner) { written += text } else { used = before }
            }
        }
        return written
    }

    private mutating func value(_ keys: [String]) -> String? {
        for key in keys {
            if let text = value(key) { return text }
        }
        return nil
    }

    private mutating func value(_ key: String) -> String? {
        switch key {
        case "self": return receiver.flatMap(primary)
        case "*", "*~", ">>": return rest(key)
        default: break
        }
        if key.hasPrefix("1-") {
            let name = String(key.dropFirst(2))
            guard let x = named.first(where: { $0.name == name })?.value.plainNumber, x > 0, x < 1 else { return nil }
            used.insert(name)
            return formatNumber(((1 - x) * 1e6).rounded() / 1e6)
        }
        let digits = key.filter(\.isNumber)
        let isPlace = !digits.isEmpty && !(key.first?.isLetter ?? false)
        guard let value = isPlace ? positional[safe: Int(digits) ?? -1] : named.first(where: { $0.name == key })?.value
        else { return nil }
        if key.hasSuffix("#"), value.plainNumber == nil { return nil }
        if key.hasPrefix("'") || key.hasPrefix("\"") {
            guard let plain = value.plainText else { return nil }
            used.insert(digits)
            return key.hasPrefix("'") ? stage(plain) : rewriter.source.text(value.span)
        }
        if hasOneSide, case .bracket(let sides) = value.kind, let side = sides.first?.plainNumber, sides.count == 2,
            sides[1].plainNumber == side
        {
            used.insert(isPlace ? digits : key)
            return formatNumber(side)
        }
        guard let text = key == "padding" ? padding(value) : key.hasSuffix("~") ? opened(value) : rewriter.text(value)
        else { return nil }
        used.insert(isPlace ? digits : key)
        return text
    }

    /// Something that a point or a bracket may follow.
    private func primary(_ e: Expression) -> String? {
        guard let text = rewriter.text(e) else { return nil }
        switch e.kind {
        case .binary, .unary, .comparison, .logical, .range, .compose, .apply, .lambda: return "(\(text))"
        default: return text
        }
    }

    /// The items of a list that is written here; any other value as it is.
    private func opened(_ e: Expression) -> String? {
        guard case .bracket(let items) = e.kind, !items.isEmpty else { return rewriter.text(e) }
        let texts = items.compactMap { rewriter.text($0) }
        return texts.count == items.count ? texts.joined(separator: ", ") : nil
    }

    private mutating func rest(_ key: String) -> String? {
        var items: [Expression] = []
        for (k, value) in positional.enumerated() where !used.contains("\(k)") {
            used.insert("\(k)")
            if key != "*", case .bracket(let inner) = value.kind, positional.count == 1 {
                items += inner
            } else {
                items.append(value)
            }
        }
        let texts = items.compactMap { rewriter.text($0) }
        guard texts.count == items.count, !items.isEmpty || key == "*" else { return nil }
        return texts.joined(separator: key == ">>" ? " >> " : ", ")
    }

    /// PyTorch counts the rows of zeros that siam's "same" finds by itself.
    private func padding(_ e: Expression) -> String? {
        if let text = e.plainText?.lowercased(), ["same", "valid"].contains(text) { return "\"\(text)\"" }
        return e.plainNumber == 0 ? "\"valid\"" : nil
    }

    private func stage(_ word: String) -> String? {
        let own = ForeignTable.byWord[word]?.name ?? word.lowercased()
        return rewriter.isKnown(own) ? own : nil
    }

    /// The stage behind a layer that was given its activation as an argument.
    var activation: String? {
        guard let value = named.first(where: { ForeignArguments.activations.contains($0.name) })?.value else {
            return nil
        }
        var word = value.plainText
        if case .name(let name) = value.kind { word = name }
        if case .field(_, let last) = value.kind { word = last.text }
        let own = word.flatMap(stage)
        return own == "linear" || own == "identity" ? nil : own
    }

    private static let activations: Set<String> = ["activation", "activation_fn", "nonlinearity"]

    /// Whether every argument has been used, or may be left out.
    func isSpent(_ dropped: [Substring]) -> Bool {
        func mayGo(_ key: String, _ value: Expression) -> Bool {
            dropped.contains { one in
                let parts = one.split(separator: "=", maxSplits: 1)
                guard parts.first.map(String.init) == key else { return false }
                guard let wanted = parts.last, parts.count > 1 else { return true }
                let text = rewriter.source.text(value.span)
                return text == wanted || text.lowercased() == wanted || value.plainNumber == Double(wanted)
            }
        }
        // What a line demands in so many words has to be there.
        for one in dropped where one.hasSuffix("=true") {
            let name = one.dropLast(5)
            guard let value = named.first(where: { $0.name == name })?.value, mayGo(String(name), value) else {
                return false
            }
        }
        for (k, value) in positional.enumerated() where !used.contains("\(k)") && !mayGo("\(k)", value) { return false }
        for (name, value) in named where !used.contains(name) && !ForeignCalls.idle.contains(name) {
            if ForeignArguments.activations.contains(name), activation != nil || value.plainText == "linear" {
                continue
            }
            if name == "padding", let rows = value.plainNumber, 1...3 ~= rows { continue }
            if !mayGo(name, value) { return false }
        }
        return true
    }
}

extension Expression {
    /// A text without values in it, without its quotes.
    var plainText: String? {
        guard case .text(let parts) = kind, parts.count < 2 else { return nil }
        guard let first = parts.first else { return "" }
        if case .literal(let text) = first { return text }
        return nil
    }
}
