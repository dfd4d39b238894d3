/// The smallest piece of a program that means something.
public struct Token: Sendable, Equatable {
    public enum Kind: UInt8, Sendable {
        case name, number, text
        case fn, `if`, `else`, `for`, `in`, `while`, `break`, `continue`, `return`, `true`, `false`, none, and, or, not
        case leftParen, rightParen, leftBracket, rightBracket, leftBrace, rightBrace
        case comma, semicolon, colon, dot, dots, assign, arrow
        /// `+=` and its kin, which siam has not: kept whole so that the parser can say what to write.
        case compoundAssign
        case plus, minus, star, slash, percent, at, caret
        case equal, unequal, less, lessOrEqual, greater, greaterOrEqual
        case compose, apply
        case end
    }

    public var kind: Kind
    /// There is a line break between the token before and this one.
    public var startsLine: Bool
    public var start: Int
    public var end: Int
    /// Of a text: the index of its pieces. Of any token: nothing else.
    var pieces: Int
    /// How many comments precede this token.
    var commentsBefore: Int

    public var span: Span { Span(start, end) }

    public static func == (a: Token, b: Token) -> Bool { a.kind == b.kind && a.start == b.start && a.end == b.end }
}

/// A part of a text between its quotes.
public enum TextPiece: Sendable {
    /// Characters as meant, escapes undone.
    case literal(String)
    /// `{code:format}`: the position of the code in the source.
    case code(Span, format: String?)
}

/// A source cut into tokens. The last token is always `.end`.
public struct Lexed: Sendable {
    public var tokens: [Token] = []
    public var pieces: [[TextPiece]] = []
    public var comments: [Comment] = []
    public var diagnostics: [Diagnostic] = []
}
