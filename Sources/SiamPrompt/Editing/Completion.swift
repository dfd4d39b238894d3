/// A possible text at the cursor.
public struct Candidate: Equatable, Sendable {
    public var text: String
    /// One line.
    public var help: String
    /// Goes in behind the text when it is the only candidate: `(`, ` = `, `"`.
    public var tail: String

    public init(_ text: String, _ help: String = "", tail: String = "") {
        self.text = text
        self.help = help
        self.tail = tail
    }
}

/// Candidates for a stretch of the text, in scalars.
public struct Completion: Equatable, Sendable {
    public var start: Int
    public var end: Int
    public var candidates: [Candidate]

    public init(_ start: Int, _ end: Int, _ candidates: [Candidate]) {
        self.start = start
        self.end = end
        self.candidates = candidates
    }

    public static let none = Completion(0, 0, [])

    /// The longest beginning that all candidates share.
    public var commonPrefix: String {
        guard var prefix = candidates.first?.text else { return "" }
        for candidate in candidates.dropFirst() {
            while !candidate.text.hasPrefix(prefix) { prefix.removeLast() }
        }
        return prefix
    }
}
