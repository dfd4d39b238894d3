import SiamData
import SiamFormats
import SiamInterpreter
import SiamLanguage
import SiamPrompt
import SiamRuntime

/// What is shown of a place: help, completion, signatures.
extension LanguageServer {
    private func markup(_ text: String) -> JSON { .record(["kind": .text("markdown"), "value": .text(text)]) }

    func hover(_ subject: Subject, _ offset: Int) -> JSON {
        let (document, analysis) = (subject.document, subject.analysis)
        let shape = analysis.shape(at: offset)
        if let found = analysis.names.at(offset) {
            let symbol = analysis.names.symbols[found.symbol]
            let known = analysis.facts.known(found.span)
            let text: String
            if symbol.kind == .library {
                guard let entry = session.help(symbol.name) else { return .null }
                text = Pages.markdown(entry)
            } else {
                text = Pages.markdown(symbol, in: analysis.source, shape: known)
            }
            return .record(["contents": markup(text), "range": document.range(found.span)])
        }
        guard let token = analysis.token(at: offset) else { return .null }
        let word = analysis.source.text(token.span)
        var parts: [String] = []
        // A name behind a point may be a function of the library; a word of the grammar has its own help.
        switch token.kind {
        case .number, .text, .comma, .semicolon, .colon: break
        default:
            if let entry = session.help(word) {
                parts.append(Pages.markdown(entry))
            } else if let sign = OperatorHelp.all.first(where: { $0.sign == word }) {
                parts.append("`\(sign.form)`\n\n\(sign.help)")
            }
        }
        if let shape { parts.append("`\(firstLine(analysis.source.text(shape.span)))` is \(shape.text)") }
        guard !parts.isEmpty else { return .null }
        return .record(["contents": markup(parts.joined(separator: "\n\n")), "range": document.range(token.span)])
    }

    private func firstLine(_ text: String) -> String {
        let lines = text.split(separator: "\n", maxSplits: 1)
        return lines.count > 1 ? "\(lines[0]) ..." : text
    }

    // MARK: Completion

    func completion(_ subject: Subject, _ offset: Int) -> JSON {
        let analysis = subject.analysis
        completer.outline = outline(analysis, offset)
        defer { completer.outline = nil }
        let head = String(decoding: subject.document.bytes[..<offset], as: UTF8.self)
        let buffer = EditBuffer(head)
        // `:` and `?` are the prompt's own.
        let line = buffer.currentLine.drop { $0 == " " }
        guard !line.hasPrefix(":"), !line.hasPrefix("?") else { return .array([]) }
        let found = completer.complete(buffer)
        guard found.start <= found.end, found.end <= buffer.scalars.count else { return .array([]) }
        let typed = buffer.scalars[found.start..<found.end].reduce(0) { $0 + UTF8.width($1) }
        let range = subject.document.range(Span(max(0, offset - typed), offset))
        let items = found.candidates.prefix(400).enumerated().map { k, candidate in
            JSON.record([
                "label": .text(candidate.text), "kind": .whole(kind(candidate, analysis)),
                "detail": candidate.help.isEmpty ? nil : .text(candidate.help),
                "sortText": .text(String(10_000 + k)), "filterText": .text(candidate.text),
                "textEdit": .record([
                    "range": range, "newText": .text(candidate.text + (candidate.tail == " = " ? " = " : "")),
                ]),
                "data": .text(candidate.text),
            ])
        }
        return .record(["isIncomplete": .bool(found.candidates.count > 400), "items": .array(Array(items))])
    }

    /// The names that the text binds, as the prompt would know them had it run.
    private func outline(_ analysis: Analysis, _ offset: Int) -> Completer.Outline {
        let source = analysis.source
        var names: [Candidate] = []
        var seen = Set<String>()
        var parameters: [String: [KnownName.Parameter]] = [:]
        var places: [Int: Span] = [:]
        for one in analysis.names.occurrences where one.isDefinition && places[one.symbol] == nil {
            places[one.symbol] = one.span
        }
        for (k, symbol) in analysis.names.symbols.enumerated() where symbol.kind != .library {
            // A name of a function is one inside of it alone.
            if let reach = symbol.reach, reach.start > offset || reach.end < offset { continue }
            if symbol.whole == nil || !seen.insert(symbol.name).inserted { continue }
            let help = symbol.help?.split(separator: "\n").first.map(String.init)
            switch symbol.kind {
            case .function, .loss, .layer:
                parameters[symbol.name] = symbol.parameters.map {
                    KnownName.Parameter(
                        $0.name.text, hasDefault: $0.defaultValue != nil,
                        defaultValue: $0.defaultValue.map { source.text($0.span) },
                        kind: $0.kind)
                }
                names.append(Candidate(symbol.name, help ?? symbol.name + Pages.parameters(symbol, source)))
            default:
                names.append(Candidate(symbol.name, places[k].flatMap { analysis.facts.known($0) } ?? "of this file"))
            }
        }
        return Completer.Outline(names: names.sorted { $0.text < $1.text }, parameters: parameters)
    }

    private func kind(_ candidate: Candidate, _ analysis: Analysis) -> Int {
        if candidate.tail == " = " { return 5 }
        if Words.hard.contains(where: { $0.text == candidate.text })
            || Words.soft.contains(where: { $0.text == candidate.text })
        {
            return 14
        }
        if let known = libraryNames[candidate.text] { return known.isValue ? 21 : 3 }
        return candidate.text.hasPrefix("\"") ? 12 : candidate.text.contains("/") ? 17 : 6
    }

    func resolved(_ item: JSON) -> JSON {
        guard let name = item["data"]?.text, let entry = session.help(name) else { return item }
        return .object(
            item.members.filter { $0.0 != "documentation" } + [("documentation", markup(Pages.markdown(entry)))])
    }

    // MARK: Signatures

    func signatures(_ subject: Subject, _ offset: Int) -> JSON {
        let analysis = subject.analysis
        guard let call = call(around: offset, analysis) else { return .null }
        var shown: [String] = []
        var names: [String] = []
        var help = ""
        let symbol = analysis.names.symbols.first { $0.name == call.name && $0.scope == 0 && $0.kind != .library }
        if let symbol, [.function, .loss, .layer].contains(symbol.kind) {
            shown = symbol.parameters.map { Pages.text($0, analysis.source) }
            names = symbol.parameters.map(\.name.text)
            help = symbol.help ?? ""
        } else if symbol == nil, let known = libraryNames[call.name] {
            if let parameters = known.parameters {
                shown = parameters.map(\.shown)
                names = parameters.map(\.name)
            } else if let entry = session.help(call.name), entry.kind != "word" {
                let inside = entry.signature.drop { $0 != "(" }.dropFirst().dropLast()
                shown = inside.split(separator: ",").map { String($0.drop { $0 == " " }) }
                names = shown.map { String($0.prefix { $0 != " " }) }
            } else {
                return .null
            }
            help = known.help
        } else {
            return .null
        }
        let active = call.named.flatMap { names.firstIndex(of: $0) } ?? min(call.index, max(0, shown.count - 1))
        let label = "\(call.name)(\(shown.joined(separator: ", ")))"
        return .record([
            "signatures": .array([
                .record([
                    "label": .text(label), "documentation": help.isEmpty ? nil : markup(help),
                    "parameters": .array(shown.map { .record(["label": .text($0)]) }),
                ])
            ]),
            "activeSignature": .whole(0), "activeParameter": .whole(active),
        ])
    }

    /// The call around a place: its function, and which argument is being written.
    private func call(around offset: Int, _ analysis: Analysis) -> (name: String, index: Int, named: String?)? {
        let source = analysis.source
        let tokens = analysis.lexed.tokens.prefix { $0.start < offset && $0.kind != .end }
        var depth = 0
        var commas = 0
        var named: String?
        for i in tokens.indices.reversed() {
            switch tokens[i].kind {
            case .rightParen, .rightBracket, .rightBrace: depth += 1
            case .leftBracket, .leftBrace:
                if depth == 0 { return nil }
                depth -= 1
            case .leftParen:
                if depth > 0 {
                    depth -= 1
                    continue
                }
                guard i > 0, tokens[i - 1].kind == .name, tokens[i - 1].end == tokens[i].start else { return nil }
                return (source.text(tokens[i - 1].span), commas, named)
            case .comma where depth == 0: commas += 1
            case .assign where depth == 0 && commas == 0 && named == nil:
                if i > 0, tokens[i - 1].kind == .name { named = source.text(tokens[i - 1].span) }
            default: break
            }
        }
        return nil
    }
}
