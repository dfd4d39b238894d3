/// The parser: numbers, texts, lists, records and other things written out.
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
        if foreignFunctionValue(token) { return missing() }
        if foreignTextPrefix(token) {
            advance()
            return primary()
        }
        advance()
        return Expression(.name(text(token)), token.span)
    }

    private mutating func number(_ token: Token) -> Expression {
        let written = text(token)
        let digits = written.utf8.contains(UInt8(ascii: "_")) ? written.filter { $0 != "_" } : written
        guard let value = Double(digits) else {
            // The lexer has reported what is wrong with it.
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
                "text.empty", "these braces in a text are empty", Span(span.start - 1, span.end + 1),
                repair: "write a value in them, {x};  a brace is \\{", goesOn: true)
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

    /// A condition, with a word for those who write `=` for `==`.
    mutating func condition(of word: String) -> Expression {
        guard Parser.beginsOperand(current.kind), current.kind != .leftBrace || beginsRecord(cursor) else {
            fail("condition.missing", "\(word) needs a condition, and got \(describe(current))", current.span)
            return missing()
        }
        let value = expression()
        if !isPanicking, current.kind == .assign {
            fail(
                "condition.assign", "= gives a value a name; \(word) expects a comparison", current.span,
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
                repair: anonymous ?? "a function as a value is  x -> x^2  or  (a, b) -> a + b")
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
                "value.statement", "\(text(token)) is a statement, and a value is needed here", token.span,
                repair: token.kind == .for ? "a list made by a loop is  [f(x) for x in xs]" : nil)
        case .plus where self.token(1).kind == .plus && self.token(1).start == token.end:
            let target = self.token(2)
            let name = target.kind == .name ? text(target) : "x"
            fail(
                "assign.compound", "siam has no ++", Span(token.start, self.token(1).end),
                repair: "in full:  \(name) = \(name) + 1",
                edits: target.kind == .name ? [(Span(token.start, target.end), "\(name) = \(name) + 1")] : [])
        case .plus:
            fail("operand.plus", "a + before a value is not allowed in siam", token.span, repair: "leave it out")
        case .dot:
            fail(
                "line.dot", "a . stands between a value and a name", token.span,
                repair: "a long chain is broken after its dots, or within ( )")
        case .end: fail("value.missing", "a value is missing at the end", Span(max(0, previousEnd - 1), previousEnd))
        case .at where token.startsLine && isWord(self.token(1), "time") && !self.token(2).startsLine:
            let rest = source.text(Span(self.token(2).start, max(self.token(2).start, endOfLine())))
            fail(
                "word.foreign", "siam has no macros", token.span,
                repair: rest.utf8.count <= 60
                    ? "a time is taken by  time { \(rest) }" : "a time is taken by  time { ... }")
        case .at where token.startsLine:
            fail(
                "word.foreign", "siam has no decorators", token.span,
                repair: "a function that takes a function is called:  timed(f)(x)")
        case .star where !opened.isEmpty:
            fail(
                "value.missing", "expected a value here, and got *", token.span,
                notes: ["a list cannot be spread over arguments: write each argument"])
        case .percent where token.startsLine:
            fail(
                "value.missing", "expected a value here, and got %", token.span,
                repair: "a comment begins with # ; the prompt's own commands begin with a colon:  :time, :load, :run")
        case .colon where foreignSlice(): break
        case .colon:
            guard let open = opened.last, tokens[open].kind == .leftParen, sliceInParentheses(open) else {
                fail("value.missing", "expected a value here, and got :", token.span)
                break
            }
        case .in where opened.last.map({ tokens[$0].kind == .leftParen }) ?? false:
            fail(
                "value.missing", "expected a value here, and got in", token.span,
                repair: "the width of the input stands in the shape of a parameter:  param w : [in, units] = glorot")
        default: fail("value.missing", "expected a value here, and got \(describe(token))", token.span)
        }
    }

    /// `(x, y)`, `(a, b), same`: the names alone.
    private var namesInParentheses: String? {
        var names: [String] = []
        let list = tokens.dropFirst(cursor + 1).prefix { token in
            [.comma, .rightParen].contains(token.kind) || token.kind == .name && !isWord(token, "using")
        }
        for token in list where token.kind == .name { names.append(text(token)) }
        return 1...4 ~= names.count ? names.joined(separator: ", ") : nil
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
                    : "\(owner) needs a name, and got \(describe(token))", token.span,
                repair: owner == "a part of the batch" && token.kind == .leftParen
                    ? "separate names with commas only:  as \(namesInParentheses ?? "a, b, same")"
                    : owner == "an axis of sweep" && token.kind == .number
                        ? "write the values as a list:  sweep lr in [0.1, 0.01] { ... }" : nil)
            return nil
        }
        advance()
        return Name(text(token), token.span)
    }
}

extension Parser {
    /// `fn(x) x + 1`, `fn(a, b) { a + b }` as values: the same with an arrow.
    var anonymous: String? {
        guard token(1).kind == .leftParen, partner[cursor + 1] > cursor else { return nil }
        let close = partner[cursor + 1]
        let names = source.text(Span(token(1).end, tokens[close].start)).trimmed
        guard close + 1 < tokens.count, !tokens[close + 1].startsLine else { return nil }
        var body = source.text(Span(tokens[close + 1].start, endOfLine())).trimmed
        if tokens[close + 1].kind == .assign || tokens[close + 1].kind == .colon {
            body = source.text(Span(tokens[close + 1].end, endOfLine())).trimmed
        }
        if body.hasPrefix("{"), body.hasSuffix("}"), !body.contains(";") {
            body = String(body.dropFirst().dropLast()).trimmed
        }
        if body.hasPrefix("return ") { body = String(body.dropFirst(7)) }
        let head = names.contains(",") || names.isEmpty ? "(\(names))" : names
        let whole = "\(head) -> \(body)"
        return whole.utf8.count <= 60 && !whole.contains("\n") && !body.isEmpty
            ? "a function as a value is  \(whole)" : nil
    }
}
