/// Writes an expression in siam's words.
struct ForeignRewriter {
    /// What is to be said of the calls that were written.
    final class Notes {
        var lines: [String] = []
        func add(_ line: String) {
            if !line.isEmpty, !lines.contains(line) { lines.append(line) }
        }
    }

    let source: Source
    let notes = Notes()
    /// Whether siam or the program has something of that name.
    let isKnown: (String) -> Bool

    /// The expression as siam writes it; nil where a part of it has no such form.
    func text(_ e: Expression, isStatement: Bool = false) -> String? {
        switch e.kind {
        case .call(let callee, let given, _):
            if let whole = fitted(callee, given) ?? counted(callee, given) ?? ofNet(callee, given) { return whole }
            if case .call = callee.kind, let whole = appliedAtOnce(callee, given) ?? appliedLayer(callee, given) {
                return whole
            }
            if let found = meaning(callee) {
                return call(found, given, isStatement: isStatement)
            }
            if case .name(let name) = callee.kind, !isKnown(name), let row = ForeignTable.byWord[name],
                !row.takesTheSame
            {
                return nil
            }
            // `print np.dot([1], [2])`: what begins with a bracket would be an index of the word before it.
            if case .call(_, _, isCommand: true) = e.kind, given.count == 1, given[0].name == nil,
                let inner = text(given[0].value), let first = inner.first, "[({-".contains(first),
                inner != source.text(given[0].value.span)
            {
                return "\(source.text(callee.span))(\(inner))"
            }
        case .index(let owner, let items) where items.count == 1 && items[0].plainNumber == 0:
            // `np.where(c)[0]`: the places, which come as the first of several there.
            if case .call(let callee, let given, _) = owner.kind, given.count == 1, meaning(callee) != nil,
                let places = text(owner), places.hasPrefix("range(0, len(")
            {
                return places
            }
        case .field(let owner, let name):
            if name.text == "T", packaged(e) == nil, !isKnown("T"), let inner = text(owner) {
                return "\(ForeignRewriter.enclosed(inner)).transpose()"
            }
            if let (word, keys, _) = packaged(e) {
                if let row = ForeignTable.byWord[word] {
                    return row.takesTheSame || given(keys) == nil ? row.name : nil
                }
                return isKnown(word) ? word : nil
            }
        case .bracket(let items) where items.count > 1:
            if let net = stages(ofList: items) { return net }
        case .name(let name) where !isKnown(name):
            if Foreign.packages.contains(name) { return nil }
            if let row = ForeignTable.byWord[name] { return row.name ?? name }
        case .binary(.subtract, let one, let score, _) where one.plainNumber == 1:
            // 1 - similarity is the distance itself.
            if let inner = text(score), inner != source.text(score.span), inner.hasPrefix("1 - cosine(") {
                return String(inner.dropFirst(4))
            }
        case .block, .conditional, .train, .sweep, .time: return nil
        default: break
        }
        var written = ""
        var at = e.span.start
        var isWhole = true
        e.eachPart { part in
            guard isWhole, part.span.start >= at, var inner = text(part) else {
                isWhole = false
                return
            }
            if e.binds(part), inner != source.text(part.span) {
                inner = ForeignRewriter.enclosed(inner, in: e)
            }
            written += source.text(Span(at, part.span.start)) + inner
            at = part.span.end
        }
        return isWhole ? written + source.text(Span(at, e.span.end)) : nil
    }

    /// The code in parentheses if an operator stands in it outside of all brackets.
    /// - Parameter outer: what it stands in; stages among stages need none.
    static func enclosed(_ code: String, in outer: Expression? = nil) -> String {
        let (program, errors) = Parser.parse(Source(name: "part", kind: .file, text: code), isVetted: true)
        guard errors.isEmpty, program.statements.count == 1, case .expression(let e)? = program.statements.first?.kind
        else { return code }
        switch e.kind {
        case .compose:
            if case .compose? = outer?.kind { return code }
            fallthrough
        case .binary, .unary, .comparison, .logical, .range, .apply, .lambda:
            let bytes = Array(code.utf8)
            var depth = 0
            // What is in parentheses as a whole has them already.
            for (k, byte) in bytes.enumerated() {
                if byte == UInt8(ascii: "(") { depth += 1 }
                if byte == UInt8(ascii: ")") { depth -= 1 }
                if depth == 0 { return k == bytes.count - 1 ? code : "(\(code))" }
            }
            return code
        default: return code
        }
    }

    /// `sum(p.numel() for p in net.parameters())`: the number of a net's weights.
    private func counted(_ callee: Expression, _ given: [Argument]) -> String? {
        guard callee.kind == .name("sum"), given.count == 1,
            case .comprehension(let item, let clauses) = given[0].value.kind, clauses.count == 1,
            case .call(let method, _, _) = item.kind, case .field(_, let word) = method.kind,
            ["numel", "nelement"].contains(word.text), case .call(let parameters, _, _) = clauses[0].source.kind,
            case .field(let net, let list) = parameters.kind, list.text == "parameters", let name = text(net)
        else { return nil }
        return "count(\(name))"
    }

    /// `adam(net.parameters(), lr = 0.001)`, `save(net.state_dict(), "m.npz")`: siam's own words, where an optimizer takes no net
    /// and a file all that the net holds, its states too.
    private func ofNet(_ callee: Expression, _ given: [Argument]) -> String? {
        guard case .name(let name) = callee.kind, let first = given.first, first.name == nil,
            case .call(let method, let none, _) = first.value.kind, none.isEmpty,
            case .field(let owner, let word) = method.kind,
            ["parameters", "trainable_variables", "state_dict"].contains(word.text), let net = text(owner)
        else { return nil }
        var rest: [String] = []
        for argument in given.dropFirst() {
            guard let value = text(argument.value) else { return nil }
            rest.append((argument.name.map { "\($0.text) = " } ?? "") + value)
        }
        if KindAdvice.optimizers.contains(name) {
            return "\(name)(\(rest.isEmpty ? "0.001" : rest.joined(separator: ", ")))"
        }
        return name == "save" ? "save(\(([net] + rest).joined(separator: ", ")))" : nil
    }

    /// `PCA(n_components = 2).fit_transform(x)`: a map that siam makes in one call, to two dimensions.
    private func fitted(_ callee: Expression, _ given: [Argument]) -> String? {
        guard case .field(let owner, let word) = callee.kind, word.text == "fit_transform", given.count == 1,
            case .call(let maker, let settings, _) = owner.kind, case .name(let name) = maker.kind, !isKnown(name),
            let own = ForeignTable.byWord[name]?.name, ["pca", "tsne"].contains(own),
            settings.allSatisfy({
                $0.value.plainNumber == 2 || $0.name.map { ForeignCalls.idle.contains($0.text) } ?? false
            }),
            let rows = text(given[0].value)
        else { return nil }
        return "\(own)(\(rows))"
    }

    /// `ContrastiveLoss(margin = 1)(a, b, same)`: the loss with its settings and its values in one call.
    private func appliedAtOnce(_ callee: Expression, _ given: [Argument]) -> String? {
        guard let made = text(callee), made.hasPrefix("("), let arrow = made.firstRange(of: ") -> "),
            let open = made[arrow.upperBound...].firstIndex(of: "("), made.hasSuffix(")")
        else { return nil }
        let names = made[made.index(after: made.startIndex)..<arrow.lowerBound]
        let inner = made[made.index(after: open)...].dropLast()
        guard given.allSatisfy({ $0.name == nil }) else { return nil }
        let texts = given.compactMap { text($0.value) }
        let parameters = names.split(separator: ",").map(\.trimmed)
        guard texts.count == given.count, texts.count == parameters.count else { return nil }
        if inner.hasPrefix(names), inner.dropFirst(names.count).first.map({ ",)".contains($0) }) ?? true {
            return "\(made[arrow.upperBound..<open])(\(texts.joined(separator: ", "))\(inner.dropFirst(names.count)))"
        }
        return ForeignRewriter.substituted(
            String(made[arrow.upperBound...]), Dictionary(zip(parameters, texts)) { first, _ in first })
    }

    /// Code with other code in the place of names; what names an argument stays.
    static func substituted(_ code: String, _ values: [String: String]) -> String {
        var written = ""
        var rest = code[...]
        while let c = rest.first {
            guard c.isLetter || c == "_" else {
                written.append(c)
                rest = rest.dropFirst()
                continue
            }
            let word = String(rest.prefix { $0.isLetter || $0.isNumber || $0 == "_" })
            rest = rest.dropFirst(word.count)
            let isField = written.last == "."
            let isArgument = rest.hasPrefix(" = ")
            guard !isField, !isArgument, let value = values[word] else {
                written += word
                continue
            }
            // Between commas and parentheses it needs none of its own.
            let isAlone =
                (written.hasSuffix("(") || written.hasSuffix(", ")) && (rest.first.map { ",)".contains($0) } ?? true)
            written += isAlone ? value : ForeignRewriter.enclosed(value)
        }
        return written
    }

    /// `Dense(10)(x)`: a layer that is applied where it is made; of an input that only stands for one, another stage.
    private func appliedLayer(_ callee: Expression, _ given: [Argument]) -> String? {
        guard case .call(let maker, _, _) = callee.kind, meaning(maker) != nil, given.count == 1, given[0].name == nil,
            let layer = text(callee), let input = text(given[0].value), !layer.contains(" -> ")
        else { return nil }
        if case .name(let name) = given[0].value.kind,
            source.text.contains("Input(") || source.text.contains("Model(") || !isKnown(name)
        {
            return stages(before: given[0].value) + layer
        }
        return "\(ForeignRewriter.enclosed(layer))(\(input))"
    }

    /// `net >> ` for the net that a layer is given, and goes on with; nothing where that is the input alone.
    func stages(before first: Expression) -> String {
        guard case .name(let name) = first.kind else { return "" }
        // What the name was given last before the call.
        let before = source.text(Span(0, first.span.start)).split(separator: "\n").dropLast()
        for line in before.reversed() {
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmed == name else { continue }
            let value = parts[1].trimmed
            let maker = value.prefix { $0 != "(" }.split(separator: ".").last ?? ""
            return ["input_data", "placeholder", "Input", "reshape"].contains(maker) ? "" : "\(name) >> "
        }
        return ""
    }

    /// The lines of a word with its package, then those of the word alone.
    private func given(_ keys: [String]) -> [ForeignCalls.Row]? {
        let rows = keys.flatMap { ForeignCalls.rows[$0] ?? [] }
        return rows.isEmpty ? nil : rows
    }

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
        return (last.text, ForeignCalls.keys(chain.reversed()), package)
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
            var call = ForeignPlaces(self, arguments, meaning.receiver)
            guard call.isMeant(row.dropped) else { continue }
            if row.isNone {
                notes.add(row.note)
                return nil
            }
            if case .text(let first)? = row.template.first {
                call.hasOneSide = ["conv(", "maxpool(", "avgpool("].contains(where: first.hasPrefix)
            }
            guard let made = call.fill(row.template), call.isSpent(row.dropped) else { continue }
            if made.contains(" = "), let head = made.split(separator: "(").first, head.contains(" = ") {
                // A list grows by an assignment, which is a statement of its own.
                guard isStatement else { continue }
                if let receiver = meaning.receiver {
                    guard case .name = receiver.kind else { continue }
                }
            }
            notes.add(row.note)
            return call.activation.map { "\(made) >> \($0)" } ?? made
        }
        for line in ForeignPlaces(self, arguments, meaning.receiver).unspent { notes.add(line) }
        guard let same = meaning.same, meaning.rows.isEmpty,
            arguments.filter({ $0.name == nil }).count <= ForeignCalls.alike[same] ?? 0
        else { return nil }
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

extension Expression {
    /// Whether an operator, or a point or a bracket behind it, would take a part of an operator written in this part's place.
    fileprivate func binds(_ part: Expression) -> Bool {
        switch kind {
        case .binary, .unary, .comparison, .logical, .range, .compose, .apply, .field: true
        case .index: part.span.start == span.start
        default: false
        }
    }
}
