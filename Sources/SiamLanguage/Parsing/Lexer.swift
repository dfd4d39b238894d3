/// Cuts a source into tokens. Never fails: what belongs to nothing is reported, and a likely meaning takes its place.
public struct Lexer {
    let source: Source
    let bytes: [UInt8]
    let limit: Int
    var at: Int
    var startsLine = true
    var lexed = Lexed()

    /// The tokens of a source, or of the stretch of it that a text holds between braces.
    public static func lex(_ source: Source, in span: Span? = nil) -> Lexed {
        let start = min(max(span?.start ?? 0, 0), source.bytes.count)
        let end = min(max(span?.end ?? source.bytes.count, start), source.bytes.count)
        var lexer = Lexer(source: source, from: start, to: end)
        lexer.run()
        return lexer.lexed
    }

    init(source: Source, from start: Int, to end: Int) {
        self.source = source
        bytes = source.bytes
        at = start
        limit = end
        lexed.tokens.reserveCapacity((end - start) / 4 + 8)
    }

    /// The byte `ahead` places on, 0 past the end.
    @inline(__always) func peek(_ ahead: Int = 0) -> UInt8 { at + ahead < limit ? bytes[at + ahead] : 0 }

    mutating func emit(_ kind: Token.Kind, from start: Int, pieces: Int = -1) {
        lexed.tokens.append(
            Token(
                kind: kind, startsLine: startsLine, start: start, end: at, pieces: pieces,
                commentsBefore: lexed.comments.count))
        startsLine = false
    }

    mutating func fail(
        _ code: String, _ message: String, _ span: Span, _ label: String = "", notes: [String] = [],
        repair: String? = nil, edits: [(Span, String)] = []
    ) {
        lexed.diagnostics.append(
            Diagnostic(
                code: code, message, at: [.init(Place(source, span), label)], notes: notes, repair: repair,
                edits: edits.map { .init(Place(source, $0.0), $0.1) }))
    }

    mutating func run() {
        if at == 0, limit >= 3, bytes[0] == 0xEF, bytes[1] == 0xBB, bytes[2] == 0xBF { at = 3 }
        while at < limit {
            let byte = bytes[at]
            switch byte {
            case 10:
                startsLine = true
                at += 1
            case 32, 9, 13: at += 1
            case UInt8(ascii: "#"): comment()
            case UInt8(ascii: "\""): text()
            case UInt8(ascii: "0")...UInt8(ascii: "9"): number()
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"):
                name()
            case 0x80...: unicode()
            default: symbol(byte)
            }
        }
        at = limit
        emit(.end, from: limit)
    }

    mutating func comment() {
        let start = at
        while at < limit, bytes[at] != 10 { at += 1 }
        var end = at
        while end > start, bytes[end - 1] == 13 || bytes[end - 1] == 32 || bytes[end - 1] == 9 { end -= 1 }
        lexed.comments.append(
            Comment(
                text: String(decoding: bytes[start..<end], as: UTF8.self), span: Span(start, end),
                isAlone: startsLine))
    }

    /// The Unicode character at a place, and how many bytes it takes.
    func scalar(at place: Int) -> (scalar: Unicode.Scalar, width: Int) {
        guard place < limit else { return ("\0", 0) }
        let first = bytes[place]
        if first < 0x80 { return (Unicode.Scalar(first), 1) }
        let width = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC0 ? 2 : 1
        guard width > 1, place + width <= limit else { return ("\u{FFFD}", 1) }
        var value = UInt32(first & (0xFF >> UInt8(width + 1)))
        for i in 1..<width { value = value << 6 | UInt32(bytes[place + i] & 0x3F) }
        return (Unicode.Scalar(value) ?? "\u{FFFD}", width)
    }

    static func isLetter(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .uppercaseLetter, .lowercaseLetter, .titlecaseLetter, .modifierLetter, .otherLetter, .letterNumber: true
        default: false
        }
    }

    /// Marks belong to the letter before them, so that a decomposed é is a letter as well.
    static func continuesName(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .spacingMark, .decimalNumber: true
        default: isLetter(scalar)
        }
    }

    mutating func name() {
        let start = at
        while at < limit {
            let byte = bytes[at]
            if byte < 0x80 {
                guard Lexer.isNameByte(byte) else { break }
                at += 1
            } else {
                let (scalar, width) = scalar(at: at)
                guard Lexer.continuesName(scalar) else { break }
                at += width
            }
        }
        emit(Words.hardKind(bytes[start..<at]) ?? .name, from: start)
    }

    @inline(__always) static func isNameByte(_ byte: UInt8) -> Bool {
        (byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "z"))
            || (byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z"))
            || byte == UInt8(ascii: "_") || isDigit(byte)
    }

    @inline(__always) static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    /// Digits with `_` between them. False if a `_` is at an end.
    mutating func digits() -> Bool {
        var isTidy = true
        var last: UInt8 = 0
        while at < limit, Lexer.isDigit(bytes[at]) || bytes[at] == UInt8(ascii: "_") {
            if bytes[at] == UInt8(ascii: "_"), !Lexer.isDigit(last) { isTidy = false }
            last = bytes[at]
            at += 1
        }
        return isTidy && last != UInt8(ascii: "_")
    }

    mutating func number() {
        let start = at
        var isTidy = digits()
        if peek() == UInt8(ascii: "."), Lexer.isDigit(peek(1)) {
            at += 1
            isTidy = digits() && isTidy
        }
        if peek() == UInt8(ascii: "e") || peek() == UInt8(ascii: "E") {
            let hasSign = peek(1) == UInt8(ascii: "-") || peek(1) == UInt8(ascii: "+")
            if Lexer.isDigit(peek(hasSign ? 2 : 1)) {
                at += hasSign ? 2 : 1
                isTidy = digits() && isTidy
            }
        }
        let end = at
        if bytes[start] == UInt8(ascii: "0"), at > start + 1, Lexer.isDigit(bytes[start + 1]),
            let comma = lexed.tokens.last,
            comma.kind == .comma, comma.end == start, lexed.tokens.count > 1
        {
            let before = lexed.tokens[lexed.tokens.count - 2]
            if before.kind == .number, before.end == comma.start {
                let written = "\(source.text(before.span)).\(source.text(Span(start, at)))"
                let places = source.text(Span(start, at))
                if places.count == 3, 1...3 ~= source.text(before.span).count, source.text(before.span) != "0" {
                    fail(
                        "number.comma", "numbers cannot contain a comma", Span(before.start, at),
                        repair:
                            "thousands are written \(source.text(before.span))\(places), decimals after a point \(written)"
                    )
                } else {
                    fail(
                        "number.comma", "the decimal sign is a point, not a comma",
                        Span(before.start, at), repair: "write \(written)", edits: [(Span(before.start, at), written)])
                }
            }
        }
        while at < limit,
            Lexer.isNameByte(bytes[at]) || (bytes[at] >= 0x80 && Lexer.continuesName(scalar(at: at).scalar))
        {
            at += bytes[at] < 0x80 ? 1 : scalar(at: at).width
        }
        if at > end {
            let digits = String(decoding: bytes[start..<end], as: UTF8.self)
            let rest = String(decoding: bytes[end..<at], as: UTF8.self)
            let isExponent = rest == "e" || rest == "E"
            if digits == "0", let value = Lexer.inTens(rest) {
                fail(
                    "number.tail", "siam has only decimal whole numbers", Span(start, at), repair: "write \(value)",
                    edits: [(Span(start, at), "\(value)")])
                return emit(.number, from: start)
            }
            fail(
                "number.tail", "the number \(digits) is followed directly by \(rest)", Span(start, at),
                repair: isExponent
                    ? "an exponent has digits:  \(digits)e-3" : "a product is written with *:  \(digits) * \(rest)")
        } else if !isTidy {
            fail(
                "number.underscore", "a _ in a number must be between two digits", Span(start, at),
                repair: "for example  1_000")
        }
        emit(.number, from: start)
    }

    /// `x1F`, `b101`, `o17` behind a 0, as other languages write numbers by sixteens, twos and eights.
    private static func inTens(_ rest: String) -> Int? {
        let radix: Int? =
            switch rest.first {
            case "x", "X": 16
            case "b", "B": 2
            case "o", "O": 8
            default: nil
            }
        return radix.flatMap { Int(rest.dropFirst().filter { $0 != "_" }, radix: $0) }
    }

    mutating func unicode() {
        let start = at
        let (scalar, width) = scalar(at: at)
        if Lexer.isLetter(scalar) { return name() }
        at += width
        if scalar == "\u{FEFF}" || scalar.properties.isWhitespace {
            if scalar == "\u{2028}" || scalar == "\u{2029}" { startsLine = true }
            return
        }
        switch scalar {
        case "\u{2212}", "\u{2013}": meant(.minus, "-", start, scalar)
        case "\u{00D7}", "\u{22C5}", "\u{00B7}": meant(.star, "*", start, scalar)
        case "\u{00F7}": meant(.slash, "/", start, scalar)
        case "\u{2264}": meant(.lessOrEqual, "<=", start, scalar)
        case "\u{2265}": meant(.greaterOrEqual, ">=", start, scalar)
        case "\u{2260}": meant(.unequal, "!=", start, scalar)
        case "\u{2192}": meant(.arrow, "->", start, scalar)
        case "\u{201C}", "\u{201D}", "\u{201E}", "\u{2018}", "\u{2019}": foreignText(start, "a curly quote")
        default: fail("character", "\(scalar) is not a character of siam", Span(start, at))
        }
    }

    /// A sign of another script or language with one plain meaning: said, and taken so.
    mutating func meant(_ kind: Token.Kind, _ sign: String, _ start: Int, _ scalar: Unicode.Scalar) {
        meant(kind, sign, start, "\(scalar)")
    }

    mutating func meant(_ kind: Token.Kind, _ sign: String, _ start: Int, _ written: String) {
        fail(
            "character.meant", "siam writes \(sign) where this says \(written)", Span(start, at),
            repair: "write \(sign)", edits: [(Span(start, at), apart(sign, start))])
        emit(kind, from: start)
    }

    /// A word that stands for a sign, apart from the words around it: `!x` is `not x`.
    private func apart(_ sign: String, _ start: Int) -> String {
        guard sign.first?.isLetter == true else { return sign }
        let before = start > 0 && Lexer.isWordByte(bytes[start - 1]) ? " " : ""
        let behind = at < limit && bytes[at] != 32 ? " " : ""
        return before + sign + behind
    }

    /// A text in quotes that are not siam's: taken up to the next such quote on the line.
    mutating func foreignText(_ start: Int, _ what: String) {
        let closers: Set<Unicode.Scalar> = ["'", "`", "\u{201C}", "\u{201D}", "\u{2018}", "\u{2019}"]
        var place = at
        while place < limit, bytes[place] != 10 {
            let (scalar, width) = scalar(at: place)
            if closers.contains(scalar) {
                let isTemplate = bytes[start] == UInt8(ascii: "`")
                let written = String(decoding: bytes[at..<place], as: UTF8.self)
                let content = isTemplate ? written.replacing("${", with: "{") : written
                let inner = content.replacing("\"", with: "\\\"")
                at = place + width
                // `f'...'`: the letter belongs to the other language's text.
                var from = start
                if let last = lexed.tokens.last, last.kind == .name, last.end == start, last.end - last.start == 1,
                    [UInt8(ascii: "f"), UInt8(ascii: "r"), UInt8(ascii: "b")].contains(bytes[last.start])
                {
                    from = last.start
                }
                fail(
                    "text.quote", "a text needs double quotes, and this begins with \(what)", Span(from, at),
                    repair: "write \"\(inner)\"", edits: [(Span(from, at), "\"\(inner)\"")])
                lexed.pieces.append([.literal(content)])
                emit(.text, from: start, pieces: lexed.pieces.count - 1)
                return
            }
            place += width
        }
        fail(
            "text.quote", "a text needs double quotes, and this is \(what)", Span(start, at),
            repair: "write \"text\"")
    }
}
