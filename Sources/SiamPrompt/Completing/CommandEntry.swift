/// A `:` command as completion knows it.
public struct CommandEntry: Sendable {
    /// The kind of the command's argument.
    public enum Takes: Sendable {
        case nothing, text, file, anyFile, topic, expression
        case oneOf([Choice])
    }
    /// A word that may follow a command, and the words that may follow it in turn.
    public struct Choice: Sendable {
        let word: String
        let help: String
        let values: [String]
    }

    let name: String
    /// One line.
    let help: String
    let takes: Takes

    /// The place of the command that a word means: its whole name, or a beginning that only one name has.
    static func index(of word: String, in names: [String]) -> Int? {
        if let exact = names.firstIndex(of: word) { return exact }
        guard !word.isEmpty, let first = names.firstIndex(where: { $0.hasPrefix(word) }),
            names.lastIndex(where: { $0.hasPrefix(word) }) == first
        else { return nil }
        return first
    }
}
