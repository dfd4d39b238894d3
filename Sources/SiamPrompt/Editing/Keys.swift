/// What a key does, and the keys that do it: one declaration, from which bindings and the help page of keys derive.
public enum KeyCommand: Int32, CaseIterable, Sendable {
    // libedit knows a command by its number, from 10 on.
    case enter = 10, newLine, complete, left, right, up, down, lineStart, lineEnd, wordLeft, wordRight
    case backspace, delete, deleteOrEnd, killToEnd, killToStart, killWord, killWordBack, killBlankBack, yank
    case undo, search, paste, openInEditor, textStart, textEnd, clearScreen, historyBack, historyForward
    // Plain characters, which have no escape sequence.
    case closeBrace, closeParen, closeBracket

    /// The name in libedit's tables.
    var name: String { "siam-\(rawValue)" }

    /// A code that no keyboard sends and that the command's escape sequences are turned into: 0x80 up to 0x9E.
    var code: Int32 { 0x80 + rawValue - 10 }
    var hasCode: Bool { code < 0x9F }

    /// Keys in libedit's notation, besides the escape sequences of `EscapeSequences`.
    var keys: [String] {
        switch self {
        case .enter: ["^M", "^J"]
        case .complete: ["^I"]
        case .left: ["^B"]
        case .right: ["^F"]
        case .up: ["^P"]
        case .down: ["^N"]
        case .lineStart: ["^A"]
        case .lineEnd: ["^E"]
        case .backspace: ["^H", "^?"]
        case .deleteOrEnd: ["^D"]
        case .killToEnd: ["^K"]
        case .killToStart: ["^U"]
        case .killBlankBack: ["^W"]
        case .yank: ["^Y"]
        case .undo: ["^_"]
        case .search: ["^R"]
        case .closeBrace: ["}"]
        case .closeParen: [")"]
        case .closeBracket: ["]"]
        case .clearScreen: ["^L"]
        case .openInEditor: ["^X^E"]
        default: []
        }
    }

    /// Keys that do the same in vi's insert mode; libedit's own commands have the rest there.
    var isForVi: Bool {
        switch self {
        case .enter, .complete, .backspace, .deleteOrEnd, .killToStart, .killBlankBack, .search, .closeBrace,
            .clearScreen,
            .closeParen, .closeBracket, .up, .down:
            true
        default: false
        }
    }

    /// The line of the help page; nil for keys that need none.
    var help: (keys: String, does: String)? {
        switch self {
        case .enter: ("Enter", "runs a complete input, starts a new line in an incomplete one")
        case .newLine: ("Alt-Enter", "starts a new line anywhere")
        case .complete: ("Tab", "completes; a second Tab lists the candidates; \\alpha Tab gives α")
        case .right: ("→  ^F  End", "accepts the grey suggestion, Alt-→ one word of it")
        case .up: ("↑ ↓  ^P ^N", "move in a block, then through earlier inputs with the same beginning")
        case .search: ("^R", "searches the history; again for the next match")
        case .wordLeft: ("Ctrl-← →  Alt-B F", "move by words")
        case .lineStart: ("^A ^E  Home End", "start and end of the line")
        case .killToEnd: ("^K ^U ^W Alt-D", "cut to the end, to the start, a word; ^Y pastes it")
        case .undo: ("^_", "undoes")
        case .openInEditor: ("^X^E", "opens the input in your editor")
        case .clearScreen: ("^L", "clears the screen")
        case .deleteOrEnd: ("^D", "leaves, on an empty line; ^C clears the input, or stops what runs")
        default: nil
        }
    }
}

/// What terminals send for keys that have no character, in their xterm, rxvt, vt and Linux forms.
public enum EscapeSequences {
    /// By what follows the escape.
    static let table: [String: KeyCommand] = {
        var table: [String: KeyCommand] = [:]
        func put(_ command: KeyCommand, _ sequences: String...) { for s in sequences { table[s] = command } }
        put(.up, "[A", "OA")
        put(.down, "[B", "OB")
        put(.right, "[C", "OC")
        put(.left, "[D", "OD")
        put(.lineStart, "[H", "OH", "[1~", "[7~")
        put(.lineEnd, "[F", "OF", "[4~", "[8~")
        put(.delete, "[3~")
        put(.historyBack, "[5~", "[1;3A")
        put(.historyForward, "[6~", "[1;3B")
        put(.wordRight, "[1;5C", "[1;3C", "[5C", "Oc", "\u{1B}[C", "f", "F", "[1;9C")
        put(.wordLeft, "[1;5D", "[1;3D", "[5D", "Od", "\u{1B}[D", "b", "B", "[1;9D")
        put(.killWord, "d", "D", "[3;5~", "[3;3~")
        put(.killWordBack, "\u{7F}", "\u{8}")
        put(.newLine, "\r", "\n", "[13;3u", "[27;3;13~", "[13;2u", "OM")
        put(.textStart, "<", "[1;5H")
        put(.textEnd, ">", "[1;5F")
        put(.paste, "[200~")
        put(.openInEditor, "e")
        put(.undo, "[57;5u")
        return table
    }()

    /// Whether more keys could make a sequence of these: `[1` could become `[1~`.
    static func isBeginning(_ keys: String) -> Bool {
        if keys == "[" || keys == "O" || keys == "\u{1B}" { return true }
        if keys.hasPrefix("["), keys.utf8.count < 16 {
            return keys.dropFirst().allSatisfy { $0.isNumber || $0 == ";" || $0 == "?" || $0 == "<" }
        }
        return keys == "\u{1B}["
    }
}
