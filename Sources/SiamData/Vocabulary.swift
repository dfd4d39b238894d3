/// The words of some texts, numbered from 2 on, the most frequent first: 0 fills a text up, 1 is a word that is not among
/// them.
public struct Vocabulary: Sendable {
    public let words: [String]
    /// How many words of a text are taken.
    public let length: Int
    private let codes: [String: Int]

    public init(words: [String], length: Int) {
        self.words = words
        self.length = length
        codes = Dictionary(words.enumerated().map { ($1, $0 + 2) }, uniquingKeysWith: { a, _ in a })
    }

    /// The words that occur at least `least` times, at most `most` of them.
    public init(of texts: [String], length: Int, least: Int, most: Int) {
        var counts: [String: Int] = [:]
        for text in texts { for word in Vocabulary.words(text) { counts[word, default: 0] += 1 } }
        let order = counts.filter { $0.value >= least }.sorted {
            $0.value == $1.value ? $0.key < $1.key : $0.value > $1.value
        }
        self.init(words: order.prefix(most).map(\.key), length: length)
    }

    /// Codes with padding and the unknown.
    public var count: Int { words.count + 2 }

    /// Runs of letters and digits, in lower case; an apostrophe belongs to its word.
    public static func words(_ text: String) -> [String] {
        var found: [String] = []
        var word = ""
        for c in text {
            if c.isLetter || c.isNumber || (c == "'" && !word.isEmpty) {
                word += c.lowercased()
            } else if !word.isEmpty {
                found.append(word)
                word = ""
            }
        }
        if !word.isEmpty { found.append(word) }
        return found
    }

    /// The codes of one text, filled up to the length with 0.
    public func codes(_ text: String) -> [Int] {
        let own = Vocabulary.words(text).prefix(length).map { codes[$0] ?? 1 }
        return own + [Int](repeating: 0, count: length - own.count)
    }

    /// As a file: the length, then a word a line.
    public var text: String { "siam words \(length)\n" + words.map { $0 + "\n" }.joined() }

    /// Of such a file.
    public init(path: String) throws {
        let bytes = try FileBytes.read(path)
        guard let text = String(validating: bytes, as: UTF8.self) else { throw Vocabulary.damaged(path) }
        let lines = text.split(separator: "\n", omittingEmptySubsequences: true).map(String.init)
        guard let head = lines.first, head.hasPrefix("siam words "), let length = Int(head.dropFirst(11)),
            1...(1 << 16) ~= length
        else { throw Vocabulary.damaged(path) }
        self.init(words: Array(lines.dropFirst()), length: length)
    }

    private static func damaged(_ path: String) -> DataError {
        DataError(code: "tokens.file", message: "the file is not a vocabulary saved by tokens", path: path)
    }
}
