import CEditline
import Glibc

/// The terminal in front of the prompt: its size, and bytes to and from it.
struct Terminal {
    static let escape = "\u{1B}"

    /// Columns and rows of the window.
    static var size: (columns: Int, rows: Int) {
        var size = winsize()
        guard ioctl(STDOUT_FILENO, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return (80, 24) }
        return (Int(size.ws_col), max(2, Int(size.ws_row)))
    }

    static func write(_ text: String) { fputs(text, siam_stdout()) }
    static func flush() { fflush(siam_stdout()) }

    static func up(_ n: Int) -> String { n > 0 ? "\(escape)[\(n)A" : "" }
    static func down(_ n: Int) -> String { n > 0 ? "\(escape)[\(n)B" : "" }
    static func right(_ n: Int) -> String { n > 0 ? "\(escape)[\(n)C" : "" }
    static let clearToEnd = "\(escape)[K"
    static let clearBelow = "\(escape)[J"
    static let save = "\(escape)7"
    static let restore = "\(escape)8"
    static let hideCursor = "\(escape)[?25l"
    static let showCursor = "\(escape)[?25h"
    static let pasteOn = "\(escape)[?2004h"
    static let pasteOff = "\(escape)[?2004l"

    private static var kind: String { Environment.value("TERM") ?? "" }

    /// Whether the terminal marks pastes; if not, keys that arrive all at once are treated as a paste.
    static let marksPastes: Bool = {
        let known = [
            "xterm", "screen", "tmux", "rxvt", "vte", "konsole", "gnome", "alacritty", "kitty", "foot", "wezterm",
            "st-",
            "iterm", "contour", "ghostty", "mintty",
        ]
        return known.contains { kind.hasPrefix($0) } || kind == "st"
    }()

    /// Whether the terminal re-wraps its text when the window gets narrower, as nearly all do.
    static let wrapsAnew: Bool =
        Environment.value("XTERM_VERSION") == nil && kind != "linux" && !kind.hasPrefix("rxvt")
        && !kind.hasPrefix("vt")

    /// Whether keys can be read; waits a number of milliseconds for them. A signal ends the waiting.
    static func isPending(_ milliseconds: Int32 = 0) -> Bool {
        var ready = pollfd(fd: STDIN_FILENO, events: Int16(POLLIN), revents: 0)
        return poll(&ready, 1, milliseconds) > 0
    }
}

/// Keys as they come: bytes to characters, escape sequences to the codes of their commands.
struct KeyStream {
    enum Key: Equatable {
        case scalar(Int32)
        case end
        /// A signal came instead.
        case signal
        case timeout
    }

    /// Bytes that were read and not used yet.
    private var bytes: [UInt8] = []
    private var at = 0
    /// Keys to give before any other.
    private var queue: [Int32] = []

    var hasMore: Bool { at < bytes.count || !queue.isEmpty || Terminal.isPending() }

    private enum Byte { case byte(UInt8), end, signal, timeout }

    /// A byte that belongs to the one before: a signal does not part them.
    private mutating func byte(within wait: Int32) -> Byte {
        while true {
            let next = byte(wait: wait)
            if case .signal = next { continue }
            return next
        }
    }

    /// - Parameter wait: milliseconds; -1 for ever.
    private mutating func byte(wait: Int32) -> Byte {
        if at < bytes.count {
            at += 1
            return .byte(bytes[at - 1])
        }
        switch Int(siam_wait_for_input(wait)) {
        case SIAM_INPUT_SIGNAL: return .signal
        case SIAM_INPUT_TIMEOUT: return .timeout
        default: break
        }
        var buffer = [UInt8](repeating: 0, count: 1)
        let n = read(STDIN_FILENO, &buffer, 1)
        if n < 0 { return errno == EINTR ? .signal : .end }
        return n == 0 ? .end : .byte(buffer[0])
    }

    private mutating func unread(_ byte: UInt8) {
        if at > 0 {
            at -= 1
            bytes[at] = byte
        } else {
            bytes.insert(byte, at: 0)
        }
    }

    /// How long the rest of an escape sequence may take to come.
    private static let sequenceWait: Int32 = 60

    mutating func next(wait: Int32 = -1) -> Key {
        if !queue.isEmpty { return .scalar(queue.removeFirst()) }
        while true {
            switch byte(wait: wait) {
            case .end: return .end
            case .signal: return .signal
            case .timeout: return .timeout
            case .byte(0x1B): if let key = sequence() { return .scalar(key) }
            case .byte(let first): if let scalar = character(first) { return .scalar(scalar) }
            }
        }
    }

    /// What follows an escape; nil for a sequence that means nothing here.
    private mutating func sequence() -> Int32? {
        var keys = ""
        while true {
            guard case .byte(let next) = byte(within: KeyStream.sequenceWait) else {
                for scalar in keys.unicodeScalars { queue.append(Int32(scalar.value)) }
                return 27
            }
            guard next < 0x80 else {
                unread(next)
                return 27
            }
            keys.unicodeScalars.append(Unicode.Scalar(next))
            if let command = EscapeSequences.table[keys] { return command.code }
            if EscapeSequences.isBeginning(keys) { continue }
            // A whole sequence of a key that has no meaning here is swallowed; after a lone escape the character counts.
            if keys.hasPrefix("[") || keys.hasPrefix("O") || keys.utf8.count > 1 { return nil }
            queue.append(Int32(next))
            return 27
        }
    }

    private mutating func character(_ first: UInt8) -> Int32? {
        guard first >= 0x80 else { return first == 0 ? nil : Int32(first) }
        let size = first >= 0xF0 ? 4 : first >= 0xE0 ? 3 : first >= 0xC2 ? 2 : 0
        guard size > 0 else { return nil }
        var value = Int32(first & (0xFF >> UInt8(size + 1)))
        for _ in 1..<size {
            guard case .byte(let next) = byte(within: 1000) else { return nil }
            guard next & 0xC0 == 0x80 else {
                unread(next)
                return nil
            }
            value = value << 6 | Int32(next & 0x3F)
        }
        // 0x80 to 0x9F are this program's own codes and never text.
        guard let scalar = Unicode.Scalar(UInt32(value)), scalar.value >= 0xA0 else { return nil }
        return Int32(scalar.value)
    }

    /// All bytes up to the end of a marked paste; nil when ^C broke it off.
    mutating func paste() -> [UInt8]? {
        let mark: [UInt8] = Array("\u{1B}[201~".utf8)
        var pasted: [UInt8] = []
        var searched = 0
        var rest = Array(bytes[at...])
        bytes = []
        at = 0
        while true {
            pasted += rest
            while searched + mark.count <= pasted.count {
                if pasted[searched] == 0x1B, pasted[searched..<searched + mark.count].elementsEqual(mark) {
                    bytes = Array(pasted[(searched + mark.count)...])
                    return Array(pasted[..<searched])
                }
                searched += 1
            }
            rest = []
            if Int(siam_wait_for_input(-1)) == SIAM_INPUT_SIGNAL {
                if InterruptFlag.isRaised { return nil }
                continue
            }
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            let n = read(STDIN_FILENO, &buffer, buffer.count)
            if n < 0, errno == EINTR { continue }
            if n <= 0 { return pasted }
            rest = Array(buffer[..<n])
        }
    }
}
