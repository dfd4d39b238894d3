/// The lexer: texts in quotes, with the expressions inside them.
extension Lexer {
    /// `"..."` with escapes and `{code:format}`. The code is only marked out here: the parser reads it.
    mutating func text() {
        let start = at
        if peek(1) == UInt8(ascii: "\""), peek(2) == UInt8(ascii: "\"") { return longText(start) }
        at += 1
        var pieces: [TextPiece] = []
        var literal: [UInt8] = []
        func flush() {
            guard !literal.isEmpty else { return }
            pieces.append(.literal(String(decoding: literal, as: UTF8.self)))
            literal.removeAll(keepingCapacity: true)
        }
        while true {
            guard at < limit, bytes[at] != 10 else {
                unclosed(start)
                break
            }
            let byte = bytes[at]
            if byte == UInt8(ascii: "\"") {
                at += 1
                break
            }
            if byte == UInt8(ascii: "\\") {
                escape(into: &literal)
            } else if byte == UInt8(ascii: "{") {
                flush()
                guard let piece = code(start) else { break }
                pieces.append(piece)
            } else {
                literal.append(byte)
                at += 1
            }
        }
        flush()
        lexed.pieces.append(pieces)
        emit(.text, from: start, pieces: lexed.pieces.count - 1)
    }

    /// Three quotes, which elsewhere hold several lines: taken up to the next three, or to the line's end.
    private mutating func longText(_ start: Int) {
        let quotes = Array(repeating: UInt8(ascii: "\""), count: 3)
        var place = start + 3
        while place + 3 <= limit, !bytes[place..<(place + 3)].elementsEqual(quotes) { place += 1 }
        if place + 3 <= limit {
            at = place + 3
        } else {
            while at < limit, bytes[at] != 10 { at += 1 }
        }
        fail(
            "text.long", "siam has no texts in triple quotes", Span(start, min(start + 3, limit)),
            repair: "a line break in a text is \\n;  help is written in ## lines above a definition")
        lexed.pieces.append([])
        emit(.text, from: start, pieces: lexed.pieces.count - 1)
    }

    private mutating func unclosed(_ start: Int) {
        var end = at
        while end > start + 1, bytes[end - 1] == 13 || bytes[end - 1] == 32 { end -= 1 }
        fail(
            "text.unclosed", "this text is never closed", Span(start, start + 1), "opened here",
            repair: "a text must end with \" on the same line; write a line break as \\n")
    }

    private mutating func escape(into literal: inout [UInt8]) {
        let start = at
        let next = peek(1)
        at = min(at + 2, limit)
        switch next {
        case UInt8(ascii: "n"): literal.append(10)
        case UInt8(ascii: "t"): literal.append(9)
        case UInt8(ascii: "r"): literal.append(13)
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "{"), UInt8(ascii: "}"): literal.append(next)
        case UInt8(ascii: "u"):
            var place = at
            var value: UInt32 = 0
            var digits = 0
            if place < limit, bytes[place] == UInt8(ascii: "{") {
                place += 1
                while place < limit, digits < 7, let digit = Lexer.hexadecimal(bytes[place]) {
                    value = value << 4 | UInt32(digit)
                    digits += 1
                    place += 1
                }
            }
            if digits > 0, digits < 7, place < limit, bytes[place] == UInt8(ascii: "}"),
                let scalar = Unicode.Scalar(value)
            {
                at = place + 1
                literal.append(contentsOf: Array(String(scalar).utf8))
            } else {
                fail(
                    "text.unicode", "\\u names a character by its hexadecimal number in braces", Span(start, at),
                    repair: "for example  \\u{2713}")
            }
        case 10, 0:
            at = start + 1
        default:
            let width = scalar(at: start + 1).width
            at = min(start + 1 + width, limit)
            let written = String(decoding: bytes[start..<at], as: UTF8.self)
            fail(
                "text.escape", "texts have no \(written)", Span(start, at),
                repair: "there are  \\n \\t \\r \\\" \\\\ \\{ \\} \\u{2713};  a backslash itself is \\\\")
        }
    }

    static func hexadecimal(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }

    /// From `{` to its `}`, over brackets and texts inside. Nil where the line ends first (reported).
    /// A stack and not a recursion: texts nest as deep as someone types.
    private mutating func code(_ textStart: Int) -> TextPiece? {
        let open = at
        at += 1
        let start = at
        /// Bracket depth of each code level; a text inside adds a level when it opens a brace of its own.
        var depths = [0]
        var isInText = false
        var colon: Int?
        while at < limit, bytes[at] != 10 {
            let byte = bytes[at]
            if isInText {
                if byte == UInt8(ascii: "\\") {
                    at += peek(1) == 10 || at + 1 >= limit ? 1 : 2
                    continue
                }
                if byte == UInt8(ascii: "\"") { isInText = false }
                if byte == UInt8(ascii: "{") {
                    depths.append(0)
                    isInText = false
                }
                at += 1
                continue
            }
            let top = depths.count - 1
            switch byte {
            case UInt8(ascii: "\"") where colon == nil: isInText = true
            case UInt8(ascii: "\""):
                fail("text.brace", "this { is never closed in its text", Span(open, open + 1), "opened here")
                return nil
            case UInt8(ascii: "("), UInt8(ascii: "["), UInt8(ascii: "{"): depths[top] += 1
            case UInt8(ascii: ")"), UInt8(ascii: "]"): depths[top] = max(0, depths[top] - 1)
            case UInt8(ascii: ":") where top == 0 && depths[0] == 0 && colon == nil: colon = at
            case UInt8(ascii: "}"):
                if depths[top] > 0 {
                    depths[top] -= 1
                } else if top > 0 {
                    depths.removeLast()
                    isInText = true
                } else {
                    let end = colon ?? at
                    let format = colon.map { String(decoding: bytes[($0 + 1)..<at], as: UTF8.self) }
                    at += 1
                    return .code(Span(start, end), format: format)
                }
            default: break
            }
            at += 1
        }
        let rest = bytes[open..<at].contains(UInt8(ascii: "\""))
        if rest {
            fail(
                "text.brace", "this { is never closed in its text", Span(open, open + 1), "opened here",
                repair: "write a value in a text as {x},  and a brace as \\{")
        } else {
            unclosed(textStart)
        }
        return nil
    }
}
