/// The formatter: expressions.
extension Formatter {
    typealias Level = Parser.Level

    /// How tightly the outermost sign of an expression binds.
    private static func level(_ value: Expression) -> Int {
        switch value.kind {
        case .lambda: return 0
        case .apply: return Level.apply
        case .compose: return Level.compose
        case .logical(.or, _, _): return Level.or
        case .logical(.and, _, _): return Level.and
        case .unary(.not, _): return Level.not
        case .comparison: return Level.comparison
        case .range: return Level.range
        case .binary(let sign, _, _, _):
            switch sign {
            case .add, .subtract: return Level.sum
            case .multiply, .divide, .remainder, .matmul: return Level.product
            case .power: return Level.power
            }
        case .unary(.minus, _): return Level.sign
        default: return Level.power + 1
        }
    }

    /// An expression in a position for operators of this precedence or higher; others are put in parentheses.
    /// `keeps`: the breaks of this pipeline are the writer's. Only those of a statement's own pipeline are kept: what stands
    /// further in is broken by width alone, or a second formatting would measure other lines than the first.
    mutating func expression(
        _ value: Expression, _ minimum: Int = 0, continuation: Int = 4, keeps: Bool = false
    ) -> Layout {
        var isOpenRange = false
        if case .range(_, let end) = value.kind, end == nil { isOpenRange = minimum > 0 }
        if Formatter.level(value) < minimum || isOpenRange {
            return .row([.text("("), expression(value, 0, continuation: continuation), .text(")")])
        }
        switch value.kind {
        case .number(_, let written): return .text(written)
        case .bool(let value): return .text(value ? "true" : "false")
        case .none: return .text("none")
        case .missing: return .text("")
        case .name(let name): return .text(name)
        case .text(let parts): return .text(text(parts))
        case .bracket(let items): return .row([.text("["), list(items), .text("]")])
        case .comprehension(let item, let clauses): return comprehension(item, clauses)
        case .record(let fields): return record(fields)
        case .unary(.minus, let inner): return .row([.text("-"), expression(inner, Level.power)])
        case .unary(.not, let inner): return .row([.text("not "), expression(inner, Level.comparison)])
        case .binary(let sign, let left, let right, _):
            return binary(sign, left, right, continuation)
        case .comparison(let operands, let signs, _):
            var parts: [Layout] = []
            for (i, operand) in operands.enumerated() {
                let layout = expression(operand, Level.range)
                if i == 0 {
                    parts.append(layout)
                } else {
                    parts.append(.text(" \(signs[min(i - 1, signs.count - 1)].rawValue)"))
                    parts.append(goingOn(layout, continuation))
                }
            }
            return .row(parts)
        case .logical(let sign, let left, let right):
            let level = sign == .or ? Level.or : Level.and
            return .row([
                expression(left, level, continuation: continuation), .text(" \(sign.rawValue)"),
                goingOn(expression(right, level + 1), continuation),
            ])
        case .range(let start, let end):
            return .row([
                start.map { expression($0, Level.sum) } ?? .text(""), .text(".."),
                end.map { expression($0, Formatter.beginsWithBrace($0) ? Level.power + 2 : Level.sum) } ?? .text(""),
            ])
        case .call(let function, let arguments, _):
            return .row([expression(function, Level.power + 1), .text("("), self.arguments(arguments), .text(")")])
        case .index(let owner, let indices):
            return .row([expression(owner, Level.power + 1), .text("["), list(indices), .text("]")])
        case .field(let owner, let name): return .row([expression(owner, Level.power + 1), .text(".\(name.text)")])
        case .lambda(let names, let body):
            let head: Layout =
                names.count == 1 && names[0].defaultValue == nil && names[0].kind == nil
                ? .text(names[0].name.text) : parameters(names)
            return .row([head, .text(" -> "), expression(body)])
        case .apply(let left, let right): return chain("|>", left, right, Level.apply, continuation, keeps)
        case .compose(let left, let right): return chain(">>", left, right, Level.compose, continuation, keeps)
        case .conditional: return conditional(value)
        case .block(let inner): return block(inner)
        case .train(let train): return self.train(train)
        case .sweep(let sweep):
            var parts: [Layout] = [.text("sweep ")]
            for (i, axis) in sweep.axes.enumerated() {
                parts += [.text((i > 0 ? ", " : "") + axis.name.text + " in "), expression(axis.value)]
            }
            return .row(parts + [.space, block(sweep.body)])
        case .time(let inner): return .row([.text("time "), block(inner)])
        }
    }

    /// Behind `..` a brace would open a block.
    private static func beginsWithBrace(_ value: Expression) -> Bool {
        var first = value
        while true {
            switch first.kind {
            case .record, .block: return true
            case .binary(_, let left, _, _), .call(let left, _, _), .index(let left, _), .field(let left, _):
                first = left
            default: return false
            }
        }
    }

    /// The rest of an expression behind a sign: on the line, or on the next, further in.
    private func goingOn(_ layout: Layout, _ continuation: Int) -> Layout {
        .group(.nest(continuation, .row([.line(" "), layout])))
    }

    private mutating func binary(_ sign: BinaryOperator, _ left: Expression, _ right: Expression, _ continuation: Int)
        -> Layout
    {
        if sign == .power {
            // A minus needs no parentheses on the right of ^.
            let isMinus: Bool
            if case .unary(.minus, _) = right.kind { isMinus = true } else { isMinus = false }
            return .row([
                expression(left, Level.power + 1), .text("^"), expression(right, isMinus ? Level.sign : Level.power),
            ])
        }
        let level = sign == .add || sign == .subtract ? Level.sum : Level.product
        return .row([
            expression(left, level, continuation: continuation), .text(" \(sign.rawValue)"),
            goingOn(expression(right, level + 1), continuation),
        ])
    }

    /// `f >> g >> h`: broken before its signs, where the writer broke it, and where a line would be too long.
    private mutating func chain(
        _ sign: String, _ left: Expression, _ right: Expression, _ level: Int, _ continuation: Int,
        _ keeps: Bool
    ) -> Layout {
        let isBroken = keeps && newlines(left.span.end, right.span.start) > 0
        let first = expression(left, level, continuation: continuation, keeps: keeps)
        let second = expression(right, level + 1)
        if isBroken {
            return .row([first, .nest(continuation, .row([.newline(isDouble: false), .text(sign + " "), second]))])
        }
        return .row([first, .group(.nest(continuation, .row([.line(" "), .text(sign + " "), second])))])
    }

    mutating func list(_ items: [Expression]) -> Layout {
        var parts: [Layout] = []
        for (i, item) in items.enumerated() {
            let layout = expression(item)
            if i == 0 {
                parts.append(layout)
            } else {
                parts += [.text(","), goingOn(layout, 4)]
            }
        }
        return .row(parts)
    }

    private mutating func arguments(_ arguments: [Argument]) -> Layout {
        var parts: [Layout] = []
        for (i, argument) in arguments.enumerated() {
            var layout = expression(argument.value)
            if let name = argument.name { layout = .row([.text("\(name.text) = "), layout]) }
            if i == 0 {
                parts.append(layout)
            } else {
                parts += [.text(","), goingOn(layout, 4)]
            }
        }
        return .row(parts)
    }

    mutating func parameters(_ parameters: [Parameter]) -> Layout {
        var parts: [Layout] = [.text("(")]
        for (i, parameter) in parameters.enumerated() {
            var layout: Layout = .text(parameter.name.text + (parameter.kind.map { " : \($0.text)" } ?? ""))
            if let defaultValue = parameter.defaultValue {
                layout = .row([layout, .text(" = "), expression(defaultValue)])
            }
            if i == 0 {
                parts.append(layout)
            } else {
                parts += [.text(","), goingOn(layout, 4)]
            }
        }
        return .row(parts + [.text(")")])
    }

    /// `name arg, arg`, where the statement was written so and still can be.
    mutating func command(_ value: Expression) -> Layout? {
        guard case .call(let function, let arguments, isCommand: true) = value.kind,
            case .name(let name) = function.kind,
            let first = arguments.first
        else { return nil }
        var probe = Formatter(source: source, comments: [])
        let shown = first.name?.text ?? probe.expression(first.value).print(width: Int.max / 2)
        guard let scalar = shown.unicodeScalars.first,
            scalar == "\"" || scalar == "_" || Lexer.continuesName(scalar)
        else { return nil }
        return .row([.text(name + " "), self.arguments(arguments)])
    }

    private mutating func record(_ fields: [Field]) -> Layout {
        var parts: [Layout] = [.text("{")]
        for (i, field) in fields.enumerated() {
            let isName = Lexer.isPlainName(field.name.text)
            let name = isName ? field.name.text : text([.literal(field.name.text)])
            let layout: Layout = .row([.text(name + ": "), expression(field.value)])
            parts += i == 0 ? [layout] : [.text(","), goingOn(layout, 4)]
        }
        return .row(parts + [.text("}")])
    }

    private mutating func comprehension(_ item: Expression, _ clauses: [Clause]) -> Layout {
        var parts: [Layout] = [.text("["), expression(item)]
        for clause in clauses {
            var rest: [Layout] = [
                .text("for \(clause.names.map(\.text).joined(separator: ", ")) in "),
                expression(clause.source, Formatter.level(clause.source) == Level.range ? 1 : 0),
            ]
            if let condition = clause.condition { rest += [.text(" if "), expression(condition)] }
            parts.append(goingOn(.row(rest), 4))
        }
        return .row(parts + [.text("]")])
    }

    private mutating func conditional(_ value: Expression) -> Layout {
        var parts: [Layout] = []
        var next: Expression? = value
        while let current = next, case .conditional(let condition, let body, let otherwise) = current.kind {
            next = nil
            parts += [.text("if "), expression(condition), .space, block(body)]
            guard let otherwise else { break }
            parts.append(.text(" else "))
            // The parser gives `else if` a block of the same span as its statement.
            if otherwise.statements.count == 1, let inner = otherwise.statements.first, !inner.isSilenced,
                inner.span.start == otherwise.span.start, case .expression(let chained) = inner.kind,
                case .conditional = chained.kind
            {
                next = chained
            } else {
                parts.append(block(otherwise))
            }
        }
        return .row(parts)
    }

    private mutating func train(_ train: Train) -> Layout {
        var parts: [Layout] = [.text("train "), list(train.nets)]
        parts.append(goingOn(.row([.text("on "), expression(train.source)]), 4))
        if !train.names.isEmpty {
            parts.append(goingOn(.text("as " + train.names.map(\.text).joined(separator: ", ")), 4))
        }
        if let length = train.length {
            parts.append(goingOn(.row([.text("for "), expression(length), .text(" \(unit(train.unit, length))")]), 4))
        }
        parts.append(goingOn(.row([.text("using "), expression(train.optimizer)]), 4))
        if let log = train.log { parts.append(goingOn(.row([.text("log = "), expression(log)]), 4)) }
        return .row(parts + [.space, block(train.body)])
    }

    /// A text with its escapes, on one line whatever is in it.
    func text(_ parts: [TextPart]) -> String {
        var out = "\""
        for part in parts {
            switch part {
            case .literal(let characters):
                for scalar in characters.unicodeScalars {
                    switch scalar {
                    case "\n": out += "\\n"
                    case "\t": out += "\\t"
                    case "\r": out += "\\r"
                    case "\"": out += "\\\""
                    case "\\": out += "\\\\"
                    case "{": out += "\\{"
                    default:
                        if scalar.value < 32 || scalar.value == 127 {
                            out += "\\u{\(String(scalar.value, radix: 16))}"
                        } else {
                            out.unicodeScalars.append(scalar)
                        }
                    }
                }
            case .value(let value, let format):
                var inner = Formatter(source: source, comments: [])
                out += "{" + inner.expression(value).print(width: Int.max / 2) + (format.map { ":" + $0 } ?? "") + "}"
            }
        }
        return out + "\""
    }
}

extension Lexer {
    /// Whether a text is a valid name: a letter or `_`, then letters, digits, `_`, and no keyword.
    static func isPlainName(_ text: String) -> Bool {
        guard let first = text.unicodeScalars.first, first == "_" || isLetter(first) else { return false }
        let bytes = Array(text.utf8)
        return text.unicodeScalars.allSatisfy { $0 == "_" || continuesName($0) } && Words.hardKind(bytes[...]) == nil
    }
}
