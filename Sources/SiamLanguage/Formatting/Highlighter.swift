/// Divides a text into stretches of one colour, finished or not.
public enum Highlighter {
    public enum Class: String, Sendable, CaseIterable {
        case hardWord, softWord, number, text, comment, sign, definition, call, fault
    }

    public struct Stretch: Sendable, Equatable {
        public var start: Int
        public var end: Int
        public var kind: Class
    }

    /// Stretches in order, in bytes of the text; what is between them is plain.
    public static func stretches(_ text: String) -> [Stretch] {
        let source = Source(name: "", kind: .prompt(0), text: text)
        var found: [Stretch] = []
        color(source, Lexer.lex(source), 0, into: &found)
        found.sort { $0.start < $1.start }
        return found
    }

    private static func color(_ source: Source, _ lexed: Lexed, _ depth: Int, into found: inout [Stretch]) {
        let tokens = lexed.tokens
        let partner = Parser.partners(tokens)
        for comment in lexed.comments {
            found.append(Stretch(start: comment.span.start, end: comment.span.end, kind: .comment))
        }
        for (i, token) in tokens.enumerated() {
            let kind: Class
            switch token.kind {
            case .end, .comma, .semicolon, .colon, .dot: continue
            case .leftParen, .leftBracket, .leftBrace: continue
            case .rightParen, .rightBracket, .rightBrace:
                guard partner[i] < 0 else { continue }
                kind = .fault
            case .number: kind = .number
            case .text:
                textStretches(source, lexed, token, depth, into: &found)
                continue
            case .name:
                guard let named = name(source, tokens, i) else { continue }
                kind = named
            case .compoundAssign: kind = .fault
            default:
                let isWord =
                    token.kind.rawValue >= Token.Kind.fn.rawValue && token.kind.rawValue <= Token.Kind.not.rawValue
                kind = isWord ? .hardWord : .sign
            }
            found.append(Stretch(start: token.start, end: token.end, kind: kind))
        }
    }

    private static func textStretches(
        _ source: Source, _ lexed: Lexed, _ token: Token, _ depth: Int, into found: inout [Stretch]
    ) {
        var start = token.start
        let pieces = token.pieces >= 0 && token.pieces < lexed.pieces.count ? lexed.pieces[token.pieces] : []
        for case .code(let span, _) in pieces where depth < 8 {
            found.append(Stretch(start: start, end: span.start, kind: .text))
            color(source, Lexer.lex(source, in: span), depth + 1, into: &found)
            start = span.end
        }
        if start < token.end { found.append(Stretch(start: start, end: token.end, kind: .text)) }
    }

    private static let softWords = Set(Words.soft.map(\.text))

    /// What a name is by its neighbours; nil for a plain one.
    private static func name(_ source: Source, _ tokens: [Token], _ i: Int) -> Class? {
        let token = tokens[i]
        let next = tokens[min(i + 1, tokens.count - 1)]
        let before = i > 0 ? tokens[i - 1] : nil
        if before?.kind == .fn { return .definition }
        if let before, before.kind == .dot { return next.kind == .leftParen && !next.startsLine ? .call : nil }
        let text = String(decoding: source.bytes[token.start..<token.end], as: UTF8.self)
        if let before, before.kind == .name, !token.startsLine, ["layer", "loss"].contains(source.text(before.span)) {
            return .definition
        }
        if softWords.contains(text), isForm(text, before, token, next) { return .softWord }
        if next.kind == .leftParen, !next.startsLine { return .call }
        let isFirst = token.startsLine || before == nil || before?.kind == .semicolon || before?.kind == .leftBrace
        if isFirst, next.kind == .assign { return .definition }
        if isFirst, !next.startsLine, Parser.beginsCommand(next.kind), next.kind != .not { return .call }
        return nil
    }

    /// Whether a soft keyword is at a position where it is a keyword.
    private static func isForm(_ word: String, _ before: Token?, _ token: Token, _ next: Token) -> Bool {
        let isFirst =
            token.startsLine || before == nil || before?.kind == .semicolon || before?.kind == .leftBrace
        let hasValue = !next.startsLine && (Parser.beginsOperand(next.kind) && next.kind != .minus || next.kind == .in)
        switch word {
        case "epoch", "epochs", "steps":
            return !token.startsLine && before != nil && before?.kind != .leftParen && next.kind != .assign
        case "on", "as", "using":
            return !token.startsLine && before?.kind != .comma && before?.kind != .leftParen && next.kind != .assign
                && (hasValue || next.kind == .end)
        case "train", "sweep", "time":
            return (isFirst || before?.kind == .assign) && !next.startsLine
                && (next.kind == .name || (word == "time" && next.kind == .leftBrace))
        case "pause": return isFirst && (next.startsLine || next.kind == .end || next.kind == .rightBrace)
        case "stop": return isFirst && !next.startsLine && next.kind == .name
        case "when": return before.map { !$0.startsLine || $0.kind == .name } == true && !token.startsLine && hasValue
        case "param", "state", "layer", "loss", "report": return isFirst && !next.startsLine && next.kind == .name
        default: return isFirst && hasValue
        }
    }

    /// The bracket that belongs to the one at or just before a byte offset; both places, the cursor's first.
    public static func matchingBracket(_ text: String, at cursor: Int) -> (here: Int, there: Int)? {
        let source = Source(name: "", kind: .prompt(0), text: text)
        let tokens = Lexer.lex(source).tokens
        let partner = Parser.partners(tokens)
        for place in [cursor, cursor - 1] {
            for (i, token) in tokens.enumerated() where token.start == place && partner[i] >= 0 {
                return (place, tokens[partner[i]].start)
            }
        }
        return nil
    }
}
