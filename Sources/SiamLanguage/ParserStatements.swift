extension Parser {
    mutating func statement() -> Statement {
        statementStart = cursor
        opened = []
        height = 1
        let start = current.start
        guard enter() else { return Statement(.expression(missing()), Span(start, start)) }
        defer { leave() }
        let kind = statementKind()
        let end = span(from: start)
        _ = grow(over: height, end)
        let isSilenced = endOfStatement(kind)
        return Statement(kind, end, isSilenced: isSilenced)
    }

    /// A statement ends with its line, at `;` or before `}`. True when it is silenced.
    private mutating func endOfStatement(_ kind: Statement.Kind) -> Bool {
        guard !isPanicking else { return false }
        if current.kind == .semicolon {
            advance()
            return current.startsLine || current.kind == .rightBrace || current.kind == .end
        }
        if current.startsLine || current.kind == .end || current.kind == .rightBrace { return false }
        unexpected(after: kind)
        return false
    }

    private mutating func unexpected(after kind: Statement.Kind) {
        let token = current
        let written = text(token)
        switch token.kind {
        case .rightParen, .rightBracket: fail("bracket.stray", "this \(written) closes nothing", token.span)
        case .compoundAssign:
            let target = source.text(Span(tokens[statementStart].start, previousEnd))
            let rest = source.text(Span(token.end, endOfLine()))
            fail(
                "assign.compound", "siam has no \(written)", token.span,
                repair: "in full:  \(target) = \(target) \(written.dropLast())\(rest.utf8.count < 50 ? rest : " ...")",
                edits: [(token.span, "= \(target) \(written.dropLast())")])
        case .else:
            fail("else.stray", "this else follows no if block", token.span, repair: "if c { a } else { b }")
        case .if:
            fail(
                "if.behind", "a condition stands before what it chooses", token.span,
                repair: chosen(behind: token) ?? "a choice is  if c { a } else { b }")
        case .leftBrace where isWord(tokens[statementStart], "expect_error"):
            fail(
                "expect_error.message", "expect_error needs a part of the message that the block fails with",
                token.span,
                repair: "expect_error \"nothing named\" { ... }")
        case .leftBrace where Foreign.word(text(tokens[statementStart]))?.name == nil && foreignOpener != nil:
            fail(
                "word.foreign", "siam has no \(text(tokens[statementStart]))", tokens[statementStart].span,
                repair: foreignOpener)
        case .colon where foreignOpener != nil:
            fail(
                "word.foreign", "siam has no \(text(tokens[statementStart]))", tokens[statementStart].span,
                repair: foreignOpener)
        case .leftBrace:
            if case .expression(let value) = kind, case .name(let name) = value.kind, beginsRecord(cursor) {
                fail(
                    "command.parens", "\(name) is given a record, and an argument that begins so stands in parentheses",
                    token.span, repair: "in parentheses:  \(allInParentheses)",
                    edits: [(Span(tokens[statementStart].start, endOfLine()), allInParentheses)])
            } else if case .expression(let value) = kind, case .call(let function, _, isCommand: false) = value.kind,
                case .name(let name) = function.kind
            {
                fail(
                    "block.stray", "a block cannot stand behind a call", token.span,
                    repair: "a function is defined by  fn \(name)(...) { ... }")
            } else {
                fail("block.stray", "a block cannot stand here", token.span)
            }
        case .assign:
            if case .assign(let targets, _) = kind {
                let first = targets.first.map { source.text($0.span) } ?? "a"
                fail(
                    "assign.chain", "one statement assigns once", token.span,
                    repair: "two lines, or two names of one value:  \(first) = ...; b = \(first)")
            } else {
                fail("assign.target", "= follows a name, a field or an index", token.span)
            }
        case .comma:
            if case .assign = kind {
                fail(
                    "assign.values", "several names take one list of values", token.span,
                    repair: "put the values in brackets:  a, b = [1, 2]")
            } else if case .expression(let value) = kind, beginsWithCall(value) || beginsLikeCommand {
                fail(
                    "command.parens", "the arguments seem to go on behind the parentheses", token.span,
                    repair: "put all of them in parentheses:  \(allInParentheses)",
                    edits: [(Span(tokens[statementStart].start, endOfLine()), allInParentheses)])
            } else {
                var repair: String?
                if case .expect = kind { repair = "expect takes one condition; what it means can stand behind a #" }
                fail("comma.stray", "this comma separates nothing", token.span, repair: repair)
            }
        case .name, .number, .text, .true, .false, .none:
            juxtaposed(token)
        case .colon:
            fail(
                "colon.stray", "a : stands in records {a: 1} and behind the name of a param or state", token.span,
                repair: "blocks are { ... } in siam")
        case .arrow:
            fail(
                "lambda.head", "before -> stand the names of a function", token.span,
                repair: "x -> x^2  or  (a, b) -> a + b")
        default: fail("statement.end", "the statement was over, and got \(written)", token.span)
        }
    }

    /// Whether the text of a value begins with a call, `print (a + b) / 2`.
    private func beginsWithCall(_ value: Expression) -> Bool {
        switch value.kind {
        case .call: true
        case .binary(_, let left, _, _), .logical(_, let left, _), .apply(let left, _), .compose(let left, _),
            .index(let left, _), .field(let left, _):
            beginsWithCall(left)
        case .comparison(let operands, _, _): operands.first.map(beginsWithCall) ?? false
        default: false
        }
    }

    /// `print -2, 3` and `print [1], 2`: a name, a blank, and a sign that nothing but a command would leave so.
    private var beginsLikeCommand: Bool {
        let (word, sign) = (tokens[statementStart], tokens[min(statementStart + 1, tokens.count - 1)])
        guard word.kind == .name, sign.start > word.end else { return false }
        return sign.kind == .leftBracket || sign.kind == .minus
    }

    /// The statement's line with all behind its first word in parentheses.
    private var allInParentheses: String {
        let word = tokens[statementStart]
        let rest = source.text(Span(word.end, endOfLine())).drop { $0 == " " }
        return "\(text(word))(\(rest))"
    }

    /// What siam says where another language opens a statement with this word.
    private var foreignOpener: String? { Foreign.word(text(tokens[statementStart]))?.says }

    /// `x = if c { a } else { b }` for `x = a if c else b`, where it is all on one line.
    private func chosen(behind token: Token) -> String? {
        let line = source.text(Span(token.end, endOfLine()))
        guard let middle = line.firstRange(of: " else ") else { return nil }
        let (condition, other) = (line[..<middle.lowerBound], line[middle.upperBound...])
        let head = source.text(Span(tokens[statementStart].start, token.start))
        guard let sign = head.firstRange(of: "= "), head.utf8.count + line.utf8.count < 70 else { return nil }
        let value = head[sign.upperBound...].reversed().drop { $0 == " " }.reversed()
        return "as a value:  \(head[..<sign.upperBound])if\(condition) { \(String(value)) } else { \(other) }"
    }

    /// Two values side by side: a command where none may stand, or a sign that is missing.
    private mutating func juxtaposed(_ token: Token) {
        let before = tokens[max(0, cursor - 1)]
        if before.kind == .name, cursor > statementStart, tokens[cursor - 1].end <= token.start {
            let name = text(before)
            let line = source.text(Span(token.start, endOfLine()))
            fail(
                "command.place", "a command stands alone as a statement, and \(name) stands inside one", before.span,
                repair: line.utf8.count < 60
                    ? "as a value it is a call:  \(name)(\(line))" : "as a value it is a call:  \(name)(...)")
        } else {
            fail(
                "statement.end", "a sign is missing before \(describe(token))", token.span,
                repair: token.kind == .name && Foreign.word(text(token))?.name == nil
                    ? Foreign.word(text(token))?.says ?? "two statements on a line have a ; between them"
                    : "two statements on a line have a ; between them")
        }
    }

    /// Where the tokens of the cursor's line end.
    func endOfLine() -> Int {
        var place = partner[cursor] > cursor ? partner[cursor] : cursor
        while place + 1 < tokens.count - 1, !tokens[place + 1].startsLine, tokens[place + 1].kind != .semicolon,
            tokens[place + 1].kind != .rightBrace
        {
            place += 1
            if partner[place] > place { place = partner[place] }
        }
        return tokens[place].end
    }

    private mutating func statementKind() -> Statement.Kind {
        let token = current
        switch token.kind {
        case .fn where self.token(1).kind == .name: return functionDefinition(.fn)
        case .fn:
            if self.token(1).kind.rawValue >= Token.Kind.fn.rawValue,
                self.token(1).kind.rawValue <= Token.Kind.not.rawValue
            {
                advance()
                _ = name("a function")
                return .expression(missing())
            }
        case .for: return loop()
        case .while:
            advance()
            let condition = condition(of: "while")
            let before = height
            let body = block("while", example: "while c { }")
            height = max(before, height)
            return .whileLoop(condition, body)
        case .break:
            advance()
            return .breakLoop
        case .continue:
            advance()
            return .continueLoop
        case .return:
            advance()
            if isSameLine, Parser.beginsOperand(current.kind) { return .returnValue(expression()) }
            return .returnValue(nil)
        case .name: if let kind = softStatement(token) { return kind }
        default: break
        }
        return simpleStatement()
    }

    private mutating func loop() -> Statement.Kind {
        advance()
        let names = loopNames()
        guard !isPanicking, expectIn(after: "the names of for") else {
            return .forIn(names, missing(), Block([], .none))
        }
        let from = expression()
        let before = height
        let body = block("for", example: "for x in xs { }")
        height = max(before, height)
        return .forIn(names, from, body)
    }

    /// A statement that a soft word opens; nil where the word is an ordinary name.
    private mutating func softStatement(_ token: Token) -> Statement.Kind? {
        let next = self.token(1)
        let isSame = !next.startsLine && next.kind != .end
        if isSame, next.kind == .name {
            if isWord(token, "layer") { return layerDefinition() }
            if isWord(token, "loss") { return functionDefinition(.loss) }
            if isWord(token, "report"), self.token(2).kind == .assign { return report() }
        }
        if isWord(token, "pause"), !isSame || next.kind == .semicolon || next.kind == .rightBrace {
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

    /// A command, an assignment or an expression.
    private mutating func simpleStatement() -> Statement.Kind {
        if current.kind == .name, !token(1).startsLine, Parser.beginsCommand(token(1).kind), !opensForm(current),
            !(token(1).kind == .not && token(2).kind == .in)
        {
            return command()
        }
        var targets = [expression()]
        var highest = height
        guard !isPanicking, isSameLine else { return .expression(targets[0]) }
        while !isPanicking, current.kind == .comma, Parser.isTarget(targets[targets.count - 1]) {
            advance()
            guard Parser.beginsOperand(current.kind) else {
                fail("assign.names", "after the comma another name was due, and got \(describe(current))", current.span)
                break
            }
            targets.append(expression())
            highest = max(highest, height)
        }
        guard !isPanicking else { return .expression(targets[0]) }
        guard current.kind == .assign, isSameLine else {
            if targets.count > 1 {
                let span = targets[0].span.through(targets[targets.count - 1].span)
                fail(
                    "assign.missing", "several values in a row are the left side of an assignment, and no = follows",
                    span,
                    repair: "a list is  [\(source.text(span))]")
            }
            return .expression(targets[0])
        }
        let sign = current
        for target in targets where !Parser.isTarget(target) {
            fail(
                "assign.target", "= follows a name, a field or an index", sign.span,
                more: [(target.span, "this is none of them")], repair: assignRepair(target))
            return .expression(targets[0])
        }
        advance()
        guard Parser.beginsOperand(current.kind) else {
            _ = wantsOperand(after: sign)
            return .assign(targets, missing(at: sign.end))
        }
        let value = expression()
        height = max(highest, height)
        return .assign(targets, value)
    }

    private func assignRepair(_ target: Expression) -> String? {
        switch target.kind {
        case .call(let function, let arguments, isCommand: false):
            guard case .name(let name) = function.kind, arguments.allSatisfy({ $0.name == nil }) else { return nil }
            let inner = arguments.map { source.text($0.value.span) }.joined(separator: ", ")
            return inner.utf8.count < 40 ? "a function is  fn \(name)(\(inner)) = ..." : nil
        case .comparison: return "to compare, write =="
        case .number, .text, .bool: return "the name stands on the left"
        default: return nil
        }
    }

    static func isTarget(_ value: Expression) -> Bool {
        switch value.kind {
        case .name, .field, .index: true
        default: false
        }
    }

    static func beginsCommand(_ kind: Token.Kind) -> Bool {
        switch kind {
        case .name, .number, .text, .true, .false, .none, .not, .if: true
        default: false
        }
    }

    /// `train net on`, `sweep k in`, `time {` are expressions and not commands.
    private func opensForm(_ token: Token) -> Bool {
        (isWord(token, "train") && isTrainAhead())
            || (isWord(token, "sweep") && self.token(1).kind == .name && self.token(2).kind == .in)
    }

    /// `name arg, arg`.
    private mutating func command() -> Statement.Kind {
        let start = current.start
        let function = Expression(.name(text(current)), current.span)
        advance()
        var arguments: [Argument] = []
        var highest = 1
        repeat {
            guard Parser.beginsOperand(current.kind) else {
                _ = wantsOperand(after: tokens[cursor - 1])
                break
            }
            arguments.append(argument(after: arguments))
            highest = max(highest, height)
        } while !isPanicking && isSameLine && accept(.comma)
        height = highest + 1
        let call = Expression(.call(function, arguments, isCommand: true), span(from: start))
        if !isPanicking, isSameLine, current.kind == .assign {
            fail(
                "assign.command", "= follows a name, a field or an index", current.span,
                more: [(call.span, "this reads as a command")],
                repair: "several names have commas between them:  a, b = [1, 2]")
        }
        return .expression(call)
    }
}
