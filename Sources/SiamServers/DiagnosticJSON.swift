import SiamFormats
import SiamLanguage

/// Diagnostics as JSON.
extension Diagnostic {
    /// An object for editors: severity, code, message, labels with lines and columns from 1 (end excluded), notes, repair,
    /// edits, kept.
    var json: JSON {
        func at(_ place: Place, _ key: String, _ text: String) -> JSON {
            let start = place.source.position(place.span.start)
            let end = place.source.position(place.span.end)
            return .object([
                ("file", .text(place.source.name)), ("line", .whole(start.line)), ("column", .whole(start.column)),
                ("endLine", .whole(end.line)), ("endColumn", .whole(end.column)), (key, .text(text)),
            ])
        }
        return .record([
            "severity": .text(severity.rawValue), "code": .text(code), "message": .text(message),
            "labels": .array(labels.map { at($0.place, "text", $0.text) }), "notes": .texts(notes),
            "repair": repair.map(JSON.text), "edits": .array(edits.map { at($0.place, "replacement", $0.replacement) }),
            "kept": kept.map(JSON.text),
        ])
    }

    /// A JSON array, one diagnostic a line.
    static func json(_ all: [Diagnostic]) -> String {
        all.isEmpty ? "[]" : "[\n" + all.map(\.json.line).joined(separator: ",\n") + "\n]"
    }
}
