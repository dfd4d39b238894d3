import SiamData
import SiamFormats
import SiamLanguage
import SiamPrompt

/// How findings are written down for other programs.
public enum DiagnosticFormat: String, Sendable, CaseIterable {
    /// As a person reads them.
    case text
    case json
    /// Lines that annotate a change on GitHub.
    case github
    /// The static analysis results interchange format, 2.1.0.
    case sarif

    /// Findings in the format; `text` gives nothing.
    public func written(_ all: [Diagnostic]) -> String {
        switch self {
        case .text: ""
        case .json: Diagnostic.json(all)
        case .github: all.map(DiagnosticFormat.github).joined(separator: "\n")
        case .sarif: DiagnosticFormat.sarif(all).line
        }
    }

    private static func github(_ d: Diagnostic) -> String {
        func escaped(_ text: String, _ more: [(String, String)] = []) -> String {
            ([("%", "%25"), ("\r", "%0D"), ("\n", "%0A")] + more).reduce(text) { $0.replacing($1.0, with: $1.1) }
        }
        func property(_ text: String) -> String { escaped(text, [(":", "%3A"), (",", "%2C")]) }
        let word = d.severity == .note ? "notice" : d.severity.rawValue
        var parts: [String] = []
        if let place = d.labels.first?.place {
            let start = place.source.position(place.span.start)
            let end = place.source.position(place.span.end)
            parts = ["file=\(property(place.source.name))", "line=\(start.line)", "endLine=\(end.line)"]
            // Columns are read only where both are on one line.
            if start.line == end.line { parts += ["col=\(start.column)", "endColumn=\(end.column)"] }
        }
        parts.append("title=\(property(d.code))")
        return "::\(word) \(parts.joined(separator: ","))::\(escaped(d.wholeText))"
    }

    private static func sarif(_ all: [Diagnostic]) -> JSON {
        var codes: [String] = []
        for d in all where !codes.contains(d.code) { codes.append(d.code) }
        let rules = codes.map { code in
            JSON.record([
                "id": .text(code),
                "fullDescription": Why.of(code).map { .record(["text": .text($0.idea)]) },
            ])
        }
        let results = all.map { d in
            JSON.record([
                "ruleId": .text(d.code), "ruleIndex": codes.firstIndex(of: d.code).map(JSON.whole),
                "level": .text(d.severity.rawValue), "message": .record(["text": .text(d.wholeText)]),
                "locations": .array(d.labels.prefix(1).map { location($0) }),
                "relatedLocations": d.labels.count > 1
                    ? .array(d.labels.enumerated().dropFirst().map { location($0.element, $0.offset) }) : nil,
                "fixes": d.edits.isEmpty ? nil : .array([fix(d)]),
            ])
        }
        let driver = JSON.record([
            "name": .text("siam"), "version": .text(Version.number), "rules": .array(rules),
        ])
        let run = JSON.record([
            "tool": .record(["driver": driver]), "columnKind": .text("unicodeCodePoints"), "results": .array(results),
        ])
        return .record([
            "$schema": .text("https://json.schemastore.org/sarif-2.1.0.json"), "version": .text("2.1.0"),
            "runs": .array([run]),
        ])
    }

    private static func location(_ label: Diagnostic.Label, _ id: Int? = nil) -> JSON {
        .record([
            "id": id.map(JSON.whole),
            "physicalLocation": .record([
                "artifactLocation": .record(["uri": .text(uri(label.place.source.name))]),
                "region": region(label.place),
            ]),
            "message": label.text.isEmpty ? nil : .record(["text": .text(label.text)]),
        ])
    }

    /// Columns count scalars, as the file says.
    private static func region(_ place: Place) -> JSON {
        func column(_ offset: Int) -> Int {
            let (line, _) = place.source.position(offset)
            let start = place.source.lineStarts[line - 1]
            return place.source.text(Span(start, offset)).unicodeScalars.count + 1
        }
        return .record([
            "startLine": .whole(place.source.position(place.span.start).line),
            "startColumn": .whole(column(place.span.start)),
            "endLine": .whole(place.source.position(place.span.end).line),
            "endColumn": .whole(column(place.span.end)),
        ])
    }

    private static func fix(_ d: Diagnostic) -> JSON {
        let byFile = Dictionary(grouping: d.edits) { $0.place.source.name }
        let changes = byFile.sorted { $0.key < $1.key }.map { name, edits in
            JSON.record([
                "artifactLocation": .record(["uri": .text(uri(name))]),
                "replacements": .array(
                    edits.map {
                        .record([
                            "deletedRegion": region($0.place),
                            "insertedContent": .record(["text": .text($0.replacement)]),
                        ])
                    }),
            ])
        }
        return .record([
            "description": .record(["text": .text(d.repair ?? "the repair")]), "artifactChanges": .array(changes),
        ])
    }

    /// A path as a reference, in which some signs mean something else.
    static func uri(_ path: String) -> String {
        let plain = Set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~/".utf8)
        return path.utf8.reduce(into: "") { out, byte in
            if plain.contains(byte) {
                out.unicodeScalars.append(UnicodeScalar(byte))
            } else {
                out += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
            }
        }
    }
}

extension Diagnostic {
    /// The message with its notes and its repair, a line each.
    var wholeText: String {
        ([message] + notes + [kept, repair].compactMap { $0 }).joined(separator: "\n")
    }
}
