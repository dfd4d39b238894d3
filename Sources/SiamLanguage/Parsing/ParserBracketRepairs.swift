/// What is written in brackets that other languages take, and repairs for it.
extension Parser {
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
        case .colon
        where kind != .rightBrace && tokens[cursor - 1].kind == .number && token(1).kind == .number
            && !tokens[cursor - 1].startsLine:
            let (low, high) = (text(tokens[cursor - 1]), text(token(1)))
            let numbers = Int(high).map { $0 < Int.max ? "range(\(low), \($0 + 1))" : "" } ?? ""
            fail(
                "bracket.expected", "siam has no : between numbers", current.span,
                repair: numbers.isEmpty ? nil : "with both ends included:  \(numbers)",
                edits: numbers.isEmpty ? [] : [(Span(tokens[cursor - 1].start, token(1).end), numbers)])
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
    func missingCommas() -> [(Span, String)] {
        var edits = [(Span(tokens[cursor - 1].end, tokens[cursor].start), ", ")]
        var place = cursor
        while place + 1 < tokens.count, !tokens[place + 1].startsLine {
            if [.number, .text].contains(tokens[place].kind), [.number, .text].contains(tokens[place + 1].kind) {
                edits.append((Span(tokens[place].end, tokens[place + 1].start), ", "))
            }
            place += 1
        }
        return edits
    }

    /// `[1 2; 3 4]` as siam writes it, where the bracket around the cursor holds plain values and semicolons alone.
    func matrixRows() -> String? {
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
        if current.startsLine, what == "the list", let stages = layersOnLines() {
            fail(
                "comma.missing", "in \(what), a comma or an operator is missing before \(describe(current))",
                current.span, repair: "join stages with >>:  \(stages)")
            return
        }
        // `print f 3` of a function of the file.
        if before.kind == .name, current.kind == .number, what == "the arguments",
            source.text.contains("fn \(text(before))(")
        {
            fail(
                "comma.missing", "in \(what), a comma or an operator is missing before \(describe(current))",
                current.span, repair: "a call has its arguments in parentheses:  \(text(before))(\(text(current)))")
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
                } else if item == "end" {
                    items.append("-1")
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
    func choiceBehindFor(_ open: Int) -> String? {
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
    func choiceInside(_ open: Int) -> String? {
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
    func beside(_ name: Token) -> String {
        let behind = tokens[min(cursor + 1, tokens.count - 1)]
        let isAlone = [.rightParen, .rightBracket, .comma, .end].contains(behind.kind) || behind.startsLine
        return isAlone && text(current).utf8.count <= 30 ? text(current) : "..."
    }
}
