/// Values in brackets: parentheses, lists, comprehensions, indices, arguments, records.
extension Parser {
    mutating func parenthesized() -> Expression {
        let open = cursor
        let start = current.start
        let saved = ignoresNewlines
        opened.append(open)
        ignoresNewlines = true
        advance()
        if current.kind == .rightParen {
            fail(
                "paren.empty", "these parentheses are empty", Span(start, current.end), repair: "no value is  none")
            return missing(at: start)
        }
        var value = expression()
        if !isPanicking, foreignTuple(open) { return value }
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
                more: [(current.span, "\(closer) is expected here")])
        case .if:
            fail(
                "if.behind", "a condition comes before its alternatives", current.span,
                repair: choiceInside(open) ?? "a choice is  if c { a } else { b }")
        case .name, .number, .text, .true, .false, .none, .leftBrace, .fn: commaMissing(what)
        case .colon where foreignSlice(): break
        case .colon where kind == .rightParen && sliceInParentheses(open): break
        case .colon where kind == .rightParen && tokens[cursor - 1].kind == .name && what == "the arguments":
            let name = tokens[cursor - 1]
            let form = source.text(Span(current.end, endOfLine())).prefix {
                $0 == "." || $0.isNumber || "defg".contains($0)
            }
            if form.hasPrefix(".") && form.count > 1 || form.count > 1 && "defg".contains(form.last ?? " ") {
                let digits = form.filter { $0 == "." || $0.isNumber }
                let whole = "\"{\(text(name)):\(digits)}\""
                fail(
                    "assign.inside", "a form of a number stands in a text", current.span,
                    repair: "to so many decimals:  \(whole)",
                    edits: [(Span(name.start, current.end + form.utf8.count), whole)])
                break
            }
            fail(
                "assign.inside", "an argument has its name before =, and got :", current.span,
                repair: "write =", edits: [(current.span, " =")])
        case .for
        where kind == .rightBracket && open > 0 && tokens[open - 1].kind == .name
            && tokens[open - 1].end < tokens[open].start:
            let word = text(tokens[open - 1])
            let list = partner[open] > open ? source.text(Span(tokens[open].start, tokens[partner[open]].end)) : "[...]"
            fail(
                "command.bracket", "\(word) [ is an index, and an index has no for", current.span,
                repair:
                    "a list as an argument needs parentheses:  \(word)(\(list.utf8.count < 60 ? list : "[...]"))")
        case .for where kind != .rightBracket:
            fail(
                "bracket.expected", "in \(what), a comma or \(closer) is expected, and got for", current.span,
                repair: kind == .rightParen
                    ? "a list made by a loop is  [f(x) for x in xs]"
                    : "a record names its fields one by one; what a loop makes is a list:  [f(x) for x in xs]",
                edits: kind == .rightParen && partner[open] > cursor
                    ? [(tokens[open].span, "["), (tokens[partner[open]].span, "]")] : [])
        case .else where kind == .rightBracket:
            fail(
                "bracket.expected", "in \(what), a comma or \(closer) is expected, and got else", current.span,
                repair: choiceBehindFor(open).map { "the choice stands before for:  \($0)" })
        case .semicolon where kind == .rightBracket:
            fail(
                "bracket.expected", "in \(what), a comma or \(closer) is expected, and got ;", current.span,
                repair: "write each row as a list:  \(matrixRows() ?? "[[1, 2], [3, 4]]")")
        default:
            fail(
                "bracket.expected", "in \(what), a comma or \(closer) is expected, and got \(describe(current))",
                current.span)
        }
    }

    /// A comma at the cursor, and between the numbers and texts that go on side by side behind it.
    private func missingCommas() -> [(Span, String)] {
        var edits = [(Span(tokens[cursor - 1].end, tokens[cursor].start), ", ")]
        var place = cursor
        while place + 1 < tokens.count, !tokens[place + 1].startsLine, [.number, .text].contains(tokens[place].kind),
            [.number, .text].contains(tokens[place + 1].kind)
        {
            edits.append((Span(tokens[place].end, tokens[place + 1].start), ", "))
            place += 1
        }
        return edits
    }

    /// `[1 2; 3 4]` as siam writes it, where the bracket around the cursor holds plain values and semicolons alone.
    private func matrixRows() -> String? {
        guard let open = (0..<cursor).last(where: { tokens[$0].kind == .leftBracket && partner[$0] > cursor }) else {
            return nil
        }
        var rows: [[String]] = [[]]
        var place = open + 1
        while place < partner[open], place - open < 40 {
            switch tokens[place].kind {
            case .semicolon: rows.append([])
            case .comma: break
            case .minus where place + 1 < partner[open] && tokens[place + 1].kind == .number:
                rows[rows.count - 1].append("-" + text(tokens[place + 1]))
                place += 1
            case .number, .name: rows[rows.count - 1].append(text(tokens[place]))
            default: return nil
            }
            place += 1
        }
        guard place == partner[open], rows.count > 1, rows.allSatisfy({ !$0.isEmpty }) else { return nil }
        let text = rows.map { "[\($0.joined(separator: ", "))]" }.joined(separator: ", ")
        return text.utf8.count > 60 ? nil : "[\(text)]"
    }

    /// Two values side by side in brackets: two of a list, or a call without its parentheses.
    mutating func commaMissing(_ what: String) {
        let before = tokens[cursor - 1]
        let isCall = before.kind == .name && (current.kind == .name || current.kind == .text)
        if let rows = matrixRows() {
            fail(
                "comma.missing", "in \(what), a comma or an operator is missing before \(describe(current))",
                current.span,
                repair: "a matrix is a list of its rows:  \(rows)")
            return
        }
        if before.kind == .number, what == "the arguments", isWord(current, "steps") || isWord(current, "epochs") {
            let isSteps = isWord(current, "steps")
            fail(
                "comma.missing", "in \(what), a comma or an operator is missing before \(describe(current))",
                current.span,
                repair: isSteps
                    ? "a number of steps by its name:  for_steps = \(text(before))" : "leave \(text(current)) out",
                edits: isSteps
                    ? [(Span(before.start, current.end), "for_steps = \(text(before))")] : [(current.span, "")])
            return
        }
        fail(
            "comma.missing", "in \(what), a comma or an operator is missing before \(describe(current))", current.span,
            repair: isCall
                ? "separate values with a comma; a call is  \(text(before))(\(beside(before)))"
                : current.startsLine || current.kind == .leftBrace ? nil : "values have commas between them",
            edits: isCall || current.startsLine || current.kind == .leftBrace ? [] : missingCommas())
    }

    /// `x(2, :)`, as MATLAB takes elements: by brackets, and counted from 0.
    mutating func sliceInParentheses(_ open: Int) -> Bool {
        guard open > 0, tokens[open - 1].kind == .name, tokens[open - 1].end == tokens[open].start, partner[open] > open
        else { return false }
        var items: [String] = []
        var first = open + 1
        var place = open + 1
        while place <= partner[open] {
            if tokens[place].kind == .comma || place == partner[open] {
                guard first < place else { return false }
                let item = source.text(Span(tokens[first].start, tokens[place - 1].end))
                if item == ":" {
                    items.append("..")
                } else if let n = Int(item), n > 0 {
                    items.append("\(n - 1)")
                } else {
                    let ends = item.split(separator: ":").map { $0.trimmed }
                    guard ends.count == 2, let low = Int(ends[0]), low > 0 else { return false }
                    items.append("\(low - 1)..\(ends[1] == "end" ? "" : ends[1])")
                }
                first = place + 1
            }
            place += 1
        }
        let name = text(tokens[open - 1])
        // Of a function it is a range of numbers: only what the file gives a value has elements.
        var isValue = items.count > 1
        for k in tokens.indices.dropLast() where tokens[k].kind == .name && tokens[k + 1].kind == .assign {
            if text(tokens[k]) == name { isValue = true }
        }
        if !isValue {
            let inside = source.text(Span(tokens[open].end, tokens[partner[open]].start))
            let ends = inside.split(separator: ":").map { $0.trimmed }
            guard ends.count == 2, let high = Int(ends[1]), high < Int.max else { return false }
            let mended = "range(\(ends[0]), \(high + 1))"
            fail(
                "character.meant", "a range of numbers is written without :", Span(tokens[open].end, tokens[open].end),
                repair: "with both ends included:  \(name)(\(mended))",
                edits: [(Span(tokens[open].end, tokens[partner[open]].start), mended)])
            return true
        }
        let whole = "\(name)[\(items.joined(separator: ", "))]"
        fail(
            "character.meant", "elements are taken by brackets in siam", Span(tokens[open].start, tokens[open].end),
            repair: whole.utf8.count <= 60 ? "counting from 0, without the end:  \(whole)" : nil)
        return true
    }

    /// `[v for v in xs if c else 0]`: the choice made of each item.
    private func choiceBehindFor(_ open: Int) -> String? {
        guard partner[open] > cursor else { return nil }
        var loop: Int?
        var condition: Int?
        var place = open + 1
        while place < cursor {
            if tokens[place].kind == .for, loop == nil { loop = place }
            if tokens[place].kind == .if { condition = place }
            if partner[place] > place { place = partner[place] }
            place += 1
        }
        guard let loop, let condition, loop < condition, loop > open + 1 else { return nil }
        func written(_ from: Int, _ to: Int) -> String { source.text(Span(tokens[from].start, tokens[to].end)) }
        let last = partner[open] - 1
        guard condition + 1 < cursor, cursor < last else { return nil }
        let choice =
            "if \(written(condition + 1, cursor - 1)) { \(written(open + 1, loop - 1)) } else { \(written(cursor + 1, last)) }"
        let whole = "[\(choice) \(written(loop, condition - 1))]"
        return whole.utf8.count <= 80 && !whole.contains("\n") ? whole : nil
    }

    /// `f(a if c else b)` and `[a if c else b for x in xs]`: the same choice with its condition first.
    private func choiceInside(_ open: Int) -> String? {
        guard partner[open] > cursor else { return nil }
        var first = cursor
        while first - 1 > open, tokens[first - 1].kind != .comma {
            first -= 1
            if partner[first] >= 0, partner[first] < first { first = partner[first] }
        }
        var last = cursor
        var middle: Int?
        while last + 1 < partner[open], ![.comma, .for].contains(tokens[last + 1].kind) {
            last += 1
            if tokens[last].kind == .else { middle = last }
            if partner[last] > last { last = partner[last] }
        }
        guard let middle, middle < last, first < cursor else { return nil }
        let yes = source.text(Span(tokens[first].start, tokens[cursor - 1].end))
        let condition = source.text(Span(current.end, tokens[middle].start)).trimmed
        let no = source.text(Span(tokens[middle].end, tokens[last].end)).trimmed
        let whole = "if \(condition) { \(yes) } else { \(no) }"
        return whole.utf8.count <= 70 && !whole.contains("\n") ? "the condition comes first:  \(whole)" : nil
    }

    /// What stands behind a name as its argument would: a name or a text alone.
    private func beside(_ name: Token) -> String {
        let behind = tokens[min(cursor + 1, tokens.count - 1)]
        let isAlone = [.rightParen, .rightBracket, .comma, .end].contains(behind.kind) || behind.startsLine
        return isAlone && text(current).utf8.count <= 30 ? text(current) : "..."
    }

    /// `[a, b]` and `[e for x in xs]`.
    mutating func bracket() -> Expression {
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
                fail("clause.if", "a for can have only one if", current.span, repair: "join the conditions with and")
            }
            found.append(Clause(names: names, source: from, condition: condition))
        }
        height = highest
        return found
    }

    mutating func expectIn(after what: String) -> Bool {
        if accept(.in) { return true }
        if isWord(current, "of") || isWord(current, "from"), Parser.beginsOperand(token(1).kind) {
            fail(
                "for.in", "after \(what) comes in, and got \(text(current))", current.span, repair: "write in",
                edits: [(current.span, "in")])
            return false
        }
        if current.kind == .assign {
            let counter = tokens[cursor - 1].kind == .name ? text(tokens[cursor - 1]) : "i"
            fail(
                "for.in", "after \(what) comes in, and got =", current.span,
                repair: "a count is  for \(counter) in \(counted(from: cursor + 1) ?? "0..3") { ... }")
            return false
        }
        fail("for.in", "after \(what) comes in, and got \(describe(current))", current.span, repair: "for x in xs { }")
        return false
    }

    /// The numbers that a count of another language goes over, `1:3`, `1 to 3`, `1, 3`, `1; i <= 3; i++`, as a range; nil of one
    /// that goes by other steps.
    private func counted(from place: Int) -> String? {
        func at(_ k: Int) -> Token? { tokens.indices.contains(k) ? tokens[k] : nil }
        guard let low = at(place), [.number, .name].contains(low.kind), let sign = at(place + 1) else { return nil }
        var (isClosed, upper) = (true, place + 2)
        if sign.kind == .semicolon {
            guard let order = at(place + 3), order.kind == .less || order.kind == .lessOrEqual,
                let step = at(place + 6),
                let more = at(place + 7), let close = at(place + 8), at(place + 5)?.kind == .semicolon,
                step.kind == .name, more.kind == .plus, close.kind == .plus
            else { return nil }
            (isClosed, upper) = (order.kind == .lessOrEqual, place + 4)
        } else if sign.kind == .dots, let high = at(place + 2), [.number, .name].contains(high.kind) {
            return "\(text(low))..\(text(high))"
        } else if sign.kind != .colon, sign.kind != .comma, !isWord(sign, "to") {
            return nil
        }
        guard let high = at(upper), [.number, .name].contains(high.kind) else { return nil }
        if sign.kind != .semicolon, let next = at(upper + 1), next.kind == .colon || next.kind == .comma { return nil }
        let written = text(high)
        let end = !isClosed ? written : Int(written).flatMap { $0 < Int.max ? "\($0 + 1)" : nil } ?? "\(written) + 1"
        return "\(text(low))..\(end)"
    }

    /// `x` or `i, x`.
    mutating func loopNames() -> [Name] {
        var names: [Name] = []
        let hasParens = accept(.leftParen)
        repeat {
            if current.kind == .leftParen, !names.isEmpty, partner[cursor] > cursor, let whole = counting(names) {
                fail("for.names", "the names of for have no parentheses", current.span, repair: whole)
                break
            }
            guard let name = name("for") else { break }
            names.append(name)
        } while accept(.comma)
        if hasParens, !isPanicking, !accept(.rightParen) {
            let isCount = current.kind == .assign || (current.kind == .name && token(1).kind == .assign)
            let counter = current.kind == .name ? text(current) : names.last?.text ?? "i"
            fail(
                "for.names", "the names of for end with ), and got \(describe(current))", current.span,
                repair: isCount
                    ? "a count is  for \(counter) in \(counted(from: current.kind == .assign ? cursor + 1 : cursor + 2) ?? "0..3") { ... }"
                    : current.kind == .in
                        ? "without parentheses:  for \(names.map(\.text).joined(separator: ", ")) in \(counted(from: cursor + 1) ?? "xs") { ... }"
                        : nil)
        }
        return names
    }

    /// `for i, (x, y) in enumerate(source)`: the parts get their names inside the loop.
    private func counting(_ names: [Name]) -> String? {
        let close = partner[cursor]
        guard close + 2 < tokens.count, tokens[close + 1].kind == .in, names.count == 1 else { return nil }
        let inner = source.text(Span(current.end, tokens[close].start))
        let from = source.text(Span(tokens[close + 2].start, endOfValueBeforeBlock(from: close + 2)))
        let whole = "for \(names[0].text), batch in \(from) { \(inner) = batch }"
        return whole.utf8.count <= 70 && !whole.contains("\n") ? "its parts get their names inside:  \(whole)" : nil
    }

    /// Where a value ends that a block follows.
    private func endOfValueBeforeBlock(from first: Int) -> Int {
        var place = first
        var end = tokens[first].end
        while place < tokens.count - 1, tokens[place].kind != .leftBrace, !tokens[place].startsLine || place == first {
            if partner[place] > place { place = partner[place] }
            end = tokens[place].end
            place += 1
        }
        return end
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
        if current.kind == .in, token(1).kind == .assign {
            fail(
                "argument.word", "in is a word of the language, and no argument has such a name", current.span,
                repair: "the width of the input is inferred at the first use; leave it out")
            return Argument(value: missing(at: current.start))
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
    mutating func braced() -> Expression {
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

    /// `{ name:` and no block.
    func beginsRecord(_ place: Int) -> Bool {
        guard place + 2 < tokens.count, tokens[place].kind == .leftBrace else { return false }
        return (tokens[place + 1].kind == .name || tokens[place + 1].kind == .text) && tokens[place + 2].kind == .colon
    }
}
