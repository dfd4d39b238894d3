/// The lexer: signs and operators.
extension Lexer {
    /// Signs of one to three characters, and those of other languages, with what siam writes instead.
    mutating func symbol(_ byte: UInt8) {
        let start = at
        let next = peek(1)
        func two(_ a: Character) -> Bool { next == a.asciiValue }
        switch byte {
        case UInt8(ascii: "("): take(.leftParen, 1)
        case UInt8(ascii: ")"): take(.rightParen, 1)
        case UInt8(ascii: "["): take(.leftBracket, 1)
        case UInt8(ascii: "]"): take(.rightBracket, 1)
        case UInt8(ascii: "{"): take(.leftBrace, 1)
        case UInt8(ascii: "}"): take(.rightBrace, 1)
        case UInt8(ascii: ","): take(.comma, 1)
        case UInt8(ascii: ";"): take(.semicolon, 1)
        case UInt8(ascii: "@"): take(.at, 1)
        case UInt8(ascii: "%"): two("=") ? take(.compoundAssign, 2) : take(.percent, 1)
        case UInt8(ascii: "^"): two("=") ? take(.compoundAssign, 2) : take(.caret, 1)
        case UInt8(ascii: "+"): two("=") ? take(.compoundAssign, 2) : take(.plus, 1)
        case UInt8(ascii: "-"):
            if two(">") { take(.arrow, 2) } else { two("=") ? take(.compoundAssign, 2) : take(.minus, 1) }
        case UInt8(ascii: "*"):
            if two("*") {
                at += 2
                meant(.caret, "^", start, "**")
            } else {
                two("=") ? take(.compoundAssign, 2) : take(.star, 1)
            }
        case UInt8(ascii: "/"): slash(next)
        case UInt8(ascii: "="):
            if two("=") {
                take(.equal, 2)
            } else if two(">") {
                at += 2
                if widthGiven() { return }
                isFunctionsLine ? meant(.assign, "=", start, "=>") : meant(.arrow, "->", start, "=>")
            } else {
                take(.assign, 1)
            }
        case UInt8(ascii: "!"):
            if two("=") {
                take(.unequal, 2)
            } else {
                at += 1
                if namedWithMark(start) { return }
                meant(.not, "not", start, "!")
            }
        case UInt8(ascii: "~") where two("="):
            at += 2
            meant(.unequal, "!=", start, "~=")
        case UInt8(ascii: "<"):
            if two("=") {
                take(.lessOrEqual, 2)
            } else if two(">") {
                at += 2
                meant(.unequal, "!=", start, "<>")
            } else if two("-"), peek(2) == UInt8(ascii: " "), let last = lexed.tokens.last, last.kind == .name,
                last.startsLine || lexed.tokens.count == 1
            {
                at += 2
                meant(.assign, "=", start, "<-")
            } else {
                take(.less, 1)
            }
        case UInt8(ascii: ">"):
            if two(">") { take(.compose, 2) } else { two("=") ? take(.greaterOrEqual, 2) : take(.greater, 1) }
        case UInt8(ascii: "|"):
            if two(">") {
                take(.apply, 2)
            } else {
                if !two("|"), !endsValue(lexed.tokens.last) {
                    at += 1
                    return fail(
                        "character", "| before a value means nothing in siam", Span(start, at),
                        repair: "a function is  x -> x^2;  the size of a number is  abs(x)")
                }
                at += two("|") ? 2 : 1
                if at == start + 1 {
                    if nextWord(isOf: Lexer.stages) { return meant(.compose, ">>", start, "|") }
                    if nextWord(isOf: Lexer.applied) { return meant(.apply, "|>", start, "|") }
                }
                meant(.or, "or", start, at == start + 2 ? "||" : "|")
            }
        case UInt8(ascii: "&"):
            at += two("&") ? 2 : 1
            meant(.and, "and", start, two("&") ? "&&" : "&")
        case UInt8(ascii: "."): dot(next)
        case UInt8(ascii: ":"):
            if two("=") {
                at += 2
                meant(.assign, "=", start, ":=")
            } else {
                take(.colon, 1)
            }
        case UInt8(ascii: "'"):
            at += 1
            if isTransposed(start) { return }
            foreignText(start, "a single quote")
        case UInt8(ascii: "`"):
            at += 1
            foreignText(start, "a backtick")
        default:
            at += 1
            if byte == UInt8(ascii: "\\"), isBetweenValues {
                solved(start)
                return
            }
            let written = byte < 32 || byte == 127 ? "the control character \(byte)" : String(Unicode.Scalar(byte))
            let means: String? =
                switch byte {
                case UInt8(ascii: "?") where startsLine: "for help, use the prompt or  siam doc NAME"
                case UInt8(ascii: "?") where endsWord:
                    "for help, type  ?name  at the prompt or  siam doc name  in a shell"
                case UInt8(ascii: "?"): "a choice is  if c { a } else { b }"
                case UInt8(ascii: "~") where isBetweenValues:
                    "siam has no formulas; a data set names its label:  csv(\"table.csv\", label = \"y\")"
                case UInt8(ascii: "$"): fieldByPoint(start).map { "a field follows a point:  \($0)" }
                case UInt8(ascii: "~"): "the opposite of a bool is  not b;  of a mask  1 - m"
                case UInt8(ascii: "\\"): "a function is  x -> x^2; a line continues after an operator or within ( )"
                default: nil
                }
            fail("character", "\(written) is not a character of siam", Span(start, at), repair: means)
        }
    }

    /// `d$x` of R as `d.x`.
    private func fieldByPoint(_ start: Int) -> String? {
        var (low, high) = (start, at)
        while low > 0, Lexer.isWordByte(bytes[low - 1]) { low -= 1 }
        while high < limit, Lexer.isWordByte(bytes[high]) { high += 1 }
        guard low < start, at < high, ![bytes[at], bytes[low]].contains(where: { (48...57).contains($0) }) else {
            return nil
        }
        return "\(source.text(Span(low, start))).\(source.text(Span(at, high)))"
    }

    /// Whether a value ends before the sign at hand, and one begins behind it in the same line.
    private var isBetweenValues: Bool {
        guard endsValue(lexed.tokens.last) else { return false }
        var next = at
        while next < limit, bytes[next] == 32 { next += 1 }
        return next < limit
            && (Lexer.isWordByte(bytes[next]) || bytes[next] == UInt8(ascii: "(")
                || bytes[next] == UInt8(ascii: "["))
    }

    /// `A \ b`, a system of equations as MATLAB and Julia write it.
    private mutating func solved(_ start: Int) {
        var (low, high) = (start, at)
        while low > 0, bytes[low - 1] == 32 { low -= 1 }
        let end = low
        while low > 0, Lexer.isWordByte(bytes[low - 1]) { low -= 1 }
        while high < limit, bytes[high] == 32 { high += 1 }
        let begin = high
        while high < limit, Lexer.isWordByte(bytes[high]) { high += 1 }
        let (a, b) = (source.text(Span(low, end)), source.text(Span(begin, high)))
        // Where another operator stands beside them, they are not the two sides.
        var (before, behind) = (low, high)
        while before > 0, bytes[before - 1] == 32 { before -= 1 }
        while behind < limit, bytes[behind] == 32 { behind += 1 }
        let isAlone =
            (before == 0 || [10, UInt8(ascii: "="), UInt8(ascii: ";"), UInt8(ascii: "{")].contains(bytes[before - 1]))
            && (behind >= limit
                || [10, UInt8(ascii: ";"), UInt8(ascii: "}"), UInt8(ascii: "#")].contains(bytes[behind]))
        let isWhole = !a.isEmpty && !b.isEmpty && isAlone
        fail(
            "character", "\\ is not a character of siam", Span(start, at),
            repair: isWhole
                ? "a system of equations is solved by  solve(\(a), \(b))"
                : "a system of equations is solved by  solve(A, b)")
        emit(.slash, from: start)
    }

    /// Whether a value may end with this token: then an operator after it is binary.
    private func endsValue(_ token: Token?) -> Bool {
        guard let token else { return false }
        return switch token.kind {
        case .name, .number, .text, .true, .false, .none, .rightParen, .rightBracket, .rightBrace: true
        default: false
        }
    }

    /// The line defines a function by name.
    private var isFunctionsLine: Bool {
        guard let first = lexed.tokens.last(where: { $0.startsLine || $0.kind == .semicolon }) else { return false }
        return first.kind == .fn
    }

    /// `x'`, a matrix transposed elsewhere: a quote straight behind a value that none closes on the line.
    private mutating func isTransposed(_ start: Int) -> Bool {
        guard let value = lexed.tokens.last, value.end == start, endsValue(value), value.kind != .text else {
            return false
        }
        // `f'loss'`: a letter before a text, where the line has another quote. No text begins directly behind any other value.
        if value.kind == .name, ["f", "r", "b", "u", "fr", "rf"].contains(source.text(value.span).lowercased()) {
            var place = at
            while place < limit, bytes[place] != 10 {
                if bytes[place] == UInt8(ascii: "'") { return false }
                place += 1
            }
        }
        let name = value.kind == .name ? source.text(value.span) : "x"
        // `A' * B`: the star of a language in which it multiplies matrices.
        var star = at
        while star < limit, bytes[star] == UInt8(ascii: " ") { star += 1 }
        let isProduct =
            value.kind == .name && star + 1 < limit && bytes[star] == UInt8(ascii: "*")
            && bytes[star + 1] != UInt8(ascii: "*")
        if value.kind == .name, isRow(name) { return transposedRow(value, name, start, isProduct ? star : nil) }
        let edit = (Span(start, at), ".transpose()")
        fail(
            "operator.transpose", "siam has no ' for a transposed matrix", Span(start, at),
            repair: isProduct
                ? "write  \(name).transpose() @ ...  here, since * multiplies element by element"
                : value.kind == .name ? "write  \(name).transpose()" : "write  .transpose()  behind it",
            edits: isProduct ? [edit, (Span(star, star + 1), "@")] : [edit])
        return true
    }

    /// Whether a name is given a list of plain numbers: a row where there are rows and columns, a vector here.
    private func isRow(_ name: String) -> Bool {
        source.text.split(separator: "\n").contains { line in
            let parts = line.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, parts[0].trimmed == name, case let list = parts[1].trimmed, list.hasPrefix("["),
                let end = list.firstIndex(of: "]")
            else { return false }
            return list[list.index(after: list.startIndex)..<end].allSatisfy { "0123456789.,- ".contains($0) }
        }
    }

    /// `a' * b` and `a * b'` of two rows, one of which would stand upright: their outer product, or their inner one.
    private mutating func transposedRow(_ value: Token, _ name: String, _ start: Int, _ star: Int?) -> Bool {
        var end = (star ?? at) + 1
        while end < limit, bytes[end] == UInt8(ascii: " ") { end += 1 }
        let begin = end
        while end < limit, Lexer.isWordByte(bytes[end]) { end += 1 }
        let behind = star == nil ? "" : source.text(Span(begin, end))
        let before = lexed.tokens.dropLast()
        var repair = "a list of numbers is a vector, and is not transposed; as a column it is  expand(\(name), 1)"
        var edit: (Span, String)?
        if isRow(behind) {
            repair = "the outer product of two vectors:  outer(\(name), \(behind))"
            edit = (Span(value.start, end), "outer(\(name), \(behind))")
        } else if star == nil, before.last?.kind == .star, let first = before.dropLast().last, first.kind == .name,
            case let other = source.text(first.span), isRow(other)
        {
            repair = "the inner product of two vectors:  dot(\(other), \(name))"
            edit = (Span(first.start, at), "dot(\(other), \(name))")
        }
        fail(
            "operator.transpose", "siam has no ' for a transposed matrix", Span(start, at), repair: repair,
            edits: edit.map { [$0] } ?? [])
        return true
    }

    @inline(__always) private mutating func take(_ kind: Token.Kind, _ width: Int) {
        let start = at
        at += width
        emit(kind, from: start)
    }

    private mutating func slash(_ next: UInt8) {
        let start = at
        guard next == UInt8(ascii: "/") || next == UInt8(ascii: "*") else {
            return next == UInt8(ascii: "=") ? take(.compoundAssign, 2) : take(.slash, 1)
        }
        if startsLine || next == UInt8(ascii: "*") {
            while at < limit, bytes[at] != 10 { at += 1 }
            fail(
                "comment.sign", "a comment begins with #", Span(start, start + 2),
                repair: "write # instead", edits: [(Span(start, start + 2), "#")])
        } else {
            at += 2
            fail(
                "operator.floor", "siam has no //", Span(start, at),
                repair: "a whole quotient is  \(quotient(start));  a comment begins with #")
            emit(.slash, from: start)
        }
    }

    /// `floor(a / b)` of the names and numbers around a sign.
    private func quotient(_ sign: Int) -> String {
        func isPart(_ byte: UInt8) -> Bool {
            (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte) || byte == 95
                || byte == 46
        }
        var (low, high) = (sign, at)
        while low > 0, bytes[low - 1] == 32 { low -= 1 }
        let end = low
        while low > 0, isPart(bytes[low - 1]) { low -= 1 }
        while high < limit, bytes[high] == 32 { high += 1 }
        let start = high
        while high < limit, isPart(bytes[high]) { high += 1 }
        // A longer chain of factors, a call or an index is more than what stands here.
        let next = high < limit ? bytes[high] : 10
        var before = low
        while before > 0, bytes[before - 1] == 32 { before -= 1 }
        let last = before > 0 ? bytes[before - 1] : 10
        let isWhole = !"([*/%@^".utf8.contains(next) && !")]*/%@^-".utf8.contains(last)
        guard low < end, start < high, isWhole else { return "floor(a / b)" }
        return "floor(\(source.text(Span(low, end))) / \(source.text(Span(start, high))))"
    }

    private mutating func dot(_ next: UInt8) {
        let start = at
        if next == UInt8(ascii: ".") {
            if peek(2) == UInt8(ascii: ".") {
                at += 3
                if closedRange(start, "...") { return }
                return meant(.dots, "..", start, "...")
            }
            if peek(2) == UInt8(ascii: "<") || peek(2) == UInt8(ascii: "=") {
                at += 3
                let written = "..\(Unicode.Scalar(bytes[at - 1]))"
                if written == "..=", closedRange(start, written) { return }
                return meant(.dots, "..", start, written)
            }
            return take(.dots, 2)
        }
        let follows = lexed.tokens.last.map { token in
            switch token.kind {
            case .name, .number, .text, .rightParen, .rightBracket, .rightBrace: token.end == start
            default: false
            }
        }
        guard Lexer.isDigit(next), follows != true else { return take(.dot, 1) }
        at += 1
        _ = digits()
        let written = String(decoding: bytes[start..<at], as: UTF8.self)
        fail(
            "number.point", "a number begins with a digit", Span(start, at), repair: "write 0\(written)",
            edits: [(Span(start, at), "0\(written)")])
        emit(.number, from: start)
    }

    /// `1..=3` and `1...3`, which elsewhere take their end too: written with the next number. False if what follows the sign
    /// is not a plain number or name.
    private mutating func closedRange(_ start: Int, _ sign: String) -> Bool {
        var end = at
        while end < bytes.count, Lexer.isWordByte(bytes[end]) { end += 1 }
        guard end > at, end == bytes.count || bytes[end] != UInt8(ascii: "."), let last = lexed.tokens.last,
            last.end == start, [.name, .number].contains(last.kind)
        else { return false }
        let upper = source.text(Span(at, end))
        let number = Int(upper).flatMap { $0 < Int.max ? "\($0 + 1)" : nil }
        guard number != nil || !Lexer.isDigit(bytes[at]) else { return false }
        let mended = "..\(number ?? "\(upper) + 1")"
        fail(
            "character.meant", "siam writes .. where this says \(sign)", Span(start, at),
            repair: "a range excludes its end:  \(source.text(Span(last.start, last.end)))\(mended)",
            edits: [(Span(start, end), mended)])
        emit(.dots, from: start)
        return true
    }

    /// Whether the character directly follows a value at the end of its line: `contrastive?`, `digits()?`.
    private var endsWord: Bool {
        let behind = at < source.bytes.count ? source.bytes[at] : 10
        let isWhole = [.name, .rightParen, .rightBracket].contains(lexed.tokens.last?.kind)
        return isWhole && lexed.tokens.last?.end == at - 1 && (behind == 10 || behind == 13)
    }

    /// Stages of a net, as in `dense(8) | relu`.
    private static let stages: Set<String> = [
        "dense", "conv", "relu", "sigmoid", "tanh", "softmax", "flatten", "dropout", "maxpool", "avgpool", "l2norm",
        "batchnorm", "layernorm", "elu", "gelu", "leaky_relu", "softplus", "globalpool", "residual",
    ]
    /// Functions that give no bool, as in `x | sum`.
    private static let applied: Set<String> = [
        "sum", "mean", "max", "min", "std", "var", "median", "abs", "sqrt", "exp", "log", "sort", "unique", "len",
        "reverse", "cumsum", "argmax", "argmin", "print", "plot", "hist", "show", "image", "scatter", "heat", "bars",
        "map", "filter", "reduce", "transpose", "reshape", "round", "floor", "ceil", "tensor", "text", "number",
    ]

    private func nextWord(isOf words: Set<String>) -> Bool {
        var place = at
        while place < source.bytes.count, source.bytes[place] == 32 { place += 1 }
        let start = place
        while place < source.bytes.count, Lexer.isWordByte(source.bytes[place]) { place += 1 }
        return words.contains(source.text(Span(start, place)))
    }

    static func isWordByte(_ byte: UInt8) -> Bool {
        (byte >= 97 && byte <= 122) || (byte >= 65 && byte <= 90) || (byte >= 48 && byte <= 57) || byte == 95
    }
}
