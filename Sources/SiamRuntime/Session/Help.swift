import SiamCompiler
import SiamInterpreter
import SiamLanguage

/// Help on every name: built-ins, the library, words, words of other libraries.
extension Session {
    /// All entries, by name.
    public func help() -> [HelpEntry] {
        var entries: [String: HelpEntry] = [:]
        for name in globals.baseNames {
            if case .builtin(let b)? = globals.baseValueIfReady(name) { entries[name] = HelpEntry(b) }
        }
        for d in Prelude.definitions { entries[d.name] = HelpEntry(d) }
        for word in Words.soft + Words.hard where entries[word.text] == nil {
            entries[word.text] = HelpEntry(
                name: word.text, kind: "word", family: "grammar", signature: word.form, text: word.help, examples: [],
                seeAlso: [], source: nil)
        }
        return related(entries.values.sorted { $0.name < $1.name })
    }

    /// Help on what is no name of the language, such as the faults; their names may be of several words.
    public func topics() -> [HelpEntry] { builtins.flatMap { $0.topics() } }

    /// What is known of a word of another library, under siam's name for it.
    private func elsewhere(_ name: String) -> HelpEntry? {
        guard let found = Foreign.entries(name).first, plainly(found.word) == plainly(name) else { return nil }
        let line = "\(found.word) of \(found.origin): \(found.says)"
        guard let own = found.name, var entry = help().first(where: { $0.name == own }) else {
            return HelpEntry(name: found.word, kind: "word", family: "elsewhere", signature: found.word, text: line)
        }
        entry.text = line + "\n\n" + entry.text
        return entry
    }

    private func plainly(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }

    private func topic(_ name: String) -> HelpEntry? {
        func plain(_ text: String) -> String { text.lowercased().filter { $0.isLetter || $0.isNumber } }
        let wanted = plain(name)
        return topics().first { plain($0.name) == wanted }
    }

    /// Entries that name no others are given those that their text or example uses, and those that use them.
    private func related(_ entries: [HelpEntry]) -> [HelpEntry] {
        let names = Set(entries.map(\.name))
        func words(_ e: HelpEntry) -> [String] {
            let text =
                e.text + " " + (e.source ?? "") + " " + e.examples.map(\.code).joined(separator: " ") + " "
                + e.signature
            return text.split { !($0.isLetter || $0.isNumber || $0 == "_") }.map(String.init)
        }
        var users: [String: [String]] = [:]
        var uses: [String: [String]] = [:]
        for e in entries where e.kind != "word" {
            for word in words(e) where word != e.name && names.contains(word) && word.count > 2 {
                if users[word]?.last != e.name { users[word, default: []].append(e.name) }
                if uses[e.name]?.contains(word) != true { uses[e.name, default: []].append(word) }
            }
        }
        let kinds = Dictionary(entries.map { ($0.name, $0) }, uniquingKeysWith: { a, _ in a })
        return entries.map { e in
            guard e.seeAlso.isEmpty, e.kind != "word" else { return e }
            var e = e
            let known = ((uses[e.name] ?? []) + (users[e.name] ?? [])).filter { kinds[$0]?.kind != "word" }
            var near: [String] = []
            for name in known.sorted(by: {
                (kinds[$0]?.family == e.family ? 0 : 1) < (kinds[$1]?.family == e.family ? 0 : 1)
            })
            where !near.contains(name) && !name.hasPrefix("_") { near.append(name) }
            if near.isEmpty {
                near = entries.filter { $0.family == e.family && $0.kind == e.kind && $0.name != e.name }.map(\.name)
            }
            e.seeAlso = Array(near.prefix(3))
            return e
        }
    }

    /// The entry with the shapes of its first example.
    private func shaped(_ entry: HelpEntry) -> HelpEntry {
        var entry = entry
        entry.shapes = ExampleShapes.of(entry, builtins)
        if entry.source != nil { entry.examples = entry.examples.map { ($0.code, result(of: $0)) } }
        return entry
    }

    /// What an example of the library's text gives, in a session of its own; "" where it gives nothing to print.
    private func result(of example: (code: String, result: String)) -> String {
        guard example.result.isEmpty else { return example.result }
        let session = Session(output: SilentOutput(), builtins: builtins)
        guard let value = try? session.evaluate(example.code) else { return "" }
        if case .none = value { return "" }
        return session.display(value, Page())
    }

    /// What there is to say of a name: the user's own definition first.
    public func help(_ name: String) -> HelpEntry? {
        if globals.isUserName(name), let value = globals.valueIfReady(name) {
            if case .function(let f) = value {
                var entry = HelpEntry(
                    name: name, kind: "function", family: "yours", signature: f.code.signature,
                    text: f.code.help ?? "Defined at \(Place(f.code.source, f.code.span).short).", examples: [],
                    seeAlso: [], source: f.code.sourceText)
                entry.takes = f.code.parameters.compactMap { p in p.kind.map { (p.name, $0.described) } }
                return entry
            }
        }
        let all = help()
        let wanted = plainly(name)
        // `conv_2d` is another library's word, and no other way of writing conv2d.
        let own =
            all.first { $0.name == name }
            ?? (Foreign.isKnown(name)
                ? globals.isUserName(name) ? nil : elsewhere(name)
                : all.first { wanted.count > 3 && plainly($0.name) == wanted })
        if let own, own.kind != "word", let word = Words.soft.first(where: { $0.text == own.name }) {
            // A statement of that name too: `report accuracy = ...` beside report(run).
            var both = shaped(own)
            both.text = "As a statement, \(word.form): \(word.help).\n\nAs a function: \(both.text)"
            return both
        }
        // A name of the user's own is no word of elsewhere.
        return own.map(shaped) ?? topic(name) ?? (globals.isUserName(name) ? nil : elsewhere(name))
    }

    /// Entries in whose name or text the word occurs, underscores aside, and those of the family of that name: all losses.
    public func search(_ word: String) -> [HelpEntry] {
        let found = searched(word)
        // `nn.Linear`: the name after the package.
        guard found.isEmpty, let last = word.split(separator: ".").last, last.count < word.count else { return found }
        return searched(String(last))
    }

    private func searched(_ word: String) -> [HelpEntry] {
        let wanted = plainly(word)
        guard !wanted.isEmpty else { return [] }
        let all = help() + topics()
        // The equivalent under another name comes first, with the call as siam writes it.
        let brought = Foreign.entries(word).map { found in
            HelpEntry(
                name: found.name ?? found.word, kind: "word", family: "elsewhere", signature: found.word,
                text: "\(found.word) of \(found.origin): \(found.says)")
        }
        let own = all.filter { e in
            plainly(e.name).contains(wanted) || plainly(e.text).contains(wanted) || e.families.contains(wanted)
        }
        return brought.prefix(6) + own.filter { e in !brought.contains { $0.name == e.name } }
    }

    /// The global names that a static check may count on, with their parameters.
    public func knownNames() -> [KnownName] {
        var known: [KnownName] = []
        for name in globals.baseNames {
            switch globals.baseValueIfReady(name) {
            case .builtin(let b)?:
                let lastIsRest = b.parameters.contains { $0.isRest }
                known.append(
                    KnownName(
                        name: name,
                        parameters: lastIsRest
                            ? nil
                            : b.parameters.map {
                                KnownName.Parameter(
                                    $0.name, hasDefault: $0.defaultText != nil, defaultValue: $0.defaultText,
                                    kind: $0.kind)
                            }, isVariadic: lastIsRest, help: b.help,
                        isPure: b.isPure))
            case nil: break
            default: known.append(KnownName(name: name, parameters: nil, isValue: true))
            }
        }
        for d in Prelude.definitions {
            known.append(KnownName(name: d.name, parameters: Prelude.parameters(d), help: d.help))
        }
        known.append(KnownName(name: "training", parameters: nil))
        known.append(KnownName(name: "args", parameters: nil))
        known.append(KnownName(name: "_", parameters: nil))
        known += globals.numberedNames.map { KnownName(name: $0, parameters: nil) }
        return known
    }
}

extension HelpEntry {
    init(_ b: Builtin) {
        self.init(
            name: b.name, kind: "built-in", family: b.family, signature: b.signature, text: b.help,
            examples: b.examples,
            seeAlso: b.seeAlso, source: nil)
        file = "\(b.file)"
        takes = b.parameters.compactMap { p in p.kind.map { (p.name, $0.described) } }
    }

    /// Lines of a prelude definition's help that begin with `>>>` are examples.
    init(_ d: Prelude.Definition) {
        let lines = d.help.split(separator: "\n", omittingEmptySubsequences: false)
        let examples = lines.filter { $0.hasPrefix(">>> ") }.map { (code: String($0.dropFirst(4)), result: "") }
        let text = lines.filter { !$0.hasPrefix(">>> ") }.joined(separator: "\n")
        self.init(
            name: d.name, kind: d.role == "fn" ? "function" : d.role, family: String(d.file.prefix { $0 != "." }),
            signature: d.signature, text: text, examples: examples, seeAlso: [], source: d.text)
        takes = Prelude.parameters(d).compactMap { p in p.kind.map { (p.name, $0.described) } }
    }
}

/// The shapes of arguments and result of an example, found by running it.
enum ExampleShapes {
    static func of(_ entry: HelpEntry, _ builtins: [Builtin]) -> String? {
        guard let code = entry.examples.first?.code else { return nil }
        let source = Source(name: entry.name, kind: .file, text: code)
        let (program, errors) = Parser.parse(source)
        // Only an expression by itself: what several statements do is no one shape.
        guard errors.isEmpty, program.statements.count == 1, case .expression(var call) = program.statements[0].kind
        else {
            return nil
        }
        // Of `dense(3)(x).shape` the call.
        while case .field(let owner, _) = call.kind { call = owner }
        guard case .call(let callee, let arguments, _) = call.kind, !arguments.isEmpty else { return nil }
        let session = Session(output: SilentOutput(), builtins: builtins)
        func shape(_ e: Expression) -> String? {
            guard let value = try? session.evaluate(source.text(e.span)) else { return nil }
            switch value {
            case .tensor(let t): return t.shape.description
            case .number: return "number"
            case .list(let l):
                let parts = l.items.compactMap { item -> String? in
                    if case .tensor(let t) = item { return t.shape.description }
                    return nil
                }
                return parts.count == l.items.count && !parts.isEmpty ? parts.joined(separator: ", ") : nil
            default: return nil
            }
        }
        var names: [String] = []
        if case .name(entry.name) = callee.kind {
            let inside = entry.signature.drop { $0 != "(" }.dropFirst().dropLast()
            names = inside.split(separator: ",").map { part in
                String(part.split(separator: "=")[0].filter { $0.isLetter || $0.isNumber || $0 == "_" })
            }
        }
        var parts: [String] = []
        var hasTensor = false
        for (k, argument) in arguments.enumerated() {
            guard let one = shape(argument.value) else { continue }
            if one == "number" { continue }
            hasTensor = true
            let name = argument.name?.text ?? (names.indices.contains(k) ? names[k] : arguments.count == 1 ? "x" : "")
            parts.append(name.isEmpty ? one : "\(name) \(one)")
        }
        guard hasTensor, let result = shape(call) else { return nil }
        return "\(parts.joined(separator: ", ")) -> \(result)"
    }
}
