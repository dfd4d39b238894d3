/// Writes programs in the one layout of `siam fmt`: two blanks a block, four where a line goes on, at most one empty line,
/// lines of at most 100 columns where there is a place to break. Comments stay; so do the breaks of a pipeline and whether a
/// block stands on one line. Formatting twice is formatting once, and the tree is the same.
public struct Formatter {
    public static let width = 100
    /// A block on one line is at most this wide.
    static let blockWidth = 80

    let source: Source
    let comments: [Comment]
    var nextComment = 0

    /// The program's text, ending in a newline unless it is empty.
    public static func format(_ program: Program) -> String {
        var formatter = Formatter(source: program.source, comments: program.comments)
        let layout = formatter.rows(program.statements, from: 0, until: Int.max)
        guard !layout.isEmpty else { return "" }
        return Layout.row(layout).print(width: width) + "\n"
    }

    init(source: Source, comments: [Comment]) {
        self.source = source
        self.comments = comments
    }

    // MARK: Rows of statements

    /// Statements and the comments among them, each on a line of its own.
    mutating func rows(_ statements: [Statement], from start: Int, until end: Int) -> [Layout] {
        var rows: [Layout] = []
        var last = start
        func separate(_ at: Int) {
            if !rows.isEmpty { rows.append(.newline(isDouble: newlines(last, at) > 1)) }
        }
        func comment(_ comment: Comment, gap at: Int) {
            separate(at)
            rows.append(.text(comment.isAlone ? comment.text : plain(comment.text)))
            last = max(last, comment.span.end)
        }
        for statement in statements {
            var above = takeComments(before: statement.span.start)
            let help = help(of: statement)
            let helpLines = help.map { $0.split(separator: "\n", omittingEmptySubsequences: false) } ?? []
            let helpStart = above.suffix(helpLines.count).first?.span.start
            if above.count >= helpLines.count { above.removeLast(helpLines.count) }
            for one in above { comment(one, gap: one.span.start) }
            let layout = self.statement(statement)
            let inside = takeComments(before: statement.span.end)
            for one in inside {
                comment(Comment(text: plain(one.text), span: one.span, isAlone: true), gap: statement.span.start)
            }
            if !inside.isEmpty { last = statement.span.start }
            for (i, line) in helpLines.enumerated() {
                if i == 0 {
                    separate(helpStart ?? statement.span.start)
                } else {
                    rows.append(.newline(isDouble: false))
                }
                rows.append(.text(line.isEmpty ? "##" : "## " + line))
            }
            if helpLines.isEmpty { separate(statement.span.start) } else { rows.append(.newline(isDouble: false)) }
            rows.append(layout)
            if statement.isSilenced { rows.append(.text(";")) }
            last = max(last, statement.span.end)
            if nextComment < comments.count, case let behind = comments[nextComment], !behind.isAlone,
                behind.span.start < end, newlines(statement.span.end, behind.span.start) == 0,
                isLastOnLine(statement.span.end, behind.span.start)
            {
                rows.append(.trailing("  " + behind.text))
                last = behind.span.end
                nextComment += 1
            }
        }
        for one in takeComments(before: end) { comment(one, gap: one.span.start) }
        return rows
    }

    /// A comment after code that is moved to a line of its own must not become help.
    private func plain(_ text: String) -> String {
        var rest = text[...]
        while rest.hasPrefix("#") { rest = rest.dropFirst() }
        return "#" + rest
    }

    private mutating func takeComments(before place: Int) -> [Comment] {
        var taken: [Comment] = []
        while nextComment < comments.count, comments[nextComment].span.start < place {
            taken.append(comments[nextComment])
            nextComment += 1
        }
        return taken
    }

    private func help(of statement: Statement) -> String? {
        switch statement.kind {
        case .function(let definition): definition.help
        case .layer(let definition): definition.help
        default: nil
        }
    }

    /// Nothing but `;` and blanks between a statement and the comment behind it.
    private func isLastOnLine(_ start: Int, _ end: Int) -> Bool {
        guard start <= end, end <= source.bytes.count else { return false }
        return source.bytes[start..<end].allSatisfy { $0 == 32 || $0 == 9 || $0 == UInt8(ascii: ";") }
    }

    func newlines(_ start: Int, _ end: Int) -> Int {
        guard start >= 0, start < end, end <= source.bytes.count else { return 0 }
        return source.bytes[start..<end].reduce(0) { $0 + ($1 == 10 ? 1 : 0) }
    }

    // MARK: Blocks

    mutating func block(_ block: Block) -> Layout {
        let isOneLine = newlines(block.span.start, block.span.end) == 0
        let hasSilent = block.statements.dropLast().contains { $0.isSilenced }
        if isOneLine, !hasSilent {
            guard !block.statements.isEmpty else { return .text("{ }") }
            var parts: [Layout] = [.text("{ ")]
            for (i, statement) in block.statements.enumerated() {
                if i > 0 { parts.append(.text("; ")) }
                parts.append(self.statement(statement))
                if statement.isSilenced { parts.append(.text(";")) }
            }
            // By its own width alone: by that of its line, a second formatting would decide otherwise.
            let flat = Layout.row(parts + [.text(" }")]).print(width: Int.max / 2)
            if displayWidth(flat) <= Formatter.blockWidth { return .text(flat) }
        }
        let inner = rows(block.statements, from: block.span.start, until: block.span.end)
        guard !inner.isEmpty else { return .row([.text("{"), .newline(isDouble: false), .text("}")]) }
        return .row([
            .text("{"), .nest(2, .row([.newline(isDouble: false)] + inner)), .newline(isDouble: false), .text("}"),
        ])
    }

    // MARK: Statements

    mutating func statement(_ statement: Statement) -> Layout {
        switch statement.kind {
        case .expression(let value): return command(value) ?? expression(value, keeps: true)
        case .assign(let targets, let value):
            return .row([list(targets), .text(" ="), behindSign(value)])
        case .function(let definition):
            return .row([
                .text("\(definition.role.rawValue) \(definition.name.text)"), parameters(definition.parameters),
                body(definition.body),
            ])
        case .layer(let definition): return layer(definition)
        case .importFile(let path): return .row([.text("import "), expression(path)])
        case .forIn(let names, let from, let body):
            return .row([
                .text("for \(names.map(\.text).joined(separator: ", ")) in "), expression(from), .space, block(body),
            ])
        case .whileLoop(let condition, let body):
            return .row([.text("while "), expression(condition), .space, block(body)])
        case .breakLoop: return .text("break")
        case .continueLoop: return .text("continue")
        case .returnValue(let value):
            guard let value else { return .text("return") }
            return .row([.text("return "), expression(value)])
        case .expect(let value): return .row([.text("expect "), behindWord(value)])
        case .expectError(let message, let body):
            return .row([.text("expect_error "), behindWord(message), .space, block(body)])
        case .minimize(let value): return .row([.text("minimize "), behindWord(value)])
        case .report(let name, let value): return .row([.text("report \(name.text) ="), behindSign(value)])
        case .every(let count, let unit, let body):
            let one = unit == .steps ? "step" : "epoch"
            guard let count else { return .row([.text("every \(one) "), block(body)]) }
            return .row([.text("every "), expression(count), .text(" \(self.unit(unit, count)) "), block(body)])
        case .pause: return .text("pause")
        case .stopWhen(let value): return .row([.text("stop when "), behindWord(value)])
        }
    }

    /// A function behind a soft word keeps its parentheses: `expect (a, b) -> c` would read as a call.
    private mutating func behindWord(_ value: Expression) -> Layout {
        if case .lambda = value.kind { return expression(value, 1) }
        return expression(value)
    }

    func unit(_ unit: Statement.Unit, _ count: Expression) -> String {
        if case .number(1, _) = count.kind { return unit == .steps ? "step" : "epoch" }
        return unit.rawValue
    }

    /// The value behind `=`: on a line of its own where a pipeline's first stage stood there.
    mutating func behindSign(_ value: Expression) -> Layout {
        var place = value.span.start - 1
        var isBelow = false
        while place >= 0, place < source.bytes.count, [32, 9, 13, 10].contains(source.bytes[place]) {
            if source.bytes[place] == 10 { isBelow = true }
            place -= 1
        }
        if isBelow, isBroken(value) {
            return .nest(4, .row([.newline(isDouble: false), expression(value, continuation: 0, keeps: true)]))
        }
        return .row([.space, expression(value, keeps: true)])
    }

    /// Whether the writer broke a pipeline before one of its signs.
    private func isBroken(_ value: Expression) -> Bool {
        var chain = value
        while true {
            switch chain.kind {
            case .compose(let left, let right), .apply(let left, let right):
                if newlines(left.span.end, right.span.start) > 0 { return true }
                chain = left
            default: return false
            }
        }
    }

    private mutating func body(_ body: Body) -> Layout {
        switch body {
        case .expression(let value): .row([.text(" ="), behindSign(value)])
        case .block(let inner): .row([.space, block(inner)])
        }
    }

    private mutating func layer(_ definition: LayerDefinition) -> Layout {
        var head: [Layout] = [.text("layer \(definition.name.text)")]
        if !definition.parameters.isEmpty { head.append(parameters(definition.parameters)) }
        switch definition.form {
        case .pipeline(let value): return .row(head + [.text(" ="), behindSign(value)])
        case .members(let members):
            guard !members.isEmpty else { return .row(head + [.text(" { }")]) }
            var inner: [Layout] = []
            var last = definition.name.span.end
            for (i, member) in members.enumerated() {
                let span = i < definition.memberSpans.count ? definition.memberSpans[i] : .none
                for comment in takeComments(before: span.start) {
                    inner.append(.newline(isDouble: i > 0 && newlines(last, comment.span.start) > 1))
                    inner.append(.text(comment.isAlone ? comment.text : plain(comment.text)))
                    last = comment.span.end
                }
                inner.append(.newline(isDouble: !inner.isEmpty && newlines(last, span.start) > 1))
                let layout = self.member(member)
                for comment in takeComments(before: span.end) {
                    inner += [.text(plain(comment.text)), .newline(isDouble: false)]
                }
                inner.append(layout)
                last = span.end
                if nextComment < comments.count, case let behind = comments[nextComment], !behind.isAlone,
                    newlines(span.end, behind.span.start) == 0, isLastOnLine(span.end, behind.span.start)
                {
                    inner.append(.trailing("  " + behind.text))
                    last = behind.span.end
                    nextComment += 1
                }
            }
            if let end = definition.bodyEnd {
                for comment in takeComments(before: end) {
                    inner += [.newline(isDouble: false), .text(comment.isAlone ? comment.text : plain(comment.text))]
                }
            }
            return .row(head + [.text(" {"), .nest(2, .row(inner)), .newline(isDouble: false), .text("}")])
        }
    }

    private mutating func member(_ member: LayerDefinition.Member) -> Layout {
        switch member {
        case .parameter(let name, let shape, let value):
            return .row([.text("param \(name.text) : ["), list(shape), .text("] ="), behindSign(value)])
        case .state(let name, let shape, let value):
            return .row([.text("state \(name.text) : ["), list(shape), .text("] ="), behindSign(value)])
        case .part(let name, let value): return .row([.text("\(name.text) ="), behindSign(value)])
        case .forward(let names, let inner):
            return .row([.text("forward \(names.map(\.text).joined(separator: ", "))"), body(inner)])
        }
    }
}
