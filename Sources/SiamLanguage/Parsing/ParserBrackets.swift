/// Values in brackets: parentheses, lists, comprehensions, indices, arguments, records.
extension Parser {
    mutating func parenthesized() -> Expression {
        let open = cursor
        let start = current.start
        let saved = ignoresNewlines
        opened.append(open)
        ignoresNewlines = true
        advance()
        if current.kind == .rightParen {
            fail(
                "paren.empty", "these parentheses are empty", Span(start, current.end), repair: "no value is  none")
            return missing(at: start)
        }
        var value = expression()
        if !isPanicking, foreignTuple(open) { return value }
        close(.rightParen, open, in: "the parentheses")
        ignoresNewlines = saved
        if !isPanicking { value.span = span(from: start) }
        return value
    }

    /// `[a, b]` and `[e for x in xs]`.
    mutating func bracket() -> Expression {
        let open = cursor
        let start = current.start
        let saved = ignoresNewlines
        ignoresNewlines = true
        opened.append(open)
        advance()
        var found: [Expression] = []
        var highest = 0
        while current.kind != .rightBracket, !isPanicking {
            found.append(expression())
            highest = max(highest, height)
            if current.kind == .for, found.count == 1, !isPanicking {
                let clauses = clauses()
                highest = max(highest, height)
                close(.rightBracket, open, in: "the list")
                ignoresNewlines = saved
                height = highest + 1
                return Expression(.comprehension(found[0], clauses), span(from: start))
            }
            if !accept(.comma) { break }
        }
        close(.rightBracket, open, in: "the list")
        ignoresNewlines = saved
        height = highest
        _ = grow(over: highest, span(from: start))
        return Expression(.bracket(found), span(from: start))
    }

    /// The values of an index or the like, up to the bracket that closes them.
    mutating func items(_ closer: Token.Kind, _ what: String) -> [Expression] {
        let open = cursor
        let saved = ignoresNewlines
        ignoresNewlines = true
        opened.append(open)
        advance()
        var found: [Expression] = []
        var highest = 0
        while current.kind != closer, !isPanicking {
            found.append(expression())
            highest = max(highest, height)
            if !accept(.comma) { break }
        }
        close(closer, open, in: what)
        ignoresNewlines = saved
        height = highest
        return found
    }

    /// `(a, k = 1)`: positional arguments, then named ones.
    mutating func arguments() -> [Argument] {
        let open = cursor
        let saved = ignoresNewlines
        ignoresNewlines = true
        opened.append(open)
        advance()
        var found: [Argument] = []
        var highest = 0
        while current.kind != .rightParen, !isPanicking {
            found.append(argument(after: found))
            highest = max(highest, height)
            if current.kind == .for, found.count == 1, found[0].name == nil, !isPanicking {
                let start = found[0].value.span.start
                let clauses = clauses()
                highest = max(highest, height) + 1
                found[0].value = Expression(.comprehension(found[0].value, clauses), span(from: start))
            }
            if !accept(.comma) { break }
        }
        close(.rightParen, open, in: "the arguments")
        ignoresNewlines = saved
        height = highest
        return found
    }

    mutating func argument(after found: [Argument]) -> Argument {
        if current.kind == .name, token(1).kind == .assign {
            let name = Name(text(current), current.span)
            advance()
            let sign = current
            advance()
            guard Parser.beginsOperand(current.kind) else {
                _ = wantsOperand(after: sign)
                return Argument(name: name, value: missing(at: sign.end))
            }
            if found.contains(where: { $0.name?.text == name.text }) {
                fail("argument.doubled", "the argument \(name.text) is given twice", name.span, goesOn: true)
            }
            return Argument(name: name, value: expression())
        }
        if current.kind == .in, token(1).kind == .assign {
            fail(
                "argument.word", "in is a word of the language, and no argument has such a name", current.span,
                repair: "the width of the input is inferred at the first use; leave it out")
            return Argument(value: missing(at: current.start))
        }
        let value = expression()
        if !isPanicking, let named = found.last(where: { $0.name != nil })?.name {
            fail(
                "argument.order", "an argument without a name follows one with a name", value.span,
                more: [(named.span, "named")], repair: "named arguments come last", goesOn: true)
        }
        return Argument(value: value)
    }

    /// A record or a block, by what follows the brace.
    mutating func braced() -> Expression {
        let start = current.start
        let first = token(1)
        let isRecord =
            first.kind == .rightBrace || ((first.kind == .name || first.kind == .text) && token(2).kind == .colon)
        guard isRecord else {
            let block = openBlock()
            guard grow(over: height, span(from: start)) else { return missing(at: start) }
            return Expression(.block(block), span(from: start))
        }
        let open = cursor
        let saved = ignoresNewlines
        ignoresNewlines = true
        opened.append(open)
        advance()
        var fields: [Field] = []
        var highest = 0
        while current.kind != .rightBrace, !isPanicking {
            guard let name = recordName() else { break }
            let colon = current
            guard accept(.colon) else {
                fail(
                    "record.colon", "after the field \(name.text) comes a colon, and got \(describe(current))",
                    current.span, repair: "a record is  {lr: 0.1, name: \"a\"}")
                break
            }
            if fields.contains(where: { $0.name == name }) {
                fail("record.doubled", "the field \(name.text) is given twice", name.span, goesOn: true)
            }
            guard Parser.beginsOperand(current.kind) else {
                _ = wantsOperand(after: colon)
                fields.append(Field(name: name, value: missing(at: colon.end)))
                break
            }
            fields.append(Field(name: name, value: expression()))
            highest = max(highest, height)
            if !accept(.comma) { break }
        }
        close(.rightBrace, open, in: "the record")
        ignoresNewlines = saved
        height = highest
        _ = grow(over: highest, span(from: start))
        return Expression(.record(fields), span(from: start))
    }

    private mutating func recordName() -> Name? {
        let token = current
        if token.kind == .text, token.pieces >= 0, token.pieces < pieces.count {
            advance()
            if case .literal(let text)? = pieces[token.pieces].first, pieces[token.pieces].count == 1 {
                return Name(text, token.span)
            }
            fail("record.name", "a field's name is a plain text", token.span)
            return nil
        }
        return name("a record's field")
    }

    /// `{ name:` and no block.
    func beginsRecord(_ place: Int) -> Bool {
        guard place + 2 < tokens.count, tokens[place].kind == .leftBrace else { return false }
        return (tokens[place + 1].kind == .name || tokens[place + 1].kind == .text) && tokens[place + 2].kind == .colon
    }
}
