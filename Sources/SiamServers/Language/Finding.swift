import Glibc
import SiamCompiler
import SiamData
import SiamFormats
import SiamInterpreter
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
            if let home = home(of: symbol.name, from: own(subject)), let span = home.definition(of: symbol.name) {
                return .array([location(home, span)])
            }
            return library(symbol.name, subject.document) ?? .array([])
        }
        guard let token = analysis.token(at: offset) else { return .array([]) }
        let word = analysis.source.text(token.span)
        if token.kind == .text {
            let path = CodeFile.resolved(String(word.dropFirst().dropLast()), from: analysis.source)
            return analysis.names.imports.contains(where: {
                CodeFile.resolved($0, from: analysis.source) == path
            })
                ? .array([.record(["uri": .text(TextDocument.uri(path)), "range": subject.document.range(Span(0, 0))])])
                : .array([])
        }
        return token.kind == .name ? library(word, subject.document) ?? .array([]) : .array([])
    }

    /// A definition in the part of the library that is written in siam, of which a copy is kept to be read.
    private func library(_ name: String, _ document: TextDocument) -> JSON? {
        guard let folder = libraryFolder, let d = Prelude.definition(name) else { return nil }
        let all = Prelude.definitions.filter { $0.file == d.file }
        let head = "# The source text of the library, for reading only: changes here have no effect.\n\n"
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
            uses(subject, found).flatMap { file, uses in
                uses.filter { withDefinition || !$0.isDefinition }.map { location(file, $0.span) }
            })
    }

    func highlights(_ subject: Subject, _ offset: Int) -> JSON {
        guard let found = subject.analysis.names.at(offset) else { return .array([]) }
        return .array(
            subject.analysis.names.all(of: found.symbol).map {
                .record(["range": subject.document.range($0.span), "kind": .whole($0.isDefinition ? 3 : 2)])
            })
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
