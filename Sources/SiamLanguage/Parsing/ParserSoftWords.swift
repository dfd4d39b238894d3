/// Statements that begin with a word which elsewhere is an ordinary name.
extension Parser {
    /// A statement that a soft word opens; nil where the word is an ordinary name.
    mutating func softStatement(_ token: Token) -> Statement.Kind? {
        let next = self.token(1)
        let isSame = !next.startsLine && next.kind != .end
        if isSame, next.kind == .name {
            if isWord(token, "layer") { return layerDefinition() }
            if isWord(token, "loss") { return functionDefinition(.loss) }
            if isWord(token, "report"), self.token(2).kind == .assign { return report() }
            if isWord(token, "stop"), isWord(next, "when"), self.token(2).kind != .assign, !self.token(2).startsLine {
                advance()
                advance()
                return .stopWhen(expression())
            }
        }
        if isWord(token, "pause"), !isSame || next.kind == .semicolon || next.kind == .rightBrace || next.kind == .if {
            advance()
            return .pause
        }
        guard isSame else { return nil }
        if isWord(token, "import") { return importStatement(next) }
        if isWord(token, "every"), isEveryAhead(next) { return every() }
        let takesValue: Bool =
            switch next.kind {
            case .name, .number, .text, .true, .false, .none, .not, .if, .minus, .leftBracket, .dots: true
            case .leftParen: !hasTopLevelComma(cursor + 1)
            case .leftBrace: beginsRecord(cursor + 1)
            default: false
            }
        guard takesValue else { return nil }
        if isWord(token, "expect") {
            advance()
            return .expect(expression())
        }
        if isWord(token, "minimize") {
            advance()
            return .minimize(expression())
        }
        if isWord(token, "expect_error") {
            advance()
            let message = expression()
            let before = height
            let body = block("expect_error", example: "expect_error \"part of the message\" { net(x) }")
            height = max(before, height)
            return .expectError(message, body)
        }
        return nil
    }

    /// Whether the brackets that open at a token hold a comma of their own: then a soft word before them is a function.
    private func hasTopLevelComma(_ open: Int) -> Bool {
        let end = partner[open]
        guard end > open else { return false }
        var place = open + 1
        while place < end {
            if tokens[place].kind == .comma { return true }
            place = partner[place] > place ? partner[place] + 1 : place + 1
        }
        return false
    }

    private mutating func report() -> Statement.Kind {
        advance()
        let name = Name(text(current), current.span)
        advance()
        let sign = current
        advance()
        guard Parser.beginsOperand(current.kind) else {
            _ = wantsOperand(after: sign)
            return .report(name, missing(at: sign.end))
        }
        return .report(name, expression())
    }

    private mutating func importStatement(_ next: Token) -> Statement.Kind? {
        switch next.kind {
        case .text, .name:
            advance()
            return .importFile(expression())
        case .leftParen:
            let value = expression()
            if case .call(let function, let arguments, _) = value.kind, case .name = function.kind,
                arguments.count == 1,
                arguments[0].name == nil
            {
                return .importFile(arguments[0].value)
            }
            return .expression(value)
        default: return nil
        }
    }

    private func isUnit(_ token: Token) -> Bool {
        isWord(token, "epoch") || isWord(token, "epochs") || isWord(token, "step") || isWord(token, "steps")
    }

    /// `every epoch {`, `every 10 steps {`, and not a function or variable of that name.
    private func isEveryAhead(_ next: Token) -> Bool {
        switch next.kind {
        case .number, .name: return true
        case .leftParen:
            guard partner[cursor + 1] > cursor else { return false }
            let behind = tokens[min(partner[cursor + 1] + 1, tokens.count - 1)]
            return !behind.startsLine && (isUnit(behind) || Parser.arithmetic(behind.kind) != nil)
        default: return false
        }
    }

    private mutating func every() -> Statement.Kind {
        advance()
        var count: Expression?
        var highest = 1
        if !(isUnit(current) && token(1).kind == .leftBrace) {
            count = expression()
            highest = height
        }
        let unit = unit("every", example: "every 10 steps { }  or  every epoch { }")
        let body = block("every", example: "every 10 steps { }  or  every epoch { }")
        height = max(highest, height)
        return .every(count, unit, body)
    }

    mutating func unit(_ owner: String, example: String) -> Statement.Unit {
        let token = current
        if isUnit(token) {
            advance()
            return text(token).hasPrefix("step") ? .steps : .epochs
        }
        fail("unit.missing", "\(owner) counts steps or epochs, and got \(describe(token))", token.span, repair: example)
        return .epochs
    }
}
