/// Reads a program. Goes on after an error at the next statement, so that several are collected, and leaves `.missing` where
/// something could not be read. Trees are at most `maximumHeight` high, whatever is typed: no walk over one can overflow.
public struct Parser {
    /// Nested brackets, blocks and operands.
    public static let maximumDepth = 200
    /// Levels of a tree; a chain `a + b + c` has one a sign.
    public static let maximumHeight = 500

    let source: Source
    let tokens: [Token]
    let pieces: [[TextPiece]]
    let comments: [Comment]
    /// For each bracket the token that matches it, -1 for none and for all else.
    let partner: [Int]
    var cursor = 0
    /// Between round or square brackets a newline means nothing.
    var ignoresNewlines = false
    /// `in` is a name in the shapes and initialisers of a layer's parameters.
    var allowsIn = false
    var depth = 0
    /// The height of the tree read last.
    var height = 0
    var isPanicking = false
    var isAborted = false
    /// The first error came from the text's end: more may make it whole.
    var wantsMore = false
    var statementStart = 0
    /// The first parameter of the layer whose members are being read: most often its width.
    var width = "units"
    /// Its name and its parameters, as they are written.
    var head = ""
    /// Round and square brackets that the statement has opened and not closed.
    var opened: [Int] = []
    var diagnostics: [Diagnostic]
    /// Where the lexer met what it could not read.
    let unread: [Int]

    /// The tree of a source, and its errors in the order of their places.
    public static func parse(_ source: Source) -> (program: Program, diagnostics: [Diagnostic]) {
        let (program, found) = parse(source, isVetted: true)
        return (program, found.map { $0.edits.isEmpty ? $0 : withLikes($0, found).vetted() })
    }

    /// A slip that is made again behind it is mended with it: `[.1, .9]`.
    private static func withLikes(_ d: Diagnostic, _ all: [Diagnostic]) -> Diagnostic {
        guard d.code == "number.point", let place = d.labels.first?.place else { return d }
        var whole = d
        let line = place.source.position(place.span.start).line
        let own = d.edits.map(\.place.span.start).max() ?? place.span.start
        whole.edits += all.filter { $0.code == d.code }.flatMap(\.edits).filter {
            $0.place.span.start > own && place.source.position($0.place.span.start).line == line
        }
        return whole
    }

    /// - Parameter isVetted: whether repairs have been tried, or are not wanted.
    static func parse(_ source: Source, isVetted: Bool) -> (program: Program, diagnostics: [Diagnostic]) {
        var parser = Parser(source, Lexer.lex(source))
        let statements = parser.statements(untilBrace: false)
        let sorted = parser.diagnostics.enumerated().sorted { a, b in
            let first = a.element.labels.first?.place.span.start ?? 0
            let second = b.element.labels.first?.place.span.start ?? 0
            return first == second ? a.offset < b.offset : first < second
        }
        // A text that is not closed has swallowed what closes the brackets before it.
        let text = sorted.lazy.map(\.element).first { $0.code == "text.brace" || $0.code == "text.unclosed" }
        let open = text?.labels.first?.place.span.start ?? 0
        let found = sorted.map(\.element).filter {
            $0.code != "bracket.unclosed" || ($0.labels.first?.place.span.start ?? 0) >= open
        }
        return (Program(statements: statements, source: source, comments: parser.comments), found)
    }

    /// Whether the prompt should open another line: something is open, or the last sign wants more after it. A complete
    /// line is finished even though the next might begin with `>>`.
    public static func isUnfinished(_ text: String) -> Bool {
        let source = Source(name: "prompt", kind: .prompt(0), text: text)
        let lexed = Lexer.lex(source)
        if lexed.tokens.count == 1 {
            // Help lines wait for the definition that they belong to, unless an empty line ends them.
            guard let last = lexed.comments.last, last.text.hasPrefix("##") else { return false }
            return !source.bytes[min(last.span.end, source.bytes.count)...].contains { $0 == 10 }
        }
        guard lexed.diagnostics.isEmpty else { return false }
        var parser = Parser(source, lexed)
        _ = parser.statements(untilBrace: false)
        return parser.wantsMore
    }

    init(_ source: Source, _ lexed: Lexed) {
        self.source = source
        tokens = lexed.tokens
        pieces = lexed.pieces
        comments = lexed.comments
        diagnostics = lexed.diagnostics
        unread = lexed.diagnostics.compactMap { $0.labels.first?.place.span.start }
        partner = Parser.partners(lexed.tokens)
    }

    /// Pairs the brackets of a source. One that nothing closes does not spoil those around it.
    static func partners(_ tokens: [Token]) -> [Int] {
        var partner = [Int](repeating: -1, count: tokens.count)
        var open: [Int] = []
        for (i, token) in tokens.enumerated() {
            let wanted: Token.Kind
            switch token.kind {
            case .leftParen, .leftBracket, .leftBrace:
                open.append(i)
                continue
            case .rightParen: wanted = .leftParen
            case .rightBracket: wanted = .leftBracket
            case .rightBrace: wanted = .leftBrace
            default: continue
            }
            var place = open.count - 1
            while place >= 0, tokens[open[place]].kind != wanted {
                // A round or square bracket does not extend beyond the block that contains it.
                if wanted != .leftBrace, tokens[open[place]].kind == .leftBrace {
                    place = -1
                    break
                }
                place -= 1
            }
            guard place >= 0 else { continue }
            partner[i] = open[place]
            partner[open[place]] = i
            open.removeSubrange(place...)
        }
        return partner
    }

    // MARK: Tokens

    var current: Token { tokens[cursor] }

    func token(_ ahead: Int) -> Token { tokens[min(cursor + ahead, tokens.count - 1)] }

    mutating func advance() { if cursor < tokens.count - 1 { cursor += 1 } }

    func text(_ token: Token) -> String { String(decoding: source.bytes[token.start..<token.end], as: UTF8.self) }

    /// The span of the token before the cursor.
    var previousEnd: Int { cursor > 0 ? tokens[cursor - 1].end : current.start }

    func span(from start: Int) -> Span { Span(start, max(start, previousEnd)) }

    /// Whether the token is the soft word, whatever it may mean elsewhere.
    func isWord(_ token: Token, _ word: StaticString) -> Bool {
        guard token.kind == .name, token.end - token.start == word.utf8CodeUnitCount else { return false }
        return word.withUTF8Buffer { buffer in source.bytes[token.start..<token.end].elementsEqual(buffer) }
    }

    /// Whether the current token is on the same line as the one before, or line breaks are ignored here.
    var isSameLine: Bool { ignoresNewlines || !current.startsLine }

    mutating func accept(_ kind: Token.Kind) -> Bool {
        guard current.kind == kind else { return false }
        advance()
        return true
    }

    func describe(_ token: Token) -> String {
        switch token.kind {
        case .end: return "the end"
        case .name: return text(token)
        case .number: return text(token)
        case .text: return "a text"
        default: return text(token)
        }
    }

    // MARK: Errors

    mutating func fail(
        _ code: String, _ message: String, _ span: Span, _ label: String = "", more: [(Span, String)] = [],
        notes: [String] = [], repair: String? = nil, edits: [(Span, String)] = [], goesOn: Bool = false
    ) {
        guard !isPanicking, !isAborted else { return }
        // What follows a sign that could not be read is no fault of its own.
        let from = tokens[statementStart].start
        if unread.contains(where: { $0 >= from && $0 <= span.start }) {
            if !goesOn { isPanicking = true }
            return
        }
        if diagnostics.isEmpty { wantsMore = wantsMore || current.kind == .end }
        // What is missing at the end is missing behind the last word, not below it.
        var span = span
        if span.start == span.end, cursor == tokens.count - 1, cursor > 0, span.start == current.start {
            span = Span(previousEnd, previousEnd)
        }
        let labels = [Diagnostic.Label(Place(source, span), label)] + more.map { .init(Place(source, $0.0), $0.1) }
        diagnostics.append(
            Diagnostic(
                code: code, message, at: labels, notes: notes, repair: repair,
                edits: edits.map { .init(Place(source, $0.0), $0.1) }))
        if !goesOn { isPanicking = true }
    }

    func missing(at place: Int? = nil) -> Expression {
        let at = place ?? current.start
        return Expression(.missing, Span(at, at))
    }

    /// One level deeper, or an error that ends the reading of this source.
    mutating func enter() -> Bool {
        depth += 1
        guard depth > Parser.maximumDepth else { return true }
        abort("this is nested \(Parser.maximumDepth) levels deep", current.span)
        return false
    }

    mutating func leave() { depth -= 1 }

    private mutating func abort(_ message: String, _ span: Span) {
        fail("nesting", message, span, notes: ["give the inner parts names of their own"])
        // Nothing that follows would make an unfinished text whole.
        wantsMore = false
        isPanicking = true
        isAborted = true
        cursor = tokens.count - 1
    }

    /// Notes the height of a tree made of parts of this height. False (reported) when it is too high.
    mutating func grow(over parts: Int, by levels: Int = 1, _ span: Span) -> Bool {
        height = parts + levels
        guard height > Parser.maximumHeight else { return true }
        height = parts
        abort("this chain is over \(Parser.maximumHeight) parts long", Span(span.end, span.end))
        return false
    }

    /// After an error: to the end of the statement, over whatever brackets are whole.
    mutating func synchronize() {
        if let outer = opened.first, partner[outer] >= cursor { cursor = partner[outer] + 1 }
        opened = []
        ignoresNewlines = false
        while cursor < tokens.count - 1 {
            let token = current
            if cursor > statementStart, token.startsLine, token.kind != .compose, token.kind != .apply { return }
            switch token.kind {
            case .rightBrace: return
            case .semicolon:
                advance()
                return
            case .leftBrace, .leftParen, .leftBracket:
                if partner[cursor] > cursor { cursor = partner[cursor] }
            default: break
            }
            advance()
        }
    }

    // MARK: Statements in a row

    /// Statements up to the end, or up to the brace that closes their block.
    mutating func statements(untilBrace: Bool) -> [Statement] {
        var found: [Statement] = []
        var highest = 0
        while current.kind != .end, !isAborted {
            if current.kind == .rightBrace {
                if untilBrace { break }
                fail("bracket.stray", "this } closes nothing", current.span, goesOn: true)
                advance()
                continue
            }
            if accept(.semicolon) { continue }
            let before = cursor
            found.append(statement())
            highest = max(highest, height)
            if isPanicking, !isAborted {
                synchronize()
                isPanicking = false
            }
            if cursor == before { advance() }
        }
        height = highest
        return found
    }

    /// `{ ... }`; `owner` says whose block it is, for the message where there is none.
    mutating func block(_ owner: String, example: String? = nil) -> Block {
        let start = current.start
        guard current.kind == .leftBrace else {
            height = 1
            if foreignBlock(owner) { return Block([], Span(start, start)) }
            // `for x in xs print x`: the rest of the line was meant as the block.
            let line = source.text(Span(tokens[statementStart].start, current.start))
            let rest = source.text(Span(current.start, endOfLine()))
            let isOneLine =
                !current.startsLine && current.kind != .end && Parser.beginsOperand(current.kind)
                && line.utf8.count + rest.utf8.count < 70 && !line.contains("\n")
            fail(
                "block.missing", "\(owner) needs a block { ... }, and got \(describe(current))", current.span,
                repair: isOneLine ? "in a block:  \(line){ \(rest) }" : headWithBlock ?? example,
                edits: isOneLine ? [(Span(current.start, endOfLine()), "{ \(rest) }")] : [])
            return Block([], Span(start, start))
        }
        return openBlock()
    }

    /// A head at the end of its line, with the braces that it lacks.
    private var headWithBlock: String? {
        guard current.startsLine, statementStart < cursor else { return nil }
        let head = source.text(Span(tokens[statementStart].start, previousEnd))
        return head.utf8.count <= 60 && !head.contains("\n") ? "in a block:  \(head) { ... }" : nil
    }

    /// The block whose brace is the current token.
    mutating func openBlock() -> Block {
        let brace = cursor
        let start = current.start
        let saved = (ignoresNewlines, opened, statementStart)
        ignoresNewlines = false
        opened = []
        advance()
        let inner = statements(untilBrace: true)
        if current.kind == .rightBrace {
            advance()
        } else if !isAborted {
            if diagnostics.isEmpty { wantsMore = true }
            fail("bracket.unclosed", "this { is never closed", tokens[brace].span, "opened here", goesOn: true)
        }
        (ignoresNewlines, opened, statementStart) = saved
        height += 1
        return Block(inner, span(from: start))
    }
}
