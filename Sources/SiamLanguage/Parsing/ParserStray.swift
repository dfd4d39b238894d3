/// Tokens after the end of a statement: what was probably meant.
extension Parser {
    /// `x{1}`: an element, as MATLAB takes it out of a cell.
    private func element(behind kind: Statement.Kind) -> String? {
        let value: Expression
        switch kind {
        case .expression(let e): value = e
        case .assign(_, let e): value = e
        default: return nil
        }
        guard value.span.end == current.span.start,
            let end = (cursor..<tokens.count).first(where: { tokens[$0].kind == .rightBrace })
        else { return nil }
        let inside = source.text(Span(current.span.end, tokens[end].span.start))
        guard inside.utf8.count <= 24, !inside.isEmpty, !inside.contains("\n"), !inside.contains(":") else {
            return nil
        }
        var last = value
        while case .binary(_, _, let right, _) = last.kind { last = right }
        if case .name(let word) = last.kind, isLayer(word) { return "a layer is made by a call:  \(word)(\(inside))" }
        return "an element is taken by brackets, counting from 0:  \(source.text(last.span))[\(inside)]"
    }

    mutating func unexpected(after kind: Statement.Kind) {
        let token = current
        let written = text(token)
        switch token.kind {
        case .rightParen, .rightBracket: fail("bracket.stray", "this \(written) closes nothing", token.span)
        case .compoundAssign:
            let target = source.text(Span(tokens[statementStart].start, previousEnd))
            let rest = source.text(Span(token.end, endOfLine()))
            if target.hasSuffix(".params"), written == "-=" {
                let step = handStep(of: String(target.dropLast(7)), rest)
                return fail(
                    "assign.compound", "siam has no \(written)", token.span,
                    repair: step ?? "a hand-written step:  update(sgd(0.1), net, g)")
            }
            if written == "-=", let step = trackedStep(target, rest) {
                return fail(
                    "assign.compound", "siam has no \(written)", token.span,
                    repair: "the gradient is grad(l, x):  \(step)",
                    edits: [(Span(tokens[statementStart].start, endOfLine()), step)])
            }
            fail(
                "assign.compound", "siam has no \(written)", token.span,
                repair: "in full:  \(target) = \(target) \(written.dropLast())\(rest.utf8.count < 50 ? rest : " ...")",
                edits: [(token.span, "= \(target) \(written.dropLast())")])
        case .else:
            fail("else.stray", "this else follows no if block", token.span, repair: "if c { a } else { b }")
        case .if:
            fail(
                "if.behind", "a condition comes before its alternatives", token.span,
                repair: chosen(behind: token) ?? conditioned(by: token) ?? "a choice is  if c { a } else { b }")
        case .leftBrace where isWord(tokens[statementStart], "expect_error"):
            fail(
                "expect_error.message", "expect_error needs a part of the message that the block fails with",
                token.span,
                repair: "expect_error \"nothing named\" { ... }")
        case .leftBrace where isWord(tokens[statementStart], "sweep") && tokens[statementStart + 1].kind == .name:
            fail(
                "block.stray", "the values that a sweep goes through follow after in", token.span,
                repair: sweepMeant(source.text(Span(tokens[statementStart + 1].start, token.start))))
        case .leftBrace where foreignOpener != nil:
            fail(
                "word.foreign", "siam has no \(text(tokens[statementStart]))", tokens[statementStart].span,
                repair: foreignOpener)
        case .name where isWord(token, "elif") || isWord(token, "elseif") || isWord(token, "elsif"):
            fail(
                "word.foreign", "siam has no \(written)", token.span, repair: "write else if",
                edits: [(token.span, "else if")])
        case .colon where foreignType(of: kind) || countedRange(): break
        case .colon where foreignOpener != nil:
            fail(
                "word.foreign", "siam has no \(text(tokens[statementStart]))", tokens[statementStart].span,
                repair: foreignOpener)
        case .leftBrace
        where ["each", "after", "at", "when"].contains(text(tokens[statementStart]))
            && ["epoch", "epochs", "step", "steps"].contains(text(tokens[cursor - 1])):
            fail(
                "block.stray", "a block is not allowed here", token.span,
                repair: "now and then it is  every epoch { ... }  or  every 10 steps { ... }")
        case .leftBrace:
            if case .expression(let value) = kind, case .name(let name) = value.kind, beginsRecord(cursor) {
                fail(
                    "command.parens", "\(name) has a record as argument, which needs parentheses",
                    token.span, repair: "in parentheses:  \(allInParentheses)",
                    edits: [(Span(tokens[statementStart].start, endOfLine()), allInParentheses)])
            } else if case .expression(let value) = kind, case .call(let function, _, isCommand: false) = value.kind,
                case .name(let name) = function.kind
            {
                fail(
                    "block.stray", "a block cannot follow a call", token.span,
                    repair: "a function is defined by  fn \(name)(...) { ... }")
            } else {
                fail(
                    "block.stray", "a block is not allowed here", token.span,
                    repair: stagesInBraces(behind: kind) ?? element(behind: kind))
            }
        case .assign:
            if case .assign(let targets, _) = kind {
                let first = targets.first.map { source.text($0.span) } ?? "a"
                fail(
                    "assign.chain", "a statement can assign only once", token.span,
                    repair: "two lines, or two names of one value:  \(first) = ...; b = \(first)")
            } else if case .expect(let left) = kind {
                let right = source.text(Span(token.end, endOfLine())).trimmed
                fail(
                    "assign.target", "= gives a name a value, and expect takes a condition", token.span,
                    repair: "to compare:  expect \(source.text(left.span)) == \(right)", edits: [(token.span, "==")])
            } else {
                fail("assign.target", "= follows a name, a field or an index", token.span)
            }
        case .comma:
            if case .assign(let targets, let value) = kind, targets.count == 1, case .compose = value.kind {
                fail(
                    "comma.stray", "join the stages of a net with >>, not with a comma", token.span,
                    repair: "write >>", edits: [(token.span, " >>")])
            } else if case .assign(let targets, let value) = kind, targets.count == 1, isStage(value) {
                let stages = source.text(Span(value.span.start, endOfLine())).replacing(", ", with: " >> ")
                fail(
                    "comma.stray", "join the stages of a net with >>, not with a comma", token.span,
                    repair: stages.utf8.count < 70
                        ? "in a row:  \(source.text(targets[0].span)) = \(stages)" : "write >>")
            } else if case .assign(_, let value) = kind {
                let all = Span(value.span.start, endOfLine())
                let texts = source.text(all)
                let names = source.text(Span(tokens[statementStart].start, value.span.start))
                let isShort = texts.utf8.count + names.utf8.count < 70 && !texts.contains(";")
                fail(
                    "assign.values", "several names need one list of values", token.span,
                    repair: "put the values in brackets:  " + (isShort ? "\(names)[\(texts)]" : "a, b = [1, 2]"),
                    edits: isShort ? [(all, "[\(texts)]")] : [])
            } else if case .returnValue(let value?) = kind {
                let rest = source.text(Span(value.span.start, endOfLine()))
                fail(
                    "comma.stray", "a function returns one value, and a comma follows it", token.span,
                    repair: "several values are a list:  return [\(rest.utf8.count < 60 ? rest : "...")]",
                    edits: [(Span(value.span.start, endOfLine()), "[\(rest)]")])
            } else if case .expression(let value) = kind, beginsWithCall(value), !beginsLikeCommand {
                // `len(x), x.shape`: two values, and no command.
                let values = source.text(Span(tokens[statementStart].start, endOfLine()))
                fail(
                    "comma.stray", "a statement is one value, and a comma follows it", token.span,
                    repair: values.utf8.count < 70
                        ? "several values are a list:  [\(values)]" : "several values are a list:  [a, b]",
                    edits: [(Span(tokens[statementStart].start, endOfLine()), "[\(values)]")])
            } else if case .expression = kind, beginsLikeCommand {
                fail(
                    "command.parens", "the arguments seem to continue after the parentheses", token.span,
                    repair: "put all of them in parentheses:  \(allInParentheses)",
                    edits: [(Span(tokens[statementStart].start, endOfLine()), allInParentheses)])
            } else {
                var repair: String?
                if case .minimize(let loss) = kind {
                    let rest = source.text(Span(token.end, endOfLine())).drop { $0 == " " }.prefix {
                        $0 != "}" && $0 != ";"
                    }
                    let sum = "minimize \(source.text(loss.span)) + \(rest)"
                    repair = "add several losses:  \(sum.utf8.count < 70 ? sum : "minimize a + b")"
                }
                if case .expression = kind, statementStart > 0, tokens[statementStart - 1].kind == .leftBrace {
                    let inside = source.text(Span(tokens[statementStart].start, endOfLine())).prefix { $0 != "}" }
                    if inside.utf8.count < 60 { repair = "write a list in brackets:  [\(inside)]" }
                }
                if case .expect = kind { repair = "expect takes one condition; a comment can follow after #" }
                fail("comma.stray", "this comma separates nothing", token.span, repair: repair)
            }
        case .name, .number, .text, .true, .false, .none:
            if case .expression(let value) = kind, case .call(_, _, isCommand: true) = value.kind,
                !Foreign.openers.contains(text(tokens[statementStart]))
            {
                return commaMissing("the arguments")
            }
            juxtaposed(token)
        case .colon:
            if isWord(tokens[statementStart], "minimize"), tokens[statementStart].end == token.start {
                let rest = source.text(Span(token.end, endOfLine())).trimmed
                return fail(
                    "colon.stray", "minimize has its loss behind it, without a colon", token.span,
                    repair: rest.utf8.count <= 60 ? "write  minimize \(rest)" : "leave it out",
                    edits: [(token.span, "")])
            }
            if isWord(tokens[statementStart], "report"), tokens[statementStart + 1].kind == .name,
                tokens[statementStart + 1].end == token.start || tokens[statementStart + 1].end + 1 == token.start
            {
                let rest = source.text(Span(token.end, endOfLine())).trimmed
                return fail(
                    "colon.stray", "a series has its name before =, and got :", token.span,
                    repair: rest.utf8.count <= 60
                        ? "write  report \(text(tokens[statementStart + 1])) = \(rest)" : "write =",
                    edits: [(token.span, " =")])
            }
            let isKey = statementStart > 0 && tokens[statementStart - 1].kind == .leftBrace
            if let steps = numbersWithSteps(token) {
                return fail(
                    "colon.stray", "siam has no : between numbers", token.span,
                    repair: "numbers with a step:  \(Parser.stepped(steps))")
            }
            if let ends = numbersWithoutStep(token) {
                return fail(
                    "colon.stray", "siam has no : between numbers", token.span,
                    repair: "numbers from one to another, the end left out:  range(\(ends.low), \(ends.high))")
            }
            fail(
                "colon.stray", "a : is used in records {a: 1} and after the name of a param or state", token.span,
                repair: isKey ? "a record's names are words or texts:  {\"1\": 2}" : "blocks are { ... } in siam")
        case .arrow:
            var isStage = false
            if case .assign(_, let value) = kind, case .call(_, _, isCommand: false) = value.kind { isStage = true }
            fail(
                "lambda.head", "-> must follow the parameter names of a function", token.span,
                repair: isStage ? "stages are joined by >>" : "x -> x^2  or  (a, b) -> a + b",
                edits: isStage ? [(token.span, ">>")] : [])
        default: fail("statement.end", "the statement ends before this, and got \(written)", token.span)
        }
    }

    /// `net = chain { dense(32); relu }`: the stages in the braces, joined.
    private func stagesInBraces(behind kind: Statement.Kind) -> String? {
        guard case .assign(let targets, let value) = kind, targets.count == 1, case .name(let word) = value.kind,
            partner[cursor] > cursor, ForeignCalls.rows[word] != nil || ["net", "layers", "model"].contains(word)
        else { return nil }
        var stages: [String] = []
        var place = cursor + 1
        var start = place
        func close() {
            if place > start { stages.append(source.text(Span(tokens[start].start, tokens[place - 1].end))) }
            start = place
        }
        while place < partner[cursor] {
            let token = tokens[place]
            if [.semicolon, .comma, .compose].contains(token.kind) {
                close()
                start = place + 1
            } else if token.startsLine {
                close()
            }
            if partner[place] > place { place = partner[place] }
            place += 1
        }
        close()
        let net = "\(source.text(targets[0].span)) = \(stages.joined(separator: " >> "))"
        return stages.count > 1 && net.utf8.count <= 80 && !net.contains("\n") ? "join stages with >>:  \(net)" : nil
    }

    /// `x = 1:5`: the first, and the one behind the last.
    private func numbersWithoutStep(_ colon: Token) -> (low: String, high: String)? {
        guard let k = tokens.firstIndex(where: { $0.start == colon.start }), k > 1, k + 1 < tokens.count,
            tokens[k - 2].kind == .assign, tokens[k - 1].kind == .number, tokens[k + 1].kind == .number,
            let low = Int(text(tokens[k - 1])), let high = Int(text(tokens[k + 1])), low <= high
        else { return nil }
        return ("\(low)", "\(high + 1)")
    }

    /// `0:0.1:1`: the three numbers, where the first colon is met.
    private func numbersWithSteps(_ colon: Token) -> [String]? {
        guard let k = tokens.firstIndex(where: { $0.start == colon.start }), k > 0, k + 3 < tokens.count,
            tokens[k + 2].kind == .colon, [k - 1, k + 1, k + 3].allSatisfy({ tokens[$0].kind == .number })
        else { return nil }
        return [k - 1, k + 1, k + 3].map { text(tokens[$0]) }
    }

    /// Numbers from one to another, both included, as `0:0.1:1` means elsewhere.
    private static func stepped(_ steps: [String]) -> String {
        guard let low = Double(steps[0]), let step = Double(steps[1]), let high = Double(steps[2]), step > 0, high > low
        else { return "range(\(steps[0]), \(steps[2]), \(steps[1]))" }
        let count = (high - low) / step
        return abs(count - count.rounded()) < 1e-6 && count < 1e6
            ? "linspace(\(steps[0]), \(steps[2]), \(Int(count.rounded()) + 1))"
            : "range(\(steps[0]), \(steps[2]), \(steps[1]))"
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
        return sign.kind == .leftBracket || sign.kind == .minus || sign.kind == .leftParen
    }

    /// The statement's line with all behind its first word in parentheses.
    private var allInParentheses: String {
        let word = tokens[statementStart]
        let rest = source.text(Span(word.end, endOfLine())).drop { $0 == " " }
        return "\(text(word))(\(rest))"
    }

    /// What siam says where another language opens a statement with this word.
    private var foreignOpener: String? {
        let word = text(tokens[statementStart])
        guard Foreign.openers.contains(word) else { return nil }
        return Foreign.opened(word, source.text(Span(tokens[statementStart].start, endOfLine())))
    }

    /// `x = if c { a } else { b }` for `x = a if c else b`, where it is all on one line.
    private func chosen(behind token: Token) -> String? {
        let line = source.text(Span(token.end, endOfLine()))
        guard let middle = line.firstRange(of: " else ") else { return nil }
        let (condition, other) = (line[..<middle.lowerBound], line[middle.upperBound...])
        let head = source.text(Span(tokens[statementStart].start, token.start))
        guard head.utf8.count + line.utf8.count < 70 else { return nil }
        let start =
            head.firstRange(of: "= ")?.upperBound
            ?? (head.hasPrefix("return ") ? head.index(head.startIndex, offsetBy: 7) : head.startIndex)
        let value = head[start...].reversed().drop { $0 == " " }.reversed()
        return "as a value:  \(head[..<start])if\(condition) { \(String(value)) } else { \(other) }"
    }

    /// `break if c`, `print x if c`: the statement in a block behind its condition.
    private func conditioned(by token: Token) -> String? {
        let line = source.text(Span(token.end, endOfLine()))
        let head = source.text(Span(tokens[statementStart].start, token.start)).reversed().drop { $0 == " " }.reversed()
        guard !line.contains(" else "), !line.isEmpty, head.count + line.utf8.count < 70 else { return nil }
        return "the condition comes first:  if\(line) { \(String(head)) }"
    }

    /// Two values side by side: a command where none is allowed, or a missing operator.
    private mutating func juxtaposed(_ token: Token) {
        let before = tokens[max(0, cursor - 1)]
        if isWord(token, "as"), isWord(tokens[statementStart], "import") {
            let path = source.text(Span(tokens[statementStart].start, previousEnd))
            fail(
                "statement.end", "imported definitions keep their names, so import has no as", token.span,
                repair: "use its names directly afterwards:  \(path)")
            return
        }
        if let opener = foreignOpener {
            fail(
                "word.foreign", "siam has no \(text(tokens[statementStart]))", tokens[statementStart].span,
                repair: opener)
            return
        }
        if let sign = commentSign() {
            fail(
                "comment.foreign", "words stand behind this %, which is the remainder of a division", sign.span,
                repair: "a comment begins with #:  # \(source.text(Span(sign.end, endOfLine())).trimmed)",
                edits: [(sign.span, "#")])
            return
        }
        if before.kind == .name, cursor > statementStart, tokens[cursor - 1].end <= token.start {
            let name = text(before)
            let line = source.text(Span(token.start, endOfLine()))
            fail(
                "command.place", "a command must be a whole statement, and \(name) is inside one", before.span,
                repair: name == "train" && cursor > statementStart + 2 && tokens[cursor - 2].kind == .dot
                    ? "train names the net behind it:  train \(text(tokens[cursor - 3])) on ... { ... }"
                    : isLayer(name) && token.kind == .number
                        ? "a layer is made by a call:  \(name)(\(text(token)))\(source.text(Span(token.end, endOfLine())))"
                        : token.kind == .name && Parser.commandMeant(name) != nil
                            ? "did you mean \(Parser.commandMeant(name) ?? name)?"
                            : name == "new" && line.utf8.count < 60
                                ? "call the constructor:  \(line)"
                                : name == "sweep"
                                    ? sweepMeant(line)
                                    : line.utf8.count < 60
                                        ? "as a value it is a call:  \(name)(\(line))"
                                        : "as a value it is a call:  \(name)(...)")
        } else {
            fail(
                "statement.end", "an operator is missing before \(describe(token))", token.span,
                repair: stagesInARow.map { "join stages with >>:  \($0)" } ?? wordMeant(token)
                    ?? "separate two statements on a line with ;")
        }
    }

    /// The sign of `x = 3 % the number of layers`, which opens a comment elsewhere.
    private func commentSign() -> Token? {
        guard cursor > statementStart + 2, tokens[cursor - 1].kind == .name, tokens[cursor - 2].kind == .percent,
            [.name, .number, .in, .for, .not, .and, .or, .if].contains(current.kind), !current.startsLine
        else { return nil }
        let sign = tokens[cursor - 2]
        return tokens[cursor - 3].end < sign.start && sign.end < tokens[cursor - 1].start ? sign : nil
    }

    /// `trian net on`: the word of the language with a slip in it.
    private static func commandMeant(_ name: String) -> String? {
        name == "train" || name == "sweep" ? nil : closest(to: name, in: ["train", "sweep"])
    }

    /// What siam says for a word of another language that has no name here.
    private func wordMeant(_ token: Token) -> String? {
        guard token.kind == .name, let word = Foreign.word(text(token)), word.name == nil else { return nil }
        return word.says
    }

    /// `sweep lr = [0.1, 0.01] { ... }`: the values behind in.
    private func sweepMeant(_ line: String) -> String {
        let name = String(line.prefix { $0 != "=" && $0 != " " })
        var values = "[0.01, 0.1]"
        if let open = line.firstIndex(of: "["), let close = line.firstIndex(of: "]"), open < close {
            values = String(line[open...close])
        }
        return "the values of a name follow after in:  sweep \(name) in \(values) { ... }"
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
}
