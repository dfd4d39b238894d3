import Glibc
import SiamData
import SiamLanguage
import SiamRuntime

/// Where names are defined and used.
extension LanguageServer {
    private func location(_ subject: Subject, _ span: Span) -> JSON {
        .record(["uri": .text(subject.uri), "range": subject.document.range(span)])
    }

    func definition(_ subject: Subject, _ offset: Int) -> JSON {
        let analysis = subject.analysis
        if let found = analysis.names.at(offset) {
            let symbol = analysis.names.symbols[found.symbol]
            guard symbol.kind == .library else {
                return .array(
                    analysis.names.all(of: found.symbol).filter(\.isDefinition).map { location(subject, $0.span) })
            }
            return imported(symbol.name, subject) ?? library(symbol.name, subject.document) ?? .array([])
        }
        guard let token = analysis.token(at: offset) else { return .array([]) }
        let word = analysis.source.text(token.span)
        if token.kind == .text {
            let path = resolved(String(word.dropFirst().dropLast()), from: analysis.source)
            return analysis.names.imports.contains(where: { resolved($0, from: analysis.source) == path })
                ? .array([.record(["uri": .text(TextDocument.uri(path)), "range": subject.document.range(Span(0, 0))])])
                : .array([])
        }
        return token.kind == .name ? library(word, subject.document) ?? .array([]) : .array([])
    }

    private func resolved(_ path: String, from source: Source) -> String {
        guard !path.hasPrefix("/"), let slash = source.name.lastIndex(of: "/") else { return path }
        return String(source.name[...slash]) + path
    }

    /// A definition in a file that is brought in, or in one that that brings in.
    private func imported(_ name: String, _ subject: Subject) -> JSON? {
        var seen = Set<String>()
        func look(_ names: Names, _ source: Source, _ depth: Int) -> JSON? {
            guard depth < 8 else { return nil }
            for one in names.imports {
                let path = resolved(one, from: source)
                guard seen.insert(path).inserted else { continue }
                let uri = TextDocument.uri(path)
                guard let text = documents[uri]?.text ?? (try? Files.text(path)) else { continue }
                let other = Source(name: path, kind: .file, text: text)
                let found = Names(Parser.parse(other).program)
                if let place = found.occurrences.first(where: {
                    $0.isDefinition && found.symbols[$0.symbol].name == name && found.symbols[$0.symbol].scope == 0
                }) {
                    let document = TextDocument(
                        uri: uri, version: 0, text: text, countsBytes: subject.document.countsBytes)
                    return .array([.record(["uri": .text(uri), "range": document.range(place.span)])])
                }
                if let deeper = look(found, other, depth + 1) { return deeper }
            }
            return nil
        }
        return look(subject.analysis.names, subject.analysis.source, 0)
    }

    /// A definition in the part of the library that is written in siam, of which a copy is kept to be read.
    private func library(_ name: String, _ document: TextDocument) -> JSON? {
        guard let folder = libraryFolder, let d = Prelude.definition(name) else { return nil }
        let all = Prelude.definitions.filter { $0.file == d.file }
        let head = "# The library's own text, to be read: what is changed here changes nothing.\n\n"
        let text = head + all.map(\.text).joined(separator: "\n\n") + "\n"
        let path = folder + "/" + d.file
        mkdir(folder, 0o700)
        if (try? Files.text(path)) != text { try? Files.write(Array(text.utf8), to: path) }
        guard access(path, R_OK) == 0 else { return nil }
        let uri = TextDocument.uri(path)
        let place = Names(Parser.parse(Source(name: path, kind: .file, text: text)).program)
        guard
            let found = place.occurrences.first(where: {
                $0.isDefinition && place.symbols[$0.symbol].name == name && place.symbols[$0.symbol].scope == 0
            })
        else { return nil }
        let copy = TextDocument(uri: uri, version: 0, text: text, countsBytes: document.countsBytes)
        return .array([.record(["uri": .text(uri), "range": copy.range(found.span)])])
    }

    func references(_ subject: Subject, _ offset: Int, withDefinition: Bool) -> JSON {
        guard let found = subject.analysis.names.at(offset) else { return .array([]) }
        return .array(
            subject.analysis.names.all(of: found.symbol).filter { withDefinition || !$0.isDefinition }.map {
                location(subject, $0.span)
            })
    }

    func highlights(_ subject: Subject, _ offset: Int) -> JSON {
        guard let found = subject.analysis.names.at(offset) else { return .array([]) }
        return .array(
            subject.analysis.names.all(of: found.symbol).map {
                .record(["range": subject.document.range($0.span), "kind": .whole($0.isDefinition ? 3 : 2)])
            })
    }

    // MARK: New names

    /// The name at a place, where it can have another.
    func renamed(_ subject: Subject, _ offset: Int) throws -> Names.Occurrence {
        let names = subject.analysis.names
        guard let found = names.at(offset) else { throw Refusal.parameters("there is no name here") }
        let symbol = names.symbols[found.symbol]
        guard symbol.kind != .library, symbol.whole != nil else {
            throw Refusal.parameters("\(symbol.name) is not defined in this file")
        }
        return found
    }

    func rename(_ subject: Subject, _ offset: Int, to name: String) throws -> JSON {
        let (document, analysis) = (subject.document, subject.analysis)
        let found = try renamed(subject, offset)
        let names = analysis.names
        let symbol = names.symbols[found.symbol]
        let lexed = Lexer.lex(Source(name: "", kind: .prompt(0), text: name))
        guard lexed.tokens.count == 2, lexed.tokens[0].kind == .name, lexed.tokens[0].end == name.utf8.count,
            lexed.diagnostics.isEmpty, lexed.comments.isEmpty
        else { throw Refusal.parameters("\"\(name)\" is no name that siam can read") }
        if let first = analysis.errors.first(where: { $0.severity == .error }) {
            throw Refusal.parameters("the file has to be readable first: \(first.message)")
        }
        if names.symbols.contains(where: { $0.name == name }), name != symbol.name {
            throw Refusal.parameters("\(name) means something in this file already")
        }
        if symbol.kind == .part || symbol.kind == .variable, names.fields.contains(symbol.name) {
            throw Refusal.parameters(".\(symbol.name) is read in this file too, and may be another thing")
        }
        // An open file that brings this one in may use the name.
        let edits = names.all(of: found.symbol).map {
            JSON.record(["range": document.range($0.span), "newText": .text(name)])
        }
        return .record(["changes": .object([(document.uri, .array(edits))])])
    }

    // MARK: Outline

    func symbols(_ subject: Subject) -> JSON {
        let (document, names) = (subject.document, subject.analysis.names)
        func one(_ name: String, _ kind: Int, _ whole: Span, _ own: Span, _ inner: [JSON] = [], detail: String? = nil)
            -> JSON
        {
            .record([
                "name": .text(name), "detail": detail.map(JSON.text), "kind": .whole(kind),
                "range": document.range(whole.through(own)),
                "selectionRange": document.range(own), "children": inner.isEmpty ? nil : .array(inner),
            ])
        }
        var seen = Set<String>()
        return .array(
            subject.analysis.program.statements.flatMap { statement -> [JSON] in
                switch statement.kind {
                case .function(let d):
                    return [one(d.name.text, 12, statement.span, d.name.span, detail: d.role == .loss ? "loss" : nil)]
                case .layer(let d):
                    guard case .members(let members) = d.form else {
                        return [one(d.name.text, 5, statement.span, d.name.span)]
                    }
                    let inner = members.enumerated().map { k, member -> JSON in
                        let span = d.memberSpans.indices.contains(k) ? d.memberSpans[k] : statement.span
                        switch member {
                        case .parameter(let name, _, _): return one(name.text, 8, span, name.span, detail: "param")
                        case .state(let name, _, _): return one(name.text, 8, span, name.span, detail: "state")
                        case .part(let name, _): return one(name.text, 8, span, name.span)
                        case .forward: return one("forward", 6, span, span)
                        }
                    }
                    return [one(d.name.text, 5, statement.span, d.name.span, inner)]
                case .assign(let targets, _):
                    return targets.compactMap { target in
                        guard case .name(let name) = target.kind, seen.insert(name).inserted,
                            names.at(target.span.start) != nil
                        else { return nil }
                        return one(name, 13, statement.span, target.span)
                    }
                default: return []
                }
            })
    }
}
