/// Slices and ranges as other languages write them.
extension Parser {
    /// `for i in 1:3`, which elsewhere takes both ends.
    mutating func countedRange() -> Bool {
        let upper = token(1)
        let behind = token(2)
        guard cursor > 0, tokens[cursor - 1].kind == .number, upper.kind == .number || upper.kind == .name,
            !upper.startsLine,
            behind.startsLine || behind.kind == .leftBrace || behind.kind == .end
        else { return false }
        let end = Int(text(upper)).flatMap { $0 < Int.max ? "\($0 + 1)" : nil } ?? "\(text(upper)) + 1"
        // Elsewhere the numbers themselves are wanted, to be counted with.
        let isLoop = cursor > 1 && text(tokens[cursor - 2]) == "in"
        let mended =
            isLoop ? "\(text(tokens[cursor - 1]))..\(end)" : "range(\(text(tokens[cursor - 1])), \(end))"
        fail(
            "character.meant", isLoop ? "siam writes .. where this says :" : "a range of numbers is written without :",
            current.span,
            repair: isLoop ? "a range excludes its end:  \(mended)" : "with both ends included:  \(mended)",
            edits: [(Span(tokens[cursor - 1].start, upper.end), mended)])
        return true
    }

    /// `x[1:3]`, `x[:2]`, `x[::2]`, `[1:3]`: the content of these brackets, written with `..`; false elsewhere.
    mutating func foreignSlice() -> Bool {
        guard current.kind == .colon, let open = opened.last, tokens[open].kind == .leftBracket, partner[open] > cursor
        else { return false }
        let end = partner[open]
        // The item that contains the colon.
        var first = cursor
        while first - 1 > open, tokens[first - 1].kind != .comma { first -= 1 }
        var last = cursor
        var colons = 1
        while last + 1 < end, tokens[last + 1].kind != .comma {
            last += 1
            if tokens[last].kind == .colon { colons += 1 }
            if partner[last] > last { last = partner[last] }
        }
        let isIndex = open > 0 && tokens[open - 1].end == tokens[open].start && !Parser.opensList(tokens[open - 1].kind)
        let owner = isIndex ? chain(before: open) : "x"
        guard colons == 1 else {
            let isReversed = tokens[last].kind == .number && tokens[last - 1].kind == .minus
            fail(
                "slice.step", "an index has no step", Span(tokens[first].start, tokens[last].end),
                repair: isReversed
                    ? "backwards it is  \(owner).reverse()"
                    : "every second one is  \(owner)[range(0, len(\(owner)), 2)]")
            return true
        }
        if isIndex, let axis = newAxis(open, end) {
            fail("character.meant", "siam writes .. where this says :", current.span, repair: axis)
            return true
        }
        if isIndex, let (whole, edits) = sliced(open, end) {
            fail(
                "character.meant", "siam writes .. where this says :", current.span, repair: "write  \(whole)",
                edits: edits)
            return true
        }
        // `[i^2 for i in 1:5]`, which elsewhere takes both ends.
        if !isIndex, cursor > 1, tokens[cursor - 2].kind == .in, tokens[cursor - 1].kind == .number,
            let high = Int(text(token(1))), high < Int.max
        {
            let mended = "\(text(tokens[cursor - 1]))..\(high + 1)"
            fail(
                "character.meant", "siam writes .. where this says :", current.span,
                repair: "a range excludes its end:  \(mended)",
                edits: [(Span(tokens[cursor - 1].start, token(1).end), mended)])
            return true
        }
        let before = source.text(Span(tokens[first].start, current.start))
        let after = source.text(Span(current.end, max(current.end, tokens[last].end)))
        let mended = "\(before)..\(after)"
        fail(
            "character.meant", "siam writes .. where this says :", current.span,
            repair: mended.utf8.count < 50
                ? "\(isIndex ? "write" : "a range excludes its end; write")  \(mended)" : "write ..",
            edits: [(current.span, "..")])
        return true
    }

    /// `d.x` of `d.x[...]`: the names before a bracket.
    private func chain(before open: Int) -> String {
        var first = open - 1
        while first > 1, tokens[first - 1].kind == .dot, tokens[first - 2].kind == .name { first -= 2 }
        return source.text(Span(tokens[first].start, tokens[open - 1].end))
    }

    /// `x[None, :]` and `x[:, None]`, where a new axis is put in.
    private func newAxis(_ open: Int, _ end: Int) -> String? {
        guard tokens[open - 1].kind == .name else { return nil }
        let items = source.text(Span(tokens[open].end, tokens[end].start)).split(separator: ",").map {
            $0.trimmed
        }
        let isNew = items.map { ["None", "none", "np.newaxis", "newaxis"].contains($0) }
        guard isNew.count(where: { $0 }) == 1, let axis = isNew.firstIndex(of: true),
            items.allSatisfy({ $0 == ":" || $0 == "..." || ["None", "none", "np.newaxis", "newaxis"].contains($0) })
        else { return nil }
        return "a new axis is  expand(\(text(tokens[open - 1])), \(axis))"
    }

    /// An index of several slices, `x[1:3, :]`, whole, with the signs that change; nil of one alone, and of one with steps.
    private func sliced(_ open: Int, _ end: Int) -> (String, [(Span, String)])? {
        var edits: [(Span, String)] = []
        var place = open + 1
        var isFresh = true
        while place < end {
            switch tokens[place].kind {
            case .colon:
                guard isFresh else { return nil }
                edits.append((tokens[place].span, ".."))
                isFresh = false
            case .comma: isFresh = true
            default: if partner[place] > place { place = partner[place] }
            }
            place += 1
        }
        guard edits.count > 1, tokens[open - 1].kind == .name || tokens[open - 1].kind == .rightParen else {
            return nil
        }
        var whole = ""
        var at = tokens[open].start
        for (span, dots) in edits {
            whole += source.text(Span(at, span.start)) + dots
            at = span.end
        }
        whole += source.text(Span(at, tokens[end].end))
        if tokens[open - 1].kind == .name { whole = chain(before: open) + whole }
        return whole.utf8.count <= 60 && !whole.contains("\n") ? (whole, edits) : nil
    }

    /// Behind these a bracket opens a list and no index.
    private static func opensList(_ kind: Token.Kind) -> Bool {
        switch kind {
        case .name, .text, .number, .rightParen, .rightBracket, .rightBrace: false
        default: true
        }
    }
}
