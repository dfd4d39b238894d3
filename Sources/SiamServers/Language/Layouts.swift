import SiamData
import SiamFormats
import SiamLanguage

/// How a file looks: layout, colours, shapes between the lines, what can be folded.
extension LanguageServer {
    func formatted(_ subject: Subject) throws -> JSON {
        let (document, analysis) = (subject.document, subject.analysis)
        if let first = analysis.errors.first(where: { $0.severity == .error }) {
            throw RPCError(code: -32803, message: "a file with errors cannot be formatted: \(first.message)")
        }
        let new = Array(Formatter.format(analysis.program).utf8)
        let old = document.bytes
        guard new != old else { return .array([]) }
        // Only what differs is replaced, so that an editor keeps its place.
        var head = 0
        while head < min(new.count, old.count), new[head] == old[head] { head += 1 }
        var tail = 0
        while tail < min(new.count, old.count) - head, new[new.count - 1 - tail] == old[old.count - 1 - tail] {
            tail += 1
        }
        // Lines stay whole, and so do characters and returns before newlines.
        while head > 0, old[head - 1] != 10 { head -= 1 }
        while tail > 0, old[old.count - tail - 1] != 10 { tail -= 1 }
        return .array([
            .record([
                "range": document.range(Span(head, old.count - tail)),
                "newText": .text(String(decoding: new[head..<(new.count - tail)], as: UTF8.self)),
            ])
        ])
    }

    func colors(_ subject: Subject, within range: Span?) -> JSON {
        .record(["data": .array(SemanticColors.data(subject.document, subject.analysis, within: range).map(JSON.whole))]
        )
    }

    /// Shapes behind the stages of pipelines.
    func hints(_ subject: Subject, _ range: Span) -> JSON {
        let (document, analysis) = (subject.document, subject.analysis)
        _ = analysis.findings
        var shown: [(end: Int, text: String)] = analysis.facts.behindStages
        func look(_ e: Expression) {
            guard case .apply = e.kind, let text = analysis.facts.shape(e.span) else { return }
            if !shown.contains(where: { $0.end == e.span.end }) { shown.append((e.span.end, text)) }
        }
        for statement in analysis.program.statements { statement.walk(look) }
        return .array(
            shown.filter { $0.end >= range.start && $0.end <= range.end }.sorted { $0.end < $1.end }.map {
                .record([
                    "position": document.position($0.end), "label": .text($0.text), "kind": .whole(1),
                    "paddingLeft": .bool(true),
                ])
            })
    }

    func folds(_ subject: Subject) -> JSON {
        let (document, analysis) = (subject.document, subject.analysis)
        var found: [JSON] = []
        func fold(_ from: Int, _ to: Int, _ kind: String? = nil) {
            guard to > from else { return }
            found.append(
                .record(["startLine": .whole(from), "endLine": .whole(to), "kind": kind.map(JSON.text)]))
        }
        var open: [Int] = []
        for token in analysis.lexed.tokens {
            switch token.kind {
            case .leftBrace, .leftBracket, .leftParen: open.append(document.line(at: token.start))
            case .rightBrace, .rightBracket, .rightParen:
                // The line of the closing bracket stays in sight.
                if let from = open.popLast() { fold(from, document.line(at: token.start) - 1) }
            default: break
            }
        }
        var run: (from: Int, to: Int)?
        for comment in analysis.lexed.comments where comment.isAlone {
            let line = document.line(at: comment.span.start)
            if let last = run, last.to + 1 == line {
                run = (last.from, line)
            } else {
                if let run { fold(run.from, run.to, "comment") }
                run = (line, line)
            }
        }
        if let run { fold(run.from, run.to, "comment") }
        return .array(found)
    }

    /// Commands above a training.
    func lenses(_ subject: Subject) -> JSON {
        .array(
            subject.analysis.trainings.flatMap { statement in
                LanguageServer.commands.map { command in
                    .record([
                        "range": subject.document.range(Span(statement.span.start, statement.span.start)),
                        "command": .record([
                            "title": .text(command.title), "command": .text(command.name),
                            "arguments": .array([.text(subject.uri)]),
                        ]),
                    ])
                }
            })
    }
}

/// The colours of the prompt's own highlighter, as editors number them.
enum SemanticColors {
    static let types = ["keyword", "number", "string", "comment", "operator", "function", "parameter", "property"]
    static let modifiers = ["declaration", "documentation"]

    static func data(_ document: TextDocument, _ analysis: Analysis, within range: Span?) -> [Int] {
        struct Piece {
            var span: Span
            var type: Int
            var modifiers = 0
        }
        var pieces: [Piece] = []
        for stretch in Highlighter.stretches(analysis.source.text) {
            let span = Span(stretch.start, stretch.end)
            switch stretch.kind {
            case .hardWord, .softWord: pieces.append(Piece(span: span, type: 0))
            case .number: pieces.append(Piece(span: span, type: 1))
            case .text: pieces.append(Piece(span: span, type: 2))
            case .comment:
                let isHelp = analysis.source.text(Span(span.start, span.start + 2)) == "##"
                pieces.append(Piece(span: span, type: 3, modifiers: isHelp ? 2 : 0))
            case .sign: pieces.append(Piece(span: span, type: 4))
            case .definition: pieces.append(Piece(span: span, type: 5, modifiers: 1))
            case .call: pieces.append(Piece(span: span, type: 5))
            case .fault: break
            }
        }
        let taken = Set(pieces.map(\.span.start))
        for one in analysis.names.occurrences where !taken.contains(one.span.start) {
            switch analysis.names.symbols[one.symbol].kind {
            case .parameter: pieces.append(Piece(span: one.span, type: 6, modifiers: one.isDefinition ? 1 : 0))
            case .part: pieces.append(Piece(span: one.span, type: 7, modifiers: one.isDefinition ? 1 : 0))
            case .function, .loss, .layer: pieces.append(Piece(span: one.span, type: 5))
            case .variable, .library: break
            }
        }
        pieces.sort { $0.span.start < $1.span.start }
        var data: [Int] = []
        var (lastLine, lastColumn, lastEnd) = (0, 0, 0)
        for piece in pieces {
            guard piece.span.start >= lastEnd, piece.span.end > piece.span.start else { continue }
            if let range, piece.span.end < range.start || piece.span.start > range.end { continue }
            let line = document.line(at: piece.span.start)
            // A piece is of one line.
            let end = min(piece.span.end, line + 1 < document.lineStarts.count ? document.lineStarts[line + 1] : .max)
            let column = document.units(from: document.lineStarts[line], to: piece.span.start)
            data += [
                line - lastLine, line == lastLine ? column - lastColumn : column,
                document.units(from: piece.span.start, to: end), piece.type, piece.modifiers,
            ]
            (lastLine, lastColumn, lastEnd) = (line, column, piece.span.end)
        }
        return data
    }
}
