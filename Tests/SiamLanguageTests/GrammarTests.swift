import Glibc
import Testing

@testable import SiamLanguage

struct Dice {
    var state: UInt64
    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state
    }
    mutating func below(_ n: Int) -> Int { n <= 1 ? 0 : Int(next() % UInt64(n)) }
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
                let end = rest.dropFirst().firstIndex(of: "\"")!
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

/// Sentences of the grammar, by chance.
struct Writer {
    static let forms = Dictionary(uniqueKeysWithValues: Grammar.rules.map { ($0.name, Form.read($0.form)) })
    var dice: Dice
    var words: [String] = []
    var depth = 0
    var fresh = 0

    init(seed: UInt64) { dice = Dice(state: seed &* 0x9E37_79B9_7F4A_7C15 | 1) }

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
        case "NAME": words.append(["a", "net", "λ", "x1", "_q", "batch", "loss_of"][dice.below(7)])
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
            } else if let form = Writer.forms[name] {
                write(form)
            } else {
                Issue.record("no rule \(name)")
            }
            depth -= 1
        }
    }

    /// With blanks between all words.
    static func program(seed: UInt64) -> String {
        var writer = Writer(seed: seed)
        writer.rule("program")
        return writer.words.joined(separator: " ")
    }
}

private func count(_ standard: Int) -> Int {
    guard let text = getenv("SIAM_CASES"), let value = Int(String(cString: text)) else { return standard }
    return value
}

@Suite struct GrammarTests {
    @Test func sentencesParseAndFormatKeepsTheirTree() {
        var used = 0
        for seed in 1...UInt64(count(1500)) {
            let text = Writer.program(seed: seed)
            // Behind `..` a brace opens a block: `for i in 2.. { }`.
            if text.contains(".. {") { continue }
            // An empty block and an empty record look alike: where a condition is due, it is a block.
            if ["if", "while", "expect", "minimize"].contains(where: { text.contains("\($0) { }") }) { continue }
            let (program, diagnostics) = Parser.parse(source(text))
            guard diagnostics.isEmpty else {
                Issue.record("\(seed): \(text)\n\(DiagnosticRenderer().render(diagnostics[0]))")
                if used > 5 { return }
                used += 1
                continue
            }
            let once = Formatter.format(program)
            let (again, errors) = Parser.parse(source(once))
            if !errors.isEmpty || again != program || Formatter.format(again) != once {
                Issue.record(
                    "\(seed):\n\(text)\n----\n\(once)\n\(errors.first.map { DiagnosticRenderer().render($0) } ?? "")\n\(Formatter.format(again))"
                )
                used += 1
                if used > 3 { return }
            }
        }
    }

    /// Any text ends in a tree and errors; what has no errors formats to the same tree.
    @Test func mutatedTextNeverTraps() throws {
        var dice = Dice(state: 4711)
        let programs = try repositoryFiles("Tests/Fixtures/language/programs", ending: ".siam").map {
            try #require(readFile($0))
        }
        let signs = [
            "(", ")", "[", "]", "{", "}", "\"", ",", "=", "->", ">>", "|>", "..", "\n", ";", "in", "for", "if", "else",
            "fn",
            "layer ", "train ", "#", "##", "-", "^", ":", ".", "é", "\\", "1e", "@", "not ", "\"{", "}\"", "every ",
            "\0", "\u{1F600}",
        ]
        let renderer = DiagnosticRenderer()
        for _ in 0..<count(4000) {
            let text = programs[dice.below(programs.count)]
            var bytes = Array(text.utf8)
            let length = 20 + dice.below(400)
            let start = dice.below(max(1, bytes.count - length))
            bytes = Array(bytes[start..<min(bytes.count, start + length)])
            for _ in 0..<(1 + dice.below(4)) {
                let at = dice.below(bytes.count + 1)
                switch dice.below(3) {
                case 0: bytes.insert(contentsOf: Array(signs[dice.below(signs.count)].utf8), at: at)
                case 1: if at < bytes.count { bytes.remove(at: at) }
                default:
                    let end = min(bytes.count, at + dice.below(12))
                    bytes.removeSubrange(at..<end)
                }
            }
            let mutated = String(decoding: bytes, as: UTF8.self)
            let (program, diagnostics) = Parser.parse(source(mutated))
            _ = Parser.isUnfinished(mutated)
            _ = program == program
            for diagnostic in diagnostics.prefix(2) { _ = renderer.render(diagnostic) }
            let once = Formatter.format(program)
            if diagnostics.isEmpty {
                let again = Parser.parse(source(once))
                if !again.diagnostics.isEmpty || again.program != program || Formatter.format(again.program) != once {
                    Issue.record("\(mutated)\n----\n\(once)\n----\n\(Formatter.format(again.program))")
                    return
                }
                if program.comments.count != again.program.comments.count {
                    Issue.record("a comment was lost:\n\(mutated)\n---\n\(once)")
                }
            }
        }
    }
}
