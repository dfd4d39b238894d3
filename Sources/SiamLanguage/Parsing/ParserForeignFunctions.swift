/// Functions as other languages write them, with their bodies.
extension Parser {
    static let functionWords: Set<String> = ["def", "func", "function", "fun", "sub", "proc", "defun"]

    /// `def f(x): return x + 1`, `function f(x) { ... }`: the head is kept, and the body if it is on the same line.
    mutating func foreignFunction(_ word: String) -> Bool {
        let start = current
        var place = cursor + 1
        if tokens[place + 1].kind == .leftParen {
            guard partner[place + 1] > place else { return false }
            // Types and all: the parameters' own words are not looked at here.
            place = partner[place + 1]
        }
        let head = source.text(Span(tokens[cursor + 1].start, tokens[place].end))
        let opener = tokens[place + 1]
        var mended = "fn \(head) { ... }"
        var edits: [(Span, String)] = []
        if opener.kind == .leftBrace {
            edits = [(start.span, "fn")]
        } else if opener.kind == .colon, !tokens[place + 2].startsLine, tokens[place + 2].kind != .end {
            let behind = tokens[place + 2]
            let isReturn = behind.kind == .return
            let body = source.text(Span(isReturn ? behind.end : behind.start, endOfLine())).drop { $0 == " " }
            mended = isReturn ? "fn \(head) = \(body)" : "fn \(head) { \(body) }"
            edits = [(Span(start.start, endOfLine()), mended)]
        } else if opener.kind == .assign {
            edits = [(start.span, "fn")]
            mended = "fn \(head) = ..."
        }
        // A method of a class: what it holds belongs into a layer.
        let isMethod = tokens[cursor + 1].kind == .name && isWord(token(3), "self")
        if isMethod {
            let name = text(tokens[cursor + 1])
            let says =
                name == "__init__"
                ? "the parts of a layer stand in it:  layer tower(dim) { fc = dense(dim); forward x = fc(x) }"
                : name == "forward" || name == "call" || name == "__call__"
                    ? "in a layer it is  forward x { ... },  and what it gives is its last line"
                    : "a layer has parts and one forward; other functions stand outside of it:  fn f(x) = x^2"
            fail("word.foreign", "siam has no \(word)", start.span, repair: says)
            return true
        }
        let isShort = mended.utf8.count < 70 && !mended.contains("\n")
        fail(
            "word.foreign", "siam has no \(word)", start.span,
            repair: isShort
                ? "a function is  \(mended)" : "a function is  fn f(x) = x^2  or  fn f(x) { ... }", edits: edits)
        return true
    }

    /// `lambda x: x + 1` and `function(x) { ... }` as values.
    mutating func foreignFunctionValue(_ token: Token) -> Bool {
        let next = self.token(1)
        if isWord(token, "lambda"), !next.startsLine, next.kind == .name || next.kind == .colon {
            var place = cursor + 1
            var names: [String] = []
            while tokens[place].kind == .name || tokens[place].kind == .comma {
                if tokens[place].kind == .name { names.append(text(tokens[place])) }
                place += 1
            }
            guard tokens[place].kind == .colon else { return false }
            let body = Span(tokens[place].end, endOfValue(from: place + 1))
            let head = names.count == 1 ? names[0] : "(\(names.joined(separator: ", ")))"
            let mended = "\(head) -> \(source.text(body).drop { $0 == " " })"
            fail(
                "word.foreign", "siam has no lambda", token.span,
                repair: mended.utf8.count < 60 && !mended.contains("\n")
                    ? "a function as a value is  \(mended)" : "a function as a value is  x -> x^2",
                edits: [(Span(token.start, body.end), mended)])
            return true
        }
        guard next.kind == .leftParen, partner[cursor + 1] > cursor, Parser.functionWords.contains(text(token)) else {
            return false
        }
        let close = partner[cursor + 1]
        let behind = tokens[min(close + 1, tokens.count - 1)]
        guard !behind.startsLine, behind.kind == .leftBrace || Parser.beginsOperand(behind.kind) else { return false }
        if behind.kind != .leftBrace {
            let body = Span(tokens[close].end, endOfValue(from: close + 1))
            let names = source.text(Span(next.end, tokens[close].start)).trimmed
            let head = names.contains(",") || names.isEmpty ? "(\(names))" : names
            let mended = "\(head) -> \(source.text(body).trimmed)"
            fail(
                "word.foreign", "siam has no \(text(token))", token.span,
                repair: mended.utf8.count < 60 && !mended.contains("\n")
                    ? "a function as a value is  \(mended)" : "a function as a value is  x -> x^2",
                edits: [(Span(token.start, body.end), mended)])
            return true
        }
        fail(
            "word.foreign", "siam has no \(text(token))", token.span,
            repair: "a function as a value is  x -> x^2  or  (a, b) -> { ... }")
        return true
    }

    /// Where the value that begins at a token ends: before a comma, a bracket that closes one around it, or the line's end.
    private func endOfValue(from first: Int) -> Int {
        var place = first
        var end = tokens[max(0, first - 1)].end
        while place < tokens.count - 1 {
            let token = tokens[place]
            if token.startsLine && place > first && !ignoresNewlines { break }
            if [.comma, .semicolon, .rightParen, .rightBracket, .rightBrace].contains(token.kind) { break }
            if partner[place] > place { place = partner[place] }
            end = tokens[place].end
            place += 1
        }
        return end
    }

    /// `fn f(x) -> int { }`, `fn f(x) -> x^2`, `fn f(x): return x`, where a body was due.
    mutating func foreignBody(_ owner: String) -> Bool {
        let sign = current
        let next = token(1)
        guard !sign.startsLine, sign.kind == .colon || sign.kind == .arrow else { return false }
        if next.kind == .name, !next.startsLine, [.leftBrace, .assign, .colon].contains(token(2).kind),
            !token(2).startsLine
        {
            fail(
                "parameter.type", "functions have no types in siam", Span(sign.start, next.end),
                repair: "leave it out:  \(owner)(...) { ... }", edits: [(Span(sign.start, token(2).start), " ")])
            return true
        }
        let message = "\(owner) needs = and an expression, or a block { ... }, and got \(describe(sign))"
        if sign.kind == .arrow {
            fail("definition.body", message, sign.span, repair: "write =", edits: [(sign.span, "=")])
            return true
        }
        guard !next.startsLine, next.kind != .end else {
            let head = source.text(Span(tokens[statementStart].start, previousEnd))
            let shown = head.utf8.count <= 50 && !head.contains("\n") ? head : "\(owner)(k)"
            fail("definition.body", message, sign.span, repair: "write the block in braces:  \(shown) { ... }")
            return true
        }
        let isReturn = next.kind == .return
        let body = source.text(Span(isReturn ? next.end : next.start, endOfLine())).drop { $0 == " " }
        let mended = isReturn ? "= \(body)" : "{ \(body) }"
        let written = source.text(Span(tokens[statementStart].start, previousEnd))
        let head = written.utf8.count <= 40 && !written.contains("\n") ? written : "\(owner)(k)"
        fail(
            "definition.body", message, sign.span,
            repair: mended.utf8.count < 60
                ? "without the colon:  \(head) \(mended)" : "without the colon:  \(head) = ...",
            edits: [(Span(previousEnd, endOfLine()), " \(mended)")])
        return true
    }
}
