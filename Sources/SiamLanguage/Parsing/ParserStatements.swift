/// The parser: statements and blocks.
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
        case .name:
            if foreignStatement() { return .expression(missing()) }
            if let kind = softStatement(token) { return kind }
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

    /// A command, an assignment or an expression.
    private mutating func simpleStatement() -> Statement.Kind {
        if current.kind == .name, !token(1).startsLine, Parser.beginsCommand(token(1).kind), !opensForm(current),
            !(token(1).kind == .not && token(2).kind == .in), foreignSign(at: cursor + 1) == nil,
            token(1).kind != .text || token(1).start > current.end
        {
            return command()
        }
        var targets = [expression()]
        var highest = height
        guard !isPanicking, isSameLine else { return .expression(targets[0]) }
        while !isPanicking, current.kind == .comma, Parser.isTarget(targets[targets.count - 1]) {
            advance()
            guard Parser.beginsOperand(current.kind) else {
                fail(
                    "assign.names", "after the comma another name is expected, and got \(describe(current))",
                    current.span)
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
                    "assign.missing", "several values separated by commas must be assigned, and no = follows",
                    span,
                    repair: "a list is  [\(source.text(span))]")
            }
            return .expression(targets[0])
        }
        let sign = current
        for target in targets where !Parser.isTarget(target) {
            fail(
                "assign.target", "= follows a name, a field or an index", sign.span,
                more: [(target.span, "this is none of them")], repair: assignRepair(target),
                edits: assignRepair(target)?.hasPrefix("a function is") == true
                    ? [(Span(target.span.start, target.span.start), "fn ")] : [])
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
            // `A(1, 2) = 5`, as MATLAB sets an element.
            let places = arguments.compactMap { $0.value.plainNumber }
            if places.count == arguments.count, !places.isEmpty, places.allSatisfy({ $0 >= 1 && $0 == $0.rounded() }) {
                let items = places.map { formatNumber($0 - 1) }.joined(separator: ", ")
                let value = source.text(Span(current.end, endOfLine())).trimmed
                return "elements are set by brackets, counting from 0:  \(name)[\(items)] = \(value)"
            }
            let body = source.text(Span(current.end, endOfLine())).trimmed
            let shown = body.utf8.count < 40 && !body.isEmpty && !body.contains("\n") ? body : "..."
            return inner.utf8.count < 40 ? "a function is  fn \(name)(\(inner)) = \(shown)" : nil
        case .bracket(let items)
        where items.count > 1 && items.allSatisfy { if case .name = $0.kind { true } else { false } }:
            return
                "write several names without brackets:  \(items.map { source.text($0.span) }.joined(separator: ", ")) = ..."
        case .comparison: return "to compare, write =="
        case .number, .text, .bool: return "the name must be on the left"
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
        let isCommand = !(arguments.first.map { Parser.beginsWithOpenRange($0.value) } ?? false)
        let call = Expression(.call(function, arguments, isCommand: isCommand), span(from: start))
        if !isPanicking, isSameLine, current.kind == .assign, source.text(function.span) == "report",
            case .binary(.subtract, _, _, _)? = arguments.first?.value.kind, let name = arguments.first?.value.span
        {
            let plain = source.text(name).split(separator: "-").map { $0.filter { $0 != " " } }.joined(separator: "_")
            fail(
                "assign.command", "the name of a series holds letters, digits and _", name,
                repair: "report \(plain) = ...")
        } else if !isPanicking, isSameLine, current.kind == .assign {
            fail(
                "assign.command", "= follows a name, a field or an index", current.span,
                more: [(call.span, "this is read as a command")],
                repair: "separate several names with commas:  a, b = [1, 2]")
        }
        return .expression(call)
    }

    /// `1.. == x`: laid out, the range stands in parentheses, and what begins with one is no command.
    private static func beginsWithOpenRange(_ e: Expression) -> Bool {
        var e = e
        while let first = e.parts.first, first.span.start == e.span.start {
            if case .range(_, nil) = first.kind { return true }
            e = first
        }
        return false
    }
}
