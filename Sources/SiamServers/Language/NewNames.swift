import SiamData
import SiamFormats
import SiamLanguage

/// Other names for what the user's files define, in all of these files.
extension LanguageServer {
    /// The name at a place, where it can have another.
    func renamed(_ subject: Subject, _ offset: Int) throws -> Names.Occurrence {
        let names = subject.analysis.names
        guard let found = names.at(offset) else { throw RPCError.parameters("there is no name here") }
        let symbol = names.symbols[found.symbol]
        if symbol.kind == .library, home(of: symbol.name, from: own(subject)) != nil { return found }
        guard symbol.kind != .library, symbol.whole != nil else {
            throw RPCError.parameters("\(symbol.name) is not defined in this file, nor in one that it brings in")
        }
        return found
    }

    func rename(_ subject: Subject, _ offset: Int, to name: String) throws -> JSON {
        let found = try renamed(subject, offset)
        let lexed = Lexer.lex(Source(name: "", kind: .prompt(0), text: name))
        guard lexed.tokens.count == 2, lexed.tokens[0].kind == .name, lexed.tokens[0].end == name.utf8.count,
            lexed.diagnostics.isEmpty, lexed.comments.isEmpty
        else { throw RPCError.parameters("\"\(name)\" is not a valid name") }
        let all = uses(subject, found)
        let former = subject.analysis.names.symbols[found.symbol].name
        for (k, (file, uses)) in all.enumerated() {
            let which = file.uri == subject.uri ? "this file" : file.path
            if let first = file.errors.first(where: { $0.severity == .error }) {
                throw RPCError.parameters("\(which) has to be readable first: \(first.message)")
            }
            if file.names.symbols.contains(where: { $0.name == name }), name != former {
                throw RPCError.parameters("\(name) means something in \(which) already")
            }
            let kind = k == 0 ? uses.first.map { file.names.symbols[$0.symbol].kind } : nil
            if kind == .part || kind == .variable,
                let other = all.first(where: { $0.file.names.fields.contains(former) })
            {
                let place = other.file.uri == subject.uri ? "this file" : other.file.path
                throw RPCError.parameters(".\(former) is read in \(place) too, and may be another thing")
            }
        }
        return .record([
            "changes": .object(
                all.map { file, uses in
                    let edits = uses.map {
                        JSON.record(["range": file.document.range($0.span), "newText": .text(name)])
                    }
                    return (file.uri, .array(edits))
                })
        ])
    }
}
