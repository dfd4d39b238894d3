/// A text that came from a file, from one input at the prompt, or from the prelude.
public final class Source: Sendable, Hashable {
    public enum Kind: Sendable, Hashable {
        case file
        /// The n-th input at the prompt, shown as `prompt 12:1:9`.
        case prompt(Int)
        case prelude
    }
    /// Its name in errors: a path as the user gave it, or `prompt 12`.
    public let name: String
    public let kind: Kind
    public let text: String
    /// The UTF-8 bytes, in which spans count.
    public let bytes: [UInt8]
    /// Offset of each line's first byte.
    public let lineStarts: [Int]

    public init(name: String, kind: Kind, text: String) {
        self.name = name
        self.kind = kind
        self.text = text
        bytes = Array(text.utf8)
        var starts = [0]
        for (i, byte) in bytes.enumerated() where byte == 10 { starts.append(i + 1) }
        lineStarts = starts
    }

    public static func == (a: Source, b: Source) -> Bool { a === b }
    public func hash(into hasher: inout Hasher) { hasher.combine(ObjectIdentifier(self)) }

    /// Line and column, from 1; columns count characters.
    public func position(_ offset: Int) -> (line: Int, column: Int) {
        let at = min(max(offset, 0), bytes.count)
        var low = 0
        var high = lineStarts.count - 1
        while low < high {
            let middle = (low + high + 1) / 2
            if lineStarts[middle] <= at { low = middle } else { high = middle - 1 }
        }
        let column = String(decoding: bytes[lineStarts[low]..<at], as: UTF8.self).count + 1
        return (low + 1, column)
    }

    /// The text of a line, from 1, without its end.
    public func line(_ number: Int) -> String {
        guard number >= 1, number <= lineStarts.count else { return "" }
        let start = lineStarts[number - 1]
        let end = number < lineStarts.count ? lineStarts[number] - 1 : bytes.count
        return String(decoding: bytes[start..<max(start, end)], as: UTF8.self)
    }

    public func text(_ span: Span) -> String {
        let start = min(max(span.start, 0), bytes.count)
        return String(decoding: bytes[start..<min(max(span.end, start), bytes.count)], as: UTF8.self)
    }
}

/// A stretch of a source, in bytes, end excluded. Two trees are equal whatever their spans, so spans always compare equal.
public struct Span: Sendable, Hashable {
    public var start: Int
    public var end: Int
    public init(_ start: Int, _ end: Int) {
        self.start = start
        self.end = end
    }
    public static let none = Span(0, 0)
    public static func == (a: Span, b: Span) -> Bool { true }
    public func hash(into hasher: inout Hasher) {}
    /// Whether it is the very stretch; spans count as equal wherever trees are compared.
    public func isSame(_ other: Span) -> Bool { start == other.start && end == other.end }
    public func through(_ other: Span) -> Span { Span(min(start, other.start), max(end, other.end)) }
}

/// A span and the source it is in.
public struct Place: Sendable, Hashable {
    public var source: Source
    public var span: Span
    public init(_ source: Source, _ span: Span) {
        self.source = source
        self.span = span
    }
    /// `tower.siam:9`, as notes cite it; `prompt 3` for an input of the prompt.
    public var short: String {
        if case .prompt = source.kind { return source.name }
        return "\(source.name):\(source.position(span.start).line)"
    }
    /// `tower.siam:9:24`.
    public var long: String {
        let (line, column) = source.position(span.start)
        return "\(source.name):\(line):\(column)"
    }
}
