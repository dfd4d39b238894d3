/// The names, sources and bounds of loops: `for i in 0..n`, and the clauses of comprehensions.
extension Parser {
    /// `for x in xs if c`, one after another, from the outermost.
    mutating func clauses() -> [Clause] {
        var found: [Clause] = []
        var highest = 0
        while current.kind == .for, !isPanicking {
            advance()
            let names = loopNames()
            guard expectIn(after: "the names of for") else { break }
            let from = expression()
            highest = max(highest, height)
            var condition: Expression?
            if !isPanicking, accept(.if) {
                condition = expression()
                highest = max(highest, height)
            }
            while !isPanicking, current.kind == .if {
                fail("clause.if", "a for can have only one if", current.span, repair: "join the conditions with and")
            }
            found.append(Clause(names: names, source: from, condition: condition))
        }
        height = highest
        return found
    }

    mutating func expectIn(after what: String) -> Bool {
        if accept(.in) { return true }
        if isWord(current, "of") || isWord(current, "from"), Parser.beginsOperand(token(1).kind) {
            fail(
                "for.in", "after \(what) comes in, and got \(text(current))", current.span, repair: "write in",
                edits: [(current.span, "in")])
            return false
        }
        if current.kind == .assign {
            let counter = tokens[cursor - 1].kind == .name ? text(tokens[cursor - 1]) : "i"
            fail(
                "for.in", "after \(what) comes in, and got =", current.span,
                repair: counting(counter, from: cursor + 1))
            return false
        }
        fail("for.in", "after \(what) comes in, and got \(describe(current))", current.span, repair: "for x in xs { }")
        return false
    }

    /// The numbers that a count of another language goes over, `1:3`, `1 to 3`, `1, 3`, `1; i <= 3; i++`, as a range; nil of one
    /// that goes by other steps.
    func counted(from place: Int) -> String? {
        func at(_ k: Int) -> Token? { tokens.indices.contains(k) ? tokens[k] : nil }
        guard let low = at(place), [.number, .name].contains(low.kind), let sign = at(place + 1) else { return nil }
        var (isClosed, upper) = (true, place + 2)
        if sign.kind == .semicolon {
            guard let order = at(place + 3), order.kind == .less || order.kind == .lessOrEqual,
                let step = at(place + 6),
                let more = at(place + 7), let close = at(place + 8), at(place + 5)?.kind == .semicolon,
                step.kind == .name, more.kind == .plus, close.kind == .plus
            else { return nil }
            (isClosed, upper) = (order.kind == .lessOrEqual, place + 4)
        } else if sign.kind == .dots, let high = at(place + 2), [.number, .name].contains(high.kind) {
            return "\(text(low))..\(text(high))"
        } else if sign.kind != .colon, sign.kind != .comma, !isWord(sign, "to") {
            return nil
        }
        guard let high = at(upper), [.number, .name].contains(high.kind) else { return nil }
        if sign.kind != .semicolon, let next = at(upper + 1), next.kind == .colon || next.kind == .comma { return nil }
        var written = text(high)
        // `1:size(X, 1)`: the whole call.
        if high.kind == .name, let open = at(upper + 1), open.kind == .leftParen, open.start == high.end {
            guard partner[upper + 1] > upper else { return nil }
            written = source.text(Span(high.start, tokens[partner[upper + 1]].end))
            // `1:length(x)` counts the places of x, which begin at 0 here.
            if text(low) == "1", ["length", "size", "numel", "nrow", "len"].contains(text(high)),
                upper + 2 < tokens.count,
                tokens[upper + 2].kind == .name, [.comma, .rightParen].contains(at(upper + 3)?.kind ?? .end)
            {
                return "0..len(\(text(tokens[upper + 2])))"
            }
        }
        let end = !isClosed ? written : Int(written).flatMap { $0 < Int.max ? "\($0 + 1)" : nil } ?? "\(written) + 1"
        return "\(text(low))..\(end)"
    }

    /// The loop of a count of another language.
    private func counting(_ counter: String, from place: Int) -> String {
        let numbers = counted(from: place) ?? "0..3"
        return
            "\(numbers.hasPrefix("0..len(") ? "places count from 0" : "a count is")  for \(counter) in \(numbers) { ... }"
            .replacing("from 0  for", with: "from 0:  for")
    }

    /// `x` or `i, x`.
    mutating func loopNames() -> [Name] {
        var names: [Name] = []
        let hasParens = accept(.leftParen)
        repeat {
            if current.kind == .leftParen, !names.isEmpty, partner[cursor] > cursor, let whole = counting(names) {
                fail("for.names", "the names of for have no parentheses", current.span, repair: whole)
                break
            }
            guard let name = name("for") else { break }
            names.append(name)
        } while accept(.comma)
        if hasParens, !isPanicking, !accept(.rightParen) {
            let isCount = current.kind == .assign || (current.kind == .name && token(1).kind == .assign)
            let counter = current.kind == .name ? text(current) : names.last?.text ?? "i"
            fail(
                "for.names", "the names of for end with ), and got \(describe(current))", current.span,
                repair: isCount
                    ? counting(counter, from: current.kind == .assign ? cursor + 1 : cursor + 2)
                    : current.kind == .in
                        ? "without parentheses:  for \(names.map(\.text).joined(separator: ", ")) in \(counted(from: cursor + 1) ?? "xs") { ... }"
                        : nil)
        }
        return names
    }

    /// `for i, (x, y) in enumerate(source)`: the parts get their names inside the loop.
    func counting(_ names: [Name]) -> String? {
        let close = partner[cursor]
        guard close + 2 < tokens.count, tokens[close + 1].kind == .in, names.count == 1 else { return nil }
        let inner = source.text(Span(current.end, tokens[close].start))
        let end = endOfValueBeforeBlock(from: close + 2)
        // The block that a colon begins elsewhere is not part of it.
        var last = close + 2
        while last < tokens.count, tokens[last].kind != .colon, tokens[last].start < end { last += 1 }
        let from = source.text(Span(tokens[close + 2].start, min(end, tokens[max(close + 2, last - 1)].end)))
        let whole = "for \(names[0].text), batch in \(from) { \(inner) = batch }"
        return whole.utf8.count <= 70 && !whole.contains("\n") ? "its parts get their names inside:  \(whole)" : nil
    }

    /// Where a value ends that a block follows.
    func endOfValueBeforeBlock(from first: Int) -> Int {
        var place = first
        var end = tokens[first].end
        while place < tokens.count - 1, tokens[place].kind != .leftBrace, !tokens[place].startsLine || place == first {
            if partner[place] > place { place = partner[place] }
            end = tokens[place].end
            place += 1
        }
        return end
    }
}
