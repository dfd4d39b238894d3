/// What a reader, a sampler or a generator refuses, as data: who wanted what and got what, and where in which file.
/// It has no place in a program; the runtime adds the place and the repair for `code`.
public struct DataError: Error, Sendable, Equatable, CustomStringConvertible {
    /// Where in a file: bytes count from 0, lines and columns from 1.
    public enum Place: Sendable, Equatable, CustomStringConvertible {
        case byte(Int)
        case line(Int, column: Int)

        public var description: String {
            switch self {
            case .byte(let offset): "byte \(offset)"
            case .line(let line, let column): "line \(line), column \(column)"
            }
        }
    }

    /// A stable name of the rule, `csv.number`, by which repairs and long explanations are found.
    public var code: String
    /// One sentence without a full stop, in the words of the field.
    public var message: String
    /// Further facts, one a line.
    public var notes: [String]
    /// The file or folder at fault, as the user named it.
    public var path: String?
    /// Where in the file.
    public var place: Place?
    /// What might have been meant (files of a folder, columns of a table), for a suggestion.
    public var candidates: [String]

    public init(
        code: String, message: String, notes: [String] = [], path: String? = nil, place: Place? = nil,
        candidates: [String] = []
    ) {
        self.code = code
        self.message = message
        self.notes = notes
        self.path = path
        self.place = place
        self.candidates = candidates
    }

    /// `images-idx3-ubyte, byte 4: ...`, then the notes.
    public var description: String {
        var head = path ?? ""
        if let place { head += head.isEmpty ? "\(place)" : ", \(place)" }
        let first = head.isEmpty ? message : "\(head): \(message)"
        return ([first] + notes.map { "  = \($0)" }).joined(separator: "\n")
    }
}
