/// The undo history for ^_: the text before each change; words typed in one go are one change.
public struct Undo: Sendable {
    private var past: [EditBuffer] = []
    private var last = EditBuffer()
    private var isTyping = false
    static let limit = 500

    public init() {}

    /// Starts a new history with a text that was not typed.
    public mutating func reset(_ buffer: EditBuffer = EditBuffer()) {
        past = []
        last = buffer
        isTyping = false
    }

    /// Notes the text as it is between two keys.
    public mutating func note(_ buffer: EditBuffer) {
        guard buffer.scalars != last.scalars else {
            if buffer.cursor != last.cursor { isTyping = false }
            last = buffer
            return
        }
        let isOneLetter =
            buffer.scalars.count == last.scalars.count + 1 && buffer.cursor == last.cursor + 1 && buffer.cursor > 0
            && EditBuffer.isWord(buffer.scalars[buffer.cursor - 1])
        if !(isOneLetter && isTyping) {
            past.append(last)
            if past.count > Undo.limit { past.removeFirst() }
        }
        isTyping = isOneLetter
        last = buffer
    }

    /// The text before the last change.
    public mutating func back() -> EditBuffer? {
        guard let buffer = past.popLast() else { return nil }
        last = buffer
        isTyping = false
        return buffer
    }
}
