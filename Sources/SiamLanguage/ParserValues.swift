extension Parser {
    /// A value that is not made by signs.
    mutating func primary() -> Expression {
        let token = current
        height = 1
        switch token.kind {
        case .number:
            advance()
            return number(token)
        case .text:
            advance()
            return textValue(token)
        case .true, .false:
            advance()
            return Expression(.bool(token.kind == .true), token.span)
        case .none:
            advance()
            return Expression(.none, token.span)
        case .name: return named()
        case .in where allowsIn:
            advance()
            return Expression(.name("in"), token.span)
        case .leftParen: return parenthesized()
        case .leftBracket: return bracket()
        case .leftBrace: return braced()
        case .if: return conditional()
        default:
            refuse(token)
            return missing()
        }
    }

    /// A word that opens a form of its own, or an ordinary name.
    private mutating func named() -> Expression {
        let token = current
        if isWord(token, "train"), isTrainAhead() { return trainExpression() }
        if isWord(token, "sweep"), self.token(1).kind == .name, !self.token(1).startsLine, self.token(2).kind == .in {
            return sweepExpression()
        }
        if isWord(token, "time"), self.token(1).kind == .leftBrace, !self.token(1).startsLine {
            advance()
            let block = openBlock()
            guard grow(over: height, span(from: token.start)) else { return missing() }
            return Expression(.time(block), span(from: token.start))
        }
        advance()
        return Expression(.name(text(token)), token.span)
    }

    private mutating func number(_ token: Token) -> Expression {
        let written = text(token)
        let digits = written.utf8.contains(UInt8(ascii: "_")) ? written.filter { $0 != "_" } : written
        guard let value = Double(digits) else {
            // The lexer has said what is wrong with it.
            return Expression(.missing, token.span)
        }
        if !value.isFinite {
            fail(
                "number.large", "the number \(written) is beyond the largest, about 1.8e308", token.span,
                repair: "infinity is  inf", goesOn: true)
        }
        return Expression(.number(value, written), token.span)
    }

    private mutating func textValue(_ token: Token) -> Expression {
        var parts: [TextPart] = []
        var highest = 0
        let found = token.pieces >= 0 && token.pieces < pieces.count ? pieces[token.pieces] : []
        for piece in found {
            switch piece {
            case .literal(let characters): parts.append(.literal(characters))
            case .code(let span, let format):
                guard let value = inner(span) else { return Expression(.missing, token.span) }
                parts.append(.value(value, format: format))
                highest = max(highest, height)
            }
        }
        height = highest + 1
        return Expression(.text(parts), token.span)
    }

    /// The expression that a text holds between braces.
    private mutating func inner(_ span: Span) -> Expression? {
        guard enter() else { return nil }
        defer { leave() }
        var parser = Parser(source, Lexer.lex(source, in: span))
        parser.depth = depth
        parser.ignoresNewlines = true
        if parser.current.kind == .end {
            fail(
                "text.empty", "these braces in a text hold nothing", Span(span.start - 1, span.end + 1),
                repair: "a value stands in them, {x};  a brace itself is \\{", goesOn: true)
            return missing(at: span.start)
        }
        let value = parser.expression()
        if !parser.isPanicking, parser.current.kind != .end {
            parser.fail(
                "text.value", "a text's braces hold one value, and got \(parser.describe(parser.current)) after it",
                parser.current.span)
        }
        let wasWanting = wantsMore
        diagnostics += parser.diagnostics
        if parser.isAborted { cursor = tokens.count - 1 }
        isAborted = isAborted || parser.isAborted
        isPanicking = isPanicking || isAborted
        height = parser.height
        wantsMore = wasWanting
        return value
    }

    private mutating func parenthesized() -> Expression {
        let open = cursor
        let start = current.start
        let saved = ignoresNewlines
        opened.append(open)
        ignoresNewlines = true
        advance()
        if current.kind == .rightParen {
            fail(
                "paren.empty", "these parentheses hold no value", Span(start, current.end), repair: "no value is  none")
            return missing(at: start)
        }
        var value = expression()
        close(.rightParen, open, in: "the parentheses")
        ignoresNewlines = saved
        if !isPanicking { value.span = span(from: start) }
        return value
    }

    /// The bracket that ends a list, or an error that says whether it is missing or something else is in its place.
    mutating func close(_ kind: Token.Kind, _ open: Int, in what: String) {
        guard !isPanicking else { return }
        if current.kind == kind {
            advance()
            if opened.last == open { opened.removeLast() }
            return
        }
        let written = text(tokens[open])
        let closer = kind == .rightParen ? ")" : kind == .rightBracket ? "]" : "}"
        if partner[open] < 0 || current.kind == .end {
            var more: [(Span, String)] = []
            if current.kind != .end, current.startsLine {
                more = [(current.span, "a new statement seems to begin here")]
            }
            fail("bracket.unclosed", "this \(written) is never closed", tokens[open].span, "opened here", more: more)
            return
        }
        switch current.kind {
        case .assign:
            fail(
                "assign.inside", "= gives a name to an argument or a variable, and this is neither", current.span,
                repair: "to compare, write ==")
        case .rightParen, .rightBracket, .rightBrace:
            fail(
                "bracket.mismatch", "this \(written) is closed by \(text(current))", tokens[open].span, "opened here",
                more: [(current.span, "\(closer) was due here")])
        case .name, .number, .text, .true, .false, .none, .leftBrace, .if, .fn:
            fail(
                "comma.missing", "in \(what) a comma or a sign is missing before \(describe(current))", current.span)
        case .for
        where kind == .rightBracket && open > 0 && tokens[open - 1].kind == .name
            && tokens[open - 1].end < tokens[open].start:
            let word = text(tokens[open - 1])
            let list = partner[open] > open ? source.text(Span(tokens[open].start, tokens[partner[open]].end)) : "[...]"
            fail(
                "command.bracket", "\(word) [ is an index, and an index has no for", current.span,
                repair:
                    "a list as an argument stands in parentheses:  \(word)(\(list.utf8.count < 60 ? list : "[...]"))")
        default:
            fail(
                "bracket.expected", "in \(what) comes , or \(closer) next, and got \(describe(current))", current.span)
        }
    }

    /// `[a, b]` and `[e for x in xs]`.
    private mutating func bracket() -> Expression {
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
                fail("clause.if", "one for takes one if", current.span, repair: "join the conditions by and")
            }
            found.append(Clause(names: names, source: from, condition: condition))
        }
        height = highest
        return found
    }

    mutating func expectIn(after what: String) -> Bool {
        if accept(.in) { return true }
        fail("for.in", "after \(what) comes in, and got \(describe(current))", current.span, repair: "for x in xs { }")
        return false
    }

    /// `x` or `i, x`.
    mutating func loopNames() -> [Name] {
        var names: [Name] = []
        let hasParens = accept(.leftParen)
        repeat {
            guard let name = name("for") else { break }
            names.append(name)
        } while accept(.comma)
        if hasParens, !isPanicking, !accept(.rightParen) {
            fail(
                "for.names", "the names of for end with ), and got \(describe(current))", current.span,
                repair: current.kind == .assign ? "a count is  for \(names.last?.text ?? "i") in 0..3 { }" : nil)
        }
        return names
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
        let value = expression()
        if !isPanicking, let named = found.last(where: { $0.name != nil })?.name {
            fail(
                "argument.order", "an argument without a name follows one with a name", value.span,
                more: [(named.span, "named")], repair: "named arguments come last", goesOn: true)
        }
        return Argument(value: value)
    }

    /// A record or a block, by what follows the brace.
    private mutating func braced() -> Expression {
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

    /// `if c { a } else if d { b } else { e }`, read in a loop: a long ladder is as deep as its tree, not as the stack.
    private mutating func conditional() -> Expression {
        let start = current.start
        var rungs: [(condition: Expression, block: Block, start: Int)] = []
        var last: Block?
        var highest = 0
        repeat {
            let rung = current.start
            advance()
            let condition = condition(of: "if")
            highest = max(highest, height)
            let block = block("if", example: "if c { a } else { b }")
            highest = max(highest, height)
            rungs.append((condition, block, rung))
            guard !isPanicking, current.kind == .else else { break }
            advance()
            if current.kind == .if { continue }
            last = block2()
            highest = max(highest, height)
            break
        } while true
        // Too long a ladder is never built: taking such a tree down again would overflow the stack.
        guard grow(over: highest, by: 2 * rungs.count, span(from: start)) else { return missing(at: start) }
        var value = missing()
        for rung in rungs.reversed() {
            let span = span(from: rung.start)
            value = Expression(.conditional(rung.condition, rung.block, last), span)
            last = Block([Statement(.expression(value), span)], span)
        }
        return value
    }

    private mutating func block2() -> Block { block("else", example: "if c { a } else { b }") }

    /// `{ name:` and no block.
    func beginsRecord(_ place: Int) -> Bool {
        guard place + 2 < tokens.count, tokens[place].kind == .leftBrace else { return false }
        return (tokens[place + 1].kind == .name || tokens[place + 1].kind == .text) && tokens[place + 2].kind == .colon
    }

    /// A condition, with a word for those who write `=` for `==`.
    mutating func condition(of word: String) -> Expression {
        guard Parser.beginsOperand(current.kind), current.kind != .leftBrace || beginsRecord(cursor) else {
            fail("condition.missing", "\(word) needs a condition, and got \(describe(current))", current.span)
            return missing()
        }
        let value = expression()
        if !isPanicking, current.kind == .assign {
            fail(
                "condition.assign", "= gives a value a name; \(word) wants a comparison", current.span,
                repair: "write ==", edits: [(current.span, "==")])
        }
        return value
    }

    /// Says what is wrong with a token where a value should begin.
    private mutating func refuse(_ token: Token) {
        switch token.kind {
        case .fn:
            fail(
                "function.anonymous", "fn defines a function with a name, as a statement", token.span,
                repair: "a function as a value is  x -> x^2  or  (a, b) -> a + b")
        case .rightParen, .rightBracket, .rightBrace:
            if partner[cursor] < 0 {
                fail("bracket.stray", "this \(text(token)) closes nothing", token.span)
            } else {
                fail("value.missing", "a value is missing before \(text(token))", token.span)
            }
        case .else:
            fail("else.stray", "this else follows no if block", token.span, repair: "if c { a } else { b }")
        case .for, .while, .break, .continue, .return:
            fail(
                "value.statement", "\(text(token)) is a statement, and a value is wanted here", token.span,
                repair: token.kind == .for ? "a list made by a loop is  [f(x) for x in xs]" : nil)
        case .plus:
            fail("operand.plus", "a + before a value says nothing in siam", token.span, repair: "leave it out")
        case .dot:
            fail(
                "line.dot", "a . stands between a value and a name", token.span,
                repair: "a long chain is broken after its dots, or within ( )")
        case .end: fail("value.missing", "a value is missing at the end", Span(max(0, previousEnd - 1), previousEnd))
        default: fail("value.missing", "a value was wanted here, and got \(describe(token))", token.span)
        }
    }

    /// A name, or an error that says whose it is.
    mutating func name(_ owner: String) -> Name? {
        let token = current
        guard token.kind == .name else {
            let isWord = token.kind.rawValue >= Token.Kind.fn.rawValue && token.kind.rawValue <= Token.Kind.not.rawValue
            fail(
                "name.missing",
                isWord
                    ? "\(text(token)) is a word of the language and cannot be the name of \(owner)"
                    : "\(owner) needs a name, and got \(describe(token))", token.span)
            return nil
        }
        advance()
        return Name(text(token), token.span)
    }
}
