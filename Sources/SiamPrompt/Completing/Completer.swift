import SiamInterpreter
import SiamLanguage
import SiamRuntime

/// Finds the completions at the cursor from the text before it and the values of the session. Evaluates nothing.
public final class Completer {
    private let session: Session
    /// The `:` commands, and what each takes.
    let commands: [CommandEntry]
    /// Names of a text that has not been run, and the parameters of its functions; of an editor.
    public var outline: Outline?

    public struct Outline: Sendable {
        public var names: [Candidate]
        public var parameters: [String: [KnownName.Parameter]]
        public init(names: [Candidate], parameters: [String: [KnownName.Parameter]]) {
            self.names = names
            self.parameters = parameters
        }
    }

    public init(session: Session, commands: [CommandEntry]) {
        self.session = session
        self.commands = commands
    }

    private struct Known {
        var help: [String: String] = [:]
        var names: [String] = []
        var parameters: [String: [KnownName.Parameter]] = [:]
    }
    /// What does not change in a session: built-ins, prelude, words.
    private lazy var known: Known = {
        var known = Known()
        for entry in session.help() where !entry.name.hasPrefix("__") {
            known.names.append(entry.name)
            known.help[entry.name] = entry.firstLine
        }
        for name in session.knownNames() { known.parameters[name.name] = name.parameters }
        return known
    }()

    public func complete(_ buffer: EditBuffer) -> Completion {
        let bare = buffer.scalars.prefix { $0 == " " }.count
        if bare < buffer.cursor, buffer.scalars[bare] == ":" { return command(buffer, from: bare) }
        if bare < buffer.cursor, buffer.scalars[bare] == "?" {
            let start = (bare..<buffer.cursor).last { buffer.scalars[$0] == "?" || buffer.scalars[$0] == " " } ?? bare
            return matching(buffer, from: start + 1, among: helpTopics())
        }
        let line = buffer.lineStart(of: buffer.cursor)
        let head = Array(buffer.scalars[line..<buffer.cursor])
        if let quote = openQuote(head) {
            if let brace = openBrace(head[(quote + 1)...]) {
                // Inside a text braces hold values.
                let inner = EditBuffer(
                    scalars: Array(buffer.scalars[(line + brace + 1)...]), cursor: buffer.cursor - line - brace - 1)
                var found = complete(inner)
                found.start += line + brace + 1
                found.end += line + brace + 1
                return found
            }
            return files(buffer, from: line + quote + 1, quoted: true, only: nil)
        }
        var start = buffer.cursor
        while start > line, EditBuffer.isWord(buffer.scalars[start - 1]) { start -= 1 }
        if start > line, buffer.scalars[start - 1] == "\\" {
            return letters(buffer, from: start - 1)
        }
        if start > line, buffer.scalars[start - 1] == ".", start < 2 || buffer.scalars[start - 2] != "." {
            return fields(buffer, from: start)
        }
        let prefix = EditBuffer.string(buffer.scalars[start..<buffer.cursor])
        let values = values(buffer, before: start)
        if !values.isEmpty {
            let found = values.filter { $0.text.hasPrefix(prefix) }
            if !found.isEmpty || prefix.isEmpty { return Completion(start, buffer.cursor, found) }
        }
        let named = arguments(buffer, before: start)
        let fitting = named.filter { $0.text.hasPrefix(prefix) }
        if !fitting.isEmpty { return Completion(start, buffer.cursor, fitting) }
        let clauses = clauseWords(buffer, start)
        // Nothing can follow a length.
        if clauses.map(\.text) == Completer.units {
            return matching(buffer, from: start, among: clauses)
        }
        let fittingClauses = prefix.isEmpty ? clauses : clauses.filter { $0.text.hasPrefix(prefix) }
        if prefix.isEmpty {
            let own = fittingClauses + userNames()
            return Completion(start, buffer.cursor, own)
        }
        var completion = matching(buffer, from: start, among: userNames() + baseNames())
        let extra = fittingClauses.filter { !completion.candidates.contains($0) }
        completion.candidates = extra + completion.candidates.filter { c in !extra.contains { $0.text == c.text } }
        return completion
    }

    /// Candidates that begin with the text from `start` to the cursor; if there are none, those that do in another
    /// case.
    func matching(_ buffer: EditBuffer, from start: Int, among all: [Candidate]) -> Completion {
        let prefix = EditBuffer.string(buffer.scalars[min(start, buffer.cursor)..<buffer.cursor])
        var found = all.filter { $0.text.hasPrefix(prefix) }
        if found.isEmpty, !prefix.isEmpty {
            found = all.filter { $0.text.lowercased().hasPrefix(prefix.lowercased()) }
        }
        var seen = Set<String>()
        return Completion(start, buffer.cursor, found.filter { seen.insert($0.text).inserted })
    }

    // MARK: Names

    private func userNames() -> [Candidate] {
        let own = session.globals.userNames.sorted().filter { $0 != "_" && $0 != "args" && !$0.hasPrefix("__") }
        return own.map { Candidate($0, describe($0)) } + (outline?.names ?? [])
    }

    private func describe(_ name: String) -> String {
        guard let value = session.globals.valueIfReady(name) else { return "" }
        switch value {
        case .number, .bool: return Show.inline(value, quoted: true)
        case .function(let f):
            return f.code.help?.split(separator: "\n").first.map(String.init) ?? f.code.signature
        case .thing(let t): return t.summary
        case .layer: return Show.inline(value, quoted: true)
        default: return value.kindName
        }
    }

    private func baseNames() -> [Candidate] {
        known.names.map { Candidate($0, known.help[$0] ?? "") }
    }

    func helpTopics() -> [Candidate] {
        userNames() + baseNames() + commands.map { Candidate(":" + $0.name, $0.help) }
            + OperatorHelp.all.map { Candidate($0.sign, $0.help) }
    }

    // MARK: Fields

    private func fields(_ buffer: EditBuffer, from start: Int) -> Completion {
        // The path before the last point: names and points only, so that nothing has to be evaluated.
        var path: [String] = []
        var end = start - 1
        while true {
            var begin = end
            while begin > 0, EditBuffer.isWord(buffer.scalars[begin - 1]) { begin -= 1 }
            guard begin < end else { return .none }
            path.insert(EditBuffer.string(buffer.scalars[begin..<end]), at: 0)
            guard begin > 0, buffer.scalars[begin - 1] == "." else { break }
            end = begin - 1
        }
        guard let root = path.first, var value = session.globals.valueIfReady(root) else { return .none }
        for name in path.dropFirst() {
            guard let inner = Completer.field(value, name) else { return .none }
            value = inner
        }
        let own = session.interpreter.fieldNames(value).map { name in
            Candidate(name, Completer.field(value, name).map(Completer.brief) ?? "")
        }
        let found = matching(buffer, from: start, among: own)
        if !found.candidates.isEmpty || start == buffer.cursor { return found }
        // Any function can be called behind a point.
        return matching(buffer, from: start, among: baseNames().filter { known.parameters[$0.text] != nil })
    }

    /// A field that can be had without running anything.
    private static func field(_ value: Value, _ name: String) -> Value? {
        switch value {
        case .record(let r): return r.field(name)
        case .layer(let l):
            if let child = l.children.first(where: { $0.name == name }) { return .layer(child.layer) }
            if case .custom(let c) = l.form, let slot = c.slots.first(where: { $0.name == name }) {
                return slot.parameter.map { .tensor($0.value) } ?? slot.value
            }
            return nil
        case .thing(let t as Run):
            switch name {
            case "net": return t.nets.first.map { .layer($0) }
            case "optimizer": return .thing(t.optimizer)
            default: return nil
            }
        default: return nil
        }
    }

    private static func brief(_ value: Value) -> String {
        switch value {
        case .layer: Show.inline(value, quoted: true)
        case .unbound: "gets its shape at the first use of the net"
        default: value.kindName
        }
    }

    // MARK: Arguments

    /// Named arguments of the call around the place that are not given yet.
    private func arguments(_ buffer: EditBuffer, before place: Int) -> [Candidate] {
        var depth = 0
        var i = place - 1
        var given = Set<String>()
        while i >= 0 {
            switch buffer.scalars[i] {
            case ")", "]", "}": depth += 1
            case "[", "{":
                if depth == 0 { return [] }
                depth -= 1
            case "(":
                if depth > 0 {
                    depth -= 1
                    break
                }
                var begin = i
                while begin > 0, EditBuffer.isWord(buffer.scalars[begin - 1]) { begin -= 1 }
                guard begin < i else { return [] }
                return parameters(EditBuffer.string(buffer.scalars[begin..<i])).filter { !given.contains($0.text) }
            case "=":
                // `name =` among the arguments of this very call.
                if depth == 0 {
                    var end = i
                    while end > 0, buffer.scalars[end - 1] == " " { end -= 1 }
                    var begin = end
                    while begin > 0, EditBuffer.isWord(buffer.scalars[begin - 1]) { begin -= 1 }
                    if begin < end { given.insert(EditBuffer.string(buffer.scalars[begin..<end])) }
                }
            default: break
            }
            i -= 1
        }
        return []
    }

    private func parameters(_ function: String) -> [Candidate] {
        if let value = session.globals.valueIfReady(function), case .function(let f) = value {
            return f.code.parameters.map {
                Candidate($0.name, describe($0.defaultText, $0.kind, function), tail: " = ")
            }
        }
        return (outline?.parameters[function] ?? known.parameters[function] ?? []).map { p in
            Candidate(p.name, describe(p.defaultValue, p.kind, function), tail: " = ")
        }
    }

    private func describe(_ defaultValue: String?, _ kind: Kind?, _ function: String) -> String {
        let what = kind.map { "\($0.described), " } ?? ""
        return what + (defaultValue.map { "of \(function), \($0) unless given" } ?? "of \(function)")
    }

    // MARK: Words of train

    private static let units = ["epochs", "steps"]
    private static let clauses = ["on", "as", "for", "using"] + units
    private static let inside = ["minimize", "report", "every", "pause"]

    /// Words that go on with a `train` begun before the place.
    private func clauseWords(_ buffer: EditBuffer, _ place: Int) -> [Candidate] {
        let head = EditBuffer.string(buffer.scalars[..<place])
        let tokens = Lexer.lex(Source(name: "", kind: .prompt(0), text: head)).tokens
        let source = Array(head.utf8)
        guard
            let at = tokens.lastIndex(where: {
                $0.kind == .name && source[$0.start..<$0.end].elementsEqual("train".utf8)
            })
        else { return [] }
        var depth = 0
        var entered = false
        for token in tokens[at...] {
            if token.kind == .leftBrace {
                depth += 1
                entered = true
            }
            if token.kind == .rightBrace { depth -= 1 }
        }
        if entered, depth <= 0 { return [] }
        let words =
            entered ? Completer.inside : Completer.isLength(tokens.dropLast()) ? Completer.units : Completer.clauses
        let all = Words.soft + Words.hard
        return words.compactMap { word in
            all.first { $0.text == word }.map { Candidate(word, word == "for" ? "of train: how long" : $0.help) }
        }
    }

    /// Whether what was read last is `for` and a length, so that only its unit can follow.
    private static func isLength(_ tokens: ArraySlice<Token>) -> Bool {
        guard let length = tokens.last, length.kind == .number || length.kind == .name else { return false }
        return tokens.dropLast().last?.kind == .for
    }

    // MARK: Values

    /// The values that may follow `using` and `init =`, by the declared kind of the parameter.
    func values(_ buffer: EditBuffer, before place: Int) -> [Candidate] {
        var end = place
        while end > 0, buffer.scalars[end - 1] == " " { end -= 1 }
        guard end > 0 else { return [] }
        func word(_ end: Int) -> (text: String, start: Int) {
            var begin = end
            while begin > 0, EditBuffer.isWord(buffer.scalars[begin - 1]) { begin -= 1 }
            return (EditBuffer.string(buffer.scalars[begin..<end]), begin)
        }
        if end < place, word(end).text == "using" { return family("optimizers") }
        guard buffer.scalars[end - 1] == "=" else { return [] }
        var nameEnd = end - 1
        while nameEnd > 0, buffer.scalars[nameEnd - 1] == " " { nameEnd -= 1 }
        let (name, start) = word(nameEnd)
        guard !name.isEmpty else { return [] }
        // The call around it.
        var depth = 0
        var i = start - 1
        while i > 0 {
            if buffer.scalars[i] == ")" { depth += 1 }
            if buffer.scalars[i] == "(" {
                if depth == 0 { break }
                depth -= 1
            }
            i -= 1
        }
        guard i > 0, buffer.scalars[i] == "(" else { return [] }
        let function = word(i).text
        var kind = known.parameters[function]?.first { $0.name == name }?.kind
        if let value = session.globals.valueIfReady(function), case .function(let f) = value {
            kind = f.code.parameters.first { $0.name == name }?.kind ?? kind
        }
        return (kind?.alternatives ?? []).flatMap { one -> [Candidate] in
            if let literal = one.literal { return [Candidate("\"\(literal)\"", "")] }
            switch one.word {
            case .initialiser?:
                return family("initialisers") + [Candidate("zeros", "All 0."), Candidate("ones", "All 1.")]
            case .bool?: return [Candidate("true", ""), Candidate("false", "")]
            case .schedule?: return family("schedules")
            default: return []
            }
        }
    }

    private func family(_ name: String) -> [Candidate] {
        session.help().filter { $0.family == name }.map { Candidate($0.name, $0.firstLine, tail: "(") }
    }
}
