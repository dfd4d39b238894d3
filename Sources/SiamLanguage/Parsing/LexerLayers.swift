/// Layers as another language writes them: the width of the input before the units, and stages as the arguments of a `Chain`.
extension Lexer {
    /// `Dense(64 => 32, relu)`: the width of the input, which siam finds by itself, before the units.
    mutating func widthGiven() -> Bool {
        let last = lexed.tokens.suffix(3)
        guard last.count == 3, let number = last.last, number.kind == .number, let name = last.first,
            name.kind == .name,
            last[last.startIndex + 1].kind == .leftParen,
            ["Dense", "Conv", "dense"].contains(source.text(Span(name.start, name.end)))
        else { return false }
        let message = "the width of the input is inferred at the first use"
        if let (chain, stages) = chain(before: name.start) {
            // Said once, of its first layer.
            let span = Span(number.start, at)
            if !lexed.diagnostics.contains(where: { $0.edits.first?.place.span.start == chain.start }) {
                fail(
                    "character.meant", message, span, repair: "in siam, stages are joined by >>:  \(stages)",
                    edits: [(chain, stages)])
            }
        } else {
            let layer = layer(Span(name.start, closing(name.end) ?? at))
            fail(
                "character.meant", message, Span(number.start, at),
                repair: layer.map { "leave it out; an activation is a stage of its own:  \($0)" } ?? "leave it out")
        }
        lexed.tokens.removeLast()
        return true
    }

    /// `push!(xs, 4)`, `Flux.train!(...)`: a name that ends with the mark of functions that change what they are given.
    mutating func namedWithMark(_ start: Int) -> Bool {
        guard let last = lexed.tokens.last, last.kind == .name, last.end == start, peek() == UInt8(ascii: "(") else {
            return false
        }
        let name = source.text(Span(last.start, last.end))
        let repair: String
        // `push!(xs, 3)`: the list and what goes to its end, as they are written.
        let inside = closing(start + 1).map { source.text(Span(start + 2, max(start + 2, $0 - 1))) } ?? ""
        let parts = inside.split(separator: ",", maxSplits: 1).map(\.trimmed)
        let isPlain = parts.count == 2 && inside.utf8.count <= 40 && parts[0].allSatisfy { $0.isLetter || $0.isNumber }
        let (list, item) = isPlain ? (parts[0], parts[1]) : ("xs", "x")
        switch name {
        case "push": repair = "a longer list is a new value:  \(list) = \(list).push(\(item))"
        case "append": repair = "lists are joined by +:  xs = xs + ys"
        case "sort", "shuffle", "reverse": repair = "a new value is given:  xs = \(name)(xs)"
        case "train":
            repair =
                "training is  train net on batches(d, 32) as x, y for 5 epochs using adam(0.001) { minimize cross_entropy(net(x), y) }"
        case "update": repair = "a step of an optimizer is  update(opt, net, grad(l, net))"
        default: repair = "leave it out; what a function gives is a new value:  x = \(name)(x)"
        }
        fail("character.meant", "names in siam have no ! at their end", Span(start, start + 1), repair: repair)
        return true
    }

    /// The place behind the bracket that closes the one at a place, strings apart; nil where it is not closed near.
    private func closing(_ open: Int) -> Int? {
        var depth = 0
        var place = open
        while place < limit, place < open + 600 {
            switch bytes[place] {
            case UInt8(ascii: "("): depth += 1
            case UInt8(ascii: ")"):
                depth -= 1
                if depth == 0 { return place + 1 }
            case UInt8(ascii: "\""), UInt8(ascii: "#"): return nil
            default: break
            }
            place += 1
        }
        return nil
    }

    /// The `Chain(...)` that a layer stands in, and its stages in siam's words; nil where one of them has no such form.
    private func chain(before place: Int) -> (Span, String)? {
        let word = Array("Chain(".utf8)
        var start = place
        while start > 0, start > place - 600 {
            start -= 1
            guard bytes[start...].starts(with: word), let end = closing(start + word.count - 1), end > place else {
                continue
            }
            let stages = arguments(Span(start + word.count, end - 1)).map { layer($0) }
            guard stages.count > 1, !stages.contains(nil) else { return nil }
            let written = stages.compactMap { $0 }.joined(separator: " >> ")
            return written.utf8.count <= 90 ? (Span(start, end), written) : nil
        }
        return nil
    }

    /// What stands between the commas outside of all brackets.
    private func arguments(_ span: Span) -> [Span] {
        var (depth, from) = (0, span.start)
        var all: [Span] = []
        for place in span.start..<span.end {
            switch bytes[place] {
            case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
            case UInt8(ascii: ",") where depth == 0:
                all.append(Span(from, place))
                from = place + 1
            default: break
            }
        }
        if !source.text(Span(from, span.end)).trimmedOfWhitespace.isEmpty { all.append(Span(from, span.end)) }
        return all
    }

    /// One layer in siam's words: `Dense(64 => 32, relu)`, `Flux.flatten`, `Dropout(0.5)`.
    private func layer(_ span: Span) -> String? {
        var text = source.text(span).trimmedOfWhitespace
        if text.hasPrefix("Flux.") { text = String(text.dropFirst(5)) }
        if ["flatten", "relu", "sigmoid", "tanh", "softmax", "gelu", "elu", "softplus"].contains(text) { return text }
        if text == "\u{3c3}" { return "sigmoid" }
        guard let open = text.firstIndex(of: "("), text.last == ")" else { return nil }
        let inner = text[text.index(after: open)...].dropLast()
        guard !inner.contains("("), !inner.contains("[") else { return nil }
        let parts = inner.split(separator: ",").map { String($0).trimmedOfWhitespace }
        switch text[..<open] {
        case "Dense", "dense":
            guard let widths = parts.first?.split(separator: ">"), widths.count == 2,
                let units = widths.last.map({ String($0).trimmedOfWhitespace }),
                parts.count <= 2
            else { return nil }
            if parts.count == 1 { return "dense(\(units))" }
            guard let stage = parts.last, stage.allSatisfy({ $0.isLetter || $0 == "_" }) else { return nil }
            return stage == "identity"
                ? "dense(\(units))" : "dense(\(units)) >> \(stage == "\u{3c3}" ? "sigmoid" : stage)"
        case "Dropout": return parts.count == 1 ? "dropout(\(parts[0]))" : nil
        default: return nil
        }
    }
}
