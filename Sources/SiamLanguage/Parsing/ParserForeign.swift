/// Forms of other languages, read far enough to say how siam writes the very same line.
extension Parser {
    private static let functionWords: Set<String> = ["def", "func", "function", "fun", "sub", "proc", "defun"]
    private static let bindingWords: Set<String> = [
        "let", "const", "var", "val", "auto", "local", "my", "int", "float", "double", "bool", "str",
    ]

    /// A statement that begins as no statement of siam does: said, and true where that was so.
    mutating func foreignStatement() -> Bool {
        let word = text(current)
        let (next, third) = (token(1), token(2))
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

    /// `def f(x): return x + 1`, `function f(x) { ... }`: the head is kept, and the body if it is on the same line.
    private mutating func foreignFunction(_ word: String) -> Bool {
        let start = current
        var place = cursor + 1
        if tokens[place + 1].kind == .leftParen {
            guard partner[place + 1] > place else { return false }
            // Types and all: the parameters' own words are not looked at here.
            place = partner[place + 1]
        }
        let head = source.text(Span(tokens[cursor + 1].start, tokens[place].end))
        let opener = tokens[place + 1]
        var mended = "fn \(head) { ... }"
        var edits: [(Span, String)] = []
        if opener.kind == .leftBrace {
            edits = [(start.span, "fn")]
        } else if opener.kind == .colon, !tokens[place + 2].startsLine, tokens[place + 2].kind != .end {
            let behind = tokens[place + 2]
            let isReturn = behind.kind == .return
            let body = source.text(Span(isReturn ? behind.end : behind.start, endOfLine())).drop { $0 == " " }
            mended = isReturn ? "fn \(head) = \(body)" : "fn \(head) { \(body) }"
            edits = [(Span(start.start, endOfLine()), mended)]
        } else if opener.kind == .assign {
            edits = [(start.span, "fn")]
            mended = "fn \(head) = ..."
        }
        // A method of a class: what it holds belongs into a layer.
        let isMethod = tokens[cursor + 1].kind == .name && isWord(token(3), "self")
        if isMethod {
            let name = text(tokens[cursor + 1])
            let says =
                name == "__init__"
                ? "the parts of a layer stand in it:  layer tower(dim) { fc = dense(dim); forward x = fc(x) }"
                : name == "forward" || name == "call" || name == "__call__"
                    ? "in a layer it is  forward x { ... },  and what it gives is its last line"
                    : "a layer has parts and one forward; other functions stand outside of it:  fn f(x) = x^2"
            fail("word.foreign", "siam has no \(word)", start.span, repair: says)
            return true
        }
        let isShort = mended.utf8.count < 70 && !mended.contains("\n")
        fail(
            "word.foreign", "siam has no \(word)", start.span,
            repair: isShort
                ? "a function is  \(mended)" : "a function is  fn f(x) = x^2  or  fn f(x) { ... }", edits: edits)
        return true
    }

    /// `import torch`, `import numpy as np`, `from torch import nn`; a name that holds a path is siam's own.
    private mutating func foreignImport(_ word: String, _ next: Token) -> Bool {
        let behind = token(2)
        let isWhole =
            behind.startsLine || behind.kind == .end || behind.kind == .semicolon || behind.kind == .rightBrace
        let isPackage = Foreign.packages.contains(text(next)) || text(next) == "siam"
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

    /// `lambda x: x + 1` and `function(x) { ... }` as values.
    mutating func foreignFunctionValue(_ token: Token) -> Bool {
        let next = self.token(1)
        if isWord(token, "lambda"), !next.startsLine, next.kind == .name || next.kind == .colon {
            var place = cursor + 1
            var names: [String] = []
            while tokens[place].kind == .name || tokens[place].kind == .comma {
                if tokens[place].kind == .name { names.append(text(tokens[place])) }
                place += 1
            }
            guard tokens[place].kind == .colon else { return false }
            let body = Span(tokens[place].end, endOfValue(from: place + 1))
            let head = names.count == 1 ? names[0] : "(\(names.joined(separator: ", ")))"
            let mended = "\(head) -> \(source.text(body).drop { $0 == " " })"
            fail(
                "word.foreign", "siam has no lambda", token.span,
                repair: mended.utf8.count < 60 && !mended.contains("\n")
                    ? "a function as a value is  \(mended)" : "a function as a value is  x -> x^2",
                edits: [(Span(token.start, body.end), mended)])
            return true
        }
        guard next.kind == .leftParen, partner[cursor + 1] > cursor, Parser.functionWords.contains(text(token)) else {
            return false
        }
        let close = partner[cursor + 1]
        let behind = tokens[min(close + 1, tokens.count - 1)]
        guard !behind.startsLine, behind.kind == .leftBrace || Parser.beginsOperand(behind.kind) else { return false }
        if behind.kind != .leftBrace {
            let body = Span(tokens[close].end, endOfValue(from: close + 1))
            let names = source.text(Span(next.end, tokens[close].start)).trimmed
            let head = names.contains(",") || names.isEmpty ? "(\(names))" : names
            let mended = "\(head) -> \(source.text(body).trimmed)"
            fail(
                "word.foreign", "siam has no \(text(token))", token.span,
                repair: mended.utf8.count < 60 && !mended.contains("\n")
                    ? "a function as a value is  \(mended)" : "a function as a value is  x -> x^2",
                edits: [(Span(token.start, body.end), mended)])
            return true
        }
        fail(
            "word.foreign", "siam has no \(text(token))", token.span,
            repair: "a function as a value is  x -> x^2  or  (a, b) -> { ... }")
        return true
    }

    /// Where the value that begins at a token ends: before a comma, a bracket that closes one around it, or the line's end.
    private func endOfValue(from first: Int) -> Int {
        var place = first
        var end = tokens[max(0, first - 1)].end
        while place < tokens.count - 1 {
            let token = tokens[place]
            if token.startsLine && place > first && !ignoresNewlines { break }
            if [.comma, .semicolon, .rightParen, .rightBracket, .rightBrace].contains(token.kind) { break }
            if partner[place] > place { place = partner[place] }
            end = tokens[place].end
            place += 1
        }
        return end
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

    /// `for i in 1:3`, which elsewhere takes both ends.
    mutating func countedRange() -> Bool {
        let upper = token(1)
        let behind = token(2)
        guard cursor > 0, tokens[cursor - 1].kind == .number, upper.kind == .number || upper.kind == .name,
            !upper.startsLine,
            behind.startsLine || behind.kind == .leftBrace || behind.kind == .end
        else { return false }
        let end = Int(text(upper)).flatMap { $0 < Int.max ? "\($0 + 1)" : nil } ?? "\(text(upper)) + 1"
        // Elsewhere the numbers themselves are wanted, to be counted with.
        let isLoop = cursor > 1 && text(tokens[cursor - 2]) == "in"
        let mended =
            isLoop ? "\(text(tokens[cursor - 1]))..\(end)" : "range(\(text(tokens[cursor - 1])), \(end))"
        fail(
            "character.meant", isLoop ? "siam writes .. where this says :" : "a range of numbers is written without :",
            current.span,
            repair: isLoop ? "a range excludes its end:  \(mended)" : "with both ends included:  \(mended)",
            edits: [(Span(tokens[cursor - 1].start, upper.end), mended)])
        return true
    }

    /// `x[1:3]`, `x[:2]`, `x[::2]`, `[1:3]`: the content of these brackets, written with `..`; false elsewhere.
    mutating func foreignSlice() -> Bool {
        guard current.kind == .colon, let open = opened.last, tokens[open].kind == .leftBracket, partner[open] > cursor
        else { return false }
        let end = partner[open]
        // The item that contains the colon.
        var first = cursor
        while first - 1 > open, tokens[first - 1].kind != .comma { first -= 1 }
        var last = cursor
        var colons = 1
        while last + 1 < end, tokens[last + 1].kind != .comma {
            last += 1
            if tokens[last].kind == .colon { colons += 1 }
            if partner[last] > last { last = partner[last] }
        }
        let isIndex = open > 0 && tokens[open - 1].end == tokens[open].start && !Parser.opensList(tokens[open - 1].kind)
        let owner = isIndex ? chain(before: open) : "x"
        guard colons == 1 else {
            let isReversed = tokens[last].kind == .number && tokens[last - 1].kind == .minus
            fail(
                "slice.step", "an index has no step", Span(tokens[first].start, tokens[last].end),
                repair: isReversed
                    ? "backwards it is  \(owner).reverse()"
                    : "every second one is  \(owner)[range(0, len(\(owner)), 2)]")
            return true
        }
        if isIndex, let axis = newAxis(open, end) {
            fail("character.meant", "siam writes .. where this says :", current.span, repair: axis)
            return true
        }
        if isIndex, let (whole, edits) = sliced(open, end) {
            fail(
                "character.meant", "siam writes .. where this says :", current.span, repair: "write  \(whole)",
                edits: edits)
            return true
        }
        // `[i^2 for i in 1:5]`, which elsewhere takes both ends.
        if !isIndex, cursor > 1, tokens[cursor - 2].kind == .in, tokens[cursor - 1].kind == .number,
            let high = Int(text(token(1))), high < Int.max
        {
            let mended = "\(text(tokens[cursor - 1]))..\(high + 1)"
            fail(
                "character.meant", "siam writes .. where this says :", current.span,
                repair: "a range excludes its end:  \(mended)",
                edits: [(Span(tokens[cursor - 1].start, token(1).end), mended)])
            return true
        }
        let before = source.text(Span(tokens[first].start, current.start))
        let after = source.text(Span(current.end, max(current.end, tokens[last].end)))
        let mended = "\(before)..\(after)"
        fail(
            "character.meant", "siam writes .. where this says :", current.span,
            repair: mended.utf8.count < 50
                ? "\(isIndex ? "write" : "a range excludes its end; write")  \(mended)" : "write ..",
            edits: [(current.span, "..")])
        return true
    }

    /// `d.x` of `d.x[...]`: the names before a bracket.
    private func chain(before open: Int) -> String {
        var first = open - 1
        while first > 1, tokens[first - 1].kind == .dot, tokens[first - 2].kind == .name { first -= 2 }
        return source.text(Span(tokens[first].start, tokens[open - 1].end))
    }

    /// `x[None, :]` and `x[:, None]`, where a new axis is put in.
    private func newAxis(_ open: Int, _ end: Int) -> String? {
        guard tokens[open - 1].kind == .name else { return nil }
        let items = source.text(Span(tokens[open].end, tokens[end].start)).split(separator: ",").map {
            $0.trimmed
        }
        let isNew = items.map { ["None", "none", "np.newaxis", "newaxis"].contains($0) }
        guard isNew.count(where: { $0 }) == 1, let axis = isNew.firstIndex(of: true),
            items.allSatisfy({ $0 == ":" || $0 == "..." || ["None", "none", "np.newaxis", "newaxis"].contains($0) })
        else { return nil }
        return "a new axis is  expand(\(text(tokens[open - 1])), \(axis))"
    }

    /// An index of several slices, `x[1:3, :]`, whole, with the signs that change; nil of one alone, and of one with steps.
    private func sliced(_ open: Int, _ end: Int) -> (String, [(Span, String)])? {
        var edits: [(Span, String)] = []
        var place = open + 1
        var isFresh = true
        while place < end {
            switch tokens[place].kind {
            case .colon:
                guard isFresh else { return nil }
                edits.append((tokens[place].span, ".."))
                isFresh = false
            case .comma: isFresh = true
            default: if partner[place] > place { place = partner[place] }
            }
            place += 1
        }
        guard edits.count > 1, tokens[open - 1].kind == .name || tokens[open - 1].kind == .rightParen else {
            return nil
        }
        var whole = ""
        var at = tokens[open].start
        for (span, dots) in edits {
            whole += source.text(Span(at, span.start)) + dots
            at = span.end
        }
        whole += source.text(Span(at, tokens[end].end))
        if tokens[open - 1].kind == .name { whole = chain(before: open) + whole }
        return whole.utf8.count <= 60 && !whole.contains("\n") ? (whole, edits) : nil
    }

    /// Behind these a bracket opens a list and no index.
    private static func opensList(_ kind: Token.Kind) -> Bool {
        switch kind {
        case .name, .text, .number, .rightParen, .rightBracket, .rightBrace: false
        default: true
        }
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

    /// `fn f(x) -> int { }`, `fn f(x) -> x^2`, `fn f(x): return x`, where a body was due.
    mutating func foreignBody(_ owner: String) -> Bool {
        let sign = current
        let next = token(1)
        guard !sign.startsLine, sign.kind == .colon || sign.kind == .arrow else { return false }
        if next.kind == .name, !next.startsLine, [.leftBrace, .assign, .colon].contains(token(2).kind),
            !token(2).startsLine
        {
            fail(
                "parameter.type", "functions have no types in siam", Span(sign.start, next.end),
                repair: "leave it out:  \(owner)(...) { ... }", edits: [(Span(sign.start, token(2).start), " ")])
            return true
        }
        let message = "\(owner) needs = and an expression, or a block { ... }, and got \(describe(sign))"
        if sign.kind == .arrow {
            fail("definition.body", message, sign.span, repair: "write =", edits: [(sign.span, "=")])
            return true
        }
        guard !next.startsLine, next.kind != .end else {
            let head = source.text(Span(tokens[statementStart].start, previousEnd))
            let shown = head.utf8.count <= 50 && !head.contains("\n") ? head : "\(owner)(k)"
            fail("definition.body", message, sign.span, repair: "write the block in braces:  \(shown) { ... }")
            return true
        }
        let isReturn = next.kind == .return
        let body = source.text(Span(isReturn ? next.end : next.start, endOfLine())).drop { $0 == " " }
        let mended = isReturn ? "= \(body)" : "{ \(body) }"
        let written = source.text(Span(tokens[statementStart].start, previousEnd))
        let head = written.utf8.count <= 40 && !written.contains("\n") ? written : "\(owner)(k)"
        fail(
            "definition.body", message, sign.span,
            repair: mended.utf8.count < 60
                ? "without the colon:  \(head) \(mended)" : "without the colon:  \(head) = ...",
            edits: [(Span(previousEnd, endOfLine()), " \(mended)")])
        return true
    }

    /// `(a, b)`: siam has no tuples.
    mutating func foreignTuple(_ open: Int) -> Bool {
        guard current.kind == .comma, partner[open] > cursor else { return false }
        let close = tokens[partner[open]]
        let inner = source.text(Span(tokens[open].end, close.start))
        let isShort = inner.utf8.count < 50 && !inner.contains("\n")
        let isTarget = tokens[min(partner[open] + 1, tokens.count - 1)].kind == .assign
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
        fail(
            "paren.tuple", "parentheses can contain only one value, and a comma follows it", current.span,
            repair: isTarget
                ? "write several names without parentheses:  \(isShort ? inner : "a, b") = ..."
                : "several values are a list:  [\(isShort ? inner : "...")]",
            edits: [(tokens[open].span, isTarget ? "" : "["), (close.span, isTarget ? "" : "]")])
        return true
    }
}
