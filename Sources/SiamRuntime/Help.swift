import SiamLanguage

/// What `?name`, `siam doc`, completion and the reference say of a name: read off its one declaration.
public struct HelpEntry: Sendable {
    public var name: String
    /// `built-in`, `layer`, `loss`, `function`, `word`.
    public var kind: String
    public var family: String
    public var signature: String
    /// One paragraph or more; the first sentence says what it is.
    public var text: String
    public var examples: [(code: String, result: String)]
    public var seeAlso: [String]
    /// The siam text of a prelude definition.
    public var source: String?

    public var firstLine: String {
        String(text.split(separator: "\n", maxSplits: 1).first ?? "")
    }

    /// The entry as the prompt and `siam doc` show it.
    public func rendered() -> String {
        var lines = [signature.isEmpty ? name : signature, "", text]
        for e in examples {
            lines.append("")
            lines.append("    siam> \(e.code)")
            for l in e.result.split(separator: "\n", omittingEmptySubsequences: false) where !e.result.isEmpty {
                lines.append("    \(l)")
            }
        }
        if !seeAlso.isEmpty {
            lines.append("")
            lines.append("see also: " + seeAlso.joined(separator: ", "))
        }
        return lines.joined(separator: "\n")
    }
}

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
        return entries.values.sorted { $0.name < $1.name }
    }

    /// What there is to say of a name: the user's own definition first.
    public func help(_ name: String) -> HelpEntry? {
        if globals.isUserName(name), let value = globals.valueIfReady(name) {
            if case .function(let f) = value {
                return HelpEntry(
                    name: name, kind: "function", family: "yours", signature: f.code.signature,
                    text: f.code.help ?? "Defined at \(Place(f.code.source, f.code.span).short).", examples: [],
                    seeAlso: [], source: f.code.sourceText)
            }
        }
        return help().first { $0.name == name }
    }

    /// Entries in whose name or text the word occurs.
    public func search(_ word: String) -> [HelpEntry] {
        let wanted = word.lowercased()
        return help().filter { $0.name.lowercased().contains(wanted) || $0.text.lowercased().contains(wanted) }
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
                        parameters: lastIsRest ? nil : b.parameters.map {
                            KnownName.Parameter($0.name, hasDefault: $0.standardText != nil, standard: $0.standardText)
                        }, isVariadic: lastIsRest, help: b.help))
            case nil: break
            default: known.append(KnownName(name: name, parameters: nil))
            }
        }
        for d in Prelude.definitions {
            known.append(KnownName(name: d.name, parameters: Prelude.parameters(d), help: d.help))
        }
        known.append(KnownName(name: "training", parameters: nil))
        known.append(KnownName(name: "args", parameters: nil))
        known.append(KnownName(name: "_", parameters: nil))
        return known
    }
}

extension HelpEntry {
    init(_ b: Builtin) {
        self.init(
            name: b.name, kind: "built-in", family: b.family, signature: b.signature, text: b.help,
            examples: b.examples,
            seeAlso: b.seeAlso, source: nil)
    }

    /// Lines of a prelude definition's help that begin with `>>>` are examples.
    init(_ d: Prelude.Definition) {
        let lines = d.help.split(separator: "\n", omittingEmptySubsequences: false)
        let examples = lines.filter { $0.hasPrefix(">>> ") }.map { (code: String($0.dropFirst(4)), result: "") }
        let text = lines.filter { !$0.hasPrefix(">>> ") }.joined(separator: "\n")
        self.init(
            name: d.name, kind: d.role == "fn" ? "function" : d.role, family: String(d.file.prefix { $0 != "." }),
            signature: d.signature, text: text, examples: examples, seeAlso: [], source: d.text)
    }
}

extension Prelude {
    static func parameters(_ d: Definition) -> [KnownName.Parameter] {
        let (program, _) = Parser.parse(Source(name: d.file, kind: .prelude, text: d.text))
        let parameters: [Parameter] =
            switch program.statements.first?.kind {
            case .function(let f)?: f.parameters
            case .layer(let l)?: l.parameters
            default: []
            }
        return parameters.map { p in
            KnownName.Parameter(
                p.name.text, hasDefault: p.standard != nil, standard: p.standard.map { program.source.text($0.span) })
        }
    }
}
