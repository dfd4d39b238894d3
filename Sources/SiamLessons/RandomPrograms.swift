import SiamLanguage

/// A small random generator: the same numbers for the same seed.
public struct SeededGenerator {
    var state: UInt64
    public init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
    public mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
    public mutating func below(_ n: Int) -> Int { n <= 1 ? 0 : Int(next() % UInt64(n)) }
}

/// A form of the grammar, read from its EBNF.
indirect enum Form: Sendable {
    case token(String)
    case rule(String)
    case row([Form])
    case choice([Form])
    case optional(Form)
    case many(Form)

    static func read(_ text: String) -> Form {
        var tokens: [String] = []
        var rest = text[...]
        while let c = rest.first {
            if c.isWhitespace {
                rest.removeFirst()
            } else if c == "\"" {
                guard let end = rest.dropFirst().firstIndex(of: "\"") else { break }
                tokens.append(String(rest[..<end]))
                rest = rest[rest.index(after: end)...]
            } else if c.isLetter {
                let word = rest.prefix { $0.isLetter || $0 == "_" }
                tokens.append(String(word))
                rest = rest.dropFirst(word.count)
            } else {
                tokens.append(String(c))
                rest.removeFirst()
            }
        }
        var at = 0
        func choice() -> Form {
            var options: [Form] = []
            var row: [Form] = []
            while at < tokens.count, ![")", "]", "}"].contains(tokens[at]) {
                let token = tokens[at]
                at += 1
                switch token {
                case "|":
                    options.append(.row(row))
                    row = []
                case "(":
                    row.append(choice())
                    at += 1
                case "[":
                    row.append(.optional(choice()))
                    at += 1
                case "{":
                    row.append(.many(choice()))
                    at += 1
                default: row.append(token.hasPrefix("\"") ? .token(String(token.dropFirst())) : .rule(token))
                }
            }
            options.append(.row(row))
            return options.count == 1 ? options[0] : .choice(options)
        }
        return choice()
    }
}

/// Random sentences of the grammar, which the tests parse, format, check and run.
public struct RandomPrograms {
    static let forms = Dictionary(uniqueKeysWithValues: Grammar.rules.map { ($0.name, Form.read($0.form)) })
    var dice: SeededGenerator
    var words: [String] = []
    var depth = 0
    var fresh = 0

    let names: [String]

    init(seed: UInt64, names: [String]) {
        dice = SeededGenerator(seed: seed)
        self.names = names
    }

    mutating func write(_ form: Form) {
        switch form {
        case .token(let text): words.append(text)
        case .row(let parts): for part in parts { write(part) }
        case .choice(let options):
            // Deep down the shortest way out is taken.
            write(depth > 24 ? options[0] : options[dice.below(options.count)])
        case .optional(let inner): if depth < 24, dice.below(3) == 0 { write(inner) }
        case .many(let inner):
            var count = depth < 24 ? (dice.below(4) == 0 ? 1 + dice.below(2) : 0) : 0
            if depth < 3 { count += 2 }
            for _ in 0..<count { write(inner) }
        case .rule(let name): rule(name)
        }
    }

    mutating func rule(_ name: String) {
        switch name {
        case "END": words.append("\n")
        case "NAME": words.append(names[dice.below(names.count)])
        case "FRESH":
            fresh += 1
            words.append("n\(fresh)")
        case "NUMBER": words.append(["0", "1", "2.5", "1e-3", "1_000"][dice.below(5)])
        case "PLAINTEXT": words.append("\"f.siam\"")
        case "TEXT":
            words.append(["\"\"", "\"abc\\n\"", "\"a {x} b\"", "\"{x + 1:.3}\"", "\"\\{ \\\"\""][dice.below(5)])
        default:
            depth += 1
            if depth > 60 {
                words.append("1")
            } else if let form = RandomPrograms.forms[name] {
                write(form)
            } else {
                // Shows in the sentence, which then does not parse.
                words.append("<no rule \(name)>")
            }
            depth -= 1
        }
    }

    /// Names that are all letters that a name may have.
    public static let plainNames = ["a", "net", "λ", "x1", "_q", "batch", "loss_of"]

    /// A program with blanks between all words, its names out of these.
    public static func program(seed: UInt64, names: [String] = plainNames) -> String {
        var writer = RandomPrograms(seed: seed, names: names)
        writer.rule("program")
        return writer.words.joined(separator: " ")
    }
}
