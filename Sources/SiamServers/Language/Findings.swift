import SiamData
import SiamFormats
import SiamLanguage

/// Diagnostics in the protocol of the editor, with the repairs that it can apply.
extension LanguageServer {
    /// A finding as editors take it, with the places that belong to it.
    func diagnostic(_ d: Diagnostic, _ document: TextDocument, _ analysis: Analysis) -> JSON {
        let own = d.labels.first.flatMap { $0.place.source == analysis.source ? $0 : nil }
        let related = d.labels.dropFirst(own == nil ? 0 : 1).map { label in
            JSON.record([
                "location": location(label.place, document, analysis),
                "message": .text(label.text.isEmpty ? d.message : label.text),
            ])
        }
        var text = d.wholeText
        if let label = own?.text, !label.isEmpty {
            text = text.replacing(d.message, with: "\(d.message): \(label)", maxReplacements: 1)
        }
        let isUnused = ["param.unused", "name.unused", "result.unused"].contains(d.code)
        return .record([
            "range": own.map { document.range($0.place.span) } ?? document.range(Span(0, 0)),
            "severity": .whole(d.severity == .error ? 1 : d.severity == .warning ? 2 : 3), "code": .text(d.code),
            "source": .text("siam"), "message": .text(text), "tags": isUnused ? .array([.whole(1)]) : nil,
            "relatedInformation": related.isEmpty ? nil : .array(related),
        ])
    }

    private func location(_ place: Place, _ document: TextDocument, _ analysis: Analysis) -> JSON {
        if place.source == analysis.source {
            return .record(["uri": .text(document.uri), "range": document.range(place.span)])
        }
        let uri = TextDocument.uri(place.source.name)
        let other = TextDocument(uri: uri, version: 0, text: place.source.text, countsBytes: document.countsBytes)
        return .record(["uri": .text(uri), "range": other.range(place.span)])
    }

    /// The repairs of what was found in a range.
    func repairs(_ subject: Subject, _ range: Span) -> JSON {
        let (document, analysis) = (subject.document, subject.analysis)
        let found = analysis.findings.filter { d in
            guard !d.edits.isEmpty, d.edits.allSatisfy({ $0.place.source == analysis.source }) else { return false }
            return d.labels.contains {
                $0.place.source == analysis.source && $0.place.span.start <= range.end
                    && $0.place.span.end >= range.start
            }
        }
        return .array(
            found.map { d in
                let edits = d.edits.map {
                    JSON.record(["range": document.range($0.place.span), "newText": .text($0.replacement)])
                }
                return .record([
                    "title": .text(title(d)), "kind": .text("quickfix"), "isPreferred": .bool(true),
                    "diagnostics": .array([diagnostic(d, document, analysis)]),
                    "edit": .record(["changes": .object([(document.uri, .array(edits))])]),
                ])
            })
    }

    private func title(_ d: Diagnostic) -> String {
        if let repair = d.repair { return repair }
        guard d.edits.count == 1, let edit = d.edits.first else { return "repair it" }
        return edit.replacement.isEmpty
            ? "take out \(edit.place.source.text(edit.place.span))" : "write \(edit.replacement)"
    }
}
