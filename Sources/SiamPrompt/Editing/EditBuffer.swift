import SiamLanguage

/// The text being typed and the place in it: what keys change. Knows no terminal.
public struct EditBuffer: Equatable, Sendable {
    public var scalars: [Unicode.Scalar]
    /// How many scalars precede the cursor.
    public private(set) var cursor: Int

    public init(_ text: String = "", cursor: Int? = nil) {
        scalars = Array(text.unicodeScalars)
        self.cursor = min(max(cursor ?? scalars.count, 0), scalars.count)
    }

    public init(scalars: [Unicode.Scalar], cursor: Int) {
        self.scalars = scalars
        self.cursor = min(max(cursor, 0), scalars.count)
    }

    public var text: String { EditBuffer.string(scalars[...]) }
    public var isEmpty: Bool { scalars.isEmpty }
    public var beforeCursor: String { EditBuffer.string(scalars[..<cursor]) }
    public var afterCursor: String { EditBuffer.string(scalars[cursor...]) }
    public var isAtEnd: Bool { cursor == scalars.count }

    static func string(_ scalars: ArraySlice<Unicode.Scalar>) -> String {
        var view = String.UnicodeScalarView()
        view.append(contentsOf: scalars)
        return String(view)
    }

    // MARK: Lines

    /// Where the line of a place begins, and where it ends (its newline, or the text's end).
    public func lineStart(of place: Int) -> Int {
        var i = min(max(place, 0), scalars.count)
        while i > 0, scalars[i - 1] != "\n" { i -= 1 }
        return i
    }
    public func lineEnd(of place: Int) -> Int {
        var i = min(max(place, 0), scalars.count)
        while i < scalars.count, scalars[i] != "\n" { i += 1 }
        return i
    }
    public var lineCount: Int { 1 + scalars.count { $0 == "\n" } }
    /// The line of the cursor, from 0.
    public var line: Int { scalars[..<cursor].count { $0 == "\n" } }
    public var currentLine: String { EditBuffer.string(scalars[lineStart(of: cursor)..<lineEnd(of: cursor)]) }

    // MARK: Changes

    public mutating func move(to place: Int) { cursor = min(max(place, 0), scalars.count) }

    public mutating func insert(_ text: String) {
        let new = Array(text.unicodeScalars)
        scalars.insert(contentsOf: new, at: cursor)
        cursor += new.count
    }

    /// Takes a stretch out; the cursor stays at the same text. What was taken.
    @discardableResult
    public mutating func remove(_ start: Int, _ end: Int) -> String {
        let low = min(max(start, 0), scalars.count)
        let high = min(max(end, low), scalars.count)
        let taken = EditBuffer.string(scalars[low..<high])
        scalars.removeSubrange(low..<high)
        if cursor > high { cursor -= high - low } else if cursor > low { cursor = low }
        return taken
    }

    public mutating func replace(_ start: Int, _ end: Int, with text: String) {
        remove(start, end)
        move(to: start)
        insert(text)
    }

    // MARK: Moves

    private static func isMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.properties.generalCategory {
        case .nonspacingMark, .enclosingMark, .format: true
        default: false
        }
    }

    /// The place one character on: marks go with the letter before them.
    public func next(_ place: Int) -> Int {
        guard place < scalars.count else { return scalars.count }
        var i = place + 1
        while i < scalars.count, EditBuffer.isMark(scalars[i]) { i += 1 }
        return i
    }
    public func previous(_ place: Int) -> Int {
        guard place > 0 else { return 0 }
        var i = place - 1
        while i > 0, EditBuffer.isMark(scalars[i]) { i -= 1 }
        return i
    }

    static func isWord(_ scalar: Unicode.Scalar) -> Bool {
        scalar == "_" || scalar.properties.isAlphabetic || scalar.properties.numericType != nil || isMark(scalar)
    }

    public func wordEnd(after place: Int) -> Int {
        var i = place
        while i < scalars.count, !EditBuffer.isWord(scalars[i]) { i += 1 }
        while i < scalars.count, EditBuffer.isWord(scalars[i]) { i += 1 }
        return i
    }
    public func wordStart(before place: Int) -> Int {
        var i = place
        while i > 0, !EditBuffer.isWord(scalars[i - 1]) { i -= 1 }
        while i > 0, EditBuffer.isWord(scalars[i - 1]) { i -= 1 }
        return i
    }
    /// As a shell's ^W: back to the last blank.
    public func blankBefore(_ place: Int) -> Int {
        var i = place
        while i > 0, scalars[i - 1].properties.isWhitespace { i -= 1 }
        while i > 0, !scalars[i - 1].properties.isWhitespace { i -= 1 }
        return i
    }

    /// The place in the line above (-1) or below (1), in the same column where the line is long enough; nil where there is no
    /// such line.
    public func vertical(_ direction: Int, column wanted: Int? = nil) -> Int? {
        let start = lineStart(of: cursor)
        let column = wanted ?? cursor - start
        if direction < 0 {
            guard start > 0 else { return nil }
            let above = lineStart(of: start - 1)
            return min(above + column, start - 1)
        }
        let end = lineEnd(of: cursor)
        guard end < scalars.count else { return nil }
        return min(end + 1 + column, lineEnd(of: end + 1))
    }
}
