import SiamLanguage

/// How a block is typed: where Enter breaks a line and how far the next is indented.
public enum Blocks {
    public static let step = 2

    public enum EnterOutcome: Equatable, Sendable {
        case run
        case broken(EditBuffer)
    }

    /// Enter: runs a finished text, breaks the line of an unfinished one.
    /// - Parameter pasting: more keys have come already, so this is a paste on a terminal that does not mark one: the line
    ///   is broken as it stands.
    public static func enter(_ buffer: EditBuffer, pasting: Bool) -> EnterOutcome {
        if isCommand(buffer.text) { return .run }
        if pasting, !buffer.isEmpty {
            var broken = buffer
            broken.insert("\n")
            return .broken(broken)
        }
        return Parser.isUnfinished(buffer.text) ? .broken(broken(buffer)) : .run
    }

    /// Lines that the prompt reads itself: `:` commands, `?` help, `!` for the shell, and the words that leave.
    public static func isCommand(_ text: String) -> Bool {
        guard !text.contains("\n") else { return false }
        let bare = text.trimmedOfWhitespace
        return bare.hasPrefix(":") || bare.hasPrefix("?") || bare.hasPrefix("!") || HelpQuestions.isQuestion(bare)
            || HelpQuestions.isCallForHelp(bare) || ["exit", "quit"].contains(bare)
    }

    /// The line broken at the cursor, the new one indented: as the old, a step more for each bracket that it leaves open. A
    /// closing bracket right behind the cursor goes to a line of its own.
    public static func broken(_ buffer: EditBuffer) -> EditBuffer {
        var result = buffer
        let start = buffer.lineStart(of: buffer.cursor)
        let head = Array(buffer.scalars[start..<buffer.cursor])
        let old = head.prefix { $0 == " " }.count
        let opens = openBrackets(head)
        let indent = max(0, old + (opens > 0 ? step : 0))
        var after = buffer.cursor
        while after < buffer.scalars.count, buffer.scalars[after] == " " { after += 1 }
        result.remove(buffer.cursor, after)
        let closes = after < buffer.scalars.count && ["}", ")", "]"].contains(buffer.scalars[after])
        result.insert("\n" + String(repeating: " ", count: indent))
        if closes, opens > 0 {
            let place = result.cursor
            result.insert("\n" + String(repeating: " ", count: old))
            result.move(to: place)
        }
        return result
    }

    /// Brackets that a line opens and does not close, strings and comments left out.
    static func openBrackets(_ line: [Unicode.Scalar]) -> Int {
        var open = 0
        var inText = false
        var escaped = false
        for scalar in line {
            if inText {
                if escaped {
                    escaped = false
                } else if scalar == "\\" {
                    escaped = true
                } else if scalar == "\"" {
                    inText = false
                }
                continue
            }
            switch scalar {
            case "\"": inText = true
            case "#": return open
            case "{", "(", "[": open += 1
            case "}", ")", "]": open = max(0, open - 1)
            default: break
            }
        }
        return open
    }

    /// A closing bracket typed as the first thing of its line goes back a step.
    public static func close(_ bracket: Unicode.Scalar, in buffer: EditBuffer) -> EditBuffer {
        var result = buffer
        let start = buffer.lineStart(of: buffer.cursor)
        let head = buffer.scalars[start..<buffer.cursor]
        if start > 0, !head.isEmpty, head.allSatisfy({ $0 == " " }) {
            result.remove(buffer.cursor - min(step, head.count), buffer.cursor)
        }
        result.insert(String(bracket))
        return result
    }

    /// Backspace: inside a line's indentation back to the step before.
    public static func backspace(_ buffer: EditBuffer) -> EditBuffer {
        var result = buffer
        guard buffer.cursor > 0 else { return buffer }
        let start = buffer.lineStart(of: buffer.cursor)
        let head = buffer.scalars[start..<buffer.cursor]
        if start > 0, !head.isEmpty, head.allSatisfy({ $0 == " " }) {
            let back = (head.count - 1) % step + 1
            result.remove(buffer.cursor - back, buffer.cursor)
        } else {
            result.remove(buffer.previous(buffer.cursor), buffer.cursor)
        }
        return result
    }
}

/// On the screen, lines after the first are indented by the prompt's width, so that a block stands under its first line. Those
/// blanks are in libedit's text and in no other.
public enum BlockPadding {
    public static func applied(to buffer: EditBuffer, width: Int) -> EditBuffer {
        guard width > 0, buffer.scalars.contains("\n") else { return buffer }
        let pad = [Unicode.Scalar](repeating: " ", count: width)
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(buffer.scalars.count + width * buffer.lineCount)
        var cursor = 0
        for (i, scalar) in buffer.scalars.enumerated() {
            if i == buffer.cursor { cursor = scalars.count }
            scalars.append(scalar)
            if scalar == "\n" { scalars.append(contentsOf: pad) }
        }
        if buffer.isAtEnd { cursor = scalars.count }
        return EditBuffer(scalars: scalars, cursor: cursor)
    }

    /// Takes up to `width` blanks off each later line; a cursor inside them is put behind them.
    public static func removed(from buffer: EditBuffer, width: Int) -> EditBuffer {
        guard width > 0, buffer.scalars.contains("\n") else { return buffer }
        var scalars: [Unicode.Scalar] = []
        scalars.reserveCapacity(buffer.scalars.count)
        var cursor = -1
        var i = 0
        while i < buffer.scalars.count {
            if i == buffer.cursor, cursor < 0 { cursor = scalars.count }
            let scalar = buffer.scalars[i]
            scalars.append(scalar)
            i += 1
            guard scalar == "\n" else { continue }
            var taken = 0
            while taken < width, i < buffer.scalars.count, buffer.scalars[i] == " " {
                if i == buffer.cursor { cursor = scalars.count }
                i += 1
                taken += 1
            }
        }
        return EditBuffer(scalars: scalars, cursor: cursor < 0 ? scalars.count : cursor)
    }
}
