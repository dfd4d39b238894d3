/// The parser: operators by precedence, calls, fields, elements.
extension Parser {
    /// From loosest to tightest; `x -> e` is read where an operand is wanted, and takes all to its right.
    enum Level {
        static let apply = 1, compose = 2, or = 3, and = 4, not = 5, comparison = 6, range = 7, sum = 8, product = 9
        static let sign = 10, power = 11
    }

    mutating func expression() -> Expression { operation(0) }

    static func level(_ kind: Token.Kind) -> Int? {
        switch kind {
        case .apply: Level.apply
        case .compose: Level.compose
        case .or: Level.or
        case .and: Level.and
        case .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual, .in: Level.comparison
        case .dots: Level.range
        case .plus, .minus: Level.sum
        case .star, .slash, .percent, .at: Level.product
        case .caret: Level.power
        default: nil
        }
    }

    static func comparison(_ kind: Token.Kind) -> ComparisonOperator? {
        switch kind {
        case .equal: .equal
        case .unequal: .unequal
        case .less: .less
        case .lessOrEqual: .lessOrEqual
        case .greater: .greater
        case .greaterOrEqual: .greaterOrEqual
        case .in: .isIn
        default: nil
        }
    }

    static func arithmetic(_ kind: Token.Kind) -> BinaryOperator? {
        switch kind {
        case .plus: .add
        case .minus: .subtract
        case .star: .multiply
        case .slash: .divide
        case .percent: .remainder
        case .at: .matmul
        case .caret: .power
        default: nil
        }
    }

    /// Operands joined by signs that bind at least as tightly as `minimum`.
    mutating func operation(_ minimum: Int) -> Expression {
        guard enter() else { return missing() }
        defer { leave() }
        var left = operand()
        while !isPanicking {
            let sign = current
            if sign.kind == .name, isForeignSign {
                refuseForeignSign()
                break
            }
            if sign.startsLine, !ignoresNewlines, sign.kind != .compose, sign.kind != .apply { break }
            if sign.kind == .not, token(1).kind == .in, minimum <= Level.comparison {
                left = absence(left)
                continue
            }
            guard let level = Parser.level(sign.kind), level >= minimum else { break }
            if level == Level.comparison {
                left = comparisons(left)
                continue
            }
            let leftHeight = height
            advance()
            // `50%` at a line's end: a percentage, and not an operator that continues in the next line.
            if sign.kind == .percent, sign.start == left.span.end,
                (current.startsLine || current.kind == .end) && !ignoresNewlines
                    || [.rightParen, .rightBracket, .comma].contains(current.kind),
                case .number(let share, let digits) = left.kind
            {
                let waited = wantsMore
                defer { wantsMore = waited }
                fail(
                    "number.percent", "% is the remainder of a division, and a share is a plain number",
                    sign.span, repair: "\(digits) % is  \(formatNumber(share / 100))",
                    edits: [(left.span.through(sign.span), formatNumber(share / 100))])
                break
            }
            if level == Level.range {
                left = range(from: left, leftHeight, sign)
                continue
            }
            guard wantsOperand(after: sign) else { return join(left, sign, missing(at: sign.end)) }
            let right = operation(level == Level.power ? level : level + 1)
            guard grow(over: max(leftHeight, height), left.span.through(right.span)) else { return left }
            left = join(left, sign, right)
        }
        return left
    }

    private func join(_ left: Expression, _ sign: Token, _ right: Expression) -> Expression {
        let span = left.span.through(right.span)
        switch sign.kind {
        case .apply: return Expression(.apply(left, right), span)
        case .compose: return Expression(.compose(left, right), span)
        case .or: return Expression(.logical(.or, left, right), span)
        case .and: return Expression(.logical(.and, left, right), span)
        default:
            guard let arithmetic = Parser.arithmetic(sign.kind) else { return left }
            return Expression(.binary(arithmetic, left, right, sign.span), span)
        }
    }

    /// Whether something that may begin a value follows; else says that the sign wants one.
    mutating func wantsOperand(after sign: Token) -> Bool {
        if Parser.beginsOperand(current.kind) || (current.kind == .in && allowsIn) { return true }
        let written = text(sign)
        if sign.kind == .assign, current.kind == .at, token(1).kind == .leftParen, partner[cursor + 1] > cursor {
            let (open, close) = (cursor + 1, partner[cursor + 1])
            let names = source.text(Span(tokens[open].end, tokens[close].start)).trimmed
            // Signs and ends of lines as MATLAB has them.
            let body = source.text(Span(tokens[close].end, endOfLine())).trimmed(where: { " ;".contains($0) })
                .replacing(".^", with: "^").replacing(".*", with: "*").replacing("./", with: "/")
            let mended = "\(names.contains(",") ? "(\(names))" : names) -> \(body)"
            fail(
                "word.foreign", "a function has no sign before it", current.span,
                repair: mended.utf8.count < 60 && !mended.contains("\n") && !names.isEmpty
                    ? "a function as a value is  \(mended)" : "a function as a value is  x -> x^2",
                edits: [(Span(current.start, endOfLine()), mended)])
            return false
        }
        switch current.kind {
        case .plus where sign.kind == .plus && sign.end == current.start && foreignStep(sign): break
        case .plus:
            fail("operand.plus", "a + before a value is not allowed in siam", current.span, repair: "leave it out")
        case .star, .slash, .percent, .at, .caret, .equal, .unequal, .less, .lessOrEqual, .greater, .greaterOrEqual,
            .compose, .apply, .and, .or, .in:
            if sign.kind == .percent, current.kind == .greater, token(1).kind == .percent, token(1).start == current.end
            {
                let whole = Span(sign.start, token(1).end)
                let word = text(token(2))
                let isStage =
                    word.hasPrefix("layer_") || LayerNames.withWeights.contains(word)
                    || ["relu", "flatten", "sigmoid", "tanh", "softmax", "dropout", "maxpool"].contains(word)
                fail(
                    "character.meant", "siam writes \(isStage ? ">>" : "|>") where this says %>%", whole,
                    repair: isStage ? "stages are joined by >>" : "a value is handed to a function by |>",
                    edits: [(whole, isStage ? ">>" : "|>")])
                return false
            }
            if sign.kind == .percent, current.kind == .star, token(1).kind == .percent, token(1).start == current.end {
                let whole = Span(sign.start, token(1).end)
                fail(
                    "character.meant", "siam writes @ where this says %*%", whole, repair: "the matrix product is @",
                    edits: [(whole, "@")])
                return false
            }
            let again = sign.kind == .and || sign.kind == .or ? comparedBefore(sign) : nil
            fail(
                "operand.missing", "a value is missing between \(written) and \(text(current))",
                Span(sign.start, current.end),
                repair: again.map { "each side is a comparison of its own:  \($0) \(text(current)) ..." },
                edits: again.map { [(Span(current.start, current.start), "\($0) ")] } ?? [])
        default:
            if sign.kind == .minus, cursor > 1, tokens[cursor - 2].kind == .minus, tokens[cursor - 2].end == sign.start,
                foreignStep(sign)
            {
                return false
            }
            fail(
                "operand.missing", "\(written) expects a value on its right, and got \(describe(current))", sign.span)
        }
        return false
    }

    static func beginsOperand(_ kind: Token.Kind) -> Bool {
        switch kind {
        case .name, .number, .text, .true, .false, .none, .not, .if, .fn, .minus, .leftParen, .leftBracket, .leftBrace,
            .dots:
            true
        default: false
        }
    }

    /// `a < b <= c`, one level for the whole chain.
    private mutating func comparisons(_ first: Expression) -> Expression {
        var operands = [first]
        var signs: [ComparisonOperator] = []
        var spans: [Span] = []
        var highest = height
        while !isPanicking, isSameLine, let sign = Parser.comparison(current.kind) {
            let token = current
            advance()
            signs.append(sign)
            spans.append(token.span)
            if current.kind == .assign || current.kind == .greater || current.kind == .less, current.start == token.end,
                sign == .equal || sign == .less || sign == .greater
            {
                fail(
                    "operator.unknown", "siam has no \(text(token))\(text(current))", Span(token.start, current.end),
                    repair: sign == .equal
                        ? "equality is =="
                        : text(token) == "<" && current.kind == .less
                            ? "a power of two is  2^n" : "comparisons are  == != < <= > >= in")
            }
            guard wantsOperand(after: token) else {
                operands.append(missing(at: token.end))
                break
            }
            operands.append(operation(Level.range))
            highest = max(highest, height)
        }
        let span = first.span.through(operands.last?.span ?? first.span)
        guard grow(over: highest, span) else { return first }
        return Expression(.comparison(operands, signs, spans), span)
    }

    /// `x not in xs`, read as `not (x in xs)`.
    private mutating func absence(_ left: Expression) -> Expression {
        let sign = Span(current.start, token(1).end)
        var highest = height
        advance()
        advance()
        guard wantsOperand(after: tokens[cursor - 1]) else { return left }
        let right = operation(Level.range)
        highest = max(highest, height)
        let span = left.span.through(right.span)
        guard grow(over: highest, by: 2, span) else { return left }
        return Expression(.unary(.not, Expression(.comparison([left, right], [.isIn], [sign]), span)), span)
    }

    /// The upper end of a range after `..`, if there is one on the line.
    private mutating func range(from left: Expression?, _ leftHeight: Int, _ sign: Token) -> Expression {
        var right: Expression?
        var highest = leftHeight
        if isSameLine, current.kind != .leftBrace, current.kind != .dots, Parser.beginsOperand(current.kind) {
            right = operation(Level.sum)
            highest = max(highest, height)
        }
        var span = sign.span
        if let left { span = span.through(left.span) }
        if let right { span = span.through(right.span) }
        if isSameLine, current.kind == .dots {
            fail(
                "range.chain", "a range has two ends, and this is a third", current.span,
                repair: "with a step between the ends:  range(\(stepped(left, right)))")
        }
        guard grow(over: highest, span) else { return missing() }
        return Expression(.range(left, right), span)
    }

    /// The operands before, between and after the operators.
    private mutating func operand() -> Expression {
        let token = current
        switch token.kind {
        case .minus:
            advance()
            guard wantsOperand(after: token) else { return missing(at: token.end) }
            let inner = operation(Level.power)
            let span = token.span.through(inner.span)
            guard grow(over: height, span) else { return inner }
            return Expression(.unary(.minus, inner), span)
        case .not:
            advance()
            guard wantsOperand(after: token) else { return missing(at: token.end) }
            let inner = operation(Level.comparison)
            let span = token.span.through(inner.span)
            guard grow(over: height, span) else { return inner }
            return Expression(.unary(.not, inner), span)
        case .dots:
            advance()
            return range(from: nil, 0, token)
        case .name where self.token(1).kind == .arrow:
            advance()
            return lambda([Parameter(name: Name(text(token), token.span))], from: token.start, highest: 0)
        case .leftParen where partner[cursor] > cursor && tokens[partner[cursor] + 1].kind == .arrow:
            let parameters = parameterList()
            return lambda(parameters, from: token.start, highest: height)
        default:
            return postfix(primary())
        }
    }

    private mutating func lambda(_ parameters: [Parameter], from start: Int, highest: Int) -> Expression {
        let arrow = current
        guard !isPanicking, accept(.arrow) else { return missing() }
        guard Parser.beginsOperand(current.kind) else {
            _ = wantsOperand(after: arrow)
            return Expression(.lambda(parameters, missing(at: arrow.end)), span(from: start))
        }
        let body = operation(0)
        guard grow(over: max(highest, height), body.span) else { return body }
        return Expression(.lambda(parameters, body), span(from: start))
    }

    /// Calls, indices and fields behind a value, on its line.
    private mutating func postfix(_ first: Expression) -> Expression {
        var value = first
        while !isPanicking, isSameLine {
            let start = value.span.start
            let before = height
            switch current.kind {
            case .leftParen:
                let arguments = arguments()
                guard grow(over: max(before, height), span(from: start)) else { return value }
                value = Expression(.call(value, arguments, isCommand: false), span(from: start))
            case .leftBracket:
                let indices = items(.rightBracket, "the index")
                if indices.isEmpty {
                    fail(
                        "index.empty", "an index is missing between [ and ]", Span(previousEnd - 2, previousEnd),
                        repair: "for a whole axis:  [..]")
                }
                guard grow(over: max(before, height), span(from: start)) else { return value }
                value = Expression(.index(value, indices), span(from: start))
            case .dot:
                let dot = current
                advance()
                // `x = 1.` at the end of a line has no field in the next one.
                var isBare = false
                if case .number = value.kind { isBare = current.startsLine }
                guard !isBare, let name = fieldName() else {
                    fieldMissing(dot, after: value)
                    return Expression(.field(value, Name("", Span(dot.end, dot.end))), span(from: start))
                }
                guard grow(over: before, span(from: start)) else { return value }
                value = Expression(.field(value, name), span(from: start))
            default: return value
            }
        }
        return value
    }

    /// Any word is a name behind a dot.
    private mutating func fieldName() -> Name? {
        let token = current
        guard
            token.kind == .name
                || (token.kind.rawValue >= Token.Kind.fn.rawValue && token.kind.rawValue <= Token.Kind.not.rawValue)
        else { return nil }
        advance()
        return Name(text(token), token.span)
    }

    /// `0..10..2` and `0..2..10` as what range takes: the ends, and the smaller of the other two as the step.
    private func stepped(_ left: Expression?, _ right: Expression?) -> String {
        let low = left.map { source.text($0.span) } ?? "0"
        let (b, c) = (right.map { source.text($0.span) } ?? "10", token(1).kind == .number ? text(token(1)) : "2")
        guard let x = Double(b), let y = Double(c) else { return "\(low), \(b), \(c)" }
        return x < y ? "\(low), \(c), \(b)" : "\(low), \(b), \(c)"
    }

    /// 1000000 as 1_000_000.
    private func grouped(_ digits: String) -> String {
        var parts: [Substring] = []
        var rest = digits[...]
        while rest.count > 3 {
            parts.insert(rest.suffix(3), at: 0)
            rest = rest.dropLast(3)
        }
        return ([rest] + parts).joined(separator: "_")
    }

    private mutating func fieldMissing(_ dot: Token, after value: Expression) {
        let owner = source.text(value.span)
        if current.kind == .number, current.start == dot.end, case .number = value.kind {
            // 1.000.000 of a table that parts thousands by dots.
            let whole = (owner + text(current)).filter(\.isNumber)
            fail(
                "field.number", "a number has one point, and this is a second", current.span,
                repair: "separate thousands with  _ :  \(grouped(whole))")
        } else if current.kind == .text, case .text = value.kind, owner.utf8.count + text(current).utf8.count < 60 {
            fail(
                "field.number", "a name must follow the dot, and got a text", current.span,
                repair: "join texts with +:  \(owner) + \(text(current))")
        } else if current.kind == .number, current.start == dot.end {
            fail(
                "field.number", "a name must follow the dot, and got \(text(current))", current.span,
                repair: owner.utf8.count < 40
                    ? "by index:  \(owner)[\(text(current))]" : "by index:  x[\(text(current))]")
        } else if case .number = value.kind, dot.start == value.span.end {
            fail(
                "number.point", "a number ends with a digit", Span(value.span.start, dot.end),
                repair: "write \(owner)", edits: [(dot.span, "")], goesOn: true)
        } else if [.star, .slash, .caret, .plus, .minus].contains(current.kind), current.start == dot.end {
            let sign = text(current)
            fail(
                "operator.dotted", "siam writes \(sign) where this says .\(sign)", Span(dot.start, current.end),
                notes: ["operators are elementwise; the matrix product is @"], repair: "write \(sign)",
                edits: [(dot.span, "")])
        } else if current.kind == .leftParen, current.start == dot.end, case .name(let function) = value.kind {
            fail(
                "operator.dotted", "a dot before ( means nothing in siam", dot.span,
                repair: "functions take whole tensors:  \(function)(x)", edits: [(dot.span, "")])
        } else {
            fail("field.missing", "a name must follow the dot, and got \(describe(current))", dot.span)
        }
    }
}
