/// Forms of other languages, read far enough to say how siam writes the very same line.
extension Parser {
    private static let bindingWords: Set<String> = [
        "let", "const", "var", "val", "auto", "local", "my", "int", "float", "double", "bool", "str",
    ]

    /// A statement that begins as no statement of siam does: said, and true where that was so.
    mutating func foreignStatement() -> Bool {
        let word = text(current)
        let (next, third) = (token(1), token(2))
        // `function [d] = dist(a, b)`, as MATLAB has it too.
        if word == "function", next.kind == .leftBracket, !next.startsLine, partner[cursor + 1] > cursor,
            case let sign = partner[cursor + 1] + 1, sign + 1 < tokens.count, tokens[sign].kind == .assign,
            tokens[sign + 1].kind == .name
        {
            let call = source.text(Span(tokens[sign + 1].start, endOfLine()))
            fail(
                "word.foreign", "siam has no function", current.span,
                repair: call.utf8.count < 50 ? "a function is  fn \(call) { ... }" : "a function is  fn f(x) { ... }")
            return true
        }
        guard next.kind == .name || next.kind == .text, !next.startsLine, next.start > current.end else { return false }
        // `function y = f(x)`, as MATLAB has it.
        if word == "function", next.kind == .name, !next.startsLine, token(2).kind == .assign, token(3).kind == .name {
            let call = source.text(Span(token(3).start, endOfLine()))
            fail(
                "word.foreign", "siam has no function", current.span,
                repair: call.utf8.count < 50 ? "a function is  fn \(call) = ..." : "a function is  fn f(x) = x^2")
            return true
        }
        if next.kind == .name, Parser.functionWords.contains(word) {
            guard [.leftParen, .colon, .leftBrace, .assign, .arrow].contains(third.kind), !third.startsLine else {
                return false
            }
            return foreignFunction(word)
        }
        if next.kind == .name, Parser.bindingWords.contains(word), !third.startsLine,
            third.kind == .assign || (third.kind == .colon && token(3).kind == .name && token(4).kind == .assign)
        {
            let rest = source.text(Span(tokens[cursor + (third.kind == .colon ? 4 : 2)].start, endOfLine()))
            let mended = "\(text(next)) \(rest)"
            fail(
                "word.foreign", "siam has no \(word)", current.span,
                repair:
                    "a name needs no keyword before it:  \(mended.utf8.count < 60 ? mended : "\(text(next)) = ...")",
                edits: third.kind == .colon
                    ? [(Span(current.start, endOfLine()), mended)] : [(Span(current.start, next.start), "")])
            return true
        }
        if next.kind == .name, ["global", "nonlocal", "await", "async", "new"].contains(word),
            let says = Foreign.word(word)?.says
        {
            fail("word.foreign", "siam has no \(word)", current.span, repair: says)
            return true
        }
        if word == "from" || word == "import", next.kind == .name { return foreignImport(word, next) }
        return false
    }

    /// `import torch`, `import numpy as np`, `from torch import nn`; a name that holds a path is siam's own.
    private mutating func foreignImport(_ word: String, _ next: Token) -> Bool {
        let behind = token(2)
        let isWhole =
            behind.startsLine || behind.kind == .end || behind.kind == .semicolon || behind.kind == .rightBrace
        let isPackage = Foreign.imported.contains(text(next)) || text(next) == "siam"
        guard isPackage || (!isWhole && (word == "from" || behind.kind == .dot || isWord(behind, "as"))) else {
            return false
        }
        fail(
            "import.package", "siam has nothing to import from \(text(next))",
            Span(current.start, endOfLine()),
            repair: isPackage
                ? "layers, losses, data and plots need no import; leave this line out"
                : "to use the definitions of a file:  import \"\(text(next)).siam\"",
            edits: isPackage ? [(Span(current.start, endOfLine()), "")] : [])
        return true
    }

    /// `x is none`, `a xor b`, `a mod b`, where a sign was due.
    var isForeignSign: Bool { foreignSign(at: cursor) != nil }

    func foreignSign(at place: Int) -> String? {
        guard place + 1 < tokens.count, place > 0 else { return nil }
        let (word, next) = (tokens[place], tokens[place + 1])
        guard word.kind == .name, ignoresNewlines || !word.startsLine, Parser.beginsOperand(next.kind), !next.startsLine
        else { return nil }
        switch text(word) {
        case "is": return next.kind == .not ? "!=" : "=="
        case "xor": return "!="
        case "mod", "rem": return "%"
        default: return nil
        }
    }

    mutating func refuseForeignSign() {
        guard let sign = foreignSign(at: cursor) else { return }
        let end = isWord(current, "is") && token(1).kind == .not ? token(1).end : current.end
        let written = source.text(Span(current.start, end))
        fail(
            "character.meant", "siam writes \(sign) where this says \(written)", Span(current.start, end),
            repair: "write \(sign)", edits: [(Span(current.start, end), sign)])
    }

    /// `f"loss {l}"`, `r"\d"`: a letter that other languages put before a text.
    mutating func foreignTextPrefix(_ token: Token) -> Bool {
        let next = self.token(1)
        guard next.kind == .text, next.start == token.end, token.end - token.start <= 2 else { return false }
        let letters = text(token)
        guard ["f", "r", "b", "u", "fr", "rf"].contains(letters.lowercased()) else { return false }
        // A text in other quotes has been reported by the lexer.
        if unread.contains(where: { $0 == next.start || $0 == token.start }) { return true }
        fail(
            "text.prefix", "a text needs no \(letters) before it", token.span,
            repair: letters.lowercased().contains("f")
                ? "every text can contain values in braces; leave the \(letters) out" : "leave the \(letters) out",
            edits: [(token.span, "")], goesOn: true)
        return true
    }

    /// `for x in xs: print(x)` and `if c then a else b`: the same line with its blocks in braces. False where it is neither.
    mutating func foreignBlock(_ owner: String) -> Bool {
        let sign = current
        guard !sign.startsLine, sign.kind == .colon || isWord(sign, "then") || isWord(sign, "do") else { return false }
        if owner == "for", sign.kind == .colon, countedRange() { return true }
        let head = source.text(Span(tokens[statementStart].start, previousEnd))
        let end = endOfLine()
        var rest = String(source.text(Span(sign.end, max(sign.end, end))).drop { $0 == " " })
        if rest.hasSuffix(" end") { rest = String(rest.dropLast(4)) }
        let got = "\(owner) needs a block { ... }, and got \(describe(sign))"
        if owner == "else", !rest.isEmpty, rest.utf8.count < 60, !rest.contains("{"), sign.kind == .colon {
            fail(
                "block.missing", got, sign.span, repair: "in a block:  else { \(rest) }",
                edits: [(Span(previousEnd, end), " { \(rest) }")])
            return true
        }
        if owner == "else" || head.contains("\n") || head.utf8.count + rest.utf8.count > 70 || rest.contains("{") {
            fail("block.missing", got, sign.span, repair: "write the block in braces:  \(owner) ... { ... }")
            return true
        }
        guard !rest.isEmpty else {
            fail("block.missing", got, sign.span, repair: "write the block in braces:  \(head) { ... }")
            return true
        }
        var block = "{ \(rest) }"
        if owner == "if", let middle = rest.firstRange(of: " else ") {
            let (yes, no) = (rest[..<middle.lowerBound], rest[middle.upperBound...])
            if !no.contains(" if ") { block = "{ \(yes) } else { \(no) }" }
        }
        // `while True:`, of which the word is another one as well.
        var edits = [(Span(previousEnd, end), " \(block)")]
        var written = head
        for token in tokens[statementStart..<cursor] where ["True", "False"].contains(text(token)) {
            written = written.replacing(text(token), with: text(token).lowercased())
            edits.append((token.span, text(token).lowercased()))
        }
        fail("block.missing", got, sign.span, repair: "in a block:  \(written) \(block)", edits: edits)
        return true
    }

    /// `x++` and `x--`.
    mutating func foreignStep(_ sign: Token) -> Bool {
        let target = source.text(Span(tokens[statementStart].start, sign.start))
        let written = text(sign) + text(sign)
        let isName = tokens[statementStart].kind == .name && !target.contains(" ") && !target.isEmpty
        let end = sign.kind == .plus ? current.end : sign.end
        let start = sign.kind == .plus ? sign.start : sign.start - 1
        let name = isName ? source.text(Span(tokens[statementStart].start, start)) : "x"
        fail(
            "assign.compound", "siam has no \(written)", Span(start, end),
            repair: "in full:  \(name) = \(name) \(text(sign)) 1",
            edits: isName ? [(Span(start, end), " = \(name) \(text(sign)) 1")] : [])
        return true
    }

    /// `x: int = 3` as a statement: what remains without the type.
    mutating func foreignType(of kind: Statement.Kind) -> Bool {
        guard case .expression(let value) = kind, case .name(let name) = value.kind, token(1).kind == .name,
            !token(1).startsLine, token(2).kind == .assign, !["try", "except", "finally", "default"].contains(name)
        else { return false }
        fail(
            "parameter.type", "names have no types in siam", Span(current.start, token(1).end),
            repair: typeless(name), edits: [(Span(current.start, token(2).start), " ")])
        return true
    }

    /// `x: int = 3` without its type.
    private func typeless(_ name: String) -> String {
        let value = source.text(Span(token(2).end, endOfLine())).trimmed
        return "leave it out:  \(name) = \(value.utf8.count <= 50 && !value.isEmpty ? value : "...")"
    }

    /// `(a, b)`: siam has no tuples.
    mutating func foreignTuple(_ open: Int) -> Bool {
        guard current.kind == .comma, partner[open] > cursor else { return false }
        let close = tokens[partner[open]]
        let inner = source.text(Span(tokens[open].end, close.start))
        let isShort = inner.utf8.count < 50 && !inner.contains("\n")
        let isTarget = tokens[min(partner[open] + 1, tokens.count - 1)].kind == .assign
        if let (word, says) = leftOut(open) {
            fail("word.foreign", "siam has no \(text(word))", word.span, repair: says)
            return true
        }
        // `input_shape = (784,)`: nothing here has to know it.
        if open > 2, tokens[open - 1].kind == .assign,
            ["input_shape", "batch_input_shape"].contains(text(tokens[open - 2]))
        {
            let start = tokens[open - 3].kind == .comma ? tokens[open - 3].start : tokens[open - 2].start
            fail(
                "paren.tuple", "parentheses can contain only one value, and a comma follows it", current.span,
                repair: "a net finds the shape of its input at the first use; leave \(text(tokens[open - 2])) out",
                edits: tokens[open - 3].kind == .comma ? [(Span(start, close.end), "")] : [])
            return true
        }
        // `betas = (0.9, 0.999)`: one argument elsewhere, several here.
        if open > 1, tokens[open - 1].kind == .assign, tokens[open - 2].kind == .name,
            case let name = text(tokens[open - 2]), Foreign.hasSeveral(name)
        {
            fail(
                "paren.tuple", "parentheses can contain only one value, and a comma follows it", current.span,
                repair: Foreign.parted(name, inner.split(separator: ",").map(String.init)))
            return true
        }
        if let stages = stagesInBrackets(open) {
            fail(
                "paren.tuple", "parentheses can contain only one value, and a comma follows it", current.span,
                repair: "join stages with >>:  \(stages)", edits: [(Span(tokens[open].start, close.end), stages)])
            return true
        }
        if let side = side(of: inner, open) {
            fail(
                "paren.tuple", "parentheses can contain only one value, and a comma follows it", current.span,
                repair: "one number for both sides:  \(side)",
                edits: [(Span(tokens[open].start, close.end), side)])
            return true
        }
        fail(
            "paren.tuple", "parentheses can contain only one value, and a comma follows it", current.span,
            repair: isTarget
                ? "write several names without parentheses:  \(isShort ? inner : "a, b") = ..."
                : "several values are a list:  [\(isShort ? inner : "...")]",
            edits: [(tokens[open].span, isTarget ? "" : "["), (close.span, isTarget ? "" : "]")])
        return true
    }
    /// `Input(shape = (64,))`: a line that has no place here, whatever stands in its parentheses.
    private func leftOut(_ open: Int) -> (word: Token, says: String)? {
        guard let call = (1..<max(1, open)).last(where: { tokens[$0].kind == .leftParen && partner[$0] > open }),
            tokens[call - 1].kind == .name, case let word = tokens[call - 1],
            let says = Foreign.leftOut(text(word)), says.hasSuffix("leave this line out")
        else { return nil }
        return (word, says)
    }

    /// `conv(32, (3, 3))`: a window has one number for both sides.
    private func side(of inner: String, _ open: Int) -> String? {
        let sides = inner.split(separator: ",").map { $0.trimmed }
        guard sides.count == 2, sides[0] == sides[1], Int(sides[0]) != nil,
            let call = (1..<max(1, open)).last(where: { tokens[$0].kind == .leftParen && partner[$0] > open }),
            tokens[call - 1].kind == .name
        else { return nil }
        let word = text(tokens[call - 1]).lowercased()
        return ["conv", "pool", "depthwise"].contains(where: word.contains) ? sides[0] : nil
    }
}
