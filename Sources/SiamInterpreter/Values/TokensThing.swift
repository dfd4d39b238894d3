import SiamData
import SiamLanguage
import SiamTensor

/// A vocabulary that was made of some texts and turns others into rows of codes.
public final class TokensThing: Thing, @unchecked Sendable {
    package let vocabulary: Vocabulary
    package static let ending = ".words"

    package init(_ vocabulary: Vocabulary) { self.vocabulary = vocabulary }
    public override var kindName: String { "a vocabulary" }
    public override var summary: String {
        let some = vocabulary.words.prefix(6).joined(separator: " ")
        return
            "\(vocabulary.words.count) words, \(vocabulary.length) per text: \(some)\(vocabulary.words.count > 6 ? " ..." : "")"
    }
    public override var length: Int? { vocabulary.words.count }
    public override var fieldNames: [String] { ["count", "words", "length"] }
    public override func field(_ name: String, _ interpreter: Interpreter) throws -> Value? {
        switch name {
        case "count": return .number(Double(vocabulary.count))
        case "words": return Value(vocabulary.words.map { Value($0) })
        case "length": return .number(Double(vocabulary.length))
        default: return nil
        }
    }
    /// The codes of a text, of several, or of a data set's column.
    public override func call(_ arguments: [Value], _ interpreter: Interpreter) throws -> Value? {
        guard let first = arguments.first, arguments.count <= 2 else { return nil }
        let column = arguments.count == 2 ? arguments[1] : .none
        if case .text(let t) = first {
            let codes = vocabulary.codes(t.string).map { Float($0) }
            return .tensor(try Tensor(Shape.vector(codes.count), codes))
        }
        let texts = try TokensThing.texts(first, column, interpreter)
        try Memory.ask(texts.count * vocabulary.length, of: 4, for: "the codes of words")
        let codes = texts.flatMap { vocabulary.codes($0).map { Float($0) } }
        return .tensor(try Tensor(Shape.matrix(texts.count, vocabulary.length), codes))
    }
    public override func save(to path: String, _ interpreter: Interpreter) throws -> Bool {
        guard path.hasSuffix(TokensThing.ending) else {
            throw Diagnostic(
                code: "save.ending", "a vocabulary is saved to a .words file, and \(path) has another ending",
                repair: "a name that ends in .words")
        }
        try WholeFile.write(Array(vocabulary.text.utf8), path)
        return true
    }

    /// The texts that are meant: a list of them, or columns of a data set by their names.
    package static func texts(_ v: Value, _ column: Value, _ i: Interpreter) throws -> [String] {
        if case .thing(let t) = v, let d = (t as? DatasetThing)?.dataset {
            let names: [String]
            switch column {
            case .text(let t): names = [t.string]
            case .list(let l): names = l.items.map { i.inline($0) }
            case .none: names = d.texts.map(\.name)
            default: names = []
            }
            let found = try names.flatMap { name -> [String] in
                guard let own = d.texts.first(where: { $0.name == name }) else {
                    throw Diagnostic(
                        code: "tokens.column", "\(d.name) has no column of texts \(name)",
                        notes: d.texts.isEmpty
                            ? ["csv keeps them by texts = \"keep\""]
                            : ["it has \(d.texts.map(\.name).joined(separator: ", "))"])
                }
                return own.texts
            }
            guard !names.isEmpty else {
                throw Diagnostic(
                    code: "tokens.column", "\(d.name) has no texts", notes: ["csv keeps them by texts = \"keep\""])
            }
            return found
        }
        guard case .list(let l) = v else {
            throw Diagnostic(
                code: "tokens.texts",
                "tokens expects texts, or a data set with a column of them, and got \(v.kindName)",
                repair: v.kindName == "a text" ? "one text is a list of one:  tokens([\"a red rose\"])" : nil)
        }
        return try l.items.map { item in
            guard case .text(let t) = item else {
                throw Diagnostic(
                    code: "tokens.texts", "tokens expects a list of texts, and one of these is \(item.kindName)")
            }
            return t.string
        }
    }
}
