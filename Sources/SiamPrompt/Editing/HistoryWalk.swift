/// Up and Down through what was entered before: after some text only entries that begin with it.
public struct HistoryWalk: Sendable {
    private var live = EditBuffer()
    private var prefix = ""
    /// Index into the entries; nil outside of a walk.
    private var at: Int?
    /// What the walk put on the line last: any other text there has been edited, which ends the walk.
    private var shown = ""

    public init() {}

    public mutating func end() { at = nil }

    /// The entry before (-1) or after (1) the one shown; nil where there is none.
    public mutating func step(_ direction: Int, from buffer: EditBuffer, in entries: [String]) -> EditBuffer? {
        if at != nil, buffer.text != shown { at = nil }
        if at == nil {
            guard direction < 0 else { return nil }
            live = buffer
            prefix = buffer.beforeCursor
            at = entries.count
            shown = buffer.text
        }
        guard var i = at else { return nil }
        i = min(i, entries.count)
        while true {
            i += direction
            if i < 0 { return nil }
            if i >= entries.count {
                at = nil
                return live
            }
            if entries[i].hasPrefix(prefix), entries[i] != shown {
                at = i
                shown = entries[i]
                return EditBuffer(entries[i])
            }
        }
    }

    /// The newest entry that begins with the text and is longer: what is suggested.
    public static func suggestion(for text: String, in entries: [String]) -> String? {
        guard !text.isEmpty else { return nil }
        for entry in entries.reversed().prefix(2000) where entry.utf8.count > text.utf8.count && entry.hasPrefix(text) {
            return entry
        }
        return nil
    }
}

/// ^R: the newest entry that contains a text; each further ^R goes to an older one.
public struct HistorySearch: Sendable {
    public private(set) var wanted = ""
    private var found: [Int] = []
    private let entries: [String]

    public init(_ entries: [String]) { self.entries = entries }

    public var match: String? { found.last.map { entries[$0] } }
    public var isFailing: Bool { !wanted.isEmpty && found.isEmpty }

    public mutating func type(_ text: String) {
        wanted += text
        again(from: found.last ?? entries.count - 1)
    }

    public mutating func backspace() {
        guard !wanted.isEmpty else { return }
        wanted.removeLast()
        again(from: entries.count - 1)
    }

    /// The next older entry; false where there is none.
    public mutating func older() -> Bool {
        guard let last = found.last else { return false }
        for i in stride(from: last - 1, through: 0, by: -1)
        where entries[i].contains(wanted) && entries[i] != entries[last] {
            found.append(i)
            return true
        }
        return false
    }

    public mutating func newer() -> Bool {
        guard found.count > 1 else { return false }
        found.removeLast()
        return true
    }

    private mutating func again(from start: Int) {
        found = []
        guard !wanted.isEmpty else { return }
        for i in stride(from: min(start, entries.count - 1), through: 0, by: -1) where entries[i].contains(wanted) {
            found = [i]
            return
        }
    }
}
